package sandbox

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/numberdesk/numberdesk/nanp"
)

//go:generate go run ./internal/gen

// Place is one exchange that local numbers come from.
type Place struct {
	State      string // two letters
	RateCenter string // as the administrator abbreviates it: LITTLEROCK
	City       string // "" where it is not known
	NPA        nanp.NPA
	NXX        nanp.NXX
}

func (p Place) code() uint32 { return uint32(p.NPA)*1000 + uint32(p.NXX) }

// Places returns the built-in exchanges in order: real ones, assigned and in
// service in July 2026, in 48 states and the District of Columbia. The slice
// belongs to the caller.
func Places() []Place { return slices.Clone(builtinPlaces) }

// stockOf puts places in order and leaves out those that no number can be sold
// from. A place that is there twice is an error.
func stockOf(places []Place) ([]Place, error) {
	stock := make([]Place, 0, len(places))
	for i, p := range places {
		n, err := nanp.Make(p.NPA, p.NXX, 0)
		if err != nil {
			return nil, fmt.Errorf("sandbox: place %d: %w", i, err)
		}
		if len(p.State) != 2 || !nanp.IsState(p.State) {
			return nil, fmt.Errorf("sandbox: place %d: %.8q is no state", i, p.State)
		}
		if n.CheckDID() == nil && !n.TollFree() {
			stock = append(stock, p)
		}
	}
	slices.SortFunc(stock, func(a, b Place) int { return cmp.Compare(a.code(), b.code()) })
	for i := 1; i < len(stock); i++ {
		if stock[i].code() == stock[i-1].code() {
			return nil, fmt.Errorf("sandbox: exchange %v-%v is in the stock twice", stock[i].NPA, stock[i].NXX)
		}
	}
	if len(stock) == 0 {
		return nil, fmt.Errorf("sandbox: no number can be sold from any place of the stock")
	}
	return stock, nil
}

// place finds the exchange of a number in the stock.
func (c *Carrier) place(n nanp.Number) (Place, bool) {
	want := Place{NPA: n.NPA(), NXX: n.NXX()}.code()
	i, ok := slices.BinarySearchFunc(c.stock, want, func(p Place, code uint32) int { return cmp.Compare(p.code(), code) })
	if !ok {
		return Place{}, false
	}
	return c.stock[i], true
}
