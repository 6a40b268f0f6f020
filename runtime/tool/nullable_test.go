package tool_test

import (
	"encoding/json"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

func TestNullableKeepsThreeStatesApart(t *testing.T) {
	type patch struct {
		Phone tool.Nullable[string] `json:"phone,omitzero"`
	}
	cases := map[string]patch{
		`{}`:             {},
		`{"phone":null}`: {Phone: tool.Null[string]()},
		`{"phone":""}`:   {Phone: tool.Value("")},
		`{"phone":"+1"}`: {Phone: tool.Value("+1")},
	}
	for want, in := range cases {
		got, err := json.Marshal(in)
		if err != nil || string(got) != want {
			t.Errorf("%+v marshals to %s, %v; want %s", in, got, err, want)
		}
		var back patch
		if err := json.Unmarshal([]byte(want), &back); err != nil || back != in {
			t.Errorf("%s reads as %+v, %v; want %+v", want, back, err, in)
		}
	}
	var n tool.Nullable[int]
	if err := json.Unmarshal([]byte(`"x"`), &n); err == nil {
		t.Error("a value of another type must be an error")
	}
	if v, ok := tool.Value(5).Get(); v != 5 || !ok || tool.Value(5).IsNull() || !tool.Null[int]().IsNull() {
		t.Error("Get and IsNull must tell what was set")
	}
}
