package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/cmd/bridge/cli"
)

// playReverseProxy is the standard library's proxy before the upstream, with as
// many idle connections as Bridge keeps.
func playReverseProxy(ctx context.Context, args []string) error {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: args[0]})
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 128}
	return serve(ctx, readAhead(proxy))
}

// readAhead reads requests' bodies before they are passed on: an answer of more
// than a buffer that comes before the proxy has seen the end of a body is cut off,
// as net/http closes the body once it writes.
func readAhead(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 0 {
			body := make([]byte, r.ContentLength)
			if _, err := io.ReadFull(r.Body, body); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		next.ServeHTTP(w, r)
	})
}

// playSDKProxy is an MCP proxy as one would write it with the SDK: a client's
// session to the upstream, and a server whose tools call it.
func playSDKProxy(ctx context.Context, args []string) error {
	client := mcp.NewClient(&mcp.Implementation{Name: "proxy", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint:   "http://" + args[0] + "/mcp",
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}},
	}, nil)
	if err != nil {
		return err
	}
	defer func() { _ = session.Close() }()
	tools, err := session.ListTools(ctx, nil)
	if err != nil {
		return err
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "proxy", Version: "1"}, nil)
	for _, tool := range tools.Tools {
		server.AddTool(tool, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return session.CallTool(ctx, &mcp.CallToolParams{Name: r.Params.Name, Arguments: r.Params.Arguments})
		})
	}
	return serve(ctx, mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true}))
}

// playBridge is `bridge serve` with a configuration, logging to a file.
func playBridge(ctx context.Context, args []string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// Not beside the configuration, where the gateway would see each record as a
	// change of the folder that it watches.
	logs := args[0] + ".logs"
	if err := os.Mkdir(logs, 0o700); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(logs, "bridge.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, []string{"serve", "--config", args[0]}, cli.Streams{In: strings.NewReader(""), Out: write, Err: log})
		_ = write.Close()
	}()
	lines := bufio.NewScanner(read)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "Bridge serves http://"); ok {
			addr, _, _ := strings.Cut(at, "/")
			go func() { _, _ = io.Copy(io.Discard, read) }() // ends with the gateway
			err = answer(addr)
			break
		}
	}
	stop()
	<-ended
	return err
}
