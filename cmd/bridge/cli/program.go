package cli

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/rest"
)

// Program is the command line with what a team compiles into its gateway.
type Program struct {
	// Adapters are what `adapter: NAME` in bridge.yaml stands for, each under its
	// own name.
	Adapters []rest.Adapter
	// Servers are MCP servers that were made in Go with the official SDK: what
	// `server: NAME` stands for. Each serves every source that names it, and has
	// a session with each. A panic in a handler is the failure of that request
	// (see [native.Guard]).
	Servers map[string]*mcp.Server
}

// validate reports a mistake in what was compiled in.
func (p Program) validate() error {
	for _, name := range p.serverNames() {
		if p.Servers[name] == nil {
			return fault.New("cli.program", fault.Invalid, fmt.Sprintf("the server %q of this program is nil: make it with mcp.NewServer before it is handed to cli.Program", name))
		}
	}
	return nil
}

func (p Program) serverNames() []string { return slices.Sorted(maps.Keys(p.Servers)) }

// server returns a server that is compiled in.
func (p Program) server(name string) (*mcp.Server, error) {
	if server := p.Servers[name]; server != nil {
		return server, nil
	}
	return nil, fault.New("source.server", fault.Invalid, fmt.Sprintf(
		"no MCP server %q is compiled into this gateway (compiled in: %s); hand it to cli.Program in the main of your gateway, or name a server elsewhere with `command:` or `mcp:`",
		name, orNone(p.serverNames())))
}

// guard keeps a panic of the servers from ending the gateway.
func (a *app) guard(logger *slog.Logger) {
	a.guarded.Do(func() {
		for name, server := range a.Servers {
			native.Guard(server, logger.With("server", name))
		}
	})
}
