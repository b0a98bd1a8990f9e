// Package lenient reads telephone numbers out of messy text: with words in
// front, in the digits of other scripts, with extensions labelled in many ways,
// dialled from abroad with 011. It is for the edge of a program, where people
// and files bring what they have; everywhere else package nanp is enough, and
// this one adds the metadata of the whole world to a binary.
//
// It promises:
//
//   - What nanp accepts is accepted here, with the same result.
//   - For every text that both nanp and github.com/nyaruka/phonenumbers accept,
//     they agree on the number and on the extension.
//   - No digit is lost on the way: a number is accepted only if it accounts for
//     every digit of the text.
//   - No letter is taken for a digit. Words such as 1-800-FLOWERS are read by
//     package vanity.
//
// The functions have no state and are safe for concurrent use.
package lenient

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"github.com/numberdesk/numberdesk/nanp"
)

// Parse reads a number with country code 1, and refuses an extension. The error
// is a [*nanp.Error].
func Parse(s string) (nanp.Number, error) {
	if n, err := nanp.Parse(s); err == nil {
		return n, nil
	}
	n, ext, err := peer(s)
	switch {
	case err != nil:
		return 0, err
	case ext != "":
		return 0, fail(s, nanp.RuleExtension, "this has an extension, and Parse keeps none: use ParseExt")
	}
	return n, nil
}

// ParseExt reads a number with country code 1 and an extension of up to 15
// digits, empty when there is none. The error is a [*nanp.Error].
func ParseExt(s string) (n nanp.Number, ext string, err error) {
	if n, ext, err = nanp.ParseExt(s); err == nil {
		return n, ext, nil
	}
	return peer(s)
}

const (
	maxInput = 250
	maxExt   = 15
)

// peer reads s with phonenumbers alone, and then holds the result against the
// text and against the rules of the plan.
func peer(s string) (nanp.Number, string, error) {
	if len(s) > maxInput {
		return 0, "", fail(s, nanp.RuleLength, strconv.Itoa(len(s))+" bytes are too long for a number")
	}
	folded := strings.TrimRightFunc(strings.Map(asciiDigit, s), func(c rune) bool {
		return c != '#' && !unicode.IsDigit(c) && !unicode.IsLetter(c)
	})
	p, err := phonenumbers.Parse(folded, "US")
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return 0, "", fail(s, nanp.RuleCountryCode, "the country code is not known")
	case errors.Is(err, phonenumbers.ErrTooShortNSN):
		return 0, "", fail(s, nanp.RuleLength, "there are too few digits")
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return 0, "", fail(s, nanp.RuleLength, "there are too many digits")
	case err != nil:
		return 0, "", notFound(s, folded)
	}
	if c := p.GetCountryCode(); c != 1 {
		return 0, "", fail(s, nanp.RuleCountryCode, "this is a number of country code "+strconv.Itoa(int(c)))
	}
	national := strconv.FormatUint(p.GetNationalNumber(), 10)
	if zeros := p.GetNumberOfLeadingZeros(); p.GetItalianLeadingZero() && zeros >= 0 && zeros < maxInput {
		national = strings.Repeat("0", int(zeros)) + national
	}
	ext := p.GetExtension()
	if r, detail := accounted(folded, national, ext); r != "" {
		return 0, "", fail(s, r, detail)
	}
	n, err := nanp.Parse(national)
	if bad := (*nanp.Error)(nil); errors.As(err, &bad) {
		return 0, "", fail(s, bad.Rule, bad.Detail)
	}
	return n, ext, nil
}

// accounted checks that the digits of s are those of the number, perhaps behind
// a country code, and those of the extension, and that no letter stands between
// the digits of the number.
func accounted(s, national, ext string) (nanp.Rule, string) {
	switch {
	case len(national) == 7:
		return nanp.RuleSevenDigits, "seven digits lack the area code"
	case len(national) != 10:
		return nanp.RuleLength, "there are " + strconv.Itoa(len(national)) + " digits instead of ten"
	case len(ext) > maxExt:
		return nanp.RuleExtension, "an extension has 1 to 15 digits"
	}
	var digits strings.Builder
	letter := maxInput // behind how many digits the first letter within stands
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits.WriteRune(c)
		case unicode.IsLetter(c) && digits.Len() > 0:
			letter = min(letter, digits.Len())
		}
	}
	before, ok := strings.CutSuffix(digits.String(), national+ext)
	switch {
	case digits.Len() < len(national)+len(ext):
		return nanp.RuleLetter, "letters are not read as digits"
	case !ok || before != "" && before != "1" && before != "0111":
		return nanp.RuleLength, "it has digits that are not part of the number"
	case letter < len(before)+len(national):
		return nanp.RuleLetter, "a letter stands between the digits"
	}
	return "", ""
}

// notFound says why there is no number in s at all.
func notFound(s, folded string) error {
	first, last := strings.IndexAny(folded, ascii), strings.LastIndexAny(folded, ascii)
	switch {
	case first < 0:
		return fail(s, nanp.RuleEmpty, "there is no number in it")
	case strings.ContainsFunc(folded[first:last], unicode.IsLetter):
		return fail(s, nanp.RuleLetter, "a letter stands between the digits")
	}
	return fail(s, nanp.RuleCharacter, "no number can be found in it")
}

const ascii = "0123456789"

// asciiDigit turns the decimal digits of any script into ASCII. Unicode has the
// ten digits of each script in a row, some scripts directly behind others.
func asciiDigit(c rune) rune {
	if c < unicode.MaxASCII || !unicode.IsDigit(c) {
		return c
	}
	for _, r := range unicode.Nd.R16 {
		if rune(r.Lo) <= c && c <= rune(r.Hi) {
			return '0' + (c-rune(r.Lo))%10
		}
	}
	for _, r := range unicode.Nd.R32 {
		if rune(r.Lo) <= c && c <= rune(r.Hi) {
			return '0' + (c-rune(r.Lo))%10
		}
	}
	return c
}

func fail(s string, r nanp.Rule, detail string) error {
	return &nanp.Error{Input: s, Rule: r, At: -1, Detail: detail}
}
