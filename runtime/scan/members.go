package scan

import (
	"encoding/json"
	"iter"
)

// Members yields the members of a JSON object in their order. Keys have their
// escapes decoded; they and the values are parts of object, but for keys with
// escapes. It yields nothing for what is no object, and ends early where it is
// malformed.
func Members(object []byte) iter.Seq2[[]byte, json.RawMessage] {
	return func(yield func([]byte, json.RawMessage) bool) {
		s := Of(object)
		if s.Peek() != '{' {
			return
		}
		more, ok := s.Open('}')
		for more && ok {
			key, valid := s.Key()
			if !valid {
				return
			}
			value, valid := s.Value()
			if !valid || !yield(bytesOf(key), value) {
				return
			}
			more, ok = s.Next('}')
		}
	}
}

// Elements yields the elements of a JSON array, as Members does members.
func Elements(array []byte) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		s := Of(array)
		if s.Peek() != '[' {
			return
		}
		more, ok := s.Open(']')
		for more && ok {
			value, valid := s.Value()
			if !valid || !yield(value) {
				return
			}
			more, ok = s.Next(']')
		}
	}
}
