package vanity

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
)

// asks is a pattern made by hand: digits and X; positions with one of &, % and $
// hold one digit. An area code 8XX is a toll-free one.
func asks(text string) *Pattern {
	p := &Pattern{ok: true, text: text}
	groups, at := map[rune][]uint8{}, uint8(0)
	for _, c := range text {
		switch {
		case c == '-':
			continue
		case c >= '0' && c <= '9':
			p.mask |= 15 << (36 - 4*at)
			p.want |= uint64(c-'0') << (36 - 4*at)
		case c != 'X':
			groups[c] = append(groups[c], at)
		}
		at++
	}
	if at != 10 {
		panic(text)
	}
	for _, c := range "&%$" {
		if len(groups[c]) > 1 {
			p.same = append(p.same, groups[c])
		}
	}
	if text[:3] == "8XX" {
		p.npas = new([13]uint64)
		for _, npa := range nanp.Builtin().TollFree() {
			p.npas[(npa-200)/64] |= 1 << ((npa - 200) % 64)
		}
	}
	return p
}

// number puts a number together that has to be valid.
func number(npa, nxx, line int) nanp.Number {
	n, err := nanp.Make(nanp.NPA(npa), nanp.NXX(nxx), line)
	if err != nil {
		panic(err)
	}
	return n
}

// brute is the reference: every number is looked at.
func brute(held []nanp.Number, p *Pattern) []nanp.Number {
	var all []nanp.Number
	for _, n := range held {
		if p == nil || p.Match(n) {
			all = append(all, n)
		}
	}
	return all
}

func bruteRuns(all []nanp.Number, atLeast int) []Run {
	var runs []Run
	for i, n := range all {
		if i > 0 {
			if next, ok := all[i-1].Next(); ok && next == n {
				runs[len(runs)-1].Len++
				continue
			}
		}
		runs = append(runs, Run{n, 1})
	}
	return slices.DeleteFunc(runs, func(r Run) bool { return r.Len < atLeast })
}

// even scores with many ties.
func even(n nanp.Number) int { return int(uint64(n)*0x9e3779b97f4a7c15>>40) % 7 }

// pages reads to the end with cursors.
func pages(ix *Index, p *Pattern, limit int) (all []nanp.Number) {
	for after := nanp.Number(0); ; {
		page := ix.Page(p, after, limit)
		all = append(all, page...)
		if len(page) < limit {
			return all
		}
		after = page[limit-1]
	}
}

type failer interface {
	require.TestingT
	Helper()
}

// agree compares every answer of the index with the reference. held is in order.
func agree(t failer, ix *Index, held []nanp.Number, p *Pattern, seed uint64) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 1))
	want := brute(held, p)
	name := "nil"
	if p != nil {
		name = p.text
	}
	require.Equal(t, len(want), ix.Count(p), "count of %s", name)
	require.True(t, slices.Equal(want, slices.Collect(ix.All(p))), "all of %s", name)
	limit := 1 + rnd.IntN(len(want)/4+100)
	require.True(t, slices.Equal(want, pages(ix, p, limit)), "pages of %d of %s", limit, name)

	for _, after := range cursors(rnd, held) {
		from, found := slices.BinarySearch(want, after)
		if found {
			from++
		}
		page := want[from:min(len(want), from+limit)]
		require.True(t, slices.Equal(page, ix.Page(p, after, limit)), "page of %d after %x of %s", limit, uint64(after), name)
	}

	limit = 1 + rnd.IntN(60)
	ranked := slices.Clone(want)
	slices.SortStableFunc(ranked, func(a, b nanp.Number) int { return cmp.Compare(even(b), even(a)) })
	require.True(t, slices.Equal(ranked[:min(limit, len(ranked))], ix.Ranked(p, limit, even)), "best %d of %s", limit, name)

	for _, n := range []int{0, 2, 3, 1 + rnd.IntN(40), 1500} {
		require.True(t, slices.Equal(bruteRuns(want, n), slices.Collect(ix.Runs(p, n))), "runs of %d of %s", n, name)
	}
}

// cursors are where a page may begin: numbers held and not, and what is no number.
func cursors(rnd *rand.Rand, held []nanp.Number) []nanp.Number {
	after := []nanp.Number{0, ^nanp.Number(0), nanp.Number(rnd.Uint64() & (1<<40 - 1))}
	for range min(len(held), 3) {
		n := held[rnd.IntN(len(held))]
		after = append(after, n, n-1, n|0x9999, n|0xffff, n&^0xffff, n|0xfffffff, n^nanp.Number(rnd.Uint64()&0xffff))
	}
	return after
}

// Among them are neighbours of what begins a word of a bit set, and the ends.
var someNPAs = []int{201, 255, 256, 263, 264, 501, 833, 844, 888, 989}

