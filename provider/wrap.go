package provider

import (
	"context"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/secret"
)

// wrap puts an interceptor around every capability that is offered. A capability
// that is missing here would escape every middleware: a test walks through all
// methods of all fields.
func wrap(c Capabilities, i interceptor) Capabilities {
	if c.Search != nil {
		c.Search = wrappedSearcher{c.Search, i}
	}
	if c.Places != nil {
		c.Places = wrappedGazetteer{c.Places, i}
	}
	if c.Holds != nil {
		c.Holds = wrappedHolder{c.Holds, i}
	}
	if c.Orders != nil {
		c.Orders = wrappedOrderer{c.Orders, i}
	}
	if c.OrderClose != nil {
		c.OrderClose = wrappedOrderCloser{c.OrderClose, i}
	}
	if c.Owned != nil {
		c.Owned = wrappedOwner{c.Owned, i}
	}
	if c.Routing != nil {
		c.Routing = wrappedRouter{c.Routing, i}
	}
	if c.Return != nil {
		c.Return = wrappedReturner{c.Return, i}
	}
	if c.Names != nil {
		c.Names = wrappedNamer{c.Names, i}
	}
	if c.NameLookup != nil {
		c.NameLookup = wrappedNameLookuper{c.NameLookup, i}
	}
	if c.Lookup != nil {
		c.Lookup = wrappedNumberLookuper{c.Lookup, i}
	}
	if c.Addresses != nil {
		c.Addresses = wrappedAddressChecker{c.Addresses, i}
	}
	if c.Emergency != nil {
		c.Emergency = wrappedRegistrar{c.Emergency, i}
	}
	if c.Endpoints != nil {
		c.Endpoints = wrappedEndpointKeeper{c.Endpoints, i}
	}
	if c.PortCheck != nil {
		c.PortCheck = wrappedPortChecker{c.PortCheck, i}
	}
	if c.Ports != nil {
		c.Ports = wrappedPorter{c.Ports, i}
	}
	if c.PortAmend != nil {
		c.PortAmend = wrappedPortAmender{c.PortAmend, i}
	}
	if c.PortDocs != nil {
		c.PortDocs = wrappedPortDocumenter{c.PortDocs, i}
	}
	if c.PortNotes != nil {
		c.PortNotes = wrappedPortCommenter{c.PortNotes, i}
	}
	if c.PortOuts != nil {
		c.PortOuts = wrappedPortOuter{c.PortOuts, i}
	}
	if c.Hooks != nil {
		c.Hooks = wrappedHooker{c.Hooks, i}
	}
	return c
}

type (
	wrappedSearcher struct {
		next Searcher
		i    interceptor
	}
	wrappedGazetteer struct {
		next Gazetteer
		i    interceptor
	}
	wrappedHolder struct {
		next Holder
		i    interceptor
	}
	wrappedOrderer struct {
		next Orderer
		i    interceptor
	}
	wrappedOrderCloser struct {
		next OrderCloser
		i    interceptor
	}
	wrappedOwner struct {
		next Owner
		i    interceptor
	}
	wrappedRouter struct {
		next Router
		i    interceptor
	}
	wrappedReturner struct {
		next Returner
		i    interceptor
	}
	wrappedNamer struct {
		next Namer
		i    interceptor
	}
	wrappedNameLookuper struct {
		next NameLookuper
		i    interceptor
	}
	wrappedNumberLookuper struct {
		next NumberLookuper
		i    interceptor
	}
	wrappedAddressChecker struct {
		next AddressChecker
		i    interceptor
	}
	wrappedRegistrar struct {
		next Registrar
		i    interceptor
	}
	wrappedEndpointKeeper struct {
		next EndpointKeeper
		i    interceptor
	}
	wrappedPortChecker struct {
		next PortChecker
		i    interceptor
	}
	wrappedPorter struct {
		next Porter
		i    interceptor
	}
	wrappedPortAmender struct {
		next PortAmender
		i    interceptor
	}
	wrappedPortDocumenter struct {
		next PortDocumenter
		i    interceptor
	}
	wrappedPortCommenter struct {
		next PortCommenter
		i    interceptor
	}
	wrappedPortOuter struct {
		next PortOuter
		i    interceptor
	}
	wrappedHooker struct {
		next Hooker
		i    interceptor
	}
)

func (w wrappedSearcher) Search(ctx context.Context, r SearchRequest) (Result[Offer], error) {
	return through(ctx, w.i, OpSearch, "", func(ctx context.Context) (Result[Offer], error) { return w.next.Search(ctx, r) })
}

func (w wrappedGazetteer) Places(ctx context.Context, state string, p Page) (Result[Place], error) {
	return through(ctx, w.i, OpPlaces, "", func(ctx context.Context) (Result[Place], error) { return w.next.Places(ctx, state, p) })
}

func (w wrappedHolder) Hold(ctx context.Context, k Key, n []nanp.Number) ([]Hold, error) {
	return through(ctx, w.i, OpHold, k, func(ctx context.Context) ([]Hold, error) { return w.next.Hold(ctx, k, n) })
}

