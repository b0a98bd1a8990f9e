package providertest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
)

// A command line asks how a carrier does: here one that does not say which words
// it has heard.
func ExampleCheck() {
	mumbling := providertest.Harness{New: func(t testing.TB) providertest.World {
		stage := sandboxtest.New(t, sandbox.Config{})
		return stage.World(mumbler{stage.Carrier})
	}}
	for _, c := range providertest.Check(context.Background(), mumbling).Results {
		if c.Failed && c.ID == "orders/evidence" {
			fmt.Println(c.Level, c.ID, c.Log)
		}
	}
	// Output:
	// MUST orders/evidence [a new item lacks the carrier's own word]
}

type mumbler struct{ provider.Provider }

func (m mumbler) Capabilities() provider.Capabilities {
	c := m.Provider.Capabilities()
	c.Orders = mumbled{c.Orders}
	return c
}

type mumbled struct{ provider.Orderer }

func (m mumbled) Place(ctx context.Context, r provider.OrderRequest) (provider.Order, error) {
	o, err := m.Orderer.Place(ctx, r)
	for i := range o.Items {
		o.Items[i].Said.Raw = ""
	}
	return o, err
}
