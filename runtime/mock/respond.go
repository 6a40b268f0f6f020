package mock

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// answer is a response that is ready to be written.
type answer struct {
	status    int
	header    http.Header
	mediaType string
	body      []byte
}

func (a *answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if a.mediaType != "" && !noBody(a.status) {
		w.Header().Set("Content-Type", a.mediaType)
	}
	if !noBody(a.status) {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if !noBody(a.status) {
		// A client that went away needs no answer.
		_, _ = w.Write(a.body)
	}
}

// wrap puts a record where in the response it stands.
func (s *Server) wrap(p *plan, at []string, v any, req *request) any {
	if len(at) == 0 {
		return v
	}
	return s.envelope(p, at, v, req, func(string, *jsonschema.Schema) (any, bool) { return nil, false })
}

// wrapList puts a page of records where in the response it stands, and what is
// to be said of the page beside it.
func (s *Server) wrapList(p *plan, rows []any, t turn, req *request) any {
	if len(p.at) == 0 {
		return rows
	}
	return s.envelope(p, p.at, rows, req, func(name string, schema *jsonschema.Schema) (any, bool) {
		return s.pageProperty(name, schema, t, len(rows))
	})
}

// envelope makes the objects around a value, their other properties included.
func (s *Server) envelope(p *plan, at []string, v any, req *request, known func(string, *jsonschema.Schema) (any, bool)) any {
	root := map[string]any{}
	schema := p.schema
	level := root
	for i, name := range at {
		s.fillEnvelope(level, schema, name, req, known, 0)
		if i == len(at)-1 {
			level[name] = v
			break
		}
		next := map[string]any{}
		level[name] = next
		schema = s.outputs.properties(schema)[name]
		level = next
	}
	return root
}

func (s *Server) fillEnvelope(level map[string]any, schema *jsonschema.Schema, except string, req *request, known func(string, *jsonschema.Schema) (any, bool), depth int) {
	props, need := map[string]*jsonschema.Schema{}, map[string]bool{}
	s.outputs.fitting(schema, level, props, need, 0)
	g := s.generator(nil, 0, "envelope", req.path)
	g.exemplary = true
	for _, name := range sortedKeys(props) {
		prop := props[name]
		if name == except {
			continue
		}
		if v, ok := known(name, prop); ok {
			if v != nil || need[name] || s.outputs.allows(prop, "null") {
				level[name] = v
			}
			continue
		}
		if v, ok := s.echoed(name, prop, req); ok {
			level[name] = v
			continue
		}
		if s.outputs.allows(prop, "object") && depth < 2 && pageObject(name) {
			inner := map[string]any{}
			s.fillEnvelope(inner, prop, "", req, known, depth+1)
			level[name] = inner
			continue
		}
		if need[name] {
			level[name] = g.value(prop, name, level, 1)
		}
	}
}

// echoed returns what an envelope repeats of the request, such as the contact
// whose timeline it is, and the time at which it was made.
func (s *Server) echoed(name string, prop *jsonschema.Schema, req *request) (any, bool) {
	for key, value := range req.vars {
		if fold(key) == fold(name) {
			return s.outputs.coerceText(prop, value), true
		}
	}
	if s.outputs.deref(prop).Format == "date-time" {
		return s.state.stamp(), true
	}
	return nil, false
}

func pageObject(name string) bool {
	return slices.Contains([]string{"pagination", "paging", "meta", "metadata", "pageinfo", "page", "links", "responsemetadata", "cursors"}, fold(name))
}

// pageProperty returns what an envelope says of its page under a usual name.
func (s *Server) pageProperty(name string, schema *jsonschema.Schema, t turn, count int) (any, bool) {
	whole := s.outputs.allows(schema, "integer") || s.outputs.allows(schema, "number") || len(s.outputs.types(schema)) == 0
	switch fold(name) {
	case "nextcursor", "nextpagetoken", "nexttoken", "endcursor", "cursor", "continuationtoken", "nextpagecursor":
		if !s.outputs.allows(schema, "string") {
			return nil, false
		}
		if t.next == "" && !s.outputs.allows(schema, "null") {
			return "", true
		}
		if t.next == "" {
			return nil, true
		}
		return t.next, true
	case "hasmore", "hasnext", "hasnextpage", "more":
		return !t.last, true
	case "hasprevious", "hasprev", "haspreviouspage":
		return t.offset > 0, true
	case "total", "totalcount", "totalresults", "totalitems", "totalrecords", "numfound":
		return int64(t.total), whole
	case "count", "size", "resultcount":
		return int64(count), whole
	case "limit", "perpage", "pagesize":
		return int64(t.limit), whole
	case "offset", "skip":
		return int64(t.offset), whole
	case "page", "currentpage", "pagenumber":
		return int64(t.page), whole
	case "totalpages", "pages", "pagecount", "lastpage":
		return int64(t.pages), whole
	case "next", "previous", "prev", "first", "last", "nextpage", "prevpage":
		if s.outputs.allows(schema, "null") {
			return nil, true
		}
	}
	return nil, false
}

// sample answers from the document's example, else with a value made from the
// schema, into which the path's own ids are put.
func (s *Server) sample(req *request, p *plan) any {
	r, ok := jsonResponse(p.responses)
	if !ok {
		return nil
	}
	return s.sampleOf(r, p.schema, req)
}

func (s *Server) sampleOf(r openapi.Response, schema *jsonschema.Schema, req *request) any {
	for _, raw := range r.Examples {
		if v, err := decodeJSON(raw); err == nil {
			return s.withVars(v, req)
		}
	}
	if schema == nil {
		return map[string]any{}
	}
	g := s.generator(nil, 0, "sample", req.path, req.http.URL.RawQuery)
	g.noun = nounOf(req.op.op.Path)
	g.exemplary = len(schema.Examples) > 0
	return s.withVars(g.value(schema, "", nil, 0), req)
}

// withVars puts the path's values into the top level of an answer, where it has
// properties of that name; the innermost id becomes its "id".
func (s *Server) withVars(v any, req *request) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	last := ""
	if all := braces.FindAllStringSubmatch(req.op.op.Path, -1); len(all) > 0 {
		last = all[len(all)-1][1]
	}
	for name, value := range req.vars {
		for _, key := range []string{name, "id"} {
			old, ok := m[key]
			if !ok || key == "id" && name != last {
				continue
			}
			if _, isText := old.(string); isText {
				m[key] = value
			} else if n, err := strconv.ParseInt(value, 10, 64); err == nil && typeOf(old) == "integer" {
				m[key] = n
			}
		}
	}
	return m
}

