package bandwidth

import (
	"maps"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

// made remembers what this process has made or found, until the horizon: the carrier
// may not show at once, or not everywhere, what it has taken, and a 404 for that is no
// proof that it is not there.
type made struct {
	mu   sync.Mutex
	till map[provider.Ref]time.Time
}

func (m *made) add(ref provider.Ref, now time.Time, horizon time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.till == nil {
		m.till = make(map[provider.Ref]time.Time)
	}
	maps.DeleteFunc(m.till, func(_ provider.Ref, till time.Time) bool { return till.Before(now) })
	m.till[ref] = now.Add(horizon)
}

// forget is for what was taken away.
func (m *made) forget(ref provider.Ref) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.till, ref)
}

func (m *made) has(ref provider.Ref, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	till, there := m.till[ref]
	return there && !till.Before(now)
}

// notYet makes a 404 for what was there a moment ago an error that passes.
func (c *Carrier) notYet(r reply, err error, ref provider.Ref) error {
	if missing(r, err) && c.made.has(ref, c.cfg.Now()) {
		return r.res.Error(provider.Unavailable, provider.NotApplied, "the carrier does not show yet what it has taken")
	}
	return err
}
