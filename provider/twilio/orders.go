package twilio

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// orderOptions go with a purchase, by the names of Twilio's documents
// (IncomingPhoneNumber resource).
var orderOptions = checks{
	"AddressSid":          is("AD"),
	"BundleSid":           is("BU"),
	"IdentitySid":         is("RI"),
	"TrunkSid":            is("TK"),
	"VoiceApplicationSid": is("AP"),
	"VoiceUrl":            https,
	"StatusCallback":      https,
}

// claims are the numbers that are being bought by this process. Two purchases of
// one number at once would both find it free, and the second would rewrite what
// the first has bought.
type claims struct {
	mu  sync.Mutex
	set map[nanp.Number]bool
}

func newClaims() *claims { return &claims{set: map[nanp.Number]bool{}} }

func (c *claims) take(n nanp.Number) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set[n] {
		return false
	}
	c.set[n] = true
	return true
}

func (c *claims) drop(n nanp.Number) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.set, n)
}

// Place buys one number. It looks first whether we have it, because at Twilio a
// purchase of a number that is ours succeeds and overwrites its settings.
func (a *account) Place(ctx context.Context, r provider.OrderRequest) (provider.Order, error) {
	const op = provider.OpPlace
	if err := a.checkOrder(r); err != nil {
		return provider.Order{}, err
	}
	n := r.Lines[0].Number
	if !a.buying.take(n) {
		return provider.Order{}, a.refuse(op, provider.Conflict, n, "another order of this process is buying the number")
	}
	defer a.buying.drop(n)

	have, res, ok, err := a.find(ctx, op, n)
	switch {
	case err != nil:
		return provider.Order{}, unsent(err)
	case ok && have.FriendlyName == string(r.Key):
		return a.bought(r.Key, res, have), nil
	case ok:
		return provider.Order{}, a.refuse(op, provider.Exists, n, "the account has this number: to order it again would overwrite its settings")
	}

	form := url.Values{"PhoneNumber": {n.String()}, "FriendlyName": {string(r.Key)}}
	for name, v := range r.Options {
		form.Set(name, v)
	}
	var got number
	res, err = a.post(ctx, op, n, a.api(nil, "IncomingPhoneNumbers.json"), form, &got)
	switch {
	case errors.Is(err, provider.NumberTaken) && provider.OutcomeOf(err) == provider.NotApplied:
		return a.refused(ctx, r.Key, n, res, err)
	case err != nil:
		return provider.Order{}, err
	case !sid("PN", got.SID) || got.number() != n || got.FriendlyName != string(r.Key):
		return provider.Order{}, res.Error(provider.Internal, provider.OutcomeUnknown, "the answer is about something else than what was ordered")
	}
	return a.bought(r.Key, res, got), nil
}

func (a *account) checkOrder(r provider.OrderRequest) error {
	if err := r.Validate(1); err != nil {
		return a.invalid(provider.OpPlace, err)
	}
	if r.Lines[0].Hold != "" {
		return a.invalid(provider.OpPlace, field("lines", "hold", "name a hold, and Twilio holds no numbers"))
	}
	return a.invalid(provider.OpPlace, orderOptions.check(r.Options))
}

func (a *account) bought(k provider.Key, res carrierhttp.Response, w number) provider.Order {
	said := res.Said(provider.Raw(w.Status))
	return provider.Order{Key: k, Said: said, Items: []provider.OrderItem{
		{Number: w.number(), Owned: provider.Ref(w.SID), State: numberStates[w.Status], Said: said},
	}}
}

// refused is what an order came to whose number is not for sale. We may be who has
// it: an earlier request with this key whose answer was lost, and which the account
// did not show yet when it was asked.
func (a *account) refused(ctx context.Context, k provider.Key, n nanp.Number, res carrierhttp.Response, taken error) (provider.Order, error) {
	have, seen, ok, err := a.find(ctx, provider.OpPlace, n)
	switch {
	case err != nil:
		return provider.Order{}, partly(err, true)
	case ok && have.FriendlyName == string(k):
		return a.bought(k, seen, have), nil
	}
	return a.lost(k, res, taken), nil
}

