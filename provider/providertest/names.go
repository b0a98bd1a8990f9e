package providertest

import (
	"context"
	"errors"
	"slices"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

var naming = append(slices.Clone(ordering), provider.CapNames)

func (e *env) nameTracker(t provider.Trace) func(context.Context) (provider.Finding[provider.NameOrder], error) {
	return func(ctx context.Context) (provider.Finding[provider.NameOrder], error) {
		return e.caps.Names.TrackName(ctx, t)
	}
}

func (e *env) nameRequest(name string, ns ...nanp.Number) provider.NameRequest {
	return provider.NameRequest{Key: e.key(), Name: name, Numbers: ns, Business: e.w.Business, Remove: name == ""}
}

func (e *env) trySetName(r provider.NameRequest) (provider.NameOrder, error) {
	ctx, done := e.call()
	defer done()
	return e.caps.Names.SetName(ctx, r)
}

// setName sets a name and lets it settle.
func (e *env) setName(r provider.NameRequest) provider.NameOrder {
	t := e.trace(r.Key, r.Numbers...)
	t.Removal = r.Remove
	o := create(e, func(ctx context.Context) (provider.NameOrder, error) { return e.caps.Names.SetName(ctx, r) }, func(ctx context.Context) (provider.Finding[provider.NameOrder], error) {
		f, err := e.nameTracker(t)(ctx)
		if f.Verdict == provider.Found && !r.Remove && another(f.Value, r.Name) {
			f.Verdict = provider.Absent
		}
		return f, err
	})
	e.settle(provider.CapNames)
	if e.traits().Keyed[provider.CapNames] < provider.ByThing {
		o.Items = nil
		for _, n := range r.Numbers {
			o.Items = append(o.Items, e.readName(n))
		}
		return o
	}
	t.Ref = o.Ref
	f := clear(e, e.nameTracker(t), func(f provider.Finding[provider.NameOrder]) bool {
		return f.Verdict != provider.Found || slices.ContainsFunc(f.Value.Items, func(it provider.NameItem) bool { return it.State == provider.NameUnclear })
	})
	e.equal(f.Verdict, provider.Found, "verdict on a name that was set (%s)", f.Why)
	e.asOf(f.AsOf)
	return f.Value
}

// another reports whether a carrier that finds names by their numbers shows an older
// one: what was set has not come then.
func another(o provider.NameOrder, name string) bool {
	return slices.ContainsFunc(o.Items, func(it provider.NameItem) bool { return it.State == provider.NameReadBack && it.Name != name })
}

func (e *env) readName(n nanp.Number) provider.NameItem {
	return clear(e, func(ctx context.Context) (provider.NameItem, error) { return e.caps.Names.ReadName(ctx, n) },
		func(it provider.NameItem) bool { return it.State == provider.NameUnclear })
}

func (e *env) nameItem(o provider.NameOrder, n nanp.Number) provider.NameItem {
	for _, it := range o.Items {
		if it.Number == n {
			return it
		}
	}
	e.Fatalf("the answer says nothing about the name of %s", n.Format())
	return provider.NameItem{}
}

// proven checks that a state claims no more than Traits.NameProof, and no less.
func (e *env) proven(it provider.NameItem, name string) {
	switch e.traits().NameProof {
	case provider.NoProof:
		e.that(it.State != provider.NameListed && it.State != provider.NameReadBack, "a name without proof is state %d (%s)", it.State, it.Said.Raw)
	case provider.ReadBack:
		e.equal(it.State, provider.NameReadBack, "state of a name that is read back (%s)", it.Said.Raw)
		e.equal(it.Name, name, "name that the carrier shows")
	case provider.Status:
		e.equal(it.State, provider.NameListed, "state of a name that is listed (%s)", it.Said.Raw)
	}
}

// polite ends the case as not run at a hostile carrier.
func (e *env) polite() {
	if e.w.Hostile {
		e.Skip("by chance a status that nobody knows, or an old answer, may be in the way")
	}
}

// nameless checks that no name is shown for a number.
func (e *env) nameless(n nanp.Number) {
	it := e.readName(n)
	e.equal(it.Name, "", "name that is read")
	e.that(it.State == provider.NameNone || it.State == provider.NameUnclear, "a name that was taken away is in state %d", it.State)
}

var nameCases = []Case{
	{"names/lists", MUST, naming, "a name that was set ends as what Traits.NameProof can prove, and as no more: a business tells its customers to look at it", func(e *env) {
		n := e.buy(1)[0]
		o := e.setName(e.nameRequest("RIVER BAKERY", n))
		it := e.nameItem(o, n)
		e.proven(it, "RIVER BAKERY")
		e.said(it.Said, "a name")
	}},
	{"names/never-ahead-of-the-carrier", MUST, naming, "right after it was set a name is shown as listed or read back only when the carrier shows it", func(e *env) {
		e.polite()
		n := e.buy(1)[0]
		o, err := e.trySetName(e.nameRequest("RIVER BAKERY", n))
		e.ok(err)
		for _, it := range []provider.NameItem{e.nameItem(o, n), e.readName(n)} {
			if it.State == provider.NameListed || it.State == provider.NameReadBack {
				e.equal(it.Name, "RIVER BAKERY", "name that the carrier shows as done")
				e.equal(e.readName(n).Name, "RIVER BAKERY", "name that is read then")
			}
		}
	}},
	{"names/reads", MUST, naming, "what is read is what the carrier holds: nothing before, the name after, another one after that", func(e *env) {
		n := e.buy(1)[0]
		before := e.readName(n)
		e.that(before.Name == "", "a new number has the name %q", before.Name)
		e.that(before.State == provider.NameNone || before.State == provider.NameUnclear, "a new number has a name in state %d", before.State)
		if e.traits().NameProof < provider.ReadBack {
			return
		}
		for _, name := range []string{"RIVER BAKERY", "HILL GARAGE"} {
			e.setName(e.nameRequest(name, n))
			e.equal(e.readName(n).Name, name, "name that is read")
		}
	}},
	{"names/removes", MUST, naming, "a name that is taken away is not shown any more, and that it was taken away is found like everything that was sent: absent would say that it never was", func(e *env) {
		e.polite()
		n := e.buy(1)[0]
		e.setName(e.nameRequest("RIVER BAKERY", n))
		e.setName(e.nameRequest("", n))
		e.nameless(n)
	}},
	{"names/lost-answer-is-found", MUST, naming, "a name whose answer is lost has an unknown outcome and is found by what Traits.Keyed promises", func(e *env) {
		n := e.buy(1)[0]
		r := e.nameRequest("RIVER BAKERY", n)
		struck := e.fail(provider.OpSetName, ReplyLost)
		_, err := e.trySetName(r)
		e.hit(struck)
		e.unknown(err)
		e.keyed(provider.CapNames, provider.ByThing)
		e.settle(provider.CapNames)
		e.proven(e.nameItem(found(e, e.nameTracker(e.trace(r.Key, n))), n), "RIVER BAKERY")
	}},
	{"names/never-arrived", MUST, naming, "a name that never arrived is not sent again by itself, and not found: else nobody could send it again", func(e *env) {
		n := e.buy(1)[0]
		r := e.nameRequest("RIVER BAKERY", n)
		before := e.made(provider.OpSetName)
		struck := e.fail(provider.OpSetName, NeverArrived)
		_, err := e.trySetName(r)
		e.hit(struck)
		e.unknown(err)
		e.equal(e.made(provider.OpSetName), before, "names at the carrier")
		e.settle(provider.CapNames)
		if f := get(e, e.nameTracker(e.trace(r.Key, n))); f.Verdict == provider.Found {
			e.that(e.w.Hostile, "a name that never arrived is found")
			it := e.nameItem(f.Value, n)
			e.that(it.Name == "" && it.State != provider.NameListed && it.State != provider.NameReadBack, "a name that never arrived is found in state %d", it.State)
		}
	}},
	{"names/too-long", MUST, naming, "of a name of more than 15 characters nothing is said to be listed but what the carrier shows: a customer would look for the rest", func(e *env) {
		e.polite()
		n := e.buy(1)[0]
		r := e.nameRequest("RIVER BAKERY AND CO", n)
		o, err := e.trySetName(r)
		if err != nil {
			e.is(err, provider.Invalid, provider.NotApplied)
			return
		}
		e.settle(provider.CapNames)
		if f := get(e, e.nameTracker(e.trace(r.Key, n))); f.Verdict == provider.Found {
			o = f.Value
		}
		for _, it := range []provider.NameItem{e.nameItem(o, n), e.readName(n)} {
			e.that(len([]rune(it.Name)) <= 15, "the carrier is said to show a name of %d characters", len([]rune(it.Name)))
		}
	}},
	{"names/refuses-invalid", MUST, []provider.Capability{provider.CapNames}, "a name for no numbers, or without a key, is refused as invalid and not sent", func(e *env) {
		for what, r := range map[string]provider.NameRequest{
			"no numbers": e.nameRequest("RIVER BAKERY"),
			"no key":     {Name: "RIVER BAKERY", Numbers: []nanp.Number{fiction}, Business: e.w.Business},
		} {
			_, err := e.trySetName(r)
			e.that(errors.Is(err, provider.Invalid), "a name with %s: the error is %v, and should be invalid", what, err)
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of a name with %s", what)
		}
	}},
	{"names/not-ours", MUST, naming, "the name of a number that is not ours is not set, unless Traits.Foreign says so", func(e *env) {
		if e.traits().Serves(provider.CapNames) {
			e.Skip("names of foreign numbers are set here")
		}
		e.polite()
		n := e.find(1)[0]
		o, err := e.trySetName(e.nameRequest("RIVER BAKERY", n))
		if err != nil {
			e.oneOf(err, provider.NotApplied, provider.NotYours, provider.NotFound, provider.Invalid, provider.Forbidden, provider.Precondition)
			return
		}
		it := e.nameItem(o, n)
		e.that(it.State == provider.NameRefused || it.Err != nil, "the name of a number that is not ours is in state %d", it.State)
	}},
	{"names/toll-free", MUST, naming, "a toll-free number has a name where Traits.NameTollFree says so, and else is refused: nobody may be told that it works", func(e *env) {
		e.needs(e.w.TollFreeSearch.Kind == provider.TollFree, "search for toll-free numbers (TollFreeSearch)")
		if e.traits().NameTollFree {
			e.Skip("toll-free numbers have names here")
		}
		e.polite()
		n := e.offersOf(e.w.TollFreeSearch, 5)[0].Number
		k := e.key()
		e.settledOrder(e.place(e.request(k, n)), k, n)
		o, err := e.trySetName(e.nameRequest("RIVER BAKERY", n))
		if err != nil {
			e.oneOf(err, provider.NotApplied, provider.Unsupported, provider.Invalid, provider.Forbidden, provider.Precondition)
			return
		}
		it := e.nameItem(o, n)
		e.that(it.State == provider.NameRefused || it.Err != nil, "the name of a toll-free number is in state %d", it.State)
	}},
	{"name-lookup/answers", MUST, []provider.Capability{provider.CapNameLookup, provider.CapSearch}, "a look-up answers for any number: a number without a name has the empty name, and no error", func(e *env) {
		for _, n := range e.find(3) {
			got := get(e, func(ctx context.Context) (provider.CallerName, error) { return e.caps.NameLookup.LookupName(ctx, n) })
			e.equal(got.Number, n, "number of the answer")
			e.that(len([]rune(got.Name)) <= 15, "a caller name has %d characters", len([]rune(got.Name)))
			e.equal(got.Said.By, e.w.Provider.ID(), "who said so")
			e.that(!got.Said.At.IsZero(), "the answer does not say when it was so")
		}
	}},
	{"lookup/answers", MUST, []provider.Capability{provider.CapLookup, provider.CapSearch}, "a look-up answers for the number that was asked about, and leaves empty what it does not know", func(e *env) {
		for _, n := range e.find(3) {
			got := get(e, func(ctx context.Context) (provider.NumberInfo, error) { return e.caps.Lookup.LookupNumber(ctx, n) })
			e.equal(got.Number, n, "number of the answer")
			e.that(got.State == "" || nanp.IsState(got.State), "%q is no state", got.State)
			e.that(got.Line <= provider.LinePaging && got.Ported <= provider.Yes, "the answer holds values that there are not")
			e.equal(got.Said.By, e.w.Provider.ID(), "who said so")
			e.that(!got.Said.At.IsZero(), "the answer does not say when it was so")
		}
	}},
	{"lookup/toll-free", MUST, []provider.Capability{provider.CapLookup, provider.CapSearch}, "a toll-free number is looked up as one", func(e *env) {
		e.needs(e.w.TollFreeSearch.Kind == provider.TollFree, "search for toll-free numbers (TollFreeSearch)")
		n := e.offersOf(e.w.TollFreeSearch, 5)[0].Number
		got := get(e, func(ctx context.Context) (provider.NumberInfo, error) { return e.caps.Lookup.LookupNumber(ctx, n) })
		e.equal(got.Number, n, "number of the answer")
		e.that(got.Line == provider.LineTollFree || got.Line == provider.LineUnknown, "a toll-free number is %s", got.Line)
	}},
}
