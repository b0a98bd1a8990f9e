package providertest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
)

// fault spoils a carrier that is right.
type fault func(s *saboteur, w *world)

// configs are for cases that the default carrier does not run.
var configs = map[string]sandbox.Config{
	"search/kind-not-sold": {Kinds: []provider.NumberKind{provider.Local}},
	"search/says-until":    {RecentSearch: 1 << 40},
}

// newWorld is a carrier that keeps every promise: the simulated one, behind what
// only an adapter has, credentials.
func newWorld(t testing.TB, cfg sandbox.Config) (*saboteur, world) {
	stage := sandboxtest.New(t, cfg)
	var refusing atomic.Bool
	p := provider.Intercept(func(ctx context.Context, c provider.Call, next func(context.Context) error) error {
		if refusing.Load() && c.Op != provider.OpDecodeHook {
			return &provider.Error{Op: c.Op, Provider: c.Provider, Kind: provider.Unauthorized, Outcome: provider.NotApplied}
		}
		return next(ctx)
	})(stage.Carrier)
	s := sabotaged(p)
	w := stage.World(stage.Carrier)
	w.Provider = s
	w.Unauthorize = func() { refusing.Store(true) }
	return s, w
}

func harness(cfg sandbox.Config, spoil fault) providertest.Harness {
	return providertest.Harness{New: func(t testing.TB) providertest.World {
		s, w := newWorld(t, cfg)
		if spoil != nil {
			spoil(s, &w)
		}
		return w
	}}
}

// faults are the carriers that break each case: what follows a blank tells those of
// one case apart.
func faults() map[string][]fault {
	all := map[string][]fault{}
	for _, m := range []map[string]fault{callFaults, searchFaults, orderFaults, settleFaults, ownedFaults, nameFaults, emergencyFaults, removalFaults, portFaults, hookFaults} {
		for name, f := range m {
			id, _, _ := strings.Cut(name, " ")
			all[id] = append(all[id], f)
		}
	}
	return all
}

// Each MUST is able to fail: it finds the carrier that breaks it.
func TestCasesFindSaboteurs(t *testing.T) {
	all := faults()
	for _, c := range providertest.Cases() {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			if c.Level == providertest.SHOULD && len(all[c.ID]) == 0 {
				return
			}
			require.NotEmpty(t, all[c.ID], "no carrier breaks it")
			good := c.Run(t.Context(), harness(configs[c.ID], nil))
			require.False(t, good.Failed, "a carrier without a fault fails: %v", good.Log)
			for _, spoil := range all[c.ID] {
				bad := c.Run(t.Context(), harness(configs[c.ID], spoil))
				require.Empty(t, bad.NotRun, "it is not run")
				t.Log(bad.Log)
				require.True(t, bad.Failed, "it does not find the carrier that breaks it")
				for _, line := range bad.Log {
					require.NotContains(t, line, "panic: runtime error: invalid memory address", "it fails for another reason")
				}
			}
		})
	}
	for id := range all {
		require.True(t, slices.ContainsFunc(providertest.Cases(), func(c providertest.Case) bool { return c.ID == id }), id)
	}
}

// after spoils what a method answers.
func after[A, R any](f *func(context.Context, A) (R, error), spoil func(r *R, err *error)) {
	old := *f
	*f = func(ctx context.Context, a A) (R, error) {
		r, err := old(ctx, a)
		spoil(&r, &err)
		return r, err
	}
}

// before spoils what a method is asked.
func before[A, R any](f *func(context.Context, A) (R, error), spoil func(a *A)) {
	old := *f
	*f = func(ctx context.Context, a A) (R, error) {
		spoil(&a)
		return old(ctx, a)
	}
}

// twice sends again what has an unknown outcome.
func twice[A, R any](f *func(context.Context, A) (R, error)) {
	old := *f
	*f = func(ctx context.Context, a A) (R, error) {
		r, err := old(ctx, a)
		if err != nil && provider.OutcomeOf(err) == provider.OutcomeUnknown {
			_, _ = old(ctx, a)
		}
		return r, err
	}
}

// outcome makes every error claim an outcome.
func outcome(err *error, o provider.Outcome) {
	var p *provider.Error
	var f *provider.FieldError
	if errors.As(*err, &p) {
		e := *p
		e.Outcome = o
		*err = &e
	} else if errors.As(*err, &f) {
		*err = &provider.Error{Kind: provider.Invalid, Outcome: o}
	}
}

// forget swallows an error of a kind.
func forget(err *error, k provider.Kind) {
	if errors.Is(*err, k) {
		*err = nil
	}
}

// change makes every error another one.
func change(err *error, f func(*provider.Error)) {
	var p *provider.Error
	if errors.As(*err, &p) {
		e := *p
		f(&e)
		*err = &e
	}
}

// lost never finds anything.
func lost[T any](f *provider.Finding[T], _ *error) {
	f.Verdict = provider.Absent
	var none T
	f.Value = none
}

// offers changes what is offered.
func offers(f func(*provider.Capabilities)) fault {
	return func(s *saboteur, _ *providertest.World) {
		old := s.caps
		s.caps = func() provider.Capabilities {
			c := old()
			f(&c)
			return c
		}
	}
}

var notThere = &provider.Error{Kind: provider.NotFound, Outcome: provider.NotApplied}

func no(k provider.Kind) *provider.Error {
	return &provider.Error{Kind: k, Outcome: provider.NotApplied}
}
