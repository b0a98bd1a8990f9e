package numberdesk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

func TestWebhookURLIsChecked(t *testing.T) {
	carrier, err := sandbox.New(sandbox.Config{})
	require.NoError(t, err)
	for _, bad := range []string{"desk.example.com/hooks", "ftp://desk.example.com", "https://", "https://ann:pin@desk.example.com", "https://desk.example.com/hooks?x=1",
		"https://desk.example.com/#hooks", "https://desk example.com", "/hooks"} {
		_, err := numberdesk.Open(t.Context(), numberdesk.Config{Store: memstore.New(), Carriers: []provider.Provider{carrier}, WebhookURL: bad})
		require.ErrorContains(t, err, "WebhookURL", bad)
		require.NotContains(t, err.Error(), "pin")
	}
}

// The adapter sees the message as the carrier sent it: the raw body, and the
// public address whatever proxies have made of the request.
func TestTheAdapterSeesWhatTheCarrierSent(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	var seen []provider.Webhook
	o.carrier.decode = func(m provider.Webhook) { seen = append(seen, m) }
	for path, url := range map[string]string{
		"/sandbox":                    hookURL + "/sandbox",
		"/a/b/sandbox?x=%2F&y=&x=1+2": hookURL + "/sandbox?x=%2F&y=&x=1+2",
		"/hooks/sandbox?":             hookURL + "/sandbox?",
	} {
		seen = nil
		body := "{ \"raw\" :\t1}\r\n\x00\xff"
		r := httptest.NewRequest(http.MethodPost, "http://attacker.example"+path, strings.NewReader(body))
		r.Header.Add("X-Two", "1")
		r.Header.Add("X-Two", "2")
		require.Equal(t, 401, o.post(r).Code)
		require.Equal(t, []provider.Webhook{{Method: "POST", URL: url, Header: map[string][]string{"X-Two": {"1", "2"}}, Body: []byte(body), At: o.clock.Now()}}, seen)
	}
	seen = nil
	require.Equal(t, 401, o.post(httptest.NewRequest(http.MethodGet, "/sandbox?challenge=1", nil)).Code)
	require.Equal(t, "GET", seen[0].Method)
	require.Empty(t, seen[0].Body)
}

// A desk does not tell strangers which carriers it has.
func TestWhoTakesNoMessagesIsNotThere(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	var answers []string
	for _, path := range []string{"/hooks/mute", "/hooks/nobody", "/hooks/", "/", "/hooks/sandbox/", "/hooks/SANDBOX", "/hooks/%00"} {
		for _, method := range []string{"POST", "GET", "PUT"} {
			w := o.post(httptest.NewRequest(method, path, strings.NewReader("x")))
			require.Equal(t, 404, w.Code, path)
			answers = append(answers, fmt.Sprint(w.Header(), w.Body))
		}
	}
	for _, a := range answers {
		require.Equal(t, answers[0], a)
	}
	for _, method := range []string{"PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"} {
		w := o.post(httptest.NewRequest(method, "/hooks/sandbox", nil))
		require.Equal(t, 405, w.Code)
		require.Equal(t, "GET, POST", w.Header().Get("Allow"))
	}
	carrier, err := sandbox.New(sandbox.Config{})
	require.NoError(t, err)
	desk, err := numberdesk.Open(t.Context(), numberdesk.Config{Store: memstore.New(), Carriers: []provider.Provider{&talkative{Provider: carrier, key: "k1"}}})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	desk.Webhooks().ServeHTTP(w, httptest.NewRequest("POST", "/hooks/sandbox", nil))
	require.Equal(t, 404, w.Code, "without an address nothing can be verified")
}

// endless is a body without an end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) { e.read += len(p); return len(p), nil }

