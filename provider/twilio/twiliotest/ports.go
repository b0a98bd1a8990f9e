package twiliotest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

// portDesk is what the porting API knows beside the engine.
type portDesk struct {
	documents map[string]provider.Ref // of the engine, by RD
	asked     map[provider.Key]asked  // what a request said, by the engine's key
}

// asked is what a request said that is shown again.
type asked struct {
	made   time.Time
	target string
	losing json.RawMessage
	docs   []string
}

func newPortDesk() portDesk {
	return portDesk{documents: map[string]provider.Ref{}, asked: map[provider.Key]asked{}}
}

// notPortable are Twilio's reasons for the engine's words.
func notPortable(reason string) (string, int) {
	switch {
	case strings.Contains(reason, "in this account"):
		return "ALREADY_IN_THE_TARGET_ACCOUNT", 22131
	case strings.Contains(reason, "ported already"):
		return "ALREADY_IN_ONE_OF_YOUR_ACCOUNTS_PORT_IN_PROGRESS", 22137
	case strings.Contains(reason, "coverage"):
		return "MANUAL_PORTING_AVAILABLE", 22133
	}
	return "UNSUPPORTED", 22130
}

func (s *Server) portability(c *call) {
	n, err := nanp.Parse(c.r.PathValue("number"))
	if err != nil {
		c.fail(http.StatusBadRequest, 22102, "Invalid phone number")
		return
	}
	if !c.known(c.q, nil, "TargetAccountSid", "AddressSid") {
		return
	}
	got, err := s.caps.PortCheck.CheckPort(c.r.Context(), []nanp.Number{n})
	if err != nil {
		c.broken(err)
		return
	}
	v := map[string]any{
		"phone_number": n.String(), "account_sid": s.cfg.Account, "country": "US", "portable": got[0].Portable, "number_type": numberType(got[0]),
		"pin_and_account_number_required": got[0].NeedsPIN, "not_portable_reason": nil, "not_portable_reason_code": nil,
		"url": c.origin() + c.r.URL.EscapedPath(),
	}
	if !got[0].Portable || n.TollFree() {
		v["portable"] = false
		reason, code := notPortable(got[0].Reason)
		if n.TollFree() {
			reason, code = "MANUAL_PORTING_AVAILABLE", 22133
		}
		v["not_portable_reason"], v["not_portable_reason_code"] = reason, code
	}
	c.json(http.StatusOK, v)
}

func numberType(p provider.PortCheck) string {
	switch {
	case p.Number.TollFree():
		return "TOLL-FREE"
	case p.Line == provider.LineWireless:
		return "MOBILE"
	}
	return "LOCAL"
}

// upload takes a bill.
func (s *Server) upload(c *call) {
	if err := c.r.ParseMultipartForm(maxBody); err != nil {
		c.fail(http.StatusUnsupportedMediaType, 20001, "The form cannot be read")
		return
	}
	files := c.r.MultipartForm.File["File"]
	if c.r.FormValue("document_type") != "utility_bill" || len(files) != 1 || len(c.r.MultipartForm.Value) > 2 || files[0].Size > 10<<20 {
		c.fail(http.StatusBadRequest, 20001, "document_type or File is not valid")
		return
	}
	f, err := files[0].Open()
	if err != nil {
		c.fail(http.StatusBadRequest, 20001, "File cannot be read")
		return
	}
	defer f.Close()
	body, err := io.ReadAll(f)
	if err != nil {
		c.fail(http.StatusBadRequest, 20001, "File cannot be read")
		return
	}
	kind := files[0].Header.Get("Content-Type")
	got, err := s.caps.PortDocs.UploadDocument(c.r.Context(), s.key("rd"), provider.Document{
		Kind: "invoice", MediaType: kind, Size: int64(len(body)), SHA256: sha256.Sum256(body),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	})
	if err != nil {
		c.broken(err)
		return
	}
	rd := sidOf("RD", string(got.Ref))
	s.mu.Lock()
	s.ports.documents[rd] = got.Ref
	s.mu.Unlock()
	c.json(http.StatusCreated, map[string]any{"sid": rd, "account_sid": s.cfg.Account, "friendly_name": c.r.FormValue("friendly_name"), "mime_type": kind, "status": "draft"})
}

