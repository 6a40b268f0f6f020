package rest_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/rest"
)

func TestMergeJSONKeepsWhatWasNotChanged(t *testing.T) {
	cases := []struct{ name, raw, before, after, want string }{
		{"nothing", `{"a": 1.0}`, `{"a":1}`, `{"a":1}`, `{"a": 1.0}`},
		{"one member", `{"n": 1.50, "a": 1, "x": {"y": 2}}`, `{"a":1,"n":1.5}`, `{"a":2,"n":1.5}`, `{"n":1.50,"a":2,"x":{"y": 2}}`},
		{"a member within", `{"o": {"a": 1, "x": 2}, "b": 1e2}`, `{"o":{"a":1},"b":100}`, `{"o":{"a":3},"b":100}`, `{"o":{"a":3,"x":2},"b":1e2}`},
		{"a new member", `{"a":1}`, `{"a":1}`, `{"a":1,"b":2}`, `{"a":1,"b":2}`},
		{"a member taken away", `{"a":1,"b":2,"x":3}`, `{"a":1,"b":2}`, `{"a":1}`, `{"a":1,"x":3}`},
		{"a member that was left out of raw", `{"x":3}`, `{"a":null}`, `{"a":1}`, `{"x":3,"a":1}`},
		{"a key in another case", `{"Phone":"1","x":3}`, `{"phone":"1"}`, `{"phone":"*"}`, `{"x":3,"phone":"*"}`},
		{"a key in another case taken away", `{"PHONE":"1","x":3}`, `{"phone":"1"}`, `{}`, `{"x":3}`},
		{"two keys of different case", `{"id":1,"ID":2}`, `{"id":1,"ID":2}`, `{"id":3,"ID":2}`, `{"id":3,"ID":2}`},
		{"items taken out", `[{"id":1,"x":1},{"id":2,"x":2},{"id":3,"x":3}]`, `[{"id":1},{"id":2},{"id":3}]`, `[{"id":1},{"id":3}]`, `[{"id":1,"x":1},{"id":3,"x":3}]`},
		{"items in another order", `[{"id":1,"x":1},{"id":2,"x":2}]`, `[{"id":1},{"id":2}]`, `[{"id":2},{"id":1}]`, `[{"id":2,"x":2},{"id":1,"x":1}]`},
		{"an item changed in its place", `[{"id":1,"a":1,"b":2,"x":1}]`, `[{"id":1,"a":1,"b":2}]`, `[{"id":1,"a":9,"b":2}]`, `[{"id":1,"a":9,"b":2,"x":1}]`},
		{"another item in its place", `[{"id":1,"a":1,"b":2,"x":1}]`, `[{"id":1,"a":1,"b":2}]`, `[{"id":2,"a":1,"b":2}]`, `[{"id":2,"a":1,"b":2}]`},
		{"items of another type", `[1.0,2.0]`, `[1,2]`, `[2,5]`, `[2.0,5]`},
		{"another kind", `{"a":1}`, `{"a":1}`, `null`, `null`},
		{"raw of another kind", `"1"`, `{"a":1}`, `{"a":2}`, `{"a":2}`},
	}
	for _, c := range cases {
		got := rest.MergeJSON(json.RawMessage(c.raw), json.RawMessage(c.before), json.RawMessage(c.after))
		if string(got) != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// FuzzMergeJSON checks that a merge reads as what the hook made, whatever came
// from outside and whatever it became.
func FuzzMergeJSON(f *testing.F) {
	type item struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	}
	type value struct {
		A     *string           `json:"a,omitempty"`
		Items []item            `json:"items"`
		More  map[string]string `json:"more,omitempty"`
	}
	f.Add([]byte(`{"a":"x","items":[{"id":1,"name":"n","y":2.0}],"z":[]}`), []byte(`{"items":[{"id":1,"name":"m"},{"id":2}],"more":{"k":"v"}}`))
	f.Add([]byte(`{"A":"x","items":null}`), []byte(`{"a":"y"}`))
	f.Fuzz(func(t *testing.T, raw, other []byte) {
		var was, is value
		if json.Unmarshal(raw, &was) != nil || json.Unmarshal(other, &is) != nil {
			t.Skip()
		}
		before, _ := json.Marshal(was)
		after, _ := json.Marshal(is)
		merged := rest.MergeJSON(bytes.TrimSpace(raw), before, after)
		var got value
		if err := json.Unmarshal(merged, &got); err != nil {
			t.Fatalf("%s is no such value: %v", merged, err)
		}
		if back, _ := json.Marshal(got); !reflect.DeepEqual(back, after) {
			t.Errorf("merged %s reads as %s, want %s", merged, back, after)
		}
	})
}
