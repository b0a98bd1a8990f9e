package registrar

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

// given is an address that is right but for what a case changes.
func given(change func(*postal.Civic)) postal.Civic {
	a := postal.Civic{HouseNumber: "12", Street: "MAIN", Suffix: "ST", City: "DALLAS", State: "TX", PostalCode: "75201"}
	if change != nil {
		change(&a)
	}
	return a
}

func TestTheMasterForm(t *testing.T) {
	for _, c := range []struct {
		change func(*postal.Civic)
		line   string
	}{
		{nil, "12 MAIN ST"},
		{func(a *postal.Civic) { a.Street, a.Suffix = "Main", "Street" }, "12 MAIN ST"},
		{func(a *postal.Civic) { a.Street, a.Suffix = "north  main avenue", "" }, "12 N MAIN AVE"},
		{func(a *postal.Civic) { a.PreDir, a.PostDir = "South", "Northwest" }, "12 S MAIN ST NW"},
		{func(a *postal.Civic) { a.Street, a.Suffix = "St. John", "" }, "12 ST JOHN"},
		{func(a *postal.Civic) { a.Street, a.Suffix = "North", "Street" }, "12 NORTH ST"},
		{func(a *postal.Civic) { a.Street, a.Suffix = "Avenue", "" }, "12 AVENUE"},
		{func(a *postal.Civic) { a.Street, a.Suffix = "Main St Apt 4B", "" }, "12 MAIN ST, APT 4B"},
		{func(a *postal.Civic) { a.Street, a.Suffix = "Main St, Suite 4, Floor 2, Tower A", "" }, "12 MAIN ST, TOWER A, FL 2, STE 4"},
		{func(a *postal.Civic) { a.Unit = "#4" }, "12 MAIN ST, UNIT 4"},
		{func(a *postal.Civic) { a.Unit = "4B" }, "12 MAIN ST, UNIT 4B"},
		{func(a *postal.Civic) { a.Unit, a.Room = "apartment 3", "7" }, "12 MAIN ST, APT 3, RM 7"},
		{func(a *postal.Civic) { a.Building, a.Floor = "Annex", "2nd" }, "12 MAIN ST, ANNEX, FL 2ND"},
		{func(a *postal.Civic) { a.HouseSuffix = "1/2" }, "12 1/2 MAIN ST"},
		{func(a *postal.Civic) { a.Street, a.Suffix = "Old Floor", "Rd" }, "12 OLD FLOOR RD"},
	} {
		v := Judge(given(c.change))
		require.Equal(t, provider.Corrected, v.Grade, c.line) // a ZIP alone is never enough
		require.Equal(t, c.line, v.Master.StreetLine())
		require.Regexp(t, `^75201-\d{4}$`, v.Master.PostalCode)
		require.Equal(t, "US", v.Master.Country)
	}
	v := Judge(postal.Civic{HouseNumber: "24", Street: "Sussex Drive", City: "Ottawa", State: "on", PostalCode: "k1m1m4", Country: "ca"})
	require.Equal(t, postal.Civic{HouseNumber: "24", Street: "SUSSEX", Suffix: "DR", City: "OTTAWA", State: "ON", PostalCode: "K1M 1M4", Country: "CA"}, v.Master)
	require.Equal(t, provider.Valid, Judge(v.Master).Grade)

	// The further digits of a ZIP are those of one street.
	a, b := Judge(given(nil)).Master, Judge(given(func(a *postal.Civic) { a.Street = "ELM" })).Master
	require.NotEqual(t, a.PostalCode, b.PostalCode)
	a.PostalCode = b.PostalCode
	require.Equal(t, provider.Corrected, Judge(a).Grade)
	a.Country = ""
	require.Equal(t, provider.Valid, Judge(Judge(a).Master).Grade, "no country is the US")
}

func TestWhatIsNoAddress(t *testing.T) {
	for _, c := range []struct {
		change func(*postal.Civic)
		want   []string
	}{
		{func(a *postal.Civic) { *a = postal.Civic{} }, []string{"street required", "house number required", "city required", "state required", "postal code required"}},
		{func(a *postal.Civic) { a.HouseNumber = "" }, []string{"house number required"}},
		{func(a *postal.Civic) { a.HouseNumber = "Twelve" }, []string{"house number digits"}},
		{func(a *postal.Civic) { a.Street, a.HouseNumber = "P.O. Box 12", "" }, []string{"street po-box"}},
		{func(a *postal.Civic) { a.Street = "Post Office Box 12" }, []string{"street po-box"}},
		{func(a *postal.Civic) { a.State = "XX" }, []string{"state known"}},
		{func(a *postal.Civic) { a.State = "ON" }, []string{"state known"}},
		{func(a *postal.Civic) { a.State, a.Country = "TX", "CA" }, []string{"state known", "postal code form"}},
		{func(a *postal.Civic) { a.PostalCode = "7520" }, []string{"postal code form"}},
		{func(a *postal.Civic) { a.PostalCode = "75201-12" }, []string{"postal code form"}},
		{func(a *postal.Civic) { a.PostalCode = "7520A" }, []string{"postal code form"}},
		{func(a *postal.Civic) { a.Country = "MX" }, []string{"country known"}},
		{func(a *postal.Civic) { a.Street = strings.Repeat("X", 600) }, []string{"address length"}},
	} {
		v := Judge(given(c.change))
		require.Equal(t, provider.Unusable, v.Grade, c.want)
		var got []string
		for _, p := range v.Problems {
			got = append(got, p.Field+" "+p.Rule)
			require.NotEmpty(t, p.Text)
		}
		require.Equal(t, c.want, got)
		_, _, ok := v.Registers(false)
		require.False(t, ok)
	}
}

