package bandwidth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/vanity"
)

const (
	base    = "https://api.bandwidth.com/api/v2"
	account = base + "/accounts/9900012"
)

var (
	one  = nanp.MustParse("501-555-0101")
	two  = nanp.MustParse("501-555-0102")
	free = nanp.MustParse("877-555-0103")
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	ctx  = context.Background()
	home = postal.Civic{HouseNumber: "904", PreDir: "E", Street: "ANSON", Suffix: "ST", City: "MARSHALLTOWN", State: "IA", PostalCode: "50158"}
)

// wire is an adapter before answers that are written down.
type wire struct {
	*testing.T
	c    *bandwidth.Carrier
	mock *httpmock.MockTransport
	sent []string // method, path and body of what left
}

func config(rt http.RoundTripper) bandwidth.Config {
	return bandwidth.Config{
		Account: "9900012", ClientID: "id", ClientSecret: secret.New("canary-secret"), Site: "743", Peer: "303716",
		Transport: rt, Now: func() time.Time { return noon }, Rates: rush, NoteUser: "desk",
		WebhookKeys: []secret.String{secret.New("canary-key-new"), secret.New("canary-key-old")}, HookUser: "hook", HookPassword: secret.New("canary-password"),
	}
}

func newWire(t *testing.T) *wire {
	w := &wire{T: t, mock: httpmock.NewMockTransport()}
	w.mock.RegisterResponder("POST", "https://api.bandwidth.com/api/v1/oauth2/token", httpmock.NewStringResponder(200, `{"access_token":"canary-token","expires_in":3600,"token_type":"bearer"}`))
	c, err := bandwidth.New(config(w.mock))
	require.NoError(t, err)
	w.c = c
	return w
}

// on answers a request; paths are below the account, or below the API with a dot
// before them.
func (w *wire) on(method, path string, status int, body string, header ...string) {
	url := account + path
	if rest, ok := strings.CutPrefix(path, "."); ok {
		url = base + rest
	}
	w.mock.RegisterResponder(method, url, func(r *http.Request) (*http.Response, error) {
		w.note(r)
		res := httpmock.NewStringResponse(status, body)
		for i := 0; i+1 < len(header); i += 2 {
			res.Header.Set(header[i], header[i+1])
		}
		return res, nil
	})
}

// lose loses the answer of a request.
func (w *wire) lose(method, path string) {
	w.mock.RegisterResponder(method, account+path, func(r *http.Request) (*http.Response, error) {
		w.note(r)
		return nil, io.ErrUnexpectedEOF
	})
}

func (w *wire) note(r *http.Request) {
	body := ""
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		body = strings.TrimPrefix(string(b), `<?xml version="1.0" encoding="UTF-8"?>`+"\n")
	}
	require.Equal(w, "Bearer canary-token", r.Header.Get("Authorization"))
	path := strings.TrimPrefix(r.URL.Path, "/api/v2")
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	w.sent = append(w.sent, strings.TrimSpace(r.Method+" "+strings.TrimPrefix(path, "/accounts/9900012")+" "+body))
}

func (w *wire) last() string { return w.sent[len(w.sent)-1] }

func ordering(k provider.Key, ns ...nanp.Number) provider.OrderRequest {
	r := provider.OrderRequest{Key: k}
	for _, n := range ns {
		r.Lines = append(r.Lines, provider.OrderLine{Number: n})
	}
	return r
}

// calls is one call for each resource, by the path that it goes to.
var calls = map[string]struct {
	method, path string
	do           func(c *bandwidth.Carrier) error
}{
	"search": {"GET", "/availableNumbers", func(c *bandwidth.Carrier) error {
		_, err := c.Search(ctx, provider.SearchRequest{State: "AR"})
		return err
	}},
	"hold":  {"POST", "/tnreservation", func(c *bandwidth.Carrier) error { _, err := c.Hold(ctx, "K", []nanp.Number{one}); return err }},
	"order": {"POST", "/orders", func(c *bandwidth.Carrier) error { _, err := c.Place(ctx, ordering("K", one)); return err }},
	"return": {"POST", "/disconnects", func(c *bandwidth.Carrier) error {
		_, err := c.Return(ctx, provider.ReturnRequest{Key: "K", Numbers: []nanp.Number{one}})
		return err
	}},
	"name": {"POST", "/lidbs", func(c *bandwidth.Carrier) error {
		_, err := c.SetName(ctx, provider.NameRequest{Key: "K", Name: "ACME", Numbers: []nanp.Number{one}})
		return err
	}},
	"register": {"POST", "/e911s", func(c *bandwidth.Carrier) error {
		_, err := c.Register(ctx, provider.RegisterRequest{Key: "K", Numbers: []nanp.Number{one}, Address: home})
		return err
	}},
	"port":       {"POST", "/portins", func(c *bandwidth.Carrier) error { _, err := c.OpenPort(ctx, porting("K", one)); return err }},
	"port check": {"POST", "/lnpchecker", func(c *bandwidth.Carrier) error { _, err := c.CheckPort(ctx, []nanp.Number{one}); return err }},
	"address":    {"POST", "/geocodeRequest", func(c *bandwidth.Carrier) error { _, err := c.CheckAddress(ctx, home); return err }},
	"note": {"POST", "/portins/p1/notes", func(c *bandwidth.Carrier) error {
		_, err := c.AddPortComment(ctx, "K", "p1", secret.New("hello"))
		return err
	}},
}

