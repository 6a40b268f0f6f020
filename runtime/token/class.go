package token

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// class says which of the patterns' sets a rune is in. A rune has one class.
type class uint8

const (
	upper    class = 1 << iota // \p{Lu} \p{Lt}
	lower                      // \p{Ll}
	caseless                   // \p{Lm} \p{Lo}
	mark                       // \p{M}
	number                     // \p{N}
	newline                    // \r and \n
	blank                      // \s, but for \r and \n
	other                      // all else
)

const (
	letter = upper | lower | caseless // \p{L}
	head   = upper | caseless | mark  // what o200k's words begin with
	tail   = lower | caseless | mark  // what o200k's words end with
	space  = newline | blank          // \s
	symbol = mark | other             // [^\s\p{L}\p{N}]
	wide   = class(0)                 // in ascii: the byte begins no ASCII rune
)

// ascii has the class of each ASCII rune; bytes from 0x80 up are wide.
var ascii = asciiClasses()

func asciiClasses() (table [256]class) {
	for b := range utf8.RuneSelf {
		switch r := rune(b); {
		case r >= 'A' && r <= 'Z':
			table[b] = upper
		case r >= 'a' && r <= 'z':
			table[b] = lower
		case r >= '0' && r <= '9':
			table[b] = number
		case r == '\r' || r == '\n':
			table[b] = newline
		case r == ' ' || r == '\t' || r == '\v' || r == '\f':
			table[b] = blank
		default:
			table[b] = other
		}
	}
	return table
}

// unicodeClasses returns the class of every rune. It is a megabyte, built when
// text beyond ASCII is first met; of it, only what texts use is ever in cache.
var unicodeClasses = sync.OnceValue(func() *[unicode.MaxRune + 1]class {
	table := new([unicode.MaxRune + 1]class)
	for i := range table {
		table[i] = other
	}
	for _, set := range []struct {
		class  class
		tables []*unicode.RangeTable
	}{
		{upper, []*unicode.RangeTable{unicode.Lu, unicode.Lt}},
		{lower, []*unicode.RangeTable{unicode.Ll}},
		{caseless, []*unicode.RangeTable{unicode.Lm, unicode.Lo}},
		{mark, []*unicode.RangeTable{unicode.M}},
		{number, []*unicode.RangeTable{unicode.N}},
		{blank, []*unicode.RangeTable{unicode.White_Space}},
	} {
		for _, ranges := range set.tables {
			fill(table, ranges, set.class)
		}
	}
	table['\r'], table['\n'] = newline, newline
	return table
})

// fill gives all runes of ranges the class c.
func fill(table *[unicode.MaxRune + 1]class, ranges *unicode.RangeTable, c class) {
	for _, r := range ranges.R16 {
		for i := int(r.Lo); i <= int(r.Hi); i += int(r.Stride) {
			table[i] = c
		}
	}
	for _, r := range ranges.R32 {
		for i := int(r.Lo); i <= int(r.Hi); i += int(r.Stride) {
			table[i] = c
		}
	}
}
