package call

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// errSyntax is all that is said of what is no JSON; whoever reads it knows the
// source.
var errSyntax = errors.New("this is not valid JSON")

// reader reads results and their blocks.
type reader struct {
	scan.Scanner
	scratch []byte // for texts
}

// maxScratch bounds what is set aside for a text before it is known how long it
// will be.
const maxScratch = 64 << 10

// text goes past a string and returns what it says.
func (s *reader) text() (text string, ok bool) {
	if s.scratch == nil {
		s.scratch = make([]byte, 0, min(s.Left(), maxScratch))
	}
	text, s.scratch, ok = s.String(s.scratch)
	return text, ok
}

// received is a result as it came, and what was read out of it. A result is
// written back by it for as long as every field still holds the very bytes that
// were read: what points elsewhere was replaced. So nothing has to be declared
// changed, and nothing can be forgotten.
type received struct {
	raw         json.RawMessage // an object
	content     []Block
	structured  json.RawMessage
	isError     bool
	meta, extra []member

	one       [1]Block // what content mostly is
	seen      uint8    // own members that came
	irregular bool     // MCP has results otherwise, though this says the same
}

type member struct {
	name  string
	value json.RawMessage
}

// ParseResult reads MCP's CallToolResult in one pass, which also checks that it
// is valid JSON. Unknown members go to Extra. The result keeps raw, and its
// parts are parts of it: raw must not be changed afterwards.
func ParseResult(raw json.RawMessage) (*Result, error) {
	raw = scan.Mended(raw)
	parsed := &struct {
		result Result
		came   received
	}{}
	r, came := &parsed.result, &parsed.came
	s := reader{Scanner: scan.Of(raw)}
	if s.Peek() != '{' {
		return nil, fmt.Errorf("a tool's result must be a JSON object")
	}
	from := s.At()
	more, ok := s.Open('}')
	for more && ok {
		if err := s.resultMember(r, came); err != nil {
			return nil, err
		}
		more, ok = s.Next('}')
	}
	if !ok {
		return nil, errSyntax
	}
	came.raw = s.Since(from)
	if !s.End() {
		return nil, errSyntax
	}
	r.Meta, r.Extra = toMap(came.meta), toMap(came.extra)
	came.irregular = came.irregular || r.Content == nil || len(r.Meta) != len(came.meta) || len(r.Extra) != len(came.extra)
	if len(r.Content) == 0 {
		r.Content = nil
	}
	if !came.irregular {
		came.content = append(came.one[:0], r.Content...)
		came.structured, came.isError = r.Structured, r.IsError
		r.came = came
	}
	return r, nil
}

// resultMember reads one member of a result. Of a name that comes twice, the
// last holds.
func (s *reader) resultMember(r *Result, came *received) (err error) {
	name, ok := s.Key()
	if !ok {
		return errSyntax
	}
	if own := ownMember(name); own != 0 {
		came.irregular = came.irregular || came.seen&own != 0 || s.Peek() == 'n'
		came.seen |= own
	}
	switch name {
	case "content":
		r.Content, err = s.blocks()
		return err
	case "structuredContent":
		if r.Structured, ok = s.Value(); string(r.Structured) == "null" {
			r.Structured = nil
		}
	case "isError":
		value, valid := s.Value()
		if ok = valid; ok && string(value) != "null" {
			return read(&r.IsError, value, name)
		}
	case "_meta":
		came.meta, err = s.members()
		return err
	default:
		var value json.RawMessage
		value, ok = s.Value()
		came.extra = append(came.extra, member{name, value})
	}
	if !ok {
		return errSyntax
	}
	return nil
}

func read(into *bool, value json.RawMessage, name string) error {
	switch string(value) {
	case "true":
		*into = true
	case "false":
		*into = false
	default:
		return fmt.Errorf("%s must be true or false", name)
	}
	return nil
}

// members reads an object, or null as one without members.
func (s *reader) members() ([]member, error) {
	switch s.Peek() {
	case 'n':
		return nil, valid(s.Word("null"))
	case '{':
	default:
		return nil, fmt.Errorf("_meta must be an object")
	}
	var list []member
	more, ok := s.Open('}')
	for more && ok {
		var m member
		if m.name, ok = s.Key(); !ok {
			break
		}
		if m.value, ok = s.Value(); !ok {
			break
		}
		list = append(list, m)
		more, ok = s.Next('}')
	}
	return list, valid(ok)
}

// blocks reads an array of blocks, or null as none.
func (s *reader) blocks() ([]Block, error) {
	switch s.Peek() {
	case 'n':
		return nil, valid(s.Word("null"))
	case '[':
	default:
		return nil, fmt.Errorf("content must be an array")
	}
	list := []Block{}
	more, ok := s.Open(']')
	for more && ok {
		b, err := s.block()
		if err != nil {
			return nil, err
		}
		list = append(list, b)
		more, ok = s.Next(']')
	}
	return list, valid(ok)
}

