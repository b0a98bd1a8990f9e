package bolt

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/numberdesk/numberdesk/store"
)

// tx is a transaction: a committed state, and the changes over it.
type tx struct {
	s        *Store
	ctx      context.Context
	state    *snapshot
	tables   map[string]*table
	writable bool
	done     bool
	failed   error // damage seen by a write: the transaction must not commit

	seq     uint64 // last version given in it
	arena   arena
	scratch []byte
}

// reader hides the writing half from a View.
type reader struct{ store.Reader }

// table is a bucket as a transaction sees it.
type table struct {
	name  string
	seed  uint32
	root  *bucketRoot // nil: not there in the committed state
	own   *buffer     // nil: nothing written
	point *cursor     // for single elements
}

func (s *Store) newTx(ctx context.Context, n *snapshot) *tx {
	return &tx{s: s, ctx: ctx, state: n, tables: make(map[string]*table, 8)}
}

func (t *tx) end() { t.done = true }

var errDone = &store.InvalidError{Field: "transaction", Rule: "is used after its function has returned"}

// do runs one call of the contract.
func (t *tx) do(doing string, f func() error) error {
	if t.done {
		return errDone
	}
	if err := t.ctx.Err(); err != nil {
		return err
	}
	err := t.s.guard(doing, f)
	if t.writable && errors.Is(err, store.ErrDamaged) {
		t.failed = err
	}
	return err
}

// table finds a bucket. One that the file does not have is one that nothing was
// put into, unless the meta bucket knows better.
func (t *tx) table(name string) (*table, error) {
	if b := t.tables[name]; b != nil {
		return b, nil
	}
	b := &table{name: name, seed: seed(name)}
	c := cursor{pages: t.state.pages, root: bucketRoot{id: t.state.root}, plain: true}
	found, err := c.seek([]byte(name))
	if err != nil {
		return nil, err
	}
	if found {
		root, err := parseBucket(c.v)
		if err != nil {
			return nil, c.fail(err)
		}
		b.root = &root
		b.point = t.cursor(b)
	}
	t.tables[name] = b
	if name != bucketMeta && (!found || t.empty(b)) {
		known, err := t.tally(b)
		if err != nil {
			return nil, err
		}
		if known.count > 0 {
			return nil, &damage{bucket: name, what: "is empty, and should not be"}
		}
	}
	return b, nil
}

// empty says whether a bucket that is there has no elements.
func (t *tx) empty(b *table) bool {
	p := b.root.inline
	if b.root.id != 0 {
		var err error
		if p, err = t.state.pages.page(b.root.id, false, nil); err != nil {
			return false // whoever reads the bucket is told
		}
	}
	return p.n == 0
}

func (t *tx) cursor(b *table) *cursor {
	return &cursor{pages: t.state.pages, bucket: b.name, seed: b.seed, root: *b.root}
}

func (t *tx) iterator(name string) (*iterator, error) {
	b, err := t.table(name)
	if err != nil {
		return nil, err
	}
	it := &iterator{own: b.own}
	if b.root != nil {
		it.c = t.cursor(b)
	}
	return it, nil
}

// lookup returns the value of a key; it is valid until the transaction ends.
func (t *tx) lookup(b *table, key []byte) (value []byte, found bool, err error) {
	if c, ok := b.own.get(key); ok {
		if c.delete {
			return nil, false, nil
		}
		return c.value[:len(c.value)-sumSize], true, nil
	}
	if b.point == nil {
		return nil, false, nil
	}
	if found, err = b.point.seek(key); err != nil || !found {
		return nil, false, err
	}
	return b.point.v, true, nil
}

// number reads a number of the meta bucket that has to be there.
func (t *tx) number(key string) (uint64, error) {
	b, err := t.table(bucketMeta)
	if err != nil {
		return 0, err
	}
	v, found, err := t.lookup(b, []byte(key))
	if err != nil {
		return 0, err
	}
	n, ok := parseNumber(v)
	if !found || !ok {
		return 0, &damage{bucket: bucketMeta, what: "has no " + key}
	}
	return n, nil
}

// tally reads what the meta bucket knows of a bucket: nothing, for a new one.
func (t *tx) tally(b *table) (tally, error) {
	m, err := t.table(bucketMeta)
	if err != nil {
		return tally{}, err
	}
	v, found, err := t.lookup(m, []byte(keyTally+b.name))
	if err != nil || !found {
		if err == nil && b.root != nil {
			err = &damage{bucket: bucketMeta, what: "does not know " + b.name}
		}
		return tally{}, err
	}
	n, ok := parseTally(v)
	if !ok {
		return tally{}, &damage{bucket: bucketMeta, what: "has no sound " + keyTally + b.name}
	}
	return n, nil
}

