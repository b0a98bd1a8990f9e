package vanity

import (
	"iter"
	"reflect"
	"sync"

	"github.com/numberdesk/numberdesk/nanp"
)

// Index is an inventory of numbers in memory that answers any [Pattern]. A nil
// pattern asks for every number. The zero value is an empty index.
//
// An exchange that is well filled takes one bit for each of its 10,000 lines,
// other exchanges two bytes for each number, and an area code 28 KB, or 48 KB
// when it is large: 8,000,000 toll-free numbers take 7.5 MB, as many that are
// scattered over 400 area codes 38 MB.
//
// An Index is safe for concurrent use and must not be copied. One
// reader-writer lock guards it, and no method holds it while it calls the
// caller's code or does I/O. So Count, Page, Save, Has, Len and Bytes answer
// for the inventory of one moment. All, Ranked and Runs read on in portions, and
// the inventory may change between two of them: a number that is held all the
// time is seen exactly once, one that comes or goes meanwhile may be seen or
// not. Their loop bodies may change the index.
type Index struct {
	mu    sync.RWMutex
	areas [800]*area // by area code less 200; nil: no number is held
	used  tripleSet  // the codes of areas that are not nil
	total int
}

// NewIndex returns an index of the numbers, in whatever order they come. Those
// that are not valid are left out, as by [Index.Add]; nil is none.
func NewIndex(numbers iter.Seq[nanp.Number]) *Index {
	ix := new(Index)
	if numbers != nil {
		for n := range numbers {
			ix.add(n)
		}
	}
	return ix
}

// Add puts the number in and reports whether it was not there before. A number
// that is not valid is never held.
func (ix *Index) Add(n nanp.Number) bool {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.add(n)
}

func (ix *Index) add(n nanp.Number) bool {
	if !n.Valid() {
		return false
	}
	npa := int(n.NPA())
	a := ix.areas[npa-200]
	if a == nil {
		a = new(area)
		ix.areas[npa-200] = a
		ix.used.add(npa)
	}
	if !a.add(int(n.NXX()), uint16(n)) {
		return false
	}
	ix.total++
	return true
}

// Remove takes the number out and reports whether it was there.
func (ix *Index) Remove(n nanp.Number) bool {
	if !n.Valid() {
		return false
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	npa := int(n.NPA())
	a := ix.areas[npa-200]
	if a == nil || !a.remove(int(n.NXX()), uint16(n)) {
		return false
	}
	if ix.total--; a.total == 0 {
		ix.areas[npa-200] = nil
		ix.used.remove(npa)
	}
	return true
}

// Has reports whether the number is held.
func (ix *Index) Has(n nanp.Number) bool {
	if !n.Valid() {
		return false
	}
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	a := ix.areas[n.NPA()-200]
	return a != nil && a.blocks[n.NXX()-200].has(uint16(n))
}

// Len returns how many numbers are held.
func (ix *Index) Len() int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.total
}

// Bytes returns how much memory the index holds, without what the allocator
// adds to it, which is a few per cent. It visits every exchange in use.
func (ix *Index) Bytes() int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	size := int(reflect.TypeFor[Index]().Size())
	for _, a := range ix.areas {
		if a != nil {
			size += a.bytes()
		}
	}
	return size
}
