package numberdesk_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store/bolt"
)

var dids = flag.Int("dids", 50_000, "numbers in the inventory of the benchmarks")

const tenants = 1000

// inventory is a bolt file with many numbers, and beside it a bare bbolt file
// with the same numbers and one index: the peer. Both are made once for a run.
var inventory = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "numberdesk-bench-")
	must(err)
	loadPeer(dir)
	return dir
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// numbers are n numbers over all area codes, in the order in which a file of
// them would be imported: sorted.
func numbers(n int) []nanp.Number {
	var npas []nanp.NPA
	for npa, i := range nanp.Builtin().All() {
		if i.Category == nanp.Geographic && i.Country == "US" {
			npas = append(npas, npa)
		}
	}
	out := make([]nanp.Number, 0, n)
	for i := 0; len(out) < n; i++ {
		x, err := nanp.Make(npas[i%len(npas)], nanp.NXX(220+i/len(npas)%80*2), i*7919%10000)
		if err == nil && x.CheckDID() == nil {
			out = append(out, x)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sample is a number as a service has them: most assigned, named and registered.
func sample(n nanp.Number, i int) did.DID {
	h := uint64(i) * 0x9e3779b97f4a7c15 >> 20
	d := did.DID{Number: n, Carrier: "sandbox", Ref: provider.Ref("sb-" + n.String()), Status: did.Active, State: n.State(), City: "Little Rock", RateCenter: "LITTLEROCK",
		Price:  money.Price{Setup: money.Known(money.Dollar), Monthly: money.Known(50 * money.Cent), MinuteIn: money.Known(4000), MinuteOut: money.Known(7000)},
		Bought: time.Unix(1.7e9, 0), Since: time.Unix(1.7e9, 0), Said: provider.Said{By: "sandbox", Raw: "live", Request: "rq-000001", At: time.Unix(1.7e9, 0)}}
	d.Sections.Set("cnam", did.Summary{Status: "synced", Text: "ACME PLUMBING"})
	d.Sections.Set("e911", did.Summary{Status: "registered", Text: "1 MAIN ST"})
	switch {
	case h%10 == 0:
		d.Sections.Set("e911", did.Summary{Status: "not-set"})
	case h%10 == 1:
		d.Status = did.Released
	case h%100 == 12:
		d.Status = did.Pending
	default:
		d.Tenant = did.TenantID(fmt.Sprintf("tenant-%04d", h%tenants))
		d.Dest = did.Destination{Kind: "call flow", ID: "front desk"}
	}
	return d
}

// load writes the numbers into a desk, a batch in each transaction.
func load(desk *numberdesk.Desk, ns []nanp.Number, from int) {
	for batch := range slices.Chunk(ns, 10_000) {
		must(desk.DIDs.Update(context.Background(), func(t *did.Tx) error {
			for i, n := range batch {
				if _, err := t.Adopt(sample(n, from+i), "import"); err != nil {
					return err
				}
			}
			return nil
		}))
		from += len(batch)
	}
}

func openBench(path string) *numberdesk.Desk {
	st, err := bolt.Open(context.Background(), bolt.Options{Path: path})
	must(err)
	carrier, err := sandbox.New(sandbox.Config{})
	must(err)
	desk, err := numberdesk.Open(context.Background(), numberdesk.Config{Store: st, Carriers: []provider.Provider{carrier}})
	must(err)
	return desk
}

func fill(path string) {
	desk := openBench(path)
	for i := range tenants {
		_, err := desk.DIDs.PutTenant(context.Background(), did.Tenant{ID: did.TenantID(fmt.Sprintf("tenant-%04d", i)), Name: fmt.Sprintf("Tenant %d", i)})
		must(err)
	}
	load(desk, numbers(*dids), 0)
	must(desk.Close())
}

var filled = sync.OnceValue(func() string {
	path := filepath.Join(inventory(), "desk.db")
	fill(path)
	return path
})

var (
	peerRows  = []byte("rows")
	peerIndex = []byte("index")
)

func loadPeer(dir string) {
	db, err := bbolt.Open(filepath.Join(dir, "peer.db"), 0o600, nil)
	must(err)
	row := bytes.Repeat([]byte("r"), 150)
	i := 0
	for batch := range slices.Chunk(numbers(*dids), 10_000) {
		must(db.Update(func(tx *bbolt.Tx) error {
			rows, err := tx.CreateBucketIfNotExists(peerRows)
			must(err)
			index, err := tx.CreateBucketIfNotExists(peerIndex)
			must(err)
			var keys []string
			for _, n := range batch {
				must(rows.Put([]byte(n.String()), row))
				keys = append(keys, "tenant\x00"+string(sample(n, i).Tenant)+"\x00"+n.String())
				i++
			}
			slices.Sort(keys)
			for _, k := range keys {
				must(index.Put([]byte(k), nil))
			}
			return nil
		}))
	}
	must(db.Close())
}

// BenchmarkPage compares a page of 50 rows by each filter with what bbolt itself
// needs for an index cursor and 50 gets. The peer copies what it gets, because
// nothing else is valid after the transaction.
func BenchmarkPage(b *testing.B) {
	path := filled()
	b.Run("peer", func(b *testing.B) {
		db, err := bbolt.Open(filepath.Join(inventory(), "peer.db"), 0o600, &bbolt.Options{ReadOnly: true})
		must(err)
		defer db.Close()
		for b.Loop() {
			must(db.View(func(tx *bbolt.Tx) error {
				c, rows := tx.Bucket(peerIndex).Cursor(), tx.Bucket(peerRows)
				from := []byte("tenant\x00" + someTenant() + "\x00")
				page := make([][]byte, 0, 50)
				for k, _ := c.Seek(from); bytes.HasPrefix(k, from) && len(page) < 50; k, _ = c.Next() {
					page = append(page, bytes.Clone(rows.Get(k[len(from):])))
				}
				return nil
			}))
		}
	})
	desk := openBench(path)
	defer desk.Close()
	ctx := context.Background()
	for _, c := range []struct {
		name string
		f    func() did.Filter
	}{
		{"tenant", func() did.Filter { return did.Filter{Tenant: did.OfTenant(did.TenantID(someTenant()))} }},
		{"status", func() did.Filter { return did.Filter{Status: did.Released, Prefix: somePrefix()[:1]} }},
		{"tenant and status", func() did.Filter {
			return did.Filter{Tenant: did.OfTenant(did.TenantID(someTenant())), Status: did.Active}
		}},
		{"unassigned", func() did.Filter { return did.Filter{Tenant: did.Unassigned(), Prefix: somePrefix()[:1]} }},
		{"section status", func() did.Filter {
			return did.Filter{Section: map[did.SectionName]string{"e911": "not-set"}, Prefix: somePrefix()[:1]}
		}},
		{"prefix", func() did.Filter { return did.Filter{Prefix: somePrefix()} }},
		{"everything", func() did.Filter { return did.Filter{} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			rows := 0
			for b.Loop() {
				page, err := desk.DIDs.List(ctx, c.f(), provider.Page{Limit: 50})
				must(err)
				rows += len(page.Items)
			}
			b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
		})
	}
}

func someTenant() string { return fmt.Sprintf("tenant-%04d", rand.IntN(tenants)) }
func somePrefix() string { return strconv.Itoa(201 + rand.IntN(700)) }

// BenchmarkDigits searches digits that no number has, so that every number is looked at.
func BenchmarkDigits(b *testing.B) {
	desk := openBench(filled())
	defer desk.Close()
	for b.Loop() {
		page, err := desk.DIDs.List(context.Background(), did.Filter{Text: "0000000", WithClosed: true}, provider.Page{Limit: 50})
		must(err)
		if len(page.Items) > 0 {
			b.Fatal("found")
		}
	}
	b.ReportMetric(float64(*dids)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mnumbers/s")
}

func BenchmarkOpen(b *testing.B) {
	path := filled()
	for b.Loop() {
		desk := openBench(path)
		b.StopTimer()
		must(desk.Close())
		b.StartTimer()
	}
}

func BenchmarkVerify(b *testing.B) {
	path := filled()
	info, err := os.Stat(path)
	must(err)
	b.SetBytes(info.Size())
	for b.Loop() {
		report, err := bolt.Verify(context.Background(), path)
		must(err)
		if len(report.Damage) > 0 {
			b.Fatal(report)
		}
	}
}

// BenchmarkLoad writes numbers with all indexes and their journal.
func BenchmarkLoad(b *testing.B) {
	for _, order := range []string{"sorted", "shuffled"} {
		b.Run(order, func(b *testing.B) {
			ns := numbers(*dids)
			if order == "shuffled" {
				rand.New(rand.NewPCG(1, 2)).Shuffle(len(ns), func(i, j int) { ns[i], ns[j] = ns[j], ns[i] })
			}
			for b.Loop() {
				path := filepath.Join(b.TempDir(), strconv.Itoa(b.N)+"load.db")
				_ = os.Remove(path)
				desk := openBench(path)
				load(desk, ns, 0)
				must(desk.Close())
			}
			b.ReportMetric(float64(len(ns))*float64(b.N)/b.Elapsed().Seconds(), "numbers/s")
		})
	}
}

// BenchmarkMemory reports what a desk with many numbers holds beyond an empty
// one, in heap and in anonymous memory of the process, after pages of every kind.
func BenchmarkMemory(b *testing.B) {
	path := filled()
	measure := func(path string) (heap, anon float64) {
		desk := openBench(path)
		defer desk.Close()
		for _, f := range []did.Filter{{}, {Status: did.Active}, {Tenant: did.Unassigned()}, {Prefix: "501"}, {Text: "0000000"}} {
			_, err := desk.DIDs.List(context.Background(), f, provider.Page{Limit: 50})
			must(err)
		}
		runtime.GC()
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / (1 << 20), anonymous()
	}
	for b.Loop() {
		emptyHeap, emptyAnon := measure(filepath.Join(b.TempDir(), "empty.db"))
		heap, anon := measure(path)
		b.ReportMetric(heap-emptyHeap, "MB-heap")
		b.ReportMetric(anon-emptyAnon, "MB-anonymous")
	}
}

// anonymous is the process's anonymous memory in MB, as Linux counts it; 0 elsewhere.
func anonymous() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// BenchmarkPurchase buys numbers in one order, from Buy to ACTIVE, and counts the
// durable commits.
func BenchmarkPurchase(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			ctx := context.Background()
			st, err := bolt.Open(ctx, bolt.Options{Path: filepath.Join(b.TempDir(), "desk.db")})
			must(err)
			carrier, err := sandbox.New(sandbox.Config{Instant: true, OrderLines: 100})
			must(err)
			desk, err := numberdesk.Open(ctx, numberdesk.Config{Store: st, Carriers: []provider.Provider{carrier}})
			must(err)
			defer desk.Close()
			next := 0
			for b.Loop() {
				b.StopTimer()
				offers := take(desk, n, &next)
				b.StartTimer()
				_, err := desk.DIDs.Buy(ctx, offers)
				must(err)
				for open := 1; open > 0; {
					_, err = desk.Work.Step(ctx)
					must(err)
					open, err = desk.Work.Open(ctx)
					must(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "numbers/s")
		})
	}
}

// take finds n numbers that are for sale, in one state after the other.
func take(desk *numberdesk.Desk, n int, next *int) []market.Offer {
	states := []string{"AR", "NY", "TX", "CA", "FL", "IL", "OH", "PA", "GA", "NC"}
	*next++
	search, err := desk.Market.Search(context.Background(), market.Query{State: states[*next%len(states)], Want: n})
	must(err)
	offers, err := search.All()
	must(err)
	return offers
}
