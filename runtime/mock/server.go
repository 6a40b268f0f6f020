package mock

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Options says how a document is served. Its zero value is a good default.
type Options struct {
	// Seed chooses among the worlds that a document may begin with.
	Seed uint64
	// Logger takes a line per request, at debug level, and warnings; nil drops
	// them.
	Logger *slog.Logger
}

// Server serves a document's API from memory. It is safe for concurrent use.
type Server struct {
	api       tool.API
	log       *slog.Logger
	seed      uint64
	ops       []*operation
	router    *router
	kinds     map[string]*kind // collections by path template
	named     map[string]*kind // collections by the properties that refer to them
	queryKeys map[string]bool  // query parameters that carry credentials
	inputs    *schemas         // of arguments
	outputs   *schemas         // of responses

	formMu sync.Mutex
	forms  map[*kind]map[string]*jsonschema.Schema

	mu    sync.Mutex // guards what follows
	state store
	gone  map[string]bool // deleted records whose ids stay unknown
	views map[*kind]int   // how many records the views of a collection ask for
}

// New returns a server for a document that was lowered with
// openapi.Options{Responses: true}. The error is a fault.Error.
func New(doc *openapi.Document, opts Options) (*Server, error) {
	s := &Server{
		api: doc.API, log: opts.Logger, seed: opts.Seed,
		inputs: newSchemas(), outputs: newSchemas(),
		named: map[string]*kind{}, forms: map[*kind]map[string]*jsonschema.Schema{},
		state: store{collections: map[string]*collection{}, ids: map[string][]any{}, repeated: map[string]any{}},
		gone:  map[string]bool{}, queryKeys: securityQueryKeys(doc.API),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for i := range doc.Tools {
		t := &doc.Tools[i]
		if t.Operation != nil {
			s.ops = append(s.ops, &operation{tool: t, op: t.Operation, responses: doc.Responses[t.Name]})
		}
	}
	if len(s.ops) == 0 {
		return nil, fault.New("mock.new", fault.Invalid, "the document has no operation to serve; read its diagnostics for the reason")
	}
	s.router = newRouter(doc.API, s.ops)
	s.kinds = kindsOf(s.ops)
	s.nameKinds()
	return s, nil
}

// nameKinds learns which properties refer to which collection: company_id to
// /companies, by the name of its path parameter and by its noun.
func (s *Server) nameKinds() {
	for _, path := range sortedKeys(s.kinds) {
		k := s.kinds[path]
		if strings.Contains(path, "{") || k.idParam == "" || k.list == nil {
			continue
		}
		for _, name := range []string{fold(k.idParam), fold(k.noun) + "id"} {
			if name != "id" && strings.HasSuffix(name, "id") && s.named[name] == nil {
				s.named[name] = k
			}
		}
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.answer(r)
	a.write(w)
	s.log.Debug("mock", "method", r.Method, "path", r.URL.Path, "status", a.status)
}

// answer carries a request through all the stages.
func (s *Server) answer(r *http.Request) *answer {
	m, p := s.router.find(r.Method, r.URL)
	if p != nil {
		if r.Method == http.MethodOptions && p.Status == http.StatusMethodNotAllowed {
			return &answer{status: http.StatusNoContent, header: p.header}
		}
		return p.answer()
	}
	if p := authorize(s.api, m.op.op, r); p != nil {
		return p.answer()
	}
	wish := preferred(r.Header.Values("Prefer"))
	if err := wait(r.Context(), wish.delay); err != nil {
		return newProblem(http.StatusServiceUnavailable, "the request was given up").answer()
	}
	if wish.code != 0 {
		return s.wished(m, r, wish.code)
	}
	pl := s.planFor(m.op)
	req, p := s.decode(m, r)
	if p != nil {
		return p.answer()
	}
	chosen, ok := negotiate(r.Header.Get("Accept"), pl.responses)
	if !ok && len(pl.responses) > 0 && !noBody(pl.status) && pl.action != downloads {
		return newProblem(http.StatusNotAcceptable, "the answer comes as %s", mediaTypes(pl.responses)).answer()
	}
	return s.perform(req, pl, chosen)
}

func mediaTypes(responses []openapi.Response) string {
	var out []string
	for _, r := range responses {
		out = append(out, r.MediaType)
	}
	return strings.Join(out, ", ")
}

// perform acts on the state and writes the answer down.
func (s *Server) perform(req *request, p *plan, chosen openapi.Response) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.action == downloads {
		return s.download(req, p, chosen)
	}
	v, header, err := s.act(req, p)
	if err != nil {
		return err.answer()
	}
	a := &answer{status: p.status, header: header, mediaType: chosen.MediaType}
	switch {
	case noBody(p.status) || len(p.responses) == 0 || chosen.MediaType == "" && len(chosen.Schema) == 0:
		a.mediaType = ""
		if p.status == http.StatusOK && len(p.responses) == 0 {
			a.status = http.StatusNoContent
		}
		return a
	case strings.Contains(chosen.MediaType, "*") || chosen.MediaType == "":
		a.mediaType = "application/json"
	}
	a.body = s.encode(chosen, v, req, p)
	return a
}

// download answers with a record's file.
func (s *Server) download(req *request, p *plan, chosen openapi.Response) *answer {
	if missing := s.parentMissing(req, p.parent); missing != nil {
		return missing.answer()
	}
	c := s.collectionAt(p.of, req.vars)
	r := c.find(req.vars[p.of.idParam])
	if r == nil {
		return missing(p.of, req.vars[p.of.idParam]).answer()
	}
	if r.file == nil {
		return &answer{status: p.status, mediaType: chosen.MediaType, body: s.sampleBytes(chosen, req)}
	}
	return &answer{status: p.status, mediaType: r.file.mediaType, body: r.file.data}
}

// describesFile reports whether a kind's records say what their file is.
func (s *Server) describesFile(k *kind) bool {
	return slices.ContainsFunc(sortedKeys(s.kindProperties(k)), func(name string) bool {
		return slices.Contains([]string{"mediatype", "mimetype", "contenttype", "filename"}, fold(name))
	})
}

// wished answers with the status that a client asked for.
func (s *Server) wished(m *match, r *http.Request, code int) *answer {
	responses := m.op.errorResponses(code)
	if code < 300 {
		responses = m.op.ofStatus(code)
	}
	chosen, ok := negotiate(r.Header.Get("Accept"), responses)
	if !ok {
		if code < 400 {
			return newProblem(http.StatusNotFound, "the document does not describe the status %d for this operation", code).answer()
		}
		return newProblem(code, "asked for by the Prefer header").answer()
	}
	if noBody(code) || chosen.MediaType == "" {
		return &answer{status: code}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	req := &request{op: m.op, http: r, path: m.path, vars: map[string]string{}}
	var body []byte
	if tool.IsJSON(chosen.MediaType) {
		v := s.sampleOf(chosen, s.outputs.schemaOf(chosen), req)
		if problem, ok := v.(map[string]any); ok && typeOf(problem["status"]) == "integer" {
			problem["status"] = code
		}
		body = encodeJSON(v)
	} else {
		body = s.sampleBytes(chosen, req)
	}
	return &answer{status: code, mediaType: chosen.MediaType, body: body}
}

// maxDelay bounds the delay that a client may ask for.
const maxDelay = 30 * time.Second

// wishes is what the Prefer header asks for (RFC 7240).
type wishes struct {
	code  int
	delay time.Duration
}

func preferred(values []string) wishes {
	var w wishes
	for part := range strings.FieldsFuncSeq(strings.Join(values, ","), func(r rune) bool { return r == ',' || r == ';' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		value = strings.Trim(value, `"`)
		switch strings.ToLower(name) {
		case "code":
			if n, err := strconv.Atoi(value); err == nil && n >= 200 && n <= 599 {
				w.code = n
			}
		case "delay":
			if d, err := time.ParseDuration(value); err == nil {
				w.delay = min(max(d, 0), maxDelay)
			}
		}
	}
	return w
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
