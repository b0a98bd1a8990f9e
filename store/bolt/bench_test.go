package bolt

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/numberdesk/numberdesk/store"
)

var (
	benchRecords = flag.Int("records", 100_000, "records of the benchmarks' store")
	benchBatch   = flag.Int("batch", 10_000, "records of one Update of the benchmarks' load")
)

// bench is a store with records of the shape of a DID: made once, and never closed.
var bench struct {
	once  sync.Once
	path  string
	store *Store
	load  time.Duration
	bytes int64
}

func TestMain(m *testing.M) {
	if arg := os.Getenv(childEnv); arg != "" {
		child(arg)
		return
	}
	code := m.Run()
	if bench.path != "" {
		bench.store.Close()
		os.RemoveAll(filepath.Dir(bench.path))
	}
	os.Exit(code)
}

func benchStore(b testing.TB) *Store {
	bench.once.Do(func() {
		dir, err := os.MkdirTemp("", "bolt-bench")
		require.NoError(b, err)
		bench.path = filepath.Join(dir, "store")
		bench.store = openAt(b, bench.path)
		began := time.Now()
		require.NoError(b, loadDIDs(bench.store, *benchRecords, *benchBatch))
		bench.load = time.Since(began)
		info, err := os.Stat(bench.path)
		require.NoError(b, err)
		bench.bytes = info.Size()
	})
	return bench.store
}

func didID(i int) store.ID { return store.ID(fmt.Sprintf("+1%010d", 2_015_550_000+i*7)) }

// did is a record like those of an inventory: 7 tags, a row of 120 bytes, a body of 150.
func did(i int) store.Record {
	return store.Record{
		Kind: "did", ID: didID(i),
		Tags: []store.Tag{
			{Name: "carrier", Value: []string{"telnyx", "bandwidth", "twilio"}[i%3]},
			{Name: "state", Value: fmt.Sprintf("S%02d", i%51)},
			{Name: "status", Value: []string{"active", "spare", "porting", "aging"}[i%4]},
			{Name: "tenant", Value: fmt.Sprintf("tenant-%04d", i%997)},
			{Name: "npa", Value: fmt.Sprintf("%03d", 201+i/10000%700)},
			{Name: "e911", Value: []string{"none", "ok", "pending"}[i%5%3]},
			{Name: "group", Value: fmt.Sprintf("g%d", i%200)},
		},
		Row:  bytes.Repeat([]byte{byte(i)}, 120),
		Body: bytes.Repeat([]byte{byte(i >> 8)}, 150),
	}
}

