package names

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Entry is one request as it was booked. When, under which key and as what it was
// booked is said by the ledger's line that it is part of.
type Entry struct {
	At     time.Time    `json:"-"`
	Key    provider.Key `json:"-"`
	Ref    provider.Ref `json:"-"`
	Name   string       `json:"name,omitempty"`
	Remove bool         `json:"remove,omitempty"`
	Lines  []Line       `json:"lines"`
}

// Line is what becomes of one number. A line that is neither listed nor refused
// waits for ever.
type Line struct {
	Number   nanp.Number   `json:"number"`
	Reviewed time.Time     `json:"reviewed,omitzero"` // until then a person looks at it; zero: nobody does
	Listed   time.Time     `json:"listed,omitzero"`   // the carrier holds it from then on
	Shown    time.Time     `json:"shown,omitzero"`    // and look-ups show it
	Refused  time.Time     `json:"refused,omitzero"`
	Kind     provider.Kind `json:"kind,omitempty"`
	Text     string        `json:"text,omitempty"`
	Foreign  bool          `json:"foreign,omitempty"` // the number belongs to another carrier
}

func (l *Line) shift(d time.Duration) {
	for _, t := range []*time.Time{&l.Reviewed, &l.Listed, &l.Shown, &l.Refused} {
		if !t.IsZero() {
			*t = t.Add(d)
		}
	}
}

// Booking is an applied entry.
type Booking struct {
	Entry
	Changes []*Change // one for each line
	seq     int
}

// Change is one number of a booking.
type Change struct {
	Line
	Of *Booking
}

// after is the order in which requests took effect.
func (c *Change) after(o *Change) bool {
	if d := c.Of.At.Compare(o.Of.At); d != 0 {
		return d > 0
	}
	return c.Of.seq > o.Of.seq
}

// Tenure tells whether a number is ours at an instant, and when it was lost last
// before that; zero: never.
type Tenure func(n nanp.Number, t time.Time) (lost time.Time, ours bool)

// State is the sum of the entries that were applied.
type State struct {
	tenure  Tenure
	keys    map[provider.Key][]*Booking
	refs    map[provider.Ref]*Booking
	numbers map[nanp.Number][]*Change
	seq     int
}

// New returns an empty state. A name is lost with its number, as tenure tells.
func New(tenure Tenure) *State {
	return &State{
		tenure:  tenure,
		keys:    make(map[provider.Key][]*Booking),
		refs:    make(map[provider.Ref]*Booking),
		numbers: make(map[nanp.Number][]*Change),
	}
}

// Apply adds one entry. What it says is taken as decided.
func (s *State) Apply(e Entry) {
	s.seq++
	e.Lines = slices.Clone(e.Lines)
	b := &Booking{Entry: e, seq: s.seq}
	for _, l := range e.Lines {
		c := &Change{l, b}
		b.Changes = append(b.Changes, c)
		s.numbers[l.Number] = append(s.numbers[l.Number], c)
	}
	s.keys[e.Key] = append(s.keys[e.Key], b)
	s.refs[e.Ref] = b
}

// Arrive moves a booking that is still on its way to another instant, with
// everything that follows from it.
func (s *State) Arrive(r provider.Ref, at time.Time) {
	b := s.refs[r]
	if b == nil {
		return
	}
	d := at.Sub(b.At)
	b.At = at
	for _, c := range b.Changes {
		c.shift(d)
	}
}

// Keyed lists what was booked under a key, also what is on its way.
func (s *State) Keyed(k provider.Key) []*Booking { return s.keys[k] }

// Find returns what was booked at t under a key, else under a reference; nil: nothing.
func (s *State) Find(k provider.Key, r provider.Ref, t time.Time) *Booking {
	if b := s.first(k, t, func(*Booking) bool { return true }); b != nil {
		return b
	}
	if b := s.refs[r]; b != nil && !b.At.After(t) {
		return b
	}
	return nil
}

