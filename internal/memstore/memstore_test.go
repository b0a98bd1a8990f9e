package memstore_test

import (
	"testing"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Harness{
		New:    func(testing.TB) store.Store { return memstore.New() },
		Reopen: nil,
	})
}