func drawPattern(t *rapid.T, held []nanp.Number) *Pattern {
	like := nanp.MustParse("888-555-0123")
	if len(held) > 0 {
		like = rapid.SampledFrom(held).Draw(t, "like")
	}
	digits := like.Digits()
	var text []byte
	for at, kind := range rapid.SliceOfN(rapid.SampledFrom([]byte("XXXXddr&&%$")), 10, 10).Draw(t, "kinds") {
		switch kind {
		case 'd':
			text = append(text, digits[at])
		case 'r':
			text = append(text, byte('0'+rapid.IntRange(0, 9).Draw(t, "digit")))
		default:
			text = append(text, kind)
		}
	}
	p := asks(string(text))
	if rapid.Bool().Draw(t, "some area codes") {
		p.npas = new([13]uint64)
		for _, npa := range rapid.SliceOf(rapid.SampledFrom(someNPAs)).Draw(t, "allowed") {
			p.npas[(npa-200)/64] |= 1 << ((npa - 200) % 64)
		}
		p.text += " of some area codes"
	}
	return p
}

// The index is changed at random, a stretch of numbers at a time so that its
// exchanges and area codes fill and empty, and answers like a plain set.
func TestIndexAgreesWithASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ix Index
		set := map[nanp.Number]bool{}
		npas := rapid.SliceOfN(rapid.SampledFrom(someNPAs), 1, 3).Draw(t, "area codes")
		nxxs := rapid.SliceOfN(rapid.SampledFrom([]int{200, 234, 263, 264, 555, 585, 888, 999}), 1, 8).Draw(t, "exchanges")
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			npa, nxx := rapid.SampledFrom(npas).Draw(t, "npa"), rapid.SampledFrom(nxxs).Draw(t, "nxx")
			first, step := rapid.IntRange(0, 9999).Draw(t, "first"), rapid.SampledFrom([]int{1, 1, 2, 3, 7}).Draw(t, "step")
			n := rapid.SampledFrom([]int{1, 3, 300, 650, 10_000}).Draw(t, "n")
			take := rapid.IntRange(0, 2).Draw(t, "take out") == 0
			for line := first; line < min(10_000, first+n*step); line += step {
				x := number(npa, nxx, line)
				if take {
					require.Equal(t, set[x], ix.Remove(x))
					delete(set, x)
				} else {
					require.Equal(t, !set[x], ix.Add(x))
					set[x] = true
				}
				require.Equal(t, !take, ix.Has(x))
			}
		}
		held := make([]nanp.Number, 0, len(set))
		for n := range set {
			held = append(held, n)
		}
		slices.Sort(held)
		require.Equal(t, len(held), ix.Len())
		agree(t, &ix, held, nil, 0)
		for range 4 {
			agree(t, &ix, held, drawPattern(t, held), rapid.Uint64().Draw(t, "seed"))
		}
		for _, n := range held {
			require.True(t, ix.Remove(n))
		}
		require.Zero(t, ix.Len())
		require.Equal(t, new(Index).Bytes(), ix.Bytes(), "what is empty holds on to nothing")
		agree(t, &ix, nil, nil, 0)
	})
}

// mixed is an inventory of every density, from empty to full exchanges, in an
// area code that is large enough to have its lines counted and in one that is not.
func mixed(seed uint64) []nanp.Number {
	rnd := rand.New(rand.NewPCG(seed, 2))
	held := []nanp.Number{number(201, 201, 0), number(201, 999, 9999), number(989, 989, 9898)}
	for i, nxx := range []int{200, 222, 234, 255, 263, 264, 345, 555, 556, 585, 800, 877, 888, 998, 999} {
		for line := range 10_000 {
			if rnd.IntN(14) < i {
				held = append(held, number(888, nxx, line))
			}
			if rnd.IntN(100) < i && i < 9 {
				held = append(held, number(877, nxx, line))
			}
		}
	}
	slices.Sort(held)
	return slices.Compact(held)
}

func TestIndexAgreesOnForms(t *testing.T) {
	held := mixed(1)
	ix := NewIndex(shuffled(held))
	require.NotNil(t, ix.areas[888-200].lines)
	require.Nil(t, ix.areas[877-200].lines)
	for i, text := range []string{
		"XXX-XXX-XXXX", "8XX-XXX-2233", "888-XXX-1000", "877-555-XXXX", "8XX-687-3663", "XXX-5XX-XXXX", "XXX-XXX-XX33",
		"XXX-XXX-X2XX", "XXX-XXX-0XXX", "XXX-XXX-&&&&", "XXX-XXX-&%&%", "XXX-&&&-XXXX", "XXX-&&&-&&&&", "XXX-XX&-XXX&",
		"88&-XXX-XXX&", "XX&-XX&-XX&X", "XX&-XX%-&%XX", "X&%-%&$-&%$X", "XXX-%&$-$&%X", "XXX-&%$-&%$%", "&&&-%%%-&&%%",
		"XXX-5X&-123&", "XXX-X%&-%&XX", "8&8-XXX-XXXX", "&88-&XX-XXXX", "877-555-01XX", "888-X55-X1X2", "XXX-XXX-&&XX", "XXX-XXX-X&X&",
		"XXX-XXX-%&&%", "9XX-XXX-XXXX", "XXX-9XX-99X9", "88X-8&8-%&%&",
	} {
		agree(t, ix, held, asks(text), uint64(i))
	}
	agree(t, ix, held, new(Pattern), 0)
}

