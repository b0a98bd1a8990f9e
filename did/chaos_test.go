package did_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store/work"
)

// A carrier that books whatever it is sent shows every request that is sent
// twice as a second charge.
var keyings = []struct {
	name   string
	keying provider.Keying
	forget bool
}{{"by key", provider.ByKey, false}, {"by thing", provider.ByThing, false}, {"once", provider.Once, false}, {"by nothing", provider.ByNothing, true}}

// Every fault, at each of the first calls of each operation, at carriers of each
// keying: no number is bought twice, the inventory shows what the ledger holds,
// and what cannot be settled waits for a person.
func TestEveryFaultAtEveryCall(t *testing.T) {
	for _, k := range keyings {
		for _, op := range []provider.Op{provider.OpPlace, provider.OpTrack} {
			for _, fault := range sandbox.Faults() {
				for attempt := 1; attempt <= 3; attempt++ {
					t.Run(fmt.Sprintf("%s/%s/%s/%d", k.name, op, fault, attempt), func(t *testing.T) {
						t.Parallel()
						hit := func(o provider.Op, _ provider.Key, n int) sandbox.Fault {
							if o == op && n == attempt {
								return fault
							}
							if o == provider.OpPlace && op == provider.OpTrack && n == 1 {
								return sandbox.ReplyLost // so that there is something to look for
							}
							return sandbox.Polite
						}
						w := newWorld(t, sandbox.Config{Keying: k.keying, Forgetful: k.forget, Chaos: sandbox.Chaos{Script: hit}})
						settles(t, w, w.buy(3))
					})
				}
			}
		}
	}
}

// What a person decides is not put into the carrier's mouth.
func TestGivenUpByAPerson(t *testing.T) {
	w := newWorld(t, sandbox.Config{Forgetful: true, Chaos: sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, _ int) sandbox.Fault {
		if op == provider.OpPlace {
			return sandbox.LostBefore
		}
		return sandbox.Polite
	}}})
	n := w.buy(1)[0]
	w.pass(2 * time.Hour)
	d := w.get(n)
	require.Equal(t, did.Pending, d.Status)
	require.Contains(t, d.Attention, "ask sandbox about order "+string(d.Order))
	require.NoError(t, w.work.Decide(w.ctx, d.Order, work.GiveUp, "Ann asked their support: never seen"))
	d = w.get(n)
	require.Equal(t, did.Failed, d.Status)
	require.Contains(t, d.Attention, "Ann asked their support")
	require.Zero(t, d.Said, "the carrier has said nothing")
}

// Faults at random, in every mixture.
func TestHostileCarrier(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := rapid.SampledFrom(keyings).Draw(rt, "keying")
		chaos := sandbox.Hostile(rapid.Uint64().Draw(rt, "chaos"))
		chaos.Only = []provider.Op{provider.OpPlace, provider.OpTrack}
		w := newWorld(rt, sandbox.Config{Seed: rapid.Uint64().Draw(rt, "seed"), Keying: k.keying, Forgetful: k.forget,
			OrderLines: rapid.IntRange(1, 4).Draw(rt, "lines"), Chaos: chaos})
		settles(rt, w, w.buy(rapid.IntRange(1, 6).Draw(rt, "numbers")))
	})
}

// settles runs the engine long enough for everything, and compares the inventory
// with the ledger.
func settles(t require.TestingT, w *world, ns []nanp.Number) {
	for range 400 {
		w.step()
		w.clock.Advance(10 * time.Second)
	}
	book := w.carrier.Book()
	require.Empty(t, book.Doubled(), "bought twice")
	charged := map[nanp.Number]int{}
	for _, c := range book.Charges {
		charged[c.Number]++
		require.LessOrEqual(t, charged[c.Number], 1, "charged twice for %s", c.Number.Format())
	}
	owned := map[nanp.Number]bool{}
	for _, n := range book.Owned {
		owned[n] = true
	}
	stuck, err := w.work.List(w.ctx, work.Human, provider.Page{})
	require.NoError(t, err)
	withPerson := map[nanp.Number]bool{}
	for _, i := range stuck.Items {
		for _, n := range i.Numbers {
			withPerson[n] = true
		}
	}
	for _, n := range ns {
		d := w.get(n)
		switch d.Status {
		case did.Active:
			require.True(t, owned[n], "%s is ACTIVE and not in the ledger", n.Format())
		case did.Failed:
			require.False(t, owned[n], "%s is FAILED and in the ledger", n.Format())
		default:
			require.True(t, withPerson[n], "%s is %s, and nobody knows", n.Format(), d.Status)
			require.NotEmpty(t, d.Attention)
		}
		delete(owned, n)
	}
	require.Empty(t, owned, "in the ledger and not in the inventory")
}
