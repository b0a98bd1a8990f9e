package telnyxtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

var ownedWords = map[provider.ItemState]string{
	provider.ItemWaiting: "purchase-pending", provider.ItemAssigned: "active", provider.ItemLive: "active", provider.ItemGone: "deleted",
}

// number is the wire form of a number of the account. An assigned number is not
// routable yet: what the carrier calls so.
func number(o provider.Owned) object {
	word := ownedWords[o.State]
	switch {
	case o.State == provider.ItemAssigned:
		word = "provision-pending"
	case word == "":
		word = string(o.Said.Raw)
	case o.Porting:
		word = "port-out-pending"
	}
	return object{"id": numberID(o.Number), "record_type": "phone_number", "phone_number": o.Number.String(), "country_iso_alpha2": "US", "status": word,
		"tags": []string{}, "connection_id": o.Route, "customer_reference": o.Tag, "emergency_enabled": false, "emergency_status": "disabled",
		"emergency_address_id": "", "phone_number_type": kindOf(o.Number), "cnam_listing_enabled": false, "source_type": "number_order"}
}

// listNumbers shows the emergency settings of a number only when it was asked about
// alone: of many the engine would have to be asked one by one.
func (s *Server) listNumbers(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "sort", "filter[phone_number]", "filter[customer_reference]", "filter[connection_id]", "filter[status]") {
		return
	}
	q := r.URL.Query()
	digits := q.Get("filter[phone_number]")
	switch {
	case digits != "" && strings.Trim(digits, "0123456789") != "":
		list(w, r, []object{})
		return
	case len(digits) == 11:
		s.listOne(w, r, digits)
		return
	}
	all, err := s.owned(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	var out []object
	for _, o := range all {
		if (digits == "" || strings.Contains(o.Number.String(), digits)) && keep(q.Get("filter[customer_reference]"), o.Tag) && keep(q.Get("filter[connection_id]"), o.Route) {
			out = append(out, number(o))
		}
	}
	list(w, r, out)
}

func keep(want, is string) bool { return want == "" || want == is }

// owned is everything that the engine lists, in ascending order.
func (s *Server) owned(ctx context.Context) ([]provider.Owned, error) {
	var all []provider.Owned
	for o, err := range provider.All(ctx, func(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
		p.Limit = 250
		return s.caps.Owned.ListOwned(ctx, p)
	}) {
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b provider.Owned) int { return cmp.Compare(a.Number, b.Number) })
	return all, nil
}

func (s *Server) listOne(w http.ResponseWriter, r *http.Request, digits string) {
	n, err := nanp.Parse(digits)
	if err != nil {
		list(w, r, []object{})
		return
	}
	o, err := s.caps.Owned.Owned(r.Context(), n)
	var e *provider.Error
	if errors.As(err, &e) && e.Kind == provider.NotFound {
		list(w, r, []object{})
		return
	}
	if err != nil {
		refuse(w, err)
		return
	}
	x := number(o)
	if s.caps.Emergency != nil {
		em, err := s.emergency(r.Context(), n)
		if err != nil {
			refuse(w, err)
			return
		}
		for k, v := range em {
			x[k] = v
		}
	}
	list(w, r, []object{x})
}

// named is the number behind the ID of a request, if it is ours.
func (s *Server) named(w http.ResponseWriter, r *http.Request) (provider.Owned, bool) {
	n, ok := numberOf(r.PathValue("id"))
	if !ok {
		missing(w)
		return provider.Owned{}, false
	}
	o, err := s.caps.Owned.Owned(r.Context(), n)
	if err != nil {
		refuse(w, err)
		return o, false
	}
	return o, true
}

func (s *Server) patchNumber(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Tags       []string `json:"tags"`
		PIN        string   `json:"external_pin"`
		HD         *bool    `json:"hd_voice_enabled"`
		Reference  string   `json:"customer_reference"`
		Connection string   `json:"connection_id"`
		Billing    string   `json:"billing_group_id"`
	}
	n, ok := numberOf(r.PathValue("id"))
	if !ok {
		missing(w)
		return
	}
	if !body(w, r, &in) {
		return
	}
	changed, err := s.caps.Routing.Route(r.Context(), provider.RouteRequest{Key: s.key(provider.OpRoute, n.String()), Numbers: []nanp.Number{n}, To: in.Connection})
	if err != nil {
		refuse(w, err)
		return
	}
	data(w, 200, number(changed[0]))
}

func (s *Server) deleteNumber(w http.ResponseWriter, r *http.Request) {
	o, ok := s.named(w, r)
	if !ok {
		return
	}
	done, err := s.caps.Return.Return(r.Context(), provider.ReturnRequest{Key: s.key(provider.OpReturn, o.Number.String()), Numbers: []nanp.Number{o.Number}})
	if err != nil {
		refuse(w, err)
		return
	}
	switch it := done.Items[0]; it.State {
	case provider.ItemRefused:
		refuse(w, it.Err)
		return
	case provider.ItemGone:
		o.State = provider.ItemGone
	case provider.ItemUnclear:
		o.State, o.Said = it.State, it.Said
	}
	x := number(o)
	delete(x, "emergency_status")
	delete(x, "source_type")
	if x["status"] == "provision-pending" {
		x["status"] = "purchase-pending"
	}
	data(w, 200, x)
}

// job is a batch. Its key is what the engine knows it by.
type job struct {
	id, kind string
	key      provider.Key
	made     time.Time
	numbers  []nanp.Number
	done     []nanp.Number // of an update, which is finished when it is answered
	failed   map[nanp.Number]*provider.Error
}

