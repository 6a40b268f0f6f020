package shape

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

const (
	// maxDepth is how deep a document may nest before it is handled as text.
	maxDepth = 512
	// maxNodes is how many values a document may have before it is handled as
	// text: each takes some 50 bytes, and there may be one for every 2 bytes.
	maxNodes = 4 << 20
	// maxText is the longest text that is parsed; offsets are 32 bits.
	maxText = 1 << 30
	// minBinary is the shortest string that is taken for base64.
	minBinary = 256
)

var (
	errSyntax  = errors.New("not JSON")
	errTooDeep = errors.New("nests too deeply")
	errTooMany = errors.New("has too many values")
)

// kind is the type of a JSON value.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

// none stands for no node.
const none = int32(-1)

// node is one value of a document. Offsets point into its tree's text.
type node struct {
	key, keyEnd         int32 // the key with its quotes, key == keyEnd without one
	pos, end            int32
	parent, first, next int32
	count               int32 // children
	kind                kind
	binary              bool // a long string of base64 alone
}

// tree is a document: its text in the smallest equal form (no white space, no
// needless escapes, valid UTF-8) and its values, parents before children.
// Numbers keep their spelling, and objects their order and repeated keys.
type tree struct {
	text  []byte
	nodes []node
}

// parser reads one document in one pass.
type parser struct {
	src   string
	i     int
	depth int
	tree
}

// parse reads src as one JSON document.
func parse(src string) (*tree, error) {
	if len(src) > maxText {
		return nil, errTooDeep
	}
	p := parser{src: src}
	p.text = make([]byte, 0, len(src)+16)
	p.nodes = make([]node, 0, len(src)/20+4)
	p.space()
	if err := p.value(none, 0, 0); err != nil {
		return nil, err
	}
	p.space()
	if p.i != len(src) {
		return nil, errSyntax
	}
	return &p.tree, nil
}