func porting(k provider.Key, ns ...nanp.Number) provider.PortRequest {
	r := provider.PortRequest{Key: k, BTN: ns[0], Account: secret.New("A1"), Authorized: secret.New("Erika Beispiel"), Name: secret.New("River Bakery"), Service: home,
		Desired: provider.Date{Year: 2026, Month: 12, Day: 1}}
	for _, n := range ns {
		r.Lines = append(r.Lines, provider.PortLine{Number: n, PIN: secret.New("1234")})
	}
	return r
}

// The documented codes, by the call that meets them.
func TestCodes(t *testing.T) {
	const no, unknown = provider.NotApplied, provider.OutcomeUnknown
	for _, tc := range []struct {
		call, code string
		kind       provider.Kind
		outcome    provider.Outcome
	}{
		{"search", "4003", provider.Invalid, no}, {"search", "4004", provider.Invalid, no}, {"search", "4009", provider.Unavailable, no},
		{"search", "4020", provider.Invalid, no}, {"search", "4021", provider.Invalid, no}, {"search", "4022", provider.Invalid, no}, {"search", "4026", provider.Invalid, no},
		{"hold", "5041", provider.NumberTaken, no}, {"hold", "5046", provider.Forbidden, no}, {"hold", "5040", provider.Invalid, no}, {"hold", "5047", provider.Invalid, no},
		{"order", "5005", provider.NumberTaken, no}, {"order", "5018", provider.NumberTaken, no}, {"order", "5041", provider.NumberTaken, no}, {"order", "5071", provider.NumberTaken, no},
		{"order", "5072", provider.Invalid, no}, {"order", "5093", provider.Invalid, no}, {"order", "5095", provider.Invalid, no}, {"order", "5165", provider.Invalid, no},
		{"order", "5052", provider.Invalid, no}, {"order", "5007", provider.Capacity, no}, {"order", "5012", provider.Conflict, no}, {"order", "5094", provider.Conflict, no},
		{"order", "5016", provider.Precondition, no}, {"order", "5020", provider.Precondition, no}, {"order", "5022", provider.Precondition, no}, {"order", "5023", provider.Precondition, no},
		{"order", "5051", provider.Forbidden, no}, {"order", "16007", provider.Forbidden, no}, {"order", "5076", provider.NotYours, no},
		{"order", "5014", provider.Unavailable, unknown}, {"order", "5015", provider.Unavailable, unknown}, {"order", "5086", provider.Unavailable, unknown},
		{"order", "5017", provider.Invalid, no}, {"order", "5062", provider.Invalid, no}, {"order", "5102", provider.Invalid, no},
		{"order", "99999", provider.Invalid, no}, // nobody knows it: the status of the answer counts
		{"return", "5006", provider.NotYours, no}, {"return", "5074", provider.Precondition, no}, {"return", "5084", provider.Forbidden, no}, {"return", "5085", provider.Forbidden, no},
		{"return", "5012", provider.Conflict, no}, {"return", "5086", provider.Unavailable, unknown},
		{"name", "11005", provider.Invalid, no}, {"name", "11006", provider.Invalid, no}, {"name", "11007", provider.Invalid, no}, {"name", "11014", provider.NotYours, no},
		{"name", "11015", provider.Unsupported, no}, {"name", "11016", provider.Unsupported, no}, {"name", "11020", provider.Conflict, no}, {"name", "11024", provider.Invalid, no}, {"name", "11025", provider.NotYours, no},
		{"register", "8001", provider.Invalid, no}, {"register", "8002", provider.Invalid, no}, {"register", "8003", provider.NotYours, no}, {"register", "8007", provider.Unavailable, unknown},
		{"register", "8011", provider.Invalid, no}, {"register", "8023", provider.Invalid, no}, {"register", "8033", provider.Conflict, no}, {"register", "8063", provider.Invalid, no}, {"register", "5070", provider.Invalid, no},
		{"port", "7203", provider.Invalid, no}, {"port", "7205", provider.Conflict, no}, {"port", "7304", provider.Precondition, no}, {"port", "7309", provider.Precondition, no},
		{"port", "7312", provider.Precondition, no}, {"port", "7398", provider.Invalid, no}, {"port", "7999", provider.Unavailable, unknown}, {"port check", "7201", provider.Unsupported, no},
		{"note", "12501", provider.Precondition, no},
	} {
		t.Run(tc.call+" "+tc.code, func(t *testing.T) {
			w := newWire(t)
			call := calls[tc.call]
			w.on(call.method, call.path, 400, "<X><ResponseStatus><ErrorCode>"+tc.code+"</ErrorCode><Description>canary-body</Description></ResponseStatus></X>")
			err := call.do(w.c)
			require.ErrorIs(t, err, tc.kind)
			require.Equal(t, tc.outcome, provider.OutcomeOf(err), "%v", err)
			var e *provider.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.code, e.Code)
			require.NotContains(t, err.Error(), "canary")
			if call.method != "GET" {
				require.Len(t, w.sent, 1, "sent once")
			}
		})
	}
}

