package mock

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxParts bounds the parts of a multipart body.
const maxParts = 500

// readBody decodes the body into arguments and into req.body.
func (c *decoder) readBody(r *http.Request, req *request) *problem {
	body := c.op.op.Body
	if body == nil {
		return nil
	}
	data, p := readAll(r)
	if p != nil {
		return p
	}
	if len(data) == 0 {
		c.noBody = !body.Required
		if body.Required && !isForm(body.MediaType) {
			c.noBody = true
			c.fail("body", "body", "is required, in the media type "+body.MediaType)
		}
		return nil
	}
	sent := r.Header.Get("Content-Type")
	if !acceptsType(body.MediaType, sent) {
		return newProblem(http.StatusUnsupportedMediaType, "the body is %q; this operation takes %s", sent, body.MediaType)
	}
	value, ok := c.bodyValue(body, sent, data, req)
	if !ok {
		c.noBody = true
		return nil
	}
	req.body, req.hasBody = value, true
	c.spread(body, value)
	return nil
}

func isForm(mediaType string) bool {
	base := tool.BaseType(mediaType)
	return base == "application/x-www-form-urlencoded" || strings.HasPrefix(base, "multipart/")
}

// acceptsType reports whether a body of the media type sent is one of the
// declared type, which may be a range.
func acceptsType(declared, sent string) bool {
	want, got := tool.BaseType(declared), tool.BaseType(sent)
	if want == got || want == "*/*" || want == "" {
		return true
	}
	if prefix, ok := strings.CutSuffix(want, "/*"); ok {
		return strings.HasPrefix(got, prefix+"/")
	}
	return want == "application/octet-stream" && got == ""
}

// bodyValue decodes a body as its media type says; forms by field.
func (c *decoder) bodyValue(body *tool.Body, sent string, data []byte, req *request) (any, bool) {
	base := tool.BaseType(sent)
	switch {
	case tool.IsJSON(body.MediaType):
		v, err := decodeJSON(data)
		if err != nil {
			c.fail("body", "body", "is not JSON: "+err.Error())
			return nil, false
		}
		return v, true
	case base == "application/x-www-form-urlencoded":
		return c.form(body, data), true
	case strings.HasPrefix(base, "multipart/"):
		return c.multipart(body, sent, data, req)
	case body.Binary || !utf8.Valid(data):
		req.file = &upload{mediaType: sent, data: data}
		return base64.StdEncoding.EncodeToString(data), true
	case strings.HasSuffix(base, "json"): // a range such as */*
		return jsonOrText(base, string(data)), true
	}
	return string(data), true
}

// spread hands the members of a body to the arguments that stand for them.
func (c *decoder) spread(body *tool.Body, value any) {
	if body.Arg != "" {
		c.set(body.Arg, place{"body", ""}, value)
		return
	}
	members, ok := value.(map[string]any)
	if !ok {
		c.noBody = true
		c.fail("body", "body", "must be an object")
		return
	}
	known := map[string]bool{}
	for _, f := range body.Fields {
		known[f.Name] = true
		if v, ok := members[f.Name]; ok {
			c.set(f.Arg, place{"body", f.Name}, v)
		}
	}
	for _, name := range sortedKeys(members) {
		if !known[name] && !c.op.answersWith(name) {
			c.errs = append(c.errs, wrong{In: "body", Field: name, Message: "is not a property of the body" + near(name, fieldNames(body.Fields))})
		}
	}
}

func fieldNames(fields []tool.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}

// formField is one field of a form with its schema and encoding.
type formField struct {
	name     string
	schema   *jsonschema.Schema
	encoding tool.Encoding
}

func (c *decoder) formFields(body *tool.Body) []formField {
	var out []formField
	if body.Arg == "" {
		for _, f := range body.Fields {
			field := formField{name: f.Name, schema: c.input.property(f.Arg)}
			if f.Encoding != nil {
				field.encoding = *f.Encoding
			}
			out = append(out, field)
		}
		return out
	}
	props := c.properties(c.input.property(body.Arg))
	for _, name := range sortedKeys(props) {
		field := formField{name: name, schema: props[name]}
		i := slices.IndexFunc(body.Encodings, func(e tool.FieldEncoding) bool { return e.Name == name })
		if i >= 0 {
			field.encoding = body.Encodings[i].Encoding
		}
		out = append(out, field)
	}
	return out
}

