package telnyxtest

import (
	"context"
	"net/http"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// listing is a caller name as it was set: the carrier shows it at once, whatever the
// databases say. It counts once the engine has booked its key.
type listing struct {
	key  provider.Key
	name string
}

type emergencySettings struct {
	Enabled bool   `json:"emergency_enabled"`
	Address string `json:"emergency_address_id"`
}

// voice is the wire form of the voice settings of a number.
func (s *Server) voice(ctx context.Context, o provider.Owned) (object, error) {
	name := s.listed(o.Number)
	out := object{"id": numberID(o.Number), "record_type": "voice_settings", "phone_number": o.Number.String(), "connection_id": o.Route,
		"customer_reference": o.Tag, "tech_prefix_enabled": false, "translated_number": "", "usage_payment_method": "pay-per-minute",
		"cnam_listing": object{"cnam_listing_enabled": name != "", "cnam_listing_details": name}}
	if s.caps.Emergency != nil {
		em, err := s.emergency(ctx, o.Number)
		if err != nil {
			return nil, err
		}
		out["emergency"] = em
	}
	return out, nil
}

func (s *Server) listed(n nanp.Number) string {
	s.mu.Lock()
	set := append([]listing(nil), s.listings[n]...)
	s.mu.Unlock()
	for i := len(set) - 1; i >= 0; i-- {
		if s.took(provider.OpSetName, set[i].key) {
			return set[i].name
		}
	}
	return ""
}

func (s *Server) showVoice(w http.ResponseWriter, r *http.Request) {
	n, ok := numberOf(r.PathValue("id"))
	if !ok {
		missing(w)
		return
	}
	if s.caps.Names != nil {
		if _, err := s.caps.Names.ReadName(r.Context(), n); err != nil {
			refuse(w, err)
			return
		}
	}
	o, ok := s.named(w, r)
	if !ok {
		return
	}
	v, err := s.voice(r.Context(), o)
	if err != nil {
		refuse(w, err)
		return
	}
	data(w, 200, v)
}

func (s *Server) patchVoice(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Listing *struct {
			Enabled bool   `json:"cnam_listing_enabled"`
			Details string `json:"cnam_listing_details"`
		} `json:"cnam_listing"`
	}
	n, ok := numberOf(r.PathValue("id"))
	if !ok {
		missing(w)
		return
	}
	if !offered(w, s.caps.Names != nil) || !body(w, r, &in) {
		return
	}
	o, ok := s.named(w, r)
	if !ok {
		return
	}
	if in.Listing == nil || in.Listing.Enabled && (in.Listing.Details == "" || len(in.Listing.Details) > 15 || !plain(in.Listing.Details)) {
		answerError(w, 422, "10015", "Invalid cnam listing details", "/cnam_listing/cnam_listing_details")
		return
	}
	k := s.key(provider.OpSetName, n.String())
	name := in.Listing.Details
	if !in.Listing.Enabled {
		name = ""
	}
	s.mu.Lock()
	s.listings[n] = append(s.listings[n], listing{k, name})
	s.mu.Unlock()
	order, err := s.caps.Names.SetName(r.Context(), provider.NameRequest{Key: k, Name: name, Numbers: []nanp.Number{n}, Remove: !in.Listing.Enabled})
	if err != nil {
		refuse(w, err)
		return
	}
	if it := order.Items[0]; it.State == provider.NameRefused {
		s.mu.Lock()
		s.listings[n] = s.listings[n][:len(s.listings[n])-1]
		s.mu.Unlock()
		refuse(w, it.Err)
		return
	}
	v, err := s.voice(r.Context(), o)
	if err != nil { // it was set: only the answer fails
		panic(http.ErrAbortHandler)
	}
	data(w, 200, v)
}

func plain(name string) bool {
	for _, x := range name {
		if !(x >= 'A' && x <= 'Z' || x >= 'a' && x <= 'z' || x >= '0' && x <= '9' || x == ' ') {
			return false
		}
	}
	return true
}

var regWords = map[provider.RegState]string{
	provider.RegNone: "disabled", provider.RegWaiting: "provisioning", provider.RegActive: "active", provider.RegAdjusted: "active",
	provider.RegFailed: "provisioning-failed", provider.RegRemoving: "deprovisioning",
}

// emergency is the emergency settings of a number.
func (s *Server) emergency(ctx context.Context, n nanp.Number) (object, error) {
	reg, err := s.caps.Emergency.Registration(ctx, n)
	if err != nil {
		return nil, err
	}
	return s.emergencyOf(n, reg), nil
}

