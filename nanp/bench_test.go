package nanp_test

import (
	"strings"
	"testing"

	"github.com/numberdesk/numberdesk/nanp"
)

// The same inputs are read by the peer in nanp/lenient: BenchmarkPhonenumbers.
func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, in string }{
		{"e164", "+15015550123"},
		{"pretty", "(501) 555-0123"},
		{"dashes", "1-501-555-0123"},
		{"digits", "5015550123"},
		{"fullwidth", "５０１ 555 0123"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n, err := nanp.Parse(c.in)
				if err != nil || n.Category() != nanp.Geographic {
					b.Fatal(n, err)
				}
			}
		})
	}
}

func BenchmarkParseRefused(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := nanp.Parse("212O365000"); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkCheckDID(b *testing.B) {
	n := nanp.MustParse("202-988-1234")
	b.ReportAllocs()
	for b.Loop() {
		if err := n.CheckDID(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkString(b *testing.B) {
	n := nanp.MustParse("5015550123")
	b.ReportAllocs()
	for b.Loop() {
		_ = n.String()
	}
}

func BenchmarkInfo(b *testing.B) {
	n := nanp.MustParse("5015550123")
	b.ReportAllocs()
	for b.Loop() {
		_ = n.Info()
	}
}

func BenchmarkLoadReport(b *testing.B) {
	data := report(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := nanp.LoadReport(strings.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}
