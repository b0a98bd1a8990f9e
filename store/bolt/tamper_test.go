package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/numberdesk/numberdesk/store"
)

// Structure is a small part of a file, which flips of any bit seldom hit: here
// every flip is in a head, an element or a key of a page that is in use.
func TestStructureFlips(t *testing.T) {
	spread(t, *flips, func(rnd *rand.Rand, file []byte) ([]byte, string) {
		m, err := readHead(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return file, err.Error()
		}
		c := newChecker(t.Context(), bytes.NewReader(file), m, false)
		if err := c.run(); err != nil || len(c.found) > 0 {
			return file, fmt.Sprint(err, c.found)
		}
		for {
			id := uint64(rnd.IntN(int(m.pages)))
			var used int
			switch p, err := c.pages.page(id, true, nil); {
			case id == m.free:
				used = headerSize + 8*int(order.Uint16(file[id*4096+10:]))
			case id < 2:
				used = headerSize + metaSize
			case err != nil || !c.used.has(id) || p.leaf && rnd.IntN(4) > 0 && id != m.root:
				continue
			case p.leaf && id != m.root && rnd.IntN(2) == 0:
				used = headerSize + elemSize*p.n
			default: // with keys
				used = 4096
				for used > 0 && file[int(id)*4096+used-1] == 0 {
					used--
				}
			}
			at, bit := int(id)*4096+rnd.IntN(used), rnd.IntN(8)
			file[at] ^= 1 << bit
			return file, fmt.Sprintf("bit %d of byte %d of page %d", bit, at%4096, id)
		}
	})
}

