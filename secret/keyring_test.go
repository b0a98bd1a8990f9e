package secret_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/secret"
)

var _ secret.Sealer = (*secret.Keyring)(nil)

func testKey(seed byte) []byte {
	k := make([]byte, secret.KeySize)
	for i := range k {
		k[i] = seed + byte(i)
	}
	return k
}

func ring(t require.TestingT, id string, seed byte) *secret.Keyring {
	r, err := secret.NewKeyring(id, testKey(seed))
	require.NoError(t, err)
	return r
}

var place = secret.Place{Tenant: "acme", Kind: "port", Record: "p-1", Field: "pin"}

func TestSealOpens(t *testing.T) {
	t.Parallel()
	r := ring(t, "2026", 1)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		at := secret.Place{
			Tenant: rapid.String().Draw(t, "tenant"), Kind: rapid.String().Draw(t, "kind"),
			Record: rapid.String().Draw(t, "record"), Field: rapid.String().Draw(t, "field"),
		}
		sealed, err := r.Seal(t.Context(), at, plain)
		require.NoError(t, err)
		if len(plain) > 8 {
			require.False(t, bytes.Contains(sealed, plain))
		}
		again, err := r.Seal(t.Context(), at, plain)
		require.NoError(t, err)
		require.NotEqual(t, sealed, again, "equal values look different")
		got, err := r.Open(t.Context(), at, sealed)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got))
		id, err := secret.KeyID(sealed)
		require.NoError(t, err)
		require.Equal(t, "2026", id)
	})
}

func TestOpenRefusesEveryChange(t *testing.T) {
	t.Parallel()
	r := ring(t, "k1", 1)
	require.NoError(t, r.Add("k2", testKey(1)), "an ID that a flipped bit leads to, with a key that would open")
	sealed, err := r.Seal(t.Context(), place, []byte(canary))
	require.NoError(t, err)
	refused := func(changed []byte, at secret.Place, how string, args ...any) {
		t.Helper()
		plain, err := r.Open(t.Context(), at, changed)
		require.Error(t, err, fmt.Sprintf(how, args...))
		require.Nil(t, plain)
		require.NotContains(t, err.Error(), "tweety")
		_, _, err = r.Reseal(t.Context(), at, changed)
		require.Error(t, err)
	}
	for i := range sealed {
		for _, flip := range []byte{1, 3, 0x80, 0xff} {
			changed := bytes.Clone(sealed)
			changed[i] ^= flip
			refused(changed, place, "byte %d flipped by %#x", i, flip)
		}
	}
	for n := range sealed {
		refused(sealed[:n], place, "cut to %d bytes", n)
	}
	refused(append(bytes.Clone(sealed), 0), place, "one byte more")
	refused(nil, place, "nothing")
	refused([]byte(canary), place, "never sealed")

	for _, at := range []secret.Place{
		{},
		{Tenant: "other", Kind: "port", Record: "p-1", Field: "pin"},
		{Tenant: "acme", Kind: "e911", Record: "p-1", Field: "pin"},
		{Tenant: "acme", Kind: "port", Record: "p-2", Field: "pin"},
		{Tenant: "acme", Kind: "port", Record: "p-1", Field: "account"},
		{Tenant: "port", Kind: "acme", Record: "p-1", Field: "pin"},
		{Tenant: "acmeport", Kind: "", Record: "p-1", Field: "pin"},
		{Tenant: "acm", Kind: "eport", Record: "p-1", Field: "pin"},
		{Tenant: "acme", Kind: "port", Record: "p-1pin", Field: ""},
	} {
		plain, err := r.Open(t.Context(), at, sealed)
		require.ErrorIs(t, err, secret.ErrSealed, "%+v", at)
		require.Nil(t, plain)
	}
}

// Two places are never bound alike, however their parts are cut.
func TestPlacesAreUnambiguous(t *testing.T) {
	t.Parallel()
	r := ring(t, "k", 1)
	zeros := strings.Repeat("\x00", 8)
	for _, pair := range [][2]secret.Place{
		{{Tenant: "ab"}, {Tenant: "a", Kind: "b"}},
		{{Tenant: zeros}, {Field: zeros}},
		{{Tenant: zeros + "a"}, {Kind: zeros + "a"}},
		{{Record: "a|b"}, {Record: "a", Field: "|b"}},
	} {
		sealed, err := r.Seal(t.Context(), pair[0], []byte("v"))
		require.NoError(t, err)
		_, err = r.Open(t.Context(), pair[1], sealed)
		require.ErrorIs(t, err, secret.ErrSealed, "%q", pair)
	}
	part := rapid.StringMatching(`[a\x00/|]{0,3}`)
	draw := rapid.Custom(func(t *rapid.T) secret.Place {
		return secret.Place{Tenant: part.Draw(t, "t"), Kind: part.Draw(t, "k"), Record: part.Draw(t, "r"), Field: part.Draw(t, "f")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		sealed, err := r.Seal(t.Context(), a, []byte("v"))
		require.NoError(t, err)
		_, err = r.Open(t.Context(), b, sealed)
		if a == b {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, secret.ErrSealed)
		}
	})
}

