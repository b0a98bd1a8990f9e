package did_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/store/work"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is an inventory over a store in memory and the sandbox, on one clock.
type world struct {
	*did.Service
	t       require.TestingT
	clock   *clock
	store   *counting
	carrier *sandbox.Carrier
	work    *work.Engine
	ctx     context.Context
}

func newWorld(t require.TestingT, c sandbox.Config, more ...provider.Provider) *world {
	w := &world{t: t, clock: newClock(), store: &counting{Store: memstore.New()},
		ctx: journal.WithActor(context.Background(), journal.Actor{ID: "ann", Reason: "test"})}
	c.Now = w.clock.Now
	var err error
	w.carrier, err = sandbox.New(c)
	require.NoError(t, err)
	w.open(append([]provider.Provider{w.carrier}, more...)...)
	return w
}

func (w *world) open(carriers ...provider.Provider) {
	set, err := provider.NewSet(carriers...)
	require.NoError(w.t, err)
	w.work, err = work.New(work.Config{Store: w.store, Carriers: set, Now: w.clock.Now, CallTimeout: 50 * time.Millisecond, Parallel: 1})
	require.NoError(w.t, err)
	w.Service, err = did.New(did.Config{Store: w.store, Carriers: set, Work: w.work, Now: w.clock.Now})
	require.NoError(w.t, err)
}

// counting counts durable commits.
type counting struct {
	store.Store
	mu      sync.Mutex
	commits int
}

func (c *counting) Update(ctx context.Context, f func(store.Tx) error) error {
	c.mu.Lock()
	c.commits++
	c.mu.Unlock()
	return c.Store.Update(ctx, f)
}

func (c *counting) Claim(ctx context.Context, cl store.Claim) ([]store.Record, error) {
	found, err := c.Store.Claim(ctx, cl)
	if len(found) > 0 {
		c.mu.Lock()
		c.commits++
		c.mu.Unlock()
	}
	return found, err
}

// forSale returns n numbers that the sandbox sells in Little Rock.
func (w *world) forSale(n int) []market.Offer {
	var out []market.Offer
	search := w.carrier.Capabilities().Search
	for o, err := range provider.All(w.ctx, func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
		return search.Search(ctx, provider.SearchRequest{State: "AR", Page: p})
	}) {
		require.NoError(w.t, err)
		out = append(out, market.Offer{Carrier: w.carrier.ID(), Number: o.Number, State: o.State, City: o.City, RateCenter: o.RateCenter, Price: o.Price})
		if len(out) == n {
			return out
		}
	}
	require.FailNow(w.t, "the sandbox has too few numbers")
	return nil
}

func (w *world) buy(n int) []nanp.Number {
	p, err := w.Buy(w.ctx, w.forSale(n))
	require.NoError(w.t, err)
	return p.Numbers
}

func (w *world) step() int {
	n, err := w.work.Step(w.ctx)
	require.NoError(w.t, err)
	return n
}

// pass lets time pass in small steps while the engine works.
func (w *world) pass(d time.Duration) {
	for end := w.clock.Now().Add(d); w.clock.Now().Before(end); w.clock.Advance(2 * time.Second) {
		w.step()
	}
}

func (w *world) active(n int) []nanp.Number {
	ns := w.buy(n)
	w.pass(2 * time.Minute)
	for _, x := range ns {
		require.Equal(w.t, did.Active, w.get(x).Status)
	}
	return ns
}

func (w *world) get(n nanp.Number) did.DID {
	d, err := w.Get(w.ctx, n)
	require.NoError(w.t, err)
	return d
}

func (w *world) tenant(id did.TenantID, name string) did.TenantID {
	_, err := w.PutTenant(w.ctx, did.Tenant{ID: id, Name: name, Unrouted: did.Destination{Kind: "voicemail", ID: string(id)}})
	require.NoError(w.t, err)
	return id
}

// dump is everything in the store, to see that nothing changed.
func (w *world) dump() string {
	var out string
	require.NoError(w.t, w.store.View(w.ctx, func(r store.Reader) error {
		out = ""
		for _, k := range []store.Kind{"did", "tenant", "work", "work.lane", "work.hint", "work.due/sandbox"} {
			q := store.Query{Kind: k, Whole: true, Limit: store.MaxLimit}
			for {
				f, err := r.List(q)
				if err != nil {
					return err
				}
				for _, rec := range f.Records {
					out += fmt.Sprintf("%+v\n", rec)
				}
				if q.After = f.Next; q.After == "" {
					break
				}
			}
		}
		es, err := r.Read(journal.Stream, "", 0, store.MaxLimit)
		out += fmt.Sprintf("%d events\n", len(es))
		return err
	}))
	return out
}

func (w *world) history(n nanp.Number) (types []string) {
	for e, err := range journal.History(w.ctx, w.store, "did/"+n.String()) {
		require.NoError(w.t, err)
		types = append(types, e.Type)
	}
	return types
}

func rows(t testing.TB, w *world, f did.Filter, limit int) []did.Row {
	var out []did.Row
	for r, err := range provider.All(w.ctx, pager(w, f, limit)) {
		require.NoError(t, err)
		out = append(out, r)
	}
	return out
}

func pager(w *world, f did.Filter, limit int) func(context.Context, provider.Page) (provider.Result[did.Row], error) {
	return func(ctx context.Context, p provider.Page) (provider.Result[did.Row], error) {
		p.Limit = limit
		return w.List(ctx, f, p)
	}
}

func pagesOfTenants(w *world, text string, limit int) func(context.Context, provider.Page) (provider.Result[did.Tenant], error) {
	return func(ctx context.Context, p provider.Page) (provider.Result[did.Tenant], error) {
		p.Limit = limit
		return w.Tenants(ctx, text, p)
	}
}
