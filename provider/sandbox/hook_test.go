package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

var hookKey = secret.New("whsec-canary-0123456789")

// hints decodes all messages after a position.
func (d *desk) hints(after int) (out []provider.Hint, next int) {
	d.Helper()
	ms, next := d.c.Messages(after)
	for _, m := range ms {
		hs, a, err := d.Hooks.Decode(m)
		require.NoError(d, err)
		require.Zero(d, a.Status)
		require.Len(d, hs, 1)
		out = append(out, hs[0])
	}
	return out, next
}

func TestMessagesTellWhatHasChanged(t *testing.T) {
	d := open(t, Config{HookKey: hookKey})
	srv := httptest.NewServer(d.c.Handler())
	defer srv.Close()
	p, err := Dial(ctxOf(t), srv.URL, DialConfig{HookKey: hookKey, Now: d.clk.Now})
	require.NoError(t, err)
	far := &desk{t, p.Capabilities(), p, d.c, d.clk}

	n := d.find(1)[0]
	d.buy("k1", n)
	in := d.foreign(provider.LineLandline, 2)
	o := d.submitted("p1", in...)
	early, next := d.hints(0)
	d.until(o.Ref, provider.PortDone)
	px, err := d.c.AskPortOut(n, "Elsewhere Tel", time.Hour)
	require.NoError(t, err)
	require.NoError(t, d.PortOuts.AnswerPortOut(ctxOf(t), "a1", px, true, ""))
	_, err = d.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "r1", Numbers: in[:1]})
	require.NoError(t, err)
	d.clk.add(leaveMax)

	all, end := d.hints(0)
	var told []string
	ids := map[string]bool{}
	for i, h := range all {
		told = append(told, string(h.About)+" "+string(h.Said.Raw))
		require.False(t, ids[h.ID], "an ID for each change")
		ids[h.ID] = true
		require.NotEmpty(t, h.Trace.Numbers)
		if i > 0 {
			require.False(t, h.Said.At.Before(all[i-1].Said.At), "in the order in which things happened")
		}
		switch h.About {
		case provider.CapPorts:
			require.Equal(t, provider.Trace{Key: "p1", Ref: o.Ref, Numbers: in}, h.Trace)
		case provider.CapPortOuts:
			require.Equal(t, px, h.Trace.Ref)
		case provider.CapReturn:
			require.Equal(t, provider.Key("r1"), h.Trace.Key)
		}
	}
	if told[0] == "orders in-account" {
		told = told[1:]
	}
	require.Equal(t, []string{
		"orders active",
		"ports drafted", "ports in-review", "ports sent", "ports received", "ports date-set", "ports cutting-over", "ports ported",
		"port-outs pending", "port-outs authorized", "return disconnected", "port-outs ported-out",
	}, told)
	require.Equal(t, all[:next], early, "what was told stays told")
	late, _ := far.hints(next)
	require.Equal(t, all[next:], late, "the rest, over the network")
	none, same := d.hints(end)
	require.Empty(t, none)
	require.Equal(t, end, same)
	none, _ = d.hints(end + 5)
	require.Empty(t, none)

	// Who knows no keys tells none.
	other := open(t, Config{HookKey: hookKey, Keying: provider.ByThing})
	other.buy("k1", n)
	hs, _ := other.hints(0)
	require.Equal(t, provider.Trace{Numbers: hs[0].Trace.Numbers}, hs[0].Trace)
	silent, _ := open(t, Config{}).c.Messages(0)
	require.Empty(t, silent)
}

