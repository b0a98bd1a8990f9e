package vanity

import (
	"math/bits"

	"github.com/numberdesk/numberdesk/nanp"
)

// linePlan is the lines of a shape, in two forms: as a condition on one line,
// and as the words of a bitmap that hold any of them.
type linePlan struct {
	shape      shape
	mask, want uint16
	groups     []uint16 // those within the line, as in shape
	ready      bool     // false: of no shape
	built      bool     // the words are those of the shape
	n          int
	word       [slots / 64]uint8
	bits       [slots / 64]uint64
}

// take makes p the plan of a shape. Its groups within the line have to be those
// of the last call, unless ready is false.
func (p *linePlan) take(s *shape) {
	mask, want := uint16(s.mask), uint16(s.want)
	if p.ready && p.mask == mask && p.want == want {
		return
	}
	p.shape, p.mask, p.want, p.groups = *s, mask, want, p.groups[:0]
	p.ready, p.built = true, false
	for _, g := range s.groups[:s.n] {
		if g := uint16(g & atLine); bits.OnesCount16(g) > 1 {
			p.groups = append(p.groups, g)
		}
	}
}

// build makes the words of p.
func (p *linePlan) build(t *setTables) {
	if p.built {
		return
	}
	p.built, p.n = true, 0
	if p.mask == 0xffff { // one line: no need for sets
		const six = 0x6666
		if low := uint64(p.want); (low+six^low^six)&0x11110 == 0 { // no nibble above nine
			slot := slotOf(p.want)
			p.n, p.word[0], p.bits[0] = 1, uint8(slot>>6), 1<<(slot&63)
		}
		return
	}
	inner := p.shape.touches(atThousand, atLine&^atThousand)
	each := 0 // words that a thousand has, when all have the same
	for thousand := range uint64(10) {
		if p.mask>>12 != 0 && uint64(p.want>>12) != thousand {
			continue
		}
		if each > 0 && !inner {
			for i := range each {
				p.word[p.n], p.bits[p.n] = p.word[i]+uint8(thousand<<4), p.bits[i]
				p.n++
			}
			continue
		}
		sub, ok := p.shape.settle(thousand<<12, atThousand)
		if !ok {
			continue
		}
		lines := t.all
		t.fit(&lines, &sub, 0)
		for w, x := range lines {
			if x != 0 {
				p.word[p.n], p.bits[p.n] = uint8(thousand<<4)+uint8(w), x
				p.n++
			}
		}
		each = p.n
	}
}

// same reports whether the groups of the line hold one digit each.
func (p *linePlan) same(line uint16) bool {
	for _, g := range p.groups {
		if first := line >> bits.TrailingZeros16(g) & 15; line&(g*15) != first*g {
			return false
		}
	}
	return true
}

// count returns how many lines of the block are in the plan.
func (p *linePlan) count(t *setTables, b *block) (n int) {
	if d := b.dense; d != nil {
		p.build(t)
		if p.n == len(d) {
			for i, x := range p.bits {
				n += bits.OnesCount64(d[i] & x)
			}
			return n
		}
		words := p.word[:p.n]
		x := p.bits[:len(words)]
		for i, w := range words {
			n += bits.OnesCount64(d[w] & x[i])
		}
		return n
	}
	mask, want, grouped := p.mask, p.want, len(p.groups) > 0
	for _, l := range b.sparse {
		if l&mask == want && (!grouped || p.same(l)) {
			n++
		}
	}
	return n
}

// collect appends the numbers of the block that are in the plan, from a slot on,
// until there are limit of them.
func (p *linePlan) collect(t *setTables, found []nanp.Number, b *block, base uint64, from, limit int) []nanp.Number {
	if b.dense == nil {
		mask, want, grouped := p.mask, p.want, len(p.groups) > 0
		for _, l := range b.sparse {
			if l&mask != want || grouped && !p.same(l) || slotOf(l) < from {
				continue
			}
			if len(found) == limit {
				break
			}
			found = append(found, nanp.Number(base|uint64(l)))
		}
		return found
	}
	p.build(t)
	words := p.word[:p.n]
	in := p.bits[:len(words)]
	for i, w := range words {
		x := b.dense[w] & in[i]
		if x == 0 || int(w) < from>>6 {
			continue
		}
		if int(w) == from>>6 {
			x &= ^uint64(0) << (from & 63)
		}
		for ; x != 0; x &= x - 1 {
			if len(found) == limit {
				return found
			}
			found = append(found, nanp.Number(base|uint64(t.line(int(w), x))))
		}
	}
	return found
}

// sum adds up what a summary has of the lines of the plan.
func (p *linePlan) sum(lines *lineSummary) (n int) {
	for i, w := range p.word[:p.n] {
		of := lines[int(w)<<6:][:64]
		for x := p.bits[i]; x != 0; x &= x - 1 {
			n += int(of[bits.TrailingZeros64(x)&63])
		}
	}
	return n
}
