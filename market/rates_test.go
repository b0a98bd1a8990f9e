package market

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func TestRates(t *testing.T) {
	local, free := line(501, 234, 1), line(888, 234, 1)
	setup := func(d money.USD) money.Price { return money.Price{Setup: money.Known(d * money.Dollar)} }
	monthly := money.Price{Monthly: money.Known(250 * money.Cent)}
	r := Rates{
		Default:  KindRates{Local: setup(1), TollFree: monthly},
		Carriers: map[provider.ID]KindRates{"a": {Local: monthly, TollFree: setup(3)}},
	}
	require.Equal(t, setup(1), r.Rate("b", local))
	require.Equal(t, monthly, r.Rate("b", free))
	require.Equal(t, money.Price{Setup: setup(1).Setup, Monthly: monthly.Monthly}, r.Rate("a", local), "part by part")
	require.Equal(t, money.Price{Setup: setup(3).Setup, Monthly: monthly.Monthly}, r.Rate("a", free))
	require.True(t, Rates{}.Rate("a", local).IsZero())

	text, err := json.Marshal(r)
	require.NoError(t, err)
	var back Rates
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, r, back)
}

func TestPriceOfAnOffer(t *testing.T) {
	cent := func(n money.USD) money.Rate { return money.Known(n * money.Cent) }
	card := RateFunc(func(c provider.ID, n nanp.Number) money.Price {
		if c == "dear" && n.NPA() == 501 {
			return money.Price{Setup: cent(500), MinuteIn: cent(2)}
		}
		return money.Price{}
	})
	for name, c := range map[string]struct {
		carrier provider.ID
		card    RateCard
		said    money.Price
		want    money.Price
		from    PriceFrom
	}{
		"nobody knows":                           {"dear", nil, money.Price{}, money.Price{}, PriceUnknown},
		"the card does not either":               {"other", card, money.Price{}, money.Price{}, PriceUnknown},
		"the carrier":                            {"other", card, money.Price{Setup: cent(100)}, money.Price{Setup: cent(100)}, PriceFromCarrier},
		"the card":                               {"dear", card, money.Price{}, money.Price{Setup: cent(500), MinuteIn: cent(2)}, PriceFromRateCard},
		"both":                                   {"dear", card, money.Price{Setup: cent(0)}, money.Price{Setup: cent(0), MinuteIn: cent(2)}, PriceFromBoth},
		"the carrier first":                      {"dear", card, money.Price{Setup: cent(1), MinuteIn: cent(0)}, money.Price{Setup: cent(1), MinuteIn: cent(0)}, PriceFromCarrier},
		"an amount that is not known is nothing": {"other", card, money.Price{Setup: money.Rate{Amount: 7}}, money.Price{}, PriceUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := desk(t, &fake{name: c.carrier, search: sells(9, provider.Offer{Number: line(501, 234, 1), Price: c.said})})
			s.Rates = c.card
			got, err := search(t, s, Query{State: "AR"}).All()
			require.NoError(t, err)
			require.Len(t, got, 1)
			require.Equal(t, c.want, got[0].Price)
			require.Equal(t, c.from, got[0].PriceFrom)
		})
	}
	require.Equal(t, "unknown", PriceUnknown.String())
	require.Equal(t, "rate card", PriceFromRateCard.String())
	o := Offer{Carrier: "a", Number: line(501, 234, 1), City: "Little Rock", State: "AR", Price: money.Price{Setup: cent(100)}}
	require.Equal(t, "(501) 234-0001 · Little Rock, AR · a · setup $1.00 · monthly unknown", o.String())
}
