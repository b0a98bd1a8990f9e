package twilio

import (
	"context"
	"crypto/sha256"
	"io"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

const documentMax = 10 << 20 // bytes

// documentTypes are what Twilio calls the kinds of documents that it takes for a
// port. It writes the letter of authorization itself.
var documentTypes = map[string]string{"invoice": "utility_bill"}

// mediaTypes are the forms of a document, and how its made-up file name ends.
var mediaTypes = map[string]string{"application/pdf": "bill.pdf", "image/jpeg": "bill.jpg", "image/png": "bill.png"}

// UploadDocument uploads a bill. Without a port request that names it, it has no
// effect.
func (a *account) UploadDocument(ctx context.Context, k provider.Key, d provider.Document) (provider.Uploaded, error) {
	const op = provider.OpUploadDocument
	kind, known := documentTypes[d.Kind]
	if !known {
		return provider.Uploaded{}, a.refuse(op, provider.Unsupported, 0, "Twilio takes a recent bill (invoice) only: it writes the letter of authorization itself and has it signed by mail")
	}
	name, form := mediaTypes[d.MediaType]
	switch {
	case k.Validate() != nil:
		return provider.Uploaded{}, a.invalid(op, k.Validate())
	case !form:
		return provider.Uploaded{}, a.invalid(op, field("document", "form", "is no PDF, JPEG or PNG"))
	case d.Size > documentMax:
		return provider.Uploaded{}, a.invalid(op, field("document", "size", "is larger than 10 MB"))
	case d.Open == nil:
		return provider.Uploaded{}, a.invalid(op, field("document", "needed", "cannot be opened"))
	}
	if err := announced(d); err != nil {
		return provider.Uploaded{}, a.invalid(op, err)
	}
	var got document
	res, err := a.client.Do(ctx, carrierhttp.Call{Op: op, Method: "POST", URL: place(a.cfg.Hosts.Upload, nil, "v1", "Documents"), Body: carrierhttp.Multipart(
		carrierhttp.Part{Name: "document_type", Value: kind},
		carrierhttp.Part{Name: "friendly_name", Value: string(k)},
		carrierhttp.Part{Name: "File", FileName: name, Type: d.MediaType, Size: d.Size, Open: d.Open},
	)})
	if err != nil {
		return provider.Uploaded{}, err
	}
	if err := res.Decode(&got); err != nil {
		return provider.Uploaded{}, err
	}
	if !sid("RD", got.SID) {
		return provider.Uploaded{}, res.Error(provider.Internal, provider.OutcomeUnknown, "the answer names no document")
	}
	return provider.Uploaded{Ref: provider.Ref(got.SID), Said: res.Said(status(res))}, nil
}

// announced reads a document once before it is sent: a bill that was cut off proves
// nothing.
func announced(d provider.Document) error {
	r, err := d.Open()
	if err != nil {
		return field("document", "readable", "cannot be opened")
	}
	defer r.Close()
	sum := sha256.New()
	switch n, err := io.Copy(sum, io.LimitReader(r, documentMax+1)); {
	case err != nil:
		return field("document", "readable", "cannot be read")
	case n != d.Size:
		return field("document", "size", "has another size than was said")
	case [sha256.Size]byte(sum.Sum(nil)) != d.SHA256:
		return field("document", "sum", "has another SHA-256 than was said")
	}
	return nil
}
