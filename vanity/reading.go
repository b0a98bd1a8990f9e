package vanity

import (
	"errors"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
)

// wild reports whether the symbol is a letter that is read as a wildcard: an X, or
// the N of a dialling plan. The rule is at [Compile].
func (c *compiler) wild(i int) bool {
	s := c.sym[i]
	switch {
	case s.quoted || s.ch != 'X' && s.ch != 'N':
		return false
	case s.ch == 'N':
		return c.plan(s.token) && c.planPlace(i)
	}
	return c.wildX(i) != (s.token == c.flip)
}

func (c *compiler) wildX(i int) bool {
	if c.xAs != Auto {
		return c.xAs == Wildcard
	}
	return i > 0 && c.isX(i-1, c.sym[i].token) || i+1 < c.n && c.isX(i+1, c.sym[i].token) || c.pure(c.sym[i].token)
}

func (c *compiler) isX(i int, token uint8) bool {
	return c.sym[i].ch == 'X' && c.sym[i].token == token && !c.sym[i].quoted
}

// pure reports whether the token has no letter but X and the N of a dialling plan.
func (c *compiler) pure(token uint8) bool {
	for i, s := range c.sym[:c.n] {
		if s.token == token && classOf[s.ch] == isLetter && !c.isX(i, token) && (s.ch != 'N' || s.quoted || !c.planPlace(i)) {
			return false
		}
	}
	return true
}

// plan reports whether the token is of the notation NXX: pure, and with an X that is
// a wildcard.
func (c *compiler) plan(token uint8) bool {
	if c.xAs == Letter || c.flip == token || !c.pure(token) {
		return false
	}
	for i := range c.n {
		if c.isX(i, token) {
			return true
		}
	}
	return false
}

// planPlace reports whether the symbol begins the area code or the exchange, where
// the numbering plan itself has an N.
func (c *compiler) planPlace(i int) bool {
	at := c.position(i)
	return at == 0 || at == 3
}

// notes says where the pattern could have been meant in another way.
func (c *compiler) notes(p *Pattern) []Note {
	var all []Note
	if c.xAs == Auto {
		for from := c.first; from < c.n; {
			to := from + 1
			for to < c.n && c.sym[to].token == c.sym[from].token {
				to++
			}
			if c.doubtful(from, to) {
				if n, ok := c.noteX(from, to); ok {
					all = append(all, n)
				}
			}
			from = to
		}
	}
	if n, ok := c.noteEight(p); ok {
		all = append(all, n)
	}
	return all
}

// doubtful reports whether the rule for X may have missed what the token was meant
// to say. It did not in 12XX and TAXI; it may have in the word EXX, in FOX, whose X
// is at an edge, and where an X stands alone.
func (c *compiler) doubtful(from, to int) bool {
	token := c.sym[from].token
	if from >= c.first+10 || c.pure(token) {
		return to-from == 1 && from < c.first+10 && c.isX(from, token)
	}
	for i := from; i < to; i++ {
		if c.isX(i, token) && (c.wild(i) || i == from || i == to-1 ||
			classOf[c.sym[i-1].ch] != isLetter || classOf[c.sym[i+1].ch] != isLetter) {
			return true
		}
	}
	return false
}

// noteX describes both readings of a token. A reading that no number has is none.
func (c *compiler) noteX(from, to int) (Note, bool) {
	other := *c
	other.flip = c.sym[from].token
	if other.checkOverdial() != nil {
		return Note{}, false
	}
	alt, err := other.build()
	if err != nil {
		return Note{}, false
	}
	var word strings.Builder
	wild, at := false, -1
	for i := from; i < to; i++ {
		word.WriteByte(c.sym[i].ch)
		if c.isX(i, other.flip) {
			wild = wild || c.wild(i)
			if at < 0 {
				at = int(c.sym[i].at)
			}
		}
	}
	text := "X is read as the letter, on key 9, in " + word.String() + "; for any digit write *"
	if wild {
		text = "X is read as any digit in " + word.String() + ", and other letters as their keys; for the letter X use quotation marks"
	}
	return Note{At: at, Text: text, Alt: alt.spelled()}, true
}

// noteEight says that 8** is not 8XX.
func (c *compiler) noteEight(p *Pattern) (Note, bool) {
	if lead := c.sym[c.first : c.first+3]; c.off > 0 || lead[0].ch != '8' || lead[1].ch != '*' || lead[2].ch != '*' {
		return Note{}, false
	}
	alt := *p
	alt.npas = tollFree
	return Note{int(c.sym[c.first].at), "8** is read as every area code that starts with 8, local ones too; for toll-free codes write 8XX", alt.spelled()}, true
}

// whyNoCode says why no area code (field 0) or exchange looks like this.
func whyNoCode(field int, like string) (detail, right string) {
	what, right := "an area code", "an area code starts with 2 to 9, does not end in 11 and has no 9 in the middle"
	_, err := nanp.ParseNPA(like)
	if field == 1 {
		what, right = "an exchange", "an exchange starts with 2 to 9, does not end in 11 and is not 950"
		_, err = nanp.ParseNXX(like)
	}
	var e *nanp.Error
	switch {
	case errors.As(err, &e) && e.Rule != nanp.RuleCharacter:
		return e.Detail, right
	case like[0] < '2' && like[0] >= '0':
		return what + " never starts with " + like[:1], right
	}
	return like + " is never " + what, right
}
