package twilio

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

const numbersURL = base + "/IncomingPhoneNumbers.json"

func TestPlaceBuysOneNumberByName(t *testing.T) {
	w := dial(t)
	w.account()
	w.answer("POST", numbersURL, 201, mine(pn1, one, "K1"))
	r := order("K1", one)
	r.Options = provider.Options{"TrunkSid": "TK00000000000000000000000000000001"}
	o, err := w.caps.Orders.Place(ctxOf(t), r)
	require.NoError(t, err)
	require.True(t, o.Settled())
	require.Equal(t, provider.OrderItem{Number: one, Owned: pn1, State: provider.ItemLive,
		Said: provider.Said{By: "twilio", Raw: "in-use", Request: "RQ1", At: noon}}, o.Items[0])
	require.Equal(t, "FriendlyName=K1&PhoneNumber=%2B15015550101&TrunkSid=TK00000000000000000000000000000001", w.sent[len(w.sent)-1])
	require.Equal(t, 1, w.calls("POST"))
}

// A purchase of a number that the account has would be an update of it.
func TestPlaceLooksBeforeItBuys(t *testing.T) {
	w := dial(t)
	w.account(mine(pn1, one, "somebody's"))
	_, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
	e := fails(t, err, provider.Exists, provider.NotApplied)
	require.Equal(t, one, e.Number)

	w.account(mine(pn1, one, "K1"))
	o, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
	require.NoError(t, err, "it is what this key has bought")
	require.Equal(t, provider.ItemLive, o.Items[0].State)

	w.answer("GET", numbersURL, 500, fault(500, 20500))
	_, err = w.caps.Orders.Place(ctxOf(t), order("K1", one))
	require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), "the purchase has not left")
	require.Zero(t, w.calls("POST"))
}

// Twilio's filter finds parts of numbers: what it finds is compared.
func TestPlaceComparesWhatTheFilterFinds(t *testing.T) {
	w := dial(t)
	w.mock.RegisterResponder("GET", numbersURL, func(r *http.Request) (*http.Response, error) {
		page := obj{"incoming_phone_numbers": []any{mine(pn2, two, "K0"), obj{"sid": pn1, "phone_number": "+4915015550101"}}}
		if r.URL.Query().Get("Page") == "" {
			page["next_page_uri"] = "/2010-04-01/Accounts/" + acc + "/IncomingPhoneNumbers.json?Page=1&PageToken=PA1"
		} else {
			page["incoming_phone_numbers"] = []any{mine(pn1, one, "before")}
		}
		return httpmock.NewJsonResponse(200, page)
	})
	_, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
	fails(t, err, provider.Exists, provider.NotApplied)
	require.Equal(t, 2, w.calls("GET"), "both pages are read")
}

func TestPlaceDoesNotBelieveAnotherAnswer(t *testing.T) {
	for what, got := range map[string]any{
		"another number": mine(pn1, two, "K1"), "another key": mine(pn1, one, "K2"), "no reference": mine("", one, "K1"), "nothing": obj{},
	} {
		w := dial(t)
		w.account()
		w.answer("POST", numbersURL, 201, got)
		_, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
		require.ErrorIs(t, err, provider.Internal, what)
		require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err), what)
	}
	w := dial(t)
	w.account()
	w.answer("POST", numbersURL, 201, "not json")
	_, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
	fails(t, err, provider.Internal, provider.Applied)
}

// Every documented code, in both shapes, as the answer to a purchase.
func TestCodes(t *testing.T) {
	for code, m := range meanings {
		n, err := strconv.Atoi(code)
		require.NoError(t, err)
		for shape, body := range map[string]obj{"older": fault(400, n), "newer": {"code": n, "message": "x", "httpStatusCode": 400, "params": obj{}, "userError": true}} {
			w := dial(t)
			w.account()
			w.answer("POST", numbersURL, 400, body)
			o, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
			if m.kind == provider.NumberTaken {
				require.NoError(t, err)
				require.Equal(t, provider.ItemRefused, o.Items[0].State)
				require.True(t, o.Settled())
				err = o.Items[0].Err
			}
			e := fails(t, err, m.kind, provider.NotApplied)
			require.Equal(t, code, e.Code, shape)
			require.Equal(t, m.text, e.Text)
			require.Equal(t, one, e.Number)
			require.Equal(t, "RQ1", e.Request)
			require.Equal(t, m.kind == provider.RateLimited, e.After > 0)
			require.Equal(t, 1, w.calls("POST"), "a purchase is sent once, whatever comes back")
		}
	}
}

