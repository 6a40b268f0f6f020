package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// limits are how many items make a result of a size.
var limits = map[string]int{"1KB": 8, "30KB": 235}

const (
	toolName    = "list_items"
	description = "Lists the items of a shop."
	inputSchema = `{"type":"object","properties":{"shop":{"type":"string","maxLength":40},"limit":{"type":"integer","minimum":1,"maximum":1000},"status":{"type":"string","enum":["open","sold"]}},"required":["shop"]}`
)

// items returns the API's answer: JSON with so many items.
func items(limit int) []byte {
	var out strings.Builder
	out.WriteString(`{"items":[`)
	for i := range limit {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, `{"id":"item_%04d","name":"Walnut side table no. %d","price":%d,"currency":"EUR","status":"open","tags":["oak","new"]}`, i, i, 1200+i*7)
	}
	fmt.Fprintf(&out, `],"total":%d}`, limit)
	return []byte(out.String())
}

// playUpstream serves the REST API and the same as an MCP server. It does as
// little as it can, so that what is measured is not waiting for it.
func playUpstream(ctx context.Context, _ []string) error {
	mux := http.NewServeMux()
	for _, limit := range limits {
		body := items(limit)
		mux.HandleFunc("GET /shops/{shop}/items/"+strconv.Itoa(limit), func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, body) })
	}
	bodies := map[string][]byte{}
	for _, limit := range limits {
		bodies[strconv.Itoa(limit)] = items(limit)
	}
	mux.HandleFunc("GET /shops/{shop}/items", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, bodies[r.URL.Query().Get("limit")]) })
	server, err := newMCPServer()
	if err != nil {
		return err
	}
	mux.Handle("/mcp", server)
	return serve(ctx, mux)
}

// serve serves on a free port of loopback until standard input ends.
func serve(ctx context.Context, handler http.Handler) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	err = answer(ln.Addr().String())
	_ = server.Close()
	<-done // it is closed
	return err
}

func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that went away needs no answer
}

// mcpServer is a server of revision 2026-07-28 with one tool.
type mcpServer struct {
	results map[string][]byte // by limit
}

func newMCPServer() (*mcpServer, error) {
	s := &mcpServer{results: map[string][]byte{}}
	for _, limit := range limits {
		r := &call.Result{Content: []call.Block{call.Text(string(items(limit)))}, Extra: map[string]json.RawMessage{"resultType": json.RawMessage(`"complete"`)}}
		out, err := r.AppendJSON(nil)
		if err != nil {
			return nil, err
		}
		s.results[strconv.Itoa(limit)] = out
	}
	return s, nil
}

func (s *mcpServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost {
		http.Error(w, "POST alone", http.StatusMethodNotAllowed)
		return
	}
	m, err := protocol.Parse(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if m.IsNotification() {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answer := protocol.Message{ID: m.ID}
	if answer.Result = s.result(m); answer.Result == nil {
		answer.Error = protocol.Errorf(protocol.CodeMethodNotFound, "there is no method %q", m.Method)
		w.WriteHeader(http.StatusNotFound)
	}
	writeJSON(w, answer.Append(nil))
}

func (s *mcpServer) result(m protocol.Message) json.RawMessage {
	switch m.Method {
	case protocol.Discover:
		return json.RawMessage(`{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"serverInfo":{"name":"shop","version":"1"},"ttlMs":0,"cacheScope":"public"}`)
	case protocol.ListTools:
		return json.RawMessage(`{"resultType":"complete","ttlMs":0,"cacheScope":"public","tools":[{"name":"` + toolName + `","description":"` + description + `","inputSchema":` + inputSchema + `}]}`)
	case protocol.CallTool:
		arguments, _ := protocol.Member(m.Params, "arguments")
		limit, _ := protocol.Member(arguments, "limit")
		return s.results[string(limit)]
	}
	return nil
}
