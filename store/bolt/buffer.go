package bolt

import (
	"bytes"
	"slices"
	"sort"
)

// buffer holds what a transaction will do to one bucket, in the order of keys:
// that makes its own writes visible to its lists, and lets the commit hand bbolt
// sorted keys, which is what decides how fast it loads.
type buffer struct {
	chunks [][]change // none is empty
	n      int
}

type change struct {
	key    []byte
	value  []byte // with its sum
	delete bool
}

const chunkMax = 256

func (b *buffer) place(key []byte) (chunk, i int, found bool) {
	chunk = sort.Search(len(b.chunks), func(i int) bool { return bytes.Compare(b.chunks[i][0].key, key) > 0 })
	chunk = max(chunk-1, 0)
	if len(b.chunks) > 0 {
		i, found = slices.BinarySearchFunc(b.chunks[chunk], key, func(c change, k []byte) int { return bytes.Compare(c.key, k) })
	}
	return chunk, i, found
}

// set replaces whatever was to happen to the key.
func (b *buffer) set(c change) {
	if len(b.chunks) == 0 {
		b.chunks, b.n = [][]change{append(make([]change, 0, 8), c)}, 1
		return
	}
	n, i, found := b.place(c.key)
	if found {
		b.chunks[n][i] = c
		return
	}
	b.n++
	ch := slices.Insert(b.chunks[n], i, c)
	b.chunks[n] = ch
	if len(ch) > chunkMax {
		// Keys that come in order leave full chunks behind them.
		cut := len(ch) / 2
		if i == len(ch)-1 {
			cut = len(ch) - 1
		}
		b.chunks = slices.Insert(b.chunks, n+1, append(make([]change, 0, chunkMax+1), ch[cut:]...))
		b.chunks[n] = ch[:cut:cut]
	}
}

// get returns what is to happen to the key.
func (b *buffer) get(key []byte) (change, bool) {
	if b == nil || b.n == 0 {
		return change{}, false
	}
	if n, i, found := b.place(key); found {
		return b.chunks[n][i], true
	}
	return change{}, false
}

func (b *buffer) deletesOnly() bool {
	for _, chunk := range b.chunks {
		if slices.ContainsFunc(chunk, func(c change) bool { return !c.delete }) {
			return false
		}
	}
	return true
}

// position is a place in a buffer. It is lost when the buffer changes.
type position struct {
	b        *buffer
	chunk, i int
}

func (b *buffer) seek(key []byte) position {
	if b == nil || b.n == 0 {
		return position{}
	}
	n, i, _ := b.place(key)
	p := position{b, n, i}
	p.settle()
	return p
}

// settle moves from the end of a chunk to the beginning of the next.
func (p *position) settle() {
	if p.chunk < len(p.b.chunks) && p.i >= len(p.b.chunks[p.chunk]) {
		p.chunk, p.i = p.chunk+1, 0
	}
}

func (p *position) change() *change {
	if p.b == nil || p.chunk >= len(p.b.chunks) {
		return nil
	}
	return &p.b.chunks[p.chunk][p.i]
}

func (p *position) next() {
	p.i++
	p.settle()
}

// iterator walks a bucket as the transaction sees it: the committed elements
// with its own changes over them. The functions of a transaction do not change a
// buffer while they walk.
type iterator struct {
	c     *cursor // nil: the committed state has no such bucket
	own   *buffer
	at    position
	ownAt bool   // the element is one of the changes
	k, v  []byte // as in cursor
}

// seek goes to the first element at or above key and says whether it is the one.
func (it *iterator) seek(key []byte) (found bool, err error) {
	if it.c != nil {
		if _, err = it.c.seek(key); err != nil {
			return false, err
		}
	}
	it.at = it.own.seek(key)
	if err := it.settle(); err != nil {
		return false, err
	}
	return it.k != nil && bytes.Equal(it.k, key), nil
}

func (it *iterator) next() error {
	if it.ownAt {
		it.at.next()
	} else if err := it.c.next(); err != nil {
		return err
	}
	return it.settle()
}

// settle takes the lower of both elements; a change hides the committed element
// with its key, and is itself hidden when it is a deletion.
func (it *iterator) settle() error {
	for {
		var k []byte
		if it.c != nil {
			k = it.c.k
		}
		own := it.at.change()
		if own == nil {
			it.ownAt, it.k, it.v = false, k, nil
			if k != nil {
				it.v = it.c.v
			}
			return nil
		}
		order := -1
		if k != nil {
			order = bytes.Compare(own.key, k)
		}
		if order > 0 {
			it.ownAt, it.k, it.v = false, k, it.c.v
			return nil
		}
		if order == 0 {
			if err := it.c.next(); err != nil {
				return err
			}
		}
		if !own.delete {
			it.ownAt, it.k, it.v = true, own.key, own.value[:len(own.value)-sumSize]
			return nil
		}
		it.at.next()
	}
}
