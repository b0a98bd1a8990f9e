package bandwidth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/vanity"
)

const (
	here    = "+15015550101"
	details = "./tns/" + here + "/tndetails"
	leaves  = "<DeleteTNSpecificE911Address>true</DeleteTNSpecificE911Address>"
)

// at is the answer about one number.
func at(inside string) string {
	return "<TelephoneNumberResponse><TelephoneNumberDetails><FullNumber>" + here + "</FullNumber><Status>Inservice</Status><AccountId>9900012</AccountId><Features>" + inside + "</Features></TelephoneNumberDetails></TelephoneNumberResponse>"
}

// A number that a list leaves out is not in the account only when the list is
// whole. Else it is asked for by itself.
func TestNumberLeftOut(t *testing.T) {
	list := numberStatuses("+15015550102", "Aging")
	count := func(s string) string { return strings.Replace(list, "Count>1<", "Count>"+s+"<", 1) }
	for name, tc := range map[string]struct {
		list   string
		alone  int // status of the answer about the number itself; 0: it is not asked
		inside string
		want   provider.Verdict
	}{
		"a whole list":             {list, 0, "", provider.Found},
		"a larger count":           {count("2"), 200, at(""), provider.CannotTell},
		"a larger count, and gone": {count("2"), 404, "", provider.Found},
		"no count":                 {strings.Replace(list, "<TelephoneNumberCount>1</TelephoneNumberCount>", "", 1), 200, at(""), provider.CannotTell},
		"a further page":           {strings.Replace(list, "<TelephoneNumbers>", "<Links><next>https://api.bandwidth.com/tns?page=9</next></Links><TelephoneNumbers>", 1), 200, at(""), provider.CannotTell},
		"a number that is none":    {strings.Replace(list, "</TelephoneNumbers>", "<TelephoneNumber><FullNumber>n/a</FullNumber></TelephoneNumber></TelephoneNumbers>", 1), 200, at(""), provider.CannotTell},
		"15610":                    {strings.Replace(count("2"), "</TelephoneNumbersResponse>", "<ErrorList><Error><Code>15610</Code><TelephoneNumbers><TelephoneNumber>"+here+"</TelephoneNumber></TelephoneNumbers></Error></ErrorList></TelephoneNumbersResponse>", 1), 0, "", provider.Found},
	} {
		w := newWire(t)
		w.on("POST", "./tns", 200, tc.list)
		w.on("GET", "/disconnects", 404, "")
		if tc.alone != 0 {
			w.on("GET", details, tc.alone, tc.inside)
		}
		f, err := w.c.TrackReturn(ctx, provider.Trace{Key: "K", Numbers: []nanp.Number{one, two}, Since: noon})
		require.NoError(t, err, name)
		require.Equal(t, tc.want, f.Verdict, "%s: %s", name, f.Why)
	}
	w := newWire(t)
	w.on("POST", "./tns", 200, count("2"))
	w.on("GET", details, 403, "")
	_, err := w.c.TrackReturn(ctx, provider.Trace{Key: "K", Numbers: []nanp.Number{one, two}, Since: noon})
	require.ErrorIs(t, err, provider.Forbidden)
}

