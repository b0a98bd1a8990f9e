package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// world is an engine with a clock, a carrier that applies requests, and a
// handler that can be told what goes wrong with each sending.
type world struct {
	gone []nanp.Number // cannot be had
	lost []nanp.Number // of the last failure
	*Engine
	t   require.TestingT
	mu  sync.Mutex
	now time.Time

	applied map[provider.Key]int       // what the carrier has done
	late    map[provider.Key]time.Time // what still arrives
	faults  []fault                    // for the next sendings, in their order
	look    func(provider.Trace) error // what goes wrong with looking
	blind   bool                       // looking cannot tell
	pending int                        // how often Book says "not done yet"
	booked  map[store.ID]int
	failed  map[store.ID]error
	stuck   map[store.ID]bool
}

type fault string

const (
	fine        fault = ""
	lost        fault = "reply lost"
	lostBefore  fault = "lost before it arrived"
	late        fault = "arrives late"
	refusedBusy fault = "throttled"
	refused     fault = "refused"
	foreign     fault = "an error without an outcome"
	panics      fault = "the adapter panics"
)

const horizon = 2 * time.Minute

type carrier struct{}

func (carrier) ID() provider.ID { return "sim" }
func (carrier) Capabilities() provider.Capabilities {
	return provider.Capabilities{Traits: provider.Traits{Horizon: horizon}}
}

func newWorld(t require.TestingT, st store.Store) *world {
	set, err := provider.NewSet(carrier{})
	require.NoError(t, err)
	w := &world{t: t, now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), applied: map[provider.Key]int{}, late: map[provider.Key]time.Time{},
		booked: map[store.ID]int{}, failed: map[store.ID]error{}, stuck: map[store.ID]bool{}}
	w.Engine, err = New(Config{Store: st, Carriers: set, Now: w.clock, CallTimeout: time.Second})
	require.NoError(t, err)
	require.NoError(t, Handle(w.Engine, "test", w))
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	for k, at := range w.late {
		if !at.After(w.now) {
			w.applied[k]++
			delete(w.late, k)
		}
	}
}

func (w *world) Send(ctx context.Context, i Intent) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var gone []nanp.Number
	for _, n := range i.Numbers {
		if slices.Contains(w.gone, n) {
			gone = append(gone, n)
		}
	}
	if len(gone) > 0 {
		return "", &Less{gone, &provider.Error{Kind: provider.NumberTaken, Outcome: provider.NotApplied}}
	}
	f := fine
	if len(w.faults) > 0 {
		f, w.faults = w.faults[0], w.faults[1:]
	}
	switch f {
	case lostBefore:
		return "", &provider.Error{Kind: provider.Unavailable}
	case late:
		w.late[i.Key()] = w.now.Add(horizon - time.Second)
		return "", &provider.Error{Kind: provider.Unavailable}
	case refusedBusy:
		return "", &provider.Error{Kind: provider.RateLimited, Outcome: provider.NotApplied, After: 30 * time.Second}
	case refused:
		return "", &provider.Error{Kind: provider.NumberTaken, Outcome: provider.NotApplied}
	}
	w.applied[i.Key()]++
	switch f {
	case lost:
		return "", &provider.Error{Kind: provider.Unavailable}
	case foreign:
		return "", errors.New("connection reset by peer")
	case panics:
		panic("nil map")
	}
	return "fine", nil
}

func (w *world) Track(ctx context.Context, i Intent) (f provider.Finding[string], err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.look != nil {
		if err := w.look(i.Trace()); err != nil {
			return f, err
		}
	}
	switch {
	case w.blind:
		return f, nil
	case w.applied[i.Key()] > 0:
		return provider.FoundAs("fine", w.now), nil
	}
	return provider.Finding[string]{Verdict: provider.Absent, AsOf: w.now}, nil
}

func (w *world) Book(tx store.Tx, i Intent, answer string) (Progress, error) {
	if w.pending > 0 {
		w.pending--
		return Progress{Ref: "ref-1", Again: time.Minute}, nil
	}
	w.booked[i.ID]++
	return Progress{Done: true, Ref: "ref-1"}, tx.Put(&store.Record{Kind: "booked", ID: i.ID})
}

