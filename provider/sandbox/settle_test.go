package sandbox

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// deed is one operation on names, registrations or devices: what makes it
// possible, the call under a key, and what is found of it.
type deed struct {
	op      provider.Op
	prepare func(d *desk, n nanp.Number)
	call    func(d *desk, ctx context.Context, k provider.Key, n nanp.Number) error
	another func(d *desk, ctx context.Context, k provider.Key, n nanp.Number) error // something else under the key
	found   func(d *desk, t provider.Trace) (provider.Verdict, string)
}

// device is the first one that there ever was.
func (d *desk) device() provider.Ref {
	d.c.mu.RLock()
	defer d.c.mu.RUnlock()
	if all := d.c.state.registrar.Devices(); len(all) > 0 {
		return all[0]
	}
	return ""
}

func deeds() []deed {
	none := func(*desk, nanp.Number) {}
	named := func(d *desk, t provider.Trace) (provider.Verdict, string) {
		f := d.trackName(t)
		return f.Verdict, f.Why
	}
	registered := func(d *desk, t provider.Trace) (provider.Verdict, string) {
		f := d.trackRegistration(t)
		return f.Verdict, f.Why
	}
	placed := func(d *desk, t provider.Trace) (provider.Verdict, string) {
		f := d.trackEndpoint(t)
		return f.Verdict, f.Why
	}
	name := func(text string) func(*desk, context.Context, provider.Key, nanp.Number) error {
		return func(d *desk, ctx context.Context, k provider.Key, n nanp.Number) error {
			_, err := d.Names.SetName(ctx, naming(k, text, n))
			return err
		}
	}
	register := func(second bool) func(*desk, context.Context, provider.Key, nanp.Number) error {
		return func(d *desk, ctx context.Context, k provider.Key, n nanp.Number) error {
			a := typed
			if second {
				a = other
			}
			_, err := d.Emergency.Register(ctx, registering(k, a, n))
			return err
		}
	}
	unregister := func(d *desk, ctx context.Context, k provider.Key, n nanp.Number) error {
		_, err := d.Emergency.Unregister(ctx, k, []nanp.Number{n})
		return err
	}
	set := func(label string) func(*desk, context.Context, provider.Key, nanp.Number) error {
		return func(d *desk, ctx context.Context, k provider.Key, _ nanp.Number) error {
			_, err := d.Endpoints.SetEndpoint(ctx, provider.EndpointRequest{Key: k, Label: label, Address: typed})
			return err
		}
	}
	move := func(d *desk, ctx context.Context, k provider.Key, _ nanp.Number) error {
		_, err := d.Endpoints.SetEndpoint(ctx, provider.EndpointRequest{Key: k, Ref: d.device(), Address: other})
		return err
	}
	remove := func(d *desk, ctx context.Context, k provider.Key, _ nanp.Number) error {
		return d.Endpoints.RemoveEndpoint(ctx, k, d.device())
	}
	here := func(d *desk, _ nanp.Number) {
		d.setEndpoint("before", "", typed)
		d.clk.add(registerMax + registerLag)
	}
	return []deed{
		{provider.OpSetName, none, name("ACME"), name("OTHER"), named},
		{provider.OpRegister, none, register(false), register(true), registered},
		{provider.OpUnregister, func(d *desk, n nanp.Number) {
			d.register("before", typed, n)
			d.clk.add(registerMax + registerLag)
		}, unregister, register(true), registered},
		{provider.OpSetEndpoint, none, set("one"), set("two"), placed},
		{provider.OpSetEndpoint, here, move, remove, placed},
		{provider.OpRemoveEndpoint, here, remove, move, placed},
	}
}

// striking is chaos that tells when it strikes.
func striking(f Fault, hits func(provider.Op, provider.Key, int) bool) (Chaos, <-chan struct{}) {
	struck := make(chan struct{}, 8)
	return Chaos{Script: func(op provider.Op, k provider.Key, attempt int) Fault {
		if !hits(op, k, attempt) {
			return Polite
		}
		struck <- struct{}{}
		return f
	}}, struck
}

// givesUp is a context that ends once a call hangs.
func (d *desk) givesUp(f Fault, struck <-chan struct{}) context.Context {
	if f != Hung && f != HungApplied {
		return ctxOf(d.T)
	}
	ctx, cancel := context.WithCancel(ctxOf(d.T))
	go func() {
		<-struck
		cancel()
	}()
	return ctx
}

