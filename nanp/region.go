package nanp

import (
	"sort"
	"strconv"
	"strings"
)

// region is a state, province or territory. No code of the United States is one
// of Canada too.
type region struct{ code, name string }

// The states and territories of the United States within the numbering plan,
// and the District of Columbia, by code.
var states = [...]region{
	{"AK", "Alaska"}, {"AL", "Alabama"}, {"AR", "Arkansas"}, {"AS", "American Samoa"}, {"AZ", "Arizona"},
	{"CA", "California"}, {"CO", "Colorado"}, {"CT", "Connecticut"}, {"DC", "District of Columbia"},
	{"DE", "Delaware"}, {"FL", "Florida"}, {"GA", "Georgia"}, {"GU", "Guam"}, {"HI", "Hawaii"}, {"IA", "Iowa"},
	{"ID", "Idaho"}, {"IL", "Illinois"}, {"IN", "Indiana"}, {"KS", "Kansas"}, {"KY", "Kentucky"},
	{"LA", "Louisiana"}, {"MA", "Massachusetts"}, {"MD", "Maryland"}, {"ME", "Maine"}, {"MI", "Michigan"},
	{"MN", "Minnesota"}, {"MO", "Missouri"}, {"MP", "Northern Mariana Islands"}, {"MS", "Mississippi"},
	{"MT", "Montana"}, {"NC", "North Carolina"}, {"ND", "North Dakota"}, {"NE", "Nebraska"},
	{"NH", "New Hampshire"}, {"NJ", "New Jersey"}, {"NM", "New Mexico"}, {"NV", "Nevada"}, {"NY", "New York"},
	{"OH", "Ohio"}, {"OK", "Oklahoma"}, {"OR", "Oregon"}, {"PA", "Pennsylvania"}, {"PR", "Puerto Rico"},
	{"RI", "Rhode Island"}, {"SC", "South Carolina"}, {"SD", "South Dakota"}, {"TN", "Tennessee"},
	{"TX", "Texas"}, {"UT", "Utah"}, {"VA", "Virginia"}, {"VI", "U.S. Virgin Islands"}, {"VT", "Vermont"},
	{"WA", "Washington"}, {"WI", "Wisconsin"}, {"WV", "West Virginia"}, {"WY", "Wyoming"},
}

// The provinces and territories of Canada, by code.
var provinces = [...]region{
	{"AB", "Alberta"}, {"BC", "British Columbia"}, {"MB", "Manitoba"}, {"NB", "New Brunswick"},
	{"NL", "Newfoundland and Labrador"}, {"NS", "Nova Scotia"}, {"NT", "Northwest Territories"},
	{"NU", "Nunavut"}, {"ON", "Ontario"}, {"PE", "Prince Edward Island"}, {"QC", "Quebec"},
	{"SK", "Saskatchewan"}, {"YT", "Yukon"},
}

// The other countries of the numbering plan, by code.
var countries = [...]region{
	{"AG", "Antigua and Barbuda"}, {"AI", "Anguilla"}, {"BB", "Barbados"}, {"BM", "Bermuda"}, {"BS", "Bahamas"},
	{"CA", "Canada"}, {"DM", "Dominica"}, {"DO", "Dominican Republic"}, {"GD", "Grenada"}, {"JM", "Jamaica"},
	{"KN", "Saint Kitts and Nevis"}, {"KY", "Cayman Islands"}, {"LC", "Saint Lucia"}, {"MS", "Montserrat"},
	{"SX", "Sint Maarten"}, {"TC", "Turks and Caicos Islands"}, {"TT", "Trinidad and Tobago"},
	{"US", "United States"}, {"VC", "Saint Vincent and the Grenadines"}, {"VG", "British Virgin Islands"},
}

func find(list []region, code string) (string, bool) {
	i := sort.Search(len(list), func(i int) bool { return list[i].code >= code })
	if i < len(list) && list[i].code == code {
		return list[i].name, true
	}
	return "", false
}

func listCodes(list []region) []string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.code
	}
	return out
}

// States returns the two-letter codes of the US states, the District of Columbia
// and the territories that are in the numbering plan, in order.
func States() []string { return listCodes(states[:]) }

// StateName returns the name of what [States] lists.
func StateName(code string) (name string, ok bool) { return find(states[:], code) }

// IsState reports whether [States] lists the code.
func IsState(code string) bool { _, ok := StateName(code); return ok }

// Provinces returns the two-letter codes of the Canadian provinces and
// territories, in order.
func Provinces() []string { return listCodes(provinces[:]) }

// ProvinceName returns the name of what [Provinces] lists.
func ProvinceName(code string) (name string, ok bool) { return find(provinces[:], code) }

// IsProvince reports whether [Provinces] lists the code.
func IsProvince(code string) bool { _, ok := ProvinceName(code); return ok }

// Countries returns the ISO 3166-1 codes of the countries of the numbering plan,
// in order.
func Countries() []string { return listCodes(countries[:]) }

// CountryName returns the name of what [Countries] lists.
func CountryName(code string) (name string, ok bool) { return find(countries[:], code) }

// ParseState reads the code or the name of what [States] lists, in any case and
// however it is spaced and dotted: AR, ar, Arkansas. Abbreviations other than the
// code, such as N. Carolina, are not known. The error is an [*Error] with
// [RuleState].
func ParseState(s string) (code string, err error) {
	return parseRegion(s, states[:], "state or territory of the United States")
}

// ParseProvince reads the code or the name of what [Provinces] lists, as
// [ParseState] does.
func ParseProvince(s string) (code string, err error) {
	return parseRegion(s, provinces[:], "province or territory of Canada")
}

// Other names in common use, in the form that plain gives.
var alsoKnown = map[string]string{
	"washingtondc": "DC", "virginislands": "VI", "usvirginislands": "VI", "cnmi": "MP",
	"commonwealthofthenorthernmarianaislands": "MP", "newfoundland": "NL", "québec": "QC",
	"pei": "PE", "yukonterritory": "YT",
}

func parseRegion(s string, list []region, what string) (string, error) {
	if len(s) > maxInput {
		return "", newError(s, RuleState, -1, strconv.Itoa(len(s))+" bytes are too long for a "+what)
	}
	name := plain(s)
	if name == "" {
		return "", newError(s, RuleState, -1, "no "+what+" is named")
	}
	also := alsoKnown[name]
	for _, r := range list {
		if strings.EqualFold(name, r.code) || name == plain(r.name) || also == r.code {
			return r.code, nil
		}
	}
	return "", newError(s, RuleState, -1, "this is no "+what)
}

// plain drops case, spaces and punctuation.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(" \t\r\n.,'-/&", c) {
			return -1
		}
		return c
	}, strings.ToLower(s))
}
