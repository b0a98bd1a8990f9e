package did

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/work"
)

// Config configures a Service. Store, Carriers and Work are needed.
type Config struct {
	Store    store.Store
	Carriers *provider.Set
	Work     *work.Engine
	Now      func() time.Time // time.Now
	Logger   *slog.Logger     // silent
}

// Service is the inventory.
type Service struct {
	Config
	sections []Section // in the order of Use
	shown    shown
}

// New refuses a Config without Store, Carriers or Work, and registers the
// handlers of purchases and holds with the engine.
func New(c Config) (*Service, error) {
	if c.Store == nil || c.Carriers == nil || c.Work == nil {
		return nil, errors.New("did: Config needs a Store, Carriers and Work")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Service{Config: c}
	return s, errors.Join(work.Handle(c.Work, kindOrder, orders{s}), work.Handle(c.Work, workHold, holding{s}), work.Handle(c.Work, workUnhold, letting{s}))
}

// Use attaches a section. It is called before the first transaction.
func (s *Service) Use(x Section) error {
	for _, o := range s.sections {
		if o.Name() == x.Name() {
			return fmt.Errorf("did: section %q is attached already", x.Name())
		}
	}
	s.sections = append(s.sections, x)
	return nil
}

// view is a read transaction over the inventory.
func (s *Service) view(ctx context.Context, f func(store.Reader) error) error {
	return s.Store.View(ctx, f)
}
