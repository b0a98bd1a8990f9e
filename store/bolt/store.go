package bolt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/numberdesk/numberdesk/store"
)

// Store is an open store. It is safe for concurrent use: any number of Views run
// beside each other and beside one Update or Claim.
type Store struct {
	path    string
	log     *slog.Logger
	maxSize int64
	file    *os.File // bbolt's own
	db      *bbolt.DB

	// writer is held by the one transaction that may write, and gate, for
	// reading, by each that reads. Close and settle take both, in this order.
	writer chan struct{}
	gate   sync.RWMutex
	closed bool // under gate

	mapMu   sync.Mutex
	mapping *mapping // newest; nil before the first transaction

	unsettled atomic.Bool           // the outcome of a commit is not known
	broken    atomic.Pointer[error] // bbolt's own state is lost: what every call answers

	seq   uint64 // under writer: last version given, never taken back
	dirty bool   // under writer: the file does not say "clean" any more
}

var _ store.Store = (*Store)(nil)

// mapping is the file in memory, for reading. Transactions hold it while the
// store may have gone on to a longer one.
type mapping struct {
	mem  []byte
	refs atomic.Int32 // one is the store's
}

func (m *mapping) drop() {
	if m != nil && m.refs.Add(-1) == 0 && m.mem != nil {
		_ = unmapFile(m.mem) // fails only for memory that is not mapped
	}
}

// snapshot is a committed state. Its pages stay as they are until release.
type snapshot struct {
	pages   *pages
	root    uint64
	mapping *mapping
	pin     *bbolt.Tx // keeps bbolt from using its pages again
	txid    int
}

func (n *snapshot) unpin() error {
	if n.pin == nil {
		return nil
	}
	pin := n.pin
	n.pin = nil
	return pin.Rollback()
}

func (n *snapshot) release() {
	// A read transaction that is open always rolls back.
	_ = n.unpin()
	n.mapping.drop()
	n.mapping = nil
}

// snapshot pins the newest committed state. The gate or the writer is held.
func (s *Store) snapshot() (n *snapshot, err error) {
	if err := s.guard("reading", s.alive); err != nil {
		return nil, err
	}
	err = s.native("reading", func() error {
		pin, err := s.db.Begin(false)
		if err != nil {
			return err
		}
		n = &snapshot{pin: pin, txid: pin.ID(), root: uint64(pin.Cursor().Bucket().Root())}
		pageSize := s.db.Info().PageSize
		n.pages = &pages{pageSize: pageSize, count: uint64(pin.Size()) / uint64(pageSize)}
		n.mapping, err = s.mapped(pin.Size())
		if err != nil {
			return errors.Join(err, pin.Rollback())
		}
		n.pages.mem, n.pages.file = n.mapping.mem, s.file
		return nil
	})
	return n, err
}

// alive looks at what bbolt is about to look at while it holds a lock that it
// would not give back after a fault: the meta pages, one of which is always sound.
func (s *Store) alive() error {
	m, err := s.mapped(1)
	if err != nil || m.mem == nil {
		return err
	}
	defer m.drop()
	pageSize := s.db.Info().PageSize
	if _, err := readMeta(m.mem[:pageSize], 0); err == nil {
		return nil
	}
	_, err = readMeta(m.mem[pageSize:2*pageSize], 1)
	return err
}

// mapped returns a mapping of at least size bytes, to be dropped.
func (s *Store) mapped(size int64) (*mapping, error) {
	s.mapMu.Lock()
	defer s.mapMu.Unlock()
	if m := s.mapping; m == nil || m.mem != nil && int64(len(m.mem)) < size {
		mem, err := mapFile(s.file, max(size, int64(2*s.db.Info().PageSize)))
		if err != nil {
			return nil, fmt.Errorf("store/bolt: mapping %s: %w", s.path, err)
		}
		next := &mapping{mem: mem}
		next.refs.Store(1)
		s.mapping.drop()
		s.mapping = next
	}
	s.mapping.refs.Add(1)
	return s.mapping, nil
}

