package face

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// versionKey is protocol.HeaderVersion as net/http has it, which costs nothing to
// look up.
const versionKey = "Mcp-Protocol-Version"

// readTimeout is how long a request's body may take.
const readTimeout = 2 * time.Minute

// HTTP serves streamable HTTP of all revisions at one URL. Whose Host and Origin
// may come in is the business of what is in front of it.
func (s *Server) HTTP() http.Handler { return http.HandlerFunc(s.serveHTTP) }

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		s.servePost(w, r)
	case http.MethodGet, http.MethodDelete:
		s.serveSession(w, r)
	default:
		notAllowed(w, "GET, POST, DELETE")
	}
}

func notAllowed(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	refuse(w, http.StatusMethodNotAllowed, nil, protocol.Errorf(protocol.CodeInvalidRequest, "there is no such HTTP method here; it takes %s", allow))
}

// servePost takes a message, or a batch of 2025-03-26.
func (s *Server) servePost(w http.ResponseWriter, r *http.Request) {
	if !acceptable(w, r) {
		return
	}
	body, ok := s.readBody(w, r)
	if !ok {
		return
	}
	version := r.Header.Get(versionKey)
	if isBatch(body) && !protocol.IsModern(version) {
		s.postBatch(w, r, body)
		return
	}
	m, err := protocol.Parse(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, m.ID, asRPC(err))
		return
	}
	switch {
	case protocol.IsModern(version):
		s.postModern(w, r, m)
	case protocol.SplitMeta(m.Params).Revision != "" && m.IsRequest() && r.Header.Get(protocol.HeaderSession) == "":
		s.postModern(w, r, m) // which refuses it for its headers
	default:
		s.postOlder(w, r, m)
	}
}

func isBatch(body []byte) bool {
	for _, c := range body {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c == '['
		}
	}
	return false
}

func asRPC(err error) *protocol.Error {
	var e *protocol.Error
	if errors.As(err, &e) {
		return e
	}
	return protocol.Errorf(protocol.CodeInternal, "internal error")
}

// acceptable checks what a POST sends and takes: JSON, and JSON as well as
// event streams (basic/transports, Sending Messages to the Server).
func acceptable(w http.ResponseWriter, r *http.Request) bool {
	if !isJSON(r.Header.Get("Content-Type")) {
		refuse(w, http.StatusUnsupportedMediaType, nil, protocol.Errorf(protocol.CodeInvalidRequest, "Content-Type must be application/json"))
		return false
	}
	if !accepts(r.Header, "application/json") || !accepts(r.Header, "text/event-stream") {
		refuse(w, http.StatusNotAcceptable, nil, protocol.Errorf(protocol.CodeInvalidRequest, "Accept must have application/json and text/event-stream"))
		return false
	}
	return true
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return media == "application/json" && (err == nil || errors.Is(err, mime.ErrInvalidMediaParameter))
}

// accepts reports whether a request takes a media type; one that says nothing
// takes all (RFC 9110, section 12.5.1).
func accepts(header http.Header, media string) bool {
	values := header["Accept"]
	family, _, _ := strings.Cut(media, "/")
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			name, _, _ := strings.Cut(part, ";")
			name = strings.TrimSpace(name)
			if strings.EqualFold(name, media) || name == "*/*" || name == family+"/*" {
				return true
			}
		}
	}
	return len(values) == 0
}

// readBody reads a body within its bounds of size and time. It is not pooled:
// what is made of it may be on its way to an upstream when the request is over.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(readTimeout)) // not every writer has deadlines
	from := http.MaxBytesReader(w, r.Body, s.opts.MaxBody)
	const most = 64 << 10 // that a client's word is taken for
	body := make([]byte, 0, min(max(r.ContentLength, 512), most)+1)
	for {
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case errors.Is(err, io.EOF):
			_ = connection.SetReadDeadline(time.Time{})
			return body, true
		case err != nil:
			s.refuseBody(w, err)
			return nil, false
		case len(body) == cap(body):
			body = append(body, 0)[:len(body)]
		}
	}
}

func (s *Server) refuseBody(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		refuse(w, http.StatusRequestEntityTooLarge, nil, protocol.Errorf(protocol.CodeInvalidRequest,
			"the message is over %s bytes, which is the most that is taken", strconv.FormatInt(large.Limit, 10)))
		return
	}
	w.Header().Set("Connection", "close")
	refuse(w, http.StatusRequestTimeout, nil, protocol.Errorf(protocol.CodeInvalidRequest, "the message can't be read, or takes too long"))
}

// detached returns a context with the values of an HTTP request's, but that does
// not end with it: until 2025-11-25 a client that disconnects cancels nothing.
func detached(r *http.Request) context.Context { return context.WithoutCancel(r.Context()) }
