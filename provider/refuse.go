package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/vanity"
)

// What adapters refuse before anything is sent, in one way.

// CheckNumbers refuses none, more than max (0: any), something that is no number,
// and a number that is there twice. The error is Invalid.
func CheckNumbers(ns []nanp.Number, max int) error {
	switch {
	case len(ns) == 0:
		return &FieldError{"numbers", "count", "are empty"}
	case max > 0 && len(ns) > max:
		return &FieldError{"numbers", "count", fmt.Sprintf("are %d, one request holds at most %d", len(ns), max)}
	}
	seen := make(map[nanp.Number]bool, len(ns))
	for i, n := range ns {
		switch {
		case !n.Valid():
			return &FieldError{"numbers", "number", fmt.Sprintf("hold no number at %d", i)}
		case seen[n]:
			return &FieldError{"numbers", "unique", fmt.Sprintf("hold %s twice", n.Format())}
		}
		seen[n] = true
	}
	return nil
}

// Only refuses an option whose name is not one of those that are known: one that
// was dropped without a word would place numbers elsewhere, or find the wrong ones.
// The error is Invalid.
func (o Options) Only(known ...string) error {
	for name := range o {
		if slices.Contains(known, name) {
			continue
		}
		if len(known) == 0 {
			return &FieldError{"options", "known", fmt.Sprintf("hold %.32q, and none is known here", name)}
		}
		return &FieldError{"options", "known", fmt.Sprintf("hold %.32q, which is none of %s", name, strings.Join(known, ", "))}
	}
	return nil
}

// Refused makes an error of a carrier of what was wrong with a request that was not
// sent: NotApplied, and Invalid unless err has a kind of its own. nil stays nil.
func Refused(id ID, op Op, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Provider: id, Kind: Invalid, Outcome: NotApplied}
	var own *Error
	var field *FieldError
	var query *vanity.QueryError
	switch {
	case errors.As(err, &own):
		*e = *own
		e.Op, e.Provider, e.Outcome = op, id, NotApplied
	case errors.As(err, &field):
		e.Fields = []FieldError{*field}
	case errors.As(err, &query):
		e.Fields = []FieldError{{string(query.Field), "pattern", query.Rule}}
	default:
		e.Err = err
	}
	return e
}
