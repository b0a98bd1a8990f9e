package telnyx

import (
	"context"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

type wirePort struct {
	ID        string `json:"id"`
	Reference string `json:"customer_reference"`
	Status    struct {
		Value   string `json:"value"`
		Details []struct {
			Code string `json:"code"`
		} `json:"details"`
	} `json:"status"`
	Parent     string `json:"parent_support_key"`
	Count      int    `json:"porting_phone_numbers_count"`
	Activation struct {
		Requested time.Time `json:"foc_datetime_requested"`
		Actual    time.Time `json:"foc_datetime_actual"`
	} `json:"activation_settings"`
	Steps []string `json:"additional_steps"`
	User  struct {
		Admin map[string]any `json:"admin"`
	} `json:"end_user"`
}

// filled reports whether more has become of an order than the empty draft that opening
// a port begins with.
func (w wirePort) filled() bool {
	for _, v := range w.User.Admin {
		if v != nil && v != "" {
			return true
		}
	}
	return w.Status.Value != "draft" || !w.Activation.Requested.IsZero()
}

type wirePortNumber struct {
	Number     string `json:"phone_number"`
	Order      string `json:"porting_order_id"`
	Activation string `json:"activation_status"`
}

type wireRequirement struct {
	Kind   string `json:"field_type"`
	Status string `json:"requirement_status"`
	Type   struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"requirement_type"`
}

func portPath(r provider.Ref, rest ...string) string {
	return carrierhttp.Path(append([]string{"porting_orders", string(r)}, rest...)...)
}

// portableWord is the flag of a check, which has no other word where there is no reason.
var portableWord = map[bool]string{true: "portable", false: "not portable"}

// CheckPort asks which numbers can be ported in. It reserves nothing.
func (c *Carrier) CheckPort(ctx context.Context, ns []nanp.Number) ([]provider.PortCheck, error) {
	if err := c.numbers(provider.OpCheckPort, ns, jobMax); err != nil {
		return nil, err
	}
	type check struct {
		Number   string `json:"phone_number"`
		Portable bool   `json:"portable"`
		Fast     bool   `json:"fast_portable"`
		Reason   string `json:"not_portable_reason"`
		Carrier  string `json:"carrier_name"`
		Type     string `json:"phone_number_type"`
	}
	found, res, err := list[check](ctx, c, carrierhttp.Call{
		Op: provider.OpCheckPort, Method: "POST", Path: "/portability_checks", Body: carrierhttp.JSON(map[string]any{"phone_numbers": e164s(ns)}),
	})
	if err != nil {
		return nil, err
	}
	kinds := map[string]provider.LineType{"toll_free": provider.LineTollFree, "mobile": provider.LineWireless, "landline": provider.LineLandline}
	var out []provider.PortCheck
	for _, w := range found.Data {
		n, err := nanp.Parse(w.Number)
		if err != nil {
			continue
		}
		out = append(out, provider.PortCheck{Number: n, Portable: w.Portable, Reason: w.Reason, Losing: w.Carrier, Line: kinds[w.Type], Fast: w.Fast,
			Said: res.Said(provider.Raw(or(w.Reason, portableWord[w.Portable])))})
	}
	return out, nil
}

// OpenPort makes drafts for the numbers under the key, one for each losing carrier
// and kind, and fills each in. It may be repeated with the same key: drafts that are
// there already are filled in again. Once they are there, an error has an unknown
// outcome, and the drafts beside it.
func (c *Carrier) OpenPort(ctx context.Context, r provider.PortRequest) ([]provider.PortOrder, error) {
	op := provider.OpOpenPort
	if err := c.key(op, r.Key); err != nil {
		return nil, err
	}
	ns := make([]nanp.Number, len(r.Lines))
	for i, l := range r.Lines {
		ns[i] = l.Number
	}
	if err := c.numbers(op, ns, jobMax); err != nil {
		return nil, err
	}
	f, err := c.form(op, r)
	if err != nil {
		return nil, err
	}
	docs, err := c.kinds(ctx, op, r.Documents)
	if err != nil {
		return nil, err
	}
	drafts, res, err := c.portsOf(ctx, op, r.Key)
	if err != nil {
		return nil, err
	}
	if len(drafts) == 0 {
		made, answer, err := do[many[wirePort]](ctx, c, carrierhttp.Call{Op: op, Path: "/porting_orders", Number: ns[0],
			Body: carrierhttp.JSON(map[string]any{"phone_numbers": e164s(ns), "customer_reference": r.Key})})
		if err != nil {
			return nil, err
		}
		drafts, res = made.Data, answer
		if len(drafts) == 0 {
			return nil, res.Error(provider.Internal, provider.Applied, "the answer names no order")
		}
	}
	var out []provider.PortOrder
	var first error
	for _, w := range drafts {
		if w.Status.Value == "draft" {
			now, answer, err := c.fill(ctx, op, w.ID, f, docs)
			switch {
			case err == nil:
				w, res = now, answer
			case first == nil:
				first = unsure(err, true)
			}
		}
		o, err := c.portOrder(ctx, op, w, res)
		if err != nil && first == nil {
			first = unsure(err, true)
		}
		out = append(out, o)
	}
	return out, first
}

// portsOf are the orders that carry the key.
func (c *Carrier) portsOf(ctx context.Context, op provider.Op, k provider.Key) ([]wirePort, carrierhttp.Response, error) {
	found, res, err := all[wirePort](ctx, c, op, "/porting_orders", query("filter[customer_reference]", string(k), "include_phone_numbers", "false"))
	if err != nil {
		return nil, res, err
	}
	var mine []wirePort
	for _, w := range found {
		if w.Reference == string(k) {
			mine = append(mine, w)
		}
	}
	return mine, res, nil
}

// SubmitPort sends a draft, or an order that was rejected and amended. One that is on
// its way is answered as it stands. A draft without a date is refused here: the
// carrier would choose one.
func (c *Carrier) SubmitPort(ctx context.Context, k provider.Key, r provider.Ref) (provider.PortOrder, error) {
	op := provider.OpSubmitPort
	w, res, err := c.port(ctx, op, k, r)
	if err != nil {
		return provider.PortOrder{}, err
	}
	if s := portWords[w.Status.Value]; s == provider.PortDraft || s == provider.PortRejected {
		if w.Activation.Requested.IsZero() {
			return provider.PortOrder{}, c.fail(op, provider.Precondition, "no date is set: no window of the carrier holds the desired date, or none was asked for")
		}
		if w, res, err = send[wirePort](ctx, c, op, 0, "POST", portPath(r, "actions", "confirm"), nil); err != nil {
			return provider.PortOrder{}, err
		}
	}
	return c.portAfter(ctx, op, w, res)
}

// port reads an order before something is done to it.
func (c *Carrier) port(ctx context.Context, op provider.Op, k provider.Key, r provider.Ref) (wirePort, carrierhttp.Response, error) {
	if err := c.key(op, k); err != nil {
		return wirePort{}, carrierhttp.Response{}, err
	}
	if err := c.ref(op, r); err != nil {
		return wirePort{}, carrierhttp.Response{}, err
	}
	w, res, err := get[wirePort](ctx, c, op, 0, portPath(r), query("include_phone_numbers", "false"))
	return w, res, err
}

// portAfter is portOrder for an order that was just changed: when its numbers cannot
// be read, the change is made all the same.
func (c *Carrier) portAfter(ctx context.Context, op provider.Op, w wirePort, res carrierhttp.Response) (provider.PortOrder, error) {
	o, err := c.portOrder(ctx, op, w, res)
	if err != nil {
		e := *asError(err)
		e.Outcome = provider.Applied
		return o, &e
	}
	return o, nil
}

// CancelPort deletes a draft, and asks for any other order to be cancelled, which a
// person at the carrier decides. Single numbers cannot be cancelled.
func (c *Carrier) CancelPort(ctx context.Context, k provider.Key, r provider.Ref, only []nanp.Number) (provider.PortOrder, error) {
	op := provider.OpCancelPort
	w, res, err := c.port(ctx, op, k, r)
	if err != nil {
		return provider.PortOrder{}, err
	}
	before, err := c.portOrder(ctx, op, w, res)
	if err != nil {
		return provider.PortOrder{}, err
	}
	if len(only) > 0 && len(before.Items) < max(1, w.Count) {
		return provider.PortOrder{}, c.fail(op, provider.Precondition, "the carrier does not show which numbers the order holds: whether those that were named are all of them cannot be seen")
	}
	if len(only) > 0 && !covers(only, before) {
		return provider.PortOrder{}, c.fail(op, provider.Unsupported, "single numbers of an order cannot be cancelled")
	}
	switch before.State {
	case provider.PortCancelled, provider.PortCancelAsked:
		return before, nil
	case provider.PortDraft:
		res, err := c.http.Do(ctx, carrierhttp.Call{Op: op, Method: "DELETE", Path: portPath(r)})
		if err != nil {
			return provider.PortOrder{}, err
		}
		before.State, before.Said, before.Needs = provider.PortCancelled, res.Said("deleted"), nil
		for i := range before.Items {
			before.Items[i].State, before.Items[i].Said = provider.PortCancelled, before.Said
		}
		return before, nil
	}
	if w, res, err = send[wirePort](ctx, c, op, 0, "POST", portPath(r, "actions", "cancel"), nil); err != nil {
		return provider.PortOrder{}, err
	}
	return c.portAfter(ctx, op, w, res)
}

func covers(only []nanp.Number, o provider.PortOrder) bool {
	named := make(map[nanp.Number]bool)
	for _, n := range only {
		named[n] = true
	}
	for _, it := range o.Items {
		if !named[it.Number] {
			return false
		}
	}
	return true
}

// TrackPort finds an order by its reference, or all orders that carry the key. One
// that opening has not come to fill in is an empty draft, which its Needs say: amend
// it, or open the port again with the same key.
func (c *Carrier) TrackPort(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.PortOrder], error) {
	var f provider.Finding[[]provider.PortOrder]
	op := provider.OpTrackPort
	var found []wirePort
	var res carrierhttp.Response
	var err error
	switch {
	case t.Ref != "":
		var w wirePort
		w, res, err = get[wirePort](ctx, c, op, 0, portPath(t.Ref), query("include_phone_numbers", "false"))
		found = []wirePort{w}
		if kindIs(err, provider.NotFound) {
			found, err = nil, nil
		}
	case t.Key != "":
		found, res, err = c.portsOf(ctx, op, t.Key)
	default:
		f.AsOf, f.Why = c.cfg.Now(), "a port order is found by key or reference, and neither was given"
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.AsOf = res.At
	if len(found) == 0 {
		f.Verdict = provider.Absent
		return f, nil
	}
	var out []provider.PortOrder
	in := make(map[nanp.Number]provider.Ref)
	for _, w := range found {
		o, err := c.portOrder(ctx, op, w, res)
		if err != nil {
			return provider.Finding[[]provider.PortOrder]{}, err
		}
		for _, it := range o.Items {
			if other := in[it.Number]; other != "" && o.State != provider.PortCancelled {
				f.Why = fmt.Sprintf("orders %s and %s carry this key, which the carrier does not keep unique, and are about the same number", other, o.Ref)
				return f, nil
			}
			if o.State != provider.PortCancelled {
				in[it.Number] = o.Ref
			}
		}
		out = append(out, o)
	}
	return provider.FoundAs(out, f.AsOf), nil
}

// portOrder reads the numbers of an order, and what is missing from one that waits
// for us.
func (c *Carrier) portOrder(ctx context.Context, op provider.Op, w wirePort, res carrierhttp.Response) (provider.PortOrder, error) {
	said := res.Said(provider.Raw(w.Status.Value))
	o := provider.PortOrder{Ref: provider.Ref(w.ID), Group: provider.Ref(w.Parent), Key: provider.Key(w.Reference), State: portWords[w.Status.Value], Said: said}
	if at := w.Activation.Requested; !at.IsZero() {
		y, m, d := at.In(c.cfg.Zone).Date()
		o.Requested = provider.Date{Year: y, Month: m, Day: d}
	}
	if o.State == provider.PortFOC || o.State == provider.PortDone {
		o.FOC = w.Activation.Actual
	}
	for _, d := range w.Status.Details {
		o.Reasons = append(o.Reasons, provider.Rejection{Code: rejections[d.Code], Carrier: d.Code})
	}
	numbers, numbersRes, err := all[wirePortNumber](ctx, c, op, "/porting_phone_numbers", query("filter[porting_order_id]", w.ID))
	if err != nil {
		return o, err
	}
	for _, it := range numbers {
		if n, err := nanp.Parse(it.Number); err == nil && it.Order == w.ID {
			o.Items = append(o.Items, c.portItem(n, it, o, numbersRes))
		}
	}
	if o.State != provider.PortDraft && o.State != provider.PortRejected {
		return o, nil
	}
	o.Needs, err = c.needs(ctx, op, w)
	return o, err
}

// portItem stands where its order stands, unless the registry of ported numbers says
// more of it once there is a FOC. A number of an order that is done is not done against
// a word of its own.
func (c *Carrier) portItem(n nanp.Number, w wirePortNumber, o provider.PortOrder, res carrierhttp.Response) provider.PortItem {
	it := provider.PortItem{Number: n, State: o.State, Said: o.Said, FOC: o.FOC, Reasons: o.Reasons}
	if o.State == provider.PortFOC && w.Activation != "" {
		it.State, it.Said = activationWords[w.Activation], res.Said(provider.Raw(w.Activation))
	}
	if o.State == provider.PortDone && undone[activationWords[w.Activation]] {
		it.State, it.Said = provider.PortUnclear, res.Said(provider.Raw(w.Activation))
	}
	return it
}

// undone are the states of a number that has not come.
var undone = map[provider.PortState]bool{provider.PortRejected: true, provider.PortFailed: true, provider.PortCancelAsked: true, provider.PortCancelled: true}

func (c *Carrier) needs(ctx context.Context, op provider.Op, w wirePort) ([]provider.Requirement, error) {
	list, _, err := all[wireRequirement](ctx, c, op, portPath(provider.Ref(w.ID), "requirements"), nil)
	if err != nil {
		return nil, err
	}
	var out []provider.Requirement
	if !w.filled() {
		out = append(out, provider.Requirement{ID: "end_user", Name: "the request itself: the order is an empty draft", Kind: "request"})
	}
	for _, x := range list {
		if x.Status != "approved" && x.Status != "requirement-info-under-review" {
			out = append(out, provider.Requirement{ID: x.Type.ID, Name: x.Type.Name, Kind: x.Kind})
		}
	}
	for _, s := range w.Steps {
		out = append(out, provider.Requirement{ID: s, Name: s, Kind: "step"})
	}
	if w.Activation.Requested.IsZero() {
		out = append(out, provider.Requirement{ID: "foc_datetime_requested", Name: "a date within the carrier's windows", Kind: "date"})
	}
	return out, nil
}
