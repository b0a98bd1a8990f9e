package bandwidth

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// DefaultBase is where the Numbers API v2 lives. The carrier's test platform is
// https://test.api.bandwidth.com/api/v2.
const DefaultBase = "https://api.bandwidth.com/api/v2"

// Config says which account, and with which credentials. Account, Site and the
// credentials are needed.
type Config struct {
	ID      provider.ID // default "bandwidth"
	Account string      // the account's number

	// ClientID and ClientSecret are OAuth 2.0 client credentials.
	ClientID     string
	ClientSecret secret.String
	// User and Password are HTTP Basic credentials, used when there is no ClientID.
	//
	// Deprecated: the carrier ends Basic authentication on 2026-12-02.
	User     string
	Password secret.String

	// Site is the sub-account (SiteId) and Peer the location (PeerId) that new
	// numbers go to; without a Peer it is the site's default. An order's Options
	// "SiteId" and "PeerId" say otherwise for that order.
	Site, Peer string

	Base     string // default [DefaultBase]
	TokenURL string // default /api/v1/oauth2/token at Base's host

	Transport http.RoundTripper                 // nil: that of package carrierhttp
	Now       func() time.Time                  // default time.Now
	Logger    *slog.Logger                      // silent
	Rates     map[provider.Class]provider.Limit // default [DefaultRates]
	Horizon   time.Duration                     // after it nothing that was sent can arrive; default 15 minutes

	// WebhookKeys are the secrets of the subscriptions (v2), more than one while
	// they are changed. HookUser and HookPassword are what a subscription of v1, and
	// the port-out callback, was told to present. A message that neither can prove is
	// refused.
	WebhookKeys  []secret.String
	HookUser     string
	HookPassword secret.String
	// PortOut answers the carrier's question whether numbers may be ported away. It
	// must not block: the carrier waits 30 seconds and takes silence for consent. Nil
	// answers nothing, which is consent.
	PortOut func(PortOutAsk) PortOutVerdict

	NoteUser string // the API user in whose name port notes are written; they need one
	NameUse  string // of caller names: BUSINESS (default) or RESIDENTIAL
}

// DefaultRates are what the carrier published for searches and orders in 2019
// (100 a minute, with more at times), and a guess for everything that is read.
func DefaultRates() map[provider.Class]provider.Limit {
	return map[provider.Class]provider.Limit{
		provider.ClassSearch: {PerSecond: 100.0 / 60, Burst: 100},
		provider.ClassCreate: {PerSecond: 100.0 / 60, Burst: 100},
		provider.ClassRead:   {PerSecond: 5, Burst: 50},
	}
}

// Carrier is one account. It is safe for concurrent use.
type Carrier struct {
	cfg    Config
	client *carrierhttp.Client
	shelf  shelf
	made   made
}

// New refuses a Config in which something is missing or wrong, and names it. It
// does not call the carrier.
func New(cfg Config) (*Carrier, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	client, err := carrierhttp.New(carrierhttp.Config{
		ID: cfg.ID, Base: cfg.Base, Auth: cfg.auth(), Rates: cfg.Rates, Classify: classify,
		Secrets:   append(slices.Clone(cfg.WebhookKeys), cfg.HookPassword),
		Transport: cfg.Transport, Now: cfg.Now, Logger: cfg.Logger,
		RequestID: []string{"X-Request-Id", "X-Correlation-Id"},
	})
	if err != nil {
		return nil, fmt.Errorf("bandwidth: %w", err)
	}
	return &Carrier{cfg: cfg, client: client}, nil
}

func (c *Config) auth() carrierhttp.Auth {
	if c.ClientID != "" {
		return carrierhttp.ClientCredentials(carrierhttp.Credentials{TokenURL: c.TokenURL, ID: c.ClientID, Secret: c.ClientSecret})
	}
	return carrierhttp.Basic(c.User, c.Password)
}

