package sandbox

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/registrar"
)

const maxLabel = 64 // characters

// SetEndpoint creates a device, or moves one. A device that moves stays where it
// was until the new place is in force.
func (f face) SetEndpoint(ctx context.Context, r provider.EndpointRequest) (provider.EndpointResult, error) {
	if err := f.key(provider.OpSetEndpoint, r.Key); err != nil {
		return provider.EndpointResult{}, err
	}
	err := caller(r.CallerName, r.Callback)
	if len([]rune(r.Label)) > maxLabel {
		err = field("label", "length", "is longer than 64 characters")
	}
	if err != nil {
		return provider.EndpointResult{}, f.c.invalid(provider.OpSetEndpoint, err)
	}
	return create(ctx, f.c, provider.OpSetEndpoint, string(r.Key), func(cl call) (provider.EndpointResult, error) { return f.c.setEndpoint(r, cl) })
}

// RemoveEndpoint may be repeated.
func (f face) RemoveEndpoint(ctx context.Context, k provider.Key, r provider.Ref) error {
	if err := f.key(provider.OpRemoveEndpoint, k); err != nil {
		return err
	}
	_, err := create(ctx, f.c, provider.OpRemoveEndpoint, string(k), func(cl call) (nothing, error) { return nothing{}, f.c.removeEndpoint(k, r, cl) })
	return err
}

func (f face) TrackEndpoint(ctx context.Context, t provider.Trace) (provider.Finding[provider.EndpointResult], error) {
	return read(ctx, f.c, provider.OpTrackEndpoint, subjectOf(t), locked(f.c, func(v view) (provider.Finding[provider.EndpointResult], error) {
		return f.c.trackEndpoint(t, v), nil
	}))
}

// ListEndpoints answers in the order of creation, without those that have ended.
func (f face) ListEndpoints(ctx context.Context, p provider.Page) (provider.Result[provider.Endpoint], error) {
	at := 0
	if p.Cursor != "" {
		n, err := strconv.Atoi(p.Cursor)
		if err != nil || n <= 0 {
			return provider.Result[provider.Endpoint]{}, f.c.invalid(provider.OpListEndpoints, field("cursor", "known", "is none that this carrier has given out"))
		}
		at = n
	}
	if p.Limit < 0 {
		return provider.Result[provider.Endpoint]{}, f.c.invalid(provider.OpListEndpoints, field("page limit", "range", "is negative"))
	}
	return read(ctx, f.c, provider.OpListEndpoints, p.Cursor, locked(f.c, func(v view) (provider.Result[provider.Endpoint], error) {
		return f.c.listEndpoints(at, f.c.limit(p.Limit), v), nil
	}))
}

func (c *Carrier) setEndpoint(r provider.EndpointRequest, cl call) (provider.EndpointResult, error) {
	v := registrar.Judge(r.Address)
	address, adjusted, ok := v.Registers(false)
	known := c.state.registrar.Keyed(true, r.Key)
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		b := known[0]
		same := ok && b.Address != nil && *b.Address == address && b.Label == r.Label && b.Callback == r.Callback && (r.Ref == "" || r.Ref == b.Device)
		if err := c.placedAlready(b, same, cl); err != nil {
			return provider.EndpointResult{}, err
		}
		return c.placed(b, cl.at), nil
	}
	x := &registrar.Entry{Device: r.Ref, Address: &address, Adjusted: adjusted, CallerName: r.CallerName, Callback: r.Callback, Label: r.Label}
	if r.Ref != "" {
		before, err := c.device(r.Ref, cl)
		if err != nil {
			return provider.EndpointResult{}, err
		}
		if before.State == provider.RegRemoving {
			return provider.EndpointResult{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "the device is being removed")
		}
	}
	if !ok {
		return provider.EndpointResult{Check: c.check(v, cl.at)}, nil
	}
	ref := provider.Ref(c.ref("em", string(r.Key), len(known)))
	if x.Device == "" {
		x.Device = provider.Ref(c.ref("ep", string(r.Key), len(known)))
	}
	x.SIPFrom = c.ref("sip", string(x.Device), 0)
	x.Geolocation = c.ref("geo", string(ref), 0)
	x.Lines = []registrar.Line{{Active: cl.at.Add(c.cfg.real(c.registers(string(x.Device), r.Key)))}}
	if err := c.commit(entry{Op: cl.op, At: cl.at, Key: r.Key, Ref: ref, Attempt: cl.attempt, Fault: cl.fault, E911: x}); err != nil {
		return provider.EndpointResult{}, c.broken(cl.op, err)
	}
	made := c.state.registrar.Keyed(true, r.Key)
	return c.placed(made[len(made)-1], cl.at), nil
}

