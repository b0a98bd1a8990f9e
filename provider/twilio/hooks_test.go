package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

var mutations = flag.Int("mutations", 10_000, "of genuine messages")

const hookURL = "https://hooks.example/twilio?tenant=7"

func sign(key, data string) string {
	m := hmac.New(sha1.New, []byte(key))
	m.Write([]byte(data))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

func message1(to, kind, body, signature string) provider.Webhook {
	return provider.Webhook{Method: "POST", URL: to, Body: []byte(body), At: noon, Header: map[string][]string{"Content-Type": {kind}, "X-Twilio-Signature": {signature}}}
}

func formHook(key, to string, v url.Values) provider.Webhook {
	data := to
	for _, k := range slices.Sorted(maps.Keys(v)) {
		data += k + v.Get(k)
	}
	return message1(to, "application/x-www-form-urlencoded", v.Encode(), sign(key, data))
}

func jsonHook(key, to, body string) provider.Webhook {
	sum := sha256.Sum256([]byte(body))
	to += "&bodySHA256=" + hex.EncodeToString(sum[:])
	return message1(to, "application/json", body, sign(key, to))
}

func hooker(keys ...string) provider.Hooker {
	c, err := New(Config{Account: acc, Token: secret.New("hush")})
	if err != nil {
		panic(err)
	}
	for _, k := range keys {
		c.a.cfg.WebhookKeys = append(c.a.cfg.WebhookKeys, secret.New(k))
	}
	return c.Capabilities().Hooks
}

const portMessage = `{"port_in_request_sid":"` + kw1 + `","phone_number":"+15015550101","status":"port_pending","portable":true,"port_date":null,"last_date_updated":"2026-11-24T12:00:00Z"}`

var reviewForm = url.Values{"AccountSid": {acc}, "BundleSid": {bu1}, "Status": {"twilio-approved"}, "Name": {"a b+c"}}

// The example of https://www.twilio.com/docs/usage/security.
func TestDecodeKnowsTwiliosOwnExample(t *testing.T) {
	v := url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675310"}, "Digits": {"1234"}, "From": {"+14158675310"}, "To": {"+18005551212"}}
	h := message1("https://example.com/myapp.php?foo=1&bar=2", "application/x-www-form-urlencoded", v.Encode(), "L/OH5YylLD5NRKLltdqwSvS0BnU=")
	hints, _, err := hooker("12345").Decode(h)
	require.NoError(t, err)
	require.Empty(t, hints, "a call is nothing to look at here")
}

func TestDecode(t *testing.T) {
	d := hooker("k")
	hints, answer, err := d.Decode(jsonHook("k", hookURL, portMessage))
	require.NoError(t, err)
	require.Zero(t, answer.Status)
	require.Len(t, hints, 1)
	require.NotEmpty(t, hints[0].ID)
	hints[0].ID = ""
	require.Equal(t, provider.Hint{About: provider.CapPorts, Trace: provider.Trace{Ref: kw1, Numbers: []nanp.Number{one}},
		Said: provider.Said{By: "twilio", Raw: "port_pending", At: noon}}, hints[0])

	hints, _, err = d.Decode(formHook("k", hookURL, reviewForm))
	require.NoError(t, err)
	require.Equal(t, provider.CapNames, hints[0].About)
	require.Equal(t, provider.Ref(bu1), hints[0].Trace.Ref)

	for _, body := range []string{`[]`, `"x"`, `not json`, `{"port_in_request_sid":7}`, `{"port_in_request_sid":"KW1"}`, ``} {
		hints, _, err = d.Decode(jsonHook("k", hookURL, body))
		require.NoError(t, err, body)
		require.Empty(t, hints, body)
	}
	h := jsonHook("k", hookURL, portMessage)
	h.At = h.At.Truncate(0).AddDate(-3000, 0, 0)
	h.Header = map[string][]string{"x-twilio-signature": h.Header["X-Twilio-Signature"]}
	_, _, err = d.Decode(h)
	require.NoError(t, err, "names of headers are compared without regard to case")
}

// Both keys are believed during a rotation, and none without one.
func TestDecodeKeys(t *testing.T) {
	for _, k := range []string{"old", "new"} {
		_, _, err := hooker("new", "old").Decode(jsonHook(k, hookURL, portMessage))
		require.NoError(t, err)
	}
	for _, d := range []provider.Hooker{hooker(), hooker("other")} {
		_, a, err := d.Decode(jsonHook("k", hookURL, portMessage))
		fails(t, err, provider.Unauthorized, provider.NotApplied)
		require.Equal(t, 403, a.Status)
	}
	_, _, err := hooker().Decode(jsonHook("", hookURL, portMessage))
	fails(t, err, provider.Unauthorized, provider.NotApplied)
}

// Twilio signs the URL with or without the default port.
func TestDecodePorts(t *testing.T) {
	d := hooker("k")
	ids := map[string]bool{}
	for _, signed := range []string{"https://hooks.example/a?b=1", "https://hooks.example:443/a?b=1"} {
		for _, called := range []string{"https://hooks.example/a?b=1", "https://hooks.example:443/a?b=1"} {
			h := formHook("k", signed, reviewForm)
			h.URL = called
			hints, _, err := d.Decode(h)
			require.NoError(t, err, "%s as %s", signed, called)
			ids[hints[0].ID] = true
		}
	}
	require.Len(t, ids, 1, "one message has one ID")
	h := formHook("k", "https://hooks.example:8443/a", reviewForm)
	_, _, err := d.Decode(h)
	require.NoError(t, err)
	h.URL = "https://hooks.example:9443/a"
	_, _, err = d.Decode(h)
	fails(t, err, provider.Unauthorized, provider.NotApplied)
	h = formHook("k", "http://hooks.example:80/a", reviewForm)
	h.URL = "http://hooks.example/a"
	_, _, err = d.Decode(h)
	require.NoError(t, err)
}

func TestDecodeRefuses(t *testing.T) {
	d := hooker("k")
	good := jsonHook("k", hookURL, portMessage)
	form := formHook("k", hookURL, reviewForm)
	for what, h := range map[string]provider.Webhook{
		"nothing":           {},
		"no URL":            {Method: "POST", URL: "://", Header: good.Header, Body: good.Body},
		"GET":               {Method: "GET", URL: good.URL, Header: good.Header, Body: good.Body},
		"no header":         {Method: "POST", URL: good.URL, Body: good.Body},
		"two signatures":    {Method: "POST", URL: good.URL, Header: map[string][]string{"X-Twilio-Signature": {good.Header["X-Twilio-Signature"][0], "x"}}, Body: good.Body},
		"another body":      {Method: "POST", URL: good.URL, Header: good.Header, Body: []byte(`{}`)},
		"a form as JSON":    {Method: "POST", URL: hookURL, Header: good.Header, Body: good.Body},
		"two hashes":        {Method: "POST", URL: good.URL + "&bodySHA256=x", Header: good.Header, Body: good.Body},
		"a bad query":       {Method: "POST", URL: good.URL + "&%zz", Header: good.Header, Body: good.Body},
		"a bad form":        {Method: "POST", URL: form.URL, Header: form.Header, Body: []byte("%zz=1")},
		"a fragment":        {Method: "POST", URL: form.URL + "#x", Header: form.Header, Body: form.Body},
		"a padded base64":   {Method: "POST", URL: form.URL, Header: map[string][]string{"X-Twilio-Signature": {form.Header["X-Twilio-Signature"][0] + "="}}, Body: form.Body},
		"a broken base64":   {Method: "POST", URL: form.URL, Header: map[string][]string{"X-Twilio-Signature": {"\n" + form.Header["X-Twilio-Signature"][0]}}, Body: form.Body},
		"an upper-case sum": {Method: "POST", URL: strings.ToUpper(good.URL), Header: good.Header, Body: good.Body},
	} {
		hints, _, err := d.Decode(h)
		require.Error(t, err, what)
		fails(t, err, provider.Unauthorized, provider.NotApplied)
		require.Empty(t, hints)
	}
	// A name that is there twice could be signed as one and read as the other.
	twice := "BundleSid=" + bu1 + "&BundleSid=" + bu2 + "&Status=x"
	h := message1(hookURL, "application/x-www-form-urlencoded", twice, sign("k", hookURL+"BundleSid"+bu1+"BundleSid"+bu2+"Statusx"))
	_, _, err := d.Decode(h)
	fails(t, err, provider.Unauthorized, provider.NotApplied)
	h.Header["X-Twilio-Signature"] = []string{sign("k", hookURL+"BundleSid"+bu1+"Statusx")}
	_, _, err = d.Decode(h)
	fails(t, err, provider.Unauthorized, provider.NotApplied)
}

// mutate changes one thing of a message: a byte of the body, the signature or the
// URL, a value of the form, or its length.
func mutate(r *rand.Rand, h provider.Webhook) provider.Webhook {
	sig := h.Header["X-Twilio-Signature"][0]
	b := []byte(h.Body)
	u := []byte(h.URL)
	flip := func(b []byte) {
		i := r.IntN(len(b))
		b[i] ^= byte(1 + r.IntN(255))
	}
	b = slices.Clone(b)
	switch r.IntN(7) {
	case 0:
		flip(b)
	case 1:
		s := []byte(sig)
		flip(s)
		sig = string(s)
	case 2:
		flip(u)
	case 3:
		b = b[:r.IntN(len(b))]
	case 4:
		b = append(b, byte(r.IntN(256)))
	case 5:
		i := r.IntN(len(b))
		b = slices.Insert(b, i, byte(r.IntN(256)))
	case 6:
		i := r.IntN(len(b) - 1)
		b[i], b[i+1] = b[i+1], b[i]
	}
	return provider.Webhook{Method: h.Method, URL: string(u), Body: b, At: h.At, Header: map[string][]string{"X-Twilio-Signature": {sig}}}
}

// signedText is what Twilio signs of a form, but for the port: names and values
// without what separates them.
func signedText(h provider.Webhook) string {
	v, err := url.ParseQuery(string(h.Body))
	if err != nil {
		return "?"
	}
	text := strings.Replace(h.URL, ":443/", "/", 1)
	for _, k := range slices.Sorted(maps.Keys(v)) {
		text += k + strings.Join(v[k], "")
	}
	return text + h.Header["X-Twilio-Signature"][0]
}

// No changed message is believed. The generator is a seeded one: a failure comes
// again. A form in which a character moved from a value into the next name is
// the same text to Twilio's signature: it must lead to nothing else than before.
func TestMutatedMessagesAreNotBelieved(t *testing.T) {
	d := hooker("k")
	r := rand.New(rand.NewPCG(1, 2))
	for what, h := range map[string]provider.Webhook{"form": formHook("k", hookURL, reviewForm), "JSON": jsonHook("k", hookURL, portMessage)} {
		same, genuine := 0, map[string]provider.Ref{"form": bu1, "JSON": kw1}[what]
		for range *mutations / 2 {
			x := mutate(r, h)
			hints, _, err := d.Decode(x)
			equal := string(x.Body) == string(h.Body) && x.URL == h.URL && x.Header["X-Twilio-Signature"][0] == h.Header["X-Twilio-Signature"][0]
			switch {
			case equal || what == "form" && signedText(x) == signedText(h):
				same++
				for _, hint := range hints {
					require.Equal(t, genuine, hint.Trace.Ref)
				}
			case err == nil:
				t.Fatalf("believed: %q %q %v", x.URL, x.Body, hints)
			}
		}
		require.Less(t, same, *mutations/20, "of what was changed much means the same")
		t.Logf("%s: %d of %d changes leave what is signed as it was", what, same, *mutations/2)
	}
}

func TestHintIDs(t *testing.T) {
	d := hooker("k")
	id := func(h provider.Webhook) string {
		hints, _, err := d.Decode(h)
		require.NoError(t, err)
		return hints[0].ID
	}
	a := id(jsonHook("k", hookURL, portMessage))
	require.Equal(t, a, id(jsonHook("k", hookURL, portMessage)))
	require.NotEqual(t, a, id(jsonHook("k", hookURL, strings.Replace(portMessage, "12:00:00", "12:00:01", 1))))
	b := id(formHook("k", hookURL, reviewForm))
	later := maps.Clone(reviewForm)
	later["Status"] = []string{"twilio-rejected"}
	require.NotEqual(t, b, id(formHook("k", hookURL, later)))
}

func BenchmarkDecode(b *testing.B) {
	for what, h := range map[string]provider.Webhook{"form": formHook("k", hookURL, reviewForm), "json": jsonHook("k", hookURL, portMessage)} {
		d := hooker("k", "old")
		b.Run(what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := d.Decode(h); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Whatever comes is answered, without a panic, and believed only when it is signed.
func FuzzDecode(f *testing.F) {
	for _, h := range []provider.Webhook{formHook("k", hookURL, reviewForm), jsonHook("k", hookURL, portMessage)} {
		f.Add(h.Method, h.URL, h.Header["X-Twilio-Signature"][0], h.Body)
	}
	f.Add("POST", "https://x:443/?bodySHA256=", "", []byte{})
	d := hooker("k")
	f.Fuzz(func(t *testing.T, method, to, sig string, body []byte) {
		hints, _, err := d.Decode(provider.Webhook{Method: method, URL: to, Body: body, Header: map[string][]string{"X-Twilio-Signature": {sig}}})
		if err != nil && len(hints) > 0 {
			t.Fatal("hints of a message that is not believed")
		}
		// Signed, the same bytes must not break anything either.
		m, ok := readMessage(provider.Webhook{Method: method, URL: to, Body: body})
		if ok {
			h := message1(to, "", string(body), sign("k", to+m.params))
			h.Method = method
			if _, _, err := d.Decode(h); err != nil {
				t.Fatalf("a signed message is not believed: %v", err)
			}
		}
	})
}
