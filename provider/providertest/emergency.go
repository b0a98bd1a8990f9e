package providertest

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

var registering = append(slices.Clone(ordering), provider.CapEmergency)

// address ends the case as not run when the world lacks one.
func (e *env) address(a postal.Civic, what string) postal.Civic {
	e.needs(!a.IsZero(), what+" address (Addresses)")
	return a
}

// sameAddress compares as people do.
func sameAddress(a, b postal.Civic) bool {
	line := func(c postal.Civic) string { return strings.ToUpper(strings.Join(strings.Fields(c.Line()), " ")) }
	return line(a) == line(b)
}

func (e *env) check(a postal.Civic) provider.AddressCheck {
	return clear(e, func(ctx context.Context) (provider.AddressCheck, error) { return e.caps.Addresses.CheckAddress(ctx, a) },
		func(c provider.AddressCheck) bool { return c.Grade == provider.Ungraded })
}

var addressCases = []Case{
	{"addresses/good", MUST, []provider.Capability{provider.CapAddresses}, "an address that would be registered as it stands is valid", func(e *env) {
		c := e.check(e.address(e.w.Addresses.Good, "good"))
		e.equal(c.Grade, provider.Valid, "grade")
		e.equal(c.Said.By, e.w.Provider.ID(), "who said so")
	}},
	{"addresses/corrected", MUST, []provider.Capability{provider.CapAddresses}, "an address of which another would be registered is shown with the other: a person has to see what rescuers will see", func(e *env) {
		a := e.address(e.w.Addresses.Corrected, "correctable")
		c := e.check(a)
		e.equal(c.Grade, provider.Corrected, "grade")
		e.that(c.Corrected != nil, "the address that would be registered is not shown")
		e.that(!sameAddress(*c.Corrected, a), "the correction is the same address")
	}},
	{"addresses/ambiguous", MUST, []provider.Capability{provider.CapAddresses}, "an address that could be several is never valid: the candidates are shown where the registrar tells them", func(e *env) {
		c := e.check(e.address(e.w.Addresses.Ambiguous, "ambiguous"))
		e.that(c.Grade == provider.Ambiguous || c.Grade == provider.Unusable || c.Grade == provider.Ungraded, "an ambiguous address is %s", c.Grade)
		if c.Grade == provider.Ambiguous {
			e.that(len(c.Candidates) > 0, "there are several candidates, and none is shown")
		}
	}},
	{"addresses/bad", MUST, []provider.Capability{provider.CapAddresses}, "an address that is none is invalid, and something says why", func(e *env) {
		c := e.check(e.address(e.w.Addresses.Bad, "bad"))
		e.equal(c.Grade, provider.Unusable, "grade")
		e.that(len(c.Problems) > 0, "an invalid address has no problem")
		for _, p := range c.Problems {
			e.that(p.Text != "", "a problem has no words")
		}
	}},
}

func (e *env) regTracker(t provider.Trace) func(context.Context) (provider.Finding[provider.RegisterResult], error) {
	return func(ctx context.Context) (provider.Finding[provider.RegisterResult], error) {
		return e.caps.Emergency.TrackRegistration(ctx, t)
	}
}

func (e *env) regRequest(a postal.Civic, ns ...nanp.Number) provider.RegisterRequest {
	return provider.RegisterRequest{Key: e.key(), Numbers: ns, Address: a, CallerName: "RIVER BAKERY", Callback: ns[0]}
}

func (e *env) tryRegister(r provider.RegisterRequest) (provider.RegisterResult, error) {
	ctx, done := e.call()
	defer done()
	return e.caps.Emergency.Register(ctx, r)
}

// register registers and lets it settle.
func (e *env) register(r provider.RegisterRequest) provider.RegisterResult {
	out := create(e, func(ctx context.Context) (provider.RegisterResult, error) { return e.caps.Emergency.Register(ctx, r) }, e.regTracker(e.trace(r.Key, r.Numbers...)))
	e.settle(provider.CapEmergency)
	return out
}

