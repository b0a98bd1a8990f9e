package sandbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// portOut is what the carrier lists about a port-out.
func (d *desk) portOut(r provider.Ref) provider.PortOut {
	d.Helper()
	for o, err := range provider.All(ctxOf(d.T), d.PortOuts.ListPortOuts) {
		require.NoError(d, err)
		if o.Ref == r {
			return o
		}
	}
	require.Fail(d, "not listed")
	return provider.PortOut{}
}

func TestAnotherCarrierTakesANumber(t *testing.T) {
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		answer func(*desk, provider.Ref) error
		words  []provider.Raw // at once, after the answer, two days after the time to answer
		goes   bool
	}{
		"allowed": {func(d *desk, r provider.Ref) error { return d.PortOuts.AnswerPortOut(ctxOf(d.T), "a1", r, true, "") },
			[]provider.Raw{"pending", "authorized", "ported-out"}, true},
		"denied": {func(d *desk, r provider.Ref) error {
			return d.PortOuts.AnswerPortOut(ctxOf(d.T), "a1", r, false, "the PIN is wrong")
		}, []provider.Raw{"pending", "denied", "denied"}, false},
		"silence": {func(d *desk, r provider.Ref) error { return nil }, []provider.Raw{"pending", "pending", "ported-out"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, Config{}, func(d *desk) {
				n := d.find(1)[0]
				d.buy("k1", n)
				ref, err := d.c.AskPortOut(n, "Elsewhere Tel", day)
				require.NoError(d, err)
				asked := d.clk.Now()
				o := d.portOut(ref)
				require.Equal(d, c.words[0], o.Said.Raw)
				require.Equal(d, n, o.Number)
				require.Equal(d, "Elsewhere Tel", o.To)
				require.Equal(d, asked.Add(day), o.AnswerBy)
				own, err := d.Owned.Owned(ctxOf(d.T), n)
				require.NoError(d, err)
				require.True(d, own.Porting)

				// Meanwhile nothing else can be done that ends it.
				back, err := d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: []nanp.Number{n}})
				require.NoError(d, err)
				require.ErrorIs(d, back.Items[0].Err, provider.Conflict)
				_, err = d.c.AskPortOut(n, "Third Tel", day)
				fails(d, err, provider.Conflict, provider.NotApplied)

				d.clk.add(time.Hour)
				require.NoError(d, c.answer(d, ref))
				require.NoError(d, c.answer(d, ref), "it may be repeated")
				require.Equal(d, c.words[1], d.portOut(ref).Said.Raw)
				own, err = d.Owned.Owned(ctxOf(d.T), n)
				require.NoError(d, err, "ours until it has left")
				require.Equal(d, c.goes, own.Porting)
				if name != "silence" {
					err = d.PortOuts.AnswerPortOut(ctxOf(d.T), "a2", ref, !c.goes, "another thought")
					fails(d, err, provider.Conflict, provider.NotApplied)
				}

				d.clk.add(asked.Add(3 * day).Sub(d.clk.Now()))
				require.Equal(d, c.words[2], d.portOut(ref).Said.Raw)
				own, err = d.Owned.Owned(ctxOf(d.T), n)
				b := d.c.Book()
				if !c.goes {
					require.NoError(d, err)
					require.False(d, own.Porting)
					require.Equal(d, []nanp.Number{n}, b.Owned)
					require.Empty(d, b.LostBy(d.clk.Now()))
					_, err = d.c.AskPortOut(n, "Third Tel", day)
					require.NoError(d, err, "it may be asked for again")
					return
				}
				fails(d, err, provider.NotFound, provider.NotApplied)
				require.Equal(d, provider.ItemGone, d.track("k1").Value.Items[0].State)
				require.Empty(d, b.Owned)
				require.Equal(d, []nanp.Number{n}, b.LostBy(d.clk.Now()))
				require.Len(d, b.Charges, 1, "what it cost it has cost")
				info, err := d.Lookup.LookupNumber(ctxOf(d.T), n)
				require.NoError(d, err)
				require.Equal(d, "Elsewhere Tel", info.Carrier)
				require.Equal(d, provider.Yes, info.Ported)
				err = d.PortOuts.AnswerPortOut(ctxOf(d.T), "a3", ref, false, "too late")
				fails(d, err, provider.Conflict, provider.NotApplied)

				// It is for sale no more, but can be won back.
				d.clk.add(rest)
				got, err := d.Orders.Place(ctxOf(d.T), ordering("k2", n))
				require.NoError(d, err)
				require.ErrorIs(d, got.Items[0].Err, provider.NumberTaken)
				if d.c.stays(n) == "" {
					back := d.submitted("p1", n)
					d.until(back.Ref, provider.PortDone)
					require.Equal(d, []nanp.Number{n}, d.c.Book().OwnedAt(d.clk.Now()))
					require.Empty(d, d.c.Book().Doubled())
				}
			})
		})
	}
}

