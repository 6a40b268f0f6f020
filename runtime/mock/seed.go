package mock

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// kindProperties returns the properties of a kind's records.
func (s *Server) kindProperties(k *kind) map[string]*jsonschema.Schema {
	s.formMu.Lock()
	defer s.formMu.Unlock()
	if props, ok := s.forms[k]; ok {
		return props
	}
	props := map[string]*jsonschema.Schema{}
	if rec := s.recordOf(k); rec != nil {
		props = s.outputs.properties(rec)
	}
	s.forms[k] = props
	return props
}

// seedCollection fills a collection with its first records.
func (s *Server) seedCollection(c *collection, vars map[string]string) {
	examples := s.exampleRecords(c.kind)
	n := s.size(c.kind, c.path, len(examples))
	for i := range n {
		var example map[string]any
		if i < len(examples) {
			example = examples[i]
		}
		r := s.generated(c, i, example, vars)
		s.adopt(c, r, vars)
		c.records = append(c.records, r)
	}
}

// adopt sets the properties that say to which record a record belongs.
func (s *Server) adopt(c *collection, r *record, vars map[string]string) {
	props := s.kindProperties(c.kind)
	for name, value := range vars {
		if name == c.kind.idParam {
			continue
		}
		for prop, schema := range props {
			if fold(prop) == fold(name) && prop != c.id {
				r.value[prop] = s.outputs.coerceText(schema, value)
			}
		}
	}
}

// exampleRecords returns the records that the document's examples show.
func (s *Server) exampleRecords(k *kind) []map[string]any {
	var out []map[string]any
	if k.list != nil {
		if p := s.planFor(k.list); p.action == lists && p.of == k {
			for _, v := range s.exampleAt(k.list, p.at) {
				if list, ok := v.([]any); ok {
					out = appendObjects(out, list)
				}
			}
		}
	}
	if k.get != nil && len(out) == 0 {
		if p := s.planFor(k.get); p.action == gets {
			out = appendObjects(out, s.exampleAt(k.get, p.at))
		}
	}
	return out
}

func appendObjects(out []map[string]any, list []any) []map[string]any {
	for _, v := range list {
		if m, ok := v.(map[string]any); ok && len(out) < 100 {
			out = append(out, m)
		}
	}
	return out
}

// exampleAt returns what stands at a place in each of an operation's examples.
func (s *Server) exampleAt(o *operation, at []string) []any {
	_, responses := o.success()
	r, ok := jsonResponse(responses)
	if !ok {
		return nil
	}
	var out []any
	for _, raw := range r.Examples {
		v, err := decodeJSON(raw)
		for _, name := range at {
			m, _ := v.(map[string]any)
			v = m[name]
		}
		if err == nil && v != nil {
			out = append(out, v)
		}
	}
	return out
}

// size decides how many records a collection starts with: some pages full, or
// near its bound where a list comes whole and says that it is long.
func (s *Server) size(k *kind, path string, examples int) int {
	if !k.listed(s) {
		return max(examples, 1)
	}
	rng := s.rng("size", path)
	n := 25 + rng.IntN(36)
	if k.list != nil {
		p := s.planFor(k.list)
		whole := !paginated(k.list)
		if p.of == k && whole && examples > 0 {
			return examples
		}
		if whole && strings.Contains(k.path, "{") {
			n = 4 + rng.IntN(9)
		}
		if limit, ok := s.maxItems(p); ok && p.of == k {
			n = min(n, limit)
			if whole && limit >= longList {
				n = wholeSize(limit)
			}
		}
	}
	return max(n, examples, s.viewSize(k))
}

// viewSize returns how many records the largest view of a collection asks for.
func (s *Server) viewSize(k *kind) int {
	if s.views == nil {
		s.views = map[*kind]int{}
		for _, op := range s.ops {
			if op.op.Method != http.MethodGet || paginated(op) || !mentions(op, `"maxItems"`) {
				continue
			}
			p := s.planFor(op)
			if limit, ok := s.maxItems(p); ok && p.action == lists && limit >= longList && !strings.Contains(p.of.path, "{") {
				s.views[p.of] = max(s.views[p.of], wholeSize(limit))
			}
		}
	}
	return s.views[k]
}

