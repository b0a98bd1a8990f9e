package numberdesk_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/telnyx"
	"github.com/numberdesk/numberdesk/provider/telnyx/telnyxtest"
	"github.com/numberdesk/numberdesk/provider/twilio"
	"github.com/numberdesk/numberdesk/provider/twilio/twiliotest"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/bolt"
	"github.com/numberdesk/numberdesk/store/work"
)

const (
	telnyxID    provider.ID = "telnyx"
	bandwidthID provider.ID = "bandwidth"
	twilioID    provider.ID = "twilio"
)

var threeAdapters = []provider.ID{telnyxID, bandwidthID, twilioID}

// creating is the request that buys, at each carrier, and how many numbers fit in.
var creating = map[provider.ID]struct {
	method, path string
	lines        int
}{
	telnyxID:    {http.MethodPost, "/number_orders", 50},
	bandwidthID: {http.MethodPost, bandwidthtest.Path + "/accounts/" + bandwidthtest.Account + "/orders", 1000},
	twilioID:    {http.MethodPost, "/2010-04-01/Accounts/" + twilioAccount + "/IncomingPhoneNumbers.json", 1},
}

const (
	telnyxKey     = "KEY0123456789ABCDEF"
	twilioAccount = "AC00000000000000000000000000000001"
	twilioToken   = "sixteen-tons-of-token"
)

// unlimited are rates that nobody waits for.
var unlimited = map[provider.Class]provider.Limit{
	provider.ClassRead: {PerSecond: 1e6, Burst: 1e6}, provider.ClassSearch: {PerSecond: 1e6, Burst: 1e6}, provider.ClassCreate: {PerSecond: 1e6, Burst: 1e6},
}

// plan is how a trio differs from a polite one.
type plan struct {
	chaos   func(provider.ID) sandbox.Chaos
	seeds   map[provider.ID]uint64 // 1, 2 and 3
	timeout time.Duration          // of one call to a carrier, real time: 30 s
	only    []provider.ID          // these carriers alone
	bubble  bool                   // time is that of a bubble of synctest: no sockets, no file, and the adapters' own rates
}

// trio is a desk at three carriers, each of which is the adapter for a real one
// before a fake of its wire, over HTTP. All share one clock, which the test moves.
type trio struct {
	*numberdesk.Desk
	t      testing.TB
	ctx    context.Context
	plan   plan
	file   string
	clock  *clock
	now    func() time.Time
	store  *tallied
	calls  *calls
	boxes  map[provider.ID]*sandbox.Carrier
	doors  map[provider.ID]*door
	set    *provider.Set
	telnyx *telnyxtest.Server
	band   *bandwidthtest.Server
	twilio *twiliotest.Server
}

// grace is the horizon of all three: what the simulated carriers really keep.
const grace = 2 * time.Minute

func newTrio(t testing.TB, p plan) *trio {
	x := &trio{t: t, ctx: context.Background(), plan: p, clock: newClock(), calls: &calls{}, boxes: map[provider.ID]*sandbox.Carrier{},
		doors: map[provider.ID]*door{}, file: filepath.Join(t.TempDir(), "desk.db")}
	x.now = x.clock.Now
	if p.bubble {
		x.now = time.Now
	}
	for i, id := range threeAdapters {
		if len(p.only) > 0 && !slices.Contains(p.only, id) {
			continue
		}
		cfg := sandbox.Config{Seed: uint64(i + 1), Now: x.now, Horizon: grace}
		if seed, ok := p.seeds[id]; ok {
			cfg.Seed = seed
		}
		if p.chaos != nil {
			cfg.Chaos = p.chaos(id)
		}
		x.fake(id, cfg)
	}
	x.open()
	t.Cleanup(func() { require.NoError(t, x.Close()) })
	return x
}

