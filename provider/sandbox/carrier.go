package sandbox

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/vanity"
)

var (
	_ provider.Provider = (*Carrier)(nil)
	_ provider.Provider = (*Client)(nil)
)

// Carrier is a simulated carrier. It is safe for concurrent use.
type Carrier struct {
	cfg      Config
	stock    []Place // ascending
	tollFree []nanp.NPA
	kinds    [2]bool
	requests atomic.Uint64
	chaos    chaos

	done   chan struct{} // closed by Close: lets go of calls that hang
	ledger *ledger       // nil: memory only

	mu    sync.RWMutex
	state *state
	shown map[nanp.Number]time.Time      // when a search last returned it; only with RecentSearch
	dead  error                          // the ledger failed: what is true is no longer known
	texts map[provider.Ref]secret.String // of our comments about ports: in memory only
}

// New opens the ledger, creating it if there is none, and continues where it
// ends. It fails when another carrier has the ledger open, when the ledger is
// damaged, and when it was written with another seed.
func New(cfg Config) (*Carrier, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	stock, err := stockOf(cfg.Stock)
	if err != nil {
		return nil, err
	}
	c := &Carrier{cfg: cfg, stock: stock, tollFree: nanp.Builtin().TollFree(), done: make(chan struct{}), state: newState(),
		texts: make(map[provider.Ref]secret.String)}
	c.cfg.Stock = nil
	for _, k := range cfg.Kinds {
		c.kinds[k] = true
	}
	if cfg.RecentSearch > 0 {
		c.shown = make(map[nanp.Number]time.Time)
	}
	c.chaos.init(cfg.Chaos)
	if cfg.Ledger != "" {
		if c.ledger, err = openLedger(cfg.Ledger, cfg.Sync, c.replay); err != nil {
			return nil, err
		}
	}
	if c.state.n == 0 {
		if err := c.commit(entry{Op: opOpen, At: c.now(), Seed: cfg.Seed}); err != nil {
			c.ledger.close()
			return nil, err
		}
	}
	return c, nil
}

func (c *Carrier) replay(e entry) error {
	if e.Op == opOpen && e.Seed != c.cfg.Seed {
		return fmt.Errorf("it was written with seed %d, not %d", e.Seed, c.cfg.Seed)
	}
	c.state.apply(e)
	c.chaos.resume(e)
	return nil
}

// commit writes the entry and then makes it true. The caller holds mu for
// writing, or has the carrier to itself.
func (c *Carrier) commit(e entry) error {
	if c.dead != nil {
		return c.dead
	}
	e.N = c.state.n + 1
	if c.ledger != nil {
		if err := c.ledger.append(e); err != nil {
			c.dead = fmt.Errorf("sandbox: the ledger could not be written: %w", err)
			return c.dead
		}
	}
	c.state.apply(e)
	return nil
}

// Close lets go of the ledger and of calls that hang. Later calls fail with
// Unavailable, not applied. It may be called twice.
func (c *Carrier) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.done:
		return nil
	default:
	}
	close(c.done)
	return c.ledger.close()
}

// ID is that of the configuration.
func (c *Carrier) ID() provider.ID { return c.cfg.ID }

func (c *Carrier) now() time.Time { return c.cfg.Now().UTC().Round(0) }

// fail makes an error of this carrier.
func (c *Carrier) fail(op provider.Op, k provider.Kind, o provider.Outcome, text string) *provider.Error {
	return &provider.Error{Op: op, Provider: c.cfg.ID, Kind: k, Outcome: o, Text: text, Request: c.request()}
}

// invalid turns what is wrong with a request into an error of this carrier.
func (c *Carrier) invalid(op provider.Op, err error) error {
	err = provider.Refused(c.cfg.ID, op, err)
	if e, ok := err.(*provider.Error); ok {
		e.Request = c.request()
	}
	return err
}

func field(name, rule, text string) error {
	return &provider.FieldError{Field: name, Rule: rule, Text: text}
}

