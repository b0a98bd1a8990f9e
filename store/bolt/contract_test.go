package bolt

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/storetest"
)

func TestContract(t *testing.T) {
	var power sync.Map // *Store to *plug
	open := func(t testing.TB, path string) store.Store {
		s := openAt(t, path)
		p := &plug{}
		onWrite(s, p.write)
		power.Store(s, p)
		return s
	}
	storetest.Run(t, storetest.Harness{
		New: func(t testing.TB) store.Store { return open(t, filepath.Join(t.TempDir(), "store")) },
		Reopen: func(t testing.TB, s store.Store) store.Store {
			b := s.(*Store)
			require.NoError(t, b.Close())
			_, err := Verify(t.Context(), b.path)
			require.NoError(t, err)
			return open(t, b.path)
		},
		// What a killed process leaves is its file as the last write left it.
		Crash: func(t testing.TB, s store.Store) store.Store {
			b := s.(*Store)
			p, _ := power.Load(b)
			path := filepath.Join(t.TempDir(), "left")
			require.NoError(t, p.(*plug).pull(b.path, path))
			return open(t, path)
		},
	})
}

// plug is the power of a store: after it was pulled, nothing is written.
type plug struct {
	mu     sync.Mutex
	pulled bool
}

func (p *plug) write(_ []byte, _ int64, write func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pulled {
		return syscall.EIO
	}
	return write()
}

func (p *plug) pull(from, to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pulled = true
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

func openAt(t testing.TB, path string) *Store {
	s, err := Open(context.Background(), Options{Path: path})
	require.NoError(t, err)
	return s
}
