package search

import "github.com/bridge-gateway/bridge/runtime/tool"

// Document is what the search knows of a tool.
type Document struct {
	Name        string // as clients call it; the only thing that must be there
	Title       string
	Description string
	// Method and Path are those of the operation; "" for native tools.
	Method, Path string
	Tags         []string
	Arguments    []Argument
	// Fields are the names of what is inside the arguments, Results of what is
	// inside the result.
	Fields, Results []string
	// Source is where the tool comes from: the mount's prefix or name.
	Source      string
	Annotations tool.Annotations
	Deprecated  bool
}

// Argument is one argument of a tool.
type Argument struct{ Name, Description string }

// limits of what is read of one document, whoever wrote it: more would cost
// memory and tell a search nothing.
const (
	maxArguments   = 64
	maxDescription = 2000 // bytes
	maxArgument    = 200  // bytes of an argument's description
)

// FromTool makes the document of a tool as a catalog shows it: name is the name
// that clients call it by, source where it comes from.
func FromTool(name, source string, t *tool.Tool) Document {
	arguments, fields := schemaNames(t.Input)
	results, nested := schemaNames(t.Output)
	for _, r := range results {
		nested = append(nested, r.Name)
	}
	d := Document{
		Name:        name,
		Title:       t.Title,
		Description: t.Description,
		Arguments:   arguments,
		Fields:      fields,
		Results:     nested,
		Source:      source,
		Annotations: t.Annotations,
	}
	if o := t.Operation; o != nil {
		d.Method, d.Path, d.Tags, d.Deprecated = o.Method, o.Path, o.Tags, o.Deprecated
	}
	return d
}
