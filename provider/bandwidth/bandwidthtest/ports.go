package bandwidthtest

import (
	"bytes"
	"crypto/sha256"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// checkPort answers for local numbers.
func (s *Server) checkPort(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, schema{"NumberPortabilityRequest", "NumberPortabilityRequest/TnList", "NumberPortabilityRequest/TnList/Tn!"})
	if err != nil {
		return err
	}
	ns, err := f.numbers("NumberPortabilityRequest/TnList/Tn", "7201")
	if err != nil {
		return err
	}
	checks, err := s.caps.PortCheck.CheckPort(r.Context(), ns)
	if err != nil {
		return err
	}
	var portable, not []string
	losing := map[string][]provider.PortCheck{}
	var order []string
	for _, c := range checks {
		tn := text("Tn", c.Number.String())
		if c.Portable {
			portable = append(portable, tn)
		} else {
			not = append(not, tn)
		}
		if losing[c.Losing] == nil {
			order = append(order, c.Losing)
		}
		losing[c.Losing] = append(losing[c.Losing], c)
	}
	write(w, http.StatusOK, tag("NumberPortabilityResponse", text("PortType", "AUTOMATED"), tag("PortableNumbers", portable...), tag("SupportedRateCenters"),
		tag("UnsupportedRateCenters", tag("RateCenterGroup", text("RateCenter", "NOWHERE"), tag("TnList", not...))),
		tag("SupportedLosingCarriers", each(order, func(name string) string {
			of := losing[name]
			return tag("LosingCarrierTnList", text("LosingCarrierSPID", of[0].SPID), text("LosingCarrierName", name), text("LosingCarrierIsWireless", strconv.FormatBool(of[0].Line == provider.LineWireless)),
				tag("TnList", each(of, func(c provider.PortCheck) string { return text("Tn", c.Number.String()) })))
		})), tag("UnsupportedLosingCarriers")))
	return nil
}

func lnpSchema(root string, must ...string) schema {
	return slices.Concat(below(root, append([]string{"CustomerOrderId", "RequestedFocDate", "BillingTelephoneNumber", "NewBillingTelephoneNumber", "AlternateSpid", "PeerId", "LoaAuthorizingPerson",
		"TargetRespOrgId", "PartialPort", "Triggered", "ProcessingStatus", "WirelessInfo", "WirelessInfo/AccountNumber", "WirelessInfo/PinNumber",
		"TnAttributes", "TnAttributes/TnAttribute", "ListOfPhoneNumbers", "Subscriber", "Subscriber/SubscriberType", "Subscriber/BusinessName", "Subscriber/FirstName", "Subscriber/MiddleInitial", "Subscriber/LastName"}, must...)...),
		below(root+"/Subscriber/ServiceAddress", append([]string{"ResetAddressFields"}, addressNames...)...))
}

var (
	openSchema = lnpSchema("LnpOrder", "SiteId!", "ListOfPhoneNumbers/PhoneNumber!")
	suppSchema = lnpSchema("LnpOrderSupp", "SiteId", "ListOfPhoneNumbers/PhoneNumber")
)

// portRequest is what a port was asked with. One PIN is that of every number.
func portRequest(f form, root string) (provider.PortRequest, error) {
	str := func(name string) string { return f.str(root + "/" + name) }
	ns, err := f.numbers(root+"/ListOfPhoneNumbers/PhoneNumber", "7339")
	if err != nil {
		return provider.PortRequest{}, err
	}
	req := provider.PortRequest{
		Account: secret.New(str("WirelessInfo/AccountNumber")), Partial: str("PartialPort") == "true", Authorized: secret.New(str("LoaAuthorizingPerson")),
		Name:    secret.New(strings.TrimSpace(str("Subscriber/BusinessName") + str("Subscriber/FirstName") + " " + str("Subscriber/LastName"))),
		Service: civic(f, root+"/Subscriber/ServiceAddress"), Residential: str("Subscriber/SubscriberType") == "RESIDENTIAL",
	}
	req.BTN, _ = nanp.Parse(str("BillingTelephoneNumber"))
	req.NewBTN, _ = nanp.Parse(str("NewBillingTelephoneNumber"))
	if day, err := time.Parse(time.DateOnly, str("RequestedFocDate")); err == nil {
		y, m, d := day.Date()
		req.Desired = provider.Date{Year: y, Month: m, Day: d}
	}
	for _, n := range ns {
		req.Lines = append(req.Lines, provider.PortLine{Number: n, PIN: secret.New(str("WirelessInfo/PinNumber"))})
	}
	return req, nil
}

