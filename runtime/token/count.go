package token

import (
	"math"
	"unicode/utf8"
	"unsafe"
)

// Count returns the number of tokens of text.
func (e *Encoding) Count(text string) int { return e.CountBytes(view(text)) }

// CountBytes is [Encoding.Count] for bytes, which it does not change or keep.
func (e *Encoding) CountBytes(text []byte) int {
	w := e.worker()
	defer e.release(w)
	return w.count(text, math.MaxInt)
}

// CountUpTo counts no further than it must to tell whether text has at most
// limit tokens. If it has, within is true and n is their exact number; if not,
// n is some number over limit that the text has at least. The time depends on
// limit and not on how long the text is.
func (e *Encoding) CountUpTo(text string, limit int) (n int, within bool) {
	if n = e.atLeast(len(text)); n > limit {
		return n, false
	}
	w := e.worker()
	defer e.release(w)
	n = w.count(view(text), limit)
	return n, n <= limit
}

// atLeast returns a number of tokens that size bytes of text have at least.
func (e *Encoding) atLeast(size int) int {
	return (size + e.vocab.longest - 1) / e.vocab.longest
}

// worker returns a worker, which must be released.
func (e *Encoding) worker() *worker { return e.workers.Get().(*worker) }

// maxKept is the length in bytes of the longest piece whose working memory,
// some eight times as much, is kept for the next.
const maxKept = 4 << 20

// release keeps w for the next count.
func (e *Encoding) release(w *worker) {
	if cap(w.ranks) > maxKept || cap(w.clean) > maxKept {
		w.merger, w.clean = merger{vocab: e.vocab}, nil
	}
	e.workers.Put(w)
}

// view returns the bytes of text, which must not be written to.
func view(text string) []byte {
	return unsafe.Slice(unsafe.StringData(text), len(text))
}

// worker has the memory that counting needs, for one goroutine at a time.
type worker struct {
	split  splitter
	cased  bool                  // words end before capitals, as in o200k
	memo   [1 << memoBits]uint64 // of short pieces: see short
	merger                       // of long pieces
	clean  []byte                // a piece whose invalid bytes are replaced
}

// count returns the number of tokens of text if it is at most limit, and else
// a number over limit that text has at least.
func (w *worker) count(text []byte, limit int) (n int) {
	for p := 0; p < len(text) && n <= limit; {
		if len(text)-p >= blockReach {
			if more, size := w.block((*block)(text[p:])); size > 0 {
				n, p = n+more, p+size
				continue
			}
		}
		end, plain := w.split(text, p)
		n += w.piece(text, p, end, plain, limit-n)
		p = end
	}
	return n
}

// piece counts the piece of text from p to end, which the splitter has found.
// If it has more than limit tokens, the result may be any number over limit
// that it has at least.
func (w *worker) piece(text []byte, p, end int, plain bool, limit int) int {
	switch size := end - p; {
	case plain && size <= maxShort:
		return w.short(pack(text, p, size), text[p:end])
	case plain && size <= maxSmall:
		return w.small(text[p:end])
	default:
		return w.any(text[p:end], limit)
	}
}

// memoBits is the size of a worker's memo: 2^12 entries are 32 KB.
const memoBits = 12

// countAt is where the memo's entries have their count.
const countAt = 60

// short counts a piece of up to maxShort bytes, given also as packed. The memo
// has, by the packed piece's hash, the packed piece with its count above it.
func (w *worker) short(key uint64, piece []byte) int {
	slot := &w.memo[key*golden>>(64-memoBits)]
	if *slot&(1<<countAt-1) != key {
		*slot = w.remember(key, piece)
	}
	return int(*slot >> countAt)
}

// remember counts as short does, for the memo.
func (w *worker) remember(key uint64, piece []byte) uint64 {
	n := 1
	if w.vocab.rankShort(key) == none {
		n = w.vocab.mergeSmall(piece)
	}
	return key | uint64(n)<<countAt
}

// small counts a piece of more than maxShort and at most maxSmall bytes.
func (w *worker) small(piece []byte) int {
	if w.vocab.rankLong(piece) != none {
		return 1
	}
	return w.vocab.mergeSmall(piece)
}

// any is piece for a piece of any length and content.
func (w *worker) any(piece []byte, limit int) int {
	if least := len(piece) / w.vocab.longest; least > limit {
		return least
	}
	if !utf8.Valid(piece) {
		w.clean = appendValid(w.clean[:0], piece)
		piece = w.clean
	}
	switch {
	case len(piece) <= maxShort:
		return w.short(pack(piece, 0, len(piece)), piece)
	case len(piece) <= maxSmall:
		return w.small(piece)
	case len(piece) <= w.vocab.longest && w.vocab.rankLong(piece) != none:
		return 1
	default:
		return w.merge(piece)
	}
}

// appendValid appends text to dst with U+FFFD for each invalid byte.
func appendValid(dst, text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		dst = utf8.AppendRune(dst, r)
		text = text[size:]
	}
	return dst
}
