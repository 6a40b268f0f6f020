package mock

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// act does what the operation does to the state and returns the JSON value to
// answer with. The caller holds s.mu.
func (s *Server) act(req *request, p *plan) (any, http.Header, *problem) {
	if p.parent != nil && p.action != downloads && p.action != merges {
		if missing := s.parentMissing(req, p.parent); missing != nil {
			return nil, nil, missing
		}
	}
	switch p.action {
	case lists:
		v, err := s.listRecords(req, p)
		return v, nil, err
	case creates:
		return s.createRecord(req, p)
	case searches:
		return s.search(req, p), nil, nil
	case gets, merges, replaces, removes, downloads:
		return s.actOnRecord(req, p)
	}
	return s.sample(req, p), nil, nil
}

func (s *Server) actOnRecord(req *request, p *plan) (any, http.Header, *problem) {
	if up := s.parentOf(p.of.path); up != nil {
		if missing := s.parentMissing(req, up); missing != nil {
			return nil, nil, missing
		}
	}
	c := s.collectionAt(p.of, req.vars)
	id := req.vars[p.of.idParam]
	r := s.fetch(c, id)
	if r == nil {
		if p.action == replaces && p.status == http.StatusCreated {
			return s.createRecord(req, p)
		}
		return nil, nil, missing(p.of, id)
	}
	if !c.kept && p.action != gets {
		return nil, nil, full()
	}
	switch p.action {
	case merges:
		if list, ok := req.body.([]any); ok && strings.Contains(req.op.op.Body.MediaType, "json-patch") {
			return nil, nil, newProblem(http.StatusNotImplemented, "the mock does not apply JSON Patch (%d operations); use another media type", len(list))
		}
		body := s.bodyObject(req, p.of)
		changed, _ := mergePatch(clone(r.value), s.known(req, p.of, body)).(map[string]any)
		s.settle(c, r, changed)
	case replaces:
		next := s.known(req, p.of, s.bodyObject(req, p.of))
		settable := s.settable(req)
		for name := range s.kindProperties(p.of) {
			if old, ok := r.value[name]; ok && (settable != nil && !settable[name] || name == c.id) {
				next[name] = old
			}
		}
		s.settle(c, r, next)
	case removes:
		s.remove(c, id)
		if p.record == nil {
			return s.sample(req, p), nil, nil
		}
	}
	return s.wrap(p, p.at, clone(r.value), req), nil, nil
}

// settle puts a record's new value in place and stamps it.
func (s *Server) settle(c *collection, r *record, value map[string]any) {
	s.state.writes++
	if c.id != "" {
		value[c.id] = r.value[c.id]
	}
	rec := s.recordOf(c.kind)
	for _, name := range s.outputs.required(rec, 0) {
		if _, ok := value[name]; !ok && s.outputs.allows(s.kindProperties(c.kind)[name], "null") {
			value[name] = nil
		}
	}
	for name, prop := range s.kindProperties(c.kind) {
		if isStamp(name, updates) && s.outputs.allows(prop, "string") {
			value[name] = s.state.stamp()
		}
	}
	r.value = value
}

// The names, folded, of properties that the server stamps with the time.
var (
	updates = []string{"updatedat", "updated", "modified", "modifiedat", "lastmodified", "lastmodifiedat", "updatedtime", "updatetime", "dateupdated"}
	starts  = []string{"createdat", "created", "createdtime", "createtime", "createdon", "datecreated", "insertedat", "uploadedat"}
)

func isStamp(name string, names []string) bool { return slices.Contains(names, fold(name)) }

// bodyObject returns the properties that a request's body gives, taken out of
// an envelope such as {"contact": {…}}.
func (s *Server) bodyObject(req *request, k *kind) map[string]any {
	body, _ := clone(req.body).(map[string]any)
	if len(body) == 1 {
		for name, v := range body {
			inner, ok := v.(map[string]any)
			if ok && s.kindProperties(k)[name] == nil && (name == "data" || strings.EqualFold(name, k.noun)) {
				return inner
			}
		}
	}
	return body
}

// known keeps the members of a body that a client may set on a record of the
// kind: all of them where nothing says what a record has.
func (s *Server) known(req *request, k *kind, body map[string]any) map[string]any {
	props, settable := s.kindProperties(k), s.settable(req)
	out := map[string]any{}
	for name, v := range body {
		p, ok := props[name]
		if len(props) == 0 || ok && !p.ReadOnly && !p.WriteOnly && (settable == nil || settable[name]) {
			out[name] = v
		}
	}
	return out
}

