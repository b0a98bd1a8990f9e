package sandbox

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// Book is what the ledger comes to: the truth that a buyer's own books are
// compared with. It is a copy and does not change.
//
// Owned, Charges and Orders are what it comes to once everything that is booked
// has settled: a number counts as ours from the moment that its order is booked,
// until its return is booked; a number that is ported in from the moment that a
// request is booked which will be granted, one that is ported away until that is
// asked for, unless it is denied. OwnedAt tells what is ours at an instant.
type Book struct {
	Seed     uint64
	Owned    []nanp.Number   // ascending; a number that was bought twice is there once
	Orders   []Booked        // orders and returns, as they were booked
	Charges  []Charge        // one for each purchase, also of what was returned since
	Events   []Event         // everything that took effect
	Ports    []BookedPort    // as they were booked
	PortOuts []BookedPortOut // as they were asked for
	Torn     bool            // the file ended in a line that was never replied to, which is left out

	applied map[opKey]int
	items   map[nanp.Number][]ownedFrom

	names         map[nanp.Number][]span[string]
	registrations map[nanp.Number][]span[postal.Civic]
	endpoints     map[provider.Ref][]span[postal.Civic]
}

type ownedFrom struct{ from, to time.Time }

// Event is one creation that took effect. A request that arrives late has the
// instant of its arrival.
type Event struct {
	Op      provider.Op
	Key     provider.Key
	Ref     provider.Ref
	At      time.Time
	Attempt int // 0 where nothing was set to go wrong
	Fault   Fault
	Numbers []nanp.Number
}

// Booked is one order or return.
type Booked struct {
	Op    provider.Op // OpPlace or OpReturn
	Ref   provider.Ref
	Key   provider.Key
	At    time.Time
	Lines []BookedLine
}

// BookedLine is what becomes of one number.
type BookedLine struct {
	Number nanp.Number
	State  provider.ItemState // ItemLive, ItemRefused or ItemGone
	At     time.Time          // when it reaches that state
	Kind   provider.Kind      // why it is refused
}

// Charge is what one number cost at its purchase: the setup and the first month.
type Charge struct {
	Number nanp.Number
	Key    provider.Key
	Ref    provider.Ref // of the order
	At     time.Time    // when the number is ours
	Setup  money.USD
	Month  money.USD
}

// ReadLedger reads the ledger at path, whether a carrier has it open or not.
func ReadLedger(path string) (Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return Book{}, fmt.Errorf("sandbox: %w", err)
	}
	defer f.Close()
	s := newState()
	var seed uint64
	_, torn, err := readEntries(f, func(e entry) error {
		if e.Op == opOpen {
			seed = e.Seed
		}
		s.apply(e)
		return nil
	})
	if err != nil {
		return Book{}, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	b := s.book()
	b.Seed, b.Torn = seed, torn
	return b, nil
}

// Book is what the ledger of this carrier comes to now, in memory or on disk.
func (c *Carrier) Book() Book {
	c.mu.RLock()
	defer c.mu.RUnlock()
	b := c.state.book()
	b.Seed = c.cfg.Seed
	return b
}

// forever is after every change that is booked.
var forever = time.Unix(1<<40, 0)

func (s *state) book() Book {
	b := Book{applied: maps.Clone(s.applied), items: make(map[nanp.Number][]ownedFrom)}
	for _, e := range s.events {
		e.Numbers = slices.Clone(e.Numbers)
		b.Events = append(b.Events, e)
	}
	for _, o := range s.all {
		booked := Booked{o.op, o.ref, o.key, o.at, nil}
		for _, it := range o.items {
			booked.Lines = append(booked.Lines, it.settled())
			if o.op != provider.OpPlace || !it.Refused.IsZero() || !it.closed.IsZero() {
				continue
			}
			b.Charges = append(b.Charges, Charge{it.Number, o.key, o.ref, it.Assigned, it.Setup, it.Monthly})
			b.items[it.Number] = append(b.items[it.Number], ownedFrom{it.Assigned, it.end()})
		}
		b.Orders = append(b.Orders, booked)
	}
	for _, n := range s.numbers {
		if slices.ContainsFunc(s.bought[n], (*item).lasts) {
			b.Owned = append(b.Owned, n)
		}
	}
	b.held(s)
	s.bookPorts(&b)
	return b
}

// settled is where the number ends up.
func (it *item) settled() BookedLine {
	l := BookedLine{Number: it.Number, State: it.state(forever), Kind: it.Kind}
	switch {
	case !it.Refused.IsZero():
		l.At = it.Refused
	case !it.closed.IsZero():
		l.At, l.Kind = it.closed, provider.Precondition
	case !it.end().IsZero():
		l.At = it.end()
	case !it.Gone.IsZero():
		l.At = it.Gone
	default:
		l.At = it.Live
	}
	return l
}

// Applied is how many times a creation with the key took effect: more than once
// is what must never happen.
func (b Book) Applied(op provider.Op, k provider.Key) int { return b.applied[opKey{op, k}] }

// Total is the sum of all charges.
func (b Book) Total() money.USD {
	var sum money.USD
	for _, c := range b.Charges {
		sum += c.Setup + c.Month
	}
	return sum
}

// OwnedAt lists what is ours at t, in ascending order.
func (b Book) OwnedAt(t time.Time) []nanp.Number {
	var out []nanp.Number
	for n, spans := range b.items {
		if slices.ContainsFunc(spans, func(s ownedFrom) bool { return !t.Before(s.from) && !reached(s.to, t) }) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// Doubled lists the numbers that were bought again while they were ours, or about
// to be: money spent twice.
func (b Book) Doubled() []nanp.Number {
	var out []nanp.Number
	for n, spans := range b.items {
		for i := 1; i < len(spans); i++ {
			if before := spans[i-1].to; before.IsZero() || spans[i].from.Before(before) {
				out = append(out, n)
				break
			}
		}
	}
	slices.Sort(out)
	return out
}
