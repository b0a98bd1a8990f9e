package carrierhttp

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// repeats are the headers that net/http takes as leave to send a POST again on a
// connection that broke (net/http, Request.isReplayable).
var repeats = [...]string{"Idempotency-Key", "X-Idempotency-Key"}

// form is the request of which each attempt is a copy, without credentials and
// body.
func (c *Client) form(ctx context.Context, call Call, u *url.URL) (*http.Request, *provider.Error) {
	if call.Body.Err != nil {
		return nil, c.refuse(call, "the body cannot be made", call.Body.Err)
	}
	r, err := http.NewRequestWithContext(ctx, call.Method, u.String(), nil)
	if err != nil {
		return nil, c.refuse(call, "the method or the address is malformed", nil)
	}
	for name, values := range call.Header {
		for _, v := range values {
			if strings.Contains(v, secret.Redacted) {
				return nil, c.refuse(call, "a header holds the mark of a redacted secret instead of the secret", nil)
			}
			r.Header.Add(name, v)
		}
	}
	if call.Intent == Create {
		for _, name := range repeats {
			if r.Header.Get(name) != "" {
				return nil, c.refuse(call, "an idempotency key is not sent with what must leave once", nil)
			}
		}
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", c.cfg.UserAgent)
	}
	if call.Body.Type != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", call.Body.Type)
	}
	return r, nil
}
