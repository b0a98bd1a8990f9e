package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/numberdesk/numberdesk/store"
)

var lifeCases = []Case{
	{"context/ended-before", MUST, "a call whose context has ended does nothing and answers its error", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon))
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		e.is(s.Update(ctx, func(tx store.Tx) error { r := rec("b"); return tx.Put(&r) }), context.Canceled)
		e.is(s.View(ctx, func(store.Reader) error { return nil }), context.Canceled)
		_, err := s.Claim(ctx, claimAt(noon))
		e.is(err, context.Canceled)
		e.absent(s, "did", "b")
		e.equal(len(e.claim(s, claimAt(noon))), 1, "claimed")
	}},
	{"context/ended-within-update", MUST, "an Update whose context ends before it begins to commit changes nothing", func(e *env) {
		s := e.open()
		a := e.put1(s, rec("a"))
		ctx, cancel := context.WithCancel(e.ctx)
		e.is(s.Update(ctx, func(tx store.Tx) error {
			r, n := a, rec("b")
			_ = tx.Put(&r)
			_ = tx.Put(&n)
			_, _ = tx.Append("j", store.Entry{})
			cancel()
			return nil
		}), context.Canceled)
		e.same(e.get(s, "did", "a"), a, true)
		e.absent(s, "did", "b")
		e.equal(len(e.read(s, "j", "", 0, 0)), 0, "entries")
	}},
	{"context/ended-within-view", MUST, "a long read stops with the context's error", func(e *env) {
		s := e.open()
		e.fill(s, 1000)
		for what, read := range map[string]func(store.Reader) error{
			"List": func(tx store.Reader) error { _, err := tx.List(store.Query{Kind: "did", Limit: 1000}); return err },
			"Count": func(tx store.Reader) error {
				_, _, err := tx.Count(store.Query{Kind: "did", Contains: "x"}, 0)
				return err
			},
		} {
			ctx, cancel := context.WithCancel(e.ctx)
			err := s.View(ctx, func(tx store.Reader) error {
				cancel()
				for range 200 {
					if err := read(tx); err != nil {
						return err
					}
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				e.Fatalf("200 times %s of 1000 records after the end of the context: the error is %v", what, err)
			}
		}
	}},
	{"close/refuses", MUST, "after Close every call returns ErrClosed, and closing twice is no error", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon))
		e.ok(s.Close())
		e.ok(s.Close())
		called := false
		e.is(s.View(e.ctx, func(store.Reader) error { called = true; return nil }), store.ErrClosed)
		e.is(s.Update(e.ctx, func(store.Tx) error { called = true; return nil }), store.ErrClosed)
		_, err := s.Claim(e.ctx, claimAt(noon))
		e.is(err, store.ErrClosed)
		e.that(!called, "a function was called after Close")
	}},
	{"close/waits", MUST, "Close waits for running transactions", func(e *env) {
		for _, update := range []bool{false, true} {
			s := e.open()
			e.fill(s, 20)
			running, closing := make(chan struct{}), make(chan struct{})
			var ended atomic.Bool
			var closeErr, txErr error
			work := func(tx store.Reader) error {
				close(running)
				<-closing
				for range 2000 { // Close is on its way meanwhile
					if _, err := tx.Get("did", "n0003"); err != nil {
						return err
					}
					runtime.Gosched()
				}
				ended.Store(true)
				return nil
			}
			e.Together(2, func(i int) {
				if i == 0 {
					if update {
						txErr = s.Update(e.ctx, func(tx store.Tx) error { return work(tx) })
					} else {
						txErr = s.View(e.ctx, work)
					}
					return
				}
				<-running
				close(closing)
				closeErr = s.Close()
				if !ended.Load() {
					e.Errorf("Close has returned while a transaction was running (of an Update: %v)", update)
				}
			})
			e.ok(closeErr)
			e.ok(txErr)
		}
	}},
	{"reopen/keeps-everything", MUST, "everything that was stored is there when the store is opened again", func(e *env) {
		s := e.open()
		rs := e.everything(s)
		if !e.reopen(&s) {
			return
		}
		e.allThere(s, rs)
		if e.reopen(&s) { // an opening without a change as well
			e.allThere(s, rs)
		}
	}},
	{"reopen/versions-grow", MUST, "versions grow even across a Delete and a new opening", func(e *env) {
		s := e.open()
		r := e.put1(s, rec("a"))
		r = e.put1(s, r)
		e.update(s, func(tx store.Tx) error { return tx.Delete("did", "a", r.Version) })
		if !e.reopen(&s) {
			return
		}
		n := e.put1(s, rec("a"))
		e.that(n.Version > r.Version, "version %d came after %d", n.Version, r.Version)
	}},
	{"reopen/leases-hold", MUST, "a lease holds over a new opening", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon))
		e.equal(len(e.claim(s, claimAt(noon))), 1, "claimed")
		if !e.reopen(&s) {
			return
		}
		e.equal(len(e.claim(s, claimAt(noon))), 0, "claimed while the lease runs")
		e.equal(len(e.claim(s, claimAt(noon.Add(time.Minute)))), 1, "claimed when the lease has ended")
	}},
	{"crash/keeps-what-returned", MUST, "what an Update or Claim did survives a crash once it has returned nil, and what was undone stays undone", func(e *env) {
		s := e.open()
		if e.h.Crash == nil {
			e.NotRun("the harness has no Crash")
			return
		}
		rs := e.everything(s)
		for round := range 3 {
			s = e.h.Crash(e, s)
			e.Cleanup(func() { s.Close() })
			e.allThere(s, rs)
			e.put(s, rec(fmt.Sprint("after crash ", round)))
			e.update(s, func(tx store.Tx) error {
				r, err := tx.Get("did", store.ID(fmt.Sprint("after crash ", round)))
				if err != nil {
					return err
				}
				return tx.Delete("did", r.ID, r.Version)
			})
		}
	}},
	{"crash/while-writing", MUST, "a crash among updates loses none that returned, and does none by half", func(e *env) {
		if e.h.Crash == nil {
			e.NotRun("the harness has no Crash")
			return
		}
		s := e.open()
		const pairs = 3
		var acked [pairs]atomic.Int64
		enough, stop := make(chan struct{}), make(chan struct{})
		var total atomic.Int64
		writers := make(chan struct{})
		old := s
		go func() {
			defer close(writers)
			e.Together(pairs, func(i int) {
				for n := int64(1); ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					err := old.Update(e.ctx, func(tx store.Tx) error {
						for _, half := range []string{"left", "right"} {
							r, err := tx.Get("did", store.ID(fmt.Sprint(half, i)))
							if errors.Is(err, store.ErrNotFound) {
								r, err = rec(fmt.Sprint(half, i)), nil
							}
							if err != nil {
								return err
							}
							r.Row = []byte(fmt.Sprint(n))
							if err := tx.Put(&r); err != nil {
								return err
							}
						}
						_, err := tx.Append("j", store.Entry{Subject: fmt.Sprint(i)})
						return err
					})
					if err != nil {
						return // of the crash
					}
					acked[i].Store(n)
					if total.Add(1) == 30 {
						close(enough)
					}
				}
			})
		}()
		<-enough
		s = e.h.Crash(e, s)
		close(stop)
		<-writers
		e.Cleanup(func() { s.Close() })
		for i := range pairs {
			var left, right int64
			if acked[i].Load() > 0 {
				fmt.Sscan(string(e.get(s, "did", store.ID(fmt.Sprint("left", i))).Row), &left)
				fmt.Sscan(string(e.get(s, "did", store.ID(fmt.Sprint("right", i))).Row), &right)
			}
			e.equal(left, right, "halves of one update")
			e.that(left >= acked[i].Load(), "update %d had returned, and %d is there", acked[i].Load(), left)
			n := int64(0)
			for after := store.Seq(0); ; {
				es := e.read(s, "j", fmt.Sprint(i), after, 0)
				if len(es) == 0 {
					break
				}
				n, after = n+int64(len(es)), es[len(es)-1].Seq
			}
			e.equal(n, left, "entries of the updates")
		}
	}},
}

