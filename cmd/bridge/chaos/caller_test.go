//go:build unix

package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// answer is what came of a call: a result, or what the caller was told instead.
type answer struct {
	ok   bool
	text string
	took time.Duration
}

// caller is a client of the gateway.
type caller interface {
	call(ctx context.Context, tool, key string, progress bool) answer
	close()
}

// revisions are one of each era; "" is the newest.
var revisions = []string{"", "2025-11-25"}

// callers returns the clients that call lanes: the SDK's in either era, and HTTP
// by hand.
func callers(t *testing.T, url string) []caller {
	t.Helper()
	all := []caller{&rawCaller{url}}
	for _, revision := range revisions {
		c, err := connect(t.Context(), url, revision)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// sdkCaller is a session of the SDK's client.
type sdkCaller struct{ session *mcp.ClientSession }

// connect opens a session, of the revision if one is named.
func connect(ctx context.Context, url, revision string) (*sdkCaller, error) {
	client := mcp.NewClient(&mcp.Implementation{Name: "chaos", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{Endpoint: url}, &mcp.ClientSessionOptions{ProtocolVersion: revision})
	return &sdkCaller{session}, err
}

func (c *sdkCaller) close() { _ = c.session.Close() }

func (c *sdkCaller) call(ctx context.Context, tool, key string, progress bool) answer {
	params := &mcp.CallToolParams{Name: tool, Arguments: map[string]any{"key": key}}
	if progress {
		params.SetProgressToken(key)
	}
	begun := time.Now()
	res, err := c.session.CallTool(ctx, params)
	a := answer{took: time.Since(begun)}
	if err != nil {
		a.text = err.Error()
		return a
	}
	a.ok = !res.IsError
	for _, block := range res.Content {
		if text, isText := block.(*mcp.TextContent); isText {
			a.text += text.Text
		}
	}
	return a
}

// rawCaller posts messages of 2026-07-28.
type rawCaller struct {
	url string
}

func (c *rawCaller) close() {}

func (c *rawCaller) call(ctx context.Context, tool, key string, progress bool) answer {
	token := ""
	if progress {
		token = fmt.Sprintf(`,"progressToken":%q`, key)
	}
	begun := time.Now()
	raw, err := c.post(ctx, "tools/call", tool, fmt.Sprintf(`"name":%q,"arguments":{"key":%q},`, tool, key), token)
	a := answer{took: time.Since(begun)}
	var res struct {
		Result *struct {
			IsError bool
			Content []struct{ Text string }
		}
		Error *struct{ Message string }
	}
	switch {
	case err != nil:
		a.text = err.Error()
	case json.Unmarshal(raw, &res) != nil || res.Result == nil && res.Error == nil:
		a.text = fmt.Sprintf("internal error of the test: no response: %.200s", raw)
	case res.Error != nil:
		a.text = res.Error.Message
	default:
		a.ok = !res.Result.IsError
		for _, block := range res.Result.Content {
			a.text += block.Text
		}
	}
	return a
}

// tools lists the names of all tools.
func (c *rawCaller) tools(ctx context.Context) ([]string, error) {
	var names []string
	for cursor := ""; ; {
		raw, err := c.post(ctx, "tools/list", "", cursor, "")
		if err != nil {
			return nil, err
		}
		var res struct {
			Result struct {
				Tools      []struct{ Name string }
				NextCursor string
			}
		}
		if err := json.Unmarshal(raw, &res); err != nil {
			return nil, fmt.Errorf("%w in %.200s", err, raw)
		}
		for _, t := range res.Result.Tools {
			names = append(names, t.Name)
		}
		if res.Result.NextCursor == "" {
			slices.Sort(names)
			return names, nil
		}
		cursor = fmt.Sprintf(`"cursor":%q,`, res.Result.NextCursor)
	}
}

// post sends a request and returns its response, from an event stream if need be.
func (c *rawCaller) post(ctx context.Context, method, name, params, meta string) ([]byte, error) {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{%s"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",`+
		`"io.modelcontextprotocol/clientCapabilities":{}%s}}}`, method, params, meta)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for header, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
		"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, "Mcp-Name": name} {
		if value != "" {
			req.Header.Set(header, value)
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return raw, err
	}
	for line := range bytes.Lines(raw) {
		if data, found := bytes.CutPrefix(line, []byte("data: ")); found && !bytes.Contains(data, []byte(`"method":`)) && len(bytes.TrimSpace(data)) > 0 {
			return data, nil
		}
	}
	return nil, errors.New("the stream ended without a response")
}
