package sandboxtest

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

// Stage is a simulated carrier and the hands that hold its strings.
type Stage struct {
	Carrier *sandbox.Carrier

	t       testing.TB
	hostile bool
	hookKey secret.String

	mu       sync.Mutex
	now      time.Time
	armed    map[provider.Op][]*armed
	given    int // numbers that Taken has given out
	happened int
}

// HookKey signs the messages of the simulated carrier unless its Config has a key.
const HookKey = "canary-hook-key"

type armed struct {
	fault  sandbox.Fault
	struck bool
}

// New makes the carrier. Config.Now is the clock of the stage unless it is set;
// then time cannot be moved. A Config with Chaos of its own makes a hostile stage.
// Of its rates that of Throttled is dropped: an adapter waits for its turn in real
// time.
// It fails t when there is no such carrier.
func New(t testing.TB, cfg sandbox.Config) *Stage {
	s := &Stage{t: t, now: time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC), armed: map[provider.Op][]*armed{}}
	if cfg.Now == nil {
		cfg.Now = s.Now
	}
	if cfg.HookKey.IsZero() {
		cfg.HookKey = secret.New(HookKey)
	}
	s.hookKey = cfg.HookKey
	s.hostile = cfg.Chaos.Script != nil || len(cfg.Chaos.Rates) > 0
	if !s.hostile {
		cfg.Chaos.Script = s.script
	}
	cfg.Chaos.Rates = maps.Clone(cfg.Chaos.Rates)
	delete(cfg.Chaos.Rates, sandbox.Throttled)
	c, err := sandbox.New(cfg)
	if err != nil {
		t.Fatalf("no stage: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	s.Carrier = c
	return s
}

// Now is the clock of the stage.
func (s *Stage) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Advance moves the clock.
func (s *Stage) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// faults are the kit's words for what the sandbox can do.
var faults = map[providertest.Fault]sandbox.Fault{
	providertest.ReplyLost:     sandbox.ReplyLost,
	providertest.NeverArrived:  sandbox.LostBefore,
	providertest.Late:          sandbox.DeliveredLate,
	providertest.Throttled:     sandbox.Throttled,
	providertest.Hung:          sandbox.Hung,
	providertest.HungApplied:   sandbox.HungApplied,
	providertest.UnknownStatus: sandbox.UnknownStatus,
	providertest.Taken:         sandbox.Taken,
	providertest.Backordered:   sandbox.Backordered,
	providertest.StaleRead:     sandbox.StaleRead,
}

// Fail makes the next call of op at the carrier go wrong. Faults for the same
// operation queue up. A hostile stage cannot.
func (s *Stage) Fail(op provider.Op, f providertest.Fault) (struck func() bool) {
	a := &armed{fault: faults[f]}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed[op] = append(s.armed[op], a)
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return a.struck
	}
}

func (s *Stage) script(op provider.Op, _ provider.Key, _ int) sandbox.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.armed[op]
	if len(queue) == 0 {
		return sandbox.Polite
	}
	queue[0].struck = true
	s.armed[op] = queue[1:]
	return queue[0].fault
}
