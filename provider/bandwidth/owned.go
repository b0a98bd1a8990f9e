package bandwidth

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// telephoneWords are the statuses of a number. Those that are not ours, or not
// yet, or no more, are Gone or Waiting.
var telephoneWords = map[provider.Raw]provider.ItemState{
	"Inservice":        provider.ItemLive,
	"InAccount":        provider.ItemAssigned, // ours, and no calls yet
	"Aging":            provider.ItemGone,     // given back, not for sale to others yet
	"Available":        provider.ItemGone,
	"Reserved":         provider.ItemWaiting,
	"PortInPendingFoc": provider.ItemWaiting,
}

const (
	telephonesPage = 2500 // the largest page of /tns, and the largest list that can be asked about
	protected      = "Protected"
)

// telephone is what the carrier says about one number.
type telephone struct {
	said provider.Said
	ours bool // shown under our account
}

// Owned reads one number. The carrier has no label on it.
func (c *Carrier) Owned(ctx context.Context, n nanp.Number) (provider.Owned, error) {
	r, err := c.details(ctx, provider.OpOwned, n)
	if err != nil {
		return provider.Owned{}, err
	}
	o := ownedIn(r, r.doc.find("TelephoneNumberDetails"))
	o.Number = n
	if !c.holds(r.doc.find("TelephoneNumberDetails"), o) {
		e := r.res.Error(provider.NotFound, provider.NotApplied, "the number is not in the account")
		e.Number = n
		return provider.Owned{}, e
	}
	return o, nil
}

func (c *Carrier) details(ctx context.Context, op provider.Op, n nanp.Number) (reply, error) {
	if !n.Valid() {
		return reply{}, c.invalid(op, field("number", "number", "is none"))
	}
	r, err := c.do(ctx, carrierhttp.Call{Op: op, Intent: carrierhttp.Read, Path: carrierhttp.Path("tns", n.String(), "tndetails"), Number: n})
	if err == nil && r.doc.find("TelephoneNumberDetails") == nil {
		err = r.res.Error(provider.Internal, provider.NotApplied, "the carrier does not say what the number is at")
	}
	return r, err
}

func ownedIn(r reply, in *element) provider.Owned {
	raw := provider.Raw(in.str("Status"))
	o := provider.Owned{Number: first(in.numbers()), State: telephoneWords[raw], Said: r.res.Said(raw), Route: in.str("SipPeer", "PeerId")}
	for a := range in.kid("TnAttributes").all("TnAttribute") {
		o.Locked = o.Locked || a.text == protected
	}
	return o
}

// holds reports whether a number is ours: under our account, and not known to be
// given back, for sale, or on its way. A status that nobody knows stays ours.
func (c *Carrier) holds(in *element, o provider.Owned) bool {
	return c.underAccount(in) && o.State != provider.ItemGone && o.State != provider.ItemWaiting
}

// underAccount: an answer that names no account is about ours, which was asked.
func (c *Carrier) underAccount(in *element) bool {
	id := in.str("AccountId")
	return in != nil && (id == "" || id == c.cfg.Account)
}

// ListOwned pages through the numbers of the account in every status, and leaves
// out those that are known not to be ours.
func (c *Carrier) ListOwned(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
	var out provider.Result[provider.Owned]
	if p.Limit < 0 {
		return out, c.invalid(provider.OpListOwned, field("page limit", "range", "is negative"))
	}
	page, size := p.Cursor, min(or(p.Limit, telephonesPage), telephonesPage)
	if page == "" {
		page = "1"
	}
	r, err := c.list(ctx, provider.OpListOwned, "/tns", url.Values{"accountId": {c.cfg.Account}, "page": {page}, "size": {strconv.Itoa(size)}})
	if err != nil {
		return out, err
	}
	listed := 0
	for in := range r.doc.kid("TelephoneNumbers").all("TelephoneNumber") {
		listed++
		if o := ownedIn(r, in); o.Number.Valid() && c.holds(in, o) {
			out.Items = append(out.Items, o)
		}
	}
	out.Next = following(r.doc, page, listed, size)
	return out, nil
}

// following is the page after this one: what the carrier links to, or where it
// links to nothing and the page was full, the next in number.
func following(doc *element, page string, listed, size int) string {
	if linked := next(doc); linked != "" {
		return linked
	}
	if at, err := strconv.Atoi(page); err == nil && listed == size && doc.find("Links").kid("next") == nil {
		return strconv.Itoa(at + 1)
	}
	return ""
}

type telephoneList struct {
	XMLName xml.Name `xml:"TnList"`
	Numbers []string `xml:"Tn"`
}

// notFound is the code that lists the numbers of a question that no account has.
const notFound = "15610"

// statuses asks what many numbers are at. It is a POST that changes nothing. A
// number is not in the account when the carrier says so, or when it lists those
// that are and leaves this one out; any other silence is an error.
func (c *Carrier) statuses(ctx context.Context, op provider.Op, ns []nanp.Number) (map[nanp.Number]telephone, error) {
	out := make(map[nanp.Number]telephone, len(ns))
	for part := range slices.Chunk(ns, telephonesPage) {
		r, err := c.do(ctx, carrierhttp.Call{Op: op, Intent: carrierhttp.Read, Method: http.MethodPost, Path: "/tns", Body: carrierhttp.XML(telephoneList{Numbers: e164s(part)})})
		said := r.doc
		if err != nil {
			said = parse(r.res.Body)
		}
		for _, p := range problems(said) {
			for _, n := range p.numbers {
				if p.code == notFound {
					out[n] = telephone{said: plainly(r.res)}
				}
			}
		}
		lists := err == nil && (said.kid("TelephoneNumbers") != nil || r.res.Status == http.StatusNoContent)
		for _, n := range part {
			if _, known := out[n]; known {
				continue
			}
			if err != nil && !missing(r, err) {
				return nil, err
			}
			if !lists {
				return nil, r.res.Error(provider.Internal, provider.NotApplied, "the carrier does not say what the number is at")
			}
			out[n] = telephone{said: plainly(r.res)}
		}
		for in := range said.kid("TelephoneNumbers").all("TelephoneNumber") {
			if n := first(in.numbers()); n.Valid() {
				out[n] = telephone{worded(r.res, in.str("Status")), c.underAccount(in)}
			}
		}
	}
	return out, nil
}

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
	if why := silence(listed); len(ids) == 0 && why != "" {
		cannot.Why = why
		return cannot, nil
	}
	var seen *provider.Order
	for _, id := range ids {
		r, err := c.get(ctx, op, c.account("disconnects", id), nil)
		if missing(r, err) {
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
		if about := r.doc.numbers(); got.Key == "" && (len(about) == 0 || slices.ContainsFunc(t.Numbers, func(n nanp.Number) bool { return slices.Contains(about, n) })) {
			seen = &got
		}
	}
	switch {
	case seen != nil:
		return provider.Finding[provider.Order]{AsOf: seen.Said.At, Why: "a disconnect order that carries no key may be about one of the numbers"}, nil
	case all:
		return provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: o.Said.At}, nil
	}
	return provider.Finding[provider.Order]{AsOf: o.Said.At, Why: "some of the numbers are gone and some are not, and no disconnect order carries the key"}, nil
}

// notSent: what failed before the request that matters was sent.
func notSent(err error) error {
	var e *provider.Error
	if !errors.As(err, &e) {
		return err
	}
	with := *e
	with.Outcome = provider.NotApplied
	return &with
}
