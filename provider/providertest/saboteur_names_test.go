package providertest_test

import (
	"context"
	"sync"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// names spoils the items of every name order that is shown.
func (s *saboteur) names(f func(*provider.NameItem)) {
	spoil := func(o *provider.NameOrder) {
		for i := range o.Items {
			f(&o.Items[i])
		}
	}
	after(&s.setName, func(o *provider.NameOrder, _ *error) { spoil(o) })
	after(&s.trackName, func(x *provider.Finding[provider.NameOrder], _ *error) { spoil(&x.Value) })
}

// accepted hides that a name was refused.
func accepted(s *saboteur, _ *world) {
	s.names(func(it *provider.NameItem) {
		if it.State == provider.NameRefused {
			it.State, it.Err = provider.NameWaiting, nil
		}
	})
}

var nameFaults = map[string]fault{
	"names/lists": func(s *saboteur, _ *world) {
		s.names(func(it *provider.NameItem) { it.State = provider.NameReadBack })
	},
	"names/never-ahead-of-the-carrier": func(s *saboteur, _ *world) {
		s.names(func(it *provider.NameItem) {
			if it.State == provider.NameWaiting {
				it.State, it.Name = provider.NameListed, "RIVER BAKERY"
			}
		})
	},
	"names/reads": func(s *saboteur, _ *world) {
		after(&s.readName, func(it *provider.NameItem, _ *error) { it.Name = "" })
	},
	"names/removes": func(s *saboteur, _ *world) {
		old := s.setName
		s.setName = func(ctx context.Context, r provider.NameRequest) (provider.NameOrder, error) {
			if r.Remove {
				r.Remove, r.Name = false, "RIVER BAKERY"
			}
			return old(ctx, r)
		}
	},
	"names/lost-answer-is-found": func(s *saboteur, _ *world) { after(&s.trackName, lost[provider.NameOrder]) },
	"names/never-arrived":        func(s *saboteur, _ *world) { twice(&s.setName) },
	"names/never-arrived shown": func(s *saboteur, _ *world) {
		looking(&s.trackName, func(_ context.Context, t provider.Trace, f *provider.Finding[provider.NameOrder]) {
			if f.Verdict == provider.Absent {
				*f = provider.FoundAs(provider.NameOrder{Items: []provider.NameItem{{Number: t.Numbers[0], State: provider.NameNone}}}, f.AsOf)
			}
		})
	},
	"names/too-long": func(s *saboteur, _ *world) {
		after(&s.setName, func(_ *provider.NameOrder, err *error) { *err = nil })
		after(&s.readName, func(it *provider.NameItem, _ *error) { it.Name = "RIVER BAKERY AND CO" })
	},
	"names/refuses-invalid": func(s *saboteur, _ *world) {
		after(&s.setName, func(_ *provider.NameOrder, err *error) { outcome(err, provider.OutcomeUnknown) })
	},
	"names/not-ours":  accepted,
	"names/toll-free": accepted,
	"name-lookup/answers": func(s *saboteur, _ *world) {
		after(&s.lookupName, func(c *provider.CallerName, _ *error) { c.Number = 0 })
	},
	"lookup/answers": func(s *saboteur, _ *world) {
		after(&s.lookupNumber, func(c *provider.NumberInfo, _ *error) { c.Number = 0 })
	},
	"lookup/toll-free": func(s *saboteur, _ *world) {
		after(&s.lookupNumber, func(c *provider.NumberInfo, _ *error) { c.Line = provider.LineLandline })
	},
}

func checked(f func(c *provider.AddressCheck)) fault {
	return func(s *saboteur, _ *world) {
		after(&s.checkAddress, func(c *provider.AddressCheck, _ *error) { f(c) })
	}
}

// registrations spoils every registration that is shown.
func (s *saboteur) registrations(f func(*provider.Registration)) {
	spoil := func(r *provider.RegisterResult) {
		for i := range r.Registrations {
			f(&r.Registrations[i])
		}
	}
	after(&s.register, func(r *provider.RegisterResult, _ *error) { spoil(r) })
	after(&s.trackRegistration, func(x *provider.Finding[provider.RegisterResult], _ *error) { spoil(&x.Value) })
	after(&s.registration, func(r *provider.Registration, _ *error) { f(r) })
}

func regTurn(from, to provider.RegState) fault {
	return func(s *saboteur, _ *world) {
		s.registrations(func(r *provider.Registration) {
			if r.State == from {
				r.State = to
			}
		})
	}
}

func registering(f func(r *provider.RegisterRequest, w *world)) fault {
	return func(s *saboteur, w *world) {
		before(&s.register, func(r *provider.RegisterRequest) { f(r, w) })
	}
}

func devices(f func(p *provider.Endpoint)) fault {
	return func(s *saboteur, _ *world) {
		after(&s.listEndpoints, func(r *provider.Result[provider.Endpoint], _ *error) {
			for i := range r.Items {
				f(&r.Items[i])
			}
		})
	}
}

var emergencyFaults = map[string]fault{
	"addresses/good":      checked(func(c *provider.AddressCheck) { c.Grade = provider.Ungraded }),
	"addresses/corrected": checked(func(c *provider.AddressCheck) { c.Corrected = nil }),
	"addresses/ambiguous": checked(func(c *provider.AddressCheck) { c.Candidates = nil }),
	"addresses/bad":       checked(func(c *provider.AddressCheck) { c.Problems = nil }),

	"emergency/registers": regTurn(provider.RegActive, provider.RegWaiting),
	"emergency/never-ahead-of-the-registrar": func(s *saboteur, _ *world) {
		after(&s.register, func(r *provider.RegisterResult, _ *error) {
			for i := range r.Registrations {
				r.Registrations[i].State = provider.RegActive
			}
		})
	},
	"emergency/none": func(s *saboteur, _ *world) {
		after(&s.registration, func(r *provider.Registration, err *error) {
			if r.State == provider.RegNone {
				*err = notThere
			}
		})
	},
	"emergency/bad-address": registering(func(r *provider.RegisterRequest, w *world) { r.Address = w.Addresses.Good }),
	"emergency/ambiguous-address": registering(func(r *provider.RegisterRequest, _ *world) {
		r.Address.PreDir = "N"
	}),
	"emergency/adjusted-is-not-active": regTurn(provider.RegAdjusted, provider.RegActive),
	"emergency/as-given":               registering(func(r *provider.RegisterRequest, _ *world) { r.AsGiven = false }),
	"emergency/unregisters": func(s *saboteur, _ *world) {
		s.unregister = func(context.Context, provider.Key, []nanp.Number) (provider.RegisterResult, error) {
			return provider.RegisterResult{}, nil
		}
	},
	"emergency/lost-answer-is-found": func(s *saboteur, _ *world) {
		after(&s.register, func(_ *provider.RegisterResult, err *error) { outcome(err, provider.NotApplied) })
	},
	"emergency/never-arrived": func(s *saboteur, _ *world) { twice(&s.register) },
	"emergency/never-arrived shown": func(s *saboteur, _ *world) {
		looking(&s.trackRegistration, func(_ context.Context, t provider.Trace, f *provider.Finding[provider.RegisterResult]) {
			if f.Verdict == provider.Absent {
				*f = provider.FoundAs(provider.RegisterResult{Registrations: []provider.Registration{{Number: t.Numbers[0], State: provider.RegNone}}}, f.AsOf)
			}
		})
	},
	"emergency/repeat-of-a-key": func(s *saboteur, _ *world) {
		calls := 0
		before(&s.register, func(r *provider.RegisterRequest) {
			if calls++; calls > 1 {
				r.Key = "own-" + r.Key
			}
		})
	},
	"emergency/moves": func(s *saboteur, _ *world) {
		var mu sync.Mutex
		var first *postal.Civic
		before(&s.register, func(r *provider.RegisterRequest) {
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				a := r.Address
				first = &a
			}
			r.Address = *first
		})
	},
	"emergency/not-ours": func(s *saboteur, _ *world) {
		s.registrations(func(r *provider.Registration) {
			if r.Err != nil {
				r.State, r.Err = provider.RegWaiting, nil
			}
		})
	},
	"foreign/emergency": offers(func(c *provider.Capabilities) {
		c.Traits.Foreign = []provider.Capability{provider.CapEmergency}
	}),
	"foreign/names": offers(func(c *provider.Capabilities) { c.Traits.Foreign = []provider.Capability{provider.CapNames} }),

	"endpoints/sets":  devices(func(p *provider.Endpoint) { p.SIPFrom, p.Geolocation = "", "" }),
	"endpoints/moves": func(s *saboteur, _ *world) { before(&s.setEndpoint, func(r *provider.EndpointRequest) { r.Ref = "" }) },
	"endpoints/lists-everything": func(s *saboteur, _ *world) {
		before(&s.listEndpoints, func(p *provider.Page) { p.Cursor = "" })
	},
	"endpoints/bad-address": func(s *saboteur, w *world) {
		before(&s.setEndpoint, func(r *provider.EndpointRequest) { r.Address = w.Addresses.Good })
	},
	"endpoints/lost-answer-is-found": func(s *saboteur, _ *world) { after(&s.trackEndpoint, lost[provider.EndpointResult]) },
	"endpoints/never-arrived":        func(s *saboteur, _ *world) { twice(&s.setEndpoint) },
	"endpoints/removes": func(s *saboteur, _ *world) {
		s.removeEndpoint = func(context.Context, provider.Key, provider.Ref) error { return nil }
	},
}
