package telnyx

import (
	"context"
	"fmt"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

type wireNumber struct {
	ID              word   `json:"id"`
	Number          string `json:"phone_number"`
	Status          string `json:"status"`
	Connection      word   `json:"connection_id"`
	Reference       string `json:"customer_reference"`
	Emergency       *bool  `json:"emergency_enabled"`
	Address         word   `json:"emergency_address_id"`
	EmergencyStatus string `json:"emergency_status"`
	Lock            bool   `json:"deletion_lock_enabled"`
}

func (w wireNumber) state() provider.ItemState { return ownedWords[w.Status] }

// ours reports whether the carrier lists the number as one of the account, now or
// soon. Numbers that left stay in its lists.
func (w wireNumber) ours() bool {
	s := w.state()
	return s != provider.ItemGone && s != provider.ItemRefused
}

func (w wireNumber) owned(n nanp.Number, res carrierhttp.Response) provider.Owned {
	return provider.Owned{
		Number: n, Ref: provider.Ref(w.ID), Tag: w.Reference, State: w.state(), Said: res.Said(provider.Raw(w.Status)),
		Route: string(w.Connection), Locked: w.Lock, Porting: w.Status == "port-out-pending",
	}
}

// find reads what the account has of a number; NotFound when it is not ours. The
// filter knows digits only and matches parts of numbers: the answer is compared.
func (c *Carrier) find(ctx context.Context, op provider.Op, n nanp.Number) (wireNumber, carrierhttp.Response, error) {
	if !n.Valid() {
		return wireNumber{}, carrierhttp.Response{}, c.refuse(op, bad("number", "valid", "is no number"))
	}
	m, res, err := list[wireNumber](ctx, c, carrierhttp.Call{
		Op: op, Path: "/phone_numbers", Number: n,
		Query: query("filter[phone_number]", n.String()[1:], "page[number]", "1", "page[size]", fmt.Sprint(pageMax)),
	})
	if err != nil {
		return wireNumber{}, res, err
	}
	for _, w := range m.Data {
		if w.Number == n.String() && w.ours() {
			return w, res, nil
		}
	}
	if !m.last(1, pageMax) { // more lives of one number than anybody has seen, or a filter that was not applied
		return wireNumber{}, res, res.Error(provider.Internal, provider.NotApplied, "the list of one number has more than one page")
	}
	return wireNumber{}, res, res.Error(provider.NotFound, provider.NotApplied, "the number is not in the account")
}

// Owned reads one number.
func (c *Carrier) Owned(ctx context.Context, n nanp.Number) (provider.Owned, error) {
	w, res, err := c.find(ctx, provider.OpOwned, n)
	if err != nil {
		return provider.Owned{}, err
	}
	return w.owned(n, res), nil
}

// ListOwned lists the numbers of the account. A number can come twice, none is
// skipped, when others leave the account meanwhile.
func (c *Carrier) ListOwned(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
	var out provider.Result[provider.Owned]
	list, next, res, err := pages[wireNumber](ctx, c, provider.OpListOwned, "/phone_numbers", query("sort", "phone_number"), p)
	if err != nil {
		return out, err
	}
	for _, w := range list {
		if n, err := nanp.Parse(w.Number); err == nil && w.ours() {
			out.Items = append(out.Items, w.owned(n, res))
		}
	}
	out.Next = next
	return out, nil
}
