package twilio

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

const (
	tk1  = "TK00000000000000000000000000000001"
	ap1  = "AP00000000000000000000000000000001"
	url1 = "https://calls.example/in"
)

func TestOwned(t *testing.T) {
	w := dial(t)
	w.account(mine(pn1, one, "K1", "voice_url", "https://x.example", "trunk_sid", tk1))
	o, err := w.caps.Owned.Owned(ctxOf(t), one)
	require.NoError(t, err)
	require.Equal(t, provider.Owned{Number: one, Ref: pn1, Tag: "K1", State: provider.ItemLive, Route: tk1,
		Said: provider.Said{By: "twilio", Raw: "in-use", Request: "RQ1", At: noon}}, o)

	w.account(mine(pn1, one, "K1", "status", "hibernating"))
	o, err = w.caps.Owned.Owned(ctxOf(t), one)
	require.NoError(t, err)
	require.Equal(t, provider.ItemUnclear, o.State)
	require.Equal(t, provider.Raw("hibernating"), o.Said.Raw)

	_, err = w.caps.Owned.Owned(ctxOf(t), two)
	fails(t, err, provider.NotFound, provider.NotApplied)
	_, err = w.caps.Owned.Owned(ctxOf(t), 0)
	fails(t, err, provider.Invalid, provider.NotApplied)
	w.answer("GET", numbersURL, 401, fault(401, 20003))
	_, err = w.caps.Owned.Owned(ctxOf(t), one)
	fails(t, err, provider.Unauthorized, provider.NotApplied)
}

func TestListOwnedWalksThroughPages(t *testing.T) {
	w := dial(t)
	w.mock.RegisterResponder("GET", numbersURL, func(r *http.Request) (*http.Response, error) {
		if r.URL.Query().Get("PageToken") == "PA1" {
			return httpmock.NewJsonResponse(200, obj{"incoming_phone_numbers": []any{mine(pn2, two, "K2")}})
		}
		require.Equal(t, "1", r.URL.Query().Get("PageSize"))
		return httpmock.NewJsonResponse(200, obj{"incoming_phone_numbers": []any{mine(pn1, one, "K1"), obj{"sid": pn1, "phone_number": "+4420"}},
			"next_page_uri": "/2010-04-01/Accounts/" + acc + "/IncomingPhoneNumbers.json?PageSize=1&Page=1&PageToken=PA1"})
	})
	var got []nanp.Number
	for o, err := range provider.All(ctxOf(t), func(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
		p.Limit = 1
		return w.caps.Owned.ListOwned(ctx, p)
	}) {
		require.NoError(t, err)
		got = append(got, o.Number)
	}
	require.Equal(t, []nanp.Number{one, two}, got, "a number of another country is left out")
	_, err := w.caps.Owned.ListOwned(ctxOf(t), provider.Page{Limit: -1})
	fails(t, err, provider.Invalid, provider.NotApplied)
	w.answer("GET", numbersURL, 200, obj{"incoming_phone_numbers": []any{}, "next_page_uri": "https://evil.example/"})
	_, err = w.caps.Owned.ListOwned(ctxOf(t), provider.Page{})
	fails(t, err, provider.Internal, provider.NotApplied)
	w.answer("GET", numbersURL, 404, fault(404, 20404))
	_, err = w.caps.Owned.ListOwned(ctxOf(t), provider.Page{})
	fails(t, err, provider.NotFound, provider.NotApplied)
}

func TestRouteByTheFormOfTheDestination(t *testing.T) {
	for to, body := range map[string]string{
		tk1: "TrunkSid=" + tk1, ap1: "VoiceApplicationSid=" + ap1, url1: "VoiceUrl=https%3A%2F%2Fcalls.example%2Fin",
	} {
		w := dial(t)
		w.account(mine(pn1, one, "K1"))
		shown := mine(pn1, one, "K1")
		shown[map[string]string{tk1: "trunk_sid", ap1: "voice_application_sid", url1: "voice_url"}[to]] = to
		w.answer("POST", base+"/IncomingPhoneNumbers/"+pn1+".json", 200, shown)
		got, err := w.caps.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "R1", Numbers: []nanp.Number{one}, To: to})
		require.NoError(t, err)
		require.Equal(t, to, got[0].Route)
		require.Equal(t, body, w.sent[len(w.sent)-1])
	}
}

