package bolt

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"github.com/numberdesk/numberdesk/store"
)

// Names of buckets: of the whole file, and the first part of those of a kind
// ("rows/did").
const (
	bucketMeta     = "meta"
	bucketEntries  = "entries"
	bucketSubjects = "subjects"

	prefixRows   = "rows/"
	prefixBodies = "bodies/"
	prefixIDs    = "ids/"
	prefixTags   = "tags/"
	prefixUnique = "unique/"
	prefixDue    = "due/"
)

// Keys of the meta bucket.
const (
	keyFormat = "format" // version of the format
	keyClean  = "clean"  // 1: closed, and nothing was written since
	keySeq    = "seq"    // last version given
	keyTally  = "tally/" // + bucket: how many elements it has, and their digest
	keyHead   = "head/"  // + stream: its last position
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const sumSize = 4

// seed begins every sum of a bucket, so that an element of one bucket is none of another.
func seed(bucket string) uint32 { return crc32.Update(0, castagnoli, []byte(bucket+"\x00")) }

// sum is what the last four bytes of every value hold. The length of the key
// keeps a byte from moving between key and value.
func sum(seed uint32, key, value []byte) uint32 {
	s := crc32.Update(seed, castagnoli, key)
	if len(value) > 0 {
		s = crc32.Update(s, castagnoli, value)
	}
	return s ^ uint32(len(key))*0x9E3779B1
}

// digest spreads a sum over 64 bits: the digests of a bucket are added up, so a
// lost, doubled or exchanged element shows whatever the order of the changes was.
func digest(sum uint32) uint64 {
	h := (uint64(sum) + 1) * 0x9E3779B97F4A7C15
	return (h ^ h>>29) * 0xBF58476D1CE4E5B9
}

// seal appends the sum to a value.
func seal(seed uint32, key, value []byte) []byte {
	return binary.LittleEndian.AppendUint32(value, sum(seed, key, value))
}

// open takes the sum off a value.
func open(seed uint32, key, sealed []byte) (value []byte, s uint32, ok bool) {
	n := len(sealed) - sumSize
	if n < 0 {
		return nil, 0, false
	}
	s = binary.LittleEndian.Uint32(sealed[n:])
	return sealed[:n:n], s, sum(seed, key, sealed[:n]) == s
}

// row is the value of a rows bucket: all of a record but ID and body.
type row struct {
	version uint64
	due     time.Time
	hasBody bool
	tags    []store.Tag
	unique  []store.Tag
	row     []byte
}

const (
	rowHasDue = 1 << iota
	rowHasBody
	rowHasUnique
	rowFlags = rowHasDue | rowHasBody | rowHasUnique
)

func appendRow(b []byte, r *row) []byte {
	var flags byte
	if !r.due.IsZero() {
		flags |= rowHasDue
	}
	if r.hasBody {
		flags |= rowHasBody
	}
	if len(r.unique) > 0 {
		flags |= rowHasUnique
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, r.version)
	if flags&rowHasDue != 0 {
		b = binary.AppendVarint(b, r.due.UnixMicro())
	}
	b = appendTags(b, r.tags)
	if flags&rowHasUnique != 0 {
		b = appendTags(b, r.unique)
	}
	return append(b, r.row...)
}

func appendTags(b []byte, tags []store.Tag) []byte {
	b = binary.AppendUvarint(b, uint64(len(tags)))
	for _, t := range tags {
		b = appendString(b, t.Name)
		b = appendString(b, t.Value)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// parser reads a value from its front. After a value that is cut off or too
// large, bad is set and everything reads as zero.
type parser struct {
	b   []byte
	bad bool
}

func (p *parser) fail() { p.b, p.bad = nil, true }

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	if n <= 0 {
		p.fail()
		return 0
	}
	p.b = p.b[n:]
	return v
}

func (p *parser) varint() int64 {
	v, n := binary.Varint(p.b)
	if n <= 0 {
		p.fail()
		return 0
	}
	p.b = p.b[n:]
	return v
}

func (p *parser) bytes(most int) []byte {
	n := p.uvarint()
	if n > uint64(most) || n > uint64(len(p.b)) {
		p.fail()
		return nil
	}
	v := p.b[:n]
	p.b = p.b[n:]
	return v
}

func (p *parser) flags(known byte) byte {
	if len(p.b) == 0 || p.b[0]&^known != 0 {
		p.fail()
		return 0
	}
	f := p.b[0]
	p.b = p.b[1:]
	return f
}

// pass goes over a list of tags and says whether it has all of the wanted ones.
func (p *parser) pass(wanted []store.Tag) bool {
	n := p.uvarint()
	if n > store.MaxTags {
		p.fail()
		return false
	}
	var seen uint64
	for range n {
		name, value := p.bytes(store.MaxID), p.bytes(store.MaxID)
		for i, w := range wanted {
			if string(name) == w.Name && string(value) == w.Value {
				seen |= 1 << i
			}
		}
	}
	return seen == 1<<len(wanted)-1
}

// tags reads a list of tags. Their text is one string, which they share.
func (p *parser) tags() []store.Tag {
	n := p.uvarint()
	if n == 0 || n > store.MaxTags {
		if n != 0 {
			p.fail()
		}
		return nil
	}
	start := p.b
	for range 2 * n {
		p.bytes(store.MaxID)
	}
	if p.bad {
		return nil
	}
	text := string(start[:len(start)-len(p.b)])
	q := parser{b: start}
	cut := func() string {
		b := q.bytes(store.MaxID)
		end := len(text) - (len(q.b) - len(p.b))
		return text[end-len(b) : end]
	}
	tags := make([]store.Tag, n)
	for i := range tags {
		tags[i].Name = cut()
		tags[i].Value = cut()
	}
	return tags
}

// parseRow decodes the value of a rows bucket; row.row shares its memory.
func parseRow(b []byte) (r row, ok bool) {
	r, _, ok = parseRowFor(b, nil, true)
	return r, ok
}

// parseRowFor is parseRow for a list: tagged says whether the record has all of
// the wanted tags. Tags and unique tags are only passed over unless the record is
// wanted whole: they are most of what a list would allocate.
func parseRowFor(b []byte, wanted []store.Tag, whole bool) (r row, tagged, ok bool) {
	p := parser{b: b}
	flags := p.flags(rowFlags)
	r.version = p.uvarint()
	if flags&rowHasDue != 0 {
		r.due = time.UnixMicro(p.varint()).UTC()
	}
	r.hasBody = flags&rowHasBody != 0
	q := p
	tagged = p.pass(wanted)
	if whole {
		r.tags = q.tags()
	}
	if flags&rowHasUnique != 0 {
		q = p
		p.pass(nil)
		if whole {
			r.unique = q.tags()
		}
	}
	r.row = p.b
	return r, tagged, !p.bad
}

// The value of a bodies bucket is the version that the body belongs to, then the body.
func appendBody(b []byte, version uint64, body []byte) []byte {
	return append(binary.AppendUvarint(b, version), body...)
}

func parseBody(b []byte) (version uint64, body []byte, ok bool) {
	p := parser{b: b}
	version = p.uvarint()
	return version, p.b, !p.bad
}

// The value of an entry: time, subject, body.
func appendEntry(b []byte, e *store.Entry) []byte {
	b = binary.AppendVarint(b, e.At.UnixMicro())
	b = appendString(b, e.Subject)
	return append(b, e.Body...)
}

func parseEntry(b []byte) (e store.Entry, ok bool) {
	p := parser{b: b}
	e.At = time.UnixMicro(p.varint()).UTC()
	e.Subject = string(p.bytes(store.MaxID))
	e.Body = p.b
	return e, !p.bad
}

// lease is the value of a due bucket; the zero lease is an empty value.
type lease struct {
	until  time.Time
	worker string
}

func appendLease(b []byte, l lease) []byte {
	return append(binary.AppendVarint(b, l.until.UnixMicro()), l.worker...)
}

func parseLease(b []byte) (l lease, ok bool) {
	if len(b) == 0 {
		return lease{}, true
	}
	p := parser{b: b}
	l.until = time.UnixMicro(p.varint()).UTC()
	l.worker = string(p.b)
	return l, !p.bad
}

// Keys of indexes. Names and values contain no NUL.
func tagKey(b []byte, t store.Tag, id string) []byte {
	b = append(b, t.Name...)
	b = append(b, 0)
	b = append(b, t.Value...)
	b = append(b, 0)
	return append(b, id...)
}

func uniqueKey(b []byte, t store.Tag) []byte {
	b = append(b, t.Name...)
	b = append(b, 0)
	return append(b, t.Value...)
}

// dueKey orders by time, then by ID.
func dueKey(b []byte, due time.Time, id string) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(due.UnixMicro())^1<<63)
	return append(b, id...)
}

