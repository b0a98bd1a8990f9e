package carrierhttp

import (
	"context"
	"net/http"

	"github.com/numberdesk/numberdesk/secret"
)

// Auth adds credentials to requests. It is safe for concurrent use.
type Auth interface {
	// Sign adds them to one attempt. An error ends the call, not applied.
	Sign(ctx context.Context, r *http.Request) error
	// Refused is told that the carrier answered 401 to what Sign had added to r, and
	// reports whether Sign would now add something else: then the request, which was
	// not applied, is sent once more.
	Refused(r *http.Request) bool
	// Secrets are the values that must never show.
	Secrets() []secret.String
}

// Bearer adds a fixed token.
func Bearer(token secret.String) Auth { return nil }

// Basic adds a user and a password.
func Basic(user string, password secret.String) Auth { return nil }

// Credentials are those of the OAuth 2.0 client credentials grant (RFC 6749, 4.4).
type Credentials struct {
	TokenURL string // https
	ID       string
	Secret   secret.String
	Scopes   []string
}

// ClientCredentials fetches a token when one is needed, at most one at a time,
// renews it a minute before it expires, and after a 401. The client that uses it
// lends it its transport, time and limits.
func ClientCredentials(c Credentials) Auth { return nil }
