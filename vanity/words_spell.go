package vanity

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
	"sync"

	"github.com/numberdesk/numberdesk/nanp"
)

// Spelling is one way to say a number with words.
type Spelling struct {
	Text    string   // as it is printed: "1-800-3-LAWYER"
	Words   []string // in capitals, from left to right
	Covered int      // digits that the words stand for
}

// Spellings returns every way to read the last seven digits of a number as words
// of the dictionary and digits, with one word at least: the best first. Better is
// the one that covers more digits, then the one in fewer pieces, then the one
// with the longer longest word, then the one whose pieces are longer further
// left; among words with the same digits the order of the list decides.
//
// The digits 0 and 1 have no letters and stay digits. A spelling in which words
// that stand together show an offensive one is left out. Spellings are made as
// they are asked for; a number may have thousands.
func (w *Words) Spellings(n nanp.Number) iter.Seq[Spelling] { return w.spellings(n, lastSeven) }

// Spell returns the first of [Words.Spellings], and false when there is none.
func (w *Words) Spell(n nanp.Number) (Spelling, bool) { return firstSpelling(w.Spellings(n)) }

// WholeSpellings is [Words.Spellings] over all ten digits, the area code
// included: "1-CARPETCARE".
func (w *Words) WholeSpellings(n nanp.Number) iter.Seq[Spelling] { return w.spellings(n, 10) }

// SpellWhole returns the first of [Words.WholeSpellings], and false when there is
// none.
func (w *Words) SpellWhole(n nanp.Number) (Spelling, bool) { return firstSpelling(w.WholeSpellings(n)) }

func firstSpelling(all iter.Seq[Spelling]) (Spelling, bool) {
	for s := range all {
		return s, true
	}
	return Spelling{}, false
}

func (w *Words) spellings(n nanp.Number, width int) iter.Seq[Spelling] {
	return func(yield func(Spelling) bool) {
		if !n.Valid() || w.Len() == 0 {
			return
		}
		splits, have := sevenSplits(), w.have.in(n)
		if width != lastSeven {
			splits, have = tenSplits(), w.stretchesOfTen(n)
		}
		for i := range splits {
			if splits[i].need&^have == 0 && !w.each(n, &splits[i], func(words []string) bool {
				return yield(splits[i].spelling(n, words))
			}) {
				return
			}
		}
	}
}

// stretchesOfTen returns what stretches.in does, for all ten digits.
func (w *Words) stretchesOfTen(n nanp.Number) (have uint64) {
	digits, letters := packed(n)
	for length := shortestWord; length <= longestWord; length++ {
		for after := 0; after+length <= 10; after++ {
			mask := uint32(1)<<length - 1
			if letters>>after&mask != mask {
				continue
			}
			if _, to := w.find(length, stretchKey(digits, length, after)); to > 0 {
				have |= 1 << stretchBit(10, length, after)
			}
		}
	}
	return have
}

// stretchKey cuts the key of a stretch out of packed digits.
func stretchKey(digits uint32, length, after int) uint32 {
	return digits >> (3 * after) & (1<<(3*length) - 1)
}

// piece is a word, or digits that stand together.
type piece struct {
	length, after int // after: digits to its right
	word          bool
}

// split is one way to cut digits into pieces. Digits never stand beside digits.
type split struct {
	pieces  []piece
	words   int
	need    uint64 // the stretches that must be words, as stretchBit has them
	joined  bool   // words stand beside words
	covered int
	class   int // splits of one class differ in nothing that a person would care for: 0 is the best
}

// sevenSplits and tenSplits have every way to cut so many digits, the best first:
// 63 and 511.
var (
	sevenSplits = sync.OnceValue(func() []split { return splitsOf(lastSeven) })
	tenSplits   = sync.OnceValue(func() []split { return splitsOf(10) })
)