func (s *Server) openPort(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, openSchema)
	if err != nil {
		return err
	}
	req, err := portRequest(f, "LnpOrder")
	switch {
	case err != nil:
		return err
	case f.str("LnpOrder/SiteId") != s.cfg.Site:
		return bad("7309", "The site id was not supplied or is invalid.")
	case f.str("LnpOrder/PeerId") != "" && f.str("LnpOrder/PeerId") != s.cfg.Peer:
		return bad("7312", "The sippeer id is invalid.")
	case !label(f.str("LnpOrder/CustomerOrderId")):
		return bad("5052", "The Customer Order Id is invalid.")
	case mixed(req.Lines):
		return bad("7301", "Toll free and regular numbers cannot be in one order")
	}
	req.Key = s.keyOf("portins", f.str("LnpOrder/CustomerOrderId"), f)
	draftOnly := strings.EqualFold(f.str("LnpOrder/ProcessingStatus"), "DRAFT")
	out, err := s.caps.Ports.OpenPort(r.Context(), req)
	if err != nil {
		return err
	}
	if !draftOnly {
		o, err := s.caps.Ports.SubmitPort(r.Context(), s.key(), out[0].Ref)
		if err != nil {
			return err
		}
		out[0] = o
	}
	location(w, r, string(out[0].Ref))
	write(w, http.StatusCreated, tag("LnpOrderResponse", text("OrderId", string(out[0].Ref)),
		tag("Status", text("Code", "201"), text("Description", "Order request received. Please use the order id to check the status of your order later.")),
		s.portXML(out[0], req, f.str("LnpOrder/CustomerOrderId"))))
	return nil
}

func mixed(ls []provider.PortLine) bool {
	free := slices.ContainsFunc(ls, func(l provider.PortLine) bool { return l.Number.TollFree() })
	return free && slices.ContainsFunc(ls, func(l provider.PortLine) bool { return !l.Number.TollFree() })
}

// portWords are the carrier's words of states; it has none for some of them.
var portWords = map[provider.PortState]string{
	provider.PortDraft: "DRAFT", provider.PortChecking: "SUBMITTED", provider.PortNeedsDocument: "PENDING_DOCUMENTS", provider.PortSubmitted: "SUBMITTED",
	provider.PortAcknowledged: "SUBMITTED", provider.PortRejected: "EXCEPTION", provider.PortFOC: "FOC", provider.PortActivating: "FOC", provider.PortDone: "COMPLETE",
	provider.PortCancelAsked: "REQUESTED_CANCEL", provider.PortCancelled: "CANCELLED", provider.PortFailed: "EXCEPTION",
}

// reasonCodes are the carrier's codes of the engine's reasons, and the losing
// carrier's behind them.
var reasonCodes = map[string][2]string{
	"account_number_invalid": {"7401", "E17A"}, "pin_invalid": {"7435", "E42PWB"}, "authorized_signer_mismatch": {"7473", "E10a"},
	"address_mismatch": {"7402", "E1"}, "btn_porting_needs_new_btn": {"7434", "E6h"}, "name_mismatch": {"7429", "E10"},
}

func reasonXML(why provider.Rejection) string {
	code, ok := reasonCodes[strings.ToLower(why.Code)]
	if !ok {
		code = [2]string{"7417", "999"}
	}
	return tag("Errors", text("Code", code[0]), text("Description", code[1]+": "+why.Text))
}

