package bandwidth

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

type disconnect struct {
	XMLName         xml.Name     `xml:"DisconnectTelephoneNumberOrder"`
	Name            string       `xml:"Name"`
	CustomerOrderID provider.Key `xml:"CustomerOrderId"`
	Numbers         []string     `xml:"DisconnectTelephoneNumberOrderType>TelephoneNumberList>TelephoneNumber"`
	Mode            string       `xml:"DisconnectTelephoneNumberOrderType>DisconnectMode"`
}

// disconnectWords says, for each status of a disconnect order, what becomes of a
// number that it did not refuse.
var disconnectWords = map[provider.Raw]provider.ItemState{
	"RECEIVED":   provider.ItemWaiting,
	"PROCESSING": provider.ItemWaiting,
	"COMPLETE":   provider.ItemGone,
	"PARTIAL":    provider.ItemGone,
	"FAILED":     provider.ItemRefused,
}

// Return disconnects numbers. It cannot be undone.
func (c *Carrier) Return(ctx context.Context, r provider.ReturnRequest) (provider.Order, error) {
	if err := c.checkNumbers(provider.OpReturn, r.Key, r.Numbers, orderLines); err != nil {
		return provider.Order{}, err
	}
	rep, err := c.create(ctx, provider.OpReturn, c.account("disconnects"), disconnect{Name: string(r.Key), CustomerOrderID: r.Key, Numbers: e164s(r.Numbers), Mode: "normal"})
	if err != nil {
		return provider.Order{}, err
	}
	o := disconnectIn(rep, r.Numbers)
	if o.Ref == "" {
		o.Ref = provider.Ref(created(rep.res))
	}
	o.Key = r.Key
	return o, nil
}

func disconnectIn(r reply, asked []nanp.Number) provider.Order {
	in := r.doc.find("orderRequest")
	raw := provider.Raw(r.doc.str("OrderStatus"))
	o := provider.Order{Ref: provider.Ref(in.str("id")), Key: provider.Key(customerOrderID(r.doc)), Said: r.res.Said(raw), Again: lookAgain[raw]}
	state, known := disconnectWords[raw]
	if raw == "" && r.res.Status == http.StatusCreated {
		state, known = provider.ItemWaiting, true
	}
	refused, whole := byNumber(problems(r.doc.kid("ErrorList")))
	for _, n := range union(asked, in.kid("DisconnectTelephoneNumberOrderType").numbers(), keys(refused)) {
		it := provider.OrderItem{Number: n, State: state, Said: o.Said}
		p, bad := refused[n]
		switch {
		case !known:
			it.State = provider.ItemUnclear
		case bad:
			it.State, it.Err = provider.ItemRefused, itemError(r.res, disconnects, p, n)
		case state == provider.ItemRefused:
			it.Err = itemError(r.res, disconnects, whole, n)
		}
		o.Items = append(o.Items, it)
	}
	return o
}

// TrackReturn reads the disconnect order when its reference is known, and asks the
// numbers whether they are gone as it says. Without a reference it asks the
// numbers: those that are not ours any more are gone. For those that still
// are it looks through the disconnect orders since the return was sent, because
// orders cannot be asked for by key; Absent is proven when none of them holds a
// number of the trace.
func (c *Carrier) TrackReturn(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	if t.Ref != "" {
		r, err := c.get(ctx, provider.OpTrackReturn, c.account("disconnects", string(t.Ref)), nil)
		if err == nil {
			o := disconnectIn(r, t.Numbers)
			o.Ref = t.Ref
			return provider.FoundAs(o, r.res.At), c.confirm(ctx, &o)
		}
		if !missing(r, err) {
			return provider.Finding[provider.Order]{}, err
		}
	}
	if len(t.Numbers) == 0 {
		return provider.Finding[provider.Order]{AsOf: c.cfg.Now(), Why: "the carrier finds disconnect orders by reference or by number, and none was given"}, nil
	}
	return c.returned(ctx, t)
}

// confirm asks the numbers that an order calls gone. One that is still here is
// Unclear: the two may lag.
func (c *Carrier) confirm(ctx context.Context, o *provider.Order) error {
	var ns []nanp.Number
	for _, it := range o.Items {
		if it.State == provider.ItemGone {
			ns = append(ns, it.Number)
		}
	}
	if len(ns) == 0 {
		return nil
	}
	said, err := c.statuses(ctx, provider.OpTrackReturn, ns)
	if err != nil {
		return err
	}
	for i := range o.Items {
		it := &o.Items[i]
		if s := said[it.Number]; it.State == provider.ItemGone && s.stays() {
			it.State, it.Said = provider.ItemUnclear, s.said
		}
	}
	return nil
}

// stays reports whether the number is in the account, and not on its way out.
func (t telephone) stays() bool { return t.ours && telephoneWords[t.said.Raw] != provider.ItemGone }

func (c *Carrier) returned(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	const op = provider.OpTrackReturn
	said, err := c.statuses(ctx, op, t.Numbers)
	if err != nil {
		return provider.Finding[provider.Order]{}, err
	}
	o := provider.Order{Key: t.Key}
	stay := 0
	for _, n := range t.Numbers {
		it := provider.OrderItem{Number: n, State: provider.ItemGone, Said: said[n].said}
		if said[n].stays() {
			it.State = provider.ItemUnclear
			stay++
		}
		o.Items = append(o.Items, it)
		o.Said = it.Said
	}
	if stay == 0 {
		return provider.FoundAs(o, o.Said.At), nil
	}
	return c.disconnecting(ctx, t, o, stay == len(t.Numbers))
}

// disconnecting looks for the order that is about numbers which are still here.
func (c *Carrier) disconnecting(ctx context.Context, t provider.Trace, o provider.Order, all bool) (provider.Finding[provider.Order], error) {
	const op = provider.OpTrackReturn
	cannot := provider.Finding[provider.Order]{AsOf: o.Said.At, Why: "too many numbers were returned since to look through them all"}
	q := url.Values{"page": {"1"}, "size": {"100"}}
	if !t.Since.IsZero() {
		q.Set("startdate", t.Since.UTC().AddDate(0, 0, -1).Format("2006-01-02"))
		q.Set("enddate", c.cfg.Now().UTC().AddDate(0, 0, 1).Format("2006-01-02"))
	}
	listed, err := c.list(ctx, op, c.account("disconnects"), q)
	if err != nil {
		return provider.Finding[provider.Order]{}, err
	}
	ids := orderIDs(listed.doc)
	if len(ids) > 100 || next(listed.doc) != "" {
		return cannot, nil
	}
	cannot.Why = silence(listed, len(ids))
	for _, id := range ids {
		r, err := c.get(ctx, op, c.account("disconnects", id), nil)
		if missing(r, err) {
			cannot.Why = "the carrier lists a disconnect order that it does not show"
			continue
		}
		if err != nil {
			return provider.Finding[provider.Order]{}, err
		}
		got := disconnectIn(r, nil)
		got.Ref = provider.Ref(id)
		if got.Key == t.Key && t.Key != "" {
			return provider.FoundAs(got, r.res.At), nil
		}
		if got.Key == "" && mayBe(r.doc, t) {
			cannot.Why = "a disconnect order that carries no key may be about one of the numbers"
		}
	}
	switch {
	case cannot.Why != "":
		return cannot, nil
	case all:
		return provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: o.Said.At}, nil
	}
	return provider.Finding[provider.Order]{AsOf: o.Said.At, Why: "some of the numbers are gone and some are not, and no disconnect order carries the key"}, nil
}
