package market

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

// randomCarrier has pages of any size, repeats itself, answers what was not asked,
// and may filter, only say so, or fail at some request.
type randomCarrier struct {
	*fake
	stock   []provider.Offer
	answer  []provider.Offer // what it has shown
	failsAt int              // 0: never
}

func drawCarrier(rt *rapid.T, i int) *randomCarrier {
	c := &randomCarrier{fake: &fake{name: provider.ID(fmt.Sprint("c", i))}}
	offer := rapid.Custom(func(rt *rapid.T) provider.Offer {
		npa := rapid.SampledFrom([]nanp.NPA{501, 501, 501, 870, 212, 888, 900}).Draw(rt, "npa")
		nxx := rapid.SampledFrom([]nanp.NXX{234, 234, 235, 555}).Draw(rt, "nxx")
		return provider.Offer{
			Number: line(npa, nxx, rapid.IntRange(100, 130).Draw(rt, "line")),
			State:  rapid.SampledFrom([]string{"", "AR", "AR", "ar", "TX"}).Draw(rt, "state"),
			City:   rapid.SampledFrom([]string{"", "Little Rock", "LITTLE ROCK", "Conway"}).Draw(rt, "city"),
		}
	})
	c.stock = rapid.SliceOfN(offer, 0, 60).Draw(rt, "stock")
	c.failsAt = rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(rt, "fails at")
	honest := rapid.Bool().Draw(rt, "honest")
	for _, f := range []provider.Filter{provider.ByState, provider.ByCity} {
		if rapid.Bool().Draw(rt, string(f)) {
			c.traits.Filters = append(c.traits.Filters, f)
		}
	}
	d := vanity.Dialect{NPA: rapid.Bool().Draw(rt, "asks NPA"), NXX: rapid.Bool().Draw(rt, "asks NXX")}
	c.traits.Dialect = map[provider.NumberKind]vanity.Dialect{provider.Local: d, provider.TollFree: d}
	c.traits.PageMax = rapid.IntRange(0, 9).Draw(rt, "page max")
	page := rapid.IntRange(1, 20).Draw(rt, "page")
	c.search = func(_ context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
		if c.failsAt > 0 && len(c.asked) >= c.failsAt {
			return provider.Result[provider.Offer]{}, &provider.Error{Provider: c.name, Kind: provider.Forbidden}
		}
		var fit []provider.Offer
		for _, o := range c.stock {
			if !honest || r.Query.Match(o.Number) {
				fit = append(fit, o)
			}
		}
		from, _ := strconv.Atoi(r.Page.Cursor)
		to := min(from+page, len(fit))
		c.answer = append(c.answer, fit[from:to]...)
		res := provider.Result[provider.Offer]{Items: fit[from:to]}
		if to < len(fit) {
			res.Next = strconv.Itoa(to)
		}
		return res, nil
	}
	return c
}

func (c *randomCarrier) failed() bool { return c.failsAt > 0 && len(c.asked) >= c.failsAt }

// wanted says in its own words whether an offer is one that was asked for.
func (c *randomCarrier) wanted(q Query, o provider.Offer) bool {
	npa, nxx := o.Number.NPA(), o.Number.NXX()
	if q.NPA != 0 && npa != q.NPA || q.NXX != 0 && nxx != q.NXX {
		return false
	}
	if q.Kind == provider.TollFree {
		return npa == 888
	}
	if npa != 501 && npa != 870 || nxx == 555 || o.State == "TX" {
		return false
	}
	switch o.City {
	case "Little Rock", "LITTLE ROCK":
		return true
	case "":
		return q.City == "" || c.traits.Applies(provider.ByCity)
	}
	return q.City == ""
}

