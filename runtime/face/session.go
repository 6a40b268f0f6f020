package face

import (
	"bytes"
	"container/list"
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// Bounds of a session.
const (
	maxAsks         = 64      // questions to its client that are open
	maxCapabilities = 8 << 10 // bytes of what its client declares
	cutStreamTTL    = time.Minute
)

// session is a client of a revision until 2025-11-25. An idle one is this
// struct, and no goroutine.
type session struct {
	server       *Server
	id           string
	owner        string // the id of the caller who opened it
	client       string
	revision     string
	capabilities json.RawMessage
	place        *list.Element // in sessions.order
	used         time.Time     // guarded by the server's mu

	mu       sync.Mutex
	over     bool
	level    int                  // of log messages that it wants, plus 1; 0 if it did not say
	running  map[string]*exchange // by the id of the request
	asks     map[int64]chan protocol.Message
	lastAsk  int64
	standing *stream // what belongs to no request; nil until there is some
	cut      []*stream
	streams  int // how many there were
	notes    map[*exchange]struct{}
	subs     map[string]*subscription
}

// subscription is a resource that a session watches, or is about to.
type subscription struct{ counted bool } // among the server's watches

// sessions are the sessions by id, and by when they were used last.
type sessions struct {
	byID  map[string]*session
	order list.List // front: used last
	sweep *time.Timer
}

func (s *sessions) init() { s.byID = map[string]*session{} }

func (s *sessions) all() []*session {
	all := make([]*session, 0, len(s.byID))
	for _, sess := range s.byID {
		all = append(all, sess)
	}
	return all
}

func (s *sessions) takeAll() []*session {
	all := s.all()
	clear(s.byID)
	s.order.Init()
	if s.sweep != nil {
		s.sweep.Stop()
	}
	return all
}

func (s *sessions) remove(sess *session) bool {
	if s.byID[sess.id] != sess {
		return false
	}
	delete(s.byID, sess.id)
	s.order.Remove(sess.place)
	return true
}

// newSession returns a session that the server does not know yet.
func (s *Server) newSession(caller call.Caller, params []byte) (*session, error) {
	capabilities, _ := protocol.Member(params, "capabilities")
	if !protocol.IsObject(capabilities) {
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "initialize needs capabilities, an object")
	}
	if len(capabilities) > maxCapabilities {
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "the client's capabilities are over %d bytes", maxCapabilities)
	}
	asked, _ := protocol.Member(params, "protocolVersion")
	revision, ok := protocol.String(asked)
	if !ok {
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "initialize needs protocolVersion, a string")
	}
	info, _ := protocol.Member(params, "clientInfo")
	return &session{server: s, id: rand.Text(), owner: caller.ID, client: clientName(info),
		revision: protocol.Negotiate(revision), capabilities: bytes.Clone(capabilities)}, nil
}

// clientName returns how a client calls itself, e.g. "cursor/1.2".
func clientName(info []byte) string {
	const limit = 100
	name, version := protocol.MemberString(info, "name"), protocol.MemberString(info, "version")
	if version != "" {
		name += "/" + version
	}
	return fault.Clip(name, limit)
}

// open lets the server know a session; the longest idle one makes room.
func (s *Server) open(sess *session) error {
	s.mu.Lock()
	if s.draining {
		s.mu.Unlock()
		return errNoMore
	}
	var evicted *session
	if s.sessions.order.Len() >= s.opts.MaxSessions {
		evicted = s.longestIdle()
		s.sessions.remove(evicted)
	}
	sess.used = time.Now()
	sess.place = s.sessions.order.PushFront(sess)
	s.sessions.byID[sess.id] = sess
	if s.sessions.sweep == nil {
		s.sessions.sweep = time.AfterFunc(s.sweepEvery(), s.sweepSessions)
	}
	s.mu.Unlock()
	if evicted != nil {
		s.logger.Info("a session was ended to make room for another", "client", evicted.client, "max", s.opts.MaxSessions)
		s.ended(evicted, errSessionEnded)
	}
	return nil
}

// longestIdle returns the session whose client has been gone the longest; the
// server's mu is held.
func (s *Server) longestIdle() *session {
	oldest := s.sessions.order.Back()
	for e := oldest; e != nil; e = e.Prev() {
		if sess := e.Value.(*session); !sess.busy() {
			return sess
		}
	}
	return oldest.Value.(*session)
}

func (s *Server) sweepEvery() time.Duration {
	return max(min(s.opts.SessionTimeout/4, cutStreamTTL), 10*time.Millisecond)
}