// Patterns as users have them; what they match is also what they enumerate.
func TestIndexAgreesOnCompiledPatterns(t *testing.T) {
	held := mixed(8)
	ix := NewIndex(slices.Values(held))
	for i, text := range []string{
		"8XX-OUR-FOOD", "1-800-FLOWERS", "877-555-XXXX", "888-XXX-1000", "***-***-&&&&", "888-&&&-%%%%", "8XX-8&&-&8%%",
		"NXX-NXX-XX00", "555-XXXX", "(888) 88X-XX88", "&8&-%&%-%&%&",
	} {
		p, _, err := Compile(text)
		require.NoError(t, err)
		agree(t, ix, held, &p, uint64(i))
		if p.Count() < 1e6 {
			ever := slices.DeleteFunc(slices.Collect(p.All()), func(n nanp.Number) bool { return !ix.Has(n) })
			require.True(t, slices.Equal(ever, slices.Collect(ix.All(&p))), text)
		}
	}
}

// Compile makes no such patterns; the index answers for them nevertheless as
// Match does.
func TestIndexOddPatterns(t *testing.T) {
	held := mixed(2)
	ix := NewIndex(slices.Values(held))
	for _, p := range []*Pattern{
		{ok: true, text: "wants what it does not mask", want: 5},
		{ok: true, text: "no digit", mask: 0xffff, want: 0xaaaa},
		{ok: true, text: "no digit in the exchange", mask: 0xf0000, want: 0xb0000},
		{ok: true, text: "no digit in the area code", mask: 0xf << 36, want: 0xf << 36},
		{ok: true, text: "groups that share", same: [][]uint8{{6, 7}, {8, 9}, {7, 8}}},
		{ok: true, text: "many groups that share", same: [][]uint8{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {8, 9}, {6, 7}}},
		{ok: true, text: "group of one", same: [][]uint8{{6}}},
		{ok: true, text: "no area code", npas: new([13]uint64)},
		{ok: true, text: "group against digits", mask: 0xff, want: 0x12, same: [][]uint8{{8, 9}}},
	} {
		agree(t, ix, held, p, 3)
	}
}

// The counts of lines follow what is removed, and go when they no longer pay.
func TestIndexForgetsWhatIsRemoved(t *testing.T) {
	held := mixed(10)
	ix := NewIndex(slices.Values(held))
	p := asks("888-XXX-2345")
	rare := brute(held, p)
	require.Greater(t, len(rare), 3)
	for _, n := range rare[:len(rare)-1] {
		require.True(t, ix.Remove(n))
	}
	held = slices.DeleteFunc(held, func(n nanp.Number) bool { return slices.Contains(rare[:len(rare)-1], n) })
	agree(t, ix, held, p, 1)

	for _, keep := range []int{3, 15} { // one in so many
		var left []nanp.Number
		for i, n := range held {
			if i%keep == 0 {
				left = append(left, n)
			} else {
				require.True(t, ix.Remove(n))
			}
		}
		require.Equal(t, keep == 3, ix.areas[888-200].lines != nil)
		for i, text := range []string{"888-XXX-X4X5", "XXX-XXX-00XX", "888-XXX-XXXX"} {
			agree(t, ix, left, asks(text), uint64(i))
		}
		held = left
	}
	size := ix.Bytes()
	ix.Add(number(888, 777, 7777))
	ix.Remove(number(888, 777, 7777))
	require.Equal(t, size, ix.Bytes())
}

func shuffled(held []nanp.Number) iter.Seq[nanp.Number] {
	held = slices.Clone(held)
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
	return slices.Values(held)
}

func TestIndexRefusesWhatIsNoNumber(t *testing.T) {
	ix := NewIndex(nil)
	for _, n := range []nanp.Number{0, 1, ^nanp.Number(0), 0x8885550123 | 1<<40, 0x888555012a, 0x1885550123, 0x8889110123} {
		require.False(t, ix.Add(n))
		require.False(t, ix.Has(n))
		require.False(t, ix.Remove(n))
	}
	require.Zero(t, ix.Len())
	require.Zero(t, NewIndex(slices.Values([]nanp.Number{0, 5})).Len())
	require.Empty(t, ix.Page(nil, 0, 0))
	require.Empty(t, ix.Page(nil, 0, -1))
	require.Empty(t, ix.Ranked(nil, 0, even))
}

// Loops may change the index they range over and may stop at any point.
func TestIndexLoopsMayChangeIt(t *testing.T) {
	held := mixed(5)
	ix := NewIndex(slices.Values(held))
	seen := 0
	for n := range ix.All(nil) {
		require.True(t, ix.Remove(n))
		if seen++; seen == 1000 {
			break
		}
	}
	require.Equal(t, len(held)-1000, ix.Count(nil))
	for r := range ix.Runs(nil, 2) {
		ix.Remove(r.First)
	}
	best := ix.Ranked(nil, 3, func(n nanp.Number) int { ix.Add(n); return 0 })
	require.Equal(t, ix.Page(nil, 0, 3), best)
}
