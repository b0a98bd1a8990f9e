package did_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store/work"
)

// service is an inventory with one number and two tenants.
func service() (*did.Service, nanp.Number) {
	ctx := context.Background()
	carrier, _ := sandbox.New(sandbox.Config{})
	set, _ := provider.NewSet(carrier)
	st := memstore.New()
	engine, _ := work.New(work.Config{Store: st, Carriers: set})
	svc, _ := did.New(did.Config{Store: st, Carriers: set, Work: engine})
	n := nanp.MustParse("501-202-0001")
	_ = svc.Update(ctx, func(t *did.Tx) error {
		_, err := t.Adopt(did.DID{Number: n, Carrier: "sandbox", Status: did.Active}, "imported")
		return err
	})
	_, _ = svc.PutTenant(ctx, did.Tenant{ID: "acme", Name: "Acme Plumbing", Unrouted: did.Destination{Kind: "voicemail", ID: "main"}})
	_, _ = svc.PutTenant(ctx, did.Tenant{ID: "bolt", Name: "Bolt & Co"})
	return svc, n
}

// Of two who want a number one gets it, and the operator is told who.
func ExampleService_Assign() {
	ctx := context.Background()
	svc, n := service()
	_, err := svc.Assign(ctx, n, "acme")
	fmt.Println(err)
	_, err = svc.Assign(ctx, n, "bolt")
	fmt.Println(errors.Is(err, did.ErrTaken))
	fmt.Println(err)
	// Output:
	// <nil>
	// true
	// did: cannot assign (501) 202-0001: it has a tenant already (acme has it: Acme Plumbing)
}

// A call goes where the tenant has routed the number, else by the tenant's rule.
func ExampleService_Routing() {
	ctx := context.Background()
	svc, n := service()
	_, _ = svc.Assign(ctx, n, "acme")
	r, _ := svc.Routing(ctx, n)
	fmt.Println(r.To.Kind, r.To.ID, r.Default)
	_, _ = svc.SetDestination(ctx, n, did.Destination{Kind: "queue", ID: "sales"})
	r, _ = svc.Routing(ctx, n)
	fmt.Println(r.To.Kind, r.To.ID, r.Default)
	// Output:
	// voicemail main true
	// queue sales false
}

// The inventory is listed by tenant, status, section, digits or name, and each row
// says what can be done with it now.
func ExampleService_List() {
	ctx := context.Background()
	svc, _ := service()
	page, _ := svc.List(ctx, did.Filter{Tenant: did.Unassigned(), Text: "202"}, provider.Page{Limit: 50})
	for _, row := range page.Items {
		fmt.Println(row.Number.Format(), row.Status)
		for _, a := range row.Actions {
			fmt.Printf("  %s %q\n", a.Event, a.Why) // "": it is possible
		}
	}
	// Output:
	// (501) 202-0001 ACTIVE
	//   assign ""
	//   route "it has no tenant"
	//   release "it has no tenant"
}
