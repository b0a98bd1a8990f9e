package providertest_test

import (
	"context"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
)

type world = providertest.World

// orders spoils every order that is shown.
func (s *saboteur) orders(f func(*provider.Order)) {
	after(&s.place, func(o *provider.Order, _ *error) { f(o) })
	after(&s.track, func(x *provider.Finding[provider.Order], _ *error) { f(&x.Value) })
}

// items spoils the items of every order that is shown.
func (s *saboteur) items(f func(*provider.OrderItem)) {
	s.orders(func(o *provider.Order) {
		for i := range o.Items {
			f(&o.Items[i])
		}
	})
}

func turn(from, to provider.ItemState) func(*provider.OrderItem) {
	return func(it *provider.OrderItem) {
		if it.State == from {
			it.State = to
		}
	}
}

func failing(f func(err *error)) fault {
	return func(s *saboteur, _ *world) { after(&s.place, func(_ *provider.Order, err *error) { f(err) }) }
}

func tracking(f func(x *provider.Finding[provider.Order])) fault {
	return func(s *saboteur, _ *world) {
		after(&s.track, func(x *provider.Finding[provider.Order], _ *error) { f(x) })
	}
}

// trackingOf spoils the look at what was asked for in a certain way.
func trackingOf(which func(provider.Trace) bool) fault {
	return func(s *saboteur, _ *world) {
		old := s.track
		s.track = func(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
			f, err := old(ctx, t)
			if which(t) {
				lost(&f, &err)
			}
			return f, err
		}
	}
}

var callFaults = map[string]fault{
	"id/valid":                func(s *saboteur, _ *world) { s.id = func() provider.ID { return "Acme Inc." } },
	"traits/nil-has-a-reason": offers(func(c *provider.Capabilities) { c.Places = nil }),
	"traits/names-are-known":  offers(func(c *provider.Capabilities) { c.Traits.Keyed["order"] = provider.ByKey }),
	"traits/make-sense":       offers(func(c *provider.Capabilities) { c.Traits.Name = "" }),
	"traits/same-every-time": func(s *saboteur, w *world) {
		asked := 0
		offers(func(c *provider.Capabilities) {
			if asked++; asked > 1 {
				c.Places = nil
			}
		})(s, w)
	},
	"context/ended-before": func(s *saboteur, _ *world) {
		old := s.place
		s.place = func(ctx context.Context, r provider.OrderRequest) (provider.Order, error) {
			return old(context.WithoutCancel(ctx), r)
		}
	},
	"context/ended-before-any-change": func(s *saboteur, _ *world) {
		old := s.setName
		s.setName = func(ctx context.Context, r provider.NameRequest) (provider.NameOrder, error) {
			return old(context.WithoutCancel(ctx), r)
		}
	},
	"context/ended-before-any-read": func(s *saboteur, _ *world) {
		after(&s.listEndpoints, func(_ *provider.Result[provider.Endpoint], err *error) { *err = nil })
	},
	"context/hung-order-returns": failing(func(err *error) { outcome(err, provider.NotApplied) }),
	"context/hung-read-returns": func(s *saboteur, _ *world) {
		old := s.search
		s.search = func(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
			return old(context.WithoutCancel(ctx), r)
		}
	},
	"concurrent/everything": func(s *saboteur, _ *world) {
		var mu sync.Mutex
		var last *provider.Order // of whoever was first
		s.orders(func(o *provider.Order) {
			mu.Lock()
			defer mu.Unlock()
			if last == nil {
				last = o
			}
			*o = *last
		})
	},
	"errors/unauthorized-read": func(s *saboteur, _ *world) {
		after(&s.search, func(_ *provider.Result[provider.Offer], err *error) {
			change(err, func(e *provider.Error) { e.Kind = provider.Unavailable })
		})
	},
	"errors/unauthorized-order": failing(func(err *error) { outcome(err, provider.OutcomeUnknown) }),
	"errors/say-who":            failing(func(err *error) { change(err, func(e *provider.Error) { e.Provider = "" }) }),
	"errors/lost-answer-of-any-change": func(s *saboteur, _ *world) {
		old := s.cancelPort
		s.cancelPort = func(ctx context.Context, k provider.Key, r provider.Ref, only []nanp.Number) (provider.PortOrder, error) {
			o, err := old(ctx, k, r, only)
			outcome(&err, provider.NotApplied)
			return o, err
		}
	},
	"errors/no-secrets": failing(func(err *error) { change(err, func(e *provider.Error) { e.Text = "with key " + sandboxtest.HookKey }) }),
}

