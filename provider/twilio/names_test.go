package twilio

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func naming(name string, ns ...nanp.Number) provider.NameRequest {
	return provider.NameRequest{Key: "N1", Name: name, Numbers: ns, Business: &provider.Business{Ref: bu1, Email: "ann@acme.example"}}
}

func productAs(sid, status string, more ...any) obj {
	o := obj{"sid": sid, "friendly_name": "N1", "policy_sid": namePolicy, "status": status, "email": "ann@acme.example", "date_created": "2026-11-24T12:00:00Z", "errors": nil}
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

// emptyHub is Trust Hub before anything was made, and what making each thing answers.
func emptyHub(t *testing.T) *wire {
	w := dial(t, func(c *Config) { c.Callback = "https://hooks.example/names" })
	w.account(mine(pn1, one, "K1"))
	w.answer("GET", hub+"/TrustProducts", 200, results1())
	w.answer("GET", hub+"/CustomerProfiles/"+bu1+"/ChannelEndpointAssignments", 200, results1())
	w.answer("POST", hub+"/CustomerProfiles/"+bu1+"/ChannelEndpointAssignments", 201, obj{"sid": ra1, "channel_endpoint_sid": pn1})
	w.answer("POST", hub+"/TrustProducts", 201, productAs(bu2, "draft"))
	w.answer("GET", hub+"/TrustProducts/"+bu2+"/EntityAssignments", 200, results1())
	w.answer("GET", hub+"/EndUsers", 200, results1())
	w.answer("POST", hub+"/EndUsers", 201, obj{"sid": it1})
	w.answer("POST", hub+"/TrustProducts/"+bu2+"/EntityAssignments", 201, obj{"sid": "BV1"})
	w.answer("POST", hub+"/TrustProducts/"+bu2+"/Evaluations", 201, obj{"status": "compliant", "results": []any{}})
	w.answer("POST", hub+"/TrustProducts/"+bu2, 200, productAs(bu2, "pending-review"))
	return w
}

// The seven steps, in order, each with the body that its document wants.
func TestSetNameMakesAllSteps(t *testing.T) {
	w := emptyHub(t)
	o, err := w.caps.Names.SetName(ctxOf(t), naming("Acme Plumbing", one))
	require.NoError(t, err)
	require.Equal(t, provider.NameOrder{Ref: bu2, Said: provider.Said{By: "twilio", Raw: "pending-review", Request: "RQ1", At: noon}, Items: []provider.NameItem{
		{Number: one, State: provider.NameInReview, Said: provider.Said{By: "twilio", Raw: "pending-review", Request: "RQ1", At: noon}}}}, o)
	var posts []string
	for _, s := range w.sent {
		if s != "" {
			posts = append(posts, s)
		}
	}
	require.Equal(t, []string{
		"ChannelEndpointSid=" + pn1 + "&ChannelEndpointType=phone-number",
		"Email=ann%40acme.example&FriendlyName=N1&PolicySid=" + namePolicy + "&StatusCallback=https%3A%2F%2Fhooks.example%2Fnames",
		"Attributes=%7B%22cnam_display_name%22%3A%22Acme+Plumbing%22%7D&FriendlyName=N1&Type=cnam_information",
		"ObjectSid=" + it1,
		"ObjectSid=" + bu1,
		"PolicySid=" + namePolicy,
		"Status=pending-review",
	}, posts)
}

// Each step that was made is found under the key and not made again.
func TestSetNameGoesOnWhereItStopped(t *testing.T) {
	made := []struct {
		what string
		at   string
		v    obj
		left int // steps
	}{
		{"profile", hub + "/CustomerProfiles/" + bu1 + "/ChannelEndpointAssignments", results1(obj{"sid": ra1, "channel_endpoint_sid": pn1}), 6},
		{"product", hub + "/TrustProducts", results1(productAs(bu2, "draft"), productAs(bu3, "draft", "friendly_name", "N11")), 5},
		{"end user", hub + "/EndUsers", results1(obj{"sid": it1, "type": nameEndUser, "friendly_name": "N1", "attributes": obj{"cnam_display_name": "Acme"}},
			obj{"sid": it1, "type": "other", "friendly_name": "N1"}), 4},
		{"entities", hub + "/TrustProducts/" + bu2 + "/EntityAssignments", results1(obj{"object_sid": it1}, obj{"object_sid": bu1}), 2},
		{"submission", hub + "/TrustProducts", results1(productAs(bu2, "in-review")), 0},
	}
	for i := range made {
		w := emptyHub(t)
		for _, m := range made[:i+1] {
			w.answer("GET", m.at, 200, m.v)
		}
		o, err := w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
		require.NoError(t, err, made[i].what)
		require.Equal(t, provider.NameInReview, o.Items[0].State)
		require.Equal(t, made[i].left, w.calls("POST"), made[i].what)
	}
}

// An answer that is lost at any step leaves the outcome open; a refusal before the
// submission has applied nothing.
func TestSetNameFailsAtEachStep(t *testing.T) {
	steps := []string{"/CustomerProfiles/" + bu1 + "/ChannelEndpointAssignments", "/TrustProducts", "/EndUsers", "/TrustProducts/" + bu2 + "/EntityAssignments",
		"/TrustProducts/" + bu2 + "/Evaluations", "/TrustProducts/" + bu2}
	for _, at := range steps {
		w := emptyHub(t)
		w.answer("POST", hub+at, 0, nil)
		_, err := w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
		fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
		w.answer("POST", hub+at, 400, fault(400, 20001))
		_, err = w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
		fails(t, err, provider.Invalid, provider.NotApplied)
		w.answer("POST", hub+at, 201, "{")
		_, err = w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
		if !strings.HasSuffix(at, "EntityAssignments") { // whose answer is not needed
			fails(t, err, provider.Internal, provider.OutcomeUnknown)
		}
	}
	for _, at := range []string{"/TrustProducts", "/CustomerProfiles/" + bu1 + "/ChannelEndpointAssignments", "/TrustProducts/" + bu2 + "/EntityAssignments", "/EndUsers"} {
		for _, bad := range []any{fault(403, 20008), "{", obj{"results": "x"}} {
			w := emptyHub(t)
			code := 403
			if _, isFault := bad.(obj); !isFault || bad.(obj)["code"] == nil {
				code = 200
			}
			w.answer("GET", hub+at, code, bad)
			_, err := w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
			require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), "%s %v", at, bad)
		}
	}
	for at, v := range map[string]obj{"/TrustProducts": productAs(bu2, "draft", "friendly_name", "other"), "/EndUsers": {}, "/CustomerProfiles/" + bu1 + "/ChannelEndpointAssignments": {}} {
		w := emptyHub(t)
		w.answer("POST", hub+at, 201, v)
		_, err := w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
		fails(t, err, provider.Internal, provider.OutcomeUnknown)
	}
	w := emptyHub(t)
	w.answer("POST", hub+"/TrustProducts/"+bu2+"/Evaluations", 201, obj{"status": "noncompliant", "results": []any{obj{"passed": true, "error_code": 1}, "a word", obj{"passed": false, "error_code": 22214}}})
	_, err := w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
	require.Equal(t, "22214", fails(t, err, provider.Precondition, provider.NotApplied).Code)
	w.answer("GET", hub+"/TrustProducts", 200, results1(productAs(bu2, "draft"), productAs(bu3, "draft")))
	_, err = w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
	fails(t, err, provider.Conflict, provider.NotApplied)
	_, err = w.caps.Names.SetName(ctxOf(t), naming("Acme", one, two))
	require.Equal(t, two, fails(t, err, provider.NotYours, provider.NotApplied).Number)
}

