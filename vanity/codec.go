package vanity

// MarshalText writes the pattern as it was typed, with dashes, and so that
// [Pattern.UnmarshalText] reads back the same set with the same spelling and
// overdial: "8XX-OUR-FOOD". Wildcards are written *, and words in quotation marks
// where their X would be taken for one. The zero value is an empty text. The error is always nil.
//
// It makes a pattern a string in JSON.
func (p Pattern) MarshalText() ([]byte, error) { return []byte(p.spelled()), nil }

// UnmarshalText reads what [Compile] reads without options, and drops the notes. An
// empty text is the zero value. On error p keeps its value.
func (p *Pattern) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = Pattern{}
		return nil
	}
	if len(text) > maxInput { // before a large text is copied
		return newError(string(text[:maxInput]), RuleLength, -1, 0, tooLong(len(text)), "a pattern has at most 128")
	}
	v, _, err := Compile(string(text))
	if err == nil {
		*p = v
	}
	return err
}
