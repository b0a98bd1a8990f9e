package twilio

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

func porting(ns ...nanp.Number) provider.PortRequest {
	r := provider.PortRequest{
		Key: "P1", Account: secret.New("A-17"), BTN: one, Authorized: secret.New("Ann Example"), Name: secret.New("Acme"), Email: secret.New("ann@acme.example"),
		Service: tower, Desired: provider.Date{Year: 2026, Month: 12, Day: 8}, Documents: []provider.Ref{rd1},
		Options: provider.Options{"target_port_in_time_range_start": "10:00:00-05:00"},
	}
	for _, n := range ns {
		r.Lines = append(r.Lines, provider.PortLine{Number: n})
	}
	return r
}

func request(kw, status string, numbers ...any) obj {
	return obj{"port_in_request_sid": kw, "port_in_request_status": status, "target_port_in_date": "2026-12-08", "date_created": "2026-11-24T12:00:01Z", "phone_numbers": numbers}
}

func portNo(pu string, n nanp.Number, status string, more ...any) obj {
	o := obj{"port_in_phone_number_sid": pu, "phone_number": n.String(), "port_in_phone_number_status": status, "portable": true, "not_portability_reason_code": 0}
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

func TestOpenPort(t *testing.T) {
	w := dial(t)
	w.answer("POST", port+"/PortIn", 202, request(kw1, "pending", portNo(pu1, one, "In Review"), portNo(pu2, two, "in_review")))
	r := porting(one, two)
	r.Lines[1].PIN = secret.New("1234")
	orders, err := w.caps.Ports.OpenPort(ctxOf(t), r)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	o := orders[0]
	require.Equal(t, provider.Ref(kw1), o.Ref)
	require.Equal(t, provider.Key("P1"), o.Key)
	require.Equal(t, provider.PortChecking, o.State)
	require.Equal(t, provider.Date{Year: 2026, Month: 12, Day: 8}, o.Requested)
	require.Equal(t, provider.PortChecking, o.Items[1].State)
	require.JSONEq(t, `{"account_sid":"`+acc+`","documents":["`+rd1+`"],"losing_carrier_information":{"customer_type":"Business","customer_name":"Acme",
		"account_number":"A-17","account_telephone_number":"+15015550101","authorized_representative":"Ann Example","authorized_representative_email":"ann@acme.example",
		"address":{"street":"350 FIFTH AVE","street_2":"FL 21","city":"NEW YORK","state":"NY","zip":"10118","country":"US"}},
		"phone_numbers":[{"phone_number":"+15015550101"},{"phone_number":"+15015550102","pin":"1234"}],
		"target_port_in_date":"2026-12-08","target_port_in_time_range_start":"10:00:00-05:00"}`, w.sent[0])

	r.Residential = true
	_, err = w.caps.Ports.OpenPort(ctxOf(t), r)
	require.NoError(t, err)
	require.Contains(t, w.sent[1], `"customer_type":"Individual"`)
}

func TestOpenPortFails(t *testing.T) {
	w := dial(t)
	for what, v := range map[string]any{
		"another number": request(kw1, "pending", portNo(pu1, two, "In Review")), "one number less": request(kw1, "pending"), "no reference": request("", "pending", portNo(pu1, one, "In Review")),
	} {
		w.answer("POST", port+"/PortIn", 202, v)
		_, err := w.caps.Ports.OpenPort(ctxOf(t), porting(one))
		require.ErrorIs(t, err, provider.Internal, what)
		require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err), what)
	}
	w.answer("POST", port+"/PortIn", 202, "{")
	_, err := w.caps.Ports.OpenPort(ctxOf(t), porting(one))
	fails(t, err, provider.Internal, provider.Applied)
	w.answer("POST", port+"/PortIn", 0, nil)
	_, err = w.caps.Ports.OpenPort(ctxOf(t), porting(one))
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	w.answer("POST", port+"/PortIn", 400, obj{"code": 22137, "message": "x", "httpStatusCode": 400})
	_, err = w.caps.Ports.OpenPort(ctxOf(t), porting(one))
	fails(t, err, provider.Conflict, provider.NotApplied)
}

