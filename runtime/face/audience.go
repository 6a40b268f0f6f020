package face

import "github.com/bridge-gateway/bridge/runtime/protocol"

// PublishTo sends a notification to one session alone, as [Server.Publish] does
// to all. It reports whether there is such a session; one that does not want the
// notification gets none.
func (s *Server) PublishTo(session, method string, params []byte) bool {
	s.mu.Lock()
	sess := s.sessions.byID[session]
	s.mu.Unlock()
	if sess == nil {
		return false
	}
	if !sess.wants(method, protocol.MemberString(params, "uri"), params) {
		return true
	}
	data := protocol.OneLine(protocol.Message{Method: method, Params: params}.Append(nil))
	if lost := sess.publish(data, mergeable(method)); lost > 0 {
		s.logger.Warn("clients that do not read lost notifications", "method", method, "lost", lost)
	}
	return true
}

// Audience says who would get what is published to every session: how many
// sessions there are, and whether they are all of one caller.
func (s *Server) Audience() (sessions int, oneCaller bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var owner string
	for _, sess := range s.sessions.byID {
		if sessions++; sessions == 1 {
			owner = sess.owner
		} else if sess.owner != owner {
			return len(s.sessions.byID), false
		}
	}
	return sessions, true
}