// An order that failed in parts, and does not say in which, makes nobody safe.
func TestPartsThatAreNotNamed(t *testing.T) {
	for _, tc := range []struct {
		status, rest string
		want         provider.RegState
	}{
		{"PARTIAL", "", provider.RegUnclear}, {"ADJUSTED_PARTIAL", "", provider.RegUnclear},
		{"PARTIAL", "<ErrorList><Error><Code>8009</Code></Error></ErrorList>", provider.RegUnclear},
		{"PARTIAL", leaves, provider.RegUnclear}, {"PARTIAL", refusedTwo, provider.RegActive},
	} {
		w := newWire(t)
		w.on("GET", "/e911s/e1", 200, e911Body(tc.status, tc.rest))
		f, err := w.c.TrackRegistration(ctx, provider.Trace{Ref: "e1"})
		require.NoError(t, err)
		require.Equal(t, tc.want, f.Value.Registrations[0].State, "%+v", tc)
	}
	w := newWire(t)
	w.on("GET", "/lidbs/l1", 200, lidbBody("PARTIAL", ""))
	f, err := w.c.TrackName(ctx, provider.Trace{Ref: "l1"})
	require.NoError(t, err)
	require.Equal(t, provider.NameUnclear, f.Value.Items[0].State)
	require.Empty(t, f.Value.Items[0].Name)
	w.on("GET", "/lidbs/l1", 200, lidbBody("PARTIAL", "<Error><Code>11014</Code><TelephoneNumber>+15015550102</TelephoneNumber></Error>"))
	f, err = w.c.TrackName(ctx, provider.Trace{Ref: "l1"})
	require.NoError(t, err)
	require.Equal(t, provider.NameListed, f.Value.Items[0].State)
	require.Equal(t, provider.NameRefused, f.Value.Items[1].State)
	f, err = w.c.TrackName(ctx, provider.Trace{Ref: "l1", Key: "another"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict, "the order with this reference is not ours")
}

// An order of E911 that is done and shows no address could have removed one.
func TestDoneWithoutAnAddress(t *testing.T) {
	bare := strings.Replace(e911Body("COMPLETE", ""), "<Address>"+anson+"</Address>", "", 1)
	w := newWire(t)
	w.on("GET", "/e911s/e1", 200, bare)
	f, err := w.c.TrackRegistration(ctx, provider.Trace{Ref: "e1"})
	require.NoError(t, err)
	require.Equal(t, provider.RegUnclear, f.Value.Registrations[0].State)
	f, err = w.c.TrackRegistration(ctx, provider.Trace{Ref: "e1", Removal: true})
	require.NoError(t, err)
	require.Equal(t, provider.RegNone, f.Value.Registrations[0].State)
	require.Nil(t, f.Value.Registrations[0].Address)
}

// The outcome of the last order of a number is that of its removal, too.
func TestRemovedRegistrationIsNotActive(t *testing.T) {
	feature := func(word, rest string) string {
		return at("<E911><LastE911OrderOutcome>" + word + "</LastE911OrderOutcome>" + rest + "</E911>")
	}
	list := "<E911Orders><E911OrderSummary><OrderDate>2026-11-01T00:00:00Z</OrderDate><OrderStatus>COMPLETE</OrderStatus><OrderId>e1</OrderId></E911OrderSummary></E911Orders>"
	removal := strings.Replace(e911Body("COMPLETE", leaves), "<Address>"+anson+"</Address>", "", 1)
	for name, tc := range map[string]struct {
		at, list, order string
		want            provider.RegState
	}{
		"deleted":                             {feature("DELETED", ""), "", "", provider.RegNone},
		"deleted, and one of the location":    {feature("DELETED", "<SipPeerAddress>true</SipPeerAddress><Address>"+anson+"</Address>"), "", "", provider.RegNone},
		"adjusted":                            {feature("ADJUSTED", "<Address>"+anson+"</Address>"), "", "", provider.RegAdjusted},
		"reverted":                            {feature("REVERTED", "<Address>"+anson+"</Address>"), "", "", provider.RegUnclear},
		"a success without an order":          {feature("SUCCESS", ""), "<E911Orders/>", "", provider.RegUnclear},
		"a success of a removal":              {feature("SUCCESS", ""), list, removal, provider.RegNone},
		"a success of a registration":         {feature("SUCCESS", ""), list, e911Body("COMPLETE", ""), provider.RegActive},
		"a success of an order for others":    {feature("SUCCESS", ""), list, strings.ReplaceAll(e911Body("COMPLETE", ""), here, "+15015550109"), provider.RegUnclear},
		"a success of an order without place": {feature("SUCCESS", ""), list, strings.Replace(e911Body("COMPLETE", ""), "<Address>"+anson+"</Address>", "", 1), provider.RegUnclear},
	} {
		w := newWire(t)
		w.on("GET", details, 200, tc.at)
		w.on("GET", "/e911s", 200, tc.list)
		w.on("GET", "/e911s/e1", 200, tc.order)
		r, err := w.c.Registration(ctx, one)
		require.NoError(t, err, name)
		require.Equal(t, tc.want, r.State, name)
		require.False(t, r.State == provider.RegActive && r.Address == nil, "%s: active nowhere", name)
		require.False(t, r.State == provider.RegNone && r.Address != nil, "%s: none somewhere", name)
	}
}

// What was asked to end is found by its order, or by what is left.
func TestRemovals(t *testing.T) {
	gone, stays := at(""), at("<E911><LastE911OrderOutcome>PENDING</LastE911OrderOutcome></E911><Lidb><Status>Success</Status><SubscriberInformation>ACME</SubscriberInformation></Lidb>")
	trace := provider.Trace{Key: "K", Numbers: []nanp.Number{one}, Since: noon, Removal: true}
	for name, tc := range map[string]struct {
		list, order, at string
		want            provider.Verdict
		state           provider.RegState
	}{
		"its order, done":           {"<E911Orders><OrderId>e1</OrderId></E911Orders>", e911Body("COMPLETE", leaves), stays, provider.Found, provider.RegNone},
		"its order, on its way":     {"<E911Orders><OrderId>e1</OrderId></E911Orders>", e911Body("RECEIVED", leaves), stays, provider.Found, provider.RegRemoving},
		"its order, failed":         {"<E911Orders><OrderId>e1</OrderId></E911Orders>", e911Body("FAILED", leaves), stays, provider.Found, provider.RegFailed},
		"no order, nothing left":    {"<E911Orders/>", "", gone, provider.Found, provider.RegNone},
		"no order, something left":  {"<E911Orders/>", "", stays, provider.Absent, 0},
		"an order that registers":   {"<E911Orders><OrderId>e1</OrderId></E911Orders>", e911Body("COMPLETE", ""), stays, provider.CannotTell, 0},
		"no list, something left":   {"<Notice/>", "", stays, provider.CannotTell, 0},
		"no list, but nothing left": {"<Notice/>", "", gone, provider.Found, provider.RegNone},
	} {
		w := newWire(t)
		w.on("GET", "/e911s", 200, tc.list)
		w.on("GET", "/e911s/e1", 200, tc.order)
		w.on("GET", details, 200, tc.at)
		f, err := w.c.TrackRegistration(ctx, trace)
		require.NoError(t, err, name)
		require.Equal(t, tc.want, f.Verdict, name)
		require.NotZero(t, f.AsOf, name)
		if f.Verdict == provider.Found {
			require.Equal(t, tc.state, f.Value.Registrations[0].State, name)
			require.NotEmpty(t, f.Value.Registrations[0].Said.By, name)
		}
		onlyReads(w, name)
	}

	// Names cannot be removed, so that nothing but the numbers tells of it.
	for body, want := range map[string]provider.Verdict{gone: provider.Found, stays: provider.Absent, at("<Lidb><Status>ODD</Status></Lidb>"): provider.CannotTell} {
		w := newWire(t)
		w.on("GET", details, 200, body)
		f, err := w.c.TrackName(ctx, trace)
		require.NoError(t, err)
		require.Equal(t, want, f.Verdict, body)
		if want == provider.Found {
			require.Equal(t, provider.NameNone, f.Value.Items[0].State)
		}
		onlyReads(w, body)
	}
	w := newWire(t)
	w.on("GET", details, 404, "")
	f, err := w.c.TrackName(ctx, trace)
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict, "a number that is not here has no name here")
	f, err = w.c.TrackName(ctx, provider.Trace{Key: "K", Removal: true})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
}