// portXML repeats what was asked: the engine keeps nothing of it.
func (s *Server) portXML(o provider.PortOrder, req provider.PortRequest, label string) string {
	status, ok := portWords[o.State]
	if !ok {
		status = string(o.Said.Raw)
	}
	foc := ""
	if !o.FOC.IsZero() {
		foc = stamp(o.FOC)
	}
	reasons := slices.Clone(o.Reasons)
	for _, it := range o.Items {
		reasons = append(reasons, it.Reasons...)
	}
	kind, names := "BUSINESS", text("BusinessName", req.Name.Reveal())
	if req.Residential {
		given, family, _ := strings.Cut(req.Name.Reveal(), " ")
		kind, names = "RESIDENTIAL", text("FirstName", given)+text("LastName", family)
	}
	pin := ""
	for _, l := range req.Lines {
		pin = l.PIN.Reveal()
	}
	wireless := text("AccountNumber", req.Account.Reveal()) + text("PinNumber", pin)
	if wireless != "" {
		wireless = tag("WirelessInfo", wireless)
	}
	return each(reasons, reasonXML) + text("ProcessingStatus", status) + text("RequestedFocDate", req.Desired.String()) + text("ActualFocDate", foc) +
		text("CustomerOrderId", label) + text("LoaAuthorizingPerson", req.Authorized.Reveal()) +
		tag("Subscriber", text("SubscriberType", kind), names, tag("ServiceAddress", addressXML(req.Service, "United States"))) + wireless +
		text("BillingTelephoneNumber", req.BTN.String()) + text("NewBillingTelephoneNumber", req.NewBTN.String()) +
		tag("ListOfPhoneNumbers", each(remaining(o), func(it provider.PortItem) string { return text("PhoneNumber", it.Number.String()) })) +
		text("SiteId", s.cfg.Site) + text("PartialPort", strconv.FormatBool(req.Partial)) + text("Triggered", "false")
}

// remaining are the numbers of an order: those that were taken out of it are not
// there any more.
func remaining(o provider.PortOrder) []provider.PortItem {
	out := slices.DeleteFunc(slices.Clone(o.Items), func(it provider.PortItem) bool {
		return it.State == provider.PortCancelAsked || it.State == provider.PortCancelled
	})
	if len(out) == 0 {
		return o.Items
	}
	return out
}

