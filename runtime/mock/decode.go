package mock

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxBody bounds a request's body, in bytes.
const maxBody = 10 << 20

// request is a request that was decoded into its tool's arguments.
type request struct {
	op   *operation
	http *http.Request
	path string            // without the server's base path, percent-encoded
	vars map[string]string // the path's values, decoded, by wire name
	// query holds the decoded query and header parameters by wire name.
	query map[string]any
	// body is the request's body as one value: an object of wire names, or
	// whatever else it is.
	body    any
	hasBody bool
	file    *upload
}

// upload is the first file of a request.
type upload struct {
	name      string
	mediaType string
	data      []byte
}

// decoder gathers a request's arguments and all that is wrong with it.
type decoder struct {
	*schemas
	op     *operation
	input  *inputSchema
	args   map[string]any
	where  map[string]place // of each argument
	errs   []wrong
	badReq bool // a parameter is wrong, or the body can't be read
	noBody bool // there is no body that could be looked into
}

// place says where on the wire an argument stands.
type place struct {
	in   string
	name string
}

func (c *decoder) fail(in, field, message string) {
	c.errs = append(c.errs, wrong{In: in, Field: field, Message: message})
	c.badReq = true
}

// decode reads a request into its operation's arguments and validates them.
func (s *Server) decode(m *match, r *http.Request) (*request, *problem) {
	input, err := m.op.inputSchema(s.inputs)
	if err != nil {
		s.log.Warn("requests of an operation are not validated", "operation", m.op.String(), "error", err)
	}
	c := &decoder{schemas: s.inputs, op: m.op, input: input, args: map[string]any{}, where: map[string]place{}}
	req := &request{op: m.op, http: r, path: m.path, vars: map[string]string{}, query: map[string]any{}}
	c.readPath(m, req)
	c.readQuery(r, s.queryKeys, req)
	c.readHeaders(r, req)
	if p := c.readBody(r, req); p != nil {
		return nil, p
	}
	c.validate()
	if len(c.errs) == 0 {
		return req, nil
	}
	status := http.StatusBadRequest
	if !c.badReq && m.op.describes(http.StatusUnprocessableEntity) {
		status = http.StatusUnprocessableEntity
	}
	return nil, invalid(status, c.errs)
}

// set takes the value of an argument.
func (c *decoder) set(arg string, p place, v any) {
	c.args[arg] = v
	c.where[arg] = p
}

func (c *decoder) readPath(m *match, req *request) {
	for name, raw := range m.values {
		plain, err := url.PathUnescape(raw)
		if err != nil {
			plain = raw
		}
		req.vars[name] = plain
	}
	for _, p := range c.op.op.Parameters {
		if p.In != tool.InPath {
			continue
		}
		raw, ok := m.values[p.Name]
		if !ok {
			continue
		}
		s := c.input.property(p.Arg)
		v := c.coerce(s, c.simple(pathValue(raw, p), p, s, url.PathUnescape))
		c.set(p.Arg, place{"path", p.Name}, v)
	}
}

// pathValue takes the prefixes of the label and matrix styles off and brings
// what is left to the simple style's form.
func pathValue(raw string, p tool.Parameter) string {
	switch p.Style {
	case tool.Label:
		raw = strings.TrimPrefix(raw, ".")
		if p.Explode {
			raw = strings.ReplaceAll(raw, ".", ",")
		}
	case tool.Matrix:
		raw = strings.TrimPrefix(raw, ";")
		if !p.Explode {
			return strings.TrimPrefix(raw, p.Name+"=")
		}
		raw = strings.ReplaceAll(raw, ";"+p.Name+"=", ",")
		raw = strings.ReplaceAll(strings.TrimPrefix(raw, p.Name+"="), ";", ",")
	}
	return raw
}

