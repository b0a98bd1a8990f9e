package bandwidth

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/vanity"
)

// What a search can be asked about digits. Prefixes are asked as area code and
// exchange; NPA-NXX-X is an option. There is no mask.
var (
	localDialect = vanity.Dialect{NPA: true, NXX: true, Suffix: true, Tail: true, MinFixed: 4, MaxFixed: 7, OneFixed: true}
	// The wildcard picks the area code and nothing else; a vanity pattern has at least
	// seven characters and combines with nothing.
	tollFreeDialect = vanity.Dialect{NPA: true, Suffix: true, MinFixed: 7, MaxFixed: 7, OneFixed: true, Alone: true}
)

const (
	pageMax  = 1000 // the carrier allows 5000, an answer of 2 MB; it sends 5000 when nothing is asked
	pageUsed = 100  // when the caller does not say
	blockOf  = 1000 // numbers that share NPA-NXX-X
)

// conditions are the parameters that choose numbers, each with those that it
// combines with. Anything else is refused before it is sent. Source: the table
// of the carrier's search guide.
var conditions = map[string][]string{
	"areaCode":                {"rateCenter", "city", "state", "lata", "zip", "localVanity"},
	"npaNxx":                  nil,
	"npaNxxx":                 nil,
	"rateCenter":              {"state", "areaCode", "city", "lata", "zip"},
	"city":                    {"state", "areaCode", "rateCenter", "lata", "zip"},
	"state":                   {"areaCode", "rateCenter", "city", "lata", "zip", "localVanity"},
	"zip":                     {"areaCode", "rateCenter", "city", "state", "lata"},
	"lata":                    {"areaCode", "rateCenter", "city", "state", "zip"},
	"localVanity":             {"state", "areaCode"},
	"tollFreeVanity":          nil,
	"tollFreeWildCardPattern": nil,
}

// needs names, for a parameter, those of which it needs one.
var needs = map[string][]string{
	"rateCenter": {"state"},
	"city":       {"state"},
	"endsIn":     {"localVanity"},
	"orderBy":    {"npaNxx", "npaNxxx", "rateCenter", "city", "zip", "tollFreeVanity", "tollFreeWildCardPattern"},
}

// searchOptions are the names that SearchRequest.Options may have, besides the
// conditions that the contract has no field for.
var searchOptions = []string{"zip", "lata", "npaNxxx", "localVanity", "endsIn", "tollFreeVanity", "tollFreeWildCardPattern", "orderBy", "protected", "features", "phoneNumberType"}

// ask is one question: parameters, and what of the request the carrier cannot be
// asked and is filtered here.
type ask struct {
	params url.Values
	keep   func(provider.Offer) bool // nil: everything
	sifts  bool                      // keep does not only look again at what was asked
}

// Search asks once. The answer is a sample of what is for sale, not held and up
// to the page's limit: there is no second page, except for Exact, where each
// number is looked up in its block of a thousand.
//
// Options (see the carrier's availableNumbers): zip (5 or 9 digits), lata,
// npaNxxx, localVanity (4 to 7 letters or digits) with endsIn (true, false),
// tollFreeVanity (7 or more), tollFreeWildCardPattern (80*, 83*, 8**), orderBy
// (fullNumber, npaNxxx, npaNxx, areaCode), protected (NONE, ONLY, MIXED),
// features, phoneNumberType. Not all combine: what does not is refused.
func (c *Carrier) Search(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	var none provider.Result[provider.Offer]
	if err := c.invalid(provider.OpSearch, r.Validate()); err != nil {
		return none, err
	}
	if len(r.Exact) > 0 {
		return c.searchExact(ctx, r)
	}
	if r.Page.Cursor != "" {
		return none, c.invalid(provider.OpSearch, field("cursor", "known", "is none of this carrier: a search has one page"))
	}
	a, err := questionFor(r)
	if err != nil {
		return none, c.invalid(provider.OpSearch, err)
	}
	limit := min(or(r.Page.Limit, pageUsed), pageMax)
	quantity := limit
	if a.sifts {
		quantity = pageMax
	}
	offers, err := c.available(ctx, a.params, quantity)
	if err != nil {
		return none, err
	}
	if a.keep != nil {
		offers = slices.DeleteFunc(offers, func(o provider.Offer) bool { return !a.keep(o) })
	}
	return provider.Result[provider.Offer]{Items: offers[:min(limit, len(offers))]}, nil
}

func or(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}

