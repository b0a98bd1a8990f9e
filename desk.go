package numberdesk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/bolt"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/store/work"
)

// Config is what a desk stands on. Store and at least one carrier are needed.
type Config struct {
	Store    store.Store // the desk takes it over: Close closes it
	Carriers []provider.Provider

	Now    func() time.Time // time.Now
	Logger *slog.Logger     // silent
	Rates  market.RateCard  // prices of carriers that tell none; nil: they stay unknown

	// Shared says that other processes work on the same store (never true for a
	// bolt file). Then what a dead process was sending is taken up when its lease
	// ends, and not at once.
	Shared bool
	// CallTimeout bounds one call to a carrier: 30 s.
	CallTimeout time.Duration
	// Interval is how often Run looks for due work that nobody announced: 1 s.
	Interval time.Duration
	// WebhookURL is the public address under which carriers reach Desk.Webhooks,
	// without the carrier's ID: "https://desk.example.com/hooks". Some carriers sign
	// the address, and a proxy may have rewritten what a request says. "": no
	// message is taken.
	WebhookURL string
}

// Desk is the services on one store. Its methods are safe for concurrent use.
type Desk struct {
	Market *market.Service // what is for sale
	DIDs   *did.Service    // numbers and tenants
	Work   *work.Engine    // what carriers are asked, and what waits for a person
	Events *journal.Outbox // subscribers to everything that happens

	store    store.Store
	now      func() time.Time
	hooks    *hooks
	interval time.Duration
	logger   *slog.Logger
	closers  []io.Closer
	end      context.Context
	stop     context.CancelFunc
	mu       sync.Mutex
	running  sync.WaitGroup
}

// ErrClosed is the error of Run and Step after Close.
var ErrClosed = errors.New("numberdesk: closed")

// Open opens a desk. A missing store or carrier is an error, and so is a
// WebhookURL that is none. What an earlier
// process left in the middle is due at once; Run or Step takes it up.
func Open(ctx context.Context, c Config) (*Desk, error) {
	if c.Store == nil {
		return nil, errors.New("numberdesk: Config.Store is nil: open one with bolt.Open, or use OpenDemo")
	}
	if len(c.Carriers) == 0 {
		return nil, errors.New("numberdesk: Config.Carriers is empty: a desk needs a carrier, or use OpenDemo")
	}
	set, err := provider.NewSet(c.Carriers...)
	if err != nil {
		return nil, err
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Interval <= 0 {
		c.Interval = time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	d := &Desk{store: c.Store, now: c.Now, interval: c.Interval, logger: c.Logger, closers: []io.Closer{c.Store}, Events: journal.NewOutbox(c.Store)}
	if d.hooks, err = newHooks(d, c.WebhookURL, set); err != nil {
		return nil, err
	}
	d.end, d.stop = context.WithCancel(context.Background())
	if d.Work, err = work.New(work.Config{Store: c.Store, Carriers: set, Now: c.Now, Logger: c.Logger, CallTimeout: c.CallTimeout}); err != nil {
		return nil, err
	}
	if d.DIDs, err = did.New(did.Config{Store: c.Store, Carriers: set, Work: d.Work, Now: c.Now, Logger: c.Logger}); err != nil {
		return nil, err
	}
	if d.Market, err = market.New(market.Config{Carriers: set, Ours: d.DIDs.Ours, Rates: c.Rates, Now: c.Now, Logger: c.Logger}); err != nil {
		return nil, err
	}
	if !c.Shared {
		if _, err := d.Work.Recover(ctx); err != nil {
			return nil, fmt.Errorf("numberdesk: taking up what an earlier process left: %w", err)
		}
	}
	return d, nil
}

// demoSpeed is how much faster the clock of the demo's carrier runs.
const demoSpeed = 20

// OpenDemo opens a desk that needs nothing else: a bolt file and a simulated
// carrier, both kept in a folder. The carrier's clock runs twenty times faster,
// so that an order settles within three seconds.
func OpenDemo(ctx context.Context, dir string) (*Desk, error) {
	carrier, err := sandbox.New(sandbox.Config{Ledger: filepath.Join(dir, "sandbox.ledger"), Speed: demoSpeed})
	if err != nil {
		return nil, err
	}
	st, err := bolt.Open(ctx, bolt.Options{Path: filepath.Join(dir, "numberdesk.db")})
	if err != nil {
		return nil, errors.Join(err, carrier.Close())
	}
	d, err := Open(ctx, Config{Store: st, Carriers: []provider.Provider{carrier}, Interval: 100 * time.Millisecond})
	if err != nil {
		return nil, errors.Join(err, st.Close(), carrier.Close())
	}
	d.closers = append(d.closers, carrier)
	return d, nil
}

// Step does the work that is due now, once: requests to carriers, then events to
// subscribers, then clearing away what is not needed any more. It waits for every
// call that it has begun, and returns how much it did.
func (d *Desk) Step(ctx context.Context) (int, error) {
	ctx, leave, err := d.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	asked, err := d.Work.Step(ctx)
	told, eventErr := d.Events.Step(ctx, store.DefaultLimit)
	forgotten, forgetErr := d.forget(ctx)
	return asked + told + forgotten, errors.Join(err, eventErr, forgetErr)
}

// Run does due work until the context ends or the desk is closed, and says why
// it ended. One is enough; several do no harm.
func (d *Desk) Run(ctx context.Context) error {
	ctx, leave, err := d.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() {
		d.every(ctx, d.interval, "telling subscribers", func() (int, error) { return d.Events.Step(ctx, store.DefaultLimit) })
	})
	beside.Go(func() {
		d.every(ctx, time.Minute, "forgetting old messages", func() (int, error) { return d.forget(ctx) })
	})
	err = d.Work.Run(ctx, d.interval)
	if d.end.Err() != nil {
		return ErrClosed
	}
	return err
}

// every does something as long as there is something to do, then waits for the
// next tick, until the context ends.
func (d *Desk) every(ctx context.Context, interval time.Duration, what string, do func() (int, error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		n, err := do()
		if err != nil && ctx.Err() == nil {
			d.logger.Error("numberdesk: "+what, "err", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// enter counts a call that Close has to wait for, and ends its context with the desk.
func (d *Desk) enter(ctx context.Context) (context.Context, func(), error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.end.Err() != nil {
		return nil, nil, ErrClosed
	}
	d.running.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(d.end, cancel)
	return ctx, func() {
		unhook()
		cancel()
		d.running.Done()
	}, nil
}

// Close ends Run and Step, waits for them and for messages that are being taken,
// and closes the store. What was under
// way is taken up when the store is opened again. Closing twice is no error.
func (d *Desk) Close() error {
	d.mu.Lock()
	d.stop()
	d.mu.Unlock()
	d.running.Wait()
	d.mu.Lock()
	closers := d.closers
	d.closers = nil
	d.mu.Unlock()
	var errs []error
	for _, c := range closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