func TestOpenPortRefuses(t *testing.T) {
	w := dial(t)
	for what, spoil := range map[string]func(*provider.PortRequest){
		"no key": func(r *provider.PortRequest) { r.Key = "" }, "no lines": func(r *provider.PortRequest) { r.Lines = nil },
		"no name": func(r *provider.PortRequest) { r.Name = secret.String{} }, "no signer": func(r *provider.PortRequest) { r.Authorized = secret.String{} },
		"no mail": func(r *provider.PortRequest) { r.Email = secret.String{} }, "no bill": func(r *provider.PortRequest) { r.Documents = nil },
		"another bill": func(r *provider.PortRequest) { r.Documents = []provider.Ref{"loa-1"} }, "no address": func(r *provider.PortRequest) { r.Service.City = "" },
		"unknown option": func(r *provider.PortRequest) { r.Options = provider.Options{"x": "1"} }, "bad time": func(r *provider.PortRequest) { r.Options["target_port_in_time_range_start"] = "10 am" },
		"1001 numbers": func(r *provider.PortRequest) {
			n := nanp.MustParse("501-555-0100")
			for range 1000 {
				n, _ = n.Next()
				if n != one {
					r.Lines = append(r.Lines, provider.PortLine{Number: n})
				}
			}
			r.Lines = append(r.Lines, provider.PortLine{Number: nanp.MustParse("502-555-0101")})
		},
	} {
		r := porting(one)
		spoil(&r)
		_, err := w.caps.Ports.OpenPort(ctxOf(t), r)
		require.ErrorIs(t, err, provider.Invalid, what)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), what)
		require.NotContains(t, err.Error(), "Ann")
	}
	for _, n := range []nanp.Number{free, nanp.MustParse("416-555-0101")} {
		_, err := w.caps.Ports.OpenPort(ctxOf(t), porting(n))
		fails(t, err, provider.Unsupported, provider.NotApplied)
	}
	require.Zero(t, w.mock.GetTotalCallCount())
}

// Each documented word, however it is written.
func TestPortWords(t *testing.T) {
	for raw, state := range map[string]provider.PortState{
		"In Review": provider.PortChecking, "in_review": provider.PortChecking, "In review": provider.PortChecking, "pending": provider.PortChecking,
		"Waiting for Signature": provider.PortNeedsSignature, "In Progress": provider.PortSubmitted, "In progress": provider.PortSubmitted, "in-progress": provider.PortSubmitted,
		"Action Required": provider.PortRejected, "Completed": provider.PortDone, "Expired": provider.PortExpired, "Canceled": provider.PortCancelled, "Paused": provider.PortUnclear, "": provider.PortUnclear,
	} {
		require.Equal(t, state, requestStates[word(raw)], raw)
	}
	for raw, state := range map[string]provider.PortState{
		"in_review": provider.PortChecking, "waiting_for_signature": provider.PortNeedsSignature, "port_submitted": provider.PortSubmitted, "port_pending": provider.PortAcknowledged,
		"port_rejected": provider.PortRejected, "canceling": provider.PortCancelAsked, "canceled": provider.PortCancelled, "completed": provider.PortDone, "lost": provider.PortUnclear,
	} {
		require.Equal(t, state, numberPortStates[word(raw)], raw)
	}
}

func (w *wire) submit() provider.PortOrder {
	o, err := w.caps.Ports.SubmitPort(ctxOf(w.T), "P2", kw1)
	require.NoError(w, err)
	return o
}

func TestPortTellsDatesAndReasons(t *testing.T) {
	w := dial(t)
	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "In Progress", portNo(pu1, one, "port_pending", "port_date", "2026-12-09T17:30:00Z"), portNo(pu2, two, "port_pending")))
	o := w.submit()
	foc := time.Date(2026, 12, 9, 17, 30, 0, 0, time.UTC)
	require.Equal(t, foc, o.FOC)
	require.Equal(t, provider.PortFOC, o.Items[0].State)
	require.Equal(t, provider.PortAcknowledged, o.Items[1].State, "accepted, and no date stands")

	for carrier, code := range map[string]string{
		"INVALID_PIN": "pin_invalid", "INVALID_ADDRESS": "address_mismatch", "INVALID_END_USER_NAME": "name_mismatch", "INVALID_ACCOUNT_NUMBER": "account_number_invalid",
		"PHONE_NUMBER_INACTIVE_OR_DISCONNECTED": "number_not_active", "PHONE_NUMBER_WITH_CARRIER_RESTRICTION": "number_not_portable", "CONTACT_SUPPORT_REQUIRED": "", "MOON_PHASE": "",
	} {
		w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "Action Required", portNo(pu1, one, "port_rejected", "rejection_reason", carrier), portNo(pu2, two, "port_rejected", "rejection_reason", carrier)))
		o = w.submit()
		require.Equal(t, provider.PortRejected, o.State)
		require.Len(t, o.Reasons, 1, "the same reason once")
		require.Equal(t, code, o.Reasons[0].Code, carrier)
		require.Equal(t, carrier, o.Reasons[0].Carrier)
	}
	for code, ours := range map[string]string{"22133": "rate_center_unsupported", "22131": "internal_port", "22137": "pending_order", "99": ""} {
		w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "Action Required", portNo(pu1, one, "port_rejected", "portable", false, "not_portability_reason_code", code)))
		require.Equal(t, provider.Rejection{Code: ours, Carrier: code, Text: meanings[code].text}, w.submit().Reasons[0])
	}
	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "Action Required", portNo(pu1, one, "port_rejected", "rejection_reason", "call Ann at 1 Secret Street"), portNo(pu2, two, "x", "rejection_reason_code", 17)))
	require.Equal(t, []provider.Rejection{{Carrier: "other"}, {Carrier: "17"}}, w.submit().Reasons, "free text is not passed on")

	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "Waiting for Signature"))
	require.Equal(t, "signature", w.submit().Needs[0].Kind)
	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw2, "Completed"))
	_, err := w.caps.Ports.SubmitPort(ctxOf(t), "P2", kw1)
	fails(t, err, provider.Internal, provider.NotApplied)
	_, err = w.caps.Ports.SubmitPort(ctxOf(t), "P2", "x")
	fails(t, err, provider.Invalid, provider.NotApplied)
}

