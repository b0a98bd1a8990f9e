package telnyxtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

type lines struct {
	Street     string `json:"street_address"`
	Extended   string `json:"extended_address"`
	Locality   string `json:"locality"`
	Area       string `json:"administrative_area"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country_code"`
}

func (l lines) civic() postal.Civic {
	a := postal.Civic{City: l.Locality, State: l.Area, PostalCode: l.PostalCode, Country: l.Country}.WithStreetLine(l.Street)
	a.Unit = l.Extended
	return a
}

func linesOf(a postal.Civic) lines {
	in := postal.Civic{Building: a.Building, Floor: a.Floor, Unit: a.Unit, Room: a.Room}
	a.Building, a.Floor, a.Unit, a.Room = "", "", "", ""
	return lines{a.StreetLine(), in.StreetLine(), a.City, a.State, a.PostalCode, a.CountryCode()}
}

type address struct {
	id        string
	Reference string `json:"customer_reference"`
	First     string `json:"first_name"`
	Last      string `json:"last_name"`
	Business  string `json:"business_name"`
	Phone     string `json:"phone_number"`
	lines
	Book     *bool `json:"address_book"`
	Validate *bool `json:"validate_address"`
}

func (a *address) object(s *Server) object {
	now := stamp(s.cfg.Now())
	return object{"id": a.id, "record_type": "address", "customer_reference": a.Reference, "first_name": a.First, "last_name": a.Last, "business_name": a.Business,
		"street_address": a.Street, "extended_address": a.Extended, "locality": a.Locality, "administrative_area": a.Area, "postal_code": a.PostalCode,
		"country_code": a.Country, "created_at": now, "updated_at": now}
}

func (s *Server) findAddress(id string) *address {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.addresses {
		if a.id == id {
			return a
		}
	}
	return nil
}

// problemCodes are the carrier's codes for the parts of an address.
var problemCodes = map[string][2]string{
	"house number": {"20208", "/street_address"}, "street": {"20207", "/street_address"}, "city": {"20202", "/locality"},
	"state": {"20204", "/administrative_area"}, "postal code": {"20205", "/postal_code"}, "unit": {"20209", "/extended_address"},
}

func wireProblems(check provider.AddressCheck) []object {
	out := []object{}
	for _, p := range check.Problems {
		c, ok := problemCodes[p.Field]
		if !ok {
			c = [2]string{"20200", "/street_address"}
		}
		out = append(out, object{"code": c[0], "title": "Invalid address", "detail": "Invalid address", "source": object{"pointer": c[1]}})
	}
	if len(out) == 0 {
		out = append(out, object{"code": "20200", "title": "Invalid address", "detail": "Invalid address", "source": object{"pointer": "/street_address"}})
	}
	return out
}

// validateAddress suggests one address. Where the engine knows several the carrier
// has none to suggest.
func (s *Server) validateAddress(w http.ResponseWriter, r *http.Request) {
	var in lines
	if !offered(w, s.caps.Addresses != nil) || !body(w, r, &in) {
		return
	}
	check, err := s.caps.Addresses.CheckAddress(r.Context(), in.civic())
	if err != nil {
		refuse(w, err)
		return
	}
	out := object{"record_type": "address_validation", "suggested": object{}}
	switch check.Grade {
	case provider.Valid:
		out["result"], out["suggested"] = "valid", in
	case provider.Corrected:
		out["result"], out["suggested"] = "valid", linesOf(*check.Corrected)
	case provider.Ungraded:
		out["result"] = check.Said.Raw
	default:
		out["result"], out["errors"] = "invalid", wireProblems(check)
	}
	data(w, 200, out)
}

func (s *Server) createAddress(w http.ResponseWriter, r *http.Request) {
	var in address
	if !offered(w, s.caps.Addresses != nil) || !body(w, r, &in) {
		return
	}
	if in.Business == "" && (in.First == "" || in.Last == "") || in.Street == "" || in.Locality == "" || in.Country == "" {
		answerError(w, 422, "10004", "Missing required parameter", "/business_name")
		return
	}
	if in.Validate == nil || *in.Validate {
		check, err := s.caps.Addresses.CheckAddress(r.Context(), in.civic())
		if err != nil {
			refuse(w, err)
			return
		}
		if check.Grade != provider.Valid {
			answer(w, 422, object{"errors": wireProblems(check)})
			return
		}
	}
	s.mu.Lock()
	in.id = fmt.Sprintf("13152616%011d", len(s.addresses)+1)
	s.addresses = append(s.addresses, &in)
	s.mu.Unlock()
	data(w, 200, in.object(s))
}

