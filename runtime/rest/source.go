package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
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
	// Timeout bounds one call, redirects and body included; 0 means 30 s.
	Timeout time.Duration
	// MaxResponse is the largest response, in bytes after decompression; 0 means
	// 32 MB.
	MaxResponse int64
	// Logger gets the causes that callers do not see; nil drops them.
	Logger *slog.Logger
}

// Header is a header that a source sends with each request.
type Header struct {
	Name string
	// Value returns the header's value, which may be a secret: it is called for
	// each request and what it returns is never printed.
	Value func() (string, error)
}

// Source carries out the tools of one REST API. It is safe for concurrent use.
type Source struct {
	opts Options
}

// New returns a source.
func New(opts Options) (*Source, error) { return &Source{opts: opts}, nil }

// Name returns the source's name.
func (s *Source) Name() string { return s.opts.Name }

// Tools returns the source's tools. They are shared: copy before changing one.
func (s *Source) Tools(context.Context) ([]tool.Tool, error) { return s.opts.Tools, nil }

// Invoke carries out a call.
func (s *Source) Invoke(context.Context, *call.Call) (*call.Result, error) {
	return nil, fault.New("rest.invoke", fault.Unsupported, "not yet")
}

// Request returns the request that Invoke would send.
func (s *Source) Request(context.Context, *call.Call) (*http.Request, error) {
	return nil, fault.New("rest.request", fault.Unsupported, "not yet")
}

// Close releases the source's idle connections.
func (s *Source) Close() error { return nil }
