package bolt

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// checker walks the pages of a file with bounded reads. Without leaves it reads
// the branch pages alone, about one in a hundred: enough to know that every page
// is reached once or free, that trees have one depth and their keys are in order,
// and so that bbolt cannot be led astray or made to hand out a page twice. With
// leaves it reads everything.
type checker struct {
	ctx    context.Context
	pages  pages
	meta   meta
	leaves bool
	visit  func(b *namedBucket, p *page, i int) // each element of a leaf, with leaves

	used, free  bitmap
	freeUnknown bool // the list of free pages is not to be had: pages may belong to nothing
	buckets     []namedBucket
	bufs        [maxDepth][]byte
	read        int64 // bytes

	found []damage
	err   error // a failed read, or the end of the context
}

type namedBucket struct {
	name string
	bucketRoot
}

const maxFound = 100 // a broken file does not fill the memory with complaints

type bitmap []uint64

func (b bitmap) has(i uint64) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b bitmap) set(i uint64)      { b[i/64] |= 1 << (i % 64) }

// readHead checks both meta pages and returns the newer state. Both have to be
// sound: bbolt would fall back to the older one, and the last commit would be
// gone without a word.
func readHead(f io.ReaderAt, size int64) (meta, error) {
	if size == 0 {
		return meta{}, damaged(0, "the file is empty")
	}
	var buf [headerSize + metaSize]byte
	if _, err := f.ReadAt(buf[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return meta{}, err
	}
	m0, err := readMeta(buf[:], 0)
	if err != nil {
		return meta{}, err
	}
	if m0.pageSize < 1024 || m0.pageSize > 64<<10 || m0.pageSize&(m0.pageSize-1) != 0 {
		return meta{}, damaged(0, "page size is %d", m0.pageSize)
	}
	clear(buf[:])
	if _, err := f.ReadAt(buf[:], int64(m0.pageSize)); err != nil && !errors.Is(err, io.EOF) {
		return meta{}, err
	}
	m1, err := readMeta(buf[:], 1)
	if err != nil {
		return meta{}, err
	}
	m := m0
	if m1.txid > m0.txid {
		m = m1
	}
	switch {
	case m1.pageSize != m0.pageSize:
		return meta{}, damaged(1, "page size is %d and %d", m0.pageSize, m1.pageSize)
	case m.pages < 4 || m.pages > uint64(size)/uint64(m.pageSize):
		return meta{}, damaged(0, "the file should have %d pages of %d bytes and has %d bytes: it is cut off", m.pages, m.pageSize, size)
	case m.root < 2 || m.root >= m.pages:
		return meta{}, damaged(0, "the root is page %d of %d", m.root, m.pages)
	case m.free < 2 || m.free >= m.pages:
		return meta{}, damaged(0, "the list of free pages is page %d of %d", m.free, m.pages)
	}
	return m, nil
}

func newChecker(ctx context.Context, f io.ReaderAt, m meta, leaves bool) *checker {
	c := &checker{ctx: ctx, meta: m, leaves: leaves}
	c.pages = pages{file: f, pageSize: m.pageSize, count: m.pages}
	c.used, c.free = make(bitmap, words(m.pages)), make(bitmap, words(m.pages))
	return c
}

// run walks everything. Damage is in found; an error is one of reading.
func (c *checker) run() error {
	c.freelist()
	root := namedBucket{bucketRoot: bucketRoot{id: c.meta.root}}
	deep := c.leaves
	c.leaves = true // the tree of buckets is small, and its leaves say where the others begin
	c.tree(&root)
	c.leaves = deep
	for i := range c.buckets {
		c.tree(&c.buckets[i])
	}
	if !c.done() && !c.freeUnknown {
		c.gaps()
	}
	return c.err
}

// done says whether to go on is useless: a check without leaves ends with the
// first damage.
func (c *checker) done() bool {
	if c.err == nil && c.ctx.Err() != nil {
		c.err = c.ctx.Err()
	}
	return c.err != nil || len(c.found) >= maxFound || !c.leaves && len(c.found) > 0
}

func (c *checker) report(bucket string, err error) {
	var d *damage
	if !errors.As(err, &d) {
		c.err = err
		return
	}
	if d.bucket == "" {
		d.bucket = bucket
	}
	if len(c.found) < maxFound {
		c.found = append(c.found, *d)
	}
}

// take marks pages as used.
func (c *checker) take(id uint64, n int) error {
	for i := id; i < id+uint64(n); i++ {
		switch {
		case i < 2 || i >= c.meta.pages:
			return damaged(i, "is outside the %d pages of the file", c.meta.pages)
		case c.used.has(i):
			return damaged(i, "is used twice")
		case c.free.has(i):
			return damaged(i, "is used and on the list of free pages")
		}
		c.used.set(i)
	}
	return nil
}

func (c *checker) freelist() {
	if c.freeUnknown {
		return
	}
	err := func() error {
		head, err := c.pages.run(c.meta.free, 1, nil)
		if err != nil {
			return err
		}
		n, err := runLength(head, c.meta.free, c.meta.pages)
		if err != nil {
			return err
		}
		if flags := order.Uint16(head[8:]); flags != flagFree {
			return damaged(c.meta.free, "the list of free pages has type %#x", flags)
		}
		b, err := c.pages.run(c.meta.free, n, nil)
		if err != nil {
			return err
		}
		c.read += int64(len(b))
		at, count := headerSize, uint64(order.Uint16(b[10:]))
		if count == 0xFFFF {
			count, at = order.Uint64(b[at:]), at+8
		}
		if count > uint64(len(b)-at)/8 {
			return damaged(c.meta.free, "the list of free pages says that it has %d", count)
		}
		last := uint64(1)
		for range count {
			id := order.Uint64(b[at:])
			if id <= last || id >= c.meta.pages {
				return damaged(c.meta.free, "the list of free pages has page %d after %d", id, last)
			}
			c.free.set(id)
			last, at = id, at+8
		}
		return c.take(c.meta.free, n)
	}()
	if err != nil {
		c.report("", err)
	}
}

// tree walks one bucket; that without a name is the bucket of buckets.
func (c *checker) tree(b *namedBucket) {
	if b.id == 0 {
		if p := b.inline; c.leaves && p.b != nil {
			c.leaf(b, &p, nil, nil)
		}
		return
	}
	// The depth is that of the leftmost leaf.
	depth, id := 0, b.id
	for ; depth < maxDepth; depth++ {
		p, err := c.pages.page(id, true, c.bufs[depth])
		if err != nil {
			c.report(b.name, err)
			return
		}
		c.bufs[depth] = p.b
		if p.leaf {
			break
		}
		id = p.child(0)
	}
	if depth == maxDepth {
		c.report(b.name, damaged(b.id, "tree is too deep"))
		return
	}
	if depth == 0 && !c.leaves {
		if err := c.take(b.id, len(c.bufs[0])/c.meta.pageSize); err != nil {
			c.report(b.name, err)
		}
		return
	}
	c.walk(b, b.id, 0, depth, nil, nil)
}

// walk checks a page and what is below it. Its keys begin with first and stay
// below the key above (nil: unknown).
func (c *checker) walk(b *namedBucket, id uint64, level, depth int, first, above []byte) {
	if c.done() {
		return
	}
	p, err := c.pages.page(id, true, c.bufs[level])
	if err == nil {
		c.bufs[level] = p.b
		c.read += int64(len(p.b))
		err = c.take(id, len(p.b)/c.meta.pageSize)
	}
	if err == nil && p.leaf != (level == depth) {
		err = damaged(id, "is at depth %d of a tree of depth %d", level, depth)
	}
	if err == nil && p.n == 0 && level > 0 {
		err = damaged(id, "is empty")
	}
	if err != nil {
		c.report(b.name, err)
		return
	}
	if p.leaf {
		c.leaf(b, &p, first, above)
		return
	}
	c.keys(b, &p, first, above)
	for i := range p.n {
		if level+1 == depth && !c.leaves {
			if err := c.take(p.child(i), 1); err != nil {
				c.report(b.name, err)
				return
			}
			continue
		}
		end := above
		if i+1 < p.n {
			end = p.key(i + 1)
		}
		c.walk(b, p.child(i), level+1, depth, p.key(i), end)
	}
}

func (c *checker) keys(b *namedBucket, p *page, first, above []byte) {
	if p.n == 0 {
		return
	}
	last := p.key(0)
	if first != nil && !bytes.Equal(last, first) {
		c.report(b.name, damaged(p.id, "does not begin with the key that leads to it"))
	}
	for i := 1; i < p.n; i++ {
		k := p.key(i)
		if bytes.Compare(last, k) >= 0 {
			c.report(b.name, damaged(p.id, "keys %d and %d are out of order", i-1, i))
		}
		last = k
	}
	if above != nil && bytes.Compare(last, above) >= 0 {
		c.report(b.name, damaged(p.id, "reaches into the page after it"))
	}
}

func (c *checker) leaf(b *namedBucket, p *page, first, above []byte) {
	c.keys(b, p, first, above)
	for i := range p.n {
		if b.name != "" {
			if p.isBucket(i) {
				c.report(b.name, damaged(p.id, "element %d has the type of a bucket", i))
			} else if c.visit != nil {
				c.visit(b, p, i)
			}
			continue
		}
		if !p.isBucket(i) {
			c.report("", damaged(p.id, "element %d is not a bucket", i))
			continue
		}
		name := string(p.key(i))
		root, err := parseBucket(bytes.Clone(p.value(i)))
		if err != nil {
			c.report(name, err)
			continue
		}
		c.buckets = append(c.buckets, namedBucket{name, root})
	}
}

// gaps looks at the pages that are neither used nor free. There are none when
// all leaves have been read; otherwise each has to belong to the leaf before it,
// which says so itself.
func (c *checker) gaps() {
	var head [headerSize]byte
	for id := uint64(2); id < c.meta.pages && !c.done(); id++ {
		if id%64 == 0 && id+64 <= c.meta.pages && c.used[id/64]|c.free[id/64] == ^uint64(0) {
			id += 63
			continue
		}
		if c.used.has(id) || c.free.has(id) {
			continue
		}
		end := id
		for end < c.meta.pages && !c.used.has(end) && !c.free.has(end) {
			end++
		}
		lost := damaged(id, "belongs to nothing: a part of the file is not reached any more")
		if c.leaves || id == 2 || !c.used.has(id-1) {
			c.report("", lost)
		} else if _, err := c.pages.file.ReadAt(head[:], int64(id-1)*int64(c.meta.pageSize)); err != nil {
			c.err = err
		} else if order.Uint64(head[:]) != id-1 || order.Uint16(head[8:]) != flagLeaf || uint64(order.Uint32(head[12:])) != end-id {
			c.report("", lost)
		}
		id = end
	}
}
