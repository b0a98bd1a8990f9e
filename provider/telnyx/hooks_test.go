package telnyx_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/secret"
)

var mutations = flag.Int("mutations", 10_000, "webhooks that are changed and must not be believed")

func keyOf(seed byte) (ed25519.PrivateKey, string) {
	k := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	return k, base64.StdEncoding.EncodeToString(k.Public().(ed25519.PublicKey))
}

func signed(k ed25519.PrivateKey, at time.Time, body string) provider.Webhook {
	stamp := strconv.FormatInt(at.Unix(), 10)
	return provider.Webhook{Method: "POST", Body: []byte(body), At: noon, Header: map[string][]string{
		"telnyx-signature-ed25519": {base64.StdEncoding.EncodeToString(ed25519.Sign(k, []byte(stamp+"|"+body)))}, "telnyx-timestamp": {stamp}}}
}

func decoder(t testing.TB, keys ...string) *telnyx.Carrier {
	c, err := telnyx.New(telnyx.Config{Key: secret.New("k"), WebhookKeys: keys, Now: func() time.Time { return noon }})
	require.NoError(t, err)
	return c
}

const event = `{"data":{"id":"ev-1","event_type":"number_order.complete","occurred_at":"2026-11-24T11:59:00Z","record_type":"event",` +
	`"payload":{"id":"o1","customer_reference":"K1","status":"success","phone_numbers":[{"phone_number":"+15015550101"}]}},"meta":{"attempt":1}}`

func TestHookEvents(t *testing.T) {
	k, pub := keyOf(1)
	c := decoder(t, pub)
	for _, x := range []struct {
		kind, payload string
		about         provider.Capability
		trace         provider.Trace
		raw           provider.Raw
	}{
		{"number_order.complete", `{"id":"o1","customer_reference":"K1","status":"success","phone_numbers":[{"phone_number":"+15015550101"}]}`, provider.CapOrders,
			provider.Trace{Ref: "o1", Key: "K1", Numbers: []nanp.Number{one}}, "success"},
		{"porting_order.status_changed", `{"id":"p1","customer_reference":"K2","status":{"value":"ported","details":[]}}`, provider.CapPorts, provider.Trace{Ref: "p1", Key: "K2"}, "ported"},
		{"porting_order.new_comment", `{"porting_order_id":"p1","comment":{"id":"c1","body":"personal"}}`, provider.CapPorts, provider.Trace{Ref: "p1"}, ""},
		{"porting_order.split", `{"from":{"id":"p1"},"to":{"id":"p2"}}`, provider.CapPorts, provider.Trace{Ref: "p1"}, ""},
		{"porting_order.deleted", `{"id":"p1","customer_reference":"not a key!"}`, provider.CapPorts, provider.Trace{Ref: "p1"}, ""},
		{"portout.status_changed", `{"id":"x1","status":"pending","phone_numbers":["+15015550101"]}`, provider.CapPortOuts, provider.Trace{Ref: "x1", Numbers: []nanp.Number{one}}, "pending"},
		{"portout.new_comment", `{"id":"c1","portout_id":"x1"}`, provider.CapPortOuts, provider.Trace{Ref: "x1"}, ""},
	} {
		hints, a, err := c.Decode(signed(k, noon, fmt.Sprintf(`{"data":{"id":"ev-9","event_type":%q,"payload":%s}}`, x.kind, x.payload)))
		require.NoError(t, err, x.kind)
		require.Zero(t, a.Status)
		require.Len(t, hints, 1, x.kind)
		require.Equal(t, provider.Hint{ID: "ev-9", About: x.about, Trace: x.trace, Said: provider.Said{By: "telnyx", Raw: x.raw, Request: "ev-9"}}, hints[0], x.kind)
	}
	for _, body := range []string{`{"data":{"id":"1","event_type":"call.hangup","payload":{}}}`, `{}`, `[]`, `not JSON`, ``, `{"data":{"id":7}}`, `{"data":null}`} {
		hints, a, err := c.Decode(signed(k, noon, body))
		require.NoError(t, err, body)
		require.Empty(t, hints, body)
		require.Zero(t, a.Status)
	}
}

// A repeat has the same ID, also where the carrier gives none; another event another.
func TestHookIDs(t *testing.T) {
	k, pub := keyOf(1)
	c := decoder(t, pub)
	id := func(body string) string {
		hints, _, err := c.Decode(signed(k, noon, body))
		require.NoError(t, err)
		return hints[0].ID
	}
	nameless := `{"data":{"event_type":"portout.status_changed","payload":{"id":"%s"}},"meta":{"attempt":%d}}`
	require.Equal(t, id(fmt.Sprintf(nameless, "x1", 1)), id(fmt.Sprintf(nameless, "x1", 2)))
	require.NotEqual(t, id(fmt.Sprintf(nameless, "x1", 1)), id(fmt.Sprintf(nameless, "x2", 1)))
}