// longList is the bound from which a list that comes whole is a long one.
const longList = 100

// wholeSize is how many records a long list has that is bounded so.
func wholeSize(limit int) int { return min(limit*4/5, 2000) }

func mentions(o *operation, word string) bool {
	for _, r := range o.responses {
		if bytes.Contains(r.Schema, []byte(word)) {
			return true
		}
	}
	return false
}

// maxItems returns the bound of a plan's list.
func (s *Server) maxItems(p *plan) (int, bool) {
	at := p.schema
	for _, name := range p.at {
		at = s.outputs.properties(at)[name]
	}
	if at == nil {
		return 0, false
	}
	at = s.outputs.deref(at)
	if at.MaxItems == nil {
		return 0, false
	}
	return *at.MaxItems, true
}

// generated makes the i-th record of a collection, from an example if there is
// one.
func (s *Server) generated(c *collection, i int, example map[string]any, vars map[string]string) *record {
	ids := s.firstIDs(c.kind, c.path)
	r := &record{}
	if example != nil {
		r.value, _ = clone(example).(map[string]any)
	} else {
		g := s.generator(c.kind, i, "record", c.path, i)
		g.exemplary = i == 0
		g.vars = vars
		r.value, _ = g.value(s.recordOf(c.kind), "", nil, 0).(map[string]any)
	}
	if r.value == nil {
		r.value = map[string]any{}
	}
	switch {
	case c.id == "":
		r.id = fmt.Sprint(i + 1)
	case i < len(ids):
		r.value[c.id] = ids[i]
		r.id = text(ids[i])
	default:
		r.id = text(r.value[c.id])
	}
	if s.describesFile(c.kind) {
		s.sampleFile(c, r)
	}
	return r
}

// generator makes the generator for one value.
func (s *Server) generator(k *kind, index int, parts ...any) *generator {
	g := &generator{schemas: s.outputs, rng: s.rng(parts...), now: epoch, index: index}
	if k != nil {
		g.noun = k.noun
	}
	g.refer = func(property string, schema *jsonschema.Schema) (any, bool) {
		return s.refer(g, k, property, schema)
	}
	return g
}

// refer finds the id of a record that a property such as company_id names.
func (s *Server) refer(g *generator, own *kind, property string, schema *jsonschema.Schema) (any, bool) {
	key := fold(property)
	if !strings.HasSuffix(key, "id") || key == "id" || !g.allows(schema, "string") && !g.allows(schema, "integer") {
		return nil, false
	}
	for name, value := range g.vars {
		if fold(name) == key {
			return s.outputs.coerceText(schema, value), true
		}
	}
	target := s.named[key]
	if key == "parentid" && own != nil && !strings.Contains(own.path, "{") {
		if g.exemplary || g.rng.IntN(4) > 0 {
			return nil, g.allows(schema, "null")
		}
		target = own
	}
	if target == nil {
		return nil, false
	}
	ids := s.firstIDs(target, target.path)
	if len(ids) == 0 || !g.allows(schema, typeOf(ids[0])) {
		return nil, false
	}
	if g.exemplary {
		return ids[0], true
	}
	return ids[g.rng.IntN(len(ids))], true
}

// firstIDs returns the ids that a collection starts with. They are made apart
// from the records, as records refer to each other in circles.
func (s *Server) firstIDs(k *kind, path string) []any {
	if ids, ok := s.state.ids[path]; ok {
		return ids
	}
	name := s.idProperty(k)
	if name == "" {
		return nil
	}
	examples := s.exampleRecords(k)
	n := s.size(k, path, len(examples))
	var ids []any
	for _, e := range examples {
		if e[name] != nil {
			ids = append(ids, clone(e[name]))
		}
	}
	schema := s.kindProperties(k)[name]
	for tries := 0; len(ids) < n && tries < 3*n; tries++ {
		id := s.makeID(k, schema, path, len(ids), tries)
		if !slices.ContainsFunc(ids, func(o any) bool { return text(o) == text(id) }) {
			ids = append(ids, id)
		}
	}
	if len(s.state.ids) < maxRecords {
		s.state.ids[path] = ids
	}
	return ids
}

