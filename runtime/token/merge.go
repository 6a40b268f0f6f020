package token

import "math/bits"

// maxSmall is the length in bytes of the pieces that are merged on the stack.
const maxSmall = 64

// mergeSmall returns the number of tokens that byte pair encoding leaves of a
// piece of 2 to maxSmall bytes.
//
// A part is known by where it begins: its bit in live. ranks[i] is the rank of
// what the part at i and its right neighbour would merge to. The lowest rank
// is merged first, and of equal ones the leftmost.
func (v *vocabulary) mergeSmall(piece []byte) int {
	var ranks [maxSmall]uint32
	n := len(piece)
	live := ^uint64(0) >> (maxSmall - uint(n))
	for i := range n - 1 {
		ranks[i] = v.pairs[uint(piece[i])<<8|uint(piece[i+1])]
	}
	ranks[n-1] = none
	for {
		best, at := lowest(&ranks, live)
		if best == none {
			return bits.OnesCount64(live)
		}
		above := live &^ (2<<uint(at) - 1)
		live &^= above & -above // the right neighbour is merged
		above &= above - 1
		end := min(bits.TrailingZeros64(above), n)
		ranks[at] = none
		if end < n {
			ranks[at] = v.rankAt(piece, at, min(bits.TrailingZeros64(above&(above-1)), n))
		}
		if below := live & (1<<uint(at) - 1); below != 0 {
			left := bits.Len64(below) - 1
			ranks[left] = v.rankAt(piece, left, end)
		}
	}
}

// lowest returns the least rank of the live parts, and the first part that has it.
func lowest(ranks *[maxSmall]uint32, live uint64) (best uint32, at int) {
	best = none
	for ; live != 0; live &= live - 1 {
		i := bits.TrailingZeros64(live)
		if r := ranks[i&(maxSmall-1)]; r < best {
			best, at = r, i
		}
	}
	return best, at
}

// merger merges pieces of any length. It does as mergeSmall does, block by
// block of 64 bytes, and finds the block whose turn it is in a tree of minima.
// Its memory is kept for the next piece.
type merger struct {
	vocab *vocabulary
	piece []byte
	live  []uint64 // a bit for each byte: does a part begin here?
	ranks []uint32 // by the byte where a part begins

	// tree has the blocks' minima as leaves from half its length on, and in
	// each inner node the lesser of its two children; the root is tree[1].
	tree []uint64
}

// Nodes of the tree hold a rank above the place of its part: the least is the
// lowest rank, and of equal ones the leftmost.
const (
	placeBits = 40
	place     = 1<<placeBits - 1
	exhausted = ^uint64(0)
)

// merge returns the number of tokens that byte pair encoding leaves of piece.
// What is left can be read by starts until the next call.
func (m *merger) merge(piece []byte) (parts int) {
	m.start(piece)
	parts = len(piece)
	for m.tree[1] != exhausted {
		m.mergeAt(int(m.tree[1] & place))
		parts--
	}
	m.piece = nil
	return parts
}

// starts reports whether a part that the last merge left begins at i.
func (m *merger) starts(i int) bool { return m.live[i>>6]>>(uint(i)&63)&1 != 0 }

// start makes a part of each byte of piece.
func (m *merger) start(piece []byte) {
	n := len(piece)
	blocks := (n + 63) / 64
	leaves := 1 << bits.Len(uint(blocks-1))
	m.piece = piece
	m.live = resize(m.live, blocks)
	m.ranks = resize(m.ranks, n)
	m.tree = resize(m.tree, 2*leaves)
	for i := range m.live {
		m.live[i] = ^uint64(0)
	}
	m.live[blocks-1] >>= uint(64*blocks - n)
	for i := range n - 1 {
		m.ranks[i] = m.vocab.pairs[uint(piece[i])<<8|uint(piece[i+1])]
	}
	m.ranks[n-1] = none
	for b := range leaves {
		m.tree[leaves+b] = exhausted
		if b < blocks {
			m.tree[leaves+b] = m.least(b)
		}
	}
	for i := leaves - 1; i > 0; i-- {
		m.tree[i] = min(m.tree[2*i], m.tree[2*i+1])
	}
}

// resize returns a slice of n elements of any value, s's own if it has room.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n+n/4)[:n]
	}
	return s[:n]
}

// mergeAt merges the part at i with its right neighbour.
func (m *merger) mergeAt(i int) {
	n := len(m.piece)
	gone := m.after(i)
	m.live[gone>>6] &^= 1 << (uint(gone) & 63)
	end := m.after(gone)
	m.ranks[i] = none
	if end < n {
		m.ranks[i] = m.vocab.rankAt(m.piece, i, m.after(end))
	}
	left := m.before(i)
	if left >= 0 {
		m.ranks[left] = m.vocab.rankAt(m.piece, left, end)
	}
	m.update(i >> 6)
	if gone>>6 != i>>6 {
		m.update(gone >> 6)
	}
	if left >= 0 && left>>6 != i>>6 {
		m.update(left >> 6)
	}
}

// after returns where the next part after i begins, or the end of the piece.
func (m *merger) after(i int) int {
	b := (i + 1) >> 6
	if b >= len(m.live) {
		return len(m.piece)
	}
	word := m.live[b] >> (uint(i+1) & 63) << (uint(i+1) & 63)
	for word == 0 {
		if b++; b == len(m.live) {
			return len(m.piece)
		}
		word = m.live[b]
	}
	return b<<6 | bits.TrailingZeros64(word)
}

// before returns where the part before i begins, or -1 if i is the first.
func (m *merger) before(i int) int {
	b := i >> 6
	word := m.live[b] & (1<<(uint(i)&63) - 1)
	for word == 0 {
		if b--; b < 0 {
			return -1
		}
		word = m.live[b]
	}
	return b<<6 | (bits.Len64(word) - 1)
}

// least returns the tree's leaf for block b.
func (m *merger) least(b int) uint64 {
	best, at := none, 0
	for word := m.live[b]; word != 0; word &= word - 1 {
		i := b<<6 | bits.TrailingZeros64(word)
		if r := m.ranks[i]; r < best {
			best, at = r, i
		}
	}
	if best == none {
		return exhausted
	}
	return uint64(best)<<placeBits | uint64(at)
}

// update brings the tree up to date with block b.
func (m *merger) update(b int) {
	i := len(m.tree)/2 + b
	m.tree[i] = m.least(b)
	for i >>= 1; i > 0; i >>= 1 {
		least := min(m.tree[2*i], m.tree[2*i+1])
		if m.tree[i] == least {
			return
		}
		m.tree[i] = least
	}
}
