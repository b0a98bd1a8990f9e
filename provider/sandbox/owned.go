package sandbox

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// numbers refuses what no request about numbers can hold.
func (c *Carrier) numbers(op provider.Op, ns []nanp.Number) error {
	return c.invalid(op, provider.CheckNumbers(ns, maxLines))
}

// notOurs is the error about one number that the account does not have.
func (c *Carrier) notOurs(op provider.Op, k provider.Kind, n nanp.Number) error {
	e := c.fail(op, k, provider.NotApplied, "the number is not in the account")
	e.Number = n
	return e
}

func (c *Carrier) ownedAt(it *item, v view) provider.Owned {
	st := it.state(v.at)
	o := provider.Owned{Number: it.Number, Ref: it.Ref, State: st, Said: c.said(words[st], v.at), Porting: it.wanted(v.at)}
	if c.cfg.Keying >= provider.ByKey {
		o.Tag = string(it.order.key)
	}
	for _, r := range c.state.routes[it.Number] {
		if !r.at.Before(it.order.at) && !r.at.After(v.at) { // not of an owner before
			o.Route = r.to
		}
	}
	return o
}

// readOwned and the methods below: the caller holds mu.
func (c *Carrier) readOwned(n nanp.Number, v view) (provider.Owned, error) {
	it := c.state.owned(n, v)
	if it == nil {
		return provider.Owned{}, c.notOurs(provider.OpOwned, provider.NotFound, n)
	}
	return c.ownedAt(it, v), nil
}

var ownedSum = mixText(saltWord, "owned")

func (c *Carrier) listOwned(p provider.Page, v view) (provider.Result[provider.Owned], error) {
	var out provider.Result[provider.Owned]
	after, err := decodeCursor(p.Cursor, ownedSum)
	if err != nil {
		return out, c.invalid(provider.OpListOwned, err)
	}
	limit := c.limit(p.Limit)
	at, _ := slices.BinarySearch(c.state.numbers, after+1)
	for _, n := range c.state.numbers[at:] {
		it := c.state.owned(n, v)
		if it == nil {
			continue
		}
		if len(out.Items) == limit {
			out.Next = encodeCursor(out.Items[limit-1].Number, ownedSum)
			break
		}
		out.Items = append(out.Items, c.ownedAt(it, v))
	}
	return out, nil
}

// route changes all numbers or none.
func (c *Carrier) route(r provider.RouteRequest, cl call) ([]provider.Owned, error) {
	now := view{at: cl.now}
	for _, n := range r.Numbers {
		if c.state.owned(n, now) == nil {
			return nil, c.notOurs(provider.OpRoute, provider.NotYours, n)
		}
	}
	if err := c.commit(entry{Op: provider.OpRoute, At: cl.at, Key: r.Key, Numbers: r.Numbers, To: r.To, Attempt: cl.attempt, Fault: cl.fault}); err != nil {
		return nil, c.broken(provider.OpRoute, err)
	}
	var out []provider.Owned
	for _, n := range r.Numbers {
		if it := c.state.owned(n, view{at: cl.at}); it != nil {
			out = append(out, c.ownedAt(it, view{at: cl.at}))
		}
	}
	return out, nil
}

// giveBack books a return: each number by itself.
func (c *Carrier) giveBack(r provider.ReturnRequest, cl call) (provider.Order, error) {
	known := c.state.returns.key[r.Key]
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		o := known[0]
		same := len(o.items) == len(r.Numbers) && !slices.ContainsFunc(o.items, func(it *item) bool { return !slices.Contains(r.Numbers, it.Number) })
		if !same {
			return provider.Order{}, c.fail(provider.OpReturn, provider.Conflict, provider.NotApplied, "this key was used for a return of other numbers")
		}
		if err := c.overtake(cl, o.at, o.key, o.ref); err != nil {
			return provider.Order{}, err
		}
		return c.snapshot(o, cl.at), nil
	}
	e := entry{
		Op: provider.OpReturn, At: cl.at, Key: r.Key, Attempt: cl.attempt, Fault: cl.fault,
		Ref: provider.Ref(c.ref("rt", string(r.Key), len(known))),
	}
	for _, n := range r.Numbers {
		l := line{Number: n}
		switch it := c.state.owned(n, view{at: cl.now}); {
		case it == nil:
			l.Refused, l.Kind, l.Text = cl.at, provider.NotYours, "the number is not in the account"
		case !it.gone.IsZero():
			l.Refused, l.Kind, l.Text = cl.at, provider.Conflict, "the number is being returned already"
		case !it.left.IsZero():
			l.Refused, l.Kind, l.Text = cl.at, provider.Conflict, "another carrier has asked for the number"
		default:
			l.Gone = cl.at
			if h := mixText(mix(mix(c.cfg.Seed, saltReturn), uint64(n)), string(r.Key)); !c.cfg.Instant {
				l.Gone = cl.at.Add(c.cfg.real(between(h, settleMin, settleMax)))
			}
		}
		e.Lines = append(e.Lines, l)
	}
	if err := c.commit(e); err != nil {
		return provider.Order{}, c.broken(provider.OpReturn, err)
	}
	return c.snapshot(c.state.returns.ref[e.Ref], cl.at), nil
}

