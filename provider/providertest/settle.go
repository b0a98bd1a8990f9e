package providertest

import (
	"context"
	"errors"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// keyed ends the case as not run where a creation cannot be found again.
func (e *env) keyed(c provider.Capability, least provider.Keying) {
	if e.traits().Keyed[c] < least {
		e.Skipf("Traits.Keyed of %s promises less", c)
	}
}

// unknown checks the error of a creation of which nobody knows what became.
func (e *env) unknown(err error) {
	e.that(err != nil, "there is no error, though no answer came")
	e.equal(provider.OutcomeOf(err), provider.OutcomeUnknown, "outcome of %v", err)
}

// lost sends an order whose answer does not come.
func (e *env) lost(f Fault) (k provider.Key, n nanp.Number) {
	n, k = e.find(1)[0], e.key()
	struck := e.fail(provider.OpPlace, f)
	_, err := e.order(e.request(k, n))
	e.hit(struck)
	e.unknown(err)
	return k, n
}

// seen places an order and sees it.
func (e *env) seen() (k provider.Key, n nanp.Number) {
	e.keyed(provider.CapOrders, provider.ByThing)
	n, k = e.find(1)[0], e.key()
	e.place(e.request(k, n))
	e.item(found(e, e.tracker(e.trace(k, n))), n)
	return k, n
}

var settleCases = []Case{
	{"orders/lost-answer-is-unknown", MUST, ordering, "an order whose answer is lost has an unknown outcome: not applied would make a buyer pay twice, applied would give away what is not ours", func(e *env) {
		e.lost(ReplyLost)
	}},
	{"orders/is-sent-once", MUST, ordering, "an order of which no answer comes is not sent again by itself: the carrier would book it twice", func(e *env) {
		e.counts()
		before := e.made(provider.OpPlace)
		e.lost(NeverArrived)
		e.equal(e.made(provider.OpPlace)-before, 0, "orders at the carrier of one that never arrived")
		e.lost(ReplyLost)
		e.equal(e.made(provider.OpPlace)-before, 1, "orders at the carrier of one whose answer was lost")
	}},
	{"orders/lost-answer-is-found", MUST, ordering, "an order whose answer is lost is found by what Traits.Keyed promises: else the number is paid for and nobody's", func(e *env) {
		e.keyed(provider.CapOrders, provider.ByThing)
		k, n := e.lost(ReplyLost)
		o := found(e, e.tracker(e.trace(k, n)))
		e.equal(len(o.Items), 1, "items of the order")
		o = e.settledOrder(o, k, n)
		e.equal(e.item(o, n).State, provider.ItemLive, "state of the number")
	}},
	{"orders/found-by-key", MUST, ordering, "where Traits.Keyed says ByKey, the key alone finds the order, and with it its numbers: it may be all that a crash has left", func(e *env) {
		e.keyed(provider.CapOrders, provider.ByKey)
		k, n := e.lost(ReplyLost)
		o := found(e, e.tracker(provider.Trace{Key: k}))
		e.item(o, n)
		e.equal(o.Key, k, "key of the order")
	}},
	{"orders/found-by-reference", MUST, ordering, "an order that has a reference is found by it", func(e *env) {
		e.keyed(provider.CapOrders, provider.ByKey)
		n, k := e.find(1)[0], e.key()
		o := e.place(e.request(k, n))
		if o.Ref == "" {
			e.Skip("orders have no reference here")
		}
		got := found(e, e.tracker(provider.Trace{Ref: o.Ref, Numbers: []nanp.Number{n}}))
		e.item(got, n)
		e.equal(got.Ref, o.Ref, "reference of the order")
	}},
	{"orders/never-arrived-is-not-found", MUST, ordering, "an order that never arrived is never found, and after the horizon not there by proof where it can be found at all: else nobody could send it again", func(e *env) {
		k, n := e.lost(NeverArrived)
		track := e.tracker(e.trace(k, n))
		e.that(get(e, track).Verdict != provider.Found, "an order that never arrived is found")
		if e.traits().Keyed[provider.CapOrders] < provider.ByThing {
			return
		}
		e.horizon()
		f := get(e, track)
		e.equal(f.Verdict, provider.Absent, "verdict after the horizon (%s)", f.Why)
		e.asOf(f.AsOf)
		o := e.place(e.request(k, n)) // the same key again: nothing was applied under it
		e.item(o, n)
	}},
	{"orders/late-is-found-in-time", MUST, ordering, "what arrives late is there when the horizon has passed: an absence that is believed too early buys twice", func(e *env) {
		e.keyed(provider.CapOrders, provider.ByThing)
		e.counts()
		k, n := e.lost(Late)
		e.horizon()
		o := found(e, e.tracker(e.trace(k, n)))
		e.item(o, n)
	}},
	{"orders/repeat-of-a-key", MUST, ordering, "the same order sent again does what Traits.Keyed says: Once is applied once, and whoever says not applied has not applied it", func(e *env) {
		e.counts()
		n := e.find(1)[0]
		r := e.request(e.key(), n)
		before := e.made(provider.OpPlace)
		first := e.place(r)
		for range 2 {
			now := e.made(provider.OpPlace)
			again, err := e.order(r)
			if e.traits().Keyed[provider.CapOrders] == provider.Once {
				if err == nil {
					e.equal(again.Ref, first.Ref, "reference of the same order")
				}
				e.equal(e.made(provider.OpPlace)-before, 1, "orders at the carrier of one key")
			}
			if err != nil && provider.OutcomeOf(err) == provider.NotApplied {
				e.equal(e.made(provider.OpPlace), now, "orders at the carrier after one that was said not to be applied")
			}
		}
	}},
	{"orders/key-of-another-order", MUST, ordering, "where a key is applied once, other numbers under the same key are not ordered, and the error says so: no order may hide behind another", func(e *env) {
		e.keyed(provider.CapOrders, provider.Once)
		ns := e.find(2)
		k := e.key()
		e.place(e.request(k, ns[0]))
		o, err := e.ends(e.request(k, ns[1]))
		if err == nil {
			_, has := o.Item(ns[1])
			e.that(!has, "the order of another key takes other numbers: %s", states(o))
		} else {
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
		}
		e.settle(provider.CapOrders)
		e.that(!e.ours(ns[1]), "the other number has become ours")
	}},
	{"orders/unused-key-is-not-found", MUST, ordering, "a key under which nothing was sent finds nothing, also beside other orders: the order of somebody else is not ours", func(e *env) {
		ns := e.find(2)
		e.place(e.request(e.key(), ns[0]))
		f := get(e, e.tracker(e.trace(e.key(), ns[1])))
		e.that(f.Verdict != provider.Found, "found is: %s", states(f.Value))
		if f.Verdict == provider.CannotTell {
			e.that(f.Why != "", "it cannot be told, and not why")
		}
	}},
	{"orders/hung-is-unknown", MUST, ordering, "an order that hangs returns soon after its context has ended, with an unknown outcome, and is found when it was booked", func(e *env) {
		e.counts()
		e.keyed(provider.CapOrders, provider.ByThing)
		n, k := e.find(1)[0], e.key()
		before := e.made(provider.OpPlace)
		struck := e.fail(provider.OpPlace, HungApplied)
		err := e.orderHung(e.request(k, n), func() bool { return struck() && e.made(provider.OpPlace) > before })
		e.hit(struck)
		e.unknown(err)
		e.item(found(e, e.tracker(e.trace(k, n))), n)
	}},
	{"orders/stale-look", MUST, ordering, "a look that is a little old does not make an order absent that has been there for longer than the horizon: by then an absence is believed, and bought again", func(e *env) {
		k, n := e.seen()
		e.horizon()
		struck := e.failAny(StaleRead, provider.OpTrack, provider.OpOwned, provider.OpListOwned)
		f := get(e, e.tracker(e.trace(k, n)))
		e.hit(struck)
		e.that(f.Verdict != provider.Absent, "an order that was found is absent as of %v", f.AsOf)
	}},
	{"orders/stale-look-says-when", SHOULD, ordering, "a look that is too old to show an order says as of when it is: then nobody takes it for later than the one that showed it", func(e *env) {
		k, n := e.seen()
		at := e.now()
		struck := e.failAny(StaleRead, provider.OpTrack, provider.OpOwned, provider.OpListOwned)
		f := get(e, e.tracker(e.trace(k, n)))
		e.hit(struck)
		e.that(f.Verdict != provider.Absent || f.AsOf.Before(at), "an order that was found at %v is absent as of %v", at, f.AsOf)
	}},
	{"orders/throttled", MUST, ordering, "an order that is throttled was not applied, and the error says when to try again: a buyer must neither hammer nor wait for ever", func(e *env) {
		n, k := e.find(1)[0], e.key()
		before := e.made(provider.OpPlace)
		struck := e.fail(provider.OpPlace, Throttled)
		_, err := e.order(e.request(k, n))
		e.hit(struck)
		p := e.is(err, provider.RateLimited, provider.NotApplied)
		e.that(p.After > 0, "the error does not say when it may be tried again")
		e.equal(e.made(provider.OpPlace), before, "orders at the carrier")
	}},
}

var closeCases = []Case{
	{"close/ends-what-is-open", MUST, []provider.Capability{provider.CapSearch, provider.CapOrders, provider.CapOrderClose}, "a closed order brings nothing any more: only then may its numbers be bought elsewhere", func(e *env) {
		n, k := e.find(1)[0], e.key()
		if e.w.Fail != nil {
			e.w.Fail(provider.OpPlace, Backordered)
		}
		o := e.place(e.request(k, n))
		if o.Settled() {
			e.Skip("orders settle at once here: there is nothing to close")
		}
		closed := e.closeOrder(o.Ref)
		o = e.settledOrder(closed, k, n)
		if e.item(o, n).State == provider.ItemRefused {
			e.refusedItem(e.item(o, n))
			e.advance(e.traits().Horizon + e.takes(provider.CapOrders))
			e.that(!e.ours(n), "%s has become ours after its order was closed", n.Format())
		} else if !e.w.Hostile {
			e.Fatalf("a backordered number is not refused when its order is closed: %s", states(o))
		}
	}},
	{"close/keeps-what-is-ours", MUST, []provider.Capability{provider.CapSearch, provider.CapOrders, provider.CapOrderClose}, "closing an order that has settled changes nothing: what is ours stays ours", func(e *env) {
		n, k := e.find(1)[0], e.key()
		o := e.settledOrder(e.place(e.request(k, n)), k, n)
		was := e.item(o, n).State
		ctx, done := e.call()
		defer done()
		closed, err := e.caps.OrderClose.CloseOrder(ctx, e.key(), o.Ref)
		if err == nil {
			it, has := closed.Item(n)
			e.that(!has || it.State == was || it.State == provider.ItemUnclear && e.w.Hostile, "the state of the number is %s afterwards, and was %s", it.State, was)
		}
		e.equal(e.ours(n), was == provider.ItemLive, "whether %s is ours", n.Format())
	}},
	{"close/unknown-order", MUST, []provider.Capability{provider.CapOrders, provider.CapOrderClose}, "an order that is not there is not found, and nothing was applied", func(e *env) {
		err := refused(e, func(ctx context.Context) (provider.Order, error) {
			return e.caps.OrderClose.CloseOrder(ctx, e.key(), "no-such-order")
		})
		e.oneOf(err, provider.NotApplied, provider.NotFound, provider.Invalid)
	}},
}

// closeOrder may be repeated.
func (e *env) closeOrder(r provider.Ref) provider.Order {
	k := e.key()
	return create(e, func(ctx context.Context) (provider.Order, error) { return e.caps.OrderClose.CloseOrder(ctx, k, r) }, nil)
}

// notOurs checks the error about a number that is not ours.
func (e *env) notOurs(err error) {
	e.that(errors.Is(err, provider.NotYours) || errors.Is(err, provider.NotFound), "the error about a number that is not ours is %v", err)
	e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
}
