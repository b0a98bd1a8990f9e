package provider

import (
	"context"

	"github.com/numberdesk/numberdesk/nanp"
)

// Owned is a number that the carrier says is ours.
type Owned struct {
	Number  nanp.Number
	Ref     Ref
	Tag     string // the label on it, by which one of our keys can be recognised
	State   ItemState
	Said    Said
	Route   string // where the carrier sends its calls
	Locked  bool   // the carrier refuses to release it
	Porting bool   // another carrier has asked for it
}

// Owner reads what we own.
type Owner interface {
	// Owned returns one number; NotFound when it is not ours.
	Owned(ctx context.Context, n nanp.Number) (Owned, error)
	ListOwned(ctx context.Context, p Page) (Result[Owned], error)
}

// RouteRequest points numbers at a destination in the carrier's own words (a
// connection, a trunk, an application).
type RouteRequest struct {
	Key     Key
	Numbers []nanp.Number
	To      string
}

// Router points numbers somewhere. Repeating it does no harm.
type Router interface {
	Route(ctx context.Context, r RouteRequest) ([]Owned, error)
}

// ReturnRequest gives numbers back to the carrier for good.
type ReturnRequest struct {
	Key     Key
	Numbers []nanp.Number
}

// Returner gives numbers back. It cannot be undone. The items of its orders end
// as Gone or Refused.
type Returner interface {
	Return(ctx context.Context, r ReturnRequest) (Order, error)
	TrackReturn(ctx context.Context, t Trace) (Finding[Order], error)
}
