package sandbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// What each fault does to an order: what the caller sees, and what is true.
func TestEveryFaultOfACreation(t *testing.T) {
	for _, c := range []struct {
		fault   Fault
		kind    provider.Kind
		outcome provider.Outcome
		applied int
		found   provider.Verdict // at once
	}{
		{Polite, "", 0, 1, provider.Found},
		{ReplyLost, provider.Unavailable, provider.OutcomeUnknown, 1, provider.Found},
		{FailedBefore, provider.Unavailable, provider.NotApplied, 0, provider.Absent},
		{LostBefore, provider.Unavailable, provider.OutcomeUnknown, 0, provider.Absent},
		{Throttled, provider.RateLimited, provider.NotApplied, 0, provider.Absent},
		{Hung, provider.Unavailable, provider.OutcomeUnknown, 0, provider.Absent},
		{HungApplied, provider.Unavailable, provider.OutcomeUnknown, 1, provider.Found},
		{DeliveredLate, provider.Unavailable, provider.OutcomeUnknown, 1, provider.Absent},
		{StaleRead, "", 0, 1, provider.Found}, // makes no sense for a creation
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			both(t, Config{Chaos: once(c.fault, provider.OpPlace)}, func(d *desk) {
				ns := d.find(2)
				ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
				if c.fault != Hung && c.fault != HungApplied {
					cancel()
					ctx, cancel = context.WithTimeout(context.Background(), 20*time.Second)
				}
				defer cancel()
				_, err := d.Orders.Place(ctx, ordering("k1", ns...))
				if c.kind == "" {
					require.NoError(d, err)
				} else {
					e := fails(d, err, c.kind, c.outcome)
					if c.fault == Throttled {
						require.GreaterOrEqual(d, e.After, time.Second)
					}
					if c.fault == Hung || c.fault == HungApplied {
						require.ErrorIs(d, err, context.DeadlineExceeded)
					}
				}
				if c.fault == HungApplied || c.fault == ReplyLost { // the caller may be back before the carrier has written
					require.Eventually(d, func() bool { return d.c.Book().Applied(provider.OpPlace, "k1") == 1 }, 5*time.Second, time.Millisecond)
				}
				require.Equal(d, c.applied, d.c.Book().Applied(provider.OpPlace, "k1"))
				require.Equal(d, c.found, d.track("k1").Verdict)
				want := []Injected{{provider.OpPlace, "k1", 1, c.fault}}
				if c.fault == Polite || c.fault == StaleRead {
					want = nil
				}
				require.Equal(d, want, d.c.ChaosLog())

				// What is absent after the horizon stays absent, and may be sent again.
				d.clk.add(d.Traits.Horizon)
				f := d.track("k1")
				if c.applied == 1 {
					require.Equal(d, provider.Found, f.Verdict)
				} else {
					require.Equal(d, provider.Absent, f.Verdict)
					d.buy("k1", ns...)
				}
				require.Equal(d, 1, d.c.Book().Applied(provider.OpPlace, "k1"))
				require.Equal(d, ns, d.c.Book().Owned)
			})
		})
	}
}

func TestEveryFaultOfARead(t *testing.T) {
	for _, c := range []struct {
		fault   Fault
		kind    provider.Kind
		outcome provider.Outcome
	}{
		{ReplyLost, provider.Unavailable, provider.OutcomeUnknown},
		{FailedBefore, provider.Unavailable, provider.NotApplied},
		{LostBefore, provider.Unavailable, provider.OutcomeUnknown},
		{Throttled, provider.RateLimited, provider.NotApplied},
		{Hung, provider.Unavailable, provider.OutcomeUnknown},
		{HungApplied, provider.Unavailable, provider.OutcomeUnknown},
		{DeliveredLate, "", 0},
		{Taken, "", 0},
	} {
		both(t, Config{Chaos: once(c.fault, provider.OpOwned)}, func(d *desk) {
			n := d.find(1)[0]
			d.buy("k1", n)
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			if c.fault != Hung && c.fault != HungApplied {
				cancel()
				ctx, cancel = context.WithTimeout(context.Background(), 20*time.Second)
			}
			defer cancel()
			_, err := d.Owned.Owned(ctx, n)
			if c.kind == "" {
				require.NoError(d, err, c.fault)
				return
			}
			fails(d, err, c.kind, c.outcome)
			_, ok := provider.Passing(err)
			require.True(d, ok, "%s: a read may be sent again", c.fault)
			_, err = d.Owned.Owned(ctxOf(d.T), n)
			require.NoError(d, err)
		})
	}
}