func onlyReads(w *wire, name string) {
	for _, s := range w.sent {
		require.True(w, strings.HasPrefix(s, "GET ") || strings.HasPrefix(s, "POST /tns "), "%s: %s", name, s)
	}
}

// An endpoint is removed when the carrier does not show it any more.
func TestRemovedEndpoints(t *testing.T) {
	order := func(status, rest string) string {
		return "<E911Order><OrderId>e1</OrderId><CustomerOrderId>K</CustomerOrderId><ProcessingStatus>" + status + "</ProcessingStatus>" + rest + "<AlternateEndUserIdentifiers><AlternateEndUserIdentifier><Identifier>laptop1</Identifier></AlternateEndUserIdentifier></AlternateEndUserIdentifiers></E911Order>"
	}
	device := "<AlternateEndUserIdentifierResponse><AlternateEndUserIdentifier><Identifier>laptop1</Identifier><CallbackNumber>+15015550101</CallbackNumber><E911><Address>" + anson + "</Address></E911></AlternateEndUserIdentifier></AlternateEndUserIdentifierResponse>"
	listed := "<E911Orders><OrderId>e1</OrderId></E911Orders>"
	for name, tc := range map[string]struct {
		trace       provider.Trace
		list, order string
		there       bool
		want        provider.Verdict
		state       provider.RegState
	}{
		"done and gone":                 {provider.Trace{Key: "K"}, listed, order("COMPLETE", leaves), false, provider.Found, provider.RegNone},
		"done and gone, without a flag": {provider.Trace{Key: "K"}, listed, order("COMPLETE", ""), false, provider.Found, provider.RegNone},
		"done and still there":          {provider.Trace{Key: "K"}, listed, order("COMPLETE", leaves), true, provider.Found, provider.RegUnclear},
		"on its way":                    {provider.Trace{Key: "K"}, listed, order("RECEIVED", leaves), true, provider.Found, provider.RegRemoving},
		"failed":                        {provider.Trace{Key: "K"}, listed, order("FAILED", leaves+"<ErrorList><AEUIError><Code>8020</Code></AEUIError></ErrorList>"), true, provider.Found, provider.RegFailed},
		"no order, and gone":            {provider.Trace{Key: "K", Ref: "laptop1"}, "<E911Orders/>", "", false, provider.Found, provider.RegNone},
		"no order, and there":           {provider.Trace{Key: "K", Ref: "laptop1"}, "<E911Orders/>", "", true, provider.Absent, 0},
		"no order, no reference":        {provider.Trace{Key: "K"}, "<E911Orders/>", "", false, provider.Absent, 0},
		"an order that registers":       {provider.Trace{Key: "K", Ref: "laptop1"}, listed, order("COMPLETE", "<Address>"+anson+"</Address>"), true, provider.CannotTell, 0},
		"no key, and gone":              {provider.Trace{Ref: "laptop1"}, "<E911Orders/>", "", false, provider.Found, provider.RegNone},
		"no key, and there":             {provider.Trace{Ref: "laptop1"}, "<E911Orders/>", "", true, provider.CannotTell, 0},
	} {
		w := newWire(t)
		w.on("GET", "/e911s", 200, tc.list)
		w.on("GET", "/e911s/e1", 200, tc.order)
		w.on("GET", "/aeuis/laptop1", map[bool]int{true: 200, false: 404}[tc.there], map[bool]string{true: device}[tc.there])
		tc.trace.Removal = true
		f, err := w.c.TrackEndpoint(ctx, tc.trace)
		require.NoError(t, err, name)
		require.Equal(t, tc.want, f.Verdict, "%s: %s", name, f.Why)
		if f.Verdict == provider.Found {
			e := f.Value.Endpoint
			require.Equal(t, tc.state, e.State, name)
			require.Equal(t, provider.Ref("laptop1"), e.Ref, name)
			require.NotEmpty(t, e.Said.Raw, name)
			require.Nil(t, e.Address, name)
			require.Equal(t, tc.state == provider.RegFailed, e.Err != nil && e.Err.Code == "8020", name)
		}
		onlyReads(w, name)
	}
}

