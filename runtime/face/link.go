package face

import (
	"context"
	"errors"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// link is a connection that carries all of a client's messages, of both eras:
// standard input and output, or HTTP+SSE.
type link struct {
	server *Server
	caller call.Caller
	ctx    context.Context
	cancel context.CancelCauseFunc
	send   func(data []byte) error // one message, on one line

	writing  sync.Mutex
	requests sync.WaitGroup // under way
	standing sync.WaitGroup // streams, and the session's own messages

	opening sync.Mutex // held while a session is opened

	mu      sync.Mutex
	closed  bool
	session *session             // once the client has sent initialize
	modern  map[string]*exchange // requests of 2026-07-28, by id
}

// newLink returns a link that the server knows of, until closeLink.
func (s *Server) newLink(ctx context.Context, send func([]byte) error) (*link, error) {
	l := &link{server: s, caller: s.caller(ctx), send: send, modern: map[string]*exchange{}}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		l.cancel(errNoMore)
		return nil, errNoMore
	}
	s.connected[l] = struct{}{}
	return l, nil
}

// close ends what the link has, and waits for it.
func (l *link) close(why error) {
	l.server.mu.Lock()
	delete(l.server.connected, l)
	l.server.mu.Unlock()
	l.cancel(why)
	l.mu.Lock()
	l.closed = true
	sess := l.session
	l.mu.Unlock()
	if sess != nil {
		l.server.end(sess, why)
	}
	l.requests.Wait()
	l.standing.Wait()
}

// start runs f in a goroutine that close waits for, unless the link is closed.
func (l *link) start(group *sync.WaitGroup, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		group.Go(f)
	}
}

func (l *link) opened() *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

// write sends a message. A link that can't be written to has ended.
func (l *link) write(data []byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	err := l.send(data)
	if err != nil {
		l.cancel(errLeft)
	}
	return err
}

func (l *link) refuse(id protocol.ID, err error) {
	_ = l.write(protocol.Message{ID: id, Error: asRPC(err)}.Append(nil))
}

// receive takes a message, or a batch of 2025-03-26, which is answered message
// by message. It does not wait for requests to be answered.
func (l *link) receive(data []byte) {
	if sess := l.opened(); isBatch(data) && sess != nil && sess.revision == protocol.R20250326 {
		if _, err := protocol.ParseBatch(data, maxBatch, l.take); err != nil {
			l.refuse(nil, err)
		}
		return
	}
	l.take(protocol.Parse(data))
}

func (l *link) take(m protocol.Message, err error) {
	switch {
	case err != nil && m.Method != "" && m.ID == nil && asRPC(err).Code == protocol.CodeInvalidParams:
		// A notification is never answered.
	case err != nil:
		l.refuse(m.ID, err)
	case m.IsRequest() && protocol.SplitMeta(m.Params).Revision != "":
		l.takeModern(m)
	case m.IsRequest():
		l.takeOlder(m)
	default:
		l.note(m)
	}
}

// takeOlder takes a request of a revision until 2025-11-25.
func (l *link) takeOlder(m protocol.Message) {
	sess := l.opened()
	out := &linkOutlet{link: l}
	switch {
	case m.Method == protocol.Initialize && sess == nil:
		l.initialize(m, out)
	case sess != nil:
		l.start(&l.requests, func() { l.server.serveOlder(l.ctx, sess, out, m, l.caller) })
	case m.Method == protocol.Ping:
		_ = l.write(protocol.Message{ID: m.ID, Result: []byte("{}")}.Append(nil))
	default:
		l.refuse(m.ID, protocol.Errorf(protocol.CodeInvalidRequest, "there is no session: send initialize first"))
	}
}

