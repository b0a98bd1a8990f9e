package carrierhttp_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// The canary is a configured secret and everything that a carrier says.
const canary = "tweety4711+sylvester"

var canaries = []string{canary, url.QueryEscape(canary), "tweety", "sylvester", base64.StdEncoding.EncodeToString([]byte("user:" + canary)), fmt.Sprintf("%x", canary)}

// rendered is an error, and all that it wraps, in every way in which it may end up
// in a log.
func rendered(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%d"} {
		_, _ = fmt.Fprintf(&b, verb+"\n", v)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).With("with", v).Error("failed", "err", v, slog.Group("g", "err", v))
	}
	j, err := json.Marshal(v)
	b.Write(j)
	if err != nil {
		b.WriteString(err.Error())
	}
	if e, ok := v.(error); ok {
		switch u := e.(type) {
		case interface{ Unwrap() error }:
			if next := u.Unwrap(); next != nil {
				b.WriteString(rendered(t, next))
			}
		case interface{ Unwrap() []error }:
			for _, next := range u.Unwrap() {
				b.WriteString(rendered(t, next))
			}
		}
	}
	return b.String()
}

func clean(t *testing.T, what, text string) {
	t.Helper()
	for _, c := range canaries {
		require.NotContains(t, text, c, what)
	}
}

// speak is a carrier that answers with these very bytes.
func speak(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, text)
				_ = c.Close()
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func answer(statusLine, body string) string {
	return "HTTP/1.1 " + statusLine + "\r\nX-Request-Id: " + canary + "\r\nX-Echo: Bearer " + canary + "\r\nLocation: https://x.example/?k=" + url.QueryEscape(canary) +
		"\r\nRetry-After: " + canary + "\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body
}

type leakyAuth struct{}

func (leakyAuth) Sign(context.Context, *http.Request) error { return errors.New("no key " + canary) }
func (leakyAuth) Refused(*http.Request) bool                { return false }
func (leakyAuth) Secrets() []secret.String                  { return nil }

func TestNoErrorAndNoLogShowsWhatTheCarrierOrTheCallSaid(t *testing.T) {
	body := `{"code":"` + canary + `","message":"` + canary + `","n":"x"}`
	call := func(amend func(*carrierhttp.Call)) carrierhttp.Call {
		c := placing()
		c.Path = carrierhttp.Path("accounts", canary)
		c.Query = url.Values{"api_password": {canary}}
		c.Header = http.Header{"X-Key": {canary}}
		c.Body = carrierhttp.JSON(map[string]string{"pin": canary})
		if amend != nil {
			amend(&c)
		}
		return c
	}
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, refused.Close())
	type mode struct {
		base string
		cfg  carrierhttp.Config
		call carrierhttp.Call
		use  func(carrierhttp.Response) error
	}
	modes := map[string]mode{
		"refused":        {base: "http://" + refused.Addr().String()},
		"no such host":   {base: "https://tweety4711-sylvester.invalid"},
		"no http":        {base: speak(t, canary+"\r\n\r\n")},
		"bad status":     {base: speak(t, "HTTP/1.1 "+canary+" "+canary+"\r\n\r\n")},
		"bad header":     {base: speak(t, "HTTP/1.1 200 OK\r\n"+canary+"\r\n\r\n")},
		"bad length":     {base: speak(t, "HTTP/1.1 200 OK\r\nContent-Length: "+canary+"\r\n\r\n")},
		"endless header": {base: speak(t, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat(canary, 10_000)+"\r\n\r\n")},
		"bad chunk":      {base: speak(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+canary+"\r\n")},
		"bad gzip":       {base: speak(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"+canary)},
		"no tls":         {base: strings.Replace(speak(t, canary), "http:", "https:", 1)},
		"short answer":   {base: speak(t, "HTTP/1.1 200 OK\r\nX-Request-Id: "+canary+"\r\nContent-Length: 100\r\n\r\n"+canary)},
		"long answer":    {base: speak(t, answer("200 OK", strings.Repeat(canary, 100))), cfg: carrierhttp.Config{MaxReply: 100}},
		"transport":      {cfg: carrierhttp.Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New(canary) })}},
		"transport's url": {cfg: carrierhttp.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: io.EOF}
		})}},
		"time-out": {cfg: carrierhttp.Config{Timeout: time.Millisecond, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, fmt.Errorf("%s: %w", canary, r.Context().Err())
		})}},
		"sign":                    {base: speak(t, ""), cfg: carrierhttp.Config{Auth: leakyAuth{}}},
		"token with a line break": {base: speak(t, ""), cfg: carrierhttp.Config{Auth: carrierhttp.Bearer(secret.New(canary + "\n"))}},
		"user with a colon":       {base: speak(t, ""), cfg: carrierhttp.Config{Auth: carrierhttp.Basic("user:"+canary, secret.New(canary))}},
		"body":                    {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Body = carrierhttp.Body{Err: errors.New(canary)} })},
		"json body":               {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Body = carrierhttp.JSON(unwritable{}) })},
		"redacted body":           {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Body = carrierhttp.JSON(map[string]any{canary: secret.New(canary)}) })},
		"open": {base: speak(t, ""), call: call(func(c *carrierhttp.Call) {
			c.Body = carrierhttp.Body{Open: func() (io.ReadCloser, error) { return nil, errors.New("/home/" + canary) }}
		})},
		"reading the body": {base: speak(t, ""), call: call(func(c *carrierhttp.Call) {
			c.Body = carrierhttp.Body{Open: func() (io.ReadCloser, error) { return io.NopCloser(failing{}), nil }}
		})},
		"header":     {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Header = http.Header{canary + "\n": {canary + "\n"}} })},
		"method":     {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Method = canary + " " })},
		"path":       {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Path = "/../" + canary })},
		"bad escape": {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Path = "/%zz" + canary })},
		"other host": {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Path, c.URL = "", "https://evil.example/?t="+canary })},
		"bad url":    {base: speak(t, ""), call: call(func(c *carrierhttp.Call) { c.Path, c.URL = "", "https://"+canary+":port/%zz" })},
		"decoding":   {base: speak(t, answer("200 OK", canary)), use: func(r carrierhttp.Response) error { return r.Decode(new(any)) }},
		"decoding to another type": {base: speak(t, answer("200 OK", body)), use: func(r carrierhttp.Response) error {
			var v struct{ N int }
			return r.Decode(&v)
		}},
		"decoding xml": {base: speak(t, answer("200 OK", "<a>"+canary)), use: func(r carrierhttp.Response) error { return r.DecodeXML(new(struct{})) }},
		"own error": {base: speak(t, answer("200 OK", body)), use: func(r carrierhttp.Response) error {
			return r.Error(provider.Internal, provider.Applied, "of "+canary)
		}},
	}
	for _, s := range []string{"101 Switching", "301 Moved", "400 Bad", "401 No", "404 " + canary, "409 Conflict", "429 Slow", "500 Oops", "503 " + canary, "599 " + canary} {
		modes[s] = mode{base: speak(t, answer(s, body))}
	}
	for name, m := range modes {
		for _, intent := range []carrierhttp.Intent{carrierhttp.Create, carrierhttp.Read} {
			var log bytes.Buffer
			m.cfg.ID, m.cfg.Base, m.cfg.Attempts, m.cfg.Patience = "acme", m.base, 2, time.Millisecond
			if m.base == "" {
				m.cfg.Base = "https://api.acme.example"
			}
			if m.cfg.Auth == nil {
				m.cfg.Auth = carrierhttp.Basic("user", secret.New(canary))
			}
			m.cfg.Secrets = []secret.String{secret.New("tweety"), secret.New(canary)}
			m.cfg.RequestID = []string{"X-Request-Id"}
			m.cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			m.cfg.Classify = func(r carrierhttp.Response, e *provider.Error) {
				var b struct{ Code, Message string }
				_ = json.Unmarshal(r.Body, &b)
				e.Code, e.Text, e.Err = b.Code, "it says "+b.Message, errors.New(b.Message)
				e.Fields = append(e.Fields, provider.FieldError{Field: b.Message, Rule: b.Message, Text: b.Message})
			}
			client, err := carrierhttp.New(m.cfg)
			require.NoError(t, err)
			if m.call.Op == "" {
				m.call = call(nil)
			}
			m.call.Intent = intent
			res, err := client.Do(t.Context(), m.call)
			if m.use != nil {
				require.NoError(t, err, name)
				err = m.use(res)
			}
			var e *provider.Error
			require.ErrorAs(t, err, &e, name)
			require.Equal(t, provider.OpPlace, e.Op, name)
			clean(t, name, rendered(t, err))
			clean(t, name+": response", rendered(t, struct{ R carrierhttp.Response }{carrierhttp.Response{Status: 1}}))
			clean(t, name+": response", fmt.Sprintf("%v %+v %#v %q %s", res, res, res, res, &res))
			clean(t, name+": evidence", rendered(t, res.Said("raw")))
			clean(t, name+": client", strings.ReplaceAll(fmt.Sprintf("%v %+v", client, m.cfg.Auth), strings.TrimPrefix(m.cfg.Base, "https://"), ""))
			clean(t, name+": log", log.String())
			if res.Status != 0 {
				require.Contains(t, log.String(), fmt.Sprintf("status=%d", res.Status), name)
			}
			require.NoError(t, client.Close())
		}
	}
}

