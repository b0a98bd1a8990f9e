package vanity_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

// expand is the reference: it writes out every text of ten digits that looks like
// the symbols, and keeps those that are numbers.
func expand(symbols string) (all []nanp.Number) {
	at := strings.IndexAny(symbols, "*&%T")
	if at < 0 {
		if n, err := nanp.Parse(symbols); err == nil {
			all = append(all, n)
		}
		return all
	}
	if symbols[at] == 'T' { // TTT: toll-free
		for _, npa := range []string{"800", "833", "844", "855", "866", "877", "888"} {
			all = append(all, expand(npa+symbols[3:])...)
		}
		return all
	}
	times := -1
	if symbols[at] == '*' {
		times = 1
	}
	for digit := range 10 {
		all = append(all, expand(strings.Replace(symbols, symbols[at:at+1], string(rune('0'+digit)), times))...)
	}
	return all
}

// drawSymbols draws ten symbols with at most so many free digits.
func drawSymbols(rt *rapid.T, free int) string {
	b := []byte(rapid.StringMatching(`[2-9][0-8][0-9][2-9][0-9]{6}`).Draw(rt, "digits"))
	for range rapid.IntRange(0, free).Draw(rt, "wildcards") {
		b[rapid.IntRange(0, 9).Draw(rt, "at")] = '*'
	}
	free -= strings.Count(string(b), "*")
	for _, group := range "&%" {
		if free < 1 || !rapid.Bool().Draw(rt, "group") {
			continue
		}
		free--
		for range rapid.IntRange(2, 5).Draw(rt, "repeats") {
			b[rapid.IntRange(0, 9).Draw(rt, "at")] = byte(group)
		}
		if strings.Count(string(b), string(group)) == 1 {
			b[strings.IndexRune(string(b), group)] = '0'
		}
	}
	for _, group := range "&%" { // of the first the second may have left one
		if strings.Count(string(b), string(group)) == 1 {
			b[strings.IndexRune(string(b), group)] = '3'
		}
	}
	if rapid.IntRange(0, 3).Draw(rt, "toll-free") == 0 {
		copy(b, "TTT")
		for _, group := range "&%" {
			if strings.Count(string(b), string(group)) == 1 {
				b[strings.IndexRune(string(b), group)] = '3'
			}
		}
	}
	return string(b)
}

// written gives the symbols as a person might: with letters for some digits.
func written(rt *rapid.T, symbols string) string {
	b := []byte(strings.Replace(symbols, "TTT", "8XX-", 1))
	for i, c := range b {
		if l := Letters(c); l != "" && i > 3 && rapid.Bool().Draw(rt, "letter") {
			b[i] = l[rapid.IntRange(0, len(l)-1).Draw(rt, "which")]
			if b[i] == 'X' || b[i] == 'N' {
				b[i]-- // these two may be wildcards
			}
			if rapid.Bool().Draw(rt, "small") {
				b[i] += 'a' - 'A'
			}
		}
	}
	text := strings.ReplaceAll(string(b), "X", rapid.SampledFrom([]string{"X", "x"}).Draw(rt, "x"))
	return rapid.SampledFrom([]string{"", "1-", "+1 ", " 1 "}).Draw(rt, "country") + text
}

// All, Count and Match are the reference; so is the text that the pattern is.
func TestPatternsAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		symbols := drawSymbols(rt, 3)
		text := written(rt, symbols)
		want := expand(symbols)
		slices.Sort(want)
		p, _, err := Compile(text)
		if len(want) == 0 {
			require.Error(rt, err, text)
			whole(rt, err)
			return
		}
		require.NoError(rt, err, text)
		require.Equal(rt, want, slices.Collect(p.All()), text)
		require.Equal(rt, uint64(len(want)), p.Count(), text)
		for _, n := range want {
			require.True(rt, p.Match(n))
			require.Equal(rt, must(Digits(p.Spell(n))), strings.TrimPrefix(n.String(), "+1"))
		}
		for range 50 {
			n := near(rt, want)
			_, in := slices.BinarySearch(want, n)
			require.Equal(rt, in, p.Match(n), "%s %s", text, n)
		}
		sameAfterReading(rt, p)
	})
}