func TestPortOutsAreListedInPages(t *testing.T) {
	both(t, Config{PageMax: 3}, func(d *desk) {
		res, err := d.PortOuts.ListPortOuts(ctxOf(d.T), provider.Page{})
		require.NoError(d, err)
		require.Empty(d, res.Items)
		var ns []nanp.Number
		for i := range 3 {
			got := d.find(3)
			d.buy(provider.Key(fmt.Sprint("k", i)), got...)
			ns = append(ns, got...)
		}
		for _, n := range ns[:7] {
			_, err := d.c.AskPortOut(n, "Elsewhere Tel", time.Hour)
			require.NoError(d, err)
			d.clk.add(time.Second)
		}
		res, err = d.PortOuts.ListPortOuts(ctxOf(d.T), provider.Page{Limit: 2})
		require.NoError(d, err)
		require.Len(d, res.Items, 2)
		_, err = d.c.AskPortOut(ns[7], "Elsewhere Tel", time.Hour) // between the pages
		require.NoError(d, err)
		seen := []nanp.Number{res.Items[0].Number, res.Items[1].Number}
		for res.Next != "" {
			res, err = d.PortOuts.ListPortOuts(ctxOf(d.T), provider.Page{Cursor: res.Next})
			require.NoError(d, err)
			require.LessOrEqual(d, len(res.Items), 3)
			for _, o := range res.Items {
				seen = append(seen, o.Number)
			}
		}
		require.Equal(d, ns[:8], seen)

		_, err = d.c.AskPortOut(ns[8], "", time.Hour)
		fails(d, err, provider.Invalid, provider.NotApplied)
		_, err = d.c.AskPortOut(ns[8], "Elsewhere Tel", 0)
		fails(d, err, provider.Invalid, provider.NotApplied)
		_, err = d.c.AskPortOut(d.find(1)[0], "Elsewhere Tel", time.Hour)
		fails(d, err, provider.NotYours, provider.NotApplied)
		_, err = d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: ns[8:9]})
		require.NoError(d, err)
		_, err = d.c.AskPortOut(ns[8], "Elsewhere Tel", time.Hour)
		fails(d, err, provider.Conflict, provider.NotApplied)
	})
}

// A number that a careless carrier has sold twice leaves with both purchases.
func TestANumberThatWasBoughtTwiceLeavesOnce(t *testing.T) {
	d := open(t, Config{Keying: provider.ByThing})
	n := d.find(1)[0]
	for range 2 {
		_, err := d.Orders.Place(ctxOf(t), ordering("k1", n))
		require.NoError(t, err)
	}
	d.clk.add(settleMax)
	_, err := d.c.AskPortOut(n, "Elsewhere Tel", time.Hour)
	require.NoError(t, err)
	d.clk.add(time.Hour + leaveMax)
	_, err = d.Owned.Owned(ctxOf(t), n)
	fails(t, err, provider.NotFound, provider.NotApplied)
}

// Of two answers that are on their way, what one has decided the other does not
// decide again when it is repeated.
func TestADecidedPortOutStaysDecided(t *testing.T) {
	late := Chaos{Script: func(op provider.Op, k provider.Key, attempt int) Fault {
		if op == provider.OpAnswerPortOut && k == "late" && attempt == 1 {
			return DeliveredLate
		}
		return Polite
	}}
	d := open(t, Config{Chaos: late})
	n := d.find(1)[0]
	d.buy("k1", n)
	ref, err := d.c.AskPortOut(n, "Elsewhere Tel", time.Hour)
	require.NoError(t, err)
	answer := func(k provider.Key) error {
		return d.PortOuts.AnswerPortOut(ctxOf(t), k, ref, false, "why not")
	}
	require.Error(t, answer("late"))
	require.NoError(t, answer("soon"))
	before, _ := d.c.Messages(0)
	require.NoError(t, answer("late"), "it is as it was asked for")
	after, _ := d.c.Messages(0)
	require.Len(t, after, len(before))
	for i := range before {
		require.Equal(t, string(before[i].Body), string(after[i].Body))
	}
	require.ErrorIs(t, d.PortOuts.AnswerPortOut(ctxOf(t), "soon", ref, true, ""), provider.Conflict, "the same key, and the other way")
}