func (s *Server) newJob(kind string, k provider.Key, ns []nanp.Number) *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := &job{kind: kind, key: k, made: s.cfg.Now(), numbers: ns, failed: map[nanp.Number]*provider.Error{}}
	h := fmt.Sprintf("%012x", len(s.jobs)+1)
	j.id = "00000000-0000-4000-8000-" + h
	s.jobs = append(s.jobs, j)
	return j
}

func (s *Server) dropJob(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = slices.DeleteFunc(s.jobs, func(x *job) bool { return x == j })
}

func (s *Server) updateJob(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Numbers    []string `json:"phone_numbers"`
		Tags       []string `json:"tags"`
		Reference  string   `json:"customer_reference"`
		Connection string   `json:"connection_id"`
		Billing    string   `json:"billing_group_id"`
	}
	if !body(w, r, &in) {
		return
	}
	ns, ok := parse(w, in.Numbers)
	if !ok {
		return
	}
	j := s.newJob("update_phone_numbers", s.key(provider.OpRoute, fmt.Sprint(ns)), ns)
	left := slices.Clone(ns)
	for len(left) > 0 {
		_, err := s.caps.Routing.Route(r.Context(), provider.RouteRequest{Key: j.key, Numbers: left, To: in.Connection})
		var e *provider.Error
		if errors.As(err, &e) && e.Kind == provider.NotYours && e.Number.Valid() {
			j.failed[e.Number] = e
			left = slices.DeleteFunc(left, func(n nanp.Number) bool { return n == e.Number })
			continue
		}
		if err != nil {
			if !sandbox.Cut(err) {
				s.dropJob(j)
			}
			refuse(w, err, ns...)
			return
		}
		break
	}
	j.done = left
	data(w, 202, s.jobObject(j, nil))
}

func (s *Server) deleteJob(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Numbers []string `json:"phone_numbers"`
	}
	if !body(w, r, &in) {
		return
	}
	ns, ok := parse(w, in.Numbers)
	if !ok {
		return
	}
	j := s.newJob("delete_phone_numbers", s.key(provider.OpReturn, fmt.Sprint(ns)), ns)
	o, err := s.caps.Return.Return(r.Context(), provider.ReturnRequest{Key: j.key, Numbers: ns})
	if err != nil {
		if !sandbox.Cut(err) {
			s.dropJob(j)
		}
		refuse(w, err, ns...)
		return
	}
	data(w, 202, s.jobObject(j, &o))
}

// jobObject is the wire form of a job; o is what the engine says of a deletion.
func (s *Server) jobObject(j *job, o *provider.Order) object {
	op := func(n nanp.Number) object { return object{"phone_number": n.String(), "id": numberID(n)} }
	ops := map[string][]object{"successful_operations": {}, "pending_operations": {}, "failed_operations": {}}
	status := "completed"
	fail := func(n nanp.Number, e *provider.Error) {
		x, c := op(n), wireCodes[provider.Conflict]
		if e != nil && wireCodes[e.Kind].code != "" {
			c = wireCodes[e.Kind]
		}
		x["errors"] = []object{{"code": c.code, "title": c.title}}
		ops["failed_operations"] = append(ops["failed_operations"], x)
	}
	for _, n := range j.done {
		ops["successful_operations"] = append(ops["successful_operations"], op(n))
	}
	for n, e := range j.failed {
		fail(n, e)
	}
	if o != nil {
		for _, it := range o.Items {
			switch it.State {
			case provider.ItemGone:
				ops["successful_operations"] = append(ops["successful_operations"], op(it.Number))
			case provider.ItemRefused:
				fail(it.Number, it.Err)
			case provider.ItemUnclear:
				status = string(it.Said.Raw)
				ops["pending_operations"] = append(ops["pending_operations"], op(it.Number))
			default:
				status = "in_progress"
				ops["pending_operations"] = append(ops["pending_operations"], op(it.Number))
			}
		}
	}
	numbers := make([]object, len(j.numbers))
	for i, n := range j.numbers {
		numbers[i] = op(n)
	}
	out := object{"id": j.id, "record_type": "phone_numbers_job", "status": status, "type": j.kind, "created_at": stamp(j.made), "updated_at": stamp(s.cfg.Now()), "phone_numbers": numbers}
	for k, v := range ops {
		out[k] = v
	}
	return out
}

// jobNow is a job as it stands; nil for one that never came to the engine.
func (s *Server) jobNow(ctx context.Context, j *job) (object, error) {
	if j.kind != "delete_phone_numbers" {
		return s.jobObject(j, nil), nil
	}
	f, err := s.caps.Return.TrackReturn(ctx, provider.Trace{Key: j.key})
	if err != nil || f.Verdict != provider.Found {
		return nil, err
	}
	return s.jobObject(j, &f.Value), nil
}

func (s *Server) listJobs(w http.ResponseWriter, r *http.Request) {
	if !parameters(w, r, "filter[type]", "sort") {
		return
	}
	s.mu.Lock()
	jobs := slices.Clone(s.jobs)
	s.mu.Unlock()
	var out []object
	for _, j := range jobs {
		if !keep(r.URL.Query().Get("filter[type]"), j.kind) {
			continue
		}
		x, err := s.jobNow(r.Context(), j)
		if err != nil {
			refuse(w, err)
			return
		}
		if x != nil {
			out = append(out, x)
		}
	}
	list(w, r, out)
}

func (s *Server) showJob(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	jobs := slices.Clone(s.jobs)
	s.mu.Unlock()
	for _, j := range jobs {
		if j.id != r.PathValue("id") {
			continue
		}
		x, err := s.jobNow(r.Context(), j)
		switch {
		case err != nil:
			refuse(w, err)
		case x == nil:
			missing(w)
		default:
			data(w, 200, x)
		}
		return
	}
	missing(w)
}
