package httpapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"log/slog"
	"net/url"
	"slices"
)

// openapiVersion is the version of the document. 3.1 has JSON Schema 2020-12,
// which the tools' schemas are in.
const openapiVersion = "3.1.0"

// documentAbout is the document's description, in Markdown.
const documentAbout = `Every operation calls one tool of this gateway. The request's body is the tool's arguments.

Ask for the media type ` + "`" + ResultType + "`" + ` by the Accept header, or add ` + "`?full=true`" + `, to get the whole MCP result with all its content blocks. ` +
	"`GET " + toolsPath + "`" + ` lists the tools, ` + "`GET " + toolsPath + "/{name}`" + ` gives one tool's own definition.`

// document is an OpenAPI document. Paths are in the order of the tools.
type document struct {
	OpenAPI    string          `json:"openapi"`
	Info       info            `json:"info"`
	Servers    []server        `json:"servers"`
	Tags       []tag           `json:"tags,omitempty"`
	Paths      json.RawMessage `json:"paths"`
	Components parts           `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

// server is relative, so that the document is the same whatever name the gateway
// is reached by, and never says one that a client made up.
type server struct {
	URL string `json:"url"`
}

type tag struct {
	Name string `json:"name"`
}

type parts struct {
	Schemas   map[string]json.RawMessage `json:"schemas"`
	Responses map[string]response        `json:"responses"`
	Headers   map[string]header          `json:"headers"`
}

type pathItem struct {
	Post operation `json:"post"`
}

type operation struct {
	ID          string              `json:"operationId"`
	Summary     string              `json:"summary,omitempty"`
	Description string              `json:"description,omitempty"`
	Tags        []string            `json:"tags,omitempty"`
	Body        *requestBody        `json:"requestBody,omitempty"`
	Responses   map[string]response `json:"responses"`
	Hints       hints               `json:"x-mcp"`
}

// hints is the extension that runtime/openapi reads.
type hints struct {
	Name        string `json:"name"`
	Title       string `json:"title,omitempty"`
	ReadOnly    bool   `json:"readOnlyHint"`
	Destructive bool   `json:"destructiveHint"`
	Idempotent  bool   `json:"idempotentHint"`
	OpenWorld   bool   `json:"openWorldHint"`
}

type requestBody struct {
	Required bool             `json:"required"`
	Content  map[string]media `json:"content"`
}

type response struct {
	Ref         string            `json:"$ref,omitempty"`
	Description string            `json:"description,omitempty"`
	Headers     map[string]header `json:"headers,omitempty"`
	Content     map[string]media  `json:"content,omitempty"`
}

type header struct {
	Ref         string          `json:"$ref,omitempty"`
	Description string          `json:"description,omitempty"`
	Schema      json.RawMessage `json:"schema,omitempty"`
}

type media struct {
	Schema json.RawMessage `json:"schema,omitempty"`
}

// writeDocument writes the document of all tools.
func (v *view) writeDocument() []byte {
	schemas := components{"Problem": {text: json.RawMessage(problemSchema)}}
	operations := v.operations(schemas)
	doc := document{
		OpenAPI:    openapiVersion,
		Info:       info{v.about.title, v.about.version, documentAbout},
		Servers:    []server{{cmp.Or(v.base, "/")}},
		Components: parts{Schemas: map[string]json.RawMessage{}, Responses: failures(), Headers: answerHeaders()},
	}
	for name, c := range schemas {
		doc.Components.Schemas[name] = c.text
	}
	var paths bytes.Buffer
	paths.WriteByte('{')
	for i, op := range operations {
		if i > 0 {
			paths.WriteByte(',')
		}
		paths.Write(encode(toolPath(op.ID)))
		paths.WriteByte(':')
		paths.Write(encode(pathItem{op}))
		if len(op.Tags) > 0 && !slices.Contains(doc.Tags, tag{op.Tags[0]}) {
			doc.Tags = append(doc.Tags, tag{op.Tags[0]})
		}
	}
	paths.WriteByte('}')
	doc.Paths = paths.Bytes()
	return encode(doc)
}

// operations returns the operations of all tools. Inputs name the components
// first, so that theirs are the plain names.
func (v *view) operations(schemas components) []operation {
	list := make([]operation, len(v.tools))
	for i := range v.tools {
		t := &v.tools[i]
		list[i] = operation{
			ID: t.Name, Summary: t.Title, Description: t.Description, Body: v.requestBody(t, schemas),
			Hints: hints{t.Name, t.Title, t.Annotations.ReadOnly, t.Annotations.Destructive, t.Annotations.Idempotent, t.Annotations.OpenWorld},
		}
		if t.Source != "" {
			list[i].Tags = []string{t.Source}
		}
	}
	for i := range v.tools {
		list[i].Responses = v.responses(&v.tools[i], schemas)
	}
	return list
}

// requestBody describes a tool's arguments; nil where it takes none.
func (v *view) requestBody(t *Tool, schemas components) *requestBody {
	if takesNothing(t.Input) {
		return nil
	}
	place := placeOf(t.Name) + "/requestBody/content/application~1json/schema"
	schema, err := schemas.adopt(t.Input, place, "")
	if err != nil {
		v.log.Warn("a tool's input schema is left out of the OpenAPI document", slog.String("tool", t.Name), slog.Any("error", err))
		schema = json.RawMessage(`{"type":"object"}`)
	}
	return &requestBody{Required: true, Content: map[string]media{"application/json": {schema}}}
}

// placeOf is a reference to a tool's operation in the document. The pointer is in
// a URI's fragment (RFC 6901, section 6), so "%" of the path is escaped again.
func placeOf(name string) string {
	return "#/paths/" + (&url.URL{Path: escapeStep.Replace(toolPath(name))}).EscapedPath() + "/post"
}

// takesNothing reports whether a schema leaves room for no argument that it names.
func takesNothing(input json.RawMessage) bool {
	var schema struct {
		Properties           map[string]json.RawMessage `json:"properties"`
		PatternProperties    map[string]json.RawMessage `json:"patternProperties"`
		AdditionalProperties json.RawMessage            `json:"additionalProperties"`
	}
	if json.Unmarshal(input, &schema) != nil || len(schema.Properties) > 0 || len(schema.PatternProperties) > 0 {
		return false
	}
	return schema.AdditionalProperties == nil || string(schema.AdditionalProperties) == "false"
}

// responses describes what a tool answers.
func (v *view) responses(t *Tool, schemas components) map[string]response {
	all := map[string]response{
		"4XX": {Ref: "#/components/responses/Refused"},
		"5XX": {Ref: "#/components/responses/Failed"},
	}
	headers := map[string]header{}
	for name := range answerHeaders() {
		headers[name] = header{Ref: "#/components/headers/" + name}
	}
	ok := response{Description: "What the tool answered.", Headers: headers}
	if len(t.Output) == 0 {
		ok.Content = map[string]media{"*/*": {}}
		all["204"] = response{Description: "The tool answered with nothing.", Headers: headers}
	} else {
		place := placeOf(t.Name) + "/responses/200/content/application~1json/schema"
		schema, err := schemas.adopt(t.Output, place, outputSuffix)
		if err != nil {
			v.log.Warn("a tool's output schema is left out of the OpenAPI document", slog.String("tool", t.Name), slog.Any("error", err))
			schema = json.RawMessage(`{"type":"object"}`)
		}
		ok.Content = map[string]media{"application/json": {schema}}
	}
	all["200"] = ok
	return all
}

// failures are the responses that every operation may have.
func failures() map[string]response {
	content := map[string]media{problemType: {json.RawMessage(`{"$ref":"#/components/schemas/Problem"}`)}}
	id := map[string]header{HeaderCall: {Ref: "#/components/headers/" + HeaderCall}}
	return map[string]response{
		"Refused": {Description: "The call was refused: 400 wrong arguments, 401 no accepted credential, 403 not allowed, 404 no such tool, " +
			"405 not a POST, 408 the body took too long, 413 the body is too large, 415 the body is not application/json, 429 too many calls.", Headers: id, Content: content},
		"Failed": {Description: "The call failed: 502 the tool or its upstream failed, 503 the upstream can't be reached, 504 it took too long, " +
			"501 plain HTTP can't do what the tool needs, 500 an error of the gateway.", Headers: id, Content: content},
	}
}

// answerHeaders are the headers of answers.
func answerHeaders() map[string]header {
	return map[string]header{
		HeaderCall:    {Description: "The call's id, as it stands in the gateway's log.", Schema: json.RawMessage(`{"type":"string"}`)},
		HeaderTrimmed: {Description: "\"true\" where the result was cut to its token budget; ask for less at a time to see the rest.", Schema: json.RawMessage(`{"type":"string","enum":["true"]}`)},
		HeaderBefore:  {Description: "Tokens of the result as it came from the upstream.", Schema: json.RawMessage(`{"type":"integer"}`)},
		HeaderAfter:   {Description: "Tokens of the result as it was passed on, all content blocks together.", Schema: json.RawMessage(`{"type":"integer"}`)},
	}
}

// problemSchema describes a failure.
const problemSchema = `{"type":"object","description":"A failure (RFC 9457).","required":["title","status","kind"],"properties":{` +
	`"title":{"type":"string"},"status":{"type":"integer"},` +
	`"detail":{"type":"string","description":"What was wrong, and what to do."},` +
	`"kind":{"type":"string","description":"What sort of failure it is: \"tool\" where the tool itself failed."},` +
	`"call":{"type":"string","description":"The call's id, as it stands in the gateway's log."},` +
	`"tool":{"type":"string"},` +
	`"mcp":{"type":"object","description":"The error that the tool's MCP server answered with.","properties":{"code":{"type":"integer"},"message":{"type":"string"},"data":{}}}}}`
