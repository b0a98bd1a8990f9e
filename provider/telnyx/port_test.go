package telnyx_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/secret"
)

func TestPortBodies(t *testing.T) {
	ctx := context.Background()
	m := mock(t, func(c *telnyx.Config) { c.Connection, c.PortWebhook = "c1", "https://example.com/hook" })
	draft := `{"id":"p1","customer_reference":"K1","status":{"value":"draft"},"parent_support_key":"pr_1"}`
	m.on("GET", "/porting_orders", 200, `{"data":[]}`)
	m.on("POST", "/porting_orders", 201, `{"data":[`+draft+`]}`)
	m.on("GET", "/porting_orders/p1", 200, `{"data":`+draft+`}`)
	m.on("PATCH", "/porting_orders/p1", 200, `{"data":{"id":"p1","customer_reference":"K1","status":{"value":"draft"},"activation_settings":{"foc_datetime_requested":"2026-12-08T15:00:00Z"},"end_user":{"admin":{"entity_name":"x"}}}}`)
	m.on("GET", "/porting_orders/p1/allowed_foc_windows", 200, `{"data":[{"started_at":"2026-12-07T15:00:00Z","ended_at":"2026-12-07T23:00:00Z"},{"start_time":"2026-12-08T15:00:00Z","end_time":"2026-12-08T23:00:00Z"}]}`)
	m.on("GET", "/porting_phone_numbers", 200, `{"data":[{"phone_number":"15015550101","porting_order_id":"p1"},{"phone_number":"15015550102","porting_order_id":"other"}]}`)
	m.on("GET", "/porting_orders/p1/requirements", 200, `{"data":[{"field_type":"document","requirement_status":"requirement-info-pending","requirement_type":{"id":"q1","name":"Latest invoice"}},{"requirement_status":"approved"}]}`)
	m.on("GET", "/porting_orders/p1/additional_documents", 200, `{"data":[]}`)
	m.on("POST", "/porting_orders/p1/additional_documents", 201, `{"data":[]}`)
	for id, name := range map[string]string{"d1": "loa.pdf", "d2": "invoice.pdf", "d3": "csr.png", "d4": "holiday.jpg"} {
		m.on("GET", "/documents/"+id, 200, `{"data":{"id":"`+id+`","filename":"`+name+`"}}`)
	}
	req := provider.PortRequest{
		Key: "K1", Lines: []provider.PortLine{{Number: one, PIN: secret.New("4321")}}, Account: secret.New("A1"), BTN: one, NewBTN: two, Partial: true,
		Authorized: secret.New("Ann Example"), Name: secret.New("Acme"), Service: tower, Desired: provider.Date{Year: 2026, Month: 12, Day: 8}, Zone: "America/New_York",
		Documents: []provider.Ref{"d1", "d2", "d3"}, Options: provider.Options{telnyx.OptMessaging: "true", telnyx.OptTaxID: "T"},
	}
	ports, err := m.OpenPort(ctx, req)
	require.NoError(t, err)
	require.Len(t, ports, 1)
	require.Equal(t, provider.Date{Year: 2026, Month: 12, Day: 8}, ports[0].Requested)
	require.Equal(t, []provider.Requirement{{ID: "q1", Name: "Latest invoice", Kind: "document"}}, ports[0].Needs)
	require.Len(t, ports[0].Items, 1, "a number of another order is not in this one")
	m.body("POST /porting_orders", `{"phone_numbers":["+15015550101"],"customer_reference":"K1"}`)
	m.body("PATCH /porting_orders/p1", `{"misc":{"type":"partial","remaining_numbers_action":"keep","new_billing_phone_number":"+15015550102"},
		"end_user":{"admin":{"entity_name":"Acme","auth_person_name":"Ann Example","billing_phone_number":"+15015550101","account_number":"A1","pin_passcode":"4321","tax_identifier":"T"},
		"location":{"street_address":"350 FIFTH AVE","extended_address":"FL 21","locality":"NEW YORK","administrative_area":"NY","postal_code":"10118","country_code":"US"}},
		"documents":{"loa":"d1","invoice":"d2"},"activation_settings":{"foc_datetime_requested":"2026-12-08T15:00:00Z"},
		"phone_number_configuration":{"connection_id":"c1"},"webhook_url":"https://example.com/hook","messaging":{"enable_messaging":true}}`)
	m.body("POST /porting_orders/p1/additional_documents", `{"additional_documents":[{"document_id":"d3","document_type":"csr"}]}`)

	// Begun again with the same key: the draft is not made twice.
	m.on("GET", "/porting_orders", 200, `{"data":[`+draft+`]}`)
	_, err = m.OpenPort(ctx, req)
	require.NoError(t, err)
	require.Equal(t, 1, m.calls("POST "+base+"/porting_orders"))
	require.Equal(t, 2, m.calls("PATCH "+base+"/porting_orders/p1"))

	// Without a window on the day it gets no date, and is not submitted.
	req.Desired.Day = 25
	req.Documents = []provider.Ref{"d4"}
	_, err = m.AmendPort(ctx, "K2", "p1", req)
	require.NoError(t, err)
	require.NotContains(t, m.sent["PATCH /porting_orders/p1"][2], "foc_datetime_requested")
	require.Contains(t, m.sent["POST /porting_orders/p1/additional_documents"][2], `"other"`)
	_, err = m.SubmitPort(ctx, "K3", "p1")
	require.ErrorIs(t, err, provider.Precondition)
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))

	// A filling that is refused leaves the drafts: nobody may say that nothing happened.
	m.on("PATCH", "/porting_orders/p1", 422, ``)
	ports, err = m.OpenPort(ctx, req)
	require.ErrorIs(t, err, provider.Invalid)
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err))
	require.Len(t, ports, 1)
	require.Equal(t, "end_user", ports[0].Needs[0].ID, "an empty draft says so")

	m.on("GET", "/documents/d1", 404, errorBody("10005", ""))
	req.Documents = []provider.Ref{"d1"}
	_, err = m.AmendPort(ctx, "K4", "p1", req)
	require.ErrorIs(t, err, provider.Precondition, "a document that is gone")
}

