package providertest

import (
	"context"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

func (e *env) places(state string) []provider.Place {
	var out []provider.Place
	pages(e, provider.Page{}, func(ctx context.Context, p provider.Page) (provider.Result[provider.Place], error) {
		return e.caps.Places.Places(ctx, state, p)
	}, func(r provider.Result[provider.Place]) { out = append(out, r.Items...) })
	return out
}

var placeCases = []Case{
	{"places/of-the-state", MUST, []provider.Capability{provider.CapPlaces}, "the places of a state are places of that state: they are what a person is offered to choose from", func(e *env) {
		got := e.places("AR")
		e.that(len(got) > 0, "there is no place in AR")
		for _, p := range got {
			e.equal(p.State, "AR", "state of %s %s", p.City, p.RateCenter)
			e.that(p.City != "" || p.RateCenter != "" || p.NPA != 0, "a place that is nowhere")
		}
	}},
	{"places/none", MUST, []provider.Capability{provider.CapPlaces}, "a state without places is an empty list, and no error", func(e *env) {
		e.equal(len(e.places("AS")), 0, "places in AS")
	}},
}

var holding = []provider.Capability{provider.CapSearch, provider.CapHolds}

func (e *env) holdTracker(t provider.Trace) func(context.Context) (provider.Finding[[]provider.Hold], error) {
	return func(ctx context.Context) (provider.Finding[[]provider.Hold], error) {
		return e.caps.Holds.TrackHold(ctx, t)
	}
}

func (e *env) hold(k provider.Key, ns ...nanp.Number) []provider.Hold {
	return create(e, func(ctx context.Context) ([]provider.Hold, error) { return e.caps.Holds.Hold(ctx, k, ns) }, e.holdTracker(e.trace(k, ns...)))
}

func (e *env) unhold(r provider.Ref) {
	create(e, func(ctx context.Context) (struct{}, error) { return struct{}{}, e.caps.Holds.Unhold(ctx, r) }, nil)
}

// checkHold checks that one number is held.
func (e *env) checkHold(hs []provider.Hold, n nanp.Number) provider.Hold {
	for _, h := range hs {
		if h.Number == n {
			e.that(h.Ref != "", "the hold on %s has no reference", n.Format())
			e.that(h.Until.After(e.now()), "the hold on %s is over at %v", n.Format(), h.Until)
			e.said(h.Said, "a hold")
			return h
		}
	}
	e.Fatalf("%s is not held", n.Format())
	return provider.Hold{}
}

var holdCases = []Case{
	{"holds/keeps", MUST, append(holding, provider.CapOrders), "a held number is kept until the time that is said, and can be ordered with its hold", func(e *env) {
		n, k := e.find(1)[0], e.key()
		h := e.checkHold(e.hold(k, n), n)
		e.late()
		if e.traits().Keyed[provider.CapHolds] >= provider.ByThing {
			e.checkHold(found(e, e.holdTracker(e.trace(k, n))), n)
		}
		r := e.request(e.key(), n)
		r.Lines[0].Hold = h.Ref
		o := e.settledOrder(e.place(r), r.Key, n)
		if !e.w.Hostile {
			e.equal(e.item(o, n).State, provider.ItemLive, "state of a number that was held")
		}
	}},
	{"holds/lost-answer-is-found", MUST, holding, "a hold whose answer is lost has an unknown outcome and is found by what Traits.Keyed promises", func(e *env) {
		n, k := e.find(1)[0], e.key()
		struck := e.fail(provider.OpHold, ReplyLost)
		ctx, done := e.call()
		defer done()
		_, err := e.caps.Holds.Hold(ctx, k, []nanp.Number{n})
		e.hit(struck)
		e.unknown(err)
		e.keyed(provider.CapHolds, provider.ByThing)
		e.checkHold(found(e, e.holdTracker(e.trace(k, n))), n)
	}},
	{"holds/never-arrived-is-absent", MUST, holding, "a hold that never arrived is not found", func(e *env) {
		n, k := e.find(1)[0], e.key()
		struck := e.fail(provider.OpHold, NeverArrived)
		ctx, done := e.call()
		defer done()
		_, err := e.caps.Holds.Hold(ctx, k, []nanp.Number{n})
		e.hit(struck)
		e.unknown(err)
		f := get(e, e.holdTracker(e.trace(k, n)))
		e.that(f.Verdict != provider.Found, "a hold that never arrived is found")
	}},
	{"holds/taken-number", MUST, holding, "a number that another buyer has cannot be held, and the error names it", func(e *env) {
		n := e.takenNumber()
		err := refused(e, func(ctx context.Context) ([]provider.Hold, error) {
			return e.caps.Holds.Hold(ctx, e.key(), []nanp.Number{n})
		})
		e.equal(e.is(err, provider.NumberTaken, provider.NotApplied).Number, n, "number of the error")
	}},
	{"holds/lets-go", MUST, holding, "letting go may be repeated, and the number can be held again", func(e *env) {
		n := e.find(1)[0]
		h := e.checkHold(e.hold(e.key(), n), n)
		e.unhold(h.Ref)
		e.unhold(h.Ref)
		e.checkHold(e.hold(e.key(), n), n)
	}},
	{"holds/unknown", MUST, holding, "a hold that is not there is not found", func(e *env) {
		err := refused(e, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, e.caps.Holds.Unhold(ctx, "no-such-hold")
		})
		e.oneOf(err, provider.NotApplied, provider.NotFound, provider.Invalid)
	}},
}
