package bandwidthtest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// geocode answers 200 for an address that the registrar knows, 409 for one that it
// knows another way, and 400 for the rest: it shows no candidates.
func (s *Server) geocode(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, below("RequestAddress", append([]string{"AddressLine1"}, addressNames...)...))
	if err != nil {
		return err
	}
	a := civic(f, "RequestAddress")
	check, err := s.caps.Addresses.CheckAddress(r.Context(), a)
	if err != nil {
		return err
	}
	switch check.Grade {
	case provider.Valid:
		write(w, http.StatusOK, tag("GeocodeRequestResponse", tag("GeocodedAddress", addressXML(a, "US")), tag("RequestAddress", addressXML(a, "US"))))
	case provider.Corrected:
		write(w, http.StatusConflict, tag("GeocodeRequestResponse", text("ErrorMessage", "Some adjustments are required to allow the address to pass geocoding"),
			tag("GeocodedAddress", addressXML(*check.Corrected, "US")), tag("RequestAddress", addressXML(a, "US"))))
	case provider.Ungraded: // a verdict that nobody knows
		write(w, http.StatusOK, tag("GeocodeRequestResponse", text("Status", string(check.Said.Raw))))
	default:
		return bad("12110", "This address could not be validated / geocoded")
	}
	return nil
}

const aeui = "E911Order/AlternateEndUserIdentifiers/AlternateEndUserIdentifier/"

var e911Schema = slices.Concat(below("E911Order", "CustomerOrderId", "TelephoneNumbers", "TelephoneNumbers/TelephoneNumber", "CallerName", "DeleteTNSpecificE911Address", "AlternateEndUserIdentifiers"),
	below("E911Order/AlternateEndUserIdentifiers/AlternateEndUserIdentifier", "CallerName", "LocationId", "CallbackNumber", "Identifier", "PIDFLOEnabled", "PreferredLanguage"),
	below("E911Order/Address", addressNames...))

// register serves the four things that an E911 order can be here: an address for
// numbers, its end, an endpoint, its end.
func (s *Server) register(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, e911Schema)
	if err != nil {
		return err
	}
	ns, err := f.numbers("E911Order/TelephoneNumbers/TelephoneNumber", "5070")
	if err == nil {
		err = checkE911(f, len(ns))
	}
	if err != nil {
		return err
	}
	key := s.keyOf("e911s", f.str("E911Order/CustomerOrderId"), f)
	if f.str(aeui+"Identifier") != "" {
		return s.setDevice(w, r, key, f)
	}
	var out provider.RegisterResult
	if removes(f) {
		out, err = s.caps.Emergency.Unregister(r.Context(), key, ns)
	} else {
		out, err = s.caps.Emergency.Register(r.Context(), provider.RegisterRequest{Key: key, Numbers: ns, Address: civic(f, "E911Order/Address"), CallerName: f.str("E911Order/CallerName")})
	}
	switch {
	case err != nil:
		return err
	case len(out.Registrations) == 0:
		return bad("12110", "This address could not be validated / geocoded")
	}
	status := "RECEIVED"
	if allRegs(out.Registrations, provider.RegUnclear) {
		status = string(out.Registrations[0].Said.Raw)
	}
	location(w, r, string(out.Ref))
	write(w, http.StatusCreated, tag("E911OrderResponse", e911XML(out, f, status, "orderId")))
	return nil
}

func removes(f form) bool { return f.is("E911Order/DeleteTNSpecificE911Address") }

func checkE911(f form, numbers int) error {
	address := f.str("E911Order/Address/StreetName") != ""
	device := f.str(aeui + "Identifier")
	switch {
	case numbers > 0 && device != "":
		return bad("8011", "Telephone numbers and AEUIs cannot be in one order")
	case numbers == 0 && device == "":
		return bad("8010", "Telephone numbers are required")
	case removes(f) && address:
		return bad("8012", "An address is not allowed when it is deleted")
	case !removes(f) && (!address || f.str("E911Order/Address/City") == "" || f.str("E911Order/Address/StateCode") == ""):
		return bad("12110", "This address could not be validated / geocoded")
	case len(f.str("E911Order/CallerName")) > 50:
		return bad("8002", "Caller name is too long")
	case !label(f.str("E911Order/CustomerOrderId")):
		return bad("5052", "The Customer Order Id is invalid.")
	case device != "" && (len(device) < 6 || len(device) > 30 || !removes(f) && f.str(aeui+"CallbackNumber") == ""):
		return bad("8020", "The identifier is invalid, or has no callback number")
	}
	return nil
}

func allRegs(rs []provider.Registration, st provider.RegState) bool {
	return len(rs) > 0 && !slices.ContainsFunc(rs, func(r provider.Registration) bool { return r.State != st })
}