// An answer that does not show the endpoint shows none that is active, nor does
// one that shows no place for it.
func TestEndpointThatIsNotShown(t *testing.T) {
	for body, want := range map[string]string{
		"": "error", "<X/>": "error",
		"<X><AlternateEndUserIdentifier><Identifier>another</Identifier></AlternateEndUserIdentifier></X>": "error",
		"<X><AlternateEndUserIdentifier><Identifier>laptop1</Identifier></AlternateEndUserIdentifier></X>": "unclear",
	} {
		w := newWire(t)
		w.on("GET", "/aeuis/laptop1", 200, body)
		f, err := w.c.TrackEndpoint(ctx, provider.Trace{Ref: "laptop1"})
		if want == "error" {
			require.ErrorIs(t, err, provider.Internal, body)
			require.ErrorIs(t, w.c.RemoveEndpoint(ctx, "K", "laptop1"), provider.Internal)
			require.Len(t, w.sent, 2, "nothing is removed")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, provider.RegUnclear, f.Value.Endpoint.State)
	}
	for _, status := range []string{"PARTIAL", "COMPLETE"} {
		w := newWire(t)
		w.on("GET", "/e911s", 200, "<E911Orders><OrderId>e1</OrderId></E911Orders>")
		w.on("GET", "/e911s/e1", 200, "<E911Order><CustomerOrderId>K</CustomerOrderId><ProcessingStatus>"+status+"</ProcessingStatus></E911Order>")
		f, err := w.c.TrackEndpoint(ctx, provider.Trace{Key: "K"})
		require.NoError(t, err)
		require.Equal(t, provider.RegUnclear, f.Value.Endpoint.State, status)
	}
}

