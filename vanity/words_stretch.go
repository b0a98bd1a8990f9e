package vanity

import "github.com/numberdesk/numberdesk/nanp"

const lastSeven = 7 // digits that a spelling covers, unless it is asked for all ten

// stretches tells which stretches of the last seven digits are the digits of a
// word, for all stretches at once, in a few nanoseconds: in a 21 bit number
// stretchBit(7, length, after) is set when the length digits that have after
// digits to their right are. It is tables indexed by digits, three bits a digit;
// 0 and 1, which have no letters, are masked away.
type stretches struct {
	five  []uint16 // by five digits: the stretches of two to five within them, as if nothing stood to their right
	six   []uint64 // one bit for each six digits
	seven []uint64
}

// stretchBit is the bit of a stretch among all stretches of two or more digits
// in width digits: those of two digits first, of these the last in front. So a
// shift by one bit moves stretches of any length by one digit.
func stretchBit(width, length, after int) int {
	bit := after
	for l := shortestWord; l < length; l++ {
		bit += width + 1 - l
	}
	return bit
}

func (s *stretches) build(keys *[longestWord + 1][]uint32) {
	s.five = make([]uint16, 1<<15)
	for length := 2; length <= 5; length++ {
		for _, key := range keys[length] {
			for after := 0; after+length <= 5; after++ {
				bit := uint16(1) << stretchBit(lastSeven, length, after)
				before := 1 << (15 - 3*(after+length))
				for high := range before {
					i := (high<<(3*length) | int(key)) << (3 * after)
					if s.five[i]&bit != 0 {
						break // another word with these digits was here
					}
					for low := range 1 << (3 * after) {
						s.five[i|low] |= bit
					}
				}
			}
		}
	}
	s.six, s.seven = bitsOf(keys[6], 1<<18), bitsOf(keys[7], 1<<21)
}

func bitsOf(keys []uint32, size int) []uint64 {
	bits := make([]uint64, size/64)
	for _, key := range keys {
		bits[key/64] |= 1 << (key % 64)
	}
	return bits
}

// in returns the stretches of the last seven digits of n.
func (s *stretches) in(n nanp.Number) uint64 {
	v, has := packed(n)
	v &= 1<<21 - 1
	bit := func(bits []uint64, v uint32) uint64 { return bits[v/64] >> (v % 64) & 1 }
	found := uint64(s.five[v&0x7fff]) | uint64(s.five[v>>3&0x7fff])<<1 | uint64(s.five[v>>6])<<2 |
		bit(s.six, v&(1<<18-1))<<18 | bit(s.six, v>>3)<<19 | bit(s.seven, v)<<20

	// A stretch counts when each of its digits has letters.
	two := uint64(has&(has>>1)) & 0x3f
	three := two & uint64(has>>2) & 0x1f
	four := three & uint64(has>>3) & 0xf
	five := four & uint64(has>>4) & 7
	six := five & uint64(has>>5) & 3
	seven := six & uint64(has>>6) & 1
	return found & (two | three<<6 | four<<11 | five<<15 | six<<18 | seven<<20)
}

// packed returns the ten digits in three bits each, the digit less two, and
// which of them have letters: bit 0 is the last digit. It does not mind what is
// not a number.
func packed(n nanp.Number) (digits, letters uint32) {
	const each = 0x1111111111
	v := uint64(n)&0xffffffffff + 6*each // 2 to 9 become 8 to 15: bit 3 tells that there are letters
	d, l := v&(7*each), v>>3&each
	d = d&0x0707070707 | d&0x7070707070>>1
	d = d&0xff003f003f | d&0x003f003f00>>2
	d = d&0xff00000fff | d&0x000fff0000>>4
	d = d&0xffffff | d>>32<<24
	l = (l | l>>3) & 0x0303030303
	l = (l | l>>6) & 0x03000f000f
	l = l&0xf | l>>12&0xf0 | l>>24&0x300
	return uint32(d), uint32(l)
}