func TestRouteRefuses(t *testing.T) {
	w := dial(t)
	for _, to := range []string{"", "trunk-east", "TK1", "http://calls.example/in", "sip:a@b.example", "PN00000000000000000000000000000001"} {
		_, err := w.caps.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "R1", Numbers: []nanp.Number{one}, To: to})
		fails(t, err, provider.Invalid, provider.NotApplied)
	}
	for _, ns := range [][]nanp.Number{nil, {0}, {one, one}} {
		_, err := w.caps.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "R1", Numbers: ns, To: tk1})
		fails(t, err, provider.Invalid, provider.NotApplied)
	}
	w.account(mine(pn1, one, "K1", "trunk_sid", tk1))
	_, err := w.caps.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "R1", Numbers: []nanp.Number{one}, To: url1})
	fails(t, err, provider.Precondition, provider.NotApplied)
	_, err = w.caps.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "R1", Numbers: []nanp.Number{one, two}, To: tk1})
	require.Equal(t, two, fails(t, err, provider.NotYours, provider.NotApplied).Number)
	require.Zero(t, w.calls("POST"))

	w.answer("POST", base+"/IncomingPhoneNumbers/"+pn1+".json", 200, mine(pn1, one, "K1", "trunk_sid", ap1))
	_, err = w.caps.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "R1", Numbers: []nanp.Number{one}, To: tk1})
	fails(t, err, provider.Internal, provider.OutcomeUnknown)
}

// Once a part of a request has been applied, no error says that nothing was.
func TestSeveralNumbersHalfWay(t *testing.T) {
	w := dial(t)
	w.account(mine(pn1, one, "K1"), mine(pn2, two, "K2"))
	w.answer("POST", base+"/IncomingPhoneNumbers/"+pn1+".json", 200, mine(pn1, one, "K1", "trunk_sid", tk1))
	w.answer("POST", base+"/IncomingPhoneNumbers/"+pn2+".json", 400, fault(400, 20001))
	_, err := w.caps.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "R1", Numbers: []nanp.Number{one, two}, To: tk1})
	fails(t, err, provider.Invalid, provider.OutcomeUnknown)
	_, err = w.caps.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "R1", Numbers: []nanp.Number{two}, To: tk1})
	fails(t, err, provider.Invalid, provider.NotApplied)

	w.answer("DELETE", base+"/IncomingPhoneNumbers/"+pn1+".json", 204, "")
	w.answer("DELETE", base+"/IncomingPhoneNumbers/"+pn2+".json", 403, fault(403, 20008))
	_, err = w.caps.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "R1", Numbers: []nanp.Number{one, two}})
	fails(t, err, provider.Forbidden, provider.OutcomeUnknown)
	_, err = w.caps.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "R1", Numbers: []nanp.Number{two}})
	fails(t, err, provider.Forbidden, provider.NotApplied)
}

func TestReturn(t *testing.T) {
	w := dial(t)
	w.account(mine(pn1, one, "K1"))
	w.answer("DELETE", base+"/IncomingPhoneNumbers/"+pn1+".json", 204, "")
	o, err := w.caps.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "R1", Numbers: []nanp.Number{one, two}})
	require.NoError(t, err)
	require.True(t, o.Settled())
	require.Equal(t, provider.ItemGone, o.Items[0].State)
	require.Equal(t, provider.ItemRefused, o.Items[1].State)
	require.ErrorIs(t, o.Items[1].Err, provider.NotYours)

	w.answer("DELETE", base+"/IncomingPhoneNumbers/"+pn1+".json", 404, fault(404, 20404))
	o, err = w.caps.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "R1", Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.ItemGone, o.Items[0].State, "it went meanwhile")

	w.answer("DELETE", base+"/IncomingPhoneNumbers/"+pn1+".json", 0, nil)
	_, err = w.caps.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "R1", Numbers: []nanp.Number{one}})
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	_, err = w.caps.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "R1"})
	fails(t, err, provider.Invalid, provider.NotApplied)
	w.answer("GET", numbersURL, 403, fault(403, 20008))
	_, err = w.caps.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "R1", Numbers: []nanp.Number{one}})
	fails(t, err, provider.Forbidden, provider.NotApplied)
}

