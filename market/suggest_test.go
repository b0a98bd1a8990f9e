package market

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

type placesFunc = func(context.Context, string, provider.Page) (provider.Result[provider.Place], error)

// lists shows places in pages of three, and counts how often it is asked for a first page.
func lists(asked *atomic.Int32, places ...provider.Place) placesFunc {
	return func(_ context.Context, state string, p provider.Page) (provider.Result[provider.Place], error) {
		if p.Cursor == "" && asked != nil {
			asked.Add(1)
		}
		from, _ := strconv.Atoi(p.Cursor)
		to := min(from+3, len(places))
		r := provider.Result[provider.Place]{Items: places[from:to]}
		if to < len(places) {
			r.Next = strconv.Itoa(to)
		}
		return r, nil
	}
}

func place(city, rateCenter string, npa nanp.NPA) provider.Place {
	return provider.Place{State: "AR", City: city, RateCenter: rateCenter, NPA: npa}
}

var arkansas = []provider.Place{
	place("Little Rock", "LITTLEROCK", 501), place("North Little Rock", "LITTLEROCK", 501), place("St. Louis", "STLOUIS", 870),
	place("Conway", "CONWAY", 501), place("Conway", "CONWAY", 870), place("Fort Smith", "FORT SMITH", 479), place("Rock Springs", "ROCK SPGS", 870),
	place("O'Fallon", "OFALLON", 870), place("Mayagüez", "MAYAGUEZ", 870), place("Newport", "NEWPORT", 870), place("Bull Shoals-Oakland", "BULLSHOALS", 870),
}

func values(s []Suggestion) (all []string) {
	for _, x := range s {
		all = append(all, x.Value)
	}
	return all
}

func TestSuggestRefuses(t *testing.T) {
	s := desk(t, &fake{name: "a", places: lists(nil, arkansas...)})
	for name, c := range map[string]struct {
		q     SuggestQuery
		field string
	}{
		"no state":       {SuggestQuery{Text: "x"}, "state"},
		"unknown state":  {SuggestQuery{State: "XX"}, "state"},
		"negative limit": {SuggestQuery{State: "AR", Limit: -1}, "limit"},
		"large limit":    {SuggestQuery{State: "AR", Limit: 101}, "limit"},
		"unknown field":  {SuggestQuery{State: "AR", Field: 2}, "field"},
		"long text":      {SuggestQuery{State: "AR", Text: strings.Repeat("x", 101)}, "text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Suggest(t.Context(), c.q)
			var bad *InputError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, c.field, bad.Field)
		})
	}
}

func TestSuggest(t *testing.T) {
	s := desk(t, &fake{name: "a", places: lists(nil, arkansas...)})
	for text, want := range map[string][]string{
		"li":         {"Little Rock", "North Little Rock"},
		"LITTLE R":   {"Little Rock", "North Little Rock"},
		"littler":    {"Little Rock", "North Little Rock"},
		"n little":   {"North Little Rock"},
		"n. l":       {"North Little Rock"},
		"n rock":     {"North Little Rock"},
		"rock":       {"Rock Springs", "Little Rock", "North Little Rock"},
		"ock":        {"Little Rock", "North Little Rock", "Rock Springs"},
		"st louis":   {"St. Louis"},
		"saint lou":  {"St. Louis"},
		"st.":        {"St. Louis"},
		"ft smith":   {"Fort Smith"},
		"fort":       {"Fort Smith"},
		"o fallon":   {"O'Fallon"},
		"ofa":        {"O'Fallon"},
		"mayaguez":   {"Mayagüez"},
		"MAYAGÜ":     {"Mayagüez"},
		"oakland":    {"Bull Shoals-Oakland"},
		"rock spgs":  {"Rock Springs"},
		"no":         {"North Little Rock"},
		"n":          {"Newport", "North Little Rock", "Bull Shoals-Oakland", "Conway", "O'Fallon", "Rock Springs"},
		"conway":     {"Conway"},
		"xyz":        nil,
		"rock north": nil,
	} {
		t.Run(text, func(t *testing.T) {
			got, err := s.Suggest(t.Context(), SuggestQuery{State: "arkansas", Text: text})
			require.NoError(t, err)
			require.Equal(t, want, values(got))
		})
	}
	for _, all := range []string{"", " -- "} {
		got, err := s.Suggest(t.Context(), SuggestQuery{State: "AR", Text: all, Limit: 4})
		require.NoError(t, err)
		require.Equal(t, []string{"Bull Shoals-Oakland", "Conway", "Fort Smith", "Little Rock"}, values(got))
	}
	got, err := s.Suggest(t.Context(), SuggestQuery{State: "AR"})
	require.NoError(t, err)
	require.Len(t, got, 10)
}