func (p *parser) space() {
	for p.i < len(p.src) {
		switch p.src[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

// value reads a value whose key lies at text[key:keyEnd].
func (p *parser) value(parent, key, keyEnd int32) error {
	if p.i >= len(p.src) {
		return errSyntax
	}
	id := len(p.nodes)
	if id >= maxNodes {
		return errTooMany
	}
	p.nodes = append(p.nodes, node{
		key: key, keyEnd: keyEnd, pos: int32(len(p.text)),
		parent: parent, first: none, next: none,
	})
	var err error
	var k kind
	switch c := p.src[p.i]; c {
	case '{':
		k, err = kindObject, p.container(int32(id), '}')
	case '[':
		k, err = kindArray, p.container(int32(id), ']')
	case '"':
		k, err = kindString, p.str()
	case 't':
		k, err = kindBool, p.literal("true")
	case 'f':
		k, err = kindBool, p.literal("false")
	case 'n':
		k, err = kindNull, p.literal("null")
	default:
		k, err = kindNumber, p.number()
	}
	n := &p.nodes[id]
	n.kind, n.end = k, int32(len(p.text))
	if k == kindString {
		n.binary = isBinary(p.text[n.pos+1 : max(n.pos+1, n.end-1)])
	}
	return err
}

func (p *parser) container(id int32, closing byte) error {
	if p.depth++; p.depth > maxDepth {
		return errTooDeep
	}
	p.text = append(p.text, p.src[p.i])
	p.i++
	last := none
	for p.space(); ; p.space() {
		if p.i >= len(p.src) {
			return errSyntax
		}
		if p.src[p.i] == closing && last == none {
			break
		}
		child := int32(len(p.nodes))
		if err := p.member(id, closing == '}'); err != nil {
			return err
		}
		if last == none {
			p.nodes[id].first = child
		} else {
			p.nodes[last].next = child
		}
		last = child
		p.nodes[id].count++
		p.space()
		if p.i >= len(p.src) {
			return errSyntax
		}
		if p.src[p.i] == closing {
			break
		}
		if p.src[p.i] != ',' {
			return errSyntax
		}
		p.text = append(p.text, ',')
		p.i++
	}
	p.text = append(p.text, closing)
	p.i++
	p.depth--
	return nil
}

// member reads an element, or a key and its value.
func (p *parser) member(parent int32, keyed bool) error {
	if !keyed {
		return p.value(parent, 0, 0)
	}
	if p.src[p.i] != '"' {
		return errSyntax
	}
	key := int32(len(p.text))
	if err := p.str(); err != nil {
		return err
	}
	keyEnd := int32(len(p.text))
	p.space()
	if p.i >= len(p.src) || p.src[p.i] != ':' {
		return errSyntax
	}
	p.text = append(p.text, ':')
	p.i++
	p.space()
	return p.value(parent, key, keyEnd)
}

func (p *parser) literal(word string) error {
	if len(p.src)-p.i < len(word) || p.src[p.i:p.i+len(word)] != word {
		return errSyntax
	}
	p.text = append(p.text, word...)
	p.i += len(word)
	return nil
}

// number copies a number as it is spelled, by the grammar of RFC 8259, section 6.
func (p *parser) number() error {
	start := p.i
	digits := func() bool {
		from := p.i
		for p.i < len(p.src) && p.src[p.i]-'0' <= 9 {
			p.i++
		}
		return p.i > from
	}
	at := func(set string) bool {
		for j := 0; p.i < len(p.src) && j < len(set); j++ {
			if p.src[p.i] == set[j] {
				p.i++
				return true
			}
		}
		return false
	}
	at("-")
	if !at("0") && !digits() {
		return errSyntax
	}
	if at(".") && !digits() {
		return errSyntax
	}
	if at("eE") {
		at("+-")
		if !digits() {
			return errSyntax
		}
	}
	p.text = append(p.text, p.src[start:p.i]...)
	return nil
}

// str copies a string without needless escapes; invalid bytes become U+FFFD.
func (p *parser) str() error {
	p.text = append(p.text, '"')
	p.i++
	for {
		from := p.i
		for p.i < len(p.src) && plain[p.src[p.i]] {
			p.i++
		}
		p.text = append(p.text, p.src[from:p.i]...)
		if p.i >= len(p.src) {
			return errSyntax
		}
		switch c := p.src[p.i]; {
		case c == '"':
			p.i++
			p.text = append(p.text, '"')
			return nil
		case c == '\\':
			if err := p.escape(); err != nil {
				return err
			}
		case c < 0x20:
			return errSyntax
		default:
			r, size := utf8.DecodeRuneInString(p.src[p.i:])
			p.text = utf8.AppendRune(p.text, r)
			p.i += size
		}
	}
}

// plain has the bytes that stand for themselves in a string.
var plain = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

func (p *parser) escape() error {
	if p.i+1 >= len(p.src) {
		return errSyntax
	}
	switch c := p.src[p.i+1]; c {
	case '/':
		p.text = append(p.text, '/')
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		p.text = append(p.text, '\\', c)
	case 'u':
		return p.unicode()
	default:
		return errSyntax
	}
	p.i += 2
	return nil
}

// unicode writes a \u escape as the character itself, where it may stand so.
func (p *parser) unicode() error {
	r, ok := hex4(p.src[p.i:])
	if !ok {
		return errSyntax
	}
	raw := p.src[p.i : p.i+6]
	p.i += 6
	switch {
	case r >= 0xD800 && r < 0xDC00:
		low, ok := hex4(p.src[p.i:])
		if !ok || low < 0xDC00 || low > 0xDFFF {
			p.text = append(p.text, raw...)
			return nil
		}
		p.i += 6
		p.text = utf8.AppendRune(p.text, (r-0xD800)<<10+(low-0xDC00)+0x10000)
	case r >= 0xDC00 && r <= 0xDFFF:
		p.text = append(p.text, raw...)
	case r == '"' || r == '\\':
		p.text = append(p.text, '\\', byte(r))
	case r < 0x20:
		p.text = appendControl(p.text, r, raw)
	default:
		p.text = utf8.AppendRune(p.text, r)
	}
	return nil
}

func appendControl(text []byte, r rune, raw string) []byte {
	switch r {
	case '\n':
		return append(text, `\n`...)
	case '\r':
		return append(text, `\r`...)
	case '\t':
		return append(text, `\t`...)
	}
	return append(text, raw...)
}

// hex4 reads a \u escape at the start of s.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for i := 2; i < 6; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// isBinary says whether a string's content is long and of base64's alphabet
// (RFC 4648, sections 4 and 5) only.
func isBinary(content []byte) bool {
	if len(content) < minBinary {
		return false
	}
	content = content[dataURI(content):]
	for _, c := range content {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '+', c == '/', c == '-', c == '_', c == '=':
		default:
			return false
		}
	}
	return true
}

// dataURI returns the length of what precedes the base64 of a "data:" URI (RFC
// 2397); 0 for what is none.
func dataURI(content []byte) int {
	if string(content[:5]) != "data:" {
		return 0
	}
	const mark = ";base64,"
	i := bytes.Index(content[:minBinary/2], []byte(mark))
	if i < 0 {
		return 0
	}
	return i + len(mark)
}

// name returns a node's key, decoded as far as canonical text needs it.
func (t *tree) name(id int32) string {
	n := &t.nodes[id]
	if n.key == n.keyEnd {
		return ""
	}
	quoted := t.text[n.key:n.keyEnd]
	return decode(quoted[1 : len(quoted)-1])
}

// same reports whether two values are equal, whatever the order of their keys.
// Objects with repeated keys are equal only if spelled alike.
func (t *tree) same(a int32, o *tree, b int32) bool {
	x, y := &t.nodes[a], &o.nodes[b]
	if string(t.text[x.pos:x.end]) == string(o.text[y.pos:y.end]) {
		return true
	}
	if x.kind != y.kind || x.count != y.count || (x.kind != kindArray && x.kind != kindObject) {
		return false
	}
	if x.kind == kindArray {
		for c, d := x.first, y.first; c != none; c, d = t.nodes[c].next, o.nodes[d].next {
			if !t.same(c, o, d) {
				return false
			}
		}
		return true
	}
	children := make(map[string]int32, y.count)
	for d := y.first; d != none; d = o.nodes[d].next {
		children[o.name(d)] = d
	}
	for c := x.first; c != none; c = t.nodes[c].next {
		d, ok := children[t.name(c)]
		if !ok || !t.same(c, o, d) {
			return false
		}
		delete(children, t.name(c))
	}
	return true
}

// decode undoes the escapes of a canonical string's content.
func decode(content []byte) string { return scan.Decoded(content, true) }

// charSize returns the size of the first character of a canonical string's
// content: a rune, or an escape.
func charSize(content []byte) int {
	switch c := content[0]; {
	case c == '\\' && len(content) > 1 && content[1] == 'u':
		return min(6, len(content))
	case c == '\\':
		return min(2, len(content))
	case c < utf8.RuneSelf:
		return 1
	}
	_, size := utf8.DecodeRune(content)
	return size
}

// characters counts the characters of a canonical string's content.
func characters(content []byte) int {
	n := 0
	for i := 0; i < len(content); n++ {
		i += charSize(content[i:])
	}
	return n
}