func (e *env) tryUnregister(k provider.Key, n nanp.Number) (provider.RegisterResult, error) {
	ctx, done := e.call()
	defer done()
	return e.caps.Emergency.Unregister(ctx, k, []nanp.Number{n})
}

// unregister takes a registration away and lets that settle.
func (e *env) unregister(k provider.Key, n nanp.Number) {
	create(e, func(ctx context.Context) (provider.RegisterResult, error) {
		return e.caps.Emergency.Unregister(ctx, k, []nanp.Number{n})
	}, e.regTracker(e.removal(k, "", n)))
	e.settle(provider.CapEmergency)
}

func (e *env) registration(n nanp.Number) provider.Registration {
	r := clear(e, func(ctx context.Context) (provider.Registration, error) { return e.caps.Emergency.Registration(ctx, n) },
		func(r provider.Registration) bool { return r.State == provider.RegUnclear })
	e.equal(r.Number, n, "number of the registration")
	return r
}

// activeAt checks that the registrar holds an address for a number.
func (e *env) activeAt(n nanp.Number, a postal.Civic) provider.Registration {
	r := e.registration(n)
	e.equal(r.State, provider.RegActive, "state of the registration of %s (%s)", n.Format(), r.Said.Raw)
	if r.Address != nil {
		e.that(sameAddress(*r.Address, a), "the registrar holds another address than the one that is active")
	}
	return r
}

// inactive checks that a number is not said to be registered.
func (e *env) inactive(n nanp.Number) {
	r := e.registration(n)
	e.that(r.State != provider.RegActive && r.State != provider.RegAdjusted, "the registration of %s is %s (%s)", n.Format(), r.State, r.Said.Raw)
}

// notActive checks that no registration of an answer is said to be active.
func (e *env) notActive(r provider.RegisterResult, but provider.RegState) {
	for _, reg := range r.Registrations {
		e.that(reg.State != provider.RegActive && (reg.State != provider.RegAdjusted || but == provider.RegAdjusted), "a registration is %s (%s)", reg.State, reg.Said.Raw)
	}
}

// rejects registers an address that must not become active as it stands.
func (e *env) rejects(r provider.RegisterRequest, but provider.RegState) {
	out, err := e.tryRegister(r)
	if err != nil {
		e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
		e.that(errors.Is(err, provider.Invalid), "the error is %v, and should be invalid", err)
	}
	e.notActive(out, but)
	e.settle(provider.CapEmergency)
	if f := get(e, e.regTracker(e.trace(r.Key, r.Numbers...))); f.Verdict == provider.Found {
		e.notActive(f.Value, but)
	}
}

