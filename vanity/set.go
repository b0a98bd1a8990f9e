package vanity

import (
	"iter"
	"math/bits"

	"github.com/numberdesk/numberdesk/nanp"
)

// codeBits is a set of codes from 200 to 999: bit code-200.
type codeBits = [13]uint64

const (
	firstCode = 200
	codes     = 800
)

var (
	validCodes [2]codeBits        // area codes and exchanges that the plan allows
	withDigit  [3][10]codeBits    // the codes that have a digit at a place
	bcdOf      [codes]uint16      // the three digits of a code
	tollFree   = new(codeBits)    // the codes in service by the built-in table
	fieldShift = [...]int{28, 16} // where area code and exchange stand in a number
)

func init() {
	for i := range codes {
		c := firstCode + i
		bcdOf[i] = uint16(c/100<<8 | c/10%10<<4 | c%10)
		for place, digit := range [3]int{c / 100, c / 10 % 10, c % 10} {
			add(&withDigit[place][digit], i)
		}
		if nanp.NPA(c).Valid() {
			add(&validCodes[0], i)
		}
		if nanp.NXX(c).Valid() {
			add(&validCodes[1], i)
		}
	}
	for _, c := range nanp.Builtin().TollFree() {
		add(tollFree, int(c)-firstCode)
	}
}

func add(s *codeBits, i int) { s[i/64] |= 1 << (i % 64) }

func and(s, o *codeBits) {
	for i := range s {
		s[i] &= o[i]
	}
}

func size(s *codeBits) (n uint64) {
	for _, w := range s {
		n += uint64(bits.OnesCount64(w))
	}
	return n
}

// cond is the condition of a pattern apart from how it was written, and open to
// narrowing: positions of its groups may be fixed by the mask.
type cond struct {
	mask, want uint64
	npas       *codeBits
	same       [][]uint8
}

func (p *Pattern) cond() cond { return cond{p.mask, p.want, p.npas, p.same} }

func shiftOf(position uint8) int { return 36 - 4*int(position) }

// fix demands a digit at a position, and reports whether that contradicts.
func (c *cond) fix(position uint8, digit uint64) bool {
	s := shiftOf(position)
	if c.mask>>s&15 != 0 {
		return c.want>>s&15 == digit
	}
	c.mask |= 15 << s
	c.want |= digit << s
	return true
}

// settle carries fixed digits over to the other positions of their groups, and
// reports whether that contradicts.
func (c *cond) settle() bool {
	for _, g := range c.same {
		for _, at := range g {
			if s := shiftOf(at); c.mask>>s&15 != 0 {
				for _, other := range g {
					if !c.fix(other, c.want>>s&15) {
						return false
					}
				}
				break
			}
		}
	}
	return true
}

// codes returns the area codes (field 0) or exchanges (field 1) that the plan
// allows and the fixed digits do; groups are not looked at.
func (c *cond) codes(field int) codeBits {
	s := validCodes[field]
	if field == 0 && c.npas != nil {
		and(&s, c.npas)
	}
	for place := range 3 {
		shift := fieldShift[field] + 8 - 4*place
		if c.mask>>shift&15 != 0 {
			and(&s, &withDigit[place][c.want>>shift&15])
		}
	}
	return s
}

// count returns how many valid numbers satisfy the condition, which must be settled.
// It takes every digit for those groups that reach out of the line, of which there
// are few.
func (c cond) count(group int) uint64 {
	for ; group < len(c.same); group++ {
		if g := c.same[group]; g[0] < 6 {
			var total uint64
			for digit := range uint64(10) {
				if next, ok := c, true; true {
					for _, at := range g {
						ok = ok && next.fix(at, digit)
					}
					if ok {
						total += next.count(group + 1)
					}
				}
			}
			return total
		}
	}
	npas := c.codes(0)
	n := size(&npas)
	if n == 0 {
		return 0
	}
	nxxs := c.codes(1)
	n *= size(&nxxs)
	for at := uint8(6); at < 10; at++ {
		if c.mask>>shiftOf(at)&15 == 0 {
			n *= 10
		}
	}
	for _, g := range c.same {
		if g[0] >= 6 && !c.anyFixed(g) {
			for range g[1:] {
				n /= 10
			}
		}
	}
	return n
}