// block reads one block of content.
func (s *reader) block() (b Block, err error) {
	switch s.Peek() {
	case '{':
	case 'n':
		b.Raw = json.RawMessage("null")
		return b, valid(s.Word("null"))
	default:
		return b, fmt.Errorf("a block of content must be an object")
	}
	from := s.At()
	said := unsaid
	others := 0
	more, ok := s.Open('}')
	for more && ok {
		var name string
		if name, ok = s.Key(); !ok {
			break
		}
		switch {
		case name == "text" && s.Peek() == '"':
			said = isText
			b.Text, ok = s.text()
		case name == "text":
			if said = isOther; s.Peek() == 'n' {
				said = unsaid
			}
			ok = s.Skip()
		case name == "type":
			var value json.RawMessage
			if value, ok = s.Value(); ok {
				b.Type, err = kind(value)
			}
		default:
			others++
			ok = s.Skip()
		}
		if !ok || err != nil {
			break
		}
		more, ok = s.Next('}')
	}
	if !ok || err != nil {
		return b, cmp.Or(err, errSyntax)
	}
	return finish(b, s.Since(from), said, others)
}

// What a block's text was found to be.
const (
	unsaid = iota // not there, or null
	isText
	isOther
)

// finish makes a block of what it was read to be.
func finish(b Block, raw json.RawMessage, said, others int) (Block, error) {
	switch {
	case b.Type != "text" || said == unsaid:
		b.Raw, b.Text = raw, ""
	case said == isOther:
		return b, fmt.Errorf("the text of a text block must be a string")
	case others > 0:
		b.Extra = without(raw)
	}
	return b, nil
}

// kind reads a block's type.
func kind(value json.RawMessage) (string, error) {
	switch {
	case string(value) == `"text"`:
		return "text", nil
	case value[0] == '"':
		return scan.Unquoted(value), nil
	case string(value) == "null":
		return "", nil
	}
	return "", fmt.Errorf("the type of a block of content must be a string")
}

// without returns a valid text block without the members that have fields.
func without(block json.RawMessage) json.RawMessage {
	s := reader{Scanner: scan.Of(block)}
	all, _ := s.members()
	out := []byte{'{'}
	for _, m := range all {
		if m.name == "type" || m.name == "text" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(scan.AppendText(out, m.name), ':'), m.value...)
	}
	return append(out, '}')
}

func valid(ok bool) error {
	if ok {
		return nil
	}
	return errSyntax
}

func toMap(list []member) map[string]json.RawMessage {
	if len(list) == 0 {
		return nil
	}
	members := make(map[string]json.RawMessage, len(list))
	for _, m := range list {
		members[m.name] = m.value
	}
	return members
}

// maxWithMore is how many further members a result may have come with that can
// still be written as it came when it got more.
const maxWithMore = 16

// sameAs reports whether r is as it came, but for members that were added to its
// Extra, and how many of those there are.
func (came *received) sameAs(r *Result) (added int, same bool) {
	if came == nil || len(r.Content) != len(came.content) || len(r.Meta) != len(came.meta) ||
		r.IsError != came.isError || !sameBytes(r.Structured, came.structured) {
		return 0, false
	}
	for i := range came.content {
		if !sameBlock(&r.Content[i], &came.content[i]) {
			return 0, false
		}
	}
	added = len(r.Extra) - len(came.extra)
	return added, hold(r.Meta, came.meta) && hold(r.Extra, came.extra) && (added == 0 || len(came.extra) <= maxWithMore)
}

// append appends the result as it came, with what was added in front.
func (came *received) append(dst []byte, r *Result, added int) []byte {
	if added == 0 {
		return appendRaw(dst, came.raw)
	}
	from := len(dst)
	dst = appendMembers(dst, r.Extra, func(name string) bool {
		return isOwn(name) || slices.ContainsFunc(came.extra, func(m member) bool { return m.name == name })
	})
	if len(dst) == from {
		return appendRaw(dst, came.raw)
	}
	dst[from] = '{' // it was a comma
	return appendRaw(append(dst, ','), came.raw[1:])
}

func hold(members map[string]json.RawMessage, came []member) bool {
	for _, m := range came {
		if value, ok := members[m.name]; !ok || !sameBytes(value, m.value) {
			return false
		}
	}
	return true
}

func sameBlock(a, b *Block) bool {
	return a.Type == b.Type && sameText(a.Text, b.Text) && sameBytes(a.Raw, b.Raw) && sameBytes(a.Extra, b.Extra)
}

// sameText and sameBytes report whether both are the same memory.
func sameText(a, b string) bool {
	return len(a) == len(b) && (a == "" || unsafe.StringData(a) == unsafe.StringData(b))
}

func sameBytes(a, b json.RawMessage) bool {
	return len(a) == len(b) && (a == nil) == (b == nil) && (len(a) == 0 || &a[0] == &b[0])
}
