package twilio

import (
	"context"
	"errors"
	"regexp"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// productStates are the words for the review of a trust product (Trust Hub,
// trust_product status), and what they mean for a number that is assigned to it.
var productStates = map[string]provider.NameState{
	"draft":           provider.NameWaiting,
	"pending-review":  provider.NameInReview,
	"in-review":       provider.NameInReview,
	"twilio-rejected": provider.NameRefused,
	"twilio-approved": provider.NameListed,
}

// The two words by which something is done.
const (
	draft    = "draft"
	approved = "twilio-approved"
	review   = "pending-review" // the word that submits a draft
)

// displayName is what Twilio takes as a caller name
// (https://www.twilio.com/docs/voice/brand-your-calls-using-cnam).
var displayName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9., ]{0,14}$`)

func (a *account) checkName(r provider.NameRequest) error {
	const op = provider.OpSetName
	if err := first(r.Key.Validate(), provider.CheckNumbers(r.Numbers, 0)); err != nil {
		return a.invalid(op, err)
	}
	for _, n := range r.Numbers {
		switch {
		case n.TollFree():
			return a.refuse(op, provider.Unsupported, n, "toll-free numbers get a caller name through Twilio's support only")
		case n.Info().Country != "US":
			return a.refuse(op, provider.Unsupported, n, "only numbers of the United States can have a caller name")
		}
	}
	if r.Remove {
		return nil
	}
	switch {
	case !displayName.MatchString(r.Name):
		return a.invalid(op, field("name", "form", "is not 1 to 15 letters, digits, periods, commas and spaces that begin with a letter"))
	case r.Business == nil || !sid("BU", r.Business.Ref):
		return a.invalid(op, field("business", "needed", "is not the reference (BU...) of a customer profile that Twilio has approved"))
	case r.Business.Email == "":
		return a.invalid(op, field("business email", "needed", "is missing"))
	}
	return nil
}

// SetName brings a caller name as far as it goes now: a trust product with the
// name is made and submitted to Twilio's review, and once it is approved the
// numbers are assigned to it. Each step is looked for under the key before it is
// made, so that calling it again with the same key goes on where it stopped.
func (a *account) SetName(ctx context.Context, r provider.NameRequest) (provider.NameOrder, error) {
	if err := a.checkName(r); err != nil {
		return provider.NameOrder{}, err
	}
	have, err := a.ours(ctx, provider.OpSetName, r.Numbers)
	if err != nil {
		return provider.NameOrder{}, err
	}
	if r.Remove {
		return a.removeNames(ctx, r, have)
	}
	p, res, err := a.submitted(ctx, r, have)
	if err != nil {
		return provider.NameOrder{}, step(err)
	}
	on, _, err := a.shelf(ctx, provider.OpSetName)
	if err != nil { // submitted, and how it stands is for TrackName to say
		return provider.NameOrder{}, partly(err, true)
	}
	if p.Status == approved {
		if err := a.assignAll(ctx, provider.OpSetName, p, on, r.Numbers, have); err != nil {
			return provider.NameOrder{}, step(err)
		}
	}
	return a.nameOrder(ctx, provider.OpSetName, res, p, on, r.Numbers, have)
}

// assignAll gives each number the approved name, and takes it out of an older one.
// A number that has a newer one keeps it, and one that a name was taken off since
// gets none: this request has been overtaken. A number that is not in the account is
// left out.
func (a *account) assignAll(ctx context.Context, op provider.Op, p trustProduct, on shelf, ns []nanp.Number, have map[nanp.Number]held) error {
	changed := false
	for _, n := range ns {
		pn := have[n].SID
		if pn == "" || on.endedSince(p, pn) {
			continue
		}
		sent, err := a.assignOne(ctx, op, p, on.products, n, pn)
		changed = changed || sent
		if err != nil {
			return partly(err, changed)
		}
	}
	return nil
}

func (a *account) assignOne(ctx context.Context, op provider.Op, p trustProduct, all []trustProduct, n nanp.Number, pn string) (sent bool, err error) {
	var older []trustProduct
	for _, o := range all {
		here, err := a.assigned(ctx, op, n, o.SID, pn)
		switch {
		case err != nil:
			return false, unsent(err)
		case len(here) == 0:
		case o.SID == p.SID, instant(o.Created).After(instant(p.Created)):
			return false, nil
		default:
			older = append(older, o)
		}
	}
	for _, o := range older {
		gone, err := a.unassign(ctx, op, n, o.SID, pn)
		sent = sent || gone
		if err != nil {
			return sent, err
		}
	}
	err = a.assign(ctx, op, n, "TrustProducts", p.SID, pn)
	return sent || err == nil, err
}

// noName is our word for what Twilio says by an empty list.
const noName = "not assigned"

// nameOrder says how the numbers of a product stand.
func (a *account) nameOrder(ctx context.Context, op provider.Op, res carrierhttp.Response, p trustProduct, on shelf, ns []nanp.Number, have map[nanp.Number]held) (provider.NameOrder, error) {
	said := res.Said(provider.Raw(p.Status))
	out := provider.NameOrder{Ref: provider.Ref(p.SID), Said: said}
	name := ""
	if p.Status == approved {
		var err error
		if name, err = a.nameOf(ctx, op, p.SID); err != nil {
			return provider.NameOrder{}, partly(err, op == provider.OpSetName)
		}
	}
	for _, n := range ns {
		it := provider.NameItem{Number: n, State: productStates[p.Status], Said: said}
		_, ours := have[n]
		switch {
		case !ours:
			it.State, it.Err = provider.NameNone, a.refuse(op, provider.NotYours, n, "the number is not in the account")
		case on.endedSince(p, have[n].SID):
			it.State, it.Err = provider.NameRefused, a.refuse(op, provider.Conflict, n, "the caller name was taken off the number since")
		case p.Status == approved:
			here, err := a.assigned(ctx, op, n, p.SID, have[n].SID)
			if err != nil {
				return provider.NameOrder{}, partly(err, op == provider.OpSetName)
			}
			it.Name = name
			if len(here) == 0 {
				it.Name, it.State = "", provider.NameRefused
				it.Err = a.refuse(op, provider.Conflict, n, "the name is approved, and the number has a newer one")
			}
		case it.State == provider.NameRefused:
			it.Err = a.rejected(op, n, p)
		}
		out.Items = append(out.Items, it)
	}
	return out, nil
}

func (a *account) rejected(op provider.Op, n nanp.Number, p trustProduct) *provider.Error {
	e := a.refuse(op, provider.Invalid, n, "Twilio's review rejected the name")
	for _, x := range p.Errors {
		if m, known := meanings[x.Code]; known && e.Code == "" {
			e.Code, e.Text = x.Code, m.text
		}
	}
	return e
}

// TrackName looks for the product under the key. One that is still a draft was
// never submitted: nothing has been asked of Twilio yet. Twilio wants one request
// more after its review, by which each number gets the name: TrackName makes it,
// for the numbers of the trace, having looked whether it was made. That may be
// repeated; a number that has a newer name keeps it, and one that a name was taken
// off since gets none. Of a removal it only looks how the numbers stand.
func (a *account) TrackName(ctx context.Context, t provider.Trace) (provider.Finding[provider.NameOrder], error) {
	const op = provider.OpTrackName
	var none provider.Finding[provider.NameOrder]
	if t.Removal {
		return a.trackNoName(ctx, t)
	}
	p, res, why, err := a.traced(ctx, op, t)
	switch {
	case err != nil:
		return none, err
	case why != "":
		return provider.Finding[provider.NameOrder]{AsOf: a.cfg.Now(), Why: why}, nil
	case p.SID == "" || p.Status == draft:
		return provider.Finding[provider.NameOrder]{Verdict: provider.Absent, AsOf: res.At}, nil
	}
	have := map[nanp.Number]held{}
	for _, n := range t.Numbers {
		w, at, ok, err := a.find(ctx, op, n)
		if err != nil {
			return none, err
		}
		if ok {
			have[n] = held{w, at}
		}
	}
	on, _, err := a.shelf(ctx, op)
	if err != nil {
		return none, err
	}
	if p.Status == approved {
		if err := a.assignAll(ctx, op, p, on, t.Numbers, have); err != nil {
			return none, err
		}
	}
	o, err := a.nameOrder(ctx, op, res, p, on, t.Numbers, have)
	if err != nil {
		return none, err
	}
	return provider.FoundAs(o, res.At), nil
}

// traced finds the one product that a trace means. why says what keeps it from
// that.
func (a *account) traced(ctx context.Context, op provider.Op, t provider.Trace) (p trustProduct, res carrierhttp.Response, why string, err error) {
	switch {
	case t.Key != "":
		all, res, err := a.productsOf(ctx, op, t.Key)
		if err != nil || len(all) == 0 {
			return trustProduct{}, res, "", err
		}
		if len(all) > 1 {
			return trustProduct{}, res, "several trust products carry this key", nil
		}
		return all[0], res, "", nil
	case sid("BU", string(t.Ref)):
		res, err := a.get(ctx, op, 0, a.trust(nil, "TrustProducts", string(t.Ref)), &p)
		switch {
		case errors.Is(err, provider.NotFound):
			return trustProduct{}, res, "", nil
		case err == nil && p.SID != string(t.Ref):
			err = res.Error(provider.Internal, provider.NotApplied, "the answer is about another trust product")
		}
		return p, res, "", err
	}
	return trustProduct{}, res, "Twilio finds caller names by their key or reference, and neither was given", nil
}

// ReadName looks for the product that the number is assigned to. Trust Hub cannot
// be asked by number: this reads every caller name product of the account.
func (a *account) ReadName(ctx context.Context, n nanp.Number) (provider.NameItem, error) {
	const op = provider.OpReadName
	if err := provider.CheckNumbers([]nanp.Number{n}, 0); err != nil {
		return provider.NameItem{}, a.invalid(op, err)
	}
	have, err := a.ours(ctx, op, []nanp.Number{n})
	if err != nil {
		return provider.NameItem{}, err
	}
	on, _, err := a.shelf(ctx, op)
	if err != nil {
		return provider.NameItem{}, err
	}
	p, ok, err := a.holding(ctx, op, on, n, have[n].SID)
	if err != nil {
		return provider.NameItem{}, err
	}
	return a.nameItem(ctx, op, have[n], p, ok)
}