func TestSearchOverRandomCarriers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all []*randomCarrier
		var carriers []provider.Provider
		for i := range rapid.IntRange(1, 4).Draw(rt, "carriers") {
			c := drawCarrier(rt, i)
			all, carriers = append(all, c), append(carriers, c)
		}
		q := rapid.SampledFrom([]Query{
			{State: "AR"}, {State: "AR", City: "little-rock"}, {State: "AR", NPA: 501}, {State: "AR", NPA: 501, NXX: 234, City: "Little Rock"},
			{Kind: provider.TollFree}, {Kind: provider.TollFree, NPA: 888, NXX: 555},
		}).Draw(rt, "query")
		q.Want = rapid.IntRange(1, 80).Draw(rt, "want")
		s := desk(t, carriers...)
		mine := map[nanp.Number]bool{}
		for l := range rapid.IntRange(0, 10).Draw(rt, "ours") {
			mine[line(501, 234, 100+l)] = true
		}
		s.Ours = func(context.Context, []nanp.Number) (map[nanp.Number]bool, error) { return mine, nil }

		x, err := s.Search(context.Background(), q)
		require.NoError(rt, err)
		got, err := x.All()
		report := x.Report()

		there, allFailed := map[nanp.Number]bool{}, true
		for _, c := range all {
			require.Zero(rt, c.busy, "no request is under way any more")
			allFailed = allFailed && c.failed()
			seen := c.stock
			if c.failed() {
				seen = c.answer
			}
			for _, o := range seen {
				if c.wanted(q, o) && !mine[o.Number] {
					there[o.Number] = true
				}
			}
		}
		require.Equal(rt, len(got) == 0 && allFailed, err != nil, "%v", err)
		shown := map[nanp.Number]bool{}
		for _, o := range got {
			require.True(rt, there[o.Number], "%v was asked for", o)
			require.False(rt, shown[o.Number], "%v twice", o)
			shown[o.Number] = true
		}
		require.LessOrEqual(rt, len(got), q.Want)
		if len(got) < q.Want {
			require.Len(rt, got, len(there), "all that there is")
		}
		require.Equal(rt, len(got), report.Shown)
		for _, c := range all {
			r := of(report, c.name)
			explained := r.FilteredLocally + r.Ours + r.Duplicates + r.Shown
			require.LessOrEqual(rt, explained, r.Found)
			if len(got) < q.Want {
				require.Equal(rt, len(c.answer), r.Found)
				require.Equal(rt, r.Found, explained, "nothing was left over")
				require.Equal(rt, c.failed(), r.Err != nil)
			}
		}
	})
}

// BenchmarkSearch merges ten carriers with a thousand offers each.
func BenchmarkSearch(b *testing.B) {
	var carriers []provider.Provider
	for i := range 10 {
		var offers []provider.Offer
		for l := range 1000 {
			offers = append(offers, provider.Offer{Number: line(501, nanp.NXX(230+i), l), State: "AR", City: "Little Rock"})
		}
		carriers = append(carriers, &fake{name: provider.ID(fmt.Sprint("c", i)), search: sells(1000, offers...)})
	}
	s := desk(b, carriers...)
	for name, q := range map[string]Query{
		"want 25":   {State: "AR", City: "Little Rock", Want: 25},
		"want 1000": {State: "AR", City: "Little Rock", Want: 1000},
		// A number that nobody has: all ten thousand offers are looked at.
		"want none": {State: "AR", City: "Conway", Want: 1000},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x, err := s.Search(context.Background(), q)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := x.All(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMerge is the merging alone: ten streams of a thousand.
func BenchmarkMerge(b *testing.B) {
	b.ReportAllocs()
	h := &hunt[Offer]{want: 10_000}
	var sources []source[Offer]
	for i := range 10 {
		var offers []Offer
		for l := range 1000 {
			offers = append(offers, Offer{Number: line(501, nanp.NXX(230+i), l)})
		}
		h.carriers = append(h.carriers, carrier{id: provider.ID(fmt.Sprint("c", i))})
		sources = append(sources, func(_ context.Context, send func([]Offer) bool) error {
			send(offers)
			return nil
		})
	}
	for b.Loop() {
		m := &merger[Offer]{want: h.want, board: newBoard(h.want, h.carriers, nil), fresh: freshOffer}
		m.run(context.Background(), sources, func(Offer, error) bool { return true })
		if m.shown != h.want {
			b.Fatal(m.shown)
		}
	}
}
