package vanity

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/numberdesk/numberdesk/nanp"
)

// A saved index is, all integers little-endian:
//
//	8 bytes  "NDINDEX" and the version, 1
//	uint32   how many exchanges follow; uint32 how many numbers they hold
//	for each exchange, in numeric order:
//	  uint16 area code, uint16 exchange, uint16 how many lines: 1 to 10,000
//	  up to 624 lines: a uint16 each, 0 to 9999, in order
//	  more: 1,250 bytes, bit line%8 of byte line/8 set for each
//	uint32   CRC-32C of everything before
//
// There is one way to write an inventory, so equal ones give equal files.
const (
	indexMagic    = "NDINDEX"
	indexVersion  = 1
	indexHeader   = 16
	maxListed     = 624 // lines that a list writes in less than a bitmap
	thousandBytes = 1000 / 8
	bitmapBytes   = 10 * thousandBytes
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// IndexError says why something that was read is not a saved index.
type IndexError struct {
	Offset int64 // of what was found wrong, in bytes
	Rule   string
	Err    error // io.ErrUnexpectedEOF when the end is missing
}

func (e *IndexError) Error() string {
	return fmt.Sprintf("vanity: saved index, byte %d: %s", e.Offset, e.Rule)
}

func (e *IndexError) Unwrap() error { return e.Err }

// Save writes the numbers that are held at this moment, for [LoadIndex]. They
// are put into memory first, at most 1,256 bytes for an exchange, so that a
// slow w keeps nobody from changing the index.
func (ix *Index) Save(w io.Writer) error {
	_, err := w.Write(ix.encode())
	return err
}

func (ix *Index) encode() []byte {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	exchanges, size := 0, indexHeader+4
	for _, a := range ix.areas {
		if a == nil {
			continue
		}
		for _, n := range a.counts {
			switch {
			case n > maxListed:
				size += 6 + bitmapBytes
				exchanges++
			case n > 0:
				size += 6 + 2*int(n)
				exchanges++
			}
		}
	}
	out := append(make([]byte, 0, size), indexMagic...)
	out = append(out, indexVersion)
	out = binary.LittleEndian.AppendUint32(out, uint32(exchanges))
	out = binary.LittleEndian.AppendUint32(out, uint32(ix.total))
	for npa, a := range ix.areas {
		if a == nil {
			continue
		}
		for nxx, n := range a.counts {
			if n > 0 {
				out = binary.LittleEndian.AppendUint16(out, uint16(npa+200))
				out = binary.LittleEndian.AppendUint16(out, uint16(nxx+200))
				out = binary.LittleEndian.AppendUint16(out, n)
				out = a.blocks[nxx].append(out, int(n))
			}
		}
	}
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
}

func (b *block) append(out []byte, n int) []byte {
	if n <= maxListed {
		b.each(func(line uint16) {
			out = binary.LittleEndian.AppendUint16(out, line>>12*1000+line>>8&15*100+line>>4&15*10+line&15)
		})
		return out
	}
	dense := b.dense
	if dense == nil {
		dense = new(bitmap)
		for _, l := range b.sparse {
			dense.set(slotOf(l))
		}
	}
	for thousand := range 10 {
		var raw [128]byte
		for i, x := range dense[thousand*16:][:16] {
			binary.LittleEndian.PutUint64(raw[8*i:], x)
		}
		out = append(out, raw[:thousandBytes]...)
	}
	return out
}

// LoadIndex reads what [Index.Save] has written, to the end of r. Anything else
// is refused with an [*IndexError]: no damage gives an index that differs. An
// error of r itself is returned wrapped.
//
// Whatever r holds, no more memory is taken than 45 MB and three bytes for each
// byte read.
func LoadIndex(r io.Reader) (*Index, error) {
	in := indexReader{r: bufio.NewReader(r), sum: crc32.New(castagnoli)}
	head := in.take(indexHeader)
	if in.err != nil {
		return nil, in.err
	}
	if string(head[:7]) != indexMagic {
		return nil, &IndexError{Rule: "is not a saved index"}
	}
	if head[7] != indexVersion {
		return nil, &IndexError{Offset: 7, Rule: fmt.Sprintf("is of version %d, not %d", head[7], indexVersion)}
	}
	exchanges, total := binary.LittleEndian.Uint32(head[8:]), binary.LittleEndian.Uint32(head[12:])
	ix := new(Index)
	last := 0
	for range exchanges {
		if last = ix.load(&in, last); in.err != nil {
			return nil, in.err
		}
	}
	if uint32(ix.total) != total {
		in.refuse("the numbers are not as many as announced")
	}
	sum := in.sum.Sum32()
	if foot := in.take(4); in.err == nil && binary.LittleEndian.Uint32(foot) != sum {
		in.refuse("the checksum is wrong")
	}
	if in.err == nil {
		if _, err := in.r.ReadByte(); err == nil {
			in.refuse("more follows than was announced")
		} else if !errors.Is(err, io.EOF) {
			in.fail(err)
		}
	}
	if in.err != nil {
		return nil, in.err
	}
	for _, a := range ix.areas {
		if a != nil && a.total >= summaryFrom {
			a.summarize()
		}
	}
	return ix, nil
}

// load reads one exchange, which must come after the last, and returns it.
func (ix *Index) load(in *indexReader, last int) int {
	head := in.take(6)
	if in.err != nil {
		return 0
	}
	npa, nxx := int(binary.LittleEndian.Uint16(head)), int(binary.LittleEndian.Uint16(head[2:]))
	n := int(binary.LittleEndian.Uint16(head[4:]))
	if _, err := nanp.Make(nanp.NPA(npa), nanp.NXX(nxx), 0); err != nil {
		in.refuse("no number can have this area code and exchange")
		return 0
	}
	if n < 1 || n > 10_000 {
		in.refuse("an exchange has 1 to 10,000 lines")
		return 0
	}
	if npa*1000+nxx <= last {
		in.refuse("the exchanges are not in order")
		return 0
	}
	b := in.block(n)
	if in.err != nil {
		return 0
	}
	a := ix.areas[npa-200]
	if a == nil {
		a = new(area)
		ix.areas[npa-200] = a
		ix.used.add(npa)
	}
	a.blocks[nxx-200] = b
	a.counts[nxx-200] = uint16(n)
	a.used.add(nxx)
	a.total += n
	ix.total += n
	return npa*1000 + nxx
}

// block reads the n lines of an exchange.
func (in *indexReader) block(n int) (b block) {
	if n <= maxListed {
		raw := in.take(2 * n)
		if in.err != nil {
			return b
		}
		b.sparse = make([]uint16, n)
		t := digitSets()
		for i := range b.sparse {
			line := binary.LittleEndian.Uint16(raw[2*i:])
			if line > 9999 {
				in.refuse("a line has four digits")
				return b
			}
			b.sparse[i] = line/1000<<12 | t.bcd[line%1000]
			if i > 0 && b.sparse[i-1] >= b.sparse[i] {
				in.refuse("the lines are not in order")
				return b
			}
		}
		return b
	}
	raw := in.take(bitmapBytes)
	if in.err != nil {
		return b
	}
	b.dense = new(bitmap)
	set := 0
	for thousand := range 10 {
		var words [128]byte
		copy(words[:], raw[thousand*thousandBytes:][:thousandBytes])
		for i := range 16 {
			x := binary.LittleEndian.Uint64(words[8*i:])
			b.dense[thousand*16+i] = x
			set += bits.OnesCount64(x)
		}
	}
	if set != n {
		in.refuse("the lines are not as many as announced")
	}
	return b
}

// indexReader reads a saved index piece by piece. After the first error it
// returns nothing more.
type indexReader struct {
	r    *bufio.Reader
	sum  hash.Hash32
	at   int64 // where the last piece began
	next int64
	buf  [bitmapBytes]byte
	err  error
}

// take returns the next n bytes, at most 1,250, until the next call.
func (in *indexReader) take(n int) []byte {
	if in.err != nil {
		return nil
	}
	in.at = in.next
	got, err := io.ReadFull(in.r, in.buf[:n])
	in.next += int64(got)
	if err != nil {
		in.fail(err)
		return nil
	}
	in.sum.Write(in.buf[:n])
	return in.buf[:n]
}

func (in *indexReader) refuse(rule string) {
	in.err = &IndexError{Offset: in.at, Rule: rule}
}

func (in *indexReader) fail(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		in.err = &IndexError{Offset: in.next, Rule: "the end is missing", Err: io.ErrUnexpectedEOF}
		return
	}
	in.err = fmt.Errorf("vanity: reading a saved index: %w", err)
}
