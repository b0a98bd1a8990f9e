package market

import (
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

// wish is a search that has been checked: what every offer that is shown has to
// be, whatever its carrier can be asked.
type wish struct {
	kind       provider.NumberKind
	state      string            // "" for toll-free numbers
	npas       map[nanp.NPA]bool // of the state
	city       string
	rateCenter string
	query      vanity.Query
	pattern    vanity.Pattern
	areas      map[nanp.NPA]bool // with a pattern: the area codes that are left
	few        int               // how many numbers are wanted at most; 0: all that there are
}

// asks is how a carrier is asked for the wish: only what it understands, so that
// nothing is refused that could be filtered here instead. A carrier that knows
// area codes but no states is asked for each area code of the state.
func (w wish) asks(t provider.Traits) []provider.SearchRequest {
	queries, exact := w.queries(t.Dialect[w.kind])
	r := provider.SearchRequest{Kind: w.kind}
	for _, f := range []struct {
		by    provider.Filter
		value string
		field *string
	}{{provider.ByState, w.state, &r.State}, {provider.ByCity, w.city, &r.City}, {provider.ByRateCenter, w.rateCenter, &r.RateCenter}} {
		if t.Applies(f.by) {
			*f.field = f.value
		}
		exact = exact && *f.field == f.value
	}
	r.Page.Limit = t.PageMax
	if exact && w.few > 0 {
		r.Page.Limit = w.few
		if t.PageMax > 0 {
			r.Page.Limit = min(w.few, t.PageMax)
		}
	}
	var all []provider.SearchRequest
	for _, q := range queries {
		r.Query = q
		if r.State != w.state && q.NPA == 0 {
			all = append(all, w.perNPA(r, t.Dialect[w.kind])...)
			continue
		}
		all = append(all, r)
	}
	return all
}

// queries are what is asked about digits. exact is false when the answers have to
// be filtered.
func (w wish) queries(d vanity.Dialect) (queries []vanity.Query, exact bool) {
	if w.pattern.IsZero() {
		q, exact := d.Ask(w.query)
		return []vanity.Query{q}, exact
	}
	plan := vanity.Split(&w.pattern, d)
	for _, q := range plan.Queries {
		if q.NPA != 0 && !w.areas[q.NPA] {
			continue // the pattern allows it, the rest of the wish does not
		}
		if q.NPA == 0 && w.query.NPA != 0 {
			q = narrowed(q, w.query, d)
		}
		queries = append(queries, q)
	}
	return queries, plan.Exact && w.query == vanity.Query{}
}

// narrowed is the query with area code and exchange, where the dialect can ask
// for them together.
func narrowed(q, codes vanity.Query, d vanity.Dialect) vanity.Query {
	with := q
	with.NPA, with.NXX = codes.NPA, codes.NXX
	if asked, exact := d.Ask(with); exact {
		return asked
	}
	with.NXX = 0
	if asked, exact := d.Ask(with); exact {
		return asked
	}
	return q
}

// perNPA asks for each area code of the state, where that can be asked.
func (w wish) perNPA(r provider.SearchRequest, d vanity.Dialect) []provider.SearchRequest {
	var all []provider.SearchRequest
	for _, npa := range nanp.Builtin().NPAs(w.state) {
		if w.areas != nil && !w.areas[npa] {
			continue
		}
		q := narrowed(r.Query, vanity.Query{NPA: npa}, d)
		if q.NPA == 0 {
			return []provider.SearchRequest{r}
		}
		one := r
		one.Query = q
		all = append(all, one)
	}
	return all
}

// maxPages bounds what one search asks one carrier, which may have pages without
// end. A pattern that a carrier cannot be asked for is looked for in all that it has.
func (w wish) maxPages() int {
	if w.pattern.IsZero() {
		return maxPages
	}
	return maxPatternPages
}

// admits decides about one offer. A carrier's answer is checked against the whole
// wish, also where the carrier says that it filters: it may be wrong. Only a
// place that it does not name is believed, if it was asked for that place.
func (w wish) admits(o provider.Offer, t provider.Traits) bool {
	return o.Number.CheckDID() == nil &&
		o.Number.TollFree() == (w.kind == provider.TollFree) &&
		w.query.Match(o.Number) &&
		(w.pattern.IsZero() || w.pattern.Match(o.Number)) &&
		w.inState(o) &&
		samePlace(w.city, o.City, t.Applies(provider.ByCity)) &&
		samePlace(w.rateCenter, o.RateCenter, t.Applies(provider.ByRateCenter))
}

func (w wish) inState(o provider.Offer) bool {
	if w.state == "" {
		return true
	}
	return w.npas[o.Number.NPA()] && (strings.TrimSpace(o.State) == "" || stateCode(o.State) == w.state)
}

func samePlace(wanted, said string, asked bool) bool {
	switch {
	case wanted == "":
		return true
	case strings.TrimSpace(said) == "":
		return asked
	}
	return strings.EqualFold(wanted, said) || placeKey(wanted) == placeKey(said)
}

// stateCode is the code of a state as carriers write it, "" for what is none.
func stateCode(s string) string {
	if nanp.IsState(s) {
		return s
	}
	code, err := nanp.ParseState(s)
	if err != nil {
		return ""
	}
	return code
}
