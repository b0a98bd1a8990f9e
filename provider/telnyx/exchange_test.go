package telnyx_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/vanity"
)

const found = `{"data":[{"phone_number":"+15015550101","best_effort":false,"reservable":true,"region_information":[` +
	`{"region_type":"country_code","region_name":"US"},{"region_type":"rate_center","region_name":"LITTLEROCK"},` +
	`{"region_type":"state","region_name":"Arkansas"},{"region_type":"location","region_name":"LITTLE ROCK"}],` +
	`"cost_information":{"upfront_cost":"1.00000","monthly_cost":"0.5","currency":"USD"}}]}`

func TestSearchRequests(t *testing.T) {
	for want, r := range map[string]provider.SearchRequest{
		"administrative_area=AR&best_effort=false&country_code=US&limit=50&locality=Little Rock&phone_number_type=local&rate_center=LITTLEROCK": {
			State: "AR", City: "Little Rock", RateCenter: "LITTLEROCK"},
		"best_effort=false&country_code=US&limit=7&national_destination_code=501&phone_number][starts_with=555&phone_number_type=local": {
			Query: vanity.Query{NPA: 501, NXX: 555}, Page: provider.Page{Limit: 7}},
		"best_effort=false&country_code=US&limit=250&national_destination_code=501&phone_number][ends_with=0101&phone_number][starts_with=5550&phone_number_type=local": {
			Query: vanity.Query{NPA: 501, NXX: 555, Prefix: "5015550", Suffix: "0101"}, Page: provider.Page{Limit: 9999}},
		"best_effort=false&country_code=US&limit=50&national_destination_code=501&phone_number][ends_with=5550101&phone_number_type=local": {
			Query: vanity.Query{NPA: 501, Suffix: "15550101"}},
		// What may lie across the area code is asked for without one.
		"best_effort=false&country_code=US&limit=50&phone_number][contains=155&phone_number][starts_with=501&phone_number_type=local": {
			Query: vanity.Query{NPA: 501, Contains: "155"}},
		"best_effort=false&country_code=US&limit=50&phone_number][contains=0101&phone_number_type=local":  {Query: vanity.Query{Tail: "0101"}},
		"best_effort=false&country_code=US&limit=50&phone_number][starts_with=50&phone_number_type=local": {Query: vanity.Query{Prefix: "50"}},
		"best_effort=true&country_code=CA&exclude_held_numbers=true&features][=voice,sms&limit=50&phone_number_type=toll_free&quickship=true&reservable=true": {
			Kind: provider.TollFree, Options: provider.Options{telnyx.OptBestEffort: "true", telnyx.OptCountry: "CA", telnyx.OptExcludeHeld: "true",
				telnyx.OptFeatures: "voice,sms", telnyx.OptQuickship: "true", telnyx.OptReservable: "true"}},
	} {
		m := mock(t)
		m.on("GET", "/available_phone_numbers", 200, found)
		_, err := m.Search(context.Background(), r)
		require.NoError(t, err)
		u, err := url.Parse(strings.TrimPrefix(m.urls[0], "GET "))
		require.NoError(t, err)
		var got []string
		for k, v := range u.Query() {
			got = append(got, strings.TrimSuffix(strings.TrimPrefix(k, "filter["), "]")+"="+strings.Join(v, ","))
		}
		require.ElementsMatch(t, strings.Split(want, "&"), got)
	}
}

