package numberdesk_test

import (
	"bytes"
	"context"
	"iter"
	"math/rand/v2"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
)

// Three carriers as they differ in the world: one that knows a key and applies it
// once, one that finds an order by its key, and one that has no orders at all.
var threeCarriers = map[provider.ID]sandbox.Config{
	"once":  {Seed: 1, Keying: provider.Once, OrderLines: 100},
	"key":   {Seed: 2, Keying: provider.ByKey, OrderLines: 5},
	"thing": {Seed: 3, Keying: provider.ByThing, OrderLines: 1},
}

// exchange is a desk at three carriers, of which each can be made to hang. It
// lives in a bubble of synctest: time passes when everybody waits.
type exchange struct {
	*numberdesk.Desk
	t     *testing.T
	ctx   context.Context
	store store.Store
	calls *calls
	boxes map[provider.ID]*sandbox.Carrier
	hangs map[provider.ID]*atomic.Bool
}

func newExchange(t *testing.T) *exchange {
	x := &exchange{t: t, ctx: t.Context(), store: memstore.New(), calls: &calls{}, boxes: map[provider.ID]*sandbox.Carrier{}, hangs: map[provider.ID]*atomic.Bool{}}
	var carriers []provider.Provider
	for _, id := range []provider.ID{"once", "key", "thing"} {
		c, hangs := threeCarriers[id], &atomic.Bool{}
		c.ID, c.HookKey, x.hangs[id] = id, secret.New("key of "+string(id)), hangs
		c.Chaos.Script = func(provider.Op, provider.Key, int) sandbox.Fault {
			if hangs.Load() {
				return sandbox.Hung
			}
			return sandbox.Polite
		}
		box, err := sandbox.New(c)
		require.NoError(t, err)
		x.boxes[id] = box
		carriers = append(carriers, x.calls.count(box))
	}
	var err error
	x.Desk, err = numberdesk.Open(x.ctx, numberdesk.Config{Store: x.store, Carriers: carriers, WebhookURL: hookURL})
	require.NoError(t, err)
	return x
}

// run runs the desk until the test closes it.
func (x *exchange) run() (stop func()) {
	ran := make(chan error)
	go func() { ran <- x.Run(context.Background()) }()
	return func() {
		require.NoError(x.t, x.Close())
		require.ErrorIs(x.t, <-ran, numberdesk.ErrClosed)
		for _, b := range x.boxes {
			require.NoError(x.t, b.Close())
		}
	}
}

func (x *exchange) search(q market.Query) []market.Offer {
	search, err := x.Market.Search(x.ctx, q)
	require.NoError(x.t, err)
	offers, err := search.All()
	require.NoError(x.t, err)
	return offers
}

// buy buys what was offered and says which carrier each number was offered by.
func (x *exchange) buy(offers []market.Offer) map[nanp.Number]provider.ID {
	p, err := x.DIDs.Buy(x.ctx, offers)
	require.NoError(x.t, err)
	require.Len(x.t, p.Numbers, len(offers))
	by := map[nanp.Number]provider.ID{}
	for _, o := range offers {
		by[o.Number] = o.Carrier
	}
	return by
}

// count is how many numbers of a carrier have a status.
func (x *exchange) count(by map[nanp.Number]provider.ID, c provider.ID, s did.Status) (n int) {
	for number, carrier := range by {
		d, err := x.DIDs.Get(x.ctx, number)
		require.NoError(x.t, err)
		require.Equal(x.t, carrier, d.Carrier)
		if carrier == c && d.Status == s {
			n++
		}
	}
	return n
}

// sound compares the inventory with the ledgers: each number is owned at the
// carrier that offered it, nowhere else, and was paid for once.
func (x *exchange) sound(by map[nanp.Number]provider.ID) {
	owned := map[nanp.Number]provider.ID{}
	for id, box := range x.boxes {
		book := box.Book()
		require.Empty(x.t, book.Doubled())
		require.Len(x.t, book.Charges, len(book.Owned))
		for _, n := range book.Owned {
			require.Empty(x.t, owned[n], "owned twice")
			owned[n] = id
		}
	}
	require.Equal(x.t, by, owned)
}

func TestThreeCarriers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(t)
		defer x.run()()
		offers := x.search(market.Query{State: "AR", Want: 36})
		held := map[provider.ID]market.Offer{}
		per := map[provider.ID]int{}
		for _, o := range offers {
			held[o.Carrier] = o
			per[o.Carrier]++
		}
		require.Len(t, per, 3, "all carriers are searched")
		for _, o := range held {
			require.NoError(t, x.DIDs.Hold(x.ctx, []market.Offer{o}))
		}
		time.Sleep(10 * time.Second)
		by := x.buy(offers)
		time.Sleep(2 * time.Minute)
		for id, n := range per {
			require.Equal(t, n, x.count(by, id, did.Active), id)
			require.Equal(t, 1, x.calls.of(id, provider.OpHold), id)
			lines := threeCarriers[id].OrderLines
			require.Equal(t, (n+lines-1)/lines, x.calls.of(id, provider.OpPlace), "orders at %s", id)
		}
		x.sound(by)
		delete(x.calls.keys, "") // searches
		require.NotEmpty(t, x.calls.keys)
		for k, seen := range x.calls.keys {
			require.Len(t, seen, 1, "%s went to several carriers", k)
			i, err := x.Work.Get(x.ctx, store.ID(k))
			require.NoError(t, err)
			require.True(t, seen[i.Carrier], "%s went to another carrier", k)
			for _, n := range i.Numbers {
				require.Equal(t, by[n], i.Carrier)
			}
		}
	})
}

