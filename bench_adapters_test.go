package numberdesk_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/provider"
)

// BenchmarkThousandNumbers buys a thousand numbers through the desk, a bolt file, the
// adapter and the fake of its wire over HTTP, until all are ACTIVE. Rates are lifted and
// the clock is moved: what is measured is what the machine has to do.
func BenchmarkThousandNumbers(b *testing.B) {
	const n = did.MaxPurchase
	for _, id := range threeAdapters {
		b.Run(string(id), func(b *testing.B) {
			var requests, creations, commits int
			var took time.Duration
			for b.Loop() {
				b.StopTimer()
				x := newTrio(b, plan{only: []provider.ID{id}})
				lot := x.pick(id, n)
				start := x.clock.Now()
				b.StartTimer()
				all := x.buy(lot)
				x.rest()
				b.StopTimer()
				require.Equal(b, map[did.Status]int{did.Active: n}, x.status(all, id))
				requests += x.doors[id].requests()
				creations += len(x.doors[id].creations(""))
				commits += x.store.tally()
				took += x.clock.Now().Sub(start)
				b.StartTimer()
			}
			b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
			b.ReportMetric(float64(creations)/float64(b.N), "orders/op")
			b.ReportMetric(float64(commits)/float64(b.N), "commits/op")
			b.ReportMetric(took.Seconds()/float64(b.N), "carrier-s/op")
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "numbers/s")
		})
	}
}
