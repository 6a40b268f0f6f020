package mock

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// router finds the operation for a method and path.
type router struct {
	bases  []string         // base paths of the servers, the longest first
	routes map[int][]*route // by number of segments, the most concrete first
}

// route is one path template with its operations.
type route struct {
	template string
	segments []segment
	methods  map[string][]*operation
}

// segment is a part of a template between slashes.
type segment struct {
	literal string
	pattern *regexp.Regexp // nil for a literal
	names   []string       // of the parameters, in the pattern's order
}

var braces = regexp.MustCompile(`\{([^{}]*)\}`)

func parseSegment(s string) segment {
	names := braces.FindAllStringSubmatch(s, -1)
	if names == nil {
		return segment{literal: s}
	}
	var seg segment
	var b strings.Builder
	b.WriteString("^")
	last := 0
	for i, at := range braces.FindAllStringIndex(s, -1) {
		b.WriteString(regexp.QuoteMeta(s[last:at[0]]))
		b.WriteString("(.*?)")
		last = at[1]
		seg.names = append(seg.names, names[i][1])
	}
	b.WriteString(regexp.QuoteMeta(s[last:]) + "$")
	seg.pattern = regexp.MustCompile(b.String())
	return seg
}

// pure reports that the segment is one parameter and nothing else.
func (s segment) pure(raw string) bool {
	return len(s.names) == 1 && raw == "{"+s.names[0]+"}"
}

func splitPath(p string) []string { return strings.Split(strings.TrimPrefix(p, "/"), "/") }

func newRouter(api tool.API, ops []*operation) *router {
	r := &router{routes: map[int][]*route{}}
	byTemplate := map[string]*route{}
	servers := slices.Clone(api.Servers)
	for _, op := range ops {
		servers = append(servers, op.op.Servers...)
		rt := byTemplate[op.op.Path]
		if rt == nil {
			rt = &route{template: op.op.Path, methods: map[string][]*operation{}}
			for _, s := range splitPath(op.op.Path) {
				rt.segments = append(rt.segments, parseSegment(s))
			}
			byTemplate[op.op.Path] = rt
			r.routes[len(rt.segments)] = append(r.routes[len(rt.segments)], rt)
		}
		rt.methods[op.op.Method] = append(rt.methods[op.op.Method], op)
	}
	for _, routes := range r.routes {
		slices.SortStableFunc(routes, moreConcrete)
	}
	r.bases = basePaths(servers)
	return r
}

// moreConcrete orders routes of one length: at the first segment that differs in
// kind, the literal comes first.
func moreConcrete(a, b *route) int {
	for i := range a.segments {
		switch {
		case a.segments[i].pattern == nil && b.segments[i].pattern != nil:
			return -1
		case a.segments[i].pattern != nil && b.segments[i].pattern == nil:
			return 1
		}
	}
	return 0
}

// basePaths returns the paths of the servers' URLs, "/v1" for
// "https://api.example.com/v1/", without the empty one.
func basePaths(servers []tool.Server) []string {
	var out []string
	for _, s := range servers {
		raw := s.URL
		for _, v := range s.Variables {
			raw = strings.ReplaceAll(raw, "{"+v.Name+"}", v.Default)
		}
		u, err := url.Parse(raw)
		if err != nil {
			continue
		}
		base := strings.TrimRight(u.EscapedPath(), "/")
		if base != "" && !slices.Contains(out, base) {
			out = append(out, base)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// match is an operation that was found, with the raw path values.
type match struct {
	op     *operation
	values map[string]string // percent-encoded, by parameter name
	path   string            // the path without the base, still encoded
}

// find returns the operation for a request, or a problem with status 404 or 405.
func (r *router) find(method string, u *url.URL) (*match, *problem) {
	paths := []string{u.EscapedPath()}
	for _, base := range r.bases {
		if rest, ok := strings.CutPrefix(paths[0], base); ok && strings.HasPrefix(rest, "/") {
			paths = append(paths, rest)
		}
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var allow []string
	for _, p := range paths {
		segments := splitPath(p)
		for _, rt := range r.routes[len(segments)] {
			values, ok := rt.match(segments)
			if !ok {
				continue
			}
			if ops := rt.methods[method]; len(ops) > 0 {
				return &match{op: byFixedQuery(ops, u.Query()), values: values, path: p}, nil
			}
			for m := range rt.methods {
				allow = append(allow, m)
			}
		}
	}
	if allow == nil {
		return nil, newProblem(http.StatusNotFound, "the document has no path %s", u.Path)
	}
	slices.Sort(allow)
	allow = slices.Compact(allow)
	p := newProblem(http.StatusMethodNotAllowed, "%s is not a method of %s; allowed are %s", method, u.Path, strings.Join(allow, ", "))
	p.header.Set("Allow", strings.Join(allow, ", "))
	return nil, p
}

func (rt *route) match(segments []string) (map[string]string, bool) {
	values := map[string]string{}
	for i, seg := range rt.segments {
		if seg.pattern == nil {
			if plain, err := url.PathUnescape(segments[i]); err != nil || plain != seg.literal {
				return nil, false
			}
			continue
		}
		m := seg.pattern.FindStringSubmatch(segments[i])
		if m == nil || segments[i] == "" {
			return nil, false
		}
		for j, name := range seg.names {
			values[name] = m[j+1]
		}
	}
	return values, true
}

// byFixedQuery chooses among operations of one path that differ only in the
// query that is part of it.
func byFixedQuery(ops []*operation, query url.Values) *operation {
	best, most := ops[0], -1
	for _, op := range ops {
		fixed, err := url.ParseQuery(op.op.Query)
		if err != nil {
			continue
		}
		n := len(fixed)
		for key, values := range fixed {
			if !slices.Equal(query[key], values) {
				n = -1
				break
			}
		}
		if n > most {
			best, most = op, n
		}
	}
	return best
}