func TestALateDeliveryArrivesWithinTheHorizon(t *testing.T) {
	late := 0
	for seed := range uint64(20) {
		d := open(t, Config{Seed: seed, Chaos: Chaos{Seed: seed, Rates: map[Fault]float64{DeliveredLate: 1}, Only: []provider.Op{provider.OpPlace}}})
		n := d.find(1)
		_, err := d.Orders.Place(ctxOf(t), ordering("k1", n...))
		fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
		require.NotEqual(t, n, d.find(1), "a number on its way is not sold to somebody else")
		at := d.c.Book().Events[0].At.Sub(d.clk.Now())
		require.Greater(t, at, time.Duration(0))
		require.Less(t, at, d.Traits.Horizon)
		d.clk.add(at - time.Millisecond)
		require.Equal(t, provider.Absent, d.track("k1").Verdict)
		d.clk.add(time.Millisecond)
		require.Equal(t, provider.Found, d.track("k1").Verdict)
		if at > 30*time.Second {
			late++
		}
	}
	require.Greater(t, late, 5)
}

// A buyer that sends again before the horizon: a carrier that knows keys saves
// it, any other sells twice.
func TestSendingAgainBeforeTheHorizon(t *testing.T) {
	both(t, Config{Chaos: once(DeliveredLate, provider.OpPlace)}, func(d *desk) {
		n := d.find(1)
		_, err := d.Orders.Place(ctxOf(d.T), ordering("k1", n...))
		fails(d, err, provider.Unavailable, provider.OutcomeUnknown)
		_, err = d.Orders.Place(ctxOf(d.T), ordering("k1", n...))
		require.NoError(d, err)
		require.Equal(d, provider.Found, d.track("k1").Verdict)
		d.clk.add(d.Traits.Horizon)
		b := d.c.Book()
		require.Equal(d, 1, b.Applied(provider.OpPlace, "k1"))
		require.Len(d, b.Charges, 1)
		require.Equal(d, n, b.Owned)
	})
	both(t, Config{Keying: provider.ByThing, Chaos: once(DeliveredLate, provider.OpPlace)}, func(d *desk) {
		n := d.find(1)
		_, err := d.Orders.Place(ctxOf(d.T), ordering("k1", n...))
		fails(d, err, provider.Unavailable, provider.OutcomeUnknown)
		require.Equal(d, provider.Absent, d.track("k1", n...).Verdict)
		_, err = d.Orders.Place(ctxOf(d.T), ordering("k1", n...))
		require.NoError(d, err)
		require.Equal(d, n, d.c.Book().Doubled())
		require.Len(d, d.c.Book().Charges, 2)
	})
}

func TestHoldsAndReturnsAreDeliveredLateToo(t *testing.T) {
	script := Chaos{Script: func(op provider.Op, k provider.Key, attempt int) Fault {
		if attempt == 1 && (op == provider.OpHold || op == provider.OpReturn) {
			return DeliveredLate
		}
		return Polite
	}}
	both(t, Config{Chaos: script}, func(d *desk) {
		ns := d.find(2)
		_, err := d.Holds.Hold(ctxOf(d.T), "h1", ns[:1])
		fails(d, err, provider.Unavailable, provider.OutcomeUnknown)
		h, err := d.Holds.TrackHold(ctxOf(d.T), provider.Trace{Key: "h1"})
		require.NoError(d, err)
		require.Equal(d, provider.Absent, h.Verdict)
		_, err = d.Holds.Hold(ctxOf(d.T), "h1", ns[:1]) // overtakes it
		require.NoError(d, err)
		h, err = d.Holds.TrackHold(ctxOf(d.T), provider.Trace{Key: "h1"})
		require.NoError(d, err)
		require.Equal(d, provider.Found, h.Verdict)
		require.Equal(d, d.clk.Now().Add(holdTime), h.Value[0].Until)

		d.buy("k1", ns[1])
		_, err = d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: ns[1:]})
		fails(d, err, provider.Unavailable, provider.OutcomeUnknown)
		f, err := d.Return.TrackReturn(ctxOf(d.T), provider.Trace{Key: "r1"})
		require.NoError(d, err)
		require.Equal(d, provider.Absent, f.Verdict)
		o, err := d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: ns[1:]})
		require.NoError(d, err)
		require.LessOrEqual(d, o.Again, settleMax)
		d.clk.add(o.Again)
		f, err = d.Return.TrackReturn(ctxOf(d.T), provider.Trace{Key: "r1"})
		require.NoError(d, err)
		require.Equal(d, provider.ItemGone, f.Value.Items[0].State)
		require.Equal(d, 1, d.c.Book().Applied(provider.OpReturn, "r1"))
		require.Empty(d, d.c.Book().Owned)
	})
}

