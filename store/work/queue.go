package work

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// queue is the due work of one carrier: it has its own claims and its own slots,
// so that nothing that happens at one carrier takes anything from another.
type queue struct {
	e     *Engine
	id    provider.ID
	slots chan struct{} // one for each call that is under way
	wake  chan struct{}
}

func newQueue(e *Engine, id provider.ID) *queue {
	return &queue{e, id, make(chan struct{}, e.Parallel), make(chan struct{}, 1)}
}

func (q *queue) rouse() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) claim(ctx context.Context, limit int) ([]store.Record, error) {
	return q.e.Store.Claim(ctx, store.Claim{Kind: kindDue(q.id), Now: q.e.Now(), Lease: q.e.lease(), Limit: min(limit, store.MaxLimit), Worker: q.e.Worker})
}

// step claims once and does what it got.
func (q *queue) step(ctx context.Context) (int, error) {
	recs, err := q.claim(ctx, 4*q.e.Parallel)
	if err != nil {
		return 0, err
	}
	errs := make([]error, len(recs))
	var wg sync.WaitGroup
	for n, r := range recs {
		select {
		case q.slots <- struct{}{}:
		case <-ctx.Done():
			errs[n] = ctx.Err()
			continue
		}
		wg.Go(func() {
			defer func() { <-q.slots }()
			errs[n] = q.e.advance(ctx, r)
		})
	}
	wg.Wait()
	return len(recs), errors.Join(errs...)
}

// run does due work until the context ends, and waits for what it has begun.
func (q *queue) run(ctx context.Context, interval time.Duration) {
	var busy sync.WaitGroup
	defer busy.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-timer.C:
		}
		for q.begin(ctx, &busy) {
		}
		timer.Reset(interval)
	}
}

// begin waits for a free slot, then claims as much as can begin at once, and
// begins it. more is whether there may be more due.
func (q *queue) begin(ctx context.Context, busy *sync.WaitGroup) (more bool) {
	free := q.acquire(ctx)
	if free == 0 {
		return false
	}
	recs, err := q.claim(ctx, free)
	q.failed(ctx, err)
	for range free - len(recs) {
		<-q.slots
	}
	for _, r := range recs {
		busy.Go(func() {
			err := q.e.advance(ctx, r)
			<-q.slots
			if q.failed(ctx, err); err == nil {
				q.rouse() // what it has done may have made something due
			}
		})
	}
	return err == nil && len(recs) == free
}

// acquire takes every free slot, waiting for the first; 0 when the context ends.
func (q *queue) acquire(ctx context.Context) (n int) {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case q.slots <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for n = 1; n < min(cap(q.slots), store.MaxLimit); n++ {
		select {
		case q.slots <- struct{}{}:
		default:
			return n
		}
	}
	return n
}

func (q *queue) failed(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		q.e.Logger.Error("work: step", "carrier", q.id, "err", err)
	}
}
