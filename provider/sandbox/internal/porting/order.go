package porting

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Step is where an order, or one number of it, stands from an instant on.
type Step struct {
	At      time.Time
	State   provider.PortState
	Facts   *Facts
	Reasons []provider.Rejection // of a rejection by hand
	FOC     time.Time            // the committed instant, once there is one
	Day     time.Time            // when its day begins: nothing can be cancelled from then on
	N       int                  // the entry that it follows from
}

// Order is one port order.
type Order struct {
	Opening
	Key     provider.Key
	entries []*Entry // in the order in which they take effect
	steps   []Step
	own     map[nanp.Number][]Step // of numbers that were cancelled by themselves
}

// Opened is when the order came to be.
func (o *Order) Opened() time.Time { return o.entries[0].At }

// Steps lists what happens to the order, in order, also what is still to come.
func (o *Order) Steps() []Step { return o.steps }

// OwnSteps lists what happens to a number that was cancelled by itself.
func (o *Order) OwnSteps(n nanp.Number) []Step { return o.own[n] }

// Has reports whether the number is one of the order.
func (o *Order) Has(n nanp.Number) bool {
	return slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Number == n })
}

// Stand is where the order stands at t, which is not before it was opened.
func (o *Order) Stand(t time.Time) Step { return last(o.steps, t) }

// ItemStand is where one number stands at t.
func (o *Order) ItemStand(n nanp.Number, t time.Time) Step {
	if own := o.own[n]; len(own) > 0 && !own[0].At.After(t) {
		return last(own, t)
	}
	return o.Stand(t)
}

func last(steps []Step, t time.Time) Step {
	var s Step
	for _, x := range steps {
		if x.At.After(t) {
			break
		}
		s = x
	}
	return s
}

// Outcome is how a number ends, as far as it is decided: the instant at which it
// is ours, or that from which it is out of the order; both zero while it is open.
func (o *Order) Outcome(n nanp.Number) (gained, out time.Time) {
	steps := o.steps
	if own := o.own[n]; len(own) > 0 {
		steps = own
	}
	switch end := steps[len(steps)-1]; end.State {
	case provider.PortDone:
		return end.At, time.Time{}
	case provider.PortCancelled:
		return time.Time{}, end.At
	}
	return time.Time{}, time.Time{}
}

// Amendable reports whether an order in this state takes a corrected request.
func Amendable(s provider.PortState) bool {
	switch s {
	case provider.PortDraft, provider.PortNeedsDocument, provider.PortNeedsSignature, provider.PortRejected:
		return true
	}
	return false
}

// Cancellable reports whether an order that stands so can be cancelled at t.
func (s Step) Cancellable(t time.Time) bool {
	switch s.State {
	case provider.PortActivating, provider.PortDone, provider.PortCancelAsked, provider.PortCancelled:
		return false
	}
	return s.Day.IsZero() || t.Before(s.Day)
}

// Rejectable reports whether the losing carrier can still say no.
func Rejectable(s provider.PortState) bool {
	switch s {
	case provider.PortChecking, provider.PortSubmitted, provider.PortAcknowledged, provider.PortFOC:
		return true
	}
	return false
}

// insert adds an entry where it takes effect, and works everything out again.
func (o *Order) insert(e *Entry) {
	at := len(o.entries)
	for at > 1 && o.entries[at-1].At.After(e.At) {
		at--
	}
	o.entries = slices.Insert(o.entries, at, e)
	o.rebuild()
}

func (o *Order) rebuild() {
	o.steps, o.own = nil, nil
	for _, e := range o.entries {
		o.take(e)
	}
}

// take does what an entry asks for, if that makes sense when it arrives.
func (o *Order) take(e *Entry) {
	now := o.Stand(e.At)
	switch e.Op {
	case provider.OpOpenPort:
		if o.Pace == nil {
			o.add(e, Step{At: e.At, State: provider.PortDraft, Facts: &o.Facts})
			return
		}
		o.submit(e, &o.Facts, o.Pace)
	case provider.OpSubmitPort:
		if now.State == provider.PortDraft {
			o.submit(e, now.Facts, e.Pace)
		}
	case provider.OpAmendPort:
		switch {
		case now.State == provider.PortDraft:
			o.add(e, Step{At: e.At, State: provider.PortDraft, Facts: e.Facts})
		case Amendable(now.State):
			o.submit(e, e.Facts, e.Pace)
		}
	case provider.OpCancelPort:
		o.cancel(e, now)
	case OpReject:
		if Rejectable(now.State) {
			o.add(e, Step{At: e.At, State: provider.PortRejected, Facts: now.Facts, Reasons: e.Reasons})
		}
	case OpMoveFOC:
		if now.State == provider.PortFOC {
			o.commit(e, e.At, now.Facts, e.Pace)
		}
	}
}

