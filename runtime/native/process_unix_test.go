//go:build unix

package native_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/native"
)

// gone reports whether a process has ended; one that just nobody has reaped yet
// counts as gone.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && bytes.Contains(stat, []byte(") Z"))
}

// family starts a server with a child of its own, and returns their pids.
func family(t *testing.T) (s *native.Source, parent, child int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pids")
	s = command(t, "grandchild", func(o *native.Options) { o.Env["PIDFILE"] = file })
	if _, err := invoke(t, s, "echo", `{}`); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(raw), &parent, &child); err != nil {
		t.Fatal(err)
	}
	if gone(parent) || gone(child) {
		t.Fatal("the family is not at home")
	}
	return s, parent, child
}

func TestCloseEndsTheWholeGroup(t *testing.T) {
	s, parent, child := family(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !gone(parent) {
		t.Error("the server runs on")
	}
	until(t, "the grandchild's end", func() bool { return gone(child) })
}

func TestKilledServerIsReplaced(t *testing.T) {
	s, parent, child := family(t)
	if err := syscall.Kill(parent, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "the grandchild's end", func() bool { return gone(child) })
	<-s.Changes() // nobody has called, and it is back
	if st := s.State(); st.Status != native.Connected {
		t.Errorf("state %+v", st)
	}
	if got, err := invoke(t, s, "echo", `{"again":1}`); err != nil || got != `{"again":1}` {
		t.Fatalf("after the kill: %q, %v", got, err)
	}
}

func TestDescriptorsComeBack(t *testing.T) {
	count := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc here")
		}
		return len(files)
	}
	cycle := func() {
		s := command(t, "normal")
		if _, err := invoke(t, s, "echo", `{}`); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	cycle()
	before := count()
	for range 5 {
		cycle()
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors, then %d", before, after)
	}
}
