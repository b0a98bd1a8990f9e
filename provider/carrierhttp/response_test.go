package carrierhttp_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

func TestEveryStatus(t *testing.T) {
	t.Parallel()
	want := map[int]struct {
		kind    provider.Kind
		outcome provider.Outcome
	}{
		300: {provider.Internal, provider.OutcomeUnknown}, 301: {provider.Internal, provider.OutcomeUnknown}, 304: {provider.Internal, provider.OutcomeUnknown},
		307: {provider.Internal, provider.OutcomeUnknown}, 308: {provider.Internal, provider.OutcomeUnknown},
		400: {provider.Invalid, provider.NotApplied}, 401: {provider.Unauthorized, provider.NotApplied}, 402: {provider.Funds, provider.NotApplied},
		403: {provider.Forbidden, provider.NotApplied}, 404: {provider.NotFound, provider.NotApplied}, 405: {provider.Unsupported, provider.NotApplied},
		406: {provider.Internal, provider.NotApplied}, 408: {provider.Unavailable, provider.OutcomeUnknown}, 409: {provider.Conflict, provider.OutcomeUnknown},
		410: {provider.NotFound, provider.NotApplied}, 412: {provider.Precondition, provider.NotApplied}, 415: {provider.Internal, provider.NotApplied},
		418: {provider.Internal, provider.NotApplied}, 422: {provider.Invalid, provider.NotApplied}, 425: {provider.Unavailable, provider.OutcomeUnknown},
		429: {provider.RateLimited, provider.NotApplied}, 499: {provider.Internal, provider.NotApplied},
		500: {provider.Unavailable, provider.OutcomeUnknown}, 501: {provider.Unsupported, provider.OutcomeUnknown}, 502: {provider.Unavailable, provider.OutcomeUnknown},
		503: {provider.Unavailable, provider.OutcomeUnknown}, 504: {provider.Unavailable, provider.OutcomeUnknown}, 599: {provider.Unavailable, provider.OutcomeUnknown},
		600: {provider.Unavailable, provider.OutcomeUnknown}, 0: {provider.Internal, provider.OutcomeUnknown}, 100: {provider.Internal, provider.OutcomeUnknown}, 199: {provider.Internal, provider.OutcomeUnknown},
	}
	for status, w := range want {
		mock := httpmock.NewMockTransport()
		mock.RegisterResponder("POST", "https://api.acme.example/v1/orders", httpmock.NewStringResponder(status, `{"secret":"body"}`).HeaderSet(http.Header{"X-Req": {"r-1"}}))
		client := newClient(t, carrierhttp.Config{Transport: mock, RequestID: []string{"X-None", "X-Req"}, Attempts: 1})
		call := placing()
		call.Number = nanp.MustParse("+15015550101")
		res, err := client.Do(t.Context(), call)
		e := failed(t, err, w.kind, w.outcome)
		require.Equal(t, provider.OpPlace, e.Op)
		require.Equal(t, call.Number, e.Number)
		require.Equal(t, "r-1", e.Request)
		require.Equal(t, status, res.Status)
		require.NotContains(t, err.Error(), "body")
		require.Equal(t, `{"secret":"body"}`, string(res.Body))
		call.Intent, call.Method = carrierhttp.Read, "POST"
		_, err = client.Do(t.Context(), call)
		if status != 429 { // its class is paused
			failed(t, err, w.kind, provider.NotApplied)
		}
	}
	for status := range 1000 {
		_, listed := want[status]
		if status < 200 || status > 299 || listed {
			continue
		}
		mock := httpmock.NewMockTransport()
		mock.RegisterResponder("POST", "https://api.acme.example/v1/orders", httpmock.NewStringResponder(status, `{"id":1}`))
		res, err := newClient(t, carrierhttp.Config{Transport: mock}).Do(t.Context(), placing())
		require.NoError(t, err)
		require.Equal(t, status, res.Status)
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	var saw []provider.Error
	classify := func(r carrierhttp.Response, e *provider.Error) {
		saw = append(saw, *e)
		e.Kind, e.Outcome, e.Code, e.Text = provider.NumberTaken, provider.NotApplied, string(r.Body), "someone was faster"
	}
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", "https://api.acme.example/v1/orders", httpmock.NewStringResponder(409, "10015"))
	client := newClient(t, carrierhttp.Config{Transport: mock, Classify: classify})
	_, err := client.Do(t.Context(), placing())
	e := failed(t, err, provider.NumberTaken, provider.NotApplied)
	require.Equal(t, "10015", e.Code)
	require.Equal(t, "someone was faster", e.Text)
	require.Equal(t, provider.Conflict, saw[0].Kind)
	require.Equal(t, provider.OutcomeUnknown, saw[0].Outcome)

	call := placing()
	call.Classify = func(_ carrierhttp.Response, e *provider.Error) {
		require.Equal(t, provider.NumberTaken, e.Kind)
		e.Kind, e.Op, e.Provider = provider.Exists, "other", "other"
	}
	_, err = client.Do(t.Context(), call)
	require.Equal(t, provider.OpPlace, failed(t, err, provider.Exists, provider.NotApplied).Op)

	call.Intent, call.Method = carrierhttp.Read, "POST"
	call.Classify = func(_ carrierhttp.Response, e *provider.Error) { e.Outcome = provider.Applied }
	_, err = client.Do(t.Context(), call)
	failed(t, err, provider.NumberTaken, provider.NotApplied)
}

// A refusal stays one when its body breaks off.
func TestARefusalWithABrokenBody(t *testing.T) {
	t.Parallel()
	for status, o := range map[int]provider.Outcome{422: provider.NotApplied, 500: provider.OutcomeUnknown, 409: provider.OutcomeUnknown} {
		_, client := serve(t, carrierhttp.Config{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "{")
		})
		res, err := client.Do(t.Context(), placing())
		require.Equal(t, o, provider.OutcomeOf(err))
		require.Equal(t, "{", string(res.Body))
	}
}

