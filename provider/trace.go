package provider

import (
	"time"

	"github.com/numberdesk/numberdesk/nanp"
)

// Trace is everything that could identify something we may have created. A
// carrier uses what it can: Bandwidth orders by Key, Bandwidth disconnects and
// LIDB and Twilio purchases by Numbers, ports by Since and Numbers.
type Trace struct {
	Key     Key
	Ref     Ref // "" before the carrier gave one
	Numbers []nanp.Number
	Since   time.Time // when it was sent for the first time
	// Removal says that what was asked for was an end: a caller name taken away, a
	// registration or an endpoint removed. A carrier that keeps no reference of those
	// then answers by what is left.
	Removal bool
}

// Verdict is whether the thing was found.
type Verdict uint8

const (
	CannotTell Verdict = iota // the zero value: decides nothing
	Absent                    // proven not to be there at AsOf
	Found
)

func (v Verdict) String() string { return [...]string{"cannot tell", "absent", "found"}[v%3] }

// Finding is the answer to a Trace.
type Finding[T any] struct {
	Verdict Verdict
	Value   T         // when Found
	AsOf    time.Time // the instant at which the carrier's answer was true
	Why     string    // for CannotTell: in words
}

// FoundAs is a Finding of v.
func FoundAs[T any](v T, asOf time.Time) Finding[T] {
	return Finding[T]{Verdict: Found, Value: v, AsOf: asOf}
}