func TestSearchAnswers(t *testing.T) {
	ctx := context.Background()
	m := mock(t)
	m.on("GET", "/available_phone_numbers", 200, found)
	r, err := m.Search(ctx, provider.SearchRequest{})
	require.NoError(t, err)
	require.Equal(t, []provider.Offer{{Number: one, State: "AR", City: "LITTLE ROCK", RateCenter: "LITTLEROCK", Holdable: true,
		Price: money.Price{Setup: money.Known(money.Dollar), Monthly: money.Known(50 * money.Cent)}, Until: noon.Add(10 * time.Minute)}}, r.Items)
	require.Empty(t, r.Next)

	// The answer is filtered: contains may not mean what it says.
	r, err = m.Search(ctx, provider.SearchRequest{Query: vanity.Query{Contains: "777"}})
	require.NoError(t, err)
	require.Empty(t, r.Items)
	r, err = m.Search(ctx, provider.SearchRequest{Query: vanity.Query{Contains: "777"}, Options: provider.Options{telnyx.OptBestEffort: "true"}})
	require.NoError(t, err)
	require.Len(t, r.Items, 1, "near was asked for")

	// Conditions that exclude each other are not asked.
	before := m.GetTotalCallCount()
	r, err = m.Search(ctx, provider.SearchRequest{Query: vanity.Query{NPA: 501, Prefix: "877"}})
	require.NoError(t, err)
	require.Empty(t, r.Items)
	require.Equal(t, before, m.GetTotalCallCount())

	// A price that is not in dollars, or none, is not known.
	for _, cost := range []string{`{"upfront_cost":"1","monthly_cost":"1","currency":"EUR"}`, `{}`, `{"currency":"USD","upfront_cost":"much","monthly_cost":""}`} {
		m.on("GET", "/available_phone_numbers", 200, `{"data":[{"phone_number":"+15015550101","cost_information":`+cost+`},{"phone_number":"+442071234567"}]}`)
		r, err = m.Search(ctx, provider.SearchRequest{})
		require.NoError(t, err)
		require.Len(t, r.Items, 1)
		require.True(t, r.Items[0].Price.IsZero(), cost)
	}
}

// Certain numbers are searched for one by one, twenty on a page, so that each has been
// returned by a recent search.
func TestSearchExact(t *testing.T) {
	m := mock(t)
	var asked []string
	m.RegisterResponder("GET", base+"/available_phone_numbers", func(r *http.Request) (*http.Response, error) {
		q := r.URL.Query()
		n := q.Get("filter[national_destination_code]") + q.Get("filter[phone_number][starts_with]")
		asked = append(asked, n)
		return httpmock.NewStringResponse(200, `{"data":[{"phone_number":"+1`+n+`"},{"phone_number":"+15015550199"}]}`), nil
	})
	req := provider.SearchRequest{Exact: []nanp.Number{three}}
	for i := range 25 {
		req.Exact = append(req.Exact, one+nanp.Number(i%9)+nanp.Number(i/9)*16)
	}
	var got []nanp.Number
	for o, err := range provider.All(context.Background(), func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
		req.Page = p
		return m.Search(ctx, req)
	}) {
		require.NoError(t, err)
		got = append(got, o.Number)
	}
	require.Equal(t, req.Exact[1:], got, "each that is of this kind, and nothing else that came along")
	require.Len(t, asked, 25)
}

