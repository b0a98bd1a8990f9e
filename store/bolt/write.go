package bolt

import (
	"slices"

	"github.com/numberdesk/numberdesk/store"
)

// arena hands out small pieces of large blocks: a transaction that loads ten
// thousand records makes a hundred thousand keys and values.
type arena struct{ block []byte }

func (a *arena) take(n int) []byte {
	const size = 64 << 10
	if n > size/8 {
		return make([]byte, 0, n)
	}
	if cap(a.block)-len(a.block) < n {
		a.block = make([]byte, 0, size)
	}
	at := len(a.block)
	a.block = a.block[:at+n]
	return a.block[at : at : at+n]
}

// set puts an element. Key and value may be used again by the caller.
func (t *tx) set(b *table, key, value []byte) {
	piece := t.arena.take(len(key) + len(value) + sumSize)
	piece = append(piece, key...)
	k := piece[:len(key):len(key)]
	v := append(piece[len(key):], value...)
	b.change(change{key: k, value: seal(b.seed, k, v)})
}

// unset removes an element that may not be there.
func (t *tx) unset(b *table, key []byte) {
	b.change(change{key: append(t.arena.take(len(key)), key...), delete: true})
}

func (b *table) change(c change) {
	if b.own == nil {
		b.own = &buffer{}
	}
	b.own.set(c)
}

// kindTables are the buckets of one kind.
type kindTables struct{ rows, bodies, ids, tags, unique, due *table }

func (t *tx) kind(k store.Kind) (kt kindTables, err error) {
	for _, e := range []struct {
		b      **table
		prefix string
	}{{&kt.rows, prefixRows}, {&kt.bodies, prefixBodies}, {&kt.ids, prefixIDs}, {&kt.tags, prefixTags}, {&kt.unique, prefixUnique}, {&kt.due, prefixDue}} {
		if *e.b, err = t.table(e.prefix + string(k)); err != nil {
			return kt, err
		}
	}
	return kt, nil
}

// Put stores the record when its version is the stored one.
func (t *tx) Put(r *store.Record) error {
	if err := r.Validate(); err != nil {
		return err
	}
	return t.do("writing", func() error {
		old, found, err := t.row(r.Kind, []byte(r.ID))
		if err != nil {
			return err
		}
		if old.version != r.Version {
			return &store.RecordError{Kind: r.Kind, ID: r.ID, Err: store.ErrConflict}
		}
		kt, err := t.kind(r.Kind)
		if err != nil {
			return err
		}
		for _, u := range r.Unique {
			holder, taken, err := t.lookup(kt.unique, uniqueKey(nil, u))
			if err != nil {
				return err
			}
			if taken && string(holder) != string(r.ID) {
				return &store.TakenError{Kind: r.Kind, Unique: u, Holder: store.ID(holder)}
			}
		}
		version, err := t.version()
		if err != nil {
			return err
		}
		// Nothing is refused from here on.
		next := row{version: version, hasBody: len(r.Body) > 0, tags: r.Tags, unique: r.Unique, row: r.Row}
		if !r.Due.IsZero() {
			next.due = micro(r.Due)
		}
		t.index(&kt, r.ID, &old, &next)
		id := []byte(r.ID)
		if !found {
			t.set(kt.ids, id, nil)
		}
		t.scratch = appendRow(t.scratch[:0], &next)
		t.set(kt.rows, id, t.scratch)
		if next.hasBody {
			t.scratch = appendBody(t.scratch[:0], version, r.Body)
			t.set(kt.bodies, id, t.scratch)
		} else if old.hasBody {
			t.unset(kt.bodies, id)
		}
		r.Version = version
		return nil
	})
}

// version gives the next one. They are the store's, not the record's, so that
// they grow across a Delete; one that a rollback leaves behind is not given
// again, so that a version never names two states.
func (t *tx) version() (uint64, error) {
	if t.seq == 0 {
		seq, err := t.number(keySeq)
		if err != nil {
			return 0, err
		}
		t.seq = max(seq, t.s.seq)
	}
	t.seq++
	t.s.seq = t.seq
	return t.seq, nil
}

// index moves the index entries of a record from one row to another. A zero
// version is a row that is not there.
func (t *tx) index(kt *kindTables, id store.ID, old, next *row) {
	for _, tag := range old.tags {
		if !slices.Contains(next.tags, tag) {
			t.scratch = tagKey(t.scratch[:0], tag, string(id))
			t.unset(kt.tags, t.scratch)
		}
	}
	for i, tag := range next.tags {
		if !slices.Contains(old.tags, tag) && !slices.Contains(next.tags[:i], tag) {
			t.scratch = tagKey(t.scratch[:0], tag, string(id))
			t.set(kt.tags, t.scratch, nil)
		}
	}
	for _, u := range old.unique {
		if !slices.Contains(next.unique, u) {
			t.scratch = uniqueKey(t.scratch[:0], u)
			t.unset(kt.unique, t.scratch)
		}
	}
	for i, u := range next.unique {
		if !slices.Contains(old.unique, u) && !slices.Contains(next.unique[:i], u) {
			t.scratch = uniqueKey(t.scratch[:0], u)
			t.set(kt.unique, t.scratch, []byte(id))
		}
	}
	if !old.due.IsZero() && !old.due.Equal(next.due) {
		t.scratch = dueKey(t.scratch[:0], old.due, string(id))
		t.unset(kt.due, t.scratch)
	}
	if !next.due.IsZero() { // also when it stays: its lease ends
		t.scratch = dueKey(t.scratch[:0], next.due, string(id))
		t.set(kt.due, t.scratch, nil)
	}
}

// Delete removes the record when its version is the stored one.
func (t *tx) Delete(k store.Kind, id store.ID, version uint64) error {
	return t.do("writing", func() error {
		old, found, err := t.row(k, []byte(id))
		if err != nil {
			return err
		}
		switch {
		case !found:
			return &store.RecordError{Kind: k, ID: id, Err: store.ErrNotFound}
		case old.version != version:
			return &store.RecordError{Kind: k, ID: id, Err: store.ErrConflict}
		}
		kt, err := t.kind(k)
		if err != nil {
			return err
		}
		t.index(&kt, id, &old, &row{})
		t.unset(kt.rows, []byte(id))
		t.unset(kt.ids, []byte(id))
		if old.hasBody {
			t.unset(kt.bodies, []byte(id))
		}
		return nil
	})
}

// Append adds an entry to a stream.
func (t *tx) Append(s store.Stream, e store.Entry) (at store.Seq, err error) {
	if err := store.ValidateEntry(s, &e); err != nil {
		return 0, err
	}
	err = t.do("writing", func() error {
		head, err := t.head(s)
		if err != nil {
			return err
		}
		m, err := t.table(bucketMeta)
		if err != nil {
			return err
		}
		entries, err := t.table(bucketEntries)
		if err != nil {
			return err
		}
		subjects, err := t.table(bucketSubjects)
		if err != nil {
			return err
		}
		at = head + 1
		t.scratch = appendEntry(t.scratch[:0], &e)
		t.set(entries, entryKey(nil, s, "", at), t.scratch)
		if e.Subject != "" {
			t.scratch = entryKey(t.scratch[:0], s, e.Subject, at)
			t.set(subjects, t.scratch, nil)
		}
		t.set(m, append([]byte(keyHead), s...), appendNumber(nil, uint64(at)))
		return nil
	})
	return at, err
}
