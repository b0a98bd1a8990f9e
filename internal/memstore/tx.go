package memstore

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/numberdesk/numberdesk/store"
)

type tx struct {
	s    *Store
	ctx  context.Context
	undo []func() // in the order of the changes
	done bool
}

// reader hides the writing half from a View.
type reader struct{ store.Reader }

var errDone = &store.InvalidError{Field: "transaction", Rule: "is used after its function has returned"}

func (t *tx) end() {
	t.done = true
	for _, f := range slices.Backward(t.undo) {
		f()
	}
	t.undo = nil
}

func (t *tx) check() error {
	if t.done {
		return errDone
	}
	return t.ctx.Err()
}

func (t *tx) Get(k store.Kind, id store.ID) (store.Record, error) {
	if err := t.check(); err != nil {
		return store.Record{}, err
	}
	if p := t.find(k, id); p != nil {
		return clone(p.r), nil
	}
	return store.Record{}, &store.RecordError{Kind: k, ID: id, Err: store.ErrNotFound}
}

func (t *tx) find(k store.Kind, id store.ID) *rec {
	if kd := t.s.kinds[k]; kd != nil {
		return kd.recs[id]
	}
	return nil
}

func (t *tx) List(q store.Query) (store.Found, error) {
	if err := t.check(); err != nil {
		return store.Found{}, err
	}
	if err := q.Validate(); err != nil {
		return store.Found{}, err
	}
	var f store.Found
	size := store.PageSize(q.Limit)
	err := t.walk(q, func(p *rec) bool {
		if len(f.Records) == size {
			f.Next = string(f.Records[size-1].ID)
			return false
		}
		r := p.r
		if !q.Whole {
			r.Tags, r.Unique, r.Body = nil, nil, nil
		}
		f.Records = append(f.Records, clone(r))
		return true
	})
	if err != nil {
		return store.Found{}, err
	}
	return f, nil
}

func (t *tx) Count(q store.Query, atMost int) (n int, exact bool, err error) {
	if err := t.check(); err != nil {
		return 0, false, err
	}
	q.After, q.Limit = "", 0
	if err := q.Validate(); err != nil {
		return 0, false, err
	}
	exact = true
	err = t.walk(q, func(*rec) bool {
		if atMost > 0 && n == atMost {
			exact = false
			return false
		}
		n++
		return true
	})
	if err != nil {
		return 0, false, err
	}
	return n, exact, nil
}

// walk calls f with the matching records after the cursor until it returns false.
func (t *tx) walk(q store.Query, f func(*rec) bool) (err error) {
	k := t.s.kinds[q.Kind]
	if k == nil {
		return nil
	}
	ids := &k.ids
	for _, tag := range q.All { // the rarest tag leads
		p := k.tags[tag]
		if p == nil {
			return nil
		}
		if p.n < ids.n {
			ids = p
		}
	}
	start := string(q.Prefix)
	if q.After >= start {
		start = q.After + "\x00" // the least string above the cursor
	}
	seen := 0
	ids.from(start, func(id string) bool {
		if seen++; seen%1024 == 0 {
			if err = t.ctx.Err(); err != nil {
				return false
			}
		}
		if !strings.HasPrefix(id, string(q.Prefix)) {
			return id < string(q.Prefix) // above: no further ID can begin with it
		}
		if !strings.Contains(id, q.Contains) {
			return true
		}
		p := k.recs[store.ID(id)]
		for _, tag := range q.All {
			if !slices.Contains(p.r.Tags, tag) {
				return true
			}
		}
		return f(p)
	})
	return err
}

func (t *tx) Read(s store.Stream, subject string, after store.Seq, limit int) ([]store.Entry, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if err := store.ValidateRead(s, subject, limit); err != nil {
		return nil, err
	}
	st := t.s.streams[s]
	if st == nil {
		return nil, nil
	}
	var out []store.Entry
	take := func(n int, at func(int) *store.Entry) {
		i := sort.Search(n, func(i int) bool { return at(i).Seq > after })
		for ; i < n && len(out) < store.PageSize(limit); i++ {
			e := *at(i)
			e.Body = slices.Clone(e.Body)
			out = append(out, e)
		}
	}
	if subject == "" {
		take(len(st.entries), func(i int) *store.Entry { return &st.entries[i] })
	} else {
		of := st.subjects[subject]
		take(len(of), func(i int) *store.Entry { return &st.entries[of[i]] })
	}
	return out, nil
}

func (t *tx) Put(r *store.Record) error {
	if err := t.check(); err != nil {
		return err
	}
	if err := r.Validate(); err != nil {
		return err
	}
	old := t.find(r.Kind, r.ID)
	if have := version(old); have != r.Version {
		return &store.RecordError{Kind: r.Kind, ID: r.ID, Err: store.ErrConflict}
	}
	for _, u := range r.Unique {
		if kd := t.s.kinds[r.Kind]; kd != nil {
			if holder, taken := kd.unique[u]; taken && holder != r.ID {
				return &store.TakenError{Kind: r.Kind, Unique: u, Holder: holder}
			}
		}
	}
	next := &rec{r: clone(*r)}
	if !r.Due.IsZero() {
		next.r.Due = micro(r.Due)
	}
	t.s.seq++
	next.r.Version = t.s.seq
	t.replace(r.Kind, r.ID, next)
	r.Version = next.r.Version
	return nil
}

func version(p *rec) uint64 {
	if p == nil {
		return 0
	}
	return p.r.Version
}

func (t *tx) replace(k store.Kind, id store.ID, next *rec) {
	old := t.s.replace(k, id, next)
	t.undo = append(t.undo, func() { t.s.replace(k, id, old) })
}

func (t *tx) Delete(k store.Kind, id store.ID, version uint64) error {
	if err := t.check(); err != nil {
		return err
	}
	p := t.find(k, id)
	switch {
	case p == nil:
		return &store.RecordError{Kind: k, ID: id, Err: store.ErrNotFound}
	case p.r.Version != version:
		return &store.RecordError{Kind: k, ID: id, Err: store.ErrConflict}
	}
	t.replace(k, id, nil)
	return nil
}

func (t *tx) Append(s store.Stream, e store.Entry) (store.Seq, error) {
	if err := t.check(); err != nil {
		return 0, err
	}
	if err := store.ValidateEntry(s, &e); err != nil {
		return 0, err
	}
	st := t.s.streams[s]
	if st == nil {
		st = &stream{subjects: map[string][]int{}}
		t.s.streams[s] = st
	}
	e.Seq = store.Seq(len(st.entries) + 1)
	e.At = micro(e.At)
	e.Body = slices.Clone(e.Body)
	st.entries = append(st.entries, e)
	if e.Subject != "" {
		st.subjects[e.Subject] = append(st.subjects[e.Subject], len(st.entries)-1)
	}
	t.undo = append(t.undo, func() {
		st.entries = st.entries[:len(st.entries)-1]
		if of := st.subjects[e.Subject]; len(of) > 1 {
			st.subjects[e.Subject] = of[:len(of)-1]
		} else {
			delete(st.subjects, e.Subject)
		}
	})
	return e.Seq, nil
}
