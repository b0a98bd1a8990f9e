package providertest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// call is one method with arguments that could be meant.
type call struct {
	offered bool
	op      provider.Op
	call    func(context.Context) error
}

func offered(all []call) []call {
	return slices.DeleteFunc(all, func(c call) bool { return !c.offered })
}

// drop calls f for its error alone.
func drop[T any](_ T, err error) error { return err }

// changes is every method that is offered and changes something.
func (e *env) changes() []call {
	c, ns, k := e.caps, []nanp.Number{fiction}, e.key()
	port := provider.PortRequest{Key: k, Lines: []provider.PortLine{{Number: fiction}}}
	if e.w.Port != nil {
		port = e.w.Port(k, ns)
	}
	var doc provider.Document
	if e.w.Document != nil {
		doc = e.w.Document()
	}
	return offered([]call{
		{c.Holds != nil, provider.OpHold, func(ctx context.Context) error { return drop(c.Holds.Hold(ctx, k, ns)) }},
		{c.Holds != nil, provider.OpUnhold, func(ctx context.Context) error { return c.Holds.Unhold(ctx, "hold") }},
		{c.Orders != nil, provider.OpPlace, func(ctx context.Context) error { return drop(c.Orders.Place(ctx, e.request(k, fiction))) }},
		{c.OrderClose != nil, provider.OpCloseOrder, func(ctx context.Context) error { return drop(c.OrderClose.CloseOrder(ctx, k, "order")) }},
		{c.Routing != nil, provider.OpRoute, func(ctx context.Context) error {
			return drop(c.Routing.Route(ctx, provider.RouteRequest{Key: k, Numbers: ns, To: "x"}))
		}},
		{c.Return != nil, provider.OpReturn, func(ctx context.Context) error {
			return drop(c.Return.Return(ctx, provider.ReturnRequest{Key: k, Numbers: ns}))
		}},
		{c.Names != nil, provider.OpSetName, func(ctx context.Context) error {
			return drop(c.Names.SetName(ctx, e.nameRequest("RIVER BAKERY", fiction)))
		}},
		{c.Emergency != nil, provider.OpRegister, func(ctx context.Context) error {
			return drop(c.Emergency.Register(ctx, e.regRequest(e.w.Addresses.Good, fiction)))
		}},
		{c.Emergency != nil, provider.OpUnregister, func(ctx context.Context) error { return drop(c.Emergency.Unregister(ctx, k, ns)) }},
		{c.Endpoints != nil, provider.OpSetEndpoint, func(ctx context.Context) error {
			return drop(c.Endpoints.SetEndpoint(ctx, provider.EndpointRequest{Key: k, Label: "laptop", Address: e.w.Addresses.Good, Callback: fiction}))
		}},
		{c.Endpoints != nil, provider.OpRemoveEndpoint, func(ctx context.Context) error { return c.Endpoints.RemoveEndpoint(ctx, k, "endpoint") }},
		{c.Ports != nil, provider.OpOpenPort, func(ctx context.Context) error { return drop(c.Ports.OpenPort(ctx, port)) }},
		{c.Ports != nil, provider.OpSubmitPort, func(ctx context.Context) error { return drop(c.Ports.SubmitPort(ctx, k, "port")) }},
		{c.Ports != nil, provider.OpCancelPort, func(ctx context.Context) error { return drop(c.Ports.CancelPort(ctx, k, "port", nil)) }},
		{c.PortAmend != nil, provider.OpAmendPort, func(ctx context.Context) error { return drop(c.PortAmend.AmendPort(ctx, k, "port", port)) }},
		{c.PortDocs != nil && doc.Open != nil, provider.OpUploadDocument, func(ctx context.Context) error { return drop(c.PortDocs.UploadDocument(ctx, k, doc)) }},
		{c.PortNotes != nil, provider.OpAddPortComment, func(ctx context.Context) error {
			return drop(c.PortNotes.AddPortComment(ctx, k, "port", secret.New("x")))
		}},
		{c.PortOuts != nil, provider.OpAnswerPortOut, func(ctx context.Context) error { return c.PortOuts.AnswerPortOut(ctx, k, "port-out", false, "x") }},
	})
}