func (s *Server) emergencyOf(n nanp.Number, reg provider.Registration) object {
	word, known := regWords[reg.State]
	if !known {
		word = string(reg.Said.Raw)
	}
	s.mu.Lock()
	at := s.at[n]
	s.mu.Unlock()
	if reg.State == provider.RegNone {
		at = ""
	}
	return object{"emergency_enabled": reg.State != provider.RegNone && reg.State != provider.RegFailed, "emergency_address_id": at, "emergency_status": word}
}

func (s *Server) enableEmergency(w http.ResponseWriter, r *http.Request) {
	var in emergencySettings
	if !offered(w, s.caps.Emergency != nil) || !body(w, r, &in) {
		return
	}
	n, ok := numberOf(r.PathValue("id"))
	if !ok {
		missing(w)
		return
	}
	if !in.Enabled {
		res, err := s.caps.Emergency.Unregister(r.Context(), s.key(provider.OpUnregister, n.String()), []nanp.Number{n})
		s.registered(w, r, n, res, err)
		return
	}
	a := s.findAddress(in.Address)
	if a == nil {
		answerError(w, 422, "10027", "Unknown address", "/emergency_address_id")
		return
	}
	s.mu.Lock()
	before := s.at[n]
	s.at[n] = in.Address
	s.mu.Unlock()
	res, err := s.caps.Emergency.Register(r.Context(), provider.RegisterRequest{
		Key: s.key(provider.OpRegister, a.Reference+n.String()), Numbers: []nanp.Number{n}, Address: a.civic(), CallerName: a.Business, AsGiven: true,
	})
	refused := err != nil && !sandbox.Cut(err) || err == nil && (len(res.Registrations) == 0 || res.Registrations[0].State == provider.RegFailed)
	if refused {
		s.mu.Lock()
		s.at[n] = before
		s.mu.Unlock()
	}
	s.registered(w, r, n, res, err)
}

// registered answers for a registration or its end: 202 while it is on its way.
func (s *Server) registered(w http.ResponseWriter, r *http.Request, n nanp.Number, res provider.RegisterResult, err error) {
	switch {
	case err != nil:
		refuse(w, err)
		return
	case len(res.Registrations) == 0:
		answerError(w, 422, "20200", "Invalid address", "/emergency_address_id")
		return
	case res.Registrations[0].State == provider.RegFailed:
		refuse(w, res.Registrations[0].Err)
		return
	}
	reg := res.Registrations[0]
	status := 200
	if reg.State == provider.RegWaiting || reg.State == provider.RegRemoving {
		status = 202
	}
	name := s.listed(n)
	data(w, status, object{"id": numberID(n), "record_type": "voice_settings", "phone_number": n.String(), "emergency": s.emergencyOf(n, reg),
		"cnam_listing": object{"cnam_listing_enabled": name != "", "cnam_listing_details": name}})
}

var lineWords = map[provider.LineType]string{
	provider.LineLandline: "fixed line", provider.LineWireless: "mobile", provider.LineVoIP: "voip", provider.LineTollFree: "toll free", provider.LinePaging: "pager",
}

func (s *Server) lookup(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "type") {
		return
	}
	ns, ok := parse(w, []string{r.PathValue("number")})
	if !ok {
		return
	}
	out := object{"record_type": "number_lookup", "country_code": "US", "phone_number": ns[0].String(), "national_format": ns[0].Format()}
	switch r.URL.Query().Get("type") {
	case "caller-name":
		if !offered(w, s.caps.NameLookup != nil) {
			return
		}
		name, err := s.caps.NameLookup.LookupName(r.Context(), ns[0])
		if err != nil {
			refuse(w, err)
			return
		}
		code := ""
		if name.Name == "" {
			code = "10001"
		}
		out["caller_name"] = object{"caller_name": name.Name, "error_code": code}
	case "carrier":
		i, err := s.caps.Lookup.LookupNumber(r.Context(), ns[0])
		if err != nil {
			refuse(w, err)
			return
		}
		lrn := ""
		if i.LRN.Valid() {
			lrn = strings.TrimPrefix(i.LRN.String(), "+1")
		}
		line := lineWords[i.Line]
		if line == "" {
			line = "unknown"
		}
		out["carrier"] = object{"name": i.Carrier, "type": line}
		out["portability"] = object{"lrn": lrn, "ported_status": [...]string{"", "N", "Y"}[i.Ported], "ported_date": "", "ocn": i.OCN, "line_type": line,
			"spid": i.SPID, "spid_carrier_name": i.Carrier, "city": i.City, "state": i.State}
	case "":
	default:
		answerError(w, 422, "10032", "Invalid enumerated value", "")
		return
	}
	data(w, 200, out)
}
