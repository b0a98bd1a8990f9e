package telnyx_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/telnyx"
)

// A success in which there is no list is not an empty list, and one that shows nothing
// is not a thing that is empty.
func TestAnswersThatProveNothing(t *testing.T) {
	ctx := context.Background()
	trace := provider.Trace{Key: "K1", Numbers: []nanp.Number{one}}
	for _, body := range []string{`{}`, `{"data":null}`, `{"errors":[{"code":"10007"}]}`, `{"meta":{"total_results":0}}`} {
		for what, call := range map[string]func(m *mocked) error{
			"owned":        func(m *mocked) error { return second(m.Owned(ctx, one)) },
			"return":       func(m *mocked) error { return second(m.TrackReturn(ctx, trace)) },
			"order":        func(m *mocked) error { return second(m.Track(ctx, trace)) },
			"hold":         func(m *mocked) error { return second(m.TrackHold(ctx, trace)) },
			"registration": func(m *mocked) error { return second(m.Registration(ctx, one)) },
			"registered":   func(m *mocked) error { return second(m.TrackRegistration(ctx, trace)) },
			"unregistered": func(m *mocked) error {
				return second(m.TrackRegistration(ctx, provider.Trace{Numbers: trace.Numbers, Removal: true}))
			},
			"name":     func(m *mocked) error { return second(m.TrackName(ctx, trace)) },
			"endpoint": func(m *mocked) error { return second(m.TrackEndpoint(ctx, trace)) },
			"port":     func(m *mocked) error { return second(m.TrackPort(ctx, trace)) },
			"search":   func(m *mocked) error { return second(m.Search(ctx, provider.SearchRequest{})) },
			"by ref":   func(m *mocked) error { return second(m.Track(ctx, provider.Trace{Ref: "o1"})) },
		} {
			m := mock(t)
			m.RegisterNoResponder(httpmock.NewStringResponder(200, body))
			require.ErrorIs(t, call(m), provider.Internal, "%s: %s", what, body)
		}
	}
}

// A filter that was not applied does not cancel the parts of other orders.
func TestClosesItsOwnParts(t *testing.T) {
	m := mock(t)
	m.on("GET", "/number_orders/o1", 200, `{"data":{"id":"o1","status":"pending","customer_reference":"K1","phone_numbers":[{"phone_number":"+15015550101","status":"pending"}]}}`)
	m.on("GET", "/sub_number_orders", 200, `{"data":[{"id":"s1","order_request_id":"o1","status":"pending"},{"id":"s2","order_request_id":"o2","status":"pending"},{"id":"s3","status":"pending"}]}`)
	m.on("PATCH", "/sub_number_orders/s1/cancel", 200, `{"data":{"id":"s1","status":"pending"}}`)
	_, err := m.CloseOrder(context.Background(), "C1", "o1")
	require.NoError(t, err)
	require.Equal(t, 1, m.calls("PATCH "+base+"/sub_number_orders/s1/cancel"))
}

