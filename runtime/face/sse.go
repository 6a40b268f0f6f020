package face

import (
	"crypto/rand"
	"net/http"
	"net/url"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// sessionParameter names a session in the URL that its messages are posted to.
const sessionParameter = "sessionId"

// SSE serves HTTP+SSE (2024-11-05, basic/transports): GET opens a stream, the
// first event of which names the URL that takes messages, and POST takes them.
func (s *Server) SSE() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			s.openSSE(w, r)
		case http.MethodPost:
			s.postSSE(w, r)
		default:
			notAllowed(w, "GET, POST")
		}
	})
}

// openSSE carries a client's stream, until it is closed.
func (s *Server) openSSE(w http.ResponseWriter, r *http.Request) {
	if !accepts(r.Header, "text/event-stream") {
		refuse(w, http.StatusNotAcceptable, nil, protocol.Errorf(protocol.CodeInvalidRequest, "Accept must have text/event-stream"))
		return
	}
	out := &wire{w: w}
	l, err := s.newLink(r.Context(), func(data []byte) error { return out.write(protocol.Event{Name: "message", Data: data}) })
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, nil, protocol.Errorf(protocol.CodeInternal, "%s", errNoMore.Message))
		return
	}
	defer l.close(errLeft)
	id := rand.Text()
	s.mu.Lock()
	if len(s.sse) >= s.opts.MaxSessions {
		s.mu.Unlock()
		refuse(w, http.StatusServiceUnavailable, nil, protocol.Errorf(protocol.CodeInternal, "too many streams are open: try again later"))
		return
	}
	s.sse[id] = l
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.sse, id)
	}()
	out.open()
	endpoint := r.URL.EscapedPath() + "?" + url.Values{sessionParameter: {id}}.Encode()
	if out.write(protocol.Event{Name: "endpoint", Data: []byte(endpoint)}) == nil {
		<-l.ctx.Done()
	}
}

// postSSE takes a message, which is answered in the stream.
func (s *Server) postSSE(w http.ResponseWriter, r *http.Request) {
	if !isJSON(r.Header.Get("Content-Type")) {
		refuse(w, http.StatusUnsupportedMediaType, nil, protocol.Errorf(protocol.CodeInvalidRequest, "Content-Type must be application/json"))
		return
	}
	s.mu.Lock()
	l := s.sse[r.URL.Query().Get(sessionParameter)]
	s.mu.Unlock()
	if l == nil || l.caller.ID != s.caller(r.Context()).ID {
		refuse(w, http.StatusNotFound, nil, protocol.Errorf(protocol.CodeInvalidRequest, "there is no such session: open the stream first"))
		return
	}
	body, ok := s.readBody(w, r)
	if !ok {
		return
	}
	if m, err := protocol.Parse(body); err != nil && !isBatch(body) {
		refuse(w, http.StatusBadRequest, m.ID, asRPC(err))
		return
	}
	if sess := l.opened(); sess != nil {
		s.session(sess.id, l.caller) // it is used
	}
	l.receive(body)
	w.WriteHeader(http.StatusAccepted)
}