// View calls f with one committed state; writers go on meanwhile. A View that
// runs for long keeps the file from reusing its pages.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	n, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	t := s.newTx(ctx, n)
	defer t.end()
	return f(reader{t})
}

// enter begins a reading transaction.
func (s *Store) enter(ctx context.Context) (*snapshot, func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if s.unsettled.Load() {
		unlock, err := s.lock(ctx)
		if err != nil {
			return nil, nil, err
		}
		unlock()
	}
	s.gate.RLock()
	if err := s.usable(); err != nil {
		s.gate.RUnlock()
		return nil, nil, err
	}
	n, err := s.snapshot()
	if err != nil {
		s.gate.RUnlock()
		return nil, nil, err
	}
	return n, func() { n.release(); s.gate.RUnlock() }, nil
}

// usable is the reason to refuse any call. The gate or the writer is held.
func (s *Store) usable() error {
	if s.closed {
		return store.ErrClosed
	}
	if err := s.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// lock waits to be the writer, and settles an unknown outcome first.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case s.writer <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	unlock = func() { <-s.writer }
	if err := s.usable(); err != nil {
		unlock()
		return nil, err
	}
	if err := s.settle(); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// Update calls f once, alone, and makes what it did durable. When f has written
// nothing, nothing is written. An error that wraps store.ErrUnclear leaves the
// outcome open: the next call settles it before it does anything else, so that
// what is read then is durable.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	return s.update(ctx, func(t *tx) error { return f(t) })
}

func (s *Store) update(ctx context.Context, f func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	n, err := s.snapshot()
	if err != nil {
		return err
	}
	defer n.release()
	t := s.newTx(ctx, n)
	defer t.end()
	t.writable = true
	if err := f(t); err != nil {
		return err
	}
	t.done = true
	if t.failed != nil {
		return t.failed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.commit(t)
}

// Claim returns due records as Get does, the longest due first, and leases them.
// It writes, and syncs the file, only when there are any.
func (s *Store) Claim(ctx context.Context, c store.Claim) ([]store.Record, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	due, err := s.peek(ctx, &c)
	if err != nil || !due {
		return nil, err
	}
	var out []store.Record
	err = s.update(ctx, func(t *tx) (err error) {
		out, err = t.claim(&c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) peek(ctx context.Context, c *store.Claim) (bool, error) {
	n, leave, err := s.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	t := s.newTx(ctx, n)
	defer t.end()
	var keys []claimable
	err = s.guard("reading", func() (err error) {
		keys, err = t.claimable(c, 1)
		return err
	})
	return len(keys) > 0, err
}

// Close waits for running transactions, notes in the file that it was closed in
// order and gives it free. Closing twice is no error.
func (s *Store) Close() error {
	s.writer <- struct{}{}
	defer func() { <-s.writer }()
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	if s.broken.Load() == nil && s.dirty && !s.unsettled.Load() {
		if err = s.guard("closing", s.alive); err == nil {
			err = s.native("closing", s.markClean)
		}
	}
	if s.broken.Load() == nil {
		err = errors.Join(err, s.native("closing", s.db.Close))
	} else { // bbolt may still hold its own locks: its file is closed without it
		err = errors.Join(err, unlockFile(s.file), s.file.Close())
	}
	s.db, s.file = nil, nil
	s.mapping.drop()
	s.mapping = nil
	s.log.Info("store closed", "err", err)
	return err
}

func (s *Store) markClean() error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		key := []byte(keyClean)
		return tx.Bucket([]byte(bucketMeta)).Put(key, seal(seed(bucketMeta), key, appendNumber(nil, 1)))
	})
}

// mentions says whether err is, or in its text repeats, one of the system's
// errors: bbolt passes some on as text.
func mentions(err error, codes ...syscall.Errno) bool {
	for _, code := range codes {
		if errors.Is(err, code) || strings.HasSuffix(err.Error(), code.Error()) {
			return true
		}
	}
	return false
}
