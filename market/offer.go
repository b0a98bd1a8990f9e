package market

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Offer is a number that a carrier had for sale when it answered. Nothing is
// held: it can be gone when it is bought.
type Offer struct {
	Carrier    provider.ID `json:"carrier"`
	Number     nanp.Number `json:"number"`
	State      string      `json:"state,omitempty"` // two letters: of the area code where the carrier does not say; "" for toll-free numbers
	City       string      `json:"city,omitempty"`  // as the carrier says it, "" where it does not
	RateCenter string      `json:"rateCenter,omitempty"`
	Price      money.Price `json:"price"` // a part that nobody knows is unknown, never 0
	PriceFrom  PriceFrom   `json:"priceFrom,omitempty"`
	Holdable   bool        `json:"holdable,omitempty"`
	Until      time.Time   `json:"until,omitzero"` // it cannot be ordered later than this without a new search; zero: no such rule
}

// PriceFrom is who knew the price. The zero value is: nobody.
type PriceFrom string

const (
	PriceUnknown      PriceFrom = ""
	PriceFromCarrier  PriceFrom = "carrier"
	PriceFromRateCard PriceFrom = "rate card"
	PriceFromBoth     PriceFrom = "carrier and rate card" // the carrier told a part, the card filled the gaps
)

func (p PriceFrom) String() string {
	if p == PriceUnknown {
		return "unknown"
	}
	return string(p)
}

// String is the offer in one line.
func (o Offer) String() string {
	place := make([]string, 0, 2)
	for _, s := range []string{o.City, o.State} {
		if s != "" {
			place = append(place, s)
		}
	}
	parts := []string{o.Number.Format()}
	if len(place) > 0 {
		parts = append(parts, strings.Join(place, ", "))
	}
	parts = append(parts, string(o.Carrier), fmt.Sprintf("setup %v", o.Price.Setup), fmt.Sprintf("monthly %v", o.Price.Monthly))
	return strings.Join(parts, " · ")
}

// Rank puts the cheapest first, by setup and first month together. An offer of
// which either is not known comes after all others. Equal ones are in the order
// of their numbers.
func Rank(offers []Offer) {
	slices.SortStableFunc(offers, func(a, b Offer) int {
		return cmp.Or(cheaper(a.entry(), b.entry()), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Carrier, b.Carrier))
	})
}

// entry is what has to be paid at once. A sum too large to be held counts as not
// known.
func (o Offer) entry() money.Rate {
	sum, _ := o.Price.Setup.Add(o.Price.Monthly)
	return sum
}

func cheaper(a, b money.Rate) int {
	switch {
	case a.Known && b.Known:
		return cmp.Compare(a.Amount, b.Amount)
	case a.Known:
		return -1
	case b.Known:
		return 1
	}
	return 0
}

// offer completes what a carrier said by what is known here.
func (s *Service) offer(c provider.ID, o provider.Offer) Offer {
	price, from := s.price(c, o)
	return Offer{
		Carrier: c, Number: o.Number,
		State: cmp.Or(stateCode(o.State), o.Number.State()), City: strings.TrimSpace(o.City), RateCenter: strings.TrimSpace(o.RateCenter),
		Price: price, PriceFrom: from, Holdable: o.Holdable, Until: o.Until,
	}
}

func (s *Service) price(c provider.ID, o provider.Offer) (money.Price, PriceFrom) {
	var card money.Price
	if s.Rates != nil {
		card = s.Rates.Rate(c, o.Number)
	}
	said := o.Price.Or(money.Price{}) // amounts that are not known are nothing
	price := said.Or(card)
	switch {
	case price.IsZero():
		return price, PriceUnknown
	case price == said:
		return price, PriceFromCarrier
	case said.IsZero():
		return price, PriceFromRateCard
	}
	return price, PriceFromBoth
}
