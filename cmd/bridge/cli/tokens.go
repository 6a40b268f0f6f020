package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/token"
)

type tokensOptions struct {
	from               adhoc
	json, all, compare bool
	top                int
}

func (a *app) tokens() *cobra.Command {
	var o tokensOptions
	cmd := &cobra.Command{
		Use:   "tokens [DOCUMENT|URL … | -- COMMAND …]",
		Short: "Say what a catalog costs in tokens, and which tools cost most",
		Long: `Counts what clients pay for the definitions of tools before any is called: those
of bridge.yaml's sources, or of the documents, URLs or command named here. Says
what each source and each part of the definitions costs, which tools cost most,
and what searching for tools instead of listing them would cost.

Tokens are counted as --encoding says; other models' vocabularies differ, so leave
a margin. Exit code: 0 counted, 2 something could not be read.`,
		Example: `  bridge tokens
  bridge tokens specs/crm.yaml --top 20
  bridge tokens specs/crm.yaml --compare
  bridge tokens https://api.example.com/openapi.json --profile gemini
  bridge tokens --config bridge.yaml --json | jq '.sources[] | {name, tokens}'
  bridge tokens -- npx -y @modelcontextprotocol/server-everything`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.top < 0 {
				return fmt.Errorf("--top takes how many tools to list, 0 or more; --all lists every tool")
			}
			cfg, file, err := a.servedConfig(cmd, args, &o.from)
			if err != nil {
				return err
			}
			if len(cfg.Sources) == 0 {
				return fmt.Errorf("there is nothing to count: name a document, or write a bridge.yaml with `bridge init`")
			}
			return a.runTokens(cmd.Context(), cfg, file, o)
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON, with every tool")
	cmd.Flags().BoolVar(&o.all, "all", false, "list every tool, and not just those that cost most")
	cmd.Flags().IntVar(&o.top, "top", 10, "how many of the tools that cost most to list")
	cmd.Flags().BoolVar(&o.compare, "compare", false, "say what the definitions cost in each profile")
	cmd.Flags().String("encoding", token.Encodings()[0], "tiktoken vocabulary that tokens are counted by")
	_ = cmd.RegisterFlagCompletionFunc("encoding", cobra.FixedCompletions(token.Encodings(), cobra.ShellCompDirectiveNoFileComp))
	profileFlag(cmd)
	_ = cmd.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions(profile.Names(), cobra.ShellCompDirectiveNoFileComp))
	o.from.flags(cmd)
	return cmd
}

// runTokens loads every source and counts what came of it.
func (a *app) runTokens(ctx context.Context, cfg config.Config, file string, o tokensOptions) (err error) {
	logger := a.logger(quiet(cfg.Log))
	encoding, err := token.Open(cfg.Encoding)
	if err != nil {
		return err
	}
	wiring := a.wire(cfg, file, logger)
	wiring.listing = true
	served := cfg
	if o.compare {
		served.Endpoints = append(served.Endpoints[:len(served.Endpoints):len(served.Endpoints)], profileEndpoints()...)
	}
	g, err := a.loaded(ctx, served, wiring.mounts(ctx), logger)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, failed(g.Close())) }()
	report := reportTokens(cfg, g, encoding)
	if o.compare {
		report.Profiles = compareProfiles(g, encoding)
	}
	for _, s := range g.Status() {
		if s.Error != "" {
			fmt.Fprintf(a.Err, "error: source %q: %s\n", s.Name, s.Error)
		}
	}
	if o.json {
		err = a.printJSON(report)
	} else {
		a.printTokens(report, o)
	}
	return firstOf(err, sourcesFailed(g.Status()))
}

// profilePath is where a profile's catalog is while profiles are compared: below
// no path that a configuration can name.
func profilePath(name string) string { return gateway.Path + "/profiles/compared/by/tokens/" + name }

func profileEndpoints() []config.Endpoint {
	var out []config.Endpoint
	for _, name := range profile.Names() {
		out = append(out, config.Endpoint{Path: profilePath(name), Profile: name})
	}
	return out
}

func compareProfiles(g *gateway.Gateway, encoding *token.Encoding) []profileTokens {
	var out []profileTokens
	for _, name := range profile.Names() {
		p := profileTokens{Profile: name}
		for _, e := range g.CatalogAt(profilePath(name)).Entries() {
			p.Tokens += encoding.CountBytes(e.Definition())
		}
		out = append(out, p)
	}
	return out
}
