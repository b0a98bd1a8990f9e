package telnyx

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// Options of an order.
const (
	OptConnection       = "connection_id"
	OptMessagingProfile = "messaging_profile_id"
	OptBillingGroup     = "billing_group_id"
	OptRequirementGroup = "requirement_group_id" // of each of its numbers
)

type wireOrder struct {
	ID        string          `json:"id"`
	Status    string          `json:"status"`
	Reference string          `json:"customer_reference"`
	Count     int             `json:"phone_numbers_count"`
	Parts     []string        `json:"sub_number_orders_ids"`
	Numbers   []wireOrderItem `json:"phone_numbers"`
}

type wireOrderItem struct {
	Number       string `json:"phone_number"`
	Status       string `json:"status"`
	Requirements string `json:"requirements_status"`
	Type         string `json:"phone_number_type"`
	Country      string `json:"country_code"`
}

type wirePart struct {
	ID      string `json:"id"`
	Order   string `json:"order_request_id"`
	Status  string `json:"status"`
	Type    string `json:"phone_number_type"`
	Country string `json:"country_code"`
}

type newOrder struct {
	Numbers    []newNumber  `json:"phone_numbers"`
	Connection string       `json:"connection_id,omitempty"`
	Messaging  string       `json:"messaging_profile_id,omitempty"`
	Billing    string       `json:"billing_group_id,omitempty"`
	Reference  provider.Key `json:"customer_reference"`
}

// Place orders numbers that a recent search has returned. The carrier takes and
// refuses each by itself: it cannot be told to provide all or none, so that an order
// that is not Partial may be filled in part, which its items say.
func (c *Carrier) Place(ctx context.Context, r provider.OrderRequest) (provider.Order, error) {
	var none provider.Order
	if err := r.Validate(orderLines); err != nil {
		return none, c.refuse(provider.OpPlace, err)
	}
	if err := r.Options.Only(OptConnection, OptMessagingProfile, OptBillingGroup, OptRequirementGroup); err != nil {
		return none, c.refuse(provider.OpPlace, err)
	}
	body := newOrder{
		Connection: or(r.Options[OptConnection], c.cfg.Connection),
		Messaging:  or(r.Options[OptMessagingProfile], c.cfg.MessagingProfile),
		Billing:    or(r.Options[OptBillingGroup], c.cfg.BillingGroup),
		Reference:  r.Key,
	}
	for _, l := range r.Lines {
		body.Numbers = append(body.Numbers, newNumber{Number: l.Number.String(), Group: r.Options[OptRequirementGroup]})
	}
	asked := make([]nanp.Number, len(r.Lines))
	for i, l := range r.Lines {
		asked[i] = l.Number
	}
	w, res, err := sendAbout[wireOrder](ctx, c, provider.OpPlace, asked, "/number_orders", body)
	if err != nil {
		return none, err
	}
	if w.ID == "" {
		return none, res.Error(provider.Internal, provider.Applied, "the answer names no order")
	}
	return c.order(w, res, nil, carrierhttp.Response{}, asked), nil
}

// Track finds an order by its reference, or by the key.
func (c *Carrier) Track(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	w, res, f, err := c.findOrder(ctx, t)
	if err != nil || f.Verdict != provider.Found {
		return f, err
	}
	w, res, parts, said, err := c.whole(ctx, provider.OpTrack, w, res)
	if err != nil {
		return provider.Finding[provider.Order]{}, err
	}
	o := c.order(w, res, parts, said, t.Numbers)
	for _, n := range t.Numbers {
		if _, ok := o.Item(n); !ok {
			return provider.Finding[provider.Order]{AsOf: res.At, Why: "the order with this key is about other numbers"}, nil
		}
	}
	return provider.FoundAs(o, res.At), nil
}

