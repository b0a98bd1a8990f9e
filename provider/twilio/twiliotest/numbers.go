package twiliotest

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// fields of a number that can be set, as the documents name them.
var numberFields = []string{
	"AccountSid", "ApiVersion", "FriendlyName", "SmsApplicationSid", "SmsFallbackMethod", "SmsFallbackUrl", "SmsMethod", "SmsUrl",
	"StatusCallback", "StatusCallbackMethod", "VoiceApplicationSid", "VoiceCallerIdLookup", "VoiceFallbackMethod", "VoiceFallbackUrl",
	"VoiceMethod", "VoiceUrl", "EmergencyStatus", "EmergencyAddressSid", "TrunkSid", "VoiceReceiveMode", "IdentitySid", "AddressSid", "BundleSid",
}

// listNumbers filters as Twilio does: a part of a number also finds it.
func (s *Server) listNumbers(c *call) {
	if !c.known(c.q, nil, "Beta", "FriendlyName", "PhoneNumber", "Origin", "PageSize", "Page", "PageToken") {
		return
	}
	all, err := s.owned(c, c.q.Get("PhoneNumber"))
	if err != nil {
		c.broken(err)
		return
	}
	if token := c.q.Get("PageToken"); token != "" {
		after, err := strconv.ParseUint(strings.TrimPrefix(token, "PA"), 10, 64)
		if err != nil {
			c.fail(http.StatusBadRequest, 20001, "PageToken is not valid")
			return
		}
		all = slices.DeleteFunc(all, func(o provider.Owned) bool { return uint64(o.Number) <= after })
	}
	v := viewOf(s)
	var out []map[string]any
	var kept []nanp.Number
	for _, o := range all {
		if name := c.q.Get("FriendlyName"); name == "" || v.name(o) == name {
			m, err := v.number(c, o)
			if err != nil {
				c.broken(err)
				return
			}
			out, kept = append(out, m), append(kept, o.Number)
		}
	}
	size := 50
	if given := c.q.Get("PageSize"); given != "" {
		if size, err = strconv.Atoi(given); err != nil || size < 1 || size > 1000 {
			c.fail(http.StatusBadRequest, 20001, "PageSize is not valid")
			return
		}
	}
	index, _ := strconv.Atoi(c.q.Get("Page"))
	here := c.r.URL.EscapedPath() + "?PageSize=" + strconv.Itoa(size)
	answer := map[string]any{"page": index, "page_size": size, "start": index * size, "uri": here + "&Page=" + strconv.Itoa(index),
		"first_page_uri": here + "&Page=0", "previous_page_uri": nil, "next_page_uri": nil}
	if len(out) > size {
		out = out[:size]
		q := c.r.URL.Query()
		q.Set("PageSize", strconv.Itoa(size))
		q.Set("Page", strconv.Itoa(index+1))
		q.Set("PageToken", "PA"+strconv.FormatUint(uint64(kept[size-1]), 10))
		answer["next_page_uri"] = c.r.URL.EscapedPath() + "?" + q.Encode()
	}
	answer["end"] = index*size + max(0, len(out)-1)
	answer["incoming_phone_numbers"] = append([]map[string]any{}, out...)
	c.json(http.StatusOK, answer)
}

// owned asks the engine for what a filter by number finds: for one number alone
// where that is what it is.
func (s *Server) owned(c *call, filter string) ([]provider.Owned, error) {
	if n, err := nanp.Parse(filter); err == nil {
		o, err := s.caps.Owned.Owned(c.r.Context(), n)
		if e, ok := err.(*provider.Error); ok && e.Kind == provider.NotFound {
			return nil, nil
		}
		return []provider.Owned{o}, err
	}
	match := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(filter), `\*`, `\d`)).MatchString
	var out []provider.Owned
	var p provider.Page
	for {
		r, err := s.caps.Owned.ListOwned(c.r.Context(), p)
		if err != nil {
			return nil, err
		}
		for _, o := range r.Items {
			if match(o.Number.String()) {
				out = append(out, o)
			}
		}
		if r.Next == "" {
			return out, nil
		}
		p.Cursor = r.Next
	}
}

// held reads a number of which the ledger says that it is ours. An old view of the
// engine that does not have it yet is asked again.
func (s *Server) held(c *call, n nanp.Number) (o provider.Owned, err error) {
	for range 10 {
		o, err = s.caps.Owned.Owned(c.r.Context(), n)
		if e, ok := err.(*provider.Error); !ok || e.Kind != provider.NotFound {
			break
		}
	}
	return o, err
}

// view is what is true when a request is answered.
type view struct {
	s    *Server
	book sandbox.Book
	now  time.Time
}

