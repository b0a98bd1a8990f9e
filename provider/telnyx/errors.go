package telnyx

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// meaning is what one of the carrier's error codes says.
type meaning struct {
	kind provider.Kind
	text string
	open bool // the request may have been applied all the same
}

// codes are the documented ones (developers.telnyx.com, API errors).
var codes = map[string]meaning{
	"10002": {kind: provider.Invalid, text: "a number is invalid"},
	"10004": {kind: provider.Invalid, text: "a parameter is missing"},
	"10005": {kind: provider.NotFound, text: "there is no such thing"},
	"10007": {kind: provider.Internal, text: "an unexpected error at the carrier", open: true},
	"10009": {kind: provider.Unauthorized, text: "the credentials were refused"},
	"10010": {kind: provider.Forbidden, text: "the account may not do this"},
	"10011": {kind: provider.RateLimited, text: "too many requests"},
	"10012": {kind: provider.Exists, text: "it is there already"},
	"10015": {kind: provider.Invalid, text: "the request is malformed"},
	"10016": {kind: provider.Invalid, text: "a number is not in the form of E.164"},
	"10021": {kind: provider.Conflict, text: "it is in use"},
	"10027": {kind: provider.Invalid, text: "the request cannot be processed"},
	"10031": {kind: provider.Invalid, text: "a filter is invalid"},
	"10032": {kind: provider.Invalid, text: "a value is none of those that are allowed"},
	"10035": {kind: provider.Conflict, text: "it is locked"},
	"10036": {kind: provider.Conflict, text: "it is being processed", open: true},
	"10038": {kind: provider.Capacity, text: "the account has reached its limit for this feature"},
	"10039": {kind: provider.Capacity, text: "the account does not have this feature"},
	"20012": {kind: provider.Forbidden, text: "the account is inactive"},
	"20013": {kind: provider.Forbidden, text: "the account is blocked"},
	"20014": {kind: provider.Forbidden, text: "the account is not verified enough"},
	"20016": {kind: provider.Forbidden, text: "the account is not verified enough"},
	"20017": {kind: provider.Forbidden, text: "the account is not verified enough"},
	"20100": {kind: provider.Funds, text: "the balance is too low"},
	"20200": {kind: provider.Invalid, text: "the address is invalid"},
	"20201": {kind: provider.Invalid, text: "the address is invalid"},
	"20202": {kind: provider.Invalid, text: "the city is wrong"},
	"20203": {kind: provider.Invalid, text: "the address is invalid"},
	"20204": {kind: provider.Invalid, text: "the state is wrong"},
	"20205": {kind: provider.Invalid, text: "the postal code is wrong"},
	"20206": {kind: provider.Invalid, text: "the address is invalid"},
	"20207": {kind: provider.Invalid, text: "the street is wrong"},
	"20208": {kind: provider.Invalid, text: "the house number is wrong"},
	"20209": {kind: provider.Invalid, text: "the unit is missing or wrong"},
	"80003": {kind: provider.Conflict, text: "a number is in another port request"},
	"80004": {kind: provider.Invalid, text: "the due date is wrong"},
	"80005": {kind: provider.Invalid, text: "the PIN is wrong"},
	"80007": {kind: provider.Precondition, text: "the FOC date has passed"},
	"80008": {kind: provider.Precondition, text: "the LOA is missing"},
	"80009": {kind: provider.Precondition, text: "the LOA cannot be read"},
	"80010": {kind: provider.Precondition, text: "the LOA has expired"},
	"80014": {kind: provider.Invalid, text: "the address does not match"},
	"80015": {kind: provider.Precondition, text: "numbers would be stranded"},
	"80018": {kind: provider.Invalid, text: "the FOC date is wrong"},
	"80200": {kind: provider.Invalid, text: "a number is there twice"},
	"80401": {kind: provider.Capacity, text: "too many look-ups in one request"},
	"85000": {kind: provider.Precondition, text: "a number was not returned by a recent search"},
	"85001": {kind: provider.NumberTaken, text: "a number is no longer available"},
	"85002": {kind: provider.Invalid, text: "a number is not in the order"},
	"85006": {kind: provider.NumberTaken, text: "a number is reserved already"},
	"85007": {kind: provider.Capacity, text: "too many reservations"},
}

// portCodes is what the codes 80000 to 80024 that are not listed have in common.
var portCodes = meaning{kind: provider.Precondition, text: "the port order is not in order"}

func meaningOf(code string) (meaning, bool) {
	m, ok := codes[code]
	if !ok && len(code) == 5 && code >= "80000" && code <= "80024" {
		return portCodes, true
	}
	return m, ok
}

type wireErrors struct {
	Errors []wireError `json:"errors"`
}

