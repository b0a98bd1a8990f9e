package bandwidth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/url"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

const (
	documentMax = 3 << 20 // bytes
	shelfTime   = time.Hour
	shelfMax    = 64 << 20 // bytes, of all documents together
)

// documentKinds are the carrier's words for what a document is.
var documentKinds = map[string]string{"loa": "LOA", "invoice": "INVOICE", "csr": "CSR"}

// mediaTypes are those that the carrier takes. A toll-free LOA must be PDF or TIFF.
var mediaTypes = map[string]bool{
	"text/csv": true, "application/msword": true, "application/vnd.openxmlformats-officedocument.wordprocessingml.document": true,
	"image/jpeg": true, "application/pdf": true, "image/png": true, "text/plain": true, "image/tiff": true,
	"application/vnd.ms-excel": true, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": true,
}

// shelf holds documents until there is an order that they can be uploaded to: the
// carrier takes them nowhere else. It is kept in memory.
type shelf struct {
	mu   sync.Mutex
	docs map[provider.Ref]shelved
}

type shelved struct {
	kind, mediaType string
	body            []byte
	until           time.Time
}

// UploadDocument puts a document aside for the port that names it: the carrier
// takes documents for an order only. It is gone after an hour, and when the process
// ends.
func (c *Carrier) UploadDocument(ctx context.Context, k provider.Key, d provider.Document) (provider.Uploaded, error) {
	const op = provider.OpUploadDocument
	switch err := k.Validate(); {
	case err != nil:
		return provider.Uploaded{}, c.invalid(op, err)
	case d.Open == nil || d.Size < 1 || d.Size > documentMax:
		return provider.Uploaded{}, c.invalid(op, field("document", "size", "is empty or larger than 3 MiB"))
	case !mediaTypes[d.MediaType]:
		return provider.Uploaded{}, c.invalid(op, field("document", "type", "is of none of the types that the carrier takes"))
	}
	if err := ctx.Err(); err != nil {
		e := c.fail(op, provider.Unavailable, "the call had ended before the document was read")
		e.Err = err
		return provider.Uploaded{}, e
	}
	body, err := contents(d)
	if err != nil {
		return provider.Uploaded{}, c.invalid(op, err)
	}
	sum := sha256.Sum256(append([]byte(d.Kind+" "), body...))
	ref, until := provider.Ref("shelf-"+hex.EncodeToString(sum[:12])), c.cfg.Now().Add(shelfTime)
	if !c.shelf.put(ref, shelved{d.Kind, d.MediaType, body, until}, c.cfg.Now()) {
		return provider.Uploaded{}, c.fail(op, provider.Capacity, "too many documents wait for their port orders already")
	}
	return provider.Uploaded{Ref: ref, Until: until}, nil
}

// contents reads a document, and proves that it is the one that was described.
func contents(d provider.Document) ([]byte, error) {
	r, err := d.Open()
	if err != nil {
		return nil, field("document", "readable", "cannot be opened")
	}
	body, err := io.ReadAll(io.LimitReader(r, d.Size+1))
	if closing := r.Close(); err == nil {
		err = closing
	}
	switch {
	case err != nil:
		return nil, field("document", "readable", "cannot be read")
	case int64(len(body)) != d.Size:
		return nil, field("document", "size", "has another size than was said")
	case sha256.Sum256(body) != d.SHA256:
		return nil, field("document", "sum", "has another SHA-256 than was said")
	}
	return body, nil
}

func (s *shelf) put(ref provider.Ref, d shelved, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.docs == nil {
		s.docs = make(map[provider.Ref]shelved)
	}
	maps.DeleteFunc(s.docs, func(_ provider.Ref, d shelved) bool { return d.until.Before(now) })
	size := len(d.body)
	for other, o := range s.docs {
		if other != ref {
			size += len(o.body)
		}
	}
	if size > shelfMax {
		return false
	}
	s.docs[ref] = d
	return true
}

// take finds the documents that a request names. They stay: a request whose
// answer was lost is made again.
func (s *shelf) take(c *Carrier, op provider.Op, refs []provider.Ref) ([]shelved, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []shelved
	for _, r := range refs {
		d, there := s.docs[r]
		if !there || d.until.Before(c.cfg.Now()) {
			return nil, c.fail(op, provider.Precondition, "a document is not there any more: upload it again")
		}
		out = append(out, d)
	}
	return out, nil
}

// upload sends a document to an order as it is, with what it is in the query.
func (c *Carrier) upload(ctx context.Context, op provider.Op, order provider.Ref, d shelved) (reply, error) {
	kind, known := documentKinds[d.kind]
	if !known {
		kind = "OTHER"
	}
	return c.do(ctx, carrierhttp.Call{
		Op: op, Path: c.account("portins", string(order), "loas"), Query: url.Values{"documentType": {kind}},
		Body: carrierhttp.Bytes(d.mediaType, d.body),
	})
}
