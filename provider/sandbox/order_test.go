package sandbox

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func TestAnOrderSettlesByTheClock(t *testing.T) {
	both(t, Config{Seed: 3}, func(d *desk) {
		ns := d.find(40)
		start := d.clk.Now()
		o, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns...))
		require.NoError(d, err)
		require.Equal(d, provider.Key("k1"), o.Key)
		require.NotEmpty(d, o.Ref)
		require.Equal(d, provider.Said{By: "sandbox", Raw: "open", Request: o.Said.Request, At: start}, o.Said)
		for _, it := range o.Items {
			require.Equal(d, provider.ItemWaiting, it.State)
			require.Empty(d, it.Owned)
		}
		assigned, changed := map[nanp.Number]time.Duration{}, map[nanp.Number]time.Duration{}
		for {
			require.GreaterOrEqual(d, o.Again, time.Millisecond)
			d.clk.add(o.Again)
			f := d.track("k1")
			require.Equal(d, provider.Found, f.Verdict)
			require.Equal(d, d.clk.Now(), f.AsOf)
			o = f.Value
			after := d.clk.Now().Sub(start)
			moved := false
			for _, it := range o.Items {
				switch it.State {
				case provider.ItemAssigned:
					if assigned[it.Number] == 0 {
						assigned[it.Number], moved = after, true
					}
				case provider.ItemLive:
					if changed[it.Number] == 0 {
						changed[it.Number], moved = after, true
					}
					require.NotEmpty(d, it.Owned)
					require.Equal(d, provider.Raw("active"), it.Said.Raw)
				}
			}
			require.True(d, moved, "Again tells when something changes")
			if o.Settled() {
				break
			}
		}
		require.Zero(d, o.Again)
		require.Equal(d, provider.Raw("complete"), o.Said.Raw)
		require.Len(d, changed, 40)
		for n, after := range changed {
			require.True(d, after >= settleMin && after <= settleMax+time.Millisecond, "%v after %v", n, after)
			if assigned[n] != 0 {
				require.Less(d, assigned[n], after)
			}
		}
		require.NotEmpty(d, assigned, "some are assigned before they are live")
		require.Less(d, len(assigned), 40)
		require.Equal(d, ns, d.c.Book().Owned)
	})
}

func TestSpeedScalesEverythingThatTakesTime(t *testing.T) {
	d := open(t, Config{Speed: 60})
	require.Equal(t, time.Second, d.Traits.Usual[provider.CapOrders])
	require.Equal(t, 2*time.Second, d.Traits.Horizon)
	o, err := d.Orders.Place(ctxOf(t), ordering("k1", d.find(1)...))
	require.NoError(t, err)
	require.LessOrEqual(t, o.Again, time.Second)
	d.clk.add(time.Second)
	f := d.track("k1")
	require.True(t, f.Value.Settled())
	h, err := d.Holds.Hold(ctxOf(t), "k2", d.find(1))
	require.NoError(t, err)
	require.Equal(t, d.clk.Now().Add(15*time.Second), h[0].Until)

	d = open(t, Config{Instant: true})
	o, err = d.Orders.Place(ctxOf(t), ordering("k1", d.find(3)...))
	require.NoError(t, err)
	require.True(t, o.Settled())
	require.Equal(t, provider.ItemLive, o.Items[2].State)
}

func TestOnceBooksAKeyOnce(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(3)
		first, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns[:2]...))
		require.NoError(d, err)
		again, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns[1], ns[0]))
		require.NoError(d, err)
		require.Equal(d, first.Ref, again.Ref)
		require.Equal(d, states(first), states(again))
		_, err = d.Orders.Place(ctxOf(d.T), ordering("k1", ns[2]))
		fails(d, err, provider.Conflict, provider.NotApplied)
		require.Equal(d, 1, d.c.Book().Applied(provider.OpPlace, "k1"))
		require.Len(d, d.c.Book().Charges, 2)
		require.Empty(d, d.c.Book().Doubled())
	})
}