// settable returns the properties that the operation's body describes, which
// are those without what only the server sets; nil where it describes none.
func (s *Server) settable(req *request) map[string]bool {
	body := req.op.op.Body
	if body == nil {
		return nil
	}
	out := map[string]bool{}
	for _, f := range body.Fields {
		out[f.Name] = true
	}
	if body.Arg != "" {
		input, err := req.op.inputSchema(s.inputs)
		if err != nil {
			return nil
		}
		for name, inner := range s.inputs.properties(input.property(body.Arg)) {
			out[name] = true
			for below := range s.inputs.properties(inner) { // {"contact": {…}}
				out[below] = true
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (s *Server) createRecord(req *request, p *plan) (any, http.Header, *problem) {
	c := s.collectionAt(p.of, req.vars)
	once := c.path + " " + req.http.Header.Get("Idempotency-Key")
	if id, ok := s.state.repeated[once]; ok && !strings.HasSuffix(once, " ") {
		if r := c.find(text(id)); r != nil {
			return s.wrap(p, p.at, clone(r.value), req), s.location(c, r), nil
		}
	}
	if !c.kept {
		return nil, nil, full()
	}
	if len(c.records) >= maxRecords {
		return nil, nil, newProblem(http.StatusInsufficientStorage, "the mock holds no more than %d records of one collection", maxRecords)
	}
	if req.file != nil && s.state.fileBytes+len(req.file.data) > maxFileBytes {
		return nil, nil, newProblem(http.StatusInsufficientStorage, "the mock holds no more than %d MB of files", maxFileBytes>>20)
	}
	r, err := s.newRecord(req, c)
	if err != nil {
		return nil, nil, err
	}
	c.records = append(c.records, r)
	if !strings.HasSuffix(once, " ") && len(s.state.repeated) < maxRecords {
		s.state.repeated[once] = r.id
	}
	return s.wrap(p, p.at, clone(r.value), req), s.location(c, r), nil
}

func (s *Server) location(c *collection, r *record) http.Header {
	if c.kind.idParam == "" {
		return nil
	}
	return http.Header{"Location": {c.path + "/" + url.PathEscape(r.id)}}
}

// newRecord makes a record of a request's body and of what the server sets.
func (s *Server) newRecord(req *request, c *collection) (*record, *problem) {
	k := c.kind
	body := s.bodyObject(req, k)
	r := &record{value: s.known(req, k, body)}
	if given, ok := req.vars[k.idParam]; ok && k.idParam != "" { // PUT to a new path
		r.id = given
	} else if v, ok := r.value[c.id]; ok && c.id != "" && v != nil {
		r.id = text(v)
	}
	if r.id != "" && c.find(r.id) != nil {
		return nil, newProblem(http.StatusConflict, "there is a %s %q already", k.noun, r.id)
	}
	s.state.writes++
	if r.id == "" {
		s.nameRecord(c, r)
	} else if c.id != "" && r.value[c.id] == nil {
		r.value[c.id] = r.id
	}
	s.adopt(c, r, req.vars)
	s.takeDefaults(r, req, k)
	s.takeFile(r, req.file, k)
	s.complete(req, c, r)
	return r, nil
}

// nameRecord gives a new record an id that no other has.
func (s *Server) nameRecord(c *collection, r *record) {
	schema := s.kindProperties(c.kind)[c.id]
	for {
		c.made++
		index := len(s.firstIDs(c.kind, c.path)) + c.made - 1
		id := s.makeID(c.kind, schema, c.path+"?new", index, c.made)
		if c.find(text(id)) != nil && c.made < 10*maxRecords {
			continue
		}
		r.id = text(id)
		if c.id != "" {
			r.value[c.id] = id
		}
		return
	}
}

// takeDefaults sets what the request left out and its body has a default for.
func (s *Server) takeDefaults(r *record, req *request, k *kind) {
	input, err := req.op.inputSchema(s.inputs)
	if err != nil || req.op.op.Body == nil {
		return
	}
	for _, f := range req.op.op.Body.Fields {
		prop := s.kindProperties(k)[f.Name]
		if _, ok := r.value[f.Name]; ok || prop == nil {
			continue
		}
		if v, ok := s.inputs.defaultOf(input.property(f.Arg)); ok {
			r.value[f.Name] = v
		}
	}
}

// takeFile keeps an uploaded file with its record and says what it is.
func (s *Server) takeFile(r *record, f *upload, k *kind) {
	if f == nil {
		return
	}
	r.file, r.uploaded = f, true
	s.state.fileBytes += len(f.data)
	if f.mediaType == "" {
		f.mediaType = "application/octet-stream"
	}
	for name := range s.kindProperties(k) {
		switch fold(name) {
		case "name", "filename":
			if f.name != "" && r.value[name] == nil {
				r.value[name] = f.name
			}
		case "mediatype", "mimetype", "contenttype":
			r.value[name] = f.mediaType
		}
	}
	s.measure(r, k)
}

// complete sets what a new record has by itself: defaults, times, and whatever
// its schema needs and the client can't give.
func (s *Server) complete(req *request, c *collection, r *record) {
	settable := s.settable(req)
	props, need := map[string]*jsonschema.Schema{}, map[string]bool{}
	s.outputs.fitting(s.recordOf(c.kind), r.value, props, need, 0)
	g := s.generator(c.kind, 0, "new", c.path, r.id)
	for _, name := range sortedKeys(props) {
		prop := props[name]
		if _, ok := r.value[name]; ok || prop.WriteOnly {
			continue
		}
		own := prop.ReadOnly || settable != nil && !settable[name]
		if v, ok := s.ownValue(name, prop, need[name], own); ok {
			r.value[name] = v
		} else if need[name] {
			r.value[name] = g.value(prop, name, r.value, 1)
		}
	}
}

// ownValue returns what the server itself gives a property of a new record; own
// says that no client can set it.
func (s *Server) ownValue(name string, prop *jsonschema.Schema, needed, own bool) (any, bool) {
	stamped := isStamp(name, starts) || isStamp(name, updates)
	switch {
	case stamped && s.outputs.allows(prop, "string"):
		return s.state.stamp(), true
	case stamped && s.outputs.allows(prop, "integer"):
		return s.state.now().Unix(), true
	}
	if v, ok := s.outputs.defaultOf(prop); ok {
		return v, true
	}
	switch {
	case needed && s.outputs.allows(prop, "null"):
		return nil, true
	case own && s.outputs.allows(prop, "array"):
		return []any{}, true
	}
	return nil, false
}