func (c *Config) complete() error {
	if c.ID == "" {
		c.ID = "bandwidth"
	}
	if c.Base == "" {
		c.Base = DefaultBase
	}
	base, err := url.Parse(c.Base)
	if err != nil || base.Host == "" {
		return fmt.Errorf("bandwidth: Base is no URL")
	}
	if c.TokenURL == "" {
		c.TokenURL = base.Scheme + "://" + base.Host + "/api/v1/oauth2/token"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rates == nil {
		c.Rates = DefaultRates()
	}
	if c.Horizon == 0 {
		c.Horizon = 15 * time.Minute
	}
	if c.NameUse == "" {
		c.NameUse = "BUSINESS"
	}
	c.WebhookKeys = slices.Clone(c.WebhookKeys)
	return c.check()
}

func (c *Config) check() error {
	if err := c.ID.Validate(); err != nil {
		return fmt.Errorf("bandwidth: %w", err)
	}
	for _, f := range []struct {
		name    string
		missing bool
	}{
		{"Account", c.Account == ""},
		{"Site", c.Site == ""},
		{"ClientID", c.ClientID == "" && c.User == ""},
		{"ClientSecret", c.ClientID != "" && c.ClientSecret.IsZero()},
		{"Password", c.ClientID == "" && c.User != "" && c.Password.IsZero()},
		{"HookUser", c.HookUser == "" && !c.HookPassword.IsZero()},
		{"HookPassword", c.HookUser != "" && c.HookPassword.IsZero()},
	} {
		if f.missing {
			return fmt.Errorf("bandwidth: Config.%s is missing", f.name)
		}
	}
	for _, f := range []struct{ name, value string }{{"Account", c.Account}, {"Site", c.Site}, {"Peer", c.Peer}} {
		if strings.Trim(f.value, "0123456789") != "" {
			return fmt.Errorf("bandwidth: Config.%s is not a number", f.name)
		}
	}
	if c.NameUse != "BUSINESS" && c.NameUse != "RESIDENTIAL" {
		return fmt.Errorf("bandwidth: Config.NameUse is neither BUSINESS nor RESIDENTIAL")
	}
	if c.Horizon < 0 {
		return fmt.Errorf("bandwidth: Config.Horizon is negative")
	}
	if slices.ContainsFunc(c.WebhookKeys, secret.String.IsZero) {
		return fmt.Errorf("bandwidth: Config.WebhookKeys holds an empty key")
	}
	return nil
}

// ID is that of the configuration.
func (c *Carrier) ID() provider.ID { return c.cfg.ID }

// Close lets go of idle connections.
func (c *Carrier) Close() error { return c.client.Close() }

// placement is where new numbers go: the configured place, or what the options
// of this one request say. Other options than those allowed are refused.
func (c *Carrier) placement(op provider.Op, o provider.Options, allowed ...string) (site, peer string, err error) {
	if err := o.Only(append([]string{"SiteId", "PeerId"}, allowed...)...); err != nil {
		return "", "", c.invalid(op, err)
	}
	site, peer = c.cfg.Site, c.cfg.Peer
	if s := o["SiteId"]; s != "" {
		site, peer = s, "" // a configured peer belongs to the configured site
	}
	if p := o["PeerId"]; p != "" {
		peer = p
	}
	return site, peer, nil
}

func field(name, rule, text string) error {
	return &provider.FieldError{Field: name, Rule: rule, Text: text}
}

// fail is an error that was found before anything was sent.
func (c *Carrier) fail(op provider.Op, k provider.Kind, text string) *provider.Error {
	return &provider.Error{Op: op, Provider: c.cfg.ID, Kind: k, Outcome: provider.NotApplied, Text: text}
}

// invalid makes what is wrong with a request an error of this carrier.
func (c *Carrier) invalid(op provider.Op, err error) error {
	return provider.Refused(c.cfg.ID, op, err)
}

// checkNumbers refuses a list that no order about numbers can hold.
func (c *Carrier) checkNumbers(op provider.Op, k provider.Key, ns []nanp.Number, max int) error {
	if err := k.Validate(); err != nil {
		return c.invalid(op, err)
	}
	return c.invalid(op, provider.CheckNumbers(ns, max))
}
