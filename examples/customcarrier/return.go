package acorn

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// Return gives the numbers back one by one: Acorn has no order for that. The first
// answer that leaves something open ends the call, and TrackReturn settles it.
func (c *Carrier) Return(ctx context.Context, r provider.ReturnRequest) (provider.Order, error) {
	if err := errors.Join(r.Key.Validate(), provider.CheckNumbers(r.Numbers, 0)); err != nil {
		return provider.Order{}, provider.Refused(c.id, provider.OpReturn, err)
	}
	o := provider.Order{Key: r.Key}
	for i, n := range r.Numbers {
		res, err := c.http.Do(ctx, carrierhttp.Call{Op: provider.OpReturn, Method: "DELETE", Path: carrierhttp.Path("account", n.String()), Number: n})
		var e *provider.Error
		switch {
		case errors.Is(err, provider.NotFound), errors.Is(err, provider.NotYours):
			errors.As(err, &e)
			o.Items = append(o.Items, provider.OrderItem{Number: n, State: provider.ItemRefused, Said: res.Said("not yours"), Err: notYours(e)})
		case err != nil && i > 0 && errors.As(err, &e):
			e.Outcome = provider.OutcomeUnknown // those before are on their way
			return provider.Order{}, e
		case err != nil:
			return provider.Order{}, err
		default:
			o.Said = res.Said("releasing")
			o.Items = append(o.Items, provider.OrderItem{Number: n, State: provider.ItemWaiting, Said: o.Said})
		}
	}
	return o, nil
}

func notYours(e *provider.Error) *provider.Error {
	e.Kind = provider.NotYours
	return e
}

// TrackReturn looks at the numbers themselves: one that is not in the account any
// more is gone, which is what a return is for.
func (c *Carrier) TrackReturn(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	var f provider.Finding[provider.Order]
	if len(t.Numbers) == 0 {
		f.Why = "Acorn finds a return by its numbers, and none were given"
		return f, nil
	}
	o := provider.Order{Key: t.Key}
	begun := false
	for _, n := range t.Numbers {
		it := provider.OrderItem{Number: n}
		had, err := c.Owned(ctx, n)
		switch {
		case errors.Is(err, provider.NotFound):
			it.State, it.Said = provider.ItemGone, provider.Said{By: c.id, Raw: "not in the account", At: c.now()}
		case err != nil:
			return f, err
		case had.Said.Raw == "releasing":
			it.State, it.Said = provider.ItemWaiting, had.Said
		default:
			it.State, it.Said = provider.ItemRefused, had.Said
			it.Err = &provider.Error{Op: provider.OpReturn, Provider: c.id, Kind: provider.Conflict, Outcome: provider.NotApplied, Number: n, Text: "the number stays in the account"}
		}
		begun = begun || it.State != provider.ItemRefused
		f.AsOf = it.Said.At
		o.Items = append(o.Items, it)
	}
	if !begun {
		f.Verdict = provider.Absent
		return f, nil
	}
	return provider.FoundAs(o, f.AsOf), nil
}

// get reads one JSON answer into v.
func (c *Carrier) get(ctx context.Context, op provider.Op, class provider.Class, path string, q url.Values, n nanp.Number, v any) (carrierhttp.Response, error) {
	res, err := c.http.Do(ctx, carrierhttp.Call{Op: op, Intent: carrierhttp.Read, Class: class, Path: path, Query: q, Number: n})
	if err == nil {
		err = res.Decode(v)
	}
	return res, err
}

func page(p provider.Page) url.Values {
	q := url.Values{}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Cursor != "" {
		q.Set("after", p.Cursor)
	}
	return q
}
