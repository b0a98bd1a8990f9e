package bolt

import (
	"bytes"
)

// cursor walks the elements of one bucket of a committed state in the order of
// their keys. It trusts nothing: every element that it stands on has passed its
// sum, keys grow from element to element, a page begins with the key that led to
// it, and an element that is missing is missing only when its neighbours are
// sound and in order. After an error it must not be used.
type cursor struct {
	pages  *pages
	bucket string
	seed   uint32
	root   bucketRoot
	plain  bool // the bucket of buckets: its elements carry no sums

	stack []level
	k, v  []byte // the element; k is nil before the first and after the last one
	sum   uint32
}

type level struct {
	page
	i int
}

func (c *cursor) fail(err error) error {
	if d, ok := err.(*damage); ok && d.bucket == "" {
		d.bucket = c.bucket
	}
	return err
}

// seek goes to the first element at or above key and says whether it is the one.
func (c *cursor) seek(key []byte) (found bool, err error) {
	if !c.within(key) {
		if err := c.descend(key); err != nil {
			return false, c.fail(err)
		}
	}
	leaf := &c.stack[len(c.stack)-1]
	leaf.i, found = leaf.search(key)
	if found {
		return true, c.load()
	}
	if leaf.i > 0 { // the neighbour below has to be sound for the miss to be one
		at := leaf.i
		leaf.i = at - 1
		if err := c.load(); err != nil {
			return false, err
		}
		if bytes.Compare(c.k, key) >= 0 {
			return false, c.fail(damaged(leaf.id, "keys are out of order"))
		}
		leaf.i = at
	}
	if leaf.i < leaf.n {
		if err := c.load(); err != nil {
			return false, err
		}
	} else if err := c.up(); err != nil {
		return false, err
	}
	if c.k != nil && bytes.Compare(c.k, key) <= 0 {
		return false, c.fail(damaged(leaf.id, "keys are out of order"))
	}
	return false, nil
}

// within says whether the leaf that the cursor stands on holds the key's place
// with both neighbours.
func (c *cursor) within(key []byte) bool {
	if len(c.stack) == 0 {
		return false
	}
	leaf := &c.stack[len(c.stack)-1]
	return leaf.leaf && leaf.n > 0 && bytes.Compare(leaf.key(0), key) <= 0 && bytes.Compare(key, leaf.key(leaf.n-1)) <= 0
}

// descend stacks the pages from the root to the leaf where key belongs.
func (c *cursor) descend(key []byte) error {
	c.stack = c.stack[:0]
	if c.root.id == 0 {
		c.stack = append(c.stack, level{page: c.root.inline})
		return nil
	}
	p, err := c.pages.page(c.root.id, false, nil)
	for {
		if err != nil {
			return err
		}
		c.stack = append(c.stack, level{page: p})
		if p.leaf {
			return nil
		}
		i, exact := p.search(key)
		if !exact && i > 0 {
			i--
		}
		c.stack[len(c.stack)-1].i = i
		p, err = c.child()
	}
}

// child opens the page that the top of the stack points to.
func (c *cursor) child() (page, error) {
	if len(c.stack) >= maxDepth {
		return page{}, damaged(c.root.id, "tree is too deep")
	}
	top := &c.stack[len(c.stack)-1]
	p, err := c.pages.page(top.child(top.i), false, nil)
	if err != nil {
		return p, err
	}
	if p.n == 0 || !bytes.Equal(p.key(0), top.key(top.i)) {
		return p, damaged(p.id, "does not begin with the key that page %d gives for it", top.id)
	}
	return p, nil
}

// next goes to the next element.
func (c *cursor) next() error {
	leaf := &c.stack[len(c.stack)-1]
	last := c.k
	if leaf.i++; leaf.i < leaf.n {
		if err := c.load(); err != nil {
			return err
		}
	} else if err := c.up(); err != nil {
		return err
	}
	if c.k != nil && bytes.Compare(last, c.k) >= 0 {
		return c.fail(damaged(c.stack[len(c.stack)-1].id, "keys are out of order"))
	}
	return nil
}

// up leaves a leaf at its end for the beginning of the next one.
func (c *cursor) up() error {
	depth := len(c.stack) - 1
	for depth--; depth >= 0; depth-- {
		if c.stack[depth].i+1 < c.stack[depth].n {
			break
		}
	}
	if depth < 0 {
		c.k, c.v = nil, nil
		return nil
	}
	c.stack = c.stack[:depth+1]
	c.stack[depth].i++
	for {
		p, err := c.child()
		if err != nil {
			return c.fail(err)
		}
		c.stack = append(c.stack, level{page: p})
		if p.leaf {
			return c.load()
		}
	}
}

// load takes the element that the stack points to.
func (c *cursor) load() error {
	leaf := &c.stack[len(c.stack)-1]
	c.k, c.v = leaf.key(leaf.i), leaf.value(leaf.i)
	if c.plain {
		return nil
	}
	if leaf.isBucket(leaf.i) {
		return c.fail(damaged(leaf.id, "element %d has the type of a bucket", leaf.i))
	}
	var ok bool
	if c.v, c.sum, ok = open(c.seed, c.k, c.v); !ok {
		return c.fail(damaged(leaf.id, "element %q fails its sum", printable(c.k)))
	}
	return nil
}

// printable keeps a damaged key short in a message.
func printable(k []byte) []byte { return k[:min(len(k), 64)] }