func TestPortWords(t *testing.T) {
	for _, c := range []struct {
		word, activation string
		order, number    provider.PortState
	}{
		{"draft", "", provider.PortDraft, provider.PortDraft},
		{"in-process", "", provider.PortChecking, provider.PortChecking},
		{"submitted", "New", provider.PortSubmitted, provider.PortSubmitted},
		{"exception", "", provider.PortRejected, provider.PortRejected},
		{"foc-date-confirmed", "", provider.PortFOC, provider.PortFOC},
		{"foc-date-confirmed", "New", provider.PortFOC, provider.PortFOC},
		{"foc-date-confirmed", "Pending", provider.PortFOC, provider.PortFOC},
		{"foc-date-confirmed", "Concurred", provider.PortFOC, provider.PortFOC},
		{"foc-date-confirmed", "Concurrence Sent", provider.PortFOC, provider.PortFOC},
		{"foc-date-confirmed", "Conflict", provider.PortFOC, provider.PortRejected},
		{"foc-date-confirmed", "Activate RDY", provider.PortFOC, provider.PortActivating},
		{"foc-date-confirmed", "Sending", provider.PortFOC, provider.PortActivating},
		{"foc-date-confirmed", "Active", provider.PortFOC, provider.PortDone},
		{"foc-date-confirmed", "Failed", provider.PortFOC, provider.PortFailed},
		{"foc-date-confirmed", "Cancel Pending", provider.PortFOC, provider.PortCancelAsked},
		{"foc-date-confirmed", "Cancelled", provider.PortFOC, provider.PortCancelled},
		{"foc-date-confirmed", "Old", provider.PortFOC, provider.PortUnclear},
		{"foc-date-confirmed", "Disconnect Pending", provider.PortFOC, provider.PortUnclear},
		{"foc-date-confirmed", "s7", provider.PortFOC, provider.PortUnclear},
		{"ported", "Active", provider.PortDone, provider.PortDone},
		{"cancelled", "", provider.PortCancelled, provider.PortCancelled},
		{"cancel-pending", "", provider.PortCancelAsked, provider.PortCancelAsked},
		{"in_review_2", "", provider.PortUnclear, provider.PortUnclear},
	} {
		m := mock(t)
		m.on("GET", "/porting_orders/p1", 200, `{"data":{"id":"p1","status":{"value":"`+c.word+`","details":[{"code":"AUTH_PERSON_MISMATCH"},{"code":"LOA_ILLEGIBLE"},{"code":"PHONE_NUMBER_HAS_SPECIAL_FEATURE"}]},"activation_settings":{"foc_datetime_actual":"2026-12-08T16:30:00Z"}}}`)
		m.on("GET", "/porting_phone_numbers", 200, `{"data":[{"phone_number":"+15015550101","porting_order_id":"p1","activation_status":"`+c.activation+`"}]}`)
		m.on("GET", "/porting_orders/p1/requirements", 200, `{"data":[]}`)
		f, err := m.TrackPort(context.Background(), provider.Trace{Ref: "p1"})
		require.NoError(t, err)
		o := f.Value[0]
		require.Equal(t, c.order, o.State, "%+v", c)
		require.Equal(t, c.number, o.Items[0].State, "%+v", c)
		require.Equal(t, c.order == provider.PortFOC || c.order == provider.PortDone, !o.FOC.IsZero(), "a date stands only then")
		require.Equal(t, []provider.Rejection{{Code: "authorized_signer_mismatch", Carrier: "AUTH_PERSON_MISMATCH"}, {Carrier: "LOA_ILLEGIBLE"}, {Carrier: "PHONE_NUMBER_HAS_SPECIAL_FEATURE"}}, o.Reasons)
	}
}

