package telnyx

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// tolerance is how far the time of a webhook may be from ours, as the carrier's own
// libraries have it.
const tolerance = 5 * time.Minute

type wireEvent struct {
	Data json.RawMessage `json:"data"`
}

type wireEventData struct {
	ID      string    `json:"id"`
	Type    string    `json:"event_type"`
	At      time.Time `json:"occurred_at"`
	Payload struct {
		ID        string          `json:"id"`
		Order     string          `json:"porting_order_id"`
		PortOut   string          `json:"portout_id"`
		Reference string          `json:"customer_reference"`
		Status    json.RawMessage `json:"status"`
		Numbers   json.RawMessage `json:"phone_numbers"`
		From      struct {
			ID string `json:"id"`
		} `json:"from"`
	} `json:"payload"`
}

// subjects are what the types of events are about, by their first part.
var subjects = map[string]provider.Capability{
	"number_order":  provider.CapOrders,
	"porting_order": provider.CapPorts,
	"portout":       provider.CapPortOuts,
}

// Decode verifies the signature: Ed25519 over the time of sending, a bar and the raw
// body, under one of the configured keys, not more than five minutes old or ahead. The
// time is that of Webhook.At, else of the clock.
func (c *Carrier) Decode(h provider.Webhook) ([]provider.Hint, provider.Answer, error) {
	if err := c.verify(h); err != nil {
		return nil, provider.Answer{Status: 401}, err
	}
	var e wireEvent
	var d wireEventData
	if json.Unmarshal(h.Body, &e) != nil || json.Unmarshal(e.Data, &d) != nil {
		return nil, provider.Answer{}, nil // signed by the carrier, and nothing that we know
	}
	about, known := subjects[strings.SplitN(d.Type, ".", 2)[0]]
	if !known {
		return nil, provider.Answer{}, nil
	}
	p := d.Payload
	hint := provider.Hint{ID: d.ID, About: about, Said: provider.Said{By: c.cfg.ID, Raw: status(p.Status), Request: d.ID, At: d.At}}
	if hint.ID == "" { // the attempt is not part of the data: a repeat has the same sum
		sum := sha256.Sum256(e.Data)
		hint.ID = hex.EncodeToString(sum[:])
	}
	hint.Trace.Ref = provider.Ref(or(p.Order, or(p.PortOut, or(p.ID, p.From.ID))))
	if k := provider.Key(p.Reference); k.Validate() == nil {
		hint.Trace.Key = k
	}
	hint.Trace.Numbers = eventNumbers(p.Numbers)
	return []provider.Hint{hint}, provider.Answer{}, nil
}

// verify fails closed: without a key, with a header that is missing or there twice,
// with anything that is not exactly what the carrier sends.
func (c *Carrier) verify(h provider.Webhook) error {
	signature, one := header(h.Header, "telnyx-signature-ed25519")
	stamp, two := header(h.Header, "telnyx-timestamp")
	now := h.At
	if now.IsZero() {
		now = c.cfg.Now()
	}
	sum, ok := carrierhttp.Base64(signature)
	if !one || !two || !ok || len(sum) != ed25519.SignatureSize || !carrierhttp.Fresh(stamp, now, tolerance) {
		return c.distrust()
	}
	message := fmt.Appendf(make([]byte, 0, len(stamp)+1+len(h.Body)), "%s|%s", stamp, h.Body)
	for _, k := range c.keys {
		if ed25519.Verify(k, message, sum) {
			return nil
		}
	}
	return c.distrust()
}

func (c *Carrier) distrust() error {
	return c.fail(provider.OpDecodeHook, provider.Unauthorized, "the message is not signed by the carrier, or not now")
}

// header is the one value of a header.
func header(h map[string][]string, name string) (v string, ok bool) {
	found := 0
	for k, vs := range h {
		if strings.EqualFold(k, name) {
			found += len(vs)
			if len(vs) == 1 {
				v = vs[0]
			}
		}
	}
	return v, found == 1
}

// status is a word, or an object with a value.
func status(raw json.RawMessage) provider.Raw {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return provider.Raw(s)
	}
	var o struct {
		Value string `json:"value"`
	}
	_ = json.Unmarshal(raw, &o)
	return provider.Raw(o.Value)
}

// eventNumbers are texts in one event, and objects in another.
func eventNumbers(raw json.RawMessage) []nanp.Number {
	var texts []string
	if json.Unmarshal(raw, &texts) != nil {
		var objects []struct {
			Number string `json:"phone_number"`
		}
		if json.Unmarshal(raw, &objects) != nil {
			return nil
		}
		texts = texts[:0]
		for _, o := range objects {
			texts = append(texts, o.Number)
		}
	}
	var out []nanp.Number
	for _, t := range texts {
		if n, err := nanp.Parse(t); err == nil {
			out = append(out, n)
		}
	}
	return out
}
