package twilio

import (
	"context"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Unregister detaches the address from each number. The address itself stays at
// Twilio, without effect.
func (a *account) Unregister(ctx context.Context, k provider.Key, ns []nanp.Number) (provider.RegisterResult, error) {
	const op = provider.OpUnregister
	if err := first(k.Validate(), provider.CheckNumbers(ns, 0)); err != nil {
		return provider.RegisterResult{}, a.invalid(op, err)
	}
	have, err := a.ours(ctx, op, ns)
	if err != nil {
		return provider.RegisterResult{}, err
	}
	var out provider.RegisterResult
	sent := false
	for _, n := range ns {
		w, res := have[n].number, have[n].res
		if w.EmergencyAddressSID != "" && w.regState() != provider.RegRemoving {
			if w, res, err = a.attach(ctx, op, n, w.SID, ""); err != nil {
				return provider.RegisterResult{}, partly(err, sent)
			}
			sent = true
		}
		out.Registrations = append(out.Registrations, a.registration(op, res, w))
	}
	return out, nil
}

// trackUnregistered says how the numbers of a removal stand, and changes nothing. A
// number that has an address which was made after the removal was sent had been
// detached for it: to send the removal again would end the newer registration.
func (a *account) trackUnregistered(ctx context.Context, t provider.Trace) (provider.Finding[provider.RegisterResult], error) {
	const op = provider.OpTrackRegistration
	var none provider.Finding[provider.RegisterResult]
	if len(t.Numbers) == 0 {
		return provider.Finding[provider.RegisterResult]{AsOf: a.cfg.Now(), Why: "Twilio finds the end of a registration by its numbers, and none were given"}, nil
	}
	var out provider.RegisterResult
	var at time.Time
	found, unclear := false, false
	for _, n := range t.Numbers {
		w, res, ok, err := a.find(ctx, op, n)
		if err != nil {
			return none, err
		}
		at = res.At
		if !ok {
			found = true
			out.Registrations = append(out.Registrations, provider.Registration{Number: n, State: provider.RegNone, Said: res.Said("not in the account")})
			continue
		}
		reg := a.registration(op, res, w)
		out.Registrations = append(out.Registrations, reg)
		switch {
		case w.EmergencyAddressSID == "", asked[w.EmergencyAddressStatus]:
			found = true
		case reg.State == provider.RegUnclear:
			unclear = true
		default:
			newer, err := a.madeSince(ctx, op, n, w.EmergencyAddressSID, t.Since)
			if err != nil {
				return none, err
			}
			found = found || newer
		}
	}
	switch {
	case found:
		return provider.FoundAs(out, at), nil
	case unclear:
		return provider.Finding[provider.RegisterResult]{AsOf: at, Why: "Twilio says in a word that is not known how the registration stands"}, nil
	}
	return provider.Finding[provider.RegisterResult]{Verdict: provider.Absent, AsOf: at}, nil
}

// asked are the words that say that an end was asked for.
var asked = map[string]bool{"unregistered": true, "pending-unregistration": true, "unregistration-failure": true}

// madeSince reports whether an address was made after a time, for sure.
func (a *account) madeSince(ctx context.Context, op provider.Op, n nanp.Number, ad string, since time.Time) (bool, error) {
	if since.IsZero() {
		return false, nil
	}
	w, err := a.heldAddress(ctx, op, n, ad)
	if err != nil {
		return false, err
	}
	made, err := time.Parse(time.RFC1123Z, w.Created)
	return err == nil && made.After(since.Add(skew)), nil
}
