package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/numberdesk/numberdesk/store"
)

var concurrentCases = []Case{
	{"concurrent/no-lost-update", MUST, "Updates are serialisable: what one reads and writes, no other changes in between", func(e *env) {
		s := e.open()
		e.put(s, rec("counter"))
		const workers, each = 6, 15
		e.Together(workers, func(int) {
			for range each {
				if err := s.Update(e.ctx, func(tx store.Tx) error {
					r, err := tx.Get("did", "counter")
					if err != nil {
						return err
					}
					n := 0
					fmt.Sscan(string(r.Body), &n)
					r.Body = []byte(fmt.Sprint(n + 1))
					return tx.Put(&r)
				}); err != nil {
					e.Fatalf("unexpected error: %v", err)
				}
			}
		})
		e.equal(string(e.get(s, "did", "counter").Body), fmt.Sprint(workers*each), "counter")
	}},
	{"concurrent/no-write-skew", MUST, "Updates are serialisable: two that each read what the other writes cannot both have been first", func(e *env) {
		s := e.open()
		const rooms = 20
		var taken [rooms]atomic.Int32
		e.Together(4, func(i int) {
			for room := range rooms {
				err := s.Update(e.ctx, func(tx store.Tx) error {
					// One guest at most: told by a list, which has no version to compare.
					n, _, err := tx.Count(store.Query{Kind: "did", All: []store.Tag{tag("room", fmt.Sprint(room))}}, 0)
					if err != nil || n > 0 {
						return errors.Join(err, errMine)
					}
					r := rec(fmt.Sprint("guest ", room, " ", i), tag("room", fmt.Sprint(room)))
					return tx.Put(&r)
				})
				switch {
				case err == nil:
					taken[room].Add(1)
				case !errors.Is(err, errMine):
					e.Fatalf("unexpected error: %v", err)
				}
			}
		})
		for room := range rooms {
			e.equal(taken[room].Load(), int32(1), "guests of room %d", room)
		}
	}},
	{"concurrent/one-consistent-state", MUST, "a View sees one state: never a part of an Update", func(e *env) {
		s := e.open()
		for _, id := range []string{"left", "right"} {
			r := rec(id, tag("side", "0"))
			r.Row = []byte("0")
			e.put(s, r)
		}
		var done atomic.Bool
		e.Together(4, func(i int) {
			if i == 0 {
				defer done.Store(true)
				for n := 1; n <= 40; n++ {
					if err := s.Update(e.ctx, func(tx store.Tx) error {
						for _, id := range []store.ID{"left", "right"} {
							r, err := tx.Get("did", id)
							if err != nil {
								return err
							}
							r.Tags = []store.Tag{tag("side", fmt.Sprint(n%2))}
							r.Row = []byte(fmt.Sprint(n))
							if err := tx.Put(&r); err != nil {
								return err
							}
						}
						_, err := tx.Append("j", store.Entry{})
						return err
					}); err != nil {
						e.Fatalf("unexpected error: %v", err)
					}
				}
				return
			}
			for !done.Load() {
				if err := s.View(e.ctx, func(tx store.Reader) error {
					l, err := tx.Get("did", "left")
					if err != nil {
						return err
					}
					n, _, err := tx.Count(store.Query{Kind: "did", All: l.Tags}, 0)
					if err != nil {
						return err
					}
					r, err := tx.Get("did", "right")
					if err != nil {
						return err
					}
					es, err := tx.Read("j", "", 0, 0)
					if err != nil {
						return err
					}
					if want := string(l.Row); string(r.Row) != want || n != 2 || fmt.Sprint(len(es)) != want {
						return fmt.Errorf("left is %s, right is %s, %d with the tag, %d entries", l.Row, r.Row, n, len(es))
					}
					return nil
				}); err != nil {
					e.Errorf("one View: %v", err)
					return
				}
			}
		})
	}},
	{"concurrent/compare-and-set", MUST, "of concurrent Puts and Deletes of one version one succeeds, and nobody reads what was replaced before he asked", func(e *env) {
		s := e.open()
		events, seed := e.history(s)
		if d := judge(events); d != "" {
			e.Fatalf("%s (seed %d)", d, seed)
		}
	}},
	{"concurrent/everything", MUST, "all methods may be called at the same time", func(e *env) {
		s := e.open()
		e.fill(s, 50)
		e.Together(8, func(i int) {
			for n := range 12 {
				var err error
				switch i % 4 {
				case 0:
					r := due(fmt.Sprintf("w%d-%d", i, n), noon)
					err = tryPut(e.ctx, s, &r)
				case 1:
					_, err = s.Claim(e.ctx, claimAt(noon.Add(time.Duration(n)*time.Hour)))
				case 2:
					err = s.View(e.ctx, func(tx store.Reader) error {
						f, err := tx.List(store.Query{Kind: "did", All: []store.Tag{tag("t", "1")}, Whole: true})
						if err == nil && len(f.Records) != 50 {
							err = fmt.Errorf("%d records", len(f.Records))
						}
						return err
					})
				case 3:
					err = s.Update(e.ctx, func(tx store.Tx) error {
						_, err := tx.Append("j", store.Entry{Subject: fmt.Sprint(i)})
						return err
					})
				}
				if err != nil {
					e.Fatalf("unexpected error: %v", err)
				}
			}
		})
		e.equal(len(e.read(s, "j", "", 0, 0)), 24, "entries")
		n, _ := e.count(s, store.Query{Kind: "work"}, 0)
		e.equal(n, 24, "records")
	}},
}

