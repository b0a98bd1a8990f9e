package bandwidthtest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

const searchParameters = "quantity areaCode npaNxx npaNxxx rateCenter city state zip lata LCA localVanity endsIn tollFreeVanity tollFreeWildCardPattern enableTNDetail orderBy protected countryCodeA3 phoneNumberType features"

// together are the conditions that may stand beside each other.
var together = [][]string{
	{"areaCode", "state", "city", "rateCenter", "zip", "lata"},
	{"areaCode", "state", "localVanity"},
	{"npaNxx"}, {"npaNxxx"}, {"tollFreeVanity"}, {"tollFreeWildCardPattern"},
}

// search serves availableNumbers: one sample, up to the quantity.
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	asked, err := conditions(q)
	if err != nil {
		return err
	}
	found, err := s.caps.Search.Search(r.Context(), asked)
	if err != nil {
		return err
	}
	list := "TelephoneNumberList"
	one := func(o provider.Offer) string { return telephoneNumber(o.Number) }
	if q.Get("enableTNDetail") == "true" {
		list, one = "TelephoneNumberDetailList", func(o provider.Offer) string {
			return tag("TelephoneNumberDetail", text("City", strings.ToUpper(o.City)), text("RateCenter", o.RateCenter), text("State", o.State),
				text("FullNumber", o.Number.String()), text("Tier", "0"), text("VendorId", "49"), text("VendorName", "Bandwidth CLEC"))
		}
	}
	write(w, http.StatusOK, tag("SearchResult", text("ResultCount", strconv.Itoa(len(found.Items))), tag(list, each(found.Items, one))))
	return nil
}

// conditions turns parameters into a search of the engine.
func conditions(q url.Values) (provider.SearchRequest, error) {
	var out provider.SearchRequest
	quantity, err := strconv.Atoi(q.Get("quantity"))
	switch {
	case err != nil || quantity < 1 || quantity > 5000:
		return out, bad("4001", "The quantity is invalid")
	case !combine(q):
		return out, bad("4002", "The search parameters cannot be combined")
	case q.Get("city") != "" && q.Get("state") == "", q.Get("rateCenter") != "" && q.Get("state") == "":
		return out, bad("4005", "The state is required")
	case q.Get("endsIn") != "" && q.Get("localVanity") == "":
		return out, bad("4003", "endsIn needs localVanity")
	case q.Get("areaCode") != "" && q.Get("countryCodeA3") == "":
		return out, bad("4006", "areaCode needs countryCodeA3")
	}
	out.Page.Limit = quantity
	out.State, out.City, out.RateCenter = q.Get("state"), q.Get("city"), q.Get("rateCenter")
	if out.Query.NPA, err = code(q.Get("areaCode")); err != nil {
		return out, bad("4007", "The area code is invalid")
	}
	if p := q.Get("npaNxx"); p != "" && len(p) != 6 {
		return out, bad("4008", "The NPA NXX is invalid")
	}
	if p := q.Get("npaNxxx"); p != "" && len(p) != 7 {
		return out, bad("4008", "The NPA NXX X is invalid")
	}
	out.Query.Prefix = q.Get("npaNxx") + q.Get("npaNxxx")
	if err := vanityOf(q, &out.Query); err != nil {
		return out, err
	}
	return out, tollFree(q, &out)
}

func code(s string) (nanp.NPA, error) {
	if s == "" {
		return 0, nil
	}
	return nanp.ParseNPA(s)
}

func combine(q url.Values) bool {
	var asked []string
	for _, group := range together {
		for _, name := range group {
			if q.Get(name) != "" && !slices.Contains(asked, name) {
				asked = append(asked, name)
			}
		}
	}
	return slices.ContainsFunc(together, func(group []string) bool {
		return !slices.ContainsFunc(asked, func(name string) bool { return !slices.Contains(group, name) })
	})
}

func vanityOf(q url.Values, to *vanity.Query) error {
	v := q.Get("localVanity")
	if v == "" {
		return nil
	}
	digits, err := vanity.Digits(v)
	if err != nil || len(digits) < 4 || len(digits) > 7 {
		return bad("4003", "The local vanity is invalid")
	}
	if q.Get("endsIn") == "true" {
		to.Suffix = digits
	} else {
		to.Tail = digits
	}
	return nil
}

func tollFree(q url.Values, out *provider.SearchRequest) error {
	if p := q.Get("tollFreeWildCardPattern"); p != "" {
		if len(p) != 3 || p[0] != '8' || p[2] != '*' {
			return bad("4004", "The toll free wild card pattern is invalid")
		}
		out.Kind = provider.TollFree
		if p[1] != '*' {
			out.Query.NPA, _ = nanp.ParseNPA(p[:2] + p[1:2])
		}
	}
	if v := q.Get("tollFreeVanity"); v != "" {
		digits, err := vanity.Digits(v)
		if err != nil || len(digits) < 7 {
			return bad("4003", "The toll free vanity is invalid")
		}
		out.Kind, out.Query.Suffix = provider.TollFree, digits
	}
	return nil
}

// places reads every place of a state.
func (s *Server) places(r *http.Request) ([]provider.Place, error) {
	var out []provider.Place
	for p, err := range provider.All(r.Context(), func(ctx context.Context, p provider.Page) (provider.Result[provider.Place], error) {
		return s.caps.Places.Places(ctx, r.URL.Query().Get("state"), p)
	}) {
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func (s *Server) codes(w http.ResponseWriter, r *http.Request) error {
	all, err := s.places(r)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, tag("SearchResultForAvailableNpaNxx", tag("AvailableNpaNxxList", each(all, func(p provider.Place) string {
		return tag("AvailableNpaNxx", text("City", strings.ToUpper(p.City)), text("State", p.State), text("Npa", p.NPA.String()), text("Nxx", "555"), text("Quantity", "10"))
	}))))
	return nil
}

func (s *Server) cities(w http.ResponseWriter, r *http.Request) error {
	all, err := s.places(r)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, tag("CityResponse", text("ResultCount", strconv.Itoa(len(all))), tag("Cities", each(all, func(p provider.Place) string {
		return tag("City", text("RcAbbreviation", p.RateCenter), text("Name", strings.ToUpper(p.City)))
	}))))
	return nil
}
