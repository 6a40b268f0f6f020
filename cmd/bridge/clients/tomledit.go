package clients

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// tomlEditor edits TOML by its text. A path of depth keys is a table, which is
// written as one; what is below it stands in lines of that table.
type tomlEditor struct{ depth int }

func (tomlEditor) decode(data []byte) (object, error) { return decodeTOML(data) }

func (e tomlEditor) set(data []byte, path []string, v any) ([]byte, error) {
	statements := scanTOML(data)
	if len(path) <= e.depth {
		o, ok := v.(object)
		if !ok {
			return nil, fmt.Errorf("1:1: %s is to be a table", strings.Join(path, "."))
		}
		cleared, err := e.remove(data, path)
		if err != nil {
			return nil, err
		}
		return appendTable(cleared, path, o), nil
	}
	for _, s := range statements {
		if !s.header && slices.Equal(s.path, path) {
			return splice(data, s.valueStart, s.valueEnd, writeTOML(v)), nil
		}
	}
	data, err := e.remove(data, path)
	if err != nil {
		return nil, err
	}
	at := -1
	own := path[:len(path)-1]
	for _, s := range scanTOML(data) {
		if s.header && slices.Equal(s.path, own) || at >= 0 && !s.header && len(s.path) == len(path) && slices.Equal(s.path[:len(own)], own) {
			at = s.end
		} else if at >= 0 && s.header {
			break
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("1:1: %s is not written as a table [%[1]s]", strings.Join(own, "."))
	}
	text := tomlKey(path[len(path)-1]) + " = " + writeTOML(v)
	nl := newline(data)
	if at > 0 && data[at-1] != '\n' {
		return splice(data, at, at, nl+text), nil
	}
	return splice(data, at, at, text+nl), nil
}

// remove takes out all statements at or below a path, with the comments between
// them, and the blank line before a table that stood behind others.
func (tomlEditor) remove(data []byte, path []string) ([]byte, error) {
	statements := scanTOML(data)
	below := func(i int) bool {
		return i >= 0 && len(statements[i].path) >= len(path) && slices.Equal(statements[i].path[:len(path)], path)
	}
	for i := len(statements) - 1; i >= 0; i-- {
		if !below(i) {
			continue
		}
		to := statements[i].end
		for below(i - 1) {
			i--
		}
		from := statements[i].start
		atEnd := to == len(data) && data[to-1] != '\n'
		if statements[i].header || atEnd {
			from = beforeBlank(data, from, atEnd)
		}
		data = splice(data, from, to, "")
	}
	return data, nil
}

// beforeBlank goes back over one blank line, and at the end of a text without a
// last line end over that of the line before as well.
func beforeBlank(data []byte, at int, atEnd bool) int {
	back := func(at int) int {
		if at > 0 && data[at-1] == '\n' {
			at--
			if at > 0 && data[at-1] == '\r' {
				at--
			}
		}
		return at
	}
	previous := back(at)
	if previous > 0 && data[previous-1] == '\n' {
		at = previous
		previous = back(at)
	}
	if atEnd {
		return previous
	}
	return at
}

// appendTable writes a table behind all others.
func appendTable(data []byte, path []string, o object) []byte {
	nl := newline(data)
	lines := []string{"[" + tomlPath(path) + "]"}
	for _, m := range o {
		lines = append(lines, tomlKey(m.key)+" = "+writeTOML(m.value))
	}
	text := strings.Join(lines, nl)
	switch {
	case len(data) == 0:
		return []byte(text + nl)
	case data[len(data)-1] != '\n':
		return append(bytes.Clone(data), nl+nl+text...)
	default:
		return append(bytes.Clone(data), nl+text+nl...)
	}
}

func tomlPath(path []string) string {
	keys := make([]string, len(path))
	for i, k := range path {
		keys[i] = tomlKey(k)
	}
	return strings.Join(keys, ".")
}

// tomlKey quotes a key where it needs it.
func tomlKey(key string) string {
	bare := func(r rune) bool {
		return r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if key != "" && strings.IndexFunc(key, func(r rune) bool { return !bare(r) }) < 0 {
		return key
	}
	return quote(key)
}

// writeTOML writes a value on one line.
func writeTOML(v any) string {
	switch v := v.(type) {
	case object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = tomlKey(m.key) + " = " + writeTOML(m.value)
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = writeTOML(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	default:
		text, err := toml.Marshal(map[string]any{"v": v})
		if err != nil {
			return `""` // what was decoded encodes
		}
		return strings.TrimSpace(strings.TrimPrefix(string(text), "v = "))
	}
}
