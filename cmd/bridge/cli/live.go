package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// preflight bounds the look at a source that a reload adds, before it is taken.
const preflight = 30 * time.Second

// live is a gateway that is held to its configuration while it runs: on SIGHUP,
// and when a file that it was made of changes. A configuration that is wrong
// leaves the one before in effect.
type live struct {
	app    *app
	read   func(context.Context) (config.Config, input, error)
	watch  bool
	logger *slog.Logger
	level  *slog.LevelVar

	started config.Config // what the process began with
	cfg     config.Config // what is in effect, but for what takes a restart
	file    input
	made    map[string]*made // by the source's name
	gateway *gateway.Gateway
	state   *state
	address net.Addr      // where it listens; nil over standard input and output
	opened  chan struct{} // signalled when a source has read its files
}

// newLive makes the gateway of a configuration. read returns the configuration
// as it is by then; nil for one that never changes.
func (a *app) newLive(ctx context.Context, cfg config.Config, file input, read func(context.Context) (config.Config, input, error)) (*live, error) {
	l := &live{app: a, read: read, watch: read != nil, started: cfg, cfg: cfg, file: file, opened: make(chan struct{}, 1)}
	l.logger, l.level = a.leveled(cfg.Log)
	w := l.wire(cfg, file)
	key, err := w.stateKey(ctx)
	if err != nil {
		return nil, err
	}
	var mounts []gateway.Mount
	mounts, l.made = w.make(ctx, nil, false)
	opts, err := a.options(cfg, mounts, l.logger)
	if err != nil {
		return nil, err
	}
	if l.state, err = w.openState(ctx, key); err != nil {
		return nil, err
	}
	l.state.apply(&opts, l.logger)
	opts.StateKey, opts.Drain, opts.Limits = key, time.Duration(cfg.Drain), limits(cfg.Limits)
	if servesAPI(cfg) {
		opts.API = l.api()
	}
	l.gateway = gateway.New(opts)
	return l, nil
}

func limits(c config.Limits) gateway.Limits {
	return gateway.Limits{MaxBody: int64(c.MaxBody), MaxSessions: c.MaxSessions, MaxConcurrent: c.MaxConcurrent,
		SessionTimeout: time.Duration(c.SessionTimeout), AskTimeout: time.Duration(c.AskTimeout)}
}

func (l *live) wire(cfg config.Config, file input) *wiring {
	w := l.app.wire(cfg, file.name, l.logger)
	w.opened = func() {
		select {
		case l.opened <- struct{}{}:
		default:
		}
	}
	return w
}

// serve serves on a listener, which it closes, until ctx ends.
func (l *live) serve(ctx context.Context, ln net.Listener) error {
	return l.run(ctx, func(ctx context.Context) error {
		announcing, stop := context.WithCancel(ctx)
		announced := make(chan struct{})
		go func() {
			defer close(announced)
			l.app.announce(announcing, l.gateway)
		}()
		err := l.gateway.Serve(ctx, ln)
		stop()
		<-announced
		return err
	})
}

// serveStdio serves one client on standard input and output.
func (l *live) serveStdio(ctx context.Context) error {
	err := l.run(ctx, l.gateway.ServeStdio)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fault.Wrap("serve.stdio", fault.Invalid, "the client wrote what is no MCP message to standard input, which ends its session; --stdio is for MCP clients: one JSON-RPC message on each line", err)
	}
	return err
}

// run starts the gateway, serves it, and keeps it up to date meanwhile.
func (l *live) run(ctx context.Context, serve func(context.Context) error) error {
	work, stop := context.WithCancel(ctx)
	l.gateway.Start(work)
	var beside sync.WaitGroup
	beside.Go(func() { l.follow(work) })
	beside.Go(func() { l.tryStore(work) })
	err := serve(ctx)
	stop()
	beside.Wait()
	return firstOf(err, l.gateway.Close(), l.state.close())
}

// tryStore says at once, and not at the first call, that the store can't be
// reached.
func (l *live) tryStore(ctx context.Context) {
	if err := l.state.try(ctx); err != nil && ctx.Err() == nil {
		l.logger.Warn("the store can't be used: calls go on, what they cost is counted in memory until it can, and what is cut of results may not be kept; see `store` in the configuration", "error", cause(err))
	}
}

// follow reloads whenever there is a reason, until ctx ends.
func (l *live) follow(ctx context.Context) {
	if l.read == nil {
		return
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	w := &watcher{}
	if l.watch {
		w = newWatcher(l.logger)
		defer w.close()
	}
	for {
		if l.watch {
			w.set(l.files())
		}
		switch why := w.next(ctx, hup, l.opened); why {
		case ended:
			return
		case changed, signalled:
			l.update(ctx, why == signalled)
		}
	}
}

// files returns the files that what is served was made of, as they were then.
func (l *live) files() map[string]digest {
	all := map[string]digest{}
	add := func(file string, content digest) {
		if absolute, err := filepath.Abs(file); err == nil {
			all[absolute] = content
		}
	}
	if l.file.name != "" {
		add(l.file.name, l.file.content)
	}
	for _, m := range l.made {
		for file, content := range m.files() {
			add(file, content)
		}
	}
	return all
}

// update takes the configuration as it is now, and says in the log what came of
// it. With anew, documents that are at URLs are read again.
func (l *live) update(ctx context.Context, anew bool) {
	told, err := l.reload(ctx, anew)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		l.logger.Error("the new configuration is not taken, and the one before stays in effect; mend it and it is tried again", "error", cause(err))
	default:
		l.logger.Info("configuration reloaded", told...)
	}
}

