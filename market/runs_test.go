package market

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

func offersAt(npa nanp.NPA, nxx nanp.NXX, lines ...int) (all []provider.Offer) {
	for _, l := range lines {
		all = append(all, provider.Offer{Number: line(npa, nxx, l), State: "AR"})
	}
	return all
}

func runsOf(t testing.TB, s *Service, q Query, n int) ([]Run, Report) {
	t.Helper()
	x, err := s.SearchRuns(t.Context(), q, n)
	require.NoError(t, err)
	runs, err := x.All()
	require.NoError(t, err)
	return runs, x.Report()
}

func requireRun(t require.TestingT, r Run, n int) {
	require.Len(t, r.Offers, n)
	require.Equal(t, r.First, r.Offers[0].Number)
	for i, o := range r.Offers {
		require.Equal(t, r.Carrier, o.Carrier)
		require.Equal(t, line(r.First.NPA(), r.First.NXX(), r.First.Line()+i), o.Number)
	}
	require.Equal(t, r.Last(), r.Offers[n-1].Number)
}

func TestSearchRunsRefuses(t *testing.T) {
	s := desk(t, &fake{name: "a", search: sells(10)})
	for _, n := range []int{-1, 0, 1, 1001, 1_000_000} {
		_, err := s.SearchRuns(t.Context(), Query{State: "AR"}, n)
		var bad *InputError
		require.ErrorAs(t, err, &bad, "%d", n)
		require.Equal(t, "run length", bad.Field)
		require.Contains(t, err.Error(), "must be 2 to 1000")
	}
	for want, n := range map[int]int{-1: 20, 1001: 2, 11: 1000, 501: 20} {
		_, err := s.SearchRuns(t.Context(), Query{State: "AR", Want: want}, n)
		var bad *InputError
		require.ErrorAs(t, err, &bad, "%d of %d", want, n)
		require.Equal(t, "quantity", bad.Field)
	}
	for want, n := range map[int]int{0: 1000, 10: 1000, 500: 20} {
		_, err := s.SearchRuns(t.Context(), Query{State: "AR", Want: want}, n)
		require.NoError(t, err)
	}
}

func TestSearchRunsTwentyInARow(t *testing.T) {
	lines := []int{0, 1, 2, 4}
	for l := 80; l > 59; l-- { // 21 of them, the highest first
		lines = append(lines, l)
	}
	s := desk(t, &fake{name: "a", search: sells(7, offersAt(501, 234, lines...)...)})
	runs, _ := runsOf(t, s, Query{State: "AR"}, 20)
	require.Len(t, runs, 1)
	requireRun(t, runs[0], 20)
	require.Contains(t, runs[0].String(), "(501) 234-00")
	runs, _ = runsOf(t, s, Query{State: "AR"}, 22)
	require.Empty(t, runs)
}

func TestSearchRunsStopsAtBorders(t *testing.T) {
	s := desk(t,
		&fake{name: "a", search: sells(7, append(offersAt(501, 234, 9998, 9999), offersAt(501, 235, 0, 1)...)...)},
		&fake{name: "b", search: sells(7, append(offersAt(501, 240, 5), offersAt(870, 240, 6)...)...)},
		&fake{name: "c", search: sells(7, offersAt(501, 240, 6)...)})
	runs, report := runsOf(t, s, Query{State: "AR"}, 3)
	require.Empty(t, runs, "a run does not go on in the next exchange")
	require.NoError(t, of(report, "a").Err)
	runs, _ = runsOf(t, s, Query{State: "AR", Want: 5}, 2)
	require.Len(t, runs, 2, "nor at another carrier")
	for _, r := range runs {
		require.Equal(t, provider.ID("a"), r.Carrier)
		requireRun(t, r, 2)
	}
}

func TestSearchRunsStopsAskingWhenFound(t *testing.T) {
	a := &fake{name: "a", search: sells(10, range501(0, 1000)...)}
	runs, _ := runsOf(t, desk(t, a), Query{State: "AR"}, 20)
	require.Len(t, runs, 1)
	require.Len(t, a.requests(), 2)
}

