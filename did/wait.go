package did

import (
	"context"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/store"
)

// Wait returns the numbers as they are once none of them is PENDING any more, or
// with the context's error when it ends first. It needs somebody who runs the
// engine (Desk.Run).
func (s *Service) Wait(ctx context.Context, ns ...nanp.Number) ([]DID, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var out []DID
		waiting := false
		err := s.view(ctx, func(r store.Reader) error {
			out, waiting = out[:0], false
			for _, n := range ns {
				d, err := read(r, n)
				if err != nil {
					return err
				}
				out = append(out, d)
				waiting = waiting || d.Status == Pending
			}
			return nil
		})
		if err != nil || !waiting {
			return out, err
		}
		select {
		case <-ctx.Done():
			return out, ctx.Err()
		case <-tick.C:
		}
	}
}
