package native

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxHeaderDepth bounds how deep "x-mcp-header" is looked for in a schema.
const maxHeaderDepth = 8

// mirrored returns the headers that mirror a call's arguments: Mcp-Param-… for
// each whose schema has "x-mcp-header" (2026-07-28, basic/transports, Custom
// Headers from Tool Parameters); nil for none.
func mirrored(t *tool.Tool, args json.RawMessage) http.Header {
	if !bytes.Contains(t.Input, []byte(`"x-mcp-header"`)) {
		return nil
	}
	h := http.Header{}
	mirror(h, t.Input, args, 0)
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
		if json.Unmarshal(property, &p) == nil && tool.IsToken(p.Header) {
			if text, ok := plainValue(value); ok {
				h.Set(protocol.HeaderParam+p.Header, protocol.EncodeHeader(text))
			}
		}
		mirror(h, property, value, depth+1)
	}
}

// checkMirrored reports why a schema asks for headers that can't be sent: a client
// must leave such a tool out (2026-07-28, basic/transports, Custom Headers from
// Tool Parameters).
func checkMirrored(schema json.RawMessage) error {
	if !bytes.Contains(schema, []byte(`"x-mcp-header"`)) {
		return nil
	}
	return checkHeaders(schema, map[string]bool{}, 0)
}

// checkHeaders checks one object's properties. seen has the headers of all, in
// lower case.
func checkHeaders(schema json.RawMessage, seen map[string]bool, depth int) error {
	properties, _ := protocol.Member(schema, "properties")
	for name, property := range protocol.Members(properties) {
		if mark, given := protocol.Member(property, "x-mcp-header"); given {
			header, _ := protocol.String(mark)
			lower := strings.ToLower(header)
			switch {
			case !tool.IsToken(header):
				return fmt.Errorf("inputSchema has an x-mcp-header, of %.80q, that is no name of a header", name)
			case !isMirrorable(property):
				return fmt.Errorf("inputSchema has an x-mcp-header, of %.80q, for what is no string, integer or boolean", name)
			case seen[lower]:
				return fmt.Errorf("inputSchema has the x-mcp-header %.80q twice", header)
			}
			seen[lower] = true
		}
		if depth < maxHeaderDepth {
			if err := checkHeaders(property, seen, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// isMirrorable reports whether a property's type may stand in a header; of several
// types, which the specification does not mention, it is not asked.
func isMirrorable(property json.RawMessage) bool {
	kind, given := protocol.Member(property, "type")
	switch name, one := protocol.String(kind); {
	case one:
		return name == "string" || name == "integer" || name == "boolean"
	default:
		return given
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
