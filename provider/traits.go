package provider

import (
	"time"

	"github.com/numberdesk/numberdesk/vanity"
)

// Traits is what a carrier is like, as data: what domains decide by, and what
// people read when something cannot be done.
type Traits struct {
	Name string // what people call the carrier: "Telnyx"

	// Why holds a note for each capability that is not offered, and for each that
	// is offered with a restriction worth saying.
	Why map[Capability]Note

	Kinds          []NumberKind                  // what it sells
	Dialect        map[NumberKind]vanity.Dialect // what its search can be asked about digits
	Filters        []Filter                      // what its search filters by itself
	PageMax        int                           // items that one page of a search can hold; 0: not known
	PricesInSearch bool
	RecentSearch   time.Duration // a number must have been returned by a search this recent before it is ordered (Telnyx 85000); 0: no such rule

	OrderLines    int  // numbers that one order can hold; 0: no limit known, 1: one by one (Twilio)
	PartialOrders bool // some of the numbers of an order can succeed

	Keyed   map[Capability]Keying        // by what a creation can be found again
	Horizon time.Duration                // after it a creation that was sent cannot arrive any more; 0: never known
	Usual   map[Capability]time.Duration // what settling takes at most when nothing is wrong; slower is late

	// Foreign lists the capabilities that also serve numbers which another carrier
	// provides: a caller name or an E911 registration held elsewhere than the number.
	Foreign []Capability

	Replace      ReplaceMode
	NameProof    Proof // what this carrier can ever say about a caller name
	NameTollFree bool  // a toll-free number can have a caller name

	PortSplits bool // the carrier splits a port request into several orders itself
	SignsLOA   bool // the carrier collects the customer's signature itself (Twilio)

	Rates map[Class]Limit
}

// Note is why something can or cannot be done, in words for a person.
type Note struct {
	Can    bool
	Reason string
	Link   string // the carrier's document, "" where there is none
}

// NumberKind is what sort of number is for sale.
type NumberKind uint8

const (
	Local NumberKind = iota
	TollFree
)

func (k NumberKind) String() string { return [...]string{"local", "toll-free"}[k&1] }

// Filter names a condition that a carrier's search applies itself. What it does
// not is filtered from its answers.
type Filter string

const (
	ByState      Filter = "state"
	ByCity       Filter = "city"
	ByRateCenter Filter = "rate-center"
	ByExact      Filter = "exact" // SearchRequest.Exact
)

// Keying says by what a creation can be found again.
type Keying uint8

const (
	ByNothing Keying = iota
	ByThing          // by the numbers that it is about
	ByKey            // by the caller's key
	Once             // by the key, and the carrier itself refuses to apply a key twice
)

// ReplaceMode says how an E911 registration changes its address.
type ReplaceMode uint8

const (
	BreakFirst ReplaceMode = iota // the old registration must end first: a gap
	Atomic                        // the new one replaces the old one without a gap
)

// Proof is the best evidence that a carrier gives for a caller name.
type Proof uint8

const (
	NoProof  Proof = iota // nothing: the name stays "sent"
	ReadBack              // it shows the name that it holds
	Status                // it reports when the name is live
)

// Class groups calls under one rate limit.
type Class string

const (
	ClassRead   Class = "read"
	ClassSearch Class = "search"
	ClassCreate Class = "create"
)

// Limit is a token bucket: a sustained rate and a burst.
type Limit struct {
	PerSecond float64
	Burst     int
}

// Serves reports whether the capability also works for numbers of another carrier.
func (t Traits) Serves(c Capability) bool {
	for _, f := range t.Foreign {
		if f == c {
			return true
		}
	}
	return false
}

// Applies reports whether the carrier's search applies the filter itself.
func (t Traits) Applies(f Filter) bool {
	for _, x := range t.Filters {
		if x == f {
			return true
		}
	}
	return false
}

// Sells reports whether the carrier sells numbers of this kind.
func (t Traits) Sells(k NumberKind) bool {
	for _, x := range t.Kinds {
		if x == k {
			return true
		}
	}
	return false
}
