//go:build unix

package chaos_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// site is a lane's server of streamable HTTP or HTTP+SSE.
type site struct {
	lane    *lane
	address string

	mu       sync.Mutex
	server   *http.Server
	sessions map[string]chan []byte // what goes out by a session's stream
}

// serveHTTP starts a lane's server and returns its URL.
func serveHTTP(t *testing.T, l *lane) *site {
	t.Helper()
	s := &site{lane: l, address: "127.0.0.1:0", sessions: map[string]chan []byte{}}
	if err := s.listen(); err != nil {
		t.Fatal(err)
	}
	l.break_ = func() { _ = s.server.Close() }
	l.mend = func() {
		if err := s.listen(); err != nil {
			t.Errorf("%s: can't listen again: %v", l.name, err)
		}
	}
	t.Cleanup(func() {
		l.lift()
		_ = s.server.Close()
	})
	return s
}

// listen listens, from the second time on where it did before.
func (s *site) listen() error {
	var l net.Listener
	var err error
	for range 50 {
		if l, err = net.Listen("tcp", s.address); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address, s.sessions = l.Addr().String(), map[string]chan []byte{}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func(server *http.Server) { _ = server.Serve(l) }(s.server)
	return nil
}

func (s *site) url() string { return "http://" + s.address + "/mcp" }

// ServeHTTP serves one request in the lane's form.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.lane.form == sse:
		s.serveSSE(w, r)
	case r.Method == http.MethodPost:
		s.post(w, r)
	case s.lane.form == modern:
		http.Error(w, "POST alone", http.StatusMethodNotAllowed)
	case r.Method == http.MethodDelete:
		what, _ := s.lane.at(closing)
		s.forget(r.Header.Get("Mcp-Session-Id"))
		s.send(w, r, what, nil, []byte("{}"))
	default:
		s.stream(w, r)
	}
}

// stream is the stream of what belongs to no call.
func (s *site) stream(w http.ResponseWriter, r *http.Request) {
	out, known := s.session(r)
	if !known {
		http.Error(w, "no such session", http.StatusNotFound)
		return
	}
	if what, _ := s.lane.at(streaming); what != none {
		s.send(w, r, what, nil, []byte(noise))
		return
	}
	s.pump(w, r, out)
}

// pump sends what comes, until the session or the connection ends.
func (s *site) pump(w http.ResponseWriter, r *http.Request, out chan []byte) {
	eventStream(w)
	for {
		select {
		case text, open := <-out:
			if !open {
				return
			}
			event(w, text)
		case <-r.Context().Done():
			return
		}
	}
}

func (s *site) session(r *http.Request) (chan []byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, known := s.sessions[r.Header.Get("Mcp-Session-Id")]
	return out, known
}

// open opens a session and returns its id.
func (s *site) open() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	s.sessions[id] = make(chan []byte, 16)
	return id
}

// forget ends a session, of "" all.
func (s *site) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for known, out := range s.sessions {
		if id == "" || id == known {
			close(out)
			delete(s.sessions, known)
		}
	}
}

// post answers a message.
func (s *site) post(w http.ResponseWriter, r *http.Request) {
	var m message
	raw, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(raw, &m) != nil {
		http.Error(w, "no message", http.StatusBadRequest)
		return
	}
	if s.lane.form == older && m.Method != "initialize" {
		if r.Header.Get("Mcp-Session-Id") == "" {
			http.Error(w, "a session is needed", http.StatusBadRequest)
			return
		}
		if _, known := s.session(r); !known {
			http.Error(w, "no such session", http.StatusNotFound)
			return
		}
	}
	switch {
	case m.ID == nil:
		w.WriteHeader(http.StatusAccepted)
	case m.Method == "tools/call":
		s.call(w, r, &m)
	default:
		what, _ := s.lane.at(m.point())
		if m.Method == "initialize" {
			w.Header().Set("Mcp-Session-Id", s.open())
		}
		s.send(w, r, what, &m, m.answer(s.lane.form))
	}
}

// call carries out a call of the tool.
func (s *site) call(w http.ResponseWriter, r *http.Request, m *message) {
	what, ends := s.lane.at(before)
	if ends {
		s.forget("")
		what = expires
		if s.lane.form == modern {
			what = reset
		}
	}
	if what != none && !s.strike(w, r, what) {
		return
	}
	told := m.progress()
	if told != nil {
		eventStream(w)
		event(w, told)
		if what, _ := s.lane.at(progressing); what != none && !s.strike(w, r, what) {
			return
		}
	}
	s.lane.book.run(m.Params.Arguments.Key)
	what, _ = s.lane.at(answering)
	if told == nil || what != none && what != slow {
		s.send(w, r, what, m, m.answer(s.lane.form))
		return
	}
	event(w, m.answer(s.lane.form))
}

// strike carries out a fault that comes instead of what was wanted. It reports
// whether things go on, as they do after a hang.
func (s *site) strike(w http.ResponseWriter, r *http.Request, what fault) bool {
	if what == hangs {
		s.lane.wait(r.Context())
		return r.Context().Err() == nil
	}
	s.send(w, r, what, nil, []byte(noise))
	return false
}

// send writes a body as the fault has it.
func (s *site) send(w http.ResponseWriter, r *http.Request, what fault, m *message, body []byte) {
	h := w.Header()
	switch what {
	case hangs:
		s.lane.wait(r.Context())
	case reset, flaps:
		hangUp(w)
		return
	case truncate:
		plain(w)
		h.Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	case slow:
		plain(w)
		drip(w, body)
		return
	case oversize:
		plain(w)
		m.large(w)
		return
	case expires:
		h.Del("Mcp-Session-Id")
		http.Error(w, "no such session", http.StatusNotFound)
		return
	case fails:
		http.Error(w, "panic: nil map\ngoroutine 1 [running]:", http.StatusInternalServerError)
		return
	case html:
		h.Set("Content-Type", "text/html")
		body = []byte("<!doctype html><title>Log in</title>")
	case garbage:
		body = []byte(`{"jsonrpc":"2.0","id":`)
	case cut:
		eventStream(w)
		_, _ = w.Write(append([]byte("event: message\ndata: "), body[:len(body)/2]...))
		panic(http.ErrAbortHandler)
	case silence:
		eventStream(w)
		event(w, []byte(noise))
		return
	case stranger:
		body = response(json.RawMessage(strangerID), `{"content":[]}`)
	}
	plain(w)
	_, _ = w.Write(body)
}

// plain says that a body is JSON, unless it is said to be something else.
func plain(w http.ResponseWriter) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
}

// hangUp resets the connection.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func drip(w http.ResponseWriter, body []byte) {
	for len(body) > 0 {
		n := min(len(body), 1+len(body)/8)
		_, _ = w.Write(body[:n])
		_ = http.NewResponseController(w).Flush()
		body = body[n:]
		time.Sleep(10 * time.Millisecond)
	}
}

// eventStream begins an event stream, unless it has begun.
func eventStream(w http.ResponseWriter) {
	if w.Header().Get("Content-Type") == "text/event-stream" {
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
}

func event(w http.ResponseWriter, text []byte) {
	_, _ = fmt.Fprintf(w, "event: message\ndata: %s\n\n", text)
	_ = http.NewResponseController(w).Flush()
}