// lost is an order whose number somebody else has.
func (a *account) lost(k provider.Key, res carrierhttp.Response, err error) provider.Order {
	var e *provider.Error
	errors.As(err, &e)
	said := res.Said(provider.Raw(e.Code))
	return provider.Order{Key: k, Said: said, Items: []provider.OrderItem{{Number: e.Number, State: provider.ItemRefused, Said: said, Err: e}}}
}

// Track looks for the number, and for the key in its name. A number that is ours
// under another name proves nothing about this key.
func (a *account) Track(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	var none provider.Finding[provider.Order]
	cannot := func(at time.Time, why string) (provider.Finding[provider.Order], error) {
		return provider.Finding[provider.Order]{AsOf: at, Why: why}, nil
	}
	if len(t.Numbers) > 1 {
		return cannot(a.cfg.Now(), "an order holds one number here, and the trace has several")
	}
	var at time.Time
	for _, n := range t.Numbers {
		have, res, ok, err := a.find(ctx, provider.OpTrack, n)
		switch {
		case err != nil:
			return none, err
		case ok && (t.Key == "" || have.FriendlyName == string(t.Key)):
			return provider.FoundAs(a.bought(t.Key, res, have), res.At), nil
		case ok:
			return cannot(res.At, "the account has the number, but not under this key")
		}
		at = res.At
	}
	if t.Key == "" {
		if len(t.Numbers) == 0 {
			return cannot(a.cfg.Now(), "Twilio finds orders by number and key, and neither was given")
		}
		return provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: at}, nil
	}
	same, res, err := a.named(ctx, provider.OpTrack, t.Key)
	switch {
	case err != nil:
		return none, err
	case len(same) == 0:
		return provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: res.At}, nil
	case len(t.Numbers) > 0:
		return cannot(res.At, "the account has another number under this key")
	case len(same) > 1:
		return cannot(res.At, "the account has several numbers under this key")
	}
	return provider.FoundAs(a.bought(t.Key, res, same[0]), res.At), nil
}

// find looks for one number in the account. Twilio's filter also finds parts of
// numbers: what it finds is compared.
func (a *account) find(ctx context.Context, op provider.Op, n nanp.Number) (have number, res carrierhttp.Response, ok bool, err error) {
	found, res, err := list(ctx, a, op, n, a.api(url.Values{"PhoneNumber": {n.String()}, "PageSize": {pageMost}}, "IncomingPhoneNumbers.json"),
		func(p *page) []number { return p.Numbers }, func(w number) bool { return w.number() == n && sid("PN", w.SID) })
	if err != nil || len(found) == 0 {
		return number{}, res, false, err
	}
	return found[0], res, true, nil
}

// named lists the numbers whose name is exactly the key.
func (a *account) named(ctx context.Context, op provider.Op, k provider.Key) ([]number, carrierhttp.Response, error) {
	return list(ctx, a, op, 0, a.api(url.Values{"FriendlyName": {string(k)}, "PageSize": {pageMost}}, "IncomingPhoneNumbers.json"),
		func(p *page) []number { return p.Numbers }, func(w number) bool { return w.FriendlyName == string(k) && w.number().Valid() })
}

// ours finds all numbers, or answers which one is not ours. Nothing has been sent
// when it fails.
func (a *account) ours(ctx context.Context, op provider.Op, ns []nanp.Number) (map[nanp.Number]held, error) {
	out := make(map[nanp.Number]held, len(ns))
	for _, n := range ns {
		w, res, ok, err := a.find(ctx, op, n)
		if err != nil {
			return nil, unsent(err)
		}
		if !ok {
			return nil, a.refuse(op, provider.NotYours, n, "the number is not in the account")
		}
		out[n] = held{w, res}
	}
	return out, nil
}

// held is a number of ours and the answer that said so.
type held struct {
	number
	res carrierhttp.Response
}
