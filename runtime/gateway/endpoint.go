package gateway

import (
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
	catalog  atomic.Pointer[Catalog]
}

func newView(g *Gateway, e Endpoint) *view {
	v := &view{endpoint: e, settings: settings{budget: g.opts.Budget, profile: e.Profile}}
	v.catalog.Store(compile(nil, v.settings, nil))
	v.faces = newFaces(g, v)
	return v
}

// viewAt returns the view of the endpoint that a call came to; calls that came
// to none, from the command line, see the first.
func (g *Gateway) viewAt(path string) *view {
	for _, v := range g.views {
		if v.endpoint.Path == path {
			return v
		}
	}
	return g.views[0]
}

// endSessions ends every client's session.
func (g *Gateway) endSessions() {
	for _, v := range g.views {
		v.faces.close()
	}
}
