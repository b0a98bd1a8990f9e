package secret

import (
	"context"
	"encoding/binary"
	"errors"
)

// Place is where a sealed value belongs. A value that was moved to another
// place, such as the record of another tenant, does not open there.
type Place struct {
	Tenant string // empty for what belongs to no tenant
	Kind   string // of the record
	Record string // its ID
	Field  string
}

// Sealer encrypts values at rest. [Keyring] is one; an embedder may bring
// another, such as the key service of a cloud.
//
// Both methods are safe for concurrent use, return early when ctx is done, and
// keep neither the argument nor the result. What Open returns is what was given
// to Seal for an equal place; an error never contains any of it. Open MUST fail
// with an error that wraps [ErrSealed] when the value was changed or moved, and
// [ErrKey] when its key is not at hand.
type Sealer interface {
	Seal(ctx context.Context, at Place, plain []byte) (sealed []byte, err error)
	Open(ctx context.Context, at Place, sealed []byte) (plain []byte, err error)
}

var (
	// ErrSealed says that a sealed value was changed, cut, or moved from
	// another place, or never was one.
	ErrSealed = errors.New("secret: the sealed value was changed, or belongs elsewhere")
	// ErrKey says that the key is not known, or not fit to be one.
	ErrKey = errors.New("secret: no such key")
)

// append encodes the place so that no two places give the same bytes: each part
// is preceded by its length.
func (p Place) append(b []byte) []byte {
	for _, part := range [...]string{p.Tenant, p.Kind, p.Record, p.Field} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}