var emergencyCases = []Case{
	{"emergency/registers", MUST, registering, "a good address ends as active, the registrar shows it, and says so: rescuers go where it says", func(e *env) {
		a := e.address(e.w.Addresses.Good, "good")
		n := e.buy(1)[0]
		r := e.regRequest(a, n)
		e.register(r)
		e.said(e.activeAt(n, a).Said, "a registration")
		if e.traits().Keyed[provider.CapEmergency] >= provider.ByThing {
			f := clear(e, e.regTracker(e.trace(r.Key, n)), func(f provider.Finding[provider.RegisterResult]) bool {
				return len(f.Value.Registrations) == 0 || f.Value.Registrations[0].State == provider.RegUnclear
			}).Value
			e.equal(len(f.Registrations), 1, "registrations")
			e.equal(f.Registrations[0].State, provider.RegActive, "state of the registration that is tracked")
		}
	}},
	{"emergency/never-ahead-of-the-registrar", MUST, registering, "a registration is active in an answer only once the registrar says so when it is asked: a person believes that help will come", func(e *env) {
		e.polite()
		a := e.address(e.w.Addresses.Good, "good")
		n := e.buy(1)[0]
		r := e.regRequest(a, n)
		out, err := e.tryRegister(r)
		e.ok(err)
		for range 12 {
			for _, reg := range out.Registrations {
				if reg.State == provider.RegActive {
					e.activeAt(n, a)
				}
			}
			e.advance(e.takes(provider.CapEmergency)/10 + 1)
			if f := get(e, e.regTracker(e.trace(r.Key, n))); f.Verdict == provider.Found {
				out = f.Value
			}
		}
	}},
	{"emergency/none", MUST, registering, "a number without a registration has none, and that is no error", func(e *env) {
		n := e.buy(1)[0]
		e.equal(e.registration(n).State, provider.RegNone, "state of a registration that there is not")
	}},
	{"emergency/bad-address", MUST, registering, "an address that is none is not registered: refused, or checked as invalid, and never active", func(e *env) {
		e.polite()
		a := e.address(e.w.Addresses.Bad, "bad")
		n := e.buy(1)[0]
		e.rejects(e.regRequest(a, n), provider.RegNone)
		e.inactive(n)
	}},
	{"emergency/ambiguous-address", MUST, registering, "an address that could be several is not registered", func(e *env) {
		e.polite()
		a := e.address(e.w.Addresses.Ambiguous, "ambiguous")
		n := e.buy(1)[0]
		e.rejects(e.regRequest(a, n), provider.RegNone)
		e.inactive(n)
	}},
	{"emergency/adjusted-is-not-active", MUST, registering, "a registration whose address the registrar altered is adjusted, or comes back as a check: it is not what a person was shown", func(e *env) {
		e.polite()
		a := e.address(e.w.Addresses.Corrected, "correctable")
		n := e.buy(1)[0]
		e.rejects(e.regRequest(a, n), provider.RegAdjusted)
		if r := e.registration(n); r.State == provider.RegActive {
			e.that(r.Address != nil && sameAddress(*r.Address, a), "an altered address is active, and not adjusted")
		}
	}},
	{"emergency/as-given", MUST, registering, "an address that must not be altered is registered as it is, or not at all", func(e *env) {
		e.polite()
		a := e.address(e.w.Addresses.Corrected, "correctable")
		n := e.buy(1)[0]
		r := e.regRequest(a, n)
		r.AsGiven = true
		e.rejects(r, provider.RegNone)
		e.inactive(n)
	}},
	{"emergency/unregisters", MUST, registering, "a registration that is taken away is gone, and taking it away twice does no harm", func(e *env) {
		a := e.address(e.w.Addresses.Good, "good")
		n := e.buy(1)[0]
		e.register(e.regRequest(a, n))
		e.activeAt(n, a)
		for range 2 {
			k := e.key()
			e.unregister(k, n)
			e.inactive(n)
			if e.traits().Keyed[provider.CapEmergency] >= provider.ByThing {
				e.unregistered(found(e, e.regTracker(e.removal(k, "", n))), n)
			}
		}
	}},
	{"emergency/lost-answer-is-found", MUST, registering, "a registration whose answer is lost has an unknown outcome and is found by what Traits.Keyed promises", func(e *env) {
		a := e.address(e.w.Addresses.Good, "good")
		n := e.buy(1)[0]
		r := e.regRequest(a, n)
		struck := e.fail(provider.OpRegister, ReplyLost)
		_, err := e.tryRegister(r)
		e.hit(struck)
		e.unknown(err)
		e.keyed(provider.CapEmergency, provider.ByThing)
		e.settle(provider.CapEmergency)
		found(e, e.regTracker(e.trace(r.Key, n)))
		e.activeAt(n, a)
	}},
	{"emergency/never-arrived", MUST, registering, "a registration that never arrived is not sent again by itself, not found, and never said to be active: else nobody could send it again", func(e *env) {
		a := e.address(e.w.Addresses.Good, "good")
		n := e.buy(1)[0]
		r := e.regRequest(a, n)
		before := e.made(provider.OpRegister)
		struck := e.fail(provider.OpRegister, NeverArrived)
		_, err := e.tryRegister(r)
		e.hit(struck)
		e.unknown(err)
		e.equal(e.made(provider.OpRegister), before, "registrations at the registrar")
		e.settle(provider.CapEmergency)
		if f := get(e, e.regTracker(e.trace(r.Key, n))); f.Verdict == provider.Found {
			e.that(e.w.Hostile, "a registration that never arrived is found")
			e.notActive(f.Value, provider.RegNone)
		}
		e.inactive(n)
	}},
	{"emergency/repeat-of-a-key", MUST, registering, "the same registration sent again does what Traits.Keyed says, and whoever says not applied has not applied it", func(e *env) {
		e.counts()
		e.polite()
		r := e.regRequest(e.address(e.w.Addresses.Good, "good"), e.buy(1)...)
		before := e.made(provider.OpRegister)
		_, err := e.tryRegister(r)
		e.ok(err)
		now := e.made(provider.OpRegister)
		_, err = e.tryRegister(r)
		if e.traits().Keyed[provider.CapEmergency] == provider.Once {
			e.equal(e.made(provider.OpRegister)-before, 1, "registrations at the registrar of one key")
		}
		if err != nil && provider.OutcomeOf(err) == provider.NotApplied {
			e.equal(e.made(provider.OpRegister), now, "registrations at the registrar after one that was said not to be applied")
		}
	}},
	{"emergency/moves", MUST, registering, "a number that moves ends with the new address, as Traits.Replace says: without a gap where it is atomic", func(e *env) {
		e.polite()
		a, b := e.address(e.w.Addresses.Good, "good"), e.address(e.w.Addresses.Other, "second good")
		n := e.buy(1)[0]
		e.register(e.regRequest(a, n))
		old := e.activeAt(n, a)
		r := e.regRequest(b, n)
		r.Replaces = old.Ref
		if e.traits().Replace == provider.BreakFirst {
			e.unregister(e.key(), n)
			r.Replaces = ""
		}
		_, err := e.tryRegister(r)
		e.ok(err)
		for range 10 {
			if st := e.registration(n).State; e.traits().Replace == provider.Atomic {
				e.that(st != provider.RegNone && st != provider.RegFailed, "the registration of a number that moves is %s meanwhile", st)
			}
			e.advance(e.takes(provider.CapEmergency)/8 + 1)
		}
		e.settle(provider.CapEmergency)
		e.activeAt(n, b)
	}},
	{"emergency/not-ours", MUST, registering, "a number that is not ours is not registered, unless Traits.Foreign says so", func(e *env) {
		if e.traits().Serves(provider.CapEmergency) {
			e.Skip("foreign numbers are registered here")
		}
		e.polite()
		a := e.address(e.w.Addresses.Good, "good")
		out, err := e.tryRegister(e.regRequest(a, e.find(1)[0]))
		if err != nil {
			e.oneOf(err, provider.NotApplied, provider.NotYours, provider.NotFound, provider.Invalid, provider.Forbidden, provider.Precondition)
			return
		}
		e.notActive(out, provider.RegNone)
		for _, reg := range out.Registrations {
			e.that(reg.State == provider.RegFailed || reg.Err != nil, "the registration of a number that is not ours is %s", reg.State)
		}
	}},
	{"foreign/emergency", MUST, []provider.Capability{provider.CapEmergency}, "a carrier that says that it registers foreign numbers registers them", func(e *env) {
		if !e.traits().Serves(provider.CapEmergency) {
			e.Skip("foreign numbers are not registered here")
		}
		e.needs(len(e.w.Elsewhere.One) > 0, "number of another carrier (Elsewhere)")
		a, n := e.address(e.w.Addresses.Good, "good"), e.w.Elsewhere.One[0]
		e.register(e.regRequest(a, n))
		e.activeAt(n, a)
	}},
	{"foreign/names", MUST, []provider.Capability{provider.CapNames}, "a carrier that says that it lists names of foreign numbers lists them", func(e *env) {
		if !e.traits().Serves(provider.CapNames) {
			e.Skip("names of foreign numbers are not listed here")
		}
		e.needs(len(e.w.Elsewhere.One) > 0, "number of another carrier (Elsewhere)")
		n := e.w.Elsewhere.One[0]
		e.proven(e.nameItem(e.setName(e.nameRequest("RIVER BAKERY", n)), n), "RIVER BAKERY")
	}},
}
