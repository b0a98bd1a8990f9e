package carrierhttp

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Intent says whether a call may be sent again. The zero value is the careful one.
type Intent uint8

const (
	Create Intent = iota // changes something: leaves at most once
	Read                 // changes nothing: may be sent again
)

// Call is one request.
type Call struct {
	Op     provider.Op
	Intent Intent
	Class  provider.Class // "": ClassCreate for a Create, ClassRead for a Read
	Method string         // "": POST for a Create, GET for a Read
	Path   string         // below Config.Base; made by [Path] when parts of it are data
	URL    string         // instead of Path: a link that the carrier gave, at Base's origin or one of Config.Hosts; it may be relative to Base
	Query  url.Values     // beside a URL: replaces what the URL has under these names
	Header http.Header    // of a Create: no Idempotency-Key, which net/http takes as leave to send it twice
	Body   Body
	Number nanp.Number // what it is about, for errors; the zero value: nothing in particular

	// Classify is asked after Config.Classify, for codes that mean something else here.
	Classify func(r Response, e *provider.Error)
}

func (c Call) withDefaults() Call {
	class, method := provider.ClassCreate, http.MethodPost
	if c.Intent == Read {
		class, method = provider.ClassRead, http.MethodGet
	}
	if c.Class == "" {
		c.Class = class
	}
	if c.Method == "" {
		c.Method = method
	}
	return c
}

// outcome is what a failed call came to, given what is known of the wire: a read
// changes nothing, whatever happened to it.
func (c Call) outcome(o provider.Outcome) provider.Outcome {
	if c.Intent == Read {
		return provider.NotApplied
	}
	return o
}

// Path joins segments with slashes and escapes each: no value of ours or of the
// carrier's can step out of its place. A segment that is empty or a dot would name
// another thing than was meant: such a path is refused by [Client.Do].
func Path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		switch s {
		case "", ".":
			b.WriteString("%2E")
		case "..":
			b.WriteString("%2E%2E")
		default:
			b.WriteString(url.PathEscape(s))
		}
	}
	return b.String()
}
