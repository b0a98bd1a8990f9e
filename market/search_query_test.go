package market

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func TestSearchRefuses(t *testing.T) {
	ar := Query{State: "AR"}
	with := func(q Query, f func(*Query)) Query { f(&q); return q }
	tf := Query{Kind: provider.TollFree}
	for name, c := range map[string]struct {
		q     Query
		field string
		says  string
		is    error
	}{
		"kind":                     {Query{Kind: 7}, "kind", "neither local nor toll-free", nil},
		"no state":                 {Query{}, "state", "is required", nil},
		"blank state":              {Query{State: "  "}, "state", "is required", nil},
		"unknown state":            {Query{State: "Arkansaw"}, "state", "is no state", nanp.RuleState},
		"province":                 {Query{State: "ON"}, "state", "is no state", nanp.RuleState},
		"NPA of another state":     {with(ar, func(q *Query) { q.NPA = 212 }), "NPA", "is in New York, not in Arkansas", nil},
		"NPA of Canada":            {with(ar, func(q *Query) { q.NPA = 416 }), "NPA", "is in Ontario, not in Arkansas", nil},
		"toll-free NPA":            {with(ar, func(q *Query) { q.NPA = 888 }), "NPA", "is toll-free", nil},
		"NPA not in service":       {Query{State: "GA", NPA: 565}, "NPA", "not yet in service", nil},
		"NPA that is none":         {with(ar, func(q *Query) { q.NPA = 7 }), "NPA", "is not an area code of Arkansas", nil},
		"NXX without NPA":          {with(ar, func(q *Query) { q.NXX = 234 }), "NXX", "needs the NPA", nil},
		"NXX that is none":         {with(ar, func(q *Query) { q.NPA, q.NXX = 501, 111 }), "NXX", "is not an exchange", nanp.RuleNXXFirstDigit},
		"NXX service code":         {with(ar, func(q *Query) { q.NPA, q.NXX = 501, 911 }), "NXX", "is not an exchange", nanp.RuleNXXN11},
		"NXX 555":                  {with(ar, func(q *Query) { q.NPA, q.NXX = 501, 555 }), "NXX", "has no numbers for subscribers in 501", nanp.RuleNXX555},
		"NXX beyond three digits":  {with(ar, func(q *Query) { q.NPA, q.NXX = 501, 2345 }), "NXX", "is not an exchange", nil},
		"city of blanks":           {with(ar, func(q *Query) { q.City = " " }), "city", "neither letter nor digit", nil},
		"city of points":           {with(ar, func(q *Query) { q.City = "..." }), "city", "neither letter nor digit", nil},
		"city with a control":      {with(ar, func(q *Query) { q.City = "Little\x00Rock" }), "city", "cannot be printed", nil},
		"city not UTF-8":           {with(ar, func(q *Query) { q.City = "Little\xffRock" }), "city", "cannot be printed", nil},
		"city too long":            {with(ar, func(q *Query) { q.City = strings.Repeat("a", 101) }), "city", "at most 100", nil},
		"rate center too long":     {with(ar, func(q *Query) { q.RateCenter = strings.Repeat("a", 101) }), "rate center", "at most 100", nil},
		"want negative":            {with(ar, func(q *Query) { q.Want = -1 }), "quantity", "must be 1 to 1000", nil},
		"want too many":            {with(ar, func(q *Query) { q.Want = 1001 }), "quantity", "must be 1 to 1000", nil},
		"toll-free with state":     {with(tf, func(q *Query) { q.State = "AR" }), "state", "does not apply", nil},
		"toll-free with city":      {with(tf, func(q *Query) { q.City = "Little Rock" }), "city", "does not apply", nil},
		"toll-free with center":    {with(tf, func(q *Query) { q.RateCenter = "LITTLEROCK" }), "rate center", "does not apply", nil},
		"toll-free local NPA":      {with(tf, func(q *Query) { q.NPA = 501 }), "NPA", "not a toll-free code in service: it is geographic", nil},
		"toll-free NPA reserved":   {with(tf, func(q *Query) { q.NPA = 822 }), "NPA", "not a toll-free code in service", nil},
		"toll-free NXX alone":      {with(tf, func(q *Query) { q.NXX = 234 }), "NXX", "needs the NPA", nil},
		"options for nobody":       {with(ar, func(q *Query) { q.Options = map[provider.ID]provider.Options{"b": {"zip": "72201"}} }), "options", "a carrier that is not asked", nil},
		"carrier that is not ours": {with(ar, func(q *Query) { q.Carriers = []provider.ID{"a", "nobody"} }), "carrier", "is not one of ours", provider.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			a := &fake{name: "a", search: sells(10)}
			_, err := desk(t, a).Search(t.Context(), c.q)
			var bad *InputError
			require.ErrorAs(t, err, &bad)
			require.ErrorIs(t, err, ErrInvalid)
			require.Equal(t, c.field, bad.Field)
			require.Contains(t, err.Error(), c.says)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			_, err = desk(t, a).SearchRuns(t.Context(), c.q, 5)
			require.ErrorIs(t, err, ErrInvalid, "searches for runs keep the same rules")
			require.Empty(t, a.requests(), "nobody was asked")
		})
	}
}

