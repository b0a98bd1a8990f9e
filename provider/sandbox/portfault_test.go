package sandbox

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// portWrites are the operations about ports that change something: what has to be
// there before, the call with the key "x", and how its effect shows.
var portWrites = map[provider.Op]struct {
	before func(*desk) provider.Ref
	call   func(context.Context, *desk, provider.Ref) error
	shows  func(*desk, provider.Ref) bool
}{
	provider.OpOpenPort: {
		func(*desk) provider.Ref { return "" },
		func(ctx context.Context, d *desk, _ provider.Ref) error {
			return second(d.Ports.OpenPort(ctx, d.asking("x", open(d.T, Config{}).foreign(provider.LineWireless, 2)...)))
		},
		func(d *desk, _ provider.Ref) bool {
			f, err := d.Ports.TrackPort(ctxOf(d.T), provider.Trace{Key: "x"})
			require.NoError(d, err)
			return f.Verdict == provider.Found
		},
	},
	provider.OpSubmitPort: {
		drafted,
		func(ctx context.Context, d *desk, r provider.Ref) error {
			return second(d.Ports.SubmitPort(ctx, "x", r))
		},
		func(d *desk, r provider.Ref) bool { return d.port(r).State != provider.PortDraft },
	},
	provider.OpAmendPort: {
		drafted,
		func(ctx context.Context, d *desk, r provider.Ref) error {
			return second(d.PortAmend.AmendPort(ctx, "x", r, provider.PortRequest{Desired: provider.Date{Year: 2026, Month: 8, Day: 20}}))
		},
		func(d *desk, r provider.Ref) bool { return d.port(r).Requested.Day == 20 },
	},
	provider.OpCancelPort: {
		drafted,
		func(ctx context.Context, d *desk, r provider.Ref) error {
			return second(d.Ports.CancelPort(ctx, "x", r, nil))
		},
		func(d *desk, r provider.Ref) bool { return d.port(r).State == provider.PortCancelled },
	},
	provider.OpUploadDocument: {
		func(*desk) provider.Ref { return "" },
		func(ctx context.Context, d *desk, _ provider.Ref) error {
			return second(d.PortDocs.UploadDocument(ctx, "x", pdf("x")))
		},
		func(d *desk, _ provider.Ref) bool {
			e := d.state().ports.Known(provider.OpUploadDocument, "x")
			if e == nil {
				return false
			}
			_, ok := d.state().ports.Document(e.Ref, d.clk.Now())
			return ok
		},
	},
	provider.OpAddPortComment: {
		drafted,
		func(ctx context.Context, d *desk, r provider.Ref) error {
			return second(d.PortNotes.AddPortComment(ctx, "x", r, secret.New("hello")))
		},
		func(d *desk, r provider.Ref) bool {
			page, err := d.PortNotes.ListPortComments(ctxOf(d.T), r, provider.Page{})
			require.NoError(d, err)
			return len(page.Items) > 0
		},
	},
	provider.OpAnswerPortOut: {
		func(d *desk) provider.Ref {
			n := d.find(1)[0]
			d.buy("b", n)
			r, err := d.c.AskPortOut(n, "Elsewhere Tel", time.Hour)
			require.NoError(d, err)
			return r
		},
		func(ctx context.Context, d *desk, r provider.Ref) error {
			return d.PortOuts.AnswerPortOut(ctx, "x", r, false, "no")
		},
		func(d *desk, r provider.Ref) bool { return d.portOut(r).Said.Raw == "denied" },
	},
}

func drafted(d *desk) provider.Ref {
	d.Helper()
	os, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p", d.foreign(provider.LineWireless, 1)...))
	require.NoError(d, err)
	return os[0].Ref
}

// hanging lets the caller give up as soon as the carrier hangs.
func hanging(c Chaos, giveUp *func()) Chaos {
	next := c.Script
	c.Script = func(op provider.Op, k provider.Key, attempt int) Fault {
		f := next(op, k, attempt)
		if f == Hung || f == HungApplied {
			(*giveUp)()
		}
		return f
	}
	return c
}

