package work

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

type named string

func (n named) ID() provider.ID                     { return provider.ID(n) }
func (n named) Capabilities() provider.Capabilities { return provider.Capabilities{} }

// slow is a handler whose carriers take their time: "down" never answers.
type slow struct {
	mu    sync.Mutex
	now   map[provider.ID]int // calls under way
	most  map[provider.ID]int
	calls map[provider.ID]int
	done  map[store.ID]time.Time
}

func newSlow() *slow {
	return &slow{now: map[provider.ID]int{}, most: map[provider.ID]int{}, calls: map[provider.ID]int{}, done: map[store.ID]time.Time{}}
}

func (s *slow) call(ctx context.Context, i Intent) error {
	s.mu.Lock()
	s.calls[i.Carrier]++
	s.now[i.Carrier]++
	s.most[i.Carrier] = max(s.most[i.Carrier], s.now[i.Carrier])
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.now[i.Carrier]--
		s.mu.Unlock()
	}()
	if i.Carrier == "down" {
		<-ctx.Done()
		return ctx.Err()
	}
	time.Sleep(200 * time.Millisecond)
	return nil
}

func (s *slow) Send(ctx context.Context, i Intent) (int, error) { return 0, s.call(ctx, i) }
func (s *slow) Track(ctx context.Context, i Intent) (f provider.Finding[int], err error) {
	return f, s.call(ctx, i)
}
func (s *slow) Book(tx store.Tx, i Intent, _ int) (Progress, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done[i.ID] = time.Now()
	return Progress{Done: true}, nil
}
func (s *slow) Fail(store.Tx, Intent, error) error { return nil }
func (s *slow) Stuck(store.Tx, Intent) error       { return nil }

func open(t *testing.T, st store.Store, h Handler[int], ids ...provider.ID) *Engine {
	var ps []provider.Provider
	for _, id := range ids {
		ps = append(ps, named(id))
	}
	set, err := provider.NewSet(ps...)
	require.NoError(t, err)
	e, err := New(Config{Store: st, Carriers: set})
	require.NoError(t, err)
	require.NoError(t, Handle(e, "test", h))
	return e
}

func book(t *testing.T, e *Engine, c provider.ID, n int) (out []Intent) {
	require.NoError(t, e.Store.Update(context.Background(), func(tx store.Tx) error {
		out = nil
		for range n {
			i, err := e.Enqueue(tx, Intent{Kind: "test", Carrier: c})
			if err != nil {
				return err
			}
			out = append(out, i)
		}
		return nil
	}))
	e.Wake()
	return out
}

// With thousands of intents due at a carrier that hangs, another carrier's are
// done as soon as ever, call by call.
func TestACarrierThatHangsDelaysOnlyItsOwn(t *testing.T) {
	last := func(hung int) (took time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			h := newSlow()
			e := open(t, memstore.New(), h, "down", "up", "other")
			ctx, cancel := context.WithCancel(t.Context())
			ran := make(chan error)
			go func() { ran <- e.Run(ctx, time.Second) }()
			book(t, e, "down", hung)
			time.Sleep(time.Minute) // all its slots are taken, and have been again
			start := time.Now()
			ups := append(book(t, e, "up", 40), book(t, e, "other", 1)...)
			time.Sleep(10 * time.Second)
			h.mu.Lock()
			for _, i := range ups {
				require.Contains(t, h.done, i.ID)
				took = max(took, h.done[i.ID].Sub(start))
			}
			require.Equal(t, 8, h.most["up"])
			if hung > 0 {
				require.Equal(t, 8, h.most["down"], "its own slots and no more")
				require.LessOrEqual(t, h.calls["down"], 8*4)
			}
			h.mu.Unlock()
			cancel()
			require.ErrorIs(t, <-ran, context.Canceled)
		})
		return took
	}
	usual := last(0)
	require.Equal(t, time.Second, usual, "40 calls of 200 ms, 8 at once")
	require.Equal(t, usual, last(3000))
}

