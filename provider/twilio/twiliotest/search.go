package twiliotest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

var searchNames = []string{
	"AreaCode", "Contains", "SmsEnabled", "MmsEnabled", "VoiceEnabled", "ExcludeAllAddressRequired", "ExcludeLocalAddressRequired",
	"ExcludeForeignAddressRequired", "Beta", "NearNumber", "NearLatLong", "Distance", "InPostalCode", "InRegion", "InRateCenter",
	"InLata", "InLocality", "FaxEnabled", "PageSize", "Page", "PageToken",
}

// search answers once: there is no next page.
func (s *Server) search(c *call) {
	kind, ok := map[string]provider.NumberKind{"Local.json": provider.Local, "TollFree.json": provider.TollFree}[c.r.PathValue("kind")]
	if !ok || c.r.PathValue("country") != "US" {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	if !c.known(c.q, nil, searchNames...) {
		return
	}
	r := provider.SearchRequest{Kind: kind, State: c.q.Get("InRegion"), City: c.q.Get("InLocality"), RateCenter: c.q.Get("InRateCenter")}
	if r.RateCenter != "" && c.q.Get("InLata") == "" {
		c.fail(http.StatusBadRequest, 20001, "InRateCenter requires InLata")
		return
	}
	if v := c.q.Get("AreaCode"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || !nanp.NPA(n).Valid() {
			c.fail(http.StatusBadRequest, 21451, "Invalid area code")
			return
		}
		r.Query.NPA = nanp.NPA(n)
	}
	if v := c.q.Get("Contains"); v != "" {
		q, ok := pattern(v)
		if !ok {
			c.fail(http.StatusBadRequest, 21421, "The pattern is not valid")
			return
		}
		q.NPA = r.Query.NPA
		r.Query = q
	}
	r.Page.Limit = 50
	if v := c.q.Get("PageSize"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 1000 {
			c.fail(http.StatusBadRequest, 20001, "PageSize is not valid")
			return
		}
		r.Page.Limit = n
	}
	found, err := s.caps.Search.Search(c.r.Context(), r)
	if err != nil {
		c.broken(err)
		return
	}
	out := make([]map[string]any, 0, len(found.Items))
	for _, o := range found.Items {
		out = append(out, available(o))
	}
	c.json(http.StatusOK, map[string]any{"available_phone_numbers": out, "uri": c.r.URL.EscapedPath()})
}

func available(o provider.Offer) map[string]any {
	return map[string]any{
		"phone_number": o.Number.String(), "friendly_name": o.Number.Format(), "iso_country": "US",
		"region": text(o.State), "locality": text(o.City), "rate_center": text(o.RateCenter), "postal_code": nil,
		"lata": nil, "latitude": nil, "longitude": nil, "address_requirements": "none", "beta": false,
		"capabilities": map[string]any{"voice": true, "sms": true, "mms": true},
	}
}

// pattern reads Contains by the rules of its document: 2 to 16 digits, letters and
// the signs * % + $; + at the front, $ at the end, * and % at the ends only; signs
// do not touch; with * or % there are two digits or letters at least.
func pattern(s string) (vanity.Query, bool) {
	if len(s) < 2 || len(s) > 16 {
		return vanity.Query{}, false
	}
	body := strings.Trim(s, "*%+$")
	digits, err := vanity.Digits(body)
	if body == "" || err != nil || strings.ContainsAny(body, "*%+$") {
		return vanity.Query{}, false
	}
	front, end := s[:strings.Index(s, body)], s[strings.Index(s, body)+len(body):]
	if len(front) > 1 || len(end) > 1 || front == "$" || end == "+" {
		return vanity.Query{}, false
	}
	if strings.ContainsAny(front+end, "*%") && len(digits) < 2 {
		return vanity.Query{}, false
	}
	switch {
	case front == "+": // in E.164: the country code comes first
		rest, ok := strings.CutPrefix(digits, "1")
		return vanity.Query{Prefix: rest}, ok && rest != ""
	case end == "$":
		return vanity.Query{Suffix: digits}, len(digits) <= 10
	}
	return vanity.Query{Contains: digits}, len(digits) <= 10
}

// prices of the account, in the texts in which Twilio writes them.
func (s *Server) pricing(c *call) {
	if c.r.PathValue("country") != "US" {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	one := func(kind, price string) map[string]any {
		return map[string]any{"number_type": kind, "base_price": price, "current_price": price}
	}
	money := func(k provider.NumberKind) string {
		p := s.cfg.Prices.Local
		if k == provider.TollFree {
			p = s.cfg.Prices.TollFree
		}
		return strings.TrimPrefix(p.Monthly.String(), "$")
	}
	c.json(http.StatusOK, map[string]any{
		"country": "United States", "iso_country": "US", "price_unit": "USD",
		"phone_number_prices": []map[string]any{one("local", money(provider.Local)), one("toll free", money(provider.TollFree))},
		"url":                 c.origin() + c.r.URL.EscapedPath(),
	})
}

// lineTypes are Twilio's words.
var lineTypes = map[provider.LineType]string{
	provider.LineUnknown: "unknown", provider.LineLandline: "landline", provider.LineWireless: "mobile", provider.LineVoIP: "nonFixedVoip",
	provider.LineTollFree: "tollFree", provider.LinePaging: "pager",
}

func (s *Server) lookUp(c *call) {
	n, err := nanp.Parse(c.r.PathValue("number"))
	fields := c.q.Get("Fields")
	if err != nil || !c.known(c.q, nil, "Fields", "CountryCode") {
		if err != nil {
			c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		}
		return
	}
	v := map[string]any{
		"calling_country_code": "1", "country_code": "US", "phone_number": n.String(), "national_format": n.Format(),
		"valid": true, "validation_errors": nil, "caller_name": nil, "line_type_intelligence": nil,
		"url": c.origin() + c.r.URL.EscapedPath(),
	}
	for _, f := range strings.Split(fields, ",") {
		switch f {
		case "":
		case "caller_name":
			got, err := s.caps.NameLookup.LookupName(c.r.Context(), n)
			if !c.looked(v, err) {
				return
			}
			kind := strings.ToUpper(got.Type)
			if kind == "" {
				kind = "UNDETERMINED"
			}
			v["caller_name"] = map[string]any{"caller_name": got.Name, "caller_type": kind, "error_code": nil}
		case "line_type_intelligence":
			got, err := s.caps.Lookup.LookupNumber(c.r.Context(), n)
			if !c.looked(v, err) {
				return
			}
			v["line_type_intelligence"] = map[string]any{"carrier_name": got.Carrier, "type": lineTypes[got.Line], "error_code": nil}
		default:
			c.fail(http.StatusBadRequest, 60600, "Fields is not valid")
			return
		}
	}
	c.json(http.StatusOK, v)
}

// looked says whether a look-up goes on: a number that nobody can have is an
// answer, any other error is none.
func (c *call) looked(v map[string]any, err error) bool {
	if err == nil {
		return true
	}
	if e, ok := err.(*provider.Error); ok && e.Kind == provider.NotFound {
		v["valid"], v["validation_errors"] = false, []string{"INVALID_BUT_POSSIBLE"}
		c.json(http.StatusOK, v)
		return false
	}
	c.broken(err)
	return false
}
