//go:build unix

package bolt

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// mapFile maps the file for reading, with room to grow: address space, not
// memory. Where there is too little address space it maps what there is.
func mapFile(f *os.File, size int64) ([]byte, error) {
	const step = 1 << 30
	room := (2*size + step - 1) / step * step
	if mem, err := mmap(f, room); err == nil {
		return mem, nil
	}
	return mmap(f, size)
}

func mmap(f *os.File, size int64) ([]byte, error) {
	if int64(int(size)) != size {
		return nil, errors.New("file is larger than the address space")
	}
	mem, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	// Advice only: a kernel that does not take it reads ahead for nothing.
	_ = unix.Madvise(mem, unix.MADV_RANDOM)
	return mem, nil
}

func unmapFile(mem []byte) error { return unix.Munmap(mem) }

// lockFile takes the lock that bbolt takes on the same open file, so that the
// file is ours before its pages are looked at.
func lockFile(ctx context.Context, f *os.File, wait time.Duration) (held bool, err error) {
	const pause = 10 * time.Millisecond
	end := time.Now().Add(wait)
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EINTR):
			continue
		case !errors.Is(err, unix.EWOULDBLOCK):
			return false, err
		case time.Now().Add(pause).After(end):
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// unlockFile gives a file free whose mapping would keep it locked when it is closed.
func unlockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }

func isFull(err error) bool { return mentions(err, unix.ENOSPC, unix.EFBIG, unix.EDQUOT) }

// syncDir makes a new name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
