package cli

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// restSource is a REST source that is made when its tools are first asked for,
// and tried again until that works: its document may be on a server that is
// down for now, or a file that is being mended.
type restSource struct {
	name    string
	headers []string // that the configuration gives, by name
	open    func(context.Context) (*openedREST, error)

	mu     sync.Mutex
	opened *openedREST
}

// openedREST is what a restSource is made of once its document was read.
type openedREST struct {
	source      *rest.Source
	credentials *credential.Provider
	presented   *presented
	diagnostics []openapi.Diagnostic
	files       map[string]digest // that the document was read from
}

func (s *restSource) ready(ctx context.Context) (*openedREST, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		opened, err := s.open(ctx)
		if err != nil {
			return nil, err
		}
		s.opened = opened
	}
	return s.opened, nil
}

// Name returns the source's name.
func (s *restSource) Name() string { return s.name }

// Tools reads the document if that was not done yet.
func (s *restSource) Tools(ctx context.Context) ([]tool.Tool, error) {
	o, err := s.ready(ctx)
	if err != nil {
		return nil, err
	}
	return o.source.Tools(ctx)
}

// Invoke carries out a call.
func (s *restSource) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	o, err := s.ready(ctx)
	if err != nil {
		return nil, err
	}
	return o.source.Invoke(ctx, c)
}

// Request returns the request that Invoke would send, to be shown: with its
// credentials, not signed, and without the values of the configuration's headers,
// which may be secret too.
func (s *restSource) Request(ctx context.Context, c *call.Call) (*http.Request, error) {
	o, err := s.ready(ctx)
	if err != nil {
		return nil, err
	}
	if c.Credentials, err = o.credentials.For(ctx, c.Tool.Operation); err != nil {
		return nil, err
	}
	r, err := o.source.Request(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, name := range s.headers {
		if r.Header.Get(name) != "" {
			r.Header.Set(name, "[redacted]")
		}
	}
	return r, nil
}

// Close releases what the source holds.
func (s *restSource) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		return nil
	}
	return errors.Join(s.opened.source.Close(), s.opened.presented.close())
}

// credential is the stage that gives a call its credentials.
func (s *restSource) credential(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		o, err := s.ready(ctx)
		if err != nil {
			return nil, err
		}
		return o.credentials.Middleware()(next)(ctx, c)
	}
}

// read returns the files that the document was read from, as they were then.
func (s *restSource) read() map[string]digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		return nil
	}
	return s.opened.files
}

// digests returns the content of files that were read since began. What was
// written meanwhile may not be what was read: such a file counts as another.
func digests(files []string, began time.Time) map[string]digest {
	out := make(map[string]digest, len(files))
	for _, file := range files {
		content := digestOf(file)
		if info, err := os.Stat(file); err == nil && info.ModTime().After(began) && info.ModTime().Before(time.Now()) {
			content = digest{}
		}
		out[file] = content
	}
	return out
}

// diagnosed returns what lowering the document reported.
func (s *restSource) diagnosed() []openapi.Diagnostic {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		return nil
	}
	return s.opened.diagnostics
}
