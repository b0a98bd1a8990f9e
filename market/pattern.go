package market

import (
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// timeout is how long one carrier may take. A pattern can mean that all of a
// carrier's inventory is read.
func (q Query) timeout(s *Service) time.Duration {
	switch {
	case q.Timeout > 0:
		return q.Timeout
	case q.Pattern.IsZero():
		return s.Timeout
	}
	return 10 * s.Timeout
}

// pattern finds the area codes that pattern and the rest of the query leave, and
// refuses a query for which there are none.
func (q Query) pattern(w *wish) error {
	if q.Pattern.IsZero() {
		return nil
	}
	w.areas = make(map[nanp.NPA]bool)
	some := nanp.NPA(0) // one that only the pattern allows
	for _, npa := range q.Pattern.NPAs() {
		switch {
		case q.NPA != 0 && npa != q.NPA,
			w.kind == provider.TollFree && npa.Category() != nanp.TollFree,
			w.kind == provider.Local && !w.npas[npa]:
			some = npa
		default:
			w.areas[npa] = true
		}
	}
	if len(w.areas) > 0 {
		return nil
	}
	rule := "asks for area code " + some.String() + " and none of those that are searched"
	if w.kind == provider.Local && q.NPA == 0 {
		rule = "asks for area code " + some.String() + ", which " + elsewhere(some, w.state)
	}
	return &InputError{Field: "pattern", Value: q.Pattern.String(), Rule: rule}
}
