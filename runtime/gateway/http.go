package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Bounds of the HTTP surface.
const (
	maxRequestBody    = 16 << 20 // bytes; arguments may carry a file
	maxHeader         = 64 << 10
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	lastWords         = time.Second // for the answers of calls that were ended
)

// Path is where the gateway's MCP endpoint stands.
const Path = "/mcp"

// ssePath is where HTTP+SSE, the transport of 2024-11-05, stands.
const ssePath = "/sse"

// Handler returns the HTTP surface: the MCP endpoint at [Path], and the further
// ones, for every revision; HTTP+SSE at /sse, and below each endpoint; the tools
// over plain HTTP, if the options have that; /healthz, /readyz, and at / a line
// for people.
func (g *Gateway) Handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.CustomRecoveryWithWriter(io.Discard, g.recovered))
	router.Use(refuseForeignHosts)
	router.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	router.GET("/readyz", g.ready)
	router.GET("/", func(c *gin.Context) {
		c.String(http.StatusOK, "Bridge is running. Its MCP endpoint is %s on this host: add that URL to your client.\n", Path)
	})
	if g.opts.API != nil {
		api := gin.WrapH(sameOrigin(g.opts.API))
		for _, path := range []string{"/api/*path", "/openapi.json", "/docs", "/docs/*path"} {
			router.Any(path, api)
		}
	}
	router.NoRoute(g.endpoint)
	return router
}

// endpoint answers for the endpoints: routes of the router can't change while it
// serves, endpoints do.
func (g *Gateway) endpoint(c *gin.Context) {
	path := c.Request.URL.Path
	v, serve := g.viewAt(path), func(v *view) http.Handler { return v.web }
	if v == nil {
		v, serve = g.viewOfSSE(path), func(v *view) http.Handler { return v.sse }
	}
	if v == nil || path == "" {
		c.JSON(http.StatusNotFound, gin.H{"error": "there is nothing here; the MCP endpoint is " + Path})
		return
	}
	c.Status(http.StatusOK) // the router's own for NoRoute is 404
	serve(v).ServeHTTP(c.Writer, c.Request)
}

// viewOfSSE returns the view of the endpoint whose HTTP+SSE stands at a path:
// below the endpoint's own, and for the first also at /sse, where clients of
// that transport look for it. It is nil for none.
func (g *Gateway) viewOfSSE(path string) *view {
	if path == ssePath {
		return g.first()
	}
	if endpoint, ok := strings.CutSuffix(path, ssePath); ok {
		return g.viewAt(endpoint)
	}
	return nil
}

// refuseForeignHosts refuses requests that came over loopback under another
// host's name: a web page that had its own name point here (DNS rebinding) could
// read what is meant for this machine.
func refuseForeignHosts(c *gin.Context) {
	local, ok := c.Request.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if ok && isLoopback(local.String()) && !isLoopback(c.Request.Host) {
		c.AbortWithStatusJSON(http.StatusForbidden, gin.H{"error": "this gateway listens on loopback; call it by localhost or 127.0.0.1"})
	}
}

// isLoopback reports whether an address, with or without a port, is loopback.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// sameOrigin refuses what a foreign web page sends, whatever the method: net/http
// lets GET through, by which a page could hold a session's stream (2025-11-25,
// basic/transports, Security Warning).
func sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		strict := *r
		strict.Method = http.MethodPost
		if err := protection.Check(&strict); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Gateway) recovered(c *gin.Context, p any) {
	g.logger.Error("panic in an HTTP handler", "path", c.Request.URL.Path, "panic", p)
	c.AbortWithStatus(http.StatusInternalServerError)
}

// ready answers 200 once every source was tried, or the grace for it is over,
// with how each is.
func (g *Gateway) ready(c *gin.Context) {
	status := http.StatusServiceUnavailable
	if g.isSettled() {
		status = http.StatusOK
	}
	c.JSON(status, gin.H{"ready": status == http.StatusOK, "sources": g.Status()})
}

// isSettled reports whether every source was tried, or the grace for it is over.
func (g *Gateway) isSettled() bool {
	select {
	case <-g.settled:
		return true
	default:
		return !g.started.IsZero() && time.Since(g.started) > g.opts.Grace
	}
}

// Listen opens the address that Serve will serve on.
func Listen(address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fault.Wrap("gateway.listen", fault.Unavailable,
			"can't listen on "+address+": is another program, or another Bridge, using that port? Choose another with --listen or `listen:` in bridge.yaml (port 0 takes any free one)", err)
	}
	return ln, nil
}

// Serve serves the HTTP surface on ln until ctx ends; then it lets calls that
// are under way finish, for a while, and returns.
func (g *Gateway) Serve(ctx context.Context, ln net.Listener) error {
	// Calls go on while the server drains: they end with the process's context
	// only if they outlast the drain.
	calls, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	server := &http.Server{
		Handler:           g.Handler(),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return calls },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	return g.drain(context.WithoutCancel(ctx), server, served)
}

// drain takes no more requests, waits for those that are being answered, ends
// what outlasts the wait, and then the sessions: their standing streams (GET,
// subscriptions/listen) never end by themselves.
func (g *Gateway) drain(ctx context.Context, server *http.Server, served <-chan error) error {
	patient, cancel := context.WithTimeout(ctx, g.opts.Drain)
	defer cancel()
	last, cancelLast := context.WithTimeout(ctx, g.opts.Drain+lastWords)
	defer cancelLast()
	if n := g.busy(); n > 0 {
		g.logger.LogAttrs(ctx, slog.LevelInfo, "stopping: waiting for calls that are under way", slog.Int("calls", n), slog.Duration("at_most", g.opts.Drain))
	}
	done := make(chan error, 1)
	go func() { done <- server.Shutdown(last) }()
	var draining sync.WaitGroup
	for _, v := range g.views.Load().list {
		draining.Go(func() { v.face.Drain(patient) })
	}
	draining.Wait()
	err := <-done
	if err != nil {
		err = server.Close()
	}
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		return served
	}
	return err
}

// ServeStdio serves one client on standard input and output until it closes
// its end or ctx ends.
func (g *Gateway) ServeStdio(ctx context.Context) error {
	return g.first().face.Serve(ctx, os.Stdin, os.Stdout)
}
