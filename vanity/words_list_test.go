package vanity_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

func TestBuiltinWords(t *testing.T) {
	w := BuiltinWords()
	require.Same(t, w, BuiltinWords())
	require.GreaterOrEqual(t, w.Len(), 1500)
	require.LessOrEqual(t, w.Len(), 2500)
	require.Zero(t, w.Blocked(), "the project's own list must not need the block list")
	list, err := os.ReadFile("wordlist/words.txt")
	require.NoError(t, err)
	n := 0
	for line := range strings.Lines(string(list)) {
		if line = strings.TrimSpace(line); line[0] == '#' {
			continue
		}
		require.True(t, w.Has(line) && w.Has(strings.ToUpper(line)), line)
		n++
	}
	require.Equal(t, n, w.Len(), "a word is listed twice")
	for _, word := range []string{"plumbing", "roofing", "pizza", "taxi", "law", "dental", "loans", "flowers", "cars", "help", "call", "home"} {
		require.True(t, w.Has(word), word)
	}
	for _, word := range []string{"", "x", "xyzzy", "flowersflowers", "flower\x00", "ﬂowers", "TAX?"} {
		require.False(t, w.Has(word), word)
	}
}

func TestNewWordsReads(t *testing.T) {
	w := dictionary(t, "\uFEFF# a comment", "", "Taxi\r", "  QUIZ ", "taxi", "tAxI", "ab", "abcdefghij", strings.Repeat(" ", 250)+"pizza", "#"+strings.Repeat("x", 255))
	require.Equal(t, 5, w.Len())
	for _, word := range []string{"taxi", "quiz", "ab", "abcdefghij", "pizza"} {
		require.True(t, w.Has(word), word)
	}
	require.Zero(t, dictionary(t).Len())
}

func TestNewWordsNamesTheLine(t *testing.T) {
	for list, want := range map[string]struct {
		line int
		rule Rule
	}{
		"taxi\nquiz2":                        {2, RuleCharacter},
		"it's":                               {1, RuleCharacter},
		"# x\n\ntwo words":                   {3, RuleCharacter},
		"taxi\ncafé":                         {2, RuleLetter},
		"ТАХІ":                               {1, RuleLetter},
		"a":                                  {1, RuleLength},
		"taxi\nabcdefghijk":                  {2, RuleLength},
		"taxi\n" + strings.Repeat("x", 5000): {2, RuleLength},
		"taxi\n#" + strings.Repeat("x", 300): {2, RuleLength},
		"ta\xffxi":                           {1, RuleCharacter},
		"\x1b[2J":                            {1, RuleCharacter},
		"quiz\n" + strings.Repeat("x", 100) + "\nab": {2, RuleLength},
	} {
		w, err := NewWords(strings.NewReader(list))
		require.Nil(t, w, list)
		var e *WordsError
		require.ErrorAs(t, err, &e, list)
		require.Equal(t, want.line, e.Line, list)
		require.ErrorIs(t, err, want.rule, "%.20q: %v", list, err)
		require.Less(t, len(err.Error()), 300)
		require.NotContains(t, err.Error(), "\x1b")
	}

	broken := errors.New("the disk is gone")
	_, err := NewWords(io.MultiReader(strings.NewReader("taxi\nquiz\n"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	var e *WordsError
	require.ErrorAs(t, err, &e)
	require.Equal(t, 3, e.Line)
}

func TestNewWordsIsBounded(t *testing.T) {
	full := append([]byte("taxi\nquiz\n"), bytes.Repeat([]byte("#### comment ####\n"), MaxListBytes/18)...)[:MaxListBytes]
	w, err := NewWords(bytes.NewReader(full))
	require.NoError(t, err)
	require.Equal(t, 2, w.Len())
	_, err = NewWords(io.MultiReader(bytes.NewReader(full), strings.NewReader("#")))
	require.ErrorIs(t, err, RuleLength)
	endless := &endlessList{}
	_, err = NewWords(endless)
	require.ErrorIs(t, err, RuleLength)
	require.LessOrEqual(t, endless.n, MaxListBytes+1)
}

// endlessList gives comments without end.
type endlessList struct{ n int }

func (c *endlessList) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '#'
		if (c.n+i)%128 == 127 {
			p[i] = '\n'
		}
	}
	c.n += len(p)
	return len(p), nil
}

func FuzzNewWords(f *testing.F) {
	for _, s := range []string{"taxi\nquiz", "# c\r\n\r\nHOME\r\n", "é", "\uFEFFab", "a\n", strings.Repeat("x", 300), "ab\nabc\nabcdefghij\n\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		w, err := NewWords(strings.NewReader(list))
		if err != nil {
			var e *WordsError
			require.ErrorAs(t, err, &e)
			require.LessOrEqual(t, e.Line, strings.Count(list, "\n")+1)
			require.GreaterOrEqual(t, e.Line, 1)
			require.Less(t, len(err.Error()), 500)
			return
		}
		missing, distinct := 0, map[string]bool{}
		for line := range strings.Lines(strings.TrimPrefix(list, "\uFEFF")) {
			line = strings.ToUpper(strings.TrimSpace(line))
			switch {
			case line == "" || line[0] == '#':
			case w.Has(line):
				distinct[line] = true
				d, err := Digits("2222222222" + line)
				require.NoError(t, err)
				n, err := nanp.Parse(d[len(d)-10:])
				if err != nil || len(line) > 7 {
					continue
				}
				s, ok := w.Spell(n)
				require.True(t, ok)
				require.GreaterOrEqual(t, s.Covered, len(line))
			default:
				missing++
			}
		}
		require.Equal(t, w.Blocked(), missing)
		require.Len(t, distinct, w.Len())
	})
}
