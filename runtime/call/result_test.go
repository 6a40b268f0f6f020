package call_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

func TestResultKeepsWhatItDoesNotKnow(t *testing.T) {
	const wire = `{"_meta":{"a":{"b":1}},"content":[` +
		`{"type":"text","text":"hi","annotations":{"priority":0.5}},` +
		`{"type":"hologram","data":"…","depth":3}],` +
		`"resultType":"task","structuredContent":{"z":1,"a":2},"task":{"id":"7"}}`
	var r call.Result
	if err := json.Unmarshal([]byte(wire), &r); err != nil {
		t.Fatal(err)
	}
	if r.Content[0].Text != "hi" || string(r.Structured) != `{"z":1,"a":2}` {
		t.Errorf("read as %+v", r)
	}
	out, err := json.Marshal(&r)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	_ = json.Unmarshal(out, &got)
	_ = json.Unmarshal([]byte(wire), &want)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %s\nwant %s", out, wire)
	}
}

func TestEmptyResultHasContent(t *testing.T) {
	out, _ := json.Marshal(&call.Result{})
	if string(out) != `{"content":[]}` {
		t.Errorf("content is required by MCP; got %s", out)
	}
}

func TestCredentialsDoNotPrint(t *testing.T) {
	c := call.Credential{In: tool.InHeader, Name: "Authorization", Value: "Bearer hunter2"}
	js, _ := json.Marshal(c)
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%d %t", c, c), fmt.Sprintf("%s", struct{ C call.Credential }{c}), string(js)} {
		if strings.Contains(s, "hunter2") {
			t.Errorf("the secret shows: %s", s)
		}
	}
}

// ctxType keeps the test's signatures short.
type ctxType = context.Context

func TestChainRunsTheFirstStageFirst(t *testing.T) {
	var order []string
	stage := func(name string) call.Middleware {
		return func(next call.Handler) call.Handler {
			return func(ctx ctxType, c *call.Call) (*call.Result, error) {
				order = append(order, name)
				return next(ctx, c)
			}
		}
	}
	h := call.Chain(func(ctxType, *call.Call) (*call.Result, error) { return &call.Result{}, nil }, stage("a"), stage("b"))
	if _, err := h(t.Context(), &call.Call{}); err != nil || strings.Join(order, "") != "ab" {
		t.Errorf("order %v, err %v", order, err)
	}
}

// What was vouched for is no longer once it is other bytes, or another schema.
func TestVouched(t *testing.T) {
	schema := json.RawMessage(`{"type":"object"}`)
	r := &call.Result{Structured: json.RawMessage(`{"a":1}`)}
	if r.Vouched(schema) || r.Vouched(nil) {
		t.Error("nobody vouched for it")
	}
	r.Vouch(schema)
	same := *r
	if !same.Vouched(json.RawMessage(`{"type":"object"}`)) {
		t.Error("a copy of the result lost it")
	}
	if r.Vouched(json.RawMessage(`{"type":"array"}`)) || r.Vouched(nil) {
		t.Error("it holds for another schema")
	}
	r.Structured = json.RawMessage(`{"a":1}`)
	if r.Vouched(schema) {
		t.Error("it holds for other content")
	}
}
