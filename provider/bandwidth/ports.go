package bandwidth

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// portLines is what one port order holds at most: 999 of them when the carrier
// ports automatically on its own network, and more than 49 elsewhere make it a
// port by hand.
const portLines = 5000

// portWords are the statuses of a port order.
var portWords = map[provider.Raw]provider.PortState{
	"DRAFT":               provider.PortDraft,
	"VALIDATE_DRAFT_TFNS": provider.PortChecking,
	"INVALID_DRAFT_TFNS":  provider.PortDraft,
	"VALID_DRAFT_TFNS":    provider.PortDraft,
	"VALIDATE_TFNS":       provider.PortChecking,
	"INVALID_TFNS":        provider.PortRejected,
	"PENDING_DOCUMENTS":   provider.PortNeedsDocument,
	"SUBMITTED":           provider.PortSubmitted,
	"EXCEPTION":           provider.PortRejected,
	"REQUESTED_SUPP":      provider.PortSubmitted,
	"FOC":                 provider.PortFOC,
	"REQUESTED_CANCEL":    provider.PortCancelAsked,
	"CANCELLED":           provider.PortCancelled,
	"COMPLETE":            provider.PortDone,
}

type lnpOrder struct {
	XMLName          xml.Name      `xml:"LnpOrder"`
	CustomerOrderID  provider.Key  `xml:"CustomerOrderId"`
	RequestedFocDate string        `xml:"RequestedFocDate,omitempty"`
	BTN              string        `xml:"BillingTelephoneNumber,omitempty"`
	NewBTN           string        `xml:"NewBillingTelephoneNumber,omitempty"`
	AlternateSpid    string        `xml:"AlternateSpid,omitempty"`
	SiteID           string        `xml:"SiteId"`
	PeerID           string        `xml:"PeerId,omitempty"`
	Subscriber       *subscriber   `xml:"Subscriber,omitempty"`
	Authorizing      string        `xml:"LoaAuthorizingPerson,omitempty"`
	WirelessInfo     *wirelessInfo `xml:"WirelessInfo,omitempty"`
	TargetRespOrgID  string        `xml:"TargetRespOrgId,omitempty"`
	Numbers          []string      `xml:"ListOfPhoneNumbers>PhoneNumber"`
	PartialPort      bool          `xml:"PartialPort,omitempty"`
	ProcessingStatus string        `xml:"ProcessingStatus"`
}

type subscriber struct {
	Type         string   `xml:"SubscriberType"`
	BusinessName string   `xml:"BusinessName,omitempty"`
	FirstName    string   `xml:"FirstName,omitempty"`
	LastName     string   `xml:"LastName,omitempty"`
	Address      *address `xml:"ServiceAddress,omitempty"`
}

type wirelessInfo struct {
	AccountNumber string `xml:"AccountNumber,omitempty"`
	PinNumber     string `xml:"PinNumber,omitempty"`
}

// OpenPort makes a draft, which the carrier keeps for 48 hours after its last
// change, and uploads the documents to it. Local and toll-free numbers cannot share
// an order. Options: SiteId, PeerId, AlternateSpid, TargetRespOrgId (toll-free).
func (c *Carrier) OpenPort(ctx context.Context, r provider.PortRequest) ([]provider.PortOrder, error) {
	const op = provider.OpOpenPort
	ns, err := c.checkPortRequest(op, r)
	if err != nil {
		return nil, err
	}
	site, peer, err := c.placement(op, r.Options, "AlternateSpid", "TargetRespOrgId")
	if err != nil {
		return nil, err
	}
	docs, err := c.shelf.take(c, op, r.Documents)
	if err != nil {
		return nil, err
	}
	rep, err := c.create(ctx, op, c.account("portins"), lnpOrder{
		CustomerOrderID: r.Key, RequestedFocDate: r.Desired.String(), BTN: r.BTN.String(), NewBTN: r.NewBTN.String(),
		AlternateSpid: r.Options["AlternateSpid"], TargetRespOrgID: r.Options["TargetRespOrgId"], SiteID: site, PeerID: peer,
		Subscriber: subscriberOf(r), Authorizing: r.Authorized.Reveal(), WirelessInfo: wirelessOf(r), Numbers: e164s(ns), PartialPort: r.Partial,
		ProcessingStatus: "DRAFT",
	})
	if err != nil {
		return nil, err
	}
	o := portIn(rep, ns)
	if o.Ref == "" {
		o.Ref = provider.Ref(created(rep.res))
	}
	o.Key = r.Key
	if o.Ref == "" {
		return nil, rep.res.Error(provider.Internal, provider.Applied, "the carrier took the port and did not name it")
	}
	c.made.add(o.Ref, c.cfg.Now(), c.cfg.Horizon)
	for _, d := range docs {
		if _, err := c.upload(ctx, op, o.Ref, d); err != nil {
			return nil, c.halfDone(err, 1)
		}
	}
	return []provider.PortOrder{o}, nil
}

