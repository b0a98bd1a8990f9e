package twilio

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

const addressesURL = base + "/Addresses.json"

var tower = postal.Civic{HouseNumber: "350", Street: "FIFTH", Suffix: "AVE", Floor: "21", City: "NEW YORK", State: "NY", PostalCode: "10118"}

func registering(a postal.Civic, ns ...nanp.Number) provider.RegisterRequest {
	return provider.RegisterRequest{Key: "E1", Numbers: ns, Address: a, CallerName: "Acme"}
}

func addressAs(sid, name, street string) obj {
	return obj{"sid": sid, "friendly_name": name, "customer_name": "Acme", "street": street, "street_secondary": "FL 21", "city": "New York", "region": "NY", "postal_code": "10118", "iso_country": "US"}
}

// place2 is an account with numbers, and addresses under names.
func place2(t *testing.T, numbers []any, addresses ...any) *wire {
	w := dial(t)
	w.account(numbers...)
	w.answer("GET", addressesURL, 200, obj{"addresses": append([]any{}, addresses...)})
	return w
}

func (w *wire) attaches(pn string, n nanp.Number, status string) {
	w.mock.RegisterResponder("POST", base+"/IncomingPhoneNumbers/"+pn+".json", func(r *http.Request) (*http.Response, error) {
		require.NoError(w, r.ParseForm())
		require.Contains(w, r.PostForm, "EmergencyAddressSid")
		w.sent = append(w.sent, r.PostForm.Encode())
		return httpmock.NewJsonResponse(200, mine(pn, n, "K1", "emergency_address_sid", r.PostForm.Get("EmergencyAddressSid"), "emergency_address_status", status))
	})
}

func TestRegister(t *testing.T) {
	w := place2(t, []any{mine(pn1, one, "K1", "emergency_address_status", "unregistered")})
	w.answer("POST", addressesURL, 201, addressAs(ad1, "E1", "350 fifth  ave"))
	w.attaches(pn1, one, "pending-registration")
	r, err := w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	require.NoError(t, err)
	require.Equal(t, provider.Ref(ad1), r.Ref)
	require.Equal(t, provider.Valid, r.Check.Grade)
	require.Equal(t, provider.RegWaiting, r.Registrations[0].State)
	require.Equal(t, "350 fifth ave, FL 21, New York, NY 10118", r.Registrations[0].Address.Line(), "what the registrar holds")
	var posts []string
	for _, s := range w.sent {
		if s != "" {
			posts = append(posts, s)
		}
	}
	want := url.Values{"CustomerName": {"Acme"}, "FriendlyName": {"E1"}, "Street": {"350 FIFTH AVE"}, "StreetSecondary": {"FL 21"}, "City": {"NEW YORK"},
		"Region": {"NY"}, "PostalCode": {"10118"}, "IsoCountry": {"US"}, "EmergencyEnabled": {"true"}, "AutoCorrectAddress": {"false"}}
	require.Equal(t, []string{want.Encode(), "EmergencyAddressSid=" + ad1}, posts)
}

