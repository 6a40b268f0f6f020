package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"
)

// roles are what a process that this program starts can be.
var roles = map[string]func(context.Context, []string) error{
	"upstream":     playUpstream,
	"reverseproxy": playReverseProxy,
	"sdkproxy":     playSDKProxy,
	"bridge":       playBridge,
	"load":         playLoad,
}

// process is a started role.
type process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
	addr  string // what it says that it listens on
}

// usage is what a process has used so far, and holds now.
type usage struct {
	CPU     time.Duration
	Allocs  uint64
	Bytes   uint64 // allocated
	Held    uint64 // heap and stacks in use
	Garbage uint32 // collections
}

// start starts a role, and waits until it says where it listens.
func start(ctx context.Context, role string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{role}, args...)...)
	cmd.Env = append(os.Environ(), roleVariable+"=1")
	cmd.Stderr = os.Stderr
	p := &process{cmd: cmd}
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.lines = bufio.NewScanner(out)
	slow := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer slow.Stop()
	line, err := p.line("listening ")
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("%s: %w", role, err)
	}
	p.addr = line
	return p, nil
}

// roleVariable tells a test binary that it is started as a role.
const roleVariable = "CALLPATH_ROLE"

// line returns the rest of the next line that begins so.
func (p *process) line(prefix string) (string, error) {
	for p.lines.Scan() {
		if rest, ok := strings.CutPrefix(p.lines.Text(), prefix); ok {
			return rest, nil
		}
	}
	return "", fmt.Errorf("it ended without saying %q", prefix)
}

// usage asks the process what it has used.
func (p *process) usage() (u usage, err error) { return u, p.ask("usage", &u) }

// settled is usage after garbage was collected and given back.
func (p *process) settled() (u usage, err error) { return u, p.ask("settle", &u) }

func (p *process) ask(what string, into any) error {
	if _, err := io.WriteString(p.in, what+"\n"); err != nil {
		return err
	}
	line, err := p.line("answer ")
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(line), into)
}

// stop ends the process, which ends when its standard input does, and waits.
func (p *process) stop() {
	_ = p.in.Close()
	timer := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	_ = p.cmd.Wait() // how it ended does not matter any more
}

// answer says where a role listens and then answers what is asked on standard
// input, until that ends.
func answer(addr string) error {
	fmt.Println("listening " + addr)
	asked := bufio.NewScanner(os.Stdin)
	var profiling *os.File
	for asked.Scan() {
		what, file, _ := strings.Cut(asked.Text(), " ")
		switch what {
		case "profile":
			f, err := os.Create(file)
			if err != nil {
				return err
			}
			if err := pprof.StartCPUProfile(f); err != nil {
				return err
			}
			profiling = f
		case "settle":
			debug.FreeOSMemory()
			debug.FreeOSMemory()
		}
		text, err := json.Marshal(used())
		if err != nil {
			return err
		}
		fmt.Println("answer " + string(text))
	}
	if profiling != nil {
		pprof.StopCPUProfile()
		return profiling.Close()
	}
	return asked.Err()
}

func used() usage {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{CPU: cpu(), Allocs: m.Mallocs, Bytes: m.TotalAlloc, Held: m.HeapInuse + m.StackInuse, Garbage: m.NumGC}
}
