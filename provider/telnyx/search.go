package telnyx

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/vanity"
)

// Options of a search, each a filter of GET /available_phone_numbers.
const (
	OptFeatures    = "features"             // of sms, mms, voice, fax, emergency, hd_voice, international_sms, local_calling, with commas
	OptBestEffort  = "best_effort"          // true: also numbers that are only near to what was asked
	OptQuickship   = "quickship"            // true: only toll-free numbers that need no two days to activate
	OptReservable  = "reservable"           // true: only numbers that can be held
	OptExcludeHeld = "exclude_held_numbers" // true: none that the account holds
	OptNumberType  = "phone_number_type"    // of local, mobile, national, shared_cost, toll_free: instead of the kind's own
	OptCountry     = "country_code"         // US, which is the default, or CA
)

var flags = []string{OptBestEffort, OptQuickship, OptReservable, OptExcludeHeld}

var features = []string{"sms", "mms", "voice", "fax", "emergency", "hd_voice", "international_sms", "local_calling"}

var types = map[provider.NumberKind][]string{
	provider.Local:    {"local", "mobile", "national", "shared_cost"},
	provider.TollFree: {"toll_free"},
}

type wireAvailable struct {
	Number     string `json:"phone_number"`
	BestEffort bool   `json:"best_effort"`
	Reservable bool   `json:"reservable"`
	Regions    []struct {
		Type string `json:"region_type"`
		Name string `json:"region_name"`
	} `json:"region_information"`
	Cost struct {
		Currency string `json:"currency"`
		Upfront  string `json:"upfront_cost"`
		Monthly  string `json:"monthly_cost"`
	} `json:"cost_information"`
}

// Search returns one page, the only one: the carrier's search has no pages. With
// Exact it asks for each of these numbers by itself, twenty on a page, so that each
// has been returned by a recent search afterwards.
func (c *Carrier) Search(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	var none provider.Result[provider.Offer]
	if err := r.Validate(); err != nil {
		return none, c.refuse(provider.OpSearch, err)
	}
	q, err := c.filters(r)
	if err != nil {
		return none, err
	}
	if len(r.Exact) > 0 {
		return c.exact(ctx, r, q)
	}
	if r.Page.Cursor != "" {
		return none, c.refuse(provider.OpSearch, bad("cursor", "known", "is none that this carrier has given out: a search is one page"))
	}
	set(q, r.State, "administrative_area")
	set(q, r.City, "locality")
	set(q, r.RateCenter, "rate_center")
	asked, _ := dialect.Ask(r.Query)
	if possible := digits(q, asked); !possible {
		return none, nil // two conditions exclude each other: no number has both
	}
	limit := r.Page.Limit
	if limit == 0 {
		limit = 50
	}
	q.Set("filter[limit]", strconv.Itoa(min(limit, searchMax)))
	offers, err := c.available(ctx, q, 0)
	if err != nil {
		return none, err
	}
	return provider.Result[provider.Offer]{Items: matching(offers, r.Query, q.Get("filter[best_effort]") == "true")}, nil
}

// matching drops what does not match: the carrier's documents disagree on whether the
// digits of contains have to stand together. Numbers that are only near were asked for.
func matching(offers []provider.Offer, q vanity.Query, near bool) []provider.Offer {
	if near {
		return offers
	}
	kept := offers[:0]
	for _, o := range offers {
		if q.Match(o.Number) {
			kept = append(kept, o)
		}
	}
	return kept
}

// filters are the conditions that are not about digits and places.
func (c *Carrier) filters(r provider.SearchRequest) (url.Values, error) {
	if err := r.Options.Only(append([]string{OptFeatures, OptNumberType, OptCountry}, flags...)...); err != nil {
		return nil, c.refuse(provider.OpSearch, err)
	}
	q := url.Values{}
	set(q, or(r.Options[OptCountry], "US"), "country_code")
	if !slices.Contains([]string{"US", "CA"}, q.Get("filter[country_code]")) {
		return nil, c.refuse(provider.OpSearch, bad(OptCountry, "known", "is neither US nor CA"))
	}
	kinds := types[r.Kind]
	set(q, or(r.Options[OptNumberType], kinds[0]), "phone_number_type")
	if !slices.Contains(kinds, q.Get("filter[phone_number_type]")) {
		return nil, c.refuse(provider.OpSearch, bad(OptNumberType, "known", "is no type of "+r.Kind.String()+" numbers: "+strings.Join(kinds, ", ")))
	}
	q.Set("filter[best_effort]", "false")
	for _, f := range flags {
		switch v := r.Options[f]; v {
		case "":
		case "true", "false":
			set(q, v, f)
		default:
			return nil, c.refuse(provider.OpSearch, bad(f, "boolean", "is neither true nor false"))
		}
	}
	if list := r.Options[OptFeatures]; list != "" {
		for _, f := range strings.Split(list, ",") {
			if !slices.Contains(features, f) {
				return nil, c.refuse(provider.OpSearch, bad(OptFeatures, "known", "hold something that is none of "+strings.Join(features, ", ")))
			}
			q.Add("filter[features][]", f)
		}
	}
	return q, nil
}

