package store

import (
	"errors"
	"fmt"
)

// What a program asks with errors.Is. Errors that a store returns wrap one of
// these and say in words which record or file they are about.
var (
	ErrNotFound = errors.New("store: not found")
	ErrConflict = errors.New("store: changed by somebody else")
	ErrTaken    = errors.New("store: unique value taken")
	ErrInvalid  = errors.New("store: invalid")
	ErrDamaged  = errors.New("store: damaged")
	ErrInUse    = errors.New("store: in use by another process")
	ErrFormat   = errors.New("store: unknown format")
	ErrFull     = errors.New("store: no space left")
	ErrUnclear  = errors.New("store: outcome of the commit unknown, read again before acting")
	ErrClosed   = errors.New("store: closed")
)

// RecordError says which record an error is about. It is never about the
// contents of a row or body.
type RecordError struct {
	Kind Kind
	ID   ID
	Err  error
}

func (e *RecordError) Error() string { return fmt.Sprintf("%s %q: %v", e.Kind, e.ID, e.Err) }
func (e *RecordError) Unwrap() error { return e.Err }

// TakenError says who holds a unique value. errors.Is(err, ErrTaken) holds.
type TakenError struct {
	Kind   Kind
	Unique Tag
	Holder ID
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("store: %s with %s %q exists already: %q", e.Kind, e.Unique.Name, e.Unique.Value, e.Holder)
}
func (e *TakenError) Unwrap() error { return ErrTaken }

// InvalidError says which value broke which rule. errors.Is(err, ErrInvalid) holds.
type InvalidError struct {
	Field string // "Record.ID", "Query.Limit"
	Rule  string // in words
}

func (e *InvalidError) Error() string { return "store: " + e.Field + " " + e.Rule }
func (e *InvalidError) Unwrap() error { return ErrInvalid }

// FileError says what is wrong with a store's file and what a person can do.
// It unwraps to ErrDamaged, ErrInUse, ErrFormat or ErrFull.
type FileError struct {
	Path   string
	What   string // "page 17: record did/+15015550123 fails its sum"
	Remedy string // "restore the last backup over it, then reconcile"
	Err    error
}

func (e *FileError) Error() string {
	s := fmt.Sprintf("%v: %s: %s", e.Err, e.Path, e.What)
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}
func (e *FileError) Unwrap() error { return e.Err }
