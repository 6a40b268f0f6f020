package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// jsonEditor edits JSON with comments by its text.
type jsonEditor struct{}

func (jsonEditor) decode(data []byte) (object, error) {
	root, err := parseJSON(data)
	if err != nil || root == nil {
		return nil, err
	}
	if root.kind != '{' {
		return nil, errors.New("1:1: the file's value is no object ({ … })")
	}
	return root.decoded().(object), nil
}

func (jsonEditor) set(data []byte, path []string, v any) ([]byte, error) {
	root, err := parseJSON(data)
	if err != nil {
		return nil, err
	}
	nl := newline(data)
	if root == nil {
		text := writeJSON(nest(path, v), "", "  ", nl) + nl
		if len(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))) == 0 {
			return []byte(text), nil
		}
		if data[len(data)-1] != '\n' {
			text = nl + text
		}
		return append(bytes.Clone(data), text...), nil
	}
	e := jsonEdit{data: data, nl: nl, unit: indentUnit(data, root), compact: bytes.IndexByte(data[root.start:root.end], '\n') < 0}
	node := root
	for i, key := range path {
		if node.kind != '{' {
			return nil, e.notObject(node, path[:i])
		}
		at := node.member(key)
		if at < 0 {
			return e.insert(node, key, nest(path[i+1:], v)), nil
		}
		node = node.members[at].value
	}
	return splice(data, node.start, node.end, e.render(v, e.lineIndent(node.start))), nil
}

func (jsonEditor) remove(data []byte, path []string) ([]byte, error) {
	root, err := parseJSON(data)
	if err != nil || root == nil {
		return data, err
	}
	node := root
	for i, key := range path {
		at := -1
		if node.kind == '{' {
			at = node.member(key)
		}
		if at < 0 {
			return data, nil
		}
		if i == len(path)-1 {
			return removeJSON(data, node, at), nil
		}
		node = node.members[at].value
	}
	return data, nil
}

// nest wraps a value in objects.
func nest(path []string, v any) any {
	for i := len(path) - 1; i >= 0; i-- {
		v = object{{path[i], v}}
	}
	return v
}

// jsonEdit is what an insertion needs to know of the file's style.
type jsonEdit struct {
	data     []byte
	nl, unit string
	compact  bool // the whole file is one line
}

func (e jsonEdit) notObject(n *jsonNode, path []string) error {
	line, column := lineColumn(e.data, n.start)
	return fmt.Errorf("%d:%d: %s is no object ({ … })", line, column, strings.Join(path, "."))
}

func (e jsonEdit) render(v any, indent string) string {
	if e.compact {
		return writeJSON(v, "", "", "")
	}
	return writeJSON(v, indent, e.unit, e.nl)
}

// insert adds a member at the end of an object.
func (e jsonEdit) insert(n *jsonNode, key string, v any) []byte {
	if len(n.members) == 0 {
		return e.insertFirst(n, key, v)
	}
	last := n.members[len(n.members)-1]
	first := n.members[0]
	if !bytes.Contains(e.data[n.start:last.value.end], []byte("\n")) {
		// The object stands on one line: so does what is added.
		gap := string(e.data[n.start+1 : first.start])
		if strings.Trim(gap, " ") != "" {
			gap = " "
		}
		if gap == "" && !e.compact {
			gap = " "
		}
		text := gap + quote(key) + e.colon() + writeJSON(v, "", "", "")
		if last.comma >= 0 {
			return splice(e.data, last.comma+1, last.comma+1, text+",")
		}
		return splice(e.data, last.value.end, last.value.end, ","+text)
	}
	indent := e.lineIndent(first.start)
	text := e.nl + indent + quote(key) + ": " + e.render(v, indent)
	if last.comma >= 0 {
		at := e.afterComment(last.comma + 1)
		return splice(e.data, at, at, text+",")
	}
	at := e.afterComment(last.value.end)
	withText := splice(e.data, at, at, text)
	return splice(withText, last.value.end, last.value.end, ",")
}

func (e jsonEdit) insertFirst(n *jsonNode, key string, v any) []byte {
	if e.compact {
		return splice(e.data, n.start+1, n.start+1, quote(key)+e.colon()+e.render(v, ""))
	}
	outer := e.lineIndent(n.start)
	text := e.nl + outer + e.unit + quote(key) + ": " + e.render(v, outer+e.unit)
	at := e.afterComment(n.start + 1)
	if rest := e.data[at : n.end-1]; bytes.IndexByte(rest, '\n') < 0 {
		text += e.nl + outer
	}
	return splice(e.data, at, at, text)
}

