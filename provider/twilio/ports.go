package twilio

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// portMax is how many numbers one request holds
// (https://www.twilio.com/docs/phone-numbers/port-in).
const portMax = 1000

// portOptions are the hours in which a port may happen, by the names of Twilio's
// documents: times of day with an offset, "10:00:00-05:00".
var portOptions = checks{
	"target_port_in_time_range_start": clock,
	"target_port_in_time_range_end":   clock,
}

func clock(s string) bool {
	_, err := time.Parse("15:04:05Z07:00", s)
	return err == nil
}

// porting is an address of the porting API, a public beta.
func (a *account) porting(q url.Values, segments ...string) string {
	return place(a.cfg.Hosts.Numbers, q, append([]string{"v1", "Porting"}, segments...)...)
}

// CheckPort asks for each number by itself.
func (a *account) CheckPort(ctx context.Context, ns []nanp.Number) ([]provider.PortCheck, error) {
	const op = provider.OpCheckPort
	if err := provider.CheckNumbers(ns, 0); err != nil {
		return nil, a.invalid(op, err)
	}
	out := make([]provider.PortCheck, 0, len(ns))
	for _, n := range ns {
		var w portability
		res, err := a.get(ctx, op, n, a.porting(nil, "Portability", "PhoneNumber", n.String()), &w)
		if err != nil {
			return nil, err
		}
		if plain(w.PhoneNumber) != n {
			return nil, res.Error(provider.Internal, provider.NotApplied, "the answer is about another number")
		}
		raw := provider.Raw("portable")
		if !w.Portable {
			raw = provider.Raw("not portable " + w.Code.code())
		}
		out = append(out, provider.PortCheck{Number: n, Portable: w.Portable, Reason: w.Reason, Line: portLines[w.Type], NeedsPIN: w.NeedsPIN, Said: res.Said(raw)})
	}
	return out, nil
}

// OpenPort sends the request, which Twilio submits at once. It cannot carry our
// key: it is found again by its numbers.
func (a *account) OpenPort(ctx context.Context, r provider.PortRequest) ([]provider.PortOrder, error) {
	const op = provider.OpOpenPort
	if err := a.checkOpen(r); err != nil {
		return nil, err
	}
	var got portIn
	call := carrierhttp.Call{Op: op, Method: "POST", URL: a.porting(nil, "PortIn"), Body: carrierhttp.JSON(a.portBody(r))}
	res, err := a.client.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	if err := res.Decode(&got); err != nil {
		return nil, err
	}
	if !sid("KW", got.SID) || !got.about(linesOf(r)) {
		return nil, res.Error(provider.Internal, provider.OutcomeUnknown, "the answer is about other numbers than were asked for")
	}
	o := a.portOrder(op, res, got)
	o.Key = r.Key
	return []provider.PortOrder{o}, nil
}

func linesOf(r provider.PortRequest) []nanp.Number {
	ns := make([]nanp.Number, len(r.Lines))
	for i, l := range r.Lines {
		ns[i] = l.Number
	}
	return ns
}

func (a *account) checkOpen(r provider.PortRequest) error {
	const op = provider.OpOpenPort
	ns := linesOf(r)
	if err := first(r.Key.Validate(), provider.CheckNumbers(ns, portMax), portOptions.check(r.Options), checkCivic(r.Service)); err != nil {
		return a.invalid(op, err)
	}
	for _, n := range ns {
		if n.TollFree() || n.Info().Country != "US" {
			return a.refuse(op, provider.Unsupported, n, "the porting API takes local and mobile numbers of the United States only: others go through Twilio's console or support")
		}
	}
	for _, f := range []struct {
		name  string
		value secret.String
	}{{"name", r.Name}, {"authorized", r.Authorized}, {"email", r.Email}} {
		if f.value.IsZero() {
			return a.invalid(op, field(f.name, "needed", "is missing"))
		}
	}
	if len(r.Documents) == 0 {
		return a.invalid(op, field("documents", "needed", "are missing: Twilio wants a recent bill of the losing carrier"))
	}
	for _, d := range r.Documents {
		if !sid("RD", string(d)) {
			return a.invalid(op, field("documents", "form", "hold something that is no reference of an uploaded document (RD...)"))
		}
	}
	return nil
}