// Without a code the status of the answer counts.
func TestStatuses(t *testing.T) {
	for status, want := range map[int]struct {
		kind    provider.Kind
		outcome provider.Outcome
	}{
		400: {provider.Invalid, provider.NotApplied}, 401: {provider.Unauthorized, provider.NotApplied}, 403: {provider.Forbidden, provider.NotApplied},
		404: {provider.NotFound, provider.NotApplied}, 409: {provider.Conflict, provider.OutcomeUnknown}, 429: {provider.RateLimited, provider.NotApplied},
		500: {provider.Unavailable, provider.OutcomeUnknown}, 503: {provider.Unavailable, provider.OutcomeUnknown},
	} {
		for _, name := range []string{"order", "return", "name", "register", "port"} {
			w := newWire(t)
			call := calls[name]
			w.on(call.method, call.path, status, "")
			err := call.do(w.c)
			require.ErrorIs(t, err, want.kind, "%s %d", name, status)
			require.Equal(t, want.outcome, provider.OutcomeOf(err), "%s %d", name, status)
		}
	}
}

func TestLostAnswers(t *testing.T) {
	for _, name := range []string{"hold", "order", "return", "name", "register", "port", "note"} {
		w := newWire(t)
		call := calls[name]
		w.lose(call.method, call.path)
		err := call.do(w.c)
		require.ErrorIs(t, err, provider.Unavailable, name)
		require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err), name)
		require.Len(t, w.sent, 1, "%s is sent once", name)
	}
}

// A success that says nothing that makes sense has been applied.
func TestNonsenseAfterSuccess(t *testing.T) {
	for _, name := range []string{"order", "name", "register", "port"} {
		w := newWire(t)
		call := calls[name]
		w.on(call.method, call.path, 201, "<OrderResponse><Order>")
		err := call.do(w.c)
		require.ErrorIs(t, err, provider.Internal, name)
		require.Equal(t, provider.Applied, provider.OutcomeOf(err), name)
	}
	for name, path := range map[string]string{"order": "/orders", "port": "/portins", "hold": "/tnreservation"} {
		w := newWire(t)
		w.on("POST", path, 201, "<X></X>")
		err := calls[name].do(w.c)
		require.Equal(t, provider.Applied, provider.OutcomeOf(err), "%s was made, and has no name: %v", name, err)
	}
}

func TestRateLimitSaysWhen(t *testing.T) {
	w := newWire(t)
	w.on("POST", "/orders", 429, "", "X-RateLimit-Reset", "1795521630", "Date", "Tue, 24 Nov 2026 12:00:00 GMT")
	_, err := w.c.Place(ctx, ordering("K", one))
	after, passing := provider.Passing(err)
	require.True(t, passing)
	require.Equal(t, time.Unix(1795521630, 0).Sub(noon), after)
}

