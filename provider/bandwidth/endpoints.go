package bandwidth

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// An endpoint is a simple alternate end user identifier (AEUI): a name of 6 to 30
// letters and digits that the INVITE of an emergency call carries in From, with an
// address and a call-back number of its own. The carrier keeps no label.
type aeuiList struct {
	Endpoints []aeui `xml:"AlternateEndUserIdentifier"`
}

type aeui struct {
	CallbackNumber string       `xml:"CallbackNumber,omitempty"`
	Identifier     provider.Ref `xml:"Identifier"`
	PIDFLOEnabled  *bool        `xml:"PIDFLOEnabled"`
}

const endpointsPage = 500

// identifier is derived from the key, so that a lost answer leaves a name by
// which the endpoint can be asked for.
func identifier(k provider.Key) provider.Ref {
	sum := sha256.Sum256([]byte("numberdesk endpoint " + k))
	return provider.Ref("nd" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:22])
}

// SetEndpoint registers a device, or gives a registered one (Ref) a new address.
func (c *Carrier) SetEndpoint(ctx context.Context, r provider.EndpointRequest) (provider.EndpointResult, error) {
	const op = provider.OpSetEndpoint
	if err := c.checkEndpoint(r); err != nil {
		return provider.EndpointResult{}, err
	}
	id := r.Ref
	if id == "" {
		id = identifier(r.Key)
	}
	parts, simple := addressOf(r.Address), false
	rep, err := c.create(ctx, op, c.account("e911s"), e911Order{CustomerOrderID: r.Key, CallerName: r.CallerName, Address: &parts,
		Endpoints: &aeuiList{[]aeui{{CallbackNumber: r.Callback.String(), Identifier: id, PIDFLOEnabled: &simple}}}})
	if err != nil {
		return provider.EndpointResult{}, err
	}
	e := endpointIn(rep, id, false)
	e.Label, e.Callback = r.Label, r.Callback
	return provider.EndpointResult{Endpoint: e}, nil
}

func (c *Carrier) checkEndpoint(r provider.EndpointRequest) error {
	const op = provider.OpSetEndpoint
	if err := r.Key.Validate(); err != nil {
		return c.invalid(op, err)
	}
	switch {
	case r.Address.IsZero():
		return c.invalid(op, field("address", "length", "is empty"))
	case !r.Callback.Valid():
		return c.invalid(op, field("call-back number", "number", "is none: the carrier needs one"))
	case len(r.CallerName) > callerNameMax:
		return c.invalid(op, field("caller name", "length", "is longer than 50 characters"))
	}
	return nil
}

// endpointIn reads the E911 order of one endpoint. One that is done and shows no
// address could have removed it: it makes nothing active. Nor does one that is done in
// parts.
func endpointIn(r reply, id provider.Ref, removes bool) provider.Endpoint {
	in := r.doc.find("E911Order")
	raw := provider.Raw(in.str("ProcessingStatus"))
	words := regWords
	if removes || removesRegistration(r.doc) {
		words = removalWords
	}
	e := provider.Endpoint{Ref: id, State: words[raw], Said: r.res.Said(raw), SIPFrom: string(id)}
	if one := in.kid("AlternateEndUserIdentifiers").kid("AlternateEndUserIdentifier"); one != nil {
		e.Callback, _ = nanp.Parse(one.str("CallbackNumber"))
		if found := one.str("Identifier"); found != "" {
			e.Ref, e.SIPFrom = provider.Ref(found), found
		}
	}
	switch e.State {
	case provider.RegActive, provider.RegAdjusted:
		if e.Address = civicIn(in.kid("Address")); e.Address == nil {
			e.State = provider.RegUnclear
		}
	case provider.RegFailed:
		_, whole := byNumber(problems(r.doc))
		e.Err = itemError(r.res, e911s, whole, 0)
	}
	if unsaid(raw) {
		e.State, e.Address = provider.RegUnclear, nil
	}
	return e
}

// RemoveEndpoint asks for the removal, which the carrier carries out later.
func (c *Carrier) RemoveEndpoint(ctx context.Context, k provider.Key, r provider.Ref) error {
	if err := k.Validate(); err != nil {
		return c.invalid(provider.OpRemoveEndpoint, err)
	}
	if r == "" {
		return c.invalid(provider.OpRemoveEndpoint, field("reference", "length", "is empty"))
	}
	if _, err := c.endpoint(ctx, provider.OpRemoveEndpoint, r); err != nil {
		return notSent(err)
	}
	_, err := c.create(ctx, provider.OpRemoveEndpoint, c.account("e911s"), e911Order{CustomerOrderID: k, Endpoints: &aeuiList{[]aeui{{Identifier: r}}}, Delete: true})
	return err
}

