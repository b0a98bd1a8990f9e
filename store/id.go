package store

import (
	"crypto/rand"
	"time"
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID returns an ID that no other call returns: 26 characters of
// [0-9A-HJKMNP-TV-Z], of which the first ten are the time in milliseconds, so
// that IDs sort roughly by age, and the others are 80 random bits.
func NewID(now time.Time) ID {
	var b [26]byte
	ms := uint64(now.UnixMilli())
	for i := 9; i >= 0; i-- {
		b[i] = crockford[ms&31]
		ms >>= 5
	}
	var r [16]byte
	rand.Read(r[:]) // never fails
	for i, v := range r {
		b[10+i] = crockford[v&31]
	}
	return ID(b[:])
}
