// Package wire carries out calls against a server that records them, and
// returns what arrived. The corpus tests use it on tools that were lowered from
// a document, and programs that they compile use it on the adapters generated
// from the same document: what both return must be the same.
package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Case is one call to carry out.
type Case struct {
	Tool string `json:"tool"`
	// Arguments is a JSON object, as text, so that it is sent as it was written.
	Arguments string `json:"arguments"`
}

// refused begins what Send returns for arguments that were not sent.
const refused = "refused: "

// Send carries out the cases with the tools of one API and returns, for each,
// the request as it arrived: the method and the request's target, the headers
// sorted, a blank line and the body. Where no request was sent it is "refused: "
// and the reason. Left out are the headers that net/http adds on its own.
func Send(ctx context.Context, api tool.API, tools []tool.Tool, cases []Case) ([]string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var rec recorder
	server := &http.Server{Handler: &rec, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	sent, err := send(ctx, &rec, "http://"+listener.Addr().String(), api, tools, cases)
	if closed := server.Close(); err == nil {
		err = closed
	}
	if stopped := <-done; err == nil && !errors.Is(stopped, http.ErrServerClosed) {
		err = stopped
	}
	return sent, err
}

func send(ctx context.Context, rec *recorder, url string, api tool.API, tools []tool.Tool, cases []Case) ([]string, error) {
	source, err := rest.New(rest.Options{Name: "corpus", API: api, Tools: tools, BaseURL: url, Timeout: time.Minute})
	if err != nil {
		return nil, err
	}
	defer func() { _ = source.Close() }()
	byName := make(map[string]*tool.Tool, len(tools))
	for i := range tools {
		byName[tools[i].Name] = &tools[i]
	}
	out := make([]string, len(cases))
	for i, c := range cases {
		t := byName[c.Tool]
		if t == nil {
			return nil, fmt.Errorf("no tool is called %q", c.Tool)
		}
		rec.got = ""
		result, err := source.Invoke(ctx, &call.Call{Name: c.Tool, Tool: t, Arguments: json.RawMessage(c.Arguments)})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Tool, err)
		}
		if out[i] = rec.got; out[i] == "" {
			out[i] = refused + messageOf(result)
		}
	}
	return out, nil
}

// Refused reports whether no request was sent, and why.
func Refused(sent string) (reason string, ok bool) { return strings.CutPrefix(sent, refused) }

func messageOf(r *call.Result) string {
	var b strings.Builder
	for _, c := range r.Content {
		b.WriteString(c.Text)
	}
	return b.String()
}

// recorder keeps the last request. It needs no lock: calls are made one after
// another, and each is answered before the next.
type recorder struct{ got string }

// unasked are headers that net/http adds or that follow from the body.
var unasked = map[string]bool{"User-Agent": true, "Accept-Encoding": true, "Content-Length": true}

func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	b.WriteString(r.Method + " " + r.RequestURI + "\n")
	_ = r.Header.WriteSubset(&b, unasked) // a buffer takes all
	text := strings.ReplaceAll(b.String(), "\r\n", "\n")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		text += "\n" + err.Error()
	}
	if len(body) > 0 || r.ContentLength > 0 {
		text += "\n" + string(body)
	}
	rec.got = text
	w.WriteHeader(http.StatusNoContent)
}
