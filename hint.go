package numberdesk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
)

// HintEvent is what the journal keeps of one hint: the After of an event of the
// type "carrier.hint", whose subject is "carrier/" and the carrier's ID. It holds
// nothing of the message's body, and of the numbers only those of the inventory.
type HintEvent struct {
	ID    string              `json:"id"` // the carrier's, of the message
	About provider.Capability `json:"about,omitempty"`
	Key   provider.Key        `json:"key,omitempty"`
	Ref   provider.Ref        `json:"ref,omitempty"`
	did.Hinted
}

const hintType = "carrier.hint"

// kindSeen are the messages that were taken. They are due when they may be
// forgotten: every carrier has stopped repeating a message long before.
const kindSeen store.Kind = "hook.seen"

const seenFor = 7 * 24 * time.Hour

// heed does all that a message leads to, in one transaction: drops what has come
// before, makes due what it may be about, and tells the journal.
func (d *Desk) heed(ctx context.Context, c provider.ID, m provider.Webhook, hints []provider.Hint) error {
	if len(hints) == 0 {
		return nil
	}
	// What has come is taken, also when the carrier has hung up or the desk closes.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), messageTime)
	defer cancel()
	err := d.store.Update(ctx, func(tx store.Tx) error {
		fresh := make(map[string]bool) // by ID: one message may hint at several things
		for n, h := range hints {
			if h.ID == "" {
				h.ID = digest(m.Method, m.URL, string(m.Body), fmt.Sprint(n))
			}
			if _, known := fresh[h.ID]; !known {
				var err error
				if fresh[h.ID], err = d.first(tx, c, h.ID); err != nil {
					return err
				}
			}
			if !fresh[h.ID] {
				continue
			}
			found, err := d.DIDs.Hint(tx, c, h.Trace)
			if err != nil {
				return err
			}
			if err := d.tellHint(tx, c, h, found); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		d.Work.Wake()
	}
	return err
}

// first notes that a message has come. fresh is false when it had come before.
func (d *Desk) first(tx store.Tx, c provider.ID, id string) (fresh bool, err error) {
	seen := store.Record{Kind: kindSeen, ID: store.ID(string(c) + "/" + digest(id)), Due: d.now().Add(seenFor)}
	switch _, err := tx.Get(seen.Kind, seen.ID); {
	case err == nil:
		return false, nil
	case !errors.Is(err, store.ErrNotFound):
		return false, err
	}
	return true, tx.Put(&seen)
}

func (d *Desk) tellHint(tx store.Tx, c provider.ID, h provider.Hint, found did.Hinted) error {
	e := HintEvent{ID: brief(h.ID), About: brief(h.About), Ref: brief(h.Trace.Ref), Hinted: found}
	if h.Trace.Key.Validate() == nil {
		e.Key = h.Trace.Key
	}
	after, err := json.Marshal(e)
	if err != nil {
		return err
	}
	said := provider.Said{By: c, Raw: brief(h.Said.Raw), Request: brief(h.Said.Request), At: h.Said.At}
	_, err = journal.Write(tx, journal.Change{Type: hintType, Subject: "carrier/" + string(c), Actor: journal.Actor{ID: "carrier"}, At: d.now(),
		Text: "a message about " + string(brief(h.About)), After: after, Said: said})
	return err
}

// brief is a short word of the carrier, or nothing: an identifier or a status that
// is longer, or no text, is none.
func brief[T ~string](s T) T {
	if len(s) > 256 || !utf8.ValidString(string(s)) {
		return ""
	}
	return s
}

// digest of parts that are told apart by their lengths.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// forget removes a bounded number of messages that are old enough, and says how
// many.
func (d *Desk) forget(ctx context.Context) (int, error) {
	old, err := d.store.Claim(ctx, store.Claim{Kind: kindSeen, Now: d.now(), Lease: time.Minute, Limit: store.MaxLimit, Worker: "desk"})
	if err != nil || len(old) == 0 {
		return 0, err
	}
	return len(old), d.store.Update(ctx, func(tx store.Tx) error {
		for _, r := range old {
			if err := tx.Delete(r.Kind, r.ID, r.Version); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return nil
	})
}