// hold keeps all numbers or none.
func (c *Carrier) hold(k provider.Key, ns []nanp.Number, cl call) ([]provider.Hold, error) {
	known := c.state.holdKey[k]
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		same := len(known) == len(ns)
		for _, h := range known {
			same = same && slices.Contains(ns, h.number)
		}
		if !same {
			return nil, c.fail(provider.OpHold, provider.Conflict, provider.NotApplied, "this key was used for a hold on other numbers")
		}
		if err := c.overtake(cl, known[0].at, k, ""); err != nil {
			return nil, err
		}
		return c.heldAt(known, cl.at), nil
	}
	now := view{at: cl.now}
	e := entry{Op: provider.OpHold, At: cl.at, Key: k, Until: cl.at.Add(c.cfg.real(holdTime)), Attempt: cl.attempt, Fault: cl.fault}
	for _, n := range ns {
		if !c.sells(n) || c.state.taken(n, now, c.cfg.real(rest)) || c.state.isHeld(n, now) {
			err := c.fail(provider.OpHold, provider.NumberTaken, provider.NotApplied, "the number cannot be held")
			err.Number = n
			return nil, err
		}
		e.Lines = append(e.Lines, line{Number: n, Ref: provider.Ref(c.ref("hd", n.String()+string(k), len(c.state.held[n])))})
	}
	if err := c.commit(e); err != nil {
		return nil, c.broken(provider.OpHold, err)
	}
	made := c.state.holdKey[k]
	return c.heldAt(made[len(made)-len(ns):], cl.at), nil
}

// unhold may be repeated: a hold that has ended stays ended.
func (c *Carrier) unhold(r provider.Ref, cl call) error {
	h := c.state.holdRef[r]
	if h == nil || h.at.After(cl.now) {
		return c.fail(provider.OpUnhold, provider.NotFound, provider.NotApplied, "there is no hold with this reference")
	}
	if !cl.at.Before(h.until) {
		return nil
	}
	if err := c.commit(entry{Op: provider.OpUnhold, At: cl.at, Ref: r, Attempt: cl.attempt, Fault: cl.fault}); err != nil {
		return c.broken(provider.OpUnhold, err)
	}
	return nil
}

func (c *Carrier) heldAt(hs []*hold, t time.Time) []provider.Hold {
	out := make([]provider.Hold, 0, len(hs))
	for _, h := range hs {
		raw := provider.Raw("held")
		if !t.Before(h.until) {
			raw = "ended"
		}
		out = append(out, provider.Hold{Ref: h.ref, Number: h.number, Until: h.until, Said: c.said(raw, t)})
	}
	return out
}

func (c *Carrier) trackHold(t provider.Trace, v view) provider.Finding[[]provider.Hold] {
	var hs []*hold
	switch {
	case c.cfg.Keying == provider.ByNothing:
		return provider.Finding[[]provider.Hold]{AsOf: v.at, Why: "this carrier keeps nothing by which a hold could be found again"}
	case c.cfg.Keying >= provider.ByKey && t.Key != "":
		hs = c.state.holdKey[t.Key]
	case c.cfg.Keying >= provider.ByKey && t.Ref != "":
		hs = append(hs, c.state.holdRef[t.Ref])
	case len(t.Numbers) > 0:
		for _, n := range t.Numbers {
			if l := c.state.held[n]; len(l) > 0 && v.at.Before(l[len(l)-1].until) {
				hs = append(hs, l[len(l)-1])
			}
		}
	default:
		return provider.Finding[[]provider.Hold]{AsOf: v.at, Why: "this carrier finds holds by their numbers, and none were given"}
	}
	hs = slices.DeleteFunc(slices.Clone(hs), func(h *hold) bool { return h == nil || h.at.After(v.at) })
	if len(hs) == 0 {
		return provider.Finding[[]provider.Hold]{Verdict: provider.Absent, AsOf: v.at}
	}
	return provider.FoundAs(c.heldAt(hs, v.at), v.at)
}
