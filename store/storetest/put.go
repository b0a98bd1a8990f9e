package storetest

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/store"
)

var putCases = []Case{
	{"put/creates", MUST, "Put of version 0 stores a record that is not there, and Get returns it whole", func(e *env) {
		s := e.open()
		want := store.Record{Kind: "did", ID: "+15015550123", Tags: []store.Tag{tag("state", "AR"), tag("tenant", "t1"), tag("state", "TX")},
			Unique: []store.Tag{tag("order", "7")}, Due: noon, Row: []byte{0, 1, 0xFF}, Body: []byte("b\x00dy")}
		got := e.put1(s, want)
		e.that(got.Version > 0, "the version after Put is 0")
		want.Version = got.Version
		e.same(e.get(s, "did", want.ID), want, true)
	}},
	{"put/cas-conflict", MUST, "Put succeeds only when the stored version is the one in the record", func(e *env) {
		s := e.open()
		first := e.put1(s, rec("a"))
		again := rec("a")
		e.is(tryPut(e.ctx, s, &again), store.ErrConflict)
		second := first
		second.Row = []byte("second")
		e.ok(tryPut(e.ctx, s, &second))
		stale := first
		stale.Row = []byte("stale")
		e.is(tryPut(e.ctx, s, &stale), store.ErrConflict)
		e.same(e.get(s, "did", "a"), second, true)
	}},
	{"put/cas-absent", MUST, "Put of a version succeeds only for a record that is there", func(e *env) {
		s := e.open()
		r := rec("a")
		r.Version = 1
		e.is(tryPut(e.ctx, s, &r), store.ErrConflict)
		e.absent(s, "did", "a")
		kept := e.put1(s, rec("b"))
		e.update(s, func(tx store.Tx) error { return tx.Delete("did", "b", kept.Version) })
		e.is(tryPut(e.ctx, s, &kept), store.ErrConflict)
	}},
	{"put/conflict-keeps-version", MUST, "a Put that fails does not touch the record's version", func(e *env) {
		s := e.open()
		e.put(s, rec("a"))
		r := rec("a")
		r.Version = 1 << 40
		e.is(s.Update(e.ctx, func(tx store.Tx) error { return tx.Put(&r) }), store.ErrConflict)
		e.equal(r.Version, uint64(1<<40), "version of the record")
	}},
	{"put/replaces-everything", MUST, "Put replaces tags, unique tags, due time, row and body together", func(e *env) {
		s := e.open()
		r := rec("a", tag("state", "AR"), tag("x", "1"))
		r.Unique, r.Due = []store.Tag{tag("order", "1")}, noon
		r = e.put1(s, r)
		r.Tags, r.Unique, r.Due, r.Row, r.Body = []store.Tag{tag("state", "TX")}, nil, time.Time{}, nil, nil
		r = e.put1(s, r)
		e.same(e.get(s, "did", "a"), r, true)
		e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("state", "AR")}}), []string{}, "records with the old tag")
		e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("x", "1")}}), []string{}, "records with the tag that was dropped")
		e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("state", "TX")}}), []string{"a"}, "records with the new tag")
		e.equal(len(e.claim(s, store.Claim{Kind: "did", Now: noon.Add(time.Hour), Lease: time.Minute, Worker: "w"})), 0, "records due")
		r.Body = []byte("again")
		r = e.put1(s, r)
		e.same(e.get(s, "did", "a"), r, true)
	}},
	{"put/versions-grow", MUST, "versions of one ID only grow", func(e *env) {
		s := e.open()
		r := e.put1(s, rec("a"))
		for range 20 {
			last := r.Version
			r = e.put1(s, r)
			e.that(r.Version > last, "version %d came after %d", r.Version, last)
			e.equal(e.get(s, "did", "a").Version, r.Version, "version of Get")
		}
	}},
	{"put/versions-grow-across-delete", MUST, "versions of one ID grow even across a Delete, so that a stale version never fits a successor", func(e *env) {
		s := e.open()
		r := e.put1(s, rec("a"))
		for range 5 {
			r = e.put1(s, r)
		}
		last := r.Version
		e.update(s, func(tx store.Tx) error { return tx.Delete("did", "a", last) })
		n := e.put1(s, rec("a"))
		e.that(n.Version > last, "version %d came after %d and a Delete", n.Version, last)
		e.update(s, func(tx store.Tx) error { // in one transaction as well
			last = n.Version
			if err := tx.Delete("did", "a", n.Version); err != nil {
				return err
			}
			n = rec("a")
			return tx.Put(&n)
		})
		e.that(n.Version > last, "version %d came after %d and a Delete in one transaction", n.Version, last)
	}},
	{"put/versions-after-rollback", SHOULD, "a version that was given in a transaction that failed is not given to another state: who kept it would overwrite what he has not seen", func(e *env) {
		s := e.open()
		kept := rec("a")
		e.is(s.Update(e.ctx, func(tx store.Tx) error {
			kept = rec("a")
			if err := tx.Put(&kept); err != nil {
				return err
			}
			return errMine
		}), errMine)
		e.put(s, rec("a"))
		e.is(tryPut(e.ctx, s, &kept), store.ErrConflict)
	}},
	{"put/refuses-invalid", MUST, "a record that breaks a rule is refused with ErrInvalid, and nothing is stored", func(e *env) {
		s := e.open()
		long := strings.Repeat("x", store.MaxID+1)
		for name, change := range map[string]func(*store.Record){
			"no kind":        func(r *store.Record) { r.Kind = "" },
			"no ID":          func(r *store.Record) { r.ID = "" },
			"long ID":        func(r *store.Record) { r.ID = store.ID(long) },
			"NUL in ID":      func(r *store.Record) { r.ID = "a\x00b" },
			"broken ID":      func(r *store.Record) { r.ID = "a\xff" },
			"NUL in a tag":   func(r *store.Record) { r.Tags = []store.Tag{tag("a", "b\x00c")} },
			"nameless tag":   func(r *store.Record) { r.Tags = []store.Tag{tag("", "b")} },
			"long tag":       func(r *store.Record) { r.Tags = []store.Tag{tag("a", long)} },
			"many tags":      func(r *store.Record) { r.Tags = make([]store.Tag, store.MaxTags+1) },
			"nameless uniq.": func(r *store.Record) { r.Unique = []store.Tag{tag("", "b")} },
			"large row":      func(r *store.Record) { r.Row = make([]byte, store.MaxRow+1) },
			"large body":     func(r *store.Record) { r.Body = make([]byte, store.MaxBody+1) },
		} {
			r := rec("a")
			change(&r)
			if err := tryPut(e.ctx, s, &r); !errors.Is(err, store.ErrInvalid) {
				e.Errorf("%s: the error is %v", name, err)
			}
		}
		n, _ := e.count(s, store.Query{Kind: "did"}, 0)
		e.equal(n, 0, "records stored")
	}},
	{"put/largest", MUST, "what the rules allow is stored, at its largest", func(e *env) {
		s := e.open()
		id := strings.Repeat("é", store.MaxID/2)
		r := store.Record{Kind: store.Kind(strings.Repeat("k", store.MaxName)), ID: store.ID(id),
			Row: bytes.Repeat([]byte("r"), store.MaxRow), Body: bytes.Repeat([]byte("0123456789abcdef"), store.MaxBody/16)}
		for i := range store.MaxTags {
			t := tag(strings.Repeat("n", store.MaxName), strings.Repeat("v", store.MaxID-2)+string(rune('0'+i/10))+string(rune('0'+i%10)))
			r.Tags, r.Unique = append(r.Tags, t), append(r.Unique, t)
		}
		r = e.put1(s, r)
		e.same(e.get(s, r.Kind, r.ID), r, true)
		e.equal(e.ids(s, store.Query{Kind: r.Kind, All: r.Tags, Prefix: r.ID, Contains: id}), []string{id}, "records with all of its tags")
	}},
	{"put/kinds-are-apart", MUST, "an ID names a record within its kind", func(e *env) {
		s := e.open()
		a, b := rec("x", tag("t", "1")), rec("x", tag("t", "1"))
		b.Kind, b.Row, a.Due, b.Due = "di", []byte("other"), noon, noon
		rs := e.put(s, a, b)
		e.same(e.get(s, "did", "x"), rs[0], true)
		e.same(e.get(s, "di", "x"), rs[1], true)
		e.equal(e.ids(s, store.Query{Kind: "di", All: []store.Tag{tag("t", "1")}}), []string{"x"}, "records of the other kind")
		e.equal(len(e.claim(s, store.Claim{Kind: "di", Now: noon, Lease: time.Minute, Worker: "w"})), 1, "records of the other kind claimed")
		e.update(s, func(tx store.Tx) error { return tx.Delete("di", "x", rs[1].Version) })
		e.same(e.get(s, "did", "x"), rs[0], true)
	}},
	{"get/not-found", MUST, "Get of a record that is not there is ErrNotFound, also for names that cannot be", func(e *env) {
		s := e.open()
		e.put(s, rec("b"), rec("d"))
		for _, id := range []store.ID{"a", "c", "e", "bb", "B"} {
			e.absent(s, "did", id)
		}
		e.absent(s, "nothing", "b")
		for _, id := range []store.ID{"", "b\x00", "\xff", store.ID(strings.Repeat("x", 5000))} {
			if _, err := find(e.ctx, s, "did", id); !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrInvalid) {
				e.Errorf("Get of ID %.20q: the error is %v", id, err)
			}
		}
	}},
	{"get/names-the-record", SHOULD, "errors say which record they are about", func(e *env) {
		s := e.open()
		_, err := find(e.ctx, s, "did", "a")
		var re *store.RecordError
		e.that(errors.As(err, &re) && re.ID == "a" && re.Kind == "did", "the error is %v", err)
		e.put(s, rec("a"))
		r := rec("a")
		err = tryPut(e.ctx, s, &r)
		e.that(errors.As(err, &re) && re.ID == "a", "the error is %v", err)
	}},
	{"delete/removes", MUST, "Delete removes the record from everywhere", func(e *env) {
		s := e.open()
		r := rec("a", tag("t", "1"))
		r.Due = noon
		rs := e.put(s, r, rec("b", tag("t", "1")))
		e.update(s, func(tx store.Tx) error { return tx.Delete("did", "a", rs[0].Version) })
		e.absent(s, "did", "a")
		e.equal(e.ids(s, store.Query{Kind: "did"}), []string{"b"}, "records")
		e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("t", "1")}}), []string{"b"}, "records with the tag")
		n, _ := e.count(s, store.Query{Kind: "did"}, 0)
		e.equal(n, 1, "records counted")
		e.equal(len(e.claim(s, store.Claim{Kind: "did", Now: noon, Lease: time.Minute, Worker: "w"})), 0, "records due")
	}},
	{"delete/cas-conflict", MUST, "Delete succeeds only for the stored version", func(e *env) {
		s := e.open()
		r := e.put1(s, rec("a"))
		for _, v := range []uint64{0, r.Version + 1, r.Version - 1} {
			e.is(s.Update(e.ctx, func(tx store.Tx) error { return tx.Delete("did", "a", v) }), store.ErrConflict)
		}
		e.same(e.get(s, "did", "a"), r, true)
	}},
	{"delete/not-found", MUST, "Delete of a record that is not there is ErrNotFound", func(e *env) {
		s := e.open()
		e.put(s, rec("b"))
		e.is(s.Update(e.ctx, func(tx store.Tx) error { return tx.Delete("did", "a", 1) }), store.ErrNotFound)
		e.is(s.Update(e.ctx, func(tx store.Tx) error { return tx.Delete("none", "b", 0) }), store.ErrNotFound)
	}},
}

