package corpus_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// reacher looks for all that a raw document declares among the arguments of its
// tools and in its diagnostics.
type reacher struct {
	tools map[string][]*tool.Tool // by method, path and fixed query
	told  map[string][]string     // messages by operation; "" has those of none
	views views
	lost  []string

	operations, parameters, fields int
}

// reach looks for all that a document declares.
func reach(root spot, doc *openapi.Document) *reacher {
	r := &reacher{tools: map[string][]*tool.Tool{}, told: map[string][]string{}, views: newViews()}
	for i := range doc.Tools {
		op := doc.Tools[i].Operation
		key := op.Method + " " + op.Path + "?" + op.Query
		r.tools[key] = append(r.tools[key], &doc.Tools[i])
	}
	for _, d := range doc.Diagnostics {
		if strings.HasSuffix(d.Code, "-lost") {
			continue // Bridge noticed that it lost something, which is no excuse
		}
		r.told[d.Operation] = append(r.told[d.Operation], d.Message)
	}
	for path, item := range root.get("paths").members() {
		if !strings.HasPrefix(path, "x-") {
			r.pathItem(path, item)
		}
	}
	slices.Sort(r.lost)
	r.lost = slices.Compact(r.lost)
	return r
}

func (r *reacher) lose(key, format string, args ...any) {
	r.lost = append(r.lost, key+": "+fmt.Sprintf(format, args...))
}

// says reports whether a diagnostic of the operation, or of the document whole,
// has the name as a word of its own.
func (r *reacher) says(key, name string) bool {
	word := regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(name) + `($|\W)`)
	return slices.ContainsFunc(r.told[key], word.MatchString) || slices.ContainsFunc(r.told[""], word.MatchString)
}

func (r *reacher) pathItem(path string, item spot) {
	if _, err := item.follow(); err != nil && len(r.told[path]) == 0 {
		r.lose(path, "the path item can't be read, and nothing says so: %v", err)
	}
	members := item.members()
	for name, node := range members {
		method := strings.ToUpper(name)
		switch method {
		case "GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE":
			r.operation(method, path, members, node)
		case "QUERY":
			if node.isMap() {
				r.operation(method, path, members, node)
			}
		}
	}
	for method, node := range members["additionalOperations"].members() {
		r.operation(strings.ToUpper(method), path, members, node)
	}
}

func (r *reacher) operation(method, path string, item map[string]spot, node spot) {
	r.operations++
	key := method + " " + path
	op := node.members()
	made := r.toolOf(method, path, op["operationId"].text())
	if made == nil {
		if len(r.told[key]) == 0 {
			r.lose(key, "no tool, and nothing says why")
		}
		return
	}
	var input map[string]any
	if err := json.Unmarshal(made.Input, &input); err != nil {
		r.lose(key, "the input is no JSON: %v", err)
		return
	}
	r.views.define(input)
	args, _ := input["properties"].(map[string]any)
	b := bodyOf{r: r, key: key, model: made.Operation.Body, args: args}
	for _, p := range declared(item["parameters"], op["parameters"]) {
		r.parameter(b, made.Operation, p)
	}
	if body, ok := op["requestBody"]; ok {
		for media, content := range body.members()["content"].members() {
			if !strings.HasPrefix(media, "x-") {
				b.schema(content.members()["schema"])
				b.schema(content.members()["itemSchema"])
			}
		}
	}
}

// toolOf finds an operation's tool. Paths that differ in their fragment alone
// are one path on the wire.
func (r *reacher) toolOf(method, path, id string) *tool.Tool {
	path, _, _ = strings.Cut(path, "#")
	path, query, _ := strings.Cut(path, "?")
	made := r.tools[method+" /"+strings.TrimPrefix(path, "/")+"?"+query]
	for _, t := range made {
		if t.Operation.ID == id {
			return t
		}
	}
	if len(made) > 0 {
		return made[0]
	}
	return nil
}

// declared lists the parameters of an operation, its own over the path item's.
func declared(lists ...spot) []map[string]spot {
	var out []map[string]spot
	at := map[string]int{}
	for _, list := range lists {
		list, _ = list.follow()
		for _, item := range list.list() {
			p := item.members()
			key := p["in"].text() + " " + p["name"].text()
			if i, ok := at[key]; ok {
				out[i] = p
				continue
			}
			at[key] = len(out)
			out = append(out, p)
		}
	}
	return out
}

