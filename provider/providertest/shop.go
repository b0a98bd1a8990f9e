package providertest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func (e *env) now() time.Time {
	if e.w.Now == nil {
		return time.Now()
	}
	return e.w.Now()
}

func (e *env) search(r provider.SearchRequest) provider.Result[provider.Offer] {
	return get(e, func(ctx context.Context) (provider.Result[provider.Offer], error) {
		return e.caps.Search.Search(ctx, r)
	})
}

// find returns n different numbers that are for sale.
func (e *env) find(n int) []nanp.Number {
	e.offers(provider.CapSearch)
	var out []nanp.Number
	r := e.w.Search
	for range 20 {
		r.Page.Limit = n
		res := e.search(r)
		for _, o := range res.Items {
			if !slices.Contains(out, o.Number) {
				out = append(out, o.Number)
			}
		}
		if len(out) >= n {
			return out[:n]
		}
		if r.Page.Cursor = res.Next; res.Next == "" {
			break
		}
	}
	e.Fatalf("a search that should find 20 numbers finds %d", len(out))
	return nil
}

// several ends the case as not run where an order holds fewer numbers.
func (e *env) several(n int) {
	if most := e.traits().OrderLines; most != 0 && most < n {
		e.Skipf("an order holds %d number(s)", most)
	}
}

func (e *env) request(k provider.Key, ns ...nanp.Number) provider.OrderRequest {
	r := provider.OrderRequest{Key: k, Options: e.w.Options}
	for _, n := range ns {
		r.Lines = append(r.Lines, provider.OrderLine{Number: n})
	}
	return r
}

func numbersOf(r provider.OrderRequest) []nanp.Number {
	var out []nanp.Number
	for _, l := range r.Lines {
		out = append(out, l.Number)
	}
	return out
}

// trace is everything by which the caller of an order knows it.
func (e *env) trace(k provider.Key, ns ...nanp.Number) provider.Trace {
	return provider.Trace{Key: k, Numbers: ns, Since: e.since(k)}
}

// order sends one order once, whatever comes back.
func (e *env) order(r provider.OrderRequest) (provider.Order, error) {
	ctx, done := e.call()
	defer done()
	return e.caps.Orders.Place(ctx, r)
}

// orderHung sends one order that gets no answer, and gives up on it once it has
// come to where it hangs. It fails when the call does not return soon after.
func (e *env) orderHung(r provider.OrderRequest, there func() bool) error {
	return e.hung(there, func(ctx context.Context) error { return drop(e.caps.Orders.Place(ctx, r)) })
}

func (e *env) hung(there func() bool, call func(context.Context) error) error {
	ctx, giveUp := context.WithCancel(e.ctx)
	defer giveUp()
	out := make(chan error, 1)
	go func() { out <- call(ctx) }()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for waits := true; waits && !there(); {
		select {
		case err := <-out:
			return err
		case <-look.C:
		case <-late:
			waits = false
		}
	}
	giveUp()
	select {
	case err := <-out:
		return err
	case <-time.After(soon):
		e.Fatalf("the call had not returned %v after the end of its context", soon)
		return nil
	}
}

func (e *env) tracker(t provider.Trace) func(context.Context) (provider.Finding[provider.Order], error) {
	return func(ctx context.Context) (provider.Finding[provider.Order], error) {
		return e.caps.Orders.Track(ctx, t)
	}
}

// place makes an order at a carrier of which nothing special is expected.
func (e *env) place(r provider.OrderRequest) provider.Order {
	return create(e, func(ctx context.Context) (provider.Order, error) { return e.caps.Orders.Place(ctx, r) }, e.tracker(e.trace(r.Key, numbersOf(r)...)))
}

// ends makes an order, and returns the error where that is how it ends.
func (e *env) ends(r provider.OrderRequest) (provider.Order, error) {
	return attempt(e, func(ctx context.Context) (provider.Order, error) { return e.caps.Orders.Place(ctx, r) }, e.tracker(e.trace(r.Key, numbersOf(r)...)))
}

