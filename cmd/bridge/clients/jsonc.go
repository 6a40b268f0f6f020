package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// maxDepth bounds how deep a file may nest.
const maxDepth = 200

// jsonNode is a value of a JSON text and where it stands.
type jsonNode struct {
	start, end int
	kind       byte // '{', '[', '"' or 0 for all else
	members    []jsonMember
	items      []*jsonNode
	value      any // of kinds '"' and 0
}

type jsonMember struct {
	key   string
	start int // of the key
	value *jsonNode
	comma int // where the comma after the value is; -1 if there is none
}

func (n *jsonNode) member(key string) int {
	for i := range n.members {
		if n.members[i].key == key {
			return i
		}
	}
	return -1
}

// decoded returns the node's value.
func (n *jsonNode) decoded() any {
	switch n.kind {
	case '{':
		o := make(object, len(n.members))
		for i, m := range n.members {
			o[i] = member{m.key, m.value.decoded()}
		}
		return o
	case '[':
		list := make([]any, len(n.items))
		for i, x := range n.items {
			list[i] = x.decoded()
		}
		return list
	default:
		return n.value
	}
}

// jsonParser reads JSON with comments and trailing commas, as editors do.
type jsonParser struct {
	data []byte
	pos  int
}

// parseJSON reads a text; nil is a text without a value.
func parseJSON(data []byte) (*jsonNode, error) {
	p := &jsonParser{data: data}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		p.pos = 3
	}
	if err := p.space(); err != nil || p.pos == len(data) {
		return nil, err
	}
	root, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if err := p.space(); err != nil {
		return nil, err
	}
	if p.pos < len(data) {
		return nil, p.fail("there is text after the value")
	}
	return root, nil
}

func (p *jsonParser) fail(format string, args ...any) error {
	line, column := lineColumn(p.data, p.pos)
	return fmt.Errorf("%d:%d: %s", line, column, fmt.Sprintf(format, args...))
}

func (p *jsonParser) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

// space skips blanks and comments.
func (p *jsonParser) space() error {
	for p.pos < len(p.data) {
		switch rest := p.data[p.pos:]; {
		case bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0:
			p.pos++
		case bytes.HasPrefix(rest, []byte("//")):
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			p.pos += end
		case bytes.HasPrefix(rest, []byte("/*")):
			end := bytes.Index(rest[2:], []byte("*/"))
			if end < 0 {
				return p.fail("a comment is not closed")
			}
			p.pos += end + 4
		default:
			return nil
		}
	}
	return nil
}

func (p *jsonParser) value(depth int) (*jsonNode, error) {
	if depth > maxDepth {
		return nil, p.fail("the text nests more than %d deep", maxDepth)
	}
	start := p.pos
	switch c := p.peek(); c {
	case '{', '[':
		n := &jsonNode{start: start, kind: c}
		p.pos++
		err := p.elements(n, depth)
		n.end = p.pos
		return n, err
	case '"':
		s, err := p.string()
		return &jsonNode{start: start, end: p.pos, kind: '"', value: s}, err
	default:
		return p.literal()
	}
}

// elements reads the members or items of a node up to its closing bracket.
func (p *jsonParser) elements(n *jsonNode, depth int) error {
	closing := n.kind + 2 // '{' and '}', '[' and ']' are two apart
	for comma := true; ; {
		if err := p.space(); err != nil {
			return err
		}
		if p.peek() == closing {
			p.pos++
			return nil
		}
		if !comma {
			return p.fail("a comma or %q is missing", closing)
		}
		if err := p.element(n, depth); err != nil {
			return err
		}
		if err := p.space(); err != nil {
			return err
		}
		if comma = p.peek() == ','; comma {
			if n.kind == '{' {
				n.members[len(n.members)-1].comma = p.pos
			}
			p.pos++
		}
	}
}

func (p *jsonParser) element(n *jsonNode, depth int) error {
	m := jsonMember{start: p.pos, comma: -1}
	if n.kind == '{' {
		var err error
		if p.peek() != '"' {
			return p.fail("a key in double quotes is missing")
		}
		if m.key, err = p.string(); err != nil {
			return err
		}
		if err := p.space(); err != nil {
			return err
		}
		if p.peek() != ':' {
			return p.fail("a colon is missing")
		}
		p.pos++
		if err := p.space(); err != nil {
			return err
		}
	}
	v, err := p.value(depth + 1)
	if err != nil {
		return err
	}
	m.value = v
	if n.kind == '{' {
		n.members = append(n.members, m)
	} else {
		n.items = append(n.items, v)
	}
	return nil
}

func (p *jsonParser) string() (string, error) {
	start := p.pos
	for i := start + 1; i < len(p.data); i++ {
		switch p.data[i] {
		case '\\':
			i++
		case '"':
			var s string
			if err := json.Unmarshal(p.data[start:i+1], &s); err != nil {
				return "", p.fail("the string is no JSON string")
			}
			p.pos = i + 1
			return s, nil
		case '\n':
			return "", p.fail("a string is not closed")
		}
	}
	return "", p.fail("a string is not closed")
}

// literal reads a number, true, false or null.
func (p *jsonParser) literal() (*jsonNode, error) {
	start := p.pos
	end := start
	for end < len(p.data) && !strings.ContainsRune(" \t\r\n,:{}[]\"/", rune(p.data[end])) {
		end++
	}
	dec := json.NewDecoder(bytes.NewReader(p.data[start:end]))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || dec.More() {
		return nil, p.fail("a value is missing or is none of JSON's")
	}
	p.pos = end
	return &jsonNode{start: start, end: end, value: v}, nil
}
