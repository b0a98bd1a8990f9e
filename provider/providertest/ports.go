package providertest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

var porting = []provider.Capability{provider.CapPorts}

func (e *env) elsewhere(ns []nanp.Number, n int, what string) []nanp.Number {
	e.needs(len(ns) >= n, what+" (Elsewhere)")
	return ns[:n]
}

func (e *env) one(n int) []nanp.Number {
	return e.elsewhere(e.w.Elsewhere.One, n, "numbers at another carrier")
}

func (e *env) portTracker(t provider.Trace) func(context.Context) (provider.Finding[[]provider.PortOrder], error) {
	return func(ctx context.Context) (provider.Finding[[]provider.PortOrder], error) {
		return e.caps.Ports.TrackPort(ctx, t)
	}
}

// portRequest is correct and complete, with a letter of authorisation where the
// carrier takes one.
func (e *env) portRequest(ns ...nanp.Number) provider.PortRequest {
	e.needs(e.w.Port != nil, "correct port request (Port)")
	r := e.w.Port(e.key(), ns)
	if r.Options == nil {
		r.Options = e.w.Options
	}
	if e.caps.PortDocs != nil && e.w.Document != nil && len(r.Documents) == 0 && !e.traits().SignsLOA {
		r.Documents = []provider.Ref{e.upload(e.w.Document()).Ref}
	}
	return r
}

func numbersToPort(r provider.PortRequest) []nanp.Number {
	var out []nanp.Number
	for _, l := range r.Lines {
		out = append(out, l.Number)
	}
	return out
}

func (e *env) tryOpen(r provider.PortRequest) ([]provider.PortOrder, error) {
	ctx, done := e.call()
	defer done()
	return e.caps.Ports.OpenPort(ctx, r)
}

// opens opens a port, and returns the error where that is how it ends.
func (e *env) opens(r provider.PortRequest) ([]provider.PortOrder, error) {
	look, seen := e.portTracker(e.trace(r.Key, numbersToPort(r)...)), false
	out, err := attempt(e, func(ctx context.Context) ([]provider.PortOrder, error) { return e.caps.Ports.OpenPort(ctx, r) },
		func(ctx context.Context) (provider.Finding[[]provider.PortOrder], error) {
			f, err := look(ctx)
			seen = seen || err == nil && f.Verdict == provider.Found
			return f, err
		})
	if seen && e.caps.PortAmend != nil {
		for _, o := range out {
			e.complete(o, r)
		}
	}
	return out, err
}

// complete hands in again what an order may lack whose opening was cut off in the
// middle: some carriers need several requests for it.
func (e *env) complete(o provider.PortOrder, r provider.PortRequest) {
	if o.State != provider.PortDraft {
		return
	}
	r.Lines = slices.DeleteFunc(slices.Clone(r.Lines), func(l provider.PortLine) bool {
		return !slices.ContainsFunc(o.Items, func(it provider.PortItem) bool { return it.Number == l.Number })
	})
	k := e.key()
	create(e, func(ctx context.Context) (provider.PortOrder, error) {
		return e.caps.PortAmend.AmendPort(ctx, k, o.Ref, r)
	}, nil)
}

// open opens a port and checks what holds for every answer: each number is in one
// order.
func (e *env) open(r provider.PortRequest) []provider.PortOrder {
	out, err := e.opens(r)
	e.ok(err)
	e.covers(out, numbersToPort(r))
	return out
}

func (e *env) covers(orders []provider.PortOrder, ns []nanp.Number) {
	var got []nanp.Number
	for _, o := range orders {
		e.that(o.Ref != "", "a port order has no reference")
		for _, it := range o.Items {
			got = append(got, it.Number)
		}
	}
	slices.Sort(got)
	e.equal(got, slices.Sorted(slices.Values(ns)), "numbers of the port orders")
}

// submit opens and submits a port.
func (e *env) submit(r provider.PortRequest) []provider.PortOrder {
	out := e.open(r)
	for i, o := range out {
		out[i] = e.submitOne(o.Ref)
	}
	return out
}

func (e *env) submitOne(r provider.Ref) provider.PortOrder {
	k := e.key()
	return create(e, func(ctx context.Context) (provider.PortOrder, error) { return e.caps.Ports.SubmitPort(ctx, k, r) }, nil)
}

// port looks at one order.
func (e *env) port(k provider.Key, ref provider.Ref, ns []nanp.Number) provider.PortOrder {
	for _, o := range found(e, e.portTracker(provider.Trace{Key: k, Ref: ref, Numbers: ns, Since: e.since(k)})) {
		if o.Ref == ref {
			return o
		}
	}
	e.Fatalf("the port order is not among those that are found")
	return provider.PortOrder{}
}

