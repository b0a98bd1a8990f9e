package twilio_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/vanity"
)

func (h *house) find(t *testing.T, n int) []nanp.Number {
	res, err := h.caps.Search.Search(t.Context(), provider.SearchRequest{State: "AR", Page: provider.Page{Limit: n}})
	require.NoError(t, err)
	require.Len(t, res.Items, n)
	var out []nanp.Number
	for _, o := range res.Items {
		require.Equal(t, "AR", o.State)
		require.Equal(t, money.Known(50*money.Cent), o.Price.Monthly)
		require.False(t, o.Price.Setup.Known)
		out = append(out, o.Number)
	}
	return out
}

func buying(k provider.Key, n nanp.Number) provider.OrderRequest {
	return provider.OrderRequest{Key: k, Lines: []provider.OrderLine{{Number: n}}}
}

func (h *house) buy(t *testing.T, k provider.Key) nanp.Number {
	n := h.find(t, 1)[0]
	o, err := h.caps.Orders.Place(t.Context(), buying(k, n))
	require.NoError(t, err)
	require.Equal(t, provider.ItemLive, o.Items[0].State)
	return n
}

// posts counts what was sent to paths that hold a word.
func (h *house) posts(word string) (n int) {
	for _, r := range h.fake.Requests() {
		if strings.HasPrefix(r, "POST ") && strings.Contains(r, word) {
			n++
		}
	}
	return n
}

func TestStoryOfANumber(t *testing.T) {
	h := build(t, sandbox.Config{})
	ctx := t.Context()
	n := h.buy(t, "order-1")
	require.Contains(t, h.Carrier.Book().Owned, n)
	f, err := h.caps.Orders.Track(ctx, provider.Trace{Key: "order-1", Numbers: []nanp.Number{n}})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)

	_, err = h.caps.Orders.Place(ctx, buying("order-2", n))
	require.ErrorIs(t, err, provider.Exists)
	again, err := h.caps.Orders.Place(ctx, buying("order-1", n))
	require.NoError(t, err)
	require.Equal(t, f.Value.Items[0].Owned, again.Items[0].Owned)
	require.Equal(t, 1, h.posts("/IncomingPhoneNumbers.json"))

	o, err := h.caps.Owned.Owned(ctx, n)
	require.NoError(t, err)
	require.Equal(t, "order-1", o.Tag)
	routed, err := h.caps.Routing.Route(ctx, provider.RouteRequest{Key: "r", Numbers: []nanp.Number{n}, To: east})
	require.NoError(t, err)
	require.Equal(t, east, routed[0].Route)

	back, err := h.caps.Return.Return(ctx, provider.ReturnRequest{Key: "b", Numbers: []nanp.Number{n}})
	require.NoError(t, err)
	require.Equal(t, provider.ItemGone, back.Items[0].State)
	_, err = h.caps.Owned.Owned(ctx, n)
	require.ErrorIs(t, err, provider.NotFound)
	require.Empty(t, h.Carrier.Book().Owned)
}

// Each way in which an answer can be missing, settled by looking.
func TestStoryOfALostOrder(t *testing.T) {
	for _, tt := range []struct {
		fault provider.Verdict
		is    providertest.Fault
	}{{provider.Found, providertest.ReplyLost}, {provider.Absent, providertest.NeverArrived}} {
		h := build(t, sandbox.Config{})
		n := h.find(t, 1)[0]
		h.Fail(provider.OpPlace, tt.is)
		_, err := h.caps.Orders.Place(t.Context(), buying("order-1", n))
		require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
		require.Equal(t, 1, h.posts("/IncomingPhoneNumbers.json"), "sent once")
		f, err := h.caps.Orders.Track(t.Context(), provider.Trace{Key: "order-1", Numbers: []nanp.Number{n}, Since: h.Now()})
		require.NoError(t, err)
		require.Equal(t, tt.fault, f.Verdict)
	}
	// What arrives late is absent, and there before the horizon.
	h := build(t, sandbox.Config{})
	n := h.find(t, 1)[0]
	trace := provider.Trace{Key: "order-1", Numbers: []nanp.Number{n}, Since: h.Now()}
	h.Fail(provider.OpPlace, providertest.Late)
	_, err := h.caps.Orders.Place(t.Context(), buying("order-1", n))
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	f, err := h.caps.Orders.Track(t.Context(), trace)
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict)
	h.Advance(h.caps.Traits.Horizon)
	f, err = h.caps.Orders.Track(t.Context(), trace)
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	require.Empty(t, h.Carrier.Book().Doubled())
}

