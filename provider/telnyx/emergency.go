package telnyx

import (
	"context"
	"fmt"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// wireHolder is an address with the person or business at it. The specification
// demands all three names, its text either the first two or the last.
type wireHolder struct {
	ID        word   `json:"id,omitempty"`
	Reference string `json:"customer_reference,omitempty"`
	First     string `json:"first_name"`
	Last      string `json:"last_name"`
	Business  string `json:"business_name"`
	wireAddress
	// Book puts it into the list of addresses, in which it is found again by the key.
	Book bool `json:"address_book"`
}

// Register makes an address under the key and enables the emergency service of each
// number with it. It may be repeated with the same key: what an earlier call has left
// is looked for first. An address that is not as it would be registered is answered
// with a check and registered nowhere, AsGiven or not: the carrier could not say later
// that it holds another than the one that was shown.
func (c *Carrier) Register(ctx context.Context, r provider.RegisterRequest) (provider.RegisterResult, error) {
	var out provider.RegisterResult
	op := provider.OpRegister
	if err := c.key(op, r.Key); err != nil {
		return out, err
	}
	if err := c.numbers(op, r.Numbers, jobMax); err != nil {
		return out, err
	}
	if r.CallerName == "" || len(r.CallerName) > 100 {
		return out, c.refuse(op, bad("caller name", "length", "must be 1 to 100 characters: the carrier wants to know who is at the address"))
	}
	held, begun, err := c.address(ctx, r, &out)
	if err != nil || held.ID == "" {
		return out, err
	}
	out.Ref = provider.Ref(held.ID)
	shown := held.civic()
	adjusted := !held.same(addressOf(r.Address)) // altered while it was made
	for _, n := range r.Numbers {
		reg, sent, err := c.enable(ctx, op, n, true, held.ID)
		begun = begun || sent
		if err != nil && !ofItem(err) {
			return out, unsure(err, begun)
		}
		if err != nil {
			reg = provider.Registration{Number: n, State: provider.RegFailed, Said: provider.Said{By: c.cfg.ID, At: c.cfg.Now()}, Err: asError(err)}
		} else {
			reg.Ref, reg.Address = out.Ref, &shown
		}
		if reg.State == provider.RegActive && adjusted {
			reg.State = provider.RegAdjusted
		}
		out.Registrations = append(out.Registrations, reg)
	}
	return out, nil
}

// address finds the address that carries the key, or checks and makes one. An address
// without an ID is none: out.Check says why. begun is true when one was made.
func (c *Carrier) address(ctx context.Context, r provider.RegisterRequest, out *provider.RegisterResult) (held wireHolder, begun bool, err error) {
	known, res, err := c.addresses(ctx, provider.OpRegister, r.Key)
	switch {
	case err != nil:
		return held, false, err
	case len(known) > 1:
		return held, false, res.Error(provider.Conflict, provider.OutcomeUnknown, fmt.Sprintf("%d addresses carry this key, which the carrier does not keep unique", len(known)))
	case len(known) == 1:
		return known[0], true, nil
	}
	check, err := c.validate(ctx, provider.OpRegister, r.Address)
	if err != nil {
		return held, false, err
	}
	out.Check = check
	if check.Grade != provider.Valid {
		return held, false, nil
	}
	body := wireHolder{Reference: string(r.Key), Business: r.CallerName, wireAddress: addressOf(r.Address), Book: true}
	held, res, err = send[wireHolder](ctx, c, provider.OpRegister, 0, "POST", "/addresses", body)
	if kindIs(err, provider.Invalid) && provider.OutcomeOf(err) == provider.NotApplied {
		out.Check = refusedAddress(res, err)
		return wireHolder{}, false, nil
	}
	if err == nil && held.ID == "" {
		err = res.Error(provider.Internal, provider.Applied, "the answer names no address")
	}
	return held, true, err
}

// addresses are those that carry the key.
func (c *Carrier) addresses(ctx context.Context, op provider.Op, k provider.Key) ([]wireHolder, carrierhttp.Response, error) {
	found, res, err := all[wireHolder](ctx, c, op, "/addresses", query("filter[customer_reference][eq]", string(k)))
	if err != nil {
		return nil, res, err
	}
	var mine []wireHolder
	for _, w := range found {
		if w.Reference == string(k) {
			mine = append(mine, w)
		}
	}
	return mine, res, nil
}

// enable switches the emergency service of one number, unless it stands as wanted
// already. sent is true when a request that changes something may have left.
func (c *Carrier) enable(ctx context.Context, op provider.Op, n nanp.Number, on bool, address word) (reg provider.Registration, sent bool, err error) {
	w, res, err := c.mine(ctx, op, n)
	if err != nil {
		return reg, false, err
	}
	now := w.emergency()
	if stands := now.registration(n, res); on && now.Address == address && (stands.State == provider.RegActive || stands.State == provider.RegWaiting) ||
		!on && (stands.State == provider.RegNone || stands.State == provider.RegRemoving) {
		return stands, false, nil
	}
	if !on {
		address = now.Address
	}
	v, res, err := send[wireVoice](ctx, c, op, n, "POST", carrierhttp.Path("phone_numbers", string(w.ID), "actions", "enable_emergency"),
		wireEmergency{Enabled: &on, Address: address})
	if err != nil {
		return reg, provider.OutcomeOf(err) != provider.NotApplied, err
	}
	return v.Emergency.registration(n, res), true, nil
}

func (w wireNumber) emergency() wireEmergency {
	return wireEmergency{w.Emergency, w.Address, w.EmergencyStatus}
}

// registration is what the carrier says. Without a status the flag says only that
// nothing is registered, and without the flag nothing is said. A status that the flag
// contradicts is not believed.
func (w wireEmergency) registration(n nanp.Number, res carrierhttp.Response) provider.Registration {
	reg := provider.Registration{Number: n, State: emergencyWords[w.Status], Said: res.Said(provider.Raw(w.Status)), Ref: provider.Ref(w.Address)}
	off := w.Enabled != nil && !*w.Enabled
	switch {
	case w.Status == "" && off && w.Address == "":
		reg.State = provider.RegNone
	case reg.State == provider.RegActive && off:
		reg.State = provider.RegUnclear
	}
	if reg.State == provider.RegFailed {
		reg.Err = res.Error(provider.Precondition, provider.NotApplied, "the registration failed; the carrier does not say why")
		reg.Err.Number = n
	}
	if reg.State == provider.RegNone {
		reg.Ref = ""
	}
	return reg
}

// Unregister ends the emergency service of numbers. It may be repeated.
func (c *Carrier) Unregister(ctx context.Context, k provider.Key, ns []nanp.Number) (provider.RegisterResult, error) {
	var out provider.RegisterResult
	if err := c.key(provider.OpUnregister, k); err != nil {
		return out, err
	}
	if err := c.numbers(provider.OpUnregister, ns, jobMax); err != nil {
		return out, err
	}
	begun := false
	for _, n := range ns {
		reg, sent, err := c.enable(ctx, provider.OpUnregister, n, false, "")
		begun = begun || sent
		if err != nil && !ofItem(err) {
			return out, unsure(err, begun)
		}
		if err != nil { // the registration stands as it stood
			reg = provider.Registration{Number: n, State: provider.RegUnclear, Said: provider.Said{By: c.cfg.ID, At: c.cfg.Now()}, Err: asError(err)}
		}
		out.Registrations = append(out.Registrations, reg)
	}
	return out, nil
}

// TrackRegistration finds a registration by the address that carries the key. An
// address to which no number points is no registration, and a number that stands at
// another address is not registered by this key. A removal leaves nothing that carries
// its key: it is found when no number is registered, or each is on its way to that.
func (c *Carrier) TrackRegistration(ctx context.Context, t provider.Trace) (provider.Finding[provider.RegisterResult], error) {
	var f provider.Finding[provider.RegisterResult]
	if len(t.Numbers) == 0 || t.Key == "" && t.Ref == "" && !t.Removal {
		f.AsOf, f.Why = c.cfg.Now(), "a registration is found by its numbers and a key or reference, and these were not given"
		return f, nil
	}
	if t.Removal {
		return c.trackRemoval(ctx, t.Numbers)
	}
	held, res, err := c.heldFor(ctx, t)
	if err != nil {
		return f, err
	}
	f.AsOf = res.At
	if len(held) > 1 {
		f.Why = fmt.Sprintf("%d addresses carry this key, which the carrier does not keep unique", len(held))
		return f, nil
	}
	out := provider.RegisterResult{Ref: t.Ref}
	if len(held) == 1 {
		out.Ref = provider.Ref(held[0].ID)
	}
	found := false
	for _, n := range t.Numbers {
		reg, err := c.registration(ctx, provider.OpTrackRegistration, n)
		if err != nil {
			return provider.Finding[provider.RegisterResult]{}, err
		}
		switch at := out.Ref != "" && reg.Ref == out.Ref; {
		case at && len(held) == 1:
			shown := held[0].civic()
			reg.Address, found = &shown, true
		case at: // the address has left the address book, and the number still has it
			found = true
		case reg.State == provider.RegUnclear, reg.State == provider.RegRemoving:
			f.Why = "the carrier does not say yet where a number stands"
		case reg.State != provider.RegNone:
			reg.State, reg.Err = provider.RegUnclear, c.elsewhere(n)
		}
		out.Registrations = append(out.Registrations, reg)
	}
	switch {
	case found:
		return provider.FoundAs(out, f.AsOf), nil
	case f.Why == "":
		f.Verdict = provider.Absent
	}
	return f, nil
}

// elsewhere is what is wrong with a number that a registration has not come to.
func (c *Carrier) elsewhere(n nanp.Number) *provider.Error {
	e := c.fail(provider.OpTrackRegistration, provider.Precondition, "the number stands at another address: registering again with the same key goes on")
	e.Number = n
	return e
}

// trackRemoval says what is left of registrations that were to end: it is found when
// each has ended or is on its way to that, and absent while all of them stand.
func (c *Carrier) trackRemoval(ctx context.Context, ns []nanp.Number) (provider.Finding[provider.RegisterResult], error) {
	var out provider.RegisterResult
	var l left
	for _, n := range ns {
		reg, err := c.registration(ctx, provider.OpTrackRegistration, n)
		if err != nil {
			return provider.Finding[provider.RegisterResult]{}, err
		}
		l.count(reg.State == provider.RegNone || reg.State == provider.RegRemoving, reg.State == provider.RegUnclear)
		out.Registrations = append(out.Registrations, reg)
	}
	return finding(out, out.Registrations[0].Said.At, l.removed), nil
}

func (c *Carrier) heldFor(ctx context.Context, t provider.Trace) ([]wireHolder, carrierhttp.Response, error) {
	if t.Ref == "" {
		return c.addresses(ctx, provider.OpTrackRegistration, t.Key)
	}
	w, res, err := get[wireHolder](ctx, c, provider.OpTrackRegistration, 0, carrierhttp.Path("addresses", string(t.Ref)), nil)
	if kindIs(err, provider.NotFound) {
		return nil, res, nil
	}
	return []wireHolder{w}, res, err
}

// Registration reads what the carrier holds. A number that is not in the account has
// no registration there.
func (c *Carrier) Registration(ctx context.Context, n nanp.Number) (provider.Registration, error) {
	reg, err := c.registration(ctx, provider.OpRegistration, n)
	if err != nil || reg.Ref == "" {
		return reg, err
	}
	w, _, err := get[wireHolder](ctx, c, provider.OpRegistration, n, carrierhttp.Path("addresses", string(reg.Ref)), nil)
	if kindIs(err, provider.NotFound) {
		return reg, nil // the address has left the address book: the carrier does not show it
	}
	if err != nil {
		return provider.Registration{}, err
	}
	var shown postal.Civic = w.civic()
	reg.Address = &shown
	return reg, nil
}

func (c *Carrier) registration(ctx context.Context, op provider.Op, n nanp.Number) (provider.Registration, error) {
	w, res, err := c.find(ctx, op, n)
	if kindIs(err, provider.NotFound) {
		return provider.Registration{Number: n, State: provider.RegNone, Said: res.Said("not in the account")}, nil
	}
	if err != nil {
		return provider.Registration{}, err
	}
	return w.emergency().registration(n, res), nil
}
