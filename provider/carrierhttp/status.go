package carrierhttp

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

// kinds is what a status means where the body says nothing better (RFC 9110, 15).
// Those from 500 on are Unavailable, all others Internal.
var kinds = map[int]provider.Kind{
	400: provider.Invalid,
	401: provider.Unauthorized,
	402: provider.Funds,
	403: provider.Forbidden,
	404: provider.NotFound,
	405: provider.Unsupported,
	408: provider.Unavailable,
	409: provider.Conflict,
	410: provider.NotFound,
	412: provider.Precondition,
	422: provider.Invalid,
	425: provider.Unavailable,
	429: provider.RateLimited,
	501: provider.Unsupported,
}

func kindOf(status int) provider.Kind {
	switch k, ok := kinds[status]; {
	case ok:
		return k
	case status >= 500:
		return provider.Unavailable
	}
	return provider.Internal
}

// undecided are the refusals that do not prove that nothing happened: a time-out of
// the carrier's own, a conflict that can be with this very request, and a request
// that may be taken up later.
var undecided = map[int]bool{http.StatusRequestTimeout: true, http.StatusConflict: true, http.StatusTooEarly: true}

func outcomeOf(status int) provider.Outcome {
	if status >= 400 && status < 500 && !undecided[status] {
		return provider.NotApplied
	}
	return provider.OutcomeUnknown
}

// unasked is the pause of a class after a 429 that does not say how long.
const unasked = time.Second

// declined makes an error of an answer that is no success.
func (x *exchange) declined() *provider.Error {
	status := x.res.Status
	text := "the carrier answered with status " + strconv.Itoa(status)
	if status >= 300 && status < 400 {
		text = "the carrier answered with a redirect, which is not followed"
	}
	e := x.fail(kindOf(status), outcomeOf(status), text, nil)
	e.Request = x.res.Request
	e.After = after(status, x.res.Header, x.res.At)
	for _, classify := range []func(Response, *provider.Error){x.c.cfg.Classify, x.call.Classify} {
		if classify != nil {
			classify(x.res, e)
		}
	}
	e.Op, e.Provider, e.Outcome = x.call.Op, x.c.cfg.ID, x.call.outcome(e.Outcome)
	if e.Err != nil {
		_, e.Err = known(e.Err)
	}
	if e.Kind == provider.RateLimited {
		x.gate.pause(max(e.After, unasked))
	}
	return x.c.scrub(e)
}

// lost makes an error of an answer that did not come.
func (x *exchange) lost(ctx, bounded context.Context, ev *evidence, err error) {
	wrote := ev.wrote()
	text, cause := why(ctx, bounded, err)
	switch {
	case ctx.Err() == nil && ev.untouched():
		x.final = true
		x.err = x.fail(provider.Invalid, provider.NotApplied, "net/http refuses the request", nil)
	case wrote:
		x.err = x.fail(provider.Unavailable, provider.OutcomeUnknown, "no answer: "+text, cause)
	default:
		x.err = x.fail(provider.Unavailable, provider.NotApplied, "nothing was sent: "+text, cause)
	}
}

// fail makes an error about this call. cause is replaced by what is safe to show.
func (x *exchange) fail(k provider.Kind, o provider.Outcome, text string, cause error) *provider.Error {
	return x.res.fail(k, o, text, cause)
}

// refuse is a call that is not sent because it cannot be right.
func (c *Client) refuse(call Call, text string, cause error) *provider.Error {
	return Response{call: call, client: c}.fail(provider.Invalid, provider.NotApplied, text, cause)
}
