package twilio

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// numberStates are the words for a number that is ours. Twilio's documents name
// this one alone.
var numberStates = map[string]provider.ItemState{"in-use": provider.ItemLive}

func ownedAs(res carrierhttp.Response, w number) provider.Owned {
	return provider.Owned{
		Number: w.number(), Ref: provider.Ref(w.SID), Tag: w.FriendlyName,
		State: numberStates[w.Status], Said: res.Said(provider.Raw(w.Status)), Route: w.route(),
	}
}

// route is where calls go: a trunk comes before an application, and that before a
// URL.
func (w number) route() string {
	for _, to := range []string{w.TrunkSID, w.VoiceApplicationSID, w.VoiceURL} {
		if to != "" {
			return to
		}
	}
	return ""
}

func (a *account) Owned(ctx context.Context, n nanp.Number) (provider.Owned, error) {
	if err := provider.CheckNumbers([]nanp.Number{n}, 0); err != nil {
		return provider.Owned{}, a.invalid(provider.OpOwned, err)
	}
	w, res, ok, err := a.find(ctx, provider.OpOwned, n)
	if err != nil {
		return provider.Owned{}, err
	}
	if !ok {
		return provider.Owned{}, a.refuse(provider.OpOwned, provider.NotFound, n, "the number is not in the account")
	}
	return ownedAs(res, w), nil
}

// ListOwned leaves out numbers of other numbering plans. The cursor is Twilio's
// own link to the next page, and is followed only below the same list.
func (a *account) ListOwned(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
	const op = provider.OpListOwned
	var out provider.Result[provider.Owned]
	if p.Limit < 0 {
		return out, a.invalid(op, field("page limit", "range", "is negative"))
	}
	q := url.Values{}
	if p.Limit > 0 {
		q.Set("PageSize", strconv.Itoa(min(p.Limit, pageMax)))
	}
	at := a.api(q, "IncomingPhoneNumbers.json")
	if p.Cursor != "" {
		link, ok := follow(at, p.Cursor)
		if !ok {
			return out, a.invalid(op, field("cursor", "known", "is none that Twilio has given out"))
		}
		at = link
	}
	var w page
	res, err := a.get(ctx, op, 0, at, &w)
	if err != nil {
		return out, err
	}
	if w.Numbers == nil {
		return out, listless(res)
	}
	for _, n := range w.Numbers {
		if n.number().Valid() {
			out.Items = append(out.Items, ownedAs(res, n))
		}
	}
	if w.NextPageURI != "" {
		if _, ok := follow(at, w.NextPageURI); !ok {
			return provider.Result[provider.Owned]{}, astray(res)
		}
		out.Next = w.NextPageURI
	}
	return out, nil
}

// destinations are the forms of a destination, and the field that each goes into.
// A trunk takes the place of an application, and the other way round; a URL is
// called only where neither is set.
var destinations = []struct {
	field string
	is    func(string) bool
}{
	{"TrunkSid", is("TK")},
	{"VoiceApplicationSid", is("AP")},
	{"VoiceUrl", https},
}

// Route points numbers at a trunk (TK...), an application (AP...) or an https URL.
func (a *account) Route(ctx context.Context, r provider.RouteRequest) ([]provider.Owned, error) {
	const op = provider.OpRoute
	if err := first(r.Key.Validate(), provider.CheckNumbers(r.Numbers, 0)); err != nil {
		return nil, a.invalid(op, err)
	}
	into := ""
	for _, d := range destinations {
		if d.is(r.To) {
			into = d.field
		}
	}
	if into == "" {
		return nil, a.invalid(op, field("destination", "form", "is no trunk (TK...), application (AP...) or https URL"))
	}
	have, err := a.ours(ctx, op, r.Numbers)
	if err != nil {
		return nil, err
	}
	for _, n := range r.Numbers {
		if w := have[n]; into == "VoiceUrl" && w.TrunkSID+w.VoiceApplicationSID != "" {
			return nil, a.refuse(op, provider.Precondition, n, "calls go to a trunk or an application, beside which a URL is not called: take the number out of it first")
		}
	}
	var out []provider.Owned
	for i, n := range r.Numbers {
		var got number
		res, err := a.post(ctx, op, n, a.api(nil, "IncomingPhoneNumbers", have[n].SID+".json"), url.Values{into: {r.To}}, &got)
		if err != nil {
			return nil, partly(err, i > 0)
		}
		if got.number() != n || got.route() != r.To {
			return nil, res.Error(provider.Internal, provider.OutcomeUnknown, "the number does not show the destination that was set")
		}
		out = append(out, ownedAs(res, got))
	}
	return out, nil
}

// Return gives each number back at once. There is no way back.
func (a *account) Return(ctx context.Context, r provider.ReturnRequest) (provider.Order, error) {
	const op = provider.OpReturn
	if err := first(r.Key.Validate(), provider.CheckNumbers(r.Numbers, 0)); err != nil {
		return provider.Order{}, a.invalid(op, err)
	}
	out := provider.Order{Key: r.Key}
	sent := false
	for _, n := range r.Numbers {
		w, res, ok, err := a.find(ctx, op, n)
		if err != nil {
			return provider.Order{}, partly(unsent(err), sent)
		}
		it := provider.OrderItem{Number: n, State: provider.ItemRefused, Said: res.Said("not in the account")}
		if !ok {
			it.Err = a.refuse(op, provider.NotYours, n, "the number is not in the account")
		} else {
			res, err = a.remove(ctx, op, n, a.api(nil, "IncomingPhoneNumbers", w.SID+".json"))
			if err != nil && !errors.Is(err, provider.NotFound) {
				return provider.Order{}, partly(err, sent)
			}
			sent = true
			it = provider.OrderItem{Number: n, Owned: provider.Ref(w.SID), State: provider.ItemGone, Said: res.Said(status(res))}
		}
		out.Said = it.Said
		out.Items = append(out.Items, it)
	}
	return out, nil
}

// status is the only word of an answer without a body.
func status(res carrierhttp.Response) provider.Raw { return provider.Raw(strconv.Itoa(res.Status)) }

// TrackReturn looks whether the numbers are still ours.
func (a *account) TrackReturn(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	const op = provider.OpTrackReturn
	if len(t.Numbers) == 0 {
		return provider.Finding[provider.Order]{AsOf: a.cfg.Now(), Why: "Twilio finds returns by their numbers, and none were given"}, nil
	}
	out := provider.Order{Key: t.Key}
	gone := false
	var last carrierhttp.Response
	for _, n := range t.Numbers {
		w, res, ok, err := a.find(ctx, op, n)
		if err != nil {
			return provider.Finding[provider.Order]{}, err
		}
		last = res
		it := provider.OrderItem{Number: n, State: provider.ItemGone, Said: res.Said("not in the account")}
		if ok {
			it = provider.OrderItem{Number: n, Owned: provider.Ref(w.SID), State: provider.ItemRefused, Said: res.Said(provider.Raw(w.Status)),
				Err: a.refuse(op, provider.Conflict, n, "the number is still in the account")}
			if a.cfg.Now().Before(t.Since.Add(a.cfg.Horizon)) { // it may be on its way
				it.State, it.Err = provider.ItemWaiting, nil
			}
		}
		gone = gone || !ok
		out.Items = append(out.Items, it)
	}
	if !gone {
		return provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: last.At}, nil
	}
	out.Said = out.Items[0].Said
	return provider.FoundAs(out, last.At), nil
}