// near changes some digits of a number that matches.
func near(rt *rapid.T, want []nanp.Number) nanp.Number {
	n := rapid.SampledFrom(want).Draw(rt, "number")
	for range rapid.IntRange(0, 3).Draw(rt, "changes") {
		shift := 4 * rapid.IntRange(0, 9).Draw(rt, "digit")
		changed := n&^(15<<shift) | nanp.Number(rapid.IntRange(0, 9).Draw(rt, "value"))<<shift
		if changed.Valid() {
			n = changed
		}
	}
	return n
}

func TestCount(t *testing.T) {
	var npas, nxxs uint64
	for c := range 1000 {
		if nanp.NPA(c).Valid() {
			npas++
		}
		if nanp.NXX(c).Valid() {
			nxxs++
		}
	}
	for text, want := range map[string]uint64{
		"877-555-XXXX": 10_000, "8XX-OUR-FOOD": 7, "888-XXX-1000": nxxs, "XXX-FLOWERS": npas, "800-FLOWERS": 1,
		"877&&&TREE": 8, "877-555-&0&1": 10, "877-555-%&%&": 100, "877-555-&&&&": 10, "877-&&&-&&&&": 8,
		"8XX-XXX-XXXX": 7 * nxxs * 10_000, "XXX-XXX-XXXX": npas * nxxs * 10_000, "XXX-XXX-&&%%": npas * nxxs * 100,
		"&&&-&&&-&&&&": 6,        // 555 and 999 are no area codes
		"877-&%%-&000": 8*10 - 8, // N11 is no exchange
	} {
		require.Equal(t, want, MustCompile(text).Count(), text)
	}
	// Fixing one digit after the other, nothing is lost and nothing is counted twice.
	for _, text := range []string{"&*%-*&*-%***", "**&-%%*-**&*", "8**-&*&-*%%*", "***-***-****"} {
		at := strings.IndexByte(text, '*')
		var sum uint64
		for d := range 10 {
			p, _, err := Compile(text[:at] + string(rune('0'+d)) + text[at+1:])
			if err == nil {
				sum += p.Count()
			}
		}
		require.Equal(t, sum, MustCompile(text).Count(), text)
	}
}

func TestAllStopsAndIsLazy(t *testing.T) {
	p := MustCompile("XXX-XXX-XXXX")
	var got []nanp.Number
	for n := range p.All() {
		if got = append(got, n); len(got) == 3 {
			break
		}
	}
	require.Equal(t, []nanp.Number{nanp.MustParse("2002000000"), nanp.MustParse("2002000001"), nanp.MustParse("2002000002")}, got)
	last := nanp.Number(0)
	for n := range MustCompile("&X%-X&X-1%0%").All() {
		require.Less(t, last, n)
		require.True(t, n.Valid())
		last = n
	}
}