// Every word of an order, and of what its numbers wait for.
func TestOrderWords(t *testing.T) {
	for _, c := range []struct {
		status, requirements string
		state                provider.ItemState
		raw                  provider.Raw
		kind                 error
	}{
		{"pending", "", provider.ItemWaiting, "pending", nil},
		{"pending", "pending", provider.ItemWaiting, "pending", nil},
		{"pending", "approved", provider.ItemWaiting, "pending", nil},
		{"pending", "requirement-info-under-review", provider.ItemWaiting, "pending", nil},
		{"pending", "requirement-info-pending", provider.ItemNeedsInfo, "requirement-info-pending", provider.Precondition},
		{"pending", "requirement-info-exception", provider.ItemNeedsInfo, "requirement-info-exception", provider.Precondition},
		{"pending", "cancelled", provider.ItemUnclear, "cancelled", nil},
		{"pending", "deleted", provider.ItemUnclear, "deleted", nil},
		{"pending", "PENDING_QUORUM", provider.ItemUnclear, "PENDING_QUORUM", nil},
		{"success", "approved", provider.ItemLive, "success", nil},
		{"failure", "approved", provider.ItemRefused, "failure", provider.NumberTaken},
		{"cancelled", "", provider.ItemRefused, "cancelled", provider.Precondition},
		{"deleted", "", provider.ItemRefused, "deleted", provider.Precondition},
		{"Activé", "", provider.ItemUnclear, "Activé", nil},
		{"", "", provider.ItemUnclear, "", nil},
	} {
		m := mock(t)
		m.on("POST", "/number_orders", 200, status(c.status, c.requirements))
		o, err := m.Place(context.Background(), order1("K1"))
		require.NoError(t, err)
		it, ok := o.Item(one)
		require.True(t, ok)
		require.Equal(t, c.state, it.State, "%+v", c)
		require.Equal(t, provider.Said{By: "telnyx", Raw: c.raw, Request: "rq-1", At: noon}, it.Said)
		require.Equal(t, provider.Ref("s1"), it.Part)
		if c.kind == nil {
			require.Nil(t, it.Err)
		} else {
			require.ErrorIs(t, it.Err, c.kind)
		}
		require.Equal(t, !o.Settled(), o.Again > 0)
	}
}