func TestLessThanOnceBuysTwice(t *testing.T) {
	for _, k := range []provider.Keying{provider.ByKey, provider.ByThing} {
		both(t, Config{Keying: k}, func(d *desk) {
			require.Equal(d, k, d.Traits.Keyed[provider.CapOrders])
			ns := d.find(2)
			for range 2 {
				_, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns...))
				require.NoError(d, err)
			}
			b := d.c.Book()
			require.Equal(d, 2, b.Applied(provider.OpPlace, "k1"))
			require.Equal(d, ns, b.Doubled())
			require.Equal(d, ns, b.Owned)
			require.Len(d, b.Charges, 4)
		})
	}
}

func TestWhatCannotBeHadIsRefused(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(4)
		d.buy("k1", ns[0])

		whole, err := d.Orders.Place(ctxOf(d.T), ordering("k2", ns[0], ns[1]))
		require.NoError(d, err)
		require.Equal(d, []provider.ItemState{provider.ItemRefused, provider.ItemRefused}, states(whole))
		require.ErrorIs(d, whole.Items[0].Err, provider.NumberTaken)
		require.ErrorIs(d, whole.Items[1].Err, provider.Precondition)
		require.True(d, whole.Settled())

		part, err := d.Orders.Place(ctxOf(d.T), partial(ordering("k3", ns[0], ns[1], nanp.MustParse("212-555-0123"))))
		require.NoError(d, err)
		require.Equal(d, []provider.ItemState{provider.ItemRefused, provider.ItemWaiting, provider.ItemRefused}, states(part))
		require.ErrorIs(d, part.Items[2].Err, provider.NumberTaken)
		require.Equal(d, ns[:2], d.c.Book().Owned)
		require.Len(d, d.c.Book().Charges, 2)
	})
	d := open(t, Config{WholeOrders: true})
	require.False(t, d.Traits.PartialOrders)
	ns := d.find(2)
	d.buy("k1", ns[0])
	o, err := d.Orders.Place(ctxOf(t), partial(ordering("k2", ns...)))
	require.NoError(t, err)
	require.Equal(t, []provider.ItemState{provider.ItemRefused, provider.ItemRefused}, states(o))
}

func TestPlaceRefusesWhatIsNoOrder(t *testing.T) {
	both(t, Config{OrderLines: 2}, func(d *desk) {
		require.Equal(d, 2, d.Traits.OrderLines)
		ns := d.find(3)
		for _, r := range []provider.OrderRequest{ordering("", ns[0]), ordering("a b", ns[0]), ordering("k"), ordering("k", ns...), ordering("k", ns[0], ns[0]), ordering("k", 0)} {
			_, err := d.Orders.Place(ctxOf(d.T), r)
			e := fails(d, err, provider.Invalid, provider.NotApplied)
			require.Len(d, e.Fields, 1)
		}
		require.Empty(d, d.c.Book().Events)
	})
}