func TestSearchAccepts(t *testing.T) {
	s := desk(t, &fake{name: "a", search: sells(10)})
	for want, q := range map[int]Query{
		25:   {State: "arkansas", NPA: 501, NXX: 234},
		10:   {Kind: provider.TollFree, NPA: 800, NXX: 555},
		1:    {State: "dc", Want: 1},
		1000: {State: "Puerto Rico", Want: MaxWant},
	} {
		require.Equal(t, want, search(t, s, q).Report().Want)
	}
}

func TestSearchWithoutCarrier(t *testing.T) {
	local := &fake{name: "local", search: sells(10), traits: provider.Traits{Kinds: []provider.NumberKind{provider.Local}}}
	mute := &fake{name: "mute", traits: provider.Traits{Why: map[provider.Capability]provider.Note{provider.CapSearch: {Reason: "it has no search"}}}}
	s := desk(t, local, mute)

	_, err := s.Search(t.Context(), Query{Kind: provider.TollFree, Carriers: []provider.ID{"local"}})
	require.ErrorIs(t, err, provider.Unsupported)
	require.ErrorContains(t, err, "sells no toll-free numbers")

	_, err = s.Search(t.Context(), Query{State: "AR", Carriers: []provider.ID{"mute"}})
	require.ErrorIs(t, err, provider.Unsupported)
	require.ErrorContains(t, err, "it has no search")

	_, err = s.Search(t.Context(), Query{Kind: provider.TollFree})
	require.ErrorIs(t, err, provider.Unsupported)
	require.ErrorContains(t, err, "it has no search")

	_, err = desk(t).Search(t.Context(), Query{State: "AR"})
	require.ErrorIs(t, err, provider.Unsupported)

	named := search(t, s, Query{State: "AR", Carriers: []provider.ID{"mute", "local", "local"}})
	_, err = named.All()
	require.NoError(t, err)
	require.Len(t, named.Report().Carriers, 2)
	require.ErrorIs(t, of(named.Report(), "mute").Err, provider.Unsupported)
	require.Len(t, local.requests(), 1, "named twice, asked once")

	all := search(t, s, Query{State: "AR"})
	require.NoError(t, of(all.Report(), "mute").Err, "nobody asked for it")
	require.Equal(t, "mute: not asked: it has no search", of(all.Report(), "mute").String())
}

// Conditions of one carrier's own search reach that carrier and no other.
func TestOptionsReachTheirCarrier(t *testing.T) {
	asked := map[provider.ID]provider.Options{}
	var mu sync.Mutex
	hear := func(id provider.ID) func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error) {
		return func(_ context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
			mu.Lock()
			defer mu.Unlock()
			asked[id] = r.Options
			return provider.Result[provider.Offer]{}, nil
		}
	}
	s := desk(t, &fake{name: "a", search: hear("a")}, &fake{name: "b", search: hear("b")})
	search, err := s.Search(t.Context(), Query{State: "AR", Options: map[provider.ID]provider.Options{"b": {"zip": "72201"}}})
	require.NoError(t, err)
	_, err = search.All()
	require.NoError(t, err)
	require.Equal(t, map[provider.ID]provider.Options{"a": nil, "b": {"zip": "72201"}}, asked)
}
