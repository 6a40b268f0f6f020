package openapi

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says how much a diagnostic matters.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // the operation is not a tool
	SeverityWarning Severity = "warning" // something of it was lost, changed or guessed
	SeverityInfo    Severity = "info"    // something was left out on purpose
)

// Diagnostic is one thing to know about a document.
type Diagnostic struct {
	Severity  Severity `json:"severity"`
	Code      string   `json:"code"`    // stable, kebab-case
	Message   string   `json:"message"` // what is wrong and what to do
	File      string   `json:"file"`
	Line      int      `json:"line"`      // from 1
	Column    int      `json:"column"`    // from 1, in bytes for JSON, in characters for YAML
	Operation string   `json:"operation"` // "GET /contacts"; "" where it is not of one
}

// String returns "file:line:col: severity: message [code]", without the place
// where there is none.
func (d Diagnostic) String() string {
	if d.File == "" {
		return fmt.Sprintf("%s: %s [%s]", d.Severity, d.Message, d.Code)
	}
	if d.Line == 0 {
		return fmt.Sprintf("%s: %s: %s [%s]", d.File, d.Severity, d.Message, d.Code)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s [%s]", d.File, d.Line, d.Column, d.Severity, d.Message, d.Code)
}

// maxSame is how many diagnostics of one code are kept; more say nothing new.
const maxSame = 1000

// reporter collects diagnostics, each once.
type reporter struct {
	seen    map[Diagnostic]bool
	perCode map[string]int
	list    []Diagnostic
}

func newReporter() *reporter {
	return &reporter{seen: map[Diagnostic]bool{}, perCode: map[string]int{}}
}

// report adds a diagnostic at n's place.
func (r *reporter) report(sev Severity, code string, n *node, operation, format string, args ...any) {
	d := Diagnostic{Severity: sev, Code: code, Message: fmt.Sprintf(format, args...), Operation: operation}
	if n != nil {
		d.Line, d.Column = int(n.line), int(n.col)
		if n.file != nil {
			d.File = n.file.name
		}
	}
	if r.seen[d] {
		return
	}
	r.seen[d] = true
	r.perCode[code]++
	if sev != SeverityError && r.perCode[code] > maxSame {
		return
	}
	r.list = append(r.list, d)
}

// sorted returns the diagnostics in their order, with a line for those of which
// there were too many.
func (r *reporter) sorted() []Diagnostic {
	for code, n := range r.perCode {
		if n <= maxSame {
			continue
		}
		r.list = append(r.list, Diagnostic{Severity: SeverityInfo, Code: "diagnostics-omitted",
			Message: fmt.Sprintf("%d diagnostics of code %q; about %d are shown: mend those first", n, code, maxSame)})
	}
	slices.SortStableFunc(r.list, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Message, b.Message))
	})
	return r.list
}