// Behind a status that proves nothing, no code proves anything.
func TestCodesProveNothingBehindAFailure(t *testing.T) {
	w := dial(t)
	w.account()
	w.answer("POST", numbersURL, 500, fault(500, 21422))
	_, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
	fails(t, err, provider.NumberTaken, provider.OutcomeUnknown)

	w.answer("POST", numbersURL, 409, fault(409, 22135))
	_, err = w.caps.Orders.Place(ctxOf(t), order("K1", one))
	require.Equal(t, provider.OutcomeUnknown, provider.OutcomeOf(err), "an inside failure is no refusal")

	w.answer("POST", numbersURL, 400, fault(400, 99999))
	_, err = w.caps.Orders.Place(ctxOf(t), order("K1", one))
	e := fails(t, err, provider.Invalid, provider.NotApplied)
	require.Equal(t, "99999", e.Code, "an unknown code is kept")

	w.answer("POST", numbersURL, 429, "")
	_, err = w.caps.Orders.Place(ctxOf(t), order("K1", one))
	fails(t, err, provider.RateLimited, provider.NotApplied)
}

// A number that is not for sale may be the one that an earlier request with the same
// key has bought.
func TestPlaceLooksAgainWhenTheNumberIsTaken(t *testing.T) {
	for name, state := range map[string]provider.ItemState{"K1": provider.ItemLive, "K2": provider.ItemRefused} {
		w := dial(t)
		w.account()
		w.mock.RegisterResponder("POST", numbersURL, func(*http.Request) (*http.Response, error) {
			w.account(mine(pn1, one, name))
			return httpmock.NewJsonResponse(400, fault(400, 21422))
		})
		o, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
		require.NoError(t, err)
		require.Equal(t, state, o.Items[0].State)

		w.account()
		w.mock.RegisterResponder("POST", numbersURL, func(*http.Request) (*http.Response, error) {
			w.answer("GET", numbersURL, 403, fault(403, 20008))
			return httpmock.NewJsonResponse(400, fault(400, 21422))
		})
		_, err = w.caps.Orders.Place(ctxOf(t), order("K1", one))
		fails(t, err, provider.Forbidden, provider.OutcomeUnknown)
	}
}

// An answer without its list is no empty list: the number would be bought again, or
// be said to be gone.
func TestAnAnswerWithoutItsListProvesNothing(t *testing.T) {
	for _, body := range []any{obj{}, obj{"incoming_phone_numbers": nil, "addresses": nil, "results": nil, "available_phone_numbers": nil, "port_in_requests": nil}, fault(200, 20003)} {
		w := dial(t)
		trace := provider.Trace{Key: "K1", Numbers: []nanp.Number{one}, Since: noon}
		for _, at := range []string{numbersURL, addressesURL, hub + "/TrustProducts", port + "/PortIn/PortInRequests", base + "/AvailablePhoneNumbers/US/Local.json"} {
			w.answer("GET", at, 200, body)
		}
		ask := map[string]func() error{
			"place":       func() error { _, err := w.caps.Orders.Place(ctxOf(t), order("K1", one)); return err },
			"track":       func() error { _, err := w.caps.Orders.Track(ctxOf(t), trace); return err },
			"track key":   func() error { _, err := w.caps.Orders.Track(ctxOf(t), provider.Trace{Key: "K1"}); return err },
			"owned":       func() error { _, err := w.caps.Owned.Owned(ctxOf(t), one); return err },
			"list":        func() error { _, err := w.caps.Owned.ListOwned(ctxOf(t), provider.Page{}); return err },
			"return":      func() error { _, err := w.caps.Return.TrackReturn(ctxOf(t), trace); return err },
			"name":        func() error { _, err := w.caps.Names.TrackName(ctxOf(t), trace); return err },
			"no name":     func() error { _, err := w.caps.Names.TrackName(ctxOf(t), removal(one)); return err },
			"register":    func() error { _, err := w.caps.Emergency.TrackRegistration(ctxOf(t), trace); return err },
			"unregister":  func() error { _, err := w.caps.Emergency.TrackRegistration(ctxOf(t), removal(one)); return err },
			"port":        func() error { _, err := w.caps.Ports.TrackPort(ctxOf(t), trace); return err },
			"search":      func() error { _, err := w.caps.Search.Search(ctxOf(t), provider.SearchRequest{}); return err },
			"read a name": func() error { _, err := w.caps.Names.ReadName(ctxOf(t), one); return err },
		}
		for what, f := range ask {
			err := f()
			require.ErrorIs(t, err, provider.Internal, what)
			require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), what)
		}
		require.Zero(t, w.calls("POST"))
	}
}