func TestASuccessThatCannotBeReadIsApplied(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		kind provider.Kind
	}{
		"too long": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat(" ", 2000)) }, provider.Internal},
		"hanging": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, provider.Unavailable},
		"bad gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "no gzip at all")
		}, provider.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			srv, client := serve(t, carrierhttp.Config{MaxReply: 1000, Timeout: 2 * time.Second}, c.h)
			_, err := client.Do(t.Context(), placing())
			failed(t, err, c.kind, provider.Applied)
			if name == "hanging" {
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller's context has not ended")
			}
			require.Equal(t, int64(1), srv.orders.Load())
		})
	}
}

// At its bound an answer is whole, one byte more is too long.
func TestTheBoundOfAnAnswer(t *testing.T) {
	t.Parallel()
	size := 1000
	_, client := serve(t, carrierhttp.Config{MaxReply: 1000}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", size)) })
	res, err := client.Do(t.Context(), placing())
	require.NoError(t, err)
	require.Len(t, res.Body, 1000)
	size++
	res, err = client.Do(t.Context(), placing())
	failed(t, err, provider.Internal, provider.Applied)
	require.Len(t, res.Body, 1000)
}

func TestAnEndlessAnswerIsCut(t *testing.T) {
	t.Parallel()
	const gigabyte = 1 << 30
	for _, packed := range []bool{false, true} {
		for _, status := range []int{200, 400} {
			var sent atomic.Int64
			most := int64(gigabyte)
			if packed {
				most = 64 << 20 // of zeros: it is the packing that takes time
			}
			ended := make(chan struct{})
			_, client := serve(t, carrierhttp.Config{MaxReply: 1 << 20}, func(w http.ResponseWriter, _ *http.Request) {
				defer close(ended)
				out := io.Writer(w)
				if packed {
					w.Header().Set("Content-Encoding", "gzip")
				}
				w.WriteHeader(status)
				if packed {
					out = gzip.NewWriter(w)
				}
				block := make([]byte, 64<<10)
				for sent.Load() < most {
					if _, err := out.Write(block); err != nil {
						return
					}
					sent.Add(int64(len(block)))
				}
			})
			res, err := client.Do(t.Context(), placing())
			require.Error(t, err)
			require.Len(t, res.Body, 1<<20)
			<-ended
			if !packed {
				require.Less(t, sent.Load(), int64(32<<20), "what fits into the buffers of two sockets")
			}
		}
	}
	_, client := serve(t, carrierhttp.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 1<<20))
		_, _ = io.WriteString(w, "{}")
	})
	_, err := client.Do(t.Context(), placing())
	failed(t, err, provider.Unavailable, provider.OutcomeUnknown)
}

