// Vanity finds numbers that spell what you wish: type a pattern or a word, watch
// matches arrive, and see them ranked by how easily they are remembered.
//
//	go run ./examples/vanity 8XX-OUR-FOOD
//	go run ./examples/vanity -want 20 PIZZA
//	go run ./examples/vanity -state AR 501-XXX-XX00
//	go run ./examples/vanity                  asks what you wish
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/vanity"
)

func main() {
	state := flag.String("state", "", "search local numbers of this state (default: toll-free)")
	want := flag.Int("want", 12, "how many to show")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	wish := flag.Arg(0)
	if wish == "" {
		wish = ask(os.Stdin, os.Stdout)
	}
	if err := run(ctx, os.Stdout, wish, *state, *want); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// ask reads a wish from a person; without one it takes an example.
func ask(in io.Reader, out io.Writer) string {
	fmt.Fprint(out, "A pattern or a word (8XX-OUR-FOOD, PIZZA): ")
	s := bufio.NewScanner(in)
	if s.Scan() && strings.TrimSpace(s.Text()) != "" {
		return s.Text()
	}
	fmt.Fprintln(out, "PIZZA")
	return "PIZZA"
}

func run(ctx context.Context, out io.Writer, wish, state string, want int) (err error) {
	pattern, notes, err := compile(wish)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s is %s: %d numbers can look like that\n", wish, pattern, pattern.Count())
	for _, n := range notes {
		fmt.Fprintf(out, "  %s (the other reading is %s)\n", n.Text, n.Alt)
	}
	folder, err := os.MkdirTemp("", "numberdesk-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	desk, err := numberdesk.OpenDemo(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.Close()) }()
	go desk.Run(ctx)
	ctx = journal.WithActor(ctx, journal.Actor{ID: "you", Reason: "vanity example"})

	q := market.Query{Kind: provider.TollFree, Pattern: pattern, Want: want}
	if state != "" {
		q.Kind, q.State = provider.Local, state
	}
	found, err := watch(ctx, out, desk.Market, q)
	if err != nil || len(found) == 0 {
		return err
	}
	rank(out, found)
	return hold(ctx, out, desk, found[0].offer)
}

// compile reads the wish; a word shorter than a number may stand anywhere at its end.
func compile(wish string) (vanity.Pattern, []vanity.Note, error) {
	pattern, notes, err := vanity.Compile(wish)
	if err == nil {
		return pattern, notes, nil
	}
	if digits, short := vanity.Digits(strings.TrimSpace(wish)); short == nil && len(digits) < 7 {
		return vanity.Compile(strings.Repeat("*", 3) + "-" + strings.Repeat("*", 7-len(digits)) + strings.ToUpper(strings.TrimSpace(wish)))
	}
	return pattern, notes, err
}

// match is an offer with what makes it worth remembering.
type match struct {
	offer  market.Offer
	spells string
	rating vanity.Rating
}

// watch prints matches as they arrive.
func watch(ctx context.Context, out io.Writer, m *market.Service, q market.Query) ([]match, error) {
	search, err := m.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	words := vanity.BuiltinWords()
	var found []match
	fmt.Fprintln(out, "\nAs they arrive:")
	for offer, err := range search.Offers() {
		if err != nil {
			return nil, err
		}
		x := match{offer, q.Pattern.Spell(offer.Number), vanity.Score(offer.Number, words)}
		found = append(found, x)
		fmt.Fprintf(out, "  %s  %s\n", offer.Number.Format(), x.spells)
	}
	fmt.Fprintf(out, "\n%s\n", search.Report())
	return found, nil
}

func rank(out io.Writer, found []match) {
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(b.rating.Points, a.rating.Points) })
	fmt.Fprintln(out, "\nBy how easily they are remembered:")
	for _, x := range found {
		var why []string
		for _, r := range x.rating.Reasons {
			why = append(why, r.Text)
		}
		fmt.Fprintf(out, "  %4d  %s  %-14s %s  %s\n", x.rating.Points, x.offer.Number.Format(), x.spells, x.offer.Price.Monthly, strings.Join(why, ", "))
	}
}

// hold keeps the best number for a moment, and lets it go.
func hold(ctx context.Context, out io.Writer, desk *numberdesk.Desk, best market.Offer) error {
	if err := desk.DIDs.Hold(ctx, []market.Offer{best}); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nThe best one is held while you decide:")
	if err := show(ctx, out, desk); err != nil {
		return err
	}
	if err := desk.DIDs.Unhold(ctx, best.Number); err != nil {
		return err
	}
	fmt.Fprintln(out, "and let go again:")
	return show(ctx, out, desk)
}

func until(h did.Held) string {
	if h.State != did.HoldHeld {
		return ""
	}
	return "until " + h.Until.Local().Format(time.TimeOnly)
}

// show prints the hold as soon as its carrier has answered.
func show(ctx context.Context, out io.Writer, desk *numberdesk.Desk) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		page, err := desk.DIDs.Holds(ctx, provider.Page{})
		if err != nil {
			return err
		}
		h := page.Items[0]
		if open, err := desk.Work.Open(ctx); err != nil || open == 0 {
			fmt.Fprintln(out, "  "+h.Number.Format(), h.State, until(h), h.Why)
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
