package carrierhttp

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// parseBase reads an address that requests go to. It gives nothing of it away in
// the error: it could hold a password.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || !safe(u) || dotted(u.EscapedPath()) {
		return nil, &provider.FieldError{Field: "Base", Rule: "address", Text: "must be https://host/path without user, query and fragment; http only for a loopback host"}
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func safe(u *url.URL) bool {
	host := u.Hostname()
	ip := net.ParseIP(host)
	return u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// origin is the scheme, host and port of an address in one form.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

var (
	errBoth   = errors.New("a call has a path or a URL, not both")
	errPath   = errors.New("the path is none: it begins with a slash, has no empty or dotted part, no query and no control character")
	errOrigin = errors.New("the URL is at another host than this carrier's: nothing is sent there")
	errMarked = errors.New("the query holds the mark of a redacted secret instead of the secret")
)

// address is where a call goes: below Base, or at an origin that is allowed.
func (c *Client) address(call Call) (*url.URL, error) {
	var u *url.URL
	var err error
	switch {
	case call.URL != "" && call.Path != "":
		return nil, errBoth
	case call.URL != "":
		u, err = c.link(call.URL)
	default:
		u, err = c.below(call.Path)
	}
	if err != nil {
		return nil, err
	}
	for _, vs := range call.Query {
		for _, v := range vs {
			if strings.Contains(v, secret.Redacted) {
				return nil, errMarked
			}
		}
	}
	if len(call.Query) > 0 {
		q := u.Query()
		for name, vs := range call.Query {
			q[name] = vs
		}
		u.RawQuery = q.Encode()
	}
	return u, nil
}

func (c *Client) below(path string) (*url.URL, error) {
	if path == "" {
		u := *c.base
		return &u, nil
	}
	if path[0] != '/' || strings.ContainsAny(path, "?#") || strings.Contains(path, "//") || dotted(path) {
		return nil, errPath
	}
	u, err := url.Parse(c.base.String() + path)
	if err != nil || origin(u) != c.hosts[0] {
		return nil, errPath
	}
	return u, nil
}

func (c *Client) link(s string) (*url.URL, error) {
	u, err := c.base.Parse(s)
	if err != nil || u.User != nil || u.Opaque != "" {
		return nil, errOrigin
	}
	if dotted(u.EscapedPath()) {
		return nil, errPath
	}
	u.Fragment, u.RawFragment = "", ""
	for _, h := range c.hosts {
		if origin(u) == h {
			return u, nil
		}
	}
	return nil, errOrigin
}

// dotted reports whether a server that unescapes a path before it resolves dots
// could take it for another one.
func dotted(path string) bool {
	plain, err := url.PathUnescape(path)
	if err != nil {
		return true
	}
	for _, segment := range strings.FieldsFunc(plain, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f })
}
