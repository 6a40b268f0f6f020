package corpus_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// views reads the schemas of tools. In one document a definition's name stands
// for one schema, so what was compared for one tool need not be for the next.
type views struct {
	defs     map[string]any
	compared map[string]bool
}

func newViews() views { return views{map[string]any{}, map[string]bool{}} }

// define takes the definitions of a tool's input.
func (v views) define(input map[string]any) {
	defs, _ := input["$defs"].(map[string]any)
	for name, def := range defs {
		if _, ok := v.defs[name]; !ok {
			v.defs[name] = def
		}
	}
}

// tool returns all schemas that say what a value may have in it.
func (v views) tool(schemas []any) []map[string]any {
	var out []map[string]any
	seen := map[uintptr]bool{}
	queue := slices.Clone(schemas)
	for len(queue) > 0 {
		m, ok := queue[0].(map[string]any)
		queue = queue[1:]
		if !ok || seen[reflect.ValueOf(m).Pointer()] {
			continue
		}
		seen[reflect.ValueOf(m).Pointer()] = true
		out = append(out, m)
		if ref, ok := m["$ref"].(string); ok {
			queue = append(queue, v.defs[strings.TrimPrefix(ref, tool.RefPrefix)])
		}
		for _, c := range []string{"allOf", "anyOf", "oneOf"} {
			list, _ := m[c].([]any)
			queue = append(queue, list...)
		}
		queue = append(queue, m["then"], m["else"])
	}
	return out
}

// first reports whether two views are compared for the first time. Views that
// were made for one comparison only are told apart by where they come from.
func (v views) first(raw []spot, have []map[string]any) bool {
	var key strings.Builder
	for _, s := range raw {
		fmt.Fprintf(&key, "%x,", s.identity())
	}
	key.WriteByte(' ')
	for _, m := range have {
		fmt.Fprintf(&key, "%x,", reflect.ValueOf(m).Pointer())
	}
	if v.compared[key.String()] {
		return false
	}
	v.compared[key.String()] = true
	return true
}
