package sandbox

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// understood is what the carrier makes of a request: the rest it ignores, as its
// traits say.
func (c *Carrier) understood(r provider.SearchRequest) provider.SearchRequest {
	r.Query, _ = c.cfg.Dialect.Ask(r.Query)
	keep := func(f provider.Filter) bool { return slices.Contains(c.cfg.Filters, f) }
	if !keep(provider.ByState) {
		r.State = ""
	}
	if !keep(provider.ByCity) {
		r.City = ""
	}
	if !keep(provider.ByRateCenter) {
		r.RateCenter = ""
	}
	if !keep(provider.ByExact) {
		r.Exact = nil
	}
	return r
}

func (c *Carrier) checkSearch(r provider.SearchRequest) error {
	if err := cmp.Or(r.Validate(), r.Options.Only()); err != nil {
		return c.invalid(provider.OpSearch, err)
	}
	if len(r.Exact) > maxExact {
		return c.invalid(provider.OpSearch, field("exact", "count", fmt.Sprintf("holds %d numbers, one search takes at most %d", len(r.Exact), maxExact)))
	}
	if !c.kinds[r.Kind] {
		return c.fail(provider.OpSearch, provider.Unsupported, provider.NotApplied, "this carrier sells no "+r.Kind.String()+" numbers")
	}
	if _, err := decodeCursor(r.Page.Cursor, digest(c.understood(r))); err != nil {
		return c.invalid(provider.OpSearch, err)
	}
	return nil
}

func (c *Carrier) search(ctx context.Context, r provider.SearchRequest, v view) (provider.Result[provider.Offer], error) {
	r = c.understood(r)
	sum := digest(r)
	after, err := decodeCursor(r.Page.Cursor, sum)
	if err != nil {
		return provider.Result[provider.Offer]{}, c.invalid(provider.OpSearch, err)
	}
	limit := c.limit(r.Page.Limit)
	var out provider.Result[provider.Offer]
	c.mu.RLock()
	for n := range c.candidates(ctx, r, after) {
		if c.state.taken(n, v, c.cfg.real(rest)) || c.state.isHeld(n, v) {
			continue
		}
		if len(out.Items) == limit { // there is one more: another page is worth asking for
			out.Next = encodeCursor(out.Items[limit-1].Number, sum)
			break
		}
		out.Items = append(out.Items, c.offer(n, v))
	}
	c.mu.RUnlock()
	if err := ctx.Err(); err != nil {
		e := c.fail(provider.OpSearch, provider.Unavailable, provider.OutcomeUnknown, "the call ended before the answer came")
		e.Err = err
		return provider.Result[provider.Offer]{}, e
	}
	c.show(out.Items, v)
	return out, nil
}

func (c *Carrier) offer(n nanp.Number, v view) provider.Offer {
	o := provider.Offer{Number: n, Holdable: true}
	if p, ok := c.place(n); ok {
		o.State, o.City, o.RateCenter = p.State, p.City, p.RateCenter
	}
	if !c.cfg.HidePrices {
		o.Price = c.price(n)
	}
	if c.cfg.RecentSearch > 0 {
		o.Until = v.at.Add(c.cfg.real(c.cfg.RecentSearch))
	}
	return o
}

func (c *Carrier) price(n nanp.Number) money.Price {
	if n.TollFree() {
		return c.cfg.Prices.TollFree
	}
	return c.cfg.Prices.Local
}

// show remembers what was found, where that matters for orders.
func (c *Carrier) show(offers []provider.Offer, v view) {
	if c.shown == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.shown) > 100_000 { // forget what is too old to be ordered
		for n, at := range c.shown {
			if v.at.Sub(at) > c.cfg.real(c.cfg.RecentSearch) {
				delete(c.shown, n)
			}
		}
	}
	for _, o := range offers {
		c.shown[o.Number] = v.at
	}
}

func (c *Carrier) limit(asked int) int {
	if asked == 0 {
		asked = 50
	}
	return min(asked, c.cfg.PageMax)
}

// A cursor is the last number that was given out, the digest of the request that
// it belongs to, and a sum over both. Numbers come in ascending order, so that
// pages neither repeat nor skip a number while others are bought.

const cursorSize = 8 + 8 + 4

func digest(r provider.SearchRequest) uint64 {
	r.Page = provider.Page{}
	return mixText(saltWord, fmt.Sprintf("%#v", r))
}

func encodeCursor(last nanp.Number, sum uint64) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(last))
	b = binary.BigEndian.AppendUint64(b, sum)
	b = binary.BigEndian.AppendUint32(b, uint32(mixText(saltWord, string(b))))
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeCursor(s string, sum uint64) (nanp.Number, error) {
	if s == "" {
		return 0, nil
	}
	bad := field("cursor", "known", "is none that this carrier has given out")
	if len(s) > 64 {
		return 0, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != cursorSize || binary.BigEndian.Uint32(b[16:]) != uint32(mixText(saltWord, string(b[:16]))) {
		return 0, bad
	}
	last := nanp.Number(binary.BigEndian.Uint64(b))
	if !last.Valid() {
		return 0, bad
	}
	if binary.BigEndian.Uint64(b[8:]) != sum {
		return 0, field("cursor", "request", "belongs to another request")
	}
	return last, nil
}
