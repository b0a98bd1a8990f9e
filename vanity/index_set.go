package vanity

import (
	"math/bits"
	"sync"
)

// tripleSet is a set of three digits, 000 to 999: area codes, exchanges, or the
// last three digits of lines.
type tripleSet [16]uint64

func (s *tripleSet) add(code int)    { s[code>>6] |= 1 << (code & 63) }
func (s *tripleSet) remove(code int) { s[code>>6] &^= 1 << (code & 63) }

func (s *tripleSet) keep(t *tripleSet) {
	for i := range s {
		s[i] &= t[i]
	}
}

// setTables are the sets that patterns are put together from.
type setTables struct {
	all   tripleSet
	digit [3][16]tripleSet // codes with a digit at a position; none for what is no digit
	same  [3]tripleSet     // codes with one digit at the positions 0 and 1, 0 and 2, 1 and 2
	bcd   [1024]uint16     // codes as three nibbles
}

var digitSets = sync.OnceValue(func() *setTables {
	t := new(setTables)
	for c := range 1000 {
		d := [3]int{c / 100, c / 10 % 10, c % 10}
		t.all.add(c)
		t.bcd[c] = uint16(d[0]<<8 | d[1]<<4 | d[2])
		for at := range d {
			t.digit[at][d[at]].add(c)
		}
		for i, at := range [3][2]int{{0, 1}, {0, 2}, {1, 2}} {
			if d[at[0]] == d[at[1]] {
				t.same[i].add(c)
			}
		}
	}
	return t
})

// line returns the line of the lowest bit of x, the word w of a bitmap.
func (t *setTables) line(w int, x uint64) uint16 {
	return uint16(w)>>4<<12 | t.bcd[(w&15)<<6+bits.TrailingZeros64(x)]
}

// The digits of a number that a shape is settled by: one in the nibble of each.
const (
	atNPA      = 0x1110000000
	atNXX      = 0x0001110000
	atLine     = 0x0000001111
	atThousand = 0x0000001000
	atAll      = 0x1111111111
)

// shape is what a pattern asks of digits, in the form that a search narrows
// from the area code down to the line.
type shape struct {
	mask, want uint64
	groups     [5]uint64 // positions that hold one digit, not known yet: one in the nibble of each; they are disjoint
	n          int
}

// shapeOf returns the shape of a pattern, and false when no number has it.
func shapeOf(p *Pattern) (shape, bool) {
	s := shape{mask: p.mask, want: p.want}
	var few [5]uint64 // as many as there can be, unless they share positions
	groups := few[:0]
	for _, same := range p.same {
		var g uint64
		for _, at := range same {
			g |= 1 << (36 - 4*at)
		}
		// Groups that share a position are one group.
		rest := groups[:0]
		for _, other := range groups {
			if other&g != 0 {
				g |= other
			} else {
				rest = append(rest, other)
			}
		}
		groups = append(rest, g)
	}
	s.n = copy(s.groups[:], groups)
	s, ok := s.settle(s.want, s.mask&atAll)
	return s, ok && p.ok && s.want&^s.mask == 0
}

// settle returns the shape that remains once the digits of n at some positions
// are known: their groups become fixed digits. It returns false when that
// contradicts the digits that are fixed already.
func (s shape) settle(n, at uint64) (shape, bool) {
	if s.n == 0 {
		return s, true
	}
	out := shape{mask: s.mask, want: s.want}
	for _, g := range s.groups[:s.n] {
		known := g & at
		if known == 0 {
			out.groups[out.n] = g
			out.n++
			continue
		}
		digit := n >> bits.TrailingZeros64(known) & 15
		if out.mask&(g*15)&(out.want^g*digit) != 0 {
			return s, false
		}
		out.mask |= g * 15
		out.want |= g * digit
	}
	return out, true
}

// touches reports whether a group has a position in each of the two.
func (s *shape) touches(at, and uint64) bool {
	for _, g := range s.groups[:s.n] {
		if g&at != 0 && g&and != 0 {
			return true
		}
	}
	return false
}

// fit keeps the codes that have the shape of the three digits from shift up.
func (t *setTables) fit(codes *tripleSet, s *shape, shift int) {
	for at := range 3 {
		nibble := shift + 8 - 4*at
		if s.mask>>nibble&15 != 0 {
			codes.keep(&t.digit[at][s.want>>nibble&15])
		}
	}
	for _, g := range s.groups[:s.n] {
		g >>= shift
		if g&0x110 == 0x110 {
			codes.keep(&t.same[0])
		}
		if g&0x101 == 0x101 {
			codes.keep(&t.same[1])
		}
		if g&0x011 == 0x011 {
			codes.keep(&t.same[2])
		}
	}
}
