package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/internal/kit"
	"github.com/numberdesk/numberdesk/store"
)

// env is what a case works with.
type env struct {
	*kit.Recorder
	h   Harness
	ctx context.Context
}

func (e *env) open() store.Store {
	s := e.h.New(e)
	if s == nil {
		e.Fatal("Harness.New returned nil")
	}
	e.Cleanup(func() { s.Close() })
	return s
}

// reopen is false when the harness cannot.
func (e *env) reopen(s *store.Store) bool {
	if e.h.Reopen == nil {
		e.NotRun("the harness has no Reopen")
		return false
	}
	*s = e.h.Reopen(e, *s)
	e.Cleanup(func() { (*s).Close() })
	return true
}

func (e *env) ok(err error) {
	if err != nil {
		e.Fatalf("unexpected error: %v", err)
	}
}

func (e *env) is(err, target error) {
	if !errors.Is(err, target) {
		e.Fatalf("the error is %v, and should be %q", err, target)
	}
}

func (e *env) equal(got, want any, what string, args ...any) {
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		e.Fatalf("%s: got %s, want %s", fmt.Sprintf(what, args...), g, w)
	}
}

func (e *env) that(ok bool, what string, args ...any) {
	if !ok {
		e.Fatalf(what, args...)
	}
}

// update runs f, which fails by returning an error.
func (e *env) update(s store.Store, f func(store.Tx) error) { e.ok(s.Update(e.ctx, f)) }

func (e *env) view(s store.Store, f func(store.Reader) error) { e.ok(s.View(e.ctx, f)) }

// put stores records in one transaction and returns them with their versions.
func (e *env) put(s store.Store, rs ...store.Record) []store.Record {
	var out []store.Record
	e.update(s, func(tx store.Tx) error {
		out = slices.Clone(rs)
		for i := range out {
			if err := tx.Put(&out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out
}

func (e *env) put1(s store.Store, r store.Record) store.Record { return e.put(s, r)[0] }

// tryPut returns the error of Put, or of the transaction.
func tryPut(ctx context.Context, s store.Store, r *store.Record) error {
	return s.Update(ctx, func(tx store.Tx) error {
		c := *r
		if err := tx.Put(&c); err != nil {
			return err
		}
		r.Version = c.Version
		return nil
	})
}

func (e *env) get(s store.Store, k store.Kind, id store.ID) store.Record {
	r, err := find(e.ctx, s, k, id)
	e.ok(err)
	return r
}

func (e *env) absent(s store.Store, k store.Kind, id store.ID) {
	r, err := find(e.ctx, s, k, id)
	if err == nil {
		e.Fatalf("%s %q is there: %+v", k, id, r)
	}
	e.is(err, store.ErrNotFound)
}

func find(ctx context.Context, s store.Store, k store.Kind, id store.ID) (r store.Record, err error) {
	err = s.View(ctx, func(tx store.Reader) (err error) {
		r, err = tx.Get(k, id)
		return err
	})
	return r, err
}

func (e *env) list(s store.Store, q store.Query) store.Found {
	var f store.Found
	e.view(s, func(tx store.Reader) (err error) {
		f, err = tx.List(q)
		return err
	})
	return f
}

// ids walks all pages.
func (e *env) ids(s store.Store, q store.Query) []string {
	out := []string{}
	for range 100_000 {
		f := e.list(s, q)
		out = append(out, idsOf(f.Records)...)
		if q.After = f.Next; q.After == "" {
			return out
		}
	}
	e.Fatal("the last page is not reached")
	return nil
}

func idsOf(rs []store.Record) []string {
	out := []string{}
	for _, r := range rs {
		out = append(out, string(r.ID))
	}
	return out
}

func (e *env) read(s store.Store, name store.Stream, subject string, after store.Seq, limit int) []store.Entry {
	var out []store.Entry
	e.view(s, func(tx store.Reader) (err error) {
		out, err = tx.Read(name, subject, after, limit)
		return err
	})
	return out
}

func (e *env) append(s store.Store, name store.Stream, entries ...store.Entry) []store.Seq {
	var out []store.Seq
	e.update(s, func(tx store.Tx) error {
		out = nil
		for _, en := range entries {
			n, err := tx.Append(name, en)
			if err != nil {
				return err
			}
			out = append(out, n)
		}
		return nil
	})
	return out
}

func (e *env) claim(s store.Store, c store.Claim) []store.Record {
	out, err := s.Claim(e.ctx, c)
	e.ok(err)
	return out
}

func (e *env) count(s store.Store, q store.Query, atMost int) (n int, exact bool) {
	e.view(s, func(tx store.Reader) (err error) {
		n, exact, err = tx.Count(q, atMost)
		return err
	})
	return n, exact
}

// same compares what went in with what came out: unique is compared when asked,
// the order of tags counts, nil and empty bytes are the same.
func (e *env) same(got, want store.Record, unique bool) {
	if d := differ(got, want, unique); d != "" {
		e.Fatalf("%s %q: %s", want.Kind, want.ID, d)
	}
}

func differ(got, want store.Record, unique bool) string {
	switch {
	case got.Kind != want.Kind || got.ID != want.ID:
		return fmt.Sprintf("it is %s %q", got.Kind, got.ID)
	case got.Version != want.Version:
		return fmt.Sprintf("version is %d, want %d", got.Version, want.Version)
	case !slices.Equal(got.Tags, want.Tags):
		return fmt.Sprintf("tags are %v, want %v", got.Tags, want.Tags)
	case unique && !slices.Equal(got.Unique, want.Unique):
		return fmt.Sprintf("unique tags are %v, want %v", got.Unique, want.Unique)
	case !got.Due.Equal(want.Due):
		return fmt.Sprintf("due is %v, want %v", got.Due, want.Due)
	case !bytes.Equal(got.Row, want.Row):
		return fmt.Sprintf("row has %d bytes, want %d, or others", len(got.Row), len(want.Row))
	case !bytes.Equal(got.Body, want.Body):
		return fmt.Sprintf("body has %d bytes, want %d, or others", len(got.Body), len(want.Body))
	}
	return ""
}

// random returns the generator of a case and the seed that begins it.
func (e *env) random() (*rand.Rand, uint64) {
	seed := e.h.Seed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	return rand.New(rand.NewPCG(seed, 0)), seed
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func tag(name, value string) store.Tag { return store.Tag{Name: name, Value: value} }

func rec(id string, tags ...store.Tag) store.Record {
	return store.Record{Kind: "did", ID: store.ID(id), Tags: tags, Row: []byte("row of " + id), Body: []byte("body of " + id)}
}

var errMine = errors.New("the function's own error")
