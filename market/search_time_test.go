package market

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
)

func TestSearchIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quick := &fake{name: "quick", search: sells(1000, range501(0, 1000)...)}
		slow := &fake{name: "slow", search: after(500*time.Millisecond, sells(100, range501(2000, 100)...))}
		start := time.Now()
		early := 0
		x := search(t, desk(t, quick, slow), Query{State: "AR", Want: 20})
		for _, err := range x.Offers() {
			require.NoError(t, err)
			if time.Since(start) == 0 {
				early++
			}
		}
		require.Equal(t, 10, early, "the quick one's share is shown at once")
		require.Equal(t, 500*time.Millisecond, time.Since(start), "the end came with the slow one's answer")
		r := x.Report()
		require.Equal(t, 10, of(r, "quick").Shown)
		require.Equal(t, 10, of(r, "slow").Shown)
		require.Len(t, quick.requests(), 1)
	})
}

func TestSearchAsksNoPageBeforeItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quick := &fake{name: "quick", search: sells(10, range501(0, 1000)...)}
		slow := &fake{name: "slow", search: after(time.Second, sells(100, range501(2000, 100)...))}
		got, err := search(t, desk(t, quick, slow), Query{State: "AR", Want: 20}).All()
		require.NoError(t, err)
		require.Len(t, got, 20)
		require.Len(t, quick.requests(), 1)
	})
}

func TestSearchHearsOfLateAnswersWhileItShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quick := &fake{name: "quick", search: sells(1000, range501(0, 1000)...)}
		late := &fake{name: "late", search: after(7500*time.Millisecond, sells(100, range501(2000, 100)...))}
		x := search(t, desk(t, quick, late), Query{State: "AR", Want: 10})
		for _, err := range x.Offers() {
			require.NoError(t, err)
			time.Sleep(time.Second) // a person reads
		}
		require.Equal(t, 8, of(x.Report(), "quick").Shown)
		require.Equal(t, 2, of(x.Report(), "late").Shown, "what it had comes before what the quick one has still")
	})
}

func TestSearchKeepsNoShareForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quick := &fake{name: "quick", search: sells(100, range501(0, 1000)...)}
		hung := &fake{name: "hung", search: after(hour, sells(100))}
		start := time.Now()
		x := search(t, desk(t, quick, hung), Query{State: "AR", Want: 30})
		got, err := x.All()
		require.NoError(t, err)
		require.Len(t, got, 30)
		require.Equal(t, fairWait, time.Since(start))
		require.False(t, of(x.Report(), "hung").TooSlow, "its time limit was not over")
		require.Contains(t, x.Report().String(), "hung: had not answered when enough was found")
	})
}

func TestSearchGivesASmallCarriersShareAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		large := &fake{name: "large", search: sells(7, range501(0, 1000)...)}
		small := &fake{name: "small", search: sells(100, range501(2000, 3)...)}
		start := time.Now()
		x := search(t, desk(t, large, small), Query{State: "AR", Want: 30})
		got, err := x.All()
		require.NoError(t, err)
		require.Len(t, got, 30)
		require.Equal(t, 3, of(x.Report(), "small").Shown)
		require.Zero(t, time.Since(start))
		require.Len(t, large.requests(), 4, "no page that is not needed")
	})
}

func TestSearchTooSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ok := &fake{name: "ok", search: sells(100, range501(0, 5)...)}
		hung := &fake{name: "hung", search: inTurn(sells(1, range501(2000, 3)...), after(hour, sells(100)))}
		start := time.Now()
		x := search(t, desk(t, ok, hung), Query{State: "AR", Want: 30})
		got, err := x.All()
		require.NoError(t, err)
		require.Len(t, got, 6, "what it had shown before counts")
		require.Equal(t, 20*time.Second, time.Since(start))
		r := of(x.Report(), "hung")
		require.True(t, r.TooSlow)
		require.ErrorIs(t, r.Err, provider.Unavailable)
		require.Equal(t, 20*time.Second, r.Took)
		require.Equal(t, "hung: 1 shown, 1 numbers on 1 page in 20s, too slow, given up after 20s", r.String())
	})
}

func TestSearchLimitsTheTimeOfAllPagesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", search: after(8*time.Second, sells(1, range501(0, 9)...))}
		start := time.Now()
		x := search(t, desk(t, a), Query{State: "AR"})
		got, err := x.All()
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.Equal(t, 20*time.Second, time.Since(start))
		require.True(t, of(x.Report(), "a").TooSlow)
	})
}

func TestSearchSurvivesACarrierThatDoesNotStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stuck := &fake{name: "stuck", search: func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error) {
			<-release
			return provider.Result[provider.Offer]{}, nil
		}}
		ok := &fake{name: "ok", search: sells(100, range501(0, 5)...)}
		start := time.Now()
		x := search(t, desk(t, ok, stuck), Query{State: "AR", Want: 30})
		got, err := x.All()
		require.NoError(t, err)
		require.Len(t, got, 5)
		require.Equal(t, 20*time.Second+stopGrace, time.Since(start))
		require.True(t, of(x.Report(), "stuck").TooSlow)
		close(release)
	})
}

