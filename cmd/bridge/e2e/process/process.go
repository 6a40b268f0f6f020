//go:build unix

// Package process builds programs and runs them for tests of the whole: each in
// a process group of its own, with its output kept, ended with its test.
package process

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a program may take to start, and to end once it is told.
const patience = 30 * time.Second

// Build builds the main package pkg into dir and returns the program's path. It
// is for a TestMain, which has no testing.TB.
func Build(dir, pkg string) (string, error) {
	program := filepath.Join(dir, path.Base(pkg))
	if out, err := exec.Command("go", "build", "-o", program, pkg).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return program, nil
}

// Process is a running program.
type Process struct {
	Log   *Log // what it wrote to standard output and standard error
	cmd   *exec.Cmd
	ended chan struct{}
}

// Start starts a program in dir. The test interrupts it when it ends, and fails
// if it does not end then.
func Start(t testing.TB, dir, program string, args ...string) *Process {
	t.Helper()
	p := &Process{Log: &Log{}, cmd: exec.Command(program, args...), ended: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Stdout, p.cmd.Stderr = p.Log, p.Log
	p.cmd.WaitDelay = time.Second // what a grandchild holds open is no reason to wait
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() { p.Stop(t) })
	return p
}

// PID returns the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Await waits until the log matches and returns the first group of the match.
func (p *Process) Await(t testing.TB, pattern *regexp.Regexp) string {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if m := pattern.FindStringSubmatch(p.Log.String()); m != nil {
			return m[1]
		}
		select {
		case <-p.ended:
			t.Fatalf("%s ended:\n%s", p.cmd, p.Log)
		default:
		}
	}
	t.Fatalf("%s did not say %s:\n%s", p.cmd, pattern, p.Log)
	return ""
}

// Serves waits until something answers HTTP at url with a status below 500.
func (p *Process) Serves(t testing.TB, url string) {
	t.Helper()
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if res, err := client.Get(url); err == nil {
			_ = res.Body.Close()
			if res.StatusCode < http.StatusInternalServerError {
				return
			}
		}
	}
	t.Fatalf("%s did not serve %s:\n%s", p.cmd, url, p.Log)
}

// Stop interrupts the program, as Ctrl-C does, and waits for its end. What its
// group leaves behind is killed.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Errorf("%s did not end within %v of an interrupt:\n%s", p.cmd, patience, p.Log)
	}
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.ended
}

// Quit ends a Go program by SIGQUIT, at which it writes the stacks of its
// goroutines to its log.
func (p *Process) Quit(t testing.TB) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Errorf("%s did not end within %v of SIGQUIT", p.cmd, patience)
	}
}

// FreeAddress returns an address of loopback that nothing listened at just now.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// Log is what a program wrote, of which the last megabytes are kept.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const keptLog = 8 << 20

// Write appends to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.b.Len() > keptLog {
		l.b.Next(l.b.Len() / 2)
	}
	return l.b.Write(p)
}

// String returns the log as it is now.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Tail returns the log's last lines.
func (l *Log) Tail(lines int) string {
	all := strings.SplitAfter(l.String(), "\n")
	return strings.Join(all[max(0, len(all)-lines-1):], "")
}
