package sandbox

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func TestOwned(t *testing.T) {
	both(t, Config{PageMax: 4}, func(d *desk) {
		var ns []nanp.Number
		for _, key := range []provider.Key{"k1", "k2", "k3"} {
			got := d.find(4)
			slices.Reverse(got)
			d.buy(key, got...)
			ns = append(ns, got...)
		}
		slices.Sort(ns)
		_, err := d.Orders.Place(ctxOf(d.T), ordering("k4", d.find(1)...))
		require.NoError(d, err)

		var listed []nanp.Number
		for o, err := range provider.All(ctxOf(d.T), d.Owned.ListOwned) {
			require.NoError(d, err)
			require.Equal(d, provider.ItemLive, o.State)
			listed = append(listed, o.Number)
		}
		require.Equal(d, ns, listed, "what waits is not ours yet")
		o, err := d.Owned.Owned(ctxOf(d.T), ns[0])
		require.NoError(d, err)
		require.Equal(d, "k1", o.Tag)
		require.NotEmpty(d, o.Ref)
		require.Equal(d, d.clk.Now(), o.Said.At)
		for _, n := range []nanp.Number{0, d.find(1)[0]} {
			_, err = d.Owned.Owned(ctxOf(d.T), n)
			fails(d, err, provider.NotFound, provider.NotApplied)
		}
		for _, p := range []provider.Page{{Limit: -1}, {Cursor: "xyz"}} {
			_, err = d.Owned.ListOwned(ctxOf(d.T), p)
			fails(d, err, provider.Invalid, provider.NotApplied)
		}
	})
}

func TestRouting(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(2)
		d.buy("k1", ns[0])
		for range 2 {
			got, err := d.Routing.Route(ctxOf(d.T), provider.RouteRequest{Key: "k2", Numbers: ns[:1], To: "trunk-1"})
			require.NoError(d, err)
			require.Equal(d, "trunk-1", got[0].Route)
		}
		_, err := d.Routing.Route(ctxOf(d.T), provider.RouteRequest{Key: "k3", Numbers: ns, To: "trunk-2"})
		require.Equal(d, ns[1], fails(d, err, provider.NotYours, provider.NotApplied).Number)
		o, err := d.Owned.Owned(ctxOf(d.T), ns[0])
		require.NoError(d, err)
		require.Equal(d, "trunk-1", o.Route, "all or none")
		for _, r := range []provider.RouteRequest{{Key: "k4", To: "x"}, {Key: "", Numbers: ns[:1]}, {Key: "k4", Numbers: ns[:1], To: strings.Repeat("x", 257)}, {Key: "k4", Numbers: []nanp.Number{ns[0], ns[0]}}, {Key: "k4", Numbers: []nanp.Number{0}}} {
			_, err := d.Routing.Route(ctxOf(d.T), r)
			fails(d, err, provider.Invalid, provider.NotApplied)
		}
	})
}

func TestReturns(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(3)
		d.buy("k1", ns[:2]...)
		_, err := d.Routing.Route(ctxOf(d.T), provider.RouteRequest{Key: "k2", Numbers: ns[:1], To: "trunk-1"})
		require.NoError(d, err)
		o, err := d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: []nanp.Number{ns[0], ns[2]}})
		require.NoError(d, err)
		require.Equal(d, []provider.ItemState{provider.ItemWaiting, provider.ItemRefused}, states(o))
		require.ErrorIs(d, o.Items[1].Err, provider.NotYours)
		_, err = d.Owned.Owned(ctxOf(d.T), ns[0])
		require.NoError(d, err, "ours until it is gone")
		again, err := d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: []nanp.Number{ns[2], ns[0]}})
		require.NoError(d, err)
		require.Equal(d, o.Ref, again.Ref)
		_, err = d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: ns[:2]})
		fails(d, err, provider.Conflict, provider.NotApplied)
		twice, err := d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r2", Numbers: ns[:1]})
		require.NoError(d, err)
		require.ErrorIs(d, twice.Items[0].Err, provider.Conflict)

		d.clk.add(o.Again)
		f, err := d.Return.TrackReturn(ctxOf(d.T), provider.Trace{Key: "r1"})
		require.NoError(d, err)
		require.Equal(d, provider.Found, f.Verdict)
		require.Equal(d, provider.ItemGone, f.Value.Items[0].State)
		require.True(d, f.Value.Settled())
		require.Equal(d, provider.ItemGone, d.track("k1").Value.Items[0].State)
		_, err = d.Owned.Owned(ctxOf(d.T), ns[0])
		fails(d, err, provider.NotFound, provider.NotApplied)
		f, err = d.Return.TrackReturn(ctxOf(d.T), provider.Trace{Key: "r9"})
		require.NoError(d, err)
		require.Equal(d, provider.Absent, f.Verdict)
		require.Equal(d, ns[1:2], d.c.Book().Owned)

		// It rests, and is then for sale again, without the route of its former life.
		refused, err := d.Orders.Place(ctxOf(d.T), ordering("k3", ns[0]))
		require.NoError(d, err)
		require.ErrorIs(d, refused.Items[0].Err, provider.NumberTaken)
		d.clk.add(rest)
		d.buy("k4", ns[0])
		back, err := d.Owned.Owned(ctxOf(d.T), ns[0])
		require.NoError(d, err)
		require.Empty(d, back.Route)
		require.Equal(d, "k4", back.Tag)
		require.Empty(d, d.c.Book().Doubled(), "bought again after it was gone")
	})
	both(t, Config{Keying: provider.ByThing}, func(d *desk) {
		ns := d.find(2)
		d.buy("k1", ns...)
		trace := provider.Trace{Key: "r1", Numbers: ns[:1]}
		f, err := d.Return.TrackReturn(ctxOf(d.T), trace)
		require.NoError(d, err)
		require.Equal(d, provider.Absent, f.Verdict)
		_, err = d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: ns[:1]})
		require.NoError(d, err)
		f, err = d.Return.TrackReturn(ctxOf(d.T), trace)
		require.NoError(d, err)
		require.Equal(d, provider.Found, f.Verdict)
		require.Equal(d, provider.ItemWaiting, f.Value.Items[0].State)
		d.clk.add(f.Value.Again)
		f, err = d.Return.TrackReturn(ctxOf(d.T), trace)
		require.NoError(d, err)
		require.Equal(d, provider.ItemGone, f.Value.Items[0].State)
	})
}

