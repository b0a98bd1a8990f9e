package telnyx_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/provider/telnyx/telnyxtest"
	"github.com/numberdesk/numberdesk/secret"
)

// lossy loses one request that changes something: before it leaves, or its answer.
type lossy struct {
	next    http.RoundTripper
	at      int64 // which; 0: none
	before  bool
	changes atomic.Int64
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	read := r.Method == "GET" || strings.HasSuffix(r.URL.Path, "/validate") || strings.HasSuffix(r.URL.Path, "/portability_checks")
	if read || l.changes.Add(1) != l.at {
		return l.next.RoundTrip(r)
	}
	if !l.before {
		if res, err := l.next.RoundTrip(r); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	}
	return nil, io.ErrUnexpectedEOF
}

// desk is an account with one number, at a fake that can be made to lose requests.
type desk struct {
	*telnyx.Carrier
	t     *testing.T
	w     providertest.World
	stage *sandboxtest.Stage
	fake  *telnyxtest.Server
	line  *lossy
	n     nanp.Number
}

func openDesk(t *testing.T) *desk {
	stage := sandboxtest.New(t, telnyxtest.Engine(sandbox.Config{Instant: true}))
	fake := telnyxtest.New(stage.Carrier, telnyxtest.Config{Key: apiKey, Now: stage.Now})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	d := &desk{t: t, stage: stage, fake: fake, line: &lossy{next: http.DefaultTransport}}
	var err error
	d.Carrier, err = telnyx.New(telnyx.Config{Key: secret.New(apiKey), Base: srv.URL, Now: stage.Now, Rates: fast, Transport: d.line})
	require.NoError(t, err)
	d.w = stage.World(d.Carrier)
	ctx := context.Background()
	found, err := d.Search(ctx, d.w.Search)
	require.NoError(t, err)
	d.n = found.Items[0].Number
	o, err := d.Place(ctx, provider.OrderRequest{Key: "BUY", Lines: []provider.OrderLine{{Number: d.n}}})
	require.NoError(t, err)
	require.True(t, o.Settled())
	return d
}

// lose makes the nth change from now go wrong.
func (d *desk) lose(nth int64, before bool) {
	d.line.changes.Store(0)
	d.line.at, d.line.before = nth, before
}

// everyLoss runs a story once for each change that it makes, with that change lost
// before it left and with its answer lost. The story begins again where it was cut off.
func everyLoss(t *testing.T, changes int64, story func(d *desk, lost bool)) {
	for nth := range changes + 1 {
		for _, before := range []bool{false, true} {
			if nth == 0 && before {
				continue
			}
			t.Run(fmt.Sprintf("%d of %d, before %v", nth, changes, before), func(t *testing.T) {
				d := openDesk(t)
				d.lose(nth, before)
				story(d, nth > 0)
				if nth == 0 {
					require.GreaterOrEqual(t, d.line.changes.Load(), changes, "changes of the story")
				}
			})
		}
	}
}

func (d *desk) posts(path string) (n int) {
	for _, r := range d.fake.Requests() {
		if r.Method == "POST" && r.Path == path {
			n++
		}
	}
	return n
}

func TestRegisterIsResumed(t *testing.T) {
	ctx := context.Background()
	everyLoss(t, 2, func(d *desk, lost bool) {
		r := provider.RegisterRequest{Key: "R1", Numbers: []nanp.Number{d.n}, Address: d.w.Addresses.Good, CallerName: "RIVER BAKERY"}
		res, err := d.Register(ctx, r)
		require.Equal(d.t, lost, err != nil)
		if err != nil {
			require.Equal(d.t, provider.OutcomeUnknown, provider.OutcomeOf(err))
			f, err := d.TrackRegistration(ctx, provider.Trace{Key: "R1", Numbers: r.Numbers})
			require.NoError(d.t, err)
			if f.Verdict == provider.Absent {
				f.Value, err = d.Register(ctx, r)
				require.NoError(d.t, err)
			}
			res = f.Value
		}
		require.Equal(d.t, provider.RegWaiting, res.Registrations[0].State)
		d.stage.Advance(20 * time.Minute)
		reg, err := d.Registration(ctx, d.n)
		require.NoError(d.t, err)
		require.Equal(d.t, provider.RegActive, reg.State)
		require.Equal(d.t, d.w.Addresses.Good.Line(), reg.Address.Line())
		require.Equal(d.t, res.Ref, reg.Ref)
		require.Equal(d.t, 1, d.w.Made(provider.OpRegister), "registered once")
		require.Equal(d.t, 1, d.posts("/addresses"), "the address is looked for before it is made again")

		byRef, err := d.TrackRegistration(ctx, provider.Trace{Ref: res.Ref, Numbers: r.Numbers})
		require.NoError(d.t, err)
		require.Equal(d.t, provider.Found, byRef.Verdict)
		gone, err := d.TrackRegistration(ctx, provider.Trace{Ref: "999", Numbers: r.Numbers})
		require.NoError(d.t, err)
		require.Equal(d.t, provider.Absent, gone.Verdict)
	})
}

