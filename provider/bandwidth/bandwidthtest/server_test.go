package bandwidthtest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// caller is an HTTP client of the fake, by Basic authentication.
type caller struct {
	*testing.T
	fake *bandwidthtest.Server
}

func newCaller(t *testing.T, cfg bandwidthtest.Config) caller {
	engine, err := sandbox.New(bandwidthtest.Engine(sandbox.Config{Instant: true}))
	require.NoError(t, err)
	t.Cleanup(func() { _ = engine.Close() })
	cfg.User, cfg.Password = "user", "password"
	return caller{t, bandwidthtest.New(engine, cfg)}
}

// do calls the account's API. Headers are pairs.
func (c caller) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	full := bandwidthtest.Path + "/accounts/" + bandwidthtest.Account + path
	if rest, global := strings.CutPrefix(path, "."); global {
		full = bandwidthtest.Path + rest
	}
	r := httptest.NewRequest(method, full, strings.NewReader(body))
	r.SetBasicAuth("user", "password")
	if body != "" {
		r.Header.Set("Content-Type", "application/xml")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.fake.ServeHTTP(w, r)
	return w
}

// What the carrier does not know, or needs and does not get, is refused.
func TestRefusals(t *testing.T) {
	const order = "<Order><CustomerOrderId>K</CustomerOrderId><Name>K</Name><SiteId>743</SiteId><ExistingTelephoneNumberOrderType><TelephoneNumberList>" +
		"<TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumberList></ExistingTelephoneNumberOrderType></Order>"
	for name, tc := range map[string]struct {
		method, path, body string
		header             []string
		status             int
		code               string
	}{
		"unknown element":         {"POST", "/orders", strings.Replace(order, "Name>", "Named>", 2), nil, 400, ""},
		"element in wrong case":   {"POST", "/orders", strings.ReplaceAll(order, "SiteId", "siteid"), nil, 400, ""},
		"another site":            {"POST", "/orders", strings.Replace(order, "743", "744", 1), nil, 400, ""},
		"number of ten digits":    {"POST", "/orders", strings.Replace(order, "+1501", "501", 1), nil, 400, ""},
		"no numbers":              {"POST", "/orders", "<Order><CustomerOrderId>K</CustomerOrderId><SiteId>743</SiteId></Order>", nil, 400, ""},
		"no XML":                  {"POST", "/orders", "{}", nil, 400, ""},
		"JSON":                    {"POST", "/orders", order, []string{"Content-Type", "application/json"}, 415, ""},
		"unknown order":           {"GET", "/orders/none", "", nil, 404, ""},
		"unknown resource":        {"GET", "/nothing", "", nil, 404, ""},
		"another account":         {"GET", "./accounts/1/orders", "", nil, 404, ""},
		"unknown parameter":       {"GET", "/availableNumbers?areacode=501&quantity=1", "", nil, 400, "1012"},
		"conditions apart":        {"GET", "/availableNumbers?npaNxx=501555&areaCode=501&quantity=1", "", nil, 400, "4002"},
		"quantity too large":      {"GET", "/availableNumbers?areaCode=501&quantity=5001", "", nil, 400, "4001"},
		"no country":              {"GET", "/availableNumbers?areaCode=501&quantity=1", "", nil, 400, "4006"},
		"no quantity":             {"GET", "/availableNumbers?state=AR", "", nil, 400, "4001"},
		"city alone":              {"GET", "/availableNumbers?city=CARY&quantity=1", "", nil, 400, "4005"},
		"two numbers reserved":    {"POST", "/tnreservation", "<Reservation><ReservedTn>+15015550101</ReservedTn><ReservedTn>+15015550102</ReservedTn></Reservation>", nil, 400, "5040"},
		"nothing reserved":        {"POST", "/tnreservation", "<Reservation></Reservation>", nil, 400, ""},
		"name of nothing":         {"POST", "/lidbs", "<LidbOrder></LidbOrder>", nil, 400, ""},
		"no number disconnected":  {"POST", "/disconnects", "<DisconnectTelephoneNumberOrder></DisconnectTelephoneNumberOrder>", nil, 400, ""},
		"order of disconnections": {"GET", "/disconnects?customerOrderId=K", "", nil, 400, "1012"},
	} {
		c := newCaller(t, bandwidthtest.Config{})
		c.fake.Answer(bandwidthtest.ResponseStatus)
		w := c.do(tc.method, tc.path, tc.body, tc.header...)
		require.Equal(t, tc.status, w.Code, "%s: %s", name, w.Body)
		if tc.code != "" {
			require.Contains(t, w.Body.String(), "<ErrorCode>"+tc.code+"<", name)
		}
	}
	require.Equal(t, 201, newCaller(t, bandwidthtest.Config{}).do("POST", "/orders", order).Code, "the order itself is well formed")
}

