package work

import (
	"context"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// Handler does one kind of work. T is what the carrier answers.
type Handler[T any] interface {
	// Send asks the carrier, once, under i.Key().
	Send(ctx context.Context, i Intent) (T, error)
	// Track looks for what Send may have created, by i.Trace().
	Track(ctx context.Context, i Intent) (provider.Finding[T], error)
	// Book writes what the carrier said.
	Book(tx store.Tx, i Intent, answer T) (Progress, error)
	// Fail writes that the carrier did nothing and will not be asked again.
	Fail(tx store.Tx, i Intent, why error) error
	// Stuck writes that the intent waits for a person.
	Stuck(tx store.Tx, i Intent) error
}

// Progress is how far an answer brought the intent.
type Progress struct {
	Done  bool
	Ref   provider.Ref  // the carrier's reference, if it is known now
	Again time.Duration // when to look again unless Done; 0: the engine decides
}

// Handle registers the handler of a kind. It is called before the first Step.
func Handle[T any](e *Engine, k Kind, h Handler[T]) error {
	if _, dup := e.handlers[k]; dup {
		return fmt.Errorf("work: %q has a handler already", k)
	}
	e.handlers[k] = handler[T]{h}
	return nil
}

// worker is a Handler without its type: what came from the carrier is a closure
// that books it.
type worker interface {
	send(ctx context.Context, i Intent) (booking, error)
	track(ctx context.Context, i Intent) (provider.Finding[booking], error)
	Fail(tx store.Tx, i Intent, why error) error
	Stuck(tx store.Tx, i Intent) error
}

type booking func(tx store.Tx, i Intent) (Progress, error)

type handler[T any] struct{ Handler[T] }

func (h handler[T]) book(v T) booking {
	return func(tx store.Tx, i Intent) (Progress, error) { return h.Book(tx, i, v) }
}

func (h handler[T]) send(ctx context.Context, i Intent) (booking, error) {
	v, err := h.Send(ctx, i)
	return h.book(v), err
}

func (h handler[T]) track(ctx context.Context, i Intent) (provider.Finding[booking], error) {
	f, err := h.Track(ctx, i)
	return provider.Finding[booking]{Verdict: f.Verdict, Value: h.book(f.Value), AsOf: f.AsOf, Why: f.Why}, err
}
