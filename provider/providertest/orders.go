package providertest

import (
	"errors"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

var ordering = []provider.Capability{provider.CapSearch, provider.CapOrders}

// refusedItem checks that an order has not brought a number, and says why.
func (e *env) refusedItem(it provider.OrderItem) {
	e.equal(it.State, provider.ItemRefused, "state of %s", it.Number.Format())
	e.that(it.Err != nil, "%s was refused without a reason", it.Number.Format())
	if e.w.Ours != nil {
		e.that(!e.ours(it.Number), "%s was refused, but it is ours at the carrier", it.Number.Format())
	}
}

var orderCases = []Case{
	{"orders/becomes-ours", MUST, ordering, "an order of numbers that are for sale ends with each of them live: otherwise nobody can buy", func(e *env) {
		ns := e.find(2)
		if most := e.traits().OrderLines; most == 1 {
			ns = ns[:1]
		}
		r := e.request(e.key(), ns...)
		r.Partial = e.w.Hostile
		o := e.place(r)
		for _, n := range ns {
			e.item(o, n)
		}
		o = e.settledOrder(o, r.Key, ns...)
		e.equal(len(o.Items), len(ns), "items of the order")
		for _, n := range ns {
			if it := e.item(o, n); !e.w.Hostile || it.State == provider.ItemLive {
				e.equal(it.State, provider.ItemLive, "state of %s", n.Format())
				if e.w.Ours != nil {
					e.that(e.ours(n), "%s is live, but not ours at the carrier", n.Format())
				}
			}
		}
	}},
	{"orders/longest-key", MUST, ordering, "a key may have 32 characters of [A-Za-z0-9-]: a carrier that cuts it off finds nothing again", func(e *env) {
		var before nanp.Number
		for _, k := range []provider.Key{"abcdefghijklmnopqrstuvwxyz-01234", "ABCDEFGHIJKLMNOPQRSTUVWXYZ-56789"} {
			ns := e.find(2) // now: a carrier may want its numbers to be found shortly before
			n := ns[0]
			if n == before {
				n = ns[1]
			}
			before = n
			_, err := e.ends(e.request(k, n))
			if e.tookByChance(err, n) {
				continue
			}
			e.ok(err)
			if e.traits().Keyed[provider.CapOrders] >= provider.ByThing {
				o := found(e, e.tracker(e.trace(k, n)))
				e.item(o, n)
				if e.traits().Keyed[provider.CapOrders] >= provider.ByKey {
					e.equal(o.Key, k, "key of the order")
				}
			}
		}
	}},
	{"orders/refuses-invalid", MUST, ordering, "an order that cannot be meant is refused as invalid and not sent: half an order costs money", func(e *env) {
		ns := e.find(1)
		before := e.made(provider.OpPlace)
		long := provider.Key(strings.Repeat("x", 33))
		for what, r := range map[string]provider.OrderRequest{
			"no lines": e.request(e.key()), "no key": e.request("", ns[0]), "a long key": e.request(long, ns[0]), "a bad key": e.request("a/b", ns[0]),
			"no number": e.request(e.key(), 0), "a number twice": e.request(e.key(), ns[0], ns[0]),
		} {
			_, err := e.order(r)
			e.that(errors.Is(err, provider.Invalid), "an order with %s: the error is %v, and should be invalid", what, err)
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of an order with %s", what)
		}
		e.equal(e.made(provider.OpPlace), before, "orders at the carrier")
	}},
	{"orders/refuses-unknown-options", MUST, ordering, "an option that the adapter does not know is refused: a misspelt one would place numbers elsewhere", func(e *env) {
		r := e.request(e.key(), e.find(1)...)
		r.Options = with(r.Options, "no-such-option", "1")
		before := e.made(provider.OpPlace)
		_, err := e.order(r)
		e.is(err, provider.Invalid, provider.NotApplied)
		e.equal(e.made(provider.OpPlace), before, "orders at the carrier")
	}},
	{"orders/too-many-lines", MUST, ordering, "more numbers than Traits.OrderLines are refused before anything is sent: nobody knows what a carrier makes of them", func(e *env) {
		most := e.traits().OrderLines
		if most == 0 {
			e.Skip("an order may hold any number of numbers")
		}
		ns := []nanp.Number{e.find(1)[0]}
		for len(ns) <= most {
			n, ok := ns[len(ns)-1].Next()
			e.that(ok, "no further number")
			ns = append(ns, n)
		}
		before := e.made(provider.OpPlace)
		_, err := e.order(e.request(e.key(), ns...))
		e.is(err, provider.Invalid, provider.NotApplied)
		e.equal(e.made(provider.OpPlace), before, "orders at the carrier")
	}},
	{"orders/taken-number", MUST, ordering, "a number that another buyer has is refused as taken, by name: a buyer looks for another one and knows instead of which", func(e *env) {
		n := e.takenNumber()
		k := e.key()
		o, err := e.ends(e.request(k, n))
		if err == nil {
			it := e.item(e.settledOrder(o, k, n), n)
			e.refusedItem(it)
			err = it.Err
		}
		if p := e.is(err, provider.NumberTaken, provider.NotApplied); p.Number != n {
			e.Fatalf("the error is about the number %q, and should be about %s", p.Number, n)
		}
	}},
	{"orders/partial", MUST, ordering, "of a partial order the numbers that can be had become ours, and the others are refused: a buyer pays for what he gets", func(e *env) {
		if !e.traits().PartialOrders {
			e.Skip("orders are taken as a whole or not at all")
		}
		e.several(2)
		bad := e.takenNumber()
		good := e.find(1)[0]
		r := e.request(e.key(), good, bad)
		r.Partial = true
		o := e.settledOrder(e.place(r), r.Key, good, bad)
		e.refusedItem(e.item(o, bad))
		if !e.w.Hostile {
			e.equal(e.item(o, good).State, provider.ItemLive, "state of the number that can be had")
		}
	}},
	{"orders/whole", SHOULD, ordering, "of an order that is not partial nothing becomes ours when one number is taken: two numbers that belong together are bought together", func(e *env) {
		e.several(2)
		bad := e.takenNumber()
		good := e.find(1)[0]
		k := e.key()
		o, err := e.ends(e.request(k, good, bad))
		if err == nil {
			o = e.settledOrder(o, k, good, bad)
			e.refusedItem(e.item(o, good))
			return
		}
		e.is(err, provider.NumberTaken, provider.NotApplied)
		e.that(!e.ours(good), "the other number has become ours")
	}},
	{"orders/lost-to-another-buyer", MUST, ordering, "a number that another buyer gets first ends as refused, never as ours: a desk would give it to a customer", func(e *env) {
		n := e.find(1)[0]
		struck := e.fail(provider.OpPlace, Taken)
		k := e.key()
		o, err := e.order(e.request(k, n))
		e.hit(struck)
		if err == nil {
			e.settle(provider.CapOrders)
			f := get(e, e.tracker(e.trace(k, n)))
			e.that(!e.ours(n), "%s is ours at the carrier", n.Format())
			if f.Verdict != provider.Found { // nothing is left to be seen of it
				e.that(!o.Settled() || e.item(o, n).State == provider.ItemRefused, "the order ended as %s", states(o))
				return
			}
			it := e.item(f.Value, n)
			e.refusedItem(it)
			err = it.Err
		}
		e.is(err, provider.NumberTaken, provider.NotApplied)
	}},
	{"orders/never-ahead-of-the-carrier", MUST, ordering, "a number is live only once it is ours at the carrier: a desk that is told so earlier routes calls into nothing", func(e *env) {
		e.counts()
		for _, f := range []Fault{"", Backordered} {
			n := e.find(1)[0]
			if f != "" && e.w.Fail != nil {
				e.w.Fail(provider.OpPlace, f)
			}
			k := e.key()
			o := e.place(e.request(k, n))
			step := e.takes(provider.CapOrders)/8 + 1
			for range 100 {
				if it := e.item(o, n); it.State == provider.ItemLive || it.State == provider.ItemAssigned {
					e.that(e.ours(n), "%s is %s (%s) before it is ours at the carrier", n.Format(), it.State, it.Said.Raw)
				}
				if o.Settled() {
					break
				}
				e.advance(step)
				f := get(e, e.tracker(e.trace(k, n)))
				if f.Verdict != provider.Found {
					break
				}
				o = f.Value
			}
		}
	}},
	{"orders/evidence", MUST, ordering, "each state of an item says who said it, in which word, and when: without it nobody can argue with the carrier", func(e *env) {
		n := e.find(1)[0]
		k := e.key()
		o := e.place(e.request(k, n))
		e.said(e.item(o, n).Said, "a new item")
		o = e.settledOrder(o, k, n)
		e.said(e.item(o, n).Said, "a settled item")
		if o.Ref != "" {
			e.said(o.Said, "the order")
		}
	}},
	{"orders/unknown-status", MUST, ordering, "a status that nobody knows is the unclear state with the carrier's word, and no error: the day a carrier adds a word, orders must not stop", func(e *env) {
		n := e.find(1)[0]
		struck := e.fail(provider.OpPlace, UnknownStatus)
		o, err := e.order(e.request(e.key(), n))
		e.hit(struck)
		e.ok(err)
		e.unclear(o, n)
	}},
	{"orders/unknown-status-later", MUST, ordering, "the same when an order is looked at: neither ours nor refused, and not an error", func(e *env) {
		e.keyed(provider.CapOrders, provider.ByThing)
		n := e.find(1)[0]
		k := e.key()
		e.place(e.request(k, n))
		e.settle(provider.CapOrders)
		struck := e.failAny(UnknownStatus, provider.OpTrack, provider.OpOwned, provider.OpListOwned)
		f := get(e, e.tracker(e.trace(k, n)))
		e.hit(struck)
		e.equal(f.Verdict, provider.Found, "verdict (%s)", f.Why)
		e.unclear(f.Value, n)
	}},
}

// tookByChance reports whether another buyer got a number at a hostile carrier: then
// there may be nothing to find.
func (e *env) tookByChance(err error, n nanp.Number) bool {
	if !e.w.Hostile {
		return false
	}
	e.settle(provider.CapOrders)
	return errors.Is(err, provider.NumberTaken) || err == nil && e.w.Ours != nil && !e.ours(n)
}

// unclear checks an item whose status nobody knows.
func (e *env) unclear(o provider.Order, n nanp.Number) {
	it := e.item(o, n)
	e.that(it.State == provider.ItemUnclear, "a status that nobody knows (%s) is shown as %s", it.Said.Raw, it.State)
	e.that(it.Said.Raw != "", "the carrier's own word is lost")
}

func with(o provider.Options, name, value string) provider.Options {
	out := provider.Options{name: value}
	for k, v := range o {
		out[k] = v
	}
	return out
}
