package gateway

import (
	"encoding/json"
	"maps"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// listResult is a tools/list answer made of the catalog's bytes.
type listResult struct {
	mcp.ResultBase
	tools  json.RawMessage
	modern bool
}

// MarshalJSON writes the result; revision 2026-07-28 adds how long and by whom
// it may be kept. Every caller sees the same list, so the cache is public.
func (r *listResult) MarshalJSON() ([]byte, error) {
	out := struct {
		Meta       map[string]any  `json:"_meta,omitempty"`
		ResultType string          `json:"resultType,omitempty"`
		TTL        *int            `json:"ttlMs,omitempty"`
		CacheScope string          `json:"cacheScope,omitempty"`
		Tools      json.RawMessage `json:"tools"`
	}{Meta: r.Meta, Tools: r.tools}
	if r.modern {
		ttl := sdkListTTL
		out.ResultType, out.TTL, out.CacheScope = "complete", &ttl, "public"
	}
	return json.Marshal(out)
}

// sdkCallResult is a tools/call answer.
type sdkCallResult struct {
	mcp.ResultBase
	result *call.Result
	modern bool
}

// MarshalJSON writes the result with what the SDK added to its _meta.
func (r *sdkCallResult) MarshalJSON() ([]byte, error) {
	out := *r.result
	if len(r.Meta) > 0 {
		out.Meta = maps.Clone(out.Meta)
		if out.Meta == nil {
			out.Meta = map[string]json.RawMessage{}
		}
		for key, value := range r.Meta {
			raw, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			out.Meta[key] = raw
		}
	}
	if _, given := out.Extra["resultType"]; r.modern && !given {
		out.Extra = maps.Clone(out.Extra)
		if out.Extra == nil {
			out.Extra = map[string]json.RawMessage{}
		}
		out.Extra["resultType"] = json.RawMessage(`"complete"`)
	}
	return json.Marshal(&out)
}