// sampler shows a few numbers of everything, and all numbers of an exchange only
// when it is asked for it. It has no pages.
func sampler(every int, stock []provider.Offer) searchFunc {
	return func(_ context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
		var items []provider.Offer
		for i, o := range stock {
			if r.Query.Match(o.Number) && (r.Query.NXX != 0 || i%every == 0) {
				items = append(items, o)
			}
		}
		return provider.Result[provider.Offer]{Items: items}, nil
	}
}

var codes = map[provider.NumberKind]vanity.Dialect{provider.Local: {NPA: true, NXX: true}}

func TestSearchRunsLooksIntoExchanges(t *testing.T) {
	stock := slices.Concat(offersAt(501, 234, 0, 2, 4, 6), offersAt(501, 235, 10, 11, 12, 13), offersAt(870, 240, 1, 2, 3))
	traits := provider.Traits{Filters: []provider.Filter{provider.ByState}, Dialect: codes}
	a := &fake{name: "a", search: sampler(2, stock), traits: traits}
	runs, report := runsOf(t, desk(t, a), Query{State: "AR", Want: 9}, 3)
	require.Len(t, runs, 2)
	require.Equal(t, vanity.Query{}, a.requests()[0].Query)
	require.Len(t, a.requests(), 4, "once for all, once for each exchange")
	require.Equal(t, "shows only a part of its numbers", of(report, "a").Note, "an exchange may be a sample too")

	blunt := &fake{name: "blunt", search: sampler(2, stock)}
	runs, report = runsOf(t, desk(t, blunt), Query{State: "AR"}, 3)
	require.Empty(t, runs)
	require.Equal(t, "shows only a part of its numbers", of(report, "blunt").Note)
}

func TestSearchRunsReadsAnExchangeAgain(t *testing.T) {
	a := &fake{name: "a", traits: provider.Traits{Dialect: codes}, search: func(_ context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
		if r.Query.NXX == 0 && r.Query.NPA == 501 {
			return provider.Result[provider.Offer]{Items: offersAt(501, 234, 10, 11, 12)}, nil
		}
		return provider.Result[provider.Offer]{Items: offersAt(501, 234, 8, 9, 10, 11, 12, 13, 14, 15)}, nil
	}}
	runs, report := runsOf(t, desk(t, a), Query{State: "AR", NPA: 501, Want: 2}, 3)
	require.Len(t, runs, 2)
	require.Equal(t, line(501, 234, 10), runs[0].First)
	require.Equal(t, line(501, 234, 13), runs[1].First, "around the run that was shown")
	require.Zero(t, of(report, "a").Duplicates)
}

func TestSearchRunsIsBounded(t *testing.T) {
	t.Run("numbers", func(t *testing.T) {
		page := 0
		a := &fake{name: "a", search: func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error) {
			page++
			r := provider.Result[provider.Offer]{Next: fmt.Sprint(page)}
			for i := range 5000 { // every other number: no run
				r.Items = append(r.Items, provider.Offer{Number: line(501, nanp.NXX(230+page), 2*i)})
			}
			return r, nil
		}}
		runs, report := runsOf(t, desk(t, a), Query{State: "AR"}, 2)
		require.Empty(t, runs)
		require.Len(t, a.requests(), maxHeld/5000)
		require.Equal(t, "stopped after 20000 numbers", of(report, "a").Note)
	})
	t.Run("pages", func(t *testing.T) {
		page := 0
		a := &fake{name: "a", traits: provider.Traits{Dialect: codes}, search: func(_ context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
			page++
			return provider.Result[provider.Offer]{Items: offersAt(501, 234, 2*page), Next: fmt.Sprint(page)}, nil
		}}
		runs, report := runsOf(t, desk(t, a), Query{State: "AR"}, 2)
		require.Empty(t, runs)
		require.Len(t, a.requests(), maxPages)
		require.Equal(t, nanp.NXX(234), a.requests()[maxPages-1].Query.NXX, "half of the pages were kept for the exchanges")
		require.Equal(t, "stopped after 200 pages", of(report, "a").Note)
	})
}

func TestSearchRunsShowsWhatCameBeforeAnError(t *testing.T) {
	broke := failing(&provider.Error{Provider: "a", Kind: provider.Unauthorized})
	s := desk(t, &fake{name: "a", search: inTurn(sells(5, range501(0, 50)...), broke)})
	runs, report := runsOf(t, s, Query{State: "AR", Want: 3}, 5)
	require.Len(t, runs, 1)
	require.ErrorIs(t, of(report, "a").Err, provider.Unauthorized)
}

