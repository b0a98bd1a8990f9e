package telnyxtest

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// portWords are the carrier's words for what the engine says; the kinds of waiting
// for us are one.
var portWords = map[provider.PortState]string{
	provider.PortDraft: "draft", provider.PortChecking: "in-process", provider.PortNeedsDocument: "exception", provider.PortNeedsSignature: "exception",
	provider.PortSubmitted: "submitted", provider.PortAcknowledged: "submitted", provider.PortRejected: "exception", provider.PortFOC: "foc-date-confirmed",
	provider.PortActivating: "foc-date-confirmed", provider.PortDone: "ported", provider.PortCancelAsked: "cancel-pending", provider.PortCancelled: "cancelled",
}

// exceptionCodes are the carrier's codes for the reasons of the engine; the rest is
// OTHER.
var exceptionCodes = map[string]string{
	"account_number_invalid": "ACCOUNT_NUMBER_MISMATCH", "authorized_signer_mismatch": "AUTH_PERSON_MISMATCH", "btn_invalid": "BTN_ATN_MISMATCH",
	"name_mismatch": "ENTITY_NAME_MISMATCH", "address_mismatch": "LOCATION_MISMATCH", "pin_invalid": "PASSCODE_PIN_INVALID", "zip_mismatch": "POSTAL_CODE_MISMATCH",
	"foc_expired": "FOC_EXPIRED", "pending_order": "LSR_PENDING", "number_not_portable": "PHONE_NUMBER_NOT_PORTABLE", "due_date_unavailable": "FOC_REJECTED",
}

func wirePort(o provider.PortOrder, id string, requested time.Time) object {
	word, known := portWords[o.State]
	if !known {
		word = string(o.Said.Raw)
	}
	details := []object{}
	for _, r := range o.Reasons {
		code := exceptionCodes[r.Code]
		if code == "" {
			code = "OTHER"
		}
		details = append(details, object{"code": code, "description": "see the code"})
	}
	settings := object{"fast_port_eligible": false}
	if !requested.IsZero() {
		settings["foc_datetime_requested"] = stamp(requested)
	}
	if !o.FOC.IsZero() {
		settings["foc_datetime_actual"] = stamp(o.FOC)
	}
	kind := "local"
	if len(o.Items) > 0 {
		kind = kindOf(o.Items[0].Number)
	}
	now := stamp(o.Said.At)
	return object{"id": id, "record_type": "porting_order", "customer_reference": o.Key, "status": object{"value": word, "details": details},
		"support_key": "sr_" + id[:6], "parent_support_key": "pr_" + string(o.Group), "porting_phone_numbers_count": len(o.Items), "activation_settings": settings,
		"phone_number_type": kind, "requirements": []object{}, "requirements_met": len(o.Needs) == 0, "additional_steps": []string{}, "created_at": now, "updated_at": now}
}

func (s *Server) portObject(o provider.PortOrder) object {
	s.mu.Lock()
	form := s.forms[o.Ref]
	s.mu.Unlock()
	var requested time.Time
	if d := form.Desired; d != (provider.Date{}) {
		requested = time.Date(d.Year, d.Month, d.Day, windowStart, 0, 0, 0, time.UTC)
	}
	out := wirePort(o, s.id(o.Ref), requested)
	out["end_user"] = object{"admin": object{"entity_name": form.Name.Reveal(), "auth_person_name": form.Authorized.Reveal(), "account_number": form.Account.Reveal()}}
	return out
}

func (s *Server) checkPorts(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Numbers []string `json:"phone_numbers"`
	}
	if !offered(w, s.caps.PortCheck != nil) || !body(w, r, &in) {
		return
	}
	ns, ok := parse(w, in.Numbers)
	if !ok {
		return
	}
	checks, err := s.caps.PortCheck.CheckPort(r.Context(), ns)
	if err != nil {
		refuse(w, err, ns...)
		return
	}
	out := make([]object, len(checks))
	for i, c := range checks {
		out[i] = object{"record_type": "portability_check_result", "phone_number": c.Number.String(), "portable": c.Portable, "fast_portable": c.Fast, "not_portable_reason": c.Reason}
	}
	data(w, 201, out)
}

