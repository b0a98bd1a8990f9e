package providertest_test

import (
	"context"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// saboteur is a carrier whose methods can be replaced one by one: each field holds
// the right method until a fault puts another one in its place.
type saboteur struct {
	inner provider.Provider
	id    func() provider.ID
	caps  func() provider.Capabilities // what is offered; its methods are those below

	search            func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error)
	places            func(context.Context, string, provider.Page) (provider.Result[provider.Place], error)
	hold              func(context.Context, provider.Key, []nanp.Number) ([]provider.Hold, error)
	unhold            func(context.Context, provider.Ref) error
	trackHold         func(context.Context, provider.Trace) (provider.Finding[[]provider.Hold], error)
	place             func(context.Context, provider.OrderRequest) (provider.Order, error)
	track             func(context.Context, provider.Trace) (provider.Finding[provider.Order], error)
	closeOrder        func(context.Context, provider.Key, provider.Ref) (provider.Order, error)
	owned             func(context.Context, nanp.Number) (provider.Owned, error)
	listOwned         func(context.Context, provider.Page) (provider.Result[provider.Owned], error)
	route             func(context.Context, provider.RouteRequest) ([]provider.Owned, error)
	giveBack          func(context.Context, provider.ReturnRequest) (provider.Order, error)
	trackReturn       func(context.Context, provider.Trace) (provider.Finding[provider.Order], error)
	setName           func(context.Context, provider.NameRequest) (provider.NameOrder, error)
	trackName         func(context.Context, provider.Trace) (provider.Finding[provider.NameOrder], error)
	readName          func(context.Context, nanp.Number) (provider.NameItem, error)
	lookupName        func(context.Context, nanp.Number) (provider.CallerName, error)
	lookupNumber      func(context.Context, nanp.Number) (provider.NumberInfo, error)
	checkAddress      func(context.Context, postal.Civic) (provider.AddressCheck, error)
	register          func(context.Context, provider.RegisterRequest) (provider.RegisterResult, error)
	unregister        func(context.Context, provider.Key, []nanp.Number) (provider.RegisterResult, error)
	trackRegistration func(context.Context, provider.Trace) (provider.Finding[provider.RegisterResult], error)
	registration      func(context.Context, nanp.Number) (provider.Registration, error)
	setEndpoint       func(context.Context, provider.EndpointRequest) (provider.EndpointResult, error)
	removeEndpoint    func(context.Context, provider.Key, provider.Ref) error
	trackEndpoint     func(context.Context, provider.Trace) (provider.Finding[provider.EndpointResult], error)
	listEndpoints     func(context.Context, provider.Page) (provider.Result[provider.Endpoint], error)
	checkPort         func(context.Context, []nanp.Number) ([]provider.PortCheck, error)
	openPort          func(context.Context, provider.PortRequest) ([]provider.PortOrder, error)
	submitPort        func(context.Context, provider.Key, provider.Ref) (provider.PortOrder, error)
	trackPort         func(context.Context, provider.Trace) (provider.Finding[[]provider.PortOrder], error)
	cancelPort        func(context.Context, provider.Key, provider.Ref, []nanp.Number) (provider.PortOrder, error)
	amendPort         func(context.Context, provider.Key, provider.Ref, provider.PortRequest) (provider.PortOrder, error)
	upload            func(context.Context, provider.Key, provider.Document) (provider.Uploaded, error)
	listComments      func(context.Context, provider.Ref, provider.Page) (provider.Result[provider.PortComment], error)
	addComment        func(context.Context, provider.Key, provider.Ref, secret.String) (provider.PortComment, error)
	listPortOuts      func(context.Context, provider.Page) (provider.Result[provider.PortOut], error)
	answerPortOut     func(context.Context, provider.Key, provider.Ref, bool, string) error
	decode            func(provider.Webhook) ([]provider.Hint, provider.Answer, error)
}

