package remainder_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/remainder"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

func tools(t testing.TB, k *remainder.Keeper) []*tool.Tool {
	t.Helper()
	list, err := k.Tools(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return []*tool.Tool{&list[0]}
}

func TestTheToolIsLean(t *testing.T) {
	d := tools(t, newKeeper(t, remainder.Options{}))[0]
	definition, err := json.Marshal(map[string]any{"name": d.Name, "description": d.Description, "inputSchema": d.Input, "annotations": d.Annotations})
	if err != nil {
		t.Fatal(err)
	}
	if n := encoding(t).CountBytes(definition); n > 150 {
		t.Errorf("the definition has %d tokens; want at most 150", n)
	}
	if err := d.Validate(); err != nil || !d.Annotations.ReadOnly {
		t.Errorf("%v, %+v", err, d.Annotations)
	}
}

func invoke(t *testing.T, k *remainder.Keeper, arguments string) *call.Result {
	t.Helper()
	res, err := k.Invoke(t.Context(), &call.Call{Caller: alice, Budget: 500, Source: remainder.Name, Arguments: json.RawMessage(arguments)})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestInvoke(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	handle := keep(t, k, texts(small, "one\ntwo\n"))
	for args, want := range map[string]string{
		`"path":"/items/0"`:                    `{"name":"Ada"}`,
		`"path":"/items","from":"1","count":1`: `[{"name":"Grace Hopper"}]`,
		`"block":2,"lines":2`:                  "two\n",
		`"block":"2","lines":"1-2"`:            "one\ntwo\n",
		`"search":"hopper","path":null`:        "/items/1/name: Grace Hopper",
	} {
		res := invoke(t, k, `{"id":"`+handle+`",`+args+`}`)
		if res.IsError || res.Content[0].Text != want {
			t.Errorf("%s: %v", args, res.Content)
		}
	}
	for args, want := range map[string]string{
		``:                                   "give the 26 letters",
		`{}`:                                 "give the 26 letters",
		`{"id":5}`:                           "can't be read",
		`{"id":"` + handle + `","form":1}`:   "can't be read",
		`{"id":"` + handle + `","path":"x"}`: "there is nothing at",
	} {
		if res := invoke(t, k, args); !res.IsError || !strings.Contains(res.Content[0].Text, want) {
			t.Errorf("%s: %v; want %q", args, res.Content, want)
		}
	}
}

// contents reads a resource.
func contents(t *testing.T, k *remainder.Keeper, uri string) []map[string]string {
	t.Helper()
	params, _ := json.Marshal(map[string]string{"uri": uri})
	raw, err := k.Request(t.Context(), &call.Request{Method: "resources/read", Caller: alice, Params: params})
	if err != nil {
		t.Fatalf("%s: %v", uri, err)
	}
	var res struct{ Contents []map[string]string }
	if err := json.Unmarshal(raw, &res); err != nil {
		t.Fatal(err)
	}
	return res.Contents
}

func TestResource(t *testing.T) {
	k := newKeeper(t, remainder.Options{Budget: 200})
	data := []byte("\x00\x01binary")
	long := strings.Repeat("a line & more\n", 300)
	handle := keep(t, k, &call.Result{Content: []call.Block{call.Text(small), call.Blob("x://y", data, "application/zip"), call.Text(long), call.Text("")}})
	uri := "bridge://result/" + handle
	got := contents(t, k, uri+"?path=/items&from=1&count=1")
	if got[0]["text"] != `[{"name":"Grace Hopper"}]` || got[0]["mimeType"] != "application/json" || got[0]["uri"] != uri+"?path=/items&from=1&count=1" {
		t.Errorf("read %v", got)
	}
	if got[1]["uri"] != uri+"?count=1&from=2&path=%2Fitems" || contents(t, k, got[1]["uri"])[0]["text"] != `[{"name":"Linus"}]` {
		t.Errorf("next is %v", got[1])
	}
	if got := contents(t, k, uri+"?block=2"); got[0]["blob"] != base64.StdEncoding.EncodeToString(data) || got[0]["mimeType"] != "application/zip" {
		t.Errorf("the blob is %v", got)
	}
	if got := contents(t, k, uri+"?block=4"); got[0]["text"] != "" || len(got[0]) != 3 {
		t.Errorf("an empty text is %v", got)
	}
	var text strings.Builder
	for next := uri + "?block=3"; ; {
		got := contents(t, k, next)
		if !strings.Contains(next, "block=3") {
			break
		}
		text.WriteString(got[0]["text"])
		if len(got) == 1 {
			break
		}
		next = got[1]["uri"]
	}
	if text.String() != long {
		t.Errorf("pages have %d bytes of %d", text.Len(), len(long))
	}
	for _, c := range []struct {
		method, uri string
		kind        fault.Kind
	}{
		{"resources/read", "bridge://result/nope", fault.Invalid}, {"resources/read", "other://x", fault.NotFound},
		{"resources/read", "bridge://result/" + strings.Repeat("a", 26), fault.NotFound}, {"resources/read", uri + "?from=x", fault.Invalid},
		{"resources/read", uri + "?%zz", fault.Invalid}, {"resources/subscribe", uri, fault.Unsupported},
	} {
		params := json.RawMessage(fmt.Sprintf("{%q:%q}", "uri", c.uri))
		if _, err := k.Request(t.Context(), &call.Request{Method: c.method, Caller: alice, Params: params}); fault.KindOf(err) != c.kind {
			t.Errorf("%s %s: %v; want %q", c.method, c.uri, err, c.kind)
		}
	}
}

func TestFeatures(t *testing.T) {
	f, err := newKeeper(t, remainder.Options{}).Features(t.Context())
	if err != nil || len(f.Templates) != 1 || !json.Valid(f.Templates[0]) || !json.Valid(f.Capabilities) || len(f.Resources) != 0 {
		t.Errorf("%s, %v", f.Templates, err)
	}
}