// simple decodes a value of the simple style (RFC 6570, section 3.2.2).
func (c *decoder) simple(raw string, p tool.Parameter, s *jsonschema.Schema, plain func(string) (string, error)) any {
	text := func(s string) string {
		if out, err := plain(s); err == nil {
			return out
		}
		return s
	}
	if p.ContentType != "" {
		return jsonOrText(p.ContentType, text(raw))
	}
	types := c.types(s)
	array, object := slices.Contains(types, "array"), slices.Contains(types, "object")
	if len(types) == 0 || slices.Contains(types, "string") || !array && !object {
		return text(raw)
	}
	var items []any
	for item := range strings.SplitSeq(raw, ",") {
		items = append(items, text(strings.TrimSpace(item)))
	}
	if array {
		return items
	}
	if !p.Explode {
		return pairwise(items)
	}
	out := map[string]any{}
	for _, item := range items {
		key, value, _ := strings.Cut(item.(string), "=")
		out[key] = value
	}
	return out
}

// jsonOrText decodes a value that a media type describes.
func jsonOrText(mediaType, text string) any {
	if tool.IsJSON(mediaType) {
		if v, err := decodeJSON([]byte(text)); err == nil {
			return v
		}
	}
	return text
}

func (c *decoder) readQuery(r *http.Request, credentials map[string]bool, req *request) {
	pairs := splitPairs(r.URL.RawQuery)
	for i := range pairs {
		if credentials[pairs[i].name] {
			pairs[i].used = true
		}
	}
	for _, fixed := range splitPairs(c.op.op.Query) {
		takeRaw(pairs, fixed.name)
	}
	for _, p := range inOrder(c.schemas, c.input, c.op.op.Parameters) {
		s := c.input.property(p.Arg)
		v, ok := c.queryValue(p, s, pairs, r.URL.RawQuery)
		if ok {
			c.set(p.Arg, place{"query", p.Name}, v)
			req.query[p.Name] = v
		}
	}
	for _, p := range pairs {
		if !p.used {
			p.used = true
			c.fail("query", p.name, "is not a parameter of this operation"+c.op.nearQuery(p.name))
		}
	}
}

func (c *decoder) queryValue(p tool.Parameter, s *jsonschema.Schema, pairs []pair, raw string) (any, bool) {
	if p.In == tool.InQueryString {
		for i := range pairs {
			pairs[i].used = true
		}
		return c.coerce(s, jsonOrText(p.ContentType, unescape(raw))), raw != ""
	}
	if p.ContentType != "" {
		values := takeRaw(pairs, p.Name)
		if len(values) == 0 {
			return nil, false
		}
		return jsonOrText(p.ContentType, unescape(values[0])), true
	}
	v, ok := c.textual(pairs, p.Name, style{p.Style, p.Explode}, s)
	if !ok {
		return nil, false
	}
	return c.coerce(s, v), true
}

// inOrder returns the query parameters, exploded objects last: they take what
// no other parameter has a name for.
func inOrder(d *schemas, input *inputSchema, params []tool.Parameter) []tool.Parameter {
	var first, last []tool.Parameter
	for _, p := range params {
		switch {
		case p.In != tool.InQuery && p.In != tool.InQueryString:
		case p.Explode && p.Style != tool.DeepObject && d.allows(input.property(p.Arg), "object"):
			last = append(last, p)
		default:
			first = append(first, p)
		}
	}
	return append(first, last...)
}

func (c *decoder) readHeaders(r *http.Request, req *request) {
	for _, p := range c.op.op.Parameters {
		s := c.input.property(p.Arg)
		same := func(s string) (string, error) { return s, nil }
		switch p.In {
		case tool.InHeader:
			values := r.Header.Values(p.Name)
			if len(values) == 0 {
				continue
			}
			v := c.coerce(s, c.simple(strings.Join(values, ","), p, s, same))
			c.set(p.Arg, place{"header", p.Name}, v)
			req.query[p.Name] = v
		case tool.InCookie:
			cookie, err := r.Cookie(p.Name)
			if err != nil {
				continue
			}
			plain := url.QueryUnescape
			if p.Style == tool.CookieStyle {
				plain = same
			}
			c.set(p.Arg, place{"cookie", p.Name}, c.coerce(s, c.simple(cookie.Value, p, s, plain)))
		}
	}
}

// readAll reads a bounded body.
func readAll(r *http.Request) ([]byte, *problem) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "the body could not be read to its end; send it again")
	}
	if len(data) > maxBody {
		return nil, newProblem(http.StatusRequestEntityTooLarge, "the body is larger than %d MB", maxBody>>20)
	}
	return data, nil
}
