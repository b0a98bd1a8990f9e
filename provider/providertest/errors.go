package providertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

// quiet checks that no text of an error holds a secret.
func (e *env) quiet(err error) {
	p := e.typed(err)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%+v", *p), fmt.Sprintf("%#v", p)} {
		for _, s := range e.w.Secrets {
			if s != "" && strings.Contains(text, s) {
				e.Fatalf("an error of kind %q holds a secret of %d characters", p.Kind, len(s))
			}
		}
	}
}

// unauthorized makes the carrier refuse our credentials.
func (e *env) unauthorized() {
	e.needs(e.w.Unauthorize != nil, "way to make the carrier refuse our credentials (Unauthorize)")
	e.w.Unauthorize()
}

var errorCases = []Case{
	{"errors/unauthorized-read", MUST, searching, "a carrier that refuses our credentials is told apart from one that is away: only a person can help", func(e *env) {
		e.unauthorized()
		err := refused(e, func(ctx context.Context) (provider.Result[provider.Offer], error) {
			return e.caps.Search.Search(ctx, e.w.Search)
		})
		e.is(err, provider.Unauthorized, provider.NotApplied)
		e.quiet(err)
	}},
	{"errors/unauthorized-order", MUST, ordering, "an order under credentials that are refused was not applied: it may be sent again once they are right", func(e *env) {
		n := e.find(1)
		e.unauthorized()
		before := e.made(provider.OpPlace)
		r := e.request(e.key(), n...)
		err := refused(e, func(ctx context.Context) (provider.Order, error) { return e.caps.Orders.Place(ctx, r) })
		e.is(err, provider.Unauthorized, provider.NotApplied)
		e.equal(e.made(provider.OpPlace), before, "orders at the carrier")
		e.quiet(err)
	}},
	{"errors/say-who", MUST, ordering, "an error says at which carrier and in which operation it came up: a desk has several carriers", func(e *env) {
		n := e.find(1)
		struck := e.fail(provider.OpPlace, ReplyLost)
		_, err := e.order(e.request(e.key(), n...))
		e.hit(struck)
		p := e.typed(err)
		e.equal(p.Provider, e.w.Provider.ID(), "carrier of the error")
		e.equal(p.Op, provider.OpPlace, "operation of the error")
		e.that(p.Kind != "", "the error has no kind")
	}},
	{"errors/lost-answer-of-any-change", MUST, nil, "whatever changes something has an unknown outcome when no answer comes: not applied would let it be done twice, applied would let nobody look", func(e *env) {
		e.needs(e.w.Fail != nil, "way to make a call fail (Fail)")
		lost := 0
		for _, c := range e.changes() {
			struck := e.w.Fail(c.op, NeverArrived)
			ctx, done := e.call()
			err := c.call(ctx)
			done()
			if !struck() || errors.Is(err, provider.NotFound) {
				continue // the adapter has looked first, or looked again
			}
			lost++
			e.that(err != nil, "%s has no error, though no answer came", c.op)
			e.equal(provider.OutcomeOf(err), provider.OutcomeUnknown, "outcome of %v", err)
			e.equal(e.typed(err).Provider, e.w.Provider.ID(), "carrier of the error of %s", c.op)
		}
		if lost == 0 {
			e.Skip("no fault struck: the adapter asks the carrier for something else")
		}
	}},
	{"errors/no-secrets", MUST, ordering, "no error holds a secret, a name or an address, in any form in which it can be printed: errors are logged, and logs are read by many", func(e *env) {
		e.needs(len(e.w.Secrets) > 0, "secrets to look for (Secrets)")
		ns := e.find(1)
		// A carrier that throttles makes later calls wait: none may take long.
		try := func(call func(context.Context) error) {
			began := time.Now()
			if err := e.hung(func() bool { return time.Since(began) > hangs }, call); err != nil && !errors.Is(err, errUndecided) {
				e.quiet(err)
			}
		}
		order := func(ctx context.Context) error { return drop(e.caps.Orders.Place(ctx, e.request(e.key(), ns...))) }
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		try(func(context.Context) error { return order(ctx) })
		if e.w.Fail != nil {
			for _, f := range []Fault{ReplyLost, Hung} {
				e.w.Fail(provider.OpPlace, f)
				try(order)
			}
		}
		all := append(e.changes(), e.reads()...)
		if e.w.Unauthorize != nil {
			e.w.Unauthorize()
		}
		for _, c := range all {
			try(c.call)
		}
		if e.w.Fail != nil {
			e.w.Fail(provider.OpPlace, Throttled)
			try(order)
		}
	}},
}
