package sandbox

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// words are this carrier's own names of states. They differ from ours on purpose.
var words = map[provider.ItemState]provider.Raw{
	provider.ItemWaiting:     "queued",
	provider.ItemAssigned:    "in-account",
	provider.ItemLive:        "active",
	provider.ItemRefused:     "rejected",
	provider.ItemBackordered: "back-ordered",
	provider.ItemGone:        "disconnected",
}

// bookOrder takes an order that arrives at an instant, now or later. The caller
// holds mu for writing.
func (c *Carrier) bookOrder(r provider.OrderRequest, cl call) (provider.Order, error) {
	known := c.state.orders.key[r.Key]
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		return c.bookedAlready(known[0], r, cl)
	}
	e := entry{
		Op: provider.OpPlace, At: cl.at, Key: r.Key, Attempt: cl.attempt, Fault: cl.fault,
		Ref: provider.Ref(c.ref("so", string(r.Key), len(known))),
	}
	var refused bool
	last := cl.at // when the last line is refused
	for i, asked := range r.Lines {
		l := c.newLine(r.Key, asked, cl, i == 0)
		if !l.Refused.IsZero() {
			refused = true
			if l.Refused.After(last) {
				last = l.Refused
			}
		}
		e.Lines = append(e.Lines, l)
	}
	if refused && (c.cfg.WholeOrders || !r.Partial) {
		for i := range e.Lines {
			if l := &e.Lines[i]; l.Refused.IsZero() {
				*l = line{Number: l.Number, Ref: l.Ref, Refused: last, Kind: provider.Precondition, Text: "another number of the order could not be had"}
			}
		}
	}
	if err := c.commit(e); err != nil {
		return provider.Order{}, c.broken(provider.OpPlace, err)
	}
	return c.snapshot(c.state.orders.ref[e.Ref], cl.at), nil
}

// bookedAlready answers a key that was used. An order that is still on its way
// has arrived with this one.
func (c *Carrier) bookedAlready(o *order, r provider.OrderRequest, cl call) (provider.Order, error) {
	same := len(o.items) == len(r.Lines)
	for _, l := range r.Lines {
		same = same && slices.ContainsFunc(o.items, func(it *item) bool { return it.Number == l.Number })
	}
	if !same {
		return provider.Order{}, c.fail(provider.OpPlace, provider.Conflict, provider.NotApplied, "this key was used for an order of other numbers")
	}
	if err := c.overtake(cl, o.at, o.key, o.ref); err != nil {
		return provider.Order{}, err
	}
	return c.snapshot(o, cl.at), nil
}

// overtake lets what is still on its way arrive with the same request sent again.
func (c *Carrier) overtake(cl call, at time.Time, k provider.Key, r provider.Ref) error {
	if !at.After(cl.at) {
		return nil
	}
	if err := c.commit(entry{Op: opArrive, At: cl.at, Key: k, Ref: r, Attempt: cl.attempt, Fault: cl.fault}); err != nil {
		return c.broken(cl.op, err)
	}
	return nil
}

