package vanity

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"

	"github.com/numberdesk/numberdesk/nanp"
)

// Count returns how many numbers match. It visits no number one by one, and for
// a pattern that leaves the exchange open it reads one counter for each line.
func (ix *Index) Count(p *Pattern) int {
	s := newSearch(p)
	defer s.close()
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	s.run(ix)
	return s.count
}

// Page returns the first limit numbers above after that match, in numeric
// order. The zero number begins at the first; the last number of a page asks
// for the next, whether or not it is still held.
func (ix *Index) Page(p *Pattern, after nanp.Number, limit int) []nanp.Number {
	if limit <= 0 {
		return nil
	}
	s := newSearch(p)
	defer s.close()
	s.after, s.limit = after, limit
	s.found = make([]nanp.Number, 0, min(limit, 64))
	s.resume(ix)
	return s.found
}

// resume runs the search under the lock.
func (s *indexSearch) resume(ix *Index) bool {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return s.run(ix)
}

// All returns the numbers that match, in numeric order.
func (ix *Index) All(p *Pattern) iter.Seq[nanp.Number] {
	return func(yield func(nanp.Number) bool) {
		s := newSearch(p)
		defer s.close()
		s.limit = 64 // at first: who leaves soon has not paid for more
		for more := true; more; s.limit = 512 {
			s.found = s.found[:0]
			more = s.resume(ix)
			for _, n := range s.found {
				if !yield(n) {
					return
				}
				s.after = n
			}
		}
	}
}

// Ranked returns the limit matching numbers that score highest, the best first;
// of numbers with one score the lower comes first. It calls score once for each
// number that matches and keeps no more than limit of them.
func (ix *Index) Ranked(p *Pattern, limit int, score func(nanp.Number) int) []nanp.Number {
	if limit <= 0 {
		return nil
	}
	var best rankHeap
	for n := range ix.All(p) {
		best.offer(ranked{score(n), n}, limit)
	}
	slices.SortFunc(best, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.n, b.n))
	})
	numbers := make([]nanp.Number, len(best))
	for i, r := range best {
		numbers[i] = r.n
	}
	return numbers
}

type ranked struct {
	score int
	n     nanp.Number
}

// rankHeap has the worst first. Numbers are offered in ascending order, so one
// with the score of the worst never replaces it.
type rankHeap []ranked

func (a ranked) worse(b ranked) bool {
	return a.score < b.score || a.score == b.score && a.n > b.n
}

func (h *rankHeap) offer(r ranked, limit int) {
	if len(*h) < limit {
		*h = append(*h, r)
		for at := len(*h) - 1; at > 0; {
			up := (at - 1) / 2
			if !(*h)[at].worse((*h)[up]) {
				return
			}
			(*h)[at], (*h)[up] = (*h)[up], (*h)[at]
			at = up
		}
		return
	}
	q := *h
	if r.score <= q[0].score {
		return
	}
	at := 0
	for q[at] = r; ; {
		down := 2*at + 1
		if down+1 < len(q) && q[down+1].worse(q[down]) {
			down++
		}
		if down >= len(q) || !q[down].worse(q[at]) {
			return
		}
		q[at], q[down] = q[down], q[at]
		at = down
	}
}

// Run is a row of consecutive numbers of one exchange.
type Run struct {
	First nanp.Number
	Len   int
}

// Runs returns the runs of at least n consecutive numbers that match, in
// numeric order: each as long as it goes, so that no two of them touch. A run
// does not go on from one exchange into the next.
//
// A customer who wants twenty numbers in a row is served by Runs(nil, 20).
func (ix *Index) Runs(p *Pattern, n int) iter.Seq[Run] {
	return func(yield func(Run) bool) {
		s := newSearch(p)
		defer s.close()
		s.minRun, s.limit = max(n, 1), 64
		for more := true; more; {
			s.runs = s.runs[:0]
			more = s.resume(ix)
			for _, r := range s.runs {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// findRuns appends the runs of one block.
func (s *indexSearch) findRuns(b *block, base uint64, plan *linePlan) {
	s.lines = bitmap{}
	if b.dense != nil {
		plan.build(s.t)
		for i, w := range plan.word[:plan.n] {
			s.lines[w] = b.dense[w] & plan.bits[i]
		}
	} else {
		for _, l := range b.sparse {
			if l&plan.mask == plan.want && plan.same(l) {
				s.lines.set(slotOf(l))
			}
		}
	}
	first, next := 0, 0 // of the run so far, and the line that would go on with it
	flush := func() {
		if next-first >= s.minRun {
			slot := first/1000<<10 + first%1000
			line := s.t.line(slot>>6, 1<<(slot&63))
			s.runs = append(s.runs, Run{nanp.Number(base | uint64(line)), next - first})
		}
	}
	for w, x := range s.lines {
		width := 64
		if w&15 == 15 {
			width = 1000 % 64 // the end of a thousand: the slots behind it are no lines
		}
		// Runs that are too short and touch no other word are not looked at.
		below := x &^ (x + 1)
		above := ^uint64(0) << (width - bits.LeadingZeros64(^(x << (64 - width))))
		if inner := x &^ below &^ above; inner != 0 && !hasRun(inner, s.minRun) {
			x &^= inner
		}
		for x != 0 {
			skip := bits.TrailingZeros64(x)
			n := bits.TrailingZeros64(^(x >> skip))
			from := w>>4*1000 + (w&15)<<6 + skip
			if from != next {
				flush()
				first = from
			}
			next = from + n
			x &^= (1<<n - 1) << skip // a shift by 64 gives 0
		}
	}
	flush()
}

// hasRun reports whether n consecutive bits of x are set.
func hasRun(x uint64, n int) bool {
	for have := 1; have < n && x != 0; {
		step := min(have, n-have)
		x &= x >> step
		have += step
	}
	return x != 0
}