var orderFaults = map[string]fault{
	"orders/becomes-ours": func(s *saboteur, _ *world) { s.items(turn(provider.ItemLive, provider.ItemAssigned)) },
	"orders/longest-key":  func(s *saboteur, _ *world) { s.orders(func(o *provider.Order) { o.Key = o.Key[:min(len(o.Key), 30)] }) },
	"orders/refuses-invalid": func(s *saboteur, _ *world) {
		before(&s.place, func(r *provider.OrderRequest) { r.Key = r.Key[:min(len(r.Key), 32)] })
	},
	"orders/refuses-unknown-options": func(s *saboteur, _ *world) {
		before(&s.place, func(r *provider.OrderRequest) { r.Options = nil })
	},
	"orders/too-many-lines": func(s *saboteur, _ *world) {
		before(&s.place, func(r *provider.OrderRequest) { r.Lines = r.Lines[:min(len(r.Lines), 100)] })
	},
	"orders/taken-number": func(s *saboteur, _ *world) {
		s.items(func(it *provider.OrderItem) {
			if it.Err != nil {
				it.Err.Kind = provider.Precondition
			}
		})
	},
	"orders/partial":                    func(s *saboteur, _ *world) { before(&s.place, func(r *provider.OrderRequest) { r.Partial = false }) },
	"orders/lost-to-another-buyer":      func(s *saboteur, _ *world) { s.items(turn(provider.ItemRefused, provider.ItemLive)) },
	"orders/never-ahead-of-the-carrier": func(s *saboteur, _ *world) { s.items(turn(provider.ItemWaiting, provider.ItemLive)) },
	"orders/evidence":                   func(s *saboteur, _ *world) { s.items(func(it *provider.OrderItem) { it.Said.Raw = "" }) },
	"orders/unknown-status":             func(s *saboteur, _ *world) { s.items(turn(provider.ItemUnclear, provider.ItemWaiting)) },
	"orders/unknown-status-later":       func(s *saboteur, _ *world) { s.items(turn(provider.ItemUnclear, provider.ItemRefused)) },
	"close/ends-what-is-open": closing(func(s *saboteur, ctx context.Context, k provider.Key, r provider.Ref) (provider.Order, error) {
		f, err := s.track(ctx, provider.Trace{Ref: r})
		return f.Value, err
	}),
	"close/keeps-what-is-ours": closing(func(s *saboteur, ctx context.Context, k provider.Key, r provider.Ref) (provider.Order, error) {
		f, err := s.track(ctx, provider.Trace{Ref: r})
		for i := range f.Value.Items {
			f.Value.Items[i].State = provider.ItemRefused
		}
		return f.Value, err
	}),
	"close/unknown-order": closing(func(s *saboteur, _ context.Context, _ provider.Key, r provider.Ref) (provider.Order, error) {
		return provider.Order{Ref: r}, nil
	}),
}

func closing(f func(s *saboteur, ctx context.Context, k provider.Key, r provider.Ref) (provider.Order, error)) fault {
	return func(s *saboteur, _ *world) {
		s.closeOrder = func(ctx context.Context, k provider.Key, r provider.Ref) (provider.Order, error) {
			return f(s, ctx, k, r)
		}
	}
}

var settleFaults = map[string]fault{
	"orders/lost-answer-is-unknown": failing(func(err *error) { outcome(err, provider.NotApplied) }),
	"orders/is-sent-once":           func(s *saboteur, _ *world) { twice(&s.place) },
	"orders/lost-answer-is-found":   trackingOf(func(provider.Trace) bool { return true }),
	"orders/found-by-key":           trackingOf(func(t provider.Trace) bool { return len(t.Numbers) == 0 }),
	"orders/found-by-reference":     trackingOf(func(t provider.Trace) bool { return t.Key == "" }),
	"orders/never-arrived-is-not-found": tracking(func(x *provider.Finding[provider.Order]) {
		if x.Verdict == provider.Absent {
			x.Verdict = provider.Found
		}
	}),
	"orders/late-is-found-in-time": trackingOf(func(provider.Trace) bool { return true }),
	"orders/repeat-of-a-key":       rekeyed,
	"orders/key-of-another-order":  rekeyed,
	"orders/unused-key-is-not-found": func(s *saboteur, _ *world) {
		var last provider.Order
		after(&s.place, func(o *provider.Order, _ *error) { last = *o })
		after(&s.track, func(x *provider.Finding[provider.Order], _ *error) { *x = provider.FoundAs(last, x.AsOf) })
	},
	"orders/stale-look": func(s *saboteur, w *world) {
		trackingOf(func(t provider.Trace) bool { return w.Now().Sub(t.Since) > s.caps().Traits.Horizon })(s, w)
	},
	"orders/stale-look-says-when": tracking(func(x *provider.Finding[provider.Order]) {
		if x.Verdict == provider.Absent {
			x.AsOf = x.AsOf.Add(time.Minute)
		}
	}),
	"orders/hung-is-unknown": failing(func(err *error) { outcome(err, provider.NotApplied) }),
	"orders/throttled":       failing(func(err *error) { change(err, func(e *provider.Error) { e.After = 0 }) }),
	"holds/keeps":            holding(func(h *provider.Hold) { h.Until = h.Said.At }),
	"holds/lost-answer-is-found": func(s *saboteur, _ *world) {
		after(&s.trackHold, lost[[]provider.Hold])
	},
	"holds/never-arrived-is-absent": func(s *saboteur, _ *world) {
		after(&s.trackHold, func(x *provider.Finding[[]provider.Hold], _ *error) { x.Verdict = provider.Found })
	},
	"holds/taken-number": func(s *saboteur, _ *world) {
		old := s.hold
		s.hold = func(ctx context.Context, k provider.Key, ns []nanp.Number) ([]provider.Hold, error) {
			hs, err := old(ctx, k, ns)
			change(&err, func(e *provider.Error) { e.Number = 0 })
			return hs, err
		}
	},
	"holds/lets-go": func(s *saboteur, _ *world) { s.unhold = func(context.Context, provider.Ref) error { return nil } },
	"holds/unknown": func(s *saboteur, _ *world) { s.unhold = func(context.Context, provider.Ref) error { return nil } },
}

// rekeyed gives every call a key of its own.
func rekeyed(s *saboteur, _ *world) {
	calls := 0
	before(&s.place, func(r *provider.OrderRequest) {
		if calls++; calls > 1 {
			r.Key = "own-" + r.Key
		}
	})
	after(&s.place, func(_ *provider.Order, err *error) {
		change(err, func(e *provider.Error) { *e = *no(provider.Conflict) })
	})
}

func holding(f func(*provider.Hold)) fault {
	return func(s *saboteur, _ *world) {
		old := s.hold
		s.hold = func(ctx context.Context, k provider.Key, ns []nanp.Number) ([]provider.Hold, error) {
			hs, err := old(ctx, k, ns)
			for i := range hs {
				f(&hs[i])
			}
			return hs, err
		}
	}
}
