package did

import (
	"errors"
	"fmt"
	"strings"

	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
)

// What a program asks with errors.Is.
var (
	ErrInvalid  = market.ErrInvalid
	ErrNotFound = errors.New("did: not found")
	ErrRefused  = errors.New("did: not possible now")
	ErrTaken    = errors.New("did: somebody else has it")
)

// InputError says which value broke which rule. errors.Is(err, ErrInvalid) holds.
type InputError = market.InputError

// NotFoundError says what there is none of. errors.Is(err, ErrNotFound) holds.
type NotFoundError struct{ What, ID string }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("did: there is no %s %q", e.What, clip(e.ID))
}
func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// clip keeps an error readable whatever was typed.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// Refusal says why something cannot be done with a DID now. errors.Is(err,
// ErrRefused) holds, and ErrTaken when somebody else has the number. It is meant
// for operators: it names the holder.
type Refusal struct {
	Number nanp.Number
	Event  Event
	Status Status
	Why    string
	Holder TenantID // who has it; "" when nobody, or when it is being bought
	Name   string   // the holder's name
	Taken  bool
}

func (e *Refusal) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "did: cannot %s %s: %s", e.Event, e.Number.Format(), e.Why)
	if e.Holder != "" {
		fmt.Fprintf(&b, " (%s has it: %s)", e.Holder, e.Name)
	}
	return b.String()
}

func (e *Refusal) Unwrap() []error {
	if e.Taken {
		return []error{ErrRefused, ErrTaken}
	}
	return []error{ErrRefused}
}
