package vanity_test

import (
	"cmp"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

// enableList is a large list that nobody has filtered.
var enableList = sync.OnceValue(func() string {
	f, err := os.Open("wordlist/enable_3to7.txt.gz")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		panic(err)
	}
	list, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return string(list)
})

var enable = sync.OnceValue(func() *Words {
	w, err := NewWords(strings.NewReader(enableList()))
	if err != nil {
		panic(err)
	}
	return w
})

func dictionary(t require.TestingT, words ...string) *Words {
	w, err := NewWords(strings.NewReader(strings.Join(words, "\n")))
	require.NoError(t, err)
	return w
}

func TestWordsSpell(t *testing.T) {
	few := dictionary(t, "lawyer", "flowers", "got", "junk", "home", "good", "taxi", "quiz", "pizza", "carpet", "care", "in", "go")
	for number, want := range map[string]string{
		"800-356-9377": "1-800-FLOWERS",
		"800-352-9937": "1-800-3-LAWYER",
		"800-529-9370": "1-800-LAWYER-0",
		"800-468-5865": "1-800-GOT-JUNK",
		"212-200-8294": "1-212-200-TAXI",
		"212-555-7849": "1-212-555-QUIZ",
		"212-267-4992": "1-212-26-PIZZA",
		"212-466-3000": "1-212-HOME-000",
		"212-460-6300": "1-212-IN-06300",  // 0 breaks the word HOME
		"212-204-6630": "1-212-20-HOME-0", // and not GOOD, which comes later in the list
		"212-204-6046": "1-212-20-IN-0-IN",
		"212-201-0101": "",
		"212-829-4010": "1-212-TAXI-010",
	} {
		s, ok := few.Spell(nanp.MustParse(number))
		require.Equal(t, want, s.Text, number)
		require.Equal(t, want != "", ok)
	}
	s, _ := few.Spell(nanp.MustParse("800-468-5865"))
	require.Equal(t, Spelling{Text: "1-800-GOT-JUNK", Words: []string{"GOT", "JUNK"}, Covered: 7}, s)

	whole, ok := few.SpellWhole(nanp.MustParse("227-738-2273"))
	require.True(t, ok)
	require.Equal(t, Spelling{Text: "1-CARPET-CARE", Words: []string{"CARPET", "CARE"}, Covered: 10}, whole)

	_, ok = few.Spell(0)
	require.False(t, ok)
	_, ok = few.SpellWhole(0x1234)
	require.False(t, ok)
	require.Empty(t, slices.Collect(new(Words).Spellings(nanp.MustParse("800-356-9377"))), "the zero value has no words")
	require.Empty(t, new(Words).Best(slices.Values([]nanp.Number{0x8003569377}), 1))
}

func TestDigitsOfKnownWords(t *testing.T) {
	for word, digits := range map[string]string{"TAXI": "8294", "QUIZ": "7849", "PIZZA": "74992", "FLOWERS": "3569377"} {
		w := dictionary(t, word)
		n := nanp.MustParse("212" + strings.Repeat("2", 7-len(digits)) + digits)
		s, ok := w.Spell(n)
		require.True(t, ok, word)
		require.Equal(t, []string{word}, s.Words)
	}
	taxi := 0
	for s := range enable().Spellings(nanp.MustParse("212-200-8294")) {
		if slices.Contains(s.Words, "TAXI") {
			taxi++
		}
	}
	require.Equal(t, 1, taxi)
}

// wordKeys is written from the standard, beside the one of the package.
var wordKeys = map[rune]byte{'A': '2', 'B': '2', 'C': '2', 'D': '3', 'E': '3', 'F': '3', 'G': '4', 'H': '4', 'I': '4', 'J': '5', 'K': '5', 'L': '5',
	'M': '6', 'N': '6', 'O': '6', 'P': '7', 'Q': '7', 'R': '7', 'S': '7', 'T': '8', 'U': '8', 'V': '8', 'W': '9', 'X': '9', 'Y': '9', 'Z': '9'}

// told is a spelling as the reference builds it.
type told struct {
	pieces                  []string
	places                  []int // of the words in the list
	covered, words, longest int
}

// tell goes through all ways to cut digits into words of the list and digits.
func tell(list []string, digits string, t told, do func(told)) {
	if digits == "" {
		if t.words > 0 {
			do(t)
		}
		return
	}
	for place, word := range list {
		if len(word) > len(digits) || slices.Index(list, word) != place {
			continue
		}
		fits := true
		for i, c := range word {
			fits = fits && wordKeys[c] == digits[i]
		}
		if fits {
			next := told{append(slices.Clone(t.pieces), word), append(slices.Clone(t.places), place), t.covered + len(word), t.words + 1, max(t.longest, len(word))}
			tell(list, digits[len(word):], next, do)
		}
	}
	next := t
	next.pieces = slices.Clone(t.pieces)
	if last := len(next.pieces) - 1; last >= 0 && next.pieces[last][0] <= '9' {
		next.pieces[last] += digits[:1]
	} else {
		next.pieces = append(next.pieces, digits[:1])
	}
	tell(list, digits[1:], next, do)
}

