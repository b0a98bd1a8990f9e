package bandwidth

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// nameMax is the length of a name in a line information database (GR-1188).
const nameMax = 15

// nameWords says, for each status of a LIDB order, what becomes of a number that
// it did not refuse.
var nameWords = map[provider.Raw]provider.NameState{
	"RECEIVED":   provider.NameWaiting,
	"PROCESSING": provider.NameWaiting,
	"COMPLETE":   provider.NameListed,
	"PARTIAL":    provider.NameListed,
	"FAILED":     provider.NameRefused,
}

// storedWords are the statuses of the name of a number.
var storedWords = map[provider.Raw]provider.NameState{
	"Pending": provider.NameWaiting,
	"Success": provider.NameListed,
	"Failed":  provider.NameRefused,
}

type lidbOrder struct {
	XMLName         xml.Name     `xml:"LidbOrder"`
	CustomerOrderID provider.Key `xml:"CustomerOrderId"`
	Groups          []lidbGroup  `xml:"LidbTnGroups>LidbTnGroup"`
}

type lidbGroup struct {
	Numbers    []string `xml:"TelephoneNumbers>TelephoneNumber"`
	Name       string   `xml:"SubscriberInformation"`
	UseType    string   `xml:"UseType"`
	Visibility string   `xml:"Visibility"`
}

// SetName stores one name for many numbers. A name cannot be removed, and
// toll-free numbers cannot have one: both are refused before anything is sent.
func (c *Carrier) SetName(ctx context.Context, r provider.NameRequest) (provider.NameOrder, error) {
	if err := c.checkName(r); err != nil {
		return provider.NameOrder{}, err
	}
	body := lidbOrder{CustomerOrderID: r.Key, Groups: []lidbGroup{{Numbers: e164s(r.Numbers), Name: r.Name, UseType: c.cfg.NameUse, Visibility: "PUBLIC"}}}
	rep, err := c.create(ctx, provider.OpSetName, c.account("lidbs"), body)
	if err != nil {
		return provider.NameOrder{}, err
	}
	o := namesIn(rep, r.Numbers)
	if o.Ref == "" {
		o.Ref = provider.Ref(created(rep.res))
	}
	return o, nil
}

func (c *Carrier) checkName(r provider.NameRequest) error {
	const op = provider.OpSetName
	if err := c.checkNumbers(op, r.Key, r.Numbers, orderLines); err != nil {
		return err
	}
	if r.Remove {
		return c.fail(op, provider.Unsupported, "a name cannot be removed through the API, only replaced")
	}
	for _, n := range r.Numbers {
		if n.TollFree() {
			e := c.fail(op, provider.Unsupported, codes[lidbs]["11015"].text)
			e.Number, e.Code = n, "11015"
			return e
		}
	}
	switch {
	case r.Name == "":
		return c.invalid(op, field("name", "length", "is empty"))
	case len(r.Name) > nameMax:
		return c.invalid(op, field("name", "length", "is longer than 15 characters"))
	case strings.HasPrefix(r.Name, " "):
		return c.invalid(op, field("name", "characters", "begins with a space"))
	}
	return nil
}

// namesIn reads a LIDB order. Errors of single numbers sit in a success. The name
// of an item is what the carrier lists, so that it is empty before it does.
func namesIn(r reply, asked []nanp.Number) provider.NameOrder {
	in := r.doc.find("LidbOrder")
	raw := provider.Raw(in.str("ProcessingStatus"))
	o := provider.NameOrder{Ref: provider.Ref(in.str("OrderId")), Said: r.res.Said(raw)}
	state, known := nameWords[raw]
	if raw == "" && r.res.Status == http.StatusCreated {
		state, known = provider.NameWaiting, true
	}
	refused, whole := byNumber(problems(r.doc))
	known = known && !(unsaid(raw) && len(refused) == 0)
	for g := range in.kid("LidbTnGroups").all("LidbTnGroup") {
		for _, n := range g.numbers() {
			it := provider.NameItem{Number: n, State: state, Said: o.Said}
			if state == provider.NameListed {
				it.Name = g.str("SubscriberInformation")
			}
			o.Items = append(o.Items, it)
		}
	}
	for _, n := range union(asked, keys(refused)) {
		if nameOf(o, n) == nil {
			o.Items = append(o.Items, provider.NameItem{Number: n, State: state, Said: o.Said})
		}
	}
	for i := range o.Items {
		it := &o.Items[i]
		p, bad := refused[it.Number]
		if !bad {
			p = whole
		}
		switch {
		case !known:
			it.State, it.Name = provider.NameUnclear, ""
		case bad, state == provider.NameRefused:
			it.State, it.Name, it.Err = provider.NameRefused, "", itemError(r.res, lidbs, p, it.Number)
		}
	}
	return o
}

