package twilio_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
	"github.com/numberdesk/numberdesk/provider/twilio"
	"github.com/numberdesk/numberdesk/provider/twilio/twiliotest"
	"github.com/numberdesk/numberdesk/secret"
)

const (
	account = "AC00000000000000000000000000000001"
	profile = "BU00000000000000000000000000000001"
	east    = "TK00000000000000000000000000000001"
	west    = "AP00000000000000000000000000000002"
	token   = "sixteen-tons-of-token"
	hookKey = "what-the-messages-are-signed-with"
)

// fast lets tests run without waiting for a rate.
var fast = map[provider.Class]provider.Limit{
	provider.ClassRead: {PerSecond: 1e6, Burst: 1e4}, provider.ClassSearch: {PerSecond: 1e6, Burst: 1e4}, provider.ClassCreate: {PerSecond: 1e6, Burst: 1e4},
}

// house is an adapter that talks to a fake over a stage.
type house struct {
	*sandboxtest.Stage
	fake    *twiliotest.Server
	carrier *twilio.Carrier
	caps    provider.Capabilities
}

func build(t testing.TB, cfg sandbox.Config) *house {
	stage := sandboxtest.New(t, twiliotest.Engine(cfg))
	fake := twiliotest.New(stage.Carrier, twiliotest.Config{
		Account: account, Token: secret.New(token), HookKey: secret.New(hookKey), Now: stage.Now, Profile: profile,
	})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	c, err := twilio.New(twilio.Config{
		Account: account, Token: secret.New(token), WebhookKeys: []secret.String{secret.New(hookKey)},
		Base: srv.URL, Now: stage.Now, Rates: fast,
	})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return &house{stage, fake, c, c.Capabilities()}
}

// bill is the smallest document that a port takes here.
func bill() provider.Document {
	b := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	return provider.Document{Kind: "invoice", MediaType: "application/pdf", Size: int64(len(b)), SHA256: sha256.Sum256(b),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
}

func world(t testing.TB, cfg sandbox.Config) providertest.World {
	h := build(t, cfg)
	w := h.World(h.carrier)
	w.Destinations = []string{east, west}
	w.Business = &provider.Business{Ref: profile, Email: "erika@river-bakery.example"}
	w.Unauthorize = func() { h.fake.Refuse(true) }
	w.Secrets = append(w.Secrets, token, hookKey)
	w.Document = bill
	port := w.Port
	w.Port = func(k provider.Key, ns []nanp.Number) provider.PortRequest {
		r := port(k, ns)
		var err error
		for range 20 { // chaos
			var up provider.Uploaded
			if up, err = h.caps.PortDocs.UploadDocument(t.Context(), k, bill()); err == nil {
				r.Documents = []provider.Ref{up.Ref}
				return r
			}
		}
		t.Fatalf("no document: %v", err)
		return r
	}
	w.RejectPort = func(r provider.Ref) { h.RejectPort(h.fake.EnginePort(r)) }
	n := nanp.MustParse("501-555-0101")
	w.Hook = func() provider.Webhook {
		h.Advance(1)
		return h.fake.Webhook(provider.CapPorts, "KW00000000000000000000000000000001", n)
	}
	w.UnknownHook = func() provider.Webhook { return h.fake.Webhook(provider.CapSearch, "", n) }
	keyless, err := twilio.New(twilio.Config{Account: account, Token: secret.New(token), Now: h.Now})
	require.NoError(t, err)
	w.Keyless = keyless.Capabilities().Hooks
	return w
}

func TestContract(t *testing.T) {
	providertest.Run(t, providertest.Harness{
		New: func(t testing.TB) providertest.World { return world(t, sandbox.Config{}) },
	})
}

var seed = flag.Uint64("seed", 2, "of what goes wrong at the hostile carrier")

// hostile is a bad day, without answers that are old. Twilio has no orders and no
// keys: whether a purchase was made is seen in the list of numbers alone, and Twilio
// states nothing of it being behind. An old list and one without the number are the
// same to every client, so that the kit would find fault with what nobody can do;
// that absence is believed only after the horizon is what guards against it.
func hostile(seed uint64) sandbox.Chaos {
	c := sandbox.Hostile(seed)
	delete(c.Rates, sandbox.StaleRead)
	return c
}

func TestContractAtAHostileCarrier(t *testing.T) {
	providertest.Run(t, providertest.Harness{New: func(t testing.TB) providertest.World {
		return world(t, sandbox.Config{Chaos: hostile(*seed)})
	}})
}
