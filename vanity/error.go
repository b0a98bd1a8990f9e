package vanity

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rule is the stable name of a rule for patterns and words. It is an error, so
// that errors.Is(err, vanity.RuleNPA) tells which one was broken.
type Rule string

// Error returns the name of the rule in a sentence of its own. The sentence for
// a person is in [*Error], which wraps the Rule.
func (r Rule) Error() string { return "vanity: rule " + string(r) + " broken" }

// The rules that [Compile] and [Digits] keep.
const (
	RuleEmpty       Rule = "empty"        // nothing was given
	RuleLength      Rule = "length"       // not seven symbols, nor ten, nor a word that goes on beyond ten
	RuleCharacter   Rule = "character"    // a character that has no place in a pattern
	RuleLetter      Rule = "letter"       // a letter that is on no key: accented, or of another script
	RuleCountryCode Rule = "country-code" // a plus sign that is not the one of +1
	RuleQuote       Rule = "quote"        // a quotation mark that is not closed
	RuleRepeat      Rule = "repeat"       // a single & or %, which has no other to be equal to
	RuleOverdial    Rule = "overdial"     // more than ten symbols, and not because a word goes on
	RuleNPA         Rule = "npa"          // no area code can look like this
	RuleNXX         Rule = "nxx"          // no exchange can look like this
)

// Error says what in a pattern broke which rule, where, and what would be right.
// It wraps its Rule.
type Error struct {
	// Input is the text as it was given, of a long one the first 64 bytes.
	Input string
	Rule  Rule
	// At is the position in bytes, or -1 when no single place is to blame.
	At int
	// Char is the character at that place, 0 when there is none.
	Char rune
	// Detail says in words what is wrong, and Right what would be right. They
	// contain nothing unprintable.
	Detail, Right string
}

// Error names the text, what is wrong with it and what would be right, in one
// line of bounded length in which control characters are escaped.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "vanity: %s: %s; %s (rule %s", strconv.QuoteToASCII(e.Input), e.Detail, e.Right, string(e.Rule))
	if e.At >= 0 {
		fmt.Fprintf(&b, " at byte %d", e.At)
	}
	b.WriteString(")")
	return b.String()
}

// Unwrap returns the Rule.
func (e *Error) Unwrap() error { return e.Rule }

func newError(input string, r Rule, at int, char rune, detail, right string) *Error {
	const most = 64
	if len(input) > most {
		end := most
		for end > most-utf8.UTFMax && !utf8.RuneStart(input[end]) {
			end--
		}
		input = input[:end] + "…"
	}
	return &Error{Input: strings.Clone(input), Rule: r, At: at, Char: char, Detail: detail, Right: right}
}

// characterError blames the character of s at the byte at.
func characterError(s string, at int, right string) *Error {
	c, size := utf8.DecodeRuneInString(s[at:])
	shown := strconv.QuoteRuneToASCII(c)
	switch like := lookAlike(c); {
	case c == utf8.RuneError && size <= 1:
		return newError(s, RuleCharacter, at, c, "this is not UTF-8", right)
	case like != 0:
		return newError(s, RuleLetter, at, c, shown+" only looks like "+string(rune(like))+" and is on no key", right)
	case c >= utf8.RuneSelf && unicode.IsLetter(c):
		return newError(s, RuleLetter, at, c, "the letter "+shown+" is on no key", right)
	}
	return newError(s, RuleCharacter, at, c, shown+" has no place here", right)
}

func tooLong(bytes int) string { return strconv.Itoa(bytes) + " bytes are too many" }