func wordsReference(list []string, n nanp.Number, from int) (texts []string) {
	d := n.Digits()
	var all []told
	tell(list, string(d[from:]), told{}, func(t told) { all = append(all, t) })
	slices.SortFunc(all, func(a, b told) int {
		order := cmp.Or(b.covered-a.covered, len(a.pieces)-len(b.pieces), b.longest-a.longest)
		if order == 0 {
			order = slices.CompareFunc(a.pieces, b.pieces, func(p, q string) int {
				order := len(q) - len(p)
				if order == 0 && (p[0] > '9') != (q[0] > '9') {
					order = cmp.Compare(q[0], p[0])
				}
				return order
			})
		}
		return cmp.Or(order, slices.Compare(a.places, b.places))
	})
	for _, t := range all {
		head := "1-"
		if from > 0 {
			head += string(d[:from]) + "-"
		}
		texts = append(texts, head+strings.Join(t.pieces, "-"))
	}
	return texts
}

// The letters leave out the vowels, so that nothing offensive can come of them.
func drawWords(rt *rapid.T) []string {
	return rapid.SliceOfN(rapid.StringMatching(`[BCDFGHJLMNPRTVWXZ]{2,8}|[BCDFG]{2,3}|[BCDF]{4,10}`), 1, 40).Draw(rt, "list")
}

func drawWordNumber(rt *rapid.T) nanp.Number {
	line := rapid.SampledFrom([]string{"[0-9]", "[23]", "[2-4]"}).Draw(rt, "digits")
	n, err := nanp.Parse(rapid.StringMatching("[2-4]"+line+"{2}[2-4]"+line+"{6}").Filter(func(s string) bool {
		_, err := nanp.Parse(s)
		return err == nil
	}).Draw(rt, "number"))
	require.NoError(rt, err)
	return n
}

func TestSpellingsAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := drawWords(rt)
		w, n := dictionary(rt, list...), drawWordNumber(rt)
		var got []string
		for s := range w.Spellings(n) {
			got = append(got, s.Text)
			covered := 0
			for _, word := range s.Words {
				require.Contains(rt, list, word)
				covered += len(word)
			}
			require.Equal(rt, covered, s.Covered)
		}
		want := wordsReference(list, n, 3)
		require.Equal(rt, want, got)
		s, ok := w.Spell(n)
		require.Equal(rt, len(want) > 0, ok)
		if ok {
			require.Equal(rt, want[0], s.Text)
		}
		if want := wordsReference(list, n, 0); len(want) < 5000 {
			var got []string
			for s := range w.WholeSpellings(n) {
				got = append(got, s.Text)
			}
			require.Equal(rt, want, got)
		}
	})
}

// Whatever is shown is dialled as the number, so 0 and 1 never have letters.
func TestSpellingsDialTheNumber(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		n := someNumber(r)
		d := n.Digits()
		shown := 0
		for s := range enable().Spellings(n) {
			dialled, err := Digits(s.Text)
			require.NoError(t, err)
			require.Equal(t, "1"+string(d[:]), dialled, s.Text)
			letters := 0
			for _, c := range s.Text {
				if unicode.IsLetter(c) {
					letters++
				}
			}
			require.Equal(t, s.Covered, letters)
			if shown++; shown == 20 {
				break
			}
		}
	}
}

func someNumber(r *rand.Rand) nanp.Number {
	for {
		n, err := nanp.Make(nanp.NPA(200+r.IntN(800)), nanp.NXX(200+r.IntN(800)), r.IntN(10000))
		if err == nil {
			return n
		}
	}
}

func TestBestIsWhatSpellingAllWouldFind(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := dictionary(rt, drawWords(rt)...)
		numbers := rapid.SliceOfN(rapid.Custom(drawWordNumber), 0, 60).Draw(rt, "numbers")
		checkBest(rt, w, append(numbers, numbers...), rapid.IntRange(0, 70).Draw(rt, "limit"))
	})
	r := rand.New(rand.NewPCG(3, 4))
	numbers := make([]nanp.Number, 20_000)
	for i := range numbers {
		numbers[i] = someNumber(r)
	}
	for _, limit := range []int{1, 10, 1000, 1 << 62} { // more than fits in memory is not asked for in advance
		checkBest(t, enable(), numbers, limit)
		checkBest(t, BuiltinWords(), numbers, limit)
	}
	require.Empty(t, enable().Best(nil, 10))
	require.Empty(t, enable().Best(slices.Values(numbers), -1))
	invalid := []nanp.Number{0, 0x1234, 0xffffffffffffffff, 0x800356937a, 0x1003569377, 0xf8003569377}
	require.Empty(t, enable().Best(slices.Values(invalid), 10))
}