// Each word for where a registration stands.
func TestRegistrationWords(t *testing.T) {
	for word, state := range map[string]provider.RegState{
		"unregistered": provider.RegNone, "pending-registration": provider.RegWaiting, "registered": provider.RegActive, "registration-failure": provider.RegFailed,
		"pending-unregistration": provider.RegRemoving, "unregistration-failure": provider.RegFailed, "frozen": provider.RegUnclear,
	} {
		w := place2(t, []any{mine(pn1, one, "K1", "emergency_address_sid", ad1, "emergency_address_status", word)})
		w.answer("GET", base+"/Addresses/"+ad1+".json", 200, addressAs(ad1, "E1", "350 FIFTH AVE"))
		r, err := w.caps.Emergency.Registration(ctxOf(t), one)
		require.NoError(t, err)
		require.Equal(t, state, r.State, word)
		require.Equal(t, provider.Raw(word), r.Said.Raw)
		require.Equal(t, state == provider.RegFailed, r.Err != nil)
		require.Equal(t, "350 FIFTH AVE, FL 21, New York, NY 10118", r.Address.Line())
	}
	w := place2(t, []any{mine(pn1, one, "K1")})
	r, err := w.caps.Emergency.Registration(ctxOf(t), one)
	require.NoError(t, err)
	require.Equal(t, provider.RegNone, r.State)
	require.NotEmpty(t, r.Said.Raw)
	_, err = w.caps.Emergency.Registration(ctxOf(t), two)
	fails(t, err, provider.NotYours, provider.NotApplied)
	_, err = w.caps.Emergency.Registration(ctxOf(t), 0)
	fails(t, err, provider.Invalid, provider.NotApplied)
	w = place2(t, []any{mine(pn1, one, "K1", "emergency_address_sid", ad1)})
	w.answer("GET", base+"/Addresses/"+ad1+".json", 404, fault(404, 20404))
	_, err = w.caps.Emergency.Registration(ctxOf(t), one)
	fails(t, err, provider.NotFound, provider.NotApplied)
	w.answer("GET", numbersURL, 403, fault(403, 20008))
	_, err = w.caps.Emergency.Registration(ctxOf(t), one)
	fails(t, err, provider.Forbidden, provider.NotApplied)
}

// The same key goes on where it stopped: with the address that it has made, and
// with the numbers that are not attached yet.
func TestRegisterGoesOn(t *testing.T) {
	w := place2(t, []any{mine(pn1, one, "K1", "emergency_address_sid", ad1, "emergency_address_status", "registered"), mine(pn2, two, "K2")},
		addressAs(ad2, "E11", "350 FIFTH AVE"), addressAs(ad1, "E1", "350 FIFTH AVE"))
	w.attaches(pn2, two, "pending-registration")
	r, err := w.caps.Emergency.Register(ctxOf(t), registering(tower, one, two))
	require.NoError(t, err)
	require.Equal(t, provider.RegActive, r.Registrations[0].State)
	require.Equal(t, provider.RegWaiting, r.Registrations[1].State)
	require.Equal(t, 1, w.calls("POST"))

	w = place2(t, []any{mine(pn1, one, "K1")}, addressAs(ad1, "E1", "1 OTHER ST"))
	_, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	fails(t, err, provider.Conflict, provider.NotApplied)
}

// Another address is not put over one that stands: it has to end first.
func TestRegisterDoesNotReplace(t *testing.T) {
	for _, word := range []string{"registered", "pending-registration", "pending-unregistration", "unregistration-failure", "frozen"} {
		w := place2(t, []any{mine(pn1, one, "K1", "emergency_address_sid", ad2, "emergency_address_status", word)})
		r := registering(tower, one)
		r.Replaces = ad2
		_, err := w.caps.Emergency.Register(ctxOf(t), r)
		fails(t, err, provider.Precondition, provider.NotApplied)
		require.Zero(t, w.calls("POST"))
	}
}