// encode writes a value in the media type of the response.
func (s *Server) encode(r openapi.Response, v any, req *request, p *plan) []byte {
	base := tool.BaseType(r.MediaType)
	switch {
	case tool.IsJSON(base) || base == "*/*" || base == "":
		return encodeJSON(v)
	case base == "text/csv" && p.action == lists:
		return encodeCSV(rowsAt(v, p.at), s.kindProperties(p.of))
	case base == "application/x-ndjson" || base == "application/jsonl" || base == "application/json-seq":
		return encodeLines(rowsAt(v, p.at), v)
	}
	return s.sampleBytes(r, req)
}

func encodeJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return []byte("null\n")
	}
	return b.Bytes()
}

// rowsAt returns the list in an enveloped answer.
func rowsAt(v any, at []string) []any {
	for _, name := range at {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	rows, _ := v.([]any)
	return rows
}

// encodeCSV writes records as a table (RFC 4180), the id in the first column.
func encodeCSV(rows []any, props map[string]*jsonschema.Schema) []byte {
	columns := sortedKeys(props)
	slices.SortStableFunc(columns, func(a, b string) int {
		return boolOrder(b == "id") - boolOrder(a == "id")
	})
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(columns) // a buffer takes all
	for _, row := range rows {
		m, _ := row.(map[string]any)
		line := make([]string, len(columns))
		for i, name := range columns {
			line[i] = text(m[name])
		}
		_ = w.Write(line)
	}
	w.Flush()
	return b.Bytes()
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

func encodeLines(rows []any, v any) []byte {
	if rows == nil {
		return encodeJSON(v)
	}
	var b bytes.Buffer
	for _, row := range rows {
		b.Write(encodeJSON(row))
	}
	return b.Bytes()
}

// sampleBytes answers a response that is no JSON.
func (s *Server) sampleBytes(r openapi.Response, req *request) []byte {
	schema := s.outputs.schemaOf(r)
	examples := r.Examples
	if schema != nil && len(examples) == 0 && len(schema.Examples) > 0 {
		examples = []json.RawMessage{encodeJSON(schema.Examples[0])}
	}
	if len(examples) > 0 {
		v, err := decodeJSON(examples[0])
		if t, ok := v.(string); ok && err == nil {
			return []byte(t)
		}
		return examples[0]
	}
	if strings.HasPrefix(tool.BaseType(r.MediaType), "image/") {
		return []byte(onePixel)
	}
	if tool.BaseType(r.MediaType) == "text/event-stream" {
		return []byte("data: " + string(encodeJSON(s.sampleOf(r, schema, req))) + "\n")
	}
	if schema == nil {
		return []byte(pick(s.rng("bytes", req.path), sentences) + "\n")
	}
	v := s.sampleOf(r, schema, req)
	if t, ok := v.(string); ok {
		if plain, err := base64.StdEncoding.DecodeString(t); err == nil && s.outputs.deref(schema).ContentEncoding == "base64" {
			return plain
		}
		return []byte(t)
	}
	return encodeJSON(v)
}

// negotiate chooses among responses by the Accept header (RFC 9110, section
// 12.5.1); JSON goes before what is wanted no less.
func negotiate(accept string, responses []openapi.Response) (openapi.Response, bool) {
	best, bestQ := -1, 0.0
	for i, r := range responses {
		q := quality(accept, tool.BaseType(r.MediaType))
		if tool.IsJSON(r.MediaType) {
			q += 0.0001
		}
		if q > bestQ+0.00001 && q >= 0.001 {
			best, bestQ = i, q
		}
	}
	if best < 0 {
		return openapi.Response{}, false
	}
	return responses[best], true
}

// quality returns how much a media type is wanted, from 0 to 1.
func quality(accept, mediaType string) float64 {
	if strings.TrimSpace(accept) == "" || strings.Contains(mediaType, "*") {
		return 1
	}
	best, specific := 0.0, -1
	for part := range strings.SplitSeq(accept, ",") {
		base, params, _ := strings.Cut(part, ";")
		base = strings.ToLower(strings.TrimSpace(base))
		level := 2
		switch {
		case base == mediaType:
		case base == "*/*":
			level = 0
		case strings.HasSuffix(base, "/*") && strings.HasPrefix(mediaType, strings.TrimSuffix(base, "*")):
			level = 1
		default:
			continue
		}
		if level <= specific {
			continue
		}
		q := 1.0
		for param := range strings.SplitSeq(params, ";") {
			if value, ok := strings.CutPrefix(strings.TrimSpace(param), "q="); ok {
				if f, err := strconv.ParseFloat(value, 64); err == nil {
					q = f
				}
			}
		}
		best, specific = q, level
	}
	return best
}
