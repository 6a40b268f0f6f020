package face

import (
	"encoding/json"
	"net/http"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// listen is a standing stream of notifications (2026-07-28,
// basic/patterns/subscriptions).
type listen struct {
	stream *stream
	id     protocol.ID
	meta   []byte // an object that names the subscription
	want   wanted
	uris   map[string]struct{}
}

// wanted is what a client wants to be told of.
type wanted struct {
	Tools     bool     `json:"toolsListChanged,omitempty"`
	Prompts   bool     `json:"promptsListChanged,omitempty"`
	Resources bool     `json:"resourcesListChanged,omitempty"`
	URIs      []string `json:"resourceSubscriptions,omitempty"`
}

// newListen reads a request to listen, and has its resources watched.
func (s *Server) newListen(x *exchange) (*listen, error) {
	l := &listen{stream: newStream(0, false), id: x.id, uris: map[string]struct{}{}}
	filter, _ := protocol.Member(x.params, "notifications")
	if !protocol.IsObject(filter) || json.Unmarshal(filter, &l.want) != nil {
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "subscriptions/listen needs notifications, an object that says which")
	}
	if len(l.want.URIs) > maxWatched {
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "one stream may watch %d resources", maxWatched)
	}
	l.meta = append(append([]byte(`{"`+protocol.MetaSubscription+`":`), x.id...), '}')
	caller := s.caller(x.ctx)
	caller.Client = clientName(x.meta.ClientInfo)
	r := x.request(protocol.Listen, caller)
	for _, uri := range l.want.URIs {
		if _, have := l.uris[uri]; have {
			continue
		}
		if err := s.watches.acquire(x.ctx, r, uri); err != nil {
			s.unwatch(l)
			return nil, err
		}
		l.uris[uri] = struct{}{}
	}
	return l, s.addListen(l)
}

// addListen lets the server know a stream, whose first event says what it has.
func (s *Server) addListen(l *listen) error {
	agreed, err := json.Marshal(l.want)
	if err != nil {
		return err
	}
	l.publish(protocol.Acknowledged, append(append([]byte(`{"notifications":`), agreed...), '}'))
	s.mu.Lock()
	draining := s.draining
	if !draining {
		s.listens[l] = struct{}{}
	}
	s.mu.Unlock()
	if draining {
		s.unwatch(l)
		return errNoMore
	}
	return nil
}

// endListen undoes newListen.
func (s *Server) endListen(l *listen) {
	s.mu.Lock()
	delete(s.listens, l)
	s.mu.Unlock()
	l.stream.end()
	s.unwatch(l)
}

func (s *Server) unwatch(l *listen) {
	for uri := range l.uris {
		s.watches.release(uri)
	}
}

// wants reports whether a notification is for the stream.
func (l *listen) wants(method, uri string) bool {
	switch method {
	case protocol.ToolsChanged:
		return l.want.Tools
	case protocol.PromptsChanged:
		return l.want.Prompts
	case protocol.ResourcesChanged:
		return l.want.Resources
	case protocol.ResourceUpdated:
		_, ok := l.uris[uri]
		return ok
	default:
		return false
	}
}

// publish sends a notification, which names the subscription.
func (l *listen) publish(method string, params []byte) (lost int) {
	meta, _ := protocol.Member(params, "_meta")
	id := json.RawMessage(l.id)
	params = protocol.With(nil, params, "_meta", protocol.With(nil, meta, protocol.MetaSubscription, id))
	data := protocol.OneLine(protocol.Message{Method: method, Params: params}.Append(nil))
	if mergeable(method) && l.stream.pending(data) {
		return 0
	}
	return l.stream.add(data, false)
}

// over returns the answer to a request to listen, when the server ends it.
func (l *listen) over() Raw { return append(append([]byte(`{"_meta":`), l.meta...), '}') }

// listenHTTP answers subscriptions/listen by a stream.
func (s *Server) listenHTTP(w http.ResponseWriter, r *http.Request, x *exchange) {
	l, err := s.newListen(x)
	if err != nil {
		e := x.rpcError(err)
		refuse(w, x.status(e), x.id, e)
		return
	}
	defer s.endListen(l)
	out := &wire{w: w}
	out.open()
	l.stream.pump(r.Context(), 0, out.write)
	if r.Context().Err() == nil {
		data, _ := x.appendAnswer(nil, l.over(), nil)
		_ = out.write(protocol.Event{Data: data})
	}
}
