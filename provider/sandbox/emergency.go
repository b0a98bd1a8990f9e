package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/registrar"
)

const (
	registerMin = 2 * time.Second
	registerMax = 60 * time.Second
	registerLag = 4 * time.Minute // what one registration in slowly takes more, at most
	slowly      = 8
	maxCaller   = 50 // characters
)

var (
	regWords = map[provider.RegState]provider.Raw{
		provider.RegNone:     "unregistered",
		provider.RegWaiting:  "provisioning",
		provider.RegActive:   "provisioned",
		provider.RegAdjusted: "provisioned-adjusted",
		provider.RegFailed:   "not-provisioned",
		provider.RegRemoving: "deprovisioning",
	}
	gradeWords = map[provider.Grade]provider.Raw{
		provider.Valid:     "exact",
		provider.Corrected: "standardized",
		provider.Ambiguous: "multiple",
		provider.Unusable:  "undeliverable",
	}
)

// CheckAddress judges by the content of the address alone.
func (f face) CheckAddress(ctx context.Context, a postal.Civic) (provider.AddressCheck, error) {
	subject := fmt.Sprintf("%016x", mixText(saltWord, fmt.Sprintf("%#v", a)))
	return read(ctx, f.c, provider.OpCheckAddress, subject, func(v view) (provider.AddressCheck, error) {
		return f.c.check(registrar.Judge(a), v.at), nil
	})
}

// Register takes each number by itself, where the address can be registered.
func (f face) Register(ctx context.Context, r provider.RegisterRequest) (provider.RegisterResult, error) {
	if err := f.key(provider.OpRegister, r.Key); err != nil {
		return provider.RegisterResult{}, err
	}
	if err := f.c.numbers(provider.OpRegister, r.Numbers); err != nil {
		return provider.RegisterResult{}, err
	}
	if err := f.c.invalid(provider.OpRegister, caller(r.CallerName, r.Callback)); err != nil {
		return provider.RegisterResult{}, err
	}
	return create(ctx, f.c, provider.OpRegister, string(r.Key), func(cl call) (provider.RegisterResult, error) { return f.c.register(r, cl) })
}

// Unregister takes each number by itself, and may be repeated.
func (f face) Unregister(ctx context.Context, k provider.Key, n []nanp.Number) (provider.RegisterResult, error) {
	if err := f.key(provider.OpUnregister, k); err != nil {
		return provider.RegisterResult{}, err
	}
	if err := f.c.numbers(provider.OpUnregister, n); err != nil {
		return provider.RegisterResult{}, err
	}
	return create(ctx, f.c, provider.OpUnregister, string(k), func(cl call) (provider.RegisterResult, error) { return f.c.unregister(k, n, cl) })
}

func (f face) TrackRegistration(ctx context.Context, t provider.Trace) (provider.Finding[provider.RegisterResult], error) {
	return read(ctx, f.c, provider.OpTrackRegistration, subjectOf(t), locked(f.c, func(v view) (provider.Finding[provider.RegisterResult], error) {
		return f.c.trackRegistration(t, v), nil
	}))
}

func (f face) Registration(ctx context.Context, n nanp.Number) (provider.Registration, error) {
	return read(ctx, f.c, provider.OpRegistration, n.String(), locked(f.c, func(v view) (provider.Registration, error) {
		return f.c.registered(n, v), nil
	}))
}

// caller refuses what cannot be shown to whoever answers an emergency call.
func caller(name string, callback nanp.Number) error {
	switch {
	case len([]rune(name)) > maxCaller:
		return field("caller name", "length", "is longer than 50 characters")
	case callback != 0 && !callback.Valid():
		return field("callback", "number", "is no number")
	}
	return nil
}

// check is a verdict as the contract has it.
func (c *Carrier) check(v registrar.Verdict, at time.Time) provider.AddressCheck {
	out := provider.AddressCheck{Grade: v.Grade, Candidates: v.Candidates, Problems: v.Problems, Said: c.said(gradeWords[v.Grade], at)}
	if v.Grade == provider.Corrected {
		out.Corrected = &v.Master
	}
	return out
}