// colon separates key and value on one line.
func (e jsonEdit) colon() string {
	if e.compact && !bytes.Contains(e.data, []byte(`": `)) {
		return ":"
	}
	return ": "
}

// afterComment returns the place after the comments that follow on the line of
// at, or at itself.
func (e jsonEdit) afterComment(at int) int {
	end := at
	for pos := at; pos < len(e.data); {
		rest := e.data[pos:]
		switch {
		case rest[0] == ' ' || rest[0] == '\t':
			pos++
		case bytes.HasPrefix(rest, []byte("//")):
			n := bytes.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			return pos + len(bytes.TrimRight(rest[:n], "\r"))
		case bytes.HasPrefix(rest, []byte("/*")):
			n := bytes.Index(rest[2:], []byte("*/"))
			if n < 0 || bytes.IndexByte(rest[:n+4], '\n') >= 0 {
				return end
			}
			pos += n + 4
			end = pos
		default:
			return end
		}
	}
	return end
}

// lineIndent returns the blanks that the line of an offset begins with.
func (e jsonEdit) lineIndent(at int) string {
	start := bytes.LastIndexByte(e.data[:at], '\n') + 1
	end := start
	for end < len(e.data) && (e.data[end] == ' ' || e.data[end] == '\t') {
		end++
	}
	return string(e.data[start:end])
}

// indentUnit returns what a level of the file is indented by.
func indentUnit(data []byte, root *jsonNode) string {
	e := jsonEdit{data: data}
	outer := e.lineIndent(root.start)
	for _, m := range root.members {
		if unit, ok := strings.CutPrefix(e.lineIndent(m.start), outer); ok && unit != "" {
			return unit
		}
	}
	return "  "
}

// removeJSON takes a member out of an object, with its comma and the blanks
// before it. Comments stay.
func removeJSON(data []byte, n *jsonNode, at int) []byte {
	m := n.members[at]
	from := m.start
	for from > n.start+1 && strings.IndexByte(" \t\r\n", data[from-1]) >= 0 {
		from--
	}
	after := m.value.end
	if m.comma >= 0 {
		after = m.comma + 1
	}
	if rest, _, _ := bytes.Cut(data[after:], []byte("\n")); len(bytes.TrimSpace(rest)) > 0 {
		line := data[bytes.LastIndexByte(data[:from], '\n')+1 : from]
		if bytes.Contains(line, []byte("//")) {
			from = m.start // what follows must not become part of that comment
		}
	}
	out := data
	if m.comma >= 0 {
		out = splice(out, m.comma, m.comma+1, "")
	}
	out = splice(out, from, m.value.end, "")
	if m.comma < 0 && at > 0 {
		comma := n.members[at-1].comma
		out = splice(out, comma, comma+1, "")
	}
	if len(n.members) > 1 {
		return out
	}
	end := n.end - (len(data) - len(out))
	if inner := out[n.start+1 : end-1]; len(bytes.TrimSpace(inner)) == 0 {
		out = splice(out, n.start+1, end-1, "")
	}
	return out
}

// writeJSON writes a value; unit "" writes it on one line.
func writeJSON(v any, indent, unit, nl string) string {
	inner, sep, colon := nl+indent+unit, ",", ": "
	if unit == "" {
		inner, sep = "", ", "
	}
	var parts []string
	var opening, closing string
	switch v := v.(type) {
	case object:
		opening, closing = "{", "}"
		for _, m := range v {
			parts = append(parts, quote(m.key)+colon+writeJSON(m.value, indent+unit, unit, nl))
		}
	case []any:
		opening, closing, inner, sep = "[", "]", "", ", "
		for _, x := range v {
			parts = append(parts, writeJSON(x, "", "", ""))
		}
	case string:
		return quote(v)
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return "null" // what was decoded encodes
		}
		return string(text)
	}
	if len(parts) == 0 {
		return opening + closing
	}
	if inner == "" {
		return opening + strings.Join(parts, sep) + closing
	}
	return opening + inner + strings.Join(parts, sep+inner) + nl + indent + closing
}
