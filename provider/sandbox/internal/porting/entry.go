package porting

import (
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Operations that are no method of the contract: what the losing carrier, or
// another one, does.
const (
	OpReject  provider.Op = "reject port"
	OpMoveFOC provider.Op = "move FOC"
	OpAskOut  provider.Op = "ask port-out"
)

// Entry is one thing that took effect. Which fields count follows from Op. The
// fields without a name stand in the line of the ledger around it.
type Entry struct {
	Op  provider.Op  `json:"-"`
	Key provider.Key `json:"-"`
	Ref provider.Ref `json:"-"` // the group, order, document, comment or port-out that it is about
	At  time.Time    `json:"-"` // when it takes effect
	N   int          `json:"-"` // its position in the ledger

	Orders   []Opening            `json:"orders,omitempty"`  // OpOpenPort
	Facts    *Facts               `json:"facts,omitempty"`   // OpAmendPort
	Pace     *Pace                `json:"pace,omitempty"`    // OpSubmitPort, OpAmendPort, OpCancelPort, OpMoveFOC
	Numbers  []nanp.Number        `json:"numbers,omitempty"` // OpCancelPort: only these
	Reasons  []provider.Rejection `json:"reasons,omitempty"` // OpReject
	Document *Document            `json:"document,omitempty"`
	Comment  *Comment             `json:"comment,omitempty"`
	Out      *Out                 `json:"out,omitempty"`   // OpAskOut
	Allow    bool                 `json:"allow,omitempty"` // OpAnswerPortOut
}

// whole reports whether the entry has what its operation needs.
func (e *Entry) whole() bool {
	switch e.Op {
	case provider.OpSubmitPort, provider.OpCancelPort, OpMoveFOC:
		return e.Pace != nil
	case provider.OpAmendPort:
		return e.Pace != nil && e.Facts != nil
	case provider.OpUploadDocument:
		return e.Document != nil
	case provider.OpAddPortComment:
		return e.Comment != nil
	case OpAskOut:
		return e.Out != nil
	}
	return true
}

// Opening is one order that a request comes to.
type Opening struct {
	Ref    provider.Ref        `json:"ref"`
	Group  provider.Ref        `json:"group,omitempty"`
	From   provider.Ref        `json:"from,omitempty"`
	Losing string              `json:"losing,omitempty"`
	Kind   provider.NumberKind `json:"kind,omitempty"`
	Lines  []Line              `json:"lines"`
	Facts  Facts               `json:"facts"`
	Pace   *Pace               `json:"pace,omitempty"` // set where opening submits
}

// Line is one number, and the reference that it has in the account when it is ours.
type Line struct {
	Number nanp.Number  `json:"number"`
	Owned  provider.Ref `json:"owned,omitempty"`
}

// Facts is what matters of a request, without anything that is secret in it.
type Facts struct {
	Wrong     []Wrong        `json:"wrong,omitempty"` // what the losing carrier will refuse it for
	LOA       bool           `json:"loa,omitempty"`   // a letter of authorisation is there
	Signs     bool           `json:"signs,omitempty"` // the carrier collects the signature itself
	Asked     bool           `json:"asked,omitempty"` // and knows whom to ask
	Requested provider.Date  `json:"requested,omitzero"`
	Zone      string         `json:"zone,omitempty"` // IANA name
	Documents []provider.Ref `json:"documents,omitempty"`
}

// Wrong is one reason of a rejection, about one number or about all.
type Wrong struct {
	Code   string      `json:"code"`
	Number nanp.Number `json:"number,omitzero"`
}

// Pace is how long each step takes, from the instant of its entry and in the time
// of the clock. Of a cancellation only Cancelled counts, of a moved FOC only Day,
// FOC and Done.
type Pace struct {
	Checked      time.Duration `json:"checked,omitempty"`
	Signed       time.Duration `json:"signed,omitempty"`
	Acknowledged time.Duration `json:"acknowledged,omitempty"`
	Decided      time.Duration `json:"decided,omitempty"` // rejected, or a date given
	Day          time.Duration `json:"day,omitempty"`     // the FOC day begins
	FOC          time.Duration `json:"foc,omitempty"`
	Done         time.Duration `json:"done,omitempty"`
	Cancelled    time.Duration `json:"cancelled,omitempty"`
}

// Scaled is the pace in another time.
func (p Pace) Scaled(real func(time.Duration) time.Duration) *Pace {
	for _, d := range []*time.Duration{&p.Checked, &p.Signed, &p.Acknowledged, &p.Decided, &p.Day, &p.FOC, &p.Done, &p.Cancelled} {
		*d = real(*d)
	}
	return &p
}

// Document is a file that was uploaded; of its content only the sum is kept.
type Document struct {
	Kind   string    `json:"kind"`
	SHA256 string    `json:"sha256"`
	Until  time.Time `json:"until"` // it vanishes then, unless an order uses it
}

// Comment is a message about an order. The text of ours is nowhere in here.
type Comment struct {
	Order  provider.Ref  `json:"order"`
	Reply  provider.Ref  `json:"reply"`  // the answer of the desk
	After  time.Duration `json:"after"`  // when it answers
	Answer int           `json:"answer"` // what it says
}

// Out is another carrier's request for a number.
type Out struct {
	Number   nanp.Number   `json:"number"`
	To       string        `json:"to"`
	AnswerBy time.Time     `json:"by"`
	Leave    time.Duration `json:"leave"` // from consent until the number is gone
}
