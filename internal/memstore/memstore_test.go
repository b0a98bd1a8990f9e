package memstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Harness{New: func(testing.TB) store.Store { return memstore.New() }})
}

// A hundred thousand records are put, walked and rolled back without a copy of
// the world for each transaction.
func TestManyRecords(t *testing.T) {
	const n = 100_000
	ctx := context.Background()
	s := memstore.New()
	began := time.Now()
	for from := 0; from < n; from += 1000 {
		require.NoError(t, s.Update(ctx, func(tx store.Tx) error {
			for i := from; i < from+1000; i++ {
				r := store.Record{Kind: "did", ID: store.ID(fmt.Sprintf("%08d", i*7919%n)), Tags: []store.Tag{{Name: "mod", Value: fmt.Sprint(i % 10)}}}
				if err := tx.Put(&r); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for range 1000 {
		require.Error(t, s.Update(ctx, func(tx store.Tx) error {
			r := store.Record{Kind: "did", ID: "new"}
			if err := tx.Put(&r); err != nil {
				return err
			}
			return context.Canceled
		}))
	}
	require.NoError(t, s.View(ctx, func(tx store.Reader) error {
		count, _, err := tx.Count(store.Query{Kind: "did", All: []store.Tag{{Name: "mod", Value: "3"}}}, 0)
		require.Equal(t, n/10, count)
		return err
	}))
	t.Log(time.Since(began))
}