// One number in two orders that carry one key: the carrier took the port twice, and
// neither is believed. A cancelled one does not count.
func TestPortOfOneKeyTwice(t *testing.T) {
	m := mock(t)
	m.RegisterResponder("GET", base+"/porting_phone_numbers", func(r *http.Request) (*http.Response, error) {
		id := r.URL.Query().Get("filter[porting_order_id]")
		return httpmock.NewStringResponse(200, `{"data":[{"phone_number":"+15015550101","porting_order_id":"`+id+`"}]}`), nil
	})
	for second, want := range map[string]provider.Verdict{"submitted": provider.CannotTell, "cancelled": provider.Found} {
		m.on("GET", "/porting_orders", 200, `{"data":[{"id":"p1","customer_reference":"K1","status":{"value":"submitted"}},{"id":"p2","customer_reference":"K1","status":{"value":"`+second+`"}}]}`)
		f, err := m.TrackPort(context.Background(), provider.Trace{Key: "K1"})
		require.NoError(t, err)
		require.Equal(t, want, f.Verdict, second)
		require.Equal(t, want == provider.CannotTell, f.Why != "")
	}
}

func TestDocuments(t *testing.T) {
	ctx := context.Background()
	content := []byte("%PDF-1.4 the letter")
	doc := provider.Document{Kind: "loa", MediaType: "application/pdf", Size: int64(len(content)), SHA256: sha256.Sum256(content),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
	m := mock(t)
	m.on("GET", "/documents", 200, `{"data":[]}`)
	m.on("POST", "/documents", 200, `{"data":{"id":"d1","filename":"loa.pdf","status":"pending","created_at":"2026-11-24T12:00:00Z"}}`)
	up, err := m.UploadDocument(ctx, "K1", doc)
	require.NoError(t, err)
	require.Equal(t, noon.Add(30*time.Minute), up.Until)
	require.Contains(t, m.sent["POST /documents"][0], `filename="loa.pdf"`)
	require.Contains(t, m.sent["POST /documents"][0], string(content))

	// The same one again, while it is there, is not uploaded twice.
	m.on("GET", "/documents", 200, fmt.Sprintf(`{"data":[{"id":"d1","filename":"loa.pdf","sha256":"%x","created_at":"2026-11-24T11:45:00Z"}]}`, doc.SHA256))
	up, err = m.UploadDocument(ctx, "K1", doc)
	require.NoError(t, err)
	require.Equal(t, provider.Ref("d1"), up.Ref)
	require.Equal(t, 1, m.calls("POST "+base+"/documents"))
	m.on("GET", "/documents", 200, fmt.Sprintf(`{"data":[{"id":"d1","filename":"loa.pdf","sha256":"%x","created_at":"2026-11-24T11:15:00Z"}]}`, doc.SHA256))
	_, err = m.UploadDocument(ctx, "K1", doc)
	require.NoError(t, err)
	require.Equal(t, 2, m.calls("POST "+base+"/documents"), "the former one has expired")

	// What is not what was announced is not sent, and what came in as something else is no
	// document of ours.
	for _, change := range []func(*provider.Document){
		func(d *provider.Document) { d.Size++ },
		func(d *provider.Document) { d.SHA256[0]++ },
		func(d *provider.Document) {
			d.Open = func() (io.ReadCloser, error) { return nil, errors.New("/home/erika/letter.pdf is gone") }
		},
	} {
		other := doc
		change(&other)
		_, err = m.UploadDocument(ctx, "K2", other)
		require.ErrorIs(t, err, provider.Invalid)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
		require.NotContains(t, err.Error(), "erika")
	}
	require.Equal(t, 2, m.calls("POST "+base+"/documents"))
	m.on("POST", "/documents", 200, `{"data":{"id":"d2","sha256":"00"}}`)
	_, err = m.UploadDocument(ctx, "K3", doc)
	require.Equal(t, provider.Applied, provider.OutcomeOf(err))
	require.Error(t, err)
}
