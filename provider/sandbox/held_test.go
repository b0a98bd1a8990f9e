package sandbox

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/registrar"
)

// Any sequence of changes of names, registrations and devices, with any faults:
// what the carrier says is what its book says, no key is applied twice, what was
// asked for last is what is held in the end, and the ledger replays to the same.
func TestAnySequenceOfChangesKeepsTheBookTrue(t *testing.T) {
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(t *rapid.T) {
		clk := newClock()
		files++
		var fault Fault // of the next call
		cfg := Config{
			Now: clk.Now, Ledger: fmt.Sprintf("%s/%d", dir, files), NameReview: rapid.IntRange(0, 4).Draw(t, "review") == 0,
			Replace: rapid.SampledFrom([]provider.ReplaceMode{provider.Atomic, provider.BreakFirst}).Draw(t, "replace"),
			Chaos:   Chaos{Script: func(provider.Op, provider.Key, int) Fault { return fault }},
		}
		if rapid.Bool().Draw(t, "foreign") {
			cfg.Foreign = []provider.Capability{provider.CapNames, provider.CapEmergency}
		}
		c, err := New(cfg)
		require.NoError(t, err)
		defer func() { _ = c.Close() }()
		caps := c.Capabilities()
		ctx := context.Background()

		// Two numbers stay, two may be returned, one never is ours.
		var ns []nanp.Number
		for n := nanp.MustParse("5012170000"); len(ns) < 5; n, _ = n.Next() {
			if c.sells(n) {
				ns = append(ns, n)
			}
		}
		stay := ns[:2]
		_, err = caps.Orders.Place(ctx, ordering("o", ns[:4]...))
		require.NoError(t, err)
		clk.add(settleMax)

		// The content of a request follows from its key.
		places := []postal.Civic{registrar.Judge(typed).Master, registrar.Judge(other).Master, registrar.Judge(several).Candidates[0]}
		digit := rapid.IntRange(0, 9)
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(ns), 1, 3, rapid.ID[nanp.Number])
		numbers := map[provider.Key][]nanp.Number{}
		about := func(k provider.Key) []nanp.Number {
			if numbers[k] == nil {
				numbers[k] = some.Draw(t, "numbers")
			}
			return numbers[k]
		}
		nameOf := func(k provider.Key) string {
			if k[1] == '0' {
				return ""
			}
			return "NAME " + string(k)
		}
		placeOf := func(k provider.Key) postal.Civic { return places[int(k[1]-'0')%len(places)] }
		key := func(kind string) provider.Key { return provider.Key(fmt.Sprint(kind, digit.Draw(t, kind))) }
		faults := []Fault{Polite, Polite, Polite, Polite, ReplyLost, FailedBefore, LostBefore, Throttled, DeliveredLate}
		with := func(call func() error) {
			fault = rapid.SampledFrom(faults).Draw(t, "fault")
			err := call()
			fault = Polite
			var e *provider.Error
			if err != nil {
				require.ErrorAs(t, err, &e)
			}
		}
		check := func(*rapid.T) {
			now := clk.Now()
			b := c.Book()
			for _, e := range b.Events {
				require.Equal(t, 1, b.Applied(e.Op, e.Key), "%s %s", e.Op, e.Key)
			}
			held, registered := b.NamesAt(now), b.RegistrationsAt(now)
			owned := b.OwnedAt(now)
			for _, n := range ns {
				it, err := caps.Names.ReadName(ctx, n)
				if cfg.Foreign == nil && err != nil {
					require.NotContains(t, owned, n)
					require.NotContains(t, held, n)
				} else {
					require.NoError(t, err)
					require.Equal(t, held[n], it.Name)
				}
				reg, err := caps.Emergency.Registration(ctx, n)
				require.NoError(t, err)
				at, is := registered[n]
				require.Equal(t, is, reg.Address != nil)
				if is {
					require.Equal(t, at, *reg.Address)
					require.Contains(t, []provider.RegState{provider.RegActive, provider.RegRemoving}, reg.State)
				} else {
					require.Contains(t, []provider.RegState{provider.RegNone, provider.RegWaiting, provider.RegRemoving}, reg.State)
				}
			}
			for k := range numbers {
				f, err := caps.Names.TrackName(ctx, provider.Trace{Key: k})
				require.NoError(t, err)
				for _, it := range f.Value.Items {
					require.Equal(t, held[it.Number], it.Name)
				}
				r, err := caps.Emergency.TrackRegistration(ctx, provider.Trace{Key: k})
				require.NoError(t, err)
				for _, reg := range r.Value.Registrations {
					if reg.State == provider.RegActive {
						require.Equal(t, registered[reg.Number], placeOf(k))
					}
				}
			}
			devices := map[provider.Ref]postal.Civic{}
			for e, err := range provider.All(ctx, func(ctx context.Context, p provider.Page) (provider.Result[provider.Endpoint], error) {
				p.Limit = 2
				return caps.Endpoints.ListEndpoints(ctx, p)
			}) {
				require.NoError(t, err)
				if e.Address != nil {
					devices[e.Ref] = *e.Address
				}
			}
			require.Equal(t, b.EndpointsAt(now), devices)
		}
		t.Repeat(map[string]func(*rapid.T){
			"": check,
			"name": func(*rapid.T) {
				k := key("n")
				with(func() error { _, err := caps.Names.SetName(ctx, naming(k, nameOf(k), about(k)...)); return err })
			},
			"register": func(*rapid.T) {
				k := key("e")
				with(func() error {
					_, err := caps.Emergency.Register(ctx, registering(k, placeOf(k), about(k)...))
					return err
				})
			},
			"unregister": func(*rapid.T) {
				k := key("u")
				with(func() error { _, err := caps.Emergency.Unregister(ctx, k, about(k)); return err })
			},
			"return": func(*rapid.T) {
				with(func() error {
					_, err := caps.Return.Return(ctx, provider.ReturnRequest{Key: key("r"), Numbers: ns[2:4]})
					return err
				})
			},
			"place": func(*rapid.T) {
				k := key("p")
				with(func() error {
					_, err := caps.Endpoints.SetEndpoint(ctx, provider.EndpointRequest{Key: k, Address: placeOf(k)})
					return err
				})
			},
			"move or remove": func(*rapid.T) {
				all := c.state.registrar.Devices()
				if len(all) == 0 {
					return
				}
				k, r := key("m"), rapid.SampledFrom(all).Draw(t, "device")
				with(func() error {
					if rapid.Bool().Draw(t, "remove") {
						return caps.Endpoints.RemoveEndpoint(ctx, k+"r", r)
					}
					_, err := caps.Endpoints.SetEndpoint(ctx, provider.EndpointRequest{Key: k, Ref: r, Address: placeOf(k)})
					return err
				})
			},
			"wait": func(*rapid.T) {
				clk.add(time.Duration(rapid.IntRange(1, 90_000).Draw(t, "ms")) * time.Millisecond)
			},
			"wait long": func(*rapid.T) { clk.add(reviewMax) },
			"restart": func(*rapid.T) {
				before := c.Book()
				require.NoError(t, c.Close())
				read, err := ReadLedger(cfg.Ledger)
				require.NoError(t, err)
				require.Equal(t, before, read)
				c, err = New(cfg)
				require.NoError(t, err)
				caps = c.Capabilities()
				require.Equal(t, before, c.Book())
			},
		})
		clk.add(cfg.Horizon + 2*time.Hour)
		check(t)

		// What was asked for last is what is held.
		b := c.Book()
		for _, n := range stay {
			name, place := last(b, n, func(e Event) time.Time {
				switch e.Op {
				case provider.OpSetName:
					return c.state.names.Keyed(e.Key)[0].At
				}
				return time.Time{}
			}), last(b, n, func(e Event) time.Time {
				switch e.Op {
				case provider.OpRegister, provider.OpUnregister:
					return c.state.registrar.Keyed(false, e.Key)[0].At
				}
				return time.Time{}
			})
			want := ""
			if name.Key != "" {
				want = nameOf(name.Key)
			}
			require.Equal(t, want, b.Names()[n])
			if got, is := b.Registrations()[n]; cfg.Replace == provider.Atomic {
				require.Equal(t, place.Op == provider.OpRegister, is)
				if is {
					require.Equal(t, placeOf(place.Key), got)
				}
			}
		}
	})
}

// last is the event about a number that took effect last.
func last(b Book, n nanp.Number, at func(Event) time.Time) (out Event) {
	var when time.Time
	for _, e := range b.Events {
		for _, x := range e.Numbers {
			if t := at(e); x == n && !t.IsZero() && !t.Before(when) {
				out, when = e, t
			}
		}
	}
	return out
}
