package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/scan"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// read makes a result of a response.
func (x *exchange) read(resp *http.Response) (*call.Result, error) {
	if isRedirect(resp.StatusCode) {
		return x.redirected(resp), nil
	}
	body, err := x.readBody(resp)
	failed := resp.StatusCode < 200 || resp.StatusCode > 299
	switch {
	case failed:
		// What was read of the body is better than nothing.
		return x.refused(resp, body), nil
	case isStream(resp) && err != nil && len(body) > 0:
		return x.partialStream(resp, body, err), nil
	case errors.Is(err, errTooLarge):
		return call.Failure(x.operation() + ": " + x.tooLarge(resp.ContentLength)), nil
	case err != nil:
		return nil, err
	case len(body) == 0 || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusResetContent:
		return x.empty(resp), nil
	}
	return x.success(resp, body), nil
}

// success makes a result of a body by its media type.
func (x *exchange) success(resp *http.Response, body []byte) *call.Result {
	mediaType := resp.Header.Get("Content-Type")
	base := tool.BaseType(mediaType)
	switch {
	case tool.IsJSON(base) || base == "":
		return x.jsonResult(mediaType, body)
	case base == "text/event-stream":
		return textResult(eventsText(toText(mediaType, body)))
	case base == "image/svg+xml":
		return textResult(toText(mediaType, body))
	case strings.HasPrefix(base, "image/"):
		return &call.Result{Content: []call.Block{call.Image(body, base)}}
	case strings.HasPrefix(base, "audio/"):
		return &call.Result{Content: []call.Block{call.Audio(body, base)}}
	case isTextType(base):
		return x.textOrJSON(mediaType, body)
	default:
		return x.blob(resp, base, body)
	}
}

// jsonResult passes JSON on as it came, but for white space around it, and as
// structured content where the tool describes one and the body is what MCP takes
// for it: an object.
func (x *exchange) jsonResult(mediaType string, body []byte) *call.Result {
	text := toText(mediaType, body)
	raw := json.RawMessage(body)
	if text != scan.View(body) {
		raw = json.RawMessage(text)
	}
	raw = bytes.Trim(raw, " \t\r\n") // so that text and structure are the same, and are counted once
	vouched := x.plan.vouch(x.call.Tool, raw)
	if !vouched && !scan.Valid(raw) {
		return x.notJSON(mediaType, text)
	}
	result := textResult(scan.View(raw))
	result.Structured = structured(x.call.Tool.Output, x.plan.op.Wrap, raw)
	if vouched {
		result.Vouch(x.plan.output)
	}
	return result
}

// notJSON is for a body that should be JSON and is not: it is given, and said.
func (x *exchange) notJSON(mediaType, body string) *call.Result {
	result := textResult(body)
	note := "Note: the upstream did not declare what this is, and it is no JSON."
	if tool.IsJSON(mediaType) {
		note = "Note: the upstream declared this as JSON, but it is none."
	}
	if isHTML(mediaType, body) {
		note = x.htmlNote()
	}
	result.Content = append(result.Content, call.Text(note))
	return result
}

func (x *exchange) htmlNote() string {
	return fmt.Sprintf("Note: the upstream of source %q answered with an HTML page where JSON was expected; "+
		"it may be a login or error page: check `url:` and `credential:` of the source in bridge.yaml.", x.source.opts.Name)
}

// textOrJSON passes text on. JSON that is declared as plain text counts as JSON
// where the document describes JSON.
func (x *exchange) textOrJSON(mediaType string, body []byte) *call.Result {
	text := toText(mediaType, body)
	if !x.expectsJSON() {
		return textResult(text)
	}
	if isHTML(mediaType, text) {
		result := textResult(text)
		result.Content = append(result.Content, call.Text(x.htmlNote()))
		return result
	}
	if len(x.call.Tool.Output) > 0 && scan.Valid([]byte(text)) {
		return x.jsonResult("application/json", []byte(text))
	}
	return textResult(text)
}

// expectsJSON reports whether the document describes JSON before all else.
func (x *exchange) expectsJSON() bool {
	return len(x.call.Tool.Output) > 0 || len(x.plan.op.Accept) > 0 && tool.IsJSON(x.plan.op.Accept[0])
}

// blob passes bytes on as a resource. Its URI tells the source, the tool and,
// where known, the file's name.
func (x *exchange) blob(resp *http.Response, base string, body []byte) *call.Result {
	name := path.Base(resp.Request.URL.Path)
	if n := path.Base(mediaParameter(resp.Header.Get("Content-Disposition"), "filename")); n != "." && n != "/" {
		name = n
	}
	uri := "bridge://" + url.PathEscape(x.source.opts.Name) + "/" + url.PathEscape(x.call.Tool.Name) + "/" + url.PathEscape(name)
	return &call.Result{Content: []call.Block{call.Blob(uri, body, base)}}
}

// empty says that it worked, as nothing else would.
func (x *exchange) empty(resp *http.Response) *call.Result {
	text := x.statusLine(resp) + ": it worked; there is nothing to return."
	if u, err := url.Parse(resp.Header.Get("Location")); err == nil && u.Path != "" && resp.StatusCode < 300 {
		text += " Location: " + fault.Clip(u.Path, 300)
	}
	if x.plan.op.Method == http.MethodHead {
		for _, name := range []string{"Content-Type", "Content-Length", "Last-Modified", "Etag"} {
			if v := resp.Header.Get(name); v != "" {
				text += "\n" + name + ": " + fault.Clip(v, 300)
			}
		}
	}
	return textResult(text)
}

func textResult(text string) *call.Result {
	return &call.Result{Content: []call.Block{call.Text(text)}}
}