// What the wire does when nobody looks first: a purchase of a number that is ours
// overwrites its name, and the order that had bought it is not found under it.
func TestStoryOfAnOverwrittenNumber(t *testing.T) {
	h := build(t, sandbox.Config{})
	n := h.buy(t, "order-1")
	h.overwrite(t, n, "order-2")
	f, err := h.caps.Orders.Track(t.Context(), provider.Trace{Key: "order-1", Numbers: []nanp.Number{n}})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	require.NotEmpty(t, f.Why)
	require.Len(t, h.Carrier.Book().Charges, 1, "an update costs nothing")
}

func TestStoryOfASearch(t *testing.T) {
	h := build(t, sandbox.Config{})
	res, err := h.caps.Search.Search(t.Context(), provider.SearchRequest{Kind: provider.TollFree, Query: vanity.Query{NPA: 833, Suffix: "77"}, Page: provider.Page{Limit: 5}})
	require.NoError(t, err)
	require.NotEmpty(t, res.Items)
	for _, o := range res.Items {
		require.True(t, strings.HasPrefix(o.Number.String(), "+1833") && strings.HasSuffix(o.Number.String(), "77"), o.Number)
	}
	for _, q := range []vanity.Query{{Prefix: "501"}, {Contains: "777"}, {NPA: 501, NXX: 202}, {Mask: "501202****"}} {
		res, err := h.caps.Search.Search(t.Context(), provider.SearchRequest{Query: q, Page: provider.Page{Limit: 5}})
		require.NoError(t, err)
		require.NotEmpty(t, res.Items, "%+v", q)
		for _, o := range res.Items {
			require.True(t, q.Match(o.Number))
		}
	}
	n := h.find(t, 3)
	res, err = h.caps.Search.Search(t.Context(), provider.SearchRequest{Exact: []nanp.Number{n[2], nanp.MustParse("501-555-0101"), n[0]}})
	require.NoError(t, err)
	require.Len(t, res.Items, 2)
}

func (h *house) settleName(t *testing.T, k provider.Key, n nanp.Number) provider.NameItem {
	f, err := h.caps.Names.TrackName(t.Context(), provider.Trace{Key: k, Numbers: []nanp.Number{n}})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	return f.Value.Items[0]
}

