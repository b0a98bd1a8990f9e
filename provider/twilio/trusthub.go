package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// The fixed policy of caller name products, the type of end user that holds a
// name, and the type of endpoint that a number is.
const (
	namePolicy   = "RNf3db3cd1fe25fcfd3c3ded065c8fea53"
	nameEndUser  = "cnam_information"
	endpointType = "phone-number"
)

// trust is an address of Trust Hub.
func (a *account) trust(q url.Values, segments ...string) string {
	return place(a.cfg.Hosts.TrustHub, q, append([]string{"v1"}, segments...)...)
}

// results reads all items of a list of Trust Hub that keep says to keep.
func results[T any](ctx context.Context, a *account, op provider.Op, n nanp.Number, at string, keep func(T) bool) ([]T, carrierhttp.Response, error) {
	var out []T
	last, err := a.walk(ctx, op, n, at, func(res carrierhttp.Response) (string, bool, error) {
		var p page
		if err := res.Decode(&p); err != nil {
			return "", false, err
		}
		var items []T
		if err := json.Unmarshal(p.Results, &items); err != nil || items == nil {
			return "", false, listless(res)
		}
		for _, it := range items {
			if keep(it) {
				out = append(out, it)
			}
		}
		return p.next(), true, nil
	})
	return out, last, err
}

// productsOf lists the caller name products whose name is exactly the key; all of
// them for "".
func (a *account) productsOf(ctx context.Context, op provider.Op, k provider.Key) ([]trustProduct, carrierhttp.Response, error) {
	q := url.Values{"PolicySid": {namePolicy}, "PageSize": {pageMost}}
	if k != "" {
		q.Set("FriendlyName", string(k))
	}
	return results(ctx, a, op, 0, a.trust(q, "TrustProducts"), func(p trustProduct) bool {
		return sid("BU", p.SID) && (k == "" || p.FriendlyName == string(k))
	})
}

// submitted is the product under the key, made and submitted as far as it was not
// yet. Until the last step everything is a draft that asks nothing of anybody: an
// error of it that was not applied leaves nothing that a repeat would double.
func (a *account) submitted(ctx context.Context, r provider.NameRequest, have map[nanp.Number]held) (trustProduct, carrierhttp.Response, error) {
	const op = provider.OpSetName
	all, res, err := a.productsOf(ctx, op, r.Key)
	switch {
	case err != nil:
		return trustProduct{}, res, unsent(err)
	case len(all) > 1:
		return trustProduct{}, res, a.refuse(op, provider.Conflict, 0, "several trust products carry this key")
	case len(all) == 1 && all[0].Status != draft:
		return all[0], res, nil
	}
	for _, n := range r.Numbers {
		done, err := a.endpoints(ctx, op, n, "CustomerProfiles", r.Business.Ref, have[n].SID)
		if err != nil {
			return trustProduct{}, res, unsent(err)
		}
		if len(done) == 0 {
			if err := a.assign(ctx, op, n, "CustomerProfiles", r.Business.Ref, have[n].SID); err != nil {
				return trustProduct{}, res, err
			}
		}
	}
	var p trustProduct
	if len(all) == 1 {
		p = all[0]
	} else if p, err = a.makeProduct(ctx, r); err != nil {
		return trustProduct{}, res, err
	}
	if err := a.fill(ctx, r, p); err != nil {
		return trustProduct{}, res, err
	}
	res, err = a.post(ctx, op, 0, a.trust(nil, "TrustProducts", p.SID), url.Values{"Status": {review}}, &p)
	return p, res, err
}

func (a *account) makeProduct(ctx context.Context, r provider.NameRequest) (trustProduct, error) {
	form := url.Values{}
	if a.cfg.Callback != "" {
		form.Set("StatusCallback", a.cfg.Callback)
	}
	return a.draftProduct(ctx, string(r.Key), r.Business.Email, form)
}

// draftProduct makes a product that is submitted to nobody yet.
func (a *account) draftProduct(ctx context.Context, name, email string, form url.Values) (trustProduct, error) {
	form.Set("FriendlyName", name)
	form.Set("Email", email)
	form.Set("PolicySid", namePolicy)
	var p trustProduct
	res, err := a.post(ctx, provider.OpSetName, 0, a.trust(nil, "TrustProducts"), form, &p)
	if err == nil && (!sid("BU", p.SID) || p.FriendlyName != name) {
		err = res.Error(provider.Internal, provider.OutcomeUnknown, "the answer is about another trust product")
	}
	return p, err
}

