package bandwidth

import (
	"context"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// address is a civic address in the carrier's parts. Building, floor, unit and
// room share its second line.
type address struct {
	HouseNumber     string `xml:"HouseNumber,omitempty"`
	HouseSuffix     string `xml:"HouseSuffix,omitempty"`
	PreDirectional  string `xml:"PreDirectional,omitempty"`
	StreetName      string `xml:"StreetName,omitempty"`
	StreetSuffix    string `xml:"StreetSuffix,omitempty"`
	PostDirectional string `xml:"PostDirectional,omitempty"`
	AddressLine2    string `xml:"AddressLine2,omitempty"`
	City            string `xml:"City,omitempty"`
	StateCode       string `xml:"StateCode,omitempty"`
	Zip             string `xml:"Zip,omitempty"`
	PlusFour        string `xml:"PlusFour,omitempty"`
	County          string `xml:"County,omitempty"`
	Country         string `xml:"Country,omitempty"`
}

// countries are the names that the carrier has for those it serves.
var countries = map[string]string{"US": "United States", "CA": "Canada"}

func addressOf(a postal.Civic) address {
	zip, plus, _ := strings.Cut(a.PostalCode, "-")
	country, known := countries[a.CountryCode()]
	if !known {
		country = a.Country
	}
	return address{
		HouseNumber: a.HouseNumber, HouseSuffix: a.HouseSuffix, PreDirectional: a.PreDir, StreetName: a.Street, StreetSuffix: a.Suffix,
		PostDirectional: a.PostDir, AddressLine2: secondLine(a), City: a.City, StateCode: a.State, Zip: zip, PlusFour: plus, County: a.County, Country: country,
	}
}

// secondLine is what StreetLine has after the street.
func secondLine(a postal.Civic) string {
	return strings.TrimPrefix(postal.Civic{Building: a.Building, Floor: a.Floor, Unit: a.Unit, Room: a.Room}.StreetLine(), ", ")
}

// civicIn reads an address. Parts that the carrier does not split stay as it
// wrote them. The second line becomes the unit.
func civicIn(e *element) *postal.Civic {
	if e == nil || len(e.kids) == 0 {
		return nil
	}
	a := postal.Civic{
		HouseNumber: e.str("HouseNumber"), HouseSuffix: e.str("HouseSuffix"), PreDir: e.str("PreDirectional"), Street: e.str("StreetName"),
		Suffix: e.str("StreetSuffix"), PostDir: e.str("PostDirectional"), Unit: e.str("AddressLine2"), City: e.str("City"), County: e.str("County"),
		State: e.str("StateCode"), PostalCode: e.str("Zip"),
	}
	if prefix := e.str("HousePrefix"); prefix != "" {
		a.HouseNumber = prefix + a.HouseNumber
	}
	if a.Street == "" {
		a = a.WithStreetLine(e.str("AddressLine1"))
	}
	if plus := e.str("PlusFour"); plus != "" && a.PostalCode != "" {
		a.PostalCode += "-" + plus
	}
	for code, name := range countries {
		if strings.EqualFold(e.str("Country"), name) || strings.EqualFold(e.str("Country"), code) {
			a.Country = code
		}
	}
	if a == (postal.Civic{}) {
		return nil
	}
	return &a
}

// same reports whether a registrar's address is what was sent, whatever its case
// and spacing, and however it splits the street. Four digits more of the ZIP code
// are no correction, nor is a part that the registrar does not show.
func same(sent, held postal.Civic) bool {
	plain := func(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }
	zip := func(s, o string) bool {
		s, o = plain(s), plain(o)
		return s == o || len(s) == 5 && strings.HasPrefix(o, s+"-")
	}
	street := func(a postal.Civic) string {
		return plain(postal.Civic{HouseNumber: a.HouseNumber, HouseSuffix: a.HouseSuffix, PreDir: a.PreDir, Street: a.Street, Suffix: a.Suffix, PostDir: a.PostDir}.StreetLine())
	}
	second := plain(secondLine(held))
	return street(sent) == street(held) && plain(sent.City) == plain(held.City) && plain(sent.State) == plain(held.State) &&
		zip(sent.PostalCode, held.PostalCode) && (second == "" || second == plain(secondLine(sent)))
}

type geocode struct {
	XMLName xml.Name `xml:"RequestAddress"`
	address
}

// CheckAddress asks the geocoder: 200 is an address that it knows, 409 another
// one that it knows instead, and 400 none.
func (c *Carrier) CheckAddress(ctx context.Context, a postal.Civic) (provider.AddressCheck, error) {
	return c.geocode(ctx, provider.OpCheckAddress, a)
}

func (c *Carrier) geocode(ctx context.Context, op provider.Op, a postal.Civic) (provider.AddressCheck, error) {
	if a.IsZero() {
		return provider.AddressCheck{}, c.invalid(op, field("address", "length", "is empty"))
	}
	res, err := c.client.Do(ctx, carrierhttp.Call{
		Op: op, Intent: carrierhttp.Read, Method: http.MethodPost, Path: c.account("geocodeRequest"),
		Header: http.Header{"Accept": {"application/xml"}}, Body: carrierhttp.XML(geocode{address: addressOf(a)}),
		Classify: func(r carrierhttp.Response, e *provider.Error) { reclassify(geocoding, r, e) },
	})
	doc := parse(res.Body)
	found := civicIn(doc.kid("GeocodedAddress"))
	switch {
	case res.Status == http.StatusBadRequest && doc != nil:
		return provider.AddressCheck{Grade: provider.Unusable, Problems: addressProblems(doc), Said: plainly(res)}, nil
	case res.Status == http.StatusConflict && found != nil:
		return graded(a, found, res), nil
	case err != nil:
		return provider.AddressCheck{}, notSent(err)
	case found == nil:
		return provider.AddressCheck{Said: plainly(res)}, nil // an answer without an address grades nothing
	}
	return graded(a, found, res), nil
}

// graded keeps what the geocoder does not speak of: the unit, and the four
// digits of a ZIP code that it may add.
func graded(sent postal.Civic, found *postal.Civic, res carrierhttp.Response) provider.AddressCheck {
	if same(sent, *found) {
		return provider.AddressCheck{Grade: provider.Valid, Said: plainly(res)}
	}
	if secondLine(*found) == "" {
		found.Building, found.Floor, found.Unit, found.Room = sent.Building, sent.Floor, sent.Unit, sent.Room
	}
	if found.County == "" && strings.EqualFold(found.City, sent.City) {
		found.County = sent.County
	}
	return provider.AddressCheck{Grade: provider.Corrected, Corrected: found, Said: plainly(res)}
}

func addressProblems(doc *element) []provider.Problem {
	var out []provider.Problem
	for _, p := range problems(doc) {
		m, ok := meaningOf(geocoding, p.code)
		if !ok {
			m.text = "the registrar refuses the address"
		}
		out = append(out, provider.Problem{Field: "address", Rule: p.code, Text: m.text})
	}
	return out
}

// reclassify reads a code by another resource than the operation's own.
func reclassify(where resource, r carrierhttp.Response, e *provider.Error) {
	for _, p := range problems(parse(r.Body)) {
		if m, ok := meaningOf(where, p.code); ok {
			apply(e, p, m)
			return
		}
	}
}
