package clients

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Format is the language of a configuration file.
type Format string

// The formats of configuration files. JSON may have comments and trailing
// commas everywhere, as editors write them.
const (
	JSON Format = "json"
	TOML Format = "toml"
	YAML Format = "yaml"
)

// editor edits a format by its text. Errors begin with line:column.
type editor interface {
	decode(data []byte) (object, error)
	set(data []byte, path []string, v any) ([]byte, error)
	remove(data []byte, path []string) ([]byte, error)
}

// maxFile bounds a configuration file, in bytes.
const maxFile = 32 << 20

// put writes an entry's fields at a path. Of an entry that is there already,
// fields that are owned change, and all else stays.
func put(e editor, data []byte, path []string, fields object, owned map[string]bool) ([]byte, error) {
	before, err := e.decode(data)
	if err != nil {
		return nil, err
	}
	want := fields
	existing, there := lookup(before, path)
	have, isObject := existing.(object)
	out := data
	switch {
	case !there || !isObject:
		out, err = e.set(data, path, fields)
	default:
		want, out, err = update(e, data, path, have, fields, owned)
	}
	if err != nil {
		return nil, err
	}
	return out, verify(e, before, out, path, want)
}

// update changes the owned fields of an entry one by one. Where its text does
// not allow that, the entry is written anew with all it had.
func update(e editor, data []byte, path []string, have, fields object, owned map[string]bool) (want object, out []byte, err error) {
	for _, m := range have {
		if v, given := fields.get(m.key); given {
			want = append(want, member{m.key, v})
		} else if !owned[m.key] {
			want = append(want, m)
		}
	}
	for _, m := range fields {
		if _, listed := want.get(m.key); !listed {
			want = append(want, m)
		}
	}
	out = data
	for _, m := range have {
		if _, kept := want.get(m.key); !kept && err == nil {
			out, err = e.remove(out, at(path, m.key))
		}
	}
	for _, m := range want {
		if old, ok := have.get(m.key); (!ok || !same(old, m.value)) && err == nil {
			out, err = e.set(out, at(path, m.key), m.value)
		}
	}
	if err != nil {
		out, err = e.set(data, path, want)
	}
	return want, out, err
}

func at(path []string, key string) []string { return append(slices.Clone(path), key) }

func same(a, b any) bool { return reflect.DeepEqual(plain(a), plain(b)) }

// take removes what is at a path, and the objects around it that are empty then.
func take(e editor, data []byte, path []string) ([]byte, error) {
	before, err := e.decode(data)
	if err != nil {
		return nil, err
	}
	if _, there := lookup(before, path); !there {
		return data, nil
	}
	out, err := e.remove(data, path)
	if err != nil {
		return nil, err
	}
	for n := len(path) - 1; n > 0; n-- {
		now, err := e.decode(out)
		if err != nil {
			break // verify says so
		}
		parent, there := lookup(now, path[:n])
		if o, isObject := parent.(object); !there || parent != nil && (!isObject || len(o) > 0) {
			break
		}
		if out, err = e.remove(out, path[:n]); err != nil {
			return nil, err
		}
	}
	return out, verify(e, before, out, path, nil)
}

// verify sees that an edit changed what it should and nothing else. want nil
// stands for a path that is to be gone.
func verify(e editor, before object, out []byte, path []string, want object) error {
	after, err := e.decode(out)
	if err != nil {
		return fmt.Errorf("%w (after the edit)", err)
	}
	wanted, _ := plain(before).(map[string]any)
	got, _ := plain(after).(map[string]any)
	if want == nil {
		prune(wanted, path)
		prune(got, path)
	} else {
		plant(wanted, path, plain(want))
	}
	if !reflect.DeepEqual(wanted, got) {
		return fmt.Errorf("1:1: %s can't be edited without touching something else", strings.Join(path, "."))
	}
	return nil
}

// prune deletes a path and the maps around it that are empty then.
func prune(m map[string]any, path []string) {
	if len(path) == 1 {
		delete(m, path[0])
		return
	}
	inner, _ := m[path[0]].(map[string]any)
	if inner != nil {
		prune(inner, path[1:])
	}
	if v, there := m[path[0]]; there && (v == nil || inner != nil && len(inner) == 0) {
		delete(m, path[0])
	}
}

// plant sets the value at a path.
func plant(m map[string]any, path []string, v any) {
	if len(path) == 1 {
		m[path[0]] = v
		return
	}
	inner, _ := m[path[0]].(map[string]any)
	if inner == nil {
		inner = map[string]any{}
	} else {
		inner = maps.Clone(inner)
	}
	m[path[0]] = inner
	plant(inner, path[1:], v)
}

// broken is the error of a file that can't be read or edited as it is.
func broken(file string, err error, hint string) error {
	return fault.New("connect", fault.Conflict, fmt.Sprintf("%s:%s; nothing was written%s", file, err, hint))
}
