package vanity

import (
	"strconv"
	"strings"
)

// Reading says what the letter X stands for.
type Reading uint8

// The readings of X. N, which stands for 2 to 9 in the notation of dialling plans,
// goes with it: see [Compile].
const (
	Auto     Reading = iota // by the rule of Compile
	Wildcard                // any digit
	Letter                  // the letter X, on key 9
)

// Option changes how [Compile] reads.
type Option func(*Reading)

// XAs overrides the rule for the letter X.
func XAs(r Reading) Option { return func(as *Reading) { *as = r } }

func reading(opts []Option) (r Reading) {
	for _, o := range opts {
		o(&r)
	}
	return r
}

// Note says that a pattern could have been meant in another way.
type Note struct {
	At   int    // where in the text, in bytes
	Text string // what was read, and what would be written for the other reading
	Alt  string // the pattern in the other reading, for Compile; empty where none can be written
}

// Compile reads a wish for numbers as people write it.
//
//	digits      stand for themselves
//	* ? X       any digit
//	&           the same digit at every &; % is a second one, which may equal it
//	A to Z      the key of the letter, by E.161: Q on 7, Z on 9
//	8XX         in front: the toll-free codes in service
//	NXX         in front: any area code; after one: any exchange
//
// Spaces, dashes, dots, slashes and parentheses only separate, and so does a +1 or
// 1 in front of ten symbols or more. Seven symbols stand for any area code. Letters
// beyond ten symbols are an overdial: a word like MATTRESS goes on, but the network
// has its number after ten digits; they are kept for [Pattern.Spell]. Small letters
// and full-width characters are read as capitals and as ASCII. All else is an error,
// as is a pattern that no valid number can match, and a text above 128 bytes. The
// error is an [*Error].
//
// X is a wildcard where two or more stand together, and where the token around it,
// which separators bound, has no other letter but the N of a dialling plan;
// otherwise it is the letter on key 9. So X is any digit in 877-555-XXXX and
// 800-555-X123 and 9 in 800-FOX-TAXI. N is any digit from 2 to 9 at the start of
// area code and exchange, in a token with such an X. The first three symbols 8XX,
// with X and not *, are the toll-free codes. [XAs] overrides this; in "quotation
// marks" X and N are letters always.
//
// Where that rule may not have met what was meant, the notes say so. They are no
// errors.
func Compile(s string, opts ...Option) (Pattern, []Note, error) {
	c := compiler{in: s, flip: noToken}
	if len(opts) > 0 {
		c.xAs = reading(opts)
	}
	p, err := c.read()
	if err != nil {
		return Pattern{}, nil, err
	}
	return p, c.notes(&p), nil
}

// MustCompile is [Compile] for patterns written in source code. It panics on an
// error, and drops the notes.
func MustCompile(s string, opts ...Option) Pattern {
	p, _, err := Compile(s, opts...)
	if err != nil {
		panic(err)
	}
	return p
}

// compiler holds what is known of one text. It is a few hundred bytes and stays on
// the stack.
type compiler struct {
	in   string
	xAs  Reading
	flip uint8 // a token in which X is read the other way, for notes

	n      int // symbols
	sym    [maxSymbols]symbol
	tokens uint8
	plus   int // where a plus sign stands, plus 1; 0: none

	first int // the symbol at the position off
	off   int // the position of the first symbol: 3 without an area code, else 0
}

const (
	noToken    = 0xff
	maxSymbols = 40 // ten, a country code, and the longest words there are
)

// symbol is one that takes a digit's place. A wildcard X stays 'X'.
type symbol struct {
	ch     byte
	at     uint8 // where in the text
	token  uint8 // which of the parts that separators make
	quoted bool
}

func (c *compiler) read() (Pattern, *Error) {
	if err := c.scan(); err != nil {
		return Pattern{}, err
	}
	if err := c.place(); err != nil {
		return Pattern{}, err
	}
	return c.build()
}

// scan splits the text into symbols.
func (c *compiler) scan() *Error {
	s := c.in
	if len(s) > maxInput {
		return newError(s, RuleLength, -1, 0, tooLong(len(s)), "a pattern has at most 128")
	}
	open, gap := -1, false
	for i := 0; i < len(s); {
		ch, size := symbolAt(s, i)
		switch classOf[ch] {
		case isDigit, isLetter, isAny, isRepeat:
			if gap && c.n > 0 {
				c.tokens++
			}
			gap = false
			if c.n == maxSymbols {
				return newError(s, RuleLength, i, rune(ch), "there are more than 40 symbols", "write ten, and a word that goes on")
			}
			c.sym[c.n] = symbol{ch, uint8(i), c.tokens, open >= 0}
			c.n++
		case isGap:
			gap = true
		case isQuote:
			if open >= 0 {
				open = -1
			} else {
				open = i
			}
		case isPlus:
			if c.n > 0 || c.plus > 0 {
				return newError(s, RuleCountryCode, i, '+', "a plus sign is the first thing in a number", "write +1 in front, or nothing")
			}
			c.plus = i + 1
		default:
			return characterError(s, i, "a pattern has digits, letters A to Z, and the wildcards * ? X & %")
		}
		i += size
	}
	if open >= 0 {
		return newError(s, RuleQuote, open, '"', "this quotation mark is not closed", `write words as "FOX"`)
	}
	return nil
}