func (w wrappedHolder) Unhold(ctx context.Context, r Ref) error {
	return w.i.do(ctx, OpUnhold, "", func(ctx context.Context) error { return w.next.Unhold(ctx, r) })
}

func (w wrappedHolder) TrackHold(ctx context.Context, t Trace) (Finding[[]Hold], error) {
	return through(ctx, w.i, OpTrackHold, t.Key, func(ctx context.Context) (Finding[[]Hold], error) { return w.next.TrackHold(ctx, t) })
}

func (w wrappedOrderer) Place(ctx context.Context, r OrderRequest) (Order, error) {
	return through(ctx, w.i, OpPlace, r.Key, func(ctx context.Context) (Order, error) { return w.next.Place(ctx, r) })
}

func (w wrappedOrderer) Track(ctx context.Context, t Trace) (Finding[Order], error) {
	return through(ctx, w.i, OpTrack, t.Key, func(ctx context.Context) (Finding[Order], error) { return w.next.Track(ctx, t) })
}

func (w wrappedOrderCloser) CloseOrder(ctx context.Context, k Key, r Ref) (Order, error) {
	return through(ctx, w.i, OpCloseOrder, k, func(ctx context.Context) (Order, error) { return w.next.CloseOrder(ctx, k, r) })
}

func (w wrappedOwner) Owned(ctx context.Context, n nanp.Number) (Owned, error) {
	return through(ctx, w.i, OpOwned, "", func(ctx context.Context) (Owned, error) { return w.next.Owned(ctx, n) })
}

func (w wrappedOwner) ListOwned(ctx context.Context, p Page) (Result[Owned], error) {
	return through(ctx, w.i, OpListOwned, "", func(ctx context.Context) (Result[Owned], error) { return w.next.ListOwned(ctx, p) })
}

func (w wrappedRouter) Route(ctx context.Context, r RouteRequest) ([]Owned, error) {
	return through(ctx, w.i, OpRoute, r.Key, func(ctx context.Context) ([]Owned, error) { return w.next.Route(ctx, r) })
}

func (w wrappedReturner) Return(ctx context.Context, r ReturnRequest) (Order, error) {
	return through(ctx, w.i, OpReturn, r.Key, func(ctx context.Context) (Order, error) { return w.next.Return(ctx, r) })
}

func (w wrappedReturner) TrackReturn(ctx context.Context, t Trace) (Finding[Order], error) {
	return through(ctx, w.i, OpTrackReturn, t.Key, func(ctx context.Context) (Finding[Order], error) { return w.next.TrackReturn(ctx, t) })
}

func (w wrappedNamer) SetName(ctx context.Context, r NameRequest) (NameOrder, error) {
	return through(ctx, w.i, OpSetName, r.Key, func(ctx context.Context) (NameOrder, error) { return w.next.SetName(ctx, r) })
}

func (w wrappedNamer) TrackName(ctx context.Context, t Trace) (Finding[NameOrder], error) {
	return through(ctx, w.i, OpTrackName, t.Key, func(ctx context.Context) (Finding[NameOrder], error) { return w.next.TrackName(ctx, t) })
}

func (w wrappedNamer) ReadName(ctx context.Context, n nanp.Number) (NameItem, error) {
	return through(ctx, w.i, OpReadName, "", func(ctx context.Context) (NameItem, error) { return w.next.ReadName(ctx, n) })
}

func (w wrappedNameLookuper) LookupName(ctx context.Context, n nanp.Number) (CallerName, error) {
	return through(ctx, w.i, OpLookupName, "", func(ctx context.Context) (CallerName, error) { return w.next.LookupName(ctx, n) })
}

func (w wrappedNumberLookuper) LookupNumber(ctx context.Context, n nanp.Number) (NumberInfo, error) {
	return through(ctx, w.i, OpLookupNumber, "", func(ctx context.Context) (NumberInfo, error) { return w.next.LookupNumber(ctx, n) })
}

func (w wrappedAddressChecker) CheckAddress(ctx context.Context, a postal.Civic) (AddressCheck, error) {
	return through(ctx, w.i, OpCheckAddress, "", func(ctx context.Context) (AddressCheck, error) { return w.next.CheckAddress(ctx, a) })
}

func (w wrappedRegistrar) Register(ctx context.Context, r RegisterRequest) (RegisterResult, error) {
	return through(ctx, w.i, OpRegister, r.Key, func(ctx context.Context) (RegisterResult, error) { return w.next.Register(ctx, r) })
}

func (w wrappedRegistrar) Unregister(ctx context.Context, k Key, n []nanp.Number) (RegisterResult, error) {
	return through(ctx, w.i, OpUnregister, k, func(ctx context.Context) (RegisterResult, error) { return w.next.Unregister(ctx, k, n) })
}

func (w wrappedRegistrar) TrackRegistration(ctx context.Context, t Trace) (Finding[RegisterResult], error) {
	return through(ctx, w.i, OpTrackRegistration, t.Key, func(ctx context.Context) (Finding[RegisterResult], error) { return w.next.TrackRegistration(ctx, t) })
}

