package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/vanity"
)

// SearchRequest asks for numbers that are for sale. A carrier applies what its
// Traits say (Filters, Dialect) and MAY ignore the rest: the caller filters.
type SearchRequest struct {
	Kind       NumberKind
	State      string // two letters
	City       string
	RateCenter string
	Query      vanity.Query
	Exact      []nanp.Number // only these: is it still there, and at which price?
	Page       Page
	Options    Options // narrower than the contract can say: features, a ZIP code, a distance. Each adapter documents its own
}

// Validate refuses what no carrier can answer. The error is Invalid.
func (r SearchRequest) Validate() error {
	if r.Kind > TollFree {
		return &FieldError{"kind", "known", "is neither local nor toll-free"}
	}
	if r.State != "" && !nanp.IsState(r.State) {
		return &FieldError{"state", "known", fmt.Sprintf("%.8q is no state, district or territory of the US", r.State)}
	}
	if r.Page.Limit < 0 {
		return &FieldError{"page limit", "range", "is negative"}
	}
	for _, n := range r.Exact {
		if !n.Valid() {
			return &FieldError{"exact", "number", "holds something that is no number"}
		}
	}
	if err := r.Query.Validate(); err != nil {
		return &Error{Op: OpSearch, Kind: Invalid, Outcome: NotApplied, Text: err.Error(), Err: err}
	}
	return nil
}

// Offer is a number that was for sale when the carrier answered. Nothing is held.
type Offer struct {
	Number     nanp.Number
	State      string // two letters, "" where the carrier does not say
	City       string
	RateCenter string
	Price      money.Price // a part that the carrier does not tell is unknown, never 0
	Holdable   bool
	Until      time.Time // the offer cannot be ordered later than this without a new search; zero: no such rule
}

// Searcher finds numbers for sale.
type Searcher interface {
	// Search returns one page. Numbers can be gone, or come twice on different pages.
	Search(ctx context.Context, r SearchRequest) (Result[Offer], error)
}

// Place is where a carrier has numbers to sell.
type Place struct {
	State      string // two letters
	City       string
	RateCenter string
	NPA        nanp.NPA
}

// Gazetteer lists the places that a carrier covers, for suggestions.
type Gazetteer interface {
	// Places returns the places of one state, in any order; they may repeat over pages.
	Places(ctx context.Context, state string, p Page) (Result[Place], error)
}

// Hold is a number that the carrier keeps for us until a time.
type Hold struct {
	Ref    Ref
	Number nanp.Number
	Until  time.Time
	Said   Said
}

// Holder keeps numbers while a person decides.
type Holder interface {
	Hold(ctx context.Context, k Key, n []nanp.Number) ([]Hold, error)
	Unhold(ctx context.Context, r Ref) error
	TrackHold(ctx context.Context, t Trace) (Finding[[]Hold], error)
}