// ended says whether nothing more comes of an order by itself.
func ended(s provider.PortState) bool {
	switch s {
	case provider.PortDone, provider.PortCancelled, provider.PortFailed, provider.PortExpired, provider.PortRejected:
		return true
	}
	return false
}

// watch looks at an order until it ends, and calls see each time.
func (e *env) watch(k provider.Key, ref provider.Ref, ns []nanp.Number, see func(provider.PortOrder)) provider.PortOrder {
	const looks = 40
	step := e.takes(provider.CapPorts)/(looks-10) + time.Minute
	var o provider.PortOrder
	for range looks {
		o = e.port(k, ref, ns)
		see(o)
		if ended(o.State) {
			return o
		}
		e.advance(step)
	}
	return o
}

// truthful checks that an order claims nothing that is not so.
func (e *env) truthful(o provider.PortOrder) {
	if o.State == provider.PortFOC {
		e.that(!o.FOC.IsZero(), "a firm date stands, and is not said")
	}
	for _, it := range o.Items {
		if it.State == provider.PortDone {
			e.that(e.ours(it.Number), "%s is ported before it is ours at the carrier", it.Number.Format())
			e.that(o.FOC.IsZero() || !e.now().Before(o.FOC), "%s is ported before its date %v", it.Number.Format(), o.FOC)
		}
	}
}

