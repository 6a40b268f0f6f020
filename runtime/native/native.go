package native

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Defaults of [Options].
const (
	defaultCommandStart = 120 * time.Second // npx and uvx may download first
	defaultURLStart     = 30 * time.Second
	defaultCall         = 60 * time.Second
	defaultMaxMessage   = 32 << 20
	defaultRetry        = time.Second
	defaultSessions     = 16
	defaultIdle         = 10 * time.Minute
)

// HeaderFunc returns a header's value. It is asked for every request, with its
// context, so that a credential can change, and a value never stands in the
// options.
type HeaderFunc func(context.Context) (string, error)

// Options say which server a source stands for.
type Options struct {
	// Name is the source's name, for messages and the log.
	Name string
	// Command is the program and its arguments. Just one of it, URL and Server is
	// set.
	Command []string
	// URL is the endpoint of a server that speaks streamable HTTP or HTTP+SSE.
	URL string
	// Server is a server in this process, made with the official SDK. Each session
	// of the source is one of its sessions; several sources may share it. See
	// [Guard].
	Server *mcp.Server
	// Env is added to the environment of Command, which else has just what a
	// program needs to run (see environ.go): never all of the gateway's own.
	Env map[string]string
	// Dir is the folder that Command runs in; "" is the gateway's.
	Dir string
	// Headers are added to each request to the URL's own origin; no request goes
	// to another.
	Headers map[string]HeaderFunc
	// StartTimeout bounds the time until a session is ready; 0 means 120 s for a
	// command and 30 s for a URL.
	StartTimeout time.Duration
	// CallTimeout bounds one call, what it waits for a start included, and one
	// page of the list of tools; 0 means 60 s.
	CallTimeout time.Duration
	// RetryDelay is the pause after a failed start. It doubles with each failure
	// up to a minute; 0 means 1 s.
	RetryDelay time.Duration
	// MaxMessage is the most bytes that one message of the server may have; 0
	// means 32 MB.
	MaxMessage int64
	// Isolate says whom a session is for: "" shares one among all callers,
	// "caller" gives each caller (by his id, else by his client's session) one of
	// his own. Lists come from the shared one.
	Isolate string
	// MaxSessions bounds the callers' own sessions; the longest idle one ends to
	// make room. 0 means 16.
	MaxSessions int
	// IdleTimeout is when a caller's own session ends that no call came for; 0
	// means 10 min.
	IdleTimeout time.Duration
	// Logger takes what the server writes and what happens to it; nil discards.
	Logger *slog.Logger
}

// Source is one native MCP server. Its methods are safe for concurrent use.
type Source struct {
	opts   Options
	url    *url.URL // nil for what is started or compiled in
	log    *slog.Logger
	base   *http.Transport // nil where url is
	redact redactor
	notes  *lineLog // the server's log messages

	changes chan struct{}
	notices chan call.Notice
	dropped dropped

	shared *link
	own    ownLinks

	// life ends when the source is closed.
	life context.Context
	end  context.CancelFunc
}

// New returns a source for the server, or an error that says what is wrong with
// the options. It starts nothing.
func New(o Options) (*Source, error) {
	u, err := o.check()
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	s := &Source{opts: o, url: u, log: o.Logger.With("source", o.Name),
		changes: make(chan struct{}, 1), notices: make(chan call.Notice, maxNotices)}
	s.redact = newRedactor(o.Env)
	s.notes = newLineLog(s.log, s.redact)
	s.life, s.end = context.WithCancel(context.Background())
	s.shared = newLink(s, true)
	if u != nil {
		s.redact.learnURL(u)
		s.base = newBaseTransport()
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.StartTimeout == 0 {
		o.StartTimeout = defaultURLStart
		if len(o.Command) > 0 {
			o.StartTimeout = defaultCommandStart
		}
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = defaultCall
	}
	if o.RetryDelay == 0 {
		o.RetryDelay = defaultRetry
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = defaultMaxMessage
	}
	if o.MaxSessions == 0 {
		o.MaxSessions = defaultSessions
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = defaultIdle
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Command = slices.Clone(o.Command)
	return o
}

// Name returns the source's name.
func (s *Source) Name() string { return s.opts.Name }

// Changes is signalled after the server said that one of its lists (tools,
// resources, prompts) has changed, and after a reconnect, as the server may be another by then. Signals that nobody
// took are one signal.
func (s *Source) Changes() <-chan struct{} { return s.changes }

func (s *Source) signalChange() {
	select {
	case s.changes <- struct{}{}:
	default:
	}
}

// Close ends all sessions, and the server's processes if it is a command, and
// waits until all is gone. Calls under way fail, later ones too.
func (s *Source) Close() error {
	s.end() // calls and starts under way
	var work sync.WaitGroup
	for _, l := range s.own.takeAll() {
		work.Go(l.close)
	}
	s.shared.close()
	work.Wait()
	s.own.work.Wait()
	s.notes.close()
	if s.base != nil {
		s.base.CloseIdleConnections()
	}
	return nil
}

func (s *Source) errClosed(op string) error {
	return fault.New(op, fault.Unavailable, "the MCP server "+quote(s.opts.Name)+" is no longer served: the gateway is stopping or was given a new configuration")
}
