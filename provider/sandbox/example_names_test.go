package sandbox_test

import (
	"context"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// A caller name is listed within a minute, and shown by look-ups within another.
func Example_names() {
	clock := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	carrier, err := sandbox.New(sandbox.Config{Now: func() time.Time { return clock }})
	if err != nil {
		panic(err)
	}
	defer carrier.Close()
	caps := carrier.Capabilities()
	ctx := context.Background()

	n := nanp.MustParse("501-202-0000")
	if _, err = caps.Orders.Place(ctx, provider.OrderRequest{Key: "order", Lines: []provider.OrderLine{{Number: n}}}); err != nil {
		panic(err)
	}
	clock = clock.Add(time.Minute)
	order, err := caps.Names.SetName(ctx, provider.NameRequest{Key: "name", Name: "RIVER BAKERY", Numbers: []nanp.Number{n, n + 1}})
	if err != nil {
		panic(err)
	}
	for _, it := range order.Items {
		fmt.Println(it.Number.Format(), it.Said.Raw, it.Err)
	}
	clock = clock.Add(2 * time.Minute)
	held, err := caps.Names.ReadName(ctx, n)
	if err != nil {
		panic(err)
	}
	shown, err := caps.NameLookup.LookupName(ctx, n)
	if err != nil {
		panic(err)
	}
	fmt.Println(held.Name, held.State == provider.NameListed, shown.Name)
	// Output:
	// (501) 202-0000 sent <nil>
	// (501) 202-0001 turned-down sandbox set name not your number (not applied): (501) 202-0001: the number is not in the account
	// RIVER BAKERY true RIVER BAKERY
}

// The registrar corrects an address; what it proposes is registered as it stands.
func Example_emergency() {
	clock := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	carrier, err := sandbox.New(sandbox.Config{Now: func() time.Time { return clock }})
	if err != nil {
		panic(err)
	}
	defer carrier.Close()
	caps := carrier.Capabilities()
	ctx := context.Background()

	n := nanp.MustParse("501-202-0000")
	if _, err = caps.Orders.Place(ctx, provider.OrderRequest{Key: "order", Lines: []provider.OrderLine{{Number: n}}}); err != nil {
		panic(err)
	}
	clock = clock.Add(time.Minute)
	check, err := caps.Addresses.CheckAddress(ctx, postal.Civic{
		HouseNumber: "350", Street: "Fifth", Suffix: "Avenue", Unit: "Suite 21", City: "New York", State: "NY", PostalCode: "10118",
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(check.Grade, check.Corrected.Line())
	if _, err = caps.Emergency.Register(ctx, provider.RegisterRequest{Key: "e911", Numbers: []nanp.Number{n}, Address: *check.Corrected, AsGiven: true}); err != nil {
		panic(err)
	}
	for range 2 {
		r, err := caps.Emergency.Registration(ctx, n)
		if err != nil {
			panic(err)
		}
		fmt.Println(r.State, r.Address != nil)
		clock = clock.Add(caps.Traits.Usual[provider.CapEmergency])
	}
	// Output:
	// corrected 350 FIFTH AVE, STE 21, NEW YORK, NY 10118-0964
	// waiting false
	// active true
}
