package call

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// appendRaw appends JSON on one line: in valid JSON a line break is white space,
// as one in a string is escaped. Transports frame messages by lines.
func appendRaw(dst []byte, raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return append(dst, "null"...)
	}
	from := len(dst)
	dst = append(dst, raw...)
	for _, c := range [...]byte{'\n', '\r'} {
		for rest := dst[from:]; ; {
			i := bytes.IndexByte(rest, c)
			if i < 0 {
				break
			}
			rest[i] = ' '
			rest = rest[i+1:]
		}
	}
	return dst
}

// appendMembers appends the members of an object, by their names' order, each
// after a comma. Those that skip names are left out; skip may be nil.
func appendMembers(dst []byte, members map[string]json.RawMessage, skip func(string) bool) []byte {
	var few [8]string
	names := few[:0]
	for name := range members {
		if skip == nil || !skip(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		dst = appendRaw(append(scan.AppendText(append(dst, ','), name), ':'), members[name])
	}
	return dst
}

// appendObject appends an object of members.
func appendObject(dst []byte, members map[string]json.RawMessage) []byte {
	from := len(dst)
	dst = appendMembers(dst, members, nil)
	if len(dst) == from {
		return append(dst, "{}"...)
	}
	dst[from] = '{' // it was a comma
	return append(dst, '}')
}

// AppendJSON appends the block as MCP has it, on one line.
func (b Block) AppendJSON(dst []byte) ([]byte, error) {
	if b.Raw != nil {
		return appendRaw(dst, b.Raw), nil
	}
	dst = scan.AppendText(append(dst, `{"type":"text","text":`...), b.Text)
	extra := bytes.TrimSpace(b.Extra)
	if len(extra) == 0 {
		return append(dst, '}'), nil
	}
	if plainMembers(extra) {
		return appendRaw(append(dst, ','), extra[1:]), nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(extra, &members); err != nil {
		return nil, err
	}
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return name == "type" || name == "text" })
	return append(appendMembers(dst, members, nil), '}'), nil
}

// plainMembers reports whether an object has members and none of a text block's
// own, as far as can be told without reading it.
func plainMembers(object []byte) bool {
	text := scan.View(object)
	return len(object) > 2 && object[0] == '{' && strings.HasPrefix(strings.TrimLeft(text[1:], " \t\r\n"), `"`) &&
		!strings.Contains(text, `\`) && !strings.Contains(text, `"type"`) && !strings.Contains(text, `"text"`)
}
