package gateway

import (
	"net/http"
	"sync/atomic"

	"github.com/bridge-gateway/bridge/runtime/profile"
)

// Endpoint is an MCP URL of the gateway.
type Endpoint struct {
	Path string // e.g. "/mcp/gemini"
	// Profile says what kind of client the tools are shown to there.
	Profile profile.Profile
}

// view is what one endpoint shows of the sources: a catalog of its own, as names
// depend on the profile, behind faces of its own.
type view struct {
	endpoint Endpoint
	settings settings
	faces    *faces
	web      http.Handler // the faces over HTTP
	catalog  atomic.Pointer[Catalog]
}

func newView(g *Gateway, e Endpoint) *view {
	v := &view{endpoint: e, settings: settings{budget: g.opts.Budget, profile: e.Profile}}
	v.catalog.Store(compile(nil, v.settings, nil))
	v.faces = newFaces(g, v)
	v.web = sameOrigin(v.faces.http())
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
		if v.endpoint.Path == path {
			return v
		}
	}
	return nil
}

// endSessions ends every client's session.
func (g *Gateway) endSessions() {
	for _, v := range g.views.Load().list {
		v.faces.close()
	}
}