func (w *world) Fail(tx store.Tx, i Intent, why error) error {
	w.failed[i.ID], w.lost = why, i.Numbers
	return nil
}
func (w *world) Stuck(tx store.Tx, i Intent) error { w.stuck[i.ID] = true; return nil }

func (w *world) enqueue(lanes ...string) Intent {
	return w.ask(Intent{Kind: "test", Carrier: "sim", Lanes: lanes, Payload: []byte("p")})
}

func (w *world) ask(asked Intent) (i Intent) {
	err := w.Store.Update(context.Background(), func(tx store.Tx) (err error) {
		i, err = w.Enqueue(tx, asked)
		return err
	})
	require.NoError(w.t, err)
	return i
}

func (w *world) step() int {
	n, err := w.Step(context.Background())
	require.NoError(w.t, err)
	return n
}

// settle steps through time until nothing is open but what waits for a person.
func (w *world) settle(limit time.Duration) {
	for end := w.clock().Add(limit); w.clock().Before(end); w.advance(5 * time.Second) {
		w.step()
	}
}

func (w *world) get(id store.ID) Intent {
	i, err := w.Get(context.Background(), id)
	require.NoError(w.t, err)
	return i
}

func TestFinePathAsksOnce(t *testing.T) {
	w := newWorld(t, memstore.New())
	i := w.enqueue("lane")
	require.Empty(t, w.applied, "nothing leaves before the transaction is durable")
	require.Equal(t, 1, w.step())
	require.Equal(t, map[provider.Key]int{i.Key(): 1}, w.applied)
	got := w.get(i.ID)
	require.Equal(t, Done, got.Phase)
	require.Equal(t, 1, got.Attempt)
	require.EqualValues(t, "ref-1", got.Ref)
	require.Zero(t, w.step(), "nothing is left to do")
	open, err := w.Open(t.Context())
	require.NoError(t, err)
	require.Zero(t, open)
	require.ErrorIs(t, w.Store.View(t.Context(), func(r store.Reader) error { _, err := r.Get(kindLane, "lane"); return err }), store.ErrNotFound)
}

// Whatever happens to single sendings, a key is never applied twice, and
// everything ends booked, failed with nothing applied, or with a person.
func TestEveryFault(t *testing.T) {
	for _, c := range []struct {
		faults  []fault
		blind   bool
		phase   Phase
		applied int
		attempt int
	}{
		{[]fault{lost}, false, Done, 1, 1},
		{[]fault{foreign}, false, Done, 1, 1},
		{[]fault{panics}, false, Done, 1, 1},
		{[]fault{late}, false, Done, 1, 1},
		{[]fault{lostBefore}, false, Done, 1, 2},
		{[]fault{lostBefore, lostBefore, lost}, false, Done, 1, 3},
		{[]fault{refusedBusy, refusedBusy}, false, Done, 1, 3},
		{[]fault{refused}, false, Done, 0, 1},
		{[]fault{lost}, true, Human, 1, 1},
		{[]fault{lostBefore}, true, Human, 0, 1},
	} {
		t.Run(fmt.Sprint(c.faults, c.blind), func(t *testing.T) {
			w := newWorld(t, memstore.New())
			w.faults, w.blind = c.faults, c.blind
			i := w.enqueue()
			w.settle(time.Hour)
			got := w.get(i.ID)
			require.Equal(t, c.phase, got.Phase, got.Note)
			require.Equal(t, c.applied, w.applied[i.Key()])
			require.Equal(t, c.attempt, got.Attempt)
			require.Equal(t, c.phase == Human, w.stuck[i.ID])
			require.Equal(t, c.phase == Done && c.applied == 1, w.booked[i.ID] > 0)
			require.Equal(t, c.phase == Done && c.applied == 0, w.failed[i.ID] != nil)
		})
	}
}