// An address that would be altered is shown and not registered.
func TestRegisterOnlyAsGiven(t *testing.T) {
	for _, asGiven := range []bool{false, true} {
		w := place2(t, []any{mine(pn1, one, "K1")})
		w.mock.RegisterResponder("POST", addressesURL, func(r *http.Request) (*http.Response, error) {
			require.NoError(w, r.ParseForm())
			if r.PostForm.Get("AutoCorrectAddress") == "false" {
				return httpmock.NewJsonResponse(400, fault(400, 21629))
			}
			require.Equal(w, "Address check", r.PostForm.Get("FriendlyName"))
			return httpmock.NewJsonResponse(201, addressAs(ad2, "Address check", "350 5TH AVE"))
		})
		w.answer("DELETE", base+"/Addresses/"+ad2+".json", 204, "")
		r := registering(tower, one)
		r.AsGiven = asGiven
		out, err := w.caps.Emergency.Register(ctxOf(t), r)
		require.NoError(t, err)
		require.Empty(t, out.Registrations)
		require.Equal(t, provider.Corrected, out.Check.Grade)
		require.Equal(t, "350 5TH AVE, FL 21, New York, NY 10118", out.Check.Corrected.Line())
		require.Equal(t, 1, w.calls("DELETE"))
	}
	w := place2(t, []any{mine(pn1, one, "K1")})
	w.answer("POST", addressesURL, 400, fault(400, 21628))
	out, err := w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	require.NoError(t, err)
	require.Equal(t, provider.Unusable, out.Check.Grade)
	require.NotEmpty(t, out.Check.Problems)

	w.answer("POST", addressesURL, 201, addressAs(ad1, "E1", "350 5TH AVE"))
	out, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	require.NoError(t, err)
	require.Empty(t, out.Registrations, "it was altered though it must not be")
	require.Equal(t, provider.Corrected, out.Check.Grade)
}

func TestRegisterFails(t *testing.T) {
	w := place2(t, []any{mine(pn1, one, "K1"), mine(pn2, two, "K2")})
	w.answer("POST", addressesURL, 0, nil)
	_, err := w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	w.answer("POST", addressesURL, 201, "{")
	_, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	fails(t, err, provider.Internal, provider.OutcomeUnknown) // an address is no registration
	w.answer("POST", addressesURL, 201, obj{})
	_, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	fails(t, err, provider.Internal, provider.OutcomeUnknown)
	w.answer("POST", addressesURL, 201, addressAs(ad1, "E1", "350 FIFTH AVE"))
	w.answer("POST", base+"/IncomingPhoneNumbers/"+pn1+".json", 400, fault(400, 20001))
	_, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	fails(t, err, provider.Invalid, provider.NotApplied)
	w.attaches(pn1, one, "pending-registration")
	w.answer("POST", base+"/IncomingPhoneNumbers/"+pn2+".json", 400, fault(400, 20001))
	_, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one, two))
	fails(t, err, provider.Invalid, provider.OutcomeUnknown)
	w.answer("POST", base+"/IncomingPhoneNumbers/"+pn1+".json", 200, mine(pn1, one, "K1", "emergency_address_sid", ad2))
	_, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	fails(t, err, provider.Internal, provider.OutcomeUnknown)
	w.answer("GET", addressesURL, 403, fault(403, 20008))
	_, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	fails(t, err, provider.Forbidden, provider.NotApplied)
	w.answer("GET", numbersURL, 403, fault(403, 20008))
	_, err = w.caps.Emergency.Register(ctxOf(t), registering(tower, one))
	fails(t, err, provider.Forbidden, provider.NotApplied)

	w = dial(t)
	long := registering(tower, one)
	long.CallerName = "a name of 22 letters.."
	abroad, nowhere := tower, tower
	abroad.Country, nowhere.City = "GB", ""
	nameless := registering(tower, one)
	nameless.CallerName = ""
	for _, r := range []provider.RegisterRequest{long, nameless, registering(abroad, one), registering(nowhere, one), registering(tower), {Numbers: []nanp.Number{one}}} {
		_, err = w.caps.Emergency.Register(ctxOf(t), r)
		fails(t, err, provider.Invalid, provider.NotApplied)
	}
	require.Zero(t, w.mock.GetTotalCallCount())
}

