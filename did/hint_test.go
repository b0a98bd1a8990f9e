package did_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
)

func (w *world) hint(c provider.ID, t provider.Trace) (n int, ours []nanp.Number) {
	var h did.Hinted
	require.NoError(w.t, w.store.Update(w.ctx, func(tx store.Tx) (err error) {
		h, err = w.Hint(tx, c, t)
		return err
	}))
	return h.Requests, h.Numbers
}

// A message about a number leads to a look at its order, and to nothing else.
func TestAHintAboutANumber(t *testing.T) {
	w := newWorld(t, sandbox.Config{OrderLines: 500, Chaos: sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, _ int) sandbox.Fault {
		return map[provider.Op]sandbox.Fault{provider.OpPlace: sandbox.ReplyLost, provider.OpTrack: sandbox.FailedBefore}[op]
	}}})
	ns := w.buy(200)
	w.pass(2 * time.Minute)
	for w.step() > 0 {
	}
	w.clock.Advance(3 * time.Second)
	order := w.get(ns[0]).Order
	before, _ := w.work.Get(w.ctx, order)
	require.True(t, before.Due.After(w.clock.Now()))
	strange := nanp.MustParse("501-555-0101")

	n, ours := w.hint("sandbox", provider.Trace{Numbers: []nanp.Number{strange, 0}})
	require.Zero(t, n)
	require.Empty(t, ours)
	n, ours = w.hint("other", provider.Trace{Numbers: ns})
	require.Zero(t, n, "another carrier has no say in it")
	require.Equal(t, ns, ours)
	after, _ := w.work.Get(w.ctx, order)
	require.Equal(t, before, after)

	n, ours = w.hint("sandbox", provider.Trace{Numbers: append(ns[100:], strange)})
	require.Equal(t, 1, n, "a hundred numbers of one order are one order")
	require.Equal(t, ns[100:], ours)
	after, _ = w.work.Get(w.ctx, order)
	require.True(t, after.Due.Before(before.Due))
	before.Due = after.Due
	require.Equal(t, before, after)
	require.Equal(t, did.Pending, w.get(ns[150]).Status)
}