// Twilio's list names no numbers: each request that may be it is read.
func TestTrackPortByNumbers(t *testing.T) {
	w := dial(t)
	w.mock.RegisterResponder("GET", port+"/PortIn/PortInRequests", func(r *http.Request) (*http.Response, error) {
		require.Equal(t, "2026-11-23", r.URL.Query().Get("CreatedAfter"))
		if r.URL.Query().Get("Token") == "" {
			return httpmock.NewJsonResponse(200, obj{"port_in_requests": []any{obj{"port_in_request_sid": kw2, "phone_numbers_requested": 2}}, "meta": obj{"next_token": kw1}})
		}
		return httpmock.NewJsonResponse(200, obj{"port_in_requests": []any{obj{"port_in_request_sid": kw1, "phone_numbers_requested": 1}}, "meta": obj{"next_token": nil}})
	})
	trace := provider.Trace{Key: "P1", Numbers: []nanp.Number{one}, Since: noon}
	track := func() provider.Finding[[]provider.PortOrder] {
		f, err := w.caps.Ports.TrackPort(ctxOf(t), trace)
		require.NoError(t, err)
		return f
	}
	w.answer("GET", port+"/PortIn/"+kw2, 200, request(kw2, "In Review", portNo(pu1, two, "in_review"), portNo(pu2, free, "in_review")))
	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "In Review", portNo(pu1, one, "in_review")))
	f := track()
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.Key("P1"), f.Value[0].Key)
	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "In Review", portNo(pu1, two, "in_review")))
	require.Equal(t, provider.Absent, track().Verdict)
	old := request(kw1, "Canceled", portNo(pu1, one, "canceled"))
	old["date_created"] = "2026-11-24T11:00:00Z"
	w.answer("GET", port+"/PortIn/"+kw1, 200, old)
	require.Equal(t, provider.Absent, track().Verdict, "one that was made before")
	old["date_created"] = "2026-11-24T11:55:00Z"
	w.answer("GET", port+"/PortIn/"+kw1, 200, old)
	require.Equal(t, provider.CannotTell, track().Verdict, "one that has ended, and was made before unless clocks differ")
	for _, doubtful := range []obj{request(kw1, "In Review"), request(kw1, "In Review", portNo(pu1, one, "in_review"), portNo(pu2, two, "in_review"))} {
		w.answer("GET", port+"/PortIn/"+kw1, 200, doubtful)
		require.Equal(t, provider.CannotTell, track().Verdict, "one that may be ours is not absent")
	}

	w.answer("GET", port+"/PortIn/PortInRequests", 200, obj{"port_in_requests": []any{obj{"port_in_request_sid": kw1}, obj{"port_in_request_sid": kw2}}, "meta": obj{}})
	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "In Review", portNo(pu1, one, "in_review")))
	w.answer("GET", port+"/PortIn/"+kw2, 200, request(kw2, "In Review", portNo(pu1, one, "in_review")))
	require.Equal(t, provider.CannotTell, track().Verdict, "two requests have the number")
	w.answer("GET", port+"/PortIn/"+kw2, 403, fault(403, 20008))
	_, err := w.caps.Ports.TrackPort(ctxOf(t), trace)
	fails(t, err, provider.Forbidden, provider.NotApplied)
	w.answer("GET", port+"/PortIn/PortInRequests", 200, obj{"meta": obj{"next_token": "again"}})
	_, err = w.caps.Ports.TrackPort(ctxOf(t), trace)
	fails(t, err, provider.Internal, provider.NotApplied)
	w.answer("GET", port+"/PortIn/PortInRequests", 403, fault(403, 20008))
	_, err = w.caps.Ports.TrackPort(ctxOf(t), trace)
	fails(t, err, provider.Forbidden, provider.NotApplied)
	trace.Numbers = nil
	require.Equal(t, provider.CannotTell, track().Verdict)
}