func TestStaleAnswersSayHowOldTheyAre(t *testing.T) {
	script := Chaos{Script: func(op provider.Op, _ provider.Key, attempt int) Fault {
		if op.Creates() || attempt > 1 {
			return Polite
		}
		return StaleRead
	}}
	both(t, Config{Chaos: script}, func(d *desk) {
		ns := d.find(2)
		sent := d.clk.Now()
		_, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns[0]))
		require.NoError(d, err)
		f := d.track("k1")
		require.Equal(d, provider.Absent, f.Verdict, "the replica has not heard of it")
		require.True(d, f.AsOf.Before(sent), "and says so: it proves nothing about what was sent later")
		require.Equal(d, provider.Found, d.track("k1").Verdict)

		r := provider.SearchRequest{State: "AR", RateCenter: "LITTLEROCK"}
		stale, err := d.Search.Search(ctxOf(d.T), r)
		require.NoError(d, err)
		require.Equal(d, ns[0], stale.Items[0].Number, "still shown for sale")
		fresh, err := d.Search.Search(ctxOf(d.T), r)
		require.NoError(d, err)
		require.Equal(d, ns[1], fresh.Items[0].Number)

		d.clk.add(d.track("k1").Value.Again)
		for d.track("k1").Value.Items[0].State != provider.ItemLive {
			d.clk.add(d.track("k1").Value.Again)
		}
		_, err = d.Owned.Owned(ctxOf(d.T), ns[0])
		fails(d, err, provider.NotFound, provider.NotApplied)
		o, err := d.Owned.Owned(ctxOf(d.T), ns[0])
		require.NoError(d, err)
		require.Equal(d, ns[0], o.Number)
	})
}

func TestUnknownStatusesAreData(t *testing.T) {
	script := Chaos{Script: func(op provider.Op, _ provider.Key, attempt int) Fault {
		if attempt == 1 {
			return UnknownStatus
		}
		return Polite
	}}
	both(t, Config{Chaos: script}, func(d *desk) {
		n := d.find(1)[0]
		unclear := func(st provider.ItemState, s provider.Said) {
			d.Helper()
			require.Equal(d, provider.ItemUnclear, st)
			require.NotEmpty(d, s.Raw)
			for _, w := range words {
				require.NotEqual(d, w, s.Raw)
			}
		}
		o, err := d.Orders.Place(ctxOf(d.T), ordering("k1", n))
		require.NoError(d, err)
		unclear(o.Items[0].State, o.Items[0].Said)
		require.False(d, o.Settled())
		d.clk.add(settleMax)
		f := d.track("k1")
		unclear(f.Value.Items[0].State, f.Value.Items[0].Said)
		require.Equal(d, provider.ItemLive, d.track("k1").Value.Items[0].State)
		own, err := d.Owned.Owned(ctxOf(d.T), n)
		require.NoError(d, err)
		unclear(own.State, own.Said)
		list, err := d.Owned.ListOwned(ctxOf(d.T), provider.Page{})
		require.NoError(d, err)
		unclear(list.Items[0].State, list.Items[0].Said)
		require.Equal(d, provider.Absent, d.track("k9").Verdict, "nothing to be unclear about")
	})
}

