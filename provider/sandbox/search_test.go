package sandbox

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

func (d *desk) all(r provider.SearchRequest) []provider.Offer {
	d.Helper()
	var out []provider.Offer
	for o, err := range provider.All(ctxOf(d.T), func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
		r.Page = p
		r.Page.Limit = d.Traits.PageMax
		return d.Search.Search(ctx, r)
	}) {
		require.NoError(d, err)
		require.True(d, len(out) == 0 || out[len(out)-1].Number < o.Number, "ascending, none twice: %v", o.Number)
		out = append(out, o)
	}
	return out
}

func TestPlacesAreWideAndReal(t *testing.T) {
	places := Places()
	require.GreaterOrEqual(t, len(places), 150)
	require.LessOrEqual(t, len(places), 300)
	states, centersOf, codesOf := map[string]bool{}, map[string]map[string]bool{}, map[string]int{}
	for _, p := range places {
		states[p.State] = true
		city := p.City + ", " + p.State
		if centersOf[city] == nil {
			centersOf[city] = map[string]bool{}
		}
		centersOf[city][p.RateCenter] = true
		codesOf[p.RateCenter]++
		n, err := nanp.Make(p.NPA, p.NXX, 0)
		require.NoError(t, err)
		require.NoError(t, n.CheckDID())
		require.Contains(t, p.NPA.Info().Regions, p.State)
	}
	require.GreaterOrEqual(t, len(states), 26)
	require.True(t, states["DC"])
	require.Contains(t, centersOf, "North Little Rock, AR")
	require.Len(t, centersOf["Little Rock, AR"], 4)
	require.Len(t, centersOf["St. Louis, MO"], 5)
	require.GreaterOrEqual(t, codesOf["LITTLEROCK"], 8)
	places[0].City = "changed"
	require.NotEqual(t, places[0], Places()[0])
}

func TestSearchSellsOnlyNumbersThatCanExist(t *testing.T) {
	d := open(t, Config{PageMax: 10_000})
	shares := map[nanp.NXX]int{}
	for _, o := range d.all(provider.SearchRequest{State: "AR"}) {
		require.NoError(t, o.Number.CheckDID())
		require.Equal(t, "AR", o.State)
		shares[o.Number.NXX()]++
	}
	for nxx, n := range shares {
		require.InDelta(t, 10_000/share, n, 250, "exchange %v", nxx)
	}
	for _, o := range d.all(provider.SearchRequest{Kind: provider.TollFree, Query: vanity.Query{Prefix: "800555"}}) {
		require.NoError(t, o.Number.CheckDID())
		require.False(t, o.Number.Fictional())
		require.NotEqual(t, 1212, o.Number.Line())
	}
}

func TestEveryExchangeHasARun(t *testing.T) {
	for _, seed := range []uint64{0, 1, 42} {
		d := open(t, Config{Seed: seed, PageMax: 10_000})
		for _, p := range []Place{{NPA: 501, NXX: 202}, {NPA: 501, NXX: 945}, {NPA: 314, NXX: 226}, {NPA: 202, NXX: 200}} {
			longest, length, last := 0, 0, nanp.Number(0)
			for _, o := range d.all(provider.SearchRequest{Query: vanity.Query{NPA: p.NPA, NXX: p.NXX}}) {
				if next, ok := last.Next(); ok && next == o.Number {
					length++
				} else {
					length = 1
				}
				last, longest = o.Number, max(longest, length)
			}
			require.GreaterOrEqual(t, longest, runMin, "seed %d, %v", seed, p)
		}
	}
}

