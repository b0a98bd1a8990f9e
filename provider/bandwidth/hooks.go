package bandwidth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// signatureHeader holds the base64 HMAC-SHA-256 of the raw body, in subscriptions
// of v2. It covers no time: a message that is repeated is told by its Hint.ID.
const signatureHeader = "X-Bandwidth-Signature-SHA-256"

// challenge is the answer without which v1 never sends its message (RFC 7235).
const challenge = `Basic realm="numberdesk", charset="UTF-8"`

// abouts are the order types of notifications. What is not here is no hint.
var abouts = map[string]provider.Capability{
	"orders": provider.CapOrders, "disconnects": provider.CapReturn, "portins": provider.CapPorts, "bulkportins": provider.CapPorts,
	"portouts": provider.CapPortOuts, "lsrorders": provider.CapPortOuts, "e911s": provider.CapEmergency,
	"lidbs": provider.CapNames, "lidb": provider.CapNames, "tollfreeportingvalidations": provider.CapPortCheck,
}

// Decode checks a notification and reads it. One that carries a signature (v2)
// must be signed with one of the WebhookKeys. One that carries none (v1) must
// present HookUser and HookPassword: the first request, which presents nothing, is
// Unauthorized like any stranger's, and the answer to it is the challenge that the
// carrier waits for. Without either in the configuration every message is refused.
//
// The carrier's question about a port-out is answered at once by Config.PortOut:
// it takes any other answer, and none, for consent.
func (c *Carrier) Decode(h provider.Webhook) ([]provider.Hint, provider.Answer, error) {
	if sums := valuesOf(h, signatureHeader); len(sums) > 0 {
		if len(sums) > 1 || !c.signed(h.Body, sums[0]) {
			return nil, provider.Answer{Status: http.StatusUnauthorized}, c.untrusted("the signature is not one of ours")
		}
		hints, err := c.notifications(h)
		return hints, provider.Answer{}, err
	}
	asks := provider.Answer{Status: http.StatusUnauthorized, Header: map[string][]string{"Www-Authenticate": {challenge}}}
	switch auth := valuesOf(h, "Authorization"); {
	case c.cfg.HookUser == "":
		return nil, provider.Answer{Status: http.StatusUnauthorized}, c.untrusted("it carries no signature, and no credentials are configured that it could present")
	case len(auth) == 0:
		return nil, asks, c.untrusted("it presents nothing yet")
	case len(auth) > 1 || !c.presented(auth[0]):
		return nil, asks, c.untrusted("it presents wrong credentials")
	}
	if doc := parse(h.Body); doc.is("PortOutValidationRequest") {
		return c.portOutAsked(h, doc)
	}
	hints, err := c.notifications(h)
	return hints, provider.Answer{}, err
}

func (c *Carrier) untrusted(why string) error {
	return c.fail(provider.OpDecodeHook, provider.Unauthorized, "the message cannot be trusted: "+why)
}

// valuesOf reads a header whatever its case.
func valuesOf(h provider.Webhook, name string) []string {
	var out []string
	for k, v := range h.Header {
		if strings.EqualFold(k, name) {
			out = append(out, v...)
		}
	}
	return out
}

func (c *Carrier) signed(body []byte, header string) bool {
	sum, ok := carrierhttp.Base64(header)
	return ok && len(body) > 0 && carrierhttp.MAC(sha256.New, c.cfg.WebhookKeys, body, sum)
}

// presented compares without telling by its time how much was right.
func (c *Carrier) presented(header string) bool {
	scheme, rest, _ := strings.Cut(header, " ")
	given, ok := carrierhttp.Base64(rest)
	if !ok || !strings.EqualFold(scheme, "Basic") {
		return false
	}
	want := c.cfg.HookUser + ":" + c.cfg.HookPassword.Reveal()
	a, b := sha256.Sum256(given), sha256.Sum256([]byte(want))
	return hmac.Equal(a[:], b[:])
}

// notifications reads one message, XML or JSON. A body that is neither is Invalid:
// whoever sent it could sign it, or knew the password.
func (c *Carrier) notifications(h provider.Webhook) ([]provider.Hint, error) {
	said := provider.Said{By: c.cfg.ID, At: h.At}
	id := sha256.Sum256(h.Body)
	hint := provider.Hint{ID: hex.EncodeToString(id[:16]), Said: said}
	var n notice
	if doc := parse(h.Body); doc != nil {
		n = noticeInXML(doc)
	} else if err := json.Unmarshal(h.Body, &n); err != nil {
		return nil, c.fail(provider.OpDecodeHook, provider.Invalid, "the message is neither XML nor JSON")
	}
	about, known := abouts[strings.ToLower(n.OrderType)]
	if !known {
		return nil, nil
	}
	hint.About, hint.Said.Raw = about, provider.Raw(n.Status)
	hint.Trace = provider.Trace{Key: provider.Key(n.CustomerOrderID), Ref: provider.Ref(n.OrderID)}
	if hint.Trace.Key.Validate() != nil {
		hint.Trace.Key = "" // an order that somebody else placed
	}
	for _, s := range n.numbers {
		if tn, err := nanp.Parse(s); err == nil {
			hint.Trace.Numbers = append(hint.Trace.Numbers, tn)
		}
	}
	return []provider.Hint{hint}, nil
}

// notice is what a notification says, of either version.
type notice struct {
	OrderType, OrderID, CustomerOrderID, Status string
	numbers                                     []string
}

