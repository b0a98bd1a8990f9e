package numberdesk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/bolt"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/store/work"
)

// deaf answers no question about an order while it is on, so that the desk waits
// longer and longer before it asks again.
type deaf struct {
	mu sync.Mutex
	on bool
}

func (d *deaf) set(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.on = on
}

func (d *deaf) script(op provider.Op, _ provider.Key, _ int) sandbox.Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.on && op == provider.OpTrack {
		return sandbox.FailedBefore
	}
	return sandbox.Polite
}

// longAgo is an office that has bought numbers and will not ask about them for a
// while by itself, though they have long settled at the carrier.
func longAgo(t require.TestingT, c sandbox.Config, n int) (*office, did.Purchase) {
	d := &deaf{on: true}
	c.Chaos.Script = d.script
	o := newOffice(t, c, nil)
	p := o.buy(n)
	o.pass(5 * time.Minute)
	o.quiet(p.Orders[0])
	d.set(false)
	require.Equal(t, did.Pending, o.status(p.Numbers[0]))
	return o, p
}

// quiet lets time pass until the desk will not look at an intent for a minute, and
// a hint may make it.
func (o *office) quiet(id store.ID) {
	for {
		o.pass(5 * time.Second)
		i, err := o.Work.Get(o.ctx, id)
		require.NoError(o.t, err)
		if i.Due.Sub(o.clock.Now()) > time.Minute {
			return
		}
	}
}

func TestAMessageMakesTheDeskLook(t *testing.T) {
	for name, of := range map[string]func(p did.Purchase, ref provider.Ref) event{
		"key":       func(p did.Purchase, _ provider.Ref) event { return event{Key: provider.Key(p.Orders[0])} },
		"reference": func(_ did.Purchase, ref provider.Ref) event { return event{Ref: ref} },
		"number":    func(p did.Purchase, _ provider.Ref) event { return event{Numbers: p.Numbers[1:2]} },
	} {
		t.Run(name, func(t *testing.T) {
			o, p := longAgo(t, sandbox.Config{Seed: 3}, 2)
			i, err := o.Work.Get(o.ctx, p.Orders[0])
			require.NoError(t, err)
			require.NotEmpty(t, i.Ref)
			e := of(p, i.Ref)
			e.ID, e.About = "m1", provider.CapOrders
			o.send(e)
			require.Equal(t, did.Pending, o.status(p.Numbers[0]), "a message decides nothing")
			o.step()
			require.Equal(t, did.Active, o.status(p.Numbers[0]))
			require.Equal(t, 1, o.hints()[0].Requests)
		})
	}
}

// A desk that runs looks as soon as the message is durable, not at its next tick.
func TestAMessageWakesTheDesk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, p := longAgo(t, sandbox.Config{Seed: 3}, 1)
		ran := make(chan error)
		go func() { ran <- o.Run(context.Background()) }()
		synctest.Wait()
		start := time.Now()
		o.send(event{ID: "m1", About: provider.CapOrders, Key: provider.Key(p.Orders[0])})
		synctest.Wait()
		require.Equal(t, did.Active, o.status(p.Numbers[0]))
		require.Zero(t, time.Since(start))
		require.NoError(t, o.Close())
		require.ErrorIs(t, <-ran, numberdesk.ErrClosed)
	})
}

// An event that says "done" while the carrier's own answer says "waiting" leaves
// the number PENDING; so do a hundred, and one that says "refused".
func TestAnEventIsNoAuthority(t *testing.T) {
	o := newOffice(t, sandbox.Config{Seed: 3}, nil)
	var p did.Purchase
	for again := time.Duration(0); again < 3*time.Second; { // one that takes its time
		p = o.buy(1)
		o.step()
		i, err := o.Work.Get(o.ctx, p.Orders[0])
		require.NoError(t, err)
		again = i.Due.Sub(o.clock.Now())
	}
	require.Equal(t, did.Pending, o.status(p.Numbers[0]))
	tracked := o.calls.of("sandbox", provider.OpTrack)
	for k := range 100 {
		o.send(event{ID: fmt.Sprint(k), About: provider.CapOrders, Key: provider.Key(p.Orders[0]), Numbers: p.Numbers, Status: []provider.Raw{"done", "refused"}[k%2]})
		o.step()
		require.Equal(t, did.Pending, o.status(p.Numbers[0]))
		o.clock.Advance(15 * time.Millisecond)
	}
	o.clock.Advance(time.Second)
	o.step()
	require.Equal(t, tracked+1, o.calls.of("sandbox", provider.OpTrack), "a hundred messages within two seconds are one look")
	d, err := o.DIDs.Get(o.ctx, p.Numbers[0])
	require.NoError(t, err)
	require.Equal(t, did.Pending, d.Status)
	require.NotEqual(t, provider.Raw("done"), d.Said.Raw)
	o.pass(2 * time.Minute)
	require.Equal(t, did.Active, o.status(p.Numbers[0]))
}

