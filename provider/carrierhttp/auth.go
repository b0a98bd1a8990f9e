package carrierhttp

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/numberdesk/numberdesk/secret"
)

// Auth adds credentials to requests. It is safe for concurrent use.
type Auth interface {
	// Sign adds them to one attempt. An error ends the call, not applied; where it is a
	// *provider.Error its kind, time, code and text are kept.
	Sign(ctx context.Context, r *http.Request) error
	// Refused is told that the carrier answered 401 to what Sign had added to r, and
	// reports whether Sign would now add something else: then the request, which was
	// not applied, is sent once more.
	Refused(r *http.Request) bool
	// Secrets are the values that must never show.
	Secrets() []secret.String
}

// Bearer adds a fixed token.
func Bearer(token secret.String) Auth {
	if token.IsZero() {
		return fixed{err: errors.New("carrierhttp: the token is empty")}
	}
	return fixed{header: secret.New("Bearer " + token.Reveal()), secrets: []secret.String{token}}
}

// Basic adds a user and a password. A user name has no colon in it (RFC 7617).
func Basic(user string, password secret.String) Auth {
	if user == "" || strings.Contains(user, ":") || password.IsZero() {
		return fixed{err: errors.New("carrierhttp: the user or the password is empty, or the user has a colon")}
	}
	pair := secret.New(base64.StdEncoding.EncodeToString([]byte(user + ":" + password.Reveal())))
	return fixed{header: secret.New("Basic " + pair.Reveal()), secrets: []secret.String{pair, password}}
}

// fixed is an Authorization header that does not change.
type fixed struct {
	header  secret.String
	secrets []secret.String
	err     error
}

func (f fixed) Sign(_ context.Context, r *http.Request) error {
	if f.err == nil {
		r.Header.Set("Authorization", f.header.Reveal())
	}
	return f.err
}

func (fixed) Refused(*http.Request) bool { return false }

func (f fixed) Secrets() []secret.String { return f.secrets }

// borrower is an Auth that sends requests itself. New gives it the client, and uses
// what it returns.
type borrower interface {
	borrow(c *Client) (Auth, error)
}

// warmer is an Auth that may have to wait for its credentials.
type warmer interface {
	warm(ctx context.Context) error // has them now
	ready() bool                    // still has them
}
