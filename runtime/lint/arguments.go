package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// inBody is where the arguments that are fields of a body, or a body, go.
const inBody tool.Location = "body"

// maxArguments is how many arguments a model fills in reliably.
const maxArguments = 20

// argument is one argument of a tool.
type argument struct {
	key, name string // in the tool's arguments, on the wire
	in        tool.Location
	required  bool
	whole     bool // it is the body whole
	schema    *schema
}

// arguments looks at what a tool takes.
func (c *checker) arguments(s *subject) {
	c.undescribed(s)
	c.renamed(s)
	for i := range s.args {
		a := &s.args[i]
		c.credential(s, a)
		c.flag(s, a)
	}
	if n := len(s.args); n > maxArguments {
		c.report(s, info, "many-arguments", s.written.Place(), nil,
			"the tool has %d arguments, and models fill in more than %d unreliably: hide what is rarely used, or split the operation", n, maxArguments)
	}
}

// undescribed reports the arguments that a model has to guess at, in one finding
// for each tool.
func (c *checker) undescribed(s *subject) {
	var names []string
	var first *argument
	severity := info
	for i := range s.args {
		a := &s.args[i]
		if c.explains(s, a) {
			continue
		}
		names = append(names, a.key)
		if first == nil {
			first = a
		}
		if a.required {
			severity = warning
		}
	}
	switch len(names) {
	case 0:
	case 1:
		c.report(s, severity, "argument-without-description", c.placeOf(s, first), nil,
			"the argument %q has no description, and its name alone does not say what to send", names[0])
	default:
		c.report(s, severity, "argument-without-description", c.placeOf(s, first), nil,
			"%d arguments have no description, and their names alone do not say what to send: %s", len(names), enumerate(names))
	}
}

// explains reports whether an argument's schema or name says what to send.
func (c *checker) explains(s *subject, a *argument) bool {
	if a.schema == nil || a.whole || a.schema.Description != "" {
		return true
	}
	r := c.defs.follow(s.input, a.schema)
	if r.Description != "" || len(r.Enum) > 0 || r.Const != nil || r.Format != "" || len(r.Examples) > 0 || r.Default != nil ||
		len(a.schema.Examples) > 0 || a.schema.Default != nil {
		return true
	}
	if r.Items != nil {
		if items := c.defs.follow(s.input, r.Items); len(items.Enum) > 0 || len(items.Properties) > 0 || len(items.Examples) > 0 {
			return true
		}
	}
	if r.has("boolean") && negation.MatchString(tool.SnakeName(a.name)) {
		return true // flag tells of it
	}
	return len(r.Properties) > 0 || len(r.OneOf) > 0 || len(r.AnyOf) > 0 || s.nameSays(a)
}

// plainNames are names that models know from a thousand APIs.
var plainNames = setOf("id", "uuid", "slug", "limit", "page", "offset", "cursor", "count", "size", "skip", "take", "sort", "order", "query", "q", "search",
	"name", "title", "description", "summary", "email", "url", "website", "link", "username", "password", "phone", "address", "city", "country", "street", "state",
	"language", "locale", "timezone", "currency", "amount", "price", "quantity", "color", "tag", "tags", "label", "labels", "comment", "comments", "note", "notes",
	"message", "text", "body", "content", "subject", "date", "time", "year", "month", "day", "latitude", "longitude", "lat", "lon", "lng", "width", "height",
	"before", "after", "since", "until", "enabled", "active", "archived", "file", "filename", "image", "filter", "fields", "include", "ids", "user", "users",
	"company", "metadata", "owner", "repo", "repository", "branch", "version", "key", "value")

var plainEndings = regexp.MustCompile(`(^|_)(page_size|per_page|page_number|page_token|next_token|sort_by|order_by|first_name|last_name|full_name|display_name|zip_code|postal_code|(start|end|due|created|updated)_(date|time|at)|(is|has)_[a-z_]+|[a-z]+_(name|email|url|date|ids?|uuid))$`)

// nameSays reports whether an argument's name alone tells a model what to send:
// one that all know, the id of something, or what the path picks by it.
func (s *subject) nameSays(a *argument) bool {
	name := tool.SnakeName(a.name)
	if plainNames[name] || plainEndings.MatchString(name) {
		return true
	}
	words := wordsOf(a.name)
	for i, w := range words {
		words[i] = singular(w)
	}
	if a.in != tool.InPath || len(words) == 0 {
		return false
	}
	return overlaps(words, meaning(pathParam.ReplaceAllString(s.op.Path, " "))) || slices.Contains(words, "id")
}

