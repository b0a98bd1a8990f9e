package telnyx_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/provider/telnyx/telnyxtest"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/vanity"
)

// A number is bought at a carrier that exists only in software. At the real one
// nothing but Base and the key differs.
func Example() {
	now := time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	engine, err := sandbox.New(telnyxtest.Engine(sandbox.Config{Now: clock, Instant: true}))
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	fake := httptest.NewServer(telnyxtest.New(engine, telnyxtest.Config{Key: "KEY", Now: clock}))
	defer fake.Close()

	carrier, err := telnyx.New(telnyx.Config{Key: secret.New("KEY"), Base: fake.URL, Now: clock, Rates: fast})
	if err != nil {
		panic(err)
	}
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
	fmt.Println(again.Verdict, it.State, it.Said.Raw, found.Items[0].Price.Monthly)
	// Output: found live success $0.50
}