// draftOf is what is known of a port: kept, or read from the form of its opening.
func (s *Server) draftOf(ref provider.Ref) *draft {
	s.mu.Lock()
	d := s.ports[ref]
	s.mu.Unlock()
	if d != nil {
		return d
	}
	d = &draft{}
	for _, p := range s.book().Ports {
		if p.Ref == ref {
			d.request, _ = portRequest(s.formOf("portins", p.Key), "LnpOrder")
			d.request.Key = p.Key
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ports[ref] = d
	return d
}

func (s *Server) port(r *http.Request) (provider.PortOrder, error) {
	found, err := s.caps.Ports.TrackPort(r.Context(), provider.Trace{Ref: provider.Ref(r.PathValue("id"))})
	for try := 0; r.Method != http.MethodGet && err == nil && found.Verdict != provider.Found && try < 5; try++ { // what is changed is not looked for among what is no longer so
		found, err = s.caps.Ports.TrackPort(r.Context(), provider.Trace{Ref: provider.Ref(r.PathValue("id"))})
	}
	if err == nil && (found.Verdict != provider.Found || len(found.Value) != 1) {
		err = &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	if err != nil {
		return provider.PortOrder{}, err
	}
	return found.Value[0], nil
}

func (s *Server) getPort(w http.ResponseWriter, r *http.Request) error {
	o, err := s.port(r)
	if err != nil {
		return err
	}
	d := s.draftOf(o.Ref)
	write(w, http.StatusOK, tag("LnpOrderResponse", s.portXML(o, d.request, string(d.request.Key)), text("AccountId", s.cfg.Account)))
	return nil
}

func (s *Server) listPorts(w http.ResponseWriter, r *http.Request) error {
	if _, err := pageOf(r, 1000); err != nil {
		return err
	}
	id := provider.Key(r.URL.Query().Get("customerOrderId"))
	var ids []string
	for _, p := range s.book().Ports {
		if (id == "" || p.Key == id) && p.StateAt(s.cfg.Now()) != provider.PortUnclear {
			ids = append(ids, string(p.Ref))
		}
	}
	write(w, http.StatusOK, tag("LNPResponseWrapper", text("TotalCount", strconv.Itoa(len(ids))), each(ids, func(id string) string {
		return tag("lnpPortInfoForGivenStatus", text("CountOfTNs", "1"), text("OrderId", id), text("OrderType", "port_in"), text("ErrorCode", "201"), text("ErrorMessage", "Order request received."))
	})))
	return nil
}

// putPort changes an order (SUPP), takes numbers out of it, or submits a draft.
func (s *Server) putPort(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, suppSchema)
	if err != nil {
		return err
	}
	req, err := portRequest(f, "LnpOrderSupp")
	if err != nil {
		return err
	}
	submit := strings.EqualFold(f.str("LnpOrderSupp/ProcessingStatus"), "SUBMITTED")
	ref := provider.Ref(r.PathValue("id"))
	d := s.draftOf(ref)
	req.Key = d.request.Key
	o, err := s.supp(r, ref, d, req, submit)
	if err != nil {
		return err
	}
	status := "REQUESTED_SUPP"
	if word, ok := portWords[o.State]; submit || o.State == provider.PortDraft || o.State == provider.PortCancelAsked {
		status = word
		if !ok {
			status = string(o.Said.Raw)
		}
	} else if !ok {
		status = string(o.Said.Raw)
	}
	write(w, http.StatusOK, tag("LnpOrderResponse", text("OrderId", string(ref)), tag("Status", text("Code", "200"), text("Description", "Supp request received.")),
		text("ProcessingStatus", status), text("RequestedFocDate", req.Desired.String())))
	return nil
}

func (s *Server) supp(r *http.Request, ref provider.Ref, d *draft, req provider.PortRequest, submit bool) (provider.PortOrder, error) {
	var gone []nanp.Number
	for _, l := range d.request.Lines {
		if len(req.Lines) > 0 && !slices.ContainsFunc(req.Lines, func(x provider.PortLine) bool { return x.Number == l.Number }) {
			gone = append(gone, l.Number)
		}
	}
	if len(gone) > 0 {
		o, err := s.caps.Ports.CancelPort(r.Context(), s.key(), ref, gone)
		if err == nil {
			s.keep(d, req, nil)
		}
		return o, err
	}
	var o provider.PortOrder
	var err error
	if !submit || len(d.waiting) > 0 {
		with := req
		with.Documents = d.waiting
		if o, err = s.caps.PortAmend.AmendPort(r.Context(), s.key(), ref, with); err != nil {
			return o, err
		}
		s.keep(d, req, nil)
	}
	if submit {
		return s.caps.Ports.SubmitPort(r.Context(), s.key(), ref)
	}
	return o, err
}

func (s *Server) keep(d *draft, req provider.PortRequest, waiting []provider.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.request, d.waiting = req, waiting
}

func (s *Server) deletePort(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.caps.Ports.CancelPort(r.Context(), s.key(), provider.Ref(r.PathValue("id")), nil); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

var documentTypes = map[string]string{"LOA": "loa", "INVOICE": "invoice", "CSR": "csr", "OTHER": "other"}

// uploadLOA takes a document as it is. One for a draft is handed to the engine with
// the next change; one for an order that waits for it at once.
func (s *Server) uploadLOA(w http.ResponseWriter, r *http.Request) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	kind, ok := documentTypes[r.URL.Query().Get("documentType")]
	if err != nil || !ok {
		return bad("7800", "Supported values for documentType are: LOA, INVOICE, CSR, or OTHER.")
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, 3<<20+1))
	if err != nil || len(b) == 0 || len(b) > 3<<20 {
		return bad("7801", "The document is too large")
	}
	if _, err := s.port(r); err != nil {
		return err
	}
	ref := provider.Ref(r.PathValue("id"))
	up, err := s.caps.PortDocs.UploadDocument(r.Context(), s.key(), provider.Document{Kind: kind, MediaType: media, Size: int64(len(b)), SHA256: sha256.Sum256(b),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }})
	if err != nil {
		return err
	}
	d := s.draftOf(ref)
	s.mu.Lock()
	d.waiting = append(d.waiting, up.Ref)
	name := string(ref) + "-" + strconv.Itoa(len(d.listed)+1)
	d.listed = append(d.listed, name)
	s.mu.Unlock()
	write(w, http.StatusCreated, tag("fileUploadResponse", text("filename", name), text("resultCode", "0"), text("resultMessage", "LOA file uploaded successfully")))
	return nil
}

