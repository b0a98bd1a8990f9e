package nanp

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Rule is the stable name of a rule of this package. It is an error, so that
// errors.Is(err, nanp.RulePremium) tells which rule a value broke.
type Rule string

// Error returns the name of the rule in a sentence of its own. The sentence for
// a person is in [*Error], which wraps the Rule.
func (r Rule) Error() string { return "nanp: rule " + string(r) + " broken" }

// Rules of the written form: [Parse], [ParseExt], [ParseNPA], [ParseNXX].
const (
	RuleEmpty       Rule = "empty"        // nothing was given
	RuleLength      Rule = "length"       // not ten digits, nor 1 and ten digits
	RuleSevenDigits Rule = "length.seven" // a local number without its area code
	RuleCountryCode Rule = "country-code" // a + or eleven digits, but not country code 1
	RuleLetter      Rule = "letter"       // a letter, such as O for 0: see package vanity for words
	RuleCharacter   Rule = "character"    // a character that has no place in a number
	RuleExtension   Rule = "extension"    // an extension where none can be kept, or a malformed one
)

// Rules of the numbering plan: no number that breaks one can ever exist.
const (
	RuleNPAFirstDigit Rule = "npa.first-digit" // an area code starts with 2 to 9
	RuleNPAN11        Rule = "npa.n11"         // 211 to 911 are service codes
	RuleNPAN9X        Rule = "npa.n9x"         // kept for the expansion of the plan to more digits
	RuleNPAReserved   Rule = "npa.reserved"    // 370-379 and 960-969, kept as blocks of ten
	RuleNPA555        Rule = "npa.555"         // directory assistance
	RuleNPA950        Rule = "npa.950"         // carrier access
	RuleNPA988        Rule = "npa.988"         // the Suicide & Crisis Lifeline
	RuleNXXFirstDigit Rule = "nxx.first-digit" // an exchange starts with 2 to 9
	RuleNXXN11        Rule = "nxx.n11"         // 211 to 911 are service codes
	RuleNXX950        Rule = "nxx.950"         // carrier access
)

// Rules of provisioning: [Number.CheckDID] and [Table.CheckDID].
const (
	RuleInvalid             Rule = "invalid"              // not a number at all, such as the zero value
	RuleCountry             Rule = "country"              // a number of another country of the plan
	RuleUnassigned          Rule = "unassigned"           // an area code that nobody has yet
	RulePending             Rule = "pending"              // an area code assigned but not yet in service
	RuleTollFreeReserved    Rule = "toll-free.reserved"   // a toll-free code kept for later
	RuleNonGeographic       Rule = "non-geographic"       // 5XX, and the 600 codes of Canada
	RuleInterExchange       Rule = "interexchange"        // 700
	RuleGovernment          Rule = "government"           // 710
	RulePremium             Rule = "premium"              // 900
	RuleFictional           Rule = "fictional"            // 555-0100 to 555-0199
	RuleDirectoryAssistance Rule = "directory-assistance" // 555-1212
	RuleNXX555              Rule = "nxx.555"              // every other geographic 555 number
	RuleNXXSpecial          Rule = "nxx.special"          // 700, 958, 959, 976, 988 where not assigned as an exchange
)

// RuleState is broken by a text that names no state or province.
const RuleState Rule = "state"

// RuleReport is broken by a report that [LoadReport] cannot read.
const RuleReport Rule = "report"

// RuleScan is broken by a database value of a type that is never a number.
const RuleScan Rule = "scan"

// Error says which value broke which rule, and where. It wraps its Rule.
type Error struct {
	// Input is the value as it was given. Of a long one this package keeps,
	// and Error shows, the first 64 bytes.
	Input string
	Rule  Rule
	// At is the position in bytes within the value, or -1 when no single
	// place is to blame.
	At int
	// Detail says in words what is wrong. It contains nothing unprintable.
	Detail string
}

const maxQuoted = 64

// Error names the value, what is wrong with it, and the rule, in one line of
// bounded length in which control characters are escaped.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("nanp: ")
	b.WriteString(strconv.QuoteToASCII(clip(e.Input)))
	b.WriteString(": ")
	b.WriteString(e.Detail)
	b.WriteString(" (rule ")
	b.WriteString(string(e.Rule))
	if e.At >= 0 {
		fmt.Fprintf(&b, " at byte %d", e.At)
	}
	b.WriteString(")")
	return b.String()
}

// Unwrap returns the Rule.
func (e *Error) Unwrap() error { return e.Rule }

func newError(input string, r Rule, at int, detail string) *Error {
	return &Error{Input: clip(input), Rule: r, At: at, Detail: detail}
}

// clip copies at most maxQuoted bytes, so that an error never keeps a large
// input alive, and does not cut a character in two.
func clip(s string) string {
	if len(s) <= maxQuoted+len("…") {
		return strings.Clone(s)
	}
	end := maxQuoted
	for end > maxQuoted-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// structuralError says in words how the digits of n break r. at tells where in
// the input a digit of n stands.
func structuralError(input string, r Rule, n Number, at func(digit int) int) *Error {
	d := n.Digits()
	npa, nxx := string(d[:3]), string(d[3:6])
	digit, detail := 0, ""
	switch r {
	case RuleNPAFirstDigit:
		detail = "area code " + npa + " starts with " + npa[:1] + ", but area codes start with 2 to 9"
	case RuleNPAN11:
		detail = npa + " is a service code, not an area code"
	case RuleNPAN9X:
		detail = "area code " + npa + " is kept for the expansion of the numbering plan"
	case RuleNPAReserved:
		detail = "area code " + npa + " is in a block of ten that is kept in reserve"
	case RuleNPA555, RuleNPA950, RuleNPA988:
		detail = npa + " can never be an area code"
	case RuleNXXFirstDigit:
		digit, detail = 3, "exchange "+nxx+" starts with "+nxx[:1]+", but exchanges start with 2 to 9"
	case RuleNXXN11:
		digit, detail = 3, nxx+" is a service code, not an exchange"
	case RuleNXX950:
		digit, detail = 3, "exchange 950 is kept for carrier access"
	}
	return newError(input, r, at(digit), detail)
}

// broken returns the structural rule that the digits of n break, or none.
func (n Number) broken() Rule {
	if r := brokenNPA(uint64(n >> npaShift & codeMask)); r != "" {
		return r
	}
	return brokenNXX(uint64(n >> nxxShift & codeMask))
}

func brokenNPA(bcd uint64) Rule {
	switch {
	case bcd < 0x200:
		return RuleNPAFirstDigit
	case bcd&0xff == 0x11:
		return RuleNPAN11
	case bcd&0xf0 == 0x90:
		return RuleNPAN9X
	case bcd>>4 == 0x37, bcd>>4 == 0x96:
		return RuleNPAReserved
	case bcd == 0x555:
		return RuleNPA555
	case bcd == 0x950:
		return RuleNPA950
	case bcd == 0x988:
		return RuleNPA988
	}
	return ""
}

func brokenNXX(bcd uint64) Rule {
	switch {
	case bcd < 0x200:
		return RuleNXXFirstDigit
	case bcd&0xff == 0x11:
		return RuleNXXN11
	case bcd == 0x950:
		return RuleNXX950
	}
	return ""
}
