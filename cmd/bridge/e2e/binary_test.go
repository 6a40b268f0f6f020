package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the built bridge, repo the root of the repository.
var binary, repo string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bridge-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "bridge")
	if repo, err = filepath.Abs("../../.."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	build := exec.Command("go", "build", "-o", binary, "./cmd/bridge")
	build.Dir = repo
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building bridge: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// outcome is what a finished command left.
type outcome struct {
	code           int
	stdout, stderr string
}

// bridge runs a command of the binary to its end, in dir.
func bridge(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	return bridgeIn(t, dir, "", args...)
}

func bridgeIn(t *testing.T, dir, stdin string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("bridge %s did not end:\n%s%s", strings.Join(args, " "), &stdout, &stderr)
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// server is a running command of the binary that serves HTTP.
type server struct {
	cmd   *exec.Cmd
	url   string // what it said that it serves
	log   *syncBuffer
	ended chan struct{}
}

var servesURL = regexp.MustCompile(`serves .*?(http://[^\s]+)`)

// start runs a serving command in dir and waits until it says where it serves.
func start(t *testing.T, dir string, args ...string) *server {
	t.Helper()
	s := &server{cmd: exec.Command(binary, args...), log: &syncBuffer{}, ended: make(chan struct{})}
	s.cmd.Dir = dir
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.Stderr = s.log
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t) })
	found := make(chan string, 1)
	go func() {
		defer close(s.ended)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			fmt.Fprintln(s.log, lines.Text())
			if m := servesURL.FindStringSubmatch(lines.Text()); m != nil && len(found) == 0 {
				found <- m[1]
			}
		}
		_, _ = io.Copy(s.log, stdout)
		_ = s.cmd.Wait()
	}()
	select {
	case s.url = <-found:
	case <-s.ended:
		t.Fatalf("bridge %s ended:\n%s", strings.Join(args, " "), s.log)
	case <-time.After(30 * time.Second):
		t.Fatalf("bridge %s did not say where it serves:\n%s", strings.Join(args, " "), s.log)
	}
	return s
}

// stop interrupts the server, as Ctrl-C does, and waits for its end.
func (s *server) stop(t *testing.T) {
	select {
	case <-s.ended:
		return
	default:
	}
	_ = s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		t.Errorf("bridge did not end within 30 s of an interrupt:\n%s", s.log)
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		<-s.ended
	}
}

// ready waits until the gateway has tried all its sources.
func (s *server) ready(t *testing.T) {
	t.Helper()
	base := strings.TrimSuffix(s.url, "/mcp")
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		res, err := http.Get(base + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the gateway was not ready in time:\n%s", s.log)
}

// syncBuffer is a buffer that several goroutines write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// write puts a file into dir.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// needNode skips a test on a machine without Node, except in CI, where it must
// be there.
func needNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI needs Node for the end-to-end tests")
		}
		t.Skip("Node is not installed")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Fatal("the pinned npm packages are not installed; run `make e2e`, or `npm ci` in this folder")
	}
}
