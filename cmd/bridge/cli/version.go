package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is set by the linker: -ldflags "-X …/cmd/bridge/cli.release=v1.2.3".
var release string

// versionInfo says what this binary is.
type versionInfo struct {
	Version  string   `json:"version"`
	Commit   string   `json:"commit,omitempty"`
	Go       string   `json:"go"`
	Platform string   `json:"platform"`
	Adapters []string `json:"adapters"`
	Servers  []string `json:"servers,omitempty"`
}

func (a *app) versionInfo() versionInfo {
	info := versionInfo{Version: release, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Adapters: []string{}, Servers: a.serverNames()}
	for _, adapter := range a.Adapters {
		info.Adapters = append(info.Adapters, adapter.Name)
	}
	build, ok := debug.ReadBuildInfo()
	if ok && info.Version == "" && build.Main.Version != "(devel)" {
		info.Version = build.Main.Version
	}
	if ok {
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" {
				info.Commit = s.Value
			}
		}
	}
	if info.Version == "" {
		info.Version = "dev"
	}
	return info
}

func (a *app) version() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version, and which adapters and MCP servers are compiled in",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			info := a.versionInfo()
			if asJSON {
				return a.printJSON(info)
			}
			fmt.Fprintf(a.Out, "bridge %s %s %s\n", info.Version, info.Go, info.Platform)
			for _, name := range info.Adapters {
				fmt.Fprintf(a.Out, "  adapter %s\n", name)
			}
			for _, name := range info.Servers {
				fmt.Fprintf(a.Out, "  server %s\n", name)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// printJSON writes v to standard output, indented.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.Out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
