package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// The HTTP face: POST /v1/<operation> with the arguments as a JSON object. The
// answer is {"value": ...} or {"error": ...}; the status only helps people who
// read logs.

const (
	wirePrefix  = "/v1/"
	maxRequest  = 1 << 20
	maxReply    = 16 << 20
	maxUpload   = maxDocument*4/3 + 1<<20 // a document in base64
	contentType = "application/json"
)

// opDescribe asks for what Capabilities says.
const opDescribe provider.Op = "describe"

func pathOf(op provider.Op) string { return wirePrefix + strings.ReplaceAll(string(op), " ", "-") }

type (
	argsKeyNumbers struct {
		Key     provider.Key
		Numbers []nanp.Number
	}
	argsKeyRef struct {
		Key provider.Key
		Ref provider.Ref
	}
	argsNumber struct{ Number nanp.Number }
	argsPlaces struct {
		State string
		Page  provider.Page
	}
	nothing struct{}
)

type description struct {
	ID      provider.ID
	Offered []provider.Capability
	Traits  provider.Traits
}

type reply struct {
	Value json.RawMessage `json:"value,omitempty"`
	Error *provider.Error `json:"error,omitempty"` // without its cause
}

// optional lists what one carrier offers and another does not.
var optional = []provider.Capability{provider.CapOrderClose}

func describe(p provider.Provider) description {
	caps := p.Capabilities()
	d := description{ID: p.ID(), Traits: caps.Traits}
	if caps.OrderClose != nil {
		d.Offered = append(d.Offered, optional...)
	}
	return d
}

var statusOf = map[provider.Kind]int{
	provider.NotFound:     http.StatusNotFound,
	provider.Exists:       http.StatusConflict,
	provider.Invalid:      http.StatusBadRequest,
	provider.Unauthorized: http.StatusUnauthorized,
	provider.Forbidden:    http.StatusForbidden,
	provider.NumberTaken:  http.StatusConflict,
	provider.NotYours:     http.StatusForbidden,
	provider.Conflict:     http.StatusConflict,
	provider.Precondition: http.StatusPreconditionFailed,
	provider.Unsupported:  http.StatusNotImplemented,
	provider.Funds:        http.StatusPaymentRequired,
	provider.Capacity:     http.StatusForbidden,
	provider.RateLimited:  http.StatusTooManyRequests,
	provider.Unavailable:  http.StatusServiceUnavailable,
}
