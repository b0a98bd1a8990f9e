package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// Config configures an Engine. Store and Carriers are needed; the zero value of
// the rest is the default that is named.
type Config struct {
	Store    store.Store
	Carriers *provider.Set
	Now      func() time.Time // time.Now
	Logger   *slog.Logger     // silent

	CallTimeout time.Duration // of one call to a carrier: 30 s
	Parallel    int           // calls at once: 8
	Attempts    int           // sendings of one intent before it fails: 8
	Patience    time.Duration // beyond the horizon, before an unclear intent goes to a person: 15 min
	Worker      string        // name of this process in claims: "desk"
}

// Engine drives intents. Methods are safe for concurrent use; several engines
// may work on one store.
type Engine struct {
	Config
	handlers map[Kind]worker
	wake     chan struct{}
}

// New refuses a Config without a store or carriers.
func New(c Config) (*Engine, error) {
	if c.Store == nil || c.Carriers == nil {
		return nil, errors.New("work: Config needs a Store and Carriers")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.CallTimeout = or(c.CallTimeout, 30*time.Second)
	c.Parallel = or(c.Parallel, 8)
	c.Attempts = or(c.Attempts, 8)
	c.Patience = or(c.Patience, 15*time.Minute)
	c.Worker = or(c.Worker, "desk")
	return &Engine{c, map[Kind]worker{}, make(chan struct{}, 1)}, nil
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Enqueue books an intent in the caller's transaction: nothing leaves before
// that transaction is durable. Kind, Carrier and what the kind needs are set by
// the caller; the engine sets the rest and returns the intent as booked. Call
// Wake after the commit.
func (e *Engine) Enqueue(tx store.Tx, i Intent) (Intent, error) {
	if _, ok := e.handlers[i.Kind]; !ok {
		return Intent{}, fmt.Errorf("work: nobody handles %q", i.Kind)
	}
	if _, err := e.Carriers.Get(i.Carrier); err != nil {
		return Intent{}, err
	}
	now := e.Now()
	if i.ID == "" {
		i.ID = store.NewID(now)
	}
	if err := i.Key().Validate(); err != nil {
		return Intent{}, fmt.Errorf("work: %w", err)
	}
	i.Phase, i.Attempt, i.Booked, i.Due = Intended, 0, now, now
	if err := i.put(tx); err != nil {
		return Intent{}, err
	}
	return i, join(tx, i)
}

// Wake makes a running Run look for due work at once.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// lease is longer than a call can take, so that no second worker takes an intent
// up while a request may still be answered.
func (e *Engine) lease() time.Duration { return 2*e.CallTimeout + 10*time.Second }

// Step does the work that is due now, once, and returns how many intents it
// took up. Errors of carriers are booked on their intents; the error here is the
// store's, or a handler's that could not write.
func (e *Engine) Step(ctx context.Context) (int, error) {
	recs, err := e.Store.Claim(ctx, store.Claim{Kind: kindWork, Now: e.Now(), Lease: e.lease(), Limit: 4 * e.Parallel, Worker: e.Worker})
	if err != nil {
		return 0, err
	}
	errs := make([]error, len(recs))
	slots := make(chan struct{}, e.Parallel)
	var wg sync.WaitGroup
	for n, r := range recs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[n] = e.advance(ctx, r)
		})
	}
	wg.Wait()
	return len(recs), errors.Join(errs...)
}

// Run does due work until the context ends, and returns its error. It looks at
// least every interval, and at once after Wake. A store that fails is logged and
// asked again.
func (e *Engine) Run(ctx context.Context, interval time.Duration) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.wake:
		case <-timer.C:
		}
		did, err := e.Step(ctx)
		if err != nil && ctx.Err() == nil {
			e.Logger.Error("work: step", "err", err)
		}
		if did > 0 && err == nil {
			e.Wake() // there may be more
		}
		timer.Reset(interval)
	}
}

// Recover makes everything due that a dead process left in the middle of a
// sending. Only whoever knows that no other process works on the store calls it;
// otherwise such an intent is taken up when its lease ends.
func (e *Engine) Recover(ctx context.Context) (n int, err error) {
	err = e.Store.Update(ctx, func(tx store.Tx) error {
		n = 0
		q := store.Query{Kind: kindWork, All: []store.Tag{{Name: "phase", Value: string(Sending)}}, Whole: true}
		var left []store.Record
		for {
			page, err := tx.List(q)
			if err != nil {
				return err
			}
			left = append(left, page.Records...)
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		for _, r := range left {
			i, err := decode(r)
			if err != nil {
				return err
			}
			i.Phase, i.Due, i.Note = Unclear, e.Now(), "the process ended while the request was under way"
			if err := i.put(tx); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if n > 0 {
		e.Wake()
	}
	return n, err
}
