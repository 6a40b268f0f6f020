package corpus_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// row is what is printed of one document.
type row struct {
	document           string
	operations, tools  int
	parameters, fields int // that the raw document declares
	lines              int // of Go for the operations, types aside
	tokens             int
	took               time.Duration // to lower and generate
	bytes              uint64        // allocated for that
	diagnostics        []openapi.Diagnostic
}

// table lists all documents.
func table(rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-40s %5s %5s %6s %6s %8s %7s %7s %8s  %s\n", "document", "ops", "tools", "params", "fields", "lines/op", "s", "MB", "tokens", "diagnostics")
	var sum row
	for _, r := range rows {
		b.WriteString(r.String() + "  " + byCode(r.diagnostics) + "\n")
		sum.operations, sum.tools, sum.tokens = sum.operations+r.operations, sum.tools+r.tools, sum.tokens+r.tokens
		sum.parameters, sum.fields = sum.parameters+r.parameters, sum.fields+r.fields
		sum.lines += r.lines
		sum.took, sum.bytes = sum.took+r.took, sum.bytes+r.bytes
		sum.diagnostics = append(sum.diagnostics, r.diagnostics...)
	}
	sum.document = fmt.Sprintf("%d documents", len(rows))
	b.WriteString(sum.String() + fmt.Sprintf("  %d\n", len(sum.diagnostics)))
	return b.String()
}

func (r row) String() string {
	return fmt.Sprintf("%-40s %5d %5d %6d %6d %8.1f %7.2f %7.1f %8d", r.document, r.operations, r.tools, r.parameters, r.fields,
		float64(r.lines)/float64(max(1, r.tools)), r.took.Seconds(), float64(r.bytes)/(1<<20), r.tokens)
}

// byCode counts diagnostics, the grave ones first.
func byCode(list []openapi.Diagnostic) string {
	var out []string
	for _, severity := range []openapi.Severity{openapi.SeverityError, openapi.SeverityWarning, openapi.SeverityInfo} {
		counts := map[string]int{}
		for _, d := range list {
			if d.Severity == severity {
				counts[d.Code]++
			}
		}
		var codes []string
		for _, code := range slices.Sorted(maps.Keys(counts)) {
			codes = append(codes, fmt.Sprintf("%d %s", counts[code], code))
		}
		if len(codes) > 0 {
			out = append(out, string(severity)+": "+strings.Join(codes, ", "))
		}
	}
	return strings.Join(out, "; ")
}
