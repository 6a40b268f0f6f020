package generator_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

var update = flag.Bool("update", false, "write what the generator makes into the goldens")

// wanted begins the names of a golden's wanted files.
const wanted = "want/"

// golden is a case of testdata: tools and options in, files or an error out.
type golden struct {
	path    string
	archive *txtar.Archive
	opts    generator.Options
	tools   []tool.Tool
}

func goldens(t *testing.T) []golden {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	var out []golden
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		g := golden{path: path, archive: archive}
		g.read(t, "options.json", &g.opts)
		g.read(t, "tools.json", &g.tools)
		compact(t, g.tools)
		out = append(out, g)
	}
	return out
}

func (g golden) name() string { return strings.TrimSuffix(filepath.Base(g.path), ".txtar") }

func (g golden) read(t *testing.T, name string, into any) {
	t.Helper()
	for _, f := range g.archive.Files {
		if f.Name != name {
			continue
		}
		if err := json.Unmarshal(f.Data, into); err != nil {
			t.Fatalf("%s: %s: %v", g.path, name, err)
		}
		return
	}
	t.Fatalf("%s has no %s", g.path, name)
}

// compact brings the schemas to the form that lowering gives them.
func compact(t *testing.T, tools []tool.Tool) {
	t.Helper()
	for i := range tools {
		for _, raw := range []*json.RawMessage{&tools[i].Input, &tools[i].Output} {
			var b bytes.Buffer
			if len(*raw) == 0 {
				continue
			}
			if err := json.Compact(&b, *raw); err != nil {
				t.Fatal(err)
			}
			*raw = b.Bytes()
		}
	}
}

func TestGolden(t *testing.T) {
	for _, g := range goldens(t) {
		t.Run(g.name(), func(t *testing.T) {
			files, err := generator.Generate(g.tools, g.opts)
			if err != nil {
				files = []generator.File{{Name: "error", Data: []byte(err.Error() + "\n")}}
			}
			if *update {
				g.write(t, files)
				return
			}
			g.compare(t, files)
		})
	}
}

func (g golden) compare(t *testing.T, files []generator.File) {
	t.Helper()
	want := map[string]string{}
	for _, f := range g.archive.Files {
		if name, ok := strings.CutPrefix(f.Name, wanted); ok {
			want[name] = string(f.Data)
		}
	}
	for _, f := range files {
		if got := string(f.Data); got != want[f.Name] {
			t.Errorf("%s is not as in %s; run with -update and review. Got:\n%s", f.Name, g.path, got)
		}
		delete(want, f.Name)
	}
	for name := range want {
		t.Errorf("%s was not made", name)
	}
}

func (g golden) write(t *testing.T, files []generator.File) {
	t.Helper()
	kept := g.archive.Files[:0]
	for _, f := range g.archive.Files {
		if !strings.HasPrefix(f.Name, wanted) {
			kept = append(kept, f)
		}
	}
	for _, f := range files {
		kept = append(kept, txtar.File{Name: wanted + f.Name, Data: f.Data})
	}
	g.archive.Files = kept
	if err := os.WriteFile(g.path, txtar.Format(g.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
