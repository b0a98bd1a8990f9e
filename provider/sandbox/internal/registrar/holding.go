package registrar

import (
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// Holding is where a registration stands. By is the step that it comes from, nil
// where there is none. Address is nil before it is in force, and after.
type Holding struct {
	State   provider.RegState
	By      *Step
	Address *postal.Civic
}

// Number is what is registered for a number at t. What is in force counts before
// what waits to replace it.
func (s *State) Number(n nanp.Number, t time.Time) Holding { return s.holding(s.numbers[n], t) }

// Device is what is registered for a device at t. ok is false where it was never
// heard of.
func (s *State) Device(d provider.Ref, t time.Time) (h Holding, ok bool) {
	y := s.devices[d]
	return s.holding(y, t), y.latest(time.Time{}, t) != nil
}

func (s *State) holding(y story, t time.Time) Holding {
	if st := s.force(y, t); st != nil {
		return Holding{active(y, st, t), st, st.Of.Address}
	}
	waits := y.last(func(st *Step) bool { return !st.Active.IsZero() && !st.Of.At.After(t) && s.stands(y, st, t) })
	switch {
	case waits == nil:
		return Holding{State: provider.RegNone}
	case y.told(waits, t):
		return Holding{provider.RegRemoving, waits, nil}
	}
	return Holding{provider.RegWaiting, waits, nil}
}

// Standing reports whether a number has a registration at t, or will have one by
// what was booked until now, also by what is on its way.
func (s *State) Standing(n nanp.Number, t time.Time) bool {
	y := s.numbers[n]
	return y.last(func(st *Step) bool { return !st.Active.IsZero() && s.stands(y, st, t) }) != nil
}

// At is where one step stands at t, which is not before its booking.
func (s *State) At(st *Step, t time.Time) Holding {
	y := s.numbers[st.Number]
	if st.Of.Device != "" {
		y = s.devices[st.Of.Device]
	}
	h := Holding{State: provider.RegNone, By: st}
	switch {
	case reached(st.Refused, t):
		h.State = provider.RegFailed
	case st.ends() && t.Before(st.Gone):
		h.State = provider.RegRemoving
	case st.ends(), !s.stands(y, st, t):
	case s.replaced(y, st, t):
	case reached(st.Active, t):
		h.State, h.Address = active(y, st, t), st.Of.Address
	case y.told(st, t):
		h.State = provider.RegRemoving
	default:
		h.State = provider.RegWaiting
	}
	return h
}

// active is the state of what is in force.
func active(y story, st *Step, t time.Time) provider.RegState {
	switch {
	case y.told(st, t):
		return provider.RegRemoving
	case st.Of.Adjusted:
		return provider.RegAdjusted
	}
	return provider.RegActive
}

// force is the step whose address is registered at t; nil: none is.
func (s *State) force(y story, t time.Time) *Step {
	return y.last(func(st *Step) bool { return reached(st.Active, t) && s.stands(y, st, t) })
}

func (s *State) replaced(y story, st *Step, t time.Time) bool {
	f := s.force(y, t)
	return f != nil && f.after(st)
}

// stands reports whether a step sets something that has neither ended nor been
// lost with its number.
func (s *State) stands(y story, st *Step, t time.Time) bool {
	if !st.sets() || y.any(func(e *Step) bool { return e.after(st) && reached(e.Gone, t) }) {
		return false
	}
	if st.Of.Device != "" { // a device that was taken away does not come back by a place that arrives late
		return !y.any(func(e *Step) bool { return e.ends() && st.after(e) })
	}
	lost, ours := s.tenure(st.Number, t)
	return lost.Before(st.Of.At) && (ours || st.Foreign)
}

// told reports whether the end of a step has been asked for.
func (y story) told(st *Step, t time.Time) bool {
	return y.any(func(e *Step) bool { return e.ends() && e.after(st) && !e.Of.At.After(t) })
}

func (y story) any(fits func(*Step) bool) bool { return y.last(fits) != nil }

func (y story) last(fits func(*Step) bool) *Step {
	var last *Step
	for _, st := range y {
		if fits(st) && (last == nil || st.after(last)) {
			last = st
		}
	}
	return last
}

func reached(mark, t time.Time) bool { return !mark.IsZero() && !t.Before(mark) }
