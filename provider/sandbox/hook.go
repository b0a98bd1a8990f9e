package sandbox

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/porting"
	"github.com/numberdesk/numberdesk/secret"
)

// The headers of a message: Unix seconds in decimal, and the HMAC-SHA256 in base64
// over the timestamp, a period and the body.
const (
	HookTimestamp = "Sandbox-Timestamp"
	HookSignature = "Sandbox-Signature"
)

const (
	hookWindow = 5 * time.Minute // how far the timestamp may be off, both ways
	maxHook    = 1 << 20
)

// message is the body of what the carrier sends.
type message struct {
	ID      string              `json:"id"`
	About   provider.Capability `json:"about"`
	Key     provider.Key        `json:"key,omitempty"`
	Ref     provider.Ref        `json:"ref,omitempty"`
	Numbers []nanp.Number       `json:"numbers"`
	Status  provider.Raw        `json:"status"`
	At      time.Time           `json:"at"`
}

// change is a message before it is written. Changes are ordered by their instants,
// and of one instant by the entries that they follow from: then later entries only
// add to the end of what has happened.
type change struct {
	message
	n int
}

// Messages is what the carrier sends about orders, returns, ports and port-outs
// that have changed up to now, in the order in which they did: all but the first
// after of them, and how many there are now, to be given the next time. Each call
// signs anew. A carrier without Config.HookKey sends none.
func (c *Carrier) Messages(after int) ([]provider.Webhook, int) {
	if c.cfg.HookKey.IsZero() {
		return nil, after
	}
	now := c.now()
	c.mu.RLock()
	all := c.state.changes(now)
	c.mu.RUnlock()
	var out []provider.Webhook
	for _, x := range all[min(max(after, 0), len(all)):] {
		x.ID = fmt.Sprintf("hk-%016x", mixText(mix(mix(c.cfg.Seed, uint64(x.n)), uint64(x.At.UnixNano())), fmt.Sprint(x.About, x.Ref, x.Status, x.Numbers)))
		if c.cfg.Keying < provider.ByKey {
			if x.Key = ""; x.About == provider.CapOrders || x.About == provider.CapReturn {
				x.Ref = "" // its orders have none
			}
		}
		body, err := json.Marshal(x.message)
		if err != nil {
			continue // cannot be: it holds words and numbers
		}
		out = append(out, signHook(c.cfg.HookKey, body, now))
	}
	return out, len(all)
}

func signHook(key secret.String, body []byte, now time.Time) provider.Webhook {
	stamp := strconv.FormatInt(now.Unix(), 10)
	return provider.Webhook{
		Method: http.MethodPost, URL: "/hooks", Body: body, At: now,
		Header: map[string][]string{
			"Content-Type": {contentType},
			HookTimestamp:  {stamp},
			HookSignature:  {base64.StdEncoding.EncodeToString(hookSum(key, stamp, body))},
		},
	}
}

func hookSum(key secret.String, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(key.Reveal()))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// changes lists what has changed up to t.
func (s *state) changes(t time.Time) []change {
	var out []change
	type same struct {
		at  time.Time
		n   int
		ref provider.Ref
		raw provider.Raw
	}
	together := make(map[same]int) // numbers that change together are one message
	add := func(at time.Time, n int, about provider.Capability, k provider.Key, r provider.Ref, raw provider.Raw, ns ...nanp.Number) {
		if at.IsZero() || at.After(t) {
			return
		}
		if i, ok := together[same{at, n, r, raw}]; ok {
			out[i].Numbers = append(out[i].Numbers, ns...)
			return
		}
		together[same{at, n, r, raw}] = len(out)
		out = append(out, change{message{About: about, Key: k, Ref: r, Numbers: slices.Clone(ns), Status: raw, At: at}, n})
	}
	for _, o := range s.all {
		about := provider.CapOrders
		if o.op == provider.OpReturn {
			about = provider.CapReturn
		}
		for _, it := range o.items {
			for _, m := range it.marks() {
				add(m.at, m.n, about, o.key, o.ref, words[m.state], it.Number)
			}
		}
	}
	for _, o := range s.ports.Orders() {
		for _, x := range o.Steps() {
			add(x.At, x.N, provider.CapPorts, o.Key, o.Ref, portWords[x.State], numbersOf(o)...)
		}
		for _, l := range o.Lines {
			for _, x := range o.OwnSteps(l.Number) {
				add(x.At, x.N, provider.CapPorts, o.Key, o.Ref, portWords[x.State], l.Number)
			}
		}
	}
	for _, p := range s.ports.Outs(t) {
		at, allow, n := p.Decided()
		decided := porting.OutDenied
		if allow {
			decided = porting.OutAllowed
		}
		add(p.Asked(), p.N(), provider.CapPortOuts, "", p.Ref, outWords[porting.OutPending], p.Number)
		add(at, n, provider.CapPortOuts, "", p.Ref, outWords[decided], p.Number)
		add(p.Leaves(), n, provider.CapPortOuts, "", p.Ref, outWords[porting.OutGone], p.Number)
	}
	slices.SortStableFunc(out, func(a, b change) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.n, b.n)) })
	return out
}