func TestStoryOfAName(t *testing.T) {
	h := build(t, sandbox.Config{})
	n := h.buy(t, "order-1")
	business := &provider.Business{Ref: profile, Email: "erika@river-bakery.example"}
	set := func(k provider.Key, name string) (provider.NameOrder, error) {
		return h.caps.Names.SetName(t.Context(), provider.NameRequest{Key: k, Name: name, Numbers: []nanp.Number{n}, Business: business, Remove: name == ""})
	}
	// The answer to the submission is lost; the same key goes on and doubles nothing.
	h.Fail(provider.OpSetName, providertest.ReplyLost)
	_, err := set("name-1", "River Bakery")
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	made := h.posts("/v1/")
	o, err := set("name-1", "River Bakery")
	require.NoError(t, err)
	require.Equal(t, provider.NameInReview, o.Items[0].State)
	require.Equal(t, made, h.posts("/v1/"))

	h.Advance(2 * time.Hour)
	require.Equal(t, provider.Raw("in-review"), h.settleName(t, "name-1", n).Said.Raw)
	require.Empty(t, h.read(t, n).Name, "nothing is said before Twilio has said it")
	h.Advance(24 * time.Hour)
	require.Equal(t, provider.NameListed, h.settleName(t, "name-1", n).State)
	require.Equal(t, "River Bakery", h.read(t, n).Name)

	_, err = set("name-2", "Hill Garage")
	require.NoError(t, err)
	h.Advance(25 * time.Hour)
	require.Equal(t, provider.NameListed, h.settleName(t, "name-2", n).State)
	require.Equal(t, "Hill Garage", h.read(t, n).Name)
	require.Equal(t, provider.NameRefused, h.settleName(t, "name-1", n).State, "it has been overtaken")
	require.Equal(t, "Hill Garage", h.read(t, n).Name)

	gone, err := set("name-3", "")
	require.NoError(t, err)
	require.Equal(t, provider.NameNone, gone.Items[0].State)
	require.Equal(t, provider.NameNone, h.read(t, n).State)

	// It stays away, whatever is looked at: also a name that is approved afterwards.
	h.Advance(time.Hour)
	_, err = set("name-4", "Lake Florist")
	require.NoError(t, err)
	h.Advance(time.Hour)
	since := h.Now()
	_, err = set("name-5", "")
	require.NoError(t, err)
	h.Advance(48 * time.Hour)
	for _, k := range []provider.Key{"name-1", "name-2", "name-4"} {
		require.Equal(t, provider.NameRefused, h.settleName(t, k, n).State, k)
	}
	f, err := h.caps.Names.TrackName(t.Context(), provider.Trace{Key: "name-5", Numbers: []nanp.Number{n}, Since: since, Removal: true})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.NameNone, f.Value.Items[0].State)
	require.Equal(t, provider.NameNone, h.read(t, n).State)
}

func (h *house) read(t *testing.T, n nanp.Number) provider.NameItem {
	it, err := h.caps.Names.ReadName(t.Context(), n)
	require.NoError(t, err)
	return it
}

func TestStoryOfAnEmergencyAddress(t *testing.T) {
	h := build(t, sandbox.Config{})
	w := h.World(h.carrier)
	ctx, a := t.Context(), w.Addresses
	n := h.buy(t, "order-1")
	for grade, c := range map[provider.Grade]providertest.Addresses{provider.Valid: {Good: a.Good}, provider.Corrected: {Good: a.Corrected}, provider.Unusable: {Good: a.Bad}} {
		got, err := h.caps.Addresses.CheckAddress(ctx, c.Good)
		require.NoError(t, err)
		require.Equal(t, grade, got.Grade)
	}
	got, err := h.caps.Addresses.CheckAddress(ctx, a.Ambiguous)
	require.NoError(t, err)
	require.Equal(t, provider.Unusable, got.Grade, "Twilio tells no candidates")

	r := provider.RegisterRequest{Key: "reg-1", Numbers: []nanp.Number{n}, Address: a.Corrected, CallerName: "River Bakery"}
	out, err := h.caps.Emergency.Register(ctx, r)
	require.NoError(t, err)
	require.Empty(t, out.Registrations)
	r.Address = *out.Check.Corrected
	h.Fail(provider.OpRegister, providertest.ReplyLost)
	_, err = h.caps.Emergency.Register(ctx, r)
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	made := h.posts("/Addresses.json")
	out, err = h.caps.Emergency.Register(ctx, r)
	require.NoError(t, err)
	require.Equal(t, made, h.posts("/Addresses.json"), "the address was there")
	require.Equal(t, provider.RegWaiting, out.Registrations[0].State)
	h.Advance(15 * time.Minute)
	reg, err := h.caps.Emergency.Registration(ctx, n)
	require.NoError(t, err)
	require.Equal(t, provider.RegActive, reg.State)
	require.True(t, strings.EqualFold(r.Address.Line(), reg.Address.Line()))

	// Another address: the old one has to end first.
	other := provider.RegisterRequest{Key: "reg-2", Numbers: []nanp.Number{n}, Address: a.Other, CallerName: "River Bakery", Replaces: reg.Ref}
	_, err = h.caps.Emergency.Register(ctx, other)
	require.ErrorIs(t, err, provider.Precondition)
	out, err = h.caps.Emergency.Unregister(ctx, "un-1", []nanp.Number{n})
	require.NoError(t, err)
	require.Equal(t, provider.RegRemoving, out.Registrations[0].State)
	end := provider.Trace{Key: "un-1", Numbers: []nanp.Number{n}, Since: h.Now(), Removal: true}
	h.Advance(15 * time.Minute)
	ended, err := h.caps.Emergency.TrackRegistration(ctx, end)
	require.NoError(t, err)
	require.Equal(t, provider.Found, ended.Verdict)
	require.Equal(t, provider.RegNone, ended.Value.Registrations[0].State)
	_, err = h.caps.Emergency.Register(ctx, other)
	require.NoError(t, err)
	f, err := h.caps.Emergency.TrackRegistration(ctx, provider.Trace{Key: "reg-2", Numbers: []nanp.Number{n}})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
}

