package provider_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

func TestCheckNumbers(t *testing.T) {
	require.NoError(t, CheckNumbers([]nanp.Number{one, two}, 2))
	require.NoError(t, CheckNumbers([]nanp.Number{one, two}, 0), "no limit")
	for says, c := range map[string]struct {
		ns  []nanp.Number
		max int
	}{
		"are empty":              {nil, 5},
		"at most 1":              {[]nanp.Number{one, two}, 1},
		"no number at 1":         {[]nanp.Number{one, 0}, 5},
		"(501) 555-0101 twice":   {[]nanp.Number{one, two, one}, 5},
		"numbers are 3, one req": {[]nanp.Number{one, two, free}, 2},
	} {
		err := CheckNumbers(c.ns, c.max)
		require.ErrorIs(t, err, Invalid)
		require.ErrorContains(t, err, says)
	}
}

func TestUnknownOptionsAreRefused(t *testing.T) {
	require.NoError(t, Options(nil).Only())
	require.NoError(t, Options{"SiteId": "1"}.Only("SiteId", "PeerId"))
	err := Options{"siteid": "1"}.Only("SiteId", "PeerId")
	require.ErrorIs(t, err, Invalid)
	require.ErrorContains(t, err, `"siteid", which is none of SiteId, PeerId`)
	require.ErrorIs(t, Options{"x": ""}.Only(), Invalid)
}

// Whatever is wrong, the carrier was not asked.
func TestRefused(t *testing.T) {
	require.NoError(t, Refused("acme", OpPlace, nil))
	for name, c := range map[string]struct {
		err  error
		kind Kind
	}{
		"a field":  {CheckNumbers(nil, 0), Invalid},
		"a query":  {vanity.Query{Prefix: "x"}.Validate(), Invalid},
		"a kind":   {&Error{Kind: Unsupported, Outcome: Applied, Text: "no toll-free numbers"}, Unsupported},
		"anything": {errors.New("no"), Invalid},
	} {
		err := Refused("acme", OpPlace, c.err)
		require.ErrorIs(t, err, c.kind, name)
		require.Equal(t, NotApplied, OutcomeOf(err), name)
		require.ErrorContains(t, err, "acme place order", name)
	}
}