// A key of a branch that is a little too low or too high leads to the wrong leaf
// for a few keys: they must not be missed.
func TestBranchKeys(t *testing.T) {
	file, want := sample(t)
	m, err := readHead(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	c := newChecker(t.Context(), bytes.NewReader(file), m, false)
	require.NoError(t, c.run())
	path := filepath.Join(t.TempDir(), "store")
	var o outcome
	for id := uint64(2); id < m.pages; id++ {
		p, err := c.pages.page(id, true, nil)
		if err != nil || p.leaf || !c.used.has(id) {
			continue
		}
		for i := range p.n {
			key := p.key(i)
			at := bytes.Index(file[id*4096:(id+1)*4096], key) + int(id)*4096 + len(key) - 1
			for _, by := range []int{-1, 1} {
				changed := bytes.Clone(file)
				changed[at] = byte(int(changed[at]) + by)
				require.NoError(t, o.judge(path, changed, want), "key %q of page %d", key, id)
			}
			if i == 0 {
				continue
			}
			// So low that the last key of the page before is looked for in the wrong one.
			before, err := c.pages.page(p.child(i-1), true, nil)
			require.NoError(t, err)
			if low := before.key(before.n - 1); len(low) == len(key) {
				changed := bytes.Clone(file)
				copy(changed[at+1-len(key):], low)
				require.NoError(t, o.judge(path, changed, want), "key %q of page %d", key, id)
				if low[0] == '+' { // of a record: it is there, or the file is damaged
					require.NoError(t, os.WriteFile(path, changed, 0o600))
					s := openAt(t, path)
					err := s.View(t.Context(), func(tx store.Reader) error { _, err := tx.Get("did", store.ID(low)); return err })
					require.NotErrorIs(t, err, store.ErrNotFound)
					require.NoError(t, s.Close())
				}
			}
		}
	}
	require.Zero(t, o.unchanged)
	require.Greater(t, o.found, 40)
}

// A bucket that begins at one of its own leaves has lost the others, and nothing
// else in the file is wrong.
func TestSubtreeLost(t *testing.T) {
	file, want := sample(t)
	m, err := readHead(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	all := pages{mem: file, pageSize: m.pageSize, count: m.pages}
	root, err := all.page(m.root, true, nil)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "store")
	lost := 0
	for i := range root.n {
		b, err := parseBucket(root.value(i))
		require.NoError(t, err)
		if b.id == 0 {
			continue
		}
		p, err := all.page(b.id, true, nil)
		require.NoError(t, err)
		if p.leaf {
			continue
		}
		for _, child := range []int{0, p.n - 1} {
			changed := bytes.Clone(file)
			at := bytes.Index(changed[m.root*4096:], root.value(i)) + int(m.root)*4096
			binary.NativeEndian.PutUint64(changed[at:], p.child(child))
			var o outcome
			require.NoError(t, o.judge(path, changed, want))
			require.Equal(t, 1, o.refused, "%s", root.key(i))
			lost++
		}
	}
	require.Greater(t, lost, 6)
}

// A file may be sound page by page and element by element, and still not be what
// was written.
func TestTampered(t *testing.T) {
	file, _ := sample(t)
	put := func(tx *bbolt.Tx, bucket string, key, value []byte) error {
		return tx.Bucket([]byte(bucket)).Put(key, seal(seed(bucket), key, value))
	}
	first := func(tx *bbolt.Tx, bucket string) (k, v []byte) {
		k, v = tx.Bucket([]byte(bucket)).Cursor().First()
		return bytes.Clone(k), bytes.Clone(v)
	}
	drop := func(bucket string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			k, _ := first(tx, bucket)
			return tx.Bucket([]byte(bucket)).Delete(k)
		}
	}
	cases := map[string]func(tx *bbolt.Tx) error{
		"a lease is gone": func(tx *bbolt.Tx) error {
			k, v := first(tx, "due/did")
			require.Greater(t, len(v), sumSize)
			return put(tx, "due/did", k, nil)
		},
		"a record is gone everywhere": func(tx *bbolt.Tx) error {
			for _, b := range []string{"rows/tenant", "ids/tenant"} {
				if err := drop(b)(tx); err != nil {
					return err
				}
			}
			return nil
		},
		"a posting too many": func(tx *bbolt.Tx) error {
			return put(tx, "tags/did", tagKey(nil, store.Tag{Name: "state", Value: "ZZ"}, string(didID(1))), nil)
		},
		"an unknown bucket": func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("rows/other")); return err },
		"another row": func(tx *bbolt.Tx) error {
			k, v := first(tx, "rows/did")
			v[len(v)-sumSize-1] ^= 1
			return put(tx, "rows/did", k, v[:len(v)-sumSize])
		},
		"a bucket is gone": func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("rows/tenant")) },
		"the last version": func(tx *bbolt.Tx) error { return put(tx, bucketMeta, []byte(keySeq), appendNumber(nil, 1)) },
		"the last position": func(tx *bbolt.Tx) error {
			return put(tx, bucketMeta, []byte(keyHead+"journal"), appendNumber(nil, 9))
		},
	}
	for _, b := range []string{"rows/did", "bodies/did", "ids/did", "tags/did", "unique/did", "due/did", bucketEntries, bucketSubjects, bucketMeta} {
		cases["an element of "+b+" is gone"] = drop(b)
	}
	// With the tallies made to fit: what is left to tell is that the indexes and the
	// records disagree.
	for _, b := range []string{"rows/did", "bodies/did", "ids/did", "tags/did", "unique/did", "due/did", bucketEntries, bucketSubjects} {
		cases["an element of "+b+" is gone, and counted so"] = func(tx *bbolt.Tx) error {
			if err := drop(b)(tx); err != nil {
				return err
			}
			var n tally
			if err := tx.Bucket([]byte(b)).ForEach(func(k, v []byte) error {
				_, s, _ := open(seed(b), k, v)
				n.add(s)
				return nil
			}); err != nil {
				return err
			}
			return put(tx, bucketMeta, []byte(keyTally+b), n.append(nil))
		}
	}
	for name, change := range cases {
		path := filepath.Join(t.TempDir(), "store")
		require.NoError(t, os.WriteFile(path, file, 0o600))
		db, err := bbolt.Open(path, 0o600, nil)
		require.NoError(t, err)
		require.NoError(t, db.Update(change), name)
		require.NoError(t, db.Close())
		r, err := Verify(t.Context(), path)
		require.ErrorIs(t, err, store.ErrDamaged, name)
		require.NotEmpty(t, r.Damage, name)
		_, err = Open(t.Context(), Options{Path: path, VerifyOnOpen: VerifyAlways})
		require.ErrorIs(t, err, store.ErrDamaged, name)
	}
}

// Readers that meet a file that was cut off do not wait for each other for ever.
func TestTruncatedAmongReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := openAt(t, path)
	writeSample(t, s)
	cut := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-cut
			for range 50 {
				err := s.View(t.Context(), func(tx store.Reader) error { _, err := tx.Get("did", didID(1)); return err })
				if err == nil {
					t.Error("nothing was found")
				}
			}
		}()
	}
	require.NoError(t, os.Truncate(path, 0))
	close(cut)
	wg.Wait()
	_ = s.Close() // must return
}
