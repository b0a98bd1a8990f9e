package sandboxtest_test

import (
	"flag"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
	"github.com/numberdesk/numberdesk/secret"
)

func inProcess(cfg sandbox.Config) providertest.Harness {
	return providertest.Harness{New: func(t testing.TB) providertest.World {
		stage := sandboxtest.New(t, cfg)
		return stage.World(stage.Carrier)
	}}
}

func overHTTP(cfg sandbox.Config) providertest.Harness {
	return providertest.Harness{New: func(t testing.TB) providertest.World {
		stage := sandboxtest.New(t, cfg)
		srv := httptest.NewServer(stage.Carrier.Handler())
		t.Cleanup(srv.Close)
		p, err := sandbox.Dial(t.Context(), srv.URL, sandbox.DialConfig{HookKey: secret.New(sandboxtest.HookKey), Now: stage.Now})
		require.NoError(t, err)
		t.Cleanup(func() { p.Close() })
		return stage.World(p)
	}}
}

// A sandbox of each kind keeps the contract, in the same process and over HTTP.
func TestContract(t *testing.T) {
	for name, cfg := range map[string]sandbox.Config{
		"default": {}, "by key": {Keying: provider.ByKey}, "by number": {Keying: provider.ByThing}, "forgetful": {Forgetful: true},
		"weak":       {Weak: true, OrderLines: 1, HidePrices: true, Instant: true, NameSilent: true},
		"whole":      {WholeOrders: true, PageMax: 7, PortWhole: true, Kinds: []provider.NumberKind{provider.Local}},
		"one by one": {Keying: provider.ByThing, OrderLines: 1, Instant: true, PortAtOnce: true, SignsLOA: true, NameReview: true},
		"found again": {
			Keying: provider.ByKey, Dialect: sandbox.DigitsOnly(), RecentSearch: time.Hour, Replace: provider.Atomic, NameProof: provider.ReadBack,
			NameTollFree: true, Foreign: []provider.Capability{provider.CapNames, provider.CapEmergency},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("in process", func(t *testing.T) { t.Parallel(); providertest.Run(t, inProcess(cfg)) })
			t.Run("over HTTP", func(t *testing.T) { t.Parallel(); providertest.Run(t, overHTTP(cfg)) })
		})
	}
}

var seeds = flag.Uint64("seeds", 1, "how many hostile carriers keep the contract")

// A hostile sandbox keeps it too: what passes is waited for, what is not known is
// looked for.
func TestHostile(t *testing.T) {
	for seed := range *seeds {
		cfg := sandbox.Config{Chaos: sandbox.Hostile(seed)}
		t.Run(fmt.Sprint("in process, seed ", seed), func(t *testing.T) { t.Parallel(); providertest.Run(t, inProcess(cfg)) })
		t.Run(fmt.Sprint("over HTTP, seed ", seed), func(t *testing.T) { t.Parallel(); providertest.Run(t, overHTTP(cfg)) })
	}
}