func TestSearchRunsSharesNoNumber(t *testing.T) {
	a := &fake{name: "a", search: sells(100, range501(0, 10)...)}
	b := &fake{name: "b", search: sells(100, range501(5, 15)...)}
	runs, report := runsOf(t, desk(t, a, b), Query{State: "AR", Want: 9}, 5)
	seen := map[nanp.Number]bool{}
	for _, r := range runs {
		requireRun(t, r, 5)
		for _, o := range r.Offers {
			require.False(t, seen[o.Number])
			seen[o.Number] = true
		}
	}
	require.Len(t, runs, 4)
	require.Equal(t, 4, report.Shown)
}

func TestSearchRunsEndsWithTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &fake{name: "slow", search: after(hour, sells(1))}
		x, err := desk(t, &fake{name: "a", search: sells(3, range501(0, 90)...)}, slow).SearchRuns(t.Context(), Query{State: "AR", Want: 5}, 5)
		require.NoError(t, err)
		for _, err := range x.Runs() {
			require.NoError(t, err)
			break
		}
		require.Zero(t, slow.busy)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		x, err = desk(t, slow).SearchRuns(ctx, Query{State: "AR"}, 5)
		require.NoError(t, err)
		_, err = x.All()
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// longest is the finder by brute force: it tries every number as the first one.
func longest(stock map[nanp.Number]bool, n int) (count int) {
	used := map[nanp.Number]bool{}
	for npa := range map[nanp.NPA]bool{501: true, 870: true} {
		for nxx := nanp.NXX(234); nxx < 240; nxx++ {
			for l := 0; l+n <= 10000 && l < 80; l++ {
				free := true
				for i := range n {
					x := line(npa, nxx, l+i)
					free = free && stock[x] && !used[x]
				}
				if !free {
					continue
				}
				count++
				for i := range n {
					used[line(npa, nxx, l+i)] = true
				}
			}
		}
	}
	return count
}

func TestSearchRunsAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(rt, "n")
		want := rapid.IntRange(1, 12).Draw(rt, "want")
		possible := 0
		var carriers []provider.Provider
		stocks := map[provider.ID]map[nanp.Number]bool{}
		for i := range rapid.IntRange(1, 3).Draw(rt, "carriers") {
			f := &fake{name: provider.ID(fmt.Sprint("c", i))}
			stock := map[nanp.Number]bool{}
			var all []provider.Offer
			for _, x := range rapid.SliceOfN(rapid.IntRange(0, 119), 0, 90).Draw(rt, "stock") {
				// Each carrier has exchanges of its own.
				o := provider.Offer{Number: line([]nanp.NPA{501, 870}[x%2], nanp.NXX(234+2*i+x/2%2), x/4)}
				all = append(all, o)
				stock[o.Number] = true
			}
			if rapid.Bool().Draw(rt, "can be asked for an exchange") {
				f.traits.Dialect = codes
			}
			f.traits.PageMax = rapid.IntRange(0, 40).Draw(rt, "page max")
			f.search = sells(rapid.IntRange(1, 40).Draw(rt, "page"), all...)
			carriers = append(carriers, f)
			stocks[f.name] = stock
			possible += longest(stock, n)
		}
		x, err := desk(t, carriers...).SearchRuns(context.Background(), Query{State: "AR", Want: want}, n)
		require.NoError(rt, err)
		runs, err := x.All()
		require.NoError(rt, err)
		require.Len(rt, runs, min(want, possible))
		seen := map[nanp.Number]bool{}
		for _, r := range runs {
			requireRun(rt, r, n)
			for _, o := range r.Offers {
				require.True(rt, stocks[r.Carrier][o.Number], "the carrier has it")
				require.False(rt, seen[o.Number], "no number twice")
				seen[o.Number] = true
			}
		}
	})
}

func TestSearchRunsFailsWithTheStore(t *testing.T) {
	s := desk(t, &fake{name: "a", search: sells(30, range501(0, 60)...)})
	s.Ours = unreadable
	x, err := s.SearchRuns(t.Context(), Query{State: "AR"}, 5)
	require.NoError(t, err)
	runs, err := x.All()
	require.True(t, errors.Is(err, errStore))
	require.Empty(t, runs)
}
