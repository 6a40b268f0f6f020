package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// toolList is what `bridge tools --json` prints.
type toolList struct {
	Tools       []listedTool         `json:"tools"`
	Diagnostics []openapi.Diagnostic `json:"diagnostics"`
	Over        *overLimit           `json:"over,omitempty"` // `bridge gen --json` alone
}

// listedTool is a tool as it is served, and what its definition costs.
type listedTool struct {
	Name        string           `json:"name"`
	Source      string           `json:"source,omitempty"`
	Title       string           `json:"title,omitempty"`
	Description string           `json:"description"`
	Input       json.RawMessage  `json:"inputSchema"`
	Output      json.RawMessage  `json:"outputSchema,omitempty"`
	Annotations json.RawMessage  `json:"annotations,omitempty"`
	Budget      int              `json:"budget,omitempty"`
	Shaping     *tool.Shaping    `json:"shaping,omitempty"`
	Tokens      int              `json:"tokens"`
	Operation   *listedOperation `json:"operation,omitempty"`

	own string // its name in its source
}

type listedOperation struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

func (a *app) tools() *cobra.Command {
	var asJSON bool
	var from adhoc
	cmd := &cobra.Command{
		Use:   "tools [DOCUMENT|URL … | -- COMMAND …]",
		Short: "List the tools that would be served, and what they cost in tokens",
		Long: `Lists the tools of bridge.yaml's sources, or of those named on the command line,
as clients would see them, with the tokens that each definition costs.`,
		Example: `  bridge tools
  bridge tools specs/crm.yaml
  bridge tools specs/crm.yaml --profile gemini
  bridge tools specs/*.yaml --json | jq '.tools[].name'
  bridge tools -- npx -y @modelcontextprotocol/server-everything`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, file, err := a.servedConfig(cmd, args, &from)
			if err != nil {
				return err
			}
			if len(cfg.Sources) == 0 {
				return fmt.Errorf("there is nothing to list: name a document, or write a bridge.yaml with `bridge init`")
			}
			return a.listServed(cmd.Context(), cfg, file, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	profileFlag(cmd)
	from.flags(cmd)
	return cmd
}

// listServed loads every source and lists what came of it.
func (a *app) listServed(ctx context.Context, cfg config.Config, file string, asJSON bool) (err error) {
	logger := a.logger(quiet(cfg.Log))
	encoding, err := token.Open(cfg.Encoding)
	if err != nil {
		return err
	}
	wiring := a.wire(cfg, file, logger)
	wiring.listing = true
	mounts := wiring.mounts(ctx)
	g, err := a.loaded(ctx, cfg, mounts, logger)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, failed(g.Close())) }()
	list := toolList{Tools: []listedTool{}, Diagnostics: a.diagnose(g, mounts)}
	for _, e := range g.Catalog().Entries() {
		listed, err := listEntry(e, encoding)
		if err != nil {
			return err
		}
		list.Tools = append(list.Tools, listed)
	}
	if asJSON {
		err = a.printJSON(list)
	} else {
		a.printList(list)
	}
	return firstOf(err, sourcesFailed(g.Status()))
}

// quiet keeps a listing's log to warnings, unless more was asked for: what the
// sources report is part of the listing.
func quiet(l config.Log) config.Log {
	if l.Level == slog.LevelInfo.String() || l.Level == "info" || l.Level == "warn" {
		l.Level = "error"
	}
	return l
}

// diagnose gathers what kept anything from being served.
func (a *app) diagnose(g *gateway.Gateway, mounts []gateway.Mount) []openapi.Diagnostic {
	out := []openapi.Diagnostic{}
	for _, m := range mounts {
		if s, ok := m.Source.(*restSource); ok {
			out = append(out, s.diagnosed()...)
		}
	}
	for _, e := range g.Catalog().Entries() {
		if e.OutputLeftOut() {
			out = append(out, openapi.Diagnostic{Severity: openapi.SeverityInfo, Code: "output-not-shown", Operation: operationOf(e),
				Message: fmt.Sprintf("tool %q: the output schema is too large to be shown to clients, so results come as text alone", e.Name)})
		}
	}
	for _, p := range g.Catalog().Problems() {
		out = append(out, openapi.Diagnostic{Severity: openapi.SeverityWarning, Code: "not-served", Message: p.String()})
	}
	for _, s := range g.Status() {
		if s.Error != "" {
			out = append(out, openapi.Diagnostic{Severity: openapi.SeverityError, Code: "source-down", Message: fmt.Sprintf("source %q: %s", s.Name, s.Error)})
		}
	}
	return out
}

// operationOf names the operation behind a tool, as diagnostics do.
func operationOf(e *gateway.Entry) string {
	if op := e.Tool.Operation; op != nil {
		return op.Method + " " + op.Path
	}
	return ""
}

// sourcesFailed is the error of a listing that lacks a source.
func sourcesFailed(statuses []gateway.SourceStatus) error {
	for _, s := range statuses {
		if s.State == gateway.Down {
			return &exitError{code: exitBroken}
		}
	}
	return nil
}

func (a *app) printList(list toolList) {
	for _, d := range list.Diagnostics {
		fmt.Fprintln(a.Err, d.String())
	}
	a.printTools(list.Tools)
	fmt.Fprintln(a.Out, summary(list.Tools, list.Diagnostics))
}

// listTools lists the tools of a document as they are served under a prefix.
func listTools(prefix string, tools []tool.Tool, encoding *token.Encoding) ([]listedTool, error) {
	return listToolsFor(profile.Profile{}, prefix, tools, encoding)
}

// listToolsFor is listTools for the clients of a profile.
func listToolsFor(p profile.Profile, prefix string, tools []tool.Tool, encoding *token.Encoding) ([]listedTool, error) {
	catalog := gateway.Preview(prefix, tools, p)
	listed := make([]listedTool, 0, len(tools))
	for _, e := range catalog.Entries() {
		l, err := listEntry(e, encoding)
		if err != nil {
			return nil, err
		}
		listed = append(listed, l)
	}
	return listed, nil
}

// listEntry describes an entry of the catalog; what it prints is what
// tools/list has, so the tokens are those that a client pays.
func listEntry(e *gateway.Entry, encoding *token.Encoding) (listedTool, error) {
	var l listedTool
	definition := e.Definition()
	if err := json.Unmarshal(definition, &l); err != nil {
		return l, err
	}
	l.Source, l.Budget, l.Shaping, l.Tokens, l.own = e.Source, e.Budget, e.Tool.Shaping, encoding.CountBytes(definition), e.Tool.Name
	if op := e.Tool.Operation; op != nil {
		l.Operation = &listedOperation{op.Method, op.Path}
	}
	return l, nil
}

func nonNil(d []openapi.Diagnostic) []openapi.Diagnostic {
	if d == nil {
		return []openapi.Diagnostic{}
	}
	return d
}
