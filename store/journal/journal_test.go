package journal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, st store.Store, subjects ...string) (out []journal.Event) {
	require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error {
		out = nil
		for _, s := range subjects {
			e, err := journal.Write(tx, journal.Change{Type: "test", Subject: s, At: noon, Actor: journal.Actor{ID: "ann"}})
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	}))
	return out
}

func TestAnEntryIsHistoryAndEvent(t *testing.T) {
	st := memstore.New()
	full := journal.Change{Type: "did.active", Subject: "did/+15015550123", Tenant: "acme", Actor: journal.Actor{ID: "ann", Reason: "ticket 7"}, At: noon,
		Text: "confirmed", Before: []byte(`{"status":"PENDING"}`), After: []byte(`{"status":"ACTIVE"}`),
		Said: provider.Said{By: "sandbox", Raw: "live", Request: "r-1", At: noon}}
	var written journal.Event
	require.NoError(t, st.Update(t.Context(), func(tx store.Tx) (err error) {
		written, err = journal.Write(tx, full)
		return err
	}))
	write(t, st, "did/+15015550124")
	var got []journal.Event
	for e, err := range journal.History(t.Context(), st, full.Subject) {
		require.NoError(t, err)
		got = append(got, e)
	}
	require.Equal(t, []journal.Event{written}, got)
	require.Equal(t, full, got[0].Change)
	require.NotEmpty(t, got[0].ID)
}

func TestNoChangeWithoutItsEntry(t *testing.T) {
	st := memstore.New()
	boom := errors.New("boom")
	err := st.Update(t.Context(), func(tx store.Tx) error {
		_, err := journal.Write(tx, journal.Change{Type: "test", Subject: "s", At: noon})
		require.NoError(t, err)
		return boom
	})
	require.ErrorIs(t, err, boom)
	for range journal.History(t.Context(), st, "") {
		t.Fatal("an entry without its change")
	}
	for _, c := range []journal.Change{{Subject: "s", At: noon}, {Type: "t", At: noon}, {Type: "t", Subject: "s"}} {
		require.Error(t, st.Update(t.Context(), func(tx store.Tx) error { _, err := journal.Write(tx, c); return err }))
	}
}

func TestHistoryWalksOverPages(t *testing.T) {
	st := memstore.New()
	for range 3 {
		var many []string
		for i := range 90 {
			many = append(many, fmt.Sprintf("s%d", i%2))
		}
		write(t, st, many...)
	}
	n, last := 0, store.Seq(0)
	for e, err := range journal.History(t.Context(), st, "s1") {
		require.NoError(t, err)
		require.Greater(t, e.Seq, last)
		last = e.Seq
		n++
	}
	require.Equal(t, 135, n)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range journal.History(ctx, st, "") {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestDeliveryIsAtLeastOnceAndInOrder(t *testing.T) {
	st := memstore.New()
	want := write(t, st, "a", "b", "a", "c")
	box := journal.NewOutbox(st)
	var good, bad []string
	broken := true
	require.NoError(t, box.Subscribe("good", func(_ context.Context, e journal.Event) error {
		good = append(good, e.ID)
		return nil
	}))
	require.NoError(t, box.Subscribe("bad", func(_ context.Context, e journal.Event) error {
		if broken && len(bad) == 2 {
			return errors.New("down")
		}
		bad = append(bad, e.ID)
		return nil
	}))
	n, err := box.Step(t.Context(), 10)
	require.ErrorContains(t, err, `"bad"`)
	require.Equal(t, 6, n)
	require.Len(t, good, 4, "one subscriber does not hold up another")
	require.Len(t, bad, 2)
	_, err = box.Step(t.Context(), 10)
	require.Error(t, err)
	require.Len(t, bad, 2, "nothing overtakes the event that failed")

	broken = false
	_, err = box.Step(t.Context(), 10)
	require.NoError(t, err)
	ids := []string{want[0].ID, want[1].ID, want[2].ID, want[3].ID}
	require.Equal(t, ids, good)
	require.Equal(t, ids, bad)
	n, err = box.Step(t.Context(), 10)
	require.NoError(t, err)
	require.Zero(t, n)
}

// A subscriber's position survives: a new outbox goes on, and a batch whose
// position could not be stored comes again with the same IDs.
func TestPositionIsDurable(t *testing.T) {
	st := memstore.New()
	write(t, st, "a", "b")
	var seen []string
	take := func(_ context.Context, e journal.Event) error { seen = append(seen, e.ID); return nil }
	first := journal.NewOutbox(failing{st})
	require.NoError(t, first.Subscribe("sub", take))
	_, err := first.Step(t.Context(), 10)
	require.Error(t, err)
	second := journal.NewOutbox(st)
	require.NoError(t, second.Subscribe("sub", take))
	_, err = second.Step(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, append(seen[:2:2], seen[:2]...), seen)
	third := journal.NewOutbox(st)
	require.NoError(t, third.Subscribe("sub", take))
	n, err := third.Step(t.Context(), 10)
	require.NoError(t, err)
	require.Zero(t, n)
}

type failing struct{ store.Store }

func (failing) Update(context.Context, func(store.Tx) error) error { return store.ErrFull }

func TestConcurrentStepsDeliverOnce(t *testing.T) {
	st := memstore.New()
	for range 20 {
		write(t, st, "a", "b", "c")
	}
	box := journal.NewOutbox(st)
	var mu sync.Mutex
	seen := map[string]int{}
	require.NoError(t, box.Subscribe("sub", func(_ context.Context, e journal.Event) error {
		mu.Lock()
		defer mu.Unlock()
		seen[e.ID]++
		return nil
	}))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				_, _ = box.Step(context.Background(), 5)
			}
		})
	}
	wg.Wait()
	require.Len(t, seen, 60)
	for id, n := range seen {
		require.Equal(t, 1, n, id)
	}
}

func TestSubscribeRefuses(t *testing.T) {
	box := journal.NewOutbox(memstore.New())
	f := func(context.Context, journal.Event) error { return nil }
	require.NoError(t, box.Subscribe("a", f))
	require.Error(t, box.Subscribe("a", f))
	require.Error(t, box.Subscribe("", f))
	require.Error(t, box.Subscribe("b", nil))
}

func TestActorInContext(t *testing.T) {
	require.Zero(t, journal.ActorFrom(t.Context()))
	a := journal.Actor{ID: "ann", Reason: "ticket 7"}
	require.Equal(t, a, journal.ActorFrom(journal.WithActor(t.Context(), a)))
}

func Example() {
	ctx := context.Background()
	st := memstore.New()
	box := journal.NewOutbox(st)
	_ = box.Subscribe("printer", func(_ context.Context, e journal.Event) error {
		fmt.Println(e.Type, e.Subject, "by", e.Actor.ID)
		return nil
	})
	_ = st.Update(ctx, func(tx store.Tx) error {
		_, err := journal.Write(tx, journal.Change{Type: "did.released", Subject: "did/+15015550123", At: noon, Actor: journal.Actor{ID: "ann"}})
		return err
	})
	_, _ = box.Step(ctx, 10)
	// Output: did.released did/+15015550123 by ann
}
