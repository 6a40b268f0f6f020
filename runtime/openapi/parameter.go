package openapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// parameter is a declared parameter on its way to an argument.
type parameter struct {
	tool.Parameter
	node   *node // resolved
	schema *node // the document's; nil where it has none
}

// locations orders the places of parameters: in the order of arguments, and of
// who keeps a name that two have.
var locations = map[tool.Location]int{tool.InPath: 0, tool.InQuery: 1, tool.InQueryString: 2, tool.InHeader: 3, tool.InCookie: 4}

// request lowers parameters and body into the model and the arguments.
func (l *lowerer) request(op *operation, model *tool.Operation, args *arguments) {
	declared, bodyParams := l.declared(op)
	params := l.pathParameters(op, model, l.queryParameters(op, model, l.parameters(op, declared)))
	body := l.body(op, bodyParams)
	l.keys(params, body, args)
	for _, p := range params {
		args.add(p.Arg, l.parameterSchema(op, &p), p.Required)
		model.Parameters = append(model.Parameters, p.Parameter)
	}
	if body != nil {
		l.bodyArguments(op, model, body, args)
	}
}

// declared lists the operation's parameters, its own over the path item's, in
// document order; those of 2.0 that make a body come apart.
func (l *lowerer) declared(op *operation) (params, body []*node) {
	var list []*node
	at := map[string]int{}
	for _, holder := range []*node{op.item, op.node} {
		declared := holder.get("parameters")
		if resolved, err := l.resolve(declared); declared != nil && err == nil {
			declared = resolved
		}
		if declared != nil && !declared.is(kindArray) {
			l.warn(op, "bad-parameters", declared, "parameters must be an array, and is %s: it is left out", declared.kind)
		}
		for _, item := range declared.items() {
			p, err := l.resolve(item)
			if err != nil || !p.is(kindObject) {
				l.warn(op, "parameter-unresolved", item, "a parameter can't be read, and is left out: %v", orNotObject(err))
				continue
			}
			key := p.get("in").str() + "\x00" + p.get("name").str()
			if i, ok := at[key]; ok {
				if containsNode(holder.get("parameters").items(), list[i]) {
					l.warn(op, "duplicate-parameter", item, "the parameter %q in %s is declared twice: the last one counts", p.get("name").str(), p.get("in").str())
				}
				list[i] = p
				continue
			}
			at[key] = len(list)
			list = append(list, p)
		}
	}
	for _, p := range list {
		if in := p.get("in").str(); l.version == v20 && (in == "body" || in == "formData") {
			body = append(body, p)
		} else {
			params = append(params, p)
		}
	}
	return params, body
}

func containsNode(list []*node, n *node) bool { return slices.Contains(list, n) }

type notObject struct{}

func (notObject) Error() string { return "it is no object" }

func orNotObject(err error) error {
	if err == nil {
		return notObject{}
	}
	return err
}

// parameters lowers what is declared, in the order of places.
func (l *lowerer) parameters(op *operation, declared []*node) []parameter {
	var params []parameter
	for _, n := range declared {
		p := parameter{node: n}
		p.Name = n.get("name").str()
		p.In = tool.Location(strings.TrimSpace(n.get("in").str()))
		if _, ok := locations[p.In]; !ok {
			l.warn(op, "bad-parameter", n, "the parameter %q is in %q, which is no place: it is left out; use path, query, header or cookie", p.Name, string(p.In))
			continue
		}
		if !n.has("name") && p.In != tool.InQueryString {
			l.warn(op, "bad-parameter", n, "a parameter in %s has no name: it is left out", p.In)
			continue
		}
		if p.In == tool.InHeader && !tool.IsToken(p.Name) {
			l.warn(op, "bad-parameter", n, "%q is no name of a header: the parameter is left out", p.Name)
			continue
		}
		if reason := l.notArgument(&p); reason != "" {
			l.info(op, "parameter-not-argument", n, "the %s %q is no argument: %s", place(p.In), p.Name, reason)
			continue
		}
		p.Required, _ = n.get("required").truth()
		p.Required = p.Required || p.In == tool.InPath
		p.AllowReserved = n.get("allowReserved").isTrue()
		l.serialization(op, &p)
		params = append(params, p)
	}
	slices.SortStableFunc(params, func(a, b parameter) int { return cmp.Compare(locations[a.In], locations[b.In]) })
	l.wholeQuery(op, params)
	return params
}

