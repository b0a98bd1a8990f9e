package provider_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	. "github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

// The hardest documented answers of three carriers, written as values of the
// contract: what cannot be said here cannot be said by any adapter.

var (
	one   = nanp.MustParse("501-555-0101")
	two   = nanp.MustParse("501-555-0102")
	free  = nanp.MustParse("877-555-0103")
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	said  = func(by ID, raw Raw) Said { return Said{By: by, Raw: raw, Request: "req-1", At: noon} }
	tower = postal.Civic{HouseNumber: "350", Street: "FIFTH", Suffix: "AVE", Unit: "FL 21", City: "NEW YORK", State: "NY", PostalCode: "10118"}
)

// Telnyx splits one order into sub-orders by country and number type, which go on
// independently; a number can wait for regulatory information.
func TestTelnyxSubOrders(t *testing.T) {
	o := Order{Ref: "12ade33a", Key: "K1", Said: said("telnyx", "pending"), Again: 2 * time.Second,
		Parts: []OrderPart{{"sub-local", said("telnyx", "success")}, {"sub-toll-free", said("telnyx", "pending")}},
		Items: []OrderItem{
			{Number: one, Part: "sub-local", State: ItemLive, Said: said("telnyx", "success"), Owned: "1293384261075731499"},
			{Number: two, Part: "sub-local", State: ItemRefused, Said: said("telnyx", "failure"), Err: &Error{Kind: NumberTaken, Outcome: NotApplied, Code: "85001", Number: two}},
			{Number: free, Part: "sub-toll-free", State: ItemNeedsInfo, Said: said("telnyx", "requirement-info-pending")},
		}}
	require.False(t, o.Settled(), "one sub-order is still open")
	live, _ := o.Item(one)
	require.Equal(t, ItemLive, live.State)
	lost, _ := o.Item(two)
	require.ErrorIs(t, lost.Err, NumberTaken)

	o.Items[2].State = ItemLive
	require.True(t, o.Settled())
}

// Telnyx refuses a number that no recent search has returned.
func TestTelnyxNumberMustBeSearchedFirst(t *testing.T) {
	traits := Traits{RecentSearch: time.Hour, Keyed: map[Capability]Keying{CapOrders: ByKey}}
	require.Positive(t, traits.RecentSearch)
	err := error(&Error{Op: OpPlace, Kind: Precondition, Outcome: NotApplied, Code: "85000", Number: one})
	require.ErrorIs(t, err, Precondition)
	require.Equal(t, NotApplied, OutcomeOf(err))
	require.NoError(t, SearchRequest{Exact: []nanp.Number{one}}.Validate(), "how it is found again before the order")
}

// Telnyx knows no status of a caller name: it shows the name that it holds.
func TestTelnyxNameIsReadBack(t *testing.T) {
	traits := Traits{NameProof: ReadBack}
	item := NameItem{Number: one, Name: "ACME PLUMBING", State: NameReadBack, Said: said("telnyx", "")}
	require.Less(t, traits.NameProof, Status)
	require.Equal(t, "ACME PLUMBING", item.Name)
}

// Telnyx registers devices that move under an endpoint of their own.
func TestTelnyxDynamicEndpoint(t *testing.T) {
	e := EndpointResult{Endpoint: Endpoint{Ref: "ep-1", Label: "laptop of Ann", State: RegWaiting, Said: said("telnyx", "pending"), Address: &tower,
		Callback: one, SIPFrom: "FXDFWEDF", Geolocation: "XYZ123"}}
	require.Equal(t, RegWaiting, e.Endpoint.State)
}

// Telnyx answers one port request with several drafts.
func TestTelnyxSplitPort(t *testing.T) {
	orders := []PortOrder{
		{Ref: "p1", Group: "pr_4bec1a", Key: "K2", State: PortDraft, Said: said("telnyx", "draft"), Items: []PortItem{{Number: one, State: PortDraft}}},
		{Ref: "p2", Group: "pr_4bec1a", From: "p1", Key: "K2", State: PortRejected, Said: said("telnyx", "exception"),
			Reasons: []Rejection{{Code: "authorized_signer_mismatch", Carrier: "AUTH_PERSON_MISMATCH"}, {Carrier: "LOA_ILLEGIBLE", Text: "a code that nobody has documented"}},
			Items:   []PortItem{{Number: two, State: PortRejected}}},
	}
	found := FoundAs(orders, noon)
	require.Len(t, found.Value, 2)
	require.Empty(t, orders[1].Reasons[1].Code, "an unknown code survives as the carrier said it")
}

