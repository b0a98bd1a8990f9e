package telnyxtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

type document struct {
	id, name, kind, reference, sum string
	size                           int
	made, until                    time.Time
	ref                            provider.Ref
}

type additional struct {
	ID   string `json:"document_id"`
	Type string `json:"document_type"`
}

func (d *document) object() object {
	return object{"id": d.id, "record_type": "document", "filename": d.name, "content_type": d.kind, "customer_reference": d.reference, "sha256": d.sum,
		"size": object{"unit": "bytes", "amount": d.size}, "status": "pending", "created_at": stamp(d.made), "updated_at": stamp(d.made)}
}

// document is one that is still there, or nil.
func (s *Server) document(id string) *document {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.documents[id]
	if d == nil || !s.cfg.Now().Before(d.until) {
		return nil
	}
	return d
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	if !offered(w, s.caps.PortDocs != nil) {
		return
	}
	parts, err := r.MultipartReader()
	if err != nil {
		answerError(w, 422, "10015", "Bad request", "/file")
		return
	}
	d := &document{}
	var content []byte
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		var b []byte
		if err == nil {
			b, err = io.ReadAll(io.LimitReader(p, 21<<20))
		}
		if err != nil {
			answerError(w, 422, "10015", "Bad request", "/file")
			return
		}
		switch p.FormName() {
		case "customer_reference":
			d.reference = string(b)
		case "file":
			content, d.name, d.kind = b, p.FileName(), p.Header.Get("Content-Type")
		default:
			answerError(w, 422, "10015", "Bad request", "")
			return
		}
	}
	if d.name == "" || len(content) == 0 || len(content) > 20<<20 {
		answerError(w, 422, "10015", "Bad request", "/file")
		return
	}
	sum := sha256.Sum256(content)
	d.sum, d.size, d.made = hex.EncodeToString(sum[:]), len(content), s.cfg.Now()
	kind, _, _ := strings.Cut(d.name, ".")
	up, err := s.caps.PortDocs.UploadDocument(r.Context(), provider.Key(d.reference), provider.Document{
		Kind: kind, MediaType: d.kind, Size: int64(len(content)), SHA256: sum,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	})
	if err != nil {
		refuse(w, err)
		return
	}
	d.ref, d.until, d.id = up.Ref, up.Until, s.id(up.Ref)
	s.mu.Lock()
	s.documents[d.id] = d
	s.mu.Unlock()
	data(w, 200, d.object())
}

func (s *Server) listDocuments(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[customer_reference][eq]") {
		return
	}
	s.mu.Lock()
	var ids []string
	for id, d := range s.documents {
		if keep(r.URL.Query().Get("filter[customer_reference][eq]"), d.reference) {
			ids = append(ids, id)
		}
	}
	s.mu.Unlock()
	slices.Sort(ids)
	var out []object
	for _, id := range ids {
		if d := s.document(id); d != nil {
			out = append(out, d.object())
		}
	}
	list(w, r, out)
}

func (s *Server) showDocument(w http.ResponseWriter, r *http.Request) {
	d := s.document(r.PathValue("id"))
	if d == nil {
		missing(w)
		return
	}
	data(w, 200, d.object())
}

func (s *Server) listAdditional(w http.ResponseWriter, r *http.Request) {
	ref, ok := s.ref(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	all := slices.Clone(s.added[ref])
	s.mu.Unlock()
	var out []object
	for _, a := range all {
		out = append(out, s.additionalObject(a, r.PathValue("id")))
	}
	list(w, r, out)
}

func (s *Server) additionalObject(a additional, order string) object {
	now := stamp(s.cfg.Now())
	return object{"id": s.id(provider.Ref("additional/" + a.ID)), "record_type": "porting_additional_document", "document_id": a.ID, "document_type": a.Type,
		"porting_order_id": order, "created_at": now, "updated_at": now}
}

func (s *Server) addAdditional(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Documents []additional `json:"additional_documents"`
	}
	o, ok := s.port(w, r)
	if !ok || !body(w, r, &in) {
		return
	}
	var docs []provider.Ref
	var out []object
	for _, a := range in.Documents {
		d := s.document(a.ID)
		if d == nil || !slices.Contains([]string{"loa", "invoice", "csr", "other"}, a.Type) {
			answerError(w, 422, "10027", "Unprocessable entity", "")
			return
		}
		docs = append(docs, d.ref)
		out = append(out, s.additionalObject(a, r.PathValue("id")))
	}
	s.amend(w, r, o, filled{}, docs, func(provider.PortOrder) {
		s.mu.Lock()
		s.added[o.Ref] = append(s.added[o.Ref], in.Documents...)
		s.mu.Unlock()
		data(w, 201, out)
	})
}
