package twilio

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/vanity"
)

// dialect is what Contains and AreaCode can say together: one run of two digits
// or more, at the front, at the end or anywhere. The signs for any digit stand at
// the ends of a pattern only and not side by side, so that a mask cannot be said.
var dialect = vanity.Dialect{NPA: true, Prefix: true, Suffix: true, Contains: true, MinFixed: 2, OneFixed: true}

// patterns say each condition in Contains: + holds the front of the number in
// E.164, with the country code, and $ its end.
var patterns = []struct {
	of   func(vanity.Query) string
	head string
	tail string
}{
	{func(q vanity.Query) string { return q.Prefix }, "+1", ""},
	{func(q vanity.Query) string { return q.Suffix }, "", "$"},
	{func(q vanity.Query) string { return q.Contains }, "", ""},
}

// contains is the pattern for a query that the dialect can ask: "" for none.
func contains(q vanity.Query) string {
	for _, p := range patterns {
		if digits := p.of(q); digits != "" {
			return p.head + digits + p.tail
		}
	}
	return ""
}

// ask is the part of a query that Twilio can be asked. It is narrower than what
// the dialect says in two cases that need no combination: an exchange is the front
// of a number, and so are the digits with which a mask begins or ends.
func ask(q vanity.Query) vanity.Query {
	asked, _ := dialect.Ask(q)
	if contains(asked) != "" {
		return asked
	}
	if q.NXX != 0 {
		asked.Prefix = q.NPA.String() + q.NXX.String()
		return asked
	}
	front, end := run(q.Mask, 1), run(q.Mask, -1)
	switch {
	case len(front) >= dialect.MinFixed && len(front) >= len(end):
		asked.Prefix = front
	case len(end) >= dialect.MinFixed:
		asked.Suffix = end
	}
	return asked
}

// run is the digits with which a mask begins (1) or ends (-1).
func run(mask string, from int) string {
	if from > 0 {
		front, _, _ := strings.Cut(mask, "*")
		return front
	}
	return mask[strings.LastIndexByte(mask, '*')+1:]
}

// searchOptions are Twilio's own conditions, by the names of its documents
// (AvailablePhoneNumber resource). InLata also lets a rate center be asked for.
var searchOptions = checks{
	"InLata":                        text,
	"InPostalCode":                  text,
	"NearNumber":                    e164,
	"NearLatLong":                   matches(`^-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?$`),
	"Distance":                      miles, // 1 to 500, of a Near... condition
	"VoiceEnabled":                  boolean,
	"SmsEnabled":                    boolean,
	"MmsEnabled":                    boolean,
	"FaxEnabled":                    boolean,
	"ExcludeAllAddressRequired":     boolean,
	"ExcludeLocalAddressRequired":   boolean,
	"ExcludeForeignAddressRequired": boolean,
	"Beta":                          boolean,
}

func boolean(s string) bool { return s == "true" || s == "false" }
func text(s string) bool    { return s != "" && len(s) <= 64 && printable(s) == s[:min(len(s), 40)] }
func e164(s string) bool    { return plain(s).Valid() }
func https(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && len(s) <= 2048
}

func miles(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 1 && n <= 500 && strconv.Itoa(n) == s
}

