package provider_test

import (
	"context"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	. "github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// everything offers every capability and answers each call with its error.
type everything struct{ err error }

func (e everything) ID() ID { return "everything" }
func (e everything) Capabilities() Capabilities {
	return Capabilities{Search: e, Places: e, Holds: e, Orders: e, OrderClose: e, Owned: e, Routing: e, Return: e, Names: e, NameLookup: e, Lookup: e,
		Addresses: e, Emergency: e, Endpoints: e, PortCheck: e, Ports: e, PortAmend: e, PortDocs: e, PortNotes: e, PortOuts: e, Hooks: e}
}

func (e everything) Search(context.Context, SearchRequest) (r Result[Offer], err error) {
	return r, e.err
}
func (e everything) Places(context.Context, string, Page) (r Result[Place], err error) {
	return r, e.err
}
func (e everything) Hold(context.Context, Key, []nanp.Number) ([]Hold, error) { return nil, e.err }
func (e everything) Unhold(context.Context, Ref) error                        { return e.err }
func (e everything) TrackHold(context.Context, Trace) (f Finding[[]Hold], err error) {
	return f, e.err
}
func (e everything) Place(context.Context, OrderRequest) (o Order, err error)   { return o, e.err }
func (e everything) Track(context.Context, Trace) (f Finding[Order], err error) { return f, e.err }
func (e everything) CloseOrder(context.Context, Key, Ref) (o Order, err error)  { return o, e.err }
func (e everything) Owned(context.Context, nanp.Number) (o Owned, err error)    { return o, e.err }
func (e everything) ListOwned(context.Context, Page) (r Result[Owned], err error) {
	return r, e.err
}
func (e everything) Route(context.Context, RouteRequest) ([]Owned, error)       { return nil, e.err }
func (e everything) Return(context.Context, ReturnRequest) (o Order, err error) { return o, e.err }
func (e everything) TrackReturn(context.Context, Trace) (f Finding[Order], err error) {
	return f, e.err
}
func (e everything) SetName(context.Context, NameRequest) (o NameOrder, err error) { return o, e.err }
func (e everything) TrackName(context.Context, Trace) (f Finding[NameOrder], err error) {
	return f, e.err
}
func (e everything) ReadName(context.Context, nanp.Number) (i NameItem, err error) { return i, e.err }
func (e everything) LookupName(context.Context, nanp.Number) (c CallerName, err error) {
	return c, e.err
}
func (e everything) LookupNumber(context.Context, nanp.Number) (i NumberInfo, err error) {
	return i, e.err
}
func (e everything) CheckAddress(context.Context, postal.Civic) (a AddressCheck, err error) {
	return a, e.err
}
func (e everything) Register(context.Context, RegisterRequest) (r RegisterResult, err error) {
	return r, e.err
}
func (e everything) Unregister(context.Context, Key, []nanp.Number) (r RegisterResult, err error) {
	return r, e.err
}
func (e everything) TrackRegistration(context.Context, Trace) (f Finding[RegisterResult], err error) {
	return f, e.err
}
func (e everything) Registration(context.Context, nanp.Number) (r Registration, err error) {
	return r, e.err
}
func (e everything) SetEndpoint(context.Context, EndpointRequest) (r EndpointResult, err error) {
	return r, e.err
}
func (e everything) RemoveEndpoint(context.Context, Key, Ref) error { return e.err }
func (e everything) TrackEndpoint(context.Context, Trace) (f Finding[EndpointResult], err error) {
	return f, e.err
}
func (e everything) ListEndpoints(context.Context, Page) (r Result[Endpoint], err error) {
	return r, e.err
}
func (e everything) CheckPort(context.Context, []nanp.Number) ([]PortCheck, error) {
	return nil, e.err
}
func (e everything) OpenPort(context.Context, PortRequest) ([]PortOrder, error) { return nil, e.err }
func (e everything) SubmitPort(context.Context, Key, Ref) (o PortOrder, err error) {
	return o, e.err
}
func (e everything) TrackPort(context.Context, Trace) (f Finding[[]PortOrder], err error) {
	return f, e.err
}
func (e everything) CancelPort(context.Context, Key, Ref, []nanp.Number) (o PortOrder, err error) {
	return o, e.err
}
func (e everything) AmendPort(context.Context, Key, Ref, PortRequest) (o PortOrder, err error) {
	return o, e.err
}
func (e everything) UploadDocument(context.Context, Key, Document) (u Uploaded, err error) {
	return u, e.err
}
func (e everything) ListPortComments(context.Context, Ref, Page) (r Result[PortComment], err error) {
	return r, e.err
}
func (e everything) AddPortComment(context.Context, Key, Ref, secret.String) (c PortComment, err error) {
	return c, e.err
}
func (e everything) ListPortOuts(context.Context, Page) (r Result[PortOut], err error) {
	return r, e.err
}
func (e everything) AnswerPortOut(context.Context, Key, Ref, bool, string) error { return e.err }
func (e everything) Decode(Webhook) (h []Hint, a Answer, err error)              { return h, a, e.err }

// nothing offers nothing.
type nothing struct{ id ID }

func (n nothing) ID() ID { return n.id }
func (n nothing) Capabilities() Capabilities {
	return Capabilities{Traits: Traits{Name: "Nothing", Why: map[Capability]Note{CapOrders: {Reason: "it only sells umbrellas"}}}}
}
