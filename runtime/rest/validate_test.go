package rest

import (
	"encoding/json"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// Arguments that are right at a glance are right by the validator.
func FuzzPlainlyRight(f *testing.F) {
	const item = `{"type":"object","properties":{"shop":{"type":"string","maxLength":4},"limit":{"type":"integer","minimum":1},"of":{"$ref":"#/$defs/Of"}},"required":["shop"],"additionalProperties":false,"$defs":{"Of":{"oneOf":[{"type":"string"},{"type":["integer","null"]}]}}}`
	for _, args := range []string{`{"shop":"a","limit":3,"of":null}`, `{"shop":"abcde"}`, `{"limit":1,"other":2}`, `{"of":[]}`} {
		f.Add([]byte(item), []byte(args))
	}
	f.Add([]byte(`{"type":"object","properties":{"a":{}},"not":{"required":["a"]}}`), []byte(`{"a":1}`))
	f.Add([]byte(`{"type":["object","null"],"properties":{"a":{"type":"number"}},"allOf":[{"properties":{"a":{"maximum":1}}}]}`), []byte(`{"a":2}`))
	f.Fuzz(func(t *testing.T, schema, raw []byte) {
		v, err := newValidator(schema)
		if err != nil || !scan.Valid(raw) || kindOf(raw) != object {
			return
		}
		p, args, values := &plan{}, arguments{}, map[string]any{}
		for _, m := range readObject(raw) {
			var value any
			if json.Unmarshal(m.value, &value) != nil {
				return
			}
			p.args, args, values[m.key] = append(p.args, m.key), append(args, m.value), value
		}
		if err := v.loose.Validate(values); err != nil && v.plainlyRight(p, args) {
			t.Fatalf("%s are right at a glance by %s, but %v", raw, schema, err)
		}
	})
}