func (s *Server) openPort(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Numbers   []string     `json:"phone_numbers"`
		Reference provider.Key `json:"customer_reference"`
		Group     string       `json:"customer_group_reference"`
	}
	if !offered(w, s.caps.Ports != nil) || !body(w, r, &in) {
		return
	}
	ns, ok := parse(w, in.Numbers)
	if !ok {
		return
	}
	req := provider.PortRequest{Key: in.Reference}
	for _, n := range ns {
		req.Lines = append(req.Lines, provider.PortLine{Number: n})
	}
	orders, err := s.caps.Ports.OpenPort(r.Context(), req)
	if err != nil {
		refuse(w, err, ns...)
		return
	}
	out := make([]object, len(orders))
	for i, o := range orders {
		out[i] = s.portObject(o)
	}
	data(w, 201, out)
}

func (s *Server) listPorts(w http.ResponseWriter, r *http.Request) {
	if !offered(w, s.caps.Ports != nil) || !parameters(w, r, "filter[customer_reference]", "include_phone_numbers") {
		return
	}
	f, err := s.caps.Ports.TrackPort(r.Context(), provider.Trace{Key: provider.Key(r.URL.Query().Get("filter[customer_reference]"))})
	if err != nil {
		refuse(w, err)
		return
	}
	var out []object
	for _, o := range f.Value {
		if !s.deleted(o) {
			out = append(out, s.portObject(o))
		}
	}
	list(w, r, out)
}

// deleted reports whether the order is a draft that was deleted: it is not there any more.
func (s *Server) deleted(o provider.PortOrder) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, gone := s.added[deletedPrefix+o.Ref]
	return gone && (o.State == provider.PortCancelAsked || o.State == provider.PortCancelled)
}

const deletedPrefix = "deleted/"

// port reads the order behind an ID, or answers why not.
func (s *Server) port(w http.ResponseWriter, r *http.Request) (provider.PortOrder, bool) {
	ref, ok := s.ref(w, r)
	if !ok {
		return provider.PortOrder{}, false
	}
	o, err := s.portOf(r.Context(), ref)
	switch {
	case err != nil:
		refuse(w, err)
	case o == nil || s.deleted(*o):
		missing(w)
	default:
		return *o, true
	}
	return provider.PortOrder{}, false
}

func (s *Server) portOf(ctx context.Context, ref provider.Ref) (*provider.PortOrder, error) {
	f, err := s.caps.Ports.TrackPort(ctx, provider.Trace{Ref: ref})
	if err != nil || f.Verdict != provider.Found {
		return nil, err
	}
	return &f.Value[0], nil
}

func (s *Server) showPort(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "include_phone_numbers") {
		return
	}
	if o, ok := s.port(w, r); ok {
		answer(w, 200, object{"data": s.portObject(o), "meta": object{"phone_numbers_url": "/v2/porting_phone_numbers?filter[porting_order_id]=" + s.id(o.Ref)}})
	}
}

type filled struct {
	Misc *struct {
		Type      string `json:"type"`
		Remaining string `json:"remaining_numbers_action"`
		NewBTN    string `json:"new_billing_phone_number"`
	} `json:"misc"`
	User *struct {
		Admin struct {
			Entity     string `json:"entity_name"`
			Authorized string `json:"auth_person_name"`
			BTN        string `json:"billing_phone_number"`
			Account    string `json:"account_number"`
			PIN        string `json:"pin_passcode"`
			TaxID      string `json:"tax_identifier"`
			BusinessID string `json:"business_identifier"`
		} `json:"admin"`
		Location *lines `json:"location"`
	} `json:"end_user"`
	Documents *struct {
		LOA     string `json:"loa"`
		Invoice string `json:"invoice"`
	} `json:"documents"`
	Settings *struct {
		FOC time.Time `json:"foc_datetime_requested"`
	} `json:"activation_settings"`
	Placement    json.RawMessage `json:"phone_number_configuration"`
	Group        string          `json:"requirement_group_id"`
	Requirements json.RawMessage `json:"requirements"`
	Feedback     json.RawMessage `json:"user_feedback"`
	Webhook      string          `json:"webhook_url"`
	Reference    string          `json:"customer_reference"`
	Messaging    json.RawMessage `json:"messaging"`
}

