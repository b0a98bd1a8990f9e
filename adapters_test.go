package numberdesk_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/store/work"
	"github.com/numberdesk/numberdesk/vanity"
)

var hostileTrios = flag.Int("trios", 2, "seeds of hostile carriers beneath the three adapters")

// One search over three carriers: one answers at once, one late, one is down. What the
// first and the second both have is shown once.
func TestAdaptersAreSearched(t *testing.T) {
	x := newTrio(t, plan{seeds: map[provider.ID]uint64{telnyxID: 7, bandwidthID: 7, twilioID: 7}})
	x.doors[twilioID].shut()
	late := make(chan struct{})
	x.doors[bandwidthID].until(late)
	some := x.pick(telnyxID, 1)[0].Number
	ending := vanity.MustCompile(some.NPA().String() + "-" + some.NXX().String() + "-XX77")
	search, err := x.Market.Search(x.ctx, market.Query{State: "AR", Pattern: ending, Want: 1000})
	require.NoError(t, err)
	var offers []market.Offer
	per := map[provider.ID]int{}
	for o, err := range search.Offers() {
		require.NoError(t, err)
		if len(offers) == 0 {
			require.Equal(t, telnyxID, o.Carrier, "nobody else has answered")
			close(late)
		}
		offers = append(offers, o)
		per[o.Carrier]++
	}
	require.NotEmpty(t, offers)
	seen := map[nanp.Number]bool{}
	for _, o := range offers {
		require.False(t, seen[o.Number], "%s is offered twice", o.Number.Format())
		seen[o.Number] = true
	}
	r := search.Report()
	require.Len(t, offers, r.Shown)
	lines := map[provider.ID]market.CarrierReport{}
	for _, c := range r.Carriers {
		lines[c.Carrier] = c
	}
	for _, id := range []provider.ID{telnyxID, bandwidthID} {
		require.NoError(t, lines[id].Err)
		require.Equal(t, per[id], lines[id].Shown)
	}
	require.Positive(t, lines[bandwidthID].Found)
	require.Positive(t, lines[telnyxID].Duplicates+lines[bandwidthID].Duplicates, "both have the same numbers")
	require.ErrorIs(t, lines[twilioID].Err, provider.Unavailable)
	require.Zero(t, lines[twilioID].Shown)
}

// A purchase goes to the carriers that offered, in orders as large as each of them
// takes, and what comes after it to the carrier that has the number.
func TestAdaptersSellThousands(t *testing.T) {
	x := newTrio(t, plan{})
	want := map[provider.ID]int{telnyxID: 1000, bandwidthID: 1000, twilioID: 60}
	b := x.buy()
	for _, id := range threeAdapters {
		b = b.and(x.buy(x.gather(id, want[id])))
	}
	x.rest()
	for id, n := range want {
		require.Equal(t, map[did.Status]int{did.Active: n}, x.status(b, id), id)
		lines := creating[id].lines
		require.Len(t, b.orders[id], (n+lines-1)/lines)
		require.Len(t, x.doors[id].creations(""), (n+lines-1)/lines, "requests that buy at %s", id)
		require.Equal(t, x.boxes[id].Book().Owned, x.listed(id))
	}
	x.sound(b)
	x.sparing(b)
}

// One purchase holds numbers of all carriers.
func TestAdaptersSellTogether(t *testing.T) {
	x := newTrio(t, plan{})
	search, err := x.Market.Search(x.ctx, market.Query{State: "TX", Want: 120})
	require.NoError(t, err)
	offers, err := search.All()
	require.NoError(t, err)
	b := x.buy(offers)
	require.Len(t, b.orders, 3)
	x.rest()
	for _, id := range threeAdapters {
		require.Equal(t, map[did.Status]int{did.Active: 40}, x.status(b, id), id)
		require.Len(t, x.doors[id].creations(""), (40+creating[id].lines-1)/creating[id].lines)
	}
	x.sound(b)
	x.sparing(b)
}

