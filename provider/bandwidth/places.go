package bandwidth

import (
	"context"
	"net/url"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// citiesPage is the cursor of the second page of places.
const citiesPage = "cities"

// Places answers in two pages, because the carrier keeps two lists: the cities
// in which it has numbers, with their area codes (availableNpaNxx), and the cities
// with their rate centers. Neither says which of the other's go together.
func (c *Carrier) Places(ctx context.Context, state string, p provider.Page) (provider.Result[provider.Place], error) {
	if !nanp.IsState(state) {
		return provider.Result[provider.Place]{}, c.invalid(provider.OpPlaces, field("state", "known", "is no state, district or territory of the US"))
	}
	switch p.Cursor {
	case "":
		r, err := c.list(ctx, provider.OpPlaces, c.account("availableNpaNxx"), url.Values{"state": {state}})
		return provider.Result[provider.Place]{Items: codesIn(r.doc, state), Next: citiesPage}, err
	case citiesPage:
		r, err := c.list(ctx, provider.OpPlaces, "/cities", url.Values{"state": {state}, "available": {"true"}})
		return provider.Result[provider.Place]{Items: citiesIn(r.doc, state)}, err
	}
	return provider.Result[provider.Place]{}, c.invalid(provider.OpPlaces, field("cursor", "known", "is none of this carrier"))
}

func codesIn(doc *element, state string) []provider.Place {
	var out []provider.Place
	seen := make(map[provider.Place]bool)
	for a := range doc.kid("AvailableNpaNxxList").all("AvailableNpaNxx") {
		npa, err := nanp.ParseNPA(a.str("Npa"))
		p := provider.Place{State: state, City: a.str("City"), NPA: npa}
		if err == nil && p.City != "" && !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}

func citiesIn(doc *element, state string) []provider.Place {
	var out []provider.Place
	for city := range doc.kid("Cities").all("City") {
		if name := city.str("Name"); name != "" {
			out = append(out, provider.Place{State: state, City: name, RateCenter: city.str("RcAbbreviation")})
		}
	}
	return out
}
