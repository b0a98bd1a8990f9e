package memstore

import (
	"slices"
	"sort"
)

// set is an ordered set of strings. It is a list of short sorted chunks, so that
// an insertion into a hundred thousand strings moves a few hundred at most.
type set struct {
	chunks [][]string // none is empty
	n      int
}

const chunkMax = 512

// chunk is the index of the chunk that holds s or would hold it.
func (t *set) chunk(s string) int {
	i := sort.Search(len(t.chunks), func(i int) bool { return t.chunks[i][0] > s })
	return max(i-1, 0)
}

func (t *set) add(s string) {
	if len(t.chunks) == 0 {
		t.chunks, t.n = [][]string{{s}}, 1
		return
	}
	i := t.chunk(s)
	at, found := slices.BinarySearch(t.chunks[i], s)
	if found {
		return
	}
	c := slices.Insert(t.chunks[i], at, s)
	t.chunks[i] = c
	t.n++
	if len(c) > chunkMax {
		half := len(c) / 2
		t.chunks = slices.Insert(t.chunks, i+1, slices.Clone(c[half:]))
		t.chunks[i] = slices.Clip(c[:half:half])
	}
}

func (t *set) remove(s string) {
	if len(t.chunks) == 0 {
		return
	}
	i := t.chunk(s)
	at, found := slices.BinarySearch(t.chunks[i], s)
	if !found {
		return
	}
	t.n--
	t.chunks[i] = slices.Delete(t.chunks[i], at, at+1)
	if len(t.chunks[i]) == 0 {
		t.chunks = slices.Delete(t.chunks, i, i+1)
	}
}

// from calls f with the members at or above s, in order, until it returns false.
func (t *set) from(s string, f func(string) bool) {
	if len(t.chunks) == 0 {
		return
	}
	i := t.chunk(s)
	at, _ := slices.BinarySearch(t.chunks[i], s)
	for ; i < len(t.chunks); i, at = i+1, 0 {
		for _, m := range t.chunks[i][at:] {
			if !f(m) {
				return
			}
		}
	}
}
