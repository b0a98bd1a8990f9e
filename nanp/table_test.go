package nanp_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
)

func report(t testing.TB) string {
	t.Helper()
	f, err := os.Open("testdata/npa_report.csv.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	data, err := io.ReadAll(z)
	require.NoError(t, err)
	return string(data)
}

// The built-in table comes from npa.csv by the generator; the loaded one comes
// from the administrator's own report. They know nothing of each other.
func TestBuiltinAgreesWithReport(t *testing.T) {
	t.Parallel()
	loaded, err := nanp.LoadReport(strings.NewReader(report(t)))
	require.NoError(t, err)
	built := nanp.Builtin()
	require.Equal(t, nanp.FileDate, loaded.FileDate())
	require.Equal(t, built.FileDate(), loaded.FileDate())
	count := 0
	for c, want := range built.All() {
		require.Equal(t, want, loaded.Info(c), "%v", c)
		require.Equal(t, built.Overlays(c), loaded.Overlays(c), "%v", c)
		require.NotEqual(t, nanp.Unknown, want.Category, "%v", c)
		require.Equal(t, c.Valid(), !want.Category.Structural(), "%v", c)
		require.Equal(t, want.Category, c.Category())
		count++
	}
	require.Equal(t, 800, count)
	require.Equal(t, built.TollFree(), loaded.TollFree())
}

func TestBuiltinCounts(t *testing.T) {
	t.Parallel()
	categories, countries := map[nanp.Category]int{}, map[string]int{}
	for _, info := range nanp.Builtin().All() {
		categories[info.Category]++
		if info.Category == nanp.Geographic {
			countries[info.Country]++
			require.True(t, info.InService)
			require.NotEmpty(t, info.InServiceOn)
		}
	}
	require.Equal(t, map[nanp.Category]int{
		nanp.Geographic: 454, nanp.GeographicPending: 3, nanp.TollFree: 7, nanp.TollFreeReserved: 10,
		nanp.NonGeographic: 19, nanp.NonGeographicReserved: 14, nanp.CanadaNonGeographic: 3,
		nanp.CanadaNonGeographicReserved: 4, nanp.InterExchange: 1, nanp.Government: 1, nanp.Premium: 1,
		nanp.Unassigned: 88, nanp.UnassignedRecognizable: 36, nanp.ReservedRelief: 48, nanp.ServiceCode: 8,
		nanp.Expansion: 80, nanp.ReservedBlock: 20, nanp.DirectoryAssistanceCode: 1,
		nanp.CarrierAccessCode: 1, nanp.CrisisLineCode: 1,
	}, categories)
	require.Equal(t, 378, countries["US"])
	require.Equal(t, 55, countries["CA"])
	require.Len(t, countries, 20)
	for code := range countries {
		_, ok := nanp.CountryName(code)
		require.True(t, ok, code)
	}
	require.Equal(t, nanp.Countries(), slices.Sorted(func(yield func(string) bool) {
		for code := range countries {
			if !yield(code) {
				return
			}
		}
	}))
}

func TestBuiltinIsTheFile(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/npa.csv")
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 801)
	for _, r := range rows[1:] {
		v, err := strconv.Atoi(r[0])
		require.NoError(t, err)
		info := nanp.NPA(v).Info()
		require.Equal(t, r[2], info.Country, r[0])
		require.Equal(t, r[3], strings.Join(info.Regions, " "), r[0])
		require.Equal(t, r[4], info.Territory, r[0])
		require.Equal(t, r[6] == "Y", info.InService, r[0])
		require.Equal(t, r[7], string(info.InServiceOn), r[0])
	}
}

