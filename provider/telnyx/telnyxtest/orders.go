package telnyxtest

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

var searchParameters = []string{"filter[phone_number][starts_with]", "filter[phone_number][ends_with]", "filter[phone_number][contains]", "filter[locality]",
	"filter[administrative_area]", "filter[country_code]", "filter[national_destination_code]", "filter[rate_center]", "filter[phone_number_type]",
	"filter[features][]", "filter[limit]", "filter[best_effort]", "filter[quickship]", "filter[reservable]", "filter[exclude_held_numbers]"}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, searchParameters...) {
		return
	}
	get := func(name string) string { return r.URL.Query().Get("filter" + name) }
	q := provider.SearchRequest{State: get("[administrative_area]"), City: get("[locality]"), RateCenter: get("[rate_center]")}
	switch get("[phone_number_type]") {
	case "", "local":
	case "toll_free":
		q.Kind = provider.TollFree
	case "mobile", "national", "shared_cost":
		answer(w, 200, object{"data": []object{}, "meta": object{"total_results": 0, "best_effort_results": 0}})
		return
	default:
		answerError(w, 422, "10032", "Invalid enumerated value", "")
		return
	}
	if get("[country_code]") == "" {
		answerError(w, 422, "10004", "Missing required parameter", "")
		return
	}
	ndc := get("[national_destination_code]")
	q.Query.Prefix, q.Query.Suffix = ndc+get("[phone_number][starts_with]"), get("[phone_number][ends_with]")
	if q.Query.Contains = get("[phone_number][contains]"); ndc != "" {
		q.Query.Contains, q.Query.Tail = "", q.Query.Contains
	}
	q.Page.Limit, _ = strconv.Atoi(get("[limit]"))
	found, err := s.caps.Search.Search(r.Context(), q)
	if err != nil {
		refuse(w, err)
		return
	}
	out := make([]object, 0, len(found.Items))
	s.mu.Lock()
	for _, o := range found.Items {
		out = append(out, available(o))
		s.shown[o.Number] = s.cfg.Now()
	}
	s.mu.Unlock()
	answer(w, 200, object{"data": out, "meta": object{"total_results": len(out), "best_effort_results": 0}})
}

func available(o provider.Offer) object {
	regions := []object{{"region_type": "country_code", "region_name": "US"}}
	for _, x := range [][2]string{{"rate_center", o.RateCenter}, {"state", o.State}, {"location", o.City}} {
		if x[1] != "" {
			regions = append(regions, object{"region_type": x[0], "region_name": x[1]})
		}
	}
	return object{
		"record_type": "available_phone_number", "phone_number": o.Number.String(), "vanity_format": "", "best_effort": false, "quickship": true,
		"reservable": o.Holdable, "region_information": regions, "features": []object{{"name": "voice"}, {"name": "emergency"}},
		"cost_information": object{"upfront_cost": dollars(o.Price.Setup), "monthly_cost": dollars(o.Price.Monthly), "currency": "USD"},
	}
}

func dollars(r money.Rate) string {
	b, err := r.MarshalText()
	if err != nil {
		return ""
	}
	return string(b)
}

type wantedNumber struct {
	Number string `json:"phone_number"`
	Group  string `json:"requirement_group_id"`
	Bundle string `json:"bundle_id"`
}

func wanted(w http.ResponseWriter, list []wantedNumber) ([]nanp.Number, bool) {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = x.Number
	}
	return parse(w, texts)
}

func (s *Server) reserve(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Numbers   []wantedNumber `json:"phone_numbers"`
		Reference provider.Key   `json:"customer_reference"`
	}
	if !body(w, r, &in) {
		return
	}
	ns, ok := wanted(w, in.Numbers)
	if !ok {
		return
	}
	holds, err := s.caps.Holds.Hold(r.Context(), in.Reference, ns)
	if err != nil {
		refuse(w, err, ns...)
		return
	}
	data(w, 200, s.held(in.Reference, holds))
}

const holdPrefix = "hold/"

func (s *Server) held(k provider.Key, holds []provider.Hold) object {
	numbers := make([]object, len(holds))
	now := stamp(s.cfg.Now())
	for i, h := range holds {
		numbers[i] = object{"id": s.id(h.Ref), "record_type": "reserved_phone_number", "phone_number": h.Number.String(), "status": "success",
			"created_at": now, "updated_at": now, "expired_at": stamp(h.Until)}
	}
	return object{"id": s.id(holdPrefix + provider.Ref(k)), "record_type": "number_reservation", "status": "success", "customer_reference": k,
		"phone_numbers": numbers, "created_at": now, "updated_at": now}
}

