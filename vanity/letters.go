package vanity

import (
	"strings"
	"unicode/utf8"
)

// keypad has the letters of each key by ITU-T E.161, with Q on 7 and Z on 9.
var keypad = [10]string{2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ"}

// keyOf has the digit of each letter: keyOf[letter-'A'].
const keyOf = "22233344455566677778889999"

// maxInput bounds what is read as a pattern or a word, in bytes. The longest
// useful ones have some thirty.
const maxInput = 128

// Letters returns the letters on the key of a digit, in order: "PQRS" for '7',
// nothing for '0', '1' and what is no digit.
func Letters(digit byte) string {
	if i := digit - '0'; i <= 9 {
		return keypad[i]
	}
	return ""
}

// Digits returns the keys that a text is dialled with: "3569377" for "FLOWERS".
// Letters may be small or capital, digits stand for themselves, and what may
// stand between the parts of a number (see [Compile]) is left out. The error is
// an [*Error].
func Digits(text string) (string, error) {
	if len(text) > maxInput {
		return "", newError(text, RuleLength, -1, 0, tooLong(len(text)), "a word has at most 128 bytes")
	}
	b := make([]byte, 0, 16)
	for i := 0; i < len(text); {
		c, size := symbolAt(text, i)
		switch classOf[c] {
		case isDigit:
			b = append(b, c)
		case isLetter:
			b = append(b, keyOf[c-'A'])
		case isGap:
		default:
			return "", characterError(text, i, "a word has the letters A to Z and digits")
		}
		i += size
	}
	if len(b) == 0 {
		return "", newError(text, RuleEmpty, -1, 0, "there is nothing to dial in it", "a word has the letters A to Z and digits")
	}
	return string(b), nil
}

// class says what a symbol is for in a pattern.
type class uint8

const (
	isForeign class = iota
	isDigit
	isLetter
	isAny    // * and ?
	isRepeat // & and %
	isGap    // stands between symbols
	isPlus
	isQuote
)

// classOf has the class of each symbol that symbolAt returns.
var classOf = func() (t [128]class) {
	for kind, symbols := range map[class]string{
		isDigit: "0123456789", isLetter: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", isAny: "*", isRepeat: "&%",
		isGap: " \t\n\v\f\r-./()", isPlus: "+", isQuote: `"`,
	} {
		for _, c := range []byte(symbols) {
			t[c] = kind
		}
	}
	return t
}()

// symbolAt reads the character of s at the byte i, by one rule for all that is
// read: small letters become capitals and ? becomes *; the full-width forms of
// ASCII, which keyboards of East Asia write, become ASCII; typographic dashes and
// spaces become "-" and " ", and marks of writing direction, which come along with
// copied text, become " ". Everything else outside ASCII is 0, which is foreign:
// accented letters, and letters of other scripts that only look Latin.
func symbolAt(s string, i int) (symbol byte, size int) {
	if c := s[i]; c < utf8.RuneSelf {
		return upper(c), 1
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	switch {
	case r >= '！' && r <= '～':
		return upper(byte(r - '！' + '!')), size
	case r >= '\u2010' && r <= '\u2015', r == '\u2212':
		return '-', size
	case r == '\u00a0', r >= '\u2000' && r <= '\u200a', r == '\u202f', r == '\u3000',
		r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return ' ', size
	}
	return 0, size
}

func upper(c byte) byte {
	switch {
	case c >= 'a' && c <= 'z':
		return c - 'a' + 'A'
	case c == '?':
		return '*'
	}
	return c
}

// lookAlikes says which Latin letter a letter of another script is easily taken
// for; it is refused all the same, but with that hint.
func lookAlike(r rune) byte {
	const foreign, latin = "АВЕКМНОРСТХаеорсухІЅЈіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcyxISJisjABEZHIKMNOPTYXo"
	if i := strings.IndexRune(foreign, r); i >= 0 {
		return latin[utf8.RuneCountInString(foreign[:i])]
	}
	return 0
}