// cause returns an error's message for people, and what is behind it.
func cause(err error) string {
	message := fault.Message(err)
	if fault.KindOf(err) == fault.Internal {
		message = err.Error()
	}
	return message
}

// reload takes the configuration as it is now, and returns what to say of it.
func (l *live) reload(ctx context.Context, anew bool) (told []any, err error) {
	cfg, file, err := l.read(ctx)
	if err != nil {
		return nil, err
	}
	if len(cfg.Sources) == 0 && len(l.cfg.Sources) > 0 {
		return nil, fault.New("serve.reload", fault.Invalid, "the configuration is gone, or names no source any more")
	}
	if l.address != nil {
		if err := notItself(cfg, l.address); err != nil {
			return nil, err
		}
	}
	mounts, next := l.wire(cfg, file).make(ctx, l.made, anew)
	if err := l.check(ctx, next); err != nil {
		return nil, firstOf(err, l.drop(next))
	}
	opts, err := l.app.options(cfg, mounts, l.logger)
	if err == nil {
		l.state.apply(&opts, l.logger)
		err = l.gateway.Reload(opts)
	}
	if err != nil {
		return nil, firstOf(err, l.drop(next))
	}
	told = l.difference(next)
	l.warn(cfg)
	setLevel(l.level, cfg.Log)
	l.cfg, l.file, l.made = cfg, file, next
	return told, nil
}

// check looks at the sources that are new: a configuration with one that can't
// be made is not taken. A source that takes another's place is not looked at, as
// that one serves until it has loaded; a server that is down for now may come up.
func (l *live) check(ctx context.Context, next map[string]*made) error {
	ctx, cancel := context.WithTimeout(ctx, preflight)
	defer cancel()
	for _, name := range slices.Sorted(maps.Keys(next)) {
		m := next[name]
		if l.made[name] != nil {
			continue
		}
		var err error
		switch s := m.mount.Source.(type) {
		case brokenSource:
			err = s.err
		case *restSource:
			_, err = s.Tools(ctx)
			if openapi.IsURL(m.from.OpenAPI) && fault.KindOf(err) == fault.Unavailable {
				err = nil
			}
		}
		if err != nil {
			return fault.Wrap("serve.reload", fault.Invalid, fmt.Sprintf("%s: the source %q can't be served: %s", m.at, name, fault.Message(err)), err)
		}
	}
	return nil
}

// drop closes what was made for a configuration that was not taken.
func (l *live) drop(next map[string]*made) error {
	var errs []error
	for name, m := range next {
		if l.made[name] != m {
			errs = append(errs, m.mount.Source.Close())
		}
	}
	return firstOf(errs...)
}

// difference says which sources a reload has changed.
func (l *live) difference(next map[string]*made) []any {
	var added, changed, removed []string
	for name, m := range next {
		switch before := l.made[name]; {
		case before == nil:
			added = append(added, name)
		case before != m:
			changed = append(changed, name)
		}
	}
	for name := range l.made {
		if next[name] == nil {
			removed = append(removed, name)
		}
	}
	told := []any{"sources", len(next)}
	for _, d := range []struct {
		key   string
		names []string
	}{{"added", added}, {"changed", changed}, {"removed", removed}} {
		if len(d.names) > 0 {
			slices.Sort(d.names)
			told = append(told, d.key, strings.Join(d.names, " "))
		}
	}
	return told
}

// warn says which changes need a restart; one that is taken back needs none.
func (l *live) warn(cfg config.Config) {
	for _, c := range []struct {
		key                  string
		running, before, now any
	}{
		{"listen", l.started.Listen, l.cfg.Listen, cfg.Listen},
		{"encoding", l.started.Encoding, l.cfg.Encoding, cfg.Encoding},
		{"log.format", l.started.Log.Format, l.cfg.Log.Format, cfg.Log.Format},
		{"drain", l.started.Drain, l.cfg.Drain, cfg.Drain},
		{"state_key", l.started.StateKey, l.cfg.StateKey, cfg.StateKey},
		{"api", l.started.API, l.cfg.API, cfg.API},
		{"limits", l.started.Limits, l.cfg.Limits, cfg.Limits},
		{"store", l.started.Store, l.cfg.Store, cfg.Store},
		{"remainders", l.started.Remainders, l.cfg.Remainders, cfg.Remainders},
		{"ledger", l.started.Ledger, l.cfg.Ledger, cfg.Ledger},
	} {
		if !reflect.DeepEqual(c.before, c.now) && !reflect.DeepEqual(c.running, c.now) {
			l.logger.Warn("this change takes effect with the next start of the gateway, and not before", "key", c.key)
		}
	}
}