// place finds where the ten positions begin.
func (c *compiler) place() *Error {
	const right = "write ten symbols, or seven for any area code"
	c.first, c.off = 0, 0
	one := c.n > 0 && c.sym[0].ch == '1'
	switch {
	case c.n == 0:
		return newError(c.in, RuleEmpty, -1, 0, "there is nothing to look for in it", right)
	case c.plus > 0 && !one:
		return newError(c.in, RuleCountryCode, int(c.sym[0].at), rune(c.sym[0].ch), "after the plus sign comes another country code than 1", "write +1")
	case c.plus > 0 && c.n < 11:
		return newError(c.in, RuleLength, -1, 0, "after +1 come "+strconv.Itoa(c.n-1)+" symbols instead of ten", right)
	case one && c.n >= 11:
		c.first = 1
	case one && c.n == 10:
		return newError(c.in, RuleLength, -1, 0, "after the country code 1 come 9 symbols instead of ten", right)
	case one && c.n == 8:
		return newError(c.in, RuleLength, -1, 0, "between the country code 1 and the seven last symbols the area code is missing", "write XXX for any area code")
	case c.n == 7:
		c.off = 3
	case c.n < 10:
		return newError(c.in, RuleLength, -1, 0, "there are "+strconv.Itoa(c.n)+" symbols", right)
	}
	return c.checkOverdial()
}

// checkOverdial allows more than ten symbols only where a word goes on.
func (c *compiler) checkOverdial() *Error {
	for i := c.first + 10; i < c.n; i++ {
		last := c.sym[c.first+9]
		if s := c.sym[i]; classOf[s.ch] != isLetter || classOf[last.ch] != isLetter || c.wild(i) || c.wild(c.first+9) {
			return newError(c.in, RuleOverdial, int(s.at), rune(s.ch), "there are "+strconv.Itoa(c.n-c.first)+" symbols",
				"write ten, of which the last may begin or go on with a word that is longer")
		}
	}
	return nil
}

// position returns where among the ten digits a symbol stands.
func (c *compiler) position(i int) int { return i - c.first + c.off }

// usualBreaks are the dashes of 877-555-1000.
const usualBreaks = 1<<3 | 1<<6

// build makes the pattern of the symbols.
func (c *compiler) build() (Pattern, *Error) {
	p := Pattern{ok: true, breaks: 1 << 3}
	var letters [10]byte
	var groups [2][]uint8
	var group [2]int // the symbol that a group begins with
	spelled := false
	for i := c.first; i < c.n && c.position(i) < 10; i++ {
		at := c.position(i)
		if i > c.first && at > 0 && c.sym[i].token != c.sym[i-1].token {
			p.breaks |= 1 << at
		}
		ch := c.sym[i].ch
		switch kind := classOf[ch]; {
		case kind == isAny, kind == isLetter && c.wild(i):
			continue
		case kind == isRepeat:
			which := 0
			if ch == '%' {
				which = 1
			}
			if groups[which] == nil {
				groups[which], group[which] = make([]uint8, 0, 10), i
			}
			groups[which] = append(groups[which], uint8(at))
			continue
		case kind == isLetter:
			letters[at], spelled = ch, true
			ch = keyOf[ch-'A']
		}
		s := shiftOf(uint8(at))
		p.mask |= 15 << s
		p.want |= uint64(ch&15) << s
	}
	if spelled {
		p.letters = string(letters[:])
	}
	for which, g := range groups {
		switch at := c.sym[group[which]]; len(g) {
		case 0:
		case 1:
			return p, newError(c.in, RuleRepeat, int(at.at), rune(at.ch), "a single "+string(at.ch)+" has no other digit to be equal to",
				"write * for any digit, or "+string(at.ch)+" twice or more")
		default:
			p.same = append(p.same, g)
		}
	}
	if len(p.same) == 2 && p.same[0][0] > p.same[1][0] {
		p.same[0], p.same[1] = p.same[1], p.same[0]
	}
	for i, g := range p.same {
		p.repeats[i] = repeatOf(g)
	}
	if c.tollFree() {
		p.npas = tollFree
	}
	c.buildTail(&p)
	if p.breaks&^usualBreaks == 0 && (p.letter(5) == 0 || p.letter(6) == 0) {
		p.breaks = usualBreaks
	}
	p.plain = p.npas == nil && len(p.same) == 0
	p.text = p.canonical()
	return p, c.possible(&p)
}

// tollFree reports whether the pattern begins with 8XX, X being wildcards.
func (c *compiler) tollFree() bool {
	if c.off > 0 {
		return false
	}
	a, b := c.first+1, c.first+2
	return c.sym[c.first].ch == '8' && c.sym[a].ch == 'X' && c.sym[b].ch == 'X' && c.wild(a) && c.wild(b)
}

// buildTail keeps the overdial, once as letters and once as it is shown.
func (c *compiler) buildTail(p *Pattern) {
	if c.n <= c.first+10 {
		return
	}
	var letters, shown strings.Builder
	for i := c.first + 10; i < c.n; i++ {
		if c.sym[i].token != c.sym[i-1].token {
			if i == c.first+10 {
				p.breaks |= 1 << 10
			} else {
				shown.WriteByte('-')
			}
		}
		letters.WriteByte(c.sym[i].ch)
		shown.WriteByte(c.sym[i].ch)
	}
	p.overdial, p.tail = letters.String(), shown.String()
}

// possible refuses a pattern that no valid number matches, and says why. Groups need
// no look: what the plan forbids at one place or the other leaves each of them some
// digit that fits everywhere.
func (c *compiler) possible(p *Pattern) *Error {
	cond := p.cond()
	for field, rule := range [...]Rule{RuleNPA, RuleNXX} {
		if set := cond.codes(field); set == (codeBits{}) {
			detail, right := whyNoCode(field, p.text[4*field:4*field+3])
			at := c.sym[max(0, c.first+3*field-c.off)]
			return newError(c.in, rule, int(at.at), rune(at.ch), detail, right)
		}
	}
	return nil
}
