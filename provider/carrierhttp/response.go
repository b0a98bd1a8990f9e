package carrierhttp

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

// Response is what the carrier answered. It prints as its status and request ID
// only.
type Response struct {
	Status  int
	Header  http.Header
	Body    []byte    // unpacked, at most Config.MaxReply
	Request string    // the carrier's name of the request, by Config.RequestID
	At      time.Time // when it had arrived

	call   Call
	client *Client
}

// Decode reads the body as JSON. A body that is none is an Internal error: Applied
// for a Create, because the carrier has said that it succeeded.
func (r Response) Decode(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return r.Error(provider.Internal, provider.Applied, "the answer is not the JSON that was expected"+position(err))
	}
	return nil
}

// position says where a document is wrong, never what stands there.
func position(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var markup *xml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf(" at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf(" at byte %d", kind.Offset)
	case errors.As(err, &markup):
		return fmt.Sprintf(" at line %d", markup.Line)
	}
	return ""
}

// DecodeXML reads the body as XML, likewise. What follows the document is refused.
func (r Response) DecodeXML(v any) error {
	d := xml.NewDecoder(bytes.NewReader(r.Body))
	err := d.Decode(v)
	if err == nil {
		err = ended(d)
	}
	if err != nil {
		return r.Error(provider.Internal, provider.Applied, "the answer is not the XML that was expected"+position(err))
	}
	return nil
}

var errMore = errors.New("more than one document")

// ended refuses what follows a document.
func ended(d *xml.Decoder) error {
	for {
		switch t, err := d.Token(); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case !ignorable(t):
			return errMore
		}
	}
}

func ignorable(t xml.Token) bool {
	switch t := t.(type) {
	case xml.CharData:
		return len(bytes.TrimSpace(t)) == 0
	case xml.Comment, xml.ProcInst:
		return true
	}
	return false
}

// Error is an error about this call, for what an adapter finds in a success: Op,
// provider, request and number are filled in. That of a Read is NotApplied whatever
// o is. The text is the adapter's own.
func (r Response) Error(k provider.Kind, o provider.Outcome, text string) *provider.Error {
	e := r.fail(k, o, text, nil)
	if r.client != nil {
		return r.client.scrub(e)
	}
	return e
}

func (r Response) fail(k provider.Kind, o provider.Outcome, text string, cause error) *provider.Error {
	e := &provider.Error{Op: r.call.Op, Provider: r.by(), Kind: k, Outcome: r.call.outcome(o), Text: text, Request: r.Request, Number: r.call.Number}
	if cause != nil {
		_, e.Err = known(cause)
	}
	return e
}

// Said is the evidence for a status in this answer.
func (r Response) Said(raw provider.Raw) provider.Said {
	return provider.Said{By: r.by(), Raw: raw, Request: r.Request, At: r.At}
}

func (r Response) by() provider.ID {
	if r.client == nil {
		return ""
	}
	return r.client.cfg.ID
}

// Format writes the status and the request ID, whatever the verb.
func (r Response) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "status %d", r.Status)
	if r.Request != "" {
		_, _ = fmt.Fprintf(f, " (request %s)", r.Request)
	}
}

// LogValue is the status and the request ID.
func (r Response) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("status", r.Status), slog.String("request", r.Request))
}