// available asks for numbers. LCA is always off: it would add numbers that are
// merely a local call away from those that were asked for.
func (c *Carrier) available(ctx context.Context, params url.Values, quantity int) ([]provider.Offer, error) {
	params.Set("LCA", "false")
	params.Set("enableTNDetail", "true")
	params.Set("quantity", strconv.Itoa(quantity))
	r, err := c.do(ctx, carrierhttp.Call{Op: provider.OpSearch, Intent: carrierhttp.Read, Class: provider.ClassSearch, Path: c.account("availableNumbers"), Query: params})
	if err != nil {
		return nil, err
	}
	return offersIn(r.doc), nil
}

// offersIn reads both forms of a result: with details and without.
func offersIn(doc *element) []provider.Offer {
	var out []provider.Offer
	for _, form := range [...]struct{ list, item string }{{"TelephoneNumberDetailList", "TelephoneNumberDetail"}, {"TelephoneNumberList", "TelephoneNumber"}} {
		for item := range doc.kid(form.list).all(form.item) {
			o := provider.Offer{State: item.str("State"), City: item.str("City"), RateCenter: item.str("RateCenter"), Holdable: true}
			if o.Number = item.number(); !o.Number.Valid() {
				o.Number = first(item.numbers())
			}
			if o.Number.Valid() {
				out = append(out, o)
			}
		}
	}
	return out
}

func first(ns []nanp.Number) nanp.Number {
	if len(ns) == 0 {
		return 0
	}
	return ns[0]
}

// questionFor is what of a request the carrier can be asked.
func questionFor(r provider.SearchRequest) (ask, error) {
	params, left := url.Values{}, r
	if r.Kind == provider.TollFree {
		askTollFree(r, params, &left)
	} else {
		askLocal(r, params, &left)
	}
	if err := withOptions(params, r.Options); err != nil {
		return ask{}, err
	}
	if r.Kind == provider.TollFree && !hasCondition(params) {
		params.Set("tollFreeWildCardPattern", "8**")
	}
	if err := combined(params); err != nil {
		return ask{}, err
	}
	if r.Kind == provider.Local {
		params.Set("countryCodeA3", country(r.Query.NPA))
	}
	return ask{params, keeper(left), sifts(left, params)}, nil
}

// country is asked for with an area code, which v2 demands.
func country(c nanp.NPA) string {
	if c != 0 && c.Info().Country == "CA" {
		return "CAN"
	}
	return "USA"
}

// askTollFree: the wildcard is the area code with a star for its third digit,
// which repeats the second in every toll-free code.
func askTollFree(r provider.SearchRequest, params url.Values, left *provider.SearchRequest) {
	asked, exact := tollFreeDialect.Ask(r.Query)
	switch {
	case asked.Suffix != "":
		params.Set("tollFreeVanity", asked.Suffix)
	case asked.NPA != 0:
		params.Set("tollFreeWildCardPattern", asked.NPA.String()[:2]+"*")
	}
	left.State, left.City, left.RateCenter = "", "", ""
	if exact {
		left.Query = vanity.Query{}
	} else {
		left.Query = asked
	}
}

// askLocal: a vanity pattern combines with the area code and the state, an
// exchange with nothing.
func askLocal(r provider.SearchRequest, params url.Values, left *provider.SearchRequest) {
	asked, _ := localDialect.Ask(r.Query)
	left.Query = asked
	set := func(name, value string, done *string) {
		if value != "" {
			params.Set(name, value)
			*done = ""
		}
	}
	npa := func() {
		if asked.NPA != 0 {
			params.Set("areaCode", asked.NPA.String())
			left.Query.NPA = 0
		}
	}
	switch {
	case asked.Suffix != "":
		npa()
		if asked.NXX != 0 && len(asked.Suffix) == 4 {
			params.Set("localVanity", asked.NXX.String()+asked.Suffix)
		} else {
			params.Set("localVanity", asked.Suffix)
		}
		params.Set("endsIn", "true")
		set("state", r.State, &left.State)
	case asked.Tail != "":
		npa()
		params.Set("localVanity", asked.Tail)
		params.Set("endsIn", "false")
		set("state", r.State, &left.State)
	case asked.NXX != 0:
		params.Set("npaNxx", asked.NPA.String()+asked.NXX.String())
	default:
		npa()
		set("state", r.State, &left.State)
		if r.State != "" {
			set("city", r.City, &left.City)
			set("rateCenter", r.RateCenter, &left.RateCenter)
		}
	}
	if left.Query.NXX != 0 {
		left.Query.NPA = asked.NPA
	}
}

// sifts reports whether a part of the request could not be asked, so that more has
// to be asked for than is wanted: places that are left, or an exchange that is not in
// the question.
func sifts(left provider.SearchRequest, params url.Values) bool {
	exchange := left.Query.NXX != 0 && !params.Has("npaNxx") && !strings.HasPrefix(params.Get("localVanity"), left.Query.NXX.String()+left.Query.Suffix)
	return left.State != "" || left.City != "" || left.RateCenter != "" || exchange
}