func TestTableQueries(t *testing.T) {
	t.Parallel()
	b := nanp.Builtin()
	require.Equal(t, []nanp.NPA{800, 833, 844, 855, 866, 877, 888}, b.TollFree())
	require.Equal(t, []nanp.NPA{201, 551}, b.Overlays(201))
	require.Equal(t, []nanp.NPA{206, 360, 564}, b.Overlays(206), "joined by the partial overlay 564")
	require.Equal(t, []nanp.NPA{206, 360, 564}, b.Overlays(564))
	require.Equal(t, []nanp.NPA{212, 332, 347, 465, 646, 718, 917, 929}, b.Overlays(917))
	require.Nil(t, b.Overlays(307), "Wyoming has one code")
	require.Nil(t, b.Overlays(800))
	require.Nil(t, b.Overlays(7))
	require.Equal(t, []nanp.NPA{327, 479, 501, 870}, b.NPAs("AR"))
	require.Equal(t, []nanp.NPA{787, 939}, b.NPAs("PR"))
	require.Equal(t, []nanp.NPA{782, 902}, b.NPAs("PE"))
	require.Equal(t, []nanp.NPA{867}, b.NPAs("NU"))
	require.Nil(t, b.NPAs("XX"))
	require.Nil(t, b.NPAs(""))
	for _, s := range append(nanp.States(), nanp.Provinces()...) {
		require.NotEmpty(t, b.NPAs(s), s)
	}
	for _, c := range []nanp.NPA{0, 1, 199, 1000, 65535} {
		require.Equal(t, nanp.Info{}, b.Info(c))
		require.Equal(t, nanp.Unknown, b.Category(c))
	}
	for range b.All() {
		break
	}
}

func TestTableCannotBeChanged(t *testing.T) {
	t.Parallel()
	info := nanp.NPA(501).Info()
	info.Regions[0] = "XX"
	require.Equal(t, []string{"AR"}, nanp.NPA(501).Info().Regions)
	free := nanp.Builtin().TollFree()
	free[0] = 1
	require.Equal(t, nanp.NPA(800), nanp.Builtin().TollFree()[0])
	states := nanp.States()
	states[0] = "XX"
	require.Equal(t, "AK", nanp.States()[0])
}

func TestInfoDates(t *testing.T) {
	t.Parallel()
	info := nanp.NPA(273).Info()
	require.Equal(t, nanp.Date("2027-02-27"), info.InServiceOn)
	require.False(t, info.InService)
	day, ok := info.InServiceOn.Time(time.UTC)
	require.True(t, ok)
	require.Equal(t, time.Date(2027, 2, 27, 0, 0, 0, 0, time.UTC), day)
	require.ErrorContains(t, nanp.MustParse("273-234-5678").CheckDID(), "2027-02-27")

	_, ok = nanp.NPA(565).Info().InServiceOn.Time(time.UTC)
	require.False(t, ok, "no date is set for 565")
	require.ErrorContains(t, nanp.MustParse("565-234-5678").CheckDID(), "no date")
}

// Every code, whatever its category, is either free to be a DID or refused with
// a rule that says why.
func TestCheckDIDOverAllCodes(t *testing.T) {
	t.Parallel()
	ok := 0
	for c, info := range nanp.Builtin().All() {
		n, err := nanp.Make(c, 234, 5678)
		if info.Category.Structural() {
			require.Error(t, err, "%v", c)
			continue
		}
		require.NoError(t, err, "%v", c)
		err = n.CheckDID()
		if info.Category == nanp.TollFree || info.Category == nanp.Geographic && info.Country == "US" {
			require.NoError(t, err, "%v", c)
			ok++
			continue
		}
		var e *nanp.Error
		require.ErrorAs(t, err, &e, "%v", c)
		require.Equal(t, 2, e.At)
		require.Equal(t, n.String(), e.Input)
		if info.Category == nanp.Geographic {
			require.ErrorIs(t, err, nanp.RuleCountry)
		}
	}
	require.Equal(t, 378+7, ok)
}