// findOrder reads the order behind a trace: by its reference, and where that leads
// nowhere by the key.
func (c *Carrier) findOrder(ctx context.Context, t provider.Trace) (w wireOrder, res carrierhttp.Response, f provider.Finding[provider.Order], err error) {
	if t.Ref == "" && t.Key == "" {
		f.AsOf, f.Why = c.cfg.Now(), "an order is found by key or reference, and neither was given"
		return w, res, f, nil
	}
	id := string(t.Ref)
	if id == "" {
		if id, f, err = c.orderWith(ctx, t.Key); err != nil || id == "" {
			return w, res, f, err
		}
	}
	w, res, err = get[wireOrder](ctx, c, provider.OpTrack, 0, carrierhttp.Path("number_orders", id), nil)
	f.AsOf = res.At
	switch {
	case kindIs(err, provider.NotFound) && t.Ref != "" && t.Key != "":
		w, res, f, err = c.findOrder(ctx, provider.Trace{Key: t.Key, Numbers: t.Numbers, Since: t.Since})
		if f.Verdict == provider.Absent {
			f.Verdict, f.Why = provider.CannotTell, "the carrier has named this order, and shows neither it nor another with the key"
		}
		return w, res, f, err
	case kindIs(err, provider.NotFound): // orders do not vanish: the answer may be an old one
		f.Why = "the carrier has named this order, and cannot show it"
		return w, res, f, nil
	case err != nil:
		return w, res, f, err
	case t.Key != "" && w.Reference != string(t.Key):
		f.Why = "the order with this reference carries another key"
		return w, res, f, nil
	}
	f.Verdict = provider.Found
	return w, res, f, nil
}

// orderWith looks for the order that carries the key: free text, which the carrier
// does not keep unique. Whether its filter matches the whole is not documented: it is
// compared here. Without an ID the finding is the answer.
func (c *Carrier) orderWith(ctx context.Context, k provider.Key) (id string, f provider.Finding[provider.Order], err error) {
	found, res, err := all[wireOrder](ctx, c, provider.OpTrack, "/number_orders", query("filter[customer_reference]", string(k)))
	if err != nil {
		return "", f, err
	}
	f.AsOf = res.At
	ids := make(map[string]bool)
	for _, o := range found {
		if o.Reference == string(k) {
			ids[o.ID] = true
			id = o.ID
		}
	}
	switch len(ids) {
	case 0:
		f.Verdict = provider.Absent
	case 1:
	default:
		id, f.Why = "", fmt.Sprintf("%d orders carry this key, which the carrier does not keep unique", len(ids))
	}
	return id, f, nil
}

// parts lists the sub-orders of an order: what the filter lets through besides is not
// its own, and must not be cancelled with it.
func (c *Carrier) parts(ctx context.Context, op provider.Op, order string) ([]wirePart, carrierhttp.Response, error) {
	m, res, err := list[wirePart](ctx, c, carrierhttp.Call{Op: op, Path: "/sub_number_orders", Query: query("filter[order_request_id]", order)})
	return slices.DeleteFunc(m.Data, func(p wirePart) bool { return p.Order != order }), res, err
}

// whole reads the parts of an order. When one was called off, what was pending before
// may have come since: the order is read again, after its parts.
func (c *Carrier) whole(ctx context.Context, op provider.Op, w wireOrder, res carrierhttp.Response) (wireOrder, carrierhttp.Response, []wirePart, carrierhttp.Response, error) {
	parts, said, err := c.parts(ctx, op, w.ID)
	if err != nil || !slices.ContainsFunc(parts, wirePart.calledOff) {
		return w, res, parts, said, err
	}
	w, res, err = get[wireOrder](ctx, c, op, 0, carrierhttp.Path("number_orders", w.ID), nil)
	return w, res, parts, said, err
}

// calledOff reports whether nothing more comes of a part.
func (p wirePart) calledOff() bool { return orderWords[p.Status] == provider.ItemRefused }

