package generator_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/bridge-gateway/bridge/generator"
)

// overlay lays generated packages over the module, where the go command finds
// them and nothing else does.
type overlay struct {
	dir     string // where the files really are
	root    string // the module's
	replace map[string]string
	paths   []string // the packages, as patterns
}

func newOverlay(t *testing.T) *overlay {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return &overlay{dir: t.TempDir(), root: root, replace: map[string]string{}}
}

// add lays a package over the module at a path below its root.
func (o *overlay) add(t *testing.T, path string, files []generator.File) {
	t.Helper()
	o.paths = append(o.paths, "./"+path)
	for _, f := range files {
		real := filepath.Join(o.dir, path, f.Name)
		if err := os.MkdirAll(filepath.Dir(real), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(real, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		o.replace[filepath.Join(o.root, filepath.FromSlash(path), f.Name)] = real
	}
}

// run runs a go command over the packages and fails with what it says.
func (o *overlay) run(t *testing.T, command string, args ...string) {
	t.Helper()
	list, err := json.Marshal(map[string]any{"Replace": o.replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(o.dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o644); err != nil {
		t.Fatal(err)
	}
	all := append([]string{command, "-overlay", file}, args...)
	cmd := exec.CommandContext(t.Context(), "go", append(all, o.paths...)...)
	cmd.Dir = o.root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", command, err, out)
	}
}

func TestGoldensCompile(t *testing.T) {
	o := newOverlay(t)
	for _, g := range goldens(t) {
		if files, err := generator.Generate(g.tools, g.opts); err == nil {
			o.add(t, "generated/golden"+g.name(), files)
		}
	}
	o.run(t, "build")
	o.run(t, "vet")
}