func TestSpell(t *testing.T) {
	for _, c := range []struct{ pattern, number, want string }{
		{"877-OUR-FOOD", "8776873663", "877-OUR-FOOD"},
		{"1 800 flowers", "8003569377", "800-FLOWERS"},
		{"8XX-OUR-FOOD", "8446873663", "844-OUR-FOOD"},
		{"877OURFOOD", "8776873663", "877-OURFOOD"},
		{"1-800-MATTRESS", "8006288737", "800-MATTRESS"},
		{"1-800-MORE-SLEEP", "8006673753", "800-MORE-SLEEP"},
		{"1-800-FLOWERS-NOW", "8003569377", "800-FLOWERS-NOW"},
		{"877-555-XXXX", "8775551234", "877-555-1234"},
		{"8775551234", "8775551234", "877-555-1234"},
		{"877-5551234", "8775551234", "877-555-1234"},
		{"877-555-TAXI", "8775558294", "877-555-TAXI"},
		{"877555TAXI", "8775558294", "877-555-TAXI"},
		{"877-55-TAXI-1", "8775582941", "877-55-TAXI-1"},
		{"877-&&&-TREE", "8775558733", "877-555-TREE"},
		{"877-OUR-FOOD", "8885551234", "888-555-1234"}, // is not asked for
	} {
		require.Equal(t, c.want, MustCompile(c.pattern).Spell(nanp.MustParse(c.number)), c.pattern)
	}
	require.Empty(t, MustCompile("XXX-XXX-XXXX").Spell(0))
	require.Equal(t, "877-555-1234", Pattern{}.Spell(nanp.MustParse("8775551234")))
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"8XX-OUR-FOOD", "8xx 687 3663", true},
		{"XXX-FLOWERS", "flowers", true},
		{"NXX-NXX-XXXX", "**********", true},
		{"877-555-&&**", "877-555-%%XX", true},
		{"877-555-&%&%", "877-555-%&%&", true},
		{"1-800-MATTRESS", "800-MATTRES", true}, // the network takes ten digits
		{"8XX-OUR-FOOD", "8**-OUR-FOOD", false},
		{"877-555-&&**", "877-555-**&&", false},
		{"877-555-&&**", "877-555-****", false},
		{"877-555-&&&&", "877-555-&&%%", false},
		{"877-555-&&00", "877-555-1X00", false},
		{"877-555-1000", "877-555-1001", false},
		{"877-555-****", "877-555-1***", false},
	} {
		a, b := MustCompile(c.a), MustCompile(c.b)
		require.Equal(t, c.want, a.Equal(b), "%s %s", c.a, c.b)
		require.Equal(t, c.want, b.Equal(a), "%s %s", c.a, c.b)
	}
	require.True(t, Pattern{}.Equal(Pattern{}))
	require.False(t, Pattern{}.Equal(MustCompile("flowers")))
	require.False(t, MustCompile("flowers").Equal(Pattern{}))
	rapid.Check(t, func(rt *rapid.T) {
		x, y := drawSymbols(rt, 2), drawSymbols(rt, 2)
		if rapid.Bool().Draw(rt, "near") {
			b := []byte(x)
			b[9] = y[9]
			y = string(b)
		}
		a, _, errA := Compile(strings.Replace(x, "TTT", "8XX-", 1))
		b, _, errB := Compile(strings.Replace(y, "TTT", "8XX-", 1))
		if errA == nil && errB == nil {
			require.Equal(rt, slices.Equal(expandSorted(x), expandSorted(y)), a.Equal(b), "%s %s", x, y)
		}
	})
}

func expandSorted(symbols string) []nanp.Number {
	all := expand(symbols)
	slices.Sort(all)
	return all
}

func TestZeroPattern(t *testing.T) {
	var p Pattern
	require.True(t, p.IsZero())
	require.False(t, MustCompile("flowers").IsZero())
	require.False(t, p.Match(nanp.MustParse("8003569377")))
	require.False(t, p.Match(0))
	require.Zero(t, p.Count())
	require.Empty(t, slices.Collect(p.All()))
	require.Empty(t, p.String()+p.Overdial())
}

func TestPatternCodecs(t *testing.T) {
	type saved struct {
		Wish Pattern `json:"wish"`
		None Pattern `json:"none,omitzero"`
	}
	in := saved{Wish: MustCompile(`1-800-"xx"-MATTRESS`)}
	data, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"wish":"800-\"XX-MATTRESS\""}`, string(data))
	var out saved
	require.NoError(t, json.Unmarshal(data, &out))
	require.Equal(t, in, out)
	require.Equal(t, "ESS", out.Wish.Overdial())

	require.Error(t, json.Unmarshal([]byte(`{"wish":"911"}`), &out))
	require.Equal(t, in, out, "an error changes nothing")
	whole(t, out.Wish.UnmarshalText([]byte(strings.Repeat("X", 1<<20))))
	require.NoError(t, out.Wish.UnmarshalText(nil))
	require.True(t, out.Wish.IsZero())
}

func TestMatchDoesNotAllocate(t *testing.T) {
	n := nanp.MustParse("8775552233")
	for _, text := range []string{"877-555-XXXX", "8XX-555-2233", "877-&&&-2233", "877-555-&&%%"} {
		p := MustCompile(text)
		require.True(t, p.Match(n))
		require.Zero(t, testing.AllocsPerRun(100, func() { p.Match(n) }), text)
	}
}