// An Absent proves nothing before the horizon, nor when it is as of then.
func TestAbsentIsNoProofBeforeTheHorizon(t *testing.T) {
	w := newWorld(t, memstore.New())
	w.faults = []fault{late}
	i := w.enqueue()
	for w.clock().Before(i.Booked.Add(horizon - 10*time.Second)) {
		w.step()
		require.LessOrEqual(t, w.get(i.ID).Attempt, 1, "sent again while the first one could still arrive")
		w.advance(time.Second)
	}
	w.settle(10 * time.Minute)
	require.Equal(t, 1, w.applied[i.Key()])
	require.Equal(t, Done, w.get(i.ID).Phase)
}

func TestThrottlingIsHonoured(t *testing.T) {
	w := newWorld(t, memstore.New())
	w.faults = []fault{refusedBusy}
	i := w.enqueue()
	w.step()
	w.advance(29 * time.Second)
	require.Zero(t, w.step(), "the carrier asked for 30 s")
	w.advance(time.Second)
	require.Equal(t, 1, w.step())
	require.Equal(t, Done, w.get(i.ID).Phase)
}

// What is refused before anything was applied is sent again for hours, and not for
// ever.
func TestRefusalsEnd(t *testing.T) {
	w := newWorld(t, memstore.New())
	for range 1000 {
		w.faults = append(w.faults, refusedBusy)
	}
	i := w.enqueue()
	w.settle(w.Persist - time.Minute)
	require.Equal(t, Intended, w.get(i.ID).Phase)
	w.settle(10 * time.Minute)
	require.Equal(t, Done, w.get(i.ID).Phase)
	require.ErrorIs(t, w.failed[i.ID], provider.RateLimited)
	require.Equal(t, w.get(i.ID).Attempt, w.get(i.ID).Refused)
}

// A carrier that refuses for an hour delays an intent and does not end it; nor do
// those refusals count when a request is lost afterwards.
func TestAnHourOfRefusals(t *testing.T) {
	w := newWorld(t, memstore.New())
	i := w.enqueue()
	for w.clock().Before(i.Booked.Add(time.Hour)) {
		w.faults = []fault{refusedBusy}
		w.step()
		w.advance(5 * time.Second)
	}
	require.Greater(t, w.get(i.ID).Attempt, w.Attempts)
	w.faults = []fault{lostBefore}
	w.settle(time.Hour)
	require.Equal(t, Done, w.get(i.ID).Phase)
	require.Equal(t, 1, w.applied[i.Key()])
}

// None of the requests arrives: that ends after so many of them.
func TestAttemptsEnd(t *testing.T) {
	w := newWorld(t, memstore.New())
	for range 100 {
		w.faults = append(w.faults, lostBefore)
	}
	i := w.enqueue()
	w.settle(24 * time.Hour)
	require.Equal(t, Done, w.get(i.ID).Phase)
	require.ErrorIs(t, w.failed[i.ID], provider.Unavailable)
	require.Equal(t, w.Attempts, w.get(i.ID).Attempt)
	require.Zero(t, w.applied[i.Key()])
}

var one, two, three = nanp.MustParse("501-555-0101"), nanp.MustParse("501-555-0102"), nanp.MustParse("501-555-0103")

// Numbers that cannot be had fail by themselves, in one transaction with the intent
// that goes on without them.
func TestLess(t *testing.T) {
	w := newWorld(t, memstore.New())
	w.gone = []nanp.Number{two}
	i := w.ask(Intent{Kind: "test", Carrier: "sim", Numbers: []nanp.Number{one, two, three}})
	w.step()
	require.Zero(t, w.applied[i.Key()])
	require.Equal(t, []nanp.Number{two}, w.lost)
	require.Equal(t, []nanp.Number{one, three}, w.get(i.ID).Numbers)
	require.Equal(t, Intended, w.get(i.ID).Phase)
	w.step()
	require.Equal(t, 1, w.applied[i.Key()])
	require.Equal(t, Done, w.get(i.ID).Phase)

	w.gone, w.lost = []nanp.Number{one, two}, nil
	i = w.ask(Intent{Kind: "test", Carrier: "sim", Numbers: []nanp.Number{one, two}})
	w.settle(time.Minute)
	require.Zero(t, w.applied[i.Key()], "nothing is left to be sent")
	require.Equal(t, []nanp.Number{one, two}, w.lost)
	require.Equal(t, Done, w.get(i.ID).Phase)
}