// An error shows a code, and nothing else of a body. One time-out among the codes
// leaves the outcome open.
func TestCodesOfErrors(t *testing.T) {
	place := func(body string) *provider.Error {
		w := newWire(t)
		w.on("POST", "/orders", http.StatusBadRequest, body)
		_, err := w.c.Place(ctx, ordering("K", one))
		var e *provider.Error
		require.ErrorAs(t, err, &e)
		return e
	}
	require.Equal(t, "9999", place("<X><Errors><Code>9999</Code></Errors></X>").Code)
	for _, s := range []string{"Jane Doe, 904 E Anson St", "PIN 1234", strings.Repeat("9", 13)} {
		e := place("<X><Errors><Code>" + s + "</Code></Errors></X>")
		require.Empty(t, e.Code)
		require.NotContains(t, e.Error(), s)
	}
	e := place("<X><ErrorList><Error><Code>5005</Code></Error><Error><Code>5014</Code></Error></ErrorList></X>")
	require.Equal(t, provider.NumberTaken, e.Kind)
	require.Equal(t, provider.OutcomeUnknown, e.Outcome)
	e = place("<X><ErrorList><Error><Code>5005</Code></Error><Error><Code>5072</Code></Error></ErrorList></X>")
	require.Equal(t, provider.NotApplied, e.Outcome)
}

// A change repeats what the order has, and is not sent where that is not shown.
func TestPortThatIsNotShown(t *testing.T) {
	for _, body := range []string{"", "<Notice/>", "<LnpOrderResponse><Errors><Code>7999</Code></Errors></LnpOrderResponse>"} {
		w := newWire(t)
		w.on("GET", "/portins/p1", 200, body)
		_, amended := w.c.AmendPort(ctx, "K", "p1", provider.PortRequest{BTN: one})
		_, submitted := w.c.SubmitPort(ctx, "K", "p1")
		_, cancelled := w.c.CancelPort(ctx, "K", "p1", nil)
		for _, err := range []error{amended, submitted, cancelled} {
			require.ErrorIs(t, err, provider.Internal, body)
			require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
		}
		require.Len(t, w.sent, 3)
		onlyReads(w, body)
	}
}

// What the carrier has just taken and does not show yet is not lost: who is told so
// would make it again. After the horizon, and of anything else, a 404 is one.
func TestNotShownYet(t *testing.T) {
	now := noon
	mock := newWire(t)
	cfg := config(mock.mock)
	cfg.Now = func() time.Time { return now }
	c, err := bandwidth.New(cfg)
	require.NoError(t, err)
	mock.on("POST", "/orders", 201, orderBody("o1", "K", "RECEIVED", ""))
	mock.on("POST", "/portins", 201, portBody("DRAFT", ""), "Location", "https://api.bandwidth.com/portins/p1")
	mock.on("GET", "/orders/o1", 404, "")
	mock.on("GET", "/portins/p1", 404, "")
	mock.on("GET", "/portins/p2", 404, "")
	_, err = c.Place(ctx, ordering("K", one))
	require.NoError(t, err)
	opened, err := c.OpenPort(ctx, porting("K", one))
	require.NoError(t, err)
	port := opened[0].Ref
	mock.on("GET", "/portins/"+string(port), 404, "")
	for _, want := range []provider.Kind{provider.Unavailable, provider.NotFound} {
		_, closed := c.CloseOrder(ctx, "K2", "o1")
		_, submitted := c.SubmitPort(ctx, "K2", port)
		_, amended := c.AmendPort(ctx, "K2", port, provider.PortRequest{BTN: one})
		_, cancelled := c.CancelPort(ctx, "K2", port, nil)
		for _, err := range []error{closed, submitted, amended, cancelled} {
			require.ErrorIs(t, err, want)
			require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
		}
		_, err = c.SubmitPort(ctx, "K2", "p2")
		require.ErrorIs(t, err, provider.NotFound)
		now = now.Add(16 * time.Minute)
	}
}