func TestTrackPortByReference(t *testing.T) {
	w := dial(t)
	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "In Progress"))
	f, err := w.caps.Ports.TrackPort(ctxOf(t), provider.Trace{Key: "P1", Ref: kw1, Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, []provider.PortItem{{Number: one}}, f.Value[0].Items, "nothing is said about the number")
	w.answer("GET", port+"/PortIn/"+kw1, 404, fault(404, 20404))
	f, err = w.caps.Ports.TrackPort(ctxOf(t), provider.Trace{Ref: kw1})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict)
	w.answer("GET", port+"/PortIn/"+kw1, 403, fault(403, 20008))
	_, err = w.caps.Ports.TrackPort(ctxOf(t), provider.Trace{Ref: kw1})
	fails(t, err, provider.Forbidden, provider.NotApplied)
	_, err = w.caps.Ports.TrackPort(ctxOf(t), provider.Trace{Ref: "x"})
	fails(t, err, provider.Invalid, provider.NotApplied)
}

func TestCancelPort(t *testing.T) {
	w := dial(t)
	w.answer("GET", port+"/PortIn/"+kw1, 200, request(kw1, "Canceled", portNo(pu1, one, "canceled"), portNo(pu2, two, "canceling")))
	w.answer("DELETE", port+"/PortIn/"+kw1, 204, "")
	o, err := w.caps.Ports.CancelPort(ctxOf(t), "C1", kw1, nil)
	require.NoError(t, err)
	require.Equal(t, provider.PortCancelled, o.State)
	w.answer("DELETE", port+"/PortIn/"+kw1+"/PhoneNumber/"+pu2, 204, "")
	o, err = w.caps.Ports.CancelPort(ctxOf(t), "C1", kw1, []nanp.Number{two})
	require.NoError(t, err)
	require.Equal(t, provider.PortCancelAsked, o.Items[1].State)
	require.Equal(t, 2, w.calls("DELETE"))
	w.answer("DELETE", port+"/PortIn/"+kw1+"/PhoneNumber/"+pu1, 400, fault(400, 20001))
	_, err = w.caps.Ports.CancelPort(ctxOf(t), "C1", kw1, []nanp.Number{one})
	fails(t, err, provider.Invalid, provider.NotApplied)
	_, err = w.caps.Ports.CancelPort(ctxOf(t), "C1", kw1, []nanp.Number{two, one})
	fails(t, err, provider.Invalid, provider.OutcomeUnknown)
	_, err = w.caps.Ports.CancelPort(ctxOf(t), "C1", kw1, []nanp.Number{free})
	fails(t, err, provider.NotFound, provider.NotApplied)
	_, err = w.caps.Ports.CancelPort(ctxOf(t), "C1", kw1, []nanp.Number{one, one})
	fails(t, err, provider.Invalid, provider.NotApplied)
	_, err = w.caps.Ports.CancelPort(ctxOf(t), "C1", "x", nil)
	fails(t, err, provider.Invalid, provider.NotApplied)
	reads := 0
	w.mock.RegisterResponder("GET", port+"/PortIn/"+kw1, func(*http.Request) (*http.Response, error) {
		if reads++; reads > 1 {
			return httpmock.NewJsonResponse(403, fault(403, 20008))
		}
		return httpmock.NewJsonResponse(200, request(kw1, "In Progress"))
	})
	_, err = w.caps.Ports.CancelPort(ctxOf(t), "C1", kw1, nil)
	fails(t, err, provider.Forbidden, provider.OutcomeUnknown) // it was asked for
	w.answer("GET", port+"/PortIn/"+kw1, 404, fault(404, 20404))
	_, err = w.caps.Ports.CancelPort(ctxOf(t), "C1", kw1, nil)
	fails(t, err, provider.NotFound, provider.NotApplied)
}

