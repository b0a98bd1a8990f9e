package carrierhttp_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// carrier is a server that counts the orders it gets.
type carrier struct {
	*httptest.Server
	orders atomic.Int64
	bodies atomic.Int64 // those that came somewhere else
}

const order = `{"number":"+15015550101"}`

// serve starts a carrier whose /orders is answered by h, and a client of it with
// an idle connection.
func serve(t *testing.T, cfg carrierhttp.Config, h http.HandlerFunc) (*carrier, *carrierhttp.Client) {
	t.Helper()
	c := &carrier{}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/ready", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) })
	mux.HandleFunc("/v1/orders", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		c.orders.Add(1)
		h(w, r)
	})
	mux.HandleFunc("/elsewhere", func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		c.bodies.Add(int64(1 + len(b)))
	})
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	cfg.ID, cfg.Base = "acme", c.URL+"/v1"
	client, err := carrierhttp.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.Do(t.Context(), carrierhttp.Call{Intent: carrierhttp.Read, Path: "/ready"})
	require.NoError(t, err)
	return c, client
}

func placing() carrierhttp.Call {
	return carrierhttp.Call{Op: provider.OpPlace, Path: "/orders", Body: carrierhttp.Bytes("application/json", []byte(order))}
}

func failed(t testing.TB, err error, k provider.Kind, o provider.Outcome) *provider.Error {
	t.Helper()
	var e *provider.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, k, e.Kind, "%v", err)
	require.Equal(t, o, e.Outcome, "%v", err)
	require.Equal(t, provider.ID("acme"), e.Provider)
	return e
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestAnOrderIsSentOnce(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		kind    provider.Kind
		outcome provider.Outcome
	}{
		"500":           {status(500), provider.Unavailable, provider.OutcomeUnknown},
		"502":           {status(502), provider.Unavailable, provider.OutcomeUnknown},
		"503":           {status(503), provider.Unavailable, provider.OutcomeUnknown},
		"429":           {status(429), provider.RateLimited, provider.NotApplied},
		"408":           {status(408), provider.Unavailable, provider.OutcomeUnknown},
		"409":           {status(409), provider.Conflict, provider.OutcomeUnknown},
		"425":           {status(425), provider.Unavailable, provider.OutcomeUnknown},
		"401":           {status(401), provider.Unauthorized, provider.NotApplied},
		"422":           {status(422), provider.Invalid, provider.NotApplied},
		"dropped reply": {drop, provider.Unavailable, provider.OutcomeUnknown},
		"time-out":      {hang, provider.Unavailable, provider.OutcomeUnknown},
		"another protocol, and silence": {func(w http.ResponseWriter, r *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			defer func() { _ = c.Close() }()
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
			_, _ = c.Read(make([]byte, 1))
		}, provider.Internal, provider.OutcomeUnknown},
		"half a reply": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id":`)
		}, provider.Unavailable, provider.Applied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := carrierhttp.Config{Auth: carrierhttp.Bearer(secret.New("k"))}
			if name == "time-out" {
				cfg.Timeout = time.Second
			}
			srv, client := serve(t, cfg, c.answer)
			_, err := client.Do(t.Context(), placing())
			failed(t, err, c.kind, c.outcome)
			require.Equal(t, int64(1), srv.orders.Load())
		})
	}
}

func TestARedirectCarriesNoBodyAnywhere(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, intent := range []carrierhttp.Intent{carrierhttp.Create, carrierhttp.Read} {
			srv, client := serve(t, carrierhttp.Config{}, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", code) })
			call := placing()
			call.Intent, call.Method = intent, http.MethodPost
			res, err := client.Do(t.Context(), call)
			want := provider.OutcomeUnknown
			if intent == carrierhttp.Read {
				want = provider.NotApplied
			}
			failed(t, err, provider.Internal, want)
			require.Equal(t, code, res.Status)
			require.Equal(t, int64(1), srv.orders.Load())
			require.Zero(t, srv.bodies.Load(), "a redirect was followed")
		}
	}
}

// net/http sends a request again by itself when a connection that it used before
// breaks, the method or a header allows it, and the body can be had again.
func TestNetHTTPDoesNotReplayOnAReusedConnection(t *testing.T) {
	for name, amend := range map[string]func(*carrierhttp.Call){
		"POST":              func(*carrierhttp.Call) {},
		"POST without body": func(c *carrierhttp.Call) { c.Body = carrierhttp.Body{} },
		"PUT":               func(c *carrierhttp.Call) { c.Method = http.MethodPut },
		"DELETE":            func(c *carrierhttp.Call) { c.Method, c.Body = http.MethodDelete, carrierhttp.Body{} },
		"GET that buys":     func(c *carrierhttp.Call) { c.Method, c.Body = http.MethodGet, carrierhttp.Body{} },
		"HEAD that buys":    func(c *carrierhttp.Call) { c.Method, c.Body = http.MethodHead, carrierhttp.Body{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, client := serve(t, carrierhttp.Config{}, drop)
			call := placing()
			amend(&call)
			_, err := client.Do(t.Context(), call)
			failed(t, err, provider.Unavailable, provider.OutcomeUnknown)
			require.Equal(t, int64(1), srv.orders.Load())
		})
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		srv, client := serve(t, carrierhttp.Config{}, drop)
		call := placing()
		call.Header = http.Header{name: {"k1"}}
		_, err := client.Do(t.Context(), call)
		failed(t, err, provider.Invalid, provider.NotApplied)
		require.Zero(t, srv.orders.Load())
	}
}