func (c *cond) anyFixed(g []uint8) bool {
	for _, at := range g {
		if c.mask>>shiftOf(at)&15 != 0 {
			return true
		}
	}
	return false
}

// each yields the numbers of the condition in order, with area code and exchange
// fixed one after the other.
func (c cond) each(field int, yield func(nanp.Number) bool) bool {
	if field == len(fieldShift) {
		return c.lines(yield)
	}
	shift := fieldShift[field]
	for w, word := range c.codes(field) {
		for ; word != 0; word &= word - 1 {
			next := c
			next.mask |= 0xfff << shift
			next.want = next.want&^(0xfff<<shift) | uint64(bcdOf[w*64+bits.TrailingZeros64(word)])<<shift
			if next.settle() && !next.each(field+1, yield) {
				return false
			}
		}
	}
	return true
}

// lines counts through the free digits of the line. Positions of one group move
// together, so that a step is the sum of their place values; in the order of
// first positions that is still the order of the numbers.
func (c *cond) lines(yield func(nanp.Number) bool) bool {
	times, step := [4]int{1, 1, 1, 1}, [4]uint64{}
	for i := range times {
		at := uint8(6 + i)
		if c.mask>>shiftOf(at)&15 != 0 {
			continue
		}
		first := at
		for _, g := range c.same {
			for _, member := range g {
				if member == at {
					first = g[0]
				}
			}
		}
		times[first-6] = 10
		step[first-6] += 1 << shiftOf(at)
	}
	a := c.want
	for range times[0] {
		b := a
		for range times[1] {
			d := b
			for range times[2] {
				e := d
				for range times[3] {
					if !yield(nanp.Number(e)) {
						return false
					}
					e += step[3]
				}
				d += step[2]
			}
			b += step[1]
		}
		a += step[0]
	}
	return true
}

// Count returns how many valid numbers the pattern asks for: all that the
// numbering plan allows, whether they are in use or not. It does not enumerate
// them, and takes at most microseconds.
func (p Pattern) Count() uint64 {
	if !p.ok {
		return 0
	}
	return p.cond().count(0)
}

// All yields the numbers that the pattern asks for in ascending order, valid ones
// only. Nothing is held in memory, and area codes and exchanges that no number can
// have cost nothing.
func (p Pattern) All() iter.Seq[nanp.Number] {
	return func(yield func(nanp.Number) bool) {
		if p.ok {
			p.cond().each(0, yield)
		}
	}
}

// IsZero reports whether p is the zero value, which no text is compiled to.
func (p Pattern) IsZero() bool { return !p.ok }

// Equal reports whether both ask for the same numbers, however they were written:
// "8XX-OUR-FOOD" equals "8xx 687 3663".
func (p Pattern) Equal(o Pattern) bool {
	if p.ok != o.ok || !p.ok {
		return p.ok == o.ok
	}
	a, b := p.cond(), o.cond()
	both, ok := a.intersect(b)
	if !ok {
		return false
	}
	n := both.count(0)
	return n == a.count(0) && n == b.count(0)
}

// intersect returns the condition that both hold, and false where their digits
// contradict. It does not say whether a number is left.
func (c cond) intersect(o cond) (cond, bool) {
	if c.mask&o.mask&(c.want^o.want) != 0 {
		return cond{}, false
	}
	both := cond{mask: c.mask | o.mask, want: c.want | o.want, npas: c.npas, same: join(c.same, o.same)}
	if o.npas != nil {
		npas := *o.npas
		if c.npas != nil {
			and(&npas, c.npas)
		}
		both.npas = &npas
	}
	return both, both.settle()
}

// join returns the groups of both, those that share a position made into one.
func join(a, b [][]uint8) [][]uint8 {
	var of [10]uint8 // the first position of the group that a position is in
	for at := range of {
		of[at] = uint8(at)
	}
	for _, groups := range [...][][]uint8{a, b} {
		for _, g := range groups {
			for _, at := range g[1:] {
				from, to := max(of[at], of[g[0]]), min(of[at], of[g[0]])
				for i := range of {
					if of[i] == from {
						of[i] = to
					}
				}
			}
		}
	}
	var all [][]uint8
	for first := range uint8(10) {
		var g []uint8
		for at := first; at < 10; at++ {
			if of[at] == first {
				g = append(g, at)
			}
		}
		if len(g) > 1 {
			all = append(all, g)
		}
	}
	return all
}
