package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/porting"
)

// What the carriers on the other side do, for tests: the losing carrier of a port,
// the porting desk, a carrier that wants one of our numbers. Nothing goes wrong
// with these calls, and they stand in the ledger like all others.

// LosingAccount is what the carrier that has a number now holds about it: one
// account number for all numbers of a losing carrier, and a PIN for each wireless
// number, "" for others. Both are "" for a number that is ours and for one that
// nobody can have. A port with another account number or PIN is rejected; a
// missing account number is only where there is a PIN.
func (c *Carrier) LosingAccount(n nanp.Number) (account, pin string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.losing(n, c.now())
}

func (c *Carrier) losing(n nanp.Number, now time.Time) (account, pin string) {
	v := view{at: now}
	info, err := c.lookup(n, v)
	if err != nil || c.state.owned(n, v) != nil {
		return "", ""
	}
	h := mixText(mixText(mix(c.cfg.Seed, saltAccount), info.SPID), info.RespOrg)
	account = fmt.Sprintf("A%09d", h%1e9)
	if info.Line == provider.LineWireless {
		pin = fmt.Sprintf("%06d", mix(mix(c.cfg.Seed, saltAccount), uint64(n))%1e6)
	}
	return account, pin
}

// RejectPort lets the losing carrier refuse an order that is not being activated
// yet. There must be a reason. The error is Conflict where it is too late, or too
// early.
func (c *Carrier) RejectPort(r provider.Ref, why ...provider.Rejection) error {
	if len(why) == 0 {
		return c.invalid(porting.OpReject, field("reasons", "count", "are empty"))
	}
	return c.script(porting.OpReject, r, func(o *porting.Order, cl call) (porting.Entry, error) {
		if s := o.Stand(cl.at).State; !porting.Rejectable(s) {
			return porting.Entry{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "an order that is "+s.String()+" is not rejected")
		}
		return porting.Entry{Reasons: why}, nil
	})
}

// MoveFOC gives an order that has a firm date another one, in the future. Its day
// begins at midnight UTC.
func (c *Carrier) MoveFOC(r provider.Ref, to time.Time) error {
	return c.script(porting.OpMoveFOC, r, func(o *porting.Order, cl call) (porting.Entry, error) {
		switch s := o.Stand(cl.at); {
		case s.State != provider.PortFOC:
			return porting.Entry{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "an order that is "+s.State.String()+" has no date to move")
		case !to.After(cl.at):
			return porting.Entry{}, c.invalid(cl.op, field("date", "future", "is not in the future"))
		}
		foc := to.Sub(cl.at)
		h := mixText(mix(c.cfg.Seed, saltPort), string(o.Ref)+to.String())
		return porting.Entry{Pace: &porting.Pace{
			Day:  max(0, foc-c.cfg.real(to.Sub(to.UTC().Truncate(24*time.Hour)))),
			FOC:  foc,
			Done: foc + c.cfg.real(between(h, 10*time.Minute, 90*time.Minute)),
		}}, nil
	})
}

func (c *Carrier) script(op provider.Op, r provider.Ref, decide func(*porting.Order, call) (porting.Entry, error)) error {
	if err := c.start(context.Background(), op); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	cl := call{op: op, now: now, at: now}
	o, err := c.portOrder(r, cl)
	if err != nil {
		return err
	}
	e, err := decide(o, cl)
	if err != nil {
		return err
	}
	_, err = c.bookPort(o, "", cl, e)
	return err
}
