package pages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// list is the list of an answer.
type list struct {
	path     []string // the members that it is in; none for an answer that is one
	elements []any
	full     int // the most elements that a page has had so far
}

// maxListDepth is how many members a list may be in.
const maxListDepth = 2

// findList returns the list that an answer is about: the answer itself, the member
// that has a list's name, or the only one that is an array, there or one level
// below. It is nil where none stands out.
func findList(body any) *list {
	if elements, ok := body.([]any); ok {
		return &list{elements: elements}
	}
	object, ok := body.(map[string]any)
	if !ok {
		return nil
	}
	return findIn(object, nil)
}

func findIn(object map[string]any, path []string) *list {
	var found []*list
	for _, key := range slices.Sorted(maps.Keys(object)) {
		elements, ok := object[key].([]any)
		if !ok {
			continue
		}
		l := &list{path: append(slices.Clone(path), key), elements: elements}
		if lists[letters(key)] {
			return l
		}
		found = append(found, l)
	}
	if len(found) == 1 {
		return found[0]
	}
	if len(found) > 1 || len(path)+1 >= maxListDepth {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if inner, ok := object[key].(map[string]any); ok && !strings.HasPrefix(letters(key), "_link") {
			if l := findIn(inner, append(slices.Clone(path), key)); l != nil {
				found = append(found, l)
			}
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return nil
}

// errNoList says that pages can't be put together.
var errNoList = errors.New("the answers have no list in the same place")

// Join returns the last of the answers with the elements of all, in their order,
// where it has its own. Every byte of the elements is kept.
func Join(bodies []json.RawMessage) (json.RawMessage, error) {
	if len(bodies) == 1 {
		return bodies[0], nil
	}
	last := bodies[len(bodies)-1]
	var path []string
	var all bytes.Buffer
	all.WriteByte('[')
	for i, body := range bodies {
		value, ok := parse(body)
		found := findList(value)
		if !ok || found == nil || i > 0 && !slices.Equal(found.path, path) {
			return nil, errNoList
		}
		path = found.path
		raw, err := at(body, path)
		if err != nil {
			return nil, err
		}
		inner := bytes.TrimSpace(raw[1 : len(raw)-1])
		if len(inner) > 0 && all.Len() > 1 {
			all.WriteByte(',')
		}
		all.Write(inner)
	}
	all.WriteByte(']')
	return put(last, path, all.Bytes())
}

// at returns what stands at a path, without space around.
func at(body json.RawMessage, path []string) (json.RawMessage, error) {
	for _, key := range path {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			return nil, fmt.Errorf("reading %s: %w", key, err)
		}
		body = members[key]
	}
	body = bytes.TrimSpace(body)
	if len(body) < 2 || body[0] != '[' {
		return nil, errNoList
	}
	return body, nil
}

// put returns body with a value at a path, its members in their order.
func put(body json.RawMessage, path []string, value json.RawMessage) (json.RawMessage, error) {
	if len(path) == 0 {
		return value, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errNoList // of a key that stands twice
	}
	out := []byte{'{'}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var member json.RawMessage
		if err := decoder.Decode(&member); err != nil {
			return nil, err
		}
		if key == path[0] {
			if member, err = put(member, path[1:], value); err != nil {
				return nil, err
			}
		}
		quoted, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, quoted...), ':'), member...)
	}
	return append(out, '}'), nil
}

// Count returns how many elements the list of an answer has; 0 where none is
// found.
func Count(body json.RawMessage) int {
	value, _ := parse(body)
	if found := findList(value); found != nil {
		return len(found.elements)
	}
	return 0
}
