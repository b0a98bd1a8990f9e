package providertest

import (
	"context"
	"errors"
	"slices"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

var returning = append(slices.Clone(owning), provider.CapReturn)

func (e *env) returner(t provider.Trace) func(context.Context) (provider.Finding[provider.Order], error) {
	return func(ctx context.Context) (provider.Finding[provider.Order], error) {
		return e.caps.Return.TrackReturn(ctx, t)
	}
}

// giveBack returns numbers at a carrier of which nothing special is expected.
func (e *env) giveBack(k provider.Key, ns ...nanp.Number) provider.Order {
	r := provider.ReturnRequest{Key: k, Numbers: ns}
	return create(e, func(ctx context.Context) (provider.Order, error) { return e.caps.Return.Return(ctx, r) }, e.returner(e.trace(k, ns...)))
}

// tryReturn returns once, whatever comes back.
func (e *env) tryReturn(k provider.Key, ns ...nanp.Number) (provider.Order, error) {
	ctx, done := e.call()
	defer done()
	return e.caps.Return.Return(ctx, provider.ReturnRequest{Key: k, Numbers: ns})
}

func (e *env) settledReturn(o provider.Order, k provider.Key, ns ...nanp.Number) provider.Order {
	return e.settled(o, provider.CapReturn, e.trace(k, ns...), e.caps.Return.TrackReturn)
}

// gone checks that a number has left.
func (e *env) gone(o provider.Order, n nanp.Number) {
	e.equal(e.item(o, n).State, provider.ItemGone, "state of %s", n.Format())
	e.that(!e.ours(n), "%s is said to be gone, but it is ours at the carrier", n.Format())
}

var returnCases = []Case{
	{"return/gives-back", MUST, returning, "a number that is given back ends as gone, is not ours any more and is not found: what stays is paid for", func(e *env) {
		ns := e.buy(2)
		k := e.key()
		o := e.settledReturn(e.giveBack(k, ns[0]), k, ns[0])
		e.gone(o, ns[0])
		e.notOwned(ns[0])
		e.that(e.ours(ns[1]), "%s, which was not given back, is gone", ns[1].Format())
	}},
	{"return/never-ahead-of-the-carrier", MUST, returning, "a number is gone only once it has left at the carrier: a desk that is told so earlier stops paying for what still rings", func(e *env) {
		n := e.buy(1)[0]
		k := e.key()
		o := e.giveBack(k, n)
		step := e.takes(provider.CapReturn)/8 + 1
		for range 20 {
			if e.item(o, n).State == provider.ItemGone {
				e.that(!e.ours(n), "%s is gone before it has left at the carrier", n.Format())
				return
			}
			e.advance(step)
			f := get(e, e.returner(e.trace(k, n)))
			if f.Verdict != provider.Found {
				return
			}
			o = f.Value
		}
	}},
	{"return/lost-answer-is-found", MUST, returning, "a return whose answer is lost has an unknown outcome and is found by what Traits.Keyed promises", func(e *env) {
		n, k := e.buy(1)[0], e.key()
		struck := e.fail(provider.OpReturn, ReplyLost)
		_, err := e.tryReturn(k, n)
		e.hit(struck)
		e.unknown(err)
		e.keyed(provider.CapReturn, provider.ByThing)
		o := found(e, e.returner(e.trace(k, n)))
		e.gone(e.settledReturn(o, k, n), n)
	}},
	{"return/is-sent-once", MUST, returning, "a return of which no answer comes is not sent again by itself: by then the number may be somebody else's", func(e *env) {
		e.counts()
		n, k := e.buy(1)[0], e.key()
		before := e.made(provider.OpReturn)
		struck := e.fail(provider.OpReturn, NeverArrived)
		_, err := e.tryReturn(k, n)
		e.hit(struck)
		e.unknown(err)
		e.equal(e.made(provider.OpReturn), before, "returns at the carrier")
	}},
	{"return/never-arrived-is-not-gone", MUST, returning, "a return that never arrived has not happened: the number is ours and paid for", func(e *env) {
		n, k := e.buy(1)[0], e.key()
		struck := e.fail(provider.OpReturn, NeverArrived)
		_, err := e.tryReturn(k, n)
		e.hit(struck)
		e.unknown(err)
		e.horizon()
		f := get(e, e.returner(e.trace(k, n)))
		if f.Verdict == provider.Found {
			st := e.item(f.Value, n).State
			e.that(st != provider.ItemGone && st != provider.ItemWaiting, "a return that never arrived is found as %s", st)
		} else if e.traits().Keyed[provider.CapReturn] >= provider.ByThing {
			e.equal(f.Verdict, provider.Absent, "verdict after the horizon (%s)", f.Why)
		}
		e.equal(e.owned(n).Number, n, "number that is still ours")
	}},
	{"return/repeat", MUST, returning, "giving back what was given back does no harm, and is not said to be a second return", func(e *env) {
		e.counts()
		ns := e.buy(2)
		k := e.key()
		e.gone(e.settledReturn(e.giveBack(k, ns[0]), k, ns[0]), ns[0])
		for _, again := range []provider.Key{k, e.key()} {
			o, err := e.tryReturn(again, ns[0])
			if err != nil {
				continue
			}
			it := e.item(e.settledReturn(o, again, ns[0]), ns[0])
			e.that(it.State == provider.ItemGone || it.State == provider.ItemRefused, "a number that was given back twice is %s", it.State)
		}
		e.that(e.ours(ns[1]), "%s, which was not given back, is gone", ns[1].Format())
	}},
	{"return/not-ours", MUST, returning, "a number that is not ours is not given back: refused by name, or not found", func(e *env) {
		n, k := e.find(1)[0], e.key()
		r := provider.ReturnRequest{Key: k, Numbers: []nanp.Number{n}}
		o, err := attempt(e, func(ctx context.Context) (provider.Order, error) { return e.caps.Return.Return(ctx, r) }, e.returner(e.trace(k, n)))
		if err == nil {
			it := e.item(e.settledReturn(o, k, n), n)
			if e.w.Hostile && it.State == provider.ItemGone {
				return // the answer was lost, and what is not there is what a return is for
			}
			e.equal(it.State, provider.ItemRefused, "state of a number that is not ours")
			e.that(it.Err != nil, "it was refused without a reason")
			err = it.Err
		}
		e.notOurs(err)
	}},
	{"return/refuses-invalid", MUST, []provider.Capability{provider.CapReturn}, "a return that cannot be meant is refused as invalid and not sent", func(e *env) {
		for what, r := range map[string]provider.ReturnRequest{
			"no numbers": {Key: e.key()}, "no key": {Numbers: []nanp.Number{fiction}}, "no number": {Key: e.key(), Numbers: []nanp.Number{0}},
		} {
			ctx, done := e.call()
			_, err := e.caps.Return.Return(ctx, r)
			done()
			e.that(errors.Is(err, provider.Invalid), "a return with %s: the error is %v, and should be invalid", what, err)
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of a return with %s", what)
		}
	}},
}
