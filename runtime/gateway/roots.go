package gateway

import (
	"context"
	"log/slog"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// told takes a notification of a client. One alone goes on to the sources: that
// the client's roots are others (2025-11-25, client/roots, Root List Changes). A
// source tells the session that is this caller's own, if it has one, which will
// ask for them again.
func (h *handler) told(ctx context.Context, r *face.Request) {
	if r.Method != protocol.RootsChanged {
		return
	}
	var work sync.WaitGroup
	for _, m := range h.gateway.serverMounts() {
		release, ok := m.hold()
		if !ok {
			continue
		}
		work.Go(func() {
			defer release()
			_, err := m.Source.(Server).Request(ctx, &call.Request{Method: r.Method, Caller: r.Caller})
			if err != nil {
				h.gateway.logger.LogAttrs(ctx, slog.LevelInfo, "a server was not told that a client's roots have changed",
					slog.String("source", m.Source.Name()), slog.String("error", err.Error()))
			}
		})
	}
	work.Wait()
}

// serverMounts returns the mounts of sources that are whole MCP servers.
func (g *Gateway) serverMounts() []*Mount {
	g.mu.Lock()
	defer g.mu.Unlock()
	var mounts []*Mount
	for _, s := range g.seats {
		if _, ok := s.source.(Server); ok {
			mounts = append(mounts, s.mount)
		}
	}
	return mounts
}
