package storetest

import (
	"errors"
	"fmt"

	"github.com/numberdesk/numberdesk/store"
)

var txCases = []Case{
	{"update/error-undoes-everything", MUST, "when Update returns an error, nothing of it happened", func(e *env) {
		s := e.open()
		keep := rec("keep", tag("t", "1"))
		keep.Due = noon
		keep = e.put1(s, keep)
		gone := e.put1(s, rec("gone", tag("t", "1")))
		e.append(s, "j", store.Entry{Subject: "keep", Body: []byte("1")})
		e.is(s.Update(e.ctx, func(tx store.Tx) error {
			r, n := keep, rec("new", tag("t", "1"))
			r.Row, r.Tags, r.Due = []byte("changed"), nil, noon.AddDate(1, 0, 0)
			err := errors.Join(tx.Put(&r), tx.Put(&n), tx.Delete("did", "gone", gone.Version))
			_, e2 := tx.Append("j", store.Entry{Subject: "keep"})
			_, e3 := tx.Append("k", store.Entry{})
			if err := errors.Join(err, e2, e3); err != nil {
				return fmt.Errorf("too early: %w", err)
			}
			return errMine
		}), errMine)
		e.unchanged(s, keep, gone)
	}},
	{"update/panic-undoes-everything", MUST, "a panic of the function undoes everything, is the caller's, and leaves the store usable", func(e *env) {
		s := e.open()
		keep := rec("keep", tag("t", "1"))
		keep.Due = noon
		keep = e.put1(s, keep)
		gone := e.put1(s, rec("gone", tag("t", "1")))
		e.append(s, "j", store.Entry{Subject: "keep", Body: []byte("1")})
		var got any
		func() {
			defer func() { got = recover() }()
			_ = s.Update(e.ctx, func(tx store.Tx) error {
				r := keep
				r.Tags = nil
				_ = tx.Put(&r)
				_ = tx.Delete("did", "gone", gone.Version)
				_, _ = tx.Append("j", store.Entry{Subject: "keep"})
				panic("mine")
			})
		}()
		e.equal(got, "mine", "panic")
		e.unchanged(s, keep, gone)
		func() {
			defer func() { got = recover() }()
			_ = s.View(e.ctx, func(store.Reader) error { panic("of a View") })
		}()
		e.equal(got, "of a View", "panic")
		e.put(s, rec("after"))
	}},
	{"update/failed-put-alone", MUST, "a Put or Delete that fails changes nothing; the function may go on and commit the rest", func(e *env) {
		s := e.open()
		a := rec("a", tag("t", "1"))
		a.Unique = []store.Tag{tag("u", "1")}
		a = e.put1(s, a)
		e.update(s, func(tx store.Tx) error {
			stale, taken, bad := rec("a", tag("t", "2")), rec("b", tag("t", "1")), rec("", tag("t", "1"))
			taken.Unique = a.Unique
			ok := rec("c")
			if err := tx.Put(&stale); !errors.Is(err, store.ErrConflict) {
				return fmt.Errorf("conflict: %w", err)
			}
			if err := tx.Put(&taken); !errors.Is(err, store.ErrTaken) {
				return fmt.Errorf("taken: %w", err)
			}
			if err := tx.Put(&bad); !errors.Is(err, store.ErrInvalid) {
				return fmt.Errorf("invalid: %w", err)
			}
			if err := tx.Delete("did", "a", a.Version+9); !errors.Is(err, store.ErrConflict) {
				return fmt.Errorf("delete: %w", err)
			}
			if _, err := tx.Append("j", store.Entry{Subject: "\x00"}); !errors.Is(err, store.ErrInvalid) {
				return fmt.Errorf("append: %w", err)
			}
			return tx.Put(&ok)
		})
		e.same(e.get(s, "did", "a"), a, true)
		e.equal(e.ids(s, store.Query{Kind: "did"}), []string{"a", "c"}, "records")
		e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("t", "1")}}), []string{"a"}, "records with the tag")
		e.equal(len(e.read(s, "j", "", 0, 0)), 0, "entries")
	}},
	{"update/error-passes", MUST, "the error of the function is the error of Update and View", func(e *env) {
		s := e.open()
		e.is(s.Update(e.ctx, func(store.Tx) error { return errMine }), errMine)
		e.is(s.View(e.ctx, func(store.Reader) error { return errMine }), errMine)
	}},
	{"update/commits-together", MUST, "everything that a function did is there when Update returns nil", func(e *env) {
		s := e.open()
		e.update(s, func(tx store.Tx) error {
			a, b := rec("a", tag("t", "1")), rec("b")
			b.Kind = "other"
			_, err := tx.Append("j", store.Entry{Subject: "a"})
			return errors.Join(err, tx.Put(&a), tx.Put(&b))
		})
		e.get(s, "did", "a")
		e.get(s, "other", "b")
		e.equal(len(e.read(s, "j", "a", 0, 0)), 1, "entries")
	}},
	{"tx/sees-own-writes", MUST, "a function sees its own writes: in Get, List, Count and Read", func(e *env) {
		s := e.open()
		ar := []store.Tag{tag("state", "AR")}
		old := e.put(s, rec("b", ar...), rec("d", ar...), rec("f", ar...))
		e.append(s, "j", store.Entry{Subject: "x"})
		e.update(s, func(tx store.Tx) error {
			for _, id := range []string{"a", "c", "g"} {
				r := rec(id, ar...)
				if err := tx.Put(&r); err != nil {
					return err
				}
			}
			r := old[0]
			r.Row = []byte("changed")
			if err := tx.Put(&r); err != nil {
				return err
			}
			r.Row = []byte("twice")
			if err := tx.Put(&r); err != nil { // with the version that Put gave
				return fmt.Errorf("second Put: %w", err)
			}
			if err := tx.Delete("did", "d", old[1].Version); err != nil {
				return err
			}
			moved := old[2]
			moved.Tags = []store.Tag{tag("state", "TX")}
			if err := tx.Put(&moved); err != nil {
				return err
			}
			if _, err := tx.Append("j", store.Entry{Subject: "x"}); err != nil {
				return err
			}
			got, err := tx.Get("did", "b")
			if err != nil || string(got.Row) != "twice" {
				return fmt.Errorf("calling Get: %q, %w", got.Row, err)
			}
			if _, err := tx.Get("did", "d"); !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("calling Get of a deleted record: %w", err)
			}
			for _, c := range []struct {
				q    store.Query
				want string
			}{
				{store.Query{Kind: "did"}, "[a b c f g]"},
				{store.Query{Kind: "did", All: ar}, "[a b c g]"},
				{store.Query{Kind: "did", All: []store.Tag{tag("state", "TX")}}, "[f]"},
				{store.Query{Kind: "did", Prefix: "c"}, "[c]"},
				{store.Query{Kind: "did", Contains: "g"}, "[g]"},
				{store.Query{Kind: "did", After: "b"}, "[c f g]"},
			} {
				f, err := tx.List(c.q)
				if err != nil {
					return err
				}
				if got := fmt.Sprint(idsOf(f.Records)); got != c.want {
					return fmt.Errorf("calling List %+v: got %s, want %s", c.q, got, c.want)
				}
				n, exact, err := tx.Count(c.q, 0)
				if c.q.After == "" && (err != nil || n != len(f.Records) || !exact) {
					return fmt.Errorf("calling Count %+v: %d, %v, %w", c.q, n, exact, err)
				}
			}
			for _, subject := range []string{"", "x"} {
				if es, err := tx.Read("j", subject, 0, 0); err != nil || len(es) != 2 {
					return fmt.Errorf("calling Read of %q: %d entries, %w", subject, len(es), err)
				}
			}
			return nil
		})
	}},
	{"tx/put-and-delete-again", MUST, "a record that is put and deleted in one transaction was never there", func(e *env) {
		s := e.open()
		e.update(s, func(tx store.Tx) error {
			r := rec("a", tag("t", "1"))
			r.Due, r.Unique = noon, []store.Tag{tag("u", "1")}
			if err := tx.Put(&r); err != nil {
				return err
			}
			return tx.Delete("did", "a", r.Version)
		})
		e.absent(s, "did", "a")
		e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("t", "1")}}), []string{}, "records with the tag")
		b := rec("b")
		b.Unique = []store.Tag{tag("u", "1")}
		e.ok(tryPut(e.ctx, s, &b))
	}},
	{"tx/is-over-after-its-function", SHOULD, "a Reader or Tx that is used after its function answers an error", func(e *env) {
		s := e.open()
		e.put(s, rec("a"))
		var r store.Reader
		var w store.Tx
		e.view(s, func(tx store.Reader) error { r = tx; return nil })
		e.update(s, func(tx store.Tx) error { w = tx; return nil })
		_, err := r.Get("did", "a")
		e.that(err != nil, "Get has no error")
		n := rec("b")
		e.that(w.Put(&n) != nil, "Put has no error")
		e.absent(s, "did", "b")
	}},
	{"view/cannot-write", SHOULD, "what a View is given cannot be made to write", func(e *env) {
		s := e.open()
		e.view(s, func(r store.Reader) error {
			if tx, is := r.(store.Tx); is {
				n := rec("a")
				if tx.Put(&n) == nil {
					return errors.New("a View has written")
				}
			}
			return nil
		})
		e.absent(s, "did", "a")
	}},
}

// unchanged is what the undoing cases expect.
func (e *env) unchanged(s store.Store, keep, gone store.Record) {
	e.same(e.get(s, "did", "keep"), keep, true)
	e.same(e.get(s, "did", "gone"), gone, true)
	e.equal(e.ids(s, store.Query{Kind: "did"}), []string{"gone", "keep"}, "records")
	e.equal(e.ids(s, store.Query{Kind: "did", All: []store.Tag{tag("t", "1")}}), []string{"gone", "keep"}, "records with the tag")
	e.equal(len(e.read(s, "j", "", 0, 0)), 1, "entries")
	e.equal(len(e.read(s, "j", "keep", 0, 0)), 1, "entries of the subject")
	e.equal(len(e.read(s, "k", "", 0, 0)), 0, "entries of the other stream")
	e.equal(e.get(s, "did", "keep").Due, noon, "due time")
}