func (c *Carrier) checkPortRequest(op provider.Op, r provider.PortRequest) ([]nanp.Number, error) {
	ns := make([]nanp.Number, len(r.Lines))
	pins := make(map[string]bool)
	for i, l := range r.Lines {
		ns[i] = l.Number
		if !l.PIN.IsZero() {
			pins[l.PIN.Reveal()] = true
		}
	}
	if err := c.checkNumbers(op, r.Key, ns, portLines); err != nil {
		return nil, err
	}
	free := slices.IndexFunc(ns, nanp.Number.TollFree)
	local := slices.IndexFunc(ns, func(n nanp.Number) bool { return !n.TollFree() })
	switch _, _, named := fullName(r); {
	case free >= 0 && local >= 0:
		return nil, c.invalid(op, field("lines", "kind", "mix local and toll-free numbers: ask for them in two ports"))
	case len(pins) > 1:
		return nil, c.invalid(op, field("lines", "PIN", "have different PINs: one port order has one"))
	case !named:
		return nil, c.invalid(op, field("name", "parts", "of a residential customer needs a first and a last name"))
	}
	return ns, nil
}

// fullName splits the name of a person, which the carrier wants in parts.
func fullName(r provider.PortRequest) (given, family string, ok bool) {
	name := strings.TrimSpace(r.Name.Reveal())
	if !r.Residential || name == "" {
		return "", "", true
	}
	at := strings.LastIndexByte(name, ' ')
	if at < 0 {
		return "", "", false
	}
	return strings.TrimSpace(name[:at]), name[at+1:], true
}

func subscriberOf(r provider.PortRequest) *subscriber {
	if r.Name.IsZero() && r.Service.IsZero() {
		return nil
	}
	s := &subscriber{Type: "BUSINESS", BusinessName: r.Name.Reveal()}
	if r.Residential {
		s.Type, s.BusinessName = "RESIDENTIAL", ""
		s.FirstName, s.LastName, _ = fullName(r)
	}
	if !r.Service.IsZero() {
		a := addressOf(r.Service)
		s.Address = &a
	}
	return s
}

// wirelessOf: account number and PIN travel together, wireless or not.
func wirelessOf(r provider.PortRequest) *wirelessInfo {
	w := wirelessInfo{AccountNumber: r.Account.Reveal()}
	for _, l := range r.Lines {
		if !l.PIN.IsZero() {
			w.PinNumber = l.PIN.Reveal()
		}
	}
	if w == (wirelessInfo{}) {
		return nil
	}
	return &w
}