// renamed reports arguments whose names no client takes.
func (c *checker) renamed(s *subject) {
	var names []string
	var first *argument
	for i := range s.args {
		if a := &s.args[i]; a.key != a.name && !a.whole && a.name != "" {
			names = append(names, a.name+" as "+a.key)
			if first == nil {
				first = a
			}
		}
	}
	if len(names) > 0 {
		c.report(s, info, "argument-renamed", c.placeOf(s, first), nil,
			"clients see other names than the API has, because they refuse those or two would be the same: %s", enumerate(names))
	}
}

var secretName = regexp.MustCompile(`(^|_)(password|passwd|secret|client_secret|api_?key|access_token|auth_token|bearer_token|private_key|secret_key|access_key)$`)

// credential reports arguments by which a model would handle secrets: in the
// request's address they stand in logs, in the body they may be meant.
func (c *checker) credential(s *subject, a *argument) {
	if !c.defs.follow(s.input, a.schema).has("string") {
		return
	}
	if name := tool.SnakeName(a.name); !secretName.MatchString(name) || a.in == inBody && strings.HasSuffix(name, "password") {
		return
	}
	switch a.in {
	case inBody:
		c.report(s, info, "credential-argument", c.placeOf(s, a), nil,
			"the argument %q looks like a secret, and models repeat what they see: if it is this API's own credential, set it as the source's credential and leave it out of the document", a.key)
	default:
		c.report(s, warning, "credential-argument", c.placeOf(s, a), nil,
			"the %s parameter %q looks like a credential, which a model should not handle: declare it as a security scheme, and configure the source's credential", a.in, a.name)
	}
}

var negation = regexp.MustCompile(`^(no|not|dont|disable|disallow|without|skip|suppress|omit|exclude|ignore|un|never)_`)

// flag reports booleans that are easily set the wrong way round.
func (c *checker) flag(s *subject, a *argument) {
	r := c.defs.follow(s.input, a.schema)
	described := r.Description != "" || a.schema != nil && a.schema.Description != ""
	if r.has("boolean") && !described && negation.MatchString(tool.SnakeName(a.name)) {
		c.report(s, info, "negated-boolean", c.placeOf(s, a), nil,
			"the boolean %q is a negation with no description: say what true does, and what happens if it is left out", a.key)
	}
	if r.has("string") && len(r.Enum) == 2 && isTruth(string(r.Enum[0])) && isTruth(string(r.Enum[1])) {
		c.report(s, info, "boolean-as-text", c.placeOf(s, a), nil,
			"the argument %q takes the texts \"true\" and \"false\": make it a boolean, which is what models send", a.key)
	}
}

func isTruth(raw string) bool {
	return strings.EqualFold(raw, `"true"`) || strings.EqualFold(raw, `"false"`)
}

// maxLooked bounds how many declarations are looked at for places.
const maxLooked = 1 << 20

// placeOf finds where an argument is declared, or else its operation.
func (c *checker) placeOf(s *subject, a *argument) openapi.Place {
	if c.looked += len(s.args); c.looked > maxLooked {
		return s.written.Place()
	}
	for _, holder := range []openapi.Node{s.written.Node, s.written.Item} {
		for _, item := range holder.Get("parameters").Follow().Items() {
			p := item.Follow()
			in := p.Get("in").Text()
			switch {
			case p.Get("name").Text() == a.name && (in == string(a.in) || in == "formData" && a.in == inBody):
				return p.Place()
			case in == "body" && a.in == inBody:
				return fieldPlace(p.Get("schema"), a, 0)
			}
		}
	}
	body := s.written.Node.Get("requestBody").Follow()
	if a.in != inBody || !body.Exists() {
		return s.written.Place()
	}
	media := body.Get("content").Get(s.op.Body.MediaType)
	if at := fieldPlace(media.Get("schema"), a, 0); at.File != "" {
		return at
	}
	return s.written.Node.KeyPlace("requestBody")
}

// fieldPlace finds where a field of a body is declared.
func fieldPlace(at openapi.Node, a *argument, depth int) openapi.Place {
	at = at.Follow()
	if a.whole {
		return at.Place()
	}
	if properties := at.Get("properties"); properties.Get(a.name).Exists() {
		return properties.KeyPlace(a.name)
	}
	for _, part := range at.Get("allOf").Items() {
		if depth > 8 {
			break
		}
		if found := fieldPlace(part, a, depth+1); found.File != "" {
			return found
		}
	}
	return openapi.Place{}
}
