package vanity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

func TestMatch(t *testing.T) {
	n := nanp.MustParse("877-555-2233")
	for want, qs := range map[bool][]Query{
		true: {{}, {NPA: 877}, {NPA: 877, NXX: 555}, {Prefix: "8775"}, {Suffix: "2233"}, {Contains: "5522"}, {Prefix: "8775552233"},
			{NPA: 877, Prefix: "877", Suffix: "33", Contains: "555"}},
		false: {{NPA: 888}, {NPA: 877, NXX: 556}, {Prefix: "778"}, {Suffix: "2234"}, {Contains: "0"}, {NPA: 877, Suffix: "1"}},
	} {
		for _, q := range qs {
			require.NoError(t, q.Validate())
			require.Equal(t, want, q.Match(n), "%+v", q)
		}
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for field, q := range map[Field]Query{
		NXX: {NXX: 555}, NPA: {NPA: 111}, Prefix: {Prefix: "87a"}, Suffix: {Suffix: "12345678901"}, Contains: {Contains: "\x1b[2J"},
	} {
		var e *QueryError
		require.ErrorAs(t, q.Validate(), &e)
		require.Equal(t, field, e.Field)
		require.NotContains(t, e.Error(), "\x1b")
	}
	require.Error(t, Query{NPA: 501, NXX: 111}.Validate())
	require.Less(t, len(Query{Contains: strings.Repeat("x", 1e6)}.Validate().Error()), 200)
}

// Whatever a dialect understands: what it is asked never leaves out a number that
// the query matches, and is the query itself when it is exact.
func TestAskNeverLosesANumber(t *testing.T) {
	digits := rapid.StringMatching(`[0-9]{0,4}`)
	rapid.Check(t, func(rt *rapid.T) {
		d := Dialect{NPA: rapid.Bool().Draw(rt, "npa"), NXX: rapid.Bool().Draw(rt, "nxx"), Prefix: rapid.Bool().Draw(rt, "p"),
			Suffix: rapid.Bool().Draw(rt, "s"), Contains: rapid.Bool().Draw(rt, "c"), MinFixed: rapid.IntRange(0, 4).Draw(rt, "min")}
		q := Query{Prefix: digits.Draw(rt, "prefix"), Suffix: digits.Draw(rt, "suffix"), Contains: digits.Draw(rt, "contains")}
		if rapid.Bool().Draw(rt, "with codes") {
			q.NPA, q.NXX = 501, 234
		}
		asked, exact := d.Ask(q)
		require.Equal(rt, asked == q, exact)
		n, err := nanp.Make(501, 234, rapid.IntRange(0, 9999).Draw(rt, "line"))
		require.NoError(rt, err)
		if q.Match(n) {
			require.True(rt, asked.Match(n))
		}
	})
}

func ExampleDialect_Ask() {
	weak := Dialect{NPA: true} // a carrier that can only be asked for an area code
	wish := Query{NPA: 877, Suffix: "2233"}
	asked, exact := weak.Ask(wish)
	fmt.Printf("asked for area code %s, exact: %t\n", asked.NPA, exact)
	for _, s := range []string{"877-234-2233", "877-234-2234"} {
		fmt.Println(s, wish.Match(nanp.MustParse(s)))
	}
	// Output:
	// asked for area code 877, exact: false
	// 877-234-2233 true
	// 877-234-2234 false
}
