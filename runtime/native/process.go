package native

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Times of a process's end.
const (
	stdinGrace = 500 * time.Millisecond // from the end of its input to SIGTERM
	termGrace  = 3 * time.Second        // from SIGTERM to SIGKILL
	pipeGrace  = time.Second            // for the messages before its end to be read
	wordsGrace = pipeGrace / 4          // for its last words to be read
)

// process is a server's process with its group and its pipes.
type process struct {
	cmd    *exec.Cmd
	stdin  *os.File
	stdout *os.File
	lines  *lineLog

	exited  chan struct{} // closed when the process itself has ended
	drained chan struct{} // closed when nothing more can be read from stdout
	gone    chan struct{} // closed when its pipes are closed and its readers done
	drain   sync.Once
	said    chan struct{} // closed when standard error has been read to its end
	stop    func()
}

// startProcess starts the options' command with pipes that are ours, so that no
// grandchild that holds them can keep us waiting.
func (s *Source) startProcess() (*process, error) {
	o := s.opts
	cmd := exec.Command(o.Command[0], o.Command[1:]...)
	cmd.Dir, cmd.Env = o.Dir, environ(o.Env)
	ownGroup(cmd)

	pipes, err := newPipes()
	if err != nil {
		return nil, fault.Wrap("native.start", fault.Unavailable, s.says("could not be started: the gateway has no file descriptor left"), err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = pipes[0].r, pipes[1].w, pipes[2].w
	err = cmd.Start()
	closeFiles(pipes[0].r, pipes[1].w, pipes[2].w)
	if err != nil {
		closeFiles(pipes[0].w, pipes[1].r, pipes[2].r)
		return nil, fault.Wrap("native.start", fault.Unavailable, s.says(whyNoStart(o.Command[0], o.Dir, err)), err)
	}
	p := &process{
		cmd: cmd, stdin: pipes[0].w, stdout: pipes[1].r, lines: newLineLog(s.log, s.redact),
		exited: make(chan struct{}), drained: make(chan struct{}), gone: make(chan struct{}), said: make(chan struct{}),
	}
	p.stop = sync.OnceFunc(p.end)
	go func() {
		defer close(p.said)
		p.lines.copyFrom(pipes[2].r, "stderr")
	}()
	go p.wait(pipes[2].r)
	s.log.Info("MCP server started", "pid", cmd.Process.Pid)
	return p, nil
}

// wait reaps the process, ends what is left of its group, and lets go of the
// pipes. It runs for as long as the process; a session's end waits for it by gone.
func (p *process) wait(stderr *os.File) {
	defer close(p.gone)
	_ = p.cmd.Wait() // the status is in ProcessState
	killGroup(p.cmd)
	close(p.exited)
	timer := time.NewTimer(pipeGrace)
	defer timer.Stop()
	select {
	case <-p.drained:
	case <-timer.C: // a process that left the group holds stdout
	}
	closeFiles(p.stdin, p.stdout)
	// All writers are gone, or have had their time.
	_ = stderr.SetReadDeadline(time.Now().Add(wordsGrace))
	<-p.said
	closeFiles(stderr)
}

// shutDown ends the whole group, and waits until all that was started for it is
// done.
func (p *process) shutDown() {
	p.stop()
	<-p.gone
}

// ends returns the gateway's ends of its standard input and output.
func (p *process) ends() ends {
	return ends{in: p.stdout, out: p.stdin, close: func() { closeFiles(p.stdin, p.stdout) }, drained: p.finish, noise: p.noise}
}

// end ends the whole group: end of input, SIGTERM, SIGKILL.
func (p *process) end() {
	closeFiles(p.stdin)
	if p.hasExited(stdinGrace) {
		return
	}
	terminateGroup(p.cmd)
	if p.hasExited(termGrace) {
		return
	}
	killGroup(p.cmd)
	<-p.exited
}

// hasExited waits for the process's end, at most d.
func (p *process) hasExited(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
	}
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// epitaph says how the process, which has exited, ended: its status and its last
// lines.
func (p *process) epitaph() string {
	timer := time.NewTimer(wordsGrace)
	defer timer.Stop()
	select {
	case <-p.said:
	case <-timer.C:
	}
	text := p.cmd.ProcessState.String()
	if words := p.lines.lastWords(); words != "" {
		text += "; it wrote: " + words
	}
	return text
}

// finish notes that nothing more is read from standard output.
func (p *process) finish() { p.drain.Do(func() { close(p.drained) }) }

// noise logs a line of standard output that is no message.
func (p *process) noise(line string) { p.lines.add(slog.LevelWarn, "stdout", line) }

func whyNoStart(program, dir string, err error) string {
	switch {
	case dir != "" && !isDir(dir):
		return "could not be started: there is no folder " + quote(dir) + " to run it in"
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("could not be started: there is no program %q; install it, or give its whole path", program)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("could not be started: %q may not be run by the gateway's user", program)
	default:
		return fmt.Sprintf("could not be started: %q does not run here", program)
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

type pipe struct{ r, w *os.File }

// newPipes returns pipes for standard input, output and error.
func newPipes() (pipes [3]pipe, err error) {
	for i := range pipes {
		if pipes[i].r, pipes[i].w, err = os.Pipe(); err != nil {
			for _, p := range pipes[:i] {
				closeFiles(p.r, p.w)
			}
			return pipes, err
		}
	}
	return pipes, nil
}

// closeFiles closes files that may have been closed before.
func closeFiles(files ...*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// says begins a message about the source's server.
func (s *Source) says(what string) string {
	return "the MCP server " + quote(s.opts.Name) + " " + strings.TrimSpace(what)
}
