package vanity_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

// someNumbers are valid toll-free numbers at random: the inventory that a vanity
// search looks through.
func someNumbers(n int) []nanp.Number {
	r := rand.New(rand.NewPCG(1, 2))
	codes := nanp.Builtin().TollFree()
	all := make([]nanp.Number, 0, n)
	for len(all) < n {
		if x, err := nanp.Make(codes[r.IntN(len(codes))], nanp.NXX(200+r.IntN(800)), r.IntN(10000)); err == nil {
			all = append(all, x)
		}
	}
	return all
}

// BenchmarkMatch reports the time for one number, with the regular expression that
// looks for the same numbers in E.164 texts as the peer.
func BenchmarkMatch(b *testing.B) {
	const n = 4096
	numbers := someNumbers(n)
	texts := make([]string, n)
	for i, x := range numbers {
		texts[i] = x.String()
	}
	var repeats []string
	for _, d := range "0123456789" {
		repeats = append(repeats, strings.Repeat(string(d), 4))
	}
	for _, c := range []struct{ name, pattern, expr string }{
		{"mask", "XXX-XXX-2233", `2233$`},
		{"fixed lead", "888-XXX-XX33", `^\+1888\d{5}33$`},
		{"repeats", "XXX-XXX-&&&&", `(` + strings.Join(repeats, "|") + `)$`},
		{"two repeats", "XXX-XXX-&%&%", ""},
		{"8XX", "8XX-XXX-2233", `^\+18(00|33|44|55|66|77|88)\d{3}2233$`},
		{"8XX alone", "8XX-XXX-XXXX", ""},
	} {
		p := MustCompile(c.pattern)
		b.Run(c.name, func(b *testing.B) {
			found, i := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				if p.Match(numbers[i%n]) {
					found++
				}
				i++
			}
			if found == 0 && i > 1e6 {
				b.Fatal("nothing found")
			}
		})
		if c.expr == "" {
			continue
		}
		expr := regexp.MustCompile(c.expr)
		b.Run(c.name+"/regexp", func(b *testing.B) {
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				if expr.MatchString(texts[i%n]) != p.Match(numbers[i%n]) {
					b.Fatal(texts[i%n])
				}
				i++
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, s := range []string{"877-555-XXXX", "8XX-OUR-FOOD", "888-XXX-1000", "877&&&TREE", "&%&-%&%-&%&%", "800-FOX-TAXI"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Compile(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompileHostile(b *testing.B) {
	for name, s := range map[string]string{"X": strings.Repeat("X", 1<<20), "dashes": strings.Repeat("-", 1<<20), "foreign": strings.Repeat("\xff", 1<<20)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Compile(s); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

func BenchmarkCount(b *testing.B) {
	for _, s := range []string{"8XX-XXX-XXXX", "&%&-%&%-&%&%"} {
		p := MustCompile(s)
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p.Count() == 0 {
					b.Fatal("none")
				}
			}
		})
	}
}

// BenchmarkAll reports the time for one number.
func BenchmarkAll(b *testing.B) {
	for _, s := range []string{"877-XXX-XXXX", "XXX-XXX-1000"} {
		p := MustCompile(s)
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for left := b.N; left > 0; {
				for range p.All() {
					if left--; left <= 0 {
						break
					}
				}
			}
		})
	}
}

func BenchmarkSplit(b *testing.B) {
	p := MustCompile("8XX-OUR-FOOD")
	for name, d := range dialects {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(Split(&p, d).Queries) == 0 {
					b.Fatal("none")
				}
			}
		})
	}
}
