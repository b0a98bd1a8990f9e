package telnyxtest

import (
	"crypto/ed25519"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/vanity"
)

// Engine makes an account of the carrier of a sandbox: references of ours that are
// not unique, orders whose numbers succeed or fail by themselves, a search that knows
// runs of digits and comes before an order, names that are shown and have no status.
func Engine(c sandbox.Config) sandbox.Config {
	c.Keying = provider.ByKey
	c.OrderLines = 1000
	c.RecentSearch = 0 // the server has the rule: what the account holds needs no search
	c.PageMax = 250
	c.Dialect = &vanity.Dialect{NPA: true, NXX: true, Prefix: true, Suffix: true, Contains: true, Tail: true}
	c.NameProof = provider.ReadBack
	c.Replace = provider.BreakFirst
	return c
}

// recentSearch is what the fake takes "recent" for: the carrier gives no time.
const recentSearch = 10 * time.Minute

// Config is what the account of the fake is like.
type Config struct {
	Key  string             // the API key; "" takes any
	Hook ed25519.PrivateKey // signs webhooks; one is made up where there is none
	Now  func() time.Time   // time.Now
}

// Request is one request that came in.
type Request struct{ Method, Path string }

// Server is the fake.
type Server struct {
	cfg    Config
	engine *sandbox.Carrier
	caps   provider.Capabilities
	mux    *http.ServeMux
	jobMux *http.ServeMux

	mu        sync.Mutex
	refused   bool
	requests  []Request
	events    int
	shown     map[nanp.Number]time.Time // when a search last returned a number
	refs      map[string]provider.Ref   // the engine's references behind our IDs
	listings  map[nanp.Number][]listing
	at        map[nanp.Number]string // the address of a number's registration
	addresses []*address
	places    []*place
	placed    map[string]string // where an endpoint is, by its callback and name
	jobs      []*job
	documents map[string]*document
	forms     map[provider.Ref]provider.PortRequest // what has been filled in so far
	added     map[provider.Ref][]additional
}

// New serves the engine.
func New(engine *sandbox.Carrier, c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Hook == nil {
		seed := sha256.Sum256([]byte("telnyxtest"))
		c.Hook = ed25519.NewKeyFromSeed(seed[:])
	}
	s := &Server{
		cfg: c, engine: engine, caps: engine.Capabilities(), mux: http.NewServeMux(), jobMux: http.NewServeMux(),
		shown: map[nanp.Number]time.Time{}, refs: map[string]provider.Ref{}, listings: map[nanp.Number][]listing{}, at: map[nanp.Number]string{}, placed: map[string]string{},
		documents: map[string]*document{}, forms: map[provider.Ref]provider.PortRequest{}, added: map[provider.Ref][]additional{},
	}
	s.routes()
	return s
}

// Refuse makes the fake answer 401 to everything, or lets it go on.
func (s *Server) Refuse(all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = all
}

