package did

import (
	"errors"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// Hinted is what a message of a carrier was found to be about.
type Hinted struct {
	Requests int           `json:"requests"`          // open requests to that carrier
	Numbers  []nanp.Number `json:"numbers,omitempty"` // in the inventory, open or closed
}

// Hint makes due, in the caller's transaction, the requests that a message of a
// carrier may be about: by key and reference as work.Engine.Hint does, and the
// purchases and holds of the first MaxPurchase numbers that it names. It changes
// when the carrier is asked, never what is known of a number. Call Work.Wake after
// the commit.
func (s *Service) Hint(tx store.Tx, c provider.ID, t provider.Trace) (h Hinted, err error) {
	var lanes []string
	for _, n := range t.Numbers[:min(len(t.Numbers), MaxPurchase)] {
		if !n.Valid() {
			continue
		}
		lanes = append(lanes, ownership(n))
		switch _, err := tx.Get(kindDID, recordID(n)); {
		case err == nil:
			h.Numbers = append(h.Numbers, n)
		case !errors.Is(err, store.ErrNotFound):
			return h, err
		}
	}
	h.Requests, err = s.Work.Hint(tx, c, t.Key, t.Ref, lanes...)
	return h, err
}