// What each fault does to each change: what the caller sees, and what is true.
func TestEveryFaultOfEveryChange(t *testing.T) {
	for _, x := range deeds() {
		for _, c := range []struct {
			fault   Fault
			kind    provider.Kind
			outcome provider.Outcome
			applied int
			found   provider.Verdict // at once
		}{
			{Polite, "", 0, 1, provider.Found},
			{ReplyLost, provider.Unavailable, provider.OutcomeUnknown, 1, provider.Found},
			{FailedBefore, provider.Unavailable, provider.NotApplied, 0, provider.Absent},
			{LostBefore, provider.Unavailable, provider.OutcomeUnknown, 0, provider.Absent},
			{Throttled, provider.RateLimited, provider.NotApplied, 0, provider.Absent},
			{Hung, provider.Unavailable, provider.OutcomeUnknown, 0, provider.Absent},
			{HungApplied, provider.Unavailable, provider.OutcomeUnknown, 1, provider.Found},
			{DeliveredLate, provider.Unavailable, provider.OutcomeUnknown, 1, provider.Absent},
			{UnknownStatus, "", 0, 1, provider.Found},
			{NotSaved, "", 0, 1, provider.Found},
			{Taken, "", 0, 1, provider.Found}, // makes no sense here
		} {
			t.Run(string(x.op)+"/"+string(c.fault), func(t *testing.T) {
				script, struck := striking(c.fault, func(op provider.Op, k provider.Key, attempt int) bool {
					return op == x.op && k == "x" && attempt == 1
				})
				both(t, Config{Chaos: script, Replace: provider.Atomic}, func(d *desk) {
					n := d.find(1)[0]
					d.buy("k1", n)
					x.prepare(d, n)
					err := x.call(d, d.givesUp(c.fault, struck), "x", n)
					if c.kind == "" {
						require.NoError(d, err)
					} else {
						require.Equal(d, x.op, fails(d, err, c.kind, c.outcome).Op)
					}
					if c.applied == 1 { // the caller may be back before the carrier has written
						require.Eventually(d, func() bool { return d.c.Book().Applied(x.op, "x") == 1 }, 5*time.Second, time.Millisecond)
					}
					got, _ := x.found(d, provider.Trace{Key: "x", Numbers: []nanp.Number{n}})
					require.Equal(d, c.found, got)
					d.clk.add(d.Traits.Horizon)
					got, _ = x.found(d, provider.Trace{Key: "x", Numbers: []nanp.Number{n}})
					require.Equal(d, c.applied == 1, got == provider.Found)

					// Sent again under its key it is applied once.
					require.NoError(d, x.call(d, ctxOf(d.T), "x", n))
					require.Equal(d, 1, d.c.Book().Applied(x.op, "x"))
					fails(d, x.another(d, ctxOf(d.T), "x", n), provider.Conflict, provider.NotApplied)
				})
			})
		}
	}
}

func TestSendingAChangeAgainBeforeTheHorizon(t *testing.T) {
	for _, x := range deeds() {
		script := Chaos{Script: func(op provider.Op, k provider.Key, attempt int) Fault {
			if op == x.op && k == "x" && attempt == 1 {
				return DeliveredLate
			}
			return Polite
		}}
		both(t, Config{Chaos: script}, func(d *desk) {
			n := d.find(1)[0]
			d.buy("k1", n)
			x.prepare(d, n)
			fails(d, x.call(d, ctxOf(d.T), "x", n), provider.Unavailable, provider.OutcomeUnknown)
			got, _ := x.found(d, provider.Trace{Key: "x"})
			require.Equal(d, provider.Absent, got)
			require.NoError(d, x.call(d, ctxOf(d.T), "x", n))
			got, _ = x.found(d, provider.Trace{Key: "x"})
			require.Equal(d, provider.Found, got, "it has arrived with this one")
			now := d.clk.Now()
			d.clk.add(d.Traits.Horizon)
			require.Equal(d, 1, d.c.Book().Applied(x.op, "x"))
			for _, b := range slices.Concat(d.c.state.registrar.Keyed(false, "x"), d.c.state.registrar.Keyed(true, "x")) {
				require.Equal(d, now, b.At)
			}
		})
	}
}

