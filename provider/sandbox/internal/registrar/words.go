package registrar

// suffixes are the commonest of USPS Publication 28, appendix C1.
var suffixes = invert(map[string][]string{
	"ALY": {"ALLEY", "ALLY"}, "AVE": {"AVENUE", "AV", "AVEN", "AVENU"}, "BLVD": {"BOULEVARD", "BOUL"}, "BND": {"BEND"},
	"CIR": {"CIRCLE", "CIRC"}, "CT": {"COURT"}, "CV": {"COVE"}, "DR": {"DRIVE", "DRIV"}, "EXPY": {"EXPRESSWAY"},
	"FWY": {"FREEWAY"}, "HWY": {"HIGHWAY", "HIWAY"}, "LN": {"LANE"}, "LOOP": nil, "PARK": nil, "PIKE": nil,
	"PKWY": {"PARKWAY", "PKY"}, "PL": {"PLACE"}, "PLZ": {"PLAZA"}, "RD": {"ROAD"}, "ROW": nil, "SQ": {"SQUARE"},
	"ST": {"STREET", "STR", "STRT"}, "TER": {"TERRACE", "TERR"}, "TRL": {"TRAIL"}, "WALK": nil, "WAY": {"WY"},
})

var directionals = invert(map[string][]string{
	"N": {"NORTH"}, "S": {"SOUTH"}, "E": {"EAST"}, "W": {"WEST"},
	"NE": {"NORTHEAST"}, "NW": {"NORTHWEST"}, "SE": {"SOUTHEAST"}, "SW": {"SOUTHWEST"},
})

// units are the designators of USPS Publication 28, appendix C2, that a number follows.
var units = invert(map[string][]string{
	"APT": {"APARTMENT"}, "BLDG": {"BUILDING"}, "DEPT": {"DEPARTMENT"}, "FL": {"FLOOR"}, "LOT": nil,
	"RM": {"ROOM"}, "SPC": {"SPACE"}, "STE": {"SUITE"}, "UNIT": {"#"},
})

// invert maps each spelling, and the abbreviation itself, to the abbreviation.
func invert(m map[string][]string) map[string]string {
	out := make(map[string]string)
	for short, spellings := range m {
		out[short] = short
		for _, s := range spellings {
			out[s] = short
		}
	}
	return out
}
