package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
)

// The page format of bbolt, read with bounds. Numbers are in the byte order of
// the machine, as bbolt writes them.
const (
	headerSize = 16 // id 8, flags 2, count 2, overflow 4
	elemSize   = 16 // branch: pos 4, key size 4, page 8; leaf: flags 4, pos 4, key size 4, value size 4
	metaSize   = 64
	bucketSize = 16 // root page 8, sequence 8; a root of 0 means that the page follows inline

	flagBranch = 0x01
	flagLeaf   = 0x02
	flagMeta   = 0x04
	flagFree   = 0x10

	elemBucket = 0x01

	boltMagic   = 0xED0CDAED
	boltVersion = 2
	maxDepth    = 24
)

var order = binary.NativeEndian

// damage is what a reader of pages found. The store turns it into a *store.FileError.
type damage struct {
	page   uint64 // 0: not about one page
	bucket string
	what   string
}

func (d *damage) Error() string {
	s := d.what
	if d.bucket != "" {
		s = d.bucket + ": " + s
	}
	if d.page != 0 {
		s = fmt.Sprintf("page %d: %s", d.page, s)
	}
	return s
}

func damaged(page uint64, format string, args ...any) error {
	return &damage{page: page, what: fmt.Sprintf(format, args...)}
}

// meta is the head of one committed state.
type meta struct {
	pageSize int
	root     uint64
	free     uint64
	pages    uint64 // high-water mark
	txid     uint64
}

// readMeta decodes meta page n from the beginning of its page.
func readMeta(b []byte, n uint64) (meta, error) {
	if len(b) < headerSize+metaSize {
		return meta{}, damaged(n, "meta page is cut off")
	}
	if id := order.Uint64(b); id != n {
		return meta{}, damaged(n, "meta page says that it is page %d", id)
	}
	if f := order.Uint16(b[8:]); f != flagMeta {
		return meta{}, damaged(n, "meta page has type %#x", f)
	}
	m := b[headerSize:]
	h := fnv.New64a()
	h.Write(m[:56])
	switch {
	case order.Uint32(m) != boltMagic:
		return meta{}, damaged(n, "meta page does not begin like one")
	case order.Uint32(m[4:]) != boltVersion:
		return meta{}, damaged(n, "meta page has version %d", order.Uint32(m[4:]))
	case order.Uint64(m[56:]) != h.Sum64():
		return meta{}, damaged(n, "meta page fails its sum")
	}
	return meta{
		pageSize: int(order.Uint32(m[8:])),
		root:     order.Uint64(m[16:]),
		free:     order.Uint64(m[32:]),
		pages:    order.Uint64(m[40:]),
		txid:     order.Uint64(m[48:]),
	}, nil
}

// page is a branch or leaf page whose layout has been checked: see parse.
type page struct {
	b    []byte // the page with its overflow
	id   uint64
	n    int
	leaf bool
}

// key returns the key of element i. It is empty only when the page is damaged.
func (p *page) key(i int) []byte {
	o := headerSize + elemSize*i
	if p.leaf {
		o += 4
	}
	pos, size := int(order.Uint32(p.b[o:])), int(order.Uint32(p.b[o+4:]))
	pos += headerSize + elemSize*i
	return p.b[pos : pos+size : pos+size]
}

// value returns the value of element i of a leaf.
func (p *page) value(i int) []byte {
	o := headerSize + elemSize*i
	pos := o + int(order.Uint32(p.b[o+4:])) + int(order.Uint32(p.b[o+8:]))
	end := pos + int(order.Uint32(p.b[o+12:]))
	return p.b[pos:end:end]
}

// isBucket says whether element i of a leaf is a bucket.
func (p *page) isBucket(i int) bool { return order.Uint32(p.b[headerSize+elemSize*i:]) == elemBucket }

// child returns the page that element i of a branch leads to.
func (p *page) child(i int) uint64 { return order.Uint64(p.b[headerSize+elemSize*i+8:]) }

