package carrierhttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/numberdesk/numberdesk/provider"
)

// exchange is one call with all its attempts. It is the transport of
// retryablehttp's client, and its policy: what became of an attempt is known here,
// not from the error that net/http makes of it.
type exchange struct {
	c    *Client
	call Call
	auth Auth
	gate *gate
	form *http.Request // what each attempt is a copy of

	res    Response
	err    *provider.Error
	final  bool          // err will be the same next time
	signed *http.Request // the last one that left
	open   bool          // an attempt is allowed
	tries  int
	renew  int           // tries that were for new credentials
	pause  time.Duration // before the next attempt
	left   time.Duration // of the patience
}

func (c *Client) exchange(ctx context.Context, call Call, u *url.URL, auth Auth) (Response, error) {
	x := &exchange{c: c, call: call, auth: auth, gate: c.gate(call.Class), open: true, left: c.cfg.Patience}
	x.res = x.blank()
	if x.form, x.err = c.form(ctx, call, u); x.err != nil {
		return x.res, x.err
	}
	client := retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     x,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     c.cfg.Attempts, // one for new credentials
		CheckRetry:   x.again,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return x.pause },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	// What it returns is what this exchange gave to it, in other words.
	if _, err := client.Do(&retryablehttp.Request{Request: x.form}); err != nil && x.tries == 0 {
		return x.res, c.refuse(call, "net/http refuses the request", err)
	}
	if x.err == nil {
		return x.res, nil
	}
	if x.err.Err == nil {
		x.err.Err = ctx.Err() // it ended during a pause
	}
	return x.res, x.err
}

