package tool_test

import (
	"encoding/json"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

func TestTolerant(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"required, enum and closed objects go", `{"type":"object","required":["a"],"properties":{"a":{"type":"string","enum":["x"],"description":"A."}},"additionalProperties":false}`,
			`{"type":"object","properties":{"a":{"type":["string","null"],"description":"A."}}}`},
		{"a property named required stays", `{"type":"object","properties":{"required":{"type":"boolean"}}}`,
			`{"type":"object","properties":{"required":{"type":["boolean","null"]}}}`},
		{"oneOf becomes anyOf, definitions follow", `{"type":"object","properties":{"a":{"oneOf":[{"$ref":"#/$defs/B"},true]}},"$defs":{"B":{"type":["integer","null"],"minimum":1}}}`,
			`{"type":"object","properties":{"a":{"anyOf":[{"$ref":"#/$defs/B"},{}]}},"$defs":{"B":{"type":["number","null"]}}}`},
		{"order stays, items and maps follow", `{"type":"object","properties":{"z":{"type":"array","items":{"type":"string","pattern":"^a"}},"a":{"type":"object","additionalProperties":{"type":"string"}}}}`,
			`{"type":"object","properties":{"z":{"type":["array","null"],"items":{"type":["string","null"]}},"a":{"type":["object","null"],"additionalProperties":{"type":["string","null"]}}}}`},
	}
	for _, c := range cases {
		got, err := tool.Tolerant(json.RawMessage(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", c.name, got, err, c.want)
		}
	}
	if got, err := tool.Tolerant(nil); got != nil || err != nil {
		t.Errorf("no schema: got %s, %v", got, err)
	}
	if _, err := tool.Tolerant(json.RawMessage(`{"type":"object","properties":3}`)); err == nil {
		t.Error("a broken schema must be an error")
	}
}
