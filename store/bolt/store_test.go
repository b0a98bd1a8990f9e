package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/numberdesk/numberdesk/store"
)

func TestBackupWhileWriting(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "store"))
	defer s.Close()
	for range 50 {
		_, err := writeNext(s)
		require.NoError(t, err)
	}
	stop, done := make(chan struct{}), make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if _, err := writeNext(s); err != nil {
				done <- err
				return
			}
		}
	}()
	dir := t.TempDir()
	for round := range 8 {
		least := written(t, s)
		var b bytes.Buffer
		n, err := s.Backup(t.Context(), &b)
		require.NoError(t, err)
		require.EqualValues(t, b.Len(), n)
		path := filepath.Join(dir, fmt.Sprint(round))
		require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
		r, err := Verify(t.Context(), path)
		require.NoError(t, err)
		copied := openAt(t, path)
		got := written(t, copied)
		require.GreaterOrEqual(t, got, least)
		require.EqualValues(t, got+1, r.Records)
		_, err = writeNext(copied)
		require.NoError(t, err)
		require.NoError(t, copied.Close())
		_, err = s.Verify(t.Context()) // the running store, too
		require.NoError(t, err)
	}
	close(stop)
	require.NoError(t, <-done)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Backup(ctx, &bytes.Buffer{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Backup(t.Context(), failing{})
	require.ErrorIs(t, err, errFailing)
}

var errFailing = errors.New("no more tape")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }

// A format that is older is upgraded step by step after a copy was made; one that
// is newer is left alone.
func TestUpgrade(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "store")
	s := openAt(t, path)
	writeSample(t, s)
	want, err := readEverything(s)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	old, err := os.ReadFile(path)
	require.NoError(t, err)

	mark := func(name string) step {
		return func(_ context.Context, tx *bbolt.Tx) error {
			key := []byte(name)
			return tx.Bucket([]byte(bucketMeta)).Put(key, seal(seed(bucketMeta), key, appendNumber(nil, 7)))
		}
	}
	steps := map[uint64]step{format: mark("first"), format + 1: func(context.Context, *bbolt.Tx) error { return errors.New("interrupted") }}
	_, err = openStore(ctx, Options{Path: path}, format+2, steps)
	require.ErrorContains(t, err, "interrupted")

	// The step that was done stays done, and the copy is that of before.
	steps = map[uint64]step{format + 1: mark("second")}
	s, err = openStore(ctx, Options{Path: path}, format+2, steps)
	require.NoError(t, err)
	got, err := readEverything(s)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.NoError(t, s.update(ctx, func(tx *tx) error {
		for _, key := range []string{"first", "second"} {
			n, err := tx.number(key)
			require.NoError(t, err)
			require.EqualValues(t, 7, n)
		}
		n, err := tx.number(keyFormat)
		require.EqualValues(t, format+2, n)
		return err
	}))
	require.NoError(t, s.Close())
	kept, err := os.ReadFile(path + fmt.Sprint(".format-", format))
	require.NoError(t, err)
	require.True(t, bytes.Equal(old, kept))

	_, err = Open(ctx, Options{Path: path})
	require.ErrorIs(t, err, store.ErrFormat)
	require.ErrorContains(t, err, remedyNewer)
	_, err = openStore(ctx, Options{Path: path}, format+3, nil)
	require.ErrorIs(t, err, store.ErrFormat)
	s, err = openStore(ctx, Options{Path: path}, format+2, nil)
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestOpenRefuses(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	foreign := filepath.Join(dir, "foreign")
	db, err := bbolt.Open(foreign, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("x")); return err }))
	require.NoError(t, db.Close())
	for path, want := range map[string]error{
		file("empty", nil): store.ErrDamaged,
		file("text", []byte(strings.Repeat("not a store", 9))): store.ErrDamaged,
		file("zero", make([]byte, 1<<20)):                      store.ErrDamaged,
		foreign:                                                store.ErrFormat,
		"":                                                     store.ErrInvalid,
		filepath.Join(dir, "no folder", "store"):               os.ErrNotExist,
	} {
		_, err := Open(ctx, Options{Path: path})
		require.ErrorIs(t, err, want, path)
		var fe *store.FileError
		if errors.As(err, &fe) {
			require.Equal(t, path, fe.Path)
			require.NotEmpty(t, fe.Remedy)
		}
	}
	_, err = Open(ctx, Options{Path: dir})
	require.Error(t, err)
	_, err = Open(ctx, Options{Path: filepath.Join(dir, "new"), VerifyOnOpen: 9})
	require.ErrorIs(t, err, store.ErrInvalid)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = Open(cancelled, Options{Path: filepath.Join(dir, "new")})
	require.ErrorIs(t, err, context.Canceled)
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left, "temporary files stay behind")
}

// The file is as private as its owner wants, the mark of a clean close is kept,
// and what the log says has no contents.
func TestFileAndLog(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "store")
	var log bytes.Buffer
	o := Options{Path: path, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	s, err := Open(ctx, o)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	require.NoError(t, s.Update(ctx, func(tx store.Tx) error {
		return tx.Put(&store.Record{Kind: "did", ID: "+15015550123", Body: []byte("secret")})
	}))
	var open bytes.Buffer
	_, err = s.Backup(ctx, &open)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NotContains(t, log.String(), "verified")

	s, err = Open(ctx, o) // closed in order: not verified
	require.NoError(t, err)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, s.View(ctx, func(tx store.Reader) error { _, err := tx.Get("did", "+15015550123"); return err }))
	require.NoError(t, s.Update(ctx, func(store.Tx) error { return nil }))
	require.NoError(t, s.Close())
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after), "reading has written")
	require.NotContains(t, log.String(), "verified")

	require.NoError(t, os.WriteFile(path, open.Bytes(), 0o600)) // the copy of an open store was not closed
	s, err = Open(ctx, o)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Contains(t, log.String(), "verified")
	require.NotContains(t, log.String(), "secret")
	require.NotContains(t, log.String(), "5550123")
}

// What changes nothing writes nothing.
func TestNoEmptyCommit(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "store"))
	defer s.Close()
	id := func() (n int) {
		require.NoError(t, s.db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }))
		return n
	}
	before := id()
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { _, err := tx.List(store.Query{Kind: "did"}); return err }))
	_, err := s.Claim(t.Context(), store.Claim{Kind: "did", Now: time.Now(), Lease: 1, Worker: "w"})
	require.NoError(t, err)
	require.Equal(t, before, id(), "an Update or Claim that changes nothing has committed")
}
