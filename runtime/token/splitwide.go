package token

import "unicode/utf8"

// classAt returns the class and the size in bytes of the rune of text at p,
// which may be len(text): its class is then 0, which is in no set. Bytes that
// are not valid UTF-8 are U+FFFD, of one byte each.
func classAt(text []byte, p int) (class, int) {
	if p >= len(text) {
		return 0, 0
	}
	if b := text[p]; b < utf8.RuneSelf {
		return ascii[b], 1
	}
	r, size := utf8.DecodeRune(text[p:])
	return unicodeClasses()[r], size
}

// run returns the end of the longest run at p of runes in set, of at most limit
// runes.
func run(text []byte, p int, set class, limit int) int {
	for ; limit > 0; limit-- {
		c, size := classAt(text, p)
		if c&set == 0 {
			break
		}
		p += size
	}
	return p
}

// unbounded is a limit for run that text in memory can't reach.
const unbounded = int(^uint(0) >> 1)

// wideO200k is nextO200k for any text.
func wideO200k(text []byte, p int) int {
	c, size := classAt(text, p)
	if c&(newline|letter|number) == 0 {
		if end := cased(text, p+size, c == mark, p+size); end > p {
			return contraction(text, end)
		}
	}
	if c&letter != 0 {
		return contraction(text, cased(text, p, false, 0))
	}
	return wideRest(text, p, true)
}

// cased returns the end of o200k's words at q, which is behind the rune that
// may precede them, if there is one. If that is a mark, it can also stand for
// the whole word, and single is its end. The result is 0 if nothing matches.
//
// The first alternative, U*L+, takes all of U that it can. If a small letter
// follows, L+ goes on from there. If not, U* gives back runes until L+ finds
// one that is in both sets, and then has that one only, as it was the last.
// Then the first alternative does without the rune before the word, which is
// of use to a mark alone. Only then comes the second alternative, U+L*.
func cased(text []byte, q int, precededByMark bool, single int) int {
	begin, both := q, 0
	for {
		c, size := classAt(text, q)
		if c&head == 0 {
			if c == lower {
				return run(text, q, tail, unbounded)
			}
			break
		}
		q += size
		if c&tail != 0 {
			both = q
		}
	}
	switch {
	case both > 0:
		return both
	case precededByMark:
		return single
	case q > begin:
		return q
	default:
		return 0
	}
}

// wideCL100k is nextCL100k for any text that begins with no contraction.
func wideCL100k(text []byte, p int) int {
	c, size := classAt(text, p)
	q := p
	if c&(newline|letter|number) == 0 {
		q += size
	}
	if end := run(text, q, letter, unbounded); end > q {
		return end
	}
	return wideRest(text, p, false)
}

// wideRest returns the end of the alternatives that follow the words.
func wideRest(text []byte, p int, slashes bool) int {
	c, size := classAt(text, p)
	if c == number {
		return run(text, p, number, 3)
	}
	q := p
	if text[p] == ' ' {
		q++
	}
	if end := run(text, q, symbol, unbounded); end > q {
		return lineEnds(text, end, slashes)
	}
	return wideSpaces(text, p, size)
}

// wideSpaces is spaces for any text; size is that of the rune at p.
func wideSpaces(text []byte, p, size int) int {
	q, last, line := p, p, 0
	for {
		c, size := classAt(text, q)
		if c&space == 0 {
			break
		}
		last, q = q, q+size
		if c == newline {
			line = q
		}
	}
	switch {
	case line > 0: // \s*[\r\n]+
		return line
	case q < len(text) && last > p: // \s+(?!\S): all but the last
		return last
	default:
		return max(q, p+size)
	}
}
