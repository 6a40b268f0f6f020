package mock

import (
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// maxSearched bounds how many collections one search looks through.
const maxSearched = 50

// hit is a record that a search found.
type hit struct {
	kind  *kind
	rec   *record
	score float64
}

// search looks for words in all collections that belong to no record.
func (s *Server) search(req *request, p *plan) any {
	at, items := s.outputs.envelope(p.schema)
	p = &plan{action: lists, schema: p.schema, at: at, record: items}
	words := s.searchWords(req)
	var hits []hit
	searched := 0
	for _, path := range sortedKeys(s.kinds) {
		k := s.kinds[path]
		if strings.Contains(path, "{") || k.get == nil || k.list == nil || searched == maxSearched {
			continue
		}
		if lp := s.planFor(k.list); lp.action != lists || lp.of != k {
			continue
		}
		searched++
		for _, r := range s.collectionAt(k, nil).records {
			if score, ok := scoreOf(r.value, words); ok {
				hits = append(hits, hit{k, r, score})
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return compareValues(b.score, a.score) })
	rows := make([]*record, 0, len(hits))
	for i, h := range hits {
		value := s.hitValue(h, items, i)
		if s.hitKept(req, value) {
			rows = append(rows, &record{id: h.rec.id, value: value})
		}
	}
	page, t, _ := s.turnPage(req, rows) // a wrong cursor begins at the first page
	out := make([]any, len(page))
	for i, r := range page {
		out[i] = r.value
	}
	return s.wrapList(p, out, t, req)
}

// searchWords returns the words that the request looks for.
func (s *Server) searchWords(req *request) string {
	for name, v := range req.query {
		if slices.Contains(textParams, fold(name)) {
			return text(v)
		}
	}
	body, _ := req.body.(map[string]any)
	for name, v := range body {
		if slices.Contains(textParams, fold(name)) {
			return text(v)
		}
	}
	return ""
}

func (s *Server) hitKept(req *request, value map[string]any) bool {
	for name, want := range req.query {
		p, ok := req.op.queryParam(name)
		if !ok || steers(p) || slices.Contains(textParams, fold(name)) {
			continue
		}
		if !satisfies(value, name, want) {
			return false
		}
	}
	return true
}

// hitValue writes a found record in the form of the search's hits.
func (s *Server) hitValue(h hit, schema *jsonschema.Schema, index int) map[string]any {
	props, need := map[string]*jsonschema.Schema{}, map[string]bool{}
	s.outputs.fitting(schema, h.rec.value, props, need, 0)
	g := s.generator(h.kind, index, "hit", h.kind.path, h.rec.id)
	out := map[string]any{}
	for _, name := range sortedKeys(props) {
		switch fold(name) {
		case "id", "recordid", "objectid", "resourceid":
			out[name] = h.rec.id
		case "type", "kind", "object", "resourcetype", "objecttype", "entity":
			out[name] = s.typeName(h.kind, props[name])
		case "title", "name", "label", "displayname", "display":
			out[name] = titleOf(h.rec.value, h.rec.id)
		case "snippet", "excerpt", "highlight", "preview", "description", "summary":
			out[name] = snippetOf(h.rec.value)
		case "score", "relevance", "rank":
			out[name] = h.score
		default:
			if own, ok := h.rec.value[name]; ok {
				out[name] = clone(own)
			} else if need[name] {
				out[name] = g.value(props[name], name, out, 1)
			}
		}
	}
	return out
}

// typeName returns the word for a kind that the schema's enum has.
func (s *Server) typeName(k *kind, schema *jsonschema.Schema) any {
	for _, v := range s.outputs.deref(schema).Enum {
		if word := fold(text(v)); word == fold(k.noun) || singular(word) == fold(k.noun) {
			return v
		}
	}
	return k.noun
}

// titleOf returns what people call a record.
func titleOf(value map[string]any, id string) string {
	given, _ := value["first_name"].(string)
	family, _ := value["last_name"].(string)
	if title := strings.TrimSpace(given + " " + family); title != "" {
		return title
	}
	for _, name := range []string{"name", "title", "subject", "label", "email", "summary", "type"} {
		if v, ok := value[name].(string); ok && v != "" {
			return v
		}
	}
	return id
}

// snippetOf joins the first texts of a record that are not ids or times.
func snippetOf(value map[string]any) string {
	var out []string
	for _, name := range sortedKeys(value) {
		v, ok := value[name].(string)
		key := fold(name)
		if !ok || v == "" || strings.HasSuffix(key, "id") || strings.HasSuffix(key, "at") || strings.HasPrefix(key, "created") {
			continue
		}
		if out = append(out, v); len(out) == 3 {
			break
		}
	}
	return strings.Join(out, ", ")
}

// containsWords reports whether all words occur in a record's strings.
func containsWords(value map[string]any, words string) bool {
	_, ok := scoreOf(value, words)
	return ok
}

// scoreOf rates how well a record matches: every word must occur, and the more
// of the text they make up, the better.
func scoreOf(value map[string]any, words string) (float64, bool) {
	all := strings.ToLower(textsOf(value, 0))
	score := 1.0
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		n := strings.Count(all, word)
		if n == 0 {
			return 0, false
		}
		score += float64(n)
	}
	title := strings.ToLower(titleOf(value, ""))
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		if strings.Contains(title, word) {
			score += 4
		}
	}
	return float64(int(100*score/(score+8))) / 100, true
}

// textsOf joins all strings in a value.
func textsOf(v any, depth int) string {
	if depth > maxDepth {
		return ""
	}
	var b strings.Builder
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		for _, key := range sortedKeys(v) {
			b.WriteString(textsOf(v[key], depth+1) + "\n")
		}
	case []any:
		for _, item := range v {
			b.WriteString(textsOf(item, depth+1) + "\n")
		}
	}
	return b.String()
}
