package bandwidthtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// types are the order types of notifications.
var types = map[provider.Capability]string{
	provider.CapOrders: "orders", provider.CapReturn: "disconnects", provider.CapPorts: "portins", provider.CapPortOuts: "portouts",
	provider.CapEmergency: "e911s", provider.CapNames: "lidbs", provider.CapPortCheck: "tollFreePortingValidations",
}

// Webhook is a message of subscriptions v2 (JSON, signed): what t is about has the
// status now. A capability without messages has the type "tnoptions", which no
// adapter needs.
func (s *Server) Webhook(about provider.Capability, t provider.Trace, status string) provider.Webhook {
	kind := types[about]
	if kind == "" {
		kind = "tnoptions"
	}
	body, _ := json.Marshal(map[string]any{
		"subscriptionDefinition": "Bandwidth_App_Order_Update", "eventId": s.next("ev"), "eventType": "order_change", "accountId": s.cfg.Account,
		"event": map[string]any{
			"orderType": kind, "orderId": t.Ref, "customerOrderId": t.Key, "status": status,
			"lastModifiedDate": stamp(s.cfg.Now()), "completedTelephoneNumbers": numbersOf(t),
		},
	})
	return provider.Webhook{
		Method: "POST", URL: "https://hooks.example/bandwidth", Body: body, At: s.cfg.Now(),
		Header: map[string][]string{"Content-Type": {"application/json"}, "X-Bandwidth-Signature-SHA-256": {Sign(s.cfg.HookKey, body)}},
	}
}

func numbersOf(t provider.Trace) []string {
	out := make([]string, len(t.Numbers))
	for i, n := range t.Numbers {
		out[i] = n.String()
	}
	return out
}

// Sign is the signature of a body: the base64 of its HMAC-SHA-256.
func Sign(key string, body []byte) string {
	m := hmac.New(sha256.New, []byte(key))
	_, _ = m.Write(body)
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// WebhookV1 is the same message of subscriptions v1: XML, and not signed. The first
// request of a pair presents nothing and has no body; the second presents the
// credentials.
func (s *Server) WebhookV1(about provider.Capability, t provider.Trace, status string) (asks, sends provider.Webhook) {
	kind := types[about]
	if kind == "" {
		kind = "tnoptions"
	}
	doc := tag("Notification", text("SubscriptionId", "fake-subscription"), text("OrderType", kind), text("OrderId", string(t.Ref)), text("CustomerOrderId", string(t.Key)),
		text("Status", status), tag("CompletedTelephoneNumbers", each(t.Numbers, telephoneNumber)), text("LastModifiedDate", s.cfg.Now().UTC().Format(time.RFC3339)))
	return s.pair(doc)
}

// PortOutQuestion asks whether numbers may be ported away, as v1 messages do.
func (s *Server) PortOutQuestion(ns []nanp.Number, account, pin, zip string) (asks, sends provider.Webhook) {
	return s.pair(tag("PortOutValidationRequest", text("PON", "fake-pon"), text("Pin", pin), text("AccountNumber", account), text("ZipCode", zip),
		text("SubscriberName", "River Bakery LLC"), tag("TelephoneNumbers", each(ns, telephoneNumber))))
}

func (s *Server) pair(doc string) (asks, sends provider.Webhook) {
	asks = provider.Webhook{Method: "POST", URL: "https://hooks.example/bandwidth", At: s.cfg.Now(), Header: map[string][]string{"Content-Type": {"application/xml; charset=utf-8"}}}
	sends = asks
	sends.Body = []byte(`<?xml version="1.0"?>` + doc)
	sends.Header = map[string][]string{
		"Content-Type":  asks.Header["Content-Type"],
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(s.cfg.HookUser+":"+s.cfg.HookPassword))},
	}
	return asks, sends
}
