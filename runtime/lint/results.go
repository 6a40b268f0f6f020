package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

var pages = regexp.MustCompile(`(^|_)(limit|page|per_page|perpage|pagesize|size|count|max|maxresults|results|first|last|top|offset|skip|take|cursor|after|before|marker|token|rows|n|num|number|paging|pagination|range|continue|start|begin|since|until|from|to|length|ids)(_|$)`)

// results looks at what a tool gives back.
func (c *checker) results(s *subject) {
	c.unbounded(s)
	c.undescribedResult(s)
}

// unbounded reports a list that can't be asked for in parts.
func (c *checker) unbounded(s *subject) {
	if s.op.Method != "GET" || !s.returnsList() {
		return
	}
	for i := range s.args {
		a := &s.args[i]
		if a.in != tool.InPath && (pages.MatchString(tool.SnakeName(a.name)) || a.in == tool.InQueryString) {
			return
		}
	}
	if strings.Contains(strings.ToLower(s.said()), "paginat") {
		return
	}
	c.report(s, info, "list-without-limit", s.written.Place(), nil,
		"the list has no limit or page to ask for, so what is over the budget is cut off: declare such parameters if the API has them")
}

// listNames are names under which objects hold the list that they are about.
var listNames = []string{"data", "items", "results", "records", "entries", "values", "list", "rows", "hits", "objects", "resources", "elements"}

// returnsList reports whether the answer is a list, or a page of one.
func (s *subject) returnsList() bool {
	if s.output == nil {
		s.output = parseSchema(s.tool.Output)
	}
	defs := definitions{}
	out := defs.follow(s.output, s.output)
	if s.op.Wrap != "" {
		return defs.follow(s.output, out.Properties[s.op.Wrap]).has("array")
	}
	for _, name := range listNames {
		if defs.follow(s.output, out.Properties[name]).has("array") {
			return true
		}
	}
	return false
}

// undescribedResult reports an operation that does not say what comes back.
func (c *checker) undescribedResult(s *subject) {
	responses := s.written.Node.Get("responses").Follow()
	if !responses.Exists() {
		c.report(s, info, "no-responses", s.written.Place(), nil,
			"the operation describes no responses: a model can't know what it will learn from calling it")
		return
	}
	if s.op.Method != "GET" || s.tool.Output != nil || len(s.op.Accept) > 0 && !slices.ContainsFunc(s.op.Accept, mayBeJSON) {
		return
	}
	for status, response := range responses.Members() {
		if status == "204" || status == "205" || strings.HasPrefix(status, "3") || status == "101" || len(status) == 3 && status[0] == '2' && hasSchema(response) {
			return // nothing comes back, or it is described and was left out, of which lowering told
		}
	}
	c.report(s, info, "no-response-schema", s.written.Node.KeyPlace("responses"), nil,
		"the success response has no schema, so clients get no outputSchema and a model can't plan with the result")
}

func hasSchema(response openapi.Node) bool {
	response = response.Follow()
	if response.Get("schema").Exists() {
		return true
	}
	for _, media := range response.Get("content").Members() {
		if media.Get("schema").Exists() || media.Get("itemSchema").Exists() {
			return true
		}
	}
	return false
}

// mayBeJSON reports whether what a media type of Accept stands for may be JSON.
func mayBeJSON(media string) bool { return tool.IsJSON(media) || tool.BaseType(media) == "*/*" }
