package cli

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// checking are the flags of `bridge serve --check`.
type checking struct{ wanted, offline, asJSON bool }

func (c *checking) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.wanted, "check", false, "say what would be served and what is wrong, and serve nothing; exit code 1 if anything is wrong")
	cmd.Flags().BoolVar(&c.offline, "offline", false, "with --check: start and reach no server")
	cmd.Flags().BoolVar(&c.asJSON, "json", false, "with --check: print JSON")
}

// checked is what `bridge serve --check --json` prints.
type checked struct {
	Sources   []checkedSource   `json:"sources"`
	Endpoints []checkedEndpoint `json:"endpoints"`
	// Problems keep something from being served; Warnings are for who wrote the
	// documents.
	Problems []string `json:"problems"`
	Warnings []string `json:"warnings"`
}

type checkedSource struct {
	gateway.SourceStatus
	Kind config.Kind `json:"kind"`
}

type checkedEndpoint struct {
	URL    string `json:"url"`
	Tools  int    `json:"tools"`
	Tokens int    `json:"tokens"` // of what tools/list shows
}

// unchecked is the state of a source that was not looked at.
const unchecked gateway.State = "not checked"

// check says what a configuration would serve. It opens no listener.
func (a *app) check(ctx context.Context, cfg config.Config, file string, how checking) (err error) {
	logger := a.logger(quiet(cfg.Log))
	w := a.wire(cfg, file, logger)
	here := w
	if how.offline {
		local := cfg
		local.Sources = nil
		for _, s := range cfg.Sources {
			if isLocal(s) {
				local.Sources = append(local.Sources, s)
			}
		}
		here = a.wire(local, file, logger)
	}
	mounts := here.mounts(ctx)
	g, err := a.loaded(ctx, cfg, mounts, logger)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, failed(g.Close())) }()
	found := checked{Sources: checkSources(cfg, g.Status()), Endpoints: checkEndpoints(cfg, g),
		Problems: append([]string{}, slices.Concat(w.unresolved(ctx), problems(cfg, g, how.offline), leftOut(mounts))...), Warnings: lowered(mounts)}
	if !how.offline {
		found.Problems = append(found.Problems, w.tryStore(ctx)...)
	}
	if how.asJSON {
		err = a.printJSON(found)
	} else {
		a.printChecked(found)
	}
	if err == nil && len(found.Problems) > 0 {
		err = &exitError{code: exitFailed}
	}
	return err
}

// isLocal reports whether a source is made of files alone.
func isLocal(s config.Source) bool {
	return (s.Kind() == config.Adapter || s.Kind() == config.OpenAPI) && !readsURL(s)
}

// checkSources returns every source of the configuration, looked at or not.
func checkSources(cfg config.Config, statuses []gateway.SourceStatus) []checkedSource {
	known := map[string]gateway.SourceStatus{}
	for _, s := range statuses {
		known[s.Name] = s
	}
	out := make([]checkedSource, 0, len(cfg.Sources))
	for _, s := range cfg.Sources {
		status, ok := known[s.Name]
		if !ok {
			status = gateway.SourceStatus{Name: s.Name, State: unchecked}
		}
		out = append(out, checkedSource{status, s.Kind()})
	}
	return out
}

func checkEndpoints(cfg config.Config, g *gateway.Gateway) []checkedEndpoint {
	out := make([]checkedEndpoint, 0, 1+len(cfg.Endpoints))
	for _, path := range paths(cfg) {
		c := g.CatalogAt(path)
		e := checkedEndpoint{URL: "http://" + cfg.Listen + path, Tools: len(c.Entries()), Tokens: c.ListTokens()}
		out = append(out, e)
	}
	return out
}

// paths returns the paths of all endpoints.
func paths(cfg config.Config) []string {
	all := []string{gateway.Path}
	for _, e := range cfg.Endpoints {
		all = append(all, e.Path)
	}
	return all
}

// problems returns what keeps sources, tools and settings from taking effect.
// Offline, an endpoint's settings may speak of sources that were not looked at.
func problems(cfg config.Config, g *gateway.Gateway, offline bool) []string {
	out := []string{}
	for _, s := range g.Status() {
		if s.Error != "" {
			out = append(out, fmt.Sprintf("source %q: %s", s.Name, s.Error))
		}
	}
	seen := map[string]bool{}
	for _, path := range paths(cfg) {
		for _, p := range g.CatalogAt(path).Problems() {
			if text := p.String(); !seen[text] && !(offline && p.Source == "") {
				seen[text] = true
				out = append(out, text)
			}
		}
	}
	return out
}

// lowered returns what lowering the documents could not carry over.
func lowered(mounts []gateway.Mount) []string {
	out := []string{}
	for _, m := range mounts {
		s, ok := m.Source.(*restSource)
		if !ok {
			continue
		}
		for _, d := range s.diagnosed() {
			if d.Severity == openapi.SeverityError {
				out = append(out, fmt.Sprintf("source %q: %s", s.name, d))
			}
		}
	}
	return out
}

// leftOut returns what MCP servers have that no client could use.
func leftOut(mounts []gateway.Mount) []string {
	var out []string
	for _, m := range mounts {
		s, ok := m.Source.(interface{ State() native.State })
		if !ok {
			continue
		}
		tell := func(n int, what string) {
			if n > 0 {
				out = append(out, fmt.Sprintf("source %q: %d of the server's %s are left out, as no client could use them; the log of `bridge serve` says why each is", m.Source.Name(), n, what))
			}
		}
		st := s.State()
		tell(st.Skipped, "tools")
		tell(st.Omitted, "prompts and resources")
	}
	return out
}

// unresolved returns a problem for each reference to a secret that leads
// nowhere.
func (w *wiring) unresolved(ctx context.Context) []string {
	var out []string
	for _, r := range w.cfg.References() {
		if _, err := w.secrets.Resolve(ctx, string(r.Value)); err != nil {
			out = append(out, r.At+": "+fault.Message(err))
		}
	}
	return out
}

func (a *app) printChecked(found checked) {
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Sources")
	for _, s := range found.Sources {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%d tools", s.Name, s.Kind, s.State, s.Tools)
		if s.Prompts+s.Resources > 0 {
			fmt.Fprintf(w, ", %d prompts, %d resources", s.Prompts, s.Resources)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // nobody to tell if the terminal is gone
	fmt.Fprintln(w, "Endpoints")
	for _, e := range found.Endpoints {
		fmt.Fprintf(w, "  %s\t%d tools\t%d tokens\n", e.URL, e.Tools, e.Tokens)
	}
	_ = w.Flush()
	for _, text := range found.Warnings {
		fmt.Fprintln(a.Err, "warning: "+text)
	}
	for _, text := range found.Problems {
		fmt.Fprintln(a.Err, "problem: "+text)
	}
	if len(found.Problems) == 0 {
		fmt.Fprintln(a.Out, "Nothing is wrong.")
	}
}
