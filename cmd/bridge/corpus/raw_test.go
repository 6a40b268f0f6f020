package corpus_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The raw document: plain maps and lists as they stand in its files, and the
// references between them. None of this is shared with the lowering, whose work
// it is to be compared with.

// files are the files of one document, by their absolute URL.
type files struct {
	roots map[string]spot
	ids   map[string]spot // schemas by "$id", documents by "$self"
}

// spot is a value in a raw document, with what its references are relative to.
type spot struct {
	files *files
	base  string // the URL that relative references resolve against
	root  any    // the resource that "#/…" begins at
	value any
}

// openRaw reads a document of any number of files.
func openRaw(path string) (spot, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return spot{}, err
	}
	f := &files{roots: map[string]spot{}, ids: map[string]spot{}}
	return f.load("file://" + filepath.ToSlash(path))
}

func (f *files) load(location string) (spot, error) {
	if s, ok := f.roots[location]; ok {
		return s, nil
	}
	u, err := url.Parse(location)
	if err != nil || u.Scheme != "file" {
		return spot{}, fmt.Errorf("%s is no file", location)
	}
	value, err := readRaw(filepath.FromSlash(u.Path))
	if err != nil {
		return spot{}, err
	}
	s := spot{f, location, value, value}
	if m, ok := value.(map[string]any); ok {
		if self, ok := m["$self"].(string); ok {
			s.base = resolveURL(location, self)
			f.ids[s.base] = s
		}
	}
	f.roots[location] = s
	f.index(s, 0)
	return s, nil
}

// readRaw reads a file of JSON or YAML as maps with text keys.
func readRaw(path string) (any, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var value any
	if filepath.Ext(path) == ".json" {
		err = json.Unmarshal(data, &value)
	} else {
		err = yaml.Unmarshal(data, &value)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return textKeys(value), nil
}

// textKeys turns the keys of YAML's maps, such as the status 200, into texts.
func textKeys(value any) any {
	switch v := value.(type) {
	case map[any]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[fmt.Sprint(key)] = textKeys(item)
		}
		return out
	case map[string]any:
		for key, item := range v {
			v[key] = textKeys(item)
		}
	case []any:
		for i, item := range v {
			v[i] = textKeys(item)
		}
	}
	return value
}

// index notes what a file names by "$id".
func (f *files) index(s spot, depth int) {
	if depth > 200 {
		return
	}
	switch v := s.value.(type) {
	case map[string]any:
		for key := range v {
			child := s.get(key)
			if m, ok := child.value.(map[string]any); ok && m["$id"] != nil {
				f.ids[child.base] = child
			}
			f.index(child, depth+1)
		}
	case []any:
		for _, item := range v {
			f.index(s.at(item), depth+1)
		}
	}
}

func resolveURL(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	r, err := b.Parse(ref)
	if err != nil {
		return ref
	}
	return r.String()
}

// at returns a value below s. A schema with an "$id" is a resource of its own.
func (s spot) at(value any) spot {
	s.value = value
	if m, ok := value.(map[string]any); ok {
		if id, ok := m["$id"].(string); ok && !strings.HasPrefix(id, "#") {
			s.base, s.root = resolveURL(s.base, id), value
		}
	}
	return s
}

func (s spot) get(key string) spot {
	m, _ := s.value.(map[string]any)
	return s.at(m[key])
}

func (s spot) list() []spot {
	items, _ := s.value.([]any)
	out := make([]spot, len(items))
	for i, item := range items {
		out[i] = s.at(item)
	}
	return out
}

func (s spot) isMap() bool {
	_, ok := s.value.(map[string]any)
	return ok
}

func (s spot) text() string {
	text, _ := s.value.(string)
	return text
}

func (s spot) ref() string { return s.get("$ref").text() }

// identity tells maps apart, however they were come by.
func (s spot) identity() uintptr {
	if !s.isMap() {
		return 0
	}
	return reflect.ValueOf(s.value).Pointer()
}

// target follows one reference.
func (s spot) target(ref string) (spot, error) {
	location, fragment, _ := strings.Cut(ref, "#")
	root := s
	root.value = s.root
	if location != "" {
		absolute := resolveURL(s.base, location)
		var ok bool
		if root, ok = s.files.ids[absolute]; !ok {
			var err error
			if root, err = s.files.load(absolute); err != nil {
				return spot{}, err
			}
		}
	}
	return root.inside(fragment)
}

// inside follows a fragment: a JSON pointer or the name of an anchor.
func (s spot) inside(fragment string) (spot, error) {
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	if fragment == "" {
		return s, nil
	}
	if !strings.HasPrefix(fragment, "/") {
		if found, ok := s.anchor(fragment, 0); ok {
			return found, nil
		}
		return spot{}, fmt.Errorf("nothing has the anchor %q", fragment)
	}
	for step := range strings.SplitSeq(fragment[1:], "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		if s.ref() != "" && s.get(step).value == nil {
			next, err := s.target(s.ref())
			if err != nil {
				return spot{}, err
			}
			s = next
		}
		if items, ok := s.value.([]any); ok {
			i := -1
			if _, err := fmt.Sscan(step, &i); err != nil || i < 0 || i >= len(items) {
				return spot{}, fmt.Errorf("%q leads nowhere", fragment)
			}
			s = s.at(items[i])
			continue
		}
		if s = s.get(step); s.value == nil {
			return spot{}, fmt.Errorf("%q leads nowhere", fragment)
		}
	}
	return s, nil
}

func (s spot) anchor(name string, depth int) (spot, bool) {
	if depth > 200 {
		return s, false
	}
	switch v := s.value.(type) {
	case map[string]any:
		if v["$anchor"] == name || v["$dynamicAnchor"] == name {
			return s, true
		}
		for key := range v {
			if found, ok := s.get(key).anchor(name, depth+1); ok {
				return found, true
			}
		}
	case []any:
		for _, item := range v {
			if found, ok := s.at(item).anchor(name, depth+1); ok {
				return found, true
			}
		}
	}
	return s, false
}

// follow follows references until there is none. What stands beside one is left
// out.
func (s spot) follow() (spot, error) {
	for range 30 {
		ref := s.ref()
		if ref == "" {
			return s, nil
		}
		next, err := s.target(ref)
		if err != nil {
			return s, err
		}
		s = next
	}
	return s, fmt.Errorf("the reference %q never ends", s.ref())
}

// members returns a map's members, those that stand beside a reference over
// those that it leads to.
func (s spot) members() map[string]spot {
	out := map[string]spot{}
	for range 30 {
		m, _ := s.value.(map[string]any)
		for key := range m {
			if _, ok := out[key]; !ok && key != "$ref" {
				out[key] = s.get(key)
			}
		}
		ref := s.ref()
		if ref == "" {
			break
		}
		next, err := s.target(ref)
		if err != nil {
			break
		}
		s = next
	}
	return out
}
