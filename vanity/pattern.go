package vanity

import "github.com/numberdesk/numberdesk/nanp"

// Pattern is a wish for numbers that [Compile] has read: the set of all valid
// numbers that look like it. It does not change and is safe for concurrent use.
// The zero value matches no number.
//
// A pattern remembers how it was written, for [Pattern.Spell]; two that ask for
// the same numbers are told by [Pattern.Equal], not by ==.
type Pattern struct {
	mask, want uint64      // BCD as in nanp.Number: n&mask == want
	npas       *[13]uint64 // bit npa-200: the area codes that are allowed; nil: those that mask allows
	same       [][]uint8   // groups of positions (0: first digit of the area code … 9) that hold one digit; each of two or more
	text       string      // unambiguous form
	overdial   string      // letters typed beyond the ten digits
	letters    string      // ten characters: the letter that was typed at a position, or 0; empty: none was
	tail       string      // the overdial with its dashes
	breaks     uint16      // bit i: something was typed between the symbols i-1 and i; 10: before the overdial
	repeats    [2]repeat   // the groups of same, as Match compares them
	plain      bool        // mask and want say all
	ok         bool        // false: the zero value, which matches nothing
}

// Match reports whether the number is one that the pattern asks for. Of what is
// not a valid number it may say either.
func (p *Pattern) Match(n nanp.Number) bool {
	return uint64(n)&p.mask == p.want && (p.plain || p.matchRest(n))
}

func (p *Pattern) matchRest(n nanp.Number) bool {
	if len(p.same) > 0 {
		for i := range p.repeats {
			r := &p.repeats[i]
			if uint64(n)>>r.low&15*r.ones != uint64(n)&(r.ones*15) {
				return false
			}
		}
		if p.repeats[0].ones == 0 && !p.matchGroups(n) {
			return false
		}
	}
	if p.npas == nil {
		return p.ok
	}
	i := uint(n.NPA()) - firstCode
	return i < codes && p.npas[i/64]>>(i%64)&1 == 1 && p.ok
}

// matchGroups compares the groups of a pattern that has no repeats: one that Compile
// did not make.
func (p *Pattern) matchGroups(n nanp.Number) bool {
	for _, g := range p.same {
		for _, at := range g[1:] {
			if uint64(n)>>shiftOf(at)&15 != uint64(n)>>shiftOf(g[0])&15 {
				return false
			}
		}
	}
	return true
}

// repeat is a group of positions that hold one digit: that of the lowest, times
// ones, is what the number has at all of them.
type repeat struct {
	ones uint64 // 1 at each position
	low  uint8  // the shift of the last position
}

func repeatOf(group []uint8) (r repeat) {
	for _, at := range group {
		r.ones |= 1 << shiftOf(at)
		r.low = uint8(shiftOf(at))
	}
	return r
}

// String returns the set in one unambiguous notation that [Compile] reads back as
// the same set: ten symbols with two dashes, all of them digits but for * (any
// digit), & and % (each the same digit wherever it stands), and "8XX" in front for
// the toll-free codes. Letters are shown as the keys they stand for, X as 9:
// "877-555-****", "8XX-687-3663". The zero value is an empty string.
func (p Pattern) String() string { return p.text }
