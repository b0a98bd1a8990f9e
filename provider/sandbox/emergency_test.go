package sandbox

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

var (
	typed   = postal.Civic{HouseNumber: "350", Street: "Fifth", Suffix: "Avenue", Unit: "Suite 2100", City: "New York", State: "NY", PostalCode: "10118"}
	other   = postal.Civic{HouseNumber: "7", PreDir: "S", Street: "MAIN", Suffix: "ST", City: "LITTLE ROCK", State: "AR", PostalCode: "72201-0001"}
	several = postal.Civic{HouseNumber: "1600", Street: "Elm", Suffix: "St", City: "Dallas", State: "TX", PostalCode: "75201"}
	nowhere = postal.Civic{Street: "PO Box 12", City: "Dallas", State: "ZZ", PostalCode: "752"}
)

func (d *desk) check(a postal.Civic) provider.AddressCheck {
	d.Helper()
	got, err := d.Addresses.CheckAddress(ctxOf(d.T), a)
	require.NoError(d, err)
	return got
}

// good is the address as the registrar keeps it.
func (d *desk) good(a postal.Civic) postal.Civic {
	d.Helper()
	got := d.check(a)
	require.Equal(d, provider.Corrected, got.Grade)
	return *got.Corrected
}

func registering(k provider.Key, a postal.Civic, ns ...nanp.Number) provider.RegisterRequest {
	return provider.RegisterRequest{Key: k, Numbers: ns, Address: a, CallerName: "ACME", Callback: ns[0]}
}

func (d *desk) register(k provider.Key, a postal.Civic, ns ...nanp.Number) provider.RegisterResult {
	d.Helper()
	r, err := d.Emergency.Register(ctxOf(d.T), registering(k, a, ns...))
	require.NoError(d, err)
	return r
}

func (d *desk) unregister(k provider.Key, ns ...nanp.Number) provider.RegisterResult {
	d.Helper()
	r, err := d.Emergency.Unregister(ctxOf(d.T), k, ns)
	require.NoError(d, err)
	return r
}

func (d *desk) trackRegistration(t provider.Trace) provider.Finding[provider.RegisterResult] {
	d.Helper()
	f, err := d.Emergency.TrackRegistration(ctxOf(d.T), t)
	require.NoError(d, err)
	return f
}

func (d *desk) registration(n nanp.Number) provider.Registration {
	d.Helper()
	r, err := d.Emergency.Registration(ctxOf(d.T), n)
	require.NoError(d, err)
	require.Equal(d, n, r.Number)
	return r
}

func regStates(r provider.RegisterResult) []provider.RegState {
	var out []provider.RegState
	for _, reg := range r.Registrations {
		out = append(out, reg.State)
	}
	return out
}

func TestTheRegistrarGradesAddresses(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		c := d.check(typed)
		require.Equal(d, provider.Corrected, c.Grade)
		require.Equal(d, "350 FIFTH AVE, STE 2100", c.Corrected.StreetLine())
		require.True(d, strings.HasPrefix(c.Corrected.PostalCode, "10118-"), c.Corrected.PostalCode)
		require.Equal(d, provider.ID("sandbox"), c.Said.By)
		require.Equal(d, provider.Valid, d.check(*c.Corrected).Grade)

		c = d.check(several)
		require.Equal(d, provider.Ambiguous, c.Grade)
		require.Len(d, c.Candidates, 2)
		for _, a := range c.Candidates {
			require.Equal(d, provider.Valid, d.check(a).Grade)
		}
		c = d.check(nowhere)
		require.Equal(d, provider.Unusable, c.Grade)
		var rules []string
		for _, p := range c.Problems {
			rules = append(rules, p.Field+" "+p.Rule)
			require.NotEmpty(d, p.Text)
		}
		require.Equal(d, []string{"street po-box", "state known", "postal code form"}, rules)
	})
}

