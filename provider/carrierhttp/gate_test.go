package carrierhttp_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// departures is a carrier that notes when calls leave.
type departures struct {
	mu     sync.Mutex
	at     []time.Duration
	start  time.Time
	answer func(n int, r *http.Request) (*http.Response, error)
}

func (d *departures) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	d.mu.Lock()
	d.at = append(d.at, time.Since(d.start))
	n := len(d.at)
	d.mu.Unlock()
	if d.answer != nil {
		return d.answer(n, r)
	}
	return respond(r, 200, "{}"), nil
}

// most is the largest number of calls that left within any w, both ends included.
func (d *departures) most(w time.Duration) int {
	most, from := 0, 0
	for i, at := range d.at {
		for at-d.at[from] >= w {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func limited(class provider.Class, perSecond float64, burst int) map[provider.Class]provider.Limit {
	return map[provider.Class]provider.Limit{class: {PerSecond: perSecond, Burst: burst}}
}

func reading() carrierhttp.Call {
	return carrierhttp.Call{Op: provider.OpOwned, Intent: carrierhttp.Read, Path: "/x"}
}

func TestTheRateIsKeptAndUsed(t *testing.T) {
	for _, c := range []struct {
		rate  float64
		burst int
	}{{10, 20}, {1, 1}, {0.5, 1}, {100, 1}, {7, 50}, {300, 10}} {
		synctest.Test(t, func(t *testing.T) {
			d := &departures{start: time.Now()}
			client := newClient(t, carrierhttp.Config{Transport: d, Rates: limited(provider.ClassRead, c.rate, c.burst)})
			calls := min(int(c.rate*100), 4000)
			var wg sync.WaitGroup
			for range calls {
				wg.Go(func() {
					_, err := client.Do(t.Context(), reading())
					require.NoError(t, err)
				})
			}
			wg.Wait()
			took := time.Since(d.start)
			require.LessOrEqual(t, float64(d.most(10*time.Second)), 1.02*c.rate*10+float64(c.burst))
			require.GreaterOrEqual(t, float64(calls)/took.Seconds(), 0.95*c.rate)
			require.GreaterOrEqual(t, d.at[0], time.Duration(float64(time.Second)/c.rate)-time.Millisecond, "the bucket was not empty at the start")

			// An idle client has its burst, and no more.
			time.Sleep(time.Hour)
			d.at = nil
			for range calls {
				wg.Go(func() { _, _ = client.Do(t.Context(), reading()) })
			}
			wg.Wait()
			require.LessOrEqual(t, float64(d.most(10*time.Second)), 1.02*c.rate*10+float64(c.burst))
			require.GreaterOrEqual(t, d.most(time.Nanosecond), min(c.burst, calls))
		})
	}
}

func TestEveryAttemptPaysTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &departures{start: time.Now(), answer: func(_ int, r *http.Request) (*http.Response, error) { return respond(r, 503, ""), nil }}
		client := newClient(t, carrierhttp.Config{Transport: d, Rates: limited(provider.ClassRead, 1, 1)})
		_, err := client.Do(t.Context(), reading())
		failed(t, err, provider.Unavailable, provider.NotApplied)
		require.Len(t, d.at, 4)
		require.Equal(t, 1, d.most(time.Second-time.Millisecond))
	})
}

func TestAClassThatIsMissingIsNotLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &departures{start: time.Now()}
		client := newClient(t, carrierhttp.Config{Transport: d, Rates: limited(provider.ClassRead, 1, 1)})
		for range 100 {
			_, err := client.Do(t.Context(), placing())
			require.NoError(t, err)
		}
		require.Zero(t, time.Since(d.start))
	})
}

// Ten thousand calls wait for a carrier that is away for an hour, in each way in
// which it can be. When it is back they drain, and at no time is it asked too often.
func TestTenThousandCallsThroughAnHourOfOutage(t *testing.T) {
	const burst = 20
	for name, c := range map[string]struct {
		calls int
		rate  float64
		away  func(r *http.Request) (*http.Response, error)
	}{
		"503":           {10_000, 10, func(r *http.Request) (*http.Response, error) { return respond(r, 503, ""), nil }},
		"no connection": {1000, 1, func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED }},
		"429 for an hour": {10_000, 10, func(r *http.Request) (*http.Response, error) {
			res := respond(r, 429, "")
			res.Header.Set("Retry-After", "3600")
			return res, nil
		}},
		"hanging": {1000, 1, func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &departures{start: time.Now()}
				d.answer = func(_ int, r *http.Request) (*http.Response, error) {
					if time.Since(d.start) < time.Hour {
						return c.away(r)
					}
					return respond(r, 200, "{}"), nil
				}
				client := newClient(t, carrierhttp.Config{Transport: d, Rates: limited(provider.ClassRead, c.rate, burst)})
				var wg sync.WaitGroup
				for range c.calls {
					wg.Go(func() {
						for {
							_, err := client.Do(t.Context(), reading())
							if err == nil {
								return
							}
							require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
						}
					})
				}
				wg.Wait()
				require.LessOrEqual(t, float64(d.most(10*time.Second)), 1.02*c.rate*10+burst)
				drained := time.Since(d.start) - time.Hour
				require.Less(t, drained.Seconds(), float64(c.calls)/c.rate*1.1+120)
			})
		})
	}
}

