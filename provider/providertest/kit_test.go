package providertest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
)

// A carrier without a fault passes, and Check says so. What cannot be arranged or
// is not offered is told.
func TestCheck(t *testing.T) {
	good := providertest.Check(t.Context(), harness(sandbox.Config{}, nil))
	require.True(t, good.OK(), good.String())
	for _, r := range good.Results {
		require.False(t, r.Failed, "%s: %v", r.ID, r.Log)
	}
	require.Contains(t, good.String(), "MUST foreign/names is not proven: names of foreign numbers are not listed here")

	bad := providertest.Check(t.Context(), harness(sandbox.Config{}, orderFaults["orders/evidence"]))
	require.False(t, bad.OK())
	require.Contains(t, bad.String(), "MUST orders/evidence is not kept: each state of an item says who said it")
	require.NotContains(t, bad.String(), "orders/whole")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	over := providertest.Check(ctx, harness(sandbox.Config{}, nil))
	require.Contains(t, over.String(), "0 of ")
	require.True(t, over.OK())
	require.False(t, providertest.Check(t.Context(), providertest.Harness{}).OK())
}

// A world with nothing but a carrier that offers nothing leaves almost everything
// unproven, and says why.
func TestCheckWithoutAWorld(t *testing.T) {
	r := providertest.Check(t.Context(), providertest.Harness{New: func(testing.TB) providertest.World {
		return providertest.World{Provider: nothing{}}
	}})
	require.True(t, r.OK(), r.String())
	require.Contains(t, r.String(), "MUST orders/becomes-ours is not proven: search is not offered: it sells umbrellas")

	r = providertest.Check(t.Context(), providertest.Harness{New: func(t testing.TB) providertest.World {
		return providertest.World{Provider: sandboxtest.New(t, sandbox.Config{}).Carrier}
	}})
	require.Contains(t, r.String(), "MUST orders/lost-answer-is-unknown is not proven: the world has no way to make a call fail (Fail)")
	require.Contains(t, r.String(), "MUST hooks/genuine is not proven: the world has no genuine message (Hook)")
	for _, c := range r.Results {
		for _, line := range c.Log {
			require.NotContains(t, line, "panic", c.ID)
		}
	}
	require.False(t, providertest.Check(t.Context(), providertest.Harness{New: func(testing.TB) providertest.World { return providertest.World{} }}).OK())
}

type nothing struct{}

func (nothing) ID() provider.ID { return "nothing" }

func (nothing) Capabilities() provider.Capabilities {
	why := map[provider.Capability]provider.Note{}
	for _, c := range provider.AllCapabilities() {
		why[c] = provider.Note{Reason: "it sells umbrellas"}
	}
	return provider.Capabilities{Traits: provider.Traits{Name: "Nothing", Why: why}}
}

// A deviation excuses its case and no other, for as long as it is one.
func TestDeviations(t *testing.T) {
	for _, c := range []struct {
		id     string
		spoil  fault
		breaks bool
		says   string
	}{
		{"orders/evidence", orderFaults["orders/evidence"], false, "MUST orders/evidence is not kept, as stated: it cannot"},
		{"orders/evidence", nil, true, "MUST orders/evidence no longer deviates: drop the deviation"},
		{"orders/whole", nil, true, "SHOULD orders/whole no longer deviates: drop the deviation"},
		{"foreign/names", nil, false, "MUST foreign/names is not proven: names of foreign numbers are not listed here"},
	} {
		h := harness(sandbox.Config{}, c.spoil)
		h.Deviations = []providertest.Deviation{{ID: c.id, Reason: "it cannot"}}
		var r providertest.Report
		for _, x := range providertest.Cases() {
			if x.ID == c.id || x.ID == "orders/becomes-ours" {
				r.Results = append(r.Results, x.Run(t.Context(), h))
			}
		}
		require.Equal(t, c.breaks, !r.OK(), c.id)
		require.Contains(t, r.String(), c.says)
		require.NotContains(t, r.String(), "orders/becomes-ours")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the deviations themselves are looked at all the same
	for says, ds := range map[string][]providertest.Deviation{
		`the deviation from "orders/no-such-case" is from no case`: {{ID: "orders/no-such-case", Reason: "it cannot"}},
		`the deviation from "orders/evidence" has no reason`:       {{ID: "orders/evidence"}},
		`the deviation from "orders/evidence" is there twice`:      {{ID: "orders/evidence", Reason: "it cannot"}, {ID: "orders/evidence", Reason: "at all"}},
	} {
		r := providertest.Check(ctx, providertest.Harness{Deviations: ds})
		require.False(t, r.OK())
		require.Contains(t, r.String(), says)
	}
}

// Each case has a stable name, a level, what it needs and a reason, and every
// capability has a case.
func TestCasesAreNamed(t *testing.T) {
	seen, needed := map[string]bool{}, map[provider.Capability]bool{}
	for _, c := range providertest.Cases() {
		require.False(t, seen[c.ID], c.ID)
		seen[c.ID] = true
		require.Regexp(t, `^[a-z-]+/[a-z-]+$`, c.ID)
		require.NotEmpty(t, c.Why, c.ID)
		require.Contains(t, []providertest.Level{providertest.MUST, providertest.SHOULD}, c.Level)
		for _, need := range c.Needs {
			require.Contains(t, provider.AllCapabilities(), need, c.ID)
			needed[need] = true
		}
	}
	for _, c := range provider.AllCapabilities() {
		require.True(t, needed[c], "no case needs %s", c)
	}
	t.Log(len(seen), "cases")
}
