package carrierhttp

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAfter bounds what a carrier can ask for: more is no time but a mistake.
const maxAfter = 365 * 24 * time.Hour

// resets name the header in which carriers say when a limit is lifted: seconds
// from now (draft-ietf-httpapi-ratelimit-headers), or an instant in Unix seconds
// or milliseconds.
var resets = [...]string{"X-Ratelimit-Reset", "Ratelimit-Reset"}

// after is when the carrier says that it may be asked again, 0 if it does not. Its
// dates are measured by its own clock, the Date of the answer, where it gives that:
// now is ours.
func after(status int, h http.Header, now time.Time) time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	if d := retryAfter(h.Get("Retry-After"), now); d > 0 {
		return d
	}
	if status == http.StatusTooManyRequests {
		for _, name := range resets {
			if d := reset(h.Get(name), now); d > 0 {
				return d
			}
		}
	}
	return 0
}

// retryAfter reads RFC 9110, 10.2.3: seconds, or an HTTP date.
func retryAfter(s string, now time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if f, ok := decimal(s); ok {
		return seconds(f)
	}
	if t, err := http.ParseTime(s); err == nil {
		return within(t.Sub(now))
	}
	return 0
}

// Magnitudes of a reset: below a billion seconds (the year 2001 as an instant) it
// counts from now, from a hundred billion on (the year 5138) it is in milliseconds.
const (
	instants = 1e9
	millis   = 1e11
	nonsense = 1e14
)

func reset(s string, now time.Time) time.Duration {
	f, ok := decimal(strings.TrimSpace(s))
	switch {
	case !ok || f >= nonsense:
		return 0
	case f < instants:
		return seconds(f)
	case f < millis:
		return within(time.Unix(int64(f), 0).Sub(now))
	}
	return within(time.UnixMilli(int64(f)).Sub(now))
}

// decimal reads digits, with a point at most: no sign, no exponent, no infinity.
func decimal(s string) (float64, bool) {
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

func seconds(f float64) time.Duration {
	return within(time.Duration(min(f, maxAfter.Seconds()) * float64(time.Second)))
}

func within(d time.Duration) time.Duration { return max(0, min(d, maxAfter)) }