// keeper filters by what could not be asked. Digits are always looked at again:
// an offer that does not match what was asked is none.
func keeper(left provider.SearchRequest) func(provider.Offer) bool {
	if left.State == "" && left.City == "" && left.RateCenter == "" && left.Query == (vanity.Query{}) {
		return nil
	}
	return func(o provider.Offer) bool {
		return left.Query.Match(o.Number) && alike(left.State, o.State) && alike(left.City, o.City) && alike(left.RateCenter, o.RateCenter)
	}
}

// alike compares names of places as the carrier writes them: JERSEYCITY is
// Jersey City. Nothing asked is like everything.
func alike(asked, is string) bool {
	plain := strings.NewReplacer(" ", "", "-", "", ".", "")
	return asked == "" || strings.EqualFold(plain.Replace(asked), plain.Replace(is))
}

func withOptions(params url.Values, o provider.Options) error {
	if err := o.Only(searchOptions...); err != nil {
		return err
	}
	for name, value := range o {
		params.Set(name, value)
	}
	return nil
}

func hasCondition(params url.Values) bool {
	for name := range params {
		if _, is := conditions[name]; is {
			return true
		}
	}
	return false
}

// combined refuses parameters that the carrier does not combine.
func combined(params url.Values) error {
	for name := range params {
		with, is := conditions[name]
		for other := range params {
			if _, cond := conditions[other]; is && cond && other != name && !slices.Contains(with, other) {
				return field("options", "combination", fmt.Sprintf("and conditions ask for %s together with %s, which Bandwidth does not combine", min(name, other), max(name, other)))
			}
		}
		if want := needs[name]; want != nil && !slices.ContainsFunc(want, params.Has) {
			return field("options", "combination", fmt.Sprintf("and conditions ask for %s, which needs %s", name, strings.Join(want, " or ")))
		}
	}
	return nil
}

// searchExact pages over the numbers that were asked for. A question with the
// first seven digits, or the last seven of a toll-free number, lists all that is
// for sale there, so that a number which is missing is not for sale.
func (c *Carrier) searchExact(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	var out provider.Result[provider.Offer]
	if len(r.Options) > 0 {
		return out, c.invalid(provider.OpSearch, field("options", "combination", "do not go with exact numbers"))
	}
	all := slices.Clone(r.Exact)
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(n nanp.Number) bool { return n.TollFree() != (r.Kind == provider.TollFree) })
	from, sum, err := exactFrom(r.Page.Cursor, all)
	if err != nil {
		return out, c.invalid(provider.OpSearch, err)
	}
	to := min(from+or(r.Page.Limit, pageUsed), len(all))
	wanted := all[from:to]
	blocks := make(map[string][]provider.Offer)
	keep := keeper(r)
	for _, n := range wanted {
		block := blockFor(n)
		offers, asked := blocks[block]
		if !asked {
			if offers, err = c.available(ctx, blockQuestion(n, block), blockOf); err != nil {
				return out, err
			}
			blocks[block] = offers
		}
		for _, o := range offers {
			if o.Number == n && (keep == nil || keep(o)) {
				out.Items = append(out.Items, o)
				break
			}
		}
	}
	if to < len(all) {
		out.Next = fmt.Sprintf("%d.%08x", to, sum)
	}
	return out, nil
}

// blockFor is what a number is found under: its first seven digits, or the last
// seven of a toll-free number.
func blockFor(n nanp.Number) string {
	d := n.Digits()
	if n.TollFree() {
		return string(d[3:])
	}
	return string(d[:7])
}

func blockQuestion(n nanp.Number, block string) url.Values {
	if n.TollFree() {
		return url.Values{"tollFreeVanity": {block}}
	}
	return url.Values{"npaNxxx": {block}, "countryCodeA3": {country(n.NPA())}}
}

// exactFrom reads a cursor: how far the list was worked off, and of which list.
func exactFrom(cursor string, all []nanp.Number) (from int, sum uint32, err error) {
	h := fnv.New32a()
	for _, n := range all {
		_, _ = h.Write([]byte(n.String()))
	}
	sum = h.Sum32()
	if cursor == "" {
		return 0, sum, nil
	}
	at, of, _ := strings.Cut(cursor, ".")
	from, err = strconv.Atoi(at)
	if err != nil || from < 1 || from >= len(all) || of != fmt.Sprintf("%08x", sum) {
		return 0, 0, field("cursor", "known", "is none that was given out for these numbers")
	}
	return from, sum, nil
}
