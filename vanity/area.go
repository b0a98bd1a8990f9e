package vanity

import "github.com/numberdesk/numberdesk/nanp"

// NPAs lists the area codes that numbers of the pattern can have, in order.
func (p *Pattern) NPAs() []nanp.NPA {
	var out []nanp.NPA
	for c := range nanp.Builtin().All() {
		if p.ok && c.Valid() && p.allows(c) {
			out = append(out, c)
		}
	}
	return out
}

// allows looks at the area code alone: a digit that is repeated there and
// elsewhere does not forbid one.
func (p *Pattern) allows(c nanp.NPA) bool {
	digits := uint64(c/100)<<36 | uint64(c/10%10)<<32 | uint64(c%10)<<28
	const area = 0xfff << 28
	if digits&p.mask != p.want&area {
		return false
	}
	for _, g := range p.same {
		if first := digits >> shiftOf(g[0]) & 15; len(g) > 1 && g[1] < 3 && first != digits>>shiftOf(g[1])&15 || len(g) > 2 && g[2] < 3 && first != digits>>shiftOf(g[2])&15 {
			return false
		}
	}
	if p.npas == nil {
		return true
	}
	i := uint(c) - firstCode
	return p.npas[i/64]>>(i%64)&1 == 1
}
