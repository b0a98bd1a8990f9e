package sandbox

import (
	"fmt"
	"time"
)

// Everything that looks like chance is a hash of the seed and of what it is
// about, never of the order of calls.

// Salts keep decisions about the same thing apart. They are never renumbered:
// ledgers and tests depend on what follows from a seed.
const (
	saltShare = iota + 1
	saltRun
	saltSettle
	saltAssigned
	saltReturn
	saltRef
	saltFault
	saltDelay
	saltTaken
	saltBackorder
	saltLine
	saltWord
	saltPortable
	saltPort
	saltAccount
	saltAnswer
	saltLeave
	saltName
	saltReview
	saltShown
	saltMade
	saltRegister
	saltSlow
	saltNotSaved
)

// mix is the finalizer of splitmix64 over both values.
func mix(h, v uint64) uint64 {
	h = (h ^ v) + 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func mixText(h uint64, s string) uint64 {
	h = mix(h, uint64(len(s)))
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return mix(h, 0)
}

// unit maps a hash to [0, 1).
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// between maps a hash to a duration from lo to hi.
func between(h uint64, lo, hi time.Duration) time.Duration {
	return lo + time.Duration(unit(h)*float64(hi-lo))
}

func (c *Carrier) ref(kind string, key string, count int) string {
	return fmt.Sprintf("%s-%012x", kind, mixText(mix(mix(c.cfg.Seed, saltRef), uint64(count)), kind+key)>>16)
}
