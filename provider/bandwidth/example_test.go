package bandwidth_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/vanity"
)

// A number is bought at a carrier that exists only in software. At the real one
// nothing but Base and the credentials differs.
func Example() {
	now := time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	engine, err := sandbox.New(bandwidthtest.Engine(sandbox.Config{Now: clock, Instant: true}))
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	api := bandwidthtest.New(engine, bandwidthtest.Config{Now: clock})
	fake := httptest.NewServer(api)
	defer fake.Close()

	carrier, err := bandwidth.New(bandwidth.Config{
		Account: bandwidthtest.Account, ClientID: bandwidthtest.ClientID, ClientSecret: api.Secret(), Site: bandwidthtest.Site,
		Base: fake.URL + bandwidthtest.Path, Now: clock,
	})
	if err != nil {
		panic(err)
	}
	defer carrier.Close()
	ctx := context.Background()
	found, err := carrier.Search(ctx, provider.SearchRequest{Query: vanity.Query{NPA: 501}, Page: provider.Page{Limit: 1}})
	if err != nil {
		panic(err)
	}
	n := found.Items[0].Number
	if _, err := carrier.Place(ctx, provider.OrderRequest{Key: "K1", Lines: []provider.OrderLine{{Number: n}}}); err != nil {
		panic(err)
	}
	// The process dies here. Another one looks what became of K1.
	again, err := carrier.Track(ctx, provider.Trace{Key: "K1"})
	if err != nil {
		panic(err)
	}
	it, _ := again.Value.Item(n)
	fmt.Println(again.Verdict, it.State, again.Value.Said.Raw)
	// Output: found live COMPLETE
}

// The carrier asks before a number leaves. The answer cannot be given later.
func ExampleConfig_portOut() {
	cfg := bandwidth.Config{
		PortOut: func(ask bandwidth.PortOutAsk) bandwidth.PortOutVerdict {
			if ask.PIN.Reveal() != "4711" {
				return bandwidth.PortOutVerdict{Refuse: "7513", Acceptable: ask.Numbers}
			}
			return bandwidth.PortOutVerdict{}
		},
	}
	v := cfg.PortOut(bandwidth.PortOutAsk{})
	fmt.Println(v.Refuse, bandwidth.PortOutRefusals()[v.Refuse])
	// Output: 7513 PIN wrong
}
