package bandwidth

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

const callerNameMax = 50

// regWords says, for each status of an E911 order, what becomes of a number that
// it did not refuse. ADJUSTED is an address that the registrar altered.
var regWords = map[provider.Raw]provider.RegState{
	"RECEIVED":          provider.RegWaiting,
	"PROCESSING":        provider.RegWaiting,
	"COMPLETE":          provider.RegActive,
	"PARTIAL":           provider.RegActive,
	"ADJUSTED_COMPLETE": provider.RegAdjusted,
	"ADJUSTED_PARTIAL":  provider.RegAdjusted,
	"FAILED":            provider.RegFailed,
}

// removalWords is the same for an order that removes registrations.
var removalWords = map[provider.Raw]provider.RegState{
	"RECEIVED":          provider.RegRemoving,
	"PROCESSING":        provider.RegRemoving,
	"COMPLETE":          provider.RegNone,
	"PARTIAL":           provider.RegNone,
	"ADJUSTED_COMPLETE": provider.RegNone,
	"ADJUSTED_PARTIAL":  provider.RegNone,
	"FAILED":            provider.RegFailed,
}

// heldWords are the statuses of the registration of a number: the outcome of its
// last order. REVERTED stays Unclear: it does not say to what.
var heldWords = map[string]provider.RegState{
	"SUCCESS": provider.RegActive, "ADJUSTED": provider.RegAdjusted, "PENDING": provider.RegWaiting, "FAILED": provider.RegFailed, "DELETED": provider.RegNone,
}

type e911Order struct {
	XMLName         xml.Name     `xml:"E911Order"`
	CustomerOrderID provider.Key `xml:"CustomerOrderId"`
	Numbers         *numberList  `xml:"TelephoneNumbers,omitempty"`
	CallerName      string       `xml:"CallerName,omitempty"`
	Address         *address     `xml:"Address,omitempty"`
	Endpoints       *aeuiList    `xml:"AlternateEndUserIdentifiers,omitempty"`
	Delete          bool         `xml:"DeleteTNSpecificE911Address,omitempty"`
}

type numberList struct {
	Numbers []string `xml:"TelephoneNumber"`
}

// Register registers one address for numbers. With AsGiven the geocoder is asked
// first, and an address that it would alter is answered with a check and not
// registered. Each number is itself what a dispatcher calls back, so that Callback
// can only be one of them.
func (c *Carrier) Register(ctx context.Context, r provider.RegisterRequest) (provider.RegisterResult, error) {
	const op = provider.OpRegister
	if err := c.checkRegistration(r); err != nil {
		return provider.RegisterResult{}, err
	}
	if r.AsGiven {
		check, err := c.geocode(ctx, op, r.Address)
		if err != nil || check.Grade != provider.Valid {
			return provider.RegisterResult{Check: check}, err
		}
	}
	parts := addressOf(r.Address)
	return c.e911(ctx, op, e911Order{CustomerOrderID: r.Key, Numbers: &numberList{e164s(r.Numbers)}, CallerName: r.CallerName, Address: &parts}, r.Numbers)
}

func (c *Carrier) checkRegistration(r provider.RegisterRequest) error {
	const op = provider.OpRegister
	if err := c.checkNumbers(op, r.Key, r.Numbers, orderLines); err != nil {
		return err
	}
	switch {
	case r.Address.IsZero():
		return c.invalid(op, field("address", "length", "is empty"))
	case len(r.CallerName) > callerNameMax:
		return c.invalid(op, field("caller name", "length", "is longer than 50 characters"))
	case r.Callback != 0 && !slices.Contains(r.Numbers, r.Callback):
		return c.fail(op, provider.Unsupported, "a registered number is called back itself: a call-back number besides needs an endpoint")
	}
	return nil
}

// Unregister removes the registrations of numbers. There is no other way to do it
// than an order that says so.
func (c *Carrier) Unregister(ctx context.Context, k provider.Key, ns []nanp.Number) (provider.RegisterResult, error) {
	if err := c.checkNumbers(provider.OpUnregister, k, ns, orderLines); err != nil {
		return provider.RegisterResult{}, err
	}
	return c.e911(ctx, provider.OpUnregister, e911Order{CustomerOrderID: k, Numbers: &numberList{e164s(ns)}, Delete: true}, ns)
}

