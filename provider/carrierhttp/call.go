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
	URL    string         // instead of Path: a link that the carrier gave, at Base's origin or one of Config.Hosts
	Query  url.Values
	Header http.Header
	Body   Body
	Number nanp.Number // what it is about, for errors; the zero value: nothing in particular

	// Classify is asked after Config.Classify, for codes that mean something else here.
	Classify func(r Response, e *provider.Error)
}

// Path joins segments with slashes and escapes each: no value of ours or of the
// carrier's can step out of its place.
func Path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		switch s {
		case ".", "..":
			b.WriteString(strings.ReplaceAll(s, ".", "%2E"))
		default:
			b.WriteString(url.PathEscape(s))
		}
	}
	return b.String()
}