func TestEveryFaultOfEveryPortWrite(t *testing.T) {
	for _, c := range []struct {
		fault   Fault
		kind    provider.Kind
		outcome provider.Outcome
		applied int
		shows   bool // at once
	}{
		{Polite, "", 0, 1, true},
		{ReplyLost, provider.Unavailable, provider.OutcomeUnknown, 1, true},
		{FailedBefore, provider.Unavailable, provider.NotApplied, 0, false},
		{LostBefore, provider.Unavailable, provider.OutcomeUnknown, 0, false},
		{Throttled, provider.RateLimited, provider.NotApplied, 0, false},
		{Hung, provider.Unavailable, provider.OutcomeUnknown, 0, false},
		{HungApplied, provider.Unavailable, provider.OutcomeUnknown, 1, true},
		{DeliveredLate, provider.Unavailable, provider.OutcomeUnknown, 1, false},
		{StaleRead, "", 0, 1, true}, // makes no sense for a creation
	} {
		for op, w := range portWrites {
			t.Run(string(c.fault)+"/"+string(op), func(t *testing.T) {
				var giveUp func() // when the carrier hangs, and not before it does
				both(t, Config{Chaos: hanging(once(c.fault, op), &giveUp)}, func(d *desk) {
					ref := w.before(d)
					ctx, cancel := context.WithCancel(ctxOf(d.T))
					defer cancel()
					giveUp = cancel
					err := w.call(ctx, d, ref)
					if c.kind == "" {
						require.NoError(d, err)
					} else {
						fails(d, err, c.kind, c.outcome)
					}
					if c.fault == HungApplied || c.fault == ReplyLost {
						require.Eventually(d, func() bool { return d.c.Book().Applied(op, "x") == 1 }, 5*time.Second, time.Millisecond)
					}
					require.Equal(d, c.applied, d.c.Book().Applied(op, "x"))
					require.Equal(d, c.shows, w.shows(d, ref))
					d.clk.add(d.Traits.Horizon)
					require.Equal(d, c.applied == 1, w.shows(d, ref), "what is not here by now never comes")
					require.NoError(d, w.call(ctxOf(d.T), d, ref))
					require.True(d, w.shows(d, ref))
					require.Equal(d, 1, d.c.Book().Applied(op, "x"))
				})
			})
		}
	}
}

// The same request again, while the first is on its way: it arrives with this one,
// once.
func TestPortWritesOvertakeThemselves(t *testing.T) {
	for op, w := range portWrites {
		both(t, Config{Chaos: once(DeliveredLate, op)}, func(d *desk) {
			ref := w.before(d)
			fails(d, w.call(ctxOf(d.T), d, ref), provider.Unavailable, provider.OutcomeUnknown)
			require.False(d, w.shows(d, ref), op)
			require.NoError(d, w.call(ctxOf(d.T), d, ref), op)
			require.True(d, w.shows(d, ref), op)
			require.Equal(d, 1, d.c.Book().Applied(op, "x"), op)
			at := slices.IndexFunc(d.c.Book().Events, func(e Event) bool { return e.Op == op && e.Key == "x" })
			require.GreaterOrEqual(d, at, 0)
			d.clk.add(d.Traits.Horizon)
			require.True(d, w.shows(d, ref), op)
		})
	}
}

// A request that makes no sense any more when it arrives changes nothing.
func TestALateSubmissionOfACancelledDraft(t *testing.T) {
	both(t, Config{Chaos: once(DeliveredLate, provider.OpSubmitPort)}, func(d *desk) {
		ref := drafted(d)
		_, err := d.Ports.SubmitPort(ctxOf(d.T), "s1", ref)
		fails(d, err, provider.Unavailable, provider.OutcomeUnknown)
		_, err = d.Ports.CancelPort(ctxOf(d.T), "c1", ref, nil)
		require.NoError(d, err)
		d.clk.add(portMax)
		require.Equal(d, provider.PortCancelled, d.port(ref).State)
		require.Empty(d, d.c.Book().Owned)
	})
}

func TestANumberOnItsWayIntoAPortIsInNoOther(t *testing.T) {
	both(t, Config{Chaos: once(DeliveredLate, provider.OpOpenPort)}, func(d *desk) {
		n := d.foreign(provider.LineLandline, 1)[0]
		_, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", n))
		fails(d, err, provider.Unavailable, provider.OutcomeUnknown)
		_, err = d.Ports.OpenPort(ctxOf(d.T), d.asking("p2", n))
		fails(d, err, provider.Unavailable, provider.OutcomeUnknown) // its own first attempt
		_, err = d.Ports.OpenPort(ctxOf(d.T), d.asking("p2", n))
		fails(d, err, provider.Conflict, provider.NotApplied)
		d.clk.add(d.Traits.Horizon)
		f, err := d.Ports.TrackPort(ctxOf(d.T), provider.Trace{Key: "p1"})
		require.NoError(d, err)
		require.Equal(d, provider.Found, f.Verdict)
	})
}

