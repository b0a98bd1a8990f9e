package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Fault is one thing that goes wrong with a call. A fault that makes no sense
// for an operation does nothing to it.
type Fault string

// The faults. Those that concern one number apply to Place only, NotSaved to
// SetName and Register only.
const (
	Polite        Fault = ""               // nothing
	ReplyLost     Fault = "reply lost"     // booked, then an error with an unknown outcome: also what a carrier does that fails after it has done it
	FailedBefore  Fault = "failed before"  // not booked, and the error proves it
	LostBefore    Fault = "lost before"    // not booked, and the outcome is unknown
	Throttled     Fault = "throttled"      // RateLimited, not applied, with a time to wait
	Hung          Fault = "hung"           // not booked; no answer before the context ends
	HungApplied   Fault = "hung, applied"  // booked; no answer before the context ends
	DeliveredLate Fault = "delivered late" // the outcome is unknown, and it is booked later, within the horizon
	UnknownStatus Fault = "unknown status" // the states in the answer are words that nobody knows
	StaleRead     Fault = "stale read"     // the answer was true up to 30 seconds of sandbox time ago
	Taken         Fault = "taken"          // a number that was for sale goes to another buyer
	Backordered   Fault = "backordered"    // a number takes up to ten minutes more
	NotSaved      Fault = "not saved"      // a name or a registration is accepted for a number, and waits for ever
)

// callFaults are drawn for a call, in this order: the first that hits counts.
var callFaults = []Fault{ReplyLost, FailedBefore, LostBefore, Throttled, Hung, HungApplied, DeliveredLate, UnknownStatus, StaleRead}

// numberFaults are drawn for a number.
var numberFaults = []Fault{Taken, Backordered, NotSaved}

// Faults returns every fault.
func Faults() []Fault { return slices.Concat(callFaults, numberFaults) }

// Chaos says what goes wrong. The zero value: nothing.
//
// Whether a call is hit depends on Seed, the operation, its subject and the
// attempt, and on nothing else: not on the order of calls, not on time. The
// subject is the key; for calls without one the reference, the number, or the
// digest of the search. The attempt counts the calls of that operation with that
// subject, from 1. Taken and Backordered depend on Seed and the number alone: what
// another buyer took stays taken. NotSaved depends on the key besides: another
// request may be saved.
type Chaos struct {
	Seed  uint64
	Rates map[Fault]float64 // share of calls, or of numbers, from 0 to 1
	Only  []provider.Op     // hit only these; empty: all
	// MaxAttempt ends the faults of a call after so many attempts, so that a
	// caller who goes on gets through; 0: never.
	MaxAttempt int
	// Script decides instead of Rates, where it is set: exactly one fault at
	// exactly one call. key is the subject. Taken, Backordered and NotSaved hit the
	// first number of the request. It is called without locks held, also concurrently.
	Script func(op provider.Op, key provider.Key, attempt int) Fault
}

// Hostile is chaos as it is on a bad day: every fault happens but NotSaved, and
// everything gets through in the end.
func Hostile(seed uint64) Chaos {
	return Chaos{Seed: seed, MaxAttempt: 4, Rates: map[Fault]float64{
		ReplyLost: 0.05, FailedBefore: 0.03, LostBefore: 0.03, Throttled: 0.05, Hung: 0.01, HungApplied: 0.01,
		DeliveredLate: 0.03, UnknownStatus: 0.05, StaleRead: 0.10, Taken: 0.03, Backordered: 0.03,
	}}
}

func (c *Chaos) complete() error {
	all := Faults()
	for f, r := range c.Rates {
		if !slices.Contains(all, f) {
			return fmt.Errorf("sandbox: chaos knows no fault %q", string(f))
		}
		if !(r >= 0 && r <= 1) {
			return fmt.Errorf("sandbox: chaos: rate %v of %q is not from 0 to 1", r, string(f))
		}
	}
	if c.MaxAttempt < 0 {
		return fmt.Errorf("sandbox: chaos: a negative number of attempts")
	}
	c.Rates, c.Only = maps.Clone(c.Rates), slices.Clone(c.Only)
	return nil
}

