package vanity

import (
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
)

// canonical writes the set, as String promises.
func (p *Pattern) canonical() string {
	b := make([]byte, 0, 12)
	for at := range uint8(10) {
		if at == 3 || at == 6 {
			b = append(b, '-')
		}
		b = append(b, p.symbol(at))
	}
	return string(b)
}

// symbol returns what stands at a position, letters as their keys.
func (p *Pattern) symbol(at uint8) byte {
	if s := shiftOf(at); p.mask>>s&15 != 0 {
		return '0' + byte(p.want>>s&15)
	}
	if p.npas != nil && at < 3 {
		return 'X' // 8XX is the only set of area codes there is
	}
	for i, g := range p.same {
		for _, member := range g {
			if member == at {
				return "&%"[i]
			}
		}
	}
	return '*'
}

// letter returns what was typed at a position, 0 where it was no letter.
func (p *Pattern) letter(at int) byte {
	if p.letters == "" {
		return 0
	}
	return p.letters[at]
}

// spelled writes the pattern as it was typed: letters as letters, dashes for
// whatever separated. Compile reads it back as the same pattern, notation and all,
// for which a letter X that would be taken for a wildcard stands in quotation marks
// with all after it.
func (p *Pattern) spelled() string {
	if !p.ok {
		return ""
	}
	text := string(p.layOut(p.symbol))
	if !strings.Contains(p.letters+p.tail, "X") {
		return text
	}
	c := compiler{in: text, flip: noToken}
	if back, err := c.read(); err == nil && back.text == p.text {
		return text
	}
	from := 0
	if p.npas != nil {
		from = len("8XX-")
	}
	from += strings.IndexByte(text[from:], 'X')
	from = strings.LastIndexByte(text[:from], '-') + 1
	return text[:from] + `"` + text[from:] + `"`
}

// layOut writes ten symbols, letters in their places, dashes and the overdial.
func (p *Pattern) layOut(symbol func(at uint8) byte) []byte {
	b := make([]byte, 0, 24)
	for at := range uint8(10) {
		if p.breaks>>at&1 == 1 {
			b = append(b, '-')
		}
		if c := p.letter(int(at)); c != 0 {
			b = append(b, c)
		} else {
			b = append(b, symbol(at))
		}
	}
	if p.breaks>>10&1 == 1 {
		b = append(b, '-')
	}
	return append(b, p.tail...)
}

// Spell writes a number as the pattern was: letters where letters were typed, a
// dash where anything separated, and the overdial at the end, so that
// "877-OUR-FOOD" spells +18776873663 as "877-OUR-FOOD". Where nothing separated,
// the dashes are those of 877-555-1000, but none goes through a word. A number that
// the pattern does not ask for is written in digits, and what is not a valid number
// as nothing.
func (p Pattern) Spell(n nanp.Number) string {
	if !n.Valid() {
		return ""
	}
	if !p.Match(n) {
		p = Pattern{breaks: usualBreaks}
	}
	d := n.Digits()
	return string(p.layOut(func(at uint8) byte { return d[at] }))
}

// Overdial returns the letters that were typed beyond ten digits, in capitals:
// "S" of "1-800-MATTRESS". A landline ignores the keys for them; some mobile
// networks do not.
func (p Pattern) Overdial() string { return p.overdial }
