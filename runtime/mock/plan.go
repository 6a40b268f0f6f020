package mock

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// action is what an operation does to the state.
type action uint8

const (
	answers   action = iota // answers from examples or schema
	lists                   // lists the records of a collection
	creates                 // adds a record
	gets                    // returns a record
	merges                  // changes a record (merge patch, or POST to it)
	replaces                // puts a record in place of another
	removes                 // deletes a record
	downloads               // returns the bytes of a record's file
	searches                // looks for words in all collections
)

// plan is what the mock does for an operation.
type plan struct {
	action action
	of     *kind // the collection that is acted on; nil for answers and searches
	// parent is the record's collection that the path leads through, for an
	// operation below a record; nil if there is none.
	parent *kind
	status int
	// responses are those of the status, one a media type.
	responses []openapi.Response
	schema    *jsonschema.Schema // of the JSON response; nil if there is none
	at        []string           // where in the response the records are
	record    *jsonschema.Schema // of one record; nil if there is none
	// properties are those of record.
	properties map[string]*jsonschema.Schema
}

// kind is the form of a collection: its path template, and the operations on it
// and on its records.
type kind struct {
	path    string // "/contacts/{contact_id}/notes"
	idParam string // the record's path parameter; "" if records have no path
	noun    string // "note"
	list    *operation
	create  *operation
	get     *operation
	change  *operation
}

// kindsOf finds the collections that the paths speak of.
func kindsOf(ops []*operation) map[string]*kind {
	kinds := map[string]*kind{}
	at := func(path string) *kind {
		k := kinds[path]
		if k == nil {
			k = &kind{path: path, noun: nounOf(path)}
			kinds[path] = k
		}
		return k
	}
	for _, op := range ops {
		if collection, param := splitItem(op.op.Path); param != "" {
			k := at(collection)
			k.idParam = param
			switch op.op.Method {
			case http.MethodGet:
				k.get = op
			case http.MethodPut, http.MethodPatch:
				k.change = op
			}
			continue
		}
		if strings.HasSuffix(op.op.Path, "}") {
			continue
		}
		switch op.op.Method {
		case http.MethodGet:
			at(op.op.Path).list = op
		case http.MethodPost:
			at(op.op.Path).create = op
		}
	}
	return kinds
}

// splitItem splits "/contacts/{id}" into the collection's path and the
// parameter; the parameter is "" for any other path.
func splitItem(path string) (collection, param string) {
	i := strings.LastIndexByte(path, '/')
	last := path[i+1:]
	if i <= 0 || !parseSegment(last).pure(last) || strings.HasSuffix(path[:i], "}") {
		return "", ""
	}
	return path[:i], last[1 : len(last)-1]
}

func nounOf(path string) string {
	last := path[strings.LastIndexByte(path, '/')+1:]
	return strings.ToLower(singular(strings.TrimSuffix(last, ".json")))
}

// planFor decides, once, what an operation does.
func (s *Server) planFor(o *operation) *plan {
	o.planOnce.Do(func() {
		p := s.describe(o)
		s.classify(o, p)
		if p.record != nil {
			p.properties = s.outputs.properties(p.record)
		}
		o.plan = p
	})
	return o.plan
}

// describe reads what the operation answers with.
func (s *Server) describe(o *operation) *plan {
	p := &plan{}
	p.status, p.responses = o.success()
	if r, ok := jsonResponse(p.responses); ok {
		p.schema = s.outputs.schemaOf(r)
	}
	p.parent = s.parentOf(o.op.Path)
	return p
}

// parentOf returns the innermost kind whose record the path leads through.
func (s *Server) parentOf(path string) *kind {
	for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path[:i], '/') {
		if collection, param := splitItem(path[:i]); param != "" {
			if k := s.kinds[collection]; k != nil && k.get != nil && k.listed(s) {
				return k
			}
		}
	}
	return nil
}

// listed reports whether a client can learn the ids of the kind's records; if
// it can't, every id stands for a record.
func (k *kind) listed(s *Server) bool {
	if k.list == nil {
		return k.create != nil
	}
	_, items := s.outputs.envelope(s.describedSchema(k.list))
	return items != nil || k.create != nil
}

