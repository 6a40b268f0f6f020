package remainder

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/scan"
)

// child is an element of an array or a member of an object.
type child struct {
	name   string // of a member
	member bool
	raw    json.RawMessage
}

// childrenOf returns what a container has, in its order; false for no container.
func childrenOf(raw json.RawMessage) ([]child, bool) {
	s := scan.Of(raw)
	open := s.Peek()
	if open != '{' && open != '[' {
		return nil, false
	}
	closing := open + 2 // in ASCII
	var out []child
	more, ok := s.Open(closing)
	for more && ok {
		c := child{member: open == '{'}
		if c.member {
			if c.name, ok = s.Key(); !ok {
				return nil, false
			}
		}
		if c.raw, ok = s.Value(); !ok {
			return nil, false
		}
		out = append(out, c)
		more, ok = s.Next(closing)
	}
	return out, ok
}

// segments takes a JSON pointer (RFC 6901) apart. One that begins without "/" is
// taken for one that does, and "/" alone for the whole.
func segments(pointer string) []string {
	pointer = strings.TrimPrefix(strings.TrimPrefix(pointer, "#"), "/")
	if pointer == "" {
		return nil
	}
	out := strings.Split(pointer, "/")
	for i, s := range out {
		out[i] = strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
	}
	return out
}

// below returns the pointer to a child.
func below(pointer string, c child, i int) string {
	if !c.member {
		return pointer + "/" + strconv.Itoa(i)
	}
	return pointer + "/" + escape(c.name)
}

// escape writes a name as a segment of a pointer.
func escape(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// resolve returns the value that a pointer names, and the pointer as it is
// rightly written. It goes over the document once, as far as the value.
func resolve(raw json.RawMessage, pointer string) (json.RawMessage, string, error) {
	names := segments(pointer)
	if pointer == "/" {
		names = []string{""} // the key "", if there is one
	}
	s, at := scan.Of(raw), ""
	for _, name := range names {
		s.Peek()
		from := s.At()
		if c, i, ok := enter(&s, name); ok {
			at = below(at, c, i)
			continue
		}
		if pointer == "/" {
			return raw, "", nil
		}
		rest := scan.Of(raw[from:])
		value, _ := rest.Value()
		return nil, "", fault.New("remainder.read", fault.NotFound, fmt.Sprintf("there is nothing at %q: %s", clip(pointer), instead(at, value, name)))
	}
	value, ok := s.Value()
	if !ok {
		return nil, "", fault.New("remainder.read", fault.Internal, "the document was valid and is not any more")
	}
	return value, at, nil
}

// enter goes to the child of a container that a segment names, the first of
// several.
func enter(s *scan.Scanner, name string) (child, int, bool) {
	open := s.Peek()
	if open != '{' && open != '[' {
		return child{}, 0, false
	}
	c := child{member: open == '{'}
	want, err := strconv.Atoi(name)
	if !c.member && (err != nil || strconv.Itoa(want) != name) {
		return c, 0, false
	}
	more, ok := s.Open(open + 2)
	for i := 0; more && ok; i++ {
		if c.member {
			if c.name, ok = s.Key(); !ok {
				break
			}
		}
		if c.member && c.name == name || !c.member && i == want {
			return c, i, true
		}
		if !s.Skip() {
			break
		}
		more, ok = s.Next(open + 2)
	}
	return c, 0, false
}

// instead says what there is where a segment named nothing.
func instead(at string, raw json.RawMessage, name string) string {
	text := fmt.Sprintf("%s is %s", whole(at), describe(raw))
	children, _ := childrenOf(raw)
	var names []string
	for _, c := range children[:min(len(children), 1000)] {
		if c.member {
			names = append(names, c.name)
		}
	}
	if near := fault.Nearest(name, names); near != "" {
		return text + fmt.Sprintf("; did you mean %q?", clip(near))
	}
	if len(names) > 0 {
		return text + "; its keys are " + keys(names)
	}
	return text
}

// keys lists names, so many as are of use in a message.
func keys(names []string) string {
	shown := make([]string, min(len(names), 12))
	for i := range shown {
		shown[i] = fault.Clip(names[i], 40)
	}
	if len(names) > len(shown) {
		shown = append(shown, fmt.Sprintf("and %d more", len(names)-len(shown)))
	}
	return strings.Join(shown, ", ")
}

func clip(text string) string { return fault.Clip(text, 120) }

// whole is a pointer in a message.
func whole(pointer string) string {
	if pointer == "" {
		return "the whole"
	}
	return clip(pointer)
}

// describe says what a value is and how much of it there is.
func describe(raw json.RawMessage) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		c, _ := childrenOf(raw)
		return fmt.Sprintf("object of %d keys", len(c))
	case '[':
		c, _ := childrenOf(raw)
		return fmt.Sprintf("array of %d items", len(c))
	case '"':
		text, _ := textOf(raw)
		return fmt.Sprintf("string of %d characters", utf8.RuneCountInString(text))
	}
	return "the value " + clip(string(raw))
}

// textOf returns what a JSON string says; false for another value.
func textOf(raw json.RawMessage) (string, bool) {
	s := scan.Of(raw)
	if s.Peek() != '"' {
		return "", false
	}
	inner, escaped, ok := s.Text()
	return scan.Decoded(inner, escaped), ok
}

// bytesOf returns the bytes of a text, which must not be written to.
func bytesOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }
