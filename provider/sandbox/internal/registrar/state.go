package registrar

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// Entry is one request as it was booked: a registration of numbers, the place of
// a device, or the end of either. When, under which key and as what it was
// booked is said by the ledger's line that it is part of.
type Entry struct {
	At  time.Time    `json:"-"`
	Key provider.Key `json:"-"`
	Ref provider.Ref `json:"-"`

	Device      provider.Ref  `json:"device,omitempty"`  // "": it is about numbers
	Address     *postal.Civic `json:"address,omitempty"` // what is registered; nil ends what is there
	Adjusted    bool          `json:"adjusted,omitempty"`
	CallerName  string        `json:"callerName,omitempty"`
	Callback    nanp.Number   `json:"callback,omitzero"`
	Label       string        `json:"label,omitempty"`
	SIPFrom     string        `json:"sipFrom,omitempty"`
	Geolocation string        `json:"geolocation,omitempty"`
	Lines       []Line        `json:"lines"` // one for each number; one for a device
}

// Line is what becomes of one number, or of a device. A registration that is
// neither active nor refused waits for ever.
type Line struct {
	Number  nanp.Number   `json:"number,omitzero"`
	Active  time.Time     `json:"active,omitzero"` // in force from then on
	Gone    time.Time     `json:"gone,omitzero"`   // what was there before has ended
	Refused time.Time     `json:"refused,omitzero"`
	Kind    provider.Kind `json:"kind,omitempty"`
	Text    string        `json:"text,omitempty"`
	Foreign bool          `json:"foreign,omitempty"` // the number belongs to another carrier
}

func (l *Line) shift(d time.Duration) {
	for _, t := range []*time.Time{&l.Active, &l.Gone, &l.Refused} {
		if !t.IsZero() {
			*t = t.Add(d)
		}
	}
}

// Booking is an applied entry.
type Booking struct {
	Entry
	Steps []*Step // one for each line
	seq   int
}

// Step is one line of a booking: a step in the life of a number or of a device.
type Step struct {
	Line
	Of *Booking
}

func (s *Step) sets() bool { return s.Of.Address != nil && s.Refused.IsZero() }
func (s *Step) ends() bool { return !s.Gone.IsZero() }

// after is the order in which requests took effect.
func (s *Step) after(o *Step) bool {
	if d := s.Of.At.Compare(o.Of.At); d != 0 {
		return d > 0
	}
	return s.Of.seq > o.Of.seq
}

// Tenure tells whether a number is ours at an instant, and when it was lost last
// before that; zero: never.
type Tenure func(n nanp.Number, t time.Time) (lost time.Time, ours bool)

// State is the sum of the entries that were applied.
type State struct {
	tenure  Tenure
	keys    map[owner][]*Booking
	refs    map[provider.Ref]*Booking
	numbers map[nanp.Number]story
	devices map[provider.Ref]story
	known   []provider.Ref // devices, in the order of their creation
	seq     int
}

// owner: keys of numbers and of devices are apart, as their Track methods are.
type owner struct {
	device bool
	key    provider.Key
}

// story is what happened to one number or one device, in the order of writing.
type story []*Step

// New returns an empty state. A registration ends with the tenure of its number.
func New(tenure Tenure) *State {
	return &State{
		tenure:  tenure,
		keys:    make(map[owner][]*Booking),
		refs:    make(map[provider.Ref]*Booking),
		numbers: make(map[nanp.Number]story),
		devices: make(map[provider.Ref]story),
	}
}

// Apply adds one entry. What it says is taken as decided. An entry about nothing
// is left out, and of one about a device all lines but the first.
func (s *State) Apply(e Entry) {
	switch {
	case len(e.Lines) == 0:
		return
	case e.Device != "":
		e.Lines = e.Lines[:1]
	}
	s.seq++
	e.Lines = slices.Clone(e.Lines)
	b := &Booking{Entry: e, seq: s.seq}
	for _, l := range e.Lines {
		st := &Step{l, b}
		b.Steps = append(b.Steps, st)
		if e.Device == "" {
			s.numbers[l.Number] = append(s.numbers[l.Number], st)
			continue
		}
		if s.devices[e.Device] == nil {
			s.known = append(s.known, e.Device)
		}
		s.devices[e.Device] = append(s.devices[e.Device], st)
	}
	k := owner{e.Device != "", e.Key}
	s.keys[k] = append(s.keys[k], b)
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
	for _, st := range b.Steps {
		st.shift(d)
	}
}

// Keyed lists what was booked under a key, for devices or for numbers, also what
// is on its way.
func (s *State) Keyed(device bool, k provider.Key) []*Booking { return s.keys[owner{device, k}] }

// Find returns what was booked at t for numbers under a key, else under a
// reference; nil: nothing.
func (s *State) Find(k provider.Key, r provider.Ref, t time.Time) *Booking {
	if b := first(s.Keyed(false, k), t); b != nil {
		return b
	}
	if b := s.refs[r]; b != nil && b.Device == "" && !b.At.After(t) {
		return b
	}
	return nil
}

// FindEnd is Find of an end.
func (s *State) FindEnd(k provider.Key, r provider.Ref, t time.Time) *Booking {
	if b := first(onlyEnds(s.Keyed(false, k)), t); b != nil {
		return b
	}
	if b := s.Find("", r, t); b != nil && b.Address == nil {
		return b
	}
	return nil
}

// FindDevice returns what was booked at t for a device under a key; nil: nothing.
func (s *State) FindDevice(k provider.Key, t time.Time) *Booking { return first(s.Keyed(true, k), t) }

// FindDeviceEnd is FindDevice of an end.
func (s *State) FindDeviceEnd(k provider.Key, t time.Time) *Booking {
	return first(onlyEnds(s.Keyed(true, k)), t)
}

func first(bs []*Booking, t time.Time) *Booking {
	for _, b := range bs {
		if !b.At.After(t) {
			return b
		}
	}
	return nil
}

func onlyEnds(bs []*Booking) []*Booking {
	return slices.DeleteFunc(slices.Clone(bs), func(b *Booking) bool { return b.Address != nil })
}

// Latest returns the last step of a number that was booked from since until t;
// nil: none.
func (s *State) Latest(n nanp.Number, since, t time.Time) *Step { return s.numbers[n].latest(since, t) }

// LatestOf is Latest of a device.
func (s *State) LatestOf(d provider.Ref, since, t time.Time) *Step {
	return s.devices[d].latest(since, t)
}

// Place is the last place that a device had been given at t; nil: none.
func (s *State) Place(d provider.Ref, t time.Time) *Booking {
	if st := s.devices[d].last(func(st *Step) bool { return st.sets() && !st.Of.At.After(t) }); st != nil {
		return st.Of
	}
	return nil
}

func (y story) latest(since, t time.Time) *Step {
	return y.last(func(st *Step) bool { return !st.Of.At.Before(since) && !st.Of.At.After(t) })
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

// Devices lists every device that was ever booked, in the order of the bookings.
func (s *State) Devices() []provider.Ref { return s.known }

// Instants lists when what is registered for a number may change, in no order.
func (s *State) Instants(n nanp.Number) []time.Time { return s.numbers[n].instants() }

// InstantsOf is Instants of a device.
func (s *State) InstantsOf(d provider.Ref) []time.Time { return s.devices[d].instants() }

func (y story) instants() []time.Time {
	var out []time.Time
	for _, st := range y {
		for _, t := range []time.Time{st.Active, st.Gone} {
			if !t.IsZero() {
				out = append(out, t)
			}
		}
	}
	return out
}
