package bolt

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/store"
)

type casInput struct {
	id       string
	put      bool
	old, new string
}

type casOutput struct {
	ok    bool
	value string
}

// register is a record as Get and compare-and-set see it.
var register = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[string][]porcupine.Operation{}
		for _, op := range history {
			id := op.Input.(casInput).id
			by[id] = append(by[id], op)
		}
		var out [][]porcupine.Operation
		for _, ops := range by {
			out = append(out, ops)
		}
		return out
	},
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		in, out, at := input.(casInput), output.(casOutput), state.(string)
		switch {
		case !in.put:
			return out.value == at, at
		case out.ok:
			return in.old == at, in.new
		default:
			return in.old != at, at
		}
	},
}

// Concurrent reads and compare-and-sets can be put in one order.
func TestLinearizable(t *testing.T) {
	for seed := range uint64(4) {
		s := openAt(t, filepath.Join(t.TempDir(), fmt.Sprint(seed)))
		began := time.Now()
		var mu sync.Mutex
		var history []porcupine.Operation
		var wg sync.WaitGroup
		for client := range 5 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				rnd := rand.New(rand.NewPCG(seed, uint64(client)))
				seen := map[string]store.Record{}
				for n := range 40 {
					in := casInput{id: fmt.Sprint("r", rnd.IntN(3)), put: rnd.IntN(3) > 0}
					r, known := seen[in.id]
					if !known {
						r = store.Record{Kind: "did", ID: store.ID(in.id)}
					}
					op := porcupine.Operation{ClientId: client, Call: int64(time.Since(began))}
					var out casOutput
					var err error
					if in.put {
						in.old, in.new = string(r.Body), fmt.Sprint(client, ".", n)
						r.Body = []byte(in.new)
						err = s.Update(t.Context(), func(tx store.Tx) error { return tx.Put(&r) })
						out.ok = err == nil
					} else {
						err = s.View(t.Context(), func(tx store.Reader) (err error) { r, err = tx.Get("did", r.ID); return err })
						out.value = string(r.Body)
					}
					op.Return, op.Input, op.Output = int64(time.Since(began)), in, out
					switch {
					case err == nil:
						seen[in.id] = r
					case !in.put && errors.Is(err, store.ErrNotFound), in.put && errors.Is(err, store.ErrConflict):
					default:
						t.Errorf("unexpected error: %v", err)
					}
					mu.Lock()
					history = append(history, op)
					mu.Unlock()
				}
			}()
		}
		wg.Wait()
		require.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(register, history, time.Minute), "seed %d", seed)
		require.NoError(t, s.Close())
	}
}