func (c *Carrier) e911(ctx context.Context, op provider.Op, body e911Order, asked []nanp.Number) (provider.RegisterResult, error) {
	rep, err := c.create(ctx, op, c.account("e911s"), body)
	if err != nil {
		return provider.RegisterResult{}, err
	}
	out := registrationsIn(rep, asked, body.Delete)
	if out.Ref == "" {
		out.Ref = provider.Ref(created(rep.res))
	}
	for i := range out.Registrations {
		out.Registrations[i].Ref = out.Ref
	}
	return out, nil
}

// registrationsIn reads an E911 order. The address is the registrar's only when
// the order is done; before, it is what was sent. An order that is done and shows no
// address could have removed one: it makes nothing active.
func registrationsIn(r reply, asked []nanp.Number, removes bool) provider.RegisterResult {
	in := r.doc.find("E911Order")
	removes = removes || removesRegistration(r.doc)
	words := regWords
	if removes {
		words = removalWords
	}
	raw := provider.Raw(in.str("ProcessingStatus"))
	out := provider.RegisterResult{Ref: provider.Ref(in.str("OrderId"))}
	state, known := words[raw]
	if raw == "" && r.res.Status == http.StatusCreated {
		state, known = words["RECEIVED"], true
	}
	refused, whole := byNumber(problems(r.doc))
	address := civicIn(in.kid("Address"))
	for _, n := range union(asked, in.kid("TelephoneNumbers").numbers(), keys(refused)) {
		reg := provider.Registration{Number: n, State: state, Said: r.res.Said(raw), Ref: out.Ref}
		p, bad := refused[n]
		if !bad {
			p = whole
		}
		done := state == provider.RegActive || state == provider.RegAdjusted
		switch {
		case !known:
			reg.State = provider.RegUnclear
		case bad, state == provider.RegFailed:
			reg.State, reg.Err = provider.RegFailed, itemError(r.res, e911s, p, n)
		case unsaid(raw) && len(refused) == 0, done && address == nil:
			reg.State = provider.RegUnclear
		case done:
			reg.Address = address
		}
		out.Registrations = append(out.Registrations, reg)
	}
	return out
}

// uuid is how the carrier names orders, also in the words of an error.
var uuid = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)

// duplicateOf is the order that an order was cancelled for (8033): its words name it.
func duplicateOf(doc *element) string {
	for _, p := range problems(doc) {
		if p.code == "8033" {
			return uuid.FindString(p.words)
		}
	}
	return ""
}

// TrackRegistration finds the order by its reference or by the key that it
// carries. An order that the carrier cancelled as a duplicate leads to the order
// that it duplicates, where that is about the same numbers and the same address.
func (c *Carrier) TrackRegistration(ctx context.Context, t provider.Trace) (provider.Finding[provider.RegisterResult], error) {
	const op = provider.OpTrackRegistration
	s, err := c.sight(ctx, op, e911s, t, url.Values{})
	if err != nil {
		return provider.Finding[provider.RegisterResult]{}, err
	}
	if s = asTraced(s, t); s.verdict != provider.Found {
		if t.Removal {
			return c.unregistered(ctx, t, s)
		}
		return finding[provider.RegisterResult](s), nil
	}
	out := registrationsIn(s.reply, nil, t.Removal)
	out.Ref = provider.Ref(s.ref)
	if other := duplicateOf(s.reply.doc); other != "" {
		twin, err := c.get(ctx, op, c.account("e911s", other), nil)
		switch {
		case missing(twin, err):
		case err != nil:
			return provider.Finding[provider.RegisterResult]{}, err
		case twins(s.reply.doc, twin.doc):
			out = registrationsIn(twin, nil, t.Removal)
			out.Ref = provider.Ref(other)
		}
	}
	for i := range out.Registrations {
		out.Registrations[i].Ref = out.Ref
	}
	return provider.FoundAs(out, s.at), nil
}

// removesRegistration reports whether an E911 order says that it removes.
func removesRegistration(doc *element) bool {
	return strings.EqualFold(doc.find("E911Order").str("DeleteTNSpecificE911Address"), "true")
}

