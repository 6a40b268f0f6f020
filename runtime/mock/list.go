package mock

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// The names, folded, of the query parameters that steer a list.
var (
	limitParams  = []string{"limit", "perpage", "pagesize", "maxresults", "maxitems", "size", "count", "top", "first", "take", "pagelimit"}
	offsetParams = []string{"offset", "skip", "startindex", "pageoffset", "startat"}
	pageParams   = []string{"page", "pagenumber", "pageno"}
	cursorParams = []string{"cursor", "pagetoken", "nexttoken", "nextcursor", "continuationtoken", "pagecursor", "marker", "continue", "startingafter", "after", "nextpagetoken"}
	sortParams   = []string{"sort", "sortby", "orderby", "order", "ordering"}
	dirParams    = []string{"direction", "sortorder", "sortdir", "orderdirection", "order", "dir"}
	fieldParams  = []string{"fields", "select", "only"}
	otherParams  = []string{"expand", "include", "embed", "pretty", "format", "locale"}
)

// defaultLimit is a page's size where the document gives none.
const defaultLimit = 20

// paginated reports whether a list comes in pages.
func paginated(o *operation) bool {
	_, a := o.parameter(limitParams...)
	_, b := o.parameter(cursorParams...)
	_, c := o.parameter(pageParams...)
	_, e := o.parameter(offsetParams...)
	return a || b || c || e
}

// listRecords answers a list or a view: filtered, sorted, one page of it.
func (s *Server) listRecords(req *request, p *plan) (any, *problem) {
	if up := s.parentOf(p.of.path); up != nil {
		if missing := s.parentMissing(req, up); missing != nil {
			return nil, missing
		}
	}
	c := s.collectionAt(p.of, req.vars)
	if p.of.path != req.op.op.Path {
		c = s.collectionAt(p.of, nil)
	}
	rows := slices.Clone(c.records)
	rows = slices.DeleteFunc(rows, func(r *record) bool { return !s.keeps(req, p, s.whole(p.of, r.value)) })
	s.sortRows(req, rows)
	page, turn, err := s.turnPage(req, rows)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(page))
	for i, r := range page {
		out[i] = project(clone(r.value), c.id, s.wantedFields(req))
	}
	return s.wrapList(p, out, turn, req), nil
}

// whole returns a record with null for each property that it could have and has
// not, so that a condition on one is not taken for a condition on none.
func (s *Server) whole(k *kind, value map[string]any) map[string]any {
	out := map[string]any{}
	for name := range s.kindProperties(k) {
		out[name] = nil
	}
	for name, v := range value {
		out[name] = v
	}
	return out
}

// keeps reports whether a record passes all the request's filters.
func (s *Server) keeps(req *request, p *plan, value map[string]any) bool {
	if p.of.path != req.op.op.Path { // a view below a record shows what belongs to it
		for name, v := range req.vars {
			if own, ok := property(value, name); ok && text(own) != v {
				return false
			}
		}
	}
	for name, want := range req.query {
		if p, ok := req.op.queryParam(name); !ok || steers(p) {
			continue
		}
		if slices.Contains(textParams, fold(name)) {
			if _, ok := property(value, name); !ok {
				if !containsWords(value, text(want)) {
					return false
				}
				continue
			}
		}
		if !satisfies(value, name, want) {
			return false
		}
	}
	return true
}

func (o *operation) queryParam(name string) (tool.Parameter, bool) {
	for _, p := range o.op.Parameters {
		if p.Name == name && p.In == tool.InQuery {
			return p, true
		}
	}
	return tool.Parameter{}, false
}

// steers reports whether a parameter says how to list, not what.
func steers(p tool.Parameter) bool {
	key := fold(p.Name)
	for _, names := range [][]string{limitParams, offsetParams, pageParams, cursorParams, sortParams, dirParams, fieldParams, otherParams} {
		if slices.Contains(names, key) {
			return true
		}
	}
	return false
}

// property finds a member by name, whatever its case and separators; the
// singular does for the plural ("types" filters by "type").
func property(value map[string]any, name string) (any, bool) {
	if v, ok := value[name]; ok {
		return v, true
	}
	want := fold(name)
	for _, key := range sortedKeys(value) {
		if fold(key) == want || fold(key) == singular(want) {
			return value[key], true
		}
	}
	return nil, false
}

// satisfies applies one condition to a record. A condition on a property that
// records do not have is none; an object holds conditions itself.
func satisfies(value map[string]any, name string, want any) bool {
	own, ok := property(value, name)
	if nested, isObject := want.(map[string]any); isObject {
		if inner, ok := own.(map[string]any); ok {
			return all(nested, func(key string, v any) bool { return satisfies(inner, key, v) })
		}
		if ok {
			return all(nested, func(op string, v any) bool { return compares(own, op, v) })
		}
		return all(nested, func(key string, v any) bool { return satisfies(value, key, v) })
	}
	if ok {
		return equals(own, want)
	}
	return bounded(value, fold(name), want)
}

