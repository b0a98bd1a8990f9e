package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// Find a number in Little Rock, buy it, and see it become ours. Speed makes a
// minute of the carrier's time pass in a millisecond.
func Example() {
	carrier, err := sandbox.New(sandbox.Config{Speed: 60_000})
	if err != nil {
		panic(err)
	}
	defer carrier.Close()
	caps := carrier.Capabilities()
	ctx := context.Background()

	found, err := caps.Search.Search(ctx, provider.SearchRequest{State: "AR", City: "Little Rock", Page: provider.Page{Limit: 3}})
	if err != nil {
		panic(err)
	}
	for _, o := range found.Items {
		fmt.Println(o.Number.Format(), o.RateCenter, o.Price.Monthly)
	}

	order, err := caps.Orders.Place(ctx, provider.OrderRequest{Key: "first", Lines: []provider.OrderLine{{Number: found.Items[0].Number}}})
	if err != nil {
		panic(err)
	}
	for !order.Settled() {
		time.Sleep(order.Again)
		f, err := caps.Orders.Track(ctx, provider.Trace{Key: "first"})
		if err != nil {
			panic(err)
		}
		order = f.Value
	}
	fmt.Println(order.Items[0].Number.Format(), order.Items[0].State)
	fmt.Println("charged", carrier.Book().Total())
	// Output:
	// (501) 202-0000 LITTLEROCK $0.50
	// (501) 202-0002 LITTLEROCK $0.50
	// (501) 202-0007 LITTLEROCK $0.50
	// (501) 202-0000 live
	// charged $1.50
}

// One answer is lost after the order was booked. The error says that the outcome
// is unknown; looking tells what it was.
func Example_chaos() {
	carrier, err := sandbox.New(sandbox.Config{Chaos: sandbox.Chaos{
		Script: func(op provider.Op, key provider.Key, attempt int) sandbox.Fault {
			if op == provider.OpPlace && key == "first" && attempt == 1 {
				return sandbox.ReplyLost
			}
			return sandbox.Polite
		},
	}})
	if err != nil {
		panic(err)
	}
	defer carrier.Close()
	caps := carrier.Capabilities()
	ctx := context.Background()

	found, err := caps.Search.Search(ctx, provider.SearchRequest{State: "AR", Page: provider.Page{Limit: 1}})
	if err != nil {
		panic(err)
	}
	_, err = caps.Orders.Place(ctx, provider.OrderRequest{Key: "first", Lines: []provider.OrderLine{{Number: found.Items[0].Number}}})
	fmt.Println(provider.OutcomeOf(err), errors.Is(err, provider.Unavailable))

	f, err := caps.Orders.Track(ctx, provider.Trace{Key: "first"})
	if err != nil {
		panic(err)
	}
	fmt.Println(f.Verdict, f.Value.Items[0].State)
	fmt.Println(carrier.ChaosLog())
	// Output:
	// outcome unknown true
	// found waiting
	// [place order first, attempt 1: reply lost]
}