func TestSearchFilters(t *testing.T) {
	both(t, Config{PageMax: 2000}, func(d *desk) {
		q := func(v vanity.Query) provider.SearchRequest { return provider.SearchRequest{Query: v} }
		for _, c := range []struct {
			name string
			r    provider.SearchRequest
			ok   func(provider.Offer) bool
		}{
			{"state", provider.SearchRequest{State: "AR"}, func(o provider.Offer) bool { return o.State == "AR" }},
			{"city", provider.SearchRequest{City: " north LITTLE rock"}, func(o provider.Offer) bool { return o.City == "North Little Rock" }},
			{"rate center", provider.SearchRequest{State: "MO", RateCenter: "ladue"}, func(o provider.Offer) bool { return o.RateCenter == "LADUE" && o.City == "St. Louis" }},
			{"area code", q(vanity.Query{NPA: 314}), func(o provider.Offer) bool { return o.Number.NPA() == 314 }},
			{"exchange", q(vanity.Query{NPA: 501, NXX: 217}), func(o provider.Offer) bool { return o.Number.NXX() == 217 }},
			{"prefix", q(vanity.Query{Prefix: "50121712"}), func(o provider.Offer) bool { return strings.HasPrefix(ten(o), "50121712") }},
			{"suffix", q(vanity.Query{Suffix: "000"}), func(o provider.Offer) bool { return strings.HasSuffix(ten(o), "000") }},
			{"long suffix", q(vanity.Query{Suffix: "17123"}), func(o provider.Offer) bool { return strings.HasSuffix(ten(o), "17123") }},
			{"contains", q(vanity.Query{NPA: 501, Contains: "777"}), func(o provider.Offer) bool { return strings.Contains(ten(o), "777") }},
			{"all at once", q(vanity.Query{NPA: 501, Prefix: "5012", Contains: "171", Suffix: "9"}), func(o provider.Offer) bool {
				return strings.HasPrefix(ten(o), "5012") && strings.Contains(ten(o), "171") && strings.HasSuffix(ten(o), "9")
			}},
		} {
			got, err := d.Search.Search(ctxOf(d.T), c.r)
			require.NoError(d, err, c.name)
			require.NotEmpty(d, got.Items, c.name)
			for _, o := range got.Items {
				require.True(d, c.ok(o), "%s: %v", c.name, o)
			}
		}
		none, err := d.Search.Search(ctxOf(d.T), provider.SearchRequest{State: "AR", City: "Nowhere"})
		require.NoError(d, err)
		require.Empty(d, none.Items)
		require.Empty(d, none.Next)
	})
}

func ten(o provider.Offer) string {
	d := o.Number.Digits()
	return string(d[:])
}

// The search that skips lines finds exactly what looking at every line finds.
func TestSearchFindsAllThatMatches(t *testing.T) {
	stock := []Place{{State: "AR", RateCenter: "LITTLEROCK", NPA: 501, NXX: 217}, {State: "AR", RateCenter: "LITTLEROCK", NPA: 501, NXX: 771}}
	d := open(t, Config{Stock: stock, PageMax: 10_000})
	var every []nanp.Number
	for _, p := range stock {
		for line := range 10_000 {
			if n, err := nanp.Make(p.NPA, p.NXX, line); err == nil && d.c.sells(n) {
				every = append(every, n)
			}
		}
	}
	for _, q := range []vanity.Query{
		{}, {Suffix: "7"}, {Suffix: "1771"}, {Suffix: "71234"}, {Prefix: "5"}, {Prefix: "5012171"}, {Prefix: "5017710001"}, {Contains: "7"}, {Contains: "77"},
		{Contains: "771"}, {Contains: "1771"}, {Contains: "17712"}, {Contains: "0000"}, {Contains: "01277"}, {Prefix: "50121", Contains: "77", Suffix: "7"}, {Prefix: "999"},
		{Prefix: "5012171234", Suffix: "5"}, {NPA: 501, NXX: 771, Contains: "5"}, {NPA: 314},
	} {
		var want, got []nanp.Number
		for _, n := range every {
			if q.Match(n) {
				want = append(want, n)
			}
		}
		for _, o := range d.all(provider.SearchRequest{Query: q}) {
			got = append(got, o.Number)
		}
		require.Equal(t, want, got, "%+v", q)
	}
}

func TestTollFreeSearchCoversEveryCode(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		for _, npa := range nanp.Builtin().TollFree() {
			got, err := d.Search.Search(ctxOf(d.T), provider.SearchRequest{Kind: provider.TollFree, Query: vanity.Query{NPA: npa}})
			require.NoError(d, err)
			require.Len(d, got.Items, 50, "%v", npa)
		}
		for _, q := range []vanity.Query{{NPA: 877, NXX: 555}, {NPA: 888, Suffix: "1000"}, {Suffix: "6873663"}} {
			got, err := d.Search.Search(ctxOf(d.T), provider.SearchRequest{Kind: provider.TollFree, Query: q})
			require.NoError(d, err)
			require.NotEmpty(d, got.Items, "%+v", q)
			for _, o := range got.Items {
				require.True(d, q.Match(o.Number) && o.Number.TollFree())
				require.Empty(d, o.State+o.City+o.RateCenter)
			}
		}
		start := time.Now()
		_, err := d.Search.Search(ctxOf(d.T), provider.SearchRequest{Kind: provider.TollFree, Query: vanity.Query{Contains: "9999999"}})
		require.NoError(d, err)
		require.Less(d, time.Since(start), 2*time.Second, "a rare pattern is not looked for line by line")
	})
}