// A purchase of a thousand numbers makes orders as large as each carrier takes.
func TestAThousandNumbersAtThreeCarriers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(t)
		defer x.run()()
		offers := x.search(market.Query{State: "TX", Want: did.MaxPurchase})
		require.Len(t, offers, did.MaxPurchase)
		by := x.buy(offers)
		time.Sleep(3 * time.Minute)
		per := map[provider.ID]int{}
		for _, id := range by {
			per[id]++
		}
		require.Len(t, per, 3)
		for id, n := range per {
			lines := threeCarriers[id].OrderLines
			require.Greater(t, n, 200, "each has its share")
			require.Equal(t, (n+lines-1)/lines, x.calls.of(id, provider.OpPlace), "orders of %d lines for %d numbers at %s", lines, n, id)
			require.Equal(t, n, x.count(by, id, did.Active))
		}
		x.sound(by)
	})
}

// One carrier hangs with two thousand orders due. The others sell, settle and are
// searched as ever; when it heals, its numbers come.
func TestOneCarrierIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(t)
		defer x.run()()
		var its, theirs []market.Offer
		for _, state := range []string{"TX", "CA"} {
			its = append(its, x.search(market.Query{State: state, Want: 1000, Carriers: []provider.ID{"thing"}})...)
		}
		require.Len(t, its, 2000)
		theirs = x.search(market.Query{State: "AR", Want: 30, Carriers: []provider.ID{"once", "key"}})
		x.hangs["thing"].Store(true)
		by := x.buy(its[:1000])
		for n, c := range x.buy(its[1000:]) {
			by[n] = c
		}
		time.Sleep(time.Minute) // its slots are full

		start := time.Now()
		for n, c := range x.buy(theirs) {
			by[n] = c
		}
		time.Sleep(time.Second)
		require.Equal(t, 1, x.calls.of("once", provider.OpPlace), "asked at once")
		require.Equal(t, 3, x.calls.of("key", provider.OpPlace))
		usual := x.boxes["once"].Capabilities().Traits.Usual[provider.CapOrders]
		time.Sleep(usual + 10*time.Second - time.Since(start)) // one look after the last line has settled
		require.Equal(t, 15, x.count(by, "once", did.Active))
		require.Equal(t, 15, x.count(by, "key", did.Active))
		require.Equal(t, 2000, x.count(by, "thing", did.Pending), "nobody has said anything about them")
		require.LessOrEqual(t, x.calls.of("thing", provider.OpPlace), 8*5, "its own slots and no more")

		x.hangs["thing"].Store(false)
		time.Sleep(10 * time.Minute)
		require.Equal(t, 2000, x.count(by, "thing", did.Active))
		x.sound(by)
	})
}

// The carriers' own messages, out of order, twice and some of them lost: each is
// taken once, at the carrier that sent it and at no other.
func TestMessagesOfThreeCarriers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(t)
		defer x.run()()
		by := x.buy(x.search(market.Query{State: "AR", Want: 36}))
		rng := rand.New(rand.NewPCG(1, 2))
		told, sent := map[provider.ID]int{}, 0
		for range 30 {
			time.Sleep(4 * time.Second)
			for id, box := range x.boxes {
				var all []provider.Webhook
				all, told[id] = box.Messages(told[id])
				all = all[len(all)/10:]
				sent += len(all)
				all = append(all, all...)
				rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				for _, m := range all {
					for other := range x.boxes {
						require.Equal(t, other == id, x.deliver(other, m) == 200)
					}
				}
			}
		}
		for id := range x.boxes {
			require.Zero(t, x.count(by, id, did.Pending))
		}
		x.sound(by)
		require.Greater(t, sent, 36)
		hints := 0
		for e, err := range x.events() {
			require.NoError(t, err)
			hints++
			require.Equal(t, "carrier/"+string(e.Said.By), e.Subject)
		}
		require.Equal(t, sent, hints)
	})
}

// deliver sends a message to the desk under a carrier's ID.
func (x *exchange) deliver(id provider.ID, m provider.Webhook) int {
	r := httptest.NewRequest(m.Method, "/hooks/"+string(id), bytes.NewReader(m.Body))
	r.Header = m.Header
	w := httptest.NewRecorder()
	x.Webhooks().ServeHTTP(w, r)
	return w.Code
}

// events are the journal's entries about messages.
func (x *exchange) events() iter.Seq2[journal.Event, error] {
	return func(yield func(journal.Event, error) bool) {
		for e, err := range journal.History(x.ctx, x.store, "") {
			if err == nil && e.Type != "carrier.hint" {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}
