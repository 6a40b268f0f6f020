package tool

// Layout is how arrays of objects are written in a result's text.
type Layout string

// The layouts. All but JSON are used only where they are smaller, array by
// array, and only in text: structured content stays JSON.
const (
	LayoutJSON    Layout = "json"
	LayoutAuto    Layout = "auto"    // the smallest, array by array
	LayoutTOON    Layout = "toon"    // Token-Oriented Object Notation
	LayoutCSV     Layout = "csv"     // RFC 4180
	LayoutColumns Layout = "columns" // a table whose constant columns stand ahead of it
)

// Shaping says how a tool's results are fitted to who reads them, before what is
// over budget is trimmed. Its zero value changes nothing.
type Shaping struct {
	// Fields are JSON pointers (RFC 6901) to what of a result is kept, in which a
	// segment "*" stands for every element or key; none keeps all.
	Fields []string `json:"fields,omitempty"`
	// JQ is a jq program whose output takes the result's place; Fields are then
	// empty.
	JQ   string `json:"jq,omitempty"`
	Drop Drop   `json:"drop,omitzero"`
	// Encoding is how arrays are written; "" is LayoutJSON.
	Encoding Layout `json:"encoding,omitempty"`
	// Pages is how many pages of a list are read at most, until the budget is
	// used; 0 and 1 read one.
	Pages int `json:"pages,omitempty"`
	// Cache is for how many seconds a read-only tool's result is kept for the same
	// caller and arguments; 0 keeps none.
	Cache int `json:"cache,omitempty"`
	// Dedupe answers a result that the session has had already by saying so.
	Dedupe bool `json:"dedupe,omitempty"`
}

// Drop says which members of a result's objects carry nothing.
type Drop struct {
	Nulls bool     `json:"nulls,omitempty"` // members that are null
	Empty bool     `json:"empty,omitempty"` // members that are "", [] or {}
	Keys  []string `json:"keys,omitempty"`  // members of these names
}

// IsZero reports whether nothing is dropped.
func (d Drop) IsZero() bool { return !d.Nulls && !d.Empty && len(d.Keys) == 0 }
