package carrierhttp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// ClassToken is the class of requests for tokens, for Config.Rates.
const ClassToken provider.Class = "token"

// Credentials are those of the OAuth 2.0 client credentials grant (RFC 6749, 4.4).
type Credentials struct {
	TokenURL string // https
	ID       string
	Secret   secret.String
	Scopes   []string
}

// ClientCredentials fetches a token when one is needed, at most one at a time,
// renews it a minute before it expires, and after a 401. The client that uses it
// lends it its transport, time and limits ([ClassToken]): it works as Config.Auth
// itself, not within another Auth.
//
// A token that cannot be had fails the call, not applied: Unauthorized when the
// credentials are refused, RateLimited, or Unavailable.
func ClientCredentials(c Credentials) Auth { return credentials{c} }

// credentials have no client yet.
type credentials struct{ c Credentials }

var errUnlent = errors.New("carrierhttp: client credentials are to be Config.Auth itself")

func (credentials) Sign(context.Context, *http.Request) error { return errUnlent }
func (credentials) Refused(*http.Request) bool                { return false }
func (k credentials) Secrets() []secret.String                { return []secret.String{k.c.Secret} }

func (k credentials) borrow(c *Client) (Auth, error) {
	u, err := url.Parse(k.c.TokenURL)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || !safe(u) {
		return nil, &provider.FieldError{Field: "TokenURL", Rule: "address", Text: "must be https://host/path without user; http only for a loopback host"}
	}
	// RFC 6749, 2.3.1: both are form-encoded before they become user and password.
	client := Basic(url.QueryEscape(k.c.ID), secret.New(url.QueryEscape(k.c.Secret.Reveal())))
	return &tokens{
		c: c, at: u, client: client,
		scopes:  strings.Join(k.c.Scopes, " "),
		secrets: append(client.Secrets(), k.c.Secret),
		turn:    make(chan struct{}, 1),
	}, nil
}

// tokens holds the token of one client.
type tokens struct {
	c       *Client
	at      *url.URL
	client  Auth // of the token endpoint
	scopes  string
	secrets []secret.String
	turn    chan struct{} // held by the one who fetches

	mu      sync.Mutex
	token   secret.String
	before  secret.String // the one that it replaced may still be echoed
	until   time.Time     // zero: it does not say
	fetched uint64        // how often the token endpoint has given an answer, or none
	failed  error         // its last
}

// margin is how long before its end a token is renewed, or half its life if that
// is less.
const margin = time.Minute

func (t *tokens) current() (s secret.String, fetched uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.until.IsZero() && !t.c.cfg.Now().Before(t.until) {
		return secret.String{}, t.fetched
	}
	return t.token, t.fetched
}

// get returns a token. One caller fetches it under its own context, the others
// wait for it under theirs, and take its failure for theirs unless it was the end
// of its context: then the next one fetches.
func (t *tokens) get(ctx context.Context) (secret.String, error) {
	s, before := t.current()
	if !s.IsZero() {
		return s, nil
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return s, ctx.Err()
	}
	s, now := t.current()
	if !s.IsZero() {
		return s, nil
	}
	if now != before {
		if err := t.failure(); err != nil {
			return s, err
		}
	}
	return t.fetch(ctx)
}

func (t *tokens) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

// fetch asks for a token. It is a Read: a token more changes nothing.
func (t *tokens) fetch(ctx context.Context) (secret.String, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if t.scopes != "" {
		form.Set("scope", t.scopes)
	}
	res, err := t.c.exchange(ctx, Call{
		Op: "fetch token", Intent: Read, Class: ClassToken, Method: http.MethodPost,
		Header: http.Header{"Accept": {"application/json"}}, Body: Form(form), Classify: refusedClient,
	}, t.at, t.client)
	var token secret.String
	var life time.Duration
	if err == nil {
		token, life, err = granted(res)
	}
	if err != nil && ctx.Err() != nil {
		return secret.String{}, ctx.Err()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fetched++
	t.failed = err
	if err != nil {
		return secret.String{}, err
	}
	if !t.token.IsZero() {
		t.before = t.token
	}
	t.token, t.until = token, time.Time{}
	if life > 0 {
		t.until = t.c.cfg.Now().Add(life - min(margin, life/2))
	}
	return token, nil
}

// refusedClient makes of the token endpoint's answer what it means for the call
// (RFC 6749, 5.2). What is neither a refusal nor a limit may pass.
func refusedClient(r Response, e *provider.Error) {
	switch r.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		e.Kind, e.Text = provider.Unauthorized, "the carrier refuses the client credentials"
	case http.StatusTooManyRequests:
		e.Kind, e.Text = provider.RateLimited, "the carrier limits requests for tokens"
	default:
		e.Kind, e.Text = provider.Unavailable, "the carrier gives no token"
	}
}

// granted reads RFC 6749, 5.1. Some carriers write the lifetime as a text.
func granted(r Response) (token secret.String, life time.Duration, err error) {
	var body struct {
		Token string          `json:"access_token"`
		Type  string          `json:"token_type"`
		Life  json.RawMessage `json:"expires_in"`
	}
	if json.Unmarshal(r.Body, &body) != nil || body.Token == "" || body.Type != "" && !strings.EqualFold(body.Type, "bearer") || strings.ContainsFunc(body.Token, invisible) {
		return token, 0, r.Error(provider.Unavailable, provider.NotApplied, "the answer to a request for a token is none")
	}
	if f, err := strconv.ParseFloat(strings.Trim(string(body.Life), `"`), 64); err == nil && f > 0 {
		life = seconds(f)
	}
	return secret.New(body.Token), life, nil
}

func invisible(r rune) bool { return r <= ' ' || r >= 0x7f }

func (t *tokens) warm(ctx context.Context) error {
	_, err := t.get(ctx)
	return err
}

func (t *tokens) ready() bool {
	s, _ := t.current()
	return !s.IsZero()
}

func (t *tokens) Sign(ctx context.Context, r *http.Request) error {
	s, err := t.get(ctx)
	if err == nil {
		r.Header.Set("Authorization", "Bearer "+s.Reveal())
	}
	return err
}

// Refused drops the token, unless another call has renewed it already.
func (t *tokens) Refused(r *http.Request) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.Header.Get("Authorization") == "Bearer "+t.token.Reveal() {
		t.before, t.token = t.token, secret.String{}
	}
	return true
}

func (t *tokens) Secrets() []secret.String {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]secret.String{t.token, t.before}, t.secrets...)
}