// The first attempt of every order goes wrong in one way, at all carriers. It is sent
// again where it is proven that nothing can arrive any more, and nowhere else.
func TestAdaptersLoseAnswers(t *testing.T) {
	for fault, requests := range map[sandbox.Fault]int{
		sandbox.ReplyLost: 1, sandbox.DeliveredLate: 1, sandbox.HungApplied: 1, sandbox.LostBefore: 2, sandbox.Hung: 2, sandbox.FailedBefore: 2,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			x := newTrio(t, plan{timeout: 2 * time.Second, chaos: func(provider.ID) sandbox.Chaos {
				return sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, attempt int) sandbox.Fault {
					if op == provider.OpPlace && attempt == 1 {
						return fault
					}
					return sandbox.Polite
				}}
			}})
			b := x.buy(x.pick(telnyxID, 6), x.pick(bandwidthID, 6), x.pick(twilioID, 6))
			x.rest()
			for _, id := range threeAdapters {
				require.Equal(t, map[did.Status]int{did.Active: 6}, x.status(b, id), id)
				for _, o := range b.orders[id] {
					at := x.doors[id].creations(provider.Key(o))
					require.Len(t, at, requests, "requests for one order at %s", id)
					if requests == 2 && fault != sandbox.FailedBefore {
						require.Greater(t, at[1].Sub(at[0]), grace, "sent again at %s before it was proven that nothing can arrive", id)
					}
				}
			}
			x.sound(b)
			x.sparing(b)
		})
	}
}

// Two of the three hold numbers, and an order names what is held. The third says why not.
func TestAdaptersHold(t *testing.T) {
	x := newTrio(t, plan{})
	require.ErrorIs(t, x.DIDs.Hold(x.ctx, x.pick(twilioID, 1)), provider.Unsupported)
	lot := x.pick(bandwidthID, 3)
	require.NoError(t, x.DIDs.Hold(x.ctx, lot))
	require.NoError(t, x.DIDs.Hold(x.ctx, x.pick(telnyxID, 3)))
	x.step()
	require.Equal(t, map[did.HoldState]int{did.HoldHeld: 6}, x.holds())
	b := x.buy(lot)
	x.rest()
	require.Equal(t, map[did.Status]int{did.Active: 3}, x.status(b, bandwidthID), x.whys(b, bandwidthID))
	x.sound(b)
	x.sparing(b)
}

// holds are how many holds stand where.
func (x *trio) holds() map[did.HoldState]int {
	out := map[did.HoldState]int{}
	page, err := x.DIDs.Holds(x.ctx, provider.Page{Limit: 100})
	require.NoError(x.t, err)
	for _, h := range page.Items {
		out[h.State]++
	}
	return out
}

// Everything goes wrong at once, at all carriers, by chance, at the rates and with the
// waits that the adapters keep by themselves.
func TestAdaptersAtHostileCarriers(t *testing.T) {
	for seed := range uint64(*hostileTrios) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTrio(t, plan{bubble: true, chaos: func(provider.ID) sandbox.Chaos { return sandbox.Hostile(seed) }})
				b := x.buy(x.pick(telnyxID, 30), x.pick(bandwidthID, 40), x.pick(twilioID, 30))
				stop := x.run()
				x.sleep(b)
				x.sound(b)
				x.sparing(b)
				for _, id := range threeAdapters {
					t.Log(id, x.status(b, id), len(x.doors[id].creations("")), "requests that buy,", x.doors[id].requests(), "in all,", len(x.boxes[id].ChaosLog()), "faults")
				}
				stop()
			})
		})
	}
}

// The same over sockets, where time is moved.
func TestAdaptersAtHostileCarriersOverSockets(t *testing.T) {
	x := newTrio(t, plan{timeout: 500 * time.Millisecond, chaos: func(id provider.ID) sandbox.Chaos {
		c := sandbox.Hostile(1)
		delete(c.Rates, sandbox.Throttled) // an adapter waits for its turn in real time
		return c
	}})
	b := x.buy(x.pick(telnyxID, 20), x.pick(bandwidthID, 30), x.pick(twilioID, 8))
	x.rest()
	x.sound(b)
	x.sparing(b)
}

