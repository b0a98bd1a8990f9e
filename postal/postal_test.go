package postal_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/postal"
)

var tower = postal.Civic{HouseNumber: "350", Street: "FIFTH", Suffix: "AVE", Floor: "21", Unit: "STE 4B", City: "NEW YORK", State: "NY", PostalCode: "10118"}

func TestLines(t *testing.T) {
	require.Equal(t, "350 FIFTH AVE, FL 21, STE 4B, NEW YORK, NY 10118", tower.Line())
	odd := postal.Civic{HouseNumber: "12-34", HouseSuffix: "1/2", PreDir: "N", Street: "40TH", Suffix: "AVE", PostDir: "SW", Building: "A", Room: "7",
		City: "TORONTO", State: "ON", PostalCode: "M5V 2T6", Country: "CA"}
	require.Equal(t, "12-34 1/2 N 40TH AVE SW, A, RM 7, TORONTO, ON M5V 2T6, CA", odd.Line())
	require.Empty(t, postal.Civic{}.Line())
	require.True(t, postal.Civic{}.IsZero())
	require.Equal(t, "US", tower.CountryCode())
}

// Diff sees every part that there is.
func TestDiffSeesEveryPart(t *testing.T) {
	require.Empty(t, tower.Diff(tower))
	us := tower
	us.Country = "US"
	require.Empty(t, tower.Diff(us), "an empty country means the US")
	v := reflect.TypeFor[postal.Civic]()
	for i := range v.NumField() {
		other := tower
		reflect.ValueOf(&other).Elem().Field(i).SetString("ZZ")
		diff := tower.Diff(other)
		require.Len(t, diff, 1, v.Field(i).Name)
		require.Equal(t, "ZZ", diff[0].To)
	}
}

func ExampleCivic_Diff() {
	corrected := tower
	corrected.PostalCode = "10118-0110"
	for _, c := range tower.Diff(corrected) {
		fmt.Printf("%s: %s → %s\n", c.Field, c.From, c.To)
	}
	// Output: postal code: 10118 → 10118-0110
}

// A carrier's own street line comes back as it was said, whatever is in it.
func TestStreetLinesOfCarriers(t *testing.T) {
	for line, want := range map[string]postal.Civic{
		"350 FIFTH AVE":                {HouseNumber: "350", Street: "FIFTH AVE"},
		"  12-34   40TH AVE SW, STE 2": {HouseNumber: "12-34", Street: "40TH AVE SW, STE 2"},
		"BROADWAY":                     {Street: "BROADWAY"},
		"42":                           {Street: "42"},
		"":                             {},
	} {
		got := tower.WithStreetLine(line)
		require.Equal(t, strings.Join(strings.Fields(line), " "), got.StreetLine())
		require.Equal(t, tower.City, got.City, "the rest of the address stays")
		want.City, want.State, want.PostalCode = tower.City, tower.State, tower.PostalCode
		require.Equal(t, want, got)
	}
}
