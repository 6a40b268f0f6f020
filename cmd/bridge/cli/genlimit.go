package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// definitionLimit bounds what an adapter's definitions may cost, by the counts
// that its bridge.lock has; 0 is no bound.
type definitionLimit struct{ catalog, tool int }

func (l *definitionLimit) flags(cmd *cobra.Command) {
	cmd.Flags().IntVar(&l.catalog, "max-tokens", 0, "fail if the definitions of an adapter's tools cost more tokens together, by the counts of its bridge.lock")
	cmd.Flags().IntVar(&l.tool, "max-tool-tokens", 0, "fail if the definition of any tool costs more tokens")
}

// over returns the limits, with those that flags give in place of its own.
func (l definitionLimit) over(own definitionLimit, flags *pflag.FlagSet) definitionLimit {
	if flags.Changed("max-tokens") {
		own.catalog = l.catalog
	}
	if flags.Changed("max-tool-tokens") {
		own.tool = l.tool
	}
	return own
}

func (l definitionLimit) check() error {
	if l.catalog < 0 || l.tool < 0 {
		return fmt.Errorf("--max-tokens and --max-tool-tokens take a number of tokens, or 0 for no limit")
	}
	return nil
}

// overLimit says that definitions cost more than they may.
type overLimit struct {
	Tokens        int `json:"tokens"` // of all definitions
	MaxTokens     int `json:"maxTokens,omitempty"`
	MaxToolTokens int `json:"maxToolTokens,omitempty"`
	// Tools are those that are over the limit of one; where only all together are
	// over theirs, the costliest, without which they would not be. The costliest is
	// first.
	Tools []overTool `json:"tools"`
}

type overTool struct {
	Name      string           `json:"name"`
	Tokens    int              `json:"tokens"`
	Operation *listedOperation `json:"operation"`
}

// exceeded returns what is over the limit; nil for nothing.
func (l definitionLimit) exceeded(listed []listedTool) *overLimit {
	out := &overLimit{MaxTokens: l.catalog, MaxToolTokens: l.tool, Tools: []overTool{}}
	byCost := slices.Clone(listed)
	slices.SortStableFunc(byCost, func(a, b listedTool) int {
		return cmp.Or(cmp.Compare(b.Tokens, a.Tokens), strings.Compare(a.Name, b.Name))
	})
	for _, t := range byCost {
		out.Tokens += t.Tokens
	}
	rest, tooMuch := out.Tokens, l.catalog > 0 && out.Tokens > l.catalog
	for _, t := range byCost {
		if !(l.tool > 0 && t.Tokens > l.tool) && !(tooMuch && rest > l.catalog) {
			break
		}
		rest -= t.Tokens
		out.Tools = append(out.Tools, overTool{t.Name, t.Tokens, t.Operation})
	}
	if len(out.Tools) == 0 {
		return nil
	}
	return out
}

// maxListedOver is how many tools a message lists.
const maxListedOver = 50

// fault says what is over the limit, and what to do. It is what was asked for
// that failed, not the asking.
func (o *overLimit) fault(document string) error {
	var b strings.Builder
	dear := 0
	for _, t := range o.Tools {
		if o.MaxToolTokens > 0 && t.Tokens > o.MaxToolTokens {
			dear++
		}
	}
	var whats []string
	if o.MaxTokens > 0 && o.Tokens > o.MaxTokens {
		whats = append(whats, fmt.Sprintf("the definitions cost %d tokens together, %d more than the %d that they may (max_tokens)", o.Tokens, o.Tokens-o.MaxTokens, o.MaxTokens))
	}
	if dear > 0 {
		whats = append(whats, fmt.Sprintf("the definitions of %s cost more than the %d tokens that each may (max_tool_tokens)", plural(dear, "tool"), o.MaxToolTokens))
	}
	fmt.Fprintf(&b, "%s: %s:\n", document, strings.Join(whats, ", and "))
	for i, t := range o.Tools {
		if i == maxListedOver {
			fmt.Fprintf(&b, "  … and %d more; --json has all\n", len(o.Tools)-i)
			break
		}
		fmt.Fprintf(&b, "  %s: %d tokens (%s %s)\n", t.Name, t.Tokens, t.Operation.Method, t.Operation.Path)
	}
	fmt.Fprintf(&b, "  Shorten what costs most, in the document or by an overlay: x-mcp: {description: …} for long texts, fewer optional parameters;\n"+
		"  or leave operations out: x-mcp: {hidden: true} at one, x-mcp: {exclude: {tags: […]}} for many.\n"+
		"  `bridge tokens %s --all` shows what of each definition costs; nothing was written.", document)
	return failed(fault.New("gen.limit", fault.Invalid, b.String()))
}
