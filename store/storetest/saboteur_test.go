package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/store"
)

// faults is what can be wrong with a store, under the ID of the case that has to
// find it. A case may find others as well.
var faults = map[string]func(*saboteur){
	"put/creates":      onPut(func(w *wrapped, r *store.Record) error { c := *r; c.Row = nil; return keep(w, r, &c) }),
	"put/cas-conflict": onPut(func(w *wrapped, r *store.Record) error { w.current(r); return w.tx.Put(r) }),
	"put/cas-absent": onPut(func(w *wrapped, r *store.Record) error {
		if _, err := w.Reader.Get(r.Kind, r.ID); err != nil {
			r.Version = 0
		}
		return w.tx.Put(r)
	}),
	"put/versions-grow": onPut(func(w *wrapped, r *store.Record) error {
		v := r.Version
		err := w.tx.Put(r)
		if v > 0 {
			r.Version = v
		}
		return err
	}),
	"put/largest": onPut(func(w *wrapped, r *store.Record) error {
		if len(r.Body) > 1<<20 {
			return store.ErrInvalid
		}
		return w.tx.Put(r)
	}),
	"unique/taken": onPut(func(w *wrapped, r *store.Record) error { c := *r; c.Unique = nil; return keep(w, r, &c) }),
	"time/none": onPut(func(w *wrapped, r *store.Record) error {
		c := *r
		if c.Due.IsZero() {
			c.Due = time.Unix(0, 0)
		}
		return keep(w, r, &c)
	}),
	"delete/removes": onDelete(func(*wrapped, store.Kind, store.ID, uint64) error { return nil }),
	"stream/limit": onRead(func(w *wrapped, s store.Stream, sub string, after store.Seq, limit int) ([]store.Entry, error) {
		if limit == 0 {
			limit = store.MaxLimit
		}
		return w.Reader.Read(s, sub, after, limit)
	}),
	"stream/after": onRead(func(w *wrapped, s store.Stream, sub string, after store.Seq, limit int) ([]store.Entry, error) {
		return w.Reader.Read(s, sub, max(after, 1)-1, limit)
	}),
	"stream/subject": onRead(func(w *wrapped, s store.Stream, _ string, after store.Seq, limit int) ([]store.Entry, error) {
		return w.Reader.Read(s, "", after, limit)
	}),
	"list/limit": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		if q.Limit == 0 {
			q.Limit = 50
		}
		return w.Reader.List(q)
	}),
	"list/tags": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		q.All = q.All[:min(len(q.All), 1)]
		return w.Reader.List(q)
	}),
	"list/prefix": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		q.Contains, q.Prefix = q.Contains+string(q.Prefix), ""
		return w.Reader.List(q)
	}),
	"list/contains": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		q.Contains = strings.Trim(q.Contains, "%_")
		return w.Reader.List(q)
	}),
	"list/fields": onList(func(w *wrapped, q store.Query) (store.Found, error) { q.Whole = true; return w.Reader.List(q) }),
	"model/random-operations": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		if q.Prefix != "" {
			q.Contains = ""
		}
		return w.Reader.List(q)
	}),
	"list/everything-at-once": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		if len(q.All) > 1 {
			q.Prefix = ""
		}
		return w.Reader.List(q)
	}),
	"claim/limit": onClaim(func(s *saboteur, ctx context.Context, c store.Claim) ([]store.Record, error) {
		c.Limit = store.MaxLimit
		return s.inner.Claim(ctx, c)
	}),
	"claim/lease": onClaim(func(s *saboteur, ctx context.Context, c store.Claim) ([]store.Record, error) {
		c.Lease = 1
		return s.inner.Claim(ctx, c)
	}),
	"context/ended-before": func(s *saboteur) {
		s.claim = func(_ context.Context, c store.Claim) ([]store.Record, error) {
			return s.inner.Claim(context.Background(), c)
		}
	},
	"context/ended-within-update": func(s *saboteur) {
		s.update = func(_ context.Context, f func(store.Tx) error) error { return s.inner.Update(context.Background(), f) }
	},
	"context/ended-within-view": func(s *saboteur) {
		s.view = func(_ context.Context, f func(store.Reader) error) error {
			return s.inner.View(context.Background(), f)
		}
	},
	"close/refuses": func(s *saboteur) { s.close = func() error { return nil } },
	"close/waits":   func(s *saboteur) { s.close = func() error { go s.inner.Close(); return nil } },
	"update/error-passes": func(s *saboteur) {
		s.view = func(ctx context.Context, f func(store.Reader) error) error {
			if s.inner.View(ctx, f) != nil {
				return errors.New("failed")
			}
			return nil
		}
	},

	"put/conflict-keeps-version": onPut(func(w *wrapped, r *store.Record) error {
		err := w.tx.Put(r)
		if err != nil {
			r.Version = 0
		}
		return err
	}),
	"put/replaces-everything": onPut(func(w *wrapped, r *store.Record) error {
		c := *r
		old, _ := w.Reader.Get(r.Kind, r.ID)
		c.Tags = append(slices.Clone(c.Tags), old.Tags...)
		return keep(w, r, &c)
	}),
	"put/versions-grow-across-delete": versionsFromOne,
	"reopen/versions-grow":            versionsFromOne,
	"put/refuses-invalid": onPut(func(w *wrapped, r *store.Record) error {
		if err := w.tx.Put(r); !errors.Is(err, store.ErrInvalid) {
			return err
		}
		return nil
	}),
	"put/kinds-are-apart": func(s *saboteur) {
		s.put = func(w *wrapped, r *store.Record) error {
			c := *r
			c.Kind = "one"
			if err := w.tx.Put(&c); err != nil {
				return err
			}
			r.Version = c.Version
			return nil
		}
		s.get = func(w *wrapped, k store.Kind, id store.ID) (store.Record, error) {
			r, err := w.Reader.Get("one", id)
			r.Kind = k
			return r, err
		}
	},
	"get/not-found": func(s *saboteur) {
		s.get = func(w *wrapped, k store.Kind, id store.ID) (store.Record, error) {
			r, err := w.Reader.Get(k, id)
			if errors.Is(err, store.ErrNotFound) {
				err = nil
			}
			return r, err
		}
	},
	"delete/cas-conflict": onDelete(func(w *wrapped, k store.Kind, id store.ID, _ uint64) error {
		r, err := w.Reader.Get(k, id)
		if err != nil {
			return err
		}
		return w.tx.Delete(k, id, r.Version)
	}),
	"delete/not-found": onDelete(func(w *wrapped, k store.Kind, id store.ID, v uint64) error {
		if err := w.tx.Delete(k, id, v); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return nil
	}),
	"unique/within-transaction": onPut(func(w *wrapped, r *store.Record) error {
		c := *r
		for _, p := range w.puts {
			c.Unique = slices.DeleteFunc(slices.Clone(c.Unique), func(t store.Tag) bool { return p.ID != r.ID && slices.Contains(p.Unique, t) })
		}
		return keep(w, r, &c)
	}),
	"unique/change-frees": onPut(func(w *wrapped, r *store.Record) error {
		c := *r
		old, _ := w.Reader.Get(r.Kind, r.ID)
		c.Unique = append(slices.Clone(c.Unique), old.Unique...)
		return keep(w, r, &c)
	}),
	"unique/delete-frees": onDelete(func(w *wrapped, k store.Kind, id store.ID, v uint64) error {
		r, _ := w.Reader.Get(k, id)
		if err := w.tx.Delete(k, id, v); err != nil {
			return err
		}
		return w.ghost(r)
	}),
	"unique/name-and-value": onPut(func(w *wrapped, r *store.Record) error {
		c := *r
		c.Unique = nil
		for _, u := range r.Unique {
			c.Unique = append(c.Unique, tag("any", u.Name+u.Value))
		}
		return keep(w, r, &c)
	}),
	"unique/rollback-frees": func(s *saboteur) {
		s.failed = func(w *wrapped) {
			_ = s.inner.Update(context.Background(), func(tx store.Tx) error {
				for _, p := range w.puts {
					p.ID, p.Version = "~"+p.ID, 0
					_ = tx.Put(&p)
				}
				return nil
			})
		}
	},
	"update/error-undoes-everything": func(s *saboteur) {
		s.update = func(ctx context.Context, f func(store.Tx) error) (err error) {
			return errors.Join(s.inner.Update(ctx, func(tx store.Tx) error { err = f(tx); return nil }), err)
		}
	},
	"update/panic-undoes-everything": func(s *saboteur) {
		s.update = func(ctx context.Context, f func(store.Tx) error) error {
			var p any
			err := s.inner.Update(ctx, func(tx store.Tx) error {
				defer func() { p = recover() }()
				return f(tx)
			})
			if p != nil {
				panic(p)
			}
			return err
		}
	},
	"update/failed-put-alone": onPut(func(w *wrapped, r *store.Record) error {
		err := w.tx.Put(r)
		if errors.Is(err, store.ErrTaken) {
			c := *r
			c.Unique = nil
			_ = w.tx.Put(&c)
		}
		return err
	}),
	"update/commits-together": onPut(func(w *wrapped, r *store.Record) error {
		if len(w.puts) > 0 && w.puts[0].Kind != r.Kind {
			return nil
		}
		return w.tx.Put(r)
	}),
	"tx/sees-own-writes": func(s *saboteur) {
		s.list = func(w *wrapped, q store.Query) (store.Found, error) {
			f, err := w.Reader.List(q)
			f.Records = slices.DeleteFunc(f.Records, func(r store.Record) bool { return w.mine[r.ID] })
			return f, err
		}
	},
	"tx/put-and-delete-again": onDelete(func(w *wrapped, k store.Kind, id store.ID, v uint64) error {
		if w.mine[id] {
			return nil
		}
		return w.tx.Delete(k, id, v)
	}),
	"list/order": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		f, err := w.Reader.List(q)
		slices.SortFunc(f.Records, func(a, b store.Record) int {
			return strings.Compare(strings.ToLower(string(a.ID)), strings.ToLower(string(b.ID)))
		})
		return f, err
	}),
	"list/refuses-invalid": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		f, err := w.Reader.List(q)
		if errors.Is(err, store.ErrInvalid) {
			err = nil
		}
		return f, err
	}),
	"list/last-page": onList(func(w *wrapped, q store.Query) (store.Found, error) {
		f, err := w.Reader.List(q)
		if n := len(f.Records); n > 0 && n == store.PageSize(q.Limit) {
			f.Next = string(f.Records[n-1].ID)
		}
		return f, err
	}),
	"list/cursor-is-stable": onList(func(w *wrapped, q store.Query) (store.Found, error) { // the cursor is an offset
		skip := 0
		fmt.Sscan(q.After, &skip)
		q.After = ""
		limit := store.PageSize(q.Limit)
		q.Limit = store.MaxLimit
		f, err := w.Reader.List(q)
		f.Records, f.Next = f.Records[min(skip, len(f.Records)):], ""
		if len(f.Records) > limit {
			f.Records, f.Next = f.Records[:limit], fmt.Sprint(skip+limit)
		}
		return f, err
	}),
	"count/at-most": func(s *saboteur) {
		s.count = func(w *wrapped, q store.Query, _ int) (int, bool, error) { return w.Reader.Count(q, 0) }
	},
	"count/whole-query": func(s *saboteur) {
		s.count = func(w *wrapped, q store.Query, atMost int) (int, bool, error) {
			if q.Limit > store.MaxLimit {
				return 0, false, store.ErrInvalid
			}
			return w.Reader.Count(q, atMost)
		}
	},
	"stream/positions-grow": onRead(func(w *wrapped, s store.Stream, sub string, after store.Seq, limit int) ([]store.Entry, error) {
		es, err := w.Reader.Read(s, sub, after, limit)
		slices.Reverse(es)
		return es, err
	}),
	"stream/refuses-invalid": func(s *saboteur) {
		s.append = func(w *wrapped, name store.Stream, e store.Entry) (store.Seq, error) {
			n, err := w.tx.Append(name, e)
			if errors.Is(err, store.ErrInvalid) {
				return 1, nil
			}
			return n, err
		}
	},
	"stream/own-appends": onRead(func(w *wrapped, s store.Stream, sub string, after store.Seq, limit int) ([]store.Entry, error) {
		es, err := w.Reader.Read(s, sub, after, limit)
		return slices.DeleteFunc(es, func(e store.Entry) bool { return slices.Contains(w.seqs, e.Seq) }), err
	}),
	"stream/commit-order": func(s *saboteur) {
		var mu sync.Mutex
		late := map[store.Seq]bool{}
		s.read = func(w *wrapped, name store.Stream, sub string, after store.Seq, limit int) ([]store.Entry, error) {
			es, err := w.Reader.Read(name, sub, after, limit)
			mu.Lock()
			defer mu.Unlock()
			return slices.DeleteFunc(es, func(e store.Entry) bool { // the first look at some comes too early
				first := e.Seq%10 == 3 && !late[e.Seq] && len(es) > 1
				late[e.Seq] = true
				return first
			}), err
		}
	},
	"claim/what-is-due": onClaim(func(s *saboteur, ctx context.Context, c store.Claim) ([]store.Record, error) {
		c.Now = c.Now.Add(-time.Microsecond)
		return s.inner.Claim(ctx, c)
	}),
	"claim/refuses-invalid": onClaim(func(s *saboteur, ctx context.Context, c store.Claim) ([]store.Record, error) {
		rs, err := s.inner.Claim(ctx, c)
		if errors.Is(err, store.ErrInvalid) {
			err = nil
		}
		return rs, err
	}),
	"claim/leases-keep-order": onClaim(func(s *saboteur, ctx context.Context, c store.Claim) ([]store.Record, error) {
		rs, err := s.inner.Claim(ctx, c)
		s.mu2(func() { // those that were leased before come last
			slices.SortStableFunc(rs, func(a, b store.Record) int { return int(s.version[a.ID]) - int(s.version[b.ID]) })
			for _, r := range rs {
				s.version[r.ID]++
			}
		})
		return rs, err
	}),
	"claim/version-stays": onClaim(func(s *saboteur, ctx context.Context, c store.Claim) ([]store.Record, error) {
		rs, err := s.inner.Claim(ctx, c)
		for _, r := range rs {
			_ = s.inner.Update(ctx, func(tx store.Tx) error { return tx.Put(&r) })
		}
		return rs, err
	}),
	"claim/put-ends-lease":    stickyLeases,
	"claim/delete-ends-lease": stickyLeases,
	"claim/rollback-keeps-lease": func(s *saboteur) {
		s.failed = func(w *wrapped) {
			_ = s.inner.Update(context.Background(), func(tx store.Tx) error {
				for _, p := range w.puts {
					if old, err := tx.Get(p.Kind, p.ID); err == nil {
						_ = tx.Put(&old)
					}
				}
				return nil
			})
		}
	},
	"claim/exclusive": onClaim(func(s *saboteur, ctx context.Context, c store.Claim) ([]store.Record, error) {
		rs, err := s.inner.Claim(ctx, c)
		s.mu2(func() { // what was handed out last is handed out again
			if last, ok := s.records["last"]; ok && len(rs) > 0 {
				rs = append(rs, last)
			}
			if len(rs) > 0 {
				s.records["last"] = rs[0]
			}
		})
		return rs, err
	}),
	"time/microseconds-utc": onPut(func(w *wrapped, r *store.Record) error {
		c := *r
		c.Due = c.Due.Truncate(time.Millisecond)
		return keep(w, r, &c)
	}),
	"own/what-goes-in": func(s *saboteur) {
		s.put = func(w *wrapped, r *store.Record) error {
			err := w.tx.Put(r)
			s.mu2(func() { s.records[r.ID] = *r })
			return err
		}
		s.get = func(w *wrapped, k store.Kind, id store.ID) (r store.Record, err error) {
			r, err = w.Reader.Get(k, id)
			s.mu2(func() { r.Body = s.records[id].Body })
			return r, err
		}
	},
	"own/what-comes-out": func(s *saboteur) {
		s.get = func(w *wrapped, k store.Kind, id store.ID) (r store.Record, err error) {
			r, err = w.Reader.Get(k, id)
			s.mu2(func() {
				if old, ok := s.records[id]; ok && old.Version == r.Version {
					r = old
				}
				s.records[id] = r
			})
			return r, err
		}
	},
	"reopen/keeps-everything": nil, "reopen/leases-hold": nil, "crash/keeps-what-returned": nil, "crash/while-writing": nil,
	"concurrent/no-lost-update": apart,
	"concurrent/no-write-skew":  apart,
	"concurrent/one-consistent-state": func(s *saboteur) {
		s.view = func(ctx context.Context, f func(store.Reader) error) error { return f(piecemeal{s.inner, ctx}) }
	},
	"concurrent/compare-and-set": onPut(func(w *wrapped, r *store.Record) error { w.current(r); return w.tx.Put(r) }),
	"concurrent/everything": func(s *saboteur) {
		var mu sync.Mutex
		s.claim = func(ctx context.Context, c store.Claim) ([]store.Record, error) {
			if !mu.TryLock() {
				return nil, errors.New("busy")
			}
			defer mu.Unlock()
			runtime.Gosched()
			return s.inner.Claim(ctx, c)
		}
	},
}

