package telnyx

import (
	"context"
	"fmt"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

const nameMax = 15 // characters of a caller name, letters, digits and spaces

type wireVoice struct {
	ID        word          `json:"id"`
	Listing   *wireListing  `json:"cnam_listing"`
	Emergency wireEmergency `json:"emergency"`
}

type wireListing struct {
	Enabled bool   `json:"cnam_listing_enabled"`
	Details string `json:"cnam_listing_details,omitempty"`
}

type wireEmergency struct {
	Enabled *bool  `json:"emergency_enabled"`
	Address word   `json:"emergency_address_id"`
	Status  string `json:"emergency_status,omitempty"`
}

// name is what the carrier holds: it has no status of a name. An answer without the
// listing does not say that there is none, nor does a listing without a name that is
// switched on.
func (w wireVoice) name(n nanp.Number, res carrierhttp.Response) provider.NameItem {
	switch l := w.Listing; {
	case l == nil:
		return provider.NameItem{Number: n, Said: res.Said("")}
	case l.Enabled && l.Details == "":
		return provider.NameItem{Number: n, Said: res.Said("enabled")}
	case l.Enabled:
		return provider.NameItem{Number: n, Name: l.Details, State: provider.NameReadBack, Said: res.Said("enabled")}
	}
	return provider.NameItem{Number: n, State: provider.NameNone, Said: res.Said("disabled")}
}

func checkName(r provider.NameRequest) error {
	if r.Remove {
		return nil
	}
	if len(r.Name) < 1 || len(r.Name) > nameMax {
		return bad("name", "length", fmt.Sprintf("has %d characters, must be 1 to %d", len(r.Name), nameMax))
	}
	for i, x := range r.Name {
		if !(x >= 'A' && x <= 'Z' || x >= 'a' && x <= 'z' || x >= '0' && x <= '9' || x == ' ') {
			return bad("name", "characters", fmt.Sprintf("has at %d something that is no letter, digit or space", i))
		}
	}
	return nil
}

// SetName sets the name of each number by itself. What is wrong with one number is on
// its item. When the carrier cannot be reached in the middle, the items so far come
// beside the error, whose outcome is unknown.
func (c *Carrier) SetName(ctx context.Context, r provider.NameRequest) (provider.NameOrder, error) {
	if err := c.key(provider.OpSetName, r.Key); err != nil {
		return provider.NameOrder{}, err
	}
	if err := c.numbers(provider.OpSetName, r.Numbers, jobMax); err != nil {
		return provider.NameOrder{}, err
	}
	if err := checkName(r); err != nil {
		return provider.NameOrder{}, c.refuse(provider.OpSetName, err)
	}
	var out provider.NameOrder
	for _, n := range r.Numbers {
		it, err := c.setName(ctx, n, r)
		if err != nil && !ofItem(err) {
			return out, unsure(err, len(out.Items) > 0)
		}
		if err != nil {
			it = provider.NameItem{Number: n, State: provider.NameRefused, Said: provider.Said{By: c.cfg.ID, At: c.cfg.Now()}, Err: asError(err)}
		}
		if out.Said.At.IsZero() {
			out.Said = it.Said
		}
		out.Items = append(out.Items, it)
	}
	return out, nil
}

func (c *Carrier) setName(ctx context.Context, n nanp.Number, r provider.NameRequest) (provider.NameItem, error) {
	w, res, err := c.mine(ctx, provider.OpSetName, n)
	if err != nil {
		return provider.NameItem{}, err
	}
	if n.TollFree() {
		return provider.NameItem{}, res.Error(provider.Unsupported, provider.NotApplied, "the carrier says nothing about caller names of toll-free numbers")
	}
	body := struct {
		Listing wireListing `json:"cnam_listing"`
	}{wireListing{Enabled: !r.Remove, Details: r.Name}}
	if r.Remove {
		body.Listing.Details = ""
	}
	v, res, err := send[wireVoice](ctx, c, provider.OpSetName, n, "PATCH", carrierhttp.Path("phone_numbers", string(w.ID), "voice"), body)
	if err != nil {
		return provider.NameItem{}, err
	}
	it := v.name(n, res)
	if it.Name != body.Listing.Details { // taken, and not shown yet
		it.State = provider.NameWaiting
	}
	return it, nil
}

// TrackName reads the name of each number: it finds what the carrier shows, for whoever
// set a name to compare. Where it shows that none has a name, none was set. Whether a
// number without a name had one taken away or was never given one the carrier does not
// tell: a removal is found when no number has a name, and absent while all of them have
// one.
func (c *Carrier) TrackName(ctx context.Context, t provider.Trace) (provider.Finding[provider.NameOrder], error) {
	var none provider.Finding[provider.NameOrder]
	if len(t.Numbers) == 0 {
		none.AsOf, none.Why = c.cfg.Now(), "a name is found by its numbers, and none were given"
		return none, nil
	}
	var o provider.NameOrder
	var l left
	for _, n := range t.Numbers {
		it, err := c.readName(ctx, provider.OpTrackName, n)
		if kindIs(err, provider.NotFound) {
			it, err = provider.NameItem{Number: n, State: provider.NameNone, Said: provider.Said{By: c.cfg.ID, Raw: "not in the account", Request: asError(err).Request, At: c.cfg.Now()}}, nil
		}
		if err != nil {
			return none, err
		}
		l.count(it.State == provider.NameNone, it.State == provider.NameUnclear)
		o.Items = append(o.Items, it)
	}
	o.Said = o.Items[0].Said
	if t.Removal {
		return finding(o, o.Said.At, l.removed), nil
	}
	return finding(o, o.Said.At, l.set), nil
}

// ReadName reads the name that the carrier holds.
func (c *Carrier) ReadName(ctx context.Context, n nanp.Number) (provider.NameItem, error) {
	return c.readName(ctx, provider.OpReadName, n)
}

func (c *Carrier) readName(ctx context.Context, op provider.Op, n nanp.Number) (provider.NameItem, error) {
	w, _, err := c.find(ctx, op, n)
	if err != nil {
		return provider.NameItem{}, err
	}
	v, res, err := get[wireVoice](ctx, c, op, n, carrierhttp.Path("phone_numbers", string(w.ID), "voice"), nil)
	if err != nil {
		return provider.NameItem{}, err
	}
	return v.name(n, res), nil
}
