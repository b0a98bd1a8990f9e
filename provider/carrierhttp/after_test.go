package carrierhttp

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status                    int
		date, retry, limit, reset string
		want                      time.Duration
	}{
		{status: 429, want: 0},
		{status: 429, retry: "0", want: 0},
		{status: 429, retry: "7", want: 7 * time.Second},
		{status: 503, retry: "7", want: 7 * time.Second},
		{status: 429, retry: " 7 ", want: 7 * time.Second},
		{status: 429, retry: "1.5", want: 1500 * time.Millisecond},
		{status: 429, retry: "86400", want: 24 * time.Hour},
		{status: 429, retry: "1000000000", want: maxAfter},
		{status: 429, retry: "99999999999999999999", want: maxAfter},
		{status: 429, retry: "-5", want: 0},
		{status: 429, retry: "+5", want: 0},
		{status: 429, retry: "1e9", want: 0},
		{status: 429, retry: "NaN", want: 0},
		{status: 429, retry: "Inf", want: 0},
		{status: 429, retry: "0x10", want: 0},
		{status: 429, retry: "1.2.3", want: 0},
		{status: 429, retry: "soon", want: 0},
		{status: 429, retry: "Tue, 24 Nov 2026 12:00:30 GMT", want: 30 * time.Second},
		{status: 429, retry: "Tuesday, 24-Nov-26 12:00:30 GMT", want: 30 * time.Second},
		{status: 429, retry: "Tue Nov 24 12:00:30 2026", want: 30 * time.Second},
		{status: 429, retry: "Tue, 24 Nov 2020 12:00:30 GMT", want: 0},
		{status: 429, retry: "Tue, 24 Nov 2099 12:00:30 GMT", want: maxAfter},
		// The carrier's clock is ten minutes ahead of ours.
		{status: 429, date: "Tue, 24 Nov 2026 12:10:00 GMT", retry: "Tue, 24 Nov 2026 12:10:30 GMT", want: 30 * time.Second},
		{status: 429, date: "rubbish", retry: "Tue, 24 Nov 2026 12:00:30 GMT", want: 30 * time.Second},
		{status: 429, limit: "12", want: 12 * time.Second},
		{status: 429, reset: "12", want: 12 * time.Second},
		{status: 429, limit: strconv.FormatInt(now.Unix()+12, 10), want: 12 * time.Second},
		{status: 429, limit: strconv.FormatInt(now.UnixMilli()+12_500, 10), want: 12500 * time.Millisecond},
		{status: 429, limit: strconv.FormatInt(now.Unix()-12, 10), want: 0},
		{status: 429, date: "Tue, 24 Nov 2026 12:10:00 GMT", limit: strconv.FormatInt(now.Unix()+612, 10), want: 12 * time.Second},
		{status: 429, limit: strconv.FormatInt(now.UnixNano(), 10), want: 0},
		{status: 429, limit: "-1", want: 0},
		{status: 429, retry: "3", limit: "12", want: 3 * time.Second},
		{status: 429, retry: "rubbish", limit: "12", want: 12 * time.Second},
		{status: 429, limit: "rubbish", reset: "12", want: 12 * time.Second},
		{status: 503, limit: "12", want: 0}, // it stands on every answer
	} {
		h := http.Header{}
		for name, v := range map[string]string{"date": c.date, "retry-after": c.retry, "x-ratelimit-reset": c.limit, "RateLimit-Reset": c.reset} {
			if v != "" {
				h.Set(name, v)
			}
		}
		require.Equal(t, c.want, after(c.status, h, now), "%+v", c)
	}
}

func FuzzAfter(f *testing.F) {
	for _, s := range []string{"7", "-1", "1e9", "Tue, 24 Nov 2026 12:00:30 GMT", "1764000000", "1764000000000", "99999999999999999999", "1.5", "."} {
		f.Add(s, s, s, int64(1764000000))
	}
	f.Fuzz(func(t *testing.T, retry, limit, date string, now int64) {
		h := http.Header{"Retry-After": {retry}, "X-Ratelimit-Reset": {limit}, "Date": {date}}
		for _, status := range []int{429, 503} {
			d := after(status, h, time.Unix(now, 0))
			require.GreaterOrEqual(t, d, time.Duration(0))
			require.LessOrEqual(t, d, maxAfter)
		}
	})
}
