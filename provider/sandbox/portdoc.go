package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/porting"
	"github.com/numberdesk/numberdesk/secret"
)

const (
	maxDocument = 20 << 20
	documentTTL = 30 * time.Minute
	maxComment  = 4000 // bytes
)

// fileTypes are the documents that are taken, by their first bytes.
var fileTypes = []struct{ magic, mediaType string }{
	{"%PDF-", "application/pdf"},
	{"\x89PNG\r\n\x1a\n", "image/png"},
	{"\xff\xd8\xff", "image/jpeg"},
	{"II*\x00", "image/tiff"},
	{"MM\x00*", "image/tiff"},
}

// readDocument reads a document, and no more of it than shows that it is longer than
// was announced.
func readDocument(d provider.Document) ([]byte, *provider.FieldError) {
	switch {
	case d.Open == nil:
		return nil, &provider.FieldError{Field: "document", Rule: "content", Text: "has no content"}
	case d.Size > maxDocument:
		return nil, &provider.FieldError{Field: "document", Rule: "size", Text: "is larger than 20 MiB"}
	}
	r, err := d.Open()
	if err != nil {
		return nil, &provider.FieldError{Field: "document", Rule: "content", Text: "could not be opened"}
	}
	defer r.Close()
	var b bytes.Buffer
	b.Grow(int(max(d.Size, 0)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(r, max(d.Size, 0)+1)); err != nil {
		return nil, &provider.FieldError{Field: "document", Rule: "content", Text: "could not be read"}
	}
	return b.Bytes(), nil
}

// checkDocument refuses what is no document, or not the one that was announced.
func checkDocument(d provider.Document, body []byte) *provider.FieldError {
	mediaType := ""
	for _, t := range fileTypes {
		if bytes.HasPrefix(body, []byte(t.magic)) {
			mediaType = t.mediaType
		}
	}
	switch {
	case d.Kind == "" || len(d.Kind) > 32 || strings.Trim(d.Kind, "abcdefghijklmnopqrstuvwxyz-") != "":
		return &provider.FieldError{Field: "document kind", Rule: "known", Text: "must be 1 to 32 small letters, such as loa, invoice, csr"}
	case len(body) == 0:
		return &provider.FieldError{Field: "document", Rule: "size", Text: "is empty"}
	case int64(len(body)) != d.Size:
		return &provider.FieldError{Field: "document", Rule: "size", Text: fmt.Sprintf("does not have the %d bytes that were announced", d.Size)}
	case sha256.Sum256(body) != d.SHA256:
		return &provider.FieldError{Field: "document", Rule: "sum", Text: "does not have the SHA-256 that was announced"}
	case mediaType == "":
		return &provider.FieldError{Field: "document", Rule: "type", Text: "is neither PDF, PNG, JPEG nor TIFF"}
	case d.MediaType != mediaType:
		return &provider.FieldError{Field: "document", Rule: "media type", Text: "is " + mediaType + ", which is not what was announced"}
	}
	return nil
}

// uploadDocument keeps the sum of a document. The caller holds mu for writing.
func (c *Carrier) uploadDocument(k provider.Key, d provider.Document, cl call) (provider.Uploaded, error) {
	sum := hex.EncodeToString(d.SHA256[:])
	shown := func(e *porting.Entry) provider.Uploaded {
		return provider.Uploaded{Ref: e.Ref, Until: e.Document.Until, Said: c.said("stored", cl.at)}
	}
	count := 0
	if e := c.state.ports.Known(cl.op, k); e != nil {
		if c.cfg.Keying == provider.Once {
			if e.Document.SHA256 != sum || e.Document.Kind != d.Kind {
				return provider.Uploaded{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "this key was used for another document")
			}
			if err := c.overtake(cl, e.At, k, e.Ref); err != nil {
				return provider.Uploaded{}, err
			}
			return shown(e), nil
		}
		count = c.state.applied[opKey{cl.op, k}]
	}
	e := entry{
		Op: cl.op, At: cl.at, Key: k, Attempt: cl.attempt, Fault: cl.fault, Ref: provider.Ref(c.ref("pd", string(k), count)),
		Port: &porting.Entry{Document: &porting.Document{Kind: d.Kind, SHA256: sum, Until: cl.at.Add(c.cfg.real(documentTTL))}},
	}
	if err := c.commit(e); err != nil {
		return provider.Uploaded{}, c.broken(cl.op, err)
	}
	return provider.Uploaded{Ref: e.Ref, Until: e.Port.Document.Until, Said: c.said("stored", cl.at)}, nil
}

// answers is what the porting desk says. It knows nothing of what it was asked.
var answers = [...]string{
	"Thank you. We have passed this on to the other carrier.",
	"We are looking into it and will come back to you.",
	"Please compare your request with the latest bill of the other carrier.",
	"The other carrier has been reminded.",
}

// addComment books a comment and the answer to it. What people write stays in
// memory: the ledger does not hold it. The caller holds mu for writing.
func (c *Carrier) addComment(k provider.Key, r provider.Ref, text secret.String, cl call) (provider.PortComment, error) {
	o, err := c.portOrder(r, cl)
	if err != nil {
		return provider.PortComment{}, err
	}
	shown := func(ref provider.Ref, at time.Time) provider.PortComment {
		return c.comment(porting.Message{Ref: ref, At: at, Ours: true}, cl.at)
	}
	count := 0
	if e := c.state.ports.Known(cl.op, k); e != nil {
		if c.cfg.Keying == provider.Once {
			if kept, here := c.texts[e.Ref]; e.Comment.Order != r || here && !kept.Equal(text) {
				return provider.PortComment{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "this key was used for another comment")
			}
			if err := c.overtake(cl, e.At, k, e.Ref); err != nil {
				return provider.PortComment{}, err
			}
			return shown(e.Ref, e.At), nil
		}
		count = c.state.applied[opKey{cl.op, k}]
	}
	ref := provider.Ref(c.ref("pc", string(k), count))
	h := mixText(mix(c.cfg.Seed, saltAnswer), string(ref))
	e := entry{
		Op: cl.op, At: cl.at, Key: k, Attempt: cl.attempt, Fault: cl.fault, Ref: ref,
		Port: &porting.Entry{Comment: &porting.Comment{
			Order: o.Ref, Reply: ref + "-re", After: c.cfg.real(between(h, 5*time.Minute, 4*time.Hour)), Answer: int(mix(h, 0) % uint64(len(answers))),
		}},
	}
	if err := c.commit(e); err != nil {
		return provider.PortComment{}, c.broken(cl.op, err)
	}
	c.texts[ref] = text
	return shown(ref, cl.at), nil
}

// comment shows one comment. Of ours only this process knows the text.
func (c *Carrier) comment(m porting.Message, t time.Time) provider.PortComment {
	out := provider.PortComment{Ref: m.Ref, Ours: m.Ours, At: m.At, Said: c.said("posted", t)}
	switch text, here := c.texts[m.Ref]; {
	case !m.Ours:
		out.Text = secret.New(answers[m.Answer%len(answers)])
	case here:
		out.Text = text
	default:
		out.Text = secret.New(secret.Redacted)
	}
	return out
}

func (c *Carrier) listComments(r provider.Ref, p provider.Page, v view) (out provider.Result[provider.PortComment], err error) {
	if c.state.ports.Order(r, v.at) == nil {
		return out, c.fail(provider.OpListPortComments, provider.NotFound, provider.NotApplied, "there is no port order with this reference")
	}
	all := c.state.ports.Messages(r, v.at)
	from, to, next, err := c.pageOf(provider.OpListPortComments, string(r), p, len(all))
	if err != nil {
		return out, err
	}
	for _, m := range all[from:to] {
		out.Items = append(out.Items, c.comment(m, v.at))
	}
	out.Next = next
	return out, nil
}

// pageOf is the part of a list that only grows at its end. A cursor is the
// position of the next item, and a sum over it and the list that it belongs to.
func (c *Carrier) pageOf(op provider.Op, list string, p provider.Page, total int) (from, to int, next string, err error) {
	cursor := func(at int) string {
		return fmt.Sprintf("%d-%016x", at, mixText(mixText(mix(saltWord, uint64(at)), string(op)), list))
	}
	if p.Cursor != "" {
		at, _, _ := strings.Cut(p.Cursor, "-")
		if from, err = strconv.Atoi(at); err != nil || from < 0 || p.Cursor != cursor(from) {
			return 0, 0, "", c.invalid(op, field("cursor", "known", "is none that this carrier has given out for this list"))
		}
	}
	from = min(from, total) // a stale answer knows fewer
	if to = min(from+c.limit(p.Limit), total); to < total {
		next = cursor(to)
	}
	return from, to, next, nil
}

func opened(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}
