package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/token"
)

func (a *app) serve() *cobra.Command {
	var stdio, watch bool
	var check checking
	var from adhoc
	cmd := &cobra.Command{
		Use:   "serve [DOCUMENT|URL … | -- COMMAND …]",
		Short: "Serve adapters, documents and MCP servers on one MCP endpoint",
		Long: `Serves the sources of bridge.yaml, or those named on the command line: OpenAPI
documents (files or URLs), MCP servers (URLs), or the command of a stdio MCP
server. Clients connect to http://ADDRESS/mcp, or over standard input and output
with --stdio. While it runs, bridge.yaml, documents and overlays are taken anew
when they change; what is wrong leaves the ones before in effect. --check says
what would be served and what is wrong, and serves nothing.

Every key of bridge.yaml is also an environment variable: BRIDGE_LISTEN,
BRIDGE_BUDGET, BRIDGE_SOURCES_CRM_URL. GOGC (200 unless it is set) and GOMEMLIMIT
trade memory for speed as in any Go program.`,
		Example: `  bridge serve
  bridge serve specs/crm.yaml --url http://127.0.0.1:9090
  bridge serve https://api.example.com/openapi.json --bearer '${env:TOKEN}'
  bridge serve -- npx -y @modelcontextprotocol/server-everything
  bridge serve --stdio -c bridge.yaml
  bridge serve --check`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, file, err := a.servedInput(cmd, args, &from)
			if err != nil {
				return err
			}
			if len(cfg.Sources) == 0 {
				return fmt.Errorf("there is nothing to serve: name a document (bridge serve openapi.yaml), or write a bridge.yaml with `bridge init`; `bridge demo` shows an example")
			}
			if check.wanted {
				return a.check(cmd.Context(), cfg, file.name, check)
			}
			if check.offline || check.asJSON {
				return fmt.Errorf("--offline and --json go with --check")
			}
			l, err := a.newLive(cmd.Context(), cfg, file, func(context.Context) (config.Config, input, error) {
				return a.servedInput(cmd, args, &from)
			})
			if err != nil {
				return err
			}
			l.watch = watch
			return a.runGateway(cmd.Context(), l, stdio)
		},
	}
	cmd.Flags().BoolVar(&stdio, "stdio", false, "serve one client on standard input and output")
	cmd.Flags().BoolVar(&watch, "watch", true, "serve what has changed when a file of the configuration changes; SIGHUP does so in any case")
	check.flags(cmd)
	cmd.Flags().String("listen", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	cmd.Flags().Int("budget", config.DefaultBudget, "most tokens that a tool's result may cost")
	cmd.Flags().String("encoding", "o200k_base", "tiktoken vocabulary that tokens are counted by")
	profileFlag(cmd)
	from.flags(cmd)
	return cmd
}

// servedInput is [app.servedConfig] with the content of the file, as it was when
// it was read or before.
func (a *app) servedInput(cmd *cobra.Command, args []string, from *adhoc) (config.Config, input, error) {
	name, _, _ := a.configFile(cmd) // servedConfig reports what is wrong
	content := digestOf(name)
	cfg, file, err := a.servedConfig(cmd, args, from)
	return cfg, input{file, content}, err
}

// servedConfig returns the configuration: bridge.yaml's, or one made of the
// sources that the command line names.
func (a *app) servedConfig(cmd *cobra.Command, args []string, from *adhoc) (config.Config, string, error) {
	locations, command := args, []string(nil)
	if dash := cmd.ArgsLenAtDash(); dash >= 0 {
		locations, command = args[:dash], args[dash:]
		if len(command) == 0 {
			return config.Config{}, "", fmt.Errorf("after -- comes the command of an MCP server")
		}
	}
	cfg, file, err := a.loadConfig(cmd)
	if err == nil {
		err = checkPrograms(cfg)
	}
	if err != nil {
		return cfg, file, err
	}
	if len(args) == 0 {
		return cfg, file, from.unused()
	}
	if cfg.Sources, err = from.sources(cmd.Context(), locations, command); err != nil {
		return cfg, "", err
	}
	return cfg, "", cfg.Validate()
}