var portCases = []Case{
	{"port-check/portable", MUST, []provider.Capability{provider.CapPortCheck}, "a number that can be ported is said to be, with what is needed", func(e *env) {
		ns := e.one(2)
		got := get(e, func(ctx context.Context) ([]provider.PortCheck, error) { return e.caps.PortCheck.CheckPort(ctx, ns) })
		e.equal(len(got), len(ns), "answers")
		for i, c := range got {
			e.equal(c.Number, ns[i], "number of answer %d", i)
			e.that(c.Portable, "%s is not portable: %s", c.Number.Format(), c.Reason)
			e.said(c.Said, "a check")
		}
	}},
	{"port-check/not-portable", MUST, []provider.Capability{provider.CapPortCheck}, "a number that cannot be ported is said not to be, and why: nobody signs a letter for nothing", func(e *env) {
		ns := e.elsewhere(e.w.Elsewhere.Not, 1, "number that cannot be ported")
		got := get(e, func(ctx context.Context) ([]provider.PortCheck, error) { return e.caps.PortCheck.CheckPort(ctx, ns) })
		e.equal(len(got), 1, "answers")
		e.that(!got[0].Portable, "a number that cannot be ported is said to be portable")
		e.that(got[0].Reason != "", "nothing says why it cannot be ported")
	}},
	{"ports/opens", MUST, porting, "a port comes back as orders that hold each of its numbers once, under the key, with evidence", func(e *env) {
		ns := e.one(2)
		r := e.portRequest(ns...)
		for _, o := range e.open(r) {
			e.said(o.Said, "a port order")
			e.that(o.State != provider.PortDone && o.State != provider.PortFOC, "a new port order is %s", o.State)
			got := e.port(r.Key, o.Ref, ns)
			e.equal(got.Ref, o.Ref, "reference of the order that is tracked")
		}
	}},
	{"ports/done-when-it-is-ours", MUST, porting, "a port that nobody objects to is done, not before its date and not before the numbers are ours: a desk that is told so earlier routes calls into nothing", func(e *env) {
		ns := e.one(2)
		r := e.portRequest(ns...)
		for _, o := range e.submit(r) {
			dated := false
			o = e.watch(r.Key, o.Ref, ns, func(o provider.PortOrder) {
				dated = dated || !o.FOC.IsZero()
				e.truthful(o)
			})
			e.equal(o.State, provider.PortDone, "state of a port that nobody objects to (%s %v)", o.Said.Raw, o.Reasons)
			e.that(dated, "a port has ended without a firm date")
			for _, it := range o.Items {
				e.equal(it.State, provider.PortDone, "state of %s", it.Number.Format())
				e.that(e.ours(it.Number), "%s is ported, but not ours at the carrier", it.Number.Format())
			}
		}
	}},
	{"ports/submit-again", MUST, porting, "submitting again does no harm: it is how a lost answer is settled", func(e *env) {
		r := e.portRequest(e.one(1)...)
		o := e.submit(r)[0]
		before := e.made(provider.OpOpenPort)
		again := e.submitOne(o.Ref)
		e.equal(again.Ref, o.Ref, "reference")
		e.that(again.State != provider.PortDraft, "a submitted port is a draft again")
		e.equal(e.made(provider.OpOpenPort), before, "ports at the carrier")
	}},
	{"ports/splits", MUST, porting, "numbers of two losing carriers come back as several orders of one group where Traits.PortSplits says so, and are else refused or one order: no number may fall through", func(e *env) {
		ns := e.elsewhere(e.w.Elsewhere.Two, 2, "numbers at two other carriers")
		r := e.portRequest(ns...)
		out, err := e.opens(r)
		if !e.traits().PortSplits {
			if err != nil {
				e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
				return
			}
			e.covers(out, ns)
			return
		}
		e.ok(err)
		e.covers(out, ns)
		e.that(len(out) > 1, "the port was not split")
		e.that(out[0].Group != "", "the orders have no group")
		for _, o := range out {
			e.equal(o.Group, out[0].Group, "group of an order")
		}
		e.keyed(provider.CapPorts, provider.ByThing)
		got := found(e, e.portTracker(e.trace(r.Key, ns...)))
		e.covers(got, ns)
		for _, o := range got {
			e.equal(o.Group, out[0].Group, "group of an order that is found")
		}
	}},
	{"ports/not-portable", MUST, porting, "a number that cannot be ported ends as that, with a reason, and never as ported", func(e *env) {
		n := e.elsewhere(e.w.Elsewhere.Not, 1, "number that cannot be ported")[0]
		r := e.portRequest(n)
		out, err := e.opens(r)
		if err != nil {
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
			e.that(e.typed(err).Kind != "", "the error has no kind")
			return
		}
		for _, o := range out {
			o = e.submitOne(o.Ref)
			o = e.watch(r.Key, o.Ref, []nanp.Number{n}, e.truthful)
			e.that(ended(o.State) && o.State != provider.PortDone, "the port of a number that cannot be ported is %s", o.State)
			e.that(len(o.Reasons) > 0 || len(o.Items) > 0 && len(o.Items[0].Reasons) > 0, "nothing says why")
		}
	}},
	{"ports/lost-answer-is-found", MUST, porting, "a port whose answer is lost has an unknown outcome and is found by what Traits.Keyed promises: a second one would be rejected by the losing carrier", func(e *env) {
		ns := e.one(2)
		r := e.portRequest(ns...)
		struck := e.fail(provider.OpOpenPort, ReplyLost)
		_, err := e.tryOpen(r)
		e.hit(struck)
		e.unknown(err)
		e.keyed(provider.CapPorts, provider.ByThing)
		e.covers(found(e, e.portTracker(e.trace(r.Key, ns...))), ns)
	}},
	{"ports/never-arrived", MUST, porting, "a port that never arrived is not sent again by itself, and not found", func(e *env) {
		ns := e.one(1)
		r := e.portRequest(ns...)
		before := e.made(provider.OpOpenPort)
		struck := e.fail(provider.OpOpenPort, NeverArrived)
		_, err := e.tryOpen(r)
		e.hit(struck)
		e.unknown(err)
		e.equal(e.made(provider.OpOpenPort), before, "ports at the carrier")
		e.that(get(e, e.portTracker(e.trace(r.Key, ns...))).Verdict != provider.Found, "a port that never arrived is found")
	}},
	{"ports/repeat-of-a-key", MUST, porting, "the same port opened again does what Traits.Keyed says, and whoever says not applied has not applied it", func(e *env) {
		e.counts()
		r := e.portRequest(e.one(1)...)
		before := e.made(provider.OpOpenPort)
		first := e.open(r)
		now := e.made(provider.OpOpenPort)
		again, err := e.tryOpen(r)
		if e.traits().Keyed[provider.CapPorts] == provider.Once {
			e.equal(e.made(provider.OpOpenPort)-before, 1, "ports at the carrier of one key")
			if err == nil {
				e.equal(again[0].Ref, first[0].Ref, "reference of the same port")
			}
		}
		if err != nil && provider.OutcomeOf(err) == provider.NotApplied {
			e.equal(e.made(provider.OpOpenPort), now, "ports at the carrier after one that was said not to be applied")
		}
	}},
	{"ports/refuses-invalid", MUST, porting, "a port that cannot be meant is refused as invalid and not sent", func(e *env) {
		e.needs(e.w.Port != nil, "correct port request (Port)")
		ns := e.one(1)
		before := e.made(provider.OpOpenPort)
		good := e.w.Port(e.key(), ns)
		for what, spoil := range map[string]func(*provider.PortRequest){
			"no numbers": func(r *provider.PortRequest) { r.Lines = nil }, "no key": func(r *provider.PortRequest) { r.Key = "" },
			"no number": func(r *provider.PortRequest) { r.Lines = []provider.PortLine{{}} },
		} {
			r := good
			spoil(&r)
			_, err := e.tryOpen(r)
			e.that(errors.Is(err, provider.Invalid), "a port with %s: the error is %v, and should be invalid", what, err)
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of a port with %s", what)
		}
		e.equal(e.made(provider.OpOpenPort), before, "ports at the carrier")
	}},
	{"ports/rejected", MUST, porting, "a port that the losing carrier rejects is rejected, with the reasons: a person has to know what to correct", func(e *env) {
		e.rejected()
	}},
	{"port-amend/goes-on", MUST, append(porting, provider.CapPortAmend), "a rejected port that is amended goes on, and ends as done", func(e *env) {
		r, o := e.rejected()
		k := e.key()
		o = create(e, func(ctx context.Context) (provider.PortOrder, error) {
			return e.caps.PortAmend.AmendPort(ctx, k, o.Ref, r)
		}, nil)
		e.that(o.State != provider.PortDone, "an amended port is done at once")
		e.submitOne(o.Ref)
		ns := numbersToPort(r)
		o = e.watch(r.Key, o.Ref, ns, e.truthful)
		e.equal(o.State, provider.PortDone, "state of an amended port (%s %v)", o.Said.Raw, o.Reasons)
	}},
	{"ports/cancels", MUST, porting, "a port that is cancelled ends as cancelled, and its numbers never come", func(e *env) {
		ns := e.one(1)
		r := e.portRequest(ns...)
		o := e.submit(r)[0]
		e.cancel(o.Ref)
		o = e.watch(r.Key, o.Ref, ns, e.truthful)
		e.equal(o.State, provider.PortCancelled, "state of a cancelled port (%s)", o.Said.Raw)
		e.settle(provider.CapPorts)
		e.that(!e.ours(ns[0]), "%s was ported though its port was cancelled", ns[0].Format())
	}},
	{"ports/cancels-some", MUST, porting, "single numbers are cancelled where the carrier can, and else nothing is: never the whole order instead", func(e *env) {
		ns := e.one(2)
		r := e.portRequest(ns...)
		out := e.submit(r)
		if len(out) != 1 {
			e.Skip("each number has an order of its own")
		}
		err := e.cancelOne(r, out[0].Ref, ns[0])
		if err != nil {
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
		}
		e.watch(r.Key, out[0].Ref, ns, e.truthful)
		e.settle(provider.CapPorts)
		e.that(e.ours(ns[1]), "%s, which was not cancelled, has not come", ns[1].Format())
		e.equal(e.ours(ns[0]), err != nil, "whether %s has come", ns[0].Format())
	}},
	{"ports/unknown", MUST, porting, "a port that is not there is not found", func(e *env) {
		err := refused(e, func(ctx context.Context) (provider.PortOrder, error) {
			return e.caps.Ports.CancelPort(ctx, e.key(), "no-such-port", nil)
		})
		e.oneOf(err, provider.NotApplied, provider.NotFound, provider.Invalid)
	}},
}

