package directions_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/bridge-gateway/bridge/"

// rows says, for each package, ALL that it may import from this module beside
// runtime/fault, which everyone may import. A row ending in "/..." stands for
// the packages below a folder. The reasons are why the row is no longer.
var rows = []struct {
	pkg, reason string
	imports     []string
}{
	{"runtime/fault", "the bottom: whatever it imported, everyone would import", nil},
	{"runtime/tool", "the model imports nothing, so that everything can be built on it", nil},
	{"runtime/call", "what flows knows of tools alone", []string{"runtime/tool"}},
	{"runtime/profile", "what clients accept is a matter of definitions alone", []string{"runtime/tool"}},
	{"runtime/openapi", "lowering ends at the model: it must serve the generator and the gateway alike", []string{"runtime/tool"}},
	{"runtime/rest", "one path for compiled and interpreted tools, so it may know of neither", []string{"runtime/tool", "runtime/call"}},
	{"runtime/native", "a source is no part of the gateway", []string{"runtime/tool", "runtime/call"}},
	{"runtime/token", "counting knows only text", nil},
	{"runtime/shape", "shaping sees results, never where they come from", []string{"runtime/tool", "runtime/call", "runtime/token"}},
	{"runtime/credential/reference", "the syntax of references is shared with the configuration and knows no secret", nil},
	{"runtime/credential", "credentials know schemes, not sources", []string{"runtime/tool", "runtime/call", "runtime/credential/reference"}},
	{"runtime/observe", "observing sees calls alone", []string{"runtime/call"}},
	{"runtime/mock", "a mock is made of a document and is no part of the gateway", []string{"runtime/openapi", "runtime/tool"}},
	{"runtime/lint", "a lint looks at a document and its tools, and serves nothing", []string{"runtime/openapi", "runtime/tool"}},
	{"runtime/config", "the configuration is plain types: whoever reads it decides what they mean", []string{"runtime/credential/reference"}},
	{"runtime/gateway", "the gateway knows no document, configuration or console", []string{
		"runtime/tool", "runtime/call", "runtime/rest", "runtime/native", "runtime/profile", "runtime/token", "runtime/shape", "runtime/credential", "runtime/observe"}},
	{"generator", "generation is pure: tools in, files out", []string{"runtime/tool", "generator/..."}},
	{"generator/lock", "a lock is data: whoever compares two needs no generator", []string{"runtime/tool", "generator/schema"}},
	{"generator/...", "generation is pure: tools in, files out", []string{"runtime/tool", "generator/..."}},
	{"generated", "the list of adapters, and nothing else", []string{"runtime/rest", "generated/..."}},
	{"generated/...", "an adapter is data over the runtime", []string{"runtime/tool", "runtime/rest"}},
	{"specs", "files only", nil},
	{"templates", "files only", nil},
	{"cmd/...", "wires everything", []string{"..."}},
}

// onlyImporters says which package alone may import a third-party package.
var onlyImporters = map[string][]string{
	"github.com/getkin/kin-openapi": {"runtime/openapi"},
	"github.com/spf13/cobra":        {"cmd/..."},
	"github.com/spf13/viper":        {"cmd/..."},
	"github.com/dave/jennifer":      {"generator", "generator/..."},
	"github.com/gin-gonic/gin":      {"runtime/gateway", "runtime/console"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImportDirections(t *testing.T) {
	packages := list(t)
	if len(packages) < 15 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		pkg := strings.TrimPrefix(p.ImportPath, module)
		allowed, reason, found := rowOf(pkg)
		if !found {
			t.Errorf("%s has no row here: say what it may import, and why", pkg)
			continue
		}
		for _, imported := range p.Imports {
			if name, ours := strings.CutPrefix(imported, module); ours {
				if name != "runtime/fault" && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, name) }) {
					t.Errorf("%s may not import %s: %s", pkg, name, reason)
				}
				continue
			}
			checkThirdParty(t, pkg, imported)
		}
	}
}

func checkThirdParty(t *testing.T, pkg, imported string) {
	for library, importers := range onlyImporters {
		if !strings.HasPrefix(imported+"/", library+"/") {
			continue
		}
		if !slices.ContainsFunc(importers, func(i string) bool { return covers(i, pkg) }) {
			t.Errorf("%s imports %s, which is for %v alone", pkg, library, importers)
		}
	}
}

// rowOf returns the row of a package: its own, else that of the longest folder.
func rowOf(pkg string) (imports []string, reason string, found bool) {
	longest := -1
	for _, r := range rows {
		if r.pkg == pkg {
			return r.imports, r.reason, true
		}
		if covers(r.pkg, pkg) && len(r.pkg) > longest {
			imports, reason, found, longest = r.imports, r.reason, true, len(r.pkg)
		}
	}
	return imports, reason, found
}

// covers reports whether a pattern of a row stands for a package.
func covers(pattern, pkg string) bool {
	if folder, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(pkg, folder)
	}
	return pattern == pkg
}

func list(t *testing.T) []listed {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