// wholeQuery tells of parameters beside one that is the whole query string, which
// 3.2 does not allow.
func (l *lowerer) wholeQuery(op *operation, params []parameter) {
	var whole *parameter
	for i := range params {
		p := &params[i]
		switch {
		case p.In == tool.InQueryString && whole != nil:
			l.warn(op, "several-querystrings", p.node, "an operation has one parameter in querystring: all are sent, one after the other; remove one")
		case p.In == tool.InQueryString:
			whole = p
		}
	}
	if i := slices.IndexFunc(params, func(p parameter) bool { return p.In == tool.InQuery }); whole != nil && i >= 0 {
		l.warn(op, "querystring-beside-query", params[i].node, "a parameter in querystring is the whole query, and %q is in query beside it: both are sent; keep one kind", params[i].Name)
	}
}

func place(in tool.Location) string {
	switch in {
	case tool.InHeader:
		return "header"
	case tool.InCookie:
		return "cookie"
	}
	return string(in) + " parameter"
}

// credentialNames are headers and query parameters that plainly carry a
// credential, whatever the document's schemes say.
var credentialNames = map[string]bool{
	"authorization": true, "proxy-authorization": true, "x-api-key": true, "api-key": true, "apikey": true, "api_key": true,
	"x-apikey": true, "x-auth-token": true, "x-access-token": true, "x-auth": true, "access_token": true, "auth_token": true,
	"x-authorization": true, "x-api-token": true, "x-auth-key": true, "authtoken": true, "x-access-key": true, "cookie": true,
	"x-amz-security-token": true, "x-amz-signature": true, "x-amz-credential": true,
}

// notArgument says why a parameter is none, or "".
func (l *lowerer) notArgument(p *parameter) string {
	lower := strings.ToLower(p.Name)
	if p.In == tool.InHeader {
		switch lower {
		case "accept", "content-type":
			return "it follows from the media types (OpenAPI says to ignore it)"
		case "content-length", "host", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect", "proxy-connection":
			return "it belongs to HTTP itself"
		case "user-agent":
			return "it says which program calls, and that is the gateway; set it among the source's headers"
		}
	}
	const credential = "it carries a credential; configure the source's credential or headers"
	for _, s := range l.schemes {
		same := s.Key == p.Name || p.In == tool.InHeader && strings.EqualFold(s.Key, p.Name)
		if s.Type == tool.APIKey && s.In == p.In && same {
			return credential
		}
	}
	if p.In != tool.InHeader && p.In != tool.InQuery && p.In != tool.InCookie {
		return ""
	}
	if credentialNames[lower] {
		return credential
	}
	if lower == "token" {
		text := strings.ToLower(p.node.get("description").str())
		if p.In == tool.InHeader || strings.Contains(text, "authentication") || strings.Contains(text, "authorization") {
			return credential
		}
	}
	return ""
}

// serialization fills in style, explode and content, with OpenAPI's defaults.
func (l *lowerer) serialization(op *operation, p *parameter) {
	if l.version == v20 {
		l.collectionFormat(op, p)
		return
	}
	p.schema = p.node.get("schema")
	if content := p.node.get("content"); content.is(kindObject) && len(content.members) > 0 {
		first := content.members[0]
		p.ContentType = strings.TrimSpace(first.key)
		media, err := l.resolve(first.value)
		if err == nil {
			p.schema = media.get("schema")
		}
		if len(content.members) > 1 {
			l.warn(op, "several-media-types", content, "the parameter %q has several media types: the first, %s, is used", p.Name, p.ContentType)
		}
	} else if p.In == tool.InQueryString {
		p.ContentType = "application/x-www-form-urlencoded"
	}
	p.Style = defaultStyle(p.In)
	if s := tool.Style(p.node.get("style").str()); s != "" {
		if !styleFits(s, p.In) {
			l.warn(op, "bad-style", p.node.get("style"), "the style %q is not for a parameter in %s: %q is used", s, p.In, p.Style)
		} else {
			p.Style = s
		}
	}
	p.Explode = p.Style == tool.Form || p.Style == tool.DeepObject || p.Style == tool.CookieStyle
	if v, ok := p.node.get("explode").truth(); ok && p.Style != tool.DeepObject {
		p.Explode = v
	}
}

func defaultStyle(in tool.Location) tool.Style {
	if in == tool.InPath || in == tool.InHeader {
		return tool.Simple
	}
	return tool.Form
}

func styleFits(s tool.Style, in tool.Location) bool {
	switch s {
	case tool.Simple:
		return in == tool.InPath || in == tool.InHeader
	case tool.Label, tool.Matrix:
		return in == tool.InPath
	case tool.Form:
		return in == tool.InQuery || in == tool.InCookie
	case tool.SpaceDelimited, tool.PipeDelimited, tool.DeepObject:
		return in == tool.InQuery
	case tool.CookieStyle:
		return in == tool.InCookie
	}
	return false
}