// form decodes a form-urlencoded body. Fields that nothing describes are kept,
// so that they can be named as wrong.
func (c *decoder) form(body *tool.Body, data []byte) map[string]any {
	pairs := splitPairs(string(data))
	out := map[string]any{}
	for _, f := range c.formFields(body) {
		st := style{style: f.encoding.Style, explode: f.encoding.Explode == nil || *f.encoding.Explode}
		if st.explode && st.style != tool.Form {
			st.style = tool.DeepObject // so that an object takes no bare names
		}
		if v, ok := c.textual(pairs, f.name, st, f.schema); ok {
			out[f.name] = c.coerce(f.schema, v)
		}
	}
	for _, p := range pairs {
		if !p.used {
			name, _, _ := strings.Cut(p.name, "[")
			if _, ok := out[name]; !ok {
				out[name] = unescape(p.raw)
			}
		}
	}
	return out
}

// multipart decodes a multipart body; the first file is kept for the record.
func (c *decoder) multipart(body *tool.Body, sent string, data []byte, req *request) (any, bool) {
	_, params, err := mime.ParseMediaType(sent)
	if err != nil || params["boundary"] == "" {
		c.fail("header", "Content-Type", "has no boundary; a multipart body needs one")
		return nil, false
	}
	parts, err := readParts(multipart.NewReader(bytes.NewReader(data), params["boundary"]))
	if err != nil {
		c.fail("body", "body", "is not multipart: "+err.Error())
		return nil, false
	}
	fields := map[string]formField{}
	for _, f := range c.formFields(body) {
		fields[f.name] = f
	}
	out := map[string]any{}
	for _, p := range parts {
		name := strings.TrimSuffix(p.name, "[]")
		if _, ok := fields[p.name]; ok {
			name = p.name
		}
		addPart(out, name, c.partValue(fields[name], p, req))
	}
	for name, v := range out {
		if f, ok := fields[name]; ok && !f.encoding.Binary {
			out[name] = c.coerce(f.schema, wrapScalar(c.schemas, f.schema, v))
		} else if ok {
			out[name] = wrapScalar(c.schemas, f.schema, v)
		}
	}
	return out, true
}

func addPart(out map[string]any, name string, v any) {
	switch old := out[name].(type) {
	case nil:
		out[name] = v
	case []any:
		out[name] = append(old, v)
	default:
		out[name] = []any{old, v}
	}
}

// part is one part of a multipart body.
type part struct {
	name, filename, mediaType string
	data                      []byte
}

func readParts(r *multipart.Reader) ([]part, error) {
	var out []part
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if len(out) == maxParts {
			return nil, errors.New("it has too many parts")
		}
		data, err := io.ReadAll(io.LimitReader(p, maxBody))
		if err != nil {
			return nil, err
		}
		out = append(out, part{name: p.FormName(), filename: p.FileName(), mediaType: p.Header.Get("Content-Type"), data: data})
	}
}

// partValue returns a part as its argument: base64 for a file, a decoded value
// for JSON, else text.
func (c *decoder) partValue(f formField, p part, req *request) any {
	if f.encoding.Binary || p.filename != "" || !utf8.Valid(p.data) {
		if req.file == nil {
			req.file = &upload{name: safeName(p.filename), mediaType: p.mediaType, data: p.data}
		}
		return base64.StdEncoding.EncodeToString(p.data)
	}
	if tool.IsJSON(p.mediaType) {
		return jsonOrText(p.mediaType, string(p.data))
	}
	return string(p.data)
}

// safeName keeps the last element of a file's name.
func safeName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" {
		return ""
	}
	return name
}

// mergePatch applies an RFC 7396 patch to target and returns the result.
func mergePatch(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	out, ok := target.(map[string]any)
	if !ok {
		out = map[string]any{}
	}
	for key, v := range changes {
		if v == nil {
			delete(out, key)
			continue
		}
		out[key] = mergePatch(out[key], v)
	}
	return out
}

// noBody reports that a status never has a body.
func noBody(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified || status < 200
}
