package spectest

import (
	"net/http"
	"net/http/httptest"
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

// unlimited are rates that no test waits for.
var unlimited = map[provider.Class]provider.Limit{
	provider.ClassRead: {PerSecond: 1e6, Burst: 1e6}, provider.ClassSearch: {PerSecond: 1e6, Burst: 1e6}, provider.ClassCreate: {PerSecond: 1e6, Burst: 1e6},
}

// exercise runs the kit past a witness. Whether the adapter passes is its own test's
// business; here every case is one more reason to send something.
func exercise(t *testing.T, h providertest.Harness) {
	t.Log(providertest.Check(t.Context(), h))
}

// telnyxOperations are all that the adapter can send.
var telnyxOperations = []string{
	"GET /available_phone_numbers",
	"POST /number_reservations", "GET /number_reservations", "GET /number_reservations/{number_reservation_id}",
	"POST /number_orders", "GET /number_orders", "GET /number_orders/{number_order_id}",
	"GET /sub_number_orders", "PATCH /sub_number_orders/{sub_number_order_id}/cancel",
	"GET /phone_numbers", "PATCH /phone_numbers/{id}",
	"GET /phone_numbers/{id}/voice", "PATCH /phone_numbers/{id}/voice", "POST /phone_numbers/{id}/actions/enable_emergency",
	"POST /phone_numbers/jobs/update_phone_numbers", "POST /phone_numbers/jobs/delete_phone_numbers", "GET /phone_numbers/jobs", "GET /phone_numbers/jobs/{id}",
	"GET /number_lookup/{phone_number}",
	"POST /addresses/actions/validate", "POST /addresses", "GET /addresses", "GET /addresses/{id}",
	"POST /dynamic_emergency_addresses", "GET /dynamic_emergency_addresses", "GET /dynamic_emergency_addresses/{id}",
	"POST /dynamic_emergency_endpoints", "GET /dynamic_emergency_endpoints", "GET /dynamic_emergency_endpoints/{id}", "DELETE /dynamic_emergency_endpoints/{id}",
	"POST /portability_checks",
	"POST /porting_orders", "GET /porting_orders", "GET /porting_orders/{id}", "PATCH /porting_orders/{id}", "DELETE /porting_orders/{id}",
	"POST /porting_orders/{id}/actions/confirm", "POST /porting_orders/{id}/actions/cancel",
	"GET /porting_orders/{id}/allowed_foc_windows", "GET /porting_orders/{id}/requirements",
	"GET /porting_orders/{id}/comments", "POST /porting_orders/{id}/comments",
	"GET /porting_orders/{id}/additional_documents", "POST /porting_orders/{id}/additional_documents",
	"GET /porting_phone_numbers",
	"POST /documents", "GET /documents", "GET /documents/{id}",
	"GET /portouts", "PATCH /portouts/{id}/{status}",
}

const madeUpWord = "no document has this word: the kit makes the carrier say one that nobody knows (UnknownStatus), so that the next new word is data and no error"

var telnyxDeviations = []Deviation{
	{"GET /addresses", "request", "filter[customer_reference][eq]",
		"this document has the filters of another list there: developers.telnyx.com, List all addresses, and the document of 2026-07-16 have customer_reference with eq and contains"},
	{"GET /porting_phone_numbers", "request", "filter[porting_order_id]",
		"the document names it itself: meta.phone_numbers_url of a porting order is /v2/porting_phone_numbers?filter[porting_order_id]=...; the adapter compares the order of every entry"},
	{"GET /available_phone_numbers", "request", "features.: array items must be set with indexes",
		"OpenAPI does not say how an array is written in a deepObject: developers.telnyx.com, Advanced Number Search, writes filter[features][]=sms"},
	{"POST /number_orders", "answer", `/data/status: value is not one of the allowed values ["pending","success","failure"]`, madeUpWord},
	{"POST /number_orders", "answer", `/data/phone_numbers/0/status: value is not one of the allowed values ["pending","success","failure"]`, madeUpWord},
	{"GET /number_orders/{number_order_id}", "answer", `/data/status: value is not one of the allowed values ["pending","success","failure"]`, madeUpWord},
	{"GET /number_orders/{number_order_id}", "answer", `/data/phone_numbers/0/status: value is not one of the allowed values ["pending","success","failure"]`, madeUpWord},
	{"GET /phone_numbers", "answer", `/data/0/status: value is not one of the allowed values ["purchase-pending",`, madeUpWord},
}

// telnyxAccount is an account at the fake behind a witness.
func telnyxAccount(t testing.TB, w *Witness) (providertest.World, *telnyxtest.Server, *telnyx.Carrier) {
	stage := sandboxtest.New(t, telnyxtest.Engine(sandbox.Config{}))
	fake := telnyxtest.New(stage.Carrier, telnyxtest.Config{Key: "KEY0", Now: stage.Now})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	p, err := telnyx.New(telnyx.Config{Key: secret.New("KEY0"), Base: srv.URL, Now: stage.Now, Rates: unlimited, Transport: w,
		WebhookKeys: []string{fake.PublicKey()}, Horizon: stage.Carrier.Capabilities().Traits.Horizon,
		Connection: "1293384261075731499", MessagingProfile: "abc85f64-5717-4562-b3fc-2c9600000000", BillingGroup: "86f58db9-0fe3-4adc-9d1f-46e66e6e9323",
		PortWebhook: "https://example.com/hook"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	world := stage.World(p)
	world.Unauthorize = func() { fake.Refuse(true) }
	reject := world.RejectPort
	world.RejectPort = func(r provider.Ref) { reject(fake.Ref(r)) }
	world.Hook = func() provider.Webhook {
		return fake.Webhook(provider.CapOrders, "12ade33a-21c0-473b-b055-b3c836e1c292", "K1")
	}
	world.UnknownHook = func() provider.Webhook { return fake.Webhook("", "1", "K1") }
	world.Keyless, err = telnyx.New(telnyx.Config{Key: secret.New("KEY0"), Now: stage.Now})
	require.NoError(t, err)
	return world, fake, p
}

func TestTelnyx(t *testing.T) {
	w := &Witness{Documents: Load(t, "telnyx/spec3-2025-08-14.json"), Next: http.DefaultTransport}
	exercise(t, providertest.Harness{New: func(t testing.TB) providertest.World {
		world, _, _ := telnyxAccount(t, w)
		return world
	}})
	besides(t, w)
	w.Judge(t, telnyxOperations, telnyxDeviations)
}

// besides is what the kit has no reason to send.
func besides(t *testing.T, w *Witness) {
	ctx := t.Context()
	world, _, p := telnyxAccount(t, w)

	n := func(err error) { require.NoError(t, err) }

	// Every filter of a search.
	_, err := p.Search(ctx, provider.SearchRequest{State: "AR", City: "LITTLE ROCK", RateCenter: "LITTLEROCK", Options: provider.Options{
		telnyx.OptFeatures: "sms,voice", telnyx.OptQuickship: "true", telnyx.OptReservable: "true", telnyx.OptExcludeHeld: "true", telnyx.OptBestEffort: "true"}})
	n(err)
	found, err := p.Search(ctx, world.Search)
	n(err)
	mine := found.Items[0].Number
	_, err = p.Place(ctx, provider.OrderRequest{Key: "B1", Lines: []provider.OrderLine{{Number: mine}}})
	n(err)
	world.Advance(time.Hour)

	e, err := p.SetEndpoint(ctx, provider.EndpointRequest{Key: "E1", Label: "laptop", Address: world.Addresses.Good, CallerName: "RIVER BAKERY", Callback: mine})
	n(err)
	_, err = p.TrackEndpoint(ctx, provider.Trace{Key: "E1", Ref: e.Endpoint.Ref})
	n(err)

	// A port with a document that has no place of its own, and everything that can be
	// filled in; a draft that is deleted.
	invoice, csr := world.Document(), world.Document()
	invoice.Kind, csr.Kind = "invoice", "csr"
	letter, err := p.UploadDocument(ctx, "D1", world.Document())
	n(err)
	bill, err := p.UploadDocument(ctx, "D2", invoice)
	n(err)
	record, err := p.UploadDocument(ctx, "D3", csr)
	n(err)
	r := world.Port("P1", world.Elsewhere.One[:2])
	r.Documents = []provider.Ref{letter.Ref, bill.Ref, record.Ref}
	r.Partial, r.NewBTN = true, world.Elsewhere.One[2]
	r.Options = provider.Options{telnyx.OptTaxID: "12-3456789", telnyx.OptBusinessID: "B1", telnyx.OptMessaging: "true", telnyx.OptRemaining: "keep",
		telnyx.OptEmergencyAddress: "1315261609962112019"}
	ports, err := p.OpenPort(ctx, r)
	n(err)
	_, err = p.CancelPort(ctx, "C1", ports[0].Ref, nil)
	n(err)
	_, err = p.TrackHold(ctx, provider.Trace{Numbers: []nanp.Number{mine}})
	n(err)
}
