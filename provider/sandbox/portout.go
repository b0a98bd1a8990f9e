package sandbox

import (
	"context"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/porting"
)

var outWords = [...]provider.Raw{
	porting.OutPending: "pending",
	porting.OutAllowed: "authorized",
	porting.OutDenied:  "denied",
	porting.OutGone:    "ported-out",
}

const leaveMax = 24 * time.Hour // from consent until a number has left

// AskPortOut lets another carrier ask for a number of ours. answerBy is sandbox
// time: who is silent until then agrees. The error is NotYours for a number that
// is not in the account, and Conflict for one that is leaving it already.
func (c *Carrier) AskPortOut(n nanp.Number, to string, answerBy time.Duration) (provider.Ref, error) {
	const op = porting.OpAskOut
	switch {
	case to == "" || len(to) > 128:
		return "", c.invalid(op, field("carrier", "length", "must have 1 to 128 bytes"))
	case answerBy <= 0:
		return "", c.invalid(op, field("time to answer", "range", "is not above 0"))
	}
	if err := c.start(context.Background(), op); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	it := c.state.owned(n, view{at: now})
	switch {
	case it == nil:
		return "", c.notOurs(op, provider.NotYours, n)
	case !it.gone.IsZero(), !it.left.IsZero():
		e := c.fail(op, provider.Conflict, provider.NotApplied, "the number is leaving the account already")
		e.Number = n
		return "", e
	}
	asked := 0 // how often before
	for _, p := range c.state.ports.Outs(now) {
		if p.Number == n {
			asked++
		}
	}
	ref := provider.Ref(c.ref("px", n.String(), asked))
	h := mixText(mix(c.cfg.Seed, saltLeave), string(ref))
	e := entry{Op: op, At: now, Ref: ref, Numbers: []nanp.Number{n}, Port: &porting.Entry{Out: &porting.Out{
		Number: n, To: to, AnswerBy: now.Add(c.cfg.real(answerBy)), Leave: c.cfg.real(between(h, time.Hour, leaveMax)),
	}}}
	if err := c.commit(e); err != nil {
		return "", c.broken(op, err)
	}
	return ref, nil
}

func (c *Carrier) listPortOuts(p provider.Page, v view) (out provider.Result[provider.PortOut], err error) {
	all := c.state.ports.Outs(v.at)
	from, to, next, err := c.pageOf(provider.OpListPortOuts, "", p, len(all))
	if err != nil {
		return out, err
	}
	for _, x := range all[from:to] {
		out.Items = append(out.Items, provider.PortOut{
			Ref: x.Ref, Number: x.Number, To: x.To, AnswerBy: x.AnswerBy, Said: c.said(outWords[x.State(v.at)], v.at),
		})
	}
	out.Next = next
	return out, nil
}

func (c *Carrier) answerPortOut(k provider.Key, r provider.Ref, allow bool, cl call) error {
	x := c.state.ports.Out(r)
	if x == nil || x.Asked().After(cl.now) {
		return c.fail(cl.op, provider.NotFound, provider.NotApplied, "there is no port-out with this reference")
	}
	switch st := x.State(cl.at); { // what is decided does not change by an answer that was on its way
	case st == porting.OutPending:
	case allow == (st != porting.OutDenied):
		return nil // as it is already
	default:
		return c.fail(cl.op, provider.Conflict, provider.NotApplied, "the port-out is decided the other way")
	}
	if e, err := c.booked(r, k, cl); e != nil || err != nil {
		return err
	}
	e := entry{Op: cl.op, At: cl.at, Key: k, Ref: r, Numbers: []nanp.Number{x.Number}, Attempt: cl.attempt, Fault: cl.fault, Port: &porting.Entry{Allow: allow}}
	if err := c.commit(e); err != nil {
		return c.broken(cl.op, err)
	}
	return nil
}
