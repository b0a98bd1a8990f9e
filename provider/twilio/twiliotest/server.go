package twiliotest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/vanity"
)

// Config is the account that the server knows.
type Config struct {
	Account string // AC and 32 hexadecimal digits
	User    string // who makes requests: an API key, or "" for the account itself
	Token   secret.String
	HookKey secret.String    // signs messages; default Token
	Now     func() time.Time // time.Now; the engine's clock, where that one is moved
	Prices  sandbox.Prices   // what the pricing API says; the zero value: the engine's default without setup
	Profile string           // the approved customer profile: BU and 32 hexadecimal digits
	Hooks   string           // URL that messages are sent to; default https://hooks.example/twilio
}

// Engine is what an account at Twilio is like: one number in an order, bought at
// once or not at all, found again by itself; no prices in a search. Nothing is ever
// backordered, whatever the chaos: Twilio answers a purchase with the number or an
// error, and has no resource for an order that stays open and no word for one.
func Engine(c sandbox.Config) sandbox.Config {
	c.Chaos.Rates = maps.Clone(c.Chaos.Rates)
	delete(c.Chaos.Rates, sandbox.Backordered)
	c.Keying, c.OrderLines, c.Instant, c.HidePrices = provider.ByThing, 1, true, true
	c.PageMax = 1000
	c.Dialect = &vanity.Dialect{NPA: true, Prefix: true, Suffix: true, Contains: true, MinFixed: 2, OneFixed: true}
	c.Filters = []provider.Filter{provider.ByState, provider.ByCity, provider.ByRateCenter}
	c.Replace, c.NameTollFree = provider.BreakFirst, false
	c.PortWhole, c.PortAtOnce, c.SignsLOA = true, true, true
	if c.Prices == nil {
		p := sandbox.DefaultPrices()
		c.Prices = &p
	}
	return c
}

// Server is the fake.
type Server struct {
	cfg    Config
	engine *sandbox.Carrier
	caps   provider.Capabilities
	mux    *http.ServeMux

	mu       sync.Mutex
	refuse   bool
	requests []string
	made     int               // of everything that has a SID
	labels   map[string]string // FriendlyName by the key of an order
	names    map[string]string // FriendlyName that was changed later, by PN
	numbers  map[string]nanp.Number
	places   map[string]*address     // by AD
	attached map[string][]attachment // by PN
	trust    trustHub
	ports    portDesk
}

// New serves the account over the engine.
func New(engine *sandbox.Carrier, c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.HookKey.IsZero() {
		c.HookKey = c.Token
	}
	if c.Prices == (sandbox.Prices{}) {
		c.Prices = sandbox.DefaultPrices()
	}
	if c.User == "" {
		c.User = c.Account
	}
	if c.Hooks == "" {
		c.Hooks = "https://hooks.example/twilio"
	}
	s := &Server{
		cfg: c, engine: engine, caps: engine.Capabilities(), mux: http.NewServeMux(),
		labels: map[string]string{}, names: map[string]string{}, numbers: map[string]nanp.Number{},
		places: map[string]*address{}, attached: map[string][]attachment{},
		trust: newTrustHub(c.Profile), ports: newPortDesk(),
	}
	s.routes()
	return s
}

