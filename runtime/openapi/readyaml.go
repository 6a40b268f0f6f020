package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds on the values of a YAML file.
const (
	maxExpanded = 10_000_000 // with its aliases written out
	maxMarks    = 1_200_000  // lines, commas, colons and brackets: each may be a value
)

// yamlReader turns a YAML tree into ours. An alias becomes the very node of its
// anchor, so that reading is linear; sizes are counted as if written out.
type yamlReader struct {
	file *file
	rep  *reporter
	done map[*yaml.Node]sized // anchored nodes
	busy map[*yaml.Node]bool
}

type sized struct {
	node *node
	size int
}

// readYAML reads the first document of a file's YAML text.
func readYAML(data []byte, f *file, rep *reporter) (*node, error) {
	marks := 0
	for _, mark := range [...]string{"\n", ",", ":", "[", "{"} {
		if marks += bytes.Count(data, []byte(mark)); marks > maxMarks {
			return nil, &syntaxError{1, 1, fmt.Sprintf("there are more than %d lines, commas, colons and brackets, which is too much to read as YAML: split the document, or convert it to JSON", maxMarks)}
		}
	}
	if at := yamlVersion.FindIndex(data); at != nil {
		data[at[1]-1] = '1' // data is a copy of the file's text
	}
	var doc yaml.Node
	parser := yaml.NewDecoder(bytes.NewReader(data))
	if err := parser.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlSyntax(err)
	}
	moreDocuments(parser, f, rep)
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 {
		return &node{kind: kindNull, file: f, line: 1, col: 1}, nil
	}
	r := &yamlReader{file: f, rep: rep, done: map[*yaml.Node]sized{}, busy: map[*yaml.Node]bool{}}
	got, err := r.convert(doc.Content[0], 0)
	return got.node, err
}

// yamlVersion is the directive of YAML 1.2. The library refuses it, though it reads
// what it stands for.
var yamlVersion = regexp.MustCompile(`\A%YAML 1\.[02-9]`)

// moreDocuments tells of a second document, which is not read.
func moreDocuments(parser *yaml.Decoder, f *file, rep *reporter) {
	var next yaml.Node
	if err := parser.Decode(&next); err == nil && len(next.Content) > 0 && next.Content[0].ShortTag() != "!!null" {
		at := &node{file: f, line: int32(next.Line), col: int32(next.Column)}
		rep.report(SeverityWarning, "several-documents", at, "", "the file holds several YAML documents: the first one is read; put each in a file of its own")
	}
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func yamlSyntax(err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = strings.TrimPrefix(message, m[0]+": ")
	}
	return &syntaxError{line, 1, message}
}

func failAt(y *yaml.Node, format string, args ...any) error {
	return &syntaxError{y.Line, y.Column, fmt.Sprintf(format, args...)}
}

func (r *yamlReader) convert(y *yaml.Node, depth int) (sized, error) {
	if depth > maxDepth {
		return sized{}, failAt(y, "values nest deeper than %d", maxDepth)
	}
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	if got, ok := r.done[y]; ok {
		return got, nil
	}
	if r.busy[y] {
		return sized{}, failAt(y, "the anchor %q contains itself: remove the alias", y.Anchor)
	}
	if y.Anchor != "" {
		r.busy[y] = true
	}
	n := &node{file: r.file, line: int32(y.Line), col: int32(y.Column)}
	size, err := r.fill(n, y, depth)
	if err != nil {
		return sized{}, err
	}
	if size > maxExpanded {
		return sized{}, failAt(y, "aliases expand to more than %d values: remove some", maxExpanded)
	}
	got := sized{n, size}
	if y.Anchor != "" {
		r.done[y] = got
	}
	return got, nil
}

func (r *yamlReader) fill(n *node, y *yaml.Node, depth int) (int, error) {
	switch y.Kind {
	case yaml.ScalarNode:
		r.scalar(n, y)
		return 1, nil
	case yaml.SequenceNode:
		n.kind = kindArray
		size := 1
		for _, c := range y.Content {
			item, err := r.convert(c, depth+1)
			if err != nil {
				return 0, err
			}
			n.list = append(n.list, item.node)
			size += item.size
		}
		return size, nil
	default:
		n.kind = kindObject
		return r.mapping(n, y, depth)
	}
}

func (r *yamlReader) mapping(n *node, y *yaml.Node, depth int) (int, error) {
	size := 1
	var merges []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		value, err := r.convert(y.Content[i+1], depth+1)
		if err != nil {
			return 0, err
		}
		size += value.size
		switch {
		case key.ShortTag() == "!!merge":
			merges = append(merges, value.node)
		case key.Kind != yaml.ScalarNode:
			r.rep.report(SeverityWarning, "key-not-text", value.node, "", "a key that is no plain text was left out: write it as a string")
		default:
			n.members = append(n.members, member{key.Value, value.node, int32(key.Line), int32(key.Column)})
		}
	}
	dedupe(n.finish(), r.rep)
	mergeKeys(n, merges)
	return size, nil
}

// mergeKeys adds what "<<" brings in; the mapping's own keys win.
func mergeKeys(n *node, merges []*node) {
	for _, m := range merges {
		if m.kind == kindArray {
			mergeKeys(n, m.list)
			continue
		}
		for _, mm := range m.members {
			if !n.has(mm.key) {
				n.members = append(n.members, mm)
				n.finish()
			}
		}
	}
}

// scalar reads a scalar by YAML 1.2's core schema, with dates as text.
func (r *yamlReader) scalar(n *node, y *yaml.Node) {
	n.text = y.Value
	switch y.ShortTag() {
	case "!!null":
		n.kind, n.text = kindNull, ""
	case "!!bool":
		n.kind, n.text = kindBool, strconv.FormatBool(strings.EqualFold(y.Value, "true"))
	case "!!int", "!!float":
		n.kind = kindNumber
		r.number(n)
	default:
		n.kind = kindString
	}
}

var leadingZero = regexp.MustCompile(`^0[0-9]+$`)

// number brings YAML's ways to write a number to JSON's; what has none, such as
// .inf, becomes text. So does what begins with zeros: a code such as 007 is octal
// in YAML 1.1, decimal in 1.2, and mostly meant as it is written.
func (r *yamlReader) number(n *node) {
	if json.Valid([]byte(n.text)) {
		checkNumber(n, r.rep)
		return
	}
	if leadingZero.MatchString(n.text) {
		n.kind = kindString
		return
	}
	text := strings.TrimPrefix(strings.ReplaceAll(n.text, "_", ""), "+")
	if v, err := strconv.ParseInt(text, 0, 64); err == nil {
		n.text = strconv.FormatInt(v, 10)
		return
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		if s := strconv.FormatFloat(v, 'g', -1, 64); json.Valid([]byte(s)) {
			n.text = s
			return
		}
	}
	n.kind = kindString
}
