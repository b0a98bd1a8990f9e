package carrierhttp

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
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

	Rates map[provider.Class]provider.Limit // a class that is missing is not limited
	// Classify amends what is already known of an answer that is no success (status
	// below 200 or above 299): e carries Op, Provider, Kind and Outcome by status,
	// After, Request and Number. It sets Kind, Code, Text and Fields from the body, and
	// Outcome where the carrier's code proves more than the status. It MUST NOT copy
	// text of the body into e; Code is cut to what a code can look like.
	Classify func(r Response, e *provider.Error)
	// RequestID lists the headers in which the carrier names its request, first match
	// wins.
	RequestID []string
	// Secrets are values that the carrier might echo in a code or an ID: where one
	// shows up in an error, it is redacted. Those of Auth are known already.
	Secrets []secret.String

	Transport http.RoundTripper // its own, without proxy; a test hands in httpmock's
	Now       func() time.Time  // time.Now
	Logger    *slog.Logger      // silent; attempts at debug level, by operation and status
	UserAgent string            // "numberdesk"
	MaxReply  int64             // bytes of one answer: 16 MiB
	Timeout   time.Duration     // of one attempt: 30 s
	Attempts  int               // of one Read: 4
	Patience  time.Duration     // what a Read waits between attempts, all in all: 10 s
}

// Client talks to one carrier.
type Client struct {
	cfg Config
}

// New refuses a Config without a valid ID or Base.
func New(c Config) (*Client, error) {
	if err := c.ID.Validate(); err != nil {
		return nil, err
	}
	return &Client{cfg: c}, nil
}

// Do makes one call. The answer is a success (2xx); everything else is a
// *provider.Error, with the Response beside it as far as it came.
func (c *Client) Do(ctx context.Context, call Call) (Response, error) {
	return Response{}, errors.New("carrierhttp: not there yet")
}

// Close lets go of idle connections.
func (c *Client) Close() error { return nil }