func TestSetNameRefusesBeforeItSends(t *testing.T) {
	w := dial(t)
	for what, tt := range map[string]struct {
		r    provider.NameRequest
		kind provider.Kind
	}{
		"toll-free":     {naming("Acme", free), provider.Unsupported},
		"Canada":        {naming("Acme", nanp.MustParse("416-555-0101")), provider.Unsupported},
		"16 characters": {naming("ABCDEFGHIJKLMNOP", one), provider.Invalid},
		"a digit first": {naming("4 Acme", one), provider.Invalid},
		"an ampersand":  {naming("A & B", one), provider.Invalid},
		"a look-alike":  {naming("Аcme", one), provider.Invalid},
		"no name":       {naming("", one), provider.Invalid},
		"no business":   {provider.NameRequest{Key: "N1", Name: "Acme", Numbers: []nanp.Number{one}}, provider.Invalid},
		"no mail":       {provider.NameRequest{Key: "N1", Name: "Acme", Numbers: []nanp.Number{one}, Business: &provider.Business{Ref: bu1}}, provider.Invalid},
		"no numbers":    {naming("Acme"), provider.Invalid},
		"no key":        {provider.NameRequest{Name: "Acme", Numbers: []nanp.Number{one}}, provider.Invalid},
	} {
		_, err := w.caps.Names.SetName(ctxOf(t), tt.r)
		require.ErrorIs(t, err, tt.kind, what)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), what)
	}
	require.Zero(t, w.mock.GetTotalCallCount())
}

