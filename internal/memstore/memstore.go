// Package memstore is a store.Store in memory, for tests and as the model that
// other stores are compared with. It keeps every promise of package store but
// durability: what it holds ends with the process.
package memstore

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/store"
)

// Store is a store.Store in memory. It is safe for concurrent use.
type Store struct {
	mu      sync.RWMutex // a View reads under it, an Update or Claim writes
	closed  bool
	seq     uint64 // last version given; not taken back by a rollback, so that a version names one state for ever
	kinds   map[store.Kind]*kind
	streams map[store.Stream]*stream
}

// New returns an empty store.
func New() *Store {
	return &Store{kinds: map[store.Kind]*kind{}, streams: map[store.Stream]*stream{}}
}

type kind struct {
	ids    set
	recs   map[store.ID]*rec
	tags   map[store.Tag]*set
	unique map[store.Tag]store.ID
	due    set // dueKey
}

// rec is never changed once it is in a kind: a change is another rec, which is
// what makes rolling back a matter of putting the old one in its place.
type rec struct {
	r     store.Record
	lease time.Time
}

type stream struct {
	entries  []store.Entry
	subjects map[string][]int // indexes of entries
}

// View calls f with a consistent state. Writers wait until it returns.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return store.ErrClosed
	}
	t := &tx{s: s, ctx: ctx}
	defer t.end()
	return f(reader{t})
}

// Update calls f once, alone.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.ErrClosed
	}
	t := &tx{s: s, ctx: ctx}
	defer t.end() // undoes everything unless the log has been dropped: also after a panic
	if err := f(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.undo = nil
	return nil
}

// Claim returns due records as Get does, and leases them.
func (s *Store) Claim(ctx context.Context, c store.Claim) ([]store.Record, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, store.ErrClosed
	}
	k := s.kinds[c.Kind]
	if k == nil {
		return nil, nil
	}
	var out []store.Record
	k.due.from("", func(key string) bool {
		p := k.recs[store.ID(key[8:])]
		if p.r.Due.After(c.Now) || len(out) == store.PageSize(c.Limit) {
			return false
		}
		if p.lease.After(c.Now) {
			return true
		}
		leased := *p
		leased.lease = c.Now.Add(c.Lease)
		k.recs[p.r.ID] = &leased
		out = append(out, clone(p.r))
		return true
	})
	return out, nil
}

// Close drops nothing but refuses every later call.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// replace puts next (nil: nothing) in the place of the record and moves the
// index entries along. It returns what was there.
func (s *Store) replace(kn store.Kind, id store.ID, next *rec) *rec {
	k := s.kinds[kn]
	if k == nil {
		k = &kind{recs: map[store.ID]*rec{}, tags: map[store.Tag]*set{}, unique: map[store.Tag]store.ID{}}
		s.kinds[kn] = k
	}
	old := k.recs[id]
	if old != nil {
		k.ids.remove(string(id))
		for _, t := range old.r.Tags {
			if p := k.tags[t]; p != nil {
				if p.remove(string(id)); p.n == 0 {
					delete(k.tags, t)
				}
			}
		}
		for _, u := range old.r.Unique {
			delete(k.unique, u)
		}
		if !old.r.Due.IsZero() {
			k.due.remove(dueKey(old.r.Due, id))
		}
		delete(k.recs, id)
	}
	if next != nil {
		k.ids.add(string(id))
		for _, t := range next.r.Tags {
			if k.tags[t] == nil {
				k.tags[t] = &set{}
			}
			k.tags[t].add(string(id))
		}
		for _, u := range next.r.Unique {
			k.unique[u] = id
		}
		if !next.r.Due.IsZero() {
			k.due.add(dueKey(next.r.Due, id))
		}
		k.recs[id] = next
	}
	return old
}

// dueKey orders by time, then by ID.
func dueKey(due time.Time, id store.ID) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(due.UnixMicro())^1<<63)
	return string(append(b, id...))
}

func clone(r store.Record) store.Record {
	r.Tags, r.Unique = slices.Clone(r.Tags), slices.Clone(r.Unique)
	r.Row, r.Body = slices.Clone(r.Row), slices.Clone(r.Body)
	return r
}

func micro(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }
