package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// block is a fenced block of README.md.
type block struct{ language, text string }

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestReadme runs README.md's "sh" blocks in order, as a reader would, in a copy
// of what the repository has. Where a "text" block follows, its lines must occur
// in the output in their order; "…" stands for any text.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(repo, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, m := range fence.FindAllStringSubmatch(string(readme), -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	dir := t.TempDir()
	for _, name := range []string{"specs", "generated", "go.mod"} {
		if out, err := exec.Command("cp", "-r", filepath.Join(repo, name), dir).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	ran := 0
	for i, b := range blocks {
		if b.language != "sh" {
			continue
		}
		ran++
		out := shell(t, dir, b.text)
		if i+1 < len(blocks) && blocks[i+1].language == "text" {
			inOrder(t, b.text, out, blocks[i+1].text)
		}
	}
	if ran < 10 {
		t.Errorf("only %d blocks were run", ran)
	}
}

// shell runs a block. Lines that end in "&" are started one by one and stay
// until the test ends.
func shell(t *testing.T, dir, script string) string {
	t.Helper()
	if lines := strings.Split(strings.TrimSpace(script), "\n"); strings.HasSuffix(lines[0], "&") {
		for _, line := range lines {
			background(t, dir, strings.TrimSuffix(line, "&"))
		}
		return ""
	}
	cmd := command(dir, script)
	done := time.AfterFunc(deadline, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer done.Stop()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

func command(dir, script string) *exec.Cmd {
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"), "DEMO="+filepath.Join(dir, "gateway"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// background starts a serving command and waits until it says that it serves.
func background(t *testing.T, dir, line string) {
	t.Helper()
	cmd := command(dir, "exec "+line)
	log := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, log)
		}
	})
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(log.String(), "operations at") || strings.Contains(log.String(), "tools\n") {
			return
		}
	}
	t.Fatalf("%s did not serve:\n%s", line, log)
}

// inOrder checks that the lines of want occur in got, one after the other.
func inOrder(t *testing.T, script, got, want string) {
	t.Helper()
	rest := got
	for _, line := range strings.Split(strings.TrimRight(want, "\n"), "\n") {
		pattern := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(line), "…", `(?s:.*?)`))
		at := pattern.FindStringIndex(rest)
		if at == nil {
			t.Errorf("%s\nlacks %q in\n%.3000s", script, line, got)
			return
		}
		rest = rest[at[1]:]
	}
}