// A message makes the look come at once, however often it comes, and decides nothing:
// the order of which it says that it has succeeded is still under way.
func TestAdaptersMessagesAboutOrders(t *testing.T) {
	for _, id := range []provider.ID{telnyxID, bandwidthID} {
		t.Run(string(id), func(t *testing.T) {
			x := newTrio(t, plan{chaos: func(provider.ID) sandbox.Chaos {
				return sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, _ int) sandbox.Fault {
					if op == provider.OpPlace {
						return sandbox.Backordered // the first number of an order takes one to eleven minutes
					}
					return sandbox.Polite
				}}
			}})
			all := x.buy()
			for _, o := range x.pick(id, 8) {
				all = all.and(x.buy([]market.Offer{o}))
			}
			x.pass(62 * time.Second)
			i := x.last(id)
			for !i.Due.After(x.clock.Now().Add(4 * time.Second)) { // until a look has just been
				x.clock.Advance(time.Second)
				x.step()
				i = x.last(id)
			}
			x.clock.Advance(i.Due.Sub(x.clock.Now()) / 2)
			x.step()
			pending := func() {
				d, err := x.DIDs.Get(x.ctx, i.Numbers[0])
				require.NoError(t, err)
				require.Equal(t, did.Pending, d.Status, "what a message says is no fact")
			}
			pending()
			looks := x.calls.of(id, provider.OpTrack)

			m := x.telnyx.Webhook(provider.CapOrders, i.Ref, i.Key()) // its status is success
			if id == bandwidthID {
				m = x.band.Webhook(provider.CapOrders, provider.Trace{Key: i.Key(), Ref: i.Ref, Numbers: i.Numbers}, "COMPLETE")
			}
			forged := m
			forged.Body = bytes.Replace(m.Body, []byte(i.ID), []byte("7"+i.ID[1:]), 1)
			require.NotEqual(t, m.Body, forged.Body)
			require.Equal(t, 401, x.post(id, forged))
			for _, other := range threeAdapters {
				if other != id {
					require.GreaterOrEqual(t, x.post(other, m), 400, "the message of another carrier")
				}
			}
			x.step()
			require.Equal(t, looks, x.calls.of(id, provider.OpTrack))
			require.Empty(t, x.hints())

			require.Equal(t, 200, x.post(id, m))
			x.step()
			require.Equal(t, looks+1, x.calls.of(id, provider.OpTrack), "the look came at once")
			pending()
			hints := x.hints()
			require.Len(t, hints, 1)
			require.Equal(t, i.Key(), hints[0].Key)
			require.Equal(t, i.Ref, hints[0].Ref)
			require.Equal(t, 1, hints[0].Requests)

			x.clock.Advance(3 * time.Second)
			x.step()
			looks = x.calls.of(id, provider.OpTrack)
			if id == telnyxID {
				m = x.telnyx.Repeat(m) // signed anew, as the carrier does
			}
			require.Equal(t, 200, x.post(id, m))
			x.step()
			require.Equal(t, looks, x.calls.of(id, provider.OpTrack), "a message that comes again is taken once")
			require.Len(t, x.hints(), 1)
			x.rest()
			require.Equal(t, map[did.Status]int{did.Active: 8}, x.status(all, id))
			x.sound(all)
		})
	}
}

// last is the order at a carrier that settles last.
func (x *trio) last(id provider.ID) work.Intent {
	orders := x.boxes[id].Book().Orders
	last := slices.MaxFunc(orders, func(a, b sandbox.Booked) int { return a.Lines[0].At.Compare(b.Lines[0].At) })
	i, err := x.Work.Get(x.ctx, store.ID(last.Key))
	require.NoError(x.t, err)
	return i
}