// endpoint reads one endpoint as it is registered now.
func (c *Carrier) endpoint(ctx context.Context, op provider.Op, id provider.Ref) (provider.Endpoint, error) {
	r, err := c.get(ctx, op, c.account("aeuis", string(id)), nil)
	if err != nil {
		return provider.Endpoint{}, err
	}
	in := r.doc.find("AlternateEndUserIdentifier")
	if !strings.EqualFold(in.str("Identifier"), string(id)) {
		return provider.Endpoint{}, r.res.Error(provider.Internal, provider.NotApplied, "the carrier does not show the endpoint")
	}
	e := listedEndpoint(r, in)
	if e.Ref = id; e.Address == nil {
		e.State = provider.RegUnclear // a device without a place
	}
	return e, nil
}

func listedEndpoint(r reply, in *element) provider.Endpoint {
	id := in.str("Identifier")
	e := provider.Endpoint{Ref: provider.Ref(id), State: provider.RegActive, Said: plainly(r.res), SIPFrom: id, Address: civicIn(in.at("E911", "Address"))}
	e.Callback, _ = nanp.Parse(in.str("CallbackNumber"))
	return e
}

// TrackEndpoint finds the order that carries the key. Without a key it reads the
// endpoint itself. That an endpoint was removed is believed when it is not there.
func (c *Carrier) TrackEndpoint(ctx context.Context, t provider.Trace) (provider.Finding[provider.EndpointResult], error) {
	if t.Key == "" && t.Ref != "" && !t.Removal {
		e, err := c.endpoint(ctx, provider.OpTrackEndpoint, t.Ref)
		if errors.Is(err, provider.NotFound) {
			return provider.Finding[provider.EndpointResult]{Verdict: provider.Absent, AsOf: c.cfg.Now()}, nil
		}
		return provider.FoundAs(provider.EndpointResult{Endpoint: e}, e.Said.At), err
	}
	s, err := c.sight(ctx, provider.OpTrackEndpoint, e911s, provider.Trace{Key: t.Key, Numbers: t.Numbers}, url.Values{})
	if err != nil {
		return provider.Finding[provider.EndpointResult]{}, err
	}
	s = asTraced(s, t)
	if t.Removal {
		return c.removed(ctx, t, s)
	}
	if s.verdict != provider.Found {
		return finding[provider.EndpointResult](s), nil
	}
	return provider.FoundAs(provider.EndpointResult{Endpoint: endpointIn(s.reply, identifier(t.Key), false)}, s.at), nil
}

// removed answers for a removal by its order and by the endpoint: it is removed when
// the carrier does not show it any more, and being removed while an order says so.
func (c *Carrier) removed(ctx context.Context, t provider.Trace, s sighting) (provider.Finding[provider.EndpointResult], error) {
	e := provider.Endpoint{Ref: t.Ref, SIPFrom: string(t.Ref)}
	if s.verdict == provider.Found {
		e = endpointIn(s.reply, t.Ref, true)
	}
	if e.Ref == "" {
		return finding[provider.EndpointResult](s), nil
	}
	_, err := c.endpoint(ctx, provider.OpTrackEndpoint, e.Ref)
	gone := errors.Is(err, provider.NotFound)
	if err != nil && !gone {
		return provider.Finding[provider.EndpointResult]{}, err
	}
	switch {
	case gone:
		at := c.cfg.Now()
		e.State, e.Err, e.Said = provider.RegNone, nil, provider.Said{By: c.cfg.ID, Raw: "404", At: at}
		return provider.FoundAs(provider.EndpointResult{Endpoint: e}, at), nil
	case s.verdict != provider.Found:
		return finding[provider.EndpointResult](s), nil
	case e.State == provider.RegNone:
		e.State = provider.RegUnclear // it is still there: the two may lag
	}
	return provider.FoundAs(provider.EndpointResult{Endpoint: e}, s.at), nil
}

// ListEndpoints pages through the endpoints. The list shows no addresses.
func (c *Carrier) ListEndpoints(ctx context.Context, p provider.Page) (provider.Result[provider.Endpoint], error) {
	var out provider.Result[provider.Endpoint]
	page, size := p.Cursor, min(or(p.Limit, endpointsPage), endpointsPage)
	if page == "" {
		page = "1"
	}
	if size < 0 {
		return out, c.invalid(provider.OpListEndpoints, field("page limit", "range", "is negative"))
	}
	r, err := c.list(ctx, provider.OpListEndpoints, c.account("aeuis"), url.Values{"page": {page}, "size": {strconv.Itoa(size)}})
	if err != nil {
		return out, err
	}
	for in := range r.doc.kid("AlternateEndUserIdentifiers").all("AlternateEndUserIdentifier") {
		if in.str("Identifier") != "" {
			out.Items = append(out.Items, listedEndpoint(r, in))
		}
	}
	out.Next = next(r.doc)
	return out, nil
}