// options returns what a gateway is made of, for a configuration with these
// mounts.
func (a *app) options(cfg config.Config, mounts []gateway.Mount, logger *slog.Logger) (gateway.Options, error) {
	encoding, err := token.Open(cfg.Encoding)
	if err != nil {
		return gateway.Options{}, err
	}
	shown, err := profile.Named(cfg.Profile)
	if err != nil {
		return gateway.Options{}, err
	}
	endpoints, err := endpoints(cfg)
	if err != nil {
		return gateway.Options{}, err
	}
	return gateway.Options{
		Mounts:       mounts,
		Budget:       cfg.Budget,
		Profile:      shown,
		Endpoints:    endpoints,
		Instructions: cfg.Instructions,

		Tools:         listing(cfg.Tools),
		CallerShaping: cfg.CallerShaping,
		Counter:       encoding,

		Shaper:  shape.New(shape.Options{Counter: encoding, Logger: logger}),
		Logger:  logger,
		Version: a.versionInfo().Version,
	}, nil
}

// loaded returns a started gateway whose sources were all tried. The caller
// closes it.
func (a *app) loaded(ctx context.Context, cfg config.Config, mounts []gateway.Mount, logger *slog.Logger) (*gateway.Gateway, error) {
	opts, err := a.options(cfg, mounts, logger)
	if err != nil {
		return nil, err
	}
	g := gateway.New(opts)
	g.Start(ctx)
	select {
	case <-g.Settled():
		return g, nil
	case <-ctx.Done():
		return nil, failed(firstOf(ctx.Err(), g.Close()))
	}
}

// endpoints returns the further endpoints of a configuration.
func endpoints(cfg config.Config) ([]gateway.Endpoint, error) {
	out := make([]gateway.Endpoint, len(cfg.Endpoints))
	for i, e := range cfg.Endpoints {
		name := e.Profile
		if name == "" {
			name = cfg.Profile
		}
		shown, err := profile.Named(name)
		if err != nil {
			return nil, err
		}
		out[i] = gateway.Endpoint{Path: e.Path, Name: e.Name, Profile: shown, Include: e.Include, Exclude: e.Exclude,
			Rename: e.Rename, Budget: e.Budget, Instructions: e.Instructions, Tools: listing(cfg.CatalogAt(e))}
	}
	return out, nil
}

// listing returns how tools/list shows the tools of an endpoint.
func listing(c config.Catalog) gateway.Listing {
	return gateway.Listing{Mode: gateway.Mode(c.Mode), Threshold: c.Threshold, Pinned: c.Pinned, Short: c.Describe == "short"}
}

// runGateway serves until ctx ends.
func (a *app) runGateway(ctx context.Context, l *live, stdio bool) error {
	tradeMemory()
	if stdio {
		return failed(l.serveStdio(ctx))
	}
	ln, err := gateway.Listen(l.cfg.Listen)
	if err != nil {
		return failed(firstOf(err, l.gateway.Close(), l.state.close()))
	}
	if err := notItself(l.cfg, ln.Addr()); err != nil {
		return firstOf(err, ln.Close(), l.gateway.Close(), l.state.close())
	}
	l.address = ln.Addr()
	fmt.Fprintf(a.Out, "Bridge serves http://%s%s\n", ln.Addr(), gateway.Path)
	for _, e := range l.cfg.Endpoints {
		fmt.Fprintf(a.Out, "         and http://%s%s\n", ln.Addr(), e.Path)
	}
	return failed(l.serve(ctx, ln))
}

// serveOn serves a configuration that never changes on a listener, which it
// closes, until ctx ends.
func (a *app) serveOn(ctx context.Context, ln net.Listener, cfg config.Config) error {
	l, err := a.newLive(ctx, cfg, input{}, nil)
	if err != nil {
		return firstOf(err, ln.Close())
	}
	return l.serve(ctx, ln)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// announce says how the sources are, once all were tried.
func (a *app) announce(ctx context.Context, g *gateway.Gateway) {
	select {
	case <-ctx.Done():
		return
	case <-g.Settled():
	}
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	for _, s := range g.Status() {
		if s.Error != "" {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", s.Name, s.State, s.Error)
			continue
		}
		fmt.Fprintf(w, "  %s\t%s\t%d tools\n", s.Name, s.State, s.Tools)
	}
	_ = w.Flush() // nobody to tell if the terminal is gone
}
