package native

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

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
)

// HeaderFunc returns a header's value. It is asked for every request, with its
// context, so that a credential can change, and a value never stands in the
// options.
type HeaderFunc func(context.Context) (string, error)

// Options say which server a source stands for.
type Options struct {
	// Name is the source's name, for messages and the log.
	Name string
	// Command is the program and its arguments. Either it or URL is set.
	Command []string
	// URL is the endpoint of a server that speaks streamable HTTP or HTTP+SSE.
	URL string
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
	// Logger takes what the server writes and what happens to it; nil discards.
	Logger *slog.Logger
}

// Source is one native MCP server. Its methods are safe for concurrent use.
type Source struct {
	opts   Options
	url    *url.URL // nil for a command
	log    *slog.Logger
	client *mcp.Client
	base   *http.Transport // nil for a command
	redact redactor
	notes  *lineLog // the server's log messages

	changes  chan struct{}
	progress progressTable

	// life ends when the source is closed; work waits for its goroutines.
	life context.Context
	end  context.CancelFunc
	work sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	session  *session // nil while there is none
	starting *start   // nil unless a start is under way
	everUp   bool
	older    bool // the command is known to speak no revision that has server/discover
	failures int  // starts that failed in a row, early deaths included
	retryAt  time.Time
	state    State
}

// New returns a source for the server, or an error that says what is wrong with
// the options. It starts nothing.
func New(o Options) (*Source, error) {
	u, err := o.check()
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	s := &Source{opts: o, url: u, log: o.Logger.With("source", o.Name), changes: make(chan struct{}, 1)}
	s.state = State{Status: Idle, Since: time.Now()}
	s.redact = newRedactor(o.Env)
	s.notes = newLineLog(s.log, s.redact)
	s.life, s.end = context.WithCancel(context.Background())
	if s.client, err = s.newClient(); err != nil {
		return nil, err
	}
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
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Command = slices.Clone(o.Command)
	return o
}

// Name returns the source's name.
func (s *Source) Name() string { return s.opts.Name }

// Changes is signalled after the server said that its tools have changed, and
// after a reconnect, as the server may be another by then. Signals that nobody
// took are one signal.
func (s *Source) Changes() <-chan struct{} { return s.changes }

func (s *Source) signalChange() {
	select {
	case s.changes <- struct{}{}:
	default:
	}
}

// Close ends the session, and the server's processes if it is a command, and
// waits until all is gone. Calls under way fail, later ones too. Only the first
// Close does anything; the others wait for it.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed = true
	sess := s.session
	s.session = nil
	s.setState(Down, "the source was closed")
	s.mu.Unlock()

	s.end() // calls and a start under way
	if sess != nil {
		sess.close()
	}
	s.work.Wait()
	s.notes.close()
	if s.base != nil {
		s.base.CloseIdleConnections()
	}
	return nil
}

func (s *Source) errClosed(op string) error {
	return fault.New(op, fault.Unavailable, "the MCP server "+quote(s.opts.Name)+" is no longer served: the gateway is stopping or was given a new configuration")
}