// register books a registration, unless the address cannot be registered: then
// the answer is the check alone. The caller holds mu for writing.
func (c *Carrier) register(r provider.RegisterRequest, cl call) (provider.RegisterResult, error) {
	v := registrar.Judge(r.Address)
	address, adjusted, ok := v.Registers(r.AsGiven)
	known := c.state.registrar.Keyed(false, r.Key)
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		b := known[0]
		return c.registeredAlready(b, r.Numbers, ok && b.Address != nil && *b.Address == address, cl)
	}
	if !ok {
		return provider.RegisterResult{Check: c.check(v, cl.at)}, nil
	}
	x := &registrar.Entry{Address: &address, Adjusted: adjusted, CallerName: r.CallerName, Callback: r.Callback}
	for i, n := range r.Numbers {
		x.Lines = append(x.Lines, c.registerLine(r, n, cl, i == 0))
	}
	return c.bookRegistration(x, r.Key, "rg", len(known), cl)
}

// registerLine decides what becomes of one number.
func (c *Carrier) registerLine(r provider.RegisterRequest, n nanp.Number, cl call, first bool) registrar.Line {
	l := registrar.Line{Number: n, Foreign: c.serves(provider.CapEmergency)}
	refuse := func(k provider.Kind, text string) registrar.Line {
		l.Refused, l.Kind, l.Text = cl.at, k, text
		return l
	}
	held := c.state.registrar.Number(n, cl.now)
	switch {
	case !c.mayRegister(n, cl):
		return refuse(provider.NotYours, "the number is not in the account")
	case c.cfg.Replace == provider.BreakFirst && c.state.registrar.Standing(n, cl.now):
		return refuse(provider.Conflict, "the number has a registration, which has to end first")
	case r.Replaces != "" && (held.By == nil || c.shownRef(held.By.Of.Ref) != r.Replaces):
		return refuse(provider.Precondition, "the number does not have the registration that is to be replaced")
	case c.chaos.notSaved(cl, n, first):
		return l
	}
	l.Active = cl.at.Add(c.cfg.real(c.registers(n.String(), r.Key)))
	return l
}

// registers is how long a registration takes: one in slowly takes longer than usual.
func (c *Carrier) registers(subject string, k provider.Key) time.Duration {
	h := mixText(mixText(mix(c.cfg.Seed, saltRegister), subject), string(k))
	d := between(h, registerMin, registerMax)
	if late := mix(h, saltSlow); late%slowly == 0 {
		d += between(late, 0, registerLag)
	}
	return d
}

func (c *Carrier) ends(subject string, k provider.Key) time.Duration {
	return between(mixText(mixText(mix(c.cfg.Seed, saltRegister), subject), "end"+string(k)), registerMin, registerMax)
}

func (c *Carrier) mayRegister(n nanp.Number, cl call) bool {
	return c.serves(provider.CapEmergency) || c.state.owned(n, view{at: cl.now}) != nil
}

// unregister ends what the numbers have, also what is on its way to them.
func (c *Carrier) unregister(k provider.Key, ns []nanp.Number, cl call) (provider.RegisterResult, error) {
	known := c.state.registrar.Keyed(false, k)
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		return c.registeredAlready(known[0], ns, known[0].Address == nil, cl)
	}
	x := &registrar.Entry{}
	for _, n := range ns {
		l := registrar.Line{Number: n, Foreign: c.serves(provider.CapEmergency)}
		switch {
		case !c.mayRegister(n, cl):
			l.Refused, l.Kind, l.Text = cl.at, provider.NotYours, "the number is not in the account"
		case c.state.registrar.Standing(n, cl.now):
			l.Gone = cl.at.Add(c.cfg.real(c.ends(n.String(), k)))
		default:
			l.Gone = cl.at
		}
		x.Lines = append(x.Lines, l)
	}
	return c.bookRegistration(x, k, "ru", len(known), cl)
}