func TestTrackFindsByWhatTheCarrierKeeps(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(2)
		o := d.buy("k1", ns[0])
		for _, c := range []struct {
			t    provider.Trace
			want provider.Verdict
		}{
			{provider.Trace{Key: "k1"}, provider.Found},
			{provider.Trace{Ref: o.Ref}, provider.Found},
			{provider.Trace{Key: "other", Ref: o.Ref}, provider.Found},
			{provider.Trace{Numbers: ns[:1]}, provider.Found},
			{provider.Trace{Key: "k2", Numbers: ns[:1]}, provider.Absent},
			{provider.Trace{Ref: "so-none"}, provider.Absent},
			{provider.Trace{Numbers: ns[1:]}, provider.Absent},
			{provider.Trace{}, provider.CannotTell},
		} {
			f, err := d.Orders.Track(ctxOf(d.T), c.t)
			require.NoError(d, err)
			require.Equal(d, c.want, f.Verdict, "%+v", c.t)
			require.Equal(d, d.clk.Now(), f.AsOf)
			if c.want == provider.Found {
				require.Equal(d, ns[0], f.Value.Items[0].Number)
			}
		}
	})
	both(t, Config{Keying: provider.ByThing}, func(d *desk) {
		ns := d.find(3)
		o := d.buy("k1", ns[:2]...)
		require.Empty(d, o.Ref, "this carrier has no orders to name")
		require.Nil(d, d.OrderClose)
		require.NotEmpty(d, d.Traits.Why[provider.CapOrderClose].Reason)
		require.Equal(d, provider.CannotTell, d.track("k1").Verdict)
		require.Equal(d, provider.Absent, d.track("k1", ns[2]).Verdict)
		f := d.track("anything", ns[1], ns[2])
		require.Equal(d, provider.Found, f.Verdict)
		require.Equal(d, []provider.ItemState{provider.ItemLive, provider.ItemRefused}, states(f.Value))
		owned, err := d.Owned.Owned(ctxOf(d.T), ns[0])
		require.NoError(d, err)
		require.Empty(d, owned.Tag)
	})
	both(t, Config{Forgetful: true}, func(d *desk) {
		ns := d.find(1)
		_, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns...))
		require.NoError(d, err)
		f := d.track("k1", ns...)
		require.Equal(d, provider.CannotTell, f.Verdict)
		require.NotEmpty(d, f.Why)
		h, err := d.Holds.TrackHold(ctxOf(d.T), provider.Trace{Key: "k1", Numbers: ns})
		require.NoError(d, err)
		require.Equal(d, provider.CannotTell, h.Verdict)
	})
}

func TestClosingAnOrderRefusesWhatIsOpen(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(20)
		o, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns...))
		require.NoError(d, err)
		d.clk.add(30 * time.Second)
		before := d.track("k1").Value
		closed, err := d.OrderClose.CloseOrder(ctxOf(d.T), "k2", o.Ref)
		require.NoError(d, err)
		refused := 0
		for i, it := range closed.Items {
			switch before.Items[i].State {
			case provider.ItemWaiting:
				require.Equal(d, provider.ItemRefused, it.State)
				require.ErrorIs(d, it.Err, provider.Precondition)
				refused++
			default:
				require.Equal(d, before.Items[i].State, it.State)
			}
		}
		require.NotZero(d, refused)
		require.Less(d, refused, 20)
		d.clk.add(time.Hour)
		again, err := d.OrderClose.CloseOrder(ctxOf(d.T), "k3", o.Ref)
		require.NoError(d, err)
		require.True(d, again.Settled())
		b := d.c.Book()
		require.Len(d, b.Owned, 20-refused)
		require.Len(d, b.Charges, 20-refused)
		require.Zero(d, b.Applied(provider.OpCloseOrder, "k3"), "there was nothing to close")
		_, err = d.OrderClose.CloseOrder(ctxOf(d.T), "k4", "so-none")
		fails(d, err, provider.NotFound, provider.NotApplied)
		// What was closed is for sale again.
		d.buy("k5", closedOf(closed)...)
	})
}

func closedOf(o provider.Order) []nanp.Number {
	var out []nanp.Number
	for _, it := range o.Items {
		if it.State == provider.ItemRefused {
			out = append(out, it.Number)
		}
	}
	return out
}