func TestPlaceLosesTheAnswer(t *testing.T) {
	w := dial(t)
	w.account()
	w.answer("POST", numbersURL, 0, nil)
	_, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	require.Equal(t, 1, w.calls("POST"))
}

func TestPlaceRefusesWhatCannotBeMeant(t *testing.T) {
	w := dial(t)
	for what, r := range map[string]provider.OrderRequest{
		"no key":         order("", one),
		"two lines":      {Key: "K", Lines: []provider.OrderLine{{Number: one}, {Number: two}}},
		"a hold":         {Key: "K", Lines: []provider.OrderLine{{Number: one, Hold: "h"}}},
		"unknown option": {Key: "K", Lines: []provider.OrderLine{{Number: one}}, Options: provider.Options{"AreaCode": "501"}},
		"bad option":     {Key: "K", Lines: []provider.OrderLine{{Number: one}}, Options: provider.Options{"TrunkSid": "TK1"}},
		"plain http":     {Key: "K", Lines: []provider.OrderLine{{Number: one}}, Options: provider.Options{"VoiceUrl": "http://x.example"}},
	} {
		_, err := w.caps.Orders.Place(ctxOf(t), r)
		require.ErrorIs(t, err, provider.Invalid, what)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), what)
	}
	require.Zero(t, w.mock.GetTotalCallCount())
}

func TestOneNumberIsBoughtOnceAtATime(t *testing.T) {
	w := dial(t)
	held, free := make(chan struct{}), make(chan struct{})
	w.account()
	w.mock.RegisterResponder("POST", numbersURL, func(*http.Request) (*http.Response, error) {
		close(held)
		<-free
		return httpmock.NewJsonResponse(201, mine(pn1, one, "K1"))
	})
	done := make(chan error)
	go func() {
		_, err := w.caps.Orders.Place(ctxOf(t), order("K1", one))
		done <- err
	}()
	<-held
	_, err := w.caps.Orders.Place(ctxOf(t), order("K2", one))
	fails(t, err, provider.Conflict, provider.NotApplied)
	close(free)
	require.NoError(t, <-done)
	require.Equal(t, 1, w.calls("POST"))
}