func (c *Carrier) bookRegistration(x *registrar.Entry, k provider.Key, kind string, count int, cl call) (provider.RegisterResult, error) {
	e := entry{
		Op: cl.op, At: cl.at, Key: k, Attempt: cl.attempt, Fault: cl.fault, E911: x,
		Ref: provider.Ref(c.ref(kind, string(k), count)),
	}
	if err := c.commit(e); err != nil {
		return provider.RegisterResult{}, c.broken(cl.op, err)
	}
	return c.registration(c.state.registrar.Find("", e.Ref, cl.at), cl.at), nil
}

// registeredAlready answers a key that was used.
func (c *Carrier) registeredAlready(b *registrar.Booking, ns []nanp.Number, same bool, cl call) (provider.RegisterResult, error) {
	same = same && len(b.Lines) == len(ns) && !slices.ContainsFunc(b.Lines, func(l registrar.Line) bool { return !slices.Contains(ns, l.Number) })
	if !same {
		return provider.RegisterResult{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "this key was used for something else")
	}
	if err := c.overtake(cl, b.At, b.Key, b.Ref); err != nil {
		return provider.RegisterResult{}, err
	}
	return c.registration(b, cl.at), nil
}

// registration is what the carrier says about a booking at t.
func (c *Carrier) registration(b *registrar.Booking, t time.Time) provider.RegisterResult {
	out := provider.RegisterResult{Ref: c.shownRef(b.Ref), Check: c.checkOf(b, t)}
	for _, st := range b.Steps {
		out.Registrations = append(out.Registrations, c.registrationOf(st, t))
	}
	return out
}

// checkOf is the check that a booking began with; an end of something had none.
func (c *Carrier) checkOf(b *registrar.Booking, t time.Time) provider.AddressCheck {
	switch {
	case b.Address == nil:
		return provider.AddressCheck{}
	case b.Adjusted:
		return c.check(registrar.Verdict{Grade: provider.Corrected, Master: *b.Address}, t)
	}
	return c.check(registrar.Verdict{Grade: provider.Valid}, t)
}

func (c *Carrier) registrationOf(st *registrar.Step, t time.Time) provider.Registration {
	h := c.state.registrar.At(st, t)
	out := provider.Registration{Number: st.Number, State: h.State, Address: h.Address, Ref: c.shownRef(st.Of.Ref),
		Said: provider.Said{By: c.cfg.ID, Raw: regWords[h.State], At: t}}
	if h.State == provider.RegFailed {
		op := provider.OpRegister
		if st.Of.Address == nil {
			op = provider.OpUnregister
		}
		out.Err = &provider.Error{Op: op, Provider: c.cfg.ID, Kind: st.Kind, Outcome: provider.NotApplied, Number: st.Number, Text: st.Text}
	}
	return out
}

// shownRef is the reference of a booking, which a carrier that keeps no keys does not have.
func (c *Carrier) shownRef(r provider.Ref) provider.Ref {
	if c.cfg.Keying < provider.ByKey {
		return ""
	}
	return r
}

func (c *Carrier) trackRegistration(t provider.Trace, v view) provider.Finding[provider.RegisterResult] {
	switch {
	case c.cfg.Keying == provider.ByNothing:
		return provider.Finding[provider.RegisterResult]{AsOf: v.at, Why: "this carrier keeps nothing by which a registration could be found again"}
	case (c.cfg.Keying == provider.ByThing || t.Key == "" && t.Ref == "") && t.Removal:
		return c.trackNoRegistration(t, v)
	case c.cfg.Keying == provider.ByThing, t.Key == "" && t.Ref == "":
		return c.trackRegistrationOf(t, v)
	}
	find := c.state.registrar.Find
	if t.Removal {
		find = c.state.registrar.FindEnd
	}
	if b := find(t.Key, t.Ref, v.at); b != nil {
		return provider.FoundAs(c.registration(b, v.at), v.at)
	}
	return provider.Finding[provider.RegisterResult]{Verdict: provider.Absent, AsOf: v.at}
}

// trackNoRegistration looks at what is left: a registration that is not there any
// more, or on its way out, has been taken away.
func (c *Carrier) trackNoRegistration(t provider.Trace, v view) provider.Finding[provider.RegisterResult] {
	var out provider.RegisterResult
	for _, n := range t.Numbers {
		if r := c.registered(n, v); ending(r.State) {
			out.Registrations = append(out.Registrations, r)
		}
	}
	return byNumbers(out, len(out.Registrations), len(t.Numbers), v)
}

