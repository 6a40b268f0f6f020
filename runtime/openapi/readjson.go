package openapi

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds on the values of a file. Its bytes are bounded too, but one byte may be
// a value, which takes a hundred times that in memory.
const (
	maxDepth  = 500       // how deep they nest
	maxValues = 1_600_000 // how many there are
)

// syntaxError is a place where a file can't be read.
type syntaxError struct {
	line, col int
	message   string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d:%d: %s", e.line, e.col, e.message) }

// jsonReader reads JSON (RFC 8259) into a tree in one pass.
type jsonReader struct {
	data      string
	pos       int
	line      int32
	lineStart int
	values    int
	file      *file
	rep       *reporter
}

// readJSON reads a file's JSON text.
func readJSON(data string, f *file, rep *reporter) (*node, error) {
	r := &jsonReader{data: data, line: 1, file: f, rep: rep}
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	r.space()
	if r.pos < len(r.data) {
		return nil, r.fail("more text after the end of the JSON value")
	}
	return n, nil
}

func (r *jsonReader) fail(format string, args ...any) error {
	return &syntaxError{int(r.line), r.pos - r.lineStart + 1, fmt.Sprintf(format, args...)}
}

func (r *jsonReader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case '\n':
			r.line++
			r.lineStart = r.pos + 1
		case ' ', '\t', '\r':
		default:
			return
		}
		r.pos++
	}
}

func (r *jsonReader) node(k kind) *node {
	return &node{kind: k, file: r.file, line: r.line, col: int32(r.pos - r.lineStart + 1)}
}

func (r *jsonReader) value(depth int) (*node, error) {
	r.space()
	if r.pos >= len(r.data) {
		return nil, r.fail("the JSON ends too early")
	}
	if depth > maxDepth {
		return nil, r.fail("values nest deeper than %d", maxDepth)
	}
	if r.values++; r.values > maxValues {
		return nil, r.fail("there are more than %d values: split the document", maxValues)
	}
	switch c := r.data[r.pos]; {
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.array(depth)
	case c == '"':
		n := r.node(kindString)
		var err error
		n.text, err = r.string()
		return n, err
	case c == '-' || (c >= '0' && c <= '9'):
		return r.number()
	}
	return r.word()
}

func (r *jsonReader) word() (*node, error) {
	for word, k := range map[string]kind{"true": kindBool, "false": kindBool, "null": kindNull} {
		if strings.HasPrefix(r.data[r.pos:], word) {
			n := r.node(k)
			n.text = word
			r.pos += len(word)
			return n, nil
		}
	}
	c, _ := utf8.DecodeRuneInString(r.data[r.pos:])
	return nil, r.fail("unexpected %q", c)
}

func (r *jsonReader) number() (*node, error) {
	n := r.node(kindNumber)
	start := r.pos
	for r.pos < len(r.data) && strings.IndexByte("+-.eE0123456789", r.data[r.pos]) >= 0 {
		r.pos++
	}
	n.text = r.data[start:r.pos]
	if !json.Valid([]byte(n.text)) {
		r.pos = start
		return nil, r.fail("%q is no JSON number", n.text)
	}
	checkNumber(n, r.rep)
	return n, nil
}

// checkNumber turns a number that no float holds into a string.
func checkNumber(n *node, rep *reporter) {
	if len(n.text) < 300 && !strings.ContainsAny(n.text, "eE") {
		return
	}
	if v, err := strconv.ParseFloat(n.text, 64); err == nil && !math.IsInf(v, 0) {
		return
	}
	n.kind = kindString
	rep.report(SeverityWarning, "number-out-of-range", n, "", "the number is too large for any client, so it is read as text: use a smaller one or a string")
}

func (r *jsonReader) array(depth int) (*node, error) {
	n := r.node(kindArray)
	r.pos++
	for {
		r.space()
		if r.skip(']') {
			return n, nil
		}
		if len(n.list) > 0 {
			if !r.skip(',') {
				return nil, r.fail("expected ',' or ']'")
			}
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.list = append(n.list, item)
	}
}

func (r *jsonReader) skip(c byte) bool {
	if r.pos < len(r.data) && r.data[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *jsonReader) object(depth int) (*node, error) {
	n := r.node(kindObject)
	r.pos++
	for {
		r.space()
		if r.skip('}') {
			return dedupe(n.finish(), r.rep), nil
		}
		if len(n.members) > 0 {
			if !r.skip(',') {
				return nil, r.fail("expected ',' or '}'")
			}
			r.space()
		}
		m, err := r.member(depth)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, m)
	}
}

func (r *jsonReader) member(depth int) (member, error) {
	if r.pos >= len(r.data) || r.data[r.pos] != '"' {
		return member{}, r.fail("expected a key in quotes")
	}
	m := member{line: r.line, col: int32(r.pos - r.lineStart + 1)}
	var err error
	if m.key, err = r.string(); err != nil {
		return m, err
	}
	r.space()
	if !r.skip(':') {
		return m, r.fail("expected ':' after the key %q", m.key)
	}
	m.value, err = r.value(depth + 1)
	return m, err
}

// dedupe keeps the last of each repeated key, as JSON readers do.
func dedupe(n *node, rep *reporter) *node {
	last := map[string]int{}
	if len(n.members) < 2 || (n.index != nil && len(n.index) == len(n.members)) {
		return n
	}
	for i, m := range n.members {
		last[m.key] = i
	}
	if len(last) == len(n.members) {
		return n
	}
	kept := n.members[:0:0]
	for i, m := range n.members {
		if last[m.key] == i {
			kept = append(kept, m)
			continue
		}
		at := &node{file: n.file, line: m.line, col: m.col}
		rep.report(SeverityWarning, "duplicate-key", at, "", "the key %q stands twice in one object: the last one counts; remove the others", m.key)
	}
	n.members = kept
	return n.finish()
}

// string reads a string whose opening quote is at pos.
func (r *jsonReader) string() (string, error) {
	start := r.pos
	i := r.pos + 1
	escaped := false
	for ; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			r.pos = i + 1
			if !escaped {
				return strings.ToValidUTF8(r.data[start+1:i], "�"), nil
			}
			var s string
			if err := json.Unmarshal([]byte(r.data[start:r.pos]), &s); err != nil {
				r.pos = start
				return "", r.fail("the string has an escape that JSON does not know")
			}
			return s, nil
		case c == '\\':
			escaped = true
			i++
		case c == '\n':
			r.pos = i
			return "", r.fail("the string does not end on its line")
		case c < 0x20 && c != '\t':
			r.pos = i
			return "", r.fail("the string has a control character")
		}
	}
	return "", r.fail("the string does not end")
}
