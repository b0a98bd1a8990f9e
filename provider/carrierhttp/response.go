package carrierhttp

import (
	"net/http"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

// Response is what the carrier answered.
type Response struct {
	Status  int
	Header  http.Header
	Body    []byte
	Request string    // the carrier's name of the request, by Config.RequestID
	At      time.Time // when it had arrived

	call   Call
	client *Client
}

// Decode reads the body as JSON. A body that is none is an Internal error: Applied
// for a Create, because the carrier has said that it succeeded.
func (r Response) Decode(v any) error { return nil }

// DecodeXML reads the body as XML, likewise.
func (r Response) DecodeXML(v any) error { return nil }

// Error is an error about this call, for what an adapter finds in a success: Op,
// provider, request and number are filled in.
func (r Response) Error(k provider.Kind, o provider.Outcome, text string) *provider.Error { return nil }

// Said is the evidence for a status in this answer.
func (r Response) Said(raw provider.Raw) provider.Said { return provider.Said{} }
