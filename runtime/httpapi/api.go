package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const (
	defaultMaxBody = 16 << 20 // bytes; arguments may carry a file
	bodyTimeout    = 2 * time.Minute
)

// Where things stand, below the base.
const (
	toolsPath    = "/api/tools"
	documentPath = "/openapi.json"
	docsPath     = "/docs"
)

// Tool is one tool as clients are shown it.
type Tool struct {
	Name        string // unique
	Title       string // may be empty
	Description string // may be empty
	// Input is the JSON Schema 2020-12 of the arguments, Output that of
	// structured results; Output is nil where none is promised.
	Input, Output json.RawMessage
	Annotations   tool.Annotations
	Source        string
}

// Options configures a handler. Tools, Version and Call are needed; the rest may
// be zero.
type Options struct {
	// Base is the path that everything stands below, such as "/mcp/support"; ""
	// is the host's root.
	Base string
	// Endpoint is the path of the MCP URL whose tools these are; calls carry it.
	Endpoint string
	// Tools returns the tools that the caller behind ctx may see, in their order.
	// They are shared and must not change.
	Tools func(ctx context.Context) []Tool
	// Version names what Tools would return. It is asked for with each request of
	// a definition or the document, so it must be cheap; Tools is called when it
	// is one that was not seen lately.
	Version func(ctx context.Context) string
	// Call carries out calls.
	Call call.Handler
	// Caller says who is behind a request; nil for nobody in particular.
	Caller func(ctx context.Context) call.Caller
	// Title is the document's; "" takes "Bridge".
	Title string
	// GatewayVersion is the gateway's own version; "" takes "dev".
	GatewayVersion string
	// MaxBody bounds a request's body, in bytes; 0 means 16 MiB.
	MaxBody int64
	// Logger takes what goes wrong here; calls are for the pipeline to log. nil
	// discards.
	Logger *slog.Logger
}

// api is the handler.
type api struct {
	opts   Options
	base   string // as it stands in a request's escaped path
	log    *slog.Logger
	views  views
	pages  map[string]*asset // of the docs, by path below the base
	origin *http.CrossOriginProtection
}

// New returns the handler of everything below opts.Base. Requests keep their
// whole path; those for other paths are answered with a problem of status 404.
func New(opts Options) http.Handler {
	if opts.MaxBody <= 0 {
		opts.MaxBody = defaultMaxBody
	}
	if opts.Title == "" {
		opts.Title = "Bridge"
	}
	if opts.GatewayVersion == "" {
		opts.GatewayVersion = "dev"
	}
	if opts.Caller == nil {
		opts.Caller = func(context.Context) call.Caller { return call.Caller{} }
	}
	a := &api{opts: opts, log: opts.Logger, pages: pages(), origin: http.NewCrossOriginProtection()}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if trimmed := strings.Trim(opts.Base, "/"); trimmed != "" {
		a.base = (&url.URL{Path: "/" + trimmed}).EscapedPath()
	}
	return a
}

// ServeHTTP answers one request.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, below := strings.CutPrefix(r.URL.EscapedPath(), a.base)
	if !below {
		path = ""
	}
	name, isTool := strings.CutPrefix(path, toolsPath+"/")
	switch {
	case isTool && name != "":
		a.serveTool(w, r, name)
	case path == toolsPath:
		a.serveView(w, r, (*view).listing)
	case path == documentPath:
		a.serveView(w, r, (*view).document)
	case a.pages[path] != nil:
		a.servePage(w, r, a.pages[path])
	case path == docsPath+"/":
		w.Header().Set("Location", a.base+docsPath)
		w.WriteHeader(http.StatusPermanentRedirect)
	default:
		a.refuse(w, fault.New("httpapi.route", fault.NotFound,
			"there is nothing here; "+a.base+docsPath+" shows what there is, "+a.base+documentPath+" describes it"))
	}
}

// serveTool answers for one tool, by the escaped form of its name.
func (a *api) serveTool(w http.ResponseWriter, r *http.Request, escaped string) {
	name, err := url.PathUnescape(escaped)
	if err != nil || strings.Contains(escaped, "/") {
		a.refuse(w, fault.New("httpapi.route", fault.NotFound, "a path below "+a.base+toolsPath+" is one tool's name; GET "+a.base+toolsPath+" lists them"))
		return
	}
	switch r.Method {
	case http.MethodPost:
		a.serveCall(w, r, name)
	case http.MethodGet, http.MethodHead:
		a.serveDefinition(w, r, name)
	default:
		a.refuseMethod(w, "GET, HEAD, POST")
	}
}

// serveView answers with a part of the present view.
func (a *api) serveView(w http.ResponseWriter, r *http.Request, part func(*view) *asset) {
	if !isRead(r.Method) {
		a.refuseMethod(w, "GET, HEAD")
		return
	}
	part(a.view(r.Context())).serve(w, r)
}

// serveDefinition answers with one tool's definition.
func (a *api) serveDefinition(w http.ResponseWriter, r *http.Request, name string) {
	definition, err := a.view(r.Context()).definition(name)
	if err != nil {
		a.refuse(w, err)
		return
	}
	definition.serve(w, r)
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }
