package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/token"
)

func (a *app) serve() *cobra.Command {
	var stdio bool
	var from adhoc
	cmd := &cobra.Command{
		Use:   "serve [DOCUMENT|URL … | -- COMMAND …]",
		Short: "Serve adapters, documents and MCP servers on one MCP endpoint",
		Long: `Serves the sources of bridge.yaml, or those named on the command line: OpenAPI
documents (files or URLs), MCP servers (URLs), or the command of a stdio MCP
server. Clients connect to http://ADDRESS/mcp, or over standard input and output
with --stdio.

Every key of bridge.yaml is also an environment variable: BRIDGE_LISTEN,
BRIDGE_BUDGET, BRIDGE_SOURCES_CRM_URL.`,
		Example: `  bridge serve
  bridge serve specs/crm.yaml --url http://127.0.0.1:9090
  bridge serve https://api.example.com/openapi.json --bearer '${env:TOKEN}'
  bridge serve -- npx -y @modelcontextprotocol/server-everything
  bridge serve --stdio -c bridge.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, file, err := a.servedConfig(cmd, args, &from)
			if err != nil {
				return err
			}
			if len(cfg.Sources) == 0 {
				return fmt.Errorf("there is nothing to serve: name a document (bridge serve openapi.yaml), or write a bridge.yaml with `bridge init`; `bridge demo` shows an example")
			}
			return a.runGateway(cmd.Context(), cfg, file, stdio)
		},
	}
	cmd.Flags().BoolVar(&stdio, "stdio", false, "serve one client on standard input and output")
	cmd.Flags().String("listen", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	cmd.Flags().Int("budget", config.DefaultBudget, "most tokens that a tool's result may cost")
	cmd.Flags().String("encoding", "o200k_base", "tiktoken vocabulary that tokens are counted by")
	profileFlag(cmd)
	from.flags(cmd)
	return cmd
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

// newGateway returns the gateway of a configuration, with these mounts.
func (a *app) newGateway(cfg config.Config, mounts []gateway.Mount, logger *slog.Logger) (*gateway.Gateway, error) {
	encoding, err := token.Open(cfg.Encoding)
	if err != nil {
		return nil, err
	}
	shown, err := profile.Named(cfg.Profile)
	if err != nil {
		return nil, err
	}
	endpoints, err := endpoints(cfg)
	if err != nil {
		return nil, err
	}
	return gateway.New(gateway.Options{
		Mounts:    mounts,
		Budget:    cfg.Budget,
		Profile:   shown,
		Endpoints: endpoints,
		Shaper:    shape.New(shape.Options{Counter: encoding, Logger: logger}),
		Logger:    logger,
		Version:   a.versionInfo().Version,
	}), nil
}

// loaded returns a started gateway whose sources were all tried. The caller
// closes it.
func (a *app) loaded(ctx context.Context, cfg config.Config, mounts []gateway.Mount, logger *slog.Logger) (*gateway.Gateway, error) {
	g, err := a.newGateway(cfg, mounts, logger)
	if err != nil {
		return nil, err
	}
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
		out[i] = gateway.Endpoint{Path: e.Path, Profile: shown}
	}
	return out, nil
}

// runGateway serves until ctx ends.
func (a *app) runGateway(ctx context.Context, cfg config.Config, file string, stdio bool) error {
	logger := a.logger(cfg.Log)
	if stdio {
		return failed(a.serveStdio(ctx, cfg, file, logger))
	}
	ln, err := gateway.Listen(cfg.Listen)
	if err != nil {
		return failed(err)
	}
	fmt.Fprintf(a.Out, "Bridge serves http://%s%s\n", ln.Addr(), gateway.Path)
	for _, e := range cfg.Endpoints {
		fmt.Fprintf(a.Out, "         and http://%s%s\n", ln.Addr(), e.Path)
	}
	return failed(a.serveOn(ctx, ln, cfg, file, logger))
}

func (a *app) serveStdio(ctx context.Context, cfg config.Config, file string, logger *slog.Logger) error {
	g, err := a.newGateway(cfg, a.wire(cfg, file, logger).mounts(ctx), logger)
	if err != nil {
		return err
	}
	g.Start(ctx)
	err = g.ServeStdio(ctx)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		err = fault.Wrap("serve.stdio", fault.Invalid, "the client wrote what is no MCP message to standard input, which ends its session; --stdio is for MCP clients: one JSON-RPC message on each line", err)
	}
	return firstOf(err, g.Close())
}

// serveOn serves a configuration on a listener, which it closes, until ctx ends.
func (a *app) serveOn(ctx context.Context, ln net.Listener, cfg config.Config, file string, logger *slog.Logger) error {
	g, err := a.newGateway(cfg, a.wire(cfg, file, logger).mounts(ctx), logger)
	if err != nil {
		return firstOf(err, ln.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	g.Start(ctx)
	var announced sync.WaitGroup
	announced.Go(func() { a.announce(ctx, g) })
	err = g.Serve(ctx, ln)
	stop()
	announced.Wait()
	return firstOf(err, g.Close())
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