// sweepSessions ends the sessions that no request came for.
func (s *Server) sweepSessions() {
	var over []*session
	now := time.Now()
	s.lost.expire(now)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	for e := s.sessions.order.Back(); e != nil; {
		sess, before := e.Value.(*session), e.Prev()
		sess.dropCut(now)
		if now.Sub(sess.used) >= s.opts.SessionTimeout && !sess.busy() && s.sessions.remove(sess) {
			over = append(over, sess)
		}
		e = before
	}
	if s.sessions.order.Len() > 0 || !s.lost.empty() {
		s.sessions.sweep.Reset(s.sweepEvery())
	} else {
		s.sessions.sweep = nil
	}
	s.mu.Unlock()
	for _, sess := range over {
		s.ended(sess, errSessionEnded)
	}
}

// session returns a caller's session, and notes that it is used.
func (s *Server) session(id string, caller call.Caller) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	sess := s.sessions.byID[id]
	if sess == nil || sess.owner != caller.ID {
		return nil
	}
	sess.used = time.Now()
	s.sessions.order.MoveToFront(sess.place)
	return sess
}

// end ends a session at its client's wish.
func (s *Server) end(sess *session, why error) {
	s.mu.Lock()
	known := s.sessions.remove(sess)
	s.mu.Unlock()
	if known {
		s.ended(sess, why)
	}
}

// ended ends what a session has: its requests, questions, streams and
// subscriptions. The server does not know the session any more.
func (s *Server) ended(sess *session, why error) {
	sess.mu.Lock()
	sess.over = true
	for _, x := range sess.running {
		x.cancel(why)
	}
	for x := range sess.notes {
		x.cancel(why)
	}
	streams := sess.cut
	if sess.standing != nil {
		streams = append(streams, sess.standing)
	}
	subs := sess.subs
	sess.cut, sess.subs = nil, nil
	sess.mu.Unlock()
	for _, stream := range streams {
		stream.end()
	}
	for uri, sub := range subs {
		if sub.counted {
			s.watches.release(uri)
		}
	}
	s.handler.Ended(sess.id)
}

// busy reports whether the session has a request under way or an open stream.
func (sess *session) busy() bool {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	return len(sess.running) > 0 || sess.standing != nil && sess.standing.connected()
}

// register notes a request as under way in the session.
func (sess *session) register(x *exchange) error {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	key := string(x.id)
	switch {
	case sess.over:
		return errSessionEnded
	case len(sess.running) >= sess.server.opts.MaxConcurrent:
		return errBusy
	case sess.running[key] != nil:
		return protocol.Errorf(protocol.CodeInvalidRequest, "a request with the id %s is under way: ids are used once", x.id)
	}
	if sess.running == nil {
		sess.running = map[string]*exchange{}
	}
	sess.running[key] = x
	return nil
}

func (sess *session) unregister(x *exchange) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if sess.running[string(x.id)] == x {
		delete(sess.running, string(x.id))
	}
	if len(sess.running) == 0 {
		sess.running = nil // an idle session has none
	}
}

// registerNote notes that a notification is being taken, which ends with the
// session. It reports false if the session has ended, or takes too many.
func (sess *session) registerNote(x *exchange) bool {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if sess.over || len(sess.notes) >= sess.server.opts.MaxConcurrent {
		return false
	}
	if sess.notes == nil {
		sess.notes = map[*exchange]struct{}{}
	}
	sess.notes[x] = struct{}{}
	return true
}

func (sess *session) unregisterNote(x *exchange) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if delete(sess.notes, x); len(sess.notes) == 0 {
		sess.notes = nil
	}
}

// cancelRequest ends a request that its client wants no more.
func (sess *session) cancelRequest(params []byte) {
	id, _ := protocol.Member(params, "requestId")
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if x := sess.running[string(id)]; x != nil {
		x.cancel(errCancelled)
	}
}

// stream returns the session's standing stream.
func (sess *session) stream() *stream {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if sess.standing == nil {
		sess.standing = newStream(0, true)
		if sess.over {
			sess.standing.end()
		}
	}
	return sess.standing
}

// publish sends what belongs to no request, and reports how much was lost by it.
func (sess *session) publish(data []byte, mergeable bool) (lost int) {
	stream := sess.stream()
	if mergeable && stream.pending(data) {
		return 0
	}
	return stream.add(data, false)
}

// wants reports whether a notification is for the session.
func (sess *session) wants(method, uri string, params []byte) bool {
	switch method {
	case protocol.ResourceUpdated:
		sess.mu.Lock()
		defer sess.mu.Unlock()
		_, ok := sess.subs[uri]
		return ok
	case protocol.LogMessage:
		return sess.logs(protocol.MemberString(params, "level"))
	default:
		return true
	}
}

