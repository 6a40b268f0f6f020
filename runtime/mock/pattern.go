package mock

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"unicode"
)

// vary makes a string of the same form as an example: letters for letters and
// digits for digits, after the prefix that tells what kind of thing it names
// ("con_" in "con_8f2k91qx").
func vary(rng *rand.Rand, example string) string {
	keep := strings.LastIndexAny(example, "_-:/.") + 1
	if keep == len(example) {
		keep = 0
	}
	out := []rune(example[:keep])
	for i, r := range []rune(example[keep:]) {
		switch {
		case unicode.IsDigit(r):
			d := rune('0' + rng.IntN(10))
			if i == 0 && d == '0' && r != '0' {
				d = '1'
			}
			r = d
		case r >= 'a' && r <= 'f' && isHex(example[keep:]):
			r = rune('a' + rng.IntN(6))
		case r >= 'a' && r <= 'z':
			r = rune('a' + rng.IntN(26))
		case r >= 'A' && r <= 'Z':
			r = rune('A' + rng.IntN(26))
		}
		out = append(out, r)
	}
	return string(out)
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// fromPattern makes a string that matches a regular expression, "" if it can't.
func fromPattern(rng *rand.Rand, pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	p := patternMaker{rng: rng}
	p.write(re.Simplify())
	return p.out.String()
}

// maxPattern bounds what is made from one pattern, in bytes.
const maxPattern = 400

type patternMaker struct {
	rng *rand.Rand
	out strings.Builder
}

func (p *patternMaker) write(re *syntax.Regexp) {
	if p.out.Len() > maxPattern {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		p.out.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		p.out.WriteRune(p.oneOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		p.out.WriteRune(rune('a' + p.rng.IntN(26)))
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			p.write(sub)
		}
	case syntax.OpAlternate:
		p.write(re.Sub[p.rng.IntN(len(re.Sub))])
	case syntax.OpStar:
		p.repeat(re.Sub[0], 0, 5)
	case syntax.OpPlus:
		p.repeat(re.Sub[0], 1, 6)
	case syntax.OpQuest:
		p.repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		high := re.Max
		if high < 0 || high > re.Min+5 {
			high = re.Min + 5
		}
		p.repeat(re.Sub[0], re.Min, high)
	}
}

func (p *patternMaker) repeat(re *syntax.Regexp, low, high int) {
	for range low + p.rng.IntN(high-low+1) {
		p.write(re)
	}
}

// oneOf picks from a class, a printable ASCII character if it has one.
func (p *patternMaker) oneOf(ranges []rune) rune {
	var plain []rune
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := max(ranges[i], '0'); r <= min(ranges[i+1], 'z'); r++ {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				plain = append(plain, r)
			}
		}
	}
	if len(plain) > 0 {
		return plain[p.rng.IntN(len(plain))]
	}
	if len(ranges) == 0 {
		return 'x'
	}
	return ranges[0]
}
