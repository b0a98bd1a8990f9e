package vanity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

// What each carrier is asked for patterns that people write.
func TestSplit(t *testing.T) {
	perCode := func(q Query) (all []Query) {
		for _, npa := range nanp.Builtin().TollFree() {
			q.NPA = npa
			if q.Prefix != "" {
				q.NPA, q.Prefix = 0, npa.String()+q.Prefix[3:]
			}
			if q.Mask != "" {
				q.Mask = npa.String() + q.Mask[3:]
			}
			all = append(all, q)
		}
		return all
	}
	for _, c := range []struct {
		pattern, dialect string
		want             []Query
		most             uint64 // of each
		exact            bool
	}{
		{"877-555-XXXX", "telnyx", []Query{{Prefix: "877555"}}, 10_000, true},
		{"877-555-XXXX", "twilio", []Query{{Prefix: "877555"}}, 10_000, true},
		{"877-555-XXXX", "bandwidth local", []Query{{NPA: 877, NXX: 555}}, 10_000, true},
		{"877-555-XXXX", "bandwidth toll-free", []Query{{NPA: 877}}, 7_910_000, false},
		{"877-555-XXXX", "somos", []Query{{NPA: 877, Mask: "877555****"}}, 10_000, true},
		{"877-555-XXXX", "area codes", []Query{{NPA: 877}}, 7_910_000, false},
		{"877-555-XXXX", "nothing", []Query{{}}, 5_449_990_000, false},

		{"8XX-OUR-FOOD", "telnyx", []Query{{Prefix: "8", Suffix: "6873663"}}, 89, false},
		{"8XX-OUR-FOOD", "twilio", []Query{{Suffix: "6873663"}}, 689, false},
		{"8XX-OUR-FOOD", "bandwidth local", []Query{{Suffix: "6873663"}}, 689, false},
		{"8XX-OUR-FOOD", "bandwidth toll-free", []Query{{Suffix: "6873663"}}, 689, false},
		{"8XX-OUR-FOOD", "somos", perCode(Query{Mask: "***6873663"}), 1, true},
		{"8XX-OUR-FOOD", "area codes", perCode(Query{}), 7_910_000, false},
		{"8XX-OUR-FOOD", "codes", perCode(Query{NXX: 687}), 10_000, false},
		{"8XX-OUR-FOOD", "masks", []Query{{Mask: "8**6873663"}}, 89, false},

		{"888-XXX-1000", "telnyx", []Query{{NPA: 888, Suffix: "1000"}}, 791, true},
		{"888-XXX-1000", "twilio", []Query{{NPA: 888, Suffix: "1000"}}, 791, true},
		{"888-XXX-1000", "bandwidth local", []Query{{NPA: 888, Suffix: "1000"}}, 791, true},
		{"888-XXX-1000", "bandwidth toll-free", []Query{{NPA: 888}}, 7_910_000, false},
		{"888-XXX-1000", "somos", []Query{{NPA: 888, Mask: "888***1000"}}, 791, true},
		{"888-XXX-1000", "masks", []Query{{Mask: "888***1000"}}, 791, true},

		{"877-X22-33XX", "bandwidth local", []Query{{NPA: 877, Tail: "2233"}}, 3391, false},
		{"877-X22-33XX", "telnyx", []Query{{NPA: 877, Contains: "2233"}}, 3391, false},
		{"877-X22-33XX", "anywhere", []Query{{NPA: 877, Contains: "2233"}}, 3391, false},
		{"877-5XX-2233", "twilio", []Query{{NPA: 877, Suffix: "2233"}}, 791, false},
		{"877-5XX-2233", "telnyx", []Query{{Prefix: "8775", Suffix: "2233"}}, 99, true},
		{"XXX-FLOWERS", "area codes", []Query{{}}, 5_449_990_000, false}, // a query for each of 689 would be everything too
		{"8XX-555-XXXX", "front", perCode(Query{Prefix: "***555"}), 10_000, true},
		{"877-55X-XXXX", "front", tens("87755"), 10_000, true},
		{"XXX-2121-112", "anywhere", []Query{{Contains: "12111"}}, 689*8*10 + 689*72, false},
		{"XXX-FLOWERS", "bandwidth toll-free", []Query{{Suffix: "3569377"}}, 689, true},
		{"XXX-XXX-&&&&", "end", quads(), 544_999, true},
		{"XXX-XXX-XXXX", "area codes", []Query{{}}, 5_449_990_000, true},
		{"XXX-XXX-XXXX", "everything", []Query{{}}, 5_449_990_000, true},
		{"800-FLOWERS", "everything", []Query{{Mask: "8003569377"}}, 1, true},
	} {
		p := MustCompile(c.pattern)
		plan := Split(&p, dialects[c.dialect])
		name := c.pattern + " " + c.dialect
		require.Equal(t, c.want, plan.Queries, name)
		require.Equal(t, c.exact, plan.Exact, name)
		require.Equal(t, slices.Repeat([]uint64{c.most}, len(c.want)), plan.Most, name)
	}
	require.Equal(t, Plan{Exact: true}, Split(new(Pattern), dialects["telnyx"]))
}