// Twilio buys at once: no order, no reference, one number for each call, and a
// repeat of an owned number is an update. It is found again by the number.
func TestTwilioSynchronousBuyWithoutReference(t *testing.T) {
	o := Order{Key: "K3", Said: said("twilio", "in-use"), Items: []OrderItem{{Number: one, Owned: "PN2a0747eb", State: ItemLive, Said: said("twilio", "in-use")}}}
	require.True(t, o.Settled())
	require.Empty(t, o.Ref)

	traits := Traits{OrderLines: 1, Keyed: map[Capability]Keying{CapOrders: ByThing}, Replace: BreakFirst, SignsLOA: true}
	err := OrderRequest{Key: "K3", Lines: []OrderLine{{Number: one}, {Number: two}}}.Validate(traits.OrderLines)
	require.ErrorIs(t, err, Invalid)
	require.Equal(t, NotApplied, OutcomeOf(err))
	require.Equal(t, []nanp.Number{one}, Trace{Key: "K3", Numbers: []nanp.Number{one}, Since: noon}.Numbers)
}

// Twilio validates an emergency address only while it creates one: the answer to
// a registration can be a suggestion and nothing registered.
func TestTwilioRegisterOnlySuggests(t *testing.T) {
	r := RegisterResult{Check: AddressCheck{Grade: Corrected, Corrected: &tower, Said: said("twilio", "21629")}}
	require.Empty(t, r.Registrations)
	require.Equal(t, Corrected, r.Check.Grade)
}

// Twilio has one name product for many numbers, looked at by a person.
func TestTwilioNameIsReviewed(t *testing.T) {
	o := NameOrder{Ref: "BU1", Said: said("twilio", "in-review"), Items: []NameItem{
		{Number: one, State: NameInReview}, {Number: two, State: NameRefused, Err: &Error{Kind: Invalid, Outcome: NotApplied, Code: "11008"}}}}
	require.Len(t, o.Items, 2)
}

// Twilio names no numbers in a port request that is listed: the adapter fills
// them in from what was sent.
func TestTwilioPortWithoutNumbers(t *testing.T) {
	p := PortOrder{Ref: "KW1", State: PortNeedsSignature, Said: said("twilio", "Waiting for Signature"), Items: []PortItem{{Number: one, State: PortUnclear}}}
	require.Equal(t, PortUnclear, p.Items[0].State)
}

// Bandwidth: PARTIAL is final for the order while its numbers are at different
// places, and InAccount is ours but does not take calls yet.
func TestBandwidthPartialAndAssigned(t *testing.T) {
	o := Order{Ref: "1d07aea7", Key: "K4", Said: said("bandwidth", "PARTIAL"), Items: []OrderItem{
		{Number: one, State: ItemAssigned, Said: said("bandwidth", "InAccount")},
		{Number: two, State: ItemRefused, Said: said("bandwidth", "FAILED"), Err: &Error{Kind: NumberTaken, Outcome: NotApplied, Code: "5005"}},
	}}
	require.False(t, o.Settled(), "assigned is not routable")
	o.Items[0].State = ItemLive
	require.True(t, o.Settled())
}

// Bandwidth: a backordered number may still arrive until the order is closed.
func TestBandwidthBackordered(t *testing.T) {
	o := Order{Ref: "2e18bfb8", Said: said("bandwidth", "BACKORDERED"), Items: []OrderItem{{Number: one, State: ItemBackordered}}}
	require.False(t, o.Settled())
	require.False(t, ItemBackordered.Final())
}

// Bandwidth: an error inside a success (a LIDB order of 201 with an ErrorList, a
// port of 201 with ProcessingStatus EXCEPTION): the order exists.
func TestBandwidthErrorsInsideSuccess(t *testing.T) {
	names := NameOrder{Ref: "lidb-1", Said: said("bandwidth", "RECEIVED"), Items: []NameItem{
		{Number: one, State: NameWaiting}, {Number: two, State: NameRefused, Err: &Error{Kind: Conflict, Outcome: NotApplied, Code: "11020", Number: two}}}}
	require.ErrorIs(t, names.Items[1].Err, Conflict)

	port := PortOrder{Ref: "d28b36f7", State: PortRejected, Said: said("bandwidth", "EXCEPTION"), Reasons: []Rejection{{Carrier: "7205", Text: "the billing number is wrong"}}}
	require.NotEmpty(t, port.Ref, "it has to be amended, not opened again")
}