func onPut(f func(*wrapped, *store.Record) error) func(*saboteur) {
	return func(s *saboteur) { s.put = f }
}

func onDelete(f func(*wrapped, store.Kind, store.ID, uint64) error) func(*saboteur) {
	return func(s *saboteur) { s.del = f }
}

func onList(f func(*wrapped, store.Query) (store.Found, error)) func(*saboteur) {
	return func(s *saboteur) { s.list = f }
}

func onRead(f func(*wrapped, store.Stream, string, store.Seq, int) ([]store.Entry, error)) func(*saboteur) {
	return func(s *saboteur) { s.read = f }
}

func onClaim(f func(*saboteur, context.Context, store.Claim) ([]store.Record, error)) func(*saboteur) {
	return func(s *saboteur) {
		s.claim = func(ctx context.Context, c store.Claim) ([]store.Record, error) { return f(s, ctx, c) }
	}
}

// keep stores c in the place of r.
func keep(w *wrapped, r, c *store.Record) error {
	err := w.tx.Put(c)
	if err == nil {
		r.Version = c.Version
	}
	return err
}

var memory sync.Mutex

// mu2 guards what hooks remember.
func (s *saboteur) mu2(f func()) {
	memory.Lock()
	defer memory.Unlock()
	f()
}

// versionsFromOne counts the versions of a record from its Put on.
func versionsFromOne(s *saboteur) {
	base := func(id store.ID) (v uint64) { s.mu2(func() { v = s.version[id] }); return v }
	s.put = func(w *wrapped, r *store.Record) error {
		if r.Version == 0 {
			err := w.tx.Put(r)
			if err == nil {
				s.mu2(func() { s.version[r.ID] = r.Version - 1 })
				r.Version = 1
			}
			return err
		}
		c := *r
		c.Version += base(r.ID)
		err := w.tx.Put(&c)
		if err == nil {
			r.Version = c.Version - base(r.ID)
		}
		return err
	}
	s.get = func(w *wrapped, k store.Kind, id store.ID) (store.Record, error) {
		r, err := w.Reader.Get(k, id)
		r.Version -= min(base(id), r.Version)
		return r, err
	}
	s.del = func(w *wrapped, k store.Kind, id store.ID, v uint64) error { return w.tx.Delete(k, id, v+base(id)) }
}