// event is one call on one record, with when it began and ended.
type event struct {
	what       string // "put", "delete", "get"
	id         store.ID
	from, to   uint64 // get: to is the version, 0 for none
	conflict   bool
	begin, end time.Duration
}

// history lets workers read, put and delete a few records by what they believe
// the version to be.
func (e *env) history(s store.Store) (events []event, seed uint64) {
	rnd, seed := e.random()
	const workers, each, ids = 6, 40, 3
	began := time.Now()
	seeds := make([]uint64, workers)
	for i := range seeds {
		seeds[i] = rnd.Uint64()
	}
	var mu sync.Mutex
	e.Together(workers, func(i int) {
		rnd := rand.New(rand.NewPCG(seeds[i], 1))
		believed := map[store.ID]uint64{}
		for range each {
			id := store.ID(fmt.Sprint("id", rnd.IntN(ids)))
			ev := event{id: id, from: believed[id]}
			var err error
			ev.begin = time.Since(began)
			switch n := rnd.IntN(10); {
			case n < 3:
				ev.what = "get"
				var r store.Record
				r, err = find(e.ctx, s, "did", id)
				ev.to = r.Version
				if errors.Is(err, store.ErrNotFound) {
					err = nil
				}
				believed[id] = ev.to
			case n < 9 || ev.from == 0:
				ev.what = "put"
				r := rec(string(id))
				r.Version = ev.from
				err = tryPut(e.ctx, s, &r)
				ev.to = r.Version
				believed[id] = r.Version
			default:
				ev.what = "delete"
				err = s.Update(e.ctx, func(tx store.Tx) error { return tx.Delete("did", id, ev.from) })
				if err == nil {
					believed[id] = 0
				}
			}
			ev.end = time.Since(began)
			if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
				ev.conflict, err = true, nil
				believed[id] = 0
				if n, err := find(e.ctx, s, "did", id); err == nil {
					believed[id] = n.Version
				}
			}
			if err != nil {
				e.Fatalf("%s of %s: unexpected error: %v", ev.what, id, err)
			}
			mu.Lock()
			events = append(events, ev)
			mu.Unlock()
		}
	})
	return events, seed
}

// judge says what no order of the calls can explain. Each version names one
// state of one record, made by one call and ended by at most one.
func judge(events []event) string {
	type state struct{ made, ended *event }
	states := map[string]*state{}
	at := func(id store.ID, version uint64) *state {
		k := fmt.Sprint(id, " ", version)
		if states[k] == nil {
			states[k] = &state{}
		}
		return states[k]
	}
	for i := range events {
		ev := &events[i]
		if ev.conflict || ev.what == "get" {
			continue
		}
		if ev.from != 0 {
			st := at(ev.id, ev.from)
			if st.ended != nil {
				return fmt.Sprintf("version %d of %s was replaced twice", ev.from, ev.id)
			}
			st.ended = ev
		}
		if ev.what == "put" {
			st := at(ev.id, ev.to)
			if st.made != nil {
				return fmt.Sprintf("version %d of %s was given twice", ev.to, ev.id)
			}
			st.made = ev
		}
	}
	for i := range events {
		ev := &events[i]
		for j := range events {
			if o := &events[j]; o.id == ev.id && o.what == "put" && ev.what == "put" && !o.conflict && !ev.conflict && o.end < ev.begin && o.to >= ev.to {
				return fmt.Sprintf("version %d of %s came after %d", ev.to, ev.id, o.to)
			}
		}
		// during says whether a state was surely there for the whole of the call.
		during := func(st *state) bool {
			return st.made != nil && st.made.end < ev.begin && (st.ended == nil || st.ended.begin > ev.end)
		}
		switch {
		case ev.what == "get" && ev.to != 0:
			if st := at(ev.id, ev.to); st.made == nil || st.made.begin > ev.end {
				return fmt.Sprintf("version %d of %s was read before it was there", ev.to, ev.id)
			} else if st.ended != nil && st.ended.end < ev.begin {
				return fmt.Sprintf("version %d of %s was read after it had been replaced", ev.to, ev.id)
			}
		case ev.what == "get" || ev.what == "put" && ev.from == 0 && !ev.conflict:
			for j := range events {
				if o := &events[j]; o.id == ev.id && o.what == "put" && !o.conflict && during(at(o.id, o.to)) {
					return fmt.Sprintf("%s of %s did not see version %d", ev.what, ev.id, o.to)
				}
			}
		case ev.conflict && ev.from != 0 && during(at(ev.id, ev.from)):
			return fmt.Sprintf("%s of version %d of %s was refused, and it was there", ev.what, ev.from, ev.id)
		}
	}
	return ""
}
