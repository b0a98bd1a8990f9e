package nanp

import "strconv"

// ParseNPA reads an area code: three digits that could be one by the rules of
// the numbering plan. Spaces around it are skipped. The code need not be in
// use: see [NPA.Category]. The error is an [*Error].
func ParseNPA(s string) (NPA, error) {
	c, at, err := parseCode(s, "an area code")
	if err != nil {
		return 0, err
	}
	if r := brokenNPA(c); r != "" {
		return 0, structuralError(s, r, Number(c)<<npaShift, func(int) int { return at })
	}
	return NPA(dec3(Number(c))), nil
}

// ParseNXX reads an exchange: three digits that could be one by the rules of
// the numbering plan. Spaces around it are skipped. The error is an [*Error].
func ParseNXX(s string) (NXX, error) {
	c, at, err := parseCode(s, "an exchange")
	if err != nil {
		return 0, err
	}
	if r := brokenNXX(c); r != "" {
		return 0, structuralError(s, r, Number(c)<<nxxShift, func(int) int { return at })
	}
	return NXX(dec3(Number(c))), nil
}

func parseCode(s, what string) (bcd uint64, at int, err error) {
	if len(s) > maxInput {
		return 0, 0, newError(s, RuleLength, -1, strconv.Itoa(len(s))+" bytes are too long for "+what)
	}
	start := skipSpace(s, 0)
	i := start
	for ; i < len(s) && isDigit(s[i]); i++ {
		bcd = bcd<<4 | uint64(s[i]&15)
	}
	end := skipSpace(s, i)
	switch {
	case start == len(s):
		return 0, 0, newError(s, RuleEmpty, -1, what+" has three digits, and there are none")
	case end < len(s):
		return 0, 0, characterError(s, end)
	case i-start != 3:
		return 0, 0, newError(s, RuleLength, -1, what+" has three digits, not "+strconv.Itoa(i-start))
	}
	return bcd, start, nil
}

// String returns three digits, and an empty string for the zero value.
func (c NPA) String() string { return codeString(uint16(c)) }

// String returns three digits, and an empty string for the zero value.
func (c NXX) String() string { return codeString(uint16(c)) }

func codeString(c uint16) string {
	if c == 0 {
		return ""
	}
	if c > 999 {
		return strconv.Itoa(int(c))
	}
	return string([]byte{'0' + byte(c/100), '0' + byte(c/10%10), '0' + byte(c%10)})
}

// Valid reports whether the code could be an area code by the rules of the
// numbering plan.
func (c NPA) Valid() bool { return c <= 999 && brokenNPA(bcd3(uint64(c))) == "" }

// Valid reports whether the code could be an exchange by the rules of the
// numbering plan.
func (c NXX) Valid() bool { return c <= 999 && brokenNXX(bcd3(uint64(c))) == "" }

// Category tells what the area code is for, by the built-in table.
func (c NPA) Category() Category { return builtin.Category(c) }

// Info tells what the built-in table knows of the area code.
func (c NPA) Info() Info { return builtin.Info(c) }

// MarshalText writes three digits, or nothing for the zero value.
func (c NPA) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what [ParseNPA] reads. An empty text is the zero value.
func (c *NPA) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*c = 0
		return nil
	}
	v, err := ParseNPA(string(text))
	if err == nil {
		*c = v
	}
	return err
}

// MarshalText writes three digits, or nothing for the zero value.
func (c NXX) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what [ParseNXX] reads. An empty text is the zero value.
func (c *NXX) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*c = 0
		return nil
	}
	v, err := ParseNXX(string(text))
	if err == nil {
		*c = v
	}
	return err
}