// A number that came while its part was being called off is ours, although the order
// was read before.
func TestCameBeforeItWasCalledOff(t *testing.T) {
	const id = "12ade33a-21c0-473b-b055-b3c836e1c292"
	m := mock(t)
	m.on("GET", "/number_orders/"+id, 200, status("pending", "approved"), status("success", "approved"))
	m.on("GET", "/sub_number_orders", 200, `{"data":[{"id":"s1","order_request_id":"`+id+`","status":"cancelled","phone_number_type":"local","country_code":"US"}]}`)
	f, err := m.Track(context.Background(), provider.Trace{Ref: id, Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.ItemLive, f.Value.Items[0].State)
}

// Of several jobs about a number an older one that failed does not hide one that is
// under way, and a number that has gone is gone.
func TestReturnOfSeveralJobs(t *testing.T) {
	ctx := context.Background()
	const failed = `{"id":"j1","status":"completed","created_at":"2026-11-24T11:58:00Z","failed_operations":[{"phone_number":"+15015550101","errors":[{"code":"10035"}]}]}`
	const open = `{"id":"j2","status":"in_progress","created_at":"2026-11-24T11:59:00Z","pending_operations":[{"phone_number":"+15015550101"}]}`
	const done = `{"id":"j2","status":"completed","created_at":"2026-11-24T11:59:00Z","successful_operations":[{"phone_number":"+15015550101"}]}`
	const foreign = `{"id":"j1","status":"completed","created_at":"2026-11-24T11:58:00Z","failed_operations":[{"phone_number":"+15015550101","errors":[{"code":"10005"}]}]}`
	const there, away = `{"data":[{"id":"1","phone_number":"+15015550101","status":"active"}]}`, `{"data":[]}`
	for _, c := range []struct {
		jobs, numbers string
		want          provider.ItemState
	}{
		{open + "," + failed, there, provider.ItemWaiting},
		{failed + "," + open, there, provider.ItemWaiting},
		{done + "," + failed, there, provider.ItemWaiting},
		{failed, there, provider.ItemRefused},
		{failed, away, provider.ItemGone},
		{done + "," + failed, away, provider.ItemGone},
		{done + "," + foreign, away, provider.ItemGone},
		{foreign + "," + done, away, provider.ItemGone},
		{foreign, away, provider.ItemRefused},
		{"", away, provider.ItemGone},
	} {
		m := mock(t)
		m.on("GET", "/phone_numbers", 200, c.numbers)
		m.on("GET", "/phone_numbers/jobs", 200, `{"data":[`+c.jobs+`]}`)
		f, err := m.TrackReturn(ctx, provider.Trace{Key: "K1", Numbers: []nanp.Number{one}, Since: noon})
		require.NoError(t, err)
		require.Equal(t, provider.Found, f.Verdict)
		require.Equal(t, c.want, f.Value.Items[0].State, "%s, %s", c.jobs, c.numbers)
	}
}

// Numbers of an order that are not shown are not the ones that were named.
func TestCancelOfNumbersThatAreNotShown(t *testing.T) {
	for _, list := range []string{`{"data":[]}`, `{"data":[{"phone_number":"+15015550101","porting_order_id":"p1"}]}`} {
		for _, state := range []string{"draft", "submitted"} {
			m := mock(t)
			m.on("GET", "/porting_orders/p1", 200, `{"data":{"id":"p1","porting_phone_numbers_count":2,"status":{"value":"`+state+`"}}}`)
			m.on("GET", "/porting_orders/p1/requirements", 200, `{"data":[]}`)
			m.on("GET", "/porting_phone_numbers", 200, list)
			_, err := m.CancelPort(context.Background(), "C1", "p1", []nanp.Number{one})
			require.ErrorIs(t, err, provider.Precondition, "never the whole instead of one")
			require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
		}
	}
}

// A list that became shorter while it was read is read again: what was skipped is not
// absent.
func TestWholeListIsNotSkipped(t *testing.T) {
	m := mock(t)
	gone := false
	m.RegisterResponder("GET", base+"/dynamic_emergency_endpoints", func(r *http.Request) (*http.Response, error) {
		entry := func(i int) string { return fmt.Sprintf(`{"id":"e%d","callback_number":"+15015550102"}`, i) }
		var all []string
		for i := range 250 {
			all = append(all, entry(i))
		}
		all = append(all, `{"id":"mine","callback_number":"+15015550101"}`)
		if gone {
			all = all[1:]
		}
		first, second := all[:min(250, len(all))], all[min(250, len(all)):]
		total, pages := len(all), (len(all)+249)/250
		if r.URL.Query().Get("page[number]") == "2" {
			first = second
		}
		gone = true
		return httpmock.NewStringResponse(200, fmt.Sprintf(`{"data":[%s],"meta":{"total_results":%d,"total_pages":%d}}`, strings.Join(first, ","), total, pages)), nil
	})
	f, err := m.TrackEndpoint(context.Background(), provider.Trace{Key: "K1", Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
}

// holder answers for the addresses of the account: one with the key K1, or none.
func (m *mocked) holder(there bool) {
	m.on("GET", "/addresses", 200, map[bool]string{true: `{"data":[{"id":"77","customer_reference":"K1","street_address":"350 FIFTH AVE"}]}`, false: `{"data":[]}`}[there])
	if !there {
		m.on("GET", "/addresses/77", 404, errorBody("10005", ""))
	}
}

// What a number shows is the registration of a key only where it points at the address
// of the key.
func TestRegistrationOfAKey(t *testing.T) {
	const at77, at99 = `"emergency_enabled":true,"emergency_address_id":"77"`, `"emergency_enabled":true,"emergency_address_id":"99"`
	for what, c := range map[string]struct {
		trace   provider.Trace
		there   bool
		first   string
		verdict provider.Verdict
		state   provider.RegState
	}{
		"there":             {provider.Trace{Key: "K1"}, true, at77 + `,"emergency_status":"active"`, provider.Found, provider.RegActive},
		"elsewhere":         {provider.Trace{Key: "K1"}, true, at99 + `,"emergency_status":"active"`, provider.Absent, 0},
		"the old one ends":  {provider.Trace{Key: "K1"}, true, at99 + `,"emergency_status":"deprovisioning"`, provider.CannotTell, 0},
		"never made":        {provider.Trace{Key: "K1"}, false, at99 + `,"emergency_status":"deprovisioning"`, provider.CannotTell, 0},
		"unknown":           {provider.Trace{Key: "K1"}, true, at99 + `,"emergency_status":"s7"`, provider.CannotTell, 0},
		"left the book":     {provider.Trace{Ref: "77"}, false, at77 + `,"emergency_status":"active"`, provider.Found, provider.RegActive},
		"contradicted":      {provider.Trace{Key: "K1"}, true, `"emergency_enabled":false,"emergency_address_id":"77","emergency_status":"active"`, provider.Found, provider.RegUnclear},
		"nothing said":      {provider.Trace{Key: "K1"}, false, `"tags":[]`, provider.CannotTell, 0},
		"none":              {provider.Trace{Key: "K1"}, false, `"emergency_enabled":false`, provider.Absent, 0},
		"removed":           {provider.Trace{Key: "U1", Removal: true}, true, `"emergency_enabled":false,"emergency_status":"disabled"`, provider.Found, provider.RegNone},
		"being removed":     {provider.Trace{Removal: true}, true, at77 + `,"emergency_status":"deprovisioning"`, provider.Found, provider.RegRemoving},
		"not removed":       {provider.Trace{Key: "U1", Removal: true}, true, at77 + `,"emergency_status":"active"`, provider.Absent, 0},
		"perhaps removed":   {provider.Trace{Key: "U1", Removal: true}, true, at77 + `,"emergency_status":"s7"`, provider.CannotTell, 0},
		"not a word of one": {provider.Trace{Key: "U1", Removal: true}, true, `"tags":[]`, provider.CannotTell, 0},
	} {
		m := mock(t)
		m.owns(`,"status":"active",` + c.first)
		m.holder(c.there)
		if c.trace.Ref != "" {
			m.on("GET", "/addresses/77", 404, errorBody("10005", ""))
		}
		c.trace.Numbers = []nanp.Number{one}
		f, err := m.TrackRegistration(context.Background(), c.trace)
		require.NoError(t, err, what)
		require.Equal(t, c.verdict, f.Verdict, what)
		require.Equal(t, c.verdict == provider.CannotTell, f.Why != "", what)
		require.Equal(t, noon, f.AsOf, what)
		if c.verdict == provider.Found {
			require.Equal(t, c.state, f.Value.Registrations[0].State, what)
		}
	}
}

// Of two numbers one has come to the address and the other stands where it stood: that
// it is active there is not what was asked for.
func TestRegistrationOfSome(t *testing.T) {
	m := mock(t)
	m.holder(true)
	m.RegisterResponder("GET", base+"/phone_numbers", func(r *http.Request) (*http.Response, error) {
		n := r.URL.Query().Get("filter[phone_number]")
		return httpmock.NewStringResponse(200, fmt.Sprintf(`{"data":[{"id":"1","phone_number":"+%s","status":"active","emergency_enabled":true,"emergency_address_id":"%s","emergency_status":"active"}]}`,
			n, map[bool]string{true: "77", false: "99"}[n == "15015550101"])), nil
	})
	f, err := m.TrackRegistration(context.Background(), provider.Trace{Key: "K1", Numbers: []nanp.Number{one, two}})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.RegActive, f.Value.Registrations[0].State)
	require.Equal(t, provider.RegUnclear, f.Value.Registrations[1].State)
	require.ErrorIs(t, f.Value.Registrations[1].Err, provider.Precondition)
}

// An answer without the settings does not say that the service has ended, nor one
// without the listing that there is no name.
func TestAnswersWithoutSettings(t *testing.T) {
	ctx := context.Background()
	for _, body := range []string{`{}`, `{"data":{}}`, `{"data":{"emergency":{}}}`, `{"data":{"emergency":null,"cnam_listing":null}}`} {
		m := mock(t)
		m.owns(`,"status":"active","emergency_enabled":true,"emergency_address_id":"77","emergency_status":"active"`)
		m.on("POST", "/phone_numbers/1293384261075731499/actions/enable_emergency", 202, body)
		res, err := m.Unregister(ctx, "U1", []nanp.Number{one})
		require.NoError(t, err)
		require.Equal(t, provider.RegUnclear, res.Registrations[0].State, body)
	}
	m := mock(t)
	m.owns(`,"status":"active"`)
	voice := "/phone_numbers/1293384261075731499/voice"
	for listing, want := range map[string]struct {
		set, taken provider.Verdict
		state      provider.NameState
	}{
		`"id":"1"`: {provider.CannotTell, provider.CannotTell, provider.NameUnclear},
		`"cnam_listing":{"cnam_listing_enabled":false,"cnam_listing_details":""}`:    {provider.Absent, provider.Found, provider.NameNone},
		`"cnam_listing":{"cnam_listing_enabled":true,"cnam_listing_details":""}`:     {provider.CannotTell, provider.CannotTell, provider.NameUnclear},
		`"cnam_listing":{"cnam_listing_enabled":true,"cnam_listing_details":"ACME"}`: {provider.Found, provider.Absent, provider.NameReadBack},
	} {
		m.on("GET", voice, 200, `{"data":{`+listing+`}}`)
		it, err := m.ReadName(ctx, one)
		require.NoError(t, err)
		require.Equal(t, want.state, it.State, listing)
		f, err := m.TrackName(ctx, provider.Trace{Key: "N1", Numbers: []nanp.Number{one}, Removal: true})
		require.NoError(t, err)
		require.Equal(t, want.taken, f.Verdict, listing)
		require.Equal(t, noon, f.AsOf)
		f, err = m.TrackName(ctx, provider.Trace{Key: "N1", Numbers: []nanp.Number{one}})
		require.NoError(t, err)
		require.Equal(t, want.set, f.Verdict, listing)
		require.Equal(t, want.set == provider.CannotTell, f.Why != "", listing)
		require.Equal(t, noon, f.AsOf)
	}
	require.Zero(t, m.calls("PATCH "+base+voice), "looking changes nothing")
}

func TestEndpointThatWasRemoved(t *testing.T) {
	ctx := context.Background()
	m := mock(t)
	m.on("GET", "/dynamic_emergency_addresses/d1", 404, errorBody("10005", ""))
	m.on("GET", "/dynamic_emergency_endpoints/e1", 200, `{"data":{"id":"e1","dynamic_emergency_address_id":"d1","status":"activated"}}`)
	f, err := m.TrackEndpoint(ctx, provider.Trace{Key: "X1", Ref: "e1", Removal: true})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict, "it is still there")
	m.on("GET", "/dynamic_emergency_endpoints/e1", 404, errorBody("10005", ""))
	f, err = m.TrackEndpoint(ctx, provider.Trace{Key: "X1", Ref: "e1", Removal: true})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.RegNone, f.Value.Endpoint.State)
	require.Equal(t, provider.Ref("e1"), f.Value.Endpoint.Ref)
	f, err = m.TrackEndpoint(ctx, provider.Trace{Key: "X1", Numbers: []nanp.Number{one}, Removal: true})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
}

