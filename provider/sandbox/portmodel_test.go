package sandbox

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// Any sequence of calls, with any faults: a number is in one place at a time,
// nothing is ours before its port is done, nothing is lost but by a return or a
// port-out, what was true stays true, no key is applied twice, and the ledger
// replays to the same.
func TestAnySequenceOfPortsKeepsEachNumberInOnePlace(t *testing.T) {
	dir := t.TempDir()
	var pool []nanp.Number // some are for sale here too
	first := open(t, Config{})
	for _, l := range []provider.LineType{provider.LineLandline, provider.LineWireless, provider.LineTollFree} {
		pool = append(pool, first.foreign(l, 2)...)
	}
	for n := pool[0]; len(pool) < 9; n, _ = n.Next() {
		if first.c.sells(n) && first.c.stays(n) == "" && !slices.Contains(pool, n) {
			pool = append(pool, n)
		}
	}
	files := 0
	rapid.Check(t, func(t *rapid.T) {
		clk := newClock()
		files++
		var fault Fault // of the next call
		cfg := Config{
			Now: clk.Now, Ledger: fmt.Sprintf("%s/%d", dir, files), HookKey: hookKey,
			PortAtOnce: rapid.Bool().Draw(t, "at once"), SignsLOA: rapid.Bool().Draw(t, "signs"),
			Chaos: Chaos{Script: func(provider.Op, provider.Key, int) Fault { return fault }},
		}
		c, err := New(cfg)
		require.NoError(t, err)
		defer func() { _ = c.Close() }()
		caps := c.Capabilities()
		ctx := context.Background()
		faults := append([]Fault{Polite, Polite, Polite, Polite, Polite}, ReplyLost, FailedBefore, LostBefore, Throttled, DeliveredLate)
		with := func(call func()) {
			fault = rapid.SampledFrom(faults).Draw(t, "fault")
			call()
			fault = Polite
		}
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 1, 3, rapid.ID[nanp.Number])
		key := func(kind string) provider.Key {
			return provider.Key(fmt.Sprintf("%s%d", kind, rapid.IntRange(1, 6).Draw(t, kind)))
		}
		anyPort := func() BookedPort {
			ps := c.Book().Ports
			if len(ps) == 0 {
				return BookedPort{}
			}
			return rapid.SampledFrom(ps).Draw(t, "port")
		}
		request := func(k provider.Key, ns []nanp.Number) provider.PortRequest {
			account, _ := c.LosingAccount(ns[0])
			r := provider.PortRequest{Key: k, Account: secret.New(account), Authorized: secret.New("Ada"), Email: secret.New("ada@example.com"), Service: townHall}
			if rapid.IntRange(0, 4).Draw(t, "wrong") == 0 {
				r.Account = secret.New("wrong")
			}
			for _, n := range ns {
				_, pin := c.LosingAccount(n)
				r.Lines = append(r.Lines, provider.PortLine{Number: n, PIN: secret.New(pin)})
			}
			if up, err := caps.PortDocs.UploadDocument(ctx, k+"d", pdf(string(k))); err == nil && rapid.IntRange(0, 4).Draw(t, "paper") > 0 {
				r.Documents = []provider.Ref{up.Ref}
			}
			return r
		}

		type seen struct {
			ref   provider.Ref
			at    time.Time
			state provider.PortState
		}
		var history []seen
		var owned []nanp.Number
		var ids []string
		check := func(*rapid.T) {
			now := clk.Now()
			b := c.Book()
			require.Empty(t, b.Doubled())
			var listed []nanp.Number
			for o, err := range provider.All(ctx, caps.Owned.ListOwned) {
				require.NoError(t, err)
				listed = append(listed, o.Number)
			}
			require.Equal(t, b.OwnedAt(now), listed)

			places := map[nanp.Number]int{}
			done := map[nanp.Number]bool{}
			for _, n := range listed {
				places[n]++
			}
			for _, p := range b.Ports {
				f, err := caps.Ports.TrackPort(ctx, provider.Trace{Ref: p.Ref})
				require.NoError(t, err)
				state := p.StateAt(now)
				require.Equal(t, state != provider.PortUnclear, f.Verdict == provider.Found)
				if f.Verdict != provider.Found {
					continue
				}
				require.Equal(t, state, f.Value[0].State)
				past := now.Add(-1) // what is true now may still change within this instant
				history = append(history, seen{p.Ref, past, p.StateAt(past)})
				for i, it := range f.Value[0].Items {
					require.Equal(t, it.State == provider.PortDone, reached(p.Lines[i].Gained, now))
					switch it.State {
					case provider.PortDone:
						done[it.Number] = true
					case provider.PortCancelled:
					default:
						places[it.Number]++
					}
				}
			}
			bought := map[nanp.Number]bool{}
			for _, o := range b.Orders {
				f, err := caps.Orders.Track(ctx, provider.Trace{Key: o.Key})
				require.NoError(t, err)
				for _, it := range f.Value.Items {
					if o.Op != provider.OpPlace {
						continue
					}
					bought[it.Number] = bought[it.Number] || it.State != provider.ItemRefused
					if it.State == provider.ItemWaiting {
						places[it.Number]++
					}
				}
			}
			offers, err := caps.Search.Search(ctx, provider.SearchRequest{Exact: pool})
			require.NoError(t, err)
			for _, o := range offers.Items {
				places[o.Number]++
			}
			for n, count := range places {
				require.Equal(t, 1, count, "%s is in %d places", n, count)
			}
			for _, n := range listed {
				require.True(t, done[n] || bought[n], "%s is ours from nowhere", n)
			}
			for _, n := range owned {
				if slices.Contains(listed, n) {
					continue
				}
				gone := slices.Contains(b.LostBy(now), n)
				for _, o := range b.Orders {
					gone = gone || o.Op == provider.OpReturn && slices.ContainsFunc(o.Lines, func(l BookedLine) bool { return l.Number == n && l.State == provider.ItemGone })
				}
				require.True(t, gone, "%s is lost", n)
			}
			owned = listed

			for _, h := range history {
				at := slices.IndexFunc(b.Ports, func(p BookedPort) bool { return p.Ref == h.ref })
				require.Equal(t, h.state, b.Ports[at].StateAt(h.at), "what was true stays true")
			}
			ms, _ := c.Messages(0)
			var told []string
			for _, m := range ms {
				hs, _, err := caps.Hooks.Decode(m)
				require.NoError(t, err)
				told = append(told, hs[0].ID)
			}
			require.GreaterOrEqual(t, len(told), len(ids))
			require.Equal(t, ids, append([]string(nil), told[:len(ids)]...), "what was told stays told")
			ids = told
			for _, e := range b.Events {
				if e.Key != "" {
					require.Equal(t, 1, b.Applied(e.Op, e.Key), "%s %s", e.Op, e.Key)
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"": check,
			"open": func(*rapid.T) {
				r := request(key("o"), some.Draw(t, "numbers"))
				with(func() { _, _ = caps.Ports.OpenPort(ctx, r) })
			},
			"submit": func(*rapid.T) {
				p := anyPort()
				with(func() { _, _ = caps.Ports.SubmitPort(ctx, key("s"), p.Ref) })
			},
			"amend": func(*rapid.T) {
				p := anyPort()
				if p.Ref == "" {
					return
				}
				var ns []nanp.Number
				for _, l := range p.Lines {
					ns = append(ns, l.Number)
				}
				k := key("a")
				r := request(k, ns)
				with(func() { _, _ = caps.PortAmend.AmendPort(ctx, k, p.Ref, r) })
			},
			"cancel": func(*rapid.T) {
				p := anyPort()
				var only []nanp.Number
				for _, l := range p.Lines {
					if rapid.Bool().Draw(t, "only") {
						only = append(only, l.Number)
					}
				}
				with(func() { _, _ = caps.Ports.CancelPort(ctx, key("c"), p.Ref, only) })
			},
			"reject": func(*rapid.T) { _ = c.RejectPort(anyPort().Ref, provider.Rejection{Code: "unknown"}) },
			"move": func(*rapid.T) {
				_ = c.MoveFOC(anyPort().Ref, clk.Now().Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours"))*time.Hour))
			},
			"ask out": func(*rapid.T) {
				_, _ = c.AskPortOut(rapid.SampledFrom(pool).Draw(t, "number"), "Elsewhere Tel", time.Duration(rapid.IntRange(1, 48).Draw(t, "hours"))*time.Hour)
			},
			"answer": func(*rapid.T) {
				outs := c.Book().PortOuts
				if len(outs) == 0 {
					return
				}
				ref := rapid.SampledFrom(outs).Draw(t, "port-out").Ref
				allow := rapid.Bool().Draw(t, "allow")
				with(func() { _ = caps.PortOuts.AnswerPortOut(ctx, key("w"), ref, allow, "why not") })
			},
			"place": func(*rapid.T) {
				r := partial(ordering(key("b"), some.Draw(t, "numbers")...))
				with(func() { _, _ = caps.Orders.Place(ctx, r) })
			},
			"return": func(*rapid.T) {
				r := provider.ReturnRequest{Key: key("r"), Numbers: some.Draw(t, "numbers")}
				with(func() { _, _ = caps.Return.Return(ctx, r) })
			},
			"wait a little": func(*rapid.T) {
				clk.add(time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second)
			},
			"wait":      func(*rapid.T) { clk.add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour) },
			"wait long": func(*rapid.T) { clk.add(20 * 24 * time.Hour) },
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
		clk.add(portMax + 60*24*time.Hour)
		check(t)
		b := c.Book()
		require.Equal(t, b.Owned, b.OwnedAt(clk.Now()), "everything has settled")
	})
}
