package carrierhttp

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
)

// A carrier on a bare connection, which can break after any byte, and knows what it
// did.

// plan is how the carrier treats the next order.
type plan struct {
	take   int    // bytes of the request that it reads; -1: all
	answer string // to a whole request
	give   int    // bytes of the answer that it writes; -1: all
	reset  bool   // breaks with a reset instead of an end
	lie    bool   // applies nothing, whatever it answers
}

type brittle struct {
	t       *testing.T
	l       net.Listener
	tls     *tls.Config
	plan    atomic.Pointer[plan]
	applied atomic.Int64
	orders  atomic.Int64 // that began to arrive
	size    atomic.Int64 // of a whole request
	seen    sync.Map     // paths of whole requests
	done    sync.WaitGroup
}

func openBrittle(t *testing.T, secured bool) *brittle {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b := &brittle{t: t, l: l}
	if secured {
		b.tls = &tls.Config{Certificates: []tls.Certificate{testCert(t)}}
	}
	b.done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b.done.Go(func() { b.serve(c.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); b.done.Wait() })
	return b
}

// testCert is a certificate for 127.0.0.1 that signs quickly.
func testCert(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (b *brittle) client() *Client {
	scheme := "http://"
	if b.tls != nil {
		scheme = "https://"
	}
	c, err := New(Config{ID: "acme", Base: scheme + b.l.Addr().String(), Timeout: time.Minute})
	require.NoError(b.t, err)
	if b.tls != nil {
		leaf, err := x509.ParseCertificate(b.tls.Certificates[0].Certificate[0])
		require.NoError(b.t, err)
		c.own.tls.RootCAs = x509.NewCertPool()
		c.own.tls.RootCAs.AddCert(leaf)
	}
	b.t.Cleanup(func() { _ = c.Close() })
	return c
}

const ready = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

func (b *brittle) serve(raw *net.TCPConn) {
	defer func() { _ = raw.Close() }()
	var c net.Conn = raw
	if b.tls != nil {
		c = tls.Server(raw, b.tls)
	}
	for {
		var first [4]byte
		if _, err := io.ReadFull(c, first[:min(4, b.limit())]); err != nil {
			return
		}
		if string(first[:]) == "GET " { // a connection is made ready
			if _, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader("GET "), c))); err != nil {
				return
			}
			if _, err := io.WriteString(c, ready); err != nil {
				return
			}
			continue
		}
		if !b.order(c, raw, first[:]) {
			return
		}
	}
}

// limit is how many bytes are read of what comes next.
func (b *brittle) limit() int {
	if p := b.plan.Load(); p != nil && p.take >= 0 {
		return p.take
	}
	return 4
}

