package sandbox

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/names"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/porting"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/registrar"
)

// What the carrier knows is the sum of the entries of its ledger and nothing
// else. Every instant of a later change is decided when an entry is written, so
// that what is true at t is a function of the entries and t: nothing has to run
// for an order to settle, and a restarted carrier goes on where it was.

// entry is one line of the ledger: something that took effect.
type entry struct {
	N       int           `json:"n"` // 1, 2, 3, ...
	Op      provider.Op   `json:"op"`
	At      time.Time     `json:"at"` // when it took or takes effect; later than the writing for a request that arrives late
	Key     provider.Key  `json:"key,omitempty"`
	Ref     provider.Ref  `json:"ref,omitempty"`
	Attempt int           `json:"attempt,omitempty"`
	Fault   Fault         `json:"fault,omitempty"` // what went wrong with the call
	Seed    uint64        `json:"seed,omitempty"`
	Lines   []line        `json:"lines,omitempty"`
	Numbers []nanp.Number `json:"numbers,omitempty"`
	To      string        `json:"to,omitempty"`
	Until   time.Time     `json:"until,omitzero"`

	Port *porting.Entry   `json:"port,omitempty"` // of what is about ports
	Name *names.Entry     `json:"name,omitempty"` // of what is about caller names
	E911 *registrar.Entry `json:"e911,omitempty"` // of what is about emergency calls
}

// Operations that are no method of the contract.
const (
	opOpen   provider.Op = "open ledger" // the first entry
	opArrive provider.Op = "arrive"      // a request on its way was overtaken by the same request
)

// line is one number of an order or of a return.
type line struct {
	Number      nanp.Number   `json:"number"`
	Ref         provider.Ref  `json:"ref,omitempty"`
	Assigned    time.Time     `json:"assigned,omitzero"` // ours from then on
	Live        time.Time     `json:"live,omitzero"`     // and routable
	Backordered time.Time     `json:"backordered,omitzero"`
	Gone        time.Time     `json:"gone,omitzero"` // of a return
	Refused     time.Time     `json:"refused,omitzero"`
	Kind        provider.Kind `json:"kind,omitempty"`
	Text        string        `json:"text,omitempty"`
	Elsewhere   bool          `json:"elsewhere,omitempty"` // another buyer has it
	Setup       money.USD     `json:"setup,omitzero"`
	Monthly     money.USD     `json:"monthly,omitzero"`
}

func (l *line) shift(d time.Duration) {
	for _, t := range []*time.Time{&l.Assigned, &l.Live, &l.Backordered, &l.Gone, &l.Refused} {
		if !t.IsZero() {
			*t = t.Add(d)
		}
	}
}

// order is a booked order or return.
type order struct {
	op      provider.Op
	ref     provider.Ref
	key     provider.Key
	at      time.Time
	n       int // the entry that it follows from
	attempt int
	fault   Fault
	items   []*item
}

type item struct {
	line
	order  *order
	closed time.Time        // the order was closed before the number was ours
	gone   time.Time        // it was returned: from then on it is not ours
	told   time.Time        // when that return was asked for
	left   time.Time        // another carrier takes it: from then on it is not ours
	out    *porting.PortOut // the last request of another carrier for it

	closedBy int // the entry
}

type hold struct {
	ref    provider.Ref
	key    provider.Key
	number nanp.Number
	at     time.Time
	until  time.Time // earlier than at first when it was let go or used
}

type routed struct {
	at time.Time
	to string
}

// state is the sum of all entries.
type state struct {
	n         int // entries
	orders    orders
	returns   orders
	all       []*order // orders and returns
	bought    map[nanp.Number][]*item
	numbers   []nanp.Number // the keys of bought, ascending
	elsewhere map[nanp.Number]time.Time
	holds     []*hold
	held      map[nanp.Number][]*hold
	holdRef   map[provider.Ref]*hold
	holdKey   map[provider.Key][]*hold
	routes    map[nanp.Number][]routed
	events    []Event
	applied   map[opKey]int
	names     *names.State
	registrar *registrar.State
	ports     *porting.State
	gains     map[gained]*item         // numbers that port orders bring
	leaves    map[provider.Ref][]*item // numbers that port-outs are about
}