func TestSuggestDetail(t *testing.T) {
	s := desk(t, &fake{name: "b", places: lists(nil, place("LITTLE ROCK", "LITTLEROCK", 501), place("CONWAY", "", 0))},
		&fake{name: "a", places: lists(nil, arkansas...)}, &fake{name: "none"})
	got, err := s.Suggest(t.Context(), SuggestQuery{State: "AR", Text: "conw"})
	require.NoError(t, err)
	require.Equal(t, []Suggestion{{Value: "Conway", State: "AR", Detail: "501, 870", NPAs: []nanp.NPA{501, 870}, Carriers: []provider.ID{"a", "b"}}}, got, "the nicer spelling, once")
	got, err = s.Suggest(t.Context(), SuggestQuery{State: "AR", Text: "north"})
	require.NoError(t, err)
	require.Equal(t, "501 · LITTLEROCK", got[0].Detail)
	got, err = s.Suggest(t.Context(), SuggestQuery{Field: SuggestRateCenter, State: "AR", Text: "little"})
	require.NoError(t, err)
	require.Equal(t, []Suggestion{{Value: "LITTLEROCK", State: "AR", Detail: "501 · North Little Rock", NPAs: []nanp.NPA{501}, Carriers: []provider.ID{"a", "b"}}}, got)
}

func TestSuggestPrefersTheNicerSpelling(t *testing.T) {
	many := []provider.Place{place("Little Rock", "A", 501), place("Little Rock", "B", 501), place("Little Rock", "C", 501), place("Little Rock", "D", 870), place("Little Rock", "E", 870)}
	s := desk(t, &fake{name: "a", places: lists(nil, place("LITTLEROCK", "", 501))}, &fake{name: "b", places: lists(nil, many...)})
	got, err := s.Suggest(t.Context(), SuggestQuery{State: "AR", Text: "little rock"})
	require.NoError(t, err)
	require.Equal(t, []Suggestion{{Value: "Little Rock", State: "AR", Detail: "501, 870 · A, B, C and 2 more", NPAs: []nanp.NPA{501, 870}, Carriers: []provider.ID{"a", "b"}}}, got)
}

func TestSuggestDropsWhatIsNoPlace(t *testing.T) {
	bad := []provider.Place{{State: "TX", City: "Laredo"}, {State: "AR", City: " "}, {State: "AR", City: "Con\x00way"}, {State: "AR", City: strings.Repeat("a", 101)}, {State: "AR", City: "--"},
		{State: "Arkansas", City: " Alma ", NPA: 7}, {City: "Bono", RateCenter: "\xff"}}
	got, err := desk(t, &fake{name: "a", places: lists(nil, bad...)}).Suggest(t.Context(), SuggestQuery{State: "AR"})
	require.NoError(t, err)
	require.Equal(t, []Suggestion{{Value: "Alma", State: "AR", NPAs: nil, Carriers: []provider.ID{"a"}}, {Value: "Bono", State: "AR", Carriers: []provider.ID{"a"}}}, got)
}

