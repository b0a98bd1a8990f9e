package nanp

import "strconv"

// Number is a North American telephone number: ten digits, two to a byte, in
// the low 40 bits, the first digit highest. It is comparable, so == and map
// keys work, and < orders numbers as their digits do. The zero value is not a
// number: [Number.Valid] is false for it, and it is written as an empty text
// and as SQL NULL.
//
// Numbers come from [Parse], [ParseExt], [Make], the decoders and
// [Number.Next]. A Number converted from an arbitrary integer may be invalid.
type Number uint64

// NPA is a numbering plan area code as a plain integer: 501 for Arkansas.
type NPA uint16

// NXX is a central office code (the exchange) as a plain integer: 555.
type NXX uint16

const (
	numberBits = 40
	npaShift   = 28
	nxxShift   = 16
	lineMask   = 0xffff
	codeMask   = 0xfff
)

// MustParse is [Parse] for numbers written in source code. It panics when s is
// not a number.
func MustParse(s string) Number {
	n, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return n
}

// Make builds a number from its parts: line is 0 to 9999. It applies the rules
// that [Parse] applies.
func Make(npa NPA, nxx NXX, line int) (Number, error) {
	if npa > 999 || nxx > 999 || line < 0 || line > 9999 {
		in := strconv.Itoa(int(npa)) + "-" + strconv.Itoa(int(nxx)) + "-" + strconv.Itoa(line)
		return 0, newError(in, RuleLength, -1, "an area code and an exchange have three digits, a line has four")
	}
	n := Number(bcd3(uint64(npa)))<<npaShift | Number(bcd3(uint64(nxx)))<<nxxShift |
		Number(line/1000)<<12 | Number(bcd3(uint64(line%1000)))
	if r := n.broken(); r != "" {
		return 0, structuralError(string(n.appendDigits(nil)), r, n, func(digit int) int { return digit })
	}
	return n, nil
}

func bcd3(v uint64) uint64 { return v/100<<8 | v/10%10<<4 | v%10 }

func dec3(v Number) uint16 { return uint16(v>>8*100 + v>>4&15*10 + v&15) }

// Valid reports whether n keeps the rules of the numbering plan, which are the
// rules that [Parse] applies. A valid number need not be in use, nor be one
// that could be provisioned: see [Number.CheckDID].
func (n Number) Valid() bool {
	const six = 0x6666666666
	if n>>numberBits != 0 || ((n+six)^n^six)&0x11111111110 != 0 {
		return false // a bit above the digits, or a nibble above nine
	}
	return n.structural()
}

// NPA returns the area code.
func (n Number) NPA() NPA { return NPA(dec3(n >> npaShift & codeMask)) }

// NXX returns the central office code.
func (n Number) NXX() NXX { return NXX(dec3(n >> nxxShift & codeMask)) }

// Line returns the line number, 0 to 9999.
func (n Number) Line() int { return int(n>>12&15)*1000 + int(dec3(n&codeMask)) }

// Digits returns the ten digits in ASCII.
func (n Number) Digits() (d [10]byte) {
	for i := range d {
		d[i] = '0' + byte(n>>(36-4*i)&15)
	}
	return d
}

// Next returns the number that follows n within the same area code and
// exchange, and false after line 9999 or when n is not valid.
func (n Number) Next() (Number, bool) {
	if !n.Valid() || n&lineMask == 0x9999 {
		return 0, false
	}
	next := n + 1
	for shift := 0; next>>shift&15 == 10; shift += 4 {
		next += 6 << shift
	}
	return next, true
}

// String returns n in E.164 form, +15015550123, and an empty string for the
// zero value.
func (n Number) String() string {
	if n>>numberBits != 0 || n == 0 {
		return n.oddString()
	}
	var b [12]byte
	return string(n.AppendE164(b[:0]))
}

func (n Number) oddString() string {
	if n == 0 {
		return ""
	}
	return "nanp.Number(0x" + strconv.FormatUint(uint64(n), 16) + ")"
}

// Format returns n as it is commonly printed, (501) 555-0123, and an empty
// string for the zero value.
func (n Number) Format() string {
	if n>>numberBits != 0 || n == 0 {
		return n.oddString()
	}
	var b [14]byte
	return string(n.AppendFormat(b[:0]))
}

// AppendE164 appends what [Number.String] returns for a valid number.
func (n Number) AppendE164(b []byte) []byte {
	return n.appendDigits(append(b, '+', '1'))
}

// AppendFormat appends what [Number.Format] returns for a valid number.
func (n Number) AppendFormat(b []byte) []byte {
	d := n.Digits()
	b = append(b, '(', d[0], d[1], d[2], ')', ' ', d[3], d[4], d[5], '-')
	return append(b, d[6:]...)
}

func (n Number) appendDigits(b []byte) []byte {
	d := n.Digits()
	return append(b, d[:]...)
}

// Category tells what kind of number n is, by the built-in table.
func (n Number) Category() Category { return builtin.Category(n.NPA()) }

// Info tells what the built-in table knows of the area code of n.
func (n Number) Info() Info { return builtin.Info(n.NPA()) }

// State returns the code of the US state or territory, or of the Canadian
// province or territory, that the area code of n belongs to, and an empty
// string when there is none or more than one. It does not allocate.
//
// An area code says where a number was first given out, not where its user is:
// numbers are ported and nomadic. Never use it as the location of an emergency
// call.
func (n Number) State() string { return builtin.state(n.NPA()) }

// CheckDID reports whether n could be provisioned as a US direct inward dial
// number, by the built-in table. See [Table.CheckDID].
func (n Number) CheckDID() error { return builtin.CheckDID(n) }

// TollFree reports whether n has a toll-free code that is in service.
func (n Number) TollFree() bool { return n.Category() == TollFree }

// Fictional reports whether n is one of the hundred numbers 555-0100 to
// 555-0199 that every geographic area code sets aside for films, examples and
// tests. Among the toll-free codes only 800 does so.
func (n Number) Fictional() bool { return n.fictional(n.Category()) }

func (n Number) fictional(c Category) bool {
	const first = 0x5550100
	return n&0xfffffff&^0xff == first && (c.Geographic() || n.NPA() == 800)
}

// DirectoryAssistance reports whether n is the 555-1212 of its area code.
func (n Number) DirectoryAssistance() bool { return n&0xfffffff == 0x5551212 }