func noticeInXML(doc *element) notice {
	if !doc.is("Notification") {
		return notice{}
	}
	n := notice{OrderType: doc.str("OrderType"), OrderID: doc.str("OrderId"), CustomerOrderID: doc.str("CustomerOrderId"), Status: doc.str("Status")}
	for _, tn := range doc.numbers() {
		n.numbers = append(n.numbers, tn.String())
	}
	return n
}

// UnmarshalJSON finds the members wherever they are: the carrier documents their
// names and not how they are wrapped.
func (n *notice) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	n.gather(v)
	return nil
}

// gather reads the members of an object before those of the objects in it, in
// the order of their names: the same message is always read in the same way.
func (n *notice) gather(v any) {
	if list, ok := v.([]any); ok {
		for _, x := range list {
			n.gather(x)
		}
		return
	}
	members, _ := v.(map[string]any)
	names := slices.Sorted(maps.Keys(members))
	for _, name := range names {
		if s, ok := members[name].(string); ok {
			n.member(strings.ToLower(name), s)
		}
	}
	for _, name := range names {
		if list, ok := members[name].([]any); ok && strings.Contains(strings.ToLower(name), "number") {
			for _, x := range list {
				if s, ok := x.(string); ok {
					n.numbers = append(n.numbers, s)
				}
			}
		}
		n.gather(members[name])
	}
}

func (n *notice) member(name, s string) {
	for _, f := range [...]struct {
		name string
		to   *string
	}{{"ordertype", &n.OrderType}, {"orderid", &n.OrderID}, {"customerorderid", &n.CustomerOrderID}, {"status", &n.Status}, {"orderstatus", &n.Status}} {
		if f.name == name && *f.to == "" {
			*f.to = s
		}
	}
}

// PortOutAsk is the carrier's question whether numbers may be ported away: what
// the winning carrier's request says.
type PortOutAsk struct {
	Numbers    []nanp.Number
	Account    secret.String
	PIN        secret.String
	ZIP        secret.String
	Subscriber secret.String
	Order      string // the winning carrier's purchase order number
}

// PortOutVerdict is the answer. The zero value consents.
type PortOutVerdict struct {
	// Refuse is why not, one of the codes of [PortOutRefusals]. Other codes are not
	// sent: the carrier takes them for consent.
	Refuse string
	// Acceptable are the numbers that could be ported with right data. An answer that
	// refuses and offers nothing may be taken for consent.
	Acceptable []nanp.Number
}

// PortOutRefusals are the codes with which a port-out can be refused, and what
// they mean. Source: the carrier's port-out validation webhook.
func PortOutRefusals() map[string]string {
	return map[string]string{
		"7510": "account code missing", "7511": "account code wrong", "7512": "PIN missing", "7513": "PIN wrong", "7514": "ZIP code missing", "7515": "ZIP code wrong",
		"7516": "number not of this account", "7517": "too many numbers", "7518": "number not active", "7519": "customer information does not match", "7598": "request invalid",
	}
}

type portOutResponse struct {
	XMLName    xml.Name       `xml:"PortOutValidationResponse"`
	Portable   bool           `xml:"Portable"`
	PON        string         `xml:"PON,omitempty"`
	Errors     *portOutErrors `xml:"Errors"`           // nil in consent
	Acceptable *acceptable    `xml:"AcceptableValues"` // nil when nothing is offered
}

type portOutErrors struct {
	Error portOutError `xml:"Error"`
}

type acceptable struct {
	Numbers []string `xml:"TelephoneNumbers>TelephoneNumber"`
}

type portOutError struct {
	Code        string `xml:"Code"`
	Description string `xml:"Description"`
}

// portOutAsked lets the embedder answer, and hints that there is something to look at.
func (c *Carrier) portOutAsked(h provider.Webhook, doc *element) ([]provider.Hint, provider.Answer, error) {
	id := sha256.Sum256(h.Body)
	ask := PortOutAsk{
		Numbers: doc.numbers(), Account: secret.New(doc.str("AccountNumber")), PIN: secret.New(doc.str("Pin")), ZIP: secret.New(doc.str("ZipCode")),
		Subscriber: secret.New(doc.str("SubscriberName")), Order: doc.str("PON"),
	}
	hints := []provider.Hint{{ID: hex.EncodeToString(id[:16]), About: provider.CapPortOuts, Trace: provider.Trace{Numbers: ask.Numbers}, Said: provider.Said{By: c.cfg.ID, At: h.At}}}
	if c.cfg.PortOut == nil {
		return hints, provider.Answer{}, nil
	}
	v := c.cfg.PortOut(ask)
	why, refuses := PortOutRefusals()[v.Refuse]
	res := portOutResponse{Portable: !refuses, PON: ask.Order}
	if refuses {
		res.Errors = &portOutErrors{portOutError{v.Refuse, why}}
		if len(v.Acceptable) > 0 {
			res.Acceptable = &acceptable{e164s(v.Acceptable)}
		}
	}
	body, err := xml.Marshal(res)
	if err != nil {
		return hints, provider.Answer{}, c.fail(provider.OpDecodeHook, provider.Internal, "the answer could not be written")
	}
	return hints, provider.Answer{Status: http.StatusOK, Header: map[string][]string{"Content-Type": {"application/xml"}}, Body: append([]byte(xml.Header), body...)}, nil
}