// Bandwidth: disconnects and LIDB orders cannot be found by key, only by number,
// and codes mean nothing without the resource.
func TestBandwidthIsKeyedByThing(t *testing.T) {
	traits := Traits{Keyed: map[Capability]Keying{CapOrders: ByKey, CapReturn: ByThing, CapNames: ByThing}}
	require.Equal(t, ByThing, traits.Keyed[CapReturn])
	gone := FoundAs(Order{Items: []OrderItem{{Number: one, State: ItemGone, Said: said("bandwidth", "Disconnected")}}}, noon)
	require.True(t, gone.Value.Settled())
}

// Bandwidth: 409 of the address check is a correction, and a registration can be
// completed with an address that was altered.
func TestBandwidthCorrectedAndAdjusted(t *testing.T) {
	check := AddressCheck{Grade: Corrected, Corrected: &tower, Said: said("bandwidth", "409")}
	require.NotNil(t, check.Corrected)
	r := RegisterResult{Ref: "e911-1", Registrations: []Registration{{Number: one, State: RegAdjusted, Said: said("bandwidth", "ADJUSTED_COMPLETE"), Address: &tower}}}
	require.NotEqual(t, RegActive, r.Registrations[0].State, "adjusted is not what was shown")
}

// Bandwidth: placement, a search without prices and paging, wildcards that only
// pick the area code, caller names that toll-free numbers cannot have.
func TestBandwidthTraits(t *testing.T) {
	r := OrderRequest{Key: "K5", Lines: []OrderLine{{Number: one}}, Partial: true, Options: Options{"SiteId": "743", "PeerId": "303"}}
	require.NoError(t, r.Validate(0))
	traits := Traits{
		Why:     map[Capability]Note{CapOwned: {Can: true, Reason: "numbers have no ID of their own"}},
		Dialect: map[NumberKind]vanity.Dialect{TollFree: {NPA: true}, Local: {NPA: true, NXX: true}},
		Filters: []Filter{ByState, ByCity, ByRateCenter}, PageMax: 5000,
	}
	asked, exact := traits.Dialect[TollFree].Ask(vanity.Query{NPA: 877, Prefix: "877555"})
	require.Equal(t, vanity.Query{NPA: 877}, asked)
	require.False(t, exact, "the rest is filtered from the answers")
	require.False(t, traits.NameTollFree)
	offer := Offer{Number: one, State: "AR", RateCenter: "LITTLEROCK"}
	require.Equal(t, money.Price{}, offer.Price, "unknown, not free")
}

// Bandwidth v1 sends a webhook's body only after a challenge.
func TestBandwidthChallenge(t *testing.T) {
	a := Answer{Status: 401, Header: map[string][]string{"WWW-Authenticate": {`Basic realm="hooks"`}}}
	require.Equal(t, 401, a.Status)
}

// A look-up tells who serves a number.
func TestLookup(t *testing.T) {
	i := NumberInfo{Number: one, LRN: two, SPID: "567G", Line: LineVoIP, Ported: Yes, PortedOn: noon, Said: said("telnyx", "Y")}
	require.Equal(t, "VoIP", i.Line.String())
	require.Equal(t, NotSaid, NumberInfo{}.Ported, "an answer that was not given is not a no")
}

// A carrier can name or register numbers that another one provides.
func TestForeignNumbers(t *testing.T) {
	traits := Traits{Foreign: []Capability{CapEmergency}}
	require.True(t, traits.Serves(CapEmergency))
	require.False(t, traits.Serves(CapNames))
}

// What nobody has said is the safe answer everywhere.
func TestZeroValuesAreSafe(t *testing.T) {
	require.Equal(t, CannotTell, Finding[Order]{}.Verdict)
	require.Equal(t, OutcomeUnknown, (&Error{}).Outcome)
	require.Equal(t, OutcomeUnknown, OutcomeOf(errors.New("from somewhere")))
	require.Equal(t, ItemUnclear, OrderItem{}.State)
	require.Equal(t, NameUnclear, NameItem{}.State)
	require.Equal(t, RegUnclear, Registration{}.State)
	require.Equal(t, PortUnclear, PortItem{}.State)
	require.Equal(t, Ungraded, AddressCheck{}.Grade)
	require.Equal(t, ByNothing, Traits{}.Keyed[CapOrders])
	require.Equal(t, BreakFirst, Traits{}.Replace)
	require.Equal(t, NoProof, Traits{}.NameProof)
	require.False(t, Order{}.Settled(), "an order that says nothing is not settled")
	require.False(t, Offer{}.Price.Monthly.Known)
}