func TestPortOptions(t *testing.T) {
	m := mock(t)
	for name, value := range map[string]string{telnyx.OptMessaging: "yes", telnyx.OptRemaining: "disconect", "site": "1"} {
		_, err := m.OpenPort(context.Background(), provider.PortRequest{Key: "P1", Lines: []provider.PortLine{{Number: one}}, Options: provider.Options{name: value}})
		require.ErrorIs(t, err, provider.Invalid, name)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
	}
	require.Zero(t, m.GetTotalCallCount())
}

// A list that was refused says nothing about an address, and an endpoint that was
// refused was not made, wherever its location came from.
func TestEndpointThatWasRefused(t *testing.T) {
	ctx := context.Background()
	r := provider.EndpointRequest{Key: "E1", Label: "laptop", Address: tower, CallerName: "ACME", Callback: one}
	m := mock(t)
	m.on("GET", "/dynamic_emergency_addresses", 400, errorBody("10031", ""))
	res, err := m.SetEndpoint(ctx, r)
	require.ErrorIs(t, err, provider.Invalid)
	require.Equal(t, provider.Ungraded, res.Check.Grade)

	m.on("GET", "/dynamic_emergency_addresses", 200, `{"data":[{"id":"d1","status":"activated","house_number":"350","street_name":"FIFTH","street_suffix":"AVE","extended_address":"FL 21","locality":"NEW YORK","administrative_area":"NY","postal_code":"10118","country_code":"US"}]}`)
	m.on("GET", "/dynamic_emergency_endpoints", 200, `{"data":[]}`)
	m.on("POST", "/dynamic_emergency_endpoints", 422, errorBody("10027", "/caller_name"))
	_, err = m.SetEndpoint(ctx, r)
	require.ErrorIs(t, err, provider.Invalid)
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
}

// A number that has not come is not done because its order is.
func TestNumberOfAPortThatHasNotCome(t *testing.T) {
	for word, want := range map[string]provider.PortState{"Active": provider.PortDone, "": provider.PortDone, "Old": provider.PortDone, "Failed": provider.PortUnclear,
		"Conflict": provider.PortUnclear, "Cancelled": provider.PortUnclear, "Cancel Pending": provider.PortUnclear} {
		m := mock(t)
		m.on("GET", "/porting_orders/p1", 200, `{"data":{"id":"p1","porting_phone_numbers_count":1,"status":{"value":"ported"}}}`)
		m.on("GET", "/porting_phone_numbers", 200, `{"data":[{"phone_number":"+15015550101","porting_order_id":"p1","activation_status":"`+word+`"}]}`)
		f, err := m.TrackPort(context.Background(), provider.Trace{Ref: "p1"})
		require.NoError(t, err)
		require.Equal(t, want, f.Value[0].Items[0].State, word)
	}
}