// mark is an instant at which the state of an item changes, and the entry that
// it follows from.
type mark struct {
	at    time.Time
	state provider.ItemState
	n     int
}

// marks lists the changes of an item that come to pass: one that was closed is not
// assigned any more, one that has gone does not become live.
func (it *item) marks() []mark {
	all := []mark{
		{it.Backordered, provider.ItemBackordered, it.order.n}, {it.Assigned, provider.ItemAssigned, it.order.n}, {it.Live, provider.ItemLive, it.order.n},
		{it.Refused, provider.ItemRefused, it.order.n}, {it.Gone, provider.ItemGone, it.order.n},
	}
	return append(slices.DeleteFunc(all, func(m mark) bool {
		return m.state == provider.ItemAssigned && it.Assigned.Equal(it.Live) || reached(it.closed, m.at) || reached(it.end(), m.at)
	}), mark{it.closed, provider.ItemRefused, it.closedBy})
}

// hooker verifies and decodes messages of one carrier.
type hooker struct {
	id   provider.ID
	keys []secret.String
	now  func() time.Time
}

// Decode takes what [Carrier.Messages] has signed with one of the two keys, once or
// again, and not more than five minutes ago. Without a key it takes nothing.
func (h hooker) Decode(w provider.Webhook) ([]provider.Hint, provider.Answer, error) {
	if why := h.distrust(w); why != "" {
		return nil, provider.Answer{Status: http.StatusUnauthorized}, h.fail(provider.Unauthorized, why)
	}
	var m message
	in := json.NewDecoder(bytes.NewReader(w.Body))
	in.DisallowUnknownFields()
	if err := in.Decode(&m); err != nil || m.ID == "" {
		return nil, provider.Answer{Status: http.StatusBadRequest}, h.fail(provider.Invalid, "the message cannot be read")
	}
	if _, err := in.Token(); err != io.EOF {
		return nil, provider.Answer{Status: http.StatusBadRequest}, h.fail(provider.Invalid, "more follows on the message")
	}
	switch m.About {
	case provider.CapOrders, provider.CapReturn, provider.CapPorts, provider.CapPortOuts:
		return []provider.Hint{{
			ID: m.ID, About: m.About, Trace: provider.Trace{Key: m.Key, Ref: m.Ref, Numbers: m.Numbers},
			Said: provider.Said{By: h.id, Raw: m.Status, At: m.At},
		}}, provider.Answer{}, nil
	}
	return nil, provider.Answer{}, nil
}

// distrust says why a message is not believed; "" when it is.
func (h hooker) distrust(w provider.Webhook) string {
	stamp, stamped := onlyHeader(w.Header, HookTimestamp)
	text, signed := onlyHeader(w.Header, HookSignature)
	sum, strict := strictBase64(text)
	at, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case !stamped || !signed:
		return "the message has no timestamp or no signature, or more than one"
	case err != nil || strconv.FormatInt(at, 10) != stamp:
		return "the timestamp is no Unix time"
	case len(w.Body) > maxHook:
		return "the message is too long"
	case !strict:
		return "the signature is no base64"
	}
	if off := h.now().Sub(time.Unix(at, 0)); off > hookWindow || off < -hookWindow {
		return "the message is not of these minutes"
	}
	good := false
	for _, k := range h.keys {
		good = !k.IsZero() && hmac.Equal(sum, hookSum(k, stamp, w.Body)) || good
	}
	if !good {
		return "the signature is wrong, or there is no key to check it with"
	}
	return ""
}

func (h hooker) fail(k provider.Kind, text string) error {
	return &provider.Error{Op: provider.OpDecodeHook, Provider: h.id, Kind: k, Outcome: provider.NotApplied, Text: text}
}

// onlyHeader returns the value of a header that is there once.
func onlyHeader(h map[string][]string, name string) (value string, ok bool) {
	count := 0
	for k, vs := range h {
		if http.CanonicalHeaderKey(k) == name {
			for _, v := range vs {
				value, count = v, count+1
			}
		}
	}
	return value, count == 1
}

// strictBase64 takes only the one way in which these bytes are written.
func strictBase64(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && base64.StdEncoding.EncodeToString(b) == s
}
