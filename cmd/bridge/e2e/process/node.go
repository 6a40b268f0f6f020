//go:build unix

package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// needed is the oldest Node that the conformance suite and the inspector run on.
const needed = 22

// Node returns a Node for programs that need a newer one than machines have: the
// one that is pinned in folder, or where its platform has none the one of PATH if
// it is new enough.
func Node(t testing.TB, folder string) string {
	t.Helper()
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	pinned, err := filepath.Abs(filepath.Join(folder, "node_modules", "node-"+runtime.GOOS+"-"+arch, "bin", "node"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(pinned); err == nil {
		return pinned
	}
	out, err := exec.Command("node", "--version").Output()
	major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
	if n, bad := strconv.Atoi(major); err != nil || bad != nil || n < needed {
		t.Fatalf("this needs Node %d or later, and here is %q (%v); run `npm ci` in %s", needed, out, err, folder)
	}
	return "node"
}
