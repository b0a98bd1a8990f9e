package vanity

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
)

func saved(t require.TestingT, ix *Index) []byte {
	var b bytes.Buffer
	require.NoError(t, ix.Save(&b))
	return b.Bytes()
}

func TestIndexSurvivesSaving(t *testing.T) {
	held := mixed(6)
	for name, held := range map[string][]nanp.Number{"none": nil, "one": held[:1], "mixed": held} {
		t.Run(name, func(t *testing.T) {
			first := NewIndex(shuffled(held))
			file := saved(t, first)
			ix, err := LoadIndex(iotest.OneByteReader(bytes.NewReader(file)))
			require.NoError(t, err)
			for i, text := range []string{"XXX-XXX-XXXX", "888-XXX-XX00", "XXX-XXX-&&%%", "8XX-5XX-XXX5"} {
				agree(t, ix, held, asks(text), uint64(i))
			}
			require.Equal(t, len(held), ix.Len())
			require.Equal(t, name == "mixed", ix.areas[888-200] != nil && ix.areas[888-200].lines != nil)
			require.Equal(t, file, saved(t, NewIndex(slices.Values(held))), "equal inventories give equal files")
			require.LessOrEqual(t, ix.Bytes(), first.Bytes())

			// What is loaded changes as what was built does.
			for _, n := range held {
				require.True(t, ix.Has(n))
				require.True(t, ix.Remove(n))
			}
			require.Equal(t, new(Index).Bytes(), ix.Bytes())
		})
	}
}

// An exchange that has lost lines is a bitmap in memory and a list in the file.
func TestIndexSavesEveryFill(t *testing.T) {
	for _, n := range []int{1, 399, 400, 401, 599, 600, 601, 624, 625, 626, 9999, 10_000} {
		ix := NewIndex(nil)
		for line := range min(n+10, 10_000) {
			ix.Add(number(888, 555, line))
		}
		for line := n; line < 10_000; line++ {
			ix.Remove(number(888, 555, line))
		}
		again, err := LoadIndex(bytes.NewReader(saved(t, ix)))
		require.NoError(t, err)
		require.Equal(t, slices.Collect(ix.All(nil)), slices.Collect(again.All(nil)))
		require.Equal(t, n, again.Count(nil))
		require.True(t, again.Has(number(888, 555, n-1)))
		require.Equal(t, n < 10_000, again.Add(number(888, 555, 9999)))
	}
}

func small(t require.TestingT) []byte {
	ix := NewIndex(slices.Values([]nanp.Number{number(201, 200, 0), number(888, 555, 123), number(888, 555, 124)}))
	for line := range 700 {
		ix.Add(number(888, 999, line*13))
	}
	return saved(t, ix)
}

func TestLoadIndexRefusesDamage(t *testing.T) {
	file := small(t)
	var damage *IndexError
	for at := range file {
		for _, flip := range []byte{1, 0x80, 0xff} {
			bad := bytes.Clone(file)
			bad[at] ^= flip
			ix, err := LoadIndex(bytes.NewReader(bad))
			require.ErrorAs(t, err, &damage, "byte %d", at)
			require.Nil(t, ix)
		}
		_, err := LoadIndex(bytes.NewReader(file[:at]))
		require.ErrorAs(t, err, &damage, "cut at %d", at)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, int64(at), damage.Offset)
	}
	_, err := LoadIndex(bytes.NewReader(append(file, 0)))
	require.ErrorAs(t, err, &damage)
	_, err = LoadIndex(bytes.NewReader(append([]byte("NDINDEX\x02"), file[8:]...)))
	require.ErrorContains(t, err, "version 2")
}

// file writes an index by hand, with the checksum that belongs to it.
func file(exchanges, total int, body ...[]byte) []byte {
	out := append([]byte(indexMagic), indexVersion)
	out = binary.LittleEndian.AppendUint32(out, uint32(exchanges))
	out = binary.LittleEndian.AppendUint32(out, uint32(total))
	out = append(out, bytes.Join(body, nil)...)
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
}

func words(values ...int) (out []byte) {
	for _, v := range values {
		out = binary.LittleEndian.AppendUint16(out, uint16(v))
	}
	return out
}

