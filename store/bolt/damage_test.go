package bolt

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/store"
)

var (
	flips       = flag.Int("flips", 120, "single bits that are flipped in a store's file")
	truncations = flag.Int("truncations", 100, "lengths that a store's file is cut to")
	swaps       = flag.Int("swaps", 40, "pages that are zeroed, exchanged or replaced by an older one")
	damageSeed  = flag.Uint64("damage-seed", 0, "seed of the damage tests; 0: another one each time")
)

// sample is the file of a store that has a bit of everything, closed in order,
// and what a reader finds in it.
func sample(t testing.TB) (file []byte, contents string) {
	path := filepath.Join(t.TempDir(), "sample")
	s := openAt(t, path)
	writeSample(t, s)
	contents, err := readEverything(s)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	file, err = os.ReadFile(path)
	require.NoError(t, err)
	m, err := readHead(strings.NewReader(string(file)), int64(len(file)))
	require.NoError(t, err)
	return file[:m.pages*uint64(m.pageSize)], contents // what was allocated ahead of use is no part of it
}

func writeSample(t testing.TB, s *Store) {
	ctx := context.Background()
	now := time.Unix(1_700_000_000, 0)
	for round := range 4 {
		require.NoError(t, s.Update(ctx, func(tx store.Tx) error {
			for i := round * 60; i < round*60+60; i++ {
				r := did(i)
				r.Unique = []store.Tag{{Name: "order", Value: fmt.Sprint(i)}}
				if i%5 == 0 {
					r.Due = now.Add(time.Duration(i) * time.Second)
				}
				if i%50 == 7 {
					r.Body = make([]byte, 9000) // more than a page
					for n := range r.Body {
						r.Body[n] = byte(n*i) | 1
					}
				}
				if err := tx.Put(&r); err != nil {
					return err
				}
				if _, err := tx.Append("journal", store.Entry{Subject: string(r.ID), At: now, Body: []byte("assigned")}); err != nil {
					return err
				}
			}
			_, err := tx.Append("other", store.Entry{})
			return errors.Join(err, tx.Put(&store.Record{Kind: "tenant", ID: store.ID(fmt.Sprint("t", round))}))
		}))
	}
	require.NoError(t, s.Update(ctx, func(tx store.Tx) error {
		for i := 3; i < 240; i += 11 {
			r, err := tx.Get("did", didID(i))
			if err != nil {
				return err
			}
			if err := tx.Delete("did", r.ID, r.Version); err != nil {
				return err
			}
		}
		return nil
	}))
	_, err := s.Claim(ctx, store.Claim{Kind: "did", Now: now.AddDate(1, 0, 0), Lease: time.Hour, Limit: 10, Worker: "w"})
	require.NoError(t, err)
}

