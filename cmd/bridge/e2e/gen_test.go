package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pets is a small document; its operationId and its path can be replaced.
const pets = `openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: https://pets.example.com}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 100}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {pets: {type: array, items: {type: string}}}}}}}}
`

// module makes a Go module with the files in a folder of its own.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/gateway\n\ngo 1.26\n")
	for name, text := range files {
		write(t, dir, name, text)
	}
	return dir
}

// expect runs a command and checks how it ends, and that its output has each text.
func expect(t *testing.T, dir string, code int, texts []string, args ...string) outcome {
	t.Helper()
	got := bridge(t, dir, args...)
	if got.code != code {
		t.Errorf("bridge %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got.code, code, got.stdout, got.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(got.stdout+got.stderr, text) {
			t.Errorf("bridge %s: no %q in\n%s%s", strings.Join(args, " "), text, got.stdout, got.stderr)
		}
	}
	return got
}

// TestGenFromSubfolder generates what the module's bridge.yaml lists from a folder
// inside, as go generate does.
func TestGenFromSubfolder(t *testing.T) {
	t.Parallel()
	dir := module(t, map[string]string{
		"bridge.yaml": "gen: [{document: specs/*.yaml}]\n", "specs/pets.yaml": pets, "a/b/doc.go": "package b\n",
	})
	expect(t, filepath.Join(dir, "a", "b"), 0, []string{"pets_list_pets"}, "gen")
	expect(t, dir, 0, nil, "gen", "--check")
}

// TestGenAnotherName gives a document that is listed with a folder another name:
// the adapter in that folder stays.
func TestGenAnotherName(t *testing.T) {
	t.Parallel()
	dir := module(t, map[string]string{
		"bridge.yaml": "gen: [{document: pets.yaml, out: internal/pets}]\n", "pets.yaml": pets,
	})
	expect(t, dir, 0, nil, "gen")
	expect(t, dir, 0, []string{"other_list_pets"}, "gen", "pets.yaml", "--name", "other")
	expect(t, dir, 0, nil, "gen", "--check")
	if _, err := os.Stat(filepath.Join(dir, "generated", "other", "bridge.lock")); err != nil {
		t.Error(err)
	}
}

// TestGenListedByItself lists a document by itself and by a pattern.
func TestGenListedByItself(t *testing.T) {
	t.Parallel()
	dir := module(t, map[string]string{
		"api/specs/a.yaml": pets, "api/specs/b.yaml": pets,
		"api/bridge.yaml": "gen:\n  - document: specs/*.yaml\n  - {document: specs/b.yaml, name: second}\n",
	})
	expect(t, dir, 0, []string{"a_list_pets", "second_list_pets"}, "gen", "-c", "api/bridge.yaml")
	if found, err := filepath.Glob(filepath.Join(dir, "generated", "*", "bridge.lock")); err != nil || len(found) != 2 {
		t.Errorf("%v, %v", found, err)
	}
}

// lockOf reads what matters of an adapter's bridge.lock.
func lockOf(t *testing.T, dir, name string) (l struct {
	Tokens int
	Tools  map[string]struct{ Tokens int }
	Names  map[string]string
}) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "generated", name, "bridge.lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestGenCheck(t *testing.T) {
	t.Parallel()
	dir := module(t, map[string]string{"specs/pets.yaml": pets})
	expect(t, dir, 1, []string{"+++ ", "bridge.lock", "stale", "run `bridge gen specs/pets.yaml`"}, "gen", "specs/pets.yaml", "--check")
	if _, err := os.Stat(filepath.Join(dir, "generated")); err == nil {
		t.Error("--check wrote something")
	}
	expect(t, dir, 0, []string{"pets_list_pets", "GET /pets"}, "gen", "specs/pets.yaml")
	expect(t, dir, 0, nil, "gen", "specs/pets.yaml", "--check")

	write(t, dir, "specs/pets.yaml", strings.Replace(pets, "maximum: 100", "maximum: 50", 1))
	got := expect(t, dir, 1, []string{"-            \"maximum\": 100", "+            \"maximum\": 50"}, "gen", "specs/pets.yaml", "--check")
	if strings.Contains(got.stdout, "adapter.go") {
		t.Errorf("the diff shows files that are current:\n%s", got.stdout)
	}
	write(t, dir, "specs/pets.yaml", "openapi: [")
	expect(t, dir, 2, []string{"specs/pets.yaml:"}, "gen", "specs/pets.yaml", "--check")
}