func TestCheckPort(t *testing.T) {
	w := dial(t)
	at := port + "/Portability/PhoneNumber/"
	w.answer("GET", at+one.String(), 200, obj{"phone_number": one.String(), "portable": true, "pin_and_account_number_required": true, "number_type": "MOBILE"})
	w.answer("GET", at+free.String(), 200, obj{"phone_number": free.String(), "portable": false, "not_portable_reason": "MANUAL_PORTING_AVAILABLE", "not_portable_reason_code": 22133, "number_type": "TOLL-FREE"})
	got, err := w.caps.PortCheck.CheckPort(ctxOf(t), []nanp.Number{one, free})
	require.NoError(t, err)
	require.Equal(t, []provider.PortCheck{
		{Number: one, Portable: true, NeedsPIN: true, Line: provider.LineWireless, Said: provider.Said{By: "twilio", Raw: "portable", Request: "RQ1", At: noon}},
		{Number: free, Reason: "MANUAL_PORTING_AVAILABLE", Line: provider.LineTollFree, Said: provider.Said{By: "twilio", Raw: "not portable 22133", Request: "RQ1", At: noon}},
	}, got)
	w.answer("GET", at+one.String(), 200, obj{"phone_number": two.String(), "portable": true})
	_, err = w.caps.PortCheck.CheckPort(ctxOf(t), []nanp.Number{one})
	fails(t, err, provider.Internal, provider.NotApplied)
	w.answer("GET", at+one.String(), 400, obj{"code": 22102, "httpStatusCode": 400})
	_, err = w.caps.PortCheck.CheckPort(ctxOf(t), []nanp.Number{one})
	fails(t, err, provider.Invalid, provider.NotApplied)
	_, err = w.caps.PortCheck.CheckPort(ctxOf(t), nil)
	fails(t, err, provider.Invalid, provider.NotApplied)
}

func TestUploadDocument(t *testing.T) {
	w := dial(t)
	const at = "https://numbers-upload.twilio.com/v1/Documents"
	pdf := []byte("%PDF-1.4 a bill")
	d := provider.Document{Kind: "invoice", MediaType: "application/pdf", Size: int64(len(pdf)), SHA256: sha256.Sum256(pdf), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(pdf)), nil }}
	w.mock.RegisterResponder("POST", at, func(r *http.Request) (*http.Response, error) {
		_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		require.NoError(t, err)
		f, err := multipart.NewReader(r.Body, params["boundary"]).ReadForm(1 << 20)
		require.NoError(t, err)
		require.Equal(t, map[string][]string{"document_type": {"utility_bill"}, "friendly_name": {"D1"}}, f.Value)
		require.Equal(t, "bill.pdf", f.File["File"][0].Filename)
		require.Equal(t, "application/pdf", f.File["File"][0].Header.Get("Content-Type"))
		return httpmock.NewJsonResponse(201, obj{"sid": rd1})
	})
	up, err := w.caps.PortDocs.UploadDocument(ctxOf(t), "D1", d)
	require.NoError(t, err)
	require.Equal(t, provider.Ref(rd1), up.Ref)
	for _, v := range []any{obj{"sid": "x"}, "{"} {
		w.answer("POST", at, 201, v)
		_, err = w.caps.PortDocs.UploadDocument(ctxOf(t), "D1", d)
		require.ErrorIs(t, err, provider.Internal)
		require.NotEqual(t, provider.NotApplied, provider.OutcomeOf(err))
	}
	w.answer("POST", at, 0, nil)
	_, err = w.caps.PortDocs.UploadDocument(ctxOf(t), "D1", d)
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)

	broken := d
	broken.Open = func() (io.ReadCloser, error) { return nil, os.ErrNotExist }
	_, err = w.caps.PortDocs.UploadDocument(ctxOf(t), "D1", broken)
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
	loa, big, odd, none, short, other := d, d, d, d, d, d
	loa.Kind, big.Size, odd.MediaType, none.Open, short.Size, other.SHA256 = "loa", 10<<20+1, "text/html", nil, d.Size-1, sha256.Sum256(nil)
	_, err = w.caps.PortDocs.UploadDocument(ctxOf(t), "D1", loa)
	fails(t, err, provider.Unsupported, provider.NotApplied)
	for _, d := range []provider.Document{big, odd, none, short, other} {
		_, err = w.caps.PortDocs.UploadDocument(ctxOf(t), "D1", d)
		fails(t, err, provider.Invalid, provider.NotApplied)
	}
	_, err = w.caps.PortDocs.UploadDocument(ctxOf(t), "", d)
	require.True(t, errors.Is(err, provider.Invalid))
}

func TestLoose(t *testing.T) {
	for raw, want := range map[string]loose{`"a"`: "a", `7`: "7", `-7.5`: "-7.5", `null`: "", `{}`: "", `[1]`: "", `true`: ""} {
		var l loose
		require.NoError(t, json.Unmarshal([]byte(raw), &l))
		require.Equal(t, want, l, raw)
	}
}