// device is what is known of a device that was named; NotFound when it never was
// there, or is not there any more.
func (c *Carrier) device(r provider.Ref, cl call) (registrar.Holding, error) {
	h, known := c.state.registrar.Device(r, cl.now)
	if !known || h.State == provider.RegNone {
		return h, c.fail(cl.op, provider.NotFound, provider.NotApplied, "there is no device with this reference")
	}
	return h, nil
}

func (c *Carrier) removeEndpoint(k provider.Key, r provider.Ref, cl call) error {
	known := c.state.registrar.Keyed(true, k)
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		return c.placedAlready(known[0], known[0].Address == nil && known[0].Device == r, cl)
	}
	h, there := c.state.registrar.Device(r, cl.now)
	switch {
	case !there:
		return c.fail(cl.op, provider.NotFound, provider.NotApplied, "there is no device with this reference")
	case h.State == provider.RegNone, h.State == provider.RegRemoving:
		return nil
	}
	e := entry{
		Op: cl.op, At: cl.at, Key: k, Attempt: cl.attempt, Fault: cl.fault,
		Ref:  provider.Ref(c.ref("er", string(k), len(known))),
		E911: &registrar.Entry{Device: r, Lines: []registrar.Line{{Gone: cl.at.Add(c.cfg.real(c.ends(string(r), k)))}}},
	}
	if err := c.commit(e); err != nil {
		return c.broken(cl.op, err)
	}
	return nil
}

// placedAlready answers a key that was used.
func (c *Carrier) placedAlready(b *registrar.Booking, same bool, cl call) error {
	if !same {
		return c.fail(cl.op, provider.Conflict, provider.NotApplied, "this key was used for something else")
	}
	return c.overtake(cl, b.At, b.Key, b.Ref)
}

// placed is what the carrier says about a booking of a device at t.
func (c *Carrier) placed(b *registrar.Booking, t time.Time) provider.EndpointResult {
	return provider.EndpointResult{Endpoint: c.endpoint(c.state.registrar.At(b.Steps[0], t), t), Check: c.checkOf(b, t)}
}

// endpoint shows a device as a step of it left it. One that ended shows the last
// place that it had been given.
func (c *Carrier) endpoint(h registrar.Holding, t time.Time) provider.Endpoint {
	of := h.By.Of
	out := provider.Endpoint{Ref: of.Device, State: h.State, Address: h.Address, Said: c.said(regWords[h.State], t)}
	if of.Address == nil {
		if of = c.state.registrar.Place(of.Device, t); of == nil {
			return out
		}
	}
	out.Label, out.Callback, out.SIPFrom, out.Geolocation = of.Label, of.Callback, of.SIPFrom, of.Geolocation
	return out
}