func TestTrack(t *testing.T) {
	both := provider.Trace{Key: "K1", Numbers: []nanp.Number{one}, Since: noon}
	for _, tt := range []struct {
		what    string
		trace   provider.Trace
		account []any
		verdict provider.Verdict
	}{
		{"the number under the key", both, []any{mine(pn1, one, "K1")}, provider.Found},
		{"the number under another name", both, []any{mine(pn1, one, "(501) 555-0101")}, provider.CannotTell},
		{"nothing", both, nil, provider.Absent},
		{"another number under the key", both, []any{mine(pn2, two, "K1")}, provider.CannotTell},
		{"the key alone", provider.Trace{Key: "K1"}, []any{mine(pn2, two, "K1"), mine(pn1, one, "K11")}, provider.Found},
		{"two numbers under the key", provider.Trace{Key: "K1"}, []any{mine(pn2, two, "K1"), mine(pn1, one, "K1")}, provider.CannotTell},
		{"no number under the key", provider.Trace{Key: "K1"}, []any{mine(pn2, two, "K2")}, provider.Absent},
		{"the number alone", provider.Trace{Numbers: []nanp.Number{one}}, []any{mine(pn1, one, "any")}, provider.Found},
		{"the number alone, not there", provider.Trace{Numbers: []nanp.Number{one}}, nil, provider.Absent},
		{"two numbers", provider.Trace{Key: "K1", Numbers: []nanp.Number{one, two}}, nil, provider.CannotTell},
		{"nothing to look for", provider.Trace{}, nil, provider.CannotTell},
	} {
		t.Run(tt.what, func(t *testing.T) {
			w := dial(t)
			w.account(tt.account...)
			f, err := w.caps.Orders.Track(ctxOf(t), tt.trace)
			require.NoError(t, err)
			require.Equal(t, tt.verdict, f.Verdict, f.Why)
			require.Equal(t, noon, f.AsOf)
			require.Equal(t, tt.verdict == provider.CannotTell, f.Why != "")
			if f.Verdict == provider.Found {
				require.Equal(t, provider.ItemLive, f.Value.Items[0].State)
			}
		})
	}
	w := dial(t)
	w.answer("GET", numbersURL, 403, fault(403, 20008))
	for _, trace := range []provider.Trace{both, {Key: "K1"}} {
		_, err := w.caps.Orders.Track(ctxOf(t), trace)
		fails(t, err, provider.Forbidden, provider.NotApplied)
	}
}

// A link leads to the same list at the same host, or nowhere.
func TestLinksAreNotFollowedElsewhere(t *testing.T) {
	for _, link := range []string{
		"https://evil.example/2010-04-01/Accounts/" + acc + "/IncomingPhoneNumbers.json?Page=1",
		"//evil.example/2010-04-01/Accounts/" + acc + "/IncomingPhoneNumbers.json",
		"/2010-04-01/Accounts/" + acc + "/Addresses.json", "https://api.twilio.com@evil.example/", "http://api.twilio.com/2010-04-01/Accounts/" + acc + "/IncomingPhoneNumbers.json",
		"/2010-04-01/Accounts/" + acc + "/x/../IncomingPhoneNumbers.json%2F..", ":", "/2010-04-01/Accounts/" + acc + "/IncomingPhoneNumbers.json?PageSize=1000&PhoneNumber=%2B15015550101",
	} {
		w := dial(t)
		w.answer("GET", numbersURL, 200, obj{"incoming_phone_numbers": []any{}, "next_page_uri": link})
		_, err := w.caps.Orders.Track(ctxOf(t), provider.Trace{Key: "K", Numbers: []nanp.Number{one}})
		fails(t, err, provider.Internal, provider.NotApplied)
		require.Equal(t, 1, w.mock.GetTotalCallCount(), link)

		_, err = w.caps.Owned.ListOwned(ctxOf(t), provider.Page{Cursor: link})
		if link[0] != '/' || link[1] == '/' {
			fails(t, err, provider.Invalid, provider.NotApplied)
		}
	}
}

func TestLimitsOfHosts(t *testing.T) {
	h := Hosts{Pricing: "https://prices.example/"}.complete("https://all.example")
	require.Equal(t, Hosts{API: "https://all.example", Numbers: "https://all.example", Upload: "https://all.example", TrustHub: "https://all.example",
		Lookups: "https://all.example", Pricing: "https://prices.example"}, h)
	require.Equal(t, realHosts, Hosts{}.complete(""))
}

func TestHorizonIsInTheTraits(t *testing.T) {
	require.Equal(t, 15*time.Minute, dial(t).caps.Traits.Horizon)
	require.Equal(t, time.Hour, dial(t, func(c *Config) { c.Horizon = time.Hour }).caps.Traits.Horizon)
}