func TestARegistrationSettlesByTheClock(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(20)
		d.buy("k1", ns...)
		require.Equal(d, provider.RegNone, d.registration(ns[0]).State)
		a := d.good(typed)
		r := d.register("e1", a, ns...)
		require.NotEmpty(d, r.Ref)
		require.Equal(d, provider.Valid, r.Check.Grade)
		require.Equal(d, provider.RegWaiting, d.registration(ns[0]).State)
		require.Nil(d, d.registration(ns[0]).Address, "nothing is held yet")

		sent, active, slow := d.clk.Now(), map[nanp.Number]bool{}, 0
		for len(active) < len(ns) {
			d.clk.add(time.Second)
			took := d.clk.Now().Sub(sent)
			require.LessOrEqual(d, took, d.Traits.Usual[provider.CapEmergency])
			for _, reg := range d.trackRegistration(provider.Trace{Key: "e1"}).Value.Registrations {
				if reg.State != provider.RegActive || active[reg.Number] {
					continue
				}
				active[reg.Number] = true
				require.Equal(d, a, *reg.Address)
				require.GreaterOrEqual(d, took, registerMin)
				if took > registerMax {
					slow++
				}
			}
		}
		require.Positive(d, slow)
		require.Less(d, slow, len(ns)/2)
		held := d.registration(ns[0])
		require.Equal(d, provider.RegActive, held.State)
		require.Equal(d, a, *held.Address)
		require.Equal(d, r.Ref, held.Ref)
		require.Equal(d, regWords[provider.RegActive], held.Said.Raw)
		require.Len(d, d.c.Book().Registrations(), len(ns))

		u := d.unregister("u1", ns[0])
		require.Equal(d, []provider.RegState{provider.RegRemoving}, regStates(u))
		require.Equal(d, provider.RegRemoving, d.registration(ns[0]).State)
		require.Equal(d, a, *d.registration(ns[0]).Address, "still held")
		require.Equal(d, a, d.c.Book().RegistrationsAt(d.clk.Now())[ns[0]])
		d.clk.add(registerMax)
		require.Equal(d, provider.RegNone, d.registration(ns[0]).State)
		require.Nil(d, d.registration(ns[0]).Address)
		require.Equal(d, []provider.RegState{provider.RegNone}, regStates(d.trackRegistration(provider.Trace{Key: "u1"}).Value))
		require.Equal(d, provider.RegNone, d.trackRegistration(provider.Trace{Key: "e1"}).Value.Registrations[0].State)
		require.Equal(d, []provider.RegState{provider.RegNone}, regStates(d.unregister("u2", ns[0])), "repeating it does no harm")
		require.NotContains(d, d.c.Book().Registrations(), ns[0])
	})
}

func TestAnAddressThatIsNotAsItWasGiven(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		n := d.find(1)[0]
		d.buy("k1", n)
		asGiven := registering("e1", typed, n)
		asGiven.AsGiven = true
		r, err := d.Emergency.Register(ctxOf(d.T), asGiven)
		require.NoError(d, err)
		require.Equal(d, provider.Corrected, r.Check.Grade)
		require.NotNil(d, r.Check.Corrected)
		require.Empty(d, r.Registrations)
		for k, a := range map[provider.Key]postal.Civic{"e2": several, "e3": nowhere} {
			r = d.register(k, a, n)
			require.Empty(d, r.Registrations)
			require.Greater(d, r.Check.Grade, provider.Corrected)
		}
		require.Zero(d, d.c.Book().Count(provider.OpRegister), "nothing took effect")
		require.Equal(d, provider.Absent, d.trackRegistration(provider.Trace{Key: "e2"}).Verdict)

		r = d.register("e1", typed, n) // nothing was applied under this key
		require.Equal(d, provider.Corrected, r.Check.Grade)
		require.Equal(d, provider.RegWaiting, r.Registrations[0].State)
		d.clk.add(registerMax + registerLag)
		held := d.registration(n)
		require.Equal(d, provider.RegAdjusted, held.State)
		require.Equal(d, *r.Check.Corrected, *held.Address)
		f := d.trackRegistration(provider.Trace{Key: "e1"})
		require.Equal(d, provider.RegAdjusted, f.Value.Registrations[0].State)
		require.Equal(d, provider.Corrected, f.Value.Check.Grade)
	})
}