func TestChangesAreFoundByWhatTheCarrierKeeps(t *testing.T) {
	for _, x := range deeds() {
		for _, keying := range []provider.Keying{provider.ByNothing, provider.ByThing, provider.ByKey} {
			both(t, Config{Keying: keying, Forgetful: keying == provider.ByNothing, Replace: provider.Atomic}, func(d *desk) {
				n := d.find(1)[0]
				_, err := d.Orders.Place(ctxOf(d.T), ordering("k1", n))
				require.NoError(d, err)
				d.clk.add(settleMax)
				x.prepare(d, n)
				d.clk.add(time.Minute)
				since := d.clk.Now()
				trace := provider.Trace{Key: "x", Numbers: []nanp.Number{n}, Ref: d.device(), Since: since}
				if keying >= provider.ByKey {
					trace.Ref = ""
				}
				before, _ := x.found(d, trace)
				require.NoError(d, x.call(d, ctxOf(d.T), "x", n))
				if d.device() != "" && trace.Ref == "" && keying == provider.ByThing {
					trace.Ref = d.device() // as a person would find it
				}
				after, why := x.found(d, trace)
				if keying == provider.ByNothing {
					require.Equal(d, provider.CannotTell, after)
					require.NotEmpty(d, why)
					return
				}
				require.Equal(d, provider.Found, after, x.op)
				if trace.Ref != "" || x.op != provider.OpSetEndpoint {
					require.NotEqual(d, provider.Found, before)
				}
				d.clk.add(time.Second)
				trace.Since = d.clk.Now()
				trace.Key = "y"
				later, _ := x.found(d, trace)
				require.Equal(d, provider.Absent, later, "%s: nothing was asked for since", x.op)
				trace.Key, trace.Ref, trace.Numbers = "", "", nil
				nothing, why := x.found(d, trace)
				require.Equal(d, provider.CannotTell, nothing)
				require.NotEmpty(d, why)

				if x.op == provider.OpRemoveEndpoint {
					return
				}
				require.NoError(d, x.call(d, ctxOf(d.T), "x", n))
				require.Equal(d, 2, d.c.Book().Applied(x.op, "x"), "%s: this carrier books what it is sent", x.op)
			})
		}
	}
}

func TestSomeOfTheNumbersAreNotTheRequest(t *testing.T) {
	both(t, Config{Keying: provider.ByThing, Foreign: []provider.Capability{provider.CapNames, provider.CapEmergency}}, func(d *desk) {
		ns := d.find(2)
		require.Empty(d, d.setName("n1", "ACME", ns[0]).Ref)
		f := d.trackName(provider.Trace{Numbers: ns})
		require.Equal(d, provider.CannotTell, f.Verdict)
		require.NotEmpty(d, f.Why)
		require.Empty(d, d.register("e1", typed, ns[0]).Ref)
		r := d.trackRegistration(provider.Trace{Numbers: ns})
		require.Equal(d, provider.CannotTell, r.Verdict)
		require.Equal(d, provider.Found, d.trackRegistration(provider.Trace{Numbers: ns[:1]}).Verdict)
		require.Equal(d, provider.ByNothing, d.Traits.Keyed[provider.CapEndpoints])
		require.Equal(d, provider.ByThing, d.Traits.Keyed[provider.CapNames])
	})
}

func TestAcceptedAndNotSaved(t *testing.T) {
	both(t, Config{Chaos: Chaos{Script: func(op provider.Op, k provider.Key, _ int) Fault {
		if k == "lost" {
			return NotSaved
		}
		return Polite
	}}}, func(d *desk) {
		ns := d.find(2)
		d.buy("k1", ns...)
		d.setName("lost", "ACME", ns...)
		d.register("lost", typed, ns...)
		d.clk.add(365 * 24 * time.Hour)
		require.Equal(d, []provider.NameState{provider.NameWaiting, provider.NameListed}, nameStates(d.trackName(provider.Trace{Key: "lost"}).Value))
		require.Equal(d, []provider.RegState{provider.RegWaiting, provider.RegAdjusted}, regStates(d.trackRegistration(provider.Trace{Key: "lost"}).Value))
		require.Equal(d, provider.NameNone, d.readName(ns[0]).State, "whoever reads sees it")
		require.Equal(d, provider.RegNone, d.registration(ns[0]).State)
		require.Equal(d, []Injected{{provider.OpRegister, ns[0].String(), 1, NotSaved}, {provider.OpSetName, ns[0].String(), 1, NotSaved}}, d.c.ChaosLog())

		// Another request may be saved, also where a registration would be in its way.
		d.setName("n2", "ACME", ns[0])
		require.Equal(d, provider.RegWaiting, d.register("e2", typed, ns[0]).Registrations[0].State)
		d.clk.add(registerMax + registerLag)
		require.Equal(d, "ACME", d.readName(ns[0]).Name)
		require.Equal(d, provider.RegAdjusted, d.registration(ns[0]).State)
	})
	d := open(t, Config{Foreign: []provider.Capability{provider.CapNames}, Chaos: Chaos{Rates: map[Fault]float64{NotSaved: 0.5}}})
	lost := 0
	for i := range 100 {
		n, err := nanp.Make(501, 555, 100+i)
		require.NoError(t, err)
		d.setName(provider.Key(n.String()[1:]), "ACME", n)
	}
	d.clk.add(nameMax)
	for i := range 100 {
		n, _ := nanp.Make(501, 555, 100+i)
		if d.readName(n).Name == "" {
			lost++
		}
	}
	require.InDelta(t, 50, lost, 25)
}