func TestEveryFaultOfEveryPortRead(t *testing.T) {
	reads := map[provider.Op]func(context.Context, *desk, provider.Ref, nanp.Number) error{
		provider.OpCheckPort: func(ctx context.Context, d *desk, _ provider.Ref, n nanp.Number) error {
			return second(d.PortCheck.CheckPort(ctx, []nanp.Number{n}))
		},
		provider.OpTrackPort: func(ctx context.Context, d *desk, r provider.Ref, _ nanp.Number) error {
			return second(d.Ports.TrackPort(ctx, provider.Trace{Ref: r}))
		},
		provider.OpListPortComments: func(ctx context.Context, d *desk, r provider.Ref, _ nanp.Number) error {
			return second(d.PortNotes.ListPortComments(ctx, r, provider.Page{}))
		},
		provider.OpListPortOuts: func(ctx context.Context, d *desk, _ provider.Ref, _ nanp.Number) error {
			return second(d.PortOuts.ListPortOuts(ctx, provider.Page{}))
		},
	}
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
		for op, call := range reads {
			var armed atomic.Bool
			var giveUp func()
			chaos := hanging(Chaos{Script: func(o provider.Op, _ provider.Key, _ int) Fault {
				if armed.Load() && o == op {
					return c.fault
				}
				return Polite
			}}, &giveUp)
			both(t, Config{Chaos: chaos}, func(d *desk) {
				n := d.foreign(provider.LineWireless, 1)[0]
				ref := drafted(d)
				ctx, cancel := context.WithCancel(ctxOf(d.T))
				defer cancel()
				giveUp = cancel
				armed.Store(true)
				err := call(ctx, d, ref, n)
				armed.Store(false)
				if c.kind == "" {
					require.NoError(d, err)
				} else {
					fails(d, err, c.kind, c.outcome)
				}
				require.NoError(d, call(ctxOf(d.T), d, ref, n))
			})
		}
	}
}

func TestUnknownPortStatusesAreData(t *testing.T) {
	for _, op := range []provider.Op{provider.OpOpenPort, provider.OpSubmitPort, provider.OpTrackPort, provider.OpAmendPort, provider.OpCancelPort} {
		both(t, Config{Chaos: Chaos{Script: func(o provider.Op, _ provider.Key, _ int) Fault {
			if o == op {
				return UnknownStatus
			}
			return Polite
		}}}, func(d *desk) {
			n := d.foreign(provider.LineWireless, 1)[0]
			os, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", n))
			require.NoError(d, err)
			got := os[0]
			switch op {
			case provider.OpSubmitPort:
				got, err = d.Ports.SubmitPort(ctxOf(d.T), "s1", got.Ref)
			case provider.OpAmendPort:
				got, err = d.PortAmend.AmendPort(ctxOf(d.T), "a1", got.Ref, d.asking("", n))
			case provider.OpCancelPort:
				got, err = d.Ports.CancelPort(ctxOf(d.T), "c1", got.Ref, nil)
			case provider.OpTrackPort:
				got = d.port(got.Ref)
			}
			require.NoError(d, err)
			require.Equal(d, provider.PortUnclear, got.State)
			require.Equal(d, provider.PortUnclear, got.Items[0].State)
			for _, w := range portWords {
				require.NotEqual(d, w, got.Said.Raw)
				require.NotEqual(d, w, got.Items[0].Said.Raw)
			}
		})
	}
	both(t, Config{Chaos: once(UnknownStatus, provider.OpListPortOuts)}, func(d *desk) {
		n := d.find(1)[0]
		d.buy("k1", n)
		_, err := d.c.AskPortOut(n, "Elsewhere Tel", time.Hour)
		require.NoError(d, err)
		res, err := d.PortOuts.ListPortOuts(ctxOf(d.T), provider.Page{})
		require.NoError(d, err)
		require.NotContains(d, outWords, res.Items[0].Said.Raw)
	})
}

func TestStalePortAnswersSayHowOldTheyAre(t *testing.T) {
	stale := false
	both(t, Config{Chaos: Chaos{Script: func(op provider.Op, _ provider.Key, _ int) Fault {
		if stale && !op.Creates() {
			return StaleRead
		}
		return Polite
	}}}, func(d *desk) {
		n := d.foreign(provider.LineWireless, 1)[0]
		d.clk.add(time.Hour)
		sent := d.clk.Now()
		o := d.submitted("p1", n)
		stale = true
		f, err := d.Ports.TrackPort(ctxOf(d.T), provider.Trace{Key: "p1"})
		require.NoError(d, err)
		require.Equal(d, provider.Absent, f.Verdict, "the replica has not heard of it")
		require.True(d, f.AsOf.Before(sent))
		checks, err := d.PortCheck.CheckPort(ctxOf(d.T), []nanp.Number{n})
		require.NoError(d, err)
		require.True(d, checks[0].Portable)
		_, err = d.PortNotes.ListPortComments(ctxOf(d.T), o.Ref, provider.Page{})
		fails(d, err, provider.NotFound, provider.NotApplied)
		stale = false
		require.Equal(d, provider.PortChecking, d.port(o.Ref).State)
	})
}
