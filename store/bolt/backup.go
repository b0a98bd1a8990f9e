package bolt

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"github.com/numberdesk/numberdesk/store"
)

// Backup writes the store as it is now to w, beside running transactions, and
// returns how many bytes that were. The copy is itself a file of a store: to
// restore it, put it in the place of the damaged one. It is verified when it is
// first opened.
//
// The pages are copied as they are: a Verify of the copy says whether it is
// sound. Until Backup ends, the file cannot reuse the pages that it copies.
func (s *Store) Backup(ctx context.Context, w io.Writer) (int64, error) {
	state, leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	to := &writer{ctx: ctx, w: w}
	n, err := state.pin.WriteTo(to)
	if to.err != nil {
		return n, to.err // bbolt passes it on as text
	}
	return n, s.translate(err)
}

// writer ends with its context.
type writer struct {
	ctx context.Context
	w   io.Writer
	err error
}

func (w *writer) Write(b []byte) (n int, err error) {
	if err = w.ctx.Err(); err == nil {
		n, err = w.w.Write(b)
	}
	w.err = err
	return n, err
}

// format is the version of what the buckets hold. A change of it is a step in
// upgrades.
const format = 1

// step makes the next format out of the one that it is listed under. It runs in
// the transaction that also writes the new number, so a crash leaves one or the
// other. It keeps the tallies right: the store is verified after the last step.
type step func(ctx context.Context, tx *bbolt.Tx) error

var upgrades = map[uint64]step{}

func (s *Store) upgrade(ctx context.Context, from uint64, next step) error {
	if next == nil {
		return &store.FileError{Path: s.path, Err: store.ErrFormat, Remedy: remedyUpgraded,
			What: fmt.Sprintf("it has format %d, which is too old for this program", from)}
	}
	s.log.Info("store is being upgraded", "from", from)
	return s.guard("upgrading", func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			if err := next(ctx, tx); err != nil {
				return err
			}
			key := []byte(keyFormat)
			return tx.Bucket([]byte(bucketMeta)).Put(key, seal(seed(bucketMeta), key, appendNumber(nil, from+1)))
		})
	})
}

// backUpFor copies the file beside itself before an upgrade. A copy that is there
// already is that of an upgrade which did not end: the file is still the same.
func (s *Store) backUpFor(ctx context.Context, from uint64, size int64) (err error) {
	to := fmt.Sprintf("%s.format-%d", s.path, from)
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	if _, err := io.Copy(&writer{ctx: ctx, w: tmp}, io.NewSectionReader(s.file, 0, size)); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}
