package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/store"
)

// FuzzPages patches the file of a store, and its meta pages' sums so that the
// patch is looked at. Neither reader of pages may panic or run for ever.
func FuzzPages(f *testing.F) {
	file, _ := sample(f)
	f.Add(uint32(4096*5+8), []byte{1, 0, 0xFF, 0xFF}, uint32(16), []byte{3})
	f.Add(uint32(4096*9+16), []byte{0xFF, 0xFF, 0xFF, 0xFF}, uint32(4096*3+10), []byte{0})
	f.Add(uint32(32), []byte{9}, uint32(4096+32), []byte{9})
	f.Fuzz(func(t *testing.T, at1 uint32, patch1 []byte, at2 uint32, patch2 []byte) {
		b := slices.Clone(file)
		copy(b[int(at1)%len(b):], patch1)
		copy(b[int(at2)%len(b):], patch2)
		for _, page := range []int{0, 4096} {
			h := fnv.New64a()
			h.Write(b[page+16 : page+16+56])
			binary.NativeEndian.PutUint64(b[page+16+56:], h.Sum64())
		}
		m, err := readHead(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		r, err := verify(context.Background(), "fuzz", bytes.NewReader(b), m)
		if err != nil {
			require.ErrorAs(t, err, new(*damage))
		}
		_ = r.err()
		c := newChecker(context.Background(), bytes.NewReader(b), m, false)
		if err := c.run(); err != nil || len(c.found) > 0 {
			return // Open refuses it
		}
		s := &Store{path: "fuzz", log: slog.New(slog.DiscardHandler), writer: make(chan struct{}, 1)}
		tx := s.newTx(context.Background(), &snapshot{pages: &pages{mem: b, pageSize: m.pageSize, count: m.pages}, root: m.root})
		for _, q := range []store.Query{{Kind: "did"}, {Kind: "did", All: did(1).Tags[:2], Whole: true}, {Kind: "tenant", Contains: "t"}} {
			_, _ = tx.List(q)
			_, _, _ = tx.Count(q, 0)
		}
		_, _ = tx.Get("did", didID(5))
		_, _ = tx.Read("journal", string(didID(5)), 0, 0)
		_, _ = tx.Read("journal", "", 0, 0)
	})
}

// FuzzRow decodes what it is given without a panic, and what can be decoded can
// be encoded and decoded again.
func FuzzRow(f *testing.F) {
	d := did(3)
	f.Add(appendRow(nil, &row{version: 7, due: time.Unix(1, 0), hasBody: true, tags: d.Tags, unique: d.Tags[:1], row: d.Row}))
	f.Add([]byte{})
	f.Add([]byte{0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = parseEntry(b)
		_, _ = parseLease(b)
		_, _, _ = parseBody(b)
		r, ok := parseRow(b)
		if !ok {
			return
		}
		again, ok := parseRow(appendRow(nil, &r))
		require.True(t, ok)
		require.Equal(t, r.version, again.version)
		require.Equal(t, r.tags, again.tags)
		require.True(t, slices.Equal(r.unique, again.unique))
		require.True(t, bytes.Equal(r.row, again.row))
	})
}

func TestRowRoundTrip(t *testing.T) {
	text := rapid.StringN(0, 40, -1).Filter(func(s string) bool { return !strings.Contains(s, "\x00") })
	tags := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) store.Tag { return store.Tag{Name: text.Draw(t, "name"), Value: text.Draw(t, "value")} }), 0, store.MaxTags)
	rapid.Check(t, func(t *rapid.T) {
		r := row{version: rapid.Uint64().Draw(t, "version"), hasBody: rapid.Bool().Draw(t, "body"), tags: tags.Draw(t, "tags"), unique: tags.Draw(t, "unique"), row: rapid.SliceOf(rapid.Byte()).Draw(t, "row")}
		if rapid.Bool().Draw(t, "due") {
			r.due = micro(time.UnixMicro(rapid.Int64().Draw(t, "at")))
		}
		got, ok := parseRow(appendRow(nil, &r))
		if !ok || got.version != r.version || got.hasBody != r.hasBody || !got.due.Equal(r.due) || !slices.Equal(got.tags, r.tags) || !slices.Equal(got.unique, r.unique) || !bytes.Equal(got.row, r.row) {
			t.Fatalf("%+v came out as %+v", r, got)
		}
	})
}

// The buffer and its iterator are those of a sorted map.
func TestBufferIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b buffer
		model := map[string]string{}
		deleted := map[string]bool{}
		key := rapid.StringMatching(`[a-d]{1,6}`)
		for range rapid.IntRange(0, 1200).Draw(t, "n") {
			k := key.Draw(t, "key")
			if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
				b.set(change{key: []byte(k), delete: true})
				delete(model, k)
				deleted[k] = true
				continue
			}
			b.set(change{key: []byte(k), value: seal(0, []byte(k), []byte(k))})
			model[k] = k
			delete(deleted, k)
		}
		if b.n != len(model)+len(deleted) {
			t.Fatalf("%d changes instead of %d and %d", b.n, len(model), len(deleted))
		}
		from := key.Draw(t, "from")
		var want, got []string
		for k := range model {
			if k >= from {
				want = append(want, k)
			}
		}
		slices.Sort(want)
		it := iterator{own: &b}
		_, err := it.seek([]byte(from))
		for ; err == nil && it.k != nil; err = it.next() {
			got = append(got, string(it.k))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("from %s: %v instead of %v, %v", from, got, want, err)
		}
	})
}
