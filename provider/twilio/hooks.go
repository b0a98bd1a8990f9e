package twilio

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// What belongs to a signature.
const (
	signatureHeader = "X-Twilio-Signature"
	bodyHash        = "bodySHA256" // query parameter of messages that are JSON
)

// Decode checks the signature of a message and reads what it is about.
//
// A message whose URL carries bodySHA256 is JSON: the URL is signed, and the hash
// in it is that of the raw body. Any other is a form: the URL is signed with all
// names and values. Twilio signs with or without the default port in the URL, and
// both are tried, as its SDKs do. There is no time in a message, so that an old one
// can come again: its hint has the same ID, and leads to a look at Twilio in any
// case. Names and values are signed without what separates them: who repeats a
// form might move a character from one to the other, and gains a hint that is not
// worth more.
func (a *account) Decode(h provider.Webhook) ([]provider.Hint, provider.Answer, error) {
	m, ok := readMessage(h)
	if !ok || !a.signed(h, m) {
		return nil, provider.Answer{Status: 403}, &provider.Error{Op: provider.OpDecodeHook, Provider: a.cfg.ID, Kind: provider.Unauthorized,
			Outcome: provider.NotApplied, Text: "the message cannot be trusted: its signature does not fit, or there is no key to check it with"}
	}
	hint, known := m.hint()
	if !known {
		return nil, provider.Answer{}, nil
	}
	hint.ID = m.id()
	hint.Said.By, hint.Said.At = a.cfg.ID, h.At
	if hint.Said.At.IsZero() {
		hint.Said.At = a.cfg.Now()
	}
	return []provider.Hint{hint}, provider.Answer{}, nil
}

// message is one that has been read and not yet believed.
type message struct {
	url    string
	urls   []string // the forms of the URL that may have been signed
	params string   // names and values as they are signed
	fields map[string]string
	body   []byte
}

// readMessage fails for what no genuine message can be.
func readMessage(h provider.Webhook) (message, bool) {
	u, err := url.Parse(h.URL)
	if err != nil || u.Host == "" || h.Method != "POST" || u.Fragment != "" {
		return message{}, false
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return message{}, false
	}
	m := message{url: h.URL, urls: ports(*u, h.URL), body: h.Body}
	if sums, signedBody := q[bodyHash]; signedBody {
		return m, len(sums) == 1 && hashes(h.Body, sums[0]) && m.readJSON()
	}
	return m, m.readForm()
}

// hashes compares the hash of the body, in lower case hexadecimal digits.
func hashes(body []byte, want string) bool {
	sum := sha256.Sum256(body)
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(want)) == 1
}

// ports are the URL as it came, with the default port, and without a port.
func ports(u url.URL, raw string) []string {
	port := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	out := []string{raw}
	host := u.Host
	switch {
	case u.Port() == "" && port != "":
		u.Host = host + ":" + port
	case u.Port() != "":
		u.Host = strings.TrimSuffix(host, ":"+u.Port())
	default:
		return out
	}
	// Only the host is written anew: the rest stays as it was signed, byte by byte.
	return append(out, strings.Replace(raw, "//"+host, "//"+u.Host, 1))
}

// readForm reads parameters, and refuses one that is there twice: it could be
// signed as one and read as the other.
func (m *message) readForm() bool {
	v, err := url.ParseQuery(string(m.body))
	if err != nil {
		return false
	}
	m.fields = make(map[string]string, len(v))
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if len(v[name]) != 1 {
			return false
		}
		m.fields[name] = v[name][0]
		b.WriteString(name)
		b.WriteString(v[name][0])
	}
	m.params = b.String()
	return true
}

// readJSON reads what a hint is made of. A body that cannot be read is signed all
// the same: a message of a form that is not known.
func (m *message) readJSON() bool {
	var v struct {
		Port    loose `json:"port_in_request_sid"`
		Number  loose `json:"phone_number"`
		Status  loose `json:"status"`
		Bundle  loose `json:"bundle_sid"`
		Product loose `json:"trust_product_sid"`
	}
	if json.Unmarshal(m.body, &v) == nil {
		m.fields = map[string]string{"port_in_request_sid": string(v.Port), "phone_number": string(v.Number), "status": string(v.Status),
			"bundle_sid": string(v.Bundle), "trust_product_sid": string(v.Product)}
	}
	return true
}

func (a *account) signed(h provider.Webhook, m message) bool {
	var given []string
	for name, values := range h.Header {
		if textproto.CanonicalMIMEHeaderKey(name) == signatureHeader {
			given = append(given, values...)
		}
	}
	if len(given) != 1 {
		return false
	}
	sum, ok := carrierhttp.Base64(given[0])
	if !ok {
		return false
	}
	ok = false
	for _, u := range m.urls {
		ok = carrierhttp.MAC(sha1.New, a.cfg.WebhookKeys, []byte(u+m.params), sum) || ok
	}
	return ok
}

// id is the same for a message that comes again, with or without a port in the
// URL.
func (m message) id() string {
	shortest := slices.MinFunc(m.urls, func(a, b string) int { return len(a) - len(b) })
	sum := sha256.New()
	for _, part := range []string{shortest, m.params} {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// The names under which messages carry what they are about: those of porting, and
// those of the review of a trust product.
var (
	portFields    = []string{"port_in_request_sid", "PortInRequestSid"}
	productFields = []string{"BundleSid", "TrustProductSid", "bundle_sid", "trust_product_sid"}
	numberFields  = []string{"phone_number", "PhoneNumber"}
	statusFields  = []string{"status", "Status"}
)

func (m message) field(names []string) string {
	for _, n := range names {
		if v := m.fields[n]; v != "" {
			return v
		}
	}
	return ""
}

// hint is what a message is about; known is false for one of another type.
func (m message) hint() (h provider.Hint, known bool) {
	h.Said.Raw = provider.Raw(printable(m.field(statusFields)))
	switch kw, bu := m.field(portFields), m.field(productFields); {
	case sid("KW", kw):
		h.About, h.Trace.Ref = provider.CapPorts, provider.Ref(kw)
		if n := plain(m.field(numberFields)); n.Valid() {
			h.Trace.Numbers = []nanp.Number{n}
		}
	case sid("BU", bu):
		h.About, h.Trace.Ref = provider.CapNames, provider.Ref(bu)
	default:
		return h, false
	}
	return h, true
}
