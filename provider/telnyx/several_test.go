package telnyx_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

const (
	listed   = `"cnam_listing":{"cnam_listing_enabled":true,"cnam_listing_details":"ACME"}`
	unlisted = `"cnam_listing":{"cnam_listing_enabled":false,"cnam_listing_details":""}`
	hidden   = `"id":"1"`
)

// pair lists two numbers of the account, each with more of its own, and what each
// says about its voice.
func (m *mocked) pair(more, voice [2]string) {
	m.RegisterResponder("GET", base+"/phone_numbers", func(r *http.Request) (*http.Response, error) {
		n := r.URL.Query().Get("filter[phone_number]")
		i := map[string]int{"15015550101": 0, "15015550102": 1}[n]
		return httpmock.NewStringResponse(200, fmt.Sprintf(`{"data":[{"id":"%d","phone_number":"+%s","status":"active"%s}]}`, i+1, n, more[i])), nil
	})
	for i, v := range voice {
		m.on("GET", fmt.Sprintf("/phone_numbers/%d/voice", i+1), 200, `{"data":{`+v+`}}`)
	}
}

// One request names several numbers. A name that is shown was set; where none is
// shown, and nothing is hidden, nothing has come, and it can be sent again.
func TestNamesOfSeveral(t *testing.T) {
	for _, c := range []struct {
		voice      [2]string
		set, taken provider.Verdict
	}{
		{[2]string{listed, listed}, provider.Found, provider.Absent},
		{[2]string{listed, unlisted}, provider.Found, provider.CannotTell},
		{[2]string{unlisted, listed}, provider.Found, provider.CannotTell},
		{[2]string{listed, hidden}, provider.Found, provider.CannotTell},
		{[2]string{hidden, listed}, provider.Found, provider.CannotTell},
		{[2]string{unlisted, hidden}, provider.CannotTell, provider.CannotTell},
		{[2]string{hidden, unlisted}, provider.CannotTell, provider.CannotTell},
		{[2]string{hidden, hidden}, provider.CannotTell, provider.CannotTell},
		{[2]string{unlisted, unlisted}, provider.Absent, provider.Found},
	} {
		m := mock(t)
		m.pair([2]string{}, c.voice)
		for removal, want := range map[bool]provider.Verdict{false: c.set, true: c.taken} {
			f, err := m.TrackName(context.Background(), provider.Trace{Key: "N1", Numbers: []nanp.Number{one, two}, Removal: removal})
			require.NoError(t, err)
			require.Equal(t, want, f.Verdict, "%v, removal %v", c.voice, removal)
			require.Equal(t, want == provider.CannotTell, f.Why != "", "%v, removal %v", c.voice, removal)
			require.Equal(t, noon, f.AsOf)
			if want == provider.Found {
				require.Len(t, f.Value.Items, 2)
			}
		}
	}
}

// A name that never came to a number which is not ours any more is not there.
func TestNameOfANumberThatHasLeft(t *testing.T) {
	m := mock(t)
	m.on("GET", "/phone_numbers", 200, `{"data":[]}`)
	for removal, want := range map[bool]provider.Verdict{false: provider.Absent, true: provider.Found} {
		f, err := m.TrackName(context.Background(), provider.Trace{Key: "N1", Numbers: []nanp.Number{one}, Removal: removal})
		require.NoError(t, err)
		require.Equal(t, want, f.Verdict)
		require.Equal(t, noon, f.AsOf)
	}
}

// The end of registrations has come when it has come to all of them, and has not when
// all of them stand.
func TestUnregisteringSeveral(t *testing.T) {
	const (
		active = `,"emergency_enabled":true,"emergency_address_id":"77","emergency_status":"active"`
		ending = `,"emergency_enabled":true,"emergency_address_id":"77","emergency_status":"deprovisioning"`
		none   = `,"emergency_enabled":false,"emergency_status":"disabled"`
		odd    = `,"emergency_enabled":true,"emergency_address_id":"77","emergency_status":"s7"`
	)
	for _, c := range []struct {
		more [2]string
		want provider.Verdict
	}{
		{[2]string{none, none}, provider.Found},
		{[2]string{none, ending}, provider.Found},
		{[2]string{active, active}, provider.Absent},
		{[2]string{none, active}, provider.CannotTell},
		{[2]string{active, ending}, provider.CannotTell},
		{[2]string{none, odd}, provider.CannotTell},
		{[2]string{odd, active}, provider.CannotTell},
	} {
		m := mock(t)
		m.pair(c.more, [2]string{})
		f, err := m.TrackRegistration(context.Background(), provider.Trace{Key: "U1", Numbers: []nanp.Number{one, two}, Removal: true})
		require.NoError(t, err)
		require.Equal(t, c.want, f.Verdict, "%v", c.more)
		require.Equal(t, c.want == provider.CannotTell, f.Why != "", "%v", c.more)
		require.Equal(t, noon, f.AsOf)
		if c.want == provider.Found {
			require.Len(t, f.Value.Registrations, 2)
		}
	}
}
