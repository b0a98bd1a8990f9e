package bandwidthtest

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

// Path is what the API's addresses begin with: a client's base is the server's
// address with this behind it.
const Path = "/api/v2"

// What the fake expects unless Config says otherwise.
const (
	Account  = "9900012"
	ClientID = "fake-client"
	Site     = "743"
	Peer     = "303716"
	NoteUser = "fake-user"
	HookUser = "fake-hook"

	clientSecret = "canary-client-secret"
	hookPassword = "canary-hook-password"
	hookKey      = "canary-hook-key"
)

// Config says what the account is like. The zero value is complete.
type Config struct {
	Account      string
	ClientID     string
	ClientSecret string
	User         string // HTTP Basic, refused when empty
	Password     string
	Site, Peer   string
	NoteUser     string
	HookKey      string
	HookUser     string
	HookPassword string
	Now          func() time.Time // time.Now; the engine's clock belongs here
	// Hostile picks the shape of each error by a hash of what it is about, among
	// those that show a code.
	Hostile bool
}

// Engine gives a simulated carrier what an account at Bandwidth is like. What cfg
// says about chaos, time, seed, stock and ledger stays.
func Engine(cfg sandbox.Config) sandbox.Config {
	cfg.Keying, cfg.Forgetful = provider.ByKey, false
	cfg.HidePrices = true
	cfg.PageMax = 5000
	cfg.OrderLines = 1000
	cfg.NameProof, cfg.NameSilent, cfg.NameTollFree, cfg.NameReview = provider.Status, false, false, false
	cfg.Replace = provider.Atomic
	cfg.PortWhole, cfg.PortAtOnce, cfg.SignsLOA = true, false, false
	cfg.Foreign = nil
	return cfg
}

// Server is the fake.
type Server struct {
	cfg  Config
	caps provider.Capabilities
	book func() sandbox.Book
	mux  *http.ServeMux

	mu       sync.Mutex
	requests []string
	refuses  bool
	shape    Shape
	tokens   int
	sequence int
	forms    map[string]form         // what orders were made with, by resource and CustomerOrderId
	ports    map[provider.Ref]*draft // what the engine does not keep of a port
	devices  map[string]device       // endpoints, by identifier
}

// draft is a port as it was asked for, and the documents for it.
type draft struct {
	request provider.PortRequest
	waiting []provider.Ref // documents that the engine does not know to belong to it yet
	listed  []string
}

// device is an endpoint as it was asked for last.
type device struct {
	ref     provider.Ref // at the engine; "" until it is known
	key     provider.Key
	address postal.Civic
}

// New puts the carrier's API before an engine.
func New(engine *sandbox.Carrier, cfg Config) *Server {
	for _, d := range []struct {
		v   *string
		def string
	}{
		{&cfg.Account, Account}, {&cfg.ClientID, ClientID}, {&cfg.ClientSecret, clientSecret}, {&cfg.Site, Site}, {&cfg.Peer, Peer},
		{&cfg.NoteUser, NoteUser}, {&cfg.HookKey, hookKey}, {&cfg.HookUser, HookUser}, {&cfg.HookPassword, hookPassword},
	} {
		if *d.v == "" {
			*d.v = d.def
		}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Server{
		cfg: cfg, caps: engine.Capabilities(), book: engine.Book, mux: http.NewServeMux(), forms: map[string]form{},
		ports: map[provider.Ref]*draft{}, devices: map[string]device{},
	}
	s.routes()
	return s
}

// Secret is the client secret that the fake expects.
func (s *Server) Secret() secret.String { return secret.New(s.cfg.ClientSecret) }

// HookKey is the key that signs messages of v2.
func (s *Server) HookKey() secret.String { return secret.New(s.cfg.HookKey) }

// HookPassword is what messages of v1 present besides HookUser.
func (s *Server) HookPassword() secret.String { return secret.New(s.cfg.HookPassword) }

// Refuse makes the fake answer 401 to everything.
func (s *Server) Refuse(refuses bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuses = refuses
}

// Answer makes every error come in one shape; Natural undoes it.
func (s *Server) Answer(in Shape) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shape = in
}