func TestReplacingARegistration(t *testing.T) {
	both(t, Config{Replace: provider.Atomic}, func(d *desk) {
		require.Equal(d, provider.Atomic, d.Traits.Replace)
		n := d.find(1)[0]
		d.buy("k1", n)
		a, b := d.good(typed), d.good(other)
		first := d.register("e1", a, n)
		d.clk.add(registerMax + registerLag)
		wrong := registering("e2", b, n)
		wrong.Replaces = "rg-other"
		r, err := d.Emergency.Register(ctxOf(d.T), wrong)
		require.NoError(d, err)
		require.ErrorIs(d, r.Registrations[0].Err, provider.Precondition)
		right := registering("e3", b, n)
		right.Replaces = first.Ref
		_, err = d.Emergency.Register(ctxOf(d.T), right)
		require.NoError(d, err)
		for moved := false; !moved; d.clk.add(time.Second) {
			held := d.registration(n)
			require.Equal(d, provider.RegActive, held.State, "no gap")
			if moved = *held.Address == b; !moved {
				require.Equal(d, a, *held.Address)
				require.Equal(d, provider.RegWaiting, d.trackRegistration(provider.Trace{Key: "e3"}).Value.Registrations[0].State)
			}
		}
		require.Equal(d, provider.RegActive, d.trackRegistration(provider.Trace{Key: "e3"}).Value.Registrations[0].State)
		require.Equal(d, provider.RegNone, d.trackRegistration(provider.Trace{Key: "e1"}).Value.Registrations[0].State, "replaced")
		require.Equal(d, map[nanp.Number]postal.Civic{n: b}, d.c.Book().Registrations())
	})
	both(t, Config{}, func(d *desk) {
		require.Equal(d, provider.BreakFirst, d.Traits.Replace)
		n := d.find(1)[0]
		d.buy("k1", n)
		a, b := d.good(typed), d.good(other)
		d.register("e1", a, n)
		conflict := func(k provider.Key) {
			r := d.register(k, b, n)
			require.Equal(d, provider.RegFailed, r.Registrations[0].State)
			require.ErrorIs(d, r.Registrations[0].Err, provider.Conflict)
		}
		conflict("e2") // waiting
		d.clk.add(registerMax + registerLag)
		conflict("e3") // active
		d.unregister("u1", n)
		conflict("e4") // ending
		d.clk.add(registerMax)
		d.register("e5", b, n)
		d.clk.add(registerMax + registerLag)
		require.Equal(d, b, *d.registration(n).Address)
	})
}

func TestNumbersThatCannotBeRegistered(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(2)
		d.buy("k1", ns[0])
		r := d.register("e1", d.good(typed), ns...)
		require.Equal(d, provider.RegWaiting, r.Registrations[0].State)
		require.ErrorIs(d, r.Registrations[1].Err, provider.NotYours)
		require.Equal(d, provider.RegNone, d.registration(ns[1]).State)
		require.ErrorIs(d, d.unregister("u1", ns[1]).Registrations[0].Err, provider.NotYours)
		for _, q := range []provider.RegisterRequest{
			{Key: "k", Address: typed}, {Numbers: ns, Address: typed}, {Key: "k", Numbers: ns, Address: typed, Callback: 7},
			{Key: "k", Numbers: ns, Address: typed, CallerName: strings.Repeat("x", 51)}, {Key: "k", Numbers: []nanp.Number{ns[0], ns[0]}, Address: typed},
		} {
			_, err := d.Emergency.Register(ctxOf(d.T), q)
			require.ErrorIs(d, err, provider.Invalid)
			require.Equal(d, provider.NotApplied, provider.OutcomeOf(err))
		}
		_, err := d.Emergency.Unregister(ctxOf(d.T), "", ns)
		fails(d, err, provider.Invalid, provider.NotApplied)
		_, err = d.Emergency.Unregister(ctxOf(d.T), "u", nil)
		fails(d, err, provider.Invalid, provider.NotApplied)
	})
	both(t, Config{Foreign: []provider.Capability{provider.CapEmergency}}, func(d *desk) {
		require.True(d, d.Traits.Serves(provider.CapEmergency) && !d.Traits.Serves(provider.CapNames))
		d.register("e1", d.good(typed), fiction)
		d.clk.add(registerMax + registerLag)
		require.Equal(d, provider.RegActive, d.registration(fiction).State)
		require.ErrorIs(d, d.setName("n1", "ACME", fiction).Items[0].Err, provider.NotYours)
		d.unregister("u1", fiction)
		d.clk.add(registerMax)
		require.Empty(d, d.c.Book().Registrations())
	})
}

func TestARegistrationEndsWithItsNumber(t *testing.T) {
	for _, foreign := range [][]provider.Capability{nil, {provider.CapEmergency}} {
		both(t, Config{Foreign: foreign}, func(d *desk) {
			ns := d.find(2)
			d.buy("k1", ns...)
			d.register("e1", d.good(typed), ns...)
			d.clk.add(registerMax + registerLag)
			o, err := d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: ns[:1]})
			require.NoError(d, err)
			require.Equal(d, provider.RegActive, d.registration(ns[0]).State)
			d.clk.add(o.Again)
			require.Equal(d, provider.RegNone, d.registration(ns[0]).State)
			require.Equal(d, []provider.RegState{provider.RegNone, provider.RegActive}, regStates(d.trackRegistration(provider.Trace{Key: "e1"}).Value))
			require.Len(d, d.c.Book().Registrations(), 1)
			d.clk.add(rest)
			d.buy("k2", ns[0])
			require.Equal(d, provider.RegNone, d.registration(ns[0]).State)
			require.Equal(d, provider.RegWaiting, d.register("e2", d.good(other), ns[0]).Registrations[0].State)
		})
	}
}
