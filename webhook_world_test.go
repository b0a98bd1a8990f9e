package numberdesk_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// calls counts the calls to carriers by middleware.
type calls struct {
	mu   sync.Mutex
	n    map[provider.ID]map[provider.Op]int
	keys map[provider.Key]map[provider.ID]bool // which carriers have seen a key
}

func (c *calls) count(p provider.Provider) provider.Provider {
	return provider.Intercept(func(ctx context.Context, k provider.Call, next func(context.Context) error) error {
		c.mu.Lock()
		if c.n == nil {
			c.n, c.keys = map[provider.ID]map[provider.Op]int{}, map[provider.Key]map[provider.ID]bool{}
		}
		if c.keys[k.Key] == nil {
			c.keys[k.Key] = map[provider.ID]bool{}
		}
		c.keys[k.Key][k.Provider] = true
		if c.n[k.Provider] == nil {
			c.n[k.Provider] = map[provider.Op]int{}
		}
		c.n[k.Provider][k.Op]++
		c.mu.Unlock()
		return next(ctx)
	})(p)
}

func (c *calls) of(id provider.ID, op provider.Op) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[id][op]
}

// event is what the test carrier sends. Status is what it claims; nobody may
// believe it.
type event struct {
	ID      string              `json:"id"`
	About   provider.Capability `json:"about"`
	Key     provider.Key        `json:"key,omitempty"`
	Ref     provider.Ref        `json:"ref,omitempty"`
	Numbers []nanp.Number       `json:"numbers,omitempty"`
	Status  provider.Raw        `json:"status,omitempty"`
	Name    string              `json:"name,omitempty"` // personal, as bodies are
}

// talkative is a carrier that sends signed messages.
type talkative struct {
	provider.Provider
	key    string
	answer provider.Answer
	decode func(provider.Webhook) // looks at what comes, may panic
	now    func() time.Time
}

func (c *talkative) Capabilities() provider.Capabilities {
	caps := c.Provider.Capabilities()
	caps.Hooks = c
	return caps
}

func (c *talkative) sign(url, stamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(c.key))
	fmt.Fprintf(h, "%s\n%s\n%s", url, stamp, body)
	return hex.EncodeToString(h.Sum(nil))
}

func (c *talkative) refuse(k provider.Kind) error {
	return &provider.Error{Op: provider.OpDecodeHook, Provider: c.ID(), Kind: k, Outcome: provider.NotApplied}
}