// A right checksum does not make what no index would have written acceptable.
func TestLoadIndexRefusesNonsense(t *testing.T) {
	full := bytes.Repeat([]byte{0xff}, bitmapBytes)
	_, err := LoadIndex(bytes.NewReader(file(2, 3, words(888, 555, 2, 0, 9999), words(888, 556, 1, 5))))
	require.NoError(t, err)
	_, err = LoadIndex(bytes.NewReader(file(1, 10_000, words(888, 555, 10_000), full)))
	require.NoError(t, err)
	for rule, bad := range map[string][]byte{
		"as many as announced":  file(1, 2, words(888, 555, 1, 5)),
		"area code":             file(1, 1, words(111, 555, 1, 5)),
		"code and exchange":     file(1, 1, words(888, 911, 1, 5)),
		"no number can":         file(1, 1, words(65535, 65535, 1, 5)),
		"1 to 10,000":           file(1, 0, words(888, 555, 0)),
		"has 1 to":              file(1, 10_001, words(888, 555, 10_001), full),
		"exchanges are not in":  file(2, 2, words(888, 555, 1, 5), words(888, 554, 1, 5)),
		"exchanges are not":     file(2, 2, words(888, 555, 1, 5), words(888, 555, 1, 6)),
		"lines are not in":      file(1, 2, words(888, 555, 2, 6, 5)),
		"lines are not":         file(1, 2, words(888, 555, 2, 5, 5)),
		"four digits":           file(1, 1, words(888, 555, 1, 10_000)),
		"lines are not as many": file(1, 9_999, words(888, 555, 9_999), full),
		"checksum":              append(file(0, 0)[:indexHeader], 1, 2, 3, 4),
		"more follows":          append(file(0, 0), 0),
		"end is missing":        file(1<<32-1, 1<<32-1),
		"not a saved index":     bytes.Repeat([]byte("x"), 100),
	} {
		var damage *IndexError
		_, err := LoadIndex(bytes.NewReader(bad))
		require.ErrorAs(t, err, &damage)
		require.ErrorContains(t, err, rule)
	}
}

func TestLoadIndexPassesOnWhatItsReaderSays(t *testing.T) {
	broken := errors.New("unplugged")
	file := small(t)
	for _, at := range []int{0, 5, 100, len(file)} {
		_, err := LoadIndex(io.MultiReader(bytes.NewReader(file[:at]), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken)
	}
	r, w := io.Pipe()
	require.NoError(t, r.CloseWithError(broken))
	require.ErrorIs(t, NewIndex(nil).Save(w), broken)
}

// The smallest file that makes every area code and every summary necessary.
func TestLoadIndexTakesBoundedMemory(t *testing.T) {
	var body [][]byte
	exchanges, full := 0, bytes.Repeat([]byte{0xff}, bitmapBytes)
	for npa := range 1000 {
		for _, nxx := range []int{200, 201} {
			if _, err := nanp.Make(nanp.NPA(npa), nanp.NXX(nxx), 0); err == nil {
				body = append(body, words(npa, nxx, 10_000), full)
				exchanges++
			}
		}
	}
	in := file(exchanges, exchanges*10_000, body...)
	body = nil
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ix, err := LoadIndex(bytes.NewReader(in))
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Equal(t, exchanges*10_000, ix.Len())
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(45<<20+3*len(in)))
}

func TestIndexSavesWhatRandomChangesLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.MapOf(rapid.IntRange(0, 3), rapid.SliceOfN(rapid.IntRange(0, 9999), 0, 900)).Draw(t, "lines")
		ix := NewIndex(nil)
		for i, lines := range set {
			for _, line := range lines {
				ix.Add(number(888-i%2*55, 200+i, line))
			}
		}
		again, err := LoadIndex(bytes.NewReader(saved(t, ix)))
		require.NoError(t, err)
		agree(t, again, slices.Collect(ix.All(nil)), nil, 7)
	})
}

// What is accepted is written back byte for byte.
func FuzzLoadIndex(f *testing.F) {
	f.Add(small(f))
	f.Add(saved(f, NewIndex(nil)))
	f.Add(file(2, 3, words(888, 555, 2, 0, 9999), words(888, 556, 1, 5)))
	f.Add(file(1, 2, words(888, 555, 2, 6, 5)))
	f.Fuzz(func(t *testing.T, in []byte) {
		// As given, and with the checksum put right so that the rest is reached.
		for range 2 {
			ix, err := LoadIndex(bytes.NewReader(in))
			var damage *IndexError
			if err == nil {
				require.Equal(t, in, saved(t, ix))
				require.Equal(t, ix.Len(), len(slices.Collect(ix.All(nil))))
			} else if require.ErrorAs(t, err, &damage); damage.Offset < 0 || damage.Offset > int64(len(in)) {
				t.Fatal(damage)
			}
			if len(in) < indexHeader+4 {
				return
			}
			in = bytes.Clone(in[:len(in)-4])
			in = binary.LittleEndian.AppendUint32(in, crc32.Checksum(in, castagnoli))
		}
	})
}