// wireError leaves out what could hold something personal: title and detail.
type wireError struct {
	Code   word `json:"code"`
	Source struct {
		Pointer   string `json:"pointer"`
		Parameter string `json:"parameter"`
	} `json:"source"`
}

// classify reads the first code that is known. A code proves that nothing was
// applied only in an answer that is a refusal (4xx).
func classify(r carrierhttp.Response, e *provider.Error) {
	var w wireErrors
	if json.Unmarshal(r.Body, &w) != nil {
		return
	}
	known := false
	for _, x := range w.Errors {
		m, ok := meaningOf(string(x.Code))
		if f := field(x.Source.Pointer); f != "" && r.Status < 500 {
			text := "was refused"
			if ok {
				text = "was refused: " + m.text
			}
			e.Fields = append(e.Fields, provider.FieldError{Field: f, Rule: string(x.Code), Text: text})
		}
		if known || !ok {
			continue
		}
		known = true
		e.Kind, e.Code, e.Text = m.kind, string(x.Code), m.text
		switch {
		case m.open:
			e.Outcome = provider.OutcomeUnknown
		case r.Status >= 400 && r.Status < 500:
			e.Outcome = provider.NotApplied
		}
	}
	if !known && len(w.Errors) > 0 && isCode(string(w.Errors[0].Code)) {
		e.Code = string(w.Errors[0].Code)
	}
}

// isCode reports whether a text is what the carrier's codes are: digits.
func isCode(s string) bool {
	return s != "" && len(s) <= 8 && strings.Trim(s, "0123456789") == ""
}

// wireFields are the parts of requests that an error may point at. A pointer to
// anything else is not repeated: it could hold anything.
var wireFields = map[string]bool{
	"phone_numbers": true, "phone_number": true, "customer_reference": true, "connection_id": true, "messaging_profile_id": true,
	"billing_group_id": true, "requirement_group_id": true, "street_address": true, "extended_address": true, "locality": true,
	"administrative_area": true, "postal_code": true, "country_code": true, "emergency_address_id": true, "cnam_listing_details": true,
	"cnam_listing": true, "entity_name": true, "auth_person_name": true, "account_number": true, "billing_phone_number": true,
	"pin_passcode": true, "foc_datetime_requested": true, "new_billing_phone_number": true, "loa": true, "invoice": true, "reason": true,
	"house_number": true, "street_name": true, "callback_number": true, "caller_name": true, "first_name": true, "last_name": true,
	"business_name": true, "body": true, "file": true,
}

// field is the last known name in a JSON pointer.
func field(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i := len(parts) - 1; i >= 0; i-- {
		if wireFields[parts[i]] {
			return parts[i]
		}
	}
	return ""
}

// place is where in the list of numbers the first error points: /phone_numbers/3.
func place(body []byte) (int, bool) {
	var w wireErrors
	if json.Unmarshal(body, &w) != nil || len(w.Errors) == 0 {
		return 0, false
	}
	rest, ok := strings.CutPrefix(w.Errors[0].Source.Pointer, "/phone_numbers/")
	if !ok {
		return 0, false
	}
	digits, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(digits)
	return i, err == nil && i >= 0
}

// refuse turns what is wrong with a request into an error of this carrier: it was
// not sent. nil stays nil.
func (c *Carrier) refuse(op provider.Op, err error) error {
	return provider.Refused(c.cfg.ID, op, err)
}

// fail is an error about something that was not sent.
func (c *Carrier) fail(op provider.Op, k provider.Kind, text string) *provider.Error {
	return &provider.Error{Op: op, Provider: c.cfg.ID, Kind: k, Outcome: provider.NotApplied, Text: text}
}

func bad(name, rule, text string) *provider.FieldError {
	return &provider.FieldError{Field: name, Rule: rule, Text: text}
}

// asError is err as an error of the contract.
func asError(err error) *provider.Error {
	var e *provider.Error
	if errors.As(err, &e) {
		return e
	}
	return &provider.Error{Kind: provider.Internal, Err: err}
}

// kindIs reports whether err is an *Error of the kind.
func kindIs(err error, k provider.Kind) bool { return err != nil && asError(err).Kind == k }

// unsure is err about a call of several steps of which an earlier one may have been
// applied: then nobody may say that nothing happened.
func unsure(err error, begun bool) error {
	if err == nil || !begun || provider.OutcomeOf(err) != provider.NotApplied {
		return err
	}
	e := *asError(err)
	e.Outcome = provider.OutcomeUnknown
	return &e
}

// ofItem reports whether an error is about the thing that was asked for, and not
// about the way to the carrier or the account as a whole.
func ofItem(err error) bool {
	e := asError(err)
	switch e.Kind {
	case provider.Unauthorized, provider.RateLimited, provider.Unavailable, provider.Internal, provider.Funds, "":
		return false
	}
	return e.Outcome == provider.NotApplied
}