// No change of a signed message gets through: each bit of body, signature, time
// and address, a message that is too old, another key, no key.
func TestForgedMessagesChangeNothing(t *testing.T) {
	o, p := longAgo(t, sandbox.Config{Seed: 3}, 1)
	e := event{ID: "m1", About: provider.CapOrders, Key: provider.Key(p.Orders[0]), Numbers: p.Numbers, Status: "done"}
	good := o.carrier.message("?a=1", e)
	body, err := io.ReadAll(good.Body)
	require.NoError(t, err)
	before, updates := o.everything(), o.store.updates()
	forged := 0
	try := func(what string, r *http.Request) {
		forged++
		require.Equal(t, 401, o.post(r).Code, what)
	}
	for i := range len(body) * 8 {
		b := slices.Clone(body)
		b[i/8] ^= 1 << (i % 8)
		try("a bit of the body", withBody(o, good, b))
	}
	for _, b := range [][]byte{append(slices.Clone(body), ' '), append([]byte{' '}, body...), body[:len(body)-1], []byte(strings.ReplaceAll(string(body), ",", ", "))} {
		try("the same JSON, other bytes", withBody(o, good, b))
	}
	for _, name := range []string{"Signature", "Stamp"} {
		v := good.Header.Get(name)
		for i := range len(v) * 8 {
			b := []byte(v)
			b[i/8] ^= 1 << (i % 8)
			r := withBody(o, good, body)
			r.Header.Set(name, string(b))
			try(name, r)
		}
		r := withBody(o, good, body)
		r.Header.Del(name)
		try(name, r)
	}
	r := withBody(o, good, body)
	r.URL.RawQuery = "a=2"
	try("another address", r)
	o.clock.Advance(5*time.Minute + time.Second)
	try("too old", withBody(o, good, body))
	o.clock.Advance(-5*time.Minute - time.Second)
	for _, key := range []string{"k2", ""} {
		o.carrier.key = key
		try("key "+key, withBody(o, good, body))
	}
	require.Greater(t, forged, 1400)
	require.Equal(t, before, o.everything())
	require.Equal(t, updates, o.store.updates())

	o.carrier.key = "k1"
	require.Equal(t, 200, o.post(withBody(o, good, body)).Code, "the message itself is good")
	require.NotEqual(t, before, o.everything())
}

// withBody is the same request with other bytes in it.
func withBody(o *office, r *http.Request, body []byte) *http.Request {
	x := httptest.NewRequest(r.Method, r.URL.String(), strings.NewReader(string(body)))
	x.Header = r.Header.Clone()
	return x
}

// What has come before is dropped: again, at once from many sides, and after a
// restart; and forgotten after a week.
func TestDuplicatesAreDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desk.db")
	file := func() store.Store {
		st, err := bolt.Open(t.Context(), bolt.Options{Path: path})
		require.NoError(t, err)
		return st
	}
	o := newOffice(t, sandbox.Config{Seed: 3}, file())
	e := event{ID: "m1", About: provider.CapOrders, Ref: "ref-1"}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 4 {
				o.post(o.carrier.message("", e))
			}
		})
	}
	wg.Wait()
	require.Len(t, o.hints(), 1)
	require.NoError(t, o.Close())

	o.open(file(), o.carrier)
	before := o.everything()
	o.send(e)
	o.clock.Advance(7*24*time.Hour - time.Second)
	o.step()
	o.send(e)
	require.Equal(t, before, o.everything())
	require.Equal(t, 1, o.seen())
	o.clock.Advance(time.Second)
	o.step()
	require.Zero(t, o.seen())
	require.Len(t, o.hints(), 1)
	require.NoError(t, o.Close())
}

// A message ID is a carrier's own: another carrier's, or another message's with
// the same things in it, is not a repeat. One message may hint at several things.
func TestWhatIsNoDuplicate(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	second, err := sandbox.New(sandbox.Config{ID: "second", Now: o.clock.Now})
	require.NoError(t, err)
	other := &talkative{Provider: second, key: "k2", now: o.clock.Now}
	o.open(o.store.Store, o.carrier, other)
	o.send(event{ID: "m1", About: provider.CapOrders, Ref: "r1"}, event{ID: "m1", About: provider.CapOrders, Ref: "r2"})
	require.Equal(t, 200, o.post(other.message("", event{ID: "m1", About: provider.CapOrders, Ref: "r1"})).Code)
	o.send(event{ID: "m2", About: provider.CapOrders, Ref: "r1"})
	o.send(event{About: provider.CapOrders, Ref: "r1"}, event{About: provider.CapOrders, Ref: "r2"}) // an adapter that has no ID
	require.Len(t, o.hints(), 6)
	o.send(event{About: provider.CapOrders, Ref: "r1"}, event{About: provider.CapOrders, Ref: "r2"})
	require.Len(t, o.hints(), 6)
	o.send(event{ID: "m3", About: "weather"}) // nobody knows it: taken, and nothing to tell
	require.Len(t, o.hints(), 6)
}

