package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// maxFile bounds a configuration, in bytes.
const maxFile = 1 << 20

// decoder turns YAML nodes into a Config. What does not fit becomes a problem,
// and decoding goes on.
type decoder struct {
	file     string
	lookup   Lookup
	origins  map[*yaml.Node]string // of nodes that came from outside the file
	at       map[string]position   // path → where it stands
	problems problems
}

// value is a node with its path; the node is nil where nothing is given.
type value struct {
	path string
	node *yaml.Node
}

// document parses the data to its root; nil if there is nothing in it.
func (d *decoder) document(data []byte) *yaml.Node {
	if len(data) > maxFile {
		d.problems.add(position{name: d.file}, "", "is over %d bytes long, too long for a configuration", maxFile)
		return nil
	}
	var doc, more yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		d.problems.add(position{name: d.file}, "", "must be one YAML document; leave out what follows \"---\"")
	}
	return doc.Content[0]
}

// yamlLine is how the YAML parser says where an error stands.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax notes an error of the YAML parser, without the text that it may quote.
func (d *decoder) syntax(err error) {
	text, at := err.Error(), position{name: d.file}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		at.line, _ = strconv.Atoi(m[1])
	}
	if strings.HasPrefix(text, "unknown anchor") {
		text = "an alias (*name) has no anchor (&name); put text that begins with * in quotes"
	}
	d.problems.add(at, "", "is no valid YAML: %s", text)
}

// where says where a node stands.
func (d *decoder) where(n *yaml.Node) position {
	if origin, ok := d.origins[n]; ok {
		return position{name: origin}
	}
	return position{d.file, n.Line, n.Column}
}

func (d *decoder) fail(v value, format string, args ...any) {
	d.problems.add(d.where(v.node), v.path, format, args...)
}

// field is one key of an object with fixed keys.
type field struct {
	key  string
	form form
	read func(value) // is called with a nil node where the key is not given
}

// form is the YAML that a key takes.
type form int

const (
	scalar form = iota
	list
	mapping
)

func (f form) String() string {
	return [...]string{"a single value", "a list", "a mapping (key: value)"}[f]
}

// object reads a mapping with fixed keys, and reports whether anything of it
// was given, here or from outside.
func (d *decoder) object(v value, fields []field) bool {
	entries := map[string]*yaml.Node{}
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	for _, e := range d.entries(v) {
		if !slices.Contains(keys, e.key) {
			d.unknown(v, e, keys)
			continue
		}
		entries[e.key] = e.node
	}
	before := len(d.at)
	for _, f := range fields {
		child := value{join(v.path, f.key), entries[f.key]}
		if child.node = d.override(child, f.form); child.node != nil {
			d.at[child.path] = d.where(child.node)
		}
		f.read(child)
	}
	return len(d.at) > before
}

func (d *decoder) unknown(v value, e entry, keys []string) {
	hint := "the keys here are " + strings.Join(keys, ", ")
	if near := fault.Nearest(e.key, keys); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.problems.add(d.where(e.at), v.path, "unknown key %q; %s", clip(e.key), hint)
}

// entry is one key of a mapping with its value.
type entry struct {
	key  string
	at   *yaml.Node
	node *yaml.Node
}

// entries returns a mapping's keys in order. Null has none.
func (d *decoder) entries(v value) []entry {
	n := d.follow(v.node)
	if n == nil || isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		d.fail(v, "must be %s, is %s", mapping, describe(n))
		return nil
	}
	var entries []entry
	first := map[string]position{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, at := d.follow(n.Content[i]), d.where(n.Content[i])
		switch earlier, ok := first[key.Value]; {
		case key.Kind != yaml.ScalarNode:
			d.problems.add(at, v.path, "a key must be plain text")
		case key.ShortTag() == "!!merge":
			d.problems.add(at, v.path, "merge keys (<<) are not supported; write the keys out")
		case ok:
			d.problems.add(at, v.path, "key %q stands twice, first at %s", clip(key.Value), earlier)
		default:
			first[key.Value] = at
			entries = append(entries, entry{key.Value, n.Content[i], n.Content[i+1]})
		}
	}
	return entries
}

// follow returns what an alias stands for.
func (d *decoder) follow(n *yaml.Node) *yaml.Node {
	if n == nil || n.Kind != yaml.AliasNode {
		return n
	}
	if origin, ok := d.origins[n]; ok {
		d.origins[n.Alias] = origin
	}
	return n.Alias
}

// override returns the node of the value given from outside the file, or else
// the file's own.
func (d *decoder) override(v value, f form) *yaml.Node {
	text, origin, ok := d.lookup(strings.ToLower(v.path))
	if !ok {
		return v.node
	}
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text}
	if f != scalar {
		if f == list && !strings.HasPrefix(strings.TrimSpace(text), "[") {
			return d.mark(commaList(text), origin)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) == 0 {
			d.problems.add(position{name: origin}, v.path, "must be %s as YAML", f)
			return v.node
		}
		node = doc.Content[0]
	}
	return d.mark(node, origin)
}

// commaList makes a list of "a, b".
func commaList(text string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.SequenceNode}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: item})
		}
	}
	return node
}

// mark notes where a node and all in it came from.
func (d *decoder) mark(n *yaml.Node, origin string) *yaml.Node {
	d.origins[n] = origin
	for _, child := range n.Content {
		d.mark(child, origin)
	}
	return n
}

// plainKey is a key that may stand in a path. Others are left out of messages:
// a slip of the pen makes keys of values, "Authorization: Bearer …" for one.
var plainKey = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+.^_`|~/-]{1,128}$")

func join(path, key string) string {
	if !plainKey.MatchString(key) {
		key = "[…]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// describe says what a node is, without its content.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return mapping.String()
	case yaml.SequenceNode:
		return list.String()
	default:
		return scalar.String()
	}
}

// clip shortens a value for a message.
func clip(s string) string { return fault.Clip(s, 60) }
