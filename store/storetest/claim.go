package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/store"
)

func due(id string, at time.Time) store.Record {
	r := rec(id, tag("t", "1"))
	r.Kind, r.Due = "work", at
	return r
}

func claimAt(now time.Time) store.Claim {
	return store.Claim{Kind: "work", Now: now, Lease: time.Minute, Worker: "w"}
}

var claimCases = []Case{
	{"claim/what-is-due", MUST, "Claim returns the records with a due time at or before Now, the longest due first", func(e *env) {
		s := e.open()
		e.put(s, due("later", noon.Add(time.Microsecond)), due("now", noon), due("b", noon.Add(-time.Hour)), due("a", noon.Add(-time.Minute)),
			due("never", time.Time{}), due("c", noon.Add(-time.Hour)), due("old", time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)))
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{"old", "b", "c", "a", "now"}, "claimed")
		e.equal(idsOf(e.claim(s, claimAt(noon.Add(time.Microsecond)))), []string{"later"}, "claimed a moment later")
	}},
	{"claim/limit", MUST, "Limit is as in a query", func(e *env) {
		s := e.open()
		var rs []store.Record
		for i := range store.DefaultLimit + 10 {
			rs = append(rs, due(fmt.Sprintf("%04d", i), noon.Add(-time.Duration(i)*time.Second)))
		}
		e.put(s, rs...)
		c := claimAt(noon)
		c.Limit = 2
		e.equal(idsOf(e.claim(s, c)), []string{"0109", "0108"}, "claimed")
		c.Limit = 0
		e.equal(len(e.claim(s, c)), store.DefaultLimit, "claimed without a limit")
		e.equal(len(e.claim(s, c)), 8, "claimed of the rest")
		for _, c.Limit = range []int{-1, store.MaxLimit + 1} {
			_, err := s.Claim(e.ctx, c)
			e.is(err, store.ErrInvalid)
		}
	}},
	{"claim/refuses-invalid", MUST, "a claim that breaks a rule is refused with ErrInvalid", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon))
		for _, change := range []func(*store.Claim){
			func(c *store.Claim) { c.Kind = "" }, func(c *store.Claim) { c.Now = time.Time{} }, func(c *store.Claim) { c.Worker = "" },
			func(c *store.Claim) { c.Lease = 0 }, func(c *store.Claim) { c.Lease = -1 },
		} {
			c := claimAt(noon)
			change(&c)
			_, err := s.Claim(e.ctx, c)
			e.is(err, store.ErrInvalid)
		}
		e.equal(len(e.claim(s, claimAt(noon))), 1, "claimed")
	}},
	{"claim/lease", MUST, "a claimed record belongs to its worker until the lease ends, and then to the next", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon.Add(-time.Hour)), due("b", noon.Add(time.Second)))
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{"a"}, "claimed first")
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{}, "claimed while the lease runs")
		e.equal(idsOf(e.claim(s, claimAt(noon.Add(time.Minute-time.Microsecond)))), []string{"b"}, "claimed just before the lease ends")
		e.equal(idsOf(e.claim(s, claimAt(noon.Add(time.Minute)))), []string{"a"}, "claimed when the lease ends")
		e.equal(idsOf(e.claim(s, claimAt(noon.Add(time.Hour)))), []string{"a", "b"}, "claimed long after")
	}},
	{"claim/leases-keep-order", MUST, "the longest due comes first also among those whose lease has ended", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon.Add(-3*time.Hour)), due("b", noon.Add(-2*time.Hour)), due("c", noon.Add(-time.Hour)))
		c := claimAt(noon)
		c.Limit, c.Lease = 1, time.Hour
		e.equal(idsOf(e.claim(s, c)), []string{"a"}, "claimed")
		c.Lease = time.Minute
		e.equal(idsOf(e.claim(s, c)), []string{"b"}, "claimed")
		e.equal(idsOf(e.claim(s, claimAt(noon.Add(2*time.Hour)))), []string{"a", "b", "c"}, "claimed when all leases have ended")
	}},
	{"claim/version-stays", MUST, "a lease is not a change of the record: its version and contents stay", func(e *env) {
		s := e.open()
		r := e.put1(s, due("a", noon))
		got := e.claim(s, claimAt(noon))
		e.equal(len(got), 1, "claimed")
		e.same(got[0], r, false) // the body is there
		e.same(e.get(s, "work", "a"), r, true)
		e.ok(tryPut(e.ctx, s, &got[0]))
	}},
	{"claim/put-ends-lease", MUST, "a Put of the record ends its lease", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon), due("b", noon.Add(time.Second)))
		got := e.claim(s, claimAt(noon))[0]
		e.put(s, got) // with the same due time
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{"a"}, "claimed after a Put")
		got = e.get(s, "work", "a")
		got.Due = noon.Add(-time.Hour)
		got = e.put1(s, got)
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{"a"}, "claimed after a Put with another due time")
		got.Due = noon.Add(time.Hour)
		got = e.put1(s, got)
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{}, "claimed after it was put off")
		got.Due = time.Time{}
		e.put(s, got)
		e.equal(idsOf(e.claim(s, claimAt(noon.AddDate(1, 0, 0)))), []string{"b"}, "claimed after it was done")
	}},
	{"claim/rollback-keeps-lease", MUST, "a Put that did not happen ends no lease", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon))
		got := e.claim(s, claimAt(noon))[0]
		e.is(s.Update(e.ctx, func(tx store.Tx) error {
			r := got
			return errors.Join(tx.Put(&r), errMine)
		}), errMine)
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{}, "claimed while the lease runs")
	}},
	{"claim/delete-ends-lease", MUST, "a Delete of the record ends its lease: a successor is due at once", func(e *env) {
		s := e.open()
		e.put(s, due("a", noon))
		got := e.claim(s, claimAt(noon))[0]
		e.update(s, func(tx store.Tx) error { return tx.Delete("work", "a", got.Version) })
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{}, "claimed after the Delete")
		e.put(s, due("a", noon))
		e.equal(idsOf(e.claim(s, claimAt(noon))), []string{"a"}, "claimed of the successor")
	}},
	{"claim/whole-record", SHOULD, "a claimed record is what Get returns, so that its worker can change it and put it back", func(e *env) {
		s := e.open()
		r := due("a", noon)
		r.Unique = []store.Tag{tag("u", "1")}
		r = e.put1(s, r)
		e.same(e.claim(s, claimAt(noon))[0], r, true)
	}},
	{"claim/exclusive", MUST, "each due record goes to one of the workers that ask at the same time", func(e *env) {
		s := e.open()
		const records, workers = 90, 8
		var rs []store.Record
		for i := range records {
			rs = append(rs, due(fmt.Sprintf("%03d", i), noon))
		}
		e.put(s, rs...)
		var mu sync.Mutex
		var got []string
		e.Together(workers, func(i int) {
			for {
				c := claimAt(noon)
				c.Limit, c.Worker = 1+i%4, fmt.Sprint("w", i)
				rs, err := s.Claim(e.ctx, c)
				if err != nil {
					e.Fatalf("unexpected error: %v", err)
				}
				if len(rs) == 0 {
					return
				}
				mu.Lock()
				got = append(got, idsOf(rs)...)
				mu.Unlock()
			}
		})
		slices.Sort(got)
		e.equal(len(got), records, "records handed out")
		e.equal(len(slices.Compact(got)), records, "different records handed out")
	}},
}
