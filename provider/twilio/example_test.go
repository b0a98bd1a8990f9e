package twilio_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/twilio"
	"github.com/numberdesk/numberdesk/provider/twilio/twiliotest"
	"github.com/numberdesk/numberdesk/secret"
)

// Find a number in Little Rock and buy it, at a Twilio that exists only in
// software. Without Base it would be the real one.
func Example() {
	engine, err := sandbox.New(twiliotest.Engine(sandbox.Config{}))
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	srv := httptest.NewServer(twiliotest.New(engine, twiliotest.Config{Account: account, Token: secret.New("token")}))
	defer srv.Close()

	carrier, err := twilio.New(twilio.Config{Account: account, Token: secret.New("token"), Base: srv.URL})
	if err != nil {
		panic(err)
	}
	defer carrier.Close()
	caps := carrier.Capabilities()
	ctx := context.Background()

	found, err := caps.Search.Search(ctx, provider.SearchRequest{State: "AR", City: "Little Rock", Page: provider.Page{Limit: 1}})
	if err != nil {
		panic(err)
	}
	offer := found.Items[0]
	fmt.Println(offer.Number.Format(), offer.RateCenter, offer.Price)

	order, err := caps.Orders.Place(ctx, provider.OrderRequest{Key: "first", Lines: []provider.OrderLine{{Number: offer.Number}}})
	if err != nil {
		panic(err)
	}
	fmt.Println(order.Items[0].Number.Format(), order.Items[0].State, order.Items[0].Said.Raw)

	_, err = caps.Orders.Place(ctx, provider.OrderRequest{Key: "second", Lines: []provider.OrderLine{{Number: offer.Number}}})
	fmt.Println(provider.OutcomeOf(err))
	// Output:
	// (501) 202-0000 LITTLEROCK setup unknown, monthly $0.50, minute in unknown, minute out unknown
	// (501) 202-0000 live in-use
	// not applied
}