// A transport that is handed in gets the same request.
func TestWhatATransportGetsCannotBeReplayed(t *testing.T) {
	for _, method := range []string{"POST", "GET", "DELETE"} {
		for _, body := range []carrierhttp.Body{{}, carrierhttp.JSON(1)} {
			seen := 0
			client := newClient(t, carrierhttp.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				seen++
				require.Nil(t, r.GetBody)
				require.False(t, method == "GET" && (r.Body == nil || r.Body == http.NoBody), "net/http would replay it")
				return respond(r, 200, "{}"), nil
			})})
			_, err := client.Do(t.Context(), carrierhttp.Call{Method: method, Path: "/x", Body: body})
			require.NoError(t, err)
			require.Equal(t, 1, seen)
		}
	}
}

func TestADialErrorIsNotAppliedAndNotRepeated(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	client, err := carrierhttp.New(carrierhttp.Config{ID: "acme", Base: "http://" + l.Addr().String()})
	require.NoError(t, err)
	_, err = client.Do(t.Context(), placing())
	failed(t, err, provider.Unavailable, provider.NotApplied)
}

func TestAReadIsSentAgain(t *testing.T) {
	for name, bad := range map[string]http.HandlerFunc{"500": status(500), "429": status(429), "408": status(408), "dropped": drop,
		"half a reply": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "9") }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var srv *carrier
			srv, client := serve(t, carrierhttp.Config{}, func(w http.ResponseWriter, r *http.Request) {
				if srv.orders.Load() == 1 {
					bad(w, r)
					return
				}
				_, _ = io.WriteString(w, `{"ok":true}`)
			})
			res, err := client.Do(t.Context(), carrierhttp.Call{Op: provider.OpTrack, Intent: carrierhttp.Read, Path: "/orders"})
			require.NoError(t, err)
			require.Equal(t, `{"ok":true}`, string(res.Body))
			require.Equal(t, int64(2), srv.orders.Load())
		})
	}
}

// What net/http would send again by itself does not pay the rate.
func TestNetHTTPDoesNotReplayAReadEither(t *testing.T) {
	srv, client := serve(t, carrierhttp.Config{Attempts: 1}, drop)
	_, err := client.Do(t.Context(), carrierhttp.Call{Intent: carrierhttp.Read, Path: "/orders"})
	failed(t, err, provider.Unavailable, provider.NotApplied)
	require.Equal(t, int64(1), srv.orders.Load())
}

func TestAReadEndsAfterItsAttempts(t *testing.T) {
	srv, client := serve(t, carrierhttp.Config{Attempts: 2}, status(503))
	_, err := client.Do(t.Context(), carrierhttp.Call{Intent: carrierhttp.Read, Path: "/orders"})
	failed(t, err, provider.Unavailable, provider.NotApplied)
	require.Equal(t, int64(2), srv.orders.Load())
	srv, client = serve(t, carrierhttp.Config{}, status(501))
	_, err = client.Do(t.Context(), carrierhttp.Call{Intent: carrierhttp.Read, Path: "/orders"})
	failed(t, err, provider.Unsupported, provider.NotApplied)
	require.Equal(t, int64(1), srv.orders.Load(), "it would be the same next time")
}

func TestACallThatHasEnded(t *testing.T) {
	srv, client := serve(t, carrierhttp.Config{}, status(200))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.Do(ctx, placing())
	failed(t, err, provider.Unavailable, provider.NotApplied)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, srv.orders.Load())

	arrived := make(chan struct{})
	srv, client = serve(t, carrierhttp.Config{}, func(_ http.ResponseWriter, r *http.Request) { close(arrived); <-r.Context().Done() })
	ctx, cancel = context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err = client.Do(ctx, placing())
	failed(t, err, provider.Unavailable, provider.OutcomeUnknown)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, int64(1), srv.orders.Load())

	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, carrierhttp.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.Do(ctx, placing())
		failed(t, err, provider.Unavailable, provider.OutcomeUnknown)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = client.Do(t.Context(), placing())
		failed(t, err, provider.Unavailable, provider.OutcomeUnknown)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller's context has not ended")
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return f(r)
}

func respond(r *http.Request, code int, body string) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

func newClient(t testing.TB, cfg carrierhttp.Config) *carrierhttp.Client {
	t.Helper()
	cfg.ID = "acme"
	if cfg.Base == "" {
		cfg.Base = "https://api.acme.example/v1"
	}
	c, err := carrierhttp.New(cfg)
	require.NoError(t, err)
	return c
}
