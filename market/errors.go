package market

import (
	"errors"
	"fmt"
)

// ErrInvalid is what a program asks about a bad input with errors.Is.
var ErrInvalid = errors.New("invalid input")

// InputError says which value broke which rule. errors.Is(err, ErrInvalid) holds.
type InputError struct {
	Field string // "state", "NXX", "quantity"
	Value string
	Rule  string // in words
	Err   error  // the rule's own error, if there is one
}

func (e *InputError) Error() string {
	v := e.Value
	if len(v) > 40 {
		v = v[:40] + "…"
	}
	s := fmt.Sprintf("%s %q %s", e.Field, v, e.Rule)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *InputError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrInvalid}
	}
	return []error{ErrInvalid, e.Err}
}