// order is what the carrier says about an order. Of the numbers that were asked for
// the carrier may show some only: it says nothing about the others.
func (c *Carrier) order(w wireOrder, res carrierhttp.Response, parts []wirePart, said carrierhttp.Response, asked []nanp.Number) provider.Order {
	o := provider.Order{Ref: provider.Ref(w.ID), Key: provider.Key(w.Reference), Said: res.Said(provider.Raw(w.Status))}
	for _, p := range parts {
		o.Parts = append(o.Parts, provider.OrderPart{Ref: provider.Ref(p.ID), Said: said.Said(provider.Raw(p.Status))})
	}
	if len(parts) == 0 {
		for _, id := range w.Parts {
			o.Parts = append(o.Parts, provider.OrderPart{Ref: provider.Ref(id)})
		}
	}
	for _, it := range w.Numbers {
		if n, err := nanp.Parse(it.Number); err == nil {
			o.Items = append(o.Items, c.orderItem(n, it, partOf(it, parts, w.Parts), res))
		}
	}
	if w.Count > len(w.Numbers) {
		for _, n := range asked {
			if _, ok := o.Item(n); !ok {
				o.Items = append(o.Items, provider.OrderItem{Number: n, Said: res.Said("")})
			}
		}
	}
	if !o.Settled() {
		o.Again = 5 * time.Second
	}
	return o
}

// partOf is the part that a number sits in: parts are made by country and type.
func partOf(it wireOrderItem, parts []wirePart, ids []string) wirePart {
	if len(parts) == 0 && len(ids) == 1 {
		return wirePart{ID: ids[0]}
	}
	var in []wirePart
	for _, p := range parts {
		if p.Type == it.Type && p.Country == it.Country || len(parts) == 1 {
			in = append(in, p)
		}
	}
	if len(in) == 1 {
		return in[0]
	}
	return wirePart{}
}

func (c *Carrier) orderItem(n nanp.Number, it wireOrderItem, part wirePart, res carrierhttp.Response) provider.OrderItem {
	out := provider.OrderItem{Number: n, Part: provider.Ref(part.ID), State: orderWords[it.Status], Said: res.Said(provider.Raw(it.Status))}
	if it.Status == "pending" {
		out.State = requirementWords[it.Requirements]
		if out.State != provider.ItemWaiting {
			out.Said = res.Said(provider.Raw(it.Requirements))
		}
		// A part that was called off takes what was pending in it along.
		if part.calledOff() {
			out.State, out.Said = provider.ItemRefused, res.Said(provider.Raw(part.Status))
		}
	}
	switch {
	case out.State == provider.ItemNeedsInfo:
		out.Err = res.Error(provider.Precondition, provider.NotApplied, "the carrier waits for regulatory information about the number")
	case out.State != provider.ItemRefused:
		return out
	case out.Said.Raw == "failure":
		out.Err = res.Error(provider.NumberTaken, provider.NotApplied, "the carrier could not provide the number; it does not say why")
	default:
		out.Err = res.Error(provider.Precondition, provider.NotApplied, "the order was called off before the number was ours")
	}
	out.Err.Number = n
	return out
}

// CloseOrder cancels the parts of the order that are pending. It may be repeated.
func (c *Carrier) CloseOrder(ctx context.Context, k provider.Key, r provider.Ref) (provider.Order, error) {
	var none provider.Order
	if err := c.key(provider.OpCloseOrder, k); err != nil {
		return none, err
	}
	if err := c.ref(provider.OpCloseOrder, r); err != nil {
		return none, err
	}
	path := carrierhttp.Path("number_orders", string(r))
	if _, _, err := get[wireOrder](ctx, c, provider.OpCloseOrder, 0, path, nil); err != nil {
		return none, err
	}
	parts, _, err := c.parts(ctx, provider.OpCloseOrder, string(r))
	if err != nil {
		return none, err
	}
	begun := false
	for _, p := range parts {
		if p.Status != "pending" {
			continue
		}
		_, _, err := send[wirePart](ctx, c, provider.OpCloseOrder, 0, "PATCH", carrierhttp.Path("sub_number_orders", p.ID, "cancel"), nil)
		if err != nil && !ofItem(err) { // one that is pending no more is refused: the order says how it stands
			return none, unsure(err, begun)
		}
		begun = true
	}
	w, res, err := get[wireOrder](ctx, c, provider.OpCloseOrder, 0, path, nil)
	if err != nil {
		return none, unsure(err, begun)
	}
	w, res, parts, said, err := c.whole(ctx, provider.OpCloseOrder, w, res)
	if err != nil {
		return none, unsure(err, begun)
	}
	return c.order(w, res, parts, said, nil), nil
}
