package carrierhttp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

const tookTooLong = "it took too long"

// causes are the errors from below that are shown, by themselves or as what stands
// for them. No error of net/http, net/url, crypto/tls or encoding/json is handed
// on: they quote addresses, headers and answers.
var causes = []struct {
	is   error
	text string
	show error
}{
	{context.Canceled, "the call ended", context.Canceled},
	{context.DeadlineExceeded, "the call ended", context.DeadlineExceeded},
	{os.ErrDeadlineExceeded, tookTooLong, os.ErrDeadlineExceeded},
	{syscall.ECONNREFUSED, "the connection was refused", syscall.ECONNREFUSED},
	{syscall.ECONNRESET, "the connection was reset", syscall.ECONNRESET},
	{syscall.EPIPE, "the connection was reset", syscall.EPIPE},
	{io.ErrUnexpectedEOF, "the connection ended", io.ErrUnexpectedEOF},
	{io.EOF, "the connection ended", io.ErrUnexpectedEOF},
	{net.ErrClosed, "the connection ended", net.ErrClosed},
	{fs.ErrNotExist, "a file is missing", fs.ErrNotExist},
	{fs.ErrPermission, "a file may not be read", fs.ErrPermission},
	{secret.ErrEncode, "a secret is not encoded", secret.ErrEncode},
}

// known says what an error is in our own words, and what of it may be shown.
func known(err error) (text string, show error) {
	for _, c := range causes {
		if errors.Is(err, c.is) {
			return c.text, c.show
		}
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return "the carrier's host name does not resolve", nil
	case errors.As(err, &cert):
		return "the carrier's certificate is not trusted", nil
	case errors.As(err, &timeout) && timeout.Timeout():
		return tookTooLong, os.ErrDeadlineExceeded
	}
	return "the exchange broke", nil
}

const (
	maxCode    = 64
	maxRequest = 128
)

// scrub takes out of an error what must not show, and cuts what came from the
// carrier to what it can look like.
func (c *Client) scrub(e *provider.Error) *provider.Error {
	hide := c.hider()
	e.Code, e.Request, e.Text = token(hide(e.Code), maxCode), token(hide(e.Request), maxRequest), hide(e.Text)
	for i, f := range e.Fields {
		e.Fields[i] = provider.FieldError{Field: hide(f.Field), Rule: hide(f.Rule), Text: hide(f.Text)}
	}
	return e
}

// requestID is the carrier's name of an answer.
func (c *Client) requestID(h http.Header) string {
	for _, name := range c.cfg.RequestID {
		if v := h.Get(name); v != "" {
			return token(c.hider()(v), maxRequest)
		}
	}
	return ""
}

// hider replaces every secret that is known at this moment.
func (c *Client) hider() func(string) string {
	secrets := c.cfg.Secrets
	if c.auth != nil {
		secrets = slices.Concat(secrets, c.auth.Secrets())
	}
	var values []string
	for _, s := range secrets {
		if v := s.Reveal(); v != "" {
			values = append(values, v, url.QueryEscape(v))
		}
	}
	if values == nil {
		return func(s string) string { return s }
	}
	// The longest first: a secret can be the beginning of another.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(values))
	for _, v := range values {
		pairs = append(pairs, v, secret.Redacted)
	}
	return strings.NewReplacer(pairs...).Replace
}

// token cuts s where it stops being a code or an ID.
func token(s string, most int) string {
	const marks = "-_.:/+=@~[]"
	for i := range len(s) {
		b := s[i]
		if i == most || !(b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || strings.IndexByte(marks, b) >= 0) {
			return s[:i]
		}
	}
	return s
}
