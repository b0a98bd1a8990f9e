package twilio

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// handler answers everything with an empty list, and tells who asked.
func handler(who func(user, password string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, p, _ := r.BasicAuth()
		who(u, p)
		_, _ = w.Write([]byte(`{"incoming_phone_numbers":[]}`))
	})
}

// same answers every request with the same bytes.
type same []byte

func (s same) RoundTrip(r *http.Request) (*http.Response, error) {
	status := 200
	switch r.Method {
	case "POST":
		status = 201
	case "DELETE":
		return httpmock.NewStringResponse(204, ""), nil
	}
	return httpmock.NewBytesResponse(status, s), nil
}

// Whatever Twilio answers, to whatever is asked: no panic, every error is one of
// ours, and nothing is said to be live, listed or active that the bytes do not say.
func FuzzAnswers(f *testing.F) {
	for _, v := range []any{
		obj{"incoming_phone_numbers": []any{mine(pn1, one, "K1", "emergency_address_sid", ad1, "emergency_address_status", "registered")}},
		mine(pn1, one, "K1"), obj{"available_phone_numbers": []any{sale(one)}}, obj{"addresses": []any{addressAs(ad1, "K1", "1 MAIN ST")}}, addressAs(ad1, "K1", "1 MAIN ST"),
		results1(productAs(bu2, "twilio-approved", "friendly_name", "K1")), results1(obj{"sid": ra1, "object_sid": it1, "channel_endpoint_sid": pn1}),
		request(kw1, "In Progress", portNo(pu1, one, "port_pending", "port_date", "2026-12-09T17:30:00Z")), obj{"port_in_requests": []any{obj{"port_in_request_sid": kw1}}, "meta": obj{"next_token": "x"}},
		obj{"valid": true, "phone_number": "+15015550101", "caller_name": obj{"error_code": "x"}, "line_type_intelligence": obj{"type": "mobile"}}, fault(400, 21422), "",
		obj{"price_unit": "USD", "phone_number_prices": []any{obj{"number_type": "local", "current_price": "1.15"}}},
	} {
		f.Add([]byte(mustJSON(v)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w := dial(t, func(c *Config) { c.Transport = same(body) })
		ctx := ctxOf(t)
		ns := []nanp.Number{one}
		trace := provider.Trace{Key: "K1", Numbers: ns, Since: noon}
		c := w.caps
		var errs []error
		add := func(err error) { errs = append(errs, err) }
		_, err := c.Search.Search(ctx, provider.SearchRequest{})
		add(err)
		o, err := c.Orders.Place(ctx, order("K1", one))
		add(err)
		if err == nil && o.Items[0].State == provider.ItemLive && o.Items[0].Said.Raw != "in-use" {
			t.Fatalf("live by the word %q", o.Items[0].Said.Raw)
		}
		_, err = c.Orders.Track(ctx, trace)
		add(err)
		_, err = c.Owned.ListOwned(ctx, provider.Page{})
		add(err)
		_, err = c.Routing.Route(ctx, provider.RouteRequest{Key: "K1", Numbers: ns, To: tk1})
		add(err)
		_, err = c.Return.TrackReturn(ctx, trace)
		add(err)
		_, err = c.Names.SetName(ctx, naming("Acme", one))
		add(err)
		_, err = c.Names.TrackName(ctx, trace)
		add(err)
		_, err = c.Names.ReadName(ctx, one)
		add(err)
		_, err = c.NameLookup.LookupName(ctx, one)
		add(err)
		_, err = c.Lookup.LookupNumber(ctx, one)
		add(err)
		_, err = c.Addresses.CheckAddress(ctx, tower)
		add(err)
		_, err = c.Emergency.Register(ctx, registering(tower, one))
		add(err)
		r, err := c.Emergency.Registration(ctx, one)
		add(err)
		if err == nil && r.State == provider.RegActive && r.Said.Raw != "registered" {
			t.Fatalf("active by the word %q", r.Said.Raw)
		}
		_, err = c.PortCheck.CheckPort(ctx, ns)
		add(err)
		_, err = c.Ports.OpenPort(ctx, porting(one))
		add(err)
		_, err = c.Ports.TrackPort(ctx, trace)
		add(err)
		_, err = c.Ports.CancelPort(ctx, "K1", kw1, nil)
		add(err)
		for _, err := range errs {
			if _, ours := err.(*provider.Error); err != nil && !ours {
				t.Fatalf("%T: %v", err, err)
			}
		}
	})
}