func TestWhatIsSeveralAddresses(t *testing.T) {
	for house, dirs := range map[string]string{"100": "NS", "1000": "NSW", "2300": "NS", "0": "", "150": "", "100A": "", "12-00": ""} {
		v := Judge(given(func(a *postal.Civic) { a.HouseNumber = house }))
		got := ""
		for _, c := range v.Candidates {
			got += c.PreDir
		}
		require.Equal(t, dirs, got, house)
		require.Equal(t, dirs != "", v.Grade == provider.Ambiguous)
	}
	for _, directed := range []func(*postal.Civic){
		func(a *postal.Civic) { a.PreDir = "E" },
		func(a *postal.Civic) { a.PostDir = "NW" },
		func(a *postal.Civic) { a.Street, a.Suffix = "north", "" },
	} {
		a := given(directed)
		a.HouseNumber = "100"
		require.Equal(t, provider.Corrected, Judge(a).Grade)
	}
}

func TestWhatWouldBeRegistered(t *testing.T) {
	v := Judge(given(nil))
	a, adjusted, ok := v.Registers(false)
	require.True(t, ok && adjusted)
	require.Equal(t, v.Master, a)
	_, _, ok = v.Registers(true)
	require.False(t, ok, "not what was given")
	for _, asGiven := range []bool{true, false} {
		got, adjusted, ok := Judge(a).Registers(asGiven)
		require.True(t, ok && !adjusted)
		require.Equal(t, a, got)
	}
}

// What Corrected and Ambiguous lead to is Valid, also by way of a carrier that
// knows one line only.
func TestWhatTheRegistrarProposesIsValid(t *testing.T) {
	words := []string{"MAIN", "Elm", "north", "N", "South", "Street", "ST", "AVENUE", "Ave", "SE", "St. John", "OLD", "apt", "#", "#4", "4", "B", "1/2",
		"Suite", "FL", "Floor", "2nd", "RM", "9", "100", "2000", "12-34", "7B", ",", "", "BROADWAY", "Court", "unit", "bldg", "A.", "ñandú", "PO", "BOX"}
	word := rapid.SampledFrom(words)
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 0, 4).Draw(t, "words"), rapid.SampledFrom([]string{" ", "  ", ", "}).Draw(t, "sep"))
	})
	part := rapid.OneOf(rapid.Just(""), word)
	grades := map[provider.Grade]int{}
	rapid.Check(t, func(t *rapid.T) {
		a := postal.Civic{
			HouseNumber: rapid.SampledFrom([]string{"100", "2000", "1600", "7", "12-34", "5 b", ""}).Draw(t, "house"), HouseSuffix: part.Draw(t, "house suffix"),
			PreDir: part.Draw(t, "pre"), Street: text.Draw(t, "street"), Suffix: part.Draw(t, "suffix"), PostDir: part.Draw(t, "post"),
			Building: part.Draw(t, "building"), Floor: part.Draw(t, "floor"), Unit: text.Draw(t, "unit"), Room: part.Draw(t, "room"),
			City: rapid.SampledFrom([]string{"Little Rock", "ST. LOUIS", "NEW YORK"}).Draw(t, "city"), State: rapid.SampledFrom([]string{"AR", "mo", "NY"}).Draw(t, "state"),
			PostalCode: rapid.SampledFrom([]string{"72201", "72201-0001", "722010001"}).Draw(t, "zip"), Country: rapid.SampledFrom([]string{"", "us", "US"}).Draw(t, "country"),
		}
		if rapid.Bool().Draw(t, "canada") {
			a.State, a.PostalCode, a.Country = "on", "k1a0b1", "ca"
		}
		v := Judge(a)
		grades[v.Grade]++
		proposed := v.Candidates
		if v.Grade == provider.Corrected {
			proposed = append(proposed, v.Master)
		}
		for _, p := range proposed {
			require.Equal(t, provider.Valid, Judge(p).Grade, "%q leads to %q, which leads to %q", a.StreetLine(), p.StreetLine(), Judge(p).Master.StreetLine())
			require.Equal(t, provider.Valid, Judge(p.WithStreetLine(p.StreetLine())).Grade, "%q", p.StreetLine())
		}
		require.Equal(t, v.Grade == provider.Unusable, len(v.Problems) > 0)
		require.Equal(t, v.Grade == provider.Ambiguous, len(v.Candidates) > 1)
	})
	for _, g := range []provider.Grade{provider.Corrected, provider.Ambiguous, provider.Unusable} {
		require.Positive(t, grades[g], "%s", g)
	}
}

// No text makes the registrar propose what it does not take.
func FuzzJudge(f *testing.F) {
	f.Add("350", "Fifth Avenue", "Suite 21", "New York", "NY", "10118", "")
	f.Add("1000", "north St. # 4, FL 2", "", "Ottawa", "on", "k1a0b1", "ca")
	f.Add("12", "ǆ ŉ, ,,RM", "#", "A", "TX", "75201-0001", "us")
	f.Fuzz(func(t *testing.T, house, street, unit, city, state, code, country string) {
		v := Judge(postal.Civic{HouseNumber: house, Street: street, Unit: unit, City: city, State: state, PostalCode: code, Country: country})
		proposed := v.Candidates
		if v.Grade == provider.Corrected {
			proposed = append(proposed, v.Master)
		}
		for _, p := range proposed {
			if got := Judge(p); got.Grade != provider.Valid {
				t.Fatalf("%q is %s, as %q", p.Line(), got.Grade, got.Master.Line())
			}
			if got := Judge(p.WithStreetLine(p.StreetLine())); got.Grade != provider.Valid {
				t.Fatalf("the line %q is %s", p.StreetLine(), got.Grade)
			}
		}
	})
}