func TestALargeBodyIsRefused(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	o.carrier.decode = func(provider.Webhook) { t.Error("it has been decoded") }
	before := o.everything()
	r := httptest.NewRequest(http.MethodPost, "/hooks/sandbox", bytes.NewReader(make([]byte, 10<<20)))
	require.Equal(t, 413, o.post(r).Code)
	e := &endless{}
	r = httptest.NewRequest(http.MethodPost, "/hooks/sandbox", e)
	r.ContentLength = 1<<20 + 1
	require.Equal(t, 413, o.post(r).Code)
	require.Zero(t, e.read, "its length says enough")
	r = httptest.NewRequest(http.MethodPost, "/hooks/sandbox", e)
	r.ContentLength = -1
	require.Equal(t, 413, o.post(r).Code)
	require.LessOrEqual(t, e.read, 4<<20, "it has been read on")
	require.Equal(t, before, o.everything())

	o.carrier.decode = nil
	for size, code := range map[int]int{1 << 20: 401, 1<<20 + 1: 413} {
		require.Equal(t, code, o.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", bytes.NewReader(make([]byte, size)))).Code)
	}
	srv := httptest.NewServer(o.Webhooks())
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/hooks/sandbox", bytes.NewReader(make([]byte, 10<<20)))
	require.NoError(t, err)
	resp, err := srv.Client().Do(req)
	if err == nil { // the server may have closed before the client had written everything
		require.Equal(t, 413, resp.StatusCode)
		require.NoError(t, resp.Body.Close())
	}
}

// pipes is a listener of connections in memory.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A body that trickles in costs ten seconds and no more.
func TestASlowBodyIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, sandbox.Config{}, nil)
		l := &pipes{make(chan net.Conn), make(chan struct{})}
		srv := &http.Server{Handler: o.Webhooks()}
		go func() { _ = srv.Serve(l) }()
		ours, theirs := net.Pipe()
		l.conns <- theirs
		start := time.Now()
		_, err := io.WriteString(ours, "POST /hooks/sandbox HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
		require.NoError(t, err)
		answer := make([]byte, 4096)
		n, err := ours.Read(answer)
		require.NoError(t, err)
		require.Contains(t, string(answer[:n]), "HTTP/1.1 408 ")
		require.Equal(t, 10*time.Second, time.Since(start))
		require.NoError(t, ours.Close())
		require.NoError(t, srv.Close())
		require.NoError(t, o.Close())
	})
}

func TestWhatTheAdapterAnswersStands(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	stranger := func() *http.Request {
		return httptest.NewRequest(http.MethodPost, "/hooks/sandbox", strings.NewReader("secret-body"))
	}
	w := o.post(stranger())
	require.Equal(t, 401, w.Code)
	require.Equal(t, "Unauthorized", strings.TrimSpace(w.Body.String()))

	o.carrier.answer = provider.Answer{Status: 401, Header: map[string][]string{"WWW-Authenticate": {`Basic realm="desk"`}}}
	w = o.post(stranger())
	require.Equal(t, 401, w.Code)
	require.Equal(t, `Basic realm="desk"`, w.Header().Get("WWW-Authenticate"))
	require.Empty(t, w.Body.String())

	o.carrier.answer = provider.Answer{Header: map[string][]string{"Content-Type": {"application/xml"}}, Body: []byte("<Portable>false</Portable>")}
	w = o.post(o.carrier.message("", event{ID: "po-1", About: provider.CapPortOuts}))
	require.Equal(t, 200, w.Code)
	require.Equal(t, "application/xml", w.Header().Get("Content-Type"))
	require.Equal(t, "<Portable>false</Portable>", w.Body.String())
	require.Len(t, o.hints(), 1)

	for _, bad := range []int{-1, 1, 100, 199, 600, 10_000} {
		o.carrier.answer = provider.Answer{Status: bad}
		require.Equal(t, 500, o.post(o.carrier.message("")).Code, "no status of HTTP")
	}
}