// Requests lists method and path of what came in, tokens left out.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// routes lists every operation with the query parameters that it takes.
func (s *Server) routes() {
	s.mux.HandleFunc("POST /api/v1/oauth2/token", s.token)
	account := "/accounts/" + s.cfg.Account
	for _, r := range []struct {
		method, path string
		query        string
		serve        handler
	}{
		{"GET", account + "/availableNumbers", searchParameters, s.search},
		{"GET", account + "/availableNpaNxx", "areaCode quantity state", s.codes},
		{"GET", "/cities", "state available supported", s.cities},
		{"POST", account + "/tnreservation", "", s.reserve},
		{"GET", account + "/tnreservation/{id}", "", s.reservation},
		{"DELETE", account + "/tnreservation/{id}", "", s.unreserve},
		{"POST", account + "/orders", "", s.order},
		{"GET", account + "/orders", "page size startdate enddate customerOrderId status userid", s.listOrders},
		{"GET", account + "/orders/{id}", "tndetail", s.getOrder},
		{"PUT", account + "/orders/{id}", "", s.putOrder},
		{"GET", "/tns", "accountId page size status city fullnumber npa npaNxx npaNxxx ratecenter state tier", s.listNumbers},
		{"POST", "/tns", "service", s.askNumbers},
		{"GET", "/tns/{tn}/tndetails", "", s.details},
		{"POST", account + "/disconnects", "", s.disconnect},
		{"GET", account + "/disconnects", "page size startdate enddate status userid", s.listDisconnects},
		{"GET", account + "/disconnects/{id}", "", s.getDisconnect},
		{"POST", account + "/lidbs", "", s.setName},
		{"GET", account + "/lidbs", "tn lastModifiedAfter modifiedDateFrom modifiedDateTo", s.listNames},
		{"GET", account + "/lidbs/{id}", "", s.getName},
		{"POST", account + "/geocodeRequest", "", s.geocode},
		{"POST", account + "/e911s", "", s.register},
		{"GET", account + "/e911s", "status tn callBack aeui customerOrderId modifiedDateFrom modifiedDateTo createdDateFrom createdDateTo lastModifiedAfter lastModifiedBy orderIdFragment orderDetails", s.listE911s},
		{"GET", account + "/e911s/{id}", "", s.getE911},
		{"GET", account + "/aeuis", "page size", s.listDevices},
		{"GET", account + "/aeuis/{id}", "", s.getDevice},
		{"POST", account + "/lnpchecker", "fullCheck", s.checkPort},
		{"POST", account + "/portins", "", s.openPort},
		{"GET", account + "/portins", "page size status date startdate enddate pon tn orderTn customerOrderId", s.listPorts},
		{"GET", account + "/portins/{id}", "", s.getPort},
		{"PUT", account + "/portins/{id}", "", s.putPort},
		{"DELETE", account + "/portins/{id}", "", s.deletePort},
		{"POST", account + "/portins/{id}/loas", "documentType", s.uploadLOA},
		{"GET", account + "/portins/{id}/loas", "metadata", s.listLOAs},
		{"GET", account + "/portins/{id}/notes", "", s.listNotes},
		{"POST", account + "/portins/{id}/notes", "", s.addNote},
		{"GET", account + "/portouts", "page size status date startdate enddate", s.listPortOuts},
		{"GET", account + "/portouts/{id}", "", s.getPortOut},
	} {
		s.mux.HandleFunc(r.method+" "+Path+r.path, s.around(strings.Fields(r.query), r.serve))
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such resource", http.StatusNotFound) })
}

// handler serves one operation. What it returns as an error is answered by fail.
type handler func(w http.ResponseWriter, r *http.Request) error

func (s *Server) around(query []string, serve handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.cfg.Now().UTC().Format(http.TimeFormat))
		w.Header().Set("X-Request-Id", s.next("rq"))
		if !s.admits(r) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="fake"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for name := range r.URL.Query() {
			if !slices.Contains(query, name) {
				s.refuse(w, r, http.StatusBadRequest, "1012", "Query parameter is not recognized")
				return
			}
		}
		if err := serve(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// ServeHTTP serves the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/api/v1/oauth2/") {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
	}
	s.mux.ServeHTTP(w, r)
}

const tokenLife = time.Hour

// token is the OAuth 2.0 client credentials grant (RFC 6749, 4.4.2).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	id, password, ok := r.BasicAuth()
	ok = ok && equal(id, s.cfg.ClientID) && equal(password, s.cfg.ClientSecret)
	s.mu.Lock()
	ok = ok && !s.refuses
	s.tokens++
	token := fmt.Sprintf("fake-token-%d", s.tokens)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", s.cfg.Now().UTC().Format(http.TimeFormat))
	switch {
	case !ok:
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
	case r.FormValue("grant_type") != "client_credentials":
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"unsupported_grant_type"}`)
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "expires_in": int(tokenLife.Seconds()), "token_type": "bearer"})
	}
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (s *Server) admits(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses {
		return false
	}
	if user, password, basic := r.BasicAuth(); basic {
		return s.cfg.User != "" && equal(user, s.cfg.User) && equal(password, s.cfg.Password)
	}
	number, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer fake-token-")
	n, err := strconv.Atoi(number)
	return found && err == nil && n >= 1 && n <= s.tokens
}

// next is a name that was not used before.
func (s *Server) next(kind string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sequence++
	return fmt.Sprintf("%s-%d", kind, s.sequence)
}

// key is one for the engine where the wire has none.
func (s *Server) key() provider.Key { return provider.Key(s.next("w")) }

// fail answers for an error of the engine, or for a request that is refused.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var no *refusal
	var e *provider.Error
	switch {
	case errors.As(err, &no):
		s.refuse(w, r, no.status, no.code, no.words)
		return
	case sandbox.Cut(err):
		panic(http.ErrAbortHandler)
	case !errors.As(err, &e):
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	switch e.Kind {
	case provider.RateLimited:
		reset := s.cfg.Now().Add(e.After + time.Second - 1).Unix()
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(reset, 10))
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusTooManyRequests)
	case provider.Unavailable:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		no := refusalOf(resourceOf(r), e)
		var numbers []string
		if e.Number.Valid() {
			numbers = []string{e.Number.String()}
		}
		s.refuse(w, r, no.status, no.code, no.words, numbers...)
	}
}

// resourceOf is the first segment of a path below the account, or below the API.
func resourceOf(r *http.Request) string {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, Path+"/"), "/")
	if parts[0] == "accounts" && len(parts) > 2 {
		return parts[2]
	}
	return parts[0]
}