func sabotaged(p provider.Provider) *saboteur {
	c := p.Capabilities()
	return &saboteur{
		inner: p, id: p.ID, caps: p.Capabilities,
		search:            c.Search.Search,
		places:            c.Places.Places,
		hold:              c.Holds.Hold,
		unhold:            c.Holds.Unhold,
		trackHold:         c.Holds.TrackHold,
		place:             c.Orders.Place,
		track:             c.Orders.Track,
		closeOrder:        c.OrderClose.CloseOrder,
		owned:             c.Owned.Owned,
		listOwned:         c.Owned.ListOwned,
		route:             c.Routing.Route,
		giveBack:          c.Return.Return,
		trackReturn:       c.Return.TrackReturn,
		setName:           c.Names.SetName,
		trackName:         c.Names.TrackName,
		readName:          c.Names.ReadName,
		lookupName:        c.NameLookup.LookupName,
		lookupNumber:      c.Lookup.LookupNumber,
		checkAddress:      c.Addresses.CheckAddress,
		register:          c.Emergency.Register,
		unregister:        c.Emergency.Unregister,
		trackRegistration: c.Emergency.TrackRegistration,
		registration:      c.Emergency.Registration,
		setEndpoint:       c.Endpoints.SetEndpoint,
		removeEndpoint:    c.Endpoints.RemoveEndpoint,
		trackEndpoint:     c.Endpoints.TrackEndpoint,
		listEndpoints:     c.Endpoints.ListEndpoints,
		checkPort:         c.PortCheck.CheckPort,
		openPort:          c.Ports.OpenPort,
		submitPort:        c.Ports.SubmitPort,
		trackPort:         c.Ports.TrackPort,
		cancelPort:        c.Ports.CancelPort,
		amendPort:         c.PortAmend.AmendPort,
		upload:            c.PortDocs.UploadDocument,
		listComments:      c.PortNotes.ListPortComments,
		addComment:        c.PortNotes.AddPortComment,
		listPortOuts:      c.PortOuts.ListPortOuts,
		answerPortOut:     c.PortOuts.AnswerPortOut,
		decode:            c.Hooks.Decode,
	}
}

func (s *saboteur) ID() provider.ID { return s.id() }

// Capabilities offers what caps says, by way of the methods of the saboteur.
func (s *saboteur) Capabilities() provider.Capabilities {
	c, m := s.caps(), methods{s}
	if c.Search != nil {
		c.Search = m
	}
	if c.Places != nil {
		c.Places = m
	}
	if c.Holds != nil {
		c.Holds = m
	}
	if c.Orders != nil {
		c.Orders = m
	}
	if c.OrderClose != nil {
		c.OrderClose = m
	}
	if c.Owned != nil {
		c.Owned = m
	}
	if c.Routing != nil {
		c.Routing = m
	}
	if c.Return != nil {
		c.Return = m
	}
	if c.Names != nil {
		c.Names = m
	}
	if c.NameLookup != nil {
		c.NameLookup = m
	}
	if c.Lookup != nil {
		c.Lookup = m
	}
	if c.Addresses != nil {
		c.Addresses = m
	}
	if c.Emergency != nil {
		c.Emergency = m
	}
	if c.Endpoints != nil {
		c.Endpoints = m
	}
	if c.PortCheck != nil {
		c.PortCheck = m
	}
	if c.Ports != nil {
		c.Ports = m
	}
	if c.PortAmend != nil {
		c.PortAmend = m
	}
	if c.PortDocs != nil {
		c.PortDocs = m
	}
	if c.PortNotes != nil {
		c.PortNotes = m
	}
	if c.PortOuts != nil {
		c.PortOuts = m
	}
	if c.Hooks != nil {
		c.Hooks = m
	}
	return c
}

type methods struct{ s *saboteur }

func (m methods) Search(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	return m.s.search(ctx, r)
}

func (m methods) Places(ctx context.Context, state string, p provider.Page) (provider.Result[provider.Place], error) {
	return m.s.places(ctx, state, p)
}

func (m methods) Hold(ctx context.Context, k provider.Key, n []nanp.Number) ([]provider.Hold, error) {
	return m.s.hold(ctx, k, n)
}

func (m methods) Unhold(ctx context.Context, r provider.Ref) error {
	return m.s.unhold(ctx, r)
}

func (m methods) TrackHold(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.Hold], error) {
	return m.s.trackHold(ctx, t)
}

func (m methods) Place(ctx context.Context, r provider.OrderRequest) (provider.Order, error) {
	return m.s.place(ctx, r)
}

func (m methods) Track(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	return m.s.track(ctx, t)
}

func (m methods) CloseOrder(ctx context.Context, k provider.Key, r provider.Ref) (provider.Order, error) {
	return m.s.closeOrder(ctx, k, r)
}

func (m methods) Owned(ctx context.Context, n nanp.Number) (provider.Owned, error) {
	return m.s.owned(ctx, n)
}

func (m methods) ListOwned(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
	return m.s.listOwned(ctx, p)
}

func (m methods) Route(ctx context.Context, r provider.RouteRequest) ([]provider.Owned, error) {
	return m.s.route(ctx, r)
}

func (m methods) Return(ctx context.Context, r provider.ReturnRequest) (provider.Order, error) {
	return m.s.giveBack(ctx, r)
}

