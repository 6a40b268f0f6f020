package native

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxHeaderDepth bounds how deep "x-mcp-header" is looked for in a schema.
const maxHeaderDepth = 8

// callHeaders returns the headers that mirror a call of the tool: Mcp-Name, and
// Mcp-Param-… for each argument whose schema has "x-mcp-header" (2026-07-28,
// basic/transports, Custom Headers from Tool Parameters).
func callHeaders(t *tool.Tool, args json.RawMessage) http.Header {
	h := http.Header{}
	h.Set(headerName, headerValue(t.Name))
	if strings.Contains(string(t.Input), `"x-mcp-header"`) {
		mirror(h, t.Input, args, 0)
	}
	return h
}

// mirror sets the headers for one object of the arguments.
func mirror(h http.Header, schema, object json.RawMessage, depth int) {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	var values map[string]json.RawMessage
	if depth > maxHeaderDepth || json.Unmarshal(schema, &s) != nil || json.Unmarshal(object, &values) != nil {
		return
	}
	for name, property := range s.Properties {
		value, present := values[name]
		if !present {
			continue
		}
		var p struct {
			Header string `json:"x-mcp-header"`
		}
		if json.Unmarshal(property, &p) == nil && isToken(p.Header) {
			if text, ok := plainValue(value); ok {
				h.Set(headerParam+p.Header, headerValue(text))
			}
		}
		mirror(h, property, value, depth+1)
	}
}

// plainValue returns a string, boolean or safe integer as text.
func plainValue(raw json.RawMessage) (string, bool) {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return "", false
	}
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		const safe = 1<<53 - 1
		if v != math.Trunc(v) || math.Abs(v) > safe {
			return "", false
		}
		return strconv.FormatInt(int64(v), 10), true
	}
	return "", false
}

// headerValue returns text as a header's value: as it is if it is plain ASCII,
// else as "=?base64?…?=".
func headerValue(text string) string {
	plain := strings.TrimSpace(text) == text && !strings.HasPrefix(text, "=?base64?") &&
		strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if plain {
		return text
	}
	return "=?base64?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?="
}