func TestLookup(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		n := d.find(1)[0]
		before, err := d.Lookup.LookupNumber(ctxOf(d.T), n)
		require.NoError(d, err)
		require.Equal(d, "Little Rock", before.City)
		require.Equal(d, "AR", before.State)
		require.NotEqual(d, provider.LineUnknown, before.Line)
		require.Len(d, before.SPID, 4)
		require.True(d, before.LRN.Valid())
		d.buy("k", n)
		after, err := d.Lookup.LookupNumber(ctxOf(d.T), n)
		require.NoError(d, err)
		require.Equal(d, "SBX1", after.SPID)
		free, err := d.Lookup.LookupNumber(ctxOf(d.T), nanp.MustParse("8005551000"))
		require.NoError(d, err)
		require.Equal(d, provider.LineTollFree, free.Line)
		require.NotEmpty(d, free.RespOrg)
		for _, n := range []nanp.Number{0, nanp.MustParse("9005551000"), nanp.MustParse("5015550123")} {
			_, err = d.Lookup.LookupNumber(ctxOf(d.T), n)
			fails(d, err, provider.NotFound, provider.NotApplied)
		}
	})
}

func TestTraitsSayWhatIsNotOffered(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		require.Equal(d, "Sandbox", d.Traits.Name)
		require.Equal(d, provider.ID("sandbox"), d.p.ID())
		set, err := provider.NewSet(d.p)
		require.NoError(d, err)
		_, _, err = provider.Pick[provider.Orderer](set, "sandbox")
		require.NoError(d, err)
		for _, c := range provider.AllCapabilities() {
			why, noted := d.Traits.Why[c]
			require.Equal(d, !slices.Contains(d.Offered(), c), noted && !why.Can, "%s: what is not offered has a reason", c)
			require.Equal(d, noted, why.Reason != "", c)
		}
		require.Equal(d, provider.Once, d.Traits.Keyed[provider.CapOrders])
		require.Equal(d, time.Minute, d.Traits.Usual[provider.CapOrders])
		require.Equal(d, 2*time.Minute, d.Traits.Horizon)
		require.True(d, d.Traits.Sells(provider.TollFree) && d.Traits.Applies(provider.ByCity))
		require.Equal(d, d.c.Capabilities().Traits, d.Traits)
	})
}

func TestEndedCallsAreNotApplied(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(1)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := d.Orders.Place(ctx, ordering("k1", ns...))
		fails(d, err, provider.Unavailable, provider.NotApplied)
		require.ErrorIs(d, err, context.Canceled)
		_, err = d.Search.Search(ctx, arkansas)
		fails(d, err, provider.Unavailable, provider.NotApplied)
		require.Empty(d, d.c.Book().Events)

		require.NoError(d, d.c.Close())
		_, err = d.Orders.Place(ctxOf(d.T), ordering("k1", ns...))
		fails(d, err, provider.Unavailable, provider.NotApplied)
	})
}

func TestConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]Config{
		"id":        {ID: "No Good"},
		"speed":     {Speed: -1},
		"page":      {PageMax: -1},
		"lines":     {OrderLines: maxLines + 1},
		"keying":    {Keying: provider.Once + 1},
		"kind":      {Kinds: []provider.NumberKind{7}},
		"horizon":   {Horizon: -1},
		"state":     {Stock: []Place{{State: "XX", NPA: 501, NXX: 217}}},
		"code":      {Stock: []Place{{State: "AR", NPA: 501, NXX: 111}}},
		"twice":     {Stock: []Place{{State: "AR", NPA: 501, NXX: 217}, {State: "AR", NPA: 501, NXX: 217}}},
		"unsold":    {Stock: []Place{{State: "AR", NPA: 501, NXX: 555}}},
		"fault":     {Chaos: Chaos{Rates: map[Fault]float64{"flood": 1}}},
		"rate":      {Chaos: Chaos{Rates: map[Fault]float64{Hung: 1.5}}},
		"attempts":  {Chaos: Chaos{MaxAttempt: -1}},
		"directory": {Ledger: t.TempDir()},
	} {
		_, err := New(cfg)
		require.ErrorContains(t, err, "sandbox: ", name)
	}
	c, err := New(Config{})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
}