// Requests lists what came in, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// ServeHTTP checks credentials and the type of the body first.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path})
	refused := s.refused
	n := len(s.requests)
	s.mu.Unlock()
	w.Header().Set("X-Request-Id", fmt.Sprintf("req-%06d", n))
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if refused || !bearer || s.cfg.Key != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.cfg.Key)) != 1 {
		answerError(w, 401, "10009", "Authentication failed", "")
		return
	}
	if r.ContentLength != 0 {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" && !(kind == "multipart/form-data" && r.URL.Path == "/documents") {
			answerError(w, 415, "10015", "Unsupported media type", "")
			return
		}
	}
	if strings.HasPrefix(r.URL.Path, "/phone_numbers/jobs") {
		s.jobMux.ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

type object = map[string]any

func (s *Server) routes() {
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /available_phone_numbers":                      s.search,
		"POST /number_reservations":                         s.reserve,
		"GET /number_reservations":                          s.reservations,
		"GET /number_reservations/{id}":                     s.reservation,
		"POST /number_orders":                               s.placeOrder,
		"GET /number_orders":                                s.listOrders,
		"GET /number_orders/{id}":                           s.showOrder,
		"GET /sub_number_orders":                            s.listParts,
		"PATCH /sub_number_orders/{id}/cancel":              s.cancelPart,
		"GET /phone_numbers":                                s.listNumbers,
		"PATCH /phone_numbers/{id}":                         s.patchNumber,
		"DELETE /phone_numbers/{id}":                        s.deleteNumber,
		"GET /phone_numbers/{id}/voice":                     s.showVoice,
		"PATCH /phone_numbers/{id}/voice":                   s.patchVoice,
		"POST /phone_numbers/{id}/actions/enable_emergency": s.enableEmergency,
		"POST /phone_numbers/jobs/update_phone_numbers":     s.updateJob,
		"POST /phone_numbers/jobs/delete_phone_numbers":     s.deleteJob,
		"GET /phone_numbers/jobs":                           s.listJobs,
		"GET /phone_numbers/jobs/{id}":                      s.showJob,
		"GET /number_lookup/{number}":                       s.lookup,
		"POST /addresses/actions/validate":                  s.validateAddress,
		"POST /addresses":                                   s.createAddress,
		"GET /addresses":                                    s.listAddresses,
		"GET /addresses/{id}":                               s.showAddress,
		"POST /dynamic_emergency_addresses":                 s.createPlace,
		"GET /dynamic_emergency_addresses":                  s.listPlaces,
		"GET /dynamic_emergency_addresses/{id}":             s.showPlace,
		"POST /dynamic_emergency_endpoints":                 s.createEndpoint,
		"GET /dynamic_emergency_endpoints":                  s.listEndpoints,
		"GET /dynamic_emergency_endpoints/{id}":             s.showEndpoint,
		"DELETE /dynamic_emergency_endpoints/{id}":          s.deleteEndpoint,
		"POST /portability_checks":                          s.checkPorts,
		"POST /porting_orders":                              s.openPort,
		"GET /porting_orders":                               s.listPorts,
		"GET /porting_orders/{id}":                          s.showPort,
		"PATCH /porting_orders/{id}":                        s.patchPort,
		"DELETE /porting_orders/{id}":                       s.deletePort,
		"POST /porting_orders/{id}/actions/confirm":         s.confirmPort,
		"POST /porting_orders/{id}/actions/cancel":          s.cancelPort,
		"GET /porting_orders/{id}/allowed_foc_windows":      s.focWindows,
		"GET /porting_orders/{id}/requirements":             s.requirements,
		"GET /porting_orders/{id}/comments":                 s.listComments,
		"POST /porting_orders/{id}/comments":                s.addComment,
		"GET /porting_orders/{id}/additional_documents":     s.listAdditional,
		"POST /porting_orders/{id}/additional_documents":    s.addAdditional,
		"GET /porting_phone_numbers":                        s.portNumbers,
		"POST /documents":                                   s.upload,
		"GET /documents":                                    s.listDocuments,
		"GET /documents/{id}":                               s.showDocument,
		"GET /portouts":                                     s.listPortOuts,
		"PATCH /portouts/{id}/{status}":                     s.answerPortOut,
	} {
		// /phone_numbers/jobs/{id} and /phone_numbers/{id}/voice overlap: two tables.
		if strings.Contains(pattern, " /phone_numbers/jobs") {
			s.jobMux.HandleFunc(pattern, h)
		} else {
			s.mux.HandleFunc(pattern, h)
		}
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { answerError(w, 404, "10005", "Resource not found", "") })
}

// offered answers for a capability that the engine does not have.
func offered(w http.ResponseWriter, has bool) bool {
	if !has {
		answerError(w, 501, "10038", "Feature not permitted", "")
	}
	return has
}

// parameters refuses what is not documented.
func parameters(w http.ResponseWriter, r *http.Request, allowed ...string) bool {
	for name := range r.URL.Query() {
		known := name == "page[number]" || name == "page[size]"
		for _, a := range allowed {
			known = known || a == name
		}
		if !known {
			answerError(w, 400, "10031", "Invalid filter", "")
			return false
		}
	}
	return true
}

// body reads JSON without members that are not documented.
func body(w http.ResponseWriter, r *http.Request, v any) bool {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err == nil {
		d := json.NewDecoder(strings.NewReader(string(b)))
		d.DisallowUnknownFields()
		err = d.Decode(v)
	}
	if err != nil {
		answerError(w, 422, "10015", "Bad request", "")
	}
	return err == nil
}