func TestKeyringRotates(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r := ring(t, "old", 1)
	sealed, err := r.Seal(ctx, place, []byte(canary))
	require.NoError(t, err)

	require.NoError(t, r.Rotate("new", testKey(2)))
	require.Equal(t, "new", r.Current())
	require.Equal(t, []string{"new", "old"}, r.IDs())
	plain, err := r.Open(ctx, place, sealed)
	require.NoError(t, err, "the old key still opens")
	require.Equal(t, canary, string(plain))

	again, changed, err := r.Reseal(ctx, place, sealed)
	require.NoError(t, err)
	require.True(t, changed)
	id, err := secret.KeyID(again)
	require.NoError(t, err)
	require.Equal(t, "new", id)
	same, changed, err := r.Reseal(ctx, place, again)
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, again, same)
	_, _, err = r.Reseal(ctx, secret.Place{}, sealed)
	require.ErrorIs(t, err, secret.ErrSealed)

	require.NoError(t, r.Remove("old"))
	_, err = r.Open(ctx, place, sealed)
	require.ErrorIs(t, err, secret.ErrKey)
	require.ErrorContains(t, err, "old")
	plain, err = r.Open(ctx, place, again)
	require.NoError(t, err)
	require.Equal(t, canary, string(plain))

	require.ErrorIs(t, r.Remove("new"), secret.ErrKey, "the key to seal with stays")
	require.ErrorIs(t, r.Remove("old"), secret.ErrKey)

	other := ring(t, "new", 9)
	_, err = other.Open(ctx, place, again)
	require.ErrorIs(t, err, secret.ErrSealed, "the same ID is not the same key")
}

func TestKeysAreChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id  string
		key []byte
	}{
		"no ID": {"", testKey(1)}, "long ID": {strings.Repeat("x", 65), testKey(1)}, "no key": {"k", nil},
		"short": {"k", testKey(1)[:31]}, "long": {"k", append(testKey(1), 1)}, "zeros": {"k", make([]byte, 32)},
	} {
		r, err := secret.NewKeyring(c.id, c.key)
		require.ErrorIs(t, err, secret.ErrKey, name)
		require.Nil(t, r)
		require.Less(t, len(err.Error()), 200)
	}
	r := ring(t, "k", 1)
	require.NoError(t, r.Add("k", testKey(1)), "the same key again")
	require.ErrorIs(t, r.Add("k", testKey(2)), secret.ErrKey)
	require.ErrorIs(t, r.Rotate("k", testKey(2)), secret.ErrKey)
	require.NoError(t, r.Add("spare", testKey(2)))
	require.Equal(t, "k", r.Current())
	key := testKey(3)
	require.NoError(t, r.Rotate(strings.Repeat("x", 64), key))
	clear(key)
	sealed, err := r.Seal(t.Context(), place, nil)
	require.NoError(t, err)
	plain, err := r.Open(t.Context(), place, sealed)
	require.NoError(t, err, "an empty value, and a key that its owner wiped")
	require.Empty(t, plain)
}

func TestKeyringHeedsContext(t *testing.T) {
	t.Parallel()
	r := ring(t, "k", 1)
	sealed, err := r.Seal(t.Context(), place, []byte("v"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.Seal(ctx, place, []byte("v"))
	require.ErrorIs(t, err, context.Canceled)
	_, err = r.Open(ctx, place, sealed)
	require.ErrorIs(t, err, context.Canceled)
}

func TestKeyringIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r := ring(t, "k0", 1)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 100 {
				sealed, err := r.Seal(ctx, place, []byte(canary))
				if err == nil {
					sealed, _, err = r.Reseal(ctx, place, sealed)
				}
				if err == nil {
					_, err = r.Open(ctx, place, sealed)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for j := range 20 {
				if err := r.Rotate(fmt.Sprintf("k%d-%d", i, j), testKey(byte(10+20*i+j))); err != nil {
					t.Error(err)
				}
				_, _ = r.IDs(), r.Current()
			}
		})
	}
	wg.Wait()
	require.Len(t, r.IDs(), 81)
}

func FuzzOpen(f *testing.F) {
	r := ring(f, "k", 1)
	sealed, err := r.Seal(f.Context(), place, []byte(canary))
	require.NoError(f, err)
	f.Add(sealed)
	f.Add(sealed[:len(sealed)-1])
	f.Add([]byte{})
	f.Add([]byte{1, 0})
	f.Add([]byte{1, 255, 'k'})
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := r.Open(t.Context(), place, data)
		if err == nil {
			// Only what was sealed with the key opens: the first seed, which
			// another process of the fuzzer may have made.
			require.Equal(t, canary, string(plain))
			return
		}
		require.Nil(t, plain)
		require.Less(t, len(err.Error()), 500)
	})
}