// pathParameters makes the path's template and its parameters agree.
func (l *lowerer) pathParameters(op *operation, model *tool.Operation, params []parameter) []parameter {
	open := templateNames(model.Path)
	for _, p := range params {
		if i := slices.Index(open, p.Name); p.In == tool.InPath && i >= 0 {
			open = slices.Delete(open, i, i+1)
		}
	}
	template := templateNames(model.Path)
	var inPath, rest []parameter
	for _, p := range params {
		switch {
		case p.In != tool.InPath:
			rest = append(rest, p)
		case slices.Contains(template, p.Name):
			inPath = append(inPath, p)
		default:
			i := slices.IndexFunc(open, func(name string) bool { return sameWord(p.Name, name) })
			if i < 0 {
				l.warn(op, "path-parameter-not-in-path", p.node, "the path has no {%s}: the parameter is left out; add it to the path or remove it", p.Name)
				continue
			}
			l.warn(op, "path-parameter-renamed", p.node, "the path has {%s} and the parameter is called %q: they are taken for one; use one name", open[i], p.Name)
			p.Name = open[i]
			open = slices.Delete(open, i, i+1)
			inPath = append(inPath, p)
		}
	}
	for _, name := range open {
		l.warn(op, "undeclared-path-parameter", nil, "the path has {%s}, which no parameter declares: it is taken for a required string; declare it", name)
		schema := newObject()
		schema.set("type", newString("string"))
		inPath = append(inPath, parameter{node: newObject(), schema: schema, Parameter: tool.Parameter{Name: name, In: tool.InPath, Style: tool.Simple, Required: true}})
	}
	return append(inPath, rest...)
}

// sameWord reports whether two names of a path differ in case and punctuation
// only, a pattern after "=" aside.
func sameWord(a, b string) bool {
	a, _, _ = strings.Cut(a, "=") // {name=projects/*} of google.api.http
	b, _, _ = strings.Cut(b, "=")
	return strings.ReplaceAll(tool.SnakeName(a), "_", "") == strings.ReplaceAll(tool.SnakeName(b), "_", "")
}

// templateNames returns what stands in a path's braces, each once.
func templateNames(path string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return names
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return names
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		path = after
	}
}

// keys gives every parameter and body field its argument's key. Names that can
// stay get theirs first, then those that have to be changed.
func (l *lowerer) keys(params []parameter, b *body, args *arguments) {
	for _, valid := range []bool{true, false} {
		for i := range params {
			p := &params[i]
			name := p.Name
			switch {
			case p.In == tool.InQueryString && name == "":
				name = "query"
			case p.In == tool.InPath:
				name, _, _ = strings.Cut(name, "=") // and a pattern
			}
			if tool.ValidArg(name) == valid {
				p.Arg = args.space.claim(argKey(name), string(p.In), string(p.In)+" "+name)
			}
		}
		if b == nil {
			continue
		}
		for i := range b.fields {
			f := &b.fields[i]
			if tool.ValidArg(f.Name) == valid {
				f.Arg = args.space.claim(argKey(f.Name), "body", "body "+f.Name)
			}
		}
		if b.whole && b.arg == "" {
			b.arg = args.space.claim("body", "content", "body")
		}
	}
}

// parameterSchema converts a parameter's schema and gives it the parameter's
// description.
func (l *lowerer) parameterSchema(op *operation, p *parameter) *node {
	if p.schema == nil {
		l.info(op, "parameter-without-schema", p.node, "the parameter %q has no schema: it is read as a string", p.Name)
		p.schema = newObject()
		p.schema.set("type", newString("string"))
	}
	schema := l.input.convert(p.schema)
	return l.input.describe(schema, p.node)
}

// describe puts what a parameter says of itself over its schema's texts.
func (c *converter) describe(schema, from *node) *node {
	texts := newObject()
	holder := from.at(kindObject)
	for _, key := range [...]string{"description", "example", "deprecated"} {
		if v := from.get(key); v != nil {
			holder.set(key, v)
		}
	}
	for _, m := range membersOf(from.get("examples")) {
		if v := m.value.get("value"); v != nil && !holder.has("example") {
			holder.set("example", v)
		}
	}
	c.annotate(texts, holder)
	for _, m := range texts.members {
		if m.key == "examples" && schema.has("examples") {
			continue
		}
		schema.set(m.key, m.value)
	}
	return schema
}
