package vanity_test

import (
	"bufio"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

const eightMillion = 8_000_000

var wordInventory = sync.OnceValue(func() []nanp.Number {
	r := rand.New(rand.NewPCG(7, 8))
	numbers := make([]nanp.Number, eightMillion)
	for i := range numbers {
		numbers[i] = someNumber(r)
	}
	return numbers
})

// The best thousand of eight million numbers for 51,000 words, and the same
// inventory with the ways that come to mind first: the longest word by
// strings.Contains over all words, and by a map with every stretch of digits.
// These are measured on the first numbers and scaled up.
func BenchmarkBest(b *testing.B) {
	numbers := wordInventory()
	for name, w := range map[string]*Words{"enable": enable(), "builtin": BuiltinWords()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.Len(b, w.Best(slices.Values(numbers), 1000), 1000)
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/8M")
		})
	}
	var words []string
	for lines := bufio.NewScanner(strings.NewReader(enableList())); lines.Scan(); {
		d, err := Digits(lines.Text())
		require.NoError(b, err)
		words = append(words, d)
	}
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	scaled := func(b *testing.B, sample int, longest func(tail string) int) {
		hits, start := 0, time.Now()
		for b.Loop() {
			for _, n := range numbers[:sample] {
				d := n.Digits()
				if longest(string(d[3:])) == 7 {
					hits++
				}
			}
		}
		b.ReportMetric(time.Since(start).Seconds()/float64(b.N)*eightMillion/float64(sample), "s/8M")
	}
	b.Run("peer=Contains", func(b *testing.B) {
		scaled(b, 500, func(tail string) int {
			for _, w := range words {
				if strings.Contains(tail, w) {
					return len(w)
				}
			}
			return 0
		})
	})
	b.Run("peer=map", func(b *testing.B) {
		set := map[string]bool{}
		for _, w := range words {
			set[w] = true
		}
		scaled(b, 100_000, func(tail string) int {
			for length := 7; length >= 3; length-- {
				for from := 0; from+length <= 7; from++ {
					if set[tail[from:from+length]] {
						return length
					}
				}
			}
			return 0
		})
	})
}

func BenchmarkSpell(b *testing.B) {
	numbers, w := wordInventory(), enable()
	i := 0
	for b.Loop() {
		w.Spell(numbers[i%eightMillion])
		i++
	}
}

func BenchmarkPoints(b *testing.B) {
	numbers := wordInventory()
	i := 0
	for b.Loop() {
		Points(numbers[i%eightMillion])
		i++
	}
}

func BenchmarkScore(b *testing.B) {
	numbers, w := wordInventory(), BuiltinWords()
	i := 0
	for b.Loop() {
		Score(numbers[i%eightMillion], w)
		i++
	}
}

func BenchmarkNewWords(b *testing.B) {
	list := enableList()
	b.ReportAllocs()
	for b.Loop() {
		_, err := NewWords(strings.NewReader(list))
		require.NoError(b, err)
	}
}
