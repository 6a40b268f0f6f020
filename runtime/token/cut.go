package token

import (
	"math"
	"unicode/utf8"
)

// maxTried is the length in bytes of a piece in which Cut tries every place.
const maxTried = 512

// Cut returns the longest prefix of text that ends between two runes and has a
// [Encoding.Count] of at most limit. It is never over limit; an invalid byte is
// a rune.
//
// More text can have fewer tokens, so Cut does not stop where counting would
// go over limit: it tries the places beyond. One thing bounds its patience: in
// a piece of more than 512 bytes, which is to say in a run of letters,
// punctuation or spaces of that length, it looks 256 bytes ahead for as long as
// that helps, and trusts that the tokens of the bytes well before don't depend
// on where the prefix ends.
func (e *Encoding) Cut(text string, limit int) string {
	w := e.worker()
	defer e.release(w)
	return text[:w.cut(view(text), limit)]
}

// cut returns the length of Cut's prefix.
func (w *worker) cut(text []byte, limit int) int {
	n, p := 0, 0            // tokens and bytes of the whole pieces that fit
	beforeN, before := 0, 0 // the same, without the last of them
	for p < len(text) {
		end, plain := w.split(text, p)
		more := w.piece(text, p, end, plain, limit-n)
		if n+more > limit {
			break
		}
		beforeN, before = n, p
		n, p = n+more, end
	}
	if p == len(text) {
		return p
	}
	c := cutter{worker: w, text: text, p: p, room: limit - n, before: before, beforeRoom: limit - beforeN}
	return c.cut()
}

// A cutter finds the longest prefix that ends in or at the start of the piece
// at p, which does not fit as a whole.
//
// A prefix has the same pieces as all of text, as far as they lie in it, since
// a match that fails for want of a character also fails if that is cut off.
// There is one exception, \s+(?!\S). It matches all of the white space that
// the prefix ends in, but only all but the last if a word follows. So if the
// piece at p has no more of the prefix than its first rune, white space, one
// has to count from the piece before; and if the piece at p is white space
// itself, the prefix may extend to the white space that follows it.
type cutter struct {
	*worker
	text       []byte
	p          int // where the piece begins
	room       int // how many tokens are left for it
	before     int // where the piece before begins
	beforeRoom int // how many tokens are left for both
}

func (c *cutter) cut() int {
	first, firstSize := classAt(c.text, c.p)
	end, _ := c.split(c.text, c.p)
	if next, size := classAt(c.text, end); first&next&space != 0 {
		end += size
	}
	// No more than the longest tokens can cover; a token is not always whole
	// runes, but a prefix is.
	end = c.floor(min(end, c.p+max(c.beforeRoom, 1)*c.vocab.longest))
	if end-c.p > maxTried {
		end = max(c.near(end), c.p+firstSize)
	}
	for end > c.p && !c.fits(end) {
		_, size := utf8.DecodeLastRune(c.text[c.p:end])
		end -= size
	}
	return end
}

// floor returns the end of the last rune that ends at or before end.
func (c *cutter) floor(end int) int {
	if end >= len(c.text) {
		return len(c.text)
	}
	for back := range min(utf8.UTFMax, end-c.p) {
		if at := end - back; utf8.RuneStart(c.text[at]) {
			if _, size := utf8.DecodeRune(c.text[at:]); at+size > end {
				return at
			}
			break
		}
	}
	return end
}

// fits reports whether the prefix up to end has few enough tokens.
func (c *cutter) fits(end int) bool {
	if first, size := classAt(c.text, c.p); end == c.p+size && first&space != 0 {
		return c.count(c.text[c.before:end], c.beforeRoom) <= c.beforeRoom
	}
	return c.count(c.text[c.p:end], c.room) <= c.room
}

// near returns an end in a long piece that fits, with none that fits known
// beyond it, given one that nothing fits beyond.
func (c *cutter) near(end int) int {
	fits, used := c.p, 0
	over := c.floor(min(end, c.p+maxTried+2*c.room)) // few tokens are shorter
	all := c.count(c.text[c.p:over], math.MaxInt)
	for all <= c.room {
		if over == end {
			return end
		}
		fits, used = over, all
		over = c.floor(min(end, c.p+2*(over-c.p)))
		all = c.count(c.text[c.p:over], math.MaxInt)
	}
	for step := 0; over-fits > 2*utf8.UTFMax; step++ {
		// Tokens are spread about evenly: guess in proportion, but halve at
		// times for the texts where that is far off.
		guess := fits + (over-fits)/2
		if step%3 != 2 {
			guess = fits + int(float64(over-fits)*float64(c.room-used)/float64(all-used))
		}
		guess = c.floor(min(max(guess, fits+utf8.UTFMax), over-utf8.UTFMax))
		if n := c.count(c.text[c.p:guess], math.MaxInt); n <= c.room {
			fits, used = guess, n
		} else {
			over, all = guess, n
		}
	}
	for range maxSteps {
		next := c.beyond(fits, end)
		if next == fits {
			break
		}
		fits = next
	}
	return fits
}

// maxSteps bounds how often near finds yet a longer prefix.
const maxSteps = 16

// beyond returns the last end that fits, of fits and those up to two longest
// tokens from it, but at most end. To be quick, it counts from the start of a
// token some way before; it makes sure of what it returns by a full count.
func (c *cutter) beyond(fits, end int) int {
	end = c.floor(min(end, fits+2*c.vocab.longest))
	from := c.tokenStart(end, max(c.p, fits-2*c.vocab.longest))
	room := c.room - c.count(c.text[c.p:from], math.MaxInt)
	for end > fits {
		if c.count(c.text[from:end], room) <= room && c.fits(end) {
			return end
		}
		_, size := utf8.DecodeLastRune(c.text[c.p:end])
		end -= size
	}
	return fits
}

// tokenStart returns the last place at or before at, and between two runes,
// where a token of the text from c.p to end begins.
func (c *cutter) tokenStart(end, at int) int {
	text, p := c.text[:end], c.p
	next, _ := c.split(text, p)
	for next <= at && next < end {
		p = next
		next, _ = c.split(text, p)
	}
	c.clean = appendValid(c.clean[:0], text[p:next])
	c.merge(c.clean)
	start, clean := p, 0
	for p <= at && p < next {
		if c.merger.starts(clean) {
			start = p
		}
		r, size := utf8.DecodeRune(text[p:])
		p, clean = p+size, clean+utf8.RuneLen(r)
	}
	return start
}
