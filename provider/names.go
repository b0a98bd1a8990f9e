package provider

import (
	"context"

	"github.com/numberdesk/numberdesk/nanp"
)

// NameRequest is one caller name for many numbers: a Bandwidth LidbTnGroup, a
// Telnyx listing for each number, a Twilio trust product with its channel
// endpoints. Per-number and per-product carriers need no second interface.
type NameRequest struct {
	Key      Key
	Name     string // up to 15 characters; "" with Remove
	Numbers  []nanp.Number
	Business *Business // Twilio needs one, others ignore it
	Remove   bool
}

// Business is the approved profile of a business at the carrier.
type Business struct{ Ref, Email string }

// NameState is where the name of one number stands.
type NameState uint8

const (
	NameUnclear  NameState = iota
	NameNone               // the carrier holds no name
	NameWaiting            // accepted, not listed yet
	NameInReview           // a person at the carrier looks at it
	NameListed             // the carrier says that it is done
	NameReadBack           // the carrier reports no status, but shows the name that was sent (Telnyx)
	NameRefused
)

// NameItem is the caller name of one number as the carrier holds it.
type NameItem struct {
	Number nanp.Number
	Name   string // what the carrier shows now, not what was sent
	State  NameState
	Said   Said
	Err    *Error
}

// NameOrder is what became of a NameRequest. Errors of single numbers sit on
// their items, also when the carrier called the whole a success.
type NameOrder struct {
	Ref   Ref // a LIDB order, a trust product; "" where there is none
	Said  Said
	Items []NameItem
}

// Namer lists caller names.
type Namer interface {
	SetName(ctx context.Context, r NameRequest) (NameOrder, error)
	// TrackName says which names the numbers have. A trace does not say which name was
	// asked for: where the carrier keeps no reference, what is found can be an older
	// name, and the caller compares it with the one that it wants.
	TrackName(ctx context.Context, t Trace) (Finding[NameOrder], error)
	// ReadName returns what the carrier holds for a number now.
	ReadName(ctx context.Context, n nanp.Number) (NameItem, error)
}

// CallerName is the answer of a caller name look-up: what a called party sees.
type CallerName struct {
	Number nanp.Number
	Name   string // "" when the databases hold none
	Type   string // "business", "consumer", "" when not said
	Said   Said
}

// NameLookuper looks up the caller name of any number. It costs money at most carriers.
type NameLookuper interface {
	LookupName(ctx context.Context, n nanp.Number) (CallerName, error)
}
