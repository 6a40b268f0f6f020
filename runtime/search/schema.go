package search

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// What is read of one schema.
const (
	maxNames  = 64 // of nested properties
	maxSchema = 128 << 10
	maxDepth  = 24
)

// schemaNames reads the properties of an object's schema: those at its top with
// their descriptions, and the names of those below, in "$defs" and anywhere. It
// goes over the bytes once, and past whatever it doesn't understand; schemas of
// large APIs come to tens of megabytes, and there is no need of more.
func schemaNames(schema json.RawMessage) (top []Argument, below []string) {
	s := schemaScan{data: schema[:min(len(schema), maxSchema)]}
	s.value(isSchema, 0, 0)
	return s.top, s.below
}

// kind is what a value in a schema is.
type kind uint8

const (
	isOther kind = iota
	isSchema
	isProperties  // its members' values are schemas, their names properties
	isDefinitions // its members' values are schemas
)

// schemaScan goes over a schema.
type schemaScan struct {
	data  []byte
	at    int
	top   []Argument
	below []string
}

// value goes over the value that begins here: at the given level of properties,
// 0 the schema itself, and nested so deep in the JSON.
func (s *schemaScan) value(k kind, level, depth int) {
	s.space()
	if s.at >= len(s.data) {
		return
	}
	c := s.data[s.at]
	if k == isOther || depth > maxDepth || c != '{' && c != '[' {
		s.skip()
		return
	}
	s.at++
	for s.more() {
		if c == '[' {
			s.value(k, level, depth+1)
			continue
		}
		key, ok := s.text()
		if !ok {
			s.at = len(s.data)
			return
		}
		s.space()
		s.at++ // the colon
		s.member(k, key, level, depth+1)
	}
}

// member goes over the value of a member.
func (s *schemaScan) member(k kind, key []byte, level, depth int) {
	switch k {
	case isProperties:
		if level == 0 && len(s.top) < maxArguments {
			s.top = append(s.top, Argument{Name: string(key)})
		} else if level > 0 && len(s.below) < maxNames {
			s.below = append(s.below, string(key))
		}
		s.value(isSchema, level+1, depth)
	case isDefinitions:
		if len(s.below) == maxNames {
			s.skip()
			return
		}
		s.value(isSchema, level+1, depth)
	default:
		switch string(key) {
		case "properties":
			s.value(isProperties, level, depth)
			if level == 0 && len(s.below) == maxNames {
				s.at = len(s.data) // all that is read has been read
			}
		case "$defs":
			s.value(isDefinitions, level, depth)
		case "items", "additionalProperties", "allOf", "anyOf", "oneOf":
			s.value(isSchema, level, depth)
		case "description":
			s.description(level, depth)
		default:
			s.value(isOther, level, depth)
		}
	}
}

// description keeps that of a property at the top: the one read last.
func (s *schemaScan) description(level, depth int) {
	s.space()
	if level != 1 || len(s.top) == 0 || depth != 3 || s.at >= len(s.data) || s.data[s.at] != '"' {
		s.skip()
		return
	}
	begin := s.at
	s.skip()
	if s.at-begin < 2 {
		return
	}
	text := s.data[begin+1 : s.at-1]
	// What is escaped in JSON is no letter that the search would miss.
	s.top[len(s.top)-1].Description = limit(string(text[:min(len(text), maxArgument+utf8.UTFMax)]), maxArgument)
}

// more goes to the next member or element, or past the end, where it is false.
func (s *schemaScan) more() bool {
	for ; s.at < len(s.data); s.at++ {
		switch s.data[s.at] {
		case ' ', '\t', '\n', '\r', ',':
		case '}', ']':
			s.at++
			return false
		default:
			return true
		}
	}
	return false
}

func (s *schemaScan) space() {
	for s.at < len(s.data) && s.data[s.at] <= ' ' {
		s.at++
	}
}

// text is the string that begins here, without its quotes and as it is written.
func (s *schemaScan) text() ([]byte, bool) {
	if s.at >= len(s.data) || s.data[s.at] != '"' {
		return nil, false
	}
	begin := s.at + 1
	s.skipText()
	if s.at > len(s.data) || s.at-1 < begin {
		return nil, false
	}
	return s.data[begin : s.at-1], true
}

// skipText goes past a string.
func (s *schemaScan) skipText() {
	s.at++
	for s.at < len(s.data) {
		i := bytes.IndexByte(s.data[s.at:], '"')
		if i < 0 {
			break
		}
		s.at += i + 1
		escapes := 0
		for j := s.at - 2; j >= 0 && s.data[j] == '\\'; j-- {
			escapes++
		}
		if escapes%2 == 0 {
			return
		}
	}
	s.at = len(s.data)
}

// skip goes past a value.
func (s *schemaScan) skip() {
	for open := 0; s.at < len(s.data); {
		switch s.data[s.at] {
		case '"':
			s.skipText()
		case '{', '[':
			open++
			s.at++
		case '}', ']':
			if open == 0 {
				return
			}
			open--
			s.at++
		case ',', ' ', '\n', '\t', '\r':
			if open == 0 {
				return
			}
			s.at++
			continue
		default:
			s.at++
			for s.at < len(s.data) && !ends[s.data[s.at]] {
				s.at++
			}
			continue
		}
		if open == 0 {
			return
		}
	}
}

// ends are the bytes at which something in JSON may end or begin.
var ends = [256]bool{'"': true, '{': true, '[': true, '}': true, ']': true, ',': true, ' ': true, '\n': true, '\t': true, '\r': true}