func TestSuggestWithoutPlaces(t *testing.T) {
	got, err := desk(t, &fake{name: "a"}).Suggest(t.Context(), SuggestQuery{State: "AR"})
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestSuggestAsksOnceADay(t *testing.T) {
	var asked atomic.Int32
	s := desk(t, &fake{name: "a", places: lists(&asked, arkansas...)})
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return now }
	for _, step := range []struct {
		pass  time.Duration
		state string
		asked int32
	}{{0, "AR", 1}, {23 * time.Hour, "AR", 1}, {0, "TX", 2}, {time.Hour, "AR", 3}, {0, "TX", 3}, {-30 * time.Hour, "AR", 4}} {
		now = now.Add(step.pass)
		_, err := s.Suggest(t.Context(), SuggestQuery{State: step.state})
		require.NoError(t, err)
		require.Equal(t, step.asked, asked.Load(), "%+v", step)
	}
}

func TestSuggestWithAFailingCarrier(t *testing.T) {
	var asked atomic.Int32
	broken := func(context.Context, string, provider.Page) (provider.Result[provider.Place], error) {
		asked.Add(1)
		return provider.Result[provider.Place]{}, &provider.Error{Provider: "b", Kind: provider.Unauthorized}
	}
	var log bytes.Buffer
	s := desk(t, &fake{name: "a", places: lists(nil, arkansas...)}, &fake{name: "b", places: broken})
	s.Logger = slog.New(slog.NewTextHandler(&log, nil))
	for i := range 2 {
		got, err := s.Suggest(t.Context(), SuggestQuery{State: "AR", Text: "conway"})
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.EqualValues(t, i+1, asked.Load(), "a failure is not kept")
	}
	require.Contains(t, log.String(), "carrier=b")
	_, err := desk(t, &fake{name: "b", places: broken}).Suggest(t.Context(), SuggestQuery{State: "AR"})
	require.ErrorIs(t, err, provider.Unauthorized)
}

func TestSuggestListsWithoutEnd(t *testing.T) {
	n := 0
	endless := func(context.Context, string, provider.Page) (provider.Result[provider.Place], error) {
		n++
		return provider.Result[provider.Place]{Items: []provider.Place{place("Conway", "CONWAY", 501)}, Next: fmt.Sprint(n)}, nil
	}
	_, err := desk(t, &fake{name: "a", places: endless}).Suggest(t.Context(), SuggestQuery{State: "AR"})
	require.ErrorIs(t, err, provider.Internal)
	require.Equal(t, maxPages, n)
}

func slowly(d time.Duration, f placesFunc) placesFunc {
	return func(ctx context.Context, state string, p provider.Page) (provider.Result[provider.Place], error) {
		select {
		case <-time.After(d):
			return f(ctx, state, p)
		case <-ctx.Done():
			return provider.Result[provider.Place]{}, ctx.Err()
		}
	}
}

func TestSuggestDoesNotWaitForTheSlowOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		s := desk(t, &fake{name: "a", places: lists(nil, arkansas...)}, &fake{name: "slow", places: slowly(10*time.Second, lists(&asked, place("Conwell", "", 501)))})
		start := time.Now()
		ask := func() []string {
			got, err := s.Suggest(t.Context(), SuggestQuery{State: "AR", Text: "conw"})
			require.NoError(t, err)
			return values(got)
		}
		require.Equal(t, []string{"Conway"}, ask())
		require.Equal(t, fairWait, time.Since(start))
		time.Sleep(9 * time.Second)
		require.Equal(t, []string{"Conway", "Conwell"}, ask())
		require.EqualValues(t, 1, asked.Load(), "the load of the first time went on")
	})
}

func TestSuggestWaitsForTheOnlyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := desk(t, &fake{name: "a", places: slowly(5*time.Second, lists(nil, place("Conway", "", 501)))})
		got, err := s.Suggest(t.Context(), SuggestQuery{State: "AR"})
		require.NoError(t, err)
		require.Len(t, got, 1)

		start := time.Now()
		hung := desk(t, &fake{name: "a", places: slowly(hour, lists(nil))})
		_, err = hung.Suggest(t.Context(), SuggestQuery{State: "AR"})
		require.ErrorIs(t, err, provider.Unavailable)
		require.ErrorContains(t, err, "too slow")
		require.Equal(t, hung.Timeout, time.Since(start))
	})
}

func TestSuggestTogetherAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		s := desk(t, &fake{name: "a", places: slowly(time.Second, lists(&asked, arkansas[:3]...))})
		var wg sync.WaitGroup
		first, leave := context.WithCancel(t.Context())
		for i := range 20 {
			ctx := t.Context()
			if i == 0 {
				ctx = first
			}
			wg.Go(func() {
				got, err := s.Suggest(ctx, SuggestQuery{State: "AR", Text: "n li"})
				if i == 0 {
					require.ErrorIs(t, err, context.Canceled)
					return
				}
				require.NoError(t, err)
				require.Len(t, got, 1)
			})
			synctest.Wait()
		}
		leave() // the first to ask is gone: the others still get their answer
		wg.Wait()
		require.EqualValues(t, 1, asked.Load())
	})
}

func TestSuggestStopsWhenAllHaveLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := make(chan error, 1)
		s := desk(t, &fake{name: "a", places: func(ctx context.Context, _ string, _ provider.Page) (provider.Result[provider.Place], error) {
			<-ctx.Done()
			stopped <- ctx.Err()
			return provider.Result[provider.Place]{}, ctx.Err()
		}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := s.Suggest(ctx, SuggestQuery{State: "AR"})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, <-stopped, context.Canceled)
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestPlaceCacheIsBounded(t *testing.T) {
	var c placeCache
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	load := func(n int) func(context.Context) (*placeList, error) {
		return func(context.Context) (*placeList, error) {
			l := &placeList{}
			l.names[SuggestCity] = make([]placeName, n)
			return l, nil
		}
	}
	for i, state := range nanp.States() {
		_, err := c.get(t.Context(), placesAt{"a", state}, at.Add(time.Duration(i)*time.Minute), load(maxPlaces))
		require.NoError(t, err)
		require.LessOrEqual(t, c.size, maxCached)
	}
	require.Len(t, c.lists, maxCached/maxPlaces)
	last := nanp.States()[len(nanp.States())-1]
	require.Contains(t, c.lists, placesAt{"a", last}, "the oldest go first")
	_, err := c.get(t.Context(), placesAt{"a", last}, at.Add(48*time.Hour), load(1))
	require.NoError(t, err)
	require.Equal(t, 3*maxPlaces+1, c.size, "a new list takes the place of the old one")
	require.Len(t, c.lists, 4, "and of no other")
	_, err = c.get(t.Context(), placesAt{"b", last}, at, func(context.Context) (*placeList, error) { return nil, errors.New("no") })
	require.Error(t, err)
	require.Empty(t, c.flights)
}

// However a name is written, it is found by what it begins with.
func TestSuggestFindsEveryPrefix(t *testing.T) {
	word := rapid.SampledFrom([]string{"Saint", "St.", "North", "N", "Fort", "Little", "Rock", "O'Neil", "Hot", "Springs", "Cañon", "De"})
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "name"), rapid.SampledFrom([]string{" ", "-", ""}).Draw(t, "between"))
		n := newPlaceName(name)
		cut := rapid.IntRange(0, len([]rune(name))).Draw(t, "cut")
		text := string([]rune(name)[:cut])
		if rapid.Bool().Draw(t, "capitals") {
			text = strings.ToUpper(text)
		}
		q := typed{words: placeWords(text)}
		q.squash = strings.Join(q.words, "")
		rank, ok := n.match(q)
		require.True(t, ok)
		require.Zero(t, rank)
		require.Equal(t, placeKey(name), placeKey(strings.ToUpper(" "+name+".")))
	})
}

func BenchmarkSuggest(b *testing.B) {
	var places []provider.Place
	for i := range 2000 {
		places = append(places, place(fmt.Sprintf("Place Number %d", i), fmt.Sprintf("PLACE%d", i), 501))
	}
	s := desk(b, &fake{name: "a", places: func(context.Context, string, provider.Page) (provider.Result[provider.Place], error) {
		return provider.Result[provider.Place]{Items: places}, nil
	}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Suggest(context.Background(), SuggestQuery{State: "AR", Text: "n 77"}); err != nil {
			b.Fatal(err)
		}
	}
}