func TestSpecialExchanges(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/nxx_special.csv")
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for _, r := range rows[1:] {
		nxx, err := nanp.ParseNXX(r[0])
		require.NoError(t, err)
		assigned := strings.Fields(r[1])
		for c, info := range nanp.Builtin().All() {
			if info.Category != nanp.Geographic || info.Country != "US" {
				continue
			}
			n, err := nanp.Make(c, nxx, 1234)
			require.NoError(t, err)
			if slices.Contains(assigned, c.String()) {
				require.NoError(t, n.CheckDID(), "%v", n)
			} else {
				require.ErrorIs(t, n.CheckDID(), nanp.RuleNXXSpecial, "%v", n)
			}
		}
	}
}

func TestCategoryWords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for c := nanp.Unknown; c <= nanp.CrisisLineCode; c++ {
		require.NotEmpty(t, c.String())
		require.False(t, seen[c.String()], c.String())
		seen[c.String()] = true
	}
	require.Equal(t, "unknown", nanp.Category(200).String())
	require.False(t, nanp.Category(200).Structural())
	require.True(t, nanp.CrisisLineCode.Structural())
	require.False(t, nanp.ReservedRelief.Structural())
}

func TestLoadReportTakesChanges(t *testing.T) {
	t.Parallel()
	// What a later report may say: another order of columns, a code that has
	// come into service, a new toll-free code.
	r := csv.NewReader(strings.NewReader(report(t)))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	require.NoError(t, err)
	at := map[string]int{}
	for i, name := range rows[1] {
		at[name] = i
	}
	for _, row := range rows[2:] {
		switch row[0] {
		case "822":
			row[at["IN_SERVICE"]] = "Y"
		case "565":
			row[at["IN_SERVICE"]], row[at["IN_SERVICE_DT"]] = "Y", "01-Oct-2026"
		}
	}
	rows[0][1] = "10/02/2026"
	for _, row := range rows[1:] {
		slices.Reverse(row)
	}
	var buf bytes.Buffer
	buf.WriteString("\ufeff")
	w := csv.NewWriter(&buf)
	require.NoError(t, w.WriteAll(rows))
	table, err := nanp.LoadReport(&buf)
	require.NoError(t, err)
	require.Equal(t, nanp.Date("2026-10-02"), table.FileDate())
	require.Contains(t, table.TollFree(), nanp.NPA(822))
	require.Contains(t, table.NPAs("GA"), nanp.NPA(565))
	require.NoError(t, table.CheckDID(nanp.MustParse("822-234-5678")))
	require.NoError(t, table.CheckDID(nanp.MustParse("565-234-5678")))
	require.ErrorIs(t, table.CheckDID(nanp.MustParse("565-555-0123")), nanp.RuleFictional)
	require.ErrorIs(t, nanp.MustParse("565-234-5678").CheckDID(), nanp.RulePending, "the built-in table is as it was")
}