func (s *Server) listLOAs(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.port(r); err != nil {
		return err
	}
	d := s.draftOf(provider.Ref(r.PathValue("id")))
	write(w, http.StatusOK, tag("fileListResponse", text("fileCount", strconv.Itoa(len(d.listed))), each(d.listed, func(name string) string {
		return tag("fileData", text("FileName", name), tag("FileMetaData", text("DocumentType", "LOA")))
	}), text("resultCode", "0")))
	return nil
}

func (s *Server) listNotes(w http.ResponseWriter, r *http.Request) error {
	ref := provider.Ref(r.PathValue("id"))
	var all []provider.PortComment
	page := provider.Page{}
	for {
		found, err := s.caps.PortNotes.ListPortComments(r.Context(), ref, page)
		if err != nil {
			return err
		}
		all = append(all, found.Items...)
		if page.Cursor = found.Next; found.Next == "" {
			break
		}
	}
	if len(all) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	write(w, http.StatusOK, tag("Notes", each(all, func(c provider.PortComment) string {
		user := "lnp-desk"
		if c.Ours {
			user = s.cfg.NoteUser
		}
		return tag("Note", text("Id", string(c.Ref)), text("UserId", user), text("Description", c.Text.Reveal()), text("LastDateModifier", stamp(c.At)))
	})))
	return nil
}

func (s *Server) addNote(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, below("Note", "UserId", "Description!"))
	switch {
	case err != nil:
		return err
	case f.str("Note/UserId") != s.cfg.NoteUser:
		return bad("12501", "Username is required")
	case len(f.str("Note/Description")) > 500:
		return bad("12502", "The note is too long")
	}
	c, err := s.caps.PortNotes.AddPortComment(r.Context(), s.key(), provider.Ref(r.PathValue("id")), secret.New(f.str("Note/Description")))
	if err != nil {
		return err
	}
	location(w, r, string(c.Ref))
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (s *Server) listPortOuts(w http.ResponseWriter, r *http.Request) error {
	p, err := pageOf(r, 1000)
	if err != nil {
		return err
	}
	found, err := s.caps.PortOuts.ListPortOuts(r.Context(), p)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, tag("LNPResponseWrapper", text("TotalCount", strconv.Itoa(len(found.Items))), links(r, found.Next), each(found.Items, func(o provider.PortOut) string {
		return tag("lnpPortInfoForGivenStatus", text("CountOfTNs", "1"), text("userId", "System"), text("OrderId", string(o.Ref)), text("OrderType", "port_out"),
			text("ErrorCode", "201"), text("ErrorMessage", "Order request received."), text("ProcessingStatus", string(o.Said.Raw)), text("VendorId", o.To))
	})))
	return nil
}

func (s *Server) getPortOut(w http.ResponseWriter, r *http.Request) error {
	for _, o := range s.book().PortOuts {
		if string(o.Ref) == r.PathValue("id") {
			write(w, http.StatusOK, tag("LnpOrderResponse", text("PON", "fake"), text("AccountId", s.cfg.Account), text("OrderCreateDate", stamp(o.At)),
				text("userId", "System"), text("SPID", o.To), tag("ListOfPhoneNumbers", text("PhoneNumber", o.Number.String()))))
			return nil
		}
	}
	return &refusal{http.StatusNotFound, "", "The resource does not exist"}
}
