package work

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// kindDue are the due records of one carrier: one for each open intent, under its
// ID. They are what is claimed, so that claiming for one carrier never meets the
// work of another, and what a hint moves, so that a hint never collides with an
// answer that is being booked.
func kindDue(c provider.ID) store.Kind { return store.Kind("work.due/" + string(c)) }

// dueRecord is the due record of an intent; a new one where there is none.
func dueRecord(r store.Reader, i Intent) (store.Record, error) {
	return orNew(r, kindDue(i.Carrier), i.ID)
}

func orNew(r store.Reader, k store.Kind, id store.ID) (store.Record, error) {
	rec, err := r.Get(k, id)
	if errors.Is(err, store.ErrNotFound) {
		return store.Record{Kind: k, ID: id}, nil
	}
	return rec, err
}

// schedule keeps the due record of an intent that was put: it is gone when the
// intent is done.
func (e *Engine) schedule(tx store.Tx, i *Intent) error {
	if err := e.heed(tx, i); err != nil {
		return err
	}
	due, err := dueRecord(tx, *i)
	switch {
	case err != nil:
		return err
	case i.Phase != Done:
		due.Due = i.Due
		return tx.Put(&due)
	case due.Version > 0:
		return tx.Delete(due.Kind, due.ID, due.Version)
	}
	return nil
}

// kindMark says of an intent that a hint came while the carrier was being asked,
// so that the answer may be older than the hint.
const kindMark store.Kind = "work.hint"

func (e *Engine) mark(tx store.Tx, i Intent) error {
	m, err := orNew(tx, kindMark, i.ID)
	if err != nil {
		return err
	}
	if m.Body, err = json.Marshal(e.Now()); err != nil {
		return err
	}
	return tx.Put(&m)
}

// heed makes an intent due sooner when a hint has come since the carrier was
// asked. While a request is under way the mark stays.
func (e *Engine) heed(tx store.Tx, i *Intent) error {
	if i.Phase == Sending {
		return nil
	}
	m, err := tx.Get(kindMark, i.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var at time.Time
	if err := json.Unmarshal(m.Body, &at); err != nil {
		return fmt.Errorf("work: hint at %s: %w", i.ID, err)
	}
	if soon := e.soon(*i); hintable[i.Phase] && !at.Before(i.asked()) && soon.Before(i.Due) {
		i.Due = soon
	}
	return tx.Delete(kindMark, i.ID, m.Version)
}
