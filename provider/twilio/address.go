package twilio

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// The codes with which an address is not taken.
const (
	codeUnusable   = "21628"
	codeSuggestion = "21629" // only without AutoCorrectAddress
)

// addressOf writes an address in Twilio's fields: what is inside the building
// goes into the second line.
func addressOf(c postal.Civic, customer, label string) address {
	street := c
	street.Building, street.Floor, street.Unit, street.Room = "", "", "", ""
	first := street.StreetLine()
	return address{
		CustomerName: customer, FriendlyName: label,
		Street: first, StreetSecondary: strings.TrimPrefix(strings.TrimPrefix(c.StreetLine(), first), ", "),
		City: c.City, Region: c.State, PostalCode: c.PostalCode, IsoCountry: c.CountryCode(),
	}
}

// civic reads an address as the registrar holds it.
func (w address) civic() *postal.Civic {
	c := postal.Civic{City: w.City, State: w.Region, PostalCode: w.PostalCode, Country: w.IsoCountry}.WithStreetLine(w.Street)
	c.Unit = w.StreetSecondary
	return &c
}

// same compares without regard to case and spaces.
func (w address) same(o address) bool {
	fields := func(w address) [6]string {
		return [...]string{w.Street, w.StreetSecondary, w.City, w.Region, w.PostalCode, w.IsoCountry}
	}
	a, b := fields(w), fields(o)
	return slices.EqualFunc(a[:], b[:], func(x, y string) bool {
		return strings.EqualFold(strings.Join(strings.Fields(x), " "), strings.Join(strings.Fields(y), " "))
	})
}

func has(list []address, sid string) bool {
	return slices.ContainsFunc(list, func(w address) bool { return sid != "" && w.SID == sid })
}

// addressesOf lists the addresses whose name is exactly the key.
func (a *account) addressesOf(ctx context.Context, op provider.Op, k provider.Key) ([]address, carrierhttp.Response, error) {
	return list(ctx, a, op, 0, a.api(url.Values{"FriendlyName": {string(k)}, "PageSize": {pageMost}}, "Addresses.json"),
		func(p *page) []address { return p.Addresses }, func(w address) bool { return w.FriendlyName == string(k) && sid("AD", w.SID) })
}

// createAddress creates an emergency address, which validates it. An address that
// is not taken is an answer and no error: the first result is then empty.
func (a *account) createAddress(ctx context.Context, op provider.Op, want address, sent postal.Civic, correct bool) (address, provider.AddressCheck, error) {
	form := url.Values{
		"CustomerName": {want.CustomerName}, "FriendlyName": {want.FriendlyName}, "Street": {want.Street}, "City": {want.City},
		"Region": {want.Region}, "PostalCode": {want.PostalCode}, "IsoCountry": {want.IsoCountry},
		"EmergencyEnabled": {"true"}, "AutoCorrectAddress": {strconv.FormatBool(correct)},
	}
	if want.StreetSecondary != "" {
		form.Set("StreetSecondary", want.StreetSecondary)
	}
	var got address
	res, err := a.post(ctx, op, 0, a.api(nil, "Addresses.json"), form, &got)
	var e *provider.Error
	switch {
	case errors.As(err, &e) && e.Code == codeUnusable:
		return address{}, provider.AddressCheck{Grade: provider.Unusable, Said: res.Said(codeUnusable),
			Problems: []provider.Problem{{Rule: codeUnusable, Text: "the registrar cannot find this address"}}}, nil
	case errors.As(err, &e) && e.Code == codeSuggestion:
		check, err := a.suggestion(ctx, op, want, sent)
		return address{}, check, unsent(err)
	case err != nil:
		return address{}, provider.AddressCheck{}, step(err)
	case !sid("AD", got.SID):
		return address{}, provider.AddressCheck{}, res.Error(provider.Internal, provider.OutcomeUnknown, "the answer names no address")
	}
	check := provider.AddressCheck{Grade: provider.Valid, Said: res.Said(status(res))}
	if want.same(got) {
		return got, check, nil
	}
	check.Grade, check.Corrected = provider.Corrected, got.civic()
	if !correct { // it was altered all the same: not registered with it
		got = address{}
	}
	return got, check, nil
}

// suggestion learns which address the registrar would hold. Twilio gives it in an
// error in words whose form it does not document, so that it is asked for by what
// it does document: an address is created with correction allowed, read and
// deleted. If the deletion fails, an address called "Address check" stays in the
// account; it is attached to no number and has no effect.
func (a *account) suggestion(ctx context.Context, op provider.Op, want address, sent postal.Civic) (provider.AddressCheck, error) {
	want.FriendlyName = checkLabel
	got, check, err := a.createAddress(ctx, op, want, sent, true)
	if err != nil || got.SID == "" {
		return check, err
	}
	_, err = a.remove(ctx, op, 0, a.api(nil, "Addresses", got.SID+".json"))
	if err != nil && ctx.Err() == nil && a.cfg.Logger != nil {
		a.cfg.Logger.WarnContext(ctx, "an address that was only checked could not be deleted", "carrier", a.cfg.ID, "address", got.SID)
	}
	return check, nil
}

// CheckAddress creates the address and deletes it: Twilio validates in no other
// way. See [account.suggestion] for what can remain.
func (a *account) CheckAddress(ctx context.Context, c postal.Civic) (provider.AddressCheck, error) {
	const op = provider.OpCheckAddress
	if err := checkCivic(c); err != nil {
		return provider.AddressCheck{}, a.invalid(op, err)
	}
	return a.suggestion(ctx, op, addressOf(c, checkLabel, checkLabel), c)
}

// heldAddress reads an address that was created.
func (a *account) heldAddress(ctx context.Context, op provider.Op, n nanp.Number, ad string) (address, error) {
	var w address
	res, err := a.get(ctx, op, n, a.api(nil, "Addresses", ad+".json"), &w)
	if err == nil && w.SID != ad {
		err = res.Error(provider.Internal, provider.NotApplied, "the answer is about another address")
	}
	return w, err
}