// asTraced doubts an order that registers where an end was asked for. One that
// neither says that it removes nor shows an address may be the end.
func asTraced(s sighting, t provider.Trace) sighting {
	if t.Removal && s.verdict == provider.Found && !removesRegistration(s.reply.doc) && civicIn(s.reply.doc.find("E911Order").kid("Address")) != nil {
		return doubt("the order that carries the key registers, and removes nothing", s.at)
	}
	return s
}

// unregistered answers for an end of which no order was found by what is left: it
// has happened where no number has a registration.
func (c *Carrier) unregistered(ctx context.Context, t provider.Trace, s sighting) (provider.Finding[provider.RegisterResult], error) {
	var out provider.RegisterResult
	for _, n := range t.Numbers {
		reg, err := c.registration(ctx, provider.OpTrackRegistration, n)
		if err != nil {
			return provider.Finding[provider.RegisterResult]{}, err
		}
		if reg.State != provider.RegNone && reg.State != provider.RegRemoving {
			return finding[provider.RegisterResult](s), nil
		}
		out.Registrations = append(out.Registrations, reg)
	}
	if len(out.Registrations) == 0 {
		return finding[provider.RegisterResult](s), nil
	}
	return provider.FoundAs(out, out.Registrations[0].Said.At), nil
}

func twins(a, b *element) bool {
	x, y := a.find("TelephoneNumbers").numbers(), b.find("TelephoneNumbers").numbers()
	slices.Sort(x)
	slices.Sort(y)
	p, q := civicIn(a.find("Address")), civicIn(b.find("Address"))
	return slices.Equal(x, y) && (p == nil && q == nil || p != nil && q != nil && same(*p, *q)) &&
		removesRegistration(a) == removesRegistration(b)
}

// Registration reads what the registrar holds for a number. A number that is not
// in the account has no registration under it.
func (c *Carrier) Registration(ctx context.Context, n nanp.Number) (provider.Registration, error) {
	return c.registration(ctx, provider.OpRegistration, n)
}

func (c *Carrier) registration(ctx context.Context, op provider.Op, n nanp.Number) (provider.Registration, error) {
	r, err := c.details(ctx, op, n)
	if missing(r, err) {
		return provider.Registration{Number: n, State: provider.RegNone, Said: r.res.Said("404")}, nil
	}
	if err != nil {
		return provider.Registration{}, err
	}
	e911 := r.doc.find("TelephoneNumberDetails").at("Features", "E911")
	word := e911.str("LastE911OrderOutcome")
	if word == "" {
		word = e911.str("Status")
	}
	reg := provider.Registration{Number: n, State: heldWords[strings.ToUpper(word)], Said: worded(r.res, word), Address: civicIn(e911.kid("Address"))}
	switch {
	case word == "" && reg.Address == nil:
		reg.State = provider.RegNone
	case reg.State == provider.RegNone:
		reg.Address = nil // that of the location is not the number's own
	case reg.State == provider.RegActive:
		return c.unlessAdjusted(ctx, op, reg)
	}
	return reg, nil
}

// unlessAdjusted asks how the last order for the number ended: the number itself
// does not tell whether its address is the one that was sent. Where it shows none, the
// order that succeeded may have removed it, and is read.
func (c *Carrier) unlessAdjusted(ctx context.Context, op provider.Op, reg provider.Registration) (provider.Registration, error) {
	r, err := c.list(ctx, op, c.account("e911s"), url.Values{"tn": {reg.Number.String()}})
	if err != nil {
		return provider.Registration{}, err
	}
	var last time.Time
	var id string
	for o := range r.doc.all("E911OrderSummary") {
		raw := provider.Raw(o.str("OrderStatus"))
		at := instant(o.str("OrderDate"))
		if state := regWords[raw]; (state == provider.RegActive || state == provider.RegAdjusted) && !at.Before(last) {
			last, id, reg.State, reg.Said = at, o.str("OrderId"), state, r.res.Said(raw)
		}
	}
	if reg.Address != nil {
		return reg, nil
	}
	reg.State = provider.RegUnclear
	if id == "" {
		return reg, nil
	}
	one, err := c.get(ctx, op, c.account("e911s", id), nil)
	if err != nil && !missing(one, err) {
		return provider.Registration{}, err
	}
	for _, of := range registrationsIn(one, nil, false).Registrations {
		if of.Number == reg.Number {
			return of, nil
		}
	}
	return reg, nil
}