func TestHookTrust(t *testing.T) {
	k, pub := keyOf(1)
	old, oldPub := keyOf(2)
	stranger, _ := keyOf(3)
	both := decoder(t, pub, oldPub)
	refused := func(c *telnyx.Carrier, h provider.Webhook, why string) {
		t.Helper()
		hints, a, err := c.Decode(h)
		require.ErrorIs(t, err, provider.Unauthorized, why)
		require.Equal(t, provider.NotApplied, provider.OutcomeOf(err))
		require.Empty(t, hints)
		require.Equal(t, 401, a.Status)
	}
	for _, x := range []ed25519.PrivateKey{k, old} { // while keys change
		_, _, err := both.Decode(signed(x, noon, event))
		require.NoError(t, err)
	}
	refused(both, signed(stranger, noon, event), "a stranger")
	refused(decoder(t, pub), signed(old, noon, event), "a former key")
	refused(decoder(t), signed(k, noon, event), "no key")
	for _, off := range []time.Duration{5 * time.Minute, -5 * time.Minute} {
		_, _, err := both.Decode(signed(k, noon.Add(off), event))
		require.NoError(t, err, off)
		refused(both, signed(k, noon.Add(off+off/300), event), "too old or ahead")
	}
	for why, change := range map[string]func(h map[string][]string){
		"no signature": func(h map[string][]string) { delete(h, "telnyx-signature-ed25519") },
		"no time":      func(h map[string][]string) { delete(h, "telnyx-timestamp") },
		"two times":    func(h map[string][]string) { h["Telnyx-Timestamp"] = h["telnyx-timestamp"] },
		"two signatures": func(h map[string][]string) {
			h["telnyx-signature-ed25519"] = append(h["telnyx-signature-ed25519"], "x")
		},
		"letters in time": func(h map[string][]string) { h["telnyx-timestamp"] = []string{h["telnyx-timestamp"][0] + "abc"} },
		"a space":         func(h map[string][]string) { h["telnyx-timestamp"] = []string{" " + h["telnyx-timestamp"][0]} },
		"a signed time":   func(h map[string][]string) { h["telnyx-timestamp"] = []string{"+" + h["telnyx-timestamp"][0]} },
		"a line break": func(h map[string][]string) {
			h["telnyx-signature-ed25519"] = []string{h["telnyx-signature-ed25519"][0] + "\n"}
		},
		"without padding": func(h map[string][]string) {
			s := h["telnyx-signature-ed25519"][0]
			h["telnyx-signature-ed25519"] = []string{s[:len(s)-2]}
		},
		"nothing": func(h map[string][]string) { clear(h) },
	} {
		h := signed(k, noon, event)
		change(h.Header)
		refused(both, h, why)
	}
	h := signed(k, noon, event)
	h.At = time.Time{} // then the clock counts
	_, _, err := both.Decode(h)
	require.NoError(t, err)
}

// No message that was changed anywhere is believed.
func TestHookMutations(t *testing.T) {
	k, pub := keyOf(1)
	c := decoder(t, pub)
	h := signed(k, noon, event)
	sum, stamp := h.Header["telnyx-signature-ed25519"][0], h.Header["telnyx-timestamp"][0]
	_, _, err := c.Decode(h)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range *mutations {
		body, sig, at := []byte(event), []byte(sum), []byte(stamp)
		part := []*[]byte{&body, &sig, &at}[i%3]
		p := r.IntN(len(*part))
		switch r.IntN(4) {
		case 0:
			(*part)[p] ^= 1 << r.IntN(8)
		case 1:
			*part = append((*part)[:p], (*part)[p+1:]...)
		case 2:
			*part = append((*part)[:p], append([]byte{byte(r.IntN(256))}, (*part)[p:]...)...)
		case 3:
			q := r.IntN(len(*part))
			(*part)[p], (*part)[q] = (*part)[q], (*part)[p]
		}
		if string(body) == event && string(sig) == sum && string(at) == stamp {
			continue
		}
		hints, _, err := c.Decode(provider.Webhook{Body: body, At: noon, Header: map[string][]string{"Telnyx-Signature-Ed25519": {string(sig)}, "Telnyx-Timestamp": {string(at)}}})
		if err == nil || len(hints) > 0 {
			t.Fatalf("believed: %q %q %q", body, sig, at)
		}
	}
}

func FuzzDecodeHook(f *testing.F) {
	k, pub := keyOf(1)
	c := decoder(f, pub)
	f.Add([]byte(event), "x", "y")
	f.Add([]byte(`{"data":{"event_type":"porting_order.x","payload":{"status":{}}}}`), "", "")
	f.Fuzz(func(t *testing.T, body []byte, sig, stamp string) {
		if _, _, err := c.Decode(provider.Webhook{Body: body, At: noon, Header: map[string][]string{"telnyx-signature-ed25519": {sig}, "telnyx-timestamp": {stamp}}}); err == nil {
			t.Fatal("believed")
		}
		hints, _, err := c.Decode(signed(k, noon, string(body)))
		require.NoError(t, err)
		for _, h := range hints {
			require.NotEmpty(t, h.ID)
			require.NotEmpty(t, h.About)
		}
	})
}

func BenchmarkDecodeHook(b *testing.B) {
	k, pub := keyOf(1)
	c := decoder(b, pub)
	h := signed(k, noon, event)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Decode(h); err != nil {
			b.Fatal(err)
		}
	}
}