// search returns the first element whose key is at or above key.
func (p *page) search(key []byte) (i int, exact bool) {
	lo, hi := 0, p.n
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch bytes.Compare(p.key(mid), key) {
		case 0:
			return mid, true
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return lo, false
}

// runLength reads from the head of page id how many pages it takes.
func runLength(b []byte, id, pages uint64) (int, error) {
	n := uint64(order.Uint32(b[12:])) + 1
	if got := order.Uint64(b); got != id {
		return 0, damaged(id, "says that it is page %d", got)
	}
	if id+n > pages {
		return 0, damaged(id, "says that it takes %d pages, the file has %d", n, pages)
	}
	return int(n), nil
}

// parse checks the layout of the page that fills b, 0 for the size of an inline
// page. bbolt writes elements without gaps and takes no page more than they
// need, so any other layout is damage. With all, each element is looked at; for a
// branch without it, the ends alone: a cursor compares the keys it follows with
// the pages that they lead to.
func parse(b []byte, id uint64, pageSize int, all bool) (page, error) {
	if len(b) < headerSize {
		return page{}, damaged(id, "page is cut off")
	}
	p := page{b: b, id: id, n: int(order.Uint16(b[10:]))}
	switch flags := order.Uint16(b[8:]); flags {
	case flagBranch:
	case flagLeaf:
		p.leaf = true
	default:
		return p, damaged(id, "has type %#x", flags)
	}
	end := headerSize + elemSize*p.n
	if end > len(b) {
		return p, damaged(id, "says that it has %d elements", p.n)
	}
	switch {
	case p.n == 0 && p.leaf:
		if len(b) >= end+elemSize && !allZero(b[end:end+elemSize]) {
			return p, damaged(id, "says that it has no elements")
		}
	case p.n == 0:
		return p, damaged(id, "is a branch without children")
	case p.leaf:
		for i := range p.n {
			e := b[headerSize+elemSize*i : headerSize+elemSize*i+elemSize]
			if flags := order.Uint32(e); flags > elemBucket {
				return p, damaged(id, "element %d has type %#x", i, flags)
			}
			if headerSize+elemSize*i+int(order.Uint32(e[4:])) != end || order.Uint32(e[8:]) == 0 {
				return p, damaged(id, "element %d is out of place", i)
			}
			end += int(order.Uint32(e[8:])) + int(order.Uint32(e[12:]))
			if end > len(b) {
				return p, damaged(id, "element %d reaches beyond the page", i)
			}
		}
	default:
		i, step := 0, max(p.n-1, 1)
		if all {
			step = 1
		}
		for ; i < p.n; i += step {
			e := b[headerSize+elemSize*i : headerSize+elemSize*i+elemSize]
			start := headerSize + elemSize*i + int(order.Uint32(e))
			if (all || i == 0) && start != end || order.Uint32(e[4:]) == 0 {
				return p, damaged(id, "element %d is out of place", i)
			}
			end = start + int(order.Uint32(e[4:]))
			if end > len(b) {
				return p, damaged(id, "element %d reaches beyond the page", i)
			}
		}
	}
	if pageSize == 0 {
		pageSize = 1
	}
	if (end+pageSize-1)/pageSize*pageSize != len(b) {
		return p, damaged(id, "takes %d bytes of %d", end, len(b))
	}
	return p, nil
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// pages gives the pages of one committed state out of a file or a mapping.
type pages struct {
	mem      []byte      // the mapping, or
	file     io.ReaderAt // the file
	pageSize int
	count    uint64 // pages at or above it do not belong to the state
}

// run returns n pages from id on. Bytes of a mapping MUST NOT be changed.
func (s *pages) run(id uint64, n int, buf []byte) ([]byte, error) {
	off, size := int64(id)*int64(s.pageSize), n*s.pageSize
	if s.mem != nil {
		return s.mem[off : off+int64(size) : off+int64(size)], nil
	}
	if cap(buf) < size {
		buf = make([]byte, size)
	}
	buf = buf[:size]
	if _, err := s.file.ReadAt(buf, off); err != nil {
		if err == io.EOF {
			err = damaged(id, "page is cut off")
		}
		return nil, err
	}
	return buf, nil
}

// page returns a branch or leaf page. buf may be used for its bytes.
func (s *pages) page(id uint64, all bool, buf []byte) (page, error) {
	if id < 2 || id >= s.count {
		return page{}, damaged(id, "is outside the %d pages of the file", s.count)
	}
	b, err := s.run(id, 1, buf)
	if err != nil {
		return page{}, err
	}
	n, err := runLength(b, id, s.count)
	if err != nil {
		return page{}, err
	}
	if n > 1 {
		if b, err = s.run(id, n, buf); err != nil {
			return page{}, err
		}
	}
	return parse(b, id, s.pageSize, all)
}

// bucketRoot is where a bucket's tree begins: a page, or a leaf inside the
// bucket's own element.
type bucketRoot struct {
	id     uint64
	inline page
}

func parseBucket(v []byte) (bucketRoot, error) {
	if len(v) < bucketSize {
		return bucketRoot{}, damaged(0, "bucket head is cut off")
	}
	if seq := order.Uint64(v[8:]); seq != 0 {
		return bucketRoot{}, damaged(0, "bucket sequence is %d", seq)
	}
	if id := order.Uint64(v); id != 0 {
		if len(v) != bucketSize {
			return bucketRoot{}, damaged(0, "bucket head has %d bytes", len(v))
		}
		return bucketRoot{id: id}, nil
	}
	p, err := parse(v[bucketSize:], 0, 0, true)
	if err != nil {
		return bucketRoot{}, err
	}
	if !p.leaf {
		return bucketRoot{}, damaged(0, "inline bucket is not a leaf")
	}
	return bucketRoot{inline: p}, nil
}
