package vanity

import (
	"fmt"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
)

// Query is one question: every condition that is set must hold. The zero value
// matches every number. It is comparable.
type Query struct {
	NPA      nanp.NPA // 0: any
	NXX      nanp.NXX // 0: any; needs an NPA
	Prefix   string   // digits that the ten-digit number begins with
	Suffix   string   // digits that it ends with
	Contains string   // digits that stand together anywhere in it
	Tail     string   // digits that stand together anywhere in its last seven
	Mask     string   // ten symbols, each a digit or * for any: "877***1000"
}

// Field names a condition of a query, as errors and dialects do.
type Field string

const (
	NPA      Field = "NPA"
	NXX      Field = "NXX"
	Prefix   Field = "prefix"
	Suffix   Field = "suffix"
	Contains Field = "contains"
	Tail     Field = "tail"
	Mask     Field = "mask"
)

// QueryError says which condition broke which rule.
type QueryError struct {
	Field Field
	Value string
	Rule  string
}

func (e *QueryError) Error() string {
	return fmt.Sprintf("vanity: %s %q %s", e.Field, clip(e.Value), e.Rule)
}

// Validate refuses an NXX without its NPA, codes that no number can have, a mask
// that is not ten symbols, and other conditions that are not one to ten digits,
// seven for the tail. The error is a *QueryError.
func (q Query) Validate() error {
	if q.NXX != 0 && q.NPA == 0 {
		return &QueryError{NXX, q.NXX.String(), "needs the NPA that it belongs to"}
	}
	if q.NPA != 0 {
		if _, err := nanp.ParseNPA(q.NPA.String()); err != nil {
			return &QueryError{NPA, q.NPA.String(), "is not an area code"}
		}
	}
	if q.NXX != 0 {
		if _, err := nanp.ParseNXX(q.NXX.String()); err != nil {
			return &QueryError{NXX, q.NXX.String(), "is not a central office code"}
		}
	}
	for _, c := range []struct {
		field   Field
		value   string
		symbols string
		most    int
		long    string
	}{
		{Prefix, q.Prefix, "0123456789", 10, "is longer than a number"},
		{Suffix, q.Suffix, "0123456789", 10, "is longer than a number"},
		{Contains, q.Contains, "0123456789", 10, "is longer than a number"},
		{Tail, q.Tail, "0123456789", 7, "is longer than the last seven digits"},
		{Mask, q.Mask, "0123456789*", 10, "is longer than a number"},
	} {
		switch {
		case len(c.value) > c.most:
			return &QueryError{c.field, c.value, c.long}
		case strings.Trim(c.value, c.symbols) != "":
			return &QueryError{c.field, c.value, "must be digits"}
		}
	}
	if q.Mask != "" && len(q.Mask) != 10 {
		return &QueryError{Mask, q.Mask, "must have ten symbols"}
	}
	return nil
}

// Match reports whether the number satisfies every condition.
func (q Query) Match(n nanp.Number) bool {
	if q.NPA != 0 && n.NPA() != q.NPA || q.NXX != 0 && n.NXX() != q.NXX {
		return false
	}
	if q.Prefix == "" && q.Suffix == "" && q.Contains == "" && q.Tail == "" && q.Mask == "" {
		return true
	}
	d := n.Digits()
	s := string(d[:])
	return strings.HasPrefix(s, q.Prefix) && strings.HasSuffix(s, q.Suffix) &&
		strings.Contains(s, q.Contains) && strings.Contains(s[3:], q.Tail) && (q.Mask == "" || fits(s, q.Mask))
}

func fits(digits, mask string) bool {
	for i := range len(mask) {
		if mask[i] != '*' && (i >= len(digits) || mask[i] != digits[i]) {
			return false
		}
	}
	return len(mask) == len(digits)
}

// conds returns conditions of which a number that the query matches satisfies one
// at least: one for each place where contains and tail can stand.
func (q Query) conds() []cond {
	var c cond
	ok := c.lay(0, q.Prefix) && c.lay(10-len(q.Suffix), q.Suffix) && c.lay(0, q.Mask) &&
		c.lay(0, q.NPA.String()) && c.lay(3, q.NXX.String())
	if !ok {
		return nil
	}
	return floating(floating([]cond{c}, q.Contains, 0), q.Tail, 3)
}

func floating(in []cond, digits string, from int) (out []cond) {
	if digits == "" {
		return in
	}
	for _, c := range in {
		for at := from; at <= 10-len(digits); at++ {
			if next := c; next.lay(at, digits) {
				out = append(out, next)
			}
		}
	}
	return out
}

// lay demands symbols from a position on, * for any, and reports whether that does
// not contradict.
func (c *cond) lay(at int, symbols string) bool {
	for i := range len(symbols) {
		if symbols[i] != '*' && !c.fix(uint8(at+i), uint64(symbols[i]&15)) {
			return false
		}
	}
	return true
}

// most returns how many valid numbers the query matches at most: exactly as many,
// but where contains or tail could stand in two places at once. With one of them that
// other conditions do not imply it is always fewer than without.
func (q Query) most() uint64 {
	var n uint64
	for _, c := range q.conds() {
		n += c.count(0)
	}
	for _, i := range floats {
		digits, without := *q.conditions()[i], q
		if digits == "" {
			continue
		}
		*without.conditions()[i] = ""
		switch m := without.most(); {
		case without.implies(digits, i):
			return m
		case m > 0:
			n = min(n, m-1)
		}
	}
	return n
}

// floats are the places in conditions of those that may stand anywhere: contains and
// tail.
var floats = [...]int{4, 3}

// implies reports whether the digits stand in every number of the query, as the
// condition at that place in conditions asks.
func (q Query) implies(digits string, condition int) bool {
	from := 0
	if condition == 3 {
		from = 3
	}
	if condition == 4 && strings.Contains(q.Tail, digits) {
		return true
	}
	q.Contains, q.Tail = "", ""
	for _, c := range q.conds() {
		return strings.Contains(c.fixedText()[from:], digits)
	}
	return false
}

// within reports whether the pattern matches every valid number of the query.
func (q Query) within(p cond) bool {
	for _, c := range q.conds() {
		n := c.count(0)
		if both, ok := c.intersect(p); n > 0 && (!ok || both.count(0) != n) {
			return false
		}
	}
	return true
}

func clip(s string) string {
	if len(s) > 32 {
		return s[:32] + "…"
	}
	return s
}