// The answers of these operations are data too when nobody knows their words,
// and stale when a replica gives them.
func TestUnknownAndStaleAnswersOfChanges(t *testing.T) {
	var fault Fault
	both(t, Config{Chaos: Chaos{Script: func(provider.Op, provider.Key, int) Fault { return fault }}}, func(d *desk) {
		fault = Polite
		n := d.find(1)[0]
		d.buy("k1", n)
		sent := d.clk.Now()
		d.setName("x", "ACME", n)
		d.register("x", typed, n)
		p := d.setEndpoint("x", "", typed).Endpoint

		fault = StaleRead
		for _, x := range deeds()[:4] {
			got, _ := x.found(d, provider.Trace{Key: "x"})
			if x.op != provider.OpUnregister {
				require.Equal(d, provider.Absent, got, x.op)
			}
		}
		require.True(d, d.trackName(provider.Trace{Key: "x"}).AsOf.Before(sent))
		require.Empty(d, d.endpoints(10))
		require.Equal(d, provider.RegNone, d.registration(n).State)

		fault = UnknownStatus
		unclear := func(is bool, s provider.Said) {
			d.Helper()
			require.True(d, is)
			require.NotEmpty(d, s.Raw)
			for _, w := range nameWords {
				require.NotEqual(d, w, s.Raw)
			}
			for _, w := range regWords {
				require.NotEqual(d, w, s.Raw)
			}
		}
		it := d.readName(n)
		unclear(it.State == provider.NameUnclear, it.Said)
		it = d.trackName(provider.Trace{Key: "x"}).Value.Items[0]
		unclear(it.State == provider.NameUnclear, it.Said)
		it = d.setName("x", "ACME", n).Items[0]
		unclear(it.State == provider.NameUnclear, it.Said)
		reg := d.registration(n)
		unclear(reg.State == provider.RegUnclear, reg.Said)
		reg = d.trackRegistration(provider.Trace{Key: "x"}).Value.Registrations[0]
		unclear(reg.State == provider.RegUnclear, reg.Said)
		reg = d.unregister("u", n).Registrations[0]
		unclear(reg.State == provider.RegUnclear, reg.Said)
		e := d.endpoints(10)[0]
		unclear(e.State == provider.RegUnclear, e.Said)
		e = d.trackEndpoint(provider.Trace{Ref: p.Ref}).Value.Endpoint
		unclear(e.State == provider.RegUnclear, e.Said)
		e = d.setEndpoint("p2", p.Ref, other).Endpoint
		unclear(e.State == provider.RegUnclear, e.Said)
		c := d.check(typed)
		unclear(c.Grade == provider.Ungraded && c.Corrected == nil, c.Said)
		require.Equal(d, provider.Absent, d.trackName(provider.Trace{Key: "none"}).Verdict, "nothing to be unclear about")
		require.Empty(d, d.setEndpoint("p3", "", nowhere).Endpoint)
	})
}

// A disk that fails is no reply, and nothing is booked any more.
func TestChangesOnAFailingDisk(t *testing.T) {
	for _, x := range deeds() {
		d := open(t, Config{Ledger: filepath.Join(t.TempDir(), "ledger"), Replace: provider.Atomic})
		n := d.find(1)[0]
		d.buy("k1", n)
		x.prepare(d, n)
		before := d.c.Book()
		require.NoError(t, d.c.ledger.f.Close())
		require.Equal(t, x.op, fails(t, x.call(d, ctxOf(t), "x", n), provider.Unavailable, provider.OutcomeUnknown).Op)
		fails(t, x.call(d, ctxOf(t), "x", n), provider.Unavailable, provider.NotApplied)
		require.Equal(t, before, d.c.Book())
		d.c.ledger = nil
	}
}

