package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/templates"
)

func (a *app) init() *cobra.Command {
	var module string
	var force bool
	cmd := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write a commented bridge.yaml and the layout of a project",
		Long: `Writes what a team commits: a commented bridge.yaml, a first document, and a main
package that compiles your adapters into a gateway of your own. Files that are
there already stay, unless --force is given.`,
		Example: "  bridge init\n  bridge init gateway --module example.com/acme/gateway",
		Args:    takes(0, 1, "init takes one folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return a.initProject(dir, module, force)
		},
	}
	cmd.Flags().StringVar(&module, "module", "", "path of the project's Go module (default example.com/FOLDER)")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite files that are there")
	return cmd
}

func (a *app) initProject(dir, module string, force bool) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if module == "" {
		module = "example.com/" + sourceName(filepath.Base(abs))
	}
	files, err := templates.Project(templates.ProjectOptions{Module: module, BridgeVersion: a.versionInfo().Version})
	if err != nil {
		return err
	}
	for _, f := range files {
		target := filepath.Join(abs, filepath.FromSlash(f.Path))
		if _, err := os.Stat(target); err == nil && !force {
			fmt.Fprintf(a.Out, "  kept     %s\n", f.Path)
			continue
		}
		if err := writeProjectFile(target, f); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "  written  %s\n", f.Path)
	}
	fmt.Fprintf(a.Out, "\nNext: `bridge tools -c %s` lists what would be served, `bridge serve -c %[1]s` serves it.\n", filepath.Join(dir, defaultConfig))
	return nil
}

func writeProjectFile(target string, f templates.File) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fault.Wrap("init", fault.Invalid, "the folder "+filepath.Dir(target)+" can't be made", err)
	}
	if err := os.WriteFile(target, f.Data, f.Mode); err != nil {
		return fault.Wrap("init", fault.Invalid, target+" can't be written", err)
	}
	return nil
}
