package face

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// Why requests are ended before they were answered.
var (
	errStopping = fault.New("face.drain", fault.Unavailable,
		"the gateway is stopping and has ended this call, which may have taken effect: check before you call again")
	errNoMore = fault.New("face.drain", fault.Unavailable,
		"the gateway is stopping and takes no more requests: try again in a moment")
	errSessionEnded = fault.New("face.session", fault.Canceled,
		"the session has ended, and its calls with it: one that was under way may have taken effect")
	errCancelled = fault.New("face.cancel", fault.Canceled, "the client cancelled the request")
	errLeft      = fault.New("face.cancel", fault.Canceled, "the client closed the connection")
	errBusy      = fault.New("face.limit", fault.RateLimited,
		"too many requests are under way at once: wait until some are answered, then try again")
)

// lastWords is how long calls that were ended have to answer.
const lastWords = time.Second

// Server serves MCP to clients in front of a [Handler].
type Server struct {
	opts    Options
	handler Handler
	logger  *slog.Logger
	watches watches
	parking parking
	lost    lostStreams
	dropped atomic.Int64   // notifications of clients
	links   sync.WaitGroup // goroutines of requests that outlive what brought them

	mu        sync.Mutex
	draining  bool
	closed    bool
	running   map[*exchange]struct{}
	idle      []chan struct{} // closed when nothing runs
	sessions  sessions
	listens   map[*listen]struct{}
	connected map[*link]struct{}
	sse       map[string]*link // by the id in its URL
}

// New returns a server. Close it when it is not needed any more.
func New(opts Options) *Server {
	opts = withDefaults(opts)
	s := &Server{
		opts:      opts,
		handler:   opts.Handler,
		logger:    opts.Logger,
		running:   map[*exchange]struct{}{},
		listens:   map[*listen]struct{}{},
		connected: map[*link]struct{}{},
		sse:       map[string]*link{},
	}
	s.watches.handler, s.lost.limit = opts.Handler, maxLost
	s.sessions.init()
	return s
}

func withDefaults(o Options) Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 16 << 20
	}
	if o.MaxSessions <= 0 {
		o.MaxSessions = 10_000
	}
	if o.SessionTimeout <= 0 {
		o.SessionTimeout = time.Hour
	}
	if o.MaxConcurrent <= 0 {
		o.MaxConcurrent = 256
	}
	if o.AskTimeout <= 0 {
		o.AskTimeout = 5 * time.Minute
	}
	return o
}

func (s *Server) caller(ctx context.Context) call.Caller {
	if s.opts.Caller == nil {
		return call.Caller{}
	}
	return s.opts.Caller(ctx)
}

// start notes a request as under way. It is refused while the server drains.
func (s *Server) start(x *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return errNoMore
	}
	s.running[x] = struct{}{}
	return nil
}

// stop notes that a request was answered.
func (s *Server) stop(x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, x)
	if len(s.running) > 0 {
		return
	}
	for _, waiting := range s.idle {
		close(waiting)
	}
	s.idle = nil
}

// wait waits until no request is under way, or ctx ends.
func (s *Server) wait(ctx context.Context) {
	idle := make(chan struct{})
	s.mu.Lock()
	if len(s.running) == 0 {
		close(idle)
	} else {
		s.idle = append(s.idle, idle)
	}
	s.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// Drain takes no new requests, and waits for those that are under way. Those
// that outlast ctx are cancelled, with an error that tells their clients why.
// Then sessions and standing streams end.
func (s *Server) Drain(ctx context.Context) {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	s.wait(ctx)
	s.cancelAll(errStopping)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	s.wait(last)
	s.endAll()
}

// Close ends everything at once, and waits for what the server started itself.
func (s *Server) Close() error {
	s.mu.Lock()
	s.draining, s.closed = true, true
	s.mu.Unlock()
	s.cancelAll(errStopping)
	s.endAll()
	s.links.Wait()
	return nil
}

func (s *Server) cancelAll(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range s.running {
		x.cancel(why)
	}
}

// endAll ends sessions, standing streams and parked calls.
func (s *Server) endAll() {
	s.parking.endAll(errStopping)
	s.mu.Lock()
	all := s.sessions.takeAll()
	listens := slices.Collect(maps.Keys(s.listens))
	links := slices.Collect(maps.Keys(s.connected))
	s.mu.Unlock()
	for _, l := range listens {
		l.stream.end()
	}
	for _, sess := range all {
		s.ended(sess, errStopping)
	}
	for _, l := range links {
		l.cancel(errStopping)
	}
}

// Sessions returns how many sessions are open.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions.order.Len()
}

// Publish sends a notification to the clients that it is for: an update of a
// resource to those that subscribed to it, a list that changed to those that
// want to know, anything else to every session.
func (s *Server) Publish(method string, params []byte) {
	data := protocol.OneLine(protocol.Message{Method: method, Params: params}.Append(nil))
	uri := ""
	if method == protocol.ResourceUpdated {
		uri = protocol.MemberString(params, "uri")
	}
	s.mu.Lock()
	all := s.sessions.all()
	listens := slices.Collect(maps.Keys(s.listens))
	s.mu.Unlock()
	dropped := 0
	for _, sess := range all {
		if sess.wants(method, uri, params) {
			dropped += sess.publish(data, mergeable(method))
		}
	}
	for _, l := range listens {
		if l.wants(method, uri) {
			dropped += l.publish(method, params)
		}
	}
	if dropped > 0 {
		s.logger.Warn("clients that do not read lost notifications", "method", method, "lost", dropped)
	}
}

// mergeable reports whether two of the same notification say no more than one.
func mergeable(method string) bool {
	switch method {
	case protocol.ToolsChanged, protocol.ResourcesChanged, protocol.PromptsChanged, protocol.ResourceUpdated:
		return true
	default:
		return false
	}
}
