package bandwidth_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

var mutations = flag.Int("mutations", 10_000, "how many altered webhooks must be refused")

const signature = "X-Bandwidth-Signature-SHA-256"

// hooked is an adapter that trusts what the fake signs, and the fake.
func hooked(t testing.TB, alter func(*bandwidth.Config)) (*bandwidth.Carrier, *bandwidthtest.Server) {
	engine, err := sandbox.New(bandwidthtest.Engine(sandbox.Config{}))
	require.NoError(t, err)
	t.Cleanup(func() { _ = engine.Close() })
	fake := bandwidthtest.New(engine, bandwidthtest.Config{})
	cfg := config(nil)
	cfg.WebhookKeys, cfg.HookUser, cfg.HookPassword = []secret.String{secret.New("the next key"), fake.HookKey()}, bandwidthtest.HookUser, fake.HookPassword()
	if alter != nil {
		alter(&cfg)
	}
	c, err := bandwidth.New(cfg)
	require.NoError(t, err)
	return c, fake
}

var hooksTrace = provider.Trace{Key: "K1", Ref: "order-1", Numbers: []nanp.Number{one, two}}

func TestSignedHook(t *testing.T) {
	c, fake := hooked(t, nil)
	h := fake.Webhook(provider.CapOrders, hooksTrace, "COMPLETE")
	hints, answer, err := c.Decode(h)
	require.NoError(t, err)
	require.Zero(t, answer)
	require.Len(t, hints, 1)
	require.Equal(t, provider.CapOrders, hints[0].About)
	require.Equal(t, hooksTrace, hints[0].Trace)
	require.Equal(t, provider.Raw("COMPLETE"), hints[0].Said.Raw)

	again, _, err := c.Decode(h)
	require.NoError(t, err)
	require.Equal(t, hints[0].ID, again[0].ID, "the same message")
	other, _, err := c.Decode(fake.Webhook(provider.CapOrders, hooksTrace, "COMPLETE"))
	require.NoError(t, err)
	require.NotEqual(t, hints[0].ID, other[0].ID, "another event")

	lower := h
	lower.Header = map[string][]string{strings.ToLower(signature): h.Header[signature]}
	_, _, err = c.Decode(lower)
	require.NoError(t, err, "names of headers have no case")
}

// Each type of message is about its capability; one that nobody knows is no hint
// and no error.
func TestHookTypes(t *testing.T) {
	c, fake := hooked(t, nil)
	for _, about := range []provider.Capability{provider.CapOrders, provider.CapReturn, provider.CapPorts, provider.CapPortOuts, provider.CapEmergency, provider.CapNames, provider.CapPortCheck} {
		hints, _, err := c.Decode(fake.Webhook(about, hooksTrace, "nobody knows this status"))
		require.NoError(t, err)
		require.Len(t, hints, 1, about)
		require.Equal(t, about, hints[0].About)
		asks, sends := fake.WebhookV1(about, hooksTrace, "COMPLETE")
		_, _, err = c.Decode(asks)
		require.ErrorIs(t, err, provider.Unauthorized)
		hints, _, err = c.Decode(sends)
		require.NoError(t, err)
		require.Equal(t, about, hints[0].About)
		require.Equal(t, hooksTrace, hints[0].Trace)
	}
	hints, _, err := c.Decode(fake.Webhook("unheard-of", hooksTrace, "COMPLETE"))
	require.NoError(t, err)
	require.Empty(t, hints)
	_, sends := fake.WebhookV1("unheard-of", hooksTrace, "COMPLETE")
	hints, _, err = c.Decode(sends)
	require.NoError(t, err)
	require.Empty(t, hints)
}

func sign(body string) provider.Webhook {
	return provider.Webhook{Body: []byte(body), At: noon, Header: map[string][]string{signature: {bandwidthtest.Sign("canary-key-old", []byte(body))}}}
}

