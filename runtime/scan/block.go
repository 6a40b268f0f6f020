package scan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Text in which much is escaped, as JSON within JSON is, is gone over in blocks
// of 64 bytes: what is special in one is a word with a bit for each byte, so that
// to find the next takes no more than a step from bit to bit.

const (
	blockSize = 64
	// blockReach is how many bytes must be there to go over a block: one may
	// copy whole words from its last byte on.
	blockReach = blockSize + word
)

type block [blockReach]byte

// specials has a bit for each byte of the block that is a quote, a backslash or
// a control character, in order from the lowest bit.
func (b *block) specials() (found uint64) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for at := 0; at < blockSize; at += word {
		w := binary.LittleEndian.Uint64(b[at : at+word])
		low := w &^ highs // so that sums don't carry over to the next byte
		plain := (low ^ '"'*ones + 0x7f*ones) & (low ^ '\\'*ones + 0x7f*ones) & (low + (0x80-' ')*ones)
		// The high bits of all eight, next to each other.
		found |= ^(plain | w) >> 7 & ones * 0x0102040810204080 >> 56 << (uint(at) & 63)
	}
	return found
}

// skipEscaped goes past the blocks of a string from at on. It returns where it
// ended: at a quote, or at what is left for others: the end, a control character,
// an escape that is none.
func skipEscaped(data []byte, at int) int {
	for len(data)-at >= blockReach {
		b := (*block)(data[at:])
		size := blockSize
		for rest := b.specials(); rest != 0; {
			i := bits.TrailingZeros64(rest) & (blockSize - 1)
			if b[i] != '\\' || meanings[b[i+1]] == 0 && escapeSize(data[at+i:]) == 0 {
				return at + i
			}
			rest &^= 3 << uint(i)
			size = max(size, i+2) // the escape may be half in the next block
		}
		at += size
	}
	return at
}

// appendBlocks appends what the blocks of a string from at on say, and returns
// where it ended, as skipEscaped does.
func appendBlocks(out, data []byte, at int) ([]byte, int) {
	for len(data)-at >= blockReach {
		b := (*block)(data[at:])
		out = roomFor(out, blockReach)
		into := out[len(out) : len(out)+blockReach]
		n, from := 0, 0 // how much was written, and up to where it was read
		for rest := b.specials(); rest != 0; {
			i := bits.TrailingZeros64(rest) & (blockSize - 1)
			n += copyWords(into[n:], b, from, i)
			c := meanings[b[i+1]]
			if b[i] != '\\' || c == 0 {
				return out[:len(out)+n], at + i
			}
			into[n] = c
			n++
			from = i + 2
			rest &^= 3 << uint(i)
		}
		if from < blockSize {
			n += copyWords(into[n:], b, from, blockSize)
			from = blockSize
		}
		out, at = out[:len(out)+n], at+from
	}
	return out, at
}

// copyWords copies a part of a block, and perhaps up to a word behind it, and
// returns how long the part is.
func copyWords(into []byte, b *block, from, to int) int {
	for at := from; at < to; at += word {
		binary.LittleEndian.PutUint64(into[at-from:], binary.LittleEndian.Uint64(b[at:]))
	}
	return to - from
}

// roomFor returns data with room for n more bytes.
func roomFor(data []byte, n int) []byte {
	if cap(data)-len(data) >= n {
		return data
	}
	return append(data, make([]byte, n)...)[:len(data)]
}

// appendEscaped appends the blocks of a text in UTF-8, escaped, and returns how
// much of it they are. What is beyond ASCII stands for itself.
func appendEscaped(dst, text []byte) ([]byte, int) {
	at := 0
	for ; len(text)-at >= blockReach; at += blockSize {
		b := (*block)(text[at:])
		dst = roomFor(dst, longestEscape*blockReach)
		into := dst[len(dst) : len(dst)+longestEscape*blockReach]
		n, from := 0, 0 // how much was written, and up to where it was read
		for rest := b.specials(); rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros64(rest) & (blockSize - 1)
			n += copyWords(into[n:], b, from, i)
			if c := b[i]; c >= ' ' {
				into[n], into[n+1] = '\\', c
				n += 2
			} else {
				n = len(appendEscape(into[:n], c))
			}
			from = i + 1
		}
		n += copyWords(into[n:], b, from, blockSize)
		dst = dst[:len(dst)+n]
	}
	for at < len(text) && !utf8.RuneStart(text[at]) { // the last block ends within a character
		dst, at = dst[:len(dst)-1], at-1
	}
	return dst, at
}

// longestEscape is the length of the longest escape of one byte.
const longestEscape = len(`\u0000`)
