package clients

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// tomlStatement is a table's header or a key with its value, and where it stands.
type tomlStatement struct {
	header     bool     // [a.b] or [[a.b]]
	path       []string // of the table, or of the key from the root
	start, end int      // from the line's start to behind its line end
	valueStart int      // of a key: where its value begins
	valueEnd   int
}

// decodeTOML reads a text as TOML 1.0.
func decodeTOML(data []byte) (object, error) {
	var m map[string]any
	if err := toml.Unmarshal(data, &m); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			line, column := at.Position()
			return nil, fmt.Errorf("%d:%d: %w", line, column, err)
		}
		return nil, err
	}
	o, _ := ordered(m).(object)
	return o, nil
}

// scanTOML finds the statements of a text that decodes.
func scanTOML(data []byte) []tomlStatement {
	s := &tomlScanner{data: data}
	var out []tomlStatement
	var table []string
	for {
		s.skip(" \t\r\n")
		if s.pos >= len(data) {
			return out
		}
		st := tomlStatement{start: s.lineStart()}
		switch data[s.pos] {
		case '#':
			s.line()
			continue
		case '[':
			s.skip("[")
			st.header, st.path = true, s.key()
			table = st.path
		default:
			st.path = append(slices.Clone(table), s.key()...)
			s.skip(" \t=")
			st.valueStart = s.pos
			s.value()
			st.valueEnd = s.pos
		}
		s.line()
		st.end = s.pos
		out = append(out, st)
	}
}

// tomlScanner walks over a text that is known to be valid.
type tomlScanner struct {
	data []byte
	pos  int
}

func (s *tomlScanner) skip(chars string) {
	for s.pos < len(s.data) && strings.IndexByte(chars, s.data[s.pos]) >= 0 {
		s.pos++
	}
}

// line goes behind the end of the line.
func (s *tomlScanner) line() {
	for s.pos < len(s.data) {
		s.pos++
		if s.data[s.pos-1] == '\n' {
			return
		}
	}
}

func (s *tomlScanner) lineStart() int {
	start := s.pos
	for start > 0 && s.data[start-1] != '\n' {
		start--
	}
	return start
}

// key reads a dotted key.
func (s *tomlScanner) key() []string {
	var path []string
	for {
		s.skip(" \t")
		start := s.pos
		if s.pos < len(s.data) && (s.data[s.pos] == '"' || s.data[s.pos] == '\'') {
			s.string()
		} else {
			for s.pos < len(s.data) && strings.IndexByte(" \t.=]\r\n", s.data[s.pos]) < 0 {
				s.pos++
			}
		}
		path = append(path, unquoteTOML(string(s.data[start:s.pos])))
		s.skip(" \t")
		if s.pos >= len(s.data) || s.data[s.pos] != '.' {
			return path
		}
		s.pos++
	}
}

// string goes behind a string of any of the four kinds.
func (s *tomlScanner) string() {
	rest := string(s.data[s.pos:])
	q := rest[:1]
	if strings.HasPrefix(rest, strings.Repeat(q, 3)) {
		q = strings.Repeat(q, 3)
	}
	s.pos += len(q)
	for s.pos < len(s.data) {
		if q[0] == '"' && s.data[s.pos] == '\\' {
			s.pos += 2
			continue
		}
		if strings.HasPrefix(string(s.data[s.pos:min(s.pos+3, len(s.data))]), q) {
			s.pos += len(q)
			for n := 0; len(q) == 3 && n < 2 && s.pos < len(s.data) && s.data[s.pos] == q[0]; n++ {
				s.pos++ // a closing """ may have two quotes before it
			}
			return
		}
		s.pos++
	}
}

// value goes behind a value, which ends at a comment, a comma, a closing
// bracket or the line's end outside of brackets.
func (s *tomlScanner) value() {
	depth := 0
	for last := s.pos; s.pos < len(s.data); {
		switch c := s.data[s.pos]; {
		case c == '"' || c == '\'':
			s.string()
			last = s.pos
		case c == '#' && depth > 0:
			s.line()
		case depth == 0 && (c == '#' || c == '\n'):
			s.pos = last
			return
		default:
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth--
			}
			s.pos++
			if strings.IndexByte(" \t\r", c) < 0 {
				last = s.pos
			}
		}
		if s.pos >= len(s.data) {
			s.pos = min(last, len(s.data))
			return
		}
	}
}

// unquoteTOML returns a key's text.
func unquoteTOML(word string) string {
	if len(word) < 2 || word[0] != '"' && word[0] != '\'' {
		return word
	}
	var m map[string]any
	if err := toml.Unmarshal([]byte(word+" = 1"), &m); err == nil {
		for k := range m {
			return k
		}
	}
	return word
}