// What leaves for each creation, whole.
func TestGoldenRequests(t *testing.T) {
	line := `<HouseNumber>904</HouseNumber><PreDirectional>E</PreDirectional><StreetName>ANSON</StreetName><StreetSuffix>ST</StreetSuffix><City>MARSHALLTOWN</City><StateCode>IA</StateCode><Zip>50158</Zip><Country>United States</Country>`
	for name, want := range map[string]string{
		"hold": `POST /tnreservation <Reservation><ReservedTn>+15015550101</ReservedTn></Reservation>`,
		"order": `POST /orders <Order><CustomerOrderId>K</CustomerOrderId><Name>K</Name><SiteId>743</SiteId><PeerId>303716</PeerId><PartialAllowed>false</PartialAllowed><BackOrderRequested>false</BackOrderRequested>` +
			`<ExistingTelephoneNumberOrderType><TelephoneNumberList><TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumberList></ExistingTelephoneNumberOrderType></Order>`,
		"return": `POST /disconnects <DisconnectTelephoneNumberOrder><Name>K</Name><CustomerOrderId>K</CustomerOrderId><DisconnectTelephoneNumberOrderType><TelephoneNumberList><TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumberList>` +
			`<DisconnectMode>normal</DisconnectMode></DisconnectTelephoneNumberOrderType></DisconnectTelephoneNumberOrder>`,
		"name": `POST /lidbs <LidbOrder><CustomerOrderId>K</CustomerOrderId><LidbTnGroups><LidbTnGroup><TelephoneNumbers><TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumbers>` +
			`<SubscriberInformation>ACME</SubscriberInformation><UseType>BUSINESS</UseType><Visibility>PUBLIC</Visibility></LidbTnGroup></LidbTnGroups></LidbOrder>`,
		"register":   `POST /e911s <E911Order><CustomerOrderId>K</CustomerOrderId><TelephoneNumbers><TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumbers><Address>` + line + `</Address></E911Order>`,
		"port check": `POST /lnpchecker?fullCheck=offnetportability <NumberPortabilityRequest><TnList><Tn>+15015550101</Tn></TnList></NumberPortabilityRequest>`,
		"address":    `POST /geocodeRequest <RequestAddress>` + line + `</RequestAddress>`,
		"note":       `POST /portins/p1/notes <Note><UserId>desk</UserId><Description>hello</Description></Note>`,
		"port": `POST /portins <LnpOrder><CustomerOrderId>K</CustomerOrderId><RequestedFocDate>2026-12-01</RequestedFocDate><BillingTelephoneNumber>+15015550101</BillingTelephoneNumber><SiteId>743</SiteId><PeerId>303716</PeerId>` +
			`<Subscriber><SubscriberType>BUSINESS</SubscriberType><BusinessName>River Bakery</BusinessName><ServiceAddress>` + line + `</ServiceAddress></Subscriber><LoaAuthorizingPerson>Erika Beispiel</LoaAuthorizingPerson>` +
			`<WirelessInfo><AccountNumber>A1</AccountNumber><PinNumber>1234</PinNumber></WirelessInfo><ListOfPhoneNumbers><PhoneNumber>+15015550101</PhoneNumber></ListOfPhoneNumbers><ProcessingStatus>DRAFT</ProcessingStatus></LnpOrder>`,
		"search": `GET /availableNumbers?LCA=false&countryCodeA3=USA&enableTNDetail=true&quantity=100&state=AR`,
	} {
		w := newWire(t)
		call := calls[name]
		w.on(call.method, call.path, 500, "")
		_ = call.do(w.c)
		require.Equal(t, want, w.sent[0], name)
	}
	w := newWire(t)
	w.on("POST", "/e911s", 500, "")
	_, _ = w.c.Unregister(ctx, "K", []nanp.Number{one})
	require.Equal(t, `POST /e911s <E911Order><CustomerOrderId>K</CustomerOrderId><TelephoneNumbers><TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumbers><DeleteTNSpecificE911Address>true</DeleteTNSpecificE911Address></E911Order>`, w.last())
	_, _ = w.c.SetEndpoint(ctx, provider.EndpointRequest{Key: "K", Address: postal.Civic{Street: "MAIN", City: "CARY", State: "NC"}, Callback: one, CallerName: "ACME"})
	require.Regexp(t, `^POST /e911s <E911Order><CustomerOrderId>K</CustomerOrderId><CallerName>ACME</CallerName><Address><StreetName>MAIN</StreetName><City>CARY</City><StateCode>NC</StateCode><Country>United States</Country></Address>`+
		`<AlternateEndUserIdentifiers><AlternateEndUserIdentifier><CallbackNumber>\+15015550101</CallbackNumber><Identifier>nd[a-z2-7]{22}</Identifier><PIDFLOEnabled>false</PIDFLOEnabled></AlternateEndUserIdentifier></AlternateEndUserIdentifiers></E911Order>$`, w.last())
	_, _ = w.c.Place(ctx, provider.OrderRequest{Key: "K", Partial: true, Lines: []provider.OrderLine{{Number: one, Hold: "r1"}}, Options: provider.Options{"SiteId": "7"}})
	require.Len(t, w.sent, 2, "nothing is registered for it")
	w.on("POST", "/orders", 500, "")
	_, _ = w.c.Place(ctx, provider.OrderRequest{Key: "K", Partial: true, Lines: []provider.OrderLine{{Number: one, Hold: "r1"}}, Options: provider.Options{"SiteId": "7"}})
	require.Equal(t, `POST /orders <Order><CustomerOrderId>K</CustomerOrderId><Name>K</Name><SiteId>7</SiteId><PartialAllowed>true</PartialAllowed><BackOrderRequested>false</BackOrderRequested>`+
		`<ExistingTelephoneNumberOrderType><TelephoneNumberList><TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumberList><ReservationIdList><ReservationId>r1</ReservationId></ReservationIdList></ExistingTelephoneNumberOrderType></Order>`, w.last(),
		"a configured peer belongs to the configured site")
}