func (e *env) cancel(ref provider.Ref) {
	k := e.key()
	create(e, func(ctx context.Context) (provider.PortOrder, error) {
		return e.caps.Ports.CancelPort(ctx, k, ref, nil)
	}, nil)
}

// cancelOne cancels one number of an order. Whether it is cancelled is seen by looking
// where no answer says so.
func (e *env) cancelOne(r provider.PortRequest, ref provider.Ref, n nanp.Number) error {
	k, only := e.key(), []nanp.Number{n}
	ns := numbersToPort(r)
	_, err := attempt(e, func(ctx context.Context) (provider.PortOrder, error) {
		return e.caps.Ports.CancelPort(ctx, k, ref, only)
	}, func(ctx context.Context) (provider.Finding[provider.PortOrder], error) {
		o := e.port(r.Key, ref, ns)
		for _, it := range o.Items {
			if it.Number == n && it.State == provider.PortCancelled || o.State == provider.PortCancelled {
				return provider.FoundAs(o, e.now()), nil
			}
		}
		return provider.Finding[provider.PortOrder]{Verdict: provider.Absent, AsOf: e.now()}, nil
	})
	return err
}

// rejected submits a port and lets the losing carrier reject it.
func (e *env) rejected() (provider.PortRequest, provider.PortOrder) {
	e.needs(e.w.RejectPort != nil, "losing carrier that rejects (RejectPort)")
	ns := e.one(1)
	r := e.portRequest(ns...)
	o := e.submit(r)[0]
	e.w.RejectPort(o.Ref)
	o = e.watch(r.Key, o.Ref, ns, e.truthful)
	e.equal(o.State, provider.PortRejected, "state of a rejected port (%s)", o.Said.Raw)
	reasons := o.Reasons
	for _, it := range o.Items {
		reasons = append(reasons, it.Reasons...)
	}
	e.that(len(reasons) > 0, "nothing says why it was rejected")
	for _, why := range reasons {
		e.that(why.Code != "" || why.Carrier != "" || why.Text != "", "a reason is empty")
	}
	return r, o
}