// TestGenKeepsNames renames, removes and adds operations.
func TestGenKeepsNames(t *testing.T) {
	t.Parallel()
	dir := module(t, map[string]string{"specs/pets.yaml": pets})
	expect(t, dir, 0, nil, "gen", "specs/pets.yaml")
	renamed := strings.Replace(pets, "listPets", "allPets", 1)
	write(t, dir, "specs/pets.yaml", renamed)
	expect(t, dir, 0, []string{"pets_list_pets", "name-kept", "bridge gen --rename"}, "gen", "specs/pets.yaml")
	expect(t, dir, 0, nil, "gen", "specs/pets.yaml", "--check")
	expect(t, dir, 0, []string{"pets_all_pets"}, "gen", "specs/pets.yaml", "--rename")
	expect(t, dir, 0, nil, "gen", "specs/pets.yaml", "--check")

	write(t, dir, "specs/pets.yaml", strings.Replace(renamed, "/pets:", "/animals:", 1))
	expect(t, dir, 0, []string{"pets_all_pets_"}, "gen", "specs/pets.yaml")
	if names := lockOf(t, dir, "pets").Names; names["GET /pets"] != "all_pets" || len(names) != 2 {
		t.Errorf("the ledger lost the name of an operation that is gone: %v", names)
	}
	write(t, dir, "generated/pets/bridge.lock", "<<<<<<< HEAD\n")
	expect(t, dir, 2, []string{"bridge.lock", "restore it"}, "gen", "specs/pets.yaml")
}

// TestLockCountsAsServed compares the lock's tokens with those of `bridge tools`.
func TestLockCountsAsServed(t *testing.T) {
	t.Parallel()
	dir := module(t, nil)
	crm := filepath.Join(repo, "specs", "crm.yaml")
	sums := map[string]int{}
	for _, profile := range []string{"default", "anthropic"} {
		expect(t, dir, 0, nil, "gen", crm, "--profile", profile)
		var served struct {
			Tools []struct {
				Name   string
				Tokens int
			}
		}
		if err := json.Unmarshal([]byte(expect(t, dir, 0, nil, "tools", crm, "--json", "--profile", profile).stdout), &served); err != nil {
			t.Fatal(err)
		}
		locked, sum := lockOf(t, dir, "crm"), 0
		for _, s := range served.Tools {
			sum += s.Tokens
			if l := locked.Tools[strings.TrimPrefix(s.Name, "crm_")]; l.Tokens != s.Tokens {
				t.Errorf("%s: %s costs %d tokens served and %d in the lock", profile, s.Name, s.Tokens, l.Tokens)
			}
		}
		if sum != locked.Tokens || len(served.Tools) != len(locked.Tools) || sum == 0 {
			t.Errorf("%s: %d tools and %d tokens served, %d and %d in the lock", profile, len(served.Tools), sum, len(locked.Tools), locked.Tokens)
		}
		sums[profile] = sum
	}
	if sums["default"] == sums["anthropic"] {
		t.Errorf("the profile changed nothing: %v", sums)
	}
}

// TestGenManyDocuments gives several documents in each way, a broken one among
// them.
func TestGenManyDocuments(t *testing.T) {
	t.Parallel()
	dir := module(t, map[string]string{
		"specs/a.yaml": pets, "specs/b.yaml": "openapi: [", "specs/c.yaml": pets, "other/a.yaml": pets,
		"bridge.yaml":  "gen:\n  - document: specs/a.yaml\n    name: first\n  - {document: other/a.yaml, out: internal/pets, overlays: [overlay.yaml]}\n",
		"overlay.yaml": "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n  - {target: '$.paths[\"/pets\"].get', update: {operationId: fromTheOverlay}}\n",
	})
	got := expect(t, dir, 2, []string{"specs/b.yaml"}, "gen", "specs/*.yaml")
	if first, third := strings.Index(got.stdout, "first_list_pets"), strings.Index(got.stdout, "c_list_pets"); first < 0 || third < first {
		t.Errorf("the others were not generated in order, by their settings:\n%s", got.stdout)
	}
	index, err := os.ReadFile(filepath.Join(dir, "generated", "generated.go"))
	if err != nil || !strings.Contains(string(index), "c.Adapter()") || !strings.Contains(string(index), "first.Adapter()") || strings.Contains(string(index), "b.Adapter()") {
		t.Errorf("generated.go: %v\n%s", err, index)
	}
	expect(t, dir, 1, []string{"run `bridge gen`"}, "gen", "--check")
	expect(t, dir, 0, []string{"a_from_the_overlay"}, "gen")
	expect(t, dir, 0, nil, "gen", "--check")
	if _, err := os.Stat(filepath.Join(dir, "internal", "pets", "bridge.lock")); err != nil {
		t.Error(err)
	}
	expect(t, dir, 2, []string{"specs/c.yaml", "./specs/c.yaml", "would both be written"}, "gen", "specs/c.yaml", "./specs/c.yaml")
	expect(t, dir, 2, []string{"--name", "one document, not 2"}, "gen", "specs/a.yaml", "specs/c.yaml", "--name", "x")
	expect(t, dir, 2, []string{"no file fits the pattern none/*.yaml"}, "gen", "none/*.yaml")
	expect(t, t.TempDir(), 2, []string{"under gen: in bridge.yaml"}, "gen")
}

