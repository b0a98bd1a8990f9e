package bandwidth

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// problem is one error in an answer. words are the carrier's own: they are
// searched, never shown.
type problem struct {
	code    string
	words   string
	numbers []nanp.Number
}

// holdsProblem names the elements that are an error, in any of the shapes:
//
//	ResponseStatus/{ErrorCode,Description}, also without a code
//	Errors/{Code,Description} repeated, also beside Status/{Code,Description}
//	Errors/Error/{Code,Description} and {ErrorCode,Description}
//	ErrorList/Error/{Code,Description}, also with TelephoneNumber, and with TelephoneNumbers
//	Error/{Code,Description} inside SearchResult
//	ErrorList/AEUIError and E911AddressError in E911 orders of endpoints
//	ErrorMessage alone
//	no body
//
// Status/Code is no error code: it repeats the HTTP status, also of a success.
var holdsProblem = map[string]bool{"error": true, "errors": true, "responsestatus": true, "errormessage": true, "aeuierror": true, "e911addresserror": true}

// problems lists the errors in an element.
func problems(e *element) []problem {
	var out []problem
	for d := range e.deep() {
		if !holdsProblem[strings.ToLower(d.name)] {
			continue
		}
		p := problem{code: codeIn(d.str("Code")), words: d.str("Description")}
		if p.code == "" {
			p.code = codeIn(d.str("ErrorCode"))
		}
		if d.is("ErrorMessage") {
			p.words = d.text
		}
		if p.code == "" && p.words == "" {
			continue // a list that is empty, or that holds the errors
		}
		p.numbers = d.numbers()
		out = append(out, p)
	}
	return out
}

// codeIn is a code, or nothing where the text is none: it is shown in errors, and
// must not bring anything else of a body into them.
func codeIn(s string) string {
	if len(s) > 12 || strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_") != "" {
		return ""
	}
	return s
}

// parse reads a body that need not be XML.
func parse(body []byte) *element {
	var e element
	if xml.Unmarshal(body, &e) != nil {
		return nil
	}
	return &e
}

// classify amends an error by the codes in the body. The first code with a known
// meaning counts, else the first code; the outcome is unknown as soon as one of them
// is a time-out behind the API. A 404 that is no answer of the API says nothing about
// what was asked for.
func classify(r carrierhttp.Response, e *provider.Error) {
	doc := parse(r.Body)
	if e.Kind == provider.NotFound && len(bytes.TrimSpace(r.Body)) > 0 && (doc == nil || doc.is("html")) {
		e.Kind, e.Text = provider.Unavailable, "something in front of the carrier's API answered"
		return
	}
	found := problems(doc)
	where := resourceOf[e.Op]
	known := false
	for _, p := range found {
		m, ok := meaningOf(where, p.code)
		switch {
		case ok && !known:
			apply(e, p, m)
			known = true
		case ok && m.kind == provider.Unavailable:
			e.Outcome = provider.OutcomeUnknown
		}
	}
	if known {
		return
	}
	for _, p := range found {
		if p.code != "" {
			e.Code = p.code
			return
		}
	}
}

func apply(e *provider.Error, p problem, m meaning) {
	e.Code, e.Kind, e.Text = p.code, m.kind, m.text
	if len(p.numbers) == 1 {
		e.Number = p.numbers[0]
	}
	if m.kind == provider.Unavailable {
		e.Outcome = provider.OutcomeUnknown // timed out behind the API: it may have gone on
	}
}

// itemError is the error of one number inside an answer that is a success.
func itemError(res carrierhttp.Response, where resource, p problem, n nanp.Number) *provider.Error {
	m, ok := meaningOf(where, p.code)
	if !ok {
		m = meaning{provider.Precondition, "the carrier refused it"}
	}
	e := res.Error(m.kind, provider.NotApplied, m.text)
	e.Code, e.Number = p.code, n
	return e
}

// resource is what an error code belongs to: codes are not unique without it.
type resource string

const (
	anywhere     resource = ""
	searching    resource = "availableNumbers"
	orders       resource = "orders"
	disconnects  resource = "disconnects"
	reservations resource = "tnreservation"
	telephones   resource = "tns"
	lidbs        resource = "lidbs"
	e911s        resource = "e911s"
	geocoding    resource = "geocodeRequest"
	portins      resource = "portins"
	portouts     resource = "portouts"
)

var resourceOf = map[provider.Op]resource{
	provider.OpSearch: searching, provider.OpPlaces: searching,
	provider.OpHold: reservations, provider.OpUnhold: reservations, provider.OpTrackHold: reservations,
	provider.OpPlace: orders, provider.OpTrack: orders, provider.OpCloseOrder: orders,
	provider.OpOwned: telephones, provider.OpListOwned: telephones,
	provider.OpReturn: disconnects, provider.OpTrackReturn: disconnects,
	provider.OpSetName: lidbs, provider.OpTrackName: lidbs, provider.OpReadName: telephones,
	provider.OpCheckAddress: geocoding,
	provider.OpRegister:     e911s, provider.OpUnregister: e911s, provider.OpTrackRegistration: e911s, provider.OpRegistration: telephones,
	provider.OpSetEndpoint: e911s, provider.OpRemoveEndpoint: e911s, provider.OpTrackEndpoint: e911s, provider.OpListEndpoints: e911s,
	provider.OpCheckPort: portins, provider.OpOpenPort: portins, provider.OpSubmitPort: portins, provider.OpTrackPort: portins,
	provider.OpCancelPort: portins, provider.OpAmendPort: portins, provider.OpUploadDocument: portins,
	provider.OpListPortComments: portins, provider.OpAddPortComment: portins,
	provider.OpListPortOuts: portouts, provider.OpAnswerPortOut: portouts,
}

// meaning is what a code comes to.
type meaning struct {
	kind provider.Kind
	text string
}

func meaningOf(where resource, code string) (meaning, bool) {
	for _, r := range [...]resource{where, anywhere} {
		if m, ok := codes[r][code]; ok {
			return m, true
		}
	}
	n, err := strconv.Atoi(code)
	if err != nil {
		return meaning{}, false
	}
	for _, s := range spans {
		if s.where == where && s.from <= n && n <= s.to {
			return meaning{provider.Invalid, s.text}, true
		}
	}
	return meaning{}, false
}
