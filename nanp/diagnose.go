package nanp

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// diagnose says why scan refused text, the folded form of the input s.
func diagnose(s, text string, origin positions) *Error {
	start, plus := prefix(text)
	var digits []int // positions
	for i := start; i < len(text) && (isDigit(text[i]) || class[text[i]] == mark); i++ {
		if isDigit(text[i]) {
			digits = append(digits, i)
		}
	}
	count := len(digits)
	at := func(i int) int { return origin.of(digits[i]) }
	switch first := func() byte { return text[digits[0]] }; {
	case count == 0:
		return newError(s, RuleEmpty, -1, "there is no number in it")
	case plus && first() != '1':
		return newError(s, RuleCountryCode, at(0), "after the plus sign comes another country code than 1")
	case count == 11 && first() != '1':
		return newError(s, RuleCountryCode, at(0), "of eleven digits the first must be the country code 1")
	case count == 7 && !plus:
		return newError(s, RuleSevenDigits, -1, "seven digits lack the area code")
	case plus && count != 11:
		return newError(s, RuleLength, -1, "after the country code come "+strconv.Itoa(count-1)+" digits instead of ten")
	case count != 10 && count != 11:
		return newError(s, RuleLength, -1, "there are "+strconv.Itoa(count)+" digits instead of ten")
	}
	n := Number(0)
	for _, i := range digits[count-10:] {
		n = n<<4 | Number(text[i]&15)
	}
	r := n.broken()
	return structuralError(s, r, n, func(d int) int { return at(count - 10 + d) })
}

// characterError blames the character of s at the byte at.
func characterError(s string, at int) *Error {
	c, size := utf8.DecodeRuneInString(s[at:])
	switch {
	case c == utf8.RuneError && size <= 1:
		return newError(s, RuleCharacter, at, "this is not UTF-8")
	case unicode.IsLetter(c):
		return newError(s, RuleLetter, at, "the letter "+strconv.QuoteRuneToASCII(c)+" is not a digit")
	}
	return newError(s, RuleCharacter, at, strconv.QuoteRuneToASCII(c)+" has no place in a number")
}

// positions says where each byte of a folded text was in the original. Nil
// stands for a text that did not need folding.
type positions []uint8

func (p positions) of(i int) int {
	if p == nil || i < 0 {
		return i
	}
	return int(p[i])
}

// fold turns the characters that only look unlike ASCII into ASCII, and drops
// those that cannot be seen.
func fold(s string) (string, positions, *Error) {
	if len(s) > maxInput {
		return "", nil, newError(s, RuleLength, -1, strconv.Itoa(len(s))+" bytes are too long for a number")
	}
	if ascii(s) {
		return s, nil, nil
	}
	var b strings.Builder
	origin := make(positions, 0, len(s)+1)
	for i, c := range s {
		f, ok := foldRune(c)
		if !ok {
			return "", nil, characterError(s, i)
		}
		if f != invisible {
			b.WriteByte(f)
			origin = append(origin, uint8(i))
		}
	}
	return b.String(), append(origin, uint8(len(s))), nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

const invisible = 0

// foldRune returns the ASCII character that c stands for, or invisible.
func foldRune(c rune) (byte, bool) {
	switch {
	case c > 0 && c < utf8.RuneSelf:
		return byte(c), true
	case c >= '！' && c <= '～': // the full-width forms of ! to ~
		return byte(c - '！' + '!'), true
	case unicode.Is(unicode.Zs, c):
		return ' ', true
	case c >= '\u2010' && c <= '\u2015', c == '\u2212', c == '\ufe58', c == '\ufe63': // hyphens, dashes, minus
		return '-', true
	case c == '\u00ad', // soft hyphen
		c >= '\u200b' && c <= '\u200f', // zero width, direction marks
		c >= '\u202a' && c <= '\u202e', // direction embedding
		c >= '\u2060' && c <= '\u2069', // word joiner, isolates
		c == '\ufeff':
		return invisible, true
	}
	return 0, false
}
