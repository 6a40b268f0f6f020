package rest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// mergeJSON returns raw with what changed from before to after. before is what a
// Go value that raw was read into writes, after what it writes once somebody
// changed it. So the parts that were not changed, and those that the Go type does
// not know, stay as they were written.
func mergeJSON(raw, before, after json.RawMessage) json.RawMessage {
	switch kind := kindOf(raw); {
	case bytes.Equal(before, after):
		return raw
	case kind == object && kindOf(before) == object && kindOf(after) == object:
		return mergeObject(raw, before, after)
	case kind == array && kindOf(before) == array && kindOf(after) == array:
		return mergeArray(raw, before, after)
	default:
		return after
	}
}

func mergeObject(raw, before, after json.RawMessage) json.RawMessage {
	members, old, changed := readObject(raw), readObject(before), readObject(after)
	for _, m := range changed {
		was, had := valueOf(old, m.key)
		if had && bytes.Equal(was, m.value) {
			continue
		}
		value := m.value
		if own, ok := valueOf(members, m.key); ok && had {
			value = mergeJSON(own, was, m.value)
		}
		members = dropFolded(members, old, m.key)
		members = put(members, m.key, value)
	}
	for _, m := range old {
		if _, kept := valueOf(changed, m.key); !kept {
			members = dropFolded(members, old, m.key)
			members = slices.DeleteFunc(members, func(o member) bool { return o.key == m.key })
		}
	}
	return joinObject(members)
}

func valueOf(members []member, key string) (json.RawMessage, bool) {
	i := slices.IndexFunc(members, func(m member) bool { return m.key == key })
	if i < 0 {
		return nil, false
	}
	return members[i].value, true
}

// dropFolded drops members that encoding/json takes for key though their case
// differs, so that what was changed does not stand there twice.
func dropFolded(members, known []member, key string) []member {
	return slices.DeleteFunc(members, func(m member) bool {
		_, own := valueOf(known, m.key)
		return !own && m.key != key && strings.EqualFold(m.key, key)
	})
}

// mergeArray keeps the elements that stayed what they were, wherever they stand
// now. One that was changed in its place keeps what its type does not know if
// it is the same thing still; any other is written as its type has it.
func mergeArray(raw, before, after json.RawMessage) json.RawMessage {
	items, old, changed := readArray(raw), readArray(before), readArray(after)
	if len(items) != len(old) {
		return after
	}
	used := make([]bool, len(old))
	for j, item := range changed {
		at := -1
		if j < len(old) && !used[j] && bytes.Equal(old[j], item) {
			at = j
		} else {
			for i := range old {
				if !used[i] && bytes.Equal(old[i], item) {
					at = i
					break
				}
			}
		}
		switch {
		case at >= 0:
			used[at] = true
			changed[j] = items[at]
		case len(old) == len(changed) && !used[j] && sameThing(old[j], item):
			used[j] = true
			changed[j] = mergeJSON(items[j], old[j], item)
		}
	}
	return joinArray(changed)
}

// sameThing reports whether an object is likely another state of the same thing:
// its id and most of its members are the same.
func sameThing(before, after json.RawMessage) bool {
	if kindOf(before) != object || kindOf(after) != object {
		return false
	}
	old, changed := readObject(before), readObject(after)
	same := 0
	for _, m := range old {
		value, ok := valueOf(changed, m.key)
		switch {
		case ok && bytes.Equal(m.value, value):
			same++
		case strings.EqualFold(m.key, "id"):
			return false
		}
	}
	return 2*same > len(old)
}
