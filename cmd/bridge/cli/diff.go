package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/token"
)

type diffOptions struct {
	json, markdown bool
	name           string
	overlays       []string
	profile        profile.Profile
}

func (a *app) diff() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what a change means to those who call the tools",
		Long: `Compares two states of an API's tools as a caller sees them, and says what breaks
callers: a tool that is gone or renamed, a new required argument, a narrower
type, a result that lacks what readers counted on, a hint that flipped.

OLD and NEW are each a document, a bridge.lock, an adapter's folder, or one of
these at a git revision: REVISION:PATH. Adapters are told apart by the names that
their tools were given, documents by the names that they say.
Exit code: 0 nothing breaks, 1 something does, 2 broken input.`,
		Example: `  bridge diff main:generated/crm generated/crm
  bridge diff main:specs/crm.yaml specs/crm.yaml
  bridge diff v1.yaml v2.yaml --markdown > comment.md`,
		Args: takes(2, 2, "diff takes what to compare, OLD and NEW"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.json && o.markdown {
				return fmt.Errorf("take one of --json and --markdown")
			}
			cfg, _, err := a.loadConfig(cmd)
			if err != nil {
				return err
			}
			if o.profile, err = profile.Named(cfg.Profile); err != nil {
				return err
			}
			return a.runDiff(cmd.Context(), args[0], args[1], o)
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.markdown, "markdown", false, "print Markdown, for a comment on a pull request")
	cmd.Flags().StringVar(&o.name, "name", "", "name of the adapter that documents are compared as (default: from NEW's file name)")
	profileFlag(cmd)
	overlayFlag(cmd, &o.overlays)
	return cmd
}

// comparison is what `bridge diff --json` prints.
type comparison struct {
	Old      string `json:"old"`
	New      string `json:"new"`
	Breaking bool   `json:"breaking"`
	*lock.Diff
}

func (a *app) runDiff(ctx context.Context, before, after string, o diffOptions) error {
	encoding, err := token.Open(token.Encodings()[0])
	if err != nil {
		return err
	}
	r := &lockReader{encoding: encoding, name: o.name, overlays: o.overlays, profile: o.profile, root: reachable(), warn: a.Err}
	if r.name == "" {
		r.name = sourceName(after)
	}
	was, err := r.read(ctx, before)
	if err != nil {
		return err
	}
	is, err := r.read(ctx, after)
	if err != nil {
		return err
	}
	d := lock.Compare(was, is)
	c := comparison{Old: before, New: after, Breaking: d.Count(lock.Breaking) > 0, Diff: d}
	if err := a.printDiff(c, o); err != nil {
		return err
	}
	if c.Breaking {
		return &exitError{code: exitFailed}
	}
	return nil
}

func (a *app) printDiff(c comparison, o diffOptions) error {
	var text string
	switch {
	case o.json:
		return a.printJSON(c)
	case o.markdown:
		text = markdownDiff(c)
	default:
		text = textDiff(c, isTerminal(a.Out))
	}
	_, err := io.WriteString(a.Out, text)
	return err
}