// order reads an order as the plan says. The connection stays when all went well.
func (b *brittle) order(c net.Conn, raw *net.TCPConn, first []byte) bool {
	p := b.plan.Load()
	b.orders.Add(1)
	end := func() bool {
		if p.reset {
			_ = raw.SetLinger(0)
		}
		return false
	}
	if p.take >= 0 {
		n := int64(min(4, p.take))
		rest, _ := io.CopyN(io.Discard, c, int64(p.take)-n)
		if n+rest == b.size.Load() && !p.lie {
			b.applied.Add(1)
		}
		return end()
	}
	counted := &counter{r: io.MultiReader(strings.NewReader(string(first)), c)}
	r, err := http.ReadRequest(bufio.NewReaderSize(counted, 16))
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	if err != nil {
		return end()
	}
	b.size.Store(counted.n)
	b.seen.Store(r.URL.Path, true)
	if !p.lie {
		b.applied.Add(1)
	}
	if p.give >= 0 {
		_, _ = io.WriteString(c, p.answer[:p.give])
		return end()
	}
	_, err = io.WriteString(c, p.answer)
	return err == nil
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

var buying = Call{Op: provider.OpPlace, Path: "/orders", Body: Bytes("application/json", []byte(`{"number":"+15015550101"}`))}

// truthful compares what the client says with what the carrier did.
func (b *brittle) truthful(what string, before int64, err error) provider.Outcome {
	b.t.Helper()
	o := provider.OutcomeOf(err)
	applied := b.applied.Load() - before
	require.LessOrEqual(b.t, applied, int64(1), what)
	if applied == 1 {
		require.NotEqual(b.t, provider.NotApplied, o, "%s: it was applied: %v", what, err)
	} else {
		require.NotEqual(b.t, provider.Applied, o, "%s: it was not applied: %v", what, err)
	}
	return o
}

// try sends one order to a carrier that treats it as planned.
func (b *brittle) try(what string, c *Client, p plan, reused bool) (provider.Outcome, error) {
	b.t.Helper()
	c.own.CloseIdleConnections()
	b.plan.Store(&plan{take: -1})
	if reused {
		_, err := c.Do(b.t.Context(), Call{Intent: Read, Path: "/ready"})
		require.NoError(b.t, err)
	}
	before, orders := b.applied.Load(), b.orders.Load()
	b.plan.Store(&p)
	_, err := c.Do(b.t.Context(), buying)
	require.Eventually(b.t, func() bool { return b.orders.Load() > orders || provider.OutcomeOf(err) == provider.NotApplied }, time.Minute, time.Microsecond, what)
	c.own.CloseIdleConnections()
	return b.truthful(what, before, err), err
}

var answers = map[string]struct {
	text string
	lie  bool // it does not do what it was asked
	head provider.Outcome
	full provider.Outcome
}{
	"201":           {text: "HTTP/1.1 201 Created\r\nContent-Length: 11\r\n\r\n{\"id\":\"o1\"}", head: provider.Applied, full: provider.Applied},
	"201 in chunks": {text: "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"id\":\"o1\"}\r\n0\r\n\r\n", head: provider.Applied, full: provider.Applied},
	"422":           {text: "HTTP/1.1 422 Unprocessable\r\nContent-Length: 9\r\n\r\n{\"e\":\"1\"}", lie: true, head: provider.NotApplied, full: provider.NotApplied},
	"500 applied":   {text: "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}", head: provider.OutcomeUnknown, full: provider.OutcomeUnknown},
	"500":           {text: "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}", lie: true, head: provider.OutcomeUnknown, full: provider.OutcomeUnknown},
}

func TestTheOutcomeIsRightWhereverAConnectionBreaks(t *testing.T) {
	for _, secured := range []bool{false, true} {
		for _, reused := range []bool{false, true} {
			for _, reset := range []bool{false, true} {
				t.Run(fmt.Sprintf("tls=%v reused=%v reset=%v", secured, reused, reset), func(t *testing.T) {
					t.Parallel()
					b := openBrittle(t, secured)
					c := b.client()
					_, err := b.try("whole", c, plan{take: -1, give: -1, answer: answers["201"].text}, reused)
					require.NoError(t, err)
					size := int(b.size.Load())
					require.Greater(t, size, 150)
					for k := range size + 1 {
						_, err := b.try(fmt.Sprintf("after %d of %d bytes of the request", k, size), c, plan{take: k, reset: reset}, reused)
						require.Error(t, err)
						if k > 0 { // it has read what was written
							require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
						}
					}
					for name, a := range answers {
						head := strings.Index(a.text, "\r\n\r\n") + 4
						for k := range len(a.text) + 1 {
							what := fmt.Sprintf("%s: after %d bytes of the answer", name, k)
							o, _ := b.try(what, c, plan{take: -1, answer: a.text, give: k, reset: reset, lie: a.lie}, reused)
							switch {
							case reset: // takes back what was on its way
							case k == len(a.text):
								require.Equal(t, a.full, o, what)
							case k >= head:
								require.Equal(t, a.head, o, what)
							default:
								require.Equal(t, provider.OutcomeUnknown, o, what)
							}
						}
					}
				})
			}
		}
	}
}

// short is a connection of which only so many bytes can be written.
type short struct {
	net.Conn
	left *atomic.Int64
}

func (s short) Write(p []byte) (int, error) {
	left := max(s.left.Load(), 0)
	if int64(len(p)) <= left {
		s.left.Add(-int64(len(p)))
		return s.Conn.Write(p)
	}
	n, _ := s.Conn.Write(p[:left])
	s.left.Store(0)
	_ = s.Conn.Close()
	return n, errors.New("no more")
}

func TestTheOutcomeIsRightWhereverWritingBreaks(t *testing.T) {
	for _, secured := range []bool{false, true} {
		for _, reused := range []bool{false, true} {
			t.Run(fmt.Sprintf("tls=%v reused=%v", secured, reused), func(t *testing.T) {
				b := openBrittle(t, secured)
				c := b.client()
				var left atomic.Int64
				dial := c.own.dial
				c.own.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := dial(ctx, network, addr)
					return short{conn, &left}, err
				}
				left.Store(1 << 20)
				_, err := b.try("whole", c, plan{take: -1, give: -1, answer: ready}, false)
				require.NoError(t, err)
				size := b.size.Load()
				handshake := int64(1<<20) - left.Load() - size
				if reused {
					handshake = 0
				} else if secured {
					handshake -= 22 + 24 // what a record of TLS 1.3 adds, and the goodbye
				}
				sent := map[provider.Outcome]int64{}
				for k := range size + 30 {
					c.own.CloseIdleConnections()
					if reused {
						left.Store(1 << 20)
						_, err := c.Do(t.Context(), Call{Intent: Read, Path: "/ready"})
						require.NoError(t, err)
					}
					before := b.applied.Load()
					left.Store(handshake + k)
					_, err := c.Do(t.Context(), buying)
					o := b.truthful(fmt.Sprintf("after %d bytes", k), before, err)
					sent[o]++
					if k == 0 {
						require.Equal(t, provider.NotApplied, o, "%v", err)
					}
				}
				if secured { // half a record is nothing
					require.Equal(t, map[provider.Outcome]int64{provider.NotApplied: size + 22, provider.Applied: 8}, sent)
				} else {
					require.Equal(t, map[provider.Outcome]int64{provider.NotApplied: 1, provider.OutcomeUnknown: size - 1, provider.Applied: 30}, sent)
				}
			})
		}
	}
}

