package twiliotest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Webhook is a message about a port request (JSON) or about the review of a caller
// name (a form), as Twilio would send it now: signed with the account's token. A
// capability of another kind gives a message of a type that no adapter reads.
func (s *Server) Webhook(about provider.Capability, ref provider.Ref, n nanp.Number) provider.Webhook {
	now := s.cfg.Now()
	switch about {
	case provider.CapPorts:
		body, err := json.Marshal(map[string]any{
			"port_in_request_sid": string(ref), "port_in_phone_number_sid": sidOf("PU", string(ref), n.String()), "phone_number": n.String(),
			"status": "port_pending", "last_date_updated": now.UTC().Format(time.RFC3339Nano), "portable": true, "port_date": nil,
			"rejection_reason": nil, "rejection_reason_code": nil, "not_portable_reason": nil, "order_cancellation_reason": nil,
		})
		if err != nil {
			panic(err)
		}
		return s.SignJSON(s.cfg.Hooks, body)
	case provider.CapNames:
		return s.SignForm(s.cfg.Hooks, url.Values{"AccountSid": {s.cfg.Account}, "BundleSid": {string(ref)}, "Status": {"twilio-approved"}, "DateUpdated": {now.UTC().Format(time.RFC3339Nano)}})
	}
	return s.SignForm(s.cfg.Hooks, url.Values{"AccountSid": {s.cfg.Account}, "CallSid": {sidOf("CA", now.String())}, "CallStatus": {"completed"}})
}

// SignForm makes a message whose body is a form: the URL, and all names and values
// in the order of the names, are signed.
func (s *Server) SignForm(to string, v url.Values) provider.Webhook {
	var b strings.Builder
	b.WriteString(to)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		b.WriteString(name + v.Get(name))
	}
	return s.signed(to, "application/x-www-form-urlencoded", []byte(v.Encode()), b.String())
}

// SignJSON makes a message whose body is JSON: the URL is signed, and has the hash
// of the body.
func (s *Server) SignJSON(to string, body []byte) provider.Webhook {
	sum := sha256.Sum256(body)
	to += "?bodySHA256=" + hex.EncodeToString(sum[:])
	return s.signed(to, "application/json", body, to)
}

func (s *Server) signed(to, kind string, body []byte, data string) provider.Webhook {
	m := hmac.New(sha1.New, []byte(s.cfg.HookKey.Reveal()))
	m.Write([]byte(data))
	return provider.Webhook{Method: "POST", URL: to, Body: body, At: s.cfg.Now(), Header: map[string][]string{
		"Content-Type": {kind}, "X-Twilio-Signature": {base64.StdEncoding.EncodeToString(m.Sum(nil))},
	}}
}
