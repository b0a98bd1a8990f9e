package market

import (
	"context"
	"sync"

	"golang.org/x/time/rate"

	"github.com/numberdesk/numberdesk/provider"
)

// limiters keep every search of this service together within what each carrier
// allows (Traits.Rates). The zero value is ready.
type limiters struct {
	mu sync.Mutex
	by map[provider.ID]*rate.Limiter
}

// wait returns when one more search may be sent, or with an error as soon as it
// is known that this cannot be before the context ends.
func (l *limiters) wait(ctx context.Context, c carrier) error {
	limit, ok := c.traits.Rates[provider.ClassSearch]
	if !ok || limit.PerSecond <= 0 {
		return nil
	}
	l.mu.Lock()
	one := l.by[c.id]
	if one == nil {
		one = rate.NewLimiter(rate.Limit(limit.PerSecond), max(limit.Burst, 1))
		if l.by == nil {
			l.by = make(map[provider.ID]*rate.Limiter)
		}
		l.by[c.id] = one
	}
	l.mu.Unlock()
	return one.Wait(ctx)
}
