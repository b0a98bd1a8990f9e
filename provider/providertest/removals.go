package providertest

import (
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// removal is everything by which the caller of a removal knows it.
func (e *env) removal(k provider.Key, r provider.Ref, ns ...nanp.Number) provider.Trace {
	t := e.trace(k, ns...)
	t.Ref, t.Removal = r, true
	return t
}

// unnamed checks that an answer about a removal claims no name.
func (e *env) unnamed(o provider.NameOrder, n nanp.Number) {
	it := e.nameItem(o, n)
	e.that(it.State != provider.NameListed && it.State != provider.NameReadBack, "a name that was taken away is found in state %d (%s)", it.State, it.Said.Raw)
}

// unregistered checks that an answer about a removal claims no registration.
func (e *env) unregistered(r provider.RegisterResult, n nanp.Number) {
	e.equal(len(r.Registrations), 1, "registrations of %s that are found", n.Format())
	e.equal(r.Registrations[0].Number, n, "number of what is found")
	e.ending(r.Registrations[0].State, r.Registrations[0].Said)
}

// unplaced checks that an answer about a removal claims no place of a device.
func (e *env) unplaced(r provider.EndpointResult, ref provider.Ref) {
	e.equal(r.Endpoint.Ref, ref, "reference of what is found")
	e.ending(r.Endpoint.State, r.Endpoint.Said)
}

func (e *env) ending(s provider.RegState, said provider.Said) {
	e.that(s == provider.RegNone || s == provider.RegRemoving || s == provider.RegUnclear, "what was taken away is found as %s (%s)", s, said.Raw)
}

// removedEndpoint checks that a device is not in the list any more, or ended.
func (e *env) removedEndpoint(r provider.Ref) {
	for _, x := range e.endpoints() {
		e.that(x.Ref != r || x.State == provider.RegNone, "a device that was taken away is %s", x.State)
	}
}

// taking is one kind of thing that can be taken away, for the promises that all of
// them keep.
type taking struct {
	of   provider.Capability
	sets provider.Op
	ends provider.Op

	set   func() provider.Key        // sets it and lets that settle
	end   func(k provider.Key) error // takes it away, whatever comes back
	look  func(provider.Trace) provider.Verdict
	trace func(k provider.Key) provider.Trace
	there func() // checks that it is there
	gone  func() // checks that it is not
}

// lostEnd takes something away, and no answer comes.
func (e *env) lostEnd(x taking, f Fault) provider.Key {
	k := e.key()
	struck := e.fail(x.ends, f)
	err := x.end(k)
	e.hit(struck)
	e.unknown(err)
	return k
}

func (e *env) lostRemoval(x taking) {
	x.set()
	x.there()
	k := e.lostEnd(x, ReplyLost)
	e.keyed(x.of, provider.ByThing)
	e.settle(x.of)
	e.equal(x.look(x.trace(k)), provider.Found, "verdict on what was taken away")
	x.gone()
}

func (e *env) removalNeverArrived(x taking) {
	x.set()
	x.there()
	before := e.made(x.ends)
	k := e.lostEnd(x, NeverArrived)
	e.equal(e.made(x.ends), before, "removals at the carrier")
	e.settle(x.of)
	e.that(x.look(x.trace(k)) != provider.Found, "a removal that never arrived is found")
	e.equal(e.made(x.ends), before, "removals at the carrier after looking")
	x.there()
}

func (e *env) staysRemoved(x taking) {
	first := x.set()
	x.there()
	k := e.key()
	e.ok(x.end(k))
	for _, wait := range []bool{false, true} {
		if wait {
			e.settle(x.of)
		}
		sets, ends := e.made(x.sets), e.made(x.ends)
		x.look(x.trace(k))
		t := x.trace(first)
		t.Removal = false
		x.look(t)
		e.equal(e.made(x.sets), sets, "how often %s has taken effect, after looking", x.sets)
		e.equal(e.made(x.ends), ends, "how often %s has taken effect, after looking", x.ends)
	}
	e.settle(x.of)
	x.gone()
}

func (e *env) takingNames() taking {
	n := e.buy(1)[0]
	return taking{
		of: provider.CapNames, sets: provider.OpSetName, ends: provider.OpSetName,
		set: func() provider.Key {
			r := e.nameRequest("RIVER BAKERY", n)
			e.setName(r)
			return r.Key
		},
		end: func(k provider.Key) error {
			r := e.nameRequest("", n)
			r.Key = k
			return drop(e.trySetName(r))
		},
		trace: func(k provider.Key) provider.Trace { return e.removal(k, "", n) },
		look: func(t provider.Trace) provider.Verdict {
			f := get(e, e.nameTracker(t))
			if f.Verdict == provider.Found && t.Removal {
				e.unnamed(f.Value, n)
			}
			return f.Verdict
		},
		there: func() {
			if e.traits().NameProof >= provider.ReadBack {
				e.equal(e.readName(n).Name, "RIVER BAKERY", "name that is read")
			}
		},
		gone: func() { e.nameless(n) },
	}
}

func (e *env) takingRegistrations() taking {
	a, n := e.address(e.w.Addresses.Good, "good"), e.buy(1)[0]
	return taking{
		of: provider.CapEmergency, sets: provider.OpRegister, ends: provider.OpUnregister,
		set: func() provider.Key {
			r := e.regRequest(a, n)
			e.register(r)
			return r.Key
		},
		end:   func(k provider.Key) error { return drop(e.tryUnregister(k, n)) },
		trace: func(k provider.Key) provider.Trace { return e.removal(k, "", n) },
		look: func(t provider.Trace) provider.Verdict {
			f := get(e, e.regTracker(t))
			if f.Verdict == provider.Found && t.Removal {
				e.unregistered(f.Value, n)
			}
			return f.Verdict
		},
		there: func() { e.activeAt(n, a) },
		gone:  func() { e.inactive(n) },
	}
}

func (e *env) takingEndpoints() taking {
	r := e.endpointRequest(e.address(e.w.Addresses.Good, "good"))
	var ref provider.Ref
	return taking{
		of: provider.CapEndpoints, sets: provider.OpSetEndpoint, ends: provider.OpRemoveEndpoint,
		set: func() provider.Key {
			ref = e.setEndpoint(r).Ref
			return r.Key
		},
		end:   func(k provider.Key) error { return e.tryRemoveEndpoint(k, ref) },
		trace: func(k provider.Key) provider.Trace { return e.removal(k, ref) },
		look: func(t provider.Trace) provider.Verdict {
			f := get(e, e.endpointTracker(t))
			if f.Verdict == provider.Found && t.Removal {
				e.unplaced(f.Value, ref)
			}
			return f.Verdict
		},
		there: func() { e.endpointAt(e.endpoint(ref), r.Address) },
		gone:  func() { e.removedEndpoint(ref) },
	}
}

// takings are what can be taken away, by the names that the cases begin with.
var takings = []struct {
	name  string
	needs []provider.Capability
	of    func(*env) taking
	again string // what is broken by a removal that is undone
}{
	{"names", naming, (*env).takingNames, "a business that gave its name up would be shown with it"},
	{"emergency", registering, (*env).takingRegistrations, "rescuers would go to where nobody is any more"},
	{"endpoints", moving, (*env).takingEndpoints, "rescuers would go to where nobody is any more"},
}

// removalCases are the same three for each of them.
var removalCases = func() (out []Case) {
	for _, x := range takings {
		run := func(f func(*env, taking)) func(*env) {
			return func(e *env) {
				e.polite()
				f(e, x.of(e))
			}
		}
		out = append(out,
			Case{x.name + "/lost-removal-is-found", MUST, x.needs, "a removal whose answer is lost has an unknown outcome and is found by what Traits.Keyed promises, once the thing is gone, as a removal and not as what was there before: who is told that it is absent takes away what was set since", run((*env).lostRemoval)},
			Case{x.name + "/removal-never-arrived", MUST, x.needs, "a removal that never arrived is not sent again by itself, nor by looking for it, and not found: what was to be taken away is there", run((*env).removalNeverArrived)},
			Case{x.name + "/removed-stays-removed", MUST, x.needs, "looking changes nothing: neither a look at a removal nor a late look at what was set before brings it back: " + x.again, run((*env).staysRemoved)},
		)
	}
	return out
}()
