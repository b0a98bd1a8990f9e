package telnyx

import (
	"context"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// wirePlace is the location of a device that moves.
type wirePlace struct {
	HouseNumber string `json:"house_number"`
	HouseSuffix string `json:"house_suffix,omitempty"`
	PreDir      string `json:"street_pre_directional,omitempty"`
	Street      string `json:"street_name"`
	Suffix      string `json:"street_suffix,omitempty"`
	PostDir     string `json:"street_post_directional,omitempty"`
	Extended    string `json:"extended_address,omitempty"`
	Locality    string `json:"locality"`
	Area        string `json:"administrative_area"`
	PostalCode  string `json:"postal_code"`
	Country     string `json:"country_code"`
}

type wirePlaceHeld struct {
	ID          string `json:"id"`
	Status      string `json:"status"`
	Geolocation string `json:"sip_geolocation_id"`
	wirePlace
}

type wireEndpoint struct {
	ID       string `json:"id,omitempty"`
	Status   string `json:"status,omitempty"`
	From     string `json:"sip_from_id,omitempty"`
	Place    string `json:"dynamic_emergency_address_id"`
	Callback string `json:"callback_number"`
	Name     string `json:"caller_name"`
}

func placeOf(a postal.Civic) wirePlace {
	return wirePlace{a.HouseNumber, a.HouseSuffix, a.PreDir, a.Street, a.Suffix, a.PostDir, inside(a), a.City, a.State, a.PostalCode, a.CountryCode()}
}

func (w wirePlace) civic() postal.Civic {
	return postal.Civic{HouseNumber: w.HouseNumber, HouseSuffix: w.HouseSuffix, PreDir: w.PreDir, Street: w.Street, Suffix: w.Suffix,
		PostDir: w.PostDir, Unit: w.Extended, City: w.Locality, State: w.Area, PostalCode: w.PostalCode, Country: w.Country}
}

// check refuses what the carrier's documents forbid (dynamic E911, field limits).
func (w wirePlace) check() error {
	for _, f := range []struct {
		name, value string
		most        int
		needed      bool
	}{
		{"house number", w.HouseNumber, 6, true}, {"house suffix", w.HouseSuffix, 45, false}, {"directional", w.PreDir, 2, false},
		{"street", w.Street, 200, true}, {"suffix", w.Suffix, 45, false}, {"directional after", w.PostDir, 2, false},
		{"unit", w.Extended, 60, false}, {"city", w.Locality, 100, true}, {"state", w.Area, 2, true}, {"postal code", w.PostalCode, 10, true},
	} {
		switch {
		case f.needed && f.value == "":
			return bad(f.name, "present", "is empty")
		case len(f.value) > f.most:
			return bad(f.name, "length", "is too long")
		}
	}
	if !slices.Contains([]string{"US", "CA", "PR"}, w.Country) {
		return bad("country", "known", "is none of US, CA, PR")
	}
	return nil
}

func (w wirePlace) same(o wirePlace) bool {
	return strings.EqualFold(w.civic().Line(), o.civic().Line())
}

// SetEndpoint makes a location and an endpoint at it. Both are looked for first: an
// endpoint with the same location, callback and name is this one. A device that moves
// gets a new endpoint; the old one is removed when the new one is there.
func (c *Carrier) SetEndpoint(ctx context.Context, r provider.EndpointRequest) (provider.EndpointResult, error) {
	var none provider.EndpointResult
	op := provider.OpSetEndpoint
	if err := c.key(op, r.Key); err != nil {
		return none, err
	}
	place := placeOf(r.Address)
	want := wireEndpoint{Callback: r.Callback.String(), Name: nameOf(r)}
	switch err := place.check(); {
	case err != nil:
		return none, c.refuse(op, err)
	case !r.Callback.Valid():
		return none, c.refuse(op, bad("callback", "valid", "is no number"))
	case want.Name == "" || len(want.Name) > endpointNameMax:
		return none, c.refuse(op, bad("caller name", "length", "must be 1 to 50 characters"))
	}
	at, res, begun, err := c.place(ctx, place)
	if begun && kindIs(err, provider.Invalid) && provider.OutcomeOf(err) == provider.NotApplied {
		return provider.EndpointResult{Check: refusedAddress(res, err)}, nil
	}
	if err != nil {
		return none, err
	}
	want.Place = at.ID
	made, res, err := c.endpoint(ctx, want)
	if err != nil {
		return none, unsure(err, begun)
	}
	out := provider.EndpointResult{Endpoint: made.endpoint(at, res)}
	out.Endpoint.Label = r.Label
	if r.Ref == "" || string(r.Ref) == made.ID {
		return out, nil
	}
	if err := c.removeEndpoint(ctx, op, r.Ref); err != nil && !kindIs(err, provider.NotFound) {
		e := *asError(err)
		e.Outcome, e.Text = provider.Applied, "the new endpoint is there; the old one could not be removed"
		return out, &e
	}
	return out, nil
}

// nameOf is what whoever answers an emergency call is shown: the caller, and which of
// his devices it is, which also tells them apart.
func nameOf(r provider.EndpointRequest) string {
	if both := r.CallerName + " " + r.Label; r.CallerName != "" && r.Label != "" && len(both) <= endpointNameMax {
		return both
	}
	return or(r.Label, r.CallerName)
}

const endpointNameMax = 50

// place finds a location or makes it. sent is true when it was not found.
func (c *Carrier) place(ctx context.Context, p wirePlace) (held wirePlaceHeld, res carrierhttp.Response, sent bool, err error) {
	known, res, err := all[wirePlaceHeld](ctx, c, provider.OpSetEndpoint, "/dynamic_emergency_addresses", query("filter[country_code]", p.Country))
	if err != nil {
		return wirePlaceHeld{}, res, false, err
	}
	for _, w := range known {
		if w.same(p) && endpointWords[w.Status] != provider.RegFailed {
			return w, res, false, nil
		}
	}
	w, res, err := send[wirePlaceHeld](ctx, c, provider.OpSetEndpoint, 0, "POST", "/dynamic_emergency_addresses", p)
	if err == nil && w.ID == "" {
		err = res.Error(provider.Internal, provider.Applied, "the answer names no address")
	}
	return w, res, true, err
}

// endpoint finds an endpoint or makes it.
func (c *Carrier) endpoint(ctx context.Context, want wireEndpoint) (wireEndpoint, carrierhttp.Response, error) {
	known, res, err := all[wireEndpoint](ctx, c, provider.OpSetEndpoint, "/dynamic_emergency_endpoints", nil)
	if err != nil {
		return want, res, err
	}
	for _, w := range known {
		if w.Place == want.Place && w.Callback == want.Callback && w.Name == want.Name && endpointWords[w.Status] != provider.RegFailed {
			return w, res, nil
		}
	}
	w, res, err := send[wireEndpoint](ctx, c, provider.OpSetEndpoint, 0, "POST", "/dynamic_emergency_endpoints", want)
	if err == nil && w.ID == "" {
		err = res.Error(provider.Internal, provider.Applied, "the answer names no endpoint")
	}
	return w, res, err
}

func (w wireEndpoint) endpoint(at wirePlaceHeld, res carrierhttp.Response) provider.Endpoint {
	e := provider.Endpoint{Ref: provider.Ref(w.ID), Label: w.Name, State: endpointWords[w.Status], Said: res.Said(provider.Raw(w.Status)),
		SIPFrom: w.From, Geolocation: at.Geolocation}
	if n, err := nanp.Parse(w.Callback); err == nil {
		e.Callback = n
	}
	if at.ID != "" {
		shown := at.civic()
		e.Address = &shown
	}
	if e.State == provider.RegFailed || endpointWords[at.Status] == provider.RegFailed {
		e.State = provider.RegFailed
		e.Err = res.Error(provider.Precondition, provider.NotApplied, "the carrier rejected the endpoint or its address; it does not say why")
	}
	return e
}

// RemoveEndpoint removes an endpoint. Its location stays: others may use it.
func (c *Carrier) RemoveEndpoint(ctx context.Context, k provider.Key, r provider.Ref) error {
	if err := c.key(provider.OpRemoveEndpoint, k); err != nil {
		return err
	}
	if err := c.ref(provider.OpRemoveEndpoint, r); err != nil {
		return err
	}
	return c.removeEndpoint(ctx, provider.OpRemoveEndpoint, r)
}

func (c *Carrier) removeEndpoint(ctx context.Context, op provider.Op, r provider.Ref) error {
	_, err := c.http.Do(ctx, carrierhttp.Call{Op: op, Method: "DELETE", Path: carrierhttp.Path("dynamic_emergency_endpoints", string(r))})
	return err
}

// TrackEndpoint finds an endpoint by its reference. Without one it can only prove that
// there is none with the callback number: endpoints carry nothing of the key, and two
// devices can have the same callback. A removal is found where the reference leads to
// nothing.
func (c *Carrier) TrackEndpoint(ctx context.Context, t provider.Trace) (provider.Finding[provider.EndpointResult], error) {
	var f provider.Finding[provider.EndpointResult]
	op := provider.OpTrackEndpoint
	if t.Ref != "" {
		w, res, err := get[wireEndpoint](ctx, c, op, 0, carrierhttp.Path("dynamic_emergency_endpoints", string(t.Ref)), nil)
		switch gone := kindIs(err, provider.NotFound); {
		case gone && t.Removal:
			left := provider.Endpoint{Ref: t.Ref, State: provider.RegNone, Said: res.Said("not in the account")}
			return provider.FoundAs(provider.EndpointResult{Endpoint: left}, res.At), nil
		case gone, err == nil && t.Removal:
			return provider.Finding[provider.EndpointResult]{Verdict: provider.Absent, AsOf: res.At}, nil
		case err != nil:
			return f, err
		}
		at, err := c.placeHeld(ctx, op, w.Place)
		if err != nil {
			return f, err
		}
		return provider.FoundAs(provider.EndpointResult{Endpoint: w.endpoint(at, res)}, res.At), nil
	}
	if t.Removal {
		f.AsOf, f.Why = c.cfg.Now(), "the removal of an endpoint is found by its reference, and none was given"
		return f, nil
	}
	known, res, err := all[wireEndpoint](ctx, c, op, "/dynamic_emergency_endpoints", nil)
	if err != nil {
		return f, err
	}
	f.AsOf = res.At
	for _, w := range known {
		n, err := nanp.Parse(w.Callback)
		if err != nil || len(t.Numbers) == 0 || slices.Contains(t.Numbers, n) {
			f.Why = "there are endpoints with this callback number, and they carry no reference of ours: setting it again with the same values finds it"
			return f, nil
		}
	}
	f.Verdict = provider.Absent
	return f, nil
}

// placeHeld reads a location; one that is gone is empty.
func (c *Carrier) placeHeld(ctx context.Context, op provider.Op, id string) (wirePlaceHeld, error) {
	w, _, err := get[wirePlaceHeld](ctx, c, op, 0, carrierhttp.Path("dynamic_emergency_addresses", id), nil)
	if kindIs(err, provider.NotFound) {
		return wirePlaceHeld{}, nil
	}
	return w, err
}

// ListEndpoints lists endpoints, each with its location, which costs one more call
// for each location of the page.
func (c *Carrier) ListEndpoints(ctx context.Context, p provider.Page) (provider.Result[provider.Endpoint], error) {
	var out provider.Result[provider.Endpoint]
	if p.Cursor == "" && p.Limit == 0 {
		p.Limit = 20
	}
	list, next, res, err := pages[wireEndpoint](ctx, c, provider.OpListEndpoints, "/dynamic_emergency_endpoints", nil, p)
	if err != nil {
		return out, err
	}
	places := make(map[string]wirePlaceHeld)
	for _, w := range list {
		at, ok := places[w.Place]
		if !ok {
			if at, err = c.placeHeld(ctx, provider.OpListEndpoints, w.Place); err != nil {
				return provider.Result[provider.Endpoint]{}, err
			}
			places[w.Place] = at
		}
		out.Items = append(out.Items, w.endpoint(at, res))
	}
	out.Next = next
	return out, nil
}
