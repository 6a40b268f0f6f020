package rest

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const (
	defaultTimeout     = 30 * time.Second
	defaultMaxResponse = 32 << 20
)

// Options says what a source is made of. Name and Tools are needed; the zero
// value of the rest is usable.
type Options struct {
	// Name is the source's name as bridge.yaml has it.
	Name string
	API  tool.API
	// Tools are shared from here on and must not change.
	Tools []tool.Tool
	// BaseURL overrides every server of the document; it is needed where the
	// document has none.
	BaseURL string
	// DocumentURL is where the document came from, if that is a URL; relative
	// servers resolve against it.
	DocumentURL string
	// Headers are sent with each request.
	Headers []Header
	// Transport sends the requests; nil takes one made for many calls to few
	// hosts.
	Transport http.RoundTripper
	// TLS configures the source's own transport: a client certificate, who is
	// trusted. Nil takes the usual; it does not go with Transport.
	TLS *tls.Config
	// Timeout bounds one call, redirects and body included; 0 means 30 s.
	Timeout time.Duration
	// MaxResponse is the largest response, in bytes after decompression; 0 means
	// 32 MB.
	MaxResponse int64
	// Credentials returns what to present for an operation. It is asked for calls
	// that come with none, such as those that hooks and composite tools make; nil
	// presents nothing.
	Credentials func(context.Context, *tool.Operation) ([]call.Credential, error)
	// Custom is what was written by hand for the tools, or nil; see [Adapter].
	Custom *Custom
	// Logger gets the causes that callers do not see; nil drops them.
	Logger *slog.Logger
}

// Header is a header that a source sends with each request.
type Header struct {
	Name string
	// Value returns the header's value, which may be a secret: it is called for
	// each request, with its context, and what it returns is never printed.
	Value func(context.Context) (string, error)
	// Secret says that the value is taken out of the upstream's answers, too.
	Secret bool
}

// Source carries out the tools of one REST API. It is safe for concurrent use.
type Source struct {
	opts      Options
	transport http.RoundTripper
	own       *http.Transport // nil where the transport is the caller's
	log       *slog.Logger
	userAgent string
	base      *base
	baseErr   error

	mu    sync.Mutex
	plans map[planKey]*plan
}

// New returns a source. It fails where no request could be sent: a fixed header
// that is none, or tools for which neither setting nor document has a base URL.
func New(opts Options) (*Source, error) {
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.MaxResponse <= 0 {
		opts.MaxResponse = defaultMaxResponse
	}
	s := &Source{
		opts:      opts,
		transport: opts.Transport,
		log:       opts.Logger,
		userAgent: "bridge/" + version(),
		plans:     map[planKey]*plan{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.log = s.log.With("source", opts.Name)
	for _, h := range opts.Headers {
		if !tool.IsToken(h.Name) || h.Value == nil {
			return nil, fault.New("rest.new", fault.Invalid, "the source \""+opts.Name+"\" has a header that can't be sent: \""+shorten(h.Name)+"\"")
		}
	}
	if s.base, s.baseErr = s.resolveBase(); s.baseErr != nil && s.needsBase() {
		return nil, s.baseErr
	}
	if s.transport == nil {
		s.own = newTransport()
		s.own.TLSClientConfig = opts.TLS
		s.transport = s.own
	}
	return s, nil
}

// needsBase reports whether a tool has no server of its own to go to.
func (s *Source) needsBase() bool {
	if s.opts.BaseURL != "" || len(s.opts.Tools) == 0 {
		return true
	}
	for _, t := range s.opts.Tools {
		if t.Operation == nil {
			continue
		}
		if _, err := s.baseOf(t.Operation); err == nil {
			return false
		}
	}
	return true
}

// newTransport returns a transport made for many calls to few hosts.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    128,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		ReadBufferSize:         16 << 10,
		WriteBufferSize:        16 << 10,
	}
}

// version returns the version that the program was built as.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// Name returns the source's name.
func (s *Source) Name() string { return s.opts.Name }

// Tools returns the source's tools. They are shared: copy before changing one.
func (s *Source) Tools(context.Context) ([]tool.Tool, error) { return s.opts.Tools, nil }

// Close releases the source's idle connections. A transport that was handed in
// stays as it is.
func (s *Source) Close() error {
	if s.own != nil {
		s.own.CloseIdleConnections()
	}
	return nil
}
