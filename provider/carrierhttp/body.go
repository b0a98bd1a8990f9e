package carrierhttp

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/numberdesk/numberdesk/secret"
)

// Body is what a request carries. The zero value is nothing.
//
// A Read of what Open gave that blocks keeps the call from returning, even after its
// context has ended: net/http waits for it.
type Body struct {
	Type string                        // media type
	Size int64                         // bytes; 0 or less: not known, sent in chunks
	Open func() (io.ReadCloser, error) // called for each attempt, before anything is sent
	Err  error                         // why it could not be made: the call fails, not applied
}

// ErrRedacted is why a body could not be made: it would hold the mark of a secret
// in the place of the secret, for which an adapter has to call Reveal.
var ErrRedacted = errors.New("carrierhttp: a redacted secret in a body")

// attach gives a request its body, in a form that net/http cannot rewind.
func (b Body) attach(r *http.Request) error {
	if b.Open == nil {
		return nil
	}
	body, err := b.Open()
	if err != nil {
		return err
	}
	r.Body, r.GetBody, r.ContentLength = body, nil, b.Size
	if b.Size <= 0 {
		r.ContentLength = -1
	}
	return nil
}

// Bytes is a body that is there already.
func Bytes(mediaType string, b []byte) Body {
	if len(b) == 0 {
		return Body{Type: mediaType}
	}
	return Body{Type: mediaType, Size: int64(len(b)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
}

// JSON encodes v, without the escapes that are meant for HTML.
func JSON(v any) Body {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return Body{Err: err}
	}
	return encoded("application/json", bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// XML encodes v, with the declaration that carriers expect.
func XML(v any) Body {
	b, err := xml.Marshal(v)
	if err != nil {
		return Body{Err: err}
	}
	return encoded("application/xml", append([]byte(xml.Header), b...))
}

// Form encodes v as application/x-www-form-urlencoded, names in order.
func Form(v url.Values) Body {
	for _, values := range v {
		for _, s := range values {
			if strings.Contains(s, secret.Redacted) {
				return Body{Err: ErrRedacted}
			}
		}
	}
	return Bytes("application/x-www-form-urlencoded", []byte(v.Encode()))
}

func encoded(mediaType string, b []byte) Body {
	if bytes.Contains(b, []byte(secret.Redacted)) {
		return Body{Err: ErrRedacted}
	}
	return Bytes(mediaType, b)
}

// Part is one part of a multipart form: a field, or a file with Open.
type Part struct {
	Name  string
	Value string // of a field
	// Of a file. FileName is made up by the adapter: the name of a document is
	// personal data.
	FileName string
	Type     string // "application/octet-stream"
	Size     int64  // 0 or less: not known, the form is sent in chunks
	Open     func() (io.ReadCloser, error)
}
