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
	Parallel    int           // calls at once to one carrier: 8
	Attempts    int           // sendings of one intent that may have been applied, before it fails: 8
	Persist     time.Duration // how long an intent is sent again while nothing of it is applied (a carrier that is down): 2 h
	Patience    time.Duration // beyond the horizon, before an unclear intent goes to a person: 15 min
	HintEvery   time.Duration // between two looks at one intent that hints lead to, at least: 2 s
	Worker      string        // name of this process in claims: "desk"
}

// Engine drives intents. Methods are safe for concurrent use; several engines
// may work on one store.
type Engine struct {
	Config
	handlers map[Kind]worker
	queues   []*queue // one for each carrier, in their order
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
	c.Persist = or(c.Persist, 2*time.Hour)
	c.Patience = or(c.Patience, 15*time.Minute)
	c.HintEvery = or(c.HintEvery, 2*time.Second)
	c.Worker = or(c.Worker, "desk")
	e := &Engine{Config: c, handlers: map[Kind]worker{}}
	for id := range c.Carriers.All() {
		e.queues = append(e.queues, newQueue(e, id))
	}
	return e, nil
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
	if err := e.put(tx, &i); err != nil {
		return Intent{}, err
	}
	return i, join(tx, i)
}

// Wake makes a running Run look for due work at once.
func (e *Engine) Wake() {
	for _, q := range e.queues {
		q.rouse()
	}
}

// lease is longer than a call can take, so that no second worker takes an intent
// up while a request may still be answered.
func (e *Engine) lease() time.Duration { return 2*e.CallTimeout + 10*time.Second }

// Step does the work that is due now, once, at all carriers together, and returns
// how many intents it took up: at most four times Parallel of each carrier. Errors
// of carriers are booked on their intents; the error here is the store's, or a
// handler's that could not write.
func (e *Engine) Step(ctx context.Context) (n int, err error) {
	did, errs := make([]int, len(e.queues)), make([]error, len(e.queues))
	var wg sync.WaitGroup
	for k, q := range e.queues {
		wg.Go(func() { did[k], errs[k] = q.step(ctx) })
	}
	wg.Wait()
	for _, d := range did {
		n += d
	}
	return n, errors.Join(errs...)
}

// Run does due work until the context ends, and returns its error. It looks at
// least every interval, and at once after Wake. Each carrier has a loop of its
// own: one that hangs delays its own intents alone. A store that fails is logged
// and asked again.
func (e *Engine) Run(ctx context.Context, interval time.Duration) error {
	var wg sync.WaitGroup
	for _, q := range e.queues {
		wg.Go(func() { q.run(ctx, interval) })
	}
	<-ctx.Done()
	wg.Wait()
	return ctx.Err()
}

// Recover makes everything due that a dead process left in the middle of a
// sending. Only whoever knows that no other process works on the store calls it;
// otherwise such an intent is taken up when its lease ends.
func (e *Engine) Recover(ctx context.Context) (n int, err error) {
	err = e.Store.Update(ctx, func(tx store.Tx) error {
		n = 0
		q := store.Query{Kind: kindWork, All: ofPhase(Sending), Whole: true}
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
			if err := e.put(tx, &i); err != nil {
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
