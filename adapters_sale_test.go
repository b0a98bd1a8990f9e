package numberdesk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// At the rates that Telnyx's adapter keeps by itself a purchase of more than one order
// takes its time, and comes.
func TestTelnyxAtItsOwnRates(t *testing.T) {
	for n, slow := range map[int]bool{100: false, 1000: false, 400: true} {
		synctest.Test(t, func(t *testing.T) {
			x := newTrio(t, plan{bubble: true, only: []provider.ID{telnyxID}})
			lot := x.gather(telnyxID, n)
			if slow {
				for i := range lot {
					lot[i].Until = time.Time{} // nobody knows when a search has shown it
				}
			}
			b := x.buy(lot)
			stop := x.run()
			defer stop()
			x.sleep(b)
			require.Equal(t, map[did.Status]int{did.Active: n}, x.status(b, telnyxID), x.whys(b, telnyxID))
		})
	}
}

// What is held at Telnyx can be bought.
func TestTelnyxSellsWhatItHolds(t *testing.T) {
	x := newTrio(t, plan{only: []provider.ID{telnyxID}})
	lot := x.gather(telnyxID, 3)
	require.NoError(t, x.DIDs.Hold(x.ctx, lot))
	x.step()
	x.clock.Advance(11 * time.Minute) // of the thirty that the hold lasts
	require.Equal(t, map[did.HoldState]int{did.HoldHeld: 3}, x.holds())
	b := x.buy(lot)
	x.rest()
	require.Equal(t, map[did.Status]int{did.Active: 3}, x.status(b, telnyxID), x.whys(b, telnyxID))
}

// A hold of which nobody knows whether it was taken does not keep the number from
// being bought.
func TestAdaptersLoseHolds(t *testing.T) {
	for _, fault := range []sandbox.Fault{sandbox.ReplyLost, sandbox.LostBefore} {
		for _, id := range []provider.ID{telnyxID, bandwidthID} {
			t.Run(string(id)+" "+string(fault), func(t *testing.T) {
				x := newTrio(t, plan{only: []provider.ID{id}, chaos: func(provider.ID) sandbox.Chaos {
					return sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, attempt int) sandbox.Fault {
						if op == provider.OpHold && attempt == 1 {
							return fault
						}
						return sandbox.Polite
					}}
				}})
				lot := x.pick(id, 20)
				require.NoError(t, x.DIDs.Hold(x.ctx, lot[:1]))
				x.pass(10 * time.Second)
				b := x.buy(lot)
				x.rest()
				require.Equal(t, map[did.Status]int{did.Active: 20}, x.status(b, id), x.whys(b, id))
				x.sound(b)
			})
		}
	}
}

// One number of an order that was for sale is not any more when the order leaves: the
// others come.
func TestTelnyxOneNumberIsGone(t *testing.T) {
	for _, id := range []provider.ID{telnyxID} {
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