// What a search is asked for, by the request.
func TestQuestions(t *testing.T) {
	type values = map[string]string
	for name, tc := range map[string]struct {
		r    provider.SearchRequest
		want values
	}{
		"nothing":         {provider.SearchRequest{}, values{}},
		"state":           {provider.SearchRequest{State: "AR"}, values{"state": "AR"}},
		"city":            {provider.SearchRequest{State: "AR", City: "Little Rock"}, values{"state": "AR", "city": "Little Rock"}},
		"rate center":     {provider.SearchRequest{State: "AR", RateCenter: "LITTLEROCK"}, values{"state": "AR", "rateCenter": "LITTLEROCK"}},
		"city alone":      {provider.SearchRequest{City: "Little Rock"}, values{}},
		"area code":       {provider.SearchRequest{State: "AR", Query: vanity.Query{NPA: 501}}, values{"areaCode": "501", "state": "AR"}},
		"exchange":        {provider.SearchRequest{State: "AR", Query: vanity.Query{NPA: 501, NXX: 555}}, values{"npaNxx": "501555"}},
		"ending":          {provider.SearchRequest{State: "AR", Query: vanity.Query{NPA: 501, Suffix: "0101"}}, values{"areaCode": "501", "state": "AR", "localVanity": "0101", "endsIn": "true"}},
		"exchange, end":   {provider.SearchRequest{Query: vanity.Query{NPA: 501, NXX: 555, Suffix: "0101"}}, values{"areaCode": "501", "localVanity": "5550101", "endsIn": "true"}},
		"tail":            {provider.SearchRequest{Query: vanity.Query{Tail: "5501"}}, values{"localVanity": "5501", "endsIn": "false"}},
		"short":           {provider.SearchRequest{Query: vanity.Query{NPA: 501, Suffix: "01"}}, values{"areaCode": "501"}},
		"mask":            {provider.SearchRequest{Query: vanity.Query{NPA: 501, Mask: "501***0101"}}, values{"areaCode": "501"}},
		"Canada":          {provider.SearchRequest{Query: vanity.Query{NPA: 416}}, values{"areaCode": "416", "countryCodeA3": "CAN"}},
		"toll-free":       {provider.SearchRequest{Kind: provider.TollFree}, values{"tollFreeWildCardPattern": "8**"}},
		"toll-free code":  {provider.SearchRequest{Kind: provider.TollFree, Query: vanity.Query{NPA: 833}}, values{"tollFreeWildCardPattern": "83*"}},
		"toll-free seven": {provider.SearchRequest{Kind: provider.TollFree, Query: vanity.Query{NPA: 833, Suffix: "5550103"}}, values{"tollFreeVanity": "5550103"}},
		"zip":             {provider.SearchRequest{State: "AR", Options: provider.Options{"zip": "72201", "lata": "528"}}, values{"state": "AR", "zip": "72201", "lata": "528"}},
		"options": {provider.SearchRequest{Options: provider.Options{"npaNxxx": "5015550", "orderBy": "fullNumber", "protected": "MIXED"}},
			values{"npaNxxx": "5015550", "orderBy": "fullNumber", "protected": "MIXED"}},
	} {
		w := newWire(t)
		w.on("GET", "/availableNumbers", 200, "<SearchResult/>")
		_, err := w.c.Search(ctx, tc.r)
		require.NoError(t, err, name)
		req, _ := http.NewRequest("GET", strings.TrimPrefix(w.last(), "GET "), nil)
		got := req.URL.Query()
		require.Equal(t, "false", got.Get("LCA"), name)
		require.NotEmpty(t, got.Get("quantity"), name)
		if tc.r.Kind == provider.Local && tc.want["countryCodeA3"] == "" {
			tc.want["countryCodeA3"] = "USA"
		}
		for _, always := range []string{"LCA", "enableTNDetail", "quantity"} {
			got.Del(always)
		}
		have := values{}
		for k := range got {
			have[k] = got.Get(k)
		}
		require.Equal(t, tc.want, have, name)
	}
}

