package vanity_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

// FuzzCompile: whatever is given, a pattern comes out that means the same in each of
// its notations, or a whole error.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		"877-555-XXXX", "8XX-OUR-FOOD", "888-XXX-1000", "1-800-FLOWERS", "877&&&TREE", "877-555-%&%&", "800-EXX-ONMOB",
		`800-"FOX"-TAXI`, "NXX-NXX-XXXX", "8**-FLOWERS", "１８００ＦＬＯＷＥＲＳ", "+1 (8XX) 555.1000", "flowers", "800-\u0421AT-FOOD",
		"1-800-X-X-X-X-X-X-X-X-X-X-X-X-X-X-X-X", "877-911-XXXX", "\xff", `"`, "1-800-SIXTY-SIX-BOXXES",
	} {
		f.Add(s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, s string, as uint8) {
		p, notes, err := Compile(s, XAs(Reading(as%3)))
		if err != nil {
			require.True(t, p.IsZero())
			require.Empty(t, notes)
			whole(t, err)
			return
		}
		require.LessOrEqual(t, len(s), 128)
		require.True(t, p.Equal(p))
		require.NotZero(t, p.Count())
		for _, n := range notes {
			require.Less(t, n.At, len(s))
			require.True(t, utf8.ValidString(n.Text))
			alt, _, err := Compile(n.Alt)
			require.NoError(t, err, "%q", n.Alt)
			require.False(t, alt.Equal(p), "%q is no other reading", n.Alt)
		}
		sameAfterReading(t, p)
		last := nanp.Number(0)
		for n := range p.All() {
			require.True(t, n > last && n.Valid() && p.Match(n))
			digits, err := Digits(p.Spell(n))
			require.NoError(t, err)
			want := n.Digits()
			require.Equal(t, string(want[:]), digits[:10])
			if last != 0 {
				break
			}
			last = n
		}
	})
}
