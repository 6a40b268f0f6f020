package openapi

import (
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// filled is a field of the query that a path writes out, "key={name}": a
// parameter gives its value.
type filled struct {
	key, name string
}

// cutPath parts a path as it is written from its query, and that into what is
// fixed and what is filled. A fragment is dropped.
func cutPath(written string) (path, fixed string, fill []filled) {
	written, _, _ = strings.Cut(written, "#")
	path, query, _ := strings.Cut(written, "?")
	if !strings.Contains(query, "{") {
		return path, query, nil
	}
	var kept []string
	for _, field := range strings.Split(query, "&") {
		key, value, _ := strings.Cut(field, "=")
		name, opened := strings.CutPrefix(value, "{")
		name, closed := strings.CutSuffix(name, "}")
		if key != "" && opened && closed {
			fill = append(fill, filled{key, name})
			continue
		}
		kept = append(kept, field)
	}
	return path, strings.Join(kept, "&"), fill
}

// queryParameters makes the query that the path writes out and the parameters
// agree: what is filled is a query parameter, wherever it is declared.
func (l *lowerer) queryParameters(op *operation, model *tool.Operation, params []parameter) []parameter {
	_, fixed, fill := cutPath(op.path)
	model.Query = fixed
	for _, f := range fill {
		declared := func(p parameter) bool { return p.In == tool.InQuery && p.Name == f.key }
		if slices.ContainsFunc(params, declared) {
			continue
		}
		i := slices.IndexFunc(params, func(p parameter) bool {
			return p.Name == f.name && (p.In == tool.InPath || p.In == tool.InQuery)
		})
		if i < 0 {
			l.warn(op, "undeclared-path-parameter", nil, "the path has {%s}, which no parameter declares: it is taken for a required string; declare it", f.name)
			schema := newObject()
			schema.set("type", newString("string"))
			params = append(params, parameter{node: newObject(), schema: schema, Parameter: tool.Parameter{Name: f.key, In: tool.InQuery, Style: tool.Form, Explode: true, Required: true}})
			continue
		}
		p := &params[i]
		if p.In == tool.InPath {
			p.Style, p.Explode = tool.Form, true
		}
		p.Name, p.In = f.key, tool.InQuery
	}
	return params
}
