package sandbox

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// Names and registrations hang on numbers: whoever loses a number loses them.

// register adds an entry about names or emergency calls, and lists its numbers.
func (s *state) register(e entry) (ns []nanp.Number) {
	if e.Name != nil {
		x := *e.Name
		x.At, x.Key, x.Ref = e.At, e.Key, e.Ref
		s.names.Apply(x)
		for _, l := range x.Lines {
			ns = append(ns, l.Number)
		}
	}
	if e.E911 != nil {
		x := *e.E911
		x.At, x.Key, x.Ref = e.At, e.Key, e.Ref
		s.registrar.Apply(x)
		for _, l := range x.Lines {
			if x.Device == "" {
				ns = append(ns, l.Number)
			}
		}
	}
	return ns
}

// tenure tells whether the number is ours at t, and when it went away last before.
func (s *state) tenure(n nanp.Number, t time.Time) (lost time.Time, ours bool) {
	for _, went := range s.losses(n) {
		if !went.After(t) && went.After(lost) {
			lost = went
		}
	}
	return lost, s.owned(n, view{at: t}) != nil
}

// losses are the instants at which the number goes away from us.
func (s *state) losses(n nanp.Number) []time.Time {
	var out []time.Time
	for _, it := range s.bought[n] {
		for _, t := range []time.Time{it.gone, it.left} {
			if !t.IsZero() {
				out = append(out, t)
			}
		}
	}
	return out
}

// span is a time in which something was held.
type span[T comparable] struct {
	from, to time.Time // to is zero: it still is
	v        T
}

// spans tells what is held between the instants at which it may change.
func spans[T comparable](instants []time.Time, at func(time.Time) (T, bool)) []span[T] {
	slices.SortFunc(instants, time.Time.Compare)
	var out []span[T]
	for _, t := range instants {
		v, ok := at(t)
		if n := len(out); n > 0 && out[n-1].to.IsZero() {
			if ok && out[n-1].v == v {
				continue
			}
			out[n-1].to = t
		}
		if ok {
			out = append(out, span[T]{from: t, v: v})
		}
	}
	return out
}

func heldAt[K, T comparable](all map[K][]span[T], t time.Time) map[K]T {
	out := make(map[K]T)
	for k, list := range all {
		for _, s := range list {
			if !t.Before(s.from) && !reached(s.to, t) {
				out[k] = s.v
			}
		}
	}
	return out
}

// held fills in what hangs on numbers, and devices.
func (b *Book) held(s *state) {
	b.names = make(map[nanp.Number][]span[string])
	b.registrations = make(map[nanp.Number][]span[postal.Civic])
	b.endpoints = make(map[provider.Ref][]span[postal.Civic])
	address := func(a *postal.Civic) (postal.Civic, bool) {
		if a == nil {
			return postal.Civic{}, false
		}
		return *a, true
	}
	for _, n := range s.names.Numbers() {
		b.names[n] = spans(append(s.names.Instants(n), s.losses(n)...), func(t time.Time) (string, bool) {
			name := s.names.Held(n, t)
			return name, name != ""
		})
	}
	for _, n := range s.registrar.Numbers() {
		b.registrations[n] = spans(append(s.registrar.Instants(n), s.losses(n)...), func(t time.Time) (postal.Civic, bool) {
			return address(s.registrar.Number(n, t).Address)
		})
	}
	for _, d := range s.registrar.Devices() {
		b.endpoints[d] = spans(s.registrar.InstantsOf(d), func(t time.Time) (postal.Civic, bool) {
			h, _ := s.registrar.Device(d, t)
			return address(h.Address)
		})
	}
}

// NamesAt is the caller name of each number that has one at t, whatever the
// carrier tells of it.
func (b Book) NamesAt(t time.Time) map[nanp.Number]string { return heldAt(b.names, t) }

// RegistrationsAt is the address at which each number is registered for emergency
// calls at t.
func (b Book) RegistrationsAt(t time.Time) map[nanp.Number]postal.Civic {
	return heldAt(b.registrations, t)
}

// EndpointsAt is where each device that moves is at t.
func (b Book) EndpointsAt(t time.Time) map[provider.Ref]postal.Civic { return heldAt(b.endpoints, t) }

// Names is NamesAt once everything has settled; so are Registrations and Endpoints.
func (b Book) Names() map[nanp.Number]string { return b.NamesAt(forever) }

// Registrations: see Names.
func (b Book) Registrations() map[nanp.Number]postal.Civic { return b.RegistrationsAt(forever) }

// Endpoints: see Names.
func (b Book) Endpoints() map[provider.Ref]postal.Civic { return b.EndpointsAt(forever) }

// Count is how many creations of the operation took effect.
func (b Book) Count(op provider.Op) int {
	count := 0
	for _, e := range b.Events {
		if e.Op == op {
			count++
		}
	}
	return count
}