func TestDiff(t *testing.T) {
	t.Parallel()
	dir := module(t, map[string]string{"specs/pets.yaml": pets, "sub/x": ""})
	expect(t, dir, 0, nil, "gen", "specs/pets.yaml")
	for _, args := range [][]string{{"init", "-q", "-b", "main", "."}, {"add", "."}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "first"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("git %v: %v\n%s", args, err, out)
		}
	}
	expect(t, dir, 0, []string{"nothing changes for callers"}, "diff", "generated/pets", "specs/pets.yaml")
	write(t, dir, "specs/pets.yaml", strings.Replace(strings.Replace(pets, "maximum: 100", "maximum: 50", 1), "listPets", "all@team", 1))
	expect(t, dir, 0, nil, "gen", "specs/pets.yaml")

	narrower := []string{"Breaking", "list_pets", "input.limit maximum was 100 and is now 50"}
	expect(t, dir, 1, narrower, "diff", "main:generated/pets", "generated/pets")
	expect(t, dir, 1, narrower, "diff", "HEAD:generated/pets/bridge.lock", "generated/pets/bridge.lock")
	expect(t, filepath.Join(dir, "sub"), 1, narrower, "diff", "main:../generated/pets", "../generated/pets")
	expect(t, dir, 1, []string{"tool-renamed"}, "diff", "main:specs/pets.yaml", "specs/pets.yaml", "--json")
	got := expect(t, dir, 1, []string{"### Tools of `generated/pets`: 1 breaking", "**Breaking**", "- `list_pets`: input.limit"}, "diff", "main:generated/pets", "generated/pets", "--markdown")
	if strings.Contains(got.stdout, "\x1b") {
		t.Errorf("colours where no terminal is:\n%q", got.stdout)
	}
	var report struct {
		Breaking bool
		Changes  []struct{ Level, Kind, Where string }
	}
	if err := json.Unmarshal([]byte(bridge(t, dir, "diff", "main:generated/pets", "generated/pets", "--json").stdout), &report); err != nil || !report.Breaking || report.Changes[0].Where != "input.limit" {
		t.Errorf("%v %+v", err, report)
	}
	for _, c := range [][]string{
		{"no file nope.yaml", "nope.yaml", "specs/pets.yaml"},
		{"at nope", "nope:specs/pets.yaml", "specs/pets.yaml"},
		{"git has no specs/none.yaml at main", "main:specs/none.yaml", "specs/pets.yaml"},
		{"revision", "--:x.yaml", "specs/pets.yaml"},
		{"no adapter's folder", "specs", "specs/pets.yaml"},
	} {
		expect(t, dir, 2, c[:1], "diff", "--", c[1], c[2])
	}
}

// TestDiffIsInert compares documents whose words would steer a terminal, mention
// people or link to places.
func TestDiffIsInert(t *testing.T) {
	t.Parallel()
	nasty := "\x1b[31m@team https://evil.example <img src=x> `code` | [a](b) \u202e"
	schema := func(values ...string) string {
		list, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Replace(pets, "type: integer, maximum: 100", "type: string, enum: "+string(list), 1)
	}
	dir := module(t, map[string]string{"old.yaml": schema("a", nasty), "new.yaml": schema("a")})
	text := expect(t, dir, 1, []string{"may no longer be"}, "diff", "old.yaml", "new.yaml").stdout
	if strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("a terminal would obey %q", text)
	}
	comment := expect(t, dir, 1, []string{"may no longer be", "&#64;team"}, "diff", "old.yaml", "new.yaml", "--markdown").stdout
	for _, live := range []string{"@team", "https://", "<img", "[a]", "`code`", "\x1b", "\u202e"} {
		if strings.Contains(comment, live) {
			t.Errorf("%q is alive in\n%s", live, comment)
		}
	}
}

// TestInterpretedAdapterKeepsNames serves an adapter that is not compiled in: its
// tools have the names that its lock gives them.
func TestInterpretedAdapterKeepsNames(t *testing.T) {
	t.Parallel()
	dir := module(t, map[string]string{"specs/pets.yaml": pets, "bridge.yaml": "sources: {pets: {adapter: pets}}\n"})
	expect(t, dir, 0, nil, "gen", "specs/pets.yaml")
	write(t, dir, "specs/pets.yaml", strings.Replace(pets, "listPets", "allPets", 1))
	expect(t, dir, 0, []string{"pets_list_pets"}, "tools")
}
