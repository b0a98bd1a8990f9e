package twilio

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// A caller name that is taken away would come back: Twilio reviews names for days,
// and TrackName assigns the numbers of one that is approved. Twilio keeps nothing of
// an assignment that was deleted, so that the end is written down there first, as a
// draft that is never submitted and bears the number's SID in its name. It is newer
// than all that it ends.

// endName begins the FriendlyName of such a draft. No key has a space.
const endName = "No caller name: "

// shelf is all caller name products of an account.
type shelf struct {
	products []trustProduct
	ended    map[string]time.Time // when a name was taken off last, by PN
}

func (a *account) shelf(ctx context.Context, op provider.Op) (shelf, carrierhttp.Response, error) {
	on := shelf{ended: map[string]time.Time{}}
	all, res, err := a.productsOf(ctx, op, "")
	for _, p := range all {
		pn, end := strings.CutPrefix(p.FriendlyName, endName)
		switch at := instant(p.Created); {
		case !end:
			on.products = append(on.products, p)
		case at.After(on.ended[pn]):
			on.ended[pn] = at
		}
	}
	return on, res, err
}

// endedSince reports whether a name was taken off the number after the product was
// made. Twilio tells seconds: within the same one the name stays off.
func (s shelf) endedSince(p trustProduct, pn string) bool {
	at, ended := s.ended[pn]
	return ended && !at.Before(instant(p.Created))
}

// pending reports whether a product could still give the number a name.
func (s shelf) pending(pn string) bool {
	return slices.ContainsFunc(s.products, func(p trustProduct) bool { return !s.endedSince(p, pn) })
}

// holding is the product that the number is assigned to; ok is false for none.
func (a *account) holding(ctx context.Context, op provider.Op, on shelf, n nanp.Number, pn string) (p trustProduct, ok bool, err error) {
	for _, p := range on.products {
		here, err := a.assigned(ctx, op, n, p.SID, pn)
		if err != nil || len(here) > 0 {
			return p, len(here) > 0, err
		}
	}
	return trustProduct{}, false, nil
}

// nameItem is a number and the product that it is assigned to, if there is one.
func (a *account) nameItem(ctx context.Context, op provider.Op, w held, p trustProduct, ok bool) (provider.NameItem, error) {
	n := w.number.number()
	if !ok {
		return provider.NameItem{Number: n, State: provider.NameNone, Said: w.res.Said(noName)}, nil
	}
	name, err := a.nameOf(ctx, op, p.SID)
	if err != nil {
		return provider.NameItem{}, err
	}
	it := provider.NameItem{Number: n, Name: name, State: productStates[p.Status], Said: w.res.Said(provider.Raw(p.Status))}
	if it.State == provider.NameRefused {
		it.Err = a.rejected(op, n, p)
	}
	return it, nil
}

// removeNames takes the numbers out of every caller name product, and writes down
// first that no older one is to have them again.
func (a *account) removeNames(ctx context.Context, r provider.NameRequest, have map[nanp.Number]held) (provider.NameOrder, error) {
	const op = provider.OpSetName
	on, _, err := a.shelf(ctx, op)
	if err != nil {
		return provider.NameOrder{}, unsent(err)
	}
	out := provider.NameOrder{}
	changed := false
	for _, n := range r.Numbers {
		pn := have[n].SID
		if on.pending(pn) {
			if _, err := a.draftProduct(ctx, endName+pn, on.products[0].Email, url.Values{}); err != nil {
				return provider.NameOrder{}, partly(step(err), changed)
			}
			changed = true
		}
		for _, p := range on.products {
			gone, err := a.unassign(ctx, op, n, p.SID, pn)
			changed = changed || gone
			if err != nil {
				return provider.NameOrder{}, partly(err, changed)
			}
		}
		out.Items = append(out.Items, provider.NameItem{Number: n, State: provider.NameNone, Said: have[n].res.Said(noName)})
	}
	out.Said = out.Items[0].Said
	return out, nil
}

// trackNoName says how the numbers of a removal stand, and changes nothing. A number
// without a name to which an older request could still give one has not been taken
// off: nothing says so at Twilio.
func (a *account) trackNoName(ctx context.Context, t provider.Trace) (provider.Finding[provider.NameOrder], error) {
	const op = provider.OpTrackName
	var none provider.Finding[provider.NameOrder]
	if len(t.Numbers) == 0 {
		return provider.Finding[provider.NameOrder]{AsOf: a.cfg.Now(), Why: "Twilio finds the end of a caller name by its numbers, and none were given"}, nil
	}
	on, res, err := a.shelf(ctx, op)
	if err != nil {
		return none, err
	}
	out := provider.NameOrder{Said: res.Said(noName)}
	found := false
	for _, n := range t.Numbers {
		w, at, ours, err := a.find(ctx, op, n)
		if err != nil {
			return none, err
		}
		if !ours {
			found = true
			out.Items = append(out.Items, provider.NameItem{Number: n, State: provider.NameNone, Said: at.Said("not in the account"),
				Err: a.refuse(op, provider.NotYours, n, "the number is not in the account")})
			continue
		}
		p, named, err := a.holding(ctx, op, on, n, w.SID)
		if err != nil {
			return none, err
		}
		ended, marked := on.ended[w.SID]
		marked = marked && (t.Since.IsZero() || !ended.Before(t.Since.Add(-skew)))
		switch {
		case !named:
			found = found || marked || !on.pending(w.SID)
		default: // a name that was set later
			found = found || marked && !on.endedSince(p, w.SID)
		}
		it, err := a.nameItem(ctx, op, held{w, at}, p, named)
		if err != nil {
			return none, err
		}
		out.Items = append(out.Items, it)
	}
	if !found {
		return provider.Finding[provider.NameOrder]{Verdict: provider.Absent, AsOf: res.At}, nil
	}
	return provider.FoundAs(out, res.At), nil
}
