package bandwidth

import (
	"context"
	"net/url"
	"strconv"

	"github.com/numberdesk/numberdesk/provider"
)

const portOutsPage = 50

// ListPortOuts lists the port-outs of the last two years, newest or oldest first
// as the carrier pleases. An order that shows no numbers is one item without any.
func (c *Carrier) ListPortOuts(ctx context.Context, p provider.Page) (provider.Result[provider.PortOut], error) {
	var out provider.Result[provider.PortOut]
	page, size := p.Cursor, min(or(p.Limit, portOutsPage), portOutsPage)
	if page == "" {
		page = "1"
	}
	if size < 0 {
		return out, c.invalid(provider.OpListPortOuts, field("page limit", "range", "is negative"))
	}
	listed, err := c.list(ctx, provider.OpListPortOuts, c.account("portouts"), url.Values{"page": {page}, "size": {strconv.Itoa(size)}})
	if err != nil {
		return out, err
	}
	for in := range listed.doc.all("lnpPortInfoForGivenStatus") {
		id := in.str("OrderId")
		if id == "" {
			continue
		}
		one := provider.PortOut{Ref: provider.Ref(id), To: in.str("VendorId"), Said: listed.res.Said(provider.Raw(in.str("ProcessingStatus")))}
		r, err := c.get(ctx, provider.OpListPortOuts, c.account("portouts", id), nil)
		if err != nil && !missing(r, err) {
			return out, err
		}
		out.Items = append(out.Items, portOutsIn(r, one)...)
	}
	out.Next = next(listed.doc)
	return out, nil
}

func portOutsIn(r reply, one provider.PortOut) []provider.PortOut {
	if spid := r.doc.str("SPID"); spid != "" {
		one.To = spid
	}
	if word := r.doc.str("PortOutStatus"); word != "" {
		one.Said = r.res.Said(provider.Raw(word))
	}
	ns := r.doc.numbers()
	if len(ns) == 0 {
		return []provider.PortOut{one}
	}
	out := make([]provider.PortOut, len(ns))
	for i, n := range ns {
		out[i] = one
		out[i].Number = n
	}
	return out
}

// AnswerPortOut is Unsupported for every request that there is: the carrier asks by
// a callback, and takes the answer to it and no other (Config.PortOut).
func (c *Carrier) AnswerPortOut(ctx context.Context, _ provider.Key, ref provider.Ref, _ bool, _ string) error {
	if ref == "" {
		return c.invalid(provider.OpAnswerPortOut, field("reference", "length", "is empty"))
	}
	if _, err := c.get(ctx, provider.OpAnswerPortOut, c.account("portouts", string(ref)), nil); err != nil {
		return notSent(err)
	}
	return c.fail(provider.OpAnswerPortOut, provider.Unsupported, "a port-out is answered while the carrier asks, by Config.PortOut, and not afterwards")
}
