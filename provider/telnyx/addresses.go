package telnyx

import (
	"context"
	"strings"

	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// wireAddress is an address as the carrier's address book has it: a street line, and
// a second line for what lies inside the building.
type wireAddress struct {
	Street     string `json:"street_address"`
	Extended   string `json:"extended_address,omitempty"`
	Locality   string `json:"locality,omitempty"`
	Area       string `json:"administrative_area,omitempty"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country_code"`
}

func addressOf(a postal.Civic) wireAddress {
	street := a
	street.Building, street.Floor, street.Unit, street.Room = "", "", "", ""
	return wireAddress{
		Street: street.StreetLine(), Extended: inside(a), Locality: a.City, Area: a.State, PostalCode: a.PostalCode, Country: a.CountryCode(),
	}
}

// inside is the part of an address that lies inside a building.
func inside(a postal.Civic) string {
	return postal.Civic{Building: a.Building, Floor: a.Floor, Unit: a.Unit, Room: a.Room}.StreetLine()
}

func (w wireAddress) civic() postal.Civic {
	a := postal.Civic{City: w.Locality, State: w.Area, PostalCode: w.PostalCode, Country: w.Country}.WithStreetLine(w.Street)
	a.Unit = w.Extended
	return a
}

func (w wireAddress) isZero() bool { return w == wireAddress{} || w == wireAddress{Country: w.Country} }

// filled takes what the carrier left out of a suggestion from what was sent.
func (w wireAddress) filled(sent wireAddress) wireAddress {
	return wireAddress{or(w.Street, sent.Street), or(w.Extended, sent.Extended), or(w.Locality, sent.Locality), or(w.Area, sent.Area),
		or(w.PostalCode, sent.PostalCode), or(w.Country, sent.Country)}
}

// same compares ignoring case and spacing.
func (w wireAddress) same(o wireAddress) bool {
	plain := func(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), " ")) }
	pairs := [][2]string{{w.Street, o.Street}, {w.Extended, o.Extended}, {w.Locality, o.Locality}, {w.Area, o.Area}, {w.PostalCode, o.PostalCode}, {w.Country, o.Country}}
	for _, p := range pairs {
		if plain(p[0]) != plain(p[1]) {
			return false
		}
	}
	return true
}

type wireValidation struct {
	Result    string      `json:"result"`
	Suggested wireAddress `json:"suggested"`
	Errors    []wireError `json:"errors"`
}

// addressFields are the parts of an address as the contract calls them, by the
// carrier's names and by the codes that are about one part.
var addressFields = map[string]string{
	"street_address": "street", "extended_address": "unit", "locality": "city", "administrative_area": "state",
	"postal_code": "postal code", "country_code": "country", "house_number": "house number", "street_name": "street",
	"20202": "city", "20204": "state", "20205": "postal code", "20207": "street", "20208": "house number", "20209": "unit",
}

// CheckAddress asks whether an address would do for emergency calls. The carrier
// suggests one address at most.
func (c *Carrier) CheckAddress(ctx context.Context, a postal.Civic) (provider.AddressCheck, error) {
	return c.validate(ctx, provider.OpCheckAddress, a)
}

func (c *Carrier) validate(ctx context.Context, op provider.Op, a postal.Civic) (provider.AddressCheck, error) {
	sent := addressOf(a)
	w, res, err := do[one[wireValidation]](ctx, c, carrierhttp.Call{
		Op: op, Intent: carrierhttp.Read, Method: "POST", Path: "/addresses/actions/validate", Body: carrierhttp.JSON(sent),
	})
	if kindIs(err, provider.Invalid) {
		return refusedAddress(res, err), nil
	}
	if err != nil {
		return provider.AddressCheck{}, err
	}
	check := provider.AddressCheck{Said: res.Said(provider.Raw(w.Data.Result)), Problems: problems(w.Data.Errors)}
	offered := w.Data.Suggested
	if !offered.isZero() {
		offered = offered.filled(sent)
	}
	switch {
	case w.Data.Result != "valid" && w.Data.Result != "invalid":
		check.Grade = provider.Ungraded
	case !offered.isZero() && !offered.same(sent):
		civic := offered.civic()
		check.Grade, check.Corrected = provider.Corrected, &civic
	case w.Data.Result == "valid":
		check.Grade = provider.Valid
	default:
		check.Grade = provider.Unusable
	}
	return check, nil
}

// refusedAddress is the check that an answer of 422 comes to.
func refusedAddress(res carrierhttp.Response, err error) provider.AddressCheck {
	e := asError(err)
	check := provider.AddressCheck{Grade: provider.Unusable, Said: res.Said(provider.Raw(e.Code))}
	for _, f := range e.Fields {
		if name, ok := addressFields[f.Field]; ok {
			check.Problems = append(check.Problems, provider.Problem{Field: name, Rule: f.Rule, Text: f.Text})
		}
	}
	if len(check.Problems) == 0 {
		check.Problems = []provider.Problem{{Field: or(addressFields[e.Code], "address"), Rule: e.Code, Text: or(e.Text, "the address was refused")}}
	}
	return check
}

func problems(errs []wireError) []provider.Problem {
	var out []provider.Problem
	for _, x := range errs {
		code := string(x.Code)
		p := provider.Problem{Field: or(addressFields[code], or(addressFields[field(x.Source.Pointer)], "address")), Text: "the address was refused"}
		if isCode(code) {
			p.Rule = code
		}
		if m, ok := meaningOf(code); ok {
			p.Text = m.text
		}
		out = append(out, p)
	}
	return out
}
