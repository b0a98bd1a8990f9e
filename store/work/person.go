package work

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// Get returns one intent, or store.ErrNotFound.
func (e *Engine) Get(ctx context.Context, id store.ID) (i Intent, err error) {
	err = e.Store.View(ctx, func(r store.Reader) error {
		i, err = get(r, id)
		return err
	})
	return i, err
}

// List returns intents in one phase, in the order of their IDs: also those of
// carriers that are not configured any more, which wait until they are again.
func (e *Engine) List(ctx context.Context, ph Phase, p provider.Page) (out provider.Result[Intent], err error) {
	err = e.Store.View(ctx, func(r store.Reader) error {
		found, err := r.List(store.Query{Kind: kindWork, All: ofPhase(ph), After: p.Cursor, Limit: p.Limit, Whole: true})
		if err != nil {
			return err
		}
		out = provider.Result[Intent]{Next: found.Next}
		for _, rec := range found.Records {
			i, err := whole(r, rec)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, i)
		}
		return nil
	})
	return out, err
}

// Open is how many intents are not done.
func (e *Engine) Open(ctx context.Context) (n int, err error) {
	err = e.Store.View(ctx, func(r store.Reader) error {
		n = 0
		for _, ph := range Phases() {
			if ph == Done {
				continue
			}
			some, _, err := r.Count(store.Query{Kind: kindWork, All: ofPhase(ph)}, 0)
			if err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	return n, err
}

// Decision is what a person decided about an intent in phase Human.
type Decision string

const (
	LookAgain Decision = "look again" // settle it by looking, with fresh patience
	SendAgain Decision = "send again" // the person has made sure that the carrier did not do it
	GiveUp    Decision = "give up"    // likewise, and it is not wanted any more
)

// ErrNotHuman is the error of Decide for an intent that does not wait for a person.
var ErrNotHuman = errors.New("work: the intent does not wait for a person")

// Decide does what a person decided. why is kept on the intent: it says who
// looked where.
func (e *Engine) Decide(ctx context.Context, id store.ID, d Decision, why string) error {
	if why == "" {
		return errors.New("work: a decision needs its reason: who looked where")
	}
	err := e.Store.Update(ctx, func(tx store.Tx) error {
		i, err := get(tx, id)
		if err != nil {
			return err
		}
		if i.Phase != Human {
			return fmt.Errorf("%w: %s is %s", ErrNotHuman, id, i.Phase)
		}
		i.Note, i.Due, i.Looks = string(d)+": "+why, e.Now(), 0
		switch d {
		case LookAgain:
			i.Phase, i.Sent = Unclear, e.Now()
		case SendAgain:
			i.Phase, i.Attempt, i.Refused, i.Trying = Intended, 0, 0, time.Time{}
		case GiveUp:
			h, ok := e.handlers[i.Kind]
			if !ok {
				return fmt.Errorf("work: nobody handles %q", i.Kind)
			}
			if err := h.Fail(tx, i, &provider.Error{Provider: i.Carrier, Kind: provider.Conflict, Outcome: provider.NotApplied, Text: i.Note}); err != nil {
				return err
			}
			if err := e.done(tx, &i); err != nil {
				return err
			}
		default:
			return fmt.Errorf("work: %q is no decision", d)
		}
		return e.put(tx, &i)
	})
	if err == nil {
		e.Wake()
	}
	return err
}
