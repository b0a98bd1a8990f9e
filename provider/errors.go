package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
)

// Kind is what went wrong. It is itself an error: errors.Is(err, NumberTaken).
// Kinds are never renamed nor reused.
type Kind string

func (k Kind) Error() string { return string(k) }

const (
	NotFound     Kind = "not found"
	Exists       Kind = "exists already"
	Invalid      Kind = "invalid request"
	Unauthorized Kind = "not authorised" // credentials
	Forbidden    Kind = "forbidden"      // the account may not
	NumberTaken  Kind = "number taken"
	NotYours     Kind = "not your number"
	Conflict     Kind = "conflict" // with something else that is going on
	Precondition Kind = "precondition failed"
	Unsupported  Kind = "not offered"
	Funds        Kind = "insufficient funds"
	Capacity     Kind = "limit of the account reached"
	RateLimited  Kind = "rate limited"
	Unavailable  Kind = "unavailable" // the carrier, or the way to it
	Internal     Kind = "internal"    // an answer that makes no sense
)

// Outcome is what became of a request that failed.
type Outcome uint8

const (
	OutcomeUnknown Outcome = iota // it may have been applied: look, do not send again
	NotApplied                    // proven: nothing happened
	Applied                       // it happened; only the answer is missing or bad
)

func (o Outcome) String() string {
	return [...]string{"outcome unknown", "not applied", "applied"}[o%3]
}

// Error is what a carrier, or the way to it, said. Its text has no response
// body, no credential, no name and no address in it.
type Error struct {
	Op       Op
	Provider ID
	Kind     Kind
	Outcome  Outcome
	After    time.Duration // when it may be tried again; 0: not said
	Code     string        // the carrier's own code
	Text     string        // in words; written by the adapter, never copied from a body
	Request  string        // the carrier's request ID
	Number   nanp.Number   // the number it is about, if one
	Fields   []FieldError
	Err      error
}

func (e *Error) Error() string {
	var b strings.Builder
	for _, s := range []string{string(e.Provider), string(e.Op)} {
		if s != "" {
			b.WriteString(s + " ")
		}
	}
	kind := e.Kind
	if kind == "" {
		kind = Internal
	}
	fmt.Fprintf(&b, "%s (%s)", kind, e.Outcome)
	if e.Number.Valid() {
		b.WriteString(": " + e.Number.Format())
	}
	if e.Text != "" {
		b.WriteString(": " + e.Text)
	}
	if e.Code != "" {
		b.WriteString(" [" + e.Code + "]")
	}
	for _, f := range e.Fields {
		b.WriteString("; " + f.Error())
	}
	if e.Request != "" {
		b.WriteString(" (request " + e.Request + ")")
	}
	return b.String()
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// FieldError says which part of a request broke which rule. The text never
// repeats a value that could be personal.
type FieldError struct{ Field, Rule, Text string }

func (e *FieldError) Error() string { return e.Field + " " + e.Text }

// Unwrap makes a bad field an Invalid request.
func (e *FieldError) Unwrap() error { return Invalid }

// OutcomeOf is what is known about the request behind err: NotApplied or Applied
// when an *Error says so, else OutcomeUnknown. nil is Applied.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Applied
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Outcome
	}
	var f *FieldError
	if errors.As(err, &f) {
		return NotApplied // refused before it was sent
	}
	return OutcomeUnknown
}

// Passing reports whether the error may go away by itself, so that a read, or a
// creation that was not applied, is worth sending again: after says when, 0 if
// nobody said.
func Passing(err error) (after time.Duration, ok bool) {
	var e *Error
	if errors.As(err, &e) {
		switch e.Kind {
		case RateLimited, Unavailable, Internal, "":
			return e.After, true
		}
		return 0, false
	}
	return 0, errors.Is(err, context.DeadlineExceeded)
}