func (c *talkative) Decode(m provider.Webhook) ([]provider.Hint, provider.Answer, error) {
	if c.decode != nil {
		c.decode(m)
	}
	h := http.Header(m.Header)
	stamp := h.Get("Stamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if c.key == "" || err != nil || !hmac.Equal([]byte(h.Get("Signature")), []byte(c.sign(m.URL, stamp, m.Body))) ||
		m.At.Sub(time.Unix(at, 0)).Abs() > 5*time.Minute {
		return nil, c.answer, c.refuse(provider.Unauthorized)
	}
	var es []event
	if err := json.Unmarshal(m.Body, &es); err != nil {
		return nil, c.answer, c.refuse(provider.Invalid)
	}
	var hints []provider.Hint
	for _, e := range es {
		if e.About == "weather" {
			continue // a type that nobody knows
		}
		hints = append(hints, provider.Hint{ID: e.ID, About: e.About, Trace: provider.Trace{Key: e.Key, Ref: e.Ref, Numbers: e.Numbers},
			Said: provider.Said{By: c.ID(), Raw: e.Status, At: m.At}})
	}
	return hints, c.answer, nil
}

const hookURL = "https://desk.example.com/hooks"

// message is what the carrier sends about some events.
func (c *talkative) message(query string, es ...event) *http.Request {
	body, err := json.Marshal(es)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.7:8080/internal/"+string(c.ID())+query, bytes.NewReader(body))
	stamp := strconv.FormatInt(c.now().Unix(), 10)
	r.Header.Set("Stamp", stamp)
	r.Header.Set("Signature", c.sign(hookURL+"/"+string(c.ID())+query, stamp, body))
	return r
}

// office is a desk with a carrier that sends messages, and one that does not.
type office struct {
	*numberdesk.Desk
	t       require.TestingT
	ctx     context.Context
	clock   *clock
	store   *fragile
	calls   *calls
	carrier *talkative
	book    func() sandbox.Book
	log     *bytes.Buffer
}

// fragile is a store whose updates can be made to fail, and are counted.
type fragile struct {
	store.Store
	mu     sync.Mutex
	n      int
	update func(update func() error) error // around the next updates; nil: nothing
}

func (f *fragile) Update(ctx context.Context, do func(store.Tx) error) error {
	f.mu.Lock()
	f.n++
	around := f.update
	f.mu.Unlock()
	commit := func() error { return f.Store.Update(ctx, do) }
	if around == nil {
		return commit()
	}
	return around(commit)
}

func (f *fragile) around(with func(func() error) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.update = with
}

func (f *fragile) updates() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

func newOffice(t require.TestingT, c sandbox.Config, st store.Store) *office {
	o := &office{t: t, ctx: context.Background(), clock: newClock(), calls: &calls{}, log: &bytes.Buffer{}}
	c.Now = o.clock.Now
	box, err := sandbox.New(c)
	require.NoError(t, err)
	o.book = box.Book
	mute, err := sandbox.New(sandbox.Config{ID: "mute", Seed: 2, Now: o.clock.Now})
	require.NoError(t, err)
	o.carrier = &talkative{Provider: o.calls.count(box), key: "k1", now: o.clock.Now}
	if st == nil {
		st = memstore.New()
	}
	o.open(st, o.carrier, o.calls.count(silent{mute}))
	return o
}

// silent sends no messages.
type silent struct{ provider.Provider }

func (s silent) Capabilities() provider.Capabilities {
	caps := s.Provider.Capabilities()
	caps.Hooks = nil
	return caps
}

func (o *office) open(st store.Store, carriers ...provider.Provider) {
	o.store = &fragile{Store: st}
	var err error
	o.Desk, err = numberdesk.Open(o.ctx, numberdesk.Config{Store: o.store, Carriers: carriers, Now: o.clock.Now,
		WebhookURL: hookURL, Logger: slog.New(slog.NewTextHandler(o.log, nil))})
	require.NoError(o.t, err)
}

// post delivers one message.
func (o *office) post(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.Webhooks().ServeHTTP(w, r)
	return w
}

func (o *office) send(es ...event) {
	require.Equal(o.t, 200, o.post(o.carrier.message("", es...)).Code)
}

func (o *office) step() {
	_, err := o.Step(o.ctx)
	require.NoError(o.t, err)
}

func (o *office) pass(d time.Duration) {
	for end := o.clock.Now().Add(d); o.clock.Now().Before(end); o.clock.Advance(5 * time.Second) {
		o.step()
	}
}

// buy buys the first n numbers that the carrier has in Arkansas.
func (o *office) buy(n int) did.Purchase {
	page, err := o.carrier.Capabilities().Search.Search(o.ctx, provider.SearchRequest{State: "AR", Page: provider.Page{Limit: n}})
	require.NoError(o.t, err)
	var offers []market.Offer
	for _, x := range page.Items {
		offers = append(offers, market.Offer{Carrier: o.carrier.ID(), Number: x.Number})
	}
	p, err := o.DIDs.Buy(o.ctx, offers)
	require.NoError(o.t, err)
	require.Len(o.t, p.Numbers, n)
	return p
}

func (o *office) status(n nanp.Number) did.Status {
	d, err := o.DIDs.Get(o.ctx, n)
	require.NoError(o.t, err)
	return d.Status
}

// hints are the events that messages have left in the journal.
func (o *office) hints() (out []numberdesk.HintEvent) {
	for e, err := range journal.History(o.ctx, o.store, "") {
		require.NoError(o.t, err)
		if e.Type != "carrier.hint" {
			continue
		}
		var h numberdesk.HintEvent
		require.NoError(o.t, json.Unmarshal(e.After, &h))
		out = append(out, h)
	}
	return out
}

// everything is the whole store, as text.
func (o *office) everything() string {
	var out strings.Builder
	require.NoError(o.t, o.store.View(o.ctx, func(r store.Reader) error {
		out.Reset()
		for _, k := range []store.Kind{"did", "tenant", "hold", "work", "work.lane", "work.hint", "work.due/sandbox", "work.due/mute", "hook.seen", "journal.cursor"} {
			q := store.Query{Kind: k, Whole: true, Limit: store.MaxLimit}
			found, err := r.List(q)
			if err != nil {
				return err
			}
			require.Empty(o.t, found.Next)
			for _, rec := range found.Records {
				fmt.Fprintf(&out, "%s %s %d %s %v %q\n", k, rec.ID, rec.Version, rec.Due, rec.Tags, [][]byte{rec.Row, rec.Body})
			}
		}
		entries, err := r.Read(journal.Stream, "", 0, store.MaxLimit)
		for _, e := range entries {
			fmt.Fprintf(&out, "%d %s %s %q\n", e.Seq, e.Subject, e.At, e.Body)
		}
		return err
	}))
	return out.String()
}

// seen counts the messages that are remembered.
func (o *office) seen() (n int) {
	require.NoError(o.t, o.store.View(o.ctx, func(r store.Reader) (err error) {
		n, _, err = r.Count(store.Query{Kind: "hook.seen"}, 0)
		return err
	}))
	return n
}
