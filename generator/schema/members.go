package schema

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// Member is a member of a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage // without blanks around it
	// Text is the whole member as it is written, name and colon included.
	Text json.RawMessage
}

var errNoObject = errors.New("is no JSON object")

// Members returns the members of a JSON object in their order. What stands after
// the object is not read.
func Members(raw []byte) ([]Member, error) {
	s := scan.Of(raw)
	if s.Peek() != '{' {
		return nil, errNoObject
	}
	var members []Member
	more, ok := s.Open('}')
	for more && ok {
		s.Peek()
		from := s.At()
		name, value, valid := s.Member()
		if !valid {
			return nil, errNoObject
		}
		members = append(members, Member{Name: string(scan.Mended([]byte(name))), Value: value, Text: s.Since(from)})
		more, ok = s.Next('}')
	}
	if !ok {
		return nil, errNoObject
	}
	return members, nil
}

// Elements returns the elements of a JSON array; nil if raw is none.
func Elements(raw []byte) []json.RawMessage { return slices.Collect(scan.Elements(raw)) }