func TestUnregister(t *testing.T) {
	w := place2(t, []any{mine(pn1, one, "K1", "emergency_address_sid", ad1, "emergency_address_status", "registered"), mine(pn2, two, "K2")})
	w.attaches(pn1, one, "pending-unregistration")
	r, err := w.caps.Emergency.Unregister(ctxOf(t), "U1", []nanp.Number{one, two})
	require.NoError(t, err)
	require.Equal(t, provider.RegRemoving, r.Registrations[0].State)
	require.Equal(t, provider.RegNone, r.Registrations[1].State)
	require.Equal(t, "EmergencyAddressSid=", w.sent[len(w.sent)-1])
	require.Equal(t, 1, w.calls("POST"))

	w.answer("POST", base+"/IncomingPhoneNumbers/"+pn1+".json", 0, nil)
	_, err = w.caps.Emergency.Unregister(ctxOf(t), "U1", []nanp.Number{one})
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	w.account(mine(pn1, one, "K1", "emergency_address_sid", ad1, "emergency_address_status", "pending-unregistration"))
	r, err = w.caps.Emergency.Unregister(ctxOf(t), "U1", []nanp.Number{one})
	require.NoError(t, err, "it is going already")
	require.Equal(t, provider.RegRemoving, r.Registrations[0].State)
	_, err = w.caps.Emergency.Unregister(ctxOf(t), "U1", []nanp.Number{two})
	fails(t, err, provider.NotYours, provider.NotApplied)
	_, err = w.caps.Emergency.Unregister(ctxOf(t), "", []nanp.Number{two})
	fails(t, err, provider.Invalid, provider.NotApplied)
}

func TestTrackRegistration(t *testing.T) {
	track := func(w *wire, t provider.Trace) provider.Finding[provider.RegisterResult] {
		f, err := w.caps.Emergency.TrackRegistration(ctxOf(w.T), t)
		require.NoError(w, err)
		return f
	}
	trace := provider.Trace{Key: "E1", Numbers: []nanp.Number{one, two}}
	w := place2(t, []any{mine(pn1, one, "K1", "emergency_address_sid", ad1, "emergency_address_status", "registered"), mine(pn2, two, "K2")}, addressAs(ad1, "E1", "350 FIFTH AVE"))
	f := track(w, trace)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.Ref(ad1), f.Value.Ref)
	require.Equal(t, provider.RegActive, f.Value.Registrations[0].State)
	require.Equal(t, "350 FIFTH AVE, FL 21, New York, NY 10118", f.Value.Registrations[0].Address.Line())
	require.Equal(t, provider.RegNone, f.Value.Registrations[1].State, "half way")
	require.Equal(t, provider.Found, track(w, provider.Trace{Ref: ad1, Numbers: []nanp.Number{one}}).Verdict)
	require.Equal(t, provider.CannotTell, track(w, provider.Trace{Numbers: []nanp.Number{one}}).Verdict)
	require.Equal(t, provider.CannotTell, track(w, provider.Trace{Key: "E1"}).Verdict)
	require.Equal(t, provider.Absent, track(w, provider.Trace{Key: "E2", Numbers: []nanp.Number{one}}).Verdict, "that of another key")

	w = place2(t, []any{mine(pn1, one, "K1"), mine(pn2, two, "K2")}, addressAs(ad1, "E1", "350 FIFTH AVE"))
	require.Equal(t, provider.Absent, track(w, trace).Verdict, "an address that nobody has is no registration")
	for _, at := range []string{numbersURL, addressesURL} {
		w.answer("GET", at, 403, fault(403, 20008))
		_, err := w.caps.Emergency.TrackRegistration(ctxOf(t), trace)
		fails(t, err, provider.Forbidden, provider.NotApplied)
	}
}