// Each word of a review, before and after the number is assigned.
func TestTrackNameReadsTheReview(t *testing.T) {
	for word, state := range map[string]provider.NameState{
		"pending-review": provider.NameInReview, "in-review": provider.NameInReview, "twilio-rejected": provider.NameRefused, "on-hold": provider.NameUnclear,
	} {
		w := dial(t)
		w.account(mine(pn1, one, "K1"))
		w.answer("GET", hub+"/TrustProducts", 200, results1(productAs(bu2, word, "errors", []any{"a word", obj{"code": 1}, 7, obj{"code": 11008}})))
		f, err := w.caps.Names.TrackName(ctxOf(t), provider.Trace{Key: "N1", Numbers: []nanp.Number{one, two}})
		require.NoError(t, err)
		require.Equal(t, provider.Found, f.Verdict)
		require.Equal(t, state, f.Value.Items[0].State, word)
		require.Equal(t, provider.Raw(word), f.Value.Items[0].Said.Raw)
		require.Equal(t, provider.NameNone, f.Value.Items[1].State, "it is not ours any more")
		if state == provider.NameRefused {
			require.Equal(t, "11008", f.Value.Items[0].Err.Code)
		}
		require.Zero(t, w.calls("POST"))
	}
	w := dial(t)
	track := func(v obj) provider.Finding[provider.NameOrder] {
		w.answer("GET", hub+"/TrustProducts", 200, v)
		f, err := w.caps.Names.TrackName(ctxOf(t), provider.Trace{Key: "N1", Numbers: []nanp.Number{one}})
		require.NoError(t, err)
		return f
	}
	require.Equal(t, provider.Absent, track(results1()).Verdict)
	require.Equal(t, provider.Absent, track(results1(productAs(bu2, "draft"))).Verdict, "it was never submitted")
	require.Equal(t, provider.CannotTell, track(results1(productAs(bu2, "draft"), productAs(bu3, "in-review"))).Verdict)
	f, err := w.caps.Names.TrackName(ctxOf(t), provider.Trace{Numbers: []nanp.Number{one}})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	w.answer("GET", hub+"/TrustProducts/"+bu2, 404, fault(404, 20404))
	f, err = w.caps.Names.TrackName(ctxOf(t), provider.Trace{Ref: bu2})
	require.NoError(t, err)
	require.Equal(t, provider.Absent, f.Verdict)
	w.answer("GET", hub+"/TrustProducts/"+bu2, 200, obj{})
	_, err = w.caps.Names.TrackName(ctxOf(t), provider.Trace{Ref: bu2})
	fails(t, err, provider.Internal, provider.NotApplied)
	w.answer("GET", hub+"/TrustProducts/"+bu2, 200, productAs(bu2, "in-review"))
	f, err = w.caps.Names.TrackName(ctxOf(t), provider.Trace{Ref: bu2})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	for _, at := range []string{hub + "/TrustProducts", numbersURL} {
		w = dial(t)
		w.account()
		w.answer("GET", hub+"/TrustProducts", 200, results1(productAs(bu2, "in-review")))
		w.answer("GET", at, 403, fault(403, 20008))
		_, err = w.caps.Names.TrackName(ctxOf(t), provider.Trace{Key: "N1", Numbers: []nanp.Number{one}})
		fails(t, err, provider.Forbidden, provider.NotApplied)
	}
}

