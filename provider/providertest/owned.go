package providertest

import (
	"context"
	"slices"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

var (
	owning  = []provider.Capability{provider.CapSearch, provider.CapOrders, provider.CapOwned}
	routing = append(slices.Clone(owning), provider.CapRouting)
)

func (e *env) owned(n nanp.Number) provider.Owned {
	return get(e, func(ctx context.Context) (provider.Owned, error) { return e.caps.Owned.Owned(ctx, n) })
}

func (e *env) notOwned(n nanp.Number) {
	err := refused(e, func(ctx context.Context) (provider.Owned, error) { return e.caps.Owned.Owned(ctx, n) })
	e.is(err, provider.NotFound, provider.NotApplied)
}

// listOwned walks through all pages, and calls between after each.
func (e *env) listOwned(limit int, between func()) []nanp.Number {
	var out []nanp.Number
	pages(e, provider.Page{Limit: limit}, e.caps.Owned.ListOwned, func(r provider.Result[provider.Owned]) {
		for _, o := range r.Items {
			out = append(out, o.Number)
		}
		between()
	})
	return out
}

// pages walks through a list, and checks what holds for every one.
func pages[T any](e *env, p provider.Page, list func(context.Context, provider.Page) (provider.Result[T], error), each func(provider.Result[T])) {
	seen := map[string]bool{}
	for range 1000 {
		r := get(e, func(ctx context.Context) (provider.Result[T], error) { return list(ctx, p) })
		if p.Limit > 0 {
			e.that(len(r.Items) <= p.Limit, "a page has %d items, %d were asked for", len(r.Items), p.Limit)
		}
		each(r)
		if r.Next == "" {
			return
		}
		e.that(!seen[r.Next], "the list does not move on: a cursor comes twice")
		seen[r.Next] = true
		p.Cursor = r.Next
	}
	e.Fatal("a list has more than 1000 pages")
}

func nothing() {}

var ownedCases = []Case{
	{"owned/lists-everything", MUST, owning, "the list holds each number that is ours, once: what is missing looks lost, and what is there twice is counted twice", func(e *env) {
		ns := e.buy(5)
		for _, limit := range []int{0, 2} {
			got := e.listOwned(limit, nothing)
			slices.Sort(got)
			want := slices.Sorted(slices.Values(ns))
			if e.w.Ours != nil {
				want = slices.Sorted(slices.Values(e.w.Ours()))
			}
			if e.w.Hostile {
				got = slices.DeleteFunc(got, func(n nanp.Number) bool { return !slices.Contains(ns, n) })
				want = slices.Sorted(slices.Values(ns))
			}
			e.equal(got, want, "list with %d on a page", limit)
		}
	}},
	{"owned/complete-while-it-changes", MUST, owning, "a number that is ours all the time is in the list, whatever is bought and returned meanwhile: a comparison of books must not lose it", func(e *env) {
		ns := e.buy(5)
		bought := 0
		got := e.listOwned(2, func() {
			if bought++; bought <= 2 {
				e.buy(1)
			}
		})
		for _, n := range ns {
			e.that(slices.Contains(got, n), "%s was ours all the time, and is not in the list %s", n.Format(), got)
		}
	}},
	{"owned/empty-list", MUST, []provider.Capability{provider.CapOwned}, "an account without numbers has an empty list, and no error", func(e *env) {
		e.equal(len(e.listOwned(0, nothing)), 0, "numbers in a new account")
	}},
	{"owned/reads-one", MUST, owning, "one number is read by itself, with its state and the evidence", func(e *env) {
		n := e.buy(1)[0]
		o := e.owned(n)
		e.equal(o.Number, n, "number")
		if !e.w.Hostile {
			e.equal(o.State, provider.ItemLive, "state")
		}
		e.said(o.Said, "a number that is ours")
	}},
	{"owned/stale-look", MUST, owning, "a look that is a little old finds a number that has been ours for longer than the horizon: what is not found is taken off the books", func(e *env) {
		n := e.buy(1)[0]
		e.horizon()
		struck := e.failAny(StaleRead, provider.OpOwned, provider.OpListOwned)
		e.equal(e.owned(n).Number, n, "number")
		e.hit(struck)
	}},
	{"owned/not-ours", MUST, owning, "a number that is not ours is not found: anything else would keep a dead number in the books, or lose a live one", func(e *env) {
		e.notOwned(fiction)
		e.notOwned(e.find(1)[0])
	}},
	{"owned/unknown-status", MUST, owning, "a status that nobody knows leaves a number ours and unclear, in the list as well", func(e *env) {
		n := e.buy(1)[0]
		struck := e.failAny(UnknownStatus, provider.OpOwned, provider.OpListOwned)
		o := e.owned(n)
		e.hit(struck)
		e.equal(o.State, provider.ItemUnclear, "state")
		e.that(o.Said.Raw != "", "the carrier's own word is lost")
	}},
	{"owned/shows-our-key", SHOULD, owning, "where orders are found by key, a number shows the key that brought it: what was bought by whom can be seen at the carrier", func(e *env) {
		e.keyed(provider.CapOrders, provider.ByKey)
		n, k := e.find(1)[0], e.key()
		e.settledOrder(e.place(e.request(k, n)), k, n)
		e.equal(e.owned(n).Tag, string(k), "tag of the number")
	}},
}

func (e *env) route(r provider.RouteRequest) []provider.Owned {
	out := create(e, func(ctx context.Context) ([]provider.Owned, error) { return e.caps.Routing.Route(ctx, r) }, nil)
	if e.w.Hostile {
		e.advance(e.traits().Horizon) // what was lost may arrive after what was sent again
		e.late()
	}
	return out
}

func (e *env) destinations() (a, b string) {
	e.needs(len(e.w.Destinations) >= 2, "two places where calls can be sent to (Destinations)")
	return e.w.Destinations[0], e.w.Destinations[1]
}

var routingCases = []Case{
	{"routing/points", MUST, routing, "calls go where they were sent to, and the carrier shows it", func(e *env) {
		a, b := e.destinations()
		ns := e.buy(2)
		for _, to := range []string{a, b} {
			e.route(provider.RouteRequest{Key: e.key(), Numbers: ns, To: to})
			for _, n := range ns {
				e.equal(e.owned(n).Route, to, "destination of %s", n.Format())
			}
		}
	}},
	{"routing/repeat", MUST, routing, "routing again does no harm: it is how a lost answer is settled", func(e *env) {
		a, _ := e.destinations()
		n := e.buy(1)
		r := provider.RouteRequest{Key: e.key(), Numbers: n, To: a}
		for range 3 {
			e.route(r)
		}
		e.equal(e.owned(n[0]).Route, a, "destination")
		if e.w.Ours != nil {
			e.that(e.ours(n[0]), "the number is no longer ours")
		}
	}},
	{"routing/lost-answer", MUST, routing, "a lost answer is an unknown outcome also here: who believes that calls go somewhere must have been told", func(e *env) {
		a, b := e.destinations()
		n := e.buy(1)
		e.route(provider.RouteRequest{Key: e.key(), Numbers: n, To: a})
		r := provider.RouteRequest{Key: e.key(), Numbers: n, To: b}
		struck := e.fail(provider.OpRoute, ReplyLost)
		ctx, done := e.call()
		defer done()
		_, err := e.caps.Routing.Route(ctx, r)
		e.hit(struck)
		e.unknown(err)
		e.route(r)
		e.equal(e.owned(n[0]).Route, b, "destination")
	}},
	{"routing/not-ours", MUST, routing, "a number that is not ours cannot be routed, and the error says so", func(e *env) {
		a, _ := e.destinations()
		n := e.find(1)
		err := refused(e, func(ctx context.Context) ([]provider.Owned, error) {
			return e.caps.Routing.Route(ctx, provider.RouteRequest{Key: e.key(), Numbers: n, To: a})
		})
		e.notOurs(err)
	}},
}
