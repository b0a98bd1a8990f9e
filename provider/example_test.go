package provider_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// A domain takes the one interface that it needs.
func ExamplePick() {
	set, _ := provider.NewSet(nothing{"umbrellas"})
	_, _, err := provider.Pick[provider.Orderer](set, "umbrellas")
	fmt.Println(errors.Is(err, provider.Unsupported))
	fmt.Println(err)
	// Output:
	// true
	// umbrellas orders not offered (not applied): it only sells umbrellas
}

// An order has no state of its own: its items have.
func ExampleOrder_Settled() {
	o := provider.Order{Ref: "1d07aea7", Items: []provider.OrderItem{
		{Number: nanp.MustParse("501-555-0101"), State: provider.ItemLive},
		{Number: nanp.MustParse("501-555-0102"), State: provider.ItemBackordered},
	}}
	for _, it := range o.Items {
		fmt.Println(it.Number.Format(), it.State)
	}
	fmt.Println("settled:", o.Settled())
	// Output:
	// (501) 555-0101 live
	// (501) 555-0102 backordered
	// settled: false
}

// Middleware sees every call of every capability.
func ExampleObserve() {
	carrier := provider.Observe(func(c provider.Call, _ time.Duration, err error) {
		fmt.Println(c.Provider, c.Op, c.Key, err)
	})(everything{})
	_, _ = carrier.Capabilities().Orders.Place(context.Background(), provider.OrderRequest{Key: "order-1"})
	// Output: everything place order order-1 <nil>
}
