package directions_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
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
	{"runtime/scan", "going over JSON needs nothing but its bytes", nil},
	{"runtime/fit", "whether JSON fits a schema is a matter of the two alone", []string{"runtime/scan"}},
	{"runtime/call", "what flows knows of tools alone", []string{"runtime/tool", "runtime/scan"}},
	{"runtime/protocol", "the wire knows neither side of it, only JSON", []string{"runtime/scan"}},
	{"runtime/face", "serving clients is a matter of the protocol: what is served is behind one interface", []string{"runtime/protocol", "runtime/call", "runtime/tool"}},
	{"runtime/profile", "what clients accept is a matter of definitions alone", []string{"runtime/tool", "runtime/scan"}},
	{"runtime/openapi", "lowering ends at the model: it must serve the generator and the gateway alike", []string{"runtime/tool"}},
	{"runtime/rest", "one path for compiled and interpreted tools, so it may know of neither", []string{"runtime/tool", "runtime/call", "runtime/scan", "runtime/fit"}},
	{"runtime/native", "a source is no part of the gateway", []string{"runtime/tool", "runtime/call", "runtime/protocol"}},
	{"runtime/token", "counting knows only text", nil},
	{"runtime/store", "state is bytes: what they mean is known where they are used", nil},
	{"runtime/store/storetest", "the suite that every store passes", []string{"runtime/store"}},
	{"runtime/pages", "how lists are handed out in parts is a matter of definitions and answers alone", []string{"runtime/tool"}},
	{"runtime/search", "finding tools is a matter of their definitions alone", []string{"runtime/tool", "runtime/search/words"}},
	{"runtime/search/words", "what is looked for, what is looked in and the word vectors are taken apart alike", nil},
	{"runtime/shape", "shaping sees results, never where they come from", []string{"runtime/tool", "runtime/call", "runtime/token", "runtime/scan", "runtime/fit"}},
	{"runtime/remainder", "what was cut off is read by calls, and is kept in the store", []string{"runtime/tool", "runtime/call", "runtime/token", "runtime/scan", "runtime/shape", "runtime/store"}},
	{"runtime/ledger", "what calls cost is counted by what flows, and is kept in the store", []string{"runtime/call", "runtime/store"}},
	{"runtime/credential/reference", "the syntax of references is shared with the configuration and knows no secret", nil},
	{"runtime/credential", "credentials know schemes, not sources", []string{"runtime/tool", "runtime/call", "runtime/credential/reference"}},
	{"runtime/credential/signing", "signatures are made of requests and keys alone", nil},
	{"runtime/credential/manager", "managers are asked what references stand for, by whoever resolves them", []string{"runtime/credential/reference", "runtime/credential/signing"}},
	{"runtime/credential/grant", "tokens are got and kept, whatever they are presented to", []string{"runtime/credential", "runtime/store"}},
	{"runtime/observe", "observing sees calls alone", []string{"runtime/call"}},
	{"runtime/mock", "a mock is made of a document and is no part of the gateway", []string{"runtime/openapi", "runtime/tool"}},
	{"runtime/lint", "a lint looks at a document and its tools, and serves nothing", []string{"runtime/openapi", "runtime/tool"}},
	{"runtime/config", "the configuration is plain types: whoever reads it decides what they mean", []string{"runtime/credential/reference"}},
	{"runtime/gateway", "the gateway knows sources by their interface alone: no document, no upstream, no configuration", []string{
		"runtime/tool", "runtime/call", "runtime/protocol", "runtime/face", "runtime/profile", "runtime/shape", "runtime/observe", "runtime/httpapi", "runtime/search", "runtime/pages"}},
	{"runtime/httpapi", "what the tools are served as over plain HTTP knows tools and calls, not the gateway", []string{"runtime/tool", "runtime/call", "runtime/protocol"}},
	{"generator", "generation is pure: tools in, files out", []string{"runtime/tool", "generator/..."}},
	{"generator/lock", "a lock is data: whoever compares two needs no generator", []string{"runtime/tool", "generator/schema"}},
	{"generator/schema", "schemas are read in the order written, by what goes over JSON", []string{"runtime/tool", "runtime/scan"}},
	{"generator/...", "generation is pure: tools in, files out", []string{"runtime/tool", "generator/..."}},
	{"generated", "the list of adapters, and nothing else", []string{"runtime/rest", "generated/..."}},
	{"generated/...", "an adapter is data over the runtime", []string{"runtime/tool", "runtime/rest"}},
	{"specs", "files only", nil},
	{"templates", "files only", nil},
	{"cmd/...", "wires everything", []string{"..."}},
}

// onlyImporters says which packages alone may import a third-party one, and why.
var onlyImporters = []struct {
	library, reason string
	importers       []string
}{
	{"github.com/getkin/kin-openapi", "documents are read in one place; all else sees the model", []string{"runtime/openapi"}},
	{"github.com/spf13/cobra", "a library has no command line", []string{"cmd/..."}},
	{"github.com/spf13/viper", "where settings come from is the program's matter", []string{"cmd/..."}},
	{"github.com/dave/jennifer", "Go is written by the generator alone", []string{"generator", "generator/..."}},
	{"github.com/gin-gonic/gin", "there is one HTTP surface", []string{"runtime/gateway"}},
	{"github.com/aws/aws-sdk-go-v2", "AWS's keys and signatures are a matter of signing; its services are asked by plain HTTP", []string{"runtime/credential/signing"}},
	{"golang.org/x/oauth2", "tokens for upstreams are got in one place", []string{"runtime/credential/grant"}},
	{"github.com/modelcontextprotocol/go-sdk", "the gateway speaks MCP itself, so that nothing of a message is lost: the SDK is for servers that are compiled in, and for asking as a client does", []string{"runtime/native", "cmd/..."}},
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

// TestEveryRowStandsForSomething fails for a rule that no package is left for,
// and for one that does not say why it is there.
func TestEveryRowStandsForSomething(t *testing.T) {
	packages := list(t)
	used := func(pattern string) bool {
		return slices.ContainsFunc(packages, func(p listed) bool { return covers(pattern, strings.TrimPrefix(p.ImportPath, module)) })
	}
	for _, r := range rows {
		if r.reason == "" {
			t.Errorf("the row of %s has no reason", r.pkg)
		}
		for _, pattern := range append([]string{r.pkg}, r.imports...) {
			if !used(pattern) {
				t.Errorf("the row of %s: there is no package %s", r.pkg, pattern)
			}
		}
	}
	for _, o := range onlyImporters {
		if o.reason == "" {
			t.Errorf("the rule of %s has no reason", o.library)
		}
		for _, pattern := range o.importers {
			if !used(pattern) {
				t.Errorf("the rule of %s: there is no package %s", o.library, pattern)
			}
		}
	}
}

// TestArchitectureNamesEveryPackage holds ARCHITECTURE.md's table of rooms to
// what there is; adapters have one row together.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	text, err := os.ReadFile("../../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list(t) {
		pkg := strings.TrimPrefix(p.ImportPath, module)
		if !strings.HasPrefix(pkg, "generated/") && !strings.Contains(string(text), "`"+pkg+"`") {
			t.Errorf("ARCHITECTURE.md does not say what %s is for", pkg)
		}
	}
}

func checkThirdParty(t *testing.T, pkg, imported string) {
	for _, o := range onlyImporters {
		if !strings.HasPrefix(imported+"/", o.library+"/") {
			continue
		}
		if !slices.ContainsFunc(o.importers, func(i string) bool { return covers(i, pkg) }) {
			t.Errorf("%s imports %s, which is for %v alone: %s", pkg, o.library, o.importers, o.reason)
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
