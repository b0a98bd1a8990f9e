package sandbox

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/porting"
)

// A number that is ported in stands among the numbers that were bought: from its
// opening on it is on its way to us, and ours once the port is done. One that is
// ported away leaves by its own mark.

type gained struct {
	order  provider.Ref
	number nanp.Number
}

// port adds an entry about ports.
func (s *state) port(e entry) {
	p := *e.Port
	p.Op, p.Key, p.Ref, p.At, p.N = e.Op, e.Key, e.Ref, e.At, e.N
	s.carry(s.ports.Apply(p))
}

// carry brings the numbers in line with what the orders and the port-out say now.
func (s *state) carry(orders []*porting.Order, out *porting.PortOut) {
	for _, o := range orders {
		for _, l := range o.Lines {
			it := s.gains[gained{o.Ref, l.Number}]
			if it == nil {
				it = &item{line: line{Number: l.Number, Ref: l.Owned}, order: &order{op: provider.OpOpenPort, ref: o.Ref, key: o.Key}}
				s.gains[gained{o.Ref, l.Number}] = it
				s.have(it)
			}
			it.order.at = o.Opened()
			it.Assigned, it.closed = o.Outcome(l.Number)
			it.Live = it.Assigned
		}
	}
	if out == nil {
		return
	}
	its := s.leaves[out.Ref]
	if its == nil {
		for _, it := range s.bought[out.Number] { // bought twice: both leave
			if it.owned(view{at: out.Asked()}) {
				its = append(its, it)
			}
		}
		s.leaves[out.Ref] = its
	}
	for _, it := range its {
		it.left, it.out = out.Leaves(), out
	}
}

// have puts an item among those of its number.
func (s *state) have(it *item) {
	if at, known := slices.BinarySearch(s.numbers, it.Number); !known {
		s.numbers = slices.Insert(s.numbers, at, it.Number)
	}
	s.bought[it.Number] = append(s.bought[it.Number], it)
}

// porting reports whether the number is in a port that is not done at t.
func (it *item) porting(t time.Time) bool {
	return it.order.op == provider.OpOpenPort && !reached(it.Assigned, t)
}

// wanted reports whether another carrier has asked for the number, and it has
// neither left nor been denied.
func (it *item) wanted(t time.Time) bool {
	if it.out == nil || it.out.Asked().After(t) {
		return false
	}
	st := it.out.State(t)
	return st == porting.OutPending || st == porting.OutAllowed
}

// busy reports whether the number is ours, or about to be by an order or a port,
// or about to leave; also by a request that is still on its way.
func (s *state) busy(n nanp.Number, v view) bool {
	return slices.ContainsFunc(s.bought[n], func(it *item) bool {
		switch {
		case v.stale && it.order.at.After(v.at):
			return false
		case it.standing():
			return true
		}
		return v.at.Before(it.closed) || v.at.Before(it.gone) || v.at.Before(it.left)
	})
}

// leftTo is the item of a number that another carrier took away and still has.
func (s *state) leftTo(n nanp.Number, t time.Time) *item {
	for _, it := range slices.Backward(s.bought[n]) {
		if reached(it.left, t) {
			return it
		}
		if reached(it.Assigned, t) {
			return nil // a later life of the number
		}
	}
	return nil
}
