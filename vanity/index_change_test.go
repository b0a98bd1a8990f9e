package vanity

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
)

// While half of the numbers come and go, every answer has all numbers that stay,
// none that was never there, and is in order.
func TestIndexWhileItChanges(t *testing.T) {
	var stay, move []nanp.Number
	for i, n := range mixed(9) {
		if i%2 == 0 {
			stay = append(stay, n)
		} else {
			move = append(move, n)
		}
	}
	ever := slices.Concat(stay, move)
	slices.Sort(ever)
	ix := NewIndex(slices.Values(stay))

	done := make(chan struct{})
	var writers, readers sync.WaitGroup
	for part := range 2 {
		writers.Go(func() {
			for part := part; ; part = 1 - part {
				for i := part; i < len(move); i += 2 {
					select {
					case <-done:
						return
					default:
					}
					if !ix.Add(move[i]) {
						ix.Remove(move[i])
					}
				}
			}
		})
	}
	check := func(p *Pattern, got, atLeast, atMost []nanp.Number) {
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("%s: not in order", p.text)
		}
		if !within(atLeast, got) || !within(got, atMost) {
			t.Errorf("%s: a number is missing or was never there", p.text)
		}
	}
	for i, text := range []string{"XXX-XXX-XXXX", "8XX-XXX-XX00", "888-&XX-XXX&", "XXX-XXX-123X"} {
		p := asks(text)
		atLeast, atMost := brute(stay, p), brute(ever, p)
		readers.Go(func() {
			for range 6 {
				check(p, slices.Collect(ix.All(p)), atLeast, atMost)
				check(p, pages(ix, p, 77), atLeast, atMost)
				if n := ix.Count(p); n < len(atLeast) || n > len(atMost) {
					t.Errorf("%s: %d", p.text, n)
				}
				best := ix.Ranked(p, 5, even)
				slices.Sort(best)
				check(p, best, nil, atMost)
				for r := range ix.Runs(p, 2+i) {
					if r.Len < 2+i || !ix.Has(r.First) && !within([]nanp.Number{r.First}, move) {
						t.Errorf("%s: %v", p.text, r)
					}
				}
				var file bytes.Buffer
				if err := ix.Save(&file); err != nil {
					t.Error(err)
				}
				again, err := LoadIndex(&file)
				if err != nil {
					t.Error(err)
					continue
				}
				check(p, slices.Collect(again.All(p)), atLeast, atMost)
			}
		})
	}
	readers.Wait()
	close(done)
	writers.Wait()
}

// within reports whether a has nothing that b has not; both are in order.
func within(a, b []nanp.Number) bool {
	for _, n := range a {
		at, found := slices.BinarySearch(b, n)
		if !found {
			return false
		}
		b = b[at:]
	}
	return true
}

// A writer takes one number out before it puts the next in. So there is never
// more than one, and whoever sees one moment counts no more than one.
func TestIndexAnswersForOneMoment(t *testing.T) {
	var places []nanp.Number
	for npa := 201; npa < 210; npa++ {
		places = append(places, number(npa, 200+npa, npa))
	}
	ix := NewIndex(nil)
	done := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		rnd := rand.New(rand.NewPCG(1, 1))
		for {
			n := places[rnd.IntN(len(places))]
			ix.Add(n)
			ix.Remove(n)
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for range 2000 {
		require.LessOrEqual(t, ix.Count(nil), 1)
		require.LessOrEqual(t, len(ix.Page(nil, 0, 10)), 1)
		require.LessOrEqual(t, len(saved(t, ix)), indexHeader+8+4)
		require.LessOrEqual(t, ix.Len(), 1)
	}
	close(done)
	writer.Wait()
}

// A reader who does not read keeps nobody from the index.
func TestIndexSaveHoldsNoLock(t *testing.T) {
	ix := NewIndex(slices.Values([]nanp.Number{number(888, 555, 1)}))
	r, w := io.Pipe()
	saving := make(chan error)
	go func() { saving <- ix.Save(w) }()
	one := make([]byte, 1)
	_, err := r.Read(one)
	require.NoError(t, err)
	require.True(t, ix.Add(number(888, 555, 2)))
	rest, err := LoadIndex(io.MultiReader(bytes.NewReader(one), io.LimitReader(r, indexHeader+8+4-1)))
	require.NoError(t, err)
	require.NoError(t, <-saving)
	require.Equal(t, 1, rest.Len())
	for n := range ix.All(nil) {
		require.True(t, ix.Remove(n))
	}
}
