package clients

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlEditor edits YAML by its lines. The items of a list at the path list are
// known by their member "name".
type yamlEditor struct{ list string }

func (e yamlEditor) decode(data []byte) (object, error) {
	root, err := yamlRoot(data)
	if err != nil || root == nil {
		return nil, err
	}
	v, err := e.value(root, "", 0)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, fmt.Errorf("%d:%d: the file is no mapping of keys to values", root.Line, root.Column)
	}
	return o, nil
}

// yamlRoot returns the one document of a file; nil if it is empty.
func yamlRoot(data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if err.Error() == "EOF" {
			return nil, nil
		}
		return nil, yamlError(err)
	}
	if err := dec.Decode(&more); err == nil || err.Error() != "EOF" {
		return nil, errors.New("1:1: the file holds more than one YAML document")
	}
	if len(doc.Content) == 0 || doc.Content[0].ShortTag() == "!!null" && doc.Content[0].Value == "" {
		return nil, nil
	}
	return doc.Content[0], nil
}

// yamlError puts the line of a parser's error first, as all editors do.
func yamlError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	var line int
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	return fmt.Errorf("%d:1: %s", max(line, 1), text)
}

// value decodes a node. Lists of named items are objects by name.
func (e yamlEditor) value(n *yaml.Node, path string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%d:%d: the file nests more than %d deep", n.Line, n.Column, maxDepth)
	}
	switch n.Kind {
	case yaml.MappingNode:
		o := object{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if _, twice := o.get(key); twice {
				return nil, fmt.Errorf("%d:%d: the key %q stands twice", n.Content[i].Line, n.Content[i].Column, key)
			}
			v, err := e.value(n.Content[i+1], strings.TrimPrefix(path+"."+key, "."), depth+1)
			if err != nil {
				return nil, err
			}
			o = append(o, member{key, v})
		}
		return o, nil
	case yaml.SequenceNode:
		named := e.list != "" && path == e.list
		list, o := []any{}, object{}
		for _, item := range n.Content {
			v, err := e.value(item, path+"[]", depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
			if x, ok := v.(object); ok {
				o = append(o, member{x.text("name"), x})
			}
		}
		if named {
			return o, nil
		}
		return list, nil
	default:
		var v any
		if err := n.Decode(&v); err != nil {
			return nil, fmt.Errorf("%d:%d: %w", n.Line, n.Column, err)
		}
		if _, plainly := v.(map[string]any); plainly {
			v = ordered(v)
		}
		return v, nil
	}
}

// yamlPlace is where a key or an item stands.
type yamlPlace struct {
	value    *yaml.Node
	line     int // of the key or dash, from 1
	indent   int // of the key or dash
	sequence bool
}

// children returns the members of a mapping or the named items of a list.
func (e yamlEditor) children(n *yaml.Node) (names []string, places []yamlPlace) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			names = append(names, k.Value)
			places = append(places, yamlPlace{n.Content[i+1], k.Line, k.Column - 1, false})
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			name := ""
			for i := 0; i+1 < len(item.Content); i += 2 {
				if item.Content[i].Value == "name" {
					name = item.Content[i+1].Value
				}
			}
			names = append(names, name)
			places = append(places, yamlPlace{item, item.Line, n.Column - 1, true})
		}
	}
	return names, places
}

func (e yamlEditor) set(data []byte, path []string, v any) ([]byte, error) {
	root, err := yamlRoot(data)
	if err == nil {
		err = plainLines(data)
	}
	if err != nil {
		return nil, err
	}
	text := newYAMLText(data)
	if root == nil {
		return text.insert(len(text.lines), e.block(path, 0, v, 0)), nil
	}
	parent, at := root, yamlPlace{value: root, indent: root.Column - 1}
	for i, key := range path {
		names, places := e.children(parent)
		found := -1
		for j, n := range names {
			if n == key {
				found = j
			}
		}
		if found < 0 {
			return e.add(text, path, i, parent, at, places, v)
		}
		at = places[found]
		parent = at.value
	}
	if flowAround(text, at) {
		return nil, fmt.Errorf("%d:%d: %s is written in braces", at.line, at.indent+1, strings.Join(path, "."))
	}
	from, to := at.line-1, text.regionEnd(at)
	return text.replace(from, to, e.block(path, len(path)-1, v, at.indent)), nil
}

// add writes path[i:] at the end of a parent.
func (e yamlEditor) add(text *yamlText, path []string, i int, parent *yaml.Node, at yamlPlace, places []yamlPlace, v any) ([]byte, error) {
	if len(places) > 0 {
		last := places[len(places)-1]
		if parent.Style&yaml.FlowStyle != 0 {
			return nil, fmt.Errorf("%d:%d: %s is written in braces; write it in lines", parent.Line, parent.Column, strings.Join(path[:i], "."))
		}
		return text.insert(text.regionEnd(last), e.block(path, i, v, last.indent)), nil
	}
	empty := parent.Kind == yaml.MappingNode || parent.Kind == yaml.SequenceNode || parent.ShortTag() == "!!null"
	if !empty || i == 0 || parent.Kind == yaml.AliasNode || flowAround(text, at) {
		return nil, fmt.Errorf("%d:%d: %s is no mapping", parent.Line, parent.Column, strings.Join(path[:i], "."))
	}
	line := text.lines[at.line-1]
	if parent.Line == at.line && parent.Column-1 <= len(line) {
		line = strings.TrimRight(strings.Replace(line[:parent.Column-1]+strings.TrimLeft(line[parent.Column-1:], "{}[]~nul"), "  #", " #", 1), " ")
	}
	body := e.block(path, i, v, at.indent+2)
	return text.replace(at.line-1, at.line, append([]string{line}, body...)), nil
}

