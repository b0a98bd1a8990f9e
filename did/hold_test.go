package did_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

func (w *world) held(n nanp.Number) did.Held {
	page, err := w.Holds(w.ctx, provider.Page{})
	require.NoError(w.t, err)
	for _, h := range page.Items {
		if h.Number == n {
			return h
		}
	}
	return did.Held{}
}

func TestHoldIsSeenUsedAndEnds(t *testing.T) {
	w := newWorld(t, sandbox.Config{})
	offers := w.forSale(3)
	require.NoError(t, w.Hold(w.ctx, offers))
	require.Equal(t, did.HoldAsked, w.held(offers[0].Number).State)
	w.pass(10 * time.Second)
	h := w.held(offers[0].Number)
	require.Equal(t, did.HoldHeld, h.State)
	require.True(t, h.Until.After(w.clock.Now()))
	require.Equal(t, "ann", h.By.ID)
	require.NotEmpty(t, h.Said.By)
	err := w.Hold(w.ctx, offers[:1])
	require.ErrorIs(t, err, did.ErrTaken)
	require.ErrorContains(t, err, "held already, for ann")

	// bought under its hold
	_, err = w.Buy(w.ctx, offers[:1])
	require.NoError(t, err)
	w.pass(2 * time.Minute)
	require.Equal(t, did.Active, w.get(offers[0].Number).Status)

	// let go
	require.NoError(t, w.Unhold(w.ctx, offers[1].Number))
	require.Equal(t, did.HoldEnding, w.held(offers[1].Number).State)
	w.pass(10 * time.Second)
	require.Equal(t, did.HoldEnded, w.held(offers[1].Number).State)
	require.ErrorIs(t, w.Unhold(w.ctx, offers[1].Number), did.ErrRefused)

	// over
	w.clock.Advance(time.Hour)
	require.Equal(t, did.HoldEnded, w.held(offers[2].Number).State)
	require.NoError(t, w.Hold(w.ctx, offers[2:]), "it can be held again")
	w.pass(10 * time.Second)
	require.Equal(t, did.HoldHeld, w.held(offers[2].Number).State)
}

func TestHoldFaults(t *testing.T) {
	for _, op := range []provider.Op{provider.OpHold, provider.OpTrackHold, provider.OpUnhold} {
		for _, fault := range sandbox.Faults() {
			t.Run(string(op)+"/"+string(fault), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, sandbox.Config{Chaos: sandbox.Chaos{Script: func(o provider.Op, _ provider.Key, n int) sandbox.Fault {
					switch {
					case o == op && n == 1:
						return fault
					case o == provider.OpHold && op == provider.OpTrackHold && n == 1:
						return sandbox.ReplyLost
					}
					return sandbox.Polite
				}}})
				offers := w.forSale(1)
				n := offers[0].Number
				require.NoError(t, w.Hold(w.ctx, offers))
				w.pass(5 * time.Minute)
				require.Equal(t, did.HoldHeld, w.held(n).State, w.held(n).Why)
				require.NoError(t, w.Unhold(w.ctx, n))
				w.pass(20 * time.Minute)
				require.Equal(t, did.HoldEnded, w.held(n).State)
				open, err := w.work.Open(w.ctx)
				require.NoError(t, err)
				require.Zero(t, open)
			})
		}
	}
}

func TestHoldRefuses(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	n := w.active(1)[0]
	before := w.dump()
	require.ErrorIs(t, w.Hold(w.ctx, nil), did.ErrInvalid)
	require.ErrorIs(t, w.Hold(w.ctx, []market.Offer{{Carrier: "sandbox", Number: n}}), did.ErrTaken)
	require.ErrorIs(t, w.Hold(w.ctx, []market.Offer{{Carrier: "verizon", Number: w.forSale(1)[0].Number}}), provider.NotFound)
	require.ErrorIs(t, w.Unhold(w.ctx, n), did.ErrNotFound)
	require.Equal(t, before, w.dump())

	bare := newWorld(t, sandbox.Config{}, provider.Provider(unable{}))
	err := bare.Hold(bare.ctx, []market.Offer{{Carrier: "unable", Number: w.forSale(1)[0].Number}})
	require.ErrorIs(t, err, provider.Unsupported)
	require.ErrorContains(t, err, "keeps nothing")
}

type unable struct{}

func (unable) ID() provider.ID { return "unable" }
func (unable) Capabilities() provider.Capabilities {
	return provider.Capabilities{Traits: provider.Traits{Why: map[provider.Capability]provider.Note{provider.CapHolds: {Reason: "it keeps nothing for anybody"}}}}
}

// A number that somebody else bought meanwhile cannot be held.
func TestHoldOfATakenNumber(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	offers := w.forSale(1)
	_, err := w.carrier.Capabilities().Orders.Place(w.ctx, provider.OrderRequest{Key: "other", Lines: []provider.OrderLine{{Number: offers[0].Number}}})
	require.NoError(t, err)
	require.NoError(t, w.Hold(w.ctx, offers))
	w.pass(time.Minute)
	h := w.held(offers[0].Number)
	require.Equal(t, did.HoldRefused, h.State)
	require.NotEmpty(t, h.Why)
}