// portIn reads a port order. asked are its numbers, for an answer that does not
// repeat them. Errors can sit in a success: then the order exists and has to be amended.
func portIn(r reply, asked []nanp.Number) provider.PortOrder {
	doc := r.doc
	raw := provider.Raw(doc.str("ProcessingStatus"))
	o := provider.PortOrder{
		Ref: provider.Ref(doc.str("OrderId")), Group: provider.Ref(doc.str("BulkPortinOrderId")), Key: provider.Key(doc.str("CustomerOrderId")),
		State: portWords[raw], Said: r.res.Said(raw), FOC: instant(doc.str("ActualFocDate")), Requested: dateOf(doc.str("RequestedFocDate")),
	}
	of := make(map[nanp.Number][]provider.Rejection)
	for _, p := range problems(doc) {
		why := rejection(p)
		if len(p.numbers) == 0 {
			o.Reasons = append(o.Reasons, why)
		}
		for _, n := range p.numbers {
			of[n] = append(of[n], why)
		}
	}
	if o.State == provider.PortNeedsDocument {
		o.Needs = []provider.Requirement{{ID: "LOA", Name: "letter of authorization", Kind: "loa"}}
	}
	listed := doc.kid("ListOfPhoneNumbers").numbers()
	if len(listed) == 0 {
		listed = asked
	}
	for _, n := range listed {
		o.Items = append(o.Items, provider.PortItem{Number: n, State: o.State, Said: o.Said, FOC: o.FOC, Reasons: of[n]})
	}
	return o
}

func dateOf(s string) provider.Date {
	t := instant(s)
	if t.IsZero() {
		return provider.Date{}
	}
	y, m, d := t.Date()
	return provider.Date{Year: y, Month: m, Day: d}
}

// port reads one order.
func (c *Carrier) port(ctx context.Context, op provider.Op, ref provider.Ref) (reply, error) {
	if ref == "" {
		return reply{}, c.invalid(op, field("reference", "length", "is empty"))
	}
	r, err := c.get(ctx, op, c.account("portins", string(ref)), nil)
	if err == nil && r.doc.str("ProcessingStatus") == "" {
		err = r.res.Error(provider.Internal, provider.NotApplied, "the carrier does not show the port") // a change of it would clear everything
	}
	return r, c.notYet(r, err, ref)
}

// portFrom is the order as an answer shows it, under the reference that it was
// asked by: the carrier does not repeat it when an order is read.
func portFrom(r reply, ref provider.Ref, before *element) provider.PortOrder {
	o := portIn(r, before.kid("ListOfPhoneNumbers").numbers())
	o.Ref = ref
	if o.Key == "" {
		o.Key = provider.Key(before.str("CustomerOrderId"))
	}
	return o
}

// suppFields are the parts of an order that a change may carry. What is left out
// is kept, cleared or set to a default, depending on the part, so that every
// change repeats all that the order has.
var suppFields = []string{"CustomerOrderId", "RequestedFocDate", "BillingTelephoneNumber", "NewBillingTelephoneNumber", "WirelessInfo", "TnAttributes",
	"Subscriber", "SiteId", "PeerId", "PartialPort", "ListOfPhoneNumbers", "LoaAuthorizingPerson", "Triggered", "TargetRespOrgId"}

// change sends an order back with changes, once.
func (c *Carrier) change(ctx context.Context, op provider.Op, ref provider.Ref, now *element, edit func(supp *element)) (provider.PortOrder, error) {
	supp := &element{name: "LnpOrderSupp"}
	for _, name := range suppFields {
		if has := now.kid(name); has != nil {
			supp.kids = append(supp.kids, *has)
		}
	}
	edit(supp)
	r, err := c.do(ctx, carrierhttp.Call{Op: op, Method: http.MethodPut, Path: c.account("portins", string(ref)), Body: carrierhttp.XML(supp)})
	if err != nil {
		return provider.PortOrder{}, err
	}
	return portFrom(r, ref, now), nil
}

// SubmitPort sends a draft. An order that is none any more is answered as it stands.
func (c *Carrier) SubmitPort(ctx context.Context, k provider.Key, ref provider.Ref) (provider.PortOrder, error) {
	const op = provider.OpSubmitPort
	if err := k.Validate(); err != nil {
		return provider.PortOrder{}, c.invalid(op, err)
	}
	now, err := c.port(ctx, op, ref)
	if err != nil {
		return provider.PortOrder{}, notSent(err)
	}
	if o := portFrom(now, ref, now.doc); o.State != provider.PortDraft {
		return o, nil
	}
	return c.change(ctx, op, ref, now.doc, func(supp *element) { supp.set("ProcessingStatus", "SUBMITTED") })
}