func (w wrappedRegistrar) Registration(ctx context.Context, n nanp.Number) (Registration, error) {
	return through(ctx, w.i, OpRegistration, "", func(ctx context.Context) (Registration, error) { return w.next.Registration(ctx, n) })
}

func (w wrappedEndpointKeeper) SetEndpoint(ctx context.Context, r EndpointRequest) (EndpointResult, error) {
	return through(ctx, w.i, OpSetEndpoint, r.Key, func(ctx context.Context) (EndpointResult, error) { return w.next.SetEndpoint(ctx, r) })
}

func (w wrappedEndpointKeeper) RemoveEndpoint(ctx context.Context, k Key, r Ref) error {
	return w.i.do(ctx, OpRemoveEndpoint, k, func(ctx context.Context) error { return w.next.RemoveEndpoint(ctx, k, r) })
}

func (w wrappedEndpointKeeper) TrackEndpoint(ctx context.Context, t Trace) (Finding[EndpointResult], error) {
	return through(ctx, w.i, OpTrackEndpoint, t.Key, func(ctx context.Context) (Finding[EndpointResult], error) { return w.next.TrackEndpoint(ctx, t) })
}

func (w wrappedEndpointKeeper) ListEndpoints(ctx context.Context, p Page) (Result[Endpoint], error) {
	return through(ctx, w.i, OpListEndpoints, "", func(ctx context.Context) (Result[Endpoint], error) { return w.next.ListEndpoints(ctx, p) })
}

func (w wrappedPortChecker) CheckPort(ctx context.Context, n []nanp.Number) ([]PortCheck, error) {
	return through(ctx, w.i, OpCheckPort, "", func(ctx context.Context) ([]PortCheck, error) { return w.next.CheckPort(ctx, n) })
}

func (w wrappedPorter) OpenPort(ctx context.Context, r PortRequest) ([]PortOrder, error) {
	return through(ctx, w.i, OpOpenPort, r.Key, func(ctx context.Context) ([]PortOrder, error) { return w.next.OpenPort(ctx, r) })
}

func (w wrappedPorter) SubmitPort(ctx context.Context, k Key, r Ref) (PortOrder, error) {
	return through(ctx, w.i, OpSubmitPort, k, func(ctx context.Context) (PortOrder, error) { return w.next.SubmitPort(ctx, k, r) })
}

func (w wrappedPorter) TrackPort(ctx context.Context, t Trace) (Finding[[]PortOrder], error) {
	return through(ctx, w.i, OpTrackPort, t.Key, func(ctx context.Context) (Finding[[]PortOrder], error) { return w.next.TrackPort(ctx, t) })
}

func (w wrappedPorter) CancelPort(ctx context.Context, k Key, r Ref, only []nanp.Number) (PortOrder, error) {
	return through(ctx, w.i, OpCancelPort, k, func(ctx context.Context) (PortOrder, error) { return w.next.CancelPort(ctx, k, r, only) })
}

func (w wrappedPortAmender) AmendPort(ctx context.Context, k Key, r Ref, v PortRequest) (PortOrder, error) {
	return through(ctx, w.i, OpAmendPort, k, func(ctx context.Context) (PortOrder, error) { return w.next.AmendPort(ctx, k, r, v) })
}

func (w wrappedPortDocumenter) UploadDocument(ctx context.Context, k Key, d Document) (Uploaded, error) {
	return through(ctx, w.i, OpUploadDocument, k, func(ctx context.Context) (Uploaded, error) { return w.next.UploadDocument(ctx, k, d) })
}

func (w wrappedPortCommenter) ListPortComments(ctx context.Context, r Ref, p Page) (Result[PortComment], error) {
	return through(ctx, w.i, OpListPortComments, "", func(ctx context.Context) (Result[PortComment], error) { return w.next.ListPortComments(ctx, r, p) })
}

func (w wrappedPortCommenter) AddPortComment(ctx context.Context, k Key, r Ref, text secret.String) (PortComment, error) {
	return through(ctx, w.i, OpAddPortComment, k, func(ctx context.Context) (PortComment, error) { return w.next.AddPortComment(ctx, k, r, text) })
}

func (w wrappedPortOuter) ListPortOuts(ctx context.Context, p Page) (Result[PortOut], error) {
	return through(ctx, w.i, OpListPortOuts, "", func(ctx context.Context) (Result[PortOut], error) { return w.next.ListPortOuts(ctx, p) })
}

func (w wrappedPortOuter) AnswerPortOut(ctx context.Context, k Key, r Ref, allow bool, reason string) error {
	return w.i.do(ctx, OpAnswerPortOut, k, func(ctx context.Context) error { return w.next.AnswerPortOut(ctx, k, r, allow, reason) })
}

// Decode has no context: a decoder never calls the carrier.
func (w wrappedHooker) Decode(h Webhook) (hints []Hint, a Answer, err error) {
	err = w.i.do(context.Background(), OpDecodeHook, "", func(context.Context) error {
		hints, a, err = w.next.Decode(h)
		return err
	})
	return hints, a, err
}