func TestA429PausesItsClassForEverybody(t *testing.T) {
	for name, rates := range map[string]map[provider.Class]provider.Limit{"unlimited": nil, "limited": limited(provider.ClassRead, 1000, 10)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &departures{start: time.Now()}
				d.answer = func(n int, r *http.Request) (*http.Response, error) {
					if n == 1 {
						res := respond(r, 429, "")
						res.Header.Set("Retry-After", "7")
						return res, nil
					}
					return respond(r, 200, "{}"), nil
				}
				client := newClient(t, carrierhttp.Config{Transport: d, Rates: rates})
				var wg sync.WaitGroup
				wg.Go(func() { _, _ = client.Do(t.Context(), reading()) })
				synctest.Wait()
				time.Sleep(10 * time.Millisecond)
				for range 50 {
					wg.Go(func() { _, _ = client.Do(t.Context(), reading()) })
				}
				time.Sleep(time.Millisecond)
				_, err := client.Do(t.Context(), placing()) // another class
				require.NoError(t, err)
				wg.Wait()
				require.Len(t, d.at, 53)
				slices.Sort(d.at)
				require.Less(t, d.at[1], time.Second, "the order")
				require.GreaterOrEqual(t, d.at[2], 7*time.Second)
				require.Less(t, d.at[len(d.at)-1], 9*time.Second)
			})
		})
	}
}

// The one who waits for his token when a pause begins waits for its end too.
func TestAPauseHoldsTheOneWhoseTurnItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &departures{start: time.Now(), answer: func(n int, r *http.Request) (*http.Response, error) {
			if n > 1 {
				return respond(r, 200, "{}"), nil
			}
			time.Sleep(5 * time.Second)
			res := respond(r, 429, "")
			res.Header.Set("Retry-After", "30")
			return res, nil
		}}
		client := newClient(t, carrierhttp.Config{Transport: d, Rates: limited(provider.ClassCreate, 0.1, 1)})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { _, _ = client.Do(t.Context(), placing()) })
		}
		wg.Wait()
		require.Len(t, d.at, 2)
		require.InDelta(t, 10, d.at[0].Seconds(), 0.1)
		require.GreaterOrEqual(t, d.at[1], 45*time.Second)
	})
}

func TestRetryAfterOfADayDoesNotSleepADay(t *testing.T) {
	for _, intent := range []carrierhttp.Intent{carrierhttp.Read, carrierhttp.Create} {
		for _, code := range []int{429, 503} {
			synctest.Test(t, func(t *testing.T) {
				d := &departures{start: time.Now(), answer: func(_ int, r *http.Request) (*http.Response, error) {
					res := respond(r, code, "")
					res.Header.Set("Retry-After", "86400")
					return res, nil
				}}
				client := newClient(t, carrierhttp.Config{Transport: d})
				call := placing()
				call.Intent = intent
				var e *provider.Error
				_, err := client.Do(t.Context(), call)
				require.ErrorAs(t, err, &e)
				require.Equal(t, 24*time.Hour, e.After)
				require.Zero(t, time.Since(d.start), "the carrier asks for more than the patience")
				_, err = client.Do(t.Context(), call)
				require.Error(t, err)
				require.LessOrEqual(t, time.Since(d.start), time.Minute)
				require.Len(t, d.at, 2)
			})
		}
	}
}

func TestPausesGrowDifferAndAreBounded(t *testing.T) {
	pauses := map[time.Duration]bool{}
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			d := &departures{start: time.Now(), answer: func(int, *http.Request) (*http.Response, error) { return nil, errors.New("x") }}
			client := newClient(t, carrierhttp.Config{Transport: d, Attempts: 100, Patience: 10 * time.Second})
			_, err := client.Do(t.Context(), reading())
			failed(t, err, provider.Unavailable, provider.NotApplied)
			require.Equal(t, 10*time.Second, time.Since(d.start))
			require.LessOrEqual(t, d.at[1], 250*time.Millisecond+1)
			require.Less(t, len(d.at), 20, "they do not grow")
			pauses[d.at[1]] = true
		})
	}
	require.Greater(t, len(pauses), 15, "they do not differ")
}

// The deadline comes before the turn: that is known at once, and is no lost answer.
func TestTheRateDoesNotAllowItBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &departures{start: time.Now()}
		client := newClient(t, carrierhttp.Config{Transport: d, Rates: limited(provider.ClassCreate, 1, 1)})
		var wg sync.WaitGroup
		for range 60 {
			wg.Go(func() { _, _ = client.Do(t.Context(), placing()) })
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := client.Do(ctx, placing())
		e := failed(t, err, provider.RateLimited, provider.NotApplied)
		require.InDelta(t, 61, e.After.Seconds(), 1)
		require.Zero(t, time.Since(d.start), "it was not known at once")
		ctx, cancel = context.WithTimeout(t.Context(), 62*time.Second)
		defer cancel()
		_, err = client.Do(ctx, placing())
		require.NoError(t, err)
		wg.Wait()

		// One that gives up leaves its place to the next.
		start := time.Now()
		impatient, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			_, err := client.Do(impatient, placing())
			failed(t, err, provider.Unavailable, provider.NotApplied)
			require.ErrorIs(t, err, context.Canceled)
		})
		synctest.Wait()
		wg.Go(func() { _, _ = client.Do(t.Context(), placing()) })
		synctest.Wait()
		cancel()
		wg.Wait()
		require.LessOrEqual(t, time.Since(start), 1100*time.Millisecond)
	})
}

func TestAPauseBeyondTheDeadlineIsKnownAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &departures{start: time.Now(), answer: func(_ int, r *http.Request) (*http.Response, error) {
			res := respond(r, 429, "")
			res.Header.Set("Retry-After", "40")
			return res, nil
		}}
		client := newClient(t, carrierhttp.Config{Transport: d})
		_, err := client.Do(t.Context(), placing())
		require.Equal(t, 40*time.Second, failed(t, err, provider.RateLimited, provider.NotApplied).After)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = client.Do(ctx, placing())
		require.Equal(t, 40*time.Second, failed(t, err, provider.RateLimited, provider.NotApplied).After)
		require.Zero(t, time.Since(d.start))
		require.Len(t, d.at, 1)
	})
}
