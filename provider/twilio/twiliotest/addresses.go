package twiliotest

import (
	"net/http"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// address is one that was taken, as the registrar holds it.
type address struct {
	sid, friendly, customer         string
	street, secondary, city, region string
	postal, country                 string
	emergency                       bool
	made                            time.Time
}

func (s *Server) address(a *address) map[string]any {
	return map[string]any{
		"sid": a.sid, "account_sid": s.cfg.Account, "friendly_name": a.friendly, "customer_name": a.customer,
		"street": a.street, "street_secondary": text(a.secondary), "city": a.city, "region": a.region, "postal_code": a.postal, "iso_country": a.country,
		"emergency_enabled": a.emergency, "validated": a.emergency, "verified": false,
		"date_created": a.made.Format(time.RFC1123Z), "date_updated": a.made.Format(time.RFC1123Z),
		"uri": "/2010-04-01/Accounts/" + s.cfg.Account + "/Addresses/" + a.sid + ".json",
	}
}

func (a *address) civic() postal.Civic {
	c := postal.Civic{City: a.city, State: a.region, PostalCode: a.postal, Country: a.country}.WithStreetLine(a.street)
	c.Unit = a.secondary
	return c
}

// take writes what a registrar would hold into the fields of the resource.
func (a *address) take(c postal.Civic) {
	outside := c
	outside.Building, outside.Floor, outside.Unit, outside.Room = "", "", "", ""
	a.street = outside.StreetLine()
	a.secondary = strings.TrimPrefix(strings.TrimPrefix(c.StreetLine(), a.street), ", ")
	a.city, a.region, a.postal, a.country = c.City, c.State, c.PostalCode, c.CountryCode()
}

func (s *Server) createAddress(c *call) {
	required := []string{"CustomerName", "Street", "City", "Region", "PostalCode", "IsoCountry"}
	if !c.known(c.form, required, "FriendlyName", "EmergencyEnabled", "AutoCorrectAddress", "StreetSecondary") {
		return
	}
	f := c.form.Get
	a := &address{
		friendly: f("FriendlyName"), customer: f("CustomerName"), street: f("Street"), secondary: f("StreetSecondary"), city: f("City"),
		region: f("Region"), postal: f("PostalCode"), country: f("IsoCountry"), emergency: f("EmergencyEnabled") == "true", made: s.cfg.Now(),
	}
	if a.emergency && len(a.friendly) > 32 || len(a.friendly) > 64 || len([]rune(a.customer)) > 21 {
		c.fail(http.StatusBadRequest, 20001, "A name is too long")
		return
	}
	if a.emergency {
		if !s.validate(c, a, f("AutoCorrectAddress") != "false") {
			return
		}
	}
	a.sid = sidOf("AD", string(s.key("ad")))
	s.mu.Lock()
	s.places[a.sid] = a
	s.mu.Unlock()
	c.json(http.StatusCreated, s.address(a))
}

// validate asks the registrar. It answers where the address is not taken.
func (s *Server) validate(c *call, a *address, correct bool) bool {
	check, err := s.caps.Addresses.CheckAddress(c.r.Context(), a.civic())
	switch {
	case err != nil:
		c.broken(err)
		return false
	case check.Grade == provider.Valid:
		return true
	case check.Grade == provider.Corrected && correct:
		a.take(*check.Corrected)
		return true
	case check.Grade == provider.Ungraded: // the registrar has not said that it is bad
		c.fail(http.StatusServiceUnavailable, 0, "Service unavailable")
		return false
	case check.Grade == provider.Corrected:
		c.fail(http.StatusBadRequest, 21629, "The address cannot be validated. Suggested: "+check.Corrected.Line())
		return false
	}
	c.fail(http.StatusBadRequest, 21628, "The address cannot be validated")
	return false
}

func (s *Server) listAddresses(c *call) {
	if !c.known(c.q, nil, "CustomerName", "FriendlyName", "EmergencyEnabled", "IsoCountry", "PageSize", "Page", "PageToken") {
		return
	}
	s.mu.Lock()
	var all []map[string]any
	for _, a := range sorted(s.places) {
		if name := c.q.Get("FriendlyName"); name == "" || a.friendly == name {
			all = append(all, s.address(a))
		}
	}
	s.mu.Unlock()
	list(c, "addresses", all)
}

func (s *Server) getAddress(c *call) {
	s.mu.Lock()
	a := s.places[strings.TrimSuffix(c.r.PathValue("sid"), ".json")]
	s.mu.Unlock()
	if a == nil {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	c.json(http.StatusOK, s.address(a))
}

func (s *Server) deleteAddress(c *call) {
	ad := strings.TrimSuffix(c.r.PathValue("sid"), ".json")
	s.mu.Lock()
	_, known := s.places[ad]
	delete(s.places, ad)
	s.mu.Unlock()
	if !known {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	c.w.WriteHeader(http.StatusNoContent)
}

// attachment is that a number has an address, or none, from a time on.
type attachment struct {
	ad   string
	from time.Time
}

// regWords are Twilio's for where a registration stands.
var regWords = map[provider.RegState]string{
	provider.RegNone: "unregistered", provider.RegWaiting: "pending-registration", provider.RegActive: "registered", provider.RegAdjusted: "registered",
	provider.RegFailed: "registration-failure", provider.RegRemoving: "pending-unregistration",
}

// emergency is the address of a number and how its registration stands. A number
// that never had one is not asked about.
func (s *Server) emergency(c *call, pn string, n nanp.Number, now time.Time) (ad, status string, err error) {
	s.mu.Lock()
	history := s.attached[pn]
	s.mu.Unlock()
	seen := false
	for _, x := range history {
		if !x.from.After(now) {
			ad, seen = x.ad, true
		}
	}
	if !seen {
		return "", "unregistered", nil
	}
	r, err := s.caps.Emergency.Registration(c.r.Context(), n)
	if err != nil {
		return "", "", err
	}
	if status = regWords[r.State]; status == "" {
		status = string(r.Said.Raw)
	}
	return ad, status, nil
}

// attach gives a number an address, or takes it away. It answers where it cannot.
func (s *Server) attach(c *call, pn string, n nanp.Number, ad string) bool {
	s.mu.Lock()
	a := s.places[ad]
	s.mu.Unlock()
	if ad != "" && (a == nil || !a.emergency) {
		c.fail(http.StatusBadRequest, 21628, "The emergency address was not found")
		return false
	}
	k, op := s.key("em"), provider.OpUnregister
	var got provider.RegisterResult
	var err error
	if ad == "" {
		got, err = s.caps.Emergency.Unregister(c.r.Context(), k, []nanp.Number{n})
	} else {
		op = provider.OpRegister
		got, err = s.caps.Emergency.Register(c.r.Context(), provider.RegisterRequest{Key: k, Numbers: []nanp.Number{n}, Address: a.civic(), CallerName: a.customer, AsGiven: true})
	}
	if err == nil || sandbox.Cut(err) {
		// What is lost on the way back has happened, now or later.
		if at, booked := viewOf(s).at(op, k); booked {
			s.mu.Lock()
			s.attached[pn] = append(s.attached[pn], attachment{ad, at})
			s.mu.Unlock()
		}
	}
	if err != nil {
		c.broken(err)
		return false
	}
	for _, r := range got.Registrations {
		if r.Err != nil {
			c.fail(http.StatusBadRequest, 20001, "The emergency address cannot be changed")
			return false
		}
	}
	if ad != "" && len(got.Registrations) == 0 {
		c.fail(http.StatusBadRequest, 21628, "The emergency address cannot be registered")
		return false
	}
	return true
}