func (c *Carrier) request() string { return fmt.Sprintf("rq-%06d", c.requests.Add(1)) }

func (c *Carrier) said(raw provider.Raw, at time.Time) provider.Said {
	return provider.Said{By: c.cfg.ID, Raw: raw, Request: c.request(), At: at}
}

// Capabilities says what the carrier offers with its configuration.
func (c *Carrier) Capabilities() provider.Capabilities {
	f := face{c}
	caps := provider.Capabilities{
		Search: f, Places: f, Holds: f, Orders: f, OrderClose: f, Owned: f, Routing: f, Return: f, Lookup: f,
		Names: f, NameLookup: f, Addresses: f, Emergency: f, Endpoints: f,
		PortCheck: f, Ports: f, PortAmend: f, PortDocs: f, PortNotes: f, PortOuts: f,
		Hooks:  hooker{c.cfg.ID, []secret.String{c.cfg.HookKey, c.cfg.HookKeyBefore}, c.cfg.Now},
		Traits: c.traits(),
	}
	if c.cfg.Keying < provider.ByKey {
		caps.OrderClose = nil
		caps.Traits.Why[provider.CapOrderClose] = provider.Note{Reason: "This carrier has no references of orders: there is nothing to name when closing one."}
	}
	return caps
}

func (c *Carrier) traits() provider.Traits {
	why := make(map[provider.Capability]provider.Note)
	c.portNotes(why)
	why[provider.CapLookup] = provider.Note{Can: true, Reason: "The answers are made up, but for the place of an exchange in the stock."}
	settles := c.cfg.real(settleMax)
	if c.cfg.Instant {
		settles = 0
	}
	k := c.cfg.Keying
	t := provider.Traits{
		Name:           "Sandbox",
		Why:            why,
		Kinds:          append([]provider.NumberKind(nil), c.cfg.Kinds...),
		Dialect:        make(map[provider.NumberKind]vanity.Dialect),
		Filters:        append([]provider.Filter(nil), c.cfg.Filters...),
		PageMax:        c.cfg.PageMax,
		PricesInSearch: !c.cfg.HidePrices,
		RecentSearch:   c.cfg.real(c.cfg.RecentSearch),
		OrderLines:     c.cfg.OrderLines,
		PartialOrders:  !c.cfg.WholeOrders,
		Keyed: map[provider.Capability]provider.Keying{
			provider.CapOrders: k, provider.CapHolds: k, provider.CapReturn: k,
			provider.CapRouting: provider.ByThing,
			provider.CapPorts:   k, provider.CapPortAmend: provider.ByThing, provider.CapPortOuts: provider.ByThing, provider.CapPortNotes: provider.ByThing,
		},
		Horizon: c.cfg.real(c.cfg.Horizon),
		Usual: map[provider.Capability]time.Duration{
			provider.CapOrders: settles, provider.CapReturn: settles,
			provider.CapPorts: c.cfg.real(portMax), provider.CapPortOuts: c.cfg.real(leaveMax),
		},
		Rates: map[provider.Class]provider.Limit{
			provider.ClassRead:   {PerSecond: 1000, Burst: 2000},
			provider.ClassSearch: {PerSecond: 2000, Burst: 4000},
			provider.ClassCreate: {PerSecond: 500, Burst: 1000},
		},
	}
	c.registrarTraits(&t)
	t.PortSplits, t.SignsLOA = !c.cfg.PortWhole, c.cfg.SignsLOA
	if k == provider.Once {
		t.Keyed[provider.CapPortDocs] = k
	}
	for _, kind := range c.cfg.Kinds {
		t.Dialect[kind] = *c.cfg.Dialect
	}
	if k >= provider.ByKey {
		t.Keyed[provider.CapOrderClose] = provider.ByThing
	}
	return t
}

// until is how long it is from now to t in the time of the clock, at least a
// millisecond.
func until(now, t time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return max(time.Duration(math.Ceil(float64(t.Sub(now))/float64(time.Millisecond)))*time.Millisecond, time.Millisecond)
}