func (e yamlEditor) remove(data []byte, path []string) ([]byte, error) {
	root, err := yamlRoot(data)
	if err == nil {
		err = plainLines(data)
	}
	if err != nil || root == nil {
		return data, err
	}
	text := newYAMLText(data)
	var at yamlPlace
	for _, key := range path {
		names, places := e.children(root)
		found := false
		for j, n := range names {
			if n == key {
				at, found = places[j], true
			}
		}
		if !found {
			return data, nil
		}
		root = at.value
	}
	if flowAround(text, at) {
		return nil, fmt.Errorf("%d:%d: %s is written in braces", at.line, at.indent+1, strings.Join(path, "."))
	}
	return text.replace(at.line-1, text.regionEnd(at), nil), nil
}

// flowAround reports whether something else stands before a key on its line.
func flowAround(text *yamlText, at yamlPlace) bool {
	if at.line < 1 || at.line > len(text.lines) {
		return true
	}
	line := text.lines[at.line-1]
	before := line[:min(at.indent, len(line))]
	return strings.TrimSpace(before) != ""
}

// block returns the lines of path[i:] with a value, at an indentation.
func (e yamlEditor) block(path []string, i int, v any, indent int) []string {
	if e.list != "" && i > 0 && strings.Join(path[:i], ".") == e.list {
		o, _ := v.(object)
		if _, named := o.get("name"); !named {
			o = append(object{{"name", path[i]}}, o...)
		}
		lines := yamlLines(nest(path[i+1:], o), indent+2)
		lines[0] = strings.Repeat(" ", indent) + "- " + strings.TrimLeft(lines[0], " ")
		return lines
	}
	if e.list != "" && i+1 < len(path) && strings.Join(path[:i+1], ".") == e.list {
		head := yamlLines(object{{path[i], nil}}, indent)
		head[0] = strings.TrimSuffix(head[0], " null")
		return append(head, e.block(path, i+1, v, indent+2)...)
	}
	return yamlLines(nest(path[i:], v), indent)
}

// yamlLines writes a value in block style.
func yamlLines(v any, indent int) []string {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(yamlNode(v, true)); err != nil {
		return []string{""} // nodes of scalars always encode
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = strings.Repeat(" ", indent) + l
		}
	}
	return lines
}

// yamlNode returns the node of a value; lists of scalars stand on one line.
func yamlNode(v any, block bool) *yaml.Node {
	switch v := v.(type) {
	case object:
		n := &yaml.Node{Kind: yaml.MappingNode}
		if len(v) == 0 || !block {
			n.Style = yaml.FlowStyle
		}
		for _, m := range v {
			n.Content = append(n.Content, yamlNode(m.key, block), yamlNode(m.value, block))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, x := range v {
			n.Content = append(n.Content, yamlNode(x, false))
		}
		return n
	default:
		n := &yaml.Node{}
		if err := n.Encode(v); err != nil {
			n.SetString("")
		}
		if s, ok := v.(string); ok && strings.ContainsAny(s, "\n") {
			n.Style = yaml.DoubleQuotedStyle
		}
		return n
	}
}

// yamlText is a file as lines without their ends.
type yamlText struct {
	lines []string
	nl    string
	final bool // the last line has an end
}

// plainLines sees that lines end in a line feed alone, or with a carriage return
// before each: YAML has other line ends, which nobody uses on purpose.
func plainLines(data []byte) error {
	ends := bytes.Count(data, []byte("\n"))
	pairs := bytes.Count(data, []byte("\r\n"))
	if bytes.Count(data, []byte("\r")) != pairs || pairs != 0 && pairs != ends || bytes.ContainsAny(data, "\u0085\u2028\u2029\ufeff") {
		return errors.New("1:1: the lines of the file end in different ways")
	}
	return nil
}

func newYAMLText(data []byte) *yamlText {
	t := &yamlText{nl: newline(data), final: true}
	if len(data) == 0 {
		return t
	}
	t.final = data[len(data)-1] == '\n'
	s := strings.TrimSuffix(string(data), "\n")
	t.lines = strings.Split(s, "\n")
	if t.nl == "\r\n" {
		for i := range t.lines {
			t.lines[i] = strings.TrimSuffix(t.lines[i], "\r")
		}
	}
	return t
}

func (t *yamlText) insert(at int, lines []string) []byte { return t.replace(at, at, lines) }

// replace puts lines in place of those from from up to to.
func (t *yamlText) replace(from, to int, lines []string) []byte {
	all := append(append(append([]string{}, t.lines[:from]...), lines...), t.lines[to:]...)
	if len(all) == 0 {
		return nil
	}
	text := strings.Join(all, t.nl)
	if t.final {
		text += t.nl
	}
	return []byte(text)
}

// regionEnd returns the line behind the last one that belongs to a place.
func (t *yamlText) regionEnd(p yamlPlace) int {
	end := p.line
	for i := p.line; i < len(t.lines); i++ {
		line := t.lines[i]
		content := strings.TrimLeft(line, " ")
		depth := len(line) - len(content)
		trimmed := strings.TrimSpace(content)
		dash := !p.sequence && depth == p.indent && p.value.Kind == yaml.SequenceNode && (trimmed == "-" || strings.HasPrefix(content, "- "))
		switch {
		case trimmed == "" || strings.HasPrefix(content, "#") && depth <= p.indent:
			continue
		case depth > p.indent || dash:
			end = i + 1
		default:
			return end
		}
	}
	return end
}