func (l *link) initialize(m protocol.Message, out *linkOutlet) {
	l.opening.Lock()
	defer l.opening.Unlock()
	x := &exchange{out: out}
	l.server.begin(l.ctx, x, m)
	defer x.cancel(nil)
	if l.opened() != nil {
		x.finish(nil, protocol.Errorf(protocol.CodeInvalidRequest, "the session is initialized already"))
		return
	}
	sess, result, err := l.server.initialize(x, l.caller)
	if err != nil {
		x.finish(nil, err)
		return
	}
	l.mu.Lock()
	l.session = sess
	closed := l.closed
	l.mu.Unlock()
	if closed {
		l.server.end(sess, errSessionEnded)
	}
	x.finish(result, nil)
	l.start(&l.standing, func() {
		sess.stream().pump(l.ctx, -1, func(e protocol.Event) error { return l.write(e.Data) })
		l.cancel(errSessionEnded) // or the link has ended, and the session with it
	})
}

// takeModern takes a request of 2026-07-28.
func (l *link) takeModern(m protocol.Message) {
	x := &exchange{revision: protocol.R20260728}
	x.out = &linkOutlet{link: l, x: x}
	l.server.begin(l.ctx, x, m)
	if e := x.checkMeta(m); e != nil {
		x.cancel(nil)
		l.refuse(m.ID, e)
		return
	}
	if err := l.register(x); err != nil {
		x.finish(nil, err)
		x.cancel(nil)
		return
	}
	group := &l.requests
	if m.Method == protocol.Listen {
		group = &l.standing
	}
	l.start(group, func() {
		defer x.cancel(nil)
		defer l.unregister(x)
		l.serveModern(x, m.Method)
	})
}

func (l *link) serveModern(x *exchange, method string) {
	if method == protocol.Listen {
		l.listen(x)
		return
	}
	if err := l.server.start(x); err != nil {
		x.finish(nil, err)
		return
	}
	defer l.server.stop(x)
	l.server.answerModern(x, method)
}

// listen carries a stream of notifications among the link's other messages.
func (l *link) listen(x *exchange) {
	stream, err := l.server.newListen(x)
	if err != nil {
		x.finish(nil, err)
		return
	}
	defer l.server.endListen(stream)
	stream.stream.pump(x.ctx, 0, func(e protocol.Event) error { return l.write(e.Data) })
	if x.ctx.Err() == nil {
		x.finish(stream.over(), nil)
	}
}

func (l *link) register(x *exchange) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.modern) >= l.server.opts.MaxConcurrent {
		return errBusy
	}
	if l.modern[string(x.id)] != nil {
		return protocol.Errorf(protocol.CodeInvalidRequest, "a request with the id %s is under way: ids are used once", x.id)
	}
	l.modern[string(x.id)] = x
	return nil
}

func (l *link) unregister(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.modern, string(x.id))
}

// note takes a notification, or the answer to a question.
func (l *link) note(m protocol.Message) {
	if m.Method == protocol.Cancelled {
		id, _ := protocol.Member(m.Params, "requestId")
		l.mu.Lock()
		x := l.modern[string(id)]
		l.mu.Unlock()
		if x != nil {
			x.cancel(errCancelled)
			return
		}
	}
	sess := l.opened()
	if sess == nil {
		return
	}
	if m.IsResponse() || m.Method == protocol.Cancelled {
		l.server.note(l.ctx, sess, m, l.caller)
		return
	}
	l.start(&l.requests, func() { l.server.note(l.ctx, sess, m, l.caller) })
}

// linkOutlet is where a request of a link is answered.
type linkOutlet struct {
	link *link
	x    *exchange // nil in a session
}

func (o *linkOutlet) message(data []byte) error { return o.link.write(data) }

// answer implements outlet. What was cancelled is not answered (basic/utilities,
// Cancellation).
func (o *linkOutlet) answer(data []byte, status int) {
	if status == statusCancelled {
		return
	}
	_ = o.link.write(protocol.OneLine(data))
}

// statusCancelled is for what the client has cancelled itself: nginx's status
// for a client that closed the request.
const statusCancelled = 499

func cancelledByClient(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), errCancelled)
}
