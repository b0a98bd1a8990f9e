package market_test

import (
	"context"
	"fmt"
	"log"

	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// sandboxDesk searches two simulated carriers: one that tells its
// prices, and one that tells none and knows only area codes.
func sandboxDesk() *market.Service {
	east, err := sandbox.New(sandbox.Config{ID: "east", Seed: 1})
	must(err)
	west, err := sandbox.New(sandbox.Config{ID: "west", Seed: 2, HidePrices: true, Weak: true, Kinds: []provider.NumberKind{provider.Local}})
	must(err)
	return newDesk(east, west)
}

func newDesk(carrier ...provider.Provider) *market.Service {
	carriers, err := provider.NewSet(carrier...)
	must(err)
	svc, err := market.New(market.Config{Carriers: carriers, Rates: market.Rates{
		Default: market.KindRates{Local: money.Price{Setup: money.Known(1 * money.Dollar), Monthly: money.Known(60 * money.Cent)}},
	}})
	must(err)
	return svc
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func ExampleService_Search() {
	svc := sandboxDesk()
	search, err := svc.Search(context.Background(), market.Query{State: "Arkansas", City: "little rock", Want: 6})
	must(err)
	for offer, err := range search.Offers() {
		must(err) // every carrier failed, or the context ended
		if offer.State != "AR" {
			fmt.Println("somewhere else:", offer)
		}
	}
	report := search.Report()
	fmt.Printf("%d of %d\n", report.Shown, report.Want)
	for _, c := range report.Carriers {
		fmt.Println(c.Carrier, "shows", c.Shown, c.Err)
	}
	// Output:
	// 6 of 6
	// east shows 3 <nil>
	// west shows 3 <nil>
}

func ExampleSearch_All() {
	svc := sandboxDesk()
	search, err := svc.Search(context.Background(), market.Query{Kind: provider.TollFree, NPA: 888})
	must(err)
	offers, err := search.All() // the cheapest first
	must(err)
	fmt.Println(len(offers), offers[0].Number.NPA(), "setup", offers[0].Price.Setup, "monthly", offers[0].Price.Monthly, "from the", offers[0].PriceFrom)
	fmt.Println(search.Report().Carriers[1])
	// Output:
	// 10 888 setup $1.00 monthly $2.50 from the carrier
	// west: not asked: it sells no toll-free numbers
}

func ExampleService_SearchRuns() {
	svc := sandboxDesk()
	search, err := svc.SearchRuns(context.Background(), market.Query{State: "AR", City: "Little Rock"}, 4)
	must(err)
	for run, err := range search.Runs() {
		must(err)
		fmt.Println(len(run.Offers), "in a row:", run.Last().Line()-run.First.Line())
	}
	// Output: 4 in a row: 3
}

func ExampleService_Suggest() {
	carrier, err := sandbox.New(sandbox.Config{})
	must(err)
	svc := newDesk(carrier)
	suggestions, err := svc.Suggest(context.Background(), market.SuggestQuery{Field: market.SuggestCity, State: "AR", Text: "n little"})
	must(err)
	for _, s := range suggestions {
		fmt.Println(s.Value, s.State, s.Detail)
	}
	// Output: North Little Rock AR 501 · LITTLEROCK
}

func ExampleService_Search_badInput() {
	_, err := sandboxDesk().Search(context.Background(), market.Query{State: "AR", NPA: nanp.NPA(212)})
	fmt.Println(err)
	// Output: NPA "212" is in New York, not in Arkansas
}