// stickyLeases ends a lease by time alone.
func stickyLeases(s *saboteur) {
	until := map[store.ID]time.Time{}
	s.claim = func(ctx context.Context, c store.Claim) ([]store.Record, error) {
		rs, err := s.inner.Claim(ctx, c)
		s.mu2(func() {
			rs = slices.DeleteFunc(rs, func(r store.Record) bool { return until[r.ID].After(c.Now) })
			for _, r := range rs {
				until[r.ID] = c.Now.Add(c.Lease)
			}
		})
		return rs, err
	}
}

// apart lets an Update read one state and write over another.
func apart(s *saboteur) {
	s.update = func(ctx context.Context, f func(store.Tx) error) error {
		d := &deferred{}
		err := s.inner.View(ctx, func(r store.Reader) error {
			d.Reader = r
			return f(d)
		})
		if err != nil {
			return err
		}
		for range 20 {
			runtime.Gosched()
		}
		return s.inner.Update(ctx, func(tx store.Tx) error {
			for _, r := range d.puts {
				old, _ := tx.Get(r.Kind, r.ID)
				r.Version = old.Version
				if err := tx.Put(&r); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

type deferred struct {
	store.Reader
	puts []store.Record
}

func (d *deferred) Put(r *store.Record) error { d.puts = append(d.puts, *r); r.Version++; return nil }

func (d *deferred) Delete(store.Kind, store.ID, uint64) error { return nil }

func (d *deferred) Append(store.Stream, store.Entry) (store.Seq, error) { return 1, nil }

// piecemeal reads each thing from the newest state.
type piecemeal struct {
	s   *memstore.Store
	ctx context.Context
}

func (p piecemeal) Get(k store.Kind, id store.ID) (r store.Record, err error) {
	runtime.Gosched()
	return find(p.ctx, p.s, k, id)
}

func (p piecemeal) List(q store.Query) (f store.Found, err error) {
	err = p.s.View(p.ctx, func(tx store.Reader) (err error) { f, err = tx.List(q); return err })
	return f, err
}

func (p piecemeal) Count(q store.Query, atMost int) (n int, exact bool, err error) {
	runtime.Gosched()
	err = p.s.View(p.ctx, func(tx store.Reader) (err error) { n, exact, err = tx.Count(q, atMost); return err })
	return n, exact, err
}

func (p piecemeal) Read(s store.Stream, sub string, after store.Seq, limit int) (es []store.Entry, err error) {
	err = p.s.View(p.ctx, func(tx store.Reader) (err error) { es, err = tx.Read(s, sub, after, limit); return err })
	return es, err
}

// spoilt is the harness of a fault: of most, a saboteur; of some, a harness that
// loses something between one opening and the next.
func spoilt(id string) Harness {
	good := func(*saboteur) {}
	fresh := func(t testing.TB, _ store.Store) store.Store { return newSaboteur() }
	h := harness(good)
	reopen := h.Reopen
	change := func(t testing.TB, s store.Store, f func(tx store.Tx) error) store.Store {
		s = reopen(t, s)
		require.NoError(t, s.Update(context.Background(), f))
		return s
	}
	switch id {
	case "reopen/keeps-everything":
		h.Reopen = fresh
	case "crash/keeps-what-returned":
		h.Crash = fresh
	case "reopen/leases-hold":
		h.Reopen = func(t testing.TB, s store.Store) store.Store {
			return change(t, s, func(tx store.Tx) error { r, _ := tx.Get("work", "a"); return tx.Put(&r) })
		}
	case "crash/while-writing":
		h.Crash = func(t testing.TB, s store.Store) store.Store {
			return change(t, s, func(tx store.Tx) error {
				for i := range 3 {
					if r, err := tx.Get("did", store.ID(fmt.Sprint("left", i))); err == nil {
						r.Row = []byte("1")
						_ = tx.Put(&r)
					}
				}
				return nil
			})
		}
	default:
		return harness(faults[id])
	}
	return h
}

// Each MUST is able to fail: it finds the store that breaks it.
func TestCasesFindSaboteurs(t *testing.T) {
	for _, c := range Cases() {
		t.Run(c.ID, func(t *testing.T) {
			_, has := faults[c.ID]
			if c.Level == SHOULD && !has {
				return
			}
			require.True(t, has, "no store breaks it")
			found := false
			for end := time.Now().Add(30 * time.Second); !found && time.Now().Before(end); { // chance has a part in some
				found = c.Run(t.Context(), spoilt(c.ID)).Failed
			}
			require.True(t, found, "it does not find the store that breaks it")
		})
	}
	for id := range faults {
		require.True(t, slices.ContainsFunc(Cases(), func(c Case) bool { return c.ID == id }), id)
	}
}

// A store without a fault passes, and Check says so.
func TestCheck(t *testing.T) {
	good := Check(t.Context(), harness(func(*saboteur) {}))
	require.True(t, good.OK(), good.String())
	for _, r := range good.Results {
		require.False(t, r.Failed, "%s: %v", r.ID, r.Log)
		require.Empty(t, r.NotRun, r.ID)
	}
	bad := Check(t.Context(), spoilt("put/cas-conflict"))
	require.False(t, bad.OK())
	require.Contains(t, bad.String(), "MUST put/cas-conflict is not kept: Put succeeds only when")
	h := harness(func(*saboteur) {})
	h.Reopen, h.Crash = nil, nil
	part := Check(t.Context(), h)
	require.True(t, part.OK())
	require.Contains(t, part.String(), "crash/while-writing is not proven: the harness has no Crash")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Contains(t, Check(ctx, h).String(), "0 of ")
	require.False(t, Check(t.Context(), Harness{}).OK())
}

// Only a SHOULD that is broken leaves a store in order.
func TestCheckShould(t *testing.T) {
	r := Check(t.Context(), harness(func(s *saboteur) {
		s.count = func(w *wrapped, q store.Query, atMost int) (int, bool, error) {
			n, exact, err := w.Reader.Count(q, atMost)
			return n, exact && (atMost == 0 || n != atMost), err
		}
	}))
	require.True(t, r.OK(), r.String())
	require.Contains(t, r.String(), "SHOULD count/exact-at-the-limit is not kept")
}

func TestCasesAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		require.False(t, seen[c.ID], c.ID)
		seen[c.ID] = true
		require.Regexp(t, `^[a-z]+/[a-z-]+$`, c.ID)
		require.NotEmpty(t, c.Why)
		require.Contains(t, []Level{MUST, SHOULD}, c.Level)
	}
}
