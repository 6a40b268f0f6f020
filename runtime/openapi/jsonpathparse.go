package openapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// queryParser parses one query. Beyond RFC 9535 it takes "-" in names that
// follow a dot, as in $.info.x-logo, which many write.
type queryParser struct {
	text  string
	pos   int
	depth int
}

// parseQuery parses a query that begins at the root. The error says where it
// goes wrong.
func parseQuery(text string) (*query, error) {
	p := &queryParser{text: text}
	switch {
	case len(text) > maxQuery:
		return nil, fmt.Errorf("it is longer than %d bytes", maxQuery)
	case !strings.HasPrefix(text, "$"):
		return nil, fmt.Errorf("it must begin with \"$\"")
	}
	q, err := p.query()
	if err == nil && p.pos < len(text) {
		err = p.fail("expected \".\" or \"[\"")
	}
	return q, err
}

func (p *queryParser) fail(format string, args ...any) error {
	near := p.text[min(p.pos, len(p.text)):]
	if near == "" {
		return fmt.Errorf("%s at its end", fmt.Sprintf(format, args...))
	}
	return fmt.Errorf("%s at character %d, before %q", fmt.Sprintf(format, args...), p.pos+1, cutText(near, 20))
}

func (p *queryParser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// take skips blanks and, if it comes next, a token.
func (p *queryParser) take(token string) bool {
	p.space()
	if strings.HasPrefix(p.text[p.pos:], token) {
		p.pos += len(token)
		return true
	}
	return false
}

// query parses "$" or "@" and what follows.
func (p *queryParser) query() (*query, error) {
	if p.depth++; p.depth > maxQueryDepth {
		return nil, p.fail("nests deeper than %d", maxQueryDepth)
	}
	defer func() { p.depth-- }()
	q := &query{relative: p.text[p.pos] == '@'}
	p.pos++
	for {
		before := p.pos
		s, found, err := p.segment()
		if err != nil {
			return nil, err
		}
		if !found {
			p.pos = before
			return q, nil
		}
		q.segments = append(q.segments, s)
	}
}

func (p *queryParser) segment() (s segment, found bool, err error) {
	switch {
	case p.take(".."):
		s.descend = true
		if p.pos < len(p.text) && p.text[p.pos] == '[' {
			p.pos++
			s.selectors, err = p.brackets()
			return s, true, err
		}
	case p.take("."):
	case p.take("["):
		s.selectors, err = p.brackets()
		return s, true, err
	default:
		return s, false, nil
	}
	if p.pos < len(p.text) && p.text[p.pos] == '*' {
		p.pos++
		s.selectors = []selector{{kind: selectAll}}
		return s, true, nil
	}
	name := p.word("-")
	if name == "" {
		return s, true, p.fail("expected a name or \"*\"; write ['…'] for other names")
	}
	s.selectors = []selector{{kind: selectName, name: name}}
	return s, true, nil
}

// word reads letters, digits, "_" and what is given, with no digit first.
func (p *queryParser) word(extra string) string {
	start := p.pos
	for i, r := range p.text[start:] {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf && r != utf8.RuneError
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || strings.ContainsRune(extra, r))) {
			break
		}
		p.pos = start + i + utf8.RuneLen(r)
	}
	return p.text[start:p.pos]
}

// brackets parses the selectors after "[".
func (p *queryParser) brackets() ([]selector, error) {
	var out []selector
	for {
		s, err := p.selector()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
		if p.take("]") {
			return out, nil
		}
		if !p.take(",") {
			return nil, p.fail("expected \",\" or \"]\"")
		}
	}
}

func (p *queryParser) selector() (selector, error) {
	switch {
	case p.take("*"):
		return selector{kind: selectAll}, nil
	case p.take("?"):
		c, err := p.condition()
		return selector{kind: selectIf, filter: c}, err
	}
	if p.pos < len(p.text) && (p.text[p.pos] == '\'' || p.text[p.pos] == '"') {
		name, err := p.quoted()
		return selector{kind: selectName, name: name}, err
	}
	return p.indexOrSlice()
}

func (p *queryParser) indexOrSlice() (selector, error) {
	var bounds [3]*int
	count := 0
	for {
		n, err := p.integer()
		if err != nil {
			return selector{}, err
		}
		bounds[count] = n
		if count == 2 || !p.take(":") {
			break
		}
		count++
	}
	if count > 0 {
		return selector{kind: selectSlice, slice: slice{bounds[0], bounds[1], bounds[2]}}, nil
	}
	if bounds[0] == nil {
		return selector{}, p.fail("expected a quoted name, an index, \"*\" or \"?\"")
	}
	return selector{kind: selectIndex, index: *bounds[0]}, nil
}

// integer reads a whole number within JSON's exact range; nil if there is none.
func (p *queryParser) integer() (*int, error) {
	p.space()
	end := p.pos
	for end < len(p.text) && (p.text[end] >= '0' && p.text[end] <= '9' || p.text[end] == '-' && end == p.pos) {
		end++
	}
	word := p.text[p.pos:end]
	if word == "" {
		return nil, nil
	}
	const exact = 1<<53 - 1
	n, err := strconv.Atoi(word)
	if err != nil || n > exact || n < -exact || strconv.Itoa(n) != word {
		return nil, p.fail("expected a whole number")
	}
	p.pos = end
	return &n, nil
}