// What is signed and makes no sense is Invalid or nothing, and never a guess.
func TestHookBodies(t *testing.T) {
	c := newWire(t).c
	for body, want := range map[string]provider.Trace{
		`{"orderType":"ORDERS","orderId":"o"}`:                                           {Ref: "o"},
		`[{"event":{"orderType":"portins","customerOrderId":"K"}}]`:                      {Key: "K"},
		`{"orderType":"orders","customerOrderId":"somebody else's: no key"}`:             {},
		`{"orderType":"orders","telephoneNumbers":["+15015550101","911"]}`:               {Numbers: []nanp.Number{one}},
		`<Notification><OrderType>orders</OrderType><OrderId>o</OrderId></Notification>`: {Ref: "o"},
	} {
		hints, _, err := c.Decode(sign(body))
		require.NoError(t, err, body)
		require.Len(t, hints, 1, body)
		require.Equal(t, want, hints[0].Trace, body)
	}
	for _, body := range []string{`null`, `[]`, `{}`, `7`, `"orders"`, `<Other><OrderType>orders</OrderType></Other>`, `{"orderType":["orders"]}`} {
		hints, _, err := c.Decode(sign(body))
		require.NoError(t, err, body)
		require.Empty(t, hints, body)
	}
	for _, body := range []string{`{"orderType":`, `<Notification>`, `hello`} {
		_, _, err := c.Decode(sign(body))
		require.ErrorIs(t, err, provider.Invalid, body)
	}
	_, _, err := c.Decode(sign(""))
	require.ErrorIs(t, err, provider.Unauthorized, "a body of nothing proves nothing")
}

// Whatever is altered about a signed message, it is not believed.
func TestAlteredHooksAreRefused(t *testing.T) {
	c, fake := hooked(t, nil)
	h := fake.Webhook(provider.CapOrders, hooksTrace, "COMPLETE")
	sum, err := base64.StdEncoding.DecodeString(h.Header[signature][0])
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	statuses := []string{"FAILED", "PARTIAL", "RECEIVED", "COMPLETE "}
	for i := range *mutations {
		m := provider.Webhook{Body: bytes.Clone(h.Body), Header: maps.Clone(h.Header), At: h.At}
		switch random.IntN(8) {
		case 0: // a bit of the body
			at := random.IntN(len(m.Body))
			m.Body[at] ^= 1 << random.IntN(8)
		case 1: // a field of the body
			m.Body = bytes.Replace(m.Body, []byte("COMPLETE"), []byte(statuses[random.IntN(len(statuses))]), 1)
		case 2: // less of it
			m.Body = m.Body[:random.IntN(len(m.Body))]
		case 3: // more of it
			m.Body = append(m.Body, byte(random.IntN(256)))
		case 4: // a bit of the signature
			s := bytes.Clone(sum)
			s[random.IntN(len(s))] ^= 1 << random.IntN(8)
			m.Header[signature] = []string{base64.StdEncoding.EncodeToString(s)}
		case 5: // a letter of it as it is written
			s := []byte(h.Header[signature][0])
			at := random.IntN(len(s))
			was := s[at]
			for s[at] == was {
				s[at] = byte(random.IntN(256))
			}
			m.Header[signature] = []string{string(s)}
		case 6: // less of it, nothing, or two
			s := h.Header[signature][0]
			m.Header[signature] = [][]string{{s[:random.IntN(len(s))]}, {s, s}, {"", s}, {s + "="}, {" " + s}, {s + "\n"}}[random.IntN(6)]
		case 7: // the time of another message
			m.Body = bytes.Replace(m.Body, []byte(`"lastModifiedDate":"`), []byte(`"lastModifiedDate":"`+string(rune('0'+random.IntN(10)))), 1)
		}
		hints, _, err := c.Decode(m)
		if err == nil || len(hints) > 0 {
			t.Fatalf("the %d. alteration is believed: %q %q", i, m.Body, m.Header)
		}
	}
	_, _, err = c.Decode(h)
	require.NoError(t, err, "the message itself was not altered")
}

