package token

// A splitter returns the end of the piece of text that begins at p, which must
// be less than len(text). Pieces are what byte pair encoding works on, one by
// one. A splitter returns the match that tiktoken's regular expression prefers
// at p, and there always is one, as each rune is in some alternative.
//
// plain says that the piece is ASCII.
type splitter func(text []byte, p int) (end int, plain bool)

// nextO200k splits by the pattern of o200k_base, whose alternatives are, in
// the order in which they are tried, and with U for [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}],
// L for [\p{Ll}\p{Lm}\p{Lo}\p{M}]:
//
//	[^\r\n\p{L}\p{N}]?U*L+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//	[^\r\n\p{L}\p{N}]?U+L*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//	\p{N}{1,3}
//	 ?[^\s\p{L}\p{N}]+[\r\n/]*
//	\s*[\r\n]+
//	\s+(?!\S)
//	\s+
//
// This function does so for ASCII, and leaves the piece to wideO200k once a
// byte beyond it could matter.
func nextO200k(text []byte, p int) (end int, plain bool) {
	c, q := ascii[text[p]], p
	if c&(blank|other) != 0 && p+1 < len(text) {
		d := ascii[text[p+1]]
		if d&letter != 0 {
			c, q = d, p+1
		} else if d == wide {
			c = wide
		}
	}
	switch {
	case c&letter != 0:
		// ASCII letters have a case, so that of the alternatives' backtracking
		// nothing is left: capitals, then small letters.
		for q < len(text) && ascii[text[q]] == upper {
			q++
		}
		for q < len(text) && ascii[text[q]] == lower {
			q++
		}
		if q == len(text) || ascii[text[q]] != wide {
			return contraction(text, q), true
		}
	case c == number:
		if end = digits(text, p); end > 0 {
			return end, true
		}
	case c != wide:
		if end = rest(text, p, true); end > 0 {
			return end, true
		}
	}
	return wideO200k(text, p), false
}

// nextCL100k splits by the pattern of cl100k_base, whose alternatives are:
//
//	(?i:'s|'t|'re|'ve|'m|'ll|'d)
//	[^\r\n\p{L}\p{N}]?\p{L}+
//	\p{N}{1,3}
//	 ?[^\s\p{L}\p{N}]+[\r\n]*
//	\s*[\r\n]+
//	\s+(?!\S)
//	\s+
func nextCL100k(text []byte, p int) (end int, plain bool) {
	if text[p] == '\'' {
		if end = contraction(text, p); end > p {
			return end, true
		}
	}
	c, q := ascii[text[p]], p
	if c&(blank|other) != 0 && p+1 < len(text) {
		d := ascii[text[p+1]]
		if d&letter != 0 {
			c, q = d, p+1
		} else if d == wide {
			c = wide
		}
	}
	switch {
	case c&letter != 0:
		for q < len(text) && ascii[text[q]]&letter != 0 {
			q++
		}
		if q == len(text) || ascii[text[q]] != wide {
			return q, true
		}
	case c == number:
		if end = digits(text, p); end > 0 {
			return end, true
		}
	case c != wide:
		if end = rest(text, p, false); end > 0 {
			return end, true
		}
	}
	return wideCL100k(text, p), false
}

// contraction returns the end of (?i:'s|'t|'re|'ve|'m|'ll|'d)? at p. The oracle
// folds case by lowering single runes, and no rune beyond ASCII has one of
// these letters as its lower case: 'ſ does not match.
func contraction(text []byte, p int) int {
	if p+1 >= len(text) || text[p] != '\'' {
		return p
	}
	second := byte(0)
	switch text[p+1] | 0x20 {
	case 's', 't', 'm', 'd':
		return p + 2
	case 'r', 'v':
		second = 'e'
	case 'l':
		second = 'l'
	}
	if second != 0 && p+2 < len(text) && text[p+2]|0x20 == second {
		return p + 3
	}
	return p
}

// digits returns the end of [0-9]{1,3} at p, where a digit is, or 0 if a rune
// beyond ASCII comes where a number could go on.
func digits(text []byte, p int) int {
	q := p + 1
	for q < len(text) && q < p+3 && ascii[text[q]] == number {
		q++
	}
	if q < len(text) && q < p+3 && ascii[text[q]] == wide {
		return 0
	}
	return q
}

// rest returns the end of the alternatives that follow numbers: punctuation,
// with the newlines and, if slashes is set, slashes behind it, or white space.
// It is 0 if a rune beyond ASCII comes where the piece could go on.
func rest(text []byte, p int, slashes bool) int {
	q := p
	if text[q] == ' ' {
		q++
	}
	begin := q
	for q < len(text) && ascii[text[q]] == other {
		q++
	}
	switch {
	case q == begin:
		return spaces(text, p)
	case q < len(text) && ascii[text[q]] == wide:
		return 0
	default:
		return lineEnds(text, q, slashes)
	}
}

// lineEnds returns the end of [\r\n]* at q, or of [\r\n/]* if slashes is set.
func lineEnds(text []byte, q int, slashes bool) int {
	for q < len(text) && (ascii[text[q]] == newline || slashes && text[q] == '/') {
		q++
	}
	return q
}

// spaces returns the end of the alternatives of white space at p, or 0 if the
// white space runs into a rune beyond ASCII.
func spaces(text []byte, p int) int {
	q, line := p, 0
	for q < len(text) && ascii[text[q]]&space != 0 {
		if ascii[text[q]] == newline {
			line = q + 1
		}
		q++
	}
	switch {
	case q < len(text) && ascii[text[q]] == wide:
		return 0
	case line > 0: // \s*[\r\n]+
		return line
	case q < len(text) && q > p+1: // \s+(?!\S): all but the last
		return q - 1
	default:
		return q
	}
}