func TestUnregisterIsFound(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	_, err := d.Register(ctx, provider.RegisterRequest{Key: "R1", Numbers: []nanp.Number{d.n}, Address: d.w.Addresses.Good, CallerName: "RIVER BAKERY"})
	require.NoError(t, err)
	d.stage.Advance(20 * time.Minute)
	d.lose(1, false)
	_, err = d.Unregister(ctx, "U1", []nanp.Number{d.n})
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	trace := provider.Trace{Key: "U1", Numbers: []nanp.Number{d.n}, Removal: true}
	for _, state := range []provider.RegState{provider.RegRemoving, provider.RegNone} {
		f, err := d.TrackRegistration(ctx, trace)
		require.NoError(t, err)
		require.Equal(t, provider.Found, f.Verdict)
		require.Equal(t, state, f.Value.Registrations[0].State)
		d.stage.Advance(20 * time.Minute)
	}
	res, err := d.Unregister(ctx, "U2", []nanp.Number{d.n})
	require.NoError(t, err, "ending what has ended does no harm")
	require.Equal(t, provider.RegNone, res.Registrations[0].State)
	require.Equal(t, 1, d.w.Made(provider.OpUnregister))
}

// An address that is not as it would be registered comes back as a check, and nothing
// is made of it.
func TestRegisterOnlyChecks(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	for grade, a := range map[provider.Grade]providertest.Addresses{
		provider.Corrected: {Good: d.w.Addresses.Corrected}, provider.Unusable: {Good: d.w.Addresses.Bad},
	} {
		res, err := d.Register(ctx, provider.RegisterRequest{Key: "R1", Numbers: []nanp.Number{d.n}, Address: a.Good, CallerName: "RIVER BAKERY"})
		require.NoError(t, err)
		require.Equal(t, grade, res.Check.Grade)
		require.Empty(t, res.Registrations)
	}
	check, err := d.CheckAddress(ctx, d.w.Addresses.Ambiguous)
	require.NoError(t, err)
	require.Equal(t, provider.Unusable, check.Grade, "the carrier names no candidates")
	require.Zero(t, d.posts("/addresses"))
}

func TestEndpointIsResumed(t *testing.T) {
	ctx := context.Background()
	everyLoss(t, 2, func(d *desk, lost bool) {
		r := provider.EndpointRequest{Key: "E1", Label: "laptop", Address: d.w.Addresses.Good, CallerName: "RIVER BAKERY", Callback: d.n}
		_, err := d.SetEndpoint(ctx, r)
		require.Equal(d.t, lost, err != nil)
		if err != nil {
			require.Equal(d.t, provider.OutcomeUnknown, provider.OutcomeOf(err))
			f, err := d.TrackEndpoint(ctx, provider.Trace{Key: "E1", Numbers: []nanp.Number{d.n}})
			require.NoError(d.t, err)
			require.NotEqual(d.t, provider.Found, f.Verdict, "endpoints carry nothing of ours")
		}
		res, err := d.SetEndpoint(ctx, r)
		require.NoError(d.t, err)
		list, err := d.ListEndpoints(ctx, provider.Page{})
		require.NoError(d.t, err)
		require.Len(d.t, list.Items, 1, "the same values are the same endpoint")
		require.Equal(d.t, res.Endpoint.Ref, list.Items[0].Ref)
		f, err := d.TrackEndpoint(ctx, provider.Trace{Ref: res.Endpoint.Ref})
		require.NoError(d.t, err)
		require.Equal(d.t, provider.Found, f.Verdict)
		require.Equal(d.t, d.w.Addresses.Good.City, f.Value.Endpoint.Address.City)

		// It moves: a new one, and the old one is gone.
		r.Key, r.Ref, r.Address = "E2", res.Endpoint.Ref, d.w.Addresses.Other
		moved, err := d.SetEndpoint(ctx, r)
		require.NoError(d.t, err)
		require.NotEqual(d.t, r.Ref, moved.Endpoint.Ref)
		f, err = d.TrackEndpoint(ctx, provider.Trace{Ref: r.Ref})
		require.NoError(d.t, err)
		require.Equal(d.t, provider.Absent, f.Verdict)
		require.NoError(d.t, d.RemoveEndpoint(ctx, "E3", moved.Endpoint.Ref))
		f, err = d.TrackEndpoint(ctx, provider.Trace{Key: "E1", Numbers: []nanp.Number{d.n}})
		require.NoError(d.t, err)
		require.Equal(d.t, provider.Absent, f.Verdict)
		require.ErrorIs(d.t, d.RemoveEndpoint(ctx, "E4", "no-such"), provider.NotFound)
	})
}

