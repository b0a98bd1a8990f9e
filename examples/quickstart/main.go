// Quickstart buys the first numbers: it searches a simulated carrier for numbers
// in Little Rock, buys two, assigns one to a tenant, releases it, and shows the
// inventory after each step.
//
//	go run ./examples/quickstart            in a temporary folder
//	go run ./examples/quickstart -db ./desk keeps the files: the next run goes on with them
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store/journal"
)

func main() {
	db := flag.String("db", "", "folder that keeps the files (default: a temporary one)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *db); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, folder string) (err error) {
	if folder == "" {
		if folder, err = os.MkdirTemp("", "numberdesk-"); err != nil {
			return err
		}
		defer os.RemoveAll(folder)
	} else if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	desk, err := numberdesk.OpenDemo(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.Close()) }()
	go desk.Run(ctx) // asks the carrier in the background, until Close

	ctx = journal.WithActor(ctx, journal.Actor{ID: "you", Reason: "quickstart"})
	return story{ctx, out, desk.Market, desk.DIDs}.tell()
}

type story struct {
	ctx    context.Context
	out    io.Writer
	market *market.Service
	dids   *did.Service
}

func (s story) tell() error {
	if err := s.inventory("The inventory at the start"); err != nil {
		return err
	}

	search, err := s.market.Search(s.ctx, market.Query{State: "AR", City: "Little Rock", Want: 5})
	if err != nil {
		return err
	}
	offers, err := search.All()
	if err != nil {
		return err
	}
	s.offers("For sale in Little Rock, Arkansas", offers)
	if len(offers) < 2 {
		return errors.New("fewer than two numbers are for sale")
	}

	bought, err := s.dids.Buy(s.ctx, offers[:2])
	if err != nil {
		return err
	}
	if err := s.inventory("Two are ordered: the carrier has not confirmed them yet"); err != nil {
		return err
	}
	owned, err := s.dids.Wait(s.ctx, bought.Numbers...)
	if err != nil {
		return err
	}
	if err := s.inventory("The carrier has answered"); err != nil {
		return err
	}
	first := firstActive(owned)
	if first == nil {
		return errors.New("the carrier refused both numbers: somebody else was faster")
	}

	acme, err := s.tenant("acme", "Acme Plumbing")
	if err != nil {
		return err
	}
	if _, err := s.dids.Assign(s.ctx, first.Number, acme); err != nil {
		return err
	}
	if _, err := s.dids.SetDestination(s.ctx, first.Number, did.Destination{Kind: "call flow", ID: "front desk"}); err != nil {
		return err
	}
	if err := s.inventory(first.Number.Format() + " is assigned to Acme Plumbing and rings at its front desk"); err != nil {
		return err
	}

	if _, err := s.dids.Release(s.ctx, first.Number); err != nil {
		return err
	}
	return s.inventory(first.Number.Format() + " is released: taken from its tenant, still yours")
}

// tenant returns the tenant, created by this run or by an earlier one.
func (s story) tenant(id did.TenantID, name string) (did.TenantID, error) {
	_, err := s.dids.Tenant(s.ctx, id)
	if errors.Is(err, did.ErrNotFound) {
		_, err = s.dids.PutTenant(s.ctx, did.Tenant{ID: id, Name: name, Unrouted: did.Destination{Kind: "voicemail", ID: "main"}})
	}
	return id, err
}

func firstActive(ds []did.DID) *did.DID {
	for i := range ds {
		if ds[i].Status == did.Active {
			return &ds[i]
		}
	}
	return nil
}

func (s story) inventory(title string) error {
	t := table{title: title, head: []string{"NUMBER", "TENANT", "STATUS", "CALLS GO TO", "CITY", "MONTHLY", "YOU CAN NOW"}, empty: "no numbers yet"}
	for row, err := range provider.All(s.ctx, func(ctx context.Context, p provider.Page) (provider.Result[did.Row], error) {
		return s.dids.List(ctx, did.Filter{}, p)
	}) {
		if err != nil {
			return err
		}
		t.add(row.Number.Format(), or(row.TenantName, "Unassigned"), string(row.Status), or(row.Dest.ID, "-"), row.City, row.Price.Monthly.String(), actions(row))
	}
	t.print(s.out)
	return nil
}

func (s story) offers(title string, offers []market.Offer) {
	t := table{title: title, head: []string{"NUMBER", "STATE", "CITY", "RATE CENTER", "SETUP", "MONTHLY", "IN/MIN", "OUT/MIN", "CARRIER"}}
	for _, o := range offers {
		t.add(o.Number.Format(), o.State, o.City, o.RateCenter, o.Price.Setup.String(), o.Price.Monthly.String(),
			o.Price.MinuteIn.String(), o.Price.MinuteOut.String(), string(o.Carrier))
	}
	t.print(s.out)
}

func actions(r did.Row) string {
	var can string
	for _, a := range r.Actions {
		if a.Why == "" {
			can += ", " + string(a.Event)
		}
	}
	if can == "" {
		return "-"
	}
	return can[2:]
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
