package work

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/numberdesk/numberdesk/store"
)

// A lane is a record that lists the intents waiting in it, in the order in which
// they were booked. Only the first of every lane that it is in may be sent.
type lane struct {
	rec   store.Record
	queue []store.ID
}

func openLane(r store.Reader, name string) (lane, error) {
	rec, err := r.Get(kindLane, store.ID(name))
	if errors.Is(err, store.ErrNotFound) {
		return lane{rec: store.Record{Kind: kindLane, ID: store.ID(name)}}, nil
	}
	if err != nil {
		return lane{}, err
	}
	l := lane{rec: rec}
	if err := json.Unmarshal(rec.Body, &l.queue); err != nil {
		return lane{}, fmt.Errorf("work: lane %q: %w", name, err)
	}
	return l, nil
}

func (l *lane) save(tx store.Tx) (err error) {
	if len(l.queue) == 0 {
		if l.rec.Version == 0 {
			return nil
		}
		return tx.Delete(kindLane, l.rec.ID, l.rec.Version)
	}
	if l.rec.Body, err = json.Marshal(l.queue); err != nil {
		return err
	}
	return tx.Put(&l.rec)
}

func join(tx store.Tx, i Intent) error {
	for _, name := range i.Lanes {
		l, err := openLane(tx, name)
		if err != nil {
			return err
		}
		l.queue = append(l.queue, i.ID)
		if err := l.save(tx); err != nil {
			return err
		}
	}
	return nil
}

// ahead returns the first lane in which another intent is before this one.
func ahead(r store.Reader, i Intent) (blocked string, err error) {
	for _, name := range i.Lanes {
		l, err := openLane(r, name)
		if err != nil {
			return "", err
		}
		for _, before := range l.queue {
			if before == i.ID {
				break
			}
			other, err := get(r, before)
			if err != nil {
				return "", err
			}
			if other.Phase != Human || !other.Yields {
				return name, nil
			}
		}
	}
	return "", nil
}

// leave takes the intent out of its lanes and makes whoever is first now due.
func (e *Engine) leave(tx store.Tx, i Intent) error {
	now := e.Now()
	for _, name := range i.Lanes {
		l, err := openLane(tx, name)
		if err != nil {
			return err
		}
		l.queue = slices.DeleteFunc(l.queue, func(id store.ID) bool { return id == i.ID })
		if err := l.save(tx); err != nil {
			return err
		}
		if len(l.queue) == 0 {
			continue
		}
		next, err := get(tx, l.queue[0])
		if err != nil {
			return err
		}
		if next.Phase == Intended && next.Due.After(now) {
			next.Due = now
			if err := e.put(tx, &next); err != nil {
				return err
			}
		}
	}
	return nil
}
