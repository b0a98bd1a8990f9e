package bandwidth_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

var regexpTNDetails = regexp.MustCompile(`/tns/.*15015550101/tndetails$`)

func (w *wire) details(inside string) {
	w.mock.RegisterRegexpResponder("GET", regexpTNDetails, httpmock.NewStringResponder(200, "<TelephoneNumberResponse><TelephoneNumberDetails><FullNumber>+15015550101</FullNumber><AccountId>9900012</AccountId>"+inside+"</TelephoneNumberDetails></TelephoneNumberResponse>"))
}

func TestOwnedStatuses(t *testing.T) {
	for word, want := range map[string]provider.ItemState{"Inservice": provider.ItemLive, "InAccount": provider.ItemAssigned, "PortOutMaybe": provider.ItemUnclear} {
		w := newWire(t)
		w.details("<Status>" + word + "</Status><SipPeer><PeerId>303716</PeerId></SipPeer><TnAttributes><TnAttribute>Protected</TnAttribute></TnAttributes>")
		o, err := w.c.Owned(ctx, one)
		require.NoError(t, err)
		require.Equal(t, want, o.State)
		require.Equal(t, provider.Raw(word), o.Said.Raw)
		require.Equal(t, "303716", o.Route)
		require.True(t, o.Locked)
	}
	for _, word := range []string{"Aging", "Available", "Reserved", "PortInPendingFoc"} {
		w := newWire(t)
		w.details("<Status>" + word + "</Status>")
		_, err := w.c.Owned(ctx, one)
		require.ErrorIs(t, err, provider.NotFound, word)
	}
	w := newWire(t)
	_, err := w.c.Owned(ctx, 0)
	require.ErrorIs(t, err, provider.Invalid)
}

func TestListOwnedPages(t *testing.T) {
	w := newWire(t)
	page := func(next string, pairs ...string) string {
		return strings.Replace(numberStatuses(pairs...), "<TelephoneNumbers>", "<Links><first/>"+next+"</Links><TelephoneNumbers>", 1)
	}
	w.mock.RegisterResponder("GET", base+"/tns", func(r *http.Request) (*http.Response, error) {
		w.note(r)
		switch r.URL.Query().Get("page") {
		case "1":
			return httpmock.NewStringResponse(200, page(`<next>Link=&lt;https://api.bandwidth.com:443/v1.0/tns?page=1b6e&amp;size=2&gt;;rel="next";</next>`, "+15015550101", "Inservice", "+15015550102", "Aging")), nil
		case "1b6e":
			return httpmock.NewStringResponse(200, page("<next></next>", "+18775550103", "Odd")), nil
		}
		return httpmock.NewStringResponse(500, ""), nil
	})
	var got []nanp.Number
	for o, err := range provider.All(ctx, w.c.ListOwned) {
		require.NoError(t, err)
		got = append(got, o.Number)
	}
	require.Equal(t, []nanp.Number{one, free}, got, "what ages is not ours; a status that nobody knows is")
	require.Equal(t, "GET /tns?accountId=9900012&page=1&size=2500", w.sent[0])
	_, err := w.c.ListOwned(ctx, provider.Page{Limit: -1})
	require.ErrorIs(t, err, provider.Invalid)

	w = newWire(t)
	w.on("GET", "./tns", 204, "")
	res, err := w.c.ListOwned(ctx, provider.Page{})
	require.NoError(t, err)
	require.Empty(t, res.Items)
	w.on("GET", "./tns", 200, strings.Replace(numberStatuses("+15015550101", "Inservice"), "<TelephoneNumbers>", "<Links><first>Link=&lt;https://api.bandwidth.com/tns?page=1&gt;</first></Links><TelephoneNumbers>", 1))
	res, err = w.c.ListOwned(ctx, provider.Page{Limit: 1})
	require.NoError(t, err)
	require.Empty(t, res.Next, "the last page links to none, and a page has no number")
	w.on("GET", "./tns", 200, numberStatuses())
	res, err = w.c.ListOwned(ctx, provider.Page{})
	require.NoError(t, err)
	require.Empty(t, res.Items)

	// What is no list is not read as one of nothing: everything would seem lost.
	for name, body := range map[string]string{
		"nothing": "", "an error": "<TelephoneNumbersResponse><ResponseStatus><ErrorCode>7999</ErrorCode></ResponseStatus></TelephoneNumbersResponse>",
		"another document": "<Notice/>", "a count": "<TelephoneNumbersResponse><TelephoneNumberCount>7</TelephoneNumberCount><TelephoneNumbers/></TelephoneNumbersResponse>",
		"a full page that leads nowhere": strings.Replace(numberStatuses("+15015550101", "Inservice"), "Count>1<", "Count>2<", 1),
		"a page that leads to itself":    page(`<next>https://api.bandwidth.com/tns?page=1</next>`, "+15015550101", "Inservice"),
	} {
		w.on("GET", "./tns", 200, body)
		_, err = w.c.ListOwned(ctx, provider.Page{Limit: 1})
		require.ErrorIs(t, err, provider.Internal, name)
	}
	w.on("GET", "./tns", 404, "<html><body>no such page</body></html>")
	_, err = w.c.ListOwned(ctx, provider.Page{})
	require.ErrorIs(t, err, provider.Unavailable)
	w.mock.RegisterRegexpResponder("GET", regexpTNDetails, httpmock.NewStringResponder(404, "<html><body>no such page</body></html>"))
	_, err = w.c.Owned(ctx, one)
	require.ErrorIs(t, err, provider.Unavailable, "a proxy's 404 does not take a number away")
	require.NotErrorIs(t, err, provider.NotFound)
}