func (m methods) TrackReturn(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	return m.s.trackReturn(ctx, t)
}

func (m methods) SetName(ctx context.Context, r provider.NameRequest) (provider.NameOrder, error) {
	return m.s.setName(ctx, r)
}

func (m methods) TrackName(ctx context.Context, t provider.Trace) (provider.Finding[provider.NameOrder], error) {
	return m.s.trackName(ctx, t)
}

func (m methods) ReadName(ctx context.Context, n nanp.Number) (provider.NameItem, error) {
	return m.s.readName(ctx, n)
}

func (m methods) LookupName(ctx context.Context, n nanp.Number) (provider.CallerName, error) {
	return m.s.lookupName(ctx, n)
}

func (m methods) LookupNumber(ctx context.Context, n nanp.Number) (provider.NumberInfo, error) {
	return m.s.lookupNumber(ctx, n)
}

func (m methods) CheckAddress(ctx context.Context, a postal.Civic) (provider.AddressCheck, error) {
	return m.s.checkAddress(ctx, a)
}

func (m methods) Register(ctx context.Context, r provider.RegisterRequest) (provider.RegisterResult, error) {
	return m.s.register(ctx, r)
}

func (m methods) Unregister(ctx context.Context, k provider.Key, n []nanp.Number) (provider.RegisterResult, error) {
	return m.s.unregister(ctx, k, n)
}

func (m methods) TrackRegistration(ctx context.Context, t provider.Trace) (provider.Finding[provider.RegisterResult], error) {
	return m.s.trackRegistration(ctx, t)
}

func (m methods) Registration(ctx context.Context, n nanp.Number) (provider.Registration, error) {
	return m.s.registration(ctx, n)
}

func (m methods) SetEndpoint(ctx context.Context, r provider.EndpointRequest) (provider.EndpointResult, error) {
	return m.s.setEndpoint(ctx, r)
}

func (m methods) RemoveEndpoint(ctx context.Context, k provider.Key, r provider.Ref) error {
	return m.s.removeEndpoint(ctx, k, r)
}

func (m methods) TrackEndpoint(ctx context.Context, t provider.Trace) (provider.Finding[provider.EndpointResult], error) {
	return m.s.trackEndpoint(ctx, t)
}

func (m methods) ListEndpoints(ctx context.Context, p provider.Page) (provider.Result[provider.Endpoint], error) {
	return m.s.listEndpoints(ctx, p)
}

func (m methods) CheckPort(ctx context.Context, n []nanp.Number) ([]provider.PortCheck, error) {
	return m.s.checkPort(ctx, n)
}

func (m methods) OpenPort(ctx context.Context, r provider.PortRequest) ([]provider.PortOrder, error) {
	return m.s.openPort(ctx, r)
}

func (m methods) SubmitPort(ctx context.Context, k provider.Key, r provider.Ref) (provider.PortOrder, error) {
	return m.s.submitPort(ctx, k, r)
}

func (m methods) TrackPort(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.PortOrder], error) {
	return m.s.trackPort(ctx, t)
}

func (m methods) CancelPort(ctx context.Context, k provider.Key, r provider.Ref, only []nanp.Number) (provider.PortOrder, error) {
	return m.s.cancelPort(ctx, k, r, only)
}

func (m methods) AmendPort(ctx context.Context, k provider.Key, r provider.Ref, v provider.PortRequest) (provider.PortOrder, error) {
	return m.s.amendPort(ctx, k, r, v)
}

func (m methods) UploadDocument(ctx context.Context, k provider.Key, d provider.Document) (provider.Uploaded, error) {
	return m.s.upload(ctx, k, d)
}

func (m methods) ListPortComments(ctx context.Context, r provider.Ref, p provider.Page) (provider.Result[provider.PortComment], error) {
	return m.s.listComments(ctx, r, p)
}

func (m methods) AddPortComment(ctx context.Context, k provider.Key, r provider.Ref, text secret.String) (provider.PortComment, error) {
	return m.s.addComment(ctx, k, r, text)
}

func (m methods) ListPortOuts(ctx context.Context, p provider.Page) (provider.Result[provider.PortOut], error) {
	return m.s.listPortOuts(ctx, p)
}

func (m methods) AnswerPortOut(ctx context.Context, k provider.Key, r provider.Ref, allow bool, reason string) error {
	return m.s.answerPortOut(ctx, k, r, allow, reason)
}

func (m methods) Decode(h provider.Webhook) ([]provider.Hint, provider.Answer, error) {
	return m.s.decode(h)
}