// e911Status is the carrier's word for what the registrations come to.
func e911Status(rs []provider.Registration) string {
	count := map[provider.RegState]int{}
	for _, r := range rs {
		count[r.State]++
	}
	failed, adjusted := count[provider.RegFailed], count[provider.RegAdjusted] > 0
	word := "COMPLETE"
	switch {
	case count[provider.RegUnclear] > 0:
		return string(rs[0].Said.Raw)
	case count[provider.RegWaiting]+count[provider.RegRemoving] > 0:
		return "PROCESSING"
	case failed == len(rs):
		return "FAILED"
	case failed > 0:
		word = "PARTIAL"
	}
	if adjusted {
		return "ADJUSTED_" + word
	}
	return word
}

func e911XML(out provider.RegisterResult, f form, status, idName string) string {
	address := addressXML(civic(f, "E911Order/Address"), "United States")
	for _, r := range out.Registrations {
		if r.Address != nil && !removes(f) {
			address = addressXML(*r.Address, "United States")
		}
	}
	flag := ""
	if removes(f) {
		address, flag = "", text("DeleteTNSpecificE911Address", "true")
	} else {
		address = tag("Address", address)
	}
	problems := each(out.Registrations, func(r provider.Registration) string {
		if r.State != provider.RegFailed {
			return ""
		}
		no := refusal{0, "8009", "Telephone numbers not in 'Inservice'"}
		if r.Err != nil && r.Err.Kind == provider.NotYours {
			no = resourceCodes["e911s"][provider.NotYours]
		}
		return tag("Error", text("Code", no.code), text("Description", no.words), tag("TelephoneNumbers", telephoneNumber(r.Number)))
	})
	return tag("E911Order", text("CustomerOrderId", f.str("E911Order/CustomerOrderId")), text(idName, string(out.Ref)), text("ProcessingStatus", status),
		tag("TelephoneNumbers", each(out.Registrations, func(r provider.Registration) string { return telephoneNumber(r.Number) })),
		text("CallerName", f.str("E911Order/CallerName")), address, flag, tag("ErrorList", problems))
}

func (s *Server) listE911s(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	id, n := provider.Key(q.Get("customerOrderId")), nanp.Number(0)
	if tn := q.Get("tn"); tn != "" {
		var err error
		if n, err = nanp.Parse(tn); err != nil {
			return bad("5070", "Telephone number is invalid.")
		}
	}
	ids := s.booked(func(k provider.Key, ns []nanp.Number) bool {
		return (id == "" || k == id) && (n == 0 || slices.Contains(ns, n))
	},
		provider.OpRegister, provider.OpUnregister, provider.OpSetEndpoint, provider.OpRemoveEndpoint)
	if len(ids) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return nil
	}
	var all []string
	for i, id := range ids {
		status := ""
		if n != 0 { // whoever asks for an order by its label reads it
			found, err := s.caps.Emergency.TrackRegistration(r.Context(), provider.Trace{Ref: provider.Ref(id)})
			if err != nil {
				return err
			}
			status = e911Status(found.Value.Registrations)
		}
		all = append(all, tag("E911OrderSummary", text("accountId", s.cfg.Account), text("OrderType", "e911"), text("OrderDate", stamp(s.cfg.Now().Add(time.Duration(i-len(ids))*time.Second))),
			text("OrderStatus", status), text("OrderId", id)))
	}
	write(w, http.StatusOK, tag("E911Orders", text("TotalCount", strconv.Itoa(len(ids))), strings.Join(all, "")))
	return nil
}