func TestHolds(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(3)
		hs, err := d.Holds.Hold(ctxOf(d.T), "k1", ns[:2])
		require.NoError(d, err)
		require.Len(d, hs, 2)
		require.Equal(d, d.clk.Now().Add(15*time.Minute), hs[0].Until)
		again, err := d.Holds.Hold(ctxOf(d.T), "k1", ns[:2])
		require.NoError(d, err)
		require.Equal(d, hs[0].Ref, again[0].Ref)
		_, err = d.Holds.Hold(ctxOf(d.T), "k1", ns[2:])
		fails(d, err, provider.Conflict, provider.NotApplied)
		_, err = d.Holds.Hold(ctxOf(d.T), "k2", []nanp.Number{ns[2], ns[1]})
		require.Equal(d, ns[1], fails(d, err, provider.NumberTaken, provider.NotApplied).Number)
		require.Equal(d, 0, d.c.Book().Applied(provider.OpHold, "k2"), "all or none")

		f, err := d.Holds.TrackHold(ctxOf(d.T), provider.Trace{Key: "k1"})
		require.NoError(d, err)
		require.Equal(d, provider.Found, f.Verdict)
		require.Equal(d, hs[1].Ref, f.Value[1].Ref)
		f, err = d.Holds.TrackHold(ctxOf(d.T), provider.Trace{Key: "k2"})
		require.NoError(d, err)
		require.Equal(d, provider.Absent, f.Verdict)

		// Only the hold of the number itself lets it be ordered by hold.
		o, err := d.Orders.Place(ctxOf(d.T), provider.OrderRequest{Key: "k3", Lines: []provider.OrderLine{{Number: ns[0], Hold: hs[1].Ref}}})
		require.NoError(d, err)
		require.ErrorIs(d, o.Items[0].Err, provider.Precondition)
		o, err = d.Orders.Place(ctxOf(d.T), provider.OrderRequest{Key: "k4", Lines: []provider.OrderLine{{Number: ns[0], Hold: hs[0].Ref}}})
		require.NoError(d, err)
		require.Equal(d, provider.ItemWaiting, o.Items[0].State)

		f, err = d.Holds.TrackHold(ctxOf(d.T), provider.Trace{Ref: hs[0].Ref})
		require.NoError(d, err)
		require.Equal(d, d.clk.Now(), f.Value[0].Until, "the order has used it up")
		_, err = d.OrderClose.CloseOrder(ctxOf(d.T), "k6", o.Ref)
		require.NoError(d, err)
		require.Equal(d, ns[0], d.find(1)[0], "closed, and not held")

		require.NoError(d, d.Holds.Unhold(ctxOf(d.T), hs[1].Ref))
		require.NoError(d, d.Holds.Unhold(ctxOf(d.T), hs[1].Ref))
		fails(d, d.Holds.Unhold(ctxOf(d.T), "hd-none"), provider.NotFound, provider.NotApplied)
		require.Equal(d, ns[:2], d.find(2))
		o, err = d.Orders.Place(ctxOf(d.T), provider.OrderRequest{Key: "k5", Lines: []provider.OrderLine{{Number: ns[1], Hold: hs[1].Ref}}})
		require.NoError(d, err)
		require.ErrorIs(d, o.Items[0].Err, provider.Precondition, "the hold has ended")
	})
	both(t, Config{Keying: provider.ByThing}, func(d *desk) {
		ns := d.find(2)
		_, err := d.Holds.Hold(ctxOf(d.T), "k1", ns[:1])
		require.NoError(d, err)
		f, err := d.Holds.TrackHold(ctxOf(d.T), provider.Trace{Key: "k1", Numbers: ns})
		require.NoError(d, err)
		require.Equal(d, provider.Found, f.Verdict)
		d.clk.add(holdTime)
		f, err = d.Holds.TrackHold(ctxOf(d.T), provider.Trace{Key: "k1", Numbers: ns})
		require.NoError(d, err)
		require.Equal(d, provider.Absent, f.Verdict)
	})
}

func TestConcurrentBuyersGetEachNumberOnce(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(20)
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := range ns {
					n := ns[(i+w)%len(ns)]
					_, err := d.Orders.Place(context.Background(), ordering(provider.Key(fmt.Sprintf("w%d-%d", w, i)), n))
					if err != nil {
						d.Error(err)
					}
					_, _ = d.Search.Search(context.Background(), arkansas)
					_, _ = d.Owned.ListOwned(context.Background(), provider.Page{})
					_ = d.c.Book()
				}
			}()
		}
		wg.Wait()
		b := d.c.Book()
		require.Equal(d, ns, b.Owned)
		require.Len(d, b.Charges, 20)
		require.Len(d, b.Orders, 160)
		require.Empty(d, b.Doubled())
	})
}
