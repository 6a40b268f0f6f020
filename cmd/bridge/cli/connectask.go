package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

const (
	askTimeout = 2 * time.Second
	maxAnswer  = 32 << 20 // bytes of one answer of the gateway
)

// askedGateway remembers what the gateway answered: all clients of one command
// get the same entry.
type askedGateway struct {
	done    bool
	tools   *int
	problem string
}

// once asks the gateway as a client with this entry would. It returns how many
// tools it shows, or why it shows none.
func (g *askedGateway) once(ctx context.Context, s clients.Server) (tools *int, problem string) {
	if g.done {
		return g.tools, g.problem
	}
	g.done = true
	header, err := headerOf(ctx, s)
	if err != nil {
		g.problem = "the gateway was not asked for its tools: " + fault.Message(err)
		return nil, g.problem
	}
	asking := &asking{header: header}
	n, err := asking.countTools(ctx, s.URL)
	if err != nil {
		g.problem = asking.why(s.URL, err)
		return nil, g.problem
	}
	g.tools = &n
	return g.tools, ""
}

// headerOf returns the entry's headers as the client will send them, if its
// variables are the same here.
func headerOf(ctx context.Context, s clients.Server) (http.Header, error) {
	var secrets credential.Resolver
	header := make(http.Header, len(s.Headers))
	for name, value := range s.Headers {
		v, err := secrets.Resolve(ctx, value)
		if err != nil {
			return nil, err
		}
		header.Set(name, v.Reveal())
	}
	return header, nil
}

// asking is an HTTP transport that adds the entry's headers and remembers the
// last status.
type asking struct {
	header http.Header
	status atomic.Int64 // requests may outlive the question
}

// RoundTrip implements http.RoundTripper.
func (a *asking) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	for name, values := range a.header {
		req.Header[name] = values
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	a.status.Store(int64(resp.StatusCode))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

// countTools connects as an MCP client and counts the tools that are listed.
func (a *asking) countTools(ctx context.Context, endpoint string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // headers are for this origin alone
	client := mcp.NewClient(&mcp.Implementation{Name: "bridge-connect", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: endpoint, HTTPClient: &http.Client{Transport: a, CheckRedirect: stay}, MaxRetries: -1, DisableStandaloneSSE: true,
	}, nil)
	if err != nil {
		return 0, errors.Join(err, ctx.Err())
	}
	defer session.Close() //nolint:errcheck // it was a question, and it was answered
	n := 0
	for _, err := range session.Tools(ctx, nil) {
		if err != nil {
			return 0, errors.Join(err, ctx.Err())
		}
		n++
	}
	return n, nil
}

// why says what is wrong, and what to do.
func (a *asking) why(endpoint string, err error) string {
	shown := "the gateway's URL"
	if u, err := url.Parse(endpoint); err == nil {
		shown = u.Redacted()
	}
	var dial *net.OpError
	switch status := a.status.Load(); {
	case errors.As(err, &dial) && dial.Op == "dial":
		return "nothing answers at " + shown + " yet; `bridge serve` starts the gateway"
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("what listens at %s does not answer as an MCP server within %v; check that it is the gateway", shown, askTimeout)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Sprintf("the gateway at %s refuses the entry (HTTP %d); --header gives it what the gateway asks for", shown, status)
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return fmt.Sprintf("there is no MCP endpoint at %s (HTTP %d); check the URL's path", shown, status)
	case status >= 300:
		return fmt.Sprintf("the gateway at %s can't be used as it is (HTTP %d); check the URL", shown, status)
	default:
		return "what answers at " + shown + " does not speak MCP; check the URL"
	}
}