func tens(front string) (all []Query) {
	for d := range 10 {
		all = append(all, Query{Prefix: front + fmt.Sprint(d)})
	}
	return all
}

func quads() (all []Query) {
	for d := range 10 {
		all = append(all, Query{Suffix: strings.Repeat(fmt.Sprint(d), 4)})
	}
	return all
}

// drawDialect draws one of the carriers' or one of no carrier.
func drawDialect(rt *rapid.T) Dialect {
	names := []string{"any"}
	for name := range dialects {
		names = append(names, name)
	}
	slices.Sort(names)
	if d, ok := dialects[rapid.SampledFrom(names).Draw(rt, "dialect")]; ok {
		return d
	}
	can := func(name string) bool { return rapid.IntRange(0, 2).Draw(rt, name) == 0 }
	d := Dialect{NPA: can("npa"), NXX: can("nxx"), Prefix: can("prefix"), Suffix: can("suffix"), Contains: can("contains"),
		Tail: can("tail"), Mask: can("mask"), OneFixed: can("one"), Alone: can("alone"), MinFixed: rapid.IntRange(0, 7).Draw(rt, "min")}
	if can("most") {
		d.MaxFixed = rapid.IntRange(max(1, d.MinFixed), 10).Draw(rt, "max")
	}
	d.NeedNPA = d.NPA && can("needs")
	return d
}

// asks writes out the numbers that a query matches, contains and tail apart.
func asks(q Query) []nanp.Number {
	b := []byte("**********")
	copy(b, q.Prefix)
	copy(b[10-len(q.Suffix):], q.Suffix)
	copy(b, q.NPA.String())
	copy(b[3:], q.NXX.String())
	for i := range len(q.Mask) {
		if q.Mask[i] != '*' {
			b[i] = q.Mask[i]
		}
	}
	return expand(string(b))
}

// Whatever the dialect: no number of the pattern is lost, the plan is exact only
// when it is the pattern, and it is bounded, sayable and no more than it claims.
func TestSplitAgreesWithTheReference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		symbols, d := drawSymbols(rt, 3), drawDialect(rt)
		p, _, err := Compile(strings.Replace(symbols, "TTT", "8XX-", 1))
		if err != nil {
			return
		}
		plan := Split(&p, d)
		set := expandSorted(symbols)
		require.NotEmpty(rt, plan.Queries)
		require.LessOrEqual(rt, len(plan.Queries), 800)
		require.Len(rt, plan.Most, len(plan.Queries))
		matched := func(n nanp.Number) bool {
			return slices.ContainsFunc(plan.Queries, func(q Query) bool { return q.Match(n) })
		}
		for _, n := range set {
			require.True(rt, matched(n), "%s is lost: %+v", n, plan.Queries)
		}
		var small uint64
		for i, q := range plan.Queries {
			require.NoError(rt, q.Validate(), "%+v", q)
			asked, exact := d.Ask(q)
			require.True(rt, exact, "%+v is asked as %+v", q, asked)
			require.False(rt, d.NeedNPA && q.NPA == 0)
			small += plan.Most[i]
			if small > 20_000 || q.Contains != "" || q.Tail != "" {
				small = 1 << 40
			}
		}
		if small > 20_000 {
			for range 100 {
				if n := near(rt, set); plan.Exact {
					require.Equal(rt, p.Match(n), matched(n), "%s", n)
				}
			}
			return
		}
		var union []nanp.Number
		for i, q := range plan.Queries {
			all := asks(q)
			require.Len(rt, all, int(plan.Most[i]), "%+v", q)
			union = append(union, all...)
		}
		slices.Sort(union)
		require.Equal(rt, slices.Equal(slices.Compact(union), set), plan.Exact, "%+v", plan.Queries)
	})
}

// Where a plan has several queries or says nothing, no single question that says
// anything covers the set; and it has no more queries than there are area codes.
func TestSplitIsMinimal(t *testing.T) {
	// Contains alone can stand in so many places that the sum of them is no bound.
	p := MustCompile("&&%-2%2-%%2%")
	require.Equal(t, []Query{{Contains: "2"}}, Split(&p, dialects["telnyx"]).Queries)

	several := 0
	rapid.Check(t, func(rt *rapid.T) {
		symbols, d := drawSymbols(rt, 3), drawDialect(rt)
		p, _, err := Compile(strings.Replace(symbols, "TTT", "8XX-", 1))
		if err != nil || d.NeedNPA {
			return
		}
		plan := Split(&p, d)
		if len(plan.Queries) == 1 && plan.Queries[0] != (Query{}) {
			return
		}
		several++
		set := expandSorted(symbols)
		for _, q := range singles(set[0]) {
			if _, exact := d.Ask(q); !exact {
				continue
			}
			require.True(rt, slices.ContainsFunc(set, func(n nanp.Number) bool { return !q.Match(n) }),
				"%+v covers %s, but the plan is %+v", q, p, plan.Queries)
		}
		codes := map[nanp.NPA]bool{}
		for _, n := range set {
			codes[n.NPA()] = true
		}
		if d.NPA {
			require.LessOrEqual(rt, len(plan.Queries), len(codes))
		}
	})
	require.NotZero(t, several)
}

