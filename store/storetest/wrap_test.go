package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/store"
)

// saboteur is a store in memory with faults: each hook, when set, stands between
// the caller and the right answer.
type saboteur struct {
	inner *memstore.Store
	mu    *sync.RWMutex // a crash waits for what is running
	over  bool

	update  func(ctx context.Context, f func(store.Tx) error) error
	view    func(ctx context.Context, f func(store.Reader) error) error
	claim   func(ctx context.Context, c store.Claim) ([]store.Record, error)
	close   func() error
	failed  func(w *wrapped) // after an Update that failed
	put     func(w *wrapped, r *store.Record) error
	del     func(w *wrapped, k store.Kind, id store.ID, version uint64) error
	append  func(w *wrapped, s store.Stream, e store.Entry) (store.Seq, error)
	get     func(w *wrapped, k store.Kind, id store.ID) (store.Record, error)
	list    func(w *wrapped, q store.Query) (store.Found, error)
	count   func(w *wrapped, q store.Query, atMost int) (int, bool, error)
	read    func(w *wrapped, s store.Stream, subject string, after store.Seq, limit int) ([]store.Entry, error)
	version map[store.ID]uint64 // what a hook wants to remember
	records map[store.ID]store.Record
}

func newSaboteur() *saboteur {
	return &saboteur{inner: memstore.New(), mu: new(sync.RWMutex), version: map[store.ID]uint64{}, records: map[store.ID]store.Record{}}
}

// harness opens saboteurs that fault has spoilt.
func harness(fault func(*saboteur)) Harness {
	spoil := func(s *saboteur) store.Store {
		fault(s)
		return s
	}
	next := func(old store.Store) *saboteur {
		o := old.(*saboteur)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.over = true
		s := newSaboteur()
		s.inner = o.inner
		return s
	}
	again := func(t testing.TB, old store.Store) store.Store { return spoil(next(old)) }
	return Harness{New: func(testing.TB) store.Store { return spoil(newSaboteur()) }, Reopen: again, Crash: again, Seed: 7}
}

func (s *saboteur) enter() (func(), error) {
	s.mu.RLock()
	if s.over {
		s.mu.RUnlock()
		return nil, store.ErrClosed
	}
	return s.mu.RUnlock, nil
}

func (s *saboteur) View(ctx context.Context, f func(store.Reader) error) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	g := func(r store.Reader) error { return f(wrappedReader{&wrapped{s: s, Reader: r}}) }
	if s.view != nil {
		return s.view(ctx, g)
	}
	return s.inner.View(ctx, g)
}

func (s *saboteur) Update(ctx context.Context, f func(store.Tx) error) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	var last *wrapped
	g := func(tx store.Tx) error {
		last = &wrapped{s: s, Reader: tx, tx: tx, mine: map[store.ID]bool{}}
		return f(last)
	}
	if s.update != nil {
		err = s.update(ctx, g)
	} else {
		err = s.inner.Update(ctx, g)
	}
	if err != nil && s.failed != nil && last != nil {
		s.failed(last)
	}
	return err
}

func (s *saboteur) Claim(ctx context.Context, c store.Claim) ([]store.Record, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	if s.claim != nil {
		return s.claim(ctx, c)
	}
	return s.inner.Claim(ctx, c)
}

func (s *saboteur) Close() error {
	s.mu.RLock()
	over := s.over
	s.mu.RUnlock()
	if over {
		return nil // the state belongs to the one that was opened again
	}
	if s.close != nil {
		return s.close()
	}
	return s.inner.Close()
}

// wrapped is a transaction of a saboteur.
type wrapped struct {
	store.Reader
	tx   store.Tx
	s    *saboteur
	mine map[store.ID]bool // put in this transaction
	puts []store.Record
	seqs []store.Seq
}

type wrappedReader struct{ store.Reader }

func (w *wrapped) Put(r *store.Record) error {
	var err error
	if w.s.put != nil {
		err = w.s.put(w, r)
	} else {
		err = w.tx.Put(r)
	}
	if err == nil {
		w.mine[r.ID] = true
		w.puts = append(w.puts, *r)
	}
	return err
}

func (w *wrapped) Delete(k store.Kind, id store.ID, version uint64) error {
	if w.s.del != nil {
		return w.s.del(w, k, id, version)
	}
	return w.tx.Delete(k, id, version)
}

func (w *wrapped) Append(s store.Stream, e store.Entry) (n store.Seq, err error) {
	if w.s.append != nil {
		n, err = w.s.append(w, s, e)
	} else {
		n, err = w.tx.Append(s, e)
	}
	w.seqs = append(w.seqs, n)
	return n, err
}

func (w *wrapped) Get(k store.Kind, id store.ID) (store.Record, error) {
	if w.s.get != nil {
		return w.s.get(w, k, id)
	}
	return w.Reader.Get(k, id)
}

func (w *wrapped) List(q store.Query) (store.Found, error) {
	if w.s.list != nil {
		return w.s.list(w, q)
	}
	return w.Reader.List(q)
}

func (w *wrapped) Count(q store.Query, atMost int) (int, bool, error) {
	if w.s.count != nil {
		return w.s.count(w, q, atMost)
	}
	return w.Reader.Count(q, atMost)
}

func (w *wrapped) Read(s store.Stream, subject string, after store.Seq, limit int) ([]store.Entry, error) {
	if w.s.read != nil {
		return w.s.read(w, s, subject, after, limit)
	}
	return w.Reader.Read(s, subject, after, limit)
}

// current sets the version that would succeed.
func (w *wrapped) current(r *store.Record) {
	old, err := w.Reader.Get(r.Kind, r.ID)
	r.Version = old.Version
	if errors.Is(err, store.ErrNotFound) {
		r.Version = 0
	}
}

// ghost stores what nobody asked for.
func (w *wrapped) ghost(r store.Record) error {
	r.ID, r.Version = "~ghost"+r.ID, 0
	return w.tx.Put(&r)
}