// fill puts the name and the business into a draft, and has it evaluated.
func (a *account) fill(ctx context.Context, r provider.NameRequest, p trustProduct) error {
	const op = provider.OpSetName
	in, err := a.entities(ctx, op, p.SID)
	if err != nil {
		return unsent(err)
	}
	person, business := "", false
	for _, e := range in {
		if sid("IT", e.ObjectSID) {
			person = e.ObjectSID
		}
		business = business || e.ObjectSID == r.Business.Ref
	}
	if person == "" {
		if person, err = a.endUserOf(ctx, r); err != nil {
			return err
		}
		if err := a.include(ctx, p.SID, person); err != nil {
			return err
		}
	}
	if !business {
		if err := a.include(ctx, p.SID, r.Business.Ref); err != nil {
			return err
		}
	}
	var ev evaluation
	res, err := a.post(ctx, op, 0, a.trust(nil, "TrustProducts", p.SID, "Evaluations"), url.Values{"PolicySid": {namePolicy}}, &ev)
	if err != nil {
		return err
	}
	if ev.Status != "compliant" {
		e := res.Error(provider.Precondition, provider.NotApplied, "Twilio's evaluation says that the name or the business does not comply")
		for _, x := range ev.Results {
			if !x.Passed && x.Code != "" && len(x.Code) <= 8 && strings.Trim(x.Code, "0123456789") == "" {
				e.Code = x.Code
				break
			}
		}
		return e
	}
	return nil
}

// endUserOf is the end user that holds the name, found under the key or made.
// Trust Hub cannot be asked for one by name: all are read.
func (a *account) endUserOf(ctx context.Context, r provider.NameRequest) (string, error) {
	const op = provider.OpSetName
	all, _, err := results(ctx, a, op, 0, a.trust(url.Values{"PageSize": {pageMost}}, "EndUsers"), func(u endUser) bool {
		return sid("IT", u.SID) && u.Type == nameEndUser && u.FriendlyName == string(r.Key) && u.displayName() == r.Name
	})
	if err != nil {
		return "", unsent(err)
	}
	if len(all) > 0 {
		return all[0].SID, nil // two of them are as good as one: they hold the same
	}
	attributes, err := json.Marshal(map[string]string{"cnam_display_name": r.Name})
	if err != nil {
		return "", err
	}
	var u endUser
	res, err := a.post(ctx, op, 0, a.trust(nil, "EndUsers"), url.Values{"FriendlyName": {string(r.Key)}, "Type": {nameEndUser}, "Attributes": {string(attributes)}}, &u)
	if err == nil && !sid("IT", u.SID) {
		err = res.Error(provider.Internal, provider.OutcomeUnknown, "the answer names no end user")
	}
	return u.SID, err
}

// entities are what a product is made of.
func (a *account) entities(ctx context.Context, op provider.Op, bu string) ([]assignment, error) {
	all, _, err := results(ctx, a, op, 0, a.trust(url.Values{"PageSize": {pageMost}}, "TrustProducts", bu, "EntityAssignments"),
		func(assignment) bool { return true })
	return all, err
}

func (a *account) include(ctx context.Context, bu, object string) error {
	_, err := a.post(ctx, provider.OpSetName, 0, a.trust(nil, "TrustProducts", bu, "EntityAssignments"), url.Values{"ObjectSid": {object}}, nil)
	return err
}

// endpoints are the assignments of one number to a product or a profile.
func (a *account) endpoints(ctx context.Context, op provider.Op, n nanp.Number, of, bu, pn string) ([]assignment, error) {
	all, _, err := results(ctx, a, op, n, a.trust(url.Values{"ChannelEndpointSid": {pn}, "PageSize": {pageMost}}, of, bu, "ChannelEndpointAssignments"),
		func(x assignment) bool { return x.ChannelEndpointSID == pn && sid("RA", x.SID) })
	return all, err
}

func (a *account) assigned(ctx context.Context, op provider.Op, n nanp.Number, bu, pn string) ([]assignment, error) {
	return a.endpoints(ctx, op, n, "TrustProducts", bu, pn)
}

func (a *account) assign(ctx context.Context, op provider.Op, n nanp.Number, to, bu, pn string) error {
	form := url.Values{"ChannelEndpointType": {endpointType}, "ChannelEndpointSid": {pn}}
	var x assignment
	res, err := a.post(ctx, op, n, a.trust(nil, to, bu, "ChannelEndpointAssignments"), form, &x)
	if err == nil && x.ChannelEndpointSID != pn {
		err = res.Error(provider.Internal, provider.OutcomeUnknown, "the answer is about another number")
	}
	return err
}

// unassign takes a number out of a product. gone says that something was sent.
func (a *account) unassign(ctx context.Context, op provider.Op, n nanp.Number, bu, pn string) (gone bool, err error) {
	here, err := a.assigned(ctx, op, n, bu, pn)
	if err != nil {
		return false, unsent(err)
	}
	for _, x := range here {
		_, err := a.remove(ctx, op, n, a.trust(nil, "TrustProducts", bu, "ChannelEndpointAssignments", x.SID))
		if err != nil && !errors.Is(err, provider.NotFound) {
			return gone, err
		}
		gone = true
	}
	return gone, nil
}

// nameOf reads the caller name that a product holds.
func (a *account) nameOf(ctx context.Context, op provider.Op, bu string) (string, error) {
	in, err := a.entities(ctx, op, bu)
	if err != nil {
		return "", err
	}
	for _, e := range in {
		if !sid("IT", e.ObjectSID) {
			continue
		}
		var u endUser
		if _, err := a.get(ctx, op, 0, a.trust(nil, "EndUsers", e.ObjectSID), &u); err != nil {
			return "", err
		}
		if u.Type == nameEndUser {
			return u.displayName(), nil
		}
	}
	return "", nil
}
