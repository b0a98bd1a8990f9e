package providertest

import (
	"context"
	"errors"
	"slices"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

var moving = append(slices.Clone(ordering), provider.CapEndpoints)

func (e *env) endpointTracker(t provider.Trace) func(context.Context) (provider.Finding[provider.EndpointResult], error) {
	return func(ctx context.Context) (provider.Finding[provider.EndpointResult], error) {
		return e.caps.Endpoints.TrackEndpoint(ctx, t)
	}
}

func (e *env) endpointRequest(a postal.Civic) provider.EndpointRequest {
	return provider.EndpointRequest{Key: e.key(), Label: "laptop", Address: a, CallerName: "RIVER BAKERY", Callback: e.buy(1)[0]}
}

func (e *env) trySetEndpoint(r provider.EndpointRequest) (provider.EndpointResult, error) {
	ctx, done := e.call()
	defer done()
	return e.caps.Endpoints.SetEndpoint(ctx, r)
}

// setEndpoint sets a location and lets it settle.
func (e *env) setEndpoint(r provider.EndpointRequest) provider.Endpoint {
	t := provider.Trace{Key: r.Key, Ref: r.Ref, Numbers: []nanp.Number{r.Callback}, Since: e.since(r.Key)}
	out := create(e, func(ctx context.Context) (provider.EndpointResult, error) {
		return e.caps.Endpoints.SetEndpoint(ctx, r)
	}, e.endpointTracker(t))
	e.that(out.Endpoint.Ref != "", "the endpoint has no reference")
	e.settle(provider.CapEndpoints)
	return e.endpoint(out.Endpoint.Ref)
}

func (e *env) endpoints() []provider.Endpoint {
	var out []provider.Endpoint
	for try := 1; ; try++ {
		out = nil
		pages(e, provider.Page{Limit: 2}, e.caps.Endpoints.ListEndpoints, func(r provider.Result[provider.Endpoint]) { out = append(out, r.Items...) })
		unclear := slices.ContainsFunc(out, func(p provider.Endpoint) bool { return p.State == provider.RegUnclear })
		if !e.w.Hostile || try >= tries || !unclear {
			return out
		}
		e.late()
	}
}

// endpoint reads one from the list.
func (e *env) endpoint(r provider.Ref) provider.Endpoint {
	for _, p := range e.endpoints() {
		if p.Ref == r {
			return p
		}
	}
	e.Fatalf("the endpoint is not in the list")
	return provider.Endpoint{}
}

func (e *env) endpointAt(p provider.Endpoint, a postal.Civic) {
	e.equal(p.State, provider.RegActive, "state of the endpoint (%s)", p.Said.Raw)
	if p.Address != nil {
		e.that(sameAddress(*p.Address, a), "the registrar holds another address than the one that is active")
	}
}

func (e *env) tryRemoveEndpoint(k provider.Key, r provider.Ref) error {
	ctx, done := e.call()
	defer done()
	return e.caps.Endpoints.RemoveEndpoint(ctx, k, r)
}

// removeEndpoint takes a device away and lets that settle.
func (e *env) removeEndpoint(k provider.Key, r provider.Ref) {
	create(e, func(ctx context.Context) (provider.EndpointResult, error) {
		return provider.EndpointResult{}, e.caps.Endpoints.RemoveEndpoint(ctx, k, r)
	}, e.endpointTracker(e.removal(k, r)))
	e.settle(provider.CapEndpoints)
}

var endpointCases = []Case{
	{"endpoints/sets", MUST, moving, "a device has the location that it was given, and what its calls have to carry", func(e *env) {
		a := e.address(e.w.Addresses.Good, "good")
		p := e.setEndpoint(e.endpointRequest(a))
		e.endpointAt(p, a)
		e.said(p.Said, "an endpoint")
		e.that(p.SIPFrom != "" || p.Geolocation != "", "nothing says what the emergency call of the device has to carry")
	}},
	{"endpoints/moves", MUST, moving, "a device that moves keeps its reference and has the new location", func(e *env) {
		a, b := e.address(e.w.Addresses.Good, "good"), e.address(e.w.Addresses.Other, "second good")
		r := e.endpointRequest(a)
		p := e.setEndpoint(r)
		r.Key, r.Ref, r.Address = e.key(), p.Ref, b
		moved := e.setEndpoint(r)
		e.equal(moved.Ref, p.Ref, "reference of a device that moved")
		e.endpointAt(moved, b)
		e.equal(len(e.endpoints()), 1, "endpoints")
	}},
	{"endpoints/lists-everything", MUST, moving, "the list holds each device once, and none in a new account", func(e *env) {
		a := e.address(e.w.Addresses.Good, "good")
		e.equal(len(e.endpoints()), 0, "endpoints in a new account")
		r := e.endpointRequest(a)
		var want, got []provider.Ref
		for range 3 {
			r.Key = e.key()
			r.Label = "laptop " + string(r.Key)
			want = append(want, e.setEndpoint(r).Ref)
		}
		for _, p := range e.endpoints() {
			got = append(got, p.Ref)
		}
		slices.Sort(want)
		slices.Sort(got)
		e.equal(got, want, "endpoints")
	}},
	{"endpoints/bad-address", MUST, moving, "a location that is none is not active", func(e *env) {
		e.polite()
		r := e.endpointRequest(e.address(e.w.Addresses.Bad, "bad"))
		out, err := e.trySetEndpoint(r)
		if err != nil {
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
			e.that(errors.Is(err, provider.Invalid), "the error is %v, and should be invalid", err)
		}
		e.that(out.Endpoint.State != provider.RegActive, "the endpoint is active")
		e.settle(provider.CapEndpoints)
		for _, p := range e.endpoints() {
			e.that(p.State != provider.RegActive && p.State != provider.RegAdjusted, "an endpoint nowhere is %s", p.State)
		}
	}},
	{"endpoints/lost-answer-is-found", MUST, moving, "a device whose answer is lost has an unknown outcome and is found by what Traits.Keyed promises", func(e *env) {
		r := e.endpointRequest(e.address(e.w.Addresses.Good, "good"))
		struck := e.fail(provider.OpSetEndpoint, ReplyLost)
		_, err := e.trySetEndpoint(r)
		e.hit(struck)
		e.unknown(err)
		e.keyed(provider.CapEndpoints, provider.ByThing)
		e.settle(provider.CapEndpoints)
		p := found(e, e.endpointTracker(provider.Trace{Key: r.Key, Numbers: []nanp.Number{r.Callback}, Since: e.since(r.Key)})).Endpoint
		e.endpointAt(p, r.Address)
	}},
	{"endpoints/never-arrived", MUST, moving, "a device that never arrived is not sent again by itself, and not found", func(e *env) {
		r := e.endpointRequest(e.address(e.w.Addresses.Good, "good"))
		before := e.made(provider.OpSetEndpoint)
		struck := e.fail(provider.OpSetEndpoint, NeverArrived)
		_, err := e.trySetEndpoint(r)
		e.hit(struck)
		e.unknown(err)
		e.equal(e.made(provider.OpSetEndpoint), before, "endpoints at the registrar")
		f := get(e, e.endpointTracker(provider.Trace{Key: r.Key, Numbers: []nanp.Number{r.Callback}, Since: e.since(r.Key)}))
		e.that(f.Verdict != provider.Found, "a device that never arrived is found")
	}},
	{"endpoints/removes", MUST, moving, "a device that is taken away is not in the list any more, or not active, and taking it away again does no harm", func(e *env) {
		e.polite()
		p := e.setEndpoint(e.endpointRequest(e.address(e.w.Addresses.Good, "good")))
		k := e.key()
		e.removeEndpoint(k, p.Ref)
		e.removedEndpoint(p.Ref)
		if e.traits().Keyed[provider.CapEndpoints] >= provider.ByThing {
			e.unplaced(found(e, e.endpointTracker(e.removal(k, p.Ref))), p.Ref)
		}
		if err := e.tryRemoveEndpoint(e.key(), p.Ref); err != nil {
			e.is(err, provider.NotFound, provider.NotApplied)
		}
	}},
}
