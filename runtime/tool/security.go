package tool

// SchemeType is the kind of a security scheme (OpenAPI 3.2, section 4.27).
type SchemeType string

// The kinds of security scheme.
const (
	APIKey        SchemeType = "apiKey"
	HTTPAuth      SchemeType = "http"
	OAuth2        SchemeType = "oauth2"
	OpenIDConnect SchemeType = "openIdConnect"
	MutualTLS     SchemeType = "mutualTLS"
	// UnknownScheme is a scheme of no standard, e.g. "mutual" or "dsn".
	UnknownScheme SchemeType = "unknown"
)

// Scheme is one security scheme of a document.
type Scheme struct {
	Name string     `json:"name"` // its key in the document
	Type SchemeType `json:"type"`
	// In and Key place an apiKey: header, query or cookie, and its name there.
	In  Location `json:"in,omitempty"`
	Key string   `json:"key,omitempty"`
	// HTTPScheme is the authentication scheme of type http, lower case: "basic",
	// "bearer", "digest" …
	HTTPScheme string `json:"httpScheme,omitempty"`
	// TokenURL and AuthorizationURL are those of the first OAuth 2 flow that has
	// them, as written in the document.
	TokenURL         string `json:"tokenUrl,omitempty"`
	AuthorizationURL string `json:"authorizationUrl,omitempty"`
	// DiscoveryURL is that of openIdConnect.
	DiscoveryURL string `json:"discoveryUrl,omitempty"`
	Description  string `json:"description,omitempty"`
}

// Requirement lists schemes that are all needed together. An empty one means
// that the operation may be called without any.
type Requirement []SchemeUse

// SchemeUse is one scheme of a requirement, with the scopes it asks for.
type SchemeUse struct {
	Scheme string   `json:"scheme"`
	Scopes []string `json:"scopes,omitempty"`
}