func (s *Server) getE911(w http.ResponseWriter, r *http.Request) error {
	ref := provider.Ref(r.PathValue("id"))
	key := s.keyAt(ref)
	f := s.formOf("e911s", key)
	if f.str(aeui+"Identifier") != "" {
		return s.showDeviceOrder(w, r, ref, key, f)
	}
	found, err := s.caps.Emergency.TrackRegistration(r.Context(), provider.Trace{Ref: ref})
	if err != nil {
		return err
	}
	if found.Verdict != provider.Found {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	write(w, http.StatusOK, e911XML(found.Value, f, e911Status(found.Value.Registrations), "OrderId"))
	return nil
}

// outcomes are the words of a number's feature.
var outcomes = map[provider.RegState]string{
	provider.RegActive: "SUCCESS", provider.RegAdjusted: "SUCCESS", provider.RegWaiting: "PENDING", provider.RegRemoving: "PENDING", provider.RegFailed: "FAILED",
}

func e911Feature(r provider.Registration) string {
	word, ok := outcomes[r.State]
	switch {
	case r.State == provider.RegNone:
		return ""
	case !ok:
		word = string(r.Said.Raw)
	}
	address := ""
	if r.Address != nil {
		address = tag("Address", addressXML(*r.Address, "United States"))
	}
	return tag("E911", text("LastE911OrderOutcome", word), text("SipPeerAddress", "false"), address)
}

// setDevice creates, moves or ends an endpoint. The engine has its own names for
// them: the identifier is kept here.
func (s *Server) setDevice(w http.ResponseWriter, r *http.Request, key provider.Key, f form) error {
	id := f.str(aeui + "Identifier")
	was := s.device(id)
	if removes(f) {
		if err := s.caps.Endpoints.RemoveEndpoint(r.Context(), key, was.ref); err != nil {
			return err
		}
		write(w, http.StatusCreated, tag("E911OrderResponse", deviceXML(string(s.orderOf(key)), f, "RECEIVED", "orderId")))
		return nil
	}
	callback, err := f.numbers(aeui+"CallbackNumber", "5070")
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.devices[id] = device{was.ref, key, civic(f, "E911Order/Address")}
	s.mu.Unlock()
	out, err := s.caps.Endpoints.SetEndpoint(r.Context(), provider.EndpointRequest{Key: key, Ref: was.ref, Label: id, Address: civic(f, "E911Order/Address"), CallerName: f.str("E911Order/CallerName"), Callback: callback[0]})
	switch {
	case err != nil:
		return err
	case out.Endpoint.Ref == "":
		return bad("12110", "This address could not be validated / geocoded")
	}
	status := "RECEIVED"
	if out.Endpoint.State == provider.RegUnclear {
		status = string(out.Endpoint.Said.Raw)
	}
	s.mu.Lock()
	s.devices[id] = device{out.Endpoint.Ref, key, civic(f, "E911Order/Address")}
	s.mu.Unlock()
	order := s.orderOf(key)
	location(w, r, string(order))
	write(w, http.StatusCreated, tag("E911OrderResponse", deviceXML(string(order), f, status, "orderId")))
	return nil
}

// device is an endpoint by its identifier, with the engine's name of it once an
// order for it has taken effect.
func (s *Server) device(id string) device {
	s.mu.Lock()
	d := s.devices[id]
	s.mu.Unlock()
	for try := 0; d.ref == "" && d.key != "" && try < 5; try++ { // a hostile engine may answer with what is no longer so
		for p, err := range provider.All(context.Background(), s.caps.Endpoints.ListEndpoints) {
			if err == nil && p.Label == id {
				d.ref = p.Ref
			}
		}
	}
	return d
}

func (s *Server) orderOf(key provider.Key) provider.Ref {
	for _, e := range slices.Backward(s.book().Events) {
		if e.Key == key && e.Ref != "" {
			return e.Ref
		}
	}
	return ""
}

func deviceXML(order string, f form, status, idName string) string {
	address, flag := tag("Address", addressXML(civic(f, "E911Order/Address"), "United States")), ""
	if removes(f) {
		address, flag = "", text("DeleteTNSpecificE911Address", "true")
	}
	return tag("E911Order", text("CustomerOrderId", f.str("E911Order/CustomerOrderId")), text(idName, order), text("ProcessingStatus", status), address, flag,
		tag("AlternateEndUserIdentifiers", tag("AlternateEndUserIdentifier", text("PIDFLOEnabled", "false"), text("Identifier", f.str(aeui+"Identifier")),
			text("CallbackNumber", f.str(aeui+"CallbackNumber")), text("CallerName", f.str("E911Order/CallerName")))), tag("ErrorList"))
}

func (s *Server) showDeviceOrder(w http.ResponseWriter, r *http.Request, ref provider.Ref, key provider.Key, f form) error {
	found, err := s.caps.Endpoints.TrackEndpoint(r.Context(), provider.Trace{Key: key})
	if err != nil {
		return err
	}
	if found.Verdict != provider.Found {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	e := found.Value.Endpoint
	if removes(f) && e.State != provider.RegUnclear {
		status := "PROCESSING"
		if e.State == provider.RegNone {
			status = "COMPLETE"
		}
		write(w, http.StatusOK, deviceXML(string(ref), f, status, "OrderId"))
		return nil
	}
	write(w, http.StatusOK, deviceXML(string(ref), f, e911Status([]provider.Registration{{State: e.State, Said: e.Said}}), "OrderId"))
	return nil
}

func (s *Server) listDevices(w http.ResponseWriter, r *http.Request) error {
	p, err := pageOf(r, 500)
	if err != nil {
		return err
	}
	found, err := s.caps.Endpoints.ListEndpoints(r.Context(), p)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, tag("AlternateEndUserIdentifiersResponse", text("TotalCount", strconv.Itoa(len(found.Items))), links(r, found.Next),
		tag("AlternateEndUserIdentifiers", each(found.Items, func(e provider.Endpoint) string {
			return tag("AlternateEndUserIdentifier", text("Identifier", e.Label), text("CallbackNumber", e.Callback.String()))
		}))))
	return nil
}

func (s *Server) getDevice(w http.ResponseWriter, r *http.Request) error {
	d := s.device(r.PathValue("id"))
	if d.ref == "" {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	found, err := s.caps.Endpoints.TrackEndpoint(r.Context(), provider.Trace{Ref: d.ref})
	if err != nil {
		return err
	}
	e := found.Value.Endpoint
	if found.Verdict != provider.Found || e.State == provider.RegNone {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	address := ""
	if e.Address != nil {
		address = tag("E911", text("CallerName", "fake"), tag("Address", addressXML(*e.Address, "United States")))
	}
	write(w, http.StatusOK, tag("AlternateEndUserIdentifierResponse", tag("AlternateEndUserIdentifier", text("Identifier", r.PathValue("id")), text("CallbackNumber", e.Callback.String()), address)))
	return nil
}
