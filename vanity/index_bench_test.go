package vanity

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
)

// benchHeld are 8,000,000 of the 55 million toll-free numbers, in order.
var benchHeld = sync.OnceValue(func() []nanp.Number {
	const want = 8_000_000
	rnd := rand.New(rand.NewPCG(8, 0))
	held := make([]nanp.Number, 0, want)
	npas := nanp.Builtin().TollFree()
	var exchanges []nanp.Number
	for _, npa := range npas {
		for nxx := range 1000 {
			if n, err := nanp.Make(npa, nanp.NXX(nxx), 0); err == nil {
				exchanges = append(exchanges, n)
			}
		}
	}
	possible := len(exchanges) * 10_000
	for _, n := range exchanges {
		for more := true; more; n, more = n.Next() {
			if rnd.IntN(possible) < want-len(held) {
				held = append(held, n)
			}
			possible--
		}
	}
	return held
})

var benchIndex = sync.OnceValue(func() *Index { return NewIndex(slices.Values(benchHeld())) })

// corpus are 200 patterns, twenty of each of ten forms, all of which some valid
// number matches.
var corpus = sync.OnceValue(func() []*Pattern {
	rnd := rand.New(rand.NewPCG(200, 0))
	npas := nanp.Builtin().TollFree()
	npa := func() string { return fmt.Sprint(npas[rnd.IntN(len(npas))]) }
	digits := func(n int) string { return fmt.Sprintf("%09d", rnd.IntN(1e9))[:n] }
	// some puts a symbol, or a random digit for 'd', at n random open places.
	some := func(text string, n int, symbol byte) string {
		b := []byte(text)
		for n > 0 {
			if at := 3 + rnd.IntN(7); b[at] == '*' {
				if b[at] = symbol; symbol == 'd' {
					b[at] = byte('0' + rnd.IntN(10))
				}
				n--
			}
		}
		return string(b)
	}
	const open = "8XX*******"
	forms := []func() string{
		func() string { return some(npa()+digits(1)+"******", rnd.IntN(2), 'd') },         // a prefix
		func() string { return npa() + digits(3) + "****" },                               // an exchange
		func() string { return open[:6] + digits(4) },                                     // a word of four at the end
		func() string { return open[:5] + digits(5) },                                     // a word of five at the end
		func() string { return open[:3] + digits(7) },                                     // seven letters
		func() string { return some(open, 1+rnd.IntN(4), 'd') },                           // scattered digits
		func() string { return some(npa()+"*******", 5, 'd') },                            // two wildcards only
		func() string { return some(open, 2+rnd.IntN(3), '&') },                           // one digit repeated
		func() string { return some(some(open, 2+rnd.IntN(2), '&'), 1+rnd.IntN(3), 'd') }, // and fixed ones
		func() string { return some(some(open, 2, '&'), 2+rnd.IntN(2), '%') },             // two digits repeated
	}
	var all []*Pattern
	for len(all) < 200 {
		if p, _, err := Compile(forms[len(all)/20]()); err == nil {
			all = append(all, &p)
		}
	}
	return all
})

