package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/numberdesk/numberdesk/store"
)

// Subscriber takes one event. It may see an event again (same ID), and sees it
// again when it returns an error.
type Subscriber func(ctx context.Context, e Event) error

// Outbox delivers events to subscribers. Each has its own durable position: one
// that is slow or failing holds up no other. Methods are safe for concurrent use.
type Outbox struct {
	st   store.Store
	mu   sync.Mutex
	subs []*subscription
}

type subscription struct {
	name string
	f    Subscriber
	busy sync.Mutex // one delivery at a time: order
}

// NewOutbox delivers from this store.
func NewOutbox(s store.Store) *Outbox { return &Outbox{st: s} }

// Subscribe registers a subscriber under a name that stays the same over
// restarts: its position is kept under it. A new name begins at the first event.
func (o *Outbox) Subscribe(name string, f Subscriber) error {
	if name == "" || f == nil {
		return errors.New("journal: a subscriber needs a name and a function")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.subs {
		if s.name == name {
			return fmt.Errorf("journal: subscriber %q is there already", name)
		}
	}
	o.subs = append(o.subs, &subscription{name: name, f: f})
	return nil
}

// Step delivers up to limit events to each subscriber and returns how many
// deliveries succeeded. The error joins what subscribers returned; their events
// stay next.
func (o *Outbox) Step(ctx context.Context, limit int) (int, error) {
	o.mu.Lock()
	subs := append([]*subscription(nil), o.subs...)
	o.mu.Unlock()
	var n int
	var errs []error
	for _, s := range subs {
		did, err := o.deliver(ctx, s, limit)
		n += did
		if err != nil {
			errs = append(errs, fmt.Errorf("journal: subscriber %q: %w", s.name, err))
		}
	}
	return n, errors.Join(errs...)
}

const cursorKind store.Kind = "journal.cursor"

// deliver hands out a batch and then stores how far it came: after a crash in
// between, the batch comes again.
func (o *Outbox) deliver(ctx context.Context, s *subscription, limit int) (n int, err error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	cursor := store.Record{Kind: cursorKind, ID: store.ID(s.name)}
	var after store.Seq
	var events []Event
	err = o.st.View(ctx, func(r store.Reader) error {
		switch rec, err := r.Get(cursorKind, cursor.ID); {
		case err == nil:
			cursor = rec
			if err := json.Unmarshal(rec.Body, &after); err != nil {
				return fmt.Errorf("position: %w", err)
			}
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		var err error
		events, err = Read(r, "", after, limit)
		return err
	})
	if err != nil || len(events) == 0 {
		return 0, err
	}
	var failed error
	for _, e := range events {
		if failed = s.f(ctx, e); failed != nil {
			failed = fmt.Errorf("event %s: %w", e.ID, failed)
			break
		}
		after, n = e.Seq, n+1
	}
	if n > 0 {
		cursor.Body, _ = json.Marshal(after)
		err = o.st.Update(ctx, func(tx store.Tx) error {
			c := cursor // Update may run this again: the version must be the stored one
			return tx.Put(&c)
		})
	}
	return n, errors.Join(failed, err)
}
