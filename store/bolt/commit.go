package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/numberdesk/numberdesk/store"
)

// commit hands the changes to bbolt in the order of their keys and makes them
// durable. The writer is held.
func (s *Store) commit(t *tx) error {
	var changed []*table
	for _, b := range t.tables {
		if b.own != nil && b.name != bucketMeta {
			changed = append(changed, b)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	// A reader that stays open would keep bbolt from mapping a grown file. The
	// committed state stays as it is while the writer is held.
	if err := s.native("committing", t.state.unpin); err != nil {
		return err
	}
	slices.SortFunc(changed, func(a, b *table) int { return strings.Compare(a.name, b.name) })
	var w *bbolt.Tx
	err := s.native("committing", func() (err error) {
		s.db.AllocSize = s.allocSize(t.state)
		if w, err = s.db.Begin(true); err != nil {
			return err
		}
		for _, b := range changed {
			if err := s.apply(w, t, b); err != nil {
				return err
			}
		}
		return s.applyMeta(w, t)
	})
	if w == nil {
		return err
	}
	if err != nil {
		if s.broken.Load() == nil {
			_ = s.native("rolling back", w.Rollback) // the error is the first one
		}
		return err
	}
	id := w.ID()
	err = s.native("committing", w.Commit)
	switch {
	case err == nil:
		s.dirty = true
		return nil
	case s.broken.Load() != nil:
		return err
	}
	return s.failed(err, id)
}

// failed says what an error of bbolt's commit means: the state is the new one
// exactly when its meta page was written.
func (s *Store) failed(err error, id int) error {
	size := int64(1) << 62 // whether the file is long enough is not the question
	if m, e := readHead(s.file, size); e == nil && m.txid < uint64(id) {
		var full *store.FileError
		if errors.As(err, &full) {
			return err
		}
		return fmt.Errorf("store/bolt: %s: nothing was changed: %w", s.path, err)
	}
	s.dirty = true
	s.unsettled.Store(true)
	s.log.Error("outcome of a commit is unknown", "err", err)
	return fmt.Errorf("%w: %s: %w", store.ErrUnclear, s.path, err)
}

// settle makes what can be read durable after an unknown outcome: when another
// commit succeeds, everything before it has succeeded. It waits for the running
// Views, whose pages bbolt does not know any more. The writer is held.
func (s *Store) settle() error {
	if !s.unsettled.Load() {
		return nil
	}
	s.gate.Lock()
	defer s.gate.Unlock()
	err := s.native("settling", func() error {
		return s.db.Update(func(*bbolt.Tx) error { return nil })
	})
	switch {
	case err == nil:
		s.unsettled.Store(false)
		s.log.Info("outcome of the commit is settled")
		return nil
	case s.broken.Load() != nil:
		return err
	}
	return fmt.Errorf("%w: %s: %w", store.ErrUnclear, s.path, err)
}

// breakWith ends the use of bbolt: every later call answers err.
func (s *Store) breakWith(err error) {
	s.broken.CompareAndSwap(nil, &err)
	s.log.Error("store cannot go on", "err", err)
}

// allocSize is by how much the file grows: a part of what it has, so that small
// stores stay small and loading does not sync the length at every batch.
func (s *Store) allocSize(n *snapshot) int {
	const least, most = 64 << 10, 16 << 20
	if s.maxSize > 0 {
		return n.pages.pageSize // every page up to the limit can be used
	}
	size := int(min(n.pages.count*uint64(n.pages.pageSize)/8, most))
	return max(size, least) / n.pages.pageSize * n.pages.pageSize
}

// Fill of pages that split: keys that come in order leave full pages behind,
// others leave room for what comes between them.
const (
	fillInOrder = 0.95
	fillMany    = 0.8 // a batch that is large for the bucket
	many        = 4096
)

// apply writes the changes of one bucket and keeps its tally. It reads the place
// of each key before bbolt does, so that damage is an error and not a panic.
func (s *Store) apply(w *bbolt.Tx, t *tx, b *table) error {
	if b.root == nil && b.own.deletesOnly() {
		return nil // what came went again: no bucket for that
	}
	known, err := t.tally(b)
	if err != nil {
		return err
	}
	bucket, err := w.CreateBucketIfNotExists([]byte(b.name))
	if err != nil {
		return err
	}
	var c *cursor
	if b.root != nil {
		c = t.cursor(b)
	}
	written := false
	if b.own.n >= many {
		bucket.FillPercent = fillMany
	}
	first := true
	for _, chunk := range b.own.chunks {
		for i := range chunk {
			ch := &chunk[i]
			found := false
			if c != nil {
				if found, err = c.seek(ch.key); err != nil {
					return err
				}
				if first && c.k == nil {
					bucket.FillPercent = fillInOrder
				}
				if c.k == nil {
					c = nil // the rest lies above everything that is there
				}
			} else if first {
				bucket.FillPercent = fillInOrder
			}
			first = false
			if found {
				if !ch.delete && bytes.Equal(c.v, ch.value[:len(ch.value)-sumSize]) {
					continue
				}
				known.remove(c.sum)
			}
			switch {
			case !ch.delete:
				_, sum, _ := open(b.seed, ch.key, ch.value)
				known.add(sum)
				err = bucket.Put(ch.key, ch.value)
			case found:
				err = bucket.Delete(ch.key)
			default:
				continue
			}
			if err != nil {
				return err
			}
			written = true
		}
	}
	if written {
		m, err := t.table(bucketMeta)
		if err != nil {
			return err
		}
		t.set(m, []byte(keyTally+b.name), known.append(nil))
	}
	return nil
}

func (s *Store) applyMeta(w *bbolt.Tx, t *tx) error {
	m, err := t.table(bucketMeta)
	if err != nil {
		return err
	}
	if t.seq > 0 {
		t.set(m, []byte(keySeq), appendNumber(nil, t.seq))
	}
	if !s.dirty {
		t.set(m, []byte(keyClean), appendNumber(nil, 0))
	}
	if m.own == nil {
		return nil
	}
	bucket := w.Bucket([]byte(bucketMeta))
	for _, chunk := range m.own.chunks {
		for _, ch := range chunk {
			if err := bucket.Put(ch.key, ch.value); err != nil {
				return err
			}
		}
	}
	return nil
}