func (c *Carrier) trackEndpoint(t provider.Trace, v view) provider.Finding[provider.EndpointResult] {
	absent := provider.Finding[provider.EndpointResult]{Verdict: provider.Absent, AsOf: v.at}
	byKey := c.cfg.Keying >= provider.ByKey && t.Key != ""
	switch {
	case c.cfg.Keying == provider.ByNothing:
		return provider.Finding[provider.EndpointResult]{AsOf: v.at, Why: "this carrier keeps nothing by which a device could be found again"}
	case t.Removal:
		return c.trackNoEndpoint(t, v)
	case byKey:
		if b := c.state.registrar.FindDevice(t.Key, v.at); b != nil {
			return provider.FoundAs(c.placed(b, v.at), v.at)
		}
		return absent
	case t.Ref == "":
		return provider.Finding[provider.EndpointResult]{AsOf: v.at, Why: deviceless}
	}
	if st := c.state.registrar.LatestOf(t.Ref, t.Since, v.at); st != nil {
		return provider.FoundAs(c.placed(st.Of, v.at), v.at)
	}
	return absent
}

const deviceless = "this carrier finds devices by their references, and none was given"

// trackNoEndpoint looks for what was booked under the key, and then at what is left:
// taking away what is not there any more books nothing.
func (c *Carrier) trackNoEndpoint(t provider.Trace, v view) provider.Finding[provider.EndpointResult] {
	if b := c.state.registrar.FindDeviceEnd(t.Key, v.at); b != nil && c.cfg.Keying >= provider.ByKey {
		return provider.FoundAs(c.placed(b, v.at), v.at)
	}
	if t.Ref == "" && c.cfg.Keying == provider.ByThing {
		return provider.Finding[provider.EndpointResult]{AsOf: v.at, Why: deviceless}
	}
	h, _ := c.state.registrar.Device(t.Ref, v.at)
	if t.Ref == "" || !ending(h.State) {
		return provider.Finding[provider.EndpointResult]{Verdict: provider.Absent, AsOf: v.at}
	}
	left := provider.Endpoint{Ref: t.Ref, State: h.State, Said: c.said(regWords[h.State], v.at)}
	if h.By != nil {
		left = c.endpoint(h, v.at)
	}
	return provider.FoundAs(provider.EndpointResult{Endpoint: left}, v.at)
}

func (c *Carrier) listEndpoints(at, limit int, v view) (out provider.Result[provider.Endpoint]) {
	all := c.state.registrar.Devices()
	for i := min(at, len(all)); i < len(all); i++ {
		h, known := c.state.registrar.Device(all[i], v.at)
		if !known || h.By == nil {
			continue
		}
		if len(out.Items) == limit {
			out.Next = strconv.Itoa(i)
			break
		}
		out.Items = append(out.Items, c.endpoint(h, v.at))
	}
	return out
}

func serveEndpoints(mux *http.ServeMux, c *Carrier) {
	f := face{c}
	serve(mux, c, provider.OpSetEndpoint, f.SetEndpoint)
	serve(mux, c, provider.OpRemoveEndpoint, func(ctx context.Context, a argsKeyRef) (nothing, error) {
		return nothing{}, f.RemoveEndpoint(ctx, a.Key, a.Ref)
	})
	serve(mux, c, provider.OpTrackEndpoint, f.TrackEndpoint)
	serve(mux, c, provider.OpListEndpoints, f.ListEndpoints)
}

func (r remote) SetEndpoint(ctx context.Context, q provider.EndpointRequest) (provider.EndpointResult, error) {
	return send[provider.EndpointResult](ctx, r.c, provider.OpSetEndpoint, q)
}

func (r remote) RemoveEndpoint(ctx context.Context, k provider.Key, ref provider.Ref) error {
	_, err := send[nothing](ctx, r.c, provider.OpRemoveEndpoint, argsKeyRef{k, ref})
	return err
}

func (r remote) TrackEndpoint(ctx context.Context, t provider.Trace) (provider.Finding[provider.EndpointResult], error) {
	return send[provider.Finding[provider.EndpointResult]](ctx, r.c, provider.OpTrackEndpoint, t)
}

func (r remote) ListEndpoints(ctx context.Context, p provider.Page) (provider.Result[provider.Endpoint], error) {
	return send[provider.Result[provider.Endpoint]](ctx, r.c, provider.OpListEndpoints, p)
}
