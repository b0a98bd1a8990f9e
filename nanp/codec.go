package nanp

import (
	"database/sql/driver"
	"fmt"
)

// MarshalText writes the E.164 form, and nothing for the zero value. A Number
// that is neither zero nor valid is an error.
//
// It makes a Number a string in JSON, and a key in a JSON object.
func (n Number) MarshalText() ([]byte, error) { return n.AppendText(nil) }

// AppendText appends what [Number.MarshalText] returns.
func (n Number) AppendText(b []byte) ([]byte, error) {
	if n == 0 {
		return b, nil
	}
	if !n.Valid() {
		return b, newError(n.String(), RuleInvalid, -1, "this is not a valid number")
	}
	return n.AppendE164(b), nil
}

// UnmarshalText reads what [Parse] reads. An empty text is the zero value. On
// error n keeps its value.
func (n *Number) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*n = 0
		return nil
	}
	v, err := Parse(string(text))
	if err == nil {
		*n = v
	}
	return err
}

// Value gives a database the E.164 form as a string, and NULL for the zero
// value.
func (n Number) Value() (driver.Value, error) {
	if n == 0 {
		return nil, nil
	}
	text, err := n.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan reads a text column as [Number.UnmarshalText] does, and NULL as the zero
// value. Integers are refused: a column of them has lost what made it a
// telephone number, and may hold seven digits or another country's number. On
// error n keeps its value.
func (n *Number) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*n = 0
		return nil
	case string:
		return n.UnmarshalText([]byte(v))
	case []byte:
		return n.UnmarshalText(v)
	}
	return newError(fmt.Sprintf("%T", src), RuleScan, -1, "a number is read from a text column, not from this type")
}
