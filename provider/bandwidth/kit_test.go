package bandwidth_test

import (
	"net/http/httptest"
	"testing"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
	"github.com/numberdesk/numberdesk/secret"
)

// rush is no limit that a test could notice.
var rush = map[provider.Class]provider.Limit{}

// world puts the adapter before the fake before a stage.
func world(t testing.TB, engine sandbox.Config, fakes bandwidthtest.Config) (providertest.World, *bandwidthtest.Server, *sandboxtest.Stage) {
	stage := sandboxtest.New(t, bandwidthtest.Engine(engine))
	fakes.Now = stage.Now
	fake := bandwidthtest.New(stage.Carrier, fakes)
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := bandwidth.Config{
		Account: bandwidthtest.Account, ClientID: bandwidthtest.ClientID, ClientSecret: fake.Secret(), Site: bandwidthtest.Site, Peer: bandwidthtest.Peer,
		Base: srv.URL + bandwidthtest.Path, Now: stage.Now, Rates: rush, NoteUser: bandwidthtest.NoteUser,
		WebhookKeys: []secret.String{fake.HookKey()}, HookUser: bandwidthtest.HookUser, HookPassword: fake.HookPassword(),
	}
	p, err := bandwidth.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	w := stage.World(p)
	w.Unauthorize = func() { fake.Refuse(true) }
	w.Secrets = append(w.Secrets, fake.Secret().Reveal(), fake.HookKey().Reveal(), fake.HookPassword().Reveal())
	w.Hook = func() provider.Webhook {
		o := stage.Happen()
		return fake.Webhook(provider.CapOrders, provider.Trace{Key: o.Key, Ref: o.Ref}, "COMPLETE")
	}
	w.UnknownHook = func() provider.Webhook { return fake.Webhook("unheard-of", provider.Trace{}, "COMPLETE") }
	cfg.WebhookKeys, cfg.HookUser, cfg.HookPassword = nil, "", secret.String{}
	keyless, err := bandwidth.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Keyless = keyless
	return w, fake, stage
}

const portOutsLink = "https://dev.bandwidth.com/docs/numbers/porting/port-outs/port-out-notifications"

var deviations = []providertest.Deviation{
	{ID: "names/removes", Reason: "the API replaces a name and cannot remove one"},
	{ID: "names/removed-stays-removed", Reason: "the API replaces a name and cannot remove one"},
	{ID: "port-outs/shows", Reason: "the list of port-outs does not say how long there is to answer", Link: portOutsLink},
	{ID: "port-outs/denied-stays", Reason: "a port-out is answered while the carrier asks (Config.PortOut), not afterwards", Link: portOutsLink},
	{ID: "port-outs/allowed-leaves", Reason: "a port-out is answered while the carrier asks (Config.PortOut), not afterwards", Link: portOutsLink},
}

func TestContract(t *testing.T) {
	providertest.Run(t, providertest.Harness{New: func(t testing.TB) providertest.World {
		w, _, _ := world(t, sandbox.Config{}, bandwidthtest.Config{})
		return w
	}, Deviations: deviations})
}

func TestContractHostile(t *testing.T) {
	providertest.Run(t, providertest.Harness{New: func(t testing.TB) providertest.World {
		w, _, _ := world(t, sandbox.Config{Chaos: sandbox.Hostile(7)}, bandwidthtest.Config{Hostile: true})
		return w
	}, Deviations: deviations})
}
