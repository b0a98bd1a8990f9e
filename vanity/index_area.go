package vanity

import (
	"reflect"
	"slices"
)

const (
	denseFrom  = 600 // numbers of an exchange at which one more makes it a bit for each line
	sparseFrom = 400 // numbers at which a dense exchange becomes a list again; less, lest it goes back and forth

	summaryFrom = 16_384 // numbers of an area code from which on its lines are counted
	summaryTo   = 8_192  // and below which they no longer are

	slots = 10 * 1024 // of the lines: see slotOf
)

// area holds the numbers of one area code.
type area struct {
	total  int
	used   tripleSet    // exchanges with at least one number
	counts [800]uint16  // numbers of each exchange; this and blocks by exchange less 200
	blocks [800]block   // the lines of each exchange
	lines  *lineSummary // nil in a small area
}

// lineSummary is, for the slot of each line, in how many exchanges of the area
// that line is held. It answers for patterns that leave the exchange open.
type lineSummary [slots]uint16

// bitmap has one bit for each slot.
type bitmap [slots / 64]uint64

// block holds the lines of one exchange: in dense when that is not nil, else in
// sparse, which has them in order as the low sixteen bits of their numbers.
type block struct {
	sparse []uint16
	dense  *bitmap
}

// slotOf returns the bit of a line in a bitmap. Every thousand begins at a
// multiple of 1,024 and leaves its last 24 slots empty: so the three last
// digits of a line select the same bits in each of the ten, and lines keep
// their order. The 1,280 bytes are what the allocator would give for 1,250.
func slotOf(line uint16) int {
	return int(line>>12)<<10 + int(line>>8&15)*100 + int(line>>4&15)*10 + int(line&15)
}

// slotAbove returns the slot of the first line above low, which may have
// nibbles that are no digits.
func slotAbove(low uint16) int {
	for shift := 12; shift >= 0; shift -= 4 {
		if low>>shift&15 > 9 {
			nines := uint16(1<<(shift+4) - 1)
			low = low&^nines | 0x9999&nines
			break
		}
	}
	return slotOf(low) + 1
}

func (b *block) has(line uint16) bool {
	if b.dense != nil {
		s := slotOf(line)
		return b.dense[s>>6]>>(s&63)&1 != 0
	}
	_, found := slices.BinarySearch(b.sparse, line)
	return found
}

func (b *block) add(line uint16) bool {
	if b.dense == nil {
		at, found := slices.BinarySearch(b.sparse, line)
		if found {
			return false
		}
		if len(b.sparse) < denseFrom {
			b.insert(at, line)
			return true
		}
		b.dense = new(bitmap)
		for _, l := range b.sparse {
			b.dense.set(slotOf(l))
		}
		b.sparse = nil
	}
	s := slotOf(line)
	if b.dense[s>>6]>>(s&63)&1 != 0 {
		return false
	}
	b.dense.set(s)
	return true
}

// insert grows the list by a quarter when it is full: append would double it.
func (b *block) insert(at int, line uint16) {
	n := len(b.sparse)
	if n == cap(b.sparse) {
		grown := make([]uint16, n, (n+n/4+8)&^7)
		copy(grown, b.sparse)
		b.sparse = grown
	}
	b.sparse = b.sparse[:n+1]
	copy(b.sparse[at+1:], b.sparse[at:n])
	b.sparse[at] = line
}

// remove takes out a line that is held; left is how many remain.
func (b *block) remove(line uint16, left int) {
	if b.dense == nil {
		at, _ := slices.BinarySearch(b.sparse, line)
		b.sparse = slices.Delete(b.sparse, at, at+1)
		if left == 0 {
			b.sparse = nil
		}
		return
	}
	s := slotOf(line)
	b.dense[s>>6] &^= 1 << (s & 63)
	if left <= sparseFrom {
		b.sparse = make([]uint16, 0, (left+7)&^7)
		b.each(func(line uint16) { b.sparse = append(b.sparse, line) })
		b.dense = nil
	}
}

// each calls do for every line of the block, in order.
func (b *block) each(do func(line uint16)) {
	if b.dense == nil {
		for _, l := range b.sparse {
			do(l)
		}
		return
	}
	t := digitSets()
	for w, x := range b.dense {
		for ; x != 0; x &= x - 1 {
			do(t.line(w, x))
		}
	}
}

func (b *bitmap) set(slot int) { b[slot>>6] |= 1 << (slot & 63) }

func (a *area) add(nxx int, line uint16) bool {
	b := &a.blocks[nxx-200]
	if !b.add(line) {
		return false
	}
	a.used.add(nxx)
	a.counts[nxx-200]++
	a.total++
	if a.lines != nil {
		a.lines[slotOf(line)]++
	} else if a.total == summaryFrom {
		a.summarize()
	}
	return true
}

func (a *area) remove(nxx int, line uint16) bool {
	b := &a.blocks[nxx-200]
	if !b.has(line) {
		return false
	}
	a.counts[nxx-200]--
	left := int(a.counts[nxx-200])
	if b.remove(line, left); left == 0 {
		a.used.remove(nxx)
	}
	if a.total--; a.total < summaryTo {
		a.lines = nil
	} else if a.lines != nil {
		a.lines[slotOf(line)]--
	}
	return true
}

// summarize counts the lines anew.
func (a *area) summarize() {
	a.lines = new(lineSummary)
	for i := range a.blocks {
		a.blocks[i].each(func(line uint16) { a.lines[slotOf(line)]++ })
	}
}

func (a *area) bytes() int {
	size := int(reflect.TypeFor[area]().Size())
	if a.lines != nil {
		size += len(a.lines) * 2
	}
	for i := range a.blocks {
		size += 2 * cap(a.blocks[i].sparse)
		if a.blocks[i].dense != nil {
			size += slots / 8
		}
	}
	return size
}
