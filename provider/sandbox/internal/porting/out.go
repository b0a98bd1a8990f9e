package porting

import (
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

// PortOut is another carrier's request for one of our numbers.
type PortOut struct {
	Out
	Ref     provider.Ref
	asked   *Entry
	answers []*Entry
}

// OutState is where such a request stands.
type OutState uint8

const (
	OutPending OutState = iota
	OutAllowed          // by us, or by silence; the number is still here
	OutDenied
	OutGone // the number has left
)

// Asked is when the request was made.
func (p *PortOut) Asked() time.Time { return p.asked.At }

// N is the entry of the request.
func (p *PortOut) N() int { return p.asked.N }

// answer is the first answer that came in time, nil if there is none.
func (p *PortOut) answer() *Entry {
	var first *Entry
	for _, e := range p.answers {
		if e.At.Before(p.AnswerBy) && (first == nil || e.At.Before(first.At)) {
			first = e
		}
	}
	return first
}

// Decided is when it is decided, by an answer or by silence, and how; n is the
// entry that decides.
func (p *PortOut) Decided() (at time.Time, allow bool, n int) {
	if e := p.answer(); e != nil {
		return e.At, e.Allow, e.N
	}
	return p.AnswerBy, true, p.asked.N
}

// Leaves is when the number is gone; zero: it stays.
func (p *PortOut) Leaves() time.Time {
	at, allow, _ := p.Decided()
	if !allow {
		return time.Time{}
	}
	return at.Add(p.Leave)
}

// State is where the request stands at t, which is not before it was made.
func (p *PortOut) State(t time.Time) OutState {
	at, allow, _ := p.Decided()
	switch {
	case t.Before(at):
		return OutPending
	case !allow:
		return OutDenied
	case t.Before(at.Add(p.Leave)):
		return OutAllowed
	}
	return OutGone
}

// Outs lists the requests that were made up to t, in the order in which they were.
func (s *State) Outs(t time.Time) []*PortOut {
	var out []*PortOut
	for _, p := range s.outs {
		if !p.Asked().After(t) {
			out = append(out, p)
		}
	}
	return out
}

// Out returns the request with a reference, nil if there is none.
func (s *State) Out(r provider.Ref) *PortOut { return s.outRef[r] }