// AmendPort changes what the request says, and leaves the rest of the order as it
// is. Documents are uploaded first: an order may go on as soon as it has one.
func (c *Carrier) AmendPort(ctx context.Context, k provider.Key, ref provider.Ref, v provider.PortRequest) (provider.PortOrder, error) {
	const op = provider.OpAmendPort
	if err := k.Validate(); err != nil {
		return provider.PortOrder{}, c.invalid(op, err)
	}
	if v.Key = k; len(v.Lines) > 0 {
		if _, err := c.checkPortRequest(op, v); err != nil {
			return provider.PortOrder{}, err
		}
	}
	if _, _, err := c.placement(op, v.Options, "AlternateSpid", "TargetRespOrgId"); err != nil {
		return provider.PortOrder{}, err
	}
	docs, err := c.shelf.take(c, op, v.Documents)
	if err != nil {
		return provider.PortOrder{}, err
	}
	now, err := c.port(ctx, op, ref)
	if err != nil {
		return provider.PortOrder{}, notSent(err)
	}
	for i, d := range docs {
		if _, err := c.upload(ctx, op, ref, d); err != nil {
			return provider.PortOrder{}, c.halfDone(err, i)
		}
	}
	o, err := c.change(ctx, op, ref, now.doc, func(supp *element) { amendment(supp, v) })
	return o, c.halfDone(err, len(docs))
}

func amendment(supp *element, v provider.PortRequest) {
	for _, f := range []struct{ name, value string }{
		{"RequestedFocDate", v.Desired.String()}, {"BillingTelephoneNumber", v.BTN.String()}, {"NewBillingTelephoneNumber", v.NewBTN.String()},
		{"LoaAuthorizingPerson", v.Authorized.Reveal()}, {"SiteId", v.Options["SiteId"]}, {"PeerId", v.Options["PeerId"]},
		{"AlternateSpid", v.Options["AlternateSpid"]}, {"TargetRespOrgId", v.Options["TargetRespOrgId"]},
	} {
		if f.value != "" {
			supp.set(f.name, f.value)
		}
	}
	if v.Partial {
		supp.set("PartialPort", "true")
	}
	if w := wirelessOf(v); w != nil {
		was := supp.kid("WirelessInfo")
		supp.put(element{name: "WirelessInfo", kids: present(
			"AccountNumber", orText(w.AccountNumber, was.str("AccountNumber")), "PinNumber", orText(w.PinNumber, was.str("PinNumber")))})
	}
	amendSubscriber(supp, v)
	if len(v.Lines) > 0 {
		list := element{name: "ListOfPhoneNumbers"}
		for _, l := range v.Lines {
			list.kids = append(list.kids, element{name: "PhoneNumber", text: l.Number.String()})
		}
		if !sameNumbers(list.numbers(), supp.kid("ListOfPhoneNumbers").numbers()) {
			supp.put(list)
		}
	}
}

func amendSubscriber(supp *element, v provider.PortRequest) {
	s := subscriberOf(v)
	if s == nil {
		return
	}
	was := supp.kid("Subscriber")
	now := element{name: "Subscriber", kids: present("SubscriberType", s.Type, "BusinessName", s.BusinessName, "FirstName", s.FirstName, "LastName", s.LastName)}
	if v.Name.IsZero() {
		now.kids = now.kids[:0]
		for i := range was.kids {
			if !was.kids[i].is("ServiceAddress") {
				now.kids = append(now.kids, was.kids[i])
			}
		}
	}
	if s.Address != nil {
		now.kids = append(now.kids, serviceAddress(v.Service))
	} else if has := was.kid("ServiceAddress"); has != nil {
		now.kids = append(now.kids, *has)
	}
	supp.put(now)
}

