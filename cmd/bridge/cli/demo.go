package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/exec"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/mock"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/specs"
)

// demoServer is the native MCP server of the demo, pinned.
const demoServer = "@modelcontextprotocol/server-everything@2026.8.31"

// documentPath is where a mock of the demo also serves its own document.
const documentPath = "/openapi.yaml"

func (a *app) demo() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve an example CRM, a second API and a native MCP server, with nothing to configure",
		Long: `Starts mocks of two example APIs and the gateway in front of them: the CRM by its
compiled adapter, the billing API interpreted from its document, and, if Node is
installed, the MCP project's "everything" server over stdio. Prints what to
paste into a client. Ctrl-C stops all of it.`,
		Example: "  bridge demo\n  bridge demo --listen 127.0.0.1:8090",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := defaultLog()
			log.Level, _ = cmd.Flags().GetString("log-level")
			log.Format, _ = cmd.Flags().GetString("log-format")
			return a.runDemo(cmd.Context(), listen, log)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	return cmd
}

// demoMock is a mock API of the demo, listening.
type demoMock struct {
	listener net.Listener
	handler  http.Handler
	url      string
}

func (a *app) runDemo(ctx context.Context, listen string, log config.Log) error {
	logger := a.logger(log)
	crm, err := startDemoMock(ctx, "crm.yaml", "127.0.0.1:9090", logger)
	if err != nil {
		return failed(err)
	}
	billing, err := startDemoMock(ctx, "billing.yaml", "127.0.0.1:9091", logger)
	if err != nil {
		return failed(firstOf(err, crm.listener.Close()))
	}
	cfg := a.demoConfig(crm, billing)
	cfg.Listen, cfg.Log = listen, log
	ln, err := gateway.Listen(listen)
	if err != nil {
		return failed(err)
	}
	a.printClients("http://" + ln.Addr().String() + gateway.Path)
	group, ctx := errgroup.WithContext(ctx)
	for _, m := range []demoMock{crm, billing} {
		group.Go(func() error { return serveHTTP(ctx, m.listener, m.handler, logger) })
	}
	group.Go(func() error { return a.serveOn(ctx, ln, cfg) })
	return failed(group.Wait())
}

// startDemoMock makes a mock of an embedded document and opens its address, or
// a free one if that is taken.
func startDemoMock(ctx context.Context, file, address string, logger *slog.Logger) (demoMock, error) {
	data, err := specs.FS.ReadFile(file)
	if err != nil {
		return demoMock{}, err
	}
	doc, err := openapi.Lower(ctx, data, "specs/"+file, openapi.Options{Responses: true})
	if err != nil {
		return demoMock{}, err
	}
	server, err := mock.New(doc, mock.Options{Seed: 1, Logger: logger})
	if err != nil {
		return demoMock{}, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", server)
	mux.HandleFunc("GET "+documentPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(data) // nobody to tell if the client is gone
	})
	ln, err := gateway.Listen(address)
	if err != nil {
		if ln, err = gateway.Listen("127.0.0.1:0"); err != nil {
			return demoMock{}, err
		}
	}
	return demoMock{ln, mux, "http://" + ln.Addr().String()}, nil
}

// demoConfig is the configuration that a bridge.yaml for the demo would give.
func (a *app) demoConfig(crm, billing demoMock) config.Config {
	cfg := config.Default()
	source := config.Source{Name: "crm", URL: crm.url, OpenAPI: crm.url + documentPath,
		Credential: &config.Credential{Bearer: "demo"}}
	for _, adapter := range a.Adapters {
		if adapter.Name == "crm" {
			source.Adapter, source.OpenAPI = "crm", ""
		}
	}
	cfg.Sources = []config.Source{source, {
		Name: "billing", URL: billing.url, OpenAPI: billing.url + documentPath,
		Credential: &config.Credential{Basic: &config.Basic{Username: "demo", Password: "demo"}},
	}}
	if _, err := exec.LookPath("npx"); err != nil {
		fmt.Fprintln(a.Out, "Node is not installed, so the demo runs without its native MCP server.")
		return cfg
	}
	cfg.Sources = append(cfg.Sources, config.Source{Name: "everything", Command: []string{"npx", "-y", demoServer}})
	return cfg
}

// printClients prints what to paste into each client.
func (a *app) printClients(url string) {
	fmt.Fprintf(a.Out, "Bridge serves %s\n\n", url)
	for _, c := range clients.Snippets(url) {
		fmt.Fprintf(a.Out, "── %s", c.Title)
		if c.File != "" {
			fmt.Fprintf(a.Out, " (%s)", c.File)
		}
		fmt.Fprintf(a.Out, "\n%s\n\n", c.Text)
	}
	fmt.Fprint(a.Out, "Ctrl-C stops everything.\n\n")
}
