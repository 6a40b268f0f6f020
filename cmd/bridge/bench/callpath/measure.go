package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// way is one way of making the call.
type way struct {
	name    string
	proxy   *process // nil where there is none
	addr    string
	request func(size string) []byte
}

// Names of the ways that others are compared with.
const (
	directREST   = "REST, straight"
	reverseREST  = "REST, reverse proxy"
	bridgeREST   = "REST, Bridge"
	directMCP    = "MCP, straight"
	reverseMCP   = "MCP, reverse proxy"
	bridgeNative = "MCP, Bridge"
	sdkMCP       = "MCP, SDK proxy"
)

// house is all processes that a measurement takes.
type house struct {
	dir                            string
	upstream, reverse, sdk, bridge *process
}

func measure(ctx context.Context, s settings, out io.Writer) error {
	dir, err := os.MkdirTemp("", "callpath")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	h := &house{dir: dir}
	defer h.stop()
	if err := h.start(ctx); err != nil {
		return err
	}
	if err := h.profile(s.profile); err != nil {
		return err
	}
	if err := h.calls(ctx, s, out); err != nil {
		return err
	}
	if err := h.sessions(ctx, s.sessions, out); err != nil {
		return err
	}
	return h.list(ctx, s.tools, out)
}

func (h *house) start(ctx context.Context) (err error) {
	if h.upstream, err = start(ctx, "upstream"); err != nil {
		return err
	}
	at := h.upstream.addr
	if h.reverse, err = start(ctx, "reverseproxy", at); err != nil {
		return err
	}
	if h.sdk, err = start(ctx, "sdkproxy", at); err != nil {
		return err
	}
	config, err := writeConfig(h.dir, "bridge.yaml", "listen: 127.0.0.1:0\nbudget: 50000\nsources:\n"+
		"  shop: {openapi: shop.json, url: \"http://"+at+"\"}\n  native: {mcp: \"http://"+at+"/mcp\"}\n", "shop.json", shop())
	if err != nil {
		return err
	}
	if h.bridge, err = start(ctx, "bridge", config); err != nil {
		return err
	}
	return ready(ctx, h.bridge.addr)
}

func (h *house) stop() {
	for _, p := range []*process{h.bridge, h.sdk, h.reverse, h.upstream} {
		if p != nil {
			p.stop()
		}
	}
}

