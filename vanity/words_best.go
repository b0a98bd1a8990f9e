package vanity

import (
	"cmp"
	"iter"
	"slices"

	"github.com/numberdesk/numberdesk/nanp"
)

// Scored is a number with the best that a dictionary makes of it.
type Scored struct {
	Number   nanp.Number
	Spelling Spelling // as [Words.Spell] returns it
	Points   int      // of the digits alone, as [Points] returns them
}

// Best returns the limit best numbers that spell something, the best first: those
// of which words cover the most of the last seven digits, then those in fewer
// pieces, then those with a longer longest word, then those with more [Points],
// then the lower numbers. What is not a valid number is left out, and a number
// that comes again counts once.
//
// It goes through the numbers once, in some twenty nanoseconds each, on the goroutine
// of the caller, and keeps no more than twice limit of them.
func (w *Words) Best(numbers iter.Seq[nanp.Number], limit int) []Scored {
	if limit <= 0 || numbers == nil || w.Len() == 0 {
		return nil
	}
	splits := sevenSplits()
	top := topSplits{limit: limit, reach: len(splits), splits: splits}
	for n := range numbers {
		have := w.have.in(n)
		for i := range splits[:top.reach] {
			if splits[i].need&^have == 0 {
				if i, ok := w.allowed(n, have, i); ok && n.Valid() {
					top.add(n, splits[i].class)
				}
				break
			}
		}
	}
	top.trim()
	best := make([]Scored, len(top.found))
	for i, f := range top.found {
		s, _ := w.Spell(f.number)
		best[i] = Scored{Number: f.number, Spelling: s, Points: f.points}
	}
	return best
}

// allowed returns the first split, from the i-th, with a choice of words that may
// be shown.
func (w *Words) allowed(n nanp.Number, have uint64, i int) (int, bool) {
	for splits := sevenSplits(); i < len(splits); i++ {
		s := &splits[i]
		if s.need&^have == 0 && (!s.joined || !w.each(n, s, func([]string) bool { return false })) {
			return i, true
		}
	}
	return 0, false
}

// topSplits keeps the best numbers that were added, and up to as many again that
// have not been compared with them yet.
type topSplits struct {
	limit  int
	splits []split
	found  []contender
	reach  int       // splits[:reach] can still be among the best
	worst  contender // the last of the best, when there are limit
	full   bool
}

type contender struct {
	number nanp.Number
	class  int
	points int
}

func (a contender) compare(b contender) int {
	return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.points, a.points), cmp.Compare(a.number, b.number))
}

func (t *topSplits) add(n nanp.Number, class int) {
	if t.full && class > t.worst.class {
		return
	}
	r := contender{n, class, Points(n)}
	if t.full && r.compare(t.worst) >= 0 {
		return
	}
	if t.found = append(t.found, r); len(t.found)/2 >= max(t.limit, 512) {
		t.trim()
	}
}

// trim leaves the best, in order, each once.
func (t *topSplits) trim() {
	slices.SortFunc(t.found, contender.compare)
	t.found = slices.Compact(t.found)
	if len(t.found) < t.limit {
		return
	}
	t.found = t.found[:t.limit]
	t.full, t.worst = true, t.found[t.limit-1]
	for t.reach > 0 && t.splits[t.reach-1].class > t.worst.class {
		t.reach--
	}
}
