package bandwidth

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// orderLines is what one order holds at most here. The carrier's own limit
// belongs to the account (5095).
const orderLines = 1000

// orderWords says, for each status of an order, what becomes of a number that it
// has neither completed nor refused. A word that is missing is Unclear.
var orderWords = map[provider.Raw]provider.ItemState{
	"RECEIVED":    provider.ItemWaiting,
	"PROCESSING":  provider.ItemWaiting,
	"COMPLETE":    provider.ItemAssigned,
	"PARTIAL":     provider.ItemUnclear, // not said: the number itself says it
	"BACKORDERED": provider.ItemBackordered,
	"FAILED":      provider.ItemRefused,
}

// lookAgain is when an order that stands there is worth another look. The carrier
// would rather send webhooks.
var lookAgain = map[provider.Raw]time.Duration{"RECEIVED": 2 * time.Second, "PROCESSING": 2 * time.Second, "BACKORDERED": time.Minute}

type order struct {
	XMLName            xml.Name        `xml:"Order"`
	CustomerOrderID    provider.Key    `xml:"CustomerOrderId"`
	Name               string          `xml:"Name"`
	SiteID             string          `xml:"SiteId"`
	PeerID             string          `xml:"PeerId,omitempty"`
	PartialAllowed     bool            `xml:"PartialAllowed"`
	BackOrderRequested bool            `xml:"BackOrderRequested"`
	Existing           existingNumbers `xml:"ExistingTelephoneNumberOrderType"`
}

type existingNumbers struct {
	Numbers      []string        `xml:"TelephoneNumberList>TelephoneNumber"`
	Reservations *reservationIDs `xml:"ReservationIdList"` // nil when there are none
}

type reservationIDs struct {
	List []provider.Ref `xml:"ReservationId"`
}

// Place orders explicit numbers. Options: SiteId, PeerId. A backorder is never
// asked for.
func (c *Carrier) Place(ctx context.Context, r provider.OrderRequest) (provider.Order, error) {
	if err := c.invalid(provider.OpPlace, r.Validate(orderLines)); err != nil {
		return provider.Order{}, err
	}
	site, peer, err := c.placement(provider.OpPlace, r.Options)
	if err != nil {
		return provider.Order{}, err
	}
	body := order{CustomerOrderID: r.Key, Name: string(r.Key), SiteID: site, PeerID: peer, PartialAllowed: r.Partial}
	asked := make([]nanp.Number, len(r.Lines))
	var held []provider.Ref
	for i, l := range r.Lines {
		asked[i] = l.Number
		if l.Hold != "" {
			held = append(held, l.Hold)
		}
	}
	body.Existing.Numbers = e164s(asked)
	if len(held) > 0 {
		body.Existing.Reservations = &reservationIDs{held}
	}
	rep, err := c.create(ctx, provider.OpPlace, c.account("orders"), body)
	if err != nil {
		return provider.Order{}, err
	}
	o := orderIn(rep, asked)
	if o.Ref == "" {
		o.Ref = provider.Ref(created(rep.res))
	}
	if o.Key = r.Key; o.Ref == "" {
		return provider.Order{}, rep.res.Error(provider.Internal, provider.Applied, "the carrier took the order and did not name it")
	}
	c.made.add(o.Ref, c.cfg.Now(), c.cfg.Horizon)
	return o, nil
}

// Track finds the order by its reference or by the key that it carries, and asks
// after each number whether it is in service.
func (c *Carrier) Track(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	s, err := c.sight(ctx, provider.OpTrack, orders, t, url.Values{"page": {"1"}, "size": {"100"}})
	if err != nil || s.verdict != provider.Found {
		return finding[provider.Order](s), err
	}
	c.made.add(provider.Ref(s.ref), c.cfg.Now(), c.cfg.Horizon)
	o, err := c.settled(ctx, provider.OpTrack, s)
	if err != nil {
		return provider.Finding[provider.Order]{}, err
	}
	return provider.FoundAs(o, s.at), nil
}

func (c *Carrier) settled(ctx context.Context, op provider.Op, s sighting) (provider.Order, error) {
	o := orderIn(s.reply, nil)
	o.Ref = provider.Ref(s.ref)
	return o, c.askNumbers(ctx, op, &o)
}

// orderIn reads an order. asked are the numbers that were sent, for an answer
// that does not repeat them.
func orderIn(r reply, asked []nanp.Number) provider.Order {
	in := r.doc.find("Order")
	raw := provider.Raw(r.doc.str("OrderStatus"))
	o := provider.Order{Ref: provider.Ref(in.str("id")), Key: provider.Key(customerOrderID(r.doc)), Said: r.res.Said(raw), Again: lookAgain[raw]}
	if o.Ref == "" {
		o.Ref = provider.Ref(in.str("OrderId"))
	}
	open, known := orderWords[raw]
	if raw == "" && r.res.Status == http.StatusCreated {
		open, known = provider.ItemWaiting, true // taken, and no status yet
	}
	done := r.doc.kid("CompletedNumbers").numbers()
	refused, whole := byNumber(problems(r.doc.kid("ErrorList")))
	for _, n := range union(asked, in.kid("ExistingTelephoneNumberOrderType").numbers(), done, keys(refused)) {
		it := provider.OrderItem{Number: n, State: open, Said: o.Said}
		p, bad := refused[n]
		switch {
		case !known:
			it.State = provider.ItemUnclear
		case slices.Contains(done, n):
			it.State = provider.ItemAssigned
		case bad:
			it.State, it.Err = provider.ItemRefused, itemError(r.res, orders, p, n)
		case open == provider.ItemRefused:
			it.Err = itemError(r.res, orders, whole, n)
		}
		o.Items = append(o.Items, it)
	}
	return o
}

