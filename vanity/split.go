package vanity

import (
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
)

// Plan is how a carrier is asked for a pattern. Every number that the pattern asks
// for is matched by one query at least.
type Plan struct {
	Queries []Query
	Most    []uint64 // how many valid numbers the query of the same index matches at most
	// Exact is false when the queries match other numbers too: then the answers have
	// to be filtered with [Pattern.Match].
	Exact bool
}

// maxQueries bounds a plan. There are fewer area codes.
const maxQueries = 800

// Split says how a carrier of that dialect is asked for the pattern: with the fewest
// queries that say anything of it, and each of them as narrow as the dialect can.
//
// A question costs more than an answer that is filtered, so one query comes before
// several narrower ones: "8XX-OUR-FOOD" is one question for its seven last digits
// where that can be asked. A query for each area code, or for each beginning or end
// of the shortest length that can be asked, is made where one query could say
// nothing at all, and the many together match fewer numbers than there are; where it
// takes more than 800, or the dialect cannot even that, the plan is the one query for
// everything. Only a dialect that needs an area code always gets one for each.
//
// The dialect passes every query unchanged: [Dialect.Ask] is exact for it. The plan
// for the zero pattern is empty and exact.
func Split(p *Pattern, d Dialect) Plan {
	if !p.ok {
		return Plan{Exact: true}
	}
	whole := p.cond()
	if d.NeedNPA {
		return d.plan(whole, whole.pieces(0, 3))
	}
	one := d.plan(whole, []cond{whole})
	if one.Queries[0] != (Query{}) || one.Exact {
		return one
	}
	best := one
	for _, each := range d.partitions() {
		pieces := whole.pieces(each[0], each[1])
		if len(pieces) > maxQueries || best.Queries[0] != (Query{}) && len(pieces) > len(best.Queries) {
			continue
		}
		if many := d.plan(whole, pieces); many.total() < best.total() && !slices.Contains(many.Queries, Query{}) {
			best = many
		}
	}
	return best
}

// partitions returns the positions, from and to, by whose digits a set can be cut
// into pieces that can be asked for: fronts, then ends, short ones first.
func (d Dialect) partitions() (all [][2]int) {
	if d.NPA || d.Prefix {
		for n := 1; n <= max(3, min(d.MinFixed, 10)); n++ {
			all = append(all, [2]int{0, n})
		}
	}
	if d.Suffix {
		for n := 1; n <= 10; n++ {
			all = append(all, [2]int{10 - n, 10})
		}
	}
	return all
}

// plan asks for each of the pieces of the whole.
func (d Dialect) plan(whole cond, pieces []cond) Plan {
	plan, asked := Plan{Exact: true}, make(map[Query]bool, len(pieces))
	for _, piece := range pieces {
		q := d.narrowest(piece)
		if asked[q] {
			continue
		}
		asked[q] = true
		plan.Queries = append(plan.Queries, q)
		plan.Most = append(plan.Most, q.most())
		plan.Exact = plan.Exact && q.within(whole)
	}
	return plan
}

func (p *Plan) total() (n uint64) {
	for _, most := range p.Most {
		n += most
	}
	return n
}

// pieces cuts the set by the digits at the positions. It gives up after more
// than maxQueries pieces.
func (c cond) pieces(from, to int) []cond {
	all := []cond{c}
	for at := from; at < to; at++ {
		var finer []cond
		for _, c := range all {
			for digit := range uint64(10) {
				if next := c; next.fix(uint8(at), digit) && next.settle() && next.count(0) > 0 {
					finer = append(finer, next)
				}
			}
			if len(finer) > maxQueries {
				return finer
			}
		}
		all = finer
	}
	return all
}

// narrowest returns the query that the dialect can express and that matches the
// fewest numbers beyond those of the condition.
func (d Dialect) narrowest(c cond) Query {
	digits := c.fixedText()
	codes := d.askCodes(digits)
	best := codes
	for _, q := range d.askDigits(digits) {
		switch {
		case !d.Alone:
			q.NPA, q.NXX = codes.NPA, codes.NXX
		case d.NeedNPA:
			continue
		}
		if q = d.simplest(q); q.better(best) {
			best = q
		}
	}
	return best
}