// set adds a filter, whose name is a path: filter[phone_number][starts_with].
func set(q url.Values, v string, path ...string) {
	if v != "" {
		q.Set("filter["+strings.Join(path, "][")+"]", v)
	}
}

// digits turns a query into filters. With an area code of its own the other filters
// do not see the area code: what may lie across both is asked for without one. It is
// false for conditions that exclude each other.
func digits(q url.Values, a vanity.Query) (possible bool) {
	front := a.NPA.String() + a.NXX.String()
	switch {
	case strings.HasPrefix(a.Prefix, front):
		front = a.Prefix
	case !strings.HasPrefix(front, a.Prefix):
		return false
	}
	ends := a.Suffix
	if a.Contains == "" && len(front) >= 3 {
		set(q, front[:3], "national_destination_code")
		front = front[3:]
		ends = ends[max(0, len(ends)-7):]
	}
	set(q, front, "phone_number", "starts_with")
	set(q, ends, "phone_number", "ends_with")
	set(q, a.Contains, "phone_number", "contains")
	return true
}

// exact asks for numbers one by one.
func (c *Carrier) exact(ctx context.Context, r provider.SearchRequest, q url.Values) (provider.Result[provider.Offer], error) {
	var out provider.Result[provider.Offer]
	from := 0
	if at := r.Page.Cursor; at != "" {
		from, _ = strconv.Atoi(at)
		if strconv.Itoa(from) != at || from < 1 || from >= len(r.Exact) {
			return out, c.refuse(provider.OpSearch, bad("cursor", "known", "is none that this carrier has given out"))
		}
	}
	size := exactMax
	if r.Page.Limit > 0 {
		size = min(size, r.Page.Limit)
	}
	to := min(from+size, len(r.Exact))
	for _, n := range r.Exact[from:to] {
		if n.TollFree() != (r.Kind == provider.TollFree) {
			continue
		}
		d := n.Digits()
		set(q, string(d[:3]), "national_destination_code")
		set(q, string(d[3:]), "phone_number", "starts_with")
		q.Set("filter[limit]", "1")
		offers, err := c.available(ctx, q, n)
		if err != nil {
			return provider.Result[provider.Offer]{}, err
		}
		for _, o := range offers {
			if o.Number == n {
				out.Items = append(out.Items, o)
			}
		}
	}
	if to < len(r.Exact) {
		out.Next = strconv.Itoa(to)
	}
	return out, nil
}

func (c *Carrier) available(ctx context.Context, q url.Values, about nanp.Number) ([]provider.Offer, error) {
	found, res, err := list[wireAvailable](ctx, c, carrierhttp.Call{
		Op: provider.OpSearch, Class: provider.ClassSearch, Path: "/available_phone_numbers", Query: q, Number: about,
	})
	if err != nil {
		return nil, err
	}
	offers := make([]provider.Offer, 0, len(found.Data))
	for i := range found.Data {
		if o, ok := found.Data[i].offer(); ok {
			o.Until = res.At.Add(recentSearch)
			offers = append(offers, o)
		}
	}
	return offers, nil
}

// offer leaves out what is no number of the plan.
func (w *wireAvailable) offer() (provider.Offer, bool) {
	n, err := nanp.Parse(w.Number)
	if err != nil {
		return provider.Offer{}, false
	}
	o := provider.Offer{Number: n, Holdable: w.Reservable, Price: w.price()}
	for _, r := range w.Regions {
		switch r.Type {
		case "state":
			o.State = state(r.Name)
		case "location":
			o.City = r.Name
		case "rate_center":
			o.RateCenter = r.Name
		}
	}
	return o, true
}

// price is known where the carrier says it in dollars.
func (w *wireAvailable) price() (p money.Price) {
	if w.Cost.Currency != "USD" {
		return p
	}
	if setup, err := money.ParseRate(w.Cost.Upfront); err == nil {
		p.Setup = setup
	}
	if monthly, err := money.ParseRate(w.Cost.Monthly); err == nil {
		p.Monthly = monthly
	}
	return p
}

// state is the code of a state, and "" for what is none of the US.
func state(name string) string {
	if nanp.IsState(name) {
		return name
	}
	code, err := nanp.ParseState(name)
	if err != nil {
		return ""
	}
	return code
}