// FindRemoval is Find of a name that was taken away.
func (s *State) FindRemoval(k provider.Key, r provider.Ref, t time.Time) *Booking {
	if b := s.first(k, t, func(b *Booking) bool { return b.Remove }); b != nil {
		return b
	}
	if b := s.Find("", r, t); b != nil && b.Remove {
		return b
	}
	return nil
}

func (s *State) first(k provider.Key, t time.Time, fits func(*Booking) bool) *Booking {
	for _, b := range s.keys[k] {
		if !b.At.After(t) && fits(b) {
			return b
		}
	}
	return nil
}

// Latest returns the last change of a number that was booked from since until t;
// nil: none.
func (s *State) Latest(n nanp.Number, since, t time.Time) *Change {
	return s.last(n, func(c *Change) bool { return !c.Of.At.Before(since) && !c.Of.At.After(t) })
}

// Numbers lists, in ascending order, those that anything was ever booked for.
func (s *State) Numbers() []nanp.Number {
	out := make([]nanp.Number, 0, len(s.numbers))
	for n := range s.numbers {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Instants lists when what is held for a number may change, in no order.
func (s *State) Instants(n nanp.Number) []time.Time {
	var out []time.Time
	for _, c := range s.numbers[n] {
		if !c.Listed.IsZero() {
			out = append(out, c.Listed)
		}
	}
	return out
}

// Held is the name that the carrier holds for a number at t; "": none.
func (s *State) Held(n nanp.Number, t time.Time) string {
	if c := s.last(n, func(c *Change) bool { return reached(c.Listed, t) && s.stands(c, t) }); c != nil {
		return c.Of.Name
	}
	return ""
}

// Removal returns the change that takes the name of a number away, or has; nil:
// none did, or something was set since.
func (s *State) Removal(n nanp.Number, t time.Time) *Change {
	c := s.last(n, func(c *Change) bool { return !c.Of.At.After(t) && s.At(c, t) != provider.NameRefused })
	if c == nil || !c.Of.Remove {
		return nil
	}
	return c
}

// Nothing reports whether no name is held for a number at t, and none is on its way.
func (s *State) Nothing(n nanp.Number, t time.Time) bool {
	return s.Held(n, t) == "" && s.last(n, func(c *Change) bool {
		st := s.At(c, t)
		return !c.Of.At.After(t) && (st == provider.NameWaiting || st == provider.NameInReview)
	}) == nil
}

// Shown is what a look-up shows at t. known is false where no request of ours has
// reached it.
func (s *State) Shown(n nanp.Number, t time.Time) (name string, known bool) {
	c := s.last(n, func(c *Change) bool { return reached(c.Shown, t) && s.stands(c, t) })
	if c == nil {
		return "", false
	}
	return c.Of.Name, true
}

// At is where one change stands at t, which is not before its booking.
func (s *State) At(c *Change, t time.Time) provider.NameState {
	switch {
	case reached(c.Refused, t):
		return provider.NameRefused
	case !s.stands(c, t):
		return provider.NameNone
	case reached(c.Listed, t) && c.Of.Remove:
		return provider.NameNone
	case reached(c.Listed, t):
		return provider.NameListed
	case t.Before(c.Reviewed):
		return provider.NameInReview
	}
	return provider.NameWaiting
}

// stands reports whether the number was not lost since the change was booked.
func (s *State) stands(c *Change, t time.Time) bool {
	lost, ours := s.tenure(c.Number, t)
	return lost.Before(c.Of.At) && (ours || c.Foreign)
}

func (s *State) last(n nanp.Number, fits func(*Change) bool) *Change {
	var last *Change
	for _, c := range s.numbers[n] {
		if fits(c) && (last == nil || c.after(last)) {
			last = c
		}
	}
	return last
}

func reached(mark, t time.Time) bool { return !mark.IsZero() && !t.Before(mark) }
