package telnyx_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func TestHolds(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	found, err := d.Search(ctx, d.w.Search)
	require.NoError(t, err)
	n := found.Items[1].Number
	d.lose(1, false)
	_, err = d.Hold(ctx, "H1", []nanp.Number{n})
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	for _, trace := range []provider.Trace{{Key: "H1"}, {Numbers: []nanp.Number{n}}} {
		f, err := d.TrackHold(ctx, trace)
		require.NoError(t, err)
		require.Equal(t, provider.Found, f.Verdict)
		trace.Ref = f.Value[0].Ref
	}
	f, err := d.TrackHold(ctx, provider.Trace{Key: "H1"})
	require.NoError(t, err)
	ref := f.Value[0].Ref
	f, err = d.TrackHold(ctx, provider.Trace{Ref: ref})
	require.NoError(t, err)
	require.Equal(t, n, f.Value[0].Number)
	require.ErrorIs(t, d.Unhold(ctx, ref), provider.Unsupported)
	require.ErrorIs(t, d.Unhold(ctx, "no-such"), provider.NotFound)
	d.stage.Advance(time.Hour)
	require.NoError(t, d.Unhold(ctx, ref), "it has ended by itself")
	for _, trace := range []provider.Trace{{Key: "H2"}, {Ref: "no-such"}, {Numbers: []nanp.Number{n}}} {
		f, err = d.TrackHold(ctx, trace)
		require.NoError(t, err)
		require.Equal(t, provider.Absent, f.Verdict, "%+v", trace)
	}
	f, err = d.TrackHold(ctx, provider.Trace{})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
}

// A number that we hold is ordered without another search, which would not show it; a
// number that nobody holds is not.
func TestOrderOfWhatIsHeld(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	found, err := d.Search(ctx, d.w.Search)
	require.NoError(t, err)
	held, free := found.Items[1].Number, found.Items[2].Number
	holds, err := d.Hold(ctx, "H1", []nanp.Number{held})
	require.NoError(t, err)
	require.Len(t, holds, 1)
	d.stage.Advance(d.Capabilities().Traits.RecentSearch + time.Minute)
	require.True(t, d.stage.Now().Before(holds[0].Until), "the hold outlasts the search")
	again, err := d.Search(ctx, provider.SearchRequest{Exact: []nanp.Number{held}})
	require.NoError(t, err)
	require.Empty(t, again.Items, "what is held is not for sale")

	_, err = d.Place(ctx, provider.OrderRequest{Key: "B1", Lines: []provider.OrderLine{{Number: held, Hold: holds[0].Ref}, {Number: free}}})
	require.ErrorIs(t, err, provider.Precondition, "the other was found too long ago")
	o, err := d.Place(ctx, provider.OrderRequest{Key: "B2", Lines: []provider.OrderLine{{Number: held, Hold: holds[0].Ref}}})
	require.NoError(t, err)
	require.Equal(t, provider.ItemLive, o.Items[0].State)
	owned, err := d.Owned(ctx, held)
	require.NoError(t, err)
	require.Equal(t, held, owned.Number)
}

// What is for sale and was never found is not ordered.
func TestOrderOfWhatWasNeverFound(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	behind := d.stage.Carrier.Capabilities().Search
	r := d.w.Search
	r.Exact, r.Page = nil, provider.Page{Limit: 250}
	page, err := behind.Search(ctx, r)
	require.NoError(t, err)
	require.NotEmpty(t, page.Next)
	r.Page.Cursor = page.Next
	page, err = behind.Search(ctx, r)
	require.NoError(t, err)
	_, err = d.Place(ctx, provider.OrderRequest{Key: "B1", Lines: []provider.OrderLine{{Number: page.Items[0].Number}}})
	require.ErrorIs(t, err, provider.Precondition)
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
}

// What is ours was found once, and is not sold to us again because no search shows it.
func TestOrderOfWhatIsOurs(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	d.stage.Advance(d.Capabilities().Traits.RecentSearch + time.Minute)
	_, err := d.Place(ctx, provider.OrderRequest{Key: "B1", Lines: []provider.OrderLine{{Number: d.n}}})
	require.ErrorIs(t, err, provider.Precondition)
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
}

// A hold that has ended is no way around the search.
func TestOrderOfWhatWasHeld(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	found, err := d.Search(ctx, d.w.Search)
	require.NoError(t, err)
	n := found.Items[1].Number
	holds, err := d.Hold(ctx, "H1", []nanp.Number{n})
	require.NoError(t, err)
	d.stage.Advance(31 * time.Minute)
	_, err = d.Place(ctx, provider.OrderRequest{Key: "B1", Lines: []provider.OrderLine{{Number: n, Hold: holds[0].Ref}}})
	require.ErrorIs(t, err, provider.Precondition)
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
}

// Holds that were refused in part, and two that carry one key.
func TestHoldAnswers(t *testing.T) {
	ctx := context.Background()
	m := mock(t)
	m.on("POST", "/number_reservations", 200, `{"data":{"id":"r1","status":"partial_success","phone_numbers":[{"phone_number":"+15015550101","status":"pending"},{"phone_number":"+15015550102","status":"failed"}]}}`)
	holds, err := m.Hold(ctx, "K1", []nanp.Number{one, two})
	require.ErrorIs(t, err, provider.NumberTaken)
	require.Equal(t, provider.Applied, provider.OutcomeOf(err))
	require.Empty(t, holds, "what is pending is not held yet")
	for word, want := range map[string]provider.Verdict{"pending": provider.Found, "success": provider.Found, "s7": provider.Found, "failure": provider.Absent, "failed": provider.Absent} {
		m.on("GET", "/number_reservations/r1", 200, `{"data":{"id":"r1","phone_numbers":[{"phone_number":"+15015550101","status":"`+word+`","expired_at":"2026-11-24T12:30:00Z"}]}}`)
		f, err := m.TrackHold(ctx, provider.Trace{Ref: "r1"})
		require.NoError(t, err)
		require.Equal(t, want, f.Verdict, word)
		require.Equal(t, word == "success", len(f.Value) == 1, word)
	}
	m.on("POST", "/number_reservations", 200, `{"data":{"id":"r1","phone_numbers":[{"phone_number":"+15015550101","status":"failure"}]}}`)
	_, err = m.Hold(ctx, "K1", []nanp.Number{one})
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
	m.on("GET", "/number_reservations", 200, `{"data":[{"id":"r1","customer_reference":"K1"},{"id":"r2","customer_reference":"K1"},{"id":"r3","customer_reference":"K11"}]}`)
	f, err := m.TrackHold(ctx, provider.Trace{Key: "K1"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	m.on("GET", "/number_reservations", 200, `{"data":[{"id":"r1","customer_reference":"K1"},{"id":"r3","customer_reference":"K11"}]}`)
	f, err = m.TrackHold(ctx, provider.Trace{Key: "K1"})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict, "the filter may match parts")
}
