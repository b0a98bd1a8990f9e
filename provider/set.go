package provider

import (
	"fmt"
	"iter"
	"reflect"
	"strings"
)

// Set is the carriers of one desk, in the order in which they were given. It
// does not change and is safe for concurrent use.
type Set struct {
	order []ID
	by    map[ID]Provider
}

// NewSet refuses a nil carrier, an ID that is not valid or is there twice, and a
// capability that is a nil pointer in a non-nil interface. An empty set is allowed: it offers nothing.
func NewSet(ps ...Provider) (*Set, error) {
	s := &Set{by: make(map[ID]Provider, len(ps))}
	for i, p := range ps {
		if isNil(p) {
			return nil, fmt.Errorf("provider: carrier %d is nil", i)
		}
		id := p.ID()
		if err := id.Validate(); err != nil {
			return nil, fmt.Errorf("provider: carrier %d: %w", i, err)
		}
		if _, dup := s.by[id]; dup {
			return nil, fmt.Errorf("provider: two carriers are called %q", id)
		}
		if c, bad := typedNil(p.Capabilities()); bad {
			return nil, fmt.Errorf("provider: %s offers %s with a nil pointer: leave the field nil instead", id, c)
		}
		s.by[id] = p
		s.order = append(s.order, id)
	}
	return s, nil
}

// Len is how many carriers there are.
func (s *Set) Len() int { return len(s.order) }

// All walks through the carriers in their order.
func (s *Set) All() iter.Seq2[ID, Provider] {
	return func(yield func(ID, Provider) bool) {
		for _, id := range s.order {
			if !yield(id, s.by[id]) {
				return
			}
		}
	}
}

// Get returns one carrier, or a NotFound error that lists those that there are.
func (s *Set) Get(id ID) (Provider, error) {
	if p, ok := s.by[id]; ok {
		return p, nil
	}
	names := make([]string, len(s.order))
	for i, o := range s.order {
		names[i] = string(o)
	}
	return nil, &Error{Provider: id, Kind: NotFound, Outcome: NotApplied,
		Text: fmt.Sprintf("no carrier has this ID, there are: %s", strings.Join(names, ", "))}
}

// Pick returns one capability of one carrier: the interface that a domain needs
// and nothing else.
//
//	orders, traits, err := provider.Pick[provider.Orderer](set, id)
//
// The error is NotFound for an unknown carrier, and Unsupported, with the
// carrier's own reason, for a capability that it does not offer.
func Pick[T any](s *Set, id ID) (T, Traits, error) {
	var none T
	p, err := s.Get(id)
	if err != nil {
		return none, Traits{}, err
	}
	caps := p.Capabilities()
	v, name := capability[T](&caps)
	if any(v) == nil {
		reason := caps.Traits.Why[name].Reason
		if reason == "" {
			reason = "the carrier does not offer it"
		}
		return none, caps.Traits, &Error{Op: Op(name), Provider: id, Kind: Unsupported, Outcome: NotApplied, Text: reason}
	}
	return v, caps.Traits, nil
}

// capability finds the field of type T. Every interface stands in Capabilities
// once; a type that does not is a mistake in the program.
func capability[T any](c *Capabilities) (T, Capability) {
	want, v := reflect.TypeFor[T](), reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Type == want && f.Tag.Get("capability") != "" {
			got, _ := v.Field(i).Interface().(T)
			return got, Capability(f.Tag.Get("capability"))
		}
	}
	panic("provider: " + want.String() + " is no capability")
}

// Serving returns the carrier that does c for a number which owner provides: the
// owner where it offers c, else the first carrier of the set that does it for
// numbers of others too (Traits.Foreign). A caller name and an E911 registration
// may live elsewhere than the number. ok is false where nobody does it.
func (s *Set) Serving(c Capability, owner ID) (id ID, ok bool) {
	if p, here := s.by[owner]; here && offers(p.Capabilities(), c) {
		return owner, true
	}
	for _, id := range s.order {
		if caps := s.by[id].Capabilities(); caps.Traits.Serves(c) && offers(caps, c) {
			return id, true
		}
	}
	return "", false
}

func offers(caps Capabilities, c Capability) bool {
	v := reflect.ValueOf(caps)
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("capability") == string(c) {
			return !v.Field(i).IsNil()
		}
	}
	return false
}

// Offered lists the capabilities that are not nil, in the order of their fields.
func (c Capabilities) Offered() []Capability {
	var out []Capability
	for _, name := range AllCapabilities() {
		if offers(c, name) {
			out = append(out, name)
		}
	}
	return out
}

// AllCapabilities lists every capability there is, in the order of the fields of
// Capabilities.
func AllCapabilities() []Capability {
	var out []Capability
	t := reflect.TypeFor[Capabilities]()
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("capability"); name != "" {
			out = append(out, Capability(name))
		}
	}
	return out
}

func typedNil(c Capabilities) (Capability, bool) {
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("capability")
		if name != "" && !v.Field(i).IsNil() && isNil(v.Field(i).Interface()) {
			return Capability(name), true
		}
	}
	return "", false
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return r.IsNil()
	}
	return false
}