// row reads a record without its body.
func (t *tx) row(k store.Kind, id []byte) (r row, found bool, err error) {
	b, err := t.table(prefixRows + string(k))
	if err != nil {
		return r, false, err
	}
	v, found, err := t.lookup(b, id)
	if err != nil || !found {
		return r, false, err
	}
	r, ok := parseRow(v)
	if !ok {
		return r, false, &damage{bucket: b.name, what: "record " + string(id) + " cannot be read"}
	}
	return r, true, nil
}

// record makes a record of a row. Its bytes are the caller's.
func (t *tx) record(k store.Kind, id []byte, r *row, body bool) (store.Record, error) {
	out := store.Record{Kind: k, ID: store.ID(id), Version: r.version, Tags: r.tags, Unique: r.unique, Due: r.due}
	if len(r.row) > 0 {
		out.Row = bytes.Clone(r.row)
	}
	if !body || !r.hasBody {
		return out, nil
	}
	b, err := t.table(prefixBodies + string(k))
	if err != nil {
		return out, err
	}
	v, found, err := t.lookup(b, id)
	if err != nil {
		return out, err
	}
	version, content, ok := parseBody(v)
	if !found || !ok || version != r.version {
		return out, &damage{bucket: b.name, what: "record " + string(id) + " has not the body that belongs to its row"}
	}
	out.Body = bytes.Clone(content)
	return out, nil
}

// Get returns the whole record.
func (t *tx) Get(k store.Kind, id store.ID) (out store.Record, err error) {
	err = t.do("reading", func() (err error) {
		out, err = t.get(k, id)
		return err
	})
	return out, err
}

func (t *tx) get(k store.Kind, id store.ID) (store.Record, error) {
	t.scratch = append(t.scratch[:0], id...)
	r, found, err := t.row(k, t.scratch)
	if err != nil {
		return store.Record{}, err
	}
	if !found {
		return store.Record{}, &store.RecordError{Kind: k, ID: id, Err: store.ErrNotFound}
	}
	return t.record(k, t.scratch, &r, true)
}

// head is the last position of a stream.
func (t *tx) head(s store.Stream) (store.Seq, error) {
	b, err := t.table(bucketMeta)
	if err != nil {
		return 0, err
	}
	v, found, err := t.lookup(b, append([]byte(keyHead), s...))
	if err != nil || !found {
		return 0, err
	}
	n, ok := parseNumber(v)
	if !ok {
		return 0, &damage{bucket: bucketMeta, what: "has no sound " + keyHead + string(s)}
	}
	return store.Seq(n), nil
}

// Read returns entries after a position, oldest first.
func (t *tx) Read(s store.Stream, subject string, after store.Seq, limit int) (out []store.Entry, err error) {
	if err := store.ValidateRead(s, subject, limit); err != nil {
		return nil, err
	}
	err = t.do("reading", func() (err error) {
		out, err = t.read(s, subject, after, store.PageSize(limit))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (t *tx) read(s store.Stream, subject string, after store.Seq, limit int) ([]store.Entry, error) {
	head, err := t.head(s)
	if err != nil || after >= head {
		return nil, err
	}
	entries, err := t.table(bucketEntries)
	if err != nil {
		return nil, err
	}
	name := bucketEntries
	if subject != "" {
		name = bucketSubjects
	}
	it, err := t.iterator(name)
	if err != nil {
		return nil, err
	}
	start := entryKey(nil, s, subject, after+1)
	prefix := start[:len(start)-8]
	var out []store.Entry
	_, err = it.seek(start)
	for ; err == nil && it.k != nil && len(it.k) == len(start) && bytes.HasPrefix(it.k, prefix); err = it.next() {
		seq, _ := parseNumber(it.k[len(prefix):])
		v := it.v
		if subject != "" {
			var found bool
			if v, found, err = t.lookup(entries, entryKey(nil, s, "", store.Seq(seq))); err != nil {
				return nil, err
			} else if !found {
				return nil, &damage{bucket: bucketEntries, what: "an entry is gone that " + bucketSubjects + " names"}
			}
		} else if seq != uint64(after)+uint64(len(out))+1 {
			break
		}
		e, ok := parseEntry(v)
		if !ok || subject != "" && e.Subject != subject {
			return nil, &damage{bucket: bucketEntries, what: "an entry cannot be read, or is about something else than " + bucketSubjects + " says"}
		}
		e.Seq, e.Body = store.Seq(seq), clone(e.Body)
		if out = append(out, e); len(out) == limit {
			return out, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if subject == "" && after+store.Seq(len(out)) != head {
		return nil, &damage{bucket: bucketEntries, what: "an entry is missing"}
	}
	return out, nil
}

// clone is bytes.Clone, and nil for nothing.
func clone(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return slices.Clone(b)
}
