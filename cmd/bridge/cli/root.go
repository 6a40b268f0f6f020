package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "bridge",
		Short: "One MCP endpoint for REST APIs and MCP servers",
		Long: `Bridge makes any REST API, and any MCP server, reachable from any MCP client
through one endpoint.

  bridge serve   serves documents, adapters and MCP servers
  bridge gen     turns an OpenAPI document into a typed Go adapter
  bridge demo    shows it all, with nothing to configure`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringP("config", "c", "", "configuration file (default bridge.yaml, if there is one)")
	flags.String("log-level", "info", "least level that is logged: debug, info, warn, error")
	flags.String("log-format", "text", "how it is logged: text, json")
	root.AddCommand(a.serve(), a.gen(), a.diff(), a.tools(), a.lint(), a.call(), a.mock(), a.init(), a.demo(), a.version())
	return root
}