// Injected is one fault that was put into one call.
type Injected struct {
	Op      provider.Op
	Subject string // the key; for Taken and Backordered the number
	Attempt int
	Fault   Fault
}

func (i Injected) String() string {
	return fmt.Sprintf("%s %s, attempt %d: %s", i.Op, i.Subject, i.Attempt, i.Fault)
}

const maxInjected = 1 << 16

// chaos decides and remembers.
type chaos struct {
	cfg Chaos
	on  bool

	mu       sync.Mutex
	attempts map[opSubject]int
	injected []Injected
}

type opSubject struct {
	op      provider.Op
	subject string
}

func (c *chaos) init(cfg Chaos) {
	c.cfg = cfg
	c.on = cfg.Script != nil || len(cfg.Rates) > 0
	c.attempts = make(map[opSubject]int)
}

// resume counts the attempts that an earlier process left in the ledger. Those
// that were not booked are not there: a restart may repeat them.
func (c *chaos) resume(e entry) {
	if k := (opSubject{e.Op, string(e.Key)}); c.on && e.Attempt > c.attempts[k] {
		c.attempts[k] = e.Attempt
	}
}

// begin counts the attempt and decides what goes wrong with it.
func (c *chaos) begin(op provider.Op, subject string) call {
	cl := call{op: op, subject: subject}
	if !c.on {
		return cl
	}
	c.mu.Lock()
	k := opSubject{op, subject}
	c.attempts[k]++
	cl.attempt = c.attempts[k]
	c.mu.Unlock()
	if len(c.cfg.Only) > 0 && !slices.Contains(c.cfg.Only, op) {
		return cl
	}
	cl.fault = c.decide(cl)
	if cl.fault != Polite && !slices.Contains(numberFaults, cl.fault) {
		c.log(Injected{op, subject, cl.attempt, cl.fault})
	}
	return cl
}

func (c *chaos) decide(cl call) Fault {
	if c.cfg.Script != nil {
		if f := c.cfg.Script(cl.op, provider.Key(cl.subject), cl.attempt); applies(f, cl.op) {
			return f
		}
		return Polite
	}
	if c.cfg.MaxAttempt > 0 && cl.attempt > c.cfg.MaxAttempt {
		return Polite
	}
	for _, f := range callFaults {
		if r := c.cfg.Rates[f]; r > 0 && applies(f, cl.op) && unit(mixText(c.hash(cl, saltFault), string(f))) < r {
			return f
		}
	}
	return Polite
}

// hash is what decisions about a call are made of.
func (c *chaos) hash(cl call, salt uint64) uint64 {
	h := mixText(mixText(mix(c.cfg.Seed, salt), string(cl.op)), cl.subject)
	return mix(h, uint64(cl.attempt))
}

func applies(f Fault, op provider.Op) bool {
	switch f {
	case Polite, ReplyLost, FailedBefore, LostBefore, Throttled, Hung, HungApplied:
		return true
	case DeliveredLate:
		return op.Creates()
	case Taken, Backordered:
		return op == provider.OpPlace
	case NotSaved:
		return op == provider.OpSetName || op == provider.OpRegister
	case UnknownStatus:
		switch op {
		case provider.OpPlace, provider.OpTrack, provider.OpCloseOrder, provider.OpReturn, provider.OpTrackReturn, provider.OpOwned, provider.OpListOwned, provider.OpRoute,
			provider.OpOpenPort, provider.OpSubmitPort, provider.OpTrackPort, provider.OpCancelPort, provider.OpAmendPort, provider.OpListPortOuts,
			provider.OpSetName, provider.OpTrackName, provider.OpReadName, provider.OpCheckAddress, provider.OpRegister, provider.OpUnregister,
			provider.OpTrackRegistration, provider.OpRegistration, provider.OpSetEndpoint, provider.OpTrackEndpoint, provider.OpListEndpoints:
			return true
		}
	case StaleRead:
		switch op {
		case provider.OpSearch, provider.OpTrack, provider.OpTrackHold, provider.OpTrackReturn, provider.OpOwned, provider.OpListOwned,
			provider.OpCheckPort, provider.OpTrackPort, provider.OpListPortComments, provider.OpListPortOuts,
			provider.OpTrackName, provider.OpReadName, provider.OpLookupName, provider.OpTrackRegistration, provider.OpRegistration,
			provider.OpTrackEndpoint, provider.OpListEndpoints:
			return true
		}
	}
	return false
}

