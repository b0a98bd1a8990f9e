package secret

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// KeySize is the number of bytes of a key.
const KeySize = 32

const (
	version  = 1
	maxKeyID = 64
	// overhead is what a sealed value is longer than the plain one, besides
	// the name of its key: version, length of the name, nonce, tag.
	overhead = 1 + 1 + 12 + 16
)

// Keyring is a [Sealer] that encrypts with AES-256-GCM. It seals with one key
// and opens with any that it holds, so that keys can be changed while values
// sealed with older ones remain.
//
// A sealed value is a version byte, the ID of the key with its length in front,
// a random nonce of 12 bytes, and the encrypted value with a tag of 16 bytes. The
// tag covers the header and the [Place] too. Because nonces are random, a key
// must be rotated before it has sealed 2^32 values.
//
// A Keyring is safe for concurrent use.
type Keyring struct {
	change sync.Mutex
	keys   atomic.Pointer[keys]
}

// keys is replaced as a whole, so that opening and sealing take no lock.
type keys struct {
	current string
	byID    map[string]key
}

type key struct {
	aead cipher.AEAD
	raw  Bytes
}

// NewKeyring returns a keyring that seals with the given key of [KeySize] bytes,
// which should come from a source of random bytes, and not from a password. The
// ID is 1 to 64 bytes; it is stored in the clear with every value.
func NewKeyring(id string, k []byte) (*Keyring, error) {
	r := &Keyring{}
	r.keys.Store(&keys{})
	if err := r.Rotate(id, k); err != nil {
		return nil, err
	}
	return r, nil
}

// Add gives the keyring another key to open with. It still seals with the key
// that it has. To add a key that it holds already does nothing, and another key
// under an ID that is taken fails with [ErrKey].
func (r *Keyring) Add(id string, k []byte) error { return r.add(id, k, false) }

// Rotate gives the keyring a key to open with as [Keyring.Add] does, and makes
// it the one to seal with from now on.
func (r *Keyring) Rotate(id string, k []byte) error { return r.add(id, k, true) }

func (r *Keyring) add(id string, k []byte, seal bool) error {
	if id == "" || len(id) > maxKeyID {
		return fmt.Errorf("%w: an ID has 1 to %d bytes, not %d", ErrKey, maxKeyID, len(id))
	}
	if len(k) != KeySize {
		return fmt.Errorf("%w: %q has %d bytes instead of %d", ErrKey, id, len(k), KeySize)
	}
	raw := NewBytes(k)
	if raw.Equal(NewBytes(make([]byte, KeySize))) {
		return fmt.Errorf("%w: %q is all zeros", ErrKey, id)
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return fmt.Errorf("%w: %q: %w", ErrKey, id, err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return fmt.Errorf("%w: %q: %w", ErrKey, id, err)
	}

	r.change.Lock()
	defer r.change.Unlock()
	old := r.keys.Load()
	if have, ok := old.byID[id]; ok && !have.raw.Equal(raw) {
		return fmt.Errorf("%w: %q is the ID of another key", ErrKey, id)
	}
	next := &keys{current: old.current, byID: maps.Clone(old.byID)}
	if next.byID == nil {
		next.byID = make(map[string]key)
	}
	next.byID[id] = key{aead: aead, raw: raw}
	if seal {
		next.current = id
	}
	r.keys.Store(next)
	return nil
}

// Remove takes a key away. What was sealed with it can no longer be opened by
// this keyring. The key that it seals with cannot be removed.
func (r *Keyring) Remove(id string) error {
	r.change.Lock()
	defer r.change.Unlock()
	old := r.keys.Load()
	if _, ok := old.byID[id]; !ok {
		return fmt.Errorf("%w: %q", ErrKey, clip(id))
	}
	if id == old.current {
		return fmt.Errorf("%w: %q is the key to seal with, rotate first", ErrKey, id)
	}
	next := &keys{current: old.current, byID: maps.Clone(old.byID)}
	delete(next.byID, id)
	r.keys.Store(next)
	return nil
}

// Current returns the ID of the key that the keyring seals with.
func (r *Keyring) Current() string { return r.keys.Load().current }

// IDs returns the IDs of the keys that it opens with, in order.
func (r *Keyring) IDs() []string {
	return slices.Sorted(maps.Keys(r.keys.Load().byID))
}

// Seal implements [Sealer].
func (r *Keyring) Seal(ctx context.Context, at Place, plain []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ks := r.keys.Load()
	sealed := make([]byte, 0, overhead+len(ks.current)+len(plain))
	sealed = append(sealed, version, byte(len(ks.current)))
	sealed = append(sealed, ks.current...)
	return ks.byID[ks.current].aead.Seal(sealed, nil, plain, bind(sealed, at)), nil
}

// Open implements [Sealer].
func (r *Keyring) Open(ctx context.Context, at Place, sealed []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, err := KeyID(sealed)
	if err != nil {
		return nil, err
	}
	k, ok := r.keys.Load().byID[id]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrKey, id)
	}
	header := sealed[:2+len(id)]
	plain, err := k.aead.Open(nil, nil, sealed[len(header):], bind(header, at))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Reseal returns the value sealed with the current key, and false when it
// already is: the value is then returned as it was given, once it has been found
// to open.
func (r *Keyring) Reseal(ctx context.Context, at Place, sealed []byte) ([]byte, bool, error) {
	plain, err := r.Open(ctx, at, sealed)
	if err != nil {
		return nil, false, err
	}
	if id, err := KeyID(sealed); err == nil && id == r.Current() {
		return sealed, false, nil
	}
	again, err := r.Seal(ctx, at, plain)
	if err != nil {
		return nil, false, err
	}
	return again, true, nil
}

// KeyID returns the ID of the key that a [Keyring] sealed the value with. The ID
// is proven only once the value opens.
func KeyID(sealed []byte) (string, error) {
	if len(sealed) < overhead || sealed[0] != version {
		return "", ErrSealed
	}
	size := int(sealed[1])
	if size == 0 || size > maxKeyID || len(sealed) < overhead+size {
		return "", ErrSealed
	}
	return string(sealed[2 : 2+size]), nil
}

// bind returns what the tag covers besides the value.
func bind(header []byte, at Place) []byte {
	return at.append(slices.Clone(header))
}

func clip(id string) string { return id[:min(len(id), maxKeyID)] }

// String returns [Redacted].
func (r *Keyring) String() string { return Redacted }

// Format writes [Redacted] whatever the verb.
func (r *Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue returns [Redacted].
func (r *Keyring) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText fails with [ErrEncode].
func (r *Keyring) MarshalText() ([]byte, error) { return nil, ErrEncode }