// Nobody comes in without credentials, and nobody at all while it refuses.
func TestCredentials(t *testing.T) {
	c := newCaller(t, bandwidthtest.Config{})
	const search = "/availableNumbers?areaCode=501&quantity=1&countryCodeA3=USA"
	require.Equal(t, 200, c.do("GET", search, "").Code)
	for _, header := range []string{"", "Basic dXNlcjp4", "Bearer fake-token-1", "Bearer fake-token-0", "Bearer x", "Digest x"} {
		w := c.do("GET", search, "", "Authorization", header)
		require.Equal(t, 401, w.Code, header)
		require.NotEmpty(t, w.Header().Get("WWW-Authenticate"))
	}

	ask := func(id, secret, grant string) int {
		r := httptest.NewRequest("POST", "/api/v1/oauth2/token", strings.NewReader(url.Values{"grant_type": {grant}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(id, secret)
		w := httptest.NewRecorder()
		c.fake.ServeHTTP(w, r)
		return w.Code
	}
	require.Equal(t, 401, ask(bandwidthtest.ClientID, "x", "client_credentials"))
	require.Equal(t, 401, ask("x", c.fake.Secret().Reveal(), "client_credentials"))
	require.Equal(t, 400, ask(bandwidthtest.ClientID, c.fake.Secret().Reveal(), "password"))
	require.Equal(t, 200, ask(bandwidthtest.ClientID, c.fake.Secret().Reveal(), "client_credentials"))

	c.fake.Refuse(true)
	require.Equal(t, 401, c.do("GET", search, "").Code)
	require.Equal(t, 401, ask(bandwidthtest.ClientID, c.fake.Secret().Reveal(), "client_credentials"))
	c.fake.Refuse(false)
	require.Equal(t, 200, c.do("GET", search, "").Code)
}

// The eleven shapes, each as it is: the one that is asked for and no other.
func TestShapes(t *testing.T) {
	c := newCaller(t, bandwidthtest.Config{})
	want := map[bandwidthtest.Shape]string{
		bandwidthtest.ResponseStatus:   "<ResponseStatus><ErrorCode>1012</ErrorCode><Description>",
		bandwidthtest.ErrorsBare:       "<SearchResult><Errors><Code>1012</Code><Description>",
		bandwidthtest.ErrorsWithStatus: "<Status><Code>400</Code><Description>",
		bandwidthtest.ErrorList:        "<ErrorList><Error><Code>1012</Code><Description>",
		bandwidthtest.ErrorListNumber:  "<ErrorList><Error><Code>1012</Code><Description>", // and the numbers, when there are any
		bandwidthtest.ErrorListNumbers: "<ErrorList><Error><Code>1012</Code><Description>",
		bandwidthtest.ErrorsError:      "<Errors><Error><Code>1012</Code><Description>",
		bandwidthtest.ErrorInResult:    "<SearchResult><Error><Code>1012</Code><Description>",
		bandwidthtest.Wordless:         "<SearchResult><ResponseStatus><Description>",
		bandwidthtest.ErrorMessage:     "<SearchResult><ErrorMessage>",
		bandwidthtest.Empty:            "",
	}
	require.Len(t, bandwidthtest.Shapes(), len(want))
	for _, shape := range bandwidthtest.Shapes() {
		c.fake.Answer(shape)
		w := c.do("GET", "/availableNumbers?unknown=1", "")
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.Contains(t, w.Body.String(), want[shape])
		require.Equal(t, shape == bandwidthtest.Empty, w.Body.Len() == 0)
		require.Equal(t, shape.ShowsCode(), strings.Contains(w.Body.String(), "1012"))
	}
	c.fake.Answer(bandwidthtest.Natural)
	require.Contains(t, c.do("GET", "/availableNumbers?unknown=1", "").Body.String(), want[bandwidthtest.ErrorInResult])
}

// A hostile fake picks shapes by what the error is about: always the same for the
// same, not the same for all, and always with the code.
func TestHostileShapes(t *testing.T) {
	c := newCaller(t, bandwidthtest.Config{Hostile: true})
	seen := map[string]bool{}
	for _, path := range []string{"/availableNumbers", "/orders", "/lidbs", "/e911s", "/portins", "/disconnects", "/aeuis", "/portouts"} {
		first, again := c.do("GET", path+"?unknown=1", "").Body.String(), c.do("GET", path+"?unknown=1", "").Body.String()
		require.Equal(t, first, again)
		require.Contains(t, first, "1012")
		_, inner, _ := strings.Cut(strings.TrimPrefix(first, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`), ">")
		seen[inner] = true
	}
	require.Greater(t, len(seen), 2)
}

// What the fake calls time is what it was given.
func TestClock(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	c := newCaller(t, bandwidthtest.Config{Now: func() time.Time { return at }})
	require.Equal(t, "Tue, 24 Nov 2026 12:00:00 GMT", c.do("GET", "/orders/none", "").Header().Get("Date"))
}