func TestSearchExact(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(3)
		d.buy("k", ns[0])
		unsold := nanp.MustParse("501-555-0123")
		got, err := d.Search.Search(ctxOf(d.T), provider.SearchRequest{Exact: []nanp.Number{ns[2], unsold, ns[0], ns[1], ns[2]}})
		require.NoError(d, err)
		require.Len(d, got.Items, 2)
		require.Equal(d, ns[1:], []nanp.Number{got.Items[0].Number, got.Items[1].Number})
		require.True(d, got.Items[0].Price.Setup.Known)
	})
}

func TestPagesNeitherRepeatNorSkipWhileNumbersAreBought(t *testing.T) {
	both(t, Config{PageMax: 7, OrderLines: 1000}, func(d *desk) {
		r := provider.SearchRequest{Query: vanity.Query{Prefix: "5012021"}}
		before := map[nanp.Number]bool{}
		for _, o := range d.all(r) {
			before[o.Number] = true
		}
		bought, seen := map[nanp.Number]bool{}, map[nanp.Number]bool{}
		round := 0
		for o, err := range provider.All(ctxOf(d.T), func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
			r.Page = p
			page, err := d.Search.Search(ctx, r)
			// Between pages somebody buys the last number of this page and one further on.
			round++
			if len(page.Items) == 7 {
				for _, n := range []nanp.Number{page.Items[6].Number, further(d, page.Items[6].Number, 3)} {
					if n != 0 && !bought[n] {
						bought[n] = true
						_, err := d.Orders.Place(ctx, ordering(provider.Key("k"+n.String()[1:]), n))
						require.NoError(d, err)
					}
				}
			}
			return page, err
		}) {
			require.NoError(d, err)
			require.False(d, seen[o.Number], "twice: %v", o.Number)
			require.True(d, before[o.Number])
			seen[o.Number] = true
		}
		require.Greater(d, round, 10)
		for n := range before {
			require.True(d, seen[n] || bought[n], "lost: %v", n)
		}
	})
}

func further(d *desk, n nanp.Number, steps int) nanp.Number {
	for ok := true; ok; {
		if n, ok = n.Next(); ok && d.c.sells(n) {
			if steps--; steps == 0 {
				return n
			}
		}
	}
	return 0
}

func TestSearchLeavesOutWhatIsHeldOrOrdered(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(4)
		_, err := d.Orders.Place(ctxOf(d.T), ordering("k1", ns[0]))
		require.NoError(d, err)
		_, err = d.Holds.Hold(ctxOf(d.T), "k2", ns[1:2])
		require.NoError(d, err)
		left := d.find(2)
		require.Equal(d, ns[2:], left)
		d.clk.add(holdTime)
		require.Equal(d, ns[1:3], d.find(2), "the hold has ended, the order has not")
	})
}

func TestPrices(t *testing.T) {
	d := open(t, Config{})
	local, err := d.Search.Search(ctxOf(t), arkansas)
	require.NoError(t, err)
	free, err := d.Search.Search(ctxOf(t), provider.SearchRequest{Kind: provider.TollFree})
	require.NoError(t, err)
	l, f := local.Items[0].Price, free.Items[0].Price
	require.Equal(t, "setup $1.00, monthly $0.50, minute in $0.004, minute out $0.007", l.String())
	require.Equal(t, "setup $1.00, monthly $2.50, minute in $0.018, minute out $0.012", f.String())
	require.Greater(t, f.MinuteIn.Amount, l.MinuteIn.Amount)
	require.Greater(t, f.MinuteOut.Amount, l.MinuteOut.Amount)

	own := &Prices{Local: money.Price{Setup: money.Known(0)}}
	d = open(t, Config{Prices: own})
	got, err := d.Search.Search(ctxOf(t), arkansas)
	require.NoError(t, err)
	require.Equal(t, own.Local, got.Items[0].Price, "free of charge, and the rest unknown")

	d = open(t, Config{HidePrices: true})
	require.False(t, d.Traits.PricesInSearch)
	got, err = d.Search.Search(ctxOf(t), arkansas)
	require.NoError(t, err)
	require.True(t, got.Items[0].Price.IsZero())
	d.buy("k", got.Items[0].Number)
	require.Equal(t, 150*money.Cent, d.c.Book().Total(), "charged all the same")
}