func (s *Server) routes() {
	const account = "/2010-04-01/Accounts/{account}"
	for pattern, h := range map[string]func(*call){
		"GET " + account + "/AvailablePhoneNumbers/{country}/{kind}": s.search,
		"GET " + account + "/IncomingPhoneNumbers.json":              s.listNumbers,
		"POST " + account + "/IncomingPhoneNumbers.json":             s.buy,
		"GET " + account + "/IncomingPhoneNumbers/{sid}":             s.getNumber,
		"POST " + account + "/IncomingPhoneNumbers/{sid}":            s.updateNumber,
		"DELETE " + account + "/IncomingPhoneNumbers/{sid}":          s.deleteNumber,
		"GET " + account + "/Addresses.json":                         s.listAddresses,
		"POST " + account + "/Addresses.json":                        s.createAddress,
		"GET " + account + "/Addresses/{sid}":                        s.getAddress,
		"DELETE " + account + "/Addresses/{sid}":                     s.deleteAddress,

		"GET /v1/PhoneNumbers/Countries/{country}": s.pricing,
		"GET /v2/PhoneNumbers/{number}":            s.lookUp,

		"GET /v1/TrustProducts":                                        s.listProducts,
		"POST /v1/TrustProducts":                                       s.createProduct,
		"GET /v1/TrustProducts/{bu}":                                   s.getProduct,
		"POST /v1/TrustProducts/{bu}":                                  s.updateProduct,
		"GET /v1/TrustProducts/{bu}/EntityAssignments":                 s.listEntities,
		"POST /v1/TrustProducts/{bu}/EntityAssignments":                s.assignEntity,
		"POST /v1/TrustProducts/{bu}/Evaluations":                      s.evaluate,
		"GET /v1/TrustProducts/{bu}/ChannelEndpointAssignments":        s.listEndpoints,
		"POST /v1/TrustProducts/{bu}/ChannelEndpointAssignments":       s.assignEndpoint,
		"DELETE /v1/TrustProducts/{bu}/ChannelEndpointAssignments/{x}": s.deleteEndpoint,
		"GET /v1/CustomerProfiles/{bu}/ChannelEndpointAssignments":     s.listEndpoints,
		"POST /v1/CustomerProfiles/{bu}/ChannelEndpointAssignments":    s.assignEndpoint,
		"GET /v1/EndUsers":                                             s.listEndUsers,
		"POST /v1/EndUsers":                                            s.createEndUser,
		"GET /v1/EndUsers/{sid}":                                       s.getEndUser,

		"GET /v1/Porting/Portability/PhoneNumber/{number}": s.portability,
		"POST /v1/Porting/PortIn":                          s.portIn,
		"GET /v1/Porting/PortIn/PortInRequests":            s.listPorts,
		"GET /v1/Porting/PortIn/{kw}":                      s.getPort,
		"DELETE /v1/Porting/PortIn/{kw}":                   s.cancelPort,
		"DELETE /v1/Porting/PortIn/{kw}/PhoneNumber/{pu}":  s.cancelPortNumber,
		"POST /v1/Documents":                               s.upload,
	} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			c := &call{s: s, w: w, r: r}
			if account := r.PathValue("account"); account != "" && account != s.cfg.Account {
				c.fail(http.StatusNotFound, 20404, "The requested resource was not found")
				return
			}
			if c.read() {
				h(c)
			}
		})
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		(&call{s: s, w: w, r: r}).fail(http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
	})
}

// ServeHTTP answers as Twilio does, or cuts the connection where the engine loses
// an answer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	s.made++
	w.Header().Set("Twilio-Request-Id", fmt.Sprintf("RQ%032x", s.made))
	refuse := s.refuse
	s.mu.Unlock()
	user, token, ok := r.BasicAuth()
	if refuse || !ok || !same(user, s.cfg.User) || !same(token, s.cfg.Token.Reveal()) {
		(&call{s: s, w: w, r: r}).fail(http.StatusUnauthorized, 20003, "Authenticate")
		return
	}
	s.mux.ServeHTTP(w, r)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Refuse makes the server answer 401 to everything, or ends that.
func (s *Server) Refuse(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = on
}

// Requests lists method and path of what came in, in order.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// sidOf makes the identifier of something: the same for the same parts.
func sidOf(kind string, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return kind + hex.EncodeToString(h.Sum(nil)[:16])
}

// call is one request.
type call struct {
	s    *Server
	w    http.ResponseWriter
	r    *http.Request
	form url.Values // of a form
	q    url.Values
}

const maxBody = 12 << 20

// read parses the query and the body. It answers and is false for what nobody can
// read.
func (c *call) read() bool {
	var err error
	if c.q, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		c.fail(http.StatusBadRequest, 20001, "The query cannot be read")
		return false
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if c.r.Method == http.MethodPost && kind == "application/x-www-form-urlencoded" {
		if err := c.r.ParseForm(); err != nil {
			c.fail(http.StatusBadRequest, 20001, "The form cannot be read")
			return false
		}
		c.form = c.r.PostForm
	}
	return true
}

// known refuses parameters that the documents do not have, and required ones that
// are missing.
func (c *call) known(v url.Values, required []string, optional ...string) bool {
	if c.r.Method == http.MethodPost && c.form == nil {
		c.fail(http.StatusUnsupportedMediaType, 20001, "The content type is not supported")
		return false
	}
	for name := range v {
		if !slices.Contains(required, name) && !slices.Contains(optional, name) || len(v[name]) != 1 {
			c.fail(http.StatusBadRequest, 20001, "Parameter "+name+" is not known or there twice")
			return false
		}
	}
	for _, name := range required {
		if v.Get(name) == "" {
			c.fail(http.StatusBadRequest, 20001, "Parameter "+name+" is required")
			return false
		}
	}
	return true
}

func (c *call) json(status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(b)
}