// reviewed is Trust Hub with an approved product bu2 and a number that is in some
// of the products.
func reviewed(t *testing.T, in map[string]bool, others ...any) *wire {
	w := dial(t)
	w.account(mine(pn1, one, "K1"))
	w.mock.RegisterResponder("GET", hub+"/TrustProducts", func(r *http.Request) (*http.Response, error) {
		all := []any{productAs(bu2, "twilio-approved", "date_created", "2026-11-20T12:00:00Z")}
		if r.URL.Query().Get("FriendlyName") == "" {
			all = append(all, others...)
			all = append(all, w.ends...)
		}
		return httpmock.NewJsonResponse(200, results1(all...))
	})
	w.mock.RegisterResponder("POST", hub+"/TrustProducts", func(r *http.Request) (*http.Response, error) {
		require.NoError(t, r.ParseForm())
		p := productAs("BU0000000000000000000000000000000"+strconv.Itoa(4+len(w.ends)), "draft", "friendly_name", r.PostForm.Get("FriendlyName"), "date_created", w.now.Format(time.RFC3339))
		require.Equal(t, "ann@acme.example", r.PostForm.Get("Email"))
		w.ends = append(w.ends, p)
		return httpmock.NewJsonResponse(201, p)
	})
	for _, bu := range []string{bu2, bu3} {
		at := hub + "/TrustProducts/" + bu + "/ChannelEndpointAssignments"
		w.mock.RegisterResponder("GET", at, func(*http.Request) (*http.Response, error) {
			if in[bu] {
				return httpmock.NewJsonResponse(200, results1(obj{"sid": ra1, "channel_endpoint_sid": pn1}, obj{"sid": ra1, "channel_endpoint_sid": pn2}))
			}
			return httpmock.NewJsonResponse(200, results1())
		})
		w.mock.RegisterResponder("POST", at, func(*http.Request) (*http.Response, error) {
			in[bu] = true
			return httpmock.NewJsonResponse(201, obj{"sid": ra1, "channel_endpoint_sid": pn1})
		})
		w.mock.RegisterResponder("DELETE", at+"/"+ra1, func(*http.Request) (*http.Response, error) {
			delete(in, bu)
			return httpmock.NewStringResponse(204, ""), nil
		})
		w.answer("GET", hub+"/TrustProducts/"+bu+"/EntityAssignments", 200, results1(obj{"object_sid": bu1}, obj{"object_sid": it1}))
	}
	w.answer("GET", hub+"/EndUsers/"+it1, 200, obj{"sid": it1, "type": nameEndUser, "attributes": `{"cnam_display_name":"Acme"}`})
	return w
}

func (w *wire) trackName() provider.NameItem {
	f, err := w.caps.Names.TrackName(ctxOf(w.T), provider.Trace{Key: "N1", Numbers: []nanp.Number{one}})
	require.NoError(w, err)
	require.Equal(w, provider.Found, f.Verdict)
	return f.Value.Items[0]
}

func TestApprovedNamesAreAssigned(t *testing.T) {
	in := map[string]bool{}
	w := reviewed(t, in)
	it := w.trackName()
	require.Equal(t, provider.NameListed, it.State)
	require.Equal(t, "Acme", it.Name)
	require.True(t, in[bu2])
	w.trackName()
	require.Equal(t, 1, w.calls("POST"), "once")

	in = map[string]bool{bu3: true}
	w = reviewed(t, in, productAs(bu3, "twilio-approved", "friendly_name", "N0", "date_created", "2026-11-19T12:00:00Z"))
	require.Equal(t, provider.NameListed, w.trackName().State)
	require.Equal(t, map[string]bool{bu2: true}, in, "it is taken out of the older one")

	in = map[string]bool{bu3: true}
	w = reviewed(t, in, productAs(bu3, "twilio-approved", "friendly_name", "N2", "date_created", "2026-11-21T12:00:00Z"))
	it = w.trackName()
	require.Equal(t, provider.NameRefused, it.State)
	require.ErrorIs(t, it.Err, provider.Conflict)
	require.Equal(t, map[string]bool{bu3: true}, in, "a newer name is kept")

	in = map[string]bool{}
	w = reviewed(t, in)
	o, err := w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
	require.NoError(t, err)
	require.Equal(t, provider.NameListed, o.Items[0].State, "the same key goes on after the review")

	w = reviewed(t, map[string]bool{bu3: true}, productAs(bu3, "in-review", "friendly_name", "N0", "date_created", "2026-11-19T12:00:00Z"))
	w.answer("POST", hub+"/TrustProducts/"+bu2+"/ChannelEndpointAssignments", 400, fault(400, 20001))
	_, err = w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
	fails(t, err, provider.Invalid, provider.OutcomeUnknown) // the old name is gone
	w = reviewed(t, map[string]bool{})
	w.answer("POST", hub+"/TrustProducts/"+bu2+"/ChannelEndpointAssignments", 400, fault(400, 20001))
	_, err = w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
	fails(t, err, provider.Invalid, provider.NotApplied)
}