func TestPortIsResumed(t *testing.T) {
	ctx := context.Background()
	everyLoss(t, 4, func(d *desk, _ bool) {
		doc := d.w.Document()
		up, err := d.UploadDocument(ctx, "D1", doc)
		if err != nil {
			up, err = d.UploadDocument(ctx, "D1", doc)
			require.NoError(d.t, err)
		}
		r := d.w.Port("P1", d.w.Elsewhere.One[:2])
		r.Documents = []provider.Ref{up.Ref}
		ports, err := d.OpenPort(ctx, r)
		if err != nil {
			require.Equal(d.t, provider.OutcomeUnknown, provider.OutcomeOf(err))
			f, err := d.TrackPort(ctx, provider.Trace{Key: "P1", Numbers: d.w.Elsewhere.One[:2]})
			require.NoError(d.t, err)
			require.NotEqual(d.t, provider.CannotTell, f.Verdict, f.Why)
			ports, err = d.OpenPort(ctx, r) // begun again
			require.NoError(d.t, err)
		}
		require.Len(d.t, ports, 1)
		require.Equal(d.t, provider.PortDraft, ports[0].State)
		require.Empty(d.t, ports[0].Needs)
		o, err := d.SubmitPort(ctx, "S1", ports[0].Ref)
		if err != nil {
			require.Equal(d.t, provider.OutcomeUnknown, provider.OutcomeOf(err))
			o, err = d.SubmitPort(ctx, "S1", ports[0].Ref)
			require.NoError(d.t, err)
		}
		require.Equal(d.t, provider.PortChecking, o.State)
		require.Equal(d.t, 1, d.w.Made(provider.OpOpenPort), "opened once")
		require.Equal(d.t, 1, d.w.Made(provider.OpSubmitPort), "submitted once")
		f, err := d.TrackPort(ctx, provider.Trace{Ref: ports[0].Ref})
		require.NoError(d.t, err)
		require.Len(d.t, f.Value[0].Items, 2)
	})
}

func TestPortCancels(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	open := func(k provider.Key) provider.PortOrder {
		doc, err := d.UploadDocument(ctx, "D"+k, d.w.Document())
		require.NoError(t, err)
		r := d.w.Port(k, d.w.Elsewhere.One[:2])
		r.Documents = []provider.Ref{doc.Ref}
		ports, err := d.OpenPort(ctx, r)
		require.NoError(t, err)
		return ports[0]
	}
	// A draft is deleted.
	p := open("P1")
	_, err := d.CancelPort(ctx, "C0", p.Ref, d.w.Elsewhere.One[:1])
	require.ErrorIs(t, err, provider.Unsupported, "never the whole instead of one")
	o, err := d.CancelPort(ctx, "C1", p.Ref, d.w.Elsewhere.One[:2])
	require.NoError(t, err)
	require.Equal(t, provider.PortCancelled, o.State)
	require.Equal(t, provider.PortCancelled, o.Items[0].State)
	f, err := d.TrackPort(ctx, provider.Trace{Ref: p.Ref})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict)
	d.stage.Advance(48 * time.Hour) // the engine takes its time over it

	// An order is asked for, once.
	p = open("P2")
	_, err = d.SubmitPort(ctx, "S2", p.Ref)
	require.NoError(t, err)
	o, err = d.CancelPort(ctx, "C2", p.Ref, nil)
	require.NoError(t, err)
	require.Equal(t, provider.PortCancelAsked, o.State)
	o, err = d.CancelPort(ctx, "C3", p.Ref, nil)
	require.NoError(t, err)
	require.Equal(t, provider.PortCancelAsked, o.State)
	require.Equal(t, 1, d.posts("/porting_orders/"+string(p.Ref)+"/actions/cancel"))
	_, err = d.AmendPort(ctx, "A1", p.Ref, d.w.Port("A1", d.w.Elsewhere.One[:2]))
	require.ErrorIs(t, err, provider.Precondition)
	for _, call := range []func() error{
		func() error { _, err := d.CancelPort(ctx, "C4", "no-such", nil); return err },
		func() error { _, err := d.SubmitPort(ctx, "S4", "no-such"); return err },
	} {
		require.ErrorIs(t, call(), provider.NotFound)
	}
}