// singles returns every question with one condition that a number satisfies.
func singles(n nanp.Number) []Query {
	digits := strings.TrimPrefix(n.String(), "+1")
	all := []Query{{NPA: n.NPA()}}
	for from := range 10 {
		all = append(all, Query{Mask: strings.Repeat("*", from) + digits[from:from+1] + strings.Repeat("*", 9-from)})
		for to := from + 1; to <= 10; to++ {
			part := digits[from:to]
			all = append(all, Query{Contains: part})
			if from >= 3 {
				all = append(all, Query{Tail: part})
			}
			if from == 0 {
				all = append(all, Query{Prefix: part})
			}
			if to == 10 {
				all = append(all, Query{Suffix: part})
			}
		}
	}
	return all
}

// Sets that would take more questions than anybody can ask.
func TestSplitIsBounded(t *testing.T) {
	for _, text := range []string{"XXX-%XX-&*%&", "&*%-%**-&**%", "XXX-X2X-X3X4", "8XX-X2X-XXXX", "XXX-XXX-XXXX", "*0*-*0*-****"} {
		p := MustCompile(text)
		for name, d := range dialects {
			plan := Split(&p, d)
			require.NotEmpty(t, plan.Queries, "%s %s", text, name)
			require.LessOrEqual(t, len(plan.Queries), 800, "%s %s", text, name)
		}
	}
}

// The new conditions and limits: nothing that the query matches is lost in asking.
func TestAskKeepsTheLimits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDialect(rt)
		n := near(rt, []nanp.Number{nanp.MustParse("8776873663"), nanp.MustParse("5012345678")})
		q := rapid.SampledFrom(singles(n)).Draw(rt, "query")
		more := rapid.SampledFrom(singles(n)).Draw(rt, "more")
		if more.NPA != 0 {
			q.NPA, q.NXX = n.NPA(), n.NXX()
		}
		if more.Suffix != "" {
			q.Suffix = more.Suffix
		}
		if more.Tail != "" {
			q.Tail = more.Tail
		}
		asked, exact := d.Ask(q)
		require.Equal(rt, asked == q, exact)
		require.True(rt, q.Match(n))
		require.True(rt, asked.Match(n), "%+v asked as %+v", q, asked)
		require.NoError(rt, asked.Validate())
		again, exact := d.Ask(asked)
		require.True(rt, exact && again == asked, "what was asked can be asked: %+v", asked)
		conditions := 0
		for _, c := range []string{asked.Prefix, asked.Suffix, asked.Contains, asked.Tail} {
			if c != "" {
				conditions++
				require.GreaterOrEqual(rt, len(c), d.MinFixed)
				require.True(rt, d.MaxFixed == 0 || len(c) <= d.MaxFixed)
			}
		}
		require.False(rt, d.OneFixed && conditions > 1)
		require.False(rt, d.Alone && conditions > 0 && asked.NPA != 0)
		require.False(rt, d.NeedNPA && q.NPA != 0 && asked.NPA == 0)
	})
}

func TestQueryTailAndMask(t *testing.T) {
	n := nanp.MustParse("877-555-2233")
	for q, want := range map[Query]bool{
		{Tail: "5522"}: true, {Tail: "7555"}: false, {Tail: "5552233"}: true, {Tail: "0"}: false,
		{Mask: "877*55*2*4"}: false, {Mask: "877*55*33*"}: false, {Mask: "877*552*33"}: true, {Mask: "**********"}: true, {Mask: "*77***223*"}: true,
		{Mask: "8775552234"}: false, {Mask: "877"}: false,
	} {
		require.Equal(t, want, q.Match(n), "%+v", q)
	}
	for field, q := range map[Field]Query{Tail: {Tail: "12345678"}, Mask: {Mask: "877"}} {
		var e *QueryError
		require.ErrorAs(t, q.Validate(), &e)
		require.Equal(t, field, e.Field)
	}
	require.Error(t, Query{Mask: "877X55****"}.Validate())
	require.Error(t, Query{Tail: "**"}.Validate())
	require.Error(t, Query{Mask: "877555*****"}.Validate())
}
