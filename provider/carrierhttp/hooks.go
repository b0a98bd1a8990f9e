package carrierhttp

import (
	"crypto/hmac"
	"encoding/base64"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/secret"
)

// Base64 decodes standard base64 strictly (RFC 4648, 3 and 4): with padding,
// without line breaks, and in the one way in which these bytes can be written. ok
// is false for anything else.
func Base64(s string) (b []byte, ok bool) {
	if strings.ContainsAny(s, "\r\n") { // which the decoder would skip
		return nil, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, false
	}
	return b, true
}

// MAC reports whether sum is the HMAC of the message under one of the keys. It takes
// the same time for every wrong sum, and is false without keys: a webhook without a
// key is never believed. An empty key among them is a mistake of the configuration
// that anybody could use, and makes it false too.
func MAC(h func() hash.Hash, keys []secret.String, message, sum []byte) bool {
	found, empty := false, false
	for _, k := range keys {
		m := hmac.New(h, []byte(k.Reveal()))
		_, _ = m.Write(message)
		same := hmac.Equal(m.Sum(nil), sum)
		found = found || same
		empty = empty || k.IsZero()
	}
	return found && !empty
}

// Fresh reports whether a Unix time in decimal digits and nothing else lies within
// the tolerance of now, both ways.
func Fresh(stamp string, now time.Time, tolerance time.Duration) bool {
	if stamp == "" || strings.Trim(stamp, "0123456789") != "" {
		return false
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return false
	}
	// An instant beyond what time.Time can hold would wrap round.
	if at > maxStamp {
		return false
	}
	d := now.Sub(time.Unix(at, 0))
	return -tolerance <= d && d <= tolerance
}

// maxStamp is the end of the year 9999.
const maxStamp = 253402300799