// What goes wrong in an adapter is one message's misfortune.
func TestErrorsOfAnAdapter(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	before := o.everything()
	o.carrier.answer = provider.Answer{Status: 200}
	o.carrier.decode = func(provider.Webhook) { panic("pin 1234") }
	require.Equal(t, 500, o.post(o.carrier.message("")).Code)
	o.carrier.decode, o.carrier.answer = nil, provider.Answer{}
	for err, code := range map[error]int{
		provider.Unauthorized:       401,
		provider.Forbidden:          403,
		provider.Invalid:            400,
		provider.Internal:           400,
		errors.New("no kind"):       400,
		fmt.Errorf("%w", io.EOF):    400,
		&provider.FieldError{}:      400,
		&provider.Error{}:           400,
		context.Canceled:            400,
		provider.RateLimited:        400,
		provider.Unavailable:        400,
		context.DeadlineExceeded:    400,
		provider.NotFound:           400,
		error(provider.NumberTaken): 400,
	} {
		failing := newOfficeWith(t, func(provider.Webhook) ([]provider.Hint, provider.Answer, error) {
			return []provider.Hint{{ID: "1", About: provider.CapOrders}}, provider.Answer{}, err
		})
		w := failing.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", nil))
		require.Equal(t, code, w.Code, err)
		require.Equal(t, http.StatusText(code), strings.TrimSpace(w.Body.String()), "nothing to learn from")
		require.Zero(t, failing.seen())
	}
	many := newOfficeWith(t, func(provider.Webhook) ([]provider.Hint, provider.Answer, error) {
		return make([]provider.Hint, 1001), provider.Answer{}, nil
	})
	require.Equal(t, 400, many.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", nil)).Code)
	require.Equal(t, before, o.everything())
	require.NotContains(t, o.log.String(), "1234")
	o.send(event{ID: "1", About: provider.CapOrders})
}

// decoder is a carrier with a Decode of its own.
type decoder struct {
	provider.Provider
	f func(provider.Webhook) ([]provider.Hint, provider.Answer, error)
}

func (d decoder) Capabilities() provider.Capabilities {
	caps := d.Provider.Capabilities()
	caps.Hooks = d
	return caps
}

func (d decoder) Decode(m provider.Webhook) ([]provider.Hint, provider.Answer, error) { return d.f(m) }

func newOfficeWith(t *testing.T, f func(provider.Webhook) ([]provider.Hint, provider.Answer, error)) *office {
	o := newOffice(t, sandbox.Config{}, nil)
	o.open(memstore.New(), decoder{o.carrier.Provider, f})
	return o
}

// Only so many messages are taken at once; those of other carriers have their own
// places. A closed desk takes none.
func TestPlacesAreBounded(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	hold, in := make(chan struct{}), make(chan struct{}, 100)
	o.carrier.decode = func(m provider.Webhook) {
		in <- struct{}{}
		<-hold
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() { o.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", nil)) })
	}
	for range 64 {
		<-in
	}
	w := o.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", nil))
	require.Equal(t, 503, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	close(hold)
	wg.Wait()
	require.Equal(t, 401, o.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", nil)).Code)
	require.NoError(t, o.Close())
	require.Equal(t, 503, o.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", nil)).Code)
}

// Strangers can fill neither the store nor the log.
func TestAFloodOfForgeries(t *testing.T) {
	o := newOffice(t, sandbox.Config{}, nil)
	before, updates := o.everything(), o.store.updates()
	for range 10_000 {
		o.clock.Advance(time.Millisecond)
		require.Equal(t, 401, o.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", strings.NewReader("secret-body"))).Code)
	}
	require.Equal(t, before, o.everything())
	require.Equal(t, updates, o.store.updates(), "no transaction is begun for a stranger")
	require.LessOrEqual(t, strings.Count(o.log.String(), "\n"), 1)
	require.NotContains(t, o.log.String(), "secret-body")
	o.clock.Advance(time.Hour)
	o.post(httptest.NewRequest(http.MethodPost, "/hooks/sandbox", nil))
	require.Contains(t, o.log.String(), "count=10000")
}

// BenchmarkForgery is what a stranger's message costs beside the adapter's own check.
func BenchmarkForgery(b *testing.B) {
	o := newOffice(b, sandbox.Config{}, nil)
	h, body := o.Webhooks(), []byte(strings.Repeat("x", 1000))
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/hooks/sandbox", bytes.NewReader(body)))
	}
}

// FuzzWebhook: nothing that arrives is accepted without a signature or takes the
// process down.
func FuzzWebhook(f *testing.F) {
	f.Add("POST", "/hooks/sandbox?x", []byte("[]"), "1764000000", "00")
	o := newOffice(f, sandbox.Config{}, nil)
	before := o.everything()
	f.Fuzz(func(t *testing.T, method, path string, body []byte, stamp, sum string) {
		r, err := http.NewRequest(method, "http://x/", bytes.NewReader(body))
		if err != nil {
			return
		}
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		r.Header.Set("Stamp", stamp)
		r.Header.Set("Signature", sum)
		o.t = t
		require.GreaterOrEqual(t, o.post(r).Code, 400)
		require.Equal(t, before, o.everything())
	})
}
