package tool_test

import (
	"testing"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

func TestIsJSON(t *testing.T) {
	for mediaType, want := range map[string]bool{
		"application/json":                 true,
		" Application/JSON; charset=utf-8": true,
		"application/problem+json":         true,
		"application/vnd.api+json; v=1":    true,
		"text/json":                        true,
		"application/x-json":               true,
		"applicationjson;version=1":        true,
		"json":                             true,
		"application/x-ndjson":             false,
		"application/jsonl":                false,
		"application/json-seq":             false,
		"application/xml":                  false,
		"text/plain":                       false,
		"*/*":                              false,
		"":                                 false,
	} {
		if got := tool.IsJSON(mediaType); got != want {
			t.Errorf("IsJSON(%q) = %v", mediaType, got)
		}
	}
}

func TestIsToken(t *testing.T) {
	for s, want := range map[string]bool{
		"X-Api-Key": true, "!#$%&'*+-.^_`|~09azAZ": true,
		"": false, "a b": false, "a:b": false, "a\r": false, "é": false, "a\x7f": false, "a/b": false, `"a"`: false,
	} {
		if got := tool.IsToken(s); got != want {
			t.Errorf("IsToken(%q) = %v", s, got)
		}
	}
}
