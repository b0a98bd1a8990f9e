package telnyx

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// Base is where the carrier's API lives.
const Base = "https://api.telnyx.com/v2"

// Config is one account at Telnyx. Only Key is needed.
type Config struct {
	ID   provider.ID   // "telnyx"
	Key  secret.String // an API key of version 2
	Base string        // Base

	// WebhookKeys are the account's public keys in base64, as the portal shows them:
	// one, or two while a key is being replaced. Without one no webhook is believed.
	WebhookKeys []string

	// Placement: what numbers get when they are bought or ported in. Order and port
	// options of the same names take precedence.
	Connection       string // connection_id: where calls go
	MessagingProfile string // messaging_profile_id
	BillingGroup     string // billing_group_id
	PortWebhook      string // webhook_url of port orders

	// Zone is where the desired date of a port is meant that names none, and in which
	// a requested date is shown: America/Chicago, in which the carrier states its
	// windows.
	Zone *time.Location

	// Rates are those of DefaultRates where a class is missing.
	Rates map[provider.Class]provider.Limit
	// Horizon is after how long a request that was sent cannot be applied any more:
	// 15 minutes. The carrier states nothing; measure it on a live account.
	Horizon time.Duration

	Transport http.RoundTripper // its own
	Now       func() time.Time  // time.Now
	Logger    *slog.Logger      // silent
}

// DefaultRates are careful guesses: the carrier publishes no limit for any of its
// calls, only that searches and orders are heavy and that it answers 429.
func DefaultRates() map[provider.Class]provider.Limit {
	return map[provider.Class]provider.Limit{
		provider.ClassRead:   {PerSecond: 5, Burst: 10},
		provider.ClassSearch: {PerSecond: 2, Burst: 4},
		provider.ClassCreate: {PerSecond: 2, Burst: 4},
	}
}

// Carrier is one account. It is safe for concurrent use.
type Carrier struct {
	cfg  Config
	keys []ed25519.PublicKey
	http *carrierhttp.Client
}

// New checks the configuration. It sends nothing.
func New(c Config) (*Carrier, error) {
	if c.ID == "" {
		c.ID = "telnyx"
	}
	if c.Key.IsZero() {
		return nil, errors.New("telnyx: Config.Key is missing: an API key of version 2")
	}
	if c.Base == "" {
		c.Base = Base
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Zone == nil {
		c.Zone = central()
	}
	if c.Horizon < 0 {
		return nil, errors.New("telnyx: Config.Horizon is negative")
	}
	if c.Horizon == 0 {
		c.Horizon = 15 * time.Minute
	}
	rates := DefaultRates()
	maps.Copy(rates, c.Rates)
	c.Rates = rates
	keys, err := publicKeys(c.WebhookKeys)
	if err != nil {
		return nil, err
	}
	client, err := carrierhttp.New(carrierhttp.Config{
		ID: c.ID, Base: c.Base, Auth: carrierhttp.Bearer(c.Key), Rates: c.Rates, Classify: classify,
		RequestID: []string{"X-Request-Id"}, Transport: c.Transport, Now: c.Now, Logger: c.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("telnyx: %w", err)
	}
	return &Carrier{cfg: c, keys: keys, http: client}, nil
}

func publicKeys(texts []string) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for i, text := range texts {
		b, ok := carrierhttp.Base64(text)
		if !ok || len(b) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("telnyx: Config.WebhookKeys[%d] is not the base64 of an Ed25519 public key", i)
		}
		keys = append(keys, b)
	}
	return keys, nil
}

func central() *time.Location {
	if l, err := time.LoadLocation("America/Chicago"); err == nil {
		return l
	}
	return time.FixedZone("CST", -6*60*60)
}

// ID is that of the configuration.
func (c *Carrier) ID() provider.ID { return c.cfg.ID }

// Close lets go of idle connections.
func (c *Carrier) Close() error { return c.http.Close() }

// Capabilities says what the carrier offers.
func (c *Carrier) Capabilities() provider.Capabilities {
	caps := provider.Capabilities{
		Search: c, Holds: c, Orders: c, OrderClose: c, Owned: c, Routing: c, Return: c, Names: c, NameLookup: c, Lookup: c,
		Addresses: c, Emergency: c, Endpoints: c, PortCheck: c, Ports: c, PortAmend: c, PortDocs: c, PortNotes: c, PortOuts: c,
		Traits: c.traits(),
	}
	if len(c.keys) > 0 {
		caps.Hooks = c
	}
	return caps
}

var (
	_ provider.Provider       = (*Carrier)(nil)
	_ provider.Searcher       = (*Carrier)(nil)
	_ provider.Holder         = (*Carrier)(nil)
	_ provider.Orderer        = (*Carrier)(nil)
	_ provider.OrderCloser    = (*Carrier)(nil)
	_ provider.Owner          = (*Carrier)(nil)
	_ provider.Router         = (*Carrier)(nil)
	_ provider.Returner       = (*Carrier)(nil)
	_ provider.Namer          = (*Carrier)(nil)
	_ provider.NameLookuper   = (*Carrier)(nil)
	_ provider.NumberLookuper = (*Carrier)(nil)
	_ provider.AddressChecker = (*Carrier)(nil)
	_ provider.Registrar      = (*Carrier)(nil)
	_ provider.EndpointKeeper = (*Carrier)(nil)
	_ provider.PortChecker    = (*Carrier)(nil)
	_ provider.Porter         = (*Carrier)(nil)
	_ provider.PortAmender    = (*Carrier)(nil)
	_ provider.PortDocumenter = (*Carrier)(nil)
	_ provider.PortCommenter  = (*Carrier)(nil)
	_ provider.PortOuter      = (*Carrier)(nil)
	_ provider.Hooker         = (*Carrier)(nil)
)