func TestWeakSearchIgnoresWhatItsTraitsLeaveOut(t *testing.T) {
	both(t, Config{Weak: true, Stock: []Place{{State: "AR", RateCenter: "A", NPA: 501, NXX: 217}, {State: "MO", RateCenter: "B", NPA: 314, NXX: 226}}, PageMax: 5000}, func(d *desk) {
		require.Equal(d, vanity.Dialect{NPA: true}, d.Traits.Dialect[provider.Local])
		require.Empty(d, d.Traits.Filters)
		r := provider.SearchRequest{State: "MO", City: "x", RateCenter: "y", Query: vanity.Query{NPA: 501, NXX: 999, Prefix: "6", Suffix: "1", Contains: "99"}}
		got := d.all(r)
		require.Greater(d, len(got), 1000)
		for _, o := range got {
			require.Equal(d, nanp.NPA(501), o.Number.NPA())
		}
	})
	d := open(t, Config{Dialect: &vanity.Dialect{Suffix: true, MinFixed: 4}, Filters: []provider.Filter{provider.ByState}})
	got, err := d.Search.Search(ctxOf(t), provider.SearchRequest{State: "AR", City: "Nowhere", Query: vanity.Query{NPA: 314, Suffix: "1000"}})
	require.NoError(t, err)
	require.NotEmpty(t, got.Items)
	for _, o := range got.Items {
		require.True(t, strings.HasSuffix(ten(o), "1000") && o.State == "AR")
	}
}

func TestSearchRefusesWhatItCannotAnswer(t *testing.T) {
	both(t, Config{Kinds: []provider.NumberKind{provider.Local}}, func(d *desk) {
		first, err := d.Search.Search(ctxOf(d.T), arkansas)
		require.NoError(d, err)
		require.NotEmpty(d, first.Next)
		for name, c := range map[string]struct {
			r provider.SearchRequest
			k provider.Kind
		}{
			"unknown state":          {provider.SearchRequest{State: "ZZ"}, provider.Invalid},
			"negative limit":         {provider.SearchRequest{Page: provider.Page{Limit: -1}}, provider.Invalid},
			"exchange alone":         {provider.SearchRequest{Query: vanity.Query{NXX: 555}}, provider.Invalid},
			"letters":                {provider.SearchRequest{Query: vanity.Query{Suffix: "FOOD"}}, provider.Invalid},
			"foreign cursor":         {provider.SearchRequest{Page: provider.Page{Cursor: "abc"}}, provider.Invalid},
			"cursor of another list": {provider.SearchRequest{State: "MO", Page: provider.Page{Cursor: first.Next}}, provider.Invalid},
			"too many exact":         {provider.SearchRequest{Exact: slices.Repeat([]nanp.Number{nanp.MustParse("5012170000")}, 1001)}, provider.Invalid},
			"not sold":               {provider.SearchRequest{Kind: provider.TollFree}, provider.Unsupported},
		} {
			_, err := d.Search.Search(ctxOf(d.T), c.r)
			fails(d, err, c.k, provider.NotApplied)
			require.NotContains(d, err.Error(), first.Next, name)
		}
	})
}

func TestRecentSearchIsARuleWhereItIsSet(t *testing.T) {
	d := open(t, Config{RecentSearch: time.Minute, Speed: 2})
	require.Equal(t, 30*time.Second, d.Traits.RecentSearch)
	got, err := d.Search.Search(ctxOf(t), arkansas)
	require.NoError(t, err)
	n, m := got.Items[0].Number, got.Items[1].Number
	require.Equal(t, d.clk.Now().Add(30*time.Second), got.Items[0].Until)
	o, err := d.Orders.Place(ctxOf(t), ordering("k1", n))
	require.NoError(t, err)
	require.Equal(t, provider.ItemWaiting, o.Items[0].State)
	d.clk.add(31 * time.Second)
	o, err = d.Orders.Place(ctxOf(t), ordering("k2", m))
	require.NoError(t, err)
	require.Equal(t, provider.ItemRefused, o.Items[0].State)
	require.ErrorIs(t, o.Items[0].Err, provider.Precondition)
}

func FuzzCursor(f *testing.F) {
	good := encodeCursor(nanp.MustParse("5012170000"), 7)
	f.Add(good, uint64(7))
	f.Add("", uint64(0))
	f.Add(good[:10], uint64(7))
	f.Fuzz(func(t *testing.T, s string, sum uint64) {
		n, err := decodeCursor(s, sum)
		switch {
		case err != nil && n != 0:
			t.Fatal("an error and a number")
		case err == nil && s != "" && encodeCursor(n, sum) != s:
			t.Fatal("a cursor that was not given out")
		}
	})
}
