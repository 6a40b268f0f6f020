package templates_test

import (
	"bytes"
	"go/format"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/modfile"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/templates"
)

func project(t *testing.T, version string) map[string]string {
	t.Helper()
	files, err := templates.Project(templates.ProjectOptions{Module: "example.com/team/gateway", BridgeVersion: version})
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]string{}
	for _, f := range files {
		byPath[f.Path] = string(f.Data)
	}
	return byPath
}

func TestProjectHasItsFiles(t *testing.T) {
	files := project(t, "v1.2.0")
	for _, name := range []string{".env.example", ".github/workflows/bridge.yml", ".gitignore", "Makefile", "README.md", "bridge.yaml", "generated/generated.go", "go.mod", "main.go", "specs/hello.yaml"} {
		text := files[name]
		if text == "" || !strings.HasSuffix(text, "\n") || strings.Contains(text, "{{"+".") {
			t.Errorf("%s = %q", name, text)
		}
		delete(files, name)
	}
	if len(files) > 0 {
		t.Errorf("files that nobody asked for: %v", files)
	}
	if !reflect.DeepEqual(project(t, "v1.2.0"), project(t, "v1.2.0")) {
		t.Error("a project must be the same every time")
	}
}

func TestProjectGoFiles(t *testing.T) {
	for name, text := range project(t, "v1.2.0") {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution); err != nil {
			t.Error(err)
		}
		if formatted, err := format.Source([]byte(text)); err != nil || !bytes.Equal(formatted, []byte(text)) {
			t.Errorf("%s is not as gofmt has it (%v)", name, err)
		}
	}
	if main := project(t, "")["main.go"]; !strings.Contains(main, `"example.com/team/gateway/generated"`) {
		t.Errorf("main.go does not import the project's own adapters:\n%s", main)
	}
}

func TestProjectGoMod(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.0":                               "v1.2.0",
		"v1.2.0-rc.1":                          "v1.2.0-rc.1",
		"v0.0.0-20260101120000-abcdefabcdef":   "v0.0.0-20260101120000-abcdefabcdef",
		"dev":                                  "",
		"":                                     "",
		"v1.2.0-3-gabcdef0":                    "",
		"v1.2.0-dirty":                         "",
		"(devel)":                              "",
		"v1.2.0\nreplace example.com/a => ../": "",
	} {
		mod, err := modfile.Parse("go.mod", []byte(project(t, version)["go.mod"]), nil)
		if err != nil {
			t.Errorf("%q: %v", version, err)
			continue
		}
		got := ""
		if len(mod.Require) == 1 {
			got = mod.Require[0].Mod.Version
		}
		if mod.Module.Mod.Path != "example.com/team/gateway" || got != want || len(mod.Replace) > 0 {
			t.Errorf("%q: go.mod asks for %q, want %q", version, got, want)
		}
	}
}

func TestProjectRefusesWhatIsNoModule(t *testing.T) {
	for _, path := range []string{"", "a b", "/abs", "a/../b", "x\"\nimport", "example.com/"} {
		if _, err := templates.Project(templates.ProjectOptions{Module: path}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// commented is a line that is a setting to be uncommented: "#" is followed by
// no space, or by the indentation of a deeper key. Prose has one space.
var commented = regexp.MustCompile(`(?m)^( *)#((?:  +)?[^ \n].*)$`)

func TestProjectConfigParses(t *testing.T) {
	text := project(t, "")["bridge.yaml"]
	c, err := config.Parse([]byte(text), "bridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 1 || c.Sources[0].OpenAPI != "specs/hello.yaml" {
		t.Errorf("as it is written, it serves %+v", c.Sources)
	}
	want := config.Default()
	if c.Listen != want.Listen || c.Budget != want.Budget || c.Log != want.Log {
		t.Errorf("as it is written, it changes the defaults: %+v", c)
	}
}

func TestProjectConfigExplainsEveryKey(t *testing.T) {
	text := commented.ReplaceAllString(project(t, "")["bridge.yaml"], "$1$2")
	c, err := config.Parse([]byte(text), "bridge.yaml")
	if err != nil {
		t.Fatalf("with every setting uncommented: %v\n%s", err, text)
	}
	var kinds []config.Kind
	for i := range c.Sources {
		kinds = append(kinds, c.Sources[i].Kind())
	}
	for _, kind := range []config.Kind{config.Adapter, config.OpenAPI, config.Command, config.MCP, config.Server} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no source shows the kind %s; there are %v", kind, kinds)
		}
	}
	want := config.Default()
	if c.Budget != want.Budget || c.Encoding != want.Encoding || c.Profile != want.Profile || c.Timeout != want.Timeout || c.Log != want.Log {
		t.Errorf("the values at the top are not the defaults: %+v", c)
	}
	source := config.Config{Sources: []config.Source{{Name: "x"}}, Endpoints: []config.Endpoint{{Path: "x"}}}
	for _, key := range append(config.Keys(source), "username", "password", "override.name", "override.description", "override.budget") {
		name := key[strings.LastIndexByte(key, '.')+1:]
		if name != "x" && !strings.Contains(strings.ToLower(text), name+":") {
			t.Errorf("the key %s is not shown", key)
		}
	}
}

// The workflow is YAML, asks for no more rights than it needs, pins what it uses,
// and takes nothing that a pull request says into a script.
func TestProjectWorkflow(t *testing.T) {
	text := project(t, "")[".github/workflows/bridge.yml"]
	var workflow struct {
		Permissions map[string]string
		Jobs        map[string]struct {
			Steps []struct {
				Uses, If, Run string
				Env           map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"contents": "read", "pull-requests": "write"}; !reflect.DeepEqual(workflow.Permissions, want) {
		t.Errorf("permissions = %v", workflow.Permissions)
	}
	pinned := regexp.MustCompile(`^[\w./-]+@v\d+\.\d+\.\d+$`)
	all := ""
	for _, step := range workflow.Jobs["adapters"].Steps {
		if step.Uses != "" && !pinned.MatchString(step.Uses) {
			t.Errorf("%s is not pinned", step.Uses)
		}
		if strings.Contains(step.Run, "${{") {
			t.Errorf("an expression in a script: %s", step.Run)
		}
		if token, ok := step.Env["GH_TOKEN"]; ok && token != "${{ github.token }}" {
			t.Errorf("the token is %q", token)
		}
		all += step.Run
	}
	for _, want := range []string{"make check", "diff --markdown", "gh pr comment"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in the steps", want)
		}
	}
}

func TestProjectDocumentLowers(t *testing.T) {
	doc, err := openapi.Lower(t.Context(), []byte(project(t, "")["specs/hello.yaml"]), "specs/hello.yaml", openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Tools) != 1 || doc.Tools[0].Name != "say_hello" || len(doc.Diagnostics) > 0 {
		t.Errorf("tools = %+v, diagnostics = %v; the README calls say_hello", doc.Tools, doc.Diagnostics)
	}
}
