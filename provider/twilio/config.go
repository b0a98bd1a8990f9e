package twilio

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// Hosts are the origins of Twilio's APIs. Each field that is empty has the real
// one.
type Hosts struct {
	API      string // numbers and addresses: https://api.twilio.com
	Numbers  string // porting: https://numbers.twilio.com
	Upload   string // documents for ports: https://numbers-upload.twilio.com
	TrustHub string // caller names: https://trusthub.twilio.com
	Lookups  string // https://lookups.twilio.com
	Pricing  string // https://pricing.twilio.com
}

// Config is one account.
type Config struct {
	ID      provider.ID   // default "twilio"
	Account string        // the account's SID, AC and 32 hexadecimal digits
	Token   secret.String // its auth token, or the secret of KeySID
	KeySID  string        // an API key, SK and 32 hexadecimal digits; "": the account's own token

	// WebhookKeys are the auth tokens under which messages may be signed: the primary
	// one, and during a rotation the secondary one. Twilio signs with the account's
	// token also where requests are made with an API key. None: no message is believed.
	WebhookKeys []secret.String
	// Callback is the https URL at which Twilio reports the review of a caller name;
	// "": it does not, and TrackName tells.
	Callback string

	Base  string // one place for all hosts that Hosts does not name: a fake, a proxy
	Hosts Hosts

	Transport http.RoundTripper // its own
	Now       func() time.Time  // time.Now
	Logger    *slog.Logger      // silent
	// Rates are what the account is asked at most. Twilio limits how many requests run
	// at a time and publishes no number (error 20429): the default is a careful guess
	// of 10 reads, 5 searches and 5 creations in a second.
	Rates   map[provider.Class]provider.Limit
	Horizon time.Duration // after it a creation that was sent arrives no more; 15 minutes, a guess: Twilio states none
}

var realHosts = Hosts{
	API:      "https://api.twilio.com",
	Numbers:  "https://numbers.twilio.com",
	Upload:   "https://numbers-upload.twilio.com",
	TrustHub: "https://trusthub.twilio.com",
	Lookups:  "https://lookups.twilio.com",
	Pricing:  "https://pricing.twilio.com",
}

func (h *Hosts) all() []*string {
	return []*string{&h.API, &h.Numbers, &h.Upload, &h.TrustHub, &h.Lookups, &h.Pricing}
}

func (h Hosts) complete(base string) Hosts {
	def := realHosts
	for i, host := range h.all() {
		if *host == "" {
			*host = base
		}
		if *host == "" {
			*host = *def.all()[i]
		}
		*host = strings.TrimRight(*host, "/")
	}
	return h
}

var defaultRates = map[provider.Class]provider.Limit{
	provider.ClassRead:   {PerSecond: 10, Burst: 10},
	provider.ClassSearch: {PerSecond: 5, Burst: 5},
	provider.ClassCreate: {PerSecond: 5, Burst: 5},
}

const defaultHorizon = 15 * time.Minute

// sid checks the form of an identifier: two letters say what it names.
func sid(kind, s string) bool {
	return len(s) == 34 && strings.HasPrefix(s, kind) && hexadecimal.MatchString(s[2:])
}

var hexadecimal = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

func (c *Config) complete() error {
	if c.ID == "" {
		c.ID = "twilio"
	}
	switch {
	case c.Account == "":
		return errors.New("twilio: Account is missing: the account's SID (AC)")
	case !sid("AC", c.Account):
		return errors.New("twilio: Account is not AC and 32 hexadecimal digits")
	case c.Token.IsZero():
		return errors.New("twilio: Token is missing: the account's auth token, or the secret of the API key")
	case c.KeySID != "" && !sid("SK", c.KeySID):
		return errors.New("twilio: KeySID is not SK and 32 hexadecimal digits")
	case c.Callback != "" && !strings.HasPrefix(c.Callback, "https://"):
		return errors.New("twilio: Callback is not an https URL")
	case c.Horizon < 0:
		return errors.New("twilio: Horizon is negative")
	}
	if slices.ContainsFunc(c.WebhookKeys, secret.String.IsZero) {
		return errors.New("twilio: WebhookKeys holds an empty key")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Horizon == 0 {
		c.Horizon = defaultHorizon
	}
	if c.Rates == nil {
		c.Rates = defaultRates
	}
	c.Rates, c.WebhookKeys = maps.Clone(c.Rates), slices.Clone(c.WebhookKeys)
	c.Hosts = c.Hosts.complete(c.Base)
	return nil
}

// Carrier is one account at Twilio. It is safe for concurrent use.
type Carrier struct{ a *account }

var _ provider.Provider = (*Carrier)(nil)

// New refuses a Config that lacks something and says what. It asks Twilio nothing.
func New(c Config) (*Carrier, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	user := c.Account
	if c.KeySID != "" {
		user = c.KeySID
	}
	a := &account{cfg: c, prices: newPrices(), buying: newClaims()}
	var hosts []string
	for _, h := range c.Hosts.all() {
		if *h != c.Hosts.API && !slices.Contains(hosts, *h) {
			hosts = append(hosts, *h)
		}
	}
	client, err := carrierhttp.New(carrierhttp.Config{
		ID: c.ID, Base: c.Hosts.API, Hosts: hosts, Auth: carrierhttp.Basic(user, c.Token),
		Rates: c.Rates, Classify: classify, RequestID: []string{"Twilio-Request-Id"}, Secrets: c.WebhookKeys,
		Transport: c.Transport, Now: c.Now, Logger: c.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("twilio: %w", err)
	}
	a.client = client
	return &Carrier{a}, nil
}

// ID is that of the configuration.
func (c *Carrier) ID() provider.ID { return c.a.cfg.ID }

// Close lets go of idle connections.
func (c *Carrier) Close() error { return c.a.client.Close() }

// account implements the capabilities.
type account struct {
	cfg    Config
	client *carrierhttp.Client
	prices *prices
	buying *claims
}
