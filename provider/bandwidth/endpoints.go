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
	e := endpointIn(rep, id)
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

// endpointIn reads the E911 order of one endpoint.
func endpointIn(r reply, id provider.Ref) provider.Endpoint {
	in := r.doc.find("E911Order")
	raw := provider.Raw(in.str("ProcessingStatus"))
	words := regWords
	if strings.EqualFold(in.str("DeleteTNSpecificE911Address"), "true") {
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
		e.Address = civicIn(in.kid("Address"))
	case provider.RegFailed:
		_, whole := byNumber(problems(in.kid("ErrorList")))
		e.Err = itemError(r.res, e911s, whole, 0)
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
	return listedEndpoint(r, r.doc.find("AlternateEndUserIdentifier")), nil
}

func listedEndpoint(r reply, in *element) provider.Endpoint {
	id := in.str("Identifier")
	e := provider.Endpoint{Ref: provider.Ref(id), State: provider.RegActive, Said: plainly(r.res), SIPFrom: id, Address: civicIn(in.at("E911", "Address"))}
	e.Callback, _ = nanp.Parse(in.str("CallbackNumber"))
	return e
}

// TrackEndpoint finds the order that carries the key. Without a key it reads the
// endpoint itself.
func (c *Carrier) TrackEndpoint(ctx context.Context, t provider.Trace) (provider.Finding[provider.EndpointResult], error) {
	const op = provider.OpTrackEndpoint
	if t.Key == "" && t.Ref != "" {
		e, err := c.endpoint(ctx, op, t.Ref)
		if errors.Is(err, provider.NotFound) {
			return provider.Finding[provider.EndpointResult]{Verdict: provider.Absent, AsOf: c.cfg.Now()}, nil
		}
		return provider.FoundAs(provider.EndpointResult{Endpoint: e}, e.Said.At), err
	}
	s, err := c.sight(ctx, op, e911s, provider.Trace{Key: t.Key, Numbers: t.Numbers}, url.Values{})
	if err != nil || s.verdict != provider.Found {
		return finding[provider.EndpointResult](s), err
	}
	return provider.FoundAs(provider.EndpointResult{Endpoint: endpointIn(s.reply, identifier(t.Key))}, s.at), nil
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
