package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/rest"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // what was asked for failed, or is stale
	exitBroken = 2 // the command line, the configuration or a document is wrong
)

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Main is [Program.Main] of a program with these adapters alone.
func Main(args []string, adapters ...rest.Adapter) int {
	return Program{Adapters: adapters}.Main(args)
}

// Run is [Program.Run] of a program with these adapters alone.
func Run(ctx context.Context, args []string, streams Streams, adapters ...rest.Adapter) int {
	return Program{Adapters: adapters}.Run(ctx, args, streams)
}

// Main runs the command line and returns the exit code. The first interrupt ends
// the command in order, a second at once.
func (p Program) Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return p.Run(ctx, args, Streams{os.Stdin, onScreen(os.Stdout), onScreen(os.Stderr)})
}

// Run is [Program.Main] with a context and streams of the caller's.
func (p Program) Run(ctx context.Context, args []string, streams Streams) int {
	a := &app{Streams: streams, Program: p, viper: viper.New()}
	if err := p.validate(); err != nil {
		return a.report(nil, err)
	}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	cmd, err := root.ExecuteContextC(ctx)
	err = firstOf(err, failed(a.vault.close()))
	if err == nil {
		return exitOK
	}
	if interrupted(ctx, err) {
		fmt.Fprintln(streams.Err, "bridge: interrupted")
		return exitFailed
	}
	return a.report(cmd, err)
}

// interrupted reports whether an error is but the end of ctx.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(ctx)))
}

// app is what all commands share.
type app struct {
	Streams
	Program
	viper   *viper.Viper
	guarded sync.Once // the servers that are compiled in
	vault   vault     // what the run keeps of secrets
}

// exitError is an error with an exit code. A nil err means that all there is to
// say was said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// failed marks an error as "it did not work", not "it was asked wrongly".
func failed(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitFailed, err}
}

// report writes an error for a person and returns its exit code.
func (a *app) report(cmd *cobra.Command, err error) int {
	code := exitBroken
	var exit *exitError
	if errors.As(err, &exit) {
		code = exit.code
		if exit.err == nil {
			return code
		}
	}
	var known *fault.Error
	if errors.As(err, &known) {
		fmt.Fprintf(a.Err, "bridge: %s\n", known.Message)
		if known.Err != nil {
			fmt.Fprintf(a.Err, "  cause: %v\n", known.Err)
		}
		return code
	}
	var file *fs.PathError
	if errors.As(err, &file) {
		fmt.Fprintf(a.Err, "bridge: %v: check the path, its permissions and the space there\n", err)
		return code
	}
	fmt.Fprintf(a.Err, "bridge: %v\n", err)
	if code == exitBroken && cmd != nil {
		fmt.Fprintf(a.Err, "  `%s --help` shows how it is used.\n", cmd.CommandPath())
	}
	return code
}
