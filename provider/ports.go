package provider

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/secret"
)

// Date is a civil date: no zone, no time. The zero value is "not set".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// String is the date as 2026-11-24, or "" when it is not set.
func (d Date) String() string {
	if d == (Date{}) {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// PortCheck says whether a number can be ported in.
type PortCheck struct {
	Number   nanp.Number
	Portable bool
	Reason   string // why not, in the carrier's words
	Losing   string // the carrier that has it now
	SPID     string
	Line     LineType
	NeedsPIN bool
	Fast     bool
	Said     Said
}

// PortChecker checks before anything is asked for.
type PortChecker interface {
	CheckPort(ctx context.Context, n []nanp.Number) ([]PortCheck, error)
}

// PortLine is one number to port.
type PortLine struct {
	Number nanp.Number
	PIN    secret.String
}

// PortRequest asks for numbers from one losing account.
type PortRequest struct {
	Key         Key
	Lines       []PortLine
	Losing      string        // the carrier that has them
	Account     secret.String // account number there
	BTN         nanp.Number   // billing telephone number
	NewBTN      nanp.Number   // of what stays, in a partial port
	Partial     bool
	Authorized  secret.String // who may sign
	Name        secret.String // the customer as the losing carrier knows it
	Email       secret.String // where a carrier that collects the signature itself sends it
	Service     postal.Civic
	Residential bool
	Desired     Date
	Zone        string // IANA name of the zone in which Desired is meant
	Documents   []Ref
	Options     Options
}

// PortState is where a port stands, over the words of all carriers.
type PortState uint8

const (
	PortUnclear PortState = iota
	PortDraft
	PortChecking
	PortNeedsDocument
	PortNeedsSignature
	PortSubmitted
	PortAcknowledged // the losing carrier has it
	PortRejected     // by the losing carrier; can be amended
	PortFOC          // firm order commitment: a date stands
	PortActivating
	PortDone
	PortCancelAsked
	PortCancelled
	PortFailed
	PortExpired
)

func (s PortState) String() string {
	names := [...]string{"unclear", "draft", "checking", "needs a document", "needs a signature", "submitted", "acknowledged", "rejected",
		"FOC confirmed", "activating", "done", "cancel asked", "cancelled", "failed", "expired"}
	if int(s) < len(names) {
		return names[s]
	}
	return names[0]
}

// PortItem is one number of a port order.
type PortItem struct {
	Number  nanp.Number
	State   PortState
	Said    Said
	FOC     time.Time
	Reasons []Rejection
}

// Rejection is why a port was refused: the project's code, the carrier's code,
// and words. Code is "" for a carrier code that is not known.
type Rejection struct{ Code, Carrier, Text string }

// Requirement is something that a carrier still wants.
type Requirement struct{ ID, Name, Kind string }

// PortOrder is what one carrier order of a port request says.
type PortOrder struct {
	Ref       Ref
	Group     Ref // what the orders of one request share at the carrier (Telnyx parent_support_key)
	From      Ref // the order that it was split off
	Key       Key
	State     PortState
	Said      Said
	Items     []PortItem // a carrier that lists none (Twilio): filled by the adapter from what was sent
	Requested Date
	FOC       time.Time // zero: none yet
	Reasons   []Rejection
	Needs     []Requirement
}

// Porter ports numbers in. One request may come back as several orders (Telnyx,
// Bandwidth bulkPortins).
type Porter interface {
	OpenPort(ctx context.Context, r PortRequest) ([]PortOrder, error)
	// SubmitPort sends a draft. Where opening already submits (Twilio) it answers as things stand.
	SubmitPort(ctx context.Context, k Key, r Ref) (PortOrder, error)
	TrackPort(ctx context.Context, t Trace) (Finding[[]PortOrder], error)
	// CancelPort cancels an order, or only some of its numbers.
	CancelPort(ctx context.Context, k Key, r Ref, only []nanp.Number) (PortOrder, error)
}

// PortAmender changes an order that was rejected or is a draft.
type PortAmender interface {
	AmendPort(ctx context.Context, k Key, r Ref, v PortRequest) (PortOrder, error)
}

// Document is a file for a port: an LOA, a bill, a CSR. Open is called for every
// attempt. It has no name: a name of a document is personal data.
type Document struct {
	Kind      string // "loa", "invoice", "csr"
	MediaType string
	Size      int64
	SHA256    [32]byte
	Open      func() (io.ReadCloser, error)
}

// Uploaded is a document at the carrier. It may vanish unless an order uses it
// before Until (Telnyx: 30 minutes).
type Uploaded struct {
	Ref   Ref
	Until time.Time
	Said  Said
}

// PortDocumenter takes documents.
type PortDocumenter interface {
	UploadDocument(ctx context.Context, k Key, d Document) (Uploaded, error)
}

// PortComment is one message between us and the carrier's porting desk about an
// order. What people write there is personal data more often than not: it does
// not belong into a log.
type PortComment struct {
	Ref  Ref
	Ours bool // we wrote it
	Text secret.String
	At   time.Time
	Said Said
}

// PortCommenter reads and writes the messages about a port order. They are the
// only channel for much of what goes wrong with one.
type PortCommenter interface {
	ListPortComments(ctx context.Context, r Ref, p Page) (Result[PortComment], error)
	AddPortComment(ctx context.Context, k Key, r Ref, text secret.String) (PortComment, error)
}

// PortOut is another carrier's request for one of our numbers.
type PortOut struct {
	Ref      Ref
	Number   nanp.Number
	To       string // the carrier that asks
	Said     Said
	AnswerBy time.Time // silence is consent
}

// PortOuter answers requests for our numbers.
type PortOuter interface {
	ListPortOuts(ctx context.Context, p Page) (Result[PortOut], error)
	AnswerPortOut(ctx context.Context, k Key, r Ref, allow bool, reason string) error
}