func (a *account) portBody(r provider.PortRequest) portInCreate {
	ad := addressOf(r.Service, "", "")
	w := portInCreate{
		Account: a.cfg.Account, Target: r.Desired.String(),
		From: r.Options["target_port_in_time_range_start"], To: r.Options["target_port_in_time_range_end"],
		Losing: losingSide{
			CustomerType: "Business", CustomerName: r.Name.Reveal(), Account: r.Account.Reveal(), BTN: r.BTN.String(),
			Authorized: r.Authorized.Reveal(), Email: r.Email.Reveal(),
			Address: portAddress{Street: ad.Street, Street2: ad.StreetSecondary, City: ad.City, State: ad.Region, Zip: ad.PostalCode, Country: ad.IsoCountry},
		},
	}
	if r.Residential {
		w.Losing.CustomerType = "Individual"
	}
	for _, d := range r.Documents {
		w.Documents = append(w.Documents, string(d))
	}
	for _, l := range r.Lines {
		w.Numbers = append(w.Numbers, portAsked{l.Number.String(), l.PIN.Reveal()})
	}
	return w
}

// SubmitPort has nothing to submit: it answers how the request stands.
func (a *account) SubmitPort(ctx context.Context, k provider.Key, r provider.Ref) (provider.PortOrder, error) {
	const op = provider.OpSubmitPort
	if err := first(k.Validate(), checkPortRef(r)); err != nil {
		return provider.PortOrder{}, a.invalid(op, err)
	}
	o, err := a.readPort(ctx, op, string(r))
	o.Key = k
	return o, unsent(err)
}

func checkPortRef(r provider.Ref) error {
	if !sid("KW", string(r)) {
		return field("reference", "form", "is no port request (KW...)")
	}
	return nil
}

func (a *account) readPort(ctx context.Context, op provider.Op, kw string) (provider.PortOrder, error) {
	w, res, err := a.portIn(ctx, op, kw)
	if err != nil {
		return provider.PortOrder{}, err
	}
	return a.portOrder(op, res, w), nil
}

func (a *account) portIn(ctx context.Context, op provider.Op, kw string) (portIn, carrierhttp.Response, error) {
	var w portIn
	res, err := a.get(ctx, op, 0, a.porting(nil, "PortIn", kw), &w)
	if err == nil && w.SID != kw {
		err = res.Error(provider.Internal, provider.NotApplied, "the answer is about another port request")
	}
	return w, res, err
}

// CancelPort cancels the request, or some of its numbers. Numbers cannot be added
// again afterwards.
func (a *account) CancelPort(ctx context.Context, k provider.Key, r provider.Ref, only []nanp.Number) (provider.PortOrder, error) {
	const op = provider.OpCancelPort
	if err := first(k.Validate(), checkPortRef(r)); err != nil {
		return provider.PortOrder{}, a.invalid(op, err)
	}
	w, _, err := a.portIn(ctx, op, string(r))
	if err != nil {
		return provider.PortOrder{}, unsent(err)
	}
	parts := [][]string{{"PortIn", string(r)}}
	if len(only) > 0 {
		if err := provider.CheckNumbers(only, 0); err != nil {
			return provider.PortOrder{}, a.invalid(op, err)
		}
		parts = nil
		for _, n := range only {
			pu := w.find(n)
			if pu == "" {
				return provider.PortOrder{}, a.refuse(op, provider.NotFound, n, "the port request does not have the number")
			}
			parts = append(parts, []string{"PortIn", string(r), "PhoneNumber", pu})
		}
	}
	for i, p := range parts {
		if _, err := a.remove(ctx, op, 0, a.porting(nil, p...)); err != nil && !errors.Is(err, provider.NotFound) {
			return provider.PortOrder{}, partly(err, i > 0)
		}
	}
	o, err := a.readPort(ctx, op, string(r))
	if err != nil { // asked for, and how it stands is for TrackPort to say
		return provider.PortOrder{}, partly(err, true)
	}
	o.Key = k
	return o, nil
}
