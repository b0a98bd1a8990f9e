package bandwidthtest

import (
	"fmt"
	"hash/fnv"
	"net/http"

	"github.com/numberdesk/numberdesk/provider"
)

// refusal is an error as the carrier has it.
type refusal struct {
	status int
	code   string
	words  string
}

func (r *refusal) Error() string { return fmt.Sprintf("refused with %d, code %q", r.status, r.code) }

func bad(code, words string) error { return &refusal{http.StatusBadRequest, code, words} }

// resourceCodes say with which code a resource refuses what.
var resourceCodes = map[string]map[provider.Kind]refusal{
	"tnreservation": {
		provider.NumberTaken: {400, "5041", "Reservation failed: telephone number is not available."},
		provider.NotFound:    {404, "", "The resource does not exist"},
	},
	"orders": {
		provider.NumberTaken: {400, "5005", "The telephone number is unavailable for ordering"},
	},
	"tns": {
		provider.NotFound: {404, "", "The resource does not exist"},
	},
	"disconnects": {
		provider.NotYours: {400, "5006", "Telephone number could not be disconnected since it is not associated with your account"},
		provider.Conflict: {400, "5012", "Telephone number is locked"},
	},
	"lidbs": {
		provider.NotYours:    {400, "11014", "Number does not belong to this account"},
		provider.Unsupported: {400, "11015", "Toll free numbers are not supported"},
		provider.Invalid:     {400, "11005", "Subscriber information is invalid"},
	},
	"e911s": {
		provider.NotYours: {400, "8003", "Telephone numbers does not belong to this account."},
		provider.Invalid:  {400, "8001", "Caller name is invalid"},
	},
	"portins": {
		provider.Conflict:     {400, "7205", "Telephone number is already being processed on another order"},
		provider.Precondition: {400, "7304", "The order is already complete and cannot be modified or cancelled"},
		provider.Invalid:      {400, "7300", "The order is invalid"},
	},
}

// anyCode is what a refusal is where the resource has no word for it.
var anyCode = map[provider.Kind]refusal{
	provider.NotFound: {404, "", "The resource does not exist"}, provider.Forbidden: {403, "1001", "Access Denied"},
	provider.Conflict: {409, "", "Conflict"}, provider.Unsupported: {405, "", "Method not allowed"}, provider.Internal: {500, "", "Internal error"},
}

func refusalOf(resource string, e *provider.Error) refusal {
	if r, ok := resourceCodes[resource][e.Kind]; ok {
		return r
	}
	if r, ok := anyCode[e.Kind]; ok {
		return r
	}
	return refusal{http.StatusBadRequest, "1000", "The request is invalid"}
}

// Shape is the form of an error body.
type Shape uint8

// The shapes, as they were counted in the carrier's own examples. Those from
// Wordless on show no code.
const (
	Natural           Shape        = iota // the one of the resource
	ResponseStatus                        // ResponseStatus/{ErrorCode,Description}
	ErrorsBare                            // Errors/{Code,Description}, repeated
	ErrorsWithStatus                      // the same beside Status/{Code,Description}
	ErrorList                             // ErrorList/Error/{Code,Description}
	ErrorListNumber                       // ErrorList/Error/{Code,Description,TelephoneNumber}
	ErrorListNumbers                      // ErrorList/Error/{Code,Description,TelephoneNumbers/TelephoneNumber}
	ErrorsError                           // Errors/Error/{Code,Description}
	ErrorInResult                         // Error/{Code,Description} in the answer itself
	Wordless                              // ResponseStatus/Description
	ErrorMessage                          // ErrorMessage
	Empty                                 // nothing
	shapes            = int(Empty)        // how many there are
	shapesWithoutCode = Wordless
)

// Shapes lists the eleven shapes.
func Shapes() []Shape {
	out := make([]Shape, shapes)
	for i := range out {
		out[i] = Shape(i + 1)
	}
	return out
}

// ShowsCode reports whether an error of this shape has a code.
func (s Shape) ShowsCode() bool { return s < shapesWithoutCode }

// roots are the names of answers, and the shapes that errors of a resource have.
var roots = map[string]struct {
	name  string
	shape Shape
}{
	"availableNumbers": {"SearchResult", ErrorInResult},
	"tnreservation":    {"ReservationResponse", ResponseStatus},
	"orders":           {"OrderResponse", ErrorList},
	"disconnects":      {"DisconnectTelephoneNumberOrderResponse", ErrorListNumber},
	"tns":              {"TelephoneNumbersResponse", ResponseStatus},
	"lidbs":            {"LidbOrderResponse", ErrorList},
	"geocodeRequest":   {"GeocodeRequestResponse", ResponseStatus},
	"e911s":            {"E911OrderResponse", ResponseStatus},
	"aeuis":            {"AlternateEndUserIdentifierResponse", ResponseStatus},
	"lnpchecker":       {"NumberPortabilityResponse", ErrorsError},
	"portins":          {"LnpOrderResponse", ErrorsWithStatus},
	"portouts":         {"LnpOrderResponse", ErrorsBare},
}

// refuse answers with an error.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, code, words string, numbers ...string) {
	root := roots[resourceOf(r)]
	if root.name == "" {
		root.name, root.shape = "Response", ResponseStatus
	}
	s.mu.Lock()
	shape := s.shape
	s.mu.Unlock()
	switch {
	case shape != Natural:
	case code == "":
		shape = Wordless
	case s.cfg.Hostile:
		shape = 1 + Shape(pick(r.Method+r.URL.Path+code)%uint32(shapesWithoutCode-1))
	default:
		shape = root.shape
	}
	if shape == Empty {
		w.WriteHeader(status)
		return
	}
	write(w, status, tag(root.name, body(shape, status, code, words, numbers)))
}

func pick(s string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s))
	return h.Sum32()
}

func body(in Shape, status int, code, words string, numbers []string) string {
	pair := text("Code", code) + text("Description", words)
	list := ""
	for _, n := range numbers {
		list += text("TelephoneNumber", n)
	}
	switch in {
	case ResponseStatus:
		return tag("ResponseStatus", text("ErrorCode", code), text("Description", words))
	case ErrorsBare:
		return tag("Errors", pair)
	case ErrorsWithStatus:
		return tag("Status", text("Code", fmt.Sprint(status)), text("Description", "Validation Failed. Please check your input parameters.")) + tag("Errors", pair)
	case ErrorList:
		return tag("ErrorList", tag("Error", pair))
	case ErrorListNumber:
		return tag("ErrorList", tag("Error", pair, list))
	case ErrorListNumbers:
		if list != "" {
			list = tag("TelephoneNumbers", list)
		}
		return tag("ErrorList", tag("Error", pair, list))
	case ErrorsError:
		return tag("Errors", tag("Error", pair))
	case ErrorInResult:
		return tag("Error", pair)
	case Wordless:
		return tag("ResponseStatus", text("Description", words))
	case ErrorMessage:
		return text("ErrorMessage", words)
	}
	return ""
}