// A handshake is no part of a request.
func TestBreakingWithinAHandshakeIsNotApplied(t *testing.T) {
	b := openBrittle(t, true)
	c := b.client()
	for _, reading := range []bool{true, false} {
		for k := 0; k < 200; k += 3 {
			dial := c.own.dial
			var left atomic.Int64
			left.Store(int64(k))
			c.own.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				if reading {
					return cut{conn, &left}, err
				}
				return short{conn, &left}, err
			}
			_, err := c.Do(t.Context(), buying)
			require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), "%d: %v", k, err)
			require.ErrorIs(t, err, provider.Unavailable)
			c.own.dial = dial
		}
	}
	require.Zero(t, b.orders.Load())

	untrusting := b.client()
	untrusting.own.tls.RootCAs = nil
	_, err := untrusting.Do(t.Context(), buying)
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
	require.ErrorContains(t, err, "certificate is not trusted")
	require.Zero(t, b.orders.Load())
}

// cut is a connection of which only so many bytes can be read.
type cut struct {
	net.Conn
	left *atomic.Int64
}

func (c cut) Read(p []byte) (int, error) {
	left := c.left.Load()
	if left <= 0 {
		_ = c.Conn.Close()
		return 0, io.EOF
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), left)])
	c.left.Add(-int64(n))
	return n, err
}

// A call that ends at the very moment at which its request is about to be written.
func TestEndingJustBeforeTheFirstByte(t *testing.T) {
	b := openBrittle(t, false)
	c := b.client()
	b.plan.Store(&plan{take: -1, give: -1, answer: ready})
	outcomes := map[provider.Outcome]int{}
	var unsent []string
	for i := range 400 {
		ctx, cancel := context.WithCancel(t.Context())
		order := buying
		order.Path = Path("orders", strconv.Itoa(i))
		_, err := c.Do(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
			GotConn: func(httptrace.GotConnInfo) {
				if i%2 == 0 {
					cancel()
				} else {
					go cancel()
				}
			}}), order)
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
		o := provider.OutcomeOf(err)
		outcomes[o]++
		if o == provider.NotApplied {
			unsent = append(unsent, order.Path)
		}
		cancel()
	}
	_ = c.Close()
	_ = b.l.Close()
	b.done.Wait() // what was sent has arrived
	for _, path := range unsent {
		_, arrived := b.seen.Load(path)
		require.False(t, arrived, path)
	}
	require.Positive(t, outcomes[provider.NotApplied])
	t.Log(outcomes)
}

// Only what a transport reports is known of one that was handed in.
func TestEvidenceOfOtherTransports(t *testing.T) {
	plain := func(dial func(context.Context, string, string) (net.Conn, error)) http.RoundTripper {
		return &http.Transport{DialContext: dial, DisableKeepAlives: true}
	}
	b := openBrittle(t, false)
	b.plan.Store(&plan{take: 60})
	for name, c := range map[string]struct {
		transport http.RoundTripper
		want      provider.Outcome
	}{
		"no report":   {silent{}, provider.OutcomeUnknown},
		"no dialling": {plain(func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no way") }), provider.NotApplied},
		"a broken one": {plain(func(ctx context.Context, network, addr string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}), provider.OutcomeUnknown},
	} {
		client, err := New(Config{ID: "acme", Base: "http://" + b.l.Addr().String(), Transport: c.transport})
		require.NoError(t, err)
		_, err = client.Do(t.Context(), buying)
		require.ErrorIs(t, err, provider.Unavailable, name)
		require.Equal(t, c.want, provider.OutcomeOf(err), name)
		read := buying
		read.Intent, read.Method = Read, http.MethodPost
		client.cfg.Attempts = 1
		_, err = client.Do(t.Context(), read)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), name)
	}
}

type silent struct{}

func (silent) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("broke") }

// Whatever net/http may come to do, a second connection writes nothing.
func TestASecondConnectionWritesNothing(t *testing.T) {
	stopped := false
	e := &evidence{own: true, stop: func() { stopped = true }}
	trace := e.trace()
	here, there := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, there) }()
	defer func() { _ = here.Close() }()
	first, second := &wire{Conn: here}, &wire{Conn: here}
	trace.GetConn("")
	trace.GotConn(httptrace.GotConnInfo{Conn: first})
	_, err := first.Write([]byte("P"))
	require.NoError(t, err)
	trace.GotConn(httptrace.GotConnInfo{Conn: second})
	n, err := second.Write([]byte("P"))
	require.Zero(t, n)
	require.ErrorIs(t, err, net.ErrClosed)
	require.True(t, stopped)
	require.True(t, e.wrote())
}
