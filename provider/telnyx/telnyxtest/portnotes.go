package telnyxtest

import (
	"context"
	"net/http"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

func commentObject(order string, id string, c provider.PortComment) object {
	by := "admin"
	if c.Ours {
		by = "user"
	}
	return object{"id": id, "record_type": "porting_comment", "porting_order_id": order, "body": c.Text.Reveal(), "user_type": by, "created_at": stamp(c.At)}
}

func (s *Server) listComments(w http.ResponseWriter, r *http.Request) {
	ref, ok := s.ref(w, r)
	if !ok || !offered(w, s.caps.PortNotes != nil) {
		return
	}
	var out []object
	for c, err := range provider.All(r.Context(), func(ctx context.Context, p provider.Page) (provider.Result[provider.PortComment], error) {
		return s.caps.PortNotes.ListPortComments(ctx, ref, p)
	}) {
		if err != nil {
			refuse(w, err)
			return
		}
		out = append(out, commentObject(r.PathValue("id"), s.id(c.Ref), c))
	}
	list(w, r, out)
}

func (s *Server) addComment(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Body string `json:"body"`
	}
	ref, ok := s.ref(w, r)
	if !ok || !offered(w, s.caps.PortNotes != nil) || !body(w, r, &in) {
		return
	}
	c, err := s.caps.PortNotes.AddPortComment(r.Context(), s.key(provider.OpAddPortComment, string(ref)+in.Body), ref, secret.New(in.Body))
	if err != nil {
		refuse(w, err)
		return
	}
	data(w, 201, commentObject(r.PathValue("id"), s.id(c.Ref), c))
}

var portOutWords = map[provider.Raw]string{"pending": "pending", "authorized": "authorized", "denied": "rejected", "ported-out": "ported"}

func (s *Server) portOutObject(p provider.PortOut) object {
	word := portOutWords[p.Said.Raw]
	if word == "" {
		word = string(p.Said.Raw)
	}
	now := stamp(p.Said.At)
	return object{"id": s.id(p.Ref), "record_type": "portout", "phone_numbers": []string{p.Number.String()}, "carrier_name": p.To, "current_carrier": "telnyx",
		"status": word, "foc_date": stamp(p.AnswerBy), "already_ported": word == "ported", "created_at": now, "inserted_at": now, "updated_at": now}
}

func (s *Server) allPortOuts(ctx context.Context) ([]provider.PortOut, error) {
	var all []provider.PortOut
	for p, err := range provider.All(ctx, s.caps.PortOuts.ListPortOuts) {
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func (s *Server) listPortOuts(w http.ResponseWriter, r *http.Request) {
	if !offered(w, s.caps.PortOuts != nil) || !parameters(w, r, "filter[status]") {
		return
	}
	all, err := s.allPortOuts(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	var out []object
	for _, p := range all {
		out = append(out, s.portOutObject(p))
	}
	list(w, r, out)
}

func (s *Server) answerPortOut(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Reason string `json:"reason"`
		Host   bool   `json:"host_messaging"`
	}
	ref, ok := s.ref(w, r)
	if !ok || !body(w, r, &in) {
		return
	}
	verdict := r.PathValue("status")
	if verdict != "authorized" && verdict != "rejected-pending" {
		answerError(w, 422, "10032", "Invalid enumerated value", "")
		return
	}
	if in.Reason == "" {
		answerError(w, 422, "10004", "Missing required parameter", "/reason")
		return
	}
	allow := verdict == "authorized"
	if err := s.caps.PortOuts.AnswerPortOut(r.Context(), s.key(provider.OpAnswerPortOut, string(ref)+verdict), ref, allow, in.Reason); err != nil {
		refuse(w, err)
		return
	}
	data(w, 200, object{"id": s.id(ref), "record_type": "portout", "status": verdict})
}
