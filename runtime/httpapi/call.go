package httpapi

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// HeaderCall is the header of an answer that has the call's id.
const HeaderCall = "Bridge-Call-Id"

// maxDepth bounds the nesting of arguments.
const maxDepth = 512

// serveCall calls a tool.
func (a *api) serveCall(w http.ResponseWriter, r *http.Request, name string) {
	id := rand.Text()[:12]
	w.Header().Set(HeaderCall, id)
	arguments, full, refusal := a.readCall(w, r)
	if refusal != nil {
		refusal.Call = id
		a.answerProblem(w, *refusal)
		return
	}
	c := &call.Call{ID: id, Endpoint: a.opts.Endpoint, Name: name, Arguments: arguments, Caller: a.opts.Caller(r.Context())}
	if c.Caller.Client == "" {
		c.Caller.Client = fault.Clip(r.UserAgent(), maxShownName)
	}
	res, err := a.opts.Call(r.Context(), c)
	if err == nil && res == nil {
		err = fault.New("httpapi.call", fault.Internal, "the call has neither a result nor an error")
	}
	if err != nil {
		a.answerError(w, c, err)
		return
	}
	a.answer(w, c, res, full)
}

// answerError answers a call that was not carried out.
func (a *api) answerError(w http.ResponseWriter, c *call.Call, err error) {
	p := problemOf(err)
	p.Call, p.Tool = c.ID, fault.Clip(c.Name, maxShownName)
	if p.Status == http.StatusInternalServerError {
		p.Detail = fmt.Sprintf("%s; the gateway's log says more about call %s", p.Detail, c.ID)
	}
	a.answerProblem(w, p)
}

// readCall reads a request to call a tool: its arguments, and whether the whole
// result is asked for. The problem says why it is no such request.
func (a *api) readCall(w http.ResponseWriter, r *http.Request) (arguments json.RawMessage, full bool, refusal *problem) {
	if err := a.origin.Check(r); err != nil {
		return nil, false, refused(http.StatusForbidden, fault.Forbidden, "a web page of another origin may not call tools")
	}
	full, err := wantsFull(r)
	if err != nil {
		return nil, false, refused(http.StatusBadRequest, fault.Invalid, err.Error())
	}
	body, refusal := a.readBody(w, r)
	if refusal != nil {
		return nil, false, refusal
	}
	if len(body) == 0 {
		return nil, full, nil
	}
	if err := checkArguments(body); err != nil {
		return nil, false, refused(http.StatusBadRequest, fault.Invalid, err.Error())
	}
	return body, full, nil
}

func refused(status int, kind fault.Kind, detail string) *problem {
	return &problem{Status: status, Kind: kind.String(), Detail: detail}
}

// wantsFull reports whether the whole MCP result is asked for.
func wantsFull(r *http.Request) (bool, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return false, errors.New("the query can't be read; arguments go into the body, as a JSON object")
	}
	for key := range query {
		if key != "full" {
			return false, fmt.Errorf("there is no %q in the query; arguments go into the body, as a JSON object", fault.Clip(key, maxShownName))
		}
	}
	switch value := query.Get("full"); value {
	case "true":
		return true, nil
	case "", "false":
	default:
		return false, errors.New(`"full" in the query is "true" or "false"`)
	}
	accept := r.Header.Values("Accept")
	asked := weight(accept, ResultType)
	return asked > 0 && asked >= weight(accept, "application/json"), nil
}

// readBody reads a request's body, within its bounds of form, size and time.
func (a *api) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *problem) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		w.Header().Set("Accept-Encoding", "identity") // RFC 9110, section 12.5.3
		return nil, refused(http.StatusUnsupportedMediaType, fault.Invalid, "send the body without a Content-Encoding")
	}
	// Not every ResponseWriter knows deadlines; those of net/http's server do.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, a.opts.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refused(http.StatusRequestEntityTooLarge, fault.TooLarge, fmt.Sprintf("the body is over %d bytes", tooLarge.Limit))
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refused(http.StatusRequestTimeout, fault.Timeout, fmt.Sprintf("the body did not come within %s", bodyTimeout))
	case err != nil:
		return nil, refused(http.StatusBadRequest, fault.Invalid, "the body can't be read to its end")
	}
	_ = connection.SetReadDeadline(time.Time{})
	if contentType := r.Header.Get("Content-Type"); (contentType != "" || len(body) > 0) && !isJSON(contentType) {
		w.Header().Set("Accept-Post", "application/json")
		return nil, refused(http.StatusUnsupportedMediaType, fault.Invalid, "send the arguments as a JSON object, with Content-Type: application/json")
	}
	return body, nil
}

// isJSON reports whether a Content-Type is application/json, in UTF-8.
func isJSON(contentType string) bool {
	base, parameters, err := mime.ParseMediaType(contentType)
	charset := parameters["charset"]
	return err == nil && base == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// checkArguments reports why a body is no JSON object that can be passed on.
func checkArguments(body []byte) error {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case !utf8.Valid(body):
		return errors.New("the body is not in UTF-8")
	case depth(body) > maxDepth:
		return fmt.Errorf("the body is nested deeper than %d levels", maxDepth)
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, new(json.RawMessage)); errors.As(err, &syntax) {
		return fmt.Errorf("the body is no JSON: %s at byte %d", syntax, syntax.Offset)
	} else if err != nil || len(trimmed) == 0 || trimmed[0] != '{' {
		return errors.New("the body must be a JSON object whose members are the tool's arguments")
	}
	return nil
}

// depth returns how deep a JSON text is nested.
func depth(text []byte) int {
	deepest, now, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}