// Old messages are forgotten a bounded number at a time.
func TestForgettingIsBounded(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	for part := range 3 {
		var es []event
		for k := range 900 {
			es = append(es, event{ID: fmt.Sprint(part, k), About: provider.CapNames})
		}
		o.send(es...)
	}
	require.Equal(t, 2700, o.seen())
	o.clock.Advance(8 * 24 * time.Hour)
	for _, left := range []int{1700, 700, 0} {
		o.step()
		require.Equal(t, left, o.seen())
	}
}

// The carrier hears 2xx only when everything is durable, and what it sends again
// after a failure is taken once.
func TestAnsweredWhenDurable(t *testing.T) {
	e := event{ID: "m1", About: provider.CapOrders, Ref: "r1"}
	for name, c := range map[string]struct {
		around  func(commit func() error) error
		durable bool
	}{
		"it fails":                       {func(func() error) error { return store.ErrFull }, false},
		"its outcome is not known":       {func(commit func() error) error { return errors.Join(commit(), store.ErrUnclear) }, true},
		"its outcome is not known, lost": {func(func() error) error { return store.ErrUnclear }, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "desk.db")
			st, err := bolt.Open(t.Context(), bolt.Options{Path: path})
			require.NoError(t, err)
			o := newOffice(t, sandbox.Config{}, st)
			o.store.around(c.around)
			o.carrier.answer = provider.Answer{Status: 200}
			w := o.post(o.carrier.message("", e))
			require.Equal(t, 500, w.Code)
			require.Equal(t, "Internal Server Error", strings.TrimSpace(w.Body.String()))
			require.Len(t, o.hints(), map[bool]int{true: 1}[c.durable])
			require.NoError(t, o.Close()) // and this process ends

			st, err = bolt.Open(t.Context(), bolt.Options{Path: path})
			require.NoError(t, err)
			o.open(st, o.carrier)
			o.send(e)
			o.send(e)
			require.Len(t, o.hints(), 1)
			require.NoError(t, o.Close())
		})
	}
	t.Run("it takes its time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice(t, sandbox.Config{}, nil)
			let := make(chan struct{})
			o.store.around(func(commit func() error) error {
				<-let
				return commit()
			})
			answered, closed := make(chan int, 1), make(chan error, 1)
			go func() { answered <- o.post(o.carrier.message("", e)).Code }()
			synctest.Wait()
			require.Empty(t, answered, "not before it is durable")
			go func() { closed <- o.Close() }()
			synctest.Wait()
			require.Empty(t, closed, "a desk that closes waits for what it is taking")
			close(let)
			require.Equal(t, 200, <-answered)
			require.NoError(t, <-closed)
		})
	})
	t.Run("the process is cut off before the commit", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "desk.db")
		st, err := bolt.Open(t.Context(), bolt.Options{Path: path})
		require.NoError(t, err)
		o := newOffice(t, sandbox.Config{}, st)
		o.send(event{ID: "m0", About: provider.CapOrders})
		var image []byte // what the disk holds when the process dies
		o.store.around(func(commit func() error) error {
			var err error
			image, err = os.ReadFile(path)
			return errors.Join(err, commit())
		})
		o.send(e)
		require.NoError(t, o.Close())

		died := filepath.Join(t.TempDir(), "desk.db")
		require.NoError(t, os.WriteFile(died, image, 0o600))
		st, err = bolt.Open(t.Context(), bolt.Options{Path: died})
		require.NoError(t, err)
		o.open(st, o.carrier)
		require.Len(t, o.hints(), 1)
		o.send(e)
		o.send(event{ID: "m0", About: provider.CapOrders})
		require.Len(t, o.hints(), 2)
		require.NoError(t, o.Close())
	})
}

