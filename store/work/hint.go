package work

import (
	"errors"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// hintable are the phases in which a look at the carrier can bring something new.
// What has not left has nothing to hear of, and keeps the pause that the carrier
// asked for.
var hintable = map[Phase]bool{Unclear: true, Waiting: true, Human: true}

// Hint makes due, in the caller's transaction, the intents of a carrier that a
// message of it may be about, and returns how many it found: the one whose key it
// names, those whose carrier's reference it names, and what has left of those in one of
// the lanes. It changes when they are looked at and nothing else; one that fits
// nothing does nothing. However many come, an intent is looked at because of hints
// at most every Config.HintEvery. A hint that comes while the carrier is being
// asked leads to another look. Call Wake after the commit.
func (e *Engine) Hint(tx store.Tx, c provider.ID, key provider.Key, ref provider.Ref, lanes ...string) (n int, err error) {
	ids, err := concerned(tx, c, key, ref, lanes)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		i, err := get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue // a key that is none of ours
		}
		if err != nil {
			return n, err
		}
		if i.Carrier != c || i.Phase != Sending && !hintable[i.Phase] {
			continue
		}
		if err := e.hurry(tx, i); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// concerned lists the intents that a message may be about, each once.
func concerned(r store.Reader, c provider.ID, key provider.Key, ref provider.Ref, lanes []string) (ids []store.ID, err error) {
	if key.Validate() == nil {
		ids = append(ids, store.ID(key))
	}
	if q := ofRef(c, ref); ref != "" && q.Validate() == nil {
		found, err := r.List(q)
		if err != nil {
			return nil, err
		}
		for _, rec := range found.Records {
			ids = append(ids, rec.ID)
		}
	}
	for _, name := range lanes {
		l, err := openLane(r, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, l.queue...) // what has not left has nothing to hear of
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// hurry makes an intent due as soon as a hint may. One that is due already is
// being asked about, or about to be, and keeps its lease: it gets a mark.
func (e *Engine) hurry(tx store.Tx, i Intent) error {
	due, err := dueRecord(tx, i)
	if err != nil {
		return err
	}
	if i.Phase == Sending || !due.Due.After(e.Now()) {
		return e.mark(tx, i)
	}
	if soon := e.soon(i); due.Due.After(soon) {
		due.Due = soon
		return tx.Put(&due)
	}
	return nil
}

// soon is the earliest instant at which a hint makes the intent due.
func (e *Engine) soon(i Intent) time.Time { return later(e.Now(), i.asked().Add(e.HintEvery)) }