// listAddresses lists the address book: what was kept out of it is not in the list.
func (s *Server) listAddresses(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[customer_reference][eq]", "filter[customer_reference]", "sort") {
		return
	}
	q := r.URL.Query()
	want := q.Get("filter[customer_reference][eq]")
	if want == "" {
		want = q.Get("filter[customer_reference]")
	}
	s.mu.Lock()
	all := slices.Clone(s.addresses)
	s.mu.Unlock()
	var out []object
	for _, a := range all {
		if keep(want, a.Reference) && (a.Book == nil || *a.Book) {
			out = append(out, a.object(s))
		}
	}
	list(w, r, out)
}

func (s *Server) showAddress(w http.ResponseWriter, r *http.Request) {
	a := s.findAddress(r.PathValue("id"))
	if a == nil {
		missing(w)
		return
	}
	data(w, 200, a.object(s))
}

// place is the location of a device that moves.
type place struct {
	id          string
	HouseNumber string `json:"house_number"`
	HouseSuffix string `json:"house_suffix"`
	PreDir      string `json:"street_pre_directional"`
	Street      string `json:"street_name"`
	Suffix      string `json:"street_suffix"`
	PostDir     string `json:"street_post_directional"`
	Extended    string `json:"extended_address"`
	Locality    string `json:"locality"`
	Area        string `json:"administrative_area"`
	PostalCode  string `json:"postal_code"`
	Country     string `json:"country_code"`
}

func (p *place) civic() postal.Civic {
	return postal.Civic{HouseNumber: p.HouseNumber, HouseSuffix: p.HouseSuffix, PreDir: p.PreDir, Street: p.Street, Suffix: p.Suffix, PostDir: p.PostDir,
		Unit: p.Extended, City: p.Locality, State: p.Area, PostalCode: p.PostalCode, Country: p.Country}
}

func (p *place) object(s *Server) object {
	now := stamp(s.cfg.Now())
	return object{"id": p.id, "record_type": "dynamic_emergency_address", "sip_geolocation_id": "GEO" + p.id[24:], "status": "activated", "house_number": p.HouseNumber,
		"house_suffix": p.HouseSuffix, "street_pre_directional": p.PreDir, "street_name": p.Street, "street_suffix": p.Suffix, "street_post_directional": p.PostDir,
		"extended_address": p.Extended, "locality": p.Locality, "administrative_area": p.Area, "postal_code": p.PostalCode, "country_code": p.Country,
		"created_at": now, "updated_at": now}
}

func (s *Server) createPlace(w http.ResponseWriter, r *http.Request) {
	var in place
	if !offered(w, s.caps.Endpoints != nil) || !body(w, r, &in) {
		return
	}
	for _, v := range []string{in.HouseNumber, in.Street, in.Locality, in.Area, in.PostalCode, in.Country} {
		if v == "" {
			answerError(w, 422, "10004", "Missing required parameter", "/house_number")
			return
		}
	}
	check, err := s.caps.Addresses.CheckAddress(r.Context(), in.civic())
	if err != nil {
		refuse(w, err)
		return
	}
	if check.Grade == provider.Unusable || check.Grade == provider.Ambiguous {
		answer(w, 422, object{"errors": wireProblems(check)})
		return
	}
	s.mu.Lock()
	in.id = fmt.Sprintf("00000000-0000-4000-9000-%012x", len(s.places)+1)
	s.places = append(s.places, &in)
	s.mu.Unlock()
	data(w, 201, in.object(s))
}

func (s *Server) listPlaces(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[country_code]", "filter[status]") {
		return
	}
	s.mu.Lock()
	all := slices.Clone(s.places)
	s.mu.Unlock()
	var out []object
	for _, p := range all {
		if keep(r.URL.Query().Get("filter[country_code]"), p.Country) {
			out = append(out, p.object(s))
		}
	}
	list(w, r, out)
}

