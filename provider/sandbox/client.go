package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// DialConfig configures a [Client]. The zero value is right.
type DialConfig struct {
	// Transport sends the requests; default a transport of the client's own,
	// without a proxy.
	Transport http.RoundTripper
	// MaxReply bounds an answer, in bytes; default 16 MiB.
	MaxReply int64
	// HookKey and HookKeyBefore verify messages of the carrier; without the first
	// none is believed.
	HookKey, HookKeyBefore secret.String
	Now                    func() time.Time // default time.Now; for the age of messages
}

// Client is a carrier that is served by a [Carrier.Handler], elsewhere. It
// behaves as that carrier does in the same process, and adds what a network
// adds: an error before the request was written is NotApplied, one after it has
// an unknown outcome. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	http  *http.Client
	max   int64
	about description
	hooks hooker
}

// Dial asks the carrier at the URL of its handler what it offers.
func Dial(ctx context.Context, baseURL string, cfg DialConfig) (*Client, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("sandbox: the address of a carrier is http://host:port, without user and query")
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	t := cfg.Transport
	if t == nil {
		t = &http.Transport{MaxIdleConnsPerHost: 64}
	}
	if cfg.MaxReply <= 0 {
		cfg.MaxReply = maxReply
	}
	c := &Client{base: u, max: cfg.MaxReply, http: &http.Client{
		Transport: t,
		// A redirect would send the order once more, to somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if c.about, err = send[description](ctx, c, opDescribe, nothing{}); err != nil {
		return nil, err
	}
	if err := c.about.ID.Validate(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c.hooks = hooker{c.about.ID, []secret.String{cfg.HookKey, cfg.HookKeyBefore}, cfg.Now}
	return c, nil
}

// Close lets go of idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// ID is that of the carrier.
func (c *Client) ID() provider.ID { return c.about.ID }

// Capabilities is what the carrier offered when it was dialled.
func (c *Client) Capabilities() provider.Capabilities {
	f := remote{c}
	caps := provider.Capabilities{
		Search: f, Places: f, Holds: f, Orders: f, Owned: f, Routing: f, Return: f, Lookup: f,
		Names: f, NameLookup: f, Addresses: f, Emergency: f, Endpoints: f,
		PortCheck: f, Ports: f, PortAmend: f, PortDocs: f, PortNotes: f, PortOuts: f, Hooks: c.hooks,
		Traits: c.about.Traits,
	}
	if slices.Contains(c.about.Offered, provider.CapOrderClose) {
		caps.OrderClose = f
	}
	return caps
}

func (c *Client) fail(op provider.Op, k provider.Kind, o provider.Outcome, text string, cause error) error {
	var u *url.Error
	if errors.As(cause, &u) {
		cause = u.Err // without the address
	}
	return &provider.Error{Op: op, Provider: c.about.ID, Kind: k, Outcome: o, Text: text, Err: cause}
}

// send makes one request. It is sent again only when an idle connection turned
// out to be closed before anything was written to it.
func send[T any](ctx context.Context, c *Client, op provider.Op, args any) (T, error) {
	var zero T
	body, err := json.Marshal(args)
	if err != nil {
		return zero, c.fail(op, provider.Invalid, provider.NotApplied, "the request holds what cannot be written", nil)
	}
	if err := ctx.Err(); err != nil {
		return zero, c.fail(op, provider.Unavailable, provider.NotApplied, "the call had ended before it was sent", err)
	}
	var res *http.Response
	for try := 0; ; try++ {
		var wrote, reused atomic.Bool
		res, err = c.post(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
			GotConn: func(i httptrace.GotConnInfo) { reused.Store(i.Reused) },
			// No part of the body is on its way before this is called.
			WroteHeaders: func() { wrote.Store(true) },
		}), op, body)
		if err == nil {
			break
		}
		switch {
		case wrote.Load():
			return zero, c.fail(op, provider.Unavailable, provider.OutcomeUnknown, whyLost(ctx), err)
		case reused.Load() && try == 0 && ctx.Err() == nil:
			continue
		}
		return zero, c.fail(op, provider.Unavailable, provider.NotApplied, "no connection", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, c.max+1))
	switch {
	case err != nil:
		return zero, c.fail(op, provider.Unavailable, provider.OutcomeUnknown, whyLost(ctx), err)
	case int64(len(b)) > c.max:
		return zero, c.fail(op, provider.Internal, provider.OutcomeUnknown, "the answer is too long", nil)
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return zero, c.fail(op, provider.Internal, provider.OutcomeUnknown, "the carrier answered with a redirect, which is not followed", nil)
	}
	var out reply
	if err := json.Unmarshal(b, &out); err != nil || (out.Value == nil) == (out.Error == nil) {
		return zero, c.fail(op, provider.Internal, provider.OutcomeUnknown, fmt.Sprintf("the answer with status %d is none of this carrier", res.StatusCode), nil)
	}
	if out.Error != nil {
		return zero, out.Error
	}
	var v T
	if err := json.Unmarshal(out.Value, &v); err != nil {
		return zero, c.fail(op, provider.Internal, provider.OutcomeUnknown, "the answer cannot be read", nil)
	}
	return v, nil
}

func whyLost(ctx context.Context) string {
	if ctx.Err() != nil {
		return "the call ended before the answer came"
	}
	return connectionEnded
}

// post sends a body that net/http cannot send twice: it has no GetBody, and the
// request has no idempotency key, which net/http takes as leave to repeat it.
func (c *Client) post(ctx context.Context, op provider.Op, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.String()+pathOf(op), io.NopCloser(bytes.NewReader(body)))
	if err != nil {
		return nil, err
	}
	req.ContentLength = int64(len(body))
	req.GetBody = nil
	req.Header.Set("Content-Type", contentType)
	return c.http.Do(req)
}

// remote is the carrier as the contract sees it, over the network.
type remote struct{ c *Client }

func (r remote) Search(ctx context.Context, q provider.SearchRequest) (provider.Result[provider.Offer], error) {
	return send[provider.Result[provider.Offer]](ctx, r.c, provider.OpSearch, q)
}

func (r remote) Hold(ctx context.Context, k provider.Key, n []nanp.Number) ([]provider.Hold, error) {
	return send[[]provider.Hold](ctx, r.c, provider.OpHold, argsKeyNumbers{k, n})
}

func (r remote) Unhold(ctx context.Context, ref provider.Ref) error {
	_, err := send[nothing](ctx, r.c, provider.OpUnhold, argsKeyRef{"", ref})
	return err
}

func (r remote) TrackHold(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.Hold], error) {
	return send[provider.Finding[[]provider.Hold]](ctx, r.c, provider.OpTrackHold, t)
}

func (r remote) Place(ctx context.Context, q provider.OrderRequest) (provider.Order, error) {
	return send[provider.Order](ctx, r.c, provider.OpPlace, q)
}

func (r remote) Track(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	return send[provider.Finding[provider.Order]](ctx, r.c, provider.OpTrack, t)
}

func (r remote) CloseOrder(ctx context.Context, k provider.Key, ref provider.Ref) (provider.Order, error) {
	return send[provider.Order](ctx, r.c, provider.OpCloseOrder, argsKeyRef{k, ref})
}

func (r remote) Owned(ctx context.Context, n nanp.Number) (provider.Owned, error) {
	return send[provider.Owned](ctx, r.c, provider.OpOwned, argsNumber{n})
}

func (r remote) ListOwned(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
	return send[provider.Result[provider.Owned]](ctx, r.c, provider.OpListOwned, p)
}

func (r remote) Route(ctx context.Context, q provider.RouteRequest) ([]provider.Owned, error) {
	return send[[]provider.Owned](ctx, r.c, provider.OpRoute, q)
}

func (r remote) Return(ctx context.Context, q provider.ReturnRequest) (provider.Order, error) {
	return send[provider.Order](ctx, r.c, provider.OpReturn, q)
}

func (r remote) TrackReturn(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	return send[provider.Finding[provider.Order]](ctx, r.c, provider.OpTrackReturn, t)
}

func (r remote) LookupNumber(ctx context.Context, n nanp.Number) (provider.NumberInfo, error) {
	return send[provider.NumberInfo](ctx, r.c, provider.OpLookupNumber, argsNumber{n})
}