func TestHookKeys(t *testing.T) {
	for name, tc := range map[string]struct {
		keys []string
		ok   bool
	}{
		"none": {nil, false}, "another": {[]string{"x"}, false}, "it": {[]string{"canary-hook-key"}, true},
		"the old of two": {[]string{"x", "canary-hook-key"}, true}, "the new of two": {[]string{"canary-hook-key", "x"}, true},
	} {
		c, fake := hooked(t, func(cfg *bandwidth.Config) {
			cfg.WebhookKeys = nil
			for _, k := range tc.keys {
				cfg.WebhookKeys = append(cfg.WebhookKeys, secret.New(k))
			}
		})
		hints, answer, err := c.Decode(fake.Webhook(provider.CapOrders, hooksTrace, "COMPLETE"))
		if tc.ok {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, provider.Unauthorized, name)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err), name)
		require.Empty(t, hints, name)
		require.Equal(t, http.StatusUnauthorized, answer.Status, name)
	}
}

// What is not signed is believed only with the credentials, which the carrier
// presents when it is asked for them.
func TestUnsignedHooks(t *testing.T) {
	c, fake := hooked(t, nil)
	asks, sends := fake.WebhookV1(provider.CapOrders, hooksTrace, "COMPLETE")
	hints, answer, err := c.Decode(asks)
	require.ErrorIs(t, err, provider.Unauthorized)
	require.Empty(t, hints)
	require.Equal(t, http.StatusUnauthorized, answer.Status)
	require.Regexp(t, `^Basic realm="`, http.Header(answer.Header).Get("Www-Authenticate"))

	basic := func(s string) []string { return []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(s))} }
	for name, auth := range map[string][]string{
		"wrong password": basic("fake-hook:x"), "wrong user": basic("x:canary-hook-password"), "no password": basic("fake-hook:"), "no colon": basic("fake-hookcanary-hook-password"),
		"another scheme": {"Bearer " + strings.TrimPrefix(sends.Header["Authorization"][0], "Basic ")}, "no base64": {"Basic fake-hook:canary-hook-password"}, "nothing": {""},
		"two": append(basic("fake-hook:canary-hook-password"), basic("fake-hook:canary-hook-password")...),
	} {
		m := sends
		m.Header = map[string][]string{"Authorization": auth}
		hints, answer, err := c.Decode(m)
		require.ErrorIs(t, err, provider.Unauthorized, name)
		require.Empty(t, hints, name)
		require.NotEmpty(t, answer.Header["Www-Authenticate"], name)
		require.NotContains(t, err.Error(), "canary")
	}
	// A signature that is wrong is not mended by credentials that are right.
	m := sends
	m.Header = maps.Clone(sends.Header)
	m.Header[signature] = []string{"AAAA"}
	_, _, err = c.Decode(m)
	require.ErrorIs(t, err, provider.Unauthorized)

	without, _ := hooked(t, func(cfg *bandwidth.Config) { cfg.HookUser, cfg.HookPassword = "", secret.String{} })
	for _, m := range []provider.Webhook{asks, sends, {}, {Body: sends.Body, Header: map[string][]string{"Authorization": basic(":")}}} {
		_, answer, err := without.Decode(m)
		require.ErrorIs(t, err, provider.Unauthorized, "it fails closed")
		require.Empty(t, answer.Header["Www-Authenticate"], "and does not ask for what nobody has")
	}
}

