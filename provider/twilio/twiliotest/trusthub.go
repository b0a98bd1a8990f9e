package twiliotest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

const (
	cnamPolicy = "RNf3db3cd1fe25fcfd3c3ded065c8fea53"
	cnamType   = "cnam_information"
	// How long a review takes until somebody looks, and until it is over.
	looksAfter   = time.Hour
	decidesAfter = 24 * time.Hour
)

// trustHub is profiles, products, end users and what is assigned to what.
type trustHub struct {
	products  map[string]*product
	users     map[string]*endUser
	entities  map[string][]assigned // by product
	endpoints map[string][]assigned // by product or profile
	profile   string
}

type product struct {
	sid, name, email, policy, callback string
	made                               time.Time
	submitted                          time.Time // zero: a draft
	refused                            string    // why it will be turned down
	raw                                string    // a word that nobody knows, once
}

type endUser struct {
	sid, name, kind, attributes string
	made                        time.Time
}

type assigned struct {
	sid, object string
	made        time.Time
}

func newTrustHub(profile string) trustHub {
	return trustHub{products: map[string]*product{}, users: map[string]*endUser{}, entities: map[string][]assigned{}, endpoints: map[string][]assigned{}, profile: profile}
}

// sorted lists the values in the order of their keys.
func sorted[T any](m map[string]T) []T {
	var out []T
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

func (p *product) status(now time.Time) string {
	switch {
	case p.submitted.IsZero() || now.Before(p.submitted):
		return "draft"
	case now.Before(p.submitted.Add(looksAfter)):
		return "pending-review"
	case now.Before(p.submitted.Add(decidesAfter)):
		return "in-review"
	case p.refused != "":
		return "twilio-rejected"
	}
	return "twilio-approved"
}

func (s *Server) product(c *call, p *product) map[string]any {
	word := p.status(s.cfg.Now())
	if p.raw != "" {
		word, p.raw = p.raw, ""
	}
	var errors any
	if word == "twilio-rejected" {
		errors = []any{map[string]any{"code": 11008}}
	}
	at := p.made.UTC().Format(time.RFC3339)
	self := c.origin() + "/v1/TrustProducts/" + p.sid
	return map[string]any{
		"sid": p.sid, "account_sid": s.cfg.Account, "policy_sid": p.policy, "friendly_name": p.name, "status": word, "valid_until": nil,
		"email": p.email, "status_callback": text(p.callback), "date_created": at, "date_updated": at, "url": self,
		"links": map[string]any{"trust_products_entity_assignments": self + "/EntityAssignments", "trust_products_evaluations": self + "/Evaluations",
			"trust_products_channel_endpoint_assignment": self + "/ChannelEndpointAssignments"},
		"errors": errors,
	}
}

func (s *Server) listProducts(c *call) {
	if !c.known(c.q, nil, "Status", "FriendlyName", "PolicySid", "PageSize", "Page", "PageToken") {
		return
	}
	s.mu.Lock()
	var all []map[string]any
	for _, p := range sorted(s.trust.products) {
		if fits(c.q, "FriendlyName", p.name) && fits(c.q, "PolicySid", p.policy) {
			all = append(all, s.product(c, p))
		}
	}
	s.mu.Unlock()
	results(c, all)
}

func fits(q url.Values, name, v string) bool { return q.Get(name) == "" || q.Get(name) == v }

func (s *Server) createProduct(c *call) {
	if !c.known(c.form, []string{"FriendlyName", "Email", "PolicySid"}, "StatusCallback") {
		return
	}
	if c.form.Get("PolicySid") != cnamPolicy {
		c.fail(http.StatusBadRequest, 20001, "PolicySid is not known")
		return
	}
	p := &product{sid: sidOf("BU", string(s.key("bu"))), name: c.form.Get("FriendlyName"), email: c.form.Get("Email"), policy: cnamPolicy,
		callback: c.form.Get("StatusCallback"), made: s.cfg.Now()}
	s.mu.Lock()
	s.trust.products[p.sid] = p
	v := s.product(c, p)
	s.mu.Unlock()
	c.json(http.StatusCreated, v)
}

// productOf finds the product that a path names; it answers where there is none.
func (s *Server) productOf(c *call) *product {
	s.mu.Lock()
	p := s.trust.products[c.r.PathValue("bu")]
	s.mu.Unlock()
	if p == nil {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
	}
	return p
}

func (s *Server) getProduct(c *call) {
	if p := s.productOf(c); p != nil {
		s.mu.Lock()
		v := s.product(c, p)
		s.mu.Unlock()
		c.json(http.StatusOK, v)
	}
}

// updateProduct submits a draft. The engine takes the name for the numbers of the
// profile, and so decides about it.
func (s *Server) updateProduct(c *call) {
	if !c.known(c.form, nil, "Status", "StatusCallback", "FriendlyName", "Email") {
		return
	}
	p := s.productOf(c)
	if p == nil {
		return
	}
	if c.form.Get("Status") == "pending-review" && !s.submit(c, p) {
		return
	}
	s.mu.Lock()
	v := s.product(c, p)
	s.mu.Unlock()
	c.json(http.StatusOK, v)
}

func (s *Server) submit(c *call, p *product) bool {
	s.mu.Lock()
	name, complete := s.trust.complete(p)
	var ns []nanp.Number
	for _, e := range s.trust.endpoints[s.trust.profile] {
		ns = append(ns, s.numbers[e.object])
	}
	s.mu.Unlock()
	v := viewOf(s)
	ns = slices.DeleteFunc(ns, func(n nanp.Number) bool { return !v.ours(n) })
	switch {
	case !complete || len(ns) == 0:
		c.fail(http.StatusBadRequest, 20001, "The trust product is not complete")
		return false
	case p.status(s.cfg.Now()) != "draft":
		c.fail(http.StatusBadRequest, 20001, "The trust product is not a draft")
		return false
	}
	k := provider.Key(p.name)
	if k.Validate() != nil {
		k = s.key("nm")
	}
	o, err := s.caps.Names.SetName(c.r.Context(), provider.NameRequest{Key: k, Name: name, Numbers: ns})
	at, booked := viewOf(s).at(provider.OpSetName, k)
	s.mu.Lock()
	if booked {
		p.submitted = at
	}
	for _, it := range o.Items {
		switch {
		case it.State == provider.NameRefused && it.Err != nil:
			p.refused = it.Err.Text
		case it.State == provider.NameUnclear:
			p.raw = string(it.Said.Raw)
		}
	}
	s.mu.Unlock()
	if err != nil {
		c.broken(err)
		return false
	}
	return true
}

// complete says whether a product has a name and the profile. The caller holds mu.
func (t *trustHub) complete(p *product) (name string, ok bool) {
	profile := false
	for _, e := range t.entities[p.sid] {
		if u := t.users[e.object]; u != nil && u.kind == cnamType {
			var v struct {
				Name string `json:"cnam_display_name"`
			}
			_ = json.Unmarshal([]byte(u.attributes), &v)
			name = v.Name
		}
		profile = profile || e.object == t.profile
	}
	return name, profile && cnam.MatchString(name)
}

var cnam = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9., ]{0,14}$`)

func (s *Server) evaluate(c *call) {
	if !c.known(c.form, []string{"PolicySid"}) {
		return
	}
	p := s.productOf(c)
	if p == nil {
		return
	}
	s.mu.Lock()
	_, ok := s.trust.complete(p)
	s.mu.Unlock()
	status, out := "compliant", []any{}
	if !ok {
		status, out = "noncompliant", []any{map[string]any{"friendly_name": "CNAM", "object_type": cnamType, "passed": false, "error_code": 22214, "valid": []any{}, "invalid": []any{}}}
	}
	el := sidOf("EL", string(s.key("el")))
	c.json(http.StatusCreated, map[string]any{"sid": el, "account_sid": s.cfg.Account, "policy_sid": cnamPolicy, "trust_product_sid": p.sid, "status": status,
		"results": out, "date_created": s.cfg.Now().UTC().Format(time.RFC3339), "url": c.origin() + c.r.URL.EscapedPath() + "/" + el})
}

func (s *Server) endUser(c *call, u *endUser) map[string]any {
	at := u.made.UTC().Format(time.RFC3339)
	var attributes any
	_ = json.Unmarshal([]byte(u.attributes), &attributes)
	return map[string]any{"sid": u.sid, "account_sid": s.cfg.Account, "friendly_name": u.name, "type": u.kind, "attributes": attributes,
		"date_created": at, "date_updated": at, "url": c.origin() + "/v1/EndUsers/" + u.sid}
}

func (s *Server) listEndUsers(c *call) {
	if !c.known(c.q, nil, "PageSize", "Page", "PageToken") {
		return
	}
	s.mu.Lock()
	var all []map[string]any
	for _, u := range sorted(s.trust.users) {
		all = append(all, s.endUser(c, u))
	}
	s.mu.Unlock()
	results(c, all)
}

func (s *Server) createEndUser(c *call) {
	if !c.known(c.form, []string{"FriendlyName", "Type"}, "Attributes") {
		return
	}
	if c.form.Get("Type") != cnamType || !json.Valid([]byte(c.form.Get("Attributes"))) {
		c.fail(http.StatusBadRequest, 20001, "Type or Attributes are not valid")
		return
	}
	u := &endUser{sidOf("IT", string(s.key("it"))), c.form.Get("FriendlyName"), cnamType, c.form.Get("Attributes"), s.cfg.Now()}
	s.mu.Lock()
	s.trust.users[u.sid] = u
	s.mu.Unlock()
	c.json(http.StatusCreated, s.endUser(c, u))
}

func (s *Server) getEndUser(c *call) {
	s.mu.Lock()
	u := s.trust.users[c.r.PathValue("sid")]
	s.mu.Unlock()
	if u == nil {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	c.json(http.StatusOK, s.endUser(c, u))
}

func (s *Server) entity(c *call, bu string, a assigned) map[string]any {
	return map[string]any{"sid": a.sid, "account_sid": s.cfg.Account, "trust_product_sid": bu, "object_sid": a.object,
		"date_created": a.made.UTC().Format(time.RFC3339), "url": c.origin() + "/v1/TrustProducts/" + bu + "/EntityAssignments/" + a.sid}
}

func (s *Server) listEntities(c *call) {
	if !c.known(c.q, nil, "ObjectType", "PageSize", "Page", "PageToken") {
		return
	}
	p := s.productOf(c)
	if p == nil {
		return
	}
	s.mu.Lock()
	var all []map[string]any
	for _, a := range s.trust.entities[p.sid] {
		all = append(all, s.entity(c, p.sid, a))
	}
	s.mu.Unlock()
	results(c, all)
}

func (s *Server) assignEntity(c *call) {
	if !c.known(c.form, []string{"ObjectSid"}) {
		return
	}
	p := s.productOf(c)
	if p == nil {
		return
	}
	object := c.form.Get("ObjectSid")
	s.mu.Lock()
	known := s.trust.users[object] != nil || object == s.trust.profile
	open := p.status(s.cfg.Now()) == "draft"
	twice := slices.ContainsFunc(s.trust.entities[p.sid], func(a assigned) bool { return a.object == object })
	s.mu.Unlock()
	if !known || !open || twice {
		c.fail(http.StatusBadRequest, 20001, "ObjectSid cannot be assigned")
		return
	}
	a := assigned{sidOf("BV", string(s.key("bv"))), object, s.cfg.Now()}
	s.mu.Lock()
	s.trust.entities[p.sid] = append(s.trust.entities[p.sid], a)
	s.mu.Unlock()
	c.json(http.StatusCreated, s.entity(c, p.sid, a))
}

// holder is the product or profile that a path names.
func (s *Server) holder(c *call) (bu, field, kind string, ok bool) {
	bu = c.r.PathValue("bu")
	if strings.HasPrefix(c.r.URL.Path, "/v1/CustomerProfiles/") {
		if bu != s.trust.profile {
			c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
			return "", "", "", false
		}
		return bu, "customer_profile_sid", "CustomerProfiles", true
	}
	return bu, "trust_product_sid", "TrustProducts", s.productOf(c) != nil
}

func (s *Server) endpoint(c *call, bu, field, kind string, a assigned) map[string]any {
	return map[string]any{"sid": a.sid, "account_sid": s.cfg.Account, field: bu, "channel_endpoint_type": "phone-number", "channel_endpoint_sid": a.object,
		"date_created": a.made.UTC().Format(time.RFC3339), "url": c.origin() + "/v1/" + kind + "/" + bu + "/ChannelEndpointAssignments/" + a.sid}
}

func (s *Server) listEndpoints(c *call) {
	if !c.known(c.q, nil, "ChannelEndpointSid", "ChannelEndpointSids", "PageSize", "Page", "PageToken") {
		return
	}
	bu, field, kind, ok := s.holder(c)
	if !ok {
		return
	}
	s.mu.Lock()
	var all []map[string]any
	for _, a := range s.trust.endpoints[bu] {
		if fits(c.q, "ChannelEndpointSid", a.object) {
			all = append(all, s.endpoint(c, bu, field, kind, a))
		}
	}
	s.mu.Unlock()
	results(c, all)
}

// assignEndpoint wants a number of ours, which is in the profile before it is in a
// product, and a product that is approved.
func (s *Server) assignEndpoint(c *call) {
	if !c.known(c.form, []string{"ChannelEndpointType", "ChannelEndpointSid"}) {
		return
	}
	bu, field, kind, ok := s.holder(c)
	if !ok {
		return
	}
	pn := c.form.Get("ChannelEndpointSid")
	s.mu.Lock()
	n := s.numbers[pn]
	in := func(bu string) bool {
		return slices.ContainsFunc(s.trust.endpoints[bu], func(a assigned) bool { return a.object == pn })
	}
	p := s.trust.products[bu]
	bad := in(bu) || p != nil && (!in(s.trust.profile) || p.status(s.cfg.Now()) != "twilio-approved" || n.TollFree())
	for other := range s.trust.products {
		bad = bad || p != nil && in(other)
	}
	s.mu.Unlock()
	if c.form.Get("ChannelEndpointType") != "phone-number" || n == 0 || !viewOf(s).ours(n) || bad {
		c.fail(http.StatusBadRequest, 20001, "ChannelEndpointSid cannot be assigned")
		return
	}
	a := assigned{sidOf("RA", string(s.key("ra"))), pn, s.cfg.Now()}
	s.mu.Lock()
	s.trust.endpoints[bu] = append(s.trust.endpoints[bu], a)
	s.mu.Unlock()
	c.json(http.StatusCreated, s.endpoint(c, bu, field, kind, a))
}

func (s *Server) deleteEndpoint(c *call) {
	bu, _, _, ok := s.holder(c)
	if !ok {
		return
	}
	s.mu.Lock()
	before := len(s.trust.endpoints[bu])
	s.trust.endpoints[bu] = slices.DeleteFunc(s.trust.endpoints[bu], func(a assigned) bool { return a.sid == c.r.PathValue("x") })
	found := len(s.trust.endpoints[bu]) < before
	s.mu.Unlock()
	if !found {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	c.w.WriteHeader(http.StatusNoContent)
}
