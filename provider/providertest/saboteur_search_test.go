package providertest_test

import (
	"context"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func asking(f func(*provider.SearchRequest)) fault {
	return func(s *saboteur, _ *world) { before(&s.search, f) }
}

func answering(f func(r *provider.Result[provider.Offer], err *error)) fault {
	return func(s *saboteur, _ *world) { after(&s.search, f) }
}

var fictional = nanp.MustParse("501-555-0101")

var searchFaults = map[string]fault{
	"search/finds-numbers": answering(func(r *provider.Result[provider.Offer], _ *error) {
		r.Items = append(r.Items, provider.Offer{Number: fictional})
	}),
	"search/toll-free": asking(func(r *provider.SearchRequest) {
		if r.Kind == provider.TollFree {
			*r = provider.SearchRequest{Page: r.Page}
		}
	}),
	"search/kind-not-sold": asking(func(r *provider.SearchRequest) { r.Kind = provider.Local }),
	"search/limit":         asking(func(r *provider.SearchRequest) { r.Page.Limit = 0 }),
	"search/pages-move-on": asking(func(r *provider.SearchRequest) { r.Page.Cursor = "" }),
	"search/pages-complete": answering(func(r *provider.Result[provider.Offer], _ *error) {
		if len(r.Items) == 3 {
			r.Items = r.Items[1:]
		}
	}),
	"search/pages-distinct": func(s *saboteur, _ *world) {
		var last provider.Offer
		answering(func(r *provider.Result[provider.Offer], _ *error) {
			if last.Number != 0 {
				r.Items[0] = last
			}
			last = r.Items[len(r.Items)-1]
		})(s, nil)
	},
	"search/filters": asking(func(r *provider.SearchRequest) {
		if r.City != "" {
			r.State, r.City = "", ""
		}
	}),
	"search/filters-exclude": asking(func(r *provider.SearchRequest) {
		if r.State == "TX" {
			r.State = "AR"
		}
	}),
	"search/dialect": asking(func(r *provider.SearchRequest) { r.Query.Suffix = "" }),
	"search/exact": answering(func(r *provider.Result[provider.Offer], _ *error) {
		if len(r.Items) == 2 && r.Next == "" {
			r.Items = r.Items[:1]
		}
	}),
	"search/prices": answering(func(r *provider.Result[provider.Offer], _ *error) {
		for i := range r.Items {
			r.Items[i].Price = money.Price{}
		}
	}),
	"search/empty-page": answering(func(r *provider.Result[provider.Offer], err *error) {
		if *err == nil && len(r.Items) == 0 {
			*err = notThere
		}
	}),
	"search/refuses-invalid": asking(func(r *provider.SearchRequest) {
		if r.State == "ZZ" {
			r.State = ""
		}
	}),
	"search/refuses-unknown-options": asking(func(r *provider.SearchRequest) { r.Options = nil }),
	"search/foreign-cursor": asking(func(r *provider.SearchRequest) {
		if r.Page.Cursor == "made-up" {
			*r = provider.SearchRequest{State: "TX"}
		}
	}),
	"search/says-until": answering(func(r *provider.Result[provider.Offer], _ *error) {
		for i := range r.Items {
			r.Items[i].Until = r.Items[i].Until.AddDate(1, 0, 0)
		}
	}),
	"places/of-the-state": places(func(r *provider.Result[provider.Place], _ *error) {
		if len(r.Items) > 0 {
			r.Items[0].State = "TX"
		}
	}),
	"places/none": places(func(r *provider.Result[provider.Place], err *error) {
		if len(r.Items) == 0 {
			*err = notThere
		}
	}),
}

func places(f func(*provider.Result[provider.Place], *error)) fault {
	return func(s *saboteur, _ *world) {
		old := s.places
		s.places = func(ctx context.Context, state string, p provider.Page) (provider.Result[provider.Place], error) {
			r, err := old(ctx, state, p)
			f(&r, &err)
			return r, err
		}
	}
}

func owned(f func(o *provider.Owned, err *error)) fault {
	return func(s *saboteur, _ *world) { after(&s.owned, f) }
}

func listed(f func(r *provider.Result[provider.Owned], err *error)) fault {
	return func(s *saboteur, _ *world) { after(&s.listOwned, f) }
}

func routed(f func(r *[]provider.Owned, err *error)) fault {
	return func(s *saboteur, _ *world) { after(&s.route, f) }
}

// returns spoils the items of every return that is shown.
func (s *saboteur) returns(f func(*provider.OrderItem)) {
	spoil := func(o *provider.Order) {
		for i := range o.Items {
			f(&o.Items[i])
		}
	}
	after(&s.giveBack, func(o *provider.Order, _ *error) { spoil(o) })
	after(&s.trackReturn, func(x *provider.Finding[provider.Order], _ *error) { spoil(&x.Value) })
}

var ownedFaults = map[string]fault{
	"owned/lists-everything": listed(func(r *provider.Result[provider.Owned], _ *error) { r.Items = r.Items[:max(0, len(r.Items)-1)] }),
	"owned/complete-while-it-changes": func(s *saboteur, w *world) {
		had := 0
		ours := w.Ours
		old := s.listOwned
		s.listOwned = func(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
			r, err := old(ctx, p)
			if p.Cursor == "" {
				had = len(ours())
			} else if len(ours()) != had && len(r.Items) > 1 {
				r.Items = r.Items[1:]
			}
			return r, err
		}
	},
	"owned/empty-list": listed(func(r *provider.Result[provider.Owned], err *error) {
		if len(r.Items) == 0 {
			*err = notThere
		}
	}),
	"owned/reads-one": owned(func(o *provider.Owned, _ *error) { o.Said = provider.Said{} }),
	"owned/stale-look": func(s *saboteur, w *world) {
		bought := w.Now()
		after(&s.place, func(*provider.Order, *error) { bought = w.Now() })
		after(&s.owned, func(_ *provider.Owned, err *error) {
			if w.Now().Sub(bought) > s.caps().Traits.Horizon {
				*err = notThere
			}
		})
	},
	"owned/not-ours": owned(func(_ *provider.Owned, err *error) { forget(err, provider.NotFound) }),
	"owned/unknown-status": owned(func(o *provider.Owned, err *error) {
		if o.State == provider.ItemUnclear && *err == nil {
			*err = no(provider.Internal)
		}
	}),
	"owned/shows-our-key": owned(func(o *provider.Owned, _ *error) { o.Tag = "" }),
	"routing/points":      owned(func(o *provider.Owned, _ *error) { o.Route = "" }),
	"routing/repeat": func(s *saboteur, _ *world) {
		calls := 0
		after(&s.route, func(_ *[]provider.Owned, err *error) {
			if calls++; calls > 1 {
				*err = no(provider.Conflict)
			}
		})
	},
	"routing/lost-answer": routed(func(_ *[]provider.Owned, err *error) { outcome(err, provider.Applied) }),
	"routing/not-ours":    routed(func(_ *[]provider.Owned, err *error) { forget(err, provider.NotYours) }),

	"return/gives-back":                 func(s *saboteur, _ *world) { s.returns(turn(provider.ItemGone, provider.ItemWaiting)) },
	"return/never-ahead-of-the-carrier": func(s *saboteur, _ *world) { s.returns(turn(provider.ItemWaiting, provider.ItemGone)) },
	"return/lost-answer-is-found":       func(s *saboteur, _ *world) { after(&s.trackReturn, lost[provider.Order]) },
	"return/is-sent-once":               func(s *saboteur, _ *world) { twice(&s.giveBack) },
	"return/never-arrived-is-not-gone": func(s *saboteur, _ *world) {
		old := s.trackReturn
		s.trackReturn = func(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
			f, err := old(ctx, t)
			if f.Verdict == provider.Absent {
				return provider.FoundAs(provider.Order{Items: []provider.OrderItem{{Number: t.Numbers[0], State: provider.ItemGone}}}, f.AsOf), nil
			}
			return f, err
		}
	},
	"return/repeat": func(s *saboteur, w *world) {
		old := s.giveBack
		s.giveBack = func(ctx context.Context, r provider.ReturnRequest) (provider.Order, error) {
			o, err := old(ctx, r)
			if err == nil && o.Items[0].State == provider.ItemRefused && len(w.Ours()) > 0 {
				_, _ = old(ctx, provider.ReturnRequest{Key: "other", Numbers: w.Ours()})
				w.Advance(w.Settle(provider.CapReturn))
			}
			return o, err
		}
	},
	"return/not-ours": func(s *saboteur, _ *world) { s.returns(turn(provider.ItemRefused, provider.ItemGone)) },
	"return/refuses-invalid": func(s *saboteur, _ *world) {
		after(&s.giveBack, func(_ *provider.Order, err *error) { outcome(err, provider.OutcomeUnknown) })
	},
}