// open opens the desk, and the adapters anew: nothing of an earlier process is left
// but the store.
func (x *trio) open() {
	var carriers []provider.Provider
	for _, id := range threeAdapters {
		if x.boxes[id] != nil {
			carriers = append(carriers, x.calls.count(x.adapter(id)))
		}
	}
	x.store = &tallied{Store: memstore.New()}
	var err error
	if !x.plan.bubble {
		x.store.Store, err = bolt.Open(x.ctx, bolt.Options{Path: x.file})
		require.NoError(x.t, err)
	}
	x.set, err = provider.NewSet(carriers...)
	require.NoError(x.t, err)
	x.Desk, err = numberdesk.Open(x.ctx, numberdesk.Config{Store: x.store, Carriers: carriers, Now: x.now, CallTimeout: x.plan.timeout, WebhookURL: hookURL})
	require.NoError(x.t, err)
}

// fake opens an account at a carrier that exists only in software.
func (x *trio) fake(id provider.ID, cfg sandbox.Config) {
	box, err := sandbox.New(engines[id](cfg))
	require.NoError(x.t, err)
	x.t.Cleanup(func() { require.NoError(x.t, box.Close()) })
	x.boxes[id] = box
	switch id {
	case telnyxID:
		x.telnyx = telnyxtest.New(box, telnyxtest.Config{Key: telnyxKey, Now: x.now})
		x.serve(id, x.telnyx)
	case bandwidthID:
		x.band = bandwidthtest.New(box, bandwidthtest.Config{Now: x.now})
		x.serve(id, x.band)
	case twilioID:
		x.twilio = twiliotest.New(box, twiliotest.Config{Account: twilioAccount, Token: secret.New(twilioToken), Now: x.now, Hooks: hookURL + "/twilio"})
		x.serve(id, x.twilio)
	}
}

// adapter is a client of a fake.
func (x *trio) adapter(id provider.ID) provider.Provider {
	base, rates, network := x.doors[id].base, unlimited, http.RoundTripper(nil)
	if x.plan.bubble {
		rates, network = nil, within{x.doors[id]}
	}
	var p interface {
		provider.Provider
		io.Closer
	}
	var err error
	switch id {
	case telnyxID:
		p, err = telnyx.New(telnyx.Config{Key: secret.New(telnyxKey), Base: base, Now: x.now, Rates: rates, Horizon: grace, WebhookKeys: []string{x.telnyx.PublicKey()}, Transport: network})
	case bandwidthID:
		p, err = bandwidth.New(bandwidth.Config{Account: bandwidthtest.Account, ClientID: bandwidthtest.ClientID, ClientSecret: x.band.Secret(), Site: bandwidthtest.Site,
			Peer: bandwidthtest.Peer, Base: base + bandwidthtest.Path, Now: x.now, Rates: rates, Horizon: grace, WebhookKeys: []secret.String{x.band.HookKey()}, Transport: network})
	case twilioID:
		p, err = twilio.New(twilio.Config{Account: twilioAccount, Token: secret.New(twilioToken), WebhookKeys: []secret.String{secret.New(twilioToken)}, Base: base,
			Now: x.now, Rates: rates, Horizon: grace, Transport: network})
	}
	require.NoError(x.t, err)
	x.t.Cleanup(func() { require.NoError(x.t, p.Close()) })
	return p
}

// door is where the requests for one fake come in. It can be shut and opened again
// at the same address.
type door struct {
	fake http.Handler
	make func(*http.Request) bool // reports whether the request buys
	now  func() time.Time
	base string

	mu    sync.Mutex
	srv   *httptest.Server
	wait  <-chan struct{} // nothing is answered before it is closed
	asked int
	made  []made
	about map[nanp.Number]bool // the numbers that requests were about
}

// made is a request that buys.
type made struct {
	at   time.Time
	body []byte
}

func (x *trio) serve(id provider.ID, fake http.Handler) {
	c := creating[id]
	d := &door{fake: fake, now: x.now, base: "https://" + string(id) + ".example", about: map[nanp.Number]bool{},
		make: func(r *http.Request) bool { return r.Method == c.method && r.URL.Path == c.path }}
	x.doors[id] = d
	if x.plan.bubble {
		return
	}
	d.srv = httptest.NewServer(d)
	d.base = d.srv.URL
	x.t.Cleanup(d.shut)
}