func TestQuestionsThatAreRefused(t *testing.T) {
	for name, r := range map[string]provider.SearchRequest{
		"option":           {Options: provider.Options{"areacode": "501"}},
		"endsIn alone":     {State: "AR", Options: provider.Options{"endsIn": "true"}},
		"vanity and city":  {State: "AR", City: "Cary", Options: provider.Options{"localVanity": "FOOD"}},
		"two wildcards":    {Kind: provider.TollFree, Query: vanity.Query{NPA: 833}, Options: provider.Options{"tollFreeVanity": "NEWCARS"}},
		"ordered by what":  {Options: provider.Options{"orderBy": "fullNumber"}},
		"cursor":           {Page: provider.Page{Cursor: "2"}},
		"exact with more":  {Exact: []nanp.Number{one}, Options: provider.Options{"zip": "72201"}},
		"foreign cursor":   {Exact: []nanp.Number{one, two}, Page: provider.Page{Cursor: "1.00000000"}},
		"negative":         {Page: provider.Page{Limit: -1}},
		"no such state":    {State: "XX"},
		"bad query":        {Query: vanity.Query{NXX: 555}},
		"npaNxx and block": {Query: vanity.Query{NPA: 501, NXX: 555}, Options: provider.Options{"npaNxxx": "5015550"}},
	} {
		w := newWire(t)
		_, err := w.c.Search(ctx, r)
		require.ErrorIs(t, err, provider.Invalid, name)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), name)
		require.Empty(t, w.sent, name)
	}
}

// Exact numbers are looked up in their blocks, page by page.
func TestExact(t *testing.T) {
	w := newWire(t)
	w.on("GET", "/availableNumbers", 200, `<SearchResult><TelephoneNumberList><TelephoneNumber>+15015550102</TelephoneNumber><TelephoneNumber>+15015550199</TelephoneNumber></TelephoneNumberList></SearchResult>`)
	r := provider.SearchRequest{Exact: []nanp.Number{two, one, free, two}, Page: provider.Page{Limit: 1}}
	var got []nanp.Number
	for o, err := range provider.All(ctx, func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
		r.Page.Cursor = p.Cursor
		return w.c.Search(ctx, r)
	}) {
		require.NoError(t, err)
		got = append(got, o.Number)
	}
	require.Equal(t, []nanp.Number{two}, got)
	require.Equal(t, []string{
		"GET /availableNumbers?LCA=false&countryCodeA3=USA&enableTNDetail=true&npaNxxx=5015550&quantity=1000",
		"GET /availableNumbers?LCA=false&countryCodeA3=USA&enableTNDetail=true&npaNxxx=5015550&quantity=1000"}, w.sent)

	w = newWire(t)
	w.on("GET", "/availableNumbers", 200, `<SearchResult><TelephoneNumberList><TelephoneNumber>+18335550103</TelephoneNumber></TelephoneNumberList></SearchResult>`)
	res, err := w.c.Search(ctx, provider.SearchRequest{Kind: provider.TollFree, Exact: []nanp.Number{free}})
	require.NoError(t, err)
	require.Empty(t, res.Items, "the same seven digits in another area code are another number")
	require.Contains(t, w.last(), "tollFreeVanity=5550103")
}

// What the carrier cannot be asked is filtered from its answers.
func TestFiltered(t *testing.T) {
	w := newWire(t)
	detail := func(n, city string) string {
		return "<TelephoneNumberDetail><City>" + city + "</City><State>AR</State><RateCenter>LITTLEROCK</RateCenter><FullNumber>" + n + "</FullNumber></TelephoneNumberDetail>"
	}
	w.on("GET", "/availableNumbers", 200, "<SearchResult><TelephoneNumberDetailList>"+detail("+15015550101", "LITTLE ROCK")+detail("+15015550102", "CONWAY")+"</TelephoneNumberDetailList></SearchResult>")
	res, err := w.c.Search(ctx, provider.SearchRequest{State: "AR", City: "Little Rock", Query: vanity.Query{NPA: 501, NXX: 555}, Page: provider.Page{Limit: 5}})
	require.NoError(t, err)
	require.Len(t, res.Items, 1)
	require.Equal(t, one, res.Items[0].Number)
	require.False(t, res.Items[0].Price.Monthly.Known, "a price that is not told is not free")
	require.Contains(t, w.last(), "quantity=1000", "more is asked for where something is filtered")
}

func orderBody(id, key, status string, rest string) string {
	return "<OrderResponse><Order><id>" + id + "</id><CustomerOrderId>" + key + "</CustomerOrderId><ExistingTelephoneNumberOrderType><TelephoneNumberList>" +
		"<TelephoneNumber>+15015550101</TelephoneNumber><TelephoneNumber>+15015550102</TelephoneNumber></TelephoneNumberList></ExistingTelephoneNumberOrderType></Order><OrderStatus>" + status + "</OrderStatus>" + rest + "</OrderResponse>"
}

