// Package shop is the story that the examples with real carriers share: search,
// and only when asked for, buy.
package shop

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store/bolt"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/vanity"
)

// Carrier is how one carrier is opened with what stands in the environment.
type Carrier struct {
	Name     string    // of the example: "telnyx"
	Settings []Setting // what it needs
	Open     func(value func(name string) string) (provider.Provider, error)
}

// Setting is one variable of the environment.
type Setting struct {
	Name, What string
	Optional   bool
}

// Main is the main function of an example.
func Main(c Carrier) {
	var o options
	flag.StringVar(&o.state, "state", "AR", "state to search in")
	flag.StringVar(&o.city, "city", "", "city to search in")
	flag.StringVar(&o.pattern, "pattern", "", "pattern such as 501-555-XXXX")
	flag.BoolVar(&o.tollFree, "tollfree", false, "toll-free numbers instead: no state, no city")
	flag.IntVar(&o.want, "want", 5, "how many numbers to show")
	flag.IntVar(&o.buy, "buy", 0, "how many of them to buy: THIS COSTS MONEY")
	flag.StringVar(&o.db, "db", "numberdesk-"+c.Name, "folder that keeps the inventory of what was bought")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, c, os.Getenv, o); err != nil {
		fmt.Fprintln(os.Stderr, c.Name+":", err)
		os.Exit(1)
	}
}

type options struct {
	state, city, pattern, db string
	tollFree                 bool
	want, buy                int
}

func run(ctx context.Context, out io.Writer, c Carrier, value func(string) string, o options) error {
	if missing(c.Settings, value) {
		explain(out, c)
		return nil
	}
	p, err := c.Open(value)
	if err != nil {
		return err
	}
	if o.buy == 0 { // nothing is kept of a search
		set, err := provider.NewSet(p)
		if err != nil {
			return err
		}
		m, err := market.New(market.Config{Carriers: set})
		if err != nil {
			return err
		}
		offers, err := search(ctx, out, m, o)
		if err == nil && len(offers) > 0 {
			fmt.Fprintln(out, "\nNothing was bought. With -buy 1 the first of them is bought, for money.")
		}
		return err
	}
	return buy(ctx, out, p, o)
}

func missing(settings []Setting, value func(string) string) bool {
	for _, s := range settings {
		if !s.Optional && value(s.Name) == "" {
			return true
		}
	}
	return false
}

func explain(out io.Writer, c Carrier) {
	fmt.Fprintln(out, "This example asks a real carrier. Set these variables and run it again:")
	for _, s := range c.Settings {
		note := ""
		if s.Optional {
			note = " (optional)"
		}
		fmt.Fprintf(out, "  %-28s %s%s\n", s.Name, s.What, note)
	}
	fmt.Fprintln(out, "It searches only; it buys nothing unless you say -buy N.")
}

func search(ctx context.Context, out io.Writer, m *market.Service, o options) ([]market.Offer, error) {
	q := market.Query{State: o.state, City: o.city, Want: o.want}
	if o.tollFree {
		q = market.Query{Kind: provider.TollFree, Want: o.want}
	}
	if o.pattern != "" {
		pattern, _, err := vanity.Compile(o.pattern)
		if err != nil {
			return nil, err
		}
		q.Pattern = pattern
	}
	s, err := m.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	offers, err := s.All()
	if err != nil {
		return nil, err
	}
	for _, offer := range offers {
		fmt.Fprintln(out, offer)
	}
	fmt.Fprintln(out, s.Report())
	return offers, nil
}

// buy keeps an inventory in a folder, so that a number is never lost: if this
// process ends before the carrier has answered, the next run goes on.
func buy(ctx context.Context, out io.Writer, p provider.Provider, o options) (err error) {
	if err := os.MkdirAll(o.db, 0o700); err != nil {
		return err
	}
	st, err := bolt.Open(ctx, bolt.Options{Path: filepath.Join(o.db, "numberdesk.db")})
	if err != nil {
		return err
	}
	desk, err := numberdesk.Open(ctx, numberdesk.Config{Store: st, Carriers: []provider.Provider{p}})
	if err != nil {
		return errors.Join(err, st.Close())
	}
	defer func() { err = errors.Join(err, desk.Close()) }()
	go desk.Run(ctx)
	ctx = journal.WithActor(ctx, journal.Actor{ID: "you", Reason: "example"})

	offers, err := search(ctx, out, desk.Market, o)
	if err != nil {
		return err
	}
	if len(offers) < o.buy {
		return fmt.Errorf("%d numbers were to be bought, and %d are for sale", o.buy, len(offers))
	}
	bought, err := desk.DIDs.Buy(ctx, offers[:o.buy])
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d ordered; waiting for the carrier (the inventory is kept in %s)\n", len(bought.Numbers), o.db)
	wait, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	_, err = desk.DIDs.Wait(wait, bought.Numbers...)
	if err != nil && wait.Err() == nil {
		return err
	}
	return inventory(ctx, out, desk.DIDs)
}

func inventory(ctx context.Context, out io.Writer, dids *did.Service) error {
	for row, err := range provider.All(ctx, func(ctx context.Context, p provider.Page) (provider.Result[did.Row], error) {
		return dids.List(ctx, did.Filter{}, p)
	}) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, row.Number.Format(), row.Status, row.Attention)
	}
	return nil
}