func (s *Server) reservations(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[customer_reference]", "filter[phone_numbers.phone_number]", "filter[status]") {
		return
	}
	t := provider.Trace{Key: provider.Key(r.URL.Query().Get("filter[customer_reference]"))}
	if text := r.URL.Query().Get("filter[phone_numbers.phone_number]"); text != "" && t.Key == "" {
		n, err := nanp.Parse(text)
		if err != nil {
			list(w, r, []object{})
			return
		}
		t.Numbers = []nanp.Number{n}
	}
	f, err := s.caps.Holds.TrackHold(r.Context(), t)
	if err != nil {
		refuse(w, err)
		return
	}
	var out []object
	if f.Verdict == provider.Found {
		out = append(out, s.held(t.Key, f.Value))
	}
	list(w, r, out)
}

func (s *Server) reservation(w http.ResponseWriter, r *http.Request) {
	ref, ok := s.ref(w, r)
	if !ok {
		return
	}
	k := provider.Key(strings.TrimPrefix(string(ref), holdPrefix))
	f, err := s.caps.Holds.TrackHold(r.Context(), provider.Trace{Key: k})
	switch {
	case err != nil:
		refuse(w, err)
	case f.Verdict != provider.Found:
		missing(w)
	default:
		data(w, 200, s.held(k, f.Value))
	}
}

func (s *Server) placeOrder(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Numbers    []wantedNumber `json:"phone_numbers"`
		Connection string         `json:"connection_id"`
		Messaging  string         `json:"messaging_profile_id"`
		Billing    string         `json:"billing_group_id"`
		Reference  provider.Key   `json:"customer_reference"`
	}
	if !body(w, r, &in) {
		return
	}
	ns, ok := wanted(w, in.Numbers)
	if !ok {
		return
	}
	req := provider.OrderRequest{Key: in.Reference, Partial: true}
	for i, n := range ns {
		l, ok, err := s.line(r.Context(), n)
		switch {
		case err != nil:
			refuse(w, err, ns...)
			return
		case !ok:
			answerError(w, 422, "85000", "Phone numbers must be searched first", "/phone_numbers/"+strconv.Itoa(i)+"/phone_number")
			return
		}
		req.Lines = append(req.Lines, l)
	}
	o, err := s.caps.Orders.Place(r.Context(), req)
	if err != nil {
		refuse(w, err)
		return
	}
	if e := refusedWhole(o); e != nil { // the carrier refuses an order of which nothing can be had
		refuse(w, e, ns...)
		return
	}
	data(w, 200, s.order(o, true))
}

// line is one number of an order, with the reservation of the account on it where no
// search has returned it recently. It is not ok without one, unless the number is none
// that a search could have returned: of that the engine says what is wrong.
func (s *Server) line(ctx context.Context, n nanp.Number) (l provider.OrderLine, ok bool, err error) {
	l.Number = n
	s.mu.Lock()
	at, seen := s.shown[n]
	s.mu.Unlock()
	if seen && s.cfg.Now().Sub(at) <= recentSearch {
		return l, true, nil
	}
	held, err := s.caps.Holds.TrackHold(ctx, provider.Trace{Numbers: []nanp.Number{n}})
	switch {
	case err != nil:
		return l, false, err
	case held.Verdict == provider.Found:
		l.Hold = held.Value[0].Ref
		return l, true, nil
	case seen:
		return l, false, nil
	}
	q := provider.SearchRequest{Exact: []nanp.Number{n}}
	if n.TollFree() {
		q.Kind = provider.TollFree
	}
	sold, err := s.caps.Search.Search(ctx, q)
	return l, err == nil && len(sold.Items) == 0, err
}

// refusedWhole is why no number of an order can be had.
func refusedWhole(o provider.Order) error {
	for _, it := range o.Items {
		if it.State != provider.ItemRefused || it.Err == nil {
			return nil
		}
	}
	e := *o.Items[0].Err
	e.Number = o.Items[0].Number
	return &e
}

var itemWords = map[provider.ItemState]string{
	provider.ItemWaiting: "pending", provider.ItemAssigned: "pending", provider.ItemBackordered: "pending",
	provider.ItemLive: "success", provider.ItemGone: "success", provider.ItemRefused: "failure",
}

func kindOf(n nanp.Number) string {
	if n.TollFree() {
		return "toll_free"
	}
	return "local"
}

// order is the wire form: a status is that of its numbers, a part all numbers of one
// type.
func (s *Server) order(o provider.Order, full bool) object {
	statuses := map[string]bool{}
	var numbers []object
	for _, it := range o.Items {
		word := itemWords[it.State]
		if word == "" {
			word = string(it.Said.Raw)
		}
		statuses[word] = true
		n := object{"id": s.id(o.Ref + "/" + provider.Ref(it.Number.String())), "phone_number": it.Number.String()}
		if full {
			for k, v := range (object{"record_type": "number_order_phone_number", "country_iso_alpha2": "US", "country_code": "US", "regulatory_requirements": []object{},
				"requirements_met": true, "requirements_status": "approved", "status": word, "phone_number_type": kindOf(it.Number)}) {
				n[k] = v
			}
		}
		numbers = append(numbers, n)
	}
	var parts []string
	for _, p := range s.parts(o) {
		parts = append(parts, p["id"].(string))
	}
	now := stamp(o.Said.At)
	return object{"id": s.id(o.Ref), "record_type": "number_order", "status": sum(statuses), "customer_reference": o.Key, "phone_numbers_count": len(numbers),
		"phone_numbers": numbers, "sub_number_orders_ids": parts, "requirements_met": true, "created_at": now, "updated_at": now}
}

