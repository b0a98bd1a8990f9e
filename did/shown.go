package did

import (
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
)

// shown remembers when a search before an order has found a number, so that an
// order whose searches take longer than one call goes on where it was. It is
// lost with the process, which then searches again. The zero value is ready.
type shown struct {
	mu sync.Mutex
	at map[nanp.Number]time.Time
}

// maxShown bounds what is remembered: ten of the largest purchases.
const maxShown = 10 * MaxPurchase

func (s *shown) note(n nanp.Number, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil || len(s.at) >= maxShown {
		s.at = make(map[nanp.Number]time.Time)
	}
	s.at[n] = at
}

// within reports whether the number was found after an instant.
func (s *shown) within(n nanp.Number, since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.at[n]
	return ok && at.After(since)
}
