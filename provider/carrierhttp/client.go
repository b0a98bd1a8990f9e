package carrierhttp

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// Config says how one account at one carrier is reached. ID and Base are needed;
// the zero value of the rest is the default that is named.
type Config struct {
	ID   provider.ID // in errors and evidence
	Base string      // https://host/path, without user and query; http only for a loopback host
	// Hosts are further origins (https://host) that a Call.URL may name. Credentials
	// go to Base's origin and to these, and nowhere else.
	Hosts []string
	Auth  Auth // nil: none

	Rates map[provider.Class]provider.Limit // a class that is missing is not limited; a burst below 1 is 1
	// Classify amends what is already known of an answer that is no success (status
	// below 200 or above 299): e carries Op, Provider, Kind and Outcome by status,
	// After, Request and Number. It sets Kind, Code, Text and Fields from the body, and
	// Outcome where the carrier's code proves more than the status. It MUST NOT copy
	// text of the body into e; Code is cut to what a code can look like. The body may
	// be cut short. A Kind of RateLimited pauses the class as a 429 does.
	Classify func(r Response, e *provider.Error)
	// RequestID lists the headers in which the carrier names its request, first match
	// wins.
	RequestID []string
	// Secrets are values that the carrier might echo in a code or an ID: where one
	// shows up in an error, it is redacted. Those of Auth are known already.
	Secrets []secret.String

	// Transport sends the requests. Its own is HTTP/1.1 without a proxy, counts what
	// it writes, and so proves what was not sent; a test hands in httpmock's. Of a
	// transport that is handed in only what it reports to httptrace is known: without
	// a report every failed Create has an unknown outcome.
	Transport http.RoundTripper
	Now       func() time.Time // time.Now; rates and pauses are measured on the monotonic clock
	Logger    *slog.Logger     // silent; attempts at debug level, by operation and status
	UserAgent string           // "numberdesk"
	MaxReply  int64            // bytes of one answer, unpacked: 16 MiB
	Timeout   time.Duration    // of one attempt, without the wait for the rate: 30 s
	Attempts  int              // of one Read: 4
	Patience  time.Duration    // what a Read waits between attempts, all in all: 10 s
}

// Client talks to one carrier.
type Client struct {
	cfg   Config
	base  *url.URL
	hosts []string // origins that credentials may go to, Base's first
	auth  Auth
	own   *transport        // nil: Config.Transport was handed in
	http  http.RoundTripper // what sends

	mu    sync.Mutex
	gates map[provider.Class]*gate
}

const (
	defaultMaxReply = 16 << 20
	defaultTimeout  = 30 * time.Second
	defaultAttempts = 4
	defaultPatience = 10 * time.Second
)

// New refuses a Config without a valid ID or Base.
func New(c Config) (*Client, error) {
	if err := c.ID.Validate(); err != nil {
		return nil, err
	}
	base, err := parseBase(c.Base)
	if err != nil {
		return nil, err
	}
	hosts := []string{origin(base)}
	for _, h := range c.Hosts {
		u, err := parseBase(h)
		if err != nil || u.Path != "" {
			return nil, &provider.FieldError{Field: "Hosts", Rule: "origin", Text: "hold what is no https://host"}
		}
		hosts = append(hosts, origin(u))
	}
	setDefaults(&c)
	client := &Client{cfg: c, base: base, hosts: hosts, auth: c.Auth, http: c.Transport, gates: map[provider.Class]*gate{}}
	for class, limit := range c.Rates {
		if !(limit.PerSecond > 0) {
			return nil, &provider.FieldError{Field: "Rates", Rule: "positive", Text: fmt.Sprintf("of class %q must be above 0; leave the class out to not limit it", class)}
		}
		client.gates[class] = newGate(limit)
	}
	if client.http == nil {
		client.own = newTransport()
		client.http = client.own
	}
	if b, ok := c.Auth.(borrower); ok {
		if client.auth, err = b.borrow(client); err != nil {
			return nil, err
		}
	}
	return client, nil
}

func setDefaults(c *Config) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.UserAgent == "" {
		c.UserAgent = "numberdesk"
	}
	if c.MaxReply <= 0 {
		c.MaxReply = defaultMaxReply
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Attempts <= 0 {
		c.Attempts = defaultAttempts
	}
	if c.Patience <= 0 {
		c.Patience = defaultPatience
	}
	c.Rates, c.RequestID, c.Secrets = maps.Clone(c.Rates), slices.Clone(c.RequestID), slices.Clone(c.Secrets)
}

// Do makes one call. The answer is a success (2xx); everything else is a
// *provider.Error, with the Response beside it as far as it came.
//
// It returns soon after ctx has ended. The error then wraps ctx.Err().
func (c *Client) Do(ctx context.Context, call Call) (Response, error) {
	call = call.withDefaults()
	u, err := c.address(call)
	if err != nil {
		return Response{call: call, client: c}, c.refuse(call, err.Error(), nil)
	}
	return c.exchange(ctx, call, u, c.auth)
}

// Close lets go of idle connections.
func (c *Client) Close() error {
	if i, ok := c.http.(interface{ CloseIdleConnections() }); ok {
		i.CloseIdleConnections()
	}
	return nil
}

func (c *Client) gate(class provider.Class) *gate {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.gates[class]
	if g == nil {
		g = &gate{}
		c.gates[class] = g
	}
	return g
}