func TestAnotherBuyerIsFaster(t *testing.T) {
	both(t, Config{Chaos: once(Taken, provider.OpPlace)}, func(d *desk) {
		ns := d.find(3)
		o, err := d.Orders.Place(ctxOf(d.T), partial(ordering("k1", ns[0], ns[1])))
		require.NoError(d, err)
		require.Equal(d, []provider.ItemState{provider.ItemWaiting, provider.ItemWaiting}, states(o), "it comes out when the order settles")
		d.clk.add(settleMax)
		o = d.track("k1").Value
		require.Equal(d, []provider.ItemState{provider.ItemRefused, provider.ItemLive}, states(o))
		require.ErrorIs(d, o.Items[0].Err, provider.NumberTaken)
		require.Equal(d, ns[2], d.find(1)[0], "and it is for sale no more")
		require.Equal(d, []Injected{{provider.OpPlace, ns[0].String(), 1, Taken}}, d.c.ChaosLog())
		again, err := d.Orders.Place(ctxOf(d.T), ordering("k2", ns[0]))
		require.NoError(d, err)
		require.ErrorIs(d, again.Items[0].Err, provider.NumberTaken)

		// An order as a whole falls with one number, and frees the others.
		whole := open(d.T, Config{Chaos: once(Taken, provider.OpPlace)})
		_, err = whole.Orders.Place(ctxOf(d.T), ordering("k1", ns[0], ns[1]))
		require.NoError(d, err)
		require.Equal(d, ns[2], whole.find(1)[0], "kept until it comes out")
		whole.clk.add(settleMax)
		o = whole.track("k1").Value
		require.Equal(d, []provider.ItemState{provider.ItemRefused, provider.ItemRefused}, states(o))
		require.ErrorIs(d, o.Items[1].Err, provider.Precondition)
		require.Equal(d, ns[1], whole.find(1)[0])
		require.Empty(d, whole.c.Book().Charges)
	})
}

func TestBackorderedNumbersArriveLaterOrAreClosed(t *testing.T) {
	both(t, Config{Chaos: once(Backordered, provider.OpPlace)}, func(d *desk) {
		ns := d.find(2)
		_, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns...))
		require.NoError(d, err)
		d.clk.add(settleMax)
		o := d.track("k1").Value
		require.Equal(d, []provider.ItemState{provider.ItemBackordered, provider.ItemLive}, states(o))
		d.clk.add(backorder)
		require.Equal(d, provider.ItemLive, d.track("k1").Value.Items[0].State)

		other := open(d.T, Config{Chaos: once(Backordered, provider.OpPlace)})
		_, err = other.Orders.Place(ctxOf(d.T), ordering("k1", ns...))
		require.NoError(d, err)
		other.clk.add(settleMax)
		closed, err := other.OrderClose.CloseOrder(ctxOf(d.T), "k2", o.Ref)
		require.NoError(d, err)
		require.Equal(d, []provider.ItemState{provider.ItemRefused, provider.ItemLive}, states(closed))
		require.Equal(d, ns[1:], other.c.Book().Owned)
	})
}

// The same calls in another order, and concurrently, meet the same faults.
func TestChaosDoesNotDependOnTheOrderOfCalls(t *testing.T) {
	type job struct {
		key provider.Key
		n   nanp.Number
	}
	var jobs []job
	for i, n := range open(t, Config{}).find(60) {
		jobs = append(jobs, job{provider.Key(fmt.Sprintf("k%d", i)), n})
	}
	cfg := Config{Chaos: Hostile(7)}
	cfg.Chaos.Rates[Hung], cfg.Chaos.Rates[HungApplied] = 0, 0
	run := func(jobs []job, workers int) ([]Injected, *desk) {
		d := open(t, cfg)
		ch := make(chan job, len(jobs))
		for _, j := range jobs {
			ch <- j
		}
		close(ch)
		var wg sync.WaitGroup
		for range workers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for j := range ch {
					for range 3 {
						_, _ = d.Orders.Place(context.Background(), ordering(j.key, j.n))
						_, _ = d.Orders.Track(context.Background(), provider.Trace{Key: j.key})
					}
				}
			}()
		}
		wg.Wait()
		return d.c.ChaosLog(), d
	}
	first, _ := run(jobs, 1)
	require.Greater(t, len(first), 50)
	slices.Reverse(jobs)
	reversed, _ := run(jobs, 1)
	require.Equal(t, first, reversed)
	concurrent, _ := run(jobs, 4)
	require.Equal(t, first, concurrent)
	cfg.Chaos.Seed = 8
	other, _ := run(jobs, 1)
	require.NotEqual(t, first, other)
	seen := map[Fault]bool{}
	for _, i := range append(first, other...) {
		seen[i.Fault] = true
		require.NotEmpty(t, i.String())
		require.LessOrEqual(t, i.Attempt, 4)
	}
	require.GreaterOrEqual(t, len(seen), 8, "%v", seen)
}

