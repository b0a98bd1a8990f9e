package carrierhttp

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	// maxHeader bounds the header of an answer, in bytes.
	maxHeader = 64 << 10
	// maxConns bounds the connections to one host. A call that waits for one has
	// sent nothing.
	maxConns = 128
	// idleTimeout is below what servers are known to keep an idle connection for
	// (Node.js: 5 s). A request on a connection that the server is just closing is
	// lost, and nobody can tell whether it was read first.
	idleTimeout = 4 * time.Second
)

// transport is a client's own. It speaks HTTP/1.1 only: there a connection carries
// one request at a time, so that what was written to it is what was written of the
// request. In HTTP/2 the frames of many share it.
type transport struct {
	*http.Transport
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	tls  *tls.Config
}

func newTransport() *transport {
	t := &transport{
		dial: (&net.Dialer{Timeout: dialTimeout}).DialContext,
		tls:  &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}},
	}
	t.Transport = &http.Transport{
		DialContext:            t.plain,
		DialTLSContext:         t.secured,
		Protocols:              new(http.Protocols),
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    16,
		MaxConnsPerHost:        maxConns,
		MaxResponseHeaderBytes: maxHeader,
	}
	t.Protocols.SetHTTP1(true)
	return t
}

func (t *transport) plain(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := t.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &wire{Conn: c}, nil
}

// secured counts inside the encryption: a handshake is no part of a request, and a
// record that was cut cannot be read by anybody.
func (t *transport) secured(ctx context.Context, network, addr string) (net.Conn, error) {
	raw, err := t.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	cfg := t.tls.Clone()
	if cfg.ServerName, _, err = net.SplitHostPort(addr); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c := tls.Client(raw, cfg)
	if err := c.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return &wire{Conn: c}, nil
}

// wire is a connection that knows whether anything of the present request was
// written to it, and can be told to write nothing more.
type wire struct {
	net.Conn
	mu     sync.Mutex
	busy   bool // within a Write
	wrote  bool
	sealed bool
}

func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	if w.sealed {
		w.mu.Unlock()
		return 0, net.ErrClosed
	}
	w.busy = true
	w.mu.Unlock()

	n, err := w.Conn.Write(b)

	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy = false
	w.wrote = w.wrote || n > 0
	return n, err
}

// begin is told that a request got this connection.
func (w *wire) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrote = false
}

// seal reports whether something of the request was written, or may be by now. If
// not, nothing ever will be.
func (w *wire) seal() (wrote bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy || w.wrote {
		return true
	}
	w.sealed = true
	return false
}

// evidence is what is known of where the request of one attempt went.
type evidence struct {
	own  bool   // by our transport, which tells exactly
	stop func() // ends the attempt

	mu    sync.Mutex
	asked bool // for a connection
	got   bool
	left  bool // written to a connection that was given up
	wire  *wire
}

// trace collects the evidence. net/http calls it before it writes.
func (e *evidence) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.asked = true
		},
		GotConn: func(i httptrace.GotConnInfo) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.got = true
			w, _ := i.Conn.(*wire)
			if w == nil {
				return
			}
			// A second connection means that net/http sends the request again by itself.
			if e.wire != nil && e.wire.seal() {
				e.left = true
			}
			e.wire = w
			w.begin()
			if e.left {
				w.seal()
				e.stop()
			}
		},
	}
}

// wrote reports whether anything of a request that failed was or may have been
// written. Where it says no, nothing will be.
func (e *evidence) wrote() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !e.own:
		return e.got || !e.asked
	case e.wire == nil:
		return e.got
	}
	return e.wire.seal() || e.left
}

// untouched reports whether net/http refused the request before it asked for a
// connection.
func (e *evidence) untouched() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.own && !e.asked
}
