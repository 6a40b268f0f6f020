package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

func (a *app) secrets() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secrets",
		Short: "Check where the configuration's secrets come from",
		Long: `Wherever bridge.yaml may have a secret, it can have references instead:

  ${env:NAME}             an environment variable
  ${file:PATH}            a file, read again when it changes; as Kubernetes mounts
                          secrets
  ${exec:COMMAND ARG…}    what a command prints; no shell is between, and '…' or "…"
                          keep words together
  ${vault:PATH#FIELD}     HashiCorp Vault or OpenBao, KV version 2; by VAULT_ADDR,
                          VAULT_TOKEN or VAULT_TOKEN_FILE, and VAULT_NAMESPACE
  ${aws-sm:NAME#KEY}      AWS Secrets Manager, by AWS's own credential chain; with
                          #KEY a member of the secret's JSON

What commands and managers answer is kept for 5 minutes and renewed before that;
while one of them fails, its last good answer is used for up to an hour more.`,
		Args: takes(0, 0, "secrets has one subcommand: bridge secrets check"),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.secretsCheck())
	return cmd
}

func (a *app) secretsCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Resolve every reference to a secret, and say what is wrong",
		Long: `Resolves every reference of the configuration and says where it stands and whether
it leads to a secret. No secret is ever printed. The exit code is 1 if any reference
leads nowhere, and 2 if the configuration itself is wrong.`,
		Example: `  bridge secrets check
  bridge secrets check -c prod.yaml --json

  token: ${exec:gcloud secrets versions access latest --secret=crm-token}
  token: ${exec:az keyvault secret show --vault-name team --name crm --query value -o tsv}
  token: ${exec:op read op://team/crm/token}`,
		Args: takes(0, 0, "secrets check takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, file, err := a.loadConfig(cmd)
			if err != nil {
				return err
			}
			found := a.wire(cfg, file, a.logger(quiet(cfg.Log))).resolved(cmd.Context())
			if asJSON {
				err = a.printJSON(found)
			} else {
				a.printResolved(found)
			}
			if err == nil && found.Failed > 0 {
				err = &exitError{code: exitFailed}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// resolvedSecrets is what `bridge secrets check --json` prints.
type resolvedSecrets struct {
	References []resolvedSecret `json:"references"`
	Failed     int              `json:"failed"`
}

type resolvedSecret struct {
	At    string `json:"at"`    // file:line:column: key
	Value string `json:"value"` // without plain text
	OK    bool   `json:"ok"`
	// Empty says that the value leads to a text that is empty.
	Empty   bool   `json:"empty,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// resolved resolves every reference of the configuration.
func (w *wiring) resolved(ctx context.Context) resolvedSecrets {
	found := resolvedSecrets{References: []resolvedSecret{}}
	for _, r := range w.cfg.References() {
		secret, err := w.secrets.Resolve(ctx, string(r.Value))
		one := resolvedSecret{At: r.At, Value: r.Value.String(), OK: err == nil, Empty: err == nil && secret.Reveal() == ""}
		if err != nil {
			one.Problem = fault.Message(err)
			found.Failed++
		}
		found.References = append(found.References, one)
	}
	return found
}

func (a *app) printResolved(found resolvedSecrets) {
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	for _, r := range found.References {
		state := "ok"
		if r.Empty {
			state = "ok, but empty"
		}
		if !r.OK {
			state = "failed: " + r.Problem
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.At, r.Value, state)
	}
	_ = w.Flush() // nobody to tell if the terminal is gone
	if len(found.References) == 0 {
		fmt.Fprintln(a.Out, "The configuration refers to no secrets.")
		return
	}
	fmt.Fprintf(a.Out, "%d references, %d failed.\n", len(found.References), found.Failed)
}