func TestStoryOfAPort(t *testing.T) {
	h := build(t, sandbox.Config{})
	hw := h.World(h.carrier)
	ctx := t.Context()
	ns := hw.Elsewhere.One[:2]
	up, err := h.caps.PortDocs.UploadDocument(ctx, "doc-1", bill())
	require.NoError(t, err)
	r := hw.Port("port-1", ns)
	r.Documents = []provider.Ref{up.Ref}
	h.Fail(provider.OpOpenPort, providertest.ReplyLost)
	since := h.Now()
	_, err = h.caps.Ports.OpenPort(ctx, r)
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	f, err := h.caps.Ports.TrackPort(ctx, provider.Trace{Key: "port-1", Numbers: ns, Since: since})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	ref := f.Value[0].Ref

	var seen []provider.PortState
	for range 3000 {
		f, err = h.caps.Ports.TrackPort(ctx, provider.Trace{Key: "port-1", Ref: ref, Numbers: ns})
		require.NoError(t, err)
		if st := f.Value[0].Items[0].State; len(seen) == 0 || seen[len(seen)-1] != st {
			seen = append(seen, st)
		}
		if f.Value[0].State == provider.PortDone {
			break
		}
		h.Advance(30 * time.Minute)
	}
	require.Equal(t, []provider.PortState{provider.PortChecking, provider.PortNeedsSignature, provider.PortSubmitted, provider.PortAcknowledged, provider.PortFOC, provider.PortDone}, seen)
	for _, n := range ns {
		require.True(t, slices.Contains(h.Carrier.Book().OwnedAt(h.Now()), n))
	}

	// A rejection, a cancellation.
	r = hw.Port("port-2", hw.Elsewhere.One[2:3])
	r.Documents = []provider.Ref{up.Ref}
	orders, err := h.caps.Ports.OpenPort(ctx, r)
	require.NoError(t, err)
	h.RejectPort(h.fake.EnginePort(orders[0].Ref))
	o, err := h.caps.Ports.SubmitPort(ctx, "s", orders[0].Ref)
	require.NoError(t, err)
	require.Equal(t, provider.PortRejected, o.State)
	require.NotEmpty(t, o.Reasons)
	o, err = h.caps.Ports.CancelPort(ctx, "c", orders[0].Ref, nil)
	require.NoError(t, err)
	require.Contains(t, []provider.PortState{provider.PortCancelled, provider.PortSubmitted}, o.State)
}

func TestStoryOfAMessage(t *testing.T) {
	h := build(t, sandbox.Config{})
	n := nanp.MustParse("501-555-0101")
	for about, ref := range map[provider.Capability]provider.Ref{provider.CapPorts: "KW00000000000000000000000000000001", provider.CapNames: profile} {
		hints, _, err := h.caps.Hooks.Decode(h.fake.Webhook(about, ref, n))
		require.NoError(t, err)
		require.Equal(t, about, hints[0].About)
		require.Equal(t, ref, hints[0].Trace.Ref)
	}
}
