package telnyxtest

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/numberdesk/numberdesk/provider"
)

// eventTypes are what the carrier calls its events.
var eventTypes = map[provider.Capability]string{
	provider.CapOrders: "number_order.complete", provider.CapPorts: "porting_order.status_changed", provider.CapPortOuts: "portout.status_changed",
}

// PublicKey is the key of the webhooks, as the portal shows it.
func (s *Server) PublicKey() string {
	return base64.StdEncoding.EncodeToString(s.cfg.Hook.Public().(ed25519.PublicKey))
}

// Webhook is a new message about something. A capability about which the carrier
// sends none makes a message of a type that nobody knows. ref is the carrier's ID.
func (s *Server) Webhook(about provider.Capability, ref provider.Ref, k provider.Key) provider.Webhook {
	s.mu.Lock()
	s.events++
	n := s.events
	s.mu.Unlock()
	kind := eventTypes[about]
	if kind == "" {
		kind = "balance.changed"
	}
	payload := object{"id": ref, "customer_reference": k}
	switch about {
	case provider.CapOrders:
		payload["record_type"], payload["status"], payload["phone_numbers"] = "number_order", "success", []object{}
	case provider.CapPorts:
		payload["status"] = object{"value": "submitted", "details": []object{}}
	case provider.CapPortOuts:
		payload["status"], payload["phone_numbers"] = "pending", []string{}
	}
	body, err := json.Marshal(object{
		"data": object{"id": fmt.Sprintf("0ccc7b54-4df3-4bca-a65a-%012x", n), "event_type": kind, "occurred_at": stamp(s.cfg.Now()), "record_type": "event", "payload": payload},
		"meta": object{"attempt": 1, "delivered_to": "https://example.com/hooks"},
	})
	if err != nil {
		panic(err) // it holds words
	}
	return s.sign(body)
}

func (s *Server) sign(body []byte) provider.Webhook {
	now := s.cfg.Now()
	at := strconv.FormatInt(now.Unix(), 10)
	sum := ed25519.Sign(s.cfg.Hook, append([]byte(at+"|"), body...))
	return provider.Webhook{Method: http.MethodPost, URL: "https://example.com/hooks", Body: body, At: now, Header: map[string][]string{
		"Content-Type": {"application/json"}, "Telnyx-Timestamp": {at}, "Telnyx-Signature-Ed25519": {base64.StdEncoding.EncodeToString(sum)},
	}}
}

// Repeat is the same message delivered again: another attempt, signed now.
func (s *Server) Repeat(h provider.Webhook) provider.Webhook {
	var m struct {
		Data json.RawMessage `json:"data"`
		Meta struct {
			Attempt int    `json:"attempt"`
			To      string `json:"delivered_to"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(h.Body, &m); err != nil {
		return h
	}
	m.Meta.Attempt++
	body, err := json.Marshal(m)
	if err != nil {
		return h
	}
	return s.sign(body)
}