func numberStatuses(pairs ...string) string {
	s := ""
	for i := 0; i < len(pairs); i += 2 {
		s += "<TelephoneNumber><FullNumber>" + pairs[i] + "</FullNumber><Status>" + pairs[i+1] + "</Status><AccountId>9900012</AccountId></TelephoneNumber>"
	}
	return "<TelephoneNumbersResponse><TelephoneNumberCount>" + strconv.Itoa(len(pairs)/2) + "</TelephoneNumberCount><TelephoneNumbers>" + s + "</TelephoneNumbers></TelephoneNumbersResponse>"
}

// Each status of an order, and what its numbers say.
func TestOrderStatuses(t *testing.T) {
	const done = "<CompletedNumbers><TelephoneNumber><FullNumber>+15015550101</FullNumber></TelephoneNumber></CompletedNumbers>"
	const failed = "<ErrorList><Error><Code>5005</Code><Description>x</Description><TelephoneNumber>+15015550102</TelephoneNumber></Error></ErrorList>"
	type states [2]provider.ItemState
	for _, tc := range []struct {
		status, rest, first, second string
		want                        states
	}{
		{"RECEIVED", "", "", "", states{provider.ItemWaiting, provider.ItemWaiting}},
		{"PROCESSING", done, "InAccount", "", states{provider.ItemAssigned, provider.ItemWaiting}},
		{"COMPLETE", done, "InAccount", "Inservice", states{provider.ItemAssigned, provider.ItemLive}},
		{"COMPLETE", done, "Inservice", "Aging", states{provider.ItemLive, provider.ItemGone}},
		{"COMPLETE", done, "Available", "PENDING_QUORUM", states{provider.ItemGone, provider.ItemUnclear}},
		{"PARTIAL", done + failed, "Inservice", "", states{provider.ItemLive, provider.ItemRefused}},
		{"PARTIAL", done, "Inservice", "", states{provider.ItemLive, provider.ItemRefused}},
		{"PARTIAL", "", "", "", states{provider.ItemUnclear, provider.ItemUnclear}}, // it lists none that it has, and the numbers may lag
		{"PARTIAL", done, "Inservice", "InAccount", states{provider.ItemLive, provider.ItemAssigned}},
		{"BACKORDERED", done, "Inservice", "", states{provider.ItemLive, provider.ItemBackordered}},
		{"FAILED", failed, "", "", states{provider.ItemRefused, provider.ItemRefused}},
		{"PENDING_QUORUM", done, "", "", states{provider.ItemUnclear, provider.ItemUnclear}},
	} {
		w := newWire(t)
		w.on("GET", "/orders/o1", 200, orderBody("o1", "K", tc.status, tc.rest))
		var at []string
		if tc.first != "" {
			at = append(at, "+15015550101", tc.first)
		}
		if tc.second != "" {
			at = append(at, "+15015550102", tc.second)
		}
		w.on("POST", "./tns", 200, numberStatuses(at...))
		f, err := w.c.Track(ctx, provider.Trace{Ref: "o1", Key: "K"})
		require.NoError(t, err)
		require.Equal(t, provider.Found, f.Verdict)
		a, _ := f.Value.Item(one)
		b, _ := f.Value.Item(two)
		require.Equal(t, tc.want, states{a.State, b.State}, "%+v", tc)
		require.Equal(t, provider.Raw(tc.status), f.Value.Said.Raw)
		require.NotEmpty(t, a.Said.Raw)
		if b.State == provider.ItemRefused {
			require.Equal(t, two, b.Err.Number)
			require.Equal(t, provider.NotApplied, b.Err.Outcome)
		}
	}
}

// A number that shows up under another account is not ours.
func TestNumberOfAnotherAccount(t *testing.T) {
	w := newWire(t)
	w.on("GET", "./tns/%2B15015550101/tndetails", 200, "<X/>")
	w.mock.RegisterRegexpResponder("GET", regexpTNDetails, httpmock.NewStringResponder(200, `<TelephoneNumberResponse><TelephoneNumberDetails><FullNumber>+15015550101</FullNumber><Status>Inservice</Status><AccountId>14</AccountId></TelephoneNumberDetails></TelephoneNumberResponse>`))
	_, err := w.c.Owned(ctx, one)
	require.ErrorIs(t, err, provider.NotFound)
	w.on("GET", "/orders/o1", 200, orderBody("o1", "K", "COMPLETE", ""))
	w.on("POST", "./tns", 200, strings.ReplaceAll(numberStatuses("+15015550101", "Inservice"), "9900012", "14"))
	f, err := w.c.Track(ctx, provider.Trace{Ref: "o1"})
	require.NoError(t, err)
	it, _ := f.Value.Item(one)
	require.Equal(t, provider.ItemUnclear, it.State)
}

