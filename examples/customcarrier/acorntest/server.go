// Package acorntest is Acorn Telecom itself: its paths, bodies and errors in front
// of the engine of the simulated carrier, which remembers, settles and goes wrong.
package acorntest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/vanity"
)

// Engine makes the simulated carrier one that sells as Acorn does.
func Engine(c sandbox.Config) sandbox.Config {
	c.Kinds, c.Filters = []provider.NumberKind{provider.Local}, []provider.Filter{provider.ByState}
	c.Dialect, c.OrderLines, c.Keying = &vanity.Dialect{NPA: true}, 50, provider.ByKey
	return c
}

// Server answers as Acorn.
type Server struct {
	caps    provider.Capabilities
	key     string
	mux     *http.ServeMux
	refuses atomic.Bool
}

// New serves an engine to whoever has the key.
func New(engine *sandbox.Carrier, key string) *Server {
	s := &Server{caps: engine.Capabilities(), key: key, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /numbers", s.numbers)
	s.mux.HandleFunc("POST /orders", s.place)
	s.mux.HandleFunc("GET /orders/{reference}", s.order)
	s.mux.HandleFunc("GET /account", s.list)
	s.mux.HandleFunc("GET /account/{number}", s.owned)
	s.mux.HandleFunc("DELETE /account/{number}", s.release)
	return s
}

// Refuse makes every key a wrong one.
func (s *Server) Refuse(yes bool) { s.refuses.Store(yes) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.refuses.Load() || r.Header.Get("Authorization") != "Bearer "+s.key {
		reply(w, http.StatusUnauthorized, map[string]string{"code": "who_are_you"})
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) numbers(w http.ResponseWriter, r *http.Request) {
	q := provider.SearchRequest{State: r.FormValue("state"), Page: page(r)}
	if npa, err := nanp.ParseNPA(r.FormValue("npa")); err == nil {
		q.Query.NPA = npa
	}
	got, err := s.caps.Search.Search(r.Context(), q)
	items := []any{}
	for _, o := range got.Items {
		items = append(items, map[string]any{"number": o.Number, "state": o.State, "city": o.City, "setup": o.Price.Setup.Amount, "month": o.Price.Monthly.Amount})
	}
	answer(w, err, map[string]any{"items": items, "next": got.Next})
}

func (s *Server) place(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Reference provider.Key
		Partial   bool
		Numbers   []nanp.Number
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		reply(w, http.StatusBadRequest, map[string]string{"code": "unreadable"})
		return
	}
	req := provider.OrderRequest{Key: body.Reference, Partial: body.Partial}
	for _, n := range body.Numbers {
		req.Lines = append(req.Lines, provider.OrderLine{Number: n})
	}
	o, err := s.caps.Orders.Place(r.Context(), req)
	answer(w, err, order(o))
}

func (s *Server) order(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("reference")
	f, err := s.caps.Orders.Track(r.Context(), provider.Trace{Key: provider.Key(name)})
	if err == nil && f.Verdict == provider.Absent {
		f, err = s.caps.Orders.Track(r.Context(), provider.Trace{Ref: provider.Ref(name)})
	}
	if err == nil && f.Verdict != provider.Found {
		reply(w, http.StatusNotFound, map[string]string{"code": "no_such_order"})
		return
	}
	answer(w, err, order(f.Value))
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	got, err := s.caps.Owned.ListOwned(r.Context(), page(r))
	items := []any{}
	for _, o := range got.Items {
		items = append(items, s.number(r.Context(), o))
	}
	answer(w, err, map[string]any{"items": items, "next": got.Next})
}

func (s *Server) owned(w http.ResponseWriter, r *http.Request) {
	n, _ := nanp.Parse(r.PathValue("number"))
	o, err := s.caps.Owned.Owned(r.Context(), n)
	answer(w, err, s.number(r.Context(), o))
}

func (s *Server) release(w http.ResponseWriter, r *http.Request) {
	n, _ := nanp.Parse(r.PathValue("number"))
	o, err := s.caps.Return.Return(r.Context(), provider.ReturnRequest{Key: provider.Key("back-" + n.String()[2:]), Numbers: []nanp.Number{n}})
	if it, ok := o.Item(n); err == nil && ok && it.Err != nil {
		err = it.Err
	}
	answer(w, err, map[string]string{"status": "releasing"})
}

var words = map[provider.ItemState]string{
	provider.ItemWaiting: "reserved", provider.ItemAssigned: "provisioning", provider.ItemLive: "active",
	provider.ItemRefused: "refused", provider.ItemBackordered: "reserved", provider.ItemGone: "released",
}

func word(st provider.ItemState, raw provider.Raw) string {
	if st == provider.ItemUnclear {
		return string(raw)
	}
	return words[st]
}

func order(o provider.Order) map[string]any {
	numbers := []any{}
	for _, it := range o.Items {
		n := map[string]any{"number": it.Number, "reference": o.Key, "status": word(it.State, it.Said.Raw)}
		if it.Err != nil {
			n["reason"] = code(it.Err.Kind)
		}
		numbers = append(numbers, n)
	}
	return map[string]any{"id": o.Ref, "reference": o.Key, "status": o.Said.Raw, "numbers": numbers}
}

// number shows one that is on its way out as releasing.
func (s *Server) number(ctx context.Context, o provider.Owned) map[string]any {
	status := word(o.State, o.Said.Raw)
	f, err := s.caps.Return.TrackReturn(ctx, provider.Trace{Key: provider.Key("back-" + strings.TrimPrefix(o.Number.String(), "+1"))})
	if err == nil && f.Verdict == provider.Found && !f.Value.Settled() {
		status = "releasing"
	}
	return map[string]any{"number": o.Number, "reference": o.Tag, "status": status}
}

func page(r *http.Request) provider.Page {
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	return provider.Page{Limit: limit, Cursor: r.FormValue("after")}
}

var statuses = map[provider.Kind]int{
	provider.NotFound: 404, provider.NotYours: 403, provider.NumberTaken: 409, provider.Conflict: 409,
	provider.RateLimited: 429, provider.Unavailable: 503, provider.Invalid: 422,
}

func code(k provider.Kind) string {
	return strings.ReplaceAll(strings.ReplaceAll(string(k), "not your number", "not_yours"), " ", "_")
}

func answer(w http.ResponseWriter, err error, v any) {
	var e *provider.Error
	switch {
	case err == nil:
		reply(w, http.StatusOK, v)
	case sandbox.Cut(err):
		panic(http.ErrAbortHandler)
	case errors.As(err, &e):
		if e.After > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(e.After.Seconds())+1))
		}
		status := statuses[e.Kind]
		if status == 0 {
			status = http.StatusUnprocessableEntity
		}
		reply(w, status, map[string]string{"code": code(e.Kind)})
	default:
		reply(w, http.StatusInternalServerError, map[string]string{"code": "oops"})
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
