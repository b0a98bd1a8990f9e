package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

const (
	acc = "AC00000000000000000000000000000001"
	pn1 = "PN00000000000000000000000000000001"
	pn2 = "PN00000000000000000000000000000002"
	ad1 = "AD00000000000000000000000000000001"
	ad2 = "AD00000000000000000000000000000002"
	bu1 = "BU00000000000000000000000000000001"
	bu2 = "BU00000000000000000000000000000002"
	bu3 = "BU00000000000000000000000000000003"
	it1 = "IT00000000000000000000000000000001"
	ra1 = "RA00000000000000000000000000000001"
	kw1 = "KW00000000000000000000000000000001"
	kw2 = "KW00000000000000000000000000000002"
	pu1 = "PU00000000000000000000000000000001"
	pu2 = "PU00000000000000000000000000000002"
	rd1 = "RD00000000000000000000000000000001"

	base = "https://api.twilio.com/2010-04-01/Accounts/" + acc
	hub  = "https://trusthub.twilio.com/v1"
	port = "https://numbers.twilio.com/v1/Porting"
)

var (
	one  = nanp.MustParse("501-555-0101")
	two  = nanp.MustParse("501-555-0102")
	free = nanp.MustParse("833-555-0103")
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

// wire is Twilio as single exchanges: what is asked, and what is answered.
type wire struct {
	*testing.T
	mock *httpmock.MockTransport
	c    *Carrier
	caps provider.Capabilities
	sent []string // bodies of what was sent, in order
	now  time.Time
	ends []any // of caller names, as Twilio keeps them
}

func dial(t *testing.T, change ...func(*Config)) *wire {
	w := &wire{T: t, mock: httpmock.NewMockTransport(), now: noon}
	cfg := Config{Account: acc, Token: secret.New("hush"), Transport: w.mock, Now: func() time.Time { return w.now }, Rates: map[provider.Class]provider.Limit{}}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	require.NoError(t, err)
	w.c, w.caps = c, c.Capabilities()
	return w
}

// answer answers a request: with a status and JSON, or, where status is 0, not at
// all.
func (w *wire) answer(method, at string, status int, v any) {
	w.mock.RegisterResponder(method, at, func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			b, err := io.ReadAll(r.Body)
			require.NoError(w, err)
			w.sent = append(w.sent, string(b))
		}
		if status == 0 {
			return nil, io.ErrUnexpectedEOF
		}
		res, err := httpmock.NewJsonResponse(status, v)
		if text, raw := v.(string); raw {
			res, err = httpmock.NewStringResponse(status, text), nil
		}
		if err == nil {
			res.Header.Set("Twilio-Request-Id", "RQ1")
		}
		return res, err
	})
}

// calls counts the requests of a kind; at without query counts all queries.
func (w *wire) calls(method string) (n int) {
	for k, c := range w.mock.GetCallCountInfo() {
		if strings.HasPrefix(k, method+" ") {
			n += c
		}
	}
	return n
}

type obj = map[string]any

func fault(status, code int) obj {
	return obj{"code": code, "message": "a message with a secret street in it", "more_info": "", "status": status}
}

// mine is a number of ours.
func mine(pn string, n nanp.Number, name string, more ...any) obj {
	o := obj{"sid": pn, "phone_number": n.String(), "friendly_name": name, "status": "in-use"}
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

// account answers the list of numbers, whatever is asked.
func (w *wire) account(numbers ...any) {
	w.answer("GET", base+"/IncomingPhoneNumbers.json", 200, obj{"incoming_phone_numbers": append([]any{}, numbers...)})
}

func results1(items ...any) obj {
	return obj{"results": append([]any{}, items...), "meta": obj{"next_page_url": nil}}
}

func ctxOf(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// fails checks the axes of an error, and that nothing of a body is in it.
func fails(t require.TestingT, err error, k provider.Kind, o provider.Outcome) *provider.Error {
	var e *provider.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, k, "%v", err)
	require.Equal(t, o, e.Outcome, "%v", err)
	require.Equal(t, provider.ID("twilio"), e.Provider)
	for _, leak := range []string{"street", "hush"} {
		require.NotContains(t, strings.ToLower(fmt.Sprintf("%v %+v", err, errors.Unwrap(err))), "secret "+leak)
	}
	return e
}

func order(k provider.Key, n nanp.Number) provider.OrderRequest {
	return provider.OrderRequest{Key: k, Lines: []provider.OrderLine{{Number: n}}}
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