func splitsOf(width int) (all []split) {
	var cut func(pieces []piece, left int)
	cut = func(pieces []piece, left int) {
		if left == 0 {
			if s := newSplit(width, pieces); s.words > 0 {
				all = append(all, s)
			}
			return
		}
		for length := shortestWord; length <= left; length++ {
			cut(append(slices.Clip(pieces), piece{length, left - length, true}), left-length)
		}
		digits := slices.Clone(pieces)
		if last := len(digits) - 1; last >= 0 && !digits[last].word {
			digits[last] = piece{digits[last].length + 1, left - 1, false}
		} else {
			digits = append(digits, piece{1, left - 1, false})
		}
		cut(digits, left-1)
	}
	cut(nil, width)
	longest := func(s split) (n int) {
		for _, p := range s.pieces {
			if p.word {
				n = max(n, p.length)
			}
		}
		return n
	}
	quality := func(a, b split) int {
		return cmp.Or(cmp.Compare(b.covered, a.covered), cmp.Compare(len(a.pieces), len(b.pieces)), cmp.Compare(longest(b), longest(a)))
	}
	slices.SortFunc(all, func(a, b split) int {
		return cmp.Or(quality(a, b), slices.CompareFunc(a.pieces, b.pieces, func(p, q piece) int {
			if p.word != q.word && p.length == q.length {
				return cmp.Compare(q.rank(), p.rank())
			}
			return cmp.Compare(q.length, p.length)
		}))
	})
	for i := 1; i < len(all); i++ {
		all[i].class = all[i-1].class
		if quality(all[i-1], all[i]) != 0 {
			all[i].class++
		}
	}
	return all
}

func (p piece) rank() int {
	if p.word {
		return 1
	}
	return 0
}

func newSplit(width int, pieces []piece) split {
	s := split{pieces: pieces}
	for i, p := range pieces {
		if !p.word {
			continue
		}
		s.words++
		s.covered += p.length
		s.need |= 1 << stretchBit(width, p.length, p.after)
		s.joined = s.joined || i > 0 && pieces[i-1].word
	}
	return s
}

// each calls do with every choice of words for a split that the digits of n
// allow, in the order of the list, and reports false when do did. The slice is
// used again.
func (w *Words) each(n nanp.Number, s *split, do func(words []string) bool) bool {
	var at, from, to [longestWord / shortestWord]int
	var chosen [longestWord / shortestWord]string
	digits, _ := packed(n)
	i := 0
	for _, p := range s.pieces {
		if p.word {
			from[i], to[i] = w.find(p.length, stretchKey(digits, p.length, p.after))
			at[i], chosen[i] = from[i], w.word(p.length, from[i])
			i++
		}
	}
	words := chosen[:s.words]
	for {
		if (!s.joined || !s.shows(words)) && !do(words) {
			return false
		}
		i := s.words - 1
		for at[i]++; at[i] == to[i]; at[i]++ {
			at[i] = from[i]
			chosen[i] = w.word(len(chosen[i]), at[i])
			if i--; i < 0 {
				return true
			}
		}
		chosen[i] = w.word(len(chosen[i]), at[i])
	}
}

// shows reports whether words that stand together show an offensive one.
func (s *split) shows(words []string) bool {
	var letters [longestWord]byte
	n, cuts := 0, uint(1)
	for _, p := range s.pieces {
		if !p.word {
			if bits.OnesCount(cuts) > 2 && offensive(letters[:n], cuts) {
				return true
			}
			n, cuts = 0, 1
			continue
		}
		n += copy(letters[n:], words[0])
		cuts |= 1 << n
		words = words[1:]
	}
	return bits.OnesCount(cuts) > 2 && offensive(letters[:n], cuts)
}

func (s *split) spelling(n nanp.Number, words []string) Spelling {
	digits := n.Digits()
	all := make([]string, len(words))
	copy(all, words)
	var buf [24]byte
	b := append(buf[:0], '1')
	if width := s.pieces[0].length + s.pieces[0].after; width < len(digits) {
		b = append(append(b, '-'), digits[:len(digits)-width]...)
	}
	for _, p := range s.pieces {
		b = append(b, '-')
		if p.word {
			b, words = append(b, words[0]...), words[1:]
			continue
		}
		from := len(digits) - p.after - p.length
		b = append(b, digits[from:from+p.length]...)
	}
	return Spelling{Text: string(b), Words: all, Covered: s.covered}
}