func TestReadAndRemoveName(t *testing.T) {
	in := map[string]bool{bu3: true}
	w := reviewed(t, in, productAs(bu3, "twilio-approved"))
	it, err := w.caps.Names.ReadName(ctxOf(t), one)
	require.NoError(t, err)
	require.Equal(t, provider.NameListed, it.State)
	require.Equal(t, "Acme", it.Name)

	o, err := w.caps.Names.SetName(ctxOf(t), provider.NameRequest{Key: "N2", Numbers: []nanp.Number{one}, Remove: true})
	require.NoError(t, err)
	require.Equal(t, provider.NameNone, o.Items[0].State)
	require.Empty(t, in)
	it, err = w.caps.Names.ReadName(ctxOf(t), one)
	require.NoError(t, err)
	require.Equal(t, provider.NameNone, it.State)
	require.Empty(t, it.Name)
	_, err = w.caps.Names.SetName(ctxOf(t), provider.NameRequest{Key: "N2", Numbers: []nanp.Number{one}, Remove: true})
	require.NoError(t, err, "a repeat does no harm")
	require.Equal(t, 1, w.calls("DELETE"))

	in[bu3] = true
	w.answer("DELETE", hub+"/TrustProducts/"+bu3+"/ChannelEndpointAssignments/"+ra1, 404, fault(404, 20404))
	_, err = w.caps.Names.SetName(ctxOf(t), provider.NameRequest{Key: "N2", Numbers: []nanp.Number{one}, Remove: true})
	require.NoError(t, err, "it went meanwhile")
	w.answer("DELETE", hub+"/TrustProducts/"+bu3+"/ChannelEndpointAssignments/"+ra1, 0, nil)
	_, err = w.caps.Names.SetName(ctxOf(t), provider.NameRequest{Key: "N2", Numbers: []nanp.Number{one}, Remove: true})
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)

	_, err = w.caps.Names.ReadName(ctxOf(t), two)
	fails(t, err, provider.NotYours, provider.NotApplied)
	_, err = w.caps.Names.ReadName(ctxOf(t), 0)
	fails(t, err, provider.Invalid, provider.NotApplied)
	for _, at := range []string{"/TrustProducts/" + bu2 + "/ChannelEndpointAssignments", "/TrustProducts/" + bu3 + "/EntityAssignments", "/EndUsers/" + it1, "/TrustProducts"} {
		w = reviewed(t, map[string]bool{bu3: true}, productAs(bu3, "twilio-approved"))
		w.answer("GET", hub+at, 403, fault(403, 20008))
		_, err = w.caps.Names.ReadName(ctxOf(t), one)
		fails(t, err, provider.Forbidden, provider.NotApplied)
	}
}

// removal is the trace of an end that was sent at noon.
func removal(ns ...nanp.Number) provider.Trace {
	return provider.Trace{Key: "N9", Numbers: ns, Since: noon, Removal: true}
}

func (w *wire) trackRemoval(ns ...nanp.Number) provider.Finding[provider.NameOrder] {
	before := w.calls("POST") + w.calls("DELETE")
	f, err := w.caps.Names.TrackName(ctxOf(w.T), removal(ns...))
	require.NoError(w, err)
	require.Equal(w, before, w.calls("POST")+w.calls("DELETE"), "to look changes nothing")
	return f
}

func (w *wire) removeName() error {
	_, err := w.caps.Names.SetName(ctxOf(w.T), provider.NameRequest{Key: "N9", Numbers: []nanp.Number{one}, Remove: true})
	return err
}