// Messages about what the desk does not do yet are taken, told to the journal, and
// change nothing else.
func TestAdaptersMessagesAboutPorts(t *testing.T) {
	x := newTrio(t, plan{})
	b := x.buy(x.pick(telnyxID, 2), x.pick(bandwidthID, 2), x.pick(twilioID, 2))
	x.rest()
	theirs := map[provider.ID]nanp.Number{}
	for n, id := range b.by {
		theirs[id] = n
	}
	before := x.inventory(b)
	asked := map[provider.ID]int{}
	for id, d := range x.doors {
		asked[id] = d.requests()
	}
	ref := provider.Ref("KW00000000000000000000000000000001")
	for id, m := range map[provider.ID]provider.Webhook{
		telnyxID:    x.telnyx.Webhook(provider.CapPorts, "12ade33a-21c0-473b-b055-b3c836e1c292", "port-1"),
		bandwidthID: x.band.Webhook(provider.CapPorts, provider.Trace{Key: "port-1", Ref: "order-1", Numbers: []nanp.Number{theirs[bandwidthID]}}, "FOC"),
		twilioID:    x.twilio.Webhook(provider.CapPorts, ref, theirs[twilioID]),
	} {
		told := len(x.hints())
		forged := m
		forged.Body = append(slices.Clone(m.Body), ' ')
		require.GreaterOrEqual(t, x.post(id, forged), 400, id)
		require.Len(t, x.hints(), told)
		for range 2 {
			require.Equal(t, 200, x.post(id, m), id)
			hints := x.hints()
			require.Len(t, hints, told+1, id)
			require.Equal(t, provider.CapPorts, hints[told].About)
			require.Zero(t, hints[told].Requests)
		}
	}
	names := x.twilio.Webhook(provider.CapNames, "BU00000000000000000000000000000002", 0)
	require.Equal(t, 200, x.post(twilioID, names))
	require.Equal(t, provider.CapNames, x.hints()[3].About)
	x.pass(time.Minute)
	require.Equal(t, before, x.inventory(b))
	for id, d := range x.doors {
		require.Equal(t, asked[id], d.requests(), "%s was asked", id)
	}
}

// inventory is every number as it stands, but for the version of its record.
func (x *trio) inventory(b bought) map[nanp.Number]string {
	out := map[nanp.Number]string{}
	for n := range b.by {
		d, err := x.DIDs.Get(x.ctx, n)
		require.NoError(x.t, err)
		body, err := json.Marshal(d)
		require.NoError(x.t, err)
		out[n] = string(body)
	}
	return out
}

// hints are the events that messages have left in the journal.
func (x *trio) hints() (out []numberdesk.HintEvent) {
	for e, err := range journal.History(x.ctx, x.store, "") {
		require.NoError(x.t, err)
		if e.Type != "carrier.hint" {
			continue
		}
		var h numberdesk.HintEvent
		require.NoError(x.t, json.Unmarshal(e.After, &h))
		out = append(out, h)
	}
	return out
}