func TestOrderIsSettled(t *testing.T) {
	ctx := context.Background()
	for _, before := range []bool{false, true} {
		d := openDesk(t)
		found, err := d.Search(ctx, d.w.Search)
		require.NoError(t, err)
		n := found.Items[1].Number
		d.lose(1, before)
		_, err = d.Place(ctx, provider.OrderRequest{Key: "B1", Lines: []provider.OrderLine{{Number: n}}})
		require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
		require.Equal(t, int64(1), d.line.changes.Load(), "sent once")
		f, err := d.Track(ctx, provider.Trace{Key: "B1", Numbers: []nanp.Number{n}})
		require.NoError(t, err)
		require.Equal(t, map[bool]provider.Verdict{false: provider.Found, true: provider.Absent}[before], f.Verdict)
		_, err = d.Owned(ctx, n)
		require.Equal(t, before, err != nil)
	}
}

// Two orders with one key: the carrier takes both, and neither is believed.
func TestOneKeyTwice(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	found, err := d.Search(ctx, d.w.Search)
	require.NoError(t, err)
	for _, o := range found.Items[1:3] {
		_, err := d.Place(ctx, provider.OrderRequest{Key: "B1", Lines: []provider.OrderLine{{Number: o.Number}}})
		require.NoError(t, err)
	}
	f, err := d.Track(ctx, provider.Trace{Key: "B1", Numbers: []nanp.Number{found.Items[1].Number}})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	require.NotEmpty(t, f.Why)
}

// A search that is too old is done again before the order.
func TestRecentSearch(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	found, err := d.Search(ctx, d.w.Search)
	require.NoError(t, err)
	n := found.Items[1].Number
	d.stage.Advance(d.Capabilities().Traits.RecentSearch + time.Second)
	order := provider.OrderRequest{Key: "B1", Lines: []provider.OrderLine{{Number: n}}}
	_, err = d.Place(ctx, order)
	require.ErrorIs(t, err, provider.Precondition)
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
	exact, err := d.Search(ctx, provider.SearchRequest{Exact: []nanp.Number{n}})
	require.NoError(t, err)
	require.Len(t, exact.Items, 1)
	_, err = d.Place(ctx, order)
	require.NoError(t, err)
}

func TestManyNumbers(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	found, err := d.Search(ctx, d.w.Search)
	require.NoError(t, err)
	strange, ours := found.Items[5].Number, []nanp.Number{d.n}
	for i, o := range found.Items[1:4] {
		_, err := d.Place(ctx, provider.OrderRequest{Key: provider.Key(fmt.Sprint("B", i)), Lines: []provider.OrderLine{{Number: o.Number}}})
		require.NoError(t, err)
		ours = append(ours, o.Number)
	}
	got, err := d.Route(ctx, provider.RouteRequest{Key: "R1", Numbers: append([]nanp.Number{strange}, ours...), To: "c1"})
	require.ErrorIs(t, err, provider.NotYours)
	require.Equal(t, provider.Applied, provider.OutcomeOf(err), "the others were changed")
	require.Len(t, got, len(ours))
	require.Equal(t, "c1", got[0].Route)

	d.lose(1, false)
	_, err = d.Return(ctx, provider.ReturnRequest{Key: "X1", Numbers: append([]nanp.Number{strange}, ours[1:]...)})
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	f, err := d.TrackReturn(ctx, provider.Trace{Key: "X1", Numbers: append([]nanp.Number{strange}, ours[1:]...), Since: d.stage.Now()})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	it, _ := f.Value.Item(strange)
	require.Equal(t, provider.ItemRefused, it.State, "it was not ours")
	require.ErrorIs(t, it.Err, provider.NotYours)
	it, _ = f.Value.Item(ours[1])
	require.Equal(t, provider.ItemGone, it.State)
	f, err = d.TrackReturn(ctx, provider.Trace{Key: "X2", Numbers: ours[:1]})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict, "that one stays")
}

func TestPortOuts(t *testing.T) {
	ctx := context.Background()
	d := openDesk(t)
	d.w.AskPortOut(d.n)
	list, err := d.ListPortOuts(ctx, provider.Page{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	require.Equal(t, d.n, list.Items[0].Number)
	d.lose(1, false)
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(d.AnswerPortOut(ctx, "A1", list.Items[0].Ref, false, "not asked for")))
	list, err = d.ListPortOuts(ctx, provider.Page{})
	require.NoError(t, err)
	require.Equal(t, provider.Raw("rejected"), list.Items[0].Said.Raw)
	require.ErrorIs(t, d.AnswerPortOut(ctx, "A2", list.Items[0].Ref, true, ""), provider.Conflict)
}
