package bolt

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Harness{
		New: func(t testing.TB) store.Store {
			return openAt(t, filepath.Join(t.TempDir(), "store"))
		},
		Reopen: func(t testing.TB, s store.Store) store.Store {
			b := s.(*Store)
			require.NoError(t, b.Close())
			_, err := Verify(t.Context(), b.path)
			require.NoError(t, err)
			return openAt(t, b.path)
		},
	})
}

func openAt(t testing.TB, path string) *Store {
	s, err := Open(context.Background(), Options{Path: path})
	require.NoError(t, err)
	return s
}