// everything stores some of all that there is.
func (e *env) everything(s store.Store) []store.Record {
	var rs []store.Record
	for i := range 40 {
		r := rec(fmt.Sprintf("r%02d", i), tag("mod", fmt.Sprint(i%3)), tag("all", ""))
		r.Unique = []store.Tag{tag("n", fmt.Sprint(i))}
		if i%4 == 0 {
			r.Due = noon.Add(time.Duration(i) * time.Second)
		}
		rs = append(rs, r)
	}
	rs = e.put(s, rs...)
	for i := range rs[:10] {
		rs[i].Row = []byte("second")
		rs[i] = e.put1(s, rs[i])
	}
	gone := e.put1(s, rec("gone", tag("all", "")))
	e.update(s, func(tx store.Tx) error { return tx.Delete("did", "gone", gone.Version) })
	e.append(s, "j", store.Entry{Subject: "r01", At: noon, Body: []byte("one")}, store.Entry{Subject: "r02", Body: []byte("two")})
	e.is(s.Update(e.ctx, func(tx store.Tx) error {
		r := rec("undone", tag("all", ""))
		_, err := tx.Append("j", store.Entry{Subject: "r01"})
		return errors.Join(err, tx.Put(&r), errMine)
	}), errMine)
	return rs
}

func (e *env) allThere(s store.Store, rs []store.Record) {
	ids := idsOf(rs)
	e.equal(e.ids(s, store.Query{Kind: "did", Limit: 7}), ids, "records")
	e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("all", "")}}), ids, "records with the tag")
	for i := range rs {
		e.same(e.get(s, "did", rs[i].ID), rs[i], true)
	}
	e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("mod", "2")}, Limit: 1}), idsOf([]store.Record{rs[2], rs[5], rs[8], rs[11], rs[14], rs[17], rs[20], rs[23], rs[26], rs[29], rs[32], rs[35], rs[38]}), "records with the other tag")
	es := e.read(s, "j", "", 0, 0)
	e.equal(len(es), 2, "entries")
	e.that(string(es[0].Body) == "one" && es[0].Subject == "r01" && es[0].At.Equal(noon), "the first entry is %+v", es[0])
	e.equal(len(e.read(s, "j", "r02", 0, 0)), 1, "entries of the subject")
	thief := rec("thief")
	thief.Unique = []store.Tag{tag("n", "3")}
	e.is(tryPut(e.ctx, s, &thief), store.ErrTaken)
}
