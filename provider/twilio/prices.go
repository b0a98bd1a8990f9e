package twilio

import (
	"context"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// How long prices are believed, and how long it takes until a failed question is
// asked again.
const (
	priceAge   = time.Hour
	priceRetry = time.Minute
)

// prices are the monthly prices of the account, by Twilio's own names of the
// kinds of numbers.
type prices struct {
	turn    chan struct{} // held by who reads or asks
	monthly map[string]money.Rate
	until   time.Time
}

func newPrices() *prices { return &prices{turn: make(chan struct{}, 1)} }

// priceKinds are Twilio's names of what is sold (pricing API, number_type).
var priceKinds = map[provider.NumberKind]string{provider.Local: "local", provider.TollFree: "toll free"}

// price fills in what the numbers cost each month. Twilio names no other price
// with its numbers: the rest is unknown, and so is everything while the prices
// cannot be read. A search never fails for a price.
func (a *account) price(ctx context.Context, offers []provider.Offer) {
	if len(offers) == 0 {
		return
	}
	monthly := a.monthly(ctx)
	for i := range offers {
		offers[i].Price.Monthly = monthly[priceKinds[kindOf(offers[i].Number)]]
	}
}

func kindOf(n nanp.Number) provider.NumberKind {
	if n.TollFree() {
		return provider.TollFree
	}
	return provider.Local
}

func (a *account) monthly(ctx context.Context) map[string]money.Rate {
	p := a.prices
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil
	}
	if now := a.cfg.Now(); now.After(p.until) {
		fresh, err := a.askPrices(ctx)
		switch {
		case err == nil:
			p.monthly, p.until = fresh, now.Add(priceAge)
		case ctx.Err() == nil:
			p.monthly, p.until = nil, now.Add(priceRetry)
		}
	}
	return p.monthly
}

// askPrices reads the current prices of the account for US numbers.
func (a *account) askPrices(ctx context.Context) (map[string]money.Rate, error) {
	var w countryPrices
	if _, err := a.get(ctx, provider.OpSearch, 0, place(a.cfg.Hosts.Pricing, nil, "v1", "PhoneNumbers", "Countries", "US"), &w); err != nil {
		return nil, err
	}
	out := map[string]money.Rate{}
	if w.Unit != "USD" {
		return out, nil
	}
	for _, p := range w.Prices {
		if rate, err := money.ParseRate(string(p.Current)); err == nil && rate.Amount >= 0 {
			out[p.Type] = rate
		}
	}
	return out, nil
}
