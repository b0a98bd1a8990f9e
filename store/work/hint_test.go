package work

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

func (w *world) hint(c provider.ID, k provider.Key, r provider.Ref, lanes ...string) (n int) {
	require.NoError(w.t, w.Store.Update(context.Background(), func(tx store.Tx) (err error) {
		n, err = w.Hint(tx, c, k, r, lanes...)
		return err
	}))
	return n
}

// dump is everything that this package keeps.
func (w *world) dump() string {
	var out strings.Builder
	require.NoError(w.t, w.Store.View(context.Background(), func(r store.Reader) error {
		out.Reset()
		for _, k := range []store.Kind{kindWork, kindLane, kindMark, kindDue("sim")} {
			found, err := r.List(store.Query{Kind: k, Whole: true, Limit: store.MaxLimit})
			if err != nil {
				return err
			}
			fmt.Fprintf(&out, "%s %+v\n", k, found.Records)
		}
		return nil
	}))
	return out.String()
}

// waiting is an intent that its carrier is at work on, to be looked at in a minute.
func waiting(t *testing.T) (*world, Intent) {
	w := newWorld(t, memstore.New())
	w.pending = 1000
	i := w.enqueue("own/1", "e911/1")
	require.Equal(t, 1, w.step())
	w.advance(10 * time.Second)
	require.Zero(t, w.step())
	return w, w.get(i.ID)
}

func TestAHintMakesDue(t *testing.T) {
	for name, hint := range map[string]func(*world, Intent) int{
		"by key":       func(w *world, i Intent) int { return w.hint("sim", i.Key(), "") },
		"by reference": func(w *world, i Intent) int { return w.hint("sim", "", "ref-1") },
		"by lane":      func(w *world, i Intent) int { return w.hint("sim", "", "", "cnam/1", "e911/1") },
		"by all":       func(w *world, i Intent) int { return w.hint("sim", i.Key(), "ref-1", "own/1", "e911/1") },
	} {
		t.Run(name, func(t *testing.T) {
			w, i := waiting(t)
			w.enqueue("own/1") // waits behind it and has not left
			w.step()
			require.Equal(t, 1, hint(w, i))
			now := w.get(i.ID)
			require.Equal(t, w.clock(), now.Due)
			i.Due = now.Due
			require.Equal(t, i, now, "nothing else has changed, not even the version")
			w.pending = 0
			require.Equal(t, 1, w.step())
			require.Equal(t, Done, w.get(i.ID).Phase)
			require.Zero(t, w.hint("sim", i.Key(), "ref-1", "e911/1"), "nobody waits any more")
		})
	}
}

func TestAHintThatFitsNothingDoesNothing(t *testing.T) {
	w, i := waiting(t)
	w.faults = []fault{refusedBusy}
	throttled := w.enqueue()
	w.step()
	before := w.dump()
	long := strings.Repeat("x", 10_000)
	for _, n := range []int{
		w.hint("other", i.Key(), "ref-1", "own/1"), // another carrier may not
		w.hint("sim", "nobody", "ref-2", "own/2"),
		w.hint("sim", "", ""),
		w.hint("sim", provider.Key(long), provider.Ref(long)),
		w.hint("sim", "\x00", "\xff\x00"),
		w.hint("sim", throttled.Key(), ""), // it has not left, and the carrier asked for a pause
	} {
		require.Zero(t, n)
	}
	require.Equal(t, before, w.dump())
}

// However many hints come, the carrier is asked at a stated pace.
func TestAFloodOfHints(t *testing.T) {
	for _, phase := range []Phase{Waiting, Unclear, Human} {
		w := newWorld(t, memstore.New())
		looks := 0
		w.look = func(provider.Trace) error { looks++; return nil }
		if w.pending = 1 << 30; phase != Waiting {
			w.faults, w.blind = []fault{lost}, true
		}
		i := w.enqueue("own/1")
		w.step()
		if phase == Human {
			w.settle(time.Hour)
		}
		looks = 0
		for range 600 {
			for range 5 {
				require.Equal(t, 1, w.hint("sim", i.Key(), "", "own/1"))
			}
			w.step()
			w.advance(100 * time.Millisecond)
		}
		require.Equal(t, phase, w.get(i.ID).Phase)
		require.GreaterOrEqual(t, looks, 29, "%s: a minute of hints leads to looks", phase)
		require.LessOrEqual(t, looks, 31, "%s: one in two seconds", phase)
	}
}

// A hint that comes while the carrier is being asked may be newer than the answer:
// it leads to another look, and the answer is booked all the same.
func TestAHintWhileTheCarrierIsAsked(t *testing.T) {
	t.Run("looking", func(t *testing.T) {
		w, i := waiting(t)
		w.advance(time.Minute)
		asked := 0
		w.look = func(tr provider.Trace) error {
			if asked++; asked > 1 {
				return nil
			}
			w.mu.Unlock() // Track holds it
			defer w.mu.Lock()
			require.Equal(t, 1, w.hint("sim", tr.Key, ""))
			require.Zero(t, w.step(), "it is not asked twice at once")
			return nil
		}
		require.Equal(t, 1, w.step())
		after := w.get(i.ID)
		require.True(t, after.Heard.Equal(w.clock()), "the answer is booked")
		require.True(t, after.Due.Equal(w.clock().Add(w.HintEvery)))
		w.advance(w.HintEvery)
		require.Equal(t, 1, w.step())
		require.Equal(t, 2, asked)
		require.True(t, w.get(i.ID).Due.Equal(w.clock().Add(time.Minute)), "once")
	})
	t.Run("sending", func(t *testing.T) {
		w := newWorld(t, memstore.New())
		i := w.enqueue()
		_, err := w.begin(t.Context(), &i)
		require.NoError(t, err)
		require.Equal(t, 1, w.hint("sim", i.Key(), ""))
		require.Zero(t, w.step(), "the answer is still to come")
		require.NoError(t, w.write(t.Context(), i, func(tx store.Tx, i *Intent) error {
			i.Phase, i.Due = Waiting, w.Now().Add(time.Hour)
			return nil
		}))
		require.True(t, w.get(i.ID).Due.Equal(w.clock().Add(w.HintEvery)))
	})
	t.Run("a look that began later has seen it", func(t *testing.T) {
		w, i := waiting(t)
		w.advance(time.Minute) // due, nobody has taken it up
		require.Equal(t, 1, w.hint("sim", i.Key(), ""))
		w.advance(time.Second)
		require.Equal(t, 1, w.step())
		require.True(t, w.get(i.ID).Due.Equal(w.clock().Add(time.Minute)))
	})
}
