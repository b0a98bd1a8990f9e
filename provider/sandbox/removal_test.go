package sandbox

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

var keyings = []provider.Keying{provider.ByNothing, provider.ByThing, provider.ByKey, provider.Once}

// removal is one kind of thing that can be taken away, and how it is looked at.
type removal struct {
	op     provider.Op
	set    func(d *desk, n nanp.Number) provider.Ref
	remove func(d *desk, k provider.Key, n nanp.Number, r provider.Ref) error
	track  func(d *desk, t provider.Trace) (v provider.Verdict, state string)
}

var removals = map[string]removal{
	"a name": {provider.OpSetName,
		func(d *desk, n nanp.Number) provider.Ref { return d.setName("set", "ACME", n).Ref },
		func(d *desk, k provider.Key, n nanp.Number, _ provider.Ref) error {
			_, err := d.Names.SetName(ctxOf(d.T), naming(k, "", n))
			return err
		},
		func(d *desk, t provider.Trace) (provider.Verdict, string) {
			f := d.trackName(t)
			if f.Verdict != provider.Found {
				return f.Verdict, ""
			}
			return f.Verdict, string(f.Value.Items[0].Said.Raw)
		}},
	"a registration": {provider.OpUnregister,
		func(d *desk, n nanp.Number) provider.Ref { return d.register("set", d.good(typed), n).Ref },
		func(d *desk, k provider.Key, n nanp.Number, _ provider.Ref) error {
			_, err := d.Emergency.Unregister(ctxOf(d.T), k, []nanp.Number{n})
			return err
		},
		func(d *desk, t provider.Trace) (provider.Verdict, string) {
			f := d.trackRegistration(t)
			if f.Verdict != provider.Found {
				return f.Verdict, ""
			}
			return f.Verdict, string(f.Value.Registrations[0].Said.Raw)
		}},
	"a device": {provider.OpRemoveEndpoint,
		func(d *desk, n nanp.Number) provider.Ref { return d.setEndpoint("set", "", d.good(typed)).Endpoint.Ref },
		func(d *desk, k provider.Key, _ nanp.Number, r provider.Ref) error {
			return d.Endpoints.RemoveEndpoint(ctxOf(d.T), k, r)
		},
		func(d *desk, t provider.Trace) (provider.Verdict, string) {
			f := d.trackEndpoint(t)
			if f.Verdict != provider.Found {
				return f.Verdict, ""
			}
			return f.Verdict, string(f.Value.Endpoint.Said.Raw)
		}},
}

var (
	going = map[string]string{"a name": "sent", "a registration": "deprovisioning", "a device": "deprovisioning"}
	gone  = map[string]string{"a name": "no-name", "a registration": "unregistered", "a device": "unregistered"}
)

// A removal whose answer is lost is found by whatever the carrier keeps, and one
// that never arrived is not; what was set is never taken for a removal.
func TestRemovalsAreFound(t *testing.T) {
	for what, x := range removals {
		for _, k := range keyings {
			t.Run(fmt.Sprint(what, ", keying ", k), func(t *testing.T) {
				cfg := Config{Keying: k, Forgetful: k == provider.ByNothing}
				cfg.Chaos = Chaos{Script: func(op provider.Op, key provider.Key, attempt int) Fault {
					switch {
					case op == x.op && key == "never":
						return LostBefore
					case op == x.op && key == "lost":
						return ReplyLost
					}
					return Polite
				}}
				both(t, cfg, func(d *desk) {
					n := d.find(1)[0]
					if k == provider.ByNothing {
						_, err := d.Orders.Place(ctxOf(d.T), ordering("buy", n))
						require.NoError(d, err)
						d.clk.add(settleMax)
					} else {
						d.buy("buy", n)
					}
					ref := x.set(d, n)
					d.clk.add(registerMax + registerLag)
					look := func(k provider.Key) (provider.Verdict, string) {
						tr := provider.Trace{Key: k, Numbers: []nanp.Number{n}, Removal: true}
						if what == "a device" {
							tr.Ref = ref
						}
						return x.track(d, tr)
					}
					is := func(k provider.Key, want provider.Verdict, said string) {
						d.Helper()
						if cfg.Forgetful {
							want, said = provider.CannotTell, ""
						}
						v, raw := look(k)
						require.Equal(d, want, v)
						require.Equal(d, said, raw)
					}
					is("set", provider.Absent, "")
					require.Error(d, x.remove(d, "never", n, ref))
					is("never", provider.Absent, "")
					require.Error(d, x.remove(d, "lost", n, ref))
					is("lost", provider.Found, going[what])
					d.clk.add(registerMax)
					is("lost", provider.Found, gone[what])
				})
			})
		}
	}
}

// Something that is set after a removal is no removal, and the account that never
// had anything has nothing left.
func TestWhatIsLeftIsLookedAt(t *testing.T) {
	both(t, Config{Keying: provider.ByThing}, func(d *desk) {
		ns := d.find(2)
		d.buy("buy", ns...)
		tr := provider.Trace{Numbers: ns, Removal: true}
		require.Equal(d, provider.Found, d.trackName(tr).Verdict)
		require.Equal(d, provider.Found, d.trackRegistration(tr).Verdict)

		d.setName("a", "ACME", ns[0])
		d.register("a", d.good(typed), ns[0])
		require.Equal(d, provider.CannotTell, d.trackName(tr).Verdict, "one of them has a name to come")
		require.Equal(d, provider.CannotTell, d.trackRegistration(tr).Verdict)
		tr.Numbers = ns[:1]
		require.Equal(d, provider.Absent, d.trackName(tr).Verdict)
		require.Equal(d, provider.Absent, d.trackRegistration(tr).Verdict)

		d.setName("b", "", ns[0])
		d.setName("c", "1234567890123456", ns[0]) // refused: it changes nothing
		require.Equal(d, provider.NameWaiting, d.trackName(tr).Value.Items[0].State)
		d.setName("d", "ACME", ns[0])
		require.Equal(d, provider.Absent, d.trackName(tr).Verdict)
		d.clk.add(nameMax)
		require.Equal(d, provider.Absent, d.trackName(tr).Verdict)

		f := d.trackEndpoint(provider.Trace{Ref: "ep-none", Removal: true})
		require.Equal(d, provider.Found, f.Verdict)
		require.Equal(d, provider.RegNone, f.Value.Endpoint.State)
		require.Equal(d, provider.CannotTell, d.trackEndpoint(provider.Trace{Key: "k", Removal: true}).Verdict)
	})
}