// newLine decides what becomes of one number: refused now, refused when it
// settles, or ours at an instant.
func (c *Carrier) newLine(k provider.Key, asked provider.OrderLine, cl call, first bool) line {
	n := asked.Number
	l := line{Number: n, Ref: provider.Ref(c.ref("sn", n.String()+string(k), len(c.state.bought[n])))}
	refuse := func(at time.Time, kind provider.Kind, text string) line {
		l.Refused, l.Kind, l.Text = at, kind, text
		return l
	}
	now := view{at: cl.now}
	ours := slices.ContainsFunc(c.state.bought[n], func(it *item) bool { return it.standing() && !it.porting(cl.now) })
	switch {
	case !c.sells(n):
		return refuse(cl.at, provider.NumberTaken, "the number is not for sale")
	case reached(c.state.elsewhere[n], cl.now):
		return refuse(cl.at, provider.NumberTaken, "another buyer has the number")
	case ours && c.cfg.Keying < provider.Once:
		// This carrier does not ask whether we have it: it sells it again.
	case asked.Hold != "" && !c.holds(asked, now):
		return refuse(cl.at, provider.Precondition, "there is no such hold on the number, or it has ended")
	case c.shown != nil && cl.now.Sub(c.shown[n]) > c.cfg.real(c.cfg.RecentSearch):
		return refuse(cl.at, provider.Precondition, "the number was not found by a recent search")
	case c.state.taken(n, now, c.cfg.real(rest)):
		return refuse(cl.at, provider.NumberTaken, "the number is taken")
	}
	h := mixText(mix(mix(c.cfg.Seed, saltSettle), uint64(n)), string(k))
	var after time.Duration
	if !c.cfg.Instant {
		after = between(h, settleMin, settleMax)
	}
	settled := cl.at.Add(c.cfg.real(after))
	if c.chaos.taken(cl, n, first) {
		l.Elsewhere = true
		return refuse(settled, provider.NumberTaken, "another buyer was faster")
	}
	if c.chaos.backordered(cl, n, first) {
		l.Backordered = settled
		settled = settled.Add(c.cfg.real(between(mix(h, saltBackorder), settleMax, backorder)))
	}
	l.Assigned, l.Live = settled, settled
	if step := mix(h, saltAssigned); step%3 == 0 && !c.cfg.Instant {
		l.Assigned = settled.Add(-c.cfg.real(between(step, settleMin/2, after/2)))
	}
	p := c.price(n)
	l.Setup, l.Monthly = p.Setup.Amount, p.Monthly.Amount
	return l
}

func (c *Carrier) holds(l provider.OrderLine, v view) bool {
	h := c.state.holdRef[l.Hold]
	return h != nil && h.number == l.Number && v.at.Before(h.until)
}

// broken answers for a ledger that could not be written: nobody knows what of
// the entry is in the file.
func (c *Carrier) broken(op provider.Op, err error) error {
	e := c.fail(op, provider.Unavailable, provider.OutcomeUnknown, "the ledger could not be written")
	e.Err = err
	return e
}

// snapshot is what the carrier says about an order at t.
func (c *Carrier) snapshot(o *order, t time.Time) provider.Order {
	out := provider.Order{Said: c.said("complete", t)}
	if c.cfg.Keying >= provider.ByKey {
		out.Ref, out.Key = o.ref, o.key
	}
	var next time.Time
	for _, it := range o.items {
		out.Items = append(out.Items, c.itemAt(it, t))
		if change := it.next(t); !change.IsZero() && (next.IsZero() || change.Before(next)) {
			next = change
		}
	}
	if !out.Settled() {
		out.Said.Raw = "open"
		out.Again = until(t, next)
	}
	return out
}

func (c *Carrier) itemAt(it *item, t time.Time) provider.OrderItem {
	st := it.state(t)
	out := provider.OrderItem{Number: it.Number, State: st, Said: provider.Said{By: c.cfg.ID, Raw: words[st], At: t}}
	switch st {
	case provider.ItemAssigned, provider.ItemLive:
		out.Owned = it.Ref
	}
	if st != provider.ItemRefused {
		return out
	}
	out.Err = &provider.Error{Op: it.order.op, Provider: c.cfg.ID, Kind: it.Kind, Outcome: provider.NotApplied, Number: it.Number, Text: it.Text}
	if it.Kind == "" {
		out.Err.Kind, out.Err.Text = provider.Precondition, "the order was closed before the number was ours"
	}
	return out
}

