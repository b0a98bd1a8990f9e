package sandboxtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
)

// An adapter's case is set on a stage. Here the adapter is the simulated carrier
// itself, which sells local numbers only.
func Example() {
	harness := providertest.Harness{New: func(t testing.TB) providertest.World {
		stage := sandboxtest.New(t, sandbox.Config{Kinds: []provider.NumberKind{provider.Local}})
		return stage.World(stage.Carrier)
	}}
	for _, c := range providertest.Cases() {
		if c.ID == "search/toll-free" || c.ID == "orders/lost-answer-is-found" {
			r := c.Run(context.Background(), harness)
			fmt.Println(c.ID, !r.Failed, r.NotRun)
		}
	}
	// Output:
	// search/toll-free true the world has no search for toll-free numbers (TollFreeSearch)
	// orders/lost-answer-is-found true
}