func (sess *session) logs(level string) bool {
	got, ok := protocol.Severity(level)
	sess.mu.Lock()
	defer sess.mu.Unlock()
	return !ok || got >= sess.level-1
}

// setLevel answers logging/setLevel.
func (sess *session) setLevel(params []byte) (Result, error) {
	level := protocol.MemberString(params, "level")
	rank, ok := protocol.Severity(level)
	if !ok {
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "level is one of %v", protocol.Levels())
	}
	sess.mu.Lock()
	defer sess.mu.Unlock()
	sess.level = rank + 1
	return Raw("{}"), nil
}

// logLevel returns the level that the client has set; "" for none.
func (sess *session) logLevel() string {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if sess.level == 0 {
		return ""
	}
	return protocol.Levels()[sess.level-1]
}

// subscribe answers resources/subscribe.
func (sess *session) subscribe(ctx context.Context, r *Request) (Result, error) {
	uri := protocol.MemberString(r.Params, "uri")
	if uri == "" {
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "a subscription needs a uri")
	}
	sub, err := sess.addSub(uri)
	if err != nil || sub == nil {
		return Raw("{}"), err
	}
	if err := sess.server.watches.acquire(ctx, r, uri); err != nil {
		sess.dropSub(uri, sub)
		return nil, err
	}
	if !sess.confirmSub(uri, sub) { // the session has ended, or the client unsubscribed
		sess.server.watches.release(uri)
		return nil, fault.New("face.subscribe", fault.Canceled, "the subscription was ended before it had begun")
	}
	return Raw("{}"), nil
}

// addSub takes note of a subscription that is about to be; nil if there is one.
func (sess *session) addSub(uri string) (*subscription, error) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if sess.over {
		return nil, errSessionEnded
	}
	if sess.subs[uri] != nil {
		return nil, nil
	}
	if len(sess.subs) >= maxWatched {
		return nil, fault.New("face.subscribe", fault.RateLimited,
			"one client may watch "+strconv.Itoa(maxWatched)+" resources: unsubscribe from some first")
	}
	if sess.subs == nil {
		sess.subs = map[string]*subscription{}
	}
	sub := &subscription{}
	sess.subs[uri] = sub
	return sub, nil
}

// confirmSub notes that a subscription counts as a watch, which whoever ends it
// has to release. It reports whether it is still wanted.
func (sess *session) confirmSub(uri string, sub *subscription) bool {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if sess.subs[uri] != sub {
		return false
	}
	sub.counted = true
	return true
}

// dropSub forgets a subscription that came to nothing.
func (sess *session) dropSub(uri string, sub *subscription) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if sess.subs[uri] == sub {
		delete(sess.subs, uri)
	}
}

// unsubscribe answers resources/unsubscribe.
func (sess *session) unsubscribe(params []byte) (Result, error) {
	uri := protocol.MemberString(params, "uri")
	sess.mu.Lock()
	sub := sess.subs[uri]
	delete(sess.subs, uri)
	counted := sub != nil && sub.counted
	sess.mu.Unlock()
	if counted {
		sess.server.watches.release(uri)
	}
	return Raw("{}"), nil
}

// keepOpen keeps a stream, for a client that loses it and comes back.
func (sess *session) keepOpen(stream *stream) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	sess.cut = append(sess.cut, stream)
	for i := 0; len(sess.cut) > maxCutStreams && i < len(sess.cut)-1; i++ {
		if sess.cut[i].finished() {
			sess.cut = slices.Delete(sess.cut, i, i+1)
			i--
		}
	}
}

// forget drops a stream that its client has got whole.
func (sess *session) forget(stream *stream) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if at := slices.Index(sess.cut, stream); at >= 0 {
		sess.cut = slices.Delete(sess.cut, at, at+1)
	}
	if len(sess.cut) == 0 {
		sess.cut = nil
	}
}

// dropCut drops the streams that nobody came back for.
func (sess *session) dropCut(now time.Time) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	kept := sess.cut[:0]
	for _, stream := range sess.cut {
		if !stream.stale(now) {
			kept = append(kept, stream)
		}
	}
	if sess.cut = kept; len(kept) == 0 {
		sess.cut = nil
	}
}

// nextStream returns a number for a stream; 0 is the standing one's.
func (sess *session) nextStream() int {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	sess.streams++
	return sess.streams
}

// resumable returns the stream of a number.
func (sess *session) resumable(number int) *stream {
	if number == 0 {
		return sess.stream()
	}
	sess.mu.Lock()
	defer sess.mu.Unlock()
	for _, stream := range sess.cut {
		if stream.id == number {
			return stream
		}
	}
	return nil
}