// Who yields stands in nobody's way while a person decides; who does not, does.
func TestYielding(t *testing.T) {
	for _, yields := range []bool{true, false} {
		w := newWorld(t, memstore.New())
		w.faults, w.blind = []fault{lost}, true
		first := w.ask(Intent{Kind: "test", Carrier: "sim", Lanes: []string{"lane"}, Yields: yields})
		second := w.ask(Intent{Kind: "test", Carrier: "sim", Lanes: []string{"lane"}})
		w.settle(5 * time.Minute)
		require.Equal(t, Unclear, w.get(first.ID).Phase)
		require.Equal(t, Intended, w.get(second.ID).Phase, "it waits as long as looking may help")
		w.settle(time.Hour)
		require.Equal(t, Human, w.get(first.ID).Phase)
		require.Equal(t, yields, w.get(second.ID).Phase == Done)
	}
}

func TestWaitingIsPolledAndNeverDecidedByTime(t *testing.T) {
	w := newWorld(t, memstore.New())
	w.pending = 500
	i := w.enqueue()
	w.settle(6 * time.Hour)
	require.Equal(t, Waiting, w.get(i.ID).Phase, "as long as the carrier says that it is at work on it")
	require.EqualValues(t, "ref-1", w.get(i.ID).Ref)
	w.pending = 0
	w.settle(10 * time.Minute)
	require.Equal(t, Done, w.get(i.ID).Phase)
	require.Equal(t, 1, w.applied[i.Key()])
}

// What the carrier had confirmed is never sent again, also when it forgets it.
func TestForgottenByTheCarrier(t *testing.T) {
	w := newWorld(t, memstore.New())
	w.pending = 1
	i := w.enqueue()
	w.step()
	delete(w.applied, i.Key())
	w.settle(3 * time.Hour)
	require.Equal(t, Human, w.get(i.ID).Phase)
	require.Equal(t, 1, w.get(i.ID).Attempt)
}

// While a person decides, the carrier's own answer still settles it; a proof of
// absence does not, because the person may be at work on it.
func TestWhileAPersonDecides(t *testing.T) {
	for _, f := range []fault{lost, lostBefore} {
		w := newWorld(t, memstore.New())
		w.blind, w.faults = true, []fault{f}
		i := w.enqueue()
		w.settle(time.Hour)
		require.Equal(t, Human, w.get(i.ID).Phase)
		w.blind = false
		w.settle(time.Hour)
		require.Equal(t, 1, w.get(i.ID).Attempt)
		require.Equal(t, f == lost, w.get(i.ID).Phase == Done)
		require.Equal(t, f == lost, w.booked[i.ID] == 1)
	}
}

func TestLanesKeepTheirOrder(t *testing.T) {
	w := newWorld(t, memstore.New())
	w.blind, w.faults = true, []fault{lost}
	first := w.enqueue("e911/1", "own/1")
	w.step()
	second := w.enqueue("e911/1")
	third := w.enqueue("own/1", "e911/2")
	free := w.enqueue("cnam/1")
	w.settle(time.Minute)
	require.Equal(t, Unclear, w.get(first.ID).Phase)
	require.Zero(t, w.applied[second.Key()], "waits behind an unclear one")
	require.Zero(t, w.applied[third.Key()])
	require.Contains(t, w.get(second.ID).Note, "e911/1")
	require.Equal(t, 1, w.applied[free.Key()], "another lane does not wait")

	w.settle(time.Hour)
	require.Equal(t, Human, w.get(first.ID).Phase)
	require.Zero(t, w.applied[second.Key()], "also behind one that waits for a person")

	w.blind = false
	require.NoError(t, w.Decide(t.Context(), first.ID, LookAgain, "Ann saw it in the portal"))
	w.step()
	require.Equal(t, Done, w.get(first.ID).Phase)
	w.step()
	require.Equal(t, 1, w.applied[second.Key()], "due at once when the lane is free")
	require.Equal(t, 1, w.applied[third.Key()])
}