func all(m map[string]any, f func(string, any) bool) bool {
	for key, v := range m {
		if !f(key, v) {
			return false
		}
	}
	return true
}

// equals compares a property to what is wanted; one of a list will do, on
// either side.
func equals(own, want any) bool {
	if list, ok := want.([]any); ok {
		return len(list) == 0 || slices.ContainsFunc(list, func(w any) bool { return equals(own, w) })
	}
	if list, ok := own.([]any); ok {
		return slices.ContainsFunc(list, func(o any) bool { return equals(o, want) })
	}
	return text(own) == text(want)
}

// bounded applies conditions that name a bound: min_x, x_max, x_after, since.
func bounded(value map[string]any, name string, want any) bool {
	if op, ok := map[string]string{"since": "gte", "after": "gte", "from": "gte", "until": "lt", "before": "lt", "to": "lt"}[name]; ok {
		own, found := firstTime(value)
		return !found || compares(own, op, want)
	}
	type affix struct{ text, op string }
	for _, a := range []affix{{"min", "gte"}, {"max", "lte"}} {
		if rest, ok := strings.CutPrefix(name, a.text); ok {
			if own, ok := property(value, rest); ok {
				return compares(own, a.op, want)
			}
		}
	}
	for _, a := range []affix{{"min", "gte"}, {"max", "lte"}, {"after", "gte"}, {"since", "gte"}, {"before", "lt"}, {"until", "lt"},
		{"gte", "gte"}, {"lte", "lte"}, {"gt", "gt"}, {"lt", "lt"}, {"from", "gte"}, {"to", "lte"}} {
		rest, ok := strings.CutSuffix(name, a.text)
		if !ok || rest == "" {
			continue
		}
		for _, candidate := range []string{rest, rest + "at"} {
			if own, ok := property(value, candidate); ok {
				return compares(own, a.op, want)
			}
		}
	}
	return true
}

// firstTime returns the first property that holds a time.
func firstTime(value map[string]any) (any, bool) {
	for _, key := range sortedKeys(value) {
		if s, ok := value[key].(string); ok {
			if _, err := time.Parse(time.RFC3339, s); err == nil {
				return s, true
			}
		}
	}
	return nil, false
}

// compares applies an operator; one that is not known is none.
func compares(own any, op string, want any) bool {
	if own == nil {
		return false
	}
	order := compareValues(own, want)
	switch fold(op) {
	case "gte", "ge", "min", "from", "after", "since", "start":
		return order >= 0
	case "lte", "le", "max", "to":
		return order <= 0
	case "gt":
		return order > 0
	case "lt", "before", "until", "end":
		return order < 0
	case "eq", "in", "is":
		return equals(own, want)
	case "ne", "neq", "not":
		return !equals(own, want)
	case "contains", "like":
		return strings.Contains(strings.ToLower(text(own)), strings.ToLower(text(want)))
	}
	return true
}

// compareValues orders numbers by size, times by date, all else as text; null
// comes first.
func compareValues(a, b any) int {
	if x, ok := number(a); ok {
		if y, ok := number(b); ok {
			return cmp.Compare(x, y)
		}
	}
	x, y := text(a), text(b)
	if s, err := time.Parse(time.RFC3339, x); err == nil {
		if t, err := time.Parse(time.RFC3339, y); err == nil {
			return s.Compare(t)
		}
	}
	return cmp.Compare(strings.ToLower(x), strings.ToLower(y))
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return 0, false
}

// text writes a scalar as it stands in a URL.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any, []any:
		raw, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(raw)
	default:
		return fmt.Sprint(v)
	}
}

// sortRows sorts as the request says, or as the parameter's default does.
func (s *Server) sortRows(req *request, rows []*record) {
	param, ok := req.op.parameter(sortParams...)
	if !ok {
		sortAsDescribed(req.op.tool.Description, rows)
		return
	}
	key := text(s.queryOrDefault(req, param))
	direction := ""
	if dir, ok := req.op.parameter(dirParams...); ok && dir.Name != param.Name {
		direction = text(s.queryOrDefault(req, dir))
	}
	key, _, _ = strings.Cut(key, ",")
	if name, dir, ok := strings.Cut(strings.NewReplacer(" ", ":").Replace(key), ":"); ok {
		key, direction = name, dir
	}
	down := strings.HasPrefix(key, "-") || strings.HasPrefix(strings.ToLower(direction), "desc")
	key = strings.TrimLeft(key, "+-")
	if key == "" {
		return
	}
	slices.SortStableFunc(rows, func(a, b *record) int {
		x, _ := property(a.value, key)
		y, _ := property(b.value, key)
		if down {
			return compareValues(y, x)
		}
		return compareValues(x, y)
	})
}

// sortAsDescribed sorts as the operation's description promises.
func sortAsDescribed(description string, rows []*record) {
	words := strings.ToLower(description)
	newest, oldest := strings.Contains(words, "newest first"), strings.Contains(words, "oldest first")
	switch {
	case newest || oldest:
		slices.SortStableFunc(rows, func(a, b *record) int {
			x, y := happened(a.value), happened(b.value)
			if newest {
				return compareValues(y, x)
			}
			return compareValues(x, y)
		})
	case strings.Contains(words, "by name"):
		slices.SortStableFunc(rows, func(a, b *record) int { return compareValues(a.value["name"], b.value["name"]) })
	}
}

