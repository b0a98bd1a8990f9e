package bolt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/numberdesk/numberdesk/store"
)

// Options say which file holds the store and how it is opened.
type Options struct {
	// Path of the file. It is made when it is not there; its folder has to be.
	Path string
	// Mode of a file that is made. Default: 0600.
	Mode os.FileMode
	// LockWait is how long Open waits for another process to let go of the file.
	// Default: 500 ms.
	LockWait time.Duration
	// VerifyOnOpen says when Open reads the whole file. Default: VerifyAfterCrash.
	VerifyOnOpen VerifyOnOpen
	// MaxSize is the size in bytes that the file may reach. A transaction that
	// needs more fails with store.ErrFull. Default: no limit.
	MaxSize int64
	// Logger is told about opening, verifying, upgrading and damage, never about
	// contents. Default: silence.
	Logger *slog.Logger
}

// VerifyOnOpen says when Open reads the whole file before it hands out the
// store. The head of the file and its branch pages are checked at every Open.
type VerifyOnOpen int

const (
	// VerifyAfterCrash reads everything when the last Close was not reached, or
	// the file is the copy of an open store.
	VerifyAfterCrash VerifyOnOpen = iota
	// VerifyAlways reads everything.
	VerifyAlways
)

const (
	defaultLockWait = 500 * time.Millisecond

	remedyRestore  = "restore the last backup over the file, then reconcile with the carriers"
	remedyInUse    = "close the other process, or give this one a file of its own"
	remedyNewer    = "open it with the newer version of the program that wrote it"
	remedyForeign  = "give the path of a store, or of a file that is not there yet"
	remedyFull     = "make room on the disk or raise MaxSize; nothing was changed"
	remedyUpgraded = "open it with an older version of the program first"
)

// Open opens or makes the store at o.Path. It refuses a file that another
// process holds (store.ErrInUse, within LockWait), that is damaged
// (store.ErrDamaged) or that another format wrote (store.ErrFormat): each a
// *store.FileError which says what a person can do. An older format is upgraded
// after the file has been copied beside itself.
//
// ctx limits Open alone.
func Open(ctx context.Context, o Options) (*Store, error) {
	return openStore(ctx, o, format, upgrades)
}