type opKey struct {
	op  provider.Op
	key provider.Key
}

type orders struct {
	key map[provider.Key][]*order
	ref map[provider.Ref]*order
}

func (o *orders) add(x *order) {
	o.key[x.key] = append(o.key[x.key], x)
	o.ref[x.ref] = x
}

func newState() *state {
	s := &state{
		orders:    orders{make(map[provider.Key][]*order), make(map[provider.Ref]*order)},
		returns:   orders{make(map[provider.Key][]*order), make(map[provider.Ref]*order)},
		bought:    make(map[nanp.Number][]*item),
		elsewhere: make(map[nanp.Number]time.Time),
		held:      make(map[nanp.Number][]*hold),
		holdRef:   make(map[provider.Ref]*hold),
		holdKey:   make(map[provider.Key][]*hold),
		routes:    make(map[nanp.Number][]routed),
		applied:   make(map[opKey]int),
		ports:     porting.New(),
		gains:     make(map[gained]*item),
		leaves:    make(map[provider.Ref][]*item),
	}
	s.names, s.registrar = names.New(s.tenure), registrar.New(s.tenure)
	return s
}

// apply adds one entry. Entries come from this package or from a line whose
// checksum is right; what does not fit into the state is left out.
func (s *state) apply(e entry) {
	s.n = e.N
	switch e.Op {
	case opOpen:
		return
	case opArrive:
		s.arrive(e)
		return
	}
	ev := Event{Op: e.Op, Key: e.Key, Ref: e.Ref, At: e.At, Attempt: e.Attempt, Fault: e.Fault, Numbers: slices.Clone(e.Numbers)}
	for _, l := range e.Lines {
		ev.Numbers = append(ev.Numbers, l.Number)
	}
	ev.Numbers = append(ev.Numbers, s.register(e)...)
	s.events = append(s.events, ev)
	s.applied[opKey{e.Op, e.Key}]++
	switch e.Op {
	case provider.OpPlace:
		s.place(e)
	case provider.OpCloseOrder:
		s.close(e)
	case provider.OpReturn:
		s.giveBack(e)
	case provider.OpHold:
		for _, l := range e.Lines {
			h := &hold{l.Ref, e.Key, l.Number, e.At, e.Until}
			s.holds = append(s.holds, h)
			s.held[l.Number] = append(s.held[l.Number], h)
			s.holdRef[h.ref] = h
			s.holdKey[h.key] = append(s.holdKey[h.key], h)
		}
	case provider.OpUnhold:
		if h := s.holdRef[e.Ref]; h != nil {
			h.end(e.At)
		}
	case provider.OpRoute:
		for _, n := range e.Numbers {
			s.routes[n] = append(s.routes[n], routed{e.At, e.To})
		}
	}
	if e.Port != nil {
		s.port(e)
	}
}

func (s *state) place(e entry) {
	o := &order{op: e.Op, ref: e.Ref, key: e.Key, at: e.At, n: e.N, attempt: e.Attempt, fault: e.Fault}
	for _, l := range e.Lines {
		it := &item{line: l, order: o}
		o.items = append(o.items, it)
		if l.Elsewhere {
			s.elsewhere[l.Number] = e.At
		}
		if l.Refused.Equal(e.At) {
			continue
		}
		s.have(it)
		for _, h := range s.held[l.Number] {
			h.end(e.At)
		}
	}
	s.orders.add(o)
	s.all = append(s.all, o)
}

// arrive moves what is still on its way to an earlier instant.
func (s *state) arrive(e entry) {
	if o := s.orders.ref[e.Ref]; o != nil {
		d := e.At.Sub(o.at)
		o.at, o.n = e.At, e.N
		for _, it := range o.items {
			it.shift(d)
		}
	}
	if o := s.returns.ref[e.Ref]; o != nil {
		d := e.At.Sub(o.at)
		o.at, o.n = e.At, e.N
		for _, back := range o.items {
			for _, it := range s.bought[back.Number] {
				if !back.Gone.IsZero() && it.gone.Equal(back.Gone) {
					it.gone, it.told = it.gone.Add(d), e.At
				}
			}
			back.shift(d)
		}
	}
	for _, h := range s.holdKey[e.Key] {
		if e.Ref == "" && h.at.After(e.At) {
			h.at, h.until = e.At, h.until.Add(e.At.Sub(h.at))
		}
	}
	s.names.Arrive(e.Ref, e.At)
	s.registrar.Arrive(e.Ref, e.At)
	s.carry(s.ports.Arrive(e.Key, e.Ref, e.At, e.N))
}

