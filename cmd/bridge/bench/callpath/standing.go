package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// ready waits until a gateway's sources are loaded, all of them.
func ready(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		status, body, err := fetch(ctx, "http://"+addr+"/readyz")
		if err != nil {
			return fmt.Errorf("the gateway is not ready: %w", err)
		}
		if status == http.StatusOK {
			if strings.Contains(body, `"error"`) {
				return fmt.Errorf("a source is not up: %s", body)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func fetch(ctx context.Context, url string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

// sessions reports what an idle session of revision 2025-11-25 holds.
func (h *house) sessions(ctx context.Context, n int, out io.Writer) error {
	if n == 0 {
		return nil
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	defer client.CloseIdleConnections()
	if err := openSession(ctx, client, h.bridge.addr); err != nil {
		return err
	}
	before, err := h.bridge.settled()
	if err != nil {
		return err
	}
	for range n {
		if err := openSession(ctx, client, h.bridge.addr); err != nil {
			return err
		}
	}
	after, err := h.bridge.settled()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d idle sessions: %.1f KB of heap and stacks each\n", n, float64(int64(after.Held)-int64(before.Held))/float64(n)/1000)
	return nil
}

func openSession(ctx context.Context, client *http.Client, addr string) error {
	const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"callpath","version":"1"}}}`
	session, err := postJSON(ctx, client, addr, "", hello)
	if err != nil {
		return err
	}
	if session == "" {
		return errors.New("initialize opened no session")
	}
	_, err = postJSON(ctx, client, addr, session, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return err
}

func postJSON(ctx context.Context, client *http.Client, addr, session, body string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/mcp", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	if session != "" {
		r.Header.Set(protocol.HeaderSession, session)
		r.Header.Set(protocol.HeaderVersion, protocol.R20251125)
	}
	res, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode > 299 {
		err = fmt.Errorf("%s: %.300s", res.Status, answer)
	}
	return res.Header.Get(protocol.HeaderSession), err
}

// list reports how long tools/list takes for so many tools.
func (h *house) list(ctx context.Context, tools int, out io.Writer) error {
	if tools == 0 {
		return nil
	}
	config, err := writeConfig(h.dir, "large.yaml", "listen: 127.0.0.1:0\nremainders: false\nsources:\n  shop: {openapi: large.json, url: \"http://"+h.upstream.addr+"\"}\n", "large.json", document(tools))
	if err != nil {
		return err
	}
	bridge, err := start(ctx, "bridge", config)
	if err != nil {
		return err
	}
	defer bridge.stop()
	if err := ready(ctx, bridge.addr); err != nil {
		return err
	}
	var took []time.Duration
	var pages, listed, size int
	for range 21 {
		began := time.Now()
		if pages, listed, size, err = listAll(ctx, bridge.addr); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	if listed != tools {
		return fmt.Errorf("of %d tools, %d are listed", tools, listed)
	}
	first := took[0]
	slices.Sort(took)
	fmt.Fprintf(out, "tools/list of %d tools, %.1f MB in %d pages: %s, the first time %s\n", listed, float64(size)/1e6, pages, took[len(took)/2].Round(10*time.Microsecond), first.Round(10*time.Microsecond))
	return nil
}

// listAll lists the tools, page by page.
func listAll(ctx context.Context, addr string) (pages, tools, size int, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return 0, 0, 0, err
	}
	defer conn.Close()
	r := &reader{Reader: bufio.NewReaderSize(conn, 64<<10)}
	for cursor := ""; ; {
		params := ""
		if cursor != "" {
			params = fmt.Sprintf(`"cursor":%q,`, cursor)
		}
		if _, err := conn.Write(post(protocol.ListTools, "", params)); err != nil {
			return 0, 0, 0, err
		}
		body, err := r.response()
		if err != nil {
			return 0, 0, 0, err
		}
		m, err := protocol.Parse(body)
		if err != nil {
			return 0, 0, 0, err
		}
		pages, size = pages+1, size+len(body)
		list, _ := protocol.Member(m.Result, "tools")
		for range protocol.Elements(list) {
			tools++
		}
		if cursor = protocol.MemberString(m.Result, "nextCursor"); cursor == "" {
			return pages, tools, size, nil
		}
	}
}