// within is a network without sockets, for a bubble.
type within struct{ door *door }

func (n within) RoundTrip(r *http.Request) (res *http.Response, err error) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			err = io.ErrUnexpectedEOF
		} else if p != nil {
			panic(p)
		}
	}()
	r = r.Clone(r.Context())
	if r.RequestURI = r.URL.RequestURI(); r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	n.door.ServeHTTP(w, r)
	return w.Result(), nil
}

func (d *door) shut() {
	d.mu.Lock()
	srv := d.srv
	d.mu.Unlock()
	srv.CloseClientConnections()
	srv.Close()
}

func (d *door) reopen(t testing.TB) {
	l, err := net.Listen("tcp", strings.TrimPrefix(d.base, "http://"))
	require.NoError(t, err)
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: d}}
	srv.Start()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.srv = srv
}

// until lets nothing be answered before c is closed.
func (d *door) until(c <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wait = c
}

var digits = regexp.MustCompile(`(?:\+1|\b1|\b)([2-9]\d{9})\b`)

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.QueryUnescape(r.URL.RawQuery + " " + string(body))
	d.mu.Lock()
	d.asked++
	if d.make(r) {
		d.made = append(d.made, made{d.now(), body})
	}
	for _, m := range digits.FindAllStringSubmatch(r.URL.Path+" "+form, -1) {
		if n, err := nanp.Parse(m[1]); err == nil {
			d.about[n] = true
		}
	}
	wait := d.wait
	d.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-r.Context().Done():
		}
	}
	d.fake.ServeHTTP(w, r)
}

// creations are the instants at which something was bought with a key; with "" all.
func (d *door) creations(k provider.Key) (at []time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.made {
		if bytes.Contains(m.body, []byte(k)) {
			at = append(at, m.at)
		}
	}
	return at
}

func (d *door) requests() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

// tallied counts what is written.
type tallied struct {
	store.Store
	mu      sync.Mutex
	commits int
}

func (s *tallied) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits += n
}

func (s *tallied) Update(ctx context.Context, f func(store.Tx) error) error {
	s.count(1)
	return s.Store.Update(ctx, f)
}

func (s *tallied) Claim(ctx context.Context, c store.Claim) ([]store.Record, error) {
	found, err := s.Store.Claim(ctx, c)
	if len(found) > 0 {
		s.count(1)
	}
	return found, err
}

func (s *tallied) tally() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commits
}

// engines make the simulated carrier that stands behind each fake.
var engines = map[provider.ID]func(sandbox.Config) sandbox.Config{telnyxID: telnyxtest.Engine, bandwidthID: bandwidthtest.Engine, twilioID: twiliotest.Engine}

// corner is where pick finds the numbers of a carrier: carriers have numbers in common.
var corner = map[provider.ID]string{telnyxID: "AR", bandwidthID: "TX", twilioID: "CA"}

// pick chooses n numbers that a carrier has for sale without asking it: a polite twin
// has the same.
func (x *trio) pick(id provider.ID, n int) (out []market.Offer) {
	twin, err := sandbox.New(engines[id](sandbox.Config{Seed: x.boxes[id].Book().Seed, Now: x.now}))
	require.NoError(x.t, err)
	defer twin.Close()
	search := twin.Capabilities().Search
	r := provider.SearchRequest{State: corner[id]}
	for o, err := range provider.All(x.ctx, func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
		r.Page = p
		return search.Search(ctx, r)
	}) {
		require.NoError(x.t, err)
		if out = append(out, market.Offer{Carrier: id, Number: o.Number}); len(out) == n {
			return out
		}
	}
	require.Fail(x.t, "not enough for sale")
	return nil
}