// One call that hangs does not hold up the other slots of the same carrier.
func TestASlotIsFilledWhenItIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &oneHangs{slow: newSlow()}
		e := open(t, memstore.New(), h, "up")
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error)
		go func() { ran <- e.Run(ctx, time.Second) }()
		book(t, e, "up", 71)
		time.Sleep(2*time.Second + time.Millisecond) // 70 calls of 200 ms in 7 slots
		h.mu.Lock()
		require.Len(t, h.done, 70)
		h.mu.Unlock()
		cancel()
		<-ran
	})
}

// What an intent makes due when it is done, the next in its lane, begins at once.
func TestTheNextInALaneBeginsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newSlow()
		e := open(t, memstore.New(), h, "up")
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error)
		go func() { ran <- e.Run(ctx, time.Hour) }()
		synctest.Wait()
		require.NoError(t, e.Store.Update(ctx, func(tx store.Tx) error {
			for range 5 {
				if _, err := e.Enqueue(tx, Intent{Kind: "test", Carrier: "up", Lanes: []string{"own/1"}}); err != nil {
					return err
				}
			}
			return nil
		}))
		e.Wake()
		time.Sleep(time.Second + time.Millisecond)
		h.mu.Lock()
		require.Len(t, h.done, 5)
		require.Equal(t, 1, h.most["up"])
		h.mu.Unlock()
		cancel()
		<-ran
	})
}

// oneHangs never answers the first call.
type oneHangs struct {
	*slow
	once sync.Once
}

func (o *oneHangs) Send(ctx context.Context, i Intent) (n int, err error) {
	first := false
	o.once.Do(func() { first = true })
	if first {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return o.slow.Send(ctx, i)
}

// Step asks all carriers together: it takes as long as the slowest.
func TestStepAsksAllCarriersTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newSlow()
		e := open(t, memstore.New(), h, "a", "b", "c")
		for _, c := range []provider.ID{"a", "b", "c"} {
			book(t, e, c, 8)
		}
		start := time.Now()
		n, err := e.Step(t.Context())
		require.NoError(t, err)
		require.Equal(t, 24, n)
		require.Equal(t, 200*time.Millisecond, time.Since(start))
	})
}

// What was asked of a carrier that is not configured any more stays, is seen, and
// goes on when the carrier is back.
func TestACarrierThatIsNotConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memstore.New()
		h := newSlow()
		i := book(t, open(t, st, h, "up", "gone"), "gone", 1)[0]
		without := open(t, st, h, "up")
		_, err := without.Recover(t.Context())
		require.NoError(t, err)
		n, err := without.Step(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		page, err := without.List(t.Context(), Intended, provider.Page{})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Equal(t, i.ID, page.Items[0].ID)
		require.False(t, page.Items[0].Due.IsZero())
		open1, err := without.Open(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, open1)

		again := open(t, st, h, "up", "gone")
		n, err = again.Step(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Contains(t, h.done, i.ID)
		require.Zero(t, countDue(t, st, "gone"), "an intent that is done leaves no due record")
	})
}

func countDue(t require.TestingT, st store.Store, c provider.ID) (n int) {
	require.NoError(t, st.View(context.Background(), func(r store.Reader) (err error) {
		n, _, err = r.Count(store.Query{Kind: kindDue(c)}, 0)
		return err
	}))
	return n
}

// A worker whose lease has ended leaves what another has taken up meanwhile.
func TestALateWorkerLeavesIt(t *testing.T) {
	w := newWorld(t, memstore.New())
	i := w.enqueue()
	claimed, err := w.queues[0].claim(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	w.advance(w.lease())
	again, err := w.queues[0].claim(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, again, 1)
	_, err = w.begin(t.Context(), &i) // the second worker is sending
	require.NoError(t, err)
	require.NoError(t, w.Engine.advance(t.Context(), claimed[0]))
	require.Equal(t, Sending, w.get(i.ID).Phase, "it has not been looked for while it is being sent")
}