// Of a removal it is said how the numbers stand, and nothing is detached.
func TestTrackRegistrationOfARemoval(t *testing.T) {
	for word, want := range map[string]struct {
		verdict provider.Verdict
		state   provider.RegState
	}{
		"registered":             {provider.Absent, 0},
		"pending-registration":   {provider.Absent, 0},
		"registration-failure":   {provider.Absent, 0},
		"pending-unregistration": {provider.Found, provider.RegRemoving},
		"unregistered":           {provider.Found, provider.RegNone},
		"unregistration-failure": {provider.Found, provider.RegFailed},
		"a-new-word":             {provider.CannotTell, 0},
	} {
		w := place2(t, []any{mine(pn1, one, "K1", "emergency_address_sid", ad1, "emergency_address_status", word)})
		made := "Tue, 24 Nov 2026 11:00:00 +0000"
		w.mock.RegisterResponder("GET", base+"/Addresses/"+ad1+".json", func(*http.Request) (*http.Response, error) {
			return httpmock.NewJsonResponse(200, obj{"sid": ad1, "date_created": made})
		})
		f, err := w.caps.Emergency.TrackRegistration(ctxOf(t), removal(one))
		require.NoError(t, err)
		require.Equal(t, want.verdict, f.Verdict, word)
		if want.verdict == provider.Found {
			require.Equal(t, want.state, f.Value.Registrations[0].State)
		}
		made = "Tue, 24 Nov 2026 12:30:00 +0000"
		if want.verdict == provider.Absent {
			f, err = w.caps.Emergency.TrackRegistration(ctxOf(t), removal(one))
			require.NoError(t, err)
			require.Equal(t, provider.Found, f.Verdict, "a newer registration is not to be ended")
			f, err = w.caps.Emergency.TrackRegistration(ctxOf(t), provider.Trace{Numbers: []nanp.Number{one}, Removal: true})
			require.NoError(t, err)
			require.Equal(t, provider.Absent, f.Verdict, "nobody said since when")
			w.answer("GET", base+"/Addresses/"+ad1+".json", 200, obj{})
			_, err = w.caps.Emergency.TrackRegistration(ctxOf(t), removal(one))
			fails(t, err, provider.Internal, provider.NotApplied)
		}
		require.Zero(t, w.calls("POST"))
	}
	w := place2(t, []any{mine(pn1, one, "K1"), mine(pn2, two, "K2", "emergency_address_status", "a-new-word")})
	f, err := w.caps.Emergency.TrackRegistration(ctxOf(t), removal(one, two, free))
	require.NoError(t, err)
	var states []provider.RegState
	for _, r := range f.Value.Registrations {
		states = append(states, r.State)
	}
	require.Equal(t, []provider.RegState{provider.RegNone, provider.RegUnclear, provider.RegNone}, states)
	f, err = w.caps.Emergency.TrackRegistration(ctxOf(t), removal())
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	w.answer("GET", numbersURL, 403, fault(403, 20008))
	_, err = w.caps.Emergency.TrackRegistration(ctxOf(t), removal(one))
	fails(t, err, provider.Forbidden, provider.NotApplied)
}

func TestCheckAddress(t *testing.T) {
	w := dial(t)
	w.answer("POST", addressesURL, 201, addressAs(ad1, "Address check", "350 Fifth Ave"))
	w.answer("DELETE", base+"/Addresses/"+ad1+".json", 204, "")
	c, err := w.caps.Addresses.CheckAddress(ctxOf(t), tower)
	require.NoError(t, err)
	require.Equal(t, provider.Valid, c.Grade)
	require.Equal(t, 1, w.calls("DELETE"))

	w.answer("DELETE", base+"/Addresses/"+ad1+".json", 0, nil)
	c, err = w.caps.Addresses.CheckAddress(ctxOf(t), tower)
	require.NoError(t, err, "what the registrar said is known all the same")
	require.Equal(t, provider.Valid, c.Grade)

	w.answer("POST", addressesURL, 400, fault(400, 21628))
	c, err = w.caps.Addresses.CheckAddress(ctxOf(t), tower)
	require.NoError(t, err)
	require.Equal(t, provider.Unusable, c.Grade)
	w.answer("POST", addressesURL, 403, fault(403, 20008))
	_, err = w.caps.Addresses.CheckAddress(ctxOf(t), tower)
	fails(t, err, provider.Forbidden, provider.NotApplied)
	_, err = w.caps.Addresses.CheckAddress(ctxOf(t), postal.Civic{})
	fails(t, err, provider.Invalid, provider.NotApplied)
}
