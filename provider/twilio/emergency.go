package twilio

import (
	"context"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// regStates are the words of emergency_address_status.
var regStates = map[string]provider.RegState{
	"unregistered":           provider.RegNone,
	"pending-registration":   provider.RegWaiting,
	"registered":             provider.RegActive,
	"registration-failure":   provider.RegFailed,
	"pending-unregistration": provider.RegRemoving,
	"unregistration-failure": provider.RegFailed,
}

// failures are what the two failing words mean.
var failures = map[string]string{
	"registration-failure":   "the registration failed: the number has no emergency address",
	"unregistration-failure": "the registration could not be ended: it may still stand",
}

// regState is where a number stands. One that never had an address may have no
// word at all.
func (w number) regState() provider.RegState {
	if w.EmergencyAddressStatus == "" && w.EmergencyAddressSID == "" {
		return provider.RegNone
	}
	return regStates[w.EmergencyAddressStatus]
}

func (a *account) registration(op provider.Op, res carrierhttp.Response, w number) provider.Registration {
	r := provider.Registration{Number: w.number(), State: w.regState(), Said: res.Said(provider.Raw(w.EmergencyAddressStatus)), Ref: provider.Ref(w.EmergencyAddressSID)}
	if r.Said.Raw == "" {
		r.Said.Raw = "no emergency address"
	}
	if text, failed := failures[w.EmergencyAddressStatus]; failed {
		r.Err = a.refuse(op, provider.Precondition, r.Number, text)
	}
	return r
}

// nameMax is what a customer_name holds (characters of up to three bytes), and
// checkLabel is the one of an address that is only checked.
const (
	nameMax    = 21
	checkLabel = "Address check"
)

// Register creates the address, which Twilio validates then, and attaches it to
// each number. Twilio is never let to alter an address, AsGiven or not: it keeps no
// mark of that, so that nobody could tell later that it is not what was shown. An
// address that it would alter comes back as a check. A number that has another
// registration is refused: Twilio wants the old one detached and gone first
// ([account.Unregister]).
func (a *account) Register(ctx context.Context, r provider.RegisterRequest) (provider.RegisterResult, error) {
	const op = provider.OpRegister
	none := provider.RegisterResult{}
	if err := first(r.Key.Validate(), provider.CheckNumbers(r.Numbers, 0), checkCivic(r.Address), checkCustomer(r.CallerName)); err != nil {
		return none, a.invalid(op, err)
	}
	have, err := a.ours(ctx, op, r.Numbers)
	if err != nil {
		return none, err
	}
	mine, seen, err := a.addressesOf(ctx, op, r.Key)
	if err != nil {
		return none, unsent(err)
	}
	for _, n := range r.Numbers {
		w := have[n]
		if w.regState() != provider.RegNone && !has(mine, w.EmergencyAddressSID) {
			return none, a.refuse(op, provider.Precondition, n, "the number is registered with another address, or that is being ended: unregister it and wait until nothing is registered")
		}
	}
	held, check, err := a.addressFor(ctx, op, r, mine, seen)
	if err != nil || held.SID == "" {
		return provider.RegisterResult{Check: check}, err
	}
	out := provider.RegisterResult{Ref: provider.Ref(held.SID), Check: check}
	sent := false
	for _, n := range r.Numbers {
		w, res := have[n].number, have[n].res
		if w.EmergencyAddressSID != held.SID {
			if w, res, err = a.attach(ctx, op, n, w.SID, held.SID); err != nil {
				return none, partly(err, sent)
			}
			sent = true
		}
		reg := a.registration(op, res, w)
		reg.Address = held.civic()
		out.Registrations = append(out.Registrations, reg)
	}
	return out, nil
}

// attach sets the emergency address of a number; "" takes it away. The empty
// value is in Twilio's guide to emergency calling and not in the pattern of its
// OpenAPI document.
func (a *account) attach(ctx context.Context, op provider.Op, n nanp.Number, pn, ad string) (number, carrierhttp.Response, error) {
	var got number
	res, err := a.post(ctx, op, n, a.api(nil, "IncomingPhoneNumbers", pn+".json"), url.Values{"EmergencyAddressSid": {ad}}, &got)
	switch {
	case err != nil:
		return got, res, err
	case got.number() != n, ad != "" && got.EmergencyAddressSID != ad:
		return got, res, res.Error(provider.Internal, provider.OutcomeUnknown, "the number does not show the emergency address that was set")
	}
	return got, res, nil
}

// addressFor is the address under the key: the one that an earlier call with the
// same key has made, or a new one. It is empty when the registrar does not take
// the address as it is: then the check says why.
func (a *account) addressFor(ctx context.Context, op provider.Op, r provider.RegisterRequest, mine []address, seen carrierhttp.Response) (address, provider.AddressCheck, error) {
	want := addressOf(r.Address, r.CallerName, string(r.Key))
	if at := slices.IndexFunc(mine, want.same); at >= 0 {
		return mine[at], provider.AddressCheck{Grade: provider.Valid, Said: seen.Said(status(seen))}, nil
	}
	if len(mine) > 0 {
		return address{}, provider.AddressCheck{}, a.refuse(op, provider.Conflict, 0, "this key was used for another address")
	}
	return a.createAddress(ctx, op, want, r.Address, false)
}

// TrackRegistration looks for the addresses under the key, and whether the numbers
// have one of them. A removal leaves nothing under its key: of one it says how the
// numbers stand ([account.trackUnregistered]).
func (a *account) TrackRegistration(ctx context.Context, t provider.Trace) (provider.Finding[provider.RegisterResult], error) {
	const op = provider.OpTrackRegistration
	var none provider.Finding[provider.RegisterResult]
	if t.Removal {
		return a.trackUnregistered(ctx, t)
	}
	if len(t.Numbers) == 0 || t.Key == "" && t.Ref == "" {
		return provider.Finding[provider.RegisterResult]{AsOf: a.cfg.Now(), Why: "Twilio finds registrations by the address under a key and by numbers, and one of them was not given"}, nil
	}
	var mine []address
	if t.Key != "" {
		var err error
		if mine, _, err = a.addressesOf(ctx, op, t.Key); err != nil {
			return none, err
		}
	}
	var out provider.RegisterResult
	var last carrierhttp.Response
	for _, n := range t.Numbers {
		w, res, ok, err := a.find(ctx, op, n)
		if err != nil {
			return none, err
		}
		last = res
		at := slices.IndexFunc(mine, func(m address) bool { return m.SID == w.EmergencyAddressSID })
		switch {
		case ok && at >= 0:
			reg := a.registration(op, res, w)
			reg.Address = mine[at].civic()
			out.Ref = reg.Ref
			out.Registrations = append(out.Registrations, reg)
		case ok && w.EmergencyAddressSID != "" && provider.Ref(w.EmergencyAddressSID) == t.Ref:
			out.Ref = t.Ref
			out.Registrations = append(out.Registrations, a.registration(op, res, w))
		case ok:
			out.Registrations = append(out.Registrations, provider.Registration{Number: n, State: provider.RegNone, Said: res.Said("no address of this key")})
		}
	}
	if out.Ref == "" {
		return provider.Finding[provider.RegisterResult]{Verdict: provider.Absent, AsOf: last.At}, nil
	}
	return provider.FoundAs(out, last.At), nil
}

// Registration reads the number, and the address that it has.
func (a *account) Registration(ctx context.Context, n nanp.Number) (provider.Registration, error) {
	const op = provider.OpRegistration
	if err := provider.CheckNumbers([]nanp.Number{n}, 0); err != nil {
		return provider.Registration{}, a.invalid(op, err)
	}
	w, res, ok, err := a.find(ctx, op, n)
	if err != nil {
		return provider.Registration{}, err
	}
	if !ok {
		return provider.Registration{}, a.refuse(op, provider.NotYours, n, "the number is not in the account")
	}
	reg := a.registration(op, res, w)
	if w.EmergencyAddressSID == "" {
		return reg, nil
	}
	ad, err := a.heldAddress(ctx, op, n, w.EmergencyAddressSID)
	if err != nil {
		return provider.Registration{}, err
	}
	reg.Address = ad.civic()
	return reg, nil
}

func checkCustomer(name string) error {
	switch {
	case name == "":
		return field("caller name", "needed", "is missing: Twilio wants the name of who is at the address")
	case utf8.RuneCountInString(name) > nameMax:
		return field("caller name", "length", "has more than 21 characters")
	}
	return nil
}

func checkCivic(c postal.Civic) error {
	for _, f := range []struct{ name, value string }{
		{"street", c.Street}, {"city", c.City}, {"state", c.State}, {"postal code", c.PostalCode},
	} {
		if f.value == "" {
			return field(f.name, "needed", "is missing")
		}
	}
	if country := c.CountryCode(); country != "US" && country != "CA" {
		return field("country", "served", "is neither the US nor Canada")
	}
	return nil
}
