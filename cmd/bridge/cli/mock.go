package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/mock"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

func (a *app) mock() *cobra.Command {
	var listen string
	var seed uint64
	var overlays []string
	cmd := &cobra.Command{
		Use:   "mock DOCUMENT",
		Short: "Serve a document's API on loopback, with no upstream",
		Long: `Serves the API that an OpenAPI document describes: requests are checked against
it, answers are made of its examples and schemas, and what is created, changed
and deleted is kept in memory while the mock runs. Any non-empty credential of
the right form is accepted.`,
		Example: `  bridge mock specs/crm.yaml
  bridge mock specs/crm.yaml --listen 127.0.0.1:9090 --seed 7
  curl -H 'Authorization: Bearer x' 'http://127.0.0.1:9090/contacts?limit=2'`,
		Args: takes(1, 1, "mock takes one document"),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, _, err := a.loadConfig(cmd)
			if err != nil {
				return err
			}
			doc, err := openapi.Load(cmd.Context(), args[0], openapi.Options{Responses: true, Overlays: overlays, Root: reachable()})
			if err != nil {
				return err
			}
			return a.runMock(cmd.Context(), doc, listen, mock.Options{Seed: seed, Logger: a.logger(cfg.Log)})
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:9090", "address to listen on; port 0 takes a free one")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "what the made-up data is drawn from; the same seed gives the same answers")
	overlayFlag(cmd, &overlays)
	return cmd
}

func (a *app) runMock(ctx context.Context, doc *openapi.Document, listen string, opts mock.Options) error {
	for _, d := range doc.Diagnostics {
		if d.Severity != openapi.SeverityInfo {
			fmt.Fprintln(a.Err, d.String())
		}
	}
	server, err := mock.New(doc, opts)
	if err != nil {
		return err
	}
	ln, err := gateway.Listen(listen)
	if err != nil {
		return failed(err)
	}
	fmt.Fprintf(a.Out, "Mock of %s serves %d operations at http://%s\n", doc.API.Title, len(doc.Tools), ln.Addr())
	return failed(serveHTTP(ctx, ln, server, opts.Logger))
}

// serveHTTP serves until ctx ends, then lets requests finish.
func serveHTTP(ctx context.Context, ln net.Listener, handler http.Handler, logger *slog.Logger) error {
	const drain = 5 * time.Second
	server := &http.Server{Handler: handler, ReadHeaderTimeout: drain, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err := server.Shutdown(ending)
	if err != nil { // requests that outlast the drain
		err = server.Close()
	}
	if s := <-served; !errors.Is(s, http.ErrServerClosed) {
		return s
	}
	return err
}

// defaultLog is how commands without a configuration log.
func defaultLog() config.Log { return config.Default().Log }
