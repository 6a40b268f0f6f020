package mock

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// operation is one operation of the document with what the mock knows of it.
// Its schemas are parsed when the first request needs them.
type operation struct {
	tool      *tool.Tool
	op        *tool.Operation
	responses []openapi.Response

	inputOnce sync.Once
	input     *inputSchema
	inputErr  error

	planOnce sync.Once
	plan     *plan
}

func (o *operation) String() string { return o.op.Method + " " + o.op.Path }

func (o *operation) inputSchema(d *schemas) (*inputSchema, error) {
	o.inputOnce.Do(func() { o.input, o.inputErr = newInput(d, o.tool.Input) })
	return o.input, o.inputErr
}

// describes reports whether the document describes this very status.
func (o *operation) describes(status int) bool {
	want := strconv.Itoa(status)
	return slices.ContainsFunc(o.responses, func(r openapi.Response) bool { return r.Status == want })
}

// answersWith reports whether a name is a property of the records that the
// operation answers with: a client may send back what it was given.
func (o *operation) answersWith(name string) bool {
	return o.plan != nil && o.plan.record != nil && o.plan.properties[name] != nil
}

// wire returns where an argument stands on the wire.
func (o *operation) wire(arg string) (in, name string) {
	for _, p := range o.op.Parameters {
		if p.Arg == arg {
			return string(p.In), p.Name
		}
	}
	if o.op.Body != nil {
		for _, f := range o.op.Body.Fields {
			if f.Arg == arg {
				return "body", f.Name
			}
		}
	}
	return "body", "body"
}

// nearQuery suggests the query parameter that was meant.
func (o *operation) nearQuery(name string) string {
	var known []string
	for _, p := range o.op.Parameters {
		if p.In == tool.InQuery {
			known = append(known, p.Name)
		}
	}
	if hint := near(name, known); hint != "" {
		return hint
	}
	if len(known) == 0 {
		return ", which takes none"
	}
	return "; it takes " + strings.Join(known, ", ")
}

// parameter returns the query parameter of the first name that there is.
func (o *operation) parameter(names ...string) (tool.Parameter, bool) {
	for _, name := range names {
		for _, p := range o.op.Parameters {
			if p.In == tool.InQuery && fold(p.Name) == name {
				return p, true
			}
		}
	}
	return tool.Parameter{}, false
}

// success returns the described success responses of the lowest status, one a
// media type. Where no 2xx is described, "default" stands for 200.
func (o *operation) success() (int, []openapi.Response) {
	best := 0
	for _, r := range o.responses {
		if n := statusOf(r.Status); n >= 200 && n < 300 && (best == 0 || better(o.op.Method, n, best)) {
			best = n
		}
	}
	if best != 0 {
		return best, o.ofStatus(best)
	}
	for _, r := range o.responses {
		if n := statusOf(r.Status); n >= 300 && n < 400 {
			return n, o.ofStatus(n)
		}
	}
	return http.StatusOK, o.named("default")
}

// better prefers 201 for POST and the lower status for all else.
func better(method string, a, b int) bool {
	if method == http.MethodPost && (a == http.StatusCreated) != (b == http.StatusCreated) {
		return a == http.StatusCreated
	}
	return a < b
}

func (o *operation) ofStatus(n int) []openapi.Response {
	return slices.DeleteFunc(slices.Clone(o.responses), func(r openapi.Response) bool { return statusOf(r.Status) != n })
}

func (o *operation) named(status string) []openapi.Response {
	return slices.DeleteFunc(slices.Clone(o.responses), func(r openapi.Response) bool { return !strings.EqualFold(r.Status, status) })
}

// errorResponses returns what is described for an error status: itself, its
// range, or the default.
func (o *operation) errorResponses(status int) []openapi.Response {
	for _, name := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX", "default"} {
		if found := o.named(name); len(found) > 0 {
			return found
		}
	}
	return nil
}

// statusOf returns the number of a status, of "2XX" the lowest, 0 for others.
func statusOf(s string) int {
	n, err := strconv.Atoi(strings.NewReplacer("X", "0", "x", "0").Replace(s))
	if err != nil {
		return 0
	}
	return n
}

// jsonResponse returns the first JSON response of a list.
func jsonResponse(responses []openapi.Response) (openapi.Response, bool) {
	i := slices.IndexFunc(responses, func(r openapi.Response) bool { return tool.IsJSON(r.MediaType) })
	if i < 0 {
		return openapi.Response{}, false
	}
	return responses[i], true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// schemaOf returns a response's schema; nil where there is none that parses.
func (d *schemas) schemaOf(r openapi.Response) *jsonschema.Schema {
	if len(r.Schema) == 0 {
		return nil
	}
	key := &r.Schema[0]
	d.mu.Lock()
	s, ok := d.roots[key]
	d.mu.Unlock()
	if ok {
		return s
	}
	s, err := d.parse(r.Schema)
	if err != nil {
		s = nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if old, ok := d.roots[key]; ok { // another request was faster
		return old
	}
	d.roots[key] = s
	return s
}
