package face

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

const (
	maxBatch       = 64  // messages in a batch of 2025-03-26
	maxShownMethod = 100 // bytes of a method's name in the log
)

// postOlder answers a POST of a revision until 2025-11-25.
func (s *Server) postOlder(w http.ResponseWriter, r *http.Request, m protocol.Message) {
	caller := s.caller(r.Context())
	if m.Method == protocol.Initialize && m.IsRequest() {
		s.initializeHTTP(w, r, m, caller)
		return
	}
	sess, ok := s.sessionOf(w, r, m.ID, caller)
	if !ok {
		return
	}
	if !m.IsRequest() {
		s.note(detached(r), sess, m, caller)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	s.serveOlder(detached(r), sess, &reply{w: w, ctx: r.Context(), session: sess}, m, caller)
}

// initializeHTTP opens a session.
func (s *Server) initializeHTTP(w http.ResponseWriter, r *http.Request, m protocol.Message, caller call.Caller) {
	out := &reply{w: w, ctx: r.Context()}
	x := &exchange{out: out}
	s.begin(r.Context(), x, m)
	defer x.cancel(nil)
	sess, result, err := s.initialize(x, caller)
	if err != nil {
		refuse(w, initializeStatus(err), m.ID, x.rpcError(err))
		return
	}
	w.Header().Set(protocol.HeaderSession, sess.id)
	x.finish(result, nil)
}

func initializeStatus(err error) int {
	if err == error(errNoMore) {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// initialize opens a session, and returns it with what the client is answered.
func (s *Server) initialize(x *exchange, caller call.Caller) (*session, Result, error) {
	sess, err := s.newSession(caller, x.params)
	if err != nil {
		return nil, nil, err
	}
	if err := s.open(sess); err != nil {
		return nil, nil, err
	}
	caller.Session, caller.Client = sess.id, sess.client
	x.revision, x.session = sess.revision, sess
	d, err := x.describe(x.request(protocol.Initialize, caller))
	if err != nil {
		s.end(sess, err)
		return nil, nil, err
	}
	out := protocol.AppendString([]byte(`{"protocolVersion":`), sess.revision)
	out = append(append(out, `,"capabilities":`...), d.capabilities()...)
	out = d.appendInfo(append(out, `,"serverInfo":`...))
	if d.Instructions != "" {
		out = protocol.AppendString(append(out, `,"instructions":`...), d.Instructions)
	}
	return sess, Raw(append(out, '}')), nil
}

// sessionOf returns the session that a request names. If it names none, or one
// that is not its caller's, or another version, the request was answered.
func (s *Server) sessionOf(w http.ResponseWriter, r *http.Request, id protocol.ID, caller call.Caller) (*session, bool) {
	version := r.Header.Get(versionKey)
	if version != "" && !slices.Contains(protocol.Older(), version) {
		refuse(w, http.StatusBadRequest, id, unsupported(version))
		return nil, false
	}
	name := r.Header.Get(protocol.HeaderSession)
	if name == "" {
		refuse(w, http.StatusBadRequest, id, protocol.Errorf(protocol.CodeInvalidRequest,
			"the header %s is missing: send initialize first, and then the session id that it is answered with", protocol.HeaderSession))
		return nil, false
	}
	sess := s.session(name, caller)
	if sess == nil {
		refuse(w, http.StatusNotFound, id, protocol.Errorf(protocol.CodeInvalidRequest, "there is no such session: it has ended; send initialize"))
		return nil, false
	}
	if version != "" && version != sess.revision {
		refuse(w, http.StatusBadRequest, id, protocol.Errorf(protocol.CodeInvalidRequest,
			"the session's version is %s, the header %s is %s", sess.revision, protocol.HeaderVersion, version))
		return nil, false
	}
	return sess, true
}

// serveOlder carries out a request in a session, and answers it.
func (s *Server) serveOlder(ctx context.Context, sess *session, out outlet, m protocol.Message, caller call.Caller) {
	x := &exchange{out: out, session: sess, revision: sess.revision}
	s.begin(ctx, x, m)
	defer x.cancel(nil)
	if err := s.start(x); err != nil {
		x.finish(nil, err)
		return
	}
	defer s.stop(x)
	if err := sess.register(x); err != nil {
		x.finish(nil, err)
		return
	}
	defer sess.unregister(x)
	caller.Session, caller.Client = sess.id, sess.client
	x.finish(s.handleOlder(x, x.request(m.Method, caller)))
}

func (s *Server) handleOlder(x *exchange, r *Request) (Result, error) {
	switch r.Method {
	case protocol.Ping:
		return Raw("{}"), nil
	case protocol.SetLevel:
		return x.session.setLevel(r.Params)
	case protocol.Subscribe:
		return x.session.subscribe(x.ctx, r)
	case protocol.Unsubscribe:
		return x.session.unsubscribe(r.Params)
	case protocol.Initialize:
		return nil, protocol.Errorf(protocol.CodeInvalidRequest, "the session is initialized already")
	case protocol.Discover, protocol.Listen:
		return nil, protocol.Errorf(protocol.CodeMethodNotFound, "revision %s has no method %s", x.revision, r.Method)
	default:
		return x.handle(x.ctx, r)
	}
}

// note takes a notification, or the answer to a question.
func (s *Server) note(ctx context.Context, sess *session, m protocol.Message, caller call.Caller) {
	switch {
	case m.IsResponse():
		sess.hear(m)
	case m.Method == protocol.Cancelled:
		sess.cancelRequest(m.Params)
	case m.Method == protocol.Initialized:
	default:
		x := &exchange{out: nowhere{}, session: sess, revision: sess.revision}
		s.begin(ctx, x, m)
		defer x.cancel(nil)
		if s.start(x) != nil {
			return
		}
		defer s.stop(x)
		if !sess.registerNote(x) {
			s.dropNote(m.Method)
			return
		}
		defer sess.unregisterNote(x)
		caller.Session, caller.Client = sess.id, sess.client
		_, _ = x.handle(x.ctx, x.request(m.Method, caller))
	}
}

// dropNote counts a notification that is left out. Of many, few lines stand in
// the log: the first, the second, the fourth, …
func (s *Server) dropNote(method string) {
	if n := s.dropped.Add(1); n&(n-1) == 0 {
		s.logger.Warn("notifications of clients are left out: their sessions have ended, or are taking too many",
			"method", fault.Clip(method, maxShownMethod), "count", n)
	}
}

// postBatch answers a batch, whose requests run side by side (2025-03-26,
// basic, Batching).
func (s *Server) postBatch(w http.ResponseWriter, r *http.Request, body []byte) {
	caller := s.caller(r.Context())
	sess, ok := s.sessionOf(w, r, nil, caller)
	if !ok {
		return
	}
	if sess.revision != protocol.R20250326 {
		_, err := protocol.Parse(body)
		refuse(w, http.StatusBadRequest, nil, asRPC(err))
		return
	}
	out := &reply{w: w, ctx: r.Context(), session: sess, batch: true}
	var requests sync.WaitGroup
	_, err := protocol.ParseBatch(body, maxBatch, func(m protocol.Message, err error) {
		switch {
		case err != nil:
			out.answer(protocol.Message{ID: m.ID, Error: asRPC(err)}.Append(nil), http.StatusOK)
		case m.IsRequest():
			requests.Go(func() { s.serveOlder(detached(r), sess, out, m, caller) })
		default:
			s.note(detached(r), sess, m, caller)
		}
	})
	requests.Wait()
	if err != nil {
		refuse(w, http.StatusBadRequest, nil, asRPC(err))
		return
	}
	out.endBatch()
}

// serveSession answers GET, by which a client listens or comes back for the rest
// of a stream, and DELETE, by which it ends its session.
func (s *Server) serveSession(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(protocol.HeaderSession) == "" || protocol.IsModern(r.Header.Get(versionKey)) {
		notAllowed(w, "POST") // which is all there is without a session
		return
	}
	if r.Method == http.MethodGet && !accepts(r.Header, "text/event-stream") {
		refuse(w, http.StatusNotAcceptable, nil, protocol.Errorf(protocol.CodeInvalidRequest, "Accept must have text/event-stream"))
		return
	}
	sess, ok := s.sessionOf(w, r, nil, s.caller(r.Context()))
	if !ok {
		return
	}
	if r.Method == http.MethodDelete {
		s.end(sess, errSessionEnded)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	stream, from := sess.stream(), -1
	if last := r.Header.Get(protocol.HeaderLastEvent); last != "" {
		if stream, from = sess.after(last); stream == nil {
			refuse(w, http.StatusBadRequest, nil, protocol.Errorf(protocol.CodeInvalidRequest, "nothing is left of the stream of that event"))
			return
		}
	}
	out := &wire{w: w}
	out.open()
	if sess.revision >= protocol.R20251125 && from < 0 {
		_ = out.write(stream.prime())
	}
	stream.pump(r.Context(), from, out.write)
	if stream.id != 0 && r.Context().Err() == nil {
		sess.forget(stream)
	}
}

// after returns the stream of an event, and the number of the next one.
func (sess *session) after(event string) (*stream, int) {
	id, number, _ := strings.Cut(event, "-")
	which, err := strconv.ParseUint(id, 10, 31)
	if err != nil {
		return nil, 0
	}
	last, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return nil, 0
	}
	return sess.resumable(int(which)), int(last) + 1
}