func TestDecisions(t *testing.T) {
	stuck := func(t *testing.T, f fault) (*world, Intent) {
		w := newWorld(t, memstore.New())
		w.blind, w.faults = true, []fault{f}
		i := w.enqueue("lane")
		w.settle(time.Hour)
		require.Equal(t, Human, w.get(i.ID).Phase)
		listed, err := w.List(t.Context(), Human, provider.Page{})
		require.NoError(t, err)
		require.Len(t, listed.Items, 1)
		return w, i
	}
	t.Run("send again", func(t *testing.T) {
		w, i := stuck(t, lostBefore)
		require.NoError(t, w.Decide(t.Context(), i.ID, SendAgain, "Ann asked their support"))
		w.step()
		require.Equal(t, Done, w.get(i.ID).Phase)
		require.Equal(t, 1, w.applied[i.Key()])
	})
	t.Run("give up", func(t *testing.T) {
		w, i := stuck(t, lostBefore)
		require.NoError(t, w.Decide(t.Context(), i.ID, GiveUp, "not wanted any more"))
		require.Equal(t, Done, w.get(i.ID).Phase)
		require.ErrorContains(t, w.failed[i.ID], "not wanted any more")
		require.Zero(t, w.step())
	})
	t.Run("refused", func(t *testing.T) {
		w, i := stuck(t, lost)
		require.Error(t, w.Decide(t.Context(), i.ID, LookAgain, ""), "a reason is needed")
		require.Error(t, w.Decide(t.Context(), i.ID, "shrug", "why not"))
		require.ErrorIs(t, w.Decide(t.Context(), "nobody", LookAgain, "x"), store.ErrNotFound)
		require.Equal(t, Human, w.get(i.ID).Phase)
		require.NoError(t, w.Decide(t.Context(), i.ID, GiveUp, "x"))
		require.ErrorIs(t, w.Decide(t.Context(), i.ID, SendAgain, "x"), ErrNotHuman)
	})
}

// A process that dies while sending leaves "sending"; the next one looks.
func TestDeathWhileSending(t *testing.T) {
	for _, recover := range []bool{true, false} {
		for _, arrived := range []bool{true, false} {
			w := newWorld(t, memstore.New())
			i := w.enqueue()
			begun, err := w.begin(t.Context(), &i) // and then it died
			require.NoError(t, err)
			require.True(t, begun)
			if arrived {
				w.applied[i.Key()]++
			}
			require.Zero(t, w.step(), "it may still be under way in another process")
			if recover {
				n, err := w.Recover(t.Context())
				require.NoError(t, err)
				require.Equal(t, 1, n)
			} else {
				w.advance(w.lease())
			}
			w.step()
			require.Equal(t, 1, w.get(i.ID).Attempt, "looked, did not send")
			w.settle(10 * time.Minute)
			require.Equal(t, Done, w.get(i.ID).Phase)
			require.Equal(t, 1, w.applied[i.Key()])
		}
	}
}

// unclear fails commits of a store after they have become durable.
type unclear struct {
	store.Store
	fail func() bool
}

func (u unclear) Update(ctx context.Context, f func(store.Tx) error) error {
	err := u.Store.Update(ctx, f)
	if err == nil && u.fail() {
		return store.ErrUnclear
	}
	return err
}

// Every commit can answer "unclear": nothing is lost and nothing is done twice.
func TestUnclearCommits(t *testing.T) {
	for nth := 1; nth <= 4; nth++ {
		n := 0
		w := newWorld(t, unclear{memstore.New(), func() bool { n++; return n == nth }})
		var i Intent
		err := w.Store.Update(t.Context(), func(tx store.Tx) (err error) {
			i, err = w.Enqueue(tx, Intent{Kind: "test", Carrier: "sim"})
			return err
		})
		require.Equal(t, nth == 1, errors.Is(err, store.ErrUnclear))
		for range 200 {
			_, _ = w.Step(t.Context())
			w.advance(time.Second)
		}
		require.Equal(t, Done, w.get(i.ID).Phase)
		require.Equal(t, 1, w.applied[i.Key()])
	}
}