// portBody is the request as its document has it.
type portBody struct {
	Account   string          `json:"account_sid"`
	Documents []string        `json:"documents"`
	Losing    json.RawMessage `json:"losing_carrier_information"`
	Numbers   []struct {
		Number string `json:"phone_number"`
		PIN    string `json:"pin"`
	} `json:"phone_numbers"`
	Target string   `json:"target_port_in_date"`
	Start  string   `json:"target_port_in_time_range_start"`
	End    string   `json:"target_port_in_time_range_end"`
	Emails []string `json:"notification_emails"`
	Bundle string   `json:"bundle_sid"`
}

type losingBody struct {
	Type       string `json:"customer_type"`
	Customer   string `json:"customer_name"`
	Account    string `json:"account_number"`
	BTN        string `json:"account_telephone_number"`
	AddressSID string `json:"address_sid"`
	Address    struct {
		Street  string `json:"street"`
		Street2 string `json:"street_2"`
		City    string `json:"city"`
		State   string `json:"state"`
		Zip     string `json:"zip"`
		Country string `json:"country"`
	} `json:"address"`
	Authorized string `json:"authorized_representative"`
	Email      string `json:"authorized_representative_email"`
}

// strictly refuses names that the documents do not have.
func strictly(b []byte, v any) bool {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(v) == nil
}

// portIn submits at once.
func (s *Server) portIn(c *call) {
	var b portBody
	var l losingBody
	body, err := io.ReadAll(c.r.Body)
	if err != nil || !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") {
		c.fail(http.StatusUnsupportedMediaType, 20001, "The body cannot be read")
		return
	}
	if !strictly(body, &b) || !strictly(b.Losing, &l) {
		c.fail(http.StatusBadRequest, 22171, "The body is not valid")
		return
	}
	missing := b.Account != s.cfg.Account || len(b.Documents) == 0 || len(b.Numbers) == 0 || l.Customer == "" || l.Authorized == "" || l.Email == ""
	if missing || l.Type != "Business" && l.Type != "Individual" {
		c.fail(http.StatusBadRequest, 22171, "Required fields are missing")
		return
	}
	r := provider.PortRequest{
		Key: s.key("pi"), Account: secret.New(l.Account), Authorized: secret.New(l.Authorized), Name: secret.New(l.Customer), Email: secret.New(l.Email),
		Residential: l.Type == "Individual",
		Service: postal.Civic{City: l.Address.City, State: l.Address.State, PostalCode: l.Address.Zip, Country: l.Address.Country}.
			WithStreetLine(strings.TrimSuffix(l.Address.Street+", "+l.Address.Street2, ", ")),
	}
	if !s.fill(c, &r, b, l) {
		return
	}
	s.mu.Lock()
	s.ports.asked[r.Key] = asked{s.cfg.Now(), b.Target, b.Losing, b.Documents}
	s.mu.Unlock()
	orders, err := s.caps.Ports.OpenPort(c.r.Context(), r)
	if err != nil {
		if e, ok := err.(*provider.Error); ok && (e.Kind == provider.Conflict || e.Kind == provider.Invalid) {
			_, code := notPortable(e.Text)
			c.fail(http.StatusBadRequest, code, "A phone number cannot be ported")
			return
		}
		c.broken(err)
		return
	}
	for _, p := range viewOf(s).book.Ports {
		if p.Key == r.Key && p.Ref == orders[0].Ref {
			s.answerPort(c, http.StatusAccepted, p, orders[0])
		}
	}
}