func TestTrackReturn(t *testing.T) {
	w := dial(t)
	track := func(since time.Time, ns ...nanp.Number) provider.Finding[provider.Order] {
		f, err := w.caps.Return.TrackReturn(ctxOf(t), provider.Trace{Key: "R1", Numbers: ns, Since: since})
		require.NoError(t, err)
		return f
	}
	w.account(mine(pn1, one, "K1"))
	require.Equal(t, provider.Absent, track(noon, one).Verdict)
	f := track(noon, one, two)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.ItemWaiting, f.Value.Items[0].State, "it may be on its way")
	require.Equal(t, provider.ItemGone, f.Value.Items[1].State)
	w.now = noon.Add(16 * time.Minute)
	f = track(noon, one, two)
	require.Equal(t, provider.ItemRefused, f.Value.Items[0].State, "nothing arrives any more")
	require.ErrorIs(t, f.Value.Items[0].Err, provider.Conflict)
	require.Equal(t, provider.CannotTell, track(noon).Verdict)
	w.answer("GET", numbersURL, 403, fault(403, 20008))
	_, err := w.caps.Return.TrackReturn(ctxOf(t), provider.Trace{Numbers: []nanp.Number{one}})
	require.True(t, errors.Is(err, provider.Forbidden))
}

const lookupURL = "https://lookups.twilio.com/v2/PhoneNumbers/+15015550101"

func TestLookupNumber(t *testing.T) {
	for word, line := range map[string]provider.LineType{
		"landline": provider.LineLandline, "mobile": provider.LineWireless, "fixedVoip": provider.LineVoIP, "nonFixedVoip": provider.LineVoIP, "tollFree": provider.LineTollFree,
		"pager": provider.LinePaging, "personal": 0, "premium": 0, "sharedCost": 0, "uan": 0, "voicemail": 0, "unknown": 0, "quantum": 0,
	} {
		w := dial(t)
		w.answer("GET", lookupURL+"?Fields=line_type_intelligence", 200, obj{"valid": true, "phone_number": "+15015550101",
			"line_type_intelligence": obj{"carrier_name": "Acme", "type": word, "error_code": nil}})
		i, err := w.caps.Lookup.LookupNumber(ctxOf(t), one)
		require.NoError(t, err)
		require.Equal(t, provider.NumberInfo{Number: one, Carrier: "Acme", Line: line, Said: provider.Said{By: "twilio", Raw: provider.Raw(word), Request: "RQ1", At: noon}}, i)
	}
}

func TestLookupName(t *testing.T) {
	for word, kind := range map[string]string{"BUSINESS": "business", "CONSUMER": "consumer", "UNDETERMINED": ""} {
		w := dial(t)
		w.answer("GET", lookupURL+"?Fields=caller_name", 200, obj{"valid": true, "phone_number": "+15015550101", "caller_name": obj{"caller_name": "ACME", "caller_type": word, "error_code": 0}})
		c, err := w.caps.NameLookup.LookupName(ctxOf(t), one)
		require.NoError(t, err)
		require.Equal(t, "ACME", c.Name)
		require.Equal(t, kind, c.Type)
	}
}

func TestLookupFails(t *testing.T) {
	for what, tt := range map[string]struct {
		answer obj
		kind   provider.Kind
		code   string
	}{
		"not a number":   {obj{"valid": false, "validation_errors": []any{"TOO_SHORT"}}, provider.NotFound, ""},
		"another number": {obj{"valid": true, "phone_number": "+15015550102"}, provider.Internal, ""},
		"nothing":        {obj{"valid": true, "phone_number": "+15015550101", "caller_name": nil, "line_type_intelligence": nil}, provider.Internal, ""},
		"a part failed":  {obj{"valid": true, "phone_number": "+15015550101", "caller_name": obj{"error_code": 60600}, "line_type_intelligence": obj{"error_code": 60600}}, provider.Unavailable, "60600"},
		"no permission":  {obj{"valid": true, "phone_number": "+15015550101", "caller_name": obj{"error_code": 60601}, "line_type_intelligence": obj{"error_code": "60601"}}, provider.Forbidden, "60601"},
		"an odd code":    {obj{"valid": true, "phone_number": "+15015550101", "caller_name": obj{"error_code": "secret street"}, "line_type_intelligence": obj{"error_code": "secret street"}}, provider.Unavailable, ""},
	} {
		w := dial(t)
		for _, f := range []string{"caller_name", "line_type_intelligence"} {
			w.answer("GET", lookupURL+"?Fields="+f, 200, tt.answer)
		}
		_, err := w.caps.NameLookup.LookupName(ctxOf(t), one)
		require.Equal(t, tt.code, fails(t, err, tt.kind, provider.NotApplied).Code, what)
		_, err = w.caps.Lookup.LookupNumber(ctxOf(t), one)
		require.Equal(t, tt.code, fails(t, err, tt.kind, provider.NotApplied).Code, what)
	}
	w := dial(t)
	_, err := w.caps.NameLookup.LookupName(ctxOf(t), 0)
	fails(t, err, provider.Invalid, provider.NotApplied)
}
