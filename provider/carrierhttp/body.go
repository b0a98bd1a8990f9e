package carrierhttp

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
)

// Body is what a request carries. The zero value is nothing.
type Body struct {
	Type string // media type
	Size int64
	Open func() (io.ReadCloser, error) // called for each attempt
	Err  error                         // why it could not be made: the call fails, not applied
}

// Bytes is a body that is there already.
func Bytes(mediaType string, b []byte) Body {
	return Body{Type: mediaType, Size: int64(len(b)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
}

// JSON encodes v.
func JSON(v any) Body {
	b, err := json.Marshal(v)
	if err != nil {
		return Body{Err: err}
	}
	return Bytes("application/json", b)
}

// XML encodes v, with the declaration that carriers expect.
func XML(v any) Body {
	b, err := xml.Marshal(v)
	if err != nil {
		return Body{Err: err}
	}
	return Bytes("application/xml", append([]byte(xml.Header), b...))
}

// Form encodes v as application/x-www-form-urlencoded, names in order.
func Form(v url.Values) Body {
	return Bytes("application/x-www-form-urlencoded", []byte(v.Encode()))
}

// Part is one part of a multipart form: a field, or a file with Open.
type Part struct {
	Name  string
	Value string // of a field
	// Of a file. FileName is made up by the adapter: the name of a document is
	// personal data.
	FileName string
	Type     string
	Size     int64
	Open     func() (io.ReadCloser, error)
}