func (r *reacher) parameter(b bodyOf, op *tool.Operation, p map[string]spot) {
	name := p["name"].text()
	switch in := tool.Location(strings.TrimSpace(p["in"].text())); in {
	case "body":
		b.schema(p["schema"])
	case "formData":
		b.field(name)
	case tool.InPath, tool.InQuery, tool.InHeader, tool.InCookie, tool.InQueryString:
		r.parameters++
		i := slices.IndexFunc(op.Parameters, func(q tool.Parameter) bool { return q.Name == name && q.In == in })
		if i < 0 {
			if !r.says(b.key, name) {
				r.lose(b.key, "the parameter %q in %s", name, in)
			}
			return
		}
		arg, ok := b.args[op.Parameters[i].Arg]
		if !ok {
			r.lose(b.key, "the parameter %q in %s has no argument", name, in)
			return
		}
		schema, ok := p["schema"]
		for _, content := range p["content"].members() {
			schema, ok = content.members()["schema"], true
		}
		if ok {
			r.compare(b.key, name, []spot{schema}, []any{arg})
		}
	default:
		if !r.says(b.key, name) {
			r.lose(b.key, "the parameter %q in %q", name, in)
		}
	}
}

// bodyOf compares what a document says of a body with what the tool has.
type bodyOf struct {
	r     *reacher
	key   string
	model *tool.Body
	args  map[string]any
}

// schema looks for the fields of one of the body's schemas.
func (b bodyOf) schema(schema spot) {
	if schema.value == nil {
		return
	}
	b.r.compare(b.key, "", []spot{schema}, b.arguments())
}

// arguments returns the schema of the body as the tool takes it.
func (b bodyOf) arguments() []any {
	if b.model == nil {
		return nil
	}
	if b.model.Arg != "" {
		return []any{b.args[b.model.Arg]}
	}
	properties := map[string]any{}
	for _, f := range b.model.Fields {
		properties[f.Name] = b.args[f.Arg]
	}
	return []any{map[string]any{"properties": properties}}
}

// field looks for a field of a 2.0 form.
func (b bodyOf) field(name string) {
	b.r.fields++
	for _, view := range b.r.views.tool(b.arguments()) {
		properties, _ := view["properties"].(map[string]any)
		if properties[name] != nil {
			return
		}
	}
	if !b.r.says(b.key, name) {
		b.r.lose(b.key, "the field %q", name)
	}
}

// compare looks for every property of a raw schema, however deep, in the schema
// of an argument. Where a property stands in several alternatives, one will do.
func (r *reacher) compare(key, at string, raw []spot, args []any) {
	have := r.views.tool(args)
	declared := rawView(raw)
	if len(declared) == 0 || !r.views.first(declared, have) {
		return
	}
	for name, schemas := range propertiesOf(declared) {
		if slices.ContainsFunc(schemas, neverSent) {
			continue
		}
		r.fields++
		path := strings.TrimPrefix(at+"."+name, ".")
		var found []any
		for _, view := range have {
			if properties, ok := view["properties"].(map[string]any); ok && properties[name] != nil {
				found = append(found, properties[name])
			}
		}
		if len(found) > 0 {
			r.compare(key, path, schemas, found)
		} else if !r.says(key, name) {
			r.lose(key, "the field %q", path)
		}
	}
	for _, k := range []string{"items", "additionalProperties"} {
		var schemas []spot
		for _, s := range declared {
			if child := s.get(k); child.isMap() {
				schemas = append(schemas, child)
			}
		}
		var found []any
		for _, view := range have {
			found = append(found, view[k])
		}
		if len(schemas) > 0 {
			r.compare(key, at+"[]", schemas, found)
		}
	}
}

func propertiesOf(view []spot) map[string][]spot {
	out := map[string][]spot{}
	for _, s := range view {
		properties := s.get("properties")
		m, _ := properties.value.(map[string]any)
		for name := range m {
			out[name] = append(out[name], properties.get(name))
		}
	}
	return out
}

// neverSent reports whether a property is no part of a request: it is read-only,
// or nothing may be given for it.
func neverSent(s spot) bool {
	if s.value == false {
		return true
	}
	for _, part := range parts([]spot{s}, "allOf") {
		if part.get("readOnly").value == true {
			return true
		}
	}
	return false
}

// rawView returns all schemas that say what is in a value.
func rawView(schemas []spot) []spot { return parts(schemas, "allOf", "anyOf", "oneOf", "then", "else") }

// parts follows references and the given combinators.
func parts(schemas []spot, combinators ...string) []spot {
	var out []spot
	seen := map[uintptr]bool{}
	queue := slices.Clone(schemas)
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if !s.isMap() || seen[s.identity()] {
			continue
		}
		seen[s.identity()] = true
		out = append(out, s)
		for _, keyword := range []string{"$ref", "$dynamicRef"} {
			if ref := s.get(keyword).text(); ref != "" {
				if target, err := s.target(ref); err == nil {
					queue = append(queue, target)
				}
			}
		}
		for _, c := range combinators {
			child := s.get(c)
			queue = append(queue, child.list()...)
			if child.isMap() {
				queue = append(queue, child)
			}
		}
	}
	return out
}