// Of a removal it is said how the numbers stand, and nothing is assigned to them.
func TestTrackNameOfARemoval(t *testing.T) {
	in := map[string]bool{bu2: true}
	w := reviewed(t, in)
	require.Equal(t, provider.Absent, w.trackRemoval(one).Verdict, "the name is still there")
	require.NoError(t, w.removeName())
	f := w.trackRemoval(one, two)
	require.Equal(t, provider.Found, f.Verdict)
	require.Equal(t, provider.NameNone, f.Value.Items[0].State)
	require.Equal(t, provider.NameNone, f.Value.Items[1].State)
	require.ErrorIs(t, f.Value.Items[1].Err, provider.NotYours)

	in[bu2] = true // the end was written down, and the assignment not deleted
	require.Equal(t, provider.Absent, w.trackRemoval(one).Verdict)
	delete(in, bu2)
	w.now = noon.Add(time.Hour)
	require.Equal(t, provider.Found, w.trackRemoval(one).Verdict)
	in[bu3] = true // a newer name
	w.ends = append(w.ends, productAs(bu3, "twilio-approved", "friendly_name", "N10", "date_created", "2026-11-24T12:30:00Z"))
	f = w.trackRemoval(one)
	require.Equal(t, provider.Found, f.Verdict, "to send the removal again would end the newer name")
	require.Equal(t, provider.NameListed, f.Value.Items[0].State)

	w = reviewed(t, map[string]bool{})
	require.Equal(t, provider.Absent, w.trackRemoval(one).Verdict, "the name is approved, and could still be given to the number")
	f, err := w.caps.Names.TrackName(ctxOf(t), provider.Trace{Key: "N9", Removal: true})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
	w.answer("GET", hub+"/TrustProducts", 200, results1())
	require.Equal(t, provider.Found, w.trackRemoval(one).Verdict, "there is nothing that could come back")
	for _, at := range []string{hub + "/TrustProducts", numbersURL, hub + "/TrustProducts/" + bu2 + "/ChannelEndpointAssignments", hub + "/EndUsers/" + it1} {
		w = reviewed(t, map[string]bool{bu2: true})
		w.answer("GET", at, 403, fault(403, 20008))
		_, err = w.caps.Names.TrackName(ctxOf(t), removal(one))
		fails(t, err, provider.Forbidden, provider.NotApplied)
	}
}

// A name that was taken away while it was reviewed, or later, does not come back when
// the key that had set it is looked at.
func TestANameThatWasTakenAwayStaysAway(t *testing.T) {
	in := map[string]bool{}
	w := reviewed(t, in)
	require.NoError(t, w.removeName())
	require.Len(t, w.ends, 1)
	it := w.trackName()
	require.Equal(t, provider.NameRefused, it.State)
	require.ErrorIs(t, it.Err, provider.Conflict)
	require.Empty(t, in)
	require.NoError(t, w.removeName())
	require.Len(t, w.ends, 1, "it is written down once")
	o, err := w.caps.Names.SetName(ctxOf(t), naming("Acme", one))
	require.NoError(t, err)
	require.Equal(t, provider.NameRefused, o.Items[0].State)
	require.Empty(t, in)

	// It is said at once, not after the review.
	w.answer("GET", hub+"/TrustProducts", 200, results1(productAs(bu2, "in-review", "date_created", "2026-11-20T12:00:00Z"), w.ends[0]))
	require.Equal(t, provider.NameRefused, w.trackName().State)

	// A name that is set afterwards is given, and can be taken away again.
	w = reviewed(t, in)
	w.ends = []any{productAs(bu3, "draft", "friendly_name", endName+pn1, "date_created", "2026-11-19T12:00:00Z")}
	require.Equal(t, provider.NameListed, w.trackName().State)
	require.NoError(t, w.removeName())
	require.Len(t, w.ends, 2)
	require.Equal(t, provider.NameRefused, w.trackName().State)
	w.answer("POST", hub+"/TrustProducts", 0, nil)
	w.ends = nil
	fails(t, w.removeName(), provider.Unavailable, provider.OutcomeUnknown)
	w.answer("POST", hub+"/TrustProducts", 400, fault(400, 20001))
	fails(t, w.removeName(), provider.Invalid, provider.NotApplied)
}

func TestDisplayName(t *testing.T) {
	for raw, name := range map[string]string{`{"cnam_display_name":"A"}`: "A", `"{\"cnam_display_name\":\"B\"}"`: "B", `null`: "", `7`: "", ``: "", `"x"`: ""} {
		require.Equal(t, name, endUser{Attributes: []byte(raw)}.displayName(), raw)
	}
}