func TestLoadReportRefuses(t *testing.T) {
	t.Parallel()
	good := report(t)
	change := func(old, with string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, with, 1)
	}
	for name, c := range map[string]struct {
		report, column string
		line           int
		detail         string
	}{
		"empty":             {"", "", 0, "empty"},
		"only the date":     {"File Date,08/17/2026\n", "", 0, "no header"},
		"not a report":      {"<html>\n", "", 1, "date"},
		"bad date":          {change("08/17/2026", "17.8.2026"), "File Date", 1, "mm/dd/yyyy"},
		"column missing":    {change("OVERLAY_COMPLEX", "OVERLAYS"), "", 2, "OVERLAY_COMPLEX"},
		"not CSV":           {change("\n201,", "\n\"201,"), "", 0, "CSV"},
		"code twice":        {change("\n202,", "\n201,"), "NPA_ID", 5, "twice"},
		"code too short":    {change("\n202,", "\n20,"), "NPA_ID", 5, "200 to 999"},
		"code below":        {change("\n202,", "\n102,"), "NPA_ID", 5, "200 to 999"},
		"neither yes or no": {change("G,NJ,US,Y,", "G,NJ,US,Maybe,"), "IN_SERVICE", 4, "yes nor no"},
		"unknown state":     {change("G,NJ,US,Y,", "G,ZZ,US,Y,"), "LOCATION", 4, "state"},
		"unknown country":   {change("G,NJ,US,Y,", "G,NJ,ATLANTIS,Y,"), "COUNTRY", 4, "country"},
		"unknown province":  {change("ONTARIO,CANADA", "ONTARIOO,CANADA"), "LOCATION", 0, "provinces"},
		"unknown use":       {change("G,NJ,US,Y,", "Q,NJ,US,Y,"), "USE", 4, "G for geographic"},
		"unknown service":   {change("No,,,Premium Services", "No,,,Fortune Telling"), "SERVICE", 0, "service"},
		"bad day":           {change("Y,01-Jan-1947", "Y,1947-01-01"), "IN_SERVICE_DT", 4, "dd-Mon-yyyy"},
		"bad overlay":       {change("201/551", "201/55x"), "OVERLAY_COMPLEX", 4, "area codes"},
		"cut off":           {good[:strings.Index(good, "\n999,")+1], "", 0, "799 of the 800"},
		"too long":          {good + strings.Repeat("\n", nanp.MaxReport), "", 0, "longer"},
	} {
		table, err := nanp.LoadReport(strings.NewReader(c.report))
		require.ErrorIs(t, err, nanp.RuleReport, name)
		require.Nil(t, table, name)
		var e *nanp.ReportError
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, c.column, e.Column, "%s: %v", name, err)
		require.ErrorContains(t, err, c.detail, name)
		if c.line > 0 {
			require.Equal(t, c.line, e.Line, "%s: %v", name, err)
			require.ErrorContains(t, err, fmt.Sprintf("line %d", c.line))
		}
	}
	_, err := nanp.LoadReport(iotest.ErrReader(io.ErrClosedPipe))
	require.ErrorIs(t, err, io.ErrClosedPipe)
	require.ErrorIs(t, err, nanp.RuleReport)
}

func TestRegions(t *testing.T) {
	t.Parallel()
	require.Len(t, nanp.States(), 56)
	require.True(t, slices.IsSorted(nanp.States()))
	require.Len(t, nanp.Provinces(), 13)
	require.True(t, slices.IsSorted(nanp.Provinces()))
	require.True(t, slices.IsSorted(nanp.Countries()))
	for _, code := range nanp.States() {
		name, ok := nanp.StateName(code)
		require.True(t, ok)
		require.True(t, nanp.IsState(code))
		require.False(t, nanp.IsProvince(code), "no code is of both countries")
		for _, in := range []string{code, strings.ToLower(code), name, strings.ToUpper(name), " " + name + " "} {
			got, err := nanp.ParseState(in)
			require.NoError(t, err, in)
			require.Equal(t, code, got, in)
		}
	}
	for _, code := range nanp.Provinces() {
		name, ok := nanp.ProvinceName(code)
		require.True(t, ok)
		got, err := nanp.ParseProvince(name)
		require.NoError(t, err)
		require.Equal(t, code, got)
	}
	for in, code := range map[string]string{
		"D.C.": "DC", "Washington, D.C.": "DC", "Washington": "WA", "US Virgin Islands": "VI", "Virgin Islands": "VI",
		"n.y.": "NY", "new  york": "NY", "CNMI": "MP", "West Virginia": "WV",
	} {
		got, err := nanp.ParseState(in)
		require.NoError(t, err, in)
		require.Equal(t, code, got, in)
	}
	got, err := nanp.ParseProvince("Québec")
	require.NoError(t, err)
	require.Equal(t, "QC", got)
	for _, in := range []string{"", " ", "XX", "AE", "Ontario", "ON", "Arkansa", "N. Carolina", strings.Repeat("a", 1000)} {
		_, err := nanp.ParseState(in)
		require.ErrorIs(t, err, nanp.RuleState, in)
	}
	_, err = nanp.ParseProvince("Arkansas")
	require.ErrorIs(t, err, nanp.RuleState)
	name, ok := nanp.StateName("AE")
	require.False(t, ok)
	require.Empty(t, name)
}