func lidbBody(status, problems string) string {
	return "<LidbOrder><CustomerOrderId>K</CustomerOrderId><orderId>l1</orderId><ProcessingStatus>" + status + "</ProcessingStatus><ErrorList>" + problems + "</ErrorList><LidbTnGroups><LidbTnGroup><TelephoneNumbers>" +
		"<TelephoneNumber>+15015550101</TelephoneNumber><TelephoneNumber>+15015550102</TelephoneNumber></TelephoneNumbers><SubscriberInformation>ACME</SubscriberInformation></LidbTnGroup></LidbTnGroups></LidbOrder>"
}

func TestNames(t *testing.T) {
	for status, want := range map[string]provider.NameState{"RECEIVED": provider.NameWaiting, "PROCESSING": provider.NameWaiting, "COMPLETE": provider.NameListed, "PARTIAL": provider.NameUnclear, "FAILED": provider.NameRefused, "ODD": provider.NameUnclear} {
		w := newWire(t)
		w.on("GET", "/lidbs/l1", 200, lidbBody(status, ""))
		f, err := w.c.TrackName(ctx, provider.Trace{Ref: "l1"})
		require.NoError(t, err)
		it := f.Value.Items[0]
		require.Equal(t, want, it.State, status)
		require.Equal(t, want == provider.NameListed, it.Name == "ACME", "a name shows when it is listed: %s", status)
	}
	// An error of one number inside a 201.
	w := newWire(t)
	w.on("POST", "/lidbs", 201, "<LidbOrderResponse>"+lidbBody("RECEIVED", "<Error><TelephoneNumber>+15015550102</TelephoneNumber><Code>11020</Code><Description>x</Description></Error>")+"</LidbOrderResponse>")
	o, err := w.c.SetName(ctx, provider.NameRequest{Key: "K", Name: "ACME", Numbers: []nanp.Number{one, two}})
	require.NoError(t, err)
	require.Equal(t, provider.Ref("l1"), o.Ref)
	require.Equal(t, provider.NameWaiting, o.Items[0].State)
	require.Equal(t, provider.NameRefused, o.Items[1].State)
	require.ErrorIs(t, o.Items[1].Err, provider.Conflict)

	// Refused before anything is sent.
	w = newWire(t)
	for _, r := range []provider.NameRequest{
		{Key: "K", Name: "ACME", Numbers: []nanp.Number{free}}, {Key: "K", Remove: true, Numbers: []nanp.Number{one}},
	} {
		_, err := w.c.SetName(ctx, r)
		require.ErrorIs(t, err, provider.Unsupported)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
	}
	for _, name := range []string{"", "SIXTEEN LETTERS!", " ACME"} {
		_, err := w.c.SetName(ctx, provider.NameRequest{Key: "K", Name: name, Numbers: []nanp.Number{one}})
		require.ErrorIs(t, err, provider.Invalid)
		require.NotContains(t, err.Error(), "SIXTEEN")
	}
	require.Empty(t, w.sent)

	// By number, because orders cannot be asked for by key.
	w.on("GET", "/lidbs", 404, "")
	f, err := w.c.TrackName(ctx, provider.Trace{Key: "K", Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict)
	require.Equal(t, "GET /lidbs?tn=%2B15015550101", w.last())
	w.on("GET", "/lidbs", 200, "<ResponseSelectWrapper><orderId>l0</orderId><orderId>l1</orderId></ResponseSelectWrapper>")
	w.on("GET", "/lidbs/l0", 200, strings.Replace(lidbBody("COMPLETE", ""), ">K<", ">before<", 1))
	w.on("GET", "/lidbs/l1", 200, lidbBody("COMPLETE", ""))
	f, err = w.c.TrackName(ctx, provider.Trace{Key: "K", Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.Ref("l1"), f.Value.Ref)
	f, err = w.c.TrackName(ctx, provider.Trace{Key: "K"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)

	for word, want := range map[string]provider.NameState{"Pending": provider.NameWaiting, "Success": provider.NameListed, "Failed": provider.NameRefused, "Odd": provider.NameUnclear} {
		w.details("<Features><Lidb><Status>" + word + "</Status><SubscriberInformation>ACME</SubscriberInformation></Lidb></Features>")
		it, err := w.c.ReadName(ctx, one)
		require.NoError(t, err)
		require.Equal(t, want, it.State)
		require.Equal(t, "ACME", it.Name)
	}
	w.details("")
	it, err := w.c.ReadName(ctx, one)
	require.NoError(t, err)
	require.Equal(t, provider.NameNone, it.State)
}

const anson = `<AddressLine1>904 E ANSON ST</AddressLine1><HouseNumber>904</HouseNumber><PreDirectional>E</PreDirectional><StreetName>ANSON</StreetName><StreetSuffix>ST</StreetSuffix><City>MARSHALLTOWN</City><StateCode>IA</StateCode><Zip>50158</Zip><PlusFour>3522</PlusFour><Country>US</Country>`

// 200 is valid, 409 is corrected, 400 is none. The carrier's own example.
func TestGeocode(t *testing.T) {
	w := newWire(t)
	w.on("POST", "/geocodeRequest", 200, "<GeocodeRequestResponse><GeocodedAddress>"+anson+"</GeocodedAddress></GeocodeRequestResponse>")
	c, err := w.c.CheckAddress(ctx, postal.Civic{HouseNumber: "904", HouseSuffix: "E", Street: "Anson", Suffix: "St", City: "Marshalltown", State: "IA", PostalCode: "50158", Unit: "STE 4"})
	require.NoError(t, err)
	require.Equal(t, provider.Valid, c.Grade, "case, parts, four digits more and a unit that is not repeated are no correction")
	require.Contains(t, w.last(), "<AddressLine2>STE 4</AddressLine2>")

	sent := postal.Civic{HouseNumber: "904", HouseSuffix: "E", Street: "Ansun", Suffix: "Str", City: "Marshalltown", State: "IA", PostalCode: "50158", Unit: "STE 4"}
	for status := range map[int]bool{200: true, 409: true} {
		w.on("POST", "/geocodeRequest", status, "<GeocodeRequestResponse><ErrorMessage>Some adjustments are required</ErrorMessage><GeocodedAddress>"+anson+"</GeocodedAddress></GeocodeRequestResponse>")
		c, err = w.c.CheckAddress(ctx, sent)
		require.NoError(t, err)
		require.Equal(t, provider.Corrected, c.Grade)
		require.Equal(t, "904 E ANSON ST, STE 4", c.Corrected.StreetLine())
		require.Equal(t, provider.Raw(fmt.Sprint(status)), c.Said.Raw)
	}
	w.on("POST", "/geocodeRequest", 400, "<GeocodeRequestResponse><ResponseStatus><ErrorCode>12110</ErrorCode><Description>x</Description></ResponseStatus></GeocodeRequestResponse>")
	c, err = w.c.CheckAddress(ctx, sent)
	require.NoError(t, err)
	require.Equal(t, provider.Unusable, c.Grade)
	require.Equal(t, "12110", c.Problems[0].Rule)
	w.on("POST", "/geocodeRequest", 200, "<GeocodeRequestResponse/>")
	c, err = w.c.CheckAddress(ctx, sent)
	require.NoError(t, err)
	require.Equal(t, provider.Ungraded, c.Grade)
	for status, code := range map[int]string{503: "12109", 500: "12111"} {
		w.on("POST", "/geocodeRequest", status, "<X><ResponseStatus><ErrorCode>"+code+"</ErrorCode></ResponseStatus></X>", "Retry-After", "3600")
		_, err = w.c.CheckAddress(ctx, sent)
		require.ErrorIs(t, err, provider.Unavailable)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
	}
	_, err = w.c.CheckAddress(ctx, postal.Civic{})
	require.ErrorIs(t, err, provider.Invalid)
}

func e911Body(status, rest string) string {
	return "<E911Order><OrderId>e1</OrderId><CustomerOrderId>K</CustomerOrderId><ProcessingStatus>" + status + "</ProcessingStatus><TelephoneNumbers><TelephoneNumber>+15015550101</TelephoneNumber><TelephoneNumber>+15015550102</TelephoneNumber></TelephoneNumbers>" +
		"<Address>" + anson + "</Address>" + rest + "</E911Order>"
}

const refusedTwo = "<ErrorList><Error><Code>8009</Code><TelephoneNumbers><TelephoneNumber>+15015550102</TelephoneNumber></TelephoneNumbers></Error></ErrorList>"

func TestRegistrationStatuses(t *testing.T) {
	const removes = "<DeleteTNSpecificE911Address>true</DeleteTNSpecificE911Address>"
	type states [2]provider.RegState
	for _, tc := range []struct {
		status, rest string
		want         states
	}{
		{"RECEIVED", "", states{provider.RegWaiting, provider.RegWaiting}},
		{"PROCESSING", "", states{provider.RegWaiting, provider.RegWaiting}},
		{"COMPLETE", "", states{provider.RegActive, provider.RegActive}},
		{"ADJUSTED_COMPLETE", "", states{provider.RegAdjusted, provider.RegAdjusted}},
		{"PARTIAL", refusedTwo, states{provider.RegActive, provider.RegFailed}},
		{"ADJUSTED_PARTIAL", refusedTwo, states{provider.RegAdjusted, provider.RegFailed}},
		{"FAILED", "", states{provider.RegFailed, provider.RegFailed}},
		{"ODD", "", states{provider.RegUnclear, provider.RegUnclear}},
		{"RECEIVED", removes, states{provider.RegRemoving, provider.RegRemoving}},
		{"COMPLETE", removes, states{provider.RegNone, provider.RegNone}},
		{"PARTIAL", removes + refusedTwo, states{provider.RegNone, provider.RegFailed}},
	} {
		w := newWire(t)
		w.on("GET", "/e911s/e1", 200, e911Body(tc.status, tc.rest))
		f, err := w.c.TrackRegistration(ctx, provider.Trace{Ref: "e1", Key: "K"})
		require.NoError(t, err)
		r := f.Value.Registrations
		require.Equal(t, tc.want, states{r[0].State, r[1].State}, tc.status)
		require.Equal(t, r[0].State == provider.RegActive || r[0].State == provider.RegAdjusted, r[0].Address != nil, "the address is the registrar's only when it is done")
		if r[1].State == provider.RegFailed {
			require.NotNil(t, r[1].Err)
		}
	}
}

// An order that was cancelled as a duplicate leads to the one that it duplicates,
// where that is about the same.
func TestDuplicateRegistration(t *testing.T) {
	const other = "1d863522-c9bf-430c-8e79-cc63cad04a1d"
	cancelled := e911Body("FAILED", "<ErrorList><Error><Code>8033</Code><Description>Order is cancelled, duplicate of "+other+".</Description></Error></ErrorList>")
	for same, want := range map[bool]provider.RegState{true: provider.RegActive, false: provider.RegFailed} {
		w := newWire(t)
		twin := strings.ReplaceAll(e911Body("COMPLETE", ""), "e1", other)
		if !same {
			twin = strings.ReplaceAll(twin, "ANSON", "ELM")
		}
		w.on("GET", "/e911s", 200, "<E911Orders><E911OrderSummary><OrderId>e1</OrderId></E911OrderSummary></E911Orders>")
		w.on("GET", "/e911s/e1", 200, cancelled)
		w.on("GET", "/e911s/"+other, 200, twin)
		f, err := w.c.TrackRegistration(ctx, provider.Trace{Key: "K", Numbers: []nanp.Number{one, two}})
		require.NoError(t, err)
		require.Equal(t, provider.Found, f.Verdict)
		require.Equal(t, want, f.Value.Registrations[0].State)
		require.Equal(t, same, f.Value.Ref == other)
		require.Equal(t, "GET /e911s?customerOrderId=K", w.sent[0])
	}
}

func TestRegistration(t *testing.T) {
	w := newWire(t)
	w.details("")
	r, err := w.c.Registration(ctx, one)
	require.NoError(t, err)
	require.Equal(t, provider.RegNone, r.State)
	for word, want := range map[string]provider.RegState{"PENDING": provider.RegWaiting, "FAILED": provider.RegFailed, "ODD": provider.RegUnclear} {
		w.details("<Features><E911><LastE911OrderOutcome>" + word + "</LastE911OrderOutcome></E911></Features>")
		r, err = w.c.Registration(ctx, one)
		require.NoError(t, err)
		require.Equal(t, want, r.State)
	}
	// The number does not tell whether its address is the one that was sent: its last order does.
	w.details("<Features><E911><LastE911OrderOutcome>SUCCESS</LastE911OrderOutcome><Address>" + anson + "</Address></E911></Features>")
	summary := func(date, status string) string {
		return "<E911OrderSummary><OrderDate>" + date + "</OrderDate><OrderStatus>" + status + "</OrderStatus><OrderId>x</OrderId></E911OrderSummary>"
	}
	for _, tc := range []struct {
		list string
		want provider.RegState
	}{
		{"", provider.RegActive},
		{summary("2015-08-03T14:40:17.864Z", "ADJUSTED_COMPLETE") + summary("2015-08-03T14:41:00.815Z", "COMPLETE"), provider.RegActive},
		{summary("2015-08-03T14:41:17.864Z", "ADJUSTED_COMPLETE") + summary("2015-08-03T14:40:00.815Z", "COMPLETE"), provider.RegAdjusted},
		{summary("2015-08-03T14:40:17.864Z", "ADJUSTED_COMPLETE") + summary("2015-08-03T14:42:00.815Z", "FAILED"), provider.RegAdjusted},
	} {
		w.on("GET", "/e911s", 200, "<E911Orders>"+tc.list+"</E911Orders>")
		r, err = w.c.Registration(ctx, one)
		require.NoError(t, err)
		require.Equal(t, tc.want, r.State)
		require.Equal(t, "904 E ANSON ST", r.Address.StreetLine())
	}
	w.mock.RegisterRegexpResponder("GET", regexpTNDetails, httpmock.NewStringResponder(404, ""))
	r, err = w.c.Registration(ctx, one)
	require.NoError(t, err)
	require.Equal(t, provider.RegNone, r.State)
}

func TestRegisterRefusals(t *testing.T) {
	w := newWire(t)
	for name, r := range map[string]provider.RegisterRequest{
		"no address": {Key: "K", Numbers: []nanp.Number{one}}, "long name": {Key: "K", Numbers: []nanp.Number{one}, Address: home, CallerName: strings.Repeat("A", 51)},
		"no numbers": {Key: "K", Address: home}, "bad key": {Key: "a key", Numbers: []nanp.Number{one}, Address: home},
	} {
		_, err := w.c.Register(ctx, r)
		require.ErrorIs(t, err, provider.Invalid, name)
	}
	_, err := w.c.Register(ctx, provider.RegisterRequest{Key: "K", Numbers: []nanp.Number{one}, Address: home, Callback: two})
	require.ErrorIs(t, err, provider.Unsupported)
	require.Empty(t, w.sent)
	// As given: an address that would be altered is answered and not registered.
	w.on("POST", "/geocodeRequest", 409, "<X><GeocodedAddress>"+anson+"</GeocodedAddress></X>")
	wrong := home
	wrong.Street = "ANSUN"
	out, err := w.c.Register(ctx, provider.RegisterRequest{Key: "K", Numbers: []nanp.Number{one}, Address: wrong, AsGiven: true})
	require.NoError(t, err)
	require.Equal(t, provider.Corrected, out.Check.Grade)
	require.Empty(t, out.Registrations)
	require.Len(t, w.sent, 1)
	w.on("POST", "/geocodeRequest", 403, "")
	_, err = w.c.Register(ctx, provider.RegisterRequest{Key: "K", Numbers: []nanp.Number{one}, Address: wrong, AsGiven: true})
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), "nothing was registered yet")
}

func portBody(status, rest string) string {
	return "<LnpOrderResponse>" + rest + "<ProcessingStatus>" + status + "</ProcessingStatus><CustomerOrderId>K</CustomerOrderId><RequestedFocDate>2026-12-01T16:30:00.000Z</RequestedFocDate><LoaAuthorizingPerson>Erika</LoaAuthorizingPerson>" +
		"<Subscriber><SubscriberType>BUSINESS</SubscriberType><BusinessName>River Bakery</BusinessName><ServiceAddress><HouseNumber>1</HouseNumber><StreetName>Back</StreetName></ServiceAddress></Subscriber>" +
		"<WirelessInfo><AccountNumber>A1</AccountNumber><PinNumber>1234</PinNumber></WirelessInfo><BillingTelephoneNumber>+15015550101</BillingTelephoneNumber>" +
		"<ListOfPhoneNumbers><PhoneNumber>+15015550101</PhoneNumber><PhoneNumber>+15015550102</PhoneNumber></ListOfPhoneNumbers><SiteId>743</SiteId><AccountId>20</AccountId></LnpOrderResponse>"
}

func TestPortStatuses(t *testing.T) {
	for status, want := range map[string]provider.PortState{
		"DRAFT": provider.PortDraft, "VALIDATE_DRAFT_TFNS": provider.PortChecking, "INVALID_DRAFT_TFNS": provider.PortDraft, "VALID_DRAFT_TFNS": provider.PortDraft, "VALIDATE_TFNS": provider.PortChecking,
		"INVALID_TFNS": provider.PortRejected, "PENDING_DOCUMENTS": provider.PortNeedsDocument, "SUBMITTED": provider.PortSubmitted, "EXCEPTION": provider.PortRejected, "REQUESTED_SUPP": provider.PortSubmitted,
		"FOC": provider.PortFOC, "REQUESTED_CANCEL": provider.PortCancelAsked, "CANCELLED": provider.PortCancelled, "COMPLETE": provider.PortDone, "ODD": provider.PortUnclear,
	} {
		w := newWire(t)
		w.on("GET", "/portins/p1", 200, portBody(status, "<ActualFocDate>2026-12-02T16:30:00Z</ActualFocDate>"))
		f, err := w.c.TrackPort(ctx, provider.Trace{Ref: "p1"})
		require.NoError(t, err)
		o := f.Value[0]
		require.Equal(t, want, o.State, status)
		require.Equal(t, provider.Raw(status), o.Said.Raw)
		require.Equal(t, "2026-12-01", o.Requested.String())
		require.Equal(t, "2026-12-02T16:30:00Z", o.FOC.Format("2006-01-02T15:04:05Z"))
		require.Len(t, o.Items, 2)
		require.Equal(t, want == provider.PortNeedsDocument, len(o.Needs) > 0)
	}
}

// Errors inside a 201: the order exists and has to be amended.
func TestPortException(t *testing.T) {
	w := newWire(t)
	w.on("POST", "/portins", 201, "<LnpOrderResponse><OrderId>p1</OrderId><Status><Code>201</Code><Description>Order request received.</Description></Status><Errors><Code>7402</Code><Description>E1: does not match</Description></Errors>"+
		"<Errors><Code>7402</Code><Description>8D: ZIP</Description></Errors><Errors><Code>7402</Code><Description>who knows</Description></Errors><Errors><Code>7205</Code><Description>busy</Description></Errors><ProcessingStatus>EXCEPTION</ProcessingStatus></LnpOrderResponse>")
	out, err := w.c.OpenPort(ctx, porting("K", one))
	require.NoError(t, err)
	o := out[0]
	require.Equal(t, provider.Ref("p1"), o.Ref)
	require.Equal(t, provider.PortRejected, o.State)
	var codes []string
	for _, r := range o.Reasons {
		codes = append(codes, r.Code+"|"+r.Carrier)
	}
	require.Equal(t, []string{"address_mismatch|7402/E1", "zip_mismatch|7402/8D", "|7402", "pending_order|7205"}, codes, "a code with several meanings stays the carrier's without the other code")
	require.Equal(t, []nanp.Number{one}, []nanp.Number{o.Items[0].Number}, "filled in from what was sent")
}

func TestPortErrorsOfNumbers(t *testing.T) {
	w := newWire(t)
	w.on("GET", "/portins/p1", 200, portBody("INVALID_TFNS", "<TollFreeValidationErrors><ErrorList><Error><Code>7642</Code><Description>spare</Description><TelephoneNumbers><Tn>+15015550102</Tn></TelephoneNumbers></Error></ErrorList></TollFreeValidationErrors>"))
	f, err := w.c.TrackPort(ctx, provider.Trace{Ref: "p1"})
	require.NoError(t, err)
	require.Empty(t, f.Value[0].Items[0].Reasons)
	require.Equal(t, "tollfree_spare_or_unavailable", f.Value[0].Items[1].Reasons[0].Code)
}

// A change repeats all that the order has.
func TestPortChanges(t *testing.T) {
	const kept = "<CustomerOrderId>K</CustomerOrderId><RequestedFocDate>2026-12-01T16:30:00.000Z</RequestedFocDate><BillingTelephoneNumber>+15015550101</BillingTelephoneNumber><WirelessInfo><AccountNumber>A1</AccountNumber><PinNumber>1234</PinNumber></WirelessInfo>" +
		"<Subscriber><SubscriberType>BUSINESS</SubscriberType><BusinessName>River Bakery</BusinessName><ServiceAddress><HouseNumber>1</HouseNumber><StreetName>Back</StreetName></ServiceAddress></Subscriber><SiteId>743</SiteId>" +
		"<ListOfPhoneNumbers><PhoneNumber>+15015550101</PhoneNumber><PhoneNumber>+15015550102</PhoneNumber></ListOfPhoneNumbers><LoaAuthorizingPerson>Erika</LoaAuthorizingPerson>"
	w := newWire(t)
	w.on("GET", "/portins/p1", 200, portBody("DRAFT", ""))
	w.on("PUT", "/portins/p1", 200, "<LnpOrderResponse><OrderId>p1</OrderId><Status><Code>200</Code></Status><ProcessingStatus>SUBMITTED</ProcessingStatus></LnpOrderResponse>")
	o, err := w.c.SubmitPort(ctx, "S", "p1")
	require.NoError(t, err)
	require.Equal(t, provider.PortSubmitted, o.State)
	require.Len(t, o.Items, 2)
	require.Equal(t, "PUT /portins/p1 <LnpOrderSupp>"+kept+"<ProcessingStatus>SUBMITTED</ProcessingStatus></LnpOrderSupp>", w.last())

	_, err = w.c.AmendPort(ctx, "A", "p1", provider.PortRequest{})
	require.NoError(t, err)
	require.Equal(t, "PUT /portins/p1 <LnpOrderSupp>"+kept+"</LnpOrderSupp>", w.last(), "nothing asked, nothing changed")

	_, err = w.c.AmendPort(ctx, "A", "p1", provider.PortRequest{Account: secret.New("A2"), Service: home, Desired: provider.Date{Year: 2026, Month: 12, Day: 3}, Partial: true, NewBTN: two})
	require.NoError(t, err)
	require.Contains(t, w.last(), "<WirelessInfo><AccountNumber>A2</AccountNumber><PinNumber>1234</PinNumber></WirelessInfo>", "both or neither")
	require.Contains(t, w.last(), "<BusinessName>River Bakery</BusinessName><ServiceAddress><ResetAddressFields>true</ResetAddressFields><HouseNumber>904</HouseNumber>")
	require.Contains(t, w.last(), "<RequestedFocDate>2026-12-03</RequestedFocDate>")
	require.Contains(t, w.last(), "<PartialPort>true</PartialPort>")
	require.NotContains(t, w.last(), ">Back<")

	r := porting("K", one, two)
	r.Name, r.Residential, r.Service = secret.New("Erika M Beispiel"), true, postal.Civic{}
	_, err = w.c.AmendPort(ctx, "A", "p1", r)
	require.NoError(t, err)
	require.Contains(t, w.last(), "<SubscriberType>RESIDENTIAL</SubscriberType><FirstName>Erika M</FirstName><LastName>Beispiel</LastName><ServiceAddress><HouseNumber>1</HouseNumber>")

	_, err = w.c.CancelPort(ctx, "C", "p1", []nanp.Number{two})
	require.NoError(t, err)
	require.Contains(t, w.last(), "<ListOfPhoneNumbers><PhoneNumber>+15015550101</PhoneNumber></ListOfPhoneNumbers>")
	_, err = w.c.CancelPort(ctx, "C", "p1", []nanp.Number{free})
	require.ErrorIs(t, err, provider.NotFound)

	w.on("DELETE", "/portins/p1", 200, "")
	gone := false
	w.mock.RegisterResponder("GET", account+"/portins/p1", func(r *http.Request) (*http.Response, error) {
		if gone {
			return httpmock.NewStringResponse(404, ""), nil
		}
		gone = true
		return httpmock.NewStringResponse(200, portBody("DRAFT", "")), nil
	})
	o, err = w.c.CancelPort(ctx, "C", "p1", nil)
	require.NoError(t, err)
	require.Equal(t, provider.PortCancelled, o.State, "a cancelled draft vanishes")
}

func TestPortRefusals(t *testing.T) {
	w := newWire(t)
	mixed := porting("K", one, free)
	pins := porting("K", one, two)
	pins.Lines[1].PIN = secret.New("canary-pin")
	person := porting("K", one)
	person.Residential, person.Name = true, secret.New("Cher")
	options := porting("K", one)
	options.Options = provider.Options{"Site": "7"}
	for name, r := range map[string]provider.PortRequest{"mixed": mixed, "PINs": pins, "one name": person, "options": options, "no lines": {Key: "K"}} {
		_, err := w.c.OpenPort(ctx, r)
		require.ErrorIs(t, err, provider.Invalid, name)
		require.NotContains(t, err.Error(), "canary")
		require.NotContains(t, err.Error(), "Cher")
	}
	lost := porting("K", one)
	lost.Documents = []provider.Ref{"shelf-unknown"}
	_, err := w.c.OpenPort(ctx, lost)
	require.ErrorIs(t, err, provider.Precondition)
	_, err = w.c.CheckPort(ctx, []nanp.Number{one, free})
	require.ErrorIs(t, err, provider.Unsupported)
	require.Empty(t, w.sent)
}

func TestPortCheck(t *testing.T) {
	w := newWire(t)
	w.on("POST", "/lnpchecker", 200, `<NumberPortabilityResponse><PortType>AUTOMATED</PortType><PortableNumbers><Tn>+15015550101</Tn></PortableNumbers><UnsupportedRateCenters><RateCenterGroup><TnList><Tn>+15015550102</Tn></TnList></RateCenterGroup></UnsupportedRateCenters>`+
		`<SupportedLosingCarriers><LosingCarrierTnList><LosingCarrierSPID>6529</LosingCarrierSPID><LosingCarrierName>T-Mobile US</LosingCarrierName><LosingCarrierIsWireless>true</LosingCarrierIsWireless><TnList><Tn>+15015550101</Tn></TnList></LosingCarrierTnList></SupportedLosingCarriers></NumberPortabilityResponse>`)
	got, err := w.c.CheckPort(ctx, []nanp.Number{one, two})
	require.NoError(t, err)
	require.True(t, got[0].Portable && got[0].NeedsPIN && got[0].Fast)
	require.Equal(t, "T-Mobile US", got[0].Losing)
	require.Equal(t, provider.LineWireless, got[0].Line)
	require.False(t, got[1].Portable)
	require.NotEmpty(t, got[1].Reason)
}

func TestNotes(t *testing.T) {
	w := newWire(t)
	w.on("GET", "/portins/p1/notes", 204, "")
	res, err := w.c.ListPortComments(ctx, "p1", provider.Page{})
	require.NoError(t, err)
	require.Empty(t, res.Items)
	w.on("GET", "/portins/p1/notes", 404, "")
	_, err = w.c.ListPortComments(ctx, "p1", provider.Page{})
	require.ErrorIs(t, err, provider.NotFound, "the order was named")
	w.on("POST", "/portins/p1/notes", 201, "", "Location", account+"/portins/p1/notes/87037")
	c, err := w.c.AddPortComment(ctx, "K", "p1", secret.New("hello"))
	require.NoError(t, err)
	require.Equal(t, provider.Ref("87037"), c.Ref)
	for _, text := range []string{"", strings.Repeat("x", 501)} {
		_, err = w.c.AddPortComment(ctx, "K", "p1", secret.New(text))
		require.ErrorIs(t, err, provider.Invalid)
	}
}

func TestPlaces(t *testing.T) {
	w := newWire(t)
	w.on("GET", "/availableNpaNxx", 200, "<SearchResultForAvailableNpaNxx><AvailableNpaNxxList><AvailableNpaNxx><City>CARY</City><State>NC</State><Npa>919</Npa><Nxx>555</Nxx></AvailableNpaNxx></AvailableNpaNxxList></SearchResultForAvailableNpaNxx>")
	w.on("GET", "./cities", 200, "<CityResponse><Cities><City><RcAbbreviation>JULIAN</RcAbbreviation><Name>ADVANCE</Name></City></Cities></CityResponse>")
	var got []provider.Place
	for p, err := range provider.All(ctx, func(ctx context.Context, p provider.Page) (provider.Result[provider.Place], error) {
		return w.c.Places(ctx, "NC", p)
	}) {
		require.NoError(t, err)
		got = append(got, p)
	}
	require.Equal(t, []provider.Place{{State: "NC", City: "CARY", NPA: 919}, {State: "NC", City: "ADVANCE", RateCenter: "JULIAN"}}, got)
	_, err := w.c.Places(ctx, "NC", provider.Page{Cursor: "x"})
	require.ErrorIs(t, err, provider.Invalid)
	_, err = w.c.Places(ctx, "XX", provider.Page{})
	require.ErrorIs(t, err, provider.Invalid)
}

func TestHolds(t *testing.T) {
	w := newWire(t)
	w.on("POST", "/tnreservation", 201, "", "Location", "https://dashboard.bandwidth.com/api/accounts/9900012/TnReservation/8da0f39c.")
	h, err := w.c.Hold(ctx, "K", []nanp.Number{one})
	require.NoError(t, err)
	require.Equal(t, provider.Ref("8da0f39c"), h[0].Ref, "the identifier is in the Location header only")
	n := 0
	w.mock.RegisterResponder("POST", account+"/tnreservation", func(r *http.Request) (*http.Response, error) {
		if n++; n == 2 {
			return httpmock.NewStringResponse(400, "<X><ResponseStatus><ErrorCode>5041</ErrorCode></ResponseStatus></X>"), nil
		}
		res := httpmock.NewStringResponse(201, "")
		res.Header.Set("Location", "/x/r1")
		return res, nil
	})
	h, err = w.c.Hold(ctx, "K", []nanp.Number{one, two})
	require.ErrorIs(t, err, provider.NumberTaken)
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err), "one of them is held")
	require.Len(t, h, 1)
	w.on("GET", "/tnreservation/r1", 200, "<ReservationResponse><Reservation><ReservationExpires>60</ReservationExpires><ReservedTn>+15015550101</ReservedTn></Reservation></ReservationResponse>")
	f, err := w.c.TrackHold(ctx, provider.Trace{Ref: "r1"})
	require.NoError(t, err)
	require.Equal(t, one, f.Value[0].Number)
	w.on("GET", "/tnreservation/r2", 404, "")
	f, err = w.c.TrackHold(ctx, provider.Trace{Ref: "r2"})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict)
	f, err = w.c.TrackHold(ctx, provider.Trace{Key: "K", Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	require.ErrorIs(t, w.c.Unhold(ctx, ""), provider.Invalid)
}
