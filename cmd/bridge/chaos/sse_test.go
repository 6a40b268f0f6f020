//go:build unix

package chaos_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Events that are for the server itself, on a session's stream.
const (
	cutHere   = "\x00cut"
	resetHere = "\x00reset"
	largeHere = "\x00large"
)

// serveSSE serves HTTP+SSE: a GET opens the stream and says where to POST; what
// is answered goes out by the stream.
func (s *site) serveSSE(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("session")
	switch {
	case r.Method == http.MethodGet:
		s.openStream(w, r)
	case r.Method == http.MethodPost && id != "":
		r.Header.Set("Mcp-Session-Id", id)
		s.postSSE(w, r)
	default:
		http.Error(w, "GET the stream first", http.StatusMethodNotAllowed)
	}
}

func (s *site) openStream(w http.ResponseWriter, r *http.Request) {
	if what, _ := s.lane.at(connecting); what != none && !s.strike(w, r, what) {
		return
	}
	id := s.open()
	defer s.forget(id)
	r.Header.Set("Mcp-Session-Id", id)
	out, _ := s.session(r)
	eventStream(w)
	_, _ = fmt.Fprintf(w, "event: endpoint\ndata: /mcp?session=%s\n\n", id)
	_ = http.NewResponseController(w).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case text, open := <-out:
			switch {
			case !open:
				return
			case string(text) == resetHere:
				hangUp(w)
				return
			case string(text) == largeHere:
				_, _ = io.WriteString(w, "event: message\ndata: ")
				(&message{ID: json.RawMessage("1")}).large(w)
				_, _ = io.WriteString(w, "\n\n")
				continue
			case strings.HasPrefix(string(text), cutHere):
				_, _ = fmt.Fprintf(w, "event: message\ndata: %s", text[len(cutHere):])
				panic(http.ErrAbortHandler)
			}
			event(w, text)
		}
	}
}

// tell puts a message on the session's stream, if it still has one.
func (s *site) tell(id string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if out, known := s.sessions[id]; known {
		select {
		case out <- text:
		default:
		}
	}
}

func (s *site) postSSE(w http.ResponseWriter, r *http.Request) {
	var m message
	if json.NewDecoder(r.Body).Decode(&m) != nil {
		http.Error(w, "no message", http.StatusBadRequest)
		return
	}
	if _, known := s.session(r); !known {
		http.Error(w, "no such session", http.StatusNotFound)
		return
	}
	id := r.Header.Get("Mcp-Session-Id")
	if m.Method == "tools/call" {
		what, ends := s.lane.at(before)
		if ends {
			s.forget("")
			what = expires
		}
		if what != none && !s.strike(w, r, what) {
			return
		}
	}
	w.WriteHeader(http.StatusAccepted)
	if m.ID == nil {
		return
	}
	if m.Method != "tools/call" {
		s.tell(id, m.answer(sse))
		return
	}
	if told := m.progress(); told != nil {
		s.tell(id, told)
	}
	s.lane.book.run(m.Params.Arguments.Key)
	s.answerSSE(r, id, &m)
}

// answerSSE tells the answer to a call as the fault has it.
func (s *site) answerSSE(r *http.Request, id string, m *message) {
	text := m.answer(sse)
	switch what, _ := s.lane.at(answering); what {
	case cut:
		text = append([]byte(cutHere), text[:len(text)/2]...)
	case garbage:
		s.tell(id, []byte("{]"))
	case hangs:
		s.lane.wait(r.Context())
	case slow:
		time.Sleep(200 * time.Millisecond)
	case oversize:
		text = []byte(largeHere)
	case stranger:
		text = response(json.RawMessage(strangerID), `{"content":[]}`)
	}
	s.tell(id, text)
	if what, _ := s.lane.at(after); what == reset {
		s.tell(id, []byte(resetHere))
	}
}