func parseDueKey(k []byte) (due time.Time, id []byte, ok bool) {
	if len(k) <= 8 {
		return time.Time{}, nil, false
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(k) ^ 1<<63)).UTC(), k[8:], true
}

// entryKey is that of the entries bucket when subject is empty, otherwise of subjects.
func entryKey(b []byte, s store.Stream, subject string, at store.Seq) []byte {
	b = append(b, s...)
	b = append(b, 0)
	if subject != "" {
		b = append(b, subject...)
		b = append(b, 0)
	}
	return binary.BigEndian.AppendUint64(b, uint64(at))
}

// tally counts the elements of a bucket and adds up their digests.
type tally struct{ count, digest uint64 }

func (t *tally) add(sum uint32)    { t.count++; t.digest += digest(sum) }
func (t *tally) remove(sum uint32) { t.count--; t.digest -= digest(sum) }

func (t tally) append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, t.count), t.digest)
}

func parseTally(b []byte) (t tally, ok bool) {
	if len(b) != 16 {
		return t, false
	}
	return tally{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}, true
}

func appendNumber(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

func parseNumber(b []byte) (uint64, bool) {
	if len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

func micro(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

func leaseEnd(now time.Time, d time.Duration) time.Time {
	end := now.Add(d)
	if m := micro(end); m.Before(end) {
		return m.Add(time.Microsecond) // never shorter than asked for
	}
	return micro(end)
}

// words is how many 64-bit words hold n bits.
func words(n uint64) uint64 { return (n + 63) / 64 }
