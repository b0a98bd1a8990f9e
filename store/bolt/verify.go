package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/store"
)

// Report is what Verify found.
type Report struct {
	Path     string
	Pages    int64 // of the state that was verified
	Bytes    int64 // that were read
	Records  int64
	Postings int64 // elements of the indexes of tags, unique tags, due times and subjects
	Entries  int64
	Damage   []Damage // nil: the file is sound; at most a hundred are listed
}

// Damage is one thing that is wrong with a file.
type Damage struct {
	Page   uint64 // 0: not about one page
	Bucket string // "rows/did", or empty
	What   string
}

func (d Damage) String() string {
	return (&damage{page: d.Page, bucket: d.Bucket, what: d.What}).Error()
}

// err is nil for a sound file.
func (r *Report) err() error {
	if len(r.Damage) == 0 {
		return nil
	}
	what := r.Damage[0].String()
	if n := len(r.Damage) - 1; n > 0 {
		what += fmt.Sprintf(" (and %d more)", n)
	}
	return &store.FileError{Path: r.Path, What: what, Remedy: remedyRestore, Err: store.ErrDamaged}
}

// Verify reads the whole file of a store that is not open, with bounded reads:
// every page is reached once or free, every tree is in order, every element
// passes its sum, records and indexes agree, streams have no gaps, and every
// bucket has what the file says it has. The error is store.ErrDamaged when
// anything is wrong; the report says what. A store that is open is verified with
// its own method: here it is store.ErrInUse.
func Verify(ctx context.Context, path string) (Report, error) {
	r, err := verifyFile(ctx, path)
	var d *damage
	if errors.As(err, &d) {
		r = Report{Path: path, Damage: []Damage{{d.page, d.bucket, d.what}}}
	} else if err != nil {
		return r, err
	}
	return r, r.err()
}

func verifyFile(ctx context.Context, path string) (r Report, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer f.Close()
	held, err := lockFile(ctx, f, defaultLockWait)
	if err != nil {
		return r, err
	}
	if !held {
		return r, (&Store{path: path}).inUse()
	}
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	m, err := readHead(f, info.Size())
	if err != nil {
		return r, err
	}
	return verify(ctx, path, f, m)
}

// Verify reads the whole file as it is now, beside running transactions: see the
// function of this name. Until it ends, the file cannot reuse the pages that it
// reads.
func (s *Store) Verify(ctx context.Context) (Report, error) {
	n, leave, err := s.enter(ctx)
	if err != nil {
		return Report{Path: s.path}, err
	}
	defer leave()
	m := meta{pageSize: n.pages.pageSize, root: n.root, pages: n.pages.count, txid: uint64(n.txid)}
	// The list of free pages is named by the meta page of the pinned state alone,
	// which the second commit after it overwrites.
	if head, err := readHead(s.file, 1<<62); err == nil && head.txid == m.txid {
		m.free = head.free
	}
	r, err := verify(ctx, s.path, s.file, m)
	if err != nil {
		return r, s.translate(err)
	}
	return r, r.err()
}

// verifier compares what the buckets have with what they should have.
type verifier struct {
	c      *checker
	r      Report
	has    map[string]*contents
	at     *contents // of the bucket that is being read
	heads  map[string]uint64
	last   map[string]uint64 // position in each stream
	known  map[string]tally
	seq    uint64
	newest uint64          // version
	meta   map[string]bool // keys of the meta bucket
	key    []byte
}

// contents is what one bucket has, and what the records say that it should have.
type contents struct {
	name, kind string
	class      string // the prefix, or the name of a bucket of the whole file
	seed       uint32
	tally      tally
	found      tally // what can be compared with should: without bodies and leases
	should     tally
}

func verify(ctx context.Context, path string, f io.ReaderAt, m meta) (Report, error) {
	v := &verifier{
		c:    newChecker(ctx, f, m, true),
		has:  map[string]*contents{},
		last: map[string]uint64{}, heads: map[string]uint64{}, known: map[string]tally{}, meta: map[string]bool{},
	}
	v.r.Path = path
	v.c.visit = v.visit
	if m.free == 0 {
		v.c.freeUnknown = true
	}
	err := v.c.run()
	if err == nil && !v.c.done() {
		v.compare()
	}
	v.r.Pages, v.r.Bytes = int64(m.pages), v.c.read
	for _, d := range v.c.found {
		v.r.Damage = append(v.r.Damage, Damage{d.page, d.bucket, d.what})
	}
	return v.r, err
}

func (v *verifier) contents(name string) *contents {
	c := v.has[name]
	if c == nil {
		c = &contents{name: name, class: name, seed: seed(name)}
		if i := strings.IndexByte(name, '/'); i >= 0 {
			c.class, c.kind = name[:i+1], name[i+1:]
		}
		v.has[name] = c
	}
	return c
}