func TestSeveralEnginesShareAStore(t *testing.T) {
	w := newWorld(t, memstore.New())
	var all []Intent
	for range 50 {
		all = append(all, w.enqueue())
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				_, err := w.Step(context.Background())
				require.NoError(t, err)
			}
		})
	}
	wg.Wait()
	for _, i := range all {
		require.Equal(t, 1, w.applied[i.Key()])
		require.Equal(t, Done, w.get(i.ID).Phase)
	}
}

func TestEnqueueRefuses(t *testing.T) {
	w := newWorld(t, memstore.New())
	for name, i := range map[string]Intent{
		"unknown kind":    {Kind: "other", Carrier: "sim"},
		"unknown carrier": {Kind: "test", Carrier: "verizon"},
		"bad ID":          {Kind: "test", Carrier: "sim", ID: "has spaces"},
	} {
		err := w.Store.Update(t.Context(), func(tx store.Tx) error {
			_, err := w.Enqueue(tx, i)
			return err
		})
		require.Error(t, err, name)
	}
	open, err := w.Open(t.Context())
	require.NoError(t, err)
	require.Zero(t, open)
	require.Error(t, Handle(w.Engine, "test", w), "one handler for a kind")
	_, err = New(Config{})
	require.Error(t, err)
}

func TestRunStopsAndWakes(t *testing.T) {
	w := newWorld(t, memstore.New())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Run(ctx, time.Hour) }()
	i := w.enqueue()
	w.Wake()
	require.Eventually(t, func() bool { return w.get(i.ID).Phase == Done }, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

// Any sequence of faults, crashes, decisions and waits: a key is applied at most
// once, and once faults end everything settles.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, memstore.New())
		kinds := []fault{fine, lost, lostBefore, late, refusedBusy, refused, foreign, panics}
		lanes := []string{"a", "b", "c"}
		var all []Intent
		rt.Repeat(map[string]func(*rapid.T){
			"book":  func(rt *rapid.T) { all = append(all, w.enqueue(rapid.SampledFrom(lanes).Draw(rt, "lane"))) },
			"fault": func(rt *rapid.T) { w.faults = append(w.faults, rapid.SampledFrom(kinds).Draw(rt, "fault")) },
			"step":  func(rt *rapid.T) { w.step() },
			"time":  func(rt *rapid.T) { w.advance(time.Duration(rapid.IntRange(1, 200).Draw(rt, "s")) * time.Second) },
			"blind": func(rt *rapid.T) { w.blind = rapid.Bool().Draw(rt, "blind") },
			"hint": func(rt *rapid.T) {
				for _, i := range all {
					w.hint("sim", i.Key(), "ref-1", i.Lanes...)
				}
			},
			"die": func(rt *rapid.T) { _, err := w.Recover(context.Background()); require.NoError(rt, err) },
			"": func(rt *rapid.T) {
				for k, n := range w.applied {
					require.LessOrEqual(rt, n, 1, "key %s was applied twice", k)
				}
			},
		})
		w.faults, w.blind = nil, false
		for range 3 {
			w.settle(30 * time.Minute)
			people, err := w.List(context.Background(), Human, provider.Page{})
			require.NoError(rt, err)
			for _, i := range people.Items {
				require.NoError(rt, w.Decide(context.Background(), i.ID, LookAgain, "test"))
			}
		}
		w.settle(time.Hour)
		for _, i := range all {
			got := w.get(i.ID)
			require.Equal(rt, Done, got.Phase, got.Note)
			require.Equal(rt, w.applied[i.Key()] == 1, w.booked[i.ID] > 0)
			require.NotEqual(rt, w.applied[i.Key()] == 1, w.failed[i.ID] != nil, "applied and failed")
		}
		require.Zero(rt, countDue(rt, w.Store, "sim"))
	})
}

func FuzzDecodeIntent(f *testing.F) {
	b, _ := json.Marshal(Intent{Kind: "test", Phase: Waiting})
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = decode(store.Record{ID: "x", Body: b}) })
}
