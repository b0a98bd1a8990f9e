package vanity

import (
	"bufio"
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	shortestWord = 2
	longestWord  = 10

	maxListLine  = 256      // bytes of a line of a list, comments included
	maxListBytes = 16 << 20 // bytes of a list
)

// Words is a dictionary by digits: it finds the words that numbers spell, see
// [Words.Spell] and [Words.Best]. It does not change and is safe for concurrent
// use. It takes about 350 KB, and for each word four bytes and its letters. The
// zero value has no words.
type Words struct {
	// The words by their length. Words of one length stand one after the other in
	// text, without anything between them, in the order of keys; words with the
	// same key stand in the order of the list.
	keys    [longestWord + 1][]uint32 // three bits a digit, the digit less two
	text    [longestWord + 1]string
	have    stretches
	blocked int
}

// WordsError says which line of a word list is wrong. It wraps what is wrong:
// an [*Error] for a word, or the error of the reader.
type WordsError struct {
	Line int // from 1
	Err  error
}

func (e *WordsError) Error() string {
	return "vanity: word list, line " + strconv.Itoa(e.Line) + ": " + strings.TrimPrefix(e.Err.Error(), "vanity: ")
}

// Unwrap returns what is wrong with the line.
func (e *WordsError) Unwrap() error { return e.Err }

//go:embed wordlist/words.txt
var builtinList string

var builtinWords = sync.OnceValue(func() *Words {
	w, err := NewWords(strings.NewReader(builtinList))
	if err != nil {
		panic(err) // the list is part of the program, and a test reads it
	}
	return w
})

// BuiltinWords returns a dictionary of some 2,300 words of business and service:
// trades, goods, and what callers want. It is read on the first call, which takes
// a few milliseconds; later calls return the same dictionary.
func BuiltinWords() *Words { return builtinWords() }

// NewWords reads a list: one word of 2 to 10 letters a line, small or capital,
// the most welcome first, for among words with the same digits the first is shown
// first. Empty lines and lines that begin with # are left out, and so are words
// that come again. Offensive words are left out as well: no spelling may show one
// (see [Words.Blocked]).
//
// A line that is anything else is refused with a [*WordsError], as is a list of
// more than 16 MiB; then there is no dictionary.
func NewWords(list io.Reader) (*Words, error) {
	var b wordsBuilder
	limited := &io.LimitedReader{R: list, N: maxListBytes + 1}
	lines := bufio.NewScanner(bufio.NewReaderSize(limited, 32<<10))
	lines.Buffer(make([]byte, 0, maxListLine+2), maxListLine+2) // with its line end
	line := 0
	for lines.Scan() {
		line++
		if limited.N == 0 {
			break
		}
		text := lines.Bytes()
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte("\uFEFF"))
		}
		text = bytes.TrimSpace(text)
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		if err := b.add(text); err != nil {
			return nil, &WordsError{line, err}
		}
	}
	const right = "one word a line, of the letters A to Z"
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &WordsError{line + 1, newError("", RuleLength, -1, 0, "the line is longer than "+strconv.Itoa(maxListLine)+" bytes", right)}
	case err != nil:
		return nil, &WordsError{line + 1, err}
	case limited.N == 0:
		return nil, &WordsError{line, newError("", RuleLength, -1, 0, "the list is larger than 16 MiB", right)}
	}
	return b.words(), nil
}

// Len returns how many words the dictionary has.
func (w *Words) Len() (n int) {
	for _, keys := range w.keys {
		n += len(keys)
	}
	return n
}

// Blocked returns how many words of the list were left out because they are
// offensive. They are known by a list of hashes that is part of the package.
func (w *Words) Blocked() int { return w.blocked }

// Has reports whether the word is in the dictionary, small or capital.
func (w *Words) Has(word string) bool {
	var letters [longestWord]byte
	if len(word) < shortestWord || len(word) > longestWord {
		return false
	}
	key := uint32(0)
	for i := range len(word) {
		c := upper(word[i])
		if c < 'A' || c > 'Z' {
			return false
		}
		letters[i], key = c, key<<3|uint32(keyOf[c-'A']-'2')
	}
	for from, to := w.find(len(word), key); from < to; from++ {
		if w.word(len(word), from) == string(letters[:len(word)]) {
			return true
		}
	}
	return false
}

// find returns the places of the words with a key: from up to but not to.
func (w *Words) find(length int, key uint32) (from, to int) {
	keys := w.keys[length]
	from, ok := slices.BinarySearch(keys, key)
	if !ok {
		return 0, 0
	}
	for to = from; to < len(keys) && keys[to] == key; {
		to++
	}
	return from, to
}

func (w *Words) word(length, place int) string {
	return w.text[length][place*length : (place+1)*length]
}

// wordsBuilder collects the words of a list in the order of the list.
type wordsBuilder struct {
	keys    [longestWord + 1][]uint32
	text    [longestWord + 1][]byte
	blocked int
}

func (b *wordsBuilder) add(text []byte) error {
	const right = "a word has 2 to 10 letters A to Z"
	var letters [longestWord]byte
	key := uint32(0)
	for i, c := range text {
		if c = upper(c); c < 'A' || c > 'Z' {
			return characterError(string(text), i, right)
		}
		if i < longestWord {
			letters[i], key = c, key<<3|uint32(keyOf[c-'A']-'2')
		}
	}
	n := len(text)
	if n < shortestWord || n > longestWord {
		return newError(string(text), RuleLength, -1, 0, strconv.Itoa(n)+" letters", right)
	}
	word := letters[:n]
	if offensive(word, 1|1<<n) {
		b.blocked++
		return nil
	}
	b.keys[n] = append(b.keys[n], key)
	b.text[n] = append(b.text[n], word...)
	return nil
}

func (b *wordsBuilder) words() *Words {
	w := &Words{blocked: b.blocked}
	for n := shortestWord; n <= longestWord; n++ {
		keys, text := b.keys[n], b.text[n]
		word := func(i int32) []byte { return text[int(i)*n : int(i+1)*n] }
		order := make([]int32, len(keys))
		for i := range order {
			order[i] = int32(i)
		}
		// Sorted by letters, words that come again are neighbours, the first of
		// them in front.
		slices.SortFunc(order, func(a, b int32) int {
			return cmp.Or(bytes.Compare(word(a), word(b)), cmp.Compare(a, b))
		})
		order = slices.CompactFunc(order, func(a, b int32) bool { return bytes.Equal(word(a), word(b)) })
		slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
		w.keys[n] = make([]uint32, len(order))
		var sorted strings.Builder
		sorted.Grow(len(order) * n)
		for i, from := range order {
			w.keys[n][i] = keys[from]
			sorted.Write(word(from))
		}
		w.text[n] = sorted.String()
	}
	w.have.build(&w.keys)
	return w
}