// measure runs do for every pattern again and again, and reports the median and
// the worst pattern, each by the median of its times.
func measure(b *testing.B, patterns []*Pattern, do func(i int, p *Pattern)) {
	took := make([][]time.Duration, len(patterns))
	for b.Loop() {
		for i, p := range patterns {
			start := time.Now()
			do(i, p)
			took[i] = append(took[i], time.Since(start))
		}
	}
	each := make([]time.Duration, len(patterns))
	worst := 0
	for i := range took {
		slices.Sort(took[i])
		if each[i] = took[i][len(took[i])/2]; each[i] > each[worst] {
			worst = i
		}
	}
	b.Logf("worst: %s", patterns[worst])
	b.ReportMetric(float64(each[worst].Nanoseconds()), "worst-ns")
	slices.Sort(each)
	b.ReportMetric(float64(each[len(each)/2].Nanoseconds()), "median-ns")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkIndexCount(b *testing.B) {
	ix := benchIndex()
	want := make([]int, len(corpus()))
	b.Run("index", func(b *testing.B) {
		measure(b, corpus(), func(i int, p *Pattern) { want[i] = ix.Count(p) })
		b.ReportMetric(float64(ix.Bytes()), "bytes")
	})
	b.Run("packed scan", func(b *testing.B) {
		held := benchHeld()
		measure(b, corpus(), func(i int, p *Pattern) {
			n := 0
			for _, x := range held {
				if p.Match(x) {
					n++
				}
			}
			if n != want[i] {
				b.Fatal(p, n, want[i])
			}
		})
		b.ReportMetric(float64(8*len(held)), "bytes")
	})
	b.Run("bitset per digit", func(b *testing.B) {
		sets := newDigitBitsets(benchHeld())
		measure(b, corpus(), func(i int, p *Pattern) {
			n := 0
			sets.search(p, func(_ int, x uint64) bool { n += bits.OnesCount64(x); return true })
			if n != want[i] {
				b.Fatal(p, n, want[i])
			}
		})
		b.ReportMetric(float64(sets.bytes()), "bytes")
	})
	// One number in 400: for all of them it takes 400 times as long.
	b.Run("regexp, each 400th", func(b *testing.B) {
		var held []string
		for i, n := range benchHeld() {
			if i%400 == 0 {
				held = append(held, n.String())
			}
		}
		measure(b, corpus(), func(_ int, p *Pattern) {
			re := regexp.MustCompile(expression(strings.ReplaceAll(p.String(), "-", "")))
			for _, s := range held {
				re.MatchString(s)
			}
		})
	})
}

func BenchmarkIndexPage(b *testing.B) {
	ix := benchIndex()
	want := make([]nanp.Number, len(corpus()))
	b.Run("index", func(b *testing.B) {
		b.ReportAllocs()
		measure(b, corpus(), func(i int, p *Pattern) {
			if page := ix.Page(p, 0, 50); len(page) > 0 {
				want[i] = page[len(page)-1]
			}
		})
	})
	b.Run("packed scan", func(b *testing.B) {
		held := benchHeld()
		measure(b, corpus(), func(i int, p *Pattern) {
			var page []nanp.Number
			for _, x := range held {
				if p.Match(x) {
					if page = append(page, x); len(page) == 50 {
						break
					}
				}
			}
			if len(page) > 0 && page[len(page)-1] != want[i] {
				b.Fatal(p)
			}
		})
	})
	b.Run("bitset per digit", func(b *testing.B) {
		held, sets := benchHeld(), newDigitBitsets(benchHeld())
		measure(b, corpus(), func(i int, p *Pattern) {
			page := make([]nanp.Number, 0, 50)
			sets.search(p, func(w int, x uint64) bool {
				for ; x != 0 && len(page) < 50; x &= x - 1 {
					page = append(page, held[w*64+bits.TrailingZeros64(x)])
				}
				return len(page) < 50
			})
			if p.same == nil && len(page) > 0 && page[len(page)-1] != want[i] {
				b.Fatal(p)
			}
		})
	})
}

// Every number of the inventory in turn goes out and comes back.
func BenchmarkIndexChange(b *testing.B) {
	ix, held := benchIndex(), benchHeld()
	i := 0
	for b.Loop() {
		i = (i + 7_654_321) % len(held)
		ix.Remove(held[i])
		ix.Add(held[i])
	}
}

func BenchmarkIndexHas(b *testing.B) {
	ix, held := benchIndex(), benchHeld()
	i := 0
	for b.Loop() {
		i = (i + 7_654_321) % len(held)
		ix.Has(held[i])
	}
}

func BenchmarkIndexBuild(b *testing.B) {
	for _, c := range []struct {
		name string
		held []nanp.Number
	}{
		{"in order", benchHeld()},
		{"shuffled", slices.Collect(shuffled(benchHeld()))},
	} {
		b.Run(c.name, func(b *testing.B) {
			before := heap()
			ix := NewIndex(slices.Values(c.held))
			after := heap()
			for b.Loop() {
				NewIndex(slices.Values(c.held))
			}
			b.ReportMetric(float64(after-before), "heap-bytes")
			b.ReportMetric(float64(ix.Bytes()), "bytes")
		})
	}
}

func BenchmarkIndexRuns(b *testing.B) {
	ix := benchIndex()
	for b.Loop() {
		for range ix.Runs(nil, 20) {
			b.Fatal("twenty in a row of one number in seven")
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// digitBitsets is the usual index: for each digit at each position, a bit for
// each number of the inventory.
type digitBitsets [10][10][]uint64

func newDigitBitsets(held []nanp.Number) *digitBitsets {
	s := new(digitBitsets)
	for i, n := range held {
		for at, d := range n.Digits() {
			of := &s[at][d-'0']
			if *of == nil {
				*of = make([]uint64, (len(held)+63)/64)
			}
			(*of)[i/64] |= 1 << (i % 64)
		}
	}
	return s
}

func (s *digitBitsets) bytes() (n int) {
	for _, at := range s {
		for _, of := range at {
			n += 8 * len(of)
		}
	}
	return n
}

// search calls do with the words of the intersection until it returns false. A
// repeated digit is every digit in turn. A toll-free code is any: others are not
// in the inventory.
func (s *digitBitsets) search(p *Pattern, do func(w int, x uint64) bool) {
	var and func(mask, want uint64, groups [][]uint8) bool
	and = func(mask, want uint64, groups [][]uint8) bool {
		if len(groups) > 0 {
			for d := range uint64(10) {
				m, v := mask, want
				for _, at := range groups[0] {
					m |= 15 << (36 - 4*at)
					v |= d << (36 - 4*at)
				}
				if !and(m, v, groups[1:]) {
					return false
				}
			}
			return true
		}
		var sets [][]uint64
		for at := range 10 {
			if mask>>(36-4*at)&15 != 0 {
				of := s[at][want>>(36-4*at)&15]
				if of == nil {
					return true
				}
				sets = append(sets, of)
			}
		}
		first, rest := sets[0], sets[1:]
		for w, x := range first {
			for _, of := range rest {
				x &= of[w]
			}
			if x != 0 && !do(w, x) {
				return false
			}
		}
		return true
	}
	and(p.mask, p.want, p.same)
}

// expression writes a pattern as one would for package regexp, which has no
// back references: a repeated digit is every digit in turn.
func expression(text string) string {
	for _, symbol := range "&%" {
		if strings.ContainsRune(text, symbol) {
			var each []string
			for d := range 10 {
				each = append(each, expression(strings.ReplaceAll(text, string(symbol), fmt.Sprint(d))))
			}
			return "(" + strings.Join(each, "|") + ")"
		}
	}
	if strings.HasPrefix(text, "8XX") {
		text = "8(00|33|44|55|66|77|88)" + text[3:]
	}
	return `^\+1` + strings.ReplaceAll(text, "*", `\d`) + "$"
}