func viewOf(s *Server) view { return view{s, s.engine.Book(), s.cfg.Now()} }

func (v view) ours(n nanp.Number) bool { return slices.Contains(v.book.OwnedAt(v.now), n) }

// sid is that of a number that is ours, and of this purchase of it.
func (v view) sid(o provider.Owned) string {
	pn := sidOf("PN", o.Number.String(), string(o.Ref))
	v.s.mu.Lock()
	v.s.numbers[pn] = o.Number
	v.s.mu.Unlock()
	return pn
}

// name is the FriendlyName: what it was changed to, or what it was bought with.
func (v view) name(o provider.Owned) string {
	pn := v.sid(o)
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	if name, changed := v.s.names[pn]; changed {
		return name
	}
	name := o.Number.Format()
	for _, b := range v.book.Orders {
		bought := slices.ContainsFunc(b.Lines, func(l sandbox.BookedLine) bool { return l.Number == o.Number && l.State != provider.ItemRefused })
		if b.Op == provider.OpPlace && bought && !b.At.After(v.now) {
			name = cmp.Or(v.s.labels[string(b.Key)], string(b.Key))
		}
	}
	return name
}

// at is when a creation took effect; ok is false when it did not.
func (v view) at(op provider.Op, k provider.Key) (t time.Time, ok bool) {
	for _, e := range v.book.Events {
		if e.Op == op && e.Key == k {
			return e.At, true
		}
	}
	return t, false
}

func (v view) number(c *call, o provider.Owned) (map[string]any, error) {
	pn := v.sid(o)
	ad, status, err := v.s.emergency(c, pn, o.Number, v.now)
	if err != nil {
		return nil, err
	}
	word := "in-use"
	if o.State != provider.ItemLive {
		word = string(o.Said.Raw)
	}
	kind := "local"
	if o.Number.TollFree() {
		kind = "toll free"
	}
	m := map[string]any{
		"sid": pn, "account_sid": v.s.cfg.Account, "phone_number": o.Number.String(), "friendly_name": v.name(o),
		"address_sid": nil, "address_requirements": "none", "api_version": "2010-04-01", "beta": false,
		"capabilities": map[string]any{"voice": true, "sms": true, "mms": true, "fax": false},
		"date_created": v.now.Format(time.RFC1123Z), "date_updated": v.now.Format(time.RFC1123Z),
		"identity_sid": nil, "origin": "twilio", "sms_application_sid": nil, "sms_fallback_method": "POST", "sms_fallback_url": nil,
		"sms_method": "POST", "sms_url": nil, "status_callback": nil, "status_callback_method": "POST",
		"trunk_sid": nil, "voice_application_sid": nil, "voice_url": nil, "voice_method": "POST", "voice_fallback_method": "POST",
		"voice_fallback_url": nil, "voice_caller_id_lookup": false, "voice_receive_mode": "voice",
		"emergency_status": "Active", "emergency_address_sid": text(ad), "emergency_address_status": status,
		"bundle_sid": nil, "status": word, "type": kind,
		"uri": "/2010-04-01/Accounts/" + v.s.cfg.Account + "/IncomingPhoneNumbers/" + pn + ".json",
	}
	switch {
	case strings.HasPrefix(o.Route, "TK"):
		m["trunk_sid"] = o.Route
	case strings.HasPrefix(o.Route, "AP"):
		m["voice_application_sid"] = o.Route
	default:
		m["voice_url"] = text(o.Route)
	}
	return m, nil
}

// buy buys one number. One that the account has is updated instead, with the
// answer of a purchase.
func (s *Server) buy(c *call) {
	if !c.known(c.form, nil, append([]string{"PhoneNumber", "AreaCode"}, numberFields...)...) {
		return
	}
	n, err := nanp.Parse(c.form.Get("PhoneNumber"))
	if err != nil {
		c.fail(http.StatusBadRequest, 21421, "PhoneNumber is not valid")
		return
	}
	if v := viewOf(s); v.ours(n) {
		o, err := s.held(c, n)
		if err != nil {
			c.broken(err)
			return
		}
		s.update(c, o, http.StatusCreated)
		return
	}
	name := c.form.Get("FriendlyName")
	if len(name) > 64 {
		c.fail(http.StatusBadRequest, 20001, "FriendlyName is too long")
		return
	}
	order, err := s.caps.Orders.Place(c.r.Context(), provider.OrderRequest{Key: s.orderKey(name, n), Lines: []provider.OrderLine{{Number: n}}})
	if err != nil {
		c.broken(err)
		return
	}
	it, _ := order.Item(n)
	if it.State == provider.ItemRefused {
		c.broken(it.Err)
		return
	}
	o := provider.Owned{Number: n, Ref: it.Owned, State: it.State, Said: it.Said}
	if to := cmp.Or(c.form.Get("TrunkSid"), c.form.Get("VoiceApplicationSid"), c.form.Get("VoiceUrl")); to != "" {
		if _, err := s.caps.Routing.Route(c.r.Context(), provider.RouteRequest{Key: s.key("rt"), Numbers: []nanp.Number{n}, To: to}); err == nil {
			o.Route = to
		}
	}
	m, err := viewOf(s).number(c, o)
	if err != nil {
		c.broken(err)
		return
	}
	c.json(http.StatusCreated, m)
}