// settled waits until every item of an order is final. Where the carrier shows no
// orders, the case is not run.
func (e *env) settled(o provider.Order, c provider.Capability, t provider.Trace, track func(context.Context, provider.Trace) (provider.Finding[provider.Order], error)) provider.Order {
	if t.Ref == "" {
		t.Ref = o.Ref
	}
	for try := 1; !o.Settled(); try++ {
		e.settle(c)
		f := get(e, func(ctx context.Context) (provider.Finding[provider.Order], error) { return track(ctx, t) })
		if f.Verdict == provider.CannotTell {
			if c != provider.CapOrders || e.caps.Owned == nil {
				e.Skip("how an order stands cannot be seen: " + f.Why)
			}
			f = provider.FoundAs(e.byNumber(t.Numbers), e.now())
		}
		e.equal(f.Verdict, provider.Found, "verdict on an order that was placed (%s)", f.Why)
		o = f.Value
		if !o.Settled() && (!e.w.Hostile || try > tries) {
			e.Fatalf("the order has not settled when it should have: %s", states(o))
		}
	}
	return o
}

// byNumber is how an order came out that left nothing by which it could be found.
func (e *env) byNumber(ns []nanp.Number) provider.Order {
	var out provider.Order
	for _, n := range ns {
		ctx, done := e.call()
		o, err := e.caps.Owned.Owned(ctx, n)
		done()
		it := provider.OrderItem{Number: n, State: o.State, Said: o.Said, Owned: o.Ref}
		if errors.Is(err, provider.NotFound) {
			it.State, it.Err = provider.ItemRefused, &provider.Error{Kind: provider.NumberTaken, Outcome: provider.NotApplied, Number: n}
		} else if err != nil && !e.w.Hostile {
			e.ok(err)
		}
		out.Items = append(out.Items, it)
	}
	out.Said = out.Items[0].Said
	return out
}

func (e *env) settledOrder(o provider.Order, k provider.Key, ns ...nanp.Number) provider.Order {
	return e.settled(o, provider.CapOrders, e.trace(k, ns...), e.caps.Orders.Track)
}

// states is an order in words for a log: no more than numbers and states.
func states(o provider.Order) []string {
	var out []string
	for _, it := range o.Items {
		s := it.Number.Format() + " " + it.State.String()
		if it.Said.Raw != "" {
			s += " (" + string(it.Said.Raw) + ")"
		}
		out = append(out, s)
	}
	return out
}

// item returns what an order says about a number.
func (e *env) item(o provider.Order, n nanp.Number) provider.OrderItem {
	it, has := o.Item(n)
	e.that(has, "the order says nothing about %s, only %s", n.Format(), states(o))
	return it
}

// buy makes n numbers ours. A hostile carrier may have sold some of them.
func (e *env) buy(n int) []nanp.Number {
	e.offers(provider.CapSearch, provider.CapOrders)
	var mine []nanp.Number
	tried := map[nanp.Number]bool{}
	for range tries {
		var ask []nanp.Number
		for _, x := range e.find(n + len(tried)) {
			if !tried[x] && len(ask) < n-len(mine) {
				ask = append(ask, x)
			}
		}
		size := e.traits().OrderLines
		if size == 0 {
			size = len(ask)
		}
		for part := range slices.Chunk(ask, size) {
			r := e.request(e.key(), part...)
			r.Partial = e.traits().PartialOrders
			o := e.settledOrder(e.place(r), r.Key, part...)
			for _, x := range part {
				tried[x] = true
				if e.item(o, x).State == provider.ItemLive {
					mine = append(mine, x)
				} else if !e.w.Hostile {
					e.Fatalf("a number that was for sale is not ours: %s", states(o))
				}
			}
		}
		if len(mine) >= n {
			return mine
		}
	}
	e.Fatalf("of the numbers that were for sale only %d could be bought", len(mine))
	return nil
}

// takenNumber is one that another buyer has.
func (e *env) takenNumber() nanp.Number {
	e.needs(e.w.Taken != nil, "number that another buyer took (Taken)")
	return e.w.Taken()
}