func matches(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

func is(kind string) func(string) bool { return func(s string) bool { return sid(kind, s) } }

const (
	pageMax  = 1000 // PageSize at most
	exactMax = 20   // numbers of SearchRequest.Exact that one page asks for, one by one
)

// resources are where each kind of number is searched for.
var resources = map[provider.NumberKind]string{provider.Local: "Local.json", provider.TollFree: "TollFree.json"}

// Search asks once, or for numbers that are named once for each.
func (a *account) Search(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	none := provider.Result[provider.Offer]{}
	if err := r.Validate(); err != nil {
		return none, a.invalid(provider.OpSearch, err)
	}
	if err := searchOptions.check(r.Options); err != nil {
		return none, a.invalid(provider.OpSearch, err)
	}
	if len(r.Exact) > 0 {
		return a.searchExact(ctx, r)
	}
	at := a.api(searchQuery(r), "AvailablePhoneNumbers", "US", resources[r.Kind])
	if r.Page.Cursor != "" {
		link, ok := follow(at, r.Page.Cursor)
		if !ok {
			return none, a.invalid(provider.OpSearch, field("cursor", "known", "is none that Twilio has given out"))
		}
		at = link
	}
	out, _, err := a.available(ctx, at, r)
	if err != nil {
		return none, err
	}
	a.price(ctx, out.Items)
	return out, nil
}

func searchQuery(r provider.SearchRequest) url.Values {
	q := url.Values{}
	asked := ask(r.Query)
	if asked.NPA != 0 {
		q.Set("AreaCode", asked.NPA.String())
	}
	if p := contains(asked); p != "" {
		q.Set("Contains", p)
	}
	for name, v := range map[string]string{"InRegion": r.State, "InLocality": r.City} {
		if v != "" && r.Kind == provider.Local {
			q.Set(name, v)
		}
	}
	if r.RateCenter != "" && r.Options["InLata"] != "" && r.Kind == provider.Local {
		q.Set("InRateCenter", r.RateCenter)
	}
	for name, v := range r.Options {
		q.Set(name, v)
	}
	if r.Page.Limit > 0 {
		q.Set("PageSize", strconv.Itoa(min(r.Page.Limit, pageMax)))
	}
	return q
}

// available reads one page of a search.
func (a *account) available(ctx context.Context, at string, r provider.SearchRequest) (provider.Result[provider.Offer], carrierhttp.Response, error) {
	var p availablePage
	res, err := a.read(ctx, carrierhttp.Call{Op: provider.OpSearch, Class: provider.ClassSearch, URL: at}, &p)
	if err != nil {
		return provider.Result[provider.Offer]{}, res, err
	}
	if p.Numbers == nil {
		return provider.Result[provider.Offer]{}, res, listless(res)
	}
	out := provider.Result[provider.Offer]{Items: p.offers(ask(r.Query))}
	if p.NextPageURI != "" { // documented, and in no answer that is documented
		if _, ok := follow(at, p.NextPageURI); !ok {
			return provider.Result[provider.Offer]{}, res, astray(res)
		}
		out.Next = p.NextPageURI
	}
	return out, res, nil
}

// offers are the numbers of a page. A pattern may also match with the country code,
// which is no part of the ten digits that were asked for.
func (p *availablePage) offers(asked vanity.Query) []provider.Offer {
	out := make([]provider.Offer, 0, len(p.Numbers))
	for i := range p.Numbers {
		w := &p.Numbers[i]
		if n := plain(w.PhoneNumber); n.Valid() && asked.Match(n) {
			out = append(out, provider.Offer{Number: n, State: w.Region, City: w.Locality, RateCenter: w.RateCenter})
		}
	}
	return out
}

// searchExact asks for a number at a time. The cursor is where to go on.
func (a *account) searchExact(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	var out provider.Result[provider.Offer]
	from := 0
	if r.Page.Cursor != "" {
		n, err := strconv.Atoi(r.Page.Cursor)
		if err != nil || n < 1 || n >= len(r.Exact) {
			return out, a.invalid(provider.OpSearch, field("cursor", "known", "is none that was given out for these numbers"))
		}
		from = n
	}
	size := exactMax
	if r.Page.Limit > 0 {
		size = min(size, r.Page.Limit)
	}
	to := min(from+size, len(r.Exact))
	for _, n := range r.Exact[from:to] {
		if n.TollFree() != (r.Kind == provider.TollFree) || !r.Query.Match(n) {
			continue
		}
		d := n.Digits()
		one := r
		one.Query, one.Page = vanity.Query{Prefix: string(d[:])}, provider.Page{}
		found, _, err := a.available(ctx, a.api(searchQuery(one), "AvailablePhoneNumbers", "US", resources[r.Kind]), one)
		if err != nil {
			return provider.Result[provider.Offer]{}, err
		}
		out.Items = append(out.Items, found.Items...)
	}
	if to < len(r.Exact) {
		out.Next = strconv.Itoa(to)
	}
	a.price(ctx, out.Items)
	return out, nil
}