// profile has the proxies write CPU profiles to a folder.
func (h *house) profile(dir string) error {
	if dir == "" {
		return nil
	}
	for name, p := range map[string]*process{"bridge": h.bridge, "sdk": h.sdk, "reverse": h.reverse} {
		var u usage
		if err := p.ask("profile "+filepath.Join(dir, name+".pprof"), &u); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) ways() []way {
	up := h.upstream.addr
	return []way{
		{directREST, nil, up, get},
		{reverseREST, h.reverse, h.reverse.addr, get},
		{bridgeREST, h.bridge, h.bridge.addr, toolCall("shop_" + toolName)},
		{directMCP, nil, up, toolCall(toolName)},
		{reverseMCP, h.reverse, h.reverse.addr, toolCall(toolName)},
		{bridgeNative, h.bridge, h.bridge.addr, toolCall("native_" + toolName)},
		{sdkMCP, h.sdk, h.sdk.addr, toolCall(toolName)},
	}
}

// measured is what one way was seen to cost.
type measured struct {
	seen
	cpu    time.Duration // of the proxy, for a call
	allocs float64       // the same
	bytes  float64
}

func (h *house) calls(ctx context.Context, s settings, out io.Writer) error {
	for _, size := range s.sizes {
		if _, ok := limits[size]; !ok {
			return fmt.Errorf("-sizes: there is no size %q", size)
		}
		for _, callers := range s.callers {
			results := map[string]measured{}
			for _, w := range h.ways() {
				if !strings.Contains(w.name, s.ways) {
					continue
				}
				m, err := w.measure(ctx, load{Addr: w.addr, Request: w.request(size), Callers: callers, Duration: s.duration, Least: len(items(limits[size]))})
				if err != nil {
					return fmt.Errorf("%s, %s, %d callers: %w", w.name, size, callers, err)
				}
				results[w.name] = m
			}
			if err := h.report(out, size, callers, results); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure makes the calls, after some that warm all up.
func (w way) measure(ctx context.Context, l load) (m measured, err error) {
	warm := l
	warm.Duration = l.Duration / 4
	if _, err := warm.make(ctx); err != nil {
		return m, err
	}
	var before, after usage
	if w.proxy != nil {
		if before, err = w.proxy.usage(); err != nil {
			return m, err
		}
	}
	if m.seen, err = l.make(ctx); err != nil || w.proxy == nil {
		return m, err
	}
	if after, err = w.proxy.usage(); err != nil {
		return m, err
	}
	n := float64(m.Calls)
	m.cpu = time.Duration(float64(after.CPU-before.CPU) / n)
	m.allocs, m.bytes = float64(after.Allocs-before.Allocs)/n, float64(after.Bytes-before.Bytes)/n
	return m, nil
}

// get is the request that the tool becomes.
func get(size string) []byte {
	return fmt.Appendf(nil, "GET /shops/s-17/items?limit=%d&status=open HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n", limits[size])
}

// toolCall returns the requests of a tools/call.
func toolCall(name string) func(size string) []byte {
	return func(size string) []byte {
		return post(protocol.CallTool, name, fmt.Sprintf(`"name":%q,"arguments":{"shop":"s-17","limit":%d,"status":"open"},`, name, limits[size]))
	}
}

// post is a request of revision 2026-07-28.
func post(method, name, params string) []byte {
	body := `{"jsonrpc":"2.0","id":7,"method":"` + method + `","params":{` + params + `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
		`"io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"callpath","version":"1"}}}}`
	head := "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n" +
		"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method + "\r\n"
	if name != "" {
		head += "Mcp-Name: " + name + "\r\n"
	}
	return []byte(head + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

func (h *house) report(out io.Writer, size string, callers int, results map[string]measured) error {
	fmt.Fprintf(out, "\nresults of %s, callers: %d\n", size, callers)
	fmt.Fprintf(out, "%-20s %9s %9s %9s %9s %8s %9s %7s %7s\n", "", "calls", "CPU/call", "p50", "p99", "allocs", "bytes", "×proxy", "×SDK")
	for _, w := range h.ways() {
		m, ok := results[w.name]
		if !ok {
			continue
		}
		fmt.Fprintf(out, "%-20s %9d", w.name, m.Calls)
		if w.proxy == nil {
			fmt.Fprintf(out, " %9s %9s %9s\n", "", round(m.P50), round(m.P99))
			continue
		}
		base := results[reverseREST]
		if strings.HasPrefix(w.name, "MCP") {
			base = results[reverseMCP]
		}
		fmt.Fprintf(out, " %9s %9s %9s %8.0f %9.0f %7s %7s\n", round(m.cpu), round(m.P50), round(m.P99), m.allocs, m.bytes, ratio(m, base), ratio(m, results[sdkMCP]))
	}
	return nil
}

func round(d time.Duration) time.Duration { return d.Round(time.Microsecond) }

func ratio(m, base measured) string {
	if base.cpu == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", float64(m.cpu)/float64(base.cpu))
}

// shop is the document of the upstream's API.
func shop() string { return document(1) }

// document describes the upstream's API, and more operations like its own.
func document(operations int) string {
	var paths []string
	for i := range operations {
		path, id := "/shops/{shop}/items", toolName
		if i > 0 {
			path, id = fmt.Sprintf("/shops/{shop}/items%d", i), fmt.Sprintf("%s_%d", toolName, i)
		}
		paths = append(paths, fmt.Sprintf(`%q:{"get":{"operationId":%q,"description":%q,"parameters":[`+
			`{"name":"shop","in":"path","required":true,"schema":{"type":"string","maxLength":40}},`+
			`{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":1000}},`+
			`{"name":"status","in":"query","schema":{"type":"string","enum":["open","sold"]}}],`+
			`"responses":{"200":{"description":"The items.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Items"}}}}}}}`, path, id, description))
	}
	return `{"openapi":"3.1.0","info":{"title":"Shop","version":"1"},"paths":{` + strings.Join(paths, ",") + `},"components":{"schemas":{` +
		`"Items":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"$ref":"#/components/schemas/Item"}},"total":{"type":"integer"}}},` +
		`"Item":{"type":"object","required":["id","name"],"properties":{"id":{"type":"string"},"name":{"type":"string","maxLength":200},"price":{"type":"integer","minimum":0},` +
		`"currency":{"type":"string","enum":["EUR","USD"]},"status":{"type":"string","enum":["open","sold"]},"tags":{"type":"array","items":{"type":"string"}}}}}}}`
}

// writeConfig writes files, by name and text, and returns the path of the first.
func writeConfig(dir string, files ...string) (string, error) {
	for pair := range slices.Chunk(files, 2) {
		if err := os.WriteFile(filepath.Join(dir, pair[0]), []byte(pair[1]), 0o600); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, files[0]), nil
}