// happened returns when a record came to be, as it says itself.
func happened(value map[string]any) any {
	for _, key := range sortedKeys(value) {
		if isStamp(key, starts) || fold(key) == "occurredat" || fold(key) == "timestamp" {
			return value[key]
		}
	}
	v, _ := firstTime(value)
	return v
}

// queryOrDefault returns a parameter's value, its schema's default without one.
func (s *Server) queryOrDefault(req *request, p tool.Parameter) any {
	if v, ok := req.query[p.Name]; ok {
		return v
	}
	input, err := req.op.inputSchema(s.inputs)
	if err != nil {
		return nil
	}
	v, _ := s.inputs.defaultOf(input.property(p.Arg))
	return v
}

// turn says what page a list is on, for the envelope.
type turn struct {
	total, offset, limit, page, pages int
	next                              string // the cursor of the next page; "" on the last
	last                              bool
}

func (s *Server) turnPage(req *request, rows []*record) ([]*record, turn, *problem) {
	t := turn{total: len(rows), limit: max(len(rows), 1), page: 1, pages: 1, last: true}
	if !paginated(req.op) {
		return rows, t, nil
	}
	t.limit = defaultLimit
	if p, ok := req.op.parameter(limitParams...); ok {
		if n, ok := number(s.queryOrDefault(req, p)); ok && n >= 1 {
			t.limit = min(int(n), 1000)
		}
	}
	if err := s.startOf(req, rows, &t); err != nil {
		return nil, t, err
	}
	t.pages = max(1, (len(rows)+t.limit-1)/t.limit)
	t.offset = min(max(t.offset, 0), len(rows))
	t.page = t.offset/t.limit + 1
	end := min(t.offset+t.limit, len(rows))
	page := rows[t.offset:end]
	t.last = end >= len(rows)
	if !t.last {
		t.next = encodeCursor(end, rows[end-1].id)
		if _, ok := req.op.parameter("startingafter"); ok {
			t.next = rows[end-1].id
		}
	}
	return page, t, nil
}

// startOf finds where the page begins.
func (s *Server) startOf(req *request, rows []*record, t *turn) *problem {
	if p, ok := req.op.parameter(cursorParams...); ok {
		if v, ok := req.query[p.Name]; ok && text(v) != "" {
			at, ok := decodeCursor(text(v), rows)
			if !ok {
				return invalid(http.StatusBadRequest, []wrong{{In: "query", Field: p.Name, Message: "is no cursor of this list; take it from the page before, or leave it out for the first page"}})
			}
			t.offset = at
			return nil
		}
	}
	if p, ok := req.op.parameter(offsetParams...); ok {
		if n, ok := number(s.queryOrDefault(req, p)); ok {
			t.offset = int(min(n, maxRecords))
		}
		return nil
	}
	if p, ok := req.op.parameter(pageParams...); ok {
		n, given := number(s.queryOrDefault(req, p))
		base := 1.0
		if input, err := req.op.inputSchema(s.inputs); err == nil {
			if m := s.inputs.deref(input.property(p.Arg)).Minimum; m != nil && *m == 0 {
				base = 0
			}
		}
		if given {
			t.offset = int(min(max(n-base, 0), maxRecords)) * t.limit
		}
	}
	return nil
}

// encodeCursor makes a cursor that says where the next page begins and after
// which record, so that it holds when records before it are deleted.
func encodeCursor(at int, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(at) + ":" + id))
}

func decodeCursor(cursor string, rows []*record) (int, bool) {
	byID := func(id string) int { return slices.IndexFunc(rows, func(r *record) bool { return r.id == id }) }
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	index, id, ok := strings.Cut(string(plain), ":")
	at, convErr := strconv.Atoi(index)
	if err != nil || !ok || convErr != nil || at < 0 {
		i := byID(cursor)
		return i + 1, i >= 0
	}
	if i := byID(id); i >= 0 {
		return i + 1, true
	}
	return min(max(at-1, 0), len(rows)), true
}

// wantedFields returns the properties that the request asks for; nil for all.
func (s *Server) wantedFields(req *request) []string {
	p, ok := req.op.parameter(fieldParams...)
	if !ok {
		return nil
	}
	switch v := req.query[p.Name].(type) {
	case []any:
		var out []string
		for _, f := range v {
			out = append(out, text(f))
		}
		return out
	case string:
		return strings.Split(v, ",")
	}
	return nil
}

// project keeps the named properties of a record, and its id.
func project(v any, id string, fields []string) any {
	m, ok := v.(map[string]any)
	if !ok || len(fields) == 0 {
		return v
	}
	out := map[string]any{}
	for key, member := range m {
		if key == id || slices.Contains(fields, key) {
			out[key] = member
		}
	}
	return out
}
