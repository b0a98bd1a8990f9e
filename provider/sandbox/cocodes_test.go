package sandbox

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
)

func wholeCountry(t testing.TB) []byte {
	t.Helper()
	f, err := os.Open("testdata/cocodes.csv.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	b, err := io.ReadAll(z)
	require.NoError(t, err)
	return b
}

func TestLoadCOCodesReadsTheWholeCountry(t *testing.T) {
	codes, err := LoadCOCodes(bytes.NewReader(wholeCountry(t)))
	require.NoError(t, err)
	require.Equal(t, 204_327, codes.Rows)
	require.Equal(t, 197_816, codes.Assigned)
	require.Equal(t, 6_511, codes.Unassignable)
	require.Equal(t, 196_687, len(codes.Places)) // of the assigned ones, 1,032 are not in service and 97 are nowhere
	find := func(npa nanp.NPA, nxx nanp.NXX) Place {
		i := slices.IndexFunc(codes.Places, func(p Place) bool { return p.NPA == npa && p.NXX == nxx })
		if i < 0 {
			return Place{}
		}
		return codes.Places[i]
	}
	require.Equal(t, Place{State: "NJ", RateCenter: "JERSEYCITY", NPA: 201, NXX: 200}, find(201, 200))
	require.Equal(t, Place{State: "AR", RateCenter: "LITTLEROCK", NPA: 501, NXX: 202}, find(501, 202))
	require.Equal(t, Place{State: "DC", RateCenter: "WSHNGTNZN1", NPA: 202, NXX: 202}, find(202, 202))
	require.Zero(t, find(201, 260), "unassignable")

	// Every built-in place is one of them, and the whole list can be sold from.
	for _, p := range Places() {
		got := find(p.NPA, p.NXX)
		p.City = ""
		require.Equal(t, p, got)
	}
	c, err := New(Config{Stock: codes.Places})
	require.NoError(t, err)
	defer c.Close()
	require.Greater(t, len(c.stock), 196_000)
}

const administrators = "State\tNPA-NXX\tOCN\tCompany\tRateCenter\tEffectiveDate\tUse\tAssignDate\tInitial/Growth\tPooled Code\tIn Service\tFile Updated 07/06/2026\r\n" +
	"AR \t501-202\t9533\t\"SOUTHWESTERN, \"\"BELL\"\"\"\tLITTLEROCK\t01/01/1990\tAS\t\tI\tY\tY\r\n" +
	"AR \t501-211\tMULT\t\t\t\tUA\t\t\t\tN\r\n"

func TestLoadCOCodesReadsTheAdministratorsOwnFile(t *testing.T) {
	codes, err := LoadCOCodes(strings.NewReader(administrators))
	require.NoError(t, err)
	require.Equal(t, COCodes{Rows: 2, Assigned: 1, Unassignable: 1, Places: []Place{{State: "AR", RateCenter: "LITTLEROCK", NPA: 501, NXX: 202}}}, codes)
}

func TestLoadCOCodesNamesLineAndColumn(t *testing.T) {
	const head = "npa,nxx,state,rate_center,ocn,use,in_service,pooled\n"
	const good = "201,200,NJ,JERSEYCITY,9206,AS,Y,Y\n"
	for _, c := range []struct {
		in     string
		line   int
		column string
	}{
		{"", 1, ""},
		{"npa,nxx\n", 1, ""},
		{head + good + "201,200,NJ\n", 3, ""},
		{head + "111,200,NJ,X,9206,AS,Y,Y\n", 2, "npa"},
		{head + "+12,200,NJ,X,9206,AS,Y,Y\n", 2, "npa"},
		{head + "201,2x0,NJ,X,9206,AS,Y,Y\n", 2, "nxx"},
		{head + "201,211,NJ,X,9206,AS,Y,Y\n", 2, "nxx"},
		{head + "201,200,XX,X,9206,AS,Y,Y\n", 2, "state"},
		{head + "201,200,NJ," + strings.Repeat("X", 33) + ",9206,AS,Y,Y\n", 2, "rate_center"},
		{head + "201,200,NJ,A\x07B,9206,AS,Y,Y\n", 2, "rate_center"},
		{head + "201,200,NJ,X,9206,??,Y,Y\n", 2, "use"},
		{head + "201,200,NJ,X,9206,AS,maybe,Y\n", 2, "in_service"},
		{head + good + strings.Repeat("x", 5000) + "\n", 3, ""},
		{strings.Replace(administrators, "501-202", "501202", 1), 2, "NPA-NXX"},
	} {
		got, err := LoadCOCodes(strings.NewReader(c.in))
		var e *COCodeError
		require.ErrorAs(t, err, &e, "%.80q", c.in)
		require.Equal(t, c.line, e.Line, "%.80q: %v", c.in, err)
		require.Equal(t, c.column, e.Column, "%.80q: %v", c.in, err)
		require.Zero(t, got)
		require.Less(t, len(err.Error()), 300)
	}
}

func TestLoadCOCodesIsBounded(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("npa,nxx,state,rate_center,ocn,use,in_service,pooled\n"), repeat("201,200,NJ,X,9206,UA,N,Y\n"))
	_, err := LoadCOCodes(endless)
	var e *COCodeError
	require.ErrorAs(t, err, &e)
	broken := errors.New("broken pipe")
	_, err = LoadCOCodes(io.MultiReader(strings.NewReader(administrators), failing{broken}))
	require.ErrorIs(t, err, broken)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type repeat string

func (r repeat) Read(b []byte) (int, error) {
	if len(b) < len(r) {
		return 0, io.ErrShortBuffer
	}
	n := 0
	for len(b)-n >= len(r) {
		n += copy(b[n:], r)
	}
	return n, nil
}

func FuzzLoadCOCodes(f *testing.F) {
	f.Add([]byte(administrators))
	f.Add([]byte("npa,nxx,state,rate_center,use,in_service\n201,200,NJ,JERSEYCITY,AS,Y\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		codes, err := LoadCOCodes(bytes.NewReader(b))
		if err != nil {
			if codes.Places != nil || codes.Rows != 0 {
				t.Fatal("an error and a result")
			}
			return
		}
		if codes.Rows != codes.Assigned+codes.Unassignable || len(codes.Places) > codes.Assigned {
			t.Fatalf("%d rows are not %d and %d", codes.Rows, codes.Assigned, codes.Unassignable)
		}
		for _, p := range codes.Places {
			if !p.NPA.Valid() || !p.NXX.Valid() || !nanp.IsState(p.State) {
				t.Fatal(fmt.Sprint("no place: ", p))
			}
		}
	})
}
