package carrierhttp

import (
	"hash"
	"time"

	"github.com/numberdesk/numberdesk/secret"
)

// Base64 decodes standard base64 strictly: with padding, without line breaks, and
// in the one way in which these bytes can be written. ok is false for anything else.
func Base64(s string) (b []byte, ok bool) { return nil, false }

// MAC reports whether sum is the HMAC of the message under one of the keys. It takes
// the same time for every wrong sum, and is false without keys: a webhook without a
// key is never believed.
func MAC(h func() hash.Hash, keys []secret.String, message, sum []byte) bool { return false }

// Fresh reports whether a Unix time in decimal digits and nothing else lies within
// the tolerance of now, both ways.
func Fresh(stamp string, now time.Time, tolerance time.Duration) bool { return false }
