package money

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// USD is an amount of United States dollars in millionths, so that a price per
// minute of $0.0085 is exact. It may be negative: a saving. The largest amount
// is about nine million million dollars.
type USD int64

// Units, to write amounts in source code: 2*money.Dollar + 50*money.Cent.
const (
	Dollar USD = 1_000_000
	Cent   USD = 10_000
)

// What can be wrong with an amount. Errors of this package wrap one of them.
var (
	// ErrSyntax says that a text is not an amount.
	ErrSyntax = errors.New("not an amount of dollars")
	// ErrPrecision says that an amount has a part smaller than a millionth.
	ErrPrecision = errors.New("more than six decimals")
	// ErrRange says that an amount is too large to be held.
	ErrRange = errors.New("too large an amount")
)

// Error says what is wrong with which text.
type Error struct {
	Input string // cut off after 64 bytes
	Err   error  // ErrSyntax, ErrPrecision or ErrRange
}

// Error quotes the text, with control characters escaped.
func (e *Error) Error() string {
	return "money: " + strconv.QuoteToASCII(e.Input) + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

const maxQuoted = 64

func fail(s string, err error) error {
	return &Error{Input: strings.Clone(s[:min(len(s), maxQuoted)]), Err: err}
}

const decimals = 6

// maxText bounds what ParseUSD reads. Carriers pad prices with zeros.
const maxText = 64

// ParseUSD reads an amount: 1, 1.00, $0.0085, -$2.50 or -2.50. Zeros beyond the
// sixth decimal are skipped, any other digit there is an error and never
// rounded. There are no exponents and no separators of thousands. The error is
// an [*Error].
func ParseUSD(s string) (USD, error) {
	if len(s) > maxText {
		return 0, fail(s, ErrSyntax)
	}
	rest, negative := strings.CutPrefix(s, "-")
	rest = strings.TrimPrefix(rest, "$")
	whole, fraction, dot := strings.Cut(rest, ".")
	if whole == "" || dot && fraction == "" || !digits(whole) || !digits(fraction) {
		return 0, fail(s, ErrSyntax)
	}
	if len(fraction) > decimals {
		if strings.Trim(fraction[decimals:], "0") != "" {
			return 0, fail(s, ErrPrecision)
		}
		fraction = fraction[:decimals]
	}
	dollars, err := strconv.ParseUint(whole, 10, 64)
	if err != nil {
		return 0, fail(s, ErrRange)
	}
	millionths := uint64(0)
	for i := range decimals {
		millionths *= 10
		if i < len(fraction) {
			millionths += uint64(fraction[i] - '0')
		}
	}
	hi, lo := bits.Mul64(dollars, uint64(Dollar))
	sum, carry := bits.Add64(lo, millionths, 0)
	switch {
	case hi != 0 || carry != 0:
		return 0, fail(s, ErrRange)
	case !negative && sum <= math.MaxInt64:
		return USD(sum), nil
	case negative && sum <= -math.MinInt64:
		return USD(-sum), nil
	}
	return 0, fail(s, ErrRange)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String returns the amount with two to six decimals: $1.00, $0.0085, -$2.50.
func (u USD) String() string { return u.text("$") }

func (u USD) text(sign string) string {
	size := uint64(u)
	if u < 0 {
		size = -size
		sign = "-" + sign
	}
	fraction := strconv.FormatUint(uint64(Dollar)+size%uint64(Dollar), 10)[1:]
	for len(fraction) > 2 && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	return sign + strconv.FormatUint(size/uint64(Dollar), 10) + "." + fraction
}

// Add returns u+v, or ErrRange.
func (u USD) Add(v USD) (USD, error) {
	sum := u + v
	if (u < 0) == (v < 0) && (sum < 0) != (u < 0) {
		return 0, ErrRange
	}
	return sum, nil
}

// Times returns u*n, or ErrRange: the price of n numbers.
func (u USD) Times(n int) (USD, error) {
	if u == 0 || n == 0 {
		return 0, nil
	}
	product := u * USD(n)
	if product/USD(n) != u || u == -1 && USD(n) == math.MinInt64 || n == -1 && u == math.MinInt64 {
		return 0, ErrRange
	}
	return product, nil
}

// MarshalText writes the amount as a plain decimal, 1.00, which is a string in
// JSON: a JSON number would lose digits in readers that use floating point.
func (u USD) MarshalText() ([]byte, error) { return []byte(u.text("")), nil }

// UnmarshalText reads what [ParseUSD] reads. On error u keeps its value.
func (u *USD) UnmarshalText(text []byte) error {
	v, err := ParseUSD(string(text))
	if err == nil {
		*u = v
	}
	return err
}
