package nanp

// maxInput bounds what Parse reads: more than any way to write a number.
const maxInput = 128

// Parse reads a number as people type it: ten digits, or the country code 1 and
// ten digits, with or without a plus sign, with spaces and the punctuation
// ( ) - . / anywhere between, and the tel: scheme of RFC 3966 in front.
// Full-width digits, no-break spaces, typographic dashes and the invisible marks
// that come along when a number is copied are read as what they look like.
//
// Seven digits are refused, because without its area code a number is not one
// number. An extension is refused with [RuleExtension]: [ParseExt] keeps it.
// Letters are refused, so that O is never taken for 0. A number that breaks a
// rule of the numbering plan is refused; one that is merely not in use, or not
// in the United States, is not: see [Number.Category] and [Number.CheckDID].
//
// Every error is an [*Error]. Parse does not allocate when it accepts a text of
// ASCII characters.
func Parse(s string) (Number, error) {
	if n, rest := scan(s); rest < 0 && n != 0 {
		return n, nil
	}
	n, _, at, err := read(s)
	if err != nil {
		return 0, err
	}
	if at >= 0 {
		return 0, newError(s, RuleExtension, at, "this has an extension, and Parse keeps none: use ParseExt")
	}
	return n, nil
}

// ParseExt reads a number as [Parse] does, and an extension of up to 15 digits
// behind it: x12, ext 12, ext. 12, extn 12, extension 12, #12, or ;ext=12. The
// extension is returned as its digits, and is empty when there is none.
func ParseExt(s string) (n Number, ext string, err error) {
	if n, rest := scan(s); rest < 0 && n != 0 {
		return n, "", nil
	}
	n, ext, _, bad := read(s)
	if bad != nil {
		return 0, "", bad
	}
	return n, ext, nil
}

// What a byte is within a number. A digit is its value and one, so that the
// zero of the table is a foreign character.
const (
	foreign = 0
	mark    = 11 // skipped
	edge    = 12 // white space that may only surround a number
)

var class = [256]byte{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'(': mark, ')': mark, '-': mark, '.': mark, '/': mark, ' ': mark, '\t': mark,
	'\n': edge, '\v': edge, '\f': edge, '\r': edge,
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// scan reads the number at the start of s, 0 if there is none that keeps the
// rules. rest is where something foreign follows it, or -1. It is the fast path:
// it says nothing of what is wrong.
func scan(s string) (n Number, rest int) {
	if len(s) > maxInput {
		return 0, -1
	}
	if n := written(s); n.structural() {
		return n, -1
	}
	i, plus := 0, false
	if len(s) > 0 && !isDigit(s[0]) {
		i, plus = prefix(s)
	}
	bcd, count := uint64(0), 0
	rest = -1
	for ; i < len(s); i++ {
		v := class[s[i]]
		if d := v - 1; d <= 9 {
			bcd = bcd<<4 | uint64(d)
			count++
			continue
		}
		if v == mark {
			continue
		}
		if skipSpace(s, i) < len(s) {
			rest = i
		}
		break
	}
	if count == 11 && bcd>>numberBits == 1 {
		bcd &= 1<<numberBits - 1
	} else if count != 10 || plus {
		return 0, rest
	}
	if n = Number(bcd); !n.structural() {
		return 0, rest
	}
	return n, rest
}

// written reads the forms that String and Format write, which are by far the most
// common ones, and returns 0 for every other.
func written(s string) Number {
	at, gap, dash := 0, 0, 0
	switch {
	case len(s) == 12 && s[0] == '+' && s[1] == '1':
		at = 2
	case len(s) == 14 && s[0] == '(' && s[4] == ')' && s[5] == ' ' && s[9] == '-':
		at, gap, dash = 1, 2, 1
	default:
		return 0
	}
	npa, nxx, line := s[at:at+3], s[at+3+gap:at+6+gap], s[at+6+gap+dash:]
	if len(npa) != 3 || len(nxx) != 3 || len(line) != 4 {
		return 0
	}
	d0, d1, d2 := npa[0]-'0', npa[1]-'0', npa[2]-'0'
	d3, d4, d5 := nxx[0]-'0', nxx[1]-'0', nxx[2]-'0'
	d6, d7, d8, d9 := line[0]-'0', line[1]-'0', line[2]-'0', line[3]-'0'
	if max(d0, d1, d2, d3, d4, d5, d6, d7, d8, d9) > 9 {
		return 0
	}
	return Number(d0)<<36 | Number(d1)<<32 | Number(d2)<<28 | Number(d3)<<24 | Number(d4)<<20 |
		Number(d5)<<16 | Number(d6)<<12 | Number(d7)<<8 | Number(d8)<<4 | Number(d9)
}

// structural is n.broken() == "" for ten digits, but faster: the table knows
// which codes the plan keeps from being area codes.
func (n Number) structural() bool {
	if builtin.row(n.NPA()).category-1 >= ServiceCode-1 {
		return false
	}
	nxx := n >> nxxShift & codeMask
	return nxx >= 0x200 && nxx&0xff != 0x11 && nxx != 0x950
}

// prefix returns the position behind leading white space, the tel: scheme and a
// plus sign, and whether there is a plus sign.
func prefix(s string) (i int, plus bool) {
	i = skipSpace(s, 0)
	if t := s[i:]; len(t) >= 4 && t[0]|0x20 == 't' && t[1]|0x20 == 'e' && t[2]|0x20 == 'l' && t[3] == ':' {
		i += 4
	}
	for i < len(s) && class[s[i]] == mark {
		i++
	}
	if i < len(s) && s[i] == '+' {
		return i + 1, true
	}
	return i, false
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] >= '\t' && s[i] <= '\r') {
		i++
	}
	return i
}

// read is the slow path: it folds what is not ASCII, reads an extension, and
// says what is wrong. at is where an extension starts, or -1.
func read(s string) (n Number, ext string, at int, err *Error) {
	text, origin, err := fold(s)
	if err != nil {
		return 0, "", -1, err
	}
	n, rest := scan(text)
	if rest >= 0 {
		digits, r, where := extension(text, rest)
		switch r {
		case "":
			ext = digits
		case RuleExtension:
			return 0, "", -1, newError(s, r, origin.of(where), "an extension is 1 to 15 digits at the end")
		default:
			return 0, "", -1, characterError(s, origin.of(rest))
		}
	}
	if n == 0 {
		return 0, "", -1, diagnose(s, text, origin)
	}
	return n, ext, origin.of(rest), nil
}
