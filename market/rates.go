package market

import (
	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// RateCard knows what carriers charge when their search does not tell. It is
// asked part by part: what the carrier says comes first, what the card knows
// fills the gaps, and the rest stays unknown. Implementations are safe for
// concurrent use and do not block.
type RateCard interface {
	Rate(c provider.ID, n nanp.Number) money.Price
}

// RateFunc is a function as a RateCard.
type RateFunc func(c provider.ID, n nanp.Number) money.Price

func (f RateFunc) Rate(c provider.ID, n nanp.Number) money.Price { return f(c, n) }

// Rates is a RateCard as a table: a line for a carrier, and a default for what
// that line leaves open. The zero value knows nothing. It must not change once
// a Service has it.
type Rates struct {
	Default  KindRates                 `json:"default"`
	Carriers map[provider.ID]KindRates `json:"carriers,omitempty"`
}

// KindRates is what one carrier charges for each kind of number.
type KindRates struct {
	Local    money.Price `json:"local"`
	TollFree money.Price `json:"tollFree"`
}

// Rate implements RateCard.
func (r Rates) Rate(c provider.ID, n nanp.Number) money.Price {
	return r.Carriers[c].of(n).Or(r.Default.of(n))
}

func (k KindRates) of(n nanp.Number) money.Price {
	if n.TollFree() {
		return k.TollFree
	}
	return k.Local
}