func nameOf(o provider.NameOrder, n nanp.Number) *provider.NameItem {
	for i := range o.Items {
		if o.Items[i].Number == n {
			return &o.Items[i]
		}
	}
	return nil
}

// unsaid reports whether an order failed in parts, so that it says nothing of a
// number unless it says of which others it is that it failed.
func unsaid(raw provider.Raw) bool { return strings.HasSuffix(string(raw), "PARTIAL") }

// TrackName reads the order when its reference is known. Else it looks through the
// orders of one of the numbers, because orders cannot be asked for by key. The end of
// a name is never sent, so that a trace of one is answered by the numbers.
func (c *Carrier) TrackName(ctx context.Context, t provider.Trace) (provider.Finding[provider.NameOrder], error) {
	const op = provider.OpTrackName
	if t.Removal {
		return c.nameless(ctx, t)
	}
	if t.Ref != "" {
		r, err := c.get(ctx, op, c.account("lidbs", string(t.Ref)), nil)
		switch {
		case err == nil:
			return namesFound(sightedByRef(r, lidbs, t), t), nil
		case !missing(r, err):
			return provider.Finding[provider.NameOrder]{}, err
		}
	}
	if len(t.Numbers) == 0 || t.Key == "" {
		return provider.Finding[provider.NameOrder]{AsOf: c.cfg.Now(), Why: "the carrier finds name orders by a number, and tells them apart by the key; one of them was not given"}, nil
	}
	listed, err := c.list(ctx, op, c.account("lidbs"), url.Values{"tn": {t.Numbers[0].String()}})
	if err != nil {
		return provider.Finding[provider.NameOrder]{}, err
	}
	s, err := c.readAll(ctx, op, lidbs, t, listed)
	return namesFound(s, t), err
}

func namesFound(s sighting, t provider.Trace) provider.Finding[provider.NameOrder] {
	if s.verdict != provider.Found {
		return finding[provider.NameOrder](s)
	}
	o := namesIn(s.reply, t.Numbers)
	o.Ref = provider.Ref(s.ref)
	return provider.FoundAs(o, s.at)
}

// nameless finds the end of names where no number has one, and that they were not
// ended where one has: nothing that the API takes ends a name.
func (c *Carrier) nameless(ctx context.Context, t provider.Trace) (provider.Finding[provider.NameOrder], error) {
	if len(t.Numbers) == 0 {
		return provider.Finding[provider.NameOrder]{AsOf: c.cfg.Now(), Why: "whether a name has ended is asked of its numbers, and none was given"}, nil
	}
	var o provider.NameOrder
	for _, n := range t.Numbers {
		it, err := c.nameOf(ctx, provider.OpTrackName, n)
		switch {
		case err != nil && errors.Is(err, provider.NotFound):
			it = provider.NameItem{Number: n, State: provider.NameNone, Said: provider.Said{By: c.cfg.ID, Raw: "404", At: c.cfg.Now()}}
		case err != nil:
			return provider.Finding[provider.NameOrder]{}, err
		}
		o.Said = it.Said
		switch it.State {
		case provider.NameNone:
			o.Items = append(o.Items, it)
		case provider.NameUnclear:
			return provider.Finding[provider.NameOrder]{AsOf: it.Said.At, Why: "what a number says of its name cannot be understood"}, nil
		default:
			return provider.Finding[provider.NameOrder]{Verdict: provider.Absent, AsOf: it.Said.At}, nil
		}
	}
	return provider.FoundAs(o, o.Said.At), nil
}

// ReadName reads what the carrier holds for a number now.
func (c *Carrier) ReadName(ctx context.Context, n nanp.Number) (provider.NameItem, error) {
	return c.nameOf(ctx, provider.OpReadName, n)
}

func (c *Carrier) nameOf(ctx context.Context, op provider.Op, n nanp.Number) (provider.NameItem, error) {
	r, err := c.details(ctx, op, n)
	if err != nil {
		return provider.NameItem{}, err
	}
	lidb := r.doc.find("TelephoneNumberDetails").at("Features", "Lidb")
	raw := provider.Raw(lidb.str("Status"))
	it := provider.NameItem{Number: n, Name: lidb.str("SubscriberInformation"), State: storedWords[raw], Said: worded(r.res, string(raw))}
	switch {
	case lidb == nil, raw == "" && it.Name == "":
		it.State = provider.NameNone
	case it.State == provider.NameRefused:
		it.Err = itemError(r.res, lidbs, problem{}, n)
	}
	return it, nil
}
