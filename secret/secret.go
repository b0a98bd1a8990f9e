package secret

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a secret shows instead of itself.
const Redacted = "[redacted]"

var (
	// ErrEncode is returned by encoders that would have to read a secret back:
	// seal it with a [Sealer] instead.
	ErrEncode = errors.New("secret: a secret is not encoded, seal it instead")
	// ErrRedacted is returned when a secret is read from a text that only
	// holds the mark of a redacted one.
	ErrRedacted = errors.New("secret: the value was redacted and is lost")
)

// String is a text that shows itself to nobody but the caller of
// [String.Reveal]. The zero value is the empty text.
//
// Compare two of them with [String.Equal]: == tells only whether one is a copy
// of the other.
type String struct{ box *box }

// Bytes is for data what [String] is for text.
type Bytes struct{ box *box }

// box is behind a pointer because package fmt, which calls no method of a value
// that it finds in an unexported field, prints a pointer there as an address.
// The mask keeps the text from printers that follow pointers, such as the ones
// that show the difference of two structs in a failed test. It is no encryption.
type box struct{ masked []byte }

const mask = 0xa5

func put[T string | []byte](v T) *box {
	if len(v) == 0 {
		return nil
	}
	b := &box{masked: make([]byte, len(v))}
	for i := range len(v) {
		b.masked[i] = v[i] ^ mask
	}
	return b
}

func (b *box) get() []byte {
	if b == nil {
		return nil
	}
	v := bytes.Clone(b.masked)
	for i := range v {
		v[i] ^= mask
	}
	return v
}

func (b *box) equal(o *box) bool {
	x, y := sha256.Sum256(b.get()), sha256.Sum256(o.get())
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func (b *box) text() string {
	if b == nil {
		return ""
	}
	return Redacted
}

// New makes a secret of a text.
func New(v string) String { return String{put(v)} }

// NewBytes makes a secret of a copy of v.
func NewBytes(v []byte) Bytes { return Bytes{put(v)} }

// Reveal returns the text itself. Every place where a secret leaves its cover is
// a call of a method of this name.
func (s String) Reveal() string { return string(s.box.get()) }

// Reveal returns a copy of the data itself.
func (s Bytes) Reveal() []byte { return s.box.get() }

// IsZero reports whether the text is empty.
func (s String) IsZero() bool { return s.box == nil }

// IsZero reports whether there is no data.
func (s Bytes) IsZero() bool { return s.box == nil }

// Equal compares in a time that does not depend on what is equal.
func (s String) Equal(o String) bool { return s.box.equal(o.box) }

// Equal compares in a time that does not depend on what is equal.
func (s Bytes) Equal(o Bytes) bool { return s.box.equal(o.box) }

// String returns [Redacted].
func (s String) String() string { return Redacted }

// String returns [Redacted].
func (s Bytes) String() string { return Redacted }

// GoString returns [Redacted].
func (s String) GoString() string { return Redacted }

// GoString returns [Redacted].
func (s Bytes) GoString() string { return Redacted }

// Format writes [Redacted] whatever the verb.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// Format writes [Redacted] whatever the verb.
func (s Bytes) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue returns [Redacted].
func (s String) LogValue() slog.Value { return slog.StringValue(Redacted) }

// LogValue returns [Redacted].
func (s Bytes) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText writes [Redacted], and nothing for the zero value. It makes the
// secret a string in JSON, XML and YAML.
func (s String) MarshalText() ([]byte, error) { return []byte(s.box.text()), nil }

// MarshalText writes [Redacted], and nothing for the zero value.
func (s Bytes) MarshalText() ([]byte, error) { return []byte(s.box.text()), nil }

// MarshalJSON writes [Redacted] as a string, empty for the zero value.
func (s String) MarshalJSON() ([]byte, error) { return []byte(`"` + s.box.text() + `"`), nil }

// MarshalJSON writes [Redacted] as a string, empty for the zero value.
func (s Bytes) MarshalJSON() ([]byte, error) { return []byte(`"` + s.box.text() + `"`), nil }

// UnmarshalText reads the text itself, so that a configuration may hold a
// secret. A text that was redacted is refused with [ErrRedacted].
func (s *String) UnmarshalText(text []byte) error {
	if string(text) == Redacted {
		return ErrRedacted
	}
	s.box = put(text)
	return nil
}

// MarshalBinary fails with [ErrEncode].
func (s String) MarshalBinary() ([]byte, error) { return nil, ErrEncode }

// MarshalBinary fails with [ErrEncode].
func (s Bytes) MarshalBinary() ([]byte, error) { return nil, ErrEncode }

// GobEncode fails with [ErrEncode].
func (s String) GobEncode() ([]byte, error) { return nil, ErrEncode }

// GobEncode fails with [ErrEncode].
func (s Bytes) GobEncode() ([]byte, error) { return nil, ErrEncode }
