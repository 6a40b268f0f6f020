package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/lint"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// sameShown is how many findings of one code are printed; JSON has all.
const sameShown = 5

type lintOptions struct {
	name         string
	overlays     []string
	writeOverlay string
	disable      []string
	strict, json bool
}

// lintReport is what `bridge lint --json` prints.
type lintReport struct {
	Findings []lint.Finding `json:"findings"`
	Tools    int            `json:"tools"`
	Tokens   int            `json:"tokens"`
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Infos    int            `json:"infos"`
}

func (a *app) lint() *cobra.Command {
	var o lintOptions
	cmd := &cobra.Command{
		Use:   "lint DOCUMENT …",
		Short: "Say what in an OpenAPI document will confuse a model or fail a client",
		Long: `Checks OpenAPI documents as tools: what can't become one, what a model will
likely get wrong (warnings), and what could be better (infos). Each finding has
a place, a code and a reason, and where a mend can be computed, it is shown and
--write-overlay writes it into an OpenAPI Overlay 1.0 document. Review that, then
give it to gen, serve, tools, call, mock and lint with --overlay.

Exit code: 0 no errors (with --strict, no warnings either), 1 there are some,
2 the document can't be read.`,
		Example: `  bridge lint specs/crm.yaml
  bridge lint api.yaml --write-overlay api.overlay.yaml
  bridge lint api.yaml --overlay api.overlay.yaml --strict
  bridge lint api.yaml --disable large-catalog,similar-names --json`,
		Args: takes(1, math.MaxInt, "name a document to check"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 && (o.name != "" || o.writeOverlay != "" || len(o.overlays) > 0) {
				return fmt.Errorf("--name, --overlay and --write-overlay are for one document, not %d", len(args))
			}
			return a.runLint(cmd.Context(), args, o)
		},
	}
	cmd.Flags().StringVarP(&o.name, "name", "n", "", "name of the source, which its tools' names begin with (default: from the document's file name)")
	overlayFlag(cmd, &o.overlays)
	cmd.Flags().StringVar(&o.writeOverlay, "write-overlay", "", "new file to write the proposed mends to, as an OpenAPI Overlay (.json for JSON, else YAML)")
	cmd.Flags().StringSliceVar(&o.disable, "disable", nil, "codes of findings to leave out, separated by commas")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "let warnings fail too")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (a *app) runLint(ctx context.Context, documents []string, o lintOptions) error {
	encoding, err := token.Open(token.Encodings()[0])
	if err != nil {
		return err
	}
	all := lintReport{Findings: []lint.Finding{}}
	for _, document := range documents {
		report, doc, err := lintDocument(ctx, document, encoding, o)
		if err != nil {
			return err
		}
		if !o.json {
			a.printFindings(document, report)
		}
		if o.writeOverlay != "" {
			if err := a.writeOverlay(report.Findings, doc.API.Title, document, o.writeOverlay); err != nil {
				return err
			}
		}
		all.add(report)
	}
	if o.json {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	if all.Errors > 0 || o.strict && all.Warnings > 0 {
		return &exitError{code: exitFailed}
	}
	return nil
}

// lintDocument checks one document.
func lintDocument(ctx context.Context, document string, encoding *token.Encoding, o lintOptions) (lintReport, *openapi.Document, error) {
	prefix := o.name
	if prefix == "" {
		prefix = sourceName(document)
	}
	doc, written, err := openapi.Inspect(ctx, document, openapi.Options{Prefix: prefix, Overlays: o.overlays, Root: reachable()})
	if err != nil {
		return lintReport{}, nil, err
	}
	listed, err := listTools(prefix, doc.Tools, encoding)
	if err != nil {
		return lintReport{}, nil, err
	}
	report := lintReport{Tools: len(listed)}
	for _, t := range listed {
		report.Tokens += t.Tokens
	}
	report.Findings = lint.Check(doc, written, lint.Options{Prefix: prefix, Tokens: tokensByTool(doc.Tools, listed), Disable: o.disable})
	for _, f := range report.Findings {
		switch f.Severity {
		case openapi.SeverityError:
			report.Errors++
		case openapi.SeverityWarning:
			report.Warnings++
		default:
			report.Infos++
		}
	}
	return report, doc, nil
}

// tokensByTool is what each tool's definition costs by its own name, which a
// profile may have cut for clients.
func tokensByTool(tools []tool.Tool, listed []listedTool) map[string]int {
	costs := make(map[listedOperation]int, len(listed))
	for _, t := range listed {
		costs[*t.Operation] = t.Tokens
	}
	tokens := make(map[string]int, len(tools))
	for _, t := range tools {
		tokens[t.Name] = costs[listedOperation{t.Operation.Method, t.Operation.Path}]
	}
	return tokens
}

func (r *lintReport) add(other lintReport) {
	r.Findings = append(r.Findings, other.Findings...)
	r.Tools += other.Tools
	r.Tokens += other.Tokens
	r.Errors += other.Errors
	r.Warnings += other.Warnings
	r.Infos += other.Infos
}

// printFindings prints the findings, a few of each code, and what they amount
// to.
func (a *app) printFindings(document string, report lintReport) {
	mends := 0
	for _, f := range report.Findings {
		if f.Action != nil {
			mends++
		}
	}
	for rest := report.Findings; len(rest) > 0; {
		n := run(rest, func(x, y lint.Finding) bool { return x.Code == y.Code && x.Severity == y.Severity })
		a.printAlike(rest[:n])
		rest = rest[n:]
	}
	fmt.Fprintf(a.Out, "%s: %d tools, %d tokens of definitions, %d errors, %d warnings, %d notes",
		document, report.Tools, report.Tokens, report.Errors, report.Warnings, report.Infos)
	if mends > 0 {
		fmt.Fprintf(a.Out, "; --write-overlay FILE mends %d", mends)
	}
	fmt.Fprintln(a.Out)
}

// run is how many findings at the start are like the first.
func run(findings []lint.Finding, like func(x, y lint.Finding) bool) int {
	n := 1
	for n < len(findings) && like(findings[0], findings[n]) {
		n++
	}
	return n
}

// printAlike prints findings of one code, those of one place in one line.
func (a *app) printAlike(findings []lint.Finding) {
	for shown := 0; len(findings) > 0; shown++ {
		if shown == sameShown && len(findings) > 1 {
			fmt.Fprintf(a.Out, "  … and %d more like this [%s]\n", len(findings), findings[0].Code)
			return
		}
		n := run(findings, func(x, y lint.Finding) bool {
			return x.File == y.File && x.Line == y.Line && x.Column == y.Column && x.Message == y.Message
		})
		a.printFinding(findings[0], n-1)
		findings = findings[n:]
	}
}

// printFinding prints a finding, the operation that it is about, and how many
// others share it.
func (a *app) printFinding(f lint.Finding, others int) {
	line := f.Diagnostic.String()
	if f.Operation != "" && !strings.Contains(line, f.Operation) {
		line += " " + f.Operation
	}
	if others > 0 {
		line += fmt.Sprintf(" and %d more", others)
	}
	fmt.Fprintln(a.Out, line)
	if f.Action == nil {
		return
	}
	update, err := json.Marshal(f.Action.Update)
	if err != nil { // it is made of texts and booleans
		return
	}
	fmt.Fprintf(a.Out, "    mend: %s %s\n", f.Action.Target, update)
}

// writeOverlay writes the mends to a file that must be new, as what is there may
// have been edited by hand.
func (a *app) writeOverlay(findings []lint.Finding, title, document, file string) error {
	data, actions, err := lint.Overlay(findings, title, file)
	if err != nil {
		return err
	}
	if actions == 0 {
		fmt.Fprintf(a.Err, "there is nothing that an overlay could mend, so %s is not written\n", file)
		return nil
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fault.New("lint.overlay", fault.Conflict,
			fmt.Sprintf("%s is there already and may hold your own edits: name a new file, or remove it; to have it applied first, add --overlay %s", file, file))
	}
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	if err = firstOf(err, out.Close()); err != nil {
		return failed(err)
	}
	fmt.Fprintf(a.Err, "%s has %d actions; review it, then use it: bridge tools %s --overlay %s\n", file, actions, document, file)
	return nil
}