// fill reads what has to be looked up or parsed; it answers where it cannot.
func (s *Server) fill(c *call, r *provider.PortRequest, b portBody, l losingBody) bool {
	for _, x := range b.Numbers {
		n, err := nanp.Parse(x.Number)
		switch {
		case err != nil:
			c.fail(http.StatusBadRequest, 22102, "Invalid phone number")
			return false
		case n.TollFree():
			c.fail(http.StatusBadRequest, 22133, "Only manual porting is available")
			return false
		}
		r.Lines = append(r.Lines, provider.PortLine{Number: n, PIN: secret.New(x.PIN)})
	}
	if l.BTN != "" {
		n, err := nanp.Parse(l.BTN)
		if err != nil {
			c.fail(http.StatusBadRequest, 22102, "Invalid phone number")
			return false
		}
		r.BTN = n
	}
	if b.Target != "" {
		t, err := time.Parse(time.DateOnly, b.Target)
		if err != nil || t.Before(s.cfg.Now().AddDate(0, 0, 6)) {
			c.fail(http.StatusBadRequest, 22171, "target_port_in_date is not valid")
			return false
		}
		r.Desired = provider.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rd := range b.Documents {
		ref, known := s.ports.documents[rd]
		if !known {
			c.fail(http.StatusBadRequest, 22171, "A document is not known")
			return false
		}
		r.Documents = append(r.Documents, ref)
	}
	return true
}

// KW is Twilio's name of a port order of the engine.
func (s *Server) KW(r provider.Ref) provider.Ref { return provider.Ref(sidOf("KW", string(r))) }

// EnginePort is the engine's name of a port request, "" for none.
func (s *Server) EnginePort(kw provider.Ref) provider.Ref {
	for _, p := range s.engine.Book().Ports {
		if s.KW(p.Ref) == kw {
			return p.Ref
		}
	}
	return ""
}

// portWords and portNumberWords are Twilio's; it writes them in several ways.
var (
	portWords = map[provider.PortState]string{
		provider.PortDraft: "In Review", provider.PortChecking: "In Review", provider.PortNeedsSignature: "Waiting for Signature",
		provider.PortSubmitted: "In Progress", provider.PortAcknowledged: "In progress", provider.PortFOC: "In Progress", provider.PortActivating: "in_progress",
		provider.PortRejected: "Action Required", provider.PortDone: "Completed", provider.PortCancelAsked: "In Progress",
		provider.PortCancelled: "Canceled", provider.PortExpired: "Expired",
	}
	portNumberWords = map[provider.PortState]string{
		provider.PortDraft: "in_review", provider.PortChecking: "In Review", provider.PortNeedsSignature: "waiting_for_signature",
		provider.PortSubmitted: "port_submitted", provider.PortAcknowledged: "port_pending", provider.PortFOC: "port_pending", provider.PortActivating: "port_pending",
		provider.PortRejected: "port_rejected", provider.PortDone: "completed", provider.PortCancelAsked: "canceling",
		provider.PortCancelled: "canceled", provider.PortExpired: "expired",
	}
)

// rejections are Twilio's reasons for the engine's codes.
var rejections = map[string]string{
	"account_number_invalid": "INVALID_ACCOUNT_NUMBER", "pin_invalid": "INVALID_PIN", "name_mismatch": "INVALID_END_USER_NAME",
	"address_mismatch": "INVALID_ADDRESS", "number_not_active": "PHONE_NUMBER_INACTIVE_OR_DISCONNECTED", "number_not_portable": "PHONE_NUMBER_WITH_CARRIER_RESTRICTION",
}

// getPort asks the engine. An old view of it that does not have the request yet is
// asked again.
func (s *Server) getPort(c *call) {
	p, ok := s.portOf(c)
	if !ok {
		return
	}
	var ns []nanp.Number
	for _, l := range p.Lines {
		ns = append(ns, l.Number)
	}
	for range 10 {
		f, err := s.caps.Ports.TrackPort(c.r.Context(), provider.Trace{Numbers: ns})
		if err != nil {
			c.broken(err)
			return
		}
		for _, o := range f.Value {
			if o.Ref == p.Ref {
				s.answerPort(c, http.StatusOK, p, o)
				return
			}
		}
	}
	c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
}

// portOf finds the request that a path names; it answers where there is none.
func (s *Server) portOf(c *call) (sandbox.BookedPort, bool) {
	for _, p := range viewOf(s).book.Ports {
		if string(s.KW(p.Ref)) == c.r.PathValue("kw") && !opened(p).After(s.cfg.Now()) {
			return p, true
		}
	}
	c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
	return sandbox.BookedPort{}, false
}

func opened(p sandbox.BookedPort) time.Time {
	if len(p.Steps) == 0 {
		return time.Time{}
	}
	return p.Steps[0].At
}

// answerPort tells how the engine says that a request stands.
func (s *Server) answerPort(c *call, status int, p sandbox.BookedPort, o provider.PortOrder) {
	s.mu.Lock()
	a := s.ports.asked[p.Key]
	s.mu.Unlock()
	kw := string(s.KW(p.Ref))
	v := map[string]any{
		"port_in_request_sid": kw, "account_sid": s.cfg.Account, "port_in_request_status": said(portWords[o.State], o.Said.Raw),
		"notification_emails": []string{}, "target_port_in_date": text(a.target), "target_port_in_time_range_start": nil, "target_port_in_time_range_end": nil,
		"order_cancellation_reason": nil, "losing_carrier_information": a.losing, "documents": a.docs, "bundle_sid": nil,
		"portability_advance_carrier": nil, "auto_cancel_approval_numbers": nil, "support_ticket_id": 123456, "signature_request_url": nil,
		"date_created": opened(p).UTC().Format(time.RFC3339), "url": c.origin() + "/v1/Porting/PortIn/" + kw,
	}
	numbers := []map[string]any{}
	for _, it := range o.Items {
		numbers = append(numbers, s.portNumber(kw, it))
	}
	v["phone_numbers"] = numbers
	c.json(status, v)
}

// said is Twilio's word, or the engine's where nobody knows it.
func said(word string, raw provider.Raw) string {
	if word == "" {
		return string(raw)
	}
	return word
}

func (s *Server) portNumber(kw string, it provider.PortItem) map[string]any {
	m := map[string]any{
		"phone_number": it.Number.String(), "port_in_phone_number_sid": sidOf("PU", kw, it.Number.String()),
		"port_in_phone_number_status": said(portNumberWords[it.State], it.Said.Raw), "portable": true, "not_portability_reason": nil, "not_portability_reason_code": nil,
		"number_type": "LOCAL", "port_date": nil, "rejection_reason": nil, "rejection_reason_code": nil,
		"status_last_time_updated_timestamp": it.Said.At.UTC().Format(time.RFC3339), "external_porting_vendor_phone_number_id": nil,
	}
	if !it.FOC.IsZero() {
		m["port_date"] = it.FOC.UTC().Format(time.RFC3339)
	}
	if it.State == provider.PortRejected {
		m["rejection_reason"], m["rejection_reason_code"] = "CONTACT_SUPPORT_REQUIRED", "1"
		for _, why := range it.Reasons {
			if word := rejections[why.Code]; word != "" {
				m["rejection_reason"] = word
			}
		}
	}
	return m
}

// listPorts names requests and no numbers.
func (s *Server) listPorts(c *call) {
	if !c.known(c.q, nil, "Token", "Size", "PortInRequestSid", "PortInRequestStatus", "CreatedBefore", "CreatedAfter") {
		return
	}
	size := 20
	if v := c.q.Get("Size"); v != "" {
		var err error
		if size, err = strconv.Atoi(v); err != nil || size < 1 || size > 100 {
			c.fail(http.StatusBadRequest, 20001, "Size is not valid")
			return
		}
	}
	var all []map[string]any
	for _, p := range viewOf(s).book.Ports {
		kw := string(s.KW(p.Ref))
		day := opened(p).UTC().Format(time.DateOnly)
		if opened(p).After(s.cfg.Now()) || c.q.Get("CreatedAfter") > day || c.q.Get("CreatedBefore") != "" && c.q.Get("CreatedBefore") < day {
			continue
		}
		all = append(all, map[string]any{"port_in_request_sid": kw, "port_in_request_status": "In Progress", "status_last_updated_timestamp": day,
			"phone_numbers_requested": len(p.Lines), "phone_numbers_ported": 0, "suggested_action": nil})
	}
	from := 0
	if token := c.q.Get("Token"); token != "" {
		from = slices.IndexFunc(all, func(m map[string]any) bool { return m["port_in_request_sid"] == token })
		if from < 0 {
			c.fail(http.StatusBadRequest, 20001, "Token is not valid")
			return
		}
	}
	meta := map[string]any{"next_token": nil, "previous_token": nil}
	to := min(from+size, len(all))
	if to < len(all) {
		meta["next_token"] = all[to]["port_in_request_sid"]
	}
	c.json(http.StatusOK, map[string]any{"port_in_requests": append([]map[string]any{}, all[from:to]...), "meta": meta})
}

func (s *Server) cancelPort(c *call) {
	if p, ok := s.portOf(c); ok {
		s.cancel(c, p, nil)
	}
}

func (s *Server) cancelPortNumber(c *call) {
	p, ok := s.portOf(c)
	if !ok {
		return
	}
	for _, l := range p.Lines {
		if sidOf("PU", string(s.KW(p.Ref)), l.Number.String()) == c.r.PathValue("pu") {
			s.cancel(c, p, []nanp.Number{l.Number})
			return
		}
	}
	c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
}

func (s *Server) cancel(c *call, p sandbox.BookedPort, only []nanp.Number) {
	if _, err := s.caps.Ports.CancelPort(c.r.Context(), s.key("pc"), p.Ref, only); err != nil {
		c.broken(err)
		return
	}
	c.w.WriteHeader(http.StatusNoContent)
}