// into writes what is there into a request: what is missing keeps its value.
func (f filled) into(q provider.PortRequest) provider.PortRequest {
	text := func(v *secret.String, s string) {
		if s != "" {
			*v = secret.New(s)
		}
	}
	if f.Misc != nil {
		q.Partial = f.Misc.Type == "partial"
		if n, err := nanp.Parse(f.Misc.NewBTN); err == nil {
			q.NewBTN = n
		}
	}
	if f.User != nil {
		a := f.User.Admin
		text(&q.Name, a.Entity)
		text(&q.Authorized, a.Authorized)
		text(&q.Account, a.Account)
		if n, err := nanp.Parse(a.BTN); err == nil {
			q.BTN = n
		}
		for i := range q.Lines {
			text(&q.Lines[i].PIN, a.PIN)
		}
		if f.User.Location != nil {
			q.Service = f.User.Location.civic()
		}
	}
	if f.Settings != nil {
		y, m, d := f.Settings.FOC.UTC().Date()
		q.Desired, q.Zone = provider.Date{Year: y, Month: m, Day: d}, "UTC"
	}
	return q
}

func (s *Server) patchPort(w http.ResponseWriter, r *http.Request) {
	var in filled
	if !offered(w, s.caps.PortAmend != nil) || !body(w, r, &in) {
		return
	}
	o, ok := s.port(w, r)
	if !ok {
		return
	}
	if in.Settings != nil && !allowed(s.cfg.Now(), in.Settings.FOC) {
		answerError(w, 422, "80018", "Invalid FOC date", "/activation_settings/foc_datetime_requested")
		return
	}
	var docs []provider.Ref
	if in.Documents != nil {
		for _, id := range []string{in.Documents.LOA, in.Documents.Invoice} {
			if id == "" {
				continue
			}
			d := s.document(id)
			if d == nil {
				answerError(w, 422, "80008", "Document not found", "/documents/loa")
				return
			}
			docs = append(docs, d.ref)
		}
	}
	s.amend(w, r, o, in, docs, func(now provider.PortOrder) {
		answer(w, 200, object{"data": s.portObject(now), "meta": object{"phone_numbers_url": "/v2/porting_phone_numbers"}})
	})
}

// amend brings an order to what has been filled in so far and now.
func (s *Server) amend(w http.ResponseWriter, r *http.Request, o provider.PortOrder, in filled, docs []provider.Ref, done func(provider.PortOrder)) {
	s.mu.Lock()
	q := s.forms[o.Ref]
	s.mu.Unlock()
	if len(q.Lines) == 0 {
		for _, it := range o.Items {
			q.Lines = append(q.Lines, provider.PortLine{Number: it.Number})
		}
	} else {
		q.Lines = append([]provider.PortLine(nil), q.Lines...)
	}
	q = in.into(q)
	s.mu.Lock()
	s.forms[o.Ref] = q
	s.mu.Unlock()
	q.Documents = docs
	k := s.key(provider.OpAmendPort, string(o.Ref))
	q.Key = k
	now, err := s.caps.PortAmend.AmendPort(r.Context(), k, o.Ref, q)
	if err != nil {
		refuse(w, err)
		return
	}
	done(now)
}

// confirmPort refuses an order of which something is missing.
func (s *Server) confirmPort(w http.ResponseWriter, r *http.Request) {
	o, ok := s.port(w, r)
	if !ok {
		return
	}
	if len(o.Needs) > 0 {
		answerError(w, 422, "80008", "Requirements not met", "/documents/loa")
		return
	}
	now, err := s.caps.Ports.SubmitPort(r.Context(), s.key(provider.OpSubmitPort, string(o.Ref)), o.Ref)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, 200, object{"data": s.portObject(now), "meta": object{"phone_numbers_url": "/v2/porting_phone_numbers"}})
}

