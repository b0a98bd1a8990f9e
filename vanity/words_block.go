package vanity

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed wordlist/blocked.txt
var blockedList string

// blockedHashes has the hashes of offensive words: true for a stem, which blocks
// every run of letters that contains it, false for a word that is blocked only
// when it stands alone. See wordlist/README.md for why they are hashes.
var blockedHashes = sync.OnceValue(func() map[uint64]bool {
	hashes := make(map[uint64]bool, 1024)
	for line := range strings.Lines(blockedList) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		h, err := strconv.ParseUint(line[1:], 16, 64)
		if err != nil {
			panic(err) // the list is part of the program, and a test reads it
		}
		hashes[h] = line[0] == '~'
	}
	return hashes
})

// offensive reports whether capital letters that stand together show a blocked
// word: a stem anywhere, or a word from one cut to another. Bit i of cuts is set
// when a word begins or ends before the letter i, so words that are harmless each
// are refused where they read as a blocked one together.
func offensive(letters []byte, cuts uint) bool {
	const basis, prime = 0xcbf29ce484222325, 0x100000001b3 // FNV-1a
	hashes := blockedHashes()
	for from := range letters {
		h := uint64(basis)
		for to := from; to < len(letters); to++ {
			h = (h ^ uint64(letters[to])) * prime
			if to == from {
				continue // no single letter is a word
			}
			stem, found := hashes[h]
			if found && (stem || (cuts>>from)&(cuts>>(to+1))&1 != 0) {
				return true
			}
		}
	}
	return false
}
