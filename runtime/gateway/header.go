package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// A tool's schema may ask that arguments stand in headers as well, for whoever
// routes requests without reading them; a server must hold the two together
// (2026-07-28, basic/transports, Custom Headers from Tool Parameters; SEP-2243).

const (
	paramKeyword    = "x-mcp-header"
	maxParamHeaders = 64 // of one tool
	maxParamDepth   = 8
	maxSafe         = 1 << 53 // whole numbers below it are the same everywhere
)

// paramHeader is an argument, by its path, and the name of the header that it
// stands in, without what all such names begin with.
type paramHeader struct {
	path []string
	name string
}

// paramHeaders returns what a tool's input schema asks to stand in headers.
func paramHeaders(schema json.RawMessage) []paramHeader {
	if !bytes.Contains(schema, []byte(paramKeyword)) {
		return nil
	}
	return appendParamHeaders(nil, schema, nil)
}

func appendParamHeaders(found []paramHeader, schema json.RawMessage, path []string) []paramHeader {
	properties, _ := protocol.Member(schema, "properties")
	for key, property := range protocol.Members(properties) {
		own := append(path[:len(path):len(path)], string(key))
		if name := protocol.MemberString(property, paramKeyword); name != "" && len(found) < maxParamHeaders {
			found = append(found, paramHeader{own, name})
		}
		if len(own) < maxParamDepth {
			found = appendParamHeaders(found, property, own)
		}
	}
	return found
}

type headerKey struct{}

// withHeader keeps a request's header in its context, for the tools that want to
// see it.
func withHeader(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if protocol.IsModern(r.Header.Get(protocol.HeaderVersion)) && r.Header.Get(protocol.HeaderMethod) == protocol.CallTool {
			r = r.WithContext(context.WithValue(r.Context(), headerKey{}, r.Header))
		}
		next.ServeHTTP(w, r)
	})
}

// checkHeaders holds a call's headers to its arguments. Calls that came without
// headers, over standard input or in older revisions, have nothing to hold.
func (e *Entry) checkHeaders(ctx context.Context, arguments json.RawMessage) error {
	if len(e.headers) == 0 {
		return nil
	}
	header, ok := ctx.Value(headerKey{}).(http.Header)
	if !ok {
		return nil
	}
	for _, p := range e.headers {
		name := protocol.HeaderParam + p.name
		sent, given := header[http.CanonicalHeaderKey(name)]
		value, sole := argument(arguments, p.path)
		want, is := headerText(value)
		switch {
		case !sole:
			return mismatch("an argument that the header %s repeats is there twice", name)
		case !is && given:
			return mismatch("the header %s is there, but the argument that it repeats is not", name)
		case is && !given:
			return mismatch("the header %s is missing: it repeats an argument", name)
		case is:
			if text, ok := protocol.DecodeHeader(sent[0]); !ok || text != want {
				return mismatch("the header %s is not what the argument is that it repeats", name)
			}
		}
	}
	return nil
}

func mismatch(format, name string) error {
	e := protocol.Errorf(protocol.CodeHeaderMismatch, format, fault.Clip(name, maxShownName))
	return fault.Wrap("mcp.headers", fault.Invalid, e.Message, e)
}

// argument returns the argument at a path, nil for none, and whether it is the
// only one there.
func argument(arguments json.RawMessage, path []string) (value json.RawMessage, sole bool) {
	for _, key := range path {
		if arguments, sole = protocol.Sole(arguments, key); !sole {
			return nil, false
		}
	}
	return arguments, true
}

// headerText returns a value as it stands in a header: text, a whole number or a
// boolean. It is false for anything else, which stands in none.
func headerText(value json.RawMessage) (string, bool) {
	if text, ok := protocol.String(value); ok {
		return text, true
	}
	switch text := string(value); text {
	case "true", "false":
		return text, true
	default:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n >= maxSafe || n <= -maxSafe || n != float64(int64(n)) {
			return "", false
		}
		return strconv.FormatInt(int64(n), 10), true
	}
}