// closeOrder refuses what is still open of an order. The caller holds mu.
func (c *Carrier) closeOrder(k provider.Key, r provider.Ref, cl call) (provider.Order, error) {
	o := c.state.orders.ref[r]
	if o == nil || o.at.After(cl.now) {
		return provider.Order{}, c.fail(provider.OpCloseOrder, provider.NotFound, provider.NotApplied, "there is no order with this reference")
	}
	open := slices.ContainsFunc(o.items, func(it *item) bool {
		return it.standing() && it.Assigned.After(cl.at)
	})
	if open {
		if err := c.commit(entry{Op: provider.OpCloseOrder, At: cl.at, Key: k, Ref: r, Attempt: cl.attempt, Fault: cl.fault}); err != nil {
			return provider.Order{}, c.broken(provider.OpCloseOrder, err)
		}
	}
	return c.snapshot(o, cl.at), nil
}

// track looks for orders or returns. The caller holds mu for reading.
func (c *Carrier) track(t provider.Trace, v view, among *orders) provider.Finding[provider.Order] {
	absent := provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: v.at}
	cannot := provider.Finding[provider.Order]{AsOf: v.at}
	switch c.cfg.Keying {
	case provider.ByNothing:
		cannot.Why = "this carrier keeps nothing by which an order could be found again"
		return cannot
	case provider.ByThing:
		return c.trackNumbers(t.Numbers, v, among == &c.state.returns)
	}
	if t.Key == "" && t.Ref == "" {
		return c.trackNumbers(t.Numbers, v, among == &c.state.returns)
	}
	for _, o := range among.key[t.Key] {
		if !o.at.After(v.at) {
			return provider.FoundAs(c.snapshot(o, v.at), v.at)
		}
	}
	if o := among.ref[t.Ref]; o != nil && !o.at.After(v.at) {
		return provider.FoundAs(c.snapshot(o, v.at), v.at)
	}
	return absent
}

// trackNumbers looks at the numbers themselves: an order for them has come if
// one of them is ours or about to be, a return if one of them is on its way out.
// A number that is not ours has been returned, or was never bought: for a return
// that is the same.
func (c *Carrier) trackNumbers(ns []nanp.Number, v view, back bool) provider.Finding[provider.Order] {
	if len(ns) == 0 {
		return provider.Finding[provider.Order]{AsOf: v.at, Why: "this carrier finds orders by their numbers, and none were given"}
	}
	out := provider.Order{Said: c.said("by number", v.at)}
	found := false
	var next time.Time
	for _, n := range ns {
		it := c.latest(n, v)
		shown := provider.OrderItem{Number: n, State: provider.ItemRefused, Said: provider.Said{By: c.cfg.ID, Raw: "not in account", At: v.at}}
		here := it != nil
		switch {
		case here && !back:
			shown = c.itemAt(it, v.at)
		case back && !here:
			shown.State, here = provider.ItemGone, true
		case back && reached(it.told, v.at):
			shown.State, shown.Said.Raw = provider.ItemWaiting, "disconnecting"
		default:
			here = false
		}
		if shown.State == provider.ItemRefused && shown.Err == nil {
			shown.Err = &provider.Error{Op: provider.OpPlace, Provider: c.cfg.ID, Kind: provider.NumberTaken, Outcome: provider.NotApplied, Number: n, Text: "the number is not in the account"}
			if back {
				shown.Err.Op, shown.Err.Kind, shown.Err.Text = provider.OpReturn, provider.Conflict, "the number stays in the account"
			}
		}
		if it != nil {
			if change := it.next(v.at); !change.IsZero() && (next.IsZero() || change.Before(next)) {
				next = change
			}
		}
		found = found || here
		out.Items = append(out.Items, shown)
	}
	if !found {
		return provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: v.at}
	}
	if !out.Settled() {
		out.Again = until(v.at, next)
	}
	return provider.FoundAs(out, v.at)
}

// latest returns what there is of the number in the account, ours or about to be.
func (c *Carrier) latest(n nanp.Number, v view) *item {
	for _, it := range slices.Backward(c.state.bought[n]) {
		if st := it.state(v.at); !it.order.at.After(v.at) && st != provider.ItemRefused && st != provider.ItemGone && !it.porting(v.at) {
			return it
		}
	}
	return nil
}
