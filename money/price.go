package money

import (
	"fmt"
	"strings"
)

// Price is what a number costs. Each part is known or not by itself.
type Price struct {
	Setup     Rate `json:"setup"`     // once
	Monthly   Rate `json:"monthly"`   // each month
	MinuteIn  Rate `json:"minuteIn"`  // each minute of incoming calls
	MinuteOut Rate `json:"minuteOut"` // each minute of outgoing calls
}

// Or returns p with the parts that are not known taken from fallback, such as
// the rate card of a carrier that names no prices with its numbers.
func (p Price) Or(fallback Price) Price {
	return Price{
		Setup:     p.Setup.Or(fallback.Setup),
		Monthly:   p.Monthly.Or(fallback.Monthly),
		MinuteIn:  p.MinuteIn.Or(fallback.MinuteIn),
		MinuteOut: p.MinuteOut.Or(fallback.MinuteOut),
	}
}

// IsZero reports whether no part is known.
func (p Price) IsZero() bool {
	return !p.Setup.Known && !p.Monthly.Known && !p.MinuteIn.Known && !p.MinuteOut.Known
}

// String names every part: setup $1.00, monthly unknown, ...
func (p Price) String() string {
	return fmt.Sprintf("setup %v, monthly %v, minute in %v, minute out %v", p.Setup, p.Monthly, p.MinuteIn, p.MinuteOut)
}

// Total is a sum of rates, some of which may not be known. The zero value is a
// sum of nothing: $0.00, and complete.
type Total struct {
	Known   USD `json:"known"`   // the sum of the known rates
	Unknown int `json:"unknown"` // how many rates were not known
}

// Sum adds up rates, or returns ErrRange.
func Sum(rates ...Rate) (Total, error) {
	var t Total
	var err error
	for _, r := range rates {
		if t, err = t.Add(r); err != nil {
			return Total{}, err
		}
	}
	return t, nil
}

// Add returns the total with r added, or ErrRange.
func (t Total) Add(r Rate) (Total, error) {
	if !r.Known {
		return t.Plus(Total{Unknown: 1})
	}
	return t.Plus(Total{Known: r.Amount})
}

// Plus returns the sum of two totals, or ErrRange.
func (t Total) Plus(o Total) (Total, error) {
	sum, err := t.Known.Add(o.Known)
	if err != nil {
		return Total{}, err
	}
	return Total{Known: sum, Unknown: t.Unknown + o.Unknown}, nil
}

// Rate returns the total as a rate, which is not known unless every part was.
func (t Total) Rate() Rate {
	if t.Unknown > 0 {
		return Rate{}
	}
	return Known(t.Known)
}

// String returns the sum, and how many parts are missing from it:
// "$3.00 and 2 unknown".
func (t Total) String() string {
	if t.Unknown == 0 {
		return t.Known.String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v and %d unknown", t.Known, t.Unknown)
	return b.String()
}
