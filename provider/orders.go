package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
)

// OrderRequest buys explicit numbers, never "any number in 501": only then can a
// lost answer be settled by looking.
type OrderRequest struct {
	Key     Key
	Lines   []OrderLine // at most Traits.OrderLines
	Partial bool        // take the numbers that can be had when others cannot
	Options Options
}

// OrderLine is one number, and the hold on it if there is one.
type OrderLine struct {
	Number nanp.Number
	Hold   Ref
}

// Validate refuses a bad key, no lines, more than max lines (0: any), a line
// without a number and a number that is there twice. The error is Invalid.
func (r OrderRequest) Validate(max int) error {
	if err := r.Key.Validate(); err != nil {
		return err
	}
	if len(r.Lines) == 0 {
		return &FieldError{"lines", "count", "are empty"}
	}
	if max > 0 && len(r.Lines) > max {
		return &FieldError{"lines", "count", fmt.Sprintf("are %d, one order holds at most %d", len(r.Lines), max)}
	}
	seen := make(map[nanp.Number]bool, len(r.Lines))
	for i, l := range r.Lines {
		switch {
		case !l.Number.Valid():
			return &FieldError{"lines", "number", fmt.Sprintf("hold no number at %d", i)}
		case seen[l.Number]:
			return &FieldError{"lines", "unique", fmt.Sprintf("hold %s twice", l.Number.Format())}
		}
		seen[l.Number] = true
	}
	return nil
}

// ItemState is where one number of an order stands.
type ItemState uint8

const (
	ItemUnclear     ItemState = iota // a status that the adapter does not know: data, not an error
	ItemWaiting                      // accepted, not ours yet
	ItemAssigned                     // ours, not routable yet (Bandwidth InAccount)
	ItemLive                         // ours and routable
	ItemRefused                      // not ours, and never will be by this order
	ItemBackordered                  // may still arrive: not to be bought elsewhere before the order is closed
	ItemNeedsInfo                    // the carrier waits for something from us (Telnyx requirement-info-*)
	ItemGone                         // given back: not ours any more
)

func (s ItemState) String() string {
	names := [...]string{"unclear", "waiting", "assigned", "live", "refused", "backordered", "needs information", "gone"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// Final reports whether the carrier will not change it by itself.
func (s ItemState) Final() bool { return s == ItemLive || s == ItemRefused || s == ItemGone }

// OrderItem is one number of an order.
type OrderItem struct {
	Number nanp.Number
	Owned  Ref // the carrier's reference of the owned number (Twilio PN…); "" where numbers are keyed by themselves
	Part   Ref // the sub-order that it sits in; "" where there are none
	State  ItemState
	Said   Said
	Err    *Error // why it was refused, or what is missing
}

// Order is what a carrier says about an order. It has no state of its own: what
// it came to is derived from its items.
type Order struct {
	Ref   Ref // "" where the carrier has no order (Twilio)
	Key   Key
	Said  Said
	Parts []OrderPart // Telnyx sub-orders
	Items []OrderItem
	Again time.Duration // when to look again; 0: leave it to the caller
}

// OrderPart is a piece into which the carrier split an order.
type OrderPart struct {
	Ref  Ref
	Said Said
}

// Settled reports whether every item is final. An order without items is not.
func (o Order) Settled() bool {
	for _, it := range o.Items {
		if !it.State.Final() {
			return false
		}
	}
	return len(o.Items) > 0
}

// Item returns what the order says about a number.
func (o Order) Item(n nanp.Number) (OrderItem, bool) {
	for _, it := range o.Items {
		if it.Number == n {
			return it, true
		}
	}
	return OrderItem{}, false
}

// Orderer buys numbers.
type Orderer interface {
	// Place sends the order once. A carrier that buys at once answers with live items.
	Place(ctx context.Context, r OrderRequest) (Order, error)
	// Track looks for the order, and says how it stands.
	Track(ctx context.Context, t Trace) (Finding[Order], error)
}

// OrderCloser ends what is still open of an order: backordered or waiting items
// are refused afterwards (Bandwidth CloseOrder, Telnyx sub-order cancel).
type OrderCloser interface {
	CloseOrder(ctx context.Context, k Key, r Ref) (Order, error)
}
