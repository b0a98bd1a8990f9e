package sandbox

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// clock is a clock that moves when it is told to.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// desk is a carrier as a buyer sees it.
type desk struct {
	*testing.T
	provider.Capabilities
	p   provider.Provider
	c   *Carrier
	clk *clock
}

func open(t *testing.T, cfg Config) *desk {
	t.Helper()
	clk := newClock()
	if cfg.Now == nil {
		cfg.Now = clk.Now
	}
	c, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return &desk{t, c.Capabilities(), c, c, clk}
}

// dialled is the same carrier over HTTP.
func (d *desk) dialled() *desk {
	d.Helper()
	srv := httptest.NewServer(d.c.Handler())
	p, err := Dial(ctxOf(d.T), srv.URL, DialConfig{})
	require.NoError(d, err)
	d.Cleanup(func() {
		require.NoError(d, p.Close())
		srv.Close()
	})
	return &desk{d.T, p.Capabilities(), p, d.c, d.clk}
}

// both runs a test in the same process and over HTTP, each with a carrier of its
// own.
func both(t *testing.T, cfg Config, test func(*desk)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) { test(open(t, cfg)) })
	t.Run("over HTTP", func(t *testing.T) { test(open(t, cfg).dialled()) })
}

func ctxOf(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

var arkansas = provider.SearchRequest{State: "AR", City: "Little Rock"}

// find returns n numbers for sale in Little Rock.
func (d *desk) find(n int) []nanp.Number {
	d.Helper()
	r := arkansas
	r.Page.Limit = n
	res, err := d.Search.Search(ctxOf(d.T), r)
	require.NoError(d, err)
	require.Len(d, res.Items, n)
	out := make([]nanp.Number, n)
	for i, o := range res.Items {
		out[i] = o.Number
	}
	return out
}

func ordering(k provider.Key, ns ...nanp.Number) provider.OrderRequest {
	r := provider.OrderRequest{Key: k}
	for _, n := range ns {
		r.Lines = append(r.Lines, provider.OrderLine{Number: n})
	}
	return r
}

func partial(r provider.OrderRequest) provider.OrderRequest {
	r.Partial = true
	return r
}

// buy orders numbers and lets them settle.
func (d *desk) buy(k provider.Key, ns ...nanp.Number) provider.Order {
	d.Helper()
	_, err := d.Orders.Place(ctxOf(d.T), ordering(k, ns...))
	require.NoError(d, err)
	d.clk.add(settleMax)
	f, err := d.Orders.Track(ctxOf(d.T), provider.Trace{Key: k, Numbers: ns})
	require.NoError(d, err)
	require.Equal(d, provider.Found, f.Verdict)
	require.True(d, f.Value.Settled())
	return f.Value
}

// track looks for an order.
func (d *desk) track(k provider.Key, ns ...nanp.Number) provider.Finding[provider.Order] {
	d.Helper()
	f, err := d.Orders.Track(ctxOf(d.T), provider.Trace{Key: k, Numbers: ns})
	require.NoError(d, err)
	return f
}

// fails checks the axes of an error.
func fails(t require.TestingT, err error, k provider.Kind, o provider.Outcome) *provider.Error {
	var e *provider.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, k, "%v", err)
	require.Equal(t, o, e.Outcome, "%v", err)
	require.Equal(t, provider.ID("sandbox"), e.Provider)
	return e
}

func states(o provider.Order) []provider.ItemState {
	var out []provider.ItemState
	for _, it := range o.Items {
		out = append(out, it.State)
	}
	return out
}

// once injects one fault into the first attempt of one operation.
func once(f Fault, op provider.Op) Chaos {
	return Chaos{Script: func(o provider.Op, _ provider.Key, attempt int) Fault {
		if o == op && attempt == 1 {
			return f
		}
		return Polite
	}}
}

// state is what the carrier knows, after whatever a lost call has still booked.
func (d *desk) state() *state {
	d.c.mu.RLock()
	defer d.c.mu.RUnlock()
	return d.c.state
}