func TestSearchTimeOfTheConsumerIsNotTheCarriers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", search: after(time.Second, sells(1, range501(0, 4)...))}
		x := search(t, desk(t, a), Query{State: "AR", Want: 4})
		n := 0
		for _, err := range x.Offers() {
			require.NoError(t, err)
			n++
			time.Sleep(time.Minute) // a person reads
		}
		require.Equal(t, 4, n)
		require.Equal(t, 4*time.Second, of(x.Report(), "a").Took)
	})
}

func TestSearchRetries(t *testing.T) {
	fail := func(k provider.Kind, after time.Duration) searchFunc {
		return failing(&provider.Error{Op: provider.OpSearch, Provider: "a", Kind: k, After: after, Outcome: provider.NotApplied})
	}
	good := sells(100, range501(0, 5)...)
	for name, c := range map[string]struct {
		answers  []searchFunc
		asked    int
		took     time.Duration
		shown    int
		reported error
	}{
		"passing, no time said":     {[]searchFunc{fail(provider.Unavailable, 0), good}, 2, retryPause, 5, nil},
		"passing, a time said":      {[]searchFunc{fail(provider.RateLimited, 3*time.Second), good}, 2, 3 * time.Second, 5, nil},
		"passing, but too late":     {[]searchFunc{fail(provider.RateLimited, 20*time.Second), good}, 1, 0, 0, provider.RateLimited},
		"not passing":               {[]searchFunc{fail(provider.Unauthorized, 0), good}, 1, 0, 0, provider.Unauthorized},
		"twice":                     {[]searchFunc{fail(provider.Unavailable, 0), fail(provider.RateLimited, 0), good}, 2, retryPause, 0, provider.RateLimited},
		"its own time limit":        {[]searchFunc{failing(fmt.Errorf("get: %w", context.DeadlineExceeded)), good}, 2, retryPause, 5, nil},
		"an error that says naught": {[]searchFunc{failing(errors.New("odd")), good}, 1, 0, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &fake{name: "a", search: inTurn(c.answers...)}
				start := time.Now()
				x := search(t, desk(t, a), Query{State: "AR"})
				got, err := x.All()
				require.Len(t, got, c.shown)
				require.Len(t, a.requests(), c.asked)
				require.Equal(t, c.took, time.Since(start))
				require.Equal(t, c.took, of(x.Report(), "a").Took)
				require.Equal(t, c.shown == 0, err != nil, "the only carrier's failure is the search's")
				if c.reported != nil {
					require.ErrorIs(t, err, c.reported)
					require.ErrorIs(t, of(x.Report(), "a").Err, c.reported)
				}
			})
		})
	}
}

func TestSearchEndsWithItsContext(t *testing.T) {
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		x, err := desk(t, &fake{name: "a", search: sells(100, range501(0, 9)...)}).Search(ctx, Query{State: "AR"})
		require.NoError(t, err)
		got, err := x.All()
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, got)
	})
	t.Run("meanwhile", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			slow := &fake{name: "slow", search: after(hour, sells(1))}
			start := time.Now()
			x, err := desk(t, slow, &fake{name: "a", search: sells(100, range501(0, 9)...)}).Search(ctx, Query{State: "AR"})
			require.NoError(t, err)
			got, err := x.All()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Len(t, got, 9, "what came before is there")
			require.Equal(t, time.Second, time.Since(start))
			require.False(t, of(x.Report(), "slow").TooSlow)
			require.Zero(t, slow.busy)
		})
	})
}

func TestSearchBrokenOffLeavesNothingRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &fake{name: "slow", search: after(hour, sells(1))}
		retrying := &fake{name: "retrying", search: failing(&provider.Error{Kind: provider.RateLimited, After: 10 * time.Second})}
		start := time.Now()
		for o, err := range search(t, desk(t, &fake{name: "a", search: sells(1, range501(0, 9)...)}, slow, retrying), Query{State: "AR"}).Offers() {
			require.NoError(t, err)
			require.Equal(t, provider.ID("a"), o.Carrier)
			break
		}
		require.Zero(t, time.Since(start))
		require.Zero(t, slow.busy, "the request has ended with the loop")
	})
}

// A carrier is never asked faster than it allows, by all searches together, and a
// rate that cannot be kept within the limit is told at once.
func TestSearchObeysTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", search: sells(1, range501(0, 1000)...)}
		a.traits.Rates = map[provider.Class]provider.Limit{provider.ClassSearch: {PerSecond: 2, Burst: 3}}
		s := desk(t, a)
		start := time.Now()
		for range 2 {
			got, err := search(t, s, Query{State: "AR", Want: 5}).All()
			require.NoError(t, err)
			require.Len(t, got, 5)
		}
		require.Len(t, a.requests(), 10)
		require.Equal(t, 3500*time.Millisecond, time.Since(start), "three at once, then two a second")

		a.traits.Rates[provider.ClassSearch] = provider.Limit{PerSecond: 0.01, Burst: 1}
		x := search(t, desk(t, a), Query{State: "AR", Want: 5})
		start = time.Now()
		got, err := x.All()
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.True(t, of(x.Report(), "a").TooSlow)
		require.Zero(t, time.Since(start))
	})
}
