package market

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/vanity"
)

// dialects are how carriers can be asked: in full, in digits only, by area code only.
func dialects() map[string]sandbox.Config {
	return map[string]sandbox.Config{
		"fluent": {Seed: 5},
		"digits": {Seed: 5, Dialect: sandbox.DigitsOnly()},
		"weak":   {Seed: 5, Weak: true, PageMax: 1000},
	}
}

func compile(t require.TestingT, s string) vanity.Pattern {
	p, _, err := vanity.Compile(s)
	require.NoError(t, err, s)
	return p
}

// forSale is every toll-free number that the sandbox sells and the pattern asks for.
func forSale(t require.TestingT, c *sandbox.Carrier, p vanity.Pattern) (out []nanp.Number) {
	var few []nanp.Number
	flush := func() {
		if len(few) == 0 {
			return
		}
		r, err := c.Capabilities().Search.Search(context.Background(), provider.SearchRequest{Kind: provider.TollFree, Exact: few, Page: provider.Page{Limit: 1000}})
		require.NoError(t, err)
		for _, o := range r.Items {
			out = append(out, o.Number)
		}
		few = few[:0]
	}
	for n := range p.All() {
		if !n.TollFree() || n.CheckDID() != nil {
			continue
		}
		if few = append(few, n); len(few) == 100 {
			flush()
		}
	}
	flush()
	return out
}

// One pattern means the same at every carrier, whatever it can be asked.
func TestPatternMeansTheSameInEveryDialect(t *testing.T) {
	exact, err := sandbox.New(sandbox.Config{Seed: 5})
	require.NoError(t, err)
	patterns := []string{"8XX-OUR-FOOD", "888-222-XX&&", "877-555-1XX2", "800-2&&-7&00"}
	for name, c := range dialects() {
		carrier, err := sandbox.New(c)
		require.NoError(t, err)
		s := desk(t, carrier)
		for _, text := range patterns {
			if name == "weak" && text != "877-555-1XX2" {
				continue // it means to read more than a million numbers
			}
			p := compile(t, text)
			x, err := s.Search(t.Context(), Query{Kind: provider.TollFree, Pattern: p, Want: 1000})
			require.NoError(t, err)
			got, err := x.All()
			require.NoError(t, err, "%s %s: %s", name, text, x.Report())
			found := numbersOnly(got)
			slices.Sort(found)
			require.Equal(t, forSale(t, exact, p), found, "%s %s: %s", name, text, x.Report())
		}
	}
}

func numbersOnly(offers []Offer) (out []nanp.Number) {
	for _, o := range offers {
		out = append(out, o.Number)
	}
	return out
}

func TestPatternInAState(t *testing.T) {
	for name, c := range dialects() {
		carrier, err := sandbox.New(c)
		require.NoError(t, err)
		var all []nanp.Number
		for o, err := range provider.All(t.Context(), func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
			p.Limit = 1000
			return carrier.Capabilities().Search.Search(ctx, provider.SearchRequest{State: "AR", Page: p})
		}) {
			require.NoError(t, err)
			if o.State == "AR" {
				all = append(all, o.Number)
			}
		}
		for _, text := range []string{"501-XXX-XX00", "XXX-XXX-&&&&", "479-XXX-1234", "XXX-202-X7X7", "XXX-XXX-TAXI"} {
			p := compile(t, text)
			want := slices.DeleteFunc(slices.Clone(all), func(n nanp.Number) bool { return !p.Match(n) })
			x, err := desk(t, carrier).Search(t.Context(), Query{State: "AR", Pattern: p, Want: MaxWant})
			require.NoError(t, err)
			got, err := x.All()
			require.NoError(t, err)
			found := numbersOnly(got)
			slices.Sort(found)
			require.NotEmpty(t, want, text)
			require.Equal(t, want, found, "%s %s: %s", name, text, x.Report())
		}
	}
}

func TestPatternOutsideOfTheSearchIsRefused(t *testing.T) {
	s := desk(t, &fake{name: "a"})
	for says, q := range map[string]Query{
		"New York":             {State: "AR", Pattern: compile(t, "212-XXX-1234")},
		"none of those":        {Kind: provider.TollFree, Pattern: compile(t, "501-XXX-1234")},
		"area code 888 and no": {Kind: provider.TollFree, NPA: 877, Pattern: compile(t, "888-XXX-1234")},
	} {
		_, err := s.Search(t.Context(), q)
		require.ErrorIs(t, err, ErrInvalid)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "pattern")
	}
}

// The report tells how many of the questions are done.
func TestPatternProgress(t *testing.T) {
	carrier, err := sandbox.New(sandbox.Config{Weak: true})
	require.NoError(t, err)
	x, err := desk(t, carrier).Search(t.Context(), Query{Kind: provider.TollFree, Pattern: compile(t, "8XX-XXX-0000"), Want: 5})
	require.NoError(t, err)
	n := 0
	for _, err := range x.Offers() {
		require.NoError(t, err)
		n++
		r := x.Report().Carriers[0]
		require.Equal(t, 7, r.Planned)
		require.Less(t, r.Asked, 7)
		require.GreaterOrEqual(t, r.Found, n)
		require.Equal(t, n, r.Shown)
	}
	require.Equal(t, 5, n)
	require.Contains(t, x.Report().String(), "questions left")
}