// describedSchema returns the schema of an operation's JSON success response.
func (s *Server) describedSchema(o *operation) *jsonschema.Schema {
	_, responses := o.success()
	r, ok := jsonResponse(responses)
	if !ok {
		return nil
	}
	return s.outputs.schemaOf(r)
}

func (s *Server) classify(o *operation, p *plan) {
	if collection, param := splitItem(o.op.Path); param != "" {
		s.classifyItem(o, p, s.kinds[collection])
		return
	}
	k := s.kinds[o.op.Path]
	switch {
	case k != nil && o.op.Method == http.MethodGet && s.classifyList(o, p, k):
	case k != nil && o.op.Method == http.MethodPost && s.classifyCreate(o, p, k):
	case s.isSearch(o, p):
		p.action = searches
	case p.parent != nil:
		s.classifyBelow(o, p)
	}
}

func (s *Server) classifyItem(o *operation, p *plan, k *kind) {
	p.of = k
	p.at, p.record = s.outputs.single(p.schema, k)
	switch o.op.Method {
	case http.MethodGet:
		p.action = gets
	case http.MethodPatch, http.MethodPost:
		p.action = merges
	case http.MethodPut:
		p.action = replaces
	case http.MethodDelete:
		p.action = removes
	default:
		p.of = nil
	}
	if p.action == gets && (p.schema == nil || !s.outputs.allows(p.schema, "object") && len(s.outputs.properties(p.schema)) == 0) {
		p.action, p.of = answers, nil
	}
}

// classifyList takes a GET that answers with an array of objects for a list: of
// its own collection, or as a view of the collection whose records it shows.
func (s *Server) classifyList(o *operation, p *plan, k *kind) bool {
	at, items := s.outputs.envelope(p.schema)
	if items == nil {
		return false
	}
	props := s.outputs.properties(items)
	if k.idParam == "" {
		if !s.outputs.listLike(p.schema) || len(props) == 0 {
			return false
		}
		if other := s.sameForm(props, k); other != nil {
			k = other
		} else if s.isSearch(o, p) {
			return false
		}
	}
	p.action, p.of, p.at, p.record = lists, k, at, items
	return true
}

// listLike rules out a record that merely has an array of objects.
func (d *schemas) listLike(s *jsonschema.Schema) bool {
	if d.allows(s, "array") {
		return true
	}
	return d.properties(s)["id"] == nil
}

func (s *Server) classifyCreate(o *operation, p *plan, k *kind) bool {
	of := k
	if k.list != nil {
		if lp := s.planFor(k.list); lp.action == lists {
			of = lp.of
		} else if k.idParam == "" {
			return false
		}
	} else if k.idParam == "" {
		return false
	}
	p.action, p.of = creates, of
	p.at, p.record = s.outputs.single(p.schema, of)
	return true
}

// classifyBelow takes operations on a path below a record that is no collection.
func (s *Server) classifyBelow(o *operation, p *plan) {
	at, record := s.outputs.single(p.schema, p.parent)
	switch {
	case o.op.Method == http.MethodGet:
		if len(p.responses) > 0 && p.schema == nil && slices.ContainsFunc(p.responses, isBytes) {
			p.action, p.of = downloads, p.parent
		}
	case record != nil && s.sameProperties(s.outputs.properties(record), p.parent):
		p.action, p.of, p.at, p.record = merges, p.parent, at, record
	}
}

// isBytes reports whether a response is a file and no text made for people.
func isBytes(r openapi.Response) bool {
	base := tool.BaseType(r.MediaType)
	return base != "" && !tool.IsJSON(base) && !strings.HasSuffix(base, "xml") && base != "text/html" && base != "text/event-stream"
}

