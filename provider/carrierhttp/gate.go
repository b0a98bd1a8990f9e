package carrierhttp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/numberdesk/numberdesk/provider"
)

// maxPause bounds how long one answer of the carrier stops a class: what it asked
// for beyond that stands in the error, and the next call may ask again.
const maxPause = time.Minute

// gate is what every attempt of one class goes through: in the order in which they
// came, not before a pause is over, and no faster than the rate. The zero value
// limits nothing and can be paused.
//
// Only the first of the queue holds a reservation: one that was made far ahead
// would be wasted by a pause, and all those that are made during a pause would
// fall due at its end.
type gate struct {
	limit *rate.Limiter
	turn  chan struct{} // held by the first of the queue; channels are first come, first served
	queue atomic.Int64  // those that have no reservation yet

	mu    sync.Mutex
	until time.Time // of the pause
}

func newGate(l provider.Limit) *gate {
	burst := max(l.Burst, 1)
	g := &gate{limit: rate.NewLimiter(rate.Limit(l.PerSecond), burst), turn: make(chan struct{}, 1)}
	g.limit.AllowN(time.Now(), burst) // begins empty
	return g
}

// pause stops the class for d, or maxPause if that is less.
func (g *gate) pause(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(min(d, maxPause)); until.After(g.until) {
		g.until = until
	}
}

func (g *gate) paused() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.until.IsZero() {
		return 0
	}
	return max(time.Until(g.until), 0)
}

// tooLate says that a deadline comes before the turn that would be in after.
type tooLate struct{ after time.Duration }

func (tooLate) Error() string { return "the rate of this class does not allow it before the deadline" }

// enter waits until one attempt may leave. The error is that of the context, or
// tooLate at once when the deadline comes first.
func (g *gate) enter(ctx context.Context) error {
	if g.limit == nil {
		for wait := g.paused(); wait > 0; wait = g.paused() {
			if err := sleep(ctx, wait); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	ahead := g.queue.Add(1)
	queued := true
	leave := func() {
		if queued {
			queued = false
			g.queue.Add(-1)
		}
	}
	defer leave()
	if err := before(ctx, g.estimate(ahead)); err != nil {
		return err
	}
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		for wait := g.paused(); wait > 0; wait = g.paused() {
			if err := sleep(ctx, wait); err != nil {
				return err
			}
		}
		leave()
		now := time.Now()
		r := g.limit.ReserveN(now, 1)
		if err := sleep(ctx, r.DelayFrom(now)); err != nil {
			r.Cancel()
			return err
		}
		if g.paused() == 0 {
			return ctx.Err()
		}
	}
}

// estimate is the least that the ahead-th of the queue waits.
func (g *gate) estimate(ahead int64) time.Duration {
	tokens, wait := g.limit.Tokens(), g.paused()
	if wait > 0 {
		tokens = min(tokens+wait.Seconds()*float64(g.limit.Limit()), float64(g.limit.Burst()))
	}
	if missing := float64(ahead) - tokens; missing > 0 {
		wait += seconds(missing / float64(g.limit.Limit()))
	}
	return wait
}

func before(ctx context.Context, wait time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && wait > 0 && time.Until(deadline) < wait && ctx.Err() == nil {
		return tooLate{wait}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	if err := before(ctx, d); err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