// One carrier is down for an hour. What others sell settles as ever. What was under
// way at the one, and what was bought while it was down, settles when it is back.
func TestAdaptersOneIsDown(t *testing.T) {
	for _, down := range threeAdapters {
		t.Run(string(down), func(t *testing.T) {
			t.Parallel()
			x := newTrio(t, plan{timeout: 250 * time.Millisecond, chaos: func(id provider.ID) sandbox.Chaos {
				return sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, attempt int) sandbox.Fault {
					if op == provider.OpPlace && id == down && attempt == 1 {
						return sandbox.ReplyLost
					}
					return sandbox.Polite
				}}
			}})
			lots := map[provider.ID][]market.Offer{}
			for _, id := range threeAdapters {
				lots[id] = x.pick(id, 6)
			}
			before := x.buy(lots[down][:2])
			_, err := x.Step(x.ctx)
			require.NoError(t, err)
			require.Equal(t, map[did.Status]int{did.Pending: 2}, x.status(before, down), "the answers were lost")
			x.doors[down].shut()

			start := x.clock.Now()
			during := x.buy(lots[down][2:4])
			others := x.buy()
			for _, id := range threeAdapters {
				if id != down {
					others = others.and(x.buy(lots[id]))
				}
			}
			x.pass(70 * time.Second)
			for _, id := range threeAdapters {
				if id != down {
					require.Equal(t, map[did.Status]int{did.Active: 6}, x.status(others, id), "%s is held up by %s", id, down)
				}
			}
			for x.clock.Now().Sub(start) < 58*time.Minute {
				x.clock.Advance(30 * time.Second)
				_, err := x.Step(x.ctx)
				require.NoError(t, err)
			}
			require.Equal(t, map[did.Status]int{did.Pending: 2}, x.status(before, down), "nobody has said anything about them")
			require.Equal(t, map[did.Status]int{did.Pending: 2}, x.status(during, down), "an outage is a delay")
			after := x.buy(lots[down][4:])
			x.pass(2 * time.Minute)

			x.doors[down].reopen(t)
			x.rest()
			require.Equal(t, map[did.Status]int{did.Active: 2}, x.status(before, down))
			require.Equal(t, map[did.Status]int{did.Active: 2}, x.status(during, down), x.whys(during, down))
			require.Equal(t, map[did.Status]int{did.Active: 2}, x.status(after, down))
			all := others.and(before).and(during).and(after)
			x.sound(all)
			x.sparing(all)
			for n := range before.by {
				d, err := x.DIDs.Get(x.ctx, n)
				require.NoError(t, err)
				require.Empty(t, d.Attention)
			}
		})
	}
}

// A caller name or a registration is held where the number is, at each of the three:
// none of them does it for a number of another carrier, and says so.
func TestAdaptersServeTheirOwnNumbers(t *testing.T) {
	x := newTrio(t, plan{})
	for _, c := range []provider.Capability{provider.CapNames, provider.CapEmergency, provider.CapEndpoints} {
		for id, p := range x.set.All() {
			require.Empty(t, p.Capabilities().Traits.Foreign)
			at, ok := x.set.Serving(c, id)
			if slices.Contains(p.Capabilities().Offered(), c) {
				require.True(t, ok)
				require.Equal(t, id, at)
			} else {
				require.False(t, ok, "%s of a number at %s", c, id)
				require.NotEmpty(t, p.Capabilities().Traits.Why[c].Reason)
			}
		}
		_, ok := x.set.Serving(c, "elsewhere")
		require.False(t, ok, "%s of a number elsewhere", c)
	}
}

// At the rates that the adapters keep by themselves a purchase takes its time, and
// comes.
func TestAdaptersAtTheirOwnRates(t *testing.T) {
	for id, n := range map[provider.ID]int{telnyxID: 50, bandwidthID: 1000, twilioID: 1000} {
		t.Run(string(id), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTrio(t, plan{bubble: true, only: []provider.ID{id}})
				b := x.buy(x.pick(id, n))
				stop := x.run()
				start := time.Now()
				x.sleep(b)
				t.Log(n, "numbers at", id, "in", time.Since(start), x.status(b, id), x.doors[id].requests(), "requests")
				require.Equal(t, map[did.Status]int{did.Active: n}, x.status(b, id), x.whys(b, id))
				x.sound(b)
				x.sparing(b)
				stop()
			})
		})
	}
}