func ending(s provider.RegState) bool { return s == provider.RegNone || s == provider.RegRemoving }

// trackRegistrationOf looks at what was asked for the numbers since the trace began.
func (c *Carrier) trackRegistrationOf(t provider.Trace, v view) provider.Finding[provider.RegisterResult] {
	var out provider.RegisterResult
	for _, n := range t.Numbers {
		if st := c.state.registrar.Latest(n, t.Since, v.at); st != nil {
			out.Check = c.checkOf(st.Of, v.at)
			out.Registrations = append(out.Registrations, c.registrationOf(st, v.at))
		}
	}
	return byNumbers(out, len(out.Registrations), len(t.Numbers), v)
}

// registered is what is held for a number: nothing for one of another carrier.
func (c *Carrier) registered(n nanp.Number, v view) provider.Registration {
	h := c.state.registrar.Number(n, v.at)
	out := provider.Registration{Number: n, State: h.State, Address: h.Address, Said: c.said(regWords[h.State], v.at)}
	if h.By != nil {
		out.Ref = c.shownRef(h.By.Of.Ref)
	}
	return out
}

// blurRegistrar replaces the states in an answer of the registrar.
func blurRegistrar(v any, raw provider.Raw) {
	switch v := v.(type) {
	case *provider.AddressCheck:
		*v = provider.AddressCheck{Said: v.Said}
		v.Said.Raw = raw
	case *provider.Registration:
		v.State, v.Err, v.Said.Raw = provider.RegUnclear, nil, raw
	case *provider.RegisterResult:
		for i := range v.Registrations {
			blurRegistrar(&v.Registrations[i], raw)
		}
	case *provider.Finding[provider.RegisterResult]:
		blurRegistrar(&v.Value, raw)
	case *provider.Endpoint:
		if v.Ref != "" {
			v.State, v.Err, v.Said.Raw = provider.RegUnclear, nil, raw
		}
	case *provider.EndpointResult:
		blurRegistrar(&v.Endpoint, raw)
	case *provider.Finding[provider.EndpointResult]:
		blurRegistrar(&v.Value.Endpoint, raw)
	case *provider.Result[provider.Endpoint]:
		for i := range v.Items {
			blurRegistrar(&v.Items[i], raw)
		}
	}
}

func serveEmergency(mux *http.ServeMux, c *Carrier) {
	f := face{c}
	serve(mux, c, provider.OpCheckAddress, f.CheckAddress)
	serve(mux, c, provider.OpRegister, f.Register)
	serve(mux, c, provider.OpUnregister, func(ctx context.Context, a argsKeyNumbers) (provider.RegisterResult, error) {
		return f.Unregister(ctx, a.Key, a.Numbers)
	})
	serve(mux, c, provider.OpTrackRegistration, f.TrackRegistration)
	serve(mux, c, provider.OpRegistration, numberly(f.Registration))
}

func (r remote) CheckAddress(ctx context.Context, a postal.Civic) (provider.AddressCheck, error) {
	return send[provider.AddressCheck](ctx, r.c, provider.OpCheckAddress, a)
}

func (r remote) Register(ctx context.Context, q provider.RegisterRequest) (provider.RegisterResult, error) {
	return send[provider.RegisterResult](ctx, r.c, provider.OpRegister, q)
}

func (r remote) Unregister(ctx context.Context, k provider.Key, n []nanp.Number) (provider.RegisterResult, error) {
	return send[provider.RegisterResult](ctx, r.c, provider.OpUnregister, argsKeyNumbers{k, n})
}

func (r remote) TrackRegistration(ctx context.Context, t provider.Trace) (provider.Finding[provider.RegisterResult], error) {
	return send[provider.Finding[provider.RegisterResult]](ctx, r.c, provider.OpTrackRegistration, t)
}

func (r remote) Registration(ctx context.Context, n nanp.Number) (provider.Registration, error) {
	return send[provider.Registration](ctx, r.c, provider.OpRegistration, argsNumber{n})
}
