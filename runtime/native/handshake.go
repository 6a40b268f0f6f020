package native

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

const (
	// A server that is silent on server/discover (2026-07-28) is asked in the
	// older way after a part of the start's time, and discoverMax at most.
	discoverShare = 3
	discoverMax   = 15 * time.Second

	opStart = "native.start"
)

// open starts the server or connects to it, within ctx.
func (l *link) open(ctx context.Context) (*session, error) {
	if l.src.opts.Server != nil {
		return l.openMemory(ctx)
	}
	if l.src.url == nil {
		return l.openCommand(ctx)
	}
	sess, status, err := l.openURL(ctx, "http")
	if err == nil || !isOldServer(status) || ctx.Err() != nil {
		return sess, err
	}
	// "HTTP+SSE" of revision 2024-11-05: a client finds it by the failed POST
	// (2025-11-25, basic/transports, Backwards Compatibility).
	old, oldStatus, oldErr := l.openURL(ctx, "sse")
	if oldErr == nil {
		return old, nil
	}
	if status == http.StatusMethodNotAllowed && (oldStatus < 400 || oldStatus >= 500) {
		return nil, oldErr // a server that wants no POST has such a stream, and it failed
	}
	return nil, err
}

func isOldServer(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusNotFound || status == http.StatusMethodNotAllowed
}

// openCommand starts the command. Some servers end when the first message is not
// initialize: they are started again and greeted in the older way, from then on
// at once.
func (l *link) openCommand(ctx context.Context) (*session, error) {
	l.mu.Lock()
	older := l.older
	l.mu.Unlock()
	sess, err := l.tryCommand(ctx, older)
	var strict *endedError
	if errors.As(err, &strict) && !older && ctx.Err() == nil {
		older = true
		sess, err = l.tryCommand(ctx, older)
	}
	l.mu.Lock()
	l.older = err == nil && !sess.modern
	l.mu.Unlock()
	return sess, err
}

// endedError marks a start that failed as the process ended by itself after it
// had been started.
type endedError struct{ error }

// Unwrap returns what is said of it.
func (e *endedError) Unwrap() error { return e.error }

func (l *link) tryCommand(ctx context.Context, older bool) (*session, error) {
	proc, err := l.src.startProcess()
	if err != nil {
		return nil, err
	}
	sess := l.newSession("stdio")
	sess.proc = proc
	sess.host = proc.shutDown
	conn := newLineWire(sess, proc.ends())
	sess.wire = conn
	sess.spawn(conn.read)
	if err = sess.greet(ctx, older); err == nil {
		return sess, nil
	}
	err = l.src.whyNotReady(ctx, sess, err)
	sess.close()
	return nil, err
}

// openURL returns the HTTP status of the last answer next to an error.
func (l *link) openURL(ctx context.Context, transport string) (*session, int, error) {
	sess := l.newSession(transport)
	status := 0
	var err error
	if transport == "sse" {
		conn := newEventWire(sess)
		sess.wire = conn
		status, err = conn.connect(ctx)
	} else {
		sess.wire = newStreamable(sess)
	}
	if err == nil {
		err = sess.greet(ctx, transport == "sse")
	}
	if err == nil {
		return sess, 0, nil
	}
	var refused *greetError
	if errors.As(err, &refused) {
		status = refused.status
	}
	err = l.src.explain(ctx, err, failure{op: opStart, status: status, sess: sess})
	sess.close()
	return nil, status, err
}

// greetError is a handshake that failed, with the HTTP status of the answer.
type greetError struct {
	error
	status int
}

// Unwrap returns the cause.
func (e *greetError) Unwrap() error { return e.error }

// greet shakes hands with the server, in the older way alone if asked to.
func (sess *session) greet(ctx context.Context, older bool) error {
	if !older {
		known, err := sess.discover(ctx)
		if known || err != nil {
			return err
		}
	}
	if err := sess.initialize(ctx); err != nil {
		return err
	}
	sess.wire.ready(ctx)
	sess.restore(ctx)
	return nil
}