// What a message leaves for subscribers holds nothing personal, and of its numbers
// only ours. Messages about things nobody waits for are told too.
func TestWhatSubscribersHear(t *testing.T) {
	o, p := longAgo(t, sandbox.Config{Seed: 3}, 1)
	var heard []journal.Event
	require.NoError(t, o.Events.Subscribe("ports", func(_ context.Context, e journal.Event) error {
		if e.Type == "carrier.hint" {
			heard = append(heard, e)
		}
		return nil
	}))
	long := strings.Repeat("x", 100_000)
	o.send(event{ID: "m1", About: provider.CapPorts, Ref: "port-7", Numbers: []nanp.Number{nanp.MustParse("501-555-0101"), p.Numbers[0]}, Status: "foc", Name: "ANN SMITH"},
		event{ID: "m2", About: provider.CapNames, Ref: provider.Ref(long), Key: provider.Key(long), Status: provider.Raw(long)})
	o.step()
	require.Len(t, heard, 2)
	require.Equal(t, "carrier/sandbox", heard[0].Subject)
	require.Equal(t, provider.Said{By: "sandbox", Raw: "foc", At: o.clock.Now()}, heard[0].Said)
	require.Equal(t, []numberdesk.HintEvent{
		{ID: "m1", About: provider.CapPorts, Ref: "port-7", Hinted: did.Hinted{Requests: 1, Numbers: p.Numbers}},
		{ID: "m2", About: provider.CapNames},
	}, o.hints())
	for _, never := range []string{"ANN SMITH", "5015550101", "xxxxx"} {
		require.NotContains(t, o.everything(), never)
	}
}

// Whatever order messages come in, whichever are lost or repeated: in the end the
// desk holds what the carrier holds, and has told of each message once.
func TestMessagesConverge(t *testing.T) {
	type ending struct {
		numbers string
		hints   []string
	}
	run := func(order []int) (end ending) {
		o := newOffice(t, sandbox.Config{Seed: 5, OrderLines: 2}, nil)
		p := o.buy(4)
		require.Len(t, p.Orders, 2)
		events := []event{
			{ID: "a", About: provider.CapOrders, Key: provider.Key(p.Orders[0]), Status: "received"},
			{ID: "b", About: provider.CapOrders, Key: provider.Key(p.Orders[0]), Status: "done"},
			{ID: "c", About: provider.CapOrders, Key: provider.Key(p.Orders[1]), Status: "refused"},
			{ID: "d", About: provider.CapOrders, Numbers: p.Numbers, Status: "done"},
			{ID: "e", About: provider.CapPortOuts, Numbers: p.Numbers[:1], Status: "asked"},
			{ID: "a", About: provider.CapOrders, Key: provider.Key(p.Orders[0]), Status: "received"}, // a repeat
		}
		for _, k := range order {
			o.send(events[k])
			o.step()
			o.clock.Advance(3 * time.Second)
		}
		o.pass(3 * time.Minute)
		for _, n := range p.Numbers {
			end.numbers += fmt.Sprint(n, o.status(n), " ")
		}
		book := o.book()
		require.Len(t, book.Owned, 4)
		require.Len(t, book.Charges, 4)
		require.Empty(t, book.Doubled())
		for _, h := range o.hints() {
			end.hints = append(end.hints, h.ID)
		}
		slices.Sort(end.hints)
		open, err := o.Work.Open(o.ctx)
		require.NoError(t, err)
		require.Zero(t, open)
		return end
	}
	none := run(nil)
	require.Equal(t, 4, strings.Count(none.numbers, string(did.Active)))
	all := run([]int{0, 1, 2, 3, 4, 5})
	require.Equal(t, none.numbers, all.numbers, "polling alone comes to the same")
	require.Equal(t, []string{"a", "b", "c", "d", "e"}, all.hints)
	n := 0
	for order := range permutations([]int{0, 1, 2, 3, 4, 5}) {
		n++
		require.Equal(t, all, run(order), order)
		require.Equal(t, none.numbers, run(order[:n%6]).numbers, "some are lost")
	}
	require.Equal(t, 720, n)
}

func permutations(s []int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		var walk func(k int) bool
		walk = func(k int) bool {
			if k == len(s) {
				return yield(s)
			}
			for i := k; i < len(s); i++ {
				s[k], s[i] = s[i], s[k]
				more := walk(k + 1)
				s[k], s[i] = s[i], s[k]
				if !more {
					return false
				}
			}
			return true
		}
		walk(0)
	}
}

// A message about an order that waits for a person leads to a look as well.
func TestAMessageEndsAPersonsWait(t *testing.T) {
	d := &deaf{on: true}
	o := newOffice(t, sandbox.Config{Seed: 3, Chaos: sandbox.Chaos{Script: d.script}}, nil)
	p := o.buy(1)
	o.pass(time.Hour)
	people, err := o.Work.List(o.ctx, work.Human, provider.Page{})
	require.NoError(t, err)
	require.Len(t, people.Items, 1)
	o.quiet(p.Orders[0])
	d.set(false)
	o.send(event{ID: "m1", About: provider.CapOrders, Key: provider.Key(p.Orders[0])})
	o.step()
	require.Equal(t, did.Active, o.status(p.Numbers[0]))
}
