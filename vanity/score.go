package vanity

import (
	"cmp"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
)

// Rating says how easily a number is remembered. A number in which nothing
// stands out has no points; one that ends in 7777 has a hundred for that alone.
// The scale is that of this package: it puts numbers in an order, no more.
type Rating struct {
	Points  int      // the sum of those of the reasons
	Reasons []Reason // the weightiest first
}

// Reason is one thing that makes a number easy to remember.
type Reason struct {
	Points int
	Text   string // as a person would say it: "counts up 3456", "spells FLOWERS"
}

// Score rates a number by its digits and, unless w is nil, by what its last seven
// digits spell. The same number always gets the same rating; a number that is not
// valid gets none.
func Score(n nanp.Number, w *Words) Rating {
	var r Rating
	if !n.Valid() {
		return r
	}
	add := func(points int, text string) {
		r.Points += points
		r.Reasons = append(r.Reasons, Reason{points, text})
	}
	line := lineClasses()[n.Line()]
	if rule := lineRules[line]; rule.points > 0 {
		add(rule.points, rule.say(n))
	}
	for _, rule := range numberRules {
		if times := rule.times(n, line); times > 0 {
			add(rule.points*times, rule.say(n, times))
		}
	}
	if w != nil {
		if s, ok := w.Spell(n); ok {
			add(wordPoints*s.Covered/lastSeven, "spells "+strings.Join(s.Words, " "))
		}
	}
	slices.SortStableFunc(r.Reasons, func(a, b Reason) int { return cmp.Compare(b.Points, a.Points) })
	return r
}

// Points returns the points that [Score] gives for the digits alone. It does not
// allocate: millions of numbers are ranked in a second.
func Points(n nanp.Number) int {
	if !n.Valid() {
		return 0
	}
	line := lineClasses()[n.Line()]
	points := lineRules[line].points
	for i := range numberRules {
		if times := numberRules[i].times(n, line); times > 0 {
			points += numberRules[i].points * times
		}
	}
	return points
}
