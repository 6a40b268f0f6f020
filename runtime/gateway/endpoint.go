package gateway

import (
	"cmp"
	"net/http"
	"sync/atomic"

	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/profile"
)

// Endpoint is an MCP URL of the gateway and the part of the catalog that it
// shows.
type Endpoint struct {
	Path string // e.g. "/mcp/gemini"
	// Name is told to clients as the server's name; "" takes the gateway's.
	Name string
	// Profile says what kind of client the tools are shown to there.
	Profile profile.Profile
	// Include and Exclude are globs over the names that the catalog has at
	// [Path], prefix included: a tool or prompt is shown if Include is empty or
	// matches, and Exclude does not match. A resource or template goes by its URI
	// there, and by its name behind the source's prefix. What is not listed can be
	// read if anything of its source is shown.
	Include, Exclude []string
	// Rename gives tools and prompts other names there, by their names in the
	// catalog.
	Rename map[string]string
	// Budget is the most tokens that a result may cost there; 0 takes what holds
	// elsewhere.
	Budget int
	// Instructions are told to clients; "" takes the gateway's.
	Instructions string
	// Tools says how tools/list shows the tools there.
	Tools Listing
}

// view is what one endpoint shows of the sources: a catalog of its own, as names
// depend on the profile, behind a face of its own. What a reload may change of an
// endpoint stands in the settings of its catalog, with which it is swapped.
type view struct {
	path    string
	handler *handler
	face    *face.Server
	web     http.Handler // the face over streamable HTTP
	sse     http.Handler // and over HTTP+SSE
	catalog atomic.Pointer[Catalog]
}

func newView(g *Gateway, s settings) *view {
	v := &view{path: s.endpoint.Path}
	v.catalog.Store(compile(nil, s, nil))
	v.handler = &handler{gateway: g, view: v}
	limits := g.opts.Limits
	v.face = face.New(face.Options{Handler: v.handler, Logger: g.logger, MaxBody: cmp.Or(limits.MaxBody, maxRequestBody),
		MaxSessions: limits.MaxSessions, MaxConcurrent: limits.MaxConcurrent,
		SessionTimeout: limits.SessionTimeout, AskTimeout: limits.AskTimeout})
	v.web, v.sse = sameOrigin(withHeader(v.face.HTTP())), sameOrigin(v.face.SSE())
	return v
}

// views are the endpoints that are served at one moment. A reload swaps them
// whole: whoever serves a request looks its endpoint up anew.
type views struct {
	list []*view // the first stands at Path
}

// first returns the view at [Path], which is always there.
func (g *Gateway) first() *view { return g.views.Load().list[0] }

// viewAt returns the view of the endpoint at a path, nil if none is served there
// now. Calls that came to no endpoint, from the command line, have the path ""
// and see the first.
func (g *Gateway) viewAt(path string) *view {
	if path == "" {
		return g.first()
	}
	for _, v := range g.views.Load().list {
		if v.path == path {
			return v
		}
	}
	return nil
}

// endSessions ends every client's session.
func (g *Gateway) endSessions() {
	for _, v := range g.views.Load().list {
		v.close()
	}
}

// close ends the sessions of an endpoint, and what is under way there.
func (v *view) close() { _ = v.face.Close() } // which reports nothing

// Problems returns what is left out, and which settings have no effect, at any
// endpoint; each once.
func (g *Gateway) Problems() []Problem {
	known := map[Problem]bool{}
	var all []Problem
	for _, v := range g.views.Load().list {
		for _, p := range v.catalog.Load().Problems() {
			if !known[p] {
				known[p] = true
				all = append(all, p)
			}
		}
	}
	return all
}