// orderKey is the name of a purchase, where it can be a key, or one that stands
// for it.
func (s *Server) orderKey(name string, n nanp.Number) provider.Key {
	if provider.Key(name).Validate() == nil {
		return provider.Key(name)
	}
	k := s.key("np")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.labels[string(k)] = cmp.Or(name, n.Format())
	return k
}

// key is another one each time.
func (s *Server) key(kind string) provider.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	return provider.Key(fmt.Sprintf("%s-%d", kind, s.made))
}

// named finds the number that a path names; it answers where there is none.
func (s *Server) named(c *call) (provider.Owned, bool) {
	pn := strings.TrimSuffix(c.r.PathValue("sid"), ".json")
	s.mu.Lock()
	n, known := s.numbers[pn]
	s.mu.Unlock()
	v := viewOf(s)
	if !known { // nobody has asked for it since the server was started
		all, err := s.owned(c, "")
		if err != nil {
			c.broken(err)
			return provider.Owned{}, false
		}
		for _, o := range all {
			if v.sid(o) == pn {
				n = o.Number
			}
		}
	}
	if n == 0 || !v.ours(n) {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		return provider.Owned{}, false
	}
	o, err := s.held(c, n)
	if err != nil {
		c.broken(err)
		return o, false
	}
	if v.sid(o) != pn {
		c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
		return o, false
	}
	return o, true
}

func (s *Server) getNumber(c *call) {
	if o, ok := s.named(c); ok {
		m, err := viewOf(s).number(c, o)
		if err != nil {
			c.broken(err)
			return
		}
		c.json(http.StatusOK, m)
	}
}

func (s *Server) updateNumber(c *call) {
	if !c.known(c.form, nil, numberFields...) {
		return
	}
	if o, ok := s.named(c); ok {
		s.update(c, o, http.StatusOK)
	}
}

// forms are what identifiers in a form look like.
var forms = map[string]*regexp.Regexp{
	"TrunkSid":            regexp.MustCompile(`^(TK[0-9a-fA-F]{32})?$`),
	"VoiceApplicationSid": regexp.MustCompile(`^(AP[0-9a-fA-F]{32})?$`),
	"VoiceUrl":            regexp.MustCompile(`^(https?://.+)?$`),
	"EmergencyAddressSid": regexp.MustCompile(`^(AD[0-9a-fA-F]{32})?$`),
}

// update changes what the form names, and answers with the number.
func (s *Server) update(c *call, o provider.Owned, status int) {
	for name, form := range forms {
		if !form.MatchString(c.form.Get(name)) {
			c.fail(http.StatusBadRequest, 20001, name+" is not valid")
			return
		}
	}
	pn := viewOf(s).sid(o)
	for _, name := range []string{"TrunkSid", "VoiceApplicationSid", "VoiceUrl"} {
		to := c.form.Get(name)
		if to == "" {
			continue
		}
		got, err := s.caps.Routing.Route(c.r.Context(), provider.RouteRequest{Key: s.key("rt"), Numbers: []nanp.Number{o.Number}, To: to})
		if err != nil {
			c.broken(err)
			return
		}
		o = got[0]
	}
	if _, given := c.form["EmergencyAddressSid"]; given && !s.attach(c, pn, o.Number, c.form.Get("EmergencyAddressSid")) {
		return
	}
	if _, given := c.form["FriendlyName"]; given {
		s.mu.Lock()
		s.names[pn] = c.form.Get("FriendlyName")
		s.mu.Unlock()
	}
	m, err := viewOf(s).number(c, o)
	if err != nil {
		c.broken(err)
		return
	}
	c.json(status, m)
}

func (s *Server) deleteNumber(c *call) {
	o, ok := s.named(c)
	if !ok {
		return
	}
	got, err := s.caps.Return.Return(c.r.Context(), provider.ReturnRequest{Key: s.key("del"), Numbers: []nanp.Number{o.Number}})
	if err != nil {
		c.broken(err)
		return
	}
	if it, _ := got.Item(o.Number); it.State == provider.ItemRefused {
		c.broken(it.Err)
		return
	}
	c.w.WriteHeader(http.StatusNoContent)
}