// gather finds n numbers that one carrier offers.
func (x *trio) gather(id provider.ID, n int) (out []market.Offer) {
	for _, state := range []string{"TX", "CA", "NY", "FL", "IL", "OH", "PA", "GA", "NC", "MI"} {
		if len(out) >= n {
			return out[:n]
		}
		search, err := x.Market.Search(x.ctx, market.Query{State: state, Carriers: []provider.ID{id}, Want: n - len(out)})
		require.NoError(x.t, err)
		offers, err := search.All()
		require.NoError(x.t, err)
		out = append(out, offers...)
	}
	require.GreaterOrEqual(x.t, len(out), n, "%s has not enough for sale", id)
	return out[:n]
}

// bought is what was bought, and from whom.
type bought struct {
	by     map[nanp.Number]provider.ID
	orders map[provider.ID][]store.ID
}

// buy buys what was offered, each lot by itself.
func (x *trio) buy(offers ...[]market.Offer) bought {
	b := bought{map[nanp.Number]provider.ID{}, map[provider.ID][]store.ID{}}
	for _, list := range offers {
		p, err := x.DIDs.Buy(x.ctx, list)
		require.NoError(x.t, err)
		require.Len(x.t, p.Numbers, len(list))
		for _, o := range list {
			b.by[o.Number] = o.Carrier
		}
		for _, o := range p.Orders {
			i, err := x.Work.Get(x.ctx, o)
			require.NoError(x.t, err)
			b.orders[i.Carrier] = append(b.orders[i.Carrier], o)
		}
	}
	return b
}

// and is both together.
func (b bought) and(more bought) bought {
	for n, id := range more.by {
		b.by[n] = id
	}
	for id, orders := range more.orders {
		b.orders[id] = append(b.orders[id], orders...)
	}
	return b
}

// step does everything that is due now.
func (x *trio) step() {
	for {
		n, err := x.Step(x.ctx)
		require.NoError(x.t, err)
		if n == 0 {
			return
		}
	}
}

// pass lets time pass.
func (x *trio) pass(d time.Duration) {
	x.step()
	for end := x.clock.Now().Add(d); x.clock.Now().Before(end); x.step() {
		x.clock.Advance(min(5*time.Second, end.Sub(x.clock.Now())))
	}
}

// rest lets time pass until nothing is open but what a person decides, six hours at
// most. A longer wait takes longer steps.
func (x *trio) rest() {
	start := x.clock.Now()
	for {
		x.step()
		open, err := x.Work.Open(x.ctx)
		require.NoError(x.t, err)
		human, err := x.Work.List(x.ctx, work.Human, provider.Page{Limit: store.MaxLimit})
		require.NoError(x.t, err)
		waited := x.clock.Now().Sub(start)
		if open == 0 || open == len(human.Items) && waited > 2*time.Hour || waited > 6*time.Hour {
			return
		}
		x.clock.Advance(min(max(time.Second, waited/10), 5*time.Minute))
	}
}

// run runs the desk in a bubble until the test stops it.
func (x *trio) run() (stop func()) {
	ran := make(chan error)
	go func() { ran <- x.Run(x.ctx) }()
	return func() {
		require.NoError(x.t, x.Close())
		require.ErrorIs(x.t, <-ran, numberdesk.ErrClosed)
	}
}

// sleep lets time pass in a bubble until all is settled, six hours at most.
func (x *trio) sleep(b bought) {
	open := func() (n int) {
		for id := range b.orders {
			n += x.status(b, id)[did.Pending]
		}
		return n
	}
	for end := time.Now().Add(6 * time.Hour); open() > 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Second)
	}
}

// status is how many of a carrier's numbers stand where.
func (x *trio) status(b bought, id provider.ID) map[did.Status]int {
	out := map[did.Status]int{}
	for n, c := range b.by {
		d, err := x.DIDs.Get(x.ctx, n)
		require.NoError(x.t, err)
		require.Equal(x.t, c, d.Carrier)
		if c == id {
			out[d.Status]++
		}
	}
	return out
}