func (s *state) close(e entry) {
	o := s.orders.ref[e.Ref]
	if o == nil {
		return
	}
	for _, it := range o.items {
		if it.Refused.IsZero() && it.closed.IsZero() && it.Assigned.After(e.At) {
			it.closed, it.closedBy = e.At, e.N
		}
	}
}

func (s *state) giveBack(e entry) {
	o := &order{op: e.Op, ref: e.Ref, key: e.Key, at: e.At, n: e.N, attempt: e.Attempt, fault: e.Fault}
	for _, l := range e.Lines {
		o.items = append(o.items, &item{line: l, order: o})
		if l.Gone.IsZero() {
			continue
		}
		for _, it := range s.bought[l.Number] { // bought twice: both go
			if it.standing() {
				it.gone, it.told = l.Gone, e.At
			}
		}
	}
	s.returns.add(o)
	s.all = append(s.all, o)
}

func (h *hold) end(at time.Time) {
	if at.Before(h.until) {
		h.until = at
	}
}

// standing reports whether the number is or will be ours, and nothing has been
// asked for that ends it.
func (it *item) standing() bool {
	return it.Refused.IsZero() && it.closed.IsZero() && it.gone.IsZero() && it.left.IsZero()
}

func reached(mark, t time.Time) bool { return !mark.IsZero() && !t.Before(mark) }

// state is where the number stands at t, which is not before the order.
func (it *item) state(t time.Time) provider.ItemState {
	switch {
	case reached(it.Refused, t), reached(it.closed, t):
		return provider.ItemRefused
	case reached(it.gone, t), reached(it.Gone, t), reached(it.left, t):
		return provider.ItemGone
	case reached(it.Live, t):
		return provider.ItemLive
	case reached(it.Assigned, t):
		return provider.ItemAssigned
	case reached(it.Backordered, t):
		return provider.ItemBackordered
	}
	return provider.ItemWaiting
}

// next is the first change after t that will come by itself; zero: none.
func (it *item) next(t time.Time) time.Time {
	var first time.Time
	if st := it.state(t); st == provider.ItemRefused || st == provider.ItemGone {
		return first
	}
	for _, m := range []time.Time{it.Assigned, it.Live, it.Backordered, it.Refused, it.closed, it.Gone, it.gone, it.left} {
		if m.After(t) && (first.IsZero() || m.Before(first)) {
			first = m
		}
	}
	return first
}

// view is the instant that an answer is about. A stale view is that of a replica
// which has not heard of later entries; one that is not knows of requests on
// their way, so that it sells nothing twice.
type view struct {
	at    time.Time
	stale bool
}

// owned reports whether the number is ours by this item.
func (it *item) owned(v view) bool {
	st := it.state(v.at)
	return !it.order.at.After(v.at) && (st == provider.ItemAssigned || st == provider.ItemLive)
}

// owned returns what we have of the number, nil when it is not ours.
func (s *state) owned(n nanp.Number, v view) *item {
	for _, it := range slices.Backward(s.bought[n]) {
		if it.owned(v) {
			return it
		}
	}
	return nil
}

// taken reports whether somebody has the number, or is about to. A hold is not
// that.
func (s *state) taken(n nanp.Number, v view, rest time.Duration) bool {
	if reached(s.elsewhere[n], v.at) {
		return true
	}
	for _, it := range s.bought[n] {
		switch {
		case it.order.at.After(v.at) && v.stale:
		case it.standing(), !it.left.IsZero(), v.at.Before(it.Refused), v.at.Before(it.closed), !it.gone.IsZero() && v.at.Before(it.gone.Add(rest)):
			return true
		}
	}
	return false
}

func (s *state) isHeld(n nanp.Number, v view) bool {
	for _, h := range s.held[n] {
		if v.at.Before(h.until) && !(v.stale && h.at.After(v.at)) {
			return true
		}
	}
	return false
}
