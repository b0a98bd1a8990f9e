package numberdesk_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
)

// The first number: from nothing to a number that rings at a tenant.
func Example() {
	dir, _ := os.MkdirTemp("", "numberdesk-")
	defer os.RemoveAll(dir)

	ctx := context.Background()
	desk, err := numberdesk.OpenDemo(ctx, dir) // a bolt file and a simulated carrier
	if err != nil {
		log.Fatal(err)
	}
	defer desk.Close()
	go desk.Run(ctx) // asks carriers in the background

	search, _ := desk.Market.Search(ctx, market.Query{State: "AR", City: "Little Rock"})
	offers, _ := search.All()
	order, _ := desk.DIDs.Buy(ctx, offers[:1])        // PENDING, durable
	owned, _ := desk.DIDs.Wait(ctx, order.Numbers...) // ACTIVE, when the carrier says so
	acme, _ := desk.DIDs.PutTenant(ctx, did.Tenant{ID: "acme", Name: "Acme Plumbing"})
	mine, _ := desk.DIDs.Assign(ctx, owned[0].Number, acme.ID)
	fmt.Println(mine.Number.Format(), mine.Status, mine.Tenant)
	// Output: (501) 202-0000 ACTIVE acme
}