func TestMessagesThatAreNotBelieved(t *testing.T) {
	d := open(t, Config{HookKey: hookKey})
	d.buy("k1", d.find(1)...)
	ms, _ := d.c.Messages(0)
	m := ms[0]
	with := func(change func(*provider.Webhook)) provider.Webhook {
		w := m
		w.Body = bytes.Clone(m.Body)
		w.Header = map[string][]string{}
		for k, v := range m.Header {
			w.Header[k] = append([]string(nil), v...)
		}
		change(&w)
		return w
	}
	stamped := func(at time.Time) provider.Webhook { return signHook(hookKey, m.Body, at) }
	sum := m.Header[HookSignature][0]
	for name, w := range map[string]provider.Webhook{
		"no header":        with(func(w *provider.Webhook) { w.Header = nil }),
		"no signature":     with(func(w *provider.Webhook) { delete(w.Header, HookSignature) }),
		"two signatures":   with(func(w *provider.Webhook) { w.Header[HookSignature] = []string{sum, sum} }),
		"in two spellings": with(func(w *provider.Webhook) { w.Header["sandbox-signature"] = []string{sum} }),
		"other key":        signHook(secret.New("another"), m.Body, d.clk.Now()),
		"empty key":        signHook(secret.String{}, m.Body, d.clk.Now()),
		"body":             with(func(w *provider.Webhook) { w.Body[5] ^= 1 }),
		"longer body":      with(func(w *provider.Webhook) { w.Body = append(w.Body, ' ') }),
		"time": with(func(w *provider.Webhook) {
			w.Header[HookTimestamp] = []string{strconv.FormatInt(d.clk.Now().Unix()+1, 10)}
		}),
		"signed time": with(func(w *provider.Webhook) { w.Header[HookTimestamp] = []string{"+" + w.Header[HookTimestamp][0]} }),
		"too old":     stamped(d.clk.Now().Add(-hookWindow - time.Second)),
		"too new":     stamped(d.clk.Now().Add(hookWindow + time.Second)),
		"line break":  with(func(w *provider.Webhook) { w.Header[HookSignature] = []string{sum[:8] + "\n" + sum[8:]} }),
		"no padding":  with(func(w *provider.Webhook) { w.Header[HookSignature] = []string{strings.TrimRight(sum, "=")} }),
		"cut": with(func(w *provider.Webhook) {
			w.Header[HookSignature] = []string{base64.StdEncoding.EncodeToString([]byte("x"))}
		}),
		"endless": signHook(hookKey, make([]byte, maxHook+1), d.clk.Now()),
	} {
		hs, a, err := d.Hooks.Decode(w)
		require.Empty(t, hs, name)
		require.Equal(t, 401, a.Status, name)
		e := fails(t, err, provider.Unauthorized, provider.NotApplied)
		require.NotContains(t, e.Error(), sum, name)
	}
	for name, body := range map[string]string{
		"no JSON": "hello", "another field": `{"id":"x","about":"ports","price":7}`, "more": string(m.Body) + "{}", "no ID": `{"about":"ports"}`, "number": `{"id":"x","about":"ports","numbers":["12"]}`,
	} {
		_, _, err := d.Hooks.Decode(signHook(hookKey, []byte(body), d.clk.Now()))
		fails(t, err, provider.Invalid, provider.NotApplied)
		require.NotEmpty(t, name)
	}
	hs, _, err := d.Hooks.Decode(signHook(hookKey, []byte(`{"id":"x","about":"weather","numbers":null,"status":"","at":"2026-08-03T09:00:00Z"}`), d.clk.Now()))
	require.NoError(t, err, "of an unknown type")
	require.Empty(t, hs)

	// The same message again is the same hint; also within five minutes, and while
	// keys change.
	first, _, err := d.Hooks.Decode(m)
	require.NoError(t, err)
	d.clk.add(hookWindow)
	again, _, err := d.Hooks.Decode(m)
	require.NoError(t, err)
	require.Equal(t, first, again)
	for _, c := range []struct {
		cfg Config
		ok  bool
	}{
		{Config{HookKey: secret.New("new"), HookKeyBefore: hookKey}, true}, {Config{HookKey: secret.New("new")}, false}, {Config{}, false},
	} {
		c.cfg.Now = d.clk.Now
		_, _, err = open(t, c.cfg).Hooks.Decode(m)
		require.Equal(t, c.ok, err == nil)
	}
	_, err = New(Config{HookKeyBefore: hookKey})
	require.Error(t, err)
}

// No message that was changed in one place is believed.
func TestChangedMessagesAreNotBelieved(t *testing.T) {
	d := open(t, Config{HookKey: hookKey})
	d.buy("k1", d.find(1)...)
	ms, _ := d.c.Messages(0)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		w := ms[0]
		w.Body = bytes.Clone(w.Body)
		stamp, sum := []byte(w.Header[HookTimestamp][0]), []byte(w.Header[HookSignature][0])
		part := [][]byte{w.Body, stamp, sum}[random.IntN(3)]
		part[random.IntN(len(part))] ^= byte(1 + random.IntN(255))
		w.Header = map[string][]string{HookTimestamp: {string(stamp)}, HookSignature: {string(sum)}}
		_, _, err := d.Hooks.Decode(w)
		require.ErrorIs(t, err, provider.Unauthorized)
	}
}

func FuzzDecode(f *testing.F) {
	h := hooker{"sandbox", []secret.String{hookKey}, func() time.Time { return time.Unix(1_800_000_000, 0) }}
	f.Add([]byte(`{"id":"x","about":"ports","numbers":[],"status":"sent","at":"2026-08-03T09:00:00Z"}`), true)
	f.Add([]byte(`{}`), false)
	f.Fuzz(func(t *testing.T, body []byte, signed bool) {
		w := signHook(hookKey, body, h.now())
		if !signed {
			w.Header[HookSignature] = []string{base64.StdEncoding.EncodeToString(body)}
		}
		hs, _, err := h.Decode(w)
		if !signed {
			require.ErrorIs(t, err, provider.Unauthorized)
		}
		for _, x := range hs {
			require.NotEmpty(t, x.ID)
			require.True(t, json.Valid(body))
		}
	})
}