// One order, two parts, which go on independently.
func TestTrackOrder(t *testing.T) {
	ctx := context.Background()
	m := mock(t)
	full := `{"data":{"id":"o1","status":"pending","customer_reference":"K1","phone_numbers_count":2,"sub_number_orders_ids":["s1","s2"],"phone_numbers":[` +
		`{"phone_number":"+15015550101","status":"success","phone_number_type":"local","country_code":"US"},` +
		`{"phone_number":"+18005550103","status":"pending","phone_number_type":"toll_free","country_code":"US"}]}}`
	m.on("GET", "/number_orders/o1", 200, full)
	m.on("GET", "/number_orders", 200, `{"data":[{"id":"o0","customer_reference":"K1-other"},{"id":"o1","customer_reference":"K1"}],"meta":{"total_pages":1}}`)
	m.on("GET", "/sub_number_orders", 200, `{"data":[{"id":"s1","order_request_id":"o1","status":"success","phone_number_type":"local","country_code":"US"},{"id":"s2","order_request_id":"o1","status":"cancelled","phone_number_type":"toll_free","country_code":"US"}]}`)
	f, err := m.Track(ctx, provider.Trace{Key: "K1", Numbers: []nanp.Number{one, three}})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.Raw("cancelled"), f.Value.Parts[1].Said.Raw)
	live, _ := f.Value.Item(one)
	require.Equal(t, provider.ItemLive, live.State)
	require.Equal(t, provider.Ref("s1"), live.Part)
	gone, _ := f.Value.Item(three)
	require.Equal(t, provider.ItemRefused, gone.State, "its part was called off")
	require.ErrorIs(t, gone.Err, provider.Precondition)

	f, err = m.Track(ctx, provider.Trace{Key: "K1", Numbers: []nanp.Number{two}})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict, "an order of other numbers is not this one")
	require.NotEmpty(t, f.Why)

	f, err = m.Track(ctx, provider.Trace{Key: "K2", Ref: "o1"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict, "nor is one with another key")

	// Two orders with one key: neither is believed.
	m.on("GET", "/number_orders", 200, `{"data":[{"id":"o1","customer_reference":"K1"},{"id":"o2","customer_reference":"K1"}]}`)
	f, err = m.Track(ctx, provider.Trace{Key: "K1"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	require.Contains(t, f.Why, "2 orders")

	// A filter that matches parts proves an absence all the same.
	m.on("GET", "/number_orders", 200, `{"data":[{"id":"o1","customer_reference":"K1-other"}]}`)
	f, err = m.Track(ctx, provider.Trace{Key: "K1"})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict)
	require.Equal(t, noon, f.AsOf)

	f, err = m.Track(ctx, provider.Trace{Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
}

// An order that was named is not absent because an old answer does not know it.
func TestOldAnswers(t *testing.T) {
	ctx := context.Background()
	m := mock(t)
	m.on("GET", "/number_orders/o1", 404, errorBody("10005", ""))
	m.on("GET", "/number_orders", 200, `{"data":[{"id":"o1","customer_reference":"K1"}]}`)
	for _, trace := range []provider.Trace{{Key: "K1"}, {Ref: "o1"}, {Key: "K1", Ref: "o1"}} {
		f, err := m.Track(ctx, trace)
		require.NoError(t, err)
		require.Equal(t, provider.CannotTell, f.Verdict, "%+v", trace)
		require.NotEmpty(t, f.Why)
	}
	m.on("GET", "/number_orders", 200, `{"data":[]}`)
	f, err := m.Track(ctx, provider.Trace{Key: "K1", Ref: "o1"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict, "the carrier has named it: it was there")
	require.NotEmpty(t, f.Why)
}

// An answer that shows fewer numbers than it counts says nothing about the others.
func TestShortOrder(t *testing.T) {
	m := mock(t)
	m.on("POST", "/number_orders", 200, `{"data":{"id":"o1","status":"success","customer_reference":"K1","phone_numbers_count":2,"phone_numbers":[{"phone_number":"+15015550101","status":"success"}]}}`)
	o, err := m.Place(context.Background(), provider.OrderRequest{Key: "K1", Partial: true, Lines: []provider.OrderLine{{Number: one}, {Number: two}}})
	require.NoError(t, err)
	it, ok := o.Item(two)
	require.True(t, ok)
	require.Equal(t, provider.ItemUnclear, it.State)
	require.False(t, o.Settled())
}

func TestOwnedWords(t *testing.T) {
	for word, want := range map[string]provider.ItemState{
		"purchase-pending": provider.ItemWaiting, "port-pending": provider.ItemWaiting, "active": provider.ItemLive, "emergency-only": provider.ItemAssigned,
		"port-out-pending": provider.ItemLive, "requirement-info-pending": provider.ItemNeedsInfo, "requirement-info-under-review": provider.ItemWaiting,
		"requirement-info-exception": provider.ItemNeedsInfo, "provision-pending": provider.ItemWaiting, "s7": provider.ItemUnclear, "": provider.ItemUnclear,
	} {
		m := mock(t)
		m.owns(`,"status":"` + word + `","connection_id":152191,"customer_reference":"K1","deletion_lock_enabled":true`)
		o, err := m.Owned(context.Background(), one)
		require.NoError(t, err, word)
		require.Equal(t, provider.Owned{Number: one, Ref: "1293384261075731499", Tag: "K1", State: want, Route: "152191", Locked: true, Porting: word == "port-out-pending",
			Said: provider.Said{By: "telnyx", Raw: provider.Raw(word), Request: "rq-1", At: noon}}, o)
		require.Contains(t, m.urls[0], "filter%5Bphone_number%5D=15015550101", "digits only")
	}
	for _, word := range []string{"deleted", "ported-out", "purchase-failed", "port-failed"} {
		m := mock(t)
		m.owns(`,"status":"` + word + `"`)
		_, err := m.Owned(context.Background(), one)
		require.ErrorIs(t, err, provider.NotFound, "a number that left stays in the list")
		r, err := m.ListOwned(context.Background(), provider.Page{})
		require.NoError(t, err)
		require.Empty(t, r.Items)
	}
	m := mock(t)
	m.on("GET", "/phone_numbers", 200, `{"data":[{"id":"1","phone_number":"+15015550102","status":"active"},{"id":"2","phone_number":"+15015550101","status":"deleted"},{"id":"3","phone_number":"+15015550101","status":"active"}]}`)
	o, err := m.Owned(context.Background(), one)
	require.NoError(t, err)
	require.Equal(t, provider.Ref("3"), o.Ref, "the filter matches parts, and a number has former lives")
}

// A list that became shorter between two pages is read again from where its entries
// moved to: no number is skipped.
func TestListIsNotSkipped(t *testing.T) {
	m := mock(t)
	have := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	m.RegisterResponder("GET", base+"/phone_numbers", func(r *http.Request) (*http.Response, error) {
		var number, size int
		_, _ = fmt.Sscan(r.URL.Query().Get("page[number]"), &number)
		_, _ = fmt.Sscan(r.URL.Query().Get("page[size]"), &size)
		var items []string
		for _, i := range have[min((number-1)*size, len(have)):min(number*size, len(have))] {
			items = append(items, fmt.Sprintf(`{"id":"%d","phone_number":"+1501555010%d","status":"active"}`, i, i))
		}
		body := fmt.Sprintf(`{"data":[%s],"meta":{"total_results":%d,"total_pages":%d}}`, strings.Join(items, ","), len(have), (len(have)+size-1)/size)
		if number == 1 {
			have = have[2:] // two of the first page leave
		}
		return httpmock.NewStringResponse(200, body), nil
	})
	seen := map[nanp.Number]bool{}
	for o, err := range provider.All(context.Background(), func(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
		p.Limit = 3
		return m.ListOwned(ctx, p)
	}) {
		require.NoError(t, err)
		seen[o.Number] = true
	}
	require.Len(t, seen, 9)
}

func TestRequestBodies(t *testing.T) {
	ctx := context.Background()
	place := func(c *telnyx.Config) {
		c.Connection, c.MessagingProfile, c.BillingGroup, c.PortWebhook = "c1", "m1", "b1", "https://example.com/hook"
	}
	m := mock(t, place)
	m.owns(`,"status":"active","emergency_enabled":true,"emergency_address_id":"77","emergency_status":"active"`)
	m.on("POST", "/number_orders", 200, status("pending", ""))
	_, err := m.Place(ctx, provider.OrderRequest{Key: "K1", Lines: []provider.OrderLine{{Number: one, Hold: "h"}}, Options: provider.Options{telnyx.OptConnection: "c2", telnyx.OptRequirementGroup: "g"}})
	require.NoError(t, err)
	m.body("POST /number_orders", `{"phone_numbers":[{"phone_number":"+15015550101","requirement_group_id":"g"}],"connection_id":"c2","messaging_profile_id":"m1","billing_group_id":"b1","customer_reference":"K1"}`)

	m.on("POST", "/number_reservations", 200, `{"data":{"id":"r1","phone_numbers":[{"phone_number":"+15015550101","status":"success","expired_at":"2026-11-24T12:30:00Z"}]}}`)
	holds, err := m.Hold(ctx, "K2", []nanp.Number{one})
	require.NoError(t, err)
	require.Equal(t, noon.Add(30*time.Minute), holds[0].Until)
	m.body("POST /number_reservations", `{"phone_numbers":[{"phone_number":"+15015550101"}],"customer_reference":"K2"}`)

	m.on("PATCH", "/phone_numbers/1293384261075731499", 200, `{"data":{"id":"1","phone_number":"+15015550101","status":"active","connection_id":"c3"}}`)
	routed, err := m.Route(ctx, provider.RouteRequest{Key: "K3", Numbers: []nanp.Number{one}, To: "c3"})
	require.NoError(t, err)
	require.Equal(t, "c3", routed[0].Route)
	m.body("PATCH /phone_numbers/1293384261075731499", `{"connection_id":"c3"}`)

	m.on("POST", "/phone_numbers/jobs/delete_phone_numbers", 202, `{"data":{"id":"j1","status":"pending"}}`)
	m.on("GET", "/phone_numbers/jobs/j1", 200, `{"data":{"id":"j1","status":"completed","successful_operations":[{"phone_number":"+15015550101"}]}}`)
	back, err := m.Return(ctx, provider.ReturnRequest{Key: "K4", Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.ItemGone, back.Items[0].State)
	m.body("POST /phone_numbers/jobs/delete_phone_numbers", `{"phone_numbers":["+15015550101"]}`)

	voice := "/phone_numbers/1293384261075731499/voice"
	m.on("PATCH", voice, 200, `{"data":{"cnam_listing":{"cnam_listing_enabled":true,"cnam_listing_details":"ACME"}}}`)
	named, err := m.SetName(ctx, provider.NameRequest{Key: "K5", Numbers: []nanp.Number{one}, Name: "ACME"})
	require.NoError(t, err)
	require.Equal(t, provider.NameReadBack, named.Items[0].State)
	m.body("PATCH "+voice, `{"cnam_listing":{"cnam_listing_enabled":true,"cnam_listing_details":"ACME"}}`)
	_, err = m.SetName(ctx, provider.NameRequest{Key: "K5", Numbers: []nanp.Number{one}, Remove: true})
	require.NoError(t, err)
	require.JSONEq(t, `{"cnam_listing":{"cnam_listing_enabled":false}}`, m.sent["PATCH "+voice][1])

	m.on("GET", "/addresses", 200, `{"data":[]}`)
	m.on("POST", "/addresses/actions/validate", 200, `{"data":{"result":"valid","suggested":{}}}`)
	m.on("POST", "/addresses", 200, `{"data":{"id":13152616,"street_address":"350 FIFTH AVE","extended_address":"FL 21","locality":"NEW YORK","administrative_area":"NY","postal_code":"10118","country_code":"US"}}`)
	enable := "/phone_numbers/1293384261075731499/actions/enable_emergency"
	m.on("POST", enable, 202, `{"data":{"emergency":{"emergency_enabled":true,"emergency_address_id":"13152616","emergency_status":"provisioning"}}}`)
	reg, err := m.Register(ctx, provider.RegisterRequest{Key: "K6", Numbers: []nanp.Number{one}, Address: tower, CallerName: "ACME"})
	require.NoError(t, err)
	require.Equal(t, provider.RegWaiting, reg.Registrations[0].State)
	require.Equal(t, "350 FIFTH AVE", reg.Registrations[0].Address.HouseNumber+" "+reg.Registrations[0].Address.Street)
	m.body("POST /addresses/actions/validate", `{"street_address":"350 FIFTH AVE","extended_address":"FL 21","locality":"NEW YORK","administrative_area":"NY","postal_code":"10118","country_code":"US"}`)
	m.body("POST /addresses", `{"customer_reference":"K6","first_name":"","last_name":"","business_name":"ACME","street_address":"350 FIFTH AVE","extended_address":"FL 21","locality":"NEW YORK","administrative_area":"NY","postal_code":"10118","country_code":"US","address_book":true}`)
	m.body("POST "+enable, `{"emergency_enabled":true,"emergency_address_id":"13152616"}`)
	m.on("POST", enable, 200, `{"data":{"emergency":{"emergency_enabled":false,"emergency_status":"disabled"}}}`)
	_, err = m.Unregister(ctx, "K7", []nanp.Number{one})
	require.NoError(t, err)
	require.JSONEq(t, `{"emergency_enabled":false,"emergency_address_id":"77"}`, m.sent["POST "+enable][1])

	m.on("GET", "/dynamic_emergency_addresses", 200, `{"data":[]}`)
	m.on("POST", "/dynamic_emergency_addresses", 201, `{"data":{"id":"d1","status":"activated","sip_geolocation_id":"GEO1","house_number":"350","street_name":"FIFTH","street_suffix":"AVE","extended_address":"FL 21","locality":"NEW YORK","administrative_area":"NY","postal_code":"10118","country_code":"US"}}`)
	m.on("GET", "/dynamic_emergency_endpoints", 200, `{"data":[]}`)
	m.on("POST", "/dynamic_emergency_endpoints", 201, `{"data":{"id":"e1","status":"pending","sip_from_id":"FROM1","callback_number":"+15015550101","caller_name":"ACME laptop"}}`)
	ep, err := m.SetEndpoint(ctx, provider.EndpointRequest{Key: "K8", Label: "laptop", Address: tower, CallerName: "ACME", Callback: one})
	require.NoError(t, err)
	require.Equal(t, "FROM1 GEO1 laptop", ep.Endpoint.SIPFrom+" "+ep.Endpoint.Geolocation+" "+ep.Endpoint.Label)
	m.body("POST /dynamic_emergency_addresses", `{"house_number":"350","street_name":"FIFTH","street_suffix":"AVE","extended_address":"FL 21","locality":"NEW YORK","administrative_area":"NY","postal_code":"10118","country_code":"US"}`)
	m.body("POST /dynamic_emergency_endpoints", `{"dynamic_emergency_address_id":"d1","callback_number":"+15015550101","caller_name":"ACME laptop"}`)
}

func TestEmergencyWords(t *testing.T) {
	for word, want := range map[string]provider.RegState{"disabled": provider.RegNone, "active": provider.RegActive, "provisioning": provider.RegWaiting,
		"deprovisioning": provider.RegRemoving, "provisioning-failed": provider.RegFailed, "s7": provider.RegUnclear} {
		m := mock(t)
		m.owns(`,"status":"active","emergency_enabled":true,"emergency_address_id":"77","emergency_status":"` + word + `"`)
		m.on("GET", "/addresses/77", 200, `{"data":{"id":"77","street_address":"350 FIFTH AVE","postal_code":"10118","country_code":"US"}}`)
		reg, err := m.Registration(context.Background(), one)
		require.NoError(t, err)
		require.Equal(t, want, reg.State, word)
		require.Equal(t, want != provider.RegNone, reg.Address != nil, "what the carrier holds is shown")
	}
}

// A name that one number refuses, a number that is not ours, and a carrier that is away
// in the middle.
func TestNamesOfMany(t *testing.T) {
	ctx := context.Background()
	m := mock(t)
	m.RegisterResponder("GET", base+"/phone_numbers", func(r *http.Request) (*http.Response, error) {
		n := r.URL.Query().Get("filter[phone_number]")
		if n == "15015550102" {
			return httpmock.NewStringResponse(200, `{"data":[]}`), nil
		}
		return httpmock.NewStringResponse(200, `{"data":[{"id":"`+n+`","phone_number":"+`+n+`","status":"active"}]}`), nil
	})
	m.on("PATCH", "/phone_numbers/15015550101/voice", 200, `{"data":{"cnam_listing":{"cnam_listing_enabled":true,"cnam_listing_details":"ACME"}}}`)
	m.on("PATCH", "/phone_numbers/15015550104/voice", 422, errorBody("10015", "/cnam_listing/cnam_listing_details"))
	four := nanp.MustParse("501-555-0104")
	r := provider.NameRequest{Key: "K1", Name: "ACME", Numbers: []nanp.Number{one, two, three, four}}
	o, err := m.SetName(ctx, r)
	require.NoError(t, err)
	require.Equal(t, provider.NameReadBack, o.Items[0].State)
	require.ErrorIs(t, o.Items[1].Err, provider.NotYours)
	require.ErrorIs(t, o.Items[2].Err, provider.Unsupported, "toll-free")
	require.ErrorIs(t, o.Items[3].Err, provider.Invalid)

	m.on("PATCH", "/phone_numbers/15015550104/voice", 401, ``)
	o, err = m.SetName(ctx, r)
	require.ErrorIs(t, err, provider.Unauthorized)
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err), "the first has its name already")
	require.Len(t, o.Items, 3)
}

// A name that was taken and is not shown yet waits: what the carrier shows is not what
// was sent.
func TestNameIsNotShownYet(t *testing.T) {
	ctx := context.Background()
	m := mock(t)
	m.owns(`,"status":"active"`)
	voice := "/phone_numbers/1293384261075731499/voice"
	m.on("PATCH", voice, 200, `{"data":{"cnam_listing":{"cnam_listing_enabled":true,"cnam_listing_details":"FORMER"}}}`)
	for _, r := range []provider.NameRequest{{Key: "K1", Numbers: []nanp.Number{one}, Name: "ACME"}, {Key: "K2", Numbers: []nanp.Number{one}, Remove: true}} {
		o, err := m.SetName(ctx, r)
		require.NoError(t, err)
		require.Equal(t, provider.NameWaiting, o.Items[0].State)
		require.Equal(t, "FORMER", o.Items[0].Name)
	}
}

func TestLookups(t *testing.T) {
	ctx := context.Background()
	m := mock(t)
	m.on("GET", "/number_lookup/+15015550101", 200, `{"data":{"caller_name":{"caller_name":" ACME ","error_code":""},"carrier":{"name":"Acme/4","type":"voip"},`+
		`"portability":{"lrn":"5015550199","ported_status":"Y","ported_date":"2017-10-20","ocn":"073H","spid":"073H","spid_carrier_name":"Acme","city":"LITTLE ROCK","state":"Arkansas"}}}`)
	name, err := m.LookupName(ctx, one)
	require.NoError(t, err)
	require.Equal(t, "ACME", name.Name)
	i, err := m.LookupNumber(ctx, one)
	require.NoError(t, err)
	require.Equal(t, provider.NumberInfo{Number: one, LRN: nanp.MustParse("501-555-0199"), SPID: "073H", OCN: "073H", Carrier: "Acme", Line: provider.LineVoIP,
		Ported: provider.Yes, PortedOn: time.Date(2017, 10, 20, 0, 0, 0, 0, time.UTC), State: "AR", City: "LITTLE ROCK", Said: i.Said}, i)
	require.Contains(t, m.urls[0], "type=caller-name")
	m.on("GET", "/number_lookup/+15015550101", 200, `{"data":{"caller_name":null,"carrier":null,"portability":null}}`)
	i, err = m.LookupNumber(ctx, one)
	require.NoError(t, err)
	require.Equal(t, provider.NotSaid, i.Ported)
}

func TestAddressAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		grade  provider.Grade
	}{
		{200, `{"data":{"result":"valid","suggested":{}}}`, provider.Valid},
		{200, `{"data":{"result":"valid","suggested":{"street_address":"350  fifth ave","extended_address":"Fl 21","locality":"New York"}}}`, provider.Valid},
		{200, `{"data":{"result":"valid","suggested":{"street_address":"350 5TH AVE"}}}`, provider.Corrected},
		{200, `{"data":{"result":"invalid","suggested":{"postal_code":"10119"},"errors":[{"code":"20205"}]}}`, provider.Corrected},
		{200, `{"data":{"result":"invalid","suggested":{},"errors":[{"code":20208,"source":{"pointer":"/street_address"}}]}}`, provider.Unusable},
		{200, `{"data":{"result":"perhaps","suggested":{}}}`, provider.Ungraded},
		{422, errorBody("20207", "/street_address"), provider.Unusable},
		{422, ``, provider.Unusable},
	} {
		m := mock(t)
		m.on("POST", "/addresses/actions/validate", c.status, c.body)
		check, err := m.CheckAddress(context.Background(), tower)
		require.NoError(t, err, c.body)
		require.Equal(t, c.grade, check.Grade, c.body)
		require.Equal(t, c.grade == provider.Corrected, check.Corrected != nil)
		if c.grade == provider.Unusable {
			require.NotEmpty(t, check.Problems)
		}
	}
}