func (s *Server) cancelPort(w http.ResponseWriter, r *http.Request) {
	o, ok := s.port(w, r)
	if !ok {
		return
	}
	if o.State == provider.PortDraft || !o.FOC.IsZero() && o.FOC.Sub(s.cfg.Now()) < 48*time.Hour {
		answerError(w, 422, "10027", "The order cannot be cancelled", "")
		return
	}
	now, err := s.caps.Ports.CancelPort(r.Context(), s.key(provider.OpCancelPort, string(o.Ref)), o.Ref, nil)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, 200, object{"data": s.portObject(now), "meta": object{"phone_numbers_url": "/v2/porting_phone_numbers"}})
}

func (s *Server) deletePort(w http.ResponseWriter, r *http.Request) {
	o, ok := s.port(w, r)
	if !ok {
		return
	}
	if o.State != provider.PortDraft {
		answerError(w, 422, "10027", "Only drafts can be deleted", "")
		return
	}
	s.mu.Lock()
	s.added[deletedPrefix+o.Ref] = nil
	s.mu.Unlock()
	if _, err := s.caps.Ports.CancelPort(r.Context(), s.key(provider.OpCancelPort, string(o.Ref)), o.Ref, nil); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(204)
}

// Windows are open from 15 to 23 hours UTC on the weekdays from the third to the
// sixtieth day.
const (
	windowStart = 15
	windowEnd   = 23
	firstDay    = 3
	lastDay     = 60
)

func windows(now time.Time) [][2]time.Time {
	var out [][2]time.Time
	y, m, d := now.UTC().Date()
	for i := firstDay; i <= lastDay; i++ {
		start := time.Date(y, m, d+i, windowStart, 0, 0, 0, time.UTC)
		if day := start.Weekday(); day != time.Saturday && day != time.Sunday {
			out = append(out, [2]time.Time{start, start.Add((windowEnd - windowStart) * time.Hour)})
		}
	}
	return out
}

func allowed(now, t time.Time) bool {
	for _, w := range windows(now) {
		if !t.Before(w[0]) && t.Before(w[1]) {
			return true
		}
	}
	return false
}

func (s *Server) focWindows(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.port(w, r); !ok {
		return
	}
	var out []object
	for _, x := range windows(s.cfg.Now()) {
		out = append(out, object{"started_at": stamp(x[0]), "ended_at": stamp(x[1]), "record_type": "porting_order"})
	}
	answer(w, 200, object{"data": out})
}

func (s *Server) requirements(w http.ResponseWriter, r *http.Request) {
	o, ok := s.port(w, r)
	if !ok {
		return
	}
	var out []object
	for _, n := range o.Needs {
		kind := "textual"
		if n.Kind == "document" {
			kind = n.Kind
		}
		out = append(out, object{"field_type": kind, "record_type": "porting_requirement", "requirement_status": "requirement-info-pending",
			"requirement_type": object{"id": n.ID, "name": n.Name, "type": kind}})
	}
	list(w, r, out)
}

func (s *Server) portNumbers(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[porting_order_id]", "filter[porting_order_status]") {
		return
	}
	s.mu.Lock()
	ref, ok := s.refs[r.URL.Query().Get("filter[porting_order_id]")]
	s.mu.Unlock()
	if !ok {
		list(w, r, []object{})
		return
	}
	o, err := s.portOf(r.Context(), ref)
	if err != nil {
		refuse(w, err)
		return
	}
	var out []object
	if o != nil && !s.deleted(*o) {
		out = s.portItems(*o)
	}
	list(w, r, out)
}

func (s *Server) portItems(o provider.PortOrder) []object {
	word, known := portWords[o.State]
	if !known {
		word = string(o.Said.Raw)
	}
	var out []object
	for _, it := range o.Items {
		x := object{"record_type": "porting_phone_number", "porting_order_id": s.id(o.Ref), "porting_order_status": word, "phone_number": it.Number.String(),
			"phone_number_type": kindOf(it.Number), "portability_status": "confirmed", "requirements_status": "approved", "support_key": "sr_" + s.id(o.Ref)[:6]}
		switch it.State {
		case provider.PortActivating:
			x["activation_status"] = "Sending"
		case provider.PortDone:
			x["activation_status"] = "Active"
		case provider.PortFOC:
			x["activation_status"] = "Pending"
		}
		out = append(out, x)
	}
	return out
}
