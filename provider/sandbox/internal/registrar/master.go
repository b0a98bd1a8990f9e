package registrar

import (
	"strings"

	"github.com/numberdesk/numberdesk/postal"
)

// master is the form in which the registrar keeps the address. Its parts are those
// of its line, whatever the parts were that the line was made of.
func master(a postal.Civic) postal.Civic {
	m := parse(tidy(strings.ReplaceAll(a.StreetLine(), "#", " # ")))
	m.City, m.County, m.State = tidy(a.City), tidy(a.County), tidy(a.State)
	m.Country = strings.ToUpper(strings.TrimSpace(a.CountryCode()))
	m.PostalCode = spaced(m.Country, tidy(a.PostalCode))
	return m
}

// tidy is upper case without full stops, with single spaces.
func tidy(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.ToUpper(s), ".", "")), " ")
}

func spaced(country, code string) string {
	bare := strings.NewReplacer(" ", "", "-", "").Replace(code)
	switch {
	case country == "CA" && len(bare) == 6:
		return bare[:3] + " " + bare[3:]
	case country == "US" && len(bare) == 9:
		return bare[:5] + "-" + bare[5:]
	}
	return code
}

// parse takes a line apart: the street, and after commas the parts of a building.
func parse(line string) postal.Civic {
	first, rest, _ := strings.Cut(line, ",")
	m, more := street(strings.Fields(first))
	for _, part := range append([]string{more}, strings.Split(rest, ",")...) {
		if part = strings.TrimSpace(part); part != "" {
			place(&m, part)
		}
	}
	return m
}

// place puts a part of a building where its designator says. What finds its place
// taken stands with the unit, in the order in which StreetLine writes both.
func place(m *postal.Civic, part string) {
	first, number, more := strings.Cut(part, " ")
	short := units[first]
	switch {
	case short == "FL" && more && m.Floor == "":
		m.Floor = number
		return
	case short == "RM" && more:
		number, m.Room = m.Room, number
		if number == "" {
			return
		}
	case (short == "" || !more) && (first[0] < '0' || first[0] > '9'):
		if m.Building == "" {
			m.Building = part
			return
		}
		short, number = "", part
	case short == "" || !more:
		short, number = "UNIT", part
	}
	part = strings.TrimSpace(short + " " + number)
	if m.Unit != "" {
		part = m.Unit + ", " + part
	}
	m.Unit = part
}

// street takes the words before the first comma apart. more is a part of a
// building that follows without one.
func street(words []string) (m postal.Civic, more string) {
	if len(words) > 0 && words[0][0] >= '0' && words[0][0] <= '9' {
		m.HouseNumber, words = words[0], words[1:]
	}
	if len(words) > 1 && strings.Contains(words[0], "/") {
		m.HouseSuffix, words = words[0], words[1:]
	}
	name := 1 // words that are the name of the street, at least
	if len(words) > 0 && directionals[words[0]] != "" {
		name = 2
	}
	for i := name + 1; i < len(words)-1; i++ {
		before := words[i-1]
		if units[words[i]] != "" && (suffixes[before] != "" || directionals[before] != "") {
			more, words = strings.Join(words[i:], " "), words[:i]
			break
		}
	}
	last := func(table map[string]string) (short string) {
		if n := len(words) - 1; n > 0 && table[words[n]] != "" {
			short, words = table[words[n]], words[:n]
		}
		return short
	}
	m.PostDir = last(directionals)
	m.Suffix = last(suffixes)
	if len(words) > 1 && directionals[words[0]] != "" {
		m.PreDir, words = directionals[words[0]], words[1:]
	}
	m.Street = strings.Join(words, " ")
	return m, more
}
