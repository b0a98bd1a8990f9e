package market

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Config configures a Service. Carriers is needed.
type Config struct {
	Carriers *provider.Set
	// Ours tells which of the numbers we have already, or are buying: they are
	// left out. nil: none.
	Ours    func(ctx context.Context, ns []nanp.Number) (map[nanp.Number]bool, error)
	Rates   RateCard         // prices of carriers that tell none; nil: they stay unknown
	Now     func() time.Time // time.Now
	Logger  *slog.Logger     // silent
	Timeout time.Duration    // for one carrier in a search: 20 s
}

// Service searches carriers.
type Service struct {
	Config
	places placeCache
	rates  limiters
}

// New refuses a Config without Carriers.
func New(c Config) (*Service, error) {
	if c.Carriers == nil {
		return nil, errors.New("market: Config needs Carriers")
	}
	if c.Ours == nil {
		c.Ours = func(context.Context, []nanp.Number) (map[nanp.Number]bool, error) { return nil, nil }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	return &Service{Config: c}, nil
}
