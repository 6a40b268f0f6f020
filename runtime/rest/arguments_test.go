package rest_test

import (
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// search is a tool with a schema of many kinds.
func search() *tool.Tool {
	in := func(name string) tool.Parameter {
		return tool.Parameter{Arg: name, Name: name, In: tool.InQuery, Style: tool.Form, Explode: true}
	}
	t := get(tool.Operation{Method: "POST", Path: "/s", Body: &tool.Body{MediaType: "application/json",
		Fields: []tool.Field{{Arg: "owner", Name: "owner"}, {Arg: "note", Name: "note"}, {Arg: "either", Name: "either"}}}})
	for _, name := range []string{"limit", "exact", "tags", "ids", "status"} {
		t.Operation.Parameters = append(t.Operation.Parameters, in(name))
	}
	t.Input = []byte(`{"type":"object","required":["owner","limit"],"properties":{
		"limit":{"type":"integer","minimum":1,"maximum":100},
		"exact":{"type":"boolean"},
		"tags":{"type":"array","items":{"type":"string","pattern":"^(?!x)"}},
		"ids":{"type":"array","items":{"type":"integer"}},
		"status":{"$ref":"#/$defs/Status"},
		"note":{"type":["string","null"]},
		"either":{"anyOf":[{"type":"integer"},{"type":"boolean"},{"type":"object"}],"oneOf":[{"type":["integer","boolean"]},{"required":["a"]},{"properties":{"b":{}}}]},
		"owner":{"type":"object","required":["id"],"additionalProperties":false,"properties":{"id":{"type":"integer"},"name":{"type":"string"}}}},
		"$defs":{"Status":{"type":"string","enum":["open","closed"]}}}`)
	return t
}

func TestWeakArgumentsAreMended(t *testing.T) {
	const body = "\nContent-Type: application/json\n\n"
	cases := map[string]string{
		`{"owner":{"id":1},"limit":5}`:                                       "POST /v1/s?limit=5" + body + `{"owner":{"id":1}}`,
		`{"owner":{"id":1},"limit":"5","exact":"true"}`:                      "POST /v1/s?limit=5&exact=true" + body + `{"owner":{"id":1}}`,
		`{"owner":"{\"id\": 12345678901234567890}","limit":5}`:               "POST /v1/s?limit=5" + body + `{"owner":{"id": 12345678901234567890}}`,
		`{"owner":{"name":"a\u00e9","id":"7"},"limit":5}`:                    "POST /v1/s?limit=5" + body + `{"owner":{"name":"a\u00e9","id":7}}`,
		`{"owner":{"id":1},"limit":5,"tags":"a","ids":"[1,\"2\"]"}`:          "POST /v1/s?limit=5&tags=a&ids=1&ids=2" + body + `{"owner":{"id":1}}`,
		`{"owner":{"id":1},"limit":5,"ids":"3","tags":null,"note":null}`:     "POST /v1/s?limit=5&ids=3" + body + `{"owner":{"id":1},"note":null}`,
		`{"owner":{"id":1},"limit":5,"either":{"a":1,"b":2}}`:                "POST /v1/s?limit=5" + body + `{"owner":{"id":1},"either":{"a":1,"b":2}}`,
		`{"limit":1,"limit":2,"owner":{"id":1},"either":true,"exact":false}`: "POST /v1/s?limit=2&exact=false" + body + `{"owner":{"id":1},"either":true}`,
	}
	var rec recorder
	s := newSource(t, rec.ServeHTTP)
	tl := search()
	before := string(tl.Input)
	for args, want := range cases {
		if r := invoke(t, s, tl, args); r.IsError || rec.got != want {
			t.Errorf("%s\ngot  %q\nwant %q\n%s", args, rec.got, want, textOf(r))
		}
	}
	if string(tl.Input) != before {
		t.Error("the schema changed")
	}
}

func TestWrongArgumentsAreExplained(t *testing.T) {
	const ok = `"owner":{"id":1},"limit":5`
	cases := map[string][]string{
		`[]`:                                     {"one JSON object"},
		`{"a":`:                                  {"one JSON object"},
		`{}`:                                     {"missing required arguments", "limit", "owner"},
		`{"limit":5}`:                            {`missing required argument "owner"`, "object"},
		`{` + ok + `,"limits":3,"zzzzzz":1}`:     {`unknown argument "limits"; did you mean "limit"?`, `unknown argument "zzzzzz"`},
		`{` + ok + `,"status":"opne"}`:           {`argument "status": got "opne"; allowed: one of "open", "closed"`},
		`{"owner":{"id":1},"limit":500}`:         {`argument "limit": got 500; allowed: integer, at least 1, at most 100`},
		`{"owner":{"id":1},"limit":"many"}`:      {`argument "limit": got "many"; allowed: integer`},
		`{"owner":{"id":1},"limit":1e999}`:       {`argument "limit"`, "out of range"},
		`{"owner":{"id":"x"},"limit":5}`:         {`argument "owner.id": got "x"; allowed: integer`},
		`{"owner":{"nam":"x","id":1},"limit":5}`: {`argument "owner": has no "nam"; allowed: id, name`},
		`{"owner":{"name":"x"},"limit":0}`:       {`argument "owner": missing id`, `argument "limit": got 0`},
		`{` + ok + `,"ids":[1,"a"]}`:             {`argument "ids[1]": got "a"; allowed: integer`},
		`{` + ok + `,"either":"5"}`:              {`argument "either": got "5"; allowed: integer, or boolean`},
		`{` + ok + `,"tags":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`: {"nest too deep"},
	}
	var rec recorder
	s := newSource(t, rec.ServeHTTP)
	for args, wants := range cases {
		rec.got = ""
		r := invoke(t, s, search(), args)
		if !r.IsError || rec.got != "" {
			t.Errorf("%s: was sent: %q", args, rec.got)
		}
		for _, want := range wants {
			if !strings.Contains(textOf(r), want) {
				t.Errorf("%s:\ngot  %s\nwant %s", args, textOf(r), want)
			}
		}
	}
}

func TestCircularSchemaIsNotFollowed(t *testing.T) {
	tl := search()
	tl.Input = []byte(`{"type":"object","properties":{"limit":{"$ref":"#/$defs/A"}},"$defs":{"A":{"anyOf":[{"$ref":"#/$defs/A"}]}}}`)
	var rec recorder
	if r := invoke(t, newSource(t, rec.ServeHTTP), tl, `{"limit":1}`); r.IsError {
		t.Error(textOf(r))
	}
}

// TestWrongUnionsAreExplained tells which alternative was meant, and what it
// lacks.
func TestWrongUnionsAreExplained(t *testing.T) {
	tl := get(tool.Operation{Method: "POST", Path: "/s", Body: &tool.Body{MediaType: "application/json", Arg: "body", Required: true}})
	tl.Input = []byte(`{"type":"object","required":["body"],"properties":{"body":{"$ref":"#/$defs/Activity"}},"$defs":{
		"Activity":{"oneOf":[{"$ref":"#/$defs/Call"},{"$ref":"#/$defs/Task"}]},
		"Call":{"type":"object","required":["type","direction"],"properties":{"type":{"const":"call"},"direction":{"enum":["in","out"]}}},
		"Task":{"type":"object","required":["type","due"],"properties":{"type":{"const":"task"},"due":{"type":"string"}}}}}`)
	var rec recorder
	s := newSource(t, rec.ServeHTTP)
	for args, want := range map[string]string{
		`{"body":{"type":"call"}}`:                     `argument "body": missing direction`,
		`{"body":{"type":"call","direction":"up"}}`:    `argument "body.direction": got "up"; allowed: one of "in", "out"`,
		`{"body":{"due":"now"}}`:                       `argument "body": missing type, one of "call", "task"`,
		`{"body":{"type":"mail"}}`:                     `argument "body.type": got "mail"; allowed: one of "call", "task"`,
		`{"body":{"type":"task","due":{"at":"noon"}}}`: `argument "body.due"`,
	} {
		if r := invoke(t, s, tl, args); !r.IsError || !strings.Contains(textOf(r), want) {
			t.Errorf("%s\ngot  %s\nwant %s", args, textOf(r), want)
		}
	}
}
