package native

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// outgoing is a request for the server, which may take several exchanges: on
// another session if the first is lost, and once more for each time that the
// server wants to know something first.
type outgoing struct {
	op     string
	method string
	// members are those of the params, each with a comma after it.
	members []byte
	meta    json.RawMessage // without the protocol's own keys
	// again says that sending it twice does no more than sending it once.
	again bool

	name        string // for Mcp-Name
	header      http.Header
	task        string
	credentials []call.Credential
	caller      call.Caller
	client      call.Client
	progress    func(context.Context, call.Progress)
	// wish carries the request out where the session remembers it; may be nil.
	wish func(*session) (done bool, err error)
}

// do sends a request, and returns the server's result.
func (s *Source) do(ctx context.Context, out *outgoing) (json.RawMessage, error) {
	ctx, cancel, clock := newClock(ctx, s.opts.CallTimeout)
	defer cancel(nil)
	defer clock.stop()
	l, release, err := s.linkFor(out.caller)
	if err != nil {
		return nil, err
	}
	defer release()
	var answers []byte // to what the server wanted to know
	for round := 1; ; round++ {
		raw, sess, err := s.send(ctx, l, out, answers, clock)
		if err != nil || !sess.modern || !asksForInput(raw) || out.client != nil && out.client.Retries() {
			return raw, err
		}
		if round >= maxRounds {
			return nil, fault.New(out.op, fault.Upstream, s.says("asks for more and more input: it was given some for 8 times"))
		}
		if answers, err = s.answers(ctx, out, raw, clock); err != nil {
			return nil, s.explain(ctx, err, failure{op: out.op})
		}
	}
}

// send makes one exchange, on the next session if the first turns out to be
// lost.
func (s *Source) send(ctx context.Context, l *link, out *outgoing, answers []byte, clock *clock) (json.RawMessage, *session, error) {
	for retried := false; ; retried = true {
		raw, sess, again, err := s.attempt(ctx, l, out, answers, clock)
		if err == nil || !again || retried {
			return raw, sess, err
		}
	}
}

// attempt makes one exchange. again says that the session is gone and that the
// request may be sent to the next one.
func (s *Source) attempt(ctx context.Context, l *link, out *outgoing, answers []byte, clock *clock) (raw json.RawMessage, sess *session, again bool, err error) {
	sess, err = l.connected(ctx)
	if err != nil {
		return nil, nil, false, s.unlessClosed(err)
	}
	defer sess.calls.Done()
	if out.wish != nil {
		if done, err := out.wish(sess); done || err != nil {
			return json.RawMessage("{}"), sess, false, err
		}
	}
	sess.raise(ctx, out.client)
	x := &exchange{method: out.method, caller: out.caller, client: out.client, progress: out.progress, clock: clock, task: out.task, credentials: out.credentials}
	if sess.transport == "http" {
		x.name, x.header = out.name, out.header
	}
	members := out.members
	if len(answers) > 0 {
		members = append(members[:len(members):len(members)], answers...)
	}
	raw, err = sess.request(ctx, x, members, out.meta)
	if missing := x.lacking.Load(); missing != nil && hasFailed(raw, err) {
		return nil, sess, false, fault.Wrap(out.op, fault.Unsupported, missing.Message, missing)
	}
	if err == nil {
		if !protocol.IsObject(raw) {
			return nil, sess, false, fault.New(out.op, fault.Upstream, s.says("answered with something that is no result"))
		}
		return raw, sess, false, nil
	}
	if forgotten := sessionForgotten(sess, x.status, err); ctx.Err() == nil && (forgotten || sessionLost(x.status, err)) {
		sess.lost(err)
		again = forgotten || !x.sent.Load() || out.again
	}
	if expired(ctx) {
		sess.noteTimeout()
	}
	return nil, sess, again, s.explain(ctx, err, failure{op: out.op, status: x.status, sess: sess})
}

// hasFailed reports whether the server's answer is a failure. One that could not
// ask the client of 2026-07-28 what it wanted to has failed for that, whatever it
// says: the client is told what it lacks (basic, Error Codes, -32021).
func hasFailed(raw json.RawMessage, err error) bool {
	if err != nil {
		return answered(err) != nil
	}
	failed, _ := protocol.Member(raw, "isError")
	return string(failed) == "true"
}

// unlessClosed returns err, or that the source is closed if that is the reason.
func (s *Source) unlessClosed(err error) error {
	if s.life.Err() != nil {
		return s.errClosed("native.connect")
	}
	return err
}

// isMethodNotFound reports whether the server does not have a method.
func isMethodNotFound(err error) bool {
	var rpc *protocol.Error
	return errors.As(err, &rpc) && rpc.Code == protocol.CodeMethodNotFound
}