func answered(t *testing.T, intent carrierhttp.Intent, body string) carrierhttp.Response {
	t.Helper()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	client := newClient(t, carrierhttp.Config{RequestID: []string{"X-Req"}, Now: func() time.Time { return at }, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		res := respond(r, 200, body)
		res.Header.Set("X-Req", "r-7")
		return res, nil
	})})
	call := placing()
	call.Intent, call.Method, call.Number = intent, "POST", nanp.MustParse("+15015550101")
	res, err := client.Do(t.Context(), call)
	require.NoError(t, err)
	require.Equal(t, provider.Said{By: "acme", Raw: "pending", Request: "r-7", At: at}, res.Said("pending"))
	return res
}

func TestDecode(t *testing.T) {
	t.Parallel()
	type order struct {
		ID string
		N  int
	}
	var v order
	require.NoError(t, answered(t, carrierhttp.Create, ` {"ID":"o1","N":2} `).Decode(&v))
	require.Equal(t, order{"o1", 2}, v)
	for _, body := range []string{"", " ", "OK", "{", `{"ID":"o1"`, `{"ID":1}`, `{"N":"1"}`, `{"ID":"o1"} x`, "<html>", "[1]"} {
		err := answered(t, carrierhttp.Create, body).Decode(&v)
		e := failed(t, err, provider.Internal, provider.Applied)
		require.Equal(t, "r-7", e.Request)
		require.True(t, e.Number.Valid())
		failed(t, answered(t, carrierhttp.Read, body).Decode(&v), provider.Internal, provider.NotApplied)
	}
	for _, body := range []string{`{"N":47110815.5}`, `{"ID":47110815}`, `{"N":47110815`, `{"N":1}47110815`, "47110815"} {
		require.NotContains(t, answered(t, carrierhttp.Create, body).Decode(&v).Error(), "4711", body)
		require.NotContains(t, answered(t, carrierhttp.Create, "<order><N>47110815.5</N></order>").DecodeXML(&v).Error(), "4711")
	}
	v = order{}
	for _, body := range []string{`<order><ID>o1</ID><N>2</N></order>`, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<order><ID>o1</ID><N>2</N></order>\n<!-- end -->\n"} {
		require.NoError(t, answered(t, carrierhttp.Create, body).DecodeXML(&v))
		require.Equal(t, order{"o1", 2}, v)
	}
	for _, body := range []string{"", " ", "OK", "<a>", "<a></b>", "<order><N>x</N></order>", "<a></a><a></a>", "<a></a>x", "{}", `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, "<?xml version='1.0'?>"} {
		failed(t, answered(t, carrierhttp.Create, body).DecodeXML(&v), provider.Internal, provider.Applied)
		failed(t, answered(t, carrierhttp.Read, body).DecodeXML(&v), provider.Internal, provider.NotApplied)
	}
}

func TestErrorOfAResponse(t *testing.T) {
	t.Parallel()
	e := answered(t, carrierhttp.Create, "{}").Error(provider.Internal, provider.OutcomeUnknown, "no order in it")
	require.Equal(t, "acme place order internal (outcome unknown): (501) 555-0101: no order in it (request r-7)", e.Error())
	require.Equal(t, provider.NotApplied, answered(t, carrierhttp.Read, "{}").Error(provider.NotFound, provider.Applied, "x").Outcome)
	require.Equal(t, "status 200 (request r-7)", fmt.Sprint(answered(t, carrierhttp.Create, "body")))
	require.Error(t, carrierhttp.Response{Body: []byte("x")}.Decode(new(any)), "one that a test made")
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		call   carrierhttp.Call
		method string
	}{{carrierhttp.Call{}, "POST"}, {carrierhttp.Call{Intent: carrierhttp.Read}, "GET"}, {carrierhttp.Call{Method: "PUT"}, "PUT"}} {
		client := newClient(t, carrierhttp.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			require.Equal(t, c.method, r.Method)
			require.Equal(t, "numberdesk", r.Header.Get("User-Agent"))
			return respond(r, 200, ""), nil
		})})
		_, err := client.Do(t.Context(), c.call)
		require.NoError(t, err)
	}
}
