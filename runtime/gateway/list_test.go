package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// thousands returns a catalog of that many tools, with their definitions written.
func thousands(tb testing.TB, n int) *Catalog {
	tb.Helper()
	tools := make([]tool.Tool, n)
	for i := range tools {
		name := fmt.Sprintf("tool_%04d", i)
		tools[i] = tool.Tool{Name: name, Input: json.RawMessage(`{"type":"object"}`), Definition: json.RawMessage(
			`{"name":"` + name + `","description":"Does what it says, at some length, for whoever asks.","inputSchema":{"type":"object","properties":{"id":{"type":"string","description":"Which one."},"limit":{"type":"integer"}}}}`)}
	}
	c := Preview("p", tools, profile.Profile{})
	if got := len(c.Entries()); got != n {
		tb.Fatalf("%d of %d tools are shown: %v", got, n, c.Problems())
	}
	return c
}

// listAll lists all tools, page by page, as a client does.
func listAll(tb testing.TB, h *handler, dst []byte) []byte {
	params := json.RawMessage(nil)
	for {
		res, err := h.Handle(context.Background(), &face.Request{Method: protocol.ListTools, Revision: protocol.R20260728, Params: params})
		if err != nil {
			tb.Fatal(err)
		}
		if dst, err = res.AppendJSON(dst[:0]); err != nil {
			tb.Fatal(err)
		}
		next := res.(page).next
		if next == "" {
			return dst
		}
		params = protocol.With(nil, nil, "cursor", quoted(next))
	}
}

func BenchmarkListing5000Tools(b *testing.B) {
	g := New(Options{})
	close(g.settled)
	h := &handler{g, g.first()}
	h.view.catalog.Store(thousands(b, 5000))
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = listAll(b, h, dst)
	}
}

func TestEveryPageOfALongList(t *testing.T) {
	c := thousands(t, 95)
	seen := 0
	for cursor, pages := "", 0; ; pages++ {
		p, err := c.show().list.page("tools", cursor, 10)
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Tools []struct{ Name string }
			Next  string `json:"nextCursor"`
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, tool := range got.Tools {
			if want := fmt.Sprintf("p_tool_%04d", seen); tool.Name != want {
				t.Fatalf("%s stands where %s should", tool.Name, want)
			}
			seen++
		}
		if cursor = got.Next; cursor == "" {
			if seen != 95 || pages != 9 {
				t.Errorf("%d tools on %d pages", seen, pages+1)
			}
			return
		}
	}
}
