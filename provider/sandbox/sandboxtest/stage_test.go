package sandboxtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
)

// What is armed strikes once, in order, at its operation only.
func TestFail(t *testing.T) {
	s := sandboxtest.New(t, sandbox.Config{})
	caps, ctx := s.Carrier.Capabilities(), context.Background()
	first, second := s.Fail(provider.OpOwned, providertest.Throttled), s.Fail(provider.OpOwned, providertest.ReplyLost)
	_, err := caps.Search.Search(ctx, provider.SearchRequest{State: "AR"})
	require.NoError(t, err)
	require.False(t, first())
	for _, want := range []provider.Kind{provider.RateLimited, provider.Unavailable, provider.NotFound} {
		_, err = caps.Owned.Owned(ctx, 0)
		require.ErrorIs(t, err, want)
		require.True(t, first())
		require.Equal(t, want != provider.RateLimited, second())
	}
}

// The clock moves when it is told to, and the truth is that of the ledger.
func TestTruth(t *testing.T) {
	s := sandboxtest.New(t, sandbox.Config{})
	w := s.World(s.Carrier)
	begin := w.Now()
	w.Advance(time.Hour)
	require.Equal(t, begin.Add(time.Hour), s.Now())
	require.Zero(t, w.Made(provider.OpPlace))
	require.Empty(t, w.Ours())
	o := s.Happen()
	require.True(t, o.Settled())
	require.Equal(t, 1, w.Made(provider.OpPlace))
	require.Equal(t, o.Items[0].Number, w.Ours()[0])
	require.NotEqual(t, o.Items[0].Number, s.Happen().Items[0].Number)

	// An order that is refused as a whole has no effect.
	r := provider.OrderRequest{Key: "k", Lines: []provider.OrderLine{{Number: w.Taken()}}}
	refused, err := s.Carrier.Capabilities().Orders.Place(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, provider.ItemRefused, refused.Items[0].State)
	require.Equal(t, 2, w.Made(provider.OpPlace))

	a, b := w.Taken(), w.Taken()
	require.NotEqual(t, a, b)
	for _, n := range append(w.Elsewhere.One, w.Elsewhere.Not...) {
		require.NotContains(t, []any{a, b}, n)
	}
	require.GreaterOrEqual(t, len(w.Elsewhere.One), 3)
	require.Len(t, w.Elsewhere.Two, 2)
	require.NotEmpty(t, w.Elsewhere.Not)
}

// A stage that has chaos of its own is hostile, and cannot make a certain call fail.
func TestHostileStage(t *testing.T) {
	chaos := sandbox.Hostile(1)
	s := sandboxtest.New(t, sandbox.Config{Chaos: chaos})
	w := s.World(s.Carrier)
	require.True(t, w.Hostile)
	require.Nil(t, w.Fail)
	require.Contains(t, chaos.Rates, sandbox.Throttled, "the caller's chaos was changed")
	require.Equal(t, s.Now(), w.Now())
}
