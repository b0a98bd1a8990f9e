package bolt

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/store"
)

// onWrite puts f between bbolt and its file. bbolt has no seam for it.
func onWrite(s *Store, f func(b []byte, off int64, write func() error) error) {
	field := reflect.ValueOf(s.db).Elem().FieldByName("ops").FieldByName("writeAt")
	target := (*func([]byte, int64) (int, error))(unsafe.Pointer(field.UnsafeAddr()))
	*target = func(b []byte, off int64) (int, error) {
		write := func() error { _, err := s.file.WriteAt(b, off); return err }
		if f == nil {
			return len(b), write()
		}
		if err := f(b, off, write); err != nil {
			return 0, err
		}
		return len(b), nil
	}
}

func TestEveryWriteFails(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "store"))
	defer s.Close()
	for range 20 {
		_, err := writeNext(s)
		require.NoError(t, err)
	}
	before := written(t, s)
	failed := 0
	for k := 1; ; k++ {
		n := 0
		onWrite(s, func(_ []byte, _ int64, write func() error) error {
			if n++; n == k {
				return syscall.EIO
			}
			return write()
		})
		_, err := writeNext(s)
		onWrite(s, nil)
		if err == nil {
			require.Equal(t, before+1, written(t, s))
			break
		}
		failed++
		require.ErrorIs(t, err, syscall.EIO)
		require.NotErrorIs(t, err, store.ErrUnclear, "no write of a meta page has succeeded")
		require.Equal(t, before, written(t, s), "write %d failed", k)
	}
	require.Greater(t, failed, 5)
	_, err := writeNext(s)
	require.NoError(t, err)
	_, err = s.Verify(t.Context())
	require.NoError(t, err)
}

// The meta page is written and the disk says that it is not: nobody knows.
func TestUnclearCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := openAt(t, path)
	_, err := writeNext(s)
	require.NoError(t, err)
	onWrite(s, func(_ []byte, off int64, write func() error) error {
		err := write()
		if off < 2*4096 {
			return errors.Join(err, syscall.EIO)
		}
		return err
	})
	_, err = writeNext(s)
	require.ErrorIs(t, err, store.ErrUnclear)
	// Nothing is answered before it is settled, and it cannot be yet.
	require.ErrorIs(t, s.View(t.Context(), func(store.Reader) error { return nil }), store.ErrUnclear)
	_, err = writeNext(s)
	require.ErrorIs(t, err, store.ErrUnclear)
	onWrite(s, nil)
	require.Equal(t, 2, written(t, s))
	_, err = writeNext(s)
	require.NoError(t, err)
	require.Equal(t, 3, written(t, s))
	_, err = s.Verify(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	s = openAt(t, path)
	require.Equal(t, 3, written(t, s))
	require.NoError(t, s.Close())
}

// A panic within bbolt's commit ends the store and not the process.
func TestPanicInCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := openAt(t, path)
	_, err := writeNext(s)
	require.NoError(t, err)
	onWrite(s, func([]byte, int64, func() error) error { panic("out of luck") })
	for range 3 {
		_, err = writeNext(s)
		require.ErrorIs(t, err, store.ErrDamaged)
	}
	require.ErrorIs(t, s.View(t.Context(), func(store.Reader) error { return nil }), store.ErrDamaged)
	require.NoError(t, s.Close())
	s = openAt(t, path) // the lock is free, and the file is as it was
	require.Equal(t, 1, written(t, s))
	require.NoError(t, s.Close())
}

// At every size that a file may have: the Update that does not fit fails as
// full, nothing of it happened, and the store goes on.
func TestFullAtEverySize(t *testing.T) {
	for pages := range 40 {
		path := filepath.Join(t.TempDir(), fmt.Sprint(pages))
		s, err := Open(t.Context(), Options{Path: path, MaxSize: int64(64<<10 + pages*4096)})
		require.NoError(t, err)
		n := 0
		for n < 1000 {
			before := n
			if n, err = writeNext(s); err != nil {
				n = before
				break
			}
		}
		require.ErrorIs(t, err, store.ErrFull, "%d pages", pages)
		var fe *store.FileError
		require.ErrorAs(t, err, &fe)
		require.NotEmpty(t, fe.Remedy)
		require.Equal(t, n, written(t, s), "%d pages", pages)
		_, err = writeNext(s)
		require.ErrorIs(t, err, store.ErrFull)
		_ = s.Close() // the mark of a clean close may not fit either
		s, err = Open(t.Context(), Options{Path: path, VerifyOnOpen: VerifyAlways})
		require.NoError(t, err)
		require.Equal(t, n, written(t, s))
		_, err = writeNext(s)
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
}