// recordOf returns the schema of a kind's records.
func (s *Server) recordOf(k *kind) *jsonschema.Schema {
	for _, op := range []*operation{k.get, k.create, k.change} {
		if op == nil {
			continue
		}
		if _, rec := s.outputs.single(s.describedSchema(op), k); rec != nil && len(s.outputs.properties(rec)) > 0 {
			return rec
		}
	}
	if k.list != nil {
		if _, items := s.outputs.envelope(s.describedSchema(k.list)); items != nil {
			return items
		}
	}
	return nil
}

// sameForm returns the collection whose records have just these properties; a
// collection that belongs to no record comes first.
func (s *Server) sameForm(props map[string]*jsonschema.Schema, not *kind) *kind {
	var found *kind
	for _, path := range sortedKeys(s.kinds) {
		k := s.kinds[path]
		if k == not || k.idParam == "" || found != nil && strings.Contains(path, "{") {
			continue
		}
		if s.sameProperties(props, k) {
			found = k
		}
	}
	if found != nil && strings.Contains(found.path, "{") {
		return nil
	}
	return found
}

func (s *Server) sameProperties(props map[string]*jsonschema.Schema, k *kind) bool {
	own := s.kindProperties(k)
	return len(own) >= 3 && slices.Equal(sortedKeys(own), sortedKeys(props))
}

// isSearch reports whether an operation takes free text and answers with a list
// of hits.
func (s *Server) isSearch(o *operation, p *plan) bool {
	_, items := s.outputs.envelope(p.schema)
	if items == nil || len(s.outputs.properties(items)) == 0 {
		return false
	}
	_, takesText := o.parameter(textParams...)
	if o.op.Method == http.MethodPost && o.op.Body != nil {
		takesText = slices.ContainsFunc(o.op.Body.Fields, func(f tool.Field) bool { return slices.Contains(textParams, fold(f.Name)) })
	}
	return takesText && strings.Contains(strings.ToLower(o.op.ID+" "+o.op.Path), "search")
}

// usual are the names under which lists and records stand in an envelope.
var usual = []string{"data", "items", "results", "records", "values", "entries", "result", "item", "record", "response", "value", "_embedded"}

// envelope returns where in a response its list stands, and the schema of the
// list's elements; nil if it has none.
func (d *schemas) envelope(s *jsonschema.Schema) ([]string, *jsonschema.Schema) {
	return d.envelopeAt(s, 0)
}

func (d *schemas) envelopeAt(s *jsonschema.Schema, depth int) ([]string, *jsonschema.Schema) {
	if s == nil || depth > 2 {
		return nil, nil
	}
	if d.allows(s, "array") && !d.allows(s, "object") {
		if items := d.items(s); items != nil {
			return []string{}, items
		}
		return nil, nil
	}
	props := d.properties(s)
	var arrays []string
	for _, name := range sortedKeys(props) {
		if d.allows(props[name], "array") && d.items(props[name]) != nil && len(d.properties(d.items(props[name]))) > 0 {
			arrays = append(arrays, name)
		}
	}
	for _, name := range append(slices.Clone(usual), arrays...) {
		if slices.Contains(arrays, name) && (len(arrays) == 1 || slices.Contains(usual, name)) {
			return []string{name}, d.items(props[name])
		}
	}
	for _, name := range usual {
		if p := props[name]; p != nil && d.allows(p, "object") {
			if at, items := d.envelopeAt(p, depth+1); items != nil {
				return append([]string{name}, at...), items
			}
		}
	}
	return nil, nil
}

// single returns where in a response its one record stands, and its schema.
func (d *schemas) single(s *jsonschema.Schema, k *kind) ([]string, *jsonschema.Schema) {
	if s == nil {
		return nil, nil
	}
	props := d.properties(s)
	if props["id"] != nil || props[k.idParam] != nil {
		return nil, s
	}
	for _, name := range append([]string{k.noun}, usual...) {
		if p := props[name]; p != nil && len(d.properties(p)) > 0 && !d.allows(p, "array") {
			return []string{name}, p
		}
	}
	return nil, s
}

// textParams are the names, folded, of parameters that take free text.
var textParams = []string{"q", "query", "search", "keyword", "keywords", "text", "term", "searchterm", "searchquery"}
