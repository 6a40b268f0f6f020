package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Bounds of the HTTP surface.
const (
	maxRequestBody    = 16 << 20 // bytes; arguments may carry a file
	readHeaderTimeout = 10 * time.Second
	readBodyTimeout   = 2 * time.Minute
	idleTimeout       = 2 * time.Minute
	sessionTimeout    = time.Hour   // of a session that no request came for
	lastWords         = time.Second // for the answers of calls that were ended
)

// Path is where the gateway's MCP endpoint stands.
const Path = "/mcp"

// methodListen is the method whose answer is a standing stream.
const methodListen = "subscriptions/listen"

// Handler returns the HTTP surface: the MCP endpoint at [Path], and the further
// ones, for every revision, /healthz, /readyz, and at / a line for people.
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
	router.NoRoute(func(c *gin.Context) {
		// Routes of the router can't change while it serves; endpoints do.
		if v := g.viewAt(c.Request.URL.Path); v != nil {
			c.Status(http.StatusOK) // the router's own for NoRoute is 404
			v.web.ServeHTTP(c.Writer, c.Request)
			return
		}
		c.JSON(http.StatusNotFound, gin.H{"error": "there is nothing here; the MCP endpoint is " + Path})
	})
	return router
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

// ready answers 200 once every source was tried, with how each is.
func (g *Gateway) ready(c *gin.Context) {
	status := http.StatusServiceUnavailable
	select {
	case <-g.settled:
		status = http.StatusOK
	default:
	}
	c.JSON(status, gin.H{"ready": status == http.StatusOK, "sources": g.Status()})
}

// http returns the handler of the MCP endpoint. Both eras stand behind it: a
// POST without a session that names revision 2026-07-28 or later is served
// alone, anything else as part of a session.
func (f *faces) http() http.Handler {
	server := func(*http.Request) *mcp.Server { return f.server }
	options := mcp.StreamableHTTPOptions{
		Logger:                       sdkLogger(f.gateway.logger),
		MaxRequestBodyBytes:          maxRequestBody,
		SessionTimeout:               sessionTimeout,
		PropagateRequestCancellation: true,
	}
	sessions := mcp.NewStreamableHTTPHandler(server, &options)
	single := options
	single.Stateless = true
	streams := mcp.NewStreamableHTTPHandler(server, &single)
	plain := single
	plain.JSONResponse = true
	objects := mcp.NewStreamableHTTPHandler(server, &plain)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := r.Header.Get("Mcp-Session-Id")
		if r.Method != http.MethodPost {
			if r.Method == http.MethodDelete && session != "" {
				f.gateway.underway.endSession(session)
			}
			sessions.ServeHTTP(w, r)
			return
		}
		body, err := readBody(w, r)
		if err != nil {
			http.Error(w, "the request's body can't be read, takes too long, or is over 16 MiB", http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		standing := r.Header.Get("Mcp-Method") == methodListen
		if !standing {
			defer f.gateway.underway.request()()
		}
		switch {
		case session != "" || r.Header.Get("MCP-Protocol-Version") < modern:
			sessions.ServeHTTP(w, r)
		case standing || wantsStream(body):
			streams.ServeHTTP(w, r)
		default:
			objects.ServeHTTP(w, r)
		}
	})
}

// readBody reads a request's body, within its bounds of size and time.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	// Not every ResponseWriter knows deadlines; those of net/http's server do.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(readBodyTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err == nil {
		_ = connection.SetReadDeadline(time.Time{})
	}
	return body, err
}

// wantsStream reports whether an answer may be preceded by messages, so that it
// must come as an event stream.
func wantsStream(body []byte) bool {
	return bytes.Contains(body, []byte(`"progressToken"`)) || bytes.Contains(body, []byte(`"io.modelcontextprotocol/logLevel"`))
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
	done := make(chan error, 1)
	go func() { done <- server.Shutdown(last) }()
	g.underway.wait(patient)
	g.underway.endAll()
	g.underway.wait(last)
	g.endSessions()
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
	err := g.first().faces.server.Run(ctx, &mcp.StdioTransport{})
	if errors.Is(err, context.Canceled) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
