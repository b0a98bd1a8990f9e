package registrar

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// Verdict is what the registrar thinks of an address.
type Verdict struct {
	Grade      provider.Grade
	Given      postal.Civic
	Master     postal.Civic // of a corrected one
	Candidates []postal.Civic
	Problems   []provider.Problem
}

// Judge judges an address by its content alone: the same address has the same
// verdict everywhere. The package documentation has the rules.
func Judge(a postal.Civic) Verdict {
	v := Verdict{Given: a}
	m := master(a)
	if v.Problems = problems(m, tidy(a.HouseNumber)); len(v.Problems) > 0 {
		v.Grade = provider.Unusable
		return v
	}
	m.PostalCode = postalCode(m)
	switch v.Candidates = candidates(m); {
	case len(v.Candidates) > 0:
		v.Grade = provider.Ambiguous
	case !sameLines(a, m):
		v.Grade, v.Master = provider.Corrected, m
	default:
		v.Grade = provider.Valid
	}
	return v
}

// Registers is the address that a registration would hold, and whether it was
// altered. ok is false where nothing would be registered.
func (v Verdict) Registers(asGiven bool) (a postal.Civic, adjusted, ok bool) {
	switch {
	case v.Grade == provider.Valid:
		return v.Given, false, true
	case v.Grade == provider.Corrected && !asGiven:
		return v.Master, true, true
	}
	return postal.Civic{}, false, false
}

// sameLines reports whether both would be written alike.
func sameLines(a, b postal.Civic) bool {
	return a.StreetLine() == b.StreetLine() && a.City == b.City && a.County == b.County &&
		a.State == b.State && a.PostalCode == b.PostalCode && a.CountryCode() == b.CountryCode()
}

const maxAddress = 500

func problems(m postal.Civic, house string) []provider.Problem {
	var out []provider.Problem
	add := func(field, rule, text string) {
		out = append(out, provider.Problem{Field: field, Rule: rule, Text: text})
	}
	if len(m.StreetLine())+len(m.City)+len(m.County) > maxAddress {
		add("address", "length", "is longer than 500 bytes")
	}
	box := poBox(m)
	switch {
	case box:
		add("street", "po-box", "is a PO box, where nobody can be found")
	case m.Street == "":
		add("street", "required", "is missing")
	}
	switch {
	case box:
	case house == "":
		add("house number", "required", "is missing")
	case house[0] < '0' || house[0] > '9':
		add("house number", "digits", "does not start with a digit")
	}
	if m.City == "" {
		add("city", "required", "is missing")
	}
	c, known := countries[m.CountryCode()]
	if !known {
		add("country", "known", "is neither US nor CA")
		return out
	}
	switch {
	case m.State == "":
		add("state", "required", "is missing")
	case !c.state(m.State):
		add("state", "known", "is "+c.noState)
	}
	switch {
	case m.PostalCode == "":
		add("postal code", "required", "is missing")
	case !fits(m.PostalCode, c.codes):
		add("postal code", "form", "is not of the form "+strings.Join(c.codes, " or "))
	}
	return out
}

var countries = map[string]struct {
	state   func(string) bool
	noState string
	codes   []string // 9: a digit, A: a letter
}{
	"US": {nanp.IsState, "no state", []string{"99999", "99999-9999"}},
	"CA": {nanp.IsProvince, "no province", []string{"A9A 9A9"}},
}

func fits(s string, forms []string) bool {
	shape := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '9'
		case r >= 'A' && r <= 'Z':
			return 'A'
		}
		return r
	}, s)
	for _, f := range forms {
		if shape == f {
			return true
		}
	}
	return false
}

func poBox(m postal.Civic) bool {
	words := strings.Fields(m.StreetLine())
	for i := range words {
		if words[i] == "BOX" && i > 0 && (words[i-1] == "PO" || words[i-1] == "OFFICE" || words[i-1] == "O") {
			return true
		}
	}
	return len(words) > 0 && (words[0] == "BOX" || words[0] == "POB")
}

// postalCode gives a ZIP its four further digits.
func postalCode(m postal.Civic) string {
	if m.CountryCode() != "US" {
		return m.PostalCode
	}
	zip := m.PostalCode[:5]
	h := fnv.New32a()
	fmt.Fprintf(h, "%s|%s|%s|%s", m.StreetLine(), m.City, m.State, zip)
	return fmt.Sprintf("%s-%04d", zip, 1+h.Sum32()%9999)
}

// candidates are the places that an address without directional can mean.
func candidates(m postal.Civic) []postal.Civic {
	n, err := strconv.Atoi(m.HouseNumber)
	if err != nil || n == 0 || n%100 != 0 || m.PreDir != "" || m.PostDir != "" || nameless(m) {
		return nil
	}
	dirs := []string{"N", "S", "W"}
	if n%1000 != 0 {
		dirs = dirs[:2]
	}
	var out []postal.Civic
	for _, d := range dirs {
		c := m
		c.PreDir = d
		c.PostalCode = postalCode(c)
		out = append(out, c)
	}
	return out
}

// nameless: a directional in front of such a street would be its name.
func nameless(m postal.Civic) bool {
	return m.Suffix == "" && (suffixes[m.Street] != "" || directionals[m.Street] != "")
}
