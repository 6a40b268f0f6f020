package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pmezard/go-difflib/difflib"

	"github.com/bridge-gateway/bridge/generator"
)

// syncFolder makes a folder hold just these generated files; with check it only
// compares. Files that are not generated are left alone.
func syncFolder(out io.Writer, dir string, files []generator.File, check bool) (changed bool, err error) {
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.Name] = true
		one, err := syncFile(out, filepath.Join(dir, f.Name), f.Data, check)
		if err != nil {
			return changed, err
		}
		changed = changed || one
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return changed, err
	}
	for _, file := range old {
		if wanted[filepath.Base(file)] || generatedFrom(file) == "" {
			continue
		}
		changed = true
		if check {
			fmt.Fprintf(out, "%s is no longer generated\n", file)
		} else if err := os.Remove(file); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

func syncFile(out io.Writer, file string, want []byte, check bool) (changed bool, err error) {
	have, err := os.ReadFile(file)
	if err == nil && bytes.Equal(have, want) {
		return false, nil
	}
	if err != nil && !os.IsNotExist(err) {
		return false, err
	}
	if err := checkByHand(file, have); err != nil {
		return false, err
	}
	if check {
		return true, printDiff(out, file, have, want)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return true, err
	}
	return true, os.WriteFile(file, want, 0o644)
}

// printDiff shows what generating anew would change.
func printDiff(out io.Writer, file string, have, want []byte) error {
	return difflib.WriteUnifiedDiff(out, difflib.UnifiedDiff{
		A: difflib.SplitLines(string(have)), B: difflib.SplitLines(string(want)),
		FromFile: file, ToFile: file + " (generated anew)", Context: 3,
	})
}

// syncIndex brings generated/generated.go up to date with the adapters that are
// there and those of these names.
func (a *app) syncIndex(module goModule, adapters []string, check bool) (changed bool, err error) {
	root := filepath.Join(module.root, "generated")
	found, err := filepath.Glob(filepath.Join(root, "*", "adapter.go"))
	if err != nil {
		return false, err
	}
	for _, file := range found {
		if generatedFrom(file) != "" {
			adapters = append(adapters, filepath.Base(filepath.Dir(file)))
		}
	}
	index, err := generator.Index(module.path, adapters)
	if err != nil {
		return false, err
	}
	return syncFile(a.Out, filepath.Join(root, index.Name), index.Data, check)
}