// Many callers with one key: it is applied once, and all are told the same.
func TestConcurrentChangesAreAppliedOnce(t *testing.T) {
	for _, x := range deeds() {
		both(t, Config{Replace: provider.Atomic}, func(d *desk) {
			n := d.find(1)[0]
			d.buy("k1", n)
			x.prepare(d, n)
			got := make(chan error, 16)
			for range cap(got) {
				go func() { got <- x.call(d, ctxOf(d.T), "x", n) }()
			}
			for range cap(got) {
				require.NoError(d, <-got)
			}
			require.Equal(d, 1, d.c.Book().Applied(x.op, "x"))
		})
	}
}

func TestSpeedScalesNamesAndRegistrations(t *testing.T) {
	both(t, Config{Speed: 60, NameReview: true}, func(d *desk) {
		require.Equal(d, (reviewMax+nameMax)/60, d.Traits.Usual[provider.CapNames])
		require.Equal(d, (registerMax+registerLag)/60, d.Traits.Usual[provider.CapEndpoints])
		n := d.find(1)[0]
		d.buy("k1", n)
		d.setName("n1", "ACME", n)
		d.register("e1", typed, n)
		d.clk.add(d.Traits.Usual[provider.CapEmergency])
		require.Equal(d, provider.RegAdjusted, d.registration(n).State)
		d.clk.add(d.Traits.Usual[provider.CapNames])
		require.Equal(d, provider.NameListed, d.readName(n).State)
	})
}

func TestTheConfigOfNamesIsChecked(t *testing.T) {
	for name, cfg := range map[string]Config{
		"proof":   {NameProof: provider.Status + 1},
		"replace": {Replace: provider.Atomic + 1},
		"foreign": {Foreign: []provider.Capability{provider.CapOrders}},
	} {
		_, err := New(cfg)
		require.ErrorContains(t, err, "sandbox: ", name)
	}
	foreign := []provider.Capability{provider.CapNames}
	d := open(t, Config{Foreign: foreign})
	foreign[0] = provider.CapEmergency
	require.True(t, d.Capabilities.Traits.Serves(provider.CapNames))
	require.True(t, d.c.Capabilities().Traits.Serves(provider.CapNames), "what the caller holds may change")
}

// Every read meets every fault that applies to it.
func TestEveryFaultOfTheseReads(t *testing.T) {
	for op, call := range map[provider.Op]func(*desk, context.Context) error{
		provider.OpTrackName: func(d *desk, ctx context.Context) error {
			_, err := d.Names.TrackName(ctx, provider.Trace{Key: "x"})
			return err
		},
		provider.OpReadName: func(d *desk, ctx context.Context) error {
			_, err := d.Names.ReadName(ctx, fiction)
			return err
		},
		provider.OpLookupName: func(d *desk, ctx context.Context) error {
			_, err := d.NameLookup.LookupName(ctx, nanp.MustParse("501-217-4000"))
			return err
		},
		provider.OpCheckAddress: func(d *desk, ctx context.Context) error {
			_, err := d.Addresses.CheckAddress(ctx, typed)
			return err
		},
		provider.OpTrackRegistration: func(d *desk, ctx context.Context) error {
			_, err := d.Emergency.TrackRegistration(ctx, provider.Trace{Key: "x"})
			return err
		},
		provider.OpRegistration: func(d *desk, ctx context.Context) error {
			_, err := d.Emergency.Registration(ctx, fiction)
			return err
		},
		provider.OpTrackEndpoint: func(d *desk, ctx context.Context) error {
			_, err := d.Endpoints.TrackEndpoint(ctx, provider.Trace{Key: "x"})
			return err
		},
		provider.OpListEndpoints: func(d *desk, ctx context.Context) error {
			_, err := d.Endpoints.ListEndpoints(ctx, provider.Page{})
			return err
		},
	} {
		for _, f := range Faults() {
			script, struck := striking(f, func(o provider.Op, _ provider.Key, attempt int) bool { return o == op && attempt == 1 })
			both(t, Config{Chaos: script, Foreign: []provider.Capability{provider.CapNames}}, func(d *desk) {
				err := call(d, d.givesUp(f, struck))
				if !applies(f, op) || f == UnknownStatus || f == StaleRead {
					require.NoError(d, err, "%s: %s", op, f)
					return
				}
				var e *provider.Error
				require.ErrorAs(d, err, &e)
				require.Equal(d, op, e.Op)
				_, passes := provider.Passing(err)
				require.True(d, passes, "%s: %s", op, f)
				require.NotContains(d, err.Error(), "Fifth")
				require.NoError(d, call(d, ctxOf(d.T)), "it may be sent again")
			})
		}
	}
}