// reads is every method that is offered and changes nothing.
func (e *env) reads() []call {
	c, ns, p := e.caps, []nanp.Number{fiction}, provider.Page{}
	t := e.trace(e.key(), fiction)
	return offered([]call{
		{c.Search != nil, provider.OpSearch, func(ctx context.Context) error { return drop(c.Search.Search(ctx, e.w.Search)) }},
		{c.Places != nil, provider.OpPlaces, func(ctx context.Context) error { return drop(c.Places.Places(ctx, "AR", p)) }},
		{c.Holds != nil, provider.OpTrackHold, func(ctx context.Context) error { return undecided(c.Holds.TrackHold(ctx, t)) }},
		{c.Orders != nil, provider.OpTrack, func(ctx context.Context) error { return undecided(c.Orders.Track(ctx, t)) }},
		{c.Owned != nil, provider.OpOwned, func(ctx context.Context) error { return drop(c.Owned.Owned(ctx, fiction)) }},
		{c.Owned != nil, provider.OpListOwned, func(ctx context.Context) error { return drop(c.Owned.ListOwned(ctx, p)) }},
		{c.Return != nil, provider.OpTrackReturn, func(ctx context.Context) error { return undecided(c.Return.TrackReturn(ctx, t)) }},
		{c.Names != nil, provider.OpTrackName, func(ctx context.Context) error { return undecided(c.Names.TrackName(ctx, t)) }},
		{c.Names != nil, provider.OpReadName, func(ctx context.Context) error { return drop(c.Names.ReadName(ctx, fiction)) }},
		{c.NameLookup != nil, provider.OpLookupName, func(ctx context.Context) error { return drop(c.NameLookup.LookupName(ctx, fiction)) }},
		{c.Lookup != nil, provider.OpLookupNumber, func(ctx context.Context) error { return drop(c.Lookup.LookupNumber(ctx, fiction)) }},
		{c.Addresses != nil, provider.OpCheckAddress, func(ctx context.Context) error { return drop(c.Addresses.CheckAddress(ctx, e.w.Addresses.Good)) }},
		{c.Emergency != nil, provider.OpTrackRegistration, func(ctx context.Context) error { return undecided(c.Emergency.TrackRegistration(ctx, t)) }},
		{c.Emergency != nil, provider.OpRegistration, func(ctx context.Context) error { return drop(c.Emergency.Registration(ctx, fiction)) }},
		{c.Endpoints != nil, provider.OpTrackEndpoint, func(ctx context.Context) error { return undecided(c.Endpoints.TrackEndpoint(ctx, t)) }},
		{c.Endpoints != nil, provider.OpListEndpoints, func(ctx context.Context) error { return drop(c.Endpoints.ListEndpoints(ctx, p)) }},
		{c.PortCheck != nil, provider.OpCheckPort, func(ctx context.Context) error { return drop(c.PortCheck.CheckPort(ctx, ns)) }},
		{c.Ports != nil, provider.OpTrackPort, func(ctx context.Context) error { return undecided(c.Ports.TrackPort(ctx, t)) }},
		{c.PortNotes != nil, provider.OpListPortComments, func(ctx context.Context) error { return drop(c.PortNotes.ListPortComments(ctx, "port", p)) }},
		{c.PortOuts != nil, provider.OpListPortOuts, func(ctx context.Context) error { return drop(c.PortOuts.ListPortOuts(ctx, p)) }},
	})
}

// undecided lets a look that cannot tell pass: it need not ask the carrier.
func undecided[T any](f provider.Finding[T], err error) error {
	if err == nil && f.Verdict == provider.CannotTell {
		return errUndecided
	}
	return err
}

var errUndecided = errors.New("it cannot be told")

var callCases = []Case{
	{"context/ended-before", MUST, ordering, "a call whose context has ended before is not sent, and says so: a stopped program buys nothing", func(e *env) {
		n := e.find(1)
		before := e.made(provider.OpPlace)
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		_, err := e.caps.Orders.Place(ctx, e.request(e.key(), n...))
		e.that(err != nil, "an order under a context that has ended has no error")
		e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
		e.equal(e.made(provider.OpPlace), before, "orders at the carrier")
		_, err = e.caps.Search.Search(ctx, e.w.Search)
		e.that(err != nil, "a search under a context that has ended has no error")
	}},
	{"context/ended-before-any-change", MUST, nil, "no call that changes something is sent under a context that has ended, and each says that it was not applied", func(e *env) {
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		for _, c := range e.changes() {
			before := e.made(c.op)
			err := c.call(ctx)
			e.that(err != nil, "%s under a context that has ended has no error", c.op)
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
			e.equal(e.made(c.op), before, "how often %s has taken effect", c.op)
		}
	}},
	{"context/ended-before-any-read", MUST, nil, "no read under a context that has ended answers as if it had been asked", func(e *env) {
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		for _, c := range e.reads() {
			e.that(c.call(ctx) != nil, "%s under a context that has ended has no error", c.op)
		}
	}},
	{"context/hung-order-returns", MUST, ordering, "an order that hangs returns soon after its context has ended, with an unknown outcome: nobody can be kept waiting for ever", func(e *env) {
		n := e.find(1)
		struck := e.fail(provider.OpPlace, Hung)
		err := e.orderHung(e.request(e.key(), n...), struck)
		e.hit(struck)
		e.unknown(err)
	}},
	{"context/hung-read-returns", MUST, searching, "a read that hangs returns soon after its context has ended, with an error", func(e *env) {
		struck := e.fail(provider.OpSearch, Hung)
		err := e.hung(struck, func(ctx context.Context) error { return drop(e.caps.Search.Search(ctx, e.w.Search)) })
		e.hit(struck)
		e.that(err != nil, "a search that got no answer has no error")
	}},
	{"concurrent/everything", MUST, ordering, "all methods may be called at the same time: each order is booked once, and each answer is that of its own call", func(e *env) {
		const workers = 6
		ns := e.find(workers)
		keys := make([]provider.Key, workers)
		for i := range keys {
			keys[i] = e.key()
		}
		before := e.made(provider.OpPlace)
		var mu sync.Mutex
		mine := map[provider.Key]provider.Order{}
		e.Together(workers, func(i int) {
			e.search(e.w.Search)
			o := e.place(e.request(keys[i], ns[i]))
			e.search(e.w.Search)
			mu.Lock()
			mine[keys[i]] = o
			mu.Unlock()
			if e.caps.Owned != nil {
				e.listOwned(2, nothing)
			}
			get(e, e.tracker(e.trace(keys[i], ns[i])))
		})
		for i, k := range keys {
			o := mine[k]
			e.equal(len(o.Items), 1, "items of an order")
			e.item(o, ns[i])
		}
		if e.w.Made != nil && !e.w.Hostile {
			e.equal(e.made(provider.OpPlace)-before, workers, "orders at the carrier")
		}
	}},
}
