package sandbox

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Any sequence of calls, with any faults: what the carrier says through the
// contract is what its book says, no key is applied twice, no number is sold
// twice, and the ledger replays to the same.
func TestAnySequenceOfCallsKeepsTheBookTrue(t *testing.T) {
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(t *rapid.T) {
		clk := newClock()
		files++
		var fault Fault // of the next call
		cfg := Config{
			Seed: rapid.Uint64Range(0, 3).Draw(t, "seed"), Now: clk.Now, Ledger: fmt.Sprintf("%s/%d", dir, files),
			WholeOrders: rapid.Bool().Draw(t, "whole"), Instant: rapid.IntRange(0, 4).Draw(t, "instant") == 0,
			Chaos: Chaos{Script: func(provider.Op, provider.Key, int) Fault { return fault }},
		}
		c, err := New(cfg)
		require.NoError(t, err)
		defer func() { _ = c.Close() }()
		caps := c.Capabilities()
		var ns []nanp.Number
		for n := nanp.MustParse("5012170000"); len(ns) < 8; n, _ = n.Next() {
			if c.sells(n) {
				ns = append(ns, n)
			}
		}
		ctx := context.Background()
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(ns), 1, 4, rapid.ID[nanp.Number])
		key := func(kind string) provider.Key {
			return provider.Key(rapid.SampledFrom([]string{"1", "2", "3", "4", "5"}).Draw(t, kind) + kind)
		}
		faults := append([]Fault{Polite, Polite, Polite, Polite}, ReplyLost, FailedBefore, LostBefore, Throttled, DeliveredLate, Taken, Backordered)
		with := func(call func()) {
			fault = rapid.SampledFrom(faults).Draw(t, "fault")
			call()
			fault = Polite
		}
		check := func(*rapid.T) {
			now := clk.Now()
			b := c.Book()
			require.Empty(t, b.Doubled())
			var listed []nanp.Number
			for o, err := range provider.All(ctx, caps.Owned.ListOwned) {
				require.NoError(t, err)
				listed = append(listed, o.Number)
			}
			require.Equal(t, b.OwnedAt(now), listed)

			// Ours is the sum of what the orders say is live or assigned.
			var live []nanp.Number
			charges := 0
			for _, o := range b.Orders {
				require.Equal(t, 1, b.Applied(o.Op, o.Key))
				for _, l := range o.Lines {
					if o.Op == provider.OpPlace && l.State != provider.ItemRefused {
						charges++
					}
				}
				if o.Op != provider.OpPlace {
					continue
				}
				f, err := caps.Orders.Track(ctx, provider.Trace{Key: o.Key})
				require.NoError(t, err)
				require.Equal(t, !o.At.After(now), f.Verdict == provider.Found)
				for _, it := range f.Value.Items {
					if it.State == provider.ItemLive || it.State == provider.ItemAssigned {
						live = append(live, it.Number)
					}
				}
			}
			slices.Sort(live)
			require.Equal(t, b.OwnedAt(now), live)
			require.Len(t, b.Charges, charges)
			got, err := caps.Search.Search(ctx, provider.SearchRequest{Exact: ns})
			require.NoError(t, err)
			for _, o := range got.Items {
				require.NotContains(t, b.Owned, o.Number, "for sale, and ours")
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"": check,
			"place": func(*rapid.T) {
				r := ordering(key("o"), some.Draw(t, "numbers")...)
				r.Partial = rapid.Bool().Draw(t, "partial")
				with(func() { _, _ = caps.Orders.Place(ctx, r) })
			},
			"return": func(*rapid.T) {
				r := provider.ReturnRequest{Key: key("r"), Numbers: some.Draw(t, "numbers")}
				with(func() { _, _ = caps.Return.Return(ctx, r) })
			},
			"close": func(*rapid.T) {
				f, err := caps.Orders.Track(ctx, provider.Trace{Key: key("o")})
				require.NoError(t, err)
				with(func() { _, _ = caps.OrderClose.CloseOrder(ctx, key("c"), f.Value.Ref) })
			},
			"hold": func(*rapid.T) {
				with(func() { _, _ = caps.Holds.Hold(ctx, key("h"), some.Draw(t, "numbers")) })
			},
			"unhold": func(*rapid.T) {
				f, err := caps.Holds.TrackHold(ctx, provider.Trace{Key: key("h")})
				require.NoError(t, err)
				for _, h := range f.Value {
					with(func() { _ = caps.Holds.Unhold(ctx, h.Ref) })
				}
			},
			"wait": func(*rapid.T) {
				clk.add(time.Duration(rapid.IntRange(1, 90_000).Draw(t, "ms")) * time.Millisecond)
			},
			"wait long": func(*rapid.T) { clk.add(rest) },
			"restart": func(*rapid.T) {
				before := c.Book()
				require.NoError(t, c.Close())
				read, err := ReadLedger(cfg.Ledger)
				require.NoError(t, err)
				require.Equal(t, before, read)
				c, err = New(cfg)
				require.NoError(t, err)
				caps = c.Capabilities()
				require.Equal(t, before, c.Book())
			},
		})
		// Once everything has had its time, everything has settled.
		clk.add(cfg.Horizon + backorder + time.Hour)
		check(t)
		b := c.Book()
		require.Equal(t, b.Owned, b.OwnedAt(clk.Now()))
		for _, o := range b.Orders {
			if o.Op == provider.OpPlace {
				f, err := caps.Orders.Track(ctx, provider.Trace{Key: o.Key})
				require.NoError(t, err)
				require.True(t, f.Value.Settled())
			}
		}
	})
}

// Cursors survive the journey, and none works with another request.
func TestCursorsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := nanp.Make(501, nanp.NXX(rapid.IntRange(212, 310).Draw(t, "nxx")), rapid.IntRange(0, 9999).Draw(t, "line"))
		require.NoError(t, err)
		sum := rapid.Uint64().Draw(t, "sum")
		s := encodeCursor(n, sum)
		got, err := decodeCursor(s, sum)
		require.NoError(t, err)
		require.Equal(t, n, got)
		_, err = decodeCursor(s, sum+1)
		require.Error(t, err)
		b := []byte(s)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		_, err = decodeCursor(string(b), sum)
		require.Error(t, err)
	})
}
