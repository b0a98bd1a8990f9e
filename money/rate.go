package money

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Rate is an amount that may not be known: many carriers name no price when
// they offer a number. The zero value is not known; it is never free of charge.
type Rate struct {
	Amount USD // means nothing unless Known
	Known  bool
}

// Known returns the rate of a known amount: Known(0) is free of charge.
func Known(amount USD) Rate { return Rate{Amount: amount, Known: true} }

// ParseRate reads an amount as [ParseUSD] does, and an empty text as a rate that
// is not known.
func ParseRate(s string) (Rate, error) {
	if s == "" {
		return Rate{}, nil
	}
	u, err := ParseUSD(s)
	if err != nil {
		return Rate{}, err
	}
	return Known(u), nil
}

// String returns the amount, or "unknown".
func (r Rate) String() string {
	if !r.Known {
		return "unknown"
	}
	return r.Amount.String()
}

// Or returns r if it is known, and fallback if not.
func (r Rate) Or(fallback Rate) Rate {
	if r.Known {
		return r
	}
	return fallback
}

// Add returns the sum, which is not known unless both parts are, or ErrRange.
func (r Rate) Add(o Rate) (Rate, error) {
	if !r.Known || !o.Known {
		return Rate{}, nil
	}
	sum, err := r.Amount.Add(o.Amount)
	if err != nil {
		return Rate{}, err
	}
	return Known(sum), nil
}

// Times returns the rate for n things, not known if r is not, or ErrRange.
func (r Rate) Times(n int) (Rate, error) {
	if !r.Known {
		return Rate{}, nil
	}
	product, err := r.Amount.Times(n)
	if err != nil {
		return Rate{}, err
	}
	return Known(product), nil
}

// IsZero reports whether the rate is not known, for the JSON option omitzero.
func (r Rate) IsZero() bool { return !r.Known }

// MarshalJSON writes a decimal in a string, or null when not known.
func (r Rate) MarshalJSON() ([]byte, error) {
	if !r.Known {
		return []byte("null"), nil
	}
	return []byte(strconv.Quote(r.Amount.text(""))), nil
}

// UnmarshalJSON reads a decimal in a string, a plain JSON number, which is read
// digit by digit, or null for not known. On error r keeps its value.
func (r *Rate) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	text := string(data)
	if text == "null" {
		*r = Rate{}
		return nil
	}
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	u, err := ParseUSD(text)
	if err == nil {
		*r = Known(u)
	}
	return err
}

// MarshalText writes a decimal, or nothing when not known.
func (r Rate) MarshalText() ([]byte, error) {
	if !r.Known {
		return nil, nil
	}
	return r.Amount.MarshalText()
}

// UnmarshalText reads what [ParseRate] reads. On error r keeps its value.
func (r *Rate) UnmarshalText(text []byte) error {
	v, err := ParseRate(string(text))
	if err == nil {
		*r = v
	}
	return err
}
