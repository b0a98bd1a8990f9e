package postal

import "strings"

// Civic is one civic address. Every part is text as a person would write it; an
// empty part is absent.
type Civic struct {
	HouseNumber string // "1600", "12-34"
	HouseSuffix string // "1/2", "B"
	PreDir      string // "N", "SW": before the street name
	Street      string // "PENNSYLVANIA", without suffix and directionals
	Suffix      string // "AVE"
	PostDir     string // "NW": after the suffix
	Building    string
	Floor       string
	Unit        string // "STE 4B"
	Room        string
	City        string
	County      string
	State       string // two letters
	PostalCode  string // ZIP, ZIP+4 or Canadian postal code
	Country     string // ISO 3166 alpha-2; "" means US
}

// Change says what a normalisation or a registrar altered in which part, and by which rule.
type Change struct{ Field, From, To, Rule string }

// IsZero reports whether no part is set.
func (c Civic) IsZero() bool { return c == Civic{} }

// CountryCode is the country with its default filled in.
func (c Civic) CountryCode() string {
	if c.Country == "" {
		return "US"
	}
	return c.Country
}

// StreetLine is the first line of the address: "1600 PENNSYLVANIA AVE NW, STE 4B".
func (c Civic) StreetLine() string {
	street := join(" ", c.HouseNumber, c.HouseSuffix, c.PreDir, c.Street, c.Suffix, c.PostDir)
	return join(", ", street, c.Building, prefixed("FL", c.Floor), c.Unit, prefixed("RM", c.Room))
}

// WithStreetLine returns c with its street parts replaced by what is certain in a
// line that a carrier wrote: a house number in front, and everything else as it
// stands in Street. StreetLine gives the line back, but for its spaces.
func (c Civic) WithStreetLine(line string) Civic {
	c.HouseNumber, c.HouseSuffix, c.PreDir, c.Suffix, c.PostDir, c.Building, c.Floor, c.Unit, c.Room = "", "", "", "", "", "", "", "", ""
	c.Street = strings.Join(strings.Fields(line), " ")
	if number, rest, ok := strings.Cut(c.Street, " "); ok && number[0] >= '0' && number[0] <= '9' {
		c.HouseNumber, c.Street = number, rest
	}
	return c
}

// Line is the whole address on one line, for a person to read. The country is
// shown when it is not the US.
func (c Civic) Line() string {
	country := ""
	if c.CountryCode() != "US" {
		country = c.Country
	}
	return join(", ", c.StreetLine(), c.City, join(" ", c.State, c.PostalCode), country)
}

// Diff lists the parts in which the two addresses differ, in the order of the
// fields. Rule is left empty.
func (c Civic) Diff(o Civic) []Change {
	var out []Change
	a, b := c.parts(), o.parts()
	for i, p := range a {
		if p.value != b[i].value {
			out = append(out, Change{Field: p.name, From: p.value, To: b[i].value})
		}
	}
	return out
}

type part struct{ name, value string }

func (c Civic) parts() [15]part {
	return [15]part{
		{"house number", c.HouseNumber}, {"house suffix", c.HouseSuffix}, {"directional", c.PreDir}, {"street", c.Street},
		{"suffix", c.Suffix}, {"directional after", c.PostDir}, {"building", c.Building}, {"floor", c.Floor}, {"unit", c.Unit},
		{"room", c.Room}, {"city", c.City}, {"county", c.County}, {"state", c.State}, {"postal code", c.PostalCode},
		{"country", c.CountryCode()},
	}
}

func prefixed(word, s string) string {
	if s == "" {
		return ""
	}
	return word + " " + s
}

func join(sep string, parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}
