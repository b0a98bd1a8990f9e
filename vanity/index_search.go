package vanity

import (
	"math/bits"
	"sync"

	"github.com/numberdesk/numberdesk/nanp"
)

// indexSearch is one pattern on its way through an index, which it can leave and
// come back to: it goes on behind after.
type indexSearch struct {
	shape shape
	npas  tripleSet // the area codes that the pattern allows
	none  bool      // no number can match

	// What is asked for: runs of at least minRun when that is not 0, else
	// numbers up to limit when that is not 0, else a count.
	after         nanp.Number
	limit, minRun int

	count int
	found []nanp.Number
	runs  []Run

	t     *setTables
	lines bitmap       // the lines of one block, for its runs
	plans [10]linePlan // by the digit that exchange and line share; the first when they share none
}

// A search is 15 KB, most of it plans.
var searches = sync.Pool{New: func() any { return new(indexSearch) }}

// newSearch prepares a search, which the caller gives back with close.
func newSearch(p *Pattern) *indexSearch {
	s := searches.Get().(*indexSearch)
	s.t = digitSets()
	s.npas, s.shape, s.none = s.t.all, shape{}, false
	s.after, s.limit, s.minRun, s.count = 0, 0, 0, 0
	for i := range s.plans {
		s.plans[i].ready = false
	}
	if p == nil {
		return s
	}
	var possible bool
	s.shape, possible = shapeOf(p)
	s.none = !possible
	if p.npas != nil {
		var allowed tripleSet // those of the pattern begin at bit 200
		for i, x := range p.npas {
			allowed[i+200/64] |= x << (200 % 64)
			if i+200/64+1 < len(allowed) {
				allowed[i+200/64+1] |= x >> (64 - 200%64)
			}
		}
		s.npas.keep(&allowed)
	}
	s.t.fit(&s.npas, &s.shape, 28)
	return s
}

func (s *indexSearch) close() {
	s.found, s.runs = nil, nil
	searches.Put(s)
}

// run searches until there is enough, which it reports with true. The caller
// holds the lock of the index.
func (s *indexSearch) run(ix *Index) bool {
	if s.none {
		return false
	}
	npas := s.npas
	npas.keep(&ix.used)
	for w, x := range npas {
		for ; x != 0; x &= x - 1 {
			npa := w<<6 + bits.TrailingZeros64(x)
			base := uint64(s.t.bcd[npa]) << 28
			if base|0xfffffff <= uint64(s.after) {
				continue
			}
			if sh, ok := s.shape.settle(base, atNPA); ok && s.area(ix.areas[npa-200], base, &sh) {
				return true
			}
		}
	}
	return false
}

// area searches one area code, where nothing but exchange and line are open.
func (s *indexSearch) area(a *area, base uint64, sh *shape) bool {
	nxxs := a.used
	s.t.fit(&nxxs, sh, 16)
	counting := s.limit == 0 && s.minRun == 0
	plan, spans := &s.plans[0], sh.touches(atNXX, atLine)
	if !spans {
		if counting && sh.mask&0xffff == 0 && !sh.touches(atLine, atLine) {
			s.count += a.held(&nxxs)
			return false
		}
		plan.take(sh)
		if a.lines != nil {
			plan.build(s.t)
			if counting && nxxs == a.used {
				s.count += plan.sum(a.lines)
				return false
			}
			// A look at few lines saves one at many exchanges.
			if plan.n <= 4 && plan.sum(a.lines) == 0 {
				return false
			}
		}
	}
	for w, x := range nxxs {
		for ; x != 0; x &= x - 1 {
			nxx := w<<6 + bits.TrailingZeros64(x)
			exchange := base | uint64(s.t.bcd[nxx])<<16
			if exchange|0x9999 <= uint64(s.after) {
				continue
			}
			if spans {
				sub, ok := sh.settle(exchange, atNXX)
				if !ok {
					continue
				}
				plan = s.shared(sh, exchange)
				plan.take(&sub)
			}
			if s.block(&a.blocks[nxx-200], int(a.counts[nxx-200]), exchange, plan) {
				return true
			}
		}
	}
	return false
}

// shared returns the plan for the digit that the first group of exchange and
// line has in this exchange. With a second such group plans are rebuilt.
func (s *indexSearch) shared(sh *shape, exchange uint64) *linePlan {
	for _, g := range sh.groups[:sh.n] {
		if g&atNXX != 0 && g&atLine != 0 {
			return &s.plans[exchange>>bits.TrailingZeros64(g&atNXX)&15]
		}
	}
	return &s.plans[0]
}

// held returns how many numbers the exchanges have.
func (a *area) held(nxxs *tripleSet) (n int) {
	if *nxxs == a.used {
		return a.total
	}
	for w, x := range nxxs {
		for ; x != 0; x &= x - 1 {
			n += int(a.counts[w<<6+bits.TrailingZeros64(x)-200])
		}
	}
	return n
}

func (s *indexSearch) block(b *block, held int, base uint64, plan *linePlan) bool {
	switch {
	case s.minRun > 0:
		if held < s.minRun {
			return false
		}
		s.after = nanp.Number(base | 0x9999) // a block is never left half way
		s.findRuns(b, base, plan)
		return len(s.runs) >= s.limit
	case s.limit > 0:
		from := 0
		if base <= uint64(s.after) {
			from = slotAbove(uint16(s.after))
		}
		s.found = plan.collect(s.t, s.found, b, base, from, s.limit)
		return len(s.found) == s.limit
	}
	s.count += plan.count(s.t, b)
	return false
}