// readEverything uses every way to read.
func readEverything(s *Store) (string, error) {
	var b strings.Builder
	ctx := context.Background()
	err := s.View(ctx, func(tx store.Reader) error {
		for _, kind := range []store.Kind{"did", "tenant", "none"} {
			queries := []store.Query{{Kind: kind}, {Kind: kind, Contains: "55"}, {Kind: kind, Prefix: "+1201555"}, {Kind: kind, Limit: 7, Whole: true}}
			for i := range 12 {
				d := did(i)
				queries = append(queries, store.Query{Kind: kind, All: d.Tags[i%7 : i%7+1]}, store.Query{Kind: kind, All: []store.Tag{d.Tags[0], d.Tags[2]}})
			}
			for _, q := range queries {
				n, _, err := tx.Count(q, 0)
				if err != nil {
					return err
				}
				fmt.Fprintf(&b, "%+v: %d\n", q, n)
				for {
					f, err := tx.List(q)
					if err != nil {
						return err
					}
					fmt.Fprintf(&b, "%+v\n", f)
					if q.After = f.Next; f.Next == "" {
						break
					}
				}
			}
		}
		for i := range 245 {
			r, err := tx.Get("did", didID(i))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			es, err := tx.Read("journal", string(didID(i)), 0, 0)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%+v %+v\n", r, es)
		}
		for _, name := range []store.Stream{"journal", "other", "none"} {
			es, err := tx.Read(name, "", 0, 1000)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%+v\n", es)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	// Leases are seen by claims alone; unique values by Puts.
	due := store.Claim{Kind: "did", Now: time.Unix(1_700_000_000, 0).AddDate(1, 0, 0), Lease: time.Hour, Limit: 1000, Worker: "x"}
	undo := errors.New("undone")
	err = s.update(ctx, func(t *tx) error {
		rs, err := t.claim(&due)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%+v\n", rs)
		for i := range 245 {
			err := t.Put(&store.Record{Kind: "did", ID: "thief", Unique: []store.Tag{{Name: "order", Value: fmt.Sprint(i)}}})
			switch {
			case err == nil:
				r, _ := t.Get("did", "thief")
				if err := t.Delete("did", "thief", r.Version); err != nil {
					return err
				}
			case !errors.Is(err, store.ErrTaken):
				return err
			}
			fmt.Fprintf(&b, "%v\n", err)
		}
		return undo
	})
	if !errors.Is(err, undo) {
		return "", err
	}
	return b.String(), nil
}

// judge opens a changed file and says what came of it: damage that was reported,
// or the same contents. Everything else is a defect.
type outcome struct{ refused, found, unchanged int }

func (o *outcome) judge(path string, file []byte, want string) error {
	if err := os.WriteFile(path, file, 0o600); err != nil {
		return err
	}
	report, verr := Verify(context.Background(), path)
	if verr != nil && (!errors.Is(verr, store.ErrDamaged) && !errors.Is(verr, store.ErrFormat) || len(report.Damage) == 0 && errors.Is(verr, store.ErrDamaged)) {
		return fmt.Errorf("Verify: %w", verr)
	}
	s, err := Open(context.Background(), Options{Path: path})
	if err != nil {
		if verr == nil {
			return fmt.Errorf("Verify found nothing, Open: %w", err)
		}
		o.refused++
		return named(err, path)
	}
	got, err := readEverything(s)
	cerr := s.Close()
	switch {
	case err != nil && verr == nil:
		return fmt.Errorf("Verify found nothing, reading: %w", err)
	case err != nil:
		o.found++
		return named(err, path)
	case got != want:
		return errors.New("SILENT: something else was read")
	case cerr != nil:
		return fmt.Errorf("Close: %w", cerr)
	case verr != nil:
		o.found++
	default:
		o.unchanged++
	}
	return nil
}

// named says whether the error tells a person which file, and what to do.
func named(err error, path string) error {
	var fe *store.FileError
	if !errors.As(err, &fe) || fe.Path != path || fe.Remedy == "" || !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrFormat) {
		return fmt.Errorf("not the error of a damaged file: %w", err)
	}
	return nil
}

func damageRandom(t *testing.T) *rand.Rand {
	seed := *damageSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// spread runs n trials on two goroutines, each with a copy of the file.
func spread(t *testing.T, n int, trial func(rnd *rand.Rand, file []byte) (changed []byte, what string)) {
	file, want := sample(t)
	rnd := damageRandom(t)
	var mu sync.Mutex
	var total outcome
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Add(1)
		mine := rand.New(rand.NewPCG(rnd.Uint64(), 2))
		go func() {
			defer wg.Done()
			path := filepath.Join(t.TempDir(), "store")
			var o outcome
			for i := worker; i < n; i += 2 {
				changed, what := trial(mine, append([]byte(nil), file...))
				if err := o.judge(path, changed, want); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			total.refused, total.found, total.unchanged = total.refused+o.refused, total.found+o.found, total.unchanged+o.unchanged
		}()
	}
	wg.Wait()
	t.Logf("%d trials on %d bytes: %d refused by Open, %d found by reading or Verify, %d without effect", n, len(file), total.refused, total.found, total.unchanged)
}

func TestBitFlips(t *testing.T) {
	spread(t, *flips, func(rnd *rand.Rand, file []byte) ([]byte, string) {
		at, bit := rnd.IntN(len(file)), rnd.IntN(8)
		file[at] ^= 1 << bit
		return file, fmt.Sprintf("bit %d of byte %d of page %d", bit, at%4096, at/4096)
	})
}

func TestTruncations(t *testing.T) {
	spread(t, *truncations, func(rnd *rand.Rand, file []byte) ([]byte, string) {
		n := rnd.IntN(len(file))
		if rnd.IntN(3) == 0 {
			n = n / 4096 * 4096
		}
		return file[:n], fmt.Sprintf("cut to %d of %d bytes", n, len(file))
	})
}

func TestPagesLost(t *testing.T) {
	spread(t, *swaps, func(rnd *rand.Rand, file []byte) ([]byte, string) {
		pages := len(file) / 4096
		a, b := rnd.IntN(pages)*4096, rnd.IntN(pages)*4096
		switch rnd.IntN(3) {
		case 0:
			clear(file[a : a+4096])
			return file, fmt.Sprintf("page %d zeroed", a/4096)
		case 1:
			copy(file[a:a+4096], file[b:b+4096])
			return file, fmt.Sprintf("page %d is a copy of page %d", a/4096, b/4096)
		default:
			page := append([]byte(nil), file[a:a+4096]...)
			copy(file[a:], file[b:b+4096])
			copy(file[b:], page)
			return file, fmt.Sprintf("pages %d and %d exchanged", a/4096, b/4096)
		}
	})
}

// An older version of a page is a sound page: what the file knows of its buckets
// tells that it is old.
func TestOldPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := openAt(t, path)
	writeSample(t, s)
	require.NoError(t, s.Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	s = openAt(t, path)
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		for i := range 240 {
			r, err := tx.Get("did", didID(i))
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			r.Row = append(r.Row[:0:0], fmt.Sprintf("%0120d", i)...)
			if err := tx.Put(&r); err != nil {
				return err
			}
		}
		return nil
	}))
	want, err := readEverything(s)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	var o outcome
	rnd := damageRandom(t)
	for at := 0; at+4096 <= min(len(before), len(now)); at += 4096 {
		if rnd.IntN(195) >= *swaps {
			continue
		}
		changed := append([]byte(nil), now...)
		copy(changed[at:at+4096], before[at:at+4096])
		require.NoError(t, o.judge(path, changed, want), "page %d", at/4096)
	}
	t.Logf("%+v", o)
}

// A file that shrinks under an open store is damage like any other, for readers,
// writers, Verify, Backup and Close.
func TestTruncatedWhileOpen(t *testing.T) {
	for _, keep := range []int64{0, 4096, 3 * 4096, 20 * 4096} {
		path := filepath.Join(t.TempDir(), "store")
		s := openAt(t, path)
		writeSample(t, s)
		require.NoError(t, os.Truncate(path, keep))
		_, err := readEverything(s)
		require.ErrorIs(t, err, store.ErrDamaged, "%d", keep)
		_, err = s.Verify(t.Context())
		require.ErrorIs(t, err, store.ErrDamaged, "%d", keep)
		for i := range 3 {
			r := did(1000 + i)
			err = s.Update(t.Context(), func(tx store.Tx) error { return tx.Put(&r) })
			require.ErrorIs(t, err, store.ErrDamaged, "%d", keep)
		}
		_ = s.Close() // must return
		require.ErrorIs(t, s.View(t.Context(), func(store.Reader) error { return nil }), store.ErrClosed)
	}
}