// The carrier asks whether numbers may leave, and takes everything but a clear
// refusal for consent.
func TestPortOutQuestion(t *testing.T) {
	const consent = `<PortOutValidationResponse><Portable>true</Portable><PON>fake-pon</PON></PortOutValidationResponse>`
	for name, tc := range map[string]struct {
		verdict bandwidth.PortOutVerdict
		want    string
	}{
		"consent":      {bandwidth.PortOutVerdict{}, consent},
		"unknown code": {bandwidth.PortOutVerdict{Refuse: "1"}, consent},
		"refusal": {bandwidth.PortOutVerdict{Refuse: "7513"}, `<PortOutValidationResponse><Portable>false</Portable><PON>fake-pon</PON>` +
			`<Errors><Error><Code>7513</Code><Description>PIN wrong</Description></Error></Errors></PortOutValidationResponse>`},
		"offer": {bandwidth.PortOutVerdict{Refuse: "7516", Acceptable: []nanp.Number{one}}, `<PortOutValidationResponse><Portable>false</Portable><PON>fake-pon</PON>` +
			`<Errors><Error><Code>7516</Code><Description>number not of this account</Description></Error></Errors>` +
			`<AcceptableValues><TelephoneNumbers><TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumbers></AcceptableValues></PortOutValidationResponse>`},
	} {
		var asked bandwidth.PortOutAsk
		c, fake := hooked(t, func(cfg *bandwidth.Config) {
			cfg.PortOut = func(a bandwidth.PortOutAsk) bandwidth.PortOutVerdict { asked = a; return tc.verdict }
		})
		asks, sends := fake.PortOutQuestion([]nanp.Number{one, two}, "A1", "1234", "72201")
		_, answer, err := c.Decode(asks)
		require.ErrorIs(t, err, provider.Unauthorized)
		require.Empty(t, answer.Body)
		require.Zero(t, asked, "nobody is asked before the question is trusted")
		hints, answer, err := c.Decode(sends)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, answer.Status)
		require.Equal(t, tc.want, strings.TrimPrefix(string(answer.Body), `<?xml version="1.0" encoding="UTF-8"?>`+"\n"), name)
		require.Equal(t, []nanp.Number{one, two}, asked.Numbers)
		require.Equal(t, "A1/1234/72201/River Bakery LLC/fake-pon", strings.Join([]string{asked.Account.Reveal(), asked.PIN.Reveal(), asked.ZIP.Reveal(), asked.Subscriber.Reveal(), asked.Order}, "/"))
		require.Len(t, hints, 1)
		require.Equal(t, provider.CapPortOuts, hints[0].About)
		require.Equal(t, []nanp.Number{one, two}, hints[0].Trace.Numbers)
	}
	silent, fake := hooked(t, nil)
	_, sends := fake.PortOutQuestion([]nanp.Number{one}, "A1", "", "")
	hints, answer, err := silent.Decode(sends)
	require.NoError(t, err)
	require.Zero(t, answer, "nobody answers")
	require.Len(t, hints, 1)
}

func FuzzDecodeHook(f *testing.F) {
	c, fake := hooked(f, func(cfg *bandwidth.Config) {
		cfg.PortOut = func(bandwidth.PortOutAsk) bandwidth.PortOutVerdict { return bandwidth.PortOutVerdict{} }
	})
	f.Add(fake.Webhook(provider.CapOrders, hooksTrace, "COMPLETE").Body)
	_, sends := fake.WebhookV1(provider.CapPorts, hooksTrace, "FOC")
	f.Add(sends.Body)
	_, sends = fake.PortOutQuestion([]nanp.Number{one}, "A1", "1", "72201")
	f.Add(sends.Body)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, header := range []map[string][]string{sends.Header, {signature: {bandwidthtest.Sign("canary-hook-key", body)}}} {
			hints, answer, err := c.Decode(provider.Webhook{Body: body, Header: header, At: noon})
			if err != nil && (len(hints) > 0 || answer.Status == http.StatusOK) {
				t.Fatal("an error and a hint")
			}
			for _, h := range hints {
				if h.ID == "" || h.About == "" || h.Said.By != "bandwidth" || h.Trace.Key != "" && h.Trace.Key.Validate() != nil {
					t.Fatalf("%+v", h)
				}
			}
		}
		if _, _, err := c.Decode(provider.Webhook{Body: body, Header: map[string][]string{}}); err == nil {
			t.Fatal("an unsigned message is believed")
		}
	})
}

func BenchmarkVerifyHook(b *testing.B) {
	c, fake := hooked(b, nil)
	h := fake.Webhook(provider.CapOrders, hooksTrace, "COMPLETE")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Decode(h); err != nil {
			b.Fatal(err)
		}
	}
}
