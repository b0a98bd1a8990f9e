package vanity

import (
	"fmt"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
)

// Query is one question: every condition that is set must hold. The zero value
// matches every number.
type Query struct {
	NPA      nanp.NPA // 0: any
	NXX      nanp.NXX // 0: any; needs an NPA
	Prefix   string   // digits that the ten-digit number begins with
	Suffix   string   // digits that it ends with
	Contains string   // digits that stand together anywhere in it
}

// Field names a condition of a query, as errors and dialects do.
type Field string

const (
	NPA      Field = "NPA"
	NXX      Field = "NXX"
	Prefix   Field = "prefix"
	Suffix   Field = "suffix"
	Contains Field = "contains"
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

// Validate refuses an NXX without its NPA, codes that no number can have, and
// conditions that are not one to ten digits. The error is a *QueryError.
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
	for f, v := range q.digits() {
		if len(v) > 10 {
			return &QueryError{f, v, "is longer than a number"}
		}
		if strings.Trim(v, "0123456789") != "" {
			return &QueryError{f, v, "must be digits"}
		}
	}
	return nil
}

// Match reports whether the number satisfies every condition.
func (q Query) Match(n nanp.Number) bool {
	if q.NPA != 0 && n.NPA() != q.NPA || q.NXX != 0 && n.NXX() != q.NXX {
		return false
	}
	if q.Prefix == "" && q.Suffix == "" && q.Contains == "" {
		return true
	}
	d := n.Digits()
	s := string(d[:])
	return strings.HasPrefix(s, q.Prefix) && strings.HasSuffix(s, q.Suffix) && strings.Contains(s, q.Contains)
}

func (q Query) digits() map[Field]string {
	return map[Field]string{Prefix: q.Prefix, Suffix: q.Suffix, Contains: q.Contains}
}

func clip(s string) string {
	if len(s) > 32 {
		return s[:32] + "…"
	}
	return s
}