func answer(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func data(w http.ResponseWriter, status int, v any) { answer(w, status, object{"data": v}) }

func answerError(w http.ResponseWriter, status int, code, title, pointer string) {
	e := object{"code": code, "title": title, "detail": title}
	if pointer != "" {
		e["source"] = object{"pointer": pointer}
	}
	answer(w, status, object{"errors": []object{e}})
}

// wireCodes are the carrier's codes for what the engine says.
var wireCodes = map[provider.Kind]struct {
	status      int
	code, title string
}{
	provider.NotFound:     {404, "10005", "Resource not found"},
	provider.NotYours:     {404, "10005", "Resource not found"},
	provider.Exists:       {422, "10012", "Duplicate resource"},
	provider.Invalid:      {422, "10027", "Unprocessable entity"},
	provider.Unauthorized: {401, "10009", "Authentication failed"},
	provider.Forbidden:    {403, "10010", "Authorization failed"},
	provider.NumberTaken:  {422, "85001", "Phone numbers no longer available"},
	provider.Conflict:     {422, "10021", "Resource in use"},
	provider.Precondition: {422, "85000", "Phone numbers must be searched first"},
	provider.Unsupported:  {422, "10038", "Feature not permitted"},
	provider.Funds:        {422, "20100", "Insufficient funds"},
	provider.Capacity:     {422, "85007", "Limit reached"},
	provider.RateLimited:  {429, "10011", "Too many requests"},
}

// refuse answers for an error of the engine.
func refuse(w http.ResponseWriter, err error, numbers ...nanp.Number) {
	if sandbox.Cut(err) {
		panic(http.ErrAbortHandler)
	}
	var e *provider.Error
	if !errors.As(err, &e) || wireCodes[e.Kind].status == 0 {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(503)
		_, _ = io.WriteString(w, "<html>upstream is away</html>")
		return
	}
	if e.Kind == provider.RateLimited {
		w.Header().Set("X-Ratelimit-Limit", "10")
		w.Header().Set("X-Ratelimit-Remaining", "0")
		// A client waits in real time, whatever clock the engine has.
		w.Header().Set("X-Ratelimit-Reset", strconv.Itoa(int(math.Ceil(min(e.After, time.Second).Seconds()))))
	}
	pointer := ""
	for i, n := range numbers {
		if n == e.Number {
			pointer = fmt.Sprintf("/phone_numbers/%d", i)
		}
	}
	c := wireCodes[e.Kind]
	answerError(w, c.status, c.code, c.title, pointer)
}

func missing(w http.ResponseWriter) { answerError(w, 404, "10005", "Resource not found", "") }

// list answers one page of what there is.
func list[T any](w http.ResponseWriter, r *http.Request, all []T) {
	q := r.URL.Query()
	number, size := 1, 20
	for name, v := range map[string]*int{"page[number]": &number, "page[size]": &size} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || name == "page[size]" && n > 250 {
				answerError(w, 422, "10015", "Invalid page", "")
				return
			}
			*v = n
		}
	}
	from := min((number-1)*size, len(all))
	part := all[from:min(from+size, len(all))]
	if part == nil {
		part = []T{}
	}
	answer(w, 200, object{"data": part, "meta": object{
		"page_number": number, "page_size": size, "total_results": len(all), "total_pages": (len(all) + size - 1) / size,
	}})
}

// id is the UUID of a thing of the engine.
func (s *Server) id(ref provider.Ref) string {
	if ref == "" {
		return ""
	}
	h := sha1.Sum([]byte(ref))
	x := hex.EncodeToString(h[:16])
	id := x[:8] + "-" + x[8:12] + "-4" + x[13:16] + "-8" + x[17:20] + "-" + x[20:32]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refs[id] = ref
	return id
}

// Ref is the engine's reference of the thing that the carrier's ID names, and the ID
// itself where there is none.
func (s *Server) Ref(id provider.Ref) provider.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ref, ok := s.refs[string(id)]; ok {
		return ref
	}
	return id
}

// ref is the thing behind an ID; false answers 404.
func (s *Server) ref(w http.ResponseWriter, r *http.Request) (provider.Ref, bool) {
	s.mu.Lock()
	ref, ok := s.refs[r.PathValue("id")]
	s.mu.Unlock()
	if !ok {
		missing(w)
	}
	return ref, ok
}

// key is made up for a call that carries none: the first that has not taken effect,
// so that a call that is sent again is the same call to chaos.
func (s *Server) key(op provider.Op, subject string) provider.Key {
	sum := sha1.Sum([]byte(subject))
	book := s.engine.Book()
	for i := 0; ; i++ {
		k := provider.Key(fmt.Sprintf("w%x-%d", sum[:8], i))
		if book.Applied(op, k) == 0 {
			return k
		}
	}
}

// took reports whether a call with the key has taken effect by now.
func (s *Server) took(op provider.Op, k provider.Key) bool {
	now := s.cfg.Now()
	for _, e := range s.engine.Book().Events {
		if e.Op == op && e.Key == k && !e.At.After(now) {
			return true
		}
	}
	return false
}

// numberID is the ID of a number of the account: digits, as the carrier's are.
func numberID(n nanp.Number) string { return "1290000" + n.String()[1:] }

func numberOf(id string) (nanp.Number, bool) {
	digits, ok := strings.CutPrefix(id, "1290000")
	if !ok || len(digits) != 11 {
		return 0, false
	}
	n, err := nanp.Parse(digits)
	return n, err == nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// parse reads the numbers of a request, in E.164 and nothing else.
func parse(w http.ResponseWriter, texts []string) ([]nanp.Number, bool) {
	var out []nanp.Number
	for i, t := range texts {
		n, err := nanp.Parse(t)
		if err != nil || n.String() != t {
			answerError(w, 422, "10016", "Phone number must be in +E.164 format", fmt.Sprintf("/phone_numbers/%d", i))
			return nil, false
		}
		out = append(out, n)
	}
	if len(out) == 0 {
		answerError(w, 422, "10004", "Missing required parameter", "/phone_numbers")
		return nil, false
	}
	return out, true
}
