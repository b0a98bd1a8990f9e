package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// Stream holds the entries.
const Stream store.Stream = "journal"

// Actor is who did something, and why. The zero value is the desk itself.
type Actor struct {
	ID     string `json:"id,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Change is one thing that happened to one subject.
type Change struct {
	Type    string          `json:"type"`    // "did.assigned"
	Subject string          `json:"subject"` // "did/+15015550123", "tenant/acme"
	Tenant  string          `json:"tenant,omitempty"`
	Actor   Actor           `json:"actor,omitzero"`
	At      time.Time       `json:"at"`
	Text    string          `json:"text,omitempty"` // in words, for a person
	Before  json.RawMessage `json:"before,omitempty"`
	After   json.RawMessage `json:"after,omitempty"`
	Said    provider.Said   `json:"said,omitzero"` // the carrier's word behind it
}

// Event is a change with its place in the journal.
type Event struct {
	Seq store.Seq `json:"seq"`
	ID  string    `json:"id"` // never changes; unique over all journals
	Change
}

// entry is what the store keeps of an event; subject, time and position stand
// in the store's entry.
type entry struct {
	ID string `json:"id"`
	Change
}

// Write adds an event in the caller's transaction.
func Write(tx store.Tx, c Change) (Event, error) {
	if c.Type == "" || c.Subject == "" || c.At.IsZero() {
		return Event{}, fmt.Errorf("journal: a change needs a type, a subject and a time: %q %q", c.Type, c.Subject)
	}
	e := Event{ID: "ev-" + string(store.NewID(c.At)), Change: c}
	b, err := json.Marshal(entry{e.ID, c})
	if err != nil {
		return Event{}, fmt.Errorf("journal: %s of %s: %w", c.Type, c.Subject, err)
	}
	e.Seq, err = tx.Append(Stream, store.Entry{Subject: c.Subject, At: c.At, Body: b})
	return e, err
}

// Read returns up to limit events after a position, oldest first; of one subject
// when it is not empty.
func Read(r store.Reader, subject string, after store.Seq, limit int) ([]Event, error) {
	es, err := r.Read(Stream, subject, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(es))
	for i, e := range es {
		if out[i], err = decode(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// History walks through all events of a subject, oldest first; of everything
// when it is empty. An error is yielded once, last.
func History(ctx context.Context, s store.Store, subject string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		var after store.Seq
		for {
			var page []Event
			err := s.View(ctx, func(r store.Reader) (err error) {
				page, err = Read(r, subject, after, store.DefaultLimit)
				return err
			})
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				after = e.Seq
			}
			if len(page) < store.DefaultLimit {
				return
			}
		}
	}
}

func decode(e store.Entry) (Event, error) {
	var in entry
	if err := json.Unmarshal(e.Body, &in); err != nil {
		return Event{}, fmt.Errorf("journal: entry %d: %w", e.Seq, err)
	}
	return Event{e.Seq, in.ID, in.Change}, nil
}

type actorKey struct{}

// WithActor says who acts in this context. It is the only thing that numberdesk
// reads from a context's values.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns who acts in this context, the zero Actor when nobody said.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