// A process ends when answers are lost, and another one goes on, with adapters that
// know nothing.
func TestAdaptersAreOpenedAgain(t *testing.T) {
	x := newTrio(t, plan{chaos: func(provider.ID) sandbox.Chaos {
		return sandbox.Chaos{Script: func(op provider.Op, k provider.Key, attempt int) sandbox.Fault {
			if op != provider.OpPlace || attempt > 1 {
				return sandbox.Polite
			}
			return []sandbox.Fault{sandbox.ReplyLost, sandbox.LostBefore, sandbox.DeliveredLate, sandbox.Polite}[k[len(k)-1]%4]
		}}
	}})
	b := x.buy(x.pick(telnyxID, 60), x.pick(bandwidthID, 20), x.pick(twilioID, 20))
	for range 8 {
		_, err := x.Step(x.ctx)
		require.NoError(t, err)
		require.NoError(t, x.Close())
		x.clock.Advance(15 * time.Second)
		x.open()
	}
	x.rest()
	for id, n := range map[provider.ID]int{telnyxID: 60, bandwidthID: 20, twilioID: 20} {
		require.Equal(t, map[did.Status]int{did.Active: n}, x.status(b, id), x.whys(b, id))
	}
	x.sound(b)
	x.sparing(b)
}

// Credentials that are refused for an hour lose nothing: what was under way is settled
// when they are taken again, what had not left fails at once, and nobody else notices.
func TestAdaptersCredentialsAreRefused(t *testing.T) {
	for _, id := range threeAdapters {
		t.Run(string(id), func(t *testing.T) {
			x := newTrio(t, plan{chaos: func(provider.ID) sandbox.Chaos {
				return sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, attempt int) sandbox.Fault {
					if op == provider.OpPlace && attempt == 1 {
						return sandbox.ReplyLost
					}
					return sandbox.Polite
				}}
			}})
			refuse := map[provider.ID]func(bool){telnyxID: x.telnyx.Refuse, bandwidthID: x.band.Refuse, twilioID: x.twilio.Refuse}[id]
			lot := x.pick(id, 4)
			before := x.buy(lot[:2])
			_, err := x.Step(x.ctx)
			require.NoError(t, err)
			refuse(true)
			during := x.buy(lot[2:])
			x.pass(time.Hour)
			require.Equal(t, map[did.Status]int{did.Pending: 2}, x.status(before, id), x.whys(before, id))
			require.Equal(t, map[did.Status]int{did.Failed: 2}, x.status(during, id), x.whys(during, id))
			refuse(false)
			x.rest()
			require.Equal(t, map[did.Status]int{did.Active: 2}, x.status(before, id), x.whys(before, id))
			all := before.and(during)
			x.sound(all)
			x.sparing(all)
		})
	}
}

// Toll-free numbers are sold as local ones are.
func TestAdaptersSellTollFree(t *testing.T) {
	x := newTrio(t, plan{})
	search, err := x.Market.Search(x.ctx, market.Query{Kind: provider.TollFree, Want: 30})
	require.NoError(t, err)
	offers, err := search.All()
	require.NoError(t, err)
	b := x.buy(offers)
	require.Len(t, b.orders, 3, search.Report())
	x.rest()
	for _, id := range threeAdapters {
		require.Equal(t, map[did.Status]int{did.Active: 10}, x.status(b, id), x.whys(b, id))
	}
	x.sound(b)
	x.sparing(b)
}

// One number of an order that was for sale is not any more when the order leaves: the
// others come.
func TestAdaptersOneNumberIsGone(t *testing.T) {
	for _, id := range []provider.ID{bandwidthID, twilioID} {
		t.Run(string(id), func(t *testing.T) {
			x := newTrio(t, plan{only: []provider.ID{id}, chaos: func(provider.ID) sandbox.Chaos {
				return sandbox.Chaos{Script: func(_ provider.Op, k provider.Key, _ int) sandbox.Fault {
					if k == "elsewhere" {
						return sandbox.Taken
					}
					return sandbox.Polite
				}}
			}})
			offers := x.gather(id, 20)
			gone := offers[7].Number
			_, err := x.boxes[id].Capabilities().Orders.Place(x.ctx, provider.OrderRequest{Key: "elsewhere", Lines: []provider.OrderLine{{Number: gone}}})
			require.NoError(t, err)
			x.clock.Advance(11 * time.Minute) // a person thinks about it
			b := x.buy(offers)
			x.rest()
			require.Equal(t, map[did.Status]int{did.Active: 19, did.Failed: 1}, x.status(b, id), x.whys(b, id))
		})
	}
}
