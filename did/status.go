package did

import (
	"fmt"
	"strings"
)

// Status is where a DID stands.
type Status string

const (
	Pending   Status = "PENDING"    // bought or ported, not yet confirmed by the carrier
	Active    Status = "ACTIVE"     // confirmed; assigned to a tenant or unassigned
	Released  Status = "RELEASED"   // taken from its tenant, still ours
	Returning Status = "RETURNING"  // the carrier was told to take it back, not yet confirmed
	Returned  Status = "RETURNED"   // given back: closed
	Failed    Status = "FAILED"     // never became ours: closed
	PortedOut Status = "PORTED_OUT" // another carrier has it: closed
)

// Statuses lists every status, in the order of a DID's life.
func Statuses() []Status {
	return []Status{Pending, Active, Released, Returning, Returned, Failed, PortedOut}
}

// Closed reports whether the DID is kept for the record only.
func (s Status) Closed() bool { return s == Returned || s == Failed || s == PortedOut }

// Event is what can happen to a DID.
type Event string

const (
	Confirm       Event = "confirm"        // the carrier says that it is ours and routable
	Refuse        Event = "refuse"         // the carrier says that it will not be ours
	Assign        Event = "assign"         // to a tenant
	Route         Event = "route"          // to a destination of its tenant
	Release       Event = "release"        // from its tenant
	Return        Event = "return"         // ask the carrier to take it back
	ConfirmReturn Event = "confirm return" // the carrier has taken it back
	RefuseReturn  Event = "refuse return"  // the carrier has not
	PortAway      Event = "port away"      // the carrier says that another one has it
	Buy           Event = "buy"            // again, after it was closed
)

// Events lists every event.
func Events() []Event {
	return []Event{Confirm, Refuse, Assign, Route, Release, Return, ConfirmReturn, RefuseReturn, PortAway, Buy}
}

// Transition is one allowed step. Back stands for "where it came from": RETURNING
// remembers it (DID.Prior).
type Transition struct {
	From Status
	On   Event
	To   Status
	Back bool
}

// Transitions is the whole table: what is not in it is refused.
func Transitions() []Transition {
	return []Transition{
		{From: Pending, On: Confirm, To: Active},
		{From: Pending, On: Refuse, To: Failed},
		{From: Active, On: Confirm, To: Active},
		{From: Active, On: Assign, To: Active},
		{From: Active, On: Route, To: Active},
		{From: Active, On: Release, To: Released},
		{From: Active, On: Return, To: Returning},
		{From: Active, On: PortAway, To: PortedOut},
		{From: Released, On: Confirm, To: Released},
		{From: Released, On: Assign, To: Active},
		{From: Released, On: Return, To: Returning},
		{From: Released, On: PortAway, To: PortedOut},
		{From: Returning, On: ConfirmReturn, To: Returned},
		{From: Returning, On: RefuseReturn, Back: true},
		{From: Returned, On: ConfirmReturn, To: Returned},
		{From: Returned, On: Buy, To: Pending},
		{From: Failed, On: Refuse, To: Failed},
		{From: Failed, On: Buy, To: Pending},
		{From: PortedOut, On: PortAway, To: PortedOut},
		{From: PortedOut, On: Buy, To: Pending},
	}
}

// table is Transitions by status and event.
var table = func() map[Status]map[Event]Transition {
	m := make(map[Status]map[Event]Transition)
	for _, t := range Transitions() {
		if m[t.From] == nil {
			m[t.From] = make(map[Event]Transition)
		}
		m[t.From][t.On] = t
	}
	return m
}()

// because says why a status refuses what it does not allow.
var because = map[Status]string{
	Pending:   "its carrier has not confirmed it yet",
	Active:    "it is active",
	Released:  "it is released and has no tenant",
	Returning: "it is on its way back to its carrier",
	Returned:  "it was given back to its carrier",
	Failed:    "it never became ours",
	PortedOut: "another carrier has it",
}

// Next is the status that an event leads to. prior is where a RETURNING number
// came from, and does not matter otherwise. The error is a *Refusal.
func Next(from Status, on Event, prior Status) (Status, error) {
	to, why := next(from, on, prior)
	if why != "" {
		return from, &Refusal{Event: on, Status: from, Why: why}
	}
	return to, nil
}

// next is Next without its error: why is "" when the event is allowed.
func next(from Status, on Event, prior Status) (to Status, why string) {
	t, ok := table[from][on]
	switch {
	case ok && !t.Back:
		return t.To, ""
	case ok && (prior == Active || prior == Released):
		return prior, ""
	case ok:
		return from, "it is not known where it came from"
	}
	if why, known := because[from]; known {
		return from, why
	}
	return from, fmt.Sprintf("%q is no status", from)
}

// Diagram is the table as a Mermaid state diagram.
func Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> PENDING : " + string(Buy) + "\n")
	for _, t := range Transitions() {
		switch {
		case t.Back:
			for _, to := range []Status{Active, Released} {
				fmt.Fprintf(&b, "    %s --> %s : %s (came from there)\n", t.From, to, t.On)
			}
		case t.From != t.To:
			fmt.Fprintf(&b, "    %s --> %s : %s\n", t.From, t.To, t.On)
		}
	}
	return b.String()
}