// byNumber sorts errors by the numbers that they are about. whole is the first
// that is about none.
func byNumber(ps []problem) (of map[nanp.Number]problem, whole problem) {
	of = make(map[nanp.Number]problem)
	for _, p := range ps {
		if len(p.numbers) == 0 && whole.code == "" {
			whole = p
		}
		for _, n := range p.numbers {
			if _, known := of[n]; !known {
				of[n] = p
			}
		}
	}
	return of, whole
}

func keys(of map[nanp.Number]problem) []nanp.Number {
	out := make([]nanp.Number, 0, len(of))
	for n := range of {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// union keeps the order of the first list, and adds what only the others have.
func union(lists ...[]nanp.Number) []nanp.Number {
	var out []nanp.Number
	seen := make(map[nanp.Number]bool)
	for _, l := range lists {
		for _, n := range l {
			if !seen[n] {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	return out
}

// askNumbers asks what the numbers themselves say, where the order cannot: is one
// that it has completed in service, and did it get one that it does not mention?
func (c *Carrier) askNumbers(ctx context.Context, op provider.Op, o *provider.Order) error {
	var ns []nanp.Number
	for _, it := range o.Items {
		if it.State == provider.ItemAssigned || it.Said.Raw == "PARTIAL" && it.State == provider.ItemUnclear {
			ns = append(ns, it.Number)
		}
	}
	if len(ns) == 0 {
		return nil
	}
	said, err := c.statuses(ctx, op, ns)
	if err != nil {
		return err
	}
	lists := slices.ContainsFunc(o.Items, func(it provider.OrderItem) bool { return it.State == provider.ItemAssigned })
	for i := range o.Items {
		it := &o.Items[i]
		if slices.Contains(ns, it.Number) {
			c.amend(it, said[it.Number], lists)
		}
	}
	return nil
}

// amend says of one item what its number says. A completed number that is not
// in the account, and does not age either, is Unclear: the two lists may lag. So is
// one of an order that lists none which it has completed.
func (c *Carrier) amend(it *provider.OrderItem, s telephone, lists bool) {
	promised := it.State == provider.ItemAssigned
	it.Said, it.State = s.said, provider.ItemUnclear
	switch state, known := telephoneWords[s.said.Raw]; {
	case s.ours && known:
		it.State = state
	case s.ours:
	case !promised && lists:
		it.State = provider.ItemRefused
		it.Err = &provider.Error{Op: provider.OpPlace, Provider: c.cfg.ID, Kind: provider.NumberTaken, Outcome: provider.NotApplied, Number: it.Number,
			Text: "the order ended without the number", Request: s.said.Request}
	}
}

type closing struct {
	XMLName         xml.Name `xml:"Order"`
	Name            string   `xml:"Name,omitempty"`
	CustomerOrderID string   `xml:"CustomerOrderId,omitempty"`
	CloseOrder      bool     `xml:"CloseOrder"`
}

// CloseOrder ends a backorder, and keeps what was allocated. The order is read
// first: its name and key are sent back, so that they stay.
func (c *Carrier) CloseOrder(ctx context.Context, k provider.Key, ref provider.Ref) (provider.Order, error) {
	if err := k.Validate(); err != nil {
		return provider.Order{}, c.invalid(provider.OpCloseOrder, err)
	}
	if ref == "" {
		return provider.Order{}, c.invalid(provider.OpCloseOrder, field("reference", "length", "is empty"))
	}
	path := c.account("orders", string(ref))
	now, err := c.get(ctx, provider.OpCloseOrder, path, nil)
	if err != nil {
		return provider.Order{}, notSent(c.notYet(now, err, ref))
	}
	body := closing{Name: now.doc.find("Order").str("Name"), CustomerOrderID: customerOrderID(now.doc), CloseOrder: true}
	if open := provider.Raw(now.doc.str("OrderStatus")); open != "BACKORDERED" && orderWords[open] != provider.ItemWaiting {
		return c.settled(ctx, provider.OpCloseOrder, sighting{reply: now, ref: string(ref), at: now.res.At})
	}
	if _, err = c.do(ctx, carrierhttp.Call{Op: provider.OpCloseOrder, Method: http.MethodPut, Path: path, Body: carrierhttp.XML(body)}); err != nil {
		return provider.Order{}, err
	}
	if after, err := c.get(ctx, provider.OpCloseOrder, path, nil); err == nil {
		if o, err := c.settled(ctx, provider.OpCloseOrder, sighting{reply: after, ref: string(ref), at: after.res.At}); err == nil {
			return o, nil
		}
	}
	o := orderIn(now, nil) // closed, and how it stands is not known yet: as it stood before
	o.Ref, o.Again = ref, lookAgain["RECEIVED"]
	return o, nil
}
