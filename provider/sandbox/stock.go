package sandbox

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

// One number in share is for sale, by a hash of the seed and the number, and in
// each local exchange a run of consecutive numbers besides. Nothing is stored.
const (
	share   = 6
	runMin  = 25
	runMore = 16 // a run has runMin to runMin+runMore-1 numbers
)

// sells reports whether the number belongs to what the carrier started with. It
// says nothing of who has it now.
func (c *Carrier) sells(n nanp.Number) bool {
	if !n.Valid() {
		return false
	}
	if n.TollFree() {
		return c.kinds[provider.TollFree] && c.share(n) && n.CheckDID() == nil
	}
	_, ok := c.place(n)
	return ok && c.kinds[provider.Local] && (c.share(n) || c.inRun(n)) && n.CheckDID() == nil
}

func (c *Carrier) share(n nanp.Number) bool {
	return mix(mix(c.cfg.Seed, saltShare), uint64(n))%share == 0
}

func (c *Carrier) inRun(n nanp.Number) bool {
	h := mix(mix(c.cfg.Seed, saltRun), uint64(n)>>16)
	start := int(h % (10_000 - runMin - runMore))
	length := runMin + int(h>>32%runMore)
	return n.Line() >= start && n.Line() < start+length
}

// candidates yields, in ascending order, the numbers after one given number that
// the carrier started with and that the request asks for. It ends early with ctx.
func (c *Carrier) candidates(ctx context.Context, r provider.SearchRequest, after nanp.Number) iter.Seq[nanp.Number] {
	if len(r.Exact) > 0 {
		return c.exact(r, after)
	}
	return func(yield func(nanp.Number) bool) {
		first := Place{NPA: after.NPA(), NXX: after.NXX()}.code()
		for p := range c.exchanges(r, first) {
			if ctx.Err() != nil {
				return
			}
			from := 0
			if p.code() == first {
				from = after.Line() + 1
			}
			if !eachLine(p, r.Query, from, func(n nanp.Number) bool { return !c.sells(n) || yield(n) }) {
				return
			}
		}
	}
}

func (c *Carrier) exact(r provider.SearchRequest, after nanp.Number) iter.Seq[nanp.Number] {
	list := slices.Clone(r.Exact)
	slices.Sort(list)
	return func(yield func(nanp.Number) bool) {
		for _, n := range slices.Compact(list) {
			p, _ := c.place(n)
			if n > after && c.sells(n) && n.TollFree() == (r.Kind == provider.TollFree) && inside(p, r) && r.Query.Match(n) && !yield(n) {
				return
			}
		}
	}
}

// exchanges yields those that the request can mean, from a code on.
func (c *Carrier) exchanges(r provider.SearchRequest, first uint32) iter.Seq[Place] {
	fits := func(p Place) bool {
		return p.code() >= first && (r.Query.NPA == 0 || p.NPA == r.Query.NPA) && (r.Query.NXX == 0 || p.NXX == r.Query.NXX)
	}
	if r.Kind == provider.TollFree {
		return func(yield func(Place) bool) {
			for _, npa := range c.tollFree {
				for nxx := nanp.NXX(200); nxx < 1000; nxx++ {
					if p := (Place{NPA: npa, NXX: nxx}); fits(p) && nxx.Valid() && !yield(p) {
						return
					}
				}
			}
		}
	}
	return func(yield func(Place) bool) {
		at, _ := slices.BinarySearchFunc(c.stock, first, func(p Place, code uint32) int { return cmp.Compare(p.code(), code) })
		for _, p := range c.stock[at:] {
			if fits(p) && inside(p, r) && !yield(p) {
				return
			}
		}
	}
}

// inside compares without regard to case. Toll-free numbers are nowhere, so that
// a place in a request does not narrow them down.
func inside(p Place, r provider.SearchRequest) bool {
	same := func(want, got string) bool { return want == "" || strings.EqualFold(strings.TrimSpace(want), got) }
	return r.Kind == provider.TollFree || same(r.State, p.State) && same(r.City, p.City) && same(r.RateCenter, p.RateCenter)
}

// eachLine yields the numbers of one exchange, from a line on, that match the
// query. It looks only at lines that can: a query for seven digits in a row costs
// a few steps for each exchange, not ten thousand.
func eachLine(p Place, q vanity.Query, from int, yield func(nanp.Number) bool) bool {
	masks := lineMasks(p.NPA.String()+p.NXX.String(), q)
	alive := make([]int, len(masks))
	for i := range masks {
		alive[i] = i
	}
	return walkLines(p, q, masks, alive, 0, 0, from, yield)
}

var powers = [...]int{1000, 100, 10, 1}

func walkLines(p Place, q vanity.Query, masks [][4]byte, alive []int, depth, line, from int, yield func(nanp.Number) bool) bool {
	if depth == 4 {
		n, err := nanp.Make(p.NPA, p.NXX, line)
		return err != nil || !q.Match(n) || yield(n)
	}
	for d := range 10 {
		next := line + d*powers[depth]
		if next+powers[depth]-1 < from {
			continue
		}
		left := make([]int, 0, 10)
		for _, i := range alive {
			if m := masks[i][depth]; m == 0 || m == byte('0'+d) {
				left = append(left, i)
			}
		}
		if len(left) > 0 && !walkLines(p, q, masks, left, depth+1, next, from, yield) {
			return false
		}
	}
	return true
}

// lineMasks gives the ways in which the last four digits can satisfy the query
// behind these first six; 0 stands for any digit. None: the exchange cannot.
func lineMasks(head string, q vanity.Query) [][4]byte {
	var base [4]byte
	if !lay(&base, head, q.Prefix, 0) || !lay(&base, head, q.Suffix, 10-len(q.Suffix)) || !lay(&base, head, q.Mask, 0) {
		return nil
	}
	masks := [][4]byte{base}
	for _, anywhere := range []struct {
		digits string
		from   int
	}{{q.Contains, 0}, {q.Tail, 3}} {
		if anywhere.digits != "" && !strings.Contains(head[anywhere.from:], anywhere.digits) {
			masks = layAnywhere(masks, head, anywhere.digits, anywhere.from)
		}
	}
	return masks
}

// layAnywhere lays digits at each position from one on that reaches the line.
func layAnywhere(masks [][4]byte, head, digits string, from int) (out [][4]byte) {
	for _, base := range masks {
		for at := max(from, 7-len(digits)); at <= 10-len(digits); at++ {
			m := base
			if lay(&m, head, digits, at) && !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out
}

// lay puts digits at a position of the ten, and reports whether they fit; * fits anything.
func lay(m *[4]byte, head, digits string, at int) bool {
	for i := range len(digits) {
		switch pos := at + i; {
		case pos < 0 || pos > 9:
			return false
		case digits[i] == '*':
		case pos < 6:
			if head[pos] != digits[i] {
				return false
			}
		case m[pos-6] != 0 && m[pos-6] != digits[i]:
			return false
		default:
			m[pos-6] = digits[i]
		}
	}
	return true
}