// The carrier does not keep CustomerOrderId unique, and may not look for it.
func TestLooksForTheKey(t *testing.T) {
	list := func(ids ...string) string {
		s := ""
		for _, id := range ids {
			s += "<OrderIdUserIdDate><orderId>" + id + "</orderId></OrderIdUserIdDate>"
		}
		return "<ResponseSelectWrapper><ListOrderIdUserIdDate>" + s + "</ListOrderIdUserIdDate></ResponseSelectWrapper>"
	}
	many := make([]string, 11)
	for i := range many {
		many[i] = string(rune('a' + i))
	}
	for name, tc := range map[string]struct {
		listed string
		status int
		want   provider.Verdict
	}{
		"none":              {"", 404, provider.Absent},
		"nothing":           {"", 204, provider.Absent},
		"an empty list":     {list(), 200, provider.Absent},
		"one":               {list("o1"), 200, provider.Found},
		"two":               {list("o1", "o2"), 200, provider.CannotTell},
		"another":           {list("o3"), 200, provider.CannotTell},
		"ours and another":  {list("o1", "o3"), 200, provider.Found},
		"without a key":     {list("o4"), 200, provider.CannotTell},
		"ours and keyless":  {list("o1", "o4"), 200, provider.Found},
		"too many":          {list(many...), 200, provider.CannotTell},
		"one that vanished": {list("gone"), 200, provider.CannotTell},
		"ours and vanished": {list("o1", "gone"), 200, provider.Found},
		"a list cut short":  {strings.Replace(list(), "IdDate>", "IdDate><TotalCount>3</TotalCount>", 1), 200, provider.CannotTell},
		"ours of a count":   {strings.Replace(list("o1"), "IdDate>", "IdDate><TotalCount>3</TotalCount>", 1), 200, provider.Found},
		"no list":           {"<Notice><Text>maintenance</Text></Notice>", 200, provider.CannotTell},
		"another list":      {"<OrderResponse><Orders><Order><id>o1</id></Order></Orders></OrderResponse>", 200, provider.Found},
	} {
		w := newWire(t)
		w.on("GET", "/orders", tc.status, tc.listed)
		w.on("GET", "/orders/o1", 200, orderBody("o1", "K", "RECEIVED", ""))
		w.on("GET", "/orders/o2", 200, orderBody("o2", "K", "RECEIVED", ""))
		w.on("GET", "/orders/o3", 200, orderBody("o3", "other", "RECEIVED", ""))
		w.on("GET", "/orders/o4", 200, orderBody("o4", "", "RECEIVED", ""))
		w.on("GET", "/orders/gone", 404, "")
		f, err := w.c.Track(ctx, provider.Trace{Key: "K", Numbers: []nanp.Number{one}})
		require.NoError(t, err, name)
		require.Equal(t, tc.want, f.Verdict, name)
		require.Equal(t, tc.want == provider.CannotTell, f.Why != "", name)
		require.NotZero(t, f.AsOf, name)
		require.Equal(t, "GET /orders?customerOrderId=K&page=1&size=100", w.sent[0])
	}
	w := newWire(t)
	f, err := w.c.Track(ctx, provider.Trace{Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	w.on("GET", "/orders", 404, "<html><body>no such page</body></html>")
	_, err = w.c.Track(ctx, provider.Trace{Key: "K"})
	require.ErrorIs(t, err, provider.Unavailable, "a page for people proves no absence")
	require.NotErrorIs(t, err, provider.NotFound)
	w.on("GET", "/orders/o3", 200, orderBody("o3", "other", "RECEIVED", ""))
	f, err = w.c.Track(ctx, provider.Trace{Key: "K", Ref: "o3"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict, "a reference under another key")
	w.on("GET", "/orders/o9", 404, "")
	f, err = w.c.Track(ctx, provider.Trace{Ref: "o9"})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict)
}

var errEOF = errors.New("eof")

func TestReadsAreRepeated(t *testing.T) {
	w := newWire(t)
	n := 0
	w.mock.RegisterResponder("GET", account+"/orders/o1", func(r *http.Request) (*http.Response, error) {
		if n++; n == 1 {
			return nil, errEOF
		}
		return httpmock.NewStringResponse(200, orderBody("o1", "K", "RECEIVED", "")), nil
	})
	f, err := w.c.Track(ctx, provider.Trace{Ref: "o1"})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, 2, n)
}