// discover asks in the way of 2026-07-28. known is false if the server does not
// know it, whatever it says: servers of older revisions answer in many ways.
func (sess *session) discover(ctx context.Context) (known bool, err error) {
	asking, cancel := context.WithTimeout(ctx, min(sess.src.opts.StartTimeout/discoverShare, discoverMax))
	defer cancel()
	x := &exchange{method: protocol.Discover}
	raw, err := sess.request(asking, x, nil, nil)
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err != nil && (sess.isGone() || isDialError(err) || ours(err)):
		return false, &greetError{err, x.status}
	case err != nil:
		return false, nil
	}
	versions, _ := protocol.Member(raw, "supportedVersions")
	if !slices.ContainsFunc(slices.Collect(protocol.Elements(versions)), isModernName) {
		return false, nil
	}
	meta, _ := protocol.Member(raw, "_meta")
	info, _ := protocol.Member(meta, protocol.MetaPrefix+"serverInfo")
	sess.revision, sess.modern = protocol.R20260728, true
	sess.wire.speaks(sess.revision)
	sess.describe(raw, info)
	sess.wire.ready(ctx)
	sess.restore(ctx)
	sess.hearChanges(ctx)
	return true, nil
}

func isModernName(v json.RawMessage) bool { return string(v) == strconv.Quote(protocol.R20260728) }

// ours reports whether an error is the gateway's own word, which no other way of
// asking would change.
func ours(err error) bool {
	var own *fault.Error
	return errors.As(err, &own) && own.Kind == fault.Unavailable && own.Op == opHeader
}

func (sess *session) initialize(ctx context.Context) error {
	x := &exchange{method: protocol.Initialize}
	const members = `"protocolVersion":"` + protocol.R20251125 + `","capabilities":` + capabilities + `,"clientInfo":` + clientInfo + `,`
	raw, err := sess.request(ctx, x, []byte(members), nil)
	if err != nil {
		return &greetError{err, x.status}
	}
	revision := protocol.MemberString(raw, "protocolVersion")
	if !slices.Contains(protocol.Older(), revision) {
		return fault.New(opStart, fault.Upstream, sess.src.says(fmt.Sprintf("speaks the revision %q of MCP, which Bridge does not know: update the server, or Bridge", fault.Clip(revision, 40))))
	}
	sess.revision = revision
	sess.wire.speaks(revision)
	info, _ := protocol.Member(raw, "serverInfo")
	sess.describe(raw, info)
	return sess.wire.send(ctx, notificationBody(protocol.Initialized, nil))
}

// describe notes what the server says of itself.
func (sess *session) describe(raw, info json.RawMessage) {
	name, version := protocol.MemberString(info, "name"), protocol.MemberString(info, "version")
	sess.server = fault.Clip(strings.TrimSpace(sess.src.redact.clean(name+" "+version)), maxTailLine)
	if c, ok := protocol.Member(raw, "capabilities"); ok && protocol.IsObject(c) {
		sess.capabilities = bytes.Clone(c)
		_ = json.Unmarshal(c, &sess.declared) // what is malformed counts as not declared
	}
	sess.instructions = protocol.MemberString(raw, "instructions")
	sess.started = time.Now()
}

func (sess *session) isGone() bool {
	select {
	case <-sess.gone:
		return true
	default:
		return false
	}
}

// whyNotReady says why a command gave no session.
func (s *Source) whyNotReady(ctx context.Context, sess *session, err error) error {
	var known *fault.Error
	proc := sess.proc
	err = s.redact.cause(err)
	switch {
	case errors.As(err, &known):
		return err
	case sess.fate() != nil:
		return sess.fate()
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(opStart, fault.Canceled, "the start was canceled", err)
	case ctx.Err() != nil:
		what := "did not answer within " + s.opts.StartTimeout.String() + " of its start"
		if words := proc.lines.lastWords(); words != "" {
			what += "; it wrote: " + words
		}
		return fault.Wrap(opStart, fault.Timeout, s.says(what), err)
	case proc.hasExited(stdinGrace):
		return &endedError{fault.Wrap(opStart, fault.Unavailable, s.says("stopped before it was ready ("+proc.epitaph()+")"), err)}
	}
	return s.explain(ctx, err, failure{op: opStart})
}
