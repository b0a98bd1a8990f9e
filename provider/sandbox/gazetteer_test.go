package sandbox

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
)

func TestPlacesAreListedOverBothFaces(t *testing.T) {
	c, err := New(Config{PageMax: 3})
	require.NoError(t, err)
	srv := httptest.NewServer(c.Handler())
	defer srv.Close()
	dialled, err := Dial(t.Context(), srv.URL, DialConfig{})
	require.NoError(t, err)
	want := map[provider.Place]bool{}
	for _, p := range Places() {
		if p.State == "AR" {
			want[provider.Place{State: p.State, City: p.City, RateCenter: p.RateCenter, NPA: p.NPA}] = true
		}
	}
	require.Greater(t, len(want), 3, "more than one page")
	for _, carrier := range []provider.Provider{c, dialled} {
		g := carrier.Capabilities().Places
		got := map[provider.Place]bool{}
		for p, err := range provider.All(t.Context(), func(ctx context.Context, p provider.Page) (provider.Result[provider.Place], error) {
			return g.Places(ctx, "AR", p)
		}) {
			require.NoError(t, err)
			require.False(t, got[p], "twice")
			got[p] = true
		}
		require.Equal(t, want, got)
		nowhere, err := g.Places(t.Context(), "XX", provider.Page{})
		require.NoError(t, err)
		require.Empty(t, nowhere.Items)
		for _, bad := range []provider.Page{{Cursor: "x"}, {Cursor: "-1"}, {Limit: -1}} {
			_, err = g.Places(t.Context(), "AR", bad)
			require.ErrorIs(t, err, provider.Invalid)
		}
		behind, err := g.Places(t.Context(), "AR", provider.Page{Cursor: "100000"})
		require.NoError(t, err)
		require.Empty(t, behind.Items)
	}
}