// sound compares the inventory with the ledgers: what is ACTIVE is owned at the
// carrier that offered it, what FAILED is owned nowhere, what is neither waits for a
// person, and nothing was paid for twice.
func (x *trio) sound(b bought) {
	owned := map[nanp.Number]provider.ID{}
	for id, box := range x.boxes {
		book := box.Book()
		require.Empty(x.t, book.Doubled(), "bought twice at %s", id)
		require.Len(x.t, book.Charges, len(book.Owned), "charges at %s", id)
		for _, n := range book.Owned {
			require.Empty(x.t, owned[n], "owned twice")
			require.Equal(x.t, id, b.by[n], "%s is owned and was not bought there", n.Format())
			owned[n] = id
		}
	}
	for n, id := range b.by {
		d, err := x.DIDs.Get(x.ctx, n)
		require.NoError(x.t, err)
		switch d.Status {
		case did.Active:
			require.Equal(x.t, id, owned[n], "%s is ACTIVE and not in the ledger of %s", n.Format(), id)
		case did.Failed:
			require.Empty(x.t, owned[n], "%s FAILED and is paid for at %s", n.Format(), id)
		default:
			i, err := x.Work.Get(x.ctx, d.Order)
			require.NoError(x.t, err)
			require.Equal(x.t, work.Human, i.Phase, "%s is %s at %s, and nobody is told: %s", n.Format(), d.Status, id, i.Note)
			require.NotEmpty(x.t, d.Attention)
		}
	}
	for id, d := range x.doors {
		d.mu.Lock()
		for n := range d.about {
			if owner, ours := b.by[n]; ours {
				require.Equal(x.t, owner, id, "%s was asked about %s of %s", id, n.Format(), owner)
			}
		}
		d.mu.Unlock()
	}
}

// sparing checks that every request that bought was an attempt of the engine's, and
// that a second one left only after the horizon.
func (x *trio) sparing(b bought) {
	for id, orders := range b.orders {
		total := 0
		for _, o := range orders {
			i, err := x.Work.Get(x.ctx, o)
			require.NoError(x.t, err)
			at := x.doors[id].creations(i.Key())
			require.LessOrEqual(x.t, len(at), i.Attempt, "requests for order %s at %s", o, id)
			total += len(at)
		}
		require.Len(x.t, x.doors[id].creations(""), total, "each request carries the key of an order")
	}
}

// listed is what a carrier's adapter lists as ours.
func (x *trio) listed(id provider.ID) (out []nanp.Number) {
	owned, _, err := provider.Pick[provider.Owner](x.set, id)
	require.NoError(x.t, err)
	for o, err := range provider.All(x.ctx, owned.ListOwned) {
		require.NoError(x.t, err)
		out = append(out, o.Number)
	}
	slices.Sort(out)
	return out
}

// post delivers a carrier's message to the desk.
func (x *trio) post(id provider.ID, m provider.Webhook) int {
	u, err := url.Parse(m.URL)
	require.NoError(x.t, err)
	r := httptest.NewRequest(m.Method, "/hooks/"+string(id)+"?"+u.RawQuery, bytes.NewReader(m.Body))
	if u.RawQuery == "" {
		r = httptest.NewRequest(m.Method, "/hooks/"+string(id), bytes.NewReader(m.Body))
	}
	r.Header = http.Header(m.Header).Clone()
	w := httptest.NewRecorder()
	x.Webhooks().ServeHTTP(w, r)
	return w.Code
}

// whys are the reasons that stand at the numbers of a carrier, and how often.
func (x *trio) whys(b bought, id provider.ID) map[string]int {
	out := map[string]int{}
	for n, c := range b.by {
		if d, err := x.DIDs.Get(x.ctx, n); err == nil && c == id {
			i, _ := x.Work.Get(x.ctx, d.Order)
			out[string(d.Status)+": "+d.Attention+" / "+string(i.Phase)+" "+i.Note]++
		}
	}
	return out
}