func (v *verifier) visit(b *namedBucket, p *page, i int) {
	if v.at == nil || v.at.name != b.name {
		v.at = v.contents(b.name)
	}
	at, k := v.at, p.key(i)
	value, s, ok := open(at.seed, k, p.value(i))
	if !ok {
		v.c.report(b.name, damaged(p.id, "element %q fails its sum", printable(k)))
		return
	}
	at.tally.add(s)
	readable := true
	switch at.class {
	case bucketMeta:
		readable = v.visitMeta(string(k), value)
	case prefixRows:
		readable = v.visitRow(at.kind, k, value)
	case prefixBodies:
		var version uint64
		version, _, readable = parseBody(value)
		at.found.add(sum(at.seed, k, appendNumber(nil, version)))
	case prefixIDs:
		at.found.add(s)
	case prefixTags, prefixUnique:
		v.r.Postings++
		at.found.add(s)
	case prefixDue:
		v.r.Postings++
		_, readable = parseLease(value)
		at.found.add(sum(at.seed, k, nil))
	case bucketEntries:
		readable = v.visitEntry(k, value)
	case bucketSubjects:
		v.r.Postings++
		at.found.add(s)
	default:
		v.c.report(b.name, damaged(p.id, "is a bucket that no store has"))
	}
	if !readable {
		v.c.report(b.name, damaged(p.id, "element %q cannot be read", printable(k)))
	}
}

func (v *verifier) visitMeta(k string, value []byte) bool {
	v.meta[k] = true
	if name, is := strings.CutPrefix(k, keyTally); is {
		t, ok := parseTally(value)
		v.known[name] = t
		return ok
	}
	n, ok := parseNumber(value)
	if name, is := strings.CutPrefix(k, keyHead); is {
		v.heads[name] = n
	} else if k == keySeq {
		v.seq = n
	}
	return ok
}

func (v *verifier) visitRow(kind string, id, value []byte) bool {
	r, ok := parseRow(value)
	if !ok {
		return false
	}
	v.r.Records++
	v.newest = max(v.newest, r.version)
	should := func(prefix string, key, value []byte) {
		c := v.contents(prefix + kind)
		c.should.add(sum(c.seed, key, value))
	}
	should(prefixIDs, id, nil)
	if r.hasBody {
		should(prefixBodies, id, appendNumber(nil, r.version))
	}
	name := string(id)
	for i, t := range r.tags {
		if !slices.Contains(r.tags[:i], t) {
			v.key = tagKey(v.key[:0], t, name)
			should(prefixTags, v.key, nil)
		}
	}
	for i, t := range r.unique {
		if !slices.Contains(r.unique[:i], t) {
			v.key = uniqueKey(v.key[:0], t)
			should(prefixUnique, v.key, id)
		}
	}
	if !r.due.IsZero() {
		v.key = dueKey(v.key[:0], r.due, name)
		should(prefixDue, v.key, nil)
	}
	return true
}

func (v *verifier) visitEntry(k, value []byte) bool {
	e, ok := parseEntry(value)
	if !ok || len(k) < 10 {
		return false
	}
	v.r.Entries++
	name := string(k[:len(k)-9])
	at, _ := parseNumber(k[len(k)-8:])
	if at != v.last[name]+1 {
		v.c.report(bucketEntries, damaged(0, "%s: position %d comes after %d", name, at, v.last[name]))
	}
	v.last[name] = at
	if e.Subject != "" {
		c := v.contents(bucketSubjects)
		v.key = entryKey(v.key[:0], store.Stream(name), e.Subject, store.Seq(at))
		c.should.add(sum(c.seed, v.key, nil))
	}
	return true
}

// compare is for a file whose pages and elements are all sound: what is wrong
// then is that something is missing, or older than the rest.
func (v *verifier) compare() {
	for _, key := range []string{keyFormat, keyClean, keySeq} {
		if !v.meta[key] {
			v.c.report(bucketMeta, damaged(0, "has no %s: a part of it is gone, or it is not the file of a store", key))
		}
	}
	names := make([]string, 0, len(v.has))
	for _, b := range v.c.buckets {
		v.contents(b.name)
	}
	for name := range v.known {
		v.contents(name)
	}
	for name := range v.has {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c := v.has[name]
		if name == bucketMeta {
			continue
		}
		if known, is := v.known[name]; !is {
			v.c.report(name, damaged(0, "the file does not know of it"))
		} else if known != c.tally {
			v.c.report(name, damaged(0, "has %d elements, and the file should have %d, or others", c.tally.count, known.count))
		}
		if c.found != c.should {
			v.c.report(name, damaged(0, "does not agree with the records: %d elements instead of %d, or others", c.found.count, c.should.count))
		}
	}
	for name, at := range v.heads {
		if v.last[name] != at {
			v.c.report(bucketEntries, damaged(0, "%s ends at position %d instead of %d", name, v.last[name], at))
		}
	}
	for name := range v.last {
		if _, is := v.heads[name]; !is {
			v.c.report(bucketEntries, damaged(0, "%s is not known", name))
		}
	}
	if v.newest > v.seq {
		v.c.report(bucketMeta, damaged(0, "the last version is %d, and a record has %d", v.seq, v.newest))
	}
}
