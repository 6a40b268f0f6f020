package manager

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// letGo is how long a command's children may hold its output once it has ended.
const letGo = time.Second

// errTooMuch ends a command that prints too much.
var errTooMuch = errors.New("more output than a secret may have")

// run returns what a command prints, without one line end at its end.
func run(ctx context.Context, dir, command string) (string, error) {
	words, err := reference.Command(command)
	if err != nil {
		return "", fault.New("secret.exec", fault.Invalid, err.Error())
	}
	running, kill := context.WithCancel(ctx)
	defer kill()
	out, said := &bounded{full: kill}, new(counted)
	cmd := exec.CommandContext(running, words[0], words[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = dir, out, said, letGo
	if err := cmd.Run(); err != nil {
		return "", commandFailed(ctx, words[0], err, out.over, int(*said))
	}
	text := strings.TrimSuffix(strings.TrimSuffix(out.text.String(), "\n"), "\r")
	if text == "" {
		return "", commandFault(words[0], "printed nothing", int(*said), nil)
	}
	return text, nil
}

func commandFailed(ctx context.Context, program string, err error, full bool, said int) error {
	var exit *exec.ExitError
	switch {
	case full:
		return commandFault(program, fmt.Sprintf("printed more than %d bytes", maxSecret), said, errTooMuch)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return commandFault(program, "did not end in time and was stopped; it must ask nothing", said, ctx.Err())
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return fault.New("secret.exec", fault.Unavailable, fmt.Sprintf("${exec:…}: there is no program %s in the PATH of the gateway; install it, or write its whole path", program))
	case errors.As(err, &exit):
		return commandFault(program, fmt.Sprintf("ended with exit code %d", exit.ExitCode()), said, nil)
	default:
		return commandFault(program, "could not be run", said, err)
	}
}

// commandFault says how a command failed. What it wrote to standard error is
// counted and not shown, as it may quote a secret.
func commandFault(program, how string, said int, cause error) error {
	return fault.Wrap("secret.exec", fault.Unavailable, fmt.Sprintf(
		"${exec:…}: the command %s %s (and wrote %d bytes to standard error, which are not shown, as they may hold a secret); run it by hand, as the gateway's user and in the folder of bridge.yaml, to see why",
		program, how, said), cause)
}

// bounded is a buffer that refuses what is too much.
type bounded struct {
	text bytes.Buffer // not embedded, as its ReadFrom knows no bound
	over bool
	full func() // is told of the first byte that is too much
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > maxSecret {
		b.over = true
		b.full()
		return 0, errTooMuch
	}
	return b.text.Write(p)
}

// counted counts what it is written and keeps nothing.
type counted int

func (c *counted) Write(p []byte) (int, error) {
	*c += counted(len(p))
	return len(p), nil
}