type unwritable struct{}

func (unwritable) MarshalJSON() ([]byte, error) { return nil, errors.New(canary) }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New(canary) }

func TestConfigurationErrorsShowNothing(t *testing.T) {
	for _, cfg := range []carrierhttp.Config{
		{ID: "acme", Base: "https://user:" + canary + "@api.acme.example"},
		{ID: "acme", Base: "https://api.acme.example/?key=" + canary},
		{ID: "acme", Base: "https://api.acme.example/%zz" + canary},
		{ID: "acme", Base: canary},
		{ID: "acme", Base: "https://api.acme.example", Hosts: []string{"https://" + canary + "@x"}},
		{ID: "acme", Base: "https://api.acme.example", Auth: carrierhttp.ClientCredentials(carrierhttp.Credentials{TokenURL: "https://u:" + canary + "@x", ID: "id", Secret: secret.New(canary)})},
	} {
		_, err := carrierhttp.New(cfg)
		require.ErrorIs(t, err, provider.Invalid)
		clean(t, "", rendered(t, err))
	}
}

func TestCodesAndIDsAreCutToWhatTheyCanLookLike(t *testing.T) {
	for in, want := range map[string]string{
		"10027":                  "10027",
		"number_unavailable":     "number_unavailable",
		"Customer.Order-Id:7":    "Customer.Order-Id:7",
		"no such <script>":       "no",
		"line\nbreak":            "line",
		"\u202egnip":             "",
		strings.Repeat("9", 500): strings.Repeat("9", 64),
		"key=abc":                "key=[redacted]",
		"key=abcdef":             "key=[redacted]",
	} {
		client := newClient(t, carrierhttp.Config{
			Secrets:   []secret.String{secret.New("abc"), {}, secret.New("abcdef")},
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return respond(r, 400, ""), nil }),
			Classify:  func(_ carrierhttp.Response, e *provider.Error) { e.Code = in },
		})
		_, err := client.Do(t.Context(), placing())
		require.Equal(t, want, failed(t, err, provider.Invalid, provider.NotApplied).Code)
	}
}