// askCodes asks for the codes that are fixed.
func (d Dialect) askCodes(digits string) (q Query) {
	if d.NPA && fixedDigits(digits[:3]) == 3 {
		q.NPA = nanp.NPA(decimal(digits[:3]))
		if d.NXX && fixedDigits(digits[3:6]) == 3 {
			q.NXX = nanp.NXX(decimal(digits[3:6]))
		}
	}
	return q
}

func decimal(code string) int {
	return int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
}

// askDigits returns the questions about digits that are not codes, none of which is
// narrower than all the others in all cases.
func (d Dialect) askDigits(digits string) (all []Query) {
	add := func(can bool, condition string, set func(*Query, string)) {
		if can && fixedDigits(condition) > 0 {
			one := Query{}
			if len(all) > 0 && !d.OneFixed {
				one = all[0]
				all = all[:0]
			}
			set(&one, condition)
			all = append(all, one)
		}
	}
	front := digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789"))]
	end := digits[len(strings.TrimRight(digits, "0123456789")):]
	add(d.Mask, digits, func(q *Query, s string) { q.Mask = s })
	add(d.Prefix, d.long(front[:d.cut(front)]), func(q *Query, s string) { q.Prefix = s })
	add(d.Suffix, d.long(end[len(end)-d.cut(end):]), func(q *Query, s string) { q.Suffix = s })
	for _, floats := range []struct {
		can  bool
		from int
		set  func(*Query, string)
	}{
		{d.Tail, 3, func(q *Query, s string) { q.Tail = s }},
		{d.Contains, 0, func(q *Query, s string) { q.Contains = s }},
	} {
		if floats.can {
			all = d.askAnywhere(all, digits[floats.from:], floats.set)
		}
	}
	return all
}

// askAnywhere adds a condition for digits that may stand anywhere: each run of them
// as a question of its own, or the narrowest together with what is asked already.
func (d Dialect) askAnywhere(all []Query, digits string, set func(*Query, string)) []Query {
	base := Query{}
	if len(all) > 0 && !d.OneFixed {
		base, all = all[0], nil
	}
	best := base
	for _, run := range strings.FieldsFunc(digits, func(c rune) bool { return c == '*' }) {
		for most := d.cut(run); len(run) >= max(most, 1); run = run[1:] {
			q := base
			set(&q, d.long(run[:most]))
			if d.OneFixed {
				all = append(all, q)
			} else if q.better(best) {
				best = q
			}
		}
	}
	if d.OneFixed {
		return all
	}
	return []Query{best}
}

// better prefers what matches fewer numbers, then what says it in fewer conditions.
func (q Query) better(o Query) bool {
	if a, b := q.most(), o.most(); a != b {
		return a < b
	}
	return q.said() < o.said()
}

func (q Query) said() (n int) {
	for _, c := range q.conditions() {
		if *c != "" {
			n++
		}
	}
	return n + q.digits()/3
}

// simplest leaves out what other conditions of the query say.
func (d Dialect) simplest(q Query) Query {
	most := q.most()
	drop := func(without Query) {
		if without.most() == most {
			q = without
		}
	}
	for _, i := range []int{4, 3, 2, 1, 0} {
		without := q
		*without.conditions()[i] = ""
		drop(without)
	}
	without := q
	without.NXX = 0
	drop(without)
	if without.NPA = 0; !d.NeedNPA {
		drop(without)
	}
	return q
}

// fixedText writes the fixed digits of the condition, and * for the others.
func (c *cond) fixedText() string {
	b := make([]byte, 10)
	for at := range b {
		s := shiftOf(uint8(at))
		b[at] = '*'
		if c.mask>>s&15 != 0 {
			b[at] = '0' + byte(c.want>>s&15)
		}
	}
	return string(b)
}
