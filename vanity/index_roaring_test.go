package vanity

import (
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/numberdesk/numberdesk/nanp"
)

// roaringSets is the usual index with compressed sets: for each digit at each
// position, the places of the numbers in the inventory.
type roaringSets [10][10]*roaring.Bitmap

func newRoaringSets(held []nanp.Number) *roaringSets {
	s := new(roaringSets)
	for at := range s {
		for d := range s[at] {
			s[at][d] = roaring.New()
		}
	}
	for i, n := range held {
		for at, d := range n.Digits() {
			s[at][d-'0'].Add(uint32(i))
		}
	}
	for at := range s {
		for d := range s[at] {
			s[at][d].RunOptimize()
		}
	}
	return s
}

func (s *roaringSets) bytes() (n uint64) {
	for _, at := range s {
		for _, of := range at {
			n += of.GetSizeInBytes()
		}
	}
	return n
}

// search is the set of places of the numbers that match. A toll-free code is any:
// others are not in the inventory.
func (s *roaringSets) search(p *Pattern) *roaring.Bitmap {
	var all []*roaring.Bitmap
	for at := range uint64(10) {
		if shift := 36 - 4*at; p.mask>>shift&15 == 15 {
			all = append(all, s[at][p.want>>shift&15])
		}
	}
	for _, group := range p.same {
		any := roaring.New()
		for d := range 10 {
			var one []*roaring.Bitmap
			for _, at := range group {
				one = append(one, s[at][d])
			}
			any.Or(roaring.FastAnd(one...))
		}
		all = append(all, any)
	}
	return roaring.FastAnd(all...)
}

// BenchmarkIndexRoaring is the peer of BenchmarkIndexCount and BenchmarkIndexPage.
func BenchmarkIndexRoaring(b *testing.B) {
	held, ix := benchHeld(), benchIndex()
	s := newRoaringSets(held)
	want := make([]int, len(corpus()))
	for i, p := range corpus() {
		want[i] = ix.Count(p)
	}
	b.Run("count", func(b *testing.B) {
		measure(b, corpus(), func(i int, p *Pattern) {
			if n := int(s.search(p).GetCardinality()); n != want[i] {
				b.Fatal(p, n, want[i])
			}
		})
		b.ReportMetric(float64(s.bytes()), "bytes")
	})
	b.Run("page", func(b *testing.B) {
		measure(b, corpus(), func(i int, p *Pattern) {
			page := make([]nanp.Number, 0, 50)
			for it := s.search(p).Iterator(); it.HasNext() && len(page) < 50; {
				page = append(page, held[it.Next()])
			}
			if len(page) != min(want[i], 50) {
				b.Fatal(p)
			}
		})
	})
	b.Run("index count", func(b *testing.B) {
		measure(b, corpus(), func(i int, p *Pattern) { ix.Count(p) })
	})
	b.Run("index page", func(b *testing.B) {
		measure(b, corpus(), func(i int, p *Pattern) { ix.Page(p, 0, 50) })
	})
}
