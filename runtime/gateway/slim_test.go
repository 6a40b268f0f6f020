package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

func TestSlimmed(t *testing.T) {
	cases := map[string]struct{ input, want string }{
		"the required first": {`{"type":"object","properties":{"b":{"type":"integer","minimum":1,"maximum":9,"default":3},"a":{"type":"string","format":"date","description":"When.\nAnd more."}},"required":["a"]}`,
			"  a: string(date) // When.\n  b?: integer(1..9)=3"},
		"enumerations and lists": {`{"type":"object","properties":{"s":{"type":"array","items":{"enum":["x","y"]}},"n":{"type":["string","null"]},"c":{"const":1}}}`,
			"  s?: (\"x\"|\"y\")[]\n  n?: string | null\n  c?: 1"},
		"objects and references": {`{"type":"object","properties":{"o":{"$ref":"#/$defs/O"}},"$defs":{"O":{"type":"object","properties":{"o":{"$ref":"#/$defs/O"},"k":{"type":"string"}},"required":["k"]}}}`,
			"  o?: {k: string, o?: object}"},
		"unions":                 {`{"type":"object","properties":{"u":{"anyOf":[{"type":"string"},{"type":"number"}]},"v":{"allOf":[{"type":"object"},{}]},"w":true}}`, "  u?: string | number\n  v?: object & any\n  w?: any"},
		"a reference to nothing": {`{"type":"object","properties":{"o":{"$ref":"#/$defs/Gone"}}}`, "  o?: any"},
	}
	for name, c := range cases {
		e := &Entry{Name: "t", Tool: &tool.Tool{Description: "<p>Does <b>it</b>.</p> More.", Input: json.RawMessage(c.input), Annotations: tool.Annotations{ReadOnly: true}}, origin: origin{mount: &Mount{}}}
		head, rest, _ := strings.Cut(slimmed(e), "\n")
		if head != "t: Does it. (reads only)" || rest != c.want {
			t.Errorf("%s:\n%s\n%s\nwant\n%s", name, head, rest, c.want)
		}
	}
}

func TestSlimmedIsBounded(t *testing.T) {
	all := strings.Repeat(`{"$ref":"#/$defs/A"},`, 500)
	input := `{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"object","properties":{"p":{"allOf":[` + all + `{}]},"q":{"oneOf":[` + all + `{}]}}}}}`
	e := &Entry{Name: "t", Tool: &tool.Tool{Input: json.RawMessage(input)}, origin: origin{mount: &Mount{}}}
	if n := len(slimmed(e)); n > 100_000 {
		t.Errorf("%d bytes", n)
	}
}

func FuzzSlimmed(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"anyOf":[{"$ref":"#/$defs/A"},{"type":["array"],"items":[]}]}}}`)
	f.Fuzz(func(t *testing.T, input string) {
		if !json.Valid([]byte(input)) || len(input) > 4096 {
			return
		}
		e := &Entry{Name: "t", Tool: &tool.Tool{Input: json.RawMessage(input)}, origin: origin{mount: &Mount{}}}
		if out := slimmed(e); !strings.HasPrefix(out, "t: ") {
			t.Errorf("%q", out)
		}
	})
}
