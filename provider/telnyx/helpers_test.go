package telnyx_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/secret"
)

var (
	one   = nanp.MustParse("501-555-0101")
	two   = nanp.MustParse("501-555-0102")
	three = nanp.MustParse("800-555-0103")
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	tower = postal.Civic{HouseNumber: "350", Street: "FIFTH", Suffix: "AVE", Floor: "21", City: "NEW YORK", State: "NY", PostalCode: "10118"}
)

const base = "https://api.telnyx.com/v2"

// mocked is a carrier whose exchanges are written down.
type mocked struct {
	*telnyx.Carrier
	*httpmock.MockTransport
	t    testing.TB
	sent map[string][]string // bodies by method and path
	urls []string
}

func mock(t testing.TB, change ...func(*telnyx.Config)) *mocked {
	m := &mocked{MockTransport: httpmock.NewMockTransport(), t: t, sent: map[string][]string{}}
	cfg := telnyx.Config{Key: secret.New(apiKey), Transport: m.MockTransport, Now: func() time.Time { return noon }, Rates: fast}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	m.Carrier, err = telnyx.New(cfg)
	require.NoError(t, err)
	return m
}

// on answers one method and path, whatever the query; several answers come in turn and
// the last one stays.
func (m *mocked) on(method, path string, status int, answers ...string) {
	n := 0
	m.RegisterResponder(method, base+path, func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			b, err := io.ReadAll(r.Body)
			require.NoError(m.t, err)
			m.sent[method+" "+path] = append(m.sent[method+" "+path], string(b))
		}
		m.urls = append(m.urls, method+" "+r.URL.RequestURI())
		body := answers[min(n, len(answers)-1)]
		n++
		res := httpmock.NewStringResponse(status, body)
		res.Header.Set("Content-Type", "application/json")
		res.Header.Set("X-Request-Id", "rq-1")
		res.Request = r
		return res, nil
	})
}

// owns lists one number of the account.
func (m *mocked) owns(more string) {
	m.on("GET", "/phone_numbers", 200, `{"data":[{"id":"1293384261075731499","phone_number":"+15015550101"`+more+`}],"meta":{"total_pages":1,"total_results":1}}`)
}

func (m *mocked) calls(key string) int { return m.GetCallCountInfo()[key] }

// body is what was sent, as JSON.
func (m *mocked) body(call string, want string) {
	m.t.Helper()
	require.NotEmpty(m.t, m.sent[call], "%s was not sent", call)
	require.JSONEq(m.t, want, m.sent[call][0])
}

func errorBody(code, pointer string) string {
	b, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{"code": code, "title": "SECRET TITLE", "detail": "SECRET DETAIL", "source": map[string]string{"pointer": pointer}}}})
	return string(b)
}

func order1(k provider.Key) provider.OrderRequest {
	return provider.OrderRequest{Key: k, Lines: []provider.OrderLine{{Number: one}}}
}

func status(word, requirements string) string {
	return `{"data":{"id":"12ade33a-21c0-473b-b055-b3c836e1c292","status":"pending","customer_reference":"K1","phone_numbers_count":1,` +
		`"sub_number_orders_ids":["s1"],"phone_numbers":[{"phone_number":"+15015550101","status":"` + word + `","requirements_status":"` + requirements +
		`","phone_number_type":"local","country_code":"US"}]}}`
}