func TestEachFaultCanBeHadAlone(t *testing.T) {
	for _, f := range Faults() {
		d := open(t, Config{Foreign: []provider.Capability{provider.CapNames}, Chaos: Chaos{Rates: map[Fault]float64{f: 1}, MaxAttempt: 1}})
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(30*time.Millisecond, cancel)
		r := arkansas
		_, _ = d.Search.Search(ctx, r)
		ctx, cancel2 := context.WithTimeout(context.Background(), 30*time.Millisecond)
		_, _ = d.Orders.Place(ctx, ordering("k1", d.derive(t)))
		_, _ = d.Names.SetName(ctx, naming("n1", "ACME", d.derive(t)))
		cancel()
		cancel2()
		log := d.c.ChaosLog()
		require.NotEmpty(t, log, "%s", f)
		for _, i := range log {
			require.Equal(t, f, i.Fault)
		}
	}
}

func TestChaosEndsAfterMaxAttemptAndHitsOnlyWhatItIsTold(t *testing.T) {
	d := open(t, Config{Chaos: Chaos{Rates: map[Fault]float64{LostBefore: 1}, MaxAttempt: 2, Only: []provider.Op{provider.OpTrack}}})
	ns := d.find(1) // not hit
	for range 2 {
		_, err := d.Orders.Track(ctxOf(t), provider.Trace{Key: "k1"})
		fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	}
	require.Equal(t, provider.Absent, d.track("k1").Verdict)
	_, err := d.Orders.Track(ctxOf(t), provider.Trace{Key: "k2"})
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	_, err = d.Orders.Place(ctxOf(t), ordering("k1", ns...))
	require.NoError(t, err)
	require.Len(t, d.c.ChaosLog(), 3)
}

// derive finds a number for sale without asking.
func (d *desk) derive(t *testing.T) nanp.Number {
	t.Helper()
	n := nanp.MustParse("5012170000")
	for !d.c.sells(n) {
		n, _ = n.Next()
	}
	return n
}

// Every operation meets every fault that applies to it, and nothing panics.
func TestEveryOperationMeetsEveryFault(t *testing.T) {
	calls := map[provider.Op]func(*desk, context.Context, nanp.Number) error{
		provider.OpSearch: func(d *desk, ctx context.Context, _ nanp.Number) error {
			_, err := d.Search.Search(ctx, arkansas)
			return err
		},
		provider.OpHold: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Holds.Hold(ctx, "h", []nanp.Number{n})
			return err
		},
		provider.OpUnhold: func(d *desk, ctx context.Context, n nanp.Number) error { return d.Holds.Unhold(ctx, "hd-x") },
		provider.OpTrackHold: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Holds.TrackHold(ctx, provider.Trace{Key: "h"})
			return err
		},
		provider.OpPlace: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Orders.Place(ctx, ordering("k", n))
			return err
		},
		provider.OpTrack: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Orders.Track(ctx, provider.Trace{Key: "k"})
			return err
		},
		provider.OpCloseOrder: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.OrderClose.CloseOrder(ctx, "c", "so-x")
			return err
		},
		provider.OpOwned: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Owned.Owned(ctx, n)
			return err
		},
		provider.OpListOwned: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Owned.ListOwned(ctx, provider.Page{})
			return err
		},
		provider.OpRoute: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Routing.Route(ctx, provider.RouteRequest{Key: "r", Numbers: []nanp.Number{n}, To: "x"})
			return err
		},
		provider.OpReturn: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Return.Return(ctx, provider.ReturnRequest{Key: "r", Numbers: []nanp.Number{n}})
			return err
		},
		provider.OpTrackReturn: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Return.TrackReturn(ctx, provider.Trace{Key: "r"})
			return err
		},
		provider.OpLookupNumber: func(d *desk, ctx context.Context, n nanp.Number) error {
			_, err := d.Lookup.LookupNumber(ctx, n)
			return err
		},
	}
	for op, call := range calls {
		for _, f := range Faults() {
			local := open(t, Config{Chaos: once(f, op)})
			for _, d := range []*desk{local, open(t, Config{Chaos: once(f, op)}).dialled()} {
				n := local.derive(t)
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				if f == Hung || f == HungApplied {
					cancel()
					ctx, cancel = context.WithTimeout(context.Background(), 5*time.Millisecond)
				}
				err := call(d, ctx, n)
				cancel()
				if applies(f, op) && f != UnknownStatus && f != StaleRead && f != Taken && f != Backordered {
					require.Error(t, err, "%s: %s", op, f)
				}
				var e *provider.Error
				if err != nil {
					require.ErrorAs(t, err, &e, "%s: %s", op, f)
					require.Equal(t, op, e.Op, "%s", f)
				}
			}
		}
	}
}