// add lets a step follow on the entry; what was to come after it comes no more.
func (o *Order) add(e *Entry, s Step) {
	for len(o.steps) > 0 && o.steps[len(o.steps)-1].At.After(s.At) {
		o.steps = o.steps[:len(o.steps)-1]
	}
	s.N = e.N
	o.steps = append(o.steps, s)
}

// submit is the way of an order from being sent to its end, as far as its facts
// let it come.
func (o *Order) submit(e *Entry, f *Facts, p *Pace) {
	step := func(after time.Duration, s provider.PortState) {
		o.add(e, Step{At: e.At.Add(after), State: s, Facts: f})
	}
	step(0, provider.PortChecking)
	switch {
	case f.Signs:
		if step(p.Checked, provider.PortNeedsSignature); !f.Asked {
			return
		}
		step(p.Signed, provider.PortSubmitted)
	case !f.LOA:
		step(p.Checked, provider.PortNeedsDocument)
		return
	default:
		step(p.Checked, provider.PortSubmitted)
	}
	step(p.Acknowledged, provider.PortAcknowledged)
	if len(f.Wrong) > 0 {
		step(p.Decided, provider.PortRejected)
		return
	}
	o.commit(e, e.At.Add(p.Decided), f, p)
}

// commit is the way from a firm date to the end.
func (o *Order) commit(e *Entry, given time.Time, f *Facts, p *Pace) {
	foc, day := e.At.Add(p.FOC), e.At.Add(p.Day)
	o.add(e, Step{At: given, State: provider.PortFOC, Facts: f, FOC: foc, Day: day})
	o.add(e, Step{At: foc, State: provider.PortActivating, Facts: f, FOC: foc, Day: day})
	o.add(e, Step{At: e.At.Add(p.Done), State: provider.PortDone, Facts: f, FOC: foc, Day: day})
}

// cancel ends the order, or some of its numbers. A draft has been nowhere and is
// cancelled at once.
func (o *Order) cancel(e *Entry, now Step) {
	if !now.Cancellable(e.At) {
		return
	}
	var way []Step
	end := e.At
	if now.State != provider.PortDraft {
		way = append(way, Step{At: e.At, State: provider.PortCancelAsked, Facts: now.Facts, FOC: now.FOC, N: e.N})
		end = end.Add(e.Pace.Cancelled)
	}
	way = append(way, Step{At: end, State: provider.PortCancelled, Facts: now.Facts, N: e.N})
	if len(e.Numbers) > 0 {
		if o.own == nil {
			o.own = make(map[nanp.Number][]Step)
		}
		for _, n := range e.Numbers {
			if o.Has(n) && o.own[n] == nil {
				o.own[n] = way
			}
		}
		if len(o.own) < len(o.Lines) {
			return
		}
	}
	for _, s := range way {
		o.add(e, s)
	}
}

// ReasonsFor is why the order is refused as it stands; of one number, or of all
// where n is zero.
func (s Step) ReasonsFor(n nanp.Number) []provider.Rejection {
	if s.State != provider.PortRejected {
		return nil
	}
	if s.Reasons != nil {
		return slices.Clone(s.Reasons)
	}
	var out []provider.Rejection
	for _, w := range s.Facts.Wrong {
		if r := Rejection(w.Code); (n == 0 || w.Number == 0 || w.Number == n) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// Needs is what is still wanted as the order stands.
func (s Step) Needs() []provider.Requirement {
	switch s.State {
	case provider.PortNeedsDocument:
		return []provider.Requirement{{ID: "loa", Name: "letter of authorization", Kind: "document"}}
	case provider.PortNeedsSignature:
		return []provider.Requirement{{ID: "signature", Name: "signature of the authorised person", Kind: "signature"}}
	}
	return nil
}

// What the losing carrier can find wrong, by the codes of this project.
const (
	WrongAccount = "account_number_invalid"
	WrongPIN     = "pin_invalid"
	WrongSigner  = "authorized_signer_mismatch"
	WrongAddress = "address_mismatch"
	WrongBTN     = "btn_porting_needs_new_btn"
)

var rejections = map[string]provider.Rejection{
	WrongAccount: {Carrier: "R17", Text: "the account number is missing or wrong"},
	WrongPIN:     {Carrier: "R42", Text: "the PIN is missing or wrong"},
	WrongSigner:  {Carrier: "R10", Text: "the authorising person is not on the account"},
	WrongAddress: {Carrier: "R01", Text: "the service address does not match"},
	WrongBTN:     {Carrier: "R06", Text: "the billing number leaves and no new one is given"},
}

// Rejection is what this losing carrier says for a code of this project.
func Rejection(code string) provider.Rejection {
	r := rejections[code]
	r.Code = code
	return r
}
