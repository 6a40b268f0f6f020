package tool

// Operation is one method on one path of a document, with all that it takes to
// turn arguments into a request.
type Operation struct {
	ID     string `json:"id,omitempty"` // the document's operationId, as written
	Method string `json:"method"`       // upper case
	// Path is the template, e.g. "/contacts/{id}"; what stands in braces is the
	// Name of a path parameter. It never has a query or a fragment.
	Path string `json:"path"`
	// Query is the fixed query of a path that was declared with one, e.g.
	// "beta=true"; it precedes the query parameters.
	Query      string   `json:"query,omitempty"`
	Tags       []string `json:"tags,omitempty"`
	Deprecated bool     `json:"deprecated,omitempty"`
	// Servers overrides the API's servers for this operation; nil does not.
	Servers    []Server    `json:"servers,omitempty"`
	Parameters []Parameter `json:"parameters,omitempty"`
	Body       *Body       `json:"body,omitempty"`
	// Security lists the alternatives, any of which will do, in the document's
	// order; empty means that the operation takes no credential.
	Security []Requirement `json:"security,omitempty"`
	// Accept lists the media types of the described responses, the preferred
	// first.
	Accept []string `json:"accept,omitempty"`
	// Wrap is the key under which structured results hold the response where
	// its JSON is no object (or a union), as MCP needs an object; "" where the
	// response is the structured result itself.
	Wrap string `json:"wrap,omitempty"`
}

// Location says where on a request a value stands.
type Location string

// The locations of a parameter (OpenAPI 3.2, section 4.12.1).
const (
	InPath        Location = "path"
	InQuery       Location = "query"
	InHeader      Location = "header"
	InCookie      Location = "cookie"
	InQueryString Location = "querystring" // the whole query string is one value
)

// Style says how a parameter's value is written (OpenAPI 3.2, section 4.12.3).
type Style string

// The styles of a parameter. OpenAPI's "cookie" style is form without
// percent-encoding.
const (
	Simple         Style = "simple"
	Label          Style = "label"
	Matrix         Style = "matrix"
	Form           Style = "form"
	SpaceDelimited Style = "spaceDelimited"
	PipeDelimited  Style = "pipeDelimited"
	DeepObject     Style = "deepObject"
	CookieStyle    Style = "cookie"
)

// Parameter is one value in the path, the query, a header or a cookie.
type Parameter struct {
	Arg           string   `json:"arg"`  // the key in the tool's arguments
	Name          string   `json:"name"` // the name on the wire
	In            Location `json:"in"`
	Style         Style    `json:"style,omitempty"`
	Explode       bool     `json:"explode,omitempty"`
	Required      bool     `json:"required,omitempty"`
	AllowReserved bool     `json:"allowReserved,omitempty"`
	// ContentType is set where the parameter is declared by "content": the value
	// is then written in this media type and Style does not apply.
	ContentType string `json:"contentType,omitempty"`
}

// Body is a request's body.
type Body struct {
	// MediaType is sent as Content-Type; what decides the encoding is its base.
	MediaType string `json:"mediaType"`
	Required  bool   `json:"required,omitempty"`
	// Arg is the key of the argument that holds the body whole; "" where the
	// body is an object whose properties are arguments each, as Fields says.
	Arg    string  `json:"arg,omitempty"`
	Fields []Field `json:"fields,omitempty"`
	// Encodings says how properties of a form or multipart body that stands
	// whole under Arg are written, by property name; flattened bodies have
	// theirs in Fields.
	Encodings []FieldEncoding `json:"encodings,omitempty"`
	// Binary says that the body is bytes: its argument is base64 text or a
	// "data:" URI.
	Binary bool `json:"binary,omitempty"`
}

// Field is one property of a body that was flattened into the arguments.
type Field struct {
	Arg      string    `json:"arg"`
	Name     string    `json:"name"`
	Encoding *Encoding `json:"encoding,omitempty"` // forms and multipart only
}

// FieldEncoding is the encoding of the property with that name.
type FieldEncoding struct {
	Name     string   `json:"name"`
	Encoding Encoding `json:"encoding"`
}

// Encoding says how one property is written in a form-urlencoded or multipart
// body (OpenAPI 3.2, section 4.15). Its zero value means the defaults for the
// property's type.
type Encoding struct {
	ContentType   string `json:"contentType,omitempty"`
	Style         Style  `json:"style,omitempty"`
	Explode       *bool  `json:"explode,omitempty"`
	AllowReserved bool   `json:"allowReserved,omitempty"`
	// Binary says that the property is a file: its argument is base64 text or a
	// "data:" URI, or an object {"data", "filename", "mimeType"}.
	Binary bool `json:"binary,omitempty"`
}

// Server is one base URL of an API.
type Server struct {
	// URL may be relative to where the document came from, and may have
	// {variables}.
	URL         string     `json:"url"`
	Description string     `json:"description,omitempty"`
	Variables   []Variable `json:"variables,omitempty"`
}

// Variable is a variable in a server's URL.
type Variable struct {
	Name    string   `json:"name"`
	Default string   `json:"default"`
	Enum    []string `json:"enum,omitempty"`
}
