package bolt

import (
	"bytes"
	"time"

	"github.com/numberdesk/numberdesk/store"
)

// List returns one page of records. It reads rows, and bodies only when asked.
func (t *tx) List(q store.Query) (f store.Found, err error) {
	if err := q.Validate(); err != nil {
		return store.Found{}, err
	}
	err = t.do("reading", func() error {
		size := store.PageSize(q.Limit)
		rows, err := t.table(prefixRows + string(q.Kind))
		if err != nil {
			return err
		}
		return t.walk(&q, func(id []byte) (bool, error) {
			if len(f.Records) == size {
				f.Next = string(f.Records[size-1].ID)
				return false, nil
			}
			v, found, err := t.lookup(rows, id)
			if err != nil {
				return false, err
			}
			if !found {
				return false, &damage{bucket: rows.name, what: "record " + string(id) + " is in an index and not there"}
			}
			r, tagged, ok := parseRowFor(v, q.All, q.Whole)
			switch {
			case !ok:
				return false, &damage{bucket: rows.name, what: "record " + string(id) + " cannot be read"}
			case !tagged:
				return false, &damage{bucket: rows.name, what: "record " + string(id) + " is listed under a tag that it has not"}
			}
			rec, err := t.record(q.Kind, id, &r, q.Whole)
			if err != nil {
				return false, err
			}
			if f.Records == nil {
				f.Records = make([]store.Record, 0, min(size, 128))
			}
			f.Records = append(f.Records, rec)
			return true, nil
		})
	})
	if err != nil {
		return store.Found{}, err
	}
	return f, nil
}

// Count counts IDs in the indexes; it reads no record.
func (t *tx) Count(q store.Query, atMost int) (n int, exact bool, err error) {
	q.After, q.Limit = "", 0
	if err := q.Validate(); err != nil {
		return 0, false, err
	}
	exact = true
	err = t.do("reading", func() error {
		return t.walk(&q, func([]byte) (bool, error) {
			if atMost > 0 && n == atMost {
				exact = false
				return false, nil
			}
			n++
			return true, nil
		})
	})
	if err != nil {
		return 0, false, err
	}
	return n, exact, nil
}

// posting walks the IDs of one tag, or all IDs of a kind when the prefix is empty.
type posting struct {
	*iterator
	prefix []byte
	key    []byte
}

func (t *tx) posting(q *store.Query, tag *store.Tag) (posting, error) {
	name := prefixIDs
	var prefix []byte
	if tag != nil {
		name, prefix = prefixTags, tagKey(nil, *tag, "")
	}
	it, err := t.iterator(name + string(q.Kind))
	return posting{iterator: it, prefix: prefix}, err
}

// seek goes to the first ID at or above id.
func (p *posting) seek(id []byte) error {
	p.key = append(append(p.key[:0], p.prefix...), id...)
	_, err := p.iterator.seek(p.key)
	return err
}

// id is where the walk stands; nil at its end.
func (p *posting) id() []byte {
	if p.k == nil || !bytes.HasPrefix(p.k, p.prefix) {
		return nil
	}
	return p.k[len(p.prefix):]
}

// reach goes on to the first ID at or above id. The next few elements are tried
// first: where a good part of the records has both tags, it is among them, and a
// step costs less than a seek.
func (p *posting) reach(id []byte) error {
	for range 6 {
		if at := p.id(); at == nil || bytes.Compare(at, id) >= 0 {
			return nil
		}
		if err := p.next(); err != nil {
			return err
		}
	}
	if at := p.id(); at == nil || bytes.Compare(at, id) >= 0 {
		return nil
	}
	return p.seek(id)
}

// walk calls f with the IDs that match, in order and after the cursor, until it
// returns false. Several tags are intersected by letting each index jump to the
// candidate of the others.
func (t *tx) walk(q *store.Query, f func(id []byte) (bool, error)) error {
	var ps []posting
	for i := range q.All {
		p, err := t.posting(q, &q.All[i])
		if err != nil {
			return err
		}
		ps = append(ps, p)
	}
	if len(ps) == 0 {
		p, err := t.posting(q, nil)
		if err != nil {
			return err
		}
		ps = append(ps, p)
	}
	start := []byte(q.Prefix)
	if q.After >= string(q.Prefix) {
		start = append([]byte(q.After), 0) // the least string above the cursor
	}
	prefix, contains := []byte(q.Prefix), []byte(q.Contains)
	for i := range ps {
		if err := ps[i].seek(start); err != nil {
			return err
		}
	}
	for n := 1; ; n++ {
		if n%4096 == 0 {
			if err := t.ctx.Err(); err != nil {
				return err
			}
		}
		id := ps[0].id()
		if id == nil || !bytes.HasPrefix(id, prefix) {
			return nil
		}
		same := true
		for i := 1; i < len(ps); i++ {
			if err := ps[i].reach(id); err != nil {
				return err
			}
			other := ps[i].id()
			if other == nil {
				return nil
			}
			if !bytes.Equal(other, id) {
				if err := ps[0].reach(other); err != nil {
					return err
				}
				same = false
				break
			}
		}
		if !same {
			continue
		}
		if len(contains) == 0 || bytes.Contains(id, contains) {
			more, err := f(id)
			if err != nil || !more {
				return err
			}
		}
		if err := ps[0].next(); err != nil {
			return err
		}
	}
}

// claimable is an element of a due bucket without a running lease.
type claimable struct {
	key []byte
	due time.Time
	id  []byte
}

func (t *tx) claimable(c *store.Claim, limit int) ([]claimable, error) {
	it, err := t.iterator(prefixDue + string(c.Kind))
	if err != nil {
		return nil, err
	}
	var out []claimable
	_, err = it.seek(nil)
	for n := 1; err == nil && it.k != nil && len(out) < limit; err, n = it.next(), n+1 {
		if n%4096 == 0 {
			if err := t.ctx.Err(); err != nil {
				return nil, err
			}
		}
		due, id, ok := parseDueKey(it.k)
		l, readable := parseLease(it.v)
		if !ok || !readable {
			return nil, &damage{bucket: prefixDue + string(c.Kind), what: "an element cannot be read"}
		}
		if due.After(c.Now) {
			break
		}
		if !l.until.After(c.Now) {
			out = append(out, claimable{key: it.k, due: due, id: id})
		}
	}
	return out, err
}

// claim leases due records. Their rows stay as they are, and so do their versions.
func (t *tx) claim(c *store.Claim) (out []store.Record, err error) {
	err = t.do("claiming", func() error {
		keys, err := t.claimable(c, store.PageSize(c.Limit))
		if err != nil {
			return err
		}
		b, err := t.table(prefixDue + string(c.Kind))
		if err != nil {
			return err
		}
		value := appendLease(nil, lease{until: leaseEnd(c.Now, c.Lease), worker: c.Worker})
		for _, k := range keys {
			r, err := t.get(c.Kind, store.ID(k.id))
			if err != nil {
				return &damage{bucket: b.name, what: "record " + string(k.id) + " is due and cannot be read: " + err.Error()}
			}
			if !r.Due.Equal(k.due) {
				return &damage{bucket: b.name, what: "record " + string(k.id) + " is due at another time than its row says"}
			}
			t.set(b, k.key, value)
			out = append(out, r)
		}
		return nil
	})
	return out, err
}