// quoted reads a string in quotes of either kind, with JSON's escapes.
func (p *queryParser) quoted() (string, error) {
	quote := p.text[p.pos]
	var b strings.Builder
	b.WriteByte('"')
	for i := p.pos + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == quote:
			var s string
			b.WriteByte('"')
			if err := json.Unmarshal([]byte(b.String()), &s); err != nil {
				return "", p.fail("the name has an escape that JSON does not know")
			}
			p.pos = i + 1
			return s, nil
		case c == '\\' && i+1 < len(p.text):
			i++
			if p.text[i] != '\'' || quote != '\'' {
				b.WriteByte('\\')
			}
			b.WriteByte(p.text[i])
		case c == '"':
			b.WriteString(`\"`)
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fail("the quotes do not end")
}

// condition parses alternatives: "a || b".
func (p *queryParser) condition() (condition, error) {
	if p.depth++; p.depth > maxQueryDepth {
		return nil, p.fail("nests deeper than %d", maxQueryDepth)
	}
	defer func() { p.depth-- }()
	var any anyOfConditions
	for {
		var all allOfConditions
		for {
			c, err := p.basic()
			if err != nil {
				return nil, err
			}
			all = append(all, c)
			if !p.take("&&") {
				break
			}
		}
		any = append(any, all)
		if !p.take("||") {
			return any, nil
		}
	}
}

// basic parses what stands between "&&" and "||".
func (p *queryParser) basic() (condition, error) {
	not := p.take("!")
	if p.take("(") {
		c, err := p.condition()
		if err == nil && !p.take(")") {
			err = p.fail("expected \")\"")
		}
		return negated(c, not), err
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	for _, operator := range [...]string{"==", "!=", "<=", ">=", "<", ">"} {
		if !p.take(operator) {
			continue
		}
		right, err := p.operand()
		if err == nil && !not && left.comparable() && right.comparable() {
			return comparison{operator, left, right}, nil
		}
		if err == nil {
			err = p.fail("a comparison takes values: literals, queries for one node, and functions that give one")
		}
		return nil, err
	}
	switch {
	case left.query != nil:
		return negated(existsCondition{left.query}, not), nil
	case left.call != nil && functionArgs[left.call.name].logical:
		return negated(left.call, not), nil
	}
	return nil, p.fail("expected a comparison")
}

func negated(c condition, not bool) condition {
	if not {
		return notCondition{c}
	}
	return c
}

// comparable reports whether the operand stands for a value.
func (o operand) comparable() bool {
	switch {
	case o.query != nil:
		return o.query.singular()
	case o.call != nil:
		return !functionArgs[o.call.name].logical
	}
	return true
}

// operand parses a literal, a query or a function's call.
func (p *queryParser) operand() (operand, error) {
	p.space()
	if p.pos >= len(p.text) {
		return operand{}, p.fail("expected a value")
	}
	switch c := p.text[p.pos]; {
	case c == '@' || c == '$':
		q, err := p.query()
		return operand{query: q}, err
	case c == '\'' || c == '"':
		s, err := p.quoted()
		return operand{literal: newString(s)}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.numberLiteral()
	}
	switch name := p.word(""); name {
	case "true", "false":
		return operand{literal: newBool(name == "true")}, nil
	case "null":
		return operand{literal: newNull()}, nil
	default:
		f, err := p.call(name)
		return operand{call: f}, err
	}
}

func (p *queryParser) numberLiteral() (operand, error) {
	end := p.pos
	for end < len(p.text) && strings.IndexByte("+-.eE0123456789", p.text[end]) >= 0 {
		end++
	}
	text := p.text[p.pos:end]
	if !json.Valid([]byte(text)) {
		return operand{}, p.fail("expected a number")
	}
	p.pos = end
	return operand{literal: &node{kind: kindNumber, text: text}}, nil
}

// call parses a function's arguments and checks their number and types.
func (p *queryParser) call(name string) (*function, error) {
	wanted, known := functionArgs[name]
	if !known || p.pos >= len(p.text) || p.text[p.pos] != '(' {
		return nil, p.fail("expected a value, \"@\", or one of length(), count(), match(), search() and value()")
	}
	p.pos++
	f := &function{name: name}
	for {
		o, err := p.operand()
		if err != nil {
			return nil, err
		}
		if wanted.nodes && o.query == nil || !wanted.nodes && !o.comparable() {
			return nil, p.fail("%s() does not take this argument", name)
		}
		f.args = append(f.args, o)
		if !p.take(",") {
			break
		}
	}
	if len(f.args) != wanted.count || !p.take(")") {
		return nil, p.fail("%s() takes %d arguments, then \")\"", name, wanted.count)
	}
	var err error
	if wanted.logical && f.args[1].literal != nil {
		if f.pattern, err = f.compile(f.args[1].literal); err != nil {
			return nil, p.fail("%s() has a bad regular expression", name)
		}
	}
	return f, nil
}