func checkBest(t require.TestingT, w *Words, numbers []nanp.Number, limit int) {
	var want []Scored
	for _, n := range slices.Compact(slices.Sorted(slices.Values(numbers))) {
		if s, ok := w.Spell(n); ok {
			want = append(want, Scored{n, s, Points(n)})
		}
	}
	longest := func(s Scored) int {
		return len(slices.MaxFunc(s.Spelling.Words, func(a, b string) int { return len(a) - len(b) }))
	}
	slices.SortStableFunc(want, func(a, b Scored) int {
		return cmp.Or(b.Spelling.Covered-a.Spelling.Covered, strings.Count(a.Spelling.Text, "-")-strings.Count(b.Spelling.Text, "-"),
			longest(b)-longest(a), b.Points-a.Points)
	})
	want = want[:min(limit, len(want))]
	got := w.Best(slices.Values(numbers), limit)
	require.Equal(t, len(want), len(got))
	for i := range want {
		require.Equal(t, want[i], got[i])
	}
}

// rot13 keeps out of this file what must not be shown.
func rot13(s string) string {
	return strings.Map(func(c rune) rune { return 'A' + (c-'A'+13)%26 }, s)
}

func TestOffensiveWordsAreNeverShown(t *testing.T) {
	stem, word := rot13("FUVG"), rot13("NFF")
	w := dictionary(t, stem, stem+"TER", word, "glass", "classes", "taxi")
	require.Equal(t, 3, w.Len(), "an offensive word is left out, one that only contains a short one is not")
	require.Equal(t, 3, w.Blocked())
	for _, s := range []string{stem, stem + "TER", word} {
		require.False(t, w.Has(s))
	}
	for _, s := range []string{"GLASS", "CLASSES", "TAXI"} {
		require.True(t, w.Has(s))
	}

	// Two words that are harmless each, and the number that has both.
	for _, both := range [][2]string{{stem[:2], stem[2:]}, {rot13("CRA"), rot13("VF")}, {"PU" + stem[:2], stem[2:]}} {
		w := dictionary(t, both[0], both[1], "TAXI")
		require.Equal(t, 3, w.Len())
		digits, err := Digits(both[0] + both[1])
		require.NoError(t, err)
		n := nanp.MustParse("212" + "2222222"[len(digits):] + digits)
		s, ok := w.Spell(n)
		require.True(t, ok)
		require.Len(t, s.Words, 1)
		for s := range w.Spellings(n) {
			require.Len(t, s.Words, 1, s.Text)
		}
		best := w.Best(slices.Values([]nanp.Number{n}), 1)
		require.Len(t, best, 1)
		require.Equal(t, s, best[0].Spelling)
		ahead := nanp.MustParse("212" + digits + "2222222"[len(digits):])
		for s := range w.Spellings(ahead) {
			require.Len(t, s.Words, 1, s.Text)
		}
		apart := nanp.MustParse("212" + digits[:len(both[0])] + "0" + digits[len(both[0]):] + "222222"[len(digits):])
		s, ok = w.Spell(apart)
		require.True(t, ok)
		require.Len(t, s.Words, 2, "a digit keeps them apart")
	}

	// Nor by a large list that nobody has filtered.
	require.Greater(t, enable().Blocked(), 400)
	require.Equal(t, 51852, enable().Len()+enable().Blocked())
	for _, s := range []string{"FUVG", "SHPX", "PHAG", "AVTTRE", "SNTTBG", "OVGPU", "JUBER", "FYHG", "ANMV", "XVXR", "CRAVF", "ENCR", "QNZA"} {
		require.False(t, enable().Has(rot13(s)), s)
	}
	for _, s := range []string{"GRAPES", "ANALYST", "SPICE", "THORNY", "PARSES", "METHOD", "RACCOON", "HOSPICE", "FARTHER", "SWANKY"} {
		require.True(t, enable().Has(s), s)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		for s := range enable().Spellings(someNumber(r)) {
			joined := strings.ReplaceAll(s.Text, "-", "")
			for _, bad := range []string{"FUVG", "SHPX", "PHAG", "FYHG", "GJNG", "QVYQB"} {
				require.NotContains(t, joined, rot13(bad))
			}
		}
	}
}
