package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Finding is one thing to know about a document.
type Finding struct {
	openapi.Diagnostic
	// Tool is the name of the tool that it is about; "" where it is about none.
	Tool string `json:"tool,omitempty"`
	// Action mends it; nil where nothing can be proposed.
	Action *Action `json:"action,omitempty"`
}

// Options say how a document is checked. The zero value is a good default.
type Options struct {
	// Prefix is the source's name that stands before each tool's name.
	Prefix string
	// Tokens is what each tool's definition costs, by the tool's name. Without
	// it, nothing is said of costs.
	Tokens map[string]int
	// Disable lists codes that are left out.
	Disable []string
}

// Check returns what there is to know about a document, by severity, then code,
// then place. written must come from the same [openapi.Inspect] as doc.
func Check(doc *openapi.Document, written *openapi.Written, opts Options) []Finding {
	c := &checker{doc: doc, written: written, opts: opts, byKey: map[string]*subject{}, defs: definitions{}, depths: map[*schema]int{}}
	c.subjects = make([]subject, len(written.Operations))
	for i := range written.Operations {
		c.subjects[i] = newSubject(&doc.Tools[i], written.Operations[i])
		c.byKey[written.Operations[i].Key] = &c.subjects[i]
	}
	c.propose()
	c.diagnostics()
	for i := range c.subjects {
		s := &c.subjects[i]
		c.texts(s)
		c.names(s)
		c.arguments(s)
		c.schemas(s)
		c.behaviour(s)
		c.results(s)
	}
	c.similar()
	c.examples()
	c.sizes()
	c.servers()
	c.security()
	c.clients()
	c.findings = slices.DeleteFunc(c.findings, func(f Finding) bool { return slices.Contains(opts.Disable, f.Code) })
	slices.SortStableFunc(c.findings, compare)
	return c.findings
}

// compare orders findings for reading: what matters most first, the same beside
// the same.
func compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(rank[a.Severity], rank[b.Severity]), cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Message, b.Message))
}

var rank = map[openapi.Severity]int{openapi.SeverityError: 0, openapi.SeverityWarning: 1, openapi.SeverityInfo: 2}

// The severities, by short names.
const (
	failure = openapi.SeverityError
	warning = openapi.SeverityWarning
	info    = openapi.SeverityInfo
)

// checker checks one document.
type checker struct {
	doc       *openapi.Document
	written   *openapi.Written
	opts      Options
	subjects  []subject
	byKey     map[string]*subject
	proposals map[string]string // operationIds, by operation key
	claimed   map[string]bool   // names that are given or proposed, and what they mean
	findings  []Finding
	defs      definitions     // of all inputs
	depths    map[*schema]int // levels below a schema, once known
	looked    int             // declarations looked at for places, so far
}

// subject is one tool with its operation as it was written.
type subject struct {
	tool    *tool.Tool
	op      *tool.Operation
	written openapi.WrittenOperation
	title   string // what it says of itself, without markup
	text    string
	args    []argument
	input   *schema
	output  *schema // read when first asked for
}

func newSubject(t *tool.Tool, w openapi.WrittenOperation) subject {
	s := subject{tool: t, op: t.Operation, written: w, input: parseSchema(t.Input)}
	s.title, s.text = textsOf(w)
	for _, p := range t.Operation.Parameters {
		s.args = append(s.args, argument{key: p.Arg, name: p.Name, in: p.In, required: p.Required, schema: s.input.Properties[p.Arg]})
	}
	if b := t.Operation.Body; b != nil {
		for _, f := range b.Fields {
			s.args = append(s.args, argument{key: f.Arg, name: f.Name, in: inBody, required: slices.Contains(s.input.Required, f.Arg), schema: s.input.Properties[f.Arg]})
		}
		if b.Arg != "" {
			s.args = append(s.args, argument{key: b.Arg, name: b.Arg, in: inBody, whole: true, required: b.Required, schema: s.input.Properties[b.Arg]})
		}
	}
	return s
}

// report adds a finding about a tool.
func (c *checker) report(s *subject, severity openapi.Severity, code string, at openapi.Place, action *Action, format string, args ...any) {
	if at.File == "" {
		at = s.written.Place()
	}
	c.add(Finding{
		Diagnostic: openapi.Diagnostic{
			Severity: severity, Code: code, Message: fmt.Sprintf(format, args...),
			File: at.File, Line: at.Line, Column: at.Column, Operation: s.written.Key,
		},
		Tool: s.tool.Name, Action: action,
	})
}

// reportDocument adds a finding about no tool.
func (c *checker) reportDocument(severity openapi.Severity, code string, at openapi.Place, format string, args ...any) {
	c.add(Finding{Diagnostic: openapi.Diagnostic{
		Severity: severity, Code: code, Message: fmt.Sprintf(format, args...),
		File: at.File, Line: at.Line, Column: at.Column,
	}})
}

func (c *checker) add(f Finding) { c.findings = append(c.findings, f) }

// diagnostics passes on what lowering said, with the mend of what has one.
func (c *checker) diagnostics() {
	for _, d := range c.doc.Diagnostics {
		f := Finding{Diagnostic: d}
		if s := c.byKey[d.Operation]; s != nil {
			f.Tool = s.tool.Name
			if d.Code == "tool-name-collision" {
				f.Action = c.proposeID(s)
			}
		}
		c.add(f)
	}
}
