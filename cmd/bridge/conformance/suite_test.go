package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/cmd/bridge/e2e/process"
)

// suiteDeadline bounds one run of the suite, which takes some seconds.
const suiteDeadline = 2 * time.Minute

// suite is the official suite's program.
const suite = "node_modules/@modelcontextprotocol/conformance/dist/index.js"

// scenario is what the suite says of one.
type scenario struct {
	name           string
	passed, failed int
	// unscored says why the revision does not require it: "extension", "pending"
	// or "added-after-release"; "" if it does.
	unscored string
}

// report is what one run of the suite said.
type report struct {
	scenarios []scenario
	failures  string // the failed checks, each with its message
}

// score says how much of what the revision requires has passed.
func (r report) score() string {
	var scenarios, whole, checks, passed, beyond, beyondWhole int
	for _, s := range r.scenarios {
		if s.unscored != "" {
			beyond++
			beyondWhole += btoi(s.failed == 0)
			continue
		}
		scenarios++
		whole += btoi(s.failed == 0)
		checks += s.passed + s.failed
		passed += s.passed
	}
	return fmt.Sprintf("%d of %d scenarios, %d of %d checks (and %d of %d that are not scored)",
		whole, scenarios, passed, checks, beyondWhole, beyond)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// conform runs all that the suite has for the revision against url.
func conform(t *testing.T, url, revision string) report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), suiteDeadline)
	defer cancel()
	results := t.TempDir()
	cmd := exec.CommandContext(ctx, process.Node(t, "."), suite, "server", "--url", url, "--requirements", revision, "--output-dir", results)
	out, err := cmd.CombinedOutput()
	var exited *exec.ExitError // as it does after any failure
	if err != nil && !errors.As(err, &exited) || ctx.Err() != nil {
		t.Fatalf("the suite: %v\n%s", err, out)
	}
	_, summary, found := bytes.Cut(out, []byte("=== SUMMARY ==="))
	if !found {
		t.Fatalf("the suite printed no summary:\n%s", out)
	}
	return report{parse(t, summary), failures(t, results)}
}

var (
	scoreLine    = regexp.MustCompile(`^[✓✗~] (\S+): (\d+) passed, (\d+) failed`)
	unscoredLine = regexp.MustCompile(`^ +[✓✗~] (\S+) \(([a-z-]+)\)`)
	escapes      = regexp.MustCompile("\x1b\\[[0-9;]*m")
)

// parse reads the suite's summary.
func parse(t *testing.T, summary []byte) []scenario {
	t.Helper()
	var all []scenario
	index := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(summary)); lines.Scan(); {
		line := escapes.ReplaceAllString(lines.Text(), "")
		if m := scoreLine.FindStringSubmatch(line); m != nil {
			passed, _ := strconv.Atoi(m[2])
			failed, _ := strconv.Atoi(m[3])
			index[m[1]] = len(all)
			all = append(all, scenario{name: m[1], passed: passed, failed: failed})
		} else if m := unscoredLine.FindStringSubmatch(line); m != nil {
			if i, known := index[m[1]]; known {
				all[i].unscored = m[2]
			}
		}
	}
	if len(all) < 20 {
		t.Fatalf("the suite ran only %d scenarios:\n%s", len(all), summary)
	}
	return all
}

// failures returns the failed checks of a run with their messages.
func failures(t *testing.T, results string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(results, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "checks.json" {
			return err
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var checks []struct {
			ID, Status, ErrorMessage string
			Details                  json.RawMessage
		}
		if err := json.Unmarshal(raw, &checks); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, c := range checks {
			if c.Status != "SUCCESS" && c.Status != "INFO" && c.Status != "SKIPPED" {
				fmt.Fprintf(&b, "%s %s %s: %s %.600s\n", filepath.Base(filepath.Dir(file)), c.ID, c.Status, c.ErrorMessage, c.Details)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// needSuite skips a test where npm is not there to install the suite, except in
// CI, where it must be.
func needSuite(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("the conformance suite is not for -short")
	}
	if _, err := os.Stat(suite); err == nil {
		return
	}
	if _, err := exec.LookPath("npm"); err != nil && os.Getenv("CI") == "" {
		t.Skip("npm is not installed")
	}
	t.Fatal("the pinned suite is not installed; run `make conformance`, or `npm ci` in this folder")
}