// fail answers with an error in the shape of the older APIs, or that of porting.
func (c *call) fail(status, code int, message string) {
	v := map[string]any{"code": code, "message": message, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code), "status": status}
	if c.porting() {
		v = map[string]any{"code": code, "message": message, "httpStatusCode": status, "params": map[string]any{}, "userError": true}
	}
	if code == 0 {
		delete(v, "code")
		delete(v, "more_info")
	}
	c.json(status, v)
}

func (c *call) porting() bool {
	const prefix = "/v1/Porting/"
	return len(c.r.URL.Path) > len(prefix) && c.r.URL.Path[:len(prefix)] == prefix
}

// answers are Twilio's for errors of the engine.
var answers = map[provider.Kind]struct {
	status, code int
	message      string
}{
	provider.NotFound:     {404, 20404, "The requested resource was not found"},
	provider.NotYours:     {404, 20404, "The requested resource was not found"},
	provider.Invalid:      {400, 20001, "A parameter is not valid"},
	provider.NumberTaken:  {400, 21422, "The phone number is not available"},
	provider.Precondition: {400, 21422, "The phone number is not available"},
	provider.Conflict:     {400, 20001, "The resource is in use"},
	provider.RateLimited:  {429, 20429, "Too Many Requests"},
	provider.Unsupported:  {400, 20001, "This is not supported"},
}

// broken answers for an error of the engine; a lost answer is none.
func (c *call) broken(err error) {
	if sandbox.Cut(err) {
		panic(http.ErrAbortHandler)
	}
	var e *provider.Error
	if x, ok := err.(*provider.Error); ok {
		e = x
	} else {
		c.fail(http.StatusBadRequest, 20001, "A parameter is not valid")
		return
	}
	if a, ok := answers[e.Kind]; ok {
		c.fail(a.status, a.code, a.message)
		return
	}
	if e.Outcome != provider.NotApplied {
		panic(http.ErrAbortHandler)
	}
	c.fail(http.StatusServiceUnavailable, 0, "Service unavailable")
}

// page cuts one page out of a list, and says where the next one is.
func page[T any](c *call, all []T) (items []T, index, size int, next string, ok bool) {
	size, index = 50, 0
	for name, v := range map[string]*int{"PageSize": &size, "Page": &index} {
		if given := c.q.Get(name); given != "" {
			n, err := strconv.Atoi(given)
			if err != nil || n < 0 || name == "PageSize" && (n < 1 || n > 1000) {
				c.fail(http.StatusBadRequest, 20001, name+" is not valid")
				return nil, 0, 0, "", false
			}
			*v = n
		}
	}
	from := min(index*size, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		q := url.Values{}
		for k, v := range c.q {
			q[k] = v
		}
		q.Set("PageSize", strconv.Itoa(size))
		q.Set("Page", strconv.Itoa(index+1))
		q.Set("PageToken", "PT"+strconv.Itoa(to))
		next = c.r.URL.EscapedPath() + "?" + q.Encode()
	}
	return all[from:to], index, size, next, true
}

// list answers with a list of the 2010 API.
func list[T any](c *call, name string, all []T) {
	items, index, size, next, ok := page(c, all)
	if !ok {
		return
	}
	if items == nil {
		items = []T{}
	}
	here := c.r.URL.EscapedPath() + "?PageSize=" + strconv.Itoa(size)
	v := map[string]any{
		name: items, "page": index, "page_size": size, "start": index * size, "end": max(index*size, index*size+len(items)-1),
		"uri": here + "&Page=" + strconv.Itoa(index), "first_page_uri": here + "&Page=0", "next_page_uri": nil, "previous_page_uri": nil,
	}
	if next != "" {
		v["next_page_uri"] = next
	}
	c.json(http.StatusOK, v)
}

// results answers with a list of Trust Hub.
func results[T any](c *call, all []T) {
	items, index, size, next, ok := page(c, all)
	if !ok {
		return
	}
	if items == nil {
		items = []T{}
	}
	here := c.origin() + c.r.URL.EscapedPath() + "?PageSize=" + strconv.Itoa(size)
	meta := map[string]any{"page": index, "page_size": size, "key": "results", "url": here + "&Page=" + strconv.Itoa(index),
		"first_page_url": here + "&Page=0", "previous_page_url": nil, "next_page_url": nil}
	if next != "" {
		meta["next_page_url"] = c.origin() + next
	}
	c.json(http.StatusOK, map[string]any{"results": items, "meta": meta})
}

func (c *call) origin() string {
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
