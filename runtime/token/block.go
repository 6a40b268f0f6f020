package token

import (
	"encoding/binary"
	"math/bits"
)

// Most text is ASCII, and there the pattern's alternatives come down to how the
// classes of neighbouring bytes follow on each other. So blocks of 64 bytes are
// split at once: each class is a word with a bit for each byte, and where pieces
// begin is computed from these, without a branch that depends on the text. What
// such words can't tell is left to the splitter: bytes beyond ASCII, white space
// other than spaces, but for newlines behind punctuation, and contractions.

const (
	blockSize = 64
	// blockReach is how many bytes are read of a block: it looks ahead, and
	// pieces are packed from whole words.
	blockReach = blockSize + 8

	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// block is text that begins where a piece begins.
type block [blockReach]byte

// classes has a bit for each byte of a block, in order from the lowest.
type classes struct {
	letters, capitals, digits, spaces uint64
	hard                              uint64 // apostrophes and control characters
	end                               int    // where the first byte beyond ASCII is, or blockSize; bits from there on mean nothing
}

// starts returns where in the block pieces begin, as bits, as far as that is
// certain: each but the last one is a piece with its end. 0 means that nothing is.
func (b *block) starts(cased bool) uint64 {
	c := b.classes()
	marks, end := b.easy(&c, cased)
	if end < 2 {
		return 0
	}
	digits := c.digits &^ (c.digits << 1)
	threes := c.digits & (c.digits << 1) & (c.digits << 2)
	for next := digits << 3 & threes; next != 0; next = next << 3 & threes {
		digits |= next
	}
	// Of several spaces the last one belongs to what follows.
	spaces := c.spaces&^(c.spaces<<1) | c.spaces&^(c.spaces>>1)
	marks = marks &^ (marks << 1) &^ (c.spaces << 1)
	// A mark by itself belongs to the word behind it, if no space precedes it.
	words := c.letters &^ (c.letters << 1) &^ (c.spaces << 1) &^ (marks << 1)
	if cased {
		words |= c.capitals & (c.letters &^ c.capitals) << 1
	}
	// What the last byte begins can depend on the one behind it.
	return (digits | spaces | marks | words) & (1<<uint(end-1) - 1)
}

// easy returns the block's punctuation, and where the first byte is that the
// classes can't tell about.
func (b *block) easy(c *classes, cased bool) (marks uint64, end int) {
	marks = ^(c.letters | c.digits | c.spaces | c.hard)
	for hard := c.hard; hard != 0; hard &= hard - 1 {
		i := bits.TrailingZeros64(hard)
		if i >= c.end {
			break
		}
		before := uint64(1) << uint(i) >> 1
		switch next := b[i+1]; b[i] {
		case '\'': // o200k's words end with contractions; in cl100k they are pieces
			if !cased || c.letters&before != 0 {
				return marks, i
			}
			marks |= 1 << uint(i)
		case '\n': // is part of punctuation that it follows, as one slash more would be
			if marks&before == 0 || next == '\n' || next == '\r' || next == '/' {
				return marks, i
			}
		default:
			return marks, i
		}
	}
	return marks, c.end
}

// classes finds the classes of the block's bytes, eight at a time. Of bytes in
// ASCII, that is of 7 bits, sums don't carry over to the next: the high bit of
// b + (0x80 - 'a') tells whether b is at least 'a'.
func (b *block) classes() classes {
	var letters, capitals, digits, spaces, hard uint64
	end := blockSize
	for at := 0; at < end; at += 8 {
		w := binary.LittleEndian.Uint64(b[at : at+8])
		if beyond := w & highs; beyond != 0 {
			end = at + bits.TrailingZeros64(beyond)/8
			w &^= highs
		}
		small, visible := w|' '*ones, w+(0x7f-' ')*ones
		printed := w + (0x80-' ')*ones
		letter := (small + (0x80-'a')*ones) &^ (small + (0x7f-'z')*ones)
		letters |= gather(letter) << (uint(at) & 63)
		capitals |= gather(letter&^(w<<2)) << (uint(at) & 63)
		digits |= gather((w+(0x80-'0')*ones)&^(w+(0x7f-'9')*ones)) << (uint(at) & 63)
		spaces |= gather(printed&^visible) << (uint(at) & 63)
		hard |= gather(^(printed & (w ^ '\''*ones + 0x7f*ones))) << (uint(at) & 63)
	}
	return classes{letters, capitals, digits, spaces, hard, end}
}

// gather returns the high bits of eight bytes as the lowest eight bits.
func gather(w uint64) uint64 { return w >> 7 & ones * 0x0102040810204080 >> 56 }

// block counts the pieces at the beginning of b, all of ASCII, and returns how
// many bytes they have; 0 if the splitter must find the first.
func (w *worker) block(b *block) (n, size int) {
	starts := b.starts(w.cased)
	for rest := starts & (starts - 1); rest != 0; rest &= rest - 1 {
		from := size & (blockSize - 1)
		size = bits.TrailingZeros64(rest)
		length := size - from
		if length > maxShort {
			n += w.small(b[from:size])
			continue
		}
		key := binary.LittleEndian.Uint64(b[from:])&(1<<(8*uint(length)&63)-1) | uint64(length)<<56
		slot := &w.memo[key*golden>>(64-memoBits)] // as short does
		if *slot&(1<<countAt-1) != key {
			*slot = w.remember(key, b[from:size])
		}
		n += int(*slot >> countAt)
	}
	return n, size
}
