package schema

import (
	"encoding/json"
	"errors"
)

// Member is a member of a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage // without blanks around it
	// Text is the whole member as it is written, name and colon included.
	Text json.RawMessage
}

var errNoObject = errors.New("is no JSON object")

// Members returns the members of a JSON object in their order. It finds their
// ends and does not check what is between: use [json.Valid] on what comes from
// outside.
func Members(raw []byte) ([]Member, error) {
	i := blanks(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return nil, errNoObject
	}
	i = blanks(raw, i+1)
	var members []Member
	for i < len(raw) && raw[i] != '}' {
		start := i
		end := value(raw, i)
		var name string
		if raw[i] != '"' || json.Unmarshal(raw[i:end], &name) != nil {
			return nil, errNoObject
		}
		if i = blanks(raw, end); i >= len(raw) || raw[i] != ':' {
			return nil, errNoObject
		}
		i = blanks(raw, i+1)
		end = value(raw, i)
		if end == i {
			return nil, errNoObject
		}
		members = append(members, Member{Name: name, Value: raw[i:end:end], Text: raw[start:end:end]})
		if i = blanks(raw, end); i < len(raw) && raw[i] == ',' {
			i = blanks(raw, i+1)
		}
	}
	if i >= len(raw) {
		return nil, errNoObject
	}
	return members, nil
}

// Elements returns the elements of a JSON array; nil if raw is none.
func Elements(raw []byte) []json.RawMessage {
	i := blanks(raw, 0)
	if i >= len(raw) || raw[i] != '[' {
		return nil
	}
	var elements []json.RawMessage
	for i = blanks(raw, i+1); i < len(raw) && raw[i] != ']'; {
		end := value(raw, i)
		if end == i {
			return elements
		}
		elements = append(elements, raw[i:end:end])
		if i = blanks(raw, end); i < len(raw) && raw[i] == ',' {
			i = blanks(raw, i+1)
		}
	}
	return elements
}

func blanks(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// value returns where the value that begins at i ends.
func value(raw []byte, i int) int {
	depth := 0
	for i < len(raw) {
		switch c := raw[i]; {
		case c == '"':
			i = text(raw, i)
			if depth == 0 {
				return i
			}
			continue
		case c == '{' || c == '[':
			depth++
		case (c == '}' || c == ']') && depth == 0:
			return i
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case depth == 0 && (c == ',' || c == ':' || c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			return i
		}
		i++
	}
	return i
}

// text returns where the string that begins at i ends.
func text(raw []byte, i int) int {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}