func (s *Server) findPlace(id string) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.places {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (s *Server) showPlace(w http.ResponseWriter, r *http.Request) {
	p := s.findPlace(r.PathValue("id"))
	if p == nil {
		missing(w)
		return
	}
	data(w, 200, p.object(s))
}

var endpointWords = map[provider.RegState]string{
	provider.RegWaiting: "pending", provider.RegActive: "activated", provider.RegAdjusted: "activated", provider.RegFailed: "rejected", provider.RegRemoving: "activated",
}

func (s *Server) endpointObject(e provider.Endpoint) object {
	word, ok := endpointWords[e.State]
	if !ok {
		word = string(e.Said.Raw)
	}
	s.mu.Lock()
	at := s.placed[e.Callback.String()+e.Label]
	s.mu.Unlock()
	now := stamp(s.cfg.Now())
	return object{"id": s.id(e.Ref), "record_type": "dynamic_emergency_endpoint", "dynamic_emergency_address_id": at, "status": word, "sip_from_id": e.SIPFrom,
		"callback_number": e.Callback.String(), "caller_name": e.Label, "created_at": now, "updated_at": now}
}

func (s *Server) createEndpoint(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Place    string `json:"dynamic_emergency_address_id"`
		Callback string `json:"callback_number"`
		Name     string `json:"caller_name"`
	}
	if !offered(w, s.caps.Endpoints != nil) || !body(w, r, &in) {
		return
	}
	ns, ok := parse(w, []string{in.Callback})
	if !ok {
		return
	}
	p := s.findPlace(in.Place)
	if p == nil || in.Name == "" || len(in.Name) > 50 {
		answerError(w, 422, "10027", "Unprocessable entity", "/caller_name")
		return
	}
	s.mu.Lock()
	s.placed[ns[0].String()+in.Name] = p.id
	s.mu.Unlock()
	res, err := s.caps.Endpoints.SetEndpoint(r.Context(), provider.EndpointRequest{
		Key: s.key(provider.OpSetEndpoint, in.Place+in.Callback+in.Name), Label: in.Name, Address: p.civic(), CallerName: in.Name, Callback: ns[0],
	})
	switch {
	case err != nil:
		refuse(w, err)
	case res.Endpoint.Ref == "":
		answer(w, 422, object{"errors": wireProblems(res.Check)})
	default:
		data(w, 201, s.endpointObject(res.Endpoint))
	}
}

func (s *Server) allEndpoints(ctx context.Context) ([]provider.Endpoint, error) {
	var out []provider.Endpoint
	for e, err := range provider.All(ctx, s.caps.Endpoints.ListEndpoints) {
		if err != nil {
			return nil, err
		}
		if e.State != provider.RegRemoving && e.State != provider.RegNone {
			out = append(out, e)
		}
	}
	return out, nil
}

func (s *Server) listEndpoints(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[country_code]", "filter[status]") || !offered(w, s.caps.Endpoints != nil) {
		return
	}
	all, err := s.allEndpoints(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	var out []object
	for _, e := range all {
		out = append(out, s.endpointObject(e))
	}
	list(w, r, out)
}

func (s *Server) showEndpoint(w http.ResponseWriter, r *http.Request) {
	ref, ok := s.ref(w, r)
	if !ok {
		return
	}
	all, err := s.allEndpoints(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	for _, e := range all {
		if e.Ref == ref {
			data(w, 200, s.endpointObject(e))
			return
		}
	}
	missing(w)
}

func (s *Server) deleteEndpoint(w http.ResponseWriter, r *http.Request) {
	ref, ok := s.ref(w, r)
	if !ok {
		return
	}
	err := s.caps.Endpoints.RemoveEndpoint(r.Context(), s.key(provider.OpRemoveEndpoint, string(ref)), ref)
	var e *provider.Error
	switch {
	case errors.As(err, &e) && e.Kind == provider.NotFound:
		missing(w)
	case err != nil:
		refuse(w, err)
	default:
		data(w, 200, s.endpointObject(provider.Endpoint{Ref: ref, State: provider.RegRemoving, Callback: nanp.Number(0)}))
	}
}