// sum is the status of several: pending while one is, a word that nobody knows where
// there is one.
func sum(statuses map[string]bool) string {
	for word := range statuses {
		if word != "pending" && word != "success" && word != "failure" {
			return word
		}
	}
	for _, word := range []string{"pending", "success"} {
		if statuses[word] {
			return word
		}
	}
	return "failure"
}

func (s *Server) parts(o provider.Order) []object {
	var out []object
	for _, kind := range []string{"local", "toll_free"} {
		statuses, count := map[string]bool{}, 0
		for _, it := range o.Items {
			if kindOf(it.Number) != kind {
				continue
			}
			count++
			word := itemWords[it.State]
			if word == "" {
				word = string(it.Said.Raw)
			}
			statuses[word] = true
		}
		if count == 0 {
			continue
		}
		now := stamp(o.Said.At)
		out = append(out, object{"id": s.id(o.Ref + "/" + provider.Ref(kind)), "order_request_id": s.id(o.Ref), "record_type": "sub_number_order", "country_code": "US",
			"phone_number_type": kind, "status": sum(statuses), "phone_numbers_count": count, "customer_reference": o.Key, "requirements_met": true,
			"regulatory_requirements": []object{}, "is_block_sub_number_order": false, "created_at": now, "updated_at": now})
	}
	return out
}

// track reads one order of the engine.
func (s *Server) track(ctx context.Context, t provider.Trace) ([]provider.Order, error) {
	f, err := s.caps.Orders.Track(ctx, t)
	if err != nil || f.Verdict != provider.Found {
		return nil, err
	}
	return []provider.Order{f.Value}, nil
}

// listOrders is made from the ledger: also what has the same reference is there.
func (s *Server) listOrders(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[customer_reference]", "filter[status]") {
		return
	}
	now := s.cfg.Now()
	var out []object
	for _, b := range s.engine.Book().Orders {
		if b.Op != provider.OpPlace || b.At.After(now) || !keep(r.URL.Query().Get("filter[customer_reference]"), string(b.Key)) || neverWas(b) {
			continue
		}
		o := provider.Order{Ref: b.Ref, Key: b.Key, Said: provider.Said{At: b.At}}
		for _, l := range b.Lines {
			it := provider.OrderItem{Number: l.Number, State: provider.ItemWaiting}
			if !l.At.After(now) {
				it.State = l.State
			}
			o.Items = append(o.Items, it)
		}
		out = append(out, s.order(o, false))
	}
	list(w, r, out)
}

// neverWas reports whether the order was refused as a whole when it came: the carrier
// has none then.
func neverWas(b sandbox.Booked) bool {
	for _, l := range b.Lines {
		if l.State != provider.ItemRefused || l.At.After(b.At) {
			return false
		}
	}
	return true
}

// one reads the order behind an ID, or answers why not.
func (s *Server) one(w http.ResponseWriter, r *http.Request, ref provider.Ref) (provider.Order, bool) {
	found, err := s.track(r.Context(), provider.Trace{Ref: ref})
	switch {
	case err != nil:
		refuse(w, err)
	case len(found) == 0:
		missing(w)
	default:
		return found[0], true
	}
	return provider.Order{}, false
}

func (s *Server) showOrder(w http.ResponseWriter, r *http.Request) {
	ref, ok := s.ref(w, r)
	if !ok {
		return
	}
	if o, ok := s.one(w, r, ref); ok {
		data(w, 200, s.order(o, true))
	}
}

func (s *Server) listParts(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[order_request_id]", "filter[status]") {
		return
	}
	s.mu.Lock()
	ref, ok := s.refs[r.URL.Query().Get("filter[order_request_id]")]
	s.mu.Unlock()
	if !ok {
		list(w, r, []object{})
		return
	}
	found, err := s.track(r.Context(), provider.Trace{Ref: ref})
	if err != nil {
		refuse(w, err)
		return
	}
	var out []object
	for _, o := range found {
		out = append(out, s.parts(o)...)
	}
	list(w, r, out)
}

func (s *Server) cancelPart(w http.ResponseWriter, r *http.Request) {
	ref, ok := s.ref(w, r)
	if !ok || !offered(w, s.caps.OrderClose != nil) {
		return
	}
	order, kind, _ := strings.Cut(string(ref), "/")
	o, err := s.caps.OrderClose.CloseOrder(r.Context(), s.key(provider.OpCloseOrder, order), provider.Ref(order))
	if err != nil {
		refuse(w, err)
		return
	}
	for _, p := range s.parts(o) {
		if p["phone_number_type"] == kind {
			data(w, 200, p)
			return
		}
	}
	missing(w)
}