// taken and backordered decide for one number of an order.
func (c *chaos) taken(cl call, n nanp.Number, first bool) bool {
	return c.number(cl, n, first, Taken, saltTaken)
}

// notSaved decides for one number of a request, under its key.
func (c *chaos) notSaved(cl call, n nanp.Number, first bool) bool {
	return c.number(cl, n, first, NotSaved, mixText(saltNotSaved, cl.subject))
}

func (c *chaos) backordered(cl call, n nanp.Number, first bool) bool {
	return c.number(cl, n, first, Backordered, saltBackorder)
}

func (c *chaos) number(cl call, n nanp.Number, first bool, f Fault, salt uint64) bool {
	if !c.on || len(c.cfg.Only) > 0 && !slices.Contains(c.cfg.Only, cl.op) {
		return false
	}
	hit := cl.fault == f && first
	if c.cfg.Script == nil {
		hit = unit(mix(mix(c.cfg.Seed, salt), uint64(n))) < c.cfg.Rates[f]
	}
	if hit {
		c.log(Injected{cl.op, n.String(), cl.attempt, f})
	}
	return hit
}

func (c *chaos) log(i Injected) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.injected) < maxInjected {
		c.injected = append(c.injected, i)
	}
}

// ChaosLog lists the faults that were injected, sorted by operation, subject and
// attempt: the order of calls does not show. It keeps the first 65,536.
func (c *Carrier) ChaosLog() []Injected {
	c.chaos.mu.Lock()
	defer c.chaos.mu.Unlock()
	out := slices.Clone(c.chaos.injected)
	slices.SortFunc(out, func(a, b Injected) int {
		return cmp.Or(cmp.Compare(a.Op, b.Op), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Fault, b.Fault))
	})
	return out
}

// blur replaces the states in an answer by words that no documentation has.
func blur(v any, h uint64) {
	raw := [...]provider.Raw{"PENDING_QUORUM", "s7", "in_review_2", "Activé"}[h%4]
	said := func(s *provider.Said) { s.Raw = raw }
	items := func(its []provider.OrderItem) {
		for i := range its {
			its[i].State, its[i].Err = provider.ItemUnclear, nil
			said(&its[i].Said)
		}
	}
	switch v := v.(type) {
	case *provider.Order:
		said(&v.Said)
		items(v.Items)
	case *provider.Finding[provider.Order]:
		if v.Verdict == provider.Found {
			blur(&v.Value, h)
		}
	case *provider.Owned:
		v.State = provider.ItemUnclear
		said(&v.Said)
	case *[]provider.Owned:
		for i := range *v {
			blur(&(*v)[i], h)
		}
	case *provider.Result[provider.Owned]:
		blur(&v.Items, h)
	case *provider.NameItem, *provider.NameOrder, *provider.Finding[provider.NameOrder]:
		blurName(v, raw)
	case *provider.AddressCheck, *provider.Registration, *provider.RegisterResult, *provider.Finding[provider.RegisterResult],
		*provider.EndpointResult, *provider.Finding[provider.EndpointResult], *provider.Result[provider.Endpoint]:
		blurRegistrar(v, raw)
	case *provider.PortOrder:
		v.State, v.Reasons, v.Needs = provider.PortUnclear, nil, nil
		said(&v.Said)
		for i := range v.Items {
			it := &v.Items[i]
			it.State, it.Reasons = provider.PortUnclear, nil
			said(&it.Said)
		}
	case *[]provider.PortOrder:
		for i := range *v {
			blur(&(*v)[i], h)
		}
	case *provider.Finding[[]provider.PortOrder]:
		blur(&v.Value, h)
	case *provider.Result[provider.PortOut]:
		for i := range v.Items {
			said(&v.Items[i].Said)
		}
	}
}
