package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/ledger"
	"github.com/bridge-gateway/bridge/runtime/remainder"
)

func (a *app) budget() *cobra.Command {
	var asJSON bool
	var since string
	cmd := &cobra.Command{
		Use:   "budget",
		Short: "Suggest budgets for tools, from what their calls have cost",
		Long: `Reads what the calls of the configuration's gateway have cost, and suggests a
budget for each tool whose own does not fit: large enough that few results are
cut, and small enough that the odd one does not fill a context. It prints YAML to
paste into bridge.yaml. The gateway records calls in its store, which has to be
one that outlives it: store.sqlite or store.redis.`,
		Example: `  bridge budget
  bridge budget --since 24h
  bridge budget --json`,
		Args: takes(0, 0, "budget takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := parseSince(since, time.Now())
			if err != nil {
				return err
			}
			cfg, file, err := a.loadConfig(cmd)
			if err != nil {
				return err
			}
			suggestions, err := a.suggestions(cmd.Context(), cfg, file, from)
			if err != nil {
				return failed(err)
			}
			if asJSON {
				return a.printJSON(suggestions)
			}
			return a.printBudgets(suggestions, since)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print all that is known of each tool as JSON")
	cmd.Flags().StringVar(&since, "since", "7d", "how far back to look: 7d, 36h, or a day such as 2026-11-01")
	return cmd
}

var days = regexp.MustCompile(`^([0-9]{1,4})d$`)

// parseSince reads how far back to look.
func parseSince(text string, now time.Time) (time.Time, error) {
	if m := days.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		return now.AddDate(0, 0, -n), err
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Time{}, fmt.Errorf("--since takes a number of days such as 7d, a time such as 36h, or a day such as 2026-11-01; %q is none of these", fault.Clip(text, 40))
}

// suggested is a suggestion as it is printed.
type suggested struct {
	Source    string  `json:"source"`
	Tool      string  `json:"tool"`
	Calls     int64   `json:"calls"`
	P50       int     `json:"p50"`
	P95       int     `json:"p95"`
	Cut       float64 `json:"cut"` // share of the results that were cut
	Budget    int     `json:"budget"`
	Suggested int     `json:"suggested"`
	Reason    string  `json:"reason"`
}

// suggestions reads the ledger of the configuration's store.
func (a *app) suggestions(ctx context.Context, cfg config.Config, file string, since time.Time) (out []suggested, err error) {
	w := a.wire(cfg, file, a.logger(quiet(cfg.Log)))
	kept, err := w.openStore(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case kept == nil:
		return nil, fault.New("budget.store", fault.Invalid,
			"calls are recorded in memory, which ends with the gateway: give it a store that lasts, such as `store: {sqlite: bridge.db}` in bridge.yaml, let it serve for a while, and try again")
	case !cfg.Ledger:
		return nil, errors.Join(fault.New("budget.ledger", fault.Invalid, "`ledger: false` in bridge.yaml says that calls are not recorded; leave it out, let the gateway serve for a while, and try again"), kept.Close())
	}
	book := ledger.New(ledger.Options{Store: kept, Logger: w.logger})
	defer func() { err = errors.Join(err, book.Close(), kept.Close()) }()
	found, err := book.Suggest(ctx, since)
	if err != nil {
		return nil, err
	}
	out = make([]suggested, 0, len(found))
	for _, s := range found {
		if s.Source != remainder.Name { // the gateway's own tools take what they are given
			out = append(out, suggested(s))
		}
	}
	return out, nil
}

// printBudgets prints a table, and what of it to paste.
func (a *app) printBudgets(suggestions []suggested, since string) error {
	if len(suggestions) == 0 {
		_, err := fmt.Fprintf(a.Out, "No calls were recorded since %s. Let the gateway serve for a while, and try again.\n", since)
		return err
	}
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SOURCE\tTOOL\tCALLS\tHALF ≤\t95 % ≤\tCUT\tBUDGET\tSUGGESTED\tWHY")
	changes := map[string][]suggested{}
	for _, s := range suggestions {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%.0f %%\t%s\t%s\t%s\n", s.Source, s.Tool, s.Calls, s.P50, s.P95, 100*s.Cut, orDash(s.Budget), orDash(s.Suggested), s.Reason)
		if s.Suggested != s.Budget {
			changes[s.Source] = append(changes[s.Source], s)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintln(a.Out, "\nNo budget has to change.")
		return err
	}
	var b strings.Builder
	b.WriteString("\n# To paste into bridge.yaml:\nsources:\n")
	for _, source := range slices.Sorted(maps.Keys(changes)) {
		fmt.Fprintf(&b, "  %s:\n    tools:\n      override:\n", source)
		for _, s := range changes[source] {
			fmt.Fprintf(&b, "        %s: {budget: %d} # was %s\n", yamlKey(s.Tool), s.Suggested, orDash(s.Budget))
		}
	}
	_, err := fmt.Fprint(a.Out, b.String())
	return err
}

func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

var plainKey = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_-]*$`)

// yamlKey writes a tool's name as a key: as it is, unless YAML would read
// something else.
func yamlKey(name string) string {
	switch strings.ToLower(name) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return strconv.Quote(name)
	}
	if plainKey.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}
