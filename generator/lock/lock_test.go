package lock_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

func tools() []tool.Tool {
	return []tool.Tool{{
		Name: "z_first", Title: "A <b> & c", Description: "Two\nlines",
		Input:       json.RawMessage(`{"type":"object","properties":{"a\u003c":{"$ref":"#/$defs/X"}},"$defs":{"X":{"type":"string"}}}`),
		Output:      json.RawMessage(`{"type":"object"}`),
		Annotations: tool.Annotations{ReadOnly: true},
		Budget:      500, Shaping: &tool.Shaping{JQ: ".a<b", Drop: tool.Drop{Empty: true}, Cache: 30},
		Operation: &tool.Operation{Method: "GET", Path: "/z", Query: "beta=true"},
	}, {
		Name: "a_second", Input: json.RawMessage(`{"type":"object"}`),
		Operation: &tool.Operation{Method: "POST", Path: "/a"},
	}}
}

func build(t *testing.T, list []tool.Tool, opts lock.Options) *lock.Lock {
	t.Helper()
	l, err := lock.Build(list, opts)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestMarshal(t *testing.T) {
	l := build(t, tools(), lock.Options{
		Document: "specs/z.yaml", Encoding: "o200k_base", Tokens: func(t tool.Tool) int { return len(t.Name) },
		Names: map[string]string{"GET /gone": "gone", "POST /a": "a_second"},
	})
	data, err := l.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "version": 1,
  "document": "specs/z.yaml",
  "encoding": "o200k_base",
  "tokens": 15,
  "$defs": {
    "X": {
      "type": "string"
    }
  },
  "tools": {
    "z_first": {
      "method": "GET",
      "path": "/z",
      "title": "A <b> & c",
      "description": "Two\nlines",
      "annotations": {
        "readOnlyHint": true,
        "destructiveHint": false,
        "idempotentHint": false,
        "openWorldHint": false
      },
      "budget": 500,
      "shaping": {
        "jq": ".a<b",
        "drop": {
          "empty": true
        },
        "cache": 30
      },
      "tokens": 7,
      "input": {
        "type": "object",
        "properties": {
          "a\u003c": {
            "$ref": "#/$defs/X"
          }
        }
      },
      "output": {
        "type": "object"
      }
    },
    "a_second": {
      "method": "POST",
      "path": "/a",
      "annotations": {
        "readOnlyHint": false,
        "destructiveHint": false,
        "idempotentHint": false,
        "openWorldHint": false
      },
      "tokens": 8,
      "input": {
        "type": "object"
      }
    }
  },
  "names": {
    "GET /gone": "gone",
    "GET /z?beta=true": "z_first",
    "POST /a": "a_second"
  }
}
`
	if string(data) != want {
		t.Errorf("got %s", data)
	}
	parsed, err := lock.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := parsed.Marshal(); err != nil || !bytes.Equal(again, data) {
		t.Errorf("read and written again (%v):\n%s", err, again)
	}
}

func TestBuildRefuses(t *testing.T) {
	native, broken, other := tools(), tools(), tools()
	native[0].Operation = nil
	broken[0].Input = json.RawMessage(`{"type":"object","properties":{]}`)
	other[1].Input = json.RawMessage(`{"$defs":{"X":{"type":"integer"}}}`)
	for want, list := range map[string][]tool.Tool{"no REST API": native, "no JSON": broken, `definition "X"`: other} {
		if l, err := lock.Build(list, lock.Options{}); l != nil || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "no JSON"},
		{`[]`, "no JSON"},
		{`{}`, "version 0"},
		{`{"version":2,"tools":{}}`, "version 2"},
		{`{"version":1}`, "no object of tools"},
		{`{"version":1,"tools":[]}`, "no object of tools"},
		{`{"version":1,"tools":{"a":1}}`, `"a"`},
		{`{"version":1,"tools":{"a b":{"input":{}}}}`, `"a b"`},
		{`{"version":1,"tools":{"a":{"input":true}}}`, `"a"`},
		{`{"version":1,"tools":{"a":{"input":{}},"a":{"input":{}}}}`, `"a"`},
	} {
		if _, err := lock.Parse([]byte(c.text)); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "bridge gen") {
			t.Errorf("%s: got %v, want %q", c.text, err, c.want)
		}
	}
}

// What is read can be written, compared with itself without a change, and with
// anything else without an end.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"version":1,"$defs":{"A":{"$ref":"#/$defs/B"},"B":{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"}]}},"tools":{"t":{"input":{"properties":{"a":{"$ref":"#/$defs/A"}}},"output":{"items":true}}},"names":{}}`),
		[]byte(`{"version":1,"tools":{"t":{"input":{"properties":{"a":{"allOf":[{"enum":[1]}]}}}}}}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		one, err := lock.Parse(a)
		if err != nil {
			return
		}
		data, err := one.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := lock.Parse(data)
		if err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		if d := lock.Compare(one, again); len(d.Changes) != 0 {
			t.Errorf("the same differs: %+v", d.Changes)
		}
		if two, err := lock.Parse(b); err == nil {
			lock.Compare(one, two)
			lock.Compare(two, one)
		}
	})
}
