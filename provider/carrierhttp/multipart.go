package carrierhttp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"

	"github.com/numberdesk/numberdesk/secret"
)

var errPart = errors.New("carrierhttp: a part has no name, or a control character in its name or type")

// Multipart is a form with files, streamed: a file is never held in memory. All
// files are opened before anything is sent. Its length is known when that of every
// file is.
func Multipart(parts ...Part) Body {
	var framing bytes.Buffer
	w := multipart.NewWriter(&framing)
	var cuts []int // where a file belongs into the framing
	var files []Part
	size := int64(0)
	for _, p := range parts {
		if p.Name == "" || strings.ContainsFunc(p.Name+p.FileName+p.Type, control) {
			return Body{Err: errPart}
		}
		if strings.Contains(p.Value, secret.Redacted) {
			return Body{Err: ErrRedacted}
		}
		part, err := w.CreatePart(p.header())
		if err != nil {
			return Body{Err: err}
		}
		if p.Open == nil {
			_, _ = io.WriteString(part, p.Value) // into memory: cannot fail
			continue
		}
		cuts, files = append(cuts, framing.Len()), append(files, p)
		if p.Size <= 0 || size < 0 {
			size = -1
			continue
		}
		size += p.Size
	}
	if err := w.Close(); err != nil {
		return Body{Err: err}
	}
	if size >= 0 {
		size += int64(framing.Len())
	}
	return Body{Type: w.FormDataContentType(), Size: size, Open: func() (io.ReadCloser, error) {
		return openParts(framing.Bytes(), cuts, files)
	}}
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

var quote = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func (p Part) header() textproto.MIMEHeader {
	disposition := fmt.Sprintf(`form-data; name="%s"`, quote.Replace(p.Name))
	h := textproto.MIMEHeader{}
	if p.Open != nil {
		disposition += fmt.Sprintf(`; filename="%s"`, quote.Replace(p.FileName))
		h.Set("Content-Type", "application/octet-stream")
	}
	if p.Type != "" {
		h.Set("Content-Type", p.Type)
	}
	h.Set("Content-Disposition", disposition)
	return h
}

// opened is a form that is being sent.
type opened struct {
	io.Reader
	files []io.Closer
}

func openParts(framing []byte, cuts []int, files []Part) (io.ReadCloser, error) {
	var o opened
	var readers []io.Reader
	at := 0
	for i, f := range files {
		file, err := f.Open()
		if err != nil {
			_ = o.Close()
			return nil, err
		}
		o.files = append(o.files, file)
		readers = append(readers, bytes.NewReader(framing[at:cuts[i]]), file)
		at = cuts[i]
	}
	o.Reader = io.MultiReader(append(readers, bytes.NewReader(framing[at:]))...)
	return &o, nil
}

func (o *opened) Close() error {
	var err error
	for _, f := range o.files {
		err = errors.Join(err, f.Close())
	}
	return err
}
