package providertest_test

import (
	"context"
	"fmt"

	"github.com/numberdesk/numberdesk/provider"
)

// looking spoils a look at a removal, or at what was set.
func looking[T any](track *func(context.Context, provider.Trace) (provider.Finding[T], error), spoil func(ctx context.Context, t provider.Trace, f *provider.Finding[T])) {
	old := *track
	*track = func(ctx context.Context, t provider.Trace) (provider.Finding[T], error) {
		f, err := old(ctx, t)
		spoil(ctx, t, &f)
		return f, err
	}
}

// unremoved never finds a removal.
func unremoved[T any](_ context.Context, t provider.Trace, f *provider.Finding[T]) {
	if t.Removal {
		lost(f, nil)
	}
}

var removalFaults = map[string]fault{
	"names/lost-removal-is-found": func(s *saboteur, _ *world) { looking(&s.trackName, unremoved) },
	"names/removal-never-arrived": func(s *saboteur, _ *world) { twice(&s.setName) },
	"names/removed-stays-removed": func(s *saboteur, _ *world) {
		looks := 0
		looking(&s.trackName, func(ctx context.Context, t provider.Trace, _ *provider.Finding[provider.NameOrder]) {
			if looks++; !t.Removal {
				_, _ = s.setName(ctx, provider.NameRequest{Key: provider.Key(fmt.Sprint("again-", looks)), Name: "RIVER BAKERY", Numbers: t.Numbers})
			}
		})
	},
	"emergency/lost-removal-is-found": func(s *saboteur, _ *world) {
		looking(&s.trackRegistration, func(_ context.Context, t provider.Trace, f *provider.Finding[provider.RegisterResult]) {
			for i := range f.Value.Registrations {
				f.Value.Registrations[i].State = provider.RegActive
			}
		})
	},
	"emergency/removal-never-arrived": func(s *saboteur, w *world) {
		looking(&s.trackRegistration, func(ctx context.Context, t provider.Trace, f *provider.Finding[provider.RegisterResult]) {
			if t.Removal && f.Verdict == provider.Absent {
				_, _ = s.unregister(ctx, "again-"+t.Key, t.Numbers)
			}
		})
	},
	"emergency/removed-stays-removed": func(s *saboteur, w *world) {
		looking(&s.trackRegistration, func(ctx context.Context, t provider.Trace, _ *provider.Finding[provider.RegisterResult]) {
			_, _ = s.register(ctx, provider.RegisterRequest{Key: "again-" + t.Key, Numbers: t.Numbers, Address: w.Addresses.Good})
		})
	},
	"endpoints/lost-removal-is-found": func(s *saboteur, _ *world) { looking(&s.trackEndpoint, unremoved) },
	"endpoints/removal-never-arrived": func(s *saboteur, _ *world) {
		looking(&s.trackEndpoint, func(_ context.Context, t provider.Trace, f *provider.Finding[provider.EndpointResult]) {
			if t.Removal {
				*f = provider.FoundAs(provider.EndpointResult{Endpoint: provider.Endpoint{Ref: t.Ref, State: provider.RegNone}}, f.AsOf)
			}
		})
	},
	"endpoints/removed-stays-removed": func(s *saboteur, w *world) {
		looking(&s.trackEndpoint, func(ctx context.Context, t provider.Trace, _ *provider.Finding[provider.EndpointResult]) {
			_, _ = s.setEndpoint(ctx, provider.EndpointRequest{Key: "again-" + t.Key, Label: "laptop", Address: w.Addresses.Good})
		})
	},
}
