//go:build !unix

package bolt

import (
	"context"
	"os"
	"syscall"
	"time"
)

// mapFile maps nothing: pages are read from the file.
func mapFile(*os.File, int64) ([]byte, error) { return nil, nil }

func unmapFile([]byte) error { return nil }

// lockFile leaves locking to bbolt, whose lock on these systems cannot be taken
// twice by one process.
func lockFile(context.Context, *os.File, time.Duration) (held bool, err error) { return true, nil }

func unlockFile(*os.File) error { return nil }

func isFull(err error) bool { return mentions(err, syscall.ENOSPC) }

// syncDir does nothing: these systems do not sync a folder.
func syncDir(string) error { return nil }