// RoundTrip makes one attempt. The http.Client above it learns the status and
// nothing else: no Location that it could follow, no body that it could hold.
func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	if !x.open {
		return nil, errTwice
	}
	x.open = false
	x.tries++
	start := time.Now()
	x.attempt(r.Context())
	x.log(r.Context(), time.Since(start))
	if x.res.Status == 0 {
		return nil, x.err
	}
	return &http.Response{StatusCode: x.res.Status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

var errTwice = errors.New("carrierhttp: a request that was sent is not sent again")

func (x *exchange) blank() Response { return Response{call: x.call, client: x.c} }

// attempt sends the request once and reads the answer. It leaves res and err.
func (x *exchange) attempt(ctx context.Context) {
	x.res, x.err, x.final = x.blank(), nil, false
	if x.err = x.enter(ctx); x.err != nil {
		x.final = true
		return
	}
	bounded, stop := context.WithTimeout(ctx, x.c.cfg.Timeout)
	defer stop()
	r := x.form.Clone(bounded)
	if x.err = x.prepare(ctx, r); x.err != nil {
		x.final = true
		return
	}
	ev := &evidence{own: x.c.own != nil, stop: stop}
	r = r.WithContext(httptrace.WithClientTrace(bounded, ev.trace()))
	x.signed = r
	answer, err := x.c.http.RoundTrip(r)
	if err != nil {
		x.lost(ctx, bounded, ev, err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	x.read(ctx, bounded, answer)
}

// enter waits for the rate. Credentials that have to be fetched are fetched before:
// those who wait for them would leave together.
func (x *exchange) enter(ctx context.Context) *provider.Error {
	w, _ := x.auth.(warmer)
	for range 3 {
		if w != nil {
			if err := w.warm(ctx); err != nil {
				return x.unsigned(ctx, err)
			}
		}
		switch err := x.gate.enter(ctx); e := err.(type) {
		case nil:
		case tooLate:
			refused := x.fail(provider.RateLimited, provider.NotApplied, e.Error(), nil)
			refused.After = e.after
			return refused
		default:
			return x.fail(provider.Unavailable, provider.NotApplied, "the call had ended before it was sent", err)
		}
		if w == nil || w.ready() {
			break
		}
	}
	return nil
}

// prepare adds credentials and body to an attempt.
func (x *exchange) prepare(ctx context.Context, r *http.Request) *provider.Error {
	if x.auth != nil {
		if err := x.auth.Sign(ctx, r); err != nil {
			return x.unsigned(ctx, err)
		}
	}
	if err := x.call.Body.attach(r); err != nil {
		return x.fail(provider.Invalid, provider.NotApplied, "the body cannot be opened", err)
	}
	// net/http sends a request again by itself when it has no body, or one that it
	// can rewind (GetBody), and its method or an Idempotency-Key allow it: a Create
	// twice (some carriers buy by GET), a Read without paying the rate.
	if r.Body == nil && idempotent[r.Method] {
		r.Body = io.NopCloser(eof{})
	}
	return nil
}

// idempotent are the methods that net/http repeats.
var idempotent = map[string]bool{http.MethodGet: true, http.MethodHead: true, http.MethodOptions: true, http.MethodTrace: true}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// unsigned is a call without credentials: nothing was sent.
func (x *exchange) unsigned(ctx context.Context, err error) *provider.Error {
	if ctx.Err() != nil {
		return x.fail(provider.Unavailable, provider.NotApplied, "the call had ended before it was sent", ctx.Err())
	}
	e := x.fail(provider.Unauthorized, provider.NotApplied, "the credentials could not be added", err)
	var known *provider.Error
	if errors.As(err, &known) {
		e.Kind, e.After, e.Text, e.Code, e.Request = known.Kind, known.After, known.Text, known.Code, known.Request
	}
	return x.c.scrub(e)
}

// read takes the answer in and judges it.
func (x *exchange) read(ctx, bounded context.Context, answer *http.Response) {
	b, err := x.body(answer)
	long := int64(len(b)) > x.c.cfg.MaxReply
	if long {
		b = b[:x.c.cfg.MaxReply]
	}
	x.res.Status, x.res.Header, x.res.Body, x.res.At = answer.StatusCode, answer.Header, b, x.c.cfg.Now()
	x.res.Request = x.c.requestID(answer.Header)
	switch {
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		x.err = x.declined()
	case err != nil:
		text, cause := why(ctx, bounded, err)
		x.err = x.fail(provider.Unavailable, provider.Applied, "the answer broke off: "+text, cause)
	case long:
		x.final = true
		x.err = x.fail(provider.Internal, provider.Applied, "the answer is too long", nil)
	}
}

// body reads an answer, one byte more than is allowed. What follows a 101 is no
// answer, and no context would end it.
func (x *exchange) body(answer *http.Response) ([]byte, error) {
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return nil, nil
	}
	return readAll(io.LimitReader(answer.Body, x.c.cfg.MaxReply+1), answer.ContentLength)
}

// announced bounds what is set aside for an answer because its header says that it
// is long: a carrier can announce what it never sends.
const announced = 1 << 20

// readAll is io.ReadAll for an answer whose length may be known.
func readAll(r io.Reader, length int64) ([]byte, error) {
	var b bytes.Buffer
	if length > 0 {
		b.Grow(int(min(length, announced)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

// again is the policy: after what may pass a Read is sent again, and after a 401 to
// credentials that can be renewed anything.
func (x *exchange) again(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	x.open = x.renewed() || x.retry(ctx)
	return x.open, nil
}

func (x *exchange) renewed() bool {
	if x.err == nil || x.res.Status != http.StatusUnauthorized || x.renew > 0 || x.auth == nil || !x.auth.Refused(x.signed) {
		return false
	}
	x.renew++
	x.pause = 0
	return true
}

const (
	firstPause = 250 * time.Millisecond
	longPause  = 8 * time.Second
)

func (x *exchange) retry(ctx context.Context) bool {
	if x.err == nil || x.final || x.call.Intent != Read || x.tries-x.renew >= x.c.cfg.Attempts || ctx.Err() != nil {
		return false
	}
	if x.err.Kind != provider.RateLimited && x.err.Kind != provider.Unavailable {
		return false
	}
	// Full jitter: those who failed together do not come back together.
	x.pause = rand.N(min(firstPause<<min(x.tries-1, 10), longPause)) + 1
	if x.err.After >= x.left || x.left <= 0 {
		return false
	}
	x.pause = min(x.err.After+x.pause, x.left)
	if before(ctx, x.pause) != nil {
		return false
	}
	x.left -= x.pause
	return true
}

func (x *exchange) log(ctx context.Context, took time.Duration) {
	if !x.c.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("provider", string(x.c.cfg.ID)), slog.String("op", string(x.call.Op)),
		slog.Int("attempt", x.tries), slog.Int("status", x.res.Status), slog.Duration("took", took),
	}
	if x.err != nil {
		attrs = append(attrs, slog.String("kind", string(x.err.Kind)), slog.String("outcome", x.err.Outcome.String()))
	}
	x.c.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "carrier attempt", attrs...)
}

// why says in words how an attempt ended, and gives a cause that is safe to show.
func why(ctx, bounded context.Context, err error) (text string, cause error) {
	switch {
	case ctx.Err() != nil:
		return "the call ended", ctx.Err()
	case bounded.Err() == context.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded):
		return tookTooLong, os.ErrDeadlineExceeded // ours, not the caller's
	case errors.Is(err, context.Canceled):
		return "it was given up", nil
	}
	return known(err)
}