// isFirst reports whether a collection is the one that the document's examples
// are about: it belongs to no record, or to the first record of its parent.
func (s *Server) isFirst(k *kind, path string) bool {
	if path == k.path {
		return true
	}
	parent := s.parentOf(k.path)
	if parent == nil || strings.Contains(parent.path, "{") {
		return false
	}
	ids := s.firstIDs(parent, parent.path)
	return len(ids) > 0 && path == concrete(k.path, map[string]string{parent.idParam: text(ids[0])})
}

// makeID makes an id of the form that the schema and its example say; the very
// first is the example itself.
func (s *Server) makeID(k *kind, schema *jsonschema.Schema, path string, index, try int) any {
	target := s.outputs.deref(schema)
	examples := target.Examples
	if len(examples) == 0 && schema != nil {
		examples = schema.Examples
	}
	if s.outputs.allows(target, "integer") || s.outputs.allows(target, "number") {
		base := int64(1)
		if len(examples) > 0 {
			if n, ok := clone(examples[0]).(int64); ok && n > 0 {
				base = n
			}
		}
		if target.Minimum != nil {
			base = max(base, int64(*target.Minimum))
		}
		return base + int64(index)
	}
	if len(examples) > 0 && try == 0 && s.isFirst(k, path) {
		return text(examples[0])
	}
	g := &generator{schemas: s.outputs, rng: s.rng("id", path, try), now: epoch, noun: k.noun}
	if len(examples) > 0 && target.Format == "" && target.Pattern == "" && len(target.Enum) == 0 {
		return vary(g.rng, text(examples[0]))
	}
	return text(g.value(target, "id", nil, 0))
}

// sampleFile gives a record that was never uploaded its content.
func (s *Server) sampleFile(c *collection, r *record) {
	f := &upload{name: r.id + ".txt", mediaType: "text/plain; charset=utf-8"}
	for prop, v := range r.value {
		value, _ := v.(string)
		switch fold(prop) {
		case "mediatype", "mimetype", "contenttype":
			f.mediaType = value
		case "name", "filename":
			f.name = value
		}
	}
	line := pick(s.rng("file", c.path, r.id), sentences)
	switch tool.BaseType(f.mediaType) {
	case "image/png":
		f.data = []byte(onePixel)
	case "application/pdf":
		f.data = []byte(onePage(c.kind.noun + " " + r.id))
	case "text/csv":
		f.data = []byte("id,remark\n" + r.id + "," + line + "\n")
	default:
		f.data = []byte(c.kind.noun + " " + r.id + "\n" + line + "\n")
	}
	r.file = f
	s.measure(r, c.kind)
}

// measure sets the properties that say how large a record's file is.
func (s *Server) measure(r *record, k *kind) {
	for name, prop := range s.kindProperties(k) {
		switch fold(name) {
		case "size", "filesize", "length", "bytes", "sizebytes", "contentlength":
			if s.outputs.allows(prop, "integer") {
				r.value[name] = int64(len(r.file.data))
			}
		}
	}
}

// onePage makes a PDF document of one page with a line of text.
func onePage(line string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	content := "BT /F1 18 Tf 72 720 Td (" + strings.NewReplacer("(", "", ")", "", `\`, "").Replace(line) + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	table := "0000000000 65535 f \n"
	for i, object := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table, len(objects)+1, start)
	return b.String()
}

// onePixel is a PNG image of one grey pixel.
const onePixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU" +
	"\x00\x00\x00\nIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82"
