package vanity

import (
	"math/bits"
	"strconv"
	"strings"
	"sync"

	"github.com/numberdesk/numberdesk/nanp"
)

// wordPoints are those of a number of which words cover all of the last seven
// digits.
const wordPoints = 100

// lineRule gives points for the look of the last four digits. Of all rules that
// fit, the first counts.
type lineRule struct {
	points int
	// look is four characters: a digit stands for itself, a letter for any digit
	// that is not the one of another letter nor in the rule; or a step from each
	// digit to the next.
	look string
	text string // {line}, {left} and {right} are the four digits and their halves
}

const (
	noLook = iota // the index of the rule that fits every line
	allSame
	countsUp
	countsDown
)

var lineRules = [...]lineRule{
	noLook:     {0, "", ""},
	allSame:    {100, "AAAA", "ends in {line}"},
	countsUp:   {50, "+1", "counts up {line}"},
	countsDown: {50, "-1", "counts down {line}"},
	{60, "A000", "ends in the round thousand {line}"},
	{60, "ABBB", "ends in three of a kind: {line}"},
	{60, "AAAB", "has three of a kind: {line}"},
	{55, "ABAB", "says the same twice: {left} {right}"},
	{55, "AABB", "ends in two pairs: {left} {right}"},
	{50, "ABBA", "ends in {line}, the same both ways"},
	{40, "7890", "counts up {line}"},
	{30, "+2", "counts up by two {line}"},
	{30, "-2", "counts down by two {line}"},
	{30, "AB00", "ends in the round hundred {line}"},
}

// lineClasses has the index in lineRules of every line number.
var lineClasses = sync.OnceValue(func() *[10000]uint8 {
	var classes [10000]uint8
	for line := range classes {
		digits := [4]int{line / 1000, line / 100 % 10, line / 10 % 10, line % 10}
		for i, rule := range lineRules {
			if i != noLook && rule.fits(digits) {
				classes[line] = uint8(i)
				break
			}
		}
	}
	return &classes
})

func (r lineRule) fits(digits [4]int) bool {
	if len(r.look) == 2 {
		step, _ := strconv.Atoi(r.look)
		return digits[1]-digits[0] == step && digits[2]-digits[1] == step && digits[3]-digits[2] == step
	}
	for i := range digits {
		if c := r.look[i]; c <= '9' && int(c-'0') != digits[i] {
			return false
		}
		for j := range i {
			if (r.look[i] == r.look[j]) != (digits[i] == digits[j]) {
				return false
			}
		}
	}
	return true
}

func (r lineRule) say(n nanp.Number) string {
	line := digitsFrom(n, 6)
	return strings.NewReplacer("{line}", line, "{left}", line[:2], "{right}", line[2:]).Replace(r.text)
}

// numberRule gives points for more than the line. All rules that fit count.
type numberRule struct {
	points int                                          // for each time
	times  func(n nanp.Number, line uint8) int          // line: the index of the rule of the line
	say    func(n nanp.Number, times int) (text string) // for a number that it fits
}

var numberRules = [...]numberRule{
	{10, carriesOn, func(n nanp.Number, times int) string {
		return "the last " + smallNumbers[4+times] + " digits go on like that: " + digitsFrom(n, 6-times)
	}},
	{30, once(func(n nanp.Number) bool { return n>>28 == n>>16&0xfff }), func(n nanp.Number, _ int) string {
		return "the exchange repeats the area code: " + n.NPA().String() + " " + n.NXX().String()
	}},
	{30, once(func(n nanp.Number) bool { return n>>16&0xff == n>>20&0xff }), func(n nanp.Number, _ int) string {
		return "the exchange is three of a kind: " + n.NXX().String()
	}},
	{30, once(func(n nanp.Number) bool { return mirrored(n, 7) }), func(n nanp.Number, _ int) string {
		return "the last seven digits read the same both ways: " + digitsFrom(n, 3)
	}},
	{25, once(func(n nanp.Number) bool { return mirrored(n, 6) }), func(n nanp.Number, _ int) string {
		return "the last six digits read the same both ways: " + digitsFrom(n, 4)
	}},
	{30, once(func(n nanp.Number) bool { return n>>12&0xfff == n&0xfff && !same(n, 6) }), func(n nanp.Number, _ int) string {
		return "says the same twice: " + digitsFrom(n, 4)[:3] + " " + digitsFrom(n, 7)
	}},
	{20, once(func(n nanp.Number) bool { return bits.OnesCount16(digitSet(n)) == 2 }), func(n nanp.Number, _ int) string {
		set := digitSet(n)
		low, high := bits.TrailingZeros16(set), bits.Len16(set)-1
		return "the last seven digits are only " + strconv.Itoa(low) + " and " + strconv.Itoa(high)
	}},
	{5, func(n nanp.Number, _ uint8) int { return zeros(n) - 2 }, func(n nanp.Number, times int) string {
		return smallNumbers[2+times] + " of the last seven digits are 0"
	}},
}

var smallNumbers = [...]string{3: "three", 4: "four", 5: "five", 6: "six", 7: "seven"}

func once(fits func(nanp.Number) bool) func(nanp.Number, uint8) int {
	return func(n nanp.Number, _ uint8) int {
		if fits(n) {
			return 1
		}
		return 0
	}
}

// carriesOn returns how many digits of the exchange carry on what the line does,
// when that is all the same digit or counting.
func carriesOn(n nanp.Number, line uint8) (times int) {
	step := 0
	switch line {
	case allSame:
	case countsUp:
		step = 1
	case countsDown:
		step = -1
	default:
		return 0
	}
	for times < 3 && int(n>>(16+4*times)&15)+step == int(n>>(12+4*times)&15) {
		times++
	}
	return times
}

// mirrored reports whether the last digits read the same both ways. When they are
// all the same that is not what one sees.
func mirrored(n nanp.Number, digits int) bool {
	for i := range digits / 2 {
		if n>>(4*i)&15 != n>>(4*(digits-1-i))&15 {
			return false
		}
	}
	return !same(n, digits)
}

func same(n nanp.Number, digits int) bool {
	mask := nanp.Number(1)<<(4*(digits-1)) - 1
	return n>>4&mask == n&mask
}

// digitSet has bit d set when d is one of the last seven digits.
func digitSet(n nanp.Number) (set uint16) {
	for range lastSeven {
		set |= 1 << (n & 15)
		n >>= 4
	}
	return set
}

func zeros(n nanp.Number) int {
	return lastSeven - bits.OnesCount64(uint64(n|n>>1|n>>2|n>>3)&0x1111111)
}

// digitsFrom returns the digits of n from a position on: 6 is that of the line.
func digitsFrom(n nanp.Number, at int) string {
	d := n.Digits()
	return string(d[at:])
}
