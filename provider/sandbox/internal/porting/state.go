package porting

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// State is the sum of all entries.
type State struct {
	orders   []*Order
	ref      map[provider.Ref]*Order
	group    map[provider.Ref][]*Order
	key      map[provider.Key][]*Order
	number   map[nanp.Number][]*Order
	docs     map[provider.Ref]*Entry
	used     map[provider.Ref]bool
	comments map[provider.Ref][]*Entry // by order
	outs     []*PortOut
	outRef   map[provider.Ref]*PortOut
	by       map[opKey]*Entry
}

type opKey struct {
	op  provider.Op
	key provider.Key
}

// New returns the state of a carrier where nothing has happened.
func New() *State {
	return &State{
		ref:      make(map[provider.Ref]*Order),
		group:    make(map[provider.Ref][]*Order),
		key:      make(map[provider.Key][]*Order),
		number:   make(map[nanp.Number][]*Order),
		docs:     make(map[provider.Ref]*Entry),
		used:     make(map[provider.Ref]bool),
		comments: make(map[provider.Ref][]*Entry),
		outRef:   make(map[provider.Ref]*PortOut),
		by:       make(map[opKey]*Entry),
	}
}

// Apply adds one entry, and returns the orders and the port-out that it changes.
// What does not fit into the state is left out.
func (s *State) Apply(in Entry) (orders []*Order, out *PortOut) {
	e := &in
	if !e.whole() {
		return nil, nil
	}
	if k := (opKey{e.Op, e.Key}); e.Key != "" && s.by[k] == nil {
		s.by[k] = e
	}
	switch e.Op {
	case provider.OpOpenPort:
		for _, x := range e.Orders {
			orders = append(orders, s.open(x, e))
		}
	case provider.OpSubmitPort, provider.OpAmendPort, provider.OpCancelPort, OpReject, OpMoveFOC:
		o := s.ref[e.Ref]
		if o == nil {
			return nil, nil
		}
		if e.Facts != nil {
			s.use(e.Facts)
		}
		o.insert(e)
		orders = append(orders, o)
	case provider.OpUploadDocument:
		s.docs[e.Ref] = e
	case provider.OpAddPortComment:
		s.comments[e.Comment.Order] = append(s.comments[e.Comment.Order], e)
	case OpAskOut:
		out = &PortOut{Out: *e.Out, Ref: e.Ref, asked: e}
		s.outs = append(s.outs, out)
		s.outRef[e.Ref] = out
	case provider.OpAnswerPortOut:
		if out = s.outRef[e.Ref]; out != nil {
			out.answers = append(out.answers, e)
		}
	}
	return orders, out
}

func (s *State) open(x Opening, e *Entry) *Order {
	o := &Order{Opening: x, Key: e.Key}
	s.orders = append(s.orders, o)
	s.ref[x.Ref] = o
	s.group[x.Group] = append(s.group[x.Group], o)
	s.key[e.Key] = append(s.key[e.Key], o)
	for _, l := range x.Lines {
		s.number[l.Number] = append(s.number[l.Number], o)
	}
	s.use(&x.Facts)
	o.insert(e)
	return o
}

func (s *State) use(f *Facts) {
	for _, d := range f.Documents {
		s.used[d] = true
	}
}

// Arrive lets what has this key and reference take effect at an earlier instant: it
// was on its way, and the same request has overtaken it, which is entry n.
func (s *State) Arrive(k provider.Key, r provider.Ref, at time.Time, n int) (orders []*Order, out *PortOut) {
	for key, e := range s.by {
		if key.key != k || e.Ref != r || !e.At.After(at) {
			continue
		}
		if e.Document != nil {
			e.Document.Until = e.Document.Until.Add(at.Sub(e.At))
		}
		e.At, e.N = at, n
		for _, o := range s.orders {
			if slices.Contains(o.entries, e) {
				slices.SortStableFunc(o.entries[1:], func(a, b *Entry) int { return a.At.Compare(b.At) })
				o.rebuild()
				orders = append(orders, o)
			}
		}
		out = s.outRef[r]
	}
	return orders, out
}

// Known returns the first entry of an operation with a key, nil if there is none.
func (s *State) Known(op provider.Op, k provider.Key) *Entry { return s.by[opKey{op, k}] }

// Orders lists all orders as they were booked.
func (s *State) Orders() []*Order { return s.orders }

// Order returns the order with a reference, nil if there is none at t.
func (s *State) Order(r provider.Ref, t time.Time) *Order {
	if o := s.ref[r]; o != nil && !o.Opened().After(t) {
		return o
	}
	return nil
}

// ByKey lists the orders of a key, also those on their way.
func (s *State) ByKey(k provider.Key) []*Order { return s.key[k] }

// ByGroup lists the orders that were opened together.
func (s *State) ByGroup(r provider.Ref) []*Order { return s.group[r] }

// Latest is the order of the number that was opened last and not before since;
// nil if there is none at t.
func (s *State) Latest(n nanp.Number, since, t time.Time) *Order {
	for _, o := range slices.Backward(s.number[n]) {
		if !o.Opened().After(t) && !o.Opened().Before(since) {
			return o
		}
	}
	return nil
}

// Document returns the kind of a document that can be used at t. ok is false when
// there is none, or it has vanished.
func (s *State) Document(r provider.Ref, t time.Time) (d Document, ok bool) {
	e := s.docs[r]
	if e == nil || e.At.After(t) || !s.used[r] && !t.Before(e.Document.Until) {
		return Document{}, false
	}
	return *e.Document, true
}

// Message is one comment as it was made: ours, or the answer to it.
type Message struct {
	Ref    provider.Ref
	At     time.Time
	Ours   bool
	Answer int // what the desk says
}

// Messages lists the comments about an order up to t in the order of their times.
// A later t only adds to the end.
func (s *State) Messages(order provider.Ref, t time.Time) []Message {
	var out []Message
	for _, e := range s.comments[order] {
		for _, m := range []Message{{Ref: e.Ref, At: e.At, Ours: true}, {Ref: e.Comment.Reply, At: e.At.Add(e.Comment.After), Answer: e.Comment.Answer}} {
			if !m.At.After(t) {
				out = append(out, m)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Message) int { return a.At.Compare(b.At) })
	return out
}
