package market

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/numberdesk/numberdesk/provider"
)

const (
	placesAge = 24 * time.Hour
	// maxCached bounds the names that are kept for all carriers and states: about
	// 100 MB at the very worst, a few where carriers list real places.
	maxCached = 200_000
)

// placeCache keeps what carriers list, by carrier and state. The zero value is
// ready.
type placeCache struct {
	mu      sync.Mutex
	lists   map[placesAt]cachedPlaces
	flights map[placesAt]*flight
	size    int // names in all lists
}

type placesAt struct {
	carrier provider.ID
	state   string
}

type cachedPlaces struct {
	list *placeList
	at   time.Time
}

// flight is one load that any number of callers wait for. It is stopped when the
// last of them has given up.
type flight struct {
	waiting int
	stop    context.CancelFunc
	landed  chan struct{}
	list    *placeList // after landed
	err     error
}

// get returns a list that is fresh at the time now. Callers that miss at the same
// time share one load; what fails is not kept.
func (c *placeCache) get(ctx context.Context, at placesAt, now time.Time, load func(context.Context) (*placeList, error)) (*placeList, error) {
	c.mu.Lock()
	if l, ok := c.lists[at]; ok && now.Before(l.at.Add(placesAge)) && !now.Before(l.at) {
		c.mu.Unlock()
		return l.list, nil
	}
	f := c.flights[at]
	if f == nil {
		f = c.start(ctx, at, now, load)
	}
	f.waiting++
	c.mu.Unlock()

	select {
	case <-f.landed:
		return f.list, f.err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting == 0 && !errors.Is(context.Cause(ctx), errNotWaited) {
		f.stop()
		c.forget(at, f)
	}
	return nil, ctx.Err()
}

// start begins a load that does not end with the caller who happened to be first.
// c.mu is held.
func (c *placeCache) start(ctx context.Context, at placesAt, now time.Time, load func(context.Context) (*placeList, error)) *flight {
	if c.flights == nil {
		c.flights, c.lists = map[placesAt]*flight{}, map[placesAt]cachedPlaces{}
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{stop: stop, landed: make(chan struct{})}
	c.flights[at] = f
	go func() {
		defer stop()
		f.list, f.err = load(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.forget(at, f)
		if f.err == nil {
			c.keep(at, cachedPlaces{f.list, now})
		}
		close(f.landed)
	}()
	return f
}

func (c *placeCache) forget(at placesAt, f *flight) {
	if c.flights[at] == f {
		delete(c.flights, at)
	}
}

// keep stores a list, and drops the oldest ones while there are too many names.
func (c *placeCache) keep(at placesAt, l cachedPlaces) {
	c.drop(at)
	c.lists[at] = l
	c.size += l.list.len()
	for c.size > maxCached && len(c.lists) > 1 {
		oldest := at
		for k, v := range c.lists {
			if k != at && (oldest == at || v.at.Before(c.lists[oldest].at)) {
				oldest = k
			}
		}
		c.drop(oldest)
	}
}

func (c *placeCache) drop(at placesAt) {
	if l, ok := c.lists[at]; ok {
		c.size -= l.list.len()
		delete(c.lists, at)
	}
}

func (l *placeList) len() (n int) {
	for _, names := range l.names {
		n += len(names)
	}
	return n
}

// abbreviated are the words of place names that are also written short, as the
// Postal Service and the rate center lists do.
var abbreviated = map[string]string{
	"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt", "point": "pt",
	"north": "n", "south": "s", "east": "e", "west": "w",
	"heights": "hts", "springs": "spgs",
}

// spelled is the other way round.
var spelled = func() map[string]string {
	m := make(map[string]string, len(abbreviated))
	for long, short := range abbreviated {
		m[short] = long
	}
	return m
}()

// plainLetters are the accented letters of place names in the United States.
var plainLetters = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ä", "a", "ã", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i", "î", "i", "ï", "i",
	"ñ", "n", "ó", "o", "ò", "o", "ô", "o", "ö", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u", "'", "", "’", "", "ʻ", "",
)

// placeWords are the words of a name in plain small letters.
func placeWords(s string) []string {
	return strings.FieldsFunc(plainLetters.Replace(strings.ToLower(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// placeKey is the same for all ways to write a name: St. Louis, SAINT LOUIS, STLOUIS.
func placeKey(s string) string { return squash(placeWords(s), abbreviated) }

func squash(words []string, instead map[string]string) string {
	var b strings.Builder
	for _, w := range words {
		if other, ok := instead[w]; ok {
			w = other
		}
		b.WriteString(w)
	}
	return b.String()
}