// An answer by reference that shows no order finds none.
func TestOrderThatIsNotShown(t *testing.T) {
	trace := provider.Trace{Key: "K", Ref: "x1", Numbers: []nanp.Number{one}}
	w := newWire(t)
	for _, path := range []string{"/orders", "/portins", "/e911s", "/lidbs"} {
		w.on("GET", path+"/x1", 200, "<Notice><Text>maintenance</Text></Notice>")
	}
	o, err := w.c.Track(ctx, trace)
	require.NoError(t, err)
	p, err := w.c.TrackPort(ctx, trace)
	require.NoError(t, err)
	r, err := w.c.TrackRegistration(ctx, trace)
	require.NoError(t, err)
	n, err := w.c.TrackName(ctx, trace)
	require.NoError(t, err)
	for _, v := range []provider.Verdict{o.Verdict, p.Verdict, r.Verdict, n.Verdict} {
		require.Equal(t, provider.CannotTell, v)
	}
	w.on("GET", details, 200, strings.Replace(at(""), here, "+15015550102", 1))
	_, err = w.c.Owned(ctx, one)
	require.ErrorIs(t, err, provider.Internal, "the answer is about another number")
}

func TestReservationOfNothing(t *testing.T) {
	for _, body := range []string{"", "<X/>", "<ReservationResponse><Reservation><ReservedTn>+15015550102</ReservedTn></Reservation></ReservationResponse>"} {
		w := newWire(t)
		w.on("GET", "/tnreservation/r1", 200, body)
		f, err := w.c.TrackHold(ctx, provider.Trace{Ref: "r1", Numbers: []nanp.Number{one}})
		require.NoError(t, err)
		require.Equal(t, provider.CannotTell, f.Verdict, body)
		require.NotEmpty(t, f.Why)
	}
}

// More is asked for than is wanted only where something cannot be asked.
func TestQuantity(t *testing.T) {
	for name, tc := range map[string]struct {
		r    provider.SearchRequest
		want string
	}{
		"an exchange":              {provider.SearchRequest{Query: query(501, 555, "", "")}, "quantity=5"},
		"an end":                   {provider.SearchRequest{Query: query(501, 0, "0101", "")}, "quantity=5"},
		"an end in an exchange":    {provider.SearchRequest{Query: query(501, 555, "0101", "")}, "quantity=5"},
		"a tail in an exchange":    {provider.SearchRequest{Query: query(501, 555, "", "0101")}, "quantity=1000"},
		"a longer end and another": {provider.SearchRequest{Query: query(501, 555, "50101", "")}, "quantity=1000"},
		"a city":                   {provider.SearchRequest{State: "AR", City: "CONWAY"}, "quantity=5"},
		"a city and an exchange":   {provider.SearchRequest{State: "AR", City: "CONWAY", Query: query(501, 555, "", "")}, "quantity=1000"},
	} {
		w := newWire(t)
		w.on("GET", "/availableNumbers", 200, "<SearchResult/>")
		tc.r.Page.Limit = 5
		_, err := w.c.Search(ctx, tc.r)
		require.NoError(t, err, name)
		require.True(t, strings.Contains(w.last()+"&", tc.want+"&"), "%s: %s", name, w.last())
	}
}

func query(npa nanp.NPA, nxx nanp.NXX, suffix, tail string) vanity.Query {
	return vanity.Query{NPA: npa, NXX: nxx, Suffix: suffix, Tail: tail}
}
