package cli

import (
	"fmt"

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
		Version:       a.versionInfo().Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("bridge {{.Version}}\n")
	flags := root.PersistentFlags()
	flags.StringP("config", "c", "", "configuration file (default bridge.yaml, if there is one)")
	flags.String("log-level", "info", "least level that is logged: debug, info, warn, error")
	flags.String("log-format", "text", "how it is logged: text, json")
	root.AddCommand(a.serve(), a.gen(), a.diff(), a.tools(), a.tokens(), a.budget(), a.lint(), a.call(), a.mock(), a.connect(), a.secrets(), a.init(), a.demo(), a.version())
	return root
}

// takes is the error, in a person's words, of fewer or more arguments than a
// command takes.
func takes(least, most int, say string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return fmt.Errorf("%s; there are %d arguments here", say, len(args))
		}
		return nil
	}
}