func loadDIDs(s *Store, n, batch int) error {
	for from := 0; from < n; from += batch {
		err := s.Update(context.Background(), func(tx store.Tx) error {
			for i := from; i < min(from+batch, n); i++ {
				r := did(i)
				if err := tx.Put(&r); err != nil {
					return err
				}
				if _, err := tx.Append("journal", store.Entry{Subject: string(r.ID), At: time.Unix(int64(i), 0), Body: r.Row}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		s := openAt(b, filepath.Join(b.TempDir(), "store"))
		began := time.Now()
		require.NoError(b, loadDIDs(s, *benchRecords, *benchBatch))
		b.ReportMetric(float64(*benchRecords)/time.Since(began).Seconds(), "records/s")
		info, err := os.Stat(s.path)
		require.NoError(b, err)
		b.ReportMetric(float64(info.Size())/float64(*benchRecords), "B/record")
		require.NoError(b, s.Close())
	}
}

func BenchmarkOpen(b *testing.B) {
	benchStore(b)
	path := copyOf(b)
	s := openAt(b, path) // the copy of an open store is verified once
	require.NoError(b, s.Update(b.Context(), func(tx store.Tx) error { _, err := tx.Append("x", store.Entry{}); return err }))
	require.NoError(b, s.Close())
	for b.Loop() {
		require.NoError(b, openAt(b, path).Close())
	}
}

func copyOf(b testing.TB) string {
	path := filepath.Join(b.TempDir(), "copy")
	f, err := os.Create(path)
	require.NoError(b, err)
	_, err = benchStore(b).Backup(context.Background(), f)
	require.NoError(b, err)
	require.NoError(b, f.Close())
	return path
}

func BenchmarkVerify(b *testing.B) {
	s := benchStore(b)
	var r Report
	var err error
	for b.Loop() {
		r, err = s.Verify(context.Background())
		require.NoError(b, err)
	}
	b.SetBytes(r.Bytes)
}

func BenchmarkBackup(b *testing.B) {
	s := benchStore(b)
	for b.Loop() {
		n, err := s.Backup(context.Background(), io.Discard)
		require.NoError(b, err)
		b.SetBytes(n)
	}
}

// BenchmarkPage reads a page of 50: from somewhere in the middle, another one
// each time. raw-peer is what bbolt itself needs for an index of its own: a
// cursor over 50 keys, and 50 gets of values of the size of our rows.
func BenchmarkPage(b *testing.B) {
	s := benchStore(b)
	page := func(q store.Query, full bool) func(*testing.B) {
		return func(b *testing.B) {
			q.Limit = 50
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				i = (i + 7919) % (*benchRecords / 2)
				q := q
				q.After = string(didID(i))
				if q.Prefix != "" {
					q.Prefix, q.After = store.ID(didID(i)[:9]), ""
				}
				err := s.View(context.Background(), func(tx store.Reader) error {
					f, err := tx.List(q)
					if full && len(f.Records) != 50 {
						b.Fatalf("%d records", len(f.Records))
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	tags := did(1).Tags
	b.Run("tag", page(store.Query{Kind: "did", All: tags[:1]}, true))
	b.Run("two-tags", page(store.Query{Kind: "did", All: []store.Tag{tags[0], tags[2]}}, true))
	b.Run("two-tags-sparse", page(store.Query{Kind: "did", All: []store.Tag{tags[0], tags[3]}}, false))
	b.Run("prefix", page(store.Query{Kind: "did", Prefix: "+"}, true))
	b.Run("all", page(store.Query{Kind: "did"}, true))
	b.Run("raw-peer", func(b *testing.B) {
		db := rawPeer(b)
		prefix := []byte("carrier\x00bandwidth\x00")
		i, total := 0, 0
		b.ReportAllocs()
		for b.Loop() {
			i = (i + 7919) % (*benchRecords / 2)
			err := db.View(func(tx *bbolt.Tx) error {
				c := tx.Bucket([]byte("index")).Cursor()
				rows := tx.Bucket([]byte("rows"))
				n := 0
				for k, _ := c.Seek(append(prefix[:len(prefix):len(prefix)], didID(i)...)); n < 50 && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
					total += len(rows.Get(k[len(prefix):]))
					n++
				}
				if n != 50 {
					b.Fatalf("%d records", n)
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

var rawOnce sync.Once
var rawDB *bbolt.DB

func rawPeer(b *testing.B) *bbolt.DB {
	rawOnce.Do(func() {
		db, err := bbolt.Open(filepath.Join(filepath.Dir(benchStore(b).path), "raw"), 0o600, nil)
		require.NoError(b, err)
		value := make([]byte, 310)
		for from := 0; from < *benchRecords; from += 10_000 {
			require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
				index, _ := tx.CreateBucketIfNotExists([]byte("index"))
				rows, _ := tx.CreateBucketIfNotExists([]byte("rows"))
				for i := from; i < min(from+10_000, *benchRecords); i++ {
					id := []byte(didID(i))
					if err := rows.Put(id, value); err != nil {
						return err
					}
					if err := index.Put([]byte("carrier\x00"+[]string{"telnyx", "bandwidth", "twilio"}[i%3]+"\x00"+string(id)), nil); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		rawDB = db
	})
	return rawDB
}

func BenchmarkGet(b *testing.B) {
	s := benchStore(b)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i = (i + 7919) % *benchRecords
		if err := s.View(context.Background(), func(tx store.Reader) error { _, err := tx.Get("did", didID(i)); return err }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkContains(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.View(context.Background(), func(tx store.Reader) error {
			_, _, err := tx.Count(store.Query{Kind: "did", Contains: "no such"}, 0)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(*benchRecords)*float64(b.N)/b.Elapsed().Seconds()/1e6, "MIDs/s")
}

func BenchmarkUpdateOne(b *testing.B) {
	s := benchStore(b)
	i := 0
	for b.Loop() {
		i = (i + 7919) % *benchRecords
		if err := s.Update(context.Background(), func(tx store.Tx) error {
			r, err := tx.Get("did", didID(i))
			if err != nil {
				return err
			}
			return tx.Put(&r)
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClaim(b *testing.B) {
	s := openAt(b, filepath.Join(b.TempDir(), "store"))
	defer s.Close()
	now := time.Unix(1_700_000_000, 0)
	require.NoError(b, s.Update(b.Context(), func(tx store.Tx) error {
		for i := range 20_000 {
			if err := tx.Put(&store.Record{Kind: "work", ID: didID(i), Due: now.Add(time.Duration(i) * time.Second)}); err != nil {
				return err
			}
		}
		return nil
	}))
	claim := func(b *testing.B, at time.Time, want int) {
		rs, err := s.Claim(context.Background(), store.Claim{Kind: "work", Now: at, Lease: time.Second, Limit: 10, Worker: "w"})
		if err != nil || len(rs) != want {
			b.Fatal(len(rs), err)
		}
	}
	b.Run("none", func(b *testing.B) {
		for b.Loop() {
			claim(b, now.Add(-time.Hour), 0)
		}
	})
	b.Run("ten", func(b *testing.B) {
		at := now.AddDate(0, 0, 1)
		for b.Loop() {
			claim(b, at, 10)
			at = at.Add(time.Second)
		}
	})
}

// BenchmarkMemory says how much more a process holds for a store that is full
// than for one that is empty: on the Go heap, and in all anonymous memory. Pages
// of the file that the system caches are not counted: it takes them back at will.
func BenchmarkMemory(b *testing.B) {
	benchStore(b)
	path := copyOf(b)
	if _, _, ok := memory(); !ok {
		b.Log("not run: the system does not say how much memory a process has")
		return
	}
	for b.Loop() {
		empty := openAt(b, filepath.Join(b.TempDir(), "empty"))
		heap0, anon0, _ := memory()
		require.NoError(b, empty.Close())
		s := openAt(b, path)
		for _, q := range []store.Query{{Kind: "did", Contains: "no such"}, {Kind: "did", All: did(1).Tags[:2]}} {
			require.NoError(b, s.View(b.Context(), func(tx store.Reader) error { _, _, err := tx.Count(q, 0); return err }))
		}
		require.NoError(b, s.Update(b.Context(), func(tx store.Tx) error { _, err := tx.Append("journal", store.Entry{}); return err }))
		heap1, anon1, _ := memory()
		b.ReportMetric(float64(heap1-heap0)/1e6, "heap-MB")
		b.ReportMetric(float64(anon1-anon0)/1e6, "anonymous-MB")
		require.NoError(b, s.Close())
	}
}

func memory() (heap, anon int64, ok bool) {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0, false
	}
	for line := range strings.Lines(string(status)) {
		if rest, is := strings.CutPrefix(line, "RssAnon:"); is {
			fmt.Sscan(rest, &anon)
		}
	}
	return int64(m.HeapAlloc), anon << 10, anon > 0
}
