//go:build unix

package bolt

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/store"
)

func init() { childLimited = childFull }

// childFull fills a store until its process may not make the file any larger.
func childFull(path string) {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 400 << 10, Max: 400 << 10}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("error", err)
		return
	}
	s, err := Open(context.Background(), Options{Path: path})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("open")
	n, last := 0, error(nil)
	for last == nil {
		n++
		_, last = writeNext(s)
	}
	_, again := writeNext(s)
	fmt.Println(n-1, errors.Is(last, store.ErrFull), errors.Is(again, store.ErrFull), s.Close() == nil, strings.ReplaceAll(last.Error(), "\n", " "))
}

func TestFileSizeLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	p := start(t, "full "+path)
	require.True(t, p.lines.Scan())
	var n int
	var full, again, closed bool
	_, err := fmt.Sscan(p.lines.Text(), &n, &full, &again, &closed)
	require.NoError(t, err, p.lines.Text())
	require.True(t, full && again, p.lines.Text())
	require.NoError(t, p.cmd.Wait())
	s := openAt(t, path)
	require.Equal(t, n, written(t, s))
	require.NoError(t, s.Close())
}
