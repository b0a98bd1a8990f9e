package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
)

// tap counts what a buyer sends, and may answer for the carrier.
type tap struct {
	next   http.Handler
	posts  atomic.Int64
	answer func(w http.ResponseWriter, r *http.Request) bool
}

func (p *tap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == pathOf(provider.OpPlace) {
		p.posts.Add(1)
		if p.answer != nil && p.answer(w, r) {
			return
		}
	}
	p.next.ServeHTTP(w, r)
}

func tapped(t *testing.T, cfg Config, answer func(http.ResponseWriter, *http.Request) bool) (*desk, *tap, *httptest.Server) {
	t.Helper()
	d := open(t, cfg)
	p := &tap{next: d.c.Handler(), answer: answer}
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	c, err := Dial(ctxOf(t), srv.URL, DialConfig{MaxReply: 1 << 20})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return &desk{t, c.Capabilities(), c, d.c, d.clk}, p, srv
}

func TestAnOrderIsSentOnce(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"cut before the answer": func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
		"cut within the answer": func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"value":{`)
			return true
		},
		"no carrier": func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "<html>secret token</html>", http.StatusBadGateway)
			return true
		},
		"success without sense": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, "OK")
			return true
		},
		"value of another kind": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, `{"value":[1,2]}`)
			return true
		},
		"value and error": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, `{"value":{},"error":{"Kind":"invalid request"}}`)
			return true
		},
		"moved": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.Path+"?again", http.StatusTemporaryRedirect)
			return true
		},
		"moved for good": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.Path, http.StatusPermanentRedirect)
			return true
		},
		"see elsewhere": func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				_, _ = io.WriteString(w, `{"value":{}}`)
			} else {
				http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
			}
			return true
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) bool {
			for range 3 {
				_, _ = io.WriteString(w, strings.Repeat(" ", 1<<20))
			}
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, tap, _ := tapped(t, Config{}, answer)
			n := d.find(1) // leaves an idle connection behind
			_, err := d.Orders.Place(ctxOf(t), ordering("k1", n...))
			var e *provider.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, provider.OutcomeUnknown, e.Outcome)
			require.NotContains(t, err.Error(), "secret")
			require.NotContains(t, err.Error(), "http://")
			require.Equal(t, int64(1), tap.posts.Load())
		})
	}
}

func TestNothingWrittenIsNotApplied(t *testing.T) {
	d, tap, srv := tapped(t, Config{}, nil)
	n := d.find(1)
	// The carrier closes idle connections: the next call makes a new one, and the
	// order arrives, once.
	srv.CloseClientConnections()
	_, err := d.Orders.Place(ctxOf(t), ordering("k1", n...))
	if err != nil { // the close had not been seen before the request was written
		fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	}
	require.LessOrEqual(t, tap.posts.Load(), int64(1))

	srv.CloseClientConnections()
	srv.Close()
	_, err = d.Orders.Place(ctxOf(t), ordering("k2", n...))
	var e *provider.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, provider.Unavailable, e.Kind)
	var refused *net.OpError
	if errors.As(err, &refused) && refused.Op == "dial" {
		require.Equal(t, provider.NotApplied, e.Outcome)
	}
	_, err = d.Orders.Place(ctxOf(t), ordering("k2", n...)) // no connection is left
	fails(t, err, provider.Unavailable, provider.NotApplied)
	require.Zero(t, d.c.Book().Applied(provider.OpPlace, "k2"))
}

// A connection that takes the request and says nothing, byte by byte: as soon as
// the headers are written nobody can tell.
func TestTheOutcomeFollowsWhatWasWritten(t *testing.T) {
	d := open(t, Config{})
	srv := httptest.NewServer(d.c.Handler())
	defer srv.Close()
	for _, c := range []struct {
		limit   int64 // bytes that can be written
		outcome provider.Outcome
	}{{-1, provider.NotApplied}, {0, provider.OutcomeUnknown}, {100, provider.OutcomeUnknown}} {
		dialled := 0
		tr := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dialled++; dialled == 1 { // for Dial
				return (&net.Dialer{}).DialContext(ctx, network, addr)
			}
			if c.limit < 0 {
				return nil, errors.New("no way there")
			}
			conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			return &shortConn{conn, c.limit}, err
		}}
		p, err := Dial(ctxOf(t), srv.URL, DialConfig{Transport: tr})
		require.NoError(t, err)
		_, err = p.Capabilities().Orders.Place(ctxOf(t), ordering("k1", d.find(1)...))
		fails(t, err, provider.Unavailable, c.outcome)
		require.Equal(t, 2, dialled)
		require.Zero(t, d.c.Book().Applied(provider.OpPlace, "k1"), "half a request is none")
	}
}

type shortConn struct {
	net.Conn
	left int64
}

func (c *shortConn) Write(b []byte) (int, error) {
	if int64(len(b)) > c.left {
		n, _ := c.Conn.Write(b[:c.left])
		c.left = 0
		_ = c.Close()
		return n, io.ErrClosedPipe
	}
	n, err := c.Conn.Write(b)
	c.left -= int64(n)
	return n, err
}

func TestTheHandlerRefusesWhatIsNoRequest(t *testing.T) {
	d := open(t, Config{Keying: provider.ByThing})
	h := d.c.Handler()
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", pathOf(provider.OpSearch), "", 501},
		{"POST", "/v1/transfer-everything", "{}", 501},
		{"POST", pathOf(provider.OpCloseOrder), "{}", 501},
		{"POST", pathOf(provider.OpSearch), "not json", 400},
		{"POST", pathOf(provider.OpSearch), `{"Query":{"NPA":"911"}}`, 400},
		{"POST", pathOf(provider.OpPlace), `{"Key":"k","Lines":[{"Number":"12"}]}`, 400},
		{"POST", pathOf(provider.OpPlace), `{"Key":"k"}`, 400},
		{"POST", pathOf(provider.OpOwned), `{"Number":"+15012020000"}`, 404},
		{"POST", pathOf(provider.OpSearch), strings.Repeat(" ", maxRequest+1) + "{}", 400},
		{"POST", pathOf(provider.OpSearch), "{}", 200},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		require.Equal(t, c.status, w.Code, "%s %s %.40s", c.method, c.path, c.body)
		var out reply
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		require.Equal(t, c.status != 200, out.Error != nil)
		if out.Error != nil {
			require.Equal(t, provider.NotApplied, out.Error.Outcome)
		}
	}
	require.Empty(t, d.c.Book().Events)
}

// inspected is a transport that looks at what is about to be sent.
type inspected func(*http.Request)

func (f inspected) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r)
	return http.DefaultTransport.RoundTrip(r)
}

func TestRequestsCannotBeRepeatedByTheTransport(t *testing.T) {
	srv := httptest.NewServer(open(t, Config{}).c.Handler())
	defer srv.Close()
	seen := 0
	p, err := Dial(ctxOf(t), srv.URL, DialConfig{Transport: inspected(func(r *http.Request) {
		seen++
		require.Equal(t, http.MethodPost, r.Method)
		require.Nil(t, r.GetBody)
		require.Empty(t, r.Header.Values("Idempotency-Key"))
		require.Empty(t, r.Header.Values("X-Idempotency-Key"))
		require.Positive(t, r.ContentLength)
	})})
	require.NoError(t, err)
	_, err = p.Capabilities().Search.Search(ctxOf(t), arkansas)
	require.NoError(t, err)
	require.Equal(t, 2, seen)
}

func TestALostAnswerIsACutConnection(t *testing.T) {
	d := open(t, Config{Chaos: once(ReplyLost, provider.OpPlace)})
	srv := httptest.NewServer(d.c.Handler())
	defer srv.Close()
	body := `{"Key":"k1","Lines":[{"Number":"` + d.find(1)[0].String() + `"}]}`
	_, err := http.Post(srv.URL+pathOf(provider.OpPlace), contentType, strings.NewReader(body))
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, 1, d.c.Book().Applied(provider.OpPlace, "k1"))
	res, err := http.Post(srv.URL+pathOf(provider.OpPlace), contentType, strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, 200, res.StatusCode)
}

func TestDialRefusesWhatIsNoCarrier(t *testing.T) {
	for _, u := range []string{"", "localhost:80", "ftp://x", "http://user:secret@x", "http://x?token=secret", "http://", "://"} {
		_, err := Dial(ctxOf(t), u, DialConfig{})
		require.Error(t, err, u)
		require.NotContains(t, err.Error(), "secret")
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	_, err := Dial(ctxOf(t), other.URL, DialConfig{})
	require.ErrorIs(t, err, provider.Internal)
	nobody := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"value":{}}`) }))
	defer nobody.Close()
	_, err = Dial(ctxOf(t), nobody.URL, DialConfig{})
	require.ErrorIs(t, err, provider.Invalid)
}

func TestClosingTheCarrierLetsGoOfCallsThatHang(t *testing.T) {
	both(t, Config{Chaos: Chaos{Script: func(op provider.Op, _ provider.Key, _ int) Fault {
		if op == provider.OpPlace {
			return Hung
		}
		return Polite
	}}}, func(d *desk) {
		n := d.find(1)
		got := make(chan error)
		go func() {
			_, err := d.Orders.Place(context.Background(), ordering("k", n...))
			got <- err
		}()
		require.Eventually(d, func() bool { return len(d.c.ChaosLog()) == 1 }, 5*time.Second, time.Millisecond)
		require.NoError(d, d.c.Close())
		fails(d, <-got, provider.Unavailable, provider.OutcomeUnknown)
	})
}
