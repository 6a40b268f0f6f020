package schema_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bridge-gateway/bridge/generator/schema"
)

func TestParseKeepsOrder(t *testing.T) {
	s := schema.Parse([]byte(`{"type":["object","null"],"required":["a"],"properties":{"z":{"type":"string"},"a":{"$ref":"#/$defs/A~1B"},"m":{"enum":["x",null]}},"additionalProperties":false}`))
	var names []string
	for _, p := range s.Properties {
		names = append(names, p.Name)
	}
	if want := []string{"z", "a", "m"}; !reflect.DeepEqual(names, want) {
		t.Errorf("properties are %v, want %v", names, want)
	}
	if a := s.Properties[1]; !a.Required || a.Schema.Ref != "A/B" || s.Properties[0].Required {
		t.Errorf("property a is %+v", a)
	}
	if !s.Nullable || !s.IsObject() || s.Additional != nil || !s.Property("m").Nullable || len(s.Property("m").Enum) != 1 {
		t.Errorf("got %+v", s)
	}
}

func TestParseOfNoSchema(t *testing.T) {
	for _, raw := range []string{"", "true", "false", "[]", "{", `{"properties":3,"items":"x","oneOf":{},"required":1,"type":2}`} {
		if s := schema.Parse([]byte(raw)); !s.Empty() {
			t.Errorf("Parse(%s) = %+v, want any JSON", raw, s)
		}
	}
}

// Members and Elements find what encoding/json finds.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"b":[1,{"c":"}"}],"d":"\"\\"}`, ` { "a" : null } `, `{"a"`, `[1,"]",[2]]`, `{"a":1,"a":2}`, `{"properties":{"x":{"type":"string"}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		members, err := schema.Members(raw)
		elements := schema.Elements(raw)
		schema.Parse(raw)
		if !json.Valid(raw) {
			return
		}
		var want map[string]json.RawMessage
		if json.Unmarshal(raw, &want) != nil || want == nil {
			if err == nil {
				t.Errorf("%s is no object, and gave %v", raw, members)
			}
		} else {
			got := map[string]json.RawMessage{}
			for _, m := range members {
				got[m.Name] = m.Value
			}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s gave %v, %v", raw, got, err)
			}
		}
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil && len(list) != len(elements) {
			t.Errorf("%s gave %d elements", raw, len(elements))
		}
	})
}