// serviceAddress replaces all parts: those that are left out are cleared.
func serviceAddress(a postal.Civic) element {
	p := addressOf(a)
	return element{name: "ServiceAddress", kids: present("ResetAddressFields", "true", "HouseNumber", p.HouseNumber, "HouseSuffix", p.HouseSuffix,
		"PreDirectional", p.PreDirectional, "StreetName", p.StreetName, "StreetSuffix", p.StreetSuffix, "PostDirectional", p.PostDirectional,
		"AddressLine2", p.AddressLine2, "City", p.City, "StateCode", p.StateCode, "Zip", p.Zip, "PlusFour", p.PlusFour, "County", p.County, "Country", p.Country)}
}

// present makes elements of pairs of name and text, without the empty ones.
func present(pairs ...string) []element {
	var out []element
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, element{name: pairs[i], text: pairs[i+1]})
		}
	}
	return out
}

func orText(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func sameNumbers(a, b []nanp.Number) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// TrackPort finds the order by its reference or by the key that it carries.
func (c *Carrier) TrackPort(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.PortOrder], error) {
	s, err := c.sight(ctx, provider.OpTrackPort, portins, t, url.Values{"page": {"1"}, "size": {"100"}})
	if err != nil || s.verdict != provider.Found {
		return finding[[]provider.PortOrder](s), err
	}
	c.made.add(provider.Ref(s.ref), c.cfg.Now(), c.cfg.Horizon)
	return provider.FoundAs([]provider.PortOrder{portFrom(s.reply, provider.Ref(s.ref), s.reply.doc)}, s.at), nil
}

// CancelPort cancels an order, or takes numbers out of one that can still lose
// them. A cancelled draft vanishes at the carrier.
func (c *Carrier) CancelPort(ctx context.Context, k provider.Key, ref provider.Ref, only []nanp.Number) (provider.PortOrder, error) {
	const op = provider.OpCancelPort
	if err := k.Validate(); err != nil {
		return provider.PortOrder{}, c.invalid(op, err)
	}
	now, err := c.port(ctx, op, ref)
	if err != nil {
		return provider.PortOrder{}, notSent(err)
	}
	before := portFrom(now, ref, now.doc)
	kept := element{name: "ListOfPhoneNumbers"}
	for _, it := range before.Items {
		if !slices.Contains(only, it.Number) {
			kept.kids = append(kept.kids, element{name: "PhoneNumber", text: it.Number.String()})
		}
	}
	switch {
	case before.State == provider.PortCancelled, before.State == provider.PortCancelAsked:
		return before, nil
	case len(only) > 0 && len(kept.kids) == len(before.Items):
		return before, c.fail(op, provider.NotFound, "none of the numbers is in this port order")
	case len(only) > 0 && len(kept.kids) > 0:
		return c.change(ctx, op, ref, now.doc, func(supp *element) { supp.put(kept) })
	}
	if _, err := c.do(ctx, carrierhttp.Call{Op: op, Method: http.MethodDelete, Path: c.account("portins", string(ref))}); err != nil {
		return provider.PortOrder{}, err
	}
	c.made.forget(ref)
	return c.cancelled(ctx, ref, before, now)
}

// cancelled reads the order again.
func (c *Carrier) cancelled(ctx context.Context, ref provider.Ref, before provider.PortOrder, was reply) (provider.PortOrder, error) {
	after, err := c.port(ctx, provider.OpCancelPort, ref)
	if draft := before.State == provider.PortDraft; draft && missing(after, err) {
		before.State, before.Said = provider.PortCancelled, after.res.Said("404")
		for i := range before.Items {
			before.Items[i].State, before.Items[i].Said = before.State, before.Said
		}
		return before, nil
	}
	if err != nil {
		return before, nil // accepted, and how it stands is not known yet: as it stood before
	}
	return portFrom(after, ref, was.doc), nil
}
