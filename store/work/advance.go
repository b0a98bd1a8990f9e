package work

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// advance does the next thing for one intent whose due record was claimed. When
// that record has changed since, somebody else is at it.
func (e *Engine) advance(ctx context.Context, claimed store.Record) error {
	var i Intent
	var mine bool
	err := e.Store.View(ctx, func(r store.Reader) error {
		due, err := r.Get(claimed.Kind, claimed.ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if mine = err == nil && due.Version == claimed.Version; !mine {
			return err
		}
		i, err = get(r, claimed.ID)
		return err
	})
	if err != nil || !mine {
		return err
	}
	h, ok := e.handlers[i.Kind]
	if !ok {
		return fmt.Errorf("work: nobody handles %q (intent %s)", i.Kind, i.ID)
	}
	if i.Phase == Intended {
		return e.send(ctx, h, i)
	}
	return e.look(ctx, h, i)
}

// send makes "sending" durable, asks the carrier once, and books what came of it.
func (e *Engine) send(ctx context.Context, h worker, i Intent) error {
	begun, err := e.begin(ctx, &i)
	if err != nil || !begun {
		return err
	}
	book, err := call(ctx, e.CallTimeout, func(ctx context.Context) (booking, error) { return h.send(ctx, i) })
	var less *Less
	switch {
	case err == nil:
		return e.book(ctx, h, i, book)
	case errors.As(err, &less):
		return e.reduce(ctx, h, i, less)
	case provider.OutcomeOf(err) != provider.NotApplied:
		i.Trying = time.Time{}
		i.Phase, i.Looks, i.Note, i.Due = Unclear, 0, err.Error(), e.Now().Add(e.pause(i, 0))
		return e.save(ctx, h, i)
	}
	i.Refused++
	after, passing := provider.Passing(err)
	if !passing || e.Now().Sub(i.Trying) >= e.Persist {
		return e.fail(ctx, h, i, err)
	}
	i.Phase, i.Note, i.Due = Intended, err.Error(), e.Now().Add(max(min(after, time.Hour), e.pause(i, i.Attempt)))
	return e.save(ctx, h, i)
}

// Less is the error of a Send that has found out, before it sent anything, that
// some of the intent's numbers cannot be had. These fail, because of Why, and the
// intent is sent for the rest.
type Less struct {
	Numbers []nanp.Number
	Why     error
}

func (l *Less) Error() string {
	return fmt.Sprintf("%d numbers cannot be had: %v", len(l.Numbers), l.Why)
}

// Unwrap gives the reason.
func (l *Less) Unwrap() error { return l.Why }

// reduce books what cannot be had as failed, and goes on with the rest.
func (e *Engine) reduce(ctx context.Context, h worker, i Intent, l *Less) error {
	return e.write(ctx, i, func(tx store.Tx, i *Intent) error {
		part := *i
		part.Numbers = l.Numbers
		if err := h.Fail(tx, part, l.Why); err != nil {
			return fmt.Errorf("work: booking what cannot be had of %s %s: %w", i.Kind, i.ID, err)
		}
		i.Numbers = slices.DeleteFunc(slices.Clone(i.Numbers), func(n nanp.Number) bool { return slices.Contains(l.Numbers, n) })
		i.Refused++
		i.Phase, i.Note, i.Due = Intended, l.Error(), e.Now()
		if len(i.Numbers) == 0 {
			return e.done(tx, i)
		}
		return nil
	})
}

// begin turns intended into sending, unless another intent is ahead in a lane.
// Only when this has committed may a request leave.
func (e *Engine) begin(ctx context.Context, i *Intent) (begun bool, err error) {
	intended := *i
	err = e.Store.Update(ctx, func(tx store.Tx) error {
		*i = intended
		blocked, err := ahead(tx, *i)
		if err != nil {
			return err
		}
		now := e.Now()
		if begun = blocked == ""; begun {
			i.Phase, i.Note, i.Looks, i.Sent, i.Due = Sending, "", 0, now, now.Add(e.lease())
			i.Attempt++
			if i.First.IsZero() {
				i.First = now
			}
			if i.Trying.IsZero() {
				i.Trying = now
			}
		} else {
			i.Note, i.Due = "waits behind another request in "+blocked, now.Add(time.Minute)
		}
		return e.put(tx, i)
	})
	if errors.Is(err, store.ErrConflict) {
		return false, nil // somebody else has it
	}
	return begun, err
}

// look settles an intent whose request may have been applied.
func (e *Engine) look(ctx context.Context, h worker, i Intent) error {
	i.Looked = e.Now()
	f, err := call(ctx, e.CallTimeout, func(ctx context.Context) (provider.Finding[booking], error) { return h.track(ctx, i) })
	switch {
	case err != nil:
		i.Note = err.Error()
	case f.Verdict == provider.Found:
		return e.book(ctx, h, i, f.Value)
	case f.Verdict == provider.Absent && !i.Heard.IsZero():
		i.Note = "the carrier had confirmed it and now knows nothing of it"
	case f.Verdict == provider.Absent:
		horizon := e.horizon(i)
		if i.Phase != Human && horizon > 0 && f.AsOf.After(i.Sent.Add(horizon)) {
			return e.absent(ctx, h, i)
		}
		i.Note = "the carrier does not have it"
	default:
		i.Note = or(f.Why, "the carrier cannot tell whether it has it")
	}
	return e.unsettled(ctx, h, i)
}

// unsettled decides who goes on after a look that settled nothing: the engine,
// until its patience ends, then a person. Looking never does harm, so it goes on,
// slowly, while the person decides.
func (e *Engine) unsettled(ctx context.Context, h worker, i Intent) error {
	i.Looks++
	i.Due = e.Now().Add(e.pause(i, i.Looks))
	switch {
	case i.Phase == Human:
		i.Due = e.Now().Add(slowly)
		return e.save(ctx, h, i)
	case i.Phase == Sending:
		i.Phase = Unclear
	}
	if e.Now().Sub(later(i.Sent, i.Heard)) > e.horizon(i)+e.Patience {
		return e.hand(ctx, h, i)
	}
	return e.save(ctx, h, i)
}

// slowly is how often an intent that waits for a person is looked at.
const slowly = 15 * time.Minute

// absent goes on after the proof that no request was applied.
func (e *Engine) absent(ctx context.Context, h worker, i Intent) error {
	if sent := i.Attempt - i.Refused; sent >= e.Attempts {
		return e.fail(ctx, h, i, &provider.Error{Provider: i.Carrier, Kind: provider.Unavailable, Outcome: provider.NotApplied,
			Text: fmt.Sprintf("none of %d requests arrived", sent)})
	}
	i.Phase, i.Note, i.Due = Intended, "proven not to have arrived: may be sent again", e.Now()
	return e.save(ctx, h, i)
}

// book writes an answer and the intent in one transaction.
func (e *Engine) book(ctx context.Context, h worker, i Intent, b booking) error {
	return e.write(ctx, i, func(tx store.Tx, i *Intent) error {
		p, err := b(tx, *i)
		if err != nil {
			return fmt.Errorf("work: booking the answer to %s %s: %w", i.Kind, i.ID, err)
		}
		i.Ref, i.Note, i.Looks, i.Heard = or(p.Ref, i.Ref), "", 0, e.Now()
		if p.Done {
			return e.done(tx, i)
		}
		i.Phase, i.Due = Waiting, e.Now().Add(or(p.Again, e.pause(*i, 2)))
		return nil
	})
}

func (e *Engine) fail(ctx context.Context, h worker, i Intent, why error) error {
	return e.write(ctx, i, func(tx store.Tx, i *Intent) error {
		if err := h.Fail(tx, *i, why); err != nil {
			return fmt.Errorf("work: booking the failure of %s %s: %w", i.Kind, i.ID, err)
		}
		i.Note = why.Error()
		return e.done(tx, i)
	})
}

// hand gives the intent to a person. It keeps its place in its lanes.
func (e *Engine) hand(ctx context.Context, h worker, i Intent) error {
	e.Logger.Warn("work: a person has to decide", "intent", i.ID, "kind", i.Kind, "carrier", i.Carrier, "why", i.Note)
	return e.write(ctx, i, func(tx store.Tx, i *Intent) error {
		i.Phase, i.Due = Human, e.Now().Add(slowly)
		return h.Stuck(tx, *i)
	})
}

func (e *Engine) save(ctx context.Context, h worker, i Intent) error {
	return e.write(ctx, i, func(store.Tx, *Intent) error { return nil })
}

func (e *Engine) done(tx store.Tx, i *Intent) error {
	i.Phase, i.Due = Done, time.Time{}
	return e.leave(tx, *i)
}

// write changes and stores the intent in one transaction. What a carrier has
// answered is booked even while the engine is being stopped. An intent that
// somebody else has advanced meanwhile is left to them: nothing is lost, because
// everything can be looked up again.
func (e *Engine) write(ctx context.Context, i Intent, change func(store.Tx, *Intent) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.lease()-e.CallTimeout) // what a call leaves of the lease
	defer cancel()
	err := e.Store.Update(ctx, func(tx store.Tx) error {
		changed := i
		if err := change(tx, &changed); err != nil {
			return err
		}
		return e.put(tx, &changed)
	})
	if errors.Is(err, store.ErrConflict) {
		if now, readErr := e.Get(ctx, i.ID); readErr == nil && now.version != i.version {
			return nil
		}
	}
	return err
}

// horizon is the time after which a request to the intent's carrier cannot
// arrive any more; 0 when that is never known.
func (e *Engine) horizon(i Intent) time.Duration {
	p, err := e.Carriers.Get(i.Carrier)
	if err != nil {
		return 0
	}
	return p.Capabilities().Traits.Horizon
}

// pause doubles from one second to five minutes, and differs by up to a fifth
// from intent to intent so that a crowd does not come back at the same instant.
func (e *Engine) pause(i Intent, n int) time.Duration {
	d := 5 * time.Minute
	if n < 9 {
		d = time.Second << max(n, 0)
	}
	h := fnv.New32a()
	h.Write([]byte(i.ID))
	return d + d*time.Duration(h.Sum32()%200)/1000
}

// call bounds one call to a carrier. A panic in an adapter is an error with an
// unknown outcome, not the end of the process.
func call[T any](ctx context.Context, d time.Duration, f func(context.Context) (T, error)) (v T, err error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = &provider.Error{Kind: provider.Internal, Outcome: provider.OutcomeUnknown, Text: fmt.Sprintf("the adapter panicked: %T", p)}
		}
	}()
	return f(ctx)
}
