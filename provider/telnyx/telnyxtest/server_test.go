package telnyxtest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/telnyx/telnyxtest"
)

var now = time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)

func fake(t *testing.T, chaos sandbox.Chaos) *telnyxtest.Server {
	clock := func() time.Time { return now }
	engine, err := sandbox.New(telnyxtest.Engine(sandbox.Config{Now: clock, Chaos: chaos}))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	return telnyxtest.New(engine, telnyxtest.Config{Key: "KEY", Now: clock})
}

func call(s http.Handler, method, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer KEY")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// What the carrier's documents do not have is refused, with the carrier's codes.
func TestStrict(t *testing.T) {
	s := fake(t, sandbox.Chaos{})
	const js = "application/json"
	for _, c := range []struct {
		method, path, kind, body string
		status                   int
		code                     string
	}{
		{"GET", "/nothing", "", "", 404, "10005"},
		{"POST", "/number_orders", "text/plain", "{}", 415, "10015"},
		{"POST", "/number_orders", js, "{", 422, "10015"},
		{"POST", "/number_orders", js, `{"numbers":[]}`, 422, "10015"},
		{"POST", "/number_orders", js, `{"customer_reference":"K1"}`, 422, "10004"},
		{"POST", "/number_orders", js, `{"phone_numbers":[{"phone_number":"5015550101"}]}`, 422, "10016"},
		{"GET", "/number_orders?filter[colour]=red", "", "", 400, "10031"},
		{"GET", "/number_orders?page[size]=251", "", "", 422, "10015"},
		{"GET", "/number_orders/no-such", "", "", 404, "10005"},
		{"GET", "/available_phone_numbers", "", "", 422, "10004"},
		{"GET", "/available_phone_numbers?filter[country_code]=US&filter[phone_number_type]=red", "", "", 422, "10032"},
		{"GET", "/number_lookup/+15015550101?type=shoe-size", "", "", 422, "10032"},
		{"PATCH", "/phone_numbers/17", js, "{}", 404, "10005"},
		{"GET", "/phone_numbers/jobs/17", "", "", 404, "10005"},
		{"POST", "/addresses", js, `{"street_address":"1 MAIN ST","locality":"X","country_code":"US"}`, 422, "10004"},
		{"PATCH", "/portouts/17/maybe", js, `{"reason":"x"}`, 404, "10005"},
	} {
		w := call(s, c.method, c.path, c.kind, c.body)
		require.Equal(t, c.status, w.Code, "%s %s %s", c.method, c.path, w.Body)
		require.Contains(t, w.Body.String(), `"code":"`+c.code+`"`, "%s %s", c.method, c.path)
		require.NotEmpty(t, w.Header().Get("X-Request-Id"))
	}
	require.Equal(t, telnyxtest.Request{Method: "GET", Path: "/nothing"}, s.Requests()[0])
	s.Refuse(true)
	require.Equal(t, 401, call(s, "GET", "/phone_numbers", "", "").Code)
	s.Refuse(false)
	require.Equal(t, 200, call(s, "GET", "/phone_numbers", "", "").Code)
}

// What goes wrong with the engine happens on the wire.
func TestChaosOnTheWire(t *testing.T) {
	var fault sandbox.Fault
	s := fake(t, sandbox.Chaos{Script: func(provider.Op, provider.Key, int) sandbox.Fault { return fault }})
	fault = sandbox.Throttled
	w := call(s, "GET", "/phone_numbers", "", "")
	require.Equal(t, 429, w.Code)
	require.Equal(t, "1", w.Header().Get("X-Ratelimit-Reset"))
	fault = sandbox.FailedBefore
	require.Equal(t, 503, call(s, "GET", "/phone_numbers", "", "").Code)
	fault = sandbox.ReplyLost
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { call(s, "GET", "/phone_numbers", "", "") })
}

func TestMessages(t *testing.T) {
	s := fake(t, sandbox.Chaos{})
	a, b := s.Webhook(provider.CapPorts, "p1", "K1"), s.Webhook(provider.CapPorts, "p1", "K1")
	require.NotEqual(t, a.Body, b.Body, "each is another event")
	again := s.Repeat(a)
	require.Contains(t, string(again.Body), `"attempt":2`)
	require.Equal(t, string(a.Body[:60]), string(again.Body[:60]), "the same event")
	require.Equal(t, []string{"1785747600"}, a.Header["Telnyx-Timestamp"])
}