func openStore(ctx context.Context, o Options, format uint64, steps map[uint64]step) (*Store, error) {
	if o.Path == "" {
		return nil, &store.InvalidError{Field: "Options.Path", Rule: "is empty"}
	}
	if o.VerifyOnOpen < VerifyAfterCrash || o.VerifyOnOpen > VerifyAlways {
		return nil, &store.InvalidError{Field: "Options.VerifyOnOpen", Rule: "is not one of the constants"}
	}
	if o.LockWait <= 0 {
		o.LockWait = defaultLockWait
	}
	if o.Mode == 0 {
		o.Mode = 0o600
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{path: o.Path, log: o.Logger.With("store", o.Path), maxSize: o.MaxSize, writer: make(chan struct{}, 1)}
	began := time.Now()
	if err := s.open(ctx, &o, format, steps); err != nil {
		s.abandon()
		return nil, s.translate(err)
	}
	s.log.Info("store opened", "took", time.Since(began))
	return s, nil
}

func (s *Store) open(ctx context.Context, o *Options, format uint64, steps map[uint64]step) error {
	if err := s.openFile(ctx, o, format); err != nil {
		return err
	}
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	m, err := readHead(s.file, info.Size())
	if err != nil {
		return err
	}
	c := newChecker(ctx, s.file, m, false)
	if err := c.run(); err != nil {
		return err
	}
	if len(c.found) > 0 {
		return &c.found[0]
	}
	t := s.newTx(ctx, &snapshot{pages: &c.pages, root: m.root})
	found, clean, err := s.identify(t, c.buckets)
	if err != nil {
		return err
	}
	switch {
	case found > format:
		return &store.FileError{Path: s.path, Err: store.ErrFormat, Remedy: remedyNewer,
			What: fmt.Sprintf("it has format %d, this program knows %d", found, format)}
	case found < format:
		if err := s.backUpFor(ctx, found, info.Size()); err != nil {
			return err
		}
	}
	if o.VerifyOnOpen == VerifyAlways || !clean {
		s.log.Info("store is being verified", "clean", clean)
		if found == format {
			r, err := verify(ctx, s.path, s.file, m)
			if err != nil {
				return err
			}
			if err := r.err(); err != nil {
				return err
			}
		}
	}
	if err := s.start(info.Size()); err != nil {
		return err
	}
	if found == format {
		return nil
	}
	for ; found < format; found++ {
		if err := s.upgrade(ctx, found, steps[found]); err != nil {
			return err
		}
	}
	_, err = s.Verify(ctx)
	return err
}

// openFile opens and locks the file, and makes it when it is not there.
func (s *Store) openFile(ctx context.Context, o *Options, format uint64) error {
	for {
		f, err := os.OpenFile(o.Path, os.O_RDWR, 0)
		if errors.Is(err, os.ErrNotExist) {
			if err := s.create(o, format); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		s.file = f
		held, err := lockFile(ctx, f, o.LockWait)
		if err != nil {
			return err
		}
		if !held {
			return s.inUse()
		}
		// Another process may have put another file in its place meanwhile.
		mine, err := f.Stat()
		if err != nil {
			return err
		}
		if !mine.Mode().IsRegular() {
			return &store.FileError{Path: s.path, Err: store.ErrFormat, What: "it is not a file", Remedy: remedyForeign}
		}
		if there, err := os.Stat(o.Path); err == nil && os.SameFile(mine, there) {
			return nil
		}
		f.Close()
		s.file = nil
	}
}

func (s *Store) inUse() error {
	return &store.FileError{Path: s.path, Err: store.ErrInUse, What: "another process, or another part of this one, has it open", Remedy: remedyInUse}
}

// create makes an empty store under another name and links it to its own when
// it is complete and durable: a crash leaves a store or no file, never a half one.
func (s *Store) create(o *Options, format uint64) (err error) {
	dir := filepath.Dir(o.Path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(o.Path)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(tmp.Chmod(o.Mode), tmp.Close()); err != nil {
		return err
	}
	db, err := bbolt.Open(tmp.Name(), o.Mode, &bbolt.Options{Timeout: o.LockWait})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{bucketMeta, bucketEntries, bucketSubjects} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		m := tx.Bucket([]byte(bucketMeta))
		sd := seed(bucketMeta)
		put := func(key string, value []byte) error {
			return m.Put([]byte(key), seal(sd, []byte(key), value))
		}
		return errors.Join(
			put(keyFormat, appendNumber(nil, format)),
			put(keyClean, appendNumber(nil, 1)),
			put(keySeq, appendNumber(nil, 0)),
			put(keyTally+bucketEntries, tally{}.append(nil)),
			put(keyTally+bucketSubjects, tally{}.append(nil)))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	// A link fails when another process was faster: its store is opened then.
	if err := os.Link(tmp.Name(), o.Path); err != nil && !errors.Is(err, os.ErrExist) {
		if err := os.Rename(tmp.Name(), o.Path); err != nil { // no links on this file system
			return err
		}
	}
	return syncDir(dir)
}

// identify reads what the meta bucket says, and checks that it and the file
// have the same buckets.
func (s *Store) identify(t *tx, buckets []namedBucket) (format uint64, clean bool, err error) {
	names := make([]string, len(buckets))
	for i, b := range buckets {
		names[i] = b.name
	}
	if !slices.Contains(names, bucketMeta) {
		if slices.Contains(names, bucketEntries) || slices.Contains(names, bucketSubjects) {
			return 0, false, damaged(0, "the bucket %q is gone", bucketMeta)
		}
		return 0, false, &store.FileError{Path: s.path, Err: store.ErrFormat, What: "it is a bbolt file, but not of a store", Remedy: remedyForeign}
	}
	format, err = t.number(keyFormat)
	if err != nil {
		return 0, false, err
	}
	flag, err := t.number(keyClean)
	if err != nil {
		return 0, false, err
	}
	it, err := t.iterator(bucketMeta)
	if err != nil {
		return 0, false, err
	}
	n := 0
	if _, err = it.seek([]byte(keyTally)); err != nil {
		return 0, false, err
	}
	for it.k != nil && len(it.k) > len(keyTally) && string(it.k[:len(keyTally)]) == keyTally {
		if name := string(it.k[len(keyTally):]); !slices.Contains(names, name) {
			return 0, false, damaged(0, "the bucket %q is gone", name)
		}
		n++
		if err := it.next(); err != nil {
			return 0, false, err
		}
	}
	if n != len(names)-1 {
		return 0, false, damaged(0, "the file has %d buckets and knows of %d", len(names)-1, n)
	}
	return format, flag == 1, nil
}

// start hands the checked and locked file to bbolt.
func (s *Store) start(size int64) error {
	return s.guard("opening", func() error {
		db, err := bbolt.Open(s.path, 0o600, &bbolt.Options{
			Timeout:         defaultLockWait,
			NoStatistics:    true,
			MaxSize:         int(s.maxSize),
			InitialMmapSize: initialMmap(size),
			OpenFile:        func(string, int, os.FileMode) (*os.File, error) { return s.file, nil },
		})
		if err != nil {
			s.file = nil // bbolt has closed it
			return err
		}
		s.db = db
		return nil
	})
}

// initialMmap makes bbolt map more than the file has: a commit that has to map
// it anew waits for every running View. It costs address space, not memory.
func initialMmap(size int64) int {
	const least = 1 << 30
	if n := 2 * size; int64(int(n)) == n && n > least && ^uint(0)>>32 != 0 {
		return int(n)
	}
	if ^uint(0)>>32 == 0 {
		return 0 // 32 bits have no room to give away
	}
	return least
}

// abandon lets go of everything after a failed Open or a broken commit.
func (s *Store) abandon() {
	if s.db != nil {
		_ = s.guard("closing", s.db.Close)
		s.db = nil
	} else if s.file != nil {
		s.file.Close()
	}
	s.file = nil
	s.mapping.drop()
}

// guard keeps a damaged file from taking the process down: the faults of a
// mapping whose file was cut off and the panics of bbolt become store.ErrDamaged.
// It MUST NOT be around a function of the caller, whose panics are his own.
func (s *Store) guard(doing string, f func() error) (err error) {
	was := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(was)
		if p := recover(); p != nil {
			s.log.Error("store is damaged", "doing", doing, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = s.translate(damaged(0, "%s ended with: %v", doing, p))
		}
	}()
	return s.translate(f())
}

// native is guard around calls of bbolt. A panic of bbolt may leave its locks
// taken: nothing may call it again, and the store is broken.
func (s *Store) native(doing string, f func() error) error {
	finished := false
	err := s.guard(doing, func() error {
		err := f()
		finished = true
		return err
	})
	if !finished {
		s.breakWith(err)
	}
	return err
}

// translate gives damage and the errors of bbolt their contract's form.
func (s *Store) translate(err error) error {
	var d *damage
	switch {
	case err == nil:
		return nil
	case errors.As(err, &d):
		s.log.Error("store is damaged", "what", d.Error())
		return &store.FileError{Path: s.path, What: d.Error(), Remedy: remedyRestore, Err: store.ErrDamaged}
	case errors.Is(err, berrors.ErrTimeout):
		return s.inUse()
	case errors.Is(err, berrors.ErrMaxSizeReached):
		return &store.FileError{Path: s.path, Err: store.ErrFull, What: "it has reached its largest size", Remedy: remedyFull}
	case isFull(err):
		return &store.FileError{Path: s.path, Err: store.ErrFull, What: err.Error(), Remedy: remedyFull}
	}
	return err
}
