package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// face is the carrier as the contract sees it: every method checks its request,
// asks chaos what goes wrong with this call, and reads or books.
type face struct{ c *Carrier }

// call is one call as it was decided.
type call struct {
	op      provider.Op
	subject string
	attempt int
	fault   Fault
	now     time.Time // when it was made
	at      time.Time // when it arrives
}

// start refuses a call that cannot begin: its context has ended, the carrier is
// closed, or its ledger could not be written, so that nothing it says is true
// for sure.
func (c *Carrier) start(ctx context.Context, op provider.Op) error {
	if err := ctx.Err(); err != nil {
		e := c.fail(op, provider.Unavailable, provider.NotApplied, "the call had ended before it was sent")
		e.Err = err
		return e
	}
	select {
	case <-c.done:
		return c.fail(op, provider.Unavailable, provider.NotApplied, "the carrier is closed")
	default:
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.dead != nil {
		return c.fail(op, provider.Unavailable, provider.NotApplied, "the ledger could not be written before, and nothing is booked any more")
	}
	return nil
}

// hang waits for the caller to give up.
func (c *Carrier) hang(ctx context.Context, op provider.Op) error {
	e := c.fail(op, provider.Unavailable, provider.OutcomeUnknown, "the call ended before the answer came")
	select {
	case <-ctx.Done():
		e.Err = ctx.Err()
	case <-c.done:
	}
	return e
}

// before answers for the faults that keep a call from reaching the carrier.
func (c *Carrier) before(ctx context.Context, cl call) error {
	switch cl.fault {
	case FailedBefore:
		return c.fail(cl.op, provider.Unavailable, provider.NotApplied, "no connection")
	case LostBefore:
		return c.lost(cl)
	case Throttled:
		e := c.fail(cl.op, provider.RateLimited, provider.NotApplied, "too many requests")
		e.After = c.cfg.real(between(c.chaos.hash(cl, saltDelay), time.Second, 30*time.Second))
		return e
	case Hung:
		return c.hang(ctx, cl.op)
	}
	return nil
}

// lost is what a caller sees of a request that was cut off: the same whether it
// was booked or not.
func (c *Carrier) lost(cl call) error {
	e := c.fail(cl.op, provider.Unavailable, provider.OutcomeUnknown, connectionEnded)
	e.Err = errCut
	return e
}

const connectionEnded = "the connection ended before the answer came"

// errCut marks an answer that nobody gets. The HTTP face cuts the connection.
var errCut = fmt.Errorf("cut off: %w", io.ErrUnexpectedEOF)

// Cut reports whether err stands for an answer that nobody gets: lost, or never
// given before the caller went away. Whoever puts a wire of his own before a
// [Carrier] then ends the connection without an answer.
func Cut(err error) bool {
	return errors.Is(err, errCut) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// create makes one call that changes something.
func create[T any](ctx context.Context, c *Carrier, op provider.Op, subject string, book func(call) (T, error)) (T, error) {
	var zero T
	if err := c.start(ctx, op); err != nil {
		return zero, err
	}
	cl := c.chaos.begin(op, subject)
	if err := c.before(ctx, cl); err != nil {
		return zero, err
	}
	c.mu.Lock()
	cl.now = c.now()
	cl.at = cl.now
	if cl.fault == DeliveredLate {
		late := between(c.chaos.hash(cl, saltDelay), c.cfg.Horizon/20, c.cfg.Horizon*9/10)
		cl.at = cl.now.Add(c.cfg.real(late))
	}
	v, err := book(cl)
	c.mu.Unlock()
	switch cl.fault {
	case ReplyLost, DeliveredLate:
		return zero, c.lost(cl)
	case HungApplied:
		return zero, c.hang(ctx, op)
	case UnknownStatus:
		blur(&v, c.chaos.hash(cl, saltWord))
	}
	return v, err
}

// read makes one call that changes nothing.
func read[T any](ctx context.Context, c *Carrier, op provider.Op, subject string, get func(view) (T, error)) (T, error) {
	var zero T
	if err := c.start(ctx, op); err != nil {
		return zero, err
	}
	cl := c.chaos.begin(op, subject)
	if err := c.before(ctx, cl); err != nil {
		return zero, err
	}
	v := view{at: c.now()}
	switch cl.fault {
	case ReplyLost:
		return zero, c.lost(cl)
	case HungApplied:
		return zero, c.hang(ctx, op)
	case StaleRead:
		v = view{at: v.at.Add(-c.cfg.real(between(c.chaos.hash(cl, saltDelay), staleness/10, staleness))), stale: true}
	}
	out, err := get(v)
	if cl.fault == UnknownStatus {
		blur(&out, c.chaos.hash(cl, saltWord))
	}
	return out, err
}

// locked reads under the lock.
func locked[T any](c *Carrier, get func(view) (T, error)) func(view) (T, error) {
	return func(v view) (T, error) {
		c.mu.RLock()
		defer c.mu.RUnlock()
		return get(v)
	}
}

func (f face) key(op provider.Op, k provider.Key) error { return f.c.invalid(op, k.Validate()) }

// Search answers in ascending order of numbers.
func (f face) Search(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	if err := f.c.checkSearch(r); err != nil {
		return provider.Result[provider.Offer]{}, err
	}
	subject := fmt.Sprintf("%016x%s", digest(r), r.Page.Cursor)
	return read(ctx, f.c, provider.OpSearch, subject, func(v view) (provider.Result[provider.Offer], error) { return f.c.search(ctx, r, v) })
}

// Hold keeps all numbers or none.
func (f face) Hold(ctx context.Context, k provider.Key, n []nanp.Number) ([]provider.Hold, error) {
	if err := f.key(provider.OpHold, k); err != nil {
		return nil, err
	}
	if err := f.c.numbers(provider.OpHold, n); err != nil {
		return nil, err
	}
	return create(ctx, f.c, provider.OpHold, string(k), func(cl call) ([]provider.Hold, error) { return f.c.hold(k, n, cl) })
}

// Unhold may be repeated.
func (f face) Unhold(ctx context.Context, r provider.Ref) error {
	_, err := create(ctx, f.c, provider.OpUnhold, string(r), func(cl call) (struct{}, error) { return struct{}{}, f.c.unhold(r, cl) })
	return err
}

func (f face) TrackHold(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.Hold], error) {
	return read(ctx, f.c, provider.OpTrackHold, subjectOf(t), locked(f.c, func(v view) (provider.Finding[[]provider.Hold], error) {
		return f.c.trackHold(t, v), nil
	}))
}

// Place books the order.
func (f face) Place(ctx context.Context, r provider.OrderRequest) (provider.Order, error) {
	if err := f.c.invalid(provider.OpPlace, cmp.Or(r.Validate(f.c.cfg.OrderLines), r.Options.Only())); err != nil {
		return provider.Order{}, err
	}
	return create(ctx, f.c, provider.OpPlace, string(r.Key), func(cl call) (provider.Order, error) { return f.c.bookOrder(r, cl) })
}

func (f face) Track(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	return read(ctx, f.c, provider.OpTrack, subjectOf(t), locked(f.c, func(v view) (provider.Finding[provider.Order], error) {
		return f.c.track(t, v, &f.c.state.orders), nil
	}))
}

// CloseOrder may be repeated.
func (f face) CloseOrder(ctx context.Context, k provider.Key, r provider.Ref) (provider.Order, error) {
	if err := f.key(provider.OpCloseOrder, k); err != nil {
		return provider.Order{}, err
	}
	return create(ctx, f.c, provider.OpCloseOrder, string(k), func(cl call) (provider.Order, error) { return f.c.closeOrder(k, r, cl) })
}

func (f face) Owned(ctx context.Context, n nanp.Number) (provider.Owned, error) {
	return read(ctx, f.c, provider.OpOwned, n.String(), locked(f.c, func(v view) (provider.Owned, error) { return f.c.readOwned(n, v) }))
}

// ListOwned answers in ascending order of numbers.
func (f face) ListOwned(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
	if p.Limit < 0 {
		return provider.Result[provider.Owned]{}, f.c.invalid(provider.OpListOwned, field("page limit", "range", "is negative"))
	}
	return read(ctx, f.c, provider.OpListOwned, p.Cursor, locked(f.c, func(v view) (provider.Result[provider.Owned], error) { return f.c.listOwned(p, v) }))
}

// Route changes all numbers or none.
func (f face) Route(ctx context.Context, r provider.RouteRequest) ([]provider.Owned, error) {
	if err := f.key(provider.OpRoute, r.Key); err != nil {
		return nil, err
	}
	if err := f.c.numbers(provider.OpRoute, r.Numbers); err != nil {
		return nil, err
	}
	if len(r.To) > 256 {
		return nil, f.c.invalid(provider.OpRoute, field("destination", "length", "is longer than 256 bytes"))
	}
	return create(ctx, f.c, provider.OpRoute, string(r.Key), func(cl call) ([]provider.Owned, error) { return f.c.route(r, cl) })
}

// Return takes each number by itself.
func (f face) Return(ctx context.Context, r provider.ReturnRequest) (provider.Order, error) {
	if err := f.key(provider.OpReturn, r.Key); err != nil {
		return provider.Order{}, err
	}
	if err := f.c.numbers(provider.OpReturn, r.Numbers); err != nil {
		return provider.Order{}, err
	}
	return create(ctx, f.c, provider.OpReturn, string(r.Key), func(cl call) (provider.Order, error) { return f.c.giveBack(r, cl) })
}

func (f face) TrackReturn(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	return read(ctx, f.c, provider.OpTrackReturn, subjectOf(t), locked(f.c, func(v view) (provider.Finding[provider.Order], error) {
		return f.c.track(t, v, &f.c.state.returns), nil
	}))
}

func (f face) LookupNumber(ctx context.Context, n nanp.Number) (provider.NumberInfo, error) {
	return read(ctx, f.c, provider.OpLookupNumber, n.String(), locked(f.c, func(v view) (provider.NumberInfo, error) { return f.c.lookup(n, v) }))
}

// subjectOf is what a trace is about: its key, else its reference, else its
// first number.
func subjectOf(t provider.Trace) string {
	switch {
	case t.Key != "":
		return string(t.Key)
	case t.Ref != "":
		return string(t.Ref)
	case len(t.Numbers) > 0:
		return t.Numbers[0].String()
	}
	return ""
}