var uniqueCases = []Case{
	{"unique/taken", MUST, "a unique value has one holder among the records of a kind", func(e *env) {
		s := e.open()
		a, b := rec("a"), rec("b")
		a.Unique, b.Unique = []store.Tag{tag("order", "1")}, []store.Tag{tag("ref", "9"), tag("order", "1")}
		a = e.put1(s, a)
		e.is(tryPut(e.ctx, s, &b), store.ErrTaken)
		e.absent(s, "did", "b")
		b.Unique = b.Unique[:1] // what the failed Put would have taken is free
		e.ok(tryPut(e.ctx, s, &b))
		b.Unique = a.Unique
		e.is(tryPut(e.ctx, s, &b), store.ErrTaken) // an existing record may not take it either
		a.Row = []byte("again")                    // and its holder keeps it
		e.ok(tryPut(e.ctx, s, &a))
	}},
	{"unique/names-the-holder", SHOULD, "who asks for a taken value learns who holds it", func(e *env) {
		s := e.open()
		a, b := rec("a"), rec("b")
		a.Unique, b.Unique = []store.Tag{tag("order", "1")}, []store.Tag{tag("order", "1")}
		e.put(s, a)
		var te *store.TakenError
		err := tryPut(e.ctx, s, &b)
		e.that(errors.As(err, &te) && te.Holder == "a" && te.Unique == tag("order", "1"), "the error is %v", err)
	}},
	{"unique/within-transaction", MUST, "a unique value that was taken earlier in the transaction is taken", func(e *env) {
		s := e.open()
		e.is(s.Update(e.ctx, func(tx store.Tx) error {
			for _, id := range []string{"a", "b"} {
				r := rec(id)
				r.Unique = []store.Tag{tag("order", "1")}
				if err := tx.Put(&r); err != nil {
					return err
				}
			}
			return nil
		}), store.ErrTaken)
		e.absent(s, "did", "a")
	}},
	{"unique/change-frees", MUST, "a unique value that its holder gives up is free", func(e *env) {
		s := e.open()
		a, b := rec("a"), rec("b")
		a.Unique, b.Unique = []store.Tag{tag("order", "1")}, []store.Tag{tag("order", "1")}
		a = e.put1(s, a)
		a.Unique = []store.Tag{tag("order", "2")}
		e.ok(tryPut(e.ctx, s, &a))
		e.ok(tryPut(e.ctx, s, &b))
		c := rec("c")
		c.Unique = []store.Tag{tag("order", "2")}
		e.is(tryPut(e.ctx, s, &c), store.ErrTaken)
	}},
	{"unique/delete-frees", MUST, "a Delete frees unique values, also within the transaction", func(e *env) {
		s := e.open()
		a, b := rec("a"), rec("b")
		a.Unique, b.Unique = []store.Tag{tag("order", "1")}, []store.Tag{tag("order", "1")}
		a = e.put1(s, a)
		e.update(s, func(tx store.Tx) error {
			if err := tx.Delete("did", "a", a.Version); err != nil {
				return err
			}
			r := b
			return tx.Put(&r)
		})
		b = e.get(s, "did", "b")
		e.update(s, func(tx store.Tx) error { return tx.Delete("did", "b", b.Version) })
		a.Version = 0
		e.ok(tryPut(e.ctx, s, &a))
	}},
	{"unique/name-and-value", MUST, "unique is the pair of name and value, within a kind", func(e *env) {
		s := e.open()
		for i, u := range []store.Tag{tag("a", "bc"), tag("ab", "c"), tag("a", "b"), tag("b", "bc"), tag("a", ""), tag("a", "BC")} {
			r := rec(string(rune('a' + i)))
			r.Unique = []store.Tag{u, u} // naming it twice is no conflict
			e.ok(tryPut(e.ctx, s, &r))
		}
		other := rec("x")
		other.Kind, other.Unique = "order", []store.Tag{tag("a", "bc")}
		e.ok(tryPut(e.ctx, s, &other))
	}},
	{"unique/rollback-frees", MUST, "a value taken in a transaction that failed is free", func(e *env) {
		s := e.open()
		a, b := rec("a"), rec("b")
		a.Unique, b.Unique = []store.Tag{tag("order", "1")}, []store.Tag{tag("order", "1")}
		e.is(s.Update(e.ctx, func(tx store.Tx) error {
			r := a
			return errors.Join(tx.Put(&r), errMine)
		}), errMine)
		e.ok(tryPut(e.ctx, s, &b))
	}},
}
