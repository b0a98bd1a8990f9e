package market

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

const (
	// maxPages bounds what one search asks one carrier, which may have pages
	// without end or filter nothing by itself.
	maxPages = 200
	// maxPatternPages is the bound with a pattern: a million numbers and more.
	maxPatternPages = 20_000
	// retryPause is waited when a carrier does not say when to come again.
	retryPause = 250 * time.Millisecond
	// stopGrace is how long a carrier that was told to stop is waited for. The
	// contract says soon; one that breaks it costs its own goroutine.
	stopGrace = 250 * time.Millisecond
)

// ownError is a failure of ours, not of the carrier that was being asked.
type ownError struct{ err error }

func (e *ownError) Error() string { return e.err.Error() }

// asker asks one carrier during one search, and keeps its line of the report.
type asker struct {
	carrier
	s     *Service
	limit time.Duration
	left  time.Duration // of the limit; only waiting for the carrier counts
	pages int
	note  func(func(*CarrierReport))
}

// walk asks for the wish page by page, until take returns false. take gets what
// the wish admits of a page and is not ours already, which may be nothing. whole
// says that the carrier has shown all that it has.
func (a *asker) walk(ctx context.Context, w wish, take func([]Offer) bool) (whole bool, err error) {
	whole = true
	questions := w.asks(a.traits)
	a.note(func(c *CarrierReport) { c.Planned += len(questions) })
	for _, r := range questions {
		r.Options = a.options
		all, more, err := a.list(ctx, w, r, take)
		if err != nil || !more {
			return false, err
		}
		a.note(func(c *CarrierReport) { c.Asked++ })
		whole = whole && all
	}
	return whole, nil
}

// list walks through the pages of one request. more is whether to go on with the
// next one.
func (a *asker) list(ctx context.Context, w wish, r provider.SearchRequest, take func([]Offer) bool) (all, more bool, err error) {
	for n := 1; ; n++ {
		if a.pages >= w.maxPages() {
			a.note(func(c *CarrierReport) { c.Note = fmt.Sprintf("stopped after %d pages", a.pages) })
			return false, false, nil
		}
		page, err := a.page(ctx, r)
		if err != nil {
			return false, false, err
		}
		offers, err := a.sift(ctx, w, page.Items)
		if err != nil {
			return false, false, err
		}
		if !take(offers) {
			return false, false, nil
		}
		switch page.Next {
		case "":
			// A carrier without pages shows a sample as large as it was asked for.
			sample := n == 1 && len(page.Items) > 0 && len(page.Items) >= r.Page.Limit
			return !sample, true, nil
		case r.Page.Cursor:
			return false, false, &provider.Error{Op: provider.OpSearch, Provider: a.id, Kind: provider.Internal, Outcome: provider.NotApplied, Text: "the list does not move on: the next page is this page"}
		}
		r.Page.Cursor = page.Next
	}
}

// page asks once, and once more after an error that may pass.
func (a *asker) page(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	page, err := a.call(ctx, r)
	after, passing := provider.Passing(err)
	if err == nil || !passing || ctx.Err() != nil {
		return page, err
	}
	if after <= 0 {
		after = retryPause
	}
	if after >= a.left {
		return page, err
	}
	a.spend(after)
	t := time.NewTimer(after)
	defer t.Stop()
	select {
	case <-t.C:
		return a.call(ctx, r)
	case <-ctx.Done():
		return page, err
	}
}

// call asks within what is left of the time limit.
func (a *asker) call(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	limited, cancel := context.WithTimeout(ctx, a.left)
	defer cancel()
	start := time.Now()
	if err := a.s.rates.wait(limited, a.carrier); err != nil {
		return provider.Result[provider.Offer]{}, a.late(ctx, err)
	}
	page, err := detach(limited, func() (provider.Result[provider.Offer], error) { return a.searcher.Search(limited, r) })
	a.spend(time.Since(start))
	if err == nil {
		a.pages++
		a.note(func(c *CarrierReport) { c.Pages++ })
		return page, nil
	}
	if limited.Err() != nil {
		err = a.late(ctx, err)
	}
	return page, err
}

// late says of an error that came when the time limit was over, or could not be
// kept any more, that the carrier was too slow; unless the caller has gone.
func (a *asker) late(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	a.left = 0
	a.note(func(c *CarrierReport) { c.TooSlow = true })
	return &provider.Error{Op: provider.OpSearch, Provider: a.id, Kind: provider.Unavailable, Outcome: provider.NotApplied,
		Text: "too slow: no complete answer within " + a.limit.String(), Err: err}
}

func (a *asker) spend(d time.Duration) {
	a.left -= d
	a.note(func(c *CarrierReport) { c.Took += d })
}

// sift keeps what the wish admits and what is not in our inventory already.
func (a *asker) sift(ctx context.Context, w wish, items []provider.Offer) ([]Offer, error) {
	var fit []Offer
	var numbers []nanp.Number
	for _, o := range items {
		if w.admits(o, a.traits) {
			fit = append(fit, a.s.offer(a.id, o))
			numbers = append(numbers, o.Number)
		}
	}
	var mine int
	if len(fit) > 0 {
		open, err := a.s.Ours(ctx, numbers)
		if err != nil {
			return nil, &ownError{err}
		}
		rest := fit[:0]
		for _, o := range fit {
			if !open[o.Number] {
				rest = append(rest, o)
			}
		}
		mine = len(fit) - len(rest)
		fit = rest
	}
	a.note(func(c *CarrierReport) {
		c.Found += len(items)
		c.FilteredLocally += len(items) - len(numbers)
		c.Ours += mine
	})
	return fit, nil
}

// detach calls f, and comes back soon after the context has ended even when f
// does not. A panic in an adapter is that carrier's failure.
func detach[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	got := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = &provider.Error{Kind: provider.Internal, Outcome: provider.NotApplied, Text: fmt.Sprintf("the adapter panicked: %T", p)}
			}
			got <- a
		}()
		a.v, a.err = f()
	}()
	select {
	case a := <-got:
		return a.v, a.err
	case <-ctx.Done():
	}
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case a := <-got:
		return a.v, a.err
	case <-grace.C:
		var none T
		return none, errors.Join(ctx.Err(), errors.New("market: the carrier goes on although it was told to stop"))
	}
}
