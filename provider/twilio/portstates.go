package twilio

import (
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// portLines are the kinds of number of the portability API.
var portLines = map[string]provider.LineType{
	"LOCAL":     provider.LineLandline,
	"MOBILE":    provider.LineWireless,
	"TOLL-FREE": provider.LineTollFree,
}

// requestStates are the words for a port request. Twilio types them as free text
// and writes them in several ways: they are compared as [word] writes them.
var requestStates = map[string]provider.PortState{
	"pending":               provider.PortChecking, // what a creation answers in the example of the API's document
	"in review":             provider.PortChecking,
	"waiting for signature": provider.PortNeedsSignature,
	"in progress":           provider.PortSubmitted,
	"action required":       provider.PortRejected,
	"completed":             provider.PortDone,
	"expired":               provider.PortExpired,
	"canceled":              provider.PortCancelled,
}

// numberPortStates are the words for one number of a request.
var numberPortStates = map[string]provider.PortState{
	"pending":               provider.PortChecking,
	"in review":             provider.PortChecking,
	"waiting for signature": provider.PortNeedsSignature,
	"port submitted":        provider.PortSubmitted,
	"port pending":          provider.PortAcknowledged, // PortFOC once it has a date
	"port rejected":         provider.PortRejected,
	"canceling":             provider.PortCancelAsked,
	"canceled":              provider.PortCancelled,
	"completed":             provider.PortDone,
}

// word writes a status in one way: "In Review", "in_review" and "in-review" are
// the same.
func word(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return ' '
		}
		return r
	}, strings.ToLower(s))), " ")
}

// rejections are the project's codes for Twilio's reasons. CONTACT_SUPPORT_REQUIRED
// says nothing that could be coded.
var rejections = map[string]string{
	"PHONE_NUMBER_WITH_CARRIER_RESTRICTION": "number_not_portable",
	"PHONE_NUMBER_INACTIVE_OR_DISCONNECTED": "number_not_active",
	"INVALID_END_USER_NAME":                 "name_mismatch",
	"INVALID_ADDRESS":                       "address_mismatch",
	"INVALID_PIN":                           "pin_invalid",
	"INVALID_ACCOUNT_NUMBER":                "account_number_invalid",
}

// obstacles are the project's codes for why a number cannot be ported at all.
var obstacles = map[string]string{
	"22130": "number_not_portable",
	"22131": "internal_port",
	"22132": "internal_port",
	"22133": "rate_center_unsupported",
	"22136": "internal_port",
	"22137": "pending_order",
	"22171": "data_missing",
}

// portOrder reads a request.
func (a *account) portOrder(op provider.Op, res carrierhttp.Response, w portIn) provider.PortOrder {
	o := provider.PortOrder{Ref: provider.Ref(w.SID), State: requestStates[word(w.Status)], Said: res.Said(provider.Raw(w.Status)), Requested: date(w.Target)}
	for _, n := range w.Numbers {
		it := provider.PortItem{
			Number: plain(n.PhoneNumber), State: numberPortStates[word(n.Status)], Said: res.Said(provider.Raw(n.Status)),
			FOC: instant(n.PortDate), Reasons: n.reasons(),
		}
		if it.State == provider.PortAcknowledged && !it.FOC.IsZero() {
			it.State = provider.PortFOC
		}
		if it.FOC.After(o.FOC) {
			o.FOC = it.FOC
		}
		for _, why := range it.Reasons {
			if !slices.Contains(o.Reasons, why) {
				o.Reasons = append(o.Reasons, why)
			}
		}
		o.Items = append(o.Items, it)
	}
	if o.State == provider.PortNeedsSignature {
		o.Needs = []provider.Requirement{{ID: "signature", Name: "Twilio has mailed the letter of authorization to the authorized person to be signed", Kind: "signature"}}
	}
	return o
}

func (w portNumber) reasons() []provider.Rejection {
	var out []provider.Rejection
	if raw := carrierWord(w.Rejection); raw != "" {
		out = append(out, provider.Rejection{Code: rejections[raw], Carrier: raw, Text: rejectionText[raw]})
	} else if code := carrierWord(w.RejectionCode.code()); code != "" {
		out = append(out, provider.Rejection{Code: rejections[code], Carrier: code})
	}
	if code := w.NotCode.code(); code != "" && w.Portable != nil && !*w.Portable {
		out = append(out, provider.Rejection{Code: obstacles[code], Carrier: carrierWord(code), Text: meanings[code].text})
	}
	return out
}

// rejectionText says Twilio's reasons in words.
var rejectionText = map[string]string{
	"CONTACT_SUPPORT_REQUIRED":              "Twilio's support has to be asked",
	"PHONE_NUMBER_WITH_CARRIER_RESTRICTION": "the losing carrier does not let the number go",
	"PHONE_NUMBER_INACTIVE_OR_DISCONNECTED": "the number is not in service",
	"INVALID_END_USER_NAME":                 "the customer's name does not match",
	"INVALID_ADDRESS":                       "the address does not match",
	"INVALID_PIN":                           "the PIN does not match",
	"INVALID_ACCOUNT_NUMBER":                "the account number does not match",
}

// carrierWord keeps what looks like a code; free text may hold anything.
func carrierWord(s string) string {
	if len(s) > 64 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" {
		return "other"
	}
	return s
}

func (w portIn) about(ns []nanp.Number) bool {
	if len(w.Numbers) != len(ns) {
		return false
	}
	return !slices.ContainsFunc(ns, func(n nanp.Number) bool {
		return !slices.ContainsFunc(w.Numbers, func(x portNumber) bool { return plain(x.PhoneNumber) == n })
	})
}

// touches reports whether the request may be about some of the numbers.
func (w portIn) touches(ns []nanp.Number) bool {
	return len(w.Numbers) == 0 || slices.ContainsFunc(w.Numbers, func(x portNumber) bool { return slices.Contains(ns, plain(x.PhoneNumber)) })
}

// find returns Twilio's reference of a number in the request.
func (w portIn) find(n nanp.Number) string {
	for _, x := range w.Numbers {
		if plain(x.PhoneNumber) == n && sid("PU", x.SID) {
			return x.SID
		}
	}
	return ""
}

// skew is how far two clocks may differ.
const skew = 10 * time.Minute

// before reports whether the request was made before a time by more than a while.
func (w portIn) before(t time.Time, by time.Duration) bool {
	made := instant(w.Created)
	return !made.IsZero() && !t.IsZero() && made.Before(t.Add(-by))
}

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func date(s string) provider.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return provider.Date{}
	}
	return provider.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}
