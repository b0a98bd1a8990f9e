package sandbox

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// BookedPort is one port order: what has become of it, and what will by itself.
type BookedPort struct {
	Ref   provider.Ref
	Group provider.Ref
	From  provider.Ref // the order that it was split off
	Key   provider.Key
	Steps []PortStep
	Lines []BookedPortLine
}

// PortStep is the state of a port order from an instant on.
type PortStep struct {
	At    time.Time
	State provider.PortState
}

// BookedPortLine is one number of a port order.
type BookedPortLine struct {
	Number nanp.Number
	Gained time.Time // when it is ours; zero: not as things stand
	Out    time.Time // when it was let go by a cancellation; zero: it was not
}

// BookedPortOut is another carrier's request for a number.
type BookedPortOut struct {
	Ref      provider.Ref
	Number   nanp.Number
	To       string
	At       time.Time
	AnswerBy time.Time
	Lost     time.Time // when the number leaves; zero: it stays
}

// StateAt is where the order stands at t; PortUnclear before it was opened.
func (p BookedPort) StateAt(t time.Time) provider.PortState {
	var s provider.PortState
	for _, x := range p.Steps {
		if !x.At.After(t) {
			s = x.State
		}
	}
	return s
}

// PortsAt lists the port orders that stand so at t, in the order in which they
// were booked.
func (b Book) PortsAt(s provider.PortState, t time.Time) []provider.Ref {
	var out []provider.Ref
	for _, p := range b.Ports {
		if p.StateAt(t) == s && s != provider.PortUnclear {
			out = append(out, p.Ref)
		}
	}
	return out
}

// GainedBy lists the numbers that had been ported in up to t, in ascending order,
// also those that have gone since.
func (b Book) GainedBy(t time.Time) []nanp.Number {
	var out []nanp.Number
	for _, p := range b.Ports {
		for _, l := range p.Lines {
			if reached(l.Gained, t) {
				out = append(out, l.Number)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// LostBy lists the numbers that had been ported away up to t, in ascending order,
// also those that have come back since.
func (b Book) LostBy(t time.Time) []nanp.Number {
	var out []nanp.Number
	for _, p := range b.PortOuts {
		if reached(p.Lost, t) {
			out = append(out, p.Number)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *state) bookPorts(b *Book) {
	for _, o := range s.ports.Orders() {
		p := BookedPort{Ref: o.Ref, Group: o.Group, From: o.From, Key: o.Key}
		for _, x := range o.Steps() {
			p.Steps = append(p.Steps, PortStep{x.At, x.State})
		}
		for _, l := range o.Lines {
			gain, out := o.Outcome(l.Number)
			p.Lines = append(p.Lines, BookedPortLine{l.Number, gain, out})
			if it := s.gains[gained{o.Ref, l.Number}]; it != nil && !it.Assigned.IsZero() {
				b.items[l.Number] = append(b.items[l.Number], ownedFrom{it.Assigned, it.end()})
			}
		}
		b.Ports = append(b.Ports, p)
	}
	for _, x := range s.ports.Outs(forever) {
		b.PortOuts = append(b.PortOuts, BookedPortOut{x.Ref, x.Number, x.To, x.Asked(), x.AnswerBy, x.Leaves()})
	}
	for _, spans := range b.items {
		slices.SortStableFunc(spans, func(a, b ownedFrom) int { return a.from.Compare(b.from) })
	}
}

// end is when the number is not ours any more; zero: never.
func (it *item) end() time.Time {
	if !it.gone.IsZero() && (it.left.IsZero() || it.gone.Before(it.left)) {
		return it.gone
	}
	return it.left
}

// lasts reports whether the number is ours once everything that is booked has
// settled.
func (it *item) lasts() bool { return it.standing() && !it.Assigned.IsZero() }
